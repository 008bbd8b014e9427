#include "shared/wire/signal.h"

#include <string.h>

#include "shared/base/err.h"
#include "shared/base/limits.h"
#include "shared/wire/codec.h"
#include "shared/wire/shapes.h"

enum { PADDING_FIELD = 11, ORIGIN_FIELD = 4 };

enum refusal status_decode(struct bytes body, struct arena *arena, struct status *ret) {
    ProtobufCMessage *message = NULL;
    enum refusal refusal =
        codec_unpack(body, &shape_status, &vangnet__status__descriptor, arena, &message);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    const Vangnet__Status *from = (const Vangnet__Status *)message;
    if (from->version != STATUS_VERSION) {
        return REFUSAL_UNKNOWN_VERSION;
    }
    struct check check = {.arena = arena};
    struct status status = {.set_at_ms = from->set_at_ms, .service_count = from->n_services};
    status.services =
        check_array(&check, from->n_services, sizeof(*status.services), SIGNAL_SERVICES_MAX);
    for (size_t i = 0; i < from->n_services && status.services != NULL; i++) {
        const Vangnet__ServiceStatus *given = from->services[i];
        struct service_state *state = &status.services[i];
        *state = (struct service_state){
            .status = (enum service_status)given->status,
            .first_free_day = given->first_free_day,
            .third_free_day = given->third_free_day,
            .intakes_per_week_tenths = given->intakes_per_week_tenths,
            .fte_hundredths = given->fte_hundredths,
            .reopens_day = given->reopens_day,
        };
        check_that(&check, service_id_parse(given->service, &state->service) == 0,
                   REFUSAL_MALFORMED);
        check_that(&check, service_status_text(state->status) != NULL, REFUSAL_UNKNOWN_VALUE);
        bool ascending =
            i == 0 || strcmp(status.services[i - 1].service.text, state->service.text) < 0;
        check_that(&check, ascending, REFUSAL_MALFORMED);
    }
    if (check.refusal == REFUSAL_NONE) {
        *ret = status;
    }
    return check.refusal;
}

/* Messages are built in the arena; a failed allocation shows as `full`, tested at the end. */
struct build {
    struct arena *arena;
    bool full;
};

static void *build_array(struct build *build, size_t count, size_t size) {
    void *array = arena_alloc(build->arena, count, size);
    build->full = build->full || array == NULL;
    return array;
}

static Vangnet__Count *count_message(struct build *build, const struct count *count) {
    if (count->form == COUNT_NONE) {
        return NULL;
    }
    Vangnet__Count *message = build_array(build, 1, sizeof(*message));
    if (message == NULL) {
        return NULL;
    }
    vangnet__count__init(message);
    message->value = count->form == COUNT_VALUE ? count->value : 0;
    message->band = count->form == COUNT_BAND ? count->band + 1 : 0;
    return message;
}

static Vangnet__Histogram *bins_message(struct build *build, const struct wait_bins *bins) {
    if (bins->edge_count == 0) {
        return NULL;
    }
    Vangnet__Histogram *message = build_array(build, 1, sizeof(*message));
    uint32_t *edges = build_array(build, bins->edge_count, sizeof(*edges));
    uint32_t *counts = build_array(build, bins->edge_count + 1, sizeof(*counts));
    if (build->full) {
        return NULL;
    }
    vangnet__histogram__init(message);
    for (size_t i = 0; i < bins->edge_count; i++) {
        edges[i] = bins->edges_weeks[i];
    }
    memcpy(counts, bins->counts, (bins->edge_count + 1) * sizeof(*counts));
    message->n_edges_weeks = bins->edge_count;
    message->edges_weeks = edges;
    message->n_counts = bins->edge_count + 1;
    message->counts = counts;
    return message;
}

static void left_messages(struct build *build, const struct service_figures *service,
                          Vangnet__ServiceFigures *message) {
    Vangnet__LeftFigures **list = build_array(build, service->left_count, sizeof(*list));
    Vangnet__LeftFigures *all = build_array(build, service->left_count, sizeof(*all));
    if (build->full) {
        return;
    }
    for (size_t i = 0; i < service->left_count; i++) {
        vangnet__left_figures__init(&all[i]);
        all[i].reason = service->left[i].reason;
        all[i].waits = bins_message(build, &service->left[i].waits);
        list[i] = &all[i];
    }
    message->n_left = service->left_count;
    message->left = list;
}

static void service_messages(struct build *build, const struct signal *signal,
                             Vangnet__Signal *message) {
    Vangnet__ServiceFigures **list = build_array(build, signal->service_count, sizeof(*list));
    Vangnet__ServiceFigures *all = build_array(build, signal->service_count, sizeof(*all));
    for (size_t i = 0; i < signal->service_count && !build->full; i++) {
        const struct service_figures *service = &signal->services[i];
        vangnet__service_figures__init(&all[i]);
        all[i].service = codec_text(service->service.text);
        all[i].open = count_message(build, &service->open);
        all[i].waiting = count_message(build, &service->waiting);
        all[i].still_waiting = bins_message(build, &service->still_waiting);
        all[i].started_this_quarter = bins_message(build, &service->started_this_quarter);
        all[i].started_last_quarter = bins_message(build, &service->started_last_quarter);
        all[i].since_contact = bins_message(build, &service->since_contact);
        left_messages(build, service, &all[i]);
        list[i] = &all[i];
    }
    message->n_services = signal->service_count;
    message->services = list;
}

