#include "hub/core/rebuild.h"

#include "hub/core/journal.h"
#include "shared/members/directory.h"
#include "tests/unit/hub/core/family_fixture.h"

enum { PARTIES = 6, STEPS = 400 };

/* A region in which everything has happened that a fact can tell of. */
struct world {
    struct fixture *fixture;
    struct party parties[PARTIES];
};

static struct user_id user_named(const char *text) {
    struct user_id user;
    assert_int_equal(user_id_parse(text, &user), 0);
    return user;
}

static void add_people(struct fixture *fixture) {
    const struct user_record user = {.user = user_named("jan"), .role = ROLE_COORDINATOR};
    struct token_arguments token = {.token = {{7}}, .user = user.user, .label = "screen"};
    const enum role role = ROLE_ADMINISTRATOR;
    assert_int_equal(fixture_command(fixture, role, HUB_COMMAND_USER_ADD, &user), REFUSAL_NONE);
    assert_int_equal(fixture_command(fixture, role, HUB_COMMAND_TOKEN_CREATE, &token),
                     REFUSAL_NONE);
    assert_int_equal(fixture_command(fixture, role, HUB_COMMAND_TOKEN_REVOKE, &token),
                     REFUSAL_NONE);
    const struct backed_up_arguments backed_up = {.sequence = 2};
    assert_int_equal(fixture_command(fixture, role, HUB_COMMAND_BACKED_UP, &backed_up),
                     REFUSAL_NONE);
}

static void add_applicants(struct fixture *fixture) {
    struct party waiting = party_make("ocmw-w", 21);
    struct party declined = party_make("ocmw-d", 22);
    struct invitation one = fixture_invite(fixture, NULL, false);
    struct invitation two = fixture_invite(fixture, NULL, false);
    const struct member_arguments arguments = {.org = declined.org};
    fixture_apply(fixture, fixture_request(fixture, &waiting, &one));
    fixture_apply(fixture, fixture_request(fixture, &declined, &two));
    assert_int_equal(fixture_command(fixture, ROLE_COORDINATOR, HUB_COMMAND_DECLINE, &arguments),
                     REFUSAL_NONE);
}

/* One that came, went and came again, with post that it never took. */
static void add_returner(struct fixture *fixture) {
    struct party before = party_make("ocmw-r", 23);
    struct party again = party_make("ocmw-r", 24);
    const struct member_arguments arguments = {.org = before.org, .reason = "closed"};
    fixture_join(fixture, &before);
    assert_int_equal(fixture_command(fixture, ROLE_COORDINATOR, HUB_COMMAND_REVOKE, &arguments),
                     REFUSAL_NONE);
    fixture_join(fixture, &again);
}

static void move_endpoint(struct fixture *fixture, struct party *party) {
    struct member moved = {.endpoint = "tcp://10.0.0.7:7300"};
    struct directory_op op = {
        .kind = DIRECTORY_OP_ENDPOINT, .organisation = party->org, .member = &moved};
    const struct directory_draft draft = {.now_ms = fixture->now_ms, .ops = &op, .op_count = 1};
    struct directory_signer signer = {.secret = &party->secret};
    struct bytes entry;
    struct bytes signed_entry;
    memcpy(signer.public_key.bytes, party->member.sign.bytes, sizeof(signer.public_key.bytes));
    struct store_txn *view = fixture_read(fixture);
    assert_int_equal(directory_compose(view, &draft, fixture->arena, &entry), 0);
    assert_int_equal(directory_sign(entry, &signer, 1, fixture->arena, &signed_entry), 0);
    store_abort(view);
    struct mail mail = mail_next(fixture, party, MESSAGE_KIND_MEMBER_UPDATE, signed_entry);
    assert_taken(fixture_post(fixture, party, &mail));
}

static const uint8_t sealed_contact[1024 + 48] = "how to reach them";

