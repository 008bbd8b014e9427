#include "hub/core/family_codec.h"

#include <string.h>

enum { VERSION = 1 };

void org_write(struct buf *buf, const struct org_id *org) {
    size_t length = strnlen(org->text, ORG_ID_MAX);
    buf_u8(buf, (uint8_t)length);
    buf_raw(buf, (struct bytes){.data = (const uint8_t *)org->text, .length = length});
}

struct org_id org_read(struct reader *reader) {
    struct org_id org = {0};
    size_t length = read_u8(reader);
    if (length > ORG_ID_MAX) {
        reader->error = ERR_MALFORMED;
        return org;
    }
    read_raw(reader, org.text, length);
    return org;
}

void day_write(struct buf *buf, int32_t day) {
    buf_u32(buf, (uint32_t)day);
}

int32_t day_read(struct reader *reader) {
    return (int32_t)read_u32(reader);
}

static void id_write(struct buf *buf, const struct message_id *id) {
    buf_raw(buf, BYTES_OF(*id));
}

static struct message_id id_read(struct reader *reader) {
    struct message_id id = {0};
    read_raw(reader, id.bytes, sizeof(id.bytes));
    return id;
}

/* Up to eight answers to yes or no in one byte. */
static uint8_t bit(bool value, int place) {
    return (uint8_t)((value ? 1 : 0) << place);
}

static bool has(uint8_t bits, int place) {
    return (bits >> place & 1) != 0;
}

/* A count from the bytes that no array of ours is smaller than. */
static size_t count_read(struct reader *reader, size_t max) {
    size_t count = read_u8(reader);
    if (count > max) {
        reader->error = ERR_MALFORMED;
        return 0;
    }
    return count;
}

/* -- supports -- */

static void support_write(struct buf *buf, const struct family_support *support) {
    org_write(buf, &support->org);
    buf_u32(buf, support->number);
    buf_u8(buf, (uint8_t)support->kind);
    buf_u8(buf, (uint8_t)support->distance);
    buf_u8(buf, (uint8_t)support->state);
    buf_u8(buf, (uint8_t)support->why);
    day_write(buf, support->since_day);
    day_write(buf, support->end_day);
    buf_u32(buf, support->moving_to.code);
    org_write(buf, &support->successor);
    day_write(buf, support->confirmed_day);
    buf_u8(buf, bit(support->named, 0) | bit(support->silent, 1) | bit(support->quiet, 2));
}

static void support_read(struct reader *reader, struct family_support *ret) {
    ret->org = org_read(reader);
    ret->number = read_u32(reader);
    ret->kind = (enum support_kind)read_u8(reader);
    ret->distance = (enum support_distance)read_u8(reader);
    ret->state = (enum support_state)read_u8(reader);
    ret->why = (enum end_reason)read_u8(reader);
    ret->since_day = day_read(reader);
    ret->end_day = day_read(reader);
    ret->moving_to.code = read_u32(reader);
    ret->successor = org_read(reader);
    ret->confirmed_day = day_read(reader);
    uint8_t bits = read_u8(reader);
    ret->named = has(bits, 0);
    ret->silent = has(bits, 1);
    ret->quiet = has(bits, 2);
}

/* -- questions -- */

static void ask_write(struct buf *buf, const struct family_ask *ask) {
    id_write(buf, &ask->id);
    org_write(buf, &ask->org);
    org_write(buf, &ask->to);
    buf_text(buf, ask->service.text);
    buf_u8(buf, (uint8_t)ask->state);
    buf_u8(buf, (uint8_t)ask->reason);
    day_write(buf, ask->asked_day);
    day_write(buf, ask->received_day);
    day_write(buf, ask->answered_day);
    buf_u8(buf, ask->passes);
}

static void ask_read(struct reader *reader, struct family_ask *ret) {
    ret->id = id_read(reader);
    ret->org = org_read(reader);
    ret->to = org_read(reader);
    read_text(reader, ret->service.text, sizeof(ret->service.text));
    ret->state = (enum ask_state)read_u8(reader);
    ret->reason = (enum ask_reason)read_u8(reader);
    ret->asked_day = day_read(reader);
    ret->received_day = day_read(reader);
    ret->answered_day = day_read(reader);
    ret->passes = read_u8(reader);
}

