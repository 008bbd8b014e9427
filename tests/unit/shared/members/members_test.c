#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/base/limits.h"
#include "tests/unit/shared/members/region.h"

static const struct signers everybody = {{DIRECTOR_1, DIRECTOR_2, 1}};

static void change(struct fixture *fixture, enum directory_op_kind kind, struct member *member) {
    struct directory_op op = {.kind = kind, .organisation = org_of("ocmw"), .member = member};
    take(fixture, make(fixture, &op, 1, everybody));
}

static struct membership get(struct fixture *fixture, const char *org) {
    struct membership membership;
    const struct org_id id = org_of(org);
    assert_int_equal(member_get(fixture->txn, &id, fixture->arena, &membership), 0);
    return membership;
}

static void a_member_is_read_back_as_it_joined(void **state) {
    struct fixture *fixture = begin();
    struct catchment catchment[] = {{.nis = {34022}, .from_day = 20000, .until_day = 30000}};
    struct service_id services[] = {{"housing"}, {"money"}};
    struct language languages[] = {{"nld"}, {"ara"}};
    const char *walk_in[] = {"1 09:00-12:00"};
    const char *sitting[] = {"34022 3 13:30-16:00"};
    struct closure closures[] = {{20100, 20110, org_of("caw")}};
    struct nis onthaal[] = {{34022}};
    struct member member = member_of(fixture, 1);
    member.catchment = catchment, member.catchment_count = 1;
    member.services = services, member.service_count = 2;
    member.languages = languages, member.language_count = 2;
    member.walk_in = walk_in, member.walk_in_count = 1;
    member.sitting = sitting, member.sitting_count = 1;
    member.closures = closures, member.closure_count = 1;
    member.onthaal = onthaal, member.onthaal_count = 1;
    struct directory_op op = {
        .kind = DIRECTORY_OP_JOIN, .organisation = org_of("ocmw"), .member = &member};
    found(fixture, 2);
    take(fixture, make(fixture, &op, 1, everybody));
    struct membership read = get(fixture, "ocmw");
    assert_true(read.active && !read.left && !read.revoked);
    assert_string_equal(read.org.text, "ocmw");
    assert_int_equal(read.since_ms, region_start_ms + 60000);
    assert_int_equal(read.entry, 2);
    assert_string_equal(read.member.name, "OCMW");
    assert_int_equal(read.member.catchment[0].until_day, 30000);
    assert_string_equal(read.member.services[1].text, "money");
    assert_string_equal(read.member.languages[1].code, "ara");
    assert_string_equal(read.member.walk_in[0], "1 09:00-12:00");
    assert_string_equal(read.member.sitting[0], "34022 3 13:30-16:00");
    assert_string_equal(read.member.closures[0].deputy.text, "caw");
    assert_int_equal(read.member.onthaal[0].code, 34022);
    end(fixture);
}

static void a_change_touches_its_part_and_leaves_the_rest(void **state) {
    struct fixture *fixture = begin();
    struct language languages[] = {{"ukr"}};
    found(fixture, 2);
    join(fixture, "ocmw", 1);
    change(fixture, DIRECTORY_OP_SERVICES,
           &(struct member){.languages = languages, .language_count = 1});
    change(fixture, DIRECTORY_OP_ENDPOINT, &(struct member){.endpoint = "tcp://192.0.2.1:1"});
    change(fixture, DIRECTORY_OP_ROTATE_SEAL,
           &(struct member){.seal = key_of(90), .seal_until_day = 20600});
    change(fixture, DIRECTORY_OP_ROTATE_CONTACT,
           &(struct member){.contact = key_of(91), .contact_from_day = 20500});
    change(fixture, DIRECTORY_OP_ROTATE_CURVE, &(struct member){.curve = key_of(92)});
    struct membership read = get(fixture, "ocmw");
    assert_string_equal(read.member.languages[0].code, "ukr");
    assert_string_equal(read.member.endpoint, "tcp://192.0.2.1:1");
    assert_int_equal(read.member.seal.bytes[0], 90);
    assert_int_equal(read.member.seal_until_day, 20600);
    assert_int_equal(read.member.contact.bytes[0], 91);
    assert_int_equal(read.member.contact_from_day, 20500);
    assert_int_equal(read.member.curve.bytes[0], 92);
    assert_string_equal(read.member.name, "OCMW");
    assert_true(read.member.hidden);
    assert_int_equal(read.since_ms, region_start_ms + 60000);
    assert_int_equal(read.entry, 7);
    end(fixture);
}

