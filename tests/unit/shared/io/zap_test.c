/* The doorman asked directly, as libzmq asks it: requests and answers by RFC 27. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "shared/io/link.h"
#include "shared/io/zap.h"

enum { DEADLINE_MS = 20000 };

struct door {
    struct link_context *context;
    struct zap *zap;
    void *asker;           /* REQ */
    pthread_mutex_t mutex; /* over what the policy shares with the test */
    char verdict[ZAP_USER_ID_SIZE];
    bool accept;
    char asked_domain[ZAP_DOMAIN_SIZE];
    uint8_t asked_key[ZAP_KEY_SIZE];
    sem_t ended;
    atomic_int end_error;
};

static const char KEY[] = "0123456789abcdefghijklmnopqrstuv"; /* 32 characters */
static const uint8_t NOBODY[ZAP_KEY_SIZE];

static int decide(void *ctx, const char *domain, const uint8_t key[ZAP_KEY_SIZE],
                  char ret_user_id[ZAP_USER_ID_SIZE]) {
    struct door *door = ctx;

    pthread_mutex_lock(&door->mutex);
    strcpy(door->asked_domain, domain);
    memcpy(door->asked_key, key, ZAP_KEY_SIZE);
    memcpy(ret_user_id, door->verdict, ZAP_USER_ID_SIZE);
    int r = door->accept ? 0 : ERR_NOT_FOUND;
    pthread_mutex_unlock(&door->mutex);
    return r;
}

static void decide_by(struct door *door, bool accept, const char *verdict, size_t length) {
    pthread_mutex_lock(&door->mutex);
    door->accept = accept;
    memset(door->verdict, 0, sizeof(door->verdict));
    memcpy(door->verdict, verdict, length);
    pthread_mutex_unlock(&door->mutex);
}

static void assert_asked(struct door *door, const char *domain, const void *key) {
    pthread_mutex_lock(&door->mutex);
    assert_string_equal(door->asked_domain, domain);
    assert_memory_equal(door->asked_key, key, ZAP_KEY_SIZE);
    pthread_mutex_unlock(&door->mutex);
}

static void on_end(void *ctx, int error) {
    struct door *door = ctx;

    atomic_store(&door->end_error, error);
    sem_post(&door->ended);
}

static struct zap_policy policy_of(struct door *door) {
    return (struct zap_policy){.decide = decide, .on_end = on_end, .ctx = door};
}

static int set_up(void **state) {
    static struct door door;
    const struct zap_policy policy = policy_of(&door);

    memset(&door, 0, sizeof(door));
    sem_init(&door.ended, 0, 0);
    pthread_mutex_init(&door.mutex, NULL);
    decide_by(&door, true, "ocmw-aalst", 10);
    assert_int_equal(link_context_new(1, 32, &door.context), 0);
    assert_int_equal(zap_start(door.context, &policy, &door.zap), 0);
    door.asker = zmq_socket(link_context_zmq(door.context), ZMQ_REQ);
    zmq_setsockopt(door.asker, ZMQ_LINGER, &(int){0}, sizeof(int));
    zmq_setsockopt(door.asker, ZMQ_RCVTIMEO, &(int){DEADLINE_MS}, sizeof(int));
    assert_int_equal(zmq_connect(door.asker, "inproc://zeromq.zap.01"), 0);
    *state = &door;
    return 0;
}

static int tear_down(void **state) {
    struct door *door = *state;

    zmq_close(door->asker);
    zap_stop(door->zap);
    link_context_free(door->context);
    sem_destroy(&door->ended);
    pthread_mutex_destroy(&door->mutex);
    return 0;
}

struct frame {
    const void *data;
    size_t length;
};
#define TEXT(text)                                                                                 \
    { text, sizeof(text) - 1 }

struct reply {
    char frames[6][ZAP_USER_ID_SIZE];
};

static struct reply ask(struct door *door, const struct frame *frames, int count) {
    struct reply reply = {0};
    int more = 1;
    int got = 0;

    for (int i = 0; i < count; i++) {
        int flags = i + 1 < count ? ZMQ_SNDMORE : 0;
        assert_int_equal(zmq_send(door->asker, frames[i].data, frames[i].length, flags),
                         frames[i].length);
    }
    while (more != 0) {
        assert_in_range(got, 0, 5);
        int r = zmq_recv(door->asker, reply.frames[got], ZAP_USER_ID_SIZE - 1, 0);
        assert_in_range(r, 0, ZAP_USER_ID_SIZE - 1);
        zmq_getsockopt(door->asker, ZMQ_RCVMORE, &more, &(size_t){sizeof(more)});
        got++;
    }
    assert_int_equal(got, 6);
    assert_string_equal(reply.frames[0], "1.0");
    return reply;
}

static void assert_status(struct door *door, const struct frame *frames, int count,
                          const char *status) {
    struct reply reply = ask(door, frames, count);

    assert_string_equal(reply.frames[1], count > 1 ? "1" : "");
    assert_string_equal(reply.frames[2], status);
    assert_string_equal(reply.frames[4], strcmp(status, "200") == 0 ? door->verdict : "");
}

