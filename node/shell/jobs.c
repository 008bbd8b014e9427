#include "node/shell/jobs.h"

#include <stdlib.h>
#include <string.h>

#include "node/shell/family_answer.h"
#include "node/shell/family_refusal.h"
#include "shared/crypto/secret.h"
#include "shared/io/json.h"

enum { ANSWER_BYTES_MAX = 256 << 10 };

struct job *job_new(enum node_command kind) {
    struct job *job = calloc(1, sizeof(*job));
    if (job == NULL) {
        return NULL;
    }
    job->kind = kind == NODE_COMMAND_NONE ? JOB_STATUS : JOB_COMMAND;
    job->command.kind = kind;
    job->command.arguments = &job->arguments;
    return job;
}

void job_free(struct job *job) {
    if (job == NULL) {
        return;
    }
    free(job->memory);
    family_request_free(job->request);
    secret_wipe(job->secret, sizeof(job->secret));
    free(job);
}

static int status_of_refusal(enum refusal refusal) {
    switch ((int)refusal) {
    case REFUSAL_NOT_FOUND:
        return 404;
    case REFUSAL_EXISTS:
    case REFUSAL_CONFLICT:
    case REFUSAL_STALE:
    case REFUSAL_WRONG_MOVE:
        return 409;
    case REFUSAL_NOT_ALLOWED:
    case REFUSAL_NOT_YOURS:
    case REFUSAL_NEEDS_AUTHORITY:
    case REFUSAL_MAY_SANCTION:
        return 403;
    case REFUSAL_TOO_LARGE:
        return 413;
    case REFUSAL_OVER_QUOTA:
        return 429;
    case REFUSAL_DEADLINE:
    case REFUSAL_NO_ANSWER:
        return 504;
    case REFUSAL_BUSY:
    case REFUSAL_NO_ROOM:
    case REFUSAL_NOT_YET:
    case REFUSAL_CLOCK_OFF:
        return 503;
    default:
        return 422;
    }
}

void reply_refusal(struct http_response *response, enum refusal refusal, enum lang lang,
                   const char *detail) {
    const struct text_pair pair = text_of_refusal(refusal);
    const struct http_problem problem = {
        .status = status_of_refusal(refusal),
        .title = text_get(lang, pair.what),
        .detail = detail,
        .next = text_get(lang, pair.next),
        .code = refusal_text(refusal),
    };
    http_reply_problem(response, &problem);
}

static int status_of_error(int error) {
    switch (error) {
    case ERR_NOT_FOUND:
        return 404;
    case ERR_DENIED:
        return 403;
    case ERR_MALFORMED:
        return 400;
    case ERR_UNSUPPORTED:
        return 409;
    case ERR_TOO_LARGE:
        return 413;
    case ERR_AGAIN:
    case ERR_NO_ROOM:
    case ERR_NO_MEMORY:
        return 503;
    default:
        return 500;
    }
}

void reply_error(struct http_response *response, int error, enum lang lang, const char *detail) {
    const struct text_pair pair = text_of_error(error);
    const struct http_problem problem = {
        .status = status_of_error(error),
        .title = text_get(lang, pair.what),
        .detail = detail,
        .next = text_get(lang, pair.next),
    };
    http_reply_problem(response, &problem);
}

void job_answer(struct http_server *server, struct job *job, struct http_response *response) {
    if (job->token != 0 && server != NULL) {
        /* ERR_NOT_FOUND: whoever asked went away; the result can be asked for by its key. */
        int r = http_complete(server, job->token, response);
        (void)r;
    } else {
        http_response_deinit(response);
    }
    job_free(job);
}

