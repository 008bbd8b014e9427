#include <stdio.h>

#include "node/shell/api.h"
#include "node/shell/family_answer.h"
#include "shared/base/civil.h"
#include "shared/crypto/random.h"

enum { LOOKUP_ARENA_BYTES = 1 << 20 };

/* What people do about families, by address. Never a card or a name in one. */
static const struct family_action {
    const char *path;
    enum node_command kind;
    enum flag_action flag;
    enum family_page page;
} actions[] = {
    {"/api/v1/cards/new", NODE_COMMAND_CONSENT_GIVE, FLAG_ACTION_NONE, FAMILY_PAGE_CARD},
    {"/api/v1/cards/renew", NODE_COMMAND_NEW_CARD, FLAG_ACTION_NONE, FAMILY_PAGE_CARD},
    {"/api/v1/consents/give", NODE_COMMAND_CONSENT_GIVE, FLAG_ACTION_NONE, FAMILY_PAGE_NONE},
    {"/api/v1/consents/change", NODE_COMMAND_CONSENT_CHANGE, FLAG_ACTION_NONE, FAMILY_PAGE_NONE},
    {"/api/v1/consents/withdraw", NODE_COMMAND_WITHDRAW, FLAG_ACTION_NONE, FAMILY_PAGE_NONE},
    {"/api/v1/looks", NODE_COMMAND_LOOK, FLAG_ACTION_NONE, FAMILY_PAGE_NONE},
    {"/api/v1/informal", NODE_COMMAND_INFORMAL, FLAG_ACTION_NONE, FAMILY_PAGE_NONE},
    {"/api/v1/supports/start", NODE_COMMAND_SUPPORT_START, FLAG_ACTION_NONE, FAMILY_PAGE_NONE},
    {"/api/v1/supports/ending", NODE_COMMAND_SUPPORT_ENDING, FLAG_ACTION_NONE, FAMILY_PAGE_NONE},
    {"/api/v1/supports/end", NODE_COMMAND_SUPPORT_END, FLAG_ACTION_NONE, FAMILY_PAGE_NONE},
    {"/api/v1/asks", NODE_COMMAND_ASK, FLAG_ACTION_NONE, FAMILY_PAGE_NONE},
    {"/api/v1/asks/revoke", NODE_COMMAND_ASK_REVOKE, FLAG_ACTION_NONE, FAMILY_PAGE_NONE},
    {"/api/v1/asks/answer", NODE_COMMAND_ASK_ANSWER, FLAG_ACTION_NONE, FAMILY_PAGE_NONE},
    {"/api/v1/concerns", NODE_COMMAND_CONCERN, FLAG_ACTION_NONE, FAMILY_PAGE_NONE},
    {"/api/v1/call-backs", NODE_COMMAND_CALL_BACK, FLAG_ACTION_NONE, FAMILY_PAGE_NONE},
    {"/api/v1/items/take", NODE_COMMAND_FLAG_ANSWER, FLAG_TAKE, FAMILY_PAGE_NONE},
    {"/api/v1/items/contacted", NODE_COMMAND_FLAG_ANSWER, FLAG_CONTACT, FAMILY_PAGE_NONE},
    {"/api/v1/items/close", NODE_COMMAND_FLAG_ANSWER, FLAG_CLOSE, FAMILY_PAGE_NONE},
    {"/api/v1/items/hand-back", NODE_COMMAND_FLAG_ANSWER, FLAG_HAND_BACK, FAMILY_PAGE_NONE},
    {"/api/v1/items/called", NODE_COMMAND_CALLED_BACK, FLAG_ACTION_NONE, FAMILY_PAGE_NONE},
    {"/api/v1/items/done", NODE_COMMAND_ITEM_DONE, FLAG_ACTION_NONE, FAMILY_PAGE_NONE},
};

size_t api_family_routes(struct desk *desk, struct http_route *routes) {
    const size_t count = sizeof(actions) / sizeof(actions[0]);
    _Static_assert(sizeof(actions) / sizeof(actions[0]) <= DESK_FAMILY_ROUTES, "all have room");
    for (size_t i = 0; i < count; i++) {
        desk->family_routes[i] = (struct family_route){.desk = desk, .action = &actions[i]};
        routes[i] = (struct http_route){.method = HTTP_POST,
                                        .pattern = actions[i].path,
                                        .consumes = "application/json",
                                        .handle = api_family,
                                        .ctx = &desk->family_routes[i]};
    }
    return count;
}

