#include "node/core/call_backs.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/civil.h"
#include "shared/crypto/secret.h"

/* -- whose desk -- */

static bool is_desk(const struct member *member, struct nis nis) {
    for (size_t i = 0; i < member->onthaal_count; i++) {
        if (member->onthaal[i].code == nis.code) {
            return true;
        }
    }
    return false;
}

static bool covers(const struct member *member, struct nis nis, int32_t today) {
    for (size_t i = 0; i < member->catchment_count; i++) {
        const struct catchment *one = &member->catchment[i];
        if (one->nis.code == nis.code && one->from_day <= today &&
            (one->until_day == 0 || today < one->until_day)) {
            return true;
        }
    }
    return false;
}

struct desk_question {
    struct nis nis;
    int32_t today;
    const struct org_id *but; /* who left, whatever our directory says yet; NULL: nobody */
};

/* Who answers for a municipality on that day: the active member that the directory names as its
 * onthaal desk; else an OCMW in whose catchment it lies. The first by id where there are several.
 * ERR_NOT_FOUND: nobody does. */
static int find_desk(struct store_txn *view, const struct desk_question *question,
                     struct arena *arena, struct membership *ret) {
    const struct nis nis = question->nis;
    struct members_cursor cursor;
    struct membership one;
    bool any = false;
    int r;
    for (r = members_first(view, arena, &cursor, &one); r == 0;
         r = members_next(&cursor, arena, &one)) {
        if (!one.active || (question->but != NULL && org_id_equal(&one.org, question->but))) {
            continue;
        }
        if (is_desk(&one.member, nis)) {
            *ret = one;
            return 0;
        }
        if (!any && one.member.kind == ORG_KIND_OCMW && covers(&one.member, nis, question->today)) {
            *ret = one;
            any = true;
        }
    }
    return r == ERR_NOT_FOUND && any ? 0 : r;
}

/* -- we ask -- */

static enum refusal judge(const struct call_back_arguments *arguments) {
    struct language language;
    bool place = arguments->nis.code > 0 && arguments->nis.code <= 99999;
    bool says = arguments->contact != NULL && arguments->contact[0] != '\0';
    if (!place || !says || language_parse(arguments->language.code, &language) < 0) {
        return REFUSAL_MALFORMED;
    }
    return REFUSAL_NONE;
}

/* To the desk of its municipality, but for one. */
static int seal(const struct turn_view *view, const char *contact, const struct org_id *but,
                struct call_back *call, enum refusal *ret) {
    struct membership desk;
    const struct contact_draft draft = {.text = contact};
    const struct desk_question question = {
        .nis = call->nis, .today = brussels_day(view->now_ms), .but = but};
    int r = find_desk(view->txn, &question, view->arena, &desk);
    if (r == ERR_NOT_FOUND) {
        *ret = REFUSAL_NO_DESK;
        return 0;
    }
    if (r < 0) {
        return r;
    }
    call->to = desk.org;
    return family_seal_contact(view, &draft, &desk, &call->contact, ret);
}

struct asking {
    struct node *node;
    const struct turn_view *view;
    struct item *item; /* our own */
};

/* The item as it is, and the call to whom it names. */
static int post(const struct asking *asking, const struct call_back *call, struct decision *ret) {
    struct item *item = asking->item;
    struct bytes body;
    int r = call_back_encode(call, asking->view->arena, &body);
    if (r == 0) {
        r = item_decide(asking->node, asking->view, item, ret);
    }
    if (r < 0) {
        return r;
    }
    struct sent_note note = {
        .kind = MESSAGE_KIND_CALL_BACK, .item = item->number, .about = call->id};
    return family_post(asking->node, asking->view, body, &note, ret);
}

int call_back_decide(struct node *node, const struct turn_view *view, const struct command *command,
                     struct decision *ret) {
    const struct call_back_arguments *arguments = command->arguments;
    struct call_back call = {
        .purpose = PURPOSE_CONCERN, .nis = arguments->nis, .language = arguments->language};
    ret->refusal = judge(arguments);
    int r = ret->refusal == REFUSAL_NONE
                ? seal(view, arguments->contact, NULL, &call, &ret->refusal)
                : 0;
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    rng_fill(view->rng, call.id.bytes, sizeof(call.id.bytes));
    struct item item = {
        .id = item_id_of(NOTICE_CALLED_BACK, BYTES_OF(call.id)),
        .kind = NOTICE_CALLED_BACK,
        .about = call.id,
        .from = call.to,
        .nis = call.nis,
        .language = call.language,
        .received_ms = view->now_ms,
        .has_contact = true, /* it fits: it was sealed */
    };
    (void)snprintf(item.contact.text, sizeof(item.contact.text), "%s", arguments->contact);
    item_take(&item, &command->actor);
    r = post(&(struct asking){.node = node, .view = view, .item = &item}, &call, ret);
    secret_wipe(&item.contact, sizeof(item.contact));
    return r < 0
               ? r
               : node_result(view, ret, "{\"item\":%u,\"desk\":\"%s\"}", item.number, call.to.text);
}

/* -- we call -- */

