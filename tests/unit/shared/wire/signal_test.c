#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>

#include "shared/base/limits.h"
#include "shared/wire/signal.h"
#include "tests/unit/shared/wire/raw.h"

static struct arena *new_arena(void) {
    struct arena *arena;
    assert_int_equal(arena_new(64 << 20, &arena), 0);
    return arena;
}

static const struct wait_bins bins = {3, {2, 6, 13}, {4, 3, 2, 1}};

static struct signal sample_signal(void) {
    static struct left_figures left[2];
    static struct service_figures services[2];
    static struct place_figures places[2];
    static struct language_figures languages[2];
    left[0] = (struct left_figures){CLOSE_REASON_MOVED, bins};
    left[1] = (struct left_figures){CLOSE_REASON_OTHER, {0}};
    services[0] = (struct service_figures){
        .service = {"housing"},
        .open = {COUNT_VALUE, 120, 0},
        .waiting = {COUNT_BAND, 0, 3},
        .still_waiting = bins,
        .started_this_quarter = {1, {4}, {7, 0}},
        .left = left,
        .left_count = 2,
        .since_contact = bins,
    };
    services[1] = (struct service_figures){.service = {"money"}, .started_last_quarter = bins};
    places[0] = (struct place_figures){{34022}, {COUNT_VALUE, 0, 0}, {COUNT_BAND, 0, 0}};
    places[1] = (struct place_figures){.nis = {34023}};
    languages[0] = (struct language_figures){{"ara"}, {COUNT_VALUE, 9, 0}, {COUNT_NONE, 0, 0}};
    languages[1] = (struct language_figures){.language = {"nld"}};
    return (struct signal){
        .as_of_day = 20770,
        .period_days = 7,
        .origin = FIGURES_ORIGIN_PUBLISHED,
        .start_event = START_EVENT_REFERRED,
        .open = {COUNT_VALUE, 300, 0},
        .waiting = {COUNT_BAND, 0, 2},
        .services = services,
        .service_count = 2,
        .places = places,
        .place_count = 2,
        .languages = languages,
        .language_count = 2,
    };
}

static void a_signal_is_read_back_with_all_its_fields(void **state) {
    struct arena *arena = new_arena();
    const struct signal given = sample_signal();
    struct signal read;
    struct bytes bytes;
    assert_int_equal(signal_encode(&given, arena, &bytes), 0);
    assert_int_equal(signal_decode(bytes, arena, &read), REFUSAL_NONE);
    assert_int_equal(read.as_of_day, 20770);
    assert_int_equal(read.period_days, 7);
    assert_int_equal(read.origin, FIGURES_ORIGIN_PUBLISHED);
    assert_int_equal(read.start_event, START_EVENT_REFERRED);
    assert_memory_equal(&read.open, &given.open, sizeof(read.open));
    assert_memory_equal(&read.waiting, &given.waiting, sizeof(read.waiting));
    assert_int_equal(read.service_count, 2);
    assert_memory_equal(&read.services[0].service, &given.services[0].service,
                        sizeof(struct service_id));
    assert_memory_equal(&read.services[0].open, &given.services[0].open, sizeof(struct count));
    assert_memory_equal(&read.services[0].waiting, &given.services[0].waiting,
                        sizeof(struct count));
    assert_memory_equal(&read.services[0].still_waiting, &bins, sizeof(bins));
    assert_int_equal(read.services[0].started_this_quarter.counts[0], 7);
    assert_int_equal(read.services[0].started_last_quarter.edge_count, 0);
    assert_memory_equal(&read.services[0].since_contact, &bins, sizeof(bins));
    assert_int_equal(read.services[0].left_count, 2);
    assert_int_equal(read.services[0].left[0].reason, CLOSE_REASON_MOVED);
    assert_memory_equal(&read.services[0].left[0].waits, &bins, sizeof(bins));
    assert_memory_equal(&read.services[1].started_last_quarter, &bins, sizeof(bins));
    assert_int_equal(read.services[1].open.form, COUNT_NONE);
    assert_memory_equal(read.places, given.places, 2 * sizeof(*read.places));
    assert_memory_equal(read.languages, given.languages, 2 * sizeof(*read.languages));
    arena_free(arena);
}

static bool is_size_class(size_t length) {
    return length == 1 << 10 || length == 4 << 10 || length == 16 << 10 || length == 64 << 10;
}

