#include "node/import/preset.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "node/import/dates.h"
#include "node/import/fold.h"
#include "node/import/identity.h"
#include "shared/base/ids.h"
#include "shared/base/lists.h"

enum { OUR_WORD_BYTES_MAX = 23, INDEX_SIZE = 2 * PRESET_WORDS_MAX };

struct word {
    enum preset_list list;
    char theirs[FOLD_BYTES_MAX + 1];
    char ours[OUR_WORD_BYTES_MAX + 1];
};

struct preset {
    char delimiter;
    size_t format_count;
    size_t word_count;
    char formats[PRESET_FORMATS_MAX][DATE_PATTERN_BYTES_MAX + 1];
    char defaults[CASE_COLUMN_COUNT][OUR_WORD_BYTES_MAX + 1];
    struct word words[PRESET_WORDS_MAX];
    uint16_t index[INDEX_SIZE]; /* by hash: a word's number from 1, 0 where none is */
};

static const char *const column_keys[] = {NULL,
#define X(name, key) key,
                                          CASE_COLUMN_LIST(X)
#undef X
};

int preset_new(struct preset **ret) {
    struct preset *preset = calloc(1, sizeof(*preset));
    if (preset == NULL) {
        return ERR_NO_MEMORY;
    }
    *ret = preset;
    return 0;
}

void preset_free(struct preset *preset) {
    free(preset);
}

const char *case_column_key(enum case_column column) {
    assert(column > CASE_COLUMN_NONE && column < CASE_COLUMN_COUNT);
    return column_keys[column];
}

static enum case_column column_of_key(const char *key) {
    for (size_t i = 1; i < CASE_COLUMN_COUNT; i++) {
        if (strcmp(column_keys[i], key) == 0) {
            return (enum case_column)i;
        }
    }
    return CASE_COLUMN_NONE;
}

/* FNV-1a: the words are the organisation's own, nobody gains by making them collide. */
static size_t index_start(enum preset_list list, const char *folded) {
    uint32_t hash = 2166136261U ^ (uint32_t)list;
    for (; *folded != '\0'; folded++) {
        hash = (hash ^ (uint8_t)*folded) * 16777619U;
    }
    return hash % INDEX_SIZE;
}

/* The slot of the word, or the free one where it would go; half of all slots stay free. */
static size_t find_slot(const struct preset *preset, enum preset_list list, const char *folded) {
    size_t slot = index_start(list, folded);
    while (preset->index[slot] != 0) {
        const struct word *word = &preset->words[preset->index[slot] - 1];
        if (word->list == list && strcmp(word->theirs, folded) == 0) {
            break;
        }
        slot = (slot + 1) % INDEX_SIZE;
    }
    return slot;
}

static const struct word *find_word(const struct preset *preset, enum preset_list list,
                                    const char *folded) {
    uint16_t number = preset->index[find_slot(preset, list, folded)];
    return number == 0 ? NULL : &preset->words[number - 1];
}

static const char *add_word(struct preset *preset, enum preset_list list, const char *folded,
                            const char *ours) {
    const struct word *known = find_word(preset, list, folded);
    if (known != NULL) {
        return strcmp(known->ours, ours) == 0 ? NULL
                                              : "this word already stands for something else";
    }
    if (preset->word_count == PRESET_WORDS_MAX) {
        return "a preset holds at most 1024 words";
    }
    size_t slot = find_slot(preset, list, folded);
    struct word *word = &preset->words[preset->word_count++];
    preset->index[slot] = (uint16_t)preset->word_count;
    word->list = list;
    memcpy(word->theirs, folded, strlen(folded) + 1);
    memcpy(word->ours, ours, strlen(ours) + 1);
    return NULL;
}

/* Whether `key` is a word that the section may map to. */
static const char *check_ours(enum preset_list list, const char *key) {
    struct service_id service;
    struct language language;
    struct nis nis;
    switch (list) {
    case PRESET_LIST_COLUMNS:
        return column_of_key(key) == CASE_COLUMN_NONE ? "no such column of a case" : NULL;
    case PRESET_LIST_SERVICES:
        return service_id_parse(key, &service) < 0 ? "this isn't a service id" : NULL;
    case PRESET_LIST_LANGUAGES:
        return language_parse(key, &language) < 0 ? "this isn't an ISO 639-3 code" : NULL;
    case PRESET_LIST_MUNICIPALITIES:
        return nis_parse(key, &nis) < 0 ? "this isn't a NIS code" : NULL;
    case PRESET_LIST_CLOSE_REASONS:
        return close_reason_parse(key) == CLOSE_REASON_NONE ? "no such reason for closing" : NULL;
    case PRESET_LIST_EMPTY:
        return strcmp(key, "cells") != 0 ? "the only key of this section is 'cells'" : NULL;
    }
    return "no such section";
}

static const char *add_alternative(struct preset *preset, enum preset_list list, const char *key,
                                   struct bytes theirs) {
    char folded[FOLD_BYTES_MAX + 1];
    int length = fold_text((const char *)theirs.data, theirs.length, folded);
    if (length < 0) {
        return "a word is longer than 95 bytes";
    }
    if (length == 0) {
        return NULL;
    }
    if (list == PRESET_LIST_COLUMNS && identity_heading_strict(folded)) {
        return "a column that names a person can't be imported";
    }
    return add_word(preset, list, folded, key);
}

static const char *set_words(struct preset *preset, enum preset_list list, const char *key,
                             const char *value) {
    const char *error = check_ours(list, key);
    while (error == NULL) {
        size_t length = strcspn(value, "|");
        struct bytes theirs = {.data = (const uint8_t *)value, .length = length};
        error = add_alternative(preset, list, key, theirs);
        if (value[length] == '\0') {
            break;
        }
        value += length + 1;
    }
    return error;
}

