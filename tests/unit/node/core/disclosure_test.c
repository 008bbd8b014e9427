/* What leaves an organisation and what doesn't, over whole registers made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "node/core/disclosure.h"
#include "shared/base/civil.h"

enum { MONDAY = 20780 }; /* 2026-11-23; the quarter's first cut was 2026-11-05 */

static const struct disclosure_key key = {.bytes = {1, 2, 3}};

static int setup(void **state) {
    struct arena *arena;
    const int r = arena_new(64 << 20, &arena);
    *state = arena;
    return r;
}

static int teardown(void **state) {
    arena_free(*state);
    return 0;
}

static struct weekly *weekly_at(void **state, int32_t freeze_day) {
    struct weekly *weekly;
    assert_int_equal(weekly_new(*state, &key, freeze_day, &weekly), 0);
    return weekly;
}

/* `count` cases of one service, municipality and language, asked 20 days before the Monday; the
 * first `waiting` of them without a first appointment. Their numbers start at `first`. */
struct batch {
    int first;
    int count;
    int waiting;
    const char *service;
    uint32_t nis;
    const char *language;
};

static void feed(struct weekly *weekly, const struct batch *batch) {
    for (int i = 0; i < batch->count; i++) {
        char own_id[16];
        (void)snprintf(own_id, sizeof(own_id), "K%d", batch->first + i);
        struct disclosure_case one = {
            .own_id = bytes_from_text(own_id),
            .nis = {batch->nis},
            .asked_day = MONDAY - 20,
            .first_appointment_day = i < batch->waiting ? DAY_NONE : MONDAY - 1,
            .last_contact_day = MONDAY - 3,
            .closed_day = DAY_NONE,
        };
        (void)snprintf(one.service.text, sizeof(one.service.text), "%s", batch->service);
        (void)snprintf(one.language.code, sizeof(one.language.code), "%s", batch->language);
        assert_int_equal(weekly_add(weekly, &one), 0);
    }
}

static struct disclosure decide(void **state, struct weekly *weekly, const struct signal *last) {
    struct disclosure out;
    assert_int_equal(disclosure_decide(weekly, last, START_EVENT_ASKED, *state, &out), 0);
    return out;
}

static const struct preview_line *line(const struct disclosure *out, enum dimension dimension,
                                       enum measure measure, const char *id) {
    struct figure_name name = {.dimension = dimension, .measure = measure};
    (void)snprintf(name.id, sizeof(name.id), "%s", id);
    const struct preview_line *found = preview_find(&out->preview, &name);
    assert_non_null(found);
    return found;
}

static int64_t published_total(const struct weekly *weekly) {
    return cell_publish(&key, weekly->total.open);
}

static void a_small_organisation_gives_two_bands_and_nothing_else(void **state) {
    struct weekly *weekly = weekly_at(state, MONDAY);
    feed(weekly, &(struct batch){0, 20, 14, "budget", 34022, "ara"});
    feed(weekly, &(struct batch){100, 17, 3, "onthaal", 34040, "ukr"});
    const struct disclosure out = decide(state, weekly, NULL);
    assert_int_equal(out.signal.open.form, COUNT_BAND);
    assert_int_equal(out.signal.open.band, 3); /* 37 +- 5 lies in 25-49 */
    assert_int_equal(out.signal.waiting.form, COUNT_BAND);
    assert_int_equal(out.signal.waiting.band, 2); /* 17 +- 5 lies in 10-24 */
    assert_int_equal(out.signal.service_count, 0);
    assert_int_equal(out.signal.place_count, 0);
    assert_int_equal(out.signal.language_count, 0);
    const struct preview_line *budget =
        line(&out, DIMENSION_SERVICE, MEASURE_STILL_WAITING, "budget");
    assert_int_equal(budget->true_count, 14);
    assert_int_equal(budget->withheld, WITHHELD_SMALL_ORGANISATION);
}

static void an_empty_register_says_band_0(void **state) {
    const struct disclosure out = decide(state, weekly_at(state, MONDAY), NULL);
    assert_int_equal(out.signal.open.form, COUNT_BAND);
    assert_int_equal(out.signal.open.band, 0);
    assert_int_equal(out.signal.waiting.band, 0);
    assert_int_equal(out.preview.count, 2);
}

