#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hub/shell/api.h"
#include "shared/base/civil.h"
#include "shared/members/invitation.h"
#include "shared/members/members.h"

static void put_nis(struct json_writer *writer, const struct member *member) {
    char text[12];
    json_put_key(writer, "municipalities");
    json_open_array(writer);
    for (size_t i = 0; i < member->catchment_count; i++) {
        snprintf(text, sizeof(text), "%05u", member->catchment[i].nis.code);
        json_put_text(writer, text);
    }
    json_close_array(writer);
}

/* `until` is the last closed day; the directory has the first day that it's open again. */
static void put_closures(struct json_writer *writer, const struct member *member) {
    char text[DATE_TEXT_SIZE];
    json_put_key(writer, "closures");
    json_open_array(writer);
    for (size_t i = 0; i < member->closure_count; i++) {
        const struct closure *closure = &member->closures[i];
        json_open_object(writer);
        date_format(closure->from_day, text);
        json_field_text(writer, "from", text);
        date_format(closure->until_day - 1, text);
        json_field_text(writer, "until", text);
        json_field_text(writer, "deputy",
                        closure->deputy.text[0] == '\0' ? NULL : closure->deputy.text);
        json_close_object(writer);
    }
    json_close_array(writer);
}

static void put_lists(struct json_writer *writer, const struct member *member) {
    put_nis(writer, member);
    json_put_key(writer, "services");
    json_open_array(writer);
    for (size_t i = 0; i < member->service_count; i++) {
        json_put_text(writer, member->services[i].text);
    }
    json_close_array(writer);
    json_put_key(writer, "languages");
    json_open_array(writer);
    for (size_t i = 0; i < member->language_count; i++) {
        json_put_text(writer, member->languages[i].code);
    }
    json_close_array(writer);
    put_closures(writer, member);
}

static void put_member(struct json_writer *writer, const struct org_id *org,
                       const struct member *member, const char *state) {
    char words[WORDS_TEXT_SIZE];
    member_words(org, &member->sign, &member->curve, words);
    json_field_text(writer, "organisation", org->text);
    json_field_text(writer, "name", member->name);
    json_field_text(writer, "kind", org_kind_text(member->kind));
    json_field_text(writer, "competence", competence_text(member->competence));
    json_field_text(writer, "state", state);
    json_field_text(writer, "words", words);
    json_field_bool(writer, "may_sanction", member->may_sanction);
    json_field_text(writer, "may_take_consent", consent_right_text(member->may_take_consent));
    json_field_bool(writer, "hidden", member->hidden);
    put_lists(writer, member);
}

static void put_membership(struct json_writer *writer, const struct api *api,
                           const struct membership *membership) {
    const char *state = membership->active ? "active" : membership->revoked ? "revoked" : "left";
    json_open_object(writer);
    put_member(writer, &membership->org, &membership->member, state);
    api_field_instant(writer, "since", membership->since_ms);
    api_field_instant(writer, "last_heard", routes_heard_ms(api->routes, &membership->org));
    json_field_null(writer, "application");
    json_close_object(writer);
}

/* `since` of somebody who waits: when it asked. */
static int put_pending(struct json_writer *writer, const struct pending_join *pending,
                       struct arena *arena) {
    struct join_application application;
    if (join_application_decode(pending->application, arena, &application) != REFUSAL_NONE) {
        return ERR_STORAGE; /* it decoded when it came */
    }
    json_open_object(writer);
    put_member(writer, &pending->org, &application.member, "pending");
    api_field_instant(writer, "since", pending->received_ms);
    json_field_null(writer, "last_heard");
    struct digest hash = join_application_hash(pending->application);
    json_put_key(writer, "application");
    json_put_hex(writer, BYTES_OF(hash));
    json_close_object(writer);
    return 0;
}

static int write_pending(struct json_writer *writer, const struct api_read *read) {
    struct pending_cursor cursor;
    struct pending_join pending;
    int r;
    json_put_key(writer, "pending");
    json_open_array(writer);
    for (r = pending_first(read->view, read->arena, &cursor, &pending); r == 0;
         r = pending_next(&cursor, read->arena, &pending)) {
        r = put_pending(writer, &pending, read->arena);
        if (r < 0) {
            return r;
        }
    }
    json_close_array(writer);
    return r == ERR_NOT_FOUND ? 0 : r;
}

