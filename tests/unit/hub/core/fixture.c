#include "tests/unit/hub/core/fixture.h"

#include <stdlib.h>

#include "hub/core/journal.h"
#include "shared/crypto/hash.h"
#include "shared/members/directory.h"
#include "shared/post/kinds.h"
#include "shared/wire/directory.h"

enum { SEED_HUB_SIGN = 0xe1, SEED_DIRECTOR, KEY_HUB_CURVE, KEY_INDEX, PARTY_KEYS = 3 };

int32_t first_day(void) {
    return day_from_date((struct date){2026, 11, 23});
}

int64_t first_ms(void) {
    return brussels_instant(first_day(), 9 * 60);
}

/* -- what the hub says -- */

static void capture(struct fixture *fixture, const struct org_id *to, void *token,
                    struct bytes packet) {
    assert_true(fixture->sent_count < CAPTURED_MAX);
    struct captured *captured = &fixture->sent[fixture->sent_count++];
    *captured = (struct captured){.token = token, .packet = arena_copy(fixture->arena, packet)};
    assert_non_null(captured->packet.data);
    if (to != NULL) {
        captured->to = *to;
    }
}

static int take_send(void *context, const struct address *peer, struct bytes packet) {
    capture(context, &peer->org, NULL, packet);
    return 0;
}

static void take_answer(void *context, void *token, struct bytes packet) {
    capture(context, NULL, token, packet);
}

static void take_done(void *context, const struct command *command, enum refusal refusal,
                      struct bytes result) {
    struct fixture *fixture = context;
    assert_true(fixture->told_count < TOLD_MAX);
    fixture->told[fixture->told_count].id = command->id;
    fixture->told[fixture->told_count].refusal = refusal;
    (void)snprintf(fixture->told[fixture->told_count].result,
                   sizeof(fixture->told[fixture->told_count].result), "%.*s", (int)result.length,
                   (const char *)result.data);
    fixture->told[fixture->told_count++].result_length = result.length;
}

static void take_cut(void *context, const struct org_id *org) {
    struct fixture *fixture = context;
    assert_true(fixture->cut_count < CUT_MAX);
    fixture->cut[fixture->cut_count++] = *org;
}

static void take_shred(void *context, const uint64_t *ids, size_t count) {
    struct fixture *fixture = context;
    assert_true(count <= sizeof(fixture->to_shred) / sizeof(fixture->to_shred[0]));
    memcpy(fixture->to_shred, ids, count * sizeof(ids[0]));
    fixture->to_shred_count = count;
}

/* -- the hub -- */

static int get_key(void *context, uint64_t id, struct record_key *ret) {
    const struct fixture *fixture = context;
    if (id == 0 || id >= FIXTURE_KEYS_MAX || fixture->shredded[id]) {
        return ERR_NOT_FOUND;
    }
    struct digest digest = hash_of("test-key", BYTES_OF(id));
    ret->id = id;
    memcpy(ret->key.bytes, digest.bytes, sizeof(ret->key.bytes));
    return 0;
}

static void make_keys(struct fixture *fixture) {
    uint8_t seed[32];
    struct hub_keys *keys = &fixture->params.keys;
    memset(seed, SEED_HUB_SIGN, sizeof(seed));
    sign_keys_from_seed(seed, &keys->sign_public, &fixture->sign);
    memset(seed, SEED_DIRECTOR, sizeof(seed));
    sign_keys_from_seed(seed, &keys->director_public, &fixture->director);
    memset(keys->curve_public.bytes, KEY_HUB_CURVE, sizeof(keys->curve_public.bytes));
    keys->sign_secret = &fixture->sign;
    keys->director = &fixture->director;
}

