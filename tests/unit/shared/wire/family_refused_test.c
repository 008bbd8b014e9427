#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/wire/family.h"
#include "shared/wire/scan.h"
#include "tests/unit/shared/wire/family_samples.h"
#include "tests/unit/shared/wire/raw.h"

static struct arena *new_arena(void) {
    struct arena *arena;
    assert_int_equal(arena_new(64 << 20, &arena), 0);
    return arena;
}

enum codec {
#define X(name) CODEC_##name,
    FAMILY_CODEC_LIST(X)
#undef X
        CODECS
};

static struct bytes sample_of(struct arena *arena, enum codec codec) {
    struct bytes bytes = {0};
    switch (codec) {
#define X(name)                                                                                    \
    case CODEC_##name: {                                                                           \
        const struct name given = sample_##name();                                                 \
        assert_int_equal(name##_encode(&given, arena, &bytes), 0);                                 \
        break;                                                                                     \
    }
        FAMILY_CODEC_LIST(X)
#undef X
    case CODECS:
    default:
        fail();
    }
    return bytes;
}

static enum refusal refusal_of(struct arena *arena, enum codec codec, struct bytes bytes) {
    switch (codec) {
#define X(name)                                                                                    \
    case CODEC_##name: {                                                                           \
        struct name read;                                                                          \
        return name##_decode(bytes, arena, &read);                                                 \
    }
        FAMILY_CODEC_LIST(X)
#undef X
    case CODECS:
    default:
        fail();
        return REFUSAL_INTERNAL_FAULT;
    }
}

/* The sample without its padding, so that something can be added within its limit. */
static struct raw raw_sample(struct arena *arena, enum codec codec) {
    static const uint32_t padding[CODECS] = {
        [CODEC_notice] = 12, [CODEC_tombstone] = 5, [CODEC_look_answer] = 7};
    struct raw raw = raw_new(arena);
    struct bytes bytes = sample_of(arena, codec);
    if (padding[codec] != 0) {
        bytes = wire_cut_last(bytes, padding[codec]);
    }
    memcpy(raw.data, bytes.data, bytes.length);
    raw.length = bytes.length;
    return raw;
}

/* All of a message but its fields with that number. */
static struct bytes without(struct arena *arena, struct bytes message, uint32_t number) {
    struct raw raw = raw_new(arena);
    struct bytes rest = message;
    while (rest.length > 0) {
        const uint8_t *start = rest.data;
        struct wire_field field;
        assert_true(wire_field_take(&rest, &field));
        size_t length = (size_t)(rest.data - start);
        if (field.number != number) {
            memcpy(raw.data + raw.length, start, length);
            raw.length += length;
        }
    }
    return raw_bytes(&raw);
}

/* What a message has in its only field with that number. */
static struct bytes part_of(struct bytes message, uint32_t number) {
    struct wire_field field;
    do {
        assert_true(wire_field_take(&message, &field));
    } while (field.number != number);
    return field.run;
}

/* A field that comes twice counts as it came last, so a good message with one field after it is the
 * same message with that field changed. */
struct wrong {
    enum codec codec;
    uint32_t field;
    uint32_t inner; /* in the part that is `field`; 0: the field itself */
    const char *text;
    uint64_t number;
    enum refusal refusal;
};

#define NUMBER(codec_, field_, inner_, number_, refusal_)                                          \
    {                                                                                              \
        .codec = CODEC_##codec_, .field = (field_), .inner = (inner_), .number = (number_),        \
        .refusal = REFUSAL_##refusal_                                                              \
    }
#define TEXT(codec_, field_, inner_, text_, refusal_)                                              \
    {                                                                                              \
        .codec = CODEC_##codec_, .field = (field_), .inner = (inner_), .text = (text_),            \
        .refusal = REFUSAL_##refusal_                                                              \
    }

enum { DAY_TOO_LATE = 2 * 100000 /* in 2243, zigzag */ };
#define INSTANT_TOO_LATE 8000000000000 /* in 2223 */