/* The count is chosen so that its published value is exactly the wanted one. */
static struct weekly *weekly_publishing(void **state, int64_t wanted) {
    for (int first = 0;; first += 100) {
        struct weekly *weekly = weekly_at(state, MONDAY);
        feed(weekly, &(struct batch){first, (int)wanted, 0, "budget", 34022, "ara"});
        if (published_total(weekly) == wanted) {
            return weekly;
        }
    }
}

static void the_decision_at_50_has_a_memory_of_two(void **state) {
    struct signal above = {.origin = FIGURES_ORIGIN_REGISTER,
                           .as_of_day = MONDAY - 7,
                           .open = {.form = COUNT_VALUE, .value = 50}};
    struct signal below = above;
    below.open = (struct count){.form = COUNT_BAND, .band = 3};
    static const struct {
        int64_t published;
        enum count_form without;
        enum count_form from_above;
        enum count_form from_below;
    } cases[] = {
        {47, COUNT_BAND, COUNT_BAND, COUNT_BAND},    {48, COUNT_BAND, COUNT_VALUE, COUNT_BAND},
        {50, COUNT_VALUE, COUNT_VALUE, COUNT_BAND},  {51, COUNT_VALUE, COUNT_VALUE, COUNT_BAND},
        {52, COUNT_VALUE, COUNT_VALUE, COUNT_VALUE},
    };
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        arena_reset(*state);
        struct weekly *weekly = weekly_publishing(state, cases[i].published);
        assert_int_equal(decide(state, weekly, NULL).signal.open.form, cases[i].without);
        assert_int_equal(decide(state, weekly, &above).signal.open.form, cases[i].from_above);
        assert_int_equal(decide(state, weekly, &below).signal.open.form, cases[i].from_below);
    }
}

static void the_band_of_waiting_never_exceeds_that_of_open(void **state) {
    struct signal last = {.origin = FIGURES_ORIGIN_REGISTER,
                          .open = {.form = COUNT_BAND, .band = 1},
                          .waiting = {.form = COUNT_BAND, .band = 2}};
    struct weekly *weekly = weekly_publishing(state, 9);
    weekly->total.waiting = weekly->total.open;
    const struct disclosure out = decide(state, weekly, &last);
    assert_int_equal(out.signal.open.band, 1);
    assert_int_equal(out.signal.waiting.band, 1);
}

static void a_large_organisation_gives_perturbed_totals_and_one_way_parts(void **state) {
    struct weekly *weekly = weekly_at(state, MONDAY);
    feed(weekly, &(struct batch){0, 60, 30, "budget", 34022, "ara"});
    feed(weekly, &(struct batch){100, 40, 20, "onthaal", 34040, "ukr"});
    const struct disclosure out = decide(state, weekly, NULL);
    const struct signal *s = &out.signal;
    assert_int_equal(s->open.form, COUNT_VALUE);
    assert_int_equal(s->open.value, cell_publish(&key, weekly->total.open));
    assert_int_equal(s->waiting.value, cell_publish(&key, weekly->total.waiting));
    assert_int_equal(s->service_count, 2);
    assert_string_equal(s->services[0].service.text, "budget");
    assert_int_equal(s->place_count, 2);
    assert_int_equal(s->places[0].nis.code, 34022);
    assert_int_equal(s->language_count, 2);
    /* the same cases: the same noise in all three tables */
    assert_int_equal(s->services[0].open.value, s->places[0].open.value);
    assert_int_equal(s->services[0].open.value, s->languages[0].open.value);
    assert_in_range(s->services[1].open.value, 35, 45);
    assert_in_range(s->services[1].waiting.value, 15, 25);
    assert_int_equal(s->as_of_day, MONDAY);
    assert_int_equal(s->period_days, 7);
    assert_int_equal(s->origin, FIGURES_ORIGIN_REGISTER);
    assert_int_equal(s->start_event, START_EVENT_ASKED);
    const struct preview_line *open = line(&out, DIMENSION_PLACE, MEASURE_OPEN, "34022");
    assert_int_equal(open->true_count, 60);
    assert_int_equal(open->withheld, WITHHELD_NOT);
    assert_int_equal(open->published.value, s->places[0].open.value);
}

