/* BLAKE2b-256 under a domain string, and the comparison of secrets.
 *
 * Every hash and signature of ours starts with its domain ("signal/v1"), so that bytes made for one
 * purpose never verify for another. Everything variable is prefixed by its length, so that two
 * different lists of parts never give the same stream. Not for passwords. BLAKE2b: RFC 7693. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/bytes.h"
#include "shared/base/ids.h"

enum { HASH_KEY_BYTES_MAX = 64 };

/* In the caller's memory. Where it was begun with a key, the caller keeps it where secrets may be;
 * hash_end wipes it. */
struct hash {
    _Alignas(64) uint8_t opaque[384];
};

/* The stream is: be64 length of the domain, the domain, and then what hash_run and hash_u64 add. */
void hash_begin(struct hash *hash, const char *domain);
/* As above under a key of 1 to HASH_KEY_BYTES_MAX bytes (BLAKE2b's own keyed mode). */
void hash_begin_keyed(struct hash *hash, struct bytes key, const char *domain);
/* Adds be64 length, then the bytes. */
void hash_run(struct hash *hash, struct bytes part);
/* Adds eight bytes, big-endian, without a length. */
void hash_u64(struct hash *hash, uint64_t value);
struct digest hash_end(struct hash *hash);

/* One part, added as by hash_run. */
struct digest hash_of(const char *domain, struct bytes part);
struct digest hash_keyed(struct bytes key, const char *domain, struct bytes part);

/* RFC 7693 without any domain or length prefix, for formulas that a paper or PRIVACY 2.1 fixes to
 * the byte. `length` 1..64, key of 0 to 64 bytes. */
void blake2b(uint8_t *ret, size_t length, struct bytes in, struct bytes key);

/* The 64-bit BLAKE2b as a little-endian number: PRIVACY 2.1's LE64(BLAKE2b(key = K, "rk/v1" ||
 * case)) and BLAKE2b-64(K, "ck" || ck || n), where `in` is what stands after the key. */
uint64_t blake2b_u64(struct bytes in, struct bytes key);

/* In constant time for a given length: the only comparison for secrets and MACs. */
bool secret_equal(const void *a, const void *b, size_t length);
