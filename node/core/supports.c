#include "node/core/supports.h"

#include <string.h>

#include "node/core/items.h"
#include "node/core/register.h"
#include "shared/base/civil.h"

enum { NUMBER_LEAP = 1000, ENDING_DAYS_MAX = 366 };

/* -- what the register says -- */

enum end_reason end_reason_of(enum close_reason reason) {
    switch (reason) {
    case CLOSE_REASON_FINISHED:
        return END_FINISHED;
    case CLOSE_REASON_MOVED:
        return END_MOVING;
    case CLOSE_REASON_UNREACHABLE:
        return END_UNREACHABLE;
    case CLOSE_REASON_NOT_COMPETENT:
        return END_NOT_COMPETENT;
    case CLOSE_REASON_REFUSED:
        return END_FAMILY_WISH;
    case CLOSE_REASON_NONE:
    case CLOSE_REASON_ELSEWHERE:
    case CLOSE_REASON_OTHER:
    default:
        return END_OTHER;
    }
}

static bool has_been(int32_t day, int32_t today) {
    return day != REGISTER_DAY_NONE && day <= today;
}

static int32_t contact_of(const struct register_case *one, int32_t today) {
    int32_t day = REGISTER_DAY_NONE;
    if (has_been(one->first_appointment_day, today)) {
        day = one->first_appointment_day;
    }
    if (has_been(one->last_contact_day, today) && one->last_contact_day > day) {
        day = one->last_contact_day;
    }
    return day;
}

/* The next thing that we say of it. */
static void next_word(struct own_support *own) {
    own->said.number++;
    if (own->contact_day > own->said.confirmed_day) {
        own->said.confirmed_day = own->contact_day;
    }
}

static void clear_end(struct support *said) {
    said->state = SUPPORT_ACTIVE;
    said->why = END_REASON_NONE;
    said->end_day = 0;
    said->moving_to = (struct nis){0};
    said->successor = (struct org_id){{0}};
}

static void end_by_case(struct own_support *own, const struct register_case *one) {
    struct support *said = &own->said;
    enum end_reason why = end_reason_of(one->close_reason);
    bool announced = said->state == SUPPORT_ENDING && (why == said->why || why == END_OTHER);
    if (!announced) { /* else where to and who comes after us stay as people said */
        said->why = why;
        said->moving_to = (struct nis){0};
        said->successor = (struct org_id){{0}};
    }
    said->state = SUPPORT_ENDED;
    said->end_day = one->closed_day;
}

struct support_step support_follow(struct own_support *own, const struct register_case *one,
                                   int32_t today) {
    struct support_step step = {0};
    if (!own->exists || !own->follows_case || own->given_up) {
        return step;
    }
    if (one != NULL) {
        int32_t contact = contact_of(one, today);
        bool closed = has_been(one->closed_day, today);
        bool ended = own->said.state == SUPPORT_ENDED;
        if (contact > own->contact_day) {
            own->contact_day = contact;
            step.changed = true;
        }
        if (closed && !ended) {
            end_by_case(own, one);
            step.say = true;
        } else if (!closed && ended) {
            clear_end(&own->said);
            step.say = true;
        }
    }
    bool stale = today - own->said.confirmed_day >= SUPPORT_CONFIRM_DAYS;
    bool newer = own->contact_day > own->said.confirmed_day;
    if (own->said.state != SUPPORT_ENDED && newer && stale) {
        step.say = true;
    }
    if (step.say) {
        next_word(own);
        step.changed = true;
    }
    return step;
}

/* -- saying it -- */

