#include "shared/places/municipalities.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/places/fold.h"

enum {
    DAY_FIRST = INT32_MIN,
    DAY_2019 = 17897, /* 2019-01-01 */
    DAY_2025 = 20089, /* 2025-01-01 */
    DAY_LAST = INT32_MAX,
};

struct name_entry {
    const char *folded;
    uint32_t nis;
};

struct post_code_entry {
    uint32_t post_code;
    uint32_t nis;
};

#define CURRENT(code_, name_, since_, region_, lon_, lat_)                                         \
    {.nis = {code_},                                                                               \
     .name = name_,                                                                                \
     .since_day = since_,                                                                          \
     .until_day = DAY_LAST,                                                                        \
     .reference_region = region_,                                                                  \
     .lon_e5 = lon_,                                                                               \
     .lat_e5 = lat_},
#define CEASED(code_, name_, until_, successor_)                                                   \
    {.nis = {code_},                                                                               \
     .name = name_,                                                                                \
     .since_day = DAY_FIRST,                                                                       \
     .until_day = until_,                                                                          \
     .successor = {successor_}},
static const struct municipality municipalities[] = {
#include "shared/places/municipalities.inc"
};
#undef CURRENT
#undef CEASED

#define NAME(folded_, code_) {.folded = folded_, .nis = code_},
static const struct name_entry names[] = {
#include "shared/places/municipality_names.inc"
};
#undef NAME

#define POST_CODE(post_code_, code_) {.post_code = post_code_, .nis = code_},
static const struct post_code_entry post_codes[] = {
#include "shared/places/post_codes.inc"
};
#undef POST_CODE

#define REGION(code_, name_) {.code = code_, .name = name_},
static const struct reference_region regions[REFERENCE_REGIONS] = {
#include "shared/places/reference_regions.inc"
};
#undef REGION

enum {
    MUNICIPALITIES = sizeof(municipalities) / sizeof(municipalities[0]),
    NAMES = sizeof(names) / sizeof(names[0]),
    POST_CODES = sizeof(post_codes) / sizeof(post_codes[0]),
};

static int by_nis(const void *key, const void *entry) {
    uint32_t code = *(const uint32_t *)key;
    uint32_t other = ((const struct municipality *)entry)->nis.code;
    return (code > other) - (code < other);
}

static int by_post_code(const void *key, const void *entry) {
    uint32_t code = *(const uint32_t *)key;
    uint32_t other = ((const struct post_code_entry *)entry)->post_code;
    return (code > other) - (code < other);
}

static int by_name(const void *key, const void *entry) {
    return strcmp(key, ((const struct name_entry *)entry)->folded);
}

const struct municipality *municipality_by_nis(struct nis nis) {
    return bsearch(&nis.code, municipalities, MUNICIPALITIES, sizeof(municipalities[0]), by_nis);
}

enum place_match municipality_rebase(struct nis nis, int32_t on_day, struct nis *ret_nis) {
    const struct municipality *found = municipality_by_nis(nis);
    if (found != NULL && on_day < found->since_day) {
        return PLACE_AMBIGUOUS;
    }
    while (found != NULL && on_day >= found->until_day) {
        found = municipality_by_nis(found->successor);
    }
    if (found == NULL) {
        return PLACE_UNKNOWN;
    }
    *ret_nis = found->nis;
    return PLACE_FOUND;
}

/* How many digits the whole text is, 0 where something else stands in it. */
static size_t digit_count(const char *text) {
    size_t count = strspn(text, "0123456789");
    return text[count] == '\0' ? count : 0;
}

enum place_match municipality_by_post_code(const char *text, int32_t on_day, struct nis *ret_nis) {
    if (digit_count(text) != 4 || text[0] == '0') {
        return PLACE_MALFORMED;
    }
    uint32_t code = 0;
    for (size_t i = 0; i < 4; i++) {
        code = code * 10 + (uint32_t)(text[i] - '0');
    }
    const struct post_code_entry *found =
        bsearch(&code, post_codes, POST_CODES, sizeof(post_codes[0]), by_post_code);
    if (found == NULL) {
        return PLACE_UNKNOWN;
    }
    return municipality_rebase((struct nis){.code = found->nis}, on_day, ret_nis);
}

static bool stands(struct nis nis, int32_t on_day) {
    const struct municipality *municipality = municipality_by_nis(nis);
    return municipality != NULL && on_day >= municipality->since_day &&
           on_day < municipality->until_day;
}

/* Entries of one name lie together: first those that stand on the day, else what became of one. */
static enum place_match resolve_name(const struct name_entry *found, int32_t on_day,
                                     struct nis *ret_nis) {
    const struct name_entry *first = found;
    while (first > names && strcmp(first[-1].folded, found->folded) == 0) {
        first--;
    }
    const struct name_entry *end = names + NAMES;
    for (const struct name_entry *i = first; i < end && strcmp(i->folded, found->folded) == 0;
         i++) {
        if (stands((struct nis){.code = i->nis}, on_day)) {
            *ret_nis = (struct nis){.code = i->nis};
            return PLACE_FOUND;
        }
    }
    return municipality_rebase((struct nis){.code = first->nis}, on_day, ret_nis);
}

enum place_match municipality_by_name(const char *text, int32_t on_day, struct nis *ret_nis) {
    char folded[PLACE_FOLD_SIZE];
    if (!place_fold(text, folded)) {
        return PLACE_UNKNOWN;
    }
    char key[sizeof("sint ") + PLACE_FOLD_SIZE];
    bool saint = strncmp(folded, "st ", 3) == 0;
    (void)snprintf(key, sizeof(key), "%s%s", saint ? "sint " : "", saint ? folded + 3 : folded);
    const struct name_entry *found = bsearch(key, names, NAMES, sizeof(names[0]), by_name);
    return found == NULL ? PLACE_UNKNOWN : resolve_name(found, on_day, ret_nis);
}

enum place_match municipality_find(const char *text, int32_t on_day, struct nis *ret_nis) {
    size_t digits = digit_count(text);
    if (digits == 4) {
        return municipality_by_post_code(text, on_day, ret_nis);
    }
    if (digits == 0) {
        return municipality_by_name(text, on_day, ret_nis);
    }
    struct nis nis;
    if (nis_parse(text, &nis) < 0) {
        return PLACE_MALFORMED;
    }
    return municipality_rebase(nis, on_day, ret_nis);
}

const struct municipality *municipality_all(size_t *ret_count) {
    *ret_count = MUNICIPALITIES;
    return municipalities;
}

const struct reference_region *reference_region_at(uint8_t number) {
    return number == 0 || number > REFERENCE_REGIONS ? NULL : &regions[number - 1];
}