static void a_dimension_with_one_category_gives_no_counts(void **state) {
    struct weekly *weekly = weekly_at(state, MONDAY);
    feed(weekly, &(struct batch){0, 60, 30, "budget", 34022, "ara"});
    feed(weekly, &(struct batch){100, 40, 0, "budget", 34022, "ukr"});
    const struct disclosure out = decide(state, weekly, NULL);
    assert_int_equal(out.signal.place_count, 0);
    assert_int_equal(line(&out, DIMENSION_PLACE, MEASURE_OPEN, "34022")->withheld,
                     WITHHELD_SINGLE_CATEGORY);
    /* the service's histograms still go, its counts don't */
    assert_int_equal(out.signal.service_count, 1);
    assert_int_equal(out.signal.services[0].open.form, COUNT_NONE);
    assert_int_equal(out.signal.services[0].still_waiting.edge_count, 6);
    /* nobody who speaks Ukrainian waits: the column of waiting families has one category */
    assert_int_equal(out.signal.language_count, 2);
    assert_int_equal(out.signal.languages[0].open.form, COUNT_VALUE);
    assert_int_equal(out.signal.languages[0].waiting.form, COUNT_NONE);
    assert_int_equal(line(&out, DIMENSION_LANGUAGE, MEASURE_WAITING, "ara")->withheld,
                     WITHHELD_SINGLE_CATEGORY);
}

static void histograms_need_ten_families_as_published(void **state) {
    int above = 0;
    int below = 0;
    for (int first = 0; first < 40; first++) {
        arena_reset(*state);
        struct weekly *weekly = weekly_at(state, MONDAY);
        feed(weekly, &(struct batch){first * 1000, 60, 10, "budget", 34022, "ara"});
        feed(weekly, &(struct batch){first * 1000 + 500, 40, 20, "onthaal", 34040, "ukr"});
        const int64_t families = cell_publish(&key, weekly->services[0].still_waiting.all);
        const struct disclosure out = decide(state, weekly, NULL);
        const struct service_figures *s = &out.signal.services[0];
        assert_int_equal(s->still_waiting.edge_count, families >= 10 ? 6 : 0);
        assert_int_equal(line(&out, DIMENSION_SERVICE, MEASURE_STILL_WAITING, "budget")->withheld,
                         families >= 10 ? WITHHELD_NOT : WITHHELD_FEW_FAMILIES);
        above += families >= 10;
        below += families < 10;
    }
    assert_true(above > 5 && below > 5); /* ten true families fall on both sides */
}

static void a_category_published_as_nobody_isnt_named(void **state) {
    int hidden = 0;
    for (int first = 0; first < 40; first++) {
        arena_reset(*state);
        struct weekly *weekly = weekly_at(state, MONDAY);
        feed(weekly, &(struct batch){0, 60, 30, "budget", 34022, "ara"});
        feed(weekly, &(struct batch){100, 40, 20, "onthaal", 34040, "ukr"});
        feed(weekly, &(struct batch){1000 + first, 1, 1, "budget", 34022, "tir"});
        const struct disclosure out = decide(state, weekly, NULL);
        const struct preview_line *tir = line(&out, DIMENSION_LANGUAGE, MEASURE_OPEN, "tir");
        assert_int_equal(tir->true_count, 1);
        if (out.signal.language_count == 2) {
            assert_int_equal(tir->withheld, WITHHELD_NONE_TO_SHOW);
            hidden++;
        } else {
            assert_true(out.signal.languages[1].open.value >= 3);
        }
    }
    assert_in_range(hidden, 20, 39); /* P(1 -> 0) = 0.73 */
}

