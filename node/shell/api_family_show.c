#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/core/consents.h"
#include "node/shell/api.h"
#include "node/shell/family_answer.h"
#include "node/shell/family_json.h"
#include "node/shell/trail.h"
#include "shared/base/civil.h"
#include "shared/consent/card.h"

enum { SHOW_ARENA_BYTES = 64 << 20 };

/* A view, and what is written from it. */
struct showing {
    struct desk *desk;
    struct actor actor;
    struct json_writer json;
    struct family_writer writer;
    struct family_vault vault;
    bool waiting_only; /* items that are done are left out */
    enum refusal refusal;
};

/* For who may give that command; else it's answered. */
static bool open_view(struct desk *desk, const struct http_request *request,
                      struct http_response *response, enum node_command command,
                      struct showing *ret) {
    *ret = (struct showing){.desk = desk, .vault = desk_vault(desk)};
    if (!api_actor(desk, request, response, &ret->actor) ||
        !api_may(request, response, &ret->actor, command)) {
        return false;
    }
    int r = arena_new(SHOW_ARENA_BYTES, &ret->writer.arena);
    if (r == 0) {
        r = store_begin_read(desk->store, &ret->writer.view);
        if (r < 0) {
            arena_free(ret->writer.arena);
        }
    }
    if (r < 0) {
        reply_error(response, r, api_lang(request), NULL);
        return false;
    }
    ret->json = json_over(API_TEXT_BYTES_MAX);
    ret->writer.json = &ret->json;
    ret->writer.today = brussels_day(clock_now_ms(&desk->clock));
    return true;
}

static void reply_not_here(const struct http_request *request, struct http_response *response) {
    const enum lang lang = api_lang(request);
    const struct http_problem problem = {
        .status = 404,
        .title = text_get(lang, TEXT_FAMILY_NOT_HERE),
        .next = text_get(lang, TEXT_FAMILY_NOT_HERE_NEXT),
        .code = refusal_text(REFUSAL_NOT_FOUND),
    };
    http_reply_problem(response, &problem);
}

/* Ends the view; answers with what was written, or with why not. */
static void close_view(const struct http_request *request, struct http_response *response,
                       struct showing *showing, int error) {
    char *text;
    size_t length;
    store_abort(showing->writer.view);
    arena_free(showing->writer.arena);
    const bool refused = error == 0 && showing->refusal != REFUSAL_NONE;
    int r = error < 0 || refused ? error : json_take(&showing->json, &text, &length);
    if (r == 0 && !refused) {
        http_reply_take(response, 200, "application/json", text, length);
        return;
    }
    json_deinit(&showing->json);
    if (refused) {
        reply_refusal(response, showing->refusal, api_lang(request), NULL);
    } else if (r == ERR_NOT_FOUND) {
        reply_not_here(request, response);
    } else {
        reply_error(response, r, api_lang(request), NULL);
    }
}

static uint32_t number_of(const struct http_request *request) {
    const char *text = http_param(request, "number");
    char *end;
    const unsigned long number = strtoul(text, &end, 10);
    return *end != '\0' || number > UINT32_MAX ? 0 : (uint32_t)number;
}

/* -- families -- */

static int show_family(void *context, const struct family_row *row) {
    struct showing *showing = context;
    family_write(&showing->writer, row);
    return 0;
}

void api_families(void *ctx, const struct http_request *request, struct http_response *response) {
    struct showing showing;
    if (!open_view(ctx, request, response, NODE_COMMAND_INFORMAL, &showing)) {
        return;
    }
    trail_read(showing.desk, &showing.actor, "read-families", "family", 0);
    json_open_object(&showing.json);
    json_put_key(&showing.json, "families");
    json_open_array(&showing.json);
    int r = family_each(showing.writer.view, &showing.vault, showing.writer.arena, show_family,
                        &showing);
    json_close_array(&showing.json);
    json_close_object(&showing.json);
    close_view(request, response, &showing, r);
}

