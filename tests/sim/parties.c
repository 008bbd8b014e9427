#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hub/core/rebuild.h"
#include "shared/base/civil.h"
#include "shared/crypto/hash.h"
#include "shared/members/directory.h"
#include "tests/sim/world.h"

/* Parties: their keys, stores and cores, how they die and come back. */

enum {
    MAP_BYTES = 64 << 20,
    TICK_IDLE_MS = 50 * MINUTE_MS, /* an hour between two ticks is a clock that jumped */
    TICK_HEALED_MS = MINUTE_MS,
    DRIFT_PARTS = 1000000,
};

int64_t party_now(const struct party *party) {
    const struct world *world = party->world;
    if (!world->faults) {
        return world->now_ms;
    }
    int64_t passed_ms = world->now_ms - world->begin_ms;
    return world->now_ms + party->offset_ms + passed_ms / DRIFT_PARTS * party->drift_ppm;
}

static void draw_keys(struct party *party) {
    struct dice *dice = &party->world->crypto;
    struct curve_secret curve;
    uint8_t seed[32];
    dice_fill(dice, seed, sizeof(seed));
    rng_init(&party->rng, seed);
    dice_fill(dice, seed, sizeof(seed));
    sign_keys_from_seed(seed, &party->sign_public, &party->sign_secret);
    dice_fill(dice, seed, sizeof(seed));
    sign_keys_from_seed(seed, &party->director_public, &party->director_secret);
    dice_fill(dice, seed, sizeof(seed));
    curve_keys_from_seed(seed, "transport/v1", &party->curve_public, &curve);
    dice_fill(dice, party->disclosure.bytes, sizeof(party->disclosure.bytes));
    dice_fill(dice, party->index_key.bytes, sizeof(party->index_key.bytes));
    dice_fill(dice, party->record_seed, sizeof(party->record_seed));
    keys_draw(party);
}

void party_init(struct world *world, int index) {
    struct party *party = &world->parties[index];
    uint64_t number = (uint64_t)index;
    *party = (struct party){.world = world, .index = index};
    party->own.hub = (struct hub_id){"westhoek"};
    party->own.org = HUB_ORG;
    if (index != HUB) {
        (void)snprintf(party->own.org.text, sizeof(party->own.org.text), "org-%d", index);
    }
    draw_keys(party);
    party->crashes = dice_for(world->seed, "crash", number);
    party->kills = dice_for(world->seed, "kill", number);
    party->clock = dice_for(world->seed, "clock", number);
    party->work = dice_for(world->seed, "work", number);
    party->link.breaks = dice_for(world->seed, "break", number);
    party->link.partitions = dice_for(world->seed, "partition", number);
    for (int way = 0; way < WAYS; way++) {
        struct direction *direction = &party->link.ways[way];
        uint64_t place = number * WAYS + (uint64_t)way;
        direction->loss = dice_for(world->seed, "loss", place);
        direction->delay = dice_for(world->seed, "delay", place);
        direction->duplicate = dice_for(world->seed, "duplicate", place);
        direction->reorder = dice_for(world->seed, "reorder", place);
    }
    int64_t drift = (int64_t)world->options.value[OPTION_drift_ppm];
    party->drift_ppm = dice_between(&party->clock, -drift, drift);
    struct model_party *known = &world->model.parties[index];
    known->org = party->own.org;
    known->honest = index != HUB && index <= world->node_count;
    world->model.party_count = index + 1;
}

