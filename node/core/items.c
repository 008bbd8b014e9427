#include "node/core/items.h"

#include <string.h>

#include "shared/base/civil.h"
#include "shared/crypto/hash.h"
#include "shared/post/outbox.h"

/* -- which one -- */

struct message_id item_id_of(enum notice_kind kind, struct bytes subject) {
    struct hash hash;
    struct message_id id;
    hash_begin(&hash, "item/v1");
    hash_u64(&hash, (uint64_t)kind);
    hash_run(&hash, subject);
    struct digest digest = hash_end(&hash);
    memcpy(id.bytes, digest.bytes, sizeof(id.bytes));
    return id;
}

int item_about(struct node *node, const struct turn_view *view, enum notice_kind kind,
               struct bytes subject, struct item **ret) {
    struct family_vault vault = node_family_vault(node);
    struct message_id id = item_id_of(kind, subject);
    int r = item_by_id(view->txn, &vault, &id, view->arena, ret);
    if (r == ERR_NOT_FOUND || r == ERR_CRYPTO) {
        *ret = NULL;
        return 0;
    }
    return r;
}

int item_meet(struct node *node, const struct turn_view *view, uint32_t number,
              enum notice_kind kind, struct item **ret, enum refusal *ret_refusal) {
    struct family_vault vault = node_family_vault(node);
    int r = item_get(view->txn, &vault, number, view->arena, ret);
    if (r == ERR_NOT_FOUND || r == ERR_CRYPTO) {
        *ret_refusal = REFUSAL_NOT_FOUND;
        return 0;
    }
    if (r == 0 && kind != NOTICE_KIND_NONE && (*ret)->kind != kind) {
        *ret_refusal = REFUSAL_WRONG_MOVE;
    }
    return r;
}

int item_covered(const struct node *node, const struct turn_view *view, const struct item *item,
                 enum message_kind kind, enum refusal *ret) {
    struct family_row *row = ARENA_NEW(view->arena, struct family_row);
    if (row == NULL) {
        return ERR_NO_MEMORY;
    }
    row->handle = item->handle;
    row->token = item->token;
    return family_covered(node, view, row, kind, false, ret);
}

/* -- whose -- */

static bool awaits_others(const struct item *item) {
    if (item->state != ITEM_TAKEN || item->refusal != REFUSAL_NONE) {
        return false;
    }
    switch (item->kind) {
    case NOTICE_ASK_NEWS:
        return item->ask_state == ASK_OPEN || item->ask_state == ASK_PASSED_ON;
    case NOTICE_ANSWER:
    case NOTICE_CALLED_BACK:
        return item->flag.state == FLAG_STATE_NONE || item->flag.state == FLAG_OPEN;
    case NOTICE_KIND_NONE:
    case NOTICE_FLAG:
    case NOTICE_FLAG_OVER:
    case NOTICE_ENDING:
    case NOTICE_ASK:
    case NOTICE_CALL_BACK:
    case NOTICE_NEW_CARD:
    case NOTICE_SUPPORT_OVER:
    default:
        return false;
    }
}

/* Whether it's for our people to do something: not done, and not our own waiting for others. */
static bool waits(const struct item *item) {
    return item->state != ITEM_DONE && !awaits_others(item);
}

void item_take(struct item *item, const struct actor *actor) {
    item->state = ITEM_TAKEN;
    item->taken_by = actor->user;
    item->team = actor->team;
}

void item_hand_back(struct item *item) {
    item->state = ITEM_NEW;
    item->taken_by = (struct user_id){{0}};
}

void item_renew(struct item *item, bool urgent) {
    item->state = ITEM_NEW;
    item->urgent = urgent;
    item->mailed = false;
}

/* -- done -- */