static void expect_refused(struct arena *arena, const struct wrong *wrong) {
    struct arena_mark mark = arena_mark(arena);
    struct raw raw = raw_sample(arena, wrong->codec);
    assert_int_equal(refusal_of(arena, wrong->codec, raw_bytes(&raw)), REFUSAL_NONE);
    struct raw part = raw_new(arena);
    struct raw *into = wrong->inner == 0 ? &raw : &part;
    if (wrong->inner != 0) {
        struct bytes good = part_of(raw_bytes(&raw), wrong->field);
        memcpy(part.data, good.data, good.length);
        part.length = good.length;
        struct bytes others = without(arena, raw_bytes(&raw), wrong->field);
        memcpy(raw.data, others.data, others.length);
        raw.length = others.length;
    }
    uint32_t field = wrong->inner == 0 ? wrong->field : wrong->inner;
    if (wrong->text != NULL) {
        raw_text(into, field, wrong->text);
    } else {
        raw_number(into, field, wrong->number);
    }
    if (wrong->inner != 0) {
        raw_run(&raw, wrong->field, raw_bytes(&part));
    }
    enum refusal refusal = refusal_of(arena, wrong->codec, raw_bytes(&raw));
    if (refusal != wrong->refusal) {
        fail_msg("codec %d field %u.%u: refusal %d, not %d", wrong->codec, wrong->field,
                 wrong->inner, refusal, wrong->refusal);
    }
    arena_rewind(arena, &mark);
}

static void expect_all_refused(const struct wrong *wrong, size_t count) {
    struct arena *arena = new_arena();
    for (size_t i = 0; i < count; i++) {
        expect_refused(arena, &wrong[i]);
    }
    arena_free(arena);
}

/* The first number after each list, by shared/base/family_lists.h. */
static void a_value_that_is_not_on_its_list_is_refused(void **state) {
    static const struct wrong wrong[] = {
        NUMBER(consent_token, 1, 0, 2, UNKNOWN_VERSION),
        NUMBER(consent_token, 5, 0, 1 << 6, UNKNOWN_VALUE),
        NUMBER(withdrawal, 3, 0, 4, UNKNOWN_VALUE),
        NUMBER(support, 5, 0, 3, UNKNOWN_VALUE),
        NUMBER(support, 6, 0, 3, UNKNOWN_VALUE),
        NUMBER(support, 7, 0, 4, UNKNOWN_VALUE),
        NUMBER(support, 8, 0, 9, UNKNOWN_VALUE),
        NUMBER(ask_answer, 4, 0, 6, UNKNOWN_VALUE),
        NUMBER(ask_answer, 5, 0, 8, UNKNOWN_VALUE),
        NUMBER(concern, 5, 0, 4, UNKNOWN_VALUE),
        NUMBER(concern, 6, 0, 12, UNKNOWN_VALUE),
        NUMBER(concern, 7, 0, 4, UNKNOWN_VALUE),
        NUMBER(flag_answer, 4, 0, 5, UNKNOWN_VALUE),
        NUMBER(flag_answer, 5, 0, 8, UNKNOWN_VALUE),
        NUMBER(notice, 1, 0, 11, UNKNOWN_VALUE),
        NUMBER(notice, 11, 0, 9, UNKNOWN_VALUE),
        NUMBER(notice, 6, 2, 9, UNKNOWN_VALUE),
        NUMBER(notice, 6, 3, 5, UNKNOWN_VALUE),
        NUMBER(notice, 6, 8, 8, UNKNOWN_VALUE),
        NUMBER(notice, 6, 9, 12, UNKNOWN_VALUE),
        NUMBER(notice, 6, 10, 4, UNKNOWN_VALUE),
        NUMBER(tombstone, 3, 0, 4, UNKNOWN_VALUE),
        NUMBER(tombstone, 3, 0, UINT32_MAX, UNKNOWN_VALUE),
    };
    expect_all_refused(wrong, sizeof(wrong) / sizeof(wrong[0]));
}

/* Of an organisation that left and of a consent that ended only the hub can tell; open and revoked
 * are the asker's words. */
