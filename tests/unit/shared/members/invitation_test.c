#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/base/limits.h"
#include "shared/members/invitation.h"
#include "tests/unit/shared/members/region.h"

static struct invitation sample(void) {
    struct invitation invitation = {
        .id = {{1, 2, 3, 250, 9, 77, 31, 8, 121, 45, 6, 200, 13}},
        .secret = {9, 8, 7, 99, 42, 180, 23},
        .fingerprint = {{0xab, 0xcd}},
        .hub_curve = key_of(HUB_CURVE),
        .expires_ms = region_start_ms,
        .join_endpoint = "tcp://hub.example.org:7301",
        .endpoint = "tcp://hub.example.org:7300",
        .region = "Zuid-West-Vlaanderen",
    };
    assert_int_equal(hub_id_parse("kortrijk", &invitation.hub), 0);
    return invitation;
}

static void expect_same(const struct invitation *read, const struct invitation *given) {
    assert_memory_equal(&read->id, &given->id, sizeof(given->id));
    assert_memory_equal(read->secret, given->secret, sizeof(given->secret));
    assert_true(digest_equal(&read->fingerprint, &given->fingerprint));
    assert_memory_equal(&read->hub_curve, &given->hub_curve, sizeof(given->hub_curve));
    assert_int_equal(read->expires_ms, given->expires_ms);
    assert_true(hub_id_equal(&read->hub, &given->hub));
    assert_string_equal(read->join_endpoint, given->join_endpoint);
    assert_string_equal(read->endpoint, given->endpoint);
    assert_string_equal(read->region, given->region);
}

static void an_invitation_is_read_back_as_it_was_written(void **state) {
    struct invitation invitation = sample();
    struct invitation read;
    char text[INVITATION_TEXT_SIZE];
    size_t place = 9;
    invitation_format(&invitation, text);
    assert_memory_equal(text, "vangnet1:", 9);
    assert_int_equal(invitation_parse(text, &read, &place), REFUSAL_NONE);
    assert_int_equal(place, 0);
    expect_same(&read, &invitation);
    memset(invitation.join_endpoint, 'x', sizeof(invitation.join_endpoint) - 1);
    memset(invitation.endpoint, 'y', sizeof(invitation.endpoint) - 1);
    memset(invitation.region, 'z', sizeof(invitation.region) - 1);
    memset(invitation.hub.text, 'h', sizeof(invitation.hub.text) - 1);
    invitation_format(&invitation, text);
    assert_int_equal(invitation_parse(text, &read, &place), REFUSAL_NONE);
    expect_same(&read, &invitation);
}

/* From tests/fuzz/wire_corpus.py, which shares no code with us and tries all pairs of checks. */
static void an_invitation_is_spelled_as_an_independent_program_spells_it(void **state) {
    static const char expected[] =
        "vangnet1:040020G30G2GC1J8-R81450P30D1R7PEE-8SB6CXM6JTKBDHYD-PPWVVGE5"
        "S76001MA-081G81860W40J2VD-GB1G6GW3RG2491VY-650N2RBHG68T3CHC-E1T7GZ3W"
        "F1T70VE4-38CHG5RP2MA164K1-GH207GW38C1C50XT-J2070R2G80R204XP-000001M3"
        "250V00A0-11NPYWKME9MPMTJZ-RTEHHQ0EHF5XM7MM-ARHECNW62VBGDHYE-JJWVVJCW"
        "X3ECSGYN-64D78RVG78QJYTBP-3NC8Q6AY31DNR6FW-RS9EDXS6EEHQ6CAF-R3022QCN"
        "SQ8T3FQJ-CNNWAF7SGCK4";
    struct invitation invitation = {
        .expires_ms = region_start_ms,
        .hub = {"kortrijk"},
        .join_endpoint = "tcp://hub.example.org:7301",
        .endpoint = "tcp://hub.example.org:7300",
        .region = "Westhoek",
    };
    for (uint8_t i = 0; i < 32; i++) {
        invitation.id.bytes[i % 16] = i % 16;
        invitation.secret[i % 16] = (uint8_t)(100 + i % 16);
        invitation.fingerprint.bytes[i] = i;
        invitation.hub_curve.bytes[i] = (uint8_t)(31 - i);
    }
    char text[INVITATION_TEXT_SIZE];
    invitation_format(&invitation, text);
    assert_string_equal(text, expected);
}

