#include "node/core/leak_guard.h"

#include <stdio.h>
#include <string.h>

#include "shared/figures/interval.h"
#include "shared/figures/ptable.h"

_Static_assert(GUARD_CHANGE_MAX == 2 * PTABLE_NOISE_MAX - 1, "2D - 1");
_Static_assert(GUARD_PARTS_MIN == 50 - BAND_HYSTERESIS,
               "where an organisation falls back to bands");

/* A row of one dimension, whichever it is. */
struct part {
    char id[SERVICE_ID_MAX + 1];
    struct count *open;
    struct count *waiting;
    struct service_figures *service; /* DIMENSION_SERVICE only */
};

struct guard {
    struct signal *signal;
    const struct signal *last; /* NULL where it can't be compared with */
    struct leak_findings findings;
    bool *gone; /* services whose id itself is the leak: the row goes, whatever is left in it */
};

static size_t part_count(const struct signal *signal, enum dimension dimension) {
    switch (dimension) {
    case DIMENSION_SERVICE:
        return signal->service_count;
    case DIMENSION_PLACE:
        return signal->place_count;
    case DIMENSION_LANGUAGE:
        return signal->language_count;
    case DIMENSION_TOTAL:
    default:
        return 0;
    }
}

static struct part part_at(const struct signal *signal, enum dimension dimension, size_t index) {
    struct part part = {.id = ""};
    switch (dimension) {
    case DIMENSION_SERVICE:
        part.service = &signal->services[index];
        part.open = &part.service->open;
        part.waiting = &part.service->waiting;
        (void)snprintf(part.id, sizeof(part.id), "%s", part.service->service.text);
        break;
    case DIMENSION_PLACE:
        part.open = &signal->places[index].open;
        part.waiting = &signal->places[index].waiting;
        (void)snprintf(part.id, sizeof(part.id), "%05u", signal->places[index].nis.code);
        break;
    case DIMENSION_LANGUAGE:
        part.open = &signal->languages[index].open;
        part.waiting = &signal->languages[index].waiting;
        (void)snprintf(part.id, sizeof(part.id), "%s", signal->languages[index].language.code);
        break;
    case DIMENSION_TOTAL:
    default:
        break;
    }
    return part;
}

static bool find_part(const struct signal *signal, enum dimension dimension, const char *id,
                      struct part *ret) {
    for (size_t i = 0; i < part_count(signal, dimension); i++) {
        const struct part part = part_at(signal, dimension, i);
        if (strcmp(part.id, id) == 0) {
            *ret = part;
            return true;
        }
    }
    return false;
}

static struct leak_finding *note(struct guard *guard, enum dimension dimension, const char *id,
                                 enum measure measure, enum withheld why) {
    struct leak_finding *finding = &guard->findings.items[guard->findings.count++];
    *finding = (struct leak_finding){
        .name = {.dimension = dimension, .measure = measure},
        .withheld = why,
    };
    (void)snprintf(finding->name.id, sizeof(finding->name.id), "%s", id);
    return finding;
}

static void take_count(struct guard *guard, enum dimension dimension, const struct part *part,
                       enum measure measure, enum withheld why) {
    struct count *count = measure == MEASURE_OPEN ? part->open : part->waiting;
    if (count->form != COUNT_NONE) {
        note(guard, dimension, part->id, measure, why);
        *count = (struct count){.form = COUNT_NONE};
    }
}

static void take_bins(struct guard *guard, const struct part *part, enum measure measure,
                      struct wait_bins *bins, enum withheld why) {
    if (bins->edge_count > 0) {
        note(guard, DIMENSION_SERVICE, part->id, measure, why);
        *bins = (struct wait_bins){.edge_count = 0};
    }
}

