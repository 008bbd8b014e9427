#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/post/kinds.h"

static void a_kind_that_is_not_on_the_list_is_nobodys(void **state) {
    assert_null(post_kind_find(0));
    assert_null(post_kind_find(18));
    assert_null(post_kind_find(UINT32_MAX));
}

/* DESIGN 3: the directory travels in lane 0, in order, from the hub; figures in lane 1, from nodes,
 * unsigned, for the link says who sends them. */
static void each_kind_has_its_lane_its_sender_and_its_proof(void **state) {
    const struct post_kind *signal = post_kind_find(MESSAGE_KIND_SIGNAL);
    const struct post_kind *status = post_kind_find(MESSAGE_KIND_STATUS);
    const struct post_kind *directory = post_kind_find(MESSAGE_KIND_DIRECTORY);
    const struct post_kind *update = post_kind_find(MESSAGE_KIND_MEMBER_UPDATE);
    assert_int_equal(signal->lane, LANE_ORDINARY);
    assert_int_equal(signal->sender, MEMBER_ROLE_NODE);
    assert_false(signal->must_be_signed);
    assert_int_equal(status->sender, MEMBER_ROLE_NODE);
    assert_false(status->ordered);
    assert_int_equal(directory->lane, LANE_URGENT);
    assert_int_equal(directory->sender, MEMBER_ROLE_HUB);
    assert_true(directory->ordered);
    assert_int_equal(update->sender, MEMBER_ROLE_NODE);
    assert_true(update->must_be_signed);
}

/* What is said about a family is signed by who says it, and none waits for another's number; only
 * what takes away overtakes. */
static void what_is_about_families_is_signed_and_never_waits(void **state) {
    for (uint32_t number = MESSAGE_KIND_CONSENT; number <= MESSAGE_KIND_TOMBSTONE; number++) {
        const struct post_kind *kind = post_kind_find(number);
        assert_non_null(kind);
        assert_true(kind->must_be_signed);
        assert_false(kind->ordered);
        bool from_hub = number == MESSAGE_KIND_NOTICE || number == MESSAGE_KIND_TOMBSTONE;
        assert_int_equal(kind->sender, from_hub ? MEMBER_ROLE_HUB : MEMBER_ROLE_NODE);
        bool takes_away = number == MESSAGE_KIND_WITHDRAWAL || number == MESSAGE_KIND_TOMBSTONE ||
                          number == MESSAGE_KIND_ERASED;
        assert_int_equal(kind->lane, takes_away ? LANE_URGENT : LANE_ORDINARY);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kind_that_is_not_on_the_list_is_nobodys),
        cmocka_unit_test(each_kind_has_its_lane_its_sender_and_its_proof),
        cmocka_unit_test(what_is_about_families_is_signed_and_never_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
