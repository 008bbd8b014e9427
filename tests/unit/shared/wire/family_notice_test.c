#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/base/limits.h"
#include "shared/wire/family.h"
#include "shared/wire/scan.h"
#include "tests/unit/shared/wire/family_samples.h"

static struct arena *new_arena(void) {
    struct arena *arena;
    assert_int_equal(arena_new(64 << 20, &arena), 0);
    return arena;
}

static const uint8_t run[16 << 10] = {1};

static size_t class_for(size_t size) {
    return size <= 1024 ? 1024 : size <= 2048 ? 2048 : size <= 4096 ? 4096 : 8192;
}

/* 110 bytes of fields: kind and purpose two each, id 18, handle 34, origin's signature 66, its
 * envelope's head and its own head, which grow with the length. Every length is tried, so also the
 * ones where one byte would be left to fill, which no field can: they go one class up. */
static void every_notice_is_as_long_as_its_size_class(void **state) {
    struct arena *arena = new_arena();
    size_t seen[5] = {0};
    for (size_t length = 1; length <= RELAYED_BYTES_MAX; length++) {
        struct arena_mark mark = arena_mark(arena);
        struct notice notice = {.kind = NOTICE_CALL_BACK,
                                .purpose = PURPOSE_CONCERN,
                                .id = sample_id,
                                .handle = sample_handle,
                                .origin = {{run, length}, BYTES_OF(sample_proof)}};
        struct notice read;
        struct bytes bytes;
        assert_int_equal(notice_encode(&notice, arena, &bytes), 0);
        size_t inner = 1 + (length < 128 ? 1u : 2u) + length + 66;
        size_t size = 56 + 1 + (inner < 128 ? 1u : 2u) + inner;
        bool one_left = size + 1 == class_for(size);
        assert_int_equal(bytes.length, one_left ? 2 * class_for(size) : class_for(size));
        assert_int_equal(notice_decode(bytes, arena, &read), REFUSAL_NONE);
        assert_int_equal(read.origin.envelope.length, length);
        seen[bytes.length >> 11]++;
        arena_rewind(arena, &mark);
    }
    assert_true(seen[0] > 0 && seen[1] > 0 && seen[2] > 0 && seen[4] > 0);
    arena_free(arena);
}

static void a_notice_that_no_class_holds_is_too_large(void **state) {
    struct arena *arena = new_arena();
    struct notice notice = sample_notice();
    struct bytes bytes;
    notice.origin.envelope = (struct bytes){run, 8 << 10};
    assert_int_equal(notice_encode(&notice, arena, &bytes), ERR_TOO_LARGE);
    arena_free(arena);
}

/* The longest relayed posting, with the longest token beside it. */
static void what_a_hub_relays_always_fits(void **state) {
    struct arena *arena = new_arena();
    struct notice notice = sample_notice();
    struct bytes bytes;
    notice.kind = NOTICE_ASK;
    notice.contact = (struct sealed){0};
    notice.token.token = (struct bytes){run, 1 << 10};
    notice.origin.envelope = (struct bytes){run, RELAYED_BYTES_MAX};
    assert_int_equal(notice_encode(&notice, arena, &bytes), 0);
    assert_int_equal(bytes.length, 8 << 10);
    arena_free(arena);
}

static enum refusal sent(struct arena *arena, const struct notice *notice) {
    struct bytes bytes;
    struct notice read;
    assert_int_equal(notice_encode(notice, arena, &bytes), 0);
    return notice_decode(bytes, arena, &read);
}

