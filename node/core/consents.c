#include "node/core/consents.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/civil.h"
#include "shared/crypto/secret.h"

/* CONSENT_GIVE and CONSENT_CHANGE. The card's keys are derived, used and wiped here. */

struct consent_keys consent_keys_of(const struct card *card, const struct hub_id *hub) {
    struct consent_keys keys;
    struct sign_secret presence;
    card_family_keys(card, hub, &keys.family_public, &keys.family);
    keys.presence = card_presence_seed(card, hub);
    presence_keys(&keys.presence, &keys.presence_public, &presence);
    secret_wipe(&presence, sizeof(presence));
    return keys;
}

void consent_presence_of(const struct node *node, const struct family_met *met,
                         struct sign_secret *ret) {
    struct sign_public public_key;
    assert(met->row != NULL || met->card != NULL);
    struct presence_seed seed = met->row != NULL
                                    ? met->row->presence
                                    : card_presence_seed(met->card, &node->params.own.hub);
    presence_keys(&seed, &public_key, ret);
    secret_wipe(&seed, sizeof(seed));
}

void consent_last_day(uint32_t end_month, char ret_text[static DAY_TEXT_SIZE]) {
    const struct date date = date_from_day(month_first_day(end_month) - 1);
    snprintf(ret_text, DAY_TEXT_SIZE, "%04d-%02d-%02d", date.year % 10000, date.month % 100,
             date.day % 100);
}

void consent_record_add(struct consent_record *record, const struct consent_event *event) {
    if (record->event_count == CONSENT_EVENTS_MAX) { /* that it was given stays */
        memmove(&record->events[1], &record->events[2],
                (CONSENT_EVENTS_MAX - 2) * sizeof(record->events[0]));
        record->event_count--;
    }
    record->events[record->event_count++] = *event;
}

/* The hub takes the highest number of a handle. An organisation that takes away with the card alone
 * may not know the last one: seconds since 1970 (until 2106) are above it. */
uint32_t consent_number_after(const struct consent_token *before, int64_t now_ms) {
    const uint32_t seconds = (uint32_t)(now_ms / 1000);
    return before != NULL && before->number >= seconds ? before->number + 1 : seconds;
}

/* -- who we are -- */

int consent_issuer_own(struct node *node, const struct turn_view *view, struct consent_issuer *ret,
                       enum refusal *ret_refusal) {
    struct membership own;
    int r = member_get(view->txn, &node->params.own.org, view->arena, &own);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    if (r == ERR_NOT_FOUND || !own.active) {
        *ret_refusal = REFUSAL_NOT_MEMBER;
        return 0;
    }
    *ret = (struct consent_issuer){.org = own.org, .right = own.member.may_take_consent};
    memcpy(ret->sign.bytes, own.member.sign.bytes, sizeof(ret->sign.bytes));
    *ret_refusal = REFUSAL_NONE;
    return 0;
}

/* -- the record -- */

static bool nothing(const struct org_id *org) {
    return org->text[0] == '\0';
}

/* Salt, commitment and what the core fills in. */
static void fill_record(const struct consent_making *making, struct consent_kept *kept) {
    const struct consent_give_arguments *arguments = making->arguments;
    const struct turn_view *view = making->view;
    const struct consent_event given = {
        .state = CONSENT_GIVEN,
        .at_ms = view->now_ms,
        .by = making->actor->user,
        .scopes = arguments->scopes,
        .end_month = arguments->end_month,
    };
    const int32_t keep_day = month_first_day(arguments->end_month) + CONSENT_PROOF_DAYS;
    kept->record = *arguments->record;
    kept->record.controller = making->node->params.own.org;
    kept->record.event_count = 0;
    if (kept->record.retention_until_day < keep_day) {
        kept->record.retention_until_day = keep_day;
    }
    rng_fill(view->rng, kept->record.id.bytes, sizeof(kept->record.id.bytes));
    rng_fill(view->rng, kept->salt.bytes, sizeof(kept->salt.bytes));
    consent_record_add(&kept->record, &given);
}

int consent_commit(const struct turn_view *view, const struct consent_kept *kept,
                   struct digest *ret) {
    struct buf buf = decision_buf(view, 12 << 10);
    consent_record_encode(&kept->record, &buf);
    if (buf.error == 0) {
        *ret = consent_commitment(&kept->salt, buf_bytes(&buf));
    }
    return buf.error;
}

/* -- the envelopes -- */

