/* Everything that travels about a family, as plain structs: consents and withdrawals, supports,
 * questions, concerns, flags, looks, and what a hub tells a node.
 *
 * A *statement* is signed as bytes by a key that only who had the card holds: the family's key
 * (card on the table) or the presence key (what supporters keep). Domains are in
 * shared/consent/consent.h. What a hub tells a node is sealed to the node's sealing key, so that it
 * stands unreadable in outbox and journal. Here only the form is checked; whether a consent covers
 * it, who may say it and what becomes of it is hub/core's and node/core's. */
#pragma once

#include "shared/base/arena.h"
#include "shared/base/family_lists.h"
#include "shared/base/ids.h"
#include "shared/base/lists.h"
#include "shared/wire/packet.h"

enum {
    FAMILY_VERSION = 1,
    SEALED_BYTES_MAX = 16 << 10,
    CONTACT_BOX_BYTES = 1024 + 48, /* a contact of 1 KiB in its box; never another size */
    LOOK_ANSWER_BYTES = 8 << 10,   /* every answer to a look has exactly this size */
    /* Envelope of a message that a hub relays in a notice: a longer one isn't relayed, for no
     * notice would hold it. The decoders see to the bodies. */
    RELAYED_BYTES_MAX = 5 << 10,
};

/* Sealed (shared/crypto/box.h) to the key named; the key says which secret opens it. */
struct sealed {
    uint8_t key[PUBLIC_KEY_BYTES];
    struct bytes box;
};

struct proven {
    struct bytes statement;
    struct bytes proof; /* SIGNATURE_BYTES */
};

/* -- consent -- */

struct consent_token {
    uint32_t version;
    struct hub_id hub;
    struct family_handle handle;
    uint32_t number; /* seconds since 1970, at least 1; of one handle the highest stands */
    struct scopes scopes;
    uint32_t end_month;
    struct digest commitment;
    struct org_id issuer;
    uint8_t family_key[PUBLIC_KEY_BYTES];
    uint8_t presence_key[PUBLIC_KEY_BYTES];
    struct org_id fallback_first; /* zeros: none */
    struct org_id fallback_second;
};

struct signed_token {
    struct bytes token; /* the signed bytes */
    struct bytes family_signature;
    struct bytes organisation_signature;
};

struct contact_envelope {
    struct org_id org;
    struct sealed sealed;
};

/* MESSAGE_KIND_CONSENT */
struct consent_message {
    uint32_t purpose;
    struct signed_token token;
    struct contact_envelope envelopes[CONSENT_ENVELOPES_MAX];
    size_t envelope_count;
    struct proven support; /* the issuer's own, at once; empty statement: none */
    bool support_expected; /* near professional support is on its way: supporters of an old card */
};

/* MESSAGE_KIND_WITHDRAWAL: a proven withdrawal; WITHDRAWAL_CARD by the family's key, the others by
 * the presence key. */
struct withdrawal {
    struct hub_id hub;
    struct family_handle handle;
    enum withdrawal_basis basis;
    struct org_id org; /* who sends it */
    int64_t at_ms;
};

/* -- support; MESSAGE_KIND_SUPPORT: proven by the presence key -- */

struct support {
    uint32_t purpose;
    struct family_handle handle;
    struct org_id org;
    uint32_t number; /* of this organisation on this handle, from 1: the highest stands */
    enum support_kind kind;
    enum support_distance distance;
    enum support_state state;
    enum end_reason why;     /* with ending and ended */
    int32_t end_day;         /* likewise */
    struct nis moving_to;    /* with END_MOVING; 0: not known */
    struct org_id successor; /* zeros: none named */
    int32_t confirmed_day;   /* of the last contact */
    bool named;              /* a hidden organisation's name may stand on the family's page */
};

/* -- a family asked an organisation; MESSAGE_KIND_ASK: proven by the presence key -- */

struct ask {
    uint32_t purpose;
    struct message_id id;
    struct family_handle handle;
    struct org_id org; /* who records it */
    struct org_id to;
    struct service_id service;
    int32_t asked_day;
    bool revoked;          /* takes the question with this id back */
    struct sealed contact; /* whom it is about, to the contact key of `to`; may be empty */
};

/* MESSAGE_KIND_ASK_ANSWER, of `to` */
struct ask_answer {
    uint32_t purpose;
    struct message_id id;
    struct family_handle handle;
    enum ask_state state; /* taken, refused, passed-on */
    enum ask_reason reason;
    struct org_id passed_to;
    struct sealed contact;     /* sealed again, to the contact key of `passed_to` */
    struct service_id service; /* with passed-on: of the question, so that the next knows it */
};

/* -- concern; MESSAGE_KIND_CONCERN: proven by the family's key -- */

struct concern {
    uint32_t purpose;
    struct message_id id;
    struct family_handle handle;
    struct org_id org;
    enum concern_by by;
    enum concern_reason reason;
    enum concern_urgency urgency;
    int64_t at_ms; /* when it was raised; it may have waited for a network */
};

/* -- flags; MESSAGE_KIND_FLAG_ANSWER -- */

struct flag_answer {
    uint32_t purpose;
    struct message_id flag;
    struct family_handle handle;
    enum flag_action action;
    enum flag_reason reason; /* with close */
};

/* -- nothing about a family: MESSAGE_KIND_CALL_BACK and MESSAGE_KIND_CALLED_BACK -- */

