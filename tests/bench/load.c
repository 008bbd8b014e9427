#include "tests/bench/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "shared/base/civil.h"
#include "shared/base/limits.h"

enum { PATIENCE_US = 30000000, POLL_MS = 100 };

/* What one member sends. */
struct line {
    struct bytes *packets;
    int64_t *due_us;
    uint64_t first; /* the number of packets[0] */
    size_t sent;
    size_t done;
};

struct load {
    struct crowd *crowd;
    const struct load_plan *plan;
    struct line *lines;
    size_t line_count;
    struct arena *packets;
    double *latencies_ms;
    size_t done;
    uint64_t answers;
    int64_t start_us;
    int64_t heard_us;
};

static int prepare_line(struct load *load, size_t index) {
    const struct peer *peer = &load->crowd->peers[index];
    struct line *line = &load->lines[index];
    int64_t now_ms = crowd_now_ms();
    line->first = peer->settled + 1;
    line->packets = calloc(load->plan->messages, sizeof(*line->packets));
    line->due_us = calloc(load->plan->messages, sizeof(*line->due_us));
    if (line->packets == NULL || line->due_us == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < load->plan->messages; i++) {
        uint64_t number = line->first + i;
        struct org_message message = {
            .sender = peer->own,
            .hub = peer->own.hub,
            .number = number,
            .now_ms = now_ms,
            .as_of_day = brussels_day(now_ms) - (int32_t)(number % ORG_DAYS),
            .services = load->plan->services,
        };
        struct bytes packet;
        int r = org_packet(&message, load->crowd->scratch, &packet);
        if (r == 0) {
            line->packets[i] = arena_copy(load->packets, packet);
            r = line->packets[i].data == NULL ? ERR_NO_MEMORY : 0;
        }
        arena_reset(load->crowd->scratch);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

static int prepare(struct load *load) {
    size_t total = load->crowd->count * load->plan->messages;
    load->lines = calloc(load->crowd->count, sizeof(*load->lines));
    load->latencies_ms = calloc(total, sizeof(*load->latencies_ms));
    if (load->lines == NULL || load->latencies_ms == NULL ||
        arena_new(total * PACKET_BYTES_MAX / 4 + PACKET_BYTES_MAX, &load->packets) < 0) {
        return ERR_NO_MEMORY;
    }
    load->line_count = load->crowd->count;
    for (size_t i = 0; i < load->line_count; i++) {
        int r = prepare_line(load, i);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

static void unprepare(struct load *load) {
    for (size_t i = 0; i < load->line_count; i++) {
        free(load->lines[i].packets);
        free(load->lines[i].due_us);
    }
    free(load->lines);
    free(load->latencies_ms);
    arena_free(load->packets);
}

/* When a member's next message is due: now, or by the rate, each member in its turn. */
static int64_t next_due_us(const struct load *load, size_t index, int64_t now_us) {
    size_t place = load->lines[index].sent * load->line_count + index;
    double rate = load->plan->rate;
    return rate > 0 ? load->start_us + (int64_t)((double)place * 1e6 / rate) : now_us;
}

/* As many as were due by now, and as the window lets. */
static int send_due(struct load *load, size_t index, int64_t now_us) {
    struct line *line = &load->lines[index];
    const struct load_plan *plan = load->plan;
    while (line->sent < plan->messages && line->sent - line->done < plan->window) {
        int64_t due_us = next_due_us(load, index, now_us);
        if (due_us > now_us) {
            return 0;
        }
        int r = peer_send(&load->crowd->peers[index], line->packets[line->sent]);
        if (r < 0) {
            return r == ERR_AGAIN ? 0 : r;
        }
        line->due_us[line->sent++] = due_us;
    }
    return 0;
}

static void settle(struct load *load, struct line *line, size_t done, int64_t now_us) {
    while (line->done < done) {
        int64_t took_us = now_us - line->due_us[line->done++];
        load->latencies_ms[load->done++] = (double)took_us / 1000;
    }
}

static int take_echo(struct load *load, struct line *line, struct bytes frame) {
    if (line->done == line->sent || !bytes_equal(frame, line->packets[line->done])) {
        return ERR_MALFORMED;
    }
    settle(load, line, line->done + 1, crowd_now_us());
    return 0;
}

static int take(void *context, struct peer *peer, struct bytes frame) {
    struct load *load = context;
    size_t index = (size_t)(peer - load->crowd->peers);
    struct line *line = &load->lines[index];
    load->heard_us = crowd_now_us();
    load->answers++;
    int r;
    if (load->plan->echo) {
        r = take_echo(load, line, frame);
    } else {
        r = peer_take(peer, frame, load->crowd->scratch);
        size_t done = peer->settled < line->first ? 0 : (size_t)(peer->settled + 1 - line->first);
        settle(load, line, done < line->sent ? done : line->sent, load->heard_us);
    }
    if (r == 0 && peer->refusal != REFUSAL_NONE) {
        fprintf(stderr, "generator: '%s' wasn't taken: %s\n", peer->own.org.text,
                refusal_text(peer->refusal));
        return ERR_DENIED;
    }
    return r < 0 ? r : send_due(load, index, load->heard_us);
}

static int send_all_due(struct load *load, int64_t now_us) {
    int64_t wake_us = INT64_MAX;
    for (size_t i = 0; i < load->line_count; i++) {
        int r = send_due(load, i, now_us);
        if (r < 0) {
            return r;
        }
        int64_t due_us = next_due_us(load, i, now_us);
        bool waits = due_us > now_us && load->lines[i].sent < load->plan->messages;
        wake_us = waits && due_us < wake_us ? due_us : wake_us;
    }
    if (load->plan->rate > 0) {
        crowd_wake(load->crowd, wake_us == INT64_MAX ? 0 : wake_us);
    }
    return 0;
}

static int run(struct load *load) {
    size_t total = load->line_count * load->plan->messages;
    const struct crowd_taker taker = {.take = take, .context = load};
    while (load->done < total) {
        int64_t now_us = crowd_now_us();
        if (now_us - load->heard_us > PATIENCE_US) {
            return ERR_TIMEOUT;
        }
        int r = send_all_due(load, now_us);
        if (r == 0) {
            r = crowd_poll(load->crowd, POLL_MS, &taker);
        }
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

static int compare(const void *a, const void *b) {
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void sum_up(struct load *load, double cpu_before, struct load_result *ret) {
    size_t total = load->done;
    double seconds = (double)(crowd_now_us() - load->start_us) / 1e6;
    double busy = (cpu_seconds() - cpu_before) / seconds;
    qsort(load->latencies_ms, total, sizeof(double), compare);
    *ret = (struct load_result){
        .messages = total,
        .seconds = seconds,
        .busy = busy,
        .frame_bytes = load->lines[0].packets[0].length,
        .answers = load->answers,
        .latency_p50_ms = load->latencies_ms[total / 2],
        .latency_p99_ms = load->latencies_ms[total - 1 - total / 100],
    };
}

int load_run(struct crowd *crowd, const struct load_plan *plan, struct load_result *ret) {
    struct load load = {.crowd = crowd, .plan = plan};
    int r = prepare(&load);
    if (r == 0) {
        fprintf(stderr, "loading\n"); /* so that whoever measures beside it knows */
        double cpu_before = cpu_seconds();
        load.start_us = crowd_now_us();
        load.heard_us = load.start_us;
        r = run(&load);
        if (r == 0) {
            sum_up(&load, cpu_before, ret);
        }
    }
    /* Packets are lent to libzmq until its context ends. */
    crowd_close(crowd);
    unprepare(&load);
    return r;
}