struct fixture *fixture_new(void) {
    static const uint8_t seed[32] = {1};
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    fixture->scratch = scratch_new();
    fixture->now_ms = first_ms();
    rng_init(&fixture->rng, seed);
    assert_int_equal(arena_new(512 << 20, &fixture->arena), 0);
    const struct store_params params = {
        .path = fixture->scratch.path, .durability = STORE_VOLATILE, .map_bytes = 256 << 20};
    assert_int_equal(store_open(&params, &fixture->store), 0);
    fixture->params.store = fixture->store;
    assert_int_equal(hub_id_parse("kortrijk", &fixture->params.hub), 0);
    make_keys(fixture);
    fixture->params.links = (struct hub_links){
        .context = fixture,
        .send = take_send,
        .answer = take_answer,
        .command_done = take_done,
        .cut = take_cut,
        .shred = take_shred,
    };
    memset(fixture->index_key.bytes, KEY_INDEX, sizeof(fixture->index_key.bytes));
    fixture->params.families = (struct family_keys){.records = {.get = get_key, .context = fixture},
                                                    .index = &fixture->index_key};
    const struct hub_founding founding = {
        .hub = fixture->params.hub,
        .region_name = "Zuid-West-Vlaanderen",
        .epoch = 7,
        .now_ms = fixture->now_ms,
    };
    assert_int_equal(hub_found(fixture->store, &founding, &fixture->params.keys, &fixture->rng), 0);
    fixture_start(fixture);
    return fixture;
}

void fixture_start(struct fixture *fixture) {
    uint64_t last;
    assert_int_equal(hub_new(&fixture->params, &fixture->hub), 0);
    assert_int_equal(hub_last_key(fixture->hub, &last), 0);
    if (!fixture->no_keys) {
        assert_int_equal(hub_offer_keys(fixture->hub, last + 1, FIXTURE_KEYS_OFFERED), 0);
    }
}

void fixture_stop(struct fixture *fixture) {
    hub_free(fixture->hub);
    fixture->hub = NULL;
}

void fixture_restart(struct fixture *fixture) {
    fixture_stop(fixture);
    fixture_start(fixture);
}

void fixture_free(struct fixture *fixture) {
    fixture_stop(fixture);
    store_close(fixture->store);
    scratch_free(&fixture->scratch);
    arena_free(fixture->arena);
    free(fixture);
}

void fixture_forget(struct fixture *fixture) {
    fixture->sent_count = 0;
    fixture->cut_count = 0;
    fixture->told_count = 0;
}

void fixture_turn(struct fixture *fixture) {
    assert_int_equal(hub_turn(fixture->hub, fixture->now_ms, &fixture->rng, fixture->short_of_room),
                     0);
    assert_false(hub_has_work(fixture->hub));
}

void fixture_tick(struct fixture *fixture) {
    assert_int_equal(hub_tick(fixture->hub, fixture->now_ms, &fixture->rng, false), 0);
}

struct hub_health fixture_health(struct fixture *fixture) {
    struct hub_health health;
    assert_int_equal(hub_health(fixture->hub, &health), 0);
    return health;
}

uint64_t fixture_refusals(struct fixture *fixture, enum refusal refusal) {
    return fixture_health(fixture).turns.refusals[refusal];
}

struct store_txn *fixture_read(struct fixture *fixture) {
    struct store_txn *view;
    assert_int_equal(store_begin_read(fixture->store, &view), 0);
    return view;
}

uint64_t fixture_count(struct fixture *fixture, enum table table) {
    struct store_txn *view = fixture_read(fixture);
    uint64_t count;
    assert_int_equal(store_count(view, table, &count), 0);
    store_abort(view);
    return count;
}

uint64_t fixture_facts(struct fixture *fixture, enum hub_fact type) {
    struct store_txn *view = fixture_read(fixture);
    struct journal_record record;
    uint64_t count = 0;
    for (uint64_t sequence = 1; journal_read(view, sequence, &record) == 0; sequence++) {
        count += record.type == (uint16_t)type ? 1 : 0;
    }
    store_abort(view);
    return count;
}

struct message_id fixture_id(struct fixture *fixture) {
    struct message_id id = {0};
    be64_write(id.bytes, ++fixture->next_id);
    return id;
}

enum refusal fixture_command(struct fixture *fixture, enum role role, enum hub_command kind,
                             const void *arguments) {
    struct command command = {
        .id = fixture_id(fixture),
        .actor = {.role = role},
        .kind = kind,
        .arguments = arguments,
    };
    assert_int_equal(user_id_parse("els", &command.actor.user), 0);
    size_t before = fixture->told_count;
    assert_int_equal(hub_command(fixture->hub, &command), 0);
    fixture_turn(fixture);
    assert_int_equal(fixture->told_count, before + 1);
    assert_true(message_id_equal(&fixture->told[before].id, &command.id));
    return fixture->told[before].refusal;
}

