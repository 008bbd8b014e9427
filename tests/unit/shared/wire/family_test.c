#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/wire/family.h"
#include "tests/unit/shared/wire/family_samples.h"
#include "tests/unit/shared/wire/raw.h"

static struct arena *new_arena(void) {
    struct arena *arena;
    assert_int_equal(arena_new(64 << 20, &arena), 0);
    return arena;
}

/* Writes the sample of that name and reads it back into `given` and `read`. */
#define THROUGH(name, arena)                                                                       \
    const struct name given = sample_##name();                                                     \
    struct name read;                                                                              \
    struct bytes bytes;                                                                            \
    memset(&read, 0x5a, sizeof(read));                                                             \
    assert_int_equal(name##_encode(&given, (arena), &bytes), 0);                                   \
    assert_int_equal(name##_decode(bytes, (arena), &read), REFUSAL_NONE)

#define SAME(field)       assert_memory_equal(&read.field, &given.field, sizeof(given.field))
#define SAME_BYTES(field) assert_true(bytes_equal(read.field, given.field))

static void expect_sealed(const struct sealed *read) {
    const struct sealed given = sample_sealed();
    assert_memory_equal(read->key, given.key, sizeof(given.key));
    assert_true(bytes_equal(read->box, given.box));
}

static void expect_proven(const struct proven *read) {
    const struct proven given = sample_proven();
    assert_true(bytes_equal(read->statement, given.statement));
    assert_true(bytes_equal(read->proof, given.proof));
}

static void expect_token(const struct signed_token *read) {
    const struct signed_token given = sample_signed_token();
    assert_true(bytes_equal(read->token, given.token));
    assert_true(bytes_equal(read->family_signature, given.family_signature));
    assert_true(bytes_equal(read->organisation_signature, given.organisation_signature));
}

static void expect_bytes(struct bytes bytes, const char *hex) {
    uint8_t expected[512];
    size_t length = strlen(hex) / 2;
    assert_int_equal(hex_decode(hex, expected, length), 0);
    assert_int_equal(bytes.length, length);
    assert_memory_equal(bytes.data, expected, length);
}

/* Written by protoc 3.21.12 (--encode, Google's own encoder) out of the same values as text. */
static void a_token_and_a_support_are_the_bytes_that_another_encoder_writes(void **state) {
    struct arena *arena = new_arena();
    const struct consent_token token = sample_consent_token();
    const struct support support = sample_support();
    struct bytes bytes;
    assert_int_equal(consent_token_encode(&token, arena, &bytes), 0);
    expect_bytes(bytes, "080112086b6f727472696a6b1a200102030405060708090a0b0c0d0e0f101112"
                        "131415161718191a1b1c1d1e1f202002282d30b2053a20404142434445464748"
                        "494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f4204616769694a2060"
                        "6162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f52"
                        "20a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbe"
                        "bf5a0363617762046f636d77");
    assert_int_equal(support_encode(&support, arena, &bytes), 0);
    expect_bytes(bytes, "080112200102030405060708090a0b0c0d0e0f101112131415161718191a1b1c"
                        "1d1e1f201a0363617720ac02280130023803400148d8c40250e689025a0a6f63"
                        "6d772d6d656e656e60b8c3026801");
    arena_free(arena);
}

static void a_token_is_read_back_with_all_its_fields(void **state) {
    struct arena *arena = new_arena();
    THROUGH(consent_token, arena);
    SAME(version);
    SAME(hub);
    SAME(handle);
    SAME(number);
    SAME(scopes);
    SAME(end_month);
    SAME(commitment);
    SAME(issuer);
    SAME(family_key);
    SAME(presence_key);
    SAME(fallback_first);
    SAME(fallback_second);
    arena_free(arena);
}

static void a_consent_is_read_back_with_its_envelopes_and_support(void **state) {
    struct arena *arena = new_arena();
    THROUGH(consent_message, arena);
    SAME(purpose);
    SAME(support_expected);
    expect_token(&read.token);
    assert_int_equal(read.envelope_count, 2);
    SAME(envelopes[0].org);
    SAME(envelopes[1].org);
    expect_sealed(&read.envelopes[0].sealed);
    expect_sealed(&read.envelopes[1].sealed);
    expect_proven(&read.support);
    arena_free(arena);
}

static void a_consent_without_envelopes_or_support_is_taken(void **state) {
    struct arena *arena = new_arena();
    struct consent_message given = {.token = sample_signed_token()};
    struct consent_message read;
    struct bytes bytes;
    assert_int_equal(consent_message_encode(&given, arena, &bytes), 0);
    assert_int_equal(consent_message_decode(bytes, arena, &read), REFUSAL_NONE);
    assert_int_equal(read.envelope_count, 0);
    assert_int_equal(read.support.statement.length, 0);
    assert_false(read.support_expected);
    arena_free(arena);
}

/* So narrowing needs the card and nobody else. */
static void a_token_may_lack_the_organisations_signature(void **state) {
    struct arena *arena = new_arena();
    struct consent_message given = sample_consent_message();
    struct consent_message read;
    struct bytes bytes;
    given.token.organisation_signature.length = 0;
    assert_int_equal(consent_message_encode(&given, arena, &bytes), 0);
    assert_int_equal(consent_message_decode(bytes, arena, &read), REFUSAL_NONE);
    assert_int_equal(read.token.organisation_signature.length, 0);
    arena_free(arena);
}

static void sealed_and_proven_are_read_back(void **state) {
    struct arena *arena = new_arena();
    {
        THROUGH(sealed, arena);
        expect_sealed(&read);
    }
    {
        THROUGH(proven, arena);
        expect_proven(&read);
    }
    arena_free(arena);
}

static void a_withdrawal_a_look_and_a_receipt_are_read_back(void **state) {
    struct arena *arena = new_arena();
    {
        THROUGH(withdrawal, arena);
        SAME(hub);
        SAME(handle);
        SAME(basis);
        SAME(org);
        SAME(at_ms);
    }
    {
        THROUGH(look, arena);
        SAME(hub);
        SAME(handle);
        SAME(org);
        SAME(nonce);
        SAME(at_ms);
    }
    {
        THROUGH(erased, arena);
        SAME(tombstone);
        SAME(at_ms);
    }
    arena_free(arena);
}

static void a_support_is_read_back_with_all_its_fields(void **state) {
    struct arena *arena = new_arena();
    THROUGH(support, arena);
    SAME(purpose);
    SAME(handle);
    SAME(org);
    SAME(number);
    SAME(kind);
    SAME(distance);
    SAME(state);
    SAME(why);
    SAME(end_day);
    SAME(moving_to);
    SAME(successor);
    SAME(confirmed_day);
    SAME(named);
    arena_free(arena);
}

static void a_question_and_its_answer_are_read_back(void **state) {
    struct arena *arena = new_arena();
    {
        THROUGH(ask, arena);
        SAME(purpose);
        SAME(id);
        SAME(handle);
        SAME(org);
        SAME(to);
        SAME(service);
        SAME(asked_day);
        SAME(revoked);
        expect_sealed(&read.contact);
    }
    {
        THROUGH(ask_answer, arena);
        SAME(purpose);
        SAME(id);
        SAME(handle);
        SAME(state);
        SAME(reason);
        SAME(passed_to);
        SAME(service);
        expect_sealed(&read.contact);
    }
    arena_free(arena);
}

static void concerns_and_what_became_of_a_flag_are_read_back(void **state) {
    struct arena *arena = new_arena();
    {
        THROUGH(concern, arena);
        SAME(purpose);
        SAME(id);
        SAME(handle);
        SAME(org);
        SAME(by);
        SAME(reason);
        SAME(urgency);
        SAME(at_ms);
    }
    {
        THROUGH(flag_answer, arena);
        SAME(purpose);
        SAME(flag);
        SAME(handle);
        SAME(action);
        SAME(reason);
    }
    arena_free(arena);
}

static void calls_and_new_cards_are_read_back(void **state) {
    struct arena *arena = new_arena();
    {
        THROUGH(call_back, arena);
        SAME(purpose);
        SAME(id);
        SAME(to);
        SAME(nis);
        SAME(language);
        expect_sealed(&read.contact);
    }
    {
        THROUGH(called_back, arena);
        SAME(purpose);
        SAME(id);
    }
    {
        THROUGH(new_card, arena);
        SAME(purpose);
        SAME(to);
        expect_sealed(&read.content);
    }
    {
        THROUGH(card_moved, arena);
        SAME(old);
        SAME(new);
        SAME(presence_seed);
        expect_token(&read.token);
        SAME(to);
    }
    arena_free(arena);
}

static void a_notice_is_read_back_with_all_its_fields(void **state) {
    struct arena *arena = new_arena();
    THROUGH(notice, arena);
    SAME(kind);
    SAME(purpose);
    SAME(id);
    SAME(handle);
    expect_token(&read.token);
    SAME(flag.id);
    SAME(flag.kind);
    SAME(flag.state);
    SAME(flag.yours);
    SAME(flag.opened_day);
    SAME(flag.acknowledge_by_day);
    SAME(flag.contact_by_day);
    SAME(flag.reason);
    SAME(flag.concern);
    SAME(flag.urgency);
    SAME(flag.by);
    SAME(about);
    SAME_BYTES(origin.envelope);
    SAME_BYTES(origin.signature);
    expect_sealed(&read.contact);
    SAME(end_day);
    SAME(why);
    arena_free(arena);
}

static void a_tombstone_is_read_back(void **state) {
    struct arena *arena = new_arena();
    THROUGH(tombstone, arena);
    SAME(id);
    SAME(handle);
    SAME(basis);
    SAME(at_ms);
    arena_free(arena);
}

static void a_look_is_answered_with_all_that_the_hub_knows(void **state) {
    struct arena *arena = new_arena();
    THROUGH(look_answer, arena);
    assert_true(read.found);
    expect_token(&read.token);
    assert_int_equal(read.support_count, 2);
    for (size_t i = 0; i < 2; i++) {
        SAME(supports[i].org);
        SAME(supports[i].org_kind);
        SAME(supports[i].kind);
        SAME(supports[i].distance);
        SAME(supports[i].state);
        SAME(supports[i].silent);
        SAME(supports[i].since_day);
        SAME(supports[i].end_day);
    }
    assert_int_equal(read.seen_count, 1);
    SAME(seen[0].org);
    SAME(seen[0].day);
    assert_int_equal(read.flag_count, 1);
    SAME(flags[0].kind);
    SAME(flags[0].state);
    SAME(flags[0].opened_day);
    SAME(flags[0].turn);
    assert_int_equal(read.ask_count, 1);
    SAME(asks[0].to);
    SAME(asks[0].service);
    SAME(asks[0].state);
    SAME(asks[0].reason);
    SAME(asks[0].asked_day);
    arena_free(arena);
}

/* The contract of the decoders: nothing points into what was received. */
static void what_was_read_outlives_the_frame(void **state) {
    struct arena *arena = new_arena();
    const struct consent_message given = sample_consent_message();
    struct consent_message read;
    struct bytes bytes;
    assert_int_equal(consent_message_encode(&given, arena, &bytes), 0);
    uint8_t *frame = malloc(bytes.length);
    assert_non_null(frame);
    memcpy(frame, bytes.data, bytes.length);
    struct bytes received = {.data = frame, .length = bytes.length};
    assert_int_equal(consent_message_decode(received, arena, &read), REFUSAL_NONE);
    memset(frame, 0xff, bytes.length);
    free(frame);
    expect_token(&read.token);
    expect_sealed(&read.envelopes[1].sealed);
    expect_proven(&read.support);
    arena_free(arena);
}

/* consent_covers judges it, so that every party refuses it in the same words. */
static void any_purpose_is_handed_on_as_it_came(void **state) {
    struct arena *arena = new_arena();
    struct support given = sample_support();
    struct support read;
    struct bytes bytes;
    given.purpose = 4000000000;
    assert_int_equal(support_encode(&given, arena, &bytes), 0);
    assert_int_equal(support_decode(bytes, arena, &read), REFUSAL_NONE);
    assert_int_equal(read.purpose, 4000000000);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_and_a_support_are_the_bytes_that_another_encoder_writes),
        cmocka_unit_test(a_token_is_read_back_with_all_its_fields),
        cmocka_unit_test(a_consent_is_read_back_with_its_envelopes_and_support),
        cmocka_unit_test(a_consent_without_envelopes_or_support_is_taken),
        cmocka_unit_test(a_token_may_lack_the_organisations_signature),
        cmocka_unit_test(sealed_and_proven_are_read_back),
        cmocka_unit_test(a_withdrawal_a_look_and_a_receipt_are_read_back),
        cmocka_unit_test(a_support_is_read_back_with_all_its_fields),
        cmocka_unit_test(a_question_and_its_answer_are_read_back),
        cmocka_unit_test(concerns_and_what_became_of_a_flag_are_read_back),
        cmocka_unit_test(calls_and_new_cards_are_read_back),
        cmocka_unit_test(a_notice_is_read_back_with_all_its_fields),
        cmocka_unit_test(a_tombstone_is_read_back),
        cmocka_unit_test(a_look_is_answered_with_all_that_the_hub_knows),
        cmocka_unit_test(what_was_read_outlives_the_frame),
        cmocka_unit_test(any_purpose_is_handed_on_as_it_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
