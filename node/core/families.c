#include "node/core/families.h"

#include <string.h>

#include "node/core/hours.h"
#include "node/core/own_entry.h"
#include "node/core/rotation.h"
#include "node/core/stones.h"
#include "shared/base/civil.h"

/* Who is meant, what a consent covers, and which file does what. */

enum { SETTLED_A_TICK = 32, SWEEP_EVERY_MS = 60 * MINUTE_MS };

/* -- who is meant -- */

static size_t ways(const struct family_who *who) {
    return (size_t)(who->card != NULL) + (who->family != 0) + (who->item != 0);
}

static int none_yet(int r) {
    return r == ERR_NOT_FOUND ? 0 : r;
}

static int meet_by_item(struct node *node, const struct turn_view *view, uint32_t number,
                        struct family_met *met) {
    static const struct family_handle nobody;
    const struct family_vault vault = node_family_vault(node);
    int r = item_get(view->txn, &vault, number, view->arena, &met->item);
    if (r < 0) {
        return r;
    }
    if (family_handle_equal(&met->item->handle, &nobody)) {
        return ERR_NOT_FOUND;
    }
    met->handle = met->item->handle;
    return none_yet(family_find(view->txn, &vault, &met->handle, view->arena, &met->row));
}

/* Errors: ERR_NOT_FOUND where the number or item isn't. */
static int meet(struct node *node, const struct turn_view *view, const struct family_who *who,
                struct family_met *met) {
    const struct family_vault vault = node_family_vault(node);
    if (who->item != 0) {
        return meet_by_item(node, view, who->item, met);
    }
    if (who->card != NULL) {
        met->card = who->card;
        met->handle = card_handle(who->card, &node->params.own.hub);
        return none_yet(family_find(view->txn, &vault, &met->handle, view->arena, &met->row));
    }
    int r = family_by_number(view->txn, &vault, who->family, view->arena, &met->row);
    if (r == 0) {
        met->handle = met->row->handle;
    }
    return r;
}

static bool has_ended(const struct node *node, const struct turn_view *view,
                      const struct family_row *row) {
    return row->end_month != 0 && !node->clock_halted &&
           view->now_ms >= consent_end_ms(row->end_month);
}

int family_meet_leaving(struct node *node, const struct turn_view *view,
                        const struct family_who *who, struct family_met **ret,
                        enum refusal *ret_refusal) {
    bool stoned;
    struct family_met *met = ARENA_NEW(view->arena, struct family_met);
    if (met == NULL) {
        return ERR_NO_MEMORY;
    }
    if (ways(who) != 1) {
        *ret_refusal = REFUSAL_MALFORMED;
        return 0;
    }
    int r = meet(node, view, who, met);
    if (r < 0) {
        *ret_refusal = REFUSAL_NOT_FOUND;
        return none_yet(r);
    }
    r = stone_stands(node, view->txn, &met->handle, &stoned);
    if (r < 0) {
        return r;
    }
    const struct family_row *row = met->row;
    const bool left = row != NULL && row->withdrawn && row->refusal == REFUSAL_NONE;
    if (stoned || left || (row != NULL && has_ended(node, view, row))) {
        *ret_refusal = REFUSAL_NO_CONSENT;
        return 0;
    }
    *ret_refusal = REFUSAL_NONE;
    *ret = met;
    return 0;
}

int family_meet(struct node *node, const struct turn_view *view, const struct family_who *who,
                struct family_met **ret, enum refusal *ret_refusal) {
    struct family_met *met = NULL;
    int r = family_meet_leaving(node, view, who, &met, ret_refusal);
    if (r < 0 || *ret_refusal != REFUSAL_NONE) {
        return r;
    }
    if (met->row != NULL && met->row->withdrawn) {
        *ret_refusal = REFUSAL_NO_CONSENT;
        return 0;
    }
    *ret = met;
    return 0;
}

/* What came with the item, or with the card. */
static bool fill_row(const struct node *node, const struct family_met *met,
                     struct family_row *row) {
    if (met->card != NULL) {
        row->presence = card_presence_seed(met->card, &node->params.own.hub);
        return true;
    }
    if (met->item == NULL || !met->item->has_contact || !met->item->contact.has_presence) {
        return false;
    }
    row->presence = met->item->contact.presence;
    row->token = met->item->token;
    return true;
}

