/* Days by hand from a calendar: 2026-11-23 is a Monday; the fourth quarter of 2026 begins on
 * Thursday 1 October, is cut on 5 November (35 days) and 3 December (63), the third begins 1 July.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "node/core/weekly.h"
#include "shared/base/civil.h"

static const struct disclosure_key key = {.bytes = {7}};

static int32_t day(const char *text) {
    int32_t result;
    assert_int_equal(date_parse(text, &result), 0);
    return result;
}

static int setup(void **state) {
    struct arena *arena;
    const int r = arena_new(4 << 20, &arena);
    *state = arena;
    return r;
}

static int teardown(void **state) {
    arena_free(*state);
    return 0;
}

static struct weekly *weekly_at(void **state, const char *freeze) {
    struct weekly *weekly;
    assert_int_equal(weekly_new(*state, &key, day(freeze), &weekly), 0);
    return weekly;
}

static struct disclosure_case a_case(const char *asked) {
    return (struct disclosure_case){
        .own_id = bytes_from_text("2026/1"),
        .nis = {34022},
        .service = {"budget"},
        .language = {"ara"},
        .asked_day = day(asked),
        .first_appointment_day = DAY_NONE,
        .last_contact_day = DAY_NONE,
        .closed_day = DAY_NONE,
    };
}

static void add(struct weekly *weekly, const struct disclosure_case *one) {
    assert_int_equal(weekly_add(weekly, one), 0);
}

static void what_happens_on_the_day_of_the_freeze_doesnt_count(void **state) {
    struct weekly *weekly = weekly_at(state, "2026-11-23");
    struct disclosure_case one = a_case("2026-11-23");
    add(weekly, &one);
    assert_int_equal(weekly->total.open.count, 0);
    one = a_case("2026-11-22");
    add(weekly, &one);
    assert_int_equal(weekly->total.open.count, 1);
    assert_int_equal(weekly->total.waiting.count, 1);
}

static void a_case_closed_on_the_freeze_day_is_still_open(void **state) {
    struct weekly *weekly = weekly_at(state, "2026-11-23");
    struct disclosure_case one = a_case("2026-05-04");
    one.closed_day = day("2026-11-23");
    add(weekly, &one);
    assert_int_equal(weekly->total.open.count, 1);
    one.closed_day = day("2026-11-22");
    add(weekly, &one);
    assert_int_equal(weekly->total.open.count, 1);
}

static void an_appointment_still_to_come_is_waiting(void **state) {
    struct weekly *weekly = weekly_at(state, "2026-11-23");
    struct disclosure_case one = a_case("2026-11-02");
    one.first_appointment_day = day("2026-11-23");
    add(weekly, &one);
    assert_int_equal(weekly->total.waiting.count, 1);
    one.first_appointment_day = day("2026-11-22");
    add(weekly, &one);
    assert_int_equal(weekly->total.open.count, 2);
    assert_int_equal(weekly->total.waiting.count, 1);
}

static void seven_days_are_one_week_and_eight_are_more(void **state) {
    static const struct {
        const char *asked;
        unsigned bin;
    } waits[] = {
        {"2026-11-16", 0}, {"2026-11-15", 1}, {"2026-11-09", 1}, {"2026-10-26", 2},
        {"2026-10-25", 3}, {"2026-08-24", 4}, {"2026-05-25", 5}, {"2026-05-24", 6},
    };
    for (unsigned i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        struct weekly *weekly = weekly_at(state, "2026-11-23");
        const struct disclosure_case one = a_case(waits[i].asked);
        add(weekly, &one);
        assert_int_equal(weekly->services[0].still_waiting.all.count, 1);
        assert_int_equal(weekly->services[0].still_waiting.bins[waits[i].bin].count, 1);
    }
}

static void contact_is_counted_from_asking_where_there_was_none(void **state) {
    struct weekly *weekly = weekly_at(state, "2026-11-23");
    struct disclosure_case one = a_case("2026-09-28"); /* 56 days: bin 3, up to 8 weeks */
    add(weekly, &one);
    one.last_contact_day = day("2026-11-20");
    add(weekly, &one);
    one.last_contact_day = day("2026-11-24"); /* after the freeze */
    add(weekly, &one);
    const struct wait_cells *cells = &weekly->services[0].since_contact;
    assert_int_equal(cells->bins[3].count, 1);
    assert_int_equal(cells->bins[0].count, 2);
}

static void a_quarter_is_cut_after_weeks_5_9_and_13(void **state) {
    struct weekly_dates dates = weekly_dates(day("2026-11-02"));
    assert_int_equal(dates.this_from, day("2026-10-01"));
    assert_int_equal(dates.this_until, day("2026-10-01"));
    assert_int_equal(dates.last_from, day("2026-07-01"));
    assert_int_equal(dates.last_until, day("2026-10-01"));
    dates = weekly_dates(day("2026-11-05"));
    assert_int_equal(dates.this_until, day("2026-11-05"));
    assert_int_equal(weekly_dates(day("2026-11-30")).this_until, day("2026-11-05"));
    assert_int_equal(weekly_dates(day("2026-12-07")).this_until, day("2026-12-03"));
    assert_int_equal(weekly_dates(day("2026-12-28")).this_until, day("2026-12-03"));
    dates = weekly_dates(day("2027-01-04"));
    assert_int_equal(dates.last_from, day("2026-10-01"));
    assert_int_equal(dates.last_until, day("2027-01-01"));
    assert_true(weekly_same_cut(day("2026-11-09"), day("2026-11-30")));
    assert_false(weekly_same_cut(day("2026-11-30"), day("2026-12-07")));
    assert_false(weekly_same_cut(day("2026-12-28"), day("2027-01-04")));
}

