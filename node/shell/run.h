/* The daemon: one thread that owns the hub's link and runs the node's turns, with HTTP and the
 * watcher on threads of their own.
 *
 * Its files: run.c starts and stops everything, loop.c is the loop between, loop_hub.c its side
 * towards the hub, loop_keys.c the keys that it sees to. */
#pragma once

#include "node/shell/diagnosis.h"
#include "node/shell/enrolment.h"
#include "node/shell/jobs.h"
#include "node/shell/mailer.h"
#include "node/shell/secrets.h"
#include "shared/io/cli.h"
#include "shared/turn/crash.h"

enum {
    RUN_TICK_MS = 1000,
    RUN_REDIAL_MS = 30000,
    RUN_TAKE_MAX = 64,
    RUN_HIGH_WATER = 256,
    RUN_SHRED_MAX = 64,
};

struct run {
    struct desk desk;
    struct node *node;
    struct crash_file *crash;
    struct secrets *secrets;
    struct link_context *context;
    struct link_client *link;    /* to the hub, as a member; NULL while joining */
    struct enrolment *enrolment; /* while joining */
    struct bytes request;        /* owned: what is sent while joining */
    struct http_server *server;
    struct mailer *mailer; /* NULL: no mail */
    int signals;
    bool stopping;
    int error; /* why it stops, 0 when asked */
    enum joining_state joining;
    enum refusal join_refusal;
    enum link_state link_state;
    int64_t ticked_ms; /* these four on the monotonic clock */
    int64_t keys_ms;
    int64_t dialled_ms;
    int64_t answered_ms; /* when the hub last stood in contact with us */
    bool short_of_room;
    uint64_t shred[RUN_SHRED_MAX]; /* to be destroyed after the commit */
    size_t shred_count;
    struct http_route routes[56];
#ifdef VANGNET_TEST_CLOCK
    struct test_clock *test_clock;
#endif
};

enum cli_status run_command(void *ctx, const struct cli_call *call);

/* loop.c: until a stop is asked or `run->error` is set. */
void loop_run(struct run *run);
/* loop_hub.c: opens the member's link. Errors: as link_client_open. */
MUST_CHECK int loop_dial(struct run *run);
/* loop.c and loop_hub.c to each other. */
void loop_fail(struct run *run, int error, const char *what); /* stops, and says why, once */
void loop_turn(struct run *run);
void loop_receive(struct run *run);
void loop_redial(struct run *run, const struct node_health *health);
void loop_ask_to_join(struct run *run);
/* The node's callbacks. */
int loop_send(void *context, struct bytes packet);
void loop_command_done(void *context, const struct command *command, enum refusal refusal,
                       struct bytes result);
void loop_shred(void *context, const uint64_t *ids, size_t count);
void loop_looked(void *context, const struct command *command, const struct look_answer *answer,
                 enum refusal refusal);
/* Gives a command of the shell's own, as its administrator. Takes the job. */
void loop_give(struct run *run, struct job *job);

/* loop_keys.c: keeps the node's pool of record keys filled; what goes wrong is logged, and who
 * needs a key hears BUSY. */
void loop_offer_keys(struct run *run);
/* Renews the keys that others seal to, destroys the secrets of old ones. */
void loop_look_at_keys(struct run *run, const struct node_health *health);
