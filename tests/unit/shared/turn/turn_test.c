#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/store/env.h"
#include "shared/turn/decision.h"
#include "shared/turn/results.h"
#include "shared/turn/turn.h"
#include "tests/unit/shared/store/scratch.h"

/* A core that keeps what it's told: a frame "Kxxx" puts "xxx" under K into the store; a first byte
 * '!' is refused, '+' grows to two megabytes; commands put their id. */

enum { GROWN_BYTES = 2 << 20, NOW_MS = 1800000000 };

struct told {
    enum refusal refusal;
    bool repeated;
    char result[32];
    void *token;
};

struct core {
    struct scratch scratch;
    struct store *store;
    struct turn *turn;
    struct rng rng;
    struct told told[TURN_EVENTS_MAX];
    size_t told_count;
    size_t applied;
    size_t committed;
    size_t commits; /* tried, once each transaction that came so far */
    size_t used_at_commit;
    enum refusal refuses; /* commands, for this reason */
    bool grows;           /* in decide, by a megabyte */
    bool dies_before;
    bool dies_after;
    unsigned deaths; /* what the marker says of every event */
    size_t marked;
    size_t unmarked;
    bool saw_deadly;
    bool saw_short;
    bool pushes; /* from its own outcome */
    int pushed;
};

static int decide(void *context, const struct turn_view *view, const struct event *event,
                  struct decision *ret) {
    struct core *core = context;
    core->saw_short = core->saw_short || view->short_of_room;
    if (event->deadly) {
        core->saw_deadly = true;
        ret->refusal = REFUSAL_INTERNAL_FAULT;
        return 0;
    }
    if (core->grows) {
        assert_non_null(arena_alloc(view->arena, 1 << 20, 1));
    }
    struct bytes body = event->frame;
    if (event->kind == EVENT_COMMAND) {
        body = BYTES_OF(event->command->id);
        if (core->refuses != REFUSAL_NONE) {
            ret->refusal = core->refuses;
            return 0;
        }
        ret->result = bytes_from_text("made");
    }
    if (event->kind == EVENT_PACKET && body.data[0] == '!') {
        ret->refusal = REFUSAL_MALFORMED;
        return 0;
    }
    const struct fact fact = {.type = 1, .body = body};
    return decision_push(ret, &fact);
}

static int apply(void *context, const struct turn_view *view, const struct fact *fact) {
    struct core *core = context;
    struct bytes key = {.data = fact->body.data, .length = 1};
    struct bytes value = {.data = fact->body.data + 1, .length = fact->body.length - 1};
    core->applied++;
    if (fact->body.data[0] == '+') {
        value =
            (struct bytes){.data = arena_alloc(view->arena, GROWN_BYTES, 1), .length = GROWN_BYTES};
    }
    if (value.data == NULL) {
        return ERR_NO_MEMORY;
    }
    store_put(view->txn, TABLE_SIGNALS, key, value);
    return 0;
}

static void outcome(void *context, const struct event *event, const struct decision *decision) {
    struct core *core = context;
    struct told *told = &core->told[core->told_count++];
    *told = (struct told){
        .refusal = decision->refusal, .repeated = decision->repeated, .token = event->token};
    assert_true(decision->result.length < sizeof(told->result));
    if (decision->result.length > 0) {
        memcpy(told->result, decision->result.data, decision->result.length);
    }
    if (core->pushes) {
        struct event another = {.kind = EVENT_PACKET, .frame = bytes_from_text("znew")};
        core->pushed = turn_push(core->turn, &another);
    }
}

static void committed(void *context, int64_t now_ms, struct arena *arena) {
    struct core *core = context;
    assert_int_equal(now_ms, NOW_MS);
    core->used_at_commit = arena_used(arena);
    core->committed++;
}

static bool die_before(void *context) {
    struct core *core = context;
    core->commits++;
    return core->dies_before;
}

