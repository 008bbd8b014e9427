/* The names that a file may use for municipalities, services and languages, as the readers ask for
 * them: a struct of functions, so that the readers know no list and tests bring a small one. */
#pragma once

#include <stdint.h>

#include "shared/base/ids.h"

/* Each gives 0, or ERR_NOT_FOUND for a text that names nothing. `text` is one trimmed cell. */
struct import_lookups {
    /* A NIS code, post code or name, also of a municipality that was merged since: gives the code
     * valid on `day`. */
    int (*municipality)(const void *context, const char *text, int32_t day, struct nis *ret);
    int (*language)(const void *context, const char *text, struct language *ret);
    int (*service)(const void *context, const char *text, struct service_id *ret);
    const void *context; /* borrowed */
};

/* Asks shared/places. A service is one of the catalogue; an id of the region's own comes in through
 * section [services] of the preset, which is believed (rows.h). */
extern const struct import_lookups import_lookups_places;
