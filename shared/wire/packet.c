#include "shared/wire/packet.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/limits.h"
#include "shared/wire/codec.h"
#include "shared/wire/family.h"
#include "shared/wire/shapes.h"

enum { LOOK_STATEMENT_BYTES_MAX = 1 << 10 };

int address_parse(const char *text, struct address *ret) {
    const char *at = strchr(text, '@');
    char org[ORG_ID_MAX + 1] = {0};
    struct address address = {0};
    if (at == NULL || (size_t)(at - text) > ORG_ID_MAX) {
        return ERR_MALFORMED;
    }
    memcpy(org, text, (size_t)(at - text));
    if (org_id_parse(org, &address.org) < 0 || hub_id_parse(at + 1, &address.hub) < 0) {
        return ERR_MALFORMED;
    }
    *ret = address;
    return 0;
}

void address_format(const struct address *address, char ret_text[static ADDRESS_TEXT_SIZE]) {
    (void)snprintf(ret_text, ADDRESS_TEXT_SIZE, "%s@%s", address->org.text, address->hub.text);
}

static void check_address(struct check *check, const char *text, struct address *ret) {
    check_that(check, address_parse(text, ret) == 0, REFUSAL_MALFORMED);
}

static enum lane check_lane(struct check *check, uint32_t lane) {
    check_that(check, lane < LANES, REFUSAL_UNKNOWN_VALUE);
    return lane < LANES ? (enum lane)lane : LANE_ORDINARY;
}

static enum refusal check_refusal(struct check *check, uint32_t number, bool optional) {
    bool known = refusal_text((enum refusal)number) != NULL || (optional && number == 0);
    check_that(check, known, REFUSAL_UNKNOWN_VALUE);
    return known ? (enum refusal)number : REFUSAL_MALFORMED;
}

/* `bool has` where the message may be absent. */
static bool check_position(struct check *check, const Vangnet__Position *from,
                           struct position *ret) {
    *ret = (struct position){0};
    if (from == NULL) {
        return false;
    }
    ret->epoch = from->epoch;
    ret->sequence = from->sequence;
    check_fixed(check, from->head, false, ret->head.bytes, sizeof(ret->head.bytes));
    return true;
}

static void check_directory_head(struct check *check, const Vangnet__DirectoryHead *from,
                                 struct directory_head *ret) {
    *ret = (struct directory_head){0};
    if (from != NULL) {
        ret->sequence = from->sequence;
        check_fixed(check, from->hash, false, ret->hash.bytes, sizeof(ret->hash.bytes));
    }
}

static void check_hello(struct check *check, const Vangnet__Hello *from, struct hello *ret) {
    *ret = (struct hello){
        .version_min = from->version_min,
        .version_max = from->version_max,
        .now_ms = from->now_ms,
        .wants_last_signal = from->wants_last_signal != 0,
    };
    check_org(check, from->organisation, false, &ret->organisation);
    check_text(check, from->software, ret->software, sizeof(ret->software));
    ret->has_position = check_position(check, from->position, &ret->position);
    check_directory_head(check, from->directory, &ret->directory);
}

static void check_signed(struct check *check, const Vangnet__SignedAcknowledgement *from,
                         struct signed_acknowledgement *ret) {
    *ret = (struct signed_acknowledgement){
        .acknowledgement = check_bytes(check, from->acknowledgement),
        .signature = check_bytes(check, from->signature),
    };
    check_that(check, ret->signature.length == SIGNATURE_BYTES, REFUSAL_MALFORMED);
}

static void check_welcome(struct check *check, const Vangnet__Welcome *from, struct welcome *ret) {
    *ret = (struct welcome){
        .version = from->version,
        .refusal = check_refusal(check, from->refusal, true),
        .last_signal = check_bytes(check, from->last_signal),
    };
    if (from->acknowledgement != NULL) {
        check_signed(check, from->acknowledgement, &ret->acknowledgement);
    }
    check_fixed(check, from->look_nonce, true, ret->look_nonce, sizeof(ret->look_nonce));
}

