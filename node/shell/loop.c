#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "node/shell/run.h"
#include "node/shell/trail.h"
#include "shared/crypto/random.h"
#include "shared/crypto/secret.h"
#include "shared/io/daemon.h"
#include "shared/io/log.h"

enum { ITEMS_MAX = 4, HEALTH_BYTES_MAX = 256 << 10, ROOM_PERCENT = 80 };

static const struct actor SELF = {.user = {.text = "local"}, .role = ROLE_ADMINISTRATOR};

void loop_fail(struct run *run, int error, const char *what) {
    if (run->error == 0) {
        log_line(LOG_LEVEL_ERROR, "stopping", "what", what, "reason", err_text(error), NULL);
        run->error = error;
    }
    run->stopping = true;
}

/* -- what the node calls -- */

int loop_send(void *context, struct bytes packet) {
    struct run *run = context;
    if (run->link == NULL) {
        return ERR_NOT_FOUND;
    }
    int r = link_client_send(run->link, packet);
    if (r < 0 && r != ERR_AGAIN) {
        log_limited(clock_monotonic_ms(&run->desk.clock), LOG_LEVEL_WARNING, "send_failed",
                    "reason", err_text(r), NULL);
        return ERR_NOT_FOUND;
    }
    return r;
}

void loop_command_done(void *context, const struct command *command, enum refusal refusal,
                       struct bytes result) {
    struct run *run = context;
    struct job *job = (struct job *)((char *)(uintptr_t)command - offsetof(struct job, command));
    if (command->kind == NODE_COMMAND_IMPORT_BEGIN && refusal != REFUSAL_NONE) {
        atomic_store(&run->desk.spare_key, job->arguments.begin.record_key);
    }
    const bool known_file = command->kind == NODE_COMMAND_IMPORT_BEGIN && refusal == REFUSAL_EXISTS;
    if (refusal != REFUSAL_NONE && !known_file) {
        log_limited(clock_monotonic_ms(&run->desk.clock), LOG_LEVEL_INFO, "command_refused",
                    "command", node_command_text((enum node_command)command->kind), "refusal",
                    refusal_text(refusal), NULL);
    }
    trail_command(&run->desk, job, refusal, result);
    job_done(run->server, job, refusal, result);
}

void loop_looked(void *context, const struct command *command, const struct look_answer *answer,
                 enum refusal refusal) {
    struct run *run = context;
    struct job *job = (struct job *)((char *)(uintptr_t)command - offsetof(struct job, command));
    trail_command(&run->desk, job, refusal, (struct bytes){0});
    job_looked(run->server, job, answer, refusal);
}

void loop_shred(void *context, const uint64_t *ids, size_t count) {
    struct run *run = context;
    /* What doesn't fit now is told again. */
    for (size_t i = 0; i < count && run->shred_count < RUN_SHRED_MAX; i++) {
        run->shred[run->shred_count++] = ids[i];
    }
}

/* -- turns -- */

static void fresh_rng(struct rng *rng) {
    uint8_t seed[32];
    random_fill(seed, sizeof(seed));
    rng_init(rng, seed);
    secret_wipe(seed, sizeof(seed));
}

void loop_turn(struct run *run) {
    struct rng rng;
    fresh_rng(&rng);
    int r = node_turn(run->node, clock_now_ms(&run->desk.clock), &rng, run->short_of_room);
    secret_wipe(&rng, sizeof(rng));
    if (r < 0) {
        loop_fail(run, r, "turn");
    }
}

/* Takes the job. */
static void give(struct run *run, struct job *job) {
    int r = node_command(run->node, &job->command);
    if (r == ERR_AGAIN) {
        loop_turn(run);
        r = node_command(run->node, &job->command);
    }
    if (r < 0) {
        job_done(run->server, job, REFUSAL_BUSY, (struct bytes){0});
    }
}

void loop_give(struct run *run, struct job *job) {
    job->command.actor = SELF;
    give(run, job);
}

/* After the commit that stopped using them: destroy the keys, then tell the node, which only then
 * calls the records gone. */
static void shred(struct run *run) {
    if (run->shred_count == 0) {
        return;
    }
    const size_t count = run->shred_count;
    uint8_t seed[KEYRING_SEED_BYTES];
    random_fill(seed, sizeof(seed));
    run->shred_count = 0;
    int r = keyring_shred(run->desk.keyring, seed, run->shred, count);
    secret_wipe(seed, sizeof(seed));
    struct job *job = r < 0 ? NULL : job_new(NODE_COMMAND_SHREDDED);
    uint64_t *keys = job == NULL ? NULL : calloc(count, sizeof(*keys));
    if (keys == NULL) {
        log_limited(clock_monotonic_ms(&run->desk.clock), LOG_LEVEL_WARNING, "shred_failed",
                    "reason", err_text(r < 0 ? r : ERR_NO_MEMORY), NULL);
        job_free(job);
        return;
    }
    memcpy(keys, run->shred, count * sizeof(*keys));
    job->memory = keys;
    random_fill(&job->command.id, sizeof(job->command.id));
    job->arguments.shredded = (struct shredded_arguments){.keys = keys, .count = count};
    loop_give(run, job);
}

static void run_turns(struct run *run) {
    while (run->error == 0 && (node_has_work(run->node) || run->shred_count > 0)) {
        if (node_has_work(run->node)) {
            loop_turn(run);
        }
        if (run->error == 0) {
            shred(run);
        }
    }
}

/* -- once a second -- */

