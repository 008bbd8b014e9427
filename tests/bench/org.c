#include "tests/bench/org.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/buf.h"
#include "shared/base/civil.h"
#include "shared/crypto/hash.h"
#include "shared/wire/packet.h"
#include "shared/wire/signal.h"

enum { EDGES = 6, LEFT_REASONS = 2, CELL_SERVICES = 8, CELL_PLACES = 6, CELL_LANGUAGES = 5 };

struct org_id org_of_number(uint32_t number) {
    struct org_id org = {0};
    (void)snprintf(org.text, sizeof(org.text), "bench-%04u", number);
    return org;
}

void org_keys_of_number(uint32_t number, struct org_keys *ret) {
    uint8_t bytes[4];
    be32_write(bytes, number);
    struct digest seed = hash_of("bench-seed/v1", BYTES_OF(bytes));
    curve_keys_from_seed(seed.bytes, "transport/v1", &ret->curve_public, &ret->curve_secret);
    sign_keys_from_seed(seed.bytes, &ret->sign_public, &ret->sign_secret);
}

static struct public_key other_key(uint32_t number, const char *domain) {
    uint8_t bytes[4];
    struct public_key key;
    struct curve_public public_key;
    struct curve_secret secret;
    be32_write(bytes, number);
    struct digest seed = hash_of("bench-seed/v1", BYTES_OF(bytes));
    curve_keys_from_seed(seed.bytes, domain, &public_key, &secret);
    memcpy(key.bytes, public_key.bytes, sizeof(key.bytes));
    return key;
}

void org_member(uint32_t number, const struct org_keys *keys, struct member *ret) {
    *ret = (struct member){
        .kind = ORG_KIND_OTHER,
        .competence = COMPETENCE_REGIONAL,
        .role = MEMBER_ROLE_NODE,
        .seal = other_key(number, "seal/v1"),
        .contact = other_key(number, "contact/v1"),
        .may_take_consent = CONSENT_RIGHT_FULL,
    };
    (void)snprintf(ret->name, sizeof(ret->name), "Bench %u", number);
    memcpy(ret->curve.bytes, keys->curve_public.bytes, sizeof(ret->curve.bytes));
    memcpy(ret->sign.bytes, keys->sign_public.bytes, sizeof(ret->sign.bytes));
}

/* Never below 50: such organisations may show bands only. */
static struct count value(uint64_t seed, uint32_t index) {
    return (struct count){.form = COUNT_VALUE,
                          .value = 50 + (uint32_t)((seed * 7 + index * 13) % 197)};
}

static struct wait_bins bins(uint64_t seed, uint32_t index) {
    static const uint16_t edges_weeks[EDGES] = {1, 2, 4, 8, 13, 26};
    struct wait_bins bins = {.edge_count = EDGES};
    memcpy(bins.edges_weeks, edges_weeks, sizeof(edges_weeks));
    for (uint32_t i = 0; i <= EDGES; i++) {
        bins.counts[i] = value(seed, index + i).value;
    }
    return bins;
}

static int add_services(const struct org_message *message, struct arena *arena,
                        struct signal *signal) {
    uint32_t count = message->services == 0 ? CELL_SERVICES : message->services;
    signal->services = ARENA_ARRAY(arena, struct service_figures, count);
    struct left_figures *left = ARENA_ARRAY(arena, struct left_figures, count * LEFT_REASONS);
    if (signal->services == NULL || left == NULL) {
        return ERR_NO_MEMORY;
    }
    signal->service_count = count;
    for (uint32_t i = 0; i < count; i++) {
        struct service_figures *service = &signal->services[i];
        (void)snprintf(service->service.text, sizeof(service->service.text), "service-%02u", i);
        service->open = value(message->number, i);
        service->waiting = value(message->number, i + 1);
        if (message->services == 0) {
            continue;
        }
        service->still_waiting = bins(message->number, i);
        service->started_this_quarter = bins(message->number, i + 2);
        service->started_last_quarter = bins(message->number, i + 3);
        service->since_contact = bins(message->number, i + 4);
        service->left = &left[i * LEFT_REASONS];
        service->left_count = LEFT_REASONS;
        for (uint32_t k = 0; k < LEFT_REASONS; k++) {
            service->left[k] = (struct left_figures){.reason = (enum close_reason)(k + 1),
                                                     .waits = bins(message->number, i + k)};
        }
    }
    return 0;
}

static void add_places(uint64_t seed, struct place_figures places[static CELL_PLACES],
                       struct language_figures languages[static CELL_LANGUAGES]) {
    static const uint32_t codes[CELL_PLACES] = {34002, 34013, 34022, 34027, 34040, 34041};
    static const char *const words[CELL_LANGUAGES] = {"ara", "eng", "fra", "nld", "ukr"};
    for (uint32_t i = 0; i < CELL_PLACES; i++) {
        places[i] = (struct place_figures){
            .nis = {codes[i]}, .open = value(seed, i + 20), .waiting = value(seed, i + 30)};
    }
    for (uint32_t i = 0; i < CELL_LANGUAGES; i++) {
        languages[i] =
            (struct language_figures){.open = value(seed, i + 40), .waiting = value(seed, i + 50)};
        memcpy(languages[i].language.code, words[i], sizeof(languages[i].language.code));
    }
}

static int body_of(const struct org_message *message, struct arena *arena, struct bytes *ret) {
    struct place_figures places[CELL_PLACES];
    struct language_figures languages[CELL_LANGUAGES];
    struct signal signal = {
        .as_of_day = message->as_of_day,
        .period_days = 7,
        .origin = FIGURES_ORIGIN_REGISTER,
        .start_event = START_EVENT_ASKED,
        .open = value(message->number, 60),
        .waiting = value(message->number, 61),
        .places = places,
        .place_count = CELL_PLACES,
        .languages = languages,
        .language_count = CELL_LANGUAGES,
    };
    add_places(message->number, places, languages);
    int r = add_services(message, arena, &signal);
    return r < 0 ? r : signal_encode(&signal, arena, ret);
}

static struct message_id id_of(const struct org_message *message) {
    uint8_t memory[64];
    struct buf buf = buf_over(memory, sizeof(memory));
    struct message_id id;
    buf_text(&buf, message->sender.org.text);
    buf_u64(&buf, message->number);
    struct digest digest = hash_of("bench-id/v1", buf_bytes(&buf));
    memcpy(id.bytes, digest.bytes, sizeof(id.bytes));
    return id;
}

int org_packet(const struct org_message *message, struct arena *arena, struct bytes *ret) {
    struct envelope envelope = {
        .version = WIRE_VERSION,
        .sender = message->sender,
        .recipient = {.org = HUB_ORG, .hub = message->hub},
        .lane = LANE_ORDINARY,
        .incarnation = 1,
        .number = message->number,
        .id = id_of(message),
        .created_ms = message->now_ms,
        .kind = MESSAGE_KIND_SIGNAL,
    };
    struct packet packet = {.content = PACKET_POSTING};
    int r = body_of(message, arena, &envelope.body);
    if (r == 0) {
        r = envelope_encode(&envelope, arena, &packet.posting.envelope);
    }
    return r < 0 ? r : packet_encode(&packet, arena, ret);
}