static void add_call_back(struct fixture *fixture, struct party *by, const struct party *to) {
    const struct call_back call_back = {.purpose = PURPOSE_CONCERN,
                                        .id = fixture_id(fixture),
                                        .to = to->org,
                                        .nis = {34022},
                                        .language = {"nld"},
                                        .contact = {.box = BYTES_OF(sealed_contact)}};
    struct bytes body;
    assert_int_equal(call_back_encode(&call_back, fixture->arena, &body), 0);
    struct mail mail = mail_next(fixture, by, MESSAGE_KIND_CALL_BACK, body);
    assert_taken(fixture_post(fixture, by, &mail));
}

static void leave_envelope(struct fixture *fixture, struct household *household,
                           struct party *issuer, const struct party *fallback) {
    const struct consent_token token = token_plain(fixture, household, issuer, fallback, NULL);
    struct consent_message message = consent_plain(fixture, household, issuer, &token);
    message.envelopes[0] = (struct contact_envelope){.org = fallback->org,
                                                     .sealed = {.box = BYTES_OF(sealed_contact)}};
    message.envelope_count = 1;
    struct mail mail = consent_mail(fixture, issuer, &message);
    household->token_number = token.number;
    assert_taken(fixture_post(fixture, issuer, &mail));
}

/* Families that stand, one that withdrew and whose holders answered in part, one whose withdrawal
 * came before its consent. */
static void add_families(struct fixture *fixture, struct party *parties, int number) {
    struct household households[5];
    struct tombstone tombstone;
    for (int i = 0; i < 5; i++) {
        households[i] = household_make(fixture, number + i);
    }
    for (int i = 0; i < 3; i++) {
        leave_envelope(fixture, &households[i], &parties[1], &parties[2]);
        assert_taken(fixture_support(fixture, &households[i], &parties[3]));
        assert_taken(fixture_support(fixture, &households[i], &parties[4]));
    }
    struct support ended = support_plain(fixture, &households[0], &parties[3]);
    ended.state = SUPPORT_ENDED;
    ended.why = END_FINISHED;
    ended.end_day = brussels_day(fixture->now_ms);
    assert_taken(fixture_support_as(fixture, &households[0], &parties[3], &ended));
    leave_envelope(fixture, &households[3], &parties[1], &parties[2]);
    assert_taken(fixture_withdraw(fixture, &parties[1], &households[2], WITHDRAWAL_CARD));
    assert_true(fixture_tombstone(fixture, &parties[4], 0, &tombstone));
    assert_taken(fixture_erased(fixture, &parties[4], &tombstone.id));
    assert_refused(fixture_withdraw(fixture, &parties[1], &households[4], WITHDRAWAL_CARD),
                   REFUSAL_NO_CONSENT);
}

/* The hub told the shell which keys to destroy. */
static void shred(struct fixture *fixture) {
    const struct hub_shredded_arguments arguments = {.keys = fixture->to_shred, .count = 1};
    assert_true(fixture->to_shred_count > 0);
    fixture->shredded[fixture->to_shred[0]] = true;
    assert_int_equal(fixture_command(fixture, ROLE_ADMINISTRATOR, HUB_COMMAND_SHREDDED, &arguments),
                     REFUSAL_NONE);
}

static void add_ends(struct fixture *fixture, struct party *parties) {
    struct household two[2] = {household_make(fixture, 21), household_make(fixture, 22)};
    for (int i = 0; i < 2; i++) {
        assert_taken(fixture_consent(fixture, &two[i], &parties[1], NULL, NULL));
        assert_taken(fixture_support(fixture, &two[i], &parties[2]));
        assert_taken(fixture_withdraw(fixture, &parties[2], &two[i], WITHDRAWAL_PAPER));
        if (i == 0) {
            shred(fixture);
        }
    }
}