static void a_category_that_ended_says_zero_once(void **state) {
    struct weekly *weekly = weekly_at(state, MONDAY);
    feed(weekly, &(struct batch){0, 60, 30, "budget", 34022, "ara"});
    feed(weekly, &(struct batch){100, 40, 20, "onthaal", 34040, "ukr"});
    struct language_figures languages[] = {
        {.language = {"ara"}, .open = {.form = COUNT_VALUE, .value = 60}},
        {.language = {"fas"}, .open = {.form = COUNT_VALUE, .value = 5}},
        {.language = {"som"}, .open = {.form = COUNT_VALUE, .value = 4}},
        {.language = {"tur"}, .open = {.form = COUNT_VALUE, .value = 0}},
        {.language = {"ukr"}, .open = {.form = COUNT_VALUE, .value = 40}},
    };
    const struct signal last = {.origin = FIGURES_ORIGIN_REGISTER,
                                .as_of_day = MONDAY - 7,
                                .open = {.form = COUNT_VALUE, .value = 100},
                                .languages = languages,
                                .language_count = 5};
    const struct disclosure out = decide(state, weekly, &last);
    assert_int_equal(out.signal.language_count, 4);
    assert_string_equal(out.signal.languages[1].language.code, "fas");
    assert_int_equal(out.signal.languages[1].open.form, COUNT_VALUE);
    assert_int_equal(out.signal.languages[1].open.value, 0);
    assert_string_equal(out.signal.languages[3].language.code, "ukr");
    assert_int_equal(line(&out, DIMENSION_LANGUAGE, MEASURE_OPEN, "tur")->withheld,
                     WITHHELD_NONE_TO_SHOW);
}

static void what_the_guard_takes_out_is_said_in_the_preview(void **state) {
    struct weekly *weekly = weekly_at(state, MONDAY);
    feed(weekly, &(struct batch){0, 60, 30, "budget", 34022, "ara"});
    feed(weekly, &(struct batch){100, 40, 20, "mevr-vermeulen", 34040, "ukr"});
    const struct disclosure out = decide(state, weekly, NULL);
    assert_int_equal(out.signal.service_count, 1);
    const struct preview_line *open = line(&out, DIMENSION_SERVICE, MEASURE_OPEN, "mevr-vermeulen");
    assert_int_equal(open->withheld, WITHHELD_LIKE_NAME);
    assert_int_equal(open->true_count, 40);
    assert_int_equal(open->published.form, COUNT_NONE);
    const struct preview_line *bins =
        line(&out, DIMENSION_SERVICE, MEASURE_STILL_WAITING, "mevr-vermeulen");
    assert_int_equal(bins->withheld, WITHHELD_LIKE_NAME);
    assert_int_equal(bins->published_bins.edge_count, 0);
    assert_int_equal(bins->true_bins[2], 20); /* 20 days: above two weeks, at most four */
}

static void start(struct weekly *weekly, int first, int count, int32_t day) {
    for (int i = 0; i < count; i++) {
        char own_id[16];
        (void)snprintf(own_id, sizeof(own_id), "S%d", first + i);
        const struct disclosure_case one = {
            .own_id = bytes_from_text(own_id),
            .nis = {34022},
            .service = {"budget"},
            .language = {"ara"},
            .asked_day = day - 10,
            .first_appointment_day = day,
            .last_contact_day = day,
            .closed_day = DAY_NONE,
        };
        assert_int_equal(weekly_add(weekly, &one), 0);
    }
}

/* 2026-10-20 lies before the first cut; what is entered late shows at the second cut only. */
static void starts_stand_still_between_two_cuts(void **state) {
    const int32_t october = MONDAY - 34;
    const struct batch others = {500, 40, 20, "onthaal", 34040, "ukr"};
    struct weekly *weekly = weekly_at(state, MONDAY);
    start(weekly, 0, 30, october);
    feed(weekly, &others);
    const struct disclosure first = decide(state, weekly, NULL);
    assert_int_equal(first.signal.services[0].started_this_quarter.edge_count, 6);

    weekly = weekly_at(state, MONDAY + 7);
    start(weekly, 0, 45, october);
    feed(weekly, &others);
    const struct disclosure second = decide(state, weekly, &first.signal);
    assert_memory_equal(&second.signal.services[0].started_this_quarter,
                        &first.signal.services[0].started_this_quarter, sizeof(struct wait_bins));
    assert_int_not_equal(second.signal.services[0].since_contact.edge_count, 0);

    weekly = weekly_at(state, MONDAY + 14); /* 2026-12-07 */
    start(weekly, 0, 45, october);
    feed(weekly, &others);
    const struct disclosure third = decide(state, weekly, &second.signal);
    assert_in_range(third.signal.services[0].started_this_quarter.counts[1], 40, 50);
}