/* -- flags -- */

static void raisers_write(struct buf *buf, const struct family_flag *flag) {
    buf_u8(buf, flag->raiser_count);
    for (size_t i = 0; i < flag->raiser_count; i++) {
        org_write(buf, &flag->raisers[i].org);
        id_write(buf, &flag->raisers[i].about);
    }
}

static void raisers_read(struct reader *reader, struct family_flag *ret) {
    ret->raiser_count = (uint8_t)count_read(reader, FLAG_RAISERS_MAX);
    for (size_t i = 0; i < ret->raiser_count; i++) {
        ret->raisers[i].org = org_read(reader);
        ret->raisers[i].about = id_read(reader);
    }
}

static void line_write(struct buf *buf, const struct family_flag *flag) {
    buf_u8(buf, flag->line_count);
    for (size_t i = 0; i < flag->line_count; i++) {
        org_write(buf, &flag->line[i]);
    }
    buf_u8(buf, flag->turn);
}

static void line_read(struct reader *reader, struct family_flag *ret) {
    ret->line_count = (uint8_t)count_read(reader, FLAG_LINE_MAX);
    for (size_t i = 0; i < ret->line_count; i++) {
        ret->line[i] = org_read(reader);
    }
    ret->turn = (uint8_t)count_read(reader, ret->line_count);
}

static void flag_write(struct buf *buf, const struct family_flag *flag) {
    id_write(buf, &flag->id);
    buf_u8(buf, (uint8_t)flag->kind);
    buf_u8(buf, (uint8_t)flag->state);
    day_write(buf, flag->opened_day);
    id_write(buf, &flag->about);
    org_write(buf, &flag->about_org);
    line_write(buf, flag);
    buf_u8(buf, bit(flag->deputised, 0) | bit(flag->cured, 1) | bit(flag->by_family, 2));
    day_write(buf, flag->acknowledge_by_day);
    day_write(buf, flag->contact_by_day);
    org_write(buf, &flag->taken_by);
    day_write(buf, flag->acknowledged_day);
    day_write(buf, flag->contacted_day);
    day_write(buf, flag->closed_day);
    buf_u8(buf, (uint8_t)flag->reason);
    buf_u8(buf, flag->reopened);
    buf_u8(buf, (uint8_t)flag->concern);
    buf_u8(buf, (uint8_t)flag->urgency);
    raisers_write(buf, flag);
}

static void flag_read(struct reader *reader, struct family_flag *ret) {
    ret->id = id_read(reader);
    ret->kind = (enum flag_kind)read_u8(reader);
    ret->state = (enum flag_state)read_u8(reader);
    ret->opened_day = day_read(reader);
    ret->about = id_read(reader);
    ret->about_org = org_read(reader);
    line_read(reader, ret);
    uint8_t bits = read_u8(reader);
    ret->deputised = has(bits, 0);
    ret->cured = has(bits, 1);
    ret->by_family = has(bits, 2);
    ret->acknowledge_by_day = day_read(reader);
    ret->contact_by_day = day_read(reader);
    ret->taken_by = org_read(reader);
    ret->acknowledged_day = day_read(reader);
    ret->contacted_day = day_read(reader);
    ret->closed_day = day_read(reader);
    ret->reason = (enum flag_reason)read_u8(reader);
    ret->reopened = read_u8(reader);
    ret->concern = (enum concern_reason)read_u8(reader);
    ret->urgency = (enum concern_urgency)read_u8(reader);
    raisers_read(reader, ret);
}

/* -- the row -- */

