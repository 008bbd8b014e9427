#include "node/core/disclosure.h"

#include <assert.h>
#include <string.h>

#include "node/core/leak_guard.h"
#include "shared/crypto/hash.h"
#include "shared/figures/interval.h"
#include "shared/figures/ptable.h"

_Static_assert((int)PTABLE_NOISE_MAX == (int)PERTURBATION_MAX, "the hub widens intervals by it");

struct decision {
    struct weekly *weekly;
    const struct signal *last; /* NULL where it's no memory */
    struct arena *arena;
    struct disclosure *out;
    bool small; /* bands only */
};

static int64_t publish(const struct decision *d, const struct cell *cell) {
    return cell_publish(d->weekly->key, *cell);
}

static struct count value_count(int64_t value) {
    return (struct count){.form = COUNT_VALUE, .value = (uint32_t)value};
}

static struct count band_count(enum band band) {
    return (struct count){.form = COUNT_BAND, .band = (uint32_t)(band - BAND_0)};
}

/* ---- totals ---- */

/* A count that was itself published came from above 50, whatever it is. */
static enum band band_before(const struct count *count, bool value_is_above) {
    switch (count->form) {
    case COUNT_BAND:
        return (enum band)(BAND_0 + (int)count->band);
    case COUNT_VALUE:
        return value_is_above ? BAND_ABOVE : BAND_NONE;
    case COUNT_NONE:
    default:
        return BAND_NONE;
    }
}

static void add_total_line(struct decision *d, enum measure measure, const struct cell *cell,
                           struct count published) {
    struct preview_line *line = preview_add(&d->out->preview);
    line->name = (struct figure_name){.dimension = DIMENSION_TOTAL, .measure = measure};
    line->true_count = (int64_t)cell->count;
    line->published = published;
}

static void decide_totals(struct decision *d) {
    const struct category_cells *total = &d->weekly->total;
    struct signal *signal = &d->out->signal;
    const int64_t open = publish(d, &total->open);
    const int64_t waiting = publish(d, &total->waiting);
    const enum band open_before = d->last == NULL ? BAND_NONE : band_before(&d->last->open, true);
    const enum band waiting_before =
        d->last == NULL ? BAND_NONE : band_before(&d->last->waiting, false);
    const enum band open_band = band_of(open, open_before, BAND_HYSTERESIS);
    d->small = open_band != BAND_ABOVE;
    if (d->small) {
        enum band waiting_band = band_of(waiting, waiting_before, BAND_HYSTERESIS);
        waiting_band = waiting_band > open_band ? open_band : waiting_band;
        signal->open = band_count(open_band);
        signal->waiting = band_count(waiting_band);
    } else {
        signal->open = value_count(open);
        signal->waiting = value_count(waiting);
    }
    add_total_line(d, MEASURE_OPEN, &total->open, signal->open);
    add_total_line(d, MEASURE_WAITING, &total->waiting, signal->waiting);
}

/* ---- one dimension's counts ---- */

/* What to publish of a column: decided once for the whole dimension. */
struct columns {
    bool open;
    bool waiting;
};

static struct columns decide_columns(const struct decision *d, enum dimension dimension) {
    const struct category_list *list = &d->weekly->lists[dimension];
    size_t open = 0;
    size_t waiting = 0;
    for (size_t i = 0; i < list->count; i++) {
        open += publish(d, &list->items[i].open) > 0;
        waiting += publish(d, &list->items[i].waiting) > 0;
    }
    return (struct columns){
        .open = open >= DISCLOSURE_CATEGORIES_MIN,
        .waiting = waiting >= DISCLOSURE_CATEGORIES_MIN,
    };
}

/* Writes one count and its line. `named`: whether the category appears at all. */
static struct count decide_count(struct decision *d, const struct figure_name *name,
                                 const struct cell *cell, bool named, bool column) {
    struct preview_line *line = preview_add(&d->out->preview);
    line->name = *name;
    line->true_count = (int64_t)cell->count;
    if (d->small) {
        line->withheld = WITHHELD_SMALL_ORGANISATION;
    } else if (!named) {
        line->withheld = WITHHELD_NONE_TO_SHOW;
    } else if (!column) {
        line->withheld = WITHHELD_SINGLE_CATEGORY;
    } else {
        line->published = value_count(publish(d, cell));
    }
    return line->published;
}

