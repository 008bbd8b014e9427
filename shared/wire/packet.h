/* The frames of the protocol as plain structs: greetings, postings, acknowledgements, joining.
 *
 * Decoding copies everything into the caller's arena except runs of bytes and texts, which borrow
 * from it too: nothing points into the received frame once a function returns, except where said.
 * Not checked here: signatures, streams, permissions. The bodies are in signal.h and directory.h.
 */
#pragma once

#include "shared/base/arena.h"
#include "shared/base/ids.h"
#include "shared/base/lists.h"

enum { WIRE_VERSION = 1, SIGNATURE_BYTES = 64, PUBLIC_KEY_BYTES = 32, LOOK_NONCE_BYTES = 16 };

/* (epoch, sequence, head hash) of a hub's journal. */
struct position {
    uint64_t epoch;
    uint64_t sequence;
    struct digest head;
};

struct directory_head {
    uint64_t sequence;
    struct digest hash;
};

/* The domain of the signature of an envelope's bytes (sign_bytes). */
#define ENVELOPE_DOMAIN "envelope/v1"

struct envelope {
    uint32_t version;
    struct address sender;
    struct address recipient;
    enum lane lane;
    uint64_t incarnation;
    uint64_t number;
    struct message_id id;
    int64_t created_ms;
    int64_t expires_ms; /* 0: never */
    uint32_t kind;      /* as received; may not be on the list */
    struct directory_head directory;
    struct bytes body;
    uint32_t unknown_fields; /* of a newer version: ignored, to be counted */
};

struct posting {
    struct bytes envelope;  /* the signed bytes */
    struct bytes signature; /* empty or SIGNATURE_BYTES */
};

struct refused {
    uint64_t number;
    enum refusal refusal;
    uint32_t retry_after_s; /* these two are read, but no party of ours says them yet */
    char next_door[ORG_ID_MAX + 1];
};

/* Bits beyond `contiguous`, least significant first: bit k is number contiguous + 2 + k (the one
 * right after `contiguous` is missing by definition). */
struct receipt {
    enum lane lane;
    uint64_t incarnation;
    uint64_t contiguous;
    uint8_t beyond[INBOX_WINDOW / 8];
    size_t beyond_bytes;
    struct refused *refused;
    size_t refused_count;
};

struct not_taken {
    enum lane lane;
    uint64_t incarnation;
    uint64_t number;
    enum refusal refusal;
    uint32_t retry_after_s;
};

struct acknowledgement {
    struct address sender; /* who acknowledges */
    struct address recipient;
    int64_t now_ms;
    bool has_position; /* hubs only, as backed_up_to */
    struct position position;
    uint64_t backed_up_to;
    struct directory_head directory;
    struct receipt *receipts;
    size_t receipt_count;
    struct not_taken *not_taken;
    size_t not_taken_count;
    /* Hubs, in a welcome: whether our journal holds the position that the greeting named. */
    bool has_asked;
    struct position asked;
    bool holds_asked;
};

struct signed_acknowledgement {
    struct bytes acknowledgement; /* the signed bytes */
    struct bytes signature;
};

struct hello {
    uint32_t version_min;
    uint32_t version_max;
    struct org_id organisation;
    char software[32];
    int64_t now_ms;
    bool has_position;
    struct position position;
    bool wants_last_signal;
    struct directory_head directory; /* the node's own; zeros: none */
};

struct welcome {
    uint32_t version; /* 0: none in common */
    enum refusal refusal;
    struct signed_acknowledgement acknowledgement; /* empty bytes: none */
    struct bytes last_signal;
    uint8_t look_nonce[LOOK_NONCE_BYTES];
};

struct join_request {
    uint8_t invitation[16];
    struct digest proof;
    struct bytes application; /* a join_application (directory.h), as signed */
    struct bytes signature;
};

enum join_state { JOIN_WAITING = 1, JOIN_APPROVED = 2, JOIN_REFUSED = 3 };

struct join_answer {
    enum join_state state;
    enum refusal refusal;
    int64_t now_ms;
};

/* Looking by card (family.h): answered at once or not at all. */
struct look_request {
    uint8_t id[16];
    struct bytes statement; /* a struct look, signed by the family's key */
    struct bytes proof;
};

struct look_reply {
    uint8_t id[16];
    uint8_t next_nonce[LOOK_NONCE_BYTES]; /* for the next look */
    enum refusal refusal;                 /* OVER_QUOTA; else none, whatever the answer says */
    struct bytes answer;                  /* a struct look_answer, LOOK_ANSWER_BYTES long */
};

enum packet_content {
    PACKET_HELLO = 1,
    PACKET_WELCOME,
    PACKET_POSTING,
    PACKET_ACKNOWLEDGEMENT,
    PACKET_JOIN_REQUEST,
    PACKET_JOIN_ANSWER,
    PACKET_LOOK_REQUEST,
    PACKET_LOOK_REPLY,
};

struct packet {
    enum packet_content content;
    uint32_t unknown_fields; /* of a newer version: ignored, to be counted */
    union {
        struct hello hello;
        struct welcome welcome;
        struct posting posting;
        struct signed_acknowledgement acknowledgement;
        struct join_request join_request;
        struct join_answer join_answer;
        struct look_request look_request;
        struct look_reply look_reply;
    };
};

/* Decoders answer REFUSAL_NONE, REFUSAL_MALFORMED, REFUSAL_TOO_LARGE, REFUSAL_UNKNOWN_VALUE (a
 * deciding field holds a value that isn't on its list) or REFUSAL_NO_ROOM (the arena is full). */
MUST_CHECK enum refusal packet_decode(struct bytes frame, struct arena *arena, struct packet *ret);
MUST_CHECK enum refusal envelope_decode(struct bytes bytes, struct arena *arena,
                                        struct envelope *ret);
MUST_CHECK enum refusal acknowledgement_decode(struct bytes bytes, struct arena *arena,
                                               struct acknowledgement *ret);

/* Of an envelope that doesn't decode: who sent it to whom, on which lane, with which incarnation,
 * number and id (zeros where it has none), so that the number can be settled and the sender told;
 * the other fields are zeros. False where that can't be read either. */
bool envelope_head_read(struct bytes bytes, struct envelope *ret);

/* Encoders put the bytes into the arena. Errors: ERR_NO_MEMORY, ERR_TOO_LARGE (beyond
 * PACKET_BYTES_MAX). */
MUST_CHECK int packet_encode(const struct packet *packet, struct arena *arena, struct bytes *ret);
MUST_CHECK int envelope_encode(const struct envelope *envelope, struct arena *arena,
                               struct bytes *ret);
MUST_CHECK int acknowledgement_encode(const struct acknowledgement *acknowledgement,
                                      struct arena *arena, struct bytes *ret);

/* "organisation@hub". Errors: ERR_MALFORMED. */
MUST_CHECK int address_parse(const char *text, struct address *ret);
enum { ADDRESS_TEXT_SIZE = ORG_ID_MAX + 1 + HUB_ID_MAX + 1 };
void address_format(const struct address *address, char ret_text[static ADDRESS_TEXT_SIZE]);
