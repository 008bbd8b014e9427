#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shared/io/http.h"
#include "shared/io/json.h"

enum {
    PROBLEM_BYTES_MAX = 16 << 10,
};

void http_response_deinit(struct http_response *response) {
    if (response == NULL) {
        return;
    }
    free(response->body);
    if (response->kind == HTTP_RESPONSE_STREAM && response->stream.free != NULL) {
        response->stream.free(response->stream.ctx);
    }
    *response = (struct http_response){.lang = response->lang};
}

void http_reply_take(struct http_response *response, int status, const char *content_type,
                     char *body, size_t length) {
    http_response_deinit(response);
    response->status = status;
    response->content_type = content_type;
    response->body = body;
    response->length = length;
}

void http_reply_copy(struct http_response *response, int status, const char *content_type,
                     struct bytes body) {
    char *copy = malloc(body.length + 1);
    if (copy == NULL) {
        http_reply_take(response, 503, NULL, NULL, 0);
        return;
    }
    if (body.length > 0) {
        memcpy(copy, body.data, body.length);
    }
    copy[body.length] = '\0';
    http_reply_take(response, status, content_type, copy, body.length);
}

void http_reply_stream(struct http_response *response, const char *content_type,
                       struct http_stream stream) {
    http_response_deinit(response);
    response->kind = HTTP_RESPONSE_STREAM;
    response->status = 200;
    response->content_type = content_type;
    response->stream = stream;
}

void http_reply_pending(struct http_response *response, int64_t wait_ms) {
    http_response_deinit(response);
    response->kind = HTTP_RESPONSE_PENDING;
    response->wait_ms = wait_ms;
}

void http_reply_problem(struct http_response *response, const struct http_problem *problem) {
    struct json_writer writer = json_over(PROBLEM_BYTES_MAX);
    json_open_object(&writer);
    json_field_text(&writer, "type", "about:blank");
    json_field_text(&writer, "title", problem->title);
    json_field_int(&writer, "status", problem->status);
    if (problem->detail != NULL) {
        json_field_text(&writer, "detail", problem->detail);
    }
    if (problem->code != NULL) {
        json_field_text(&writer, "code", problem->code);
    }
    json_field_text(&writer, "next", problem->next);
    json_close_object(&writer);
    char *body = NULL;
    size_t length = 0;
    if (json_take(&writer, &body, &length) < 0) {
        json_deinit(&writer);
        http_reply_take(response, 503, NULL, NULL, 0);
        return;
    }
    http_reply_take(response, problem->status, "application/problem+json", body, length);
}

void http_set_header(struct http_response *response, const char *name, const char *value) {
    const size_t length = strlen(value);
    if (length >= HTTP_HEADER_BYTES_MAX) {
        return;
    }
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)value[i] < ' ' || value[i] == 0x7f) {
            return;
        }
    }
    assert(response->header_count < HTTP_HEADERS_MAX);
    struct http_header *header = &response->headers[response->header_count++];
    header->name = name;
    memcpy(header->value, value, length + 1);
}

const char *http_query(const struct http_request *request, const char *name) {
    for (size_t i = 0; i < request->query_count; i++) {
        if (strcmp(request->query[i].name, name) == 0) {
            return request->query[i].value;
        }
    }
    return NULL;
}

/* A parameter's name is borrowed from the pattern, so it reads "{org}/series". */
const char *http_param(const struct http_request *request, const char *name) {
    const size_t length = strlen(name);
    for (size_t i = 0; i < request->param_count; i++) {
        const char *given = request->params[i].name;
        if (strncmp(given + 1, name, length) == 0 && given[length + 1] == '}') {
            return request->params[i].value;
        }
    }
    assert(false && "the route's pattern has no such name");
    return NULL;
}
