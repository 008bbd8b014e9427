#include "shared/wire/family.h"
#include "shared/wire/family_codec.h"

enum { NOTICE_PADDING_FIELD = 12, TOMBSTONE_PADDING_FIELD = 5 };

/* A length tells only a size class. */
static const size_t size_classes[] = {1 << 10, 2 << 10, 4 << 10, PADDED_BYTES_MAX};
enum { SIZE_CLASSES = sizeof(size_classes) / sizeof(size_classes[0]) };

/* What a notice of each kind can't be read without; family.proto has all that it carries. */
struct notice_need {
    bool handle, flag, about, origin, end_day, why;
};

static struct notice_need need_of(enum notice_kind kind) {
    switch (kind) {
    case NOTICE_FLAG:
    case NOTICE_FLAG_OVER:
        return (struct notice_need){.handle = true, .flag = true};
    case NOTICE_ANSWER:
        return (struct notice_need){.about = true};
    case NOTICE_ENDING:
        return (struct notice_need){.handle = true, .end_day = true};
    case NOTICE_ASK:
        return (struct notice_need){.handle = true, .origin = true};
    case NOTICE_ASK_NEWS:
        return (struct notice_need){.about = true, .origin = true};
    case NOTICE_CALL_BACK:
    case NOTICE_NEW_CARD:
        return (struct notice_need){.origin = true};
    case NOTICE_CALLED_BACK:
        return (struct notice_need){.about = true};
    case NOTICE_SUPPORT_OVER:
        return (struct notice_need){.handle = true, .why = true};
    case NOTICE_KIND_NONE:
    default:
        return (struct notice_need){0};
    }
}

static bool is_zero(struct bytes bytes) {
    return codec_data_or_none(bytes).len == 0;
}

static void check_needs(struct check *check, const struct notice *notice) {
    const struct notice_need need = need_of(notice->kind);
    bool whole = (!need.handle || !is_zero(BYTES_OF(notice->handle))) &&
                 (!need.flag || notice->flag.kind != FLAG_KIND_NONE) &&
                 (!need.about || !is_zero(BYTES_OF(notice->about))) &&
                 (!need.origin || notice->origin.envelope.length > 0) &&
                 (!need.end_day || notice->end_day != 0) &&
                 (!need.why || notice->why != END_REASON_NONE);
    check_that(check, whole, REFUSAL_MALFORMED);
}

static void check_flag(struct check *check, const Vangnet__NoticeFlag *from,
                       struct notice_flag *ret) {
    *ret = (struct notice_flag){
        .kind = CHECK_WORD(check, flag_kind, from->kind, false),
        .state = CHECK_WORD(check, flag_state, from->state, false),
        .yours = from->yours != 0,
        .opened_day = check_day(check, from->opened_day),
        .acknowledge_by_day = check_day(check, from->acknowledge_by_day),
        .contact_by_day = check_day(check, from->contact_by_day),
        .reason = CHECK_WORD(check, flag_reason, from->reason, true),
        .concern = CHECK_WORD(check, concern_reason, from->concern, true),
        .urgency = CHECK_WORD(check, concern_urgency, from->urgency, true),
    };
    check_id(check, from->id, &ret->id);
    check_org(check, from->by, true, &ret->by);
}

static void check_origin(struct check *check, const Vangnet__Posting *from, struct posting *ret) {
    ret->envelope = check_bytes(check, from->envelope);
    ret->signature = check_bytes(check, from->signature);
    check_that(check, ret->envelope.length > 0, REFUSAL_MALFORMED);
    check_that(check, ret->envelope.length <= RELAYED_BYTES_MAX, REFUSAL_TOO_LARGE);
    check_that(check, ret->signature.length == SIGNATURE_BYTES, REFUSAL_MALFORMED);
}