/* What libzmq sends for a CURVE peer. */
#define GOOD                                                                                       \
    {                                                                                              \
        TEXT("1.0"), TEXT("1"), TEXT("hub"), TEXT("127.0.0.1"), TEXT(""), TEXT("CURVE"), {         \
            KEY, 32                                                                                \
        }                                                                                          \
    }

static void a_known_key_comes_in_under_its_name(void **state) {
    struct door *door = *state;

    assert_status(door, (struct frame[])GOOD, 7, "200");
    assert_asked(door, "hub", KEY);
    assert_int_equal(zap_counters(door->zap).accepted, 1);
}

static void a_key_that_the_policy_refuses_gets_400_and_no_name(void **state) {
    struct door *door = *state;

    decide_by(door, false, "ocmw-aalst", 10);
    assert_status(door, (struct frame[])GOOD, 7, "400");
    assert_int_equal(zap_counters(door->zap).refused, 1);
    assert_int_equal(zap_counters(door->zap).accepted, 0);
}

static void other_mechanisms_than_curve_are_refused(void **state) {
    struct door *door = *state;
    struct frame null[] = GOOD;
    struct frame plain[] = GOOD;

    null[5] = (struct frame)TEXT("NULL");
    assert_status(door, null, 6, "400");
    plain[5] = (struct frame)TEXT("PLAIN");
    assert_status(door, plain, 7, "400");
    plain[5] = (struct frame)TEXT("CURVEX");
    assert_status(door, plain, 7, "400");
    assert_int_equal(zap_counters(door->zap).refused, 3);
    assert_asked(door, "", NOBODY);
}

static void a_malformed_request_gets_500_and_the_doorman_stays(void **state) {
    struct door *door = *state;
    char big[400];

    memset(big, 'x', sizeof(big));
    struct frame version[] = GOOD;
    version[0] = (struct frame)TEXT("2.0");
    assert_status(door, version, 7, "500");
    struct frame short_key[] = GOOD;
    short_key[6].length = 31;
    assert_status(door, short_key, 7, "500");
    struct frame long_key[] = GOOD;
    long_key[6] = (struct frame){big, 33};
    assert_status(door, long_key, 7, "500");
    struct frame long_domain[] = GOOD;
    long_domain[2] = (struct frame){big, ZAP_DOMAIN_SIZE};
    assert_status(door, long_domain, 7, "500");
    struct frame nul_domain[] = GOOD;
    nul_domain[2] = (struct frame){"h\0b", 3};
    assert_status(door, nul_domain, 7, "500");
    struct frame cut[] = GOOD;
    cut[3] = (struct frame){big, sizeof(big)};
    assert_status(door, cut, 7, "500");
    for (int count = 1; count <= 6; count++) {
        struct frame few[] = GOOD;
        assert_status(door, few, count, "500");
    }
    struct frame many[] = {TEXT("1.0"),   TEXT("1"), TEXT("hub"), TEXT("a"), TEXT(""),
                           TEXT("CURVE"), {KEY, 32}, {KEY, 32},   {KEY, 32}};
    assert_status(door, many, 8, "500");
    assert_status(door, many, 9, "500");
    assert_int_equal(zap_counters(door->zap).malformed, 14);
    assert_asked(door, "", NOBODY);
    assert_status(door, (struct frame[])GOOD, 7, "200");
}

static void a_name_that_is_not_a_name_lets_nobody_in(void **state) {
    struct door *door = *state;
    static const char *const names[] = {"", "two words", "tab\t", "caf\xc3\xa9", "\n"};
    char endless[ZAP_USER_ID_SIZE];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        decide_by(door, true, names[i], strlen(names[i]));
        assert_status(door, (struct frame[])GOOD, 7, "500");
    }
    memset(endless, 'a', sizeof(endless));
    decide_by(door, true, endless, sizeof(endless)); /* no NUL */
    assert_status(door, (struct frame[])GOOD, 7, "500");
    assert_int_equal(zap_counters(door->zap).accepted, 0);
}

static void a_second_doorman_is_refused_and_after_the_first_welcome(void **state) {
    struct door *door = *state;
    const struct zap_policy policy = policy_of(door);
    struct zap *second = NULL;

    assert_int_equal(zap_start(door->context, &policy, &second), ERR_EXISTS);
    assert_null(second);
    zap_stop(door->zap);
    door->zap = NULL;
    assert_int_equal(zap_start(door->context, &policy, &second), 0);
    zap_stop(second);
    assert_int_equal(sem_trywait(&door->ended), -1); /* stopping isn't ending */
}

static void a_doorman_that_ends_by_itself_says_so(void **state) {
    struct door *door = *state;
    struct timespec until;

    zmq_ctx_shutdown(link_context_zmq(door->context));
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += DEADLINE_MS / 1000;
    assert_int_equal(sem_timedwait(&door->ended, &until), 0);
    assert_int_equal(atomic_load(&door->end_error), ERR_NETWORK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_known_key_comes_in_under_its_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_key_that_the_policy_refuses_gets_400_and_no_name, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(other_mechanisms_than_curve_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_malformed_request_gets_500_and_the_doorman_stays, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_name_that_is_not_a_name_lets_nobody_in, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_second_doorman_is_refused_and_after_the_first_welcome,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_doorman_that_ends_by_itself_says_so, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