static bool was_named(const struct count *open, const struct count *waiting) {
    return (open->form == COUNT_VALUE && open->value > 0) ||
           (waiting->form == COUNT_VALUE && waiting->value > 0);
}

/* Names the categories of the last signal that weren't 0, so that their 0 can be said. Where the
 * register is at the limit of categories, the old ones age at the hub instead. */
static void mention_last(struct decision *d) {
    const struct signal *last = d->last;
    for (size_t i = 0; last != NULL && i < last->service_count; i++) {
        const struct category_cells id = {.id.service = last->services[i].service};
        (void)!weekly_mention(d->weekly, DIMENSION_SERVICE, &id);
    }
    for (size_t i = 0; last != NULL && i < last->place_count; i++) {
        const struct category_cells id = {.id.nis = last->places[i].nis};
        (void)!weekly_mention(d->weekly, DIMENSION_PLACE, &id);
    }
    for (size_t i = 0; last != NULL && i < last->language_count; i++) {
        const struct category_cells id = {.id.language = last->languages[i].language};
        (void)!weekly_mention(d->weekly, DIMENSION_LANGUAGE, &id);
    }
}

static const struct service_figures *last_service(const struct decision *d,
                                                  const struct service_id *id) {
    for (size_t i = 0; d->last != NULL && i < d->last->service_count; i++) {
        if (service_id_equal(&d->last->services[i].service, id)) {
            return &d->last->services[i];
        }
    }
    return NULL;
}

static bool named_in_last(const struct decision *d, enum dimension dimension,
                          const struct category_cells *category) {
    const struct signal *last = d->last;
    if (last == NULL) {
        return false;
    }
    if (dimension == DIMENSION_SERVICE) {
        const struct service_figures *s = last_service(d, &category->id.service);
        return s != NULL && was_named(&s->open, &s->waiting);
    }
    for (size_t i = 0; dimension == DIMENSION_PLACE && i < last->place_count; i++) {
        const struct place_figures *p = &last->places[i];
        if (p->nis.code == category->id.nis.code) {
            return was_named(&p->open, &p->waiting);
        }
    }
    for (size_t i = 0; dimension == DIMENSION_LANGUAGE && i < last->language_count; i++) {
        const struct language_figures *l = &last->languages[i];
        if (strcmp(l->language.code, category->id.language.code) == 0) {
            return was_named(&l->open, &l->waiting);
        }
    }
    return false;
}

struct pair {
    struct count open;
    struct count waiting;
};

static struct pair decide_pair(struct decision *d, enum dimension dimension, struct columns columns,
                               const struct category_cells *category) {
    struct figure_name name = {.dimension = dimension, .measure = MEASURE_OPEN};
    category_id_text(dimension, category, name.id);
    const bool named = publish(d, &category->open) > 0 || publish(d, &category->waiting) > 0 ||
                       named_in_last(d, dimension, category);
    struct pair pair;
    pair.open = decide_count(d, &name, &category->open, named, columns.open);
    name.measure = MEASURE_WAITING;
    pair.waiting = decide_count(d, &name, &category->waiting, named, columns.waiting);
    return pair;
}

/* ---- a service's histograms ---- */

static struct wait_bins publish_bins(const struct decision *d, const struct wait_cells *cells) {
    struct wait_bins bins = {.edge_count = HISTOGRAM_OWN_EDGES};
    memcpy(bins.edges_weeks, HISTOGRAM_EDGES_WEEKS,
           HISTOGRAM_OWN_EDGES * sizeof(bins.edges_weeks[0]));
    for (size_t i = 0; i < WEEKLY_BINS; i++) {
        bins.counts[i] = (uint32_t)publish(d, &cells->bins[i]);
    }
    return bins;
}

static struct preview_line *add_bins_line(struct decision *d, const struct figure_name *name,
                                          const struct wait_cells *cells) {
    struct preview_line *line = preview_add(&d->out->preview);
    line->name = *name;
    line->has_bins = true;
    line->true_count = (int64_t)cells->all.count;
    for (size_t i = 0; i < WEEKLY_BINS; i++) {
        line->true_bins[i] = (uint32_t)cells->bins[i].count;
    }
    return line;
}

