#include "shared/io/ring.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct ring {
    pthread_mutex_t lock;
    int fd;
    bool closed;
    size_t slots;
    size_t first;
    size_t count;
    void *items[];
};

int ring_new(size_t slots, struct ring **ret) {
    assert(slots > 0 && slots <= SIZE_MAX / sizeof(void *) / 2);
    struct ring *ring = calloc(1, sizeof(*ring) + slots * sizeof(void *));
    if (ring == NULL) {
        return ERR_NO_MEMORY;
    }
    ring->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (ring->fd < 0) {
        free(ring);
        return ERR_IO;
    }
    pthread_mutex_init(&ring->lock, NULL);
    ring->slots = slots;
    *ret = ring;
    return 0;
}

void ring_free(struct ring *ring) {
    if (ring == NULL) {
        return;
    }
    close(ring->fd);
    pthread_mutex_destroy(&ring->lock);
    free(ring);
}

static void wake(int fd) {
    const uint64_t one = 1;
    while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR) {
    }
}

static void quiet(int fd) {
    uint64_t count;
    while (read(fd, &count, sizeof(count)) < 0 && errno == EINTR) {
    }
}

int ring_push(struct ring *ring, void *item) {
    assert(item != NULL);
    int r = 0;
    pthread_mutex_lock(&ring->lock);
    if (ring->closed) {
        r = ERR_CANCELLED;
    } else if (ring->count == ring->slots) {
        r = ERR_AGAIN;
    } else {
        ring->items[(ring->first + ring->count) % ring->slots] = item;
        ring->count++;
        wake(ring->fd);
    }
    pthread_mutex_unlock(&ring->lock);
    return r;
}

void *ring_take(struct ring *ring) {
    void *item = NULL;
    pthread_mutex_lock(&ring->lock);
    if (ring->count > 0) {
        item = ring->items[ring->first];
        ring->first = (ring->first + 1) % ring->slots;
        ring->count--;
    }
    if (ring->count == 0) {
        quiet(ring->fd);
    }
    pthread_mutex_unlock(&ring->lock);
    return item;
}

void ring_close(struct ring *ring) {
    pthread_mutex_lock(&ring->lock);
    ring->closed = true;
    pthread_mutex_unlock(&ring->lock);
}

int ring_fd(const struct ring *ring) {
    return ring->fd;
}
