/* The command line's talk with a running daemon of ours: a request over its control socket, and its
 * refusals in words.
 *
 * Over client.h; knows the form of our problems (http.h) and of Idempotency-Key, not what a command
 * means. Called by the shells' commands. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/ids.h"
#include "shared/io/cli.h"
#include "shared/io/client.h"

enum { COMMAND_KEY_TEXT_SIZE = 33, TOKEN_RANDOM_BYTES = 20, TOKEN_TEXT_SIZE = 45 };

/* A client-made command id as text, of 16 random bytes. */
void command_key_format(const uint8_t random[static 16],
                        char ret_text[static COMMAND_KEY_TEXT_SIZE]);
/* The id under which a daemon keeps the result of what `user` asked with that Idempotency-Key, so
 * that no user meets another's. */
struct message_id command_id(const struct user_id *user, const char *key);

/* A bearer token's text, "vgt_" and hexadecimal digits, of random bytes. */
void token_format(const uint8_t random[static TOKEN_RANDOM_BYTES],
                  char ret_text[static TOKEN_TEXT_SIZE]);

struct control {
    struct client *client; /* owned */
    const struct cli_call *call;
    const char *dir;
    const char *bearer; /* borrowed; NULL: as whom the daemon knows this process's user */
};

/* `socket_path` is the daemon's control socket, `dir` its directory, for what it says when nobody
 * listens. Borrows all until control_close. Errors: as client_open. */
MUST_CHECK int control_open(const struct cli_call *call, const char *socket_path, const char *dir,
                            struct control *ret);
void control_close(struct control *control);

struct control_request {
    const char *method;
    const char *path;
    const char *content_type; /* NULL: application/json */
    const char *key;          /* Idempotency-Key, or NULL */
    struct bytes body;
};

/* 0 for an answer of 200 to 299, which the caller deinits. Every other outcome was said, to the
 * call's `err`, with what to do next. Errors: as client_send; ERR_DENIED for any other status. */
MUST_CHECK int control_ask(struct control *control, const struct control_request *request,
                           struct client_response *ret);
/* The same, but the refusal's status is given and nothing is said of it; `ret` holds the answer
 * whenever the result is 0. */
MUST_CHECK int control_try(struct control *control, const struct control_request *request,
                           struct client_response *ret);
/* Says what control_try brought. */
void control_complain(const struct control *control, int error,
                      const struct client_response *response);