static void a_role_states_the_whole_standing(void **state) {
    struct fixture *fixture = begin();
    found(fixture, 2);
    join(fixture, "ocmw", 1);
    change(fixture, DIRECTORY_OP_ROLE,
           &(struct member){.kind = ORG_KIND_CAW,
                            .competence = COMPETENCE_OPEN,
                            .role = MEMBER_ROLE_HUB,
                            .may_sanction = true});
    struct membership read = get(fixture, "ocmw");
    struct member_standing standing;
    assert_int_equal(read.member.kind, ORG_KIND_CAW);
    assert_int_equal(read.member.competence, COMPETENCE_OPEN);
    assert_int_equal(read.member.may_take_consent, CONSENT_RIGHT_NONE);
    assert_true(read.member.may_sanction);
    assert_false(read.member.hidden);
    assert_string_equal(read.member.name, "OCMW");
    assert_int_equal(member_standing(fixture->txn, &read.org, &standing), 0);
    assert_int_equal(standing.role, MEMBER_ROLE_HUB);
    end(fixture);
}

static void hours_and_catchment_replace_what_was_there(void **state) {
    struct fixture *fixture = begin();
    const char *walk_in[] = {"1 09:00-12:00", "2 09:00-12:00"};
    struct catchment catchment[] = {{.nis = {34022}}};
    found(fixture, 2);
    join(fixture, "ocmw", 1);
    change(fixture, DIRECTORY_OP_HOURS, &(struct member){.walk_in = walk_in, .walk_in_count = 2});
    change(fixture, DIRECTORY_OP_CATCHMENT,
           &(struct member){.catchment = catchment, .catchment_count = 1});
    assert_int_equal(get(fixture, "ocmw").member.walk_in_count, 2);
    assert_int_equal(get(fixture, "ocmw").member.catchment_count, 1);
    change(fixture, DIRECTORY_OP_HOURS, &(struct member){0});
    change(fixture, DIRECTORY_OP_CATCHMENT, &(struct member){0});
    assert_int_equal(get(fixture, "ocmw").member.walk_in_count, 0);
    assert_int_equal(get(fixture, "ocmw").member.catchment_count, 0);
    end(fixture);
}

static void the_doorman_knows_a_member_by_its_present_key_only(void **state) {
    struct fixture *fixture = begin();
    struct org_id org;
    const struct public_key first = key_of(1);
    const struct public_key second = key_of(92);
    const struct public_key hub = key_of(HUB_CURVE);
    found(fixture, 2);
    assert_int_equal(member_by_curve_key(fixture->txn, &first, &org), ERR_NOT_FOUND);
    join(fixture, "ocmw", 1);
    assert_int_equal(member_by_curve_key(fixture->txn, &first, &org), 0);
    assert_string_equal(org.text, "ocmw");
    change(fixture, DIRECTORY_OP_ROTATE_CURVE, &(struct member){.curve = second});
    assert_int_equal(member_by_curve_key(fixture->txn, &first, &org), ERR_DENIED);
    assert_int_equal(member_by_curve_key(fixture->txn, &second, &org), 0);
    change(fixture, DIRECTORY_OP_REVOKE, NULL);
    assert_int_equal(member_by_curve_key(fixture->txn, &second, &org), ERR_DENIED);
    assert_int_equal(member_by_curve_key(fixture->txn, &hub, &org), ERR_NOT_FOUND);
    end(fixture);
}

static void who_left_is_unknown_to_the_doorman_and_may_come_back_with_new_keys(void **state) {
    struct fixture *fixture = begin();
    struct org_id org;
    const struct public_key old = key_of(1);
    const struct public_key new = key_of(30);
    found(fixture, 2);
    join(fixture, "ocmw", 1);
    change(fixture, DIRECTORY_OP_LEAVE, NULL);
    assert_int_equal(member_by_curve_key(fixture->txn, &old, &org), ERR_NOT_FOUND);
    assert_true(get(fixture, "ocmw").left);
    assert_int_equal(get(fixture, "ocmw").since_ms, region_start_ms + 120000);
    join(fixture, "ocmw", 30);
    assert_true(get(fixture, "ocmw").active);
    assert_int_equal(get(fixture, "ocmw").since_ms, region_start_ms + 180000);
    assert_int_equal(member_by_curve_key(fixture->txn, &old, &org), ERR_DENIED);
    assert_int_equal(member_by_curve_key(fixture->txn, &new, &org), 0);
    end(fixture);
}

