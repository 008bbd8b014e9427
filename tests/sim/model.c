#include "tests/sim/model.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hub/core/facts.h"
#include "hub/core/journal.h"
#include "hub/core/signals.h"
#include "shared/crypto/hash.h"
#include "shared/members/directory.h"
#include "shared/post/kinds.h"
#include "shared/post/outbox.h"
#include "tests/sim/family_model.h"
#include "tests/sim/model_streams.h"

enum { ARENA_BYTES = 16 << 20 };

const char *violation_text(enum violation violation) {
    switch (violation) {
#define X(name, text)                                                                              \
    case name:                                                                                     \
        return text;
        VIOLATION_LIST(X)
#undef X
    case VIOLATION_NONE:
    default:
        return "all held";
    }
}

void model_init(struct model *model) {
    *model = (struct model){0};
    int r = arena_new(ARENA_BYTES, &model->arena);
    assert(r == 0);
}

void model_deinit(struct model *model) {
    for (int i = 0; i < model->party_count; i++) {
        for (int lane = 0; lane < MODEL_LANES; lane++) {
            streams_clear(&model->parties[i].streams[lane]);
        }
        free(model->parties[i].directory.leads_to);
    }
    free(model->users);
    free(model->invitations);
    arena_free(model->arena);
}

void model_broken(struct model *model, enum violation violation, const char *format, ...) {
    if (model->violation != VIOLATION_NONE) {
        return;
    }
    va_list arguments;
    model->violation = violation;
    va_start(arguments, format);
    (void)vsnprintf(model->text, sizeof(model->text), format, arguments);
    va_end(arguments);
}

void model_anew(struct model *model, int index) {
    struct model_party *party = &model->parties[index];
    for (int lane = 0; lane < MODEL_LANES; lane++) {
        streams_unsend(&party->streams[lane]);
    }
    free(party->directory.leads_to);
    party->directory = (struct model_directory){0};
    party->state_count = 0;
    party->anew = true;
}

static struct store_txn *read_begin(struct model *model, struct store *store) {
    struct store_txn *view;
    int r = store_begin_read(store, &view);
    if (r < 0) {
        model_broken(model, VIOLATION_ERROR, "a store can't be read: %s", err_text(r));
        return NULL;
    }
    arena_reset(model->arena);
    return view;
}

int model_party_of(const struct model *model, const struct org_id *org) {
    for (int i = 0; i < model->party_count; i++) {
        if (org_id_equal(&model->parties[i].org, org)) {
            return i;
        }
    }
    return -1;
}

/* -- facts -- */

static bool is_ordered(uint32_t kind) {
    const struct post_kind *found = post_kind_find(kind);
    return found != NULL && found->ordered;
}

/* What the hub may say to who does nothing wrong; about families much can have changed on the way.
 */
static bool is_fair(uint32_t kind, enum refusal refusal) {
    bool family = kind >= MESSAGE_KIND_CONSENT && kind <= MESSAGE_KIND_ERASED;
    switch ((int)refusal) {
    case REFUSAL_NONE:
    case REFUSAL_FROM_THE_FUTURE:
    case REFUSAL_STALE:
    case REFUSAL_EXPIRED:
        return true;
    case REFUSAL_BROKEN_CHAIN: /* another's entry came first: composed again */
    case REFUSAL_TOO_FAR_AHEAD:
        return kind == MESSAGE_KIND_MEMBER_UPDATE;
    case REFUSAL_NO_CONSENT:
    case REFUSAL_OUT_OF_SCOPE:
    case REFUSAL_NO_SCOPE:
    case REFUSAL_TOO_LONG:
    case REFUSAL_NOT_FOUND:
    case REFUSAL_NOT_YOURS:
    case REFUSAL_NOT_CONTACTED:
    case REFUSAL_WRONG_MOVE:
    case REFUSAL_EXISTS:
    case REFUSAL_NEEDS_AUTHORITY:
    case REFUSAL_NO_ROOM:
    case REFUSAL_UNKNOWN_RECIPIENT:
    case REFUSAL_OVER_QUOTA:
        return family;
    default:
        return false;
    }
}

