/* The turn thread's loop: sockets, commands and clock into the hub's core, turn by turn, and its
 * answers out again. The one thread that writes. */
#pragma once

#include "hub/shell/keys.h"
#include "hub/shell/records.h"
#include "hub/shell/request.h"
#include "hub/shell/routes.h"
#include "hub/shell/settings.h"
#include "hub/shell/vitals.h"
#include "shared/io/clock.h"
#include "shared/io/link.h"
#include "shared/io/ring.h"
#include "shared/turn/crash.h"

/* Everything borrowed until turns_free. */
struct turns_params {
    struct store *store;
    struct hub_id hub;
    const struct keys *keys;
    const struct records *records;
    struct clock clock;
    int clock_fd; /* readable when a test sets the clock; -1: none */
    void (*read_clock)(void *ctx);
    void *clock_ctx;
    struct crash_file *crash;
    struct link_server *members;
    struct link_server *enrol;
    struct ring *ring;
    struct vitals *vitals;
    struct routes *routes;
    int signal_fd;
};

struct turns;

/* Offers the core the record keys that nothing used, and fills the pool. Errors: as hub_new and
 * keyring_reserve. */
MUST_CHECK int turns_new(const struct turns_params *params, struct turns **ret);
void turns_free(struct turns *turns); /* takes NULL */

/* Until a signal asks to stop: the turn under way is finished, and what waits in the ring is done.
 * Errors: ERR_STORAGE and every other failure of a turn, after which the process must end and start
 * again from disk; ERR_NETWORK of a socket. */
MUST_CHECK int turns_run(struct turns *turns);
