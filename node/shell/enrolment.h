/* Asking a hub to be let in: one connection to its door for newcomers, the same request over and
 * over until it's answered.
 *
 * `join` drives it while somebody watches, the daemon when nobody does. It writes nothing and
 * decides nothing: what an answer means for the directory on disk is the caller's. */
#pragma once

#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/bytes.h"
#include "shared/io/link.h"
#include "shared/wire/packet.h"

enum {
    ENROLMENT_ASK_MS = 2000, /* between two askings, while somebody may be watching */
    ENROLMENT_WATCHED = 60,  /* askings; after them: */
    ENROLMENT_IDLE_MS = 15000,
    ENROLMENT_REDIAL_MS = 30000,
};

struct enrolment_params {
    struct link_context *context; /* borrowed, as all here */
    const char *endpoint;
    const uint8_t *hub_key;
    const struct link_keys *keys;
    struct bytes request; /* an encoded packet, the same at each asking; borrowed until close */
    int reconnect_ms;
};

struct enrolment;

/* Errors: as link_client_open. */
MUST_CHECK int enrolment_open(const struct enrolment_params *params, struct enrolment **ret);
void enrolment_close(struct enrolment *enrolment); /* takes NULL */

/* For the poll set. */
struct link_client *enrolment_link(struct enrolment *enrolment);

struct enrolment_news {
    enum link_state link;
    bool answered; /* there has been an answer; the last one is: */
    struct join_answer answer;
};

/* Takes what came, asks again where it's time; never after a refusal, which is final. Errors:
 * ERR_NETWORK, ERR_NO_MEMORY. */
MUST_CHECK int enrolment_step(struct enrolment *enrolment, int64_t monotonic_ms,
                              struct enrolment_news *ret);
