/* What people read, in Dutch (first), English and French: one catalogue of messages.
 *
 * Not for logs (those are English, one line, for administrators) and not for help texts, which
 * stand in the command tables (cli.h). Pure: the environment is asked by the shell. An entry is a
 * line of a text_*.inc file; a test holds that each has all three languages and the same
 * placeholders. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/lists.h"

enum lang {
    LANG_NL,
    LANG_EN,
    LANG_FR,
    LANGS,
};

enum text_id {
    TEXT_NONE, /* the empty text */
#define TEXT(id, nl, en, fr) TEXT_##id,
#include "shared/io/text_catalogue.inc"
#undef TEXT
    TEXT_COUNT,
};

/* What can name a language, strongest first; each may be NULL. */
struct lang_sources {
    const char *option;       /* --lang */
    const char *vangnet_lang; /* VANGNET_LANG */
    const char *lc_all;
    const char *lc_messages;
    const char *lang;
};

/* "nl", "en" or "fr", also with a country or charset after it ("fr_BE.UTF-8"). */
bool lang_parse(const char *text, enum lang *ret);
const char *lang_text(enum lang lang);
/* The option, else VANGNET_LANG, where they name one of ours; else the first of LC_ALL, LC_MESSAGES
 * and LANG that isn't empty (POSIX 8.2), where it does; else Dutch. */
enum lang lang_choose(const struct lang_sources *sources);

/* The first in an Accept-Language header (RFC 9110, 12.5.4) that is one of ours, weights aside: who
 * sends them sends the best first. Else, and of NULL, Dutch. */
enum lang lang_accepted(const char *header);

/* Borrowed, for ever. */
const char *text_get(enum lang lang, enum text_id id);
/* The entry's name, such as "REFUSAL_BUSY"; and back, TEXT_NONE where there is none. */
const char *text_name(enum text_id id);
enum text_id text_find(const char *name);

/* The arguments of text_format: TEXT_ARGS(name, count). None is NULL. */
#define TEXT_ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Writes the text with {0} to {9} replaced by the arguments (NULL: none). What doesn't fit `size`
 * is left off at the end of a whole character. A placeholder without argument stays as it is. */
void text_format(enum lang lang, enum text_id id, const char *const *args, char *ret, size_t size);

/* The texts of a code: what happened, and what to do next. Those that the catalogue doesn't know
 * get the ones of an unexpected failure. */
struct text_pair {
    enum text_id what;
    enum text_id next;
};
struct text_pair text_of_refusal(enum refusal refusal);
struct text_pair text_of_error(int code); /* shared/base/err.h */

/* TEXT_NONE for what isn't on the list. */
enum text_id text_of_org_kind(enum org_kind kind);
enum text_id text_of_service_status(enum service_status status);
