#include <string.h>

#include "node/core/consents.h"
#include "node/core/looks.h"
#include "shared/crypto/secret.h"

/* CONSENT_CHANGE: taking away needs the card alone, whoever's table it lies on; giving more needs
 * an organisation that may, and teach-back again. */

struct change {
    struct node *node;
    const struct turn_view *view;
    const struct command *command;
    const struct consent_change_arguments *arguments;
    struct family_met *met;
    struct consent_kept *kept;         /* our own record, before; NULL: it isn't ours */
    const struct consent_token *known; /* the last token that we know; NULL: none */
    struct consent_token before;
};

/* -- what stands -- */

static int load(struct change *change, enum refusal *ret) {
    const struct family_vault vault = node_family_vault(change->node);
    const struct turn_view *view = change->view;
    const struct family_who who = {.card = change->arguments->card};
    int r = family_meet(change->node, view, &who, &change->met, ret);
    if (r < 0 || *ret != REFUSAL_NONE) {
        return r;
    }
    r = consent_find(view->txn, &vault, &change->met->handle, view->arena, &change->kept);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    const struct family_row *row = change->met->row;
    if (row != NULL && row->token.token.length > 0) {
        if (consent_token_decode(row->token.token, view->arena, &change->before) != REFUSAL_NONE) {
            return ERR_STORAGE;
        }
        change->known = &change->before;
    }
    const struct consent_token *shown =
        looks_shown(change->node, &change->met->handle, view->now_ms);
    if (shown != NULL && (change->known == NULL || shown->number > change->before.number)) {
        change->before = *shown;
        change->known = &change->before;
    }
    return 0;
}

/* -- the record -- */

/* Ours goes on; where others took the consent and we widen it, a record of ours begins. */
static int continue_record(struct change *change) {
    const struct consent_change_arguments *arguments = change->arguments;
    const struct turn_view *view = change->view;
    struct consent_kept *kept = change->kept;
    const struct consent_event event = {
        .state = arguments->record == NULL ? CONSENT_NARROWED : CONSENT_GIVEN,
        .at_ms = view->now_ms,
        .by = change->command->actor.user,
        .scopes = arguments->scopes,
        .end_month = arguments->end_month,
    };
    if (arguments->record != NULL) {
        struct consent_kept *anew = ARENA_NEW(view->arena, struct consent_kept);
        if (anew == NULL) {
            return ERR_NO_MEMORY;
        }
        anew->handle = change->met->handle;
        anew->record = *arguments->record;
        anew->record.event_count = 0;
        anew->record.controller = change->node->params.own.org;
        rng_fill(view->rng, anew->record.id.bytes, sizeof(anew->record.id.bytes));
        rng_fill(view->rng, anew->salt.bytes, sizeof(anew->salt.bytes));
        const int32_t keep_day = month_first_day(arguments->end_month) + CONSENT_PROOF_DAYS;
        if (anew->record.retention_until_day < keep_day) {
            anew->record.retention_until_day = keep_day;
        }
        if (kept != NULL) {
            anew->record_key = kept->record_key;
            anew->record.id = kept->record.id;
            anew->record.event_count = kept->record.event_count;
            memcpy(anew->record.events, kept->record.events, sizeof(anew->record.events));
        }
        kept = anew;
    }
    if (kept != NULL) {
        consent_record_add(&kept->record, &event);
    }
    change->kept = kept;
    return 0;
}

/* -- the token -- */

