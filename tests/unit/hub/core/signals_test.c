#include "hub/core/signals.h"
#include "shared/base/limits.h"
#include "shared/figures/histogram.h"
#include "tests/unit/hub/core/pair_world.h"

static int latest(struct fixture *fixture, const struct org_id *org, int32_t until_day,
                  struct signal_record *ret) {
    struct store_txn *view = fixture_read(fixture);
    int r = signals_latest(view, org, until_day, fixture->arena, ret);
    store_abort(view);
    return r;
}

static uint32_t open_on(struct world *world, int32_t day) {
    struct signal_record record;
    assert_int_equal(latest(world->fixture, &world->a.org, day, &record), 0);
    assert_int_equal(record.signal.as_of_day, day);
    return record.signal.open.value;
}

/* -- which one stands -- */

static void of_two_figures_for_a_day_the_later_sent_stands_whatever_their_order(void **state) {
    struct world world = pair_begin();
    struct mail first = signal_mail(&world, first_day(), 100);
    struct mail second = signal_mail(&world, first_day(), 200);
    assert_taken(fixture_post(world.fixture, &world.a, &first));
    assert_int_equal(open_on(&world, first_day()), 100);
    assert_taken(fixture_post(world.fixture, &world.a, &second));
    assert_int_equal(open_on(&world, first_day()), 200);
    struct mail third = signal_mail(&world, first_day() - 7, 300);
    struct mail fourth = signal_mail(&world, first_day() - 7, 400);
    assert_taken(fixture_post(world.fixture, &world.a, &fourth));
    assert_taken(fixture_post(world.fixture, &world.a, &third));
    assert_int_equal(open_on(&world, first_day() - 7), 400);
    assert_int_equal(fixture_count(world.fixture, TABLE_SIGNALS), 2);
    pair_end(&world);
}

/* A node that began anew counts from 1 again: its word is the later one all the same. */
static void a_new_incarnations_figures_replace_the_old_ones(void **state) {
    struct world world = pair_begin();
    for (int i = 0; i < 4; i++) {
        struct mail mail = signal_mail(&world, first_day(), 100);
        assert_taken(fixture_post(world.fixture, &world.a, &mail));
    }
    world.a.incarnation = 2;
    world.a.last[LANE_ORDINARY] = 0;
    struct mail mail = signal_mail(&world, first_day(), 200);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_int_equal(open_on(&world, first_day()), 200);
    pair_end(&world);
}

static void figures_of_one_are_not_figures_of_another(void **state) {
    struct world world = pair_begin();
    struct signal signal = signal_plain(first_day());
    struct signal_record record;
    assert_taken(fixture_publish(world.fixture, &world.b, &signal));
    assert_int_equal(latest(world.fixture, &world.a.org, INT32_MAX, &record), ERR_NOT_FOUND);
    assert_int_equal(latest(world.fixture, &world.b.org, INT32_MAX, &record), 0);
    assert_int_equal(record.received_ms, world.fixture->now_ms);
    pair_end(&world);
}

/* -- the day they describe -- */

/* Brussels' day: at 23:30 UTC in winter it's the next one there. */
static void a_figure_of_a_day_to_come_is_refused(void **state) {
    struct world world = pair_begin();
    struct signal signal = signal_plain(first_day() + 1);
    assert_refused(fixture_publish(world.fixture, &world.a, &signal), REFUSAL_FROM_THE_FUTURE);
    world.fixture->now_ms = first_day() * (int64_t)DAY_MS + 23 * (int64_t)HOUR_MS;
    assert_taken(fixture_publish(world.fixture, &world.a, &signal));
    assert_int_equal(fixture_count(world.fixture, TABLE_SIGNALS), 1);
    pair_end(&world);
}

static void a_figure_older_than_fifty_six_weeks_is_refused(void **state) {
    struct world world = pair_begin();
    struct signal signal = signal_plain(first_day() - 393);
    assert_refused(fixture_publish(world.fixture, &world.a, &signal), REFUSAL_STALE);
    signal.as_of_day = first_day() - 392;
    assert_taken(fixture_publish(world.fixture, &world.a, &signal));
    pair_end(&world);
}

/* -- what may not have left a node -- */

/* A register's figures with everything in them, one place of which a test may spoil. */
struct full {
    struct signal signal;
    struct service_figures service;
    struct left_figures left;
    struct place_figures place;
    struct language_figures language;
};

static struct wait_bins bins_of(uint32_t count) {
    struct wait_bins bins = {.edge_count = 6, .edges_weeks = {1, 2, 4, 8, 13, 26}};
    for (size_t i = 0; i <= bins.edge_count; i++) {
        bins.counts[i] = count;
    }
    return bins;
}