static void check_notice(struct check *check, const Vangnet__Notice *from, struct notice *ret) {
    ret->kind = CHECK_WORD(check, notice_kind, from->kind, false);
    ret->purpose = from->purpose;
    ret->end_day = check_day(check, from->end_day);
    ret->why = CHECK_WORD(check, end_reason, from->why, true);
    check_id(check, from->id, &ret->id);
    check_fixed(check, from->handle, true, ret->handle.bytes, sizeof(ret->handle.bytes));
    check_fixed(check, from->about, true, ret->about.bytes, sizeof(ret->about.bytes));
    check_token_part(check, from->token, true, &ret->token);
    check_sealed_part(check, from->contact, true, &ret->contact);
    if (from->flag != NULL) {
        check_flag(check, from->flag, &ret->flag);
    }
    if (from->origin != NULL) {
        check_origin(check, from->origin, &ret->origin);
    }
    check_needs(check, ret);
}
FAMILY_DECODER(notice, notice, Vangnet__Notice, PADDED_BYTES_MAX)

static Vangnet__NoticeFlag flag_message(const struct notice_flag *flag) {
    Vangnet__NoticeFlag message = VANGNET__NOTICE_FLAG__INIT;
    message.id = codec_data(BYTES_OF(flag->id));
    message.kind = flag->kind;
    message.state = flag->state;
    message.yours = flag->yours;
    message.opened_day = flag->opened_day;
    message.acknowledge_by_day = flag->acknowledge_by_day;
    message.contact_by_day = flag->contact_by_day;
    message.reason = flag->reason;
    message.concern = flag->concern;
    message.urgency = flag->urgency;
    message.by = codec_text(flag->by.text);
    return message;
}

int notice_encode(const struct notice *notice, struct arena *arena, struct bytes *ret) {
    static const struct codec_padding padding = {
        .field = NOTICE_PADDING_FIELD, .sizes = size_classes, .count = SIZE_CLASSES};
    Vangnet__Notice message = VANGNET__NOTICE__INIT;
    Vangnet__SignedToken token;
    Vangnet__Sealed contact;
    Vangnet__NoticeFlag flag = flag_message(&notice->flag);
    Vangnet__Posting origin = VANGNET__POSTING__INIT;
    origin.envelope = codec_data(notice->origin.envelope);
    origin.signature = codec_data(notice->origin.signature);
    message.kind = notice->kind;
    message.purpose = notice->purpose;
    message.id = codec_data(BYTES_OF(notice->id));
    message.handle = codec_data_or_none(BYTES_OF(notice->handle));
    message.token = token_part(&notice->token, &token);
    message.flag = notice->flag.kind == FLAG_KIND_NONE ? NULL : &flag;
    message.about = codec_data_or_none(BYTES_OF(notice->about));
    message.origin = notice->origin.envelope.length == 0 ? NULL : &origin;
    message.contact = sealed_part(&notice->contact, &contact);
    message.end_day = notice->end_day;
    message.why = notice->why;
    return codec_pack_padded(&message.base, &padding, arena, ret);
}

static void check_tombstone(struct check *check, const Vangnet__Tombstone *from,
                            struct tombstone *ret) {
    ret->basis = CHECK_WORD(check, withdrawal_basis, from->basis, true);
    ret->at_ms = check_instant(check, from->at_ms);
    check_id(check, from->id, &ret->id);
    check_handle(check, from->handle, &ret->handle);
}
FAMILY_DECODER(tombstone, tombstone, Vangnet__Tombstone, PADDED_BYTES_MAX)

int tombstone_encode(const struct tombstone *tombstone, struct arena *arena, struct bytes *ret) {
    static const struct codec_padding padding = {
        .field = TOMBSTONE_PADDING_FIELD, .sizes = size_classes, .count = SIZE_CLASSES};
    Vangnet__Tombstone message = VANGNET__TOMBSTONE__INIT;
    message.id = codec_data(BYTES_OF(tombstone->id));
    message.handle = codec_data(BYTES_OF(tombstone->handle));
    message.basis = tombstone->basis;
    message.at_ms = tombstone->at_ms;
    return codec_pack_padded(&message.base, &padding, arena, ret);
}