static void check_settled(struct model *model, const struct stamp *stamp, enum refusal refusal,
                          const struct bytes *body, int64_t now_ms) {
    const char *org = stamp->stream.sender.org.text;
    int index = model_party_of(model, &stamp->stream.sender.org);
    if (index < 0 || (int)stamp->stream.lane >= MODEL_LANES) {
        model_broken(model, VIOLATION_FORGED, "a message of %s, who is nobody", org);
        return;
    }
    struct model_party *party = &model->parties[index];
    unsigned long long number = stamp->number;
    if (party->revoked) {
        model_broken(model, VIOLATION_REVOKED, "%s's message %llu", org, number);
        return;
    }
    struct model_stream *stream =
        streams_get(&party->streams[stamp->stream.lane], stamp->incarnation);
    if (number > STREAM_NUMBERS_MAX) {
        model_broken(model, VIOLATION_FORGED, "%s's number %llu", org, number);
        return;
    }
    struct model_message *message = stream_message(stream, number);
    if (message->applied) {
        model_broken(model, VIOLATION_DOUBLE, "%s's message %llu on lane %d", org, number,
                     (int)stamp->stream.lane);
        return;
    }
    if (party->honest) {
        struct digest digest = body == NULL ? message->body : hash_of("body", *body);
        if (!message->sent || !message_id_equal(&message->id, &stamp->id) ||
            !digest_equal(&digest, &message->body)) {
            model_broken(model, VIOLATION_FORGED, "%s's message %llu on lane %d", org, number,
                         (int)stamp->stream.lane);
            return;
        }
        const bool empty =
            message->emptied && refusal == REFUSAL_MALFORMED; /* a hub without time */
        if (!empty && !is_fair(message->kind, refusal)) {
            model_broken(model, VIOLATION_REFUSED, "%s's message %llu on lane %d: %s", org, number,
                         (int)stamp->stream.lane, refusal_text(refusal));
            return;
        }
        if (is_ordered(message->kind) && stream->settled_to + 1 < number) {
            model_broken(model, VIOLATION_ORDER, "%s's message %llu came after %llu", org, number,
                         (unsigned long long)stream->settled_to);
            return;
        }
    }
    message->applied = true;
    message->refusal = refusal;
    stream_settle(stream);
    if (model->families != NULL) {
        family_model_settled(model->families, index, message, refusal, now_ms);
    }
}

static void count_user(struct model *model, struct bytes body) {
    struct user_id user;
    memcpy(user.text, body.data, sizeof(user.text));
    for (size_t i = 0; i < model->user_count; i++) {
        if (memcmp(&model->users[i].user, &user, sizeof(user)) == 0) {
            model_broken(model, VIOLATION_DOUBLE, "the user %s", user.text);
            return;
        }
    }
    model->users = realloc(model->users, (model->user_count + 1) * sizeof(*model->users));
    assert(model->users != NULL);
    model->users[model->user_count++] = (struct model_user){.user = user, .facts = 1};
}

static void count_invitation(struct model *model, struct bytes body) {
    struct model_invitation invitation = {.facts = 1};
    memcpy(invitation.id, body.data, sizeof(invitation.id));
    for (size_t i = 0; i < model->invitation_count; i++) {
        if (memcmp(model->invitations[i].id, invitation.id, sizeof(invitation.id)) == 0) {
            model_broken(model, VIOLATION_DOUBLE, "an invitation");
            return;
        }
    }
    model->invitations =
        realloc(model->invitations, (model->invitation_count + 1) * sizeof(*model->invitations));
    assert(model->invitations != NULL);
    model->invitations[model->invitation_count++] = invitation;
}

