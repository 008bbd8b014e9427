#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hub/core/journal.h"
#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "tests/sim/world.h"

/* Opens whatever can be opened with the keys that are left, without asking the cores how their
 * records look: wherever in a value something could be a sealed record, it's tried. */

enum { PLAIN_MAX = 256 << 10 };

#define BROKEN(of, which, ...) model_broken(&(of)->world->model, which, __VA_ARGS__)

static bool holds(struct bytes bytes, const void *needle, size_t length) {
    return bytes.length >= length && memmem(bytes.data, bytes.length, needle, length) != NULL;
}

/* -- whatever lies in a store -- */

/* One value as it lies there (key 0), or what a key made of a part of it. */
struct found {
    enum table table;
    struct bytes plain;
    uint64_t key;
};

struct walk {
    struct family_model *model;
    struct party *party;
    void (*visit)(const struct walk *walk, const struct found *found);
    bool clean[KNOWN_MAX]; /* of which families nothing may be there */
};

/* A message's place is its id, wherever it lies: before the sealed record stand the id, when it was
 * made, and the record's length. */
enum { MESSAGE_ID_BEFORE = sizeof(struct message_id) + 8 + 4 };

static bool open_at(const struct walk *walk, const struct store_cursor *cursor, size_t at,
                    struct bytes sealed, struct buf *out) {
    const bool message = at >= MESSAGE_ID_BEFORE;
    const struct bytes id = {.data = cursor->value.data + at - (message ? MESSAGE_ID_BEFORE : 0),
                             .length = sizeof(struct message_id)};
    const struct vault_place places[] = {
        {.table = table_name(cursor->table), .key = cursor->key},
        {.table = "journal", .key = cursor->key},
        {.table = table_name(TABLE_OUTBOX), .key = id},
    };
    struct record_key record;
    uint64_t key;
    if (vault_key_id(sealed, &key) < 0 || keys_record(walk->party, key, &record) < 0) {
        return false;
    }
    for (size_t i = 0; i < (message ? 3 : 2); i++) {
        out->length = 0;
        out->error = 0;
        walk->model->opened++;
        if (vault_open(&record, &places[i], sealed, out) == 0) {
            return true;
        }
    }
    return false;
}

/* A sealed record begins with its version and a key's number, which is small; as a part of a value
 * it has its length before it. */
static bool may_begin(const struct walk *walk, struct bytes value, size_t at) {
    if (value.length - at < VAULT_OVERHEAD_BYTES || value.data[at] != VAULT_VERSION) {
        return false;
    }
    uint64_t id = be64_read(value.data + at + 1);
    return id > 0 && id <= walk->party->record_keys;
}

static void visit_value(const struct walk *walk, const struct store_cursor *cursor) {
    static uint8_t memory[PLAIN_MAX];
    struct bytes value = cursor->value;
    const struct found raw = {.table = cursor->table, .plain = value};
    walk->visit(walk, &raw);
    for (size_t at = 0; at + VAULT_OVERHEAD_BYTES <= value.length; at++) {
        if (!may_begin(walk, value, at)) {
            continue;
        }
        size_t length = value.length - at;
        if (at >= 4 && be32_read(value.data + at - 4) <= length) {
            length = be32_read(value.data + at - 4);
        }
        struct bytes sealed = {.data = value.data + at, .length = length};
        struct buf out = buf_over(memory, sizeof(memory));
        if (open_at(walk, cursor, at, sealed, &out)) {
            const struct found found = {.table = cursor->table,
                                        .plain = buf_bytes(&out),
                                        .key = be64_read(value.data + at + 1)};
            walk->visit(walk, &found);
        }
    }
}

/* The register and the figures aren't about families that have a card. */
static bool looks_into(enum table table) {
    return table != TABLE_REGISTER && table != TABLE_REGISTER_META && table != TABLE_SIGNALS &&
           table != TABLE_FREEZE && table != TABLE_DISCLOSURE && table != TABLE_STATUS &&
           table != TABLE_DIRECTORY && table != TABLE_MEMBERS;
}

