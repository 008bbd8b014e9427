#include "shared/io/audit_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/base/buf.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/secret.h"

/* Two slots, written in turn and each in place, so that no full disk stops it and the key of the
 * entry before is overwritten where it stood. A slot: magic 8 | next u64 | head | key | salt | the
 * first 16 bytes of the hash of all that. */
enum {
    SLOT_BYTES = AUDIT_STATE_FILE_BYTES / 2,
    CHECK_BYTES = 16,
    CHECKED_BYTES = SLOT_BYTES - CHECK_BYTES,
};

static const char magic[] = "vangaudt";

_Static_assert(8 + 8 + 32 + 32 + 32 == CHECKED_BYTES, "a slot is full");

struct slot {
    uint8_t bytes[SLOT_BYTES];
};

int audit_error_now(void) {
    switch (errno) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return ERR_NO_ROOM;
    case ENOENT:
        return ERR_NOT_FOUND;
    case EEXIST:
        return ERR_EXISTS;
    case EACCES:
    case EPERM:
    case EROFS:
        return ERR_DENIED;
    default:
        return ERR_IO;
    }
}

static struct digest check_of(const struct slot *slot) {
    return hash_of("audit-state/v1", (struct bytes){.data = slot->bytes, .length = CHECKED_BYTES});
}

static void encode(const struct audit_state *state, struct slot *ret) {
    struct buf buf = buf_over(ret->bytes, sizeof(ret->bytes));
    buf_raw(&buf, bytes_from_text(magic));
    buf_u64(&buf, state->next);
    buf_raw(&buf, BYTES_OF(state->head.bytes));
    buf_raw(&buf, BYTES_OF(state->key.bytes));
    buf_raw(&buf, BYTES_OF(state->salt));
    struct digest check = check_of(ret);
    buf_raw(&buf, (struct bytes){.data = check.bytes, .length = CHECK_BYTES});
}

static bool decode(const struct slot *slot, struct audit_state *ret) {
    struct digest check = check_of(slot);
    char start[sizeof(magic)] = {0};
    if (!secret_equal(check.bytes, slot->bytes + CHECKED_BYTES, CHECK_BYTES)) {
        return false;
    }
    struct reader reader =
        reader_over((struct bytes){.data = slot->bytes, .length = CHECKED_BYTES});
    read_raw(&reader, start, sizeof(start) - 1);
    ret->next = read_u64(&reader);
    read_raw(&reader, ret->head.bytes, sizeof(ret->head.bytes));
    read_raw(&reader, ret->key.bytes, sizeof(ret->key.bytes));
    read_raw(&reader, ret->salt, sizeof(ret->salt));
    return memcmp(start, magic, sizeof(magic)) == 0 && ret->next > 0;
}

static int read_slots(int fd, struct audit_state *ret) {
    struct slot slots[2];
    struct audit_state found[2];
    ssize_t length = pread(fd, slots, sizeof(slots), 0);
    if (length < 0) {
        return ERR_IO;
    }
    memset(found, 0, sizeof(found));
    bool first = length >= (ssize_t)sizeof(slots[0]) && decode(&slots[0], &found[0]);
    bool second = length == (ssize_t)sizeof(slots) && decode(&slots[1], &found[1]);
    if (first || second) {
        *ret = !second || (first && found[0].next > found[1].next) ? found[0] : found[1];
    }
    secret_wipe(slots, sizeof(slots));
    secret_wipe(found, sizeof(found));
    return first || second ? 0 : ERR_CRYPTO;
}

int audit_state_read(const char *path, struct audit_state *ret) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return audit_error_now();
    }
    int r = read_slots(fd, ret);
    (void)close(fd);
    return r;
}

static int put(int fd, const struct slot *slot, uint64_t at) {
    ssize_t written = pwrite(fd, slot, sizeof(*slot), (off_t)(at * sizeof(*slot)));
    if (written != (ssize_t)sizeof(*slot)) {
        return written < 0 ? audit_error_now() : ERR_IO;
    }
    return fsync(fd) == 0 ? 0 : audit_error_now();
}

static int write_slots(int fd, const struct audit_state *state) {
    static const struct slot zeros;
    struct slot slot;
    encode(state, &slot);
    int r = put(fd, &slot, state->next % 2);
    secret_wipe(&slot, sizeof(slot));
    return r < 0 ? r : put(fd, &zeros, (state->next + 1) % 2);
}

static int open_and_write(const char *path, int flags, const struct audit_state *state) {
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (fd < 0) {
        return audit_error_now();
    }
    int r = write_slots(fd, state);
    if (close(fd) != 0 && r == 0) {
        r = audit_error_now();
    }
    return r;
}

int audit_state_create(const char *path, const struct audit_state *state) {
    return open_and_write(path, O_CREAT | O_EXCL, state);
}

int audit_state_write(const char *path, const struct audit_state *state) {
    return open_and_write(path, 0, state);
}

struct digest audit_about(const struct audit_state *state, const char *about) {
    return hash_keyed(BYTES_OF(state->salt), "audit-about/v1", bytes_from_text(about));
}
