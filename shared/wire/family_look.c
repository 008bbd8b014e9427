#include "shared/base/limits.h"
#include "shared/wire/family.h"
#include "shared/wire/family_codec.h"

enum { LOOK_PADDING_FIELD = 7, LOOK_BYTES_MAX = 1 << 10 };

static void check_look(struct check *check, const Vangnet__Look *from, struct look *ret) {
    ret->at_ms = check_instant(check, from->at_ms);
    check_hub(check, from->hub, &ret->hub);
    check_handle(check, from->handle, &ret->handle);
    check_org(check, from->organisation, false, &ret->org);
    check_fixed(check, from->nonce, false, ret->nonce, sizeof(ret->nonce));
}
FAMILY_DECODER(look, look, Vangnet__Look, LOOK_BYTES_MAX)

int look_encode(const struct look *look, struct arena *arena, struct bytes *ret) {
    Vangnet__Look message = VANGNET__LOOK__INIT;
    message.hub = codec_text(look->hub.text);
    message.handle = codec_data(BYTES_OF(look->handle));
    message.organisation = codec_text(look->org.text);
    message.nonce = codec_data(BYTES_OF(look->nonce));
    message.at_ms = look->at_ms;
    return codec_pack(&message.base, arena, ret);
}

/* -- the answer -- */

static void check_supports(struct check *check, const Vangnet__LookAnswer *from,
                           struct look_answer *ret) {
    ret->support_count = from->n_supports;
    ret->supports =
        check_array(check, from->n_supports, sizeof(*ret->supports), FAMILY_SUPPORTS_MAX);
    for (size_t i = 0; i < from->n_supports && ret->supports != NULL; i++) {
        const Vangnet__LookSupport *support = from->supports[i];
        ret->supports[i] = (struct look_support){
            .org_kind = CHECK_WORD(check, org_kind, support->org_kind, true),
            .kind = CHECK_WORD(check, support_kind, support->kind, false),
            .distance = CHECK_WORD(check, support_distance, support->distance, false),
            .state = CHECK_WORD(check, support_state, support->state, false),
            .silent = support->silent != 0,
            .since_day = check_day(check, support->since_day),
            .end_day = check_day(check, support->end_day),
        };
        check_org(check, support->organisation, true, &ret->supports[i].org);
    }
}

static void check_seen(struct check *check, const Vangnet__LookAnswer *from,
                       struct look_answer *ret) {
    ret->seen_count = from->n_seen;
    ret->seen = check_array(check, from->n_seen, sizeof(*ret->seen), FAMILY_LOOKS_MAX);
    for (size_t i = 0; i < from->n_seen && ret->seen != NULL; i++) {
        ret->seen[i].day = check_day(check, from->seen[i]->day);
        check_org(check, from->seen[i]->organisation, true, &ret->seen[i].org);
    }
}

static void check_flags(struct check *check, const Vangnet__LookAnswer *from,
                        struct look_answer *ret) {
    ret->flag_count = from->n_flags;
    ret->flags = check_array(check, from->n_flags, sizeof(*ret->flags), FAMILY_FLAGS_MAX);
    for (size_t i = 0; i < from->n_flags && ret->flags != NULL; i++) {
        ret->flags[i] = (struct look_flag){
            .kind = CHECK_WORD(check, flag_kind, from->flags[i]->kind, false),
            .state = CHECK_WORD(check, flag_state, from->flags[i]->state, false),
            .opened_day = check_day(check, from->flags[i]->opened_day),
        };
        check_org(check, from->flags[i]->turn, true, &ret->flags[i].turn);
    }
}

static void check_asks(struct check *check, const Vangnet__LookAnswer *from,
                       struct look_answer *ret) {
    ret->ask_count = from->n_asks;
    ret->asks = check_array(check, from->n_asks, sizeof(*ret->asks), FAMILY_ASKS_MAX);
    for (size_t i = 0; i < from->n_asks && ret->asks != NULL; i++) {
        ret->asks[i] = (struct look_ask){
            .state = CHECK_WORD(check, ask_state, from->asks[i]->state, false),
            .reason = CHECK_WORD(check, ask_reason, from->asks[i]->reason, true),
            .asked_day = check_day(check, from->asks[i]->asked_day),
        };
        check_org(check, from->asks[i]->to, true, &ret->asks[i].to);
        check_service(check, from->asks[i]->service, &ret->asks[i].service);
    }
}

static void check_look_answer(struct check *check, const Vangnet__LookAnswer *from,
                              struct look_answer *ret) {
    ret->found = from->found != 0;
    check_token_part(check, from->token, true, &ret->token);
    check_supports(check, from, ret);
    check_seen(check, from, ret);
    check_flags(check, from, ret);
    check_asks(check, from, ret);
    bool empty = from->token == NULL && from->n_supports == 0 && from->n_seen == 0 &&
                 from->n_flags == 0 && from->n_asks == 0;
    bool fits = ret->found ? from->token != NULL : empty;
    check_that(check, fits, REFUSAL_MALFORMED);
}
FAMILY_DECODER(look_answer, look_answer, Vangnet__LookAnswer, LOOK_ANSWER_BYTES)

