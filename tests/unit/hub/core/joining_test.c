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
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_APPROVE, &party), REFUSAL_NONE);
    assert_true(fixture_is_member(fixture, &party));
    assert_int_equal(fixture_apply(fixture, request).state, JOIN_APPROVED);
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_APPROVE, &party), REFUSAL_NOT_FOUND);
    fixture_free(fixture);
}

static void who_was_declined_is_told_and_may_be_invited_again(void **state) {
    struct fixture *fixture = fixture_new();
    struct party party = party_make("ocmw-a", 1);
    struct invitation invitation = fixture_invite(fixture, NULL, false);
    struct bytes request = fixture_request(fixture, &party, &invitation);
    assert_int_equal(fixture_apply(fixture, request).state, JOIN_WAITING);
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_DECLINE, &party), REFUSAL_NONE);
    assert_int_equal(fixture_apply(fixture, request).state, JOIN_REFUSED);
    assert_false(fixture_is_member(fixture, &party));
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_APPROVE, &party), REFUSAL_NOT_FOUND);
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_DECLINE, &party), REFUSAL_NOT_FOUND);
    fixture_join(fixture, &party);
    assert_true(fixture_is_member(fixture, &party));
    fixture_free(fixture);
}

static void who_waits_may_correct_its_application_with_the_same_key(void **state) {
    struct fixture *fixture = fixture_new();
    struct party party = party_make("ocmw-a", 1);
    struct invitation first = fixture_invite(fixture, NULL, false);
    struct invitation second = fixture_invite(fixture, NULL, false);
    assert_int_equal(apply_with(fixture, &party, &first).state, JOIN_WAITING);
    party.member.may_sanction = !party.member.may_sanction;
    assert_int_equal(apply_with(fixture, &party, &second).state, JOIN_WAITING);
    assert_int_equal(fixture_facts(fixture, FACT_APPLIED), 2);
    fixture_restart(fixture);
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_APPROVE, &party), REFUSAL_NONE);
    struct membership membership;
    struct store_txn *view = fixture_read(fixture);
    assert_int_equal(member_get(view, &party.org, fixture->arena, &membership), 0);
    store_abort(view);
    assert_int_equal(membership.member.may_sanction, party.member.may_sanction);
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_APPROVE, &party), REFUSAL_NOT_FOUND);
    fixture_free(fixture);
}

static void another_key_does_not_take_the_place_of_who_waits_until_that_is_declined(void **state) {
    struct fixture *fixture = fixture_new();
    struct party party = party_make("ocmw-a", 1);
    struct party other = party_make("ocmw-a", 2);
    struct invitation first = fixture_invite(fixture, NULL, false);
    struct invitation second = fixture_invite(fixture, NULL, false);
    assert_int_equal(apply_with(fixture, &party, &first).state, JOIN_WAITING);
    assert_join_refused(fixture, &other, &second, REFUSAL_EXISTS);
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_DECLINE, &party), REFUSAL_NONE);
    assert_int_equal(apply_with(fixture, &other, &second).state, JOIN_WAITING);
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_APPROVE, &other), REFUSAL_NONE);
    assert_true(fixture_is_member(fixture, &other));
    fixture_free(fixture);
}

static void approving_or_declining_nobody_is_refused(void **state) {
    struct fixture *fixture = fixture_new();
    struct party party = party_make("ocmw-a", 1);
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_APPROVE, &party), REFUSAL_NOT_FOUND);
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_DECLINE, &party), REFUSAL_NOT_FOUND);
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_REVOKE, &party), REFUSAL_NOT_FOUND);
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_LEAVE, &party), REFUSAL_NOT_FOUND);
    fixture_free(fixture);
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
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_APPROVE, &party), REFUSAL_NOT_YET);
    assert_false(fixture_is_member(fixture, &party));
    struct directory_op op = {
        .kind = DIRECTORY_OP_JOIN, .organisation = party.org, .member = &party.member};
    struct sign_public own;
    memcpy(own.bytes, party.member.sign.bytes, sizeof(own.bytes));
    struct entry_arguments forged = {.signed_entry =
                                         fixture_signed_entry(fixture, &op, own, &party.secret)};
    assert_int_equal(fixture_command(fixture, ROLE_ADMINISTRATOR, HUB_COMMAND_ENTRY, &forged),
                     REFUSAL_NOT_ALLOWED);
    struct entry_arguments entry = {
        .signed_entry = fixture_signed_entry(fixture, &op, fixture->params.keys.director_public,
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

/* -- a member's own word -- */

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
    struct mail mail = fixture_update_mail(fixture, &a, &op, &a);
    assert_taken(fixture_post(fixture, &a, &mail));
    assert_string_equal(membership_of(fixture, &a).member.endpoint, "tcp://10.0.0.7:7300");
    assert_string_equal(membership_of(fixture, &a).member.name, "OCMW 1");
    assert_int_equal(fixture_postings_to(fixture, &b), 1);
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
    struct mail own_signature = fixture_update_mail(fixture, &a, &op, &a);
    assert_refused(fixture_post(fixture, &a, &own_signature), REFUSAL_NOT_ALLOWED);
    struct mail stolen = fixture_update_mail(fixture, &a, &op, &b);
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
    struct mail mail = fixture_update_mail(fixture, &a, &op, &a);
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
    struct mail mail = fixture_update_mail(fixture, &a, &op, &a);
    fixture_post(fixture, &a, &mail);
    assert_false(fixture_is_member(fixture, &a));
    assert_true(membership_of(fixture, &a).left);
    assert_int_equal(fixture->cut_count, 1);
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
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_REVOKE, &a), REFUSAL_NONE);
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
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_REVOKE, &a), REFUSAL_NONE);
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
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_REVOKE, &b), REFUSAL_NONE);
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
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_APPROVE, &parties[3]),
                     REFUSAL_CLOCK_OFF);
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_REVOKE, &parties[0]), REFUSAL_NONE);
    assert_false(fixture_is_member(fixture, &parties[0]));
    fixture->now_ms = true_ms;
    for (int i = 1; i < 3; i++) {
        fixture_hello(fixture, &parties[i], 0);
    }
    for (int i = 0; i < 601; i++) { /* until a clock that jumped is believed */
        fixture_tick(fixture);
    }
    assert_false(fixture_health(fixture).clock_halted);
    assert_int_equal(fixture_command_on(fixture, HUB_COMMAND_APPROVE, &parties[3]), REFUSAL_NONE);
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
        cmocka_unit_test(who_waits_may_correct_its_application_with_the_same_key),
        cmocka_unit_test(another_key_does_not_take_the_place_of_who_waits_until_that_is_declined),
        cmocka_unit_test(approving_or_declining_nobody_is_refused),
        cmocka_unit_test(without_the_directors_key_approval_waits_for_an_entry_signed_elsewhere),
        cmocka_unit_test(strangers_who_do_not_ask_to_join_get_no_answer),
        cmocka_unit_test(a_member_moves_its_own_endpoint),
        cmocka_unit_test(nobody_changes_another_members_record),
        cmocka_unit_test(a_member_may_not_decide_what_directors_decide),
        cmocka_unit_test(a_member_leaves_by_its_own_word),
        cmocka_unit_test(without_room_one_may_be_revoked_but_nobody_invited),
        cmocka_unit_test(nobody_is_cut_before_the_entry_is_durable),
        cmocka_unit_test(an_entry_from_the_future_is_not_taken),
        cmocka_unit_test(by_a_halted_clock_nobody_joins_but_one_may_be_revoked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
