#include <string.h>

#include "node/core/consents.h"
#include "node/core/stones.h"
#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/crypto/secret.h"

/* NEW_CARD, the one answer to renewal, loss, wrong hands and a household that splits; and what a
 * supporter does that is told of one. */

/* -- giving one -- */

static enum refusal judge(const struct new_card_arguments *arguments) {
    if (new_card_reason_text(arguments->reason) == NULL) {
        return REFUSAL_UNKNOWN_VALUE;
    }
    if (arguments->old.item != 0) {
        return REFUSAL_MALFORMED; /* by the card, or by the number of who is known here */
    }
    return arguments->tell_count > FAMILY_SUPPORTS_MAX ? REFUSAL_OVER_QUOTA : REFUSAL_NONE;
}

/* Our own support goes along, but where the old card stays with others. */
static const struct own_support *own_move(const struct new_card_arguments *arguments,
                                          const struct family_met *old) {
    const bool moves = arguments->reason != NEW_CARD_SPLIT && !arguments->give.with_support &&
                       old->row != NULL && old->row->support.exists &&
                       old->row->support.said.state != SUPPORT_ENDED;
    return moves ? &old->row->support : NULL;
}

struct telling {
    const struct consent_making *making;
    const struct family_handle *old;
    const struct sign_secret *key; /* the old card's presence key */
};

/* What is sealed: the new card, and the old one's word for it. */
static int prove_moved(const struct telling *telling, const struct org_id *to,
                       struct bytes *ret_plain) {
    const struct family_row *row = telling->making->row;
    const struct turn_view *view = telling->making->view;
    struct family_statement statement = {.key = telling->key, .domain = NEW_CARD_DOMAIN};
    struct card_moved moved = {
        .old = *telling->old, .new = row->handle, .token = row->token, .to = *to};
    memcpy(moved.presence_seed, row->presence.bytes, sizeof(moved.presence_seed));
    int r = card_moved_encode(&moved, view->arena, &statement.statement);
    secret_wipe(&moved.presence_seed, sizeof(moved.presence_seed));
    return r < 0 ? r : family_prove(view, &statement, ret_plain);
}

