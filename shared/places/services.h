/* The catalogue of services: what families wait for, under one id that the whole region counts by.
 *
 * Names as the field uses them, in Dutch, English and French; courses of Dutch as a second language
 * (NT2) and of social orientation (MO) are services with a level and a part of the day, so that
 * demand and supply can be laid side by side; in which language an MO group is taught is the
 * contact language of cases and organisations, not part of the id. A region may use ids of its own:
 * their form is all that's asked (service_id_parse in shared/base/ids.h), the catalogue only names
 * those it knows. All pointers are valid for ever. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/ids.h"
#include "shared/base/lists.h"

/* Common European Framework of Reference; alfa is the track for those who learn to read and write.
 */
enum course_level {
    COURSE_LEVEL_NONE = 0,
    COURSE_LEVEL_ALFA_A1,
    COURSE_LEVEL_ALFA_A2,
    COURSE_LEVEL_A1,
    COURSE_LEVEL_A2,
    COURSE_LEVEL_B1,
    COURSE_LEVEL_B2,
};

enum day_part {
    DAY_PART_NONE = 0, /* not a course */
    DAY_PART_DAY,
    DAY_PART_EVENING,
    DAY_PART_WEEKEND,
};

struct service {
    struct service_id id;
    const char *dutch; /* UTF-8, unlike every other */
    const char *english;
    const char *french;
    uint32_t kinds; /* bit 1 << enum org_kind: see service_offered_by */
    bool own_task;  /* aid that a law makes the task of one OCMW: see service_is_territorial */
    enum course_level level;
    enum day_part day_part;
};

/* NULL where the catalogue doesn't know it. */
const struct service *service_by_id(const struct service_id *id);

/* An id or a Dutch name, without regard to case, accents and hyphens; NULL where nothing fits.
 * Walks the catalogue: an import asks once for each different text. */
const struct service *service_find(const char *text);

/* Whether organisations of that kind usually offer it. Not a rule: a member says itself what it
 * offers, this is what its form proposes. */
bool service_offered_by(const struct service *service, enum org_kind kind);

/* Whether, offered by that kind, it's tied to one municipality: social aid by an OCMW (law of 2
 * April 1965 on the charging of aid by public centres for social welfare, articles 1 and 2; law of
 * 8 July 1976, article 57). The advice never moves it (DESIGN 8). */
bool service_is_territorial(const struct service *service, enum org_kind kind);

/* The whole catalogue, in the order in which a form shows it. */
const struct service *service_all(size_t *ret_count);
