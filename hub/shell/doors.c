#include "hub/shell/doors.h"

#include <string.h>

#include "hub/shell/zap_policy.h"
#include "shared/crypto/random.h"
#include "shared/crypto/secret.h"

enum {
    IO_THREADS = 1,
    SOCKETS_MAX = 16,
    HIGH_WATER = 100, /* per member and direction (RELIABILITY 1.1) */
    ENROL_FRAME_BYTES_MAX = DIRECTORY_ENTRY_BYTES_MAX + 1024,
    SELF_TEST_MS = 10000,
};

/* An address that means "any of mine" is no address that an invitation could name. */
static bool is_wildcard(const char *endpoint) {
    return strstr(endpoint, "//0.0.0.0:") != NULL || strstr(endpoint, "//*:") != NULL ||
           strstr(endpoint, "//[::]:") != NULL;
}

static bool has_address(const char *public_endpoint, const char *endpoint) {
    return public_endpoint[0] != '\0' || !is_wildcard(endpoint);
}

static struct link_keys transport_keys(const struct keys *keys) {
    struct link_keys pair;
    memcpy(pair.public_key, keys->hub.curve_public.bytes, sizeof(pair.public_key));
    memcpy(pair.secret_key, keys->curve_secret.bytes, sizeof(pair.secret_key));
    return pair;
}

/* Nobody knows this key: the door must be shut to it. */
static int test_door(struct link_server *members) {
    uint8_t seed[32];
    struct curve_public public_key;
    struct curve_secret secret;
    struct link_keys stranger;
    random_fill(seed, sizeof(seed));
    curve_keys_from_seed(seed, "self-test/v1", &public_key, &secret);
    memcpy(stranger.public_key, public_key.bytes, sizeof(stranger.public_key));
    memcpy(stranger.secret_key, secret.bytes, sizeof(stranger.secret_key));
    return link_server_self_test(members, &stranger, SELF_TEST_MS);
}

static int open_servers(const struct settings *settings, const struct keys *keys, struct doors *ret,
                        enum doors_fault *ret_fault) {
    struct link_keys pair = transport_keys(keys);
    struct link_server_params params = {
        .endpoint = settings->members,
        .domain = DOMAIN_MEMBERS,
        .keys = &pair,
        .high_water_messages = HIGH_WATER,
        .frame_bytes_max = FRAME_BYTES_MAX,
    };
    *ret_fault = DOORS_NO_MEMBERS;
    int r = link_server_open(ret->context, &params, &ret->members);
    if (r == 0) {
        *ret_fault = DOORS_NO_ENROL;
        params.endpoint = settings->enrol;
        params.domain = DOMAIN_ENROL;
        params.frame_bytes_max = ENROL_FRAME_BYTES_MAX;
        r = link_server_open(ret->context, &params, &ret->enrol);
    }
    secret_wipe(&pair, sizeof(pair));
    return r;
}

int doors_open(const struct settings *settings, const struct keys *keys, struct store *store,
               struct doors *ret, enum doors_fault *ret_fault) {
    struct zap_policy policy = zap_policy_of(store);
    if (!has_address(settings->public_members, settings->members) ||
        !has_address(settings->public_enrol, settings->enrol)) {
        *ret_fault = DOORS_NO_PUBLIC_ADDRESS;
        return ERR_CONFIG;
    }
    *ret_fault = DOORS_NO_ZEROMQ;
    int r = link_context_new(IO_THREADS, SOCKETS_MAX, &ret->context);
    if (r == 0) {
        r = zap_start(ret->context, &policy, &ret->zap);
    }
    if (r == 0) {
        r = open_servers(settings, keys, ret, ret_fault);
    }
    if (r == 0) {
        *ret_fault = DOORS_OPEN;
        r = test_door(ret->members);
    }
    return r;
}

void doors_close(struct doors *doors) {
    link_server_close(doors->enrol);
    link_server_close(doors->members);
    zap_stop(doors->zap);
}

void doors_end(struct doors *doors) {
    link_context_free(doors->context);
}
