#include "node/shell/secrets.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/crypto/random.h"
#include "shared/crypto/secret.h"
#include "shared/vault/keyring.h"

enum { SECRETS_MAX = 48, NAME_SIZE = 64 };

static const struct {
    const char *stem;
    const char *domain; /* as in keys.c */
    int32_t keep_days;
} kinds[SECRET_KINDS] = {
    [SECRET_SEAL] = {"seal", "seal/v1", SEALING_SECRET_DAYS},
    [SECRET_CONTACT] = {"contact", "contact/v1", CONTACT_SECRET_DAYS},
};

enum place_of { PLACE_CURRENT, PLACE_NEXT, PLACE_OLD };

struct held {
    enum secret_kind kind;
    enum place_of place;
    int32_t replaced_day; /* PLACE_OLD */
    struct curve_public public;
    struct curve_secret secret;
};

struct secrets { /* in secret memory, all of it */
    struct place place;
    struct held held[SECRETS_MAX];
    size_t count;
};

static void name_of(const struct held *held, char ret_name[static NAME_SIZE]) {
    char day[DATE_TEXT_SIZE] = "next";
    const char *stem = kinds[held->kind].stem;
    if (held->place == PLACE_OLD) {
        date_format(held->replaced_day, day);
    }
    if (held->place == PLACE_CURRENT) {
        (void)snprintf(ret_name, NAME_SIZE, PLACE_KEYS "/%s.seed", stem);
    } else {
        (void)snprintf(ret_name, NAME_SIZE, PLACE_KEYS "/%s-%s.seed", stem, day);
    }
}

/* What a file below keys/ is; false: none of ours. */
static bool place_by_name(const char *name, struct held *ret) {
    for (size_t kind = 0; kind < SECRET_KINDS; kind++) {
        const size_t stem = strlen(kinds[kind].stem);
        char middle[DATE_TEXT_SIZE] = "";
        if (strncmp(name, kinds[kind].stem, stem) != 0) {
            continue;
        }
        const char *rest = name + stem;
        *ret = (struct held){.kind = (enum secret_kind)kind};
        if (strcmp(rest, ".seed") == 0) {
            ret->place = PLACE_CURRENT;
            return true;
        }
        if (strcmp(rest, "-next.seed") == 0) {
            ret->place = PLACE_NEXT;
            return true;
        }
        if (rest[0] == '-' && strlen(rest) == 1 + 10 + 5 && strcmp(rest + 11, ".seed") == 0) {
            memcpy(middle, rest + 1, 10);
            ret->place = PLACE_OLD;
            return date_parse(middle, &ret->replaced_day) == 0;
        }
    }
    return false;
}

static int sync_keys(const struct place *place) {
    const struct place_path path = place_path(place, PLACE_KEYS);
    int fd = open(path.text, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return ERR_IO;
    }
    int r = fsync(fd) < 0 ? ERR_IO : 0;
    close(fd);
    return r;
}

static int move_file(const struct place *place, const char *from, const char *to) {
    const struct place_path old = place_path(place, from);
    const struct place_path new = place_path(place, to);
    return rename(old.text, new.text) < 0 ? ERR_IO : sync_keys(place);
}

int secrets_mend(const struct place *place) {
    for (size_t kind = 0; kind < SECRET_KINDS; kind++) {
        char current[NAME_SIZE];
        char next[NAME_SIZE];
        name_of(&(struct held){.kind = (enum secret_kind)kind, .place = PLACE_CURRENT}, current);
        name_of(&(struct held){.kind = (enum secret_kind)kind, .place = PLACE_NEXT}, next);
        if (!place_has(place, current) && place_has(place, next)) {
            int r = move_file(place, next, current);
            if (r < 0) {
                return r;
            }
        }
    }
    return 0;
}

static int load_one(struct secrets *secrets, struct held *held) {
    char name[NAME_SIZE];
    if (secrets->count == SECRETS_MAX) {
        return ERR_TOO_LARGE;
    }
    struct keyring_master *seed = secret_new(sizeof(*seed));
    if (seed == NULL) {
        return ERR_NO_MEMORY;
    }
    name_of(held, name);
    const struct place_path path = place_path(&secrets->place, name);
    int r = keyring_master_load(path.text, seed);
    if (r == 0) {
        struct held *to = &secrets->held[secrets->count++];
        *to = *held;
        curve_keys_from_seed(seed->bytes, kinds[held->kind].domain, &to->public, &to->secret);
    }
    secret_free(seed);
    return r;
}

