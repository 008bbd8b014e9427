#include "tests/bench/core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/limits.h"
#include "shared/crypto/hash.h"
#include "shared/members/directory.h"
#include "tests/bench/org.h"

enum { EPOCH = 1, JOIN_AT_ONCE = 4, MAP_GIB = 16, ARENA_BYTES = 1 << 20, HELLO_BYTES = 16 << 10 };

static int send(void *context, const struct address *peer, struct bytes packet) {
    struct core *core = context;
    (void)peer;
    core->acknowledgements++;
    core->bytes_out += packet.length;
    if (core->last != NULL && packet.length <= PACKET_BYTES_MAX) {
        memcpy(core->last, packet.data, packet.length);
        core->last_bytes = packet.length;
    }
    return 0;
}

static void answer(void *context, void *token, struct bytes packet) {
    (void)context;
    (void)token;
    (void)packet;
}

static void command_done(void *context, const struct command *command, enum refusal refusal,
                         struct bytes result) {
    struct core *core = context;
    (void)command;
    (void)result;
    core->refused = refusal;
}

static void cut(void *context, const struct org_id *org) {
    (void)context;
    (void)org;
}

static void shred(void *context, const uint64_t *ids, size_t count) {
    struct core *core = context;
    const size_t room = sizeof(core->shredded) / sizeof(core->shredded[0]);
    core->shredded_count = count < room ? count : room;
    memcpy(core->shredded, ids, core->shredded_count * sizeof(ids[0]));
}

static int get_key(void *context, uint64_t id, struct record_key *ret) {
    (void)context;
    const struct digest digest = hash_of("bench-key/v1", BYTES_OF(id));
    ret->id = id;
    memcpy(ret->key.bytes, digest.bytes, sizeof(ret->key.bytes));
    return 0;
}

static int open_hub(struct core *core, const struct core_params *params) {
    const struct store_params store = {
        .path = params->store,
        .durability = params->durable ? STORE_DURABLE : STORE_VOLATILE,
        .map_bytes = (uint64_t)MAP_GIB << 30, /* profilers can't map more */
    };
    struct hub_founding founding = {
        .hub = params->hub, .region_name = "Bench", .epoch = EPOCH, .now_ms = 1};
    int r = store_open(&store, &core->store);
    if (r == 0 && params->found) {
        r = hub_found(core->store, &founding, core->keys, &core->rng);
    }
    if (r < 0) {
        return r;
    }
    struct hub_params hub = {
        .store = core->store,
        .hub = params->hub,
        .keys = *core->keys,
        .links = {.context = core,
                  .send = send,
                  .answer = answer,
                  .command_done = command_done,
                  .cut = cut,
                  .shred = shred},
        .families = {.records = {.get = get_key}, .index = &core->index},
    };
    r = hub_new(&hub, &core->hub);
    return r < 0 || params->record_keys == 0 ? r
                                             : hub_offer_keys(core->hub, 1, params->record_keys);
}

int core_open(const struct core_params *params, struct core *ret) {
    static const uint8_t rng_seed[32] = {1};
    *ret = (struct core){.id = params->hub, .keys = params->keys};
    rng_init(&ret->rng, rng_seed);
    ret->last = params->record_keys == 0 ? NULL : malloc(PACKET_BYTES_MAX);
    int r = open_hub(ret, params);
    if (r < 0) {
        core_close(ret);
    }
    return r;
}

void core_close(struct core *core) {
    hub_free(core->hub);
    store_close(core->store);
    free(core->last);
    *core = (struct core){0};
}

static int compose(struct core *core, uint32_t first, size_t count, int64_t now_ms,
                   struct arena *arena, struct bytes *ret) {
    struct member members[JOIN_AT_ONCE];
    struct directory_op ops[JOIN_AT_ONCE];
    struct directory_draft draft = {.now_ms = now_ms, .ops = ops, .op_count = count};
    struct directory_signer signer = {.public_key = core->keys->director_public,
                                      .secret = core->keys->director};
    struct store_txn *view;
    struct bytes entry;
    for (size_t i = 0; i < count; i++) {
        struct org_keys keys;
        org_keys_of_number(first + (uint32_t)i, &keys);
        org_member(first + (uint32_t)i, &keys, &members[i]);
        ops[i] = (struct directory_op){.kind = DIRECTORY_OP_JOIN,
                                       .organisation = org_of_number(first + (uint32_t)i),
                                       .member = &members[i]};
    }
    int r = store_begin_read(core->store, &view);
    if (r < 0) {
        return r;
    }
    r = directory_compose(view, &draft, arena, &entry);
    store_abort(view);
    return r < 0 ? r : directory_sign(entry, &signer, 1, arena, ret);
}

