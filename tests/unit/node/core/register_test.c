/* The register over generations: what is staged, what stands, what is garbage. */
#include "tests/unit/node/core/fixture.h"

#include <stdlib.h>

static int setup(void **state) {
    *state = bench_new("ocmw-kortrijk");
    return 0;
}

static int teardown(void **state) {
    bench_free(*state);
    return 0;
}

static struct register_generation standing(struct bench *bench) {
    struct store_txn *view = bench_read(bench);
    struct register_generation found = {0};
    int r = register_standing(view, &found, NULL);
    store_abort(view);
    assert_true(r == 0 || r == ERR_NOT_FOUND);
    return found;
}

static void what_is_staged_counts_only_from_the_switch_on(void **state) {
    struct bench *bench = *state;
    struct register_case *cases = cases_made(1, 30);
    uint64_t generation = bench_begin(bench, 1);
    assert_int_equal(bench_rows(bench, generation, cases, 30), REFUSAL_NONE);
    assert_int_equal(standing(bench).generation, 0);
    assert_int_equal(bench_health(bench).cases, 0);
    assert_int_equal(bench_switch(bench, generation), REFUSAL_NONE);
    assert_int_equal(standing(bench).generation, generation);
    assert_int_equal(bench_health(bench).cases, 30);
    assert_string_equal(bench->result,
                        "{\"generation\":1,\"cases\":30,\"rejected\":0,\"opened\":30,"
                        "\"contacted\":0,\"moved\":0,\"closed\":{},\"reopened\":0,\"vanished\":0}");
    free(cases);
}

static void the_same_file_twice_changes_nothing(void **state) {
    struct bench *bench = *state;
    struct register_case one = case_made("A");
    bench_import(bench, 1, &one, 1);
    struct import_begin_arguments again = {.record_key = 2};
    be64_write(again.file.bytes, bench->file);
    assert_int_equal(bench_command(bench, NODE_COMMAND_IMPORT_BEGIN, &again), REFUSAL_EXISTS);
    assert_int_equal(standing(bench).generation, 1);
    assert_int_equal(bench_count(bench, TABLE_REGISTER), 1);
}

static void a_crash_between_batches_leaves_the_standing_generation(void **state) {
    struct bench *bench = *state;
    struct register_case *cases = cases_made(1, 20);
    struct register_case found;
    bench_import(bench, 1, cases, 10);
    uint64_t staged = bench_begin(bench, 2);
    assert_int_equal(bench_rows(bench, staged, cases + 10, 10), REFUSAL_NONE);
    bench_restart(bench);
    assert_int_equal(standing(bench).generation, 1);
    assert_int_equal(standing(bench).cases, 10);
    struct store_txn *view = bench_read(bench);
    const struct vault_keys *keys = &bench->params.keys.records;
    assert_int_equal(register_find(view, keys, &bench->index, "K10", &found), 0);
    assert_int_equal(register_find(view, keys, &bench->index, "K11", &found), ERR_NOT_FOUND);
    store_abort(view);
    /* The next import sweeps what was left, under its own number. */
    bench_import(bench, 3, cases, 20);
    assert_int_equal(standing(bench).generation, 3);
    bench_tick(bench);
    bench_tick(bench);
    assert_int_equal(bench_count(bench, TABLE_REGISTER), 20);
    free(cases);
}

static void rows_for_another_generation_than_the_staged_are_refused(void **state) {
    struct bench *bench = *state;
    struct register_case one = case_made("A");
    assert_int_equal(bench_rows(bench, 1, &one, 1), REFUSAL_NOT_FOUND);
    assert_int_equal(bench_switch(bench, 1), REFUSAL_NOT_FOUND);
    uint64_t generation = bench_begin(bench, 1);
    assert_int_equal(bench_rows(bench, generation + 1, &one, 1), REFUSAL_NOT_FOUND);
    const struct import_end_arguments drop = {.generation = generation};
    assert_int_equal(bench_command(bench, NODE_COMMAND_IMPORT_DROP, &drop), REFUSAL_NONE);
    assert_int_equal(bench_rows(bench, generation, &one, 1), REFUSAL_NOT_FOUND);
    assert_int_equal(bench_count(bench, TABLE_REGISTER), 0);
}

