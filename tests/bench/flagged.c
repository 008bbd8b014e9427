#include "tests/bench/flagged.h"

#include <stdio.h>
#include <stdlib.h>

#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "tests/bench/family.h"

enum { PATIENCE_US = 30000000, POLL_MS = 100, SUPPORTER = 0, FALLBACK = 1 };

struct flagged {
    struct crowd *crowd;
    struct bench_sender sender;
    struct arena *kept; /* packets are lent to libzmq until its context ends */
    double *took_ms;
    double *answered_ms;
};

static int hear(struct flagged *flagged) {
    struct crowd *crowd = flagged->crowd;
    const struct crowd_taker taker = crowd_taker(crowd);
    int r = crowd_poll(crowd, POLL_MS, &taker);
    for (size_t i = 0; r >= 0 && i < crowd->count; i++) {
        int failed = peer_receipt(&crowd->peers[i], crowd_now_ms(), crowd->scratch);
        arena_reset(crowd->scratch);
        r = failed < 0 && failed != ERR_AGAIN ? failed : r;
        if (crowd->peers[i].refusal != REFUSAL_NONE) {
            fprintf(stderr, "generator: a message about a family wasn't taken: %s\n",
                    refusal_text(crowd->peers[i].refusal));
            return ERR_DENIED;
        }
    }
    return r;
}

static int send(struct flagged *flagged, int composed, struct bytes packet) {
    struct peer *peer = &flagged->crowd->peers[SUPPORTER];
    const struct bytes kept = composed < 0 ? packet : arena_copy(flagged->kept, packet);
    arena_reset(flagged->crowd->scratch);
    if (composed < 0 || kept.data == NULL) {
        return composed < 0 ? composed : ERR_NO_MEMORY;
    }
    return peer_send(peer, kept);
}

/* Until all that was sent is settled. */
static int settle(struct flagged *flagged) {
    const struct peer *peer = &flagged->crowd->peers[SUPPORTER];
    const int64_t start_us = crowd_now_us();
    while (peer->settled < flagged->sender.last[LANE_ORDINARY]) {
        int r = hear(flagged);
        if (r < 0) {
            return r;
        }
        if (crowd_now_us() - start_us > PATIENCE_US) {
            return ERR_TIMEOUT;
        }
    }
    return 0;
}

static int begin_family(struct flagged *flagged, uint32_t number) {
    struct crowd *crowd = flagged->crowd;
    const struct bench_consent consent = {.fallback = &crowd->peers[FALLBACK].own.org,
                                          .own_support = true};
    struct bench_family family;
    struct bytes packet = {0};
    bench_family_make(number, &crowd->hub.hub, &family);
    int r = bench_consent(&flagged->sender, &family, &consent, crowd->scratch, &packet);
    r = send(flagged, r, packet);
    return r < 0 ? r : settle(flagged);
}

static int end_support(struct flagged *flagged, uint32_t number, size_t index) {
    struct crowd *crowd = flagged->crowd;
    const struct peer *fallback = &crowd->peers[FALLBACK];
    const struct peer *supporter = &crowd->peers[SUPPORTER];
    const struct bench_support ended = {
        .state = SUPPORT_ENDED, .number = 2, .day = brussels_day(flagged->sender.now_ms)};
    const uint64_t before = fallback->came_to[LANE_ORDINARY];
    struct bench_family family;
    struct bytes packet = {0};
    bench_family_make(number, &crowd->hub.hub, &family);
    int r = bench_support(&flagged->sender, &family, &ended, crowd->scratch, &packet);
    const int64_t start_us = crowd_now_us();
    r = send(flagged, r, packet);
    flagged->took_ms[index] = flagged->answered_ms[index] = 0;
    while (r >= 0 && (flagged->took_ms[index] == 0 || flagged->answered_ms[index] == 0)) {
        r = hear(flagged);
        const double now_ms = (double)(crowd_now_us() - start_us) / 1e3;
        if (flagged->took_ms[index] == 0 && fallback->came_to[LANE_ORDINARY] > before) {
            flagged->took_ms[index] = now_ms;
        }
        if (flagged->answered_ms[index] == 0 &&
            supporter->settled == flagged->sender.last[LANE_ORDINARY]) {
            flagged->answered_ms[index] = now_ms;
        }
        r = r >= 0 && now_ms * 1e3 > PATIENCE_US ? ERR_TIMEOUT : r;
    }
    return r < 0 ? r : 0;
}

static int compare(const void *a, const void *b) {
    const double left = *(const double *)a;
    const double right = *(const double *)b;
    return (left > right) - (left < right);
}

static int run(struct flagged *flagged, size_t families) {
    int r = 0;
    for (size_t i = 0; r == 0 && i < families; i++) {
        r = begin_family(flagged, (uint32_t)i + 1);
    }
    for (size_t i = 0; r == 0 && i < families; i++) {
        r = end_support(flagged, (uint32_t)i + 1, i);
    }
    return r;
}

int flagged_run(struct crowd *crowd, size_t families, struct flagged_result *ret) {
    struct flagged flagged = {
        .crowd = crowd,
        .sender = {.own = crowd->peers[SUPPORTER].own,
                   .keys = &crowd->peers[SUPPORTER].keys,
                   .now_ms = crowd_now_ms()},
        .took_ms = calloc(families, sizeof(double)),
        .answered_ms = calloc(families, sizeof(double)),
    };
    flagged.sender.last[LANE_ORDINARY] = crowd->peers[SUPPORTER].settled;
    int r = flagged.took_ms == NULL || flagged.answered_ms == NULL
                ? ERR_NO_MEMORY
                : arena_new(families * 8192, &flagged.kept);
    if (r == 0) {
        r = run(&flagged, families);
    }
    if (r == 0) {
        qsort(flagged.took_ms, families, sizeof(double), compare);
        qsort(flagged.answered_ms, families, sizeof(double), compare);
        *ret = (struct flagged_result){
            .families = families,
            .p50_ms = flagged.took_ms[families / 2],
            .p99_ms = flagged.took_ms[families - 1 - families / 100],
            .answer_p50_ms = flagged.answered_ms[families / 2],
        };
    }
    crowd_close(crowd);
    arena_free(flagged.kept);
    free(flagged.took_ms);
    free(flagged.answered_ms);
    return r;
}