static int say(struct node *node, const struct turn_view *view, struct family_row *row,
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

static int find_case(const struct node *node, const struct turn_view *view, const char *id,
                     struct register_case *memory, const struct register_case **ret) {
    const struct node_keys *keys = &node->params.keys;
    int r = register_find(view->txn, &keys->records, keys->index, id, memory);
    *ret = r == 0 ? memory : NULL;
    return r == ERR_NOT_FOUND || r == ERR_CRYPTO ? 0 : r;
}

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
        r = find_case(node, view, case_id, &memory, &one);
    }
    if (r < 0) {
        return r;
    }
    if (one != NULL && has_been(one->closed_day, today)) {
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

static int start_met(struct node *node, const struct turn_view *view, struct family_row *row,
                     const struct support_words *words, struct decision *ret) {
    struct register_case memory;
    const struct register_case *one = NULL;
    int r = family_covered(node, view, row, MESSAGE_KIND_SUPPORT, false, &ret->refusal);
    if (r == 0 && ret->refusal == REFUSAL_NONE) {
        r = support_begin(node, view, row, words, &ret->refusal);
    }
    if (r == 0 && ret->refusal == REFUSAL_EXISTS) {
        return result_of_exists(node, view, words, row, ret);
    }
    if (r == 0 && ret->refusal == REFUSAL_NONE && words->case_id != NULL) {
        r = find_case(node, view, words->case_id, &memory, &one);
    }
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    r = say(node, view, row, ret);
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
    next_word(own);
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
    r = covered == REFUSAL_NONE ? say(node, view, met->row, ret)
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
    clear_end(&own->said);
    own->said.state = SUPPORT_ENDED;
    own->said.why = why;
    own->said.end_day = brussels_day(view->now_ms);
    own->follows_case = false;
    own->waits = false;
    return family_decide_row(node, view, row, ret);
}

/* People see an item; without a reason of the end, for the hub never had it. */
static int give_up(struct node *node, const struct turn_view *view, struct family_row *row,
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
        return give_up(node, view, row, note->refusal, ret);
    }
    if (note->refusal == REFUSAL_STALE) {
        own->said.number += NUMBER_LEAP;
    }
    own->waits_since_day = waits && !own->waits ? note->day : own->waits_since_day;
    own->waits = waits;
    return family_decide_row(node, view, row, ret);
}

/* -- the walk -- */

enum { SLICE_FAMILIES = 64 };

/* TABLE_SETTINGS "followed": how far. */
struct walk {
    uint64_t generation; /* of the register */
    int32_t day;
    uint32_t next; /* family's number */
    bool done;
};

static int walk_get(struct store_txn *view, struct walk *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_SETTINGS, bytes_from_text("followed"), &value);
    *ret = (struct walk){.day = INT32_MIN};
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    struct reader reader = reader_over(value);
    ret->generation = read_u64(&reader);
    ret->day = (int32_t)read_u32(&reader);
    ret->next = read_u32(&reader);
    ret->done = read_u8(&reader) != 0;
    return reader_end(&reader) < 0 ? ERR_STORAGE : 0;
}

static int walk_decide(const struct turn_view *view, const struct walk *walk,
                       struct decision *ret) {
    struct buf buf = decision_buf(view, 32);
    buf_u64(&buf, walk->generation);
    buf_u32(&buf, (uint32_t)walk->day);
    buf_u32(&buf, walk->next);
    buf_u8(&buf, walk->done);
    return decision_add(ret, NODE_FACT_SWEPT_SUPPORTS, &buf);
}

int supports_apply(const struct turn_view *view, const struct fact *fact) {
    store_put(view->txn, TABLE_SETTINGS, bytes_from_text("followed"), fact->body);
    return 0;
}

/* Refused yesterday: said again, or given up. */
static int try_again(struct node *node, const struct turn_view *view, struct family_row *row,
                     struct decision *ret) {
    struct own_support *own = &row->support;
    const int32_t today = brussels_day(view->now_ms);
    enum refusal refusal = REFUSAL_NONE;
    if (today - own->waits_since_day >= SUPPORT_RETRY_DAYS) {
        return give_up(node, view, row, REFUSAL_NO_CONSENT, ret);
    }
    int r = family_covered(node, view, row, MESSAGE_KIND_SUPPORT, false, &refusal);
    if (r < 0 || refusal != REFUSAL_NONE) {
        return r;
    }
    next_word(own);
    return say(node, view, row, ret);
}

