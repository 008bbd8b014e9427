/* Links over real sockets on the loopback, with the real doorman and with impostors in his place.
 * A refusal is waited for as an event (libzmq's monitor), never as silence for a while. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "shared/io/link.h"
#include "shared/io/zap.h"

#define ZAP_ENFORCE_DOMAIN 93 /* as libzmq 4.3.4 numbers it */

enum {
    DEADLINE_MS = 20000,
    STEP_MS = 5,
    KEPT_MAX = 64,
    PEERS_MAX = 4,
    TEST_FRAME_BYTES_MAX = 64 << 10,
};

enum who { AALST = 0, BORNEM, STRANGER, HUB, WHO_COUNT };

struct kept {
    char peer[ZAP_USER_ID_SIZE];
    struct link_route route;
    size_t length;
    char text[16];
};

struct mailbox {
    int count;
    struct kept kept[KEPT_MAX];
};

/* A peer made of bare libzmq, that may do what link_client never does. */
struct bare {
    void *socket;
    void *monitor;
    int welcomed;
    int ended; /* disconnections and failed handshakes */
    int denied;
};

struct world {
    struct link_context *context;
    struct zap *zap;
    struct link_server *server;
    struct link_client *clients[PEERS_MAX];
    struct bare *bares[PEERS_MAX];
    struct link_keys keys[WHO_COUNT];
    struct mailbox at_server;
    struct mailbox at_client;
    atomic_bool shut; /* the doorman refuses everybody */
    atomic_bool slow; /* he waits for `go` */
    sem_t go;
    void *impostor;              /* bound in the doorman's place, or NULL */
    const char *const *answer;   /* what the impostor says, up to a NULL; itself NULL: nothing */
    bool server_receives_paused; /* a stalled reader */
};

