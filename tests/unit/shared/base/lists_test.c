#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/base/err.h"
#include "shared/base/lists.h"
#include "tests/unit/shared/base/frozen.h"

ADAPT(org_kind)
ADAPT(competence)
ADAPT(consent_right)
ADAPT(role)
ADAPT(member_role)
ADAPT(service_status)
ADAPT(start_event)
ADAPT(close_reason)
ADAPT(figures_origin)
ADAPT(message_kind)
ADAPT(refusal)

static void hold(const struct frozen *frozen, text_function *text, parse_function *parse) {
    for (; frozen->text != NULL; frozen++) {
        assert_string_equal(text(frozen->number), frozen->text);
        assert_int_equal(parse(frozen->text), frozen->number);
    }
}

static void numbers_once_given_keep_their_meaning(void **state) {
    hold((const struct frozen[]){{1, "ocmw"},
                                 {2, "agii"},
                                 {3, "caw"},
                                 {4, "dmw"},
                                 {5, "volunteers"},
                                 {6, "school"},
                                 {7, "vdab"},
                                 {8, "nt2"},
                                 {9, "interpreter"},
                                 {10, "refuge"},
                                 {11, "addiction"},
                                 {12, "other"},
                                 {0, NULL}},
         org_kind_text_of, org_kind_number_of);
    hold((const struct frozen[]){{1, "territorial"}, {2, "regional"}, {3, "open"}, {0, NULL}},
         competence_text_of, competence_number_of);
    hold((const struct frozen[]){{1, "no"}, {2, "limited"}, {3, "full"}, {0, NULL}},
         consent_right_text_of, consent_right_number_of);
    hold((const struct frozen[]){{1, "administrator"},
                                 {2, "coordinator"},
                                 {3, "caseworker"},
                                 {4, "toeleider"},
                                 {5, "volunteer"},
                                 {6, "reader"},
                                 {0, NULL}},
         role_text_of, role_number_of);
    hold((const struct frozen[]){{1, "node"}, {2, "hub"}, {0, NULL}}, member_role_text_of,
         member_role_number_of);
    hold((const struct frozen[]){{1, "open"}, {2, "limited"}, {3, "closed"}, {0, NULL}},
         service_status_text_of, service_status_number_of);
    hold((const struct frozen[]){{1, "asked"}, {2, "referred"}, {0, NULL}}, start_event_text_of,
         start_event_number_of);
    hold((const struct frozen[]){{1, "finished"},
                                 {2, "moved"},
                                 {3, "elsewhere"},
                                 {4, "unreachable"},
                                 {5, "refused"},
                                 {6, "not-competent"},
                                 {7, "other"},
                                 {0, NULL}},
         close_reason_text_of, close_reason_number_of);
    hold((const struct frozen[]){{1, "register"}, {2, "published"}, {0, NULL}},
         figures_origin_text_of, figures_origin_number_of);
    hold((const struct frozen[]){{1, "signal"},
                                 {2, "status"},
                                 {3, "directory"},
                                 {4, "member-update"},
                                 {5, "consent"},
                                 {6, "withdrawal"},
                                 {7, "support"},
                                 {8, "ask"},
                                 {9, "ask-answer"},
                                 {10, "concern"},
                                 {11, "flag-answer"},
                                 {12, "call-back"},
                                 {13, "called-back"},
                                 {14, "new-card"},
                                 {15, "erased"},
                                 {16, "notice"},
                                 {17, "tombstone"},
                                 {0, NULL}},
         message_kind_text_of, message_kind_number_of);
}

