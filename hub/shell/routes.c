#include "hub/shell/routes.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/limits.h"

enum { SLOTS = 2 * MEMBERS_MAX };

struct place {
    struct org_id org; /* zeros: free */
    struct link_route route;
    int64_t heard_ms;
};

struct routes {
    pthread_mutex_t lock;
    size_t count;
    struct place places[SLOTS]; /* open addressing */
};

int routes_new(struct routes **ret) {
    struct routes *routes = calloc(1, sizeof(*routes));
    if (routes == NULL) {
        return ERR_NO_MEMORY;
    }
    pthread_mutex_init(&routes->lock, NULL);
    *ret = routes;
    return 0;
}

void routes_free(struct routes *routes) {
    if (routes != NULL) {
        pthread_mutex_destroy(&routes->lock);
        free(routes);
    }
}

/* FNV-1a. Only members' names get here, so nobody can choose them to collide. */
static struct place *seek(struct routes *routes, const struct org_id *org) {
    uint64_t hash = 0xcbf29ce484222325;
    for (const char *c = org->text; *c != '\0'; c++) {
        hash = (hash ^ (uint8_t)*c) * 0x100000001b3;
    }
    size_t slot = (size_t)(hash % SLOTS);
    while (routes->places[slot].org.text[0] != '\0' &&
           !org_id_equal(&routes->places[slot].org, org)) {
        slot = (slot + 1) % SLOTS;
    }
    return &routes->places[slot];
}

void routes_note(struct routes *routes, const struct org_id *org, const struct link_route *route,
                 int64_t now_ms) {
    pthread_mutex_lock(&routes->lock);
    struct place *place = seek(routes, org);
    bool is_new = place->org.text[0] == '\0';
    if (!is_new || routes->count < MEMBERS_MAX) {
        routes->count += is_new ? 1 : 0;
        *place = (struct place){.org = *org, .route = *route, .heard_ms = now_ms};
    }
    pthread_mutex_unlock(&routes->lock);
}

int routes_find(struct routes *routes, const struct org_id *org, struct link_route *ret) {
    pthread_mutex_lock(&routes->lock);
    struct link_route route = seek(routes, org)->route;
    pthread_mutex_unlock(&routes->lock);
    if (route.length == 0) {
        return ERR_NOT_FOUND;
    }
    *ret = route;
    return 0;
}

void routes_drop(struct routes *routes, const struct org_id *org) {
    pthread_mutex_lock(&routes->lock);
    seek(routes, org)->route = (struct link_route){0};
    pthread_mutex_unlock(&routes->lock);
}

int64_t routes_heard_ms(struct routes *routes, const struct org_id *org) {
    pthread_mutex_lock(&routes->lock);
    int64_t heard_ms = seek(routes, org)->heard_ms;
    pthread_mutex_unlock(&routes->lock);
    return heard_ms;
}