static void fill(struct full *full) {
    *full = (struct full){
        .signal = signal_plain(first_day()),
        .service = {.service = service_named("intake"),
                    .open = count_value(60),
                    .waiting = count_value(30),
                    .still_waiting = bins_of(4),
                    .started_this_quarter = bins_of(4),
                    .started_last_quarter = bins_of(4),
                    .since_contact = bins_of(4),
                    .left_count = 1},
        .left = {.reason = CLOSE_REASON_MOVED, .waits = bins_of(4)},
        .place = {.nis = {34022}, .open = count_value(60), .waiting = count_value(30)},
        .language = {.language = {"ara"}, .open = count_value(60), .waiting = count_value(30)},
    };
    full->service.left = &full->left;
    full->signal.services = &full->service;
    full->signal.service_count = 1;
    full->signal.places = &full->place;
    full->signal.place_count = 1;
    full->signal.languages = &full->language;
    full->signal.language_count = 1;
}

enum { SPOTS = 16 };

static uint32_t *spot_at(struct full *full, size_t index) {
    uint32_t *const spots[SPOTS] = {
        &full->signal.waiting.value,
        &full->service.open.value,
        &full->service.waiting.value,
        &full->service.still_waiting.counts[0],
        &full->service.still_waiting.counts[6],
        &full->service.started_this_quarter.counts[0],
        &full->service.started_this_quarter.counts[6],
        &full->service.started_last_quarter.counts[3],
        &full->service.since_contact.counts[0],
        &full->service.since_contact.counts[6],
        &full->left.waits.counts[0],
        &full->left.waits.counts[6],
        &full->place.open.value,
        &full->place.waiting.value,
        &full->language.open.value,
        &full->language.waiting.value,
    };
    return spots[index];
}

static void a_registers_counts_of_one_or_two_are_implausible_wherever_they_stand(void **state) {
    struct world world = pair_begin();
    struct full full;
    for (size_t i = 0; i < SPOTS; i++) {
        for (uint32_t value = 0; value <= 3; value++) {
            fill(&full);
            *spot_at(&full, i) = value;
            struct answer answer = fixture_publish(world.fixture, &world.a, &full.signal);
            if (value == 1 || value == 2) {
                assert_refused(answer, REFUSAL_IMPLAUSIBLE);
            } else {
                assert_taken(answer);
            }
        }
    }
    struct signal total = signal_plain(first_day());
    total.open = count_value(2);
    assert_refused(fixture_publish(world.fixture, &world.a, &total), REFUSAL_IMPLAUSIBLE);
    pair_end(&world);
}

static void without_tables(struct full *full) {
    full->signal.service_count = 0;
    full->signal.place_count = 0;
    full->signal.language_count = 0;
}

/* Every kind of table alone, below a total that has none: a band, a withheld one, one below 48 (50
 * less the hysteresis). */
static void tables_below_fifty_open_cases_are_implausible(void **state) {
    struct world world = pair_begin();
    const struct count totals[] = {count_band(3), count_band(0), count_value(47),
                                   (struct count){.form = COUNT_NONE}};
    for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++) {
        for (int table = 0; table < 4; table++) {
            struct full full;
            fill(&full);
            without_tables(&full);
            full.signal.open = totals[i];
            full.signal.waiting = totals[i];
            full.signal.service_count = table == 1;
            full.signal.place_count = table == 2;
            full.signal.language_count = table == 3;
            struct answer answer = fixture_publish(world.fixture, &world.a, &full.signal);
            if (table == 0) {
                assert_taken(answer);
            } else {
                assert_refused(answer, REFUSAL_IMPLAUSIBLE);
            }
        }
    }
    struct full full;
    fill(&full);
    full.signal.open = count_value(48);
    assert_taken(fixture_publish(world.fixture, &world.a, &full.signal));
    pair_end(&world);
}

static void figures_that_their_owner_published_are_taken_as_they_are(void **state) {
    struct world world = pair_begin();
    for (size_t i = 0; i < SPOTS; i++) {
        struct full full;
        fill(&full);
        full.signal.origin = FIGURES_ORIGIN_PUBLISHED;
        full.signal.open = count_value(20);
        *spot_at(&full, i) = 1;
        assert_taken(fixture_publish(world.fixture, &world.a, &full.signal));
    }
    pair_end(&world);
}

/* -- status -- */

static struct mail status_mail(struct world *world, uint32_t fte_hundredths) {
    struct service_state service = {.service = service_named("intake"),
                                    .status = SERVICE_STATUS_LIMITED,
                                    .fte_hundredths = fte_hundredths};
    const struct status status = {
        .set_at_ms = fte_hundredths, .services = &service, .service_count = 1};
    return mail_next(world->fixture, &world->a, MESSAGE_KIND_STATUS,
                     status_body(world->fixture, &status));
}