/* Consents end, tombstones go, and who says nothing for nine days is quiet. */
static void let_time_pass(struct fixture *fixture, struct party *parties, int days) {
    fixture_forget(fixture);
    fixture->now_ms += days * (int64_t)DAY_MS;
    fixture_tick(fixture);
    for (int i = 1; i < PARTIES; i++) {
        fixture_hello(fixture, &parties[i], 0);
    }
    for (int i = 0; i < 5; i++) {
        fixture->now_ms += HOUR_MS / 2;
        fixture_tick(fixture);
    }
}

/* One of the things that come in at random: figures, a status, nonsense, too early, twice, days
 * later, receipts. */
static void step(struct world *world, struct rng *rng) {
    struct fixture *fixture = world->fixture;
    struct party *party = &world->parties[rng_below(rng, PARTIES)];
    uint64_t what = rng_below(rng, 10);
    const struct signal signal =
        signal_plain(brussels_day(fixture->now_ms) - (int32_t)rng_below(rng, 30));
    const struct status status = {.set_at_ms = (int64_t)rng_below(rng, 1000)};
    enum message_kind kind = what < 6 ? MESSAGE_KIND_SIGNAL : MESSAGE_KIND_STATUS;
    struct bytes body = what < 6 ? signal_body(fixture, &signal) : status_body(fixture, &status);
    if (what == 9) {
        fixture->now_ms += (int64_t)rng_below(rng, DAY_MS);
        fixture_tick(fixture);
        fixture_hello(fixture, party, 0);
        fixture_drain(fixture, party);
        return;
    }
    struct mail mail = mail_next(fixture, party, kind, body);
    mail.envelope.body = what == 2 ? bytes_from_text("nonsense") : body;
    mail.envelope.number += what == 1 ? rng_below(rng, 9) : 0; /* leaves a gap, or hits itself */
    if (what == 3 && rng_below(rng, 8) == 0) {
        party->incarnation++;
        party->last[LANE_ORDINARY] = 0;
        return;
    }
    fixture_push(fixture, party, mail_frame(fixture, party, &mail));
    if (what == 4) {
        fixture_push(fixture, party, mail_frame(fixture, party, &mail));
    }
    if (rng_below(rng, 3) == 0) {
        fixture_turn(fixture);
    }
}

static struct world begin(uint8_t seed_byte) {
    const uint8_t seed[32] = {seed_byte};
    struct world world = {.fixture = fixture_new()};
    struct rng rng;
    rng_init(&rng, seed);
    for (int i = 0; i < PARTIES; i++) {
        char name[16];
        snprintf(name, sizeof(name), "ocmw-%d", i);
        world.parties[i] = party_make(name, i + 1);
        fixture_join(world.fixture, &world.parties[i]);
    }
    add_families(world.fixture, world.parties, 1);
    add_call_back(world.fixture, &world.parties[1], &world.parties[2]);
    let_time_pass(world.fixture, world.parties, 20);
    let_time_pass(world.fixture, world.parties, 400);
    add_people(world.fixture);
    add_applicants(world.fixture);
    move_endpoint(world.fixture, &world.parties[0]);
    for (int i = 0; i < STEPS; i++) {
        if (i % 50 == 0) {
            fixture_forget(world.fixture);
        }
        step(&world, &rng);
    }
    fixture_turn(world.fixture);
    for (int i = 0; i < PARTIES; i++) { /* the clock leapt: they say that it's right */
        fixture_hello(world.fixture, &world.parties[i], 0);
    }
    fixture_tick(world.fixture);
    for (int i = 0; i < PARTIES; i++) { /* who left its ordinary stream half-way begins it anew */
        world.parties[i].incarnation++;
        memset(world.parties[i].last, 0, sizeof(world.parties[i].last));
    }
    add_families(world.fixture, world.parties, 101);
    add_call_back(world.fixture, &world.parties[1], &world.parties[2]);
    add_ends(world.fixture, world.parties);
    add_returner(world.fixture);
    fixture_tick(world.fixture);
    return world;
}

static void end(struct world *world) {
    fixture_free(world->fixture);
}