static struct wait_bins decide_bins(struct decision *d, const struct figure_name *name,
                                    const struct wait_cells *cells) {
    struct preview_line *line = add_bins_line(d, name, cells);
    if (d->small) {
        line->withheld = WITHHELD_SMALL_ORGANISATION;
    } else if (publish(d, &cells->all) < DISCLOSURE_FAMILIES_MIN) {
        line->withheld = WITHHELD_FEW_FAMILIES;
    } else {
        line->published_bins = publish_bins(d, cells);
    }
    return line->published_bins;
}

/* Starts and leavings between two cuts: exactly what left last time. */
static struct wait_bins repeat_bins(struct decision *d, const struct figure_name *name,
                                    const struct wait_cells *cells, const struct wait_bins *last) {
    struct preview_line *line = add_bins_line(d, name, cells);
    if (d->small) {
        line->withheld = WITHHELD_SMALL_ORGANISATION;
    } else if (last == NULL || last->edge_count == 0) {
        line->withheld = WITHHELD_NOT_DUE;
    } else {
        line->published_bins = *last;
    }
    return line->published_bins;
}

static const struct wait_bins *last_left(const struct service_figures *last,
                                         enum close_reason reason) {
    for (size_t i = 0; last != NULL && i < last->left_count; i++) {
        if (last->left[i].reason == reason) {
            return &last->left[i].waits;
        }
    }
    return NULL;
}

static void decide_left(struct decision *d, struct figure_name name,
                        const struct service_cells *cells, bool repeat,
                        struct service_figures *out) {
    const struct service_figures *last = last_service(d, &out->service);
    name.measure = MEASURE_LEFT;
    for (int reason = 1; reason < WEEKLY_REASONS; reason++) {
        name.reason = (enum close_reason)reason;
        const struct wait_cells *left = &cells->left[reason];
        const struct wait_bins bins =
            repeat ? repeat_bins(d, &name, left, last_left(last, name.reason))
                   : decide_bins(d, &name, left);
        if (bins.edge_count > 0) {
            out->left[out->left_count++] =
                (struct left_figures){.reason = name.reason, .waits = bins};
        }
    }
}

static void decide_histograms(struct decision *d, const struct service_cells *cells,
                              struct service_figures *out) {
    const struct weekly_dates *dates = &d->weekly->dates;
    const struct service_figures *last = last_service(d, &out->service);
    const bool repeat = d->last != NULL && d->last->open.form == COUNT_VALUE &&
                        weekly_same_cut(d->last->as_of_day, dates->freeze_day);
    struct figure_name name = {.dimension = DIMENSION_SERVICE};
    memcpy(name.id, out->service.text, sizeof(name.id));

    name.measure = MEASURE_STILL_WAITING;
    out->still_waiting = decide_bins(d, &name, &cells->still_waiting);
    name.measure = MEASURE_SINCE_CONTACT;
    out->since_contact = decide_bins(d, &name, &cells->since_contact);

    name.measure = MEASURE_STARTED_THIS_QUARTER;
    const struct wait_bins *last_this = last == NULL ? NULL : &last->started_this_quarter;
    out->started_this_quarter =
        repeat || dates->this_until == dates->this_from
            ? repeat_bins(d, &name, &cells->started_this, repeat ? last_this : NULL)
            : decide_bins(d, &name, &cells->started_this);
    name.measure = MEASURE_STARTED_LAST_QUARTER;
    const struct wait_bins *last_last = last == NULL ? NULL : &last->started_last_quarter;
    out->started_last_quarter = repeat ? repeat_bins(d, &name, &cells->started_last, last_last)
                                       : decide_bins(d, &name, &cells->started_last);
    decide_left(d, name, cells, repeat, out);
}

/* ---- the whole ---- */

