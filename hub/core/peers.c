#include "hub/core/peers.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/limits.h"

enum { SLOTS = 2 * MEMBERS_MAX };

struct peers {
    struct peer *list[MEMBERS_MAX]; /* by first appearance */
    size_t count;
    uint16_t slots[SLOTS]; /* 1 + index into list, 0: free; open addressing */
};

int peers_new(struct peers **ret) {
    struct peers *peers = calloc(1, sizeof(*peers));
    if (peers == NULL) {
        return ERR_NO_MEMORY;
    }
    *ret = peers;
    return 0;
}

void peers_free(struct peers *peers) {
    if (peers == NULL) {
        return;
    }
    for (size_t i = 0; i < peers->count; i++) {
        free(peers->list[i]);
    }
    free(peers);
}

/* FNV-1a. Only members get here, so nobody can choose ids to collide. */
static size_t slot_of(const struct org_id *org) {
    uint64_t hash = 0xcbf29ce484222325;
    for (const char *c = org->text; *c != '\0'; c++) {
        hash = (hash ^ (uint8_t)*c) * 0x100000001b3;
    }
    return (size_t)(hash % SLOTS);
}

static size_t seek(const struct peers *peers, const struct org_id *org) {
    size_t slot = slot_of(org);
    while (peers->slots[slot] != 0 &&
           !org_id_equal(&peers->list[peers->slots[slot] - 1]->org, org)) {
        slot = (slot + 1) % SLOTS;
    }
    return slot;
}

struct peer *peers_find(struct peers *peers, const struct org_id *org) {
    uint16_t index = peers->slots[seek(peers, org)];
    return index == 0 ? NULL : peers->list[index - 1];
}

struct peer *peers_get(struct peers *peers, const struct org_id *org) {
    size_t slot = seek(peers, org);
    if (peers->slots[slot] != 0) {
        return peers->list[peers->slots[slot] - 1];
    }
    struct peer *peer = peers->count == MEMBERS_MAX ? NULL : calloc(1, sizeof(*peer));
    if (peer == NULL) {
        return NULL;
    }
    peer->org = *org;
    pump_reset(&peer->pump);
    peers->list[peers->count++] = peer;
    peers->slots[slot] = (uint16_t)peers->count;
    return peer;
}

struct peer *peers_today(struct peers *peers, const struct org_id *org, int32_t today) {
    struct peer *peer = peers_get(peers, org);
    if (peer != NULL && peer->quota_day != today) {
        peer->quota_day = today;
        peer->families = 0;
        peer->consent_changes = 0;
        peer->new_cards = 0;
        peer->family_messages = 0;
    }
    return peer;
}

size_t peers_count(const struct peers *peers) {
    return peers->count;
}

struct peer *peers_at(struct peers *peers, size_t index) {
    return peers->list[index];
}

static int compare(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

bool peers_median_skew(const struct peers *peers, int64_t *ret_ms) {
    int64_t skews[MEMBERS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < peers->count; i++) {
        if (peers->list[i]->has_skew) {
            skews[count++] = peers->list[i]->skew_ms;
        }
    }
    if (count < PEERS_SKEWS_MIN) {
        return false;
    }
    qsort(skews, count, sizeof(skews[0]), compare);
    int64_t below = skews[(count - 1) / 2];
    *ret_ms = below + (skews[count / 2] - below) / 2;
    return true;
}