static void refusals_once_given_keep_their_meaning(void **state) {
    hold((const struct frozen[]){{1, "malformed"},
                                 {2, "too-large"},
                                 {3, "unknown-version"},
                                 {4, "unknown-kind"},
                                 {5, "unknown-value"},
                                 {6, "wrong-sender"},
                                 {7, "not-member"},
                                 {8, "revoked"},
                                 {9, "bad-signature"},
                                 {10, "not-allowed"},
                                 {11, "expired"},
                                 {12, "clock-off"},
                                 {13, "conflict"},
                                 {14, "too-far-ahead"},
                                 {15, "no-room"},
                                 {16, "busy"},
                                 {17, "not-yet"},
                                 {18, "internal-fault"},
                                 {19, "stale"},
                                 {20, "implausible"},
                                 {21, "unknown-recipient"},
                                 {22, "bad-invitation"},
                                 {23, "exists"},
                                 {24, "not-found"},
                                 {25, "old-incarnation"},
                                 {26, "broken-chain"},
                                 {27, "withheld"},
                                 {28, "deadline"},
                                 {29, "from-the-future"},
                                 {30, "no-consent"},
                                 {31, "out-of-scope"},
                                 {32, "no-scope"},
                                 {33, "too-long"},
                                 {34, "mistyped"},
                                 {35, "minor-interpreter"},
                                 {36, "not-yours"},
                                 {37, "needs-authority"},
                                 {38, "not-contacted"},
                                 {39, "wrong-move"},
                                 {40, "unknown-purpose"},
                                 {41, "over-quota"},
                                 {42, "no-answer"},
                                 {43, "no-teach-back"},
                                 {44, "no-desk"},
                                 {0, NULL}},
         refusal_text_of, refusal_number_of);
}

/* A list's values are 1, 2, 3 ... without a hole, and no text stands for two of them. */
static void walk(text_function *text, parse_function *parse) {
    int count = 0;
    while (text(count + 1) != NULL) {
        count++;
        assert_int_equal(parse(text(count)), count);
    }
    assert_true(count >= 2);
    for (int number = count + 1; number < 300; number++) {
        assert_null(text(number));
    }
}

static void every_text_leads_back_to_its_number(void **state) {
    walk(org_kind_text_of, org_kind_number_of);
    walk(competence_text_of, competence_number_of);
    walk(consent_right_text_of, consent_right_number_of);
    walk(role_text_of, role_number_of);
    walk(member_role_text_of, member_role_number_of);
    walk(service_status_text_of, service_status_number_of);
    walk(start_event_text_of, start_event_number_of);
    walk(close_reason_text_of, close_reason_number_of);
    walk(figures_origin_text_of, figures_origin_number_of);
    walk(message_kind_text_of, message_kind_number_of);
    walk(refusal_text_of, refusal_number_of);
}

static void a_value_off_the_list_is_never_guessed(void **state) {
    static const char *const bad[] = {"", "OCMW", "ocm", "ocmwx", " ocmw", "none", "1"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(org_kind_parse(bad[i]), ORG_KIND_NONE);
        assert_int_equal(refusal_parse(bad[i]), REFUSAL_NONE);
    }
    assert_null(org_kind_text(ORG_KIND_NONE));
    assert_null(org_kind_text((enum org_kind)13000));
    assert_null(refusal_text(REFUSAL_NONE));
}

/* DESIGN 3: busy, no_room, not_yet and a wrong sender id use no number; a refusal of a numbered
 * message is final. */
static void a_sender_told_to_try_again_keeps_its_number(void **state) {
    assert_false(refusal_is_final(REFUSAL_BUSY));
    assert_false(refusal_is_final(REFUSAL_NO_ROOM));
    assert_false(refusal_is_final(REFUSAL_NOT_YET));
    assert_false(refusal_is_final(REFUSAL_WRONG_SENDER));
    assert_false(refusal_is_final(REFUSAL_UNKNOWN_RECIPIENT));
    assert_false(refusal_is_final(REFUSAL_NONE));
    assert_true(refusal_is_final(REFUSAL_MALFORMED));
    assert_true(refusal_is_final(REFUSAL_INTERNAL_FAULT));
    assert_true(refusal_is_final(REFUSAL_UNKNOWN_KIND));
}

static void every_error_has_its_sentence(void **state) {
    assert_string_equal(err_text(ERR_NO_ROOM), "no room left on the disk or in the database");
    assert_string_equal(err_text(0), "success");
    assert_string_equal(err_text(3), "success");
    assert_string_equal(err_text(-9999), "unknown error");
    for (int code = ERR_NO_MEMORY; code >= ERR_CANCELLED; code--) {
        assert_string_not_equal(err_text(code), "unknown error");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_once_given_keep_their_meaning),
        cmocka_unit_test(refusals_once_given_keep_their_meaning),
        cmocka_unit_test(every_text_leads_back_to_its_number),
        cmocka_unit_test(a_value_off_the_list_is_never_guessed),
        cmocka_unit_test(a_sender_told_to_try_again_keeps_its_number),
        cmocka_unit_test(every_error_has_its_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