static void look_at_room(struct run *run) {
    struct store_space space;
    int r = store_space(run->desk.store, &space);
    if (r < 0) {
        loop_fail(run, r, "space");
        return;
    }
    const bool is_short = space.disk_free_bytes < STORE_RESERVE_BYTES ||
                          space.used_bytes / 100 * 100 > space.map_bytes / 100 * ROOM_PERCENT;
    if (is_short != run->short_of_room) {
        log_line(LOG_LEVEL_WARNING, is_short ? "room_short" : "room_again", "free_bytes",
                 LOG_INT((int64_t)space.disk_free_bytes), NULL);
    }
    run->short_of_room = is_short;
}

static void tick(struct run *run) {
    const int64_t now_ms = clock_monotonic_ms(&run->desk.clock);
    if (now_ms - run->ticked_ms < RUN_TICK_MS) {
        return;
    }
    run->ticked_ms = now_ms;
    look_at_room(run);
    struct rng rng;
    fresh_rng(&rng);
    int r = node_tick(run->node, clock_now_ms(&run->desk.clock), &rng, run->short_of_room);
    secret_wipe(&rng, sizeof(rng));
    if (r < 0) {
        loop_fail(run, r, "tick");
        return;
    }
    struct node_health health;
    r = node_health(run->node, clock_now_ms(&run->desk.clock), &health);
    if (r < 0) {
        loop_fail(run, r, "health");
        return;
    }
    if (run->link != NULL) {
        loop_redial(run, &health);
    }
    loop_offer_keys(run);
    loop_look_at_keys(run, &health);
}

/* -- jobs -- */

static void answer_status(struct run *run, struct job *job) {
    struct http_response response = {0};
    struct node_health health;
    struct diagnosis diagnosis;
    const struct settings *settings = &run->desk.settings;
    int r = node_health(run->node, clock_now_ms(&run->desk.clock), &health);
    if (r < 0) {
        reply_error(&response, r, job->lang, NULL);
        job_answer(run->server, job, &response);
        return;
    }
    const bool joining = run->joining != JOINING_DONE;
    const struct mailer_state mail = mailer_state(run->mailer);
    struct audit_health audit;
    audit_health(run->desk.audit, &audit);
    const struct vitals vitals = {
        .mail = &mail,
        .audit = &audit,
        .audit_key_here = place_has(&run->desk.place, TRAIL_FIRST),
        .health = &health,
        .hub = settings->own.hub.text,
        .endpoint = joining ? settings->join_endpoint : settings->endpoint,
        .words = run->desk.words,
        .joining = run->joining,
        .join_refusal = run->join_refusal,
        .link = run->link_state,
        .now_ms = clock_now_ms(&run->desk.clock),
        .short_of_room = run->short_of_room,
    };
    diagnose(&vitals, job->lang, &diagnosis);
    struct json_writer writer = json_over(HEALTH_BYTES_MAX);
    diagnosis_write(&writer, &diagnosis, &vitals, job->lang);
    char *text;
    size_t length;
    if (json_take(&writer, &text, &length) < 0) {
        json_deinit(&writer);
        reply_error(&response, ERR_NO_MEMORY, job->lang, NULL);
    } else {
        http_reply_take(&response, 200, "application/json", text, length);
    }
    job_answer(run->server, job, &response);
}

static void take_jobs(struct run *run) {
    for (struct job *job; run->error == 0 && (job = ring_take(run->desk.ring)) != NULL;) {
        if (job->kind == JOB_STATUS) {
            answer_status(run, job);
        } else {
            give(run, job);
        }
    }
}

/* -- the loop -- */

struct wait {
    struct link_poll_item items[ITEMS_MAX];
    size_t count;
};

static void prepare(struct run *run, struct wait *wait) {
    wait->count = 0;
    wait->items[wait->count++] = (struct link_poll_item){.fd = run->signals};
    wait->items[wait->count++] = (struct link_poll_item){.fd = ring_fd(run->desk.ring)};
    struct link_client *link =
        run->link != NULL ? run->link
                          : (run->enrolment != NULL ? enrolment_link(run->enrolment) : NULL);
    if (link != NULL) {
        wait->items[wait->count++] = (struct link_poll_item){.client = link};
    }
#ifdef VANGNET_TEST_CLOCK
    if (run->test_clock != NULL) {
        wait->items[wait->count++] = (struct link_poll_item){.fd = clock_test_fd(run->test_clock)};
    }
#endif
}

static int patience_ms(const struct run *run) {
    const int64_t left_ms = run->ticked_ms + RUN_TICK_MS - clock_monotonic_ms(&run->desk.clock);
    return left_ms < 0 ? 0 : (left_ms > RUN_TICK_MS ? RUN_TICK_MS : (int)left_ms);
}

void loop_run(struct run *run) {
    struct wait wait;
    while (!run->stopping) {
        prepare(run, &wait);
        int r = link_poll(wait.items, wait.count, patience_ms(run));
        if (r < 0) {
            loop_fail(run, r, "poll");
            return;
        }
        if (daemon_stop_asked(run->signals) != 0) {
            run->stopping = true;
        }
#ifdef VANGNET_TEST_CLOCK
        if (run->test_clock != NULL) {
            (void)clock_test_read(run->test_clock);
        }
#endif
        if (run->link != NULL) {
            loop_receive(run);
        } else if (run->enrolment != NULL) {
            loop_ask_to_join(run);
        }
        take_jobs(run);
        run_turns(run);
        if (run->error == 0) {
            tick(run);
            run_turns(run);
        }
    }
}
