#include "hub/core/load.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/civil.h"
#include "shared/figures/histogram.h"

enum {
    SCRATCH_BYTES = 16 << 20,
    TREND_WEEKS = 13,
    NOISE_PER_WEEK = 1, /* a slope below what noise of +-5 over a quarter can feign */
    MEDIAN_PERCENT = 50,
    P80_PERCENT = 80,
    BAND_OFFSET = 1, /* struct count counts bands from 0, enum band from BAND_0 = 1 */
};

/* What one page is made of. */
struct paging {
    struct store_txn *view;
    const struct load_query *query;
    struct arena *scratch; /* one organisation's signals: reset before the next */
    struct load_page page;
    int32_t today;  /* what age is counted from: the day asked for, where it's in the past */
    bool keeps_old; /* a series shows what was, however old */
};

enum freshness load_freshness(int32_t age_days, uint32_t period_days) {
    int64_t period = period_days;
    if (age_days <= period) {
        return FRESHNESS_FRESH;
    }
    return age_days <= 2 * period ? FRESHNESS_AGEING : FRESHNESS_UNKNOWN;
}

static struct load_count count_of(const struct count *count) {
    struct load_count read = {0};
    switch (count->form) {
    case COUNT_VALUE:
        read.known = true;
        read.interval = (struct interval){.low = count->value, .high = count->value};
        break;
    case COUNT_BAND:
        read.known = true;
        read.is_band = true;
        read.band = count->band;
        read.interval = interval_of_band((enum band)(count->band + BAND_OFFSET), BAND_HYSTERESIS,
                                         PERTURBATION_MAX);
        break;
    case COUNT_NONE:
    default:
        break;
    }
    return read;
}

struct load_elapsed load_elapsed_of(const struct wait_bins *bins) {
    struct load_elapsed elapsed = {0};
    struct histogram histogram = {.edge_count = (uint8_t)bins->edge_count};
    if (bins->edge_count == 0) {
        return elapsed;
    }
    memcpy(histogram.edges_weeks, bins->edges_weeks,
           bins->edge_count * sizeof(histogram.edges_weeks[0]));
    for (size_t i = 0; i <= bins->edge_count; i++) {
        histogram.counts[i] = bins->counts[i];
    }
    struct quantile median = histogram_quantile(&histogram, MEDIAN_PERCENT);
    struct quantile p80 = histogram_quantile(&histogram, P80_PERCENT);
    elapsed = (struct load_elapsed){
        .known = median.state != QUANTILE_UNKNOWN,
        .families = (uint64_t)histogram_total(&histogram),
        .median_weeks = median.weeks,
        .median_beyond = median.state == QUANTILE_BEYOND,
        .p80_weeks = p80.weeks,
        .p80_beyond = p80.state == QUANTILE_BEYOND,
    };
    return elapsed;
}

/* -- the parts of one signal -- */

/* A signal cut as the query says; the whole is one part without a name. */
static size_t part_count(const struct signal *signal, enum load_view by) {
    switch (by) {
    case LOAD_BY_SERVICE:
        return signal->service_count;
    case LOAD_BY_MUNICIPALITY:
        return signal->place_count;
    case LOAD_BY_LANGUAGE:
        return signal->language_count;
    case LOAD_BY_ORGANISATION:
    default:
        return 1;
    }
}

struct part {
    struct count open;
    struct count waiting;
    const struct service_figures *service; /* NULL: not by service */
};

static struct part part_at(const struct signal *signal, enum load_view by, size_t index,
                           struct load_row *row) {
    switch (by) {
    case LOAD_BY_SERVICE:
        row->service = signal->services[index].service;
        return (struct part){.open = signal->services[index].open,
                             .waiting = signal->services[index].waiting,
                             .service = &signal->services[index]};
    case LOAD_BY_MUNICIPALITY:
        row->nis = signal->places[index].nis;
        return (struct part){.open = signal->places[index].open,
                             .waiting = signal->places[index].waiting};
    case LOAD_BY_LANGUAGE:
        row->language = signal->languages[index].language;
        return (struct part){.open = signal->languages[index].open,
                             .waiting = signal->languages[index].waiting};
    case LOAD_BY_ORGANISATION:
    default:
        return (struct part){.open = signal->open, .waiting = signal->waiting};
    }
}

/* The text by which parts of one organisation are ordered, and by which a page goes on. */
static void part_name(const struct load_row *row, char ret_text[static 32]) {
    memset(ret_text, 0, 32);
    if (row->service.text[0] != '\0') {
        memcpy(ret_text, row->service.text, sizeof(row->service.text));
    } else if (row->language.code[0] != '\0') {
        memcpy(ret_text, row->language.code, sizeof(row->language.code));
    } else if (row->nis.code != 0) {
        uint32_t rest = row->nis.code;
        for (int i = 4; i >= 0; i--) {
            ret_text[i] = (char)('0' + rest % 10);
            rest /= 10;
        }
    }
}

