#include "shared/io/json.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/io/utf8.h"

static_assert(JSON_DEPTH_MAX <= 64, "the levels are bits of a uint64_t");

struct json_writer json_over(size_t limit_bytes) {
    return (struct json_writer){.limit_bytes = limit_bytes};
}

void json_deinit(struct json_writer *writer) {
    if (writer == NULL) {
        return;
    }
    if (writer->data != NULL) {
        explicit_bzero(writer->data, writer->length);
    }
    free(writer->data);
    *writer = (struct json_writer){0};
}

static bool make_room(struct json_writer *writer, size_t length) {
    if (writer->error < 0) {
        return false;
    }
    if (length > writer->limit_bytes || writer->length > writer->limit_bytes - length) {
        writer->error = ERR_TOO_LARGE;
        return false;
    }
    const size_t needed = writer->length + length + 1; /* a place for the NUL of json_take */
    if (needed <= writer->size) {
        return true;
    }
    const size_t size = needed < 512 ? 512 : needed * 2;
    char *data = malloc(size);
    if (data == NULL) {
        writer->error = ERR_NO_MEMORY;
        return false;
    }
    if (writer->data != NULL) {
        memcpy(data, writer->data, writer->length);
        explicit_bzero(writer->data, writer->length); /* it may hold a card */
    }
    free(writer->data);
    writer->data = data;
    writer->size = size;
    return true;
}

static void put(struct json_writer *writer, const char *text, size_t length) {
    if (!make_room(writer, length)) {
        return;
    }
    memcpy(writer->data + writer->length, text, length);
    writer->length += length;
}

static uint64_t level_bit(const struct json_writer *writer) {
    return (uint64_t)1 << (writer->depth - 1);
}

/* Before a value or a key: the comma, where one is due. */
static void begin_member(struct json_writer *writer, bool is_key) {
    if (writer->depth == 0) {
        return;
    }
    const uint64_t bit = level_bit(writer);
    const bool in_object = (writer->is_object & bit) != 0;
    assert(is_key ? in_object && !writer->after_key : in_object == writer->after_key);
    if (writer->after_key) {
        writer->after_key = false;
        return;
    }
    if ((writer->has_member & bit) != 0) {
        put(writer, ",", 1);
    }
    writer->has_member |= bit;
}

static void open_level(struct json_writer *writer, bool object) {
    begin_member(writer, false);
    assert(writer->depth < JSON_DEPTH_MAX);
    writer->depth++;
    writer->has_member &= ~level_bit(writer);
    if (object) {
        writer->is_object |= level_bit(writer);
    } else {
        writer->is_object &= ~level_bit(writer);
    }
    put(writer, object ? "{" : "[", 1);
}

static void close_level(struct json_writer *writer, bool object) {
    assert(writer->depth > 0 && !writer->after_key);
    assert(((writer->is_object & level_bit(writer)) != 0) == object);
    writer->depth--;
    put(writer, object ? "}" : "]", 1);
}

void json_open_object(struct json_writer *writer) {
    open_level(writer, true);
}

void json_close_object(struct json_writer *writer) {
    close_level(writer, true);
}

void json_open_array(struct json_writer *writer) {
    open_level(writer, false);
}

void json_close_array(struct json_writer *writer) {
    close_level(writer, false);
}

