#include "tests/sim/world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hub/core/rebuild.h"
#include "shared/base/civil.h"
#include "shared/members/directory.h"

enum {
    ARENA_BYTES = 8 << 20,
    HEAL_HOURS = 12, /* in which all must drain: clocks were up to three hours off */
    LOOK_MINUTES = 10,
};

static const int64_t WEEK_MS = 7 * (int64_t)DAY_MS;

void world_add(struct world *world, int64_t after_ms, enum step_kind kind, int party,
               uint64_t detail) {
    struct step step = {
        .at_ms = world->now_ms + after_ms, .kind = kind, .party = party, .detail = detail};
    agenda_add(world->agenda, &step);
}

uint64_t world_option(const struct world *world, enum option option) {
    return world->faults ? world->options.value[option] : 0;
}

/* Somewhere between a tenth of the mean and twice the mean. */
static int64_t about(struct dice *dice, uint64_t minutes) {
    int64_t mean_ms = (int64_t)minutes * MINUTE_MS;
    return dice_between(dice, mean_ms / 10, mean_ms * 2);
}

static void schedule(struct world *world, struct party *party, struct dice *dice,
                     enum option option, enum step_kind kind) {
    uint64_t minutes = world->options.value[option];
    if (minutes != 0) {
        world_add(world, about(dice, minutes), kind, party->index, 0);
    }
}

static void make_root(struct world *world) {
    bool memory = access("/dev/shm", W_OK) == 0;
    (void)snprintf(world->root, sizeof(world->root), "%s/vangnet-sim-XXXXXX",
                   memory ? "/dev/shm" : "/tmp");
    const char *made = mkdtemp(world->root);
    assert(made != NULL);
}

static void world_init(struct world *world, uint64_t seed, const struct options *options,
                       bool verbose) {
    *world = (struct world){.seed = seed, .options = *options, .faults = true};
    int r = arena_new(ARENA_BYTES, &world->arena);
    assert(r == 0);
    r = arena_new(ARENA_BYTES, &world->reading);
    assert(r == 0);
    world->agenda = agenda_new();
    trace_begin(&world->trace, verbose);
    model_init(&world->model);
    world->begin_ms =
        brussels_instant(day_from_date((struct date){.year = 2026, .month = 1, .day = 8}), 9 * 60);
    world->now_ms = world->begin_ms;
    world->crypto = dice_for(seed, "crypto", 0);
    world->batching = dice_for(seed, "batching", 0);
    world->hostile = dice_for(seed, "hostile", 0);
    world->node_count = (int)options->value[OPTION_nodes];
    assert(world->node_count >= 1 && world->node_count <= NODES_MAX);
    bool hostile = options->value[OPTION_hostile_minutes] != 0;
    world->party_count = 1 + world->node_count + (hostile ? 1 : 0);
    make_root(world);
    for (int i = 0; i < world->party_count; i++) {
        party_init(world, i);
    }
    world->parties[world->party_count - 1].hostile = hostile;
    if (options->value[OPTION_families] != 0) {
        families_init(world);
    }
}

static void world_deinit(struct world *world) {
    for (int i = 0; i < world->party_count; i++) {
        party_deinit(&world->parties[i]);
    }
    families_deinit(world);
    for (size_t i = 0; i < world->work_count; i++) {
        free(world->works[i]->family);
        free(world->works[i]);
    }
    for (size_t i = 0; i < sizeof(world->captured) / sizeof(world->captured[0]); i++) {
        free((void *)(uintptr_t)world->captured[i].data);
    }
    agenda_free(world->agenda);
    model_deinit(&world->model);
    arena_free(world->arena);
    arena_free(world->reading);
    (void)rmdir(world->root);
}

/* A laptop that's off in July. */
static void schedule_nap(struct world *world, struct party *node) {
    if (world->options.value[OPTION_nap_hours] != 0) {
        world_add(world, dice_between(&node->kills, 5, 120) * (int64_t)DAY_MS, STEP_NAP,
                  node->index, 0);
    }
}