static int make_token(struct change *change, const struct consent_keys *keys,
                      struct consent_token *ret) {
    const struct consent_change_arguments *arguments = change->arguments;
    struct consent_token token = {
        .version = FAMILY_VERSION,
        .hub = change->node->params.own.hub,
        .handle = change->met->handle,
        .number = consent_number_after(change->known, change->view->now_ms),
        .scopes = arguments->scopes,
        .end_month = arguments->end_month,
        .commitment = change->before.commitment,
        .issuer = change->node->params.own.org,
        .fallback_first = change->before.fallback_first,
        .fallback_second = change->before.fallback_second,
    };
    if (arguments->record != NULL) {
        token.fallback_first = arguments->record->fallback_first;
        token.fallback_second = arguments->record->fallback_second;
    }
    if ((arguments->scopes.bits & scope_bit(SCOPE_FALLBACK)) == 0) {
        token.fallback_first = token.fallback_second = (struct org_id){.text = ""};
    }
    memcpy(token.family_key, keys->family_public.bytes, sizeof(token.family_key));
    memcpy(token.presence_key, keys->presence_public.bytes, sizeof(token.presence_key));
    int r =
        change->kept == NULL ? 0 : consent_commit(change->view, change->kept, &token.commitment);
    *ret = token;
    return r;
}

/* Who may ask for some parts only would, in asking them anew, take away the others that stand. */
static bool drops_unasked(const struct consent_token *known, enum consent_right right) {
    return right == CONSENT_RIGHT_LIMITED &&
           (known->scopes.bits & ~consent_scopes_of_right(right).bits) != 0;
}

/* The last token that we know; zeros: none. */
static int last_token(struct store_txn *view, const struct consent_asking *asking,
                      struct arena *arena, struct consent_token *ret) {
    struct family_row *row;
    int r = family_find(view, asking->vault, asking->handle, arena, &row);
    *ret = (struct consent_token){.number = 0};
    if (r == 0 && row->token.token.length > 0 &&
        consent_token_decode(row->token.token, arena, ret) != REFUSAL_NONE) {
        return ERR_STORAGE;
    }
    return r == ERR_NOT_FOUND || r == ERR_CRYPTO ? 0 : r;
}

int consent_asking_judge(struct store_txn *view, const struct consent_asking *asking,
                         struct arena *arena, enum refusal *ret_refusal) {
    struct membership own;
    struct consent_token known;
    int r = member_get(view, asking->own, arena, &own);
    if (r == ERR_NOT_FOUND || (r == 0 && !own.active)) {
        *ret_refusal = REFUSAL_NOT_MEMBER;
        return 0;
    }
    r = r < 0 ? r : last_token(view, asking, arena, &known);
    if (r < 0) {
        return r;
    }
    const enum consent_right right = own.member.may_take_consent;
    const bool none = consent_scopes_of_right(right).bits == 0;
    *ret_refusal = none || drops_unasked(&known, right) ? REFUSAL_NEEDS_AUTHORITY : REFUSAL_NONE;
    return 0;
}

/* Without the last token at hand only the hub can tell whether it takes away. */
static bool is_judged(const struct change *change) {
    return change->known != NULL || change->arguments->record != NULL;
}

static int sign(struct change *change, const struct consent_keys *keys,
                const struct consent_token *token, struct signed_token *ret,
                enum refusal *ret_refusal) {
    struct node *node = change->node;
    struct consent_issuer issuer;
    int r = consent_issuer_own(node, change->view, &issuer, ret_refusal);
    if (r < 0 || *ret_refusal != REFUSAL_NONE) {
        return r;
    }
    if (change->arguments->record != NULL && change->known != NULL &&
        drops_unasked(change->known, issuer.right)) {
        *ret_refusal = REFUSAL_NEEDS_AUTHORITY;
        return 0;
    }
    const struct consent_check check = {
        .hub = &node->params.own.hub,
        .issuer = &issuer,
        .before = change->known,
        .state = CONSENT_NARROWED, /* so that only adding comes out as given */
        .now_ms = change->view->now_ms,
        .clock_off = node->clock_halted,
    };
    const bool judged = is_judged(change);
    struct consent_signing signing = {.node = node,
                                      .view = change->view,
                                      .token = token,
                                      .check = judged ? &check : NULL,
                                      .family = &keys->family};
    r = consent_sign(&signing, ret_refusal);
    if (r == 0 && !judged) {
        *ret_refusal = consent_scopes_check(token);
    }
    if (r == 0 && *ret_refusal == REFUSAL_NONE && change->arguments->record == NULL &&
        signing.state == CONSENT_GIVEN) {
        *ret_refusal = REFUSAL_NO_TEACH_BACK;
    }
    *ret = signing.signed_token;
    return r;
}

