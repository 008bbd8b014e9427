#include <string.h>

#include "hub/core/families.h"
#include "hub/core/family_store.h"
#include "hub/core/flags.h"
#include "hub/core/tombstones.h"
#include "shared/base/civil.h"
#include "shared/consent/consent.h"

/* A family gives, narrows or widens its consent: the token is checked, the row begins or goes on,
 * and envelopes and the issuer's own support that come with it are taken at once. */

enum {
    KEYS_RETRY_S = 5,   /* until the keyring holds new ones */
    CLOCK_RETRY_S = 60, /* until our clock is right again */
};

struct consent_under_work {
    struct hub *hub;
    const struct turn_view *view;
    const struct office_mail *mail;
    struct consent_message message;
    struct consent_token token;
    enum consent_state state;
    struct digest lookup;
    struct family *before; /* NULL: none stands */
    bool unreadable;       /* there's a row, and its key is gone */
};

/* Another hub's token is this sender's mistake for good: it must not come again. */
static enum refusal final_of(enum refusal refusal) {
    return refusal == REFUSAL_UNKNOWN_RECIPIENT ? REFUSAL_NOT_ALLOWED : refusal;
}

static int check_token(struct consent_under_work *work, enum refusal *ret) {
    struct membership membership;
    struct consent_issuer issuer = {.org = work->mail->envelope.sender.org};
    const struct consent_check check = {
        .hub = &work->hub->params.hub,
        .issuer = &issuer,
        .before = work->before == NULL ? NULL : &work->before->token,
        .state = work->before == NULL ? CONSENT_STATE_NONE : work->before->state,
        .now_ms = work->view->now_ms,
        .clock_off = work->hub->clock_halted,
    };
    int r = member_get(work->view->txn, &issuer.org, work->view->arena, &membership);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? ERR_STORAGE : r; /* the office knew it */
    }
    issuer.right = membership.member.may_take_consent;
    memcpy(issuer.sign.bytes, membership.member.sign.bytes, sizeof(issuer.sign.bytes));
    *ret = final_of(consent_token_check(&work->message.token, &check, work->view->arena,
                                        &work->token, &work->state));
    /* Twelve months from when? A clock that is behind must not refuse a family's word for good. */
    bool by_clock = *ret == REFUSAL_TOO_LONG || *ret == REFUSAL_FROM_THE_FUTURE;
    *ret = by_clock && work->hub->clock_halted ? REFUSAL_BUSY : *ret;
    return arena_judged(*ret);
}

/* The handle's past: what stands, and whether it was withdrawn. */
static int look_up(struct consent_under_work *work, enum refusal *ret) {
    const struct family_keys *keys = &work->hub->params.families;
    struct consent_token token;
    bool stands = false;
    *ret = consent_token_decode(work->message.token.token, work->view->arena, &token);
    if (*ret != REFUSAL_NONE) {
        return arena_judged(*ret);
    }
    work->lookup = family_lookup_key(keys->index, &token.handle);
    int r = tombstone_stands(work->view->txn, &work->lookup, &stands);
    if (r == 0 && stands) {
        *ret = REFUSAL_NO_CONSENT;
        return 0;
    }
    if (r == 0) {
        r = family_get(work->view->txn, keys, &token.handle, work->hub->scratch, &work->before);
    }
    work->unreadable = r == ERR_CRYPTO;
    return r == ERR_NOT_FOUND || r == ERR_CRYPTO ? 0 : r;
}

/* The withdrawal was here first: its tombstone stands now, and the consent never did. */
static int refuse_withdrawn(const struct consent_under_work *work,
                            const struct waiting_found *waiting, struct decision *ret) {
    const struct tombstone_draft draft = {
        .lookup = &work->lookup,
        .handle = &work->token.handle,
        .basis = waiting->basis,
        .until_ms = consent_end_ms(work->token.end_month),
        .holders = &work->mail->envelope.sender.org,
        .holder_count = 1,
    };
    ret->refusal = REFUSAL_NO_CONSENT;
    return tombstones_decide(work->hub, work->view, &draft, ret);
}

static bool envelopes_fit(const struct consent_under_work *work) {
    bool fit = true;
    for (size_t i = 0; i < work->message.envelope_count; i++) {
        fit = fit && consent_names_fallback(&work->token, &work->message.envelopes[i].org);
    }
    return fit;
}

/* A new one may not sanction (DESIGN 2, promise 9). One that the family chose before may stay: it
 * gets no turn any more, and whoever takes away must not be held up by it. */
