/* Weeks and quarters as people write them: "2026-W47" (ISO 8601) and "2026-Q4". Pure. */
#pragma once

#include <stdint.h>

#include "shared/base/err.h"

enum { PERIOD_TEXT_SIZE = 32 };

/* The week that a day lies in; its year is its Thursday's. */
void week_format(int32_t day, char ret_text[static PERIOD_TEXT_SIZE]);
void quarter_format(int32_t day, char ret_text[static PERIOD_TEXT_SIZE]);
/* The quarter's first day, years 1900 to 2200. Errors: ERR_MALFORMED. */
MUST_CHECK int quarter_parse(const char *text, int32_t *ret_day);
