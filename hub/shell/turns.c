#include "hub/shell/turns.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hub/core/hub.h"
#include "hub/shell/bucket.h"
#include "shared/crypto/random.h"
#include "shared/crypto/secret.h"
#include "shared/io/daemon.h"
#include "shared/io/log.h"

enum {
    TICK_MS = 1000,
    REPORT_EVERY_MS = 20, /* pages are this much behind */
    READERS_EVERY_TICKS = 60,
    FULL_PERCENT = 80, /* of the map: from here on newcomers are refused (limits.h) */
    COMMANDS_PER_TURN = 64,
    STRANGERS_PER_TURN = 64,
    STRANGERS_PER_SECOND = 50,
    STRANGERS_BURST = 200,
    SHRED_MAX = 256,   /* keys destroyed at a time: each time writes the whole keyring */
    LEFT_RUNS_MAX = 4, /* of keys left by an earlier start: the core keeps eight runs */
    POOL_AGAIN_MS = 1000,
    ITEM_MEMBERS = 0,
    ITEM_ENROL,
    ITEM_RING,
    ITEM_SIGNALS,
    ITEM_CLOCK,
    ITEMS,
};

struct turns {
    struct turns_params params;
    struct hub *hub;
    struct request *held; /* popped, but the batch was full */
    struct link_route strangers[STRANGERS_PER_TURN];
    size_t stranger_count;
    struct bucket enrolment;
    uint64_t strangers_limited;
    int64_t started_ms;
    int64_t next_tick_ms;
    int64_t reported_ms;
    bool stale; /* something happened since the last report */
    uint64_t ticks;
    bool short_of_room;
    bool clock_halted;         /* as it was said last */
    uint64_t shred[SHRED_MAX]; /* told by the core, to be destroyed before the next turn */
    size_t shred_count;
    int64_t pool_failed_ms; /* on the monotonic clock; 0: it didn't */
    bool stopping;
    int failed; /* the first failure inside a callback */
};

/* -- what the core sends -- */

static int send_member(void *context, const struct address *peer, struct bytes packet) {
    struct turns *turns = context;
    struct link_route route;
    int r = routes_find(turns->params.routes, &peer->org, &route);
    if (r == 0) {
        r = link_server_send(turns->params.members, &route, packet);
    }
    if (r == ERR_NOT_FOUND) {
        routes_drop(turns->params.routes, &peer->org);
    }
    return r;
}

static void answer_stranger(void *context, void *token, struct bytes packet) {
    struct turns *turns = context;
    /* Who isn't there any more asks again. */
    (void)!link_server_send(turns->params.enrol, token, packet);
}

static void command_done(void *context, const struct command *command, enum refusal refusal,
                         struct bytes result) {
    /* `command` is the first member of its request, which ends here */
    struct request *request = (struct request *)(uintptr_t)command;
    (void)context;
    if (result.length > 0 && result.length < sizeof(request->result)) {
        memcpy(request->result, result.data, result.length); /* zeroed when it was made */
    }
    request->done(request->context, request, refusal);
    request_free(request);
}

static void cut(void *context, const struct org_id *org) {
    struct turns *turns = context;
    routes_drop(turns->params.routes, org);
    log_line(LOG_LEVEL_NOTICE, "member_cut", "organisation", org->text, NULL);
}

/* What doesn't fit now is told again. */
static void shred(void *context, const uint64_t *keys, size_t count) {
    struct turns *turns = context;
    for (size_t i = 0; i < count && turns->shred_count < SHRED_MAX; i++) {
        turns->shred[turns->shred_count++] = keys[i];
    }
}

/* -- record keys -- */

/* The pool is filled before a turn needs it; where that fails the hub goes on without new families
 * (they get BUSY), for what is known already must not wait. */
static void fill_pool(struct turns *turns) {
    const uint64_t left = hub_keys_left(turns->hub);
    uint64_t first = 0;
    const int64_t now_ms = clock_monotonic_ms(&turns->params.clock);
    const bool waits = turns->pool_failed_ms != 0 && now_ms - turns->pool_failed_ms < POOL_AGAIN_MS;
    if (left >= RECORDS_LOW || waits) {
        return;
    }
    const uint32_t count = RECORDS_POOL - (uint32_t)left;
    int r = records_reserve(turns->params.records, count, &first);
    r = r < 0 ? r : hub_offer_keys(turns->hub, first, count);
    turns->pool_failed_ms = r < 0 ? now_ms : 0;
    if (r < 0) {
        log_limited(now_ms, LOG_LEVEL_ERROR, "no_keys_for_new_families", "error", err_text(r),
                    "left", LOG_INT((int64_t)left), NULL);
    }
}

