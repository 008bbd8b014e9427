#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "tests/unit/shared/members/region.h"

static void joining_takes_the_whole_member_with_keys_that_nobody_had(void **state) {
    struct fixture *fixture = begin();
    found(fixture, 2);
    join(fixture, "ocmw", 1);
    const struct member whole = member_of(fixture, 10);
    struct member member = whole;
    struct directory_op op = op_on(DIRECTORY_OP_JOIN, "caw", &member);
    assert_int_equal(judge_op(fixture, op, two_directors), REFUSAL_NONE);
    member.curve = key_of(1);
    assert_int_equal(judge_op(fixture, op, two_directors), REFUSAL_EXISTS);
    member.curve = key_of(HUB_CURVE);
    assert_int_equal(judge_op(fixture, op, two_directors), REFUSAL_EXISTS);
    member = whole;
    member.sign = sign_key(fixture, 1);
    assert_int_equal(judge_op(fixture, op, two_directors), REFUSAL_EXISTS);
    member.sign = sign_key(fixture, DIRECTOR_2);
    assert_int_equal(judge_op(fixture, op, two_directors), REFUSAL_EXISTS);
    member = whole;
    op.organisation = org_of("ocmw");
    assert_int_equal(judge_op(fixture, op, two_directors), REFUSAL_EXISTS);
    op.organisation = HUB_ORG;
    assert_int_equal(judge_op(fixture, op, two_directors), REFUSAL_NOT_ALLOWED);
    end(fixture);
}

static void a_member_without_a_key_a_kind_or_a_plain_name_is_refused(void **state) {
    struct fixture *fixture = begin();
    found(fixture, 2);
    const struct member whole = member_of(fixture, 10);
    struct member lacking[8];
    for (size_t i = 0; i < 8; i++) {
        lacking[i] = whole;
    }
    lacking[0].contact = key_of(0);
    lacking[1].kind = ORG_KIND_NONE;
    lacking[2].competence = COMPETENCE_NONE;
    lacking[3].role = MEMBER_ROLE_NONE;
    memcpy(lacking[4].name, "", 1);
    memcpy(lacking[5].name, "OCMW ", 6);
    memcpy(lacking[6].name, "OC\u202eMW", 8); /* turns the reading direction */
    lacking[7].seal_until_day = 999999;
    for (size_t i = 0; i < 8; i++) {
        struct directory_op op = op_on(DIRECTORY_OP_JOIN, "caw", &lacking[i]);
        assert_int_equal(judge_op(fixture, op, two_directors), REFUSAL_MALFORMED);
    }
    struct directory_op op = op_on(DIRECTORY_OP_JOIN, "caw", NULL);
    assert_int_equal(judge_op(fixture, op, two_directors), REFUSAL_MALFORMED);
    end(fixture);
}

static void two_who_join_in_one_entry_may_not_share_a_key(void **state) {
    struct fixture *fixture = begin();
    found(fixture, 2);
    struct member members[2] = {member_of(fixture, 1), member_of(fixture, 10)};
    struct directory_op ops[2] = {
        op_on(DIRECTORY_OP_JOIN, "ocmw", &members[0]),
        op_on(DIRECTORY_OP_JOIN, "caw", &members[1]),
    };
    assert_int_equal(judge(fixture, make(fixture, ops, 2, two_directors)), REFUSAL_NONE);
    members[1].curve = members[0].curve;
    assert_int_equal(judge(fixture, make(fixture, ops, 2, two_directors)), REFUSAL_EXISTS);
    members[1].curve = key_of(10);
    ops[1].organisation = ops[0].organisation;
    assert_int_equal(judge(fixture, make(fixture, ops, 2, two_directors)), REFUSAL_NOT_ALLOWED);
    end(fixture);
}

static void an_operation_may_carry_only_what_its_kind_covers(void **state) {
    struct fixture *fixture = begin();
    found(fixture, 2);
    join(fixture, "ocmw", 1);
    struct public_key directors[3];
    struct region region = region_with(fixture, directors, 2);
    struct member role = {.role = MEMBER_ROLE_HUB};
    const struct signers all = {{1, DIRECTOR_1, DIRECTOR_2}};
    static const enum directory_op_kind kinds[] = {
        DIRECTORY_OP_LEAVE,    DIRECTORY_OP_REVOKE,    DIRECTORY_OP_ENDPOINT,
        DIRECTORY_OP_SERVICES, DIRECTORY_OP_CATCHMENT, DIRECTORY_OP_HOURS,
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct directory_op op = op_on(kinds[i], "ocmw", &role);
        assert_int_equal(judge_op(fixture, op, all), REFUSAL_NOT_ALLOWED);
    }
    struct member both = {.curve = key_of(50), .sign = sign_key(fixture, 50)};
    struct directory_op op = op_on(DIRECTORY_OP_ROTATE_CURVE, "ocmw", &both);
    assert_int_equal(judge_op(fixture, op, all), REFUSAL_NOT_ALLOWED);
    op = op_on(DIRECTORY_OP_ROTATE_SIGN, "ocmw", &both);
    assert_int_equal(judge_op(fixture, op, all), REFUSAL_NOT_ALLOWED);
    op = op_on(DIRECTORY_OP_LEAVE, "ocmw", NULL);
    op.region = &region;
    assert_int_equal(judge_op(fixture, op, all), REFUSAL_NOT_ALLOWED);
    op = (struct directory_op){
        .kind = DIRECTORY_OP_RESTORE, .organisation = org_of("ocmw"), .has_position = true};
    assert_int_equal(judge_op(fixture, op, all), REFUSAL_NOT_ALLOWED);
    end(fixture);
}