static int read_status(struct world *world, const struct party *party, struct status_record *ret) {
    struct store_txn *view = fixture_read(world->fixture);
    int r = signals_status(view, &party->org, world->fixture->arena, ret);
    store_abort(view);
    return r;
}

static void of_two_statuses_the_later_sent_stands_whatever_their_order(void **state) {
    struct world world = pair_begin();
    struct status_record record;
    struct mail first = status_mail(&world, 100);
    struct mail second = status_mail(&world, 200);
    assert_int_equal(read_status(&world, &world.a, &record), ERR_NOT_FOUND);
    assert_taken(fixture_post(world.fixture, &world.a, &second));
    assert_taken(fixture_post(world.fixture, &world.a, &first));
    assert_int_equal(read_status(&world, &world.a, &record), 0);
    assert_int_equal(record.received_ms, world.fixture->now_ms);
    assert_int_equal(record.status.service_count, 1);
    assert_int_equal(record.status.services[0].fte_hundredths, 200);
    assert_int_equal(record.status.services[0].status, SERVICE_STATUS_LIMITED);
    assert_int_equal(read_status(&world, &world.b, &record), ERR_NOT_FOUND);
    pair_end(&world);
}

/* -- keeping -- */

static void publish_on(struct world *world, struct party *party, int32_t day) {
    struct signal signal = signal_plain(day);
    assert_taken(fixture_publish(world->fixture, party, &signal));
}

static void figures_are_dropped_after_fifty_six_weeks(void **state) {
    struct world world = pair_begin();
    publish_on(&world, &world.a, first_day());
    publish_on(&world, &world.a, first_day() - 1);
    publish_on(&world, &world.b, first_day() - 7);
    world.fixture->now_ms += 56 * 7 * (int64_t)DAY_MS;
    fixture_tick(world.fixture);
    struct signal_record record;
    assert_int_equal(fixture_count(world.fixture, TABLE_SIGNALS), 1);
    assert_int_equal(latest(world.fixture, &world.a.org, INT32_MAX, &record), 0);
    assert_int_equal(record.signal.as_of_day, first_day());
    world.fixture->now_ms += DAY_MS;
    fixture_tick(world.fixture);
    assert_int_equal(fixture_count(world.fixture, TABLE_SIGNALS), 0);
    pair_end(&world);
}

static void figures_are_looked_through_once_a_day_also_after_a_restart(void **state) {
    struct world world = pair_begin();
    fixture_tick(world.fixture);
    assert_int_equal(fixture_facts(world.fixture, FACT_RETENTION), 1);
    for (int hour = 0; hour < 14; hour++) {
        fixture_tick(world.fixture);
        world.fixture->now_ms += HOUR_MS;
    }
    fixture_restart(world.fixture);
    fixture_tick(world.fixture);
    assert_int_equal(fixture_facts(world.fixture, FACT_RETENTION), 1);
    world.fixture->now_ms += 2 * HOUR_MS; /* past midnight */
    fixture_tick(world.fixture);
    fixture_tick(world.fixture);
    assert_int_equal(fixture_facts(world.fixture, FACT_RETENTION), 2);
    pair_end(&world);
}

/* -- reading -- */

static void the_latest_figure_until_a_day_is_found_at_its_borders(void **state) {
    struct world world = pair_begin();
    struct signal_record record;
    struct party before = party_make("ocmw", 11);
    struct party behind = party_make("ocmw-aa", 12);
    fixture_join(world.fixture, &before);
    fixture_join(world.fixture, &behind);
    publish_on(&world, &before, first_day() - 3);
    publish_on(&world, &behind, first_day() - 4);
    assert_int_equal(latest(world.fixture, &world.a.org, INT32_MAX, &record), ERR_NOT_FOUND);
    assert_int_equal(latest(world.fixture, &world.a.org, 0, &record), ERR_NOT_FOUND);
    publish_on(&world, &world.a, first_day() - 14);
    publish_on(&world, &world.a, first_day() - 7);
    static const struct {
        int32_t until;
        int32_t found; /* days before first_day(); 0: none */
    } expected[] = {{-15, 0}, {-14, 14}, {-13, 14}, {-8, 14}, {-7, 7}, {-6, 7}, {0, 7}, {40000, 7}};
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        int r = latest(world.fixture, &world.a.org, first_day() + expected[i].until, &record);
        assert_int_equal(r, expected[i].found == 0 ? ERR_NOT_FOUND : 0);
        if (r == 0) {
            assert_int_equal(record.signal.as_of_day, first_day() - expected[i].found);
            assert_true(org_id_equal(&record.org, &world.a.org));
        }
    }
    assert_int_equal(latest(world.fixture, &behind.org, INT32_MAX, &record), 0);
    assert_int_equal(record.signal.as_of_day, first_day() - 4);
    pair_end(&world);
}