static void schedule_all(struct world *world) {
    for (int i = 0; i < world->party_count; i++) {
        struct party *party = &world->parties[i];
        schedule(world, party, &party->work, OPTION_work_minutes, STEP_WORK);
        schedule(world, party, &party->clock, OPTION_jump_minutes, STEP_JUMP);
        if (!party->hostile) {
            schedule(world, party, &party->kills, OPTION_kill_minutes, STEP_KILL);
        }
        if (i != HUB) {
            world_add(world, dice_between(&party->work, 0, 2 * (int64_t)HOUR_MS), STEP_JOIN, i, 0);
            schedule(world, party, &party->link.breaks, OPTION_break_minutes, STEP_BREAK);
            schedule(world, party, &party->link.partitions, OPTION_partition_minutes,
                     STEP_PARTITION);
        }
    }
    schedule(world, &world->parties[HUB], &world->hostile, OPTION_hostile_minutes, STEP_HOSTILE);
    if (world->families != NULL) {
        schedule(world, &world->parties[HUB], &world->families->dice, OPTION_family_minutes,
                 STEP_FAMILY);
        for (int i = 1; i <= world->node_count; i++) {
            schedule_nap(world, &world->parties[i]);
        }
    }
}

/* -- steps -- */

static void step_connect(struct party *node) {
    struct world *world = node->world;
    bool blocked = world->faults && (world->now_ms < node->link.ways[WAY_UP].blocked_until_ms ||
                                     world->now_ms < node->link.ways[WAY_DOWN].blocked_until_ms);
    if (!node->link.wanted || node->link.up || (!node->alive && !node->hostile)) {
        return;
    }
    if (!world->parties[HUB].alive || blocked) {
        world_add(world, 30 * SECOND_MS, STEP_CONNECT, node->index, 0);
    } else if (link_admits(node)) {
        link_up(node);
    } else if (world->model.parties[node->index].revoked) {
        node->link.wanted = false;
        trace_say(&world->trace, world->now_ms, "%s isn't let in", node->own.org.text);
    } else {
        world_add(world, MINUTE_MS, STEP_CONNECT, node->index, 0);
    }
}

static void step_partition(struct party *node) {
    struct world *world = node->world;
    uint64_t minutes = world->options.value[OPTION_partition_length_minutes];
    uint64_t kind = dice_below(&node->link.partitions, 3);
    int64_t until_ms = world->now_ms + about(&node->link.partitions, minutes);
    if (kind != 0) {
        node->link.ways[WAY_UP].blocked_until_ms = until_ms;
    }
    if (kind != 1) {
        node->link.ways[WAY_DOWN].blocked_until_ms = until_ms;
    }
    trace_say(&world->trace, world->now_ms, "%s is cut off %s", node->own.org.text,
              kind == 0   ? "from what the hub says"
              : kind == 1 ? "one way"
                          : "both ways");
    schedule(world, node, &node->link.partitions, OPTION_partition_minutes, STEP_PARTITION);
}

static void step_jump(struct party *party) {
    struct world *world = party->world;
    int64_t most_ms = (int64_t)world->options.value[OPTION_jump_minutes] * MINUTE_MS;
    bool back = dice_chance(&party->clock, 500000);
    int64_t offset_ms = dice_between(&party->clock, -most_ms, most_ms);
    party->offset_ms = back ? 0 : offset_ms;
    trace_say(&world->trace, world->now_ms, "%s's clock is now %lld s off", party->own.org.text,
              (long long)party->offset_ms / 1000);
    world_add(world, dice_between(&party->clock, 6 * (int64_t)HOUR_MS, 5 * (int64_t)DAY_MS),
              STEP_JUMP, party->index, 0);
}

static void step_nap(struct party *node) {
    struct world *world = node->world;
    int64_t hours = dice_between(&node->kills, 1, (int64_t)world->options.value[OPTION_nap_hours]);
    schedule_nap(world, node);
    if (node->alive) {
        node->away_until_ms = world->now_ms + hours * HOUR_MS;
        world_add(world, hours * HOUR_MS, STEP_RESTART, node->index, 0);
        party_die(node, "switched off");
    }
}

