#include "hub/shell/region.h"

#include <string.h>

#include "shared/members/directory.h"

enum { REGION_ARENA_BYTES = 1 << 20 };

static int read_in(struct store_txn *view, struct arena *arena, struct region_facts *ret) {
    struct region region;
    struct region_facts facts = {0};
    int r = directory_region(view, arena, &region);
    if (r == 0) {
        r = directory_hash_at(view, 1, &facts.fingerprint);
    }
    if (r < 0) {
        return r;
    }
    if (region.director_count == 0) {
        return ERR_STORAGE;
    }
    facts.hub = region.hub;
    memcpy(facts.name, region.name, sizeof(facts.name));
    memcpy(facts.director.bytes, region.directors[0].bytes, sizeof(facts.director.bytes));
    memcpy(facts.sign.bytes, region.hub_sign.bytes, sizeof(facts.sign.bytes));
    memcpy(facts.curve.bytes, region.hub_curve.bytes, sizeof(facts.curve.bytes));
    *ret = facts;
    return 0;
}

int region_read(struct store *store, struct region_facts *ret) {
    struct arena *arena;
    struct store_txn *view;
    int r = arena_new(REGION_ARENA_BYTES, &arena);
    if (r < 0) {
        return r;
    }
    r = store_begin_read(store, &view);
    if (r == 0) {
        r = read_in(view, arena, ret);
        store_abort(view);
    }
    arena_free(arena);
    return r;
}

int region_check(const struct region_facts *region, const struct settings *settings,
                 const struct keys *keys) {
    if (strcmp(region->hub.text, settings->hub) != 0) {
        return ERR_CONFIG;
    }
    bool own = memcmp(&region->sign, &keys->hub.sign_public, sizeof(region->sign)) == 0 &&
               memcmp(&region->curve, &keys->hub.curve_public, sizeof(region->curve)) == 0;
    bool directs =
        keys->hub.director == NULL ||
        memcmp(&region->director, &keys->hub.director_public, sizeof(region->director)) == 0;
    return own && directs ? 0 : ERR_CRYPTO;
}