/* -- facts -- */

static int decide_message(struct change *change, const struct consent_message *message,
                          struct decision *ret) {
    const struct turn_view *view = change->view;
    struct family_row *row = change->met->row;
    struct sent_note note = {.kind = MESSAGE_KIND_CONSENT};
    struct bytes body = {0};
    int r = 0;
    if (row == NULL && change->arguments->record != NULL) {
        r = family_row_of(change->node, view, change->met, &row, &ret->refusal);
    }
    if (r == 0 && row != NULL) {
        row->own_consent = row->own_consent || change->kept != NULL;
        r = family_row_learn(view, row, &message->token);
        r = r < 0 ? r : family_decide_row(change->node, view, row, ret);
    }
    if (r == 0 && change->kept != NULL) {
        change->kept->token = message->token;
        r = consent_decide_kept(change->node, view, change->kept, 0, ret);
    }
    if (r == 0) {
        r = consent_message_encode(message, view->arena, &body);
    }
    if (r < 0) {
        return r;
    }
    note.family = row == NULL ? 0 : row->number;
    r = family_post(change->node, view, body, &note, ret);
    char until[DAY_TEXT_SIZE];
    consent_last_day(change->arguments->end_month, until);
    return r < 0 ? r
                 : node_result(view, ret, "{\"family\":%u,\"until\":\"%s\",\"checked\":%s}",
                               note.family, until, is_judged(change) ? "true" : "false");
}

static int change_with(struct change *change, const struct consent_keys *keys,
                       struct decision *ret) {
    const struct consent_change_arguments *arguments = change->arguments;
    struct consent_token token;
    struct consent_message message = {.purpose = (uint32_t)purpose_of_kind(MESSAGE_KIND_CONSENT)};
    const struct consent_sealing sealing = {.view = change->view,
                                            .token = &token,
                                            .presence = &keys->presence,
                                            .first = arguments->contact_first,
                                            .second = arguments->contact_second,
                                            .narrows = arguments->record == NULL};
    int r = make_token(change, keys, &token);
    if (r == 0) {
        r = sign(change, keys, &token, &message.token, &ret->refusal);
    }
    if (r == 0 && ret->refusal == REFUSAL_NONE) {
        r = consent_seal(&sealing, &message, &ret->refusal);
    }
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    r = decide_message(change, &message, ret);
    if (r == 0 && ret->refusal == REFUSAL_NONE) {
        looks_show(change->node, &token, change->view->now_ms);
    }
    return r;
}

/* Who doesn't know the last token can't keep the fallbacks in it. */
static enum refusal check_arguments(const struct change *change) {
    const struct consent_change_arguments *arguments = change->arguments;
    const bool fallback = (arguments->scopes.bits & scope_bit(SCOPE_FALLBACK)) != 0;
    if (arguments->record != NULL) {
        return consent_record_check(&change->kept->record);
    }
    return change->known == NULL && fallback ? REFUSAL_NOT_FOUND : REFUSAL_NONE;
}

int consent_change_decide(struct node *node, const struct turn_view *view,
                          const struct command *command, struct decision *ret) {
    struct change change = {
        .node = node, .view = view, .command = command, .arguments = command->arguments};
    int r = load(&change, &ret->refusal);
    if (r == 0 && ret->refusal == REFUSAL_NONE) {
        r = continue_record(&change);
    }
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    ret->refusal = check_arguments(&change);
    if (ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    struct consent_keys keys = consent_keys_of(change.arguments->card, &node->params.own.hub);
    r = change_with(&change, &keys, ret);
    secret_wipe(&keys, sizeof(keys));
    return r;
}
