#include <string.h>

#include "shared/wire/codec.h"
#include "shared/wire/packet.h"

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
    message.look_nonce = codec_data_or_none(BYTES_OF(welcome->look_nonce));
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

static int pack_look_request(const struct look_request *request, struct arena *arena,
                             struct bytes *ret) {
    Vangnet__Packet packet = VANGNET__PACKET__INIT;
    Vangnet__LookRequest message = VANGNET__LOOK_REQUEST__INIT;
    message.id = codec_data(BYTES_OF(request->id));
    message.statement = codec_data(request->statement);
    message.proof = codec_data(request->proof);
    packet.content_case = VANGNET__PACKET__CONTENT_LOOK_REQUEST;
    packet.look_request = &message;
    return codec_pack(&packet.base, arena, ret);
}

static int pack_look_reply(const struct look_reply *reply, struct arena *arena, struct bytes *ret) {
    Vangnet__Packet packet = VANGNET__PACKET__INIT;
    Vangnet__LookReply message = VANGNET__LOOK_REPLY__INIT;
    message.id = codec_data(BYTES_OF(reply->id));
    message.next_nonce = codec_data(BYTES_OF(reply->next_nonce));
    message.refusal = reply->refusal;
    message.answer = codec_data(reply->answer);
    packet.content_case = VANGNET__PACKET__CONTENT_LOOK_REPLY;
    packet.look_reply = &message;
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
    case PACKET_LOOK_REQUEST:
        return pack_look_request(&packet->look_request, arena, ret);
    case PACKET_LOOK_REPLY:
        return pack_look_reply(&packet->look_reply, arena, ret);
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
