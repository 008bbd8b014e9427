#include "node/core/consents.h"

#include <string.h>

#include "node/core/stones.h"
#include "shared/base/civil.h"
#include "shared/crypto/secret.h"

/* WITHDRAW: all of a family's consent, by its card at anybody's table, or by a paper that an adult
 * of it signed. What came from others goes when the hub's tombstone comes back. */

static enum refusal judge(const struct command *command) {
    const struct withdraw_arguments *arguments = command->arguments;
    switch (arguments->basis) {
    case WITHDRAWAL_CARD:
        return arguments->who.card == NULL ? REFUSAL_MALFORMED : REFUSAL_NONE;
    case WITHDRAWAL_PAPER:
        if (arguments->note == NULL || arguments->note[0] == '\0' || arguments->who.family == 0) {
            return REFUSAL_MALFORMED;
        }
        if (strlen(arguments->note) > CONSENT_TEXT_MAX) {
            return REFUSAL_TOO_LARGE;
        }
        return command->actor.role == ROLE_CASEWORKER ? REFUSAL_NONE : REFUSAL_NOT_ALLOWED;
    case WITHDRAWAL_BASIS_NONE:
    case WITHDRAWAL_NEW_CARD: /* comes with a new card only */
    default:
        return REFUSAL_NOT_ALLOWED;
    }
}

static int prove(const struct withdrawing *from, const struct withdrawal *withdrawal,
                 struct bytes *ret_body) {
    struct sign_public public_key;
    struct sign_secret secret;
    struct family_statement statement = {.key = &secret, .domain = WITHDRAWAL_DOMAIN};
    int r = withdrawal_encode(withdrawal, from->view->arena, &statement.statement);
    if (r < 0) {
        return r;
    }
    if (withdrawal->basis == WITHDRAWAL_CARD) {
        card_family_keys(from->met->card, &from->node->params.own.hub, &public_key, &secret);
    } else {
        consent_presence_of(from->node, from->met, &secret);
    }
    r = family_prove(from->view, &statement, ret_body);
    secret_wipe(&secret, sizeof(secret));
    return r;
}

/* Who holds the paper but didn't take the consent keeps nothing else of it than that. */
static int begin_record(const struct withdrawing *from, struct consent_kept **ret) {
    const struct turn_view *view = from->view;
    const struct family_row *row = from->met->row;
    struct consent_kept *kept = ARENA_NEW(view->arena, struct consent_kept);
    if (kept == NULL) {
        return ERR_NO_MEMORY;
    }
    kept->handle = from->met->handle;
    kept->record.controller = from->node->params.own.org;
    kept->record.retention_until_day =
        CONSENT_PROOF_DAYS + (row == NULL || row->end_month == 0 ? brussels_day(view->now_ms)
                                                                 : month_first_day(row->end_month));
    rng_fill(view->rng, kept->record.id.bytes, sizeof(kept->record.id.bytes));
    *ret = kept;
    return node_take_last_key(from->node, &kept->record_key);
}

static int find_record(const struct withdrawing *from, struct consent_kept **ret) {
    const struct family_vault vault = node_family_vault(from->node);
    int r = consent_find(from->view->txn, &vault, &from->met->handle, from->view->arena, ret);
    return r == ERR_NOT_FOUND && from->paper != NULL ? begin_record(from, ret) : r;
}

/* Our own record says so at once, and of a paper what it is and where it lies. */
static int end_record(const struct withdrawing *from, struct decision *ret) {
    const bool replaced = from->basis == WITHDRAWAL_NEW_CARD;
    const struct consent_event end = {
        .state = replaced ? CONSENT_SUPERSEDED : CONSENT_WITHDRAWN,
        .at_ms = from->view->now_ms,
        .by = from->actor->user,
        .basis = from->basis,
    };
    struct consent_kept *kept = NULL;
    int r = find_record(from, &kept);
    if (r < 0) {
        return r == ERR_NOT_FOUND || r == ERR_CRYPTO ? 0 : r;
    }
    consent_record_end(&kept->record, &end);
    if (from->paper != NULL) {
        memset(kept->paper, 0, sizeof(kept->paper));
        memcpy(kept->paper, from->paper, strlen(from->paper));
    }
    return consent_decide_kept(from->node, from->view, kept, 0, ret);
}

int withdrawal_make(const struct withdrawing *from, struct decision *ret) {
    struct node *node = from->node;
    struct family_row *row = from->met->row;
    const struct withdrawal withdrawal = {
        .hub = node->params.own.hub,
        .handle = from->met->handle,
        .basis = from->basis,
        .org = node->params.own.org,
        .at_ms = from->view->now_ms,
    };
    struct sent_note note = {.kind = MESSAGE_KIND_WITHDRAWAL,
                             .family = row == NULL ? 0 : row->number};
    struct bytes body = {0};
    int r = prove(from, &withdrawal, &body);
    if (r == 0 && row != NULL) {
        row->withdrawn = true;
        row->refusal = REFUSAL_NONE;
        r = family_decide_row(node, from->view, row, ret);
    }
    if (r == 0) {
        r = end_record(from, ret);
    }
    return r < 0 ? r : family_post(node, from->view, body, &note, ret);
}

int withdraw_decide(struct node *node, const struct turn_view *view, const struct command *command,
                    struct decision *ret) {
    const struct withdraw_arguments *arguments = command->arguments;
    struct withdrawing withdrawing = {
        .node = node, .view = view, .actor = &command->actor, .basis = arguments->basis};
    withdrawing.paper = arguments->basis == WITHDRAWAL_PAPER ? arguments->note : NULL;
    ret->refusal = judge(command);
    if (ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    int r = family_meet_leaving(node, view, &arguments->who, &withdrawing.met, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    r = withdrawal_make(&withdrawing, ret);
    if (r < 0) {
        return r;
    }
    const struct family_row *row = withdrawing.met->row;
    return node_result(view, ret, "{\"family\":%u}", row == NULL ? 0 : row->number);
}
