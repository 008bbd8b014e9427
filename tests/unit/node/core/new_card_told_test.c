#include "shared/crypto/box.h"
#include "tests/unit/node/core/home_family.h"

/* A supporter that hears of a family's new card, before or after the old one's tombstone; and of
 * one that isn't the family's. */

static int before(void **state) {
    *state = home_new(CONSENT_RIGHT_FULL);
    return 0;
}

static int after(void **state) {
    home_free(*state);
    return 0;
}

/* -- a new card, told to us by another -- */

enum proof {
    PROOF_OLD_KEY = 0,
    PROOF_NONE,      /* nothing but what is said, as it was before there was a proof */
    PROOF_NEW_KEY,   /* all that a member has that knows the old handle and no more */
    PROOF_ELSEWHERE, /* by the old key, for another supporter */
    PROOF_ALTERED,   /* by the old key, of another card */
};

struct told_card {
    const struct card *old;
    const struct card *new;
    enum home_org from;   /* whose posting it is */
    enum home_org issuer; /* whose consent */
    bool spoil_seed;
    bool stranger;  /* its issuer is no member */
    bool elsewhere; /* its token is another hub's */
    enum proof proof;
    bool forged; /* whose posting it's said to be didn't sign it */
};

static struct posting posting_of(struct home *home, const struct told_card *told,
                                 struct bytes body) {
    const enum home_org signer = told->forged ? HOME_CAW : told->from;
    struct envelope envelope = {
        .version = WIRE_VERSION,
        .sender = {.org = home->orgs[told->from], .hub = home->params.own.hub},
        .recipient = {.org = HUB_ORG, .hub = home->params.own.hub},
        .lane = LANE_ORDINARY,
        .incarnation = 1,
        .number = 5,
        .id = {{0x44}},
        .created_ms = home->now_ms,
        .kind = MESSAGE_KIND_NEW_CARD,
        .body = body,
    };
    struct posting posting;
    struct signature *signature = ARENA_NEW(home->arena, struct signature);
    assert_int_equal(envelope_encode(&envelope, home->arena, &posting.envelope), 0);
    *signature = sign_bytes(&home->signs[signer], "envelope/v1", posting.envelope);
    posting.signature = BYTES_OF(*signature);
    return posting;
}

/* What is sealed: the statement and its proof. */
static struct bytes proven_as(struct home *home, const struct told_card *from,
                              struct card_moved *moved) {
    const struct card *signer = from->proof == PROOF_NEW_KEY ? from->new : from->old;
    const struct presence_seed seed = card_presence_seed(signer, &home->params.own.hub);
    struct sign_public public_key;
    struct sign_secret secret;
    struct signature signature;
    struct bytes statement;
    struct bytes plain;
    if (from->proof == PROOF_ELSEWHERE) {
        moved->to = home->orgs[HOME_CAW];
    }
    assert_int_equal(card_moved_encode(moved, home->arena, &statement), 0);
    presence_keys(&seed, &public_key, &secret);
    struct proven proven = consent_prove(&secret, NEW_CARD_DOMAIN, statement, &signature);
    if (from->proof == PROOF_ALTERED) {
        moved->presence_seed[31] ^= 1;
        assert_int_equal(card_moved_encode(moved, home->arena, &proven.statement), 0);
    }
    assert_int_equal(proven_encode(&proven, home->arena, &plain), 0);
    return from->proof == PROOF_NONE ? statement : plain;
}

/* The new card's, or one that its issuer made up. */
static struct signed_token token_of(struct home *home, const struct told_card *from) {
    struct consent_keys keys = consent_keys_of(from->new, &home->params.own.hub);
    const struct consent_signers signers = {.family = &keys.family,
                                            .organisation = &home->signs[from->issuer]};
    struct signed_token ret = home_token(home, from->new, from->issuer, all_scopes());
    struct consent_token token;
    assert_int_equal(consent_token_decode(ret.token, home->arena, &token), REFUSAL_NONE);
    if (from->stranger) {
        assert_int_equal(org_id_parse("nobody", &token.issuer), 0);
    }
    if (from->elsewhere) {
        assert_int_equal(hub_id_parse("elsewhere", &token.hub), 0);
    }
    assert_int_equal(consent_token_sign(&token, &signers, home->arena, &ret), 0);
    return ret;
}

