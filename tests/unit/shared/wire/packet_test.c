#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/wire/family.h"
#include "shared/wire/packet.h"
#include "tests/unit/shared/wire/raw.h"

static struct arena *new_arena(void) {
    struct arena *arena;
    assert_int_equal(arena_new(64 << 20, &arena), 0);
    return arena;
}

static struct address address_of(const char *text) {
    struct address address;
    assert_int_equal(address_parse(text, &address), 0);
    return address;
}

static struct envelope sample_envelope(void) {
    return (struct envelope){
        .version = 1,
        .sender = address_of("caw@kortrijk"),
        .recipient = address_of("hub@kortrijk"),
        .lane = LANE_ORDINARY,
        .incarnation = 2,
        .number = 300,
        .id = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}},
        .created_ms = 1000,
        .expires_ms = 2000,
        .kind = MESSAGE_KIND_STATUS,
        .directory = {.sequence = 5, .hash = {{0xee}}},
        .body = bytes_from_text("hi"),
    };
}

/* Worked out by hand from the encoding's specification: each field is (number << 3 | wire type),
 * then a varint (wire type 0), or a length and that many bytes (2):
 *   1: 08 01                     version
 *   2: 12 0c "caw@kortrijk"      sender
 *   3: 1a 0c "hub@kortrijk"      recipient
 *   4: 20 01                     lane 1
 *   5: 28 02                     incarnation
 *   6: 30 ac 02                  number 300 = 2 * 128 + 44, so 0xac 0x02
 *   7: 3a 10 00 .. 0f            id
 *   8: 40 e8 07                  created 1000 = 7 * 128 + 104
 *   9: 48 d0 0f                  expires 2000 = 15 * 128 + 80
 *  10: 50 02                     kind
 *  11: 5a 24 { 08 05, 12 20 ee 00 .. }   directory: sequence 5, hash of 32 bytes
 *  12: 62 02 "hi"                body */
static void an_envelope_is_encoded_as_worked_out_by_hand(void **state) {
    static const char expected_hex[] = "0801"
                                       "120c636177406b6f727472696a6b"
                                       "1a0c687562406b6f727472696a6b"
                                       "2001"
                                       "2802"
                                       "30ac02"
                                       "3a10000102030405060708090a0b0c0d0e0f"
                                       "40e807"
                                       "48d00f"
                                       "5002"
                                       "5a2408051220ee000000000000000000000000000000"
                                       "00000000000000000000000000000000"
                                       "62026869";
    uint8_t expected[(sizeof(expected_hex) - 1) / 2];
    struct arena *arena = new_arena();
    const struct envelope envelope = sample_envelope();
    struct bytes bytes;
    assert_int_equal(hex_decode(expected_hex, expected, sizeof(expected)), 0);
    assert_int_equal(envelope_encode(&envelope, arena, &bytes), 0);
    assert_int_equal(bytes.length, sizeof(expected));
    assert_memory_equal(bytes.data, expected, sizeof(expected));
    arena_free(arena);
}

static void an_envelope_is_read_back_with_all_its_fields(void **state) {
    struct arena *arena = new_arena();
    const struct envelope envelope = sample_envelope();
    struct envelope read;
    struct bytes bytes;
    assert_int_equal(envelope_encode(&envelope, arena, &bytes), 0);
    assert_int_equal(envelope_decode(bytes, arena, &read), REFUSAL_NONE);
    assert_int_equal(read.version, 1);
    assert_true(address_equal(&read.sender, &envelope.sender));
    assert_true(address_equal(&read.recipient, &envelope.recipient));
    assert_int_equal(read.lane, LANE_ORDINARY);
    assert_int_equal(read.incarnation, 2);
    assert_int_equal(read.number, 300);
    assert_true(message_id_equal(&read.id, &envelope.id));
    assert_int_equal(read.created_ms, 1000);
    assert_int_equal(read.expires_ms, 2000);
    assert_int_equal(read.kind, MESSAGE_KIND_STATUS);
    assert_int_equal(read.directory.sequence, 5);
    assert_true(digest_equal(&read.directory.hash, &envelope.directory.hash));
    assert_true(bytes_equal(read.body, envelope.body));
    assert_int_equal(read.unknown_fields, 0);
    arena_free(arena);
}