static bool die_after(void *context) {
    return ((struct core *)context)->dies_after;
}

static unsigned deaths(void *context, const struct digest *id) {
    assert_false(digest_is_zero(id));
    return ((struct core *)context)->deaths;
}

static void mark(void *context, const struct digest *id) {
    (void)id;
    ((struct core *)context)->marked++;
}

static void unmark(void *context) {
    ((struct core *)context)->unmarked++;
}

static void turn_open(struct core *core) {
    struct turn_params params = {
        .store = core->store,
        .core = {.core = core,
                 .decide = decide,
                 .apply = apply,
                 .outcome = outcome,
                 .committed = committed},
        .marker = {.context = core, .deaths = deaths, .begin = mark, .end = unmark},
        .faults = {.context = core, .die_before_commit = die_before, .die_after_commit = die_after},
    };
    assert_int_equal(turn_new(&params, &core->turn), 0);
}

static struct core *begin(void) {
    static struct core core;
    const uint8_t seed[32] = {7};
    core = (struct core){0};
    core.scratch = scratch_new();
    struct store_params params = {
        .path = core.scratch.path, .durability = STORE_VOLATILE, .map_bytes = 1 << 20};
    assert_int_equal(store_open(&params, &core.store), 0);
    rng_init(&core.rng, seed);
    turn_open(&core);
    return &core;
}

static void end(struct core *core) {
    turn_free(core->turn);
    store_close(core->store);
    scratch_free(&core->scratch);
}

static int push(struct core *core, const char *frame, void *token) {
    struct event event = {.kind = EVENT_PACKET, .frame = bytes_from_text(frame), .token = token};
    return turn_push(core->turn, &event);
}

static int push_command(struct core *core, const struct command *command) {
    struct event event = {.kind = EVENT_COMMAND, .command = command};
    return turn_push(core->turn, &event);
}

static int run(struct core *core) {
    return turn_run(core->turn, NOW_MS, &core->rng, false);
}

static bool holds(struct core *core, const char *key, const char *value) {
    struct store_txn *view;
    struct bytes found;
    assert_int_equal(store_begin_read(core->store, &view), 0);
    int r = store_get(view, TABLE_SIGNALS, bytes_from_text(key), &found);
    bool same = r == 0 && bytes_equal(found, bytes_from_text(value));
    store_abort(view);
    return same;
}

static void a_turn_commits_all_and_only_then_answers_in_order(void **state) {
    struct core *core = begin();
    int tokens[3];
    const char *const frames[] = {"aone", "!", "btwo"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(push(core, frames[i], &tokens[i]), 0);
    }
    assert_int_equal(turn_waiting(core->turn), 3);
    assert_int_equal(run(core), 0);
    assert_true(holds(core, "a", "one") && holds(core, "b", "two"));
    assert_int_equal(core->told_count, 3);
    assert_int_equal(core->committed, 1);
    for (size_t i = 0; i < 3; i++) {
        assert_ptr_equal(core->told[i].token, &tokens[i]);
        assert_int_equal(core->told[i].refusal, i == 1 ? REFUSAL_MALFORMED : REFUSAL_NONE);
    }
    assert_int_equal(turn_waiting(core->turn), 0);
    const struct turn_counts *counts = turn_counts(core->turn);
    assert_int_equal(counts->turns, 1);
    assert_int_equal(counts->events, 3);
    assert_int_equal(counts->facts, 2);
    assert_int_equal(counts->refusals[REFUSAL_MALFORMED], 1);
    end(core);
}

static void an_empty_turn_does_nothing(void **state) {
    struct core *core = begin();
    assert_int_equal(run(core), 0);
    assert_int_equal(core->committed, 0);
    end(core);
}

static void a_frame_is_copied_when_it_is_pushed(void **state) {
    struct core *core = begin();
    char frame[] = "aone";
    assert_int_equal(push(core, frame, NULL), 0);
    memset(frame, 'z', sizeof(frame) - 1);
    assert_int_equal(run(core), 0);
    assert_true(holds(core, "a", "one"));
    end(core);
}

