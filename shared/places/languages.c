#include "shared/places/languages.h"

#include <stdlib.h>
#include <string.h>

#include "shared/places/fold.h"

struct name_entry {
    const char *folded;
    const char *code;
};

#define LANGUAGE(code_, short_, dutch_, english_)                                                  \
    {.language = {.code = code_}, .iso639_1 = short_, .dutch = dutch_, .english = english_},
static const struct language_entry languages[] = {
#include "shared/places/languages.inc"
};
#undef LANGUAGE

#define NAME(folded_, code_) {.folded = folded_, .code = code_},
static const struct name_entry names[] = {
#include "shared/places/language_names.inc"
};
#undef NAME

enum {
    LANGUAGES = sizeof(languages) / sizeof(languages[0]),
    NAMES = sizeof(names) / sizeof(names[0]),
};

static int by_code(const void *key, const void *entry) {
    return strcmp(key, ((const struct language_entry *)entry)->language.code);
}

static int by_name(const void *key, const void *entry) {
    return strcmp(key, ((const struct name_entry *)entry)->folded);
}

static const struct language_entry *find_code(const char *code) {
    return bsearch(code, languages, LANGUAGES, sizeof(languages[0]), by_code);
}

static const struct language_entry *find_short(const char *code) {
    for (size_t i = 0; i < LANGUAGES; i++) {
        if (strcmp(languages[i].iso639_1, code) == 0) {
            return &languages[i];
        }
    }
    return NULL;
}

const struct language_entry *language_by_code(struct language language) {
    return find_code(language.code);
}

const struct language_entry *language_find(const char *text) {
    char folded[PLACE_FOLD_SIZE];
    if (!place_fold(text, folded)) {
        return NULL;
    }
    const struct language_entry *found = find_code(folded);
    if (found == NULL) {
        found = find_short(folded);
    }
    if (found != NULL) {
        return found;
    }
    const struct name_entry *name = bsearch(folded, names, NAMES, sizeof(names[0]), by_name);
    return name == NULL ? NULL : find_code(name->code);
}

const struct language_entry *language_all(size_t *ret_count) {
    *ret_count = LANGUAGES;
    return languages;
}
