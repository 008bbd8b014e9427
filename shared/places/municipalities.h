/* The municipalities of Flanders and Brussels, as of 2025 and before the mergers of 2019 and 2025.
 *
 * Codes change and names don't tell: Hasselt got another code under its old name, Antwerpen kept
 * its code and took in Borsbeek, Zwijndrecht went to another province. So what is stored is a NIS
 * code, and what is compared is a code re-based to the same day. Not an address book: post codes
 * are the main ones only (one or two a municipality), and a code that isn't there says nothing.
 * Compiled in, written by deploy/places/generate.py; importers, the leak guard and the hub's maps
 * ask here.
 *
 * Days are those of shared/base/civil.h; all pointers are valid for ever. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "shared/base/err.h"
#include "shared/base/ids.h"

enum { REFERENCE_REGIONS = 15 };

/* Valid from `since_day` up to and not including `until_day`. Of a municipality that has ceased
 * only name, days and successor are known: no region, no point. */
struct municipality {
    struct nis nis;
    const char *name;         /* Dutch, UTF-8 */
    int32_t since_day;        /* INT32_MIN: longer than this table remembers */
    int32_t until_day;        /* INT32_MAX: stands */
    struct nis successor;     /* 0 where it stands */
    uint8_t reference_region; /* 1 .. REFERENCE_REGIONS; 0 in Brussels */
    int32_t lon_e5;           /* a point inside, WGS84, in 1e-5 degrees */
    int32_t lat_e5;
};

/* The fifteen regions in which Flemish municipalities work together. */
struct reference_region {
    const char *code; /* REFREG01 .. REFREG15 */
    const char *name; /* Dutch */
};

enum place_match {
    PLACE_FOUND = 0,
    PLACE_MALFORMED, /* not a code of that kind */
    PLACE_UNKNOWN,   /* well-formed, but not in the table */
    PLACE_AMBIGUOUS, /* the day lies before a merger, and it isn't said which part is meant */
};

/* NULL where there's none. */
const struct municipality *municipality_by_nis(struct nis nis);

/* The code under which the same people live on `on_day`: follows mergers forward as far as that
 * day. Backward there is no answer: PLACE_AMBIGUOUS. */
MUST_CHECK enum place_match municipality_rebase(struct nis nis, int32_t on_day,
                                                struct nis *ret_nis);

/* Four digits, main post codes only; then re-based from today's municipality to `on_day`. */
MUST_CHECK enum place_match municipality_by_post_code(const char *text, int32_t on_day,
                                                      struct nis *ret_nis);

/* The Dutch name, of a ceased municipality too, without regard to case, accents, hyphens and "St."
 * for "Sint". A name that stood on both sides of a merger is the one of that day. */
MUST_CHECK enum place_match municipality_by_name(const char *text, int32_t on_day,
                                                 struct nis *ret_nis);

/* What stands in a column headed "municipality": five digits are a NIS code, four a post code,
 * anything else a name. */
MUST_CHECK enum place_match municipality_find(const char *text, int32_t on_day,
                                              struct nis *ret_nis);

/* All of them by rising code, the ceased ones too. */
const struct municipality *municipality_all(size_t *ret_count);

/* `number` from 1; NULL for 0 and beyond the last. */
const struct reference_region *reference_region_at(uint8_t number);