/* The keys of the last start that nothing used; what the core has no room for stays unused. */
static int offer_left(struct turns *turns) {
    uint64_t after = 0;
    uint64_t first = 0;
    uint64_t count = 0;
    int r = hub_last_key(turns->hub, &after);
    for (int i = 0; i < LEFT_RUNS_MAX && r == 0; i++) {
        if (!records_next_run(turns->params.records, after, &first, &count)) {
            return 0;
        }
        r = hub_offer_keys(turns->hub, first, count);
        after = first + count - 1;
    }
    return r;
}

static void shredded_done(void *context, const struct request *request, enum refusal refusal) {
    struct turns *turns = context;
    (void)request;
    if (refusal != REFUSAL_NONE) { /* the core says them again */
        log_limited(clock_monotonic_ms(&turns->params.clock), LOG_LEVEL_WARNING,
                    "shredding_not_noted", "refusal", refusal_text(refusal), NULL);
    }
}

static int tell_shredded(struct turns *turns) {
    const size_t bytes = turns->shred_count * sizeof(turns->shred[0]);
    struct request *request = request_new(HUB_COMMAND_SHREDDED);
    uint64_t *keys = malloc(bytes);
    if (request == NULL || keys == NULL) {
        request_free(request);
        free(keys);
        return ERR_NO_MEMORY;
    }
    memcpy(keys, turns->shred, bytes);
    request->blob = keys;
    request->arguments.shredded =
        (struct hub_shredded_arguments){.keys = keys, .count = turns->shred_count};
    request->command.actor = (struct actor){.user = {.text = "admin"}, .role = ROLE_ADMINISTRATOR};
    random_fill(&request->command.id, sizeof(request->command.id));
    request->done = shredded_done;
    request->context = turns;
    int r = hub_command(turns->hub, &request->command);
    if (r < 0) {
        request_free(request);
    }
    return r;
}

/* After the commit that stopped using them: the keys go, and only then does the core hear that they
 * have. What fails is told again. */
static void shred_told(struct turns *turns) {
    if (turns->shred_count == 0) {
        return;
    }
    int r = records_shred(turns->params.records, turns->shred, turns->shred_count);
    r = r < 0 ? r : tell_shredded(turns);
    turns->shred_count = 0;
    if (r < 0) {
        log_limited(clock_monotonic_ms(&turns->params.clock), LOG_LEVEL_ERROR, "shredding_failed",
                    "error", err_text(r), NULL);
    }
}

/* -- turns -- */

static uint64_t stopwatch_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void seed(struct rng *ret) {
    uint8_t bytes[32];
    random_fill(bytes, sizeof(bytes));
    rng_init(ret, bytes);
    secret_wipe(bytes, sizeof(bytes));
}

/* `tick`: by the hub's timer, else what is queued. */
static int run_turn(struct turns *turns, bool tick) {
    struct rng rng;
    uint64_t from_us = stopwatch_us();
    int64_t now_ms = clock_now_ms(&turns->params.clock);
    fill_pool(turns);
    seed(&rng);
    int r = tick ? hub_tick(turns->hub, now_ms, &rng, turns->short_of_room)
                 : hub_turn(turns->hub, now_ms, &rng, turns->short_of_room);
    secret_wipe(&rng, sizeof(rng));
    vitals_turn(turns->params.vitals, stopwatch_us() - from_us);
    turns->stranger_count = 0;
    turns->stale = true;
    if (r == 0) {
        shred_told(turns);
    }
    return r;
}

/* -- what comes in -- */

static int receive(struct turns *turns, const struct org_id *org, void *stranger,
                   struct bytes frame) {
    return org != NULL ? hub_receive(turns->hub, org, frame)
                       : hub_receive_stranger(turns->hub, stranger, frame);
}

static void push(struct turns *turns, const struct org_id *org, void *stranger,
                 const struct link_message *message) {
    int r = receive(turns, org, stranger, message->frame);
    if (r == ERR_AGAIN) { /* the batch is full by its bytes */
        r = run_turn(turns, false);
        if (r == 0) {
            r = receive(turns, org, stranger, message->frame);
        }
    }
    if (r == ERR_TOO_LARGE) {
        log_limited(clock_monotonic_ms(&turns->params.clock), LOG_LEVEL_WARNING, "frame_too_large",
                    "peer", message->peer, "bytes", LOG_INT((int64_t)message->frame.length), NULL);
    } else if (r < 0 && turns->failed == 0) {
        turns->failed = r;
    }
}

