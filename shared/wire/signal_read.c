#include <string.h>

#include "shared/base/limits.h"
#include "shared/wire/codec.h"
#include "shared/wire/signal.h"

/* Reads a Signal straight from its bytes, without protobuf-c: a report of forty cells has some
 * sixty submessages, each an allocation and a walk over descriptors there, and that was a third of
 * all that a hub does for it. What protobuf-c would merge (a submessage given twice) is refused. */

enum { DAY_MIN = 0, DAY_MAX = 84000 /* until the year 2199 */, PERIOD_DAYS_MAX = 400 };

enum { SERVICE_LEFT = 7 };

enum {
    SIGNAL_OPEN = 6,
    SIGNAL_WAITING,
    SIGNAL_SERVICES,
    SIGNAL_PLACES,
    SIGNAL_LANGUAGES,
    SIGNAL_FIELDS /* one more than the highest */
};

/* Over the fields of one message; the budget is the whole packet's. */
struct walk {
    struct check *check;
    struct bytes rest;
    size_t *fields_left;
};

static struct walk walk_into(const struct walk *outer, struct bytes run) {
    return (struct walk){.check = outer->check, .rest = run, .fields_left = outer->fields_left};
}

/* False at the end, and from the first fault on. */
static bool walk_next(struct walk *walk, struct wire_field *ret) {
    if (walk->rest.length == 0 || walk->check->refusal != REFUSAL_NONE) {
        return false;
    }
    if (!wire_field_take(&walk->rest, ret)) {
        check_that(walk->check, false, REFUSAL_MALFORMED);
        return false;
    }
    if ((*walk->fields_left)-- == 0) {
        *walk->fields_left = 0;
        check_that(walk->check, false, REFUSAL_TOO_LARGE);
        return false;
    }
    return true;
}

static uint32_t number_in(struct check *check, const struct wire_field *field) {
    check_that(check, field->type == WIRE_VARINT, REFUSAL_MALFORMED);
    return field->type == WIRE_VARINT ? (uint32_t)field->value : 0;
}

/* sint32: zigzag. */
static int32_t signed_in(struct check *check, const struct wire_field *field) {
    uint32_t number = number_in(check, field);
    return (int32_t)(number >> 1 ^ (0 - (number & 1)));
}

static struct bytes run_in(struct check *check, const struct wire_field *field) {
    check_that(check, field->type == WIRE_RUN, REFUSAL_MALFORMED);
    return field->type == WIRE_RUN ? field->run : (struct bytes){0};
}

/* With its NUL; empty where it doesn't fit, which no id may be. */
static void text_in(struct check *check, const struct wire_field *field, char *ret, size_t size) {
    struct bytes run = run_in(check, field);
    bool fits = run.length > 0 && run.length < size && memchr(run.data, '\0', run.length) == NULL;
    memset(ret, 0, size);
    if (fits) {
        memcpy(ret, run.data, run.length);
    }
}

static void read_count(const struct walk *outer, const struct wire_field *field,
                       struct count *ret) {
    struct check *check = outer->check;
    struct walk walk = walk_into(outer, run_in(check, field));
    struct wire_field inner;
    uint32_t value = 0;
    uint32_t band = 0;
    while (walk_next(&walk, &inner)) {
        value = inner.number == 1 ? number_in(check, &inner) : value;
        band = inner.number == 2 ? number_in(check, &inner) : band;
    }
    check_that(check, ret->form == COUNT_NONE, REFUSAL_MALFORMED);
    check_that(check, band == 0 || (band <= COUNT_BANDS && value == 0), REFUSAL_MALFORMED);
    *ret = band == 0 ? (struct count){.form = COUNT_VALUE, .value = value}
                     : (struct count){.form = COUNT_BAND, .band = band - 1};
}

/* Packed or one by one, as protobuf allows: appends to `ret`, which has room for `max`. */
static void read_numbers(struct check *check, const struct wire_field *field, uint32_t *ret,
                         size_t max, size_t *count) {
    uint64_t value;
    if (field->type == WIRE_VARINT) {
        check_that(check, *count < max, REFUSAL_MALFORMED);
        if (*count < max) {
            ret[(*count)++] = (uint32_t)field->value;
        }
        return;
    }
    struct bytes rest = run_in(check, field);
    while (rest.length > 0) {
        if (*count == max || !wire_varint_take(&rest, &value)) {
            check_that(check, false, REFUSAL_MALFORMED);
            return;
        }
        ret[(*count)++] = (uint32_t)value;
    }
}

