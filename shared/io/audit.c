#include "shared/io/audit_inside.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/civil.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/secret.h"

enum { ID_BYTES = 16, HEX_SIZE = 65 };

struct audit {
    char *log;
    char *state_path;
    pthread_mutex_t lock;      /* guards all below */
    struct audit_state *state; /* secret memory */
    bool loaded;
    bool broken; /* the log didn't end as the state says */
    uint64_t failed;
    uint64_t pending; /* failed, and not yet told by the log itself */
    int error;
};

/* -- making -- */

static int write_text(int fd, const char *text) {
    size_t length = strlen(text);
    ssize_t written = write(fd, text, length);
    if (written != (ssize_t)length) {
        return written < 0 ? audit_error_now() : ERR_NO_ROOM;
    }
    return fsync(fd) == 0 ? 0 : audit_error_now();
}

static int create_log(const char *path, const char *line) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return audit_error_now();
    }
    int r = write_text(fd, line);
    if (close(fd) != 0 && r == 0) {
        r = audit_error_now();
    }
    if (r < 0) {
        (void)unlink(path);
    }
    return r;
}

/* All that's drawn comes from the seed, by the hash: this room has no generator. */
static void draw(const uint8_t *seed, const char *domain, uint8_t ret[static 32]) {
    struct digest drawn = hash_keyed((struct bytes){.data = seed, .length = AUDIT_SEED_BYTES},
                                     domain, (struct bytes){.data = NULL, .length = 0});
    memcpy(ret, drawn.bytes, sizeof(drawn.bytes));
    secret_wipe(&drawn, sizeof(drawn));
}

int audit_create(const struct audit_files *files, const uint8_t seed[static AUDIT_SEED_BYTES],
                 int64_t now_ms, struct audit_key *ret_first) {
    char line[AUDIT_LINE_MAX];
    char time[INSTANT_TEXT_SIZE];
    char id[2 * ID_BYTES + 1];
    uint8_t drawn[32];
    struct audit_state state = {.next = 1};
    draw(seed, "audit-id/v1", drawn);
    hex_encode((struct bytes){.data = drawn, .length = ID_BYTES}, id);
    instant_format(now_ms, time);
    int length = snprintf(line, sizeof(line), "vangnet audit v1 %s %s\n", id, time);
    state.head = audit_begin((struct bytes){.data = (uint8_t *)line, .length = (size_t)length - 1});
    draw(seed, "audit-key/v1", state.key.bytes);
    draw(seed, "audit-salt/v1", state.salt);
    int r = create_log(files->log, line);
    if (r == 0) {
        r = audit_state_create(files->state, &state);
        if (r < 0) {
            (void)unlink(files->log);
        }
    }
    if (r == 0) {
        *ret_first = state.key;
    }
    secret_wipe(&state, sizeof(state));
    return r;
}

/* -- opening: from where the state stands to where the log ends -- */

struct recovery {
    struct audit *audit;
    struct digest before;
    uint64_t seen;
    bool fits;
};

static void advance(struct audit_state *state, const struct digest *head) {
    state->head = *head;
    state->next++;
    audit_next_key(&state->key);
}

/* Entries that were written while the state wasn't: a crash between the two. */
static bool recover_line(void *ctx, const struct audit_parts *parts) {
    struct recovery *recovery = ctx;
    struct audit_state *state = recovery->audit->state;
    if (!parts->readable || parts->line.number != recovery->seen + 1) {
        return false;
    }
    recovery->seen = parts->line.number;
    if (recovery->seen < state->next) {
        recovery->fits =
            recovery->seen == state->next - 1 && digest_equal(&parts->head, &state->head);
        return true;
    }
    struct digest head = audit_head(&state->head, parts->entry);
    struct digest mac = audit_mac(&state->key, &head);
    recovery->fits = recovery->fits && digest_equal(&head, &parts->head) &&
                     secret_equal(mac.bytes, parts->mac.bytes, sizeof(mac.bytes));
    if (recovery->fits) {
        advance(state, &head);
    }
    return recovery->fits;
}

static int load(struct audit *audit) {
    int r = audit_state_read(audit->state_path, audit->state);
    if (r < 0) {
        return r;
    }
    struct recovery recovery = {.audit = audit, .fits = audit->state->next == 1};
    const uint64_t stood = audit->state->next;
    const struct audit_scan scan = {
        .each = recover_line, .ctx = &recovery, .ret_begin = &recovery.before};
    r = audit_scan(audit->log, &scan);
    if (r < 0) {
        return r;
    }
    audit->broken = !recovery.fits || recovery.seen != audit->state->next - 1;
    audit->loaded = true;
    return audit->state->next == stood ? 0 : audit_state_write(audit->state_path, audit->state);
}

int audit_open(const struct audit_files *files, struct audit **ret) {
    struct audit *audit = calloc(1, sizeof(*audit));
    if (audit == NULL) {
        return ERR_NO_MEMORY;
    }
    pthread_mutex_init(&audit->lock, NULL);
    audit->log = strdup(files->log);
    audit->state_path = strdup(files->state);
    audit->state = secret_new(sizeof(*audit->state));
    if (audit->log == NULL || audit->state_path == NULL || audit->state == NULL) {
        audit_close(audit);
        return ERR_NO_MEMORY;
    }
    memset(audit->state, 0, sizeof(*audit->state));
    audit->error = load(audit);
    *ret = audit;
    return 0;
}