static void check_posting(struct check *check, const Vangnet__Posting *from, struct posting *ret) {
    *ret = (struct posting){
        .envelope = check_bytes(check, from->envelope),
        .signature = check_bytes(check, from->signature),
    };
    bool fits = ret->signature.length == 0 || ret->signature.length == SIGNATURE_BYTES;
    check_that(check, fits, REFUSAL_MALFORMED);
}

static void check_join_request(struct check *check, const Vangnet__JoinRequest *from,
                               struct join_request *ret) {
    *ret = (struct join_request){
        .application = check_bytes(check, from->application),
        .signature = check_bytes(check, from->signature),
    };
    check_fixed(check, from->invitation, false, ret->invitation, sizeof(ret->invitation));
    check_fixed(check, from->proof, false, ret->proof.bytes, sizeof(ret->proof.bytes));
    check_that(check, ret->signature.length == SIGNATURE_BYTES, REFUSAL_MALFORMED);
}

static void check_join_answer(struct check *check, const Vangnet__JoinAnswer *from,
                              struct join_answer *ret) {
    bool known = from->state >= JOIN_WAITING && from->state <= JOIN_REFUSED;
    check_that(check, known, REFUSAL_UNKNOWN_VALUE);
    *ret = (struct join_answer){
        .state = known ? (enum join_state)from->state : JOIN_REFUSED,
        .refusal = check_refusal(check, from->refusal, true),
        .now_ms = from->now_ms,
    };
}

static void check_look_request(struct check *check, const Vangnet__LookRequest *from,
                               struct look_request *ret) {
    *ret = (struct look_request){
        .statement = check_bytes(check, from->statement),
        .proof = check_bytes(check, from->proof),
    };
    check_fixed(check, from->id, false, ret->id, sizeof(ret->id));
    check_that(check, ret->statement.length > 0, REFUSAL_MALFORMED);
    check_that(check, ret->statement.length <= LOOK_STATEMENT_BYTES_MAX, REFUSAL_TOO_LARGE);
    check_that(check, ret->proof.length == SIGNATURE_BYTES, REFUSAL_MALFORMED);
}

static void check_look_reply(struct check *check, const Vangnet__LookReply *from,
                             struct look_reply *ret) {
    *ret = (struct look_reply){
        .refusal = check_refusal(check, from->refusal, true),
        .answer = check_bytes(check, from->answer),
    };
    check_fixed(check, from->id, false, ret->id, sizeof(ret->id));
    check_fixed(check, from->next_nonce, false, ret->next_nonce, sizeof(ret->next_nonce));
    size_t expected = from->refusal == 0 ? LOOK_ANSWER_BYTES : 0;
    check_that(check, ret->answer.length == expected, REFUSAL_MALFORMED);
}

static void check_content(struct check *check, const Vangnet__Packet *from, struct packet *ret) {
    ret->content = (enum packet_content)from->content_case;
    switch ((int)from->content_case) { /* as int: protobuf-c adds a value of its own */
    case VANGNET__PACKET__CONTENT_HELLO:
        check_hello(check, from->hello, &ret->hello);
        break;
    case VANGNET__PACKET__CONTENT_WELCOME:
        check_welcome(check, from->welcome, &ret->welcome);
        break;
    case VANGNET__PACKET__CONTENT_POSTING:
        check_posting(check, from->posting, &ret->posting);
        break;
    case VANGNET__PACKET__CONTENT_ACKNOWLEDGEMENT:
        check_signed(check, from->acknowledgement, &ret->acknowledgement);
        break;
    case VANGNET__PACKET__CONTENT_JOIN_REQUEST:
        check_join_request(check, from->join_request, &ret->join_request);
        break;
    case VANGNET__PACKET__CONTENT_JOIN_ANSWER:
        check_join_answer(check, from->join_answer, &ret->join_answer);
        break;
    case VANGNET__PACKET__CONTENT_LOOK_REQUEST:
        check_look_request(check, from->look_request, &ret->look_request);
        break;
    case VANGNET__PACKET__CONTENT_LOOK_REPLY:
        check_look_reply(check, from->look_reply, &ret->look_reply);
        break;
    default:
        check_that(check, false, REFUSAL_UNKNOWN_VALUE);
    }
}