static bool part_wanted(const struct load_query *query, const struct load_row *row) {
    bool service = query->service.text[0] == '\0' || row->service.text[0] == '\0' ||
                   service_id_equal(&query->service, &row->service);
    bool place = query->nis.code == 0 || row->nis.code == 0 || query->nis.code == row->nis.code;
    bool language = query->language.code[0] == '\0' || row->language.code[0] == '\0' ||
                    strcmp(query->language.code, row->language.code) == 0;
    return service && place && language;
}

static bool same_part(const struct load_row *a, const struct load_row *b) {
    char left[32];
    char right[32];
    part_name(a, left);
    part_name(b, right);
    return memcmp(left, right, sizeof(left)) == 0;
}

static void fill_figures(struct load_row *row, const struct part *part) {
    row->open = count_of(&part->open);
    row->queue = count_of(&part->waiting);
    if (part->service != NULL) {
        row->still_waiting = part->service->still_waiting;
        row->since_contact = part->service->since_contact;
        row->elapsed = load_elapsed_of(&row->still_waiting);
    }
}

static void fill_origin(struct load_row *row, const struct signal_record *record, int32_t today) {
    const struct signal *signal = &record->signal;
    row->org = record->org;
    row->origin = signal->origin;
    row->start_event = signal->start_event;
    row->as_of_day = signal->as_of_day;
    row->period_days = signal->period_days;
    row->age_days = today - signal->as_of_day;
    row->freshness = load_freshness(row->age_days, signal->period_days);
}

/* -- trend and status -- */

/* The last quarter of one organisation's signals, read once for all its rows. */
struct history {
    struct signal signals[TREND_WEEKS];
    size_t count; /* newest first */
};

static int read_history(const struct paging *paging, const struct signal_record *latest,
                        struct history *ret) {
    ret->signals[0] = latest->signal;
    ret->count = 1;
    if (paging->query->without_trend) {
        return 0;
    }
    int32_t until_day = latest->signal.as_of_day - 1;
    int32_t oldest = latest->signal.as_of_day - TREND_WEEKS * 7;
    while (ret->count < TREND_WEEKS) {
        struct signal_record record;
        int r = signals_latest(paging->view, &latest->org, until_day, paging->scratch, &record);
        if (r == ERR_NOT_FOUND || (r == 0 && record.signal.as_of_day < oldest)) {
            return 0;
        }
        if (r < 0) {
            return r;
        }
        until_day = record.signal.as_of_day - 1;
        if (record.signal.origin == latest->signal.origin) {
            ret->signals[ret->count++] = record.signal;
        }
    }
    return 0;
}

/* The queue of the same part in each of those signals; a band has no point. */
static struct trend trend_over(const struct history *history, const struct load_row *row,
                               enum load_view by) {
    struct trend_point points[TREND_WEEKS];
    size_t count = 0;
    for (size_t i = history->count; i-- > 0;) {
        const struct signal *signal = &history->signals[i];
        for (size_t k = 0; k < part_count(signal, by); k++) {
            struct load_row other = {0};
            struct part part = part_at(signal, by, k, &other);
            int32_t week = signal->as_of_day / 7;
            bool newer = count == 0 || points[count - 1].week < week;
            if (same_part(&other, row) && part.waiting.form == COUNT_VALUE && newer) {
                points[count++] =
                    (struct trend_point){.week = week, .value = (double)part.waiting.value};
            }
        }
    }
    double level =
        history->signals[0].origin == FIGURES_ORIGIN_REGISTER ? (double)NOISE_PER_WEEK : 0.0;
    return trend_of(points, count, level);
}

/* Full-time equivalents of the row's service, or of all services for an organisation's totals: 0,
 * unknown, as long as one of its services hasn't said its hours. */
static int64_t fte_hundredths(const struct status *status, const struct load_row *row) {
    int64_t sum = 0;
    bool complete = true;
    for (size_t i = 0; i < status->service_count; i++) {
        bool counts = row->service.text[0] == '\0' ||
                      service_id_equal(&status->services[i].service, &row->service);
        complete = complete && (!counts || status->services[i].fte_hundredths > 0);
        sum += counts ? status->services[i].fte_hundredths : 0;
    }
    return complete ? sum : 0;
}

static const struct service_state *state_of(const struct status *status,
                                            const struct service_id *service) {
    for (size_t i = 0; i < status->service_count; i++) {
        if (service_id_equal(&status->services[i].service, service)) {
            return &status->services[i];
        }
    }
    return NULL;
}