struct members_page {
    const char *after; /* NULL: from the start */
    size_t limit;
};

static int write_members(struct json_writer *writer, const struct api *api,
                         const struct api_read *read, const struct members_page *page) {
    struct members_cursor cursor;
    struct membership membership;
    struct org_id last = {0};
    size_t count = 0;
    int r;
    json_put_key(writer, "rows");
    json_open_array(writer);
    for (r = members_first(read->view, read->arena, &cursor, &membership); r == 0;
         r = members_next(&cursor, read->arena, &membership)) {
        if (page->after != NULL && strcmp(membership.org.text, page->after) <= 0) {
            continue;
        }
        if (count == page->limit) {
            break;
        }
        put_membership(writer, api, &membership);
        last = membership.org;
        count++;
    }
    json_close_array(writer);
    json_field_text(writer, "next", r == 0 ? last.text : NULL);
    return r == ERR_NOT_FOUND ? 0 : r;
}

static const char *read_page(const struct http_request *request, struct members_page *ret) {
    const char *limit = http_query(request, "limit");
    struct org_id org;
    *ret =
        (struct members_page){.after = http_query(request, "cursor"), .limit = PAGE_ROWS_DEFAULT};
    if (ret->after != NULL && org_id_parse(ret->after, &org) < 0) {
        return "cursor: not one that an answer of ours gave as `next`";
    }
    if (limit != NULL) {
        ret->limit = strspn(limit, "0123456789") == strlen(limit) ? strtoul(limit, NULL, 10) : 0;
    }
    return ret->limit < 1 || ret->limit > PAGE_ROWS_MAX ? "limit: a number from 1 to 200" : NULL;
}

void api_members(void *ctx, const struct http_request *request, struct http_response *response) {
    struct api *api = ctx;
    struct api_read read;
    struct members_page page;
    if (!api_may_read(api, request, response)) {
        return;
    }
    const char *wrong = read_page(request, &page);
    if (wrong != NULL) {
        api_bad(response, wrong);
        return;
    }
    if (!api_read_begin(api, &read, response)) {
        return;
    }
    struct json_writer writer = json_over(API_JSON_BYTES_MAX);
    json_open_object(&writer);
    json_field_text(&writer, "region", api->region);
    api_field_instant(&writer, "generated_at", read.now_ms);
    int r = write_members(&writer, api, &read, &page);
    if (r == 0) {
        r = write_pending(&writer, &read);
    }
    if (r < 0) {
        json_deinit(&writer);
        api_fail(response, r);
    } else {
        json_close_object(&writer);
        api_json(response, 200, &writer);
    }
    api_read_end(&read);
}

/* Who waits comes first: a former member that asks again is what the coordinator must see. */
static int write_one(struct json_writer *writer, const struct api *api, const struct api_read *read,
                     const struct org_id *org) {
    struct pending_join pending;
    struct membership membership;
    int r = pending_get(read->view, org, read->arena, &pending);
    if (r == 0) {
        return put_pending(writer, &pending, read->arena);
    }
    if (r != ERR_NOT_FOUND) {
        return r;
    }
    r = member_get(read->view, org, read->arena, &membership);
    if (r == 0) {
        put_membership(writer, api, &membership);
    }
    return r;
}

void api_member(void *ctx, const struct http_request *request, struct http_response *response) {
    struct api *api = ctx;
    struct api_read read;
    struct org_id org;
    if (!api_may_read(api, request, response)) {
        return;
    }
    if (org_id_parse(http_param(request, "id"), &org) < 0) {
        api_bad(response, "the address: not an organisation's id");
        return;
    }
    if (!api_read_begin(api, &read, response)) {
        return;
    }
    struct json_writer writer = json_over(API_JSON_BYTES_MAX);
    int r = write_one(&writer, api, &read, &org);
    if (r < 0) {
        json_deinit(&writer);
        api_fail(response, r);
    } else {
        api_json(response, 200, &writer);
    }
    api_read_end(&read);
}
