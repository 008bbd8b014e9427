#include "node/core/family_codec.h"

#include <string.h>

enum { VERSION = 1 };

static void write_i32(struct buf *buf, int32_t value) {
    buf_u32(buf, (uint32_t)value);
}

static int32_t read_i32(struct reader *reader) {
    return (int32_t)read_u32(reader);
}

static bool read_bool(struct reader *reader) {
    return read_u8(reader) != 0;
}

static void write_token(struct buf *buf, const struct signed_token *token) {
    buf_run(buf, token->token);
    buf_run(buf, token->family_signature);
    buf_run(buf, token->organisation_signature);
}

static void read_token(struct reader *reader, struct signed_token *ret) {
    ret->token = read_run(reader);
    ret->family_signature = read_run(reader);
    ret->organisation_signature = read_run(reader);
}

static int begin(struct bytes bytes, struct reader *ret) {
    *ret = reader_over(bytes);
    return read_u8(ret) == VERSION ? 0 : ERR_STORAGE;
}

/* -- rows -- */

static void write_said(struct buf *buf, const struct support *said) {
    buf_u32(buf, said->purpose);
    buf_raw(buf, BYTES_OF(said->handle));
    buf_text(buf, said->org.text);
    buf_u32(buf, said->number);
    buf_u32(buf, said->kind);
    buf_u32(buf, said->distance);
    buf_u32(buf, said->state);
    buf_u32(buf, said->why);
    write_i32(buf, said->end_day);
    buf_u32(buf, said->moving_to.code);
    buf_text(buf, said->successor.text);
    write_i32(buf, said->confirmed_day);
    buf_u8(buf, said->named);
}

static void read_said(struct reader *reader, struct support *ret) {
    ret->purpose = read_u32(reader);
    read_raw(reader, ret->handle.bytes, sizeof(ret->handle.bytes));
    read_text(reader, ret->org.text, sizeof(ret->org.text));
    ret->number = read_u32(reader);
    ret->kind = (enum support_kind)read_u32(reader);
    ret->distance = (enum support_distance)read_u32(reader);
    ret->state = (enum support_state)read_u32(reader);
    ret->why = (enum end_reason)read_u32(reader);
    ret->end_day = read_i32(reader);
    ret->moving_to.code = read_u32(reader);
    read_text(reader, ret->successor.text, sizeof(ret->successor.text));
    ret->confirmed_day = read_i32(reader);
    ret->named = read_bool(reader);
}

static void write_own(struct buf *buf, const struct own_support *own) {
    buf_u8(buf, own->exists);
    write_said(buf, &own->said);
    buf_u8(buf, own->follows_case);
    buf_text(buf, own->case_id);
    write_i32(buf, own->contact_day);
    buf_u8(buf, own->waits);
    write_i32(buf, own->waits_since_day);
    write_i32(buf, own->said_day);
    buf_u8(buf, own->given_up);
}

static void read_own(struct reader *reader, struct own_support *ret) {
    ret->exists = read_bool(reader);
    read_said(reader, &ret->said);
    ret->follows_case = read_bool(reader);
    read_text(reader, ret->case_id, sizeof(ret->case_id));
    ret->contact_day = read_i32(reader);
    ret->waits = read_bool(reader);
    ret->waits_since_day = read_i32(reader);
    ret->said_day = read_i32(reader);
    ret->given_up = read_bool(reader);
}

void family_row_encode(const struct family_row *row, struct buf *out) {
    buf_u8(out, VERSION);
    buf_u32(out, row->number);
    buf_u64(out, row->record_key);
    buf_raw(out, BYTES_OF(row->handle));
    buf_raw(out, BYTES_OF(row->presence));
    write_token(out, &row->token);
    buf_u32(out, row->end_month);
    buf_u32(out, row->scopes.bits);
    buf_u8(out, row->own_consent);
    buf_u8(out, row->withdrawn);
    buf_u8(out, row->support_moved);
    buf_u32(out, row->refusal);
    buf_i64(out, row->since_ms);
    write_own(out, &row->support);
    buf_u32(out, (uint32_t)row->informal_count);
    for (size_t i = 0; i < row->informal_count; i++) {
        buf_text(out, row->informal[i].name);
        buf_text(out, row->informal[i].what);
    }
}