static void standing_is_what_a_message_is_judged_by(void **state) {
    struct fixture *fixture = begin();
    struct member_standing standing;
    const struct org_id org = org_of("ocmw");
    found(fixture, 2);
    assert_int_equal(member_standing(fixture->txn, &org, &standing), ERR_NOT_FOUND);
    join(fixture, "ocmw", 1);
    assert_int_equal(member_standing(fixture->txn, &org, &standing), 0);
    assert_true(standing.active && !standing.revoked && !standing.left);
    assert_int_equal(standing.role, MEMBER_ROLE_NODE);
    assert_memory_equal(standing.sign.bytes, fixture->publics[1].bytes, 32);
    assert_int_equal(standing.curve.bytes[0], 1);
    change(fixture, DIRECTORY_OP_REVOKE, NULL);
    assert_int_equal(member_standing(fixture->txn, &org, &standing), 0);
    assert_true(!standing.active && standing.revoked && !standing.left);
    end(fixture);
}

static void members_are_walked_by_id_and_the_active_are_counted(void **state) {
    struct fixture *fixture = begin();
    struct members_cursor cursor;
    struct membership membership;
    uint64_t count;
    found(fixture, 2);
    assert_int_equal(members_first(fixture->txn, fixture->arena, &cursor, &membership),
                     ERR_NOT_FOUND);
    assert_int_equal(members_count(fixture->txn, &count), 0);
    assert_int_equal(count, 0);
    join(fixture, "ocmw", 1);
    join(fixture, "caw", 20);
    join(fixture, "vdab", 30);
    change(fixture, DIRECTORY_OP_REVOKE, NULL);
    const char *const expected[] = {"caw", "ocmw", "vdab"};
    int r = members_first(fixture->txn, fixture->arena, &cursor, &membership);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(r, 0);
        assert_string_equal(membership.org.text, expected[i]);
        r = members_next(&cursor, fixture->arena, &membership);
    }
    assert_int_equal(r, ERR_NOT_FOUND);
    assert_int_equal(members_count(fixture->txn, &count), 0);
    assert_int_equal(count, 2);
    end(fixture);
}

/* MEMBERS_MAX records of former times, without the work of signing as many entries. */
static void a_full_directory_takes_nobody_new(void **state) {
    struct fixture *fixture = begin();
    found(fixture, 2);
    join(fixture, "ocmw", 1);
    struct bytes value;
    uint8_t copy[1024];
    assert_int_equal(store_get(fixture->txn, TABLE_MEMBERS, bytes_from_text("ocmw"), &value), 0);
    assert_true(value.length <= sizeof(copy));
    memcpy(copy, value.data, value.length);
    value.data = copy;
    for (int i = 1; i < MEMBERS_MAX; i++) {
        char name[16];
        snprintf(name, sizeof(name), "org-%d", i);
        store_put(fixture->txn, TABLE_MEMBERS, bytes_from_text(name), value);
    }
    struct member member = member_of(fixture, 20);
    struct directory_op op = {
        .kind = DIRECTORY_OP_JOIN, .organisation = org_of("caw"), .member = &member};
    assert_int_equal(judge(fixture, make(fixture, &op, 1, everybody)), REFUSAL_NO_ROOM);
    store_delete(fixture->txn, TABLE_MEMBERS, bytes_from_text("org-7"));
    assert_int_equal(judge(fixture, make(fixture, &op, 1, everybody)), REFUSAL_NONE);
    end(fixture);
}

/* Indexes from reference.py, which shares no code with us. */
static void six_words_come_from_id_and_keys(void **state) {
    static const uint32_t indexes[] = {905, 367, 873, 571, 738, 959};
    char text[WORDS_TEXT_SIZE];
    char expected[WORDS_TEXT_SIZE] = "";
    const struct org_id org = org_of("ocmw-kortrijk");
    const struct public_key sign = key_of(1);
    const struct public_key curve = key_of(2);
    for (size_t i = 0; i < 6; i++) {
        strcat(expected, i == 0 ? "" : " ");
        strcat(expected, word_at(indexes[i]));
    }
    member_words(&org, &sign, &curve, text);
    assert_string_equal(text, expected);
    member_words(&org, &curve, &sign, text);
    assert_string_not_equal(text, expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_is_read_back_as_it_joined),
        cmocka_unit_test(a_change_touches_its_part_and_leaves_the_rest),
        cmocka_unit_test(a_role_states_the_whole_standing),
        cmocka_unit_test(hours_and_catchment_replace_what_was_there),
        cmocka_unit_test(the_doorman_knows_a_member_by_its_present_key_only),
        cmocka_unit_test(who_left_is_unknown_to_the_doorman_and_may_come_back_with_new_keys),
        cmocka_unit_test(standing_is_what_a_message_is_judged_by),
        cmocka_unit_test(members_are_walked_by_id_and_the_active_are_counted),
        cmocka_unit_test(a_full_directory_takes_nobody_new),
        cmocka_unit_test(six_words_come_from_id_and_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
