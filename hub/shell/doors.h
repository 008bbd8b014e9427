/* The hub's two doors: the members' socket, the enrolment socket, and the doorman of both.
 *
 * Opened only when a stranger was seen to be refused (RELIABILITY 0.2). */
#pragma once

#include "hub/shell/keys.h"
#include "hub/shell/settings.h"
#include "shared/io/link.h"
#include "shared/io/zap.h"
#include "shared/store/env.h"

struct doors {
    struct link_context *context;
    struct zap *zap;
    struct link_server *members;
    struct link_server *enrol;
};

enum doors_fault {
    DOORS_NO_PUBLIC_ADDRESS = 1, /* listens on all addresses and doesn't say which one is its own */
    DOORS_NO_ZEROMQ,
    DOORS_NO_MEMBERS, /* that socket can't be bound; the next one too */
    DOORS_NO_ENROL,
    DOORS_OPEN, /* the trial with an unknown key failed */
};

/* What is opened stays in `ret` whatever happens: close it by doors_close. Errors: as zap_start,
 * link_server_open and link_server_self_test; ERR_CONFIG; with what failed in `ret_fault`. */
MUST_CHECK int doors_open(const struct settings *settings, const struct keys *keys,
                          struct store *store, struct doors *ret, enum doors_fault *ret_fault);
/* Nobody gets in or out any more. */
void doors_close(struct doors *doors);
/* Last of all: no randomness may be asked after it. */
void doors_end(struct doors *doors);
