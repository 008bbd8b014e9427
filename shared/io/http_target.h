/* The request target: splitting, decoding and matching, without a server around it. Pure.
 *
 * libmicrohttpd's own decoding turns %2F into a separator and ends a path at %00; so http.c routes
 * on the raw target (RFC 3986, RFC 9112 section 3.2) and decodes each segment once, here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/err.h"

enum {
    HTTP_TARGET_BYTES_MAX = 8192,
    HTTP_SEGMENTS_MAX = 16,
    HTTP_QUERY_MAX = 32,
};

struct http_pair {
    const char *name;
    const char *value;
};

/* All texts lie in `memory`, decoded. */
struct http_target {
    char *memory; /* owned */
    const char *segments[HTTP_SEGMENTS_MAX];
    size_t segment_count; /* "/" has none */
    struct http_pair query[HTTP_QUERY_MAX];
    size_t query_count;
};

/* Errors: ERR_MALFORMED (no '/' in front, a '%' without two digits, %00, an empty or dot segment,
 * more than the limits), ERR_NO_MEMORY. */
MUST_CHECK int http_target_parse(const char *raw, struct http_target *ret);
void http_target_deinit(struct http_target *target);

/* Whether a pattern like "/api/v1/orgs/{org}/series" fits; `ret_params` then holds the values in
 * order of the pattern's names, borrowing from both. */
bool http_target_match(const struct http_target *target, const char *pattern,
                       struct http_pair ret_params[static HTTP_SEGMENTS_MAX], size_t *ret_count);