static void what_only_another_may_say_is_refused(void **state) {
    static const struct wrong wrong[] = {
        NUMBER(support, 8, 0, END_ORGANISATION_LEFT, UNKNOWN_VALUE),
        NUMBER(flag_answer, 5, 0, FLAG_REASON_CONSENT_ENDED, UNKNOWN_VALUE),
        NUMBER(flag_answer, 5, 0, FLAG_REASON_MERGED, UNKNOWN_VALUE),
        NUMBER(ask_answer, 4, 0, ASK_OPEN, UNKNOWN_VALUE),
        NUMBER(ask_answer, 4, 0, ASK_REVOKED, UNKNOWN_VALUE),
    };
    expect_all_refused(wrong, sizeof(wrong) / sizeof(wrong[0]));
}

static void keys_handles_and_ids_of_another_length_are_refused(void **state) {
    static const char thirty_one[] = "a run of thirty-one bytes 01234";
    static const struct wrong wrong[] = {
        TEXT(sealed, 1, 0, "short", MALFORMED),
        TEXT(proven, 2, 0, "short", MALFORMED),
        TEXT(consent_token, 3, 0, thirty_one, MALFORMED),
        TEXT(consent_token, 7, 0, "short", MALFORMED),
        TEXT(consent_token, 9, 0, "short", MALFORMED),
        TEXT(consent_token, 10, 0, "short", MALFORMED),
        TEXT(consent_message, 2, 2, "short", MALFORMED),
        TEXT(consent_message, 2, 3, "short", MALFORMED),
        TEXT(consent_message, 4, 2, "short", MALFORMED),
        TEXT(withdrawal, 2, 0, "short", MALFORMED),
        TEXT(support, 2, 0, "short", MALFORMED),
        TEXT(ask, 2, 0, "fifteen bytes..", MALFORMED),
        TEXT(ask, 3, 0, "short", MALFORMED),
        TEXT(ask, 9, 1, "short", MALFORMED),
        TEXT(ask_answer, 2, 0, "short", MALFORMED),
        TEXT(ask_answer, 3, 0, "short", MALFORMED),
        TEXT(ask_answer, 7, 1, "short", MALFORMED),
        TEXT(concern, 2, 0, "short", MALFORMED),
        TEXT(concern, 3, 0, "short", MALFORMED),
        TEXT(flag_answer, 2, 0, "short", MALFORMED),
        TEXT(flag_answer, 3, 0, "short", MALFORMED),
        TEXT(call_back, 2, 0, "short", MALFORMED),
        TEXT(call_back, 6, 1, "short", MALFORMED),
        TEXT(called_back, 2, 0, "short", MALFORMED),
        TEXT(new_card, 3, 1, "short", MALFORMED),
        TEXT(card_moved, 1, 0, "short", MALFORMED),
        TEXT(card_moved, 2, 0, "short", MALFORMED),
        TEXT(card_moved, 3, 0, "short", MALFORMED),
        TEXT(erased, 1, 0, "short", MALFORMED),
        TEXT(notice, 3, 0, "short", MALFORMED),
        TEXT(notice, 4, 0, "short", MALFORMED),
        TEXT(notice, 6, 1, "short", MALFORMED),
        TEXT(notice, 7, 0, "short", MALFORMED),
        TEXT(notice, 8, 2, "short", MALFORMED),
        TEXT(notice, 9, 1, "short", MALFORMED),
        TEXT(tombstone, 1, 0, "short", MALFORMED),
        TEXT(tombstone, 2, 0, "short", MALFORMED),
        TEXT(look, 2, 0, "short", MALFORMED),
        TEXT(look, 4, 0, "fifteen bytes..", MALFORMED),
        TEXT(look_answer, 2, 2, "short", MALFORMED),
    };
    expect_all_refused(wrong, sizeof(wrong) / sizeof(wrong[0]));
}

