/* From a register to the hub's table: one decision a freeze, whatever happens around it. */
#include "tests/unit/node/core/fixture.h"

#include <stdlib.h>

#include "hub/core/signals.h"
#include "node/core/status.h"

enum { WEEK_MS = 7 * DAY_MS, CASES = 120 };

static int setup(void **state) {
    struct bench *bench = bench_new("ocmw-kortrijk");
    *state = bench;
    bench_connect(bench);
    return 0;
}

static int teardown(void **state) {
    bench_free(*state);
    return 0;
}

static void import_many(struct bench *bench, uint64_t record_key, int first, size_t count) {
    struct register_case *cases = cases_made(first, count);
    bench_import(bench, record_key, cases, count);
    free(cases);
}

static enum refusal publish(struct bench *bench) {
    enum refusal refusal = bench_command(bench, NODE_COMMAND_PUBLISH, NULL);
    bench_carry(bench);
    return refusal;
}

static struct bytes encoded(struct bench *bench, const struct signal *signal) {
    struct bytes body;
    assert_int_equal(signal_encode(signal, bench->hub->arena, &body), 0);
    return body;
}

static void assert_same_bytes(struct bytes a, struct bytes b) {
    assert_true(a.length > 0);
    assert_int_equal(a.length, b.length);
    assert_memory_equal(a.data, b.data, a.length);
}

static void what_the_node_decided_stands_at_the_hub_byte_by_byte(void **state) {
    struct bench *bench = *state;
    struct freeze_record freeze;
    import_many(bench, 1, 1, CASES);
    assert_int_equal(publish(bench), REFUSAL_NONE);
    assert_string_equal(bench->result, "{\"freeze\":\"2026-11-23\",\"published\":true}");
    assert_int_equal(bench_freeze(bench, first_day(), &freeze), 0);
    struct signal stands = bench_at_hub(bench);
    assert_int_equal(stands.as_of_day, first_day());
    assert_int_equal(stands.origin, FIGURES_ORIGIN_REGISTER);
    assert_int_equal(stands.service_count, 2);
    assert_same_bytes(freeze.body, encoded(bench, &stands));
    struct node_health health = bench_health(bench);
    assert_int_equal(health.waiting, 0);
    assert_int_equal(health.freeze_day, first_day());
    assert_int_equal(health.receipt_ms, bench->hub->now_ms);
}

/* 09:00 is past every node's minute: a tick is enough on this Monday, and not before the due one
 * on the next. */
static void a_freeze_goes_out_at_the_nodes_own_minute(void **state) {
    struct bench *bench = *state;
    struct freeze_record freeze;
    import_many(bench, 1, 1, CASES);
    bench_pass(bench, 1000);
    assert_int_equal(bench_at_hub(bench).as_of_day, first_day());
    int32_t next = first_day() + 7;
    int64_t due_ms = brussels_instant(next, 6 * 60) +
                     (int64_t)publish_offset_minutes(&bench->party.org) * MINUTE_MS;
    assert_int_equal(bench_health(bench).next_freeze_ms, due_ms);
    bench_pass(bench, due_ms - 1 - bench->hub->now_ms);
    assert_int_equal(bench_freeze(bench, next, &freeze), ERR_NOT_FOUND);
    bench_pass(bench, 1);
    assert_int_equal(bench_at_hub(bench).as_of_day, next);
}

/* Somebody looks before the first figures leave; after that the clock does it. */
static void a_node_of_people_publishes_by_itself_only_after_the_first_command(void **state) {
    struct bench *bench = *state;
    struct freeze_record freeze;
    bench->params.hold_until_released = true;
    bench_restart(bench);
    bench_connect(bench);
    assert_true(bench_health(bench).held);
    import_many(bench, 1, 1, CASES);
    assert_non_null(strstr(bench->result, "\"held\":true"));
    bench_pass(bench, 2 * (int64_t)HOUR_MS);
    assert_int_equal(bench_freeze(bench, first_day(), &freeze), ERR_NOT_FOUND);
    assert_int_equal(publish(bench), REFUSAL_NONE);
    assert_false(bench_health(bench).held);
    assert_int_equal(bench_at_hub(bench).as_of_day, first_day());
    bench_restart(bench);
    bench_connect(bench);
    bench_pass(bench, WEEK_MS); /* in one leap: the hub is heard first */
    bench_pass(bench, 1000);
    assert_int_equal(bench_at_hub(bench).as_of_day, first_day() + 7);
}