/* A fixed linear congruence (Knuth's MMIX) instead of chance. */
static uint32_t next(uint64_t *random) {
    *random = *random * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(*random >> 33);
}

static struct count random_count(uint64_t *random) {
    switch (next(random) % 3) {
    case 0:
        return (struct count){.form = COUNT_NONE};
    case 1:
        return (struct count){.form = COUNT_BAND, .band = next(random) % COUNT_BANDS};
    default:
        return (struct count){.form = COUNT_VALUE, .value = next(random) >> next(random) % 32};
    }
}

static struct wait_bins random_bins(uint64_t *random) {
    struct wait_bins made = {.edge_count = next(random) % (HISTOGRAM_EDGES_MAX + 1)};
    for (uint32_t i = 0; i < made.edge_count; i++) {
        made.edges_weeks[i] = (uint16_t)(i * 40 + 1 + next(random) % 40);
    }
    for (uint32_t i = 0; made.edge_count > 0 && i <= made.edge_count; i++) {
        made.counts[i] = next(random) >> next(random) % 32;
    }
    return made;
}

static struct signal random_signal(uint64_t *random, struct service_figures *services,
                                   struct place_figures *places) {
    struct signal signal = sample_signal();
    signal.services = services;
    signal.service_count = next(random) % (1 + SIGNAL_SERVICES_MAX);
    signal.places = places;
    signal.place_count = next(random) % (1 + SIGNAL_MUNICIPALITIES_MAX);
    for (size_t i = 0; i < signal.service_count; i++) {
        services[i] = (struct service_figures){.open = random_count(random),
                                               .waiting = random_count(random),
                                               .still_waiting = random_bins(random),
                                               .started_this_quarter = random_bins(random),
                                               .since_contact = random_bins(random)};
        snprintf(services[i].service.text, sizeof(services[i].service.text), "service-%03zu", i);
    }
    for (size_t i = 0; i < signal.place_count; i++) {
        places[i] = (struct place_figures){
            {(uint32_t)(10000 + i)}, random_count(random), random_count(random)};
    }
    return signal;
}

static void two_thousand_signals_tell_only_a_size_class(void **state) {
    static struct service_figures services[SIGNAL_SERVICES_MAX];
    static struct place_figures places[SIGNAL_MUNICIPALITIES_MAX];
    struct arena *arena = new_arena();
    uint64_t random = 1;
    for (int i = 0; i < 2000; i++) {
        struct signal signal = random_signal(&random, services, places);
        struct signal read;
        struct bytes bytes;
        arena_reset(arena);
        assert_int_equal(signal_encode(&signal, arena, &bytes), 0);
        assert_true(is_size_class(bytes.length));
        assert_int_equal(signal_decode(bytes, arena, &read), REFUSAL_NONE);
        assert_int_equal(read.place_count, signal.place_count);
    }
    arena_free(arena);
}

/* A language adds 7 bytes, or 9, 11, 12 with a count and more of its digits: so every length comes
 * by, those at the class's edge and where a length's own bytes are one more among them. */
static void a_signal_of_any_length_is_filled_up_to_its_class(void **state) {
    static struct language_figures languages[SIGNAL_LANGUAGES_MAX];
    static const uint32_t values[] = {1, 200, 20000};
    struct arena *arena = new_arena();
    struct signal signal = sample_signal();
    signal.service_count = 0;
    signal.languages = languages;
    for (size_t count = 0; count <= SIGNAL_LANGUAGES_MAX; count++) {
        signal.language_count = count;
        for (size_t i = 0; i < count; i++) {
            snprintf(languages[i].language.code, 4, "%c%c%c", (char)('a' + i / 26 / 26),
                     (char)('a' + i / 26 % 26), (char)('a' + i % 26));
        }
        for (size_t wide = 0; wide < 3 * count; wide++) {
            struct count value = {COUNT_VALUE, values[wide % 3], 0};
            struct bytes bytes;
            struct signal read;
            languages[wide / 3].open = value;
            arena_reset(arena);
            assert_int_equal(signal_encode(&signal, arena, &bytes), 0);
            assert_true(is_size_class(bytes.length));
            assert_int_equal(signal_decode(bytes, arena, &read), REFUSAL_NONE);
            assert_int_equal(read.language_count, count);
        }
        memset(languages, 0, sizeof(languages));
    }
    arena_free(arena);
}