static struct digest state_hash(struct fixture *fixture) {
    struct store_txn *view = fixture_read(fixture);
    struct digest hash;
    assert_int_equal(rebuild_state_hash(view, &hash), 0);
    store_abort(view);
    return hash;
}

static struct store_txn *write_begin(struct fixture *fixture) {
    struct store_txn *txn;
    assert_int_equal(store_begin_write(fixture->store, &txn), 0);
    return txn;
}

static void assert_same(const struct digest *a, const struct digest *b) {
    assert_memory_equal(a->bytes, b->bytes, sizeof(a->bytes));
}

/* Else the tests below would hold of nothing. */
static void every_table_and_every_kind_of_fact_occurs_in_what_is_rebuilt_here(void **state) {
    struct world world = begin(1);
    for (int table = 0; table < TABLE_COUNT; table++) {
        if (table_from_journal((enum table)table) &&
            fixture_count(world.fixture, (enum table)table) == 0) {
            fail_msg("the table %s is empty", table_name((enum table)table));
        }
    }
    for (int fact = FACT_SIGNAL; fact <= FACT_FLAG_ROW; fact++) {
        if (fact != FACT_DIRECTORY_AGAIN &&
            fixture_facts(world.fixture, (enum hub_fact)fact) == 0) {
            fail_msg("no fact of type %d", fact);
        }
    }
    end(&world);
}

static void rebuilding_reaches_the_same_state_whatever_happened(void **state) {
    for (uint8_t seed = 1; seed <= 5; seed++) {
        struct world world = begin(seed);
        struct digest before = state_hash(world.fixture);
        uint64_t facts = fixture_health(world.fixture).position.sequence;
        struct rebuild_report report;
        fixture_stop(world.fixture);
        assert_int_equal(
            rebuild_run(world.fixture->store, &world.fixture->params.families.records, &report), 0);
        assert_int_equal(report.facts, facts);
        assert_same(&report.before, &before);
        assert_same(&report.after, &before);
        struct digest after = state_hash(world.fixture);
        assert_same(&after, &before);
        end(&world);
    }
}

static void a_rebuilt_hub_goes_on_where_it_was(void **state) {
    struct world world = begin(2);
    struct rebuild_report report;
    const struct signal signal = signal_plain(brussels_day(world.fixture->now_ms));
    struct party *party = &world.parties[0];
    struct mail mail =
        mail_next(world.fixture, party, MESSAGE_KIND_SIGNAL, signal_body(world.fixture, &signal));
    mail.envelope.incarnation = party->incarnation + 1;
    mail.envelope.number = 1;
    assert_taken(fixture_post(world.fixture, party, &mail));
    uint64_t signals = fixture_facts(world.fixture, FACT_SIGNAL);
    fixture_stop(world.fixture);
    assert_int_equal(
        rebuild_run(world.fixture->store, &world.fixture->params.families.records, &report), 0);
    fixture_start(world.fixture);
    assert_taken(fixture_post(world.fixture, party, &mail));
    assert_int_equal(fixture_facts(world.fixture, FACT_SIGNAL), signals);
    mail.envelope.number = 2;
    mail.envelope.id = fixture_id(world.fixture);
    assert_taken(fixture_post(world.fixture, party, &mail));
    assert_int_equal(fixture_facts(world.fixture, FACT_SIGNAL), signals + 1);
    end(&world);
}

static void lose_first(struct fixture *fixture, enum table table) {
    struct store_txn *txn = write_begin(fixture);
    struct store_cursor cursor;
    assert_int_equal(store_first(txn, table, &cursor), 0);
    store_delete(txn, table, cursor.key);
    assert_int_equal(store_commit(txn), 0);
}

