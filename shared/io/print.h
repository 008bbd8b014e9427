/* What is printed for people who have no screen of ours: the family's card, packs of blank cards,
 * and the spoken script with which consent is asked.
 *
 * Each writer gives one self-contained HTML file (UTF-8): no script, no font, no picture and no
 * address fetched from elsewhere, so that the file can be printed from any machine and says nothing
 * to anybody. Dutch stands beside the family's language. Everything that comes from outside is
 * escaped, loses its control characters (those that change the direction of text too) and stands
 * isolated in its line. Not the card itself: what a code is and whether it is right is known by
 * shared/consent. A file made here holds a card's secret: the caller writes it where only its owner
 * reads it, and wipes the memory. Called by the nodes' shell. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/buf.h"
#include "shared/base/err.h"
#include "shared/base/ids.h"

enum {
    PRINT_CODE_LENGTH = 34,            /* seven groups of four with '-' between */
    PRINT_FIELD_BYTES_MAX = 400,       /* each name or line that comes from outside */
    PRINT_LIST_BYTES_MAX = 2000,       /* names as one line: as many as a consent may name */
    PRINT_CARD_BYTES_MAX = 96 << 10,   /* a whole card page */
    PRINT_SCRIPT_BYTES_MAX = 96 << 10, /* a whole script */
    PRINT_BLANK_HEAD_BYTES = 24 << 10, /* a pack of blank cards: this once, ... */
    PRINT_BLANK_CARD_BYTES = 24 << 10, /* ... and this for each card */
    PRINT_BLANK_CARDS_MAX = 200,
};

/* A language that the printed pages speak. */
struct print_language {
    struct language language;
    const char *tag;      /* BCP 47, for lang attributes: "nl" */
    const char *own_name; /* in itself: "Français" */
    const char *dutch_name;
    bool draft;         /* not yet read by a native reader; the pages say so, in both columns */
    bool right_to_left; /* its script */
};

/* The language in which a page can be printed for who speaks `language`: itself, or the one that
 * stands for it in writing (Moroccan Arabic is written as Arabic). NULL where there is none: ask
 * the family which other one it reads. Valid for ever. */
const struct print_language *print_language_for(struct language language);
/* All of them, Dutch, French and English first. Valid for ever. */
const struct print_language *print_language_all(size_t *ret_count);

/* What the family agreed to, or is asked (DESIGN 5). The texts are UTF-8, borrowed, and may be NULL
 * where the scope is false. */
struct print_scopes {
    bool presence;
    bool lost_support_alert;
    bool volunteer_concern;
    bool fallback_contact;
    bool case_conference;
    bool welcome;
    const char *first_fallback;  /* display names of organisations */
    const char *second_fallback; /* NULL: the family chose one only */
    const char
        *conference_with; /* display names, as one line; NULL: any that supports the family */
};

struct card_page {
    struct language language; /* the family's; with nld the page has one column */
    const char *code;         /* the card's text in its printed form, PRINT_CODE_LENGTH long */
    int32_t valid_until_day;  /* the last day on which it works (shared/base/civil.h) */
    const char *organisation; /* who made it, as it may be named to whoever sees the card */
    const char *contact;      /* the line to call: "056 12 34 56"; NULL or empty: none */
    struct print_scopes scopes;
};

/* One card: two A5 sides, the card itself and its explanation. The family's language is set in 11
 * point; where names are long, smaller; only a list of many of the longest takes a third side.
 * Errors: ERR_MALFORMED (a code of another form, a day or text that can't be), ERR_UNSUPPORTED (no
 * print_language_for it), ERR_TOO_LARGE (a field or list over its maximum, or `out` over: it then
 * holds a part that is of no use; PRINT_CARD_BYTES_MAX always does), ERR_NO_MEMORY, or the failure
 * that `out` already had. */
MUST_CHECK int card_page_write(const struct card_page *page, struct buf *out);

struct blank_cards_page {
    struct language language;
    const char *const *codes; /* `count` of them, as card_page's */
    size_t count;             /* 1..PRINT_BLANK_CARDS_MAX */
    const char *group;        /* the group that hands them out */
    const char *contact;      /* NULL or empty: none */
};

/* A pack of cards that open nothing until they're activated together with a family: one A5 side
 * each, the date left open to be filled in by hand. Errors: as card_page_write; a count outside its
 * bounds is ERR_MALFORMED. */
MUST_CHECK int blank_cards_page_write(const struct blank_cards_page *page, struct buf *out);

struct consent_script {
    struct language language; /* the family's; any code is taken */
    const char *organisation; /* that asks */
    const char *contact;      /* NULL or empty: none */
    int32_t valid_until_day;  /* the end that is proposed */
    struct print_scopes asked;
};

/* What is said aloud when consent is asked, for caseworker and interpreter: one scope at a time,
 * then the teach-back. Beside the Dutch stands French or English where that is the family's
 * language, and English with a note for the interpreter where it's any other. Errors: as
 * card_page_write, but never ERR_UNSUPPORTED; ERR_MALFORMED also where no scope is asked. */
MUST_CHECK int consent_script_write(const struct consent_script *script, struct buf *out);