/* A refused command is nobody's consent. */
static void a_refused_publish_releases_nothing(void **state) {
    struct bench *bench = *state;
    bench->params.hold_until_released = true;
    bench_restart(bench);
    bench_connect(bench);
    assert_int_equal(publish(bench), REFUSAL_NOT_FOUND);
    assert_true(bench_health(bench).held);
}

static void a_freeze_once_decided_never_changes_after_another_import(void **state) {
    struct bench *bench = *state;
    struct freeze_record first;
    struct freeze_record later;
    import_many(bench, 1, 1, CASES);
    assert_int_equal(publish(bench), REFUSAL_NONE);
    assert_int_equal(bench_freeze(bench, first_day(), &first), 0);
    import_many(bench, 2, 1000, CASES + 60);
    bench_pass(bench, 3 * (int64_t)DAY_MS);
    assert_int_equal(publish(bench), REFUSAL_NONE);
    assert_string_equal(bench->result, "{\"freeze\":\"2026-11-23\",\"repeated\":true}");
    assert_int_equal(bench_freeze(bench, first_day(), &later), 0);
    assert_same_bytes(first.body, later.body);
    assert_int_equal(later.decided_ms, first.decided_ms);
    struct signal stands = bench_at_hub(bench);
    assert_same_bytes(first.body, encoded(bench, &stands));
}

static void a_signal_on_its_way_isnt_sent_a_second_time(void **state) {
    struct bench *bench = *state;
    import_many(bench, 1, 1, CASES);
    assert_int_equal(bench_command(bench, NODE_COMMAND_PUBLISH, NULL), REFUSAL_NONE);
    assert_int_equal(bench_command(bench, NODE_COMMAND_PUBLISH, NULL), REFUSAL_NONE);
    assert_string_equal(bench->result, "{\"freeze\":\"2026-11-23\",\"waiting\":true}");
    assert_int_equal(bench_health(bench).waiting, 1);
}

static void an_organisation_without_a_register_publishes_nothing(void **state) {
    struct bench *bench = *state;
    bench_pass(bench, 1000);
    assert_int_equal(publish(bench), REFUSAL_NOT_FOUND);
    assert_int_equal(bench_count(bench, TABLE_FREEZE), 0);
}

static void a_register_that_nobody_renews_falls_silent(void **state) {
    struct bench *bench = *state;
    import_many(bench, 1, 1, CASES);
    for (int week = 0; week < 5; week++) {
        bench_pass(bench, WEEK_MS);
        bench_pass(bench, 1000);
    }
    assert_int_equal(publish(bench), REFUSAL_STALE);
    /* 30 November and 7 December lie within fifteen days of the import, 14 December doesn't. */
    assert_int_equal(bench_at_hub(bench).as_of_day, first_day() + 14);
}

/* The memory moves when the hub has receipted, not when we send. */
static void only_an_accepted_signal_is_memory(void **state) {
    struct bench *bench = *state;
    struct signal memory;
    import_many(bench, 1, 1, CASES);
    assert_int_equal(bench_command(bench, NODE_COMMAND_PUBLISH, NULL), REFUSAL_NONE);
    struct store_txn *view = bench_read(bench);
    assert_int_equal(memory_before(view, INT32_MAX, bench->hub->arena, &memory), ERR_NOT_FOUND);
    store_abort(view);
    bench_carry(bench);
    view = bench_read(bench);
    assert_int_equal(memory_before(view, INT32_MAX, bench->hub->arena, &memory), 0);
    assert_int_equal(memory.as_of_day, first_day());
    /* For the very freeze it's no memory: that would be a second look at it. */
    assert_int_equal(memory_before(view, first_day(), bench->hub->arena, &memory), ERR_NOT_FOUND);
    store_abort(view);
}

static void a_node_that_was_never_welcomed_doesnt_publish(void **state) {
    struct bench *bench = bench_new("ocmw-menen");
    import_many(bench, 1, 1, CASES);
    assert_int_equal(bench_command(bench, NODE_COMMAND_PUBLISH, NULL), REFUSAL_NOT_YET);
    bench_tick(bench);
    assert_int_equal(bench_count(bench, TABLE_FREEZE), 0);
    bench_connect(bench);
    bench_pass(bench, 1000);
    assert_int_equal(bench_at_hub(bench).as_of_day, first_day());
    bench_free(bench);
}

