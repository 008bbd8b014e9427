#include "shared/wire/member_codec.h"

#include <string.h>

#include "shared/base/limits.h"
#include "shared/wire/shapes.h"

enum { LIST_MAX = 320, HOURS_TEXT_MAX = 48 };

static void check_nis(struct check *check, uint32_t code, struct nis *ret) {
    check_that(check, code >= 10000 && code <= 99999, REFUSAL_MALFORMED);
    *ret = (struct nis){.code = code};
}

static const char **check_hours(struct check *check, char *const *from, size_t count) {
    const char **list = check_array(check, count, sizeof(*list), LIST_MAX);
    for (size_t i = 0; i < count && list != NULL; i++) {
        char *text = check_array(check, 1, HOURS_TEXT_MAX, 1);
        if (text == NULL) {
            return NULL;
        }
        check_text(check, from[i], text, HOURS_TEXT_MAX);
        list[i] = text;
    }
    return list;
}

static void check_lists(struct check *check, const Vangnet__Member *from, struct member *ret) {
    ret->catchment = check_array(check, from->n_catchment, sizeof(*ret->catchment), LIST_MAX);
    ret->services =
        check_array(check, from->n_services, sizeof(*ret->services), SIGNAL_SERVICES_MAX);
    ret->languages = check_array(check, from->n_languages, sizeof(*ret->languages), LIST_MAX);
    ret->closures = check_array(check, from->n_closures, sizeof(*ret->closures), LIST_MAX);
    ret->onthaal = check_array(check, from->n_onthaal_nis, sizeof(*ret->onthaal), LIST_MAX);
    ret->walk_in = check_hours(check, from->walk_in, from->n_walk_in);
    ret->sitting = check_hours(check, from->sitting, from->n_sitting);
    if (check->refusal != REFUSAL_NONE) {
        return;
    }
    for (size_t i = 0; i < from->n_catchment; i++) {
        check_nis(check, from->catchment[i]->nis, &ret->catchment[i].nis);
        ret->catchment[i].from_day = from->catchment[i]->from_day;
        ret->catchment[i].until_day = from->catchment[i]->until_day;
    }
    for (size_t i = 0; i < from->n_services; i++) {
        bool known = service_id_parse(from->services[i], &ret->services[i]) == 0;
        check_that(check, known, REFUSAL_MALFORMED);
    }
    for (size_t i = 0; i < from->n_languages; i++) {
        bool known = language_parse(from->languages[i], &ret->languages[i]) == 0;
        check_that(check, known, REFUSAL_MALFORMED);
    }
    for (size_t i = 0; i < from->n_closures; i++) {
        const Vangnet__Closure *closure = from->closures[i];
        ret->closures[i].from_day = closure->from_day;
        ret->closures[i].until_day = closure->until_day;
        check_that(check, closure->until_day > closure->from_day, REFUSAL_MALFORMED);
        check_org(check, closure->deputy, true, &ret->closures[i].deputy);
    }
    for (size_t i = 0; i < from->n_onthaal_nis; i++) {
        check_nis(check, from->onthaal_nis[i], &ret->onthaal[i]);
    }
    ret->catchment_count = from->n_catchment;
    ret->service_count = from->n_services;
    ret->language_count = from->n_languages;
    ret->closure_count = from->n_closures;
    ret->onthaal_count = from->n_onthaal_nis;
    ret->walk_in_count = from->n_walk_in;
    ret->sitting_count = from->n_sitting;
}

/* Lists with 0 as "not given": in a change only the part that changes is filled. */
static void check_words(struct check *check, const Vangnet__Member *from) {
    bool known =
        (from->kind == 0 || org_kind_text((enum org_kind)from->kind) != NULL) &&
        (from->competence == 0 || competence_text((enum competence)from->competence) != NULL) &&
        (from->role == 0 || member_role_text((enum member_role)from->role) != NULL) &&
        (from->may_take_consent == 0 ||
         consent_right_text((enum consent_right)from->may_take_consent) != NULL);
    check_that(check, known, REFUSAL_UNKNOWN_VALUE);
}

void check_member(struct check *check, const Vangnet__Member *from, struct member *ret) {
    *ret = (struct member){
        .kind = (enum org_kind)from->kind,
        .competence = (enum competence)from->competence,
        .role = (enum member_role)from->role,
        .seal_until_day = from->seal_until_day,
        .contact_from_day = from->contact_from_day,
        .may_take_consent = (enum consent_right)from->may_take_consent,
        .may_sanction = from->may_sanction != 0,
        .hidden = from->hidden != 0,
    };
    check_words(check, from);
    check_text(check, from->name, ret->name, sizeof(ret->name));
    check_text(check, from->endpoint, ret->endpoint, sizeof(ret->endpoint));
    check_text(check, from->enterprise_number, ret->enterprise_number,
               sizeof(ret->enterprise_number));
    check_fixed(check, from->curve, true, ret->curve.bytes, PUBLIC_KEY_BYTES);
    check_fixed(check, from->sign, true, ret->sign.bytes, PUBLIC_KEY_BYTES);
    check_fixed(check, from->seal, true, ret->seal.bytes, PUBLIC_KEY_BYTES);
    check_fixed(check, from->contact, true, ret->contact.bytes, PUBLIC_KEY_BYTES);
    check_lists(check, from, ret);
}