/* -- parties -- */

struct org_id org_named(const char *text) {
    struct org_id org;
    assert_int_equal(org_id_parse(text, &org), 0);
    return org;
}

struct service_id service_named(const char *text) {
    struct service_id service;
    assert_int_equal(service_id_parse(text, &service), 0);
    return service;
}

static void make_box_keys(int seed_byte, struct public_key *ret_public,
                          struct curve_secret *ret_secret) {
    struct curve_public public_key;
    uint8_t seed[32];
    memset(seed, seed_byte, sizeof(seed));
    curve_keys_from_seed(seed, "box/v1", &public_key, ret_secret);
    memcpy(ret_public->bytes, public_key.bytes, sizeof(public_key.bytes));
}

struct party party_make(const char *org, int number) {
    assert_true(number > 0 && number * PARTY_KEYS + 2 < SEED_HUB_SIGN);
    struct party party = {.org = org_named(org), .incarnation = 1};
    struct sign_public sign;
    uint8_t seed[32];
    memset(seed, number * PARTY_KEYS, sizeof(seed));
    sign_keys_from_seed(seed, &sign, &party.secret);
    party.member = (struct member){
        .kind = ORG_KIND_OCMW,
        .competence = COMPETENCE_TERRITORIAL,
        .role = MEMBER_ROLE_NODE,
        .may_take_consent = CONSENT_RIGHT_FULL,
    };
    snprintf(party.member.name, sizeof(party.member.name), "OCMW %d", number);
    memcpy(party.member.sign.bytes, sign.bytes, sizeof(sign.bytes));
    memset(party.member.curve.bytes, number * PARTY_KEYS, sizeof(seed));
    make_box_keys(number * PARTY_KEYS + 1, &party.member.seal, &party.seal);
    make_box_keys(number * PARTY_KEYS + 2, &party.member.contact, &party.contact);
    return party;
}

struct invitation fixture_invite(struct fixture *fixture, const char *org, bool approve_at_once) {
    struct message_id id = fixture_id(fixture);
    struct invitation invitation = {.hub = fixture->params.hub};
    memcpy(invitation.id.bytes, id.bytes, sizeof(invitation.id.bytes));
    memcpy(invitation.secret, id.bytes, sizeof(invitation.secret));
    invitation.secret[15] = 0x5e;
    struct invite_arguments arguments = {
        .key = invitation_key(invitation.secret),
        .expires_ms = fixture->now_ms + INVITATION_DAYS * (int64_t)DAY_MS,
        .approve_at_once = approve_at_once,
    };
    memcpy(arguments.invitation, invitation.id.bytes, sizeof(arguments.invitation));
    if (org != NULL) {
        arguments.org = org_named(org);
    }
    invitation.expires_ms = arguments.expires_ms;
    assert_int_equal(fixture_command(fixture, ROLE_COORDINATOR, HUB_COMMAND_INVITE, &arguments),
                     REFUSAL_NONE);
    return invitation;
}

struct bytes fixture_request(struct fixture *fixture, const struct party *party,
                             const struct invitation *invitation) {
    const struct join_application application = {
        .organisation = party->org,
        .member = party->member,
        .now_ms = fixture->now_ms,
        .hub = fixture->params.hub,
    };
    struct packet packet = {.content = PACKET_JOIN_REQUEST};
    struct bytes encoded;
    struct bytes frame;
    assert_int_equal(join_application_encode(&application, fixture->arena, &encoded), 0);
    assert_int_equal(
        join_compose(invitation, encoded, &party->secret, fixture->arena, &packet.join_request), 0);
    assert_int_equal(packet_encode(&packet, fixture->arena, &frame), 0);
    return frame;
}

