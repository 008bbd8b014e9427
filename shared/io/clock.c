#include "shared/io/clock.h"

#include <time.h>

static int64_t read_ms(clockid_t id) {
    struct timespec time;
    clock_gettime(id, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int64_t system_now_ms(void *ctx) {
    (void)ctx;
    return read_ms(CLOCK_REALTIME);
}

static int64_t system_monotonic_ms(void *ctx) {
    (void)ctx;
    return read_ms(CLOCK_MONOTONIC);
}

struct clock clock_system(void) {
    return (struct clock){.now_ms = system_now_ms, .monotonic_ms = system_monotonic_ms};
}

int64_t clock_now_ms(const struct clock *clock) {
    return clock->now_ms(clock->ctx);
}

int64_t clock_monotonic_ms(const struct clock *clock) {
    return clock->monotonic_ms(clock->ctx);
}

#ifdef VANGNET_TEST_CLOCK
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct test_clock {
    _Atomic int64_t now_ms;
    int fd;
    struct sockaddr_un address;
};

static int64_t test_now_ms(void *ctx) {
    struct test_clock *clock = ctx;
    return atomic_load(&clock->now_ms);
}

static bool instant_parse(const char *text, int64_t *ret) {
    const int64_t most = (int64_t)1 << 53;
    int64_t value = 0;
    if (text[0] == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') {
            return false;
        }
        value = value * 10 + (*text - '0');
        if (value > most) {
            return false;
        }
    }
    *ret = value;
    return true;
}

static int where_parse(const char *where, struct test_clock *clock) {
    const char *at = strrchr(where, '@');
    const size_t length = at == NULL ? strlen(where) : (size_t)(at - where);
    if (length == 0) {
        return ERR_MALFORMED;
    }
    if (length >= sizeof(clock->address.sun_path)) {
        return ERR_TOO_LARGE;
    }
    clock->address.sun_family = AF_UNIX;
    memcpy(clock->address.sun_path, where, length);
    int64_t now_ms = read_ms(CLOCK_REALTIME);
    if (at != NULL && !instant_parse(at + 1, &now_ms)) {
        return ERR_MALFORMED;
    }
    atomic_store(&clock->now_ms, now_ms);
    return 0;
}

static int socket_bind(struct test_clock *clock) {
    struct stat there;
    if (lstat(clock->address.sun_path, &there) == 0) {
        if (!S_ISSOCK(there.st_mode)) {
            return ERR_EXISTS;
        }
        unlink(clock->address.sun_path);
    }
    clock->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (clock->fd < 0) {
        return ERR_IO;
    }
    /* On Linux the file takes the mode that the socket has when it's bound. */
    if (fchmod(clock->fd, 0600) < 0 ||
        bind(clock->fd, (const struct sockaddr *)&clock->address, sizeof(clock->address)) < 0) {
        close(clock->fd);
        return ERR_IO;
    }
    return 0;
}

int clock_test_open(const char *where, struct test_clock **ret) {
    struct test_clock *clock = calloc(1, sizeof(*clock));
    if (clock == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = where_parse(where, clock);
    if (r == 0) {
        r = socket_bind(clock);
    }
    if (r < 0) {
        free(clock);
        return r;
    }
    *ret = clock;
    return 0;
}

void clock_test_close(struct test_clock *clock) {
    if (clock == NULL) {
        return;
    }
    unlink(clock->address.sun_path);
    close(clock->fd);
    free(clock);
}

struct clock clock_test(struct test_clock *clock) {
    return (struct clock){.now_ms = test_now_ms, .monotonic_ms = system_monotonic_ms, .ctx = clock};
}

int clock_test_fd(const struct test_clock *clock) {
    return clock->fd;
}

int clock_test_read(struct test_clock *clock) {
    int taken = 0;
    for (;;) {
        char text[64];
        struct sockaddr_un from;
        socklen_t from_length = sizeof(from);
        const ssize_t length =
            recvfrom(clock->fd, text, sizeof(text) - 1, 0, (struct sockaddr *)&from, &from_length);
        if (length < 0 && errno == EINTR) {
            continue;
        }
        if (length < 0) {
            return taken;
        }
        text[length] = '\0';
        int64_t now_ms = 0;
        const bool good = strncmp(text, "now ", 4) == 0 && instant_parse(text + 4, &now_ms);
        char answer[32] = "bad";
        if (good) {
            atomic_store(&clock->now_ms, now_ms);
            taken++;
            snprintf(answer, sizeof(answer), "ok %lld", (long long)now_ms);
        }
        if (from_length > sizeof(sa_family_t)) {
            /* A test that has gone by now doesn't need the answer. */
            const ssize_t sent = sendto(clock->fd, answer, strlen(answer), MSG_NOSIGNAL,
                                        (const struct sockaddr *)&from, from_length);
            (void)sent;
        }
    }
}

int clock_test_once(const char *where, int64_t *ret_ms) {
    struct test_clock *clock;
    int r = clock_test_open(where, &clock);
    if (r < 0) {
        return r;
    }
    *ret_ms = test_now_ms(clock);
    clock_test_close(clock);
    return 0;
}
#endif
