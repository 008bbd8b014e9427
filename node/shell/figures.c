#include "node/shell/figures.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/civil.h"

struct figures_gather {
    struct figures_row *rows; /* owned */
    size_t count;
    size_t size;
    struct published_figures services[SIGNAL_SERVICES_MAX];
};

int figures_gather_new(struct figures_gather **ret) {
    struct figures_gather *gather = calloc(1, sizeof(*gather));
    if (gather == NULL) {
        return ERR_NO_MEMORY;
    }
    *ret = gather;
    return 0;
}

void figures_gather_free(struct figures_gather *gather) {
    if (gather == NULL) {
        return;
    }
    free(gather->rows);
    free(gather);
}

int figures_gather_add(struct figures_gather *gather, const struct figures_row *row) {
    if (gather->count == gather->size) {
        const size_t size = gather->size == 0 ? 64 : 2 * gather->size;
        struct figures_row *rows = realloc(gather->rows, size * sizeof(*rows));
        if (rows == NULL) {
            return ERR_NO_MEMORY;
        }
        gather->rows = rows;
        gather->size = size;
    }
    gather->rows[gather->count++] = *row;
    return 0;
}

static int compare_u64(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

static int32_t last_day(const struct figures_row *row) {
    return row->period_first_day + row->period_days - 1;
}

static int compare_group(const struct figures_row *a, const struct figures_row *b) {
    if (last_day(a) != last_day(b)) {
        return last_day(a) < last_day(b) ? -1 : 1;
    }
    if (a->period_days != b->period_days) {
        return a->period_days < b->period_days ? -1 : 1;
    }
    return memcmp(a->service.text, b->service.text, sizeof(a->service.text));
}

/* The whole organisation (nis 0) comes first in its group. */
static int compare_rows(const void *left, const void *right) {
    const struct figures_row *a = left;
    const struct figures_row *b = right;
    const int by_group = compare_group(a, b);
    return by_group != 0 ? by_group : compare_u64(a->nis.code, b->nis.code);
}

static void add_row(struct figures_row *into, const struct figures_row *row) {
    into->waiting_total += row->waiting_total;
    histogram_merge(&into->waits, &row->waits);
    if (into->open_cases == FIGURES_NOT_GIVEN || row->open_cases == FIGURES_NOT_GIVEN) {
        into->open_cases = FIGURES_NOT_GIVEN;
    } else {
        into->open_cases += row->open_cases;
    }
}

static bool fits(const struct figures_row *row) {
    for (size_t i = 0; i <= row->waits.edge_count; i++) {
        if (row->waits.counts[i] > HISTOGRAM_COUNT_MAX) {
            return false;
        }
    }
    return row->waiting_total <= HISTOGRAM_COUNT_MAX && row->open_cases <= HISTOGRAM_COUNT_MAX;
}

int figures_gather_sort(struct figures_gather *gather) {
    if (gather->count == 0) {
        return 0;
    }
    qsort(gather->rows, gather->count, sizeof(gather->rows[0]), compare_rows);
    size_t kept = 1;
    for (size_t i = 1; i < gather->count; i++) {
        struct figures_row *last = &gather->rows[kept - 1];
        const struct figures_row *row = &gather->rows[i];
        if (compare_group(last, row) != 0) {
            gather->rows[kept++] = *row;
        } else if (last->nis.code != 0) {
            add_row(last, row);
        }
        if (!fits(&gather->rows[kept - 1])) {
            return ERR_TOO_LARGE;
        }
    }
    gather->count = kept;
    return 0;
}

static void to_service(const struct figures_row *row, struct published_figures *ret) {
    *ret = (struct published_figures){
        .service = row->service,
        .waiting_total = row->waiting_total,
        .has_open = row->open_cases != FIGURES_NOT_GIVEN,
        .open = row->open_cases == FIGURES_NOT_GIVEN ? 0 : row->open_cases,
        .still_waiting.edge_count = row->waits.edge_count,
    };
    for (size_t i = 0; i < row->waits.edge_count; i++) {
        ret->still_waiting.edges_weeks[i] = row->waits.edges_weeks[i];
    }
    for (size_t i = 0; i <= row->waits.edge_count; i++) {
        ret->still_waiting.counts[i] = (uint32_t)row->waits.counts[i];
    }
}

bool figures_gather_next(struct figures_gather *gather, size_t *at,
                         struct import_figures_arguments *ret) {
    if (*at >= gather->count) {
        return false;
    }
    const struct figures_row *first = &gather->rows[*at];
    ret->as_of_day = last_day(first);
    ret->period_days = (uint32_t)first->period_days;
    ret->services = gather->services;
    ret->count = 0;
    while (*at < gather->count && ret->count < SIGNAL_SERVICES_MAX) {
        const struct figures_row *row = &gather->rows[*at];
        if (last_day(row) != last_day(first) || row->period_days != first->period_days) {
            break;
        }
        to_service(row, &gather->services[ret->count]);
        ret->count++;
        (*at)++;
    }
    return true;
}

static void write_service(struct json_writer *writer, const struct published_figures *one) {
    json_open_object(writer);
    json_field_text(writer, "service", one->service.text);
    json_field_int(writer, "waiting_total", one->waiting_total);
    if (one->has_open) {
        json_field_int(writer, "open", one->open);
    }
    json_put_key(writer, "edges_weeks");
    json_open_array(writer);
    for (size_t i = 0; i < one->still_waiting.edge_count; i++) {
        json_put_int(writer, one->still_waiting.edges_weeks[i]);
    }
    json_close_array(writer);
    json_put_key(writer, "counts");
    json_open_array(writer);
    for (size_t i = 0; i <= one->still_waiting.edge_count; i++) {
        json_put_int(writer, one->still_waiting.counts[i]);
    }
    json_close_array(writer);
    json_close_object(writer);
}

void figures_write(struct json_writer *writer, const struct import_figures_arguments *arguments) {
    char day[DATE_TEXT_SIZE];
    date_format(arguments->as_of_day, day);
    json_open_object(writer);
    json_field_text(writer, "as_of", day);
    json_field_int(writer, "period_days", arguments->period_days);
    json_field_text(writer, "start_event", start_event_text(arguments->start_event));
    json_put_key(writer, "services");
    json_open_array(writer);
    for (size_t i = 0; i < arguments->count; i++) {
        write_service(writer, &arguments->services[i]);
    }
    json_close_array(writer);
    json_close_object(writer);
}

static int64_t within(struct json_reader *reader, const struct json_value *from, const char *path,
                      int64_t most) {
    const int64_t value = json_need_int(reader, from, path);
    if (value < 0 || value > most) {
        json_fail(reader, path);
        return 0;
    }
    return value;
}

static void read_bins(struct json_reader *reader, const struct json_value *from,
                      struct wait_bins *ret) {
    const struct json_value *edges = json_need_array(reader, from, "edges_weeks");
    const struct json_value *counts = json_need_array(reader, from, "counts");
    const size_t count = json_count(edges);
    if (count > HISTOGRAM_EDGES_MAX || json_count(counts) != (count == 0 ? 0 : count + 1)) {
        json_fail(reader, "edges_weeks and counts don't fit each other");
        return;
    }
    ret->edge_count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        ret->edges_weeks[i] =
            (uint16_t)within(reader, json_at(edges, i), "", HISTOGRAM_EDGE_WEEKS_MAX);
    }
    for (size_t i = 0; count > 0 && i <= count; i++) {
        ret->counts[i] = (uint32_t)within(reader, json_at(counts, i), "", HISTOGRAM_COUNT_MAX);
    }
}