static int join_some(struct core *core, uint32_t first, size_t count, int64_t now_ms) {
    struct arena *arena;
    struct entry_arguments arguments;
    struct command command = {
        .actor = {.role = ROLE_ADMINISTRATOR}, .kind = HUB_COMMAND_ENTRY, .arguments = &arguments};
    rng_fill(&core->rng, command.id.bytes, sizeof(command.id.bytes));
    int r = arena_new(ARENA_BYTES, &arena);
    if (r < 0) {
        return r;
    }
    r = compose(core, first, count, now_ms, arena, &arguments.signed_entry);
    if (r == 0) {
        r = hub_command(core->hub, &command);
    }
    if (r == 0) {
        r = hub_turn(core->hub, now_ms, &core->rng, false);
    }
    arena_free(arena);
    if (r == 0 && core->refused != REFUSAL_NONE) {
        fprintf(stderr, "members from %u don't get in: %s\n", first, refusal_text(core->refused));
        return ERR_DENIED;
    }
    return r;
}

int core_join(struct core *core, uint32_t first, size_t count, int64_t now_ms) {
    for (size_t i = 0; i < count; i += JOIN_AT_ONCE) {
        size_t left = count - i;
        size_t some = left < JOIN_AT_ONCE ? left : JOIN_AT_ONCE;
        int r = join_some(core, first + (uint32_t)i, some, now_ms);
        if (r == 0) {
            r = core_forget_post(core);
        }
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

int core_take(struct core *core, uint32_t number, struct bytes packet, int64_t now_ms) {
    struct org_id org = org_of_number(number);
    int r = hub_receive(core->hub, &org, packet);
    if (r == ERR_AGAIN) {
        r = hub_turn(core->hub, now_ms, &core->rng, false);
        r = r < 0 ? r : hub_receive(core->hub, &org, packet);
    }
    return r;
}

int core_hello(struct core *core, uint32_t number, int64_t now_ms) {
    struct packet packet = {
        .content = PACKET_HELLO,
        .hello = {.version_min = WIRE_VERSION,
                  .version_max = WIRE_VERSION,
                  .organisation = org_of_number(number),
                  .software = "bench",
                  .now_ms = now_ms},
    };
    struct store_txn *view;
    struct arena *arena;
    struct bytes frame;
    int r = store_begin_read(core->store, &view);
    if (r < 0) {
        return r;
    }
    r = directory_head(view, &packet.hello.directory);
    store_abort(view);
    if (r < 0) {
        return r;
    }
    r = arena_new(HELLO_BYTES, &arena);
    if (r < 0) {
        return r;
    }
    r = packet_encode(&packet, arena, &frame);
    if (r == 0) {
        r = core_take(core, number, frame, now_ms);
    }
    if (r == 0) {
        r = hub_turn(core->hub, now_ms, &core->rng, false);
    }
    arena_free(arena);
    return r;
}

int core_shredded(struct core *core, int64_t now_ms) {
    while (core->shredded_count > 0) {
        uint64_t keys[sizeof(core->shredded) / sizeof(core->shredded[0])];
        struct hub_shredded_arguments arguments = {.keys = keys, .count = core->shredded_count};
        struct command command = {.actor = {.role = ROLE_ADMINISTRATOR},
                                  .kind = HUB_COMMAND_SHREDDED,
                                  .arguments = &arguments};
        memcpy(keys, core->shredded, sizeof(keys));
        core->shredded_count = 0;
        rng_fill(&core->rng, command.id.bytes, sizeof(command.id.bytes));
        int r = hub_command(core->hub, &command);
        if (r == 0) {
            r = hub_turn(core->hub, now_ms, &core->rng, false);
        }
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

int core_check(struct core *core, uint64_t facts) {
    struct hub_health health;
    int r = hub_health(core->hub, &health);
    if (r < 0) {
        return r;
    }
    for (int i = 1; i < (int)(sizeof(health.turns.refusals) / sizeof(uint64_t)); i++) {
        if (health.turns.refusals[i] > 0) {
            fprintf(stderr, "%llu messages refused: %s\n",
                    (unsigned long long)health.turns.refusals[i], refusal_text((enum refusal)i));
            return ERR_DENIED;
        }
    }
    return health.turns.facts < facts ? ERR_DENIED : 0;
}

int core_forget_post(struct core *core) {
    struct store_txn *txn;
    struct store_cursor cursor;
    int r = store_begin_write(core->store, &txn);
    if (r < 0) {
        return r;
    }
    store_clear(txn, TABLE_OUTBOX);
    struct bytes out = bytes_from_text("o"); /* enum stream_side */
    for (r = store_seek(txn, TABLE_STREAMS, out, &cursor); r == 0 && store_under(&cursor, out);
         r = store_next(&cursor)) {
        store_delete(txn, TABLE_STREAMS, cursor.key);
    }
    return store_commit(txn);
}
