#include "node/shell/family_json.h"

#include <string.h>

#include "shared/base/civil.h"
#include "shared/consent/consent.h"
#include "shared/members/members.h"

static void put_list(struct json_writer *json, const char *key, const char *text) {
    if (text == NULL) {
        json_field_null(json, key);
    } else {
        json_field_text(json, key, text);
    }
}

static void put_day(struct json_writer *json, const char *key, int32_t day) {
    char text[DATE_TEXT_SIZE];
    if (day == 0 || !day_valid(day)) {
        json_field_null(json, key);
        return;
    }
    date_format(day, text);
    json_field_text(json, key, text);
}

static void put_moment(struct json_writer *json, const char *key, int64_t instant_ms) {
    char text[INSTANT_TEXT_SIZE];
    if (instant_ms == 0) {
        json_field_null(json, key);
        return;
    }
    instant_format(instant_ms, text);
    json_field_text(json, key, text);
}

/* The last day of a consent that ends when that month begins. */
static void put_until(struct json_writer *json, const char *key, uint32_t end_month) {
    put_day(json, key, end_month == 0 ? 0 : month_first_day(end_month) - 1);
}

static void put_scopes(struct json_writer *json, struct scopes scopes) {
    static const enum scope all[] = {SCOPE_PRESENCE, SCOPE_LOST_SUPPORT, SCOPE_CONCERN,
                                     SCOPE_FALLBACK, SCOPE_CONFERENCE,   SCOPE_WELCOME};
    json_put_key(json, "scopes");
    json_open_array(json);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if ((scopes.bits & scope_bit(all[i])) != 0) {
            json_put_text(json, scope_text(all[i]));
        }
    }
    json_close_array(json);
}

/* {"id": ..., "name": ...}; null where none is named. */
static void put_org(const struct family_writer *writer, const char *key, const struct org_id *org) {
    struct membership member;
    if (org->text[0] == '\0') {
        json_field_null(writer->json, key);
        return;
    }
    const struct arena_mark mark = arena_mark(writer->arena);
    int r = member_get(writer->view, org, writer->arena, &member);
    json_put_key(writer->json, key);
    json_open_object(writer->json);
    json_field_text(writer->json, "id", org->text);
    json_field_text(writer->json, "name", r < 0 ? org->text : member.member.name);
    json_close_object(writer->json);
    arena_rewind(writer->arena, &mark);
}

/* -- a family -- */

static void put_own_support(const struct family_writer *writer, const struct own_support *own) {
    struct json_writer *json = writer->json;
    json_put_key(json, "support");
    if (!own->exists) {
        json_put_null(json);
        return;
    }
    json_open_object(json);
    put_list(json, "kind", support_kind_text(own->said.kind));
    put_list(json, "distance", support_distance_text(own->said.distance));
    put_list(json, "state", support_state_text(own->said.state));
    put_list(json, "why", end_reason_text(own->said.why));
    put_day(json, "ends", own->said.end_day);
    json_field_text(json, "case", own->follows_case ? own->case_id : NULL);
    put_day(json, "contact", own->contact_day);
    put_org(writer, "successor", &own->said.successor);
    json_field_bool(json, "waits_for_consent", own->waits);
    json_field_bool(json, "given_up", own->given_up);
    json_close_object(json);
}

static void put_informal(struct json_writer *json, const struct family_row *row) {
    json_put_key(json, "informal");
    json_open_array(json);
    for (size_t i = 0; row != NULL && i < row->informal_count; i++) {
        json_open_object(json);
        json_field_text(json, "name", row->informal[i].name);
        json_field_text(json, "what", row->informal[i].what);
        json_close_object(json);
    }
    json_close_array(json);
}

void family_write(const struct family_writer *writer, const struct family_row *row) {
    struct json_writer *json = writer->json;
    json_open_object(json);
    json_field_int(json, "family", row->number);
    put_until(json, "until", row->end_month);
    put_scopes(json, row->scopes);
    json_field_bool(json, "own_consent", row->own_consent);
    json_field_bool(json, "withdrawn", row->withdrawn);
    json_field_text(json, "refused",
                    row->refusal == REFUSAL_NONE ? NULL : refusal_text(row->refusal));
    put_day(json, "since", brussels_day(row->since_ms));
    put_own_support(writer, &row->support);
    put_informal(json, row);
    json_close_object(json);
}

