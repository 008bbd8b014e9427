/* What the two ends of a link promise each other: who is heard, what arrives, what a full or lost
 * peer says, and the poll that the shells wait in. */
#include "tests/unit/shared/io/link_fixture.h"

#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

static void a_known_key_is_heard_under_its_name_and_answered(void **state) {
    struct world *world = *state;
    struct link_client *aalst = world_open_client(world, AALST);
    struct link_client *bornem = world_open_client(world, BORNEM);

    world_say(world, aalst, "from aalst");
    WAIT_UNTIL(world, world->at_server.count == 1);
    world_say(world, bornem, "from bornem");
    WAIT_UNTIL(world, world->at_server.count == 2);
    const struct kept *kept = world->at_server.kept;
    assert_string_equal(kept[0].peer, "ocmw-aalst");
    assert_string_equal(kept[0].text, "from aalst");
    assert_string_equal(kept[1].peer, "caw-bornem");
    assert_int_equal(link_server_send(world->server, &kept[1].route, bytes_from_text("to bornem")),
                     0);
    WAIT_UNTIL(world, world->at_client.count == 1);
    assert_string_equal(world->at_client.kept[0].text, "to bornem");
    assert_int_equal(world->at_client.kept[0].route.length, 0);
    assert_int_equal(link_client_counters(bornem).received, 1);
    assert_int_equal(link_client_counters(aalst).received, 0);
    assert_int_equal(link_server_counters(world->server).received, 2);
    assert_int_equal(link_server_counters(world->server).sent, 1);
}

static void a_refused_client_says_so_and_comes_in_after_redialling(void **state) {
    struct world *world = *state;
    struct link_client *client = world_open_client(world, AALST);

    atomic_store(&world->shut, true);
    world_close_client(world, client);
    client = world_open_client(world, AALST);
    assert_int_equal(link_client_send(client, bytes_from_text("too early")), ERR_AGAIN);
    WAIT_UNTIL(world, link_client_state(client) == LINK_REFUSED);
    assert_int_equal(link_client_send(client, bytes_from_text("too early")), ERR_AGAIN);
    assert_int_equal(link_client_counters(client).full, 2);
    atomic_store(&world->shut, false);
    assert_int_equal(link_client_redial(client), 0);
    world_say(world, client, "hello");
    WAIT_UNTIL(world, world->at_server.count == 1);
    assert_string_equal(world->at_server.kept[0].text, "hello");
}

static void a_client_finds_a_server_that_comes_back(void **state) {
    struct world *world = *state;
    struct link_client *client = world_open_client(world, AALST);
    struct link_server_params params = world_server_params(world);
    char endpoint[LINK_ENDPOINT_SIZE];
    int r = ERR_EXISTS;

    world_say(world, client, "one");
    WAIT_UNTIL(world, world->at_server.count == 1);
    strcpy(endpoint, link_server_endpoint(world->server));
    params.endpoint = endpoint;
    link_server_close(world->server);
    world->server = NULL;
    WAIT_UNTIL(world, link_client_state(client) == LINK_DOWN);
    WAIT_UNTIL(world, (r = link_server_open(world->context, &params, &world->server)) == 0);
    assert_int_equal(r, 0);
    world_say(world, client, "two");
    WAIT_UNTIL(world, world->at_server.count == 2);
    assert_string_equal(world->at_server.kept[1].text, "two");
}

static void a_client_does_not_talk_to_another_server(void **state) {
    struct world *world = *state;
    struct link_keys hub = world->keys[HUB];

    world->keys[HUB] = world->keys[BORNEM]; /* the key that the client expects */
    struct link_client *client = world_open_client(world, AALST);
    world->keys[HUB] = hub;
    /* the server can't open what was sealed for another key, and hangs up: wait for its doing so
     * on a peer that is the same in everything else */
    struct bare *bare = bare_open(world, &world->keys[AALST]);
    zmq_setsockopt(bare->socket, ZMQ_CURVE_SERVERKEY, world->keys[BORNEM].public_key, 32);
    assert_int_equal(zmq_connect(bare->socket, link_server_endpoint(world->server)), 0);
    WAIT_UNTIL(world, bare->ended > 0);
    assert_int_equal(bare->welcomed, 0);
    assert_int_not_equal(link_client_state(client), LINK_UP);
    assert_int_equal(link_client_send(client, bytes_from_text("secret")), ERR_AGAIN);
    assert_int_equal(zap_counters(world->zap).accepted, 0);
}