static void follow_entry(struct model *model, struct reader *reader) {
    struct signed_entry opened;
    struct directory_entry entry;
    (void)read_i64(reader);
    struct bytes bytes = read_run(reader);
    if (reader_end(reader) < 0 ||
        signed_entry_decode(bytes, model->arena, &opened) != REFUSAL_NONE ||
        directory_entry_decode(opened.entry, model->arena, &entry) != REFUSAL_NONE) {
        model_broken(model, VIOLATION_CHAIN, "an entry in the journal doesn't decode");
        return;
    }
    if (entry.sequence != ++model->entries) {
        model_broken(model, VIOLATION_ORDER, "entry %llu of the directory",
                     (unsigned long long)entry.sequence);
    }
    for (size_t i = 0; i < entry.op_count; i++) {
        int index = model_party_of(model, &entry.ops[i].organisation);
        enum directory_op_kind kind = entry.ops[i].kind;
        if (index >= 0 && (kind == DIRECTORY_OP_REVOKE || kind == DIRECTORY_OP_LEAVE)) {
            model->parties[index].revoked = true;
            if (model->families != NULL) {
                family_model_left(model->families, index, model->now_ms);
            }
        }
        if (index >= 0 && kind == DIRECTORY_OP_JOIN) {
            model->parties[index].revoked = false;
        }
    }
}

static void follow_fact(struct model *model, const struct journal_record *record) {
    struct reader reader = reader_over(record->body);
    struct stamp stamp;
    struct bytes body;
    switch ((enum hub_fact)record->type) {
    case FACT_SIGNAL:
    case FACT_STATUS:
        stamp_read(&reader, &stamp);
        (void)read_i64(&reader);
        (void)read_u32(&reader);
        body = read_run(&reader);
        check_settled(model, &stamp, REFUSAL_NONE, &body, record->time_ms);
        break;
    case FACT_REFUSED:
        stamp_read(&reader, &stamp);
        check_settled(model, &stamp, (enum refusal)read_u32(&reader), NULL, record->time_ms);
        break;
    case FACT_UPDATE:
        stamp_read(&reader, &stamp);
        check_settled(model, &stamp, REFUSAL_NONE, NULL, record->time_ms);
        follow_entry(model, &reader);
        break;
    case FACT_TAKEN:
    case FACT_ERASED:
        stamp_read(&reader, &stamp);
        check_settled(model, &stamp, REFUSAL_NONE, NULL, record->time_ms);
        break;
    case FACT_ENTRY:
        follow_entry(model, &reader);
        break;
    case FACT_FAMILY:
    case FACT_POSTED:
    case FACT_FAMILY_ERASED:
    case FACT_TOMBSTONE:
        if (model->families != NULL) {
            family_model_fact(model->families, record);
        }
        break;
    case FACT_USER:
        count_user(model, record->body);
        break;
    case FACT_INVITED:
        count_invitation(model, record->body);
        break;
    case FACT_RECEIVED:
    case FACT_APPLIED:
    case FACT_DECLINED:
    case FACT_TOKEN:
    case FACT_TOKEN_REVOKED:
    case FACT_BACKED_UP:
    case FACT_RETENTION:
    case FACT_DIRECTORY_AGAIN:
    case FACT_COUNTED:
    case FACT_TOMBSTONE_OVER:
    case FACT_SHREDDED:
    case FACT_HEARD:
    case FACT_CALL_BACK:
    case FACT_FLAG_ROW:
    case FACT_NONE:
    default:
        break;
    }
}

static void follow_journal(struct model *model, struct store_txn *view) {
    struct position position;
    struct journal_record record;
    int r = journal_position(view, &position);
    if (r == 0 && position.sequence < model->seen) {
        model_broken(model, VIOLATION_LOST, "the journal went back from %llu to %llu",
                     (unsigned long long)model->seen, (unsigned long long)position.sequence);
        return;
    }
    while (r == 0 && model->seen < position.sequence && model->violation == VIOLATION_NONE) {
        r = journal_read(view, model->seen + 1, &record);
        if (r == 0) {
            model->seen++;
            model->head = record.head;
            model->now_ms = record.time_ms;
            follow_fact(model, &record);
        }
    }
    if (r < 0) {
        model_broken(model, VIOLATION_CHAIN, "record %llu: %s", (unsigned long long)model->seen + 1,
                     err_text(r));
    } else if (model->violation == VIOLATION_NONE && !digest_equal(&model->head, &position.head)) {
        model_broken(model, VIOLATION_CHAIN, "the head isn't the last record's");
    }
}