static int decide_services(struct decision *d) {
    const struct category_list *list = &d->weekly->lists[DIMENSION_SERVICE];
    const struct columns columns = decide_columns(d, DIMENSION_SERVICE);
    struct signal *signal = &d->out->signal;
    signal->services = ARENA_ARRAY(d->arena, struct service_figures, list->count + 1);
    if (signal->services == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < list->count; i++) {
        struct service_figures *out = &signal->services[signal->service_count++];
        const struct pair pair = decide_pair(d, DIMENSION_SERVICE, columns, &list->items[i]);
        *out = (struct service_figures){
            .service = list->items[i].id.service,
            .open = pair.open,
            .waiting = pair.waiting,
            .left = ARENA_ARRAY(d->arena, struct left_figures, WEEKLY_REASONS),
        };
        if (out->left == NULL) {
            return ERR_NO_MEMORY;
        }
        decide_histograms(d, &d->weekly->services[i], out);
    }
    return 0;
}

static int decide_places(struct decision *d) {
    const struct category_list *list = &d->weekly->lists[DIMENSION_PLACE];
    const struct columns columns = decide_columns(d, DIMENSION_PLACE);
    struct signal *signal = &d->out->signal;
    signal->places = ARENA_ARRAY(d->arena, struct place_figures, list->count + 1);
    if (signal->places == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct pair pair = decide_pair(d, DIMENSION_PLACE, columns, &list->items[i]);
        signal->places[signal->place_count++] = (struct place_figures){
            .nis = list->items[i].id.nis, .open = pair.open, .waiting = pair.waiting};
    }
    return 0;
}

static int decide_languages(struct decision *d) {
    const struct category_list *list = &d->weekly->lists[DIMENSION_LANGUAGE];
    const struct columns columns = decide_columns(d, DIMENSION_LANGUAGE);
    struct signal *signal = &d->out->signal;
    signal->languages = ARENA_ARRAY(d->arena, struct language_figures, list->count + 1);
    if (signal->languages == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct pair pair = decide_pair(d, DIMENSION_LANGUAGE, columns, &list->items[i]);
        signal->languages[signal->language_count++] = (struct language_figures){
            .language = list->items[i].id.language, .open = pair.open, .waiting = pair.waiting};
    }
    return 0;
}

/* Lets the guard look, and tells the preview what it took out. */
static int decide_guard(struct decision *d) {
    struct leak_findings findings;
    int r = leak_guard(&d->out->signal, d->last, d->arena, &findings);
    if (r < 0) {
        return r;
    }
    for (size_t i = 0; i < findings.count; i++) {
        struct preview_line *line = preview_find(&d->out->preview, &findings.items[i].name);
        assert(line != NULL);
        line->withheld = findings.items[i].withheld;
        line->published = (struct count){.form = COUNT_NONE};
        line->published_bins = (struct wait_bins){.edge_count = 0};
    }
    return 0;
}

static int decide_all(struct decision *d) {
    int r = preview_init(&d->out->preview, d->arena, d->weekly);
    if (r < 0) {
        return r;
    }
    decide_totals(d);
    r = decide_services(d);
    if (r < 0) {
        return r;
    }
    r = decide_places(d);
    if (r < 0) {
        return r;
    }
    r = decide_languages(d);
    if (r < 0) {
        return r;
    }
    return decide_guard(d);
}

int disclosure_decide(struct weekly *weekly, const struct signal *last,
                      enum start_event start_event, struct arena *arena, struct disclosure *ret) {
    struct disclosure out = {
        .signal = {.as_of_day = weekly->dates.freeze_day,
                   .period_days = 7,
                   .origin = FIGURES_ORIGIN_REGISTER,
                   .start_event = start_event},
    };
    struct decision d = {
        .weekly = weekly,
        .last = last != NULL && last->origin == FIGURES_ORIGIN_REGISTER ? last : NULL,
        .arena = arena,
        .out = &out,
    };
    mention_last(&d);
    int r = decide_all(&d);
    if (r < 0) {
        return r;
    }
    *ret = out;
    return 0;
}

int32_t publish_offset_minutes(const struct org_id *org) {
    const struct digest digest = hash_of("publish-offset/v1", bytes_from_text(org->text));
    return (int32_t)(be64_read(digest.bytes) % PUBLISH_SPREAD_MINUTES);
}
