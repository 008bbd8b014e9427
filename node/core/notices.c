#include "node/core/notices.h"

#include <string.h>

#include "node/core/supports.h"
#include "shared/crypto/secret.h"

static bool about_family(const struct notice *notice) {
    static const struct family_handle nobody;
    return !family_handle_equal(&notice->handle, &nobody);
}

/* -- items -- */

static int fresh_item(const struct notice_work *work, enum notice_kind kind, struct bytes subject,
                      struct item **ret) {
    struct item *item = ARENA_NEW(work->view->arena, struct item);
    if (item == NULL) {
        return ERR_NO_MEMORY;
    }
    item->id = item_id_of(kind, subject);
    item->kind = kind;
    item->handle = work->notice->handle;
    item->about = work->notice->about;
    item->state = ITEM_NEW;
    item->received_ms = work->view->now_ms;
    *ret = item;
    return 0;
}

int notice_item(const struct notice_work *work, enum notice_kind kind, struct bytes subject,
                struct item **ret, bool *ret_fresh) {
    struct item *item = NULL;
    int r = item_about(work->node, work->view, kind, subject, &item);
    *ret_fresh = item == NULL;
    if (r == 0 && item == NULL) {
        r = fresh_item(work, kind, subject, &item);
    }
    if (r < 0) {
        return r;
    }
    if (item->said_ms > work->news->said_ms) {
        *ret = NULL;
        return 0;
    }
    item->said_ms = work->news->said_ms;
    item->refusal = REFUSAL_NONE;
    item->family = work->row != NULL ? work->row->number : item->family;
    if (work->news->token != NULL) {
        item->token = work->notice->token;
    }
    *ret = item;
    return 0;
}

static int put(const struct notice_work *work, struct item *item) {
    return item_decide(work->node, work->view, item, work->ret);
}

/* -- flags -- */

/* What the family left for us. One that we can't open must not cost us the flag itself. */
static int open_envelope(const struct notice_work *work, struct item *item) {
    if (work->notice->contact.box.length == 0) {
        return 0;
    }
    int r = node_open_contact(work->node, &work->notice->contact, &item->contact);
    item->has_contact = item->has_contact || r == 0;
    return r == ERR_NOT_FOUND || r == ERR_CRYPTO || r == ERR_MALFORMED ? 0 : r;
}

static bool over(const struct notice_flag *flag) {
    return flag->state == FLAG_CLOSED;
}

/* We closed it, and this is the hub's word of what went before. */
static bool went_before(const struct item *item, const struct notice_flag *flag) {
    return item->state == ITEM_DONE && item->flag.state == FLAG_CLOSED &&
           (flag->state == FLAG_ACKNOWLEDGED || flag->state == FLAG_CONTACTED);
}

/* A person of ours that has it keeps it, until it's another's turn. */
static void update_flag(struct item *item, const struct notice_flag *flag, bool fresh) {
    const struct notice_flag before = item->flag;
    if (!fresh && went_before(item, flag)) {
        return;
    }
    bool again = item->state == ITEM_DONE && flag->state == FLAG_OPEN;
    bool now_ours = flag->yours && (fresh || !before.yours || again);
    bool moved = flag->yours && before.acknowledge_by_day != flag->acknowledge_by_day &&
                 flag->state == FLAG_OPEN;
    item->flag = *flag;
    if (over(flag) || (!fresh && before.yours && !flag->yours)) {
        item->state = ITEM_DONE;
        item->urgent = false;
    } else if (now_ours || (moved && item->state != ITEM_TAKEN)) {
        item_hand_back(item);
        item_renew(item, true);
    } else if (!fresh && again && before.state == FLAG_CLOSED) {
        item_renew(item, false); /* it's open again, and we're told */
    }
}

