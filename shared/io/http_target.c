#include "shared/io/http_target.h"

#include <stdlib.h>
#include <string.h>

static int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* In place; what it decodes to is never longer. */
static bool decode(char *text, bool plus_is_space) {
    char *out = text;
    for (const char *in = text; *in != '\0'; in++) {
        if (*in == '+' && plus_is_space) {
            *out++ = ' ';
        } else if (*in != '%') {
            *out++ = *in;
        } else {
            const int high = hex_value(in[1]);
            const int low = high < 0 ? -1 : hex_value(in[2]);
            if (low < 0 || high * 16 + low == 0) {
                return false;
            }
            *out++ = (char)(high * 16 + low);
            in += 2;
        }
    }
    *out = '\0';
    return true;
}

static bool split_path(char *path, struct http_target *target) {
    if (path[1] == '\0') {
        return true;
    }
    char *rest = path + 1;
    for (char *segment = strsep(&rest, "/"); segment != NULL; segment = strsep(&rest, "/")) {
        if (target->segment_count == HTTP_SEGMENTS_MAX || !decode(segment, false)) {
            return false;
        }
        if (segment[0] == '\0' || strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0) {
            return false;
        }
        target->segments[target->segment_count++] = segment;
    }
    return true;
}

static bool split_query(char *query, struct http_target *target) {
    char *rest = query;
    for (char *pair = strsep(&rest, "&"); pair != NULL; pair = strsep(&rest, "&")) {
        if (pair[0] == '\0') {
            continue;
        }
        char *value = strchr(pair, '=');
        if (value != NULL) {
            *value++ = '\0';
        } else {
            value = pair + strlen(pair);
        }
        if (target->query_count == HTTP_QUERY_MAX || !decode(pair, true) || !decode(value, true)) {
            return false;
        }
        target->query[target->query_count++] = (struct http_pair){.name = pair, .value = value};
    }
    return true;
}

int http_target_parse(const char *raw, struct http_target *ret) {
    struct http_target target = {0};
    if (raw[0] != '/' || strlen(raw) > HTTP_TARGET_BYTES_MAX) {
        return ERR_MALFORMED;
    }
    target.memory = strdup(raw);
    if (target.memory == NULL) {
        return ERR_NO_MEMORY;
    }
    char *query = strchr(target.memory, '?');
    if (query != NULL) {
        *query++ = '\0';
    }
    if (!split_path(target.memory, &target) || (query != NULL && !split_query(query, &target))) {
        http_target_deinit(&target);
        return ERR_MALFORMED;
    }
    *ret = target;
    return 0;
}

void http_target_deinit(struct http_target *target) {
    if (target == NULL) {
        return;
    }
    free(target->memory);
    *target = (struct http_target){0};
}

bool http_target_match(const struct http_target *target, const char *pattern,
                       struct http_pair ret_params[static HTTP_SEGMENTS_MAX], size_t *ret_count) {
    size_t count = 0;
    size_t place = 0;
    for (const char *at = pattern; *at == '/' && at[1] != '\0'; place++) {
        const char *part = at + 1;
        const size_t length = strcspn(part, "/");
        if (place == target->segment_count) {
            return false;
        }
        if (part[0] == '{') {
            ret_params[count++] =
                (struct http_pair){.name = part, .value = target->segments[place]};
        } else if (strlen(target->segments[place]) != length ||
                   memcmp(target->segments[place], part, length) != 0) {
            return false;
        }
        at = part + length;
    }
    if (place != target->segment_count) {
        return false;
    }
    *ret_count = count;
    return true;
}