static enum refusal refused(struct arena *arena, const struct envelope *envelope) {
    struct bytes bytes;
    struct envelope read;
    assert_int_equal(envelope_encode(envelope, arena, &bytes), 0);
    return envelope_decode(bytes, arena, &read);
}

static void an_envelope_without_number_incarnation_or_addresses_is_refused(void **state) {
    struct arena *arena = new_arena();
    struct envelope envelope = sample_envelope();
    envelope.number = 0;
    assert_int_equal(refused(arena, &envelope), REFUSAL_MALFORMED);
    envelope = sample_envelope();
    envelope.incarnation = 0;
    assert_int_equal(refused(arena, &envelope), REFUSAL_MALFORMED);
    envelope = sample_envelope();
    memcpy(envelope.sender.org.text, "Caw", 4);
    assert_int_equal(refused(arena, &envelope), REFUSAL_MALFORMED);
    envelope = sample_envelope();
    memset(&envelope.recipient.hub, 0, sizeof(envelope.recipient.hub));
    assert_int_equal(refused(arena, &envelope), REFUSAL_MALFORMED);
    arena_free(arena);
}

static void an_envelopes_body_has_a_limit(void **state) {
    struct arena *arena = new_arena();
    struct envelope envelope = sample_envelope();
    envelope.body = (struct bytes){.data = arena_alloc(arena, ENVELOPE_BODY_BYTES_MAX + 1, 1),
                                   .length = ENVELOPE_BODY_BYTES_MAX};
    assert_int_equal(refused(arena, &envelope), REFUSAL_NONE);
    envelope.body.length++;
    assert_int_equal(refused(arena, &envelope), REFUSAL_TOO_LARGE);
    arena_free(arena);
}

static void an_unknown_lane_is_refused_and_an_unknown_kind_is_left_to_the_reader(void **state) {
    struct arena *arena = new_arena();
    struct envelope envelope = sample_envelope();
    envelope.lane = (enum lane)LANES;
    assert_int_equal(refused(arena, &envelope), REFUSAL_UNKNOWN_VALUE);
    envelope.lane = LANE_URGENT;
    envelope.kind = 999;
    assert_int_equal(refused(arena, &envelope), REFUSAL_NONE);
    arena_free(arena);
}

static void an_unknown_field_is_ignored_and_counted(void **state) {
    struct arena *arena = new_arena();
    const struct envelope envelope = sample_envelope();
    struct raw raw = raw_new(arena);
    struct bytes bytes;
    struct envelope read;
    assert_int_equal(envelope_encode(&envelope, arena, &bytes), 0);
    memcpy(raw.data, bytes.data, bytes.length);
    raw.length = bytes.length;
    raw_text(&raw, 13, "of a newer version");
    raw_number(&raw, 1000, 7);
    assert_int_equal(envelope_decode(raw_bytes(&raw), arena, &read), REFUSAL_NONE);
    assert_int_equal(read.unknown_fields, 2);
    assert_int_equal(read.number, 300);
    arena_free(arena);
}

static struct position sample_position(void) {
    return (struct position){.epoch = 4, .sequence = 1ull << 40, .head = {{7, 8}}};
}

static struct acknowledgement sample_acknowledgement(struct refused *refusals,
                                                     struct receipt *receipts,
                                                     struct not_taken *not_taken) {
    refusals[0] = (struct refused){12, REFUSAL_BUSY, 30, "caw"};
    refusals[1] = (struct refused){13, REFUSAL_STALE, 0, ""};
    receipts[0] = (struct receipt){.lane = LANE_URGENT, .incarnation = 1, .contiguous = 9};
    receipts[1] = (struct receipt){.lane = LANE_ORDINARY,
                                   .incarnation = 2,
                                   .contiguous = 11,
                                   .beyond = {0x81, 0xff},
                                   .beyond_bytes = 2,
                                   .refused = refusals,
                                   .refused_count = 2};
    not_taken[0] = (struct not_taken){LANE_ATTACHMENT, 3, 17, REFUSAL_NO_ROOM, 60};
    return (struct acknowledgement){
        .sender = address_of("hub@kortrijk"),
        .recipient = address_of("caw@kortrijk"),
        .now_ms = -5,
        .has_position = true,
        .position = sample_position(),
        .backed_up_to = 77,
        .directory = {.sequence = 3, .hash = {{1}}},
        .receipts = receipts,
        .receipt_count = 2,
        .not_taken = not_taken,
        .not_taken_count = 1,
        .has_asked = true,
        .asked = {.epoch = 3, .sequence = 21, .head = {{9}}},
        .holds_asked = true,
    };
}