static int seal_for(const struct consent_sealing *sealing, const struct org_id *org,
                    const char *text, struct consent_message *message, enum refusal *ret) {
    struct membership member;
    struct sealed sealed = {.key = {0}};
    const bool shows = (sealing->token->scopes.bits & scope_bit(SCOPE_PRESENCE)) != 0;
    const struct contact_draft draft = {.text = text, .presence = shows ? sealing->presence : NULL};
    if (nothing(org)) {
        *ret = text == NULL ? REFUSAL_NONE : REFUSAL_OUT_OF_SCOPE;
        return 0;
    }
    if (sealing->narrows && text == NULL) {
        return 0; /* left, or may sanction meanwhile: who takes away isn't held up by it */
    }
    int r = family_member(sealing->view, org, &member, ret);
    if (r < 0 || *ret != REFUSAL_NONE) {
        return r;
    }
    if (member.member.may_sanction) {
        *ret = REFUSAL_MAY_SANCTION; /* DESIGN 2, promise 9 */
        return 0;
    }
    if (text == NULL) {
        return 0;
    }
    r = family_seal_contact(sealing->view, &draft, &member, &sealed, ret);
    if (r == 0 && *ret == REFUSAL_NONE) {
        message->envelopes[message->envelope_count++] =
            (struct contact_envelope){.org = *org, .sealed = sealed};
    }
    return r;
}

int consent_seal(const struct consent_sealing *sealing, struct consent_message *message,
                 enum refusal *ret_refusal) {
    const struct consent_token *token = sealing->token;
    int r = seal_for(sealing, &token->fallback_first, sealing->first, message, ret_refusal);
    if (r < 0 || *ret_refusal != REFUSAL_NONE) {
        return r;
    }
    return seal_for(sealing, &token->fallback_second, sealing->second, message, ret_refusal);
}

/* -- giving -- */

static struct consent_token token_of(const struct consent_making *making,
                                     const struct consent_keys *keys) {
    const struct consent_give_arguments *arguments = making->arguments;
    struct consent_token token = {
        .version = FAMILY_VERSION,
        .hub = making->node->params.own.hub,
        .handle = making->row->handle,
        .number = consent_number_after(NULL, making->view->now_ms),
        .scopes = arguments->scopes,
        .end_month = arguments->end_month,
        .issuer = making->node->params.own.org,
        .fallback_first = arguments->record->fallback_first,
        .fallback_second = arguments->record->fallback_second,
    };
    memcpy(token.family_key, keys->family_public.bytes, sizeof(token.family_key));
    memcpy(token.presence_key, keys->presence_public.bytes, sizeof(token.presence_key));
    return token;
}

int consent_sign(struct consent_signing *signing, enum refusal *ret_refusal) {
    struct consent_token read;
    struct arena *arena = signing->view->arena;
    const struct consent_signers signers = {
        .family = signing->family,
        .organisation = signing->node->params.keys.sign_secret,
    };
    int r = consent_token_sign(signing->token, &signers, arena, &signing->signed_token);
    *ret_refusal = REFUSAL_NONE;
    if (r == 0 && signing->check != NULL) {
        *ret_refusal = consent_token_check(&signing->signed_token, signing->check, arena, &read,
                                           &signing->state);
    }
    return r;
}

static int give_support(const struct consent_making *making, struct consent_message *message,
                        enum refusal *ret) {
    const struct consent_give_arguments *arguments = making->arguments;
    struct family_row *row = making->row;
    const bool covered = (arguments->scopes.bits & scope_bit(SCOPE_PRESENCE)) != 0;
    int r = 0;
    *ret = arguments->with_support && !covered ? REFUSAL_OUT_OF_SCOPE : REFUSAL_NONE;
    if (!covered) { /* the hub would refuse the consent with it */
        return 0;
    }
    if (arguments->with_support) {
        bool allowed =
            making->actor->role == ROLE_CASEWORKER || arguments->support.kind == SUPPORT_INFORMAL;
        *ret = allowed ? REFUSAL_NONE : REFUSAL_NOT_ALLOWED;
        r = allowed ? support_begin(making->node, making->view, row, &arguments->support, ret) : 0;
    } else if (making->moves != NULL) {
        row->support = *making->moves;
        row->support.said.handle = row->handle;
        row->support.said.number = 1;
        row->support.said_day = brussels_day(making->view->now_ms);
        row->support.waits = false;
        row->support.given_up = false;
    }
    if (r < 0 || *ret != REFUSAL_NONE || !row->support.exists) {
        return r;
    }
    return family_prove_support(making->view, row, &row->support.said, &message->support);
}

/* The row, our record, and the message. */
static int decide_message(struct consent_making *making, const struct consent_message *message,
                          struct decision *ret) {
    const struct turn_view *view = making->view;
    struct sent_note note = {.kind = MESSAGE_KIND_CONSENT};
    struct bytes body = {0};
    making->row->own_consent = true;
    making->row->refusal = REFUSAL_NONE;
    int r = family_row_learn(view, making->row, &message->token);
    if (r == 0) {
        r = family_decide_row(making->node, view, making->row, ret);
    }
    if (r == 0) {
        r = consent_decide_kept(making->node, view, making->kept, 0, ret);
    }
    if (r == 0) {
        r = consent_message_encode(message, view->arena, &body);
    }
    if (r < 0) {
        return r;
    }
    note.family = making->row->number;
    return family_post(making->node, view, body, &note, ret);
}