static void spoil_last(struct fixture *fixture, enum table table) {
    struct store_txn *txn = write_begin(fixture);
    struct store_cursor cursor;
    uint8_t key[STORE_KEY_BYTES_MAX];
    assert_int_equal(store_last(txn, table, &cursor), 0);
    struct bytes kept = arena_copy(fixture->arena, cursor.key);
    memcpy(key, kept.data, kept.length);
    size_t length = cursor.value.length == 0 ? 1 : cursor.value.length;
    uint8_t *value = arena_alloc(fixture->arena, length, 1);
    assert_non_null(value);
    memcpy(value, cursor.value.data, cursor.value.length);
    value[length - 1] ^= 1;
    store_put(txn, table, kept, (struct bytes){.data = value, .length = length});
    assert_int_equal(store_commit(txn), 0);
}

static void add_one(struct fixture *fixture, enum table table) {
    struct store_txn *txn = write_begin(fixture);
    store_put(txn, table, bytes_from_text("~~~"), bytes_from_text("by hand"));
    assert_int_equal(store_commit(txn), 0);
}

static void a_table_changed_by_hand_is_noticed_and_mended(void **state) {
    static void (*const spoil[])(struct fixture *, enum table) = {lose_first, spoil_last, add_one};
    struct world world = begin(3);
    struct digest right = state_hash(world.fixture);
    fixture_stop(world.fixture);
    for (int table = 0; table < TABLE_COUNT; table++) {
        for (size_t i = 0; table_from_journal((enum table)table) && i < 3; i++) {
            struct rebuild_report report;
            spoil[i](world.fixture, (enum table)table);
            struct digest wrong = state_hash(world.fixture);
            assert_false(digest_equal(&wrong, &right));
            assert_int_equal(
                rebuild_run(world.fixture->store, &world.fixture->params.families.records, &report),
                0);
            assert_same(&report.before, &wrong);
            assert_same(&report.after, &right);
            struct digest mended = state_hash(world.fixture);
            assert_same(&mended, &right);
        }
    }
    end(&world);
}

static void with_a_broken_journal_nothing_is_changed(void **state) {
    static const enum table tables[] = {TABLE_JOURNAL, TABLE_JOURNAL_BODY};
    for (size_t i = 0; i < 2; i++) {
        struct world world = begin(4);
        struct rebuild_report report = {.facts = 99};
        fixture_stop(world.fixture);
        spoil_last(world.fixture, tables[i]);
        lose_first(world.fixture, TABLE_SIGNALS);
        struct digest before = state_hash(world.fixture);
        assert_int_equal(
            rebuild_run(world.fixture->store, &world.fixture->params.families.records, &report),
            ERR_CHAIN);
        assert_int_equal(report.facts, 99);
        struct digest after = state_hash(world.fixture);
        assert_same(&after, &before);
        end(&world);
    }
}

static void with_a_fact_of_a_later_version_nothing_is_changed(void **state) {
    struct world world = begin(5);
    struct rebuild_report report;
    fixture_stop(world.fixture);
    struct store_txn *txn = write_begin(world.fixture);
    struct turn_view view = {.txn = txn,
                             .now_ms = world.fixture->now_ms,
                             .rng = &world.fixture->rng,
                             .arena = world.fixture->arena};
    const struct fact fact = {.type = 99, .body = bytes_from_text("from the future")};
    assert_int_equal(journal_append(&view, &fact, NULL), 0);
    assert_int_equal(store_commit(txn), 0);
    lose_first(world.fixture, TABLE_SIGNALS);
    struct digest before = state_hash(world.fixture);
    assert_int_equal(
        rebuild_run(world.fixture->store, &world.fixture->params.families.records, &report),
        ERR_UNSUPPORTED);
    struct digest after = state_hash(world.fixture);
    assert_same(&after, &before);
    end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_and_every_kind_of_fact_occurs_in_what_is_rebuilt_here),
        cmocka_unit_test(rebuilding_reaches_the_same_state_whatever_happened),
        cmocka_unit_test(a_rebuilt_hub_goes_on_where_it_was),
        cmocka_unit_test(a_table_changed_by_hand_is_noticed_and_mended),
        cmocka_unit_test(with_a_broken_journal_nothing_is_changed),
        cmocka_unit_test(with_a_fact_of_a_later_version_nothing_is_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
