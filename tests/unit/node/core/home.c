#include "tests/unit/node/core/home.h"

#include <stdlib.h>

#include "shared/crypto/box.h"
#include "shared/post/kinds.h"
#include "tests/unit/shared/members/region.h"

static const struct {
    const char *org;
    enum org_kind kind;
    bool may_sanction;
} orgs[HOME_ORGS] = {
    [HOME_OURS] = {"ocmw-kortrijk", ORG_KIND_OCMW, false},
    [HOME_GENT] = {"ocmw-gent", ORG_KIND_OCMW, false},
    [HOME_CAW] = {"caw-west", ORG_KIND_CAW, false},
    [HOME_INSPECTION] = {"controle", ORG_KIND_OTHER, true},
    [HOME_GROUP] = {"buren-voor-buren", ORG_KIND_VOLUNTEERS, false},
};

/* -- the shell -- */

static int give_key(void *context, uint64_t id, struct record_key *ret) {
    const struct home *home = context;
    if (id == 0 || id >= HOME_KEYS_MAX || home->destroyed[id]) {
        return ERR_NOT_FOUND;
    }
    *ret = (struct record_key){.id = id};
    memset(ret->key.bytes, 0x11, sizeof(ret->key.bytes));
    be64_write(ret->key.bytes, id);
    return 0;
}

static struct curve_public pair(int number, const char *domain, struct curve_secret *ret) {
    struct curve_public public_key;
    uint8_t seed[32];
    memset(seed, 100 + number, sizeof(seed));
    curve_keys_from_seed(seed, domain, &public_key, ret);
    return public_key;
}

static int give_secret(void *context, const uint8_t public_key[static 32],
                       struct curve_secret *ret) {
    struct home *home = context;
    const struct curve_secret *ours[] = {&home->seals[HOME_OURS], &home->contacts[HOME_OURS]};
    for (size_t i = 0; i < 2; i++) {
        const struct curve_public known = curve_public_of(ours[i]);
        if (memcmp(known.bytes, public_key, sizeof(known.bytes)) == 0) {
            *ret = *ours[i];
            return 0;
        }
    }
    return ERR_NOT_FOUND;
}

static void take_done(void *context, const struct command *command, enum refusal refusal,
                      struct bytes result) {
    struct home *home = context;
    (void)command;
    home->refusal = refusal;
    memset(home->result, 0, sizeof(home->result));
    assert_true(result.length < sizeof(home->result));
    if (result.length > 0) {
        memcpy(home->result, result.data, result.length);
    }
}

static void take_shred(void *context, const uint64_t *ids, size_t count) {
    struct home *home = context;
    assert_true(count <= HOME_SHRED_MAX);
    memcpy(home->shred, ids, count * sizeof(*ids));
    home->shred_count = count;
}

static void take_looked(void *context, const struct command *command,
                        const struct look_answer *answer, enum refusal refusal) {
    struct home *home = context;
    (void)command;
    home->looked = true;
    home->looked_refusal = refusal;
    home->answer = answer == NULL ? (struct look_answer){.found = false} : *answer;
}

static bool dies(int *commits, bool *died) {
    if (*commits < 0) {
        return false;
    }
    *died = *died || *commits == 0;
    return (*commits)-- == 0;
}

static bool die_before(void *context) {
    struct home *home = context;
    return dies(&home->die_before, &home->died);
}

static bool die_after(void *context) {
    struct home *home = context;
    return dies(&home->die_after, &home->died);
}

/* -- what the node says -- */

static bool seen(const struct home *home, const struct envelope *envelope) {
    for (size_t i = 0; i < home->sent_count; i++) {
        if (message_id_equal(&home->sent[i].envelope.id, &envelope->id)) {
            return true;
        }
    }
    return false;
}

/* What the node refused for good, of what it was told. */
static void take_receipts(struct home *home, struct bytes bytes) {
    struct acknowledgement heard;
    assert_int_equal(acknowledgement_decode(bytes, home->arena, &heard), REFUSAL_NONE);
    for (size_t i = 0; i < heard.receipt_count; i++) {
        const struct receipt *receipt = &heard.receipts[i];
        if (receipt->refused_count > 0) {
            home->refused = receipt->refused[receipt->refused_count - 1].refusal;
        }
    }
}

