#include "node/shell/keys.h"

#include <string.h>

#include "shared/crypto/hash.h"
#include "shared/crypto/random.h"
#include "shared/crypto/secret.h"
#include "shared/members/members.h"

static int make_seed(const struct place *place, const char *name) {
    if (place_has(place, name)) {
        return 0;
    }
    struct keyring_master *seed = secret_new(sizeof(*seed));
    if (seed == NULL) {
        return ERR_NO_MEMORY;
    }
    random_fill(seed, sizeof(*seed));
    const struct place_path path = place_path(place, name);
    int r = keyring_master_save(path.text, seed);
    secret_free(seed);
    return r;
}

static int make_keyring(const struct place *place) {
    if (place_has(place, PLACE_KEYRING)) {
        return 0;
    }
    struct keyring_master *master = secret_new(sizeof(*master));
    if (master == NULL) {
        return ERR_NO_MEMORY;
    }
    const struct place_path from = place_path(place, PLACE_MASTER);
    const struct place_path to = place_path(place, PLACE_KEYRING);
    int r = keyring_master_load(from.text, master);
    if (r == 0) {
        uint8_t seed[KEYRING_SEED_BYTES];
        random_fill(seed, sizeof(seed));
        r = keyring_create(to.text, master, seed);
        secret_wipe(seed, sizeof(seed));
    }
    secret_free(master);
    return r;
}

int keys_make(const struct place *place) {
    const char *const names[] = {PLACE_IDENTITY, PLACE_SEAL, PLACE_CONTACT, PLACE_DISCLOSURE,
                                 PLACE_MASTER};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        int r = make_seed(place, names[i]);
        if (r < 0) {
            return r;
        }
    }
    return make_keyring(place);
}

static void from_identity(const struct keyring_master *seed, struct keys *keys) {
    struct curve_secret transport;
    struct digest signing =
        hash_of("node-signing-seed/v1", (struct bytes){.data = seed->bytes, .length = 32});
    curve_keys_from_seed(seed->bytes, "transport/v1", &keys->transport, &transport);
    sign_keys_from_seed(signing.bytes, &keys->sign, &keys->secret->sign);
    memcpy(keys->secret->transport.public_key, keys->transport.bytes, 32);
    memcpy(keys->secret->transport.secret_key, transport.bytes, 32);
    secret_wipe(&transport, sizeof(transport));
    secret_wipe(&signing, sizeof(signing));
}

static void from_master(const struct keyring_master *seed, struct keys *keys) {
    const struct bytes master = {.data = seed->bytes, .length = 32};
    const struct bytes none = {.data = NULL, .length = 0};
    struct digest index = hash_keyed(master, "node-index-key/v1", none);
    struct digest workers = hash_keyed(master, "node-worker-key/v1", none);
    keys->secret->master = *seed;
    memcpy(keys->secret->index.bytes, index.bytes, 32);
    memcpy(keys->secret->workers.bytes, workers.bytes, sizeof(keys->secret->workers.bytes));
    secret_wipe(&index, sizeof(index));
    secret_wipe(&workers, sizeof(workers));
}

static void from_disclosure(const struct keyring_master *seed, struct keys *keys) {
    memcpy(keys->secret->disclosure.bytes, seed->bytes, 32);
}

static void from_seal(const struct keyring_master *seed, struct keys *keys) {
    struct curve_secret secret;
    curve_keys_from_seed(seed->bytes, "seal/v1", &keys->seal, &secret);
    secret_wipe(&secret, sizeof(secret));
}

static void from_contact(const struct keyring_master *seed, struct keys *keys) {
    struct curve_secret secret;
    curve_keys_from_seed(seed->bytes, "contact/v1", &keys->contact, &secret);
    secret_wipe(&secret, sizeof(secret));
}

static int load_all(const struct place *place, struct keyring_master *seed, struct keys *keys) {
    static const struct {
        const char *name;
        void (*take)(const struct keyring_master *seed, struct keys *keys);
    } files[] = {
        {PLACE_IDENTITY, from_identity},     {PLACE_SEAL, from_seal},
        {PLACE_CONTACT, from_contact},       {PLACE_MASTER, from_master},
        {PLACE_DISCLOSURE, from_disclosure},
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        const struct place_path path = place_path(place, files[i].name);
        int r = keyring_master_load(path.text, seed);
        if (r < 0) {
            return r;
        }
        files[i].take(seed, keys);
    }
    return 0;
}

int keys_load(const struct place *place, struct keys *ret) {
    struct keys keys = {.secret = secret_new(sizeof(*keys.secret))};
    struct keyring_master *seed = secret_new(sizeof(*seed));
    if (keys.secret == NULL || seed == NULL) {
        secret_free(keys.secret);
        secret_free(seed);
        return ERR_NO_MEMORY;
    }
    int r = load_all(place, seed, &keys);
    secret_free(seed);
    if (r < 0) {
        keys_deinit(&keys);
        return r;
    }
    *ret = keys;
    return 0;
}

void keys_deinit(struct keys *keys) {
    if (keys == NULL) {
        return;
    }
    secret_free(keys->secret);
    keys->secret = NULL;
}

void keys_words(const struct keys *keys, const struct org_id *org,
                char ret_text[static WORDS_TEXT_SIZE]) {
    struct public_key sign;
    struct public_key curve;
    memcpy(sign.bytes, keys->sign.bytes, sizeof(sign.bytes));
    memcpy(curve.bytes, keys->transport.bytes, sizeof(curve.bytes));
    member_words(org, &sign, &curve, ret_text);
}
