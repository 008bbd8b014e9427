#include "shared/io/zap.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include "shared/io/link.h"

enum {
    /* RFC 27: version, request id, domain, address, identity, mechanism, then the credentials,
     * which are one frame for CURVE. */
    PART_VERSION = 0,
    PART_REQUEST_ID = 1,
    PART_DOMAIN = 2,
    PART_MECHANISM = 5,
    PART_KEY = 6,
    PARTS = 7,
    PART_SIZE = 256,
};

struct zap {
    void *socket;
    int stop_fd;
    pthread_t thread;
    struct zap_policy policy;
    atomic_uint_fast64_t accepted;
    atomic_uint_fast64_t refused;
    atomic_uint_fast64_t malformed;
};

struct part {
    size_t length;
    uint8_t data[PART_SIZE];
};

struct request {
    int count; /* parts that came, also those beyond PARTS */
    bool too_long;
    struct part parts[PARTS];
};

static bool part_is(const struct part *part, const char *text) {
    return part->length == strlen(text) && memcmp(part->data, text, part->length) == 0;
}

/* 1 where a request was read, 0 where none is there. */
static int read_request(void *socket, struct request *ret) {
    struct part spill;
    int more = 1;

    ret->count = 0;
    ret->too_long = false;
    while (more != 0) {
        struct part *part = ret->count < PARTS ? &ret->parts[ret->count] : &spill;
        int length = zmq_recv(socket, part->data, PART_SIZE, ZMQ_DONTWAIT);
        if (length < 0 && errno == EINTR) {
            continue;
        }
        if (length < 0) {
            return errno == EAGAIN && ret->count == 0 ? 0 : ERR_NETWORK;
        }
        /* zmq_recv cuts and gives the full length */
        ret->too_long = ret->too_long || length > PART_SIZE;
        part->length = length > PART_SIZE ? PART_SIZE : (size_t)length;
        ret->count++;
        if (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &(size_t){sizeof(more)}) < 0) {
            return ERR_NETWORK;
        }
    }
    return 1;
}

static bool well_formed(const struct request *request) {
    const struct part *domain = &request->parts[PART_DOMAIN];

    return !request->too_long && request->count > PART_MECHANISM &&
           part_is(&request->parts[PART_VERSION], "1.0") && domain->length < ZAP_DOMAIN_SIZE &&
           memchr(domain->data, '\0', domain->length) == NULL;
}

static bool is_name(const char user_id[ZAP_USER_ID_SIZE]) {
    size_t length = strnlen(user_id, ZAP_USER_ID_SIZE);

    if (length == 0 || length == ZAP_USER_ID_SIZE) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (user_id[i] <= ' ' || user_id[i] > '~') {
            return false;
        }
    }
    return true;
}

/* The status to answer; `ret_user_id` is the empty text unless that is "200". */
static const char *judge(struct zap *zap, const struct request *request,
                         char ret_user_id[ZAP_USER_ID_SIZE]) {
    char domain[ZAP_DOMAIN_SIZE] = "";
    char user_id[ZAP_USER_ID_SIZE] = "";

    ret_user_id[0] = '\0';
    if (!well_formed(request)) {
        atomic_fetch_add(&zap->malformed, 1);
        return "500";
    }
    if (!part_is(&request->parts[PART_MECHANISM], "CURVE")) {
        atomic_fetch_add(&zap->refused, 1);
        return "400";
    }
    if (request->count != PARTS || request->parts[PART_KEY].length != ZAP_KEY_SIZE) {
        atomic_fetch_add(&zap->malformed, 1);
        return "500";
    }
    memcpy(domain, request->parts[PART_DOMAIN].data, request->parts[PART_DOMAIN].length);
    if (zap->policy.decide(zap->policy.ctx, domain, request->parts[PART_KEY].data, user_id) < 0) {
        atomic_fetch_add(&zap->refused, 1);
        return "400";
    }
    if (!is_name(user_id)) {
        atomic_fetch_add(&zap->malformed, 1);
        return "500";
    }
    atomic_fetch_add(&zap->accepted, 1);
    memcpy(ret_user_id, user_id, sizeof(user_id));
    return "200";
}

