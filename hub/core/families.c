#include "hub/core/families.h"

#include <string.h>

#include "hub/core/counts.h"
#include "hub/core/family_store.h"
#include "hub/core/flags.h"
#include "hub/core/notices.h"
#include "hub/core/tombstones.h"
#include "shared/base/civil.h"
#include "shared/consent/consent.h"

enum { QUOTA_RETRY_S = 3600 };

/* -- record keys -- */

int hub_offer_keys(struct hub *hub, uint64_t first_id, uint64_t count) {
    if (hub->key_runs == KEY_RUNS_MAX) {
        return ERR_AGAIN;
    }
    if (count > 0) {
        hub->keys[hub->key_runs++] = (struct key_run){.first = first_id, .count = count};
    }
    return 0;
}

uint64_t hub_keys_left(const struct hub *hub) {
    uint64_t left = 0;
    for (size_t i = 0; i < hub->key_runs; i++) {
        left += hub->keys[i].count;
    }
    return left;
}

/* A turn that is aborted has used up its keys all the same: they only take room. */
bool hub_take_key(struct hub *hub, uint64_t *ret) {
    if (hub->key_runs == 0) {
        return false;
    }
    struct key_run *run = &hub->keys[0];
    *ret = run->first++;
    run->count--;
    if (run->count == 0) {
        hub->key_runs--;
        memmove(&hub->keys[0], &hub->keys[1], hub->key_runs * sizeof(hub->keys[0]));
    }
    return true;
}

int hub_last_key(struct hub *hub, uint64_t *ret) {
    struct store_txn *view;
    int r = store_begin_read(hub->params.store, &view);
    if (r == 0) {
        r = family_last_key(view, ret);
        store_abort(view);
    }
    return r;
}

/* -- the world, as the rules ask for it -- */

static enum desk desk_of(const struct membership *membership, int32_t day,
                         struct org_id *ret_deputy) {
    if (!membership->active) {
        return DESK_GONE;
    }
    for (size_t i = 0; i < membership->member.closure_count; i++) {
        const struct closure *closure = &membership->member.closures[i];
        if (day >= closure->from_day && day < closure->until_day) {
            *ret_deputy = closure->deputy;
            return DESK_CLOSED;
        }
    }
    return DESK_OPEN;
}

static enum desk ask_desk(void *context, const struct org_id *org, int32_t day,
                          struct org_id *ret_deputy) {
    struct family_work *work = context;
    struct arena *scratch = work->hub->scratch;
    const struct arena_mark mark = arena_mark(scratch);
    struct membership membership;
    enum desk desk = DESK_GONE;
    *ret_deputy = (struct org_id){0};
    int r = member_get(work->view->txn, org, scratch, &membership);
    if (r == 0) {
        desk = desk_of(&membership, day, ret_deputy);
    }
    work->failed = r < 0 && r != ERR_NOT_FOUND ? r : work->failed;
    arena_rewind(scratch, &mark);
    return desk;
}

static bool ask_may_sanction(void *context, const struct org_id *org) {
    struct family_work *work = context;
    struct arena *scratch = work->hub->scratch;
    const struct arena_mark mark = arena_mark(scratch);
    struct membership membership;
    int r = member_get(work->view->txn, org, scratch, &membership);
    const bool may = r == 0 && membership.member.may_sanction;
    work->failed = r < 0 && r != ERR_NOT_FOUND ? r : work->failed;
    arena_rewind(scratch, &mark);
    return may;
}

/* -- a row under work -- */

int families_begin(struct hub *hub, const struct turn_view *view, struct family *family,
                   struct family_work *ret) {
    struct family_effects *effects = ARENA_NEW(hub->scratch, struct family_effects);
    if (effects == NULL) {
        return ERR_NO_MEMORY;
    }
    *ret = (struct family_work){
        .hub = hub,
        .view = view,
        .family = family,
        .world = {.now_ms = view->now_ms,
                  .today = brussels_day(view->now_ms),
                  .rng = view->rng,
                  .desk = ask_desk,
                  .may_sanction = ask_may_sanction},
        .effects = effects,
    };
    ret->world.context = ret;
    return 0;
}