static void take_member(void *ctx, const struct link_message *message) {
    struct turns *turns = ctx;
    struct org_id org;
    if (turns->failed < 0 || org_id_parse(message->peer, &org) < 0) {
        return; /* the doorman only gives ids of members */
    }
    routes_note(turns->params.routes, &org, &message->route, clock_now_ms(&turns->params.clock));
    push(turns, &org, NULL, message);
}

static void take_stranger(void *ctx, const struct link_message *message) {
    struct turns *turns = ctx;
    if (turns->failed < 0 || turns->stranger_count == STRANGERS_PER_TURN) {
        return;
    }
    if (!bucket_take(&turns->enrolment, clock_monotonic_ms(&turns->params.clock))) {
        turns->strangers_limited++;
        return;
    }
    struct link_route *route = &turns->strangers[turns->stranger_count++];
    *route = message->route;
    push(turns, NULL, route, message);
}

static int take_commands(struct turns *turns) {
    for (int i = 0; i < COMMANDS_PER_TURN; i++) {
        struct request *request = turns->held != NULL ? turns->held : ring_take(turns->params.ring);
        turns->held = NULL;
        if (request == NULL) {
            return 0;
        }
        int r = hub_command(turns->hub, &request->command);
        if (r == ERR_AGAIN) {
            turns->held = request;
            return 0;
        }
        if (r < 0) {
            request_free(request);
            return r;
        }
    }
    return 0;
}

/* As much as one turn takes; the rest waits in the sockets, which hold their senders up. */
static int take_all(struct turns *turns) {
    int r = take_commands(turns);
    if (r < 0) {
        return r;
    }
    r = link_server_receive(turns->params.enrol, take_stranger, turns, STRANGERS_PER_TURN);
    if (r < 0) {
        return r;
    }
    r = link_server_receive(turns->params.members, take_member, turns,
                            TURN_EVENTS_MAX - COMMANDS_PER_TURN - STRANGERS_PER_TURN);
    return r < 0 ? r : turns->failed;
}

/* -- the second's end -- */

static void note_room(struct turns *turns, const struct store_space *space) {
    bool is_short = space->disk_free_bytes < STORE_RESERVE_BYTES ||
                    space->used_bytes > space->map_bytes / 100 * FULL_PERCENT;
    if (is_short != turns->short_of_room) {
        log_line(is_short ? LOG_LEVEL_ERROR : LOG_LEVEL_NOTICE,
                 is_short ? "short_of_room" : "room_again", "disk_free",
                 LOG_INT((int64_t)space->disk_free_bytes), "used",
                 LOG_INT((int64_t)space->used_bytes), NULL);
    }
    turns->short_of_room = is_short;
}

static void note_clock(struct turns *turns, const struct hub_health *now) {
    if (turns->clock_halted != now->clock_halted) {
        turns->clock_halted = now->clock_halted;
        log_line(now->clock_halted ? LOG_LEVEL_ERROR : LOG_LEVEL_NOTICE,
                 now->clock_halted ? "clock_off" : "clock_right", "members_ahead_ms",
                 LOG_INT(now->clock_skew_ms), "next",
                 now->clock_halted ? "set this machine's clock (NTP): expiries stand still" : "-",
                 NULL);
    }
}

static int report(struct turns *turns) {
    struct vitals_view view = {.started_ms = turns->started_ms};
    int r = store_space(turns->params.store, &view.space);
    if (r == 0) {
        r = hub_health(turns->hub, &view.health);
    }
    if (r < 0) {
        return r;
    }
    turns->reported_ms = clock_monotonic_ms(&turns->params.clock);
    turns->stale = false;
    note_room(turns, &view.space);
    note_clock(turns, &view.health);
    view.short_of_room = turns->short_of_room;
    view.strangers_limited = turns->strangers_limited;
    view.members = link_server_counters(turns->params.members);
    view.enrol = link_server_counters(turns->params.enrol);
    vitals_set(turns->params.vitals, &view);
    return 0;
}

static int tick(struct turns *turns) {
    turns->next_tick_ms = clock_monotonic_ms(&turns->params.clock) + TICK_MS;
    if (turns->ticks++ % READERS_EVERY_TICKS == 0) {
        int r = store_reader_check(turns->params.store);
        if (r < 0) {
            return r;
        }
    }
    int r = run_turn(turns, true);
    return r < 0 ? r : report(turns);
}