static int take_flag(const struct notice_work *work) {
    const struct notice *notice = work->notice;
    struct item *item;
    bool fresh;
    if (work->news->token == NULL) {
        work->ret->refusal = REFUSAL_NO_CONSENT;
        return 0;
    }
    if (flag_kind_text(notice->flag.kind) == NULL || flag_state_text(notice->flag.state) == NULL) {
        work->ret->refusal = REFUSAL_UNKNOWN_VALUE;
        return 0;
    }
    int r = notice_item(work, NOTICE_FLAG, BYTES_OF(notice->flag.id), &item, &fresh);
    if (r < 0 || item == NULL) {
        return r;
    }
    r = open_envelope(work, item);
    if (r < 0) {
        return r;
    }
    update_flag(item, &notice->flag, fresh);
    r = put(work, item);
    secret_wipe(&item->contact, sizeof(item->contact));
    return r;
}

/* Of a flag that we never heard of (its notice is late) the end is kept too, so that the late one
 * doesn't open it. */
static int take_flag_over(const struct notice_work *work) {
    const struct notice *notice = work->notice;
    struct item *item;
    bool fresh;
    int r = notice_item(work, NOTICE_FLAG, BYTES_OF(notice->flag.id), &item, &fresh);
    if (r < 0 || item == NULL || (fresh && work->news->token == NULL)) {
        return r;
    }
    bool lost = item->state == ITEM_TAKEN && !over(&notice->flag);
    item->flag = notice->flag;
    item->flag.yours = false;
    item->state = ITEM_DONE;
    item->urgent = false;
    if (lost) {
        item_renew(item, false); /* who was on it must know that it's another's turn now */
    }
    return put(work, item);
}

/* -- answers to what we raised -- */

static int raised(const struct notice_work *work, struct item **ret) {
    const struct bytes about = BYTES_OF(work->notice->about);
    int r = item_about(work->node, work->view, NOTICE_ANSWER, about, ret);
    if (r == 0 && *ret == NULL) {
        r = item_about(work->node, work->view, NOTICE_ASK_NEWS, about, ret);
    }
    return r;
}

static int take_answer(const struct notice_work *work) {
    struct item *item = NULL;
    bool fresh;
    int r = raised(work, &item);
    if (r < 0) {
        return r;
    }
    if (item == NULL) {
        work->ret->refusal = REFUSAL_NOT_FOUND;
        return 0;
    }
    if (!family_handle_equal(&item->handle, &work->notice->handle)) {
        work->ret->refusal = REFUSAL_NOT_YOURS;
        return 0;
    }
    r = notice_item(work, item->kind, BYTES_OF(work->notice->about), &item, &fresh);
    if (r < 0 || item == NULL) {
        return r;
    }
    item->flag = work->notice->flag;
    if (item->flag.state != FLAG_OPEN) { /* whose turn it is can be read; what was done is news */
        item_renew(item, false);
    }
    return put(work, item);
}

/* -- consents that end, supports that ended -- */

static int take_ending(const struct notice_work *work) {
    struct item *item;
    bool fresh;
    int r = notice_item(work, NOTICE_ENDING, BYTES_OF(work->notice->handle), &item, &fresh);
    if (r < 0 || item == NULL) {
        return r;
    }
    item->end_day = work->notice->end_day;
    item_renew(item, false);
    return put(work, item);
}

static int take_support_over(const struct notice_work *work) {
    struct item *item;
    bool fresh;
    if (work->row == NULL || !work->row->support.exists) {
        work->ret->refusal = REFUSAL_NOT_FOUND;
        return 0;
    }
    int r = support_over_decide(work->node, work->view, work->row, work->notice->why, work->ret);
    if (r == 0) {
        r = notice_item(work, NOTICE_SUPPORT_OVER, BYTES_OF(work->notice->handle), &item, &fresh);
    }
    if (r < 0 || item == NULL) {
        return r;
    }
    item->why = work->notice->why;
    item_renew(item, false);
    return put(work, item);
}

/* -- all of them -- */

