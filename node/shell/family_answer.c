#include "node/shell/family_answer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/shell/family_json.h"
#include "shared/base/civil.h"
#include "shared/consent/consent.h"
#include "shared/crypto/random.h"
#include "shared/crypto/secret.h"
#include "shared/members/members.h"

enum {
    ANSWER_ARENA_BYTES = 8 << 20,
    ANSWER_JSON_BYTES_MAX = 8 << 20,
    NAME_SIZE = PRINT_FIELD_BYTES_MAX + 1,
    LIST_SIZE = PRINT_LIST_BYTES_MAX + 1,
};

static_assert(CONSENT_CONFERENCE_MAX * (NAME_BYTES_MAX + 2) <= PRINT_LIST_BYTES_MAX,
              "every organisation that a family named stands on its card");

static int get_key(void *context, uint64_t id, struct record_key *ret) {
    return keyring_get(context, id, ret);
}

struct family_vault desk_vault(const struct desk *desk) {
    return (struct family_vault){
        .records = {.get = get_key, .context = desk->keyring},
        .index = &desk->keys.secret->index,
    };
}

/* -- a page in memory that is wiped -- */

static int page_new(size_t size, struct buf *ret) {
    uint8_t *memory = malloc(size);
    if (memory == NULL) {
        return ERR_NO_MEMORY;
    }
    *ret = buf_over(memory, size);
    return 0;
}

static void page_free(struct buf *page) {
    secret_wipe(page->data, page->size);
    free(page->data);
}

static void reply_writer(struct http_response *response, struct json_writer *json, enum lang lang) {
    char *text;
    size_t length;
    int r = json_take(json, &text, &length);
    if (r < 0) {
        json_deinit(json);
        reply_error(response, r, lang, NULL);
        return;
    }
    http_reply_take(response, 200, "application/json", text, length);
}

static void reply_unprinted(struct http_response *response, int error, enum lang lang) {
    if (error != ERR_UNSUPPORTED) {
        reply_error(response, error, lang, NULL);
        return;
    }
    const struct http_problem problem = {
        .status = 422,
        .title = text_get(lang, TEXT_FAMILY_NO_PRINT),
        .next = text_get(lang, TEXT_FAMILY_NO_PRINT_NEXT),
        .code = "language",
    };
    http_reply_problem(response, &problem);
}

/* -- names of organisations for people to read -- */

struct names {
    char first[NAME_SIZE];
    char second[NAME_SIZE];
    char conference[LIST_SIZE];
};

static void name_org(struct store_txn *view, struct arena *arena, const struct org_id *org,
                     char ret_name[static NAME_SIZE]) {
    struct membership member;
    if (org->text[0] == '\0') {
        return;
    }
    int r = member_get(view, org, arena, &member);
    (void)snprintf(ret_name, NAME_SIZE, "%s", r < 0 ? org->text : member.member.name);
}

static int read_names(const struct desk *desk, const struct consent_record *record,
                      struct names *ret) {
    struct store_txn *view;
    struct arena *arena;
    int r = arena_new(ANSWER_ARENA_BYTES, &arena);
    if (r < 0) {
        return r;
    }
    r = store_begin_read(desk->store, &view);
    if (r < 0) {
        arena_free(arena);
        return r;
    }
    name_org(view, arena, &record->fallback_first, ret->first);
    name_org(view, arena, &record->fallback_second, ret->second);
    for (size_t i = 0; i < record->conference_count; i++) {
        char one[NAME_SIZE] = "";
        const size_t length = strlen(ret->conference);
        name_org(view, arena, &record->conference[i], one);
        (void)snprintf(ret->conference + length, LIST_SIZE - length, "%s%s",
                       length == 0 ? "" : ", ", one);
    }
    store_abort(view);
    arena_free(arena);
    return 0;
}

static const char *given(const char *text) {
    return text[0] == '\0' ? NULL : text;
}

static struct print_scopes print_scopes_of(struct scopes scopes, const struct names *names) {
    return (struct print_scopes){
        .presence = (scopes.bits & scope_bit(SCOPE_PRESENCE)) != 0,
        .lost_support_alert = (scopes.bits & scope_bit(SCOPE_LOST_SUPPORT)) != 0,
        .volunteer_concern = (scopes.bits & scope_bit(SCOPE_CONCERN)) != 0,
        .fallback_contact = (scopes.bits & scope_bit(SCOPE_FALLBACK)) != 0,
        .case_conference = (scopes.bits & scope_bit(SCOPE_CONFERENCE)) != 0,
        .welcome = (scopes.bits & scope_bit(SCOPE_WELCOME)) != 0,
        .first_fallback = given(names->first),
        .second_fallback = given(names->second),
        .conference_with = given(names->conference),
    };
}