struct call_back {
    uint32_t purpose;
    struct message_id id;
    struct org_id to; /* the onthaal desk */
    struct nis nis;
    struct language language;
    struct sealed contact; /* the volunteer's own details, to the desk's contact key */
};

struct called_back {
    uint32_t purpose;
    struct message_id id;
};

/* -- MESSAGE_KIND_NEW_CARD: to a supporter, through the hub, which learns of neither handle -- */

struct new_card {
    uint32_t purpose;
    struct org_id to;
    struct sealed content; /* a struct proven of a card_moved, to the sealing key of `to` */
};

/* Signed by the presence key of the old card. */
struct card_moved {
    struct family_handle old;
    struct family_handle new;
    uint8_t presence_seed[32]; /* of the new one */
    struct signed_token token; /* likewise */
    struct org_id to;          /* who is told */
};

/* MESSAGE_KIND_ERASED: which tombstone was carried out, all of it. */
struct erased {
    struct message_id tombstone;
    int64_t at_ms;
};

/* -- hub to node: MESSAGE_KIND_NOTICE and MESSAGE_KIND_TOMBSTONE have a struct sealed as body -- */

struct notice_flag {
    struct message_id id;
    enum flag_kind kind;
    enum flag_state state;
    bool yours; /* it's your turn; else you're told only */
    int32_t opened_day;
    int32_t acknowledge_by_day;
    int32_t contact_by_day;
    enum flag_reason reason; /* closed */
    enum concern_reason concern;
    enum concern_urgency urgency;
    struct org_id by; /* who took it, closed it or has it now */
};

struct notice {
    enum notice_kind kind;
    uint32_t purpose;
    struct message_id id;
    struct family_handle handle; /* zeros: about no family */
    struct signed_token token;   /* so that the receiver checks the consent itself */
    struct notice_flag flag;     /* FLAG, FLAG_OVER, ANSWER (id: of the concern, ask ...) */
    struct message_id about;     /* ANSWER, ASK_NEWS, CALLED_BACK: the raiser's own id */
    struct posting origin;       /* ASK, ASK_NEWS, CALL_BACK, NEW_CARD: as its sender signed it */
    struct sealed contact;       /* FLAG: the envelope that the family left for you */
    int32_t end_day;             /* ENDING: when the consent ends */
    enum end_reason why;         /* SUPPORT_OVER; CALLED_BACK: it won't be */
};

struct tombstone {
    struct message_id id;
    struct family_handle handle;
    enum withdrawal_basis basis; /* 0: the consent came to its end */
    int64_t at_ms;
};

/* -- looking: packets of their own, nothing is stored and forwarded -- */

struct look {
    struct hub_id hub;
    struct family_handle handle;
    struct org_id org;
    uint8_t nonce[LOOK_NONCE_BYTES]; /* the hub's, from its welcome or its last look answer */
    int64_t at_ms;
};

struct look_support {
    struct org_id org; /* zeros: an organisation whose name isn't told */
    enum org_kind org_kind;
    enum support_kind kind;
    enum support_distance distance;
    enum support_state state;
    bool silent;
    int32_t since_day;
    int32_t end_day;
};

struct look_seen {
    struct org_id org;
    int32_t day;
};

struct look_flag {
    enum flag_kind kind;
    enum flag_state state;
    int32_t opened_day;
    struct org_id turn; /* zeros: the coordinator's board, or a name that isn't told */
};

struct look_ask {
    struct org_id to;
    struct service_id service;
    enum ask_state state;
    enum ask_reason reason;
    int32_t asked_day;
};

struct look_answer {
    bool found;
    struct signed_token token;
    struct look_support *supports;
    size_t support_count;
    struct look_seen *seen;
    size_t seen_count;
    struct look_flag *flags;
    size_t flag_count;
    struct look_ask *asks;
    size_t ask_count;
};

/* Decoders answer as those of packet.h, and UNKNOWN_VALUE for any value that isn't on its closed
 * list; but `purpose` is given as received, for consent_covers. Encoders put the bytes into the
 * arena; errors: ERR_NO_MEMORY, ERR_TOO_LARGE. */
#define FAMILY_CODEC_LIST(X)                                                                       \
    X(consent_token)                                                                               \
    X(consent_message)                                                                             \
    X(proven)                                                                                      \
    X(withdrawal)                                                                                  \
    X(support)                                                                                     \
    X(ask)                                                                                         \
    X(ask_answer)                                                                                  \
    X(concern)                                                                                     \
    X(flag_answer)                                                                                 \
    X(call_back)                                                                                   \
    X(called_back)                                                                                 \
    X(new_card)                                                                                    \
    X(card_moved)                                                                                  \
    X(erased)                                                                                      \
    X(sealed)                                                                                      \
    X(notice)                                                                                      \
    X(tombstone)                                                                                   \
    X(look)                                                                                        \
    X(look_answer)
#define X(name)                                                                                    \
    MUST_CHECK enum refusal name##_decode(struct bytes bytes, struct arena *arena,                 \
                                          struct name *ret);                                       \
    MUST_CHECK int name##_encode(const struct name *name, struct arena *arena, struct bytes *ret);
FAMILY_CODEC_LIST(X)
#undef X

/* notice and tombstone are padded to the next of 1, 2, 4, 8 KiB, look_answer to LOOK_ANSWER_BYTES;
 * lists that don't fit there are cut at their end. */