enum refusal packet_decode(struct bytes frame, struct arena *arena, struct packet *ret) {
    ProtobufCMessage *message = NULL;
    uint32_t unknown = 0;
    enum refusal refusal = codec_unpack_counted(frame, &shape_packet, &vangnet__packet__descriptor,
                                                arena, &message, &unknown);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    struct check check = {.arena = arena};
    struct packet packet = {.unknown_fields = unknown};
    check_content(&check, (const Vangnet__Packet *)message, &packet);
    if (check.refusal == REFUSAL_NONE) {
        *ret = packet;
    }
    return check.refusal;
}

enum refusal envelope_decode(struct bytes bytes, struct arena *arena, struct envelope *ret) {
    ProtobufCMessage *message = NULL;
    uint32_t unknown = 0;
    enum refusal refusal = codec_unpack_counted(
        bytes, &shape_envelope, &vangnet__envelope__descriptor, arena, &message, &unknown);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    const Vangnet__Envelope *from = (const Vangnet__Envelope *)message;
    struct check check = {.arena = arena};
    struct envelope envelope = {
        .version = from->version,
        .lane = check_lane(&check, from->lane),
        .incarnation = from->incarnation,
        .number = from->number,
        .created_ms = from->created_ms,
        .expires_ms = from->expires_ms,
        .kind = from->kind,
        .body = check_bytes(&check, from->body),
        .unknown_fields = unknown,
    };
    check_address(&check, from->sender, &envelope.sender);
    check_address(&check, from->recipient, &envelope.recipient);
    check_fixed(&check, from->id, false, envelope.id.bytes, sizeof(envelope.id.bytes));
    check_directory_head(&check, from->directory, &envelope.directory);
    check_that(&check, envelope.number > 0 && envelope.incarnation > 0, REFUSAL_MALFORMED);
    check_that(&check, envelope.body.length <= ENVELOPE_BODY_BYTES_MAX, REFUSAL_TOO_LARGE);
    if (check.refusal == REFUSAL_NONE) {
        *ret = envelope;
    }
    return check.refusal;
}

static bool address_read(struct bytes text, struct address *ret) {
    char memory[ADDRESS_TEXT_SIZE] = {0};
    if (text.length >= sizeof(memory)) {
        return false;
    }
    memcpy(memory, text.data, text.length);
    return address_parse(memory, ret) == 0;
}

/* By the field numbers of vangnet.proto. */
static bool head_field_read(const struct wire_field *field, struct envelope *head) {
    bool number = field->type == WIRE_VARINT;
    bool run = field->type == WIRE_RUN;
    switch (field->number) {
    case 2:
        return run && address_read(field->run, &head->sender);
    case 3:
        return run && address_read(field->run, &head->recipient);
    case 4:
        head->lane = field->value < LANES ? (enum lane)field->value : LANE_URGENT;
        return number && field->value < LANES;
    case 5:
        head->incarnation = field->value;
        return number;
    case 6:
        head->number = field->value;
        return number;
    case 7:
        if (run && field->run.length == sizeof(head->id.bytes)) {
            memcpy(head->id.bytes, field->run.data, sizeof(head->id.bytes));
        }
        return true;
    default:
        return true;
    }
}

