/* JSON both ways (RFC 8259): a writer that never builds a tree, and a strict reader of small texts.
 *
 * The writer grows one buffer and can be emptied on the way, so an export of any size streams
 * through a few kilobytes. The reader is for requests, answers of our own daemon and files of a
 * known size; it is the only place that sees jansson. Neither knows what the members mean. Both
 * keep their first failure: later calls do nothing, and the caller tests once, at the end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/bytes.h"
#include "shared/base/err.h"

enum {
    JSON_DEPTH_MAX = 32,
    JSON_REASON_SIZE = 200,
};

/* ---- writing ---- */

struct json_writer {
    char *data; /* owned; no NUL after it until json_take */
    size_t length;
    size_t size;
    size_t limit_bytes;
    int error; /* 0, ERR_NO_MEMORY or ERR_TOO_LARGE */
    int depth;
    uint64_t is_object;  /* a bit for each open level */
    uint64_t has_member; /* the same: whether a comma is due */
    bool after_key;
};

/* A buffer that never holds more than `limit_bytes` at once. */
struct json_writer json_over(size_t limit_bytes);
void json_deinit(struct json_writer *writer); /* frees what wasn't taken */

void json_open_object(struct json_writer *writer);
void json_close_object(struct json_writer *writer);
void json_open_array(struct json_writer *writer);
void json_close_array(struct json_writer *writer);
void json_put_key(struct json_writer *writer, const char *key); /* asserts: inside an object */

/* NULL becomes null. A byte that isn't UTF-8 becomes U+FFFD. */
void json_put_text(struct json_writer *writer, const char *value);
void json_put_bytes(struct json_writer *writer, struct bytes value); /* as text */
void json_put_int(struct json_writer *writer, int64_t value);
/* The shortest of %.15g to %.17g that reads back the same; null for what isn't finite. */
void json_put_real(struct json_writer *writer, double value);
void json_put_bool(struct json_writer *writer, bool value);
void json_put_null(struct json_writer *writer);
/* Hexadecimal digits, as text: ids and digests. */
void json_put_hex(struct json_writer *writer, struct bytes value);
/* A line feed between two whole values (application/x-ndjson); only outside any object or array. */
void json_put_newline(struct json_writer *writer);

void json_field_text(struct json_writer *writer, const char *key, const char *value);
void json_field_int(struct json_writer *writer, const char *key, int64_t value);
void json_field_real(struct json_writer *writer, const char *key, double value);
void json_field_bool(struct json_writer *writer, const char *key, bool value);
void json_field_null(struct json_writer *writer, const char *key);

/* What is written so far; borrows, valid until the next call. */
struct bytes json_bytes(const struct json_writer *writer);
/* Forgets the first `length` bytes (they were sent on); what is open stays open. */
void json_drop(struct json_writer *writer, size_t length);
/* The whole text with a NUL after it, malloc'd, the caller's from here; the writer is empty then.
 * Asserts that everything opened was closed. Errors: the first failure. */
MUST_CHECK int json_take(struct json_writer *writer, char **ret_text, size_t *ret_length);

/* ---- reading ---- */

struct json_value; /* borrows from its reader; valid until json_close */

struct json_reader {
    struct json_value *root; /* owned */
    int error;               /* 0, ERR_MALFORMED, ERR_TOO_LARGE or ERR_NO_MEMORY */
    char reason[JSON_REASON_SIZE];
};

/* Reads a whole text of at most `limit_bytes`: a member twice, text after the end, more than
 * JSON_DEPTH_MAX levels, or anything but UTF-8 is refused. The failure is in `ret->error`; every
 * other call may be made nonetheless, and gives nothing. */
void json_open(struct bytes text, size_t limit_bytes, struct json_reader *ret);
void json_close(struct json_reader *reader);

/* The whole text's value; NULL after a failure. */
const struct json_value *json_root(const struct json_reader *reader);

/* A path is member names and array places joined by '.', "" the value itself: "rows.0.service".
 * NULL where nothing stands there (or null does); never a failure. */
const struct json_value *json_find(const struct json_value *from, const char *path);

/* The required value at a path: a missing one, or one of another type, is a failure with its path
 * in the reason, and gives "", 0, false or NULL. */
const char *json_need_text(struct json_reader *reader, const struct json_value *from,
                           const char *path);
int64_t json_need_int(struct json_reader *reader, const struct json_value *from, const char *path);
double json_need_real(struct json_reader *reader, const struct json_value *from, const char *path);
bool json_need_bool(struct json_reader *reader, const struct json_value *from, const char *path);
const struct json_value *json_need_array(struct json_reader *reader, const struct json_value *from,
                                         const char *path);
const struct json_value *json_need_object(struct json_reader *reader, const struct json_value *from,
                                          const char *path);

/* The caller's own failure of what it read: ERR_MALFORMED and its reason, where nothing failed yet.
 * Copies the reason; what doesn't fit is left off. */
void json_fail(struct json_reader *reader, const char *reason);

/* Fails where an object has a member whose name isn't among `names` (ends with NULL). */
void json_only(struct json_reader *reader, const struct json_value *object,
               const char *const *names);

size_t json_count(const struct json_value *array); /* 0 of anything else */
const struct json_value *json_at(const struct json_value *array, size_t place);