static const char *add_format(struct preset *preset, const char *text, size_t length) {
    while (length > 0 && *text == ' ') {
        text++;
        length--;
    }
    while (length > 0 && text[length - 1] == ' ') {
        length--;
    }
    char pattern[DATE_PATTERN_BYTES_MAX + 1] = "";
    if (length <= DATE_PATTERN_BYTES_MAX) {
        memcpy(pattern, text, length);
    }
    if (!date_pattern_valid(pattern)) {
        return "a date pattern has dd, mm and yyyy (or yy) once each";
    }
    if (preset->format_count == PRESET_FORMATS_MAX) {
        return "a preset holds at most 8 date patterns";
    }
    memcpy(preset->formats[preset->format_count++], pattern, sizeof(pattern));
    return NULL;
}

static const char *set_formats(struct preset *preset, const char *value) {
    const char *error = NULL;
    while (error == NULL) {
        size_t length = strcspn(value, "|");
        error = add_format(preset, value, length);
        if (value[length] == '\0') {
            break;
        }
        value += length + 1;
    }
    return error;
}

static const char *set_delimiter(struct preset *preset, const char *value) {
    static const struct {
        const char *name;
        char delimiter;
    } names[] = {{"auto", '\0'}, {"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i].name, value) == 0) {
            preset->delimiter = names[i].delimiter;
            return NULL;
        }
    }
    return "delimiter is one of auto, comma, semicolon, tab";
}

static const char *set_file(struct preset *preset, const char *key, const char *value) {
    if (strcmp(key, "delimiter") == 0) {
        return set_delimiter(preset, value);
    }
    if (strcmp(key, "dates") == 0) {
        return set_formats(preset, value);
    }
    return "the keys of section [file] are 'delimiter' and 'dates'";
}

static const char *set_default(struct preset *preset, const char *key, const char *value) {
    enum case_column column = column_of_key(key);
    if (column != CASE_COLUMN_SERVICE && column != CASE_COLUMN_LANGUAGE &&
        column != CASE_COLUMN_MUNICIPALITY) {
        return "only service, language and municipality can have a default";
    }
    enum preset_list list = column == CASE_COLUMN_SERVICE    ? PRESET_LIST_SERVICES
                            : column == CASE_COLUMN_LANGUAGE ? PRESET_LIST_LANGUAGES
                                                             : PRESET_LIST_MUNICIPALITIES;
    const char *error = check_ours(list, value);
    if (error == NULL) {
        memcpy(preset->defaults[column], value, strlen(value) + 1);
    }
    return error;
}

const char *preset_set(struct preset *preset, const char *section, const char *key,
                       const char *value) {
    static const char *const lists[] = {"columns",        "services",      "languages",
                                        "municipalities", "close_reasons", "empty"};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        if (strcmp(lists[i], section) == 0) {
            return set_words(preset, (enum preset_list)i, key, value);
        }
    }
    if (strcmp(section, "file") == 0) {
        return set_file(preset, key, value);
    }
    if (strcmp(section, "defaults") == 0) {
        return set_default(preset, key, value);
    }
    return "no such section";
}

static bool has_column(const struct preset *preset, enum case_column column) {
    for (size_t i = 0; i < preset->word_count; i++) {
        const struct word *word = &preset->words[i];
        if (word->list == PRESET_LIST_COLUMNS && strcmp(word->ours, column_keys[column]) == 0) {
            return true;
        }
    }
    return preset->defaults[column][0] != '\0';
}

const char *preset_check(const struct preset *preset) {
    if (preset->format_count == 0) {
        return "section [file] lacks 'dates'";
    }
    if (!has_column(preset, CASE_COLUMN_ID)) {
        return "section [columns] lacks 'id'";
    }
    if (!has_column(preset, CASE_COLUMN_ASKED)) {
        return "section [columns] lacks 'asked'";
    }
    if (!has_column(preset, CASE_COLUMN_SERVICE)) {
        return "section [columns] or [defaults] needs 'service'";
    }
    if (!has_column(preset, CASE_COLUMN_MUNICIPALITY) &&
        !has_column(preset, CASE_COLUMN_POSTCODE)) {
        return "section [columns] or [defaults] needs 'municipality' (or a 'postcode' column)";
    }
    return NULL;
}

char preset_delimiter(const struct preset *preset) {
    return preset->delimiter;
}

enum case_column preset_column(const struct preset *preset, const char *folded) {
    const struct word *word = find_word(preset, PRESET_LIST_COLUMNS, folded);
    return word == NULL ? CASE_COLUMN_NONE : column_of_key(word->ours);
}

const char *preset_word(const struct preset *preset, enum preset_list list, const char *folded) {
    const struct word *word = find_word(preset, list, folded);
    return word == NULL ? NULL : word->ours;
}

bool preset_is_empty(const struct preset *preset, const char *folded) {
    return folded[0] == '\0' || find_word(preset, PRESET_LIST_EMPTY, folded) != NULL;
}

const char *preset_default(const struct preset *preset, enum case_column column) {
    return preset->defaults[column][0] == '\0' ? NULL : preset->defaults[column];
}

int preset_read_date(const struct preset *preset, const char *text, size_t length,
                     int32_t *ret_day) {
    for (size_t i = 0; i < preset->format_count; i++) {
        if (date_read(preset->formats[i], text, length, ret_day) == 0) {
            return 0;
        }
    }
    return ERR_MALFORMED;
}
