#include "shared/members/directory.h"
#include "tests/unit/hub/core/fixture.h"

static struct join_answer apply_with(struct fixture *fixture, const struct party *party,
                                     const struct invitation *invitation) {
    return fixture_apply(fixture, fixture_request(fixture, party, invitation));
}

static void assert_join_refused(struct fixture *fixture, const struct party *party,
                                const struct invitation *invitation, enum refusal refusal) {
    uint64_t sequence = fixture_health(fixture).position.sequence;
    uint64_t strangers = fixture_health(fixture).strangers_refused;
    struct join_answer answer = apply_with(fixture, party, invitation);
    assert_int_equal(answer.state, JOIN_REFUSED);
    assert_int_equal(answer.refusal, refusal);
    assert_int_equal(fixture_health(fixture).position.sequence, sequence);
    assert_int_equal(fixture_health(fixture).strangers_refused, strangers + 1);
    assert_false(fixture_is_member(fixture, party));
}

static enum refusal command_on(struct fixture *fixture, enum hub_command kind,
                               const struct party *party) {
    const struct member_arguments arguments = {.org = party->org};
    return fixture_command(fixture, ROLE_COORDINATOR, kind, &arguments);
}

/* -- invitations -- */

static void an_invitation_is_used_once(void **state) {
    struct fixture *fixture = fixture_new();
    struct party first = party_make("ocmw-a", 1);
    struct party second = party_make("ocmw-b", 2);
    struct invitation invitation = fixture_invite(fixture, NULL, true);
    assert_int_equal(apply_with(fixture, &first, &invitation).state, JOIN_APPROVED);
    assert_true(fixture_is_member(fixture, &first));
    assert_join_refused(fixture, &second, &invitation, REFUSAL_BAD_INVITATION);
    fixture_restart(fixture);
    assert_join_refused(fixture, &second, &invitation, REFUSAL_BAD_INVITATION);
    fixture_free(fixture);
}

/* The applicant sends the same bytes until it hears: it's told the same, and nothing is added. */
static void the_same_request_again_gets_the_same_answer(void **state) {
    struct fixture *fixture = fixture_new();
    struct party party = party_make("ocmw-a", 1);
    struct invitation invitation = fixture_invite(fixture, NULL, true);
    struct bytes request = fixture_request(fixture, &party, &invitation);
    assert_int_equal(fixture_apply(fixture, request).state, JOIN_APPROVED);
    uint64_t sequence = fixture_health(fixture).position.sequence;
    fixture->now_ms = invitation.expires_ms + DAY_MS;
    assert_int_equal(fixture_apply(fixture, request).state, JOIN_APPROVED);
    assert_int_equal(fixture_health(fixture).position.sequence, sequence);
    assert_int_equal(fixture_facts(fixture, FACT_APPLIED), 1);
    fixture_free(fixture);
}

static void an_invitation_ends_at_its_time(void **state) {
    struct fixture *fixture = fixture_new();
    struct party party = party_make("ocmw-a", 1);
    struct invitation invitation = fixture_invite(fixture, NULL, true);
    fixture->now_ms = invitation.expires_ms;
    assert_join_refused(fixture, &party, &invitation, REFUSAL_EXPIRED);
    fixture->now_ms = invitation.expires_ms - 1;
    assert_int_equal(apply_with(fixture, &party, &invitation).state, JOIN_APPROVED);
    fixture_free(fixture);
}

static void an_invitation_for_another_organisation_is_refused(void **state) {
    struct fixture *fixture = fixture_new();
    struct party meant = party_make("ocmw-a", 1);
    struct party other = party_make("ocmw-b", 2);
    struct invitation invitation = fixture_invite(fixture, "ocmw-a", true);
    assert_join_refused(fixture, &other, &invitation, REFUSAL_NOT_ALLOWED);
    assert_int_equal(apply_with(fixture, &meant, &invitation).state, JOIN_APPROVED);
    fixture_free(fixture);
}

static void a_wrong_proof_or_an_unknown_invitation_is_refused(void **state) {
    struct fixture *fixture = fixture_new();
    struct party party = party_make("ocmw-a", 1);
    struct invitation invitation = fixture_invite(fixture, NULL, true);
    struct invitation guessed = invitation;
    guessed.secret[0] ^= 1;
    assert_join_refused(fixture, &party, &guessed, REFUSAL_BAD_INVITATION);
    struct invitation unknown = invitation;
    unknown.id.bytes[0] ^= 1;
    assert_join_refused(fixture, &party, &unknown, REFUSAL_BAD_INVITATION);
    struct party impostor = party;
    impostor.secret = party_make("ocmw-b", 2).secret;
    assert_join_refused(fixture, &impostor, &invitation, REFUSAL_BAD_SIGNATURE);
    assert_int_equal(apply_with(fixture, &party, &invitation).state, JOIN_APPROVED);
    fixture_free(fixture);
}