static int64_t now_ms(void) {
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct bytes bytes_of(const char *text) {
    return bytes_from_text(text);
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

static void start_doorman(struct world *world) {
    const struct zap_policy policy = {.decide = decide, .ctx = world};
    assert_int_equal(zap_start(world->context, &policy, &world->zap), 0);
}

static struct link_server_params server_params(struct world *world) {
    return (struct link_server_params){
        .endpoint = "tcp://127.0.0.1:*",
        .domain = "hub",
        .keys = &world->keys[HUB],
        .high_water_messages = 10,
        .frame_bytes_max = TEST_FRAME_BYTES_MAX,
        .handshake_ms = 300,
    };
}

static void open_server(struct world *world) {
    struct link_server_params params = server_params(world);
    assert_int_equal(link_server_open(world->context, &params, &world->server), 0);
}

static struct link_client_params client_params_of(struct world *world, enum who who) {
    return (struct link_client_params){
        .endpoint = link_server_endpoint(world->server),
        .server_key = world->keys[HUB].public_key,
        .keys = &world->keys[who],
        .high_water_messages = 10,
        .frame_bytes_max = TEST_FRAME_BYTES_MAX,
        .reconnect_ms = 50,
    };
}

static struct link_client *open_client(struct world *world, enum who who) {
    const struct link_client_params params = client_params_of(world, who);

    for (int i = 0; i < PEERS_MAX; i++) {
        if (world->clients[i] == NULL) {
            assert_int_equal(link_client_open(world->context, &params, &world->clients[i]), 0);
            return world->clients[i];
        }
    }
    fail();
    return NULL;
}

static void close_client(struct world *world, struct link_client *client) {
    for (int i = 0; i < PEERS_MAX; i++) {
        world->clients[i] = world->clients[i] == client ? NULL : world->clients[i];
    }
    link_client_close(client);
}

static void set_int(void *socket, int name, int value) {
    assert_int_equal(zmq_setsockopt(socket, name, &value, sizeof(value)), 0);
}

/* Not yet connected. `keys` NULL: no CURVE at all. */
static struct bare *open_bare(struct world *world, const struct link_keys *keys) {
    void *zmq = link_context_zmq(world->context);
    struct bare *bare = calloc(1, sizeof(*bare));
    char name[64];

    assert_non_null(bare);
    bare->socket = zmq_socket(zmq, ZMQ_DEALER);
    bare->monitor = zmq_socket(zmq, ZMQ_PAIR);
    set_int(bare->socket, ZMQ_RECONNECT_IVL, 50);
    set_int(bare->socket, ZMQ_SNDTIMEO, DEADLINE_MS);
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

static void close_bare(struct world *world, struct bare *bare) {
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

static void keep(void *ctx, const struct link_message *message) {
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

static void bind_impostor(struct world *world, const char *const *answer) {
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

/* One round of what a shell does, and of the test's own furniture. */
static void step(struct world *world) {
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
            assert_true(link_server_receive(items[i].server, keep, &world->at_server, 100) >= 0);
        } else if (items[i].ready) {
            assert_true(link_client_receive(items[i].client, keep, &world->at_client, 100) >= 0);
        }
    }
    serve_impostor(world);
    for (int i = 0; i < PEERS_MAX; i++) {
        if (world->bares[i] != NULL) {
            drain_bare(world->bares[i]);
        }
    }
}

#define WAIT_UNTIL(world, condition)                                                               \
    do {                                                                                           \
        int64_t give_up_ms = now_ms() + DEADLINE_MS;                                               \
        bool so = (condition);                                                                     \
        while (!so && now_ms() < give_up_ms) {                                                     \
            step(world);                                                                           \
            so = (condition);                                                                      \
        }                                                                                          \
        if (!so) {                                                                                 \
            fail_msg("waited in vain for: %s", #condition);                                        \
        }                                                                                          \
    } while (0)

/* The context alone: no doorman, no server. */
static int set_up_empty(void **state) {
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

static int set_up(void **state) {
    set_up_empty(state);
    start_doorman(*state);
    open_server(*state);
    return 0;
}

static int tear_down(void **state) {
    struct world *world = *state;

    for (int i = 0; i < PEERS_MAX; i++) {
        link_client_close(world->clients[i]);
        if (world->bares[i] != NULL) {
            close_bare(world, world->bares[i]);
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

static void say(struct world *world, struct link_client *client, const char *text) {
    int r = ERR_AGAIN;

    WAIT_UNTIL(world, link_client_state(client) == LINK_UP);
    WAIT_UNTIL(world, (r = link_client_send(client, bytes_of(text))) != ERR_AGAIN);
    assert_int_equal(r, 0);
}

/* Somebody of the known ones still comes through: the server lives and isn't held up. */
static void assert_served(struct world *world) {
    int before = world->at_server.count;
    struct link_client *client = open_client(world, BORNEM);

    say(world, client, "still here");
    WAIT_UNTIL(world, world->at_server.count > before);
    const struct kept *kept = &world->at_server.kept[before % KEPT_MAX];
    assert_string_equal(kept->peer, "caw-bornem");
    assert_string_equal(kept->text, "still here");
    close_client(world, client);
}

/* Dials with a message in hand until the server has hung up, three times over. */
static void assert_nobody_gets_in(struct world *world, const struct link_keys *keys,
                                  const char *endpoint) {
    int before = world->at_server.count;

    for (int i = 0; i < 3; i++) {
        struct bare *bare = open_bare(world, keys);
        assert_int_equal(zmq_connect(bare->socket, endpoint), 0);
        assert_int_equal(zmq_send(bare->socket, "let me in", 9, 0), 9);
        WAIT_UNTIL(world, bare->ended > 0);
        assert_int_equal(bare->welcomed, 0);
        close_bare(world, bare);
    }
    step(world);
    assert_int_equal(world->at_server.count, before);
}

static void a_known_key_is_heard_under_its_name_and_answered(void **state) {
    struct world *world = *state;
    struct link_client *aalst = open_client(world, AALST);
    struct link_client *bornem = open_client(world, BORNEM);

    say(world, aalst, "from aalst");
    WAIT_UNTIL(world, world->at_server.count == 1);
    say(world, bornem, "from bornem");
    WAIT_UNTIL(world, world->at_server.count == 2);
    const struct kept *kept = world->at_server.kept;
    assert_string_equal(kept[0].peer, "ocmw-aalst");
    assert_string_equal(kept[0].text, "from aalst");
    assert_string_equal(kept[1].peer, "caw-bornem");
    assert_int_equal(link_server_send(world->server, &kept[1].route, bytes_of("to bornem")), 0);
    WAIT_UNTIL(world, world->at_client.count == 1);
    assert_string_equal(world->at_client.kept[0].text, "to bornem");
    assert_int_equal(world->at_client.kept[0].route.length, 0);
    assert_int_equal(link_client_counters(bornem).received, 1);
    assert_int_equal(link_client_counters(aalst).received, 0);
    assert_int_equal(link_server_counters(world->server).received, 2);
    assert_int_equal(link_server_counters(world->server).sent, 1);
}

static void an_unknown_key_never_gets_in(void **state) {
    struct world *world = *state;

    assert_nobody_gets_in(world, &world->keys[STRANGER], link_server_endpoint(world->server));
    assert_true(zap_counters(world->zap).refused >= 3);
    assert_int_equal(zap_counters(world->zap).accepted, 0);
    assert_served(world);
}

static void a_peer_without_curve_never_gets_in(void **state) {
    struct world *world = *state;

    assert_nobody_gets_in(world, NULL, link_server_endpoint(world->server));
    assert_served(world);
}

static void a_refused_client_says_so_and_comes_in_after_redialling(void **state) {
    struct world *world = *state;
    struct link_client *client = open_client(world, AALST);

    atomic_store(&world->shut, true);
    close_client(world, client);
    client = open_client(world, AALST);
    assert_int_equal(link_client_send(client, bytes_of("too early")), ERR_AGAIN);
    WAIT_UNTIL(world, link_client_state(client) == LINK_REFUSED);
    assert_int_equal(link_client_send(client, bytes_of("too early")), ERR_AGAIN);
    assert_int_equal(link_client_counters(client).full, 2);
    atomic_store(&world->shut, false);
    assert_int_equal(link_client_redial(client), 0);
    say(world, client, "hello");
    WAIT_UNTIL(world, world->at_server.count == 1);
    assert_string_equal(world->at_server.kept[0].text, "hello");
}

static void a_client_finds_a_server_that_comes_back(void **state) {
    struct world *world = *state;
    struct link_client *client = open_client(world, AALST);
    struct link_server_params params = server_params(world);
    char endpoint[LINK_ENDPOINT_SIZE];
    int r = ERR_EXISTS;

    say(world, client, "one");
    WAIT_UNTIL(world, world->at_server.count == 1);
    strcpy(endpoint, link_server_endpoint(world->server));
    params.endpoint = endpoint;
    link_server_close(world->server);
    world->server = NULL;
    WAIT_UNTIL(world, link_client_state(client) == LINK_DOWN);
    WAIT_UNTIL(world, (r = link_server_open(world->context, &params, &world->server)) == 0);
    assert_int_equal(r, 0);
    say(world, client, "two");
    WAIT_UNTIL(world, world->at_server.count == 2);
    assert_string_equal(world->at_server.kept[1].text, "two");
}

static void a_client_does_not_talk_to_another_server(void **state) {
    struct world *world = *state;
    struct link_keys hub = world->keys[HUB];

    world->keys[HUB] = world->keys[BORNEM]; /* the key that the client expects */
    struct link_client *client = open_client(world, AALST);
    world->keys[HUB] = hub;
    /* the server can't open what was sealed for another key, and hangs up: wait for its doing so
     * on a peer that is the same in everything else */
    struct bare *bare = open_bare(world, &world->keys[AALST]);
    zmq_setsockopt(bare->socket, ZMQ_CURVE_SERVERKEY, world->keys[BORNEM].public_key, 32);
    assert_int_equal(zmq_connect(bare->socket, link_server_endpoint(world->server)), 0);
    WAIT_UNTIL(world, bare->ended > 0);
    assert_int_equal(bare->welcomed, 0);
    assert_int_not_equal(link_client_state(client), LINK_UP);
    assert_int_equal(link_client_send(client, bytes_of("secret")), ERR_AGAIN);
    assert_int_equal(zap_counters(world->zap).accepted, 0);
}

static void a_server_without_a_doorman_refuses_to_bind(void **state) {
    struct world *world = *state;
    struct link_server_params params = server_params(world);

    assert_int_equal(link_server_open(world->context, &params, &world->server), ERR_DENIED);
    assert_null(world->server);
    start_doorman(world); /* the look for him left his place free */
    open_server(world);
    assert_served(world);
}

/* A ROUTER with CURVE, bound past link_server and without a doorman. */
static void *bind_bare_router(struct world *world, const char *domain, int enforce,
                              char ret_endpoint[LINK_ENDPOINT_SIZE]) {
    void *router = zmq_socket(link_context_zmq(world->context), ZMQ_ROUTER);

    set_int(router, ZMQ_CURVE_SERVER, 1);
    zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, world->keys[HUB].secret_key, 32);
    if (domain != NULL) {
        assert_int_equal(zmq_setsockopt(router, ZMQ_ZAP_DOMAIN, domain, strlen(domain)), 0);
    }
    set_int(router, ZAP_ENFORCE_DOMAIN, enforce);
    assert_int_equal(zmq_bind(router, "tcp://127.0.0.1:*"), 0);
    zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, ret_endpoint, &(size_t){LINK_ENDPOINT_SIZE});
    return router;
}

static void without_a_doorman_only_domain_and_enforcement_shut_libzmqs_door(void **state) {
    struct world *world = *state;
    char endpoint[LINK_ENDPOINT_SIZE];
    const struct {
        const char *domain;
        int enforce;
    } open_doors[] = {{NULL, 0}, {"hub", 0}, {NULL, 1}};

    for (size_t i = 0; i < sizeof(open_doors) / sizeof(open_doors[0]); i++) {
        void *router =
            bind_bare_router(world, open_doors[i].domain, open_doors[i].enforce, endpoint);
        struct bare *bare = open_bare(world, &world->keys[STRANGER]);
        zmq_connect(bare->socket, endpoint);
        WAIT_UNTIL(world, bare->welcomed > 0); /* why link_server is so careful */
        close_bare(world, bare);
        zmq_close(router);
    }
    void *router = bind_bare_router(world, "hub", 1, endpoint);
    assert_nobody_gets_in(world, &world->keys[STRANGER], endpoint);
    assert_nobody_gets_in(world, &world->keys[AALST], endpoint);
    zmq_close(router);
}

static void when_the_doorman_has_gone_nobody_new_gets_in(void **state) {
    struct world *world = *state;
    struct link_client *client = open_client(world, AALST);

    say(world, client, "before");
    WAIT_UNTIL(world, world->at_server.count == 1);
    zap_stop(world->zap);
    world->zap = NULL;
    assert_nobody_gets_in(world, &world->keys[AALST], link_server_endpoint(world->server));
    assert_nobody_gets_in(world, &world->keys[STRANGER], link_server_endpoint(world->server));
    assert_int_equal(link_server_self_test(world->server, &world->keys[STRANGER], 500),
                     ERR_TIMEOUT);
    start_doorman(world);
    assert_served(world);
}

static void a_doorman_slower_than_the_handshake_lets_nobody_in(void **state) {
    struct world *world = *state;

    atomic_store(&world->slow, true);
    assert_nobody_gets_in(world, &world->keys[AALST], link_server_endpoint(world->server));
    assert_int_equal(zap_counters(world->zap).accepted, 0);
    atomic_store(&world->slow, false);
    sem_post(&world->go);
    WAIT_UNTIL(world, zap_counters(world->zap).accepted >= 3); /* yes, too late */
    step(world);
    assert_int_equal(world->at_server.count, 0);
    assert_served(world);
}

static void a_doorman_who_answers_garbage_lets_nobody_in(void **state) {
    static const char *const answers[][9] = {
        {"2.0", "1", "200", "OK", "ocmw-aalst", ""},         /* another version */
        {"", "1", "200", "OK", "ocmw-aalst", ""},            /* none */
        {"1.0", "2", "200", "OK", "ocmw-aalst", ""},         /* another request */
        {"1.0", "", "200", "OK", "ocmw-aalst", ""},          /* no request */
        {"1.0", "1", "300", "later", "", ""},                /* a temporary failure */
        {"1.0", "1", "300", "later", "ocmw-aalst", ""},      /* with a name all the same */
        {"1.0", "1", "400", "no", "ocmw-aalst", ""},         /* a refusal with a name */
        {"1.0", "1", "500", "broken", "ocmw-aalst", ""},     /* a fault with a name */
        {"1.0", "1", "600", "?", "ocmw-aalst", ""},          /* no such status */
        {"1.0", "1", "20", "OK", "ocmw-aalst", ""},          /* cut */
        {"1.0", "1", "2000", "OK", "ocmw-aalst", ""},        /* too long */
        {"1.0", "1", "", "OK", "ocmw-aalst", ""},            /* no status */
        {"1.0", "1", "200", "OK", "ocmw-aalst", "\1a\xff"},  /* metadata that isn't */
        {"1.0", "1", "200"},                                 /* truncated */
        {"1.0", "1", "200", "OK", "ocmw-aalst"},             /* truncated by one */
        {"1.0", "1", "200", "OK", "ocmw-aalst", "", "", ""}, /* too many frames */
        {"x"},
    };
    struct world *world = *state;

    bind_impostor(world, answers[0]);
    open_server(world);
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        world->answer = answers[i];
        assert_nobody_gets_in(world, &world->keys[AALST], link_server_endpoint(world->server));
    }
    /* the same peer does come in at a proper answer: the door was shut by the garbage alone */
    static const char *const proper[] = {"1.0", "1", "200", "OK", "ocmw-aalst", "", NULL};
    world->answer = proper;
    say(world, open_client(world, AALST), "hello");
    WAIT_UNTIL(world, world->at_server.count == 1);
    assert_string_equal(world->at_server.kept[0].peer, "ocmw-aalst");
}

static void a_doorman_who_never_answers_lets_nobody_in(void **state) {
    struct world *world = *state;

    bind_impostor(world, NULL);
    open_server(world);
    assert_nobody_gets_in(world, &world->keys[AALST], link_server_endpoint(world->server));
    assert_int_equal(link_server_self_test(world->server, &world->keys[STRANGER], 500),
                     ERR_TIMEOUT);
}

static void a_message_that_nobody_vouched_for_is_dropped(void **state) {
    static const char *const unnamed[] = {"1.0", "1", "200", "OK", "", "", NULL};
    struct world *world = *state;

    bind_impostor(world, unnamed);
    open_server(world);
    say(world, open_client(world, AALST), "who am i");
    WAIT_UNTIL(world, link_server_counters(world->server).nameless == 1);
    assert_int_equal(world->at_server.count, 0);
    assert_int_equal(link_server_counters(world->server).received, 0);
}

static void the_self_test_passes_a_shut_door_and_fails_an_open_one(void **state) {
    struct world *world = *state;

    assert_int_equal(link_server_self_test(world->server, &world->keys[STRANGER], DEADLINE_MS), 0);
    assert_int_equal(link_server_self_test(world->server, &world->keys[AALST], DEADLINE_MS),
                     ERR_DENIED);
    assert_served(world);
}

static void multipart_junk_is_dropped_and_counted(void **state) {
    struct world *world = *state;
    struct bare *bare = open_bare(world, &world->keys[AALST]);

    zmq_connect(bare->socket, link_server_endpoint(world->server));
    for (int frames = 2; frames <= 6; frames++) {
        for (int i = 1; i <= frames; i++) {
            assert_true(zmq_send(bare->socket, "junk", 4, i < frames ? ZMQ_SNDMORE : 0) == 4);
        }
    }
    assert_int_equal(zmq_send(bare->socket, "plain", 5, 0), 5);
    WAIT_UNTIL(world, world->at_server.count == 1);
    assert_string_equal(world->at_server.kept[0].text, "plain");
    assert_int_equal(link_server_counters(world->server).misshapen, 5);
    assert_int_equal(link_server_counters(world->server).received, 1);
}

static void a_peer_that_chooses_its_own_routing_id_is_not_heard(void **state) {
    struct world *world = *state;
    struct bare *bare = open_bare(world, &world->keys[AALST]);

    zmq_setsockopt(bare->socket, ZMQ_ROUTING_ID, "hub-1", 5);
    zmq_connect(bare->socket, link_server_endpoint(world->server));
    assert_int_equal(zmq_send(bare->socket, "hello", 5, 0), 5);
    WAIT_UNTIL(world, link_server_counters(world->server).misshapen == 1);
    assert_int_equal(world->at_server.count, 0);
    assert_served(world);
}

static void the_largest_frame_passes_and_a_larger_one_costs_the_connection(void **state) {
    static uint8_t big[TEST_FRAME_BYTES_MAX + 1];
    struct world *world = *state;
    struct bare *bare = open_bare(world, &world->keys[AALST]);
    struct link_client *client = open_client(world, AALST);

    zmq_connect(bare->socket, link_server_endpoint(world->server));
    assert_int_equal(zmq_send(bare->socket, big, sizeof(big) - 1, 0), sizeof(big) - 1);
    WAIT_UNTIL(world, world->at_server.count == 1);
    assert_int_equal(world->at_server.kept[0].length, TEST_FRAME_BYTES_MAX);
    assert_int_equal(bare->ended, 0);
    assert_int_equal(zmq_send(bare->socket, big, sizeof(big), 0), sizeof(big));
    WAIT_UNTIL(world, bare->ended > 0);
    assert_int_equal(link_client_send(client, BYTES_OF(big)), ERR_TOO_LARGE);
    assert_int_equal(
        link_server_send(world->server, &world->at_server.kept[0].route, BYTES_OF(big)),
        ERR_TOO_LARGE);
    assert_int_equal(world->at_server.count, 1);
    assert_served(world);
}

static int dial_raw(const char *endpoint) {
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)atoi(strrchr(endpoint, ':') + 1)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* Reads the greeting and whatever follows; true when the server has hung up. */
static bool hung_up(int fd) {
    char buffer[256];
    ssize_t got = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);

    return got == 0 || (got < 0 && errno != EAGAIN);
}

static void connections_that_never_speak_disturb_nobody_and_are_closed(void **state) {
    struct world *world = *state;
    int fds[50];

    for (int i = 0; i < 50; i++) {
        fds[i] = dial_raw(link_server_endpoint(world->server));
    }
    assert_int_equal(send(fds[0], "\xff\0\0\0\0\0\0\0\x01\x7f\3", 11, 0), 11); /* and no more */
    assert_int_equal(send(fds[1], "GET / HTTP/1.1\r\n\r\n", 18, 0), 18);
    assert_served(world);
    for (int i = 0; i < 50; i++) {
        WAIT_UNTIL(world, hung_up(fds[i]));
        close(fds[i]);
    }
    assert_served(world);
}

static void sending_to_an_unknown_route_says_so(void **state) {
    struct world *world = *state;
    const struct link_route nowhere = {.length = 5, .bytes = {0, 1, 2, 3, 4}};
    struct link_client *client = open_client(world, AALST);
    int r = 0;

    assert_int_equal(link_server_send(world->server, &nowhere, bytes_of("x")), ERR_NOT_FOUND);
    say(world, client, "hello");
    WAIT_UNTIL(world, world->at_server.count == 1);
    const struct link_route route = world->at_server.kept[0].route;
    assert_int_equal(link_server_send(world->server, &route, bytes_of("x")), 0);
    close_client(world, client);
    WAIT_UNTIL(world,
               (r = link_server_send(world->server, &route, bytes_of("x"))) == ERR_NOT_FOUND);
    assert_true(link_server_counters(world->server).gone >= 2);
    assert_served(world); /* no half message was left behind */
}

static void a_full_peer_says_try_again_and_holds_up_nobody(void **state) {
    static const uint8_t block[32 << 10];
    struct world *world = *state;
    struct bare *bare = open_bare(world, &world->keys[AALST]);
    int sent = 0;
    int r = 0;

    set_int(bare->socket, ZMQ_RCVHWM, 1);
    set_int(bare->socket, ZMQ_RCVBUF, 4096);
    zmq_connect(bare->socket, link_server_endpoint(world->server));
    zmq_send(bare->socket, "hello", 5, 0);
    WAIT_UNTIL(world, world->at_server.count == 1);
    const struct link_route route = world->at_server.kept[0].route;
    while (sent < 100000 && r == 0) {
        r = link_server_send(world->server, &route, BYTES_OF(block));
        sent += r == 0;
    }
    assert_int_equal(r, ERR_AGAIN);
    assert_int_equal(link_server_counters(world->server).full, 1);
    assert_served(world);
    /* what was taken does arrive, whole */
    for (int i = 0; i < sent; i++) {
        uint8_t got[sizeof(block)];
        set_int(bare->socket, ZMQ_RCVTIMEO, DEADLINE_MS);
        assert_int_equal(zmq_recv(bare->socket, got, sizeof(got), 0), sizeof(got));
    }
}

static void a_server_that_does_not_read_makes_its_client_wait(void **state) {
    static const uint8_t block[32 << 10];
    struct world *world = *state;
    struct link_client *client = open_client(world, AALST);
    int sent = 0;
    int r = 0;

    WAIT_UNTIL(world, link_client_state(client) == LINK_UP);
    world->server_receives_paused = true;
    while (sent < 100000 && r == 0) {
        r = link_client_send(client, BYTES_OF(block));
        sent += r == 0;
    }
    assert_int_equal(r, ERR_AGAIN);
    world->server_receives_paused = false;
    WAIT_UNTIL(world, world->at_server.count == sent);
    assert_int_equal(link_client_state(client), LINK_UP);
}

static void the_poll_wakes_for_descriptors_and_for_what_was_left(void **state) {
    struct world *world = *state;
    struct link_client *client = open_client(world, AALST);
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct link_poll_item items[] = {
        {.fd = fd}, {.client = client}, {.server = world->server}, {.fd = fd}};

    say(world, client, "one");
    say(world, client, "two");
    do {
        assert_true(link_poll(items, 4, DEADLINE_MS) > 0);
    } while (!items[2].ready);
    assert_false(items[0].ready);
    while (world->at_server.count < 2) {
        assert_true(link_poll(items, 4, DEADLINE_MS) > 0); /* undrained, so ready again */
        assert_true(items[2].ready);
        assert_true(link_server_receive(world->server, keep, &world->at_server, 1) <= 1);
    }
    assert_int_equal(link_server_receive(world->server, keep, &world->at_server, 1), 0);
    assert_int_equal(link_poll(items, 4, 0), 0);
    assert_int_equal(eventfd_write(fd, 1), 0);
    assert_int_equal(link_poll(items, 4, DEADLINE_MS), 2);
    assert_true(items[0].ready && items[3].ready && !items[1].ready && !items[2].ready);
    close(fd);
}

static void the_poll_tells_of_a_new_state_once(void **state) {
    struct world *world = *state;
    struct link_poll_item item = {.client = open_client(world, AALST)};

    assert_int_equal(link_poll(&item, 1, DEADLINE_MS), 1);
    assert_int_equal(link_poll(&item, 1, 0), 0);
    assert_int_equal(link_client_state(item.client), LINK_UP);
}

static void a_wrong_endpoint_and_a_taken_port_are_told_apart(void **state) {
    static const char *const wrong[] = {
        "",
        "rubbish",
        "carrier-pigeon://attic",
        "inproc://no-curve-there",
        "ipc:///tmp/nor-there",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:",
        "tcp://127.0.0.1:x",
        "tcp://127.0.0.1:-1",
        "tcp://127.0.0.1:5670 ",
        "tcp://127.0.0.1:65536",
        "tcp://127.0.0.1:99999", /* libzmq would bind another port */
    };
    struct world *world = *state;
    struct link_client *client = NULL;
    struct link_client_params client_params = client_params_of(world, AALST);
    struct link_server_params params = server_params(world);
    struct link_server *server = NULL;

    params.endpoint = link_server_endpoint(world->server);
    assert_int_equal(link_server_open(world->context, &params, &server), ERR_EXISTS);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        params.endpoint = wrong[i];
        int bound = link_server_open(world->context, &params, &server);
        link_server_close(server);
        assert_int_equal(bound, ERR_CONFIG);
        client_params.endpoint = wrong[i];
        int dialled = link_client_open(world->context, &client_params, &client);
        link_client_close(client);
        assert_int_equal(dialled, ERR_CONFIG);
    }
    client_params.endpoint = "tcp://127.0.0.1:0";
    assert_int_equal(link_client_open(world->context, &client_params, &client), ERR_CONFIG);
    assert_null(server);
    assert_null(client);
    params.endpoint = "tcp://127.0.0.1:0";
    assert_int_equal(link_server_open(world->context, &params, &server), 0);
    assert_string_not_equal(link_server_endpoint(server), link_server_endpoint(world->server));
    link_server_close(server);
    assert_served(world);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define IN_EMPTY(test) cmocka_unit_test_setup_teardown(test, set_up_empty, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_known_key_is_heard_under_its_name_and_answered),
        IN_WORLD(an_unknown_key_never_gets_in),
        IN_WORLD(a_peer_without_curve_never_gets_in),
        IN_WORLD(a_refused_client_says_so_and_comes_in_after_redialling),
        IN_WORLD(a_client_finds_a_server_that_comes_back),
        IN_WORLD(a_client_does_not_talk_to_another_server),
        IN_EMPTY(a_server_without_a_doorman_refuses_to_bind),
        IN_EMPTY(without_a_doorman_only_domain_and_enforcement_shut_libzmqs_door),
        IN_WORLD(when_the_doorman_has_gone_nobody_new_gets_in),
        IN_WORLD(a_doorman_slower_than_the_handshake_lets_nobody_in),
        IN_EMPTY(a_doorman_who_answers_garbage_lets_nobody_in),
        IN_EMPTY(a_doorman_who_never_answers_lets_nobody_in),
        IN_EMPTY(a_message_that_nobody_vouched_for_is_dropped),
        IN_WORLD(the_self_test_passes_a_shut_door_and_fails_an_open_one),
        IN_WORLD(multipart_junk_is_dropped_and_counted),
        IN_WORLD(a_peer_that_chooses_its_own_routing_id_is_not_heard),
        IN_WORLD(the_largest_frame_passes_and_a_larger_one_costs_the_connection),
        IN_WORLD(connections_that_never_speak_disturb_nobody_and_are_closed),
        IN_WORLD(sending_to_an_unknown_route_says_so),
        IN_WORLD(a_full_peer_says_try_again_and_holds_up_nobody),
        IN_WORLD(a_server_that_does_not_read_makes_its_client_wait),
        IN_WORLD(the_poll_wakes_for_descriptors_and_for_what_was_left),
        IN_WORLD(the_poll_tells_of_a_new_state_once),
        IN_WORLD(a_wrong_endpoint_and_a_taken_port_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
