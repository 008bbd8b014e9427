/* The hub's HTTP API: who may ask, and the handlers' common ground. openapi.json describes it.
 *
 * Over the loopback port a bearer token says who asks; over the Unix socket (`control.sock`) it's
 * the administrator of this machine, told by SO_PEERCRED. Handlers run on HTTP's threads: they read
 * by transactions of their own and push commands to the ring; what a command came to is answered
 * from the turn thread. What went wrong is told in the response's language, with a word (`code`)
 * that programs know; a detail that names a field of the request is English, as the fields are. */
#pragma once

#include <stdatomic.h>

#include "hub/shell/backup.h"
#include "hub/shell/keys.h"
#include "hub/shell/request.h"
#include "hub/shell/routes.h"
#include "hub/shell/settings.h"
#include "hub/shell/vitals.h"
#include "shared/base/arena.h"
#include "shared/io/clock.h"
#include "shared/io/http.h"
#include "shared/io/json.h"
#include "shared/io/ring.h"
#include "shared/io/text.h"
#include "shared/io/zap.h"
#include "shared/store/txn.h"

enum { API_ROUTES_MAX = 32, API_JSON_BYTES_MAX = 8 << 20 };

/* Everything borrowed, for as long as the server runs. */
struct api {
    struct store *store;
    struct clock clock;
    const struct settings *settings;
    const struct keys *keys;
    struct ring *ring;
    struct vitals *vitals;
    struct routes *routes;
    struct backup *backup;
    struct copies *copies;
    const struct zap *zap;
    /* What invitations say. */
    struct digest fingerprint;
    char region[NAME_BYTES_MAX + 1];
    char public_members[INVITATION_ENDPOINT_SIZE];
    char public_enrol[INVITATION_ENDPOINT_SIZE];
    _Atomic(struct http_server *) server; /* set once http_start gave it */
    struct http_route routes_table[API_ROUTES_MAX];
};

/* Fills `api->routes_table`; gives their count. */
size_t api_routes(struct api *api);

/* Who asks. False: the response says that nobody may, or who this is isn't known. */
bool api_actor(struct api *api, const struct http_request *request, struct actor *ret,
               struct http_response *response);
/* As above, where any known person may read. */
bool api_may_read(struct api *api, const struct http_request *request,
                  struct http_response *response);

/* As above, where only who coordinates the region may: coordinators and administrators. */
bool api_may_coordinate(struct api *api, const struct http_request *request,
                        struct http_response *response);

/* A reading transaction with an arena; the response says why where it fails. */
struct api_read {
    struct store_txn *view;
    struct arena *arena;
    int64_t now_ms;
};
bool api_read_begin(struct api *api, struct api_read *ret, struct http_response *response);
void api_read_end(struct api_read *read);

/* A problem of the hub's own, in the response's language; its detail TEXT_NONE: none. */
struct api_problem {
    int status;
    const char *code;
    struct text_pair text;
    enum text_id detail;
};
void api_problem(struct http_response *response, const struct api_problem *problem);
/* What was asked can't be read: `detail` says what, the answer says 400. */
void api_bad(struct http_response *response, const char *detail);
/* The world failed. */
void api_fail(struct http_response *response, int error);
/* A command was refused. */
void api_refuse(struct http_response *response, enum refusal refusal);
/* Takes what the writer holds. */
void api_json(struct http_response *response, int status, struct json_writer *writer);

void api_field_instant(struct json_writer *writer, const char *key, int64_t instant_ms);
/* FAMILY_DAY_NONE becomes null. */
void api_field_day(struct json_writer *writer, const char *key, int32_t day);

#define API_HANDLER(name)                                                                          \
    void name(void *ctx, const struct http_request *request, struct http_response *response)

/* api_load.c, api_export.c */
API_HANDLER(api_load);
API_HANDLER(api_series);
API_HANDLER(api_totals);
API_HANDLER(api_export);
/* api_members.c */
API_HANDLER(api_members);
API_HANDLER(api_member);
/* api_flags.c */
API_HANDLER(api_flags);
API_HANDLER(api_erasures);
/* api_counts.c */
API_HANDLER(api_flag_weeks);
API_HANDLER(api_flag_quarters);
/* metrics.c */
API_HANDLER(api_metrics);
/* api_status.c */
API_HANDLER(api_status);
API_HANDLER(api_health);
API_HANDLER(api_openapi);
API_HANDLER(api_get_backup);
/* api_joining.c */
API_HANDLER(api_invite);
API_HANDLER(api_approve);
API_HANDLER(api_decline);
API_HANDLER(api_revoke);
API_HANDLER(api_leave);
API_HANDLER(api_entry);
/* api_standing.c */
API_HANDLER(api_member_set);
/* api_people.c */
API_HANDLER(api_user);
API_HANDLER(api_token);
API_HANDLER(api_token_revoke);
/* api_commands.c */
API_HANDLER(api_backup);
API_HANDLER(api_command);
