/* What HTTP's threads ask of the turn thread: a person's command, or how the node fares.
 *
 * A handler makes a job and pushes it on the ring; the turn thread runs it, completes the HTTP
 * request that waits, and frees it. */
#pragma once

#include <stdatomic.h>

#include "node/core/commands.h"
#include "node/shell/family_request.h"
#include "node/shell/keys.h"
#include "node/shell/place.h"
#include "node/shell/settings.h"
#include "shared/io/clock.h"
#include "shared/io/http.h"
#include "shared/io/ring.h"
#include "shared/io/text.h"
#include "shared/store/env.h"
#include "shared/turn/turn.h"

struct audit;
struct watch;
struct desk;
struct family_action;

enum { DESK_FAMILY_ROUTES = 24 };

/* Which of the actions on families an address means (api_family.c). */
struct family_route {
    struct desk *desk;
    const struct family_action *action;
};

/* What all threads of the daemon see; borrowed for as long as the server runs. */
struct desk {
    struct place place;
    struct settings settings;
    struct keys keys;
    struct keyring *keyring;
    struct store *store;
    struct clock clock;
    struct ring *ring;
    struct watch *watch;
    struct audit *audit; /* any thread may append */
    char words[WORDS_TEXT_SIZE];
    struct family_route family_routes[DESK_FAMILY_ROUTES];
    atomic_uint_fast64_t spare_key; /* a durable record key that no generation uses; 0: none */
};

enum job_kind { JOB_COMMAND = 1, JOB_STATUS };

struct job {
    enum job_kind kind;
    enum lang lang;
    uint64_t token; /* the HTTP request that waits; 0: none */
    struct command command;
    union {
        struct import_begin_arguments begin;
        struct import_rows_arguments rows;
        struct import_end_arguments end;
        struct import_figures_arguments figures;
        struct status_arguments status;
        struct user_record user;
        struct token_arguments token;
        struct shredded_arguments shredded;
        struct keys_rotate_arguments rotate;
        struct items_mailed_arguments mailed;
        struct hours_arguments hours;
    } arguments;
    void *memory;                   /* owned: what arguments borrow */
    struct family_request *request; /* owned, in secret memory: a command about a family; or NULL */
    const struct desk *desk;        /* borrowed; where `request` is set */
    char secret[64];                /* shown once with the answer, never to the core */
};

/* Zeroed; its command of that kind points at its arguments. NULL without memory. */
struct job *job_new(enum node_command kind);
void job_free(struct job *job); /* wipes; takes NULL */

/* The turn thread: the answer of a command, of a look, and of a status job. Each frees the job. */
void job_done(struct http_server *server, struct job *job, enum refusal refusal,
              struct bytes result);
/* `answer` with REFUSAL_NONE only. */
void job_looked(struct http_server *server, struct job *job, const struct look_answer *answer,
                enum refusal refusal);
void job_answer(struct http_server *server, struct job *job, struct http_response *response);

/* A refusal, or a failure of the world, as an answer. */
void reply_refusal(struct http_response *response, enum refusal refusal, enum lang lang,
                   const char *detail);
void reply_error(struct http_response *response, int error, enum lang lang, const char *detail);