static void spaces_line_breaks_case_and_look_alikes_do_not_matter(void **state) {
    const struct invitation invitation = sample();
    struct invitation read;
    char text[INVITATION_TEXT_SIZE];
    char loose[4 * INVITATION_TEXT_SIZE];
    size_t place;
    size_t length = 0;
    invitation_format(&invitation, text);
    for (size_t i = 0; text[i] != '\0'; i++) {
        char c = text[i];
        if (c >= 'A' && c <= 'Z') {
            c = (char)(c - 'A' + 'a');
        }
        if (i >= 9) {
            c = c == '0' ? 'O' : c == '1' && i % 2 == 0 ? 'I' : c == '1' ? 'l' : c;
        }
        loose[length++] = c;
        if (i % 7 == 0) {
            loose[length++] = i % 2 == 0 ? ' ' : '\n';
        }
    }
    loose[length] = '\0';
    assert_int_equal(invitation_parse(loose, &read, &place), REFUSAL_NONE);
    expect_same(&read, &invitation);
}

/* Every place, every other symbol of the alphabet. */
static void a_mistyped_character_is_refused_with_its_place(void **state) {
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const struct invitation invitation = sample();
    struct invitation read;
    char text[INVITATION_TEXT_SIZE];
    size_t place;
    invitation_format(&invitation, text);
    for (size_t i = 9; text[i] != '\0'; i++) {
        char right = text[i];
        for (size_t k = 0; right != '-' && k < 32; k++) {
            if (alphabet[k] == right) {
                continue;
            }
            text[i] = alphabet[k];
            assert_int_equal(invitation_parse(text, &read, &place), REFUSAL_MALFORMED);
            assert_int_equal(place, i + 1);
        }
        text[i] = right;
    }
}

static void a_character_that_is_no_symbol_is_refused_with_its_place(void **state) {
    const struct invitation invitation = sample();
    struct invitation read;
    char text[INVITATION_TEXT_SIZE];
    size_t place;
    invitation_format(&invitation, text);
    text[40] = 'u';
    assert_int_equal(invitation_parse(text, &read, &place), REFUSAL_MALFORMED);
    assert_int_equal(place, 41);
}

/* Group 2 spans the places 27 to 42: nine of prefix, sixteen and a dash before it. */
static void swapped_lost_or_doubled_characters_are_refused_near_their_place(void **state) {
    const struct invitation invitation = sample();
    struct invitation read;
    char good[INVITATION_TEXT_SIZE];
    char text[INVITATION_TEXT_SIZE + 1];
    size_t place;
    invitation_format(&invitation, good);
    memcpy(text, good, sizeof(good));
    size_t at = 30;
    while (good[at] == good[at + 1]) {
        at++;
    }
    text[at] = good[at + 1];
    text[at + 1] = good[at];
    assert_int_equal(invitation_parse(text, &read, &place), REFUSAL_MALFORMED);
    assert_in_range(place, 27, 42);
    memcpy(text, good, 30);
    memcpy(text + 30, good + 31, strlen(good + 31) + 1);
    assert_int_equal(invitation_parse(text, &read, &place), REFUSAL_MALFORMED);
    assert_true(place >= 27);
    memcpy(text + 31, good + 30, strlen(good + 30) + 1);
    text[30] = good[30];
    assert_int_equal(invitation_parse(text, &read, &place), REFUSAL_MALFORMED);
    assert_true(place >= 27);
}

static void groups_that_changed_places_are_refused(void **state) {
    const struct invitation invitation = sample();
    struct invitation read;
    char text[INVITATION_TEXT_SIZE];
    char group[16];
    size_t place;
    invitation_format(&invitation, text);
    memcpy(group, text + 9, 16);
    memcpy(text + 9, text + 26, 16);
    memcpy(text + 26, group, 16);
    assert_int_equal(invitation_parse(text, &read, &place), REFUSAL_MALFORMED);
}