/* -- an item -- */

static void put_flag(const struct family_writer *writer, const struct notice_flag *flag) {
    struct json_writer *json = writer->json;
    json_put_key(json, "flag");
    if (flag->kind == FLAG_KIND_NONE) {
        json_put_null(json);
        return;
    }
    json_open_object(json);
    put_list(json, "kind", flag_kind_text(flag->kind));
    put_list(json, "state", flag_state_text(flag->state));
    json_field_bool(json, "yours", flag->yours);
    put_day(json, "opened", flag->opened_day);
    put_day(json, "acknowledge_by", flag->acknowledge_by_day);
    put_day(json, "contact_by", flag->contact_by_day);
    put_list(json, "reason", flag_reason_text(flag->reason));
    put_list(json, "concern", concern_reason_text(flag->concern));
    put_list(json, "urgency", concern_urgency_text(flag->urgency));
    put_org(writer, "by", &flag->by);
    json_close_object(json);
}

static void put_ask(struct json_writer *json, const struct item *item) {
    json_field_text(json, "service", item->service.text[0] == '\0' ? NULL : item->service.text);
    put_list(json, "ask_state", ask_state_text(item->ask_state));
    put_list(json, "ask_reason", ask_reason_text(item->ask_reason));
    json_field_text(json, "language", item->language.code[0] == '\0' ? NULL : item->language.code);
    if (item->nis.code == 0) {
        json_field_null(json, "municipality");
    } else {
        json_field_int(json, "municipality", item->nis.code);
    }
}

static const char *item_state_text(enum item_state state) {
    return state == ITEM_DONE ? "done" : state == ITEM_TAKEN ? "taken" : "new";
}

void item_write(const struct family_writer *writer, const struct item *item, bool detail) {
    struct json_writer *json = writer->json;
    json_open_object(json);
    json_field_int(json, "item", item->number);
    put_list(json, "kind", notice_kind_text(item->kind));
    json_field_text(json, "state", item_state_text(item->state));
    if (item->family == 0) {
        json_field_null(json, "family");
    } else {
        json_field_int(json, "family", item->family);
    }
    put_moment(json, "received", item->received_ms);
    json_field_int(json, "age_days", writer->today - brussels_day(item->received_ms));
    json_field_bool(json, "urgent", item->urgent);
    json_field_text(json, "taken_by", item->taken_by.text[0] == '\0' ? NULL : item->taken_by.text);
    json_field_text(json, "team", item->team.text[0] == '\0' ? NULL : item->team.text);
    put_org(writer, "from", &item->from);
    put_flag(writer, &item->flag);
    put_ask(json, item);
    put_day(json, "ends", item->end_day);
    put_list(json, "why", end_reason_text(item->why));
    json_field_text(json, "refused",
                    item->refusal == REFUSAL_NONE ? NULL : refusal_text(item->refusal));
    /* Of a call that we asked for they're a colleague's own, kept for the next desk. */
    const bool reaches = item->has_contact && item->kind != NOTICE_CALLED_BACK;
    json_field_bool(json, "has_contact", reaches);
    if (detail) {
        json_field_text(json, "contact", reaches ? item->contact.text : NULL);
    }
    json_close_object(json);
}

/* -- our own record of a consent -- */

static void put_events(struct json_writer *json, const struct consent_record *record) {
    json_put_key(json, "events");
    json_open_array(json);
    for (size_t i = 0; i < record->event_count; i++) {
        const struct consent_event *event = &record->events[i];
        json_open_object(json);
        put_list(json, "state", consent_state_text(event->state));
        put_moment(json, "at", event->at_ms);
        json_field_text(json, "by", event->by.text);
        put_scopes(json, event->scopes);
        put_until(json, "until", event->end_month);
        put_list(json, "basis", withdrawal_basis_text(event->basis));
        json_close_object(json);
    }
    json_close_array(json);
}