int families_load(struct hub *hub, const struct turn_view *view, const struct family_handle *handle,
                  struct family_work *ret) {
    struct family *family = NULL;
    int r = family_get(view->txn, &hub->params.families, handle, hub->scratch, &family);
    if (r < 0) {
        return r == ERR_CRYPTO ? ERR_NOT_FOUND : r;
    }
    return families_begin(hub, view, family, ret);
}

/* What has to be looked at again at once would be looked at for ever. */
static int64_t due_of(const struct family_work *work) {
    const struct family *family = work->family;
    const int64_t end_ms = consent_end_ms(family->token.end_month);
    const int64_t soon_ms = work->view->now_ms + HOUR_MS;
    int64_t due_ms = family->due_ms < soon_ms ? soon_ms : family->due_ms;
    return due_ms < end_ms ? due_ms : end_ms;
}

int families_finish(struct family_work *work, enum family_change change, struct decision *ret) {
    struct hub *hub = work->hub;
    const struct family_writing writing = {
        .view = work->view, .keys = &hub->params.families, .scratch = hub->scratch};
    work->world.context = work;
    if (hub->clock_halted) {
        work->family->due_ms = 0;
    } else {
        flags_judge(work->family, &work->world, work->effects);
        work->family->due_ms = due_of(work);
    }
    int r = work->failed;
    if (r == 0) {
        r = family_decide(&writing, work->family, (uint8_t)change, ret);
    }
    if (r == 0) {
        r = notices_post_effects(hub, work->view, work->family, work->effects, ret);
    }
    if (r == 0) {
        r = counts_decide(work->view, work->effects->counts, work->effects->count_count, ret);
    }
    return r;
}

int families_taken(const struct turn_view *view, const struct office_mail *mail,
                   struct decision *ret) {
    struct buf buf = decision_buf(view, 256);
    stamp_write(&buf, &mail->stamp);
    return decision_add(ret, FACT_TAKEN, &buf);
}

void families_judge_quota(uint32_t said, uint32_t max, struct decision *ret) {
    if (said >= max) {
        ret->refusal = REFUSAL_BUSY;
        ret->retry_after_s = QUOTA_RETRY_S;
    }
}

/* -- messages about a family that is known -- */

/* Which family a message is about, and what the consent is asked for. */
struct about {
    struct family_handle handle;
    struct consent_question question;
};

static enum refusal about_statement(struct bytes statement, enum message_kind kind,
                                    struct arena *arena, struct about *ret) {
    struct support support;
    struct ask ask;
    struct concern concern;
    enum refusal refusal = REFUSAL_NOT_ALLOWED;
    if (kind == MESSAGE_KIND_SUPPORT) {
        refusal = support_decode(statement, arena, &support);
        if (refusal == REFUSAL_NONE) {
            ret->handle = support.handle;
            ret->question.purpose = support.purpose;
        }
    } else if (kind == MESSAGE_KIND_ASK) {
        refusal = ask_decode(statement, arena, &ask);
        if (refusal == REFUSAL_NONE) {
            ret->handle = ask.handle;
            ret->question.purpose = ask.purpose;
        }
    } else if (kind == MESSAGE_KIND_CONCERN) {
        refusal = concern_decode(statement, arena, &concern);
        if (refusal == REFUSAL_NONE) {
            ret->handle = concern.handle;
            ret->question.purpose = concern.purpose;
            ret->question.by_family = concern.by == CONCERN_BY_FAMILY;
        }
    }
    return refusal;
}

static enum refusal about_body(struct bytes body, enum message_kind kind, struct arena *arena,
                               struct about *ret) {
    struct proven proven;
    struct ask_answer answer;
    struct flag_answer flag;
    enum refusal refusal;
    switch ((int)kind) {
    case MESSAGE_KIND_ASK_ANSWER:
        refusal = ask_answer_decode(body, arena, &answer);
        if (refusal == REFUSAL_NONE) {
            ret->handle = answer.handle;
            ret->question.purpose = answer.purpose;
        }
        return refusal;
    case MESSAGE_KIND_FLAG_ANSWER:
        refusal = flag_answer_decode(body, arena, &flag);
        if (refusal == REFUSAL_NONE) {
            ret->handle = flag.handle;
            ret->question.purpose = flag.purpose;
        }
        return refusal;
    default:
        refusal = proven_decode(body, arena, &proven);
        return refusal == REFUSAL_NONE ? about_statement(proven.statement, kind, arena, ret)
                                       : refusal;
    }
}

