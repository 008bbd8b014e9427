#include "tests/unit/node/core/fixture.h"

#include <stdlib.h>

#include "hub/core/signals.h"

enum { PARTY_NUMBER = 5 };

/* -- what the node says -- */

static int take_frame(void *context, struct bytes packet) {
    struct bench *bench = context;
    assert_true(bench->frame_count < BENCH_FRAMES_MAX);
    struct bytes *frame = &bench->frames[bench->frame_count++];
    *frame = arena_copy(bench->hub->arena, packet);
    assert_non_null(frame->data);
    return 0;
}

static void take_done(void *context, const struct command *command, enum refusal refusal,
                      struct bytes result) {
    struct bench *bench = context;
    (void)command;
    assert_true(result.length < sizeof(bench->result));
    bench->refusal = refusal;
    memset(bench->result, 0, sizeof(bench->result));
    if (result.length > 0) {
        memcpy(bench->result, result.data, result.length);
    }
}

static void take_shred(void *context, const uint64_t *ids, size_t count) {
    struct bench *bench = context;
    assert_true(count <= BENCH_SHRED_MAX);
    memcpy(bench->shred, ids, count * sizeof(*ids));
    bench->shred_count = count;
}

static void take_looked(void *context, const struct command *command,
                        const struct look_answer *answer, enum refusal refusal) {
    struct bench *bench = context;
    (void)command;
    bench->looked = true;
    bench->looked_refusal = refusal;
    bench->answer = answer == NULL ? (struct look_answer){.found = false} : *answer;
}

static int give_secret(void *context, const uint8_t public_key[static 32],
                       struct curve_secret *ret) {
    const struct bench *bench = context;
    const struct party *party = &bench->party;
    bool seal = memcmp(party->member.seal.bytes, public_key, 32) == 0;
    if (!seal && memcmp(party->member.contact.bytes, public_key, 32) != 0) {
        return ERR_NOT_FOUND;
    }
    *ret = seal ? party->seal : party->contact;
    return 0;
}

static int give_key(void *context, uint64_t id, struct record_key *ret) {
    const struct bench *bench = context;
    if (id == 0 || id >= BENCH_KEYS_MAX || bench->destroyed[id]) {
        return ERR_NOT_FOUND;
    }
    *ret = (struct record_key){.id = id};
    memset(ret->key.bytes, (int)id, sizeof(ret->key.bytes));
    return 0;
}

/* -- the node -- */

static void open_store(struct bench *bench) {
    const struct store_params params = {
        .path = bench->scratch.path, .durability = STORE_VOLATILE, .map_bytes = 256 << 20};
    assert_int_equal(store_open(&params, &bench->store), 0);
    bench->params.store = bench->store;
}

static void found(struct bench *bench) {
    struct node_founding founding = {.own = bench->params.own, .now_ms = bench->hub->now_ms};
    struct store_txn *view = fixture_read(bench->hub);
    assert_int_equal(directory_hash_at(view, 1, &founding.fingerprint), 0);
    store_abort(view);
    open_store(bench);
    assert_int_equal(node_found(bench->store, &founding), 0);
    assert_int_equal(node_found(bench->store, &founding), ERR_EXISTS);
    assert_int_equal(node_new(&bench->params, &bench->node), 0);
}

static void make_params(struct bench *bench) {
    memset(&bench->disclosure, 0xd1, sizeof(bench->disclosure));
    memset(&bench->index, 0xd2, sizeof(bench->index));
    bench->sign = bench->party.secret;
    bench->params = (struct node_params){
        .own = {.org = bench->party.org, .hub = bench->hub->params.hub},
        .keys = {.sign_secret = &bench->sign,
                 .disclosure = &bench->disclosure,
                 .index = &bench->index,
                 .records = {.get = give_key, .context = bench},
                 .sealing = {.get = give_secret, .context = bench}},
        .links = {.context = bench,
                  .send = take_frame,
                  .command_done = take_done,
                  .shred = take_shred,
                  .looked = take_looked},
        .software = "test",
    };
    memcpy(bench->params.keys.sign_public.bytes, bench->party.member.sign.bytes, 32);
}

struct bench *bench_new(const char *org) {
    static const uint8_t seed[32] = {2};
    struct bench *bench = calloc(1, sizeof(*bench));
    assert_non_null(bench);
    bench->hub = fixture_new();
    bench->party = party_make(org, PARTY_NUMBER);
    bench->scratch = scratch_new();
    bench->backup = scratch_new();
    rng_init(&bench->rng, seed);
    make_params(bench);
    struct invitation invitation = fixture_invite(bench->hub, org, true);
    struct join_answer answer =
        fixture_apply(bench->hub, fixture_request(bench->hub, &bench->party, &invitation));
    assert_int_equal(answer.state, JOIN_APPROVED);
    found(bench);
    return bench;
}

