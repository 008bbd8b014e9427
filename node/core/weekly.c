#include "node/core/weekly.h"

#include <assert.h>
#include <string.h>

#include "shared/base/civil.h"

enum { FIRST_CUT_DAYS = 35, SECOND_CUT_DAYS = 63 };

struct weekly_dates weekly_dates(int32_t freeze_day) {
    const int32_t quarter = quarter_start(freeze_day);
    struct weekly_dates dates = {
        .freeze_day = freeze_day,
        .this_from = quarter,
        .this_until = quarter,
        .last_from = quarter_before(quarter),
        .last_until = quarter,
    };
    if (freeze_day >= quarter + SECOND_CUT_DAYS) {
        dates.this_until = quarter + SECOND_CUT_DAYS;
    } else if (freeze_day >= quarter + FIRST_CUT_DAYS) {
        dates.this_until = quarter + FIRST_CUT_DAYS;
    }
    return dates;
}

bool weekly_same_cut(int32_t freeze_day, int32_t other_freeze_day) {
    const struct weekly_dates a = weekly_dates(freeze_day);
    const struct weekly_dates b = weekly_dates(other_freeze_day);
    return a.this_from == b.this_from && a.this_until == b.this_until;
}

int weekly_new(struct arena *arena, const struct disclosure_key *key, int32_t freeze_day,
               struct weekly **ret) {
    static const size_t limits[] = {
        [DIMENSION_TOTAL] = 0,
        [DIMENSION_SERVICE] = SIGNAL_SERVICES_MAX,
        [DIMENSION_PLACE] = SIGNAL_MUNICIPALITIES_MAX,
        [DIMENSION_LANGUAGE] = SIGNAL_LANGUAGES_MAX,
    };
    struct weekly *weekly = ARENA_NEW(arena, struct weekly);
    if (weekly == NULL) {
        return ERR_NO_MEMORY;
    }
    weekly->key = key;
    weekly->dates = weekly_dates(freeze_day);
    for (enum dimension d = DIMENSION_SERVICE; d <= DIMENSION_LANGUAGE; d++) {
        weekly->lists[d].limit = limits[d];
        weekly->lists[d].items = ARENA_ARRAY(arena, struct category_cells, limits[d]);
        if (weekly->lists[d].items == NULL) {
            return ERR_NO_MEMORY;
        }
    }
    weekly->services = ARENA_ARRAY(arena, struct service_cells, SIGNAL_SERVICES_MAX);
    if (weekly->services == NULL) {
        return ERR_NO_MEMORY;
    }
    *ret = weekly;
    return 0;
}

/* By their ids. */
static int compare(enum dimension dimension, const struct category_cells *a,
                   const struct category_cells *b) {
    switch (dimension) {
    case DIMENSION_SERVICE:
        return strcmp(a->id.service.text, b->id.service.text);
    case DIMENSION_PLACE:
        return (a->id.nis.code > b->id.nis.code) - (a->id.nis.code < b->id.nis.code);
    case DIMENSION_LANGUAGE:
        return strcmp(a->id.language.code, b->id.language.code);
    case DIMENSION_TOTAL:
    default:
        return 0;
    }
}

/* Finds a category or makes room for it in its place. */
static int find(struct weekly *weekly, enum dimension dimension, const struct category_cells *id,
                size_t *ret_index) {
    struct category_list *list = &weekly->lists[dimension];
    size_t low = 0;
    size_t high = list->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare(dimension, &list->items[middle], id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == list->count || compare(dimension, &list->items[low], id) != 0) {
        if (list->count == list->limit) {
            return ERR_TOO_LARGE;
        }
        const size_t behind = list->count - low;
        memmove(&list->items[low + 1], &list->items[low], behind * sizeof(list->items[0]));
        list->items[low] = (struct category_cells){.id = id->id};
        if (dimension == DIMENSION_SERVICE) {
            memmove(&weekly->services[low + 1], &weekly->services[low],
                    behind * sizeof(weekly->services[0]));
            memset(&weekly->services[low], 0, sizeof(weekly->services[low]));
        }
        list->count++;
    }
    *ret_index = low;
    return 0;
}

int weekly_mention(struct weekly *weekly, enum dimension dimension,
                   const struct category_cells *id) {
    size_t index;
    return find(weekly, dimension, id, &index);
}