/* Whether every service that has figures has a status too: else its hours are missing in a sum. */
static bool covers(const struct status *status, const struct signal *signal) {
    for (size_t i = 0; i < signal->service_count; i++) {
        if (state_of(status, &signal->services[i].service) == NULL) {
            return false;
        }
    }
    return true;
}

static void fill_status(struct load_row *row, const struct status *status,
                        const struct signal *signal) {
    const struct service_state *state = state_of(status, &row->service);
    if (state != NULL) {
        row->has_status = true;
        row->status = *state;
        row->status_set_ms = status->set_at_ms;
    }
    bool whole = row->nis.code == 0 && row->language.code[0] == '\0';
    bool sum = row->service.text[0] == '\0';
    if (whole && row->open.known && (!sum || covers(status, signal))) {
        row->per_fte = interval_per_fte(row->open.interval, fte_hundredths(status, row));
    }
}

/* An old figure fades to "unknown": what it said isn't shown any more. */
static void fade(struct load_row *row) {
    if (row->freshness == FRESHNESS_UNKNOWN) {
        row->open = (struct load_count){0};
        row->queue = (struct load_count){0};
        row->elapsed = (struct load_elapsed){0};
        row->still_waiting = (struct wait_bins){0};
        row->since_contact = (struct wait_bins){0};
        row->per_fte = (struct load){0};
        row->trend = (struct trend){0};
    }
}

/* -- pages -- */

/* All that stands of one organisation. */
struct standing {
    struct org_id org;
    bool has_signal;
    struct signal_record record;
    bool has_status;
    struct status_record status;
    struct history history;
};

static int read_standing(const struct paging *paging, const struct org_id *org, int32_t until_day,
                         struct standing *ret) {
    ret->org = *org;
    int r = signals_latest(paging->view, org, until_day, paging->scratch, &ret->record);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    ret->has_signal = r == 0;
    r = signals_status(paging->view, org, paging->scratch, &ret->status);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    /* What staff say now says nothing of a week that is asked for as it stood then. */
    ret->has_status =
        r == 0 && brussels_day(ret->status.status.set_at_ms) <= paging->query->until_day;
    return ret->has_signal ? read_history(paging, &ret->record, &ret->history) : 0;
}

static struct load_row row_of_part(const struct paging *paging, const struct standing *standing,
                                   size_t index) {
    enum load_view by = paging->query->by;
    struct load_row row = {.has_figures = true};
    struct part part = part_at(&standing->record.signal, by, index, &row);
    fill_origin(&row, &standing->record, paging->today);
    fill_figures(&row, &part);
    row.trend = trend_over(&standing->history, &row, by);
    if (standing->has_status) {
        fill_status(&row, &standing->status.status, &standing->record.signal);
    }
    if (!paging->keeps_old) {
        fade(&row);
    }
    return row;
}

/* What staff said of a service that has no figures: small organisations lead with it. */
static struct load_row row_of_state(const struct standing *standing, size_t index) {
    const struct status *status = &standing->status.status;
    return (struct load_row){
        .org = standing->org,
        .service = status->services[index].service,
        .freshness = FRESHNESS_UNKNOWN,
        .has_status = true,
        .status = status->services[index],
        .status_set_ms = status->set_at_ms,
    };
}

static bool has_figures(const struct standing *standing, const struct service_id *service) {
    const struct signal *signal = &standing->record.signal;
    for (size_t i = 0; standing->has_signal && i < signal->service_count; i++) {
        if (service_id_equal(&signal->services[i].service, service)) {
            return true;
        }
    }
    return false;
}

static int by_part(const void *a, const void *b) {
    char left[32];
    char right[32];
    part_name(a, left);
    part_name(b, right);
    return strcmp(left, right);
}

/* Every row of the organisation, in order of part. */
static int gather(const struct paging *paging, const struct standing *standing,
                  struct load_row **ret_rows, size_t *ret_count) {
    enum load_view by = paging->query->by;
    size_t parts = standing->has_signal ? part_count(&standing->record.signal, by) : 0;
    size_t states =
        standing->has_status && by == LOAD_BY_SERVICE ? standing->status.status.service_count : 0;
    struct load_row *rows = ARENA_ARRAY(paging->scratch, struct load_row, parts + states + 1);
    size_t count = 0;
    if (rows == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < parts; i++) {
        rows[count++] = row_of_part(paging, standing, i);
    }
    for (size_t i = 0; i < states; i++) {
        if (!has_figures(standing, &standing->status.status.services[i].service)) {
            rows[count++] = row_of_state(standing, i);
        }
    }
    if (parts == 0 && standing->has_status && by == LOAD_BY_ORGANISATION) {
        rows[count++] = (struct load_row){.org = standing->org, .freshness = FRESHNESS_UNKNOWN};
    }
    qsort(rows, count, sizeof(rows[0]), by_part);
    *ret_rows = rows;
    *ret_count = count;
    return 0;
}

