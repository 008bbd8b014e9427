#include "shared/io/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

struct client {
    CURL *curl;
    char *unix_path;
    char *base_url;
    char *bearer;
    int64_t timeout_ms;
    int64_t connect_timeout_ms;
    size_t body_bytes_max;
};

struct transfer {
    CURL *curl;
    const struct client_request *request;
    size_t body_bytes_max;
    struct client_response response;
    size_t size;
    int error; /* what stopped the transfer from our side */
};

static void start_curl(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static bool copy_text(char **ret, const char *text) {
    if (text == NULL) {
        return true;
    }
    *ret = strdup(text);
    return *ret != NULL;
}

int client_open(const struct client_config *config, struct client **ret) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (config->unix_path != NULL &&
        strlen(config->unix_path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
        return ERR_TOO_LARGE;
    }
    pthread_once(&once, start_curl);
    struct client *client = calloc(1, sizeof(*client));
    if (client == NULL) {
        return ERR_NO_MEMORY;
    }
    client->curl = curl_easy_init();
    const char *base = config->base_url == NULL ? "http://localhost" : config->base_url;
    if (client->curl == NULL || !copy_text(&client->unix_path, config->unix_path) ||
        !copy_text(&client->base_url, base) || !copy_text(&client->bearer, config->bearer)) {
        client_close(client);
        return ERR_NO_MEMORY;
    }
    client->timeout_ms = config->timeout_ms == 0 ? CLIENT_TIMEOUT_MS : config->timeout_ms;
    client->connect_timeout_ms =
        config->connect_timeout_ms == 0 ? CLIENT_CONNECT_TIMEOUT_MS : config->connect_timeout_ms;
    client->body_bytes_max =
        config->body_bytes_max == 0 ? CLIENT_BODY_BYTES_MAX : config->body_bytes_max;
    *ret = client;
    return 0;
}

void client_close(struct client *client) {
    if (client == NULL) {
        return;
    }
    curl_easy_cleanup(client->curl);
    free(client->unix_path);
    free(client->base_url);
    if (client->bearer != NULL) {
        explicit_bzero(client->bearer, strlen(client->bearer));
    }
    free(client->bearer);
    free(client);
}

static bool body_append(struct transfer *transfer, const char *data, size_t length) {
    struct client_response *response = &transfer->response;
    if (length > transfer->body_bytes_max - response->length) {
        transfer->error = ERR_TOO_LARGE;
        return false;
    }
    const size_t needed = response->length + length + 1;
    if (needed > transfer->size) {
        const size_t size = needed < 4096 ? 4096 : needed * 2;
        char *body = realloc(response->body, size);
        if (body == NULL) {
            transfer->error = ERR_NO_MEMORY;
            return false;
        }
        response->body = body;
        transfer->size = size;
    }
    memcpy(response->body + response->length, data, length);
    response->length += length;
    response->body[response->length] = '\0';
    return true;
}

static size_t on_body(char *data, size_t one, size_t length, void *ctx) {
    struct transfer *transfer = ctx;
    (void)one;
    long status = 0;
    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
    if (transfer->request->on_data == NULL || status < 200 || status > 299) {
        return body_append(transfer, data, length) ? length : 0;
    }
    const struct bytes piece = {.data = (const uint8_t *)data, .length = length};
    if (transfer->request->on_data(transfer->request->ctx, piece) < 0) {
        transfer->error = ERR_CANCELLED;
        return 0;
    }
    return length;
}

static void keep_header(const char *line, size_t length, const char *name, char *ret, size_t size) {
    const size_t name_length = strlen(name);
    if (length <= name_length || strncasecmp(line, name, name_length) != 0) {
        return;
    }
    line += name_length;
    length -= name_length;
    while (length > 0 && *line == ' ') {
        line++;
        length--;
    }
    while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) {
        length--;
    }
    if (length < size) {
        memcpy(ret, line, length);
        ret[length] = '\0';
    }
}

