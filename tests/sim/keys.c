#include <assert.h>
#include <string.h>

#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/crypto/hash.h"
#include "tests/sim/world.h"

/* A party's keyring, the pool of keys that its core draws from, and the secrets of what others seal
 * to it: all of it outlives the party's process, as files do. */

enum { POOL_LOW = 24, POOL_RUN = 48, CONTACT_DAYS = 92 };

int keys_record(void *context, uint64_t id, struct record_key *ret) {
    struct party *party = context;
    uint8_t number[8];
    if (id == 0 || id > party->record_keys || id >= RECORD_KEYS_MAX || party->shredded[id]) {
        return ERR_NOT_FOUND;
    }
    be64_write(number, id);
    struct digest key = hash_keyed(BYTES_OF(party->record_seed), "record", BYTES_OF(number));
    ret->id = id;
    memcpy(ret->key.bytes, key.bytes, sizeof(ret->key.bytes));
    return 0;
}

int keys_seal(void *context, const uint8_t public_key[static 32], struct curve_secret *ret) {
    struct party *party = context;
    for (size_t i = 0; i < party->seal_count; i++) {
        const struct seal_pair *pair = &party->seals[i];
        if (!pair->destroyed && pair->life == party->store_life &&
            memcmp(pair->public.bytes, public_key, sizeof(pair->public.bytes)) == 0) {
            *ret = pair->secret;
            return 0;
        }
    }
    return ERR_NOT_FOUND;
}

static struct seal_pair *add_pair(struct party *party, bool contact) {
    uint8_t seed[32];
    assert(party->seal_count < SEAL_PAIRS_MAX);
    struct seal_pair *pair = &party->seals[party->seal_count++];
    dice_fill(&party->world->crypto, seed, sizeof(seed));
    *pair = (struct seal_pair){.contact = contact, .life = party->store_life};
    pair->until_day =
        day_of_instant(party->world->now_ms) + (contact ? CONTACT_DAYS : (int32_t)SEALING_KEY_DAYS);
    curve_keys_from_seed(seed, contact ? "contact/v1" : "sealing/v1", &pair->public, &pair->secret);
    return pair;
}

void keys_draw(struct party *party) {
    (void)add_pair(party, false);
    (void)add_pair(party, true);
}

/* Whether it dies between two steps of erasing: the key is destroyed or not, nobody was told. */
static bool dies(struct party *party) {
    return dice_chance(&party->crashes, world_option(party->world, OPTION_shred_crash_ppm));
}

static void die_soon(struct party *party) {
    world_add(party->world, 0, STEP_KILL, party->index, 1);
}

void keys_shredded(struct party *party, const uint64_t *ids, size_t count) {
    size_t gone = count;
    bool before = dies(party);
    bool after = dies(party);
    if (before) { /* some of them */
        gone = (size_t)dice_below(&party->crashes, count);
    }
    bool kept = party->world->options.value[OPTION_keep_keys] != 0 ||
                party->world->options.value[OPTION_forget_tombstone] != 0;
    for (size_t i = 0; i < gone && !kept; i++) {
        assert(ids[i] < RECORD_KEYS_MAX);
        party->shredded[ids[i]] = true;
    }
    if (before || after) {
        die_soon(party);
    } else {
        work_shredded(party, ids, count);
    }
}

static void reserve(struct party *party, uint64_t first) {
    if (party->record_keys < first + POOL_RUN) {
        party->record_keys = first + POOL_RUN;
        assert(party->record_keys < RECORD_KEYS_MAX);
    }
}

static void offer_hub(struct party *hub, bool start) {
    uint64_t first = hub->record_keys + 1;
    int r = 0;
    if (start) {
        r = hub_last_key(hub->hub, &first);
        first++;
    } else if (hub_keys_left(hub->hub) >= POOL_LOW) {
        return;
    }
    if (r == 0) {
        reserve(hub, first);
        if (dies(hub)) { /* they're in the keyring, and nobody knows */
            die_soon(hub);
            return;
        }
        r = hub_offer_keys(hub->hub, first, hub->record_keys + 1 - first);
    }
    if (r < 0 && r != ERR_AGAIN) {
        model_broken(&hub->world->model, VIOLATION_ERROR, "the hub's key pool: %s", err_text(r));
    }
}

void keys_offer(struct party *party, bool start) {
    if (party->hub != NULL) {
        offer_hub(party, start);
    } else if (party->node != NULL && (start || node_keys_left(party->node) < POOL_LOW)) {
        uint64_t first = party->record_keys + 1;
        reserve(party, first);
        if (dies(party)) {
            die_soon(party);
            return;
        }
        node_offer_keys(party->node, first, (uint32_t)(party->record_keys + 1 - first));
    }
}

/* -- what others seal to -- */

static void destroy_old(struct party *node, int32_t today) {
    for (size_t i = 0; i < node->seal_count; i++) {
        struct seal_pair *pair = &node->seals[i];
        int32_t kept_days = pair->contact ? (int32_t)CONTACT_SECRET_DAYS : SEALING_SECRET_DAYS;
        pair->destroyed =
            pair->destroyed || (i + 2 < node->seal_count && pair->until_day + kept_days < today);
    }
}

void keys_rotate(struct party *node) {
    struct node_keys_due due;
    int32_t today = brussels_day(party_now(node));
    if (node->rotating || node_keys_due(node->node, party_now(node), &due) < 0 ||
        (!due.sealing && !due.contact) || node->seal_count == SEAL_PAIRS_MAX) {
        return;
    }
    struct work *work = family_work_new(node, NODE_COMMAND_KEYS_ROTATE);
    if (work == NULL) {
        return;
    }
    bool contact = !due.sealing;
    const struct seal_pair *pair = add_pair(node, contact);
    node->rotating = true;
    work->subject = node->seal_count - 1;
    work->family->rotate = (struct keys_rotate_arguments){
        .contact = contact, .key = pair->public, .from_day = today, .until_day = pair->until_day};
    destroy_old(node, today);
    family_work_begin(node, work);
}

void keys_rotated(struct party *node) {
    node->rotating = false;
}
