#include "node/core/supports.h"

#include <string.h>

#include "node/core/items.h"
#include "shared/base/civil.h"

enum { NUMBER_LEAP = 1000, ENDING_DAYS_MAX = 366 };

/* -- saying it -- */

int support_say(struct node *node, const struct turn_view *view, struct family_row *row,
                struct decision *ret) {
    struct own_support *own = &row->support;
    struct proven proven;
    struct bytes body;
    own->said.purpose = purpose_of_kind(MESSAGE_KIND_SUPPORT);
    own->said.handle = row->handle;
    own->said.org = node->params.own.org;
    own->said_day = brussels_day(view->now_ms);
    int r = family_decide_row(node, view, row, ret);
    if (r == 0) {
        r = family_prove_support(view, row, &own->said, &proven);
    }
    if (r == 0) {
        r = proven_encode(&proven, view->arena, &body);
    }
    if (r < 0) {
        return r;
    }
    struct sent_note note = {.kind = MESSAGE_KIND_SUPPORT, .family = row->number};
    return family_post(node, view, body, &note, ret);
}

/* -- people: start -- */

static enum refusal judge_words(const struct support_words *words) {
    if (support_kind_text(words->kind) == NULL || support_distance_text(words->distance) == NULL) {
        return REFUSAL_UNKNOWN_VALUE;
    }
    if (words->case_id == NULL) {
        return REFUSAL_NONE;
    }
    size_t length = strlen(words->case_id);
    return length == 0 || length > CASE_ID_BYTES_MAX ? REFUSAL_MALFORMED : REFUSAL_NONE;
}

static int link_case(struct node *node, const struct turn_view *view, struct family_row *row,
                     const char *case_id, enum refusal *ret) {
    struct own_support *own = &row->support;
    struct family_vault vault = node_family_vault(node);
    struct family_row *other;
    struct register_case memory;
    const struct register_case *one;
    const int32_t today = brussels_day(view->now_ms);
    int r = family_by_case(view->txn, &vault, case_id, view->arena, &other);
    if (r == 0 && !family_handle_equal(&other->handle, &row->handle)) {
        *ret = REFUSAL_EXISTS;
        return 0;
    }
    if (r == 0 || r == ERR_NOT_FOUND || r == ERR_CRYPTO) {
        r = support_case(node, view, case_id, &memory, &one);
    }
    if (r < 0) {
        return r;
    }
    if (one != NULL && support_day_has_been(one->closed_day, today)) {
        *ret = REFUSAL_WRONG_MOVE;
        return 0;
    }
    own->follows_case = true;
    memset(own->case_id, 0, sizeof(own->case_id));
    memcpy(own->case_id, case_id, strlen(case_id));
    return 0;
}

int support_begin(struct node *node, const struct turn_view *view, struct family_row *row,
                  const struct support_words *words, enum refusal *ret_refusal) {
    struct own_support *own = &row->support;
    const uint32_t number = own->exists ? own->said.number : 0;
    enum refusal refusal = judge_words(words);
    if (refusal == REFUSAL_NONE && own->exists && !own->given_up &&
        own->said.state != SUPPORT_ENDED) {
        refusal = REFUSAL_EXISTS;
    }
    if (refusal != REFUSAL_NONE) {
        *ret_refusal = refusal;
        return 0;
    }
    struct own_support before = *own;
    *own = (struct own_support){
        .exists = true,
        .said = {.purpose = purpose_of_kind(MESSAGE_KIND_SUPPORT),
                 .handle = row->handle,
                 .org = node->params.own.org,
                 .number = number + 1,
                 .kind = words->kind,
                 .distance = words->distance,
                 .state = SUPPORT_ACTIVE,
                 .confirmed_day = brussels_day(view->now_ms), /* they're at the table */
                 .named = words->named},
        .contact_day = brussels_day(view->now_ms),
        .said_day = brussels_day(view->now_ms),
    };
    int r = 0;
    if (words->case_id != NULL) {
        r = link_case(node, view, row, words->case_id, &refusal);
    }
    if (r < 0 || refusal != REFUSAL_NONE) {
        *own = before;
    }
    *ret_refusal = refusal;
    return r;
}

