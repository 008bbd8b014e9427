#include "shared/consent/record.h"

#include <assert.h>
#include <string.h>

#include "shared/base/civil.h"
#include "shared/crypto/hash.h"
#include "shared/places/languages.h"

/* ---- what must have been said ---- */

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A text pasted from a word processor may hold U+00A0, the space that doesn't break. */
static bool blank(const char *text) {
    while (*text != '\0') {
        if (is_space(*text)) {
            text++;
        } else if (strncmp(text, "\xc2\xa0", 2) == 0) {
            text += 2;
        } else {
            return false;
        }
    }
    return true;
}

enum refusal consent_record_check(const struct consent_record *record) {
    if (record->interpreter == INTERPRETER_MINOR) {
        return REFUSAL_MINOR_INTERPRETER;
    }
    if (!record->explained_aloud || legal_ground_text(record->ground) == NULL ||
        interpreter_text(record->interpreter) == NULL || record->controller.text[0] == '\0' ||
        language_by_code(record->language) == NULL) {
        return REFUSAL_MALFORMED;
    }
    return blank(record->teach_back) ? REFUSAL_NO_TEACH_BACK : REFUSAL_NONE;
}

/* ---- writing ---- */

static void put_bool(struct buf *out, bool value) {
    buf_u8(out, value ? 1 : 0);
}

static void put_event(struct buf *out, const struct consent_event *event) {
    buf_u8(out, (uint8_t)event->state);
    buf_i64(out, event->at_ms);
    buf_text(out, event->by.text);
    buf_u32(out, event->scopes.bits);
    buf_u32(out, event->end_month);
    buf_u8(out, (uint8_t)event->basis);
}

void consent_record_encode(const struct consent_record *record, struct buf *out) {
    assert(record->conference_count <= CONSENT_CONFERENCE_MAX);
    assert(record->event_count <= CONSENT_EVENTS_MAX);
    buf_u8(out, CONSENT_RECORD_VERSION);
    buf_raw(out, BYTES_OF(record->id));
    buf_text(out, record->controller.text);
    buf_text(out, record->notice_version);
    buf_text(out, record->language.code);
    buf_u8(out, (uint8_t)record->ground);
    buf_i64(out, record->retention_until_day);
    put_bool(out, record->explained_aloud);
    buf_u8(out, (uint8_t)record->interpreter);
    buf_text(out, record->interpreter_desk);
    buf_text(out, record->teach_back);
    buf_text(out, record->present);
    buf_text(out, record->fallback_first.text);
    buf_text(out, record->fallback_second.text);
    buf_u8(out, (uint8_t)record->conference_count);
    for (size_t i = 0; i < record->conference_count; i++) {
        buf_text(out, record->conference[i].text);
    }
    put_bool(out, record->show_hidden);
    buf_u8(out, (uint8_t)record->event_count);
    for (size_t i = 0; i < record->event_count; i++) {
        put_event(out, &record->events[i]);
    }
}

/* ---- reading: what decodes is written again as the same bytes ---- */

static void require(struct reader *reader, bool holds) {
    if (!holds && reader->error == 0) {
        reader->error = ERR_MALFORMED;
    }
}

static bool take_bool(struct reader *reader) {
    const uint8_t value = read_u8(reader);
    require(reader, value <= 1);
    return value == 1;
}

/* An empty text stands for none. */
static struct org_id take_org(struct reader *reader) {
    struct org_id read = {0};
    struct org_id org = {0};
    read_text(reader, read.text, sizeof(read.text));
    require(reader, read.text[0] == '\0' || org_id_parse(read.text, &org) == 0);
    return org;
}

static struct user_id take_user(struct reader *reader) {
    struct user_id read = {0};
    struct user_id user = {0};
    read_text(reader, read.text, sizeof(read.text));
    require(reader, read.text[0] == '\0' || user_id_parse(read.text, &user) == 0);
    return user;
}

static struct language take_language(struct reader *reader) {
    struct language read = {0};
    struct language language = {0};
    read_text(reader, read.code, sizeof(read.code));
    require(reader, read.code[0] == '\0' || language_parse(read.code, &language) == 0);
    return language;
}

static int32_t take_day(struct reader *reader) {
    const int64_t day = read_i64(reader);
    require(reader, day >= INT32_MIN && day <= INT32_MAX && day_valid((int32_t)day));
    return reader->error == 0 ? (int32_t)day : 0;
}

static size_t take_count(struct reader *reader, size_t max) {
    const size_t count = read_u8(reader);
    require(reader, count <= max);
    return reader->error == 0 ? count : 0;
}

static struct consent_event take_event(struct reader *reader) {
    uint32_t listed = 0;
#define X(name, number, text) listed |= scope_bit(name);
    SCOPE_LIST(X)
#undef X
    struct consent_event event = {.state = (enum consent_state)read_u8(reader)};
    require(reader, consent_state_text(event.state) != NULL);
    event.at_ms = read_i64(reader);
    require(reader, instant_valid(event.at_ms));
    event.by = take_user(reader);
    event.scopes.bits = read_u32(reader);
    require(reader, (event.scopes.bits & ~listed) == 0);
    event.end_month = read_u32(reader);
    event.basis = (enum withdrawal_basis)read_u8(reader);
    require(reader,
            event.basis == WITHDRAWAL_BASIS_NONE || withdrawal_basis_text(event.basis) != NULL);
    return event;
}

static void take_talk(struct reader *reader, struct consent_record *record) {
    record->ground = (enum legal_ground)read_u8(reader);
    require(reader,
            record->ground == LEGAL_GROUND_NONE || legal_ground_text(record->ground) != NULL);
    record->retention_until_day = take_day(reader);
    record->explained_aloud = take_bool(reader);
    record->interpreter = (enum interpreter)read_u8(reader);
    require(reader, record->interpreter == INTERPRETER_NONE ||
                        interpreter_text(record->interpreter) != NULL);
    read_text(reader, record->interpreter_desk, sizeof(record->interpreter_desk));
    read_text(reader, record->teach_back, sizeof(record->teach_back));
    read_text(reader, record->present, sizeof(record->present));
}

int consent_record_decode(struct bytes bytes, struct consent_record *ret) {
    struct consent_record record = {0};
    struct reader reader = reader_over(bytes);
    const uint8_t version = read_u8(&reader);
    if (version > CONSENT_RECORD_VERSION) {
        return ERR_UNSUPPORTED;
    }
    require(&reader, version == CONSENT_RECORD_VERSION);
    read_raw(&reader, record.id.bytes, sizeof(record.id.bytes));
    record.controller = take_org(&reader);
    read_text(&reader, record.notice_version, sizeof(record.notice_version));
    record.language = take_language(&reader);
    take_talk(&reader, &record);
    record.fallback_first = take_org(&reader);
    record.fallback_second = take_org(&reader);
    record.conference_count = take_count(&reader, CONSENT_CONFERENCE_MAX);
    for (size_t i = 0; i < record.conference_count; i++) {
        record.conference[i] = take_org(&reader);
    }
    record.show_hidden = take_bool(&reader);
    record.event_count = take_count(&reader, CONSENT_EVENTS_MAX);
    for (size_t i = 0; i < record.event_count; i++) {
        record.events[i] = take_event(&reader);
    }
    int r = reader_end(&reader);
    if (r < 0) {
        return r;
    }
    *ret = record;
    return 0;
}

struct digest consent_commitment(const struct consent_salt *salt, struct bytes record) {
    return hash_keyed(BYTES_OF(salt->bytes), "consent-record/v1", record);
}
