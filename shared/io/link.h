/* The wire between nodes and hubs: ZeroMQ with CURVE, one frame a message.
 *
 * A server (ROUTER) is bound and hears many peers by the name that the doorman (zap.h) gave their
 * key; a client (DEALER) dials one server whose key it knows. A link may lose what it was given
 * and tells nobody: the post resends until the final recipient's receipt. It reads no message,
 * knows no member, sees neither store nor cores, has no clock and no randomness. All of a link
 * belongs to the one thread that opened it (the turn thread). Called by the shells only.
 *
 * Written for libzmq 4.3.4; the guards against it are each explained in the source. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/bytes.h"
#include "shared/base/err.h"

enum {
    LINK_ENDPOINT_SIZE = 256, /* with the NUL */
    LINK_ROUTE_BYTES_MAX = 15,
    LINK_POLL_ITEMS_MAX = 32,
    LINK_HANDSHAKE_MS = 5000,
    LINK_RECONNECT_MIN_MS = 200, /* the first pause before dialling again: random between these */
    LINK_RECONNECT_MAX_MS = 1200,
};

/* Raw CURVE (X25519) keys, made elsewhere. The secret is copied into libzmq, which doesn't wipe
 * it; the caller wipes his own. */
struct link_keys {
    uint8_t public_key[32];
    uint8_t secret_key[32];
};

struct link_context;
struct link_server;
struct link_client;

/* One a process, after sodium_init and after whatever forks. `sockets_max` counts sockets, not
 * connections: one for each link, two for each client, one for zap, and three to spare.
 * Errors: ERR_UNSUPPORTED (a libzmq without CURVE), ERR_CONFIG (numbers that libzmq doesn't take),
 * ERR_NO_MEMORY. */
MUST_CHECK int link_context_new(int io_threads, int sockets_max, struct link_context **ret);

/* Waits until all links and the doorman of this context are closed. Last of all: libsodium's
 * randomness isn't safe to use after it. Takes NULL. */
void link_context_free(struct link_context *context);

/* libzmq's own context, for zap.c. */
void *link_context_zmq(const struct link_context *context);

/* A way back to the peer that sent a message, valid until that peer's connection ends; never a
 * proof of who it is. Length 0 is "none". */
struct link_route {
    uint8_t length;
    uint8_t bytes[LINK_ROUTE_BYTES_MAX];
};

/* All borrowed until the callback returns. */
struct link_message {
    const char *peer;        /* the doorman's name for the key; NULL on a client's link */
    struct link_route route; /* none on a client's link */
    struct bytes frame;
};

struct link_counters {
    uint64_t received;
    uint64_t sent;
    uint64_t nameless;  /* dropped: no User-Id, so nobody vouched for it */
    uint64_t misshapen; /* dropped: not one frame, or a routing id of the peer's own choice */
    uint64_t full;      /* not sent: ERR_AGAIN */
    uint64_t gone;      /* not sent: ERR_NOT_FOUND */
};

struct link_server_params {
    const char *endpoint;         /* tcp://127.0.0.1:5670; port * or 0: any; [::] for both IPs */
    const char *domain;           /* the doorman's; not empty */
    const struct link_keys *keys; /* borrowed for the call, as the texts */
    int high_water_messages;      /* per peer and direction */
    int32_t frame_bytes_max;      /* a peer that sends a larger frame loses its connection */
    int handshake_ms;             /* 0: LINK_HANDSHAKE_MS */
};

/* Binds. Errors: ERR_DENIED (no doorman in this context: nothing was bound), ERR_UNSUPPORTED (this
 * libzmq doesn't enforce the domain or CURVE), ERR_EXISTS (the port is taken), ERR_CONFIG (not
 * tcp://address:port, or not an address of ours), ERR_NO_MEMORY, ERR_NETWORK. */
MUST_CHECK int link_server_open(struct link_context *context,
                                const struct link_server_params *params, struct link_server **ret);
void link_server_close(struct link_server *server); /* takes NULL */