static void tell(struct home *home, const struct told_card *from, uint8_t number) {
    struct card_moved moved = {
        .old = home_handle(home, from->old),
        .new = home_handle(home, from->new),
        .token = token_of(home, from),
        .to = home->orgs[HOME_OURS],
    };
    struct new_card message = {.purpose = PURPOSE_SUPPORT, .to = home->orgs[HOME_OURS]};
    const struct presence_seed seed = card_presence_seed(from->new, &home->params.own.hub);
    const struct curve_public key = curve_public_of(&home->seals[HOME_OURS]);
    const uint8_t random[32] = {number};
    struct bytes body;
    memcpy(moved.presence_seed, seed.bytes, sizeof(seed.bytes));
    moved.presence_seed[0] ^= from->spoil_seed ? 1 : 0;
    const struct bytes plain = proven_as(home, from, &moved);
    uint8_t *box = arena_alloc(home->arena, plain.length + BOX_OVERHEAD_BYTES, 1);
    assert_int_equal(box_seal(&key, random, plain, box), 0);
    memcpy(message.content.key, key.bytes, sizeof(message.content.key));
    message.content.box = (struct bytes){box, plain.length + BOX_OVERHEAD_BYTES};
    assert_int_equal(new_card_encode(&message, home->arena, &body), 0);
    const struct notice notice = {.kind = NOTICE_NEW_CARD,
                                  .purpose = PURPOSE_SUPPORT,
                                  .id = {{number}},
                                  .origin = posting_of(home, from, body)};
    home_notice(home, &notice);
}

static void check_moved(struct home *home, const struct card *new) {
    const struct family_handle handle = home_handle(home, new);
    const struct family_row *row = home_row(home, &handle);
    const struct home_sent *sent = home_last(home, MESSAGE_KIND_SUPPORT);
    struct consent_keys keys = consent_keys_of(new, &home->params.own.hub);
    struct proven proven;
    struct support said;
    assert_non_null(row);
    assert_true(row->support.exists);
    assert_int_equal(proven_decode(sent->envelope.body, home->arena, &proven), REFUSAL_NONE);
    assert_true(consent_proved(&proven, SUPPORT_DOMAIN, &keys.presence_public));
    assert_int_equal(support_decode(proven.statement, home->arena, &said), REFUSAL_NONE);
    assert_true(family_handle_equal(&said.handle, &handle));
    assert_int_equal(said.number, 1);
    assert_int_equal(said.kind, SUPPORT_PROFESSIONAL);
    const struct item *item = home_item(home, 1);
    assert_non_null(item);
    assert_int_equal(item->kind, NOTICE_NEW_CARD);
    assert_int_equal(item->family, row->number);
}

static void our_support_moves_by_itself_to_the_new_card(void **state) {
    struct home *home = *state;
    const struct card old = home_card(0x5a);
    const struct card new = home_card(0x5b);
    const struct told_card told = {
        .old = &old, .new = &new, .from = HOME_GENT, .issuer = HOME_GENT};
    const struct tombstone stone = stone_of(home, &old, WITHDRAWAL_NEW_CARD);
    const struct family_handle handle = home_handle(home, &old);
    support(home, &old);
    tell(home, &told, 1);
    home_settle_down(home);
    check_moved(home, &new);
    home_tombstone(home, &stone);
    home_shred(home);
    home_settle_down(home);
    assert_null(home_row(home, &handle));
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 1);
    check_moved(home, &new);
}

/* Withdrawals overtake everything: the old card's tombstone may be here first. */
static void it_moves_too_where_the_tombstone_came_first(void **state) {
    struct home *home = *state;
    const struct card old = home_card(0x5a);
    const struct card new = home_card(0x5b);
    const struct family_handle handle = home_handle(home, &old);
    const struct told_card told = {
        .old = &old, .new = &new, .from = HOME_GENT, .issuer = HOME_GENT};
    const struct tombstone stone = stone_of(home, &old, WITHDRAWAL_NEW_CARD);
    support(home, &old);
    home_tombstone(home, &stone);
    home_shred(home);
    home_settle_down(home);
    assert_int_equal(home_count(home, MESSAGE_KIND_ERASED), 1);
    assert_false(home_holds(home, BYTES_OF(handle)));
    tell(home, &told, 1);
    home_settle_down(home);
    check_moved(home, &new);
    home_shred(home); /* and what was kept for it is gone */
    struct remnant kept;
    struct store_txn *view = home_read(home);
    const struct turn_view looking = {.txn = view, .arena = home->arena};
    assert_int_equal(stone_remnant(home->node, &looking, &handle, &kept), ERR_NOT_FOUND);
    store_abort(view);
}

