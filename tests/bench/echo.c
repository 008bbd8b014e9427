/* What the hub's ingest is held against: libzmq and CURVE alone. Every message goes back to whom it
 * came from, unread and unstored.
 *
 * The socket's options are those of shared/io/link_server.c, set here by hand so that nothing of
 * ours stands between the library and its figure; the doorman lets everybody in. Prints one line,
 * "ENDPOINT PUBLIC-KEY-IN-HEX", and runs until its standard input closes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

#include "shared/base/limits.h"
#include "shared/crypto/random.h"
#include "shared/io/link.h"
#include "shared/io/zap.h"
#include "tests/bench/org.h"

#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

enum { ECHO_NUMBER = 0, HIGH_WATER = 100, BATCH = 512 };

static int let_in(void *ctx, const char *domain, const uint8_t key[ZAP_KEY_SIZE],
                  char ret_user_id[ZAP_USER_ID_SIZE]) {
    (void)ctx;
    (void)domain;
    (void)key;
    (void)snprintf(ret_user_id, ZAP_USER_ID_SIZE, "anyone");
    return 0;
}

static void give_up(void *ctx, int error) {
    (void)ctx;
    fprintf(stderr, "echo: the doorman ended: %s\n", err_text(error));
    _exit(1);
}

static void set(void *socket, int name, int value) {
    if (zmq_setsockopt(socket, name, &value, sizeof(value)) < 0) {
        fprintf(stderr, "echo: option %d: %s\n", name, zmq_strerror(errno));
        exit(1);
    }
}

static void set_options(void *socket, const struct org_keys *keys) {
    int64_t bytes_max = FRAME_BYTES_MAX;
    set(socket, ZMQ_LINGER, 0);
    set(socket, ZMQ_SNDTIMEO, 0);
    set(socket, ZMQ_RCVTIMEO, 0);
    set(socket, ZMQ_SNDHWM, HIGH_WATER);
    set(socket, ZMQ_RCVHWM, HIGH_WATER);
    set(socket, ZMQ_TCP_MAXRT, 30000);
    set(socket, ZMQ_CURVE_SERVER, 1);
    set(socket, ZMQ_ZAP_ENFORCE_DOMAIN, 1);
    set(socket, ZMQ_ROUTER_MANDATORY, 1);
    set(socket, ZMQ_ROUTER_HANDOVER, 0);
    set(socket, ZMQ_BACKLOG, 4096);
    set(socket, ZMQ_HANDSHAKE_IVL, LINK_HANDSHAKE_MS);
    set(socket, ZMQ_HEARTBEAT_IVL, 10000);
    set(socket, ZMQ_HEARTBEAT_TIMEOUT, 30000);
    set(socket, ZMQ_HEARTBEAT_TTL, 60000);
    if (zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &bytes_max, sizeof(bytes_max)) < 0 ||
        zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, "bench", 5) < 0 ||
        zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys->curve_public.bytes, 32) < 0 ||
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->curve_secret.bytes, 32) < 0) {
        fprintf(stderr, "echo: %s\n", zmq_strerror(errno));
        exit(1);
    }
}

/* One whole message, back as it came. False where none is left. */
static bool echo_one(void *socket) {
    zmq_msg_t route;
    zmq_msg_t frame;
    zmq_msg_init(&route);
    zmq_msg_init(&frame);
    bool taken = zmq_msg_recv(&route, socket, ZMQ_DONTWAIT) >= 0;
    if (taken && zmq_msg_recv(&frame, socket, ZMQ_DONTWAIT) >= 0 &&
        zmq_msg_send(&route, socket, ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0) {
        (void)zmq_msg_send(&frame, socket, ZMQ_DONTWAIT);
    }
    zmq_msg_close(&route); /* a sent message is empty by now */
    zmq_msg_close(&frame);
    return taken;
}

static void serve(void *socket) {
    zmq_pollitem_t items[2] = {{.socket = socket, .events = ZMQ_POLLIN},
                               {.fd = STDIN_FILENO, .events = ZMQ_POLLIN}};
    while (zmq_poll(items, 2, -1) >= 0 && items[1].revents == 0) {
        for (int i = 0; i < BATCH && echo_one(socket); i++) {
        }
    }
}

int main(void) {
    struct link_context *context = NULL;
    struct zap *zap = NULL;
    const struct zap_policy policy = {.decide = let_in, .on_end = give_up};
    struct org_keys keys;
    char endpoint[LINK_ENDPOINT_SIZE];
    char hex[65];

    if (random_init() < 0 || link_context_new(1, 16, &context) < 0 ||
        zap_start(context, &policy, &zap) < 0) {
        fprintf(stderr, "echo: can't start ZeroMQ\n");
        return 1;
    }
    org_keys_of_number(ECHO_NUMBER, &keys);
    void *socket = zmq_socket(link_context_zmq(context), ZMQ_ROUTER);
    set_options(socket, &keys);
    if (zmq_bind(socket, "tcp://127.0.0.1:*") < 0 ||
        zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &(size_t){sizeof(endpoint)}) < 0) {
        fprintf(stderr, "echo: can't bind: %s\n", zmq_strerror(errno));
        return 1;
    }
    hex_encode(BYTES_OF(keys.curve_public), hex);
    printf("%s %s\n", endpoint, hex);
    fflush(stdout);
    serve(socket);
    zmq_close(socket);
    zap_stop(zap);
    link_context_free(context);
    return 0;
}
