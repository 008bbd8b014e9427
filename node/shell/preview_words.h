/* The preview's words for people: what a figure counts and of whom, instead of the API's codes.
 * Pure. */
#pragma once

#include "shared/base/lists.h"
#include "shared/io/text.h"

/* "still-waiting" -> "wacht nog, weken"; a word that isn't known stays as it is. */
const char *preview_measure(enum lang lang, const char *code);
/* The name of a service, municipality or language by its code; "totaal" for the whole. */
const char *preview_category(enum lang lang, const char *dimension, const char *code);
/* Why a case was closed: "afgerond"; "" for none. */
const char *preview_reason(enum lang lang, enum close_reason reason);