static void names_places_days_and_numbers_that_are_none_are_refused(void **state) {
    static const struct wrong wrong[] = {
        TEXT(consent_token, 2, 0, "Kortrijk", MALFORMED),
        NUMBER(consent_token, 4, 0, 0, MALFORMED),
        NUMBER(consent_token, 6, 0, 2772, MALFORMED), /* January 2201 */
        TEXT(consent_token, 8, 0, "a b", MALFORMED),
        TEXT(consent_token, 11, 0, "a b", MALFORMED),
        TEXT(consent_token, 12, 0, "a b", MALFORMED),
        TEXT(withdrawal, 1, 0, "", MALFORMED),
        TEXT(withdrawal, 4, 0, "CAW", MALFORMED),
        NUMBER(withdrawal, 5, 0, INSTANT_TOO_LATE, MALFORMED),
        TEXT(support, 3, 0, "CAW", MALFORMED),
        NUMBER(support, 4, 0, 0, MALFORMED),
        NUMBER(support, 9, 0, DAY_TOO_LATE, MALFORMED),
        NUMBER(support, 10, 0, 9999, MALFORMED),
        TEXT(support, 11, 0, "a b", MALFORMED),
        NUMBER(support, 12, 0, DAY_TOO_LATE, MALFORMED),
        TEXT(ask, 4, 0, "a b", MALFORMED),
        TEXT(ask, 5, 0, "a b", MALFORMED),
        TEXT(ask, 6, 0, "a b", MALFORMED),
        NUMBER(ask, 7, 0, DAY_TOO_LATE, MALFORMED),
        TEXT(ask_answer, 6, 0, "a b", MALFORMED),
        TEXT(ask_answer, 8, 0, "a b", MALFORMED),
        TEXT(concern, 4, 0, "a b", MALFORMED),
        NUMBER(concern, 8, 0, INSTANT_TOO_LATE, MALFORMED),
        TEXT(call_back, 3, 0, "a b", MALFORMED),
        NUMBER(call_back, 4, 0, 100000, MALFORMED),
        NUMBER(call_back, 4, 0, 0, MALFORMED),
        TEXT(call_back, 5, 0, "arab", MALFORMED),
        TEXT(new_card, 2, 0, "a b", MALFORMED),
        TEXT(card_moved, 5, 0, "a b", MALFORMED),
        NUMBER(erased, 2, 0, INSTANT_TOO_LATE, MALFORMED),
        NUMBER(notice, 10, 0, DAY_TOO_LATE, MALFORMED),
        NUMBER(notice, 6, 5, DAY_TOO_LATE, MALFORMED),
        NUMBER(notice, 6, 6, DAY_TOO_LATE, MALFORMED),
        NUMBER(notice, 6, 7, DAY_TOO_LATE, MALFORMED),
        TEXT(notice, 6, 11, "a b", MALFORMED),
        NUMBER(tombstone, 4, 0, INSTANT_TOO_LATE, MALFORMED),
        TEXT(look, 1, 0, "a b", MALFORMED),
        TEXT(look, 3, 0, "a b", MALFORMED),
        NUMBER(look, 5, 0, INSTANT_TOO_LATE, MALFORMED),
    };
    expect_all_refused(wrong, sizeof(wrong) / sizeof(wrong[0]));
}

/* Each of these fields belongs to one state or answer only. */
static void what_does_not_go_together_is_refused(void **state) {
    static const struct wrong wrong[] = {
        NUMBER(support, 7, 0, SUPPORT_ACTIVE, MALFORMED), /* with a reason and a day of its end */
        NUMBER(support, 8, 0, END_REASON_NONE, MALFORMED),
        NUMBER(support, 9, 0, 0, MALFORMED),
        NUMBER(support, 8, 0, END_FINISHED, MALFORMED), /* and where it moves to */
        NUMBER(ask_answer, 4, 0, ASK_TAKEN, MALFORMED), /* and whom it is passed on to */
        NUMBER(ask_answer, 4, 0, ASK_REFUSED, MALFORMED),
        NUMBER(ask_answer, 5, 0, ASK_OTHER, MALFORMED), /* passed on with a reason */
        TEXT(ask_answer, 6, 0, "", MALFORMED),
        NUMBER(flag_answer, 4, 0, FLAG_TAKE, MALFORMED), /* and why it closes */
        NUMBER(flag_answer, 5, 0, 0, MALFORMED),         /* closes without reason */
        NUMBER(look_answer, 1, 0, 0, MALFORMED),         /* not found, and yet something */
        TEXT(notice, 8, 1, "", MALFORMED),               /* a signature of nothing */
        TEXT(consent_message, 4, 1, "", MALFORMED),      /* a proof of nothing */
        TEXT(consent_message, 2, 1, "", MALFORMED),
        TEXT(ask, 9, 2, "", MALFORMED), /* a key of nothing */
    };
    expect_all_refused(wrong, sizeof(wrong) / sizeof(wrong[0]));
}