static int sign_token(struct consent_making *making, const struct consent_keys *keys,
                      struct consent_token *token, enum refusal *ret_refusal) {
    struct node *node = making->node;
    struct consent_issuer issuer;
    int r = consent_issuer_own(node, making->view, &issuer, ret_refusal);
    if (r < 0 || *ret_refusal != REFUSAL_NONE) {
        return r;
    }
    /* Who isn't a caseworker activates blank cards as a group does, whatever the organisation may.
     */
    if (making->actor->role != ROLE_CASEWORKER && issuer.right == CONSENT_RIGHT_FULL) {
        issuer.right = CONSENT_RIGHT_LIMITED;
    }
    r = consent_commit(making->view, making->kept, &token->commitment);
    if (r < 0) {
        return r;
    }
    const struct consent_check check = {.hub = &node->params.own.hub,
                                        .issuer = &issuer,
                                        .now_ms = making->view->now_ms,
                                        .clock_off = node->clock_halted};
    struct consent_signing signing = {.node = node,
                                      .view = making->view,
                                      .token = token,
                                      .check = &check,
                                      .family = &keys->family};
    r = consent_sign(&signing, ret_refusal);
    making->kept->token = signing.signed_token;
    return r;
}

/* With the keys at hand: signs, seals, and makes the facts. */
static int make_with(struct consent_making *making, const struct consent_keys *keys,
                     struct decision *ret) {
    const struct turn_view *view = making->view;
    struct consent_token token = token_of(making, keys);
    struct consent_message message = {.purpose = (uint32_t)purpose_of_kind(MESSAGE_KIND_CONSENT),
                                      .support_expected = making->support_expected};
    const struct consent_sealing sealing = {.view = view,
                                            .token = &token,
                                            .presence = &keys->presence,
                                            .first = making->arguments->contact_first,
                                            .second = making->arguments->contact_second};
    int r = sign_token(making, keys, &token, &ret->refusal);
    if (r == 0 && ret->refusal == REFUSAL_NONE) {
        r = consent_seal(&sealing, &message, &ret->refusal);
    }
    if (r == 0 && ret->refusal == REFUSAL_NONE) {
        r = give_support(making, &message, &ret->refusal);
    }
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    message.token = making->kept->token;
    return decide_message(making, &message, ret);
}

/* A row that stands for want of a consent (a support that came first) gets it now. */
static int find_row(struct consent_making *making, enum refusal *ret) {
    const struct family_vault vault = node_family_vault(making->node);
    const struct turn_view *view = making->view;
    const struct family_who who = {.card = making->arguments->card};
    struct family_met *met = NULL;
    struct consent_kept *before;
    int r = family_meet(making->node, view, &who, &met, ret);
    if (r < 0 || *ret != REFUSAL_NONE) {
        return r;
    }
    r = consent_find(view->txn, &vault, &met->handle, view->arena, &before);
    if (r != ERR_NOT_FOUND) {
        *ret = REFUSAL_EXISTS;
        return r;
    }
    r = family_row_of(making->node, view, met, &making->row, ret);
    if (r == 0 && *ret == REFUSAL_NONE && making->row->token.token.length > 0) {
        *ret = REFUSAL_EXISTS;
    }
    return r;
}

int consent_make(struct consent_making *making, struct decision *ret) {
    const struct consent_give_arguments *arguments = making->arguments;
    making->kept = ARENA_NEW(making->view->arena, struct consent_kept);
    if (making->kept == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = 0;
    fill_record(making, making->kept);
    ret->refusal = consent_record_check(&making->kept->record);
    if (ret->refusal == REFUSAL_NONE) {
        r = find_row(making, &ret->refusal);
    }
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    making->kept->handle = making->row->handle;
    struct consent_keys keys = consent_keys_of(arguments->card, &making->node->params.own.hub);
    r = make_with(making, &keys, ret);
    secret_wipe(&keys, sizeof(keys));
    return r;
}

int consent_give_decide(struct node *node, const struct turn_view *view,
                        const struct command *command, struct decision *ret) {
    struct consent_making making = {
        .node = node,
        .view = view,
        .actor = &command->actor,
        .arguments = command->arguments,
    };
    char until[DAY_TEXT_SIZE];
    int r = consent_make(&making, ret);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    consent_last_day(making.arguments->end_month, until);
    return node_result(view, ret, "{\"family\":%u,\"until\":\"%s\"}", making.row->number, until);
}
