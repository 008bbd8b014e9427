/* Words for people in place of the API's codes, where they're on one of the closed lists. Pure. */
#pragma once

#include "shared/base/family_lists.h"
#include "shared/io/text.h"

/* By the list's name; a code that isn't on it stays as it is, NULL becomes "". */
const char *word_scope(enum lang lang, const char *code);
const char *word_support_kind(enum lang lang, const char *code);
const char *word_support_distance(enum lang lang, const char *code);
const char *word_support_state(enum lang lang, const char *code);
const char *word_end_reason(enum lang lang, const char *code);
const char *word_ask_state(enum lang lang, const char *code);
const char *word_ask_reason(enum lang lang, const char *code);
const char *word_flag_kind(enum lang lang, const char *code);
const char *word_flag_state(enum lang lang, const char *code);
const char *word_flag_reason(enum lang lang, const char *code);
const char *word_concern_reason(enum lang lang, const char *code);
const char *word_notice_kind(enum lang lang, const char *code);
const char *word_consent_state(enum lang lang, const char *code);
const char *word_concern_urgency(enum lang lang, const char *code);
const char *word_concern_by(enum lang lang, const char *code);

/* What our own organisation may ask of families, by the directory: a sentence. */
enum text_id text_of_own_right(enum consent_right right);
