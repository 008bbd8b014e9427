/* What commands came to, as answers: made on the turn thread once they're durable, out of the
 * store, so that a repeated command gets what the first one did. */
#pragma once

#include "hub/shell/api.h"

#define TOKEN_PREFIX "vangnet_"
enum { TOKEN_TEXT_SIZE = sizeof(TOKEN_PREFIX) + 2 * sizeof(struct digest) };

/* The bearer token that this command makes; nobody keeps it. The caller wipes it. */
void api_token_text(const struct api *api, const struct message_id *command,
                    char ret_text[static TOKEN_TEXT_SIZE]);

/* `done` of every request of HTTP's; the context is the api. */
void api_answer_command(void *context, const struct request *request, enum refusal refusal);

/* What HUB_COMMAND_MEMBER_SET came to, into an open object (api_standing.c). */
MUST_CHECK int api_answer_standing(const struct api_read *read, const struct request *request,
                                   struct json_writer *writer);

/* A command's outcome of the last 24 hours, or 404. */
void api_answer_result(const struct api_read *read, const struct message_id *id, const char *key,
                       struct http_response *response);