static void step_join(struct party *party, bool again) {
    struct world *world = party->world;
    if (again) {
        if (!world->model.parties[party->index].revoked) {
            return;
        }
        party_anew(party);
    }
    joining_step(party);
}

static void step_stranger(struct world *world, const struct step *step) {
    struct party *hub = &world->parties[HUB];
    if (hub->alive &&
        hub_receive_stranger(hub->hub, &world->parties[step->party], step->frame) == 0) {
        party_wake(hub);
    }
}

/* What only happens while there are faults. */
static void step_fault(struct world *world, const struct step *step, struct party *party) {
    switch ((int)step->kind) {
    case STEP_PARTITION:
        step_partition(party);
        break;
    case STEP_KILL:
        party_die(party, step->detail == 1 ? "while it erased" : "killed");
        if (step->detail == 0) {
            schedule(world, party, &party->kills, OPTION_kill_minutes, STEP_KILL);
        }
        break;
    case STEP_JUMP:
        step_jump(party);
        break;
    case STEP_WORK:
        work_step(party);
        schedule(world, party, &party->work, OPTION_work_minutes, STEP_WORK);
        break;
    case STEP_HOSTILE:
        hostile_step(world);
        schedule(world, party, &world->hostile, OPTION_hostile_minutes, STEP_HOSTILE);
        break;
    case STEP_FAMILY:
        families_step(world);
        schedule(world, party, &world->families->dice, OPTION_family_minutes, STEP_FAMILY);
        break;
    case STEP_NAP:
        step_nap(party);
        break;
    case STEP_BREAK:
        link_down(party, "it broke");
        schedule(world, party, &party->link.breaks, OPTION_break_minutes, STEP_BREAK);
        break;
    default:
        break;
    }
}

static void run_step(struct world *world, struct step *step) {
    struct party *party = &world->parties[step->party];
    switch (step->kind) {
    case STEP_FRAME_UP:
    case STEP_FRAME_DOWN:
        link_arrive(world, step);
        break;
    case STEP_STRANGER:
        step_stranger(world, step);
        break;
    case STEP_ANSWER:
        joining_answered(party, step->frame);
        break;
    case STEP_TURN:
        if (party->turn_due) {
            party_run(party, false);
        }
        break;
    case STEP_TICK:
        if (step->detail == party->tick_token) {
            party_run(party, true);
        }
        break;
    case STEP_JOIN:
        step_join(party, step->detail == 1);
        break;
    case STEP_CONNECT:
        step_connect(party);
        break;
    case STEP_RESTART:
        if (party->found || party->index == HUB) {
            party_start(party);
        }
        break;
    case STEP_RETRY:
        work_retry(world, step->detail);
        break;
    case STEP_BREAK:
        if (step->detail == 1) {
            link_down(party, "the hub cut it");
            break;
        }
        __attribute__((fallthrough));
    case STEP_PARTITION:
    case STEP_KILL:
    case STEP_JUMP:
    case STEP_WORK:
    case STEP_FAMILY:
    case STEP_NAP:
    case STEP_HOSTILE:
    default:
        if (world->faults) {
            step_fault(world, step, party);
        }
        break;
    }
}

static void run_until(struct world *world, int64_t until_ms) {
    struct step step;
    while (world->model.violation == VIOLATION_NONE &&
           agenda_next(world->agenda, until_ms, &step)) {
        assert(step.at_ms >= world->now_ms);
        world->now_ms = step.at_ms;
        world->steps++;
        trace_number(&world->trace, (uint64_t)step.at_ms);
        trace_number(&world->trace, (uint64_t)step.kind);
        trace_number(&world->trace, (uint64_t)step.party);
        run_step(world, &step);
        step_done(&step);
    }
    world->now_ms = until_ms;
}

/* -- the liveness phase -- */

static void heal(struct world *world) {
    world->faults = false;
    trace_say(&world->trace, world->now_ms, "all faults end");
    for (int i = 0; i < world->party_count; i++) {
        if (world->parties[i].found) {
            party_start(&world->parties[i]); /* whose laptop was off */
        }
        party_hurry(&world->parties[i]);
    }
}

