/* Peers that send what nobody should: junk, too much, or nothing at all. */
#include "tests/unit/shared/io/link_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

static void multipart_junk_is_dropped_and_counted(void **state) {
    struct world *world = *state;
    struct bare *bare = bare_open(world, &world->keys[AALST]);

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
    struct bare *bare = bare_open(world, &world->keys[AALST]);

    zmq_setsockopt(bare->socket, ZMQ_ROUTING_ID, "hub-1", 5);
    zmq_connect(bare->socket, link_server_endpoint(world->server));
    assert_int_equal(zmq_send(bare->socket, "hello", 5, 0), 5);
    WAIT_UNTIL(world, link_server_counters(world->server).misshapen == 1);
    assert_int_equal(world->at_server.count, 0);
    world_assert_served(world);
}

static void the_largest_frame_passes_and_a_larger_one_costs_the_connection(void **state) {
    static uint8_t big[TEST_FRAME_BYTES_MAX + 1];
    struct world *world = *state;
    struct bare *bare = bare_open(world, &world->keys[AALST]);
    struct link_client *client = world_open_client(world, AALST);

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
    world_assert_served(world);
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
    world_assert_served(world);
    for (int i = 0; i < 50; i++) {
        WAIT_UNTIL(world, hung_up(fds[i]));
        close(fds[i]);
    }
    world_assert_served(world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_WORLD(multipart_junk_is_dropped_and_counted),
        IN_WORLD(a_peer_that_chooses_its_own_routing_id_is_not_heard),
        IN_WORLD(the_largest_frame_passes_and_a_larger_one_costs_the_connection),
        IN_WORLD(connections_that_never_speak_disturb_nobody_and_are_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