int family_row_decode(struct bytes bytes, struct family_row *ret) {
    struct reader reader;
    int r = begin(bytes, &reader);
    if (r < 0) {
        return r;
    }
    *ret = (struct family_row){.number = read_u32(&reader)};
    ret->record_key = read_u64(&reader);
    read_raw(&reader, ret->handle.bytes, sizeof(ret->handle.bytes));
    read_raw(&reader, ret->presence.bytes, sizeof(ret->presence.bytes));
    read_token(&reader, &ret->token);
    ret->end_month = read_u32(&reader);
    ret->scopes.bits = read_u32(&reader);
    ret->own_consent = read_bool(&reader);
    ret->withdrawn = read_bool(&reader);
    ret->support_moved = read_bool(&reader);
    ret->refusal = (enum refusal)read_u32(&reader);
    ret->since_ms = read_i64(&reader);
    read_own(&reader, &ret->support);
    uint32_t count = read_u32(&reader);
    if (count > INFORMAL_MAX) {
        return ERR_STORAGE;
    }
    for (; ret->informal_count < count; ret->informal_count++) {
        struct informal_supporter *one = &ret->informal[ret->informal_count];
        read_text(&reader, one->name, sizeof(one->name));
        read_text(&reader, one->what, sizeof(one->what));
    }
    return reader_end(&reader) < 0 ? ERR_STORAGE : 0;
}

/* -- items -- */

static void write_flag(struct buf *buf, const struct notice_flag *flag) {
    buf_raw(buf, BYTES_OF(flag->id));
    buf_u32(buf, flag->kind);
    buf_u32(buf, flag->state);
    buf_u8(buf, flag->yours);
    write_i32(buf, flag->opened_day);
    write_i32(buf, flag->acknowledge_by_day);
    write_i32(buf, flag->contact_by_day);
    buf_u32(buf, flag->reason);
    buf_u32(buf, flag->concern);
    buf_u32(buf, flag->urgency);
    buf_text(buf, flag->by.text);
}

static void read_flag(struct reader *reader, struct notice_flag *ret) {
    read_raw(reader, ret->id.bytes, sizeof(ret->id.bytes));
    ret->kind = (enum flag_kind)read_u32(reader);
    ret->state = (enum flag_state)read_u32(reader);
    ret->yours = read_bool(reader);
    ret->opened_day = read_i32(reader);
    ret->acknowledge_by_day = read_i32(reader);
    ret->contact_by_day = read_i32(reader);
    ret->reason = (enum flag_reason)read_u32(reader);
    ret->concern = (enum concern_reason)read_u32(reader);
    ret->urgency = (enum concern_urgency)read_u32(reader);
    read_text(reader, ret->by.text, sizeof(ret->by.text));
}

static void write_contact(struct buf *buf, const struct contact *contact) {
    buf_text(buf, contact->text);
    buf_u8(buf, contact->has_presence);
    buf_raw(buf, BYTES_OF(contact->presence));
}

static void read_contact(struct reader *reader, struct contact *ret) {
    read_text(reader, ret->text, sizeof(ret->text));
    ret->has_presence = read_bool(reader);
    read_raw(reader, ret->presence.bytes, sizeof(ret->presence.bytes));
}

void family_item_encode(const struct item *item, struct buf *out) {
    buf_u8(out, VERSION);
    buf_u32(out, item->number);
    buf_u64(out, item->record_key);
    buf_raw(out, BYTES_OF(item->id));
    buf_u32(out, item->kind);
    buf_raw(out, BYTES_OF(item->handle));
    buf_u32(out, item->family);
    write_flag(out, &item->flag);
    buf_raw(out, BYTES_OF(item->about));
    buf_text(out, item->from.text);
    buf_text(out, item->service.text);
    buf_u32(out, item->nis.code);
    buf_text(out, item->language.code);
    write_i32(out, item->end_day);
    buf_u32(out, item->ask_state);
    buf_u32(out, item->ask_reason);
    buf_u32(out, item->why);
    buf_u8(out, item->has_contact);
    write_contact(out, &item->contact);
    write_token(out, &item->token);
    buf_u32(out, item->state);
    buf_text(out, item->taken_by.text);
    buf_text(out, item->team.text);
    buf_i64(out, item->received_ms);
    buf_i64(out, item->said_ms);
    buf_u32(out, item->refusal);
    buf_i64(out, item->said_ms);
    buf_u32(out, item->refusal);
    buf_u8(out, item->urgent);
    buf_u8(out, item->mailed);
}

