#include "hub/shell/ring.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "shared/base/limits.h"

struct ring {
    pthread_mutex_t lock;
    struct request *waiting[COMMAND_RING];
    size_t first;
    size_t count;
    bool closed;
    int fd; /* a semaphore: its value is `count` */
};

struct request *request_new(enum hub_command kind) {
    struct request *request = calloc(1, sizeof(*request));
    if (request != NULL) {
        request->command.kind = kind;
        request->command.arguments = &request->arguments;
    }
    return request;
}

void request_free(struct request *request) {
    if (request != NULL) {
        free(request->blob);
        free(request);
    }
}

int ring_new(struct ring **ret) {
    struct ring *ring = calloc(1, sizeof(*ring));
    if (ring == NULL) {
        return ERR_NO_MEMORY;
    }
    ring->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
    if (ring->fd < 0) {
        free(ring);
        return ERR_IO;
    }
    pthread_mutex_init(&ring->lock, NULL);
    *ret = ring;
    return 0;
}

void ring_free(struct ring *ring) {
    if (ring == NULL) {
        return;
    }
    for (struct request *request = ring_pop(ring); request != NULL; request = ring_pop(ring)) {
        request_free(request);
    }
    pthread_mutex_destroy(&ring->lock);
    (void)close(ring->fd);
    free(ring);
}

int ring_push(struct ring *ring, struct request *request) {
    const uint64_t one = 1;
    pthread_mutex_lock(&ring->lock);
    bool taken = !ring->closed && ring->count < COMMAND_RING;
    if (taken) {
        ring->waiting[(ring->first + ring->count) % COMMAND_RING] = request;
        ring->count++;
        (void)!write(ring->fd, &one, sizeof(one)); /* can't fill up: at most COMMAND_RING */
    }
    pthread_mutex_unlock(&ring->lock);
    return taken ? 0 : ERR_AGAIN;
}

struct request *ring_pop(struct ring *ring) {
    struct request *request = NULL;
    uint64_t value;
    pthread_mutex_lock(&ring->lock);
    if (ring->count > 0) {
        request = ring->waiting[ring->first];
        ring->first = (ring->first + 1) % COMMAND_RING;
        ring->count--;
        (void)!read(ring->fd, &value, sizeof(value));
    }
    pthread_mutex_unlock(&ring->lock);
    return request;
}

void ring_close(struct ring *ring) {
    pthread_mutex_lock(&ring->lock);
    ring->closed = true;
    pthread_mutex_unlock(&ring->lock);
}

int ring_fd(const struct ring *ring) {
    return ring->fd;
}