static void what_was_kept_for_a_new_card_that_never_comes_goes_after_a_month(void **state) {
    struct home *home = *state;
    const struct card old = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &old);
    const struct tombstone stone = stone_of(home, &old, WITHDRAWAL_NEW_CARD);
    struct remnant kept;
    struct remnant gone;
    struct turn_view looking = {.arena = home->arena};
    support(home, &old);
    home_tombstone(home, &stone);
    home_shred(home);
    home_pass(home, 29 * (int64_t)DAY_MS);
    looking.txn = home_read(home);
    assert_int_equal(stone_remnant(home->node, &looking, &handle, &kept), 0);
    store_abort(looking.txn);
    home_pass(home, 2 * (int64_t)DAY_MS);
    looking.txn = home_read(home);
    assert_int_equal(stone_remnant(home->node, &looking, &handle, &gone), ERR_NOT_FOUND);
    store_abort(looking.txn);
    home_shred(home);
    assert_true(home->destroyed[kept.record_key]);
}

static void a_card_told_by_who_didnt_take_its_consent_moves_nothing(void **state) {
    struct home *home = *state;
    const struct card old = home_card(0x5a);
    const struct card new = home_card(0x5b);
    const struct family_handle handle = home_handle(home, &new);
    struct told_card told = {.old = &old, .new = &new, .from = HOME_CAW, .issuer = HOME_GENT};
    support(home, &old);
    tell(home, &told, 1);
    told = (struct told_card){
        .old = &old, .new = &new, .from = HOME_GENT, .issuer = HOME_GENT, .spoil_seed = true};
    tell(home, &told, 2);
    told.spoil_seed = false;
    told.forged = true; /* the hub that passes it on can't have made it up */
    home->refused = REFUSAL_NONE;
    tell(home, &told, 3);
    assert_int_equal(home->refused, REFUSAL_BAD_SIGNATURE);
    home_settle_down(home);
    assert_null(home_row(home, &handle));
    assert_null(home_item(home, 1));
}

static const struct told_card lies[] = {
    {.proof = PROOF_NONE},
    {.proof = PROOF_NEW_KEY},
    {.proof = PROOF_ELSEWHERE},
    {.proof = PROOF_ALTERED},
};

/* Each lie about the card is refused, and then the truth is still believed. */
static void lie_about(struct home *home, const struct card *old) {
    const struct card new = home_card(0x5b);
    const struct family_handle handle = home_handle(home, &new);
    const size_t said = home_count(home, MESSAGE_KIND_SUPPORT);
    struct told_card told = {.old = old, .new = &new, .from = HOME_GENT, .issuer = HOME_GENT};
    for (uint8_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        home->refused = REFUSAL_NONE;
        told.proof = lies[i].proof;
        tell(home, &told, 1 + i);
        home_settle_down(home);
        assert_int_equal(home->refused, REFUSAL_BAD_SIGNATURE);
        assert_null(home_row(home, &handle));
        assert_null(home_item(home, 1));
        assert_int_equal(home_count(home, MESSAGE_KIND_SUPPORT), said);
    }
    told.proof = PROOF_OLD_KEY;
    tell(home, &told, 100);
    home_settle_down(home);
    check_moved(home, &new);
}

static void a_card_that_the_old_one_does_not_vouch_for_moves_nothing(void **state) {
    struct home *home = *state;
    const struct card old = home_card(0x5a);
    support(home, &old);
    lie_about(home, &old);
}

static void nor_does_it_where_the_tombstone_came_first(void **state) {
    struct home *home = *state;
    const struct card old = home_card(0x5a);
    const struct tombstone stone = stone_of(home, &old, WITHDRAWAL_NEW_CARD);
    support(home, &old);
    home_tombstone(home, &stone);
    home_shred(home);
    home_settle_down(home);
    lie_about(home, &old);
}

/* What is kept to check the news by can't be used to bring any. */
/* A keyring put back from before it would give that key's number out again. */
static void the_key_of_what_is_kept_counts_as_used(void **state) {
    struct home *home = *state;
    const struct card old = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &old);
    const struct tombstone stone = stone_of(home, &old, WITHDRAWAL_NEW_CARD);
    struct turn_view looking = {.arena = home->arena};
    struct remnant kept;
    uint64_t last;
    support(home, &old);
    home_tombstone(home, &stone);
    looking.txn = home_read(home);
    assert_int_equal(stone_remnant(home->node, &looking, &handle, &kept), 0);
    assert_int_equal(node_last_key(looking.txn, &last), 0);
    store_abort(looking.txn);
    assert_int_equal(last, kept.record_key);
}

