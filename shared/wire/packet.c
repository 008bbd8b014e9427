#include "shared/wire/packet.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/limits.h"
#include "shared/wire/codec.h"
#include "shared/wire/shapes.h"

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

static Vangnet__Position position_message(const struct position *position) {
    Vangnet__Position message = VANGNET__POSITION__INIT;
    message.epoch = position->epoch;
    message.sequence = position->sequence;
    message.head = codec_data(BYTES_OF(position->head));
    return message;
}

static Vangnet__DirectoryHead directory_head_message(const struct directory_head *head) {
    Vangnet__DirectoryHead message = VANGNET__DIRECTORY_HEAD__INIT;
    message.sequence = head->sequence;
    message.hash = codec_data(BYTES_OF(head->hash));
    return message;
}

static Vangnet__SignedAcknowledgement signed_message(const struct signed_acknowledgement *from) {
    Vangnet__SignedAcknowledgement message = VANGNET__SIGNED_ACKNOWLEDGEMENT__INIT;
    message.acknowledgement = codec_data(from->acknowledgement);
    message.signature = codec_data(from->signature);
    return message;
}

static int pack_hello(const struct hello *hello, struct arena *arena, struct bytes *ret) {
    Vangnet__Packet packet = VANGNET__PACKET__INIT;
    Vangnet__Hello message = VANGNET__HELLO__INIT;
    Vangnet__Position position = position_message(&hello->position);
    Vangnet__DirectoryHead directory = directory_head_message(&hello->directory);
    message.version_min = hello->version_min;
    message.version_max = hello->version_max;
    message.organisation = codec_text(hello->organisation.text);
    message.software = codec_text(hello->software);
    message.now_ms = hello->now_ms;
    message.position = hello->has_position ? &position : NULL;
    message.wants_last_signal = hello->wants_last_signal;
    message.directory = &directory;
    packet.content_case = VANGNET__PACKET__CONTENT_HELLO;
    packet.hello = &message;
    return codec_pack(&packet.base, arena, ret);
}

static int pack_welcome(const struct welcome *welcome, struct arena *arena, struct bytes *ret) {
    Vangnet__Packet packet = VANGNET__PACKET__INIT;
    Vangnet__Welcome message = VANGNET__WELCOME__INIT;
    Vangnet__SignedAcknowledgement signed_part = signed_message(&welcome->acknowledgement);
    message.version = welcome->version;
    message.refusal = welcome->refusal;
    message.acknowledgement = welcome->acknowledgement.signature.length > 0 ? &signed_part : NULL;
    message.last_signal = codec_data(welcome->last_signal);
    packet.content_case = VANGNET__PACKET__CONTENT_WELCOME;
    packet.welcome = &message;
    return codec_pack(&packet.base, arena, ret);
}

static int pack_posting(const struct posting *posting, struct arena *arena, struct bytes *ret) {
    Vangnet__Packet packet = VANGNET__PACKET__INIT;
    Vangnet__Posting message = VANGNET__POSTING__INIT;
    message.envelope = codec_data(posting->envelope);
    message.signature = codec_data(posting->signature);
    packet.content_case = VANGNET__PACKET__CONTENT_POSTING;
    packet.posting = &message;
    return codec_pack(&packet.base, arena, ret);
}

static int pack_join_request(const struct join_request *request, struct arena *arena,
                             struct bytes *ret) {
    Vangnet__Packet packet = VANGNET__PACKET__INIT;
    Vangnet__JoinRequest message = VANGNET__JOIN_REQUEST__INIT;
    message.invitation = codec_data(BYTES_OF(request->invitation));
    message.proof = codec_data(BYTES_OF(request->proof));
    message.application = codec_data(request->application);
    message.signature = codec_data(request->signature);
    packet.content_case = VANGNET__PACKET__CONTENT_JOIN_REQUEST;
    packet.join_request = &message;
    return codec_pack(&packet.base, arena, ret);
}

static int pack_join_answer(const struct join_answer *answer, struct arena *arena,
                            struct bytes *ret) {
    Vangnet__Packet packet = VANGNET__PACKET__INIT;
    Vangnet__JoinAnswer message = VANGNET__JOIN_ANSWER__INIT;
    message.state = answer->state;
    message.refusal = answer->refusal;
    message.now_ms = answer->now_ms;
    packet.content_case = VANGNET__PACKET__CONTENT_JOIN_ANSWER;
    packet.join_answer = &message;
    return codec_pack(&packet.base, arena, ret);
}

int packet_encode(const struct packet *packet, struct arena *arena, struct bytes *ret) {
    switch (packet->content) {
    case PACKET_HELLO:
        return pack_hello(&packet->hello, arena, ret);
    case PACKET_WELCOME:
        return pack_welcome(&packet->welcome, arena, ret);
    case PACKET_POSTING:
        return pack_posting(&packet->posting, arena, ret);
    case PACKET_ACKNOWLEDGEMENT: {
        Vangnet__Packet message = VANGNET__PACKET__INIT;
        Vangnet__SignedAcknowledgement part = signed_message(&packet->acknowledgement);
        message.content_case = VANGNET__PACKET__CONTENT_ACKNOWLEDGEMENT;
        message.acknowledgement = &part;
        return codec_pack(&message.base, arena, ret);
    }
    case PACKET_JOIN_REQUEST:
        return pack_join_request(&packet->join_request, arena, ret);
    case PACKET_JOIN_ANSWER:
        return pack_join_answer(&packet->join_answer, arena, ret);
    default:
        return ERR_MALFORMED;
    }
}