static void walk_store(const struct walk *walk) {
    struct store_txn *view;
    if (!walk->party->alive || store_begin_read(walk->party->store, &view) < 0) {
        return;
    }
    for (int table = 0; table < TABLE_COUNT; table++) {
        struct store_cursor cursor;
        int r = looks_into((enum table)table) ? store_first(view, (enum table)table, &cursor)
                                              : ERR_NOT_FOUND;
        for (; r == 0; r = store_next(&cursor)) {
            visit_value(walk, &cursor);
        }
    }
    store_abort(view);
}

/* -- what of a family lies there -- */

static bool tells(const struct family_model *model, const struct known_family *family,
                  struct bytes plain, const char **ret_what) {
    const struct families *families = model->world->families;
    char mark[SAID_BYTES];
    cards_mark(families, family->card, mark);
    *ret_what = holds(plain, family->handle.bytes, sizeof(family->handle.bytes)) ? "the handle"
                : holds(plain, family->presence.bytes, sizeof(family->presence.bytes))
                    ? "the presence seed"
                : holds(plain, mark, strlen(mark)) ? "how to reach it"
                                                   : NULL;
    return *ret_what != NULL;
}

/* A withdrawal of its own, which waits for the hub, or is kept: a hub put back from a backup must
 * hear of it again. */
static bool is_withdrawal(const struct walk *walk, const struct found *found) {
    struct arena *arena = walk->model->world->model.arena;
    const struct arena_mark mark = arena_mark(arena);
    struct packet packet;
    struct envelope envelope;
    const bool is = (found->table == TABLE_OUTBOX || found->table == TABLE_OUTBOX_KEPT) &&
                    packet_decode(found->plain, arena, &packet) == REFUSAL_NONE &&
                    packet.content == PACKET_POSTING &&
                    envelope_decode(packet.posting.envelope, arena, &envelope) == REFUSAL_NONE &&
                    envelope.kind == MESSAGE_KIND_WITHDRAWAL;
    arena_rewind(arena, &mark);
    return is;
}

/* -- as long as a consent stands: all is sealed, and under which key something lay -- */

static void check_open(const struct walk *walk, const struct found *found) {
    const struct family_model *model = walk->model;
    const char *what;
    for (size_t i = 0; i < model->count; i++) {
        if (tells(model, &model->families[i], found->plain, &what)) {
            BROKEN(model, VIOLATION_OPEN, "%s has %s of card %d in its table %s",
                   walk->party->own.org.text, what, model->families[i].card,
                   table_name(found->table));
        }
    }
}

static void note(const struct walk *walk, const struct found *found) {
    struct family_model *model = walk->model;
    const char *what;
    if (found->key == 0) {
        check_open(walk, found);
        return;
    }
    if (found->table == TABLE_CONSENTS || is_withdrawal(walk, found)) {
        return;
    }
    for (size_t i = 0; i < model->count; i++) {
        struct relic relic = {.party = walk->party->index,
                              .life = walk->party->store_life,
                              .key = found->key,
                              .table = found->table,
                              .family = (int)i};
        if (model->relic_count < RELICS_MAX &&
            tells(model, &model->families[i], found->plain, &what)) {
            for (size_t k = 0; k < model->relic_count; k++) {
                const struct relic *other = &model->relics[k];
                if (other->party == relic.party && other->life == relic.life &&
                    other->key == relic.key && other->family == relic.family) {
                    return;
                }
            }
            model->relics[model->relic_count++] = relic;
        }
    }
}

void family_secrets_note(struct family_model *model, int party) {
    const struct walk walk = {
        .model = model, .party = &model->world->parties[party], .visit = note};
    if (model->relics == NULL) {
        model->relics = calloc(RELICS_MAX, sizeof(*model->relics));
        assert(model->relics != NULL);
    }
    walk_store(&walk);
}

/* -- after the end -- */

