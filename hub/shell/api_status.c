#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hub/shell/api.h"
#include "hub/shell/openapi.h"
#include "shared/base/civil.h"

/* How far off the clock may be before it's said (DESIGN 3). */
static const char *clock_state(const struct hub_health *health) {
    int64_t off_ms = health->clock_skew_ms < 0 ? -health->clock_skew_ms : health->clock_skew_ms;
    if (health->clock_halted) {
        return "halted";
    }
    return off_ms >= (int64_t)CLOCK_WARN_MINUTES * MINUTE_MS ? "warn" : "right";
}

static void put_position(struct json_writer *writer, const struct hub_health *health) {
    json_put_key(writer, "position");
    json_open_object(writer);
    /* 64 bits: more than a JSON number holds for everybody */
    char epoch[24];
    snprintf(epoch, sizeof(epoch), "%016llx", (unsigned long long)health->position.epoch);
    json_field_text(writer, "epoch", epoch);
    json_field_int(writer, "sequence", (int64_t)health->position.sequence);
    json_put_key(writer, "head");
    json_put_hex(writer, BYTES_OF(health->position.head));
    json_close_object(writer);
    json_field_int(writer, "backed_up_to", (int64_t)health->backed_up_to);
}

static void put_store(struct json_writer *writer, const struct vitals_view *vitals) {
    json_put_key(writer, "store");
    json_open_object(writer);
    json_field_int(writer, "disk_free_bytes", (int64_t)vitals->space.disk_free_bytes);
    json_field_int(writer, "used_bytes", (int64_t)vitals->space.used_bytes);
    json_field_int(writer, "map_bytes", (int64_t)vitals->space.map_bytes);
    json_field_bool(writer, "short_of_room", vitals->short_of_room);
    json_close_object(writer);
}

static void put_turns(struct json_writer *writer, const struct vitals_view *vitals) {
    json_put_key(writer, "turns");
    json_open_object(writer);
    json_field_int(writer, "count", (int64_t)vitals->health.turns.turns);
    json_field_int(writer, "events", (int64_t)vitals->health.turns.events);
    json_field_int(writer, "p50_us", (int64_t)vitals->turn_p50_us);
    json_field_int(writer, "p99_us", (int64_t)vitals->turn_p99_us);
    json_put_key(writer, "refusals");
    json_open_object(writer);
    for (int i = 1; refusal_text((enum refusal)i) != NULL; i++) {
        if (vitals->health.turns.refusals[i] > 0) {
            json_field_int(writer, refusal_text((enum refusal)i),
                           (int64_t)vitals->health.turns.refusals[i]);
        }
    }
    json_close_object(writer);
    json_close_object(writer);
}

/* Counts of the region: nothing here is of one family. */
static void put_families(struct json_writer *writer, const struct hub_health *health) {
    json_put_key(writer, "families");
    json_open_object(writer);
    json_field_int(writer, "consents", (int64_t)health->families);
    json_field_int(writer, "flags_open", (int64_t)health->flags_open);
    json_field_int(writer, "erasures_owed", (int64_t)health->erasures_owed);
    json_field_int(writer, "keys_left", (int64_t)health->keys_left);
    json_field_int(writer, "keys_to_shred", (int64_t)health->keys_to_shred);
    json_close_object(writer);
}

static void put_clock(struct json_writer *writer, const struct hub_health *health) {
    json_put_key(writer, "clock");
    json_open_object(writer);
    json_field_text(writer, "state", clock_state(health));
    json_field_int(writer, "members_ahead_ms", health->clock_skew_ms);
    json_close_object(writer);
}

static void put_day(struct json_writer *writer, const char *key, const int32_t *day) {
    char text[DATE_TEXT_SIZE];
    if (day == NULL) {
        json_field_null(writer, key);
        return;
    }
    date_format(*day, text);
    json_field_text(writer, key, text);
}