/* PRIVACY 4.2: bands of a small organisation are as long as the tables of a larger one. */
static void a_register_with_bands_only_takes_the_class_of_one_with_tables(void **state) {
    struct arena *arena = new_arena();
    struct signal signal = {.as_of_day = 20770,
                            .period_days = 7,
                            .origin = FIGURES_ORIGIN_REGISTER,
                            .start_event = START_EVENT_ASKED,
                            .open = {.form = COUNT_BAND, .band = 1},
                            .waiting = {.form = COUNT_BAND, .band = 0}};
    struct bytes bands;
    struct bytes published;
    assert_int_equal(signal_encode(&signal, arena, &bands), 0);
    assert_int_equal(bands.length, 4 << 10);
    signal.origin = FIGURES_ORIGIN_PUBLISHED;
    assert_int_equal(signal_encode(&signal, arena, &published), 0);
    assert_int_equal(published.length, 1 << 10);
    arena_free(arena);
}

/* A signal written by hand, with one more field. */
static enum refusal refused_with(struct arena *arena, uint32_t field, struct bytes run) {
    struct raw raw = raw_new(arena);
    struct signal read;
    raw_number(&raw, 1, 1);
    raw_number(&raw, 2, 41540); /* zigzag: day 20770 */
    raw_number(&raw, 3, 7);
    raw_number(&raw, 4, FIGURES_ORIGIN_REGISTER);
    raw_number(&raw, 5, START_EVENT_ASKED);
    raw_run(&raw, 6, (struct bytes){0}); /* a count of 0 */
    raw_run(&raw, field, run);
    return signal_decode(raw_bytes(&raw), arena, &read);
}

static void a_part_given_twice_or_in_another_form_is_refused(void **state) {
    struct arena *arena = new_arena();
    assert_int_equal(refused_with(arena, 12, bytes_from_text("later")), REFUSAL_NONE);
    assert_int_equal(refused_with(arena, 7, (struct bytes){0}), REFUSAL_NONE);
    assert_int_equal(refused_with(arena, 6, (struct bytes){0}), REFUSAL_MALFORMED);
    assert_int_equal(refused_with(arena, 3, bytes_from_text("7")), REFUSAL_MALFORMED);
    arena_free(arena);
}

static void a_signal_of_more_fields_than_any_has_is_refused(void **state) {
    struct arena *arena = new_arena();
    struct raw inner = raw_new(arena);
    for (int i = 0; i <= WIRE_FIELDS_MAX; i++) {
        raw_number(&inner, 3, 1);
    }
    assert_int_equal(refused_with(arena, 7, raw_bytes(&inner)), REFUSAL_TOO_LARGE);
    arena_free(arena);
}

static void histogram_numbers_may_stand_one_by_one(void **state) {
    struct arena *arena = new_arena();
    struct raw bins_raw = raw_new(arena);
    struct raw service = raw_new(arena);
    struct raw whole = raw_new(arena);
    struct signal read;
    raw_number(&bins_raw, 2, 5);
    raw_number(&bins_raw, 1, 4);
    raw_number(&bins_raw, 2, 6);
    raw_text(&service, 1, "a");
    raw_run(&service, 4, raw_bytes(&bins_raw));
    raw_run(&whole, 8, raw_bytes(&service));
    raw_number(&whole, 1, 1);
    raw_number(&whole, 2, 41540);
    raw_number(&whole, 3, 7);
    raw_number(&whole, 4, FIGURES_ORIGIN_PUBLISHED);
    raw_number(&whole, 5, START_EVENT_ASKED);
    assert_int_equal(signal_decode(raw_bytes(&whole), arena, &read), REFUSAL_NONE);
    assert_int_equal(read.services[0].still_waiting.edge_count, 1);
    assert_int_equal(read.services[0].still_waiting.edges_weeks[0], 4);
    assert_int_equal(read.services[0].still_waiting.counts[1], 6);
    arena_free(arena);
}

