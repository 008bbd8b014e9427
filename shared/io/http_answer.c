#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "shared/io/http_internal.h"

enum {
    STREAM_BLOCK_BYTES = 16 << 10,
};

static ssize_t read_stream(void *ctx, uint64_t position, char *ret, size_t max) {
    const struct http_stream *stream = ctx;
    const ssize_t got = stream->read(stream->ctx, position, ret, max);
    if (got == 0) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    return got < 0 ? MHD_CONTENT_READER_END_WITH_ERROR : got;
}

static void free_stream(void *ctx) {
    struct http_stream *stream = ctx;
    if (stream->free != NULL) {
        stream->free(stream->ctx);
    }
    free(stream);
}

/* An answer may hold a card's page. */
static void wipe_and_free(void *memory) {
    explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

/* Takes the body or stream out of the response. */
static struct MHD_Response *make_body(struct http_response *response) {
    struct MHD_Response *made = NULL;
    if (response->kind == HTTP_RESPONSE_STREAM) {
        struct http_stream *stream = malloc(sizeof(*stream));
        if (stream == NULL) {
            return NULL;
        }
        *stream = response->stream;
        made = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, read_stream,
                                                 stream, free_stream);
        if (made == NULL) {
            free(stream);
            return NULL;
        }
        response->stream = (struct http_stream){0};
        response->kind = HTTP_RESPONSE_BODY;
        return made;
    }
    if (response->body == NULL) {
        return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    }
    made = MHD_create_response_from_buffer_with_free_callback(response->length, response->body,
                                                              wipe_and_free);
    if (made != NULL) {
        response->body = NULL;
    }
    return made;
}

static const char *own_header(const struct http_response *response, const char *name) {
    for (size_t i = 0; i < response->header_count; i++) {
        if (strcasecmp(response->headers[i].name, name) == 0) {
            return response->headers[i].value;
        }
    }
    return NULL;
}

static void add_headers(struct MHD_Response *made, const struct http_response *response) {
    static const struct http_pair defaults[] = {
        {"X-Content-Type-Options", "nosniff"},
        {"Cache-Control", "no-store"},
        {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
    };
    for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
        if (own_header(response, defaults[i].name) == NULL) {
            MHD_add_response_header(made, defaults[i].name, defaults[i].value);
        }
    }
    for (size_t i = 0; i < response->header_count; i++) {
        MHD_add_response_header(made, response->headers[i].name, response->headers[i].value);
    }
    if (response->content_type != NULL) {
        MHD_add_response_header(made, "Content-Type", response->content_type);
    }
}

static const char *header(struct MHD_Connection *mhd, const char *name) {
    return MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, name);
}

/* RFC 9110 section 13.1.2, weak comparison: the tag stands in the list, or the list is "*". */
static bool unchanged(const struct exchange *exchange) {
    const char *etag = own_header(&exchange->response, "ETag");
    const char *given = header(exchange->mhd, "If-None-Match");
    if (exchange->method != HTTP_GET || exchange->response.status != 200 || etag == NULL ||
        given == NULL) {
        return false;
    }
    return strcmp(given, "*") == 0 || strstr(given, etag) != NULL;
}

enum MHD_Result http_queue_answer(struct http_server *server, struct exchange *exchange) {
    struct http_response *response = &exchange->response;
    const bool stream = response->kind == HTTP_RESPONSE_STREAM;
    unsigned status = response->status == 0 ? 200 : (unsigned)response->status;
    if (unchanged(exchange)) {
        struct http_response empty = {.status = 304, .header_count = response->header_count};
        memcpy(empty.headers, response->headers, sizeof(empty.headers));
        http_response_deinit(response);
        *response = empty;
        status = 304;
    }
    struct MHD_Response *made = make_body(response);
    if (made == NULL) {
        return MHD_NO;
    }
    add_headers(made, response);
    pthread_mutex_lock(&server->lock);
    http_give_time(server, exchange->mhd,
                   stream ? server->config.stream_deadline_ms : server->config.request_deadline_ms);
    pthread_mutex_unlock(&server->lock);
    const enum MHD_Result queued = MHD_queue_response(exchange->mhd, status, made);
    MHD_destroy_response(made);
    return queued;
}