int secrets_open(const struct place *place, struct secrets **ret) {
    struct secrets *secrets = secret_new(sizeof(*secrets));
    if (secrets == NULL) {
        return ERR_NO_MEMORY;
    }
    *secrets = (struct secrets){.place = *place};
    const struct place_path path = place_path(place, PLACE_KEYS);
    DIR *dir = opendir(path.text);
    int r = dir == NULL ? ERR_NOT_FOUND : 0;
    struct dirent *entry;
    while (r == 0 && (entry = readdir(dir)) != NULL) {
        struct held held;
        if (place_by_name(entry->d_name, &held)) {
            r = load_one(secrets, &held);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    if (r < 0) {
        secret_free(secrets);
        return r;
    }
    *ret = secrets;
    return 0;
}

void secrets_close(struct secrets *secrets) {
    secret_free(secrets);
}

int secrets_get(void *context, const uint8_t public_key[static 32], struct curve_secret *ret) {
    const struct secrets *secrets = context;
    for (size_t i = 0; i < secrets->count; i++) {
        if (memcmp(secrets->held[i].public.bytes, public_key, 32) == 0) {
            *ret = secrets->held[i].secret;
            return 0;
        }
    }
    return ERR_NOT_FOUND;
}

static struct held *find(struct secrets *secrets, enum secret_kind kind, enum place_of place) {
    for (size_t i = 0; i < secrets->count; i++) {
        if (secrets->held[i].kind == kind && secrets->held[i].place == place) {
            return &secrets->held[i];
        }
    }
    return NULL;
}

int secrets_next(struct secrets *secrets, enum secret_kind kind, struct curve_public *ret) {
    const struct held *next = find(secrets, kind, PLACE_NEXT);
    struct held fresh = {.kind = kind, .place = PLACE_NEXT};
    char name[NAME_SIZE];
    if (next != NULL) {
        *ret = next->public;
        return 0;
    }
    if (secrets->count == SECRETS_MAX) {
        return ERR_TOO_LARGE;
    }
    struct keyring_master *seed = secret_new(sizeof(*seed));
    if (seed == NULL) {
        return ERR_NO_MEMORY;
    }
    random_fill(seed, sizeof(*seed));
    name_of(&fresh, name);
    const struct place_path path = place_path(&secrets->place, name);
    int r = keyring_master_save(path.text, seed);
    secret_free(seed);
    r = r < 0 ? r : sync_keys(&secrets->place);
    r = r < 0 ? r : load_one(secrets, &fresh);
    if (r == 0) {
        *ret = secrets->held[secrets->count - 1].public;
    }
    return r;
}

int secrets_follow(struct secrets *secrets, enum secret_kind kind, const struct curve_public *named,
                   int32_t today) {
    struct held *current = find(secrets, kind, PLACE_CURRENT);
    struct held *next = find(secrets, kind, PLACE_NEXT);
    char from[NAME_SIZE];
    char to[NAME_SIZE];
    if (next == NULL || memcmp(next->public.bytes, named->bytes, 32) != 0) {
        return 0;
    }
    if (current != NULL) {
        name_of(current, from);
        struct held old = {.kind = kind, .place = PLACE_OLD, .replaced_day = today};
        name_of(&old, to);
        int r = move_file(&secrets->place, from, to);
        if (r < 0) {
            return r;
        }
        current->place = PLACE_OLD;
        current->replaced_day = today;
    }
    name_of(next, from);
    next->place = PLACE_CURRENT;
    name_of(next, to);
    int r = move_file(&secrets->place, from, to);
    return r < 0 ? r : 1;
}

static int destroy_file(const char *path) {
    static const uint8_t zeros[sizeof(struct keyring_master)];
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return errno == ENOENT ? 0 : ERR_IO;
    }
    const bool wiped =
        pwrite(fd, zeros, sizeof(zeros), 0) == (ssize_t)sizeof(zeros) && fsync(fd) == 0;
    close(fd);
    return wiped && unlink(path) == 0 ? 0 : ERR_IO;
}

int secrets_destroy_old(struct secrets *secrets, int32_t today) {
    int gone = 0;
    for (size_t i = secrets->count; i-- > 0;) {
        struct held *held = &secrets->held[i];
        char name[NAME_SIZE];
        if (held->place != PLACE_OLD || today - held->replaced_day <= kinds[held->kind].keep_days) {
            continue;
        }
        name_of(held, name);
        const struct place_path path = place_path(&secrets->place, name);
        int r = destroy_file(path.text);
        r = r < 0 ? r : sync_keys(&secrets->place);
        if (r < 0) {
            return r;
        }
        *held = secrets->held[--secrets->count];
        secret_wipe(&secrets->held[secrets->count], sizeof(secrets->held[0]));
        gone++;
    }
    return gone;
}
