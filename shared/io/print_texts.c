#include "shared/io/print_texts.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/civil.h"

enum row {
#define PRINT_LANGUAGE(id, ...) ROW_##id,
#include "shared/io/print_languages.inc"
#undef PRINT_LANGUAGE
    ROWS,
};

const struct language PRINT_DUTCH = {"nld"};
const struct language PRINT_ENGLISH = {"eng"};

static const struct print_language languages[ROWS] = {
#define PRINT_LANGUAGE(id, iso, bcp, own, in_dutch, rtl, note, note_in_dutch)                      \
    [ROW_##id] = {.language = {iso},                                                               \
                  .tag = bcp,                                                                      \
                  .own_name = own,                                                                 \
                  .dutch_name = in_dutch,                                                          \
                  .right_to_left = rtl,                                                            \
                  .draft = (note) != NULL},
#include "shared/io/print_languages.inc"
#undef PRINT_LANGUAGE
};

static const char *const notes[ROWS][2] = {
#define PRINT_LANGUAGE(id, iso, bcp, own, in_dutch, rtl, note, note_in_dutch)                      \
    [ROW_##id] = {note, note_in_dutch},
#include "shared/io/print_languages.inc"
#undef PRINT_LANGUAGE
};

#define PRINT_TEXT(key, text) [PRINT_##key] = text,
static const char *const texts[ROWS][PRINT_KEYS] = {
    [ROW_NLD] =
        {
#include "shared/io/print_texts_nld.inc"
        },
    [ROW_FRA] =
        {
#include "shared/io/print_texts_fra.inc"
        },
    [ROW_ENG] =
        {
#include "shared/io/print_texts_eng.inc"
        },
    [ROW_ARA] =
        {
#include "shared/io/print_texts_ara.inc"
        },
    [ROW_FAS] =
        {
#include "shared/io/print_texts_fas.inc"
        },
    [ROW_PRS] =
        {
#include "shared/io/print_texts_prs.inc"
        },
    [ROW_PUS] =
        {
#include "shared/io/print_texts_pus.inc"
        },
    [ROW_TIR] =
        {
#include "shared/io/print_texts_tir.inc"
        },
    [ROW_SOM] =
        {
#include "shared/io/print_texts_som.inc"
        },
    [ROW_TUR] =
        {
#include "shared/io/print_texts_tur.inc"
        },
    [ROW_UKR] =
        {
#include "shared/io/print_texts_ukr.inc"
        },
};
#undef PRINT_TEXT

static const char *const key_names[PRINT_KEYS] = {
#define PRINT_TEXT(key, text) [PRINT_##key] = #key,
#include "shared/io/print_texts_nld.inc"
#undef PRINT_TEXT
};

/* Members of a macrolanguage that are written as it is: Arabic speakers read the standard language,
 * and a register may say more exactly which Persian or Pashto somebody speaks (ISO 639-3,
 * macrolanguage mappings). */
static const struct {
    const char *spoken;
    const char *written;
} written_as[] = {
    {"arb", "ara"}, {"ary", "ara"}, {"arz", "ara"}, {"arq", "ara"}, {"aeb", "ara"}, {"apc", "ara"},
    {"ajp", "ara"}, {"acm", "ara"}, {"afb", "ara"}, {"ayl", "ara"}, {"apd", "ara"}, {"ayn", "ara"},
    {"pes", "fas"}, {"pbu", "pus"}, {"pbt", "pus"}, {"pst", "pus"},
};

static const struct print_language *find(const char *code) {
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(languages[i].language.code, code) == 0) {
            return &languages[i];
        }
    }
    return NULL;
}

const struct print_language *print_language_for(struct language language) {
    language.code[sizeof(language.code) - 1] = '\0';
    for (size_t i = 0; i < sizeof(written_as) / sizeof(written_as[0]); i++) {
        if (strcmp(written_as[i].spoken, language.code) == 0) {
            return find(written_as[i].written);
        }
    }
    return find(language.code);
}

const struct print_language *print_language_all(size_t *ret_count) {
    *ret_count = ROWS;
    return languages;
}

static size_t row_of(const struct print_language *language) {
    assert(language >= languages && language < languages + ROWS);
    return (size_t)(language - languages);
}

const char *const *print_texts(const struct print_language *language) {
    return texts[row_of(language)];
}

const char *print_key_name(enum print_key key) {
    return key_names[key];
}

const char *print_draft_note(const struct print_language *language) {
    return notes[row_of(language)][0];
}

const char *print_draft_note_dutch(const struct print_language *language) {
    return notes[row_of(language)][1];
}

void print_date(const struct print_language *language, int32_t day,
                char ret_text[static PRINT_DATE_SIZE]) {
    const struct date date = date_from_day(day);
    const char *const *words = print_texts(language);
    char numbers[2][12];
    snprintf(numbers[0], sizeof(numbers[0]), "%d", date.day);
    snprintf(numbers[1], sizeof(numbers[1]), "%d", date.year);
    const char *const parts[] = {numbers[0], words[PRINT_JANUARY + date.month - 1], numbers[1]};
    size_t length = 0;
    for (const char *at = words[date.day == 1 ? PRINT_DATE_FIRST : PRINT_DATE]; *at != '\0'; at++) {
        const bool part = at[0] == '{' && at[1] >= '0' && at[1] <= '2' && at[2] == '}';
        const char *piece = part ? parts[at[1] - '0'] : at;
        const size_t bytes = part ? strlen(piece) : 1;
        assert(length + bytes < PRINT_DATE_SIZE);
        memcpy(ret_text + length, piece, bytes);
        length += bytes;
        at += part ? 2 : 0;
    }
    ret_text[length] = '\0';
}