struct join_answer fixture_apply(struct fixture *fixture, struct bytes request) {
    static int token;
    struct packet packet;
    assert_int_equal(hub_receive_stranger(fixture->hub, &token, request), 0);
    fixture_turn(fixture);
    for (size_t i = fixture->sent_count; i-- > 0;) {
        if (fixture->sent[i].token == &token) {
            assert_int_equal(packet_decode(fixture->sent[i].packet, fixture->arena, &packet),
                             REFUSAL_NONE);
            assert_int_equal(packet.content, PACKET_JOIN_ANSWER);
            fixture->sent[i].token = NULL;
            return packet.join_answer;
        }
    }
    fail_msg("the stranger got no answer");
    return (struct join_answer){0};
}

void fixture_hello(struct fixture *fixture, const struct party *party, int64_t skew_ms) {
    struct store_txn *view = fixture_read(fixture);
    struct directory_head head;
    assert_int_equal(directory_head(view, &head), 0);
    store_abort(view);
    const struct packet packet = {
        .content = PACKET_HELLO,
        .hello = {.version_min = 1,
                  .version_max = WIRE_VERSION,
                  .organisation = party->org,
                  .now_ms = fixture->now_ms + skew_ms,
                  .directory = head},
    };
    struct bytes frame;
    assert_int_equal(packet_encode(&packet, fixture->arena, &frame), 0);
    fixture_push(fixture, party, frame);
    fixture_turn(fixture);
}

static struct packet decode(struct fixture *fixture, struct bytes bytes) {
    struct packet packet;
    assert_int_equal(packet_decode(bytes, fixture->arena, &packet), REFUSAL_NONE);
    return packet;
}

void fixture_drain(struct fixture *fixture, struct party *party) {
    struct receipt receipt = {.lane = LANE_URGENT};
    for (size_t i = 0; i < fixture->sent_count; i++) {
        struct packet packet = decode(fixture, fixture->sent[i].packet);
        struct envelope envelope;
        if (!org_id_equal(&fixture->sent[i].to, &party->org) || packet.content != PACKET_POSTING) {
            continue;
        }
        assert_int_equal(envelope_decode(packet.posting.envelope, fixture->arena, &envelope),
                         REFUSAL_NONE);
        receipt.incarnation = envelope.incarnation;
        receipt.contiguous =
            envelope.number > receipt.contiguous ? envelope.number : receipt.contiguous;
    }
    if (receipt.incarnation == 0) {
        return;
    }
    const struct acknowledgement acknowledgement = {
        .sender = {.org = party->org, .hub = fixture->params.hub},
        .recipient = {.org = HUB_ORG, .hub = fixture->params.hub},
        .now_ms = fixture->now_ms,
        .receipts = &receipt,
        .receipt_count = 1,
    };
    struct packet packet = {.content = PACKET_ACKNOWLEDGEMENT};
    struct bytes frame;
    assert_int_equal(acknowledgement_encode(&acknowledgement, fixture->arena,
                                            &packet.acknowledgement.acknowledgement),
                     0);
    struct signature signature =
        sign_bytes(&party->secret, "acknowledgement/v1", packet.acknowledgement.acknowledgement);
    packet.acknowledgement.signature = BYTES_OF(signature);
    assert_int_equal(packet_encode(&packet, fixture->arena, &frame), 0);
    fixture_push(fixture, party, frame);
    fixture_turn(fixture);
}

void fixture_join(struct fixture *fixture, struct party *party) {
    struct invitation invitation = fixture_invite(fixture, party->org.text, true);
    struct join_answer answer =
        fixture_apply(fixture, fixture_request(fixture, party, &invitation));
    assert_int_equal(answer.refusal, REFUSAL_NONE);
    assert_int_equal(answer.state, JOIN_APPROVED);
    fixture_hello(fixture, party, 0);
    fixture_drain(fixture, party);
}

bool fixture_is_member(struct fixture *fixture, const struct party *party) {
    struct store_txn *view = fixture_read(fixture);
    struct member_standing standing;
    int r = member_standing(view, &party->org, &standing);
    store_abort(view);
    assert_true(r == 0 || r == ERR_NOT_FOUND);
    return r == 0 && standing.active;
}

/* -- postings -- */