static size_t on_header(char *line, size_t one, size_t length, void *ctx) {
    struct transfer *transfer = ctx;
    struct client_response *response = &transfer->response;
    (void)one;
    keep_header(line, length, "Content-Type:", response->content_type,
                sizeof(response->content_type));
    keep_header(line, length, "ETag:", response->etag, sizeof(response->etag));
    return length;
}

static bool list_add(struct curl_slist **list, const char *line) {
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (longer == NULL) {
        return false;
    }
    *list = longer;
    return true;
}

static bool make_headers(const struct client *client, const struct client_request *request,
                         struct curl_slist **ret) {
    /* Without a wait for "100 Continue", which only matters to bodies larger than ours. */
    if (!list_add(ret, "Expect:")) {
        return false;
    }
    for (size_t i = 0; request->headers != NULL && request->headers[i] != NULL; i++) {
        if (!list_add(ret, request->headers[i])) {
            return false;
        }
    }
    if (client->bearer == NULL) {
        return true;
    }
    char *line = NULL;
    if (asprintf(&line, "Authorization: Bearer %s", client->bearer) < 0) {
        return false;
    }
    const bool added = list_add(ret, line);
    explicit_bzero(line, strlen(line));
    free(line);
    return added;
}

static void set_address(const struct client *client, const char *url) {
    CURL *curl = client->curl;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, client->unix_path);
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* also none of the environment */
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)client->connect_timeout_ms);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                     client->timeout_ms < 0 ? 0L : (long)client->timeout_ms);
}

static void set_request(struct transfer *transfer, struct curl_slist *headers) {
    CURL *curl = transfer->curl;
    const struct client_request *request = transfer->request;
    if (strcmp(request->method, "HEAD") == 0) {
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    } else {
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    }
    if (request->body.data != NULL) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, (const char *)request->body.data);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.length);
    }
    if (strcmp(request->method, "HEAD") != 0) {
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    }
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
}

static int translate_connect(CURL *curl) {
    long code = 0;
    curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &code);
    if (code == EACCES || code == EPERM) {
        return ERR_DENIED;
    }
    return code == ENOENT || code == ECONNREFUSED ? ERR_NOT_FOUND : ERR_NETWORK;
}

static int translate(const struct transfer *transfer, CURLcode code) {
    if (transfer->error < 0) {
        return transfer->error;
    }
    /* The few that a caller tells apart; everything else is the network. */
    if (code == CURLE_OK) {
        return 0;
    }
    if (code == CURLE_COULDNT_CONNECT) {
        return translate_connect(transfer->curl);
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return ERR_TIMEOUT;
    }
    return code == CURLE_OUT_OF_MEMORY ? ERR_NO_MEMORY : ERR_NETWORK;
}

int client_send(struct client *client, const struct client_request *request,
                struct client_response *ret) {
    struct transfer transfer = {
        .curl = client->curl, .request = request, .body_bytes_max = client->body_bytes_max};
    struct curl_slist *headers = NULL;
    char *url = NULL;
    int r = ERR_NO_MEMORY;
    if (asprintf(&url, "%s%s", client->base_url, request->path) < 0) {
        return ERR_NO_MEMORY;
    }
    if (!make_headers(client, request, &headers) || !body_append(&transfer, "", 0)) {
        goto out;
    }
    curl_easy_reset(client->curl);
    set_address(client, url);
    set_request(&transfer, headers);
    r = translate(&transfer, curl_easy_perform(client->curl));
    if (r == 0) {
        long status = 0;
        curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
        transfer.response.status = (int)status;
        *ret = transfer.response;
        transfer.response.body = NULL;
    }
    /* Nothing of this request may outlive it in the handle. */
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, NULL);
out:
    free(transfer.response.body);
    curl_slist_free_all(headers);
    free(url);
    return r;
}

void client_response_deinit(struct client_response *response) {
    if (response == NULL) {
        return;
    }
    free(response->body);
    *response = (struct client_response){0};
}
