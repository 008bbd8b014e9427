#include "shared/wire/family.h"
#include "shared/wire/family_codec.h"

/* -- a family asked an organisation -- */

static void check_ask(struct check *check, const Vangnet__Ask *from, struct ask *ret) {
    ret->purpose = from->purpose;
    ret->revoked = from->revoked != 0;
    ret->asked_day = check_day(check, from->asked_day);
    check_id(check, from->id, &ret->id);
    check_handle(check, from->handle, &ret->handle);
    check_org(check, from->organisation, false, &ret->org);
    check_org(check, from->to, false, &ret->to);
    check_service(check, from->service, &ret->service);
    check_contact_part(check, from->contact, true, &ret->contact);
}
FAMILY_DECODER(ask, ask, Vangnet__Ask, STATEMENT_BYTES_MAX)

int ask_encode(const struct ask *ask, struct arena *arena, struct bytes *ret) {
    Vangnet__Ask message = VANGNET__ASK__INIT;
    Vangnet__Sealed contact;
    message.purpose = ask->purpose;
    message.id = codec_data(BYTES_OF(ask->id));
    message.handle = codec_data(BYTES_OF(ask->handle));
    message.organisation = codec_text(ask->org.text);
    message.to = codec_text(ask->to.text);
    message.service = codec_text(ask->service.text);
    message.asked_day = ask->asked_day;
    message.revoked = ask->revoked;
    message.contact = sealed_part(&ask->contact, &contact);
    return codec_pack(&message.base, arena, ret);
}

/* What belongs to one answer only. */
static void check_answer_parts(struct check *check, const struct ask_answer *answer) {
    bool said = answer->state == ASK_TAKEN || answer->state == ASK_REFUSED ||
                answer->state == ASK_PASSED_ON;
    check_that(check, said, REFUSAL_UNKNOWN_VALUE);
    bool refused = answer->state == ASK_REFUSED;
    check_that(check, refused == (answer->reason != ASK_REASON_NONE), REFUSAL_MALFORMED);
    bool passed = answer->state == ASK_PASSED_ON;
    check_that(check, passed == (answer->passed_to.text[0] != '\0'), REFUSAL_MALFORMED);
    check_that(check, passed || answer->contact.box.length == 0, REFUSAL_MALFORMED);
    check_that(check, passed || answer->service.text[0] == '\0', REFUSAL_MALFORMED);
}

static void check_ask_answer(struct check *check, const Vangnet__AskAnswer *from,
                             struct ask_answer *ret) {
    ret->purpose = from->purpose;
    ret->state = CHECK_WORD(check, ask_state, from->state, false);
    ret->reason = CHECK_WORD(check, ask_reason, from->reason, true);
    check_id(check, from->id, &ret->id);
    check_handle(check, from->handle, &ret->handle);
    check_org(check, from->passed_to, true, &ret->passed_to);
    check_contact_part(check, from->contact, true, &ret->contact);
    if (from->service[0] != '\0') {
        check_service(check, from->service, &ret->service);
    }
    check_answer_parts(check, ret);
}
FAMILY_DECODER(ask_answer, ask_answer, Vangnet__AskAnswer, SMALL_BODY_BYTES_MAX)

int ask_answer_encode(const struct ask_answer *answer, struct arena *arena, struct bytes *ret) {
    Vangnet__AskAnswer message = VANGNET__ASK_ANSWER__INIT;
    Vangnet__Sealed contact;
    message.purpose = answer->purpose;
    message.id = codec_data(BYTES_OF(answer->id));
    message.handle = codec_data(BYTES_OF(answer->handle));
    message.state = answer->state;
    message.reason = answer->reason;
    message.passed_to = codec_text(answer->passed_to.text);
    message.service = codec_text(answer->service.text);
    message.contact = sealed_part(&answer->contact, &contact);
    return codec_pack(&message.base, arena, ret);
}

/* -- concerns and flags -- */

static void check_concern(struct check *check, const Vangnet__Concern *from, struct concern *ret) {
    ret->purpose = from->purpose;
    ret->by = CHECK_WORD(check, concern_by, from->by, false);
    ret->reason = CHECK_WORD(check, concern_reason, from->reason, false);
    ret->urgency = CHECK_WORD(check, concern_urgency, from->urgency, false);
    ret->at_ms = check_instant(check, from->at_ms);
    check_id(check, from->id, &ret->id);
    check_handle(check, from->handle, &ret->handle);
    check_org(check, from->organisation, false, &ret->org);
}
FAMILY_DECODER(concern, concern, Vangnet__Concern, SMALL_BODY_BYTES_MAX)

int concern_encode(const struct concern *concern, struct arena *arena, struct bytes *ret) {
    Vangnet__Concern message = VANGNET__CONCERN__INIT;
    message.purpose = concern->purpose;
    message.id = codec_data(BYTES_OF(concern->id));
    message.handle = codec_data(BYTES_OF(concern->handle));
    message.organisation = codec_text(concern->org.text);
    message.by = concern->by;
    message.reason = concern->reason;
    message.urgency = concern->urgency;
    message.at_ms = concern->at_ms;
    return codec_pack(&message.base, arena, ret);
}