static void read_bins(const struct walk *outer, const struct wire_field *field,
                      struct wait_bins *ret) {
    struct check *check = outer->check;
    struct walk walk = walk_into(outer, run_in(check, field));
    struct wire_field inner;
    uint32_t edges_weeks[HISTOGRAM_EDGES_MAX];
    size_t edge_count = 0;
    size_t bin_count = 0;
    check_that(check, ret->edge_count == 0, REFUSAL_MALFORMED);
    while (walk_next(&walk, &inner)) {
        if (inner.number == 1) {
            read_numbers(check, &inner, edges_weeks, HISTOGRAM_EDGES_MAX, &edge_count);
        } else if (inner.number == 2) {
            read_numbers(check, &inner, ret->counts, HISTOGRAM_EDGES_MAX + 1, &bin_count);
        }
    }
    check_that(check, edge_count > 0 && bin_count == edge_count + 1, REFUSAL_MALFORMED);
    uint32_t before = 0;
    for (size_t i = 0; i < edge_count; i++) {
        bool ascends = edges_weeks[i] > before && edges_weeks[i] <= UINT16_MAX;
        check_that(check, ascends, REFUSAL_MALFORMED);
        before = edges_weeks[i];
        ret->edges_weeks[i] = (uint16_t)before;
    }
    ret->edge_count = (uint32_t)edge_count;
}

/* How often a field stands in the message. The walk that reads is the one that spends. */
static size_t count_of(struct walk walk, uint32_t number) {
    struct wire_field field;
    size_t unspent = *walk.fields_left;
    size_t count = 0;
    while (walk_next(&walk, &field)) {
        count += field.number == number ? 1 : 0;
    }
    *walk.fields_left = unspent;
    return count;
}

/* `outer` stands behind the field: the first of a service makes room for all of them. */
static void read_left(const struct walk *outer, const struct wire_field *field,
                      struct service_figures *service) {
    struct check *check = outer->check;
    if (service->left == NULL) {
        size_t count = 1 + count_of(*outer, SERVICE_LEFT);
        service->left = check_array(check, count, sizeof(*service->left), CLOSE_REASON_OTHER);
    }
    if (check->refusal != REFUSAL_NONE) {
        return;
    }
    struct walk walk = walk_into(outer, run_in(check, field));
    struct wire_field inner;
    struct left_figures left = {0};
    while (walk_next(&walk, &inner)) {
        if (inner.number == 1) {
            left.reason = (enum close_reason)number_in(check, &inner);
        } else if (inner.number == 2) {
            read_bins(&walk, &inner, &left.waits);
        }
    }
    size_t index = service->left_count;
    check_that(check, close_reason_text(left.reason) != NULL, REFUSAL_UNKNOWN_VALUE);
    check_that(check, index == 0 || left.reason > service->left[index - 1].reason,
               REFUSAL_MALFORMED);
    service->left[service->left_count++] = left;
}

static struct wait_bins *bins_of(struct service_figures *service, uint32_t number) {
    switch (number) {
    case 4:
        return &service->still_waiting;
    case 5:
        return &service->started_this_quarter;
    case 6:
        return &service->started_last_quarter;
    case 8:
        return &service->since_contact;
    default:
        return NULL;
    }
}

static void read_service(const struct walk *outer, const struct wire_field *field,
                         struct signal *signal) {
    struct check *check = outer->check;
    struct walk walk = walk_into(outer, run_in(check, field));
    struct service_figures *service = &signal->services[signal->service_count];
    char text[SERVICE_ID_MAX + 1] = "";
    struct wire_field inner;
    while (walk_next(&walk, &inner)) {
        struct wait_bins *bins = bins_of(service, inner.number);
        if (bins != NULL) {
            read_bins(&walk, &inner, bins);
        } else if (inner.number == 1) {
            text_in(check, &inner, text, sizeof(text));
        } else if (inner.number == 2 || inner.number == 3) {
            read_count(&walk, &inner, inner.number == 2 ? &service->open : &service->waiting);
        } else if (inner.number == SERVICE_LEFT) {
            read_left(&walk, &inner, service);
        }
    }
    check_that(check, service_id_parse(text, &service->service) == 0, REFUSAL_MALFORMED);
    size_t index = signal->service_count++;
    check_that(check, index == 0 || strcmp(service[-1].service.text, service->service.text) < 0,
               REFUSAL_MALFORMED);
}

static void read_place(const struct walk *outer, const struct wire_field *field,
                       struct signal *signal) {
    struct check *check = outer->check;
    struct walk walk = walk_into(outer, run_in(check, field));
    struct place_figures *place = &signal->places[signal->place_count];
    struct wire_field inner;
    while (walk_next(&walk, &inner)) {
        if (inner.number == 1) {
            place->nis.code = number_in(check, &inner);
        } else if (inner.number == 2 || inner.number == 3) {
            read_count(&walk, &inner, inner.number == 2 ? &place->open : &place->waiting);
        }
    }
    size_t index = signal->place_count++;
    check_that(check, place->nis.code >= 10000 && place->nis.code <= 99999, REFUSAL_MALFORMED);
    check_that(check, index == 0 || place[-1].nis.code < place->nis.code, REFUSAL_MALFORMED);
}