bool envelope_head_read(struct bytes bytes, struct envelope *ret) {
    struct bytes rest = bytes;
    struct envelope head = {0};
    while (rest.length > 0) {
        struct wire_field field;
        if (!wire_field_take(&rest, &field)) {
            break; /* what came before it may do */
        }
        if (!head_field_read(&field, &head)) {
            return false;
        }
    }
    bool whole = head.sender.org.text[0] != '\0' && head.recipient.org.text[0] != '\0' &&
                 head.incarnation > 0 && head.number > 0;
    if (whole) {
        *ret = head;
    }
    return whole;
}

static void check_receipt(struct check *check, const Vangnet__Receipt *from, struct receipt *ret) {
    *ret = (struct receipt){
        .lane = check_lane(check, from->lane),
        .incarnation = from->incarnation,
        .contiguous = from->contiguous,
    };
    if (from->beyond.len > sizeof(ret->beyond)) {
        check_that(check, false, REFUSAL_TOO_LARGE);
        return;
    }
    if (from->beyond.len > 0) {
        memcpy(ret->beyond, from->beyond.data, from->beyond.len);
    }
    ret->beyond_bytes = from->beyond.len;
    ret->refused = check_array(check, from->n_refused, sizeof(*ret->refused), REFUSALS_KEPT);
    if (ret->refused == NULL) {
        return;
    }
    ret->refused_count = from->n_refused;
    for (size_t i = 0; i < from->n_refused; i++) {
        struct refused *refused = &ret->refused[i];
        refused->number = from->refused[i]->number;
        refused->refusal = check_refusal(check, from->refused[i]->refusal, false);
        refused->retry_after_s = from->refused[i]->retry_after_s;
        check_text(check, from->refused[i]->next_door, refused->next_door,
                   sizeof(refused->next_door));
    }
}

static void check_receipts(struct check *check, const Vangnet__Acknowledgement *from,
                           struct acknowledgement *ret) {
    ret->receipts = check_array(check, from->n_receipts, sizeof(*ret->receipts), LANES);
    for (size_t i = 0; i < from->n_receipts && ret->receipts != NULL; i++) {
        check_receipt(check, from->receipts[i], &ret->receipts[i]);
    }
    ret->receipt_count = from->n_receipts;
    ret->not_taken =
        check_array(check, from->n_not_taken, sizeof(*ret->not_taken), TURN_EVENTS_MAX);
    for (size_t i = 0; i < from->n_not_taken && ret->not_taken != NULL; i++) {
        const Vangnet__NotTaken *not_taken = from->not_taken[i];
        ret->not_taken[i] = (struct not_taken){
            .lane = check_lane(check, not_taken->lane),
            .incarnation = not_taken->incarnation,
            .number = not_taken->number,
            .refusal = check_refusal(check, not_taken->refusal, false),
            .retry_after_s = not_taken->retry_after_s,
        };
    }
    ret->not_taken_count = from->n_not_taken;
}

enum refusal acknowledgement_decode(struct bytes bytes, struct arena *arena,
                                    struct acknowledgement *ret) {
    ProtobufCMessage *message = NULL;
    enum refusal refusal = codec_unpack(bytes, &shape_acknowledgement,
                                        &vangnet__acknowledgement__descriptor, arena, &message);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    const Vangnet__Acknowledgement *from = (const Vangnet__Acknowledgement *)message;
    struct check check = {.arena = arena};
    struct acknowledgement decoded = {
        .now_ms = from->now_ms,
        .backed_up_to = from->backed_up_to,
    };
    check_address(&check, from->sender, &decoded.sender);
    check_address(&check, from->recipient, &decoded.recipient);
    decoded.has_position = check_position(&check, from->position, &decoded.position);
    check_directory_head(&check, from->directory, &decoded.directory);
    decoded.has_asked = check_position(&check, from->asked, &decoded.asked);
    decoded.holds_asked = decoded.has_asked && from->holds_asked != 0;
    check_receipts(&check, from, &decoded);
    if (check.refusal == REFUSAL_NONE) {
        *ret = decoded;
    }
    return check.refusal;
}