struct taker {
    enum message_kind kind;
    enum family_change change;
    int (*take)(struct family_work *work, const struct office_mail *mail, enum refusal *ret);
};

static const struct taker takers[] = {
    {MESSAGE_KIND_SUPPORT, CHANGE_SUPPORT, supports_take},
    {MESSAGE_KIND_ASK, CHANGE_ASK, asks_take},
    {MESSAGE_KIND_ASK_ANSWER, CHANGE_ASK_ANSWER, ask_answers_take},
    {MESSAGE_KIND_CONCERN, CHANGE_CONCERN, concerns_take},
    {MESSAGE_KIND_FLAG_ANSWER, CHANGE_FLAG_ANSWER, flag_answers_take},
};

static const struct taker *taker_of(enum message_kind kind) {
    for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++) {
        if (takers[i].kind == kind) {
            return &takers[i];
        }
    }
    return NULL;
}

static int decide_about(struct hub *hub, const struct turn_view *view,
                        const struct office_mail *mail, struct decision *ret) {
    const enum message_kind kind = mail->kind->kind;
    const struct taker *taker = taker_of(kind);
    struct about about = {
        .question = {.kind = kind, .now_ms = view->now_ms, .clock_off = hub->clock_halted}};
    struct family_work work = {0};
    if (taker == NULL) {
        ret->refusal = REFUSAL_NOT_ALLOWED;
        return 0;
    }
    ret->refusal = about_body(mail->envelope.body, kind, view->arena, &about);
    if (ret->refusal != REFUSAL_NONE) {
        return arena_judged(ret->refusal);
    }
    int r = families_load(hub, view, &about.handle, &work);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    const struct family *family = work.family;
    ret->refusal =
        consent_covers(family == NULL ? NULL : &family->token,
                       family == NULL ? CONSENT_STATE_NONE : family->state, &about.question);
    if (ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    r = taker->take(&work, mail, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    r = families_taken(view, mail, ret);
    return r < 0 ? r : families_finish(&work, taker->change, ret);
}

static int decide_kind(struct hub *hub, const struct turn_view *view,
                       const struct office_mail *mail, struct decision *ret) {
    switch ((int)mail->kind->kind) {
    case MESSAGE_KIND_CONSENT:
        return consents_decide(hub, view, mail, ret);
    case MESSAGE_KIND_WITHDRAWAL:
        return withdrawals_decide(hub, view, mail, ret);
    case MESSAGE_KIND_ERASED:
        return tombstones_decide_erased(view, mail, ret);
    case MESSAGE_KIND_CALL_BACK:
    case MESSAGE_KIND_CALLED_BACK:
        return call_backs_decide(hub, view, mail, ret);
    case MESSAGE_KIND_NEW_CARD:
        return new_cards_decide(hub, view, mail, ret);
    default:
        return decide_about(hub, view, mail, ret);
    }
}

/* Those that aren't have a bound of their own, or make us hold less. */
static bool is_counted(enum message_kind kind) {
    return kind != MESSAGE_KIND_CONSENT && kind != MESSAGE_KIND_NEW_CARD &&
           kind != MESSAGE_KIND_WITHDRAWAL && kind != MESSAGE_KIND_ERASED;
}

int families_decide_mail(struct hub *hub, const struct turn_view *view,
                         const struct office_mail *mail, struct decision *ret) {
    if (!is_counted(mail->kind->kind)) {
        return decide_kind(hub, view, mail, ret);
    }
    struct peer *peer =
        peers_today(hub->peers, &mail->envelope.sender.org, brussels_day(view->now_ms));
    if (peer == NULL) {
        return ERR_NO_MEMORY;
    }
    families_judge_quota(peer->family_messages, FAMILY_MESSAGES_A_DAY_MAX, ret);
    if (ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    int r = decide_kind(hub, view, mail, ret);
    peer->family_messages += r == 0 && ret->refusal == REFUSAL_NONE;
    return r;
}

/* -- apply -- */

int families_apply_fact(const struct turn_view *view, const struct fact *fact) {
    switch ((int)fact->type) {
    case FACT_TAKEN:
        return inbox_apply_taken(view->txn, fact->body);
    case FACT_TOMBSTONE:
    case FACT_TOMBSTONE_OVER:
    case FACT_ERASED:
        return tombstones_apply(view, fact);
    default:
        return family_store_apply(view, fact);
    }
}
