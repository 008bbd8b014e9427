#include "node/core/items.h"
#include "node/core/register.h"
#include "node/core/supports.h"
#include "shared/base/civil.h"

/* Supports that follow the register. */

/* -- what the register says -- */

static enum end_reason end_reason_of(enum close_reason reason) {
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

bool support_day_has_been(int32_t day, int32_t today) {
    return day != REGISTER_DAY_NONE && day <= today;
}

static int32_t contact_of(const struct register_case *one, int32_t today) {
    int32_t day = REGISTER_DAY_NONE;
    if (support_day_has_been(one->first_appointment_day, today)) {
        day = one->first_appointment_day;
    }
    if (support_day_has_been(one->last_contact_day, today) && one->last_contact_day > day) {
        day = one->last_contact_day;
    }
    return day;
}

void support_next_word(struct own_support *own) {
    own->said.number++;
    if (own->contact_day > own->said.confirmed_day) {
        own->said.confirmed_day = own->contact_day;
    }
}

void support_clear_end(struct support *said) {
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
        bool closed = support_day_has_been(one->closed_day, today);
        bool ended = own->said.state == SUPPORT_ENDED;
        if (contact > own->contact_day) {
            own->contact_day = contact;
            step.changed = true;
        }
        if (closed && !ended) {
            end_by_case(own, one);
            step.say = true;
        } else if (!closed && ended) {
            support_clear_end(&own->said);
            step.say = true;
        }
    }
    bool stale = today - own->said.confirmed_day >= SUPPORT_CONFIRM_DAYS;
    bool newer = own->contact_day > own->said.confirmed_day;
    if (own->said.state != SUPPORT_ENDED && newer && stale) {
        step.say = true;
    }
    if (step.say) {
        support_next_word(own);
        step.changed = true;
    }
    return step;
}

int support_case(const struct node *node, const struct turn_view *view, const char *id,
                 struct register_case *memory, const struct register_case **ret) {
    const struct node_keys *keys = &node->params.keys;
    int r = register_find(view->txn, &keys->records, keys->index, id, memory);
    *ret = r == 0 ? memory : NULL;
    return r == ERR_NOT_FOUND || r == ERR_CRYPTO ? 0 : r;
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
        return support_give_up(node, view, row, REFUSAL_NO_CONSENT, ret);
    }
    int r = family_covered(node, view, row, MESSAGE_KIND_SUPPORT, false, &refusal);
    if (r < 0 || refusal != REFUSAL_NONE) {
        return r;
    }
    support_next_word(own);
    return support_say(node, view, row, ret);
}

static int follow(struct node *node, const struct turn_view *view, struct family_row *row,
                  struct decision *ret) {
    struct own_support *own = &row->support;
    struct register_case memory;
    const struct register_case *one = NULL;
    const int32_t today = brussels_day(view->now_ms);
    enum refusal refusal = REFUSAL_NONE;
    int r = own->follows_case ? support_case(node, view, own->case_id, &memory, &one) : 0;
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
    return support_say(node, view, row, ret);
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