static void organisations_with_figures_follow_each_other_once(void **state) {
    static const char *const names[] = {"ocmw", "ocmw-a", "ocmw-aa", "ocmw-b"};
    struct world world = pair_begin();
    struct party before = party_make(names[0], 11);
    struct party between = party_make(names[2], 12);
    struct party silent = party_make("ocmw-ab", 13);
    fixture_join(world.fixture, &before);
    fixture_join(world.fixture, &between);
    fixture_join(world.fixture, &silent);
    struct party *const parties[] = {&world.b, &between, &world.a, &before};
    for (size_t i = 0; i < 4; i++) {
        for (int32_t day = 0; day < 3; day++) {
            publish_on(&world, parties[i], first_day() - 7 * day);
        }
    }
    struct store_txn *view = fixture_read(world.fixture);
    struct org_id org = {0};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(signals_next_org(view, &org, &org), 0);
        assert_string_equal(org.text, names[i]);
    }
    assert_int_equal(signals_next_org(view, &org, &org), ERR_NOT_FOUND);
    assert_string_equal(org.text, names[3]);
    store_abort(view);
    pair_end(&world);
}

/* A node restores what its own register said, not what it had published elsewhere. */
static void the_last_figures_given_back_are_the_registers(void **state) {
    struct world world = pair_begin();
    struct signal signal = signal_plain(first_day() - 7);
    signal.open = count_value(123);
    assert_taken(fixture_publish(world.fixture, &world.a, &signal));
    signal = signal_plain(first_day());
    signal.origin = FIGURES_ORIGIN_PUBLISHED;
    assert_taken(fixture_publish(world.fixture, &world.a, &signal));
    const struct packet hello = {.content = PACKET_HELLO,
                                 .hello = {.version_min = 1,
                                           .version_max = 1,
                                           .organisation = world.a.org,
                                           .now_ms = world.fixture->now_ms,
                                           .wants_last_signal = true}};
    struct bytes frame;
    assert_int_equal(packet_encode(&hello, world.fixture->arena, &frame), 0);
    fixture_push(world.fixture, &world.a, frame);
    fixture_turn(world.fixture);
    const struct packet *packet = fixture_packet(world.fixture, &world.a, PACKET_WELCOME);
    assert_int_equal(signal_decode(packet->welcome.last_signal, world.fixture->arena, &signal),
                     REFUSAL_NONE);
    assert_int_equal(signal.open.value, 123);
    pair_end(&world);
}

static void bins_that_no_reader_can_trust_are_refused(void **state) {
    struct world world = pair_begin();
    struct service_figures service = {
        .service = service_named("debt"), .open = count_value(60), .waiting = count_value(20)};
    service.still_waiting = (struct wait_bins){.edge_count = 2, .edges_weeks = {4, 8}};
    struct signal signal = signal_plain(first_day());
    signal.origin = FIGURES_ORIGIN_PUBLISHED;
    signal.services = &service;
    signal.service_count = 1;
    assert_taken(fixture_publish(world.fixture, &world.a, &signal));
    service.still_waiting.counts[1] = HISTOGRAM_COUNT_MAX + 1u;
    assert_refused(fixture_publish(world.fixture, &world.a, &signal), REFUSAL_IMPLAUSIBLE);
    service.still_waiting.counts[1] = 0;
    service.since_contact =
        (struct wait_bins){.edge_count = 2, .edges_weeks = {4, HISTOGRAM_EDGE_WEEKS_MAX + 1}};
    assert_refused(fixture_publish(world.fixture, &world.a, &signal), REFUSAL_IMPLAUSIBLE);
    pair_end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bins_that_no_reader_can_trust_are_refused),
        cmocka_unit_test(of_two_figures_for_a_day_the_later_sent_stands_whatever_their_order),
        cmocka_unit_test(a_new_incarnations_figures_replace_the_old_ones),
        cmocka_unit_test(figures_of_one_are_not_figures_of_another),
        cmocka_unit_test(a_figure_of_a_day_to_come_is_refused),
        cmocka_unit_test(a_figure_older_than_fifty_six_weeks_is_refused),
        cmocka_unit_test(a_registers_counts_of_one_or_two_are_implausible_wherever_they_stand),
        cmocka_unit_test(tables_below_fifty_open_cases_are_implausible),
        cmocka_unit_test(figures_that_their_owner_published_are_taken_as_they_are),
        cmocka_unit_test(of_two_statuses_the_later_sent_stands_whatever_their_order),
        cmocka_unit_test(figures_are_dropped_after_fifty_six_weeks),
        cmocka_unit_test(figures_are_looked_through_once_a_day_also_after_a_restart),
        cmocka_unit_test(the_latest_figure_until_a_day_is_found_at_its_borders),
        cmocka_unit_test(organisations_with_figures_follow_each_other_once),
        cmocka_unit_test(the_last_figures_given_back_are_the_registers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
