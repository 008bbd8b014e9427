/* What the handlers of commands share: reading the body, making the command under the asker's name,
 * sending it to the turn thread. Used by api_commands.c, api_joining.c and api_people.c. */
#pragma once

#include "hub/shell/api_answers.h"

struct api_body {
    struct json_reader reader;
    const struct json_value *root;
};

/* Of an object with no other members than `names`; none at all stands for an empty one. Closed by
 * api_command_end, or json_close(&body->reader). */
void api_body_open(const struct http_request *request, const char *const *names,
                   struct api_body *ret);
/* NULL where it isn't there. */
const char *api_body_text(struct api_body *body, const char *name);
bool api_body_bool(struct api_body *body, const char *name); /* false where it isn't there */
int64_t api_body_int(struct api_body *body, const char *name, int64_t otherwise);
/* The reader's own complaint first, then the handler's; NULL: none. */
const char *api_body_wrong(const struct api_body *body, const char *wrong);

/* A command of whoever asks, under the key that came with it or a fresh one; NULL: the response
 * says why not. */
struct request *api_command_new(struct api *api, const struct http_request *http,
                                enum hub_command kind, struct http_response *response);
/* Takes the request; the response waits for what it comes to. */
void api_command_send(struct api *api, struct request *request, struct http_response *response);
/* Sends the command, or says what's wrong with it; ends both. */
void api_command_end(struct api *api, struct request *request, struct api_body *body,
                     const char *wrong, struct http_response *response);
