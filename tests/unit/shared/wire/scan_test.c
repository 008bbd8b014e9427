#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/base/limits.h"
#include "shared/wire/family.pb-c.h"
#include "shared/wire/packet.h"
#include "shared/wire/shapes.h"
#include "shared/wire/vangnet.pb-c.h"
#include "tests/unit/shared/wire/raw.h"

static struct arena *new_arena(void) {
    struct arena *arena;
    assert_int_equal(arena_new(64 << 20, &arena), 0);
    return arena;
}

static enum refusal scan(struct bytes bytes, const struct wire_shape *shape) {
    uint32_t unknown;
    return wire_scan(bytes, FRAME_BYTES_MAX, shape, &unknown);
}

/* No type holds itself (a lint test sees to it), so this ends. */
static void expect_same(const ProtobufCMessageDescriptor *descriptor,
                        const struct wire_shape *shape) {
    uint32_t highest = 0;
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        highest = field->id > highest ? field->id : highest;
        assert_true(field->id < shape->field_count);
        if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
            assert_non_null(shape->fields[field->id]);
            expect_same(field->descriptor, shape->fields[field->id]);
        } else {
            assert_null(shape->fields[field->id]);
        }
    }
    assert_int_equal(shape->field_count, highest + 1);
    for (uint32_t number = 0; number < shape->field_count; number++) {
        if (protobuf_c_message_descriptor_get_field(descriptor, number) == NULL) {
            assert_null(shape->fields[number]);
        }
    }
}

static void the_shapes_mirror_the_protocols_descriptors(void **state) {
    expect_same(&vangnet__packet__descriptor, &shape_packet);
    expect_same(&vangnet__envelope__descriptor, &shape_envelope);
    expect_same(&vangnet__acknowledgement__descriptor, &shape_acknowledgement);
    expect_same(&vangnet__signal__descriptor, &shape_signal);
    expect_same(&vangnet__status__descriptor, &shape_status);
    expect_same(&vangnet__signed_entry__descriptor, &shape_signed_entry);
    expect_same(&vangnet__directory_entry__descriptor, &shape_directory_entry);
    expect_same(&vangnet__directory__descriptor, &shape_directory);
    expect_same(&vangnet__join_application__descriptor, &shape_join_application);
    expect_same(&vangnet__member__descriptor, &shape_member);
    expect_same(&vangnet__sealed__descriptor, &shape_sealed);
    expect_same(&vangnet__proven__descriptor, &shape_proven);
    expect_same(&vangnet__consent_token__descriptor, &shape_consent_token);
    expect_same(&vangnet__consent__descriptor, &shape_consent_message);
    expect_same(&vangnet__withdrawal__descriptor, &shape_withdrawal);
    expect_same(&vangnet__support__descriptor, &shape_support);
    expect_same(&vangnet__ask__descriptor, &shape_ask);
    expect_same(&vangnet__ask_answer__descriptor, &shape_ask_answer);
    expect_same(&vangnet__concern__descriptor, &shape_concern);
    expect_same(&vangnet__flag_answer__descriptor, &shape_flag_answer);
    expect_same(&vangnet__call_back__descriptor, &shape_call_back);
    expect_same(&vangnet__called_back__descriptor, &shape_called_back);
    expect_same(&vangnet__new_card__descriptor, &shape_new_card);
    expect_same(&vangnet__card_moved__descriptor, &shape_card_moved);
    expect_same(&vangnet__erased__descriptor, &shape_erased);
    expect_same(&vangnet__notice__descriptor, &shape_notice);
    expect_same(&vangnet__tombstone__descriptor, &shape_tombstone);
    expect_same(&vangnet__look__descriptor, &shape_look);
    expect_same(&vangnet__look_answer__descriptor, &shape_look_answer);
}