static const char *telephone_of(const struct desk *desk, const char *asked) {
    return asked[0] != '\0' ? asked : desk->settings.telephone;
}

/* -- the card's page -- */

static const struct consent_give_arguments *given_by(const struct job *job) {
    return job->command.kind == NODE_COMMAND_NEW_CARD ? &job->request->arguments.new_card.give
                                                      : &job->request->arguments.give;
}

static int write_card(const struct desk *desk, const struct job *job, struct buf *page) {
    const struct consent_give_arguments *arguments = given_by(job);
    const struct family_request *request = job->request;
    struct names names = {0};
    int r = read_names(desk, &request->record, &names);
    if (r < 0) {
        return r;
    }
    char *code = secret_new(CARD_TEXT_SIZE);
    if (code == NULL) {
        return ERR_NO_MEMORY;
    }
    card_format(&request->card, code);
    const struct card_page card = {
        .language = request->record.language,
        .code = code,
        .valid_until_day = month_first_day(arguments->end_month) - 1,
        .organisation = desk->settings.name,
        .contact = telephone_of(desk, request->telephone),
        .scopes = print_scopes_of(arguments->scopes, &names),
    };
    r = card_page_write(&card, page);
    secret_free(code);
    return r;
}

/* Whether that number is the family of this very card. */
static int is_ours(const struct desk *desk, const struct job *job, int64_t number, bool *ret) {
    const struct family_vault vault = desk_vault(desk);
    const struct family_handle handle = card_handle(&job->request->card, &desk->settings.own.hub);
    struct store_txn *view;
    struct arena *arena;
    struct family_row *row;
    int r = arena_new(ANSWER_ARENA_BYTES, &arena);
    if (r < 0) {
        return r;
    }
    r = store_begin_read(desk->store, &view);
    if (r == 0) {
        r = family_find(view, &vault, &handle, arena, &row);
        *ret = r == 0 && row->number == number;
        r = r == ERR_NOT_FOUND ? 0 : r;
        store_abort(view);
    }
    arena_free(arena);
    return r;
}

static void reply_card(const struct desk *desk, const struct job *job, int64_t family,
                       const char *until, struct http_response *response) {
    struct buf page;
    bool ours = false;
    int r = is_ours(desk, job, family, &ours);
    if (r == 0 && !ours) {
        const struct http_problem problem = {
            .status = 409,
            .title = text_get(job->lang, TEXT_FAMILY_PAGE_GONE),
            .next = text_get(job->lang, TEXT_FAMILY_PAGE_GONE_NEXT),
            .code = refusal_text(REFUSAL_EXISTS),
        };
        http_reply_problem(response, &problem);
        return;
    }
    r = r < 0 ? r : page_new(PRINT_CARD_BYTES_MAX, &page);
    if (r < 0) {
        reply_error(response, r, job->lang, NULL);
        return;
    }
    r = write_card(desk, job, &page);
    if (r < 0) {
        reply_unprinted(response, r, job->lang);
    } else {
        struct json_writer json = json_over(ANSWER_JSON_BYTES_MAX);
        json_open_object(&json);
        json_field_int(&json, "family", family);
        json_field_text(&json, "until", until);
        json_put_key(&json, "page");
        json_put_bytes(&json, buf_bytes(&page));
        json_close_object(&json);
        reply_writer(response, &json, job->lang);
    }
    page_free(&page);
}

void family_answer_card(const struct desk *desk, const struct job *job, struct bytes result,
                        struct http_response *response) {
    struct json_reader reader;
    json_open(result, ANSWER_JSON_BYTES_MAX, &reader);
    const struct json_value *root = json_root(&reader);
    const int64_t family = json_need_int(&reader, root, "family");
    const char *until = json_need_text(&reader, root, "until");
    if (reader.error < 0) {
        reply_error(response, reader.error, job->lang, NULL);
    } else {
        reply_card(desk, job, family, until, response);
    }
    json_close(&reader);
}