#define FIELD(number) (1u << (number))

/* Fields that say "not told" or "no" by being absent, by the numbers of family.proto; a message
 * without any other of its fields is refused. */
static const uint32_t may_be_absent[CODECS] = {
    [CODEC_consent_token] = FIELD(5) | FIELD(6) | FIELD(11) | FIELD(12),
    [CODEC_consent_message] = FIELD(1) | FIELD(3) | FIELD(4) | FIELD(5),
    [CODEC_withdrawal] = FIELD(5),
    [CODEC_support] = FIELD(1) | FIELD(10) | FIELD(11) | FIELD(12) | FIELD(13),
    [CODEC_ask] = FIELD(1) | FIELD(7) | FIELD(8) | FIELD(9),
    [CODEC_ask_answer] = FIELD(1) | FIELD(7) | FIELD(8),
    [CODEC_concern] = FIELD(1) | FIELD(8),
    [CODEC_flag_answer] = FIELD(1),
    [CODEC_call_back] = FIELD(1),
    [CODEC_called_back] = FIELD(1),
    [CODEC_new_card] = FIELD(1),
    [CODEC_erased] = FIELD(2),
    [CODEC_notice] =
        FIELD(2) | FIELD(5) | FIELD(7) | FIELD(8) | FIELD(9) | FIELD(10) | FIELD(11) | FIELD(12),
    [CODEC_tombstone] = FIELD(3) | FIELD(4) | FIELD(5),
    [CODEC_look] = FIELD(5),
    [CODEC_look_answer] = FIELD(3) | FIELD(4) | FIELD(5) | FIELD(6) | FIELD(7),
};

static void a_message_that_lacks_what_it_needs_is_refused(void **state) {
    struct arena *arena = new_arena();
    for (enum codec codec = 0; codec < CODECS; codec++) {
        struct arena_mark mark = arena_mark(arena);
        struct bytes good = sample_of(arena, codec);
        for (uint32_t field = 1; field <= 13; field++) {
            struct bytes bytes = without(arena, good, field);
            bool fine = bytes.length == good.length || (may_be_absent[codec] & FIELD(field)) != 0;
            enum refusal refusal = refusal_of(arena, codec, bytes);
            if (fine != (refusal == REFUSAL_NONE)) {
                fail_msg("codec %d without field %u: refusal %d", codec, field, refusal);
            }
        }
        arena_rewind(arena, &mark);
    }
    arena_free(arena);
}

/* Each cut lies in an allocation of its own, so that ASan sees a read past its end. */
static void a_message_cut_in_the_middle_of_a_field_is_refused(void **state) {
    struct arena *arena = new_arena();
    for (enum codec codec = 0; codec < CODECS; codec++) {
        struct raw raw = raw_sample(arena, codec);
        for (size_t length = 0; length < raw.length; length++) {
            struct arena_mark mark = arena_mark(arena);
            uint8_t *cut = malloc(length + 1);
            assert_non_null(cut);
            memcpy(cut, raw.data, length);
            struct bytes bytes = {.data = cut, .length = length};
            struct bytes rest = bytes;
            struct wire_field field;
            bool whole = true;
            while (whole && rest.length > 0) {
                whole = wire_field_take(&rest, &field);
            }
            enum refusal refusal = refusal_of(arena, codec, bytes);
            assert_true(whole || refusal == REFUSAL_MALFORMED);
            free(cut);
            arena_rewind(arena, &mark);
        }
    }
    arena_free(arena);
}