static void an_invitation_is_made_once_under_its_id(void **state) {
    struct fixture *fixture = fixture_new();
    struct invitation invitation = fixture_invite(fixture, NULL, true);
    struct invite_arguments arguments = {.expires_ms = invitation.expires_ms};
    memcpy(arguments.invitation, invitation.id.bytes, sizeof(arguments.invitation));
    assert_int_equal(fixture_command(fixture, ROLE_COORDINATOR, HUB_COMMAND_INVITE, &arguments),
                     REFUSAL_EXISTS);
    assert_int_equal(fixture_facts(fixture, FACT_INVITED), 1);
    fixture_free(fixture);
}

/* -- a person decides -- */

static void an_applicant_waits_for_approval(void **state) {
    struct fixture *fixture = fixture_new();
    struct party party = party_make("ocmw-a", 1);
    struct invitation invitation = fixture_invite(fixture, NULL, false);
    struct bytes request = fixture_request(fixture, &party, &invitation);
    assert_int_equal(fixture_apply(fixture, request).state, JOIN_WAITING);
    assert_false(fixture_is_member(fixture, &party));
    assert_int_equal(fixture_apply(fixture, request).state, JOIN_WAITING);
    fixture_restart(fixture);
    assert_int_equal(command_on(fixture, HUB_COMMAND_APPROVE, &party), REFUSAL_NONE);
    assert_true(fixture_is_member(fixture, &party));
    assert_int_equal(fixture_apply(fixture, request).state, JOIN_APPROVED);
    assert_int_equal(command_on(fixture, HUB_COMMAND_APPROVE, &party), REFUSAL_NOT_FOUND);
    fixture_free(fixture);
}

static void who_was_declined_is_told_and_may_be_invited_again(void **state) {
    struct fixture *fixture = fixture_new();
    struct party party = party_make("ocmw-a", 1);
    struct invitation invitation = fixture_invite(fixture, NULL, false);
    struct bytes request = fixture_request(fixture, &party, &invitation);
    assert_int_equal(fixture_apply(fixture, request).state, JOIN_WAITING);
    assert_int_equal(command_on(fixture, HUB_COMMAND_DECLINE, &party), REFUSAL_NONE);
    assert_int_equal(fixture_apply(fixture, request).state, JOIN_REFUSED);
    assert_false(fixture_is_member(fixture, &party));
    assert_int_equal(command_on(fixture, HUB_COMMAND_APPROVE, &party), REFUSAL_NOT_FOUND);
    assert_int_equal(command_on(fixture, HUB_COMMAND_DECLINE, &party), REFUSAL_NOT_FOUND);
    fixture_join(fixture, &party);
    assert_true(fixture_is_member(fixture, &party));
    fixture_free(fixture);
}

static void approving_or_declining_nobody_is_refused(void **state) {
    struct fixture *fixture = fixture_new();
    struct party party = party_make("ocmw-a", 1);
    assert_int_equal(command_on(fixture, HUB_COMMAND_APPROVE, &party), REFUSAL_NOT_FOUND);
    assert_int_equal(command_on(fixture, HUB_COMMAND_DECLINE, &party), REFUSAL_NOT_FOUND);
    assert_int_equal(command_on(fixture, HUB_COMMAND_REVOKE, &party), REFUSAL_NOT_FOUND);
    assert_int_equal(command_on(fixture, HUB_COMMAND_LEAVE, &party), REFUSAL_NOT_FOUND);
    fixture_free(fixture);
}