static void an_invitation_cut_anywhere_is_refused(void **state) {
    const struct invitation invitation = sample();
    struct invitation read;
    char text[INVITATION_TEXT_SIZE];
    size_t place;
    invitation_format(&invitation, text);
    for (size_t length = strlen(text); length-- > 0;) {
        text[length] = '\0';
        assert_int_equal(invitation_parse(text, &read, &place), REFUSAL_MALFORMED);
    }
}

static void what_is_no_invitation_or_of_another_version_is_refused(void **state) {
    struct invitation read;
    size_t place;
    char *long_text = malloc(8192);
    memset(long_text, ' ', 8191);
    long_text[8191] = '\0';
    assert_int_equal(invitation_parse("", &read, &place), REFUSAL_MALFORMED);
    assert_int_equal(place, 1);
    assert_int_equal(invitation_parse("https://x", &read, &place), REFUSAL_MALFORMED);
    assert_int_equal(invitation_parse("vangnet1:", &read, &place), REFUSAL_MALFORMED);
    assert_int_equal(invitation_parse("vangnet2:AAAA", &read, &place), REFUSAL_UNKNOWN_VERSION);
    assert_int_equal(invitation_parse("vangnet12:AAAA", &read, &place), REFUSAL_UNKNOWN_VERSION);
    assert_int_equal(invitation_parse(long_text, &read, &place), REFUSAL_TOO_LARGE);
    free(long_text);
}

/* From reference.py, which shares no code with us. */
static void key_and_proof_are_what_an_independent_program_makes(void **state) {
    uint8_t secret[16];
    uint8_t expected[32];
    for (size_t i = 0; i < 16; i++) {
        secret[i] = (uint8_t)i;
    }
    struct digest key = invitation_key(secret);
    struct digest proof = invitation_proof(&key, bytes_from_text("an application"));
    assert_int_equal(hex_decode("a3297eda42d0760ab462110ccea5602b9437bfc6e0f0bf3d1bf161950ab19d99",
                                expected, sizeof(expected)),
                     0);
    assert_memory_equal(key.bytes, expected, 32);
    assert_int_equal(hex_decode("c8051a4331b20cdc8d2a63e2f65c82e171900d8e31b55574a04bdd67173a2273",
                                expected, sizeof(expected)),
                     0);
    assert_memory_equal(proof.bytes, expected, 32);
}

static struct invitation_record record_of(const struct invitation *invitation) {
    struct invitation_record record = {
        .id = invitation->id,
        .key = invitation_key(invitation->secret),
        .made_ms = region_start_ms - 1000,
        .expires_ms = invitation->expires_ms,
        .state = INVITATION_OPEN,
    };
    assert_int_equal(user_id_parse("els", &record.made_by), 0);
    return record;
}