static int take_frame(void *context, struct bytes frame) {
    struct home *home = context;
    struct packet packet;
    struct bytes copy = arena_copy(home->arena, frame);
    struct home_sent sent = {.bytes = {0}};
    assert_int_equal(packet_decode(copy, home->arena, &packet), REFUSAL_NONE);
    home->greetings += packet.content == PACKET_HELLO;
    if (packet.content == PACKET_LOOK_REQUEST) {
        home->look = packet.look_request;
        home->look_count++;
    }
    if (packet.content == PACKET_ACKNOWLEDGEMENT) {
        take_receipts(home, packet.acknowledgement.acknowledgement);
    }
    if (packet.content != PACKET_POSTING) {
        return 0;
    }
    sent.bytes = packet.posting.envelope;
    sent.signature = packet.posting.signature;
    assert_int_equal(envelope_decode(sent.bytes, home->arena, &sent.envelope), REFUSAL_NONE);
    if (!seen(home, &sent.envelope)) {
        assert_true(home->sent_count < HOME_SENT_MAX);
        home->sent[home->sent_count++] = sent;
    } else if (sent.envelope.body.length == 0) {
        home->emptied++;
    }
    return 0;
}

/* -- the organisations -- */

static void join_org(struct home *home, int number, enum consent_right right) {
    struct member member = member_of(home->region, 10 + 3 * number);
    const struct curve_public seal = pair(number, "seal/v1", &home->seals[number]);
    const struct curve_public contact = pair(number, "contact/v1", &home->contacts[number]);
    member.kind = orgs[number].kind;
    member.may_sanction = orgs[number].may_sanction;
    member.may_take_consent = right;
    memcpy(member.seal.bytes, seal.bytes, sizeof(seal.bytes));
    memcpy(member.contact.bytes, contact.bytes, sizeof(contact.bytes));
    struct directory_op op = op_on(DIRECTORY_OP_JOIN, orgs[number].org, &member);
    take(home->region, make(home->region, &op, 1, two_directors));
    home->orgs[number] = org_of(orgs[number].org);
    home->signs[number] = home->region->secrets[10 + 3 * number];
}

static void make_params(struct home *home) {
    static const struct disclosure_key disclosure;
    static const struct vault_index_key index = {{7}};
    home->params = (struct node_params){
        .store = home->region->store,
        .own = {.org = home->orgs[HOME_OURS]},
        .keys = {.sign_public = home->region->publics[10 + 3 * HOME_OURS],
                 .sign_secret = &home->signs[HOME_OURS],
                 .disclosure = &disclosure,
                 .index = &index,
                 .records = {.get = give_key, .context = home},
                 .sealing = {.get = give_secret, .context = home}},
        .links = {.context = home,
                  .send = take_frame,
                  .command_done = take_done,
                  .shred = take_shred,
                  .looked = take_looked},
        .faults = {.context = home, .die_before_commit = die_before, .die_after_commit = die_after},
        .software = "test",
    };
    assert_int_equal(hub_id_parse("kortrijk", &home->params.own.hub), 0);
}

static void offer(struct home *home) {
    node_offer_keys(home->node, home->next_key, 64);
    home->next_key += 64;
    assert_true(home->next_key < HOME_KEYS_MAX);
}

static void connect(struct home *home) {
    node_connected(home->node);
    home_turn(home);
    home_welcome(home);
}

struct home *home_new(enum consent_right ours) {
    static const uint8_t seed[32] = {9};
    struct home *home = calloc(1, sizeof(*home));
    assert_non_null(home);
    home->region = begin();
    home->arena = home->region->arena;
    home->die_before = home->die_after = -1;
    home->next_key = 1;
    rng_init(&home->rng, seed);
    found(home->region, 2);
    for (int i = 0; i < HOME_ORGS; i++) {
        const bool limited = orgs[i].kind == ORG_KIND_VOLUNTEERS;
        join_org(home, i,
                 i == HOME_OURS ? ours
                 : limited      ? CONSENT_RIGHT_LIMITED
                                : CONSENT_RIGHT_FULL);
    }
    home->hub_public = home->region->publics[HUB_SIGN];
    home->hub_sign = home->region->secrets[HUB_SIGN];
    make_params(home);
    struct node_founding founding = {.own = home->params.own, .hub_sign = home->hub_public};
    assert_int_equal(directory_hash_at(home->region->txn, 1, &founding.fingerprint), 0);
    assert_int_equal(store_commit(home->region->txn), 0);
    home->region->txn = NULL;
    assert_int_equal(node_found(home->region->store, &founding), 0);
    home->now_ms = region_start_ms + (int64_t)DAY_MS;
    assert_int_equal(node_new(&home->params, &home->node), 0);
    offer(home);
    connect(home);
    return home;
}

void home_free(struct home *home) {
    node_free(home->node);
    end(home->region);
    free(home);
}