void model_journal(struct model *model, struct store *store) {
    struct store_txn *view = read_begin(model, store);
    if (view != NULL) {
        follow_journal(model, view);
        store_abort(view);
    }
}

void model_hub_again(struct model *model, struct store *store) {
    struct journal_verdict verdict;
    struct digest head = model->head;
    uint64_t seen = model->seen;
    struct journal_record record;
    struct store_txn *view = read_begin(model, store);
    if (view == NULL) {
        return;
    }
    if (seen > 0 && journal_read(view, seen, &record) < 0) {
        model_broken(model, VIOLATION_LOST, "record %llu of the journal", (unsigned long long)seen);
    } else if (seen > 0 && !digest_equal(&record.head, &head)) {
        model_broken(model, VIOLATION_CHAIN, "record %llu changed", (unsigned long long)seen);
    }
    if (journal_verify(view, &verdict) < 0) {
        model_broken(model, VIOLATION_CHAIN, "it can't be read");
    } else if (verdict.broken_at != 0) {
        model_broken(model, VIOLATION_CHAIN, "record %llu: %s",
                     (unsigned long long)verdict.broken_at, verdict.reason);
    }
    follow_journal(model, view);
    store_abort(view);
}

void model_node_again(struct model *model, int index, struct store *store) {
    const struct model_party *party = &model->parties[index];
    struct directory_head head;
    struct store_txn *view = read_begin(model, store);
    if (view == NULL) {
        return;
    }
    if (directory_head(view, &head) < 0 || head.sequence < party->directory.held_to) {
        model_broken(model, VIOLATION_LOST, "%s forgot entries up to %llu", party->org.text,
                     (unsigned long long)party->directory.held_to);
    }
    store_abort(view);
}

/* -- what people were told -- */

void model_user_done(struct model *model, const struct user_id *user) {
    for (size_t i = 0; i < model->user_count; i++) {
        if (memcmp(&model->users[i].user, user, sizeof(*user)) == 0) {
            return;
        }
    }
    model_broken(model, VIOLATION_LOST, "the user %s", user->text);
}

void model_invited_done(struct model *model, const uint8_t id[static 16]) {
    for (size_t i = 0; i < model->invitation_count; i++) {
        if (memcmp(model->invitations[i].id, id, 16) == 0) {
            return;
        }
    }
    model_broken(model, VIOLATION_LOST, "an invitation");
}

void model_status_done(struct model *model, int index, const struct service_state *states,
                       size_t count) {
    struct model_party *party = &model->parties[index];
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < party->state_count &&
               !service_id_equal(&party->states[at].service, &states[i].service)) {
            at++;
        }
        assert(at < STATES_MAX);
        party->state_count += at == party->state_count ? 1 : 0;
        party->states[at] = states[i];
    }
}

/* -- at the end -- */

static int waiting_of(struct store_txn *view, const struct address *from, const struct address *to,
                      uint64_t *ret) {
    *ret = 0;
    for (int lane = 0; lane < MODEL_LANES; lane++) {
        struct stream stream = {.sender = *from, .recipient = *to, .lane = (enum lane)lane};
        struct outbox_state state;
        int r = outbox_state(view, &stream, &state);
        if (r < 0) {
            return r;
        }
        *ret += state.waiting;
    }
    return 0;
}

static const char *unequal_posts(struct model *model, const struct address *node,
                                 struct store_txn *at_hub, struct store_txn *at_node) {
    struct address hub = {.org = HUB_ORG, .hub = node->hub};
    struct directory_head heads[2];
    uint64_t waiting[2];
    (void)model;
    if (waiting_of(at_hub, &hub, node, &waiting[0]) < 0 ||
        waiting_of(at_node, node, &hub, &waiting[1]) < 0 || directory_head(at_hub, &heads[0]) < 0 ||
        directory_head(at_node, &heads[1]) < 0) {
        return "a store can't be read";
    }
    if (waiting[0] > 0) {
        return "messages for it wait at the hub";
    }
    if (waiting[1] > 0) {
        return "its messages wait";
    }
    return memcmp(&heads[0], &heads[1], sizeof(heads[0])) == 0 ? NULL : "the directory differs";
}