struct mail mail_next(struct fixture *fixture, struct party *party, enum message_kind kind,
                      struct bytes body) {
    const struct post_kind *known = post_kind_find(kind);
    enum lane lane = known == NULL ? LANE_ORDINARY : known->lane;
    return (struct mail){
        .envelope = {.version = WIRE_VERSION,
                     .sender = {.org = party->org, .hub = fixture->params.hub},
                     .recipient = {.org = HUB_ORG, .hub = fixture->params.hub},
                     .lane = lane,
                     .incarnation = party->incarnation,
                     .number = ++party->last[lane],
                     .id = fixture_id(fixture),
                     .created_ms = fixture->now_ms,
                     .kind = kind,
                     .body = body},
        .is_signed = known != NULL && known->must_be_signed,
    };
}

struct bytes mail_frame(struct fixture *fixture, const struct party *party,
                        const struct mail *mail) {
    struct packet packet = {.content = PACKET_POSTING};
    struct bytes frame;
    assert_int_equal(envelope_encode(&mail->envelope, fixture->arena, &packet.posting.envelope), 0);
    struct signature signature = sign_bytes(&party->secret, "envelope/v1", packet.posting.envelope);
    signature.bytes[5] ^= mail->spoil_signature ? 1 : 0;
    if (mail->is_signed) {
        packet.posting.signature = BYTES_OF(signature);
    }
    assert_int_equal(packet_encode(&packet, fixture->arena, &frame), 0);
    return frame;
}

void fixture_push(struct fixture *fixture, const struct party *party, struct bytes frame) {
    int r = hub_receive(fixture->hub, &party->org, frame);
    if (r == ERR_AGAIN) { /* as the shell does: a turn first */
        fixture_turn(fixture);
        r = hub_receive(fixture->hub, &party->org, frame);
    }
    assert_int_equal(r, 0);
}

const struct packet *fixture_packet(struct fixture *fixture, const struct party *party,
                                    enum packet_content content) {
    for (size_t i = fixture->sent_count; i-- > 0;) {
        struct packet *packet = ARENA_NEW(fixture->arena, struct packet);
        assert_non_null(packet);
        *packet = decode(fixture, fixture->sent[i].packet);
        if (org_id_equal(&fixture->sent[i].to, &party->org) && packet->content == content) {
            return packet;
        }
    }
    return NULL;
}

static const struct signed_acknowledgement *last_signed(struct fixture *fixture,
                                                        const struct party *party) {
    for (size_t i = fixture->sent_count; i-- > 0;) {
        if (!org_id_equal(&fixture->sent[i].to, &party->org)) {
            continue;
        }
        struct packet *packet = ARENA_NEW(fixture->arena, struct packet);
        assert_non_null(packet);
        *packet = decode(fixture, fixture->sent[i].packet);
        if (packet->content == PACKET_ACKNOWLEDGEMENT) {
            return &packet->acknowledgement;
        }
        if (packet->content == PACKET_WELCOME) {
            return &packet->welcome.acknowledgement;
        }
    }
    return NULL;
}

const struct acknowledgement *fixture_acknowledgement(struct fixture *fixture,
                                                      const struct party *party) {
    const struct signed_acknowledgement *from = last_signed(fixture, party);
    struct acknowledgement *acknowledgement = ARENA_NEW(fixture->arena, struct acknowledgement);
    struct signature signature;
    if (from == NULL) {
        return NULL;
    }
    assert_int_equal(from->signature.length, sizeof(signature.bytes));
    memcpy(signature.bytes, from->signature.data, sizeof(signature.bytes));
    assert_true(sign_check(&fixture->params.keys.sign_public, "acknowledgement/v1",
                           from->acknowledgement, &signature));
    assert_int_equal(acknowledgement_decode(from->acknowledgement, fixture->arena, acknowledgement),
                     REFUSAL_NONE);
    assert_true(org_id_equal(&acknowledgement->sender.org, &HUB_ORG));
    assert_true(org_id_equal(&acknowledgement->recipient.org, &party->org));
    return acknowledgement;
}

