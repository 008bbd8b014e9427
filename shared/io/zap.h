/* The doorman: answers libzmq's question "may this key come in?" (ZAP, ZeroMQ RFC 27) on a thread
 * of its own.
 *
 * It knows no members: the shell's callback decides, and answers from a read transaction. It is
 * asked at the handshake only, so whoever is revoked later is refused message by message in the
 * core. Only CURVE is let in. Started before any link_server of the same context: without it
 * libzmq 4.3.4 lets every key in, unless domain and enforcement are both set, which link_server
 * does and reads back. Used by the shells of whoever binds a server. */
#pragma once

#include <stdint.h>

#include "shared/base/err.h"

/* Where libzmq looks for him (RFC 27). */
#define ZAP_ENDPOINT "inproc://zeromq.zap.01"

enum {
    ZAP_KEY_SIZE = 32,
    ZAP_USER_ID_SIZE = 64, /* with the NUL */
    ZAP_DOMAIN_SIZE = 64,  /* with the NUL */
};

struct link_context;
struct zap;

struct zap_policy {
    /* Called on the doorman's thread, one at a time: short, no disk writes, no network, or honest
     * peers miss their handshake. 0 lets the key in under the name written to `ret_user_id`
     * (printable ASCII without spaces, NUL-terminated); negative refuses it. */
    int (*decide)(void *ctx, const char *domain, const uint8_t key[ZAP_KEY_SIZE],
                  char ret_user_id[ZAP_USER_ID_SIZE]);
    /* The thread ended without zap_stop; called on that thread, which then ends. From here on
     * nobody new gets in, so the shell ends the process. `error` is of the table. */
    void (*on_end)(void *ctx, int error);
    void *ctx; /* borrowed until zap_stop returns */
};

struct zap_counters {
    uint64_t accepted;
    uint64_t refused;   /* unknown keys, other mechanisms than CURVE */
    uint64_t malformed; /* requests that aren't ZAP, and user ids that aren't names */
};

/* Binds ZAP_ENDPOINT before it returns. Copies the policy, borrows the context.
 * Errors: ERR_EXISTS (a doorman stands there already), ERR_NO_MEMORY, ERR_NETWORK. */
MUST_CHECK int zap_start(struct link_context *context, const struct zap_policy *policy,
                         struct zap **ret);

/* Waits for the thread and frees; a decision under way is waited for. Takes NULL. Servers that are
 * still bound then refuse everybody. */
void zap_stop(struct zap *zap);

/* May be called on any thread. */
struct zap_counters zap_counters(const struct zap *zap);
