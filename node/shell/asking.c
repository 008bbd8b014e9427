#include <stdio.h>
#include <stdlib.h>

#include "node/shell/commands.h"
#include "shared/crypto/random.h"

int node_place(const struct cli_call *call, struct place *ret) {
    const char *dir = cli_text(call, "dir", getenv("VANGNET_NODE_DIR"));
    if (dir == NULL || dir[0] == '\0') {
        const struct text_pair pair = {.what = TEXT_NODE_NO_DIR, .next = TEXT_NODE_NO_DIR_NEXT};
        cli_say(call, pair, NULL);
        return ERR_CONFIG;
    }
    int r = place_init(dir, ret);
    if (r < 0) {
        cli_say(call, text_of_error(r), NULL);
    }
    return r;
}

int asking_open(const struct cli_call *call, struct asking *ret) {
    int r = node_place(call, &ret->place);
    if (r < 0) {
        return r;
    }
    (void)snprintf(ret->socket_path, sizeof(ret->socket_path), "%s",
                   place_path(&ret->place, PLACE_SOCKET).text);
    return control_open(call, ret->socket_path, ret->place.dir, &ret->control);
}

void asking_close(struct asking *asking) {
    control_close(&asking->control);
}

int asking_send(struct asking *asking, const char *path, const char *json,
                struct client_response *ret) {
    uint8_t random[16];
    char key[COMMAND_KEY_TEXT_SIZE];
    random_fill(random, sizeof(random));
    command_key_format(random, key);
    const struct control_request request = {
        .method = json == NULL ? "GET" : "POST",
        .path = path,
        .key = json == NULL ? NULL : key,
        .body = json == NULL || json[0] == '\0' ? (struct bytes){0} : bytes_from_text(json),
    };
    return control_ask(&asking->control, &request, ret);
}

void say_line(const struct cli_call *call, enum text_id id, const char *const *args) {
    char line[800];
    text_format(call->lang, id, args, line, sizeof(line));
    fprintf(call->out, "%s\n", line);
}