/* One supporter hears of the new card, sealed: the hub learns of neither handle. */
static int tell(const struct telling *telling, const struct org_id *to, struct decision *ret) {
    const struct consent_making *making = telling->making;
    const struct turn_view *view = making->view;
    struct new_card message = {.purpose = (uint32_t)purpose_of_kind(MESSAGE_KIND_NEW_CARD),
                               .to = *to};
    struct sent_note note = {.kind = MESSAGE_KIND_NEW_CARD, .family = making->row->number};
    struct membership member;
    struct bytes plain = {0};
    struct bytes body = {0};
    int r = family_member(view, to, &member, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    r = prove_moved(telling, to, &plain);
    if (r == 0) {
        r = family_seal(view, plain, &member, &message.content, &ret->refusal);
    }
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    r = new_card_encode(&message, view->arena, &body);
    return r < 0 ? r : family_post(making->node, view, body, &note, ret);
}

static int tell_all(const struct consent_making *making, const struct new_card_arguments *arguments,
                    const struct family_met *old, struct decision *ret) {
    struct sign_secret key;
    const struct telling telling = {.making = making, .old = &old->handle, .key = &key};
    int r = 0;
    consent_presence_of(making->node, old, &key);
    for (size_t i = 0; r == 0 && ret->refusal == REFUSAL_NONE && i < arguments->tell_count; i++) {
        const struct org_id *to = &arguments->tell[i];
        if (!org_id_equal(to, &making->node->params.own.org)) {
            r = tell(&telling, to, ret);
        }
    }
    secret_wipe(&key, sizeof(key));
    return r;
}

static int withdraw_old(const struct consent_making *making, struct family_met *old,
                        struct decision *ret) {
    const struct withdrawing withdrawing = {.node = making->node,
                                            .view = making->view,
                                            .actor = making->actor,
                                            .basis = WITHDRAWAL_NEW_CARD,
                                            .met = old};
    if (old->row != NULL) {
        old->row->support_moved = true;
        old->row->support.follows_case = false;
    }
    return withdrawal_make(&withdrawing, ret);
}

int new_card_decide(struct node *node, const struct turn_view *view, const struct command *command,
                    struct decision *ret) {
    const struct new_card_arguments *arguments = command->arguments;
    struct family_met *old = NULL;
    char until[DAY_TEXT_SIZE];
    ret->refusal = judge(arguments);
    if (ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    int r = family_meet(node, view, &arguments->old, &old, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    struct consent_making making = {
        .node = node,
        .view = view,
        .actor = &command->actor,
        .arguments = &arguments->give,
        .moves = own_move(arguments, old),
        .support_expected = arguments->tell_count > 0,
    };
    r = consent_make(&making, ret);
    if (r == 0 && ret->refusal == REFUSAL_NONE) {
        r = tell_all(&making, arguments, old, ret);
    }
    if (r == 0 && ret->refusal == REFUSAL_NONE && arguments->reason != NEW_CARD_SPLIT) {
        r = withdraw_old(&making, old, ret);
    }
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    consent_last_day(arguments->give.end_month, until);
    return node_result(view, ret, "{\"family\":%u,\"until\":\"%s\"}", making.row->number, until);
}

/* -- being told of one -- */

struct moving {
    struct node *node;
    const struct turn_view *view;
    const struct notice_news *news;
    struct proven proven;
    struct card_moved moved; /* its statement */
    struct consent_token token;
    struct family_row *old; /* NULL: gone, or never ours */
    struct remnant known;   /* what we said of the old card, and its presence key; its record key
                             * where it was kept for us, 0: it wasn't */
    struct family_row *row; /* of the new card */
};

/* All for good, and before the directory is asked: what a member seals to us must never make the
 * hub try again and again. */
static enum refusal judge_moved(const struct moving *moving) {
    const struct node_params *params = &moving->node->params;
    if (!org_id_equal(&moving->moved.to, &params->own.org) ||
        !hub_id_equal(&moving->token.hub, &params->own.hub)) {
        return REFUSAL_BAD_SIGNATURE; /* good elsewhere, if anywhere */
    }
    return org_id_equal(&moving->token.issuer, &moving->news->origin->sender.org)
               ? REFUSAL_NONE
               : REFUSAL_NOT_YOURS;
}

/* Who tells us gave the consent; and the seed is the one that its token speaks of. */
static int check(struct moving *moving, enum refusal *ret) {
    struct sign_public public_key;
    struct sign_secret secret;
    struct presence_seed seed;
    const struct consent_token *token = &moving->token;
    const struct signed_token *from = &moving->moved.token;
    *ret = consent_token_decode(from->token, moving->view->arena, &moving->token);
    if (*ret == REFUSAL_NONE) {
        *ret = judge_moved(moving);
    }
    if (*ret != REFUSAL_NONE) {
        return 0;
    }
    int r = family_token_read(moving->node, moving->view, from, &moving->token, ret);
    if (r < 0 || *ret != REFUSAL_NONE) {
        return r;
    }
    memcpy(seed.bytes, moving->moved.presence_seed, sizeof(seed.bytes));
    presence_keys(&seed, &public_key, &secret);
    secret_wipe(&secret, sizeof(secret));
    secret_wipe(&seed, sizeof(seed));
    const bool fits =
        memcmp(public_key.bytes, token->presence_key, sizeof(public_key.bytes)) == 0 &&
        family_handle_equal(&token->handle, &moving->moved.new);
    if (!fits) {
        *ret = REFUSAL_BAD_SIGNATURE;
        return 0;
    }
    const struct consent_question question = {
        .kind = MESSAGE_KIND_NEW_CARD,
        .purpose = moving->news->notice->purpose,
        .now_ms = moving->view->now_ms,
        .clock_off = moving->node->clock_halted,
    };
    *ret = consent_covers(token, CONSENT_GIVEN, &question);
    return 0;
}

static int open_card(struct moving *moving, enum refusal *ret) {
    const struct turn_view *view = moving->view;
    struct new_card message;
    struct bytes plain;
    *ret = new_card_decode(moving->news->origin->body, view->arena, &message);
    if (*ret != REFUSAL_NONE) {
        return 0;
    }
    if (!org_id_equal(&message.to, &moving->node->params.own.org)) {
        *ret = REFUSAL_UNKNOWN_RECIPIENT;
        return 0;
    }
    int r = node_unseal(moving->node, view, &message.content, &plain);
    if (r == ERR_NOT_FOUND || r == ERR_CRYPTO) {
        *ret = REFUSAL_BAD_SIGNATURE;
        return 0;
    }
    if (r < 0) {
        return r;
    }
    if (proven_decode(plain, view->arena, &moving->proven) != REFUSAL_NONE) {
        *ret = REFUSAL_BAD_SIGNATURE; /* it comes without a proof */
        return 0;
    }
    *ret = card_moved_decode(moving->proven.statement, view->arena, &moving->moved);
    return *ret == REFUSAL_NONE ? check(moving, ret) : 0;
}

/* Errors: ERR_NOT_FOUND (not a family of ours), ERR_EXISTS (moved already). */
static int find_old(struct moving *moving) {
    const struct family_vault vault = node_family_vault(moving->node);
    const struct turn_view *view = moving->view;
    struct family_row *row;
    int r = family_find(view->txn, &vault, &moving->moved.new, view->arena, &row);
    if (r != ERR_NOT_FOUND) {
        return r < 0 ? r : ERR_EXISTS;
    }
    r = family_find(view->txn, &vault, &moving->moved.old, view->arena, &moving->old);
    if (r == 0) {
        struct sign_secret secret;
        presence_keys(&moving->old->presence, &moving->known.presence, &secret);
        secret_wipe(&secret, sizeof(secret));
        moving->known.support = moving->old->support;
        return 0;
    }
    if (r != ERR_NOT_FOUND) {
        return r;
    }
    r = stone_remnant(moving->node, view, &moving->moved.old, &moving->known);
    return r == ERR_CRYPTO ? ERR_NOT_FOUND : r;
}

static int make_row(struct moving *moving) {
    const struct turn_view *view = moving->view;
    struct family_row *row = ARENA_NEW(view->arena, struct family_row);
    if (row == NULL) {
        return ERR_NO_MEMORY;
    }
    row->handle = moving->moved.new;
    memcpy(row->presence.bytes, moving->moved.presence_seed, sizeof(row->presence.bytes));
    row->since_ms = view->now_ms;
    if (moving->old != NULL) {
        memcpy(row->informal, moving->old->informal, sizeof(row->informal));
        row->informal_count = moving->old->informal_count;
    }
    if (moving->known.support.exists && moving->known.support.said.state != SUPPORT_ENDED) {
        row->support = moving->known.support;
        row->support.said.handle = row->handle;
        row->support.said.number = 1;
        row->support.said_day = brussels_day(view->now_ms);
        row->support.waits = row->support.given_up = false;
    }
    moving->row = row;
    return family_row_learn(view, row, &moving->moved.token);
}

static int post_support(const struct moving *moving, struct decision *ret) {
    const struct turn_view *view = moving->view;
    struct sent_note note = {.kind = MESSAGE_KIND_SUPPORT, .family = moving->row->number};
    struct proven proven;
    struct bytes body = {0};
    if (!moving->row->support.exists) {
        return 0;
    }
    int r = family_prove_support(view, moving->row, &moving->row->support.said, &proven);
    if (r == 0) {
        r = proven_encode(&proven, view->arena, &body);
    }
    return r < 0 ? r : family_post(moving->node, view, body, &note, ret);
}

/* So that people know that there is a new card. */
static int decide_item(const struct moving *moving, struct decision *ret) {
    struct item item = {
        .id = moving->news->notice->id,
        .kind = NOTICE_NEW_CARD,
        .handle = moving->row->handle,
        .family = moving->row->number,
        .from = moving->news->origin->sender.org,
        .state = ITEM_NEW,
        .received_ms = moving->view->now_ms,
        .said_ms = moving->news->said_ms,
    };
    return item_decide(moving->node, moving->view, &item, ret);
}

static int decide_moved(struct moving *moving, struct decision *ret) {
    int r = make_row(moving);
    if (r == 0) {
        r = family_decide_row(moving->node, moving->view, moving->row, ret);
    }
    if (r == 0 && moving->old != NULL) {
        moving->old->support_moved = true;
        moving->old->support.follows_case = false;
        r = family_decide_row(moving->node, moving->view, moving->old, ret);
    }
    if (r == 0 && moving->known.record_key != 0) {
        r = stone_decide_moved(moving->node, moving->view, &moving->moved.old,
                               moving->known.record_key, ret);
    }
    if (r == 0) {
        r = post_support(moving, ret);
    }
    return r < 0 ? r : decide_item(moving, ret);
}

/* The old card vouches for the new one, by the presence key that we have of it. */
static int decide_proven(struct moving *moving, struct decision *ret) {
    if (!consent_proved(&moving->proven, NEW_CARD_DOMAIN, &moving->known.presence)) {
        ret->refusal = REFUSAL_BAD_SIGNATURE;
        return 0;
    }
    return decide_moved(moving, ret);
}

int new_card_take_notice(struct node *node, const struct turn_view *view,
                         const struct notice_news *news, struct decision *ret) {
    struct moving moving = {.node = node, .view = view, .news = news};
    if (news->origin == NULL) {
        ret->refusal = REFUSAL_MALFORMED;
        return 0;
    }
    bool stoned = false;
    int r = open_card(&moving, &ret->refusal);
    if (r == 0 && ret->refusal == REFUSAL_NONE) { /* the new one may have ended already */
        r = stone_stands(node, view->txn, &moving.moved.new, &stoned);
    }
    if (r == 0 && ret->refusal == REFUSAL_NONE && !stoned) {
        r = find_old(&moving);
        if (r == ERR_NOT_FOUND || r == ERR_EXISTS) {
            r = 0; /* settled, and nothing comes of it */
        } else if (r == 0) {
            r = decide_proven(&moving, ret);
        }
    }
    secret_wipe(&moving.moved.presence_seed, sizeof(moving.moved.presence_seed));
    return r;
}
