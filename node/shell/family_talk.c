#include "node/shell/family_talk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/shell/family_words.h"
#include "shared/base/civil.h"
#include "shared/crypto/secret.h"

enum { NAMES_TRIED = 100, MEMBERS_MAX_SAID = 4 };

int talk_send(const struct cli_call *call, const char *path, struct json_writer *writer,
              struct client_response *ret) {
    struct asking asking;
    char *text = NULL;
    size_t length = 0;
    int r = writer == NULL ? 0 : json_take(writer, &text, &length);
    if (r < 0) {
        json_deinit(writer);
        cli_say(call, text_of_error(r), NULL);
        return r;
    }
    r = asking_open(call, &asking);
    if (r == 0) {
        r = asking_send(&asking, path, text, ret);
        asking_close(&asking);
    }
    if (text != NULL) {
        secret_wipe(text, length);
    }
    free(text);
    return r;
}

void talk_open(const struct client_response *response, struct json_reader *ret) {
    json_open((struct bytes){.data = (const uint8_t *)response->body, .length = response->length},
              TALK_JSON_BYTES_MAX, ret);
}

void talk_close(struct client_response *response, struct json_reader *reader) {
    json_close(reader);
    if (response->body != NULL) {
        secret_wipe(response->body, response->length);
    }
    client_response_deinit(response);
}

const char *talk_text(const struct json_value *from, const char *path) {
    struct json_reader trial = {0};
    return json_find(from, path) == NULL ? "" : json_need_text(&trial, from, path);
}

struct talk_number talk_number(const struct json_value *from, const char *path) {
    struct talk_number number = {"-"};
    struct json_reader trial = {0};
    if (json_find(from, path) != NULL) {
        const int64_t value = json_need_int(&trial, from, path);
        (void)snprintf(number.text, sizeof(number.text), "%" PRId64, value);
    }
    return number;
}

const char *talk_refusal(const struct cli_call *call, const char *code) {
    return text_get(call->lang, text_of_refusal(refusal_parse(code)).what);
}

enum cli_status talk_say(const struct cli_call *call, const char *path, struct json_writer *writer,
                         enum text_id line, const char *const *members) {
    struct client_response response;
    struct json_reader reader;
    struct talk_number numbers[MEMBERS_MAX_SAID];
    const char *args[MEMBERS_MAX_SAID + 1] = {NULL};
    if (talk_send(call, path, writer, &response) < 0) {
        return CLI_FAILED;
    }
    talk_open(&response, &reader);
    const struct json_value *root = json_root(&reader);
    for (size_t i = 0; members != NULL && members[i] != NULL && i < MEMBERS_MAX_SAID; i++) {
        numbers[i] = talk_number(root, members[i]);
        const char *text = talk_text(root, members[i]);
        args[i] = text[0] == '\0' ? numbers[i].text : text;
    }
    if (cli_flag(call, "json")) {
        fprintf(call->out, "%s\n", response.body);
    } else {
        say_line(call, line, args);
    }
    talk_close(&response, &reader);
    return CLI_OK;
}

void talk_option(const struct cli_call *call, struct json_writer *writer, const char *option,
                 const char *key) {
    const char *text = cli_text(call, option, NULL);
    if (text != NULL && text[0] != '\0') {
        json_field_text(writer, key == NULL ? option : key, text);
    }
}

void talk_list(struct json_writer *writer, const char *key, const char *text) {
    json_put_key(writer, key);
    json_open_array(writer);
    while (text != NULL && *text != '\0') {
        const size_t length = strcspn(text, ",");
        if (length > 0) {
            json_put_bytes(writer, (struct bytes){.data = (const uint8_t *)text, .length = length});
        }
        text += length + (text[length] == ',' ? 1 : 0);
    }
    json_close_array(writer);
}

bool talk_whole(const struct cli_call *call, const char *name, const char *text, int64_t *ret) {
    char *end;
    const long long number = text == NULL ? 0 : strtoll(text, &end, 10);
    if (text == NULL || *end != '\0' || number < 1) {
        const struct text_pair pair = {.what = TEXT_NODE_OPTION, .next = TEXT_NODE_OPTION_NEXT};
        cli_say(call, pair, TEXT_ARGS(name, text == NULL ? "" : text, call->command->name));
        return false;
    }
    *ret = number;
    return true;
}

enum cli_status talk_missing(const struct cli_call *call, const char *what) {
    const struct text_pair pair = {.what = TEXT_FAMILY_MISSING, .next = TEXT_FAMILY_MISSING_NEXT};
    cli_say(call, pair, TEXT_ARGS(what));
    return CLI_USAGE;
}

void talk_consent(const struct cli_call *call, const struct json_value *consent) {
    const struct json_value *events = json_find(consent, "events");
    for (size_t i = 0; i < json_count(events); i++) {
        const struct json_value *event = json_at(events, i);
        char day[DATE_TEXT_SIZE];
        (void)snprintf(day, sizeof(day), "%s", talk_text(event, "at")); /* not the time of day */
        say_line(call, TEXT_FAMILY_CONSENT_EVENT,
                 TEXT_ARGS(day, word_consent_state(call->lang, talk_text(event, "state")),
                           talk_text(event, "by")));
    }
    if (talk_text(consent, "paper")[0] != '\0') {
        say_line(call, TEXT_FAMILY_CONSENT_PAPER, TEXT_ARGS(talk_text(consent, "paper")));
    }
    say_line(call, TEXT_FAMILY_TEACH_BACK, TEXT_ARGS(talk_text(consent, "teach_back")));
}

/* -- a page's file -- */

static int make(const char *path) {
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
}

int page_file_open(const struct cli_call *call, const char *asked, const char *stem,
                   struct page_file *ret) {
    ret->fd = -1;
    if (asked != NULL) {
        (void)snprintf(ret->path, sizeof(ret->path), "%s", asked);
        ret->fd = make(ret->path);
    }
    for (int i = 1; asked == NULL && ret->fd < 0 && i <= NAMES_TRIED; i++) {
        (void)snprintf(ret->path, sizeof(ret->path), "%s%s%.0d.html", stem, i == 1 ? "" : "-",
                       i == 1 ? 0 : i);
        ret->fd = make(ret->path);
        if (ret->fd < 0 && errno != EEXIST) {
            break;
        }
    }
    if (ret->fd < 0) {
        const struct text_pair pair = {.what = TEXT_FAMILY_NO_FILE,
                                       .next = TEXT_FAMILY_NO_FILE_NEXT};
        cli_say(call, pair, TEXT_ARGS(ret->path));
        return ERR_IO;
    }
    return 0;
}

int page_file_keep(const struct cli_call *call, struct page_file *file, const char *page) {
    size_t left = strlen(page);
    while (left > 0) {
        const ssize_t wrote = write(file->fd, page, left);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote < 0) {
            cli_say(call, text_of_error(ERR_IO), NULL);
            return ERR_IO;
        }
        page += wrote;
        left -= (size_t)wrote;
    }
    const bool synced = fsync(file->fd) == 0;
    const bool closed = close(file->fd) == 0;
    file->fd = -1;
    if (!synced || !closed) {
        cli_say(call, text_of_error(ERR_IO), NULL);
        return ERR_IO;
    }
    return 0;
}

void page_file_drop(struct page_file *file) {
    if (file->fd >= 0) {
        close(file->fd);
        (void)unlink(file->path);
        file->fd = -1;
    }
}