void consent_write(const struct family_writer *writer, const struct consent_kept *kept) {
    struct json_writer *json = writer->json;
    const struct consent_record *record = &kept->record;
    json_open_object(json);
    json_field_text(json, "notice", record->notice_version);
    json_field_text(json, "language", record->language.code);
    put_list(json, "ground", legal_ground_text(record->ground));
    json_field_bool(json, "explained_aloud", record->explained_aloud);
    put_list(json, "interpreter", interpreter_text(record->interpreter));
    json_field_text(json, "interpreter_desk", record->interpreter_desk);
    json_field_text(json, "teach_back", record->teach_back);
    json_field_text(json, "present", record->present);
    json_field_text(json, "paper", kept->paper);
    put_org(writer, "fallback_first", &record->fallback_first);
    put_org(writer, "fallback_second", &record->fallback_second);
    json_field_bool(json, "show_hidden", record->show_hidden);
    json_put_key(json, "conference");
    json_open_array(json);
    for (size_t i = 0; i < record->conference_count; i++) {
        json_put_text(json, record->conference[i].text);
    }
    json_close_array(json);
    put_day(json, "kept_until", record->retention_until_day);
    put_events(json, record);
    json_close_object(json);
}

/* -- a look -- */

static void put_supports(const struct family_writer *writer, const struct look_answer *answer) {
    struct json_writer *json = writer->json;
    json_put_key(json, "supports");
    json_open_array(json);
    for (size_t i = 0; i < answer->support_count; i++) {
        const struct look_support *one = &answer->supports[i];
        json_open_object(json);
        put_org(writer, "organisation", &one->org);
        put_list(json, "organisation_kind", org_kind_text(one->org_kind));
        put_list(json, "kind", support_kind_text(one->kind));
        put_list(json, "distance", support_distance_text(one->distance));
        put_list(json, "state", support_state_text(one->state));
        json_field_bool(json, "silent", one->silent);
        put_day(json, "since", one->since_day);
        put_day(json, "ends", one->end_day);
        json_close_object(json);
    }
    json_close_array(json);
}

static void put_seen(const struct family_writer *writer, const struct look_answer *answer) {
    struct json_writer *json = writer->json;
    json_put_key(json, "looked");
    json_open_array(json);
    for (size_t i = 0; i < answer->seen_count; i++) {
        json_open_object(json);
        put_org(writer, "organisation", &answer->seen[i].org);
        put_day(json, "day", answer->seen[i].day);
        json_close_object(json);
    }
    json_close_array(json);
}

static void put_flags(const struct family_writer *writer, const struct look_answer *answer) {
    struct json_writer *json = writer->json;
    json_put_key(json, "flags");
    json_open_array(json);
    for (size_t i = 0; i < answer->flag_count; i++) {
        json_open_object(json);
        put_list(json, "kind", flag_kind_text(answer->flags[i].kind));
        put_list(json, "state", flag_state_text(answer->flags[i].state));
        put_day(json, "opened", answer->flags[i].opened_day);
        put_org(writer, "turn", &answer->flags[i].turn);
        json_close_object(json);
    }
    json_close_array(json);
}

static void put_asks(const struct family_writer *writer, const struct look_answer *answer) {
    struct json_writer *json = writer->json;
    json_put_key(json, "asks");
    json_open_array(json);
    for (size_t i = 0; i < answer->ask_count; i++) {
        json_open_object(json);
        put_org(writer, "to", &answer->asks[i].to);
        json_field_text(json, "service", answer->asks[i].service.text);
        put_list(json, "state", ask_state_text(answer->asks[i].state));
        put_list(json, "reason", ask_reason_text(answer->asks[i].reason));
        put_day(json, "asked", answer->asks[i].asked_day);
        json_close_object(json);
    }
    json_close_array(json);
}

void look_write(const struct family_writer *writer, const struct look_answer *answer,
                const struct family_row *row) {
    struct json_writer *json = writer->json;
    struct consent_token token;
    json_open_object(json);
    json_field_bool(json, "found", answer->found);
    if (row == NULL) {
        json_field_null(json, "family");
    } else {
        json_field_int(json, "family", row->number);
    }
    if (answer->found &&
        consent_token_decode(answer->token.token, writer->arena, &token) == REFUSAL_NONE) {
        put_until(json, "until", token.end_month);
        put_scopes(json, token.scopes);
    } else {
        json_field_null(json, "until");
        put_scopes(json, (struct scopes){0});
    }
    put_supports(writer, answer);
    put_informal(json, row);
    put_seen(writer, answer);
    put_flags(writer, answer);
    put_asks(writer, answer);
    json_close_object(json);
}
