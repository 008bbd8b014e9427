#include "hub/core/counts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "hub/core/facts.h"
#include "shared/base/civil.h"
#include "shared/crypto/rng.h"
#include "shared/figures/cellkey.h"
#include "shared/store/env.h"
#include "shared/turn/decision.h"
#include "tests/unit/shared/store/scratch.h"

/* Counts by hand. What is perturbed is held against tests/data/cellkey_expected.py, which has its
 * own BLAKE2b and its own table: the record keys here are those of its cases D-1, D-2, ... */

struct world {
    struct scratch scratch;
    struct store *store;
    struct arena *arena;
    struct rng rng;
};

static int32_t day_of(const char *date) {
    int32_t day = 0;
    assert_int_equal(date_parse(date, &day), 0);
    return day;
}

static struct world begin(void) {
    static const uint8_t seed[32] = {5};
    struct world world = {.scratch = scratch_new()};
    const struct store_params params = {
        .path = world.scratch.path, .durability = STORE_VOLATILE, .map_bytes = 64 << 20};
    assert_int_equal(store_open(&params, &world.store), 0);
    assert_int_equal(arena_new(1 << 20, &world.arena), 0);
    rng_init(&world.rng, seed);
    return world;
}

static void end(struct world *world) {
    arena_free(world->arena);
    store_close(world->store);
    scratch_free(&world->scratch);
}

/* Decides at noon of that day and applies all of it. */
static struct decision count_on(struct world *world, const char *date,
                                const struct family_count *counts, size_t count) {
    struct decision decision = {.arena = world->arena};
    struct turn_view view = {.now_ms = brussels_instant(day_of(date), 12 * 60),
                             .rng = &world->rng,
                             .arena = world->arena};
    assert_int_equal(store_begin_write(world->store, &view.txn), 0);
    assert_int_equal(counts_decide(&view, counts, count, &decision), 0);
    assert_int_equal(decision.fact_count, count);
    for (size_t i = 0; i < decision.fact_count; i++) {
        assert_int_equal(decision.facts[i].type, FACT_COUNTED);
        assert_int_equal(counts_apply(&view, &decision.facts[i]), 0);
    }
    assert_int_equal(store_commit(view.txn), 0);
    return decision;
}

static void count_one(struct world *world, const char *date, enum family_count_kind kind,
                      uint32_t which, uint32_t days) {
    const struct family_count count = {.kind = kind, .which = which, .days = days};
    (void)count_on(world, date, &count, 1);
}

static int apply_body(struct world *world, struct bytes body) {
    struct turn_view view = {0};
    assert_int_equal(store_begin_write(world->store, &view.txn), 0);
    const struct fact fact = {.type = FACT_COUNTED, .body = body};
    int r = counts_apply(&view, &fact);
    if (r < 0) {
        store_abort(view.txn);
        return r;
    }
    assert_int_equal(store_commit(view.txn), 0);
    return 0;
}

static struct digest noise_key(void) {
    struct digest key;
    for (size_t i = 0; i < sizeof(key.bytes); i++) {
        key.bytes[i] = (uint8_t)i;
    }
    return key;
}

/* As a fact, with the record key of case D-`number`. */
static void count_case(struct world *world, const char *date, enum family_count_kind kind,
                       uint32_t which, int number) {
    struct disclosure_key key;
    uint8_t memory[64];
    char name[16];
    const struct digest noise = noise_key();
    struct buf buf = buf_over(memory, sizeof(memory));
    memcpy(key.bytes, noise.bytes, sizeof(key.bytes));
    (void)snprintf(name, sizeof(name), "D-%d", number);
    buf_u32(&buf, kind);
    buf_u32(&buf, which);
    buf_u32(&buf, (uint32_t)day_of(date));
    buf_u32(&buf, 0);
    buf_u64(&buf, cellkey_of_case(&key, bytes_from_text(name)));
    assert_int_equal(apply_body(world, buf_bytes(&buf)), 0);
}

static struct counts_week week(struct world *world, const char *date) {
    struct store_txn *view = NULL;
    struct counts_week week;
    assert_int_equal(store_begin_read(world->store, &view), 0);
    assert_int_equal(counts_week_read(view, day_of(date), &week), 0);
    store_abort(view);
    return week;
}

static struct counts_quarter quarter(struct world *world, const char *date, const char *today) {
    const struct digest noise = noise_key();
    const struct counts_question question = {
        .day = day_of(date), .today = day_of(today), .key = &noise};
    struct store_txn *view = NULL;
    struct counts_quarter quarter;
    assert_int_equal(store_begin_read(world->store, &view), 0);
    assert_int_equal(counts_quarter_read(view, &question, &quarter), 0);
    store_abort(view);
    return quarter;
}