/* What a case is at the freeze. */
struct standing {
    bool open;
    bool waiting;
    bool started_this;
    bool started_last;
    bool left;
};

static bool between(int32_t day, int32_t from, int32_t until) {
    return day != DAY_NONE && day >= from && day < until;
}

static bool before(int32_t day, int32_t limit) {
    return day != DAY_NONE && day < limit;
}

static struct standing standing_of(const struct weekly_dates *dates,
                                   const struct disclosure_case *one) {
    struct standing s = {0};
    if (!before(one->asked_day, dates->freeze_day)) {
        return s;
    }
    const bool closed = before(one->closed_day, dates->freeze_day);
    const bool seen = before(one->first_appointment_day, dates->freeze_day);
    s.open = !closed;
    s.waiting = !closed && !seen;
    s.started_this = between(one->first_appointment_day, dates->this_from, dates->this_until);
    s.started_last = between(one->first_appointment_day, dates->last_from, dates->last_until);
    s.left = !seen && between(one->closed_day, dates->last_from, dates->this_until);
    return s;
}

static void add_wait(struct wait_cells *cells, uint64_t case_key, int32_t from, int32_t until) {
    cell_add(&cells->all, case_key);
    cell_add(&cells->bins[histogram_own_bin((int64_t)until - from)], case_key);
}

static void add_waits(struct service_cells *cells, const struct disclosure_case *one,
                      const struct standing *s, uint64_t case_key, int32_t freeze_day) {
    if (s->waiting) {
        add_wait(&cells->still_waiting, case_key, one->asked_day, freeze_day);
    }
    if (s->started_this) {
        add_wait(&cells->started_this, case_key, one->asked_day, one->first_appointment_day);
    }
    if (s->started_last) {
        add_wait(&cells->started_last, case_key, one->asked_day, one->first_appointment_day);
    }
    if (s->open) {
        /* The register keeps only the last contact; one after the freeze hides what was the last
         * before it, and counts as fresh. */
        const int32_t contact =
            one->last_contact_day == DAY_NONE ? one->asked_day : one->last_contact_day;
        add_wait(&cells->since_contact, case_key, contact, freeze_day);
    }
    if (s->left) {
        const enum close_reason reason =
            one->close_reason == CLOSE_REASON_NONE ? CLOSE_REASON_OTHER : one->close_reason;
        add_wait(&cells->left[reason], case_key, one->asked_day, one->closed_day);
    }
}

static void add_counts(struct category_cells *cells, const struct standing *s, uint64_t case_key) {
    if (s->open) {
        cell_add(&cells->open, case_key);
    }
    if (s->waiting) {
        cell_add(&cells->waiting, case_key);
    }
}

static bool category_of(const struct disclosure_case *one, enum dimension dimension,
                        struct category_cells *ret) {
    *ret = (struct category_cells){.open = {0}};
    switch (dimension) {
    case DIMENSION_SERVICE:
        ret->id.service = one->service;
        return one->service.text[0] != '\0';
    case DIMENSION_PLACE:
        ret->id.nis = one->nis;
        return one->nis.code != 0;
    case DIMENSION_LANGUAGE:
        ret->id.language = one->language;
        return one->language.code[0] != '\0';
    case DIMENSION_TOTAL:
    default:
        return false;
    }
}

int weekly_add(struct weekly *weekly, const struct disclosure_case *one) {
    assert((int)one->close_reason < WEEKLY_REASONS);
    const struct standing s = standing_of(&weekly->dates, one);
    if (!s.open && !s.started_this && !s.started_last && !s.left) {
        return 0;
    }
    const uint64_t case_key = cellkey_of_case(weekly->key, one->own_id);
    add_counts(&weekly->total, &s, case_key);
    for (enum dimension d = DIMENSION_SERVICE; d <= DIMENSION_LANGUAGE; d++) {
        struct category_cells id;
        if (!category_of(one, d, &id) || (!s.open && d != DIMENSION_SERVICE)) {
            continue;
        }
        size_t index;
        int r = find(weekly, d, &id, &index);
        if (r < 0) {
            return r;
        }
        add_counts(&weekly->lists[d].items[index], &s, case_key);
        if (d == DIMENSION_SERVICE) {
            add_waits(&weekly->services[index], one, &s, case_key, weekly->dates.freeze_day);
        }
    }
    return 0;
}
