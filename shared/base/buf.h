/* Writing and reading the fixed binary forms that we hash, sign and store: big-endian numbers,
 * length-prefixed runs, nothing optional.
 *
 * Not the wire format (that's shared/wire, protobuf). Both sides keep their first failure: later
 * calls do nothing and the caller tests once, at the end. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/bytes.h"
#include "shared/base/err.h"

struct buf {
    uint8_t *data; /* borrows the caller's memory */
    size_t size;
    size_t length;
    int error; /* 0 or the first failure; ERR_TOO_LARGE where the memory ends */
};

struct buf buf_over(uint8_t *memory, size_t size);
void buf_u8(struct buf *buf, uint8_t value);
void buf_u16(struct buf *buf, uint16_t value);
void buf_u32(struct buf *buf, uint32_t value);
void buf_u64(struct buf *buf, uint64_t value);
void buf_i64(struct buf *buf, int64_t value);
void buf_raw(struct buf *buf, struct bytes data); /* no length: for fixed sizes */
void buf_run(struct buf *buf, struct bytes data); /* u32 length, then the bytes */
void buf_text(struct buf *buf, const char *text); /* as buf_run, without the NUL */
struct bytes buf_bytes(const struct buf *buf);    /* valid as long as the memory */

struct reader {
    struct bytes rest; /* borrows */
    int error;         /* 0 or ERR_MALFORMED */
};

/* A failed read gives zero, or an empty run. */
struct reader reader_over(struct bytes data);
uint8_t read_u8(struct reader *reader);
uint16_t read_u16(struct reader *reader);
uint32_t read_u32(struct reader *reader);
uint64_t read_u64(struct reader *reader);
int64_t read_i64(struct reader *reader);
void read_raw(struct reader *reader, void *ret, size_t length);
struct bytes read_run(struct reader *reader); /* borrows from what is read */
/* Copies into `ret_text` with a NUL; a text with a NUL inside or longer than size - 1 fails. */
void read_text(struct reader *reader, char *ret_text, size_t size);
/* 0 when everything was read and nothing is left over, else ERR_MALFORMED. */
MUST_CHECK int reader_end(const struct reader *reader);
