#include "shared/base/buf.h"

#include <string.h>

#include "shared/base/err.h"

struct buf buf_over(uint8_t *memory, size_t size) {
    return (struct buf){.data = memory, .size = size};
}

static uint8_t *grow(struct buf *buf, size_t length) {
    if (buf->error != 0) {
        return NULL;
    }
    if (buf->size - buf->length < length) {
        buf->error = ERR_TOO_LARGE;
        return NULL;
    }
    if (length == 0) {
        return buf->data; /* may be NULL, which nothing may be added to */
    }
    uint8_t *at = buf->data + buf->length;
    buf->length += length;
    return at;
}

void buf_u8(struct buf *buf, uint8_t value) {
    uint8_t *at = grow(buf, 1);
    if (at != NULL) {
        *at = value;
    }
}

void buf_u16(struct buf *buf, uint16_t value) {
    uint8_t *at = grow(buf, 2);
    if (at != NULL) {
        at[0] = (uint8_t)(value >> 8);
        at[1] = (uint8_t)value;
    }
}

void buf_u32(struct buf *buf, uint32_t value) {
    uint8_t *at = grow(buf, 4);
    if (at != NULL) {
        be32_write(at, value);
    }
}

void buf_u64(struct buf *buf, uint64_t value) {
    uint8_t *at = grow(buf, 8);
    if (at != NULL) {
        be64_write(at, value);
    }
}

void buf_i64(struct buf *buf, int64_t value) {
    buf_u64(buf, (uint64_t)value);
}

void buf_raw(struct buf *buf, struct bytes data) {
    uint8_t *at = grow(buf, data.length);
    if (at != NULL && data.length > 0) {
        memcpy(at, data.data, data.length);
    }
}

void buf_run(struct buf *buf, struct bytes data) {
    if (data.length > UINT32_MAX) {
        buf->error = buf->error != 0 ? buf->error : ERR_TOO_LARGE;
        return;
    }
    buf_u32(buf, (uint32_t)data.length);
    buf_raw(buf, data);
}

void buf_text(struct buf *buf, const char *text) {
    buf_run(buf, bytes_from_text(text));
}

struct bytes buf_bytes(const struct buf *buf) {
    return (struct bytes){.data = buf->data, .length = buf->length};
}

struct reader reader_over(struct bytes data) {
    return (struct reader){.rest = data};
}

static const uint8_t *take(struct reader *reader, size_t length) {
    if (reader->error != 0 || reader->rest.length < length) {
        reader->error = ERR_MALFORMED;
        return NULL;
    }
    const uint8_t *at = reader->rest.data;
    if (length > 0) {
        reader->rest.data += length;
        reader->rest.length -= length;
    }
    return at;
}

uint8_t read_u8(struct reader *reader) {
    const uint8_t *at = take(reader, 1);
    return at == NULL ? 0 : *at;
}

uint16_t read_u16(struct reader *reader) {
    const uint8_t *at = take(reader, 2);
    if (at == NULL) {
        return 0;
    }
    return (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t read_u32(struct reader *reader) {
    const uint8_t *at = take(reader, 4);
    return at == NULL ? 0 : be32_read(at);
}

uint64_t read_u64(struct reader *reader) {
    const uint8_t *at = take(reader, 8);
    return at == NULL ? 0 : be64_read(at);
}

int64_t read_i64(struct reader *reader) {
    return (int64_t)read_u64(reader);
}

void read_raw(struct reader *reader, void *ret, size_t length) {
    const uint8_t *at = take(reader, length);
    if (length == 0) {
        return;
    }
    if (at == NULL) {
        memset(ret, 0, length);
    } else {
        memcpy(ret, at, length);
    }
}

struct bytes read_run(struct reader *reader) {
    size_t length = read_u32(reader);
    const uint8_t *at = take(reader, length);
    return at == NULL ? (struct bytes){0} : (struct bytes){.data = at, .length = length};
}

void read_text(struct reader *reader, char *ret_text, size_t size) {
    struct bytes text = read_run(reader);
    ret_text[0] = '\0';
    if (text.length >= size || (text.length > 0 && memchr(text.data, 0, text.length) != NULL)) {
        reader->error = ERR_MALFORMED;
        return;
    }
    if (text.length > 0) {
        memcpy(ret_text, text.data, text.length);
    }
    ret_text[text.length] = '\0';
}

int reader_end(const struct reader *reader) {
    return reader->error != 0 || reader->rest.length > 0 ? ERR_MALFORMED : 0;
}
