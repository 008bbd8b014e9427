#include "shared/vault/keyring.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/buf.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/rng.h"
#include "shared/crypto/secret.h"
#include "shared/vault/file.h"

/* The file: magic 8 | version u8 | salt 32 | next id u64 | count u32, and then, sealed with those
 * as associated data, for each key its id u64 and its 32 bytes, ids rising. The key of the seal is
 * the hash of the master key and the salt, and the salt is never used again: so the nonce is 0. */
enum {
    FILE_VERSION = 1,
    SALT_BYTES = 32,
    HEADER_BYTES = 8 + 1 + SALT_BYTES + 8 + 4,
    ENTRY_BYTES = 8 + 32,
};

#define FILE_BYTES_MAX                                                                             \
    ((size_t)HEADER_BYTES + (size_t)ENTRY_BYTES * KEYRING_KEYS_MAX + AEAD_TAG_BYTES)

static const char magic[] = "vangkeys";

struct keyring {
    char *path;
    pthread_mutex_t mutex;         /* guards all below */
    struct keyring_master *master; /* secret memory, as the keys */
    struct record_key *keys;       /* by rising id; NULL when there are none */
    size_t count;
    uint64_t next_id;
};

/* What is on disk, or will be. */
struct content {
    struct record_key *keys;
    size_t count;
    uint64_t next_id;
};

static struct aead_key file_key(const struct keyring_master *master, const uint8_t *salt) {
    struct digest digest = hash_keyed(BYTES_OF(master->bytes), "keyring/v1",
                                      (struct bytes){.data = salt, .length = SALT_BYTES});
    struct aead_key key;
    memcpy(key.bytes, digest.bytes, sizeof(key.bytes));
    secret_wipe(&digest, sizeof(digest));
    return key;
}

/* Into secret memory; NULL where there's none left. */
static uint8_t *encode_keys(const struct content *content) {
    size_t size = content->count * ENTRY_BYTES;
    uint8_t *memory = secret_new(size + 1);
    if (memory == NULL) {
        return NULL;
    }
    struct buf out = buf_over(memory, size);
    for (size_t i = 0; i < content->count; i++) {
        buf_u64(&out, content->keys[i].id);
        buf_raw(&out, BYTES_OF(content->keys[i].key.bytes));
    }
    return memory;
}

/* Allocates `ret_file`, which the caller frees. */
static int encode(const struct content *content, const struct keyring_master *master,
                  const uint8_t salt[static SALT_BYTES], struct bytes *ret_file) {
    size_t plain_bytes = content->count * ENTRY_BYTES;
    size_t size = HEADER_BYTES + plain_bytes + AEAD_TAG_BYTES;
    uint8_t *plain = encode_keys(content);
    uint8_t *memory = malloc(size);
    if (plain == NULL || memory == NULL) {
        secret_free(plain);
        free(memory);
        return ERR_NO_MEMORY;
    }
    struct buf out = buf_over(memory, size);
    buf_raw(&out, bytes_from_text(magic));
    buf_u8(&out, FILE_VERSION);
    buf_raw(&out, (struct bytes){.data = salt, .length = SALT_BYTES});
    buf_u64(&out, content->next_id);
    buf_u32(&out, (uint32_t)content->count);
    struct aead_key key = file_key(master, salt);
    struct aead_nonce nonce = {{0}};
    aead_seal(&key, &nonce, buf_bytes(&out), (struct bytes){.data = plain, .length = plain_bytes},
              memory + out.length);
    secret_wipe(&key, sizeof(key));
    secret_free(plain);
    *ret_file = (struct bytes){.data = memory, .length = size};
    return 0;
}

static int decode_keys(struct bytes plain, struct content *content) {
    if (content->count == 0) {
        return 0;
    }
    content->keys = secret_new(content->count * sizeof(*content->keys));
    if (content->keys == NULL) {
        return ERR_NO_MEMORY;
    }
    struct reader reader = reader_over(plain);
    for (size_t i = 0; i < content->count; i++) {
        content->keys[i].id = read_u64(&reader);
        read_raw(&reader, content->keys[i].key.bytes, sizeof(content->keys[i].key.bytes));
    }
    return 0;
}

static int open_sealed(struct bytes sealed, struct bytes header, const struct aead_key *key,
                       struct content *content) {
    size_t plain_bytes = content->count * ENTRY_BYTES;
    uint8_t *plain = secret_new(plain_bytes + 1);
    if (plain == NULL) {
        return ERR_NO_MEMORY;
    }
    struct aead_nonce nonce = {{0}};
    int r = aead_open(key, &nonce, header, sealed, plain);
    if (r == 0) {
        r = decode_keys((struct bytes){.data = plain, .length = plain_bytes}, content);
    }
    secret_free(plain);
    return r;
}