static void a_node_put_back_from_a_backup_gets_its_last_signal_first(void **state) {
    struct bench *bench = *state;
    struct freeze_record before;
    struct freeze_record after;
    struct signal memory;
    bench_backup(bench);
    import_many(bench, 1, 1, CASES);
    assert_int_equal(publish(bench), REFUSAL_NONE);
    assert_int_equal(bench_freeze(bench, first_day(), &before), 0);
    bench_restore(bench);
    import_many(bench, 2, 5000, 2 * CASES); /* another register than was published */
    assert_int_equal(bench_command(bench, NODE_COMMAND_PUBLISH, NULL), REFUSAL_NOT_YET);
    bench_tick(bench);
    assert_int_equal(bench_freeze(bench, first_day(), &after), ERR_NOT_FOUND);
    bench_connect(bench);
    struct store_txn *view = bench_read(bench);
    assert_int_equal(memory_before(view, INT32_MAX, bench->hub->arena, &memory), 0);
    store_abort(view);
    assert_int_equal(memory.as_of_day, first_day());
    bench_pass(bench, 1000);
    assert_int_equal(bench_freeze(bench, first_day(), &after), 0);
    assert_same_bytes(before.body, after.body);
    /* Its numbers begin anew, and the next freeze arrives. */
    bench_pass(bench, WEEK_MS);
    bench_pass(bench, 1000);
    assert_int_equal(bench_at_hub(bench).as_of_day, first_day() + 7);
    assert_int_equal(bench_health(bench).waiting, 0);
}

/* A clock that runs an hour or more ahead at once may be wrong: the hub knows. */
static void after_a_jump_of_the_clock_the_hub_is_heard_first(void **state) {
    struct bench *bench = *state;
    struct freeze_record freeze;
    import_many(bench, 1, 1, CASES);
    bench_pass(bench, 1000);
    bench->hub->now_ms += WEEK_MS;
    bench_tick(bench);
    assert_int_equal(bench_freeze(bench, first_day() + 7, &freeze), ERR_NOT_FOUND);
    bench_carry(bench);
    bench_tick(bench);
    assert_int_equal(bench_freeze(bench, first_day() + 7, &freeze), 0);
}

static void while_the_clock_is_an_hour_off_no_freeze_is_decided(void **state) {
    struct bench *bench = *state;
    bench->skew_ms = -61 * (int64_t)MINUTE_MS;
    bench_pass(bench, 61 * 60 * 1000 + 61 * 1000); /* the next greeting tells */
    assert_true(bench_health(bench).clock_halted);
    import_many(bench, 1, 1, CASES);
    bench_pass(bench, 1000);
    assert_int_equal(publish(bench), REFUSAL_CLOCK_OFF);
    bench->skew_ms = 0;
    bench_pass(bench, 61 * 60 * 1000);
    assert_false(bench_health(bench).clock_halted);
    bench_pass(bench, 1000);
    assert_int_equal(bench_at_hub(bench).as_of_day, first_day());
}

static void the_preview_shows_the_truth_beside_what_was_decided(void **state) {
    struct bench *bench = *state;
    struct publish_preview shown;
    const struct publish_preview_of of = {
        .own = bench->party.org, .keys = bench->params.keys, .now_ms = bench->hub->now_ms};
    const struct figure_name total = {.dimension = DIMENSION_TOTAL, .measure = MEASURE_OPEN};
    import_many(bench, 1, 1, CASES);
    struct store_txn *view = bench_read(bench);
    assert_int_equal(publish_preview(view, &of, bench->hub->arena, &shown), 0);
    store_abort(view);
    assert_false(shown.decided);
    struct count promised = preview_find(&shown.preview, &total)->published;
    assert_int_equal(publish(bench), REFUSAL_NONE);
    import_many(bench, 2, 1, CASES + 50);
    view = bench_read(bench);
    assert_int_equal(publish_preview(view, &of, bench->hub->arena, &shown), 0);
    store_abort(view);
    assert_true(shown.decided);
    const struct preview_line *line = preview_find(&shown.preview, &total);
    assert_int_equal(line->true_count, CASES + 50);
    assert_int_equal(line->published.value, promised.value);
    assert_int_equal(bench_at_hub(bench).open.value, promised.value);
}

/* -- what isn't counted from a register -- */

static struct published_figures figures_made(const char *service, int64_t waiting) {
    struct published_figures figures = {
        .service = service_named(service),
        .waiting_total = waiting,
        .still_waiting = {.edge_count = 2, .edges_weeks = {4, 18}},
    };
    figures.still_waiting.counts[0] = (uint32_t)waiting - 1;
    figures.still_waiting.counts[2] = 1;
    return figures;
}