static void a_full_batch_takes_no_more_until_it_ran(void **state) {
    struct core *core = begin();
    for (size_t i = 0; i < TURN_EVENTS_MAX; i++) {
        assert_int_equal(push(core, "aone", NULL), 0);
    }
    assert_int_equal(push(core, "btwo", NULL), ERR_AGAIN);
    assert_int_equal(run(core), 0);
    assert_int_equal(core->told_count, TURN_EVENTS_MAX);
    assert_int_equal(push(core, "btwo", NULL), 0);
    end(core);
}

static void frames_are_bounded_alone_and_together(void **state) {
    struct core *core = begin();
    static uint8_t large[PACKET_BYTES_MAX + 1];
    memset(large, '!', sizeof(large));
    struct event event = {.kind = EVENT_PACKET, .frame = {.data = large, .length = sizeof(large)}};
    assert_int_equal(turn_push(core->turn, &event), ERR_TOO_LARGE);
    event.frame.length = PACKET_BYTES_MAX;
    size_t taken = 0;
    int r;
    while ((r = turn_push(core->turn, &event)) == 0) {
        taken++;
    }
    assert_int_equal(r, ERR_AGAIN);
    assert_int_equal(taken, TURN_BYTES_MAX / PACKET_BYTES_MAX);
    assert_int_equal(run(core), 0);
    assert_int_equal(turn_push(core->turn, &event), 0);
    end(core);
}

/* The map holds 1 MiB: the second event can't be kept, the others can. */
static void who_finds_no_room_is_refused_alone(void **state) {
    struct core *core = begin();
    assert_int_equal(push(core, "aone", NULL), 0);
    assert_int_equal(push(core, "+", NULL), 0);
    assert_int_equal(push(core, "btwo", NULL), 0);
    assert_int_equal(run(core), 0);
    assert_int_equal(core->told_count, 3);
    assert_int_equal(core->told[0].refusal, REFUSAL_NONE);
    assert_int_equal(core->told[1].refusal, REFUSAL_NO_ROOM);
    assert_int_equal(core->told[2].refusal, REFUSAL_NONE);
    assert_true(holds(core, "a", "one") && holds(core, "b", "two"));
    assert_false(holds(core, "+", ""));
    assert_int_equal(core->committed, 1);
    assert_int_equal(turn_counts(core->turn)->batches_replayed, 1);
    /* And the store goes on. */
    assert_int_equal(push(core, "cthree", NULL), 0);
    assert_int_equal(run(core), 0);
    assert_true(holds(core, "c", "three"));
    end(core);
}

/* A commit is a sync: whoever sends what finds no room must not make its neighbours wait for five
 * hundred of them. */
static void one_without_room_costs_its_neighbours_few_commits(void **state) {
    struct core *core = begin();
    for (size_t i = 0; i < TURN_EVENTS_MAX; i++) {
        assert_int_equal(push(core, i == 300 ? "+" : "aone", NULL), 0);
    }
    assert_int_equal(run(core), 0);
    assert_int_equal(core->told_count, TURN_EVENTS_MAX);
    for (size_t i = 0; i < TURN_EVENTS_MAX; i++) {
        assert_int_equal(core->told[i].refusal, i == 300 ? REFUSAL_NO_ROOM : REFUSAL_NONE);
    }
    assert_in_range(core->commits, 2, 20);
    end(core);
}

/* What the events took of the arena is given back before the answers are made. */
static void the_answers_have_room_whatever_the_events_took(void **state) {
    struct core *core = begin();
    core->grows = true;
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(push(core, "!", NULL), 0);
    }
    assert_int_equal(run(core), 0);
    assert_int_equal(core->committed, 1);
    assert_int_equal(core->used_at_commit, 0);
    end(core);
}