void home_restart(struct home *home) {
    node_free(home->node);
    store_close(home->region->store);
    const struct store_params params = {
        .path = home->region->scratch.path, .durability = STORE_VOLATILE, .map_bytes = 64 << 20};
    assert_int_equal(store_open(&params, &home->region->store), 0);
    home->params.store = home->region->store;
    home->die_before = home->die_after = -1;
    home->died = false;
    home->shred_count = 0;
    assert_int_equal(node_new(&home->params, &home->node), 0);
    offer(home);
    connect(home);
}

/* -- time and people -- */

static void expect(struct home *home, int r) {
    assert_int_equal(r, home->died ? ERR_CANCELLED : 0);
}

void home_turn(struct home *home) {
    if (!home->died) {
        expect(home, node_turn(home->node, home->now_ms, &home->rng, false));
    }
}

void home_tick(struct home *home) {
    if (!home->died) {
        expect(home, node_tick(home->node, home->now_ms, &home->rng, false));
    }
}

void home_pass(struct home *home, int64_t ms) {
    home->now_ms += ms;
    home_tick(home);
    home_welcome(home); /* after a long step the node trusts its clock by the hub's word */
    home_tick(home);
}

void home_settle_down(struct home *home) {
    for (int i = 0; i < 5; i++) {
        home->now_ms += 1000;
        home_tick(home);
    }
}

enum refusal home_command_by(struct home *home, enum role role, enum node_command kind,
                             const void *arguments) {
    struct command command = {.actor = {.role = role}, .kind = kind, .arguments = arguments};
    if (home->died) {
        return REFUSAL_INTERNAL_FAULT;
    }
    be64_write(command.id.bytes, ++home->commands);
    assert_int_equal(user_id_parse("els", &command.actor.user), 0);
    home->refusal = REFUSAL_INTERNAL_FAULT;
    assert_int_equal(node_command(home->node, &command), 0);
    home_turn(home);
    return home->refusal;
}

enum refusal home_command(struct home *home, enum node_command kind, const void *arguments) {
    return home_command_by(home, ROLE_CASEWORKER, kind, arguments);
}

void home_shred(struct home *home) {
    uint64_t keys[HOME_SHRED_MAX];
    const struct shredded_arguments arguments = {.keys = keys, .count = home->shred_count};
    for (size_t i = 0; i < arguments.count; i++) {
        keys[i] = home->shred[i];
        home->destroyed[keys[i]] = true;
    }
    if (arguments.count > 0) {
        home->shred_count = 0; /* the core may ask for more */
        (void)home_command_by(home, ROLE_ADMINISTRATOR, NODE_COMMAND_SHREDDED, &arguments);
    }
}

/* -- the hub -- */

static struct signed_acknowledgement sign_word(struct home *home, struct receipt *receipts,
                                               size_t count) {
    const struct acknowledgement said = {
        .sender = {.org = HUB_ORG, .hub = home->params.own.hub},
        .recipient = home->params.own,
        .now_ms = home->now_ms,
        .has_position = true,
        .position = {.epoch = 1, .sequence = ++home->sequence},
        .receipts = receipts,
        .receipt_count = count,
    };
    struct signed_acknowledgement ret = {.signature = {0}};
    struct signature *signature = ARENA_NEW(home->arena, struct signature);
    assert_non_null(signature);
    assert_int_equal(acknowledgement_encode(&said, home->arena, &ret.acknowledgement), 0);
    *signature = sign_bytes(&home->hub_sign, "acknowledgement/v1", ret.acknowledgement);
    ret.signature = BYTES_OF(*signature);
    return ret;
}

void home_hear(struct home *home, struct bytes frame) {
    if (home->died) {
        return;
    }
    assert_int_equal(node_receive(home->node, frame), 0);
    home_turn(home);
}

void home_take_entry(struct home *home, struct bytes entry) {
    struct bytes body;
    assert_int_equal(directory_encode(&entry, 1, home->arena, &body), 0);
    home_hear(home, home_plain_posting(home, MESSAGE_KIND_DIRECTORY, body));
}

static void say(struct home *home, const struct packet *packet) {
    struct bytes frame;
    assert_int_equal(packet_encode(packet, home->arena, &frame), 0);
    home_hear(home, frame);
}

void home_welcome(struct home *home) {
    struct packet packet = {
        .content = PACKET_WELCOME,
        .welcome = {.version = WIRE_VERSION, .acknowledgement = sign_word(home, NULL, 0)}};
    memset(packet.welcome.look_nonce, ++home->nonce, sizeof(packet.welcome.look_nonce));
    say(home, &packet);
}

static uint64_t highest(const struct home *home, enum lane lane) {
    uint64_t number = 0;
    for (size_t i = 0; i < home->sent_count; i++) {
        const struct envelope *envelope = &home->sent[i].envelope;
        if (envelope->lane == lane && envelope->number > number) {
            number = envelope->number;
        }
    }
    return number;
}