static struct bytes entry_signed_by(struct fixture *fixture, struct directory_op *op,
                                    struct sign_public public_key,
                                    const struct sign_secret *secret) {
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

/* The director's key is a file that may be elsewhere: then the invitation's approval waits too, and
 * the entry comes signed from outside. */
static void without_the_directors_key_approval_waits_for_an_entry_signed_elsewhere(void **state) {
    struct fixture *fixture = fixture_new();
    struct party party = party_make("ocmw-a", 1);
    fixture->params.keys.director = NULL;
    fixture_restart(fixture);
    struct invitation invitation = fixture_invite(fixture, NULL, true);
    struct bytes request = fixture_request(fixture, &party, &invitation);
    assert_int_equal(fixture_apply(fixture, request).state, JOIN_WAITING);
    assert_int_equal(command_on(fixture, HUB_COMMAND_APPROVE, &party), REFUSAL_NOT_YET);
    assert_false(fixture_is_member(fixture, &party));
    struct directory_op op = {
        .kind = DIRECTORY_OP_JOIN, .organisation = party.org, .member = &party.member};
    struct sign_public own;
    memcpy(own.bytes, party.member.sign.bytes, sizeof(own.bytes));
    struct entry_arguments forged = {.signed_entry =
                                         entry_signed_by(fixture, &op, own, &party.secret)};
    assert_int_equal(fixture_command(fixture, ROLE_ADMINISTRATOR, HUB_COMMAND_ENTRY, &forged),
                     REFUSAL_NOT_ALLOWED);
    struct entry_arguments entry = {
        .signed_entry = entry_signed_by(fixture, &op, fixture->params.keys.director_public,
                                        &fixture->director)};
    assert_int_equal(fixture_command(fixture, ROLE_ADMINISTRATOR, HUB_COMMAND_ENTRY, &entry),
                     REFUSAL_NONE);
    assert_true(fixture_is_member(fixture, &party));
    assert_int_equal(fixture_apply(fixture, request).state, JOIN_APPROVED);
    fixture_free(fixture);
}

static void strangers_who_do_not_ask_to_join_get_no_answer(void **state) {
    struct fixture *fixture = fixture_new();
    static int token;
    const struct packet packet = {
        .content = PACKET_HELLO,
        .hello = {.version_min = 1, .version_max = 1, .organisation = org_named("ocmw-a")}};
    struct bytes hello;
    assert_int_equal(packet_encode(&packet, fixture->arena, &hello), 0);
    const struct bytes frames[] = {hello, bytes_from_text("GET / HTTP/1.1\r\n\r\n"), {0}};
    fixture_forget(fixture);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(hub_receive_stranger(fixture->hub, &token, frames[i]), 0);
    }
    fixture_turn(fixture);
    assert_int_equal(fixture->sent_count, 0);
    assert_int_equal(fixture_health(fixture).strangers_refused, 3);
    assert_int_equal(fixture_health(fixture).position.sequence, 1);
    fixture_free(fixture);
}

/* -- the directory on its way -- */

/* A node's copy of the directory, fed with what the hub sent it. */
struct copy {
    struct scratch scratch;
    struct store *store;
    struct store_txn *txn;
    uint64_t messages;
    uint64_t incarnation;
    uint64_t last_number;
};

static void copy_open(struct copy *copy) {
    *copy = (struct copy){.scratch = scratch_new()};
    const struct store_params params = {
        .path = copy->scratch.path, .durability = STORE_VOLATILE, .map_bytes = 64 << 20};
    assert_int_equal(store_open(&params, &copy->store), 0);
    assert_int_equal(store_begin_write(copy->store, &copy->txn), 0);
}

static void copy_close(struct copy *copy) {
    store_abort(copy->txn);
    store_close(copy->store);
    scratch_free(&copy->scratch);
}

static void copy_take_body(struct copy *copy, struct fixture *fixture, struct bytes body) {
    struct bytes *entries;
    size_t count;
    assert_int_equal(directory_decode(body, fixture->arena, &entries, &count), REFUSAL_NONE);
    for (size_t i = 0; i < count; i++) {
        struct directory_checked checked;
        assert_int_equal(directory_check(copy->txn, entries[i], fixture->arena, &checked), 0);
        assert_int_equal(checked.refusal, REFUSAL_NONE);
        assert_int_equal(directory_apply(copy->txn, entries[i], fixture->arena), 0);
    }
}

/* What was captured for the party since the last fixture_forget, in order of its numbers, once
 * each. */
static void copy_take(struct copy *copy, struct fixture *fixture, const struct party *party) {
    for (size_t i = 0; i < fixture->sent_count; i++) {
        struct packet packet;
        struct envelope envelope;
        if (!org_id_equal(&fixture->sent[i].to, &party->org)) {
            continue;
        }
        assert_int_equal(packet_decode(fixture->sent[i].packet, fixture->arena, &packet),
                         REFUSAL_NONE);
        if (packet.content != PACKET_POSTING) {
            continue;
        }
        assert_int_equal(envelope_decode(packet.posting.envelope, fixture->arena, &envelope),
                         REFUSAL_NONE);
        assert_int_equal(envelope.kind, MESSAGE_KIND_DIRECTORY);
        assert_int_equal(envelope.lane, LANE_URGENT);
        if (envelope.number <= copy->last_number && envelope.incarnation == copy->incarnation) {
            continue;
        }
        assert_int_equal(envelope.number, copy->last_number + 1);
        copy->incarnation = envelope.incarnation;
        copy->last_number = envelope.number;
        copy->messages++;
        copy_take_body(copy, fixture, envelope.body);
    }
}

