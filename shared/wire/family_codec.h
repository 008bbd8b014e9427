/* What the decoders and encoders of messages about families share: handles, words of closed lists,
 * days, sealed boxes, tokens, proofs. Private to shared/wire. */
#pragma once

#include "shared/base/family_lists.h"
#include "shared/wire/codec.h"
#include "shared/wire/family.h"
#include "shared/wire/family.pb-c.h"
#include "shared/wire/shapes.h"

enum {
    TOKEN_BYTES_MAX = 1 << 10,
    STATEMENT_BYTES_MAX = 3 << 10, /* an ask with its contact is the longest */
    MOVED_BOX_BYTES_MAX = 2 << 10,
    SMALL_BODY_BYTES_MAX = 4 << 10,
    CONSENT_BODY_BYTES_MAX = 12 << 10,
    PADDED_BYTES_MAX = 8 << 10,
    SEALED_BODY_BYTES_MAX = SEALED_BYTES_MAX + 64,
};

/* codec_unpack with a limit of its own. */
enum refusal family_unpack(struct bytes bytes, size_t max_bytes, const struct wire_shape *shape,
                           const ProtobufCMessageDescriptor *descriptor, struct check *check,
                           ProtobufCMessage **ret);

/* Defines name_decode out of check_name; `lower` and `type` as protobuf-c calls the message. */
#define FAMILY_DECODER(name, lower, type, max_bytes)                                               \
    enum refusal name##_decode(struct bytes bytes, struct arena *arena, struct name *ret) {        \
        struct check check = {.arena = arena};                                                     \
        ProtobufCMessage *message = NULL;                                                          \
        check.refusal = family_unpack(bytes, (max_bytes), &shape_##name,                           \
                                      &vangnet__##lower##__descriptor, &check, &message);          \
        if (check.refusal != REFUSAL_NONE) {                                                       \
            return check.refusal;                                                                  \
        }                                                                                          \
        struct name decoded = {0};                                                                 \
        check_##name(&check, (const type *)message, &decoded);                                     \
        if (check.refusal == REFUSAL_NONE) {                                                       \
            *ret = decoded;                                                                        \
        }                                                                                          \
        return check.refusal;                                                                      \
    }

/* A word of the closed list `list`: 0 only where `optional`. */
#define CHECK_WORD(check, list, value, optional)                                                   \
    ((enum list)check_word((check), (value), list##_text((enum list)(value)), (optional)))
uint32_t check_word(struct check *check, uint32_t value, const char *text, bool optional);

void check_hub(struct check *check, const char *text, struct hub_id *ret);
void check_service(struct check *check, const char *text, struct service_id *ret);
void check_handle(struct check *check, ProtobufCBinaryData data, struct family_handle *ret);
void check_id(struct check *check, ProtobufCBinaryData data, struct message_id *ret);
int32_t check_day(struct check *check, int32_t day);
int64_t check_instant(struct check *check, int64_t instant_ms);
struct nis check_place(struct check *check, uint32_t code, bool optional);

/* NULL stands for "none", which is taken where `optional`. */
void check_sealed_part(struct check *check, const Vangnet__Sealed *from, bool optional,
                       struct sealed *ret);
/* How to reach somebody (shared/consent/contact.h): MALFORMED where it hasn't its one size, which
 * says nothing of what is in it. */
void check_contact_part(struct check *check, const Vangnet__Sealed *from, bool optional,
                        struct sealed *ret);
void check_token_part(struct check *check, const Vangnet__SignedToken *from, bool optional,
                      struct signed_token *ret);
void check_proven_part(struct check *check, const Vangnet__Proven *from, bool optional,
                       struct proven *ret);

/* Each fills the caller's message, which borrows; NULL where there's none to write. */
Vangnet__Sealed *sealed_part(const struct sealed *sealed, Vangnet__Sealed *memory);
Vangnet__SignedToken *token_part(const struct signed_token *token, Vangnet__SignedToken *memory);
Vangnet__Proven *proven_part(const struct proven *proven, Vangnet__Proven *memory);