static void records_are_kept_and_walked_by_id_apart_from_applications(void **state) {
    struct fixture *fixture = begin();
    const struct invitation invitation = sample();
    struct invitation_record record = record_of(&invitation);
    struct invitation_record read;
    struct invitation_cursor cursor;
    struct pending_cursor walk;
    struct pending_join pending = {.org = org_of("caw"),
                                   .invitation = record.id,
                                   .received_ms = 5,
                                   .application = bytes_from_text("signed bytes")};
    struct pending_join waiting;
    assert_int_equal(invitation_first(fixture->txn, &cursor, &read), ERR_NOT_FOUND);
    assert_int_equal(invitation_get(fixture->txn, &record.id, &read), ERR_NOT_FOUND);
    record.org = org_of("ocmw");
    record.approve_at_once = true;
    record.state = INVITATION_USED;
    record.used_by = org_of("ocmw");
    record.application.bytes[31] = 4;
    invitation_put(fixture->txn, &record);
    assert_int_equal(invitation_get(fixture->txn, &record.id, &read), 0);
    assert_memory_equal(&read.id, &record.id, sizeof(record.id));
    assert_true(digest_equal(&read.key, &record.key));
    assert_string_equal(read.org.text, "ocmw");
    assert_int_equal(read.made_ms, record.made_ms);
    assert_int_equal(read.expires_ms, record.expires_ms);
    assert_string_equal(read.made_by.text, "els");
    assert_true(read.approve_at_once);
    assert_int_equal(read.state, INVITATION_USED);
    assert_string_equal(read.used_by.text, "ocmw");
    assert_true(digest_equal(&read.application, &record.application));
    assert_int_equal(pending_first(fixture->txn, fixture->arena, &walk, &waiting), ERR_NOT_FOUND);
    assert_int_equal(pending_put(fixture->txn, &pending, fixture->arena), 0);
    record.id.bytes[0] = 0;
    invitation_put(fixture->txn, &record);
    assert_int_equal(invitation_first(fixture->txn, &cursor, &read), 0);
    assert_int_equal(read.id.bytes[0], 0);
    assert_int_equal(invitation_next(&cursor, &read), 0);
    assert_int_equal(read.id.bytes[0], 1);
    assert_int_equal(invitation_next(&cursor, &read), ERR_NOT_FOUND);
    assert_int_equal(pending_first(fixture->txn, fixture->arena, &walk, &waiting), 0);
    assert_string_equal(waiting.org.text, "caw");
    assert_int_equal(waiting.received_ms, 5);
    assert_true(bytes_equal(waiting.application, pending.application));
    assert_int_equal(pending_next(&walk, fixture->arena, &waiting), ERR_NOT_FOUND);
    pending_delete(fixture->txn, &pending.org);
    assert_int_equal(pending_get(fixture->txn, &pending.org, fixture->arena, &waiting),
                     ERR_NOT_FOUND);
    end(fixture);
}

/* A region, an open invitation, and one who applies with the keys of `number`. */
struct enrolment {
    struct fixture *fixture;
    struct invitation invitation;
    struct invitation_record record;
    struct join_application application;
    int number;
};

static struct enrolment enrol(void) {
    struct enrolment enrolment = {.fixture = begin(), .invitation = sample(), .number = 20};
    found(enrolment.fixture, 2);
    enrolment.record = record_of(&enrolment.invitation);
    enrolment.application = (struct join_application){
        .organisation = org_of("caw"),
        .member = member_of(enrolment.fixture, enrolment.number),
        .now_ms = region_start_ms,
        .hub = enrolment.invitation.hub,
    };
    return enrolment;
}

static struct join_request request_of(const struct enrolment *enrolment) {
    struct bytes application;
    struct join_request request;
    struct arena *arena = enrolment->fixture->arena;
    assert_int_equal(join_application_encode(&enrolment->application, arena, &application), 0);
    assert_int_equal(join_compose(&enrolment->invitation, application,
                                  &enrolment->fixture->secrets[enrolment->number], arena, &request),
                     0);
    return request;
}

static struct join_checked check(const struct enrolment *enrolment,
                                 const struct join_request *request, int64_t now_ms) {
    struct join_checked checked;
    invitation_put(enrolment->fixture->txn, &enrolment->record);
    assert_int_equal(
        join_check(enrolment->fixture->txn, request, now_ms, enrolment->fixture->arena, &checked),
        0);
    return checked;
}

static enum refusal refused(const struct enrolment *enrolment) {
    struct join_request request = request_of(enrolment);
    return check(enrolment, &request, region_start_ms - 1).refusal;
}

static void a_good_application_waits_and_can_become_an_entry(void **state) {
    struct enrolment enrolment = enrol();
    struct fixture *fixture = enrolment.fixture;
    struct join_request request = request_of(&enrolment);
    struct join_checked checked = check(&enrolment, &request, region_start_ms - 1);
    assert_int_equal(checked.refusal, REFUSAL_NONE);
    assert_false(checked.repeated);
    assert_int_equal(checked.state, JOIN_WAITING);
    assert_string_equal(checked.application.organisation.text, "caw");
    assert_string_equal(checked.invitation.made_by.text, "els");
    struct directory_op op = {.kind = DIRECTORY_OP_JOIN,
                              .organisation = checked.application.organisation,
                              .member = &checked.application.member};
    take(fixture, make(fixture, &op, 1, (struct signers){{DIRECTOR_1, DIRECTOR_2}}));
    end(fixture);
}