static void check_flag_answer(struct check *check, const Vangnet__FlagAnswer *from,
                              struct flag_answer *ret) {
    ret->purpose = from->purpose;
    ret->action = CHECK_WORD(check, flag_action, from->action, false);
    ret->reason = CHECK_WORD(check, flag_reason, from->reason, true);
    bool hubs = ret->reason == FLAG_REASON_CONSENT_ENDED || ret->reason == FLAG_REASON_MERGED;
    check_that(check, !hubs, REFUSAL_UNKNOWN_VALUE);
    bool closes = ret->action == FLAG_CLOSE;
    check_that(check, closes == (ret->reason != FLAG_REASON_NONE), REFUSAL_MALFORMED);
    check_id(check, from->flag, &ret->flag);
    check_handle(check, from->handle, &ret->handle);
}
FAMILY_DECODER(flag_answer, flag_answer, Vangnet__FlagAnswer, SMALL_BODY_BYTES_MAX)

int flag_answer_encode(const struct flag_answer *answer, struct arena *arena, struct bytes *ret) {
    Vangnet__FlagAnswer message = VANGNET__FLAG_ANSWER__INIT;
    message.purpose = answer->purpose;
    message.flag = codec_data(BYTES_OF(answer->flag));
    message.handle = codec_data(BYTES_OF(answer->handle));
    message.action = answer->action;
    message.reason = answer->reason;
    return codec_pack(&message.base, arena, ret);
}

/* -- call me back -- */

static void check_call_back(struct check *check, const Vangnet__CallBack *from,
                            struct call_back *ret) {
    ret->purpose = from->purpose;
    ret->nis = check_place(check, from->nis, false);
    check_id(check, from->id, &ret->id);
    check_org(check, from->to, false, &ret->to);
    check_that(check, language_parse(from->language, &ret->language) == 0, REFUSAL_MALFORMED);
    check_contact_part(check, from->contact, false, &ret->contact);
}
FAMILY_DECODER(call_back, call_back, Vangnet__CallBack, SMALL_BODY_BYTES_MAX)

int call_back_encode(const struct call_back *call, struct arena *arena, struct bytes *ret) {
    Vangnet__CallBack message = VANGNET__CALL_BACK__INIT;
    Vangnet__Sealed contact;
    message.purpose = call->purpose;
    message.id = codec_data(BYTES_OF(call->id));
    message.to = codec_text(call->to.text);
    message.nis = call->nis.code;
    message.language = codec_text(call->language.code);
    message.contact = sealed_part(&call->contact, &contact);
    return codec_pack(&message.base, arena, ret);
}

static void check_called_back(struct check *check, const Vangnet__CalledBack *from,
                              struct called_back *ret) {
    ret->purpose = from->purpose;
    check_id(check, from->id, &ret->id);
}
FAMILY_DECODER(called_back, called_back, Vangnet__CalledBack, SMALL_BODY_BYTES_MAX)

int called_back_encode(const struct called_back *called, struct arena *arena, struct bytes *ret) {
    Vangnet__CalledBack message = VANGNET__CALLED_BACK__INIT;
    message.purpose = called->purpose;
    message.id = codec_data(BYTES_OF(called->id));
    return codec_pack(&message.base, arena, ret);
}

/* -- a new card -- */

static void check_new_card(struct check *check, const Vangnet__NewCard *from,
                           struct new_card *ret) {
    ret->purpose = from->purpose;
    check_org(check, from->to, false, &ret->to);
    check_sealed_part(check, from->content, false, &ret->content);
}
FAMILY_DECODER(new_card, new_card, Vangnet__NewCard, SMALL_BODY_BYTES_MAX)

int new_card_encode(const struct new_card *card, struct arena *arena, struct bytes *ret) {
    Vangnet__NewCard message = VANGNET__NEW_CARD__INIT;
    Vangnet__Sealed content;
    message.purpose = card->purpose;
    message.to = codec_text(card->to.text);
    message.content = sealed_part(&card->content, &content);
    return codec_pack(&message.base, arena, ret);
}

static void check_card_moved(struct check *check, const Vangnet__CardMoved *from,
                             struct card_moved *ret) {
    check_handle(check, from->old_handle, &ret->old);
    check_handle(check, from->new_handle, &ret->new);
    check_fixed(check, from->presence_seed, false, ret->presence_seed, sizeof(ret->presence_seed));
    check_token_part(check, from->token, false, &ret->token);
    check_org(check, from->to, false, &ret->to);
}
FAMILY_DECODER(card_moved, card_moved, Vangnet__CardMoved, MOVED_BOX_BYTES_MAX)

int card_moved_encode(const struct card_moved *moved, struct arena *arena, struct bytes *ret) {
    Vangnet__CardMoved message = VANGNET__CARD_MOVED__INIT;
    Vangnet__SignedToken token;
    message.old_handle = codec_data(BYTES_OF(moved->old));
    message.new_handle = codec_data(BYTES_OF(moved->new));
    message.presence_seed = codec_data(BYTES_OF(moved->presence_seed));
    message.token = token_part(&moved->token, &token);
    message.to = codec_text(moved->to.text);
    return codec_pack(&message.base, arena, ret);
}

/* -- erased -- */

static void check_erased(struct check *check, const Vangnet__Erased *from, struct erased *ret) {
    ret->at_ms = check_instant(check, from->at_ms);
    check_id(check, from->tombstone, &ret->tombstone);
}
FAMILY_DECODER(erased, erased, Vangnet__Erased, SMALL_BODY_BYTES_MAX)

int erased_encode(const struct erased *erased, struct arena *arena, struct bytes *ret) {
    Vangnet__Erased message = VANGNET__ERASED__INIT;
    message.tombstone = codec_data(BYTES_OF(erased->tombstone));
    message.at_ms = erased->at_ms;
    return codec_pack(&message.base, arena, ret);
}