/* What is in a family's own part, and the consent that we took. */
void api_family_one(void *ctx, const struct http_request *request, struct http_response *response) {
    struct showing showing;
    struct family_row *row;
    struct consent_kept *kept;
    if (!open_view(ctx, request, response, NODE_COMMAND_INFORMAL, &showing)) {
        return;
    }
    struct store_txn *view = showing.writer.view;
    struct arena *arena = showing.writer.arena;
    trail_read(showing.desk, &showing.actor, "read-family", "family", number_of(request));
    int r = family_by_number(view, &showing.vault, number_of(request), arena, &row);
    if (r == 0) {
        r = consent_find(view, &showing.vault, &row->handle, arena, &kept);
        const bool ours = r == 0;
        r = r == ERR_NOT_FOUND || r == ERR_CRYPTO ? 0 : r;
        json_open_object(&showing.json);
        json_put_key(&showing.json, "family");
        family_write(&showing.writer, row);
        json_put_key(&showing.json, "consent");
        if (ours) {
            consent_write(&showing.writer, kept);
        } else {
            json_put_null(&showing.json);
        }
        json_close_object(&showing.json);
    }
    close_view(request, response, &showing, r == ERR_CRYPTO ? ERR_NOT_FOUND : r);
}

/* -- items -- */

/* Who answers flags sees them all; a volunteer what became of its own concerns and calls. */
static bool sees(const struct actor *actor, const struct item *item) {
    return node_may(actor->role, NODE_COMMAND_FLAG_ANSWER) ||
           memcmp(&item->taken_by, &actor->user, sizeof(actor->user)) == 0;
}

static int show_item(void *context, const struct item *item) {
    struct showing *showing = context;
    if (sees(&showing->actor, item) && (!showing->waiting_only || item->state != ITEM_DONE)) {
        item_write(&showing->writer, item, false);
    }
    return 0;
}

void api_items(void *ctx, const struct http_request *request, struct http_response *response) {
    struct showing showing;
    if (!open_view(ctx, request, response, NODE_COMMAND_LOOK, &showing)) {
        return;
    }
    showing.waiting_only = http_query(request, "all") == NULL;
    json_open_object(&showing.json);
    json_put_key(&showing.json, "items");
    json_open_array(&showing.json);
    int r =
        item_each(showing.writer.view, &showing.vault, showing.writer.arena, show_item, &showing);
    json_close_array(&showing.json);
    json_close_object(&showing.json);
    close_view(request, response, &showing, r);
}

void api_item_one(void *ctx, const struct http_request *request, struct http_response *response) {
    struct showing showing;
    struct item *item;
    if (!open_view(ctx, request, response, NODE_COMMAND_LOOK, &showing)) {
        return;
    }
    trail_read(showing.desk, &showing.actor, "read-item", "item", number_of(request));
    int r = item_get(showing.writer.view, &showing.vault, number_of(request), showing.writer.arena,
                     &item);
    if (r == 0 && !sees(&showing.actor, item)) {
        r = ERR_NOT_FOUND;
    }
    if (r == 0) {
        item_write(&showing.writer, item, true);
    }
    close_view(request, response, &showing, r == ERR_CRYPTO ? ERR_NOT_FOUND : r);
}

/* -- by card: our own record of its consent -- */

static int write_consent(struct showing *showing, const struct card *card) {
    const struct family_handle handle = card_handle(card, &showing->desk->settings.own.hub);
    struct consent_kept *kept;
    int r =
        consent_find(showing->writer.view, &showing->vault, &handle, showing->writer.arena, &kept);
    if (r == 0) {
        consent_write(&showing->writer, kept);
    }
    return r == ERR_CRYPTO ? ERR_NOT_FOUND : r;
}

/* Nothing of the family: only that its talk may begin. */
static int write_asking(struct showing *showing, const struct card *card) {
    const struct settings *settings = &showing->desk->settings;
    const struct family_handle handle = card_handle(card, &settings->own.hub);
    const struct consent_asking asking = {
        .own = &settings->own.org, .vault = &showing->vault, .handle = &handle};
    json_open_object(&showing->json);
    json_close_object(&showing->json);
    return consent_asking_judge(showing->writer.view, &asking, showing->writer.arena,
                                &showing->refusal);
}