static int judge_fallback(const struct consent_under_work *work, const struct org_id *org,
                          enum refusal *ret) {
    struct membership membership;
    if (org->text[0] == '\0' ||
        (work->before != NULL && consent_names_fallback(&work->before->token, org))) {
        return 0;
    }
    int r = member_get(work->view->txn, org, work->view->arena, &membership);
    if (r == 0 && membership.member.may_sanction) {
        *ret = REFUSAL_MAY_SANCTION;
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

static int judge_fallbacks(const struct consent_under_work *work, enum refusal *ret) {
    int r = judge_fallback(work, &work->token.fallback_first, ret);
    return r < 0 ? r : judge_fallback(work, &work->token.fallback_second, ret);
}

/* Those that came, and an empty one for each fallback that is none any more. */
static int set_envelopes(const struct consent_under_work *work, struct family *family) {
    size_t count = work->message.envelope_count;
    struct contact_envelope *list =
        ARENA_ARRAY(work->hub->scratch, struct contact_envelope, 2 * CONSENT_ENVELOPES_MAX);
    if (list == NULL) {
        return ERR_NO_MEMORY;
    }
    memcpy(list, work->message.envelopes, count * sizeof(list[0]));
    if (work->before != NULL) {
        const struct org_id *old[] = {&family->token.fallback_first,
                                      &family->token.fallback_second};
        for (size_t i = 0; i < 2; i++) {
            if (old[i]->text[0] != '\0' && !consent_names_fallback(&work->token, old[i])) {
                list[count++].org = *old[i];
            }
        }
    }
    family->envelopes = list;
    family->envelope_count = count;
    return 0;
}

/* What the sender has begun, or changed, today; a bound on floods. */
static int count_today(const struct consent_under_work *work, uint32_t **ret_count,
                       struct decision *ret) {
    bool changes = work->before != NULL;
    struct peer *peer = peers_today(work->hub->peers, &work->mail->envelope.sender.org,
                                    brussels_day(work->view->now_ms));
    if (peer == NULL) {
        return ERR_NO_MEMORY;
    }
    *ret_count = changes ? &peer->consent_changes : &peer->families;
    families_judge_quota(**ret_count, changes ? CONSENT_CHANGES_A_DAY_MAX : FAMILIES_A_DAY_MAX,
                         ret);
    return 0;
}

/* A key that isn't used after all only takes room. */
static int row_for(const struct consent_under_work *work, struct family **ret_family,
                   struct decision *ret) {
    struct family *family = work->before;
    uint32_t *count;
    uint64_t key = 0;
    int r = count_today(work, &count, ret);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    if (family == NULL) {
        family = ARENA_NEW(work->hub->scratch, struct family);
        if (family == NULL) {
            return ERR_NO_MEMORY;
        }
        if (!hub_take_key(work->hub, &key)) {
            ret->refusal = REFUSAL_BUSY;
            ret->retry_after_s = KEYS_RETRY_S;
            return 0;
        }
        family_init(family, &work->token.handle);
        family->record_key = key;
    }
    ++*count;
    *ret_family = family;
    return 0;
}

static void write_token(const struct consent_under_work *work, struct family *family,
                        int32_t today) {
    const struct consent_token *token = &work->token;
    bool shorter = work->before != NULL && token->end_month != family->token.end_month;
    family->endings_told = shorter ? 0 : family->endings_told;
    family->given_day =
        work->state == CONSENT_GIVEN || work->before == NULL ? today : family->given_day;
    family->end_month_max =
        token->end_month > family->end_month_max ? token->end_month : family->end_month_max;
    family->token = *token;
    family->signed_token = work->message.token;
    family->state = work->state;
}

static void dismiss(struct family_work *work, const struct org_id *fallbacks, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (fallbacks[i].text[0] != '\0' &&
            !consent_names_fallback(&work->family->token, &fallbacks[i])) {
            flags_dismiss(work->family, &work->world, &fallbacks[i], work->effects);
        }
    }
}

static int decide_good(struct consent_under_work *consent, struct decision *ret) {
    const struct org_id *sender = &consent->mail->envelope.sender.org;
    struct family *family = NULL;
    struct family_work work = {0};
    int r = row_for(consent, &family, ret);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    r = set_envelopes(consent, family);
    if (r == 0) {
        r = families_begin(consent->hub, consent->view, family, &work);
    }
    if (r < 0) {
        return r;
    }
    const struct org_id fallbacks[] = {family->token.fallback_first, family->token.fallback_second};
    write_token(consent, family, work.world.today);
    dismiss(&work, fallbacks, sizeof(fallbacks) / sizeof(fallbacks[0]));
    supports_narrow(&work);
    if (!family_admit(family, sender)) {
        ret->refusal = REFUSAL_OVER_QUOTA;
        return 0;
    }
    if (consent->message.support.statement.length > 0) {
        r = supports_put(&work, sender, &consent->message.support, &ret->refusal);
        if (r < 0 || ret->refusal != REFUSAL_NONE) {
            return r;
        }
    }
    if (consent->before == NULL) {
        effects_count(work.effects, COUNT_CONSENT_GIVEN, 0, 0);
        if (consent->message.support_expected && !consent->hub->clock_halted) {
            flags_expect_support(family, &work.world);
        }
    }
    if (consent->unreadable) {
        r = families_decide_unreadable(consent->view, &consent->lookup, ret);
    }
    if (r == 0) {
        r = families_taken(consent->view, consent->mail, ret);
    }
    return r < 0 ? r : families_finish(&work, CHANGE_CONSENT, ret);
}

int consents_decide(struct hub *hub, const struct turn_view *view, const struct office_mail *mail,
                    struct decision *ret) {
    struct consent_under_work work = {.hub = hub, .view = view, .mail = mail};
    struct waiting_found waiting = {0};
    ret->refusal = consent_message_decode(mail->envelope.body, view->arena, &work.message);
    if (ret->refusal == REFUSAL_NONE) {
        ret->refusal = consent_purpose_check(MESSAGE_KIND_CONSENT, work.message.purpose);
    }
    if (ret->refusal != REFUSAL_NONE) {
        return arena_judged(ret->refusal);
    }
    int r = look_up(&work, &ret->refusal);
    if (r == 0 && ret->refusal == REFUSAL_NONE) {
        r = check_token(&work, &ret->refusal);
        ret->retry_after_s = ret->refusal == REFUSAL_BUSY ? CLOCK_RETRY_S : 0;
    }
    if (r == 0 && ret->refusal == REFUSAL_NONE && !envelopes_fit(&work)) {
        ret->refusal = REFUSAL_OUT_OF_SCOPE;
    }
    if (r == 0 && ret->refusal == REFUSAL_NONE) {
        r = judge_fallbacks(&work, &ret->refusal);
    }
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    r = waiting_find(view, &work.lookup, &work.token, &waiting);
    if (r < 0) {
        return r;
    }
    return waiting.found ? refuse_withdrawn(&work, &waiting, ret) : decide_good(&work, ret);
}
