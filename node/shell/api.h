/* The node's HTTP API: one table of routes for the control socket and for loopback TCP.
 *
 * On the control socket the daemon's own user and root are its administrator, unless a bearer token
 * says who asks; over TCP one must. The import is for the control socket alone. Handlers run on
 * HTTP's threads: they read in transactions of their own and hand commands to the turn thread
 * (jobs.h). */
#pragma once

#include "node/shell/jobs.h"

enum { API_ROUTES_MAX = 56, API_WAIT_MS = 30000, API_TEXT_BYTES_MAX = 4 << 20 };

/* Writes the table with the desk as each handler's context; gives the count. */
size_t api_routes(struct desk *desk, struct http_route routes[static API_ROUTES_MAX]);

/* For the handlers in api_*.c. */

/* Who asks. False: answered already. */
bool api_actor(struct desk *desk, const struct http_request *request,
               struct http_response *response, struct actor *ret);
/* A job for this request: actor, id, deadline and language are set. NULL: answered already. */
struct job *api_job(struct desk *desk, const struct http_request *request,
                    struct http_response *response, enum node_command kind);
/* Hands it to the turn thread and answers `pending`. Takes the job. */
void api_push(struct desk *desk, const struct http_request *request, struct http_response *response,
              struct job *job);
enum lang api_lang(const struct http_request *request);
/* Whether the request came over the control socket; else answered. */
bool api_local(const struct http_request *request, struct http_response *response);

/* Closes a body's reader; false: something was missing or wrong, which is answered. */
bool api_close_json(const struct http_request *request, struct http_response *response,
                    struct json_reader *reader);

/* A request's JSON, whose faults are told in that language. */
struct api_reading {
    struct json_reader *reader;
    enum lang lang;
};
/* The reader's failure, in words; {0} is the member's name. */
void api_fault(const struct api_reading *reading, enum text_id id, const char *name);
/* The required date (yyyy-mm-dd) at a path; else a fault, and 0. */
int32_t api_need_day(const struct api_reading *reading, const struct json_value *from,
                     const char *name);

/* api_import.c: where cases come in. */
void api_import_session(void *ctx, const struct http_request *request,
                        struct http_response *response);
void api_import_begin(void *ctx, const struct http_request *request,
                      struct http_response *response);
void api_import_rows(void *ctx, const struct http_request *request, struct http_response *response);
void api_import_switch(void *ctx, const struct http_request *request,
                       struct http_response *response);
void api_import_drop(void *ctx, const struct http_request *request, struct http_response *response);
void api_import_figures(void *ctx, const struct http_request *request,
                        struct http_response *response);
void api_watch(void *ctx, const struct http_request *request, struct http_response *response);

/* api_show.c: what can be read. */
void api_status(void *ctx, const struct http_request *request, struct http_response *response);
void api_preview(void *ctx, const struct http_request *request, struct http_response *response);
void api_words(void *ctx, const struct http_request *request, struct http_response *response);
void api_command(void *ctx, const struct http_request *request, struct http_response *response);
void api_healthz(void *ctx, const struct http_request *request, struct http_response *response);
void api_openapi(void *ctx, const struct http_request *request, struct http_response *response);

/* api_closures.c: closure days and who stands in. */
void api_closures(void *ctx, const struct http_request *request, struct http_response *response);
void api_closures_set(void *ctx, const struct http_request *request,
                      struct http_response *response);

/* api_organisations.c: the region's members, as whom a family may be brought into contact with. */
void api_organisations(void *ctx, const struct http_request *request,
                       struct http_response *response);

/* api_family.c: what people do about families, a struct family_route as context. Writes the routes,
 * gives the count. */
void api_family(void *ctx, const struct http_request *request, struct http_response *response);
size_t api_family_routes(struct desk *desk, struct http_route *routes);
/* Whether the actor's role may (node_may); answered where not. */
bool api_may(const struct http_request *request, struct http_response *response,
             const struct actor *actor, enum node_command command);
/* A card that can't be one, with the group to read again. */
void api_refuse_card(const struct http_request *request, struct http_response *response,
                     const struct family_reading *reading);
/* api_family_show.c: what can be read of them, and what is printed. */
void api_families(void *ctx, const struct http_request *request, struct http_response *response);
void api_family_one(void *ctx, const struct http_request *request, struct http_response *response);
void api_items(void *ctx, const struct http_request *request, struct http_response *response);
void api_item_one(void *ctx, const struct http_request *request, struct http_response *response);
void api_consent_show(void *ctx, const struct http_request *request,
                      struct http_response *response);
/* Whether the family of a card can be asked anew here (consent-change). */
void api_consent_asking(void *ctx, const struct http_request *request,
                        struct http_response *response);
void api_pack(void *ctx, const struct http_request *request, struct http_response *response);
void api_script(void *ctx, const struct http_request *request, struct http_response *response);