static void a_batch_with_one_impossible_row_is_refused_whole(void **state) {
    struct bench *bench = *state;
    struct register_case cases[2] = {case_made("A"), case_made("B")};
    uint64_t generation = bench_begin(bench, 1);
    cases[1].close_reason = (enum close_reason)99;
    assert_int_equal(bench_rows(bench, generation, cases, 2), REFUSAL_MALFORMED);
    cases[1] = case_made("");
    assert_int_equal(bench_rows(bench, generation, cases, 2), REFUSAL_MALFORMED);
    cases[1] = case_made("B");
    cases[1].asked_day = REGISTER_DAY_NONE;
    assert_int_equal(bench_rows(bench, generation, cases, 2), REFUSAL_MALFORMED);
    assert_int_equal(bench_count(bench, TABLE_REGISTER), 0);
}

static void a_record_key_serves_one_generation(void **state) {
    struct bench *bench = *state;
    struct register_case one = case_made("A");
    bench_import(bench, 1, &one, 1);
    struct import_begin_arguments begin = {.record_key = 1};
    assert_int_equal(bench_command(bench, NODE_COMMAND_IMPORT_BEGIN, &begin), REFUSAL_CONFLICT);
    begin.record_key = 9;
    bench->destroyed[9] = true;
    assert_int_equal(bench_command(bench, NODE_COMMAND_IMPORT_BEGIN, &begin), REFUSAL_NOT_FOUND);
}

/* By hand: A gets a contact, B moves and closes as finished, C is gone, D is new, E reopens, F
 * stays, G closes without a reason, H was closed before and is gone. */
static void the_switch_counts_what_changed(void **state) {
    struct bench *bench = *state;
    struct register_case before[] = {case_made("A"), case_made("B"), case_made("C"), case_made("E"),
                                     case_made("F"), case_made("G"), case_made("H")};
    before[3].closed_day = first_day() - 5;
    before[6].closed_day = first_day() - 5;
    struct register_case after[] = {case_made("A"), case_made("B"), case_made("D"),
                                    case_made("E"), case_made("F"), case_made("G")};
    after[0].last_contact_day = first_day() - 1;
    after[1].nis.code = 34040;
    after[1].closed_day = first_day() - 1;
    after[1].close_reason = CLOSE_REASON_FINISHED;
    after[5].closed_day = first_day() - 1;
    bench_import(bench, 1, before, 7);
    bench_import(bench, 2, after, 6);
    assert_string_equal(bench->result,
                        "{\"generation\":2,\"cases\":6,\"rejected\":0,\"opened\":1,"
                        "\"contacted\":1,\"moved\":1,\"closed\":{\"not-given\":1,\"finished\":1},"
                        "\"reopened\":1,\"vanished\":1}");
}

static void an_old_generation_goes_key_first_and_its_rows_in_slices(void **state) {
    struct bench *bench = *state;
    enum { MANY = 12000 };
    struct register_case *cases = cases_made(1, MANY);
    bench_import(bench, 1, cases, MANY);
    bench_import(bench, 2, cases, 10);
    assert_int_equal(bench->shred_count, 1);
    assert_int_equal(bench->shred[0], 1);
    assert_int_equal(bench_count(bench, TABLE_REGISTER), MANY + 10);
    bench_tick(bench);
    assert_int_equal(bench_count(bench, TABLE_REGISTER), MANY + 10 - REGISTER_SWEEP_ROWS);
    bench_tick(bench);
    bench_tick(bench);
    assert_int_equal(bench_count(bench, TABLE_REGISTER), 10);
    free(cases);
}