static void figures_published_elsewhere_arrive_as_they_are(void **state) {
    struct bench *bench = *state;
    const struct published_figures services[] = {figures_made("c-100", 41),
                                                 figures_made("c-110", 2)};
    const struct import_figures_arguments arguments = {
        .as_of_day = first_day() - 23,
        .period_days = 31,
        .start_event = START_EVENT_REFERRED,
        .services = services,
        .count = 2,
    };
    assert_int_equal(bench_command(bench, NODE_COMMAND_IMPORT_FIGURES, &arguments), REFUSAL_NONE);
    bench_carry(bench);
    struct signal stands = bench_at_hub(bench);
    assert_int_equal(stands.origin, FIGURES_ORIGIN_PUBLISHED);
    assert_int_equal(stands.as_of_day, first_day() - 23);
    assert_int_equal(stands.period_days, 31);
    assert_int_equal(stands.start_event, START_EVENT_REFERRED);
    assert_int_equal(stands.waiting.value, 43);
    assert_int_equal(stands.open.form, COUNT_NONE);
    assert_int_equal(stands.services[1].waiting.value, 2); /* unperturbed, though small */
    assert_memory_equal(&stands.services[0].still_waiting, &services[0].still_waiting,
                        sizeof(struct wait_bins));
    /* They're no memory of the register. */
    struct signal memory;
    struct store_txn *view = bench_read(bench);
    assert_int_equal(memory_before(view, INT32_MAX, bench->hub->arena, &memory), ERR_NOT_FOUND);
    store_abort(view);
}

static void figures_of_tomorrow_or_out_of_order_are_refused(void **state) {
    struct bench *bench = *state;
    const struct published_figures services[] = {figures_made("c-110", 41),
                                                 figures_made("c-100", 41)};
    struct import_figures_arguments arguments = {
        .as_of_day = first_day() + 1,
        .period_days = 31,
        .start_event = START_EVENT_REFERRED,
        .services = services,
        .count = 1,
    };
    assert_int_equal(bench_command(bench, NODE_COMMAND_IMPORT_FIGURES, &arguments),
                     REFUSAL_FROM_THE_FUTURE);
    arguments.as_of_day = first_day();
    arguments.count = 2;
    assert_int_equal(bench_command(bench, NODE_COMMAND_IMPORT_FIGURES, &arguments),
                     REFUSAL_MALFORMED);
    arguments.count = 0;
    assert_int_equal(bench_command(bench, NODE_COMMAND_IMPORT_FIGURES, &arguments),
                     REFUSAL_MALFORMED);
    assert_int_equal(bench_health(bench).waiting, 0);
}

/* The hub keeps 56 weeks and says so: the refusal is final and shows. */
static void a_refused_signal_shows_in_health(void **state) {
    struct bench *bench = *state;
    const struct published_figures service = figures_made("c-100", 41);
    const struct import_figures_arguments arguments = {
        .as_of_day = first_day() - 60 * 7,
        .period_days = 31,
        .start_event = START_EVENT_ASKED,
        .services = &service,
        .count = 1,
    };
    assert_int_equal(bench_command(bench, NODE_COMMAND_IMPORT_FIGURES, &arguments), REFUSAL_NONE);
    bench_carry(bench);
    struct node_health health = bench_health(bench);
    assert_int_equal(health.waiting, 0);
    assert_int_equal(health.refused, 1);
    assert_int_equal(health.last_refusal, REFUSAL_STALE);
    assert_int_equal(health.last_refused_kind, MESSAGE_KIND_SIGNAL);
}

/* What the hub finally refused was never published: hysteresis mustn't lean on it. */
static void a_refused_signal_is_no_memory(void **state) {
    struct bench *bench = *state;
    struct signal memory;
    import_many(bench, 1, 1, CASES);
    assert_int_equal(bench_command(bench, NODE_COMMAND_PUBLISH, NULL), REFUSAL_NONE);
    struct refused refused = {.number = 1, .refusal = REFUSAL_IMPLAUSIBLE};
    const struct receipt receipt = {.lane = LANE_ORDINARY,
                                    .incarnation = 1,
                                    .contiguous = 1,
                                    .refused = &refused,
                                    .refused_count = 1};
    struct position on = bench_health(bench).hub_position;
    on.sequence++;
    assert_int_equal(node_receive(bench->node, hub_says(bench, &on, &receipt, bench->hub->now_ms)),
                     0);
    bench_turn(bench);
    assert_int_equal(bench_health(bench).last_refusal, REFUSAL_IMPLAUSIBLE);
    assert_int_equal(bench_health(bench).waiting, 0);
    struct store_txn *view = bench_read(bench);
    assert_int_equal(memory_before(view, INT32_MAX, bench->hub->arena, &memory), ERR_NOT_FOUND);
    store_abort(view);
}