static void a_death_before_the_commit_leaves_nothing_and_says_nothing(void **state) {
    struct core *core = begin();
    core->dies_before = true;
    assert_int_equal(push(core, "aone", NULL), 0);
    assert_int_equal(run(core), ERR_CANCELLED);
    assert_int_equal(core->told_count, 0);
    assert_int_equal(core->committed, 0);
    assert_false(holds(core, "a", "one"));
    end(core);
}

static void a_death_after_the_commit_keeps_all_and_says_nothing(void **state) {
    struct core *core = begin();
    core->dies_after = true;
    assert_int_equal(push(core, "aone", NULL), 0);
    assert_int_equal(run(core), ERR_CANCELLED);
    assert_int_equal(core->told_count, 0);
    assert_int_equal(core->committed, 0);
    assert_true(holds(core, "a", "one"));
    end(core);
}

static void a_repeated_command_is_done_once_and_gives_the_first_result(void **state) {
    struct core *core = begin();
    struct command command = {.id = {.bytes = "c-one"}};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(push_command(core, &command), 0);
        assert_int_equal(i == 0 ? 0 : push_command(core, &command), 0); /* twice in a batch */
        assert_int_equal(run(core), 0);
    }
    assert_int_equal(core->applied, 1);
    assert_int_equal(core->told_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(core->told[i].refusal, REFUSAL_NONE);
        assert_string_equal(core->told[i].result, "made");
        assert_int_equal(core->told[i].repeated, i > 0);
    }
    end(core);
}

static void a_command_after_its_deadline_is_refused_and_stays_refused(void **state) {
    struct core *core = begin();
    struct command late = {.id = {.bytes = "late"}, .deadline_ms = NOW_MS - 1};
    struct command just = {.id = {.bytes = "just"}, .deadline_ms = NOW_MS};
    assert_int_equal(push_command(core, &late), 0);
    assert_int_equal(push_command(core, &just), 0);
    assert_int_equal(run(core), 0);
    assert_int_equal(core->told[0].refusal, REFUSAL_DEADLINE);
    assert_int_equal(core->told[1].refusal, REFUSAL_NONE);
    late.deadline_ms = 0;
    assert_int_equal(push_command(core, &late), 0);
    assert_int_equal(run(core), 0);
    assert_int_equal(core->told[2].refusal, REFUSAL_DEADLINE);
    assert_true(core->told[2].repeated);
    end(core);
}

/* "Not yet" and "busy" are said of the moment, not of the command. */
static void a_command_that_was_refused_for_the_moment_may_come_again(void **state) {
    struct core *core = begin();
    struct command command = {.id = {.bytes = "c-one"}};
    core->refuses = REFUSAL_NOT_YET;
    assert_int_equal(push_command(core, &command), 0);
    assert_int_equal(run(core), 0);
    core->refuses = REFUSAL_EXISTS;
    assert_int_equal(push_command(core, &command), 0);
    assert_int_equal(run(core), 0);
    core->refuses = REFUSAL_NONE;
    assert_int_equal(push_command(core, &command), 0);
    assert_int_equal(run(core), 0);
    assert_int_equal(core->told[0].refusal, REFUSAL_NOT_YET);
    assert_int_equal(core->told[1].refusal, REFUSAL_EXISTS);
    assert_false(core->told[1].repeated);
    assert_int_equal(core->told[2].refusal, REFUSAL_EXISTS);
    assert_true(core->told[2].repeated);
    end(core);
}

static void every_event_that_is_applied_is_marked_and_unmarked(void **state) {
    struct core *core = begin();
    struct command command = {.id = {.bytes = "c-one"}};
    struct event timer = {.kind = EVENT_TIMER, .frame = bytes_from_text("ttick")};
    assert_int_equal(push(core, "aone", NULL), 0);
    assert_int_equal(push_command(core, &command), 0);
    assert_int_equal(turn_push(core->turn, &timer), 0);
    assert_int_equal(run(core), 0);
    assert_int_equal(core->marked, 2); /* time can't be refused */
    assert_int_equal(core->unmarked, 2);
    end(core);
}