static void assert_whole(struct copy *copy, struct fixture *fixture) {
    struct directory_head theirs;
    struct directory_head ours;
    struct store_txn *view = fixture_read(fixture);
    assert_int_equal(directory_head(copy->txn, &theirs), 0);
    assert_int_equal(directory_head(view, &ours), 0);
    store_abort(view);
    assert_int_equal(theirs.sequence, ours.sequence);
    assert_true(digest_equal(&theirs.hash, &ours.hash));
}

static void every_member_gets_every_entry_and_a_newcomer_the_whole_chain(void **state) {
    enum { MEMBERS = 20 };
    struct fixture *fixture = fixture_new();
    struct party parties[MEMBERS + 1];
    struct copy first;
    struct copy newcomer;
    copy_open(&first);
    for (int i = 0; i <= MEMBERS; i++) {
        char name[16];
        snprintf(name, sizeof(name), "ocmw-%02d", i);
        parties[i] = party_make(name, i + 1);
    }
    for (int i = 0; i < MEMBERS; i++) {
        fixture_forget(fixture);
        fixture_join(fixture, &parties[i]);
        fixture_drain(fixture, &parties[0]);
        copy_take(&first, fixture, &parties[0]);
        assert_whole(&first, fixture);
    }
    assert_int_equal(first.messages, MEMBERS); /* the chain of two, then entry by entry */
    copy_open(&newcomer);
    fixture_forget(fixture);
    fixture_join(fixture, &parties[MEMBERS]);
    copy_take(&newcomer, fixture, &parties[MEMBERS]);
    assert_whole(&newcomer, fixture);
    assert_int_equal(newcomer.messages, 2); /* 22 entries, 16 a message */
    for (int i = 0; i < MEMBERS; i++) {
        assert_non_null(fixture_packet(fixture, &parties[i], PACKET_POSTING));
    }
    copy_close(&first);
    copy_close(&newcomer);
    fixture_free(fixture);
}

