#include <stdio.h>

#include "hub/shell/load_write.h"
#include "tests/unit/hub/core/fixture.h"

enum { WEEKS = 12, SERVICES = 48, FIRST_OPEN = 60 };

static const int32_t FROM_ALWAYS = 0;

static void publish(struct fixture *fixture, struct party *party, int32_t day) {
    struct service_figures services[SERVICES] = {0};
    struct signal signal = {
        .as_of_day = day,
        .period_days = 7,
        .origin = FIGURES_ORIGIN_REGISTER,
        .start_event = START_EVENT_ASKED,
        .open = {.form = COUNT_VALUE, .value = FIRST_OPEN * SERVICES},
        .waiting = {.form = COUNT_VALUE, .value = FIRST_OPEN},
        .services = services,
        .service_count = SERVICES,
    };
    for (int i = 0; i < SERVICES; i++) {
        snprintf(services[i].service.text, sizeof(services[i].service.text), "service-%02d", i);
        services[i].open = (struct count){.form = COUNT_VALUE, .value = (uint32_t)(FIRST_OPEN + i)};
    }
    struct mail mail =
        mail_next(fixture, party, MESSAGE_KIND_SIGNAL, signal_body(fixture, &signal));
    struct answer answer = fixture_post(fixture, party, &mail);
    assert_true(answer.settled);
    assert_int_equal(answer.refused, REFUSAL_NONE);
}

static struct party member_with_a_quarter(struct fixture *fixture) {
    struct party party = party_make("ocmw-kuurne", 1);
    fixture_join(fixture, &party);
    for (int week = WEEKS - 1; week >= 0; week--) {
        publish(fixture, &party, first_day() - 7 * week);
    }
    return party;
}

struct walk {
    struct load_query query;
    size_t chunks;
    size_t rows;
    int32_t last_day; /* of the chunk before */
};

/* Newest first, each week whole and once. */
static void check_chunk(struct walk *walk, const struct load_page *page) {
    assert_int_equal(page->count % SERVICES, 0);
    for (size_t i = 0; i < page->count; i++) {
        size_t week = (walk->rows + i) / SERVICES;
        assert_int_equal(page->rows[i].as_of_day, first_day() - 7 * (int32_t)week);
        if (page->rows[i].freshness != FRESHNESS_UNKNOWN) { /* an old figure isn't shown any more */
            assert_int_equal(page->rows[i].open.interval.low, FIRST_OPEN + i % SERVICES);
        }
    }
    walk->rows += page->count;
    walk->chunks++;
}

static void chunks_together_are_every_week_whole_and_once(void **state) {
    struct fixture *fixture = fixture_new();
    struct party party = member_with_a_quarter(fixture);
    struct store_txn *view = fixture_read(fixture);
    struct walk walk = {.query = {.by = LOAD_BY_SERVICE,
                                  .org = party.org,
                                  .until_day = first_day(),
                                  .now_ms = fixture->now_ms}};
    bool more = true;
    while (more) {
        struct load_page page;
        assert_int_equal(load_chunk(view, &walk.query, FROM_ALWAYS, fixture->arena, &page, &more),
                         0);
        check_chunk(&walk, &page);
        assert_true(walk.chunks <= WEEKS);
    }
    assert_int_equal(walk.rows, WEEKS * SERVICES);
    assert_int_equal(walk.chunks, 2); /* 320 rows: six weeks of 48 */
    store_abort(view);
    fixture_free(fixture);
}

static void a_row_names_its_organisation_as_the_directory_does(void **state) {
    struct fixture *fixture = fixture_new();
    struct party party = member_with_a_quarter(fixture);
    struct store_txn *view = fixture_read(fixture);
    struct json_writer writer = json_over(1 << 20);
    struct load_names_cache cache = {0};
    const struct load_row rows[] = {{.org = party.org, .as_of_day = 1, .period_days = 7},
                                    {.org = org_named("nobody"), .as_of_day = 1}};
    char wanted[200];
    snprintf(wanted, sizeof(wanted), "{\"organisation\":\"%s\",\"name\":\"%s\",\"kind\":\"%s\"",
             party.org.text, party.member.name, org_kind_text(party.member.kind));
    assert_int_equal(load_write_row(&writer, view, fixture->arena, &cache, &rows[0]), 0);
    struct bytes written = json_bytes(&writer);
    assert_true(written.length > strlen(wanted));
    assert_memory_equal(written.data, wanted, strlen(wanted));
    json_put_newline(&writer);
    json_drop(&writer, json_bytes(&writer).length);
    const char *other = "{\"organisation\":\"nobody\",\"name\":\"\",\"kind\":null";
    assert_int_equal(load_write_row(&writer, view, fixture->arena, &cache, &rows[1]), 0);
    assert_memory_equal(json_bytes(&writer).data, other, strlen(other));
    json_deinit(&writer);
    store_abort(view);
    fixture_free(fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_together_are_every_week_whole_and_once),
        cmocka_unit_test(a_row_names_its_organisation_as_the_directory_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