int family_row_of(struct node *node, const struct turn_view *view, const struct family_met *met,
                  struct family_row **ret, enum refusal *ret_refusal) {
    *ret_refusal = REFUSAL_NONE;
    if (met->row != NULL) {
        *ret = met->row;
        return 0;
    }
    struct family_row *row = ARENA_NEW(view->arena, struct family_row);
    if (row == NULL) {
        return ERR_NO_MEMORY;
    }
    row->handle = met->handle;
    row->since_ms = view->now_ms;
    if (!fill_row(node, met, row)) {
        *ret_refusal = REFUSAL_NO_CONSENT;
        return 0;
    }
    *ret = row;
    return row->token.token.length == 0 ? 0 : family_row_learn(view, row, &row->token);
}

int family_row_learn(const struct turn_view *view, struct family_row *row,
                     const struct signed_token *from) {
    struct consent_token token;
    if (consent_token_decode(from->token, view->arena, &token) != REFUSAL_NONE) {
        return ERR_STORAGE; /* it was good when it came */
    }
    row->token = *from;
    row->end_month = token.end_month;
    row->scopes = token.scopes;
    return 0;
}

/* -- what a consent covers -- */

enum purpose purpose_of_kind(enum message_kind kind) {
    const struct consent_need *need = consent_need_of(kind);
    return need == NULL ? PURPOSE_CONCERN : need->purpose; /* of call-backs, which are about none */
}

int family_covered(const struct node *node, const struct turn_view *view,
                   const struct family_row *row, enum message_kind kind, bool by_family,
                   enum refusal *ret) {
    struct consent_token token;
    *ret = REFUSAL_NONE;
    if (row == NULL || row->token.token.length == 0) {
        return 0;
    }
    if (consent_token_decode(row->token.token, view->arena, &token) != REFUSAL_NONE) {
        return ERR_STORAGE;
    }
    const struct consent_question question = {
        .kind = kind,
        .purpose = (uint32_t)purpose_of_kind(kind),
        .by_family = by_family,
        .now_ms = view->now_ms,
        .clock_off = node->clock_halted,
    };
    *ret = consent_covers(&token, row->withdrawn ? CONSENT_WITHDRAWN : CONSENT_GIVEN, &question);
    return 0;
}

/* -- keys -- */

void node_offer_keys(struct node *node, uint64_t first_id, uint32_t count) {
    if (count > 0 && node->pool_count < KEY_RANGES_MAX) {
        node->pool[node->pool_count++] = (struct key_range){.next = first_id, .left = count};
    }
}

uint32_t node_keys_left(const struct node *node) {
    uint32_t left = 0;
    for (size_t i = 0; i < node->pool_count; i++) {
        left += node->pool[i].left;
    }
    return left;
}

/* -- commands -- */

static int decide_kind(struct node *node, const struct turn_view *view,
                       const struct command *command, struct decision *ret) {
    switch ((int)command->kind) {
    case NODE_COMMAND_CONSENT_GIVE:
        return consent_give_decide(node, view, command, ret);
    case NODE_COMMAND_CONSENT_CHANGE:
        return consent_change_decide(node, view, command, ret);
    case NODE_COMMAND_WITHDRAW:
        return withdraw_decide(node, view, command, ret);
    case NODE_COMMAND_NEW_CARD:
        return new_card_decide(node, view, command, ret);
    case NODE_COMMAND_KEYS_ROTATE:
        return rotation_decide(node, view, command, ret);
    case NODE_COMMAND_HOURS:
        return hours_decide(node, view, command, ret);
    default:
        return work_decide(node, view, command, ret);
    }
}

int families_decide(struct node *node, const struct turn_view *view, const struct command *command,
                    struct decision *ret) {
    int r = decide_kind(node, view, command, ret);
    if (r == ERR_AGAIN) {
        ret->refusal = REFUSAL_BUSY;
        r = 0;
    }
    if (ret->refusal != REFUSAL_NONE) {
        ret->fact_count = 0;
    }
    return r;
}

/* -- the hub's receipts of what we sent -- */

/* The hub refused a consent, or a message that nobody at a desk waits for: it shows at the row. */
static int row_settled(struct node *node, const struct turn_view *view,
                       const struct sent_note *note, struct decision *ret) {
    const struct family_vault vault = node_family_vault(node);
    struct family_row *row;
    int r = family_by_number(view->txn, &vault, note->family, view->arena, &row);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    if (row->refusal == note->refusal) {
        return 0;
    }
    row->refusal = note->refusal;
    return family_decide_row(node, view, row, ret);
}