static void take_row(struct guard *guard, enum dimension dimension, const struct part *part,
                     enum withheld why) {
    take_count(guard, dimension, part, MEASURE_OPEN, why);
    take_count(guard, dimension, part, MEASURE_WAITING, why);
    if (part->service == NULL) {
        return;
    }
    struct service_figures *s = part->service;
    take_bins(guard, part, MEASURE_STILL_WAITING, &s->still_waiting, why);
    take_bins(guard, part, MEASURE_STARTED_THIS_QUARTER, &s->started_this_quarter, why);
    take_bins(guard, part, MEASURE_STARTED_LAST_QUARTER, &s->started_last_quarter, why);
    take_bins(guard, part, MEASURE_SINCE_CONTACT, &s->since_contact, why);
    for (size_t i = 0; i < s->left_count; i++) {
        note(guard, DIMENSION_SERVICE, part->id, MEASURE_LEFT, why)->name.reason =
            s->left[i].reason;
    }
    s->left_count = 0;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* A run of exactly five digits that doesn't start with 0: the form of every NIS code. */
static bool holds_place(const char *id) {
    for (const char *at = id; *at != '\0';) {
        size_t length = 0;
        while (is_digit(at[length])) {
            length++;
        }
        if (length == 5 && *at != '0') {
            return true;
        }
        at += length > 0 ? length : 1;
    }
    return false;
}

/* Cuts a last "-xxx" that is a published language; false where there's none. */
static bool cut_language(const struct signal *signal, const char *id,
                         char ret[static SERVICE_ID_MAX + 1]) {
    const char *dash = strrchr(id, '-');
    struct part language;
    if (dash == NULL || !find_part(signal, DIMENSION_LANGUAGE, dash + 1, &language)) {
        return false;
    }
    (void)snprintf(ret, SERVICE_ID_MAX + 1, "%.*s", (int)(dash - id), id);
    return true;
}

static bool differs_by_language(const struct signal *signal, size_t index) {
    char own[SERVICE_ID_MAX + 1];
    if (!cut_language(signal, signal->services[index].service.text, own)) {
        return false;
    }
    for (size_t i = 0; i < signal->service_count; i++) {
        char other[SERVICE_ID_MAX + 1];
        if (i != index && cut_language(signal, signal->services[i].service.text, other) &&
            strcmp(own, other) == 0) {
            return true;
        }
    }
    return false;
}

static void guard_ids(struct guard *guard) {
    const struct signal *signal = guard->signal;
    for (size_t i = 0; i < signal->service_count; i++) {
        const struct part part = part_at(signal, DIMENSION_SERVICE, i);
        enum withheld why = leak_text(bytes_from_text(part.id));
        if (why == WITHHELD_NOT && (holds_place(part.id) || differs_by_language(signal, i))) {
            why = WITHHELD_CROSSED;
        }
        if (why != WITHHELD_NOT) {
            take_row(guard, DIMENSION_SERVICE, &part, why);
            guard->gone[i] = true;
        }
    }
}

static uint32_t value_of(const struct count *count) {
    return count->form == COUNT_VALUE ? count->value : 0;
}

static uint32_t largest(const struct part *part) {
    const uint32_t open = value_of(part->open);
    const uint32_t waiting = value_of(part->waiting);
    return open > waiting ? open : waiting;
}

static void guard_limits(struct guard *guard) {
    struct signal *signal = guard->signal;
    const bool has_parts =
        signal->open.form == COUNT_VALUE && signal->open.value >= GUARD_PARTS_MIN;
    for (enum dimension d = DIMENSION_SERVICE; d <= DIMENSION_LANGUAGE; d++) {
        for (size_t i = 0; i < part_count(signal, d); i++) {
            const struct part part = part_at(signal, d, i);
            if (!has_parts) {
                take_row(guard, d, &part, WITHHELD_BELOW_LIMIT);
                continue;
            }
            if (part.service == NULL) {
                continue;
            }
            if (part.waiting->form == COUNT_VALUE && part.waiting->value < GUARD_FAMILIES_MIN) {
                take_bins(guard, &part, MEASURE_STILL_WAITING, &part.service->still_waiting,
                          WITHHELD_BELOW_LIMIT);
            }
            if (part.open->form == COUNT_VALUE && part.open->value < GUARD_FAMILIES_MIN) {
                take_bins(guard, &part, MEASURE_SINCE_CONTACT, &part.service->since_contact,
                          WITHHELD_BELOW_LIMIT);
            }
        }
    }
}

/* The only row of `now` that has somebody where `then` has nobody; false where there are none or
 * several. */
static bool only_arrival(const struct signal *now, const struct signal *then, enum dimension d,
                         struct part *ret) {
    size_t arrivals = 0;
    for (size_t i = 0; i < part_count(now, d); i++) {
        const struct part part = part_at(now, d, i);
        struct part before;
        if (largest(&part) > 0 &&
            (!find_part(then, d, part.id, &before) || largest(&before) == 0)) {
            *ret = part;
            arrivals++;
        }
    }
    return arrivals == 1;
}

static void guard_categories(struct guard *guard, enum dimension d) {
    if (part_count(guard->last, d) == 0) {
        return;
    }
    struct part part;
    if (only_arrival(guard->signal, guard->last, d, &part) && largest(&part) < GUARD_FAMILIES_MIN) {
        take_row(guard, d, &part, WITHHELD_LONE_CHANGE);
    }
    struct part left;
    if (only_arrival(guard->last, guard->signal, d, &left) && largest(&left) < GUARD_FAMILIES_MIN &&
        find_part(guard->signal, d, left.id, &part)) {
        take_row(guard, d, &part, WITHHELD_LONE_CHANGE);
    }
}

static bool is_certain(const struct count *now, const struct count *before) {
    if (now->form != COUNT_VALUE || before->form != COUNT_VALUE) {
        return false;
    }
    const uint32_t low = now->value < before->value ? now->value : before->value;
    const uint32_t high = now->value < before->value ? before->value : now->value;
    return low < GUARD_SMALL_CELL && high - low > GUARD_CHANGE_MAX;
}

static void guard_changes(struct guard *guard, enum dimension d) {
    for (size_t i = 0; i < part_count(guard->signal, d); i++) {
        const struct part part = part_at(guard->signal, d, i);
        struct part before;
        if (!find_part(guard->last, d, part.id, &before)) {
            continue;
        }
        if (is_certain(part.open, before.open)) {
            take_count(guard, d, &part, MEASURE_OPEN, WITHHELD_CERTAINTY);
        }
        if (is_certain(part.waiting, before.waiting)) {
            take_count(guard, d, &part, MEASURE_WAITING, WITHHELD_CERTAINTY);
        }
    }
}

static bool is_empty(const struct part *part) {
    const struct service_figures *s = part->service;
    return part->open->form == COUNT_NONE && part->waiting->form == COUNT_NONE &&
           (s == NULL ||
            (s->still_waiting.edge_count == 0 && s->started_this_quarter.edge_count == 0 &&
             s->started_last_quarter.edge_count == 0 && s->since_contact.edge_count == 0 &&
             s->left_count == 0));
}

static void drop_empty_rows(struct guard *guard) {
    struct signal *signal = guard->signal;
    size_t kept = 0;
    for (size_t i = 0; i < signal->service_count; i++) {
        const struct part part = part_at(signal, DIMENSION_SERVICE, i);
        if (!guard->gone[i] && !is_empty(&part)) {
            signal->services[kept++] = signal->services[i];
        }
    }
    signal->service_count = kept;
    kept = 0;
    for (size_t i = 0; i < signal->place_count; i++) {
        const struct part part = part_at(signal, DIMENSION_PLACE, i);
        if (!is_empty(&part)) {
            signal->places[kept++] = signal->places[i];
        }
    }
    signal->place_count = kept;
    kept = 0;
    for (size_t i = 0; i < signal->language_count; i++) {
        const struct part part = part_at(signal, DIMENSION_LANGUAGE, i);
        if (!is_empty(&part)) {
            signal->languages[kept++] = signal->languages[i];
        }
    }
    signal->language_count = kept;
}

static size_t figures_in(const struct signal *signal) {
    size_t count = 2 * (signal->place_count + signal->language_count) + 6 * signal->service_count;
    for (size_t i = 0; i < signal->service_count; i++) {
        count += signal->services[i].left_count;
    }
    return count;
}

int leak_guard(struct signal *signal, const struct signal *last, struct arena *arena,
               struct leak_findings *ret) {
    struct guard guard = {.signal = signal};
    guard.findings.items = ARENA_ARRAY(arena, struct leak_finding, figures_in(signal) + 1);
    guard.gone = ARENA_ARRAY(arena, bool, signal->service_count + 1);
    if (guard.findings.items == NULL || guard.gone == NULL) {
        return ERR_NO_MEMORY;
    }
    guard_ids(&guard);
    if (signal->origin == FIGURES_ORIGIN_REGISTER) {
        guard_limits(&guard);
        if (last != NULL && last->origin == FIGURES_ORIGIN_REGISTER) {
            guard.last = last;
            for (enum dimension d = DIMENSION_SERVICE; d <= DIMENSION_LANGUAGE; d++) {
                guard_categories(&guard, d);
                guard_changes(&guard, d);
            }
        }
    }
    drop_empty_rows(&guard);
    *ret = guard.findings;
    return 0;
}
