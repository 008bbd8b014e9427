#include "shared/turn/turn.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/limits.h"
#include "shared/crypto/hash.h"
#include "shared/turn/results.h"

enum {
    EVENT_HEAD_BYTES = 256, /* beyond the longest head of an envelope */
    NO_ROOM_RETRY_S = 5,    /* work resumes within ten seconds of there being room */
};

struct turn {
    struct turn_params params;
    struct arena *input;   /* frames, from turn_push to the turn's end */
    struct arena *scratch; /* what decide and apply make */
    struct event events[TURN_EVENTS_MAX];
    struct decision decisions[TURN_EVENTS_MAX];
    size_t event_count;
    size_t input_bytes;
    bool clock_in_doubt;
    bool running; /* what is pushed now would be taken for a part of this turn */
    struct turn_counts counts;
};

/* What stays the same over one turn_run. */
struct run {
    struct turn *turn;
    int64_t now_ms;
    struct rng *rng;
    bool short_of_room;
};

int turn_new(const struct turn_params *params, struct turn **ret) {
    struct turn *turn = calloc(1, sizeof(*turn));
    if (turn == NULL) {
        return ERR_NO_MEMORY;
    }
    turn->params = *params;
    int r = arena_new(2 * (size_t)TURN_BYTES_MAX + PACKET_BYTES_MAX, &turn->input);
    if (r == 0) {
        r = arena_new(TURN_ARENA_BYTES, &turn->scratch);
    }
    if (r < 0) {
        turn_free(turn);
        return r;
    }
    *ret = turn;
    return 0;
}

void turn_free(struct turn *turn) {
    if (turn != NULL) {
        arena_free(turn->input);
        arena_free(turn->scratch);
        free(turn);
    }
}

int turn_push(struct turn *turn, const struct event *event) {
    if (event->frame.length > PACKET_BYTES_MAX) {
        return ERR_TOO_LARGE;
    }
    if (turn->running || turn->event_count == TURN_EVENTS_MAX ||
        (turn->event_count > 0 && turn->input_bytes + event->frame.length > TURN_BYTES_MAX)) {
        return ERR_AGAIN;
    }
    struct bytes frame = arena_copy(turn->input, event->frame);
    if (frame.data == NULL) {
        return ERR_NO_MEMORY;
    }
    struct event *kept = &turn->events[turn->event_count++];
    *kept = *event;
    kept->frame = frame;
    turn->input_bytes += frame.length;
    return 0;
}

void turn_doubt_clock(struct turn *turn, bool in_doubt) {
    turn->clock_in_doubt = in_doubt;
}

size_t turn_waiting(const struct turn *turn) {
    return turn->event_count;
}

const struct turn_counts *turn_counts(const struct turn *turn) {
    return &turn->counts;
}

static struct digest event_id(const struct event *event) {
    if (event->kind == EVENT_COMMAND) {
        return hash_of("command/v1", BYTES_OF(event->command->id));
    }
    /* The head of a frame names its message; hashing all of each would be a tenth of a turn. */
    struct bytes head = event->frame;
    head.length = head.length < EVENT_HEAD_BYTES ? head.length : EVENT_HEAD_BYTES;
    return hash_of("event/v1", head);
}

/* A command that came before, or too late, isn't the core's business. */
static int decide_command(const struct run *run, const struct turn_view *view,
                          const struct event *event, struct decision *decision) {
    const struct command *command = event->command;
    struct command_outcome before;
    int r = results_find(view->txn, &command->id, &before);
    if (r == 0) {
        decision->refusal = before.refusal;
        decision->repeated = true;
        decision->result = arena_copy(view->arena, before.result);
        return decision->result.data == NULL ? ERR_NO_MEMORY : 0;
    }
    if (r != ERR_NOT_FOUND) {
        return r;
    }
    bool late = command->deadline_ms != 0 && command->deadline_ms < run->now_ms;
    if (late && !run->turn->clock_in_doubt) {
        decision->refusal = REFUSAL_DEADLINE;
        return 0;
    }
    const struct turn_core *core = &run->turn->params.core;
    return core->decide(core->core, view, event, decision);
}

static int decide(const struct run *run, const struct turn_view *view, const struct event *event,
                  struct decision *decision) {
    const struct turn_core *core = &run->turn->params.core;
    if (event->kind == EVENT_COMMAND) {
        return decide_command(run, view, event, decision);
    }
    return core->decide(core->core, view, event, decision);
}

static int apply(const struct run *run, const struct turn_view *view, const struct event *event,
                 const struct decision *decision) {
    const struct turn_core *core = &run->turn->params.core;
    for (size_t i = 0; i < decision->fact_count; i++) {
        int r = core->apply(core->core, view, &decision->facts[i]);
        if (r < 0) {
            return r;
        }
        r = store_txn_error(view->txn);
        if (r < 0) {
            return r;
        }
    }
    /* What may go better the next time isn't an answer to keep. */
    bool passing = decision->refusal != REFUSAL_NONE && !refusal_is_final(decision->refusal);
    if (event->kind != EVENT_COMMAND || decision->repeated || passing) {
        return 0;
    }
    struct command_outcome outcome = {
        .finished_ms = run->now_ms, .refusal = decision->refusal, .result = decision->result};
    return results_keep(view->txn, &event->command->id, &outcome);
}