/* The messages of an answer under construction. */
struct answer_build {
    Vangnet__LookSupport supports[FAMILY_SUPPORTS_MAX];
    Vangnet__LookSupport *support_list[FAMILY_SUPPORTS_MAX];
    Vangnet__LookSeen seen[FAMILY_LOOKS_MAX];
    Vangnet__LookSeen *seen_list[FAMILY_LOOKS_MAX];
    Vangnet__LookFlag flags[FAMILY_FLAGS_MAX];
    Vangnet__LookFlag *flag_list[FAMILY_FLAGS_MAX];
    Vangnet__LookAsk asks[FAMILY_ASKS_MAX];
    Vangnet__LookAsk *ask_list[FAMILY_ASKS_MAX];
};

static size_t at_most(size_t count, size_t max) {
    return count < max ? count : max;
}

static void build_supports(struct answer_build *build, const struct look_answer *answer,
                           Vangnet__LookAnswer *message) {
    message->n_supports = at_most(answer->support_count, FAMILY_SUPPORTS_MAX);
    message->supports = build->support_list;
    for (size_t i = 0; i < message->n_supports; i++) {
        const struct look_support *from = &answer->supports[i];
        Vangnet__LookSupport *support = &build->supports[i];
        vangnet__look_support__init(support);
        support->organisation = codec_text(from->org.text);
        support->org_kind = from->org_kind;
        support->kind = from->kind;
        support->distance = from->distance;
        support->state = from->state;
        support->silent = from->silent;
        support->since_day = from->since_day;
        support->end_day = from->end_day;
        build->support_list[i] = support;
    }
}

static void build_seen(struct answer_build *build, const struct look_answer *answer,
                       Vangnet__LookAnswer *message) {
    message->n_seen = at_most(answer->seen_count, FAMILY_LOOKS_MAX);
    message->seen = build->seen_list;
    for (size_t i = 0; i < message->n_seen; i++) {
        vangnet__look_seen__init(&build->seen[i]);
        build->seen[i].organisation = codec_text(answer->seen[i].org.text);
        build->seen[i].day = answer->seen[i].day;
        build->seen_list[i] = &build->seen[i];
    }
}

static void build_flags(struct answer_build *build, const struct look_answer *answer,
                        Vangnet__LookAnswer *message) {
    message->n_flags = at_most(answer->flag_count, FAMILY_FLAGS_MAX);
    message->flags = build->flag_list;
    for (size_t i = 0; i < message->n_flags; i++) {
        const struct look_flag *from = &answer->flags[i];
        Vangnet__LookFlag *flag = &build->flags[i];
        vangnet__look_flag__init(flag);
        flag->kind = from->kind;
        flag->state = from->state;
        flag->opened_day = from->opened_day;
        flag->turn = codec_text(from->turn.text);
        build->flag_list[i] = flag;
    }
}

static void build_asks(struct answer_build *build, const struct look_answer *answer,
                       Vangnet__LookAnswer *message) {
    message->n_asks = at_most(answer->ask_count, FAMILY_ASKS_MAX);
    message->asks = build->ask_list;
    for (size_t i = 0; i < message->n_asks; i++) {
        const struct look_ask *from = &answer->asks[i];
        Vangnet__LookAsk *ask = &build->asks[i];
        vangnet__look_ask__init(ask);
        ask->to = codec_text(from->to.text);
        ask->service = codec_text(from->service.text);
        ask->state = from->state;
        ask->reason = from->reason;
        ask->asked_day = from->asked_day;
        build->ask_list[i] = ask;
    }
}

/* Drops the last of the list that a family misses least; false where all are empty. */
static bool cut_one(Vangnet__LookAnswer *message) {
    size_t *counts[] = {&message->n_seen, &message->n_asks, &message->n_flags,
                        &message->n_supports};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        if (*counts[i] > 0) {
            --*counts[i];
            return true;
        }
    }
    return false;
}

int look_answer_encode(const struct look_answer *answer, struct arena *arena, struct bytes *ret) {
    static const size_t sizes[] = {LOOK_ANSWER_BYTES};
    static const struct codec_padding padding = {
        .field = LOOK_PADDING_FIELD, .sizes = sizes, .count = 1};
    Vangnet__LookAnswer message = VANGNET__LOOK_ANSWER__INIT;
    Vangnet__SignedToken token;
    struct answer_build *build = ARENA_NEW(arena, struct answer_build);
    if (build == NULL) {
        return ERR_NO_MEMORY;
    }
    if (answer->found) { /* else nothing but padding, whatever the caller left in it */
        message.found = true;
        message.token = token_part(&answer->token, &token);
        build_supports(build, answer, &message);
        build_seen(build, answer, &message);
        build_flags(build, answer, &message);
        build_asks(build, answer, &message);
    }
    int r = codec_pack_padded(&message.base, &padding, arena, ret);
    while (r == ERR_TOO_LARGE && cut_one(&message)) {
        r = codec_pack_padded(&message.base, &padding, arena, ret);
    }
    return r;
}