/* What was switched to is the register, whatever died since. */
static const char *unequal_register(struct party *node) {
    struct node_health health;
    if (node_health(node->node, party_now(node), &health) < 0) {
        return "its health can't be read";
    }
    return health.cases == node->book.imported_cases ? NULL : "its register isn't what came last";
}

/* NULL when nothing is left to do. */
static const char *unsettled(struct world *world, struct party **ret_party) {
    for (int i = 0; i < world->party_count; i++) {
        struct party *party = &world->parties[i];
        bool expected = !party->hostile && !world->model.parties[i].revoked;
        *ret_party = party;
        if (!expected) {
            continue;
        }
        if (!party->alive) {
            return "isn't there";
        }
        const char *unequal =
            i == HUB ? NULL
                     : model_unequal(&world->model, i, world->parties[HUB].store, party->store);
        if (unequal == NULL && i != HUB) {
            unequal = unequal_register(party);
        }
        if (unequal != NULL) {
            return unequal;
        }
    }
    *ret_party = &world->parties[HUB];
    const char *left = world->families == NULL ? NULL : families_unsettled(world);
    if (left != NULL) {
        return left;
    }
    return work_pending(world) ? "somebody waits for an answer" : NULL;
}

static void live(struct world *world) {
    struct party *party = &world->parties[HUB];
    const char *left = "";
    heal(world);
    for (int i = 0; i < HEAL_HOURS * 60 / LOOK_MINUTES && left != NULL; i++) {
        run_until(world, world->now_ms + LOOK_MINUTES * (int64_t)MINUTE_MS);
        if (world->model.violation != VIOLATION_NONE) {
            return;
        }
        left = unsettled(world, &party);
    }
    if (left != NULL) {
        model_broken(&world->model, VIOLATION_STUCK, "%s: %s", party->own.org.text, left);
    }
}

static void check_rebuild(struct world *world) {
    struct party *hub = &world->parties[HUB];
    struct rebuild_report report;
    hub_free(hub->hub);
    hub->hub = NULL;
    const struct vault_keys keys = {.get = keys_record, .context = hub};
    int r = rebuild_run(hub->store, &keys, &report);
    if (r < 0) {
        model_broken(&world->model, VIOLATION_REBUILD, "%s", err_text(r));
    } else if (!digest_equal(&report.before, &report.after)) {
        model_broken(&world->model, VIOLATION_REBUILD, "after %llu facts",
                     (unsigned long long)report.facts);
    }
    trace_bytes(&world->trace, BYTES_OF(report.after));
}

static double node_weeks(const struct world *world) {
    return (double)(world->now_ms - world->begin_ms) * world->node_count / (double)WEEK_MS;
}

void world_run(uint64_t seed, const struct options *options, bool verbose, struct verdict *ret) {
    struct world *world = malloc(sizeof(*world));
    assert(world != NULL);
    world_init(world, seed, options, verbose);
    party_start(&world->parties[HUB]);
    schedule_all(world);
    run_until(world, world->begin_ms + (options->value[OPTION_days] != 0
                                            ? (int64_t)options->value[OPTION_days] * DAY_MS
                                            : (int64_t)options->value[OPTION_weeks] * WEEK_MS));
    if (world->model.violation == VIOLATION_NONE) {
        live(world);
    }
    if (world->model.violation == VIOLATION_NONE && world->families != NULL) {
        families_check_end(world);
    }
    if (world->model.violation == VIOLATION_NONE) {
        check_rebuild(world);
    }
    trace_bytes(&world->trace, BYTES_OF(world->model.head));
    *ret = (struct verdict){
        .violation = world->model.violation,
        .steps = world->steps,
        .node_weeks = node_weeks(world),
        .facts = world->model.seen,
        .deaths = world->deaths,
    };
    memcpy(ret->text, world->model.text, sizeof(ret->text));
    if (ret->violation != VIOLATION_NONE) {
        (void)fprintf(stderr, "seed %llu: %s: %s\nthe last events:\n", (unsigned long long)seed,
                      violation_text(ret->violation), ret->text);
        trace_print(&world->trace, stderr);
    }
    ret->trace = trace_end(&world->trace);
    world_deinit(world);
    free(world);
}