static void read_language(const struct walk *outer, const struct wire_field *field,
                          struct signal *signal) {
    struct check *check = outer->check;
    struct walk walk = walk_into(outer, run_in(check, field));
    struct language_figures *figures = &signal->languages[signal->language_count];
    char text[sizeof(figures->language.code)] = "";
    struct wire_field inner;
    while (walk_next(&walk, &inner)) {
        if (inner.number == 1) {
            text_in(check, &inner, text, sizeof(text));
        } else if (inner.number == 2 || inner.number == 3) {
            read_count(&walk, &inner, inner.number == 2 ? &figures->open : &figures->waiting);
        }
    }
    size_t index = signal->language_count++;
    check_that(check, language_parse(text, &figures->language) == 0, REFUSAL_MALFORMED);
    bool ascends = index == 0 || strcmp(figures[-1].language.code, figures->language.code) < 0;
    check_that(check, ascends, REFUSAL_MALFORMED);
}

/* Once over the message itself, not what is in it: its version, and room for its lists. */
static void make_room(struct walk walk, struct signal *signal) {
    struct check *check = walk.check;
    struct wire_field field;
    size_t counts[SIGNAL_FIELDS] = {0};
    size_t unspent = *walk.fields_left;
    uint32_t version = 0;
    while (walk_next(&walk, &field)) {
        version = field.number == 1 ? number_in(check, &field) : version;
        counts[field.number < SIGNAL_FIELDS ? field.number : 0]++;
    }
    *walk.fields_left = unspent;
    check_that(check, version == SIGNAL_VERSION, REFUSAL_UNKNOWN_VERSION);
    signal->services =
        check_array(check, counts[SIGNAL_SERVICES], sizeof(*signal->services), SIGNAL_SERVICES_MAX);
    signal->places = check_array(check, counts[SIGNAL_PLACES], sizeof(*signal->places),
                                 SIGNAL_MUNICIPALITIES_MAX);
    signal->languages = check_array(check, counts[SIGNAL_LANGUAGES], sizeof(*signal->languages),
                                    SIGNAL_LANGUAGES_MAX);
}

static void read_field(const struct walk *walk, const struct wire_field *field,
                       struct signal *signal) {
    switch (field->number) {
    case 2:
        signal->as_of_day = signed_in(walk->check, field);
        break;
    case 3:
        signal->period_days = number_in(walk->check, field);
        break;
    case 4:
        signal->origin = (enum figures_origin)number_in(walk->check, field);
        break;
    case 5:
        signal->start_event = (enum start_event)number_in(walk->check, field);
        break;
    case SIGNAL_OPEN:
        read_count(walk, field, &signal->open);
        break;
    case SIGNAL_WAITING:
        read_count(walk, field, &signal->waiting);
        break;
    case SIGNAL_SERVICES:
        read_service(walk, field, signal);
        break;
    case SIGNAL_PLACES:
        read_place(walk, field, signal);
        break;
    case SIGNAL_LANGUAGES:
        read_language(walk, field, signal);
        break;
    case 11: /* padding */
        (void)run_in(walk->check, field);
        break;
    default: /* the version, and what is of a later one */
        break;
    }
}

static void check_head(struct check *check, const struct signal *signal) {
    check_that(check, figures_origin_text(signal->origin) != NULL, REFUSAL_UNKNOWN_VALUE);
    check_that(check, start_event_text(signal->start_event) != NULL, REFUSAL_UNKNOWN_VALUE);
    check_that(check, signal->as_of_day > DAY_MIN && signal->as_of_day < DAY_MAX,
               REFUSAL_MALFORMED);
    check_that(check, signal->period_days > 0 && signal->period_days <= PERIOD_DAYS_MAX,
               REFUSAL_MALFORMED);
}

enum refusal signal_decode(struct bytes body, struct arena *arena, struct signal *ret) {
    struct check check = {.arena = arena};
    size_t fields_left = WIRE_FIELDS_MAX;
    struct walk walk = {.check = &check, .rest = body, .fields_left = &fields_left};
    struct signal signal = {0};
    struct wire_field field;
    if (body.length > PACKET_BYTES_MAX) {
        return REFUSAL_TOO_LARGE;
    }
    make_room(walk, &signal);
    while (walk_next(&walk, &field)) {
        read_field(&walk, &field, &signal);
    }
    check_head(&check, &signal);
    if (check.refusal == REFUSAL_NONE) {
        *ret = signal;
    }
    return check.refusal;
}