static int decode(struct bytes file, const struct keyring_master *master, struct content *ret) {
    struct reader reader = reader_over(file);
    char start[sizeof(magic)] = {0};
    uint8_t salt[SALT_BYTES];
    read_raw(&reader, start, sizeof(start) - 1);
    uint8_t version = read_u8(&reader);
    read_raw(&reader, salt, sizeof(salt));
    uint64_t next_id = read_u64(&reader);
    size_t count = read_u32(&reader);
    if (reader.error != 0 || memcmp(start, magic, sizeof(magic)) != 0) {
        return ERR_CRYPTO;
    }
    if (version != FILE_VERSION) {
        return ERR_UNSUPPORTED;
    }
    if (count > KEYRING_KEYS_MAX || reader.rest.length != count * ENTRY_BYTES + AEAD_TAG_BYTES) {
        return ERR_CRYPTO;
    }
    struct content content = {.count = count, .next_id = next_id};
    struct aead_key key = file_key(master, salt);
    struct bytes header = {.data = file.data, .length = HEADER_BYTES};
    int r = open_sealed(reader.rest, header, &key, &content);
    secret_wipe(&key, sizeof(key));
    if (r < 0) {
        return r;
    }
    *ret = content;
    return 0;
}

static int save(const struct keyring *keyring, const struct content *content,
                const uint8_t salt[static SALT_BYTES], enum file_old old) {
    struct bytes file;
    int r = encode(content, keyring->master, salt, &file);
    if (r < 0) {
        return r;
    }
    r = file_replace(keyring->path, file, old);
    free((void *)(uintptr_t)file.data);
    return r == ERR_EXISTS || r == ERR_NOT_FOUND ? ERR_IO : r;
}

/* Takes the content's keys in place of the keyring's own. */
static void take(struct keyring *keyring, const struct content *content) {
    secret_free(keyring->keys);
    keyring->keys = content->keys;
    keyring->count = content->count;
    keyring->next_id = content->next_id;
}

int keyring_create(const char *path, const struct keyring_master *master,
                   const uint8_t seed[static KEYRING_SEED_BYTES]) {
    struct rng rng;
    uint8_t salt[SALT_BYTES];
    rng_init(&rng, seed);
    rng_fill(&rng, salt, sizeof(salt));
    struct content none = {.next_id = 1};
    struct bytes file;
    int r = encode(&none, master, salt, &file);
    if (r < 0) {
        return r;
    }
    r = file_create(path, file);
    free((void *)(uintptr_t)file.data);
    return r == ERR_NOT_FOUND ? ERR_IO : r;
}

static int load(const char *path, const struct keyring_master *master, struct content *ret) {
    struct bytes file;
    int r = file_read(path, FILE_BYTES_MAX, false, &file);
    if (r < 0) {
        return r == ERR_TOO_LARGE ? ERR_CRYPTO : r;
    }
    r = decode(file, master, ret);
    free((void *)(uintptr_t)file.data);
    return r;
}

int keyring_open(const char *path, const struct keyring_master *master, struct keyring **ret) {
    struct content content = {0};
    int r = load(path, master, &content);
    if (r < 0) {
        return r;
    }
    /* Only now: what is cleared away might have been all that is left. */
    r = file_finish(path);
    if (r < 0) {
        secret_free(content.keys);
        return r;
    }
    struct keyring *keyring = calloc(1, sizeof(*keyring));
    char *copy = strdup(path);
    struct keyring_master *master_copy = secret_new(sizeof(*master_copy));
    if (keyring == NULL || copy == NULL || master_copy == NULL) {
        free(keyring);
        free(copy);
        secret_free(master_copy);
        secret_free(content.keys);
        return ERR_NO_MEMORY;
    }
    *master_copy = *master;
    *keyring = (struct keyring){.path = copy, .master = master_copy};
    pthread_mutex_init(&keyring->mutex, NULL);
    take(keyring, &content);
    *ret = keyring;
    return 0;
}

void keyring_close(struct keyring *keyring) {
    if (keyring == NULL) {
        return;
    }
    secret_free(keyring->keys);
    secret_free(keyring->master);
    pthread_mutex_destroy(&keyring->mutex);
    free(keyring->path);
    free(keyring);
}

static int reserve(struct keyring *keyring, struct rng *rng, uint32_t count) {
    if (count > KEYRING_KEYS_MAX - keyring->count) {
        return ERR_TOO_LARGE;
    }
    struct content content = {.count = keyring->count + count, .next_id = keyring->next_id + count};
    content.keys = secret_new(content.count * sizeof(*content.keys) + 1);
    if (content.keys == NULL) {
        return ERR_NO_MEMORY;
    }
    if (keyring->count > 0) {
        memcpy(content.keys, keyring->keys, keyring->count * sizeof(*content.keys));
    }
    uint8_t salt[SALT_BYTES];
    rng_fill(rng, salt, sizeof(salt));
    for (uint32_t i = 0; i < count; i++) {
        struct record_key *key = &content.keys[keyring->count + i];
        key->id = keyring->next_id + i;
        rng_fill(rng, key->key.bytes, sizeof(key->key.bytes));
    }
    int r = save(keyring, &content, salt, FILE_OLD_DROP);
    if (r < 0) {
        secret_free(content.keys);
        return r;
    }
    take(keyring, &content);
    return 0;
}