static void a_status_replaces_only_the_services_it_names(void **state) {
    struct bench *bench = *state;
    const struct service_state both[] = {
        {.service = service_named("onthaal"), .status = SERVICE_STATUS_OPEN},
        {.service = service_named("budget"), .status = SERVICE_STATUS_OPEN, .fte_hundredths = 150},
    };
    const struct service_state one[] = {
        {.service = service_named("onthaal"), .status = SERVICE_STATUS_CLOSED}};
    const struct status_arguments first = {.services = both, .count = 2};
    const struct status_arguments second = {.services = one, .count = 1};
    struct status_record record;
    assert_int_equal(bench_command(bench, NODE_COMMAND_STATUS_SET, &first), REFUSAL_NONE);
    assert_int_equal(bench_command(bench, NODE_COMMAND_STATUS_SET, &second), REFUSAL_NONE);
    bench_carry(bench);
    struct store_txn *view = fixture_read(bench->hub);
    assert_int_equal(signals_status(view, &bench->party.org, bench->hub->arena, &record), 0);
    store_abort(view);
    assert_int_equal(record.status.service_count, 2);
    assert_string_equal(record.status.services[0].service.text, "budget");
    assert_int_equal(record.status.services[0].fte_hundredths, 150);
    assert_int_equal(record.status.services[1].status, SERVICE_STATUS_CLOSED);
}

static void a_status_that_isnt_on_the_list_is_refused(void **state) {
    struct bench *bench = *state;
    struct service_state state_made = {.service = service_named("onthaal")};
    const struct status_arguments arguments = {.services = &state_made, .count = 1};
    assert_int_equal(bench_command(bench, NODE_COMMAND_STATUS_SET, &arguments),
                     REFUSAL_UNKNOWN_VALUE);
    assert_int_equal(bench_health(bench).waiting, 0);
}

/* A number whose check digits hold: 97 - 850730033 mod 97 = 28. */
static void a_service_that_reads_like_a_person_doesnt_leave(void **state) {
    struct bench *bench = *state;
    struct service_state state_made = {.service = service_named("85073003328"),
                                       .status = SERVICE_STATUS_OPEN};
    const struct status_arguments arguments = {.services = &state_made, .count = 1};
    assert_int_equal(bench_command(bench, NODE_COMMAND_STATUS_SET, &arguments), REFUSAL_WITHHELD);
    assert_int_equal(bench_health(bench).waiting, 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_the_node_decided_stands_at_the_hub_byte_by_byte),
        TEST(a_freeze_goes_out_at_the_nodes_own_minute),
        TEST(a_node_of_people_publishes_by_itself_only_after_the_first_command),
        TEST(a_refused_publish_releases_nothing),
        TEST(a_freeze_once_decided_never_changes_after_another_import),
        TEST(a_signal_on_its_way_isnt_sent_a_second_time),
        TEST(an_organisation_without_a_register_publishes_nothing),
        TEST(a_register_that_nobody_renews_falls_silent),
        TEST(only_an_accepted_signal_is_memory),
        TEST(a_node_that_was_never_welcomed_doesnt_publish),
        TEST(a_node_put_back_from_a_backup_gets_its_last_signal_first),
        TEST(after_a_jump_of_the_clock_the_hub_is_heard_first),
        TEST(while_the_clock_is_an_hour_off_no_freeze_is_decided),
        TEST(the_preview_shows_the_truth_beside_what_was_decided),
        TEST(figures_published_elsewhere_arrive_as_they_are),
        TEST(figures_of_tomorrow_or_out_of_order_are_refused),
        TEST(a_refused_signal_shows_in_health),
        TEST(a_refused_signal_is_no_memory),
        TEST(a_status_replaces_only_the_services_it_names),
        TEST(a_status_that_isnt_on_the_list_is_refused),
        TEST(a_service_that_reads_like_a_person_doesnt_leave),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