static void an_acknowledgement_is_read_back_with_all_its_fields(void **state) {
    struct arena *arena = new_arena();
    struct refused refusals[2];
    struct receipt receipts[2];
    struct not_taken not_taken[1];
    const struct acknowledgement given = sample_acknowledgement(refusals, receipts, not_taken);
    struct acknowledgement read;
    struct bytes bytes;
    assert_int_equal(acknowledgement_encode(&given, arena, &bytes), 0);
    assert_int_equal(acknowledgement_decode(bytes, arena, &read), REFUSAL_NONE);
    assert_true(read.has_asked && read.holds_asked);
    assert_memory_equal(&read.asked, &given.asked, sizeof(read.asked));
    assert_true(address_equal(&read.sender, &given.sender));
    assert_true(address_equal(&read.recipient, &given.recipient));
    assert_int_equal(read.now_ms, -5);
    assert_true(read.has_position);
    assert_memory_equal(&read.position, &given.position, sizeof(read.position));
    assert_int_equal(read.backed_up_to, 77);
    assert_memory_equal(&read.directory, &given.directory, sizeof(read.directory));
    assert_int_equal(read.receipt_count, 2);
    assert_int_equal(read.receipts[0].contiguous, 9);
    assert_int_equal(read.receipts[1].incarnation, 2);
    assert_int_equal(read.receipts[1].beyond_bytes, 2);
    assert_memory_equal(read.receipts[1].beyond, receipts[1].beyond, sizeof(receipts[1].beyond));
    assert_int_equal(read.receipts[1].refused_count, 2);
    assert_int_equal(read.receipts[1].refused[0].refusal, REFUSAL_BUSY);
    assert_int_equal(read.receipts[1].refused[0].retry_after_s, 30);
    assert_string_equal(read.receipts[1].refused[0].next_door, "caw");
    assert_int_equal(read.receipts[1].refused[1].number, 13);
    assert_int_equal(read.not_taken_count, 1);
    assert_int_equal(read.not_taken[0].lane, LANE_ATTACHMENT);
    assert_int_equal(read.not_taken[0].incarnation, 3);
    assert_int_equal(read.not_taken[0].number, 17);
    assert_int_equal(read.not_taken[0].refusal, REFUSAL_NO_ROOM);
    assert_int_equal(read.not_taken[0].retry_after_s, 60);
    arena_free(arena);
}

static void an_acknowledgement_with_an_unknown_reason_or_lane_is_refused(void **state) {
    struct arena *arena = new_arena();
    struct refused refusals[2];
    struct receipt receipts[2];
    struct not_taken not_taken[1];
    struct acknowledgement given = sample_acknowledgement(refusals, receipts, not_taken);
    struct acknowledgement read;
    struct bytes bytes;
    refusals[1].refusal = (enum refusal)200;
    assert_int_equal(acknowledgement_encode(&given, arena, &bytes), 0);
    assert_int_equal(acknowledgement_decode(bytes, arena, &read), REFUSAL_UNKNOWN_VALUE);
    refusals[1].refusal = REFUSAL_BUSY;
    not_taken[0].lane = (enum lane)3;
    assert_int_equal(acknowledgement_encode(&given, arena, &bytes), 0);
    assert_int_equal(acknowledgement_decode(bytes, arena, &read), REFUSAL_UNKNOWN_VALUE);
    arena_free(arena);
}

static const uint8_t signature[SIGNATURE_BYTES] = {3, 1, 4};
static const uint8_t look_answer[LOOK_ANSWER_BYTES] = {2, 7};