static void read_service(struct json_reader *reader, const struct json_value *from,
                         struct published_figures *ret) {
    *ret = (struct published_figures){0};
    if (service_id_parse(json_need_text(reader, from, "service"), &ret->service) < 0) {
        json_fail(reader, "service isn't an id");
    }
    ret->waiting_total = within(reader, from, "waiting_total", HISTOGRAM_COUNT_MAX);
    ret->has_open = json_find(from, "open") != NULL;
    ret->open = ret->has_open ? within(reader, from, "open", HISTOGRAM_COUNT_MAX) : 0;
    read_bins(reader, from, &ret->still_waiting);
}

void figures_read(struct json_reader *reader, const struct json_value *from,
                  struct published_figures *services, struct import_figures_arguments *ret) {
    *ret = (struct import_figures_arguments){.services = services};
    if (date_parse(json_need_text(reader, from, "as_of"), &ret->as_of_day) < 0) {
        json_fail(reader, "as_of isn't a date (yyyy-mm-dd)");
    }
    ret->period_days = (uint32_t)within(reader, from, "period_days", FIGURES_PERIOD_DAYS_MAX);
    ret->start_event = start_event_parse(json_need_text(reader, from, "start_event"));
    const struct json_value *list = json_need_array(reader, from, "services");
    if (json_count(list) > SIGNAL_SERVICES_MAX || ret->start_event == START_EVENT_NONE) {
        json_fail(reader, "start_event isn't asked or referred, or too many services");
        return;
    }
    for (size_t i = 0; i < json_count(list); i++) {
        read_service(reader, json_at(list, i), &services[i]);
    }
    ret->count = json_count(list);
}