/* With a field of a newer version. */
static void fill_to(struct raw *raw, size_t length) {
    static const uint8_t zeros[20 << 10];
    size_t room = length - raw->length - 2; /* after its tag */
    size_t head = room - 1 <= 0x7f ? 1 : room - 2 <= 0x3fff ? 2 : 3;
    raw_run(raw, 1000, (struct bytes){zeros, room - head});
    assert_int_equal(raw->length, length);
}

static void a_message_beyond_its_limit_is_refused(void **state) {
    static const size_t limits[CODECS] = {
        [CODEC_consent_token] = 1 << 10,  [CODEC_consent_message] = 12 << 10,
        [CODEC_proven] = 4 << 10,         [CODEC_withdrawal] = 4 << 10,
        [CODEC_support] = 4 << 10,        [CODEC_ask] = 3 << 10,
        [CODEC_ask_answer] = 4 << 10,     [CODEC_concern] = 4 << 10,
        [CODEC_flag_answer] = 4 << 10,    [CODEC_call_back] = 4 << 10,
        [CODEC_called_back] = 4 << 10,    [CODEC_new_card] = 4 << 10,
        [CODEC_card_moved] = 2 << 10,     [CODEC_erased] = 4 << 10,
        [CODEC_sealed] = (16 << 10) + 64, [CODEC_notice] = 8 << 10,
        [CODEC_tombstone] = 8 << 10,      [CODEC_look] = 1 << 10,
        [CODEC_look_answer] = 8 << 10,
    };
    struct arena *arena = new_arena();
    for (enum codec codec = 0; codec < CODECS; codec++) {
        struct arena_mark mark = arena_mark(arena);
        struct raw raw = raw_sample(arena, codec);
        size_t length = raw.length;
        fill_to(&raw, limits[codec]);
        assert_int_equal(refusal_of(arena, codec, raw_bytes(&raw)), REFUSAL_NONE);
        raw.length = length;
        fill_to(&raw, limits[codec] + 1);
        assert_int_equal(refusal_of(arena, codec, raw_bytes(&raw)), REFUSAL_TOO_LARGE);
        arena_rewind(arena, &mark);
    }
    arena_free(arena);
}

/* 1 KiB and the 48 bytes that a sealed box adds (DESIGN 5); `length` of what is sealed. */
static void set_contact(struct sealed *contact, size_t length) {
    static const uint8_t box[2 << 10] = {1};
    contact->box = (struct bytes){box, length};
}