/* Nested by field 1, from the inside out. */
static struct bytes nested(struct arena *arena, size_t levels) {
    uint8_t *data = arena_alloc(arena, 64 + levels * 5, 1);
    assert_non_null(data);
    size_t start = 64 + levels * 5;
    size_t end = start;
    for (size_t i = 0; i < levels; i++) {
        uint8_t head[8] = {1 << 3 | 2};
        struct raw raw = {.data = head, .length = 1};
        raw_varint(&raw, end - start);
        start -= raw.length;
        memcpy(data + start, head, raw.length);
    }
    return (struct bytes){.data = data + start, .length = end - start};
}

static const struct wire_shape endless;
static const struct wire_shape *const endless_fields[2] = {[1] = &endless};
static const struct wire_shape endless = {.field_count = 2, .fields = endless_fields};

static void nesting_is_bounded_even_where_a_shape_holds_itself(void **state) {
    struct arena *arena = new_arena();
    assert_int_equal(scan(nested(arena, WIRE_DEPTH_MAX - 1), &endless), REFUSAL_NONE);
    assert_int_equal(scan(nested(arena, WIRE_DEPTH_MAX), &endless), REFUSAL_MALFORMED);
    assert_int_equal(scan(nested(arena, 10000), &endless), REFUSAL_MALFORMED);
    arena_free(arena);
}

static void a_frame_nested_ten_thousand_deep_is_refused(void **state) {
    struct arena *arena = new_arena();
    struct packet packet;
    assert_int_equal(packet_decode(nested(arena, 10000), arena, &packet), REFUSAL_MALFORMED);
    arena_free(arena);
}

static struct bytes empty_receipts(struct arena *arena, size_t count) {
    struct raw raw = raw_new(arena);
    for (size_t i = 0; i < count; i++) {
        raw_run(&raw, 7, (struct bytes){0});
    }
    return raw_bytes(&raw);
}

static void a_mebibyte_of_empty_submessages_is_refused_without_taking_memory(void **state) {
    struct arena *arena = new_arena();
    struct acknowledgement acknowledgement;
    struct bytes frame = empty_receipts(arena, (1 << 20) / 2);
    size_t before = arena_used(arena);
    assert_int_equal(acknowledgement_decode(frame, arena, &acknowledgement), REFUSAL_TOO_LARGE);
    frame.length = PACKET_BYTES_MAX;
    assert_int_equal(acknowledgement_decode(frame, arena, &acknowledgement), REFUSAL_TOO_LARGE);
    assert_int_equal(arena_used(arena), before);
    arena_free(arena);
}

/* The most that the scan lets through: less than a sixth of what a turn has. */
static void the_most_submessages_that_pass_take_bounded_memory(void **state) {
    struct arena *arena = new_arena();
    struct acknowledgement acknowledgement;
    struct bytes frame = empty_receipts(arena, WIRE_FIELDS_MAX);
    size_t before = arena_used(arena);
    assert_int_equal(scan(frame, &shape_acknowledgement), REFUSAL_NONE);
    assert_int_equal(acknowledgement_decode(frame, arena, &acknowledgement), REFUSAL_MALFORMED);
    assert_true(arena_used(arena) - before < TURN_ARENA_BYTES / 6);
    frame = empty_receipts(arena, WIRE_FIELDS_MAX + 1);
    assert_int_equal(scan(frame, &shape_acknowledgement), REFUSAL_TOO_LARGE);
    arena_free(arena);
}

static void an_arena_that_is_full_is_no_fault_of_the_sender(void **state) {
    struct arena *arena = new_arena();
    struct arena *small;
    struct acknowledgement acknowledgement;
    struct bytes frame = empty_receipts(arena, 1000);
    assert_int_equal(arena_new(1024, &small), 0);
    assert_int_equal(acknowledgement_decode(frame, small, &acknowledgement), REFUSAL_NO_ROOM);
    arena_free(small);
    arena_free(arena);
}