/* By the table above Notice in family.proto. */
static void each_kind_of_notice_needs_parts_of_its_own(void **state) {
    static const struct {
        enum notice_kind kind;
        bool handle, flag, about, origin, end_day, why;
    } needs[] = {
        {.kind = NOTICE_FLAG, .handle = true, .flag = true},
        {.kind = NOTICE_FLAG_OVER, .handle = true, .flag = true},
        {.kind = NOTICE_ANSWER, .about = true},
        {.kind = NOTICE_ENDING, .handle = true, .end_day = true},
        {.kind = NOTICE_ASK, .handle = true, .origin = true},
        {.kind = NOTICE_ASK_NEWS, .about = true, .origin = true},
        {.kind = NOTICE_CALL_BACK, .origin = true},
        {.kind = NOTICE_CALLED_BACK, .about = true},
        {.kind = NOTICE_NEW_CARD, .origin = true},
        {.kind = NOTICE_SUPPORT_OVER, .handle = true, .why = true},
    };
    struct arena *arena = new_arena();
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        struct notice all = sample_notice();
        all.kind = needs[i].kind;
        assert_int_equal(sent(arena, &all), REFUSAL_NONE);
#define EXPECT(part, need)                                                                         \
    do {                                                                                           \
        struct notice notice = all;                                                                \
        memset(&notice.part, 0, sizeof(notice.part));                                              \
        assert_int_equal(sent(arena, &notice), (need) ? REFUSAL_MALFORMED : REFUSAL_NONE);         \
    } while (0)
        EXPECT(handle, needs[i].handle);
        EXPECT(flag, needs[i].flag);
        EXPECT(about, needs[i].about);
        EXPECT(origin, needs[i].origin);
        EXPECT(end_day, needs[i].end_day);
        EXPECT(why, needs[i].why);
        EXPECT(token, false);
        EXPECT(contact, false);
#undef EXPECT
    }
    arena_free(arena);
}

static void every_tombstone_is_a_kibibyte(void **state) {
    struct arena *arena = new_arena();
    for (int basis = WITHDRAWAL_BASIS_NONE; basis <= WITHDRAWAL_NEW_CARD; basis++) {
        struct tombstone tombstone = sample_tombstone();
        struct tombstone read;
        struct bytes bytes;
        tombstone.basis = (enum withdrawal_basis)basis;
        assert_int_equal(tombstone_encode(&tombstone, arena, &bytes), 0);
        assert_int_equal(bytes.length, 1024);
        assert_int_equal(tombstone_decode(bytes, arena, &read), REFUSAL_NONE);
        assert_int_equal(read.basis, basis);
    }
    arena_free(arena);
}

/* As many as a hub keeps of each, with the longest names there are. */
static struct look_answer full_answer(struct arena *arena, size_t times) {
    const struct org_id long_org = {"abcdefghijabcdefghijabcdefghij1"};
    struct look_answer answer = {
        .found = true,
        .token = sample_signed_token(),
        .support_count = times * FAMILY_SUPPORTS_MAX,
        .seen_count = times * FAMILY_LOOKS_MAX,
        .flag_count = times * FAMILY_FLAGS_MAX,
        .ask_count = times * FAMILY_ASKS_MAX,
    };
    answer.supports = ARENA_ARRAY(arena, struct look_support, answer.support_count);
    answer.seen = ARENA_ARRAY(arena, struct look_seen, answer.seen_count);
    answer.flags = ARENA_ARRAY(arena, struct look_flag, answer.flag_count);
    answer.asks = ARENA_ARRAY(arena, struct look_ask, answer.ask_count);
    assert_true(answer.supports != NULL && answer.seen != NULL && answer.flags != NULL &&
                answer.asks != NULL);
    for (size_t i = 0; i < answer.support_count; i++) {
        answer.supports[i] =
            (struct look_support){long_org,      ORG_KIND_OTHER, SUPPORT_INFORMAL, SUPPORT_DISTANT,
                                  SUPPORT_ENDED, true,           SAMPLE_DAY,       SAMPLE_DAY};
    }
    for (size_t i = 0; i < answer.seen_count; i++) {
        answer.seen[i] = (struct look_seen){long_org, SAMPLE_DAY + (int32_t)i};
    }
    for (size_t i = 0; i < answer.flag_count; i++) {
        answer.flags[i] = (struct look_flag){FLAG_ONE_LEFT, FLAG_CLOSED, SAMPLE_DAY, long_org};
    }
    for (size_t i = 0; i < answer.ask_count; i++) {
        answer.asks[i] = (struct look_ask){
            long_org, {"abcdefghijabcdefghijabc"}, ASK_REVOKED, ASK_OTHER, SAMPLE_DAY};
    }
    return answer;
}

static struct look_answer answered(struct arena *arena, const struct look_answer *answer) {
    struct look_answer read;
    struct bytes bytes;
    assert_int_equal(look_answer_encode(answer, arena, &bytes), 0);
    assert_int_equal(bytes.length, LOOK_ANSWER_BYTES);
    assert_int_equal(look_answer_decode(bytes, arena, &read), REFUSAL_NONE);
    return read;
}