static void an_operation_without_what_its_kind_needs_is_refused(void **state) {
    struct fixture *fixture = begin();
    found(fixture, 2);
    join(fixture, "ocmw", 1);
    struct member nothing = {0};
    const struct signers all = {{1, DIRECTOR_1, DIRECTOR_2}};
    static const enum directory_op_kind kinds[] = {
        DIRECTORY_OP_ROLE,        DIRECTORY_OP_ROTATE_CURVE,   DIRECTORY_OP_ROTATE_SIGN,
        DIRECTORY_OP_ROTATE_SEAL, DIRECTORY_OP_ROTATE_CONTACT,
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct directory_op op = op_on(kinds[i], "ocmw", &nothing);
        assert_int_equal(judge_op(fixture, op, all), REFUSAL_MALFORMED);
    }
    struct directory_op restore = {.kind = DIRECTORY_OP_RESTORE};
    assert_int_equal(judge_op(fixture, restore, all), REFUSAL_MALFORMED);
    struct directory_op leave = {.kind = DIRECTORY_OP_LEAVE};
    assert_int_equal(judge_op(fixture, leave, all), REFUSAL_MALFORMED);
    end(fixture);
}

/* The table in directory.h: each kind with what it carries, who may and who may not. */
static void each_kind_is_decided_by_whom_the_table_says(void **state) {
    struct fixture *fixture = begin();
    found(fixture, 2);
    join(fixture, "ocmw", 1);
    struct member role = {
        .kind = ORG_KIND_CAW, .competence = COMPETENCE_OPEN, .role = MEMBER_ROLE_NODE};
    struct member curve = {.curve = key_of(60)};
    struct member sign = {.sign = sign_key(fixture, 60)};
    struct member seal = {.seal = key_of(60), .seal_until_day = 20500};
    struct member contact = {.contact = key_of(60), .contact_from_day = 20500};
    struct member none = {0};
    const struct signers own = {{1}};
    const struct signers both = {{DIRECTOR_1, 1, DIRECTOR_3}};
    const struct signers stranger = {{9}};
    const struct {
        struct directory_op op;
        bool directors;
        bool organisation;
    } table[] = {
        {op_on(DIRECTORY_OP_ROLE, "ocmw", &role), true, false},
        {op_on(DIRECTORY_OP_ROTATE_CURVE, "ocmw", &curve), true, false},
        {op_on(DIRECTORY_OP_CATCHMENT, "ocmw", &none), true, false},
        {op_on(DIRECTORY_OP_REVOKE, "ocmw", NULL), true, false},
        {op_on(DIRECTORY_OP_LEAVE, "ocmw", NULL), true, true},
        {op_on(DIRECTORY_OP_ROTATE_SIGN, "ocmw", &sign), false, false},
        {op_on(DIRECTORY_OP_ROTATE_SEAL, "ocmw", &seal), false, true},
        {op_on(DIRECTORY_OP_ROTATE_CONTACT, "ocmw", &contact), false, true},
        {op_on(DIRECTORY_OP_ENDPOINT, "ocmw", &none), false, true},
        {op_on(DIRECTORY_OP_SERVICES, "ocmw", &none), false, true},
        {op_on(DIRECTORY_OP_HOURS, "ocmw", &none), false, true},
        {{.kind = DIRECTORY_OP_RESTORE, .has_position = true}, true, false},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        assert_int_equal(judge_op(fixture, table[i].op, two_directors),
                         table[i].directors ? REFUSAL_NONE : REFUSAL_NOT_ALLOWED);
        assert_int_equal(judge_op(fixture, table[i].op, own),
                         table[i].organisation ? REFUSAL_NONE : REFUSAL_NOT_ALLOWED);
        assert_int_equal(judge_op(fixture, table[i].op, both), REFUSAL_NONE);
        assert_int_equal(judge_op(fixture, table[i].op, stranger), REFUSAL_NOT_ALLOWED);
    }
    end(fixture);
}