int envelope_encode(const struct envelope *envelope, struct arena *arena, struct bytes *ret) {
    Vangnet__Envelope message = VANGNET__ENVELOPE__INIT;
    Vangnet__DirectoryHead directory = directory_head_message(&envelope->directory);
    char sender[ADDRESS_TEXT_SIZE];
    char recipient[ADDRESS_TEXT_SIZE];
    address_format(&envelope->sender, sender);
    address_format(&envelope->recipient, recipient);
    message.version = envelope->version;
    message.sender = sender;
    message.recipient = recipient;
    message.lane = envelope->lane;
    message.incarnation = envelope->incarnation;
    message.number = envelope->number;
    message.id = codec_data(BYTES_OF(envelope->id));
    message.created_ms = envelope->created_ms;
    message.expires_ms = envelope->expires_ms;
    message.kind = envelope->kind;
    message.directory = &directory;
    message.body = codec_data(envelope->body);
    return codec_pack(&message.base, arena, ret);
}

static Vangnet__Receipt **receipt_messages(const struct acknowledgement *from,
                                           struct arena *arena) {
    Vangnet__Receipt **list = ARENA_ARRAY(arena, Vangnet__Receipt *, from->receipt_count);
    Vangnet__Receipt *all = ARENA_ARRAY(arena, Vangnet__Receipt, from->receipt_count);
    for (size_t i = 0; i < from->receipt_count && list != NULL && all != NULL; i++) {
        const struct receipt *receipt = &from->receipts[i];
        Vangnet__Refused **refused = ARENA_ARRAY(arena, Vangnet__Refused *, receipt->refused_count);
        Vangnet__Refused *each = ARENA_ARRAY(arena, Vangnet__Refused, receipt->refused_count);
        if (refused == NULL || each == NULL) {
            return NULL;
        }
        for (size_t k = 0; k < receipt->refused_count; k++) {
            vangnet__refused__init(&each[k]);
            each[k].number = receipt->refused[k].number;
            each[k].refusal = receipt->refused[k].refusal;
            each[k].retry_after_s = receipt->refused[k].retry_after_s;
            each[k].next_door = codec_text(receipt->refused[k].next_door);
            refused[k] = &each[k];
        }
        vangnet__receipt__init(&all[i]);
        all[i].lane = receipt->lane;
        all[i].incarnation = receipt->incarnation;
        all[i].contiguous = receipt->contiguous;
        all[i].beyond =
            codec_data((struct bytes){.data = receipt->beyond, .length = receipt->beyond_bytes});
        all[i].n_refused = receipt->refused_count;
        all[i].refused = refused;
        list[i] = &all[i];
    }
    return all == NULL ? NULL : list;
}

static Vangnet__NotTaken **not_taken_messages(const struct acknowledgement *from,
                                              struct arena *arena) {
    Vangnet__NotTaken **list = ARENA_ARRAY(arena, Vangnet__NotTaken *, from->not_taken_count);
    Vangnet__NotTaken *all = ARENA_ARRAY(arena, Vangnet__NotTaken, from->not_taken_count);
    for (size_t i = 0; i < from->not_taken_count && list != NULL && all != NULL; i++) {
        vangnet__not_taken__init(&all[i]);
        all[i].lane = from->not_taken[i].lane;
        all[i].incarnation = from->not_taken[i].incarnation;
        all[i].number = from->not_taken[i].number;
        all[i].refusal = from->not_taken[i].refusal;
        all[i].retry_after_s = from->not_taken[i].retry_after_s;
        list[i] = &all[i];
    }
    return all == NULL ? NULL : list;
}

int acknowledgement_encode(const struct acknowledgement *acknowledgement, struct arena *arena,
                           struct bytes *ret) {
    Vangnet__Acknowledgement message = VANGNET__ACKNOWLEDGEMENT__INIT;
    Vangnet__Position position = position_message(&acknowledgement->position);
    Vangnet__Position asked = position_message(&acknowledgement->asked);
    Vangnet__DirectoryHead directory = directory_head_message(&acknowledgement->directory);
    char sender[ADDRESS_TEXT_SIZE];
    char recipient[ADDRESS_TEXT_SIZE];
    address_format(&acknowledgement->sender, sender);
    address_format(&acknowledgement->recipient, recipient);
    message.sender = sender;
    message.recipient = recipient;
    message.now_ms = acknowledgement->now_ms;
    message.position = acknowledgement->has_position ? &position : NULL;
    message.backed_up_to = acknowledgement->backed_up_to;
    message.directory = &directory;
    message.n_receipts = acknowledgement->receipt_count;
    message.receipts = receipt_messages(acknowledgement, arena);
    message.asked = acknowledgement->has_asked ? &asked : NULL;
    message.holds_asked = acknowledgement->has_asked && acknowledgement->holds_asked;
    message.n_not_taken = acknowledgement->not_taken_count;
    message.not_taken = not_taken_messages(acknowledgement, arena);
    if (message.receipts == NULL || message.not_taken == NULL) {
        return ERR_NO_MEMORY;
    }
    return codec_pack(&message.base, arena, ret);
}