void audit_close(struct audit *audit) {
    if (audit == NULL) {
        return;
    }
    secret_free(audit->state);
    free(audit->log);
    free(audit->state_path);
    pthread_mutex_destroy(&audit->lock);
    free(audit);
}

/* -- adding -- */

/* What a write that failed left behind the last newline goes; it never was an entry. */
static int trim(int fd, off_t *ret_size) {
    char tail[AUDIT_LINE_MAX];
    off_t size = lseek(fd, 0, SEEK_END);
    off_t from = size > (off_t)sizeof(tail) ? size - (off_t)sizeof(tail) : 0;
    ssize_t length = size < 0 ? -1 : pread(fd, tail, (size_t)(size - from), from);
    if (length != size - from) {
        return ERR_IO;
    }
    while (length > 0 && tail[length - 1] != '\n') {
        length--;
    }
    if (from + length != size && ftruncate(fd, from + length) != 0) {
        return audit_error_now();
    }
    *ret_size = from + length;
    return 0;
}

static int add_line(const char *path, const char *line) {
    int fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return audit_error_now();
    }
    off_t size = 0;
    int r = trim(fd, &size);
    if (r == 0) {
        r = write_text(fd, line);
        if (r < 0) {
            (void)!ftruncate(fd, size); /* where that fails too, the next one trims */
        }
    }
    if (close(fd) != 0 && r == 0) {
        r = audit_error_now();
    }
    return r;
}

static void copy_word(const char *from, char ret[static AUDIT_WORD_MAX + 1]) {
    size_t length = strnlen(from, AUDIT_WORD_MAX);
    for (size_t i = 0; i < length; i++) {
        char c = from[i];
        ret[i] = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ? c : '?';
    }
    ret[length] = '\0';
    if (length == 0) {
        strcpy(ret, "-");
    }
}

static size_t write_prefix(const struct audit_state *state, const struct audit_entry *entry,
                           char ret[static AUDIT_LINE_MAX]) {
    char time[INSTANT_TEXT_SIZE];
    char user[AUDIT_WORD_MAX + 1];
    char action[AUDIT_WORD_MAX + 1];
    char about[HEX_SIZE] = "-";
    if (entry->about != NULL) {
        struct digest commitment = audit_about(state, entry->about);
        hex_encode(BYTES_OF(commitment.bytes), about);
    }
    instant_format(entry->time_ms, time);
    copy_word(entry->user, user);
    copy_word(entry->action, action);
    int length = snprintf(ret, AUDIT_LINE_MAX, "%llu %s %s %s %s", (unsigned long long)state->next,
                          time, user, action, about);
    return (size_t)length;
}

static int add(struct audit *audit, const struct audit_entry *entry) {
    char line[AUDIT_LINE_MAX];
    char head_text[HEX_SIZE];
    char mac_text[HEX_SIZE];
    size_t length = write_prefix(audit->state, entry, line);
    struct digest head =
        audit_head(&audit->state->head, (struct bytes){.data = (uint8_t *)line, .length = length});
    struct digest mac = audit_mac(&audit->state->key, &head);
    hex_encode(BYTES_OF(head.bytes), head_text);
    hex_encode(BYTES_OF(mac.bytes), mac_text);
    (void)snprintf(line + length, sizeof(line) - length, " %s %s\n", head_text, mac_text);
    int r = add_line(audit->log, line);
    if (r < 0) {
        return r;
    }
    advance(audit->state, &head);
    /* A state that stays behind is brought up to the log at the next opening. */
    audit->error = audit_state_write(audit->state_path, audit->state);
    return 0;
}

static int add_lost(struct audit *audit, int64_t now_ms) {
    char action[AUDIT_WORD_MAX];
    (void)snprintf(action, sizeof(action), "lost-%llu", (unsigned long long)audit->pending);
    const struct audit_entry entry = {.time_ms = now_ms, .user = "-", .action = action};
    int r = add(audit, &entry);
    if (r == 0) {
        audit->pending = 0;
    }
    return r;
}

void audit_append(struct audit *audit, const struct audit_entry *entry) {
    if (audit == NULL) {
        return;
    }
    pthread_mutex_lock(&audit->lock);
    int r = audit->loaded ? 0 : load(audit);
    r = audit->loaded ? 0 : r;
    if (r == 0 && audit->pending > 0) {
        r = add_lost(audit, entry->time_ms);
    }
    r = r < 0 ? r : add(audit, entry);
    if (r < 0) {
        audit->failed++;
        audit->pending++;
        audit->error = r;
    }
    pthread_mutex_unlock(&audit->lock);
}

void audit_health(struct audit *audit, struct audit_health *ret) {
    pthread_mutex_lock(&audit->lock);
    *ret = (struct audit_health){
        .entries = audit->loaded ? audit->state->next - 1 : 0,
        .failed = audit->failed,
        .error = audit->error < 0 ? audit->error
                 : audit->broken  ? ERR_CHAIN
                                  : 0,
    };
    pthread_mutex_unlock(&audit->lock);
}
