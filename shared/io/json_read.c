#include <jansson.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/io/json.h"

/* A json_t under a name of ours, so that jansson's header stays in this file. */
static const json_t *tree_of(const struct json_value *value) {
    return (const json_t *)value;
}

static const struct json_value *value_of(const json_t *tree) {
    return (const struct json_value *)tree;
}

static void fail(struct json_reader *reader, int error, const char *reason) {
    if (reader->error == 0) {
        reader->error = error;
        snprintf(reader->reason, sizeof(reader->reason), "%s", reason);
    }
}

/* Counts brackets before anything is built: jansson's own bound is 2048 levels. */
static bool too_deep(struct bytes text) {
    int depth = 0;
    bool in_text = false;
    for (size_t i = 0; i < text.length; i++) {
        const uint8_t c = text.data[i];
        if (in_text) {
            i += c == '\\' ? 1 : 0;
            in_text = c != '"';
        } else if (c == '"') {
            in_text = true;
        } else if (c == '[' || c == '{') {
            if (++depth > JSON_DEPTH_MAX) {
                return true;
            }
        } else if (c == ']' || c == '}') {
            depth--;
        }
    }
    return false;
}

/* What is read may hold a card: its tree is wiped as it's freed. */
static void wipe_and_free(void *memory) {
    if (memory != NULL) {
        explicit_bzero(memory, malloc_usable_size(memory));
    }
    free(memory);
}

static void set_memory(void) {
    json_set_alloc_funcs(malloc, wipe_and_free);
}

void json_open(struct bytes text, size_t limit_bytes, struct json_reader *ret) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    *ret = (struct json_reader){0};
    (void)pthread_once(&once, set_memory);
    if (text.length > limit_bytes) {
        fail(ret, ERR_TOO_LARGE, "the text is larger than allowed");
        return;
    }
    if (too_deep(text)) {
        fail(ret, ERR_MALFORMED, "more than 32 levels of objects and arrays");
        return;
    }
    json_error_t error;
    const char *data = text.length == 0 ? "" : (const char *)text.data;
    json_t *tree = json_loadb(data, text.length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (tree == NULL) {
        const bool memory = json_error_code(&error) == json_error_out_of_memory;
        char reason[JSON_REASON_SIZE];
        snprintf(reason, sizeof(reason), "line %d, column %d: %.120s", error.line, error.column,
                 error.text);
        fail(ret, memory ? ERR_NO_MEMORY : ERR_MALFORMED, reason);
        return;
    }
    ret->root = (struct json_value *)tree;
}

void json_close(struct json_reader *reader) {
    if (reader == NULL) {
        return;
    }
    json_decref((json_t *)reader->root);
    reader->root = NULL;
}

const struct json_value *json_root(const struct json_reader *reader) {
    return reader->root;
}

static const json_t *step(const json_t *from, const char *name, size_t length) {
    char key[128];
    if (length >= sizeof(key)) {
        return NULL;
    }
    memcpy(key, name, length);
    key[length] = '\0';
    if (json_is_object(from)) {
        return json_object_get(from, key);
    }
    size_t place = 0;
    for (size_t i = 0; i < length; i++) {
        if (key[i] < '0' || key[i] > '9' || i > 8) {
            return NULL;
        }
        place = place * 10 + (size_t)(key[i] - '0');
    }
    return length == 0 ? NULL : json_array_get(from, place);
}

const struct json_value *json_find(const struct json_value *from, const char *path) {
    const json_t *at = tree_of(from);
    while (at != NULL && *path != '\0') {
        const size_t length = strcspn(path, ".");
        at = step(at, path, length);
        path += length;
        path += *path == '.' ? 1 : 0;
    }
    return json_is_null(at) ? NULL : value_of(at);
}