/* The core's text, with the secret that it was never told. */
static void reply_secret(struct http_response *response, const struct job *job) {
    struct json_writer writer = json_over(ANSWER_BYTES_MAX);
    char *text;
    size_t length;
    json_open_object(&writer);
    json_field_text(&writer, "token", job->secret);
    json_field_text(&writer, "user", job->arguments.token.user.text);
    json_close_object(&writer);
    if (json_take(&writer, &text, &length) < 0) {
        reply_error(response, ERR_NO_MEMORY, job->lang, NULL);
        return;
    }
    http_reply_take(response, 200, "application/json", text, length);
}

/* What a publish is refused for has a meaning of its own. */
static void reply_unpublished(struct http_response *response, enum refusal refusal,
                              enum lang lang) {
    const bool is_early = refusal == REFUSAL_NOT_YET;
    if (!is_early && refusal != REFUSAL_NOT_FOUND) {
        reply_refusal(response, refusal, lang, NULL);
        return;
    }
    const struct http_problem problem = {
        .status = 409,
        .title = text_get(lang, is_early ? TEXT_NODE_PUBLISH_EARLY : TEXT_NODE_NO_REGISTER),
        .next =
            text_get(lang, is_early ? TEXT_NODE_PUBLISH_EARLY_NEXT : TEXT_NODE_NO_REGISTER_NEXT),
        .code = refusal_text(refusal),
    };
    http_reply_problem(response, &problem);
}

static struct text_pair closure_text(enum refusal refusal) {
    switch ((int)refusal) {
    case REFUSAL_CONFLICT:
        return (struct text_pair){TEXT_NODE_CLOSURE_OVERLAP, TEXT_NODE_CLOSURE_OVERLAP_NEXT};
    case REFUSAL_UNKNOWN_RECIPIENT:
        return (struct text_pair){TEXT_NODE_CLOSURE_DEPUTY, TEXT_NODE_CLOSURE_DEPUTY_NEXT};
    case REFUSAL_FROM_THE_FUTURE:
        return (struct text_pair){TEXT_NODE_CLOSURE_FAR, TEXT_NODE_CLOSURE_FAR_NEXT};
    case REFUSAL_TOO_LARGE:
        return (struct text_pair){TEXT_NODE_CLOSURE_MANY, TEXT_NODE_CLOSURE_MANY_NEXT};
    default:
        return text_of_refusal(refusal);
    }
}

static void reply_in_words(struct http_response *response, enum refusal refusal,
                           struct text_pair pair, enum lang lang) {
    const struct http_problem problem = {
        .status = status_of_refusal(refusal),
        .title = text_get(lang, pair.what),
        .next = text_get(lang, pair.next),
        .code = refusal_text(refusal),
    };
    http_reply_problem(response, &problem);
}

void job_done(struct http_server *server, struct job *job, enum refusal refusal,
              struct bytes result) {
    struct http_response response = {0};
    if (refusal != REFUSAL_NONE && job->command.kind == NODE_COMMAND_PUBLISH) {
        reply_unpublished(&response, refusal, job->lang);
    } else if (refusal != REFUSAL_NONE && job->command.kind == NODE_COMMAND_HOURS) {
        reply_in_words(&response, refusal, closure_text(refusal), job->lang);
    } else if (refusal != REFUSAL_NONE) {
        reply_in_words(&response, refusal, family_refusal_text(job, refusal), job->lang);
    } else if (job->secret[0] != '\0') {
        reply_secret(&response, job);
    } else if (job->request != NULL && job->request->page == FAMILY_PAGE_CARD) {
        family_answer_card(job->desk, job, result, &response);
    } else {
        const struct bytes empty = bytes_from_text("{}");
        http_reply_copy(&response, 200, "application/json", result.length == 0 ? empty : result);
    }
    job_answer(server, job, &response);
}

void job_looked(struct http_server *server, struct job *job, const struct look_answer *answer,
                enum refusal refusal) {
    struct http_response response = {0};
    if (refusal != REFUSAL_NONE) {
        reply_refusal(&response, refusal, job->lang, NULL);
    } else {
        family_answer_look(job->desk, job, answer, &response);
    }
    job_answer(server, job, &response);
}
