#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hub/core/family_store.h"
#include "shared/consent/consent.h"
#include "tests/sim/world.h"

/* Negative controls about families: what is broken here on purpose must be seen by the model. The
 * cores know nothing of it; their tables are changed between two of their turns. */

enum { DUE_KEY_BYTES = 8 + 32, SCOPES_ALL = 63 };

static bool wants(const struct party *party, enum option option) {
    return party->alive && party->world->options.value[option] != 0;
}

/* -- forget_tombstone: what a node erased is there again -- */

static const enum table told_tables[] = {TABLE_CARDS, TABLE_ITEMS};

struct kept {
    enum table table;
    struct bytes key;
    struct bytes value;
};

static struct {
    struct kept list[4096];
    size_t count;
} before;

static struct bytes copy_of(struct bytes bytes) {
    uint8_t *copy = malloc(bytes.length + 1);
    assert(copy != NULL);
    memcpy(copy, bytes.data, bytes.length);
    return (struct bytes){.data = copy, .length = bytes.length};
}

static void drop_kept(void) {
    for (size_t i = 0; i < before.count; i++) {
        free((void *)(uintptr_t)before.list[i].key.data);
        free((void *)(uintptr_t)before.list[i].value.data);
    }
    before.count = 0;
}

static void keep_told(const struct party *node) {
    struct store_txn *view;
    drop_kept();
    if (store_begin_read(node->store, &view) < 0) {
        return;
    }
    for (size_t i = 0; i < sizeof(told_tables) / sizeof(told_tables[0]); i++) {
        struct store_cursor cursor;
        for (int r = store_first(view, told_tables[i], &cursor);
             r == 0 && before.count < sizeof(before.list) / sizeof(before.list[0]);
             r = store_next(&cursor)) {
            before.list[before.count++] = (struct kept){.table = told_tables[i],
                                                        .key = copy_of(cursor.key),
                                                        .value = copy_of(cursor.value)};
        }
    }
    store_abort(view);
}

static void put_back(const struct party *node) {
    struct store_txn *txn;
    struct bytes value;
    if (store_begin_write(node->store, &txn) < 0) {
        return;
    }
    for (size_t i = 0; i < before.count; i++) {
        const struct kept *kept = &before.list[i];
        if (store_get(txn, kept->table, kept->key, &value) == ERR_NOT_FOUND) {
            store_put(txn, kept->table, kept->key, kept->value);
        }
    }
    (void)!store_commit(txn);
    drop_kept();
}

void family_faults_before(struct party *party) {
    if (party->index != HUB && wants(party, OPTION_forget_tombstone)) {
        keep_told(party);
    }
}

/* -- skip_consent_check: the hub holds a token to everything, rightly signed -- */

static int sign_anew(struct world *world, struct family *family) {
    const struct known_family *known = family_model_find(&world->families->model, &family->handle);
    int issuer = model_party_of(&world->model, &family->token.issuer);
    struct sign_public public_key;
    struct sign_secret secret;
    if (known == NULL || issuer <= HUB) {
        return ERR_NOT_FOUND;
    }
    card_family_keys(&world->families->cards[known->card].card, &world->parties[HUB].own.hub,
                     &public_key, &secret);
    const struct consent_signers signers = {.family = &secret,
                                            .organisation = &world->parties[issuer].sign_secret};
    return consent_token_sign(&family->token, &signers, world->arena, &family->signed_token);
}

static void forge(struct party *hub, struct store_txn *txn, const struct known_family *known) {
    struct world *world = hub->world;
    struct family *family;
    struct decision decision = {.arena = world->arena};
    const struct family_keys keys = {.records = {.get = keys_record, .context = hub},
                                     .index = &hub->index_key};
    const struct turn_view view = {
        .txn = txn, .now_ms = party_now(hub), .rng = &hub->rng, .arena = world->arena};
    const struct family_writing writing = {.view = &view, .keys = &keys, .scratch = world->reading};
    arena_reset(world->arena);
    arena_reset(world->reading);
    if (family_get(txn, &keys, &known->handle, world->arena, &family) < 0 ||
        family->token.scopes.bits == SCOPES_ALL) {
        return;
    }
    family->token.scopes.bits = SCOPES_ALL;
    if (sign_anew(world, family) < 0 || family_decide(&writing, family, 0, &decision) < 0) {
        return;
    }
    for (size_t i = 0; i < decision.fact_count; i++) {
        (void)!family_store_apply(&view, &decision.facts[i]);
    }
}

static void forge_all(struct party *hub) {
    const struct family_model *model = &hub->world->families->model;
    struct store_txn *txn;
    if (store_begin_write(hub->store, &txn) < 0) {
        return;
    }
    for (size_t i = 0; i < model->count; i++) {
        forge(hub, txn, &model->families[i]);
    }
    (void)!store_commit(txn);
}

/* -- lazy_flag: nobody looks at a family again when its time comes -- */

static void forget_due(struct party *hub) {
    struct store_txn *txn;
    struct store_cursor cursor;
    if (store_begin_write(hub->store, &txn) < 0) {
        return;
    }
    for (int r = store_first(txn, TABLE_FAMILY_DUE, &cursor); r == 0; r = store_next(&cursor)) {
        if (cursor.key.length == DUE_KEY_BYTES) {
            store_delete(txn, TABLE_FAMILY_DUE, cursor.key);
        }
    }
    (void)!store_commit(txn);
}

/* -- plain_name -- */

static void write_name(struct party *hub) {
    struct store_txn *txn;
    if (store_begin_write(hub->store, &txn) < 0) {
        return;
    }
    store_put(txn, TABLE_STATE, bytes_from_text("note"), bytes_from_text(family_marks[0]));
    (void)!store_commit(txn);
}

void family_faults_after(struct party *party) {
    if (party->index != HUB && wants(party, OPTION_forget_tombstone)) {
        put_back(party);
    }
    if (party->index != HUB) {
        return;
    }
    if (wants(party, OPTION_skip_consent_check)) {
        forge_all(party);
    }
    if (wants(party, OPTION_lazy_flag)) {
        forget_due(party);
    }
    if (wants(party, OPTION_plain_name)) {
        write_name(party);
    }
}