/* Where it's bound, with the port that was chosen; valid until close. */
const char *link_server_endpoint(const struct link_server *server);

/* Dials the server with a key that the doorman must refuse, and waits for that refusal: proof that
 * the door is shut and that someone stands at it. Before the shell says it's ready.
 * Errors: ERR_DENIED (the stranger got in), ERR_TIMEOUT (nobody refused), ERR_NO_MEMORY,
 * ERR_NETWORK. */
MUST_CHECK int link_server_self_test(struct link_server *server, const struct link_keys *stranger,
                                     int timeout_ms);

/* Hands what arrived to `take`, at most `max` messages, without waiting. Returns how many it looked
 * at, dropped ones included: fewer than `max` means that nothing is left. `take` may send on the
 * same link. Errors: ERR_NETWORK, ERR_NO_MEMORY: close it. */
MUST_CHECK int link_server_receive(struct link_server *server,
                                   void (*take)(void *ctx, const struct link_message *message),
                                   void *ctx, int max);

/* Copies the frame. Errors: ERR_AGAIN (that peer's queue is full: keep the message, others aren't
 * touched), ERR_NOT_FOUND (that peer is gone), ERR_TOO_LARGE, ERR_NO_MEMORY, ERR_NETWORK. */
MUST_CHECK int link_server_send(struct link_server *server, const struct link_route *route,
                                struct bytes frame);
struct link_counters link_server_counters(const struct link_server *server);

struct link_client_params {
    const char *endpoint;         /* a name is looked up at each try, IPv4 */
    const uint8_t *server_key;    /* 32 bytes: another server can't answer to it */
    const struct link_keys *keys; /* borrowed for the call, as the others */
    int high_water_messages;
    int32_t frame_bytes_max;
    int reconnect_ms; /* chosen at random by the caller between LINK_RECONNECT_MIN_MS and _MAX_MS,
                         so that a hub that comes back isn't stormed; doubles up to 30 s */
};

/* A hint, never a proof: messages may be lost in any state. */
enum link_state {
    LINK_DOWN = 0,
    LINK_UP,
    LINK_REFUSED, /* no to our key, or no ZMTP and CURVE: libzmq doesn't dial again by itself */
};

/* Returns before the connection stands. Errors: ERR_CONFIG (not tcp://host:port), ERR_NO_MEMORY,
 * ERR_NETWORK. */
MUST_CHECK int link_client_open(struct link_context *context,
                                const struct link_client_params *params, struct link_client **ret);
void link_client_close(struct link_client *client); /* takes NULL */

/* As for a server; while the link is down, sending gives ERR_AGAIN. */
MUST_CHECK int link_client_receive(struct link_client *client,
                                   void (*take)(void *ctx, const struct link_message *message),
                                   void *ctx, int max);
MUST_CHECK int link_client_send(struct link_client *client, struct bytes frame);
struct link_counters link_client_counters(const struct link_client *client);
enum link_state link_client_state(struct link_client *client);

/* Hangs up and dials again, forgetting what lay unsent. On the shell's own timer (no more than
 * once in some tens of seconds) while refused, after a long time down, and when the other side
 * doesn't answer pings: libzmq never tries again after a refusal or a breach of protocol.
 * Errors: ERR_NETWORK. */
MUST_CHECK int link_client_redial(struct link_client *client);

/* One of three: a server, a client, or (both NULL) a file descriptor that becomes readable. */
struct link_poll_item {
    struct link_server *server;
    struct link_client *client;
    int fd;
    bool ready; /* out: something to receive; for a client also: its state may have changed */
};

/* The shells' only wait. Level-triggered (unlike libzmq's own descriptors): what isn't drained is
 * ready again. `timeout_ms` -1 waits without end. Returns how many are ready, 0 also when a signal
 * came between; at most LINK_POLL_ITEMS_MAX items. Errors: ERR_NETWORK. */
MUST_CHECK int link_poll(struct link_poll_item *items, size_t count, int timeout_ms);
