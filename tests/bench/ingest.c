/* The hub's core alone, on a real store: decoding, deciding, journal, commit, acknowledgements,
 * with no socket and no thread between. Beside it what LMDB alone makes of the same records. For
 * deploy/bench and for profiling (perf record bench_ingest DIR ...).
 *
 *     ingest DIR MEMBERS MESSAGES BATCH
 *
 * DIR is empty or missing. Prints one line of JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/crypto/random.h"
#include "shared/wire/packet.h"
#include "shared/wire/signal.h"
#include "tests/bench/core.h"
#include "tests/bench/limit.h"
#include "tests/bench/org.h"

enum { HUB_NUMBER = 0 };

struct ingest {
    struct core core;
    struct org_keys keys;
    struct hub_keys hub_keys;
    size_t members;
    size_t messages; /* each member's */
    size_t batch;
    struct bytes *packets; /* by number, then member */
    struct arena *kept;
    struct arena *scratch;
    int64_t now_ms;
};

static double now(clockid_t clock) {
    struct timespec at;
    clock_gettime(clock, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static int prepare(struct ingest *ingest) {
    size_t total = ingest->members * ingest->messages;
    ingest->packets = calloc(total, sizeof(*ingest->packets));
    if (ingest->packets == NULL || arena_new(total * 8192 + 8192, &ingest->kept) < 0 ||
        arena_new(TURN_ARENA_BYTES, &ingest->scratch) < 0) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < total; i++) {
        uint64_t number = i / ingest->members + 1;
        struct org_message message = {
            .sender = {.org = org_of_number((uint32_t)(i % ingest->members) + 1),
                       .hub = ingest->core.id},
            .hub = ingest->core.id,
            .number = number,
            .now_ms = ingest->now_ms,
            .as_of_day = brussels_day(ingest->now_ms) - (int32_t)(number % ORG_DAYS),
        };
        struct bytes packet;
        int r = org_packet(&message, ingest->scratch, &packet);
        if (r < 0) {
            return r;
        }
        ingest->packets[i] = arena_copy(ingest->kept, packet);
        arena_reset(ingest->scratch);
        if (ingest->packets[i].data == NULL) {
            return ERR_NO_MEMORY;
        }
    }
    return 0;
}

static int take_batch(struct ingest *ingest, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        uint32_t member = (uint32_t)(i % ingest->members) + 1;
        int r = core_take(&ingest->core, member, ingest->packets[i], ingest->now_ms);
        if (r < 0) {
            return r;
        }
    }
    return hub_turn(ingest->core.hub, ingest->now_ms, &ingest->core.rng, false);
}

static int take_all(struct ingest *ingest) {
    size_t total = ingest->members * ingest->messages;
    for (size_t from = 0; from < total; from += ingest->batch) {
        size_t to = from + ingest->batch < total ? from + ingest->batch : total;
        int r = take_batch(ingest, from, to);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

/* What a record keeps of a body. */
static size_t kept_bytes(struct ingest *ingest) {
    struct packet packet;
    struct envelope envelope;
    if (packet_decode(ingest->packets[0], ingest->scratch, &packet) != REFUSAL_NONE ||
        envelope_decode(packet.posting.envelope, ingest->scratch, &envelope) != REFUSAL_NONE) {
        return 0;
    }
    return signal_unpadded(envelope.body).length;
}

static int open_store(struct ingest *ingest, const char *path) {
    struct core_params params = {
        .store = path, .found = true, .durable = true, .keys = &ingest->hub_keys};
    org_keys_of_number(HUB_NUMBER, &ingest->keys);
    ingest->hub_keys = (struct hub_keys){
        .sign_public = ingest->keys.sign_public,
        .sign_secret = &ingest->keys.sign_secret,
        .curve_public = ingest->keys.curve_public,
        .director = &ingest->keys.sign_secret,
        .director_public = ingest->keys.sign_public,
    };
    int r = hub_id_parse("bench", &params.hub);
    if (r == 0) {
        r = core_open(&params, &ingest->core);
    }
    return r < 0 ? r : core_join(&ingest->core, 1, ingest->members, ingest->now_ms);
}

static int run_limit(struct ingest *ingest, const char *path, double *ret_seconds) {
    struct limit_plan plan = {
        .path = path,
        .senders = ingest->members,
        .messages = ingest->members * ingest->messages,
        .batch = ingest->batch,
        .body_bytes = kept_bytes(ingest),
    };
    (void)mkdir(path, 0700);
    return limit_run(&plan, ret_seconds);
}

static int run(struct ingest *ingest, const char *directory) {
    char path[512];
    (void)mkdir(directory, 0700);
    (void)snprintf(path, sizeof(path), "%s/store", directory);
    int r = open_store(ingest, path);
    if (r == 0) {
        r = prepare(ingest);
    }
    double cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    double start = now(CLOCK_MONOTONIC);
    if (r == 0) {
        r = take_all(ingest);
    }
    double seconds = now(CLOCK_MONOTONIC) - start;
    cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    if (r == 0) {
        r = core_check(&ingest->core, ingest->members * ingest->messages);
    }
    double limit_seconds = 0;
    (void)snprintf(path, sizeof(path), "%s/limit", directory);
    if (r == 0) {
        r = run_limit(ingest, path, &limit_seconds);
    }
    if (r == 0) {
        printf("{\"messages\": %zu, \"seconds\": %.6f, \"cpu\": %.6f, \"limit_seconds\": %.6f, "
               "\"frame_bytes\": %zu, \"kept_bytes\": %zu, \"acknowledgements\": %llu}\n",
               ingest->members * ingest->messages, seconds, cpu, limit_seconds,
               ingest->packets[0].length, kept_bytes(ingest),
               (unsigned long long)ingest->core.acknowledgements);
    }
    return r;
}

int main(int argc, char **argv) {
    struct ingest ingest = {0};
    if (argc != 5 || random_init() < 0) {
        fprintf(stderr, "usage: ingest DIR MEMBERS MESSAGES BATCH\n");
        return 2;
    }
    ingest.members = strtoul(argv[2], NULL, 10);
    ingest.messages = strtoul(argv[3], NULL, 10);
    ingest.batch = strtoul(argv[4], NULL, 10);
    ingest.now_ms = (int64_t)now(CLOCK_REALTIME) * 1000;
    int r = run(&ingest, argv[1]);
    if (r < 0) {
        fprintf(stderr, "ingest: %s\n", err_text(r));
    }
    core_close(&ingest.core);
    free(ingest.packets);
    arena_free(ingest.kept);
    arena_free(ingest.scratch);
    return r < 0 ? 1 : 0;
}