static void an_event_that_killed_twice_is_shown_as_deadly(void **state) {
    struct core *core = begin();
    core->deaths = TURN_DEATHS_MAX - 1;
    assert_int_equal(push(core, "aone", NULL), 0);
    assert_int_equal(run(core), 0);
    assert_false(core->saw_deadly);
    core->deaths = TURN_DEATHS_MAX;
    assert_int_equal(push(core, "aone", NULL), 0);
    assert_int_equal(run(core), 0);
    assert_true(core->saw_deadly);
    assert_int_equal(core->told[1].refusal, REFUSAL_INTERNAL_FAULT);
    end(core);
}

static void an_event_that_kills_even_when_refused_is_not_looked_at(void **state) {
    struct core *core = begin();
    core->deaths = TURN_DEATHS_MAX + 1;
    assert_int_equal(push(core, "aone", NULL), 0);
    assert_int_equal(run(core), 0);
    assert_false(core->saw_deadly);
    assert_int_equal(core->applied, 0);
    assert_int_equal(core->marked, 0);
    assert_int_equal(core->told[0].refusal, REFUSAL_INTERNAL_FAULT);
    end(core);
}

static void a_core_is_told_that_room_is_short(void **state) {
    struct core *core = begin();
    assert_int_equal(push(core, "aone", NULL), 0);
    assert_int_equal(run(core), 0);
    assert_false(core->saw_short);
    assert_int_equal(push(core, "aone", NULL), 0);
    assert_int_equal(turn_run(core->turn, NOW_MS, &core->rng, true), 0);
    assert_true(core->saw_short);
    end(core);
}

/* It would be taken for a part of the turn that ends, and be lost. */
static void a_core_can_push_nothing_into_its_own_turn(void **state) {
    struct core *core = begin();
    core->pushes = true;
    assert_int_equal(push(core, "aone", NULL), 0);
    assert_int_equal(run(core), 0);
    assert_int_equal(core->pushed, ERR_AGAIN);
    assert_int_equal(core->told_count, 1);
    core->pushes = false;
    assert_int_equal(push(core, "btwo", NULL), 0);
    assert_int_equal(run(core), 0);
    assert_true(holds(core, "b", "two"));
    end(core);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_turn_commits_all_and_only_then_answers_in_order),
        cmocka_unit_test(an_empty_turn_does_nothing),
        cmocka_unit_test(a_frame_is_copied_when_it_is_pushed),
        cmocka_unit_test(a_full_batch_takes_no_more_until_it_ran),
        cmocka_unit_test(frames_are_bounded_alone_and_together),
        cmocka_unit_test(who_finds_no_room_is_refused_alone),
        cmocka_unit_test(one_without_room_costs_its_neighbours_few_commits),
        cmocka_unit_test(the_answers_have_room_whatever_the_events_took),
        cmocka_unit_test(a_death_before_the_commit_leaves_nothing_and_says_nothing),
        cmocka_unit_test(a_death_after_the_commit_keeps_all_and_says_nothing),
        cmocka_unit_test(a_repeated_command_is_done_once_and_gives_the_first_result),
        cmocka_unit_test(a_command_after_its_deadline_is_refused_and_stays_refused),
        cmocka_unit_test(a_command_that_was_refused_for_the_moment_may_come_again),
        cmocka_unit_test(every_event_that_is_applied_is_marked_and_unmarked),
        cmocka_unit_test(an_event_that_killed_twice_is_shown_as_deadly),
        cmocka_unit_test(an_event_that_kills_even_when_refused_is_not_looked_at),
        cmocka_unit_test(a_core_is_told_that_room_is_short),
        cmocka_unit_test(a_core_can_push_nothing_into_its_own_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
