/* A borrowed run of bytes, and the few things one does with it without knowing what it means.
 *
 * `struct bytes` never owns: what it points at lives in an arena, a transaction, a frame or a
 * caller's array, and each header that hands one out says until when. Everybody includes this. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/err.h"

struct bytes {
    const uint8_t *data;
    size_t length;
};

/* The bytes of an object in the caller's memory, for as long as that object lives. */
#define BYTES_OF(object)                                                                           \
    ((struct bytes){.data = (const uint8_t *)&(object), .length = sizeof(object)})

struct bytes bytes_from_text(const char *text);

/* Not constant-time: never for secrets (shared/crypto/hash.h has the one for those). */
bool bytes_equal(struct bytes a, struct bytes b);

/* memcmp order, the shorter first where one is the other's prefix: LMDB's key order. */
int bytes_compare(struct bytes a, struct bytes b);

/* Writes 2 * in.length lower-case digits and a NUL; `ret_text` must hold them. */
void hex_encode(struct bytes in, char *ret_text);

/* Reads exactly `length` bytes from 2 * length digits of either case.
 * Errors: ERR_MALFORMED where the text has another length or another character. */
MUST_CHECK int hex_decode(const char *text, uint8_t *ret_data, size_t length);

/* Big-endian, so that LMDB's byte order is the order of the numbers. */
void be32_write(uint8_t out[static 4], uint32_t value);
void be64_write(uint8_t out[static 8], uint64_t value);
uint32_t be32_read(const uint8_t in[static 4]);
uint64_t be64_read(const uint8_t in[static 8]);
