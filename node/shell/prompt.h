/* Asking a person in a terminal, one line at a time; and a card, which is never shown.
 *
 * Prompts go to `err`, so that results can be piped. What is read into the caller's memory is the
 * caller's to wipe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "shared/consent/card.h"
#include "shared/io/cli.h"

/* Whether a person is there to answer. */
bool prompt_possible(void);
/* A line without its end; false at the end of the input. What doesn't fit is asked again. */
bool prompt_line(const struct cli_call *call, const char *text, char *ret, size_t size);
/* One letter of the text's list `keys`; gives its place. -1 at the end of the input. */
int prompt_key(const struct cli_call *call, const char *text, enum text_id keys);
/* One of `count` words, by its number as shown; gives its place from 0. -1 as above. */
int prompt_choice(const struct cli_call *call, enum text_id question, const char *const *words,
                  size_t count);
int prompt_yes(const struct cli_call *call, const char *text); /* 1, 0; -1 as above */

/* A card's text: of the argument; of standard input for "-"; else asked without echo. A mistyped
 * one is said, with the group to read again; who is asked may try again. False: said already. */
bool prompt_card(const struct cli_call *call, const char *argument, enum text_id question,
                 char ret_text[static CARD_TEXT_SIZE]);
