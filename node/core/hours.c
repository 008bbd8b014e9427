#include "node/core/hours.h"

#include <string.h>

#include "node/core/own_entry.h"
#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/members/members.h"

int hours_told(struct store_txn *view, const struct org_id *own, struct arena *arena,
               struct hours_told *ret) {
    struct own_entry entry;
    struct membership membership;
    int r = own_entry_get(view, OWN_ENTRY_HOURS, arena, &entry);
    if (r == 0) {
        *ret = (struct hours_told){
            .closures = entry.part.closures, .count = entry.part.closure_count, .under_way = true};
        return 0;
    }
    if (r != ERR_NOT_FOUND) {
        return r;
    }
    r = member_get(view, own, arena, &membership);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    *ret = (struct hours_told){.under_way = false};
    if (r == 0) {
        ret->closures = membership.member.closures;
        ret->count = membership.member.closure_count;
    }
    return 0;
}

/* -- what may be told -- */

static bool has_deputy(const struct closure *closure) {
    return closure->deputy.text[0] != '\0';
}

static int check_deputy(struct node *node, const struct turn_view *view,
                        const struct closure *closure, enum refusal *ret) {
    bool member = false;
    *ret = REFUSAL_NONE;
    if (!has_deputy(closure)) {
        return 0;
    }
    int r = member_is_active(view->txn, &closure->deputy, &member);
    if (r == 0 && (!member || org_id_equal(&closure->deputy, &node->params.own.org))) {
        *ret = REFUSAL_UNKNOWN_RECIPIENT;
    }
    return r;
}

static enum refusal check_days(const struct closure *closure, int32_t today) {
    if (!day_valid(closure->from_day) || !day_valid(closure->until_day) ||
        closure->until_day <= closure->from_day) {
        return REFUSAL_MALFORMED;
    }
    return closure->until_day > today + CLOSURE_AHEAD_DAYS ? REFUSAL_FROM_THE_FUTURE : REFUSAL_NONE;
}

/* By day; false where it shares one with another. */
static bool insert(struct member *part, const struct closure *closure) {
    size_t at = part->closure_count;
    while (at > 0 && part->closures[at - 1].from_day > closure->from_day) {
        at--;
    }
    const bool before = at > 0 && part->closures[at - 1].until_day > closure->from_day;
    const bool after = at < part->closure_count && part->closures[at].from_day < closure->until_day;
    memmove(&part->closures[at + 1], &part->closures[at],
            (part->closure_count - at) * sizeof(*closure));
    part->closures[at] = *closure;
    part->closure_count++;
    return !before && !after;
}

static int take_closures(struct node *node, const struct turn_view *view,
                         const struct hours_arguments *arguments, struct member *part,
                         enum refusal *ret) {
    const int32_t today = brussels_day(view->now_ms);
    for (size_t i = 0; i < arguments->count; i++) {
        const struct closure *closure = &arguments->closures[i];
        *ret = check_days(closure, today);
        if (*ret != REFUSAL_NONE) {
            return 0;
        }
        if (closure->until_day <= today) {
            continue;
        }
        int r = check_deputy(node, view, closure, ret);
        if (r < 0 || *ret != REFUSAL_NONE) {
            return r;
        }
        if (!insert(part, closure)) {
            *ret = REFUSAL_CONFLICT;
            return 0;
        }
    }
    *ret = REFUSAL_NONE;
    return 0;
}

static bool is_same(const struct hours_told *told, const struct member *part) {
    bool same = told->count == part->closure_count;
    for (size_t i = 0; i < told->count && same; i++) {
        same = told->closures[i].from_day == part->closures[i].from_day &&
               told->closures[i].until_day == part->closures[i].until_day &&
               org_id_equal(&told->closures[i].deputy, &part->closures[i].deputy);
    }
    return same;
}

/* -- telling it -- */

static int tell(struct node *node, const struct turn_view *view, struct own_entry *entry,
                struct decision *ret) {
    struct hours_told told;
    struct own_entry before;
    int r = hours_told(view->txn, &node->params.own.org, view->arena, &told);
    if (r < 0 || is_same(&told, &entry->part)) {
        return r;
    }
    r = own_entry_get(view->txn, OWN_ENTRY_HOURS, view->arena, &before);
    if (r == ERR_NOT_FOUND) {
        return own_entry_post(node, view, entry, ret);
    }
    entry->head = before.head;
    return r < 0 ? r : own_entry_wait(view, entry, ret);
}

static enum refusal may_tell(const struct node *node, const struct node_standing *own,
                             const struct hours_arguments *arguments) {
    if (!own->known || !own->active) {
        return REFUSAL_NOT_MEMBER;
    }
    if (node->clock_halted) {
        return REFUSAL_CLOCK_OFF;
    }
    return arguments->count > CLOSURES_MAX ? REFUSAL_TOO_LARGE : REFUSAL_NONE;
}

int hours_decide(struct node *node, const struct turn_view *view, const struct command *command,
                 struct decision *ret) {
    const struct hours_arguments *arguments = command->arguments;
    struct own_entry entry = {.kind = OWN_ENTRY_HOURS};
    struct node_standing own;
    int r = node_standing(node, view->txn, &own);
    if (r < 0) {
        return r;
    }
    ret->refusal = may_tell(node, &own, arguments);
    if (ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    entry.part.closures = ARENA_ARRAY(view->arena, struct closure, CLOSURES_MAX + 1);
    if (entry.part.closures == NULL) {
        return ERR_NO_MEMORY;
    }
    r = take_closures(node, view, arguments, &entry.part, &ret->refusal);
    if (r == 0 && ret->refusal == REFUSAL_NONE) {
        r = tell(node, view, &entry, ret);
    }
    return r < 0 || ret->refusal != REFUSAL_NONE
               ? r
               : node_result(view, ret, "{\"kept\":%zu}", entry.part.closure_count);
}