static void check_found(const struct walk *walk, const struct found *found) {
    const struct family_model *model = walk->model;
    const char *what;
    const bool own = walk->party->index != HUB && found->table == TABLE_CONSENTS;
    for (size_t i = 0; i < model->count && !own; i++) {
        if (walk->clean[i] && tells(model, &model->families[i], found->plain, &what) &&
            !is_withdrawal(walk, found)) {
            BROKEN(model, VIOLATION_KEPT, "%s has %s of card %d in its table %s%s",
                   walk->party->own.org.text, what, model->families[i].card,
                   table_name(found->table), found->key == 0 ? ", in the open" : "");
        }
    }
}

/* Whether a party must have nothing of it: it gave its receipt; or the family's card never lay on
 * its table, so that all it can have came through the hub. */
static bool must_be_clean(const struct family_model *model, int family, int party) {
    const struct known_family *known = &model->families[family];
    bool asked = false;
    bool owed = false;
    for (size_t i = 0; i < model->stone_count; i++) {
        if (model->stones[i].family == family) {
            asked = asked || (model->stones[i].asked >> party & 1) != 0;
            owed = owed || (model->stones[i].owed >> party & 1) != 0;
        }
    }
    if (owed || !known->ended) {
        return false;
    }
    return party == HUB || asked;
}

void family_secrets_check(struct family_model *model, int party, bool shredded) {
    struct world *world = model->world;
    struct party *of = &world->parties[party];
    struct walk walk = {.model = model, .party = of, .visit = check_found};
    bool any = false;
    for (size_t i = 0; i < model->count; i++) {
        walk.clean[i] = must_be_clean(model, (int)i, party);
        any = any || walk.clean[i];
    }
    if (any) {
        walk_store(&walk);
    }
    for (size_t i = 0; shredded && i < model->relic_count; i++) {
        const struct relic *relic = &model->relics[i];
        struct record_key key;
        if (relic->party == party && relic->life == of->store_life && walk.clean[relic->family] &&
            keys_record(of, relic->key, &key) == 0) {
            BROKEN(model, VIOLATION_KEPT,
                   "%s has key %llu, under which lay in %s what it had of card %d",
                   of->own.org.text, (unsigned long long)relic->key, table_name(relic->table),
                   model->families[relic->family].card);
        }
    }
}

void family_secrets_emptied(struct family_model *model, const struct model_message *message,
                            const char *org) {
    const struct known_family *stands = NULL;
    for (size_t i = 0; i < model->count; i++) {
        const struct known_family *family = &model->families[i];
        if (!holds(message->copy, family->handle.bytes, sizeof(family->handle.bytes))) {
            continue;
        }
        if (!family_valid(family, model->world->now_ms)) {
            return;
        }
        stands = family;
    }
    if (stands != NULL) {
        BROKEN(model, VIOLATION_LOST, "%s can't open what it said of card %d any more", org,
               stands->card);
    }
}

/* -- what the hub may never have -- */

static bool names(const struct family_model *model, struct bytes plain, const char **ret_what) {
    const struct families *families = model->world->families;
    for (size_t i = 0; i < FAMILY_MARKS; i++) {
        if (holds(plain, family_marks[i], strlen(family_marks[i]))) {
            *ret_what = family_marks[i];
            return true;
        }
    }
    for (size_t i = 0; i < families->card_count; i++) {
        const char *text = model->families[i].text;
        if (holds(plain, families->cards[i].card.secret, CARD_SECRET_BYTES) ||
            holds(plain, text, strlen(text))) {
            *ret_what = "a card";
            return true;
        }
    }
    return false;
}

static void check_named(const struct walk *walk, const struct found *found) {
    const char *what;
    if (names(walk->model, found->plain, &what)) {
        BROKEN(walk->model, VIOLATION_SECRET, "%s stands in the hub's table %s", what,
               table_name(found->table));
    }
}

void family_secrets_hub(struct family_model *model) {
    const struct walk walk = {
        .model = model, .party = &model->world->parties[HUB], .visit = check_named};
    walk_store(&walk);
}

void family_secrets_frame(struct family_model *model, struct bytes frame) {
    for (size_t i = 0; i < FAMILY_MARKS; i++) {
        if (holds(frame, family_marks[i], strlen(family_marks[i]))) {
            BROKEN(model, VIOLATION_SECRET, "the hub sent %s", family_marks[i]);
        }
    }
}