/* A requester that left meanwhile isn't an error: REP drops the answer. */
static int answer(void *socket, const struct request *request, const char *status,
                  const char *user_id) {
    const struct part *id = &request->parts[PART_REQUEST_ID];
    bool has_id = request->count > PART_REQUEST_ID;

    if (zmq_send(socket, "1.0", 3, ZMQ_SNDMORE) < 0 ||
        zmq_send(socket, id->data, has_id ? id->length : 0, ZMQ_SNDMORE) < 0 ||
        zmq_send(socket, status, strlen(status), ZMQ_SNDMORE) < 0 ||
        zmq_send(socket, "", 0, ZMQ_SNDMORE) < 0 ||
        zmq_send(socket, user_id, strlen(user_id), ZMQ_SNDMORE) < 0 ||
        zmq_send(socket, "", 0, 0) < 0) {
        return ERR_NETWORK;
    }
    return 0;
}

static int serve_one(struct zap *zap) {
    struct request request;
    char user_id[ZAP_USER_ID_SIZE];

    int r = read_request(zap->socket, &request);
    if (r <= 0) {
        return r;
    }
    const char *status = judge(zap, &request, user_id);
    return answer(zap->socket, &request, status, user_id);
}

/* 0 when zap_stop asked for it. */
static int serve(struct zap *zap) {
    zmq_pollitem_t items[] = {
        {.fd = zap->stop_fd, .events = ZMQ_POLLIN},
        {.socket = zap->socket, .events = ZMQ_POLLIN},
    };

    for (;;) {
        if (zmq_poll(items, 2, -1) < 0) {
            if (errno == EINTR) {
                continue;
            }
            return ERR_NETWORK;
        }
        if (items[0].revents != 0) {
            return 0;
        }
        int r = serve_one(zap);
        if (r < 0) {
            return r;
        }
    }
}

static void *run(void *argument) {
    struct zap *zap = argument;

    int r = serve(zap);
    /* unbinding frees the name at once, closing does so only after a while */
    (void)zmq_unbind(zap->socket, ZAP_ENDPOINT);
    (void)zmq_close(zap->socket);
    if (r < 0 && zap->policy.on_end != NULL) {
        zap->policy.on_end(zap->policy.ctx, r);
    }
    return NULL;
}

/* Signals are the shell's: it reads them from a signalfd on the turn thread. */
static int start_thread(struct zap *zap) {
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&zap->thread, NULL, run, zap);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure != 0 ? ERR_NO_MEMORY : 0;
}

static int bind_door(struct link_context *context, void **ret_socket) {
    /* libzmq aborts the process where another type than REP or ROUTER stands here */
    void *socket = zmq_socket(link_context_zmq(context), ZMQ_REP);
    if (socket == NULL) {
        return ERR_NO_MEMORY;
    }
    if (zmq_setsockopt(socket, ZMQ_LINGER, &(int){0}, sizeof(int)) < 0 ||
        zmq_bind(socket, ZAP_ENDPOINT) < 0) {
        int r = errno == EADDRINUSE ? ERR_EXISTS : ERR_NETWORK;
        (void)zmq_close(socket);
        return r;
    }
    *ret_socket = socket;
    return 0;
}

int zap_start(struct link_context *context, const struct zap_policy *policy, struct zap **ret) {
    assert(policy->decide != NULL);

    struct zap *zap = calloc(1, sizeof(*zap));
    if (zap == NULL) {
        return ERR_NO_MEMORY;
    }
    zap->policy = *policy;
    int r = ERR_NO_MEMORY;
    zap->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (zap->stop_fd < 0) {
        goto fail_event;
    }
    r = bind_door(context, &zap->socket);
    if (r < 0) {
        goto fail_socket;
    }
    r = start_thread(zap);
    if (r < 0) {
        goto fail_thread;
    }
    *ret = zap;
    return 0;

fail_thread:
    (void)zmq_unbind(zap->socket, ZAP_ENDPOINT);
    (void)zmq_close(zap->socket);
fail_socket:
    close(zap->stop_fd);
fail_event:
    free(zap);
    return r;
}

void zap_stop(struct zap *zap) {
    if (zap == NULL) {
        return;
    }
    int r = eventfd_write(zap->stop_fd, 1);
    assert(r == 0);
    (void)r;
    pthread_join(zap->thread, NULL);
    close(zap->stop_fd);
    free(zap);
}

struct zap_counters zap_counters(const struct zap *zap) {
    return (struct zap_counters){
        .accepted = atomic_load(&zap->accepted),
        .refused = atomic_load(&zap->refused),
        .malformed = atomic_load(&zap->malformed),
    };
}