/* Its last message of that kind, of those that weren't refused. */
static const struct model_message *last_of(const struct model_party *party, uint32_t kind) {
    const struct model_message *found = NULL;
    const struct model_streams *streams = &party->streams[LANE_ORDINARY];
    for (size_t i = 0; i < streams->count; i++) {
        for (size_t n = 0; n < streams->list[i].count; n++) {
            const struct model_message *message = &streams->list[i].list[n];
            bool counts = message->sent && message->kind == kind && message->applied &&
                          message->refusal == REFUSAL_NONE;
            if (counts && (found == NULL || message->as_of_day >= found->as_of_day)) {
                found = message;
            }
        }
    }
    return found;
}

static bool all_settled(const struct model_party *party) {
    for (int lane = 0; lane < MODEL_LANES; lane++) {
        if (party->streams[lane].count == 0) {
            continue;
        }
        /* What an earlier incarnation left waiting was sent again under the last. */
        const struct model_stream *stream =
            &party->streams[lane].list[party->streams[lane].count - 1];
        for (size_t n = 0; n < stream->count; n++) {
            if (stream->list[n].sent && !stream->list[n].applied) {
                return false;
            }
        }
    }
    return true;
}

static const char *unequal_signal(struct model *model, const struct model_party *party,
                                  struct store_txn *at_hub) {
    const struct model_message *last = last_of(party, MESSAGE_KIND_SIGNAL);
    struct signal_record record;
    struct signal signal;
    struct bytes bodies[2];
    int r = signals_latest(at_hub, &party->org, INT32_MAX, model->arena, &record);
    if (last == NULL) {
        return r == ERR_NOT_FOUND || party->anew ? NULL
                                                 : "the hub has figures that nobody published";
    }
    if (r < 0 || signal_decode(last->copy, model->arena, &signal) != REFUSAL_NONE ||
        signal_encode(&record.signal, model->arena, &bodies[0]) < 0 ||
        signal_encode(&signal, model->arena, &bodies[1]) < 0) {
        return "the hub lacks its last figures";
    }
    return bytes_equal(bodies[0], bodies[1]) ? NULL : "its last figures aren't the hub's";
}

static const char *unequal_status(struct model *model, const struct model_party *party,
                                  struct store_txn *at_hub) {
    struct status_record record;
    int r = signals_status(at_hub, &party->org, model->arena, &record);
    if (party->state_count == 0 && party->anew) {
        return NULL;
    }
    if (r == ERR_NOT_FOUND) {
        return party->state_count == 0 ? NULL : "the hub has no status of it";
    }
    if (r < 0 || record.status.service_count != party->state_count) {
        return "the hub's status has other services";
    }
    for (size_t i = 0; i < record.status.service_count; i++) {
        const struct service_state *state = &record.status.services[i];
        size_t at = 0;
        while (at < party->state_count &&
               !service_id_equal(&party->states[at].service, &state->service)) {
            at++;
        }
        if (at == party->state_count || party->states[at].status != state->status ||
            party->states[at].intakes_per_week_tenths != state->intakes_per_week_tenths ||
            party->states[at].fte_hundredths != state->fte_hundredths) {
            return "the hub's status isn't what its people set last";
        }
    }
    return NULL;
}

const char *model_unequal(struct model *model, int index, struct store *hub, struct store *node) {
    const struct model_party *party = &model->parties[index];
    struct address address = {.org = party->org};
    struct store_txn *at_hub = read_begin(model, hub);
    struct store_txn *at_node = read_begin(model, node);
    const char *unequal = "a store can't be read";
    struct region region;
    if (at_hub != NULL && at_node != NULL && directory_region(at_hub, model->arena, &region) == 0) {
        address.hub = region.hub;
        unequal = unequal_posts(model, &address, at_hub, at_node);
    }
    if (unequal == NULL) {
        unequal = all_settled(party) ? NULL : "a message was never settled";
    }
    if (unequal == NULL) {
        unequal = unequal_signal(model, party, at_hub);
    }
    if (unequal == NULL) {
        unequal = unequal_status(model, party, at_hub);
    }
    store_abort(at_hub);
    store_abort(at_node);
    return unequal;
}