static void a_key_is_asked_to_be_shredded_until_it_is(void **state) {
    struct bench *bench = *state;
    struct register_case one = case_made("A");
    struct register_case two = case_made("B");
    bench_import(bench, 1, &one, 1);
    bench_import(bench, 2, &two, 1);
    bench->shred_count = 0;
    bench_restart(bench);
    bench_tick(bench);
    assert_int_equal(bench->shred_count, 1);
    assert_int_equal(bench->shred[0], 1);
    bench->destroyed[1] = true;
    const struct shredded_arguments done = {.keys = bench->shred, .count = 1};
    assert_int_equal(bench_command(bench, NODE_COMMAND_SHREDDED, &done), REFUSAL_NONE);
    bench->shred_count = 0;
    bench_restart(bench);
    bench_tick(bench);
    assert_int_equal(bench->shred_count, 0);
}

static void assert_same_case(const struct register_case *a, const struct register_case *b) {
    assert_string_equal(a->id, b->id);
    assert_int_equal(a->nis.code, b->nis.code);
    assert_string_equal(a->service.text, b->service.text);
    assert_string_equal(a->language.code, b->language.code);
    assert_int_equal(a->asked_day, b->asked_day);
    assert_int_equal(a->first_appointment_day, b->first_appointment_day);
    assert_int_equal(a->last_contact_day, b->last_contact_day);
    assert_int_equal(a->closed_day, b->closed_day);
    assert_int_equal(a->close_reason, b->close_reason);
    assert_int_equal(a->worker, b->worker);
}

static void a_case_is_found_by_its_own_id_as_it_came(void **state) {
    struct bench *bench = *state;
    struct register_case one = case_made("2026/0017 \xc3\xa9");
    struct register_case found;
    one.worker = 0x1122334455667788;
    one.last_contact_day = first_day() - 3;
    one.closed_day = first_day() - 2;
    one.close_reason = CLOSE_REASON_REFUSED;
    bench_import(bench, 1, &one, 1);
    struct store_txn *view = bench_read(bench);
    assert_int_equal(
        register_find(view, &bench->params.keys.records, &bench->index, one.id, &found), 0);
    store_abort(view);
    assert_same_case(&found, &one);
}

static bool holds(struct bytes hay, const char *needle) {
    return memmem(hay.data, hay.length, needle, strlen(needle)) != NULL;
}

static void nothing_of_a_case_stands_readable_in_the_store(void **state) {
    struct bench *bench = *state;
    struct register_case one = case_made("DOSSIER-4711");
    bench_import(bench, 1, &one, 1);
    struct store_txn *view = bench_read(bench);
    for (int table = 0; table < TABLE_COUNT; table++) {
        struct store_cursor cursor;
        for (int r = store_first(view, (enum table)table, &cursor); r == 0;
             r = store_next(&cursor)) {
            assert_false(holds(cursor.key, "DOSSIER") || holds(cursor.value, "DOSSIER"));
            assert_false(holds(cursor.value, "budget"));
        }
    }
    store_abort(view);
}

static void with_its_key_gone_a_generation_cannot_be_read(void **state) {
    struct bench *bench = *state;
    struct register_case one = case_made("A");
    struct register_case found;
    bench_import(bench, 1, &one, 1);
    bench->destroyed[1] = true;
    struct store_txn *view = bench_read(bench);
    assert_int_equal(register_find(view, &bench->params.keys.records, &bench->index, "A", &found),
                     ERR_NOT_FOUND);
    store_abort(view);
    /* and another import still goes its way */
    bench_import(bench, 2, &one, 1);
    assert_int_equal(standing(bench).cases, 1);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_staged_counts_only_from_the_switch_on),
        TEST(the_same_file_twice_changes_nothing),
        TEST(a_crash_between_batches_leaves_the_standing_generation),
        TEST(rows_for_another_generation_than_the_staged_are_refused),
        TEST(a_batch_with_one_impossible_row_is_refused_whole),
        TEST(a_record_key_serves_one_generation),
        TEST(the_switch_counts_what_changed),
        TEST(an_old_generation_goes_key_first_and_its_rows_in_slices),
        TEST(a_key_is_asked_to_be_shredded_until_it_is),
        TEST(a_case_is_found_by_its_own_id_as_it_came),
        TEST(nothing_of_a_case_stands_readable_in_the_store),
        TEST(with_its_key_gone_a_generation_cannot_be_read),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