static ProtobufCBinaryData key_data(const struct public_key *key) {
    static const struct public_key none = {0};
    if (memcmp(key, &none, sizeof(none)) == 0) {
        return (ProtobufCBinaryData){0};
    }
    return codec_data(BYTES_OF(*key));
}

static bool fill_records(const struct member *member, struct arena *arena, Vangnet__Member *ret) {
    Vangnet__Catchment *catchment = ARENA_ARRAY(arena, Vangnet__Catchment, member->catchment_count);
    Vangnet__Closure *closures = ARENA_ARRAY(arena, Vangnet__Closure, member->closure_count);
    ret->catchment = ARENA_ARRAY(arena, Vangnet__Catchment *, member->catchment_count);
    ret->closures = ARENA_ARRAY(arena, Vangnet__Closure *, member->closure_count);
    if (catchment == NULL || closures == NULL || ret->catchment == NULL || ret->closures == NULL) {
        return false;
    }
    for (size_t i = 0; i < member->catchment_count; i++) {
        vangnet__catchment__init(&catchment[i]);
        catchment[i].nis = member->catchment[i].nis.code;
        catchment[i].from_day = member->catchment[i].from_day;
        catchment[i].until_day = member->catchment[i].until_day;
        ret->catchment[i] = &catchment[i];
    }
    for (size_t i = 0; i < member->closure_count; i++) {
        vangnet__closure__init(&closures[i]);
        closures[i].from_day = member->closures[i].from_day;
        closures[i].until_day = member->closures[i].until_day;
        closures[i].deputy = codec_text(member->closures[i].deputy.text);
        ret->closures[i] = &closures[i];
    }
    ret->n_catchment = member->catchment_count;
    ret->n_closures = member->closure_count;
    return true;
}

static bool fill_lists(const struct member *member, struct arena *arena, Vangnet__Member *ret) {
    ret->services = ARENA_ARRAY(arena, char *, member->service_count);
    ret->languages = ARENA_ARRAY(arena, char *, member->language_count);
    ret->walk_in = ARENA_ARRAY(arena, char *, member->walk_in_count);
    ret->sitting = ARENA_ARRAY(arena, char *, member->sitting_count);
    ret->onthaal_nis = ARENA_ARRAY(arena, uint32_t, member->onthaal_count);
    if (ret->services == NULL || ret->languages == NULL || ret->walk_in == NULL ||
        ret->sitting == NULL || ret->onthaal_nis == NULL) {
        return false;
    }
    for (size_t i = 0; i < member->service_count; i++) {
        ret->services[i] = codec_text(member->services[i].text);
    }
    for (size_t i = 0; i < member->language_count; i++) {
        ret->languages[i] = codec_text(member->languages[i].code);
    }
    for (size_t i = 0; i < member->walk_in_count; i++) {
        ret->walk_in[i] = codec_text(member->walk_in[i]);
    }
    for (size_t i = 0; i < member->sitting_count; i++) {
        ret->sitting[i] = codec_text(member->sitting[i]);
    }
    for (size_t i = 0; i < member->onthaal_count; i++) {
        ret->onthaal_nis[i] = member->onthaal[i].code;
    }
    ret->n_services = member->service_count;
    ret->n_languages = member->language_count;
    ret->n_walk_in = member->walk_in_count;
    ret->n_sitting = member->sitting_count;
    ret->n_onthaal_nis = member->onthaal_count;
    return true;
}

Vangnet__Member *member_message(const struct member *member, struct arena *arena) {
    Vangnet__Member *message = ARENA_NEW(arena, Vangnet__Member);
    if (message == NULL) {
        return NULL;
    }
    vangnet__member__init(message);
    message->name = codec_text(member->name);
    message->kind = member->kind;
    message->competence = member->competence;
    message->role = member->role;
    message->curve = key_data(&member->curve);
    message->sign = key_data(&member->sign);
    message->seal = key_data(&member->seal);
    message->contact = key_data(&member->contact);
    message->seal_until_day = member->seal_until_day;
    message->contact_from_day = member->contact_from_day;
    message->endpoint = codec_text(member->endpoint);
    message->may_take_consent = member->may_take_consent;
    message->may_sanction = member->may_sanction;
    message->hidden = member->hidden;
    message->enterprise_number = codec_text(member->enterprise_number);
    if (!fill_records(member, arena, message) || !fill_lists(member, arena, message)) {
        return NULL;
    }
    return message;
}

int member_encode(const struct member *member, struct arena *arena, struct bytes *ret) {
    Vangnet__Member *message = member_message(member, arena);
    return message == NULL ? ERR_NO_MEMORY : codec_pack(&message->base, arena, ret);
}

enum refusal member_decode(struct bytes bytes, struct arena *arena, struct member *ret) {
    ProtobufCMessage *message = NULL;
    enum refusal refusal =
        codec_unpack(bytes, &shape_member, &vangnet__member__descriptor, arena, &message);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    struct check check = {.arena = arena};
    struct member member;
    check_member(&check, (const Vangnet__Member *)message, &member);
    if (check.refusal == REFUSAL_NONE) {
        *ret = member;
    }
    return check.refusal;
}