static struct packet sample_packet(enum packet_content content) {
    struct packet packet = {.content = content};
    const struct signed_acknowledgement signed_part = {
        .acknowledgement = bytes_from_text("acknowledged"), .signature = BYTES_OF(signature)};
    switch (content) {
    case PACKET_HELLO:
        packet.hello = (struct hello){.version_min = 1,
                                      .directory = {.sequence = 6, .hash = {{0x66}}},
                                      .version_max = 2,
                                      .organisation = {"caw"},
                                      .software = "vangnet 0.1.0",
                                      .now_ms = 1790000000000,
                                      .has_position = true,
                                      .position = sample_position(),
                                      .wants_last_signal = true};
        break;
    case PACKET_WELCOME:
        packet.welcome = (struct welcome){.version = 1,
                                          .refusal = REFUSAL_CLOCK_OFF,
                                          .acknowledgement = signed_part,
                                          .last_signal = bytes_from_text("figures"),
                                          .look_nonce = {5, 15}};
        break;
    case PACKET_POSTING:
        packet.posting = (struct posting){bytes_from_text("envelope"), BYTES_OF(signature)};
        break;
    case PACKET_ACKNOWLEDGEMENT:
        packet.acknowledgement = signed_part;
        break;
    case PACKET_JOIN_REQUEST:
        packet.join_request = (struct join_request){.invitation = {1, 2},
                                                    .proof = {{9}},
                                                    .application = bytes_from_text("application"),
                                                    .signature = BYTES_OF(signature)};
        break;
    case PACKET_JOIN_ANSWER:
        packet.join_answer = (struct join_answer){JOIN_REFUSED, REFUSAL_EXISTS, 1790000000000};
        break;
    case PACKET_LOOK_REQUEST:
        packet.look_request = (struct look_request){
            .id = {7, 1}, .statement = bytes_from_text("a look"), .proof = BYTES_OF(signature)};
        break;
    case PACKET_LOOK_REPLY:
        packet.look_reply = (struct look_reply){
            .id = {7, 2}, .next_nonce = {7, 3}, .answer = BYTES_OF(look_answer)};
        break;
    }
    return packet;
}

static struct packet through(struct arena *arena, enum packet_content content) {
    const struct packet packet = sample_packet(content);
    struct packet read;
    struct bytes bytes;
    assert_int_equal(packet_encode(&packet, arena, &bytes), 0);
    assert_int_equal(packet_decode(bytes, arena, &read), REFUSAL_NONE);
    assert_int_equal(read.content, content);
    assert_int_equal(read.unknown_fields, 0);
    return read;
}

static void every_packet_is_read_back_with_all_its_fields(void **state) {
    struct arena *arena = new_arena();
    const struct position position = sample_position();
    struct hello hello = through(arena, PACKET_HELLO).hello;
    assert_int_equal(hello.version_min, 1);
    assert_int_equal(hello.version_max, 2);
    assert_string_equal(hello.organisation.text, "caw");
    assert_string_equal(hello.software, "vangnet 0.1.0");
    assert_int_equal(hello.now_ms, 1790000000000);
    assert_true(hello.has_position && hello.wants_last_signal);
    assert_memory_equal(&hello.position, &position, sizeof(position));
    assert_int_equal(hello.directory.sequence, 6);
    assert_int_equal(hello.directory.hash.bytes[0], 0x66);
    struct welcome welcome = through(arena, PACKET_WELCOME).welcome;
    assert_int_equal(welcome.version, 1);
    assert_int_equal(welcome.refusal, REFUSAL_CLOCK_OFF);
    assert_true(bytes_equal(welcome.acknowledgement.signature, BYTES_OF(signature)));
    assert_true(bytes_equal(welcome.last_signal, bytes_from_text("figures")));
    assert_int_equal(welcome.look_nonce[1], 15);
    struct posting posting = through(arena, PACKET_POSTING).posting;
    assert_true(bytes_equal(posting.envelope, bytes_from_text("envelope")));
    assert_true(bytes_equal(posting.signature, BYTES_OF(signature)));
    struct signed_acknowledgement part = through(arena, PACKET_ACKNOWLEDGEMENT).acknowledgement;
    assert_true(bytes_equal(part.acknowledgement, bytes_from_text("acknowledged")));
    struct join_request request = through(arena, PACKET_JOIN_REQUEST).join_request;
    assert_int_equal(request.invitation[1], 2);
    assert_int_equal(request.proof.bytes[0], 9);
    assert_true(bytes_equal(request.application, bytes_from_text("application")));
    assert_true(bytes_equal(request.signature, BYTES_OF(signature)));
    const struct join_answer answer = sample_packet(PACKET_JOIN_ANSWER).join_answer;
    struct join_answer answer_read = through(arena, PACKET_JOIN_ANSWER).join_answer;
    assert_memory_equal(&answer_read, &answer, sizeof(answer));
    struct look_request look = through(arena, PACKET_LOOK_REQUEST).look_request;
    assert_int_equal(look.id[1], 1);
    assert_true(bytes_equal(look.statement, bytes_from_text("a look")));
    assert_true(bytes_equal(look.proof, BYTES_OF(signature)));
    struct look_reply reply = through(arena, PACKET_LOOK_REPLY).look_reply;
    assert_int_equal(reply.id[1], 2);
    assert_int_equal(reply.next_nonce[1], 3);
    assert_int_equal(reply.refusal, REFUSAL_NONE);
    assert_true(bytes_equal(reply.answer, BYTES_OF(look_answer)));
    arena_free(arena);
}