static void an_invitation_is_used_once_but_the_same_application_may_be_repeated(void **state) {
    struct enrolment enrolment = enrol();
    struct fixture *fixture = enrolment.fixture;
    struct join_request request = request_of(&enrolment);
    const int64_t later = region_start_ms + 1000;
    enrolment.record.state = INVITATION_USED;
    enrolment.record.used_by = enrolment.application.organisation;
    enrolment.record.application = join_application_hash(request.application);
    const struct pending_join pending = {.org = enrolment.application.organisation,
                                         .invitation = enrolment.record.id,
                                         .application = request.application};
    assert_int_equal(pending_put(fixture->txn, &pending, fixture->arena), 0);
    struct join_checked checked = check(&enrolment, &request, later);
    assert_int_equal(checked.refusal, REFUSAL_NONE);
    assert_true(checked.repeated);
    assert_int_equal(checked.state, JOIN_WAITING);
    pending_delete(fixture->txn, &pending.org);
    assert_int_equal(check(&enrolment, &request, later).state, JOIN_REFUSED);
    join(fixture, "caw", enrolment.number);
    assert_int_equal(check(&enrolment, &request, later).state, JOIN_APPROVED);
    enrolment.application.now_ms++;
    request = request_of(&enrolment);
    assert_int_equal(check(&enrolment, &request, later).refusal, REFUSAL_BAD_INVITATION);
    end(fixture);
}

static void an_unknown_withdrawn_expired_or_unproved_invitation_is_refused(void **state) {
    struct enrolment enrolment = enrol();
    struct join_request request = request_of(&enrolment);
    assert_int_equal(check(&enrolment, &request, region_start_ms).refusal, REFUSAL_EXPIRED);
    request.proof.bytes[31] ^= 1;
    assert_int_equal(check(&enrolment, &request, 0).refusal, REFUSAL_BAD_INVITATION);
    enrolment.record.state = INVITATION_WITHDRAWN;
    assert_int_equal(refused(&enrolment), REFUSAL_BAD_INVITATION);
    enrolment.record.state = INVITATION_OPEN;
    enrolment.invitation.id.bytes[15] ^= 1;
    assert_int_equal(refused(&enrolment), REFUSAL_BAD_INVITATION);
    enrolment.invitation.id.bytes[15] ^= 1;
    enrolment.invitation.secret[15] ^= 1;
    assert_int_equal(refused(&enrolment), REFUSAL_BAD_INVITATION);
    end(enrolment.fixture);
}

static void an_application_must_be_signed_by_the_key_that_it_names(void **state) {
    struct enrolment enrolment = enrol();
    enrolment.number = 21;
    assert_int_equal(refused(&enrolment), REFUSAL_BAD_SIGNATURE);
    enrolment.number = 20;
    struct join_request request = request_of(&enrolment);
    request.signature.length = 0;
    assert_int_equal(check(&enrolment, &request, 0).refusal, REFUSAL_BAD_SIGNATURE);
    end(enrolment.fixture);
}

static void an_application_that_does_not_decode_is_refused(void **state) {
    struct enrolment enrolment = enrol();
    struct digest key = invitation_key(enrolment.invitation.secret);
    struct join_request request = request_of(&enrolment);
    request.application.length -= 3;
    request.proof = invitation_proof(&key, request.application);
    assert_int_equal(check(&enrolment, &request, 0).refusal, REFUSAL_MALFORMED);
    enrolment.application.member.seal = key_of(0);
    assert_int_equal(refused(&enrolment), REFUSAL_MALFORMED);
    end(enrolment.fixture);
}