/* With the marker up, so that a death on the way is known to be this event's. */
static int run_event(const struct run *run, struct store_txn *txn, size_t index) {
    struct turn *turn = run->turn;
    const struct turn_marker *marker = &turn->params.marker;
    struct event *event = &turn->events[index];
    struct decision *decision = &turn->decisions[index];
    struct turn_view view = {
        .txn = txn,
        .now_ms = run->now_ms,
        .rng = run->rng,
        .arena = turn->scratch,
        .short_of_room = run->short_of_room,
    };
    *decision = (struct decision){.arena = turn->scratch};
    if (marker->begin == NULL || event->kind == EVENT_TIMER) {
        int r = decide(run, &view, event, decision);
        return r < 0 ? r : apply(run, &view, event, decision);
    }
    struct digest id = event_id(event);
    unsigned deaths = marker->deaths(marker->context, &id);
    event->deadly = deaths >= TURN_DEATHS_MAX;
    if (deaths > TURN_DEATHS_MAX) { /* not even refusing it in form is safe */
        decision->refusal = REFUSAL_INTERNAL_FAULT;
        return 0;
    }
    marker->begin(marker->context, &id);
    int r = decide(run, &view, event, decision);
    if (r == 0) {
        r = apply(run, &view, event, decision);
    }
    marker->end(marker->context);
    return r;
}

static bool fault(bool (*asked)(void *context), void *context) {
    return asked != NULL && asked(context);
}

/* One transaction over events [from, from + count). */
static int run_batch(const struct run *run, size_t from, size_t count) {
    const struct turn_faults *faults = &run->turn->params.faults;
    struct store_txn *txn;
    int r = store_begin_write(run->turn->params.store, &txn);
    if (r < 0) {
        return r;
    }
    for (size_t i = from; i < from + count; i++) {
        r = run_event(run, txn, i);
        if (r < 0) {
            store_abort(txn);
            return r;
        }
    }
    if (fault(faults->die_before_commit, faults->context)) {
        store_abort(txn);
        return ERR_CANCELLED;
    }
    if (fault(faults->skip_commit, faults->context)) {
        store_abort(txn);
        return 0;
    }
    r = store_commit(txn);
    if (r == 0 && fault(faults->die_after_commit, faults->context)) {
        return ERR_CANCELLED;
    }
    return r;
}

static void tell_outcome(struct turn *turn, size_t index) {
    const struct decision *decision = &turn->decisions[index];
    turn->counts.events++;
    turn->counts.facts += decision->fact_count;
    if (decision->refusal < sizeof(turn->counts.refusals) / sizeof(turn->counts.refusals[0])) {
        turn->counts.refusals[decision->refusal]++;
    }
    turn->params.core.outcome(turn->params.core.core, &turn->events[index], decision);
}

/* One event of the batch found no room (on the disk, or in the arena): smaller batches, down to one
 * event, so that only who needs the room is refused. Each commit costs a sync, so batches grow
 * again behind it: one that needs too much costs its neighbours a dozen commits, not five hundred.
 */
static int replay(const struct run *run) {
    struct turn *turn = run->turn;
    size_t size = turn->event_count / 2 > 0 ? turn->event_count / 2 : 1;
    size_t from = 0;
    turn->counts.batches_replayed++;
    while (from < turn->event_count) {
        size_t left = turn->event_count - from;
        size_t count = size < left ? size : left;
        arena_reset(turn->scratch);
        int r = run_batch(run, from, count);
        bool full = r == ERR_NO_ROOM || r == ERR_NO_MEMORY;
        if (full && count > 1) {
            size = count / 2;
            continue;
        }
        if (full) {
            turn->decisions[from] =
                (struct decision){.refusal = REFUSAL_NO_ROOM, .retry_after_s = NO_ROOM_RETRY_S};
        } else if (r < 0) {
            return r;
        }
        for (size_t i = from; i < from + count; i++) {
            tell_outcome(turn, i);
        }
        from += count;
        size = 2 * count;
    }
    return 0;
}

static int run_all(const struct run *run) {
    struct turn *turn = run->turn;
    int r = run_batch(run, 0, turn->event_count);
    if (r == ERR_NO_ROOM || r == ERR_NO_MEMORY) {
        return replay(run);
    }
    for (size_t i = 0; r == 0 && i < turn->event_count; i++) {
        tell_outcome(turn, i);
    }
    return r;
}

int turn_run(struct turn *turn, int64_t now_ms, struct rng *rng, bool short_of_room) {
    struct run run = {.turn = turn, .now_ms = now_ms, .rng = rng, .short_of_room = short_of_room};
    if (turn->event_count == 0) {
        return 0;
    }
    turn->running = true;
    int r = run_all(&run);
    turn->event_count = 0;
    turn->input_bytes = 0;
    turn->counts.turns++;
    arena_reset(turn->scratch); /* whatever the events took, the answers have room */
    if (r == 0) {
        turn->params.core.committed(turn->params.core.core, now_ms, turn->scratch);
    }
    turn->running = false;
    arena_reset(turn->scratch);
    arena_reset(turn->input);
    return r;
}