static enum refusal sent(struct arena *arena, const struct packet *packet) {
    struct packet read;
    struct bytes bytes;
    assert_int_equal(packet_encode(packet, arena, &bytes), 0);
    return packet_decode(bytes, arena, &read);
}

static enum refusal decode_run(struct arena *arena, uint32_t field, const struct raw *inner) {
    struct raw raw = raw_new(arena);
    struct packet packet;
    raw_run(&raw, field, raw_bytes(inner));
    return packet_decode(raw_bytes(&raw), arena, &packet);
}

/* Every answer has one size; a refusal has none. */
static void a_look_of_another_form_is_refused(void **state) {
    struct arena *arena = new_arena();
    struct packet packet = sample_packet(PACKET_LOOK_REQUEST);
    packet.look_request.statement = (struct bytes){look_answer, 1024};
    assert_int_equal(sent(arena, &packet), REFUSAL_NONE);
    packet.look_request.statement.length = 1025;
    assert_int_equal(sent(arena, &packet), REFUSAL_TOO_LARGE);
    packet.look_request.statement.length = 0;
    assert_int_equal(sent(arena, &packet), REFUSAL_MALFORMED);
    packet = sample_packet(PACKET_LOOK_REQUEST);
    packet.look_request.proof.length = 63;
    assert_int_equal(sent(arena, &packet), REFUSAL_MALFORMED);
    packet = sample_packet(PACKET_LOOK_REPLY);
    packet.look_reply.refusal = REFUSAL_OVER_QUOTA;
    assert_int_equal(sent(arena, &packet), REFUSAL_MALFORMED);
    packet.look_reply.answer.length = 0;
    assert_int_equal(sent(arena, &packet), REFUSAL_NONE);
    packet.look_reply.refusal = (enum refusal)250;
    assert_int_equal(sent(arena, &packet), REFUSAL_UNKNOWN_VALUE);
    packet.look_reply.refusal = REFUSAL_NONE;
    assert_int_equal(sent(arena, &packet), REFUSAL_MALFORMED);
    packet.look_reply.answer.length = LOOK_ANSWER_BYTES - 1;
    packet.look_reply.answer.data = look_answer;
    assert_int_equal(sent(arena, &packet), REFUSAL_MALFORMED);
    arena_free(arena);
}

/* A hub that answers no looks says nothing; another length is neither. */
static void a_welcomes_nonce_is_whole_or_absent(void **state) {
    struct arena *arena = new_arena();
    struct raw inner = raw_new(arena);
    struct packet packet = sample_packet(PACKET_WELCOME);
    memset(packet.welcome.look_nonce, 0, LOOK_NONCE_BYTES);
    assert_int_equal(sent(arena, &packet), REFUSAL_NONE);
    raw_text(&inner, 5, "fifteen bytes..");
    assert_int_equal(decode_run(arena, 2, &inner), REFUSAL_MALFORMED);
    arena_free(arena);
}

/* Each cut lies in an allocation of its own, so that ASan sees a read past its end. */
static void a_packet_cut_anywhere_is_refused(void **state) {
    struct arena *arena = new_arena();
    for (int content = PACKET_HELLO; content <= PACKET_LOOK_REPLY; content++) {
        const struct packet packet = sample_packet((enum packet_content)content);
        struct bytes bytes;
        assert_int_equal(packet_encode(&packet, arena, &bytes), 0);
        for (size_t length = 0; length < bytes.length; length++) {
            struct packet read;
            uint8_t *cut = malloc(length + 1);
            memcpy(cut, bytes.data, length);
            struct bytes given = {.data = length == 0 ? NULL : cut, .length = length};
            assert_int_not_equal(packet_decode(given, arena, &read), REFUSAL_NONE);
            free(cut);
        }
    }
    arena_free(arena);
}