static void head_write(struct buf *buf, const struct family *family) {
    buf_u8(buf, VERSION);
    buf_u64(buf, family->record_key);
    buf_u8(buf, (uint8_t)family->state);
    buf_run(buf, family->signed_token.token);
    buf_run(buf, family->signed_token.family_signature);
    buf_run(buf, family->signed_token.organisation_signature);
    day_write(buf, family->given_day);
    buf_u32(buf, family->end_month_max);
    day_write(buf, family->near_ended_day);
    day_write(buf, family->grace_until_day);
    buf_u8(buf, bit(family->had_two, 0));
    buf_u8(buf, family->endings_told);
    buf_i64(buf, family->due_ms);
}

static int head_read(struct reader *reader, struct arena *arena, struct family *ret) {
    if (read_u8(reader) != VERSION) {
        return ERR_STORAGE;
    }
    ret->record_key = read_u64(reader);
    ret->state = (enum consent_state)read_u8(reader);
    ret->signed_token.token = read_run(reader);
    ret->signed_token.family_signature = read_run(reader);
    ret->signed_token.organisation_signature = read_run(reader);
    ret->given_day = day_read(reader);
    ret->end_month_max = read_u32(reader);
    ret->near_ended_day = day_read(reader);
    ret->grace_until_day = day_read(reader);
    ret->had_two = has(read_u8(reader), 0);
    ret->endings_told = read_u8(reader);
    ret->due_ms = read_i64(reader);
    enum refusal refusal = consent_token_decode(ret->signed_token.token, arena, &ret->token);
    ret->handle = ret->token.handle;
    if (refusal == REFUSAL_NO_ROOM) {
        return ERR_NO_MEMORY;
    }
    return refusal == REFUSAL_NONE ? 0 : ERR_STORAGE; /* it was checked when it came */
}

void family_write(struct buf *buf, const struct family *family) {
    head_write(buf, family);
    buf_u8(buf, (uint8_t)family->support_count);
    for (size_t i = 0; i < family->support_count; i++) {
        support_write(buf, &family->supports[i]);
    }
    buf_u8(buf, (uint8_t)family->ask_count);
    for (size_t i = 0; i < family->ask_count; i++) {
        ask_write(buf, &family->asks[i]);
    }
    buf_u8(buf, (uint8_t)family->flag_count);
    for (size_t i = 0; i < family->flag_count; i++) {
        flag_write(buf, &family->flags[i]);
    }
    buf_u8(buf, (uint8_t)family->look_count);
    for (size_t i = 0; i < family->look_count; i++) {
        org_write(buf, &family->looks[i].org);
        day_write(buf, family->looks[i].day);
    }
    buf_u8(buf, (uint8_t)family->holder_count);
    for (size_t i = 0; i < family->holder_count; i++) {
        org_write(buf, &family->holders[i]);
    }
}

int family_read(struct bytes bytes, struct arena *arena, struct family **ret) {
    struct reader reader = reader_over(bytes);
    struct family *family = ARENA_NEW(arena, struct family);
    if (family == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = head_read(&reader, arena, family);
    if (r < 0) {
        return r;
    }
    family->support_count = count_read(&reader, FAMILY_SUPPORTS_MAX);
    for (size_t i = 0; i < family->support_count; i++) {
        support_read(&reader, &family->supports[i]);
    }
    family->ask_count = count_read(&reader, FAMILY_ASKS_MAX);
    for (size_t i = 0; i < family->ask_count; i++) {
        ask_read(&reader, &family->asks[i]);
    }
    family->flag_count = count_read(&reader, FAMILY_FLAGS_MAX);
    for (size_t i = 0; i < family->flag_count; i++) {
        flag_read(&reader, &family->flags[i]);
    }
    family->look_count = count_read(&reader, FAMILY_LOOKS_MAX);
    for (size_t i = 0; i < family->look_count; i++) {
        family->looks[i].org = org_read(&reader);
        family->looks[i].day = day_read(&reader);
    }
    family->holder_count = count_read(&reader, FAMILY_HOLDERS_MAX);
    for (size_t i = 0; i < family->holder_count; i++) {
        family->holders[i] = org_read(&reader);
    }
    if (reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    *ret = family;
    return 0;
}
