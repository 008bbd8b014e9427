#include "hub/shell/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/crypto/hash.h"
#include "shared/crypto/random.h"
#include "shared/crypto/secret.h"

enum { SEED_BYTES = 32, LINE_SIZE = 128 };

static const char *const heads[] = {
    [KEY_HUB] = "vangnet hub key v1 ",
    [KEY_DIRECTOR] = "vangnet director key v1 ",
};

static int write_line(int fd, const char *line) {
    size_t length = strlen(line);
    ssize_t written = write(fd, line, length);
    if (written < 0 && errno == ENOSPC) {
        return ERR_NO_ROOM;
    }
    return written != (ssize_t)length || fsync(fd) < 0 ? ERR_IO : 0;
}

int keys_make(const char *path, int which) {
    uint8_t seed[SEED_BYTES];
    char hex[2 * SEED_BYTES + 1];
    char line[LINE_SIZE];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return errno == EEXIST ? ERR_EXISTS : ERR_IO;
    }
    random_fill(seed, sizeof(seed));
    hex_encode(BYTES_OF(seed), hex);
    snprintf(line, sizeof(line), "%s%s\n", heads[which], hex);
    int r = write_line(fd, line);
    secret_wipe(seed, sizeof(seed));
    secret_wipe(hex, sizeof(hex));
    secret_wipe(line, sizeof(line));
    if (close(fd) < 0 && r == 0) {
        r = ERR_IO;
    }
    if (r < 0) {
        (void)unlink(path);
    }
    return r;
}

static int read_line(int fd, char ret_line[static LINE_SIZE]) {
    struct stat stat;
    if (fstat(fd, &stat) < 0 || !S_ISREG(stat.st_mode)) {
        return ERR_IO;
    }
    if ((stat.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return ERR_DENIED;
    }
    ssize_t length = read(fd, ret_line, LINE_SIZE - 1);
    if (length < 0) {
        return ERR_IO;
    }
    ret_line[length] = '\0';
    return 0;
}

static int read_seed(const char *path, int which, uint8_t ret_seed[static SEED_BYTES]) {
    char line[LINE_SIZE];
    size_t head = strlen(heads[which]);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? ERR_NOT_FOUND : errno == EACCES ? ERR_DENIED : ERR_IO;
    }
    int r = read_line(fd, line);
    (void)close(fd);
    if (r == 0) {
        line[strcspn(line, "\n")] = '\0';
        r = strncmp(line, heads[which], head) == 0 ? hex_decode(line + head, ret_seed, SEED_BYTES)
                                                   : ERR_MALFORMED;
    }
    secret_wipe(line, sizeof(line));
    return r;
}

static int load_hub(const char *path, struct keys *keys) {
    uint8_t seed[SEED_BYTES];
    int r = read_seed(path, KEY_HUB, seed);
    if (r < 0) {
        return r;
    }
    sign_keys_from_seed(seed, &keys->hub.sign_public, &keys->sign_secret);
    curve_keys_from_seed(seed, "transport/v1", &keys->hub.curve_public, &keys->curve_secret);
    keys->draw = hash_of("shell-draw/v1", BYTES_OF(seed));
    keys->noise = hash_of("counts-noise/v1", BYTES_OF(seed));
    keys->hub.sign_secret = &keys->sign_secret;
    secret_wipe(seed, sizeof(seed));
    return 0;
}

static int load_director(const char *path, struct keys *keys) {
    uint8_t seed[SEED_BYTES];
    int r = read_seed(path, KEY_DIRECTOR, seed);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    sign_keys_from_seed(seed, &keys->hub.director_public, &keys->director_secret);
    keys->hub.director = &keys->director_secret;
    secret_wipe(seed, sizeof(seed));
    return 0;
}

int keys_load(const char *hub_path, const char *director_path, struct keys **ret) {
    struct keys *keys = secret_new(sizeof(*keys));
    if (keys == NULL) {
        return ERR_NO_MEMORY;
    }
    memset(keys, 0, sizeof(*keys));
    int r = load_hub(hub_path, keys);
    if (r == 0) {
        r = load_director(director_path, keys);
    }
    if (r < 0) {
        keys_free(keys);
        return r;
    }
    *ret = keys;
    return 0;
}

void keys_free(struct keys *keys) {
    secret_free(keys);
}

struct digest keys_draw(const struct keys *keys, const char *purpose, const struct message_id *id) {
    return hash_keyed(BYTES_OF(keys->draw), purpose, BYTES_OF(*id));
}