/* -- the loop -- */

static void read_signals(struct turns *turns) {
    int asked = daemon_stop_asked(turns->params.signal_fd);
    if (asked != 0) {
        log_line(LOG_LEVEL_NOTICE, "stopping", "signal", LOG_INT(asked), NULL);
        turns->stopping = true;
    }
}

/* How long nothing needs doing unless something comes. */
static int idle_ms(const struct turns *turns) {
    int64_t now_ms = clock_monotonic_ms(&turns->params.clock);
    int64_t until_ms = turns->next_tick_ms;
    if (turns->held != NULL || hub_has_work(turns->hub)) {
        return 0;
    }
    if (turns->stale && turns->reported_ms + REPORT_EVERY_MS < until_ms) {
        until_ms = turns->reported_ms + REPORT_EVERY_MS;
    }
    return until_ms <= now_ms ? 0 : (int)(until_ms - now_ms);
}

static int wait(struct turns *turns) {
    struct link_poll_item items[ITEMS] = {
        [ITEM_MEMBERS] = {.server = turns->params.members, .fd = -1},
        [ITEM_ENROL] = {.server = turns->params.enrol, .fd = -1},
        [ITEM_RING] = {.fd = ring_fd(turns->params.ring)},
        [ITEM_SIGNALS] = {.fd = turns->params.signal_fd},
        [ITEM_CLOCK] = {.fd = turns->params.clock_fd},
    };
    size_t count = turns->params.clock_fd < 0 ? ITEM_CLOCK : ITEMS;
    int r = link_poll(items, count, idle_ms(turns));
    if (r < 0) {
        return r;
    }
    if (items[ITEM_SIGNALS].ready) {
        read_signals(turns);
    }
    if (count == ITEMS && items[ITEM_CLOCK].ready) {
        turns->params.read_clock(turns->params.clock_ctx);
    }
    return 0;
}

static int step(struct turns *turns) {
    int r = wait(turns);
    if (r == 0) {
        r = take_all(turns);
    }
    if (r == 0 && hub_has_work(turns->hub)) {
        r = run_turn(turns, false);
    }
    int64_t now_ms = clock_monotonic_ms(&turns->params.clock);
    if (r == 0 && now_ms >= turns->next_tick_ms) {
        r = tick(turns);
    } else if (r == 0 && turns->stale && now_ms >= turns->reported_ms + REPORT_EVERY_MS) {
        r = report(turns);
    }
    return r;
}

/* What people asked for is done before the end; what comes over the links they send again. */
static int finish(struct turns *turns) {
    int r = 0;
    ring_close(turns->params.ring);
    do {
        r = take_commands(turns);
        if (r == 0 && hub_has_work(turns->hub)) {
            r = run_turn(turns, false);
        }
    } while (r == 0 && (turns->held != NULL || hub_has_work(turns->hub)));
    return r;
}

int turns_run(struct turns *turns) {
    int r = tick(turns);
    while (r == 0 && !turns->stopping) {
        r = step(turns);
    }
    return r == 0 ? finish(turns) : r;
}

int turns_new(const struct turns_params *params, struct turns **ret) {
    struct turns *turns = calloc(1, sizeof(*turns));
    if (turns == NULL) {
        return ERR_NO_MEMORY;
    }
    turns->params = *params;
    turns->started_ms = clock_now_ms(&params->clock);
    turns->enrolment =
        bucket_of(STRANGERS_PER_SECOND, STRANGERS_BURST, clock_monotonic_ms(&params->clock));
    const struct hub_params hub = {
        .store = params->store,
        .hub = params->hub,
        .keys = params->keys->hub,
        .links = {.context = turns,
                  .send = send_member,
                  .answer = answer_stranger,
                  .command_done = command_done,
                  .cut = cut,
                  .shred = shred},
        .families = records_keys(params->records),
        .marker = crash_file_marker(params->crash),
    };
    int r = hub_new(&hub, &turns->hub);
    r = r < 0 ? r : offer_left(turns);
    if (r < 0) {
        turns_free(turns);
        return r;
    }
    fill_pool(turns);
    *ret = turns;
    return 0;
}

void turns_free(struct turns *turns) {
    if (turns != NULL) {
        request_free(turns->held);
        hub_free(turns->hub);
        free(turns);
    }
}
