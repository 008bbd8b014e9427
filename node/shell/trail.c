#include "node/shell/trail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/crypto/random.h"
#include "shared/crypto/secret.h"
#include "shared/io/log.h"

enum { KEY_FILE_BYTES_MAX = 256 };

#define KEY_WORDS "vangnet audit first key v1 "

struct paths {
    struct place_path log;
    struct place_path state;
    struct audit_files files;
};

static void find_paths(const struct place *place, struct paths *ret) {
    ret->log = place_path(place, TRAIL_LOG);
    ret->state = place_path(place, TRAIL_STATE);
    ret->files = (struct audit_files){.log = ret->log.text, .state = ret->state.text};
}

/* -- the first key -- */

static int write_key(const struct place *place, const struct audit_key *key) {
    char hex[2 * AUDIT_KEY_BYTES + 1];
    char line[KEY_FILE_BYTES_MAX];
    hex_encode(BYTES_OF(key->bytes), hex);
    (void)snprintf(line, sizeof(line), KEY_WORDS "%s\n", hex);
    int r = place_write(place, TRAIL_FIRST, bytes_from_text(line));
    secret_wipe(hex, sizeof(hex));
    secret_wipe(line, sizeof(line));
    return r;
}

int trail_read_key(const char *path, struct audit_key *ret) {
    char line[KEY_FILE_BYTES_MAX];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return ERR_NOT_FOUND;
    }
    const bool got = fgets(line, sizeof(line), file) != NULL;
    (void)fclose(file);
    if (!got || strncmp(line, KEY_WORDS, strlen(KEY_WORDS)) != 0) {
        return ERR_MALFORMED;
    }
    line[strcspn(line, "\n")] = '\0';
    int r = hex_decode(line + strlen(KEY_WORDS), ret->bytes, sizeof(ret->bytes));
    secret_wipe(line, sizeof(line));
    return r;
}

/* -- opening -- */

/* A log whose first key was never written could never be verified: then there is none. */
static int make(const struct place *place, const struct audit_files *files, int64_t now_ms) {
    uint8_t seed[AUDIT_SEED_BYTES];
    struct audit_key first;
    random_fill(seed, sizeof(seed));
    int r = audit_create(files, seed, now_ms, &first);
    secret_wipe(seed, sizeof(seed));
    if (r < 0) {
        return r;
    }
    r = write_key(place, &first);
    secret_wipe(&first, sizeof(first));
    if (r < 0) {
        (void)!place_remove(place, TRAIL_LOG);
        (void)!place_remove(place, TRAIL_STATE);
    }
    return r;
}

int trail_open(const struct place *place, int64_t now_ms, struct audit **ret) {
    struct paths paths;
    find_paths(place, &paths);
    if (!place_has(place, TRAIL_LOG) && !place_has(place, TRAIL_STATE)) {
        int r = make(place, &paths.files, now_ms);
        log_line(r < 0 ? LOG_LEVEL_WARNING : LOG_LEVEL_NOTICE, "audit_begun", "result",
                 r < 0 ? err_text(r) : "a new log", "next",
                 "give " TRAIL_FIRST " to whoever verifies it", NULL);
    }
    return audit_open(&paths.files, ret);
}

/* -- noting -- */

bool trail_notes(enum node_command kind) {
    switch (kind) {
    case NODE_COMMAND_NONE:
    case NODE_COMMAND_IMPORT_BEGIN:
    case NODE_COMMAND_IMPORT_ROWS:
    case NODE_COMMAND_IMPORT_DROP:
    case NODE_COMMAND_IMPORT_FIGURES:
    case NODE_COMMAND_SHREDDED:
    case NODE_COMMAND_ITEMS_MAILED:
    case NODE_COMMAND_KEYS_ROTATE:
        return false;
    case NODE_COMMAND_IMPORT_SWITCH:
    case NODE_COMMAND_STATUS_SET:
    case NODE_COMMAND_PUBLISH:
    case NODE_COMMAND_USER_ADD:
    case NODE_COMMAND_TOKEN_CREATE:
    case NODE_COMMAND_CONSENT_GIVE:
    case NODE_COMMAND_CONSENT_CHANGE:
    case NODE_COMMAND_WITHDRAW:
    case NODE_COMMAND_SUPPORT_START:
    case NODE_COMMAND_SUPPORT_ENDING:
    case NODE_COMMAND_SUPPORT_END:
    case NODE_COMMAND_ASK:
    case NODE_COMMAND_ASK_REVOKE:
    case NODE_COMMAND_ASK_ANSWER:
    case NODE_COMMAND_CONCERN:
    case NODE_COMMAND_FLAG_ANSWER:
    case NODE_COMMAND_CALL_BACK:
    case NODE_COMMAND_CALLED_BACK:
    case NODE_COMMAND_NEW_CARD:
    case NODE_COMMAND_INFORMAL:
    case NODE_COMMAND_LOOK:
    case NODE_COMMAND_ITEM_DONE:
    case NODE_COMMAND_HOURS:
    default:
        return true;
    }
}