static bool settles(const struct receipt *receipt, uint64_t number) {
    if (number <= receipt->contiguous + 1) {
        return number <= receipt->contiguous;
    }
    uint64_t bit = number - receipt->contiguous - 2;
    return bit / 8 < receipt->beyond_bytes && (receipt->beyond[bit / 8] >> (bit % 8) & 1) != 0;
}

struct answer fixture_answer(struct fixture *fixture, const struct party *party,
                             const struct mail *mail) {
    const struct acknowledgement *got = fixture_acknowledgement(fixture, party);
    struct answer answer = {.acknowledged = got != NULL};
    const struct envelope *envelope = &mail->envelope;
    for (size_t i = 0; got != NULL && i < got->receipt_count; i++) {
        const struct receipt *receipt = &got->receipts[i];
        if (receipt->lane != envelope->lane || receipt->incarnation != envelope->incarnation) {
            continue;
        }
        answer.settled = settles(receipt, envelope->number);
        for (size_t k = 0; k < receipt->refused_count; k++) {
            if (receipt->refused[k].number == envelope->number) {
                answer.refused = receipt->refused[k].refusal;
            }
        }
    }
    for (size_t i = 0; got != NULL && i < got->not_taken_count; i++) {
        const struct not_taken *not_taken = &got->not_taken[i];
        if (not_taken->lane == envelope->lane && not_taken->incarnation == envelope->incarnation &&
            not_taken->number == envelope->number) {
            answer.not_taken = not_taken->refusal;
            answer.retry_after_s = not_taken->retry_after_s;
        }
    }
    return answer;
}

struct answer fixture_post(struct fixture *fixture, const struct party *party,
                           const struct mail *mail) {
    fixture_forget(fixture);
    fixture_push(fixture, party, mail_frame(fixture, party, mail));
    fixture_turn(fixture);
    return fixture_answer(fixture, party, mail);
}

void check_answer(struct answer answer, bool settled, enum refusal refused, enum refusal not_taken,
                  int line) {
    if (!answer.acknowledged || answer.settled != settled || answer.refused != refused ||
        answer.not_taken != not_taken) {
        fail_msg("line %d: acknowledged %d, settled %d, refused %s, not taken %s", line,
                 answer.acknowledged, answer.settled, refusal_text(answer.refused),
                 refusal_text(answer.not_taken));
    }
}

enum refusal fixture_command_on(struct fixture *fixture, enum hub_command kind,
                                const struct party *party) {
    const struct member_arguments arguments = {.org = party->org};
    return fixture_command(fixture, ROLE_COORDINATOR, kind, &arguments);
}

struct bytes fixture_signed_entry(struct fixture *fixture, struct directory_op *op,
                                  struct sign_public public_key, const struct sign_secret *secret) {
    const struct directory_draft draft = {.now_ms = fixture->now_ms, .ops = op, .op_count = 1};
    const struct directory_signer signer = {.public_key = public_key, .secret = secret};
    struct store_txn *view = fixture_read(fixture);
    struct bytes entry;
    struct bytes signed_entry;
    assert_int_equal(directory_compose(view, &draft, fixture->arena, &entry), 0);
    assert_int_equal(directory_sign(entry, &signer, 1, fixture->arena, &signed_entry), 0);
    store_abort(view);
    return signed_entry;
}

size_t fixture_postings_to(struct fixture *fixture, const struct party *party) {
    size_t count = 0;
    for (size_t i = 0; i < fixture->sent_count; i++) {
        struct packet packet;
        assert_int_equal(packet_decode(fixture->sent[i].packet, fixture->arena, &packet),
                         REFUSAL_NONE);
        bool to = org_id_equal(&fixture->sent[i].to, &party->org);
        count += to && packet.content == PACKET_POSTING ? 1 : 0;
    }
    return count;
}

struct mail fixture_update_mail(struct fixture *fixture, struct party *by, struct directory_op *op,
                                const struct party *signer) {
    struct sign_public key;
    memcpy(key.bytes, signer->member.sign.bytes, sizeof(key.bytes));
    return mail_next(fixture, by, MESSAGE_KIND_MEMBER_UPDATE,
                     fixture_signed_entry(fixture, op, key, &signer->secret));
}