static void read_what_is_asked(struct reader *reader, struct item *ret) {
    read_text(reader, ret->from.text, sizeof(ret->from.text));
    read_text(reader, ret->service.text, sizeof(ret->service.text));
    ret->nis.code = read_u32(reader);
    read_text(reader, ret->language.code, sizeof(ret->language.code));
    ret->end_day = read_i32(reader);
    ret->ask_state = (enum ask_state)read_u32(reader);
    ret->ask_reason = (enum ask_reason)read_u32(reader);
    ret->why = (enum end_reason)read_u32(reader);
    ret->has_contact = read_bool(reader);
    read_contact(reader, &ret->contact);
    read_token(reader, &ret->token);
}

int family_item_decode(struct bytes bytes, struct item *ret) {
    struct reader reader;
    int r = begin(bytes, &reader);
    if (r < 0) {
        return r;
    }
    *ret = (struct item){.number = read_u32(&reader)};
    ret->record_key = read_u64(&reader);
    read_raw(&reader, ret->id.bytes, sizeof(ret->id.bytes));
    ret->kind = (enum notice_kind)read_u32(&reader);
    read_raw(&reader, ret->handle.bytes, sizeof(ret->handle.bytes));
    ret->family = read_u32(&reader);
    read_flag(&reader, &ret->flag);
    read_raw(&reader, ret->about.bytes, sizeof(ret->about.bytes));
    read_what_is_asked(&reader, ret);
    ret->state = (enum item_state)read_u32(&reader);
    read_text(&reader, ret->taken_by.text, sizeof(ret->taken_by.text));
    read_text(&reader, ret->team.text, sizeof(ret->team.text));
    ret->received_ms = read_i64(&reader);
    ret->said_ms = read_i64(&reader);
    ret->refusal = (enum refusal)read_u32(&reader);
    ret->said_ms = read_i64(&reader);
    ret->refusal = (enum refusal)read_u32(&reader);
    ret->urgent = read_bool(&reader);
    ret->mailed = read_bool(&reader);
    return reader_end(&reader) < 0 ? ERR_STORAGE : 0;
}

/* -- our own records of consent -- */

void family_consent_encode(const struct consent_kept *kept, struct buf *out) {
    uint8_t memory[FAMILY_CONSENT_BYTES_MAX];
    struct buf record = buf_over(memory, sizeof(memory));
    consent_record_encode(&kept->record, &record);
    buf_u8(out, VERSION);
    buf_u64(out, kept->record_key);
    buf_raw(out, BYTES_OF(kept->handle));
    buf_raw(out, BYTES_OF(kept->salt));
    buf_run(out, buf_bytes(&record));
    write_token(out, &kept->token);
    buf_text(out, kept->paper);
    out->error = out->error < 0 ? out->error : record.error;
}

int family_consent_decode(struct bytes bytes, struct consent_kept *ret) {
    struct reader reader;
    int r = begin(bytes, &reader);
    if (r < 0) {
        return r;
    }
    *ret = (struct consent_kept){.record_key = read_u64(&reader)};
    read_raw(&reader, ret->handle.bytes, sizeof(ret->handle.bytes));
    read_raw(&reader, ret->salt.bytes, sizeof(ret->salt.bytes));
    struct bytes record = read_run(&reader);
    read_token(&reader, &ret->token);
    if (reader.rest.length > 0) { /* those that were sealed before papers were kept end here */
        read_text(&reader, ret->paper, sizeof(ret->paper));
    }
    if (reader_end(&reader) < 0 || consent_record_decode(record, &ret->record) < 0) {
        return ERR_STORAGE;
    }
    return 0;
}