/* Whether ticking it off would leave somebody waiting. */
static bool needs_more(const struct item *item) {
    switch (item->kind) {
    case NOTICE_FLAG:
        return item->flag.yours && item->flag.state != FLAG_CLOSED;
    case NOTICE_ASK:
        return item->ask_state == ASK_OPEN;
    case NOTICE_CALL_BACK:
        return item->flag.state == FLAG_STATE_NONE;
    case NOTICE_KIND_NONE:
    case NOTICE_FLAG_OVER:
    case NOTICE_ANSWER:
    case NOTICE_ENDING:
    case NOTICE_ASK_NEWS:
    case NOTICE_CALLED_BACK:
    case NOTICE_NEW_CARD:
    case NOTICE_SUPPORT_OVER:
    default:
        return awaits_others(item);
    }
}

int item_done_decide(struct node *node, const struct turn_view *view, const struct command *command,
                     struct decision *ret) {
    const struct item_arguments *arguments = command->arguments;
    struct item *item = NULL;
    int r = item_meet(node, view, arguments->item, NOTICE_KIND_NONE, &item, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    bool own = memcmp(&item->taken_by, &command->actor.user, sizeof(item->taken_by)) == 0;
    if (command->actor.role != ROLE_CASEWORKER && !own) {
        ret->refusal = REFUSAL_NOT_YOURS;
        return 0;
    }
    if (needs_more(item)) {
        ret->refusal = REFUSAL_WRONG_MOVE;
        return 0;
    }
    item->state = ITEM_DONE;
    r = item_decide(node, view, item, ret);
    return r < 0 ? r : node_result(view, ret, "{\"item\":%u}", item->number);
}

static int mark_mailed(struct node *node, const struct turn_view *view, uint32_t number,
                       struct decision *ret, size_t *ret_count) {
    struct family_vault vault = node_family_vault(node);
    struct item *item;
    int r = item_get(view->txn, &vault, number, view->arena, &item);
    if (r < 0) {
        return r == ERR_NOT_FOUND || r == ERR_CRYPTO ? 0 : r;
    }
    if (item->mailed) {
        return 0;
    }
    item->mailed = true;
    (*ret_count)++;
    return item_decide(node, view, item, ret);
}

int items_mailed_decide(struct node *node, const struct turn_view *view,
                        const struct command *command, struct decision *ret) {
    const struct items_mailed_arguments *arguments = command->arguments;
    size_t count = 0;
    if (arguments->count > ITEMS_MAILED_MAX) {
        ret->refusal = REFUSAL_TOO_LARGE;
        return 0;
    }
    for (size_t i = 0; i < arguments->count; i++) {
        int r = mark_mailed(node, view, arguments->items[i], ret, &count);
        if (r < 0) {
            return r;
        }
    }
    return node_result(view, ret, "{\"items\":%zu}", count);
}

/* -- what the hub made of what we said -- */

static void forget_contact(struct item *item) {
    item->has_contact = false;
    item->contact = (struct contact){.text = ""};
}

/* Nothing about a family without a consent stays, but who said it must hear. */
static void forget_family(struct item *item) {
    item->handle = (struct family_handle){{0}};
    item->family = 0;
    item->token = (struct signed_token){.token = {0}};
    forget_contact(item);
}

static void take_refusal(struct item *item, const struct sent_note *note) {
    item->refusal = note->refusal;
    item->taken_by =
        note->kind == MESSAGE_KIND_FLAG_ANSWER ? (struct user_id){{0}} : item->taken_by;
    item_renew(item, item->urgent);
    if (note->kind == MESSAGE_KIND_CALLED_BACK) {
        item->flag.state = FLAG_STATE_NONE;
    }
    if (note->kind == MESSAGE_KIND_ASK && item->ask_state == ASK_OPEN) {
        item->ask_state = ASK_STATE_NONE; /* it was never asked */
    }
    if (note->kind == MESSAGE_KIND_CALL_BACK) {
        forget_contact(item); /* nobody will be asked with it any more */
    }
    /* The rest stays as notices have it: what changed before we spoke is on its way to us. */
    if (note->refusal == REFUSAL_NO_CONSENT) {
        forget_family(item);
    }
}

int item_settled(struct node *node, const struct turn_view *view, const struct sent_note *note,
                 struct decision *ret) {
    struct family_vault vault = node_family_vault(node);
    struct item *item;
    int r = item_get(view->txn, &vault, note->item, view->arena, &item);
    if (r < 0) {
        return r == ERR_NOT_FOUND || r == ERR_CRYPTO ? 0 : r;
    }
    if (note->refusal == REFUSAL_NONE) {
        return 0;
    }
    take_refusal(item, note);
    return item_decide(node, view, item, ret);
}

/* -- all of them -- */

/* So that what else the tick decided has its place beside them. */
enum { OLD_AT_ONCE = 128 };

struct old_items {
    struct node *node;
    const struct turn_view *view;
    struct decision *decision;
    size_t count;
    const uint64_t *used; /* keys that something in the outbox lies under */
    size_t used_count;
};

/* What we said of it may still be on its way, or be wanted by a hub put back from a backup: it lies
 * under the item's key, and would go with it. */
static bool is_spoken_of(const struct old_items *old, const struct item *item) {
    for (size_t i = 0; i < old->used_count; i++) {
        if (old->used[i] == item->record_key) {
            return true;
        }
    }
    return false;
}

static int drop_old(void *context, const struct item *item) {
    struct old_items *old = context;
    int64_t age_ms = old->view->now_ms - item->received_ms;
    if (item->state != ITEM_DONE || age_ms < (int64_t)ITEM_KEEP_DAYS * DAY_MS ||
        is_spoken_of(old, item)) {
        return 0;
    }
    if (old->count++ == OLD_AT_ONCE) {
        return ERR_AGAIN;
    }
    return item_decide_gone(old->node, old->view, item, old->decision);
}

int items_decide_old(struct node *node, const struct turn_view *view, struct decision *ret,
                     bool *ret_all) {
    struct family_vault vault = node_family_vault(node);
    struct old_items old = {.node = node, .view = view, .decision = ret};
    int r = outbox_record_keys(view->txn, view->arena, &old.used, &old.used_count);
    if (r == 0) {
        r = item_each(view->txn, &vault, view->arena, drop_old, &old);
    }
    *ret_all = r == 0;
    return r == ERR_TOO_LARGE || r == ERR_AGAIN ? 0 : r;
}

struct counting {
    const struct items_question *question;
    struct items_waiting *waiting;
};

static bool for_team(const struct item *item, const struct team_id *team) {
    static const struct team_id all;
    return memcmp(team, &all, sizeof(all)) == 0 || memcmp(&item->team, &all, sizeof(all)) == 0 ||
           memcmp(&item->team, team, sizeof(all)) == 0;
}

static int count_item(void *context, const struct item *item) {
    const struct counting *counting = context;
    struct items_waiting *waiting = counting->waiting;
    if (!waits(item) || !for_team(item, &counting->question->team)) {
        return 0;
    }
    int32_t days = brussels_day(counting->question->now_ms) - brussels_day(item->received_ms);
    waiting->waiting++;
    waiting->oldest_days = days > waiting->oldest_days ? days : waiting->oldest_days;
    waiting->unmailed += item->mailed ? 0 : 1;
    if (item->urgent && !item->mailed && waiting->count < ITEMS_MAILED_MAX) {
        waiting->numbers[waiting->count++] = item->number;
    }
    return 0;
}

int items_waiting(struct store_txn *view, const struct family_vault *vault,
                  const struct items_question *question, struct arena *arena,
                  struct items_waiting *ret) {
    struct counting counting = {.question = question, .waiting = ret};
    *ret = (struct items_waiting){.numbers = ARENA_ARRAY(arena, uint32_t, ITEMS_MAILED_MAX)};
    return ret->numbers == NULL ? ERR_NO_MEMORY
                                : item_each(view, vault, arena, count_item, &counting);
}
