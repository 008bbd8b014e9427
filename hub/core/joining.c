#include "hub/core/joining.h"

#include <stdio.h>
#include <string.h>

#include "hub/core/state.h"
#include "shared/base/civil.h"
#include "shared/base/limits.h"

enum { INVITED_BYTES_MAX = 512, OUTCOME_ARENA_BYTES = 4 << 20 };

void joining_write_entry(struct buf *buf, int64_t now_ms, struct bytes signed_entry) {
    buf_i64(buf, now_ms);
    buf_run(buf, signed_entry);
}

/* An entry's time binds all that come after it: one from next year would end the directory. */
static bool time_stands(const struct hub *hub, const struct turn_view *view,
                        const struct directory_entry *entry) {
    return !hub->clock_halted &&
           entry->time_ms <= view->now_ms + (int64_t)CLOCK_HALT_MINUTES * MINUTE_MS;
}

/* Who must go, must go by whatever clock; the entry then has the time of the one before it. */
static bool only_withdraws(const struct directory_entry *entry) {
    bool withdraws = true;
    for (size_t i = 0; i < entry->op_count; i++) {
        enum directory_op_kind kind = entry->ops[i].kind;
        withdraws = withdraws && (kind == DIRECTORY_OP_REVOKE || kind == DIRECTORY_OP_LEAVE);
    }
    return withdraws;
}

