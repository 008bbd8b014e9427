#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "node/shell/batch.h"

static struct register_case one_case(int number) {
    struct register_case one = {
        .nis = {.code = 34022},
        .service = {.text = "onthaal"},
        .language = {.code = "ara"},
        .asked_day = 20000 + number,
        .first_appointment_day = REGISTER_DAY_NONE,
        .last_contact_day = -5,
        .closed_day = 20400,
        .close_reason = CLOSE_REASON_MOVED,
        .worker = UINT64_MAX - (uint64_t)number,
    };
    memset(one.id, 'x', CASE_ID_BYTES_MAX);
    one.id[0] = (char)('a' + number % 26);
    return one;
}

struct packed {
    uint8_t *memory;
    struct bytes bytes;
    struct register_case *cases;
};

static struct packed pack(size_t count) {
    struct packed packed = {.memory = malloc(BATCH_BYTES_MAX),
                            .cases = calloc(IMPORT_BATCH_ROWS, sizeof(*packed.cases))};
    assert_non_null(packed.memory);
    assert_non_null(packed.cases);
    struct register_case *cases = calloc(count + 1, sizeof(*cases));
    assert_non_null(cases);
    for (size_t i = 0; i < count; i++) {
        cases[i] = one_case((int)i);
    }
    struct buf buf = buf_over(packed.memory, BATCH_BYTES_MAX);
    const struct batch batch = {.generation = 7, .cases = cases, .count = count};
    batch_encode(&buf, &batch);
    assert_int_equal(buf.error, 0);
    packed.bytes = buf_bytes(&buf);
    free(cases);
    return packed;
}

static void packed_deinit(struct packed *packed) {
    free(packed->memory);
    free(packed->cases);
}

static void a_full_batch_of_the_longest_cases_arrives_whole(void **state) {
    struct packed packed = pack(IMPORT_BATCH_ROWS);
    struct batch batch;
    assert_true(packed.bytes.length <= HTTP_BODY_BYTES_MAX);
    assert_int_equal(batch_decode(packed.bytes, packed.cases, &batch), 0);
    assert_int_equal(batch.generation, 7);
    assert_int_equal(batch.count, IMPORT_BATCH_ROWS);
    for (size_t i = 0; i < batch.count; i++) {
        const struct register_case wanted = one_case((int)i);
        const struct register_case *found = &batch.cases[i];
        assert_string_equal(found->id, wanted.id);
        assert_int_equal(found->nis.code, wanted.nis.code);
        assert_string_equal(found->service.text, wanted.service.text);
        assert_string_equal(found->language.code, wanted.language.code);
        assert_int_equal(found->asked_day, wanted.asked_day);
        assert_int_equal(found->first_appointment_day, wanted.first_appointment_day);
        assert_int_equal(found->last_contact_day, wanted.last_contact_day);
        assert_int_equal(found->closed_day, wanted.closed_day);
        assert_int_equal(found->close_reason, wanted.close_reason);
        assert_true(found->worker == wanted.worker);
    }
    packed_deinit(&packed);
}

static void a_batch_cut_anywhere_is_refused(void **state) {
    struct packed packed = pack(2);
    struct batch batch;
    for (size_t length = 0; length < packed.bytes.length; length++) {
        const struct bytes cut = {.data = packed.bytes.data, .length = length};
        assert_true(batch_decode(cut, packed.cases, &batch) < 0);
    }
    packed_deinit(&packed);
}

static void a_batch_of_another_version_is_refused_as_such(void **state) {
    struct packed packed = pack(1);
    struct batch batch;
    packed.memory[10] ^= 1;
    assert_int_equal(batch_decode(packed.bytes, packed.cases, &batch), ERR_UNSUPPORTED);
    packed_deinit(&packed);
}

static void a_reason_that_is_not_on_the_list_is_refused(void **state) {
    struct packed packed = pack(1);
    struct batch batch;
    packed.memory[packed.bytes.length - 9] = 200; /* before the worker's eight bytes */
    assert_int_equal(batch_decode(packed.bytes, packed.cases, &batch), ERR_MALFORMED);
    packed_deinit(&packed);
}

static void more_cases_than_a_batch_holds_are_refused(void **state) {
    struct packed packed = pack(0);
    struct batch batch;
    be32_write(packed.memory + packed.bytes.length - 4, IMPORT_BATCH_ROWS + 1);
    assert_int_equal(batch_decode(packed.bytes, packed.cases, &batch), ERR_MALFORMED);
    packed_deinit(&packed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_batch_of_the_longest_cases_arrives_whole),
        cmocka_unit_test(a_batch_cut_anywhere_is_refused),
        cmocka_unit_test(a_batch_of_another_version_is_refused_as_such),
        cmocka_unit_test(a_reason_that_is_not_on_the_list_is_refused),
        cmocka_unit_test(more_cases_than_a_batch_holds_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