static bool put_number(const char *of, uint32_t number, char ret[static TRAIL_ABOUT_SIZE]) {
    (void)snprintf(ret, TRAIL_ABOUT_SIZE, "%s %u", of, (unsigned)number);
    return number != 0;
}

static bool about_who(const struct family_who *who, char ret[static TRAIL_ABOUT_SIZE]) {
    return who->family != 0 ? put_number("family", who->family, ret)
                            : put_number("item", who->item, ret);
}

/* The core's results are its own: {"family": 12, ...}. */
static bool about_result(struct bytes result, char ret[static TRAIL_ABOUT_SIZE]) {
    static const char *const names[] = {"family", "item"};
    char text[256];
    const size_t length = result.length < sizeof(text) - 1 ? result.length : sizeof(text) - 1;
    if (length > 0) {
        memcpy(text, result.data, length);
    }
    text[length] = '\0';
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char key[16];
        (void)snprintf(key, sizeof(key), "\"%s\":", names[i]);
        const char *at = strstr(text, key);
        if (at != NULL) {
            return put_number(names[i], (uint32_t)strtoul(at + strlen(key), NULL, 10), ret);
        }
    }
    return false;
}

static bool about_request(enum node_command kind, const struct family_request *request,
                          char ret[static TRAIL_ABOUT_SIZE]) {
    switch ((int)kind) {
    case NODE_COMMAND_WITHDRAW:
        return about_who(&request->arguments.withdraw.who, ret);
    case NODE_COMMAND_SUPPORT_START:
        return about_who(&request->arguments.start.who, ret);
    case NODE_COMMAND_SUPPORT_ENDING:
    case NODE_COMMAND_SUPPORT_END:
        return about_who(&request->arguments.end.who, ret);
    case NODE_COMMAND_ASK:
        return about_who(&request->arguments.ask.who, ret);
    case NODE_COMMAND_ASK_REVOKE:
        return put_number("item", request->arguments.revoke.item, ret);
    case NODE_COMMAND_ASK_ANSWER:
        return put_number("item", request->arguments.answer.item, ret);
    case NODE_COMMAND_FLAG_ANSWER:
        return put_number("item", request->arguments.flag.item, ret);
    case NODE_COMMAND_CALLED_BACK:
    case NODE_COMMAND_ITEM_DONE:
        return put_number("item", request->arguments.item.item, ret);
    case NODE_COMMAND_NEW_CARD:
        return about_who(&request->arguments.new_card.old, ret);
    case NODE_COMMAND_INFORMAL:
        return put_number("family", request->arguments.informal.family, ret);
    default:
        return false;
    }
}

bool trail_about(const struct job *job, struct bytes result, char ret[static TRAIL_ABOUT_SIZE]) {
    const enum node_command kind = (enum node_command)job->command.kind;
    if (kind == NODE_COMMAND_USER_ADD) {
        (void)snprintf(ret, TRAIL_ABOUT_SIZE, "user %s", job->arguments.user.user.text);
        return true;
    }
    if (kind == NODE_COMMAND_TOKEN_CREATE) {
        (void)snprintf(ret, TRAIL_ABOUT_SIZE, "user %s", job->arguments.token.user.text);
        return true;
    }
    return (job->request != NULL && about_request(kind, job->request, ret)) ||
           about_result(result, ret);
}

void trail_command(const struct desk *desk, const struct job *job, enum refusal refusal,
                   struct bytes result) {
    char about[TRAIL_ABOUT_SIZE];
    char action[AUDIT_WORD_MAX + 1];
    const enum node_command kind = (enum node_command)job->command.kind;
    if (!trail_notes(kind)) {
        return;
    }
    (void)snprintf(action, sizeof(action), "%s%s", node_command_text(kind),
                   refusal == REFUSAL_NONE ? "" : "-refused");
    const bool has_about = trail_about(job, result, about);
    const struct audit_entry entry = {.time_ms = clock_now_ms(&desk->clock),
                                      .user = job->command.actor.user.text,
                                      .action = action,
                                      .about = has_about ? about : NULL};
    audit_append(desk->audit, &entry);
}

void trail_read(const struct desk *desk, const struct actor *actor, const char *action,
                const char *of, uint32_t number) {
    char about[TRAIL_ABOUT_SIZE];
    const bool has_about = put_number(of, number, about);
    const struct audit_entry entry = {.time_ms = clock_now_ms(&desk->clock),
                                      .user = actor->user.text,
                                      .action = action,
                                      .about = has_about ? about : NULL};
    audit_append(desk->audit, &entry);
}