static int dispatch(const struct notice_work *work) {
    switch (work->notice->kind) {
    case NOTICE_FLAG:
        return take_flag(work);
    case NOTICE_FLAG_OVER:
        return take_flag_over(work);
    case NOTICE_ANSWER:
        return take_answer(work);
    case NOTICE_ENDING:
        return take_ending(work);
    case NOTICE_ASK:
        return ask_notice_take(work);
    case NOTICE_ASK_NEWS:
        return ask_news_take(work);
    case NOTICE_CALL_BACK:
        return call_back_notice_take(work);
    case NOTICE_CALLED_BACK:
        return called_back_notice_take(work);
    case NOTICE_SUPPORT_OVER:
        return take_support_over(work);
    case NOTICE_NEW_CARD: /* new_card.c's */
    case NOTICE_KIND_NONE:
    default:
        work->ret->refusal = REFUSAL_UNKNOWN_VALUE;
        return 0;
    }
}

/* About no family but where it must be, and the other way round. */
static bool fits(const struct notice *notice) {
    bool call = notice->kind == NOTICE_CALL_BACK || notice->kind == NOTICE_CALLED_BACK;
    return call != about_family(notice);
}

static int find_row(struct notice_work *work) {
    struct family_vault vault = node_family_vault(work->node);
    int r =
        family_find(work->view->txn, &vault, &work->notice->handle, work->view->arena, &work->row);
    if (r == ERR_NOT_FOUND || r == ERR_CRYPTO) {
        work->row = NULL;
        return 0;
    }
    return r;
}

/* What only takes away needs none. Without a token it must be of a family whose consent we know. */
static int judge_consent(const struct notice_work *work) {
    const struct notice *notice = work->notice;
    bool takes_away = notice->kind == NOTICE_FLAG_OVER || notice->kind == NOTICE_SUPPORT_OVER;
    if (!about_family(notice) || takes_away || work->news->token != NULL) {
        return 0;
    }
    if (work->row == NULL || work->row->token.token.length == 0) {
        work->ret->refusal = REFUSAL_NO_CONSENT;
        return 0;
    }
    return family_covered(work->node, work->view, work->row, MESSAGE_KIND_NOTICE, false,
                          &work->ret->refusal);
}

/* A token that is newer than the one we have of a family that we know. */
static int learn_token(const struct notice_work *work) {
    struct family_row *row = work->row;
    const struct consent_token *token = work->news->token;
    struct consent_token known = {.number = 0};
    bool over_soon = work->notice->kind == NOTICE_SUPPORT_OVER; /* writes the row itself */
    if (row == NULL || token == NULL) {
        return 0;
    }
    if (row->token.token.length > 0) {
        enum refusal refusal = consent_token_decode(row->token.token, work->view->arena, &known);
        if (refusal != REFUSAL_NONE) {
            return refusal == REFUSAL_NO_ROOM ? ERR_NO_MEMORY : ERR_STORAGE;
        }
    }
    if (token->number <= known.number) {
        return 0;
    }
    row->token = work->notice->token;
    row->end_month = token->end_month;
    row->scopes = token->scopes;
    bool written = over_soon && row->support.exists && row->support.said.state != SUPPORT_ENDED;
    return written ? 0 : family_decide_row(work->node, work->view, row, work->ret);
}

int items_take_notice(struct node *node, const struct turn_view *view,
                      const struct notice_news *news, struct decision *ret) {
    struct notice_work work = {
        .node = node, .view = view, .news = news, .notice = news->notice, .ret = ret};
    if (!fits(news->notice)) {
        ret->refusal = REFUSAL_MALFORMED;
        return 0;
    }
    int r = about_family(news->notice) ? find_row(&work) : 0;
    if (r == 0) {
        r = judge_consent(&work);
    }
    if (r == 0 && ret->refusal == REFUSAL_NONE) {
        r = learn_token(&work);
    }
    return r < 0 || ret->refusal != REFUSAL_NONE ? r : dispatch(&work);
}