/* Who narrows without naming another end keeps the one that stands. */
static int standing_end(const struct desk *desk, const struct card *card, uint32_t *ret) {
    const struct family_vault vault = desk_vault(desk);
    const struct family_handle handle = card_handle(card, &desk->settings.own.hub);
    struct store_txn *view;
    struct arena *arena;
    struct family_row *row;
    int r = arena_new(LOOKUP_ARENA_BYTES, &arena);
    if (r < 0) {
        return r;
    }
    r = store_begin_read(desk->store, &view);
    if (r == 0) {
        r = family_find(view, &vault, &handle, arena, &row);
        *ret = r == 0 ? row->end_month : 0;
        store_abort(view);
    }
    arena_free(arena);
    return r == ERR_NOT_FOUND ? 0 : r;
}

static void fill_in(const struct desk *desk, const struct family_action *action,
                    struct family_reading *reading) {
    struct json_reader *reader = reading->reader;
    struct consent_change_arguments *change = &reading->request->arguments.change;
    if (action->kind != NODE_COMMAND_CONSENT_CHANGE || reader->error < 0 ||
        reading->refusal != REFUSAL_NONE || change->end_month != 0) {
        return;
    }
    int r = standing_end(desk, change->card, &change->end_month);
    if (r < 0 || change->end_month == 0) {
        reader->error = r < 0 ? r : ERR_MALFORMED;
        text_format(reading->lang, TEXT_FAMILY_WRONG_MISSING, TEXT_ARGS("until"), reader->reason,
                    sizeof(reader->reason));
    }
}

static void read_body(const struct desk *desk, const struct family_action *action,
                      const struct http_request *request, struct family_reading *reading) {
    json_open(request->body, HTTP_BODY_BYTES_MAX, reading->reader);
    const struct json_value *root = json_root(reading->reader);
    reading->request->page = action->page;
    if (action->page == FAMILY_PAGE_CARD) {
        random_fill(&reading->request->card, sizeof(reading->request->card));
        reading->request->has_card = true;
    }
    if (action->kind == NODE_COMMAND_FLAG_ANSWER) {
        family_request_flag(reading, root, action->flag);
    } else {
        family_request_read(reading, root, action->kind);
    }
    fill_in(desk, action, reading);
}

bool api_may(const struct http_request *request, struct http_response *response,
             const struct actor *actor, enum node_command command) {
    if (node_may(actor->role, command)) {
        return true;
    }
    const enum lang lang = api_lang(request);
    const bool nobody = request->local && request->bearer == NULL;
    const struct http_problem problem = {
        .status = 403,
        .title = text_get(lang, TEXT_FAMILY_NEEDS_TOKEN),
        .next = text_get(lang, TEXT_FAMILY_TOKEN_FILE_NEXT),
        .code = refusal_text(REFUSAL_NOT_ALLOWED),
    };
    if (nobody) {
        http_reply_problem(response, &problem);
    } else {
        reply_refusal(response, REFUSAL_NOT_ALLOWED, lang, NULL);
    }
    return false;
}

void api_refuse_card(const struct http_request *request, struct http_response *response,
                     const struct family_reading *reading) {
    char group[12];
    char detail[160];
    const enum lang lang = api_lang(request);
    (void)snprintf(group, sizeof(group), "%u", reading->group);
    text_format(lang, TEXT_FAMILY_CARD_GROUP, TEXT_ARGS(group), detail, sizeof(detail));
    reply_refusal(response, reading->refusal, lang, reading->group == 0 ? NULL : detail);
}

void api_family(void *ctx, const struct http_request *request, struct http_response *response) {
    const struct family_route *route = ctx;
    struct desk *desk = route->desk;
    const struct family_action *action = route->action;
    struct job *job = api_job(desk, request, response, action->kind);
    if (job == NULL) {
        return;
    }
    if (!api_may(request, response, &job->command.actor, action->kind)) {
        job_free(job);
        return;
    }
    job->desk = desk;
    job->request = family_request_new();
    if (job->request == NULL) {
        reply_error(response, ERR_NO_MEMORY, api_lang(request), NULL);
        job_free(job);
        return;
    }
    struct json_reader reader;
    struct family_reading reading = {
        .reader = &reader,
        .request = job->request,
        .today = brussels_day(clock_now_ms(&desk->clock)),
        .lang = job->lang,
    };
    read_body(desk, action, request, &reading);
    const bool good = reader.error == 0 && reading.refusal == REFUSAL_NONE;
    if (reading.refusal != REFUSAL_NONE) {
        api_refuse_card(request, response, &reading);
    } else if (!good) {
        reply_error(response, reader.error, api_lang(request), reader.reason);
    }
    json_close(&reader);
    if (!good) {
        job_free(job);
        return;
    }
    job->command.arguments = &job->request->arguments;
    api_push(desk, request, response, job);
}