static void every_answer_to_a_look_has_one_size(void **state) {
    struct arena *arena = new_arena();
    const struct look_answer none = {0};
    const struct look_answer some = sample_look_answer();
    struct look_answer full = full_answer(arena, 1);
    full.token.token = (struct bytes){run, 1 << 10};
    assert_false(answered(arena, &none).found);
    assert_int_equal(answered(arena, &some).support_count, 2);
    const struct look_answer read = answered(arena, &full);
    assert_int_equal(read.support_count, FAMILY_SUPPORTS_MAX);
    assert_int_equal(read.seen_count, FAMILY_LOOKS_MAX);
    assert_int_equal(read.flag_count, FAMILY_FLAGS_MAX);
    assert_int_equal(read.ask_count, FAMILY_ASKS_MAX);
    arena_free(arena);
}

/* What isn't found must look like what never was, whatever lies in the struct. */
static void an_answer_that_finds_nothing_holds_nothing(void **state) {
    struct arena *arena = new_arena();
    const struct look_answer none = {0};
    struct look_answer some = sample_look_answer();
    struct bytes empty;
    struct bytes bytes;
    some.found = false;
    assert_int_equal(look_answer_encode(&none, arena, &empty), 0);
    assert_int_equal(look_answer_encode(&some, arena, &bytes), 0);
    assert_true(bytes_equal(bytes, empty));
    arena_free(arena);
}

static void lists_that_are_too_long_are_cut_at_their_end(void **state) {
    struct arena *arena = new_arena();
    const struct look_answer answer = full_answer(arena, 2);
    struct look_answer read = answered(arena, &answer);
    assert_int_equal(read.support_count, FAMILY_SUPPORTS_MAX);
    assert_int_equal(read.seen_count, FAMILY_LOOKS_MAX);
    assert_int_equal(read.seen[0].day, SAMPLE_DAY);
    assert_int_equal(read.seen[FAMILY_LOOKS_MAX - 1].day, SAMPLE_DAY + FAMILY_LOOKS_MAX - 1);
    assert_int_equal(read.flag_count, FAMILY_FLAGS_MAX);
    assert_int_equal(read.ask_count, FAMILY_ASKS_MAX);
    arena_free(arena);
}

/* The parts of an answer without its padding, of which a decoder wants a shorter token. */
static size_t parts_in(struct bytes answer) {
    size_t parts = 0;
    struct wire_field field;
    while (answer.length > 0) {
        assert_true(wire_field_take(&answer, &field));
        parts += field.number >= 3 && field.number <= 6 ? 1 : 0;
    }
    return parts;
}

/* Beside a token longer than any, byte by byte, so also where one byte would be left to fill. */
static void lists_that_do_not_fit_are_cut_at_their_end(void **state) {
    struct arena *arena = new_arena();
    struct look_answer answer = full_answer(arena, 1);
    size_t before = FAMILY_SUPPORTS_MAX + FAMILY_LOOKS_MAX + FAMILY_FLAGS_MAX + FAMILY_ASKS_MAX;
    struct bytes bytes;
    for (size_t length = 1 << 10; length <= 8000; length++) {
        struct arena_mark mark = arena_mark(arena);
        answer.token.token = (struct bytes){run, length};
        assert_int_equal(look_answer_encode(&answer, arena, &bytes), 0);
        assert_int_equal(bytes.length, LOOK_ANSWER_BYTES);
        size_t parts = parts_in(bytes);
        assert_true(parts <= before + 1); /* one more where no byte is left to fill */
        before = parts < before ? parts : before;
        arena_rewind(arena, &mark);
    }
    assert_true(before <= 1);
    answer.token.token.length = 8 << 10;
    assert_int_equal(look_answer_encode(&answer, arena, &bytes), ERR_TOO_LARGE);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_notice_is_as_long_as_its_size_class),
        cmocka_unit_test(a_notice_that_no_class_holds_is_too_large),
        cmocka_unit_test(what_a_hub_relays_always_fits),
        cmocka_unit_test(each_kind_of_notice_needs_parts_of_its_own),
        cmocka_unit_test(every_tombstone_is_a_kibibyte),
        cmocka_unit_test(every_answer_to_a_look_has_one_size),
        cmocka_unit_test(an_answer_that_finds_nothing_holds_nothing),
        cmocka_unit_test(lists_that_are_too_long_are_cut_at_their_end),
        cmocka_unit_test(lists_that_do_not_fit_are_cut_at_their_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