static int settle(struct node *node, const struct turn_view *view, const struct sent_note *note,
                  struct decision *ret) {
    switch ((int)note->kind) {
    case MESSAGE_KIND_CONSENT:
        return row_settled(node, view, note, ret);
    case MESSAGE_KIND_WITHDRAWAL:
        return note->refusal == REFUSAL_NO_CONSENT
                   ? stones_erase_family(node, view, note->family, ret)
                   : row_settled(node, view, note, ret);
    case MESSAGE_KIND_MEMBER_UPDATE:
        return own_entry_settled(node, view, note, ret);
    case MESSAGE_KIND_NEW_CARD:
        return note->refusal == REFUSAL_NONE ? 0 : row_settled(node, view, note, ret);
    case MESSAGE_KIND_ERASED:
        return 0;
    default:
        return work_sent_settled(node, view, note, ret);
    }
}

/* One of a family a tick, for a row is written once in a decision. */
struct settled_families {
    uint32_t numbers[SETTLED_A_TICK];
    size_t count;
};

static bool add_family(struct settled_families *families, uint32_t number) {
    for (size_t i = 0; i < families->count && number != 0; i++) {
        if (families->numbers[i] == number) {
            return false;
        }
    }
    families->numbers[families->count++] = number;
    return true;
}

/* What can't be done now takes its own facts back, and waits for the next tick. */
static int undo(struct decision *decision, size_t facts, int r) {
    decision->refusal = REFUSAL_NONE;
    if (r == ERR_AGAIN || r == ERR_TOO_LARGE) {
        decision->fact_count = facts;
        return 0;
    }
    return r;
}

static int decide_settled(struct node *node, const struct turn_view *view, struct decision *ret) {
    struct settled_families families = {.count = 0};
    struct sent_note note;
    int r = sent_settled_next(view->txn, NULL, &note);
    for (; r == 0 && families.count < SETTLED_A_TICK;
         r = sent_settled_next(view->txn, &note.id, &note)) {
        size_t facts = ret->fact_count;
        if (!add_family(&families, note.family)) {
            continue;
        }
        int failed = settle(node, view, &note, ret);
        if (failed == 0) {
            failed = sent_decide_drop(view, &note.id, ret);
        }
        failed = undo(ret, facts, failed);
        if (failed < 0) {
            return failed;
        }
    }
    return none_yet(r);
}

/* -- time -- */

/* A clock that has just jumped, or began, may be off: erasing waits for the hub's word about it,
 * but without a hub no longer than this, or a consent would outlive its end. */
static bool clock_doubtful(const struct node *node, int64_t now_ms) {
    return node->clock_halted || (!node->greeted && now_ms - node->clock_doubted_ms < HOUR_MS);
}

static int decide_swept(struct node *node, const struct turn_view *view, struct decision *ret) {
    if (clock_doubtful(node, view->now_ms) || view->now_ms - node->swept_ms < SWEEP_EVERY_MS) {
        return 0;
    }
    node->swept_ms = view->now_ms;
    return stones_decide_swept(node, view, ret);
}

int families_decide_due(struct node *node, const struct turn_view *view, struct decision *ret) {
    size_t facts = ret->fact_count;
    for (size_t i = 0; i < facts; i++) {
        if (ret->facts[i].type == NODE_FACT_FROZEN) {
            return 0; /* its number on the lane is taken: the next tick */
        }
    }
    int r = stones_decide_due(node, view, ret);
    if (r == 0) {
        r = decide_swept(node, view, ret);
    }
    r = undo(ret, facts, r);
    if (r < 0 || view->short_of_room || ret->fact_count > facts) {
        return r;
    }
    r = decide_settled(node, view, ret);
    if (r < 0 || ret->fact_count > facts || node->clock_halted) {
        return r;
    }
    return undo(ret, facts, work_decide_due(node, view, ret));
}

int families_apply(struct node *node, const struct turn_view *view, const struct fact *fact) {
    switch ((int)fact->type) {
    case NODE_FACT_FAMILY:
    case NODE_FACT_FAMILY_GONE:
    case NODE_FACT_ITEM:
    case NODE_FACT_CONSENT:
        return family_facts_apply(view, fact);
    case NODE_FACT_SENT:
        return sent_apply(node, view, fact);
    case NODE_FACT_STONE:
        return stones_apply(node, view, fact);
    case NODE_FACT_KEYS:
        return own_entry_apply(view, fact);
    case NODE_FACT_SWEPT_SUPPORTS:
        return work_apply(node, view, fact);
    default:
        return ERR_UNSUPPORTED;
    }
}