static void wipe_store(struct party *party) {
    static const char *const files[] = {"data.mdb", "lock.mdb", "owner.lock"};
    char path[128];
    for (size_t i = 0; party->path[0] != '\0' && i < sizeof(files) / sizeof(files[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", party->path, files[i]);
        (void)unlink(path);
    }
    (void)rmdir(party->path);
}

void party_deinit(struct party *party) {
    hub_free(party->hub);
    node_free(party->node);
    store_close(party->store);
    free((void *)(uintptr_t)party->joiner.request.data);
    wipe_store(party);
}

/* -- what the cores call -- */

static int hub_send(void *context, const struct address *peer, struct bytes packet) {
    struct world *world = context;
    int index = model_party_of(&world->model, &peer->org);
    return index <= HUB ? ERR_NOT_FOUND : link_send(&world->parties[index], WAY_DOWN, packet);
}

static void hub_answer(void *context, void *token, struct bytes packet) {
    struct world *world = context;
    struct party *node = token;
    struct step step = {.at_ms = world->now_ms + 1 + (int64_t)world_option(world, OPTION_delay_ms),
                        .kind = STEP_ANSWER,
                        .party = node->index,
                        .frame = packet};
    if (!dice_chance(&node->link.ways[WAY_DOWN].loss, world_option(world, OPTION_loss_ppm))) {
        agenda_add(world->agenda, &step);
    }
}

static void hub_done(void *context, const struct command *command, enum refusal refusal,
                     struct bytes result) {
    work_done(context, command, refusal, result);
}

static void hub_cut(void *context, const struct org_id *org) {
    struct world *world = context;
    int index = model_party_of(&world->model, org);
    if (index > HUB) { /* now, or only after it has gone on speaking for a while */
        struct party *node = &world->parties[index];
        bool late = world->faults && dice_chance(&node->link.breaks, 600000);
        int64_t after_ms = dice_between(&node->link.breaks, MINUTE_MS, 5 * (int64_t)HOUR_MS);
        world_add(world, late ? after_ms : 0, STEP_BREAK, index, 1);
    }
}

static int node_send(void *context, struct bytes packet) {
    return link_send(context, WAY_UP, packet);
}

static void node_done(void *context, const struct command *command, enum refusal refusal,
                      struct bytes result) {
    struct party *party = context;
    work_done(party->world, command, refusal, result);
}

static void node_looked(void *context, const struct command *command,
                        const struct look_answer *answer, enum refusal refusal) {
    struct party *party = context;
    work_looked(party->world, command, answer, refusal);
}

static void node_shred(void *context, const uint64_t *ids, size_t count) {
    keys_shredded(context, ids, count);
}

static void hub_shred(void *context, const uint64_t *ids, size_t count) {
    struct world *world = context;
    keys_shredded(&world->parties[HUB], ids, count);
}

static bool die_before_commit(void *context) {
    struct party *party = context;
    return dice_chance(&party->crashes, world_option(party->world, OPTION_crash_before_ppm));
}

static bool die_after_commit(void *context) {
    struct party *party = context;
    return dice_chance(&party->crashes, world_option(party->world, OPTION_crash_after_ppm));
}

static bool skip_commit(void *context) {
    struct party *party = context;
    return party->hub != NULL && party->world->options.value[OPTION_skip_commit] != 0 &&
           dice_chance(&party->crashes, 100000);
}

static struct turn_faults faults_of(struct party *party) {
    return (struct turn_faults){
        .context = party,
        .die_before_commit = die_before_commit,
        .die_after_commit = die_after_commit,
        .skip_commit = party->world->options.value[OPTION_skip_commit] != 0 ? skip_commit : NULL,
    };
}

/* -- life -- */

static struct hub_keys hub_keys(const struct party *party) {
    return (struct hub_keys){
        .sign_public = party->sign_public,
        .sign_secret = &party->sign_secret,
        .curve_public = party->curve_public,
        .director = &party->director_secret,
        .director_public = party->director_public,
    };
}

static int fingerprint(struct store *store, struct digest *ret) {
    struct store_txn *view;
    int r = store_begin_read(store, &view);
    if (r == 0) {
        r = directory_hash_at(view, 1, ret);
        store_abort(view);
    }
    return r;
}

static int start_hub(struct party *party) {
    struct hub_params params = {
        .store = party->store,
        .hub = party->own.hub,
        .keys = hub_keys(party),
        .links = {.context = party->world,
                  .send = hub_send,
                  .answer = hub_answer,
                  .command_done = hub_done,
                  .cut = hub_cut,
                  .shred = hub_shred},
        .families = {.records = {.get = keys_record, .context = party}, .index = &party->index_key},
        .faults = faults_of(party),
    };
    struct hub_founding founding = {
        .hub = party->own.hub,
        .region_name = "Westhoek",
        .epoch = 1,
        .now_ms = party->world->now_ms,
    };
    int r = 0;
    if (!party->found) {
        r = hub_found(party->store, &founding, &params.keys, &party->rng);
        r = r == 0 ? fingerprint(party->store, &party->world->fingerprint) : r;
    }
    if (r == 0) {
        party->found = true;
        r = hub_new(&params, &party->hub);
    }
    if (r == 0) {
        model_hub_again(&party->world->model, party->store);
    }
    return r;
}

static int start_node(struct party *party) {
    struct node_params params = {
        .store = party->store,
        .own = party->own,
        .keys = {.sign_public = party->sign_public,
                 .sign_secret = &party->sign_secret,
                 .disclosure = &party->disclosure,
                 .index = &party->index_key,
                 .records = {.get = keys_record, .context = party},
                 .sealing = {.get = keys_seal, .context = party}},
        .links = {.context = party,
                  .send = node_send,
                  .command_done = node_done,
                  .shred = node_shred,
                  .looked = node_looked},
        .faults = faults_of(party),
        .software = "simulated",
    };
    struct node_founding founding = {
        .own = party->own, .fingerprint = party->world->fingerprint, .now_ms = party_now(party)};
    int r = party->found ? 0 : node_found(party->store, &founding);
    if (r == 0) {
        party->found = true;
        r = node_new(&params, &party->node);
    }
    if (r == 0) {
        model_node_again(&party->world->model, party->index, party->store);
    }
    return r;
}

void party_start(struct party *party) {
    struct world *world = party->world;
    if (party->alive || party->hostile || (world->faults && world->now_ms < party->away_until_ms)) {
        return;
    }
    party->lives++;
    if (!party->found) {
        (void)snprintf(party->path, sizeof(party->path), "%s/%d-%d", world->root, party->index,
                       (int)party->lives);
    }
    struct store_params params = {
        .path = party->path, .durability = STORE_VOLATILE, .map_bytes = MAP_BYTES};
    int r = store_open(&params, &party->store);
    if (r == 0) {
        r = party->index == HUB ? start_hub(party) : start_node(party);
    }
    if (r < 0) {
        model_broken(&world->model, VIOLATION_ERROR, "%s can't start: %s", party->own.org.text,
                     err_text(r));
        return;
    }
    party->alive = true;
    party->since_ms = party_now(party);
    keys_offer(party, true);
    trace_say(&world->trace, world->now_ms, "%s starts, life %d", party->own.org.text,
              (int)party->lives);
    party->tick_every_ms = TICK_IDLE_MS;
    party_hurry(party);
    if (party->index != HUB) {
        world_add(world, SECOND_MS, STEP_CONNECT, party->index, 0);
    }
}

void party_die(struct party *party, const char *why) {
    struct world *world = party->world;
    if (!party->alive) {
        return;
    }
    trace_say(&world->trace, world->now_ms, "%s dies: %s", party->own.org.text, why);
    world->deaths++;
    hub_free(party->hub);
    node_free(party->node);
    party->hub = NULL;
    party->node = NULL;
    store_close(party->store);
    party->store = NULL;
    party->alive = false;
    party->turn_due = false;
    for (int i = 1; i < world->party_count; i++) {
        if (party->index == HUB || party->index == i) {
            link_down(&world->parties[i], "somebody died");
        }
    }
    work_orphaned(party);
    world_add(world, dice_between(&party->kills, SECOND_MS, 3 * MINUTE_MS), STEP_RESTART,
              party->index, 0);
}

void party_anew(struct party *party) {
    party_die(party, "it gives up its store");
    work_abandon(party);
    if (party->path[0] != '\0') {
        wipe_store(party);
    }
    free((void *)(uintptr_t)party->joiner.request.data);
    party->joiner = (struct joiner){0};
    party->link.wanted = false;
    party->found = false;
    party->importing = false;
    party->book = (struct register_book){.size = party->book.size};
    memset(party->shredded, 0, sizeof(party->shredded));
    party->record_keys = 0;
    party->store_life++;
    party->rotating = false;
    party->away_until_ms = 0;
    draw_keys(party);
    model_anew(&party->world->model, party->index);
}

void party_wake(struct party *party) {
    struct world *world = party->world;
    if (!party->alive) {
        return;
    }
    if (!party->turn_due) {
        party->turn_due = true;
        world_add(world, dice_between(&world->batching, 0, 20), STEP_TURN, party->index, 0);
    }
}

void party_hurry(struct party *party) {
    struct world *world = party->world;
    party_wake(party);
    if (party->alive && party->tick_every_ms > SECOND_MS) {
        party->tick_every_ms = SECOND_MS;
        world_add(world, SECOND_MS, STEP_TICK, party->index, ++party->tick_token);
    }
}

/* A negative control: what makes a message count once is gone. */
static void forget_settled(struct party *hub) {
    struct store_txn *txn;
    struct store_cursor cursor;
    const uint8_t side = STREAM_IN;
    if (store_begin_write(hub->store, &txn) < 0) {
        return;
    }
    store_clear(txn, TABLE_INBOX);
    for (int r = store_seek(txn, TABLE_STREAMS, BYTES_OF(side), &cursor);
         r == 0 && store_under(&cursor, BYTES_OF(side)); r = store_next(&cursor)) {
        store_delete(txn, TABLE_STREAMS, cursor.key);
    }
    (void)!store_commit(txn);
}

void party_run(struct party *party, bool tick) {
    struct world *world = party->world;
    int64_t now_ms = party_now(party);
    int r;
    if (!party->alive) {
        return;
    }
    party->turn_due = false;
    if (world->families != NULL) {
        family_faults_before(party);
    }
    if (party->hub != NULL) {
        r = tick ? hub_tick(party->hub, now_ms, &party->rng, false)
                 : hub_turn(party->hub, now_ms, &party->rng, false);
    } else {
        r = tick ? node_tick(party->node, now_ms, &party->rng, false)
                 : node_turn(party->node, now_ms, &party->rng, false);
    }
    trace_number(&world->trace, (uint64_t)r);
    if (r == ERR_CANCELLED) {
        party_die(party, "in a turn");
    } else if (r < 0) {
        model_broken(&world->model, VIOLATION_ERROR, "%s's turn: %s", party->own.org.text,
                     err_text(r));
    } else if (party->hub != NULL) {
        model_journal(&world->model, party->store);
        if (world->options.value[OPTION_no_dedupe] != 0) {
            forget_settled(party);
        }
    }
    if (r == 0 && party->alive) {
        keys_offer(party, false);
        if (world->families != NULL) {
            families_after_turn(party, tick);
        }
    }
    if (party->alive && tick) {
        int64_t longest_ms = world->faults ? TICK_IDLE_MS : TICK_HEALED_MS;
        party->tick_every_ms *= 3;
        party->tick_every_ms =
            party->tick_every_ms > longest_ms ? longest_ms : party->tick_every_ms;
        world_add(world, party->tick_every_ms, STEP_TICK, party->index, ++party->tick_token);
    }
}
