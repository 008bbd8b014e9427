/* Fills the store of a stopped hub that `vangnet-hub init` made: members, and weeks of figures of
 * each, through the hub's own core but without waiting for the disk. For deploy/bench.
 *
 *     fill DIR MEMBERS WEEKS SERVICES
 *
 * The members are the generator's: number 1 and on. Their weeks end today and go back. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "hub/shell/keys.h"
#include "hub/shell/settings.h"
#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/crypto/random.h"
#include "tests/bench/core.h"
#include "tests/bench/org.h"

struct fill {
    struct settings settings;
    struct keys *keys;
    struct core core;
    struct arena *arena;
    int64_t now_ms;
    size_t members;
    uint32_t weeks;
    uint32_t services;
};

static int take_week(struct fill *fill, uint32_t week) {
    int32_t today = brussels_day(fill->now_ms);
    for (uint32_t i = 1; i <= fill->members; i++) {
        struct org_message message = {
            .sender = {.org = org_of_number(i), .hub = fill->core.id},
            .hub = fill->core.id,
            .number = week + 1,
            .now_ms = fill->now_ms,
            .as_of_day = today - 7 * (int32_t)(fill->weeks - 1 - week),
            .services = fill->services,
        };
        struct bytes packet;
        int r = org_packet(&message, fill->arena, &packet);
        if (r == 0) {
            r = core_take(&fill->core, i, packet, fill->now_ms);
        }
        arena_reset(fill->arena);
        if (r < 0) {
            return r;
        }
    }
    return hub_turn(fill->core.hub, fill->now_ms, &fill->core.rng, false);
}

static int run(struct fill *fill) {
    char path[SETTINGS_PATH_SIZE];
    struct core_params params = {.store = path, .keys = &fill->keys->hub};
    int r = settings_path(&fill->settings, SETTINGS_STORE, path);
    if (r == 0) {
        r = hub_id_parse(fill->settings.hub, &params.hub);
    }
    if (r == 0) {
        r = core_open(&params, &fill->core);
    }
    if (r == 0) {
        r = core_join(&fill->core, 1, fill->members, fill->now_ms);
    }
    for (uint32_t week = 0; r == 0 && week < fill->weeks; week++) {
        r = take_week(fill, week);
    }
    return r < 0 ? r : core_check(&fill->core, fill->members * fill->weeks);
}

static int load_keys(struct fill *fill, const char *directory) {
    struct config_error error;
    char hub_key[SETTINGS_PATH_SIZE];
    char director_key[SETTINGS_PATH_SIZE];
    int r = settings_read(directory, &fill->settings, &error);
    if (r == 0) {
        r = settings_path(&fill->settings, SETTINGS_HUB_KEY, hub_key);
    }
    if (r == 0) {
        r = settings_path(&fill->settings, SETTINGS_DIRECTOR_KEY, director_key);
    }
    return r < 0 ? r : keys_load(hub_key, director_key, &fill->keys);
}

int main(int argc, char **argv) {
    static struct fill fill;
    struct timespec from;
    struct timespec to;
    if (argc != 5 || random_init() < 0) {
        fprintf(stderr, "usage: fill DIR MEMBERS WEEKS SERVICES\n");
        return 2;
    }
    clock_gettime(CLOCK_REALTIME, &from);
    fill.now_ms = (int64_t)from.tv_sec * 1000;
    fill.members = strtoul(argv[2], NULL, 10);
    fill.weeks = (uint32_t)strtoul(argv[3], NULL, 10);
    fill.services = (uint32_t)strtoul(argv[4], NULL, 10);
    int r = arena_new(TURN_ARENA_BYTES, &fill.arena);
    if (r == 0) {
        r = load_keys(&fill, argv[1]);
    }
    if (r == 0) {
        r = run(&fill);
    }
    core_close(&fill.core);
    keys_free(fill.keys);
    arena_free(fill.arena);
    clock_gettime(CLOCK_REALTIME, &to);
    if (r < 0) {
        fprintf(stderr, "fill: %s\n", err_text(r));
        return 1;
    }
    printf("{\"members\": %zu, \"weeks\": %u, \"seconds\": %.3f}\n", fill.members, fill.weeks,
           (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
    return 0;
}