static void fields_of_a_newer_version_are_passed_over_and_counted(void **state) {
    struct arena *arena = new_arena();
    struct raw inner = raw_new(arena);
    struct raw raw = raw_new(arena);
    uint32_t unknown = 9;
    raw_number(&inner, 9, 1);
    raw_text(&inner, 99, "in hello");
    raw_run(&raw, 1, raw_bytes(&inner));
    raw_number(&raw, 9, 1);
    assert_int_equal(wire_scan(raw_bytes(&raw), 1000, &shape_packet, &unknown), REFUSAL_NONE);
    assert_int_equal(unknown, 3);
    arena_free(arena);
}

static void what_is_no_wire_format_is_refused(void **state) {
    static const uint8_t group[] = {1 << 3 | 3, 1 << 3 | 4};
    static const uint8_t field_zero[] = {0, 1};
    static const uint8_t wire_type_six[] = {1 << 3 | 6, 1};
    static const uint8_t long_varint[] = {1 << 3, 0x80, 0x80, 0x80, 0x80, 0x80,
                                          0x80,   0x80, 0x80, 0x80, 0x80, 0};
    static const uint8_t past_the_end[] = {1 << 3 | 2, 2, 0};
    static const uint8_t huge_run[] = {7 << 3 | 2, 0xff, 0xff, 0xff, 0xff, 0xff,
                                       0xff,       0xff, 0xff, 0xff, 1};
    static const uint8_t short_fixed64[] = {9 << 3 | 1, 1, 2, 3, 4, 5, 6, 7};
    static const uint8_t short_fixed32[] = {9 << 3 | 5, 1, 2, 3};
    assert_int_equal(scan(BYTES_OF(group), &shape_packet), REFUSAL_MALFORMED);
    assert_int_equal(scan(BYTES_OF(field_zero), &shape_packet), REFUSAL_MALFORMED);
    assert_int_equal(scan(BYTES_OF(wire_type_six), &shape_packet), REFUSAL_MALFORMED);
    assert_int_equal(scan(BYTES_OF(long_varint), &shape_packet), REFUSAL_MALFORMED);
    assert_int_equal(scan(BYTES_OF(past_the_end), &shape_packet), REFUSAL_MALFORMED);
    assert_int_equal(scan(BYTES_OF(huge_run), &shape_packet), REFUSAL_MALFORMED);
    assert_int_equal(scan(BYTES_OF(short_fixed64), &shape_packet), REFUSAL_MALFORMED);
    assert_int_equal(scan(BYTES_OF(short_fixed32), &shape_packet), REFUSAL_MALFORMED);
}

/* Each takes thirty bytes of memory for two on the wire. */
static void a_message_of_nothing_but_unknown_fields_is_too_large(void **state) {
    struct arena *arena = new_arena();
    struct raw raw = raw_new(arena);
    for (size_t i = 0; i < WIRE_UNKNOWN_MAX; i++) {
        raw_number(&raw, 1000, 7);
    }
    assert_int_equal(scan(raw_bytes(&raw), &shape_envelope), REFUSAL_NONE);
    raw_number(&raw, 1000, 7);
    assert_int_equal(scan(raw_bytes(&raw), &shape_envelope), REFUSAL_TOO_LARGE);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_of_nothing_but_unknown_fields_is_too_large),

        cmocka_unit_test(the_shapes_mirror_the_protocols_descriptors),
        cmocka_unit_test(nesting_is_bounded_even_where_a_shape_holds_itself),
        cmocka_unit_test(a_frame_nested_ten_thousand_deep_is_refused),
        cmocka_unit_test(a_mebibyte_of_empty_submessages_is_refused_without_taking_memory),
        cmocka_unit_test(the_most_submessages_that_pass_take_bounded_memory),
        cmocka_unit_test(an_arena_that_is_full_is_no_fault_of_the_sender),
        cmocka_unit_test(fields_of_a_newer_version_are_passed_over_and_counted),
        cmocka_unit_test(what_is_no_wire_format_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