static int decide_left(const struct turn_view *view, const struct directory_entry *entry,
                       struct decision *ret) {
    for (size_t i = 0; i < entry->op_count; i++) {
        const enum directory_op_kind kind = entry->ops[i].kind;
        if (kind != DIRECTORY_OP_REVOKE && kind != DIRECTORY_OP_LEAVE) {
            continue;
        }
        int r = heard_decide_left(view, &entry->ops[i].organisation, ret);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

static int decide_entry(const struct hub *hub, const struct turn_view *view,
                        struct bytes signed_entry, bool own, struct decision *ret) {
    struct directory_checked checked = {0};
    int r = directory_check(view->txn, signed_entry, view->arena, &checked);
    if (r < 0) {
        return r;
    }
    ret->refusal = checked.refusal;
    if (checked.refusal != REFUSAL_NONE) {
        return 0;
    }
    if (!time_stands(hub, view, &checked.entry) && !(own && only_withdraws(&checked.entry))) {
        ret->refusal = REFUSAL_CLOCK_OFF;
        return 0;
    }
    struct buf buf = decision_buf(view, signed_entry.length + 64);
    joining_write_entry(&buf, view->now_ms, signed_entry);
    r = decision_add(ret, FACT_ENTRY, &buf);
    r = r < 0 ? r : decide_left(view, &checked.entry, ret);
    return r < 0 ? r : spread_decide_joined(hub, view, &checked.entry, signed_entry, ret);
}

int joining_decide_op(struct hub *hub, const struct turn_view *view, struct directory_op *op,
                      struct decision *ret) {
    const struct hub_keys *keys = &hub->params.keys;
    /* A halted clock's time isn't used: the last entry's is. */
    struct directory_draft draft = {
        .now_ms = hub->clock_halted ? 0 : view->now_ms, .ops = op, .op_count = 1};
    struct bytes entry;
    struct bytes signed_entry = {0};
    if (keys->director == NULL) {
        ret->refusal = REFUSAL_NOT_YET; /* the director's key isn't there */
        return 0;
    }
    struct directory_signer signer = {.public_key = keys->director_public,
                                      .secret = keys->director};
    int r = directory_compose(view->txn, &draft, view->arena, &entry);
    if (r == 0) {
        r = directory_sign(entry, &signer, 1, view->arena, &signed_entry);
    }
    return r < 0 ? r : decide_entry(hub, view, signed_entry, true, ret);
}

static int decide_join(struct hub *hub, const struct turn_view *view,
                       struct join_application *application, struct decision *ret) {
    struct directory_op op = {
        .kind = DIRECTORY_OP_JOIN,
        .organisation = application->organisation,
        .member = &application->member,
    };
    return joining_decide_op(hub, view, &op, ret);
}

static int decide_invite(const struct turn_view *view, const struct command *command,
                         struct decision *ret) {
    const struct invite_arguments *arguments = command->arguments;
    struct invitation_id id;
    struct invitation_record before;
    memcpy(id.bytes, arguments->invitation, sizeof(id.bytes));
    int r = invitation_get(view->txn, &id, &before);
    if (r != ERR_NOT_FOUND) {
        ret->refusal = REFUSAL_EXISTS;
        return r;
    }
    struct buf buf = decision_buf(view, INVITED_BYTES_MAX);
    buf_raw(&buf, BYTES_OF(id));
    buf_raw(&buf, BYTES_OF(arguments->key));
    buf_raw(&buf, BYTES_OF(arguments->org));
    buf_i64(&buf, view->now_ms);
    buf_i64(&buf, arguments->expires_ms);
    buf_u8(&buf, arguments->approve_at_once ? 1 : 0);
    buf_raw(&buf, BYTES_OF(command->actor.user));
    return decision_add(ret, FACT_INVITED, &buf);
}

static int decide_approve(struct hub *hub, const struct turn_view *view, const struct org_id *org,
                          struct decision *ret) {
    struct pending_join pending;
    struct join_application application;
    int r = pending_get(view->txn, org, view->arena, &pending);
    if (r < 0) {
        ret->refusal = REFUSAL_NOT_FOUND;
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    if (join_application_decode(pending.application, view->arena, &application) != REFUSAL_NONE) {
        return ERR_NO_MEMORY; /* it decoded when it came */
    }
    return decide_join(hub, view, &application, ret);
}

static int decide_decline(const struct turn_view *view, const struct org_id *org,
                          struct decision *ret) {
    struct pending_join pending;
    int r = pending_get(view->txn, org, view->arena, &pending);
    if (r < 0) {
        ret->refusal = REFUSAL_NOT_FOUND;
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    struct buf buf = decision_buf(view, sizeof(*org));
    buf_raw(&buf, BYTES_OF(*org));
    return decision_add(ret, FACT_DECLINED, &buf);
}

int joining_decide_command(struct hub *hub, const struct turn_view *view,
                           const struct command *command, struct decision *ret) {
    const struct member_arguments *member = command->arguments;
    const struct entry_arguments *entry = command->arguments;
    struct directory_op op = {0};
    switch ((int)command->kind) {
    case HUB_COMMAND_INVITE:
        return decide_invite(view, command, ret);
    case HUB_COMMAND_APPROVE:
        return decide_approve(hub, view, &member->org, ret);
    case HUB_COMMAND_DECLINE:
        return decide_decline(view, &member->org, ret);
    case HUB_COMMAND_REVOKE:
    case HUB_COMMAND_LEAVE:
        op.kind = command->kind == HUB_COMMAND_REVOKE ? DIRECTORY_OP_REVOKE : DIRECTORY_OP_LEAVE;
        op.organisation = member->org;
        memcpy(op.reason, member->reason, sizeof(op.reason));
        return joining_decide_op(hub, view, &op, ret);
    case HUB_COMMAND_ENTRY:
        return decide_entry(hub, view, entry->signed_entry, false, ret);
    default:
        ret->refusal = REFUSAL_UNKNOWN_KIND;
        return 0;
    }
}

/* -- strangers -- */

static int decide_applied(struct hub *hub, const struct turn_view *view,
                          const struct join_request *request, struct join_checked *checked,
                          struct decision *ret) {
    struct buf buf = decision_buf(view, request->application.length + 128);
    buf_raw(&buf, BYTES_OF(checked->invitation.id));
    buf_raw(&buf, BYTES_OF(checked->application.organisation));
    buf_i64(&buf, view->now_ms);
    buf_run(&buf, request->application);
    int r = decision_add(ret, FACT_APPLIED, &buf);
    if (r < 0 || !checked->invitation.approve_at_once || hub->params.keys.director == NULL) {
        return r;
    }
    struct decision joined = {.arena = view->arena};
    r = decide_join(hub, view, &checked->application, &joined);
    if (r < 0 || joined.refusal != REFUSAL_NONE) {
        return r; /* it waits for a person */
    }
    checked->state = JOIN_APPROVED;
    /* The entry, and of the tombstones behind it as many as there's place for. */
    for (size_t i = 0; r == 0 && i < joined.fact_count && ret->fact_count < DECISION_FACTS_MAX;
         i++) {
        r = decision_push(ret, &joined.facts[i]);
    }
    return r;
}

int joining_decide_stranger(struct hub *hub, const struct turn_view *view,
                            const struct event *event, struct decision *ret) {
    struct packet packet;
    struct join_checked checked = {0};
    struct join_answer *answer = ARENA_NEW(view->arena, struct join_answer);
    if (answer == NULL) {
        return ERR_NO_MEMORY;
    }
    ret->refusal = packet_decode(event->frame, view->arena, &packet);
    if (ret->refusal != REFUSAL_NONE || packet.content != PACKET_JOIN_REQUEST) {
        ret->refusal = ret->refusal != REFUSAL_NONE ? ret->refusal : REFUSAL_NOT_ALLOWED;
        return arena_judged(ret->refusal); /* strangers who don't ask to join get no answer */
    }
    /* By a clock that isn't to be trusted nothing is called expired. */
    int64_t judged_ms = hub->clock_halted ? 0 : view->now_ms;
    int r = join_check(view->txn, &packet.join_request, judged_ms, view->arena, &checked);
    if (r < 0) {
        return r;
    }
    ret->refusal = event->deadly ? REFUSAL_INTERNAL_FAULT : checked.refusal;
    ret->core = answer;
    if (ret->refusal == REFUSAL_NONE && view->short_of_room && !checked.repeated) {
        ret->refusal = REFUSAL_NO_ROOM;
    }
    if (ret->refusal == REFUSAL_NONE && !checked.repeated) {
        r = decide_applied(hub, view, &packet.join_request, &checked, ret);
    }
    *answer = (struct join_answer){
        .state = ret->refusal == REFUSAL_NONE ? checked.state : JOIN_REFUSED,
        .refusal = ret->refusal,
        .now_ms = view->now_ms,
    };
    return r;
}

void joining_answer(struct hub *hub, const struct event *event, const struct decision *decision) {
    uint8_t memory[256];
    struct arena *arena;
    struct bytes encoded;
    hub->strangers_refused += decision->refusal != REFUSAL_NONE ? 1 : 0;
    if (decision->core == NULL || arena_new(sizeof(memory) * 16, &arena) < 0) {
        return;
    }
    struct packet packet = {.content = PACKET_JOIN_ANSWER};
    packet.join_answer = *(const struct join_answer *)decision->core;
    if (packet_encode(&packet, arena, &encoded) == 0) {
        hub->params.links.answer(hub->params.links.context, event->token, encoded);
    }
    arena_free(arena);
}

/* -- a member's own change -- */

/* The organisation alone may decide these (shared/members/directory.h); its signed message is kept
 * as it came, for the entry carries the organisation's own signature. */
int joining_decide_update(struct hub *hub, const struct turn_view *view,
                          const struct office_mail *mail, struct decision *ret) {
    struct directory_checked checked = {0};
    int r = directory_check(view->txn, mail->envelope.body, view->arena, &checked);
    if (r < 0) {
        return r;
    }
    ret->refusal = checked.refusal;
    if (ret->refusal == REFUSAL_NONE && !time_stands(hub, view, &checked.entry)) {
        ret->refusal = REFUSAL_CLOCK_OFF;
    }
    for (size_t i = 0; ret->refusal == REFUSAL_NONE && i < checked.entry.op_count; i++) {
        bool own = org_id_equal(&checked.entry.ops[i].organisation, &mail->envelope.sender.org);
        ret->refusal = own ? REFUSAL_NONE : REFUSAL_NOT_ALLOWED;
    }
    if (ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    struct buf buf = decision_buf(view, mail->envelope.body.length + 256);
    stamp_write(&buf, &mail->stamp);
    joining_write_entry(&buf, view->now_ms, mail->envelope.body);
    return decision_add(ret, FACT_UPDATE, &buf);
}

/* -- apply -- */

/* Who can't be told any more hears it at the shut door. */
static void say_farewell(const struct hub *hub, const struct farewell *farewell,
                         struct arena *arena) {
    struct store_txn *view;
    if (store_begin_read(hub->params.store, &view) == 0) {
        (void)!spread_farewell(hub, view, farewell, arena);
        store_abort(view);
    }
}

static void cut_leavers(struct hub *hub, const struct directory_entry *entry,
                        struct bytes signed_entry, struct arena *arena) {
    for (size_t i = 0; i < entry->op_count; i++) {
        enum directory_op_kind kind = entry->ops[i].kind;
        const struct org_id *org = &entry->ops[i].organisation;
        if (kind != DIRECTORY_OP_REVOKE && kind != DIRECTORY_OP_LEAVE) {
            continue;
        }
        struct peer *peer = peers_find(hub->peers, org);
        if (peer != NULL && peer->present && !peer->no_version) {
            const struct farewell farewell = {
                .org = org, .sequence = entry->sequence, .signed_entry = signed_entry};
            say_farewell(hub, &farewell, arena);
        }
        if (peer != NULL) {
            peer->present = false;
            peer->has_skew = false; /* its clock says nothing of ours any more */
        }
        hub->params.links.cut(hub->params.links.context, org);
    }
}

static void cut_leavers_of(struct hub *hub, const struct fact *fact, struct arena *arena) {
    struct reader reader = reader_over(fact->body);
    struct stamp stamp;
    struct signed_entry opened;
    struct directory_entry entry;
    if (fact->type == FACT_UPDATE) {
        stamp_read(&reader, &stamp);
    }
    (void)read_i64(&reader);
    struct bytes signed_entry = read_run(&reader);
    if (reader_end(&reader) == 0 &&
        signed_entry_decode(signed_entry, arena, &opened) == REFUSAL_NONE &&
        directory_entry_decode(opened.entry, arena, &entry) == REFUSAL_NONE) {
        cut_leavers(hub, &entry, signed_entry, arena);
    }
}

/* Only once it's durable: an entry whose commit failed has ended nobody's membership. */
void joining_outcome(struct hub *hub, const struct decision *decision) {
    for (size_t i = 0; i < decision->fact_count; i++) {
        const struct fact *fact = &decision->facts[i];
        struct arena *arena;
        bool entry = fact->type == FACT_ENTRY || fact->type == FACT_UPDATE;
        if (entry && arena_new(OUTCOME_ARENA_BYTES, &arena) == 0) {
            cut_leavers_of(hub, fact, arena);
            arena_free(arena);
        }
    }
}

static int apply_entry(struct hub *hub, const struct turn_view *view, struct reader *reader) {
    struct signed_entry opened;
    struct directory_entry entry;
    struct region region = {0};
    struct spread spread = {.view = view, .hub = hub, .entry = &entry};
    spread.now_ms = read_i64(reader);
    spread.signed_entry = read_run(reader);
    if (reader_end(reader) < 0) {
        return ERR_STORAGE;
    }
    int r = directory_apply(view->txn, spread.signed_entry, view->arena);
    if (r < 0) {
        return r;
    }
    if (signed_entry_decode(spread.signed_entry, view->arena, &opened) != REFUSAL_NONE ||
        directory_entry_decode(opened.entry, view->arena, &entry) != REFUSAL_NONE) {
        return ERR_NO_MEMORY; /* checked before it became a fact */
    }
    r = directory_head(view->txn, &spread.head);
    if (r == 0) {
        r = directory_region(view->txn, view->arena, &region);
    }
    if (r < 0) {
        return r;
    }
    spread.own = (struct address){.org = HUB_ORG, .hub = region.hub};
    for (size_t i = 0; i < entry.op_count; i++) {
        if (entry.ops[i].kind == DIRECTORY_OP_JOIN) {
            pending_delete(view->txn, &entry.ops[i].organisation);
        }
    }
    return spread_entry(&spread);
}

static int apply_invited(const struct turn_view *view, struct reader *reader) {
    struct invitation_record record = {.state = INVITATION_OPEN};
    read_raw(reader, record.id.bytes, sizeof(record.id.bytes));
    read_raw(reader, record.key.bytes, sizeof(record.key.bytes));
    read_raw(reader, record.org.text, sizeof(record.org.text));
    record.made_ms = read_i64(reader);
    record.expires_ms = read_i64(reader);
    record.approve_at_once = read_u8(reader) != 0;
    read_raw(reader, record.made_by.text, sizeof(record.made_by.text));
    if (reader_end(reader) < 0) {
        return ERR_STORAGE;
    }
    invitation_put(view->txn, &record);
    return 0;
}

static int apply_applied(const struct turn_view *view, struct reader *reader) {
    struct pending_join pending = {0};
    struct invitation_record record;
    read_raw(reader, pending.invitation.bytes, sizeof(pending.invitation.bytes));
    read_raw(reader, pending.org.text, sizeof(pending.org.text));
    pending.received_ms = read_i64(reader);
    pending.application = read_run(reader);
    if (reader_end(reader) < 0) {
        return ERR_STORAGE;
    }
    int r = invitation_get(view->txn, &pending.invitation, &record);
    if (r < 0) {
        return r;
    }
    record.state = INVITATION_USED;
    record.used_by = pending.org;
    record.application = join_application_hash(pending.application);
    invitation_put(view->txn, &record);
    return pending_put(view->txn, &pending, view->arena);
}

static int apply_declined(const struct turn_view *view, struct reader *reader) {
    struct org_id org;
    read_raw(reader, org.text, sizeof(org.text));
    if (reader_end(reader) < 0) {
        return ERR_STORAGE;
    }
    pending_delete(view->txn, &org);
    return 0;
}

int joining_apply(struct hub *hub, const struct turn_view *view, const struct fact *fact) {
    struct reader reader = reader_over(fact->body);
    struct stamp stamp;
    switch ((int)fact->type) {
    case FACT_ENTRY:
        return apply_entry(hub, view, &reader);
    case FACT_UPDATE:
        stamp_read(&reader, &stamp);
        inbox_settle(view->txn, &stamp, REFUSAL_NONE);
        return apply_entry(hub, view, &reader);
    case FACT_INVITED:
        return apply_invited(view, &reader);
    case FACT_APPLIED:
        return apply_applied(view, &reader);
    case FACT_DECLINED:
        return apply_declined(view, &reader);
    default:
        return ERR_UNSUPPORTED;
    }
}