static void starts_belong_to_the_quarter_of_the_appointment(void **state) {
    static const struct {
        const char *appointment;
        uint64_t started_this;
        uint64_t started_last;
    } starts[] = {
        {"2026-11-04", 1, 0}, {"2026-11-05", 0, 0}, {"2026-10-01", 1, 0},
        {"2026-09-30", 0, 1}, {"2026-07-01", 0, 1}, {"2026-06-30", 0, 0},
    };
    for (unsigned i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        struct weekly *weekly = weekly_at(state, "2026-11-23");
        struct disclosure_case one = a_case("2026-06-01");
        one.first_appointment_day = day(starts[i].appointment);
        add(weekly, &one);
        assert_int_equal(weekly->services[0].started_this.all.count, starts[i].started_this);
        assert_int_equal(weekly->services[0].started_last.all.count, starts[i].started_last);
    }
}

static void a_closed_case_without_appointment_left_and_others_didnt(void **state) {
    struct weekly *weekly = weekly_at(state, "2026-11-23");
    struct disclosure_case one = a_case("2026-08-31");
    one.closed_day = day("2026-10-05"); /* 35 days: bin 3 */
    one.close_reason = CLOSE_REASON_UNREACHABLE;
    add(weekly, &one);
    one.first_appointment_day = day("2026-09-14");
    add(weekly, &one);
    one.first_appointment_day = DAY_NONE;
    one.close_reason = CLOSE_REASON_NONE;
    one.closed_day = day("2026-11-10"); /* behind the cut: not yet */
    add(weekly, &one);
    const struct service_cells *cells = &weekly->services[0];
    assert_int_equal(cells->left[CLOSE_REASON_UNREACHABLE].all.count, 1);
    assert_int_equal(cells->left[CLOSE_REASON_UNREACHABLE].bins[3].count, 1);
    assert_int_equal(cells->left[CLOSE_REASON_OTHER].all.count, 0);
    assert_int_equal(weekly->total.open.count, 0);
}

static void what_isnt_known_counts_in_the_total_alone(void **state) {
    struct weekly *weekly = weekly_at(state, "2026-11-23");
    struct disclosure_case one = a_case("2026-11-02");
    one.nis.code = 0;
    one.language.code[0] = '\0';
    memset(&one.service, 0, sizeof(one.service));
    add(weekly, &one);
    assert_int_equal(weekly->total.open.count, 1);
    for (enum dimension d = DIMENSION_SERVICE; d <= DIMENSION_LANGUAGE; d++) {
        assert_int_equal(weekly->lists[d].count, 0);
    }
}

static void categories_stand_in_order_whatever_order_the_cases_had(void **state) {
    static const char *const services[] = {"nt2", "budget", "onthaal", "budget", "asiel"};
    struct weekly *weekly = weekly_at(state, "2026-11-23");
    for (unsigned i = 0; i < 5; i++) {
        struct disclosure_case one = a_case("2026-11-09");
        memset(&one.service, 0, sizeof(one.service));
        memcpy(one.service.text, services[i], strlen(services[i]));
        add(weekly, &one);
    }
    const struct category_list *list = &weekly->lists[DIMENSION_SERVICE];
    assert_int_equal(list->count, 4);
    assert_string_equal(list->items[0].id.service.text, "asiel");
    assert_string_equal(list->items[1].id.service.text, "budget");
    assert_string_equal(list->items[3].id.service.text, "onthaal");
    assert_int_equal(list->items[1].open.count, 2);
    assert_int_equal(weekly->services[1].still_waiting.bins[1].count, 2);
    assert_int_equal(weekly->services[0].still_waiting.all.count, 1);
}

static void more_services_than_a_signal_carries_are_refused(void **state) {
    struct weekly *weekly = weekly_at(state, "2026-11-23");
    for (int i = 0; i <= SIGNAL_SERVICES_MAX; i++) {
        struct disclosure_case one = a_case("2026-11-02");
        memset(&one.service, 0, sizeof(one.service));
        (void)snprintf(one.service.text, sizeof(one.service.text), "s%d", i);
        assert_int_equal(weekly_add(weekly, &one), i < SIGNAL_SERVICES_MAX ? 0 : ERR_TOO_LARGE);
    }
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_ARENA(what_happens_on_the_day_of_the_freeze_doesnt_count),
        WITH_ARENA(a_case_closed_on_the_freeze_day_is_still_open),
        WITH_ARENA(an_appointment_still_to_come_is_waiting),
        WITH_ARENA(seven_days_are_one_week_and_eight_are_more),
        WITH_ARENA(contact_is_counted_from_asking_where_there_was_none),
        WITH_ARENA(a_quarter_is_cut_after_weeks_5_9_and_13),
        WITH_ARENA(starts_belong_to_the_quarter_of_the_appointment),
        WITH_ARENA(a_closed_case_without_appointment_left_and_others_didnt),
        WITH_ARENA(what_isnt_known_counts_in_the_total_alone),
        WITH_ARENA(categories_stand_in_order_whatever_order_the_cases_had),
        WITH_ARENA(more_services_than_a_signal_carries_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
