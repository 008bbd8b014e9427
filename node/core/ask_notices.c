#include <string.h>

#include "node/core/notices.h"
#include "shared/crypto/secret.h"

/* What others say of questions, through the hub: each as its sender signed it. */

static int put(const struct notice_work *work, struct item *item) {
    int r = item_decide(work->node, work->view, item, work->ret);
    secret_wipe(&item->contact, sizeof(item->contact));
    return r;
}

static int judged(enum refusal refusal) {
    return refusal == REFUSAL_NO_ROOM ? ERR_NO_MEMORY : 0;
}

static int read_ask(const struct notice_work *work, struct ask *ret) {
    const struct envelope *origin = work->news->origin;
    struct proven proven;
    struct sign_public presence;
    enum refusal *refusal = &work->ret->refusal;
    if (work->news->token == NULL) {
        *refusal = REFUSAL_NO_CONSENT;
        return 0;
    }
    *refusal = proven_decode(origin->body, work->view->arena, &proven);
    if (*refusal == REFUSAL_NONE) {
        *refusal = ask_decode(proven.statement, work->view->arena, ret);
    }
    if (*refusal != REFUSAL_NONE) {
        return judged(*refusal);
    }
    memcpy(presence.bytes, work->news->token->presence_key, sizeof(presence.bytes));
    if (!consent_proved(&proven, ASK_DOMAIN, &presence)) {
        *refusal = REFUSAL_BAD_SIGNATURE;
    } else if (!family_handle_equal(&ret->handle, &work->notice->handle) ||
               !org_id_equal(&ret->org, &origin->sender.org)) {
        *refusal = REFUSAL_NOT_YOURS;
    }
    return 0;
}

static int read_answer(const struct notice_work *work, struct ask_answer *ret) {
    enum refusal *refusal = &work->ret->refusal;
    *refusal = ask_answer_decode(work->news->origin->body, work->view->arena, ret);
    if (*refusal == REFUSAL_NONE && !family_handle_equal(&ret->handle, &work->notice->handle)) {
        *refusal = REFUSAL_NOT_YOURS;
    }
    return judged(*refusal);
}

/* What a question tells, from whoever it came to us. */
struct question {
    struct message_id id;
    struct org_id from;
    const struct service_id *service; /* may be empty: not told */
    const struct sealed *contact;
};

static int take_question(const struct notice_work *work, const struct question *question) {
    struct item *item;
    bool fresh;
    int r = notice_item(work, NOTICE_ASK, BYTES_OF(question->id), &item, &fresh);
    if (r < 0 || item == NULL || (!fresh && item->ask_state == ASK_REVOKED)) {
        return r;
    }
    if (question->contact->box.length > 0) {
        r = node_open_contact(work->node, question->contact, &item->contact);
        item->has_contact = item->has_contact || r == 0;
        if (r < 0 && r != ERR_NOT_FOUND && r != ERR_CRYPTO && r != ERR_MALFORMED) {
            return r;
        }
    }
    item->about = question->id;
    item->from = question->from;
    item->service = question->service->text[0] == '\0' ? item->service : *question->service;
    item->ask_state = ASK_OPEN;
    item->ask_reason = ASK_REASON_NONE;
    item_hand_back(item);
    item_renew(item, false);
    return put(work, item);
}

/* Also of a question that comes after its end: it mustn't open then. */
static int take_revoked(const struct notice_work *work, const struct ask *ask) {
    struct item *item;
    bool fresh;
    int r = notice_item(work, NOTICE_ASK, BYTES_OF(ask->id), &item, &fresh);
    if (r < 0 || item == NULL) {
        return r;
    }
    bool had_it = !fresh && (item->ask_state == ASK_OPEN || item->ask_state == ASK_TAKEN);
    item->about = ask->id;
    item->service = ask->service;
    item->from = ask->org;
    item->ask_state = ASK_REVOKED;
    item->state = ITEM_DONE;
    if (had_it) {
        item_renew(item, false); /* somebody may be about to call the family */
    }
    return put(work, item);
}

static int take_ask(const struct notice_work *work) {
    struct ask ask;
    int r = read_ask(work, &ask);
    if (r < 0 || work->ret->refusal != REFUSAL_NONE) {
        return r;
    }
    if (ask.revoked) {
        return take_revoked(work, &ask);
    }
    if (!org_id_equal(&ask.to, &work->node->params.own.org)) {
        work->ret->refusal = REFUSAL_NOT_YOURS;
        return 0;
    }
    const struct question question = {
        .id = ask.id, .from = ask.org, .service = &ask.service, .contact = &ask.contact};
    return take_question(work, &question);
}

static int take_passed_on(const struct notice_work *work) {
    struct ask_answer answer;
    int r = read_answer(work, &answer);
    if (r < 0 || work->ret->refusal != REFUSAL_NONE) {
        return r;
    }
    if (work->news->token == NULL) {
        work->ret->refusal = REFUSAL_NO_CONSENT;
        return 0;
    }
    if (answer.state != ASK_PASSED_ON ||
        !org_id_equal(&answer.passed_to, &work->node->params.own.org)) {
        work->ret->refusal = REFUSAL_NOT_YOURS;
        return 0;
    }
    const struct question question = {.id = answer.id,
                                      .from = work->news->origin->sender.org,
                                      .service = &answer.service,
                                      .contact = &answer.contact};
    return take_question(work, &question);
}

int ask_notice_take(const struct notice_work *work) {
    const struct envelope *origin = work->news->origin;
    if (origin != NULL && origin->kind == MESSAGE_KIND_ASK) {
        return take_ask(work);
    }
    if (origin != NULL && origin->kind == MESSAGE_KIND_ASK_ANSWER) {
        return take_passed_on(work);
    }
    work->ret->refusal = REFUSAL_MALFORMED;
    return 0;
}

/* Who answered is who has it now: the hub lets nobody else. */
static void hear_answer(struct item *item, const struct ask_answer *answer,
                        const struct org_id *by) {
    item->from = answer->state == ASK_PASSED_ON ? answer->passed_to : *by;
    item->ask_reason = answer->reason;
    if (item->ask_state == ASK_REVOKED && answer->state != ASK_REFUSED) {
        return;
    }
    item->ask_state = answer->state;
    item_renew(item, false);
}

static int take_answer(const struct notice_work *work) {
    struct ask_answer answer;
    struct item *item = NULL;
    bool fresh;
    int r = read_answer(work, &answer);
    if (r < 0 || work->ret->refusal != REFUSAL_NONE) {
        return r;
    }
    r = item_about(work->node, work->view, NOTICE_ASK_NEWS, BYTES_OF(answer.id), &item);
    if (r < 0) {
        return r;
    }
    if (item == NULL) {
        work->ret->refusal = REFUSAL_NOT_FOUND;
        return 0;
    }
    if (!family_handle_equal(&item->handle, &answer.handle)) {
        work->ret->refusal = REFUSAL_NOT_YOURS;
        return 0;
    }
    r = notice_item(work, NOTICE_ASK_NEWS, BYTES_OF(answer.id), &item, &fresh);
    if (r < 0 || item == NULL) {
        return r;
    }
    hear_answer(item, &answer, &work->news->origin->sender.org);
    return put(work, item);
}

int ask_news_take(const struct notice_work *work) {
    const struct envelope *origin = work->news->origin;
    if (origin != NULL && origin->kind == MESSAGE_KIND_ASK_ANSWER) {
        return take_answer(work);
    }
    if (origin != NULL && origin->kind == MESSAGE_KIND_ASK) {
        return take_ask(work);
    }
    work->ret->refusal = REFUSAL_MALFORMED;
    return 0;
}