static void a_signal_larger_than_the_largest_class_is_not_encoded(void **state) {
    static struct service_figures services[SIGNAL_SERVICES_MAX];
    static struct left_figures left[CLOSE_REASON_OTHER];
    struct arena *arena = new_arena();
    struct signal signal = sample_signal();
    struct bytes bytes;
    struct wait_bins wide = {.edge_count = HISTOGRAM_EDGES_MAX};
    for (uint32_t i = 0; i <= HISTOGRAM_EDGES_MAX; i++) {
        wide.edges_weeks[i < HISTOGRAM_EDGES_MAX ? i : 0] = (uint16_t)(50000 + i);
        wide.counts[i] = UINT32_MAX;
    }
    for (int i = 0; i < CLOSE_REASON_OTHER; i++) {
        left[i] = (struct left_figures){(enum close_reason)(i + 1), wide};
    }
    for (size_t i = 0; i < SIGNAL_SERVICES_MAX; i++) {
        services[i] = (struct service_figures){.still_waiting = wide,
                                               .started_this_quarter = wide,
                                               .started_last_quarter = wide,
                                               .since_contact = wide,
                                               .left = left,
                                               .left_count = CLOSE_REASON_OTHER};
        snprintf(services[i].service.text, sizeof(services[i].service.text), "service-%03zu", i);
    }
    signal.services = services;
    signal.service_count = SIGNAL_SERVICES_MAX;
    assert_int_equal(signal_encode(&signal, arena, &bytes), ERR_TOO_LARGE);
    arena_free(arena);
}

static enum refusal refused(struct arena *arena, const struct signal *signal) {
    struct bytes bytes;
    struct signal read;
    assert_int_equal(signal_encode(signal, arena, &bytes), 0);
    return signal_decode(bytes, arena, &read);
}

static void lists_out_of_order_or_with_doubles_are_refused(void **state) {
    struct arena *arena = new_arena();
    struct signal signal = sample_signal();
    assert_int_equal(refused(arena, &signal), REFUSAL_NONE);
    signal.services[1].service = signal.services[0].service;
    assert_int_equal(refused(arena, &signal), REFUSAL_MALFORMED);
    signal = sample_signal();
    signal.places[1].nis.code = 34021;
    assert_int_equal(refused(arena, &signal), REFUSAL_MALFORMED);
    signal = sample_signal();
    signal.languages[1].language = signal.languages[0].language;
    assert_int_equal(refused(arena, &signal), REFUSAL_MALFORMED);
    signal = sample_signal();
    signal.services[0].left[1].reason = CLOSE_REASON_FINISHED;
    assert_int_equal(refused(arena, &signal), REFUSAL_MALFORMED);
    signal = sample_signal();
    signal.services[0].still_waiting.edges_weeks[1] = 2;
    assert_int_equal(refused(arena, &signal), REFUSAL_MALFORMED);
    arena_free(arena);
}

static void unknown_values_in_deciding_fields_are_refused(void **state) {
    struct arena *arena = new_arena();
    struct signal signal = sample_signal();
    signal.origin = (enum figures_origin)3;
    assert_int_equal(refused(arena, &signal), REFUSAL_UNKNOWN_VALUE);
    signal = sample_signal();
    signal.start_event = START_EVENT_NONE;
    assert_int_equal(refused(arena, &signal), REFUSAL_UNKNOWN_VALUE);
    signal = sample_signal();
    signal.services[0].left[1].reason = (enum close_reason)99;
    assert_int_equal(refused(arena, &signal), REFUSAL_UNKNOWN_VALUE);
    arena_free(arena);
}

static void days_periods_places_and_bands_outside_their_range_are_refused(void **state) {
    struct arena *arena = new_arena();
    struct signal signal = sample_signal();
    signal.as_of_day = -1;
    assert_int_equal(refused(arena, &signal), REFUSAL_MALFORMED);
    signal = sample_signal();
    signal.period_days = 0;
    assert_int_equal(refused(arena, &signal), REFUSAL_MALFORMED);
    signal.period_days = 401;
    assert_int_equal(refused(arena, &signal), REFUSAL_MALFORMED);
    signal = sample_signal();
    signal.places[0].nis.code = 9999;
    assert_int_equal(refused(arena, &signal), REFUSAL_MALFORMED);
    signal = sample_signal();
    signal.open = (struct count){.form = COUNT_BAND, .band = COUNT_BANDS};
    assert_int_equal(refused(arena, &signal), REFUSAL_MALFORMED);
    arena_free(arena);
}