void bench_free(struct bench *bench) {
    node_free(bench->node);
    store_close(bench->store);
    scratch_free(&bench->scratch);
    scratch_free(&bench->backup);
    fixture_free(bench->hub);
    free(bench);
}

void bench_restart(struct bench *bench) {
    node_free(bench->node);
    bench->carried = bench->frame_count; /* what was under way is lost */
    bench->answered = bench->hub->sent_count;
    assert_int_equal(node_new(&bench->params, &bench->node), 0);
}

void bench_backup(struct bench *bench) {
    struct scratch file = scratch_below(&bench->backup, "data.mdb");
    assert_int_equal(store_backup(bench->store, file.path), 0);
}

void bench_restore(struct bench *bench) {
    node_free(bench->node);
    store_close(bench->store);
    scratch_free(&bench->scratch);
    bench->scratch = bench->backup;
    bench->backup = scratch_new();
    bench->carried = bench->frame_count;
    bench->answered = bench->hub->sent_count;
    open_store(bench);
    assert_int_equal(node_new(&bench->params, &bench->node), 0);
}

static int64_t node_now(const struct bench *bench) {
    return bench->hub->now_ms + bench->skew_ms;
}

void bench_turn(struct bench *bench) {
    assert_int_equal(node_turn(bench->node, node_now(bench), &bench->rng, false), 0);
}

void bench_tick(struct bench *bench) {
    assert_int_equal(node_tick(bench->node, node_now(bench), &bench->rng, false), 0);
}

static bool to_hub(struct bench *bench) {
    bool any = bench->carried < bench->frame_count;
    while (bench->carried < bench->frame_count) {
        fixture_push(bench->hub, &bench->party, bench->frames[bench->carried++]);
    }
    if (any) {
        fixture_turn(bench->hub);
    }
    return any;
}

static bool to_node(struct bench *bench) {
    bool any = false;
    for (; bench->answered < bench->hub->sent_count; bench->answered++) {
        const struct captured *sent = &bench->hub->sent[bench->answered];
        if (org_id_equal(&sent->to, &bench->party.org) && !bench->deaf) {
            assert_int_equal(node_receive(bench->node, sent->packet), 0);
            any = true;
        }
    }
    if (any || node_has_work(bench->node)) {
        bench_turn(bench);
    }
    return any;
}

void bench_carry(struct bench *bench) {
    bool any = true;
    for (int round = 0; any; round++) {
        assert_true(round < 100); /* they never fall silent */
        any = to_hub(bench);
        any = to_node(bench) || any || bench->carried < bench->frame_count;
    }
}

void bench_connect(struct bench *bench) {
    node_connected(bench->node);
    assert_true(node_has_work(bench->node));
    bench_turn(bench);
    bench_carry(bench);
}

void bench_pass(struct bench *bench, int64_t ms) {
    bench->hub->now_ms += ms;
    bench_tick(bench);
    fixture_tick(bench->hub);
    bench_carry(bench);
}

/* -- commands -- */

enum refusal bench_command_by(struct bench *bench, enum role role, enum node_command kind,
                              const void *arguments) {
    const struct command command = {
        .id = fixture_id(bench->hub),
        .actor = {.role = role},
        .kind = kind,
        .arguments = arguments,
    };
    bench->refusal = REFUSAL_INTERNAL_FAULT;
    assert_int_equal(node_command(bench->node, &command), 0);
    bench_turn(bench);
    return bench->refusal;
}

enum refusal bench_command(struct bench *bench, enum node_command kind, const void *arguments) {
    return bench_command_by(bench, ROLE_ADMINISTRATOR, kind, arguments);
}

void bench_shred(struct bench *bench) {
    const struct shredded_arguments arguments = {.keys = bench->shred, .count = bench->shred_count};
    for (size_t i = 0; i < bench->shred_count; i++) {
        bench->destroyed[bench->shred[i]] = true;
    }
    if (bench->shred_count > 0) {
        assert_int_equal(bench_command(bench, NODE_COMMAND_SHREDDED, &arguments), REFUSAL_NONE);
        bench->shred_count = 0;
    }
}

uint64_t bench_begin(struct bench *bench, uint64_t record_key) {
    struct import_begin_arguments arguments = {.record_key = record_key};
    struct store_txn *view;
    struct register_generation staged;
    be64_write(arguments.file.bytes, ++bench->file);
    assert_int_equal(bench_command(bench, NODE_COMMAND_IMPORT_BEGIN, &arguments), REFUSAL_NONE);
    view = bench_read(bench);
    assert_int_equal(register_staged(view, &staged), 0);
    store_abort(view);
    return staged.generation;
}