/* RFC 8259 section 7; DEL, U+2028 and U+2029 are legal as they stand. */
static void put_character(struct json_writer *writer, unsigned char c) {
    static const char short_form[] = {['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r',
                                      ['\t'] = 't', ['"'] = '"',  ['\\'] = '\\'};
    char text[8];
    if (c < sizeof(short_form) && short_form[c] != 0) {
        put(writer, (const char[]){'\\', short_form[c]}, 2);
    } else if (c < ' ') {
        snprintf(text, sizeof(text), "\\u%04x", c);
        put(writer, text, 6);
    } else {
        put(writer, (const char[]){(char)c}, 1);
    }
}

static void put_quoted(struct json_writer *writer, const char *text, size_t length) {
    put(writer, "\"", 1);
    while (length > 0) {
        size_t bytes = utf8_character_bytes(text, length);
        if (bytes == 1) {
            put_character(writer, (unsigned char)*text);
        } else if (bytes > 1) {
            put(writer, text, bytes);
        } else {
            put(writer, "\xef\xbf\xbd", 3);
            bytes = 1;
        }
        text += bytes;
        length -= bytes;
    }
    put(writer, "\"", 1);
}

void json_put_key(struct json_writer *writer, const char *key) {
    assert(writer->depth > 0);
    begin_member(writer, true);
    put_quoted(writer, key, strlen(key));
    put(writer, ":", 1);
    writer->after_key = true;
}

void json_put_bytes(struct json_writer *writer, struct bytes value) {
    begin_member(writer, false);
    put_quoted(writer, (const char *)value.data, value.length);
}

void json_put_text(struct json_writer *writer, const char *value) {
    if (value == NULL) {
        json_put_null(writer);
        return;
    }
    begin_member(writer, false);
    put_quoted(writer, value, strlen(value));
}

void json_put_int(struct json_writer *writer, int64_t value) {
    char text[24];
    const int length = snprintf(text, sizeof(text), "%lld", (long long)value);
    begin_member(writer, false);
    put(writer, text, (size_t)length);
}

void json_put_real(struct json_writer *writer, double value) {
    char text[32];
    int length = 0;
    if (!isfinite(value)) {
        json_put_null(writer);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        length = snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    begin_member(writer, false);
    put(writer, text, (size_t)length);
}

void json_put_bool(struct json_writer *writer, bool value) {
    begin_member(writer, false);
    put(writer, value ? "true" : "false", value ? 4 : 5);
}

void json_put_null(struct json_writer *writer) {
    begin_member(writer, false);
    put(writer, "null", 4);
}

void json_put_hex(struct json_writer *writer, struct bytes value) {
    static const char digits[] = "0123456789abcdef";
    begin_member(writer, false);
    put(writer, "\"", 1);
    for (size_t i = 0; i < value.length; i++) {
        put(writer, (const char[]){digits[value.data[i] >> 4], digits[value.data[i] & 15]}, 2);
    }
    put(writer, "\"", 1);
}

void json_put_newline(struct json_writer *writer) {
    assert(writer->depth == 0);
    put(writer, "\n", 1);
}

void json_field_text(struct json_writer *writer, const char *key, const char *value) {
    json_put_key(writer, key);
    json_put_text(writer, value);
}

void json_field_int(struct json_writer *writer, const char *key, int64_t value) {
    json_put_key(writer, key);
    json_put_int(writer, value);
}

void json_field_real(struct json_writer *writer, const char *key, double value) {
    json_put_key(writer, key);
    json_put_real(writer, value);
}

void json_field_bool(struct json_writer *writer, const char *key, bool value) {
    json_put_key(writer, key);
    json_put_bool(writer, value);
}

void json_field_null(struct json_writer *writer, const char *key) {
    json_put_key(writer, key);
    json_put_null(writer);
}

struct bytes json_bytes(const struct json_writer *writer) {
    return (struct bytes){.data = (const uint8_t *)writer->data, .length = writer->length};
}

void json_drop(struct json_writer *writer, size_t length) {
    assert(length <= writer->length);
    if (length == 0) {
        return;
    }
    memmove(writer->data, writer->data + length, writer->length - length);
    writer->length -= length;
}

int json_take(struct json_writer *writer, char **ret_text, size_t *ret_length) {
    assert(writer->depth == 0 && !writer->after_key);
    if (!make_room(writer, 0)) {
        return writer->error;
    }
    writer->data[writer->length] = '\0';
    *ret_text = writer->data;
    *ret_length = writer->length;
    *writer = (struct json_writer){.limit_bytes = writer->limit_bytes};
    return 0;
}