static void a_packet_of_an_unknown_content_or_answer_is_refused(void **state) {
    struct arena *arena = new_arena();
    struct raw answer = raw_new(arena);
    struct packet packet;
    assert_int_equal(packet_decode((struct bytes){0}, arena, &packet), REFUSAL_UNKNOWN_VALUE);
    assert_int_equal(decode_run(arena, 9, &answer), REFUSAL_UNKNOWN_VALUE);
    assert_int_equal(decode_run(arena, 6, &answer), REFUSAL_UNKNOWN_VALUE);
    raw_number(&answer, 1, 4);
    assert_int_equal(decode_run(arena, 6, &answer), REFUSAL_UNKNOWN_VALUE);
    answer.length = 0;
    raw_number(&answer, 1, 1);
    raw_number(&answer, 2, 255);
    assert_int_equal(decode_run(arena, 6, &answer), REFUSAL_UNKNOWN_VALUE);
    arena_free(arena);
}

static void signatures_and_texts_of_another_form_are_refused(void **state) {
    struct arena *arena = new_arena();
    struct raw inner = raw_new(arena);
    raw_text(&inner, 1, "envelope");
    raw_text(&inner, 2, "short");
    assert_int_equal(decode_run(arena, 3, &inner), REFUSAL_MALFORMED);
    assert_int_equal(decode_run(arena, 4, &inner), REFUSAL_MALFORMED);
    inner.length = 0;
    raw_text(&inner, 3, "CAW");
    assert_int_equal(decode_run(arena, 1, &inner), REFUSAL_MALFORMED);
    static const char *const bad[] = {"\xc3",     "\xed\xa0\x80", "a\x01", "\xf4\x90\x80\x80",
                                      "\xc0\x80", "\xc2\x85"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        inner.length = 0;
        raw_text(&inner, 3, "caw");
        raw_text(&inner, 4, bad[i]);
        assert_int_equal(decode_run(arena, 1, &inner), REFUSAL_MALFORMED);
    }
    inner.length = 0;
    raw_text(&inner, 3, "caw");
    raw_text(&inner, 4, "a name of software that is longer than allowed");
    assert_int_equal(decode_run(arena, 1, &inner), REFUSAL_TOO_LARGE);
    arena_free(arena);
}

static void addresses_are_organisation_at_hub(void **state) {
    struct address address;
    char text[ADDRESS_TEXT_SIZE];
    assert_int_equal(address_parse("caw@kortrijk", &address), 0);
    address_format(&address, text);
    assert_string_equal(text, "caw@kortrijk");
    assert_int_equal(address_parse("caw", &address), ERR_MALFORMED);
    assert_int_equal(address_parse("@kortrijk", &address), ERR_MALFORMED);
    assert_int_equal(address_parse("caw@", &address), ERR_MALFORMED);
    assert_int_equal(address_parse("caw@kort@rijk", &address), ERR_MALFORMED);
    assert_int_equal(address_parse("abcdefghijabcdefghijabcdefghijab@x", &address), ERR_MALFORMED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_envelope_is_encoded_as_worked_out_by_hand),
        cmocka_unit_test(an_envelope_is_read_back_with_all_its_fields),
        cmocka_unit_test(an_envelope_without_number_incarnation_or_addresses_is_refused),
        cmocka_unit_test(an_envelopes_body_has_a_limit),
        cmocka_unit_test(an_unknown_lane_is_refused_and_an_unknown_kind_is_left_to_the_reader),
        cmocka_unit_test(an_unknown_field_is_ignored_and_counted),
        cmocka_unit_test(an_acknowledgement_is_read_back_with_all_its_fields),
        cmocka_unit_test(an_acknowledgement_with_an_unknown_reason_or_lane_is_refused),
        cmocka_unit_test(every_packet_is_read_back_with_all_its_fields),
        cmocka_unit_test(a_look_of_another_form_is_refused),
        cmocka_unit_test(a_welcomes_nonce_is_whole_or_absent),
        cmocka_unit_test(a_packet_cut_anywhere_is_refused),
        cmocka_unit_test(a_packet_of_an_unknown_content_or_answer_is_refused),
        cmocka_unit_test(signatures_and_texts_of_another_form_are_refused),
        cmocka_unit_test(addresses_are_organisation_at_hub),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
