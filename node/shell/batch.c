#include "node/shell/batch.h"

#include <string.h>

static const char BATCH_VERSION[] = "vangnet-batch/" VANGNET_VERSION "/1";

void batch_encode(struct buf *buf, const struct batch *batch) {
    buf_text(buf, BATCH_VERSION);
    buf_u64(buf, batch->generation);
    buf_u32(buf, (uint32_t)batch->count);
    for (size_t i = 0; i < batch->count; i++) {
        const struct register_case *one = &batch->cases[i];
        buf_text(buf, one->id);
        buf_u32(buf, one->nis.code);
        buf_text(buf, one->service.text);
        buf_text(buf, one->language.code);
        buf_u32(buf, (uint32_t)one->asked_day);
        buf_u32(buf, (uint32_t)one->first_appointment_day);
        buf_u32(buf, (uint32_t)one->last_contact_day);
        buf_u32(buf, (uint32_t)one->closed_day);
        buf_u8(buf, (uint8_t)one->close_reason);
        buf_u64(buf, one->worker);
    }
}

static void read_case(struct reader *reader, struct register_case *one) {
    *one = (struct register_case){0};
    read_text(reader, one->id, sizeof(one->id));
    one->nis.code = read_u32(reader);
    read_text(reader, one->service.text, sizeof(one->service.text));
    read_text(reader, one->language.code, sizeof(one->language.code));
    one->asked_day = (int32_t)read_u32(reader);
    one->first_appointment_day = (int32_t)read_u32(reader);
    one->last_contact_day = (int32_t)read_u32(reader);
    one->closed_day = (int32_t)read_u32(reader);
    one->close_reason = (enum close_reason)read_u8(reader);
    one->worker = read_u64(reader);
}

int batch_decode(struct bytes data, struct register_case *cases, struct batch *ret) {
    struct reader reader = reader_over(data);
    char version[sizeof(BATCH_VERSION)];
    read_text(&reader, version, sizeof(version));
    if (reader.error < 0 || strcmp(version, BATCH_VERSION) != 0) {
        return ERR_UNSUPPORTED;
    }
    const uint64_t generation = read_u64(&reader);
    const uint32_t count = read_u32(&reader);
    if (count > IMPORT_BATCH_ROWS) {
        return ERR_MALFORMED;
    }
    for (uint32_t i = 0; i < count && reader.error == 0; i++) {
        read_case(&reader, &cases[i]);
        const enum close_reason reason = cases[i].close_reason;
        if (reason != CLOSE_REASON_NONE && close_reason_text(reason) == NULL) {
            return ERR_MALFORMED;
        }
    }
    int r = reader_end(&reader);
    if (r < 0) {
        return r;
    }
    *ret = (struct batch){.generation = generation, .cases = cases, .count = count};
    return 0;
}