static void a_week_runs_from_monday_and_counts_flags_by_kind(void **state) {
    struct world world = begin();
    const struct family_count monday[] = {
        {.kind = COUNT_FLAG_OPENED, .which = FLAG_NO_LOCAL},
        {.kind = COUNT_FLAG_OPENED, .which = FLAG_NO_LOCAL},
        {.kind = COUNT_FLAG_OPENED, .which = FLAG_CONCERN},
        {.kind = COUNT_FLAG_ESCALATED, .which = FLAG_CONCERN},
        {.kind = COUNT_CONSENT_GIVEN},
        {.kind = COUNT_CALL_BACK},
    };
    (void)count_on(&world, "2026-11-23", monday, 6);
    count_one(&world, "2026-11-29", COUNT_FLAG_OPENED, FLAG_NO_LOCAL, 0); /* Sunday */
    count_one(&world, "2026-11-29", COUNT_CONSENT_WITHDRAWN, WITHDRAWAL_CARD, 0);
    count_one(&world, "2026-11-22", COUNT_CONSENT_LAPSED, 0, 0);
    const struct counts_week found = week(&world, "2026-11-26");
    assert_int_equal(found.monday, day_of("2026-11-23"));
    assert_int_equal(found.opened[FLAG_NO_LOCAL], 3);
    assert_int_equal(found.opened[FLAG_CONCERN], 1);
    assert_int_equal(found.opened[FLAG_SILENT], 0);
    assert_int_equal(found.escalated, 1);
    assert_int_equal(found.consents_given, 1);
    assert_int_equal(found.consents_withdrawn, 1);
    assert_int_equal(found.consents_lapsed, 0);
    assert_int_equal(found.call_backs, 1);
    assert_int_equal(week(&world, "2026-11-22").consents_lapsed, 1);
    assert_int_equal(week(&world, "2026-12-01").opened[FLAG_NO_LOCAL], 0);
    end(&world);
}

/* Three consents, of which one is the new card of a family that had one: two families came. */
static void a_new_card_is_no_family_that_left_nor_one_that_came(void **state) {
    struct world world = begin();
    for (int i = 0; i < 3; i++) {
        count_one(&world, "2026-11-24", COUNT_CONSENT_GIVEN, 0, 0);
    }
    count_one(&world, "2026-11-24", COUNT_CARD_REPLACED, 0, 0);
    assert_int_equal(week(&world, "2026-11-24").consents_withdrawn, 0);
    count_one(&world, "2026-11-24", COUNT_CONSENT_WITHDRAWN, WITHDRAWAL_PAPER, 0);
    const struct counts_week found = week(&world, "2026-11-24");
    assert_int_equal(found.consents_given - found.consents_replaced, 2);
    assert_int_equal(found.consents_replaced, 1);
    assert_int_equal(found.consents_withdrawn, 1);
    end(&world);
}

static uint64_t rows(struct world *world) {
    struct store_txn *view = NULL;
    uint64_t count = 0;
    assert_int_equal(store_begin_read(world->store, &view), 0);
    assert_int_equal(store_count(view, TABLE_FAMILY_COUNTS, &count), 0);
    store_abort(view);
    return count;
}

static size_t bytes_of_the_only_row(struct world *world) {
    struct store_txn *view = NULL;
    struct store_cursor cursor;
    assert_int_equal(store_begin_read(world->store, &view), 0);
    assert_int_equal(store_first(view, TABLE_FAMILY_COUNTS, &cursor), 0);
    const size_t length = cursor.value.length;
    store_abort(view);
    return length;
}

/* A journal of before replaced cards were counted is rebuilt into the very rows that it made then:
 * eight kinds of flags with 0, to the board, given, withdrawn, lapsed, call-backs. */
static void a_journal_of_before_makes_the_rows_that_it_made_then(void **state) {
    enum { COUNTERS_THEN = 9 + 5 };
    struct world world = begin();
    count_one(&world, "2026-11-24", COUNT_CONSENT_WITHDRAWN, WITHDRAWAL_NEW_CARD, 0);
    assert_int_equal(rows(&world), 0);
    count_one(&world, "2026-11-24", COUNT_CONSENT_GIVEN, 0, 0);
    count_one(&world, "2026-11-24", COUNT_CONSENT_WITHDRAWN, WITHDRAWAL_NEW_CARD, 0);
    assert_int_equal(bytes_of_the_only_row(&world), 1 + 4 * COUNTERS_THEN);
    assert_int_equal(week(&world, "2026-11-24").consents_given, 1);
    assert_int_equal(week(&world, "2026-11-24").consents_replaced, 0);
    count_one(&world, "2026-11-24", COUNT_CARD_REPLACED, 0, 0);
    assert_int_equal(bytes_of_the_only_row(&world), 1 + 4 * (COUNTERS_THEN + 1));
    assert_int_equal(week(&world, "2026-11-24").consents_given, 1);
    assert_int_equal(week(&world, "2026-11-24").consents_replaced, 1);
    end(&world);
}

