#include "node/core/rotation.h"

#include <string.h>

#include "node/core/own_entry.h"
#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/members/members.h"

static enum own_entry_kind kind_of(bool contact) {
    return contact ? OWN_ENTRY_CONTACT : OWN_ENTRY_SEAL;
}

static struct member part_of(const struct keys_rotate_arguments *arguments) {
    struct member part = {.name = ""};
    if (arguments->contact) {
        memcpy(part.contact.bytes, arguments->key.bytes, sizeof(part.contact.bytes));
        part.contact_from_day = arguments->from_day;
    } else {
        memcpy(part.seal.bytes, arguments->key.bytes, sizeof(part.seal.bytes));
        part.seal_until_day = arguments->until_day;
    }
    return part;
}

int rotation_decide(struct node *node, const struct turn_view *view, const struct command *command,
                    struct decision *ret) {
    const struct keys_rotate_arguments *arguments = command->arguments;
    struct own_entry before;
    struct own_entry entry = {.kind = kind_of(arguments->contact), .part = part_of(arguments)};
    struct node_standing own;
    int r = node_standing(node, view->txn, &own);
    if (r < 0) {
        return r;
    }
    if (!own.known || !own.active) {
        ret->refusal = REFUSAL_NOT_MEMBER;
        return 0;
    }
    r = own_entry_get(view->txn, entry.kind, view->arena, &before);
    if (r != ERR_NOT_FOUND) {
        ret->refusal = REFUSAL_WRONG_MOVE;
        return r;
    }
    r = own_entry_post(node, view, &entry, ret);
    return r < 0 || ret->refusal != REFUSAL_NONE
               ? r
               : node_result(view, ret, "{\"entry\":%llu}", (unsigned long long)entry.head + 1);
}

/* -- what is due -- */

struct due_question {
    struct store_txn *view;
    struct arena *arena;
    int32_t today;
};

static int is_due(const struct due_question *question, bool contact, int32_t due_day, bool *ret) {
    struct own_entry entry;
    int r = own_entry_get(question->view, kind_of(contact), question->arena, &entry);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    *ret = r == ERR_NOT_FOUND && question->today >= due_day;
    return 0;
}

static int due_of(const struct due_question *question, const struct membership *own,
                  struct node_keys_due *ret) {
    const int32_t joined_day = brussels_day(own->since_ms);
    const int32_t until_day = own->member.seal_until_day;
    const int32_t from_day = own->member.contact_from_day;
    struct node_keys_due due = {.sealing = false};
    int r = is_due(question, false, until_day != 0 ? until_day : joined_day + SEALING_KEY_DAYS,
                   &due.sealing);
    if (r == 0) {
        r = is_due(question, true, (from_day != 0 ? from_day : joined_day) + CONTACT_KEY_DAYS,
                   &due.contact);
    }
    if (r == 0) {
        *ret = due;
    }
    return r;
}

/* Stricter than erasing by the clock, which no family can wait for: a key that is made or destroyed
 * too early is that for good, one that is late by a hub's silence is not. A jump that no turn has
 * seen yet counts too. */
static bool clock_doubted(const struct node *node, int64_t now_ms) {
    const int64_t step_ms = now_ms - node->ticked_ms;
    const bool jumped = step_ms < 0 || step_ms >= (int64_t)CLOCK_HALT_MINUTES * MINUTE_MS;
    return node->clock_halted || !node->greeted || jumped;
}

int node_keys_due(struct node *node, int64_t now_ms, struct node_keys_due *ret) {
    struct store_txn *view;
    struct arena *arena;
    struct membership own;
    int r = arena_new(DUE_ARENA_BYTES, &arena);
    if (r < 0) {
        return r;
    }
    r = store_begin_read(node->params.store, &view);
    if (r < 0) {
        arena_free(arena);
        return r;
    }
    *ret = (struct node_keys_due){.clock_doubted = clock_doubted(node, now_ms)};
    r = member_get(view, &node->params.own.org, arena, &own);
    if (r == 0 && own.active && !ret->clock_doubted) {
        const struct due_question question = {
            .view = view, .arena = arena, .today = brussels_day(now_ms)};
        r = due_of(&question, &own, ret);
    }
    store_abort(view);
    arena_free(arena);
    return r == ERR_NOT_FOUND ? 0 : r;
}
