#include "tests/unit/shared/io/link_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

int64_t world_now_ms(void) {
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct link_keys make_keys(void) {
    char public_text[41];
    char secret_text[41];
    struct link_keys keys;

    assert_int_equal(zmq_curve_keypair(public_text, secret_text), 0);
    assert_non_null(zmq_z85_decode(keys.public_key, public_text));
    assert_non_null(zmq_z85_decode(keys.secret_key, secret_text));
    return keys;
}

static int decide(void *ctx, const char *domain, const uint8_t key[ZAP_KEY_SIZE],
                  char ret_user_id[ZAP_USER_ID_SIZE]) {
    static const char *const names[] = {[AALST] = "ocmw-aalst", [BORNEM] = "caw-bornem"};
    struct world *world = ctx;

    if (atomic_load(&world->slow)) {
        sem_wait(&world->go);
    }
    if (atomic_load(&world->shut) || strcmp(domain, "hub") != 0) {
        return ERR_DENIED;
    }
    for (int i = AALST; i <= BORNEM; i++) {
        if (memcmp(world->keys[i].public_key, key, ZAP_KEY_SIZE) == 0) {
            strcpy(ret_user_id, names[i]);
            return 0;
        }
    }
    return ERR_NOT_FOUND;
}

void world_start_doorman(struct world *world) {
    const struct zap_policy policy = {.decide = decide, .ctx = world};
    assert_int_equal(zap_start(world->context, &policy, &world->zap), 0);
}

struct link_server_params world_server_params(struct world *world) {
    return (struct link_server_params){
        .endpoint = "tcp://127.0.0.1:*",
        .domain = "hub",
        .keys = &world->keys[HUB],
        .high_water_messages = 10,
        .frame_bytes_max = TEST_FRAME_BYTES_MAX,
        .handshake_ms = 300,
    };
}

void world_open_server(struct world *world) {
    struct link_server_params params = world_server_params(world);
    assert_int_equal(link_server_open(world->context, &params, &world->server), 0);
}

struct link_client_params world_client_params(struct world *world, enum who who) {
    return (struct link_client_params){
        .endpoint = link_server_endpoint(world->server),
        .server_key = world->keys[HUB].public_key,
        .keys = &world->keys[who],
        .high_water_messages = 10,
        .frame_bytes_max = TEST_FRAME_BYTES_MAX,
        .reconnect_ms = 50,
    };
}

struct link_client *world_open_client(struct world *world, enum who who) {
    const struct link_client_params params = world_client_params(world, who);

    for (int i = 0; i < PEERS_MAX; i++) {
        if (world->clients[i] == NULL) {
            assert_int_equal(link_client_open(world->context, &params, &world->clients[i]), 0);
            return world->clients[i];
        }
    }
    fail();
    return NULL;
}

void world_close_client(struct world *world, struct link_client *client) {
    for (int i = 0; i < PEERS_MAX; i++) {
        world->clients[i] = world->clients[i] == client ? NULL : world->clients[i];
    }
    link_client_close(client);
}

void bare_set_int(void *socket, int name, int value) {
    assert_int_equal(zmq_setsockopt(socket, name, &value, sizeof(value)), 0);
}

struct bare *bare_open(struct world *world, const struct link_keys *keys) {
    void *zmq = link_context_zmq(world->context);
    struct bare *bare = calloc(1, sizeof(*bare));
    char name[64];

    assert_non_null(bare);
    bare->socket = zmq_socket(zmq, ZMQ_DEALER);
    bare->monitor = zmq_socket(zmq, ZMQ_PAIR);
    bare_set_int(bare->socket, ZMQ_RECONNECT_IVL, 50);
    bare_set_int(bare->socket, ZMQ_SNDTIMEO, DEADLINE_MS);
    if (keys != NULL) {
        zmq_setsockopt(bare->socket, ZMQ_CURVE_SERVERKEY, world->keys[HUB].public_key, 32);
        zmq_setsockopt(bare->socket, ZMQ_CURVE_PUBLICKEY, keys->public_key, 32);
        zmq_setsockopt(bare->socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, 32);
    }
    snprintf(name, sizeof(name), "inproc://bare-%p", bare->socket);
    assert_int_equal(zmq_socket_monitor(bare->socket, name, ZMQ_EVENT_ALL), 0);
    assert_int_equal(zmq_connect(bare->monitor, name), 0);
    for (int i = 0; i < PEERS_MAX; i++) {
        if (world->bares[i] == NULL) {
            world->bares[i] = bare;
            return bare;
        }
    }
    fail();
    return NULL;
}

void bare_close(struct world *world, struct bare *bare) {
    for (int i = 0; i < PEERS_MAX; i++) {
        world->bares[i] = world->bares[i] == bare ? NULL : world->bares[i];
    }
    zmq_socket_monitor(bare->socket, NULL, 0);
    zmq_close(bare->socket);
    zmq_close(bare->monitor);
    free(bare);
}

static void drain_bare(struct bare *bare) {
    uint8_t event[6];
    uint8_t endpoint[LINK_ENDPOINT_SIZE];

    while (zmq_recv(bare->monitor, event, sizeof(event), ZMQ_DONTWAIT) == sizeof(event)) {
        uint16_t what;
        memcpy(&what, event, sizeof(what));
        zmq_recv(bare->monitor, endpoint, sizeof(endpoint), 0);
        bare->welcomed += what == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
        bare->denied += what == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
        bare->ended += (what & (ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                                ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL)) != 0;
    }
}

void mailbox_keep(void *ctx, const struct link_message *message) {
    struct mailbox *mailbox = ctx;
    struct kept *kept = &mailbox->kept[mailbox->count % KEPT_MAX];

    memset(kept, 0, sizeof(*kept));
    if (message->peer != NULL) {
        strcpy(kept->peer, message->peer);
    }
    kept->route = message->route;
    kept->length = message->frame.length;
    size_t shown = kept->length < sizeof(kept->text) ? kept->length : sizeof(kept->text) - 1;
    memcpy(kept->text, message->frame.data, shown);
    mailbox->count++;
}

void world_bind_impostor(struct world *world, const char *const *answer) {
    world->impostor = zmq_socket(link_context_zmq(world->context), ZMQ_REP);
    world->answer = answer;
    assert_int_equal(zmq_bind(world->impostor, "inproc://zeromq.zap.01"), 0);
}

static void serve_impostor(struct world *world) {
    char frame[256];
    int more = 1;

    if (world->impostor == NULL || world->answer == NULL ||
        zmq_recv(world->impostor, frame, sizeof(frame), ZMQ_DONTWAIT) < 0) {
        return;
    }
    zmq_getsockopt(world->impostor, ZMQ_RCVMORE, &more, &(size_t){sizeof(more)});
    while (more != 0) {
        zmq_recv(world->impostor, frame, sizeof(frame), 0);
        zmq_getsockopt(world->impostor, ZMQ_RCVMORE, &more, &(size_t){sizeof(more)});
    }
    for (const char *const *text = world->answer; *text != NULL; text++) {
        zmq_send(world->impostor, *text, strlen(*text), text[1] != NULL ? ZMQ_SNDMORE : 0);
    }
}

void world_step(struct world *world) {
    struct link_poll_item items[1 + PEERS_MAX];
    size_t count = 0;

    if (world->server != NULL && !world->server_receives_paused) {
        items[count++] = (struct link_poll_item){.server = world->server};
    }
    for (int i = 0; i < PEERS_MAX; i++) {
        if (world->clients[i] != NULL) {
            items[count++] = (struct link_poll_item){.client = world->clients[i]};
        }
    }
    assert_true(link_poll(items, count, STEP_MS) >= 0);
    for (size_t i = 0; i < count; i++) {
        if (items[i].ready && items[i].server != NULL) {
            assert_true(
                link_server_receive(items[i].server, mailbox_keep, &world->at_server, 100) >= 0);
        } else if (items[i].ready) {
            assert_true(
                link_client_receive(items[i].client, mailbox_keep, &world->at_client, 100) >= 0);
        }
    }
    serve_impostor(world);
    for (int i = 0; i < PEERS_MAX; i++) {
        if (world->bares[i] != NULL) {
            drain_bare(world->bares[i]);
        }
    }
}

int world_set_up_empty(void **state) {
    struct world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    sem_init(&world->go, 0, 0);
    for (int i = 0; i < WHO_COUNT; i++) {
        world->keys[i] = make_keys();
    }
    assert_int_equal(link_context_new(1, 64, &world->context), 0);
    *state = world;
    return 0;
}

int world_set_up(void **state) {
    world_set_up_empty(state);
    world_start_doorman(*state);
    world_open_server(*state);
    return 0;
}

int world_tear_down(void **state) {
    struct world *world = *state;

    for (int i = 0; i < PEERS_MAX; i++) {
        link_client_close(world->clients[i]);
        if (world->bares[i] != NULL) {
            bare_close(world, world->bares[i]);
        }
    }
    link_server_close(world->server);
    atomic_store(&world->slow, false);
    for (int i = 0; i < 100; i++) {
        sem_post(&world->go);
    }
    zap_stop(world->zap);
    if (world->impostor != NULL) {
        zmq_close(world->impostor);
    }
    link_context_free(world->context);
    sem_destroy(&world->go);
    free(world);
    return 0;
}

void world_say(struct world *world, struct link_client *client, const char *text) {
    int r = ERR_AGAIN;

    WAIT_UNTIL(world, link_client_state(client) == LINK_UP);
    WAIT_UNTIL(world, (r = link_client_send(client, bytes_from_text(text))) != ERR_AGAIN);
    assert_int_equal(r, 0);
}

void world_assert_served(struct world *world) {
    int before = world->at_server.count;
    struct link_client *client = world_open_client(world, BORNEM);

    world_say(world, client, "still here");
    WAIT_UNTIL(world, world->at_server.count > before);
    const struct kept *kept = &world->at_server.kept[before % KEPT_MAX];
    assert_string_equal(kept->peer, "caw-bornem");
    assert_string_equal(kept->text, "still here");
    world_close_client(world, client);
}

void world_assert_nobody_gets_in(struct world *world, const struct link_keys *keys,
                                 const char *endpoint) {
    int before = world->at_server.count;

    for (int i = 0; i < 3; i++) {
        struct bare *bare = bare_open(world, keys);
        assert_int_equal(zmq_connect(bare->socket, endpoint), 0);
        assert_int_equal(zmq_send(bare->socket, "let me in", 9, 0), 9);
        WAIT_UNTIL(world, bare->ended > 0);
        assert_int_equal(bare->welcomed, 0);
        bare_close(world, bare);
    }
    world_step(world);
    assert_int_equal(world->at_server.count, before);
}
