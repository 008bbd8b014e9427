#include <stdio.h>
#include <string.h>

#include "node/shell/api.h"
#include "shared/consent/consent.h"
#include "shared/members/members.h"
#include "shared/places/municipalities.h"

/* Whom a family can be brought into contact with: the directory for people, without keys. */

enum { DIRECTORY_ARENA_BYTES = 16 << 20 };

struct listing {
    const struct desk *desk;
    struct json_writer json;
    struct store_txn *view;
    struct arena *arena;
    enum node_command talk; /* that the asker is about to have; 0: none */
    enum role role;
    enum refusal refusal;
};

/* The commands that begin with a talk of which a consent comes. */
static const enum node_command talks[] = {NODE_COMMAND_CONSENT_GIVE, NODE_COMMAND_CONSENT_CHANGE,
                                          NODE_COMMAND_NEW_CARD};

static enum node_command talk_named(const char *text) {
    for (size_t i = 0; i < sizeof(talks) / sizeof(talks[0]); i++) {
        if (strcmp(node_command_text(talks[i]), text) == 0) {
            return talks[i];
        }
    }
    return NODE_COMMAND_NONE;
}

/* Reading the region's directory is for whoever works here; a reader sees figures only. */
static bool may_list(const struct http_request *request, struct http_response *response,
                     const struct actor *actor, enum node_command talk) {
    if (talk != NODE_COMMAND_NONE) {
        return api_may(request, response, actor, talk);
    }
    return actor->role == ROLE_ADMINISTRATOR ||
           api_may(request, response, actor, NODE_COMMAND_LOOK);
}

static void put_desks(struct json_writer *json, const struct member *member) {
    json_put_key(json, "onthaal");
    json_open_array(json);
    for (size_t i = 0; i < member->onthaal_count; i++) {
        char code[16];
        const struct municipality *place = municipality_by_nis(member->onthaal[i]);
        (void)snprintf(code, sizeof(code), "%05u", (unsigned)member->onthaal[i].code);
        json_open_object(json);
        json_field_text(json, "nis", code);
        json_field_text(json, "name", place == NULL ? code : place->name);
        json_close_object(json);
    }
    json_close_array(json);
}

static void put_right(struct json_writer *json, enum consent_right right) {
    const char *text = consent_right_text(right);
    json_field_text(json, "may_take_consent", text == NULL ? "no" : text);
}

static void put_organisation(struct json_writer *json, const struct membership *one) {
    json_open_object(json);
    json_field_text(json, "id", one->org.text);
    json_field_text(json, "name", one->member.name);
    json_field_text(json, "kind", org_kind_text(one->member.kind));
    json_field_bool(json, "may_be_fallback", !one->member.may_sanction); /* DESIGN 2, promise 9 */
    put_right(json, one->member.may_take_consent);
    put_desks(json, &one->member);
    json_close_object(json);
}

static int put_all(struct listing *listing) {
    struct members_cursor cursor;
    struct membership one;
    json_put_key(&listing->json, "organisations");
    json_open_array(&listing->json);
    const struct arena_mark mark = arena_mark(listing->arena);
    int r = members_first(listing->view, listing->arena, &cursor, &one);
    while (r == 0) {
        if (one.active && one.member.role == MEMBER_ROLE_NODE) {
            put_organisation(&listing->json, &one);
        }
        arena_rewind(listing->arena, &mark);
        r = members_next(&cursor, listing->arena, &one);
    }
    json_close_array(&listing->json);
    return r == ERR_NOT_FOUND ? 0 : r;
}

/* Who isn't a caseworker takes what a group takes, whatever the organisation may. */
static enum consent_right right_of(const struct member *member, enum role role) {
    const bool limited = role != ROLE_CASEWORKER && member->may_take_consent == CONSENT_RIGHT_FULL;
    return limited ? CONSENT_RIGHT_LIMITED : member->may_take_consent;
}

/* What we ourselves may take; refused where that's nothing and a talk is about to begin. */
static int put_own(struct listing *listing) {
    const struct org_id *own = &listing->desk->settings.own.org;
    struct membership one;
    int r = member_get(listing->view, own, listing->arena, &one);
    const bool member = r == 0 && one.active;
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    const enum consent_right right =
        member ? right_of(&one.member, listing->role) : CONSENT_RIGHT_NO;
    if (listing->talk != NODE_COMMAND_NONE && consent_scopes_of_right(right).bits == 0) {
        listing->refusal = member ? REFUSAL_NEEDS_AUTHORITY : REFUSAL_NOT_MEMBER;
        return 0;
    }
    json_put_key(&listing->json, "own");
    json_open_object(&listing->json);
    json_field_text(&listing->json, "id", own->text);
    put_right(&listing->json, right);
    json_close_object(&listing->json);
    return 0;
}

static int write_listing(struct listing *listing) {
    json_open_object(&listing->json);
    int r = put_own(listing);
    if (r == 0 && listing->refusal == REFUSAL_NONE) {
        r = put_all(listing);
    }
    json_close_object(&listing->json);
    return r;
}

static void answer(const struct http_request *request, struct http_response *response,
                   struct listing *listing, int error) {
    char *text;
    size_t length;
    if (error == 0 && listing->refusal == REFUSAL_NONE) {
        int r = json_take(&listing->json, &text, &length);
        if (r == 0) {
            http_reply_take(response, 200, "application/json", text, length);
            return;
        }
        error = r;
    }
    json_deinit(&listing->json);
    if (error < 0) {
        reply_error(response, error, api_lang(request), NULL);
    } else {
        reply_refusal(response, listing->refusal, api_lang(request), NULL);
    }
}

void api_organisations(void *ctx, const struct http_request *request,
                       struct http_response *response) {
    struct desk *desk = ctx;
    struct actor actor;
    const char *talk = http_query(request, "for");
    struct listing listing = {.desk = desk};
    if (!api_actor(desk, request, response, &actor)) {
        return;
    }
    listing.role = actor.role;
    listing.talk = talk == NULL ? NODE_COMMAND_NONE : talk_named(talk);
    if (talk != NULL && listing.talk == NODE_COMMAND_NONE) {
        reply_error(response, ERR_MALFORMED, api_lang(request),
                    "for: consent-give, consent-change, new-card");
        return;
    }
    if (!may_list(request, response, &actor, listing.talk)) {
        return;
    }
    int r = arena_new(DIRECTORY_ARENA_BYTES, &listing.arena);
    if (r < 0) {
        reply_error(response, r, api_lang(request), NULL);
        return;
    }
    r = store_begin_read(desk->store, &listing.view);
    if (r == 0) {
        listing.json = json_over(API_TEXT_BYTES_MAX);
        r = write_listing(&listing);
        store_abort(listing.view);
    }
    answer(request, response, &listing, r);
    arena_free(listing.arena);
}
