#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/shell/commands.h"
#include "shared/crypto/random.h"
#include "shared/crypto/secret.h"

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

/* The first line of the file. */
static int read_token(const struct cli_call *call, char ret_token[static BEARER_SIZE]) {
    const char *path = cli_text(call, "token-file", NULL);
    const char *given = getenv("VANGNET_NODE_TOKEN");
    ret_token[0] = '\0';
    if (path == NULL) {
        (void)snprintf(ret_token, BEARER_SIZE, "%s", given == NULL ? "" : given);
        return 0;
    }
    FILE *file = fopen(path, "re");
    const bool read = file != NULL && fgets(ret_token, BEARER_SIZE, file) != NULL;
    if (file != NULL) {
        (void)fclose(file);
    }
    ret_token[strcspn(ret_token, " \t\r\n")] = '\0';
    if (read && ret_token[0] != '\0') {
        return 0;
    }
    const struct text_pair pair = {.what = TEXT_FAMILY_TOKEN_FILE,
                                   .next = TEXT_FAMILY_TOKEN_FILE_NEXT};
    cli_say(call, pair, TEXT_ARGS(path));
    return ERR_NOT_FOUND;
}

int asking_open(const struct cli_call *call, struct asking *ret) {
    int r = node_place(call, &ret->place);
    if (r < 0) {
        return r;
    }
    (void)snprintf(ret->socket_path, sizeof(ret->socket_path), "%s",
                   place_path(&ret->place, PLACE_SOCKET).text);
    r = read_token(call, ret->bearer);
    r = r < 0 ? r : control_open(call, ret->socket_path, ret->place.dir, &ret->control);
    if (r == 0) {
        ret->control.bearer = ret->bearer[0] == '\0' ? NULL : ret->bearer;
    }
    return r;
}

void asking_close(struct asking *asking) {
    control_close(&asking->control);
    secret_wipe(asking->bearer, sizeof(asking->bearer));
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