static void card_missing(const struct http_request *request, struct http_response *response) {
    char detail[120];
    text_format(api_lang(request), TEXT_FAMILY_WRONG_MISSING, TEXT_ARGS("card"), detail,
                sizeof(detail));
    reply_error(response, ERR_MALFORMED, api_lang(request), detail);
}

/* With the card on the table. */
static void about_card(struct desk *desk, const struct http_request *request,
                       struct http_response *response,
                       int (*write)(struct showing *showing, const struct card *card)) {
    struct showing showing;
    struct actor actor;
    struct json_reader reader;
    if (!api_actor(desk, request, response, &actor) ||
        !api_may(request, response, &actor, NODE_COMMAND_CONSENT_CHANGE)) {
        return;
    }
    struct family_request *asked = family_request_new();
    if (asked == NULL) {
        reply_error(response, ERR_NO_MEMORY, api_lang(request), NULL);
        return;
    }
    struct family_reading reading = {.reader = &reader, .request = asked};
    json_open(request->body, HTTP_BODY_BYTES_MAX, &reader);
    family_request_card(&reading, json_root(&reader), "card", &asked->card, &asked->has_card);
    if (reading.refusal != REFUSAL_NONE) {
        api_refuse_card(request, response, &reading);
    } else if (reader.error < 0 || !asked->has_card) {
        card_missing(request, response);
    } else if (open_view(desk, request, response, NODE_COMMAND_CONSENT_CHANGE, &showing)) {
        close_view(request, response, &showing, write(&showing, &asked->card));
    }
    json_close(&reader);
    family_request_free(asked);
}

void api_consent_show(void *ctx, const struct http_request *request,
                      struct http_response *response) {
    about_card(ctx, request, response, write_consent);
}

void api_consent_asking(void *ctx, const struct http_request *request,
                        struct http_response *response) {
    about_card(ctx, request, response, write_asking);
}

/* -- what is printed -- */

static bool read_print(struct json_reader *reader, const struct desk *desk,
                       struct family_request *asked, enum node_command kind, enum lang lang) {
    struct family_reading reading = {
        .lang = lang,
        .reader = reader,
        .request = asked,
        .today = brussels_day(clock_now_ms(&desk->clock)),
    };
    if (kind == NODE_COMMAND_NONE) {
        family_request_pack(&reading, json_root(reader));
    } else {
        family_request_script(&reading, json_root(reader));
    }
    return reader->error == 0;
}

static void print_page(struct desk *desk, const struct http_request *request,
                       struct http_response *response, enum node_command kind) {
    struct actor actor;
    struct json_reader reader;
    if (!api_actor(desk, request, response, &actor) ||
        !api_may(request, response, &actor, NODE_COMMAND_CONSENT_GIVE)) {
        return;
    }
    struct family_request *asked = family_request_new();
    if (asked == NULL) {
        reply_error(response, ERR_NO_MEMORY, api_lang(request), NULL);
        return;
    }
    json_open(request->body, HTTP_BODY_BYTES_MAX, &reader);
    if (!read_print(&reader, desk, asked, kind, api_lang(request))) {
        reply_error(response, reader.error, api_lang(request), reader.reason);
    } else if (kind == NODE_COMMAND_NONE) {
        const struct pack_order order = {.language = asked->record.language,
                                         .count = asked->count,
                                         .telephone = asked->telephone};
        family_answer_pack(desk, api_lang(request), &order, response);
    } else {
        const struct consent_give_arguments *give = &asked->arguments.give;
        const struct script_order order = {.language = asked->record.language,
                                           .scopes = give->scopes,
                                           .end_month = give->end_month,
                                           .record = &asked->record,
                                           .telephone = asked->telephone};
        family_answer_script(desk, api_lang(request), &order, response);
    }
    json_close(&reader);
    family_request_free(asked);
}

void api_pack(void *ctx, const struct http_request *request, struct http_response *response) {
    print_page(ctx, request, response, NODE_COMMAND_NONE);
}

void api_script(void *ctx, const struct http_request *request, struct http_response *response) {
    print_page(ctx, request, response, NODE_COMMAND_CONSENT_GIVE);
}