int called_back_decide(struct node *node, const struct turn_view *view,
                       const struct command *command, struct decision *ret) {
    const struct item_arguments *arguments = command->arguments;
    struct item *item = NULL;
    struct bytes body;
    int r = item_meet(node, view, arguments->item, NOTICE_CALL_BACK, &item, &ret->refusal);
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    if (item->flag.state != FLAG_STATE_NONE) {
        ret->refusal = REFUSAL_WRONG_MOVE;
        return 0;
    }
    const struct called_back called = {.purpose = PURPOSE_CONCERN, .id = item->about};
    item_take(item, &command->actor);
    item->flag.state = FLAG_CONTACTED;
    item->state = ITEM_DONE;
    item->urgent = false;
    item->refusal = REFUSAL_NONE;
    r = called_back_encode(&called, view->arena, &body);
    if (r == 0) {
        r = item_decide(node, view, item, ret);
    }
    secret_wipe(&item->contact, sizeof(item->contact));
    if (r < 0) {
        return r;
    }
    struct sent_note note = {
        .kind = MESSAGE_KIND_CALLED_BACK, .item = item->number, .about = called.id};
    r = family_post(node, view, body, &note, ret);
    return r < 0 ? r : node_result(view, ret, "{\"item\":%u}", item->number);
}

/* -- what the hub tells -- */

static int read_call(const struct notice_work *work, struct call_back *ret) {
    const struct envelope *origin = work->news->origin;
    enum refusal *refusal = &work->ret->refusal;
    if (origin == NULL || origin->kind != MESSAGE_KIND_CALL_BACK) {
        *refusal = REFUSAL_MALFORMED;
        return 0;
    }
    *refusal = call_back_decode(origin->body, work->view->arena, ret);
    if (*refusal == REFUSAL_NONE && !org_id_equal(&ret->to, &work->node->params.own.org)) {
        *refusal = REFUSAL_NOT_YOURS;
    }
    return *refusal == REFUSAL_NO_ROOM ? ERR_NO_MEMORY : 0;
}

int call_back_notice_take(const struct notice_work *work) {
    struct call_back call;
    struct item *item;
    bool fresh;
    int r = read_call(work, &call);
    if (r < 0 || work->ret->refusal != REFUSAL_NONE) {
        return r;
    }
    r = notice_item(work, NOTICE_CALL_BACK, BYTES_OF(call.id), &item, &fresh);
    if (r < 0 || item == NULL || !fresh) {
        return r; /* said again: who is on it stays on it */
    }
    r = node_open_contact(work->node, &call.contact, &item->contact);
    if (r < 0 && r != ERR_NOT_FOUND && r != ERR_CRYPTO && r != ERR_MALFORMED) {
        return r;
    }
    item->has_contact = r == 0;
    item->about = call.id;
    item->from = work->news->origin->sender.org;
    item->nis = call.nis;
    item->language = call.language;
    item->urgent = true;
    r = item_decide(work->node, work->view, item, work->ret);
    secret_wipe(&item->contact, sizeof(item->contact));
    return r;
}

static int end_call(const struct notice_work *work, struct item *item, enum flag_state state) {
    item->flag.state = state;
    item->has_contact = false;
    secret_wipe(&item->contact, sizeof(item->contact));
    item_renew(item, state != FLAG_CONTACTED);
    return item_decide(work->node, work->view, item, work->ret);
}

/* The desk left the region before it called: another is asked, by the same call; or, where there's
 * none, who asked us hears so. */
static int ask_another(const struct notice_work *work, struct item *item) {
    const struct org_id left = item->from;
    struct call_back call = {.purpose = PURPOSE_CONCERN,
                             .id = item->about,
                             .nis = item->nis,
                             .language = item->language};
    enum refusal refusal = REFUSAL_NO_DESK;
    item->why = END_ORGANISATION_LEFT;
    int r = item->has_contact ? seal(work->view, item->contact.text, &left, &call, &refusal) : 0;
    if (r < 0) {
        return r;
    }
    if (refusal != REFUSAL_NONE) {
        item->refusal = refusal;
        return end_call(work, item, FLAG_CLOSED);
    }
    item->from = call.to;
    const struct asking asking = {.node = work->node, .view = work->view, .item = item};
    r = post(&asking, &call, work->ret);
    secret_wipe(&item->contact, sizeof(item->contact));
    return r;
}

int called_back_notice_take(const struct notice_work *work) {
    const enum end_reason why = work->notice->why;
    struct item *item = NULL;
    bool fresh;
    const struct bytes about = BYTES_OF(work->notice->about);
    int r = item_about(work->node, work->view, NOTICE_CALLED_BACK, about, &item);
    if (r < 0) {
        return r;
    }
    if (why != END_REASON_NONE && why != END_ORGANISATION_LEFT) {
        work->ret->refusal = REFUSAL_UNKNOWN_VALUE;
        return 0;
    }
    if (item == NULL) {
        work->ret->refusal = REFUSAL_NOT_FOUND;
        return 0;
    }
    r = notice_item(work, NOTICE_CALLED_BACK, about, &item, &fresh);
    if (r < 0 || item == NULL) {
        return r;
    }
    return why == END_REASON_NONE ? end_call(work, item, FLAG_CONTACTED) : ask_another(work, item);
}