static void place_messages(struct build *build, const struct signal *signal,
                           Vangnet__Signal *message) {
    Vangnet__PlaceFigures **list = build_array(build, signal->place_count, sizeof(*list));
    Vangnet__PlaceFigures *all = build_array(build, signal->place_count, sizeof(*all));
    for (size_t i = 0; i < signal->place_count && !build->full; i++) {
        vangnet__place_figures__init(&all[i]);
        all[i].nis = signal->places[i].nis.code;
        all[i].open = count_message(build, &signal->places[i].open);
        all[i].waiting = count_message(build, &signal->places[i].waiting);
        list[i] = &all[i];
    }
    message->n_places = signal->place_count;
    message->places = list;
}

static void language_messages(struct build *build, const struct signal *signal,
                              Vangnet__Signal *message) {
    Vangnet__LanguageFigures **list = build_array(build, signal->language_count, sizeof(*list));
    Vangnet__LanguageFigures *all = build_array(build, signal->language_count, sizeof(*all));
    for (size_t i = 0; i < signal->language_count && !build->full; i++) {
        vangnet__language_figures__init(&all[i]);
        all[i].language = codec_text(signal->languages[i].language.code);
        all[i].open = count_message(build, &signal->languages[i].open);
        all[i].waiting = count_message(build, &signal->languages[i].waiting);
        list[i] = &all[i];
    }
    message->n_languages = signal->language_count;
    message->languages = list;
}

/* A register's figures never take the smallest: it would tell who is below 50 cases. */
static const size_t size_classes[] = {1 << 10, 4 << 10, 16 << 10, 64 << 10};
enum { SIZE_CLASSES = sizeof(size_classes) / sizeof(size_classes[0]) };

int signal_encode(const struct signal *signal, struct arena *arena, struct bytes *ret) {
    struct build build = {.arena = arena};
    Vangnet__Signal message = VANGNET__SIGNAL__INIT;
    message.version = SIGNAL_VERSION;
    message.as_of_day = signal->as_of_day;
    message.period_days = signal->period_days;
    message.origin = signal->origin;
    message.start_event = signal->start_event;
    message.open = count_message(&build, &signal->open);
    message.waiting = count_message(&build, &signal->waiting);
    service_messages(&build, signal, &message);
    place_messages(&build, signal, &message);
    language_messages(&build, signal, &message);
    if (build.full) {
        return ERR_NO_MEMORY;
    }
    size_t smallest = signal->origin == FIGURES_ORIGIN_REGISTER ? 1 : 0;
    const struct codec_padding padding = {
        .field = PADDING_FIELD,
        .sizes = size_classes + smallest,
        .count = SIZE_CLASSES - smallest,
    };
    return codec_pack_padded(&message.base, &padding, arena, ret);
}

int status_encode(const struct status *status, struct arena *arena, struct bytes *ret) {
    Vangnet__Status message = VANGNET__STATUS__INIT;
    Vangnet__ServiceStatus **list =
        ARENA_ARRAY(arena, Vangnet__ServiceStatus *, status->service_count);
    Vangnet__ServiceStatus *all = ARENA_ARRAY(arena, Vangnet__ServiceStatus, status->service_count);
    if (list == NULL || all == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < status->service_count; i++) {
        const struct service_state *state = &status->services[i];
        vangnet__service_status__init(&all[i]);
        all[i].service = codec_text(state->service.text);
        all[i].status = state->status;
        all[i].first_free_day = state->first_free_day;
        all[i].third_free_day = state->third_free_day;
        all[i].intakes_per_week_tenths = state->intakes_per_week_tenths;
        all[i].fte_hundredths = state->fte_hundredths;
        all[i].reopens_day = state->reopens_day;
        list[i] = &all[i];
    }
    message.version = STATUS_VERSION;
    message.set_at_ms = status->set_at_ms;
    message.n_services = status->service_count;
    message.services = list;
    return codec_pack(&message.base, arena, ret);
}

struct bytes signal_unpadded(struct bytes body) {
    return wire_cut_last(body, PADDING_FIELD);
}

enum figures_origin signal_origin(struct bytes body) {
    struct bytes rest = body;
    enum figures_origin origin = FIGURES_ORIGIN_NONE;
    struct wire_field field;
    while (rest.length > 0 && wire_field_take(&rest, &field)) {
        if (field.number == ORIGIN_FIELD && field.type == WIRE_VARINT) {
            origin = (enum figures_origin)field.value; /* the last one stands, as in a decoder */
        }
    }
    return origin;
}
