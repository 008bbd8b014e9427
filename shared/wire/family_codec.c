#include "shared/wire/family_codec.h"

#include "shared/base/civil.h"

enum { NIS_MIN = 10000, NIS_MAX = 99999 };

enum refusal family_unpack(struct bytes bytes, size_t max_bytes, const struct wire_shape *shape,
                           const ProtobufCMessageDescriptor *descriptor, struct check *check,
                           ProtobufCMessage **ret) {
    if (bytes.length > max_bytes) {
        return REFUSAL_TOO_LARGE;
    }
    return codec_unpack(bytes, shape, descriptor, check->arena, ret);
}

uint32_t check_word(struct check *check, uint32_t value, const char *text, bool optional) {
    check_that(check, text != NULL || (optional && value == 0), REFUSAL_UNKNOWN_VALUE);
    return value;
}

void check_hub(struct check *check, const char *text, struct hub_id *ret) {
    check_that(check, hub_id_parse(text, ret) == 0, REFUSAL_MALFORMED);
}

void check_service(struct check *check, const char *text, struct service_id *ret) {
    check_that(check, service_id_parse(text, ret) == 0, REFUSAL_MALFORMED);
}

void check_handle(struct check *check, ProtobufCBinaryData data, struct family_handle *ret) {
    static const struct family_handle nobody; /* so it stands where nothing is about a family */
    check_fixed(check, data, false, ret->bytes, sizeof(ret->bytes));
    check_that(check, !family_handle_equal(ret, &nobody), REFUSAL_MALFORMED);
}

void check_id(struct check *check, ProtobufCBinaryData data, struct message_id *ret) {
    check_fixed(check, data, false, ret->bytes, sizeof(ret->bytes));
}

int32_t check_day(struct check *check, int32_t day) {
    check_that(check, day_valid(day), REFUSAL_MALFORMED);
    return day;
}

int64_t check_instant(struct check *check, int64_t instant_ms) {
    check_that(check, instant_valid(instant_ms), REFUSAL_MALFORMED);
    return instant_ms;
}

struct nis check_place(struct check *check, uint32_t code, bool optional) {
    bool fits = code >= NIS_MIN && code <= NIS_MAX;
    check_that(check, fits || (optional && code == 0), REFUSAL_MALFORMED);
    return (struct nis){.code = code};
}

void check_sealed_part(struct check *check, const Vangnet__Sealed *from, bool optional,
                       struct sealed *ret) {
    bool none = from == NULL || (from->key.len == 0 && from->box.len == 0);
    if (none) {
        check_that(check, optional, REFUSAL_MALFORMED);
        return;
    }
    ret->box = check_bytes(check, from->box);
    check_fixed(check, from->key, false, ret->key, sizeof(ret->key));
    check_that(check, ret->box.length > 0, REFUSAL_MALFORMED);
    check_that(check, ret->box.length <= MOVED_BOX_BYTES_MAX, REFUSAL_TOO_LARGE);
}

void check_contact_part(struct check *check, const Vangnet__Sealed *from, bool optional,
                        struct sealed *ret) {
    check_sealed_part(check, from, optional, ret);
    bool fits = ret->box.length == 0 || ret->box.length == CONTACT_BOX_BYTES;
    check_that(check, fits, REFUSAL_MALFORMED);
}

void check_token_part(struct check *check, const Vangnet__SignedToken *from, bool optional,
                      struct signed_token *ret) {
    if (from == NULL) {
        check_that(check, optional, REFUSAL_MALFORMED);
        return;
    }
    ret->token = check_bytes(check, from->token);
    ret->family_signature = check_bytes(check, from->family_signature);
    ret->organisation_signature = check_bytes(check, from->organisation_signature);
    check_that(check, ret->token.length > 0, REFUSAL_MALFORMED);
    check_that(check, ret->token.length <= TOKEN_BYTES_MAX, REFUSAL_TOO_LARGE);
    bool organisation = ret->organisation_signature.length == SIGNATURE_BYTES ||
                        ret->organisation_signature.length == 0; /* of who only narrows */
    check_that(check, organisation, REFUSAL_MALFORMED);
    check_that(check, ret->family_signature.length == SIGNATURE_BYTES, REFUSAL_MALFORMED);
}

void check_proven_part(struct check *check, const Vangnet__Proven *from, bool optional,
                       struct proven *ret) {
    if (from == NULL) {
        check_that(check, optional, REFUSAL_MALFORMED);
        return;
    }
    ret->statement = check_bytes(check, from->statement);
    ret->proof = check_bytes(check, from->proof);
    check_that(check, ret->statement.length > 0, REFUSAL_MALFORMED);
    check_that(check, ret->statement.length <= STATEMENT_BYTES_MAX, REFUSAL_TOO_LARGE);
    check_that(check, ret->proof.length == SIGNATURE_BYTES, REFUSAL_MALFORMED);
}

Vangnet__Sealed *sealed_part(const struct sealed *sealed, Vangnet__Sealed *memory) {
    if (sealed->box.length == 0) {
        return NULL;
    }
    vangnet__sealed__init(memory);
    memory->key = codec_data(BYTES_OF(sealed->key));
    memory->box = codec_data(sealed->box);
    return memory;
}

Vangnet__SignedToken *token_part(const struct signed_token *token, Vangnet__SignedToken *memory) {
    if (token->token.length == 0) {
        return NULL;
    }
    vangnet__signed_token__init(memory);
    memory->token = codec_data(token->token);
    memory->family_signature = codec_data(token->family_signature);
    memory->organisation_signature = codec_data(token->organisation_signature);
    return memory;
}

Vangnet__Proven *proven_part(const struct proven *proven, Vangnet__Proven *memory) {
    if (proven->statement.length == 0) {
        return NULL;
    }
    vangnet__proven__init(memory);
    memory->statement = codec_data(proven->statement);
    memory->proof = codec_data(proven->proof);
    return memory;
}