static bool kind_allowed(enum role role, enum support_kind kind) {
    return kind == SUPPORT_INFORMAL || role == ROLE_CASEWORKER || role == ROLE_ADMINISTRATOR;
}

/* A question counts from when it was taken up. */
static bool item_allows(const struct item *item) {
    return item == NULL || item->kind != NOTICE_ASK || item->ask_state == ASK_TAKEN;
}

/* With a refusal EXISTS: whose number people look for. */
static int result_of_exists(struct node *node, const struct turn_view *view,
                            const struct support_words *words, const struct family_row *row,
                            struct decision *ret) {
    struct family_vault vault = node_family_vault(node);
    struct family_row *other;
    uint32_t number = row->number;
    bool own = row->support.exists && row->support.said.state != SUPPORT_ENDED;
    if (!own && words->case_id != NULL) {
        int r = family_by_case(view->txn, &vault, words->case_id, view->arena, &other);
        if (r < 0) {
            return r;
        }
        number = other->number;
    }
    return node_result(view, ret, "{\"family\":%u}", number);
}

int support_contacted(struct node *node, const struct turn_view *view, struct family_row *row,
                      struct decision *ret) {
    struct own_support *own = &row->support;
    const int32_t today = brussels_day(view->now_ms);
    if (!own->exists || own->given_up || own->said.state != SUPPORT_ACTIVE ||
        own->said.confirmed_day >= today) {
        return 0;
    }
    own->contact_day = own->contact_day > today ? own->contact_day : today;
    support_next_word(own);
    return support_say(node, view, row, ret);
}

/* "We support this family", said again of a support that no register confirms: they met today. */
static bool says_again(const struct own_support *own, const struct support_words *words) {
    return own->exists && !own->given_up && own->said.state == SUPPORT_ACTIVE &&
           !own->follows_case && words->case_id == NULL && own->said.kind == words->kind &&
           own->said.distance == words->distance;
}

static int start_met(struct node *node, const struct turn_view *view, struct family_row *row,
                     const struct support_words *words, struct decision *ret) {
    struct register_case memory;
    const struct register_case *one = NULL;
    int r = family_covered(node, view, row, MESSAGE_KIND_SUPPORT, false, &ret->refusal);
    if (r == 0 && ret->refusal == REFUSAL_NONE && says_again(&row->support, words)) {
        r = support_contacted(node, view, row, ret);
        return r < 0 ? r : node_result(view, ret, "{\"family\":%u,\"case\":\"none\"}", row->number);
    }
    if (r == 0 && ret->refusal == REFUSAL_NONE) {
        r = support_begin(node, view, row, words, &ret->refusal);
    }
    if (r == 0 && ret->refusal == REFUSAL_EXISTS) {
        return result_of_exists(node, view, words, row, ret);
    }
    if (r == 0 && ret->refusal == REFUSAL_NONE && words->case_id != NULL) {
        r = support_case(node, view, words->case_id, &memory, &one);
    }
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    r = support_say(node, view, row, ret);
    const char *followed = one != NULL ? "followed" : "not-there-yet";
    return r < 0 ? r
                 : node_result(view, ret, "{\"family\":%u,\"case\":\"%s\"}", row->number,
                               words->case_id == NULL ? "none" : followed);
}