static size_t postings_to(struct fixture *fixture, const struct party *party) {
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

/* What isn't receipted comes again: after a while, and when the member greets. */
static void an_entry_is_sent_until_it_is_receipted(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    struct party b = party_make("ocmw-b", 2);
    fixture_join(fixture, &a);
    fixture_forget(fixture);
    fixture_join(fixture, &b);
    assert_int_equal(postings_to(fixture, &a), 1);
    fixture->now_ms += 3000;
    fixture_tick(fixture);
    assert_int_equal(postings_to(fixture, &a), 2);
    fixture_hello(fixture, &a, 0);
    assert_int_equal(postings_to(fixture, &a), 3);
    fixture_drain(fixture, &a);
    fixture->now_ms += HOUR_MS;
    fixture_tick(fixture);
    fixture_hello(fixture, &a, 0);
    assert_int_equal(postings_to(fixture, &a), 3);
    assert_int_equal(fixture_count(fixture, TABLE_OUTBOX), 0);
    fixture_free(fixture);
}

static void a_repeated_or_foreign_receipt_makes_no_fact(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    fixture_join(fixture, &a);
    uint64_t facts = fixture_facts(fixture, FACT_RECEIVED);
    assert_int_equal(facts, 1);
    fixture_drain(fixture, &a);
    assert_int_equal(fixture_facts(fixture, FACT_RECEIVED), facts);
    struct party impostor = a;
    impostor.secret = party_make("ocmw-b", 2).secret;
    fixture_drain(fixture, &impostor);
    assert_int_equal(fixture_refusals(fixture, REFUSAL_BAD_SIGNATURE), 1);
    assert_int_equal(fixture_facts(fixture, FACT_RECEIVED), facts);
    fixture_free(fixture);
}

/* -- members that lost what they had -- */

static void hello_from(struct fixture *fixture, const struct party *party, uint64_t sequence) {
    const struct packet packet = {.content = PACKET_HELLO,
                                  .hello = {.version_min = 1,
                                            .version_max = 1,
                                            .organisation = party->org,
                                            .now_ms = fixture->now_ms,
                                            .directory = {.sequence = sequence}}};
    struct bytes frame;
    assert_int_equal(packet_encode(&packet, fixture->arena, &frame), 0);
    fixture_push(fixture, party, frame);
    fixture_turn(fixture);
}

/* The same keys on an empty disk: all was receipted once, and is gone. */
static void a_node_with_an_empty_store_gets_the_whole_directory_again(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    struct party b = party_make("ocmw-b", 2);
    struct copy copy;
    fixture_join(fixture, &a);
    fixture_forget(fixture);
    fixture_join(fixture, &b);
    fixture_drain(fixture, &a);
    assert_int_equal(fixture_count(fixture, TABLE_OUTBOX), 0);
    fixture_forget(fixture);
    hello_from(fixture, &a, 0);
    hello_from(fixture, &a, 0); /* it waits already: no third time */
    assert_int_equal(fixture_facts(fixture, FACT_DIRECTORY_AGAIN), 1);
    copy_open(&copy);
    copy_take(&copy, fixture, &a);
    assert_whole(&copy, fixture);
    copy_close(&copy);
    fixture_drain(fixture, &a);
    assert_int_equal(fixture_count(fixture, TABLE_OUTBOX), 0);
    fixture_hello(fixture, &a, 0);
    assert_int_equal(fixture_facts(fixture, FACT_DIRECTORY_AGAIN), 1);
    fixture_free(fixture);
}

/* From a backup that ends before an entry which it once receipted, with a later one under way. */
static void a_node_put_back_from_a_backup_gets_what_it_misses(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    struct party b = party_make("ocmw-b", 2);
    struct party c = party_make("ocmw-c", 3);
    struct copy copy;
    fixture_join(fixture, &a);
    copy_open(&copy);
    copy_take(&copy, fixture, &a);
    assert_whole(&copy, fixture);
    fixture_forget(fixture);
    fixture_join(fixture, &b);
    fixture_drain(fixture, &a);
    fixture_join(fixture, &c);
    fixture_forget(fixture);
    hello_from(fixture, &a, 2);
    assert_int_equal(fixture_facts(fixture, FACT_DIRECTORY_AGAIN), 1);
    copy.last_number = 0;
    copy_take(&copy, fixture, &a);
    assert_whole(&copy, fixture);
    assert_int_equal(copy.incarnation, 2);
    copy_close(&copy);
    fixture_free(fixture);
}

/* -- leaving -- */

static void revoking_tells_the_others_and_cuts_the_one(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    struct party b = party_make("ocmw-b", 2);
    fixture_join(fixture, &a);
    fixture_join(fixture, &b);
    fixture_drain(fixture, &a);
    fixture_forget(fixture);
    assert_int_equal(command_on(fixture, HUB_COMMAND_REVOKE, &a), REFUSAL_NONE);
    assert_int_equal(fixture->cut_count, 1);
    assert_true(org_id_equal(&fixture->cut[0], &a.org));
    assert_false(fixture_is_member(fixture, &a));
    assert_int_equal(postings_to(fixture, &b), 1);
    assert_int_equal(postings_to(fixture, &a), 0);
    assert_int_equal(fixture_count(fixture, TABLE_OUTBOX), 1); /* b's */
    assert_int_equal(command_on(fixture, HUB_COMMAND_REVOKE, &a), REFUSAL_REVOKED);
    fixture_free(fixture);
}

/* An organisation that comes back is a node with an empty inbox: its first message must be number
 * 1, or it would wait for ever for those before. */
static void who_comes_back_gets_the_whole_chain_from_number_one(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    struct party again = party_make("ocmw-a", 3);
    struct party b = party_make("ocmw-b", 2);
    struct copy copy;
    fixture_join(fixture, &a);
    fixture_join(fixture, &b); /* one entry more for a, which it never receipts */
    assert_int_equal(command_on(fixture, HUB_COMMAND_REVOKE, &a), REFUSAL_NONE);
    fixture_forget(fixture);
    fixture_join(fixture, &again);
    assert_true(fixture_is_member(fixture, &again));
    copy_open(&copy);
    copy_take(&copy, fixture, &again);
    assert_whole(&copy, fixture);
    assert_int_equal(fixture_count(fixture, TABLE_OUTBOX), 2); /* b's: revoked, joined again */
    copy_close(&copy);
    fixture_free(fixture);
}

/* -- a member's own word -- */

static struct mail update_mail(struct fixture *fixture, struct party *by, struct directory_op *op,
                               const struct party *signer) {
    struct sign_public key;
    memcpy(key.bytes, signer->member.sign.bytes, sizeof(key.bytes));
    return mail_next(fixture, by, MESSAGE_KIND_MEMBER_UPDATE,
                     entry_signed_by(fixture, op, key, &signer->secret));
}

static struct membership membership_of(struct fixture *fixture, const struct party *party) {
    struct store_txn *view = fixture_read(fixture);
    struct membership membership;
    assert_int_equal(member_get(view, &party->org, fixture->arena, &membership), 0);
    store_abort(view);
    return membership;
}

static void a_member_moves_its_own_endpoint(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    struct party b = party_make("ocmw-b", 2);
    fixture_join(fixture, &a);
    fixture_join(fixture, &b);
    struct member moved = {.endpoint = "tcp://10.0.0.7:7300"};
    struct directory_op op = {
        .kind = DIRECTORY_OP_ENDPOINT, .organisation = a.org, .member = &moved};
    struct mail mail = update_mail(fixture, &a, &op, &a);
    assert_taken(fixture_post(fixture, &a, &mail));
    assert_string_equal(membership_of(fixture, &a).member.endpoint, "tcp://10.0.0.7:7300");
    assert_string_equal(membership_of(fixture, &a).member.name, "OCMW 1");
    assert_int_equal(postings_to(fixture, &b), 1);
    assert_int_equal(fixture_facts(fixture, FACT_UPDATE), 1);
    fixture_free(fixture);
}

static void nobody_changes_another_members_record(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    struct party b = party_make("ocmw-b", 2);
    fixture_join(fixture, &a);
    fixture_join(fixture, &b);
    struct member moved = {.endpoint = "tcp://10.0.0.7:7300"};
    struct directory_op op = {
        .kind = DIRECTORY_OP_ENDPOINT, .organisation = b.org, .member = &moved};
    struct mail own_signature = update_mail(fixture, &a, &op, &a);
    assert_refused(fixture_post(fixture, &a, &own_signature), REFUSAL_NOT_ALLOWED);
    struct mail stolen = update_mail(fixture, &a, &op, &b);
    assert_refused(fixture_post(fixture, &a, &stolen), REFUSAL_NOT_ALLOWED);
    assert_string_equal(membership_of(fixture, &b).member.endpoint, "");
    assert_int_equal(fixture_facts(fixture, FACT_UPDATE), 0);
    fixture_free(fixture);
}

/* Its role, its catchment and its keys of transport are the directors' to give. */
static void a_member_may_not_decide_what_directors_decide(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    fixture_join(fixture, &a);
    struct member role = {.kind = ORG_KIND_OTHER,
                          .competence = COMPETENCE_OPEN,
                          .role = MEMBER_ROLE_HUB,
                          .may_take_consent = CONSENT_RIGHT_FULL};
    struct directory_op op = {.kind = DIRECTORY_OP_ROLE, .organisation = a.org, .member = &role};
    struct mail mail = update_mail(fixture, &a, &op, &a);
    assert_refused(fixture_post(fixture, &a, &mail), REFUSAL_NOT_ALLOWED);
    assert_int_equal(membership_of(fixture, &a).member.kind, ORG_KIND_OCMW);
    fixture_free(fixture);
}

static void a_member_leaves_by_its_own_word(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    fixture_join(fixture, &a);
    struct directory_op op = {
        .kind = DIRECTORY_OP_LEAVE, .organisation = a.org, .reason = "merged"};
    struct mail mail = update_mail(fixture, &a, &op, &a);
    fixture_post(fixture, &a, &mail);
    assert_false(fixture_is_member(fixture, &a));
    assert_true(membership_of(fixture, &a).left);
    assert_int_equal(fixture->cut_count, 1);
    fixture_free(fixture);
}

/* The entry with bytes behind it that a newer version might put there. */
static struct bytes padded(struct fixture *fixture, struct bytes signed_entry, size_t total) {
    uint8_t *bytes = arena_alloc(fixture->arena, total, 1);
    size_t run = total - signed_entry.length - 5;
    assert_non_null(bytes);
    memcpy(bytes, signed_entry.data, signed_entry.length);
    const uint8_t head[5] = {0x9a, 0x06, (uint8_t)(0x80 | (run & 0x7f)),
                             (uint8_t)(0x80 | (run >> 7 & 0x7f)), (uint8_t)(run >> 14)};
    memcpy(bytes + signed_entry.length, head, sizeof(head)); /* field 99, a run */
    return (struct bytes){.data = bytes, .length = total};
}

/* A member could else stop whoever joins after it: sixteen entries together above what one
 * message may hold. */
static void large_entries_go_to_a_newcomer_in_more_messages(void **state) {
    enum { ENTRIES = 18, ENTRY_BYTES = 18 << 10 };
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    struct party newcomer = party_make("ocmw-b", 2);
    struct copy copy;
    fixture_join(fixture, &a);
    for (int i = 0; i < ENTRIES; i++) {
        struct member moved = {.endpoint = "tcp://10.0.0.7:7300"};
        struct directory_op op = {
            .kind = DIRECTORY_OP_ENDPOINT, .organisation = a.org, .member = &moved};
        struct mail mail = update_mail(fixture, &a, &op, &a);
        struct bytes entry = mail.envelope.body;
        mail.envelope.body = padded(fixture, entry, ENTRY_BYTES + 1);
        struct mail too_large = mail;
        assert_refused(fixture_post(fixture, &a, &too_large), REFUSAL_TOO_LARGE);
        mail = update_mail(fixture, &a, &op, &a);
        mail.envelope.body = padded(fixture, entry, ENTRY_BYTES);
        assert_taken(fixture_post(fixture, &a, &mail));
    }
    fixture_forget(fixture);
    fixture_join(fixture, &newcomer);
    copy_open(&copy);
    copy_take(&copy, fixture, &newcomer);
    assert_whole(&copy, fixture);
    copy_close(&copy);
    fixture_free(fixture);
}

/* -- clocks -- */

static struct bytes dated_entry(struct fixture *fixture, const struct party *party,
                                int64_t time_ms) {
    struct directory_op op = {
        .kind = DIRECTORY_OP_LEAVE, .organisation = party->org, .reason = "merged"};
    struct directory_draft draft = {.now_ms = time_ms, .ops = &op, .op_count = 1};
    struct directory_signer signer = {.secret = &party->secret};
    memcpy(signer.public_key.bytes, party->member.sign.bytes, sizeof(signer.public_key.bytes));
    struct store_txn *view = fixture_read(fixture);
    struct bytes entry;
    struct bytes signed_entry;
    assert_int_equal(directory_compose(view, &draft, fixture->arena, &entry), 0);
    assert_int_equal(directory_sign(entry, &signer, 1, fixture->arena, &signed_entry), 0);
    store_abort(view);
    return signed_entry;
}

static void without_room_one_may_be_revoked_but_nobody_invited(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    const struct invite_arguments invite = {.invitation = {5}};
    fixture_join(fixture, &a);
    fixture->short_of_room = true;
    assert_int_equal(fixture_command(fixture, ROLE_COORDINATOR, HUB_COMMAND_INVITE, &invite),
                     REFUSAL_NO_ROOM);
    struct mail mail = mail_next(fixture, &a, MESSAGE_KIND_STATUS, bytes_from_text("poison"));
    assert_not_taken(fixture_post(fixture, &a, &mail), REFUSAL_NO_ROOM);
    mail.envelope.version = WIRE_VERSION + 1;
    assert_not_taken(fixture_post(fixture, &a, &mail), REFUSAL_NO_ROOM);
    assert_int_equal(command_on(fixture, HUB_COMMAND_REVOKE, &a), REFUSAL_NONE);
    assert_int_equal(fixture->cut_count, 1);
    fixture->short_of_room = false;
    assert_int_equal(fixture_command(fixture, ROLE_COORDINATOR, HUB_COMMAND_INVITE, &invite),
                     REFUSAL_NONE);
    fixture_free(fixture);
}

static bool dies(void *context) {
    return *(bool *)context;
}

/* An entry that was never written has ended nobody's membership. */
static void nobody_is_cut_before_the_entry_is_durable(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    bool dying = false;
    fixture_stop(fixture);
    fixture->params.faults = (struct turn_faults){.context = &dying, .die_before_commit = dies};
    fixture_start(fixture);
    fixture_join(fixture, &a);
    fixture_forget(fixture);
    dying = true;
    const struct member_arguments arguments = {.org = a.org};
    const struct command command = {.id = fixture_id(fixture),
                                    .actor = {.role = ROLE_COORDINATOR},
                                    .kind = HUB_COMMAND_REVOKE,
                                    .arguments = &arguments};
    assert_int_equal(hub_command(fixture->hub, &command), 0);
    assert_int_equal(hub_turn(fixture->hub, fixture->now_ms, &fixture->rng, false), ERR_CANCELLED);
    assert_int_equal(fixture->cut_count, 0);
    dying = false;
    fixture_restart(fixture);
    assert_true(fixture_is_member(fixture, &a));
    assert_int_equal(command_on(fixture, HUB_COMMAND_REVOKE, &a), REFUSAL_NONE);
    assert_int_equal(fixture->cut_count, 1);
    fixture_free(fixture);
}

/* One entry from next year would make every later one "more than an hour before the last". */
static void an_entry_from_the_future_is_not_taken(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    struct party b = party_make("ocmw-b", 2);
    fixture_join(fixture, &a);
    fixture_join(fixture, &b);
    const int64_t halt_ms = 60 * (int64_t)MINUTE_MS;
    struct mail mail = mail_next(fixture, &a, MESSAGE_KIND_MEMBER_UPDATE,
                                 dated_entry(fixture, &a, fixture->now_ms + halt_ms + 1));
    assert_not_taken(fixture_post(fixture, &a, &mail), REFUSAL_CLOCK_OFF);
    const struct entry_arguments entry = {
        .signed_entry = dated_entry(fixture, &a, fixture->now_ms + halt_ms + 1)};
    assert_int_equal(fixture_command(fixture, ROLE_ADMINISTRATOR, HUB_COMMAND_ENTRY, &entry),
                     REFUSAL_CLOCK_OFF);
    assert_true(fixture_is_member(fixture, &a));
    mail.envelope.body = dated_entry(fixture, &a, fixture->now_ms + halt_ms);
    fixture_post(fixture, &a, &mail);
    assert_false(fixture_is_member(fixture, &a));
    /* The next one still fits behind it, though its clock is an hour earlier. */
    assert_int_equal(command_on(fixture, HUB_COMMAND_REVOKE, &b), REFUSAL_NONE);
    fixture_free(fixture);
}

/* Revoking can't wait for a clock; joining can. */
static void by_a_halted_clock_nobody_joins_but_one_may_be_revoked(void **state) {
    struct fixture *fixture = fixture_new();
    struct party parties[4];
    for (int i = 0; i < 4; i++) {
        char name[16];
        snprintf(name, sizeof(name), "ocmw-%d", i);
        parties[i] = party_make(name, i + 1);
    }
    for (int i = 0; i < 3; i++) {
        fixture_join(fixture, &parties[i]);
    }
    struct invitation invitation = fixture_invite(fixture, NULL, false);
    struct bytes request = fixture_request(fixture, &parties[3], &invitation);
    assert_int_equal(fixture_apply(fixture, request).state, JOIN_WAITING);
    int64_t true_ms = fixture->now_ms;
    fixture->now_ms += 365 * (int64_t)DAY_MS;
    for (int i = 0; i < 3; i++) {
        fixture_hello(fixture, &parties[i], -365 * (int64_t)DAY_MS);
    }
    fixture_tick(fixture);
    assert_true(fixture_health(fixture).clock_halted);
    assert_int_equal(command_on(fixture, HUB_COMMAND_APPROVE, &parties[3]), REFUSAL_CLOCK_OFF);
    assert_int_equal(command_on(fixture, HUB_COMMAND_REVOKE, &parties[0]), REFUSAL_NONE);
    assert_false(fixture_is_member(fixture, &parties[0]));
    fixture->now_ms = true_ms;
    for (int i = 1; i < 3; i++) {
        fixture_hello(fixture, &parties[i], 0);
    }
    for (int i = 0; i < 601; i++) { /* until a clock that jumped is believed */
        fixture_tick(fixture);
    }
    assert_false(fixture_health(fixture).clock_halted);
    assert_int_equal(command_on(fixture, HUB_COMMAND_APPROVE, &parties[3]), REFUSAL_NONE);
    fixture_free(fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_invitation_is_used_once),
        cmocka_unit_test(the_same_request_again_gets_the_same_answer),
        cmocka_unit_test(an_invitation_ends_at_its_time),
        cmocka_unit_test(an_invitation_for_another_organisation_is_refused),
        cmocka_unit_test(a_wrong_proof_or_an_unknown_invitation_is_refused),
        cmocka_unit_test(an_invitation_is_made_once_under_its_id),
        cmocka_unit_test(an_applicant_waits_for_approval),
        cmocka_unit_test(who_was_declined_is_told_and_may_be_invited_again),
        cmocka_unit_test(approving_or_declining_nobody_is_refused),
        cmocka_unit_test(without_the_directors_key_approval_waits_for_an_entry_signed_elsewhere),
        cmocka_unit_test(strangers_who_do_not_ask_to_join_get_no_answer),
        cmocka_unit_test(every_member_gets_every_entry_and_a_newcomer_the_whole_chain),
        cmocka_unit_test(an_entry_is_sent_until_it_is_receipted),
        cmocka_unit_test(a_repeated_or_foreign_receipt_makes_no_fact),
        cmocka_unit_test(a_node_with_an_empty_store_gets_the_whole_directory_again),
        cmocka_unit_test(a_node_put_back_from_a_backup_gets_what_it_misses),
        cmocka_unit_test(revoking_tells_the_others_and_cuts_the_one),
        cmocka_unit_test(who_comes_back_gets_the_whole_chain_from_number_one),
        cmocka_unit_test(a_member_moves_its_own_endpoint),
        cmocka_unit_test(nobody_changes_another_members_record),
        cmocka_unit_test(a_member_may_not_decide_what_directors_decide),
        cmocka_unit_test(a_member_leaves_by_its_own_word),
        cmocka_unit_test(large_entries_go_to_a_newcomer_in_more_messages),
        cmocka_unit_test(without_room_one_may_be_revoked_but_nobody_invited),
        cmocka_unit_test(nobody_is_cut_before_the_entry_is_durable),
        cmocka_unit_test(an_entry_from_the_future_is_not_taken),
        cmocka_unit_test(by_a_halted_clock_nobody_joins_but_one_may_be_revoked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
