/* Who gets in: with a doorman, without one, with a slow one, and with impostors in his place. */
#include "tests/unit/shared/io/link_fixture.h"

#include <string.h>
#include <zmq.h>

#define ZAP_ENFORCE_DOMAIN 93 /* as libzmq 4.3.4 numbers it */

static void an_unknown_key_never_gets_in(void **state) {
    struct world *world = *state;

    world_assert_nobody_gets_in(world, &world->keys[STRANGER], link_server_endpoint(world->server));
    assert_true(zap_counters(world->zap).refused >= 3);
    assert_int_equal(zap_counters(world->zap).accepted, 0);
    world_assert_served(world);
}

static void a_peer_without_curve_never_gets_in(void **state) {
    struct world *world = *state;

    world_assert_nobody_gets_in(world, NULL, link_server_endpoint(world->server));
    world_assert_served(world);
}

static void a_server_without_a_doorman_refuses_to_bind(void **state) {
    struct world *world = *state;
    struct link_server_params params = world_server_params(world);

    assert_int_equal(link_server_open(world->context, &params, &world->server), ERR_DENIED);
    assert_null(world->server);
    world_start_doorman(world); /* the look for him left his place free */
    world_open_server(world);
    world_assert_served(world);
}

/* A ROUTER with CURVE, bound past link_server and without a doorman. */
static void *bind_bare_router(struct world *world, const char *domain, int enforce,
                              char ret_endpoint[LINK_ENDPOINT_SIZE]) {
    void *router = zmq_socket(link_context_zmq(world->context), ZMQ_ROUTER);

    bare_set_int(router, ZMQ_CURVE_SERVER, 1);
    zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, world->keys[HUB].secret_key, 32);
    if (domain != NULL) {
        assert_int_equal(zmq_setsockopt(router, ZMQ_ZAP_DOMAIN, domain, strlen(domain)), 0);
    }
    bare_set_int(router, ZAP_ENFORCE_DOMAIN, enforce);
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
        struct bare *bare = bare_open(world, &world->keys[STRANGER]);
        zmq_connect(bare->socket, endpoint);
        WAIT_UNTIL(world, bare->welcomed > 0); /* why link_server is so careful */
        bare_close(world, bare);
        zmq_close(router);
    }
    void *router = bind_bare_router(world, "hub", 1, endpoint);
    world_assert_nobody_gets_in(world, &world->keys[STRANGER], endpoint);
    world_assert_nobody_gets_in(world, &world->keys[AALST], endpoint);
    zmq_close(router);
}

static void when_the_doorman_has_gone_nobody_new_gets_in(void **state) {
    struct world *world = *state;
    struct link_client *client = world_open_client(world, AALST);

    world_say(world, client, "before");
    WAIT_UNTIL(world, world->at_server.count == 1);
    zap_stop(world->zap);
    world->zap = NULL;
    world_assert_nobody_gets_in(world, &world->keys[AALST], link_server_endpoint(world->server));
    world_assert_nobody_gets_in(world, &world->keys[STRANGER], link_server_endpoint(world->server));
    assert_int_equal(link_server_self_test(world->server, &world->keys[STRANGER], 500),
                     ERR_TIMEOUT);
    world_start_doorman(world);
    world_assert_served(world);
}

static void a_doorman_slower_than_the_handshake_lets_nobody_in(void **state) {
    struct world *world = *state;

    atomic_store(&world->slow, true);
    world_assert_nobody_gets_in(world, &world->keys[AALST], link_server_endpoint(world->server));
    assert_int_equal(zap_counters(world->zap).accepted, 0);
    atomic_store(&world->slow, false);
    sem_post(&world->go);
    WAIT_UNTIL(world, zap_counters(world->zap).accepted >= 3); /* yes, too late */
    world_step(world);
    assert_int_equal(world->at_server.count, 0);
    world_assert_served(world);
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

    world_bind_impostor(world, answers[0]);
    world_open_server(world);
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        world->answer = answers[i];
        world_assert_nobody_gets_in(world, &world->keys[AALST],
                                    link_server_endpoint(world->server));
    }
    /* the same peer does come in at a proper answer: the door was shut by the garbage alone */
    static const char *const proper[] = {"1.0", "1", "200", "OK", "ocmw-aalst", "", NULL};
    world->answer = proper;
    world_say(world, world_open_client(world, AALST), "hello");
    WAIT_UNTIL(world, world->at_server.count == 1);
    assert_string_equal(world->at_server.kept[0].peer, "ocmw-aalst");
}

static void a_doorman_who_never_answers_lets_nobody_in(void **state) {
    struct world *world = *state;

    world_bind_impostor(world, NULL);
    world_open_server(world);
    world_assert_nobody_gets_in(world, &world->keys[AALST], link_server_endpoint(world->server));
    assert_int_equal(link_server_self_test(world->server, &world->keys[STRANGER], 500),
                     ERR_TIMEOUT);
}

static void a_message_that_nobody_vouched_for_is_dropped(void **state) {
    static const char *const unnamed[] = {"1.0", "1", "200", "OK", "", "", NULL};
    struct world *world = *state;

    world_bind_impostor(world, unnamed);
    world_open_server(world);
    world_say(world, world_open_client(world, AALST), "who am i");
    WAIT_UNTIL(world, link_server_counters(world->server).nameless == 1);
    assert_int_equal(world->at_server.count, 0);
    assert_int_equal(link_server_counters(world->server).received, 0);
}

static void the_self_test_passes_a_shut_door_and_fails_an_open_one(void **state) {
    struct world *world = *state;

    assert_int_equal(link_server_self_test(world->server, &world->keys[STRANGER], DEADLINE_MS), 0);
    assert_int_equal(link_server_self_test(world->server, &world->keys[AALST], DEADLINE_MS),
                     ERR_DENIED);
    world_assert_served(world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_WORLD(an_unknown_key_never_gets_in),
        IN_WORLD(a_peer_without_curve_never_gets_in),
        IN_EMPTY(a_server_without_a_doorman_refuses_to_bind),
        IN_EMPTY(without_a_doorman_only_domain_and_enforcement_shut_libzmqs_door),
        IN_WORLD(when_the_doorman_has_gone_nobody_new_gets_in),
        IN_WORLD(a_doorman_slower_than_the_handshake_lets_nobody_in),
        IN_EMPTY(a_doorman_who_answers_garbage_lets_nobody_in),
        IN_EMPTY(a_doorman_who_never_answers_lets_nobody_in),
        IN_EMPTY(a_message_that_nobody_vouched_for_is_dropped),
        IN_WORLD(the_self_test_passes_a_shut_door_and_fails_an_open_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
