#include "shared/io/audit_inside.h"

#include <stdlib.h>
#include <string.h>

#include "shared/crypto/hash.h"
#include "shared/crypto/secret.h"

struct verifying {
    const struct audit_state *state; /* as it was before the log was read; NULL: not readable */
    struct audit_key *key;           /* of the next entry; NULL: not at hand */
    struct digest head;
    struct audit_verdict verdict;
};

static enum audit_fault judge(const struct verifying *at, const struct audit_parts *parts) {
    if (!parts->readable) {
        return AUDIT_CHANGED;
    }
    if (parts->line.number != at->verdict.entries + 1) {
        return AUDIT_MISSING;
    }
    struct digest head = audit_head(&at->head, parts->entry);
    if (!digest_equal(&head, &parts->head)) {
        return AUDIT_CHANGED;
    }
    if (at->key != NULL) {
        struct digest mac = audit_mac(at->key, &head);
        if (!secret_equal(mac.bytes, parts->mac.bytes, sizeof(mac.bytes))) {
            return AUDIT_FORGED;
        }
    }
    return AUDIT_SOUND;
}

/* Where the state stands, its head and its key must be the log's. */
static bool fits_state(const struct verifying *at) {
    return at->state == NULL || at->state->next != at->verdict.entries + 1 ||
           (digest_equal(&at->state->head, &at->head) &&
            (at->key == NULL ||
             secret_equal(at->state->key.bytes, at->key->bytes, sizeof(at->key->bytes))));
}

static bool verify_line(void *ctx, const struct audit_parts *parts) {
    struct verifying *at = ctx;
    static const char lost[] = "lost-";
    if (!fits_state(at)) {
        at->verdict.fault = AUDIT_OTHER_END;
        return false;
    }
    at->verdict.fault = judge(at, parts);
    if (at->verdict.fault != AUDIT_SOUND) {
        return false;
    }
    at->head = parts->head;
    at->verdict.entries++;
    if (strncmp(parts->line.action, lost, strlen(lost)) == 0) {
        at->verdict.lost += strtoull(parts->line.action + strlen(lost), NULL, 10);
    }
    if (at->key != NULL) {
        audit_next_key(at->key);
    }
    return true;
}

static void judge_end(struct verifying *at) {
    if (at->verdict.fault != AUDIT_SOUND) {
        return;
    }
    if (at->state == NULL) {
        at->verdict.fault = AUDIT_NO_STATE;
    } else if (at->state->next > at->verdict.entries + 1) {
        at->verdict.fault = AUDIT_CUT;
    } else if (!fits_state(at)) {
        at->verdict.fault = AUDIT_OTHER_END;
    }
}

int audit_verify(const struct audit_files *files, const struct audit_key *first,
                 struct audit_verdict *ret) {
    struct audit_state state;
    struct audit_key key;
    int r_state = audit_state_read(files->state, &state);
    struct verifying at = {
        .state = r_state < 0 ? NULL : &state,
        .key = first == NULL ? NULL : &key,
        .verdict = {.with_key = first != NULL},
    };
    if (first != NULL) {
        key = *first;
    }
    const struct audit_scan scan = {.each = verify_line, .ctx = &at, .ret_begin = &at.head};
    int r = audit_scan(files->log, &scan);
    judge_end(&at);
    secret_wipe(&state, sizeof(state));
    secret_wipe(&key, sizeof(key));
    if (r < 0) {
        return r;
    }
    *ret = at.verdict;
    return 0;
}

struct walking {
    void (*each)(void *ctx, const struct audit_line *line);
    void *ctx;
};

static bool walk_line(void *ctx, const struct audit_parts *parts) {
    const struct walking *walking = ctx;
    if (parts->readable) {
        walking->each(walking->ctx, &parts->line);
    }
    return true;
}

int audit_walk(const char *log, void (*each)(void *ctx, const struct audit_line *line), void *ctx) {
    struct digest begin;
    struct walking walking = {.each = each, .ctx = ctx};
    const struct audit_scan scan = {.each = walk_line, .ctx = &walking, .ret_begin = &begin};
    return audit_scan(log, &scan);
}

int audit_commitment(const struct audit_files *files, const char *about, struct digest *ret) {
    struct audit_state state;
    int r = audit_state_read(files->state, &state);
    if (r == 0) {
        *ret = audit_about(&state, about);
        secret_wipe(&state, sizeof(state));
    }
    return r;
}