static void sending_to_an_unknown_route_says_so(void **state) {
    struct world *world = *state;
    const struct link_route nowhere = {.length = 5, .bytes = {0, 1, 2, 3, 4}};
    struct link_client *client = world_open_client(world, AALST);
    int r = 0;

    assert_int_equal(link_server_send(world->server, &nowhere, bytes_from_text("x")),
                     ERR_NOT_FOUND);
    world_say(world, client, "hello");
    WAIT_UNTIL(world, world->at_server.count == 1);
    const struct link_route route = world->at_server.kept[0].route;
    assert_int_equal(link_server_send(world->server, &route, bytes_from_text("x")), 0);
    world_close_client(world, client);
    WAIT_UNTIL(world, (r = link_server_send(world->server, &route, bytes_from_text("x"))) ==
                          ERR_NOT_FOUND);
    assert_true(link_server_counters(world->server).gone >= 2);
    world_assert_served(world); /* no half message was left behind */
}

static void a_full_peer_says_try_again_and_holds_up_nobody(void **state) {
    static const uint8_t block[32 << 10];
    struct world *world = *state;
    struct bare *bare = bare_open(world, &world->keys[AALST]);
    int sent = 0;
    int r = 0;

    bare_set_int(bare->socket, ZMQ_RCVHWM, 1);
    bare_set_int(bare->socket, ZMQ_RCVBUF, 4096);
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
    world_assert_served(world);
    /* what was taken does arrive, whole */
    for (int i = 0; i < sent; i++) {
        uint8_t got[sizeof(block)];
        bare_set_int(bare->socket, ZMQ_RCVTIMEO, DEADLINE_MS);
        assert_int_equal(zmq_recv(bare->socket, got, sizeof(got), 0), sizeof(got));
    }
}

static void a_server_that_does_not_read_makes_its_client_wait(void **state) {
    static const uint8_t block[32 << 10];
    struct world *world = *state;
    struct link_client *client = world_open_client(world, AALST);
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
    struct link_client *client = world_open_client(world, AALST);
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct link_poll_item items[] = {
        {.fd = fd}, {.client = client}, {.server = world->server}, {.fd = fd}};

    world_say(world, client, "one");
    world_say(world, client, "two");
    do {
        assert_true(link_poll(items, 4, DEADLINE_MS) > 0);
    } while (!items[2].ready);
    assert_false(items[0].ready);
    while (world->at_server.count < 2) {
        assert_true(link_poll(items, 4, DEADLINE_MS) > 0); /* undrained, so ready again */
        assert_true(items[2].ready);
        assert_true(link_server_receive(world->server, mailbox_keep, &world->at_server, 1) <= 1);
    }
    assert_int_equal(link_server_receive(world->server, mailbox_keep, &world->at_server, 1), 0);
    assert_int_equal(link_poll(items, 4, 0), 0);
    assert_int_equal(eventfd_write(fd, 1), 0);
    assert_int_equal(link_poll(items, 4, DEADLINE_MS), 2);
    assert_true(items[0].ready && items[3].ready && !items[1].ready && !items[2].ready);
    close(fd);
}

static void the_poll_tells_of_a_new_state_once(void **state) {
    struct world *world = *state;
    struct link_poll_item item = {.client = world_open_client(world, AALST)};

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
    struct link_client_params client_params = world_client_params(world, AALST);
    struct link_server_params params = world_server_params(world);
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
    world_assert_served(world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_known_key_is_heard_under_its_name_and_answered),
        IN_WORLD(a_refused_client_says_so_and_comes_in_after_redialling),
        IN_WORLD(a_client_finds_a_server_that_comes_back),
        IN_WORLD(a_client_does_not_talk_to_another_server),
        IN_WORLD(sending_to_an_unknown_route_says_so),
        IN_WORLD(a_full_peer_says_try_again_and_holds_up_nobody),
        IN_WORLD(a_server_that_does_not_read_makes_its_client_wait),
        IN_WORLD(the_poll_wakes_for_descriptors_and_for_what_was_left),
        IN_WORLD(the_poll_tells_of_a_new_state_once),
        IN_WORLD(a_wrong_endpoint_and_a_taken_port_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