#define CONTACT_GETS(codec, given, contact_of)                                                     \
    do {                                                                                           \
        struct codec given = sample_##codec();                                                     \
        struct bytes bytes;                                                                        \
        set_contact(&(contact_of), length);                                                        \
        assert_int_equal(codec##_encode(&given, arena, &bytes), 0);                                \
        assert_int_equal(refusal_of(arena, CODEC_##codec, bytes), refusal);                        \
    } while (0)

static void a_sealed_contact_of_another_size_is_refused(void **state) {
    static const size_t lengths[] = {1024 + 48, 1, 60, 1024, 1024 + 47, 1024 + 49, 2 << 10};
    struct arena *arena = new_arena();
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        const size_t length = lengths[i];
        const enum refusal refusal = i == 0 ? REFUSAL_NONE : REFUSAL_MALFORMED;
        CONTACT_GETS(consent_message, given, given.envelopes[0].sealed);
        CONTACT_GETS(consent_message, given, given.envelopes[1].sealed);
        CONTACT_GETS(ask, given, given.contact);
        CONTACT_GETS(ask_answer, given, given.contact);
        CONTACT_GETS(call_back, given, given.contact);
    }
    arena_free(arena);
}

static void parts_beyond_their_limits_are_refused(void **state) {
    static const uint8_t long_run[20 << 10] = {1};
    struct arena *arena = new_arena();
    struct bytes bytes;
    struct new_card card = sample_new_card();
    card.content.box = (struct bytes){long_run, 2 << 10};
    assert_int_equal(new_card_encode(&card, arena, &bytes), 0);
    assert_int_equal(refusal_of(arena, CODEC_new_card, bytes), REFUSAL_NONE);
    card.content.box.length++;
    assert_int_equal(new_card_encode(&card, arena, &bytes), 0);
    assert_int_equal(refusal_of(arena, CODEC_new_card, bytes), REFUSAL_TOO_LARGE);
    struct proven proven = sample_proven();
    proven.statement = (struct bytes){long_run, (3 << 10) + 1};
    assert_int_equal(proven_encode(&proven, arena, &bytes), 0);
    assert_int_equal(refusal_of(arena, CODEC_proven, bytes), REFUSAL_TOO_LARGE);
    struct card_moved moved = sample_card_moved();
    moved.token.token = (struct bytes){long_run, (1 << 10) + 1};
    assert_int_equal(card_moved_encode(&moved, arena, &bytes), 0);
    assert_int_equal(refusal_of(arena, CODEC_card_moved, bytes), REFUSAL_TOO_LARGE);
    struct sealed sealed = sample_sealed();
    sealed.box = (struct bytes){long_run, (16 << 10) + 1};
    assert_int_equal(sealed_encode(&sealed, arena, &bytes), 0);
    assert_int_equal(refusal_of(arena, CODEC_sealed, bytes), REFUSAL_TOO_LARGE);
    struct notice notice = sample_notice();
    notice.origin.envelope = (struct bytes){long_run, RELAYED_BYTES_MAX + 1};
    assert_int_equal(notice_encode(&notice, arena, &bytes), 0);
    assert_int_equal(refusal_of(arena, CODEC_notice, bytes), REFUSAL_TOO_LARGE);
    arena_free(arena);
}

static void a_third_envelope_or_two_for_one_organisation_are_refused(void **state) {
    struct arena *arena = new_arena();
    struct consent_message consent = sample_consent_message();
    struct bytes bytes;
    consent.envelopes[1].org = consent.envelopes[0].org;
    assert_int_equal(consent_message_encode(&consent, arena, &bytes), 0);
    assert_int_equal(refusal_of(arena, CODEC_consent_message, bytes), REFUSAL_MALFORMED);
    struct raw raw = raw_sample(arena, CODEC_consent_message);
    raw_run(&raw, 3, (struct bytes){0});
    assert_int_equal(refusal_of(arena, CODEC_consent_message, raw_bytes(&raw)), REFUSAL_TOO_LARGE);
    consent.envelope_count = 3;
    assert_int_equal(consent_message_encode(&consent, arena, &bytes), ERR_TOO_LARGE);
    arena_free(arena);
}

/* Zeros stand for "about no family" in notices and items. */
static void a_handle_of_zeros_is_no_family(void **state) {
    struct arena *arena = new_arena();
    struct consent_token token = sample_consent_token();
    struct support support = sample_support();
    struct consent_token read_token;
    struct support read_support;
    struct bytes bytes;
    memset(&token.handle, 0, sizeof(token.handle));
    memset(&support.handle, 0, sizeof(support.handle));
    assert_int_equal(consent_token_encode(&token, arena, &bytes), 0);
    assert_int_equal(consent_token_decode(bytes, arena, &read_token), REFUSAL_MALFORMED);
    assert_int_equal(support_encode(&support, arena, &bytes), 0);
    assert_int_equal(support_decode(bytes, arena, &read_support), REFUSAL_MALFORMED);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_that_is_not_on_its_list_is_refused),
        cmocka_unit_test(what_only_another_may_say_is_refused),
        cmocka_unit_test(keys_handles_and_ids_of_another_length_are_refused),
        cmocka_unit_test(names_places_days_and_numbers_that_are_none_are_refused),
        cmocka_unit_test(what_does_not_go_together_is_refused),
        cmocka_unit_test(a_message_that_lacks_what_it_needs_is_refused),
        cmocka_unit_test(a_message_cut_in_the_middle_of_a_field_is_refused),
        cmocka_unit_test(a_message_beyond_its_limit_is_refused),
        cmocka_unit_test(a_sealed_contact_of_another_size_is_refused),
        cmocka_unit_test(parts_beyond_their_limits_are_refused),
        cmocka_unit_test(a_third_envelope_or_two_for_one_organisation_are_refused),
        cmocka_unit_test(a_handle_of_zeros_is_no_family),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