/* -- a look -- */

static int write_look(const struct desk *desk, const struct job *job,
                      const struct look_answer *answer, struct json_writer *json) {
    const struct family_vault vault = desk_vault(desk);
    const struct family_handle handle = card_handle(&job->request->card, &desk->settings.own.hub);
    struct family_writer writer = {.json = json, .today = brussels_day(clock_now_ms(&desk->clock))};
    struct family_row *row = NULL;
    int r = arena_new(ANSWER_ARENA_BYTES, &writer.arena);
    if (r < 0) {
        return r;
    }
    r = store_begin_read(desk->store, &writer.view);
    if (r == 0) {
        r = family_find(writer.view, &vault, &handle, writer.arena, &row);
        if (r == 0 || r == ERR_NOT_FOUND) {
            look_write(&writer, answer, r == 0 ? row : NULL);
            r = 0;
        }
        store_abort(writer.view);
    }
    arena_free(writer.arena);
    return r;
}

void family_answer_look(const struct desk *desk, const struct job *job,
                        const struct look_answer *answer, struct http_response *response) {
    struct json_writer json = json_over(ANSWER_JSON_BYTES_MAX);
    int r = write_look(desk, job, answer, &json);
    if (r < 0) {
        json_deinit(&json);
        reply_error(response, r, job->lang, NULL);
        return;
    }
    reply_writer(response, &json, job->lang);
}

/* -- what's printed without a family -- */

static void reply_page(struct http_response *response, enum lang lang, const char *key,
                       int64_t number, const struct buf *page) {
    struct json_writer json = json_over(ANSWER_JSON_BYTES_MAX);
    json_open_object(&json);
    if (key != NULL) {
        json_field_int(&json, key, number);
    }
    json_put_key(&json, "page");
    json_put_bytes(&json, buf_bytes(page));
    json_close_object(&json);
    reply_writer(response, &json, lang);
}

void family_answer_script(const struct desk *desk, enum lang lang, const struct script_order *order,
                          struct http_response *response) {
    struct buf page;
    struct names names = {0};
    int r = read_names(desk, order->record, &names);
    r = r < 0 ? r : page_new(PRINT_SCRIPT_BYTES_MAX, &page);
    if (r < 0) {
        reply_error(response, r, lang, NULL);
        return;
    }
    const struct consent_script script = {
        .language = order->language,
        .organisation = desk->settings.name,
        .contact = telephone_of(desk, order->telephone),
        .valid_until_day = month_first_day(order->end_month) - 1,
        .asked = print_scopes_of(order->scopes, &names),
    };
    r = consent_script_write(&script, &page);
    if (r < 0) {
        reply_unprinted(response, r, lang);
    } else {
        reply_page(response, lang, NULL, 0, &page);
    }
    page_free(&page);
}

struct drawn {
    char codes[PACK_CARDS_MAX][CARD_TEXT_SIZE];
    const char *list[PACK_CARDS_MAX];
};

static void draw(struct drawn *drawn, uint32_t count) {
    struct card card;
    for (uint32_t i = 0; i < count; i++) {
        random_fill(&card, sizeof(card));
        card_format(&card, drawn->codes[i]);
        drawn->list[i] = drawn->codes[i];
    }
    secret_wipe(&card, sizeof(card));
}

void family_answer_pack(const struct desk *desk, enum lang lang, const struct pack_order *order,
                        struct http_response *response) {
    struct buf page;
    const size_t size = PRINT_BLANK_HEAD_BYTES + order->count * PRINT_BLANK_CARD_BYTES;
    struct drawn *drawn = secret_new(sizeof(*drawn));
    int r = drawn == NULL ? ERR_NO_MEMORY : page_new(size, &page);
    if (r < 0) {
        secret_free(drawn);
        reply_error(response, r, lang, NULL);
        return;
    }
    draw(drawn, order->count);
    const struct blank_cards_page cards = {
        .language = order->language,
        .codes = drawn->list,
        .count = order->count,
        .group = desk->settings.name,
        .contact = telephone_of(desk, order->telephone),
    };
    r = blank_cards_page_write(&cards, &page);
    if (r < 0) {
        reply_unprinted(response, r, lang);
    } else {
        reply_page(response, lang, "cards", order->count, &page);
    }
    page_free(&page);
    secret_free(drawn);
}