int support_start_decide(struct node *node, const struct turn_view *view,
                         const struct command *command, struct decision *ret) {
    const struct support_start_arguments *arguments = command->arguments;
    struct family_met *met = NULL;
    struct family_row *row = NULL;
    if (!kind_allowed(command->actor.role, arguments->words.kind)) {
        ret->refusal = REFUSAL_NOT_ALLOWED;
        return 0;
    }
    int r = family_meet(node, view, &arguments->who, &met, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    if (!item_allows(met->item)) {
        ret->refusal = REFUSAL_WRONG_MOVE;
        return 0;
    }
    r = family_row_of(node, view, met, &row, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    return start_met(node, view, row, &arguments->words, ret);
}

/* -- people: end -- */

static enum refusal judge_end(const struct support_end_arguments *arguments, bool now,
                              int32_t today) {
    enum end_reason why = arguments->why;
    if (end_reason_text(why) == NULL || why == END_ORGANISATION_LEFT) {
        return REFUSAL_UNKNOWN_VALUE;
    }
    if (arguments->moving_to.code != 0 &&
        (why != END_MOVING || arguments->moving_to.code > 99999)) {
        return REFUSAL_MALFORMED;
    }
    if (!day_valid(arguments->end_day)) {
        return REFUSAL_MALFORMED;
    }
    bool in_place =
        now ? arguments->end_day <= today
            : arguments->end_day >= today && arguments->end_day <= today + ENDING_DAYS_MAX;
    return in_place ? REFUSAL_NONE : REFUSAL_IMPLAUSIBLE;
}

static int judge_successor(const struct node *node, const struct turn_view *view,
                           const struct org_id *successor, enum refusal *ret) {
    struct membership member;
    if (successor->text[0] == '\0') {
        return 0;
    }
    if (org_id_equal(successor, &node->params.own.org)) {
        *ret = REFUSAL_NOT_ALLOWED;
        return 0;
    }
    return family_member(view, successor, &member, ret);
}

/* What people end no import starts again. */
static void end_by_people(struct own_support *own, const struct support_end_arguments *arguments,
                          bool now) {
    own->said.state = now ? SUPPORT_ENDED : SUPPORT_ENDING;
    own->said.why = arguments->why;
    own->said.end_day = arguments->end_day;
    own->said.moving_to = arguments->moving_to;
    own->said.successor = arguments->successor;
    own->follows_case = own->follows_case && !now;
    own->waits = own->waits && !now;
    support_next_word(own);
}

int support_end_decide(struct node *node, const struct turn_view *view,
                       const struct command *command, struct decision *ret) {
    struct support_end_arguments arguments =
        *(const struct support_end_arguments *)command->arguments;
    const bool now = command->kind == NODE_COMMAND_SUPPORT_END;
    const int32_t today = brussels_day(view->now_ms);
    struct family_met *met = NULL;
    enum refusal covered = REFUSAL_NONE;
    arguments.end_day = now && arguments.end_day == 0 ? today : arguments.end_day;
    int r = family_meet(node, view, &arguments.who, &met, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    if (met->row == NULL || !met->row->support.exists) {
        ret->refusal = REFUSAL_NOT_FOUND;
        return 0;
    }
    if (!kind_allowed(command->actor.role, met->row->support.said.kind)) {
        ret->refusal = REFUSAL_NOT_ALLOWED;
        return 0;
    }
    ret->refusal = met->row->support.said.state == SUPPORT_ENDED
                       ? REFUSAL_WRONG_MOVE
                       : judge_end(&arguments, now, today);
    if (ret->refusal == REFUSAL_NONE) {
        r = judge_successor(node, view, &arguments.successor, &ret->refusal);
    }
    if (r == 0) {
        r = family_covered(node, view, met->row, MESSAGE_KIND_SUPPORT, false, &covered);
    }
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    end_by_people(&met->row->support, &arguments, now);
    /* Without a consent there's nobody to tell, but our own part ends all the same. */
    r = covered == REFUSAL_NONE ? support_say(node, view, met->row, ret)
                                : family_decide_row(node, view, met->row, ret);
    return r < 0 ? r : node_result(view, ret, "{\"family\":%u}", met->row->number);
}

/* -- the neighbour, the buddy -- */

static size_t informal_find(const struct family_row *row, const char *name) {
    size_t at = 0;
    while (at < row->informal_count && strcmp(row->informal[at].name, name) != 0) {
        at++;
    }
    return at;
}

static enum refusal informal_change(struct family_row *row,
                                    const struct informal_arguments *arguments) {
    const char *what = arguments->what == NULL ? "" : arguments->what;
    if (arguments->name == NULL || arguments->name[0] == '\0') {
        return REFUSAL_MALFORMED;
    }
    if (strlen(arguments->name) > INFORMAL_TEXT_MAX || strlen(what) > INFORMAL_TEXT_MAX) {
        return REFUSAL_TOO_LARGE;
    }
    size_t at = informal_find(row, arguments->name);
    if (arguments->remove) {
        if (at == row->informal_count) {
            return REFUSAL_NOT_FOUND;
        }
        row->informal[at] = row->informal[--row->informal_count];
        return REFUSAL_NONE;
    }
    if (at == INFORMAL_MAX) {
        return REFUSAL_OVER_QUOTA;
    }
    row->informal_count += at == row->informal_count ? 1 : 0;
    row->informal[at] = (struct informal_supporter){.name = ""};
    memcpy(row->informal[at].name, arguments->name, strlen(arguments->name));
    memcpy(row->informal[at].what, what, strlen(what));
    return REFUSAL_NONE;
}

int informal_decide(struct node *node, const struct turn_view *view, const struct command *command,
                    struct decision *ret) {
    const struct informal_arguments *arguments = command->arguments;
    struct family_met *met = NULL;
    const struct family_who who = {.family = arguments->family};
    int r = family_meet(node, view, &who, &met, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    ret->refusal = informal_change(met->row, arguments);
    if (ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    r = family_decide_row(node, view, met->row, ret);
    return r < 0 ? r
                 : node_result(view, ret, "{\"family\":%u,\"informal\":%zu}", met->row->number,
                               met->row->informal_count);
}

/* -- the hub's word -- */

int support_over_decide(struct node *node, const struct turn_view *view, struct family_row *row,
                        enum end_reason why, struct decision *ret) {
    struct own_support *own = &row->support;
    if (!own->exists || own->said.state == SUPPORT_ENDED) {
        return 0;
    }
    support_clear_end(&own->said);
    own->said.state = SUPPORT_ENDED;
    own->said.why = why;
    own->said.end_day = brussels_day(view->now_ms);
    own->follows_case = false;
    own->waits = false;
    return family_decide_row(node, view, row, ret);
}

int support_give_up(struct node *node, const struct turn_view *view, struct family_row *row,
                    enum refusal refusal, struct decision *ret) {
    row->support.waits = false;
    row->support.given_up = true;
    struct item item = {
        .id = item_id_of(NOTICE_SUPPORT_OVER, BYTES_OF(row->handle)),
        .kind = NOTICE_SUPPORT_OVER,
        .handle = row->handle,
        .family = row->number,
        .state = ITEM_NEW,
        .refusal = refusal,
        .received_ms = view->now_ms,
    };
    int r = family_decide_row(node, view, row, ret);
    return r < 0 ? r : item_decide(node, view, &item, ret);
}

int support_settled(struct node *node, const struct turn_view *view, const struct sent_note *note,
                    struct decision *ret) {
    struct family_vault vault = node_family_vault(node);
    struct family_row *row;
    int r = family_by_number(view->txn, &vault, note->family, view->arena, &row);
    if (r < 0) {
        return r == ERR_NOT_FOUND || r == ERR_CRYPTO ? 0 : r;
    }
    struct own_support *own = &row->support;
    bool waits = note->refusal == REFUSAL_NO_CONSENT || note->refusal == REFUSAL_STALE;
    if (!own->exists || own->said.state == SUPPORT_ENDED || own->given_up ||
        (note->refusal == REFUSAL_NONE && !own->waits)) {
        return 0;
    }
    if (note->refusal != REFUSAL_NONE && !waits) {
        return support_give_up(node, view, row, note->refusal, ret);
    }
    if (note->refusal == REFUSAL_STALE) {
        own->said.number += NUMBER_LEAP;
    }
    own->waits_since_day = waits && !own->waits ? note->day : own->waits_since_day;
    own->waits = waits;
    return family_decide_row(node, view, row, ret);
}