static void starts_of_a_young_quarter_arent_due(void **state) {
    struct weekly *weekly = weekly_at(state, MONDAY - 21); /* 2026-11-02 */
    start(weekly, 0, 60, MONDAY - 34);
    const struct disclosure out = decide(state, weekly, NULL);
    assert_int_equal(out.signal.services[0].started_this_quarter.edge_count, 0);
    assert_int_equal(
        line(&out, DIMENSION_SERVICE, MEASURE_STARTED_THIS_QUARTER, "budget")->withheld,
        WITHHELD_NOT_DUE);
}

static void those_who_left_go_out_by_reason(void **state) {
    struct weekly *weekly = weekly_at(state, MONDAY);
    feed(weekly, &(struct batch){0, 60, 30, "budget", 34022, "ara"});
    for (int i = 0; i < 40; i++) {
        char own_id[16];
        (void)snprintf(own_id, sizeof(own_id), "L%d", i);
        const struct disclosure_case one = {
            .own_id = bytes_from_text(own_id),
            .service = {"budget"},
            .asked_day = MONDAY - 100,
            .first_appointment_day = DAY_NONE,
            .last_contact_day = DAY_NONE,
            .closed_day = MONDAY - 40,
            .close_reason = i < 3 ? CLOSE_REASON_REFUSED : CLOSE_REASON_UNREACHABLE,
        };
        assert_int_equal(weekly_add(weekly, &one), 0);
    }
    const struct disclosure out = decide(state, weekly, NULL);
    assert_int_equal(out.signal.service_count, 1);
    const struct service_figures *s = &out.signal.services[0];
    assert_int_equal(s->left_count, 1); /* three who refused aren't ten */
    assert_int_equal(s->left[0].reason, CLOSE_REASON_UNREACHABLE);
    assert_in_range(s->left[0].waits.counts[4], 32, 42); /* 60 days: above 8 weeks */
    assert_int_equal(s->left[0].waits.counts[0], 0);
}

static void figures_published_elsewhere_are_no_memory(void **state) {
    const struct signal last = {.origin = FIGURES_ORIGIN_PUBLISHED,
                                .open = {.form = COUNT_VALUE, .value = 60}};
    struct weekly *weekly = weekly_publishing(state, 48);
    assert_int_equal(decide(state, weekly, &last).signal.open.form, COUNT_BAND);
}

static void the_hour_of_sending_lies_between_six_and_eight(void **state) {
    int32_t lowest = PUBLISH_SPREAD_MINUTES;
    int32_t highest = 0;
    for (int i = 0; i < 500; i++) {
        struct org_id org = {.text = {0}};
        (void)snprintf(org.text, sizeof(org.text), "ocmw-%d", i);
        const int32_t offset = publish_offset_minutes(&org);
        assert_in_range(offset, 0, PUBLISH_SPREAD_MINUTES - 1);
        lowest = offset < lowest ? offset : lowest;
        highest = offset > highest ? offset : highest;
    }
    assert_true(lowest < 5 && highest > PUBLISH_SPREAD_MINUTES - 5);
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_ARENA(a_small_organisation_gives_two_bands_and_nothing_else),
        WITH_ARENA(an_empty_register_says_band_0),
        WITH_ARENA(the_decision_at_50_has_a_memory_of_two),
        WITH_ARENA(the_band_of_waiting_never_exceeds_that_of_open),
        WITH_ARENA(a_large_organisation_gives_perturbed_totals_and_one_way_parts),
        WITH_ARENA(a_dimension_with_one_category_gives_no_counts),
        WITH_ARENA(histograms_need_ten_families_as_published),
        WITH_ARENA(a_category_published_as_nobody_isnt_named),
        WITH_ARENA(a_category_that_ended_says_zero_once),
        WITH_ARENA(what_the_guard_takes_out_is_said_in_the_preview),
        WITH_ARENA(starts_stand_still_between_two_cuts),
        WITH_ARENA(starts_of_a_young_quarter_arent_due),
        WITH_ARENA(those_who_left_go_out_by_reason),
        WITH_ARENA(figures_published_elsewhere_are_no_memory),
        cmocka_unit_test(the_hour_of_sending_lies_between_six_and_eight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