static void an_application_for_another_hub_organisation_or_role_is_refused(void **state) {
    struct enrolment enrolment = enrol();
    assert_int_equal(hub_id_parse("gent", &enrolment.application.hub), 0);
    assert_int_equal(refused(&enrolment), REFUSAL_UNKNOWN_RECIPIENT);
    enrolment.application.hub = enrolment.invitation.hub;
    enrolment.record.org = org_of("ocmw");
    assert_int_equal(refused(&enrolment), REFUSAL_NOT_ALLOWED);
    enrolment.record.org = org_of("caw");
    assert_int_equal(refused(&enrolment), REFUSAL_NONE);
    enrolment.application.member.role = MEMBER_ROLE_HUB;
    assert_int_equal(refused(&enrolment), REFUSAL_NOT_ALLOWED);
    enrolment.application.member.role = MEMBER_ROLE_NODE;
    enrolment.record.org = (struct org_id){0};
    enrolment.application.organisation = HUB_ORG;
    assert_int_equal(refused(&enrolment), REFUSAL_NOT_ALLOWED);
    end(enrolment.fixture);
}

static void an_organisation_or_key_that_is_there_already_is_refused(void **state) {
    struct enrolment enrolment = enrol();
    struct fixture *fixture = enrolment.fixture;
    struct bytes waiting;
    assert_int_equal(join_application_encode(&enrolment.application, fixture->arena, &waiting), 0);
    const struct pending_join pending = {.org = org_of("caw"), .application = waiting};
    join(fixture, "ocmw", 1);
    enrolment.application.organisation = org_of("ocmw");
    assert_int_equal(refused(&enrolment), REFUSAL_EXISTS);
    enrolment.application.organisation = org_of("caw");
    enrolment.application.member.curve = key_of(1);
    assert_int_equal(refused(&enrolment), REFUSAL_EXISTS);
    enrolment.application.member.curve = key_of(20);
    enrolment.application.member.sign = sign_key(fixture, 1);
    enrolment.number = 1;
    assert_int_equal(refused(&enrolment), REFUSAL_EXISTS);
    enrolment.application.member.sign = sign_key(fixture, 20);
    enrolment.number = 20;
    assert_int_equal(refused(&enrolment), REFUSAL_NONE);
    assert_int_equal(pending_put(fixture->txn, &pending, fixture->arena), 0);
    assert_int_equal(refused(&enrolment), REFUSAL_NONE); /* who waits corrects itself */
    enrolment.application.member.sign = sign_key(fixture, 21);
    enrolment.number = 21;
    assert_int_equal(refused(&enrolment), REFUSAL_EXISTS);
    end(fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_invitation_is_read_back_as_it_was_written),
        cmocka_unit_test(an_invitation_is_spelled_as_an_independent_program_spells_it),
        cmocka_unit_test(spaces_line_breaks_case_and_look_alikes_do_not_matter),
        cmocka_unit_test(a_mistyped_character_is_refused_with_its_place),
        cmocka_unit_test(a_character_that_is_no_symbol_is_refused_with_its_place),
        cmocka_unit_test(swapped_lost_or_doubled_characters_are_refused_near_their_place),
        cmocka_unit_test(groups_that_changed_places_are_refused),
        cmocka_unit_test(an_invitation_cut_anywhere_is_refused),
        cmocka_unit_test(what_is_no_invitation_or_of_another_version_is_refused),
        cmocka_unit_test(key_and_proof_are_what_an_independent_program_makes),
        cmocka_unit_test(records_are_kept_and_walked_by_id_apart_from_applications),
        cmocka_unit_test(a_good_application_waits_and_can_become_an_entry),
        cmocka_unit_test(an_invitation_is_used_once_but_the_same_application_may_be_repeated),
        cmocka_unit_test(an_unknown_withdrawn_expired_or_unproved_invitation_is_refused),
        cmocka_unit_test(an_application_must_be_signed_by_the_key_that_it_names),
        cmocka_unit_test(an_application_that_does_not_decode_is_refused),
        cmocka_unit_test(an_application_for_another_hub_organisation_or_role_is_refused),
        cmocka_unit_test(an_organisation_or_key_that_is_there_already_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
