/* A world for the tests of links: real sockets on the loopback, with the real doorman and with
 * impostors in his place, and peers of bare libzmq that may do what link_client never does. A
 * refusal is waited for as an event (libzmq's monitor), never as silence for a while. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "shared/io/link.h"
#include "shared/io/zap.h"

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

int64_t world_now_ms(void);

/* The context alone: no doorman, no server. */
int world_set_up_empty(void **state);
int world_set_up(void **state);
int world_tear_down(void **state);
void world_start_doorman(struct world *world);
void world_bind_impostor(struct world *world, const char *const *answer);
struct link_server_params world_server_params(struct world *world);
void world_open_server(struct world *world);
struct link_client_params world_client_params(struct world *world, enum who who);
struct link_client *world_open_client(struct world *world, enum who who);
void world_close_client(struct world *world, struct link_client *client);

/* Not yet connected. `keys` NULL: no CURVE at all. */
struct bare *bare_open(struct world *world, const struct link_keys *keys);
void bare_close(struct world *world, struct bare *bare);
void bare_set_int(void *socket, int name, int value);

/* What link_server_receive and link_client_receive call; `ctx` is a mailbox. */
void mailbox_keep(void *ctx, const struct link_message *message);

/* One round of what a shell does, and of the test's own furniture. */
void world_step(struct world *world);
/* Waits until the client is up. */
void world_say(struct world *world, struct link_client *client, const char *text);
/* Somebody of the known ones still comes through: the server lives and isn't held up. */
void world_assert_served(struct world *world);
/* Dials with a message in hand until the server has hung up, three times over. */
void world_assert_nobody_gets_in(struct world *world, const struct link_keys *keys,
                                 const char *endpoint);

#define WAIT_UNTIL(world, condition)                                                               \
    do {                                                                                           \
        int64_t give_up_ms = world_now_ms() + DEADLINE_MS;                                         \
        bool so = (condition);                                                                     \
        while (!so && world_now_ms() < give_up_ms) {                                               \
            world_step(world);                                                                     \
            so = (condition);                                                                      \
        }                                                                                          \
        if (!so) {                                                                                 \
            fail_msg("waited in vain for: %s", #condition);                                        \
        }                                                                                          \
    } while (0)

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)
#define IN_EMPTY(test) cmocka_unit_test_setup_teardown(test, world_set_up_empty, world_tear_down)