static const char *kind_name(const json_t *tree) {
    if (json_is_boolean(tree)) {
        return "true or false";
    }
    return json_is_object(tree)    ? "an object"
           : json_is_array(tree)   ? "an array"
           : json_is_string(tree)  ? "a text"
           : json_is_integer(tree) ? "a whole number"
                                   : "a number with decimals";
}

/* The value where it has the type, else NULL and the reader failed. */
static const json_t *need(struct json_reader *reader, const struct json_value *from,
                          const char *path, bool (*fits)(const json_t *), const char *wanted) {
    if (reader->error < 0) {
        return NULL;
    }
    const json_t *tree = tree_of(json_find(from, path));
    if (tree != NULL && fits(tree)) {
        return tree;
    }
    char reason[JSON_REASON_SIZE];
    const char *name = *path == '\0' ? "the whole" : path;
    if (tree == NULL) {
        snprintf(reason, sizeof(reason), "\"%.80s\" is missing: it must be %s", name, wanted);
    } else {
        snprintf(reason, sizeof(reason), "\"%.80s\" must be %s, not %s", name, wanted,
                 kind_name(tree));
    }
    fail(reader, ERR_MALFORMED, reason);
    return NULL;
}

static bool fits_text(const json_t *tree) {
    return json_is_string(tree);
}

static bool fits_int(const json_t *tree) {
    return json_is_integer(tree);
}

static bool fits_real(const json_t *tree) {
    return json_is_number(tree);
}

static bool fits_bool(const json_t *tree) {
    return json_is_boolean(tree);
}

static bool fits_array(const json_t *tree) {
    return json_is_array(tree);
}

static bool fits_object(const json_t *tree) {
    return json_is_object(tree);
}

const char *json_need_text(struct json_reader *reader, const struct json_value *from,
                           const char *path) {
    const json_t *tree = need(reader, from, path, fits_text, "a text");
    return tree == NULL ? "" : json_string_value(tree);
}

int64_t json_need_int(struct json_reader *reader, const struct json_value *from, const char *path) {
    const json_t *tree = need(reader, from, path, fits_int, "a whole number");
    return tree == NULL ? 0 : (int64_t)json_integer_value(tree);
}

double json_need_real(struct json_reader *reader, const struct json_value *from, const char *path) {
    const json_t *tree = need(reader, from, path, fits_real, "a number");
    return tree == NULL ? 0 : json_number_value(tree);
}

bool json_need_bool(struct json_reader *reader, const struct json_value *from, const char *path) {
    const json_t *tree = need(reader, from, path, fits_bool, "true or false");
    return tree != NULL && json_is_true(tree);
}

const struct json_value *json_need_array(struct json_reader *reader, const struct json_value *from,
                                         const char *path) {
    return value_of(need(reader, from, path, fits_array, "an array"));
}

const struct json_value *json_need_object(struct json_reader *reader, const struct json_value *from,
                                          const char *path) {
    return value_of(need(reader, from, path, fits_object, "an object"));
}

static bool among(const char *name, const char *const *names) {
    for (; *names != NULL; names++) {
        if (strcmp(name, *names) == 0) {
            return true;
        }
    }
    return false;
}

void json_fail(struct json_reader *reader, const char *reason) {
    fail(reader, ERR_MALFORMED, reason);
}

void json_only(struct json_reader *reader, const struct json_value *object,
               const char *const *names) {
    if (reader->error < 0 || object == NULL) {
        return;
    }
    const char *key = NULL;
    json_t *ignored = NULL;
    json_object_foreach((json_t *)object, key, ignored) {
        if (!among(key, names)) {
            char reason[JSON_REASON_SIZE];
            snprintf(reason, sizeof(reason), "nothing is called \"%.80s\" here", key);
            fail(reader, ERR_MALFORMED, reason);
            return;
        }
    }
}

size_t json_count(const struct json_value *array) {
    return json_array_size(tree_of(array));
}

const struct json_value *json_at(const struct json_value *array, size_t place) {
    return value_of(json_array_get(tree_of(array), place));
}