static int follow(struct node *node, const struct turn_view *view, struct family_row *row,
                  struct decision *ret) {
    struct own_support *own = &row->support;
    struct register_case memory;
    const struct register_case *one = NULL;
    const int32_t today = brussels_day(view->now_ms);
    enum refusal refusal = REFUSAL_NONE;
    int r = own->follows_case ? find_case(node, view, own->case_id, &memory, &one) : 0;
    if (r < 0) {
        return r;
    }
    struct support_step step = support_follow(own, one, today);
    bool over = own->said.state == SUPPORT_ENDED;
    if (own->waits && over) {
        own->waits = false; /* the hub never had it */
        return family_decide_row(node, view, row, ret);
    }
    if (own->waits && own->said_day < today) {
        return try_again(node, view, row, ret);
    }
    if (!step.changed) {
        return 0;
    }
    if (!step.say || own->waits) {
        return family_decide_row(node, view, row, ret);
    }
    r = family_covered(node, view, row, MESSAGE_KIND_SUPPORT, false, &refusal);
    if (r < 0 || refusal != REFUSAL_NONE) {
        return r; /* found again tomorrow */
    }
    return say(node, view, row, ret);
}

static int follow_number(struct node *node, const struct turn_view *view, uint32_t number,
                         struct decision *ret) {
    struct family_vault vault = node_family_vault(node);
    struct family_row *row;
    int r = family_by_number(view->txn, &vault, number, view->arena, &row);
    if (r < 0) {
        return r == ERR_NOT_FOUND || r == ERR_CRYPTO ? 0 : r;
    }
    return row->withdrawn || !row->support.exists ? 0 : follow(node, view, row, ret);
}

/* `walk->next` is behind the last family that was done whole. The table's other keys are hashes. */
static int follow_slice(struct node *node, const struct turn_view *view, struct walk *walk,
                        struct decision *ret) {
    struct store_cursor cursor;
    const struct family_number_key from = family_number_key(walk->next);
    const struct bytes prefix = {.data = from.bytes, .length = 1};
    size_t count = 0;
    int r;
    for (r = store_seek(view->txn, TABLE_CARDS, BYTES_OF(from), &cursor);
         r == 0 && store_under(&cursor, prefix); r = store_next(&cursor)) {
        if (cursor.key.length != sizeof(from.bytes)) {
            continue;
        }
        if (count++ == SLICE_FAMILIES) {
            return 0;
        }
        const uint32_t number = be32_read(cursor.key.data + 1);
        const size_t facts = ret->fact_count;
        int failed = follow_number(node, view, number, ret);
        if (failed == ERR_AGAIN || failed == ERR_TOO_LARGE) {
            ret->fact_count = facts;
            return 0;
        }
        if (failed < 0) {
            return failed;
        }
        walk->next = number + 1;
    }
    return r < 0 && r != ERR_NOT_FOUND ? r : items_decide_old(node, view, ret, &walk->done);
}

int supports_decide_due(struct node *node, const struct turn_view *view, struct decision *ret) {
    struct register_generation standing = {0};
    struct walk before;
    const int32_t today = brussels_day(view->now_ms);
    int r = walk_get(view->txn, &before);
    if (r == 0) {
        r = register_standing(view->txn, &standing, NULL);
        r = r == ERR_NOT_FOUND ? 0 : r;
    }
    if (r < 0) {
        return r;
    }
    struct walk walk = before;
    if (before.generation != standing.generation || before.day != today) {
        walk = (struct walk){.generation = standing.generation, .day = today, .next = 1};
    }
    if (walk.done) {
        return 0;
    }
    const size_t facts = ret->fact_count;
    r = follow_slice(node, view, &walk, ret);
    if (r < 0) {
        return r;
    }
    bool moved = walk.next != before.next || walk.done || walk.day != before.day ||
                 walk.generation != before.generation;
    if (!moved) {
        return 0;
    }
    r = walk_decide(view, &walk, ret);
    if (r == ERR_TOO_LARGE) { /* the decision was full before: from there again */
        ret->fact_count = facts;
        return 0;
    }
    return r;
}
