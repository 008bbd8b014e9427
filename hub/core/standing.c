#include "hub/core/standing.h"

#include <stdio.h>

#include "hub/core/family_store.h"
#include "hub/core/joining.h"
#include "hub/core/state.h"
#include "shared/consent/consent.h"
#include "shared/members/members.h"

enum { RESULT_SIZE = 40 };

static struct member standing_after(const struct member *before,
                                    const struct member_set_arguments *set) {
    struct member after = {
        .kind = set->kind == ORG_KIND_NONE ? before->kind : set->kind,
        .competence = before->competence,
        .role = before->role,
        .may_take_consent = set->may_take_consent == CONSENT_RIGHT_NONE ? before->may_take_consent
                                                                        : set->may_take_consent,
        .may_sanction = set->gives_may_sanction ? set->may_sanction : before->may_sanction,
        .hidden = set->gives_hidden ? set->hidden : before->hidden,
    };
    return after;
}

static bool is_same(const struct member *a, const struct member *b) {
    return a->kind == b->kind && a->may_take_consent == b->may_take_consent &&
           a->may_sanction == b->may_sanction && a->hidden == b->hidden;
}

/* All of them in one turn: a coordinator asks this a few times a year, and a row takes
 * microseconds. */
static int count_choosing(struct hub *hub, const struct turn_view *view, const struct org_id *org,
                          uint64_t *ret) {
    struct digest from = {0};
    struct digest lookup;
    uint64_t count = 0;
    int r;
    while ((r = family_next(view->txn, &from, &lookup)) == 0) {
        const struct arena_mark mark = arena_mark(hub->scratch);
        struct family *family = NULL;
        r = family_get_by_lookup(view->txn, &hub->params.families, &lookup, hub->scratch, &family);
        if (r < 0 && r != ERR_CRYPTO) {
            return r;
        }
        count += r == 0 && consent_names_fallback(&family->token, org) ? 1 : 0;
        arena_rewind(hub->scratch, &mark);
        from = family_lookup_after(lookup);
    }
    *ret = count;
    return r == ERR_NOT_FOUND ? 0 : r;
}

static int add_result(const struct turn_view *view, uint64_t families, struct decision *ret) {
    char *text = arena_alloc(view->arena, RESULT_SIZE, 1);
    if (text == NULL) {
        return ERR_NO_MEMORY;
    }
    (void)snprintf(text, RESULT_SIZE, "{\"families\":%llu}", (unsigned long long)families);
    ret->result = bytes_from_text(text);
    return 0;
}

int standing_decide(struct hub *hub, const struct turn_view *view,
                    const struct member_set_arguments *arguments, struct decision *ret) {
    struct membership before;
    uint64_t families = 0;
    int r = member_get(view->txn, &arguments->org, view->arena, &before);
    if (r < 0) {
        ret->refusal = REFUSAL_NOT_FOUND;
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    struct member after = standing_after(&before.member, arguments);
    struct directory_op op = {
        .kind = DIRECTORY_OP_ROLE, .organisation = arguments->org, .member = &after};
    if (!before.active || !is_same(&before.member, &after)) {
        r = joining_decide_op(hub, view, &op, ret);
    }
    if (r == 0 && ret->refusal == REFUSAL_NONE && after.may_sanction &&
        !before.member.may_sanction) {
        r = count_choosing(hub, view, &arguments->org, &families);
    }
    return r < 0 || ret->refusal != REFUSAL_NONE ? r : add_result(view, families, ret);
}