static void a_quarter_without_a_case_says_so(void **state) {
    struct world world = begin();
    assert_false(quarter(&world, "2026-05-01", "2026-12-01").counted);
    count_one(&world, "2026-06-30", COUNT_CALLED_BACK, 0, 3);
    assert_true(quarter(&world, "2026-05-01", "2026-12-01").counted);
    assert_false(quarter(&world, "2026-07-01", "2026-12-01").counted);
    end(&world);
}

/* 0 1 2 3 4 5 6 7 8 30: the 5th of 10 is 4, the 9th 8. With 400: of 11 the 6th is 5, the 10th (of
 * 9.9) 30. */
static void median_and_p90_are_exact_by_nearest_rank(void **state) {
    struct world world = begin();
    for (uint32_t days = 0; days < 9; days++) {
        count_one(&world, "2026-10-01", COUNT_WITHOUT_LOCAL, 0, days);
    }
    count_one(&world, "2026-12-31", COUNT_WITHOUT_LOCAL, 0, 30);
    struct counts_days found = quarter(&world, "2026-11-23", "2026-12-01").without_local;
    assert_true(found.known);
    assert_int_equal(found.cases, 10);
    assert_int_equal(found.median_days, 4);
    assert_int_equal(found.p90_days, 8);
    count_one(&world, "2026-12-31", COUNT_WITHOUT_LOCAL, 0, 400);
    found = quarter(&world, "2026-11-23", "2026-12-01").without_local;
    assert_int_equal(found.median_days, 5);
    assert_int_equal(found.p90_days, 30);
    end(&world);
}

static void what_took_longer_than_400_days_is_one_more(void **state) {
    struct world world = begin();
    static const uint32_t days[] = {400, 400, 400, 401, 5000};
    for (size_t i = 0; i < 5; i++) {
        count_one(&world, "2026-11-23", COUNT_FLAG_CONTACTED, FLAG_CONCERN, days[i]);
    }
    const struct counts_days found = quarter(&world, "2026-11-23", "2026-12-01").contacted;
    assert_int_equal(found.median_days, 400);
    assert_int_equal(found.p90_days, 401);
    end(&world);
}

static void fewer_than_five_cases_have_no_median(void **state) {
    struct world world = begin();
    for (int i = 0; i < 4; i++) {
        count_one(&world, "2026-11-23", COUNT_FLAG_ACKNOWLEDGED, FLAG_CONCERN, 2);
    }
    struct counts_quarter found = quarter(&world, "2026-11-23", "2026-12-01");
    assert_false(found.acknowledged.known);
    assert_int_equal(found.acknowledged.cases, 0);
    count_one(&world, "2026-11-23", COUNT_FLAG_ACKNOWLEDGED, FLAG_NO_LOCAL, 2);
    found = quarter(&world, "2026-11-23", "2026-12-01");
    assert_true(found.acknowledged.known);
    assert_int_equal(found.acknowledged.median_days, 2);
    assert_false(found.contacted.known);
    assert_false(quarter(&world, "2026-09-30", "2026-12-01").acknowledged.known);
    end(&world);
}

/* cellkey_expected.py: 3 cases publish 6, 5 cases 3, 8 cases 7, 20 cases 20, and 1 case 0. */
static void reasons_are_published_as_the_independent_program_says(void **state) {
    struct world world = begin();
    static const struct {
        enum family_count_kind kind;
        uint32_t which;
        int cases;
        uint32_t published;
    } known[] = {
        {COUNT_CONCERN, CONCERN_LANGUAGE, 3, 6}, {COUNT_CONCERN, CONCERN_HOUSING, 5, 3},
        {COUNT_CONCERN, CONCERN_INCOME, 8, 7},   {COUNT_ASK_REFUSED, ASK_NO_RIGHT, 20, 20},
        {COUNT_ASK_REFUSED, ASK_LANGUAGE, 1, 0},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        for (int number = 1; number <= known[i].cases; number++) {
            count_case(&world, number % 2 == 0 ? "2026-10-01" : "2026-12-31", known[i].kind,
                       known[i].which, number);
        }
    }
    const struct counts_quarter found = quarter(&world, "2026-11-23", "2027-01-01");
    assert_true(found.over);
    assert_int_equal(found.refusal_count, 7); /* each on the list, nought too */
    assert_int_equal(found.concern_count, 11);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        const struct counts_reason *reasons =
            known[i].kind == COUNT_CONCERN ? found.concerns : found.refusals;
        assert_int_equal(reasons[known[i].which - 1].which, known[i].which);
        assert_int_equal(reasons[known[i].which - 1].published, known[i].published);
    }
    assert_int_equal(found.concerns[CONCERN_PAPERS - 1].published, 0);
    end(&world);
}