static void after_a_tombstone_no_presence_seed_is_kept(void **state) {
    struct home *home = *state;
    const struct card old = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &old);
    const struct tombstone stone = stone_of(home, &old, WITHDRAWAL_NEW_CARD);
    struct consent_keys keys = consent_keys_of(&old, &home->params.own.hub);
    struct turn_view looking = {.arena = home->arena};
    struct remnant kept;
    support(home, &old);
    home_tombstone(home, &stone);
    home_shred(home);
    looking.txn = home_read(home);
    assert_int_equal(stone_remnant(home->node, &looking, &handle, &kept), 0);
    store_abort(looking.txn);
    assert_memory_equal(&kept.presence, &keys.presence_public, sizeof(kept.presence));
    assert_null(memmem(&kept, sizeof(kept), &keys.presence, sizeof(keys.presence)));
    assert_null(memmem(&kept, sizeof(kept), &handle, sizeof(handle)));
    assert_false(home_holds(home, BYTES_OF(keys.presence)));
    assert_false(home_holds(home, BYTES_OF(keys.presence_public))); /* sealed, at that */
}

/* A refusal that isn't for good would keep the hub at it, and hold up what comes after. */
static void a_card_of_a_stranger_or_another_hub_is_refused_for_good(void **state) {
    struct home *home = *state;
    const struct card old = home_card(0x5a);
    const struct card new = home_card(0x5b);
    struct told_card told = {
        .old = &old, .new = &new, .from = HOME_GENT, .issuer = HOME_GENT, .stranger = true};
    support(home, &old);
    tell(home, &told, 1);
    home_settle_down(home);
    assert_int_equal(home->refused, REFUSAL_NOT_YOURS);
    home->refused = REFUSAL_NONE;
    told.stranger = false;
    told.elsewhere = true;
    tell(home, &told, 2);
    home_settle_down(home);
    assert_int_equal(home->refused, REFUSAL_BAD_SIGNATURE);
}

/* Withdrawals overtake this too: the family withdrew with the new card before we heard of it. */
static void a_new_card_whose_tombstone_came_first_makes_no_row(void **state) {
    struct home *home = *state;
    const struct card old = home_card(0x5a);
    const struct card new = home_card(0x5b);
    const struct family_handle handle = home_handle(home, &new);
    const struct told_card told = {
        .old = &old, .new = &new, .from = HOME_GENT, .issuer = HOME_GENT};
    const struct tombstone stone = stone_of(home, &new, WITHDRAWAL_CARD);
    support(home, &old);
    home_tombstone(home, &stone);
    home_settle_down(home);
    const size_t said = home_count(home, MESSAGE_KIND_SUPPORT);
    tell(home, &told, 1);
    home_settle_down(home);
    assert_null(home_row(home, &handle));
    assert_null(home_item(home, 1));
    assert_int_equal(home_count(home, MESSAGE_KIND_SUPPORT), said);
    assert_false(home_holds(home, BYTES_OF(handle)));
}

static void a_card_of_a_family_that_isnt_ours_leaves_nothing(void **state) {
    struct home *home = *state;
    const struct card old = home_card(0x5a);
    const struct card new = home_card(0x5b);
    const struct told_card told = {
        .old = &old, .new = &new, .from = HOME_GENT, .issuer = HOME_GENT};
    tell(home, &told, 1);
    home_settle_down(home);
    assert_int_equal(home_rows(home, TABLE_CARDS), 0);
    assert_int_equal(home_rows(home, TABLE_ITEMS), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, before, after)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(our_support_moves_by_itself_to_the_new_card),
        TEST(it_moves_too_where_the_tombstone_came_first),
        TEST(what_was_kept_for_a_new_card_that_never_comes_goes_after_a_month),
        TEST(a_card_told_by_who_didnt_take_its_consent_moves_nothing),
        TEST(a_card_that_the_old_one_does_not_vouch_for_moves_nothing),
        TEST(nor_does_it_where_the_tombstone_came_first),
        TEST(the_key_of_what_is_kept_counts_as_used),
        TEST(after_a_tombstone_no_presence_seed_is_kept),
        TEST(a_card_of_a_stranger_or_another_hub_is_refused_for_good),
        TEST(a_new_card_whose_tombstone_came_first_makes_no_row),
        TEST(a_card_of_a_family_that_isnt_ours_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
