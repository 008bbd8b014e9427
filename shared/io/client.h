/* An HTTP client for the command line: one daemon of ours, over its Unix socket or over TCP.
 *
 * Not a browser: no proxy from the environment, no redirects, no cookies, no other protocols. One
 * request at a time; a client belongs to one thread. The only place that sees libcurl's easy
 * interface. What an answer means is the caller's affair: any status is a success here. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "shared/base/bytes.h"
#include "shared/base/err.h"

enum {
    CLIENT_TIMEOUT_MS = 30000,
    CLIENT_CONNECT_TIMEOUT_MS = 5000,
    CLIENT_BODY_BYTES_MAX = 64 << 20,
};

/* Texts are copied. Zeros take the constants above. */
struct client_config {
    const char *unix_path; /* NULL for TCP */
    const char *base_url;  /* "http://127.0.0.1:8080"; NULL with a Unix socket */
    const char *bearer;    /* NULL for none */
    int64_t timeout_ms;    /* of a whole request; -1 for no bound, to watch a long output */
    int64_t connect_timeout_ms;
    size_t body_bytes_max; /* of an answer kept in memory */
};

struct client;

/* Borrows everything until client_send returns. */
struct client_request {
    const char *method;
    const char *path;           /* from "/", with the query, encoded already */
    const char *const *headers; /* "Name: value", ends with NULL; NULL for none */
    struct bytes body;          /* .data NULL for none */
    /* Where given, takes the body of a 2xx answer piece by piece, instead of `body` below. Gives 0,
     * or a negative to stop. */
    int (*on_data)(void *ctx, struct bytes piece);
    void *ctx;
};

struct client_response {
    int status;
    char content_type[64];
    char etag[96];
    char *body; /* owned, with a NUL after it; never NULL after a success */
    size_t length;
};

/* Errors: ERR_NO_MEMORY, ERR_TOO_LARGE (the socket's path). */
MUST_CHECK int client_open(const struct client_config *config, struct client **ret);
void client_close(struct client *client);

/* Errors: ERR_NOT_FOUND (nobody listens there), ERR_DENIED (this user may not open the socket),
 * ERR_TIMEOUT, ERR_TOO_LARGE (the answer), ERR_CANCELLED (on_data stopped it), ERR_NETWORK (the
 * connection broke or the answer isn't HTTP), ERR_NO_MEMORY. */
MUST_CHECK int client_send(struct client *client, const struct client_request *request,
                           struct client_response *ret);
void client_response_deinit(struct client_response *response);
