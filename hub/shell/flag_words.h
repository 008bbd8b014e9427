/* Words for people in place of the API's codes about flags (shared/base/family_lists.h). Pure. */
#pragma once

#include "shared/io/text.h"

/* A code that isn't on its list stays as it is. */
const char *flag_word_kind(enum lang lang, const char *code);
const char *flag_word_state(enum lang lang, const char *code);
const char *flag_word_refusal(enum lang lang, const char *code); /* why a question was refused */
const char *flag_word_concern(enum lang lang, const char *code);