/* Rows behind `after`, until the page is full. Gives whether all of them fitted. */
static int add_rows(struct paging *paging, const struct standing *standing, const char *after,
                    bool *ret_all) {
    struct load_row *rows;
    size_t count;
    *ret_all = true;
    int r = gather(paging, standing, &rows, &count);
    for (size_t i = 0; r == 0 && i < count; i++) {
        char name[32];
        part_name(&rows[i], name);
        if ((after != NULL && strcmp(name, after) <= 0) || !part_wanted(paging->query, &rows[i])) {
            continue;
        }
        if (paging->page.count == paging->query->limit) {
            *ret_all = false;
            return 0;
        }
        paging->page.rows[paging->page.count++] = rows[i];
    }
    return r;
}

static int begin(struct store_txn *view, const struct load_query *query, struct arena *arena,
                 struct paging *ret) {
    int32_t now_day = brussels_day(query->now_ms);
    *ret = (struct paging){.view = view,
                           .query = query,
                           .today = query->until_day < now_day ? query->until_day : now_day};
    ret->page.rows = ARENA_ARRAY(arena, struct load_row, query->limit);
    return ret->page.rows == NULL ? ERR_NO_MEMORY : arena_new(SCRATCH_BYTES, &ret->scratch);
}

/* What stands of one organisation, and its rows of this page. */
static int add_org(struct paging *paging, const struct org_id *org, bool *ret_all) {
    const struct load_query *query = paging->query;
    bool resumed = org_id_equal(org, &query->after_org);
    arena_reset(paging->scratch);
    struct standing *standing = ARENA_NEW(paging->scratch, struct standing);
    if (standing == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = read_standing(paging, org, query->until_day, standing);
    return r < 0 ? r : add_rows(paging, standing, resumed ? query->after_part : NULL, ret_all);
}

static int fill_page(struct paging *paging, bool *ret_all) {
    const struct load_query *query = paging->query;
    struct org_id org = query->after_org;
    int r = 0;
    *ret_all = true;
    if (query->org.text[0] != '\0') {
        return add_org(paging, &query->org, ret_all);
    }
    if (org.text[0] != '\0') {
        r = add_org(paging, &org, ret_all); /* what was left of it */
    }
    while (r == 0 && *ret_all && (r = signals_next_org(paging->view, &org, &org)) == 0) {
        r = add_org(paging, &org, ret_all);
    }
    return r;
}

static int fill_series(struct paging *paging, int32_t from_day, bool *ret_all) {
    const struct load_query *query = paging->query;
    int32_t until_day = query->until_day;
    int r = 0;
    *ret_all = true;
    while (r == 0 && *ret_all) {
        arena_reset(paging->scratch);
        struct standing *standing = ARENA_NEW(paging->scratch, struct standing);
        if (standing == NULL) {
            return ERR_NO_MEMORY;
        }
        r = read_standing(paging, &query->org, until_day, standing);
        if (r < 0 || !standing->has_signal || standing->record.signal.as_of_day < from_day) {
            return r;
        }
        until_day = standing->record.signal.as_of_day - 1;
        standing->has_status = false; /* it is of today, not of that day */
        r = add_rows(paging, standing, NULL, ret_all);
    }
    return r;
}

static int end(struct paging *paging, int r, bool all, struct load_page *ret) {
    arena_free(paging->scratch);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    paging->page.more = !all;
    *ret = paging->page;
    return 0;
}

int load_page(struct store_txn *view, const struct load_query *query, struct arena *arena,
              struct load_page *ret) {
    struct paging paging;
    bool all;
    int r = begin(view, query, arena, &paging);
    if (r < 0) {
        return r;
    }
    r = fill_page(&paging, &all);
    return end(&paging, r, all, ret);
}

int load_series(struct store_txn *view, const struct load_query *query, int32_t from_day,
                struct arena *arena, struct load_page *ret) {
    struct paging paging;
    bool all;
    int r = begin(view, query, arena, &paging);
    if (r < 0) {
        return r;
    }
    paging.today = brussels_day(query->now_ms);
    paging.keeps_old = true;
    r = fill_series(&paging, from_day, &all);
    return end(&paging, r, all, ret);
}

void load_continue(struct load_query *query, const struct load_row *last) {
    query->after_org = last->org;
    part_name(last, query->after_part);
}