int keyring_reserve(struct keyring *keyring, const uint8_t seed[static KEYRING_SEED_BYTES],
                    uint32_t count, uint64_t *ret_first_id) {
    struct rng rng;
    rng_init(&rng, seed);
    pthread_mutex_lock(&keyring->mutex);
    uint64_t first = keyring->next_id;
    int r = reserve(keyring, &rng, count);
    pthread_mutex_unlock(&keyring->mutex);
    secret_wipe(&rng, sizeof(rng));
    if (r < 0) {
        return r;
    }
    *ret_first_id = first;
    return 0;
}

/* Binary search; `count` where it isn't there. */
static size_t find(const struct record_key *keys, size_t count, uint64_t id) {
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (keys[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && keys[low].id == id ? low : count;
}

int keyring_get(struct keyring *keyring, uint64_t id, struct record_key *ret) {
    pthread_mutex_lock(&keyring->mutex);
    size_t at = find(keyring->keys, keyring->count, id);
    bool found = at < keyring->count;
    if (found) {
        *ret = keyring->keys[at];
    }
    pthread_mutex_unlock(&keyring->mutex);
    return found ? 0 : ERR_NOT_FOUND;
}

/* The keyring's keys without those with a mark. */
static struct content without(const struct keyring *keyring, const bool *marks) {
    struct content content = {.next_id = keyring->next_id};
    content.keys = secret_new(keyring->count * sizeof(*content.keys) + 1);
    for (size_t i = 0; content.keys != NULL && i < keyring->count; i++) {
        if (!marks[i]) {
            content.keys[content.count++] = keyring->keys[i];
        }
    }
    return content;
}

static int shred(struct keyring *keyring, const uint8_t salt[static SALT_BYTES],
                 const uint64_t *ids, size_t count) {
    bool *marks = calloc(keyring->count + 1, sizeof(*marks));
    if (marks == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        marks[find(keyring->keys, keyring->count, ids[i])] = true; /* the last one: not there */
    }
    struct content content = without(keyring, marks);
    free(marks);
    if (content.keys == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = content.count == keyring->count ? file_finish(keyring->path)
                                            : save(keyring, &content, salt, FILE_OLD_OVERWRITE);
    if (r < 0) {
        secret_free(content.keys);
        return r;
    }
    take(keyring, &content);
    return 0;
}

int keyring_shred(struct keyring *keyring, const uint8_t seed[static KEYRING_SEED_BYTES],
                  const uint64_t *ids, size_t count) {
    struct rng rng;
    uint8_t salt[SALT_BYTES];
    rng_init(&rng, seed);
    rng_fill(&rng, salt, sizeof(salt));
    pthread_mutex_lock(&keyring->mutex);
    int r = shred(keyring, salt, ids, count);
    pthread_mutex_unlock(&keyring->mutex);
    return r;
}

int keyring_copy(struct keyring *keyring, const uint8_t seed[static KEYRING_SEED_BYTES],
                 const char *path) {
    struct rng rng;
    uint8_t salt[SALT_BYTES];
    struct bytes file;
    rng_init(&rng, seed);
    rng_fill(&rng, salt, sizeof(salt));
    pthread_mutex_lock(&keyring->mutex);
    const struct content content = {
        .keys = keyring->keys, .count = keyring->count, .next_id = keyring->next_id};
    int r = encode(&content, keyring->master, salt, &file);
    pthread_mutex_unlock(&keyring->mutex);
    if (r < 0) {
        return r;
    }
    r = file_create(path, file);
    free((void *)(uintptr_t)file.data);
    return r == ERR_NOT_FOUND ? ERR_IO : r;
}

size_t keyring_count(struct keyring *keyring) {
    pthread_mutex_lock(&keyring->mutex);
    size_t count = keyring->count;
    pthread_mutex_unlock(&keyring->mutex);
    return count;
}

uint64_t keyring_next_id(struct keyring *keyring) {
    pthread_mutex_lock(&keyring->mutex);
    uint64_t next_id = keyring->next_id;
    pthread_mutex_unlock(&keyring->mutex);
    return next_id;
}

static int get_from(void *context, uint64_t id, struct record_key *ret) {
    return keyring_get(context, id, ret);
}

struct vault_keys keyring_keys(struct keyring *keyring) {
    return (struct vault_keys){.get = get_from, .context = keyring};
}
