#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/shell/commands.h"
#include "node/shell/trail.h"
#include "shared/crypto/secret.h"

/* `audit verify` and `audit show`: they read the files themselves, whether the daemon runs or not.
 */

enum { SHOWN = 50, NUMBER_SIZE = 24 };

struct trail_paths {
    struct place_path log;
    struct place_path state;
    struct audit_files files;
};

static int find_paths(const struct cli_call *call, struct trail_paths *ret) {
    struct place place;
    int r = node_place(call, &place);
    if (r < 0) {
        return r;
    }
    ret->log = place_path(&place, TRAIL_LOG);
    ret->state = place_path(&place, TRAIL_STATE);
    ret->files = (struct audit_files){.log = ret->log.text, .state = ret->state.text};
    return 0;
}

static enum cli_status say_failed(const struct cli_call *call, int error, const char *log) {
    const struct text_pair gone = {.what = TEXT_AUDIT_NO_LOG, .next = TEXT_AUDIT_NO_LOG_NEXT};
    if (error == ERR_NOT_FOUND || error == ERR_MALFORMED) {
        cli_say(call, gone, TEXT_ARGS(log));
    } else {
        cli_say(call, text_of_error(error), NULL);
    }
    return CLI_FAILED;
}

/* -- verify -- */

/* The key named, or the one that still lies in the node's directory; false where it can't be read:
 * it was said. */
static bool find_key(const struct cli_call *call, struct audit_key *ret, bool *ret_has) {
    const char *named = cli_text(call, "key", NULL);
    struct place place;
    if (node_place(call, &place) < 0) {
        return false;
    }
    const struct place_path first = place_path(&place, TRAIL_FIRST);
    const char *path = named != NULL ? named : first.text;
    int r = trail_read_key(path, ret);
    *ret_has = r == 0;
    if (r == 0 || (named == NULL && r == ERR_NOT_FOUND)) {
        return true;
    }
    const struct text_pair pair = {.what = TEXT_AUDIT_NO_KEY, .next = TEXT_AUDIT_NO_KEY_NEXT};
    cli_say(call, pair, TEXT_ARGS(path));
    return false;
}

static enum text_id text_of_fault(enum audit_fault fault) {
    switch (fault) {
    case AUDIT_MISSING:
        return TEXT_AUDIT_MISSING;
    case AUDIT_CHANGED:
        return TEXT_AUDIT_CHANGED;
    case AUDIT_FORGED:
        return TEXT_AUDIT_FORGED;
    case AUDIT_CUT:
        return TEXT_AUDIT_CUT;
    case AUDIT_NO_STATE:
        return TEXT_AUDIT_NO_STATE;
    case AUDIT_OTHER_END:
        return TEXT_AUDIT_OTHER_END;
    case AUDIT_SOUND:
    default:
        return TEXT_AUDIT_SOUND;
    }
}

static const char *number(char ret[static NUMBER_SIZE], uint64_t value) {
    (void)snprintf(ret, NUMBER_SIZE, "%llu", (unsigned long long)value);
    return ret;
}

static enum cli_status say_verdict(const struct cli_call *call,
                                   const struct audit_verdict *verdict) {
    char texts[3][NUMBER_SIZE];
    const bool sound = verdict->fault == AUDIT_SOUND;
    const char *const *args =
        TEXT_ARGS(number(texts[0], verdict->entries), number(texts[1], verdict->entries + 1),
                  number(texts[2], verdict->lost));
    if (!sound) {
        const struct text_pair pair = {.what = text_of_fault(verdict->fault),
                                       .next = TEXT_AUDIT_BROKEN_NEXT};
        cli_say(call, pair, args);
        return CLI_FAILED;
    }
    say_line(call, TEXT_AUDIT_SOUND, args);
    if (verdict->lost > 0) {
        say_line(call, TEXT_AUDIT_LOST, args);
    }
    if (!verdict->with_key) {
        say_line(call, TEXT_AUDIT_WITHOUT_KEY, NULL);
    }
    return CLI_OK;
}

enum cli_status audit_verify_command(void *ctx, const struct cli_call *call) {
    struct trail_paths paths;
    struct audit_key key;
    struct audit_verdict verdict;
    bool has_key = false;
    (void)ctx;
    if (find_paths(call, &paths) < 0 || !find_key(call, &key, &has_key)) {
        return CLI_FAILED;
    }
    int r = audit_verify(&paths.files, has_key ? &key : NULL, &verdict);
    secret_wipe(&key, sizeof(key));
    return r < 0 ? say_failed(call, r, paths.files.log) : say_verdict(call, &verdict);
}

/* -- show -- */

/* The last lines, in a ring. */
struct last {
    size_t wanted;
    size_t seen;
    char (*lines)[AUDIT_LINE_MAX];
};

static void keep_line(void *ctx, const struct audit_line *line) {
    struct last *last = ctx;
    (void)snprintf(last->lines[last->seen % last->wanted], AUDIT_LINE_MAX, "%6llu  %s  %-16s %s",
                   (unsigned long long)line->number, line->time, line->user, line->action);
    last->seen++;
}

static void print_last(const struct cli_call *call, const struct last *last) {
    const size_t count = last->seen < last->wanted ? last->seen : last->wanted;
    for (size_t i = last->seen - count; i < last->seen; i++) {
        fprintf(call->out, "%s\n", last->lines[i % last->wanted]);
    }
}

enum cli_status audit_show_command(void *ctx, const struct cli_call *call) {
    struct trail_paths paths;
    const int64_t wanted = cli_int(call, "last", SHOWN);
    struct last last = {.wanted = wanted < 1 ? 1 : wanted > 10000 ? 10000 : (size_t)wanted};
    (void)ctx;
    if (find_paths(call, &paths) < 0) {
        return CLI_FAILED;
    }
    last.lines = calloc(last.wanted, sizeof(last.lines[0]));
    int r = last.lines == NULL ? ERR_NO_MEMORY : audit_walk(paths.files.log, keep_line, &last);
    if (r == 0) {
        print_last(call, &last);
    }
    free(last.lines);
    return r < 0 ? say_failed(call, r, paths.files.log) : CLI_OK;
}