static void no_reason_is_shown_while_its_quarter_runs(void **state) {
    struct world world = begin();
    for (int number = 1; number <= 8; number++) {
        count_case(&world, "2026-10-05", COUNT_CONCERN, CONCERN_INCOME, number);
    }
    const struct counts_quarter found = quarter(&world, "2026-10-05", "2026-12-31");
    assert_false(found.over);
    assert_int_equal(found.concern_count, 0);
    assert_int_equal(found.refusal_count, 0);
    end(&world);
}

/* No 1 or 2 ever, and the noise is that of the committed table: between -5 and 5, mean nought. */
static void what_is_published_is_never_one_or_two_and_at_most_five_off(void **state) {
    struct world world = begin();
    static const char *const dates[] = {"2024-01-01", "2024-04-01", "2024-07-01", "2024-10-01",
                                        "2025-01-01", "2025-04-01", "2025-07-01", "2025-10-01"};
    int64_t sum = 0;
    bool moved = false;
    for (size_t q = 0; q < 8; q++) {
        for (uint32_t which = CONCERN_NOBODY_HELPS; which <= CONCERN_OTHER; which++) {
            for (uint32_t i = 0; i < which; i++) { /* as many as its number */
                count_one(&world, dates[q], COUNT_CONCERN, which, 0);
            }
        }
        const struct counts_quarter found = quarter(&world, dates[q], "2026-11-23");
        for (uint32_t which = CONCERN_NOBODY_HELPS; which <= CONCERN_OTHER; which++) {
            const int64_t noise = (int64_t)found.concerns[which - 1].published - which;
            assert_true(noise >= -5 && noise <= 5);
            assert_int_not_equal(found.concerns[which - 1].published, 1);
            assert_int_not_equal(found.concerns[which - 1].published, 2);
            moved = moved || noise != 0;
            sum += noise;
        }
    }
    assert_true(moved);
    assert_true(sum > -60 && sum < 60); /* 88 draws of variance 3: 16 is one deviation */
    end(&world);
}

static void each_counted_thing_gets_a_record_key_of_its_own(void **state) {
    struct world world = begin();
    const struct family_count twice[] = {{.kind = COUNT_CONCERN, .which = CONCERN_ALONE},
                                         {.kind = COUNT_CONCERN, .which = CONCERN_ALONE}};
    const struct decision decision = count_on(&world, "2026-11-23", twice, 2);
    assert_int_equal(decision.facts[0].body.length, 24);
    assert_memory_equal(decision.facts[0].body.data, decision.facts[1].body.data, 16);
    assert_memory_not_equal(decision.facts[0].body.data + 16, decision.facts[1].body.data + 16, 8);
    end(&world);
}

static void a_body_that_is_not_ours_is_a_broken_journal(void **state) {
    struct world world = begin();
    uint8_t memory[32] = {0};
    assert_int_equal(apply_body(&world, (struct bytes){.data = memory, .length = 23}), ERR_STORAGE);
    assert_int_equal(apply_body(&world, (struct bytes){.data = memory, .length = 25}), ERR_STORAGE);
    assert_int_equal(apply_body(&world, (struct bytes){.data = memory, .length = 24}), ERR_STORAGE);
    memory[3] = COUNT_FLAG_OPENED;
    memory[7] = FLAG_CALL_BACK + 1;
    assert_int_equal(apply_body(&world, (struct bytes){.data = memory, .length = 24}), ERR_STORAGE);
    memory[7] = FLAG_CALL_BACK;
    assert_int_equal(apply_body(&world, (struct bytes){.data = memory, .length = 24}), 0);
    end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_week_runs_from_monday_and_counts_flags_by_kind),
        cmocka_unit_test(a_new_card_is_no_family_that_left_nor_one_that_came),
        cmocka_unit_test(a_journal_of_before_makes_the_rows_that_it_made_then),
        cmocka_unit_test(a_quarter_without_a_case_says_so),
        cmocka_unit_test(median_and_p90_are_exact_by_nearest_rank),
        cmocka_unit_test(what_took_longer_than_400_days_is_one_more),
        cmocka_unit_test(fewer_than_five_cases_have_no_median),
        cmocka_unit_test(reasons_are_published_as_the_independent_program_says),
        cmocka_unit_test(no_reason_is_shown_while_its_quarter_runs),
        cmocka_unit_test(what_is_published_is_never_one_or_two_and_at_most_five_off),
        cmocka_unit_test(each_counted_thing_gets_a_record_key_of_its_own),
        cmocka_unit_test(a_body_that_is_not_ours_is_a_broken_journal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