static void an_organisation_may_not_speak_for_another(void **state) {
    struct fixture *fixture = begin();
    found(fixture, 2);
    join(fixture, "ocmw", 1);
    join(fixture, "caw", 10);
    struct member endpoint = {.endpoint = "tcp://192.0.2.1:7300"};
    struct directory_op ops[2] = {
        op_on(DIRECTORY_OP_ENDPOINT, "ocmw", &endpoint),
        op_on(DIRECTORY_OP_ENDPOINT, "caw", &endpoint),
    };
    const struct signers one = {{1}};
    const struct signers both = {{1, 10}};
    assert_int_equal(judge(fixture, make(fixture, ops, 2, one)), REFUSAL_NOT_ALLOWED);
    assert_int_equal(judge(fixture, make(fixture, ops, 2, both)), REFUSAL_NONE);
    end(fixture);
}

static void who_is_not_a_member_any_more_is_told_so(void **state) {
    struct fixture *fixture = begin();
    found(fixture, 2);
    join(fixture, "ocmw", 1);
    join(fixture, "caw", 10);
    struct directory_op ops[2] = {
        op_on(DIRECTORY_OP_REVOKE, "ocmw", NULL),
        op_on(DIRECTORY_OP_LEAVE, "caw", NULL),
    };
    struct member none = {0};
    take(fixture, make(fixture, ops, 2, two_directors));
    const struct signers all = {{1, 10, DIRECTOR_1, DIRECTOR_2}};
    struct directory_op op = op_on(DIRECTORY_OP_HOURS, "ocmw", &none);
    assert_int_equal(judge_op(fixture, op, all), REFUSAL_REVOKED);
    op.organisation = org_of("caw");
    assert_int_equal(judge_op(fixture, op, all), REFUSAL_NOT_MEMBER);
    op.organisation = org_of("dmw");
    assert_int_equal(judge_op(fixture, op, all), REFUSAL_NOT_FOUND);
    op.organisation = HUB_ORG;
    assert_int_equal(judge_op(fixture, op, all), REFUSAL_NOT_FOUND);
    end(fixture);
}

/* PRIVACY 4.3: a compromised key means revoke and enrol anew. */
static void a_revoked_organisation_joins_again_with_new_keys_only(void **state) {
    struct fixture *fixture = begin();
    found(fixture, 2);
    join(fixture, "ocmw", 1);
    struct directory_op revoke = op_on(DIRECTORY_OP_REVOKE, "ocmw", NULL);
    take(fixture, make(fixture, &revoke, 1, two_directors));
    struct member member = member_of(fixture, 1);
    struct directory_op again = op_on(DIRECTORY_OP_JOIN, "ocmw", &member);
    assert_int_equal(judge_op(fixture, again, two_directors), REFUSAL_EXISTS);
    member = member_of(fixture, 20);
    assert_int_equal(judge_op(fixture, again, two_directors), REFUSAL_NONE);
    end(fixture);
}

static void the_old_signing_key_loses_its_say_after_rotation(void **state) {
    struct fixture *fixture = begin();
    found(fixture, 2);
    join(fixture, "ocmw", 1);
    struct member sign = {.sign = sign_key(fixture, 60)};
    struct directory_op rotate = op_on(DIRECTORY_OP_ROTATE_SIGN, "ocmw", &sign);
    take(fixture, make(fixture, &rotate, 1, (struct signers){{DIRECTOR_1, DIRECTOR_2, 1}}));
    struct member none = {0};
    struct directory_op hours = op_on(DIRECTORY_OP_HOURS, "ocmw", &none);
    assert_int_equal(judge_op(fixture, hours, (struct signers){{1}}), REFUSAL_NOT_ALLOWED);
    assert_int_equal(judge_op(fixture, hours, (struct signers){{60}}), REFUSAL_NONE);
    sign.sign = sign_key(fixture, 1);
    assert_int_equal(judge_op(fixture, rotate, (struct signers){{DIRECTOR_1, DIRECTOR_2, 60}}),
                     REFUSAL_EXISTS);
    end(fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joining_takes_the_whole_member_with_keys_that_nobody_had),
        cmocka_unit_test(a_member_without_a_key_a_kind_or_a_plain_name_is_refused),
        cmocka_unit_test(two_who_join_in_one_entry_may_not_share_a_key),
        cmocka_unit_test(an_operation_may_carry_only_what_its_kind_covers),
        cmocka_unit_test(an_operation_without_what_its_kind_needs_is_refused),
        cmocka_unit_test(each_kind_is_decided_by_whom_the_table_says),
        cmocka_unit_test(an_organisation_may_not_speak_for_another),
        cmocka_unit_test(who_is_not_a_member_any_more_is_told_so),
        cmocka_unit_test(a_revoked_organisation_joins_again_with_new_keys_only),
        cmocka_unit_test(the_old_signing_key_loses_its_say_after_rotation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