/* Of those kinds, on that lane. */
static size_t refused_on(const struct home *home, enum lane lane, const struct home_refused *from,
                         size_t count, struct refused *ret) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        const struct envelope *envelope = &home_last(home, from[i].kind)->envelope;
        if (envelope->lane == lane) {
            ret[found++] = (struct refused){.number = envelope->number, .refusal = from[i].refusal};
        }
    }
    return found;
}

void home_receipt_refusing(struct home *home, const struct home_refused *from, size_t from_count) {
    struct receipt receipts[2] = {{.lane = LANE_URGENT}, {.lane = LANE_ORDINARY}};
    struct refused refused[2][HOME_REFUSED_MAX];
    size_t count = 0;
    assert_true(from_count <= HOME_REFUSED_MAX);
    home_tick(home); /* so that all of it was sent */
    for (size_t i = 0; i < 2; i++) {
        const uint64_t number = highest(home, receipts[i].lane);
        if (number > 0) {
            receipts[count] = receipts[i];
            receipts[count].incarnation = 1;
            receipts[count].contiguous = number;
            receipts[count].refused_count =
                refused_on(home, receipts[i].lane, from, from_count, refused[count]);
            receipts[count].refused = receipts[count].refused_count == 0 ? NULL : refused[count];
            count++;
        }
    }
    const struct packet packet = {.content = PACKET_ACKNOWLEDGEMENT,
                                  .acknowledgement = sign_word(home, receipts, count)};
    say(home, &packet);
}

void home_receipt(struct home *home, enum message_kind refused_kind, enum refusal refusal) {
    const struct home_refused one = {.kind = refused_kind, .refusal = refusal};
    home_receipt_refusing(home, &one, refused_kind == MESSAGE_KIND_NONE ? 0 : 1);
}

static struct bytes seal_to_us(struct home *home, struct bytes plain) {
    struct sealed sealed = {.key = {0}};
    struct bytes body;
    uint8_t seed[32];
    const struct curve_public key = curve_public_of(&home->seals[HOME_OURS]);
    uint8_t *box = arena_alloc(home->arena, plain.length + BOX_OVERHEAD_BYTES, 1);
    assert_non_null(box);
    rng_fill(&home->rng, seed, sizeof(seed));
    assert_int_equal(box_seal(&key, seed, plain, box), 0);
    memcpy(sealed.key, key.bytes, sizeof(sealed.key));
    sealed.box = (struct bytes){box, plain.length + BOX_OVERHEAD_BYTES};
    assert_int_equal(sealed_encode(&sealed, home->arena, &body), 0);
    return body;
}

static struct bytes posting(struct home *home, enum message_kind kind, uint64_t number,
                            struct bytes body) {
    const enum lane lane = post_kind_find(kind)->lane;
    struct envelope envelope = {
        .version = WIRE_VERSION,
        .sender = {.org = HUB_ORG, .hub = home->params.own.hub},
        .recipient = home->params.own,
        .lane = lane,
        .incarnation = 1,
        .number = number == 0 ? ++home->told[lane] : number,
        .created_ms = home->now_ms,
        .kind = kind,
        .body = body,
    };
    struct packet packet = {.content = PACKET_POSTING};
    struct bytes frame;
    envelope.id.bytes[0] = (uint8_t)lane;
    be64_write(envelope.id.bytes + 1, envelope.number);
    assert_int_equal(envelope_encode(&envelope, home->arena, &packet.posting.envelope), 0);
    const struct signature signature =
        sign_bytes(&home->hub_sign, "envelope/v1", packet.posting.envelope);
    packet.posting.signature = BYTES_OF(signature);
    assert_int_equal(packet_encode(&packet, home->arena, &frame), 0);
    return frame;
}

struct bytes home_posting(struct home *home, enum message_kind kind, uint64_t number,
                          struct bytes plain) {
    return posting(home, kind, number, seal_to_us(home, plain));
}

struct bytes home_plain_posting(struct home *home, enum message_kind kind, struct bytes body) {
    return posting(home, kind, 0, body);
}

void home_tombstone(struct home *home, const struct tombstone *tombstone) {
    struct bytes plain;
    assert_int_equal(tombstone_encode(tombstone, home->arena, &plain), 0);
    home_hear(home, home_posting(home, MESSAGE_KIND_TOMBSTONE, 0, plain));
}

void home_notice(struct home *home, const struct notice *notice) {
    struct bytes plain;
    assert_int_equal(notice_encode(notice, home->arena, &plain), 0);
    home_hear(home, home_posting(home, MESSAGE_KIND_NOTICE, 0, plain));
}
