#include "hub/shell/records.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/crypto/hash.h"
#include "shared/crypto/random.h"
#include "shared/crypto/secret.h"
#include "shared/store/env.h"

/* In locked memory. */
struct secrets {
    struct keyring_master master;
    struct vault_index_key index;
};

struct records {
    struct secrets *secrets;
    struct keyring *keyring;
};

struct paths {
    char master[SETTINGS_PATH_SIZE];
    char keyring[SETTINGS_PATH_SIZE];
};

struct seed {
    uint8_t bytes[KEYRING_SEED_BYTES];
};

static void fresh(struct seed *ret) {
    random_fill(ret->bytes, sizeof(ret->bytes));
}

static int find_paths(const struct settings *settings, struct paths *ret) {
    int r = settings_path(settings, SETTINGS_MASTER_KEY, ret->master);
    return r < 0 ? r : settings_path(settings, SETTINGS_KEYRING, ret->keyring);
}

static int make_master(const char *path) {
    struct keyring_master *master = secret_new(sizeof(*master));
    if (master == NULL) {
        return ERR_NO_MEMORY;
    }
    random_fill(master->bytes, sizeof(master->bytes));
    int r = keyring_master_save(path, master);
    secret_free(master);
    return r;
}

static int make_keyring(const struct paths *paths) {
    struct seed seed;
    struct keyring_master *master = secret_new(sizeof(*master));
    if (master == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = keyring_master_load(paths->master, master);
    if (r == 0) {
        fresh(&seed);
        r = keyring_create(paths->keyring, master, seed.bytes);
        secret_wipe(&seed, sizeof(seed));
    }
    secret_free(master);
    return r;
}

static int make(const struct paths *paths) {
    const bool has_master = access(paths->master, F_OK) == 0;
    if (access(paths->keyring, F_OK) == 0) {
        return has_master ? 0 : ERR_NOT_FOUND;
    }
    int r = has_master ? 0 : make_master(paths->master);
    return r < 0 ? r : make_keyring(paths);
}

int records_make(const struct settings *settings) {
    struct paths paths;
    int r = find_paths(settings, &paths);
    return r < 0 ? r : make(&paths);
}

static int load(const struct paths *paths, struct records *records) {
    int r = keyring_master_load(paths->master, &records->secrets->master);
    if (r < 0) {
        return r;
    }
    struct digest index = hash_keyed(BYTES_OF(records->secrets->master.bytes), "hub-index-key/v1",
                                     (struct bytes){.data = NULL, .length = 0});
    memcpy(records->secrets->index.bytes, index.bytes, sizeof(records->secrets->index.bytes));
    secret_wipe(&index, sizeof(index));
    return keyring_open(paths->keyring, &records->secrets->master, &records->keyring);
}

int records_open_there(const struct settings *settings, struct records **ret) {
    struct paths paths;
    int r = find_paths(settings, &paths);
    if (r < 0) {
        return r;
    }
    struct records *records = calloc(1, sizeof(*records));
    if (records == NULL) {
        return ERR_NO_MEMORY;
    }
    records->secrets = secret_new(sizeof(*records->secrets));
    r = records->secrets == NULL ? ERR_NO_MEMORY : load(&paths, records);
    if (r < 0) {
        records_close(records);
        return r;
    }
    *ret = records;
    return 0;
}

int records_open(const struct settings *settings, uint64_t last_key, struct records **ret) {
    struct records *records;
    int r = last_key == 0 ? records_make(settings) : 0;
    r = r < 0 ? r : records_open_there(settings, &records);
    if (r < 0) {
        return r;
    }
    if (keyring_next_id(records->keyring) <= last_key) {
        records_close(records);
        return ERR_CHAIN;
    }
    *ret = records;
    return 0;
}

int records_open_for(const struct settings *settings, struct store *store, struct records **ret) {
    struct store_txn *view;
    uint64_t last_key = 0;
    int r = store_begin_read(store, &view);
    if (r < 0) {
        return r;
    }
    r = family_last_key(view, &last_key);
    store_abort(view);
    return r < 0 ? r : records_open(settings, last_key, ret);
}

void records_close(struct records *records) {
    if (records == NULL) {
        return;
    }
    keyring_close(records->keyring);
    secret_free(records->secrets);
    free(records);
}

struct family_keys records_keys(const struct records *records) {
    return (struct family_keys){.records = keyring_keys(records->keyring),
                                .index = &records->secrets->index};
}

static bool is_there(const struct records *records, uint64_t id) {
    struct record_key key;
    int r = keyring_get(records->keyring, id, &key);
    secret_wipe(&key, sizeof(key));
    return r == 0;
}

bool records_next_run(const struct records *records, uint64_t after, uint64_t *ret_first,
                      uint64_t *ret_count) {
    const uint64_t end = keyring_next_id(records->keyring);
    uint64_t first = after + 1;
    while (first < end && !is_there(records, first)) {
        first++;
    }
    uint64_t next = first;
    while (next < end && is_there(records, next)) {
        next++;
    }
    if (next == first) {
        return false;
    }
    *ret_first = first;
    *ret_count = next - first;
    return true;
}

int records_reserve(const struct records *records, uint32_t count, uint64_t *ret_first) {
    struct seed seed;
    fresh(&seed);
    int r = keyring_reserve(records->keyring, seed.bytes, count, ret_first);
    secret_wipe(&seed, sizeof(seed));
    return r;
}

int records_shred(const struct records *records, const uint64_t *keys, size_t count) {
    struct seed seed;
    fresh(&seed);
    int r = keyring_shred(records->keyring, seed.bytes, keys, count);
    secret_wipe(&seed, sizeof(seed));
    return r;
}

int records_copy(const struct records *records, const char *path) {
    struct seed seed;
    fresh(&seed);
    int r = keyring_copy(records->keyring, seed.bytes, path);
    secret_wipe(&seed, sizeof(seed));
    return r;
}