/* The newest copy of the keyring, and those that must be gone. */
static void put_copies(struct json_writer *writer, const struct copy *copies, size_t count,
                       int32_t today) {
    put_day(writer, "copied_on", count == 0 ? NULL : &copies[count - 1].day);
    json_put_key(writer, "overdue");
    json_open_array(writer);
    for (size_t i = 0; i < count; i++) {
        if (today >= copy_expires_day(&copies[i])) {
            json_open_object(writer);
            json_field_text(writer, "file", copies[i].file);
            put_day(writer, "copied_on", &copies[i].day);
            json_field_int(writer, "age_days", today - copies[i].day);
            json_close_object(writer);
        }
    }
    json_close_array(writer);
}

static int put_keyring(struct json_writer *writer, struct api *api) {
    size_t count = 0;
    struct copy *copies = calloc(COPIES_MAX, sizeof(*copies));
    if (copies == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = copies_list(api->copies, copies, &count);
    json_put_key(writer, "keyring");
    json_open_object(writer);
    json_field_bool(writer, "readable", r == 0);
    put_copies(writer, copies, r < 0 ? 0 : count, brussels_day(clock_now_ms(&api->clock)));
    json_close_object(writer);
    free(copies);
    return 0;
}

void api_status(void *ctx, const struct http_request *request, struct http_response *response) {
    struct api *api = ctx;
    struct vitals_view vitals;
    if (!api_may_read(api, request, response)) {
        return;
    }
    vitals_get(api->vitals, &vitals);
    struct json_writer writer = json_over(API_JSON_BYTES_MAX);
    json_open_object(&writer);
    json_field_text(&writer, "hub", api->settings->hub);
    json_field_text(&writer, "region", api->region);
    json_put_key(&writer, "fingerprint");
    json_put_hex(&writer, BYTES_OF(api->fingerprint));
    json_field_text(&writer, "version", VANGNET_VERSION);
    api_field_instant(&writer, "now", clock_now_ms(&api->clock));
    api_field_instant(&writer, "started_at", vitals.started_ms);
    json_field_int(&writer, "members_present", (int64_t)vitals.health.members_present);
    json_field_bool(&writer, "director_key", api->keys->hub.director != NULL);
    json_field_text(&writer, "members_endpoint", api->public_members);
    json_field_text(&writer, "enrol_endpoint", api->public_enrol);
    put_position(&writer, &vitals.health);
    put_clock(&writer, &vitals.health);
    put_store(&writer, &vitals);
    put_turns(&writer, &vitals);
    put_families(&writer, &vitals.health);
    int r = put_keyring(&writer, api);
    if (r < 0) {
        json_deinit(&writer);
        api_fail(response, r);
        return;
    }
    json_close_object(&writer);
    api_json(response, 200, &writer);
}

void api_health(void *ctx, const struct http_request *request, struct http_response *response) {
    struct api *api = ctx;
    struct vitals_view vitals;
    (void)request;
    vitals_get(api->vitals, &vitals);
    struct json_writer writer = json_over(1024);
    json_open_object(&writer);
    json_field_text(&writer, "status", vitals.short_of_room ? "short-of-room" : "ok");
    json_close_object(&writer);
    api_json(response, 200, &writer);
}

void api_openapi(void *ctx, const struct http_request *request, struct http_response *response) {
    (void)ctx;
    (void)request;
    http_reply_copy(response, 200, "application/json", openapi_text());
}

void api_get_backup(void *ctx, const struct http_request *request, struct http_response *response) {
    struct api *api = ctx;
    struct backup_view view;
    if (!api_may_read(api, request, response)) {
        return;
    }
    backup_get(api->backup, &view);
    struct json_writer writer = json_over(64 << 10);
    json_open_object(&writer);
    json_field_text(&writer, "state", backup_state_text(view.state));
    json_field_text(&writer, "file", view.state == BACKUP_NONE ? NULL : view.file);
    json_field_text(&writer, "keyring", view.keyring[0] == '\0' ? NULL : view.keyring);
    put_day(&writer, "keyring_expires", view.keyring[0] == '\0' ? NULL : &view.keyring_expires_day);
    json_field_int(&writer, "sequence", (int64_t)view.sequence);
    api_field_instant(&writer, "ended_at", view.ended_ms);
    json_field_text(&writer, "error", view.state == BACKUP_FAILED ? err_text(view.error) : NULL);
    json_close_object(&writer);
    api_json(response, 200, &writer);
}