enum refusal bench_rows(struct bench *bench, uint64_t generation, const struct register_case *cases,
                        size_t count) {
    const struct import_rows_arguments arguments = {
        .generation = generation, .cases = cases, .count = count};
    return bench_command(bench, NODE_COMMAND_IMPORT_ROWS, &arguments);
}

enum refusal bench_switch(struct bench *bench, uint64_t generation) {
    const struct import_end_arguments arguments = {.generation = generation};
    return bench_command(bench, NODE_COMMAND_IMPORT_SWITCH, &arguments);
}

void bench_import(struct bench *bench, uint64_t record_key, const struct register_case *cases,
                  size_t count) {
    uint64_t generation = bench_begin(bench, record_key);
    for (size_t at = 0; at < count; at += IMPORT_BATCH_ROWS) {
        size_t batch = count - at < IMPORT_BATCH_ROWS ? count - at : IMPORT_BATCH_ROWS;
        assert_int_equal(bench_rows(bench, generation, cases + at, batch), REFUSAL_NONE);
    }
    assert_int_equal(bench_switch(bench, generation), REFUSAL_NONE);
}

struct register_case case_made(const char *id) {
    struct register_case one = {
        .nis = {34022},
        .service = service_named("budget"),
        .language = {"ara"},
        .asked_day = first_day() - 20,
        .first_appointment_day = REGISTER_DAY_NONE,
        .last_contact_day = REGISTER_DAY_NONE,
        .closed_day = REGISTER_DAY_NONE,
    };
    snprintf(one.id, sizeof(one.id), "%s", id);
    return one;
}

struct register_case *cases_made(int first, size_t count) {
    struct register_case *cases = calloc(count, sizeof(*cases));
    assert_non_null(cases);
    for (size_t i = 0; i < count; i++) {
        char id[16];
        snprintf(id, sizeof(id), "K%d", first + (int)i);
        cases[i] = case_made(id);
        if (i % 2 == 1) {
            cases[i].service = service_named("onthaal");
            cases[i].nis.code = 34040;
            cases[i].language = (struct language){"ukr"};
        }
    }
    return cases;
}

/* -- looking -- */

struct node_health bench_health(struct bench *bench) {
    struct node_health health;
    assert_int_equal(node_health(bench->node, node_now(bench), &health), 0);
    return health;
}

struct store_txn *bench_read(struct bench *bench) {
    struct store_txn *view;
    assert_int_equal(store_begin_read(bench->store, &view), 0);
    return view;
}

uint64_t bench_count(struct bench *bench, enum table table) {
    struct store_txn *view = bench_read(bench);
    uint64_t count;
    assert_int_equal(store_count(view, table, &count), 0);
    store_abort(view);
    return count;
}

int bench_freeze(struct bench *bench, int32_t day, struct freeze_record *ret) {
    struct store_txn *view = bench_read(bench);
    int r = freeze_get(view, day, ret);
    if (r == 0) {
        ret->body = arena_copy(bench->hub->arena, ret->body);
    }
    store_abort(view);
    return r;
}

struct signal bench_at_hub(struct bench *bench) {
    struct store_txn *view = fixture_read(bench->hub);
    struct signal_record record = {.received_ms = 0};
    int r = signals_latest(view, &bench->party.org, INT32_MAX, bench->hub->arena, &record);
    store_abort(view);
    assert_true(r == 0 || r == ERR_NOT_FOUND);
    return record.signal;
}

struct bytes hub_says(struct bench *bench, const struct position *position,
                      const struct receipt *receipt, int64_t hub_ms) {
    struct receipt copy = receipt == NULL ? (struct receipt){.lane = LANE_URGENT} : *receipt;
    const struct acknowledgement said = {
        .sender = {.org = HUB_ORG, .hub = bench->hub->params.hub},
        .recipient = bench->params.own,
        .now_ms = hub_ms,
        .has_position = true,
        .position = *position,
        .receipts = &copy,
        .receipt_count = receipt == NULL ? 0 : 1,
    };
    struct packet packet = {.content = PACKET_ACKNOWLEDGEMENT};
    struct bytes frame;
    struct arena *arena = bench->hub->arena;
    assert_int_equal(acknowledgement_encode(&said, arena, &packet.acknowledgement.acknowledgement),
                     0);
    struct signature signature =
        sign_bytes(&bench->hub->sign, "acknowledgement/v1", packet.acknowledgement.acknowledgement);
    packet.acknowledgement.signature = BYTES_OF(signature);
    assert_int_equal(packet_encode(&packet, arena, &frame), 0);
    return frame;
}
