/* The few parts that the printed pages are made of: a head that lets nothing be fetched, escaped
 * text, and rows in which Dutch stands beside another language.
 *
 * Used by the print files of this room only. Failures stay in the buffer (shared/base/buf.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/buf.h"
#include "shared/io/print.h"

enum { PRINT_COLUMNS_MAX = 2, PRINT_ARGS_MAX = 2 };

/* What is put in the place of {0} or {1}: in each column its own. */
struct print_arg {
    const char *in[PRINT_COLUMNS_MAX]; /* escaped and isolated; NULL: a line to write on */
    bool left_to_right;                /* for numbers, whatever the column's direction */
};

/* A page that is being written. Its words are tables by key, one for each column. */
struct sheet {
    struct buf *out;
    size_t columns;
    const struct print_language *language[PRINT_COLUMNS_MAX];
    const char *const *words[PRINT_COLUMNS_MAX];
};

enum { NO_KEY = -1 };

struct sheet_row {
    const char *tag;       /* "p", "h1", "h2": each cell is one */
    const char *look;      /* a class of the style, or NULL */
    const char *pictogram; /* trusted SVG between the columns, or NULL: none */
    int key;
    int lead_key; /* a word before it, in bold: NO_KEY is none */
    const struct print_arg *args;
    size_t args_count;
};

void html_raw(struct buf *out, const char *markup); /* trusted, as it is */
/* Whatever it holds: markup is escaped, white space becomes a blank, control characters and those
 * that change the direction of text are left off, malformed UTF-8 becomes U+FFFD. */
void html_text(struct buf *out, const char *text);

/* Everything before the first side. The title names nobody and `style` is trusted. */
void sheet_begin(const struct sheet *sheet, const char *style);
void sheet_end(const struct sheet *sheet);
void sheet_row(const struct sheet *sheet, const struct sheet_row *row);
/* The notes that the second column's text is a draft, where it is. */
void sheet_draft_note(const struct sheet *sheet);

/* Sets `ret` up for Dutch and, where it's another, `language`; no words yet. */
void sheet_init(struct sheet *ret, struct buf *out, const struct print_language *language);
/* The same text in both columns. */
struct print_arg arg_of(const char *text);
/* Whether a text from outside can be printed: 0, ERR_TOO_LARGE or ERR_MALFORMED (NULL or empty). */
MUST_CHECK int print_field_check(const char *text);
/* The same for the names that the scopes need. */
MUST_CHECK int print_scopes_check(const struct print_scopes *scopes);
