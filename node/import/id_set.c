#include "node/import/id_set.h"

#include <assert.h>
#include <stdlib.h>

enum { SLOTS_FIRST = 1024 };

void id_set_deinit(struct id_set *set) {
    if (set == NULL) {
        return;
    }
    free(set->slots);
    *set = (struct id_set){0};
}

static struct id_slot *find(struct id_slot *slots, size_t size, uint64_t hash) {
    size_t at = (size_t)hash & (size - 1);
    while (slots[at].line != 0 && slots[at].hash != hash) {
        at = (at + 1) & (size - 1);
    }
    return &slots[at];
}

static int grow(struct id_set *set) {
    size_t size = set->size == 0 ? SLOTS_FIRST : set->size * 2;
    struct id_slot *slots = calloc(size, sizeof(*slots));
    if (slots == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < set->size; i++) {
        if (set->slots[i].line != 0) {
            *find(slots, size, set->slots[i].hash) = set->slots[i];
        }
    }
    free(set->slots);
    set->slots = slots;
    set->size = size;
    return 0;
}

int id_set_add(struct id_set *set, uint64_t hash, uint32_t line, uint32_t *ret_earlier) {
    assert(line > 0);
    if (set->used * 4 >= set->size * 3) {
        int r = grow(set);
        if (r < 0) {
            return r;
        }
    }
    struct id_slot *slot = find(set->slots, set->size, hash);
    *ret_earlier = slot->line;
    if (slot->line == 0) {
        *slot = (struct id_slot){.hash = hash, .line = line};
        set->used++;
    }
    return 0;
}