static void a_histogram_with_counts_missing_is_refused(void **state) {
    struct arena *arena = new_arena();
    struct raw raw = raw_new(arena);
    struct raw service = raw_new(arena);
    struct raw histogram = raw_new(arena);
    struct signal read;
    raw_number(&histogram, 1, 4);
    raw_number(&histogram, 2, 1);
    raw_text(&service, 1, "housing");
    raw_run(&service, 4, raw_bytes(&histogram));
    raw_number(&raw, 1, 1);
    raw_number(&raw, 2, 2 * 20770); /* sint32 */
    raw_number(&raw, 3, 7);
    raw_number(&raw, 4, 1);
    raw_number(&raw, 5, 1);
    size_t head = raw.length;
    raw_run(&raw, 8, raw_bytes(&service));
    assert_int_equal(signal_decode(raw_bytes(&raw), arena, &read), REFUSAL_MALFORMED);
    raw.length = head;
    assert_int_equal(signal_decode(raw_bytes(&raw), arena, &read), REFUSAL_NONE);
    assert_int_equal(read.as_of_day, 20770);
    raw.data[1] = 2;
    assert_int_equal(signal_decode(raw_bytes(&raw), arena, &read), REFUSAL_UNKNOWN_VERSION);
    arena_free(arena);
}

static void a_signal_cut_anywhere_does_not_crash(void **state) {
    struct arena *arena = new_arena();
    const struct signal signal = sample_signal();
    struct bytes bytes;
    assert_int_equal(signal_encode(&signal, arena, &bytes), 0);
    for (size_t length = 0; length < bytes.length; length++) {
        struct signal read;
        uint8_t *cut = malloc(length + 1);
        memcpy(cut, bytes.data, length);
        enum refusal refusal = signal_decode((struct bytes){cut, length}, arena, &read);
        assert_true(refusal != REFUSAL_NO_ROOM);
        free(cut);
    }
    arena_free(arena);
}

static void a_status_is_read_back_with_all_its_fields(void **state) {
    struct arena *arena = new_arena();
    struct service_state services[2] = {
        {{"housing"}, SERVICE_STATUS_LIMITED, 20800, 20810, 25, 350, 0},
        {{"money"}, SERVICE_STATUS_CLOSED, 0, 0, 0, 0, 20900},
    };
    struct status status = {.set_at_ms = 1790000000000, .services = services, .service_count = 2};
    struct status read;
    struct bytes bytes;
    assert_int_equal(status_encode(&status, arena, &bytes), 0);
    assert_int_equal(status_decode(bytes, arena, &read), REFUSAL_NONE);
    assert_int_equal(read.set_at_ms, status.set_at_ms);
    assert_int_equal(read.service_count, 2);
    assert_memory_equal(read.services, services, sizeof(services));
    services[1].service = services[0].service;
    assert_int_equal(status_encode(&status, arena, &bytes), 0);
    assert_int_equal(status_decode(bytes, arena, &read), REFUSAL_MALFORMED);
    services[0].status = (enum service_status)4;
    status.service_count = 1;
    assert_int_equal(status_encode(&status, arena, &bytes), 0);
    assert_int_equal(status_decode(bytes, arena, &read), REFUSAL_UNKNOWN_VALUE);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_is_read_back_with_all_its_fields),
        cmocka_unit_test(two_thousand_signals_tell_only_a_size_class),
        cmocka_unit_test(a_signal_of_any_length_is_filled_up_to_its_class),
        cmocka_unit_test(a_register_with_bands_only_takes_the_class_of_one_with_tables),
        cmocka_unit_test(a_part_given_twice_or_in_another_form_is_refused),
        cmocka_unit_test(a_signal_of_more_fields_than_any_has_is_refused),
        cmocka_unit_test(histogram_numbers_may_stand_one_by_one),
        cmocka_unit_test(a_signal_larger_than_the_largest_class_is_not_encoded),
        cmocka_unit_test(lists_out_of_order_or_with_doubles_are_refused),
        cmocka_unit_test(unknown_values_in_deciding_fields_are_refused),
        cmocka_unit_test(days_periods_places_and_bands_outside_their_range_are_refused),
        cmocka_unit_test(a_histogram_with_counts_missing_is_refused),
        cmocka_unit_test(a_signal_cut_anywhere_does_not_crash),
        cmocka_unit_test(a_status_is_read_back_with_all_its_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
