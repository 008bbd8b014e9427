#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "node/shell/applicant.h"

static const struct applicant_words KORTRIJK = {
    .org = "ocmw-kortrijk",
    .name = "OCMW Kortrijk",
    .kind = "ocmw",
    .nis = "34022",
    .services = "onthaal, leefloon,onthaal",
    .languages = "nld,fra",
    .kbo = "0212.189.676",
};

struct read {
    struct arena *arena;
    struct org_id org;
    struct member member;
    struct applicant_fault fault;
};

static int read_words(struct read *read, const struct applicant_words *words) {
    *read = (struct read){0};
    assert_int_equal(arena_new(1 << 20, &read->arena), 0);
    return applicant_read(words, read->arena, &read->org, &read->member, &read->fault);
}

static void an_ocmw_is_territorial_and_its_lists_are_sorted(void **state) {
    struct read read;
    assert_int_equal(read_words(&read, &KORTRIJK), 0);
    assert_string_equal(read.org.text, "ocmw-kortrijk");
    assert_int_equal(read.member.kind, ORG_KIND_OCMW);
    assert_int_equal(read.member.competence, COMPETENCE_TERRITORIAL);
    assert_int_equal(read.member.role, MEMBER_ROLE_NODE);
    assert_int_equal(read.member.may_take_consent, CONSENT_RIGHT_NO);
    assert_int_equal(read.member.catchment_count, 1);
    assert_int_equal(read.member.catchment[0].nis.code, 34022);
    assert_int_equal(read.member.service_count, 2);
    assert_string_equal(read.member.services[0].text, "leefloon");
    assert_string_equal(read.member.services[1].text, "onthaal");
    assert_string_equal(read.member.languages[0].code, "fra");
    assert_string_equal(read.member.enterprise_number, "0212189676");
    assert_false(read.member.hidden);
    arena_free(read.arena);
}

static void a_refuge_is_hidden_without_being_asked(void **state) {
    struct applicant_words words = KORTRIJK;
    struct read read;
    words.kind = "refuge";
    assert_int_equal(read_words(&read, &words), 0);
    assert_true(read.member.hidden);
    assert_int_equal(read.member.competence, COMPETENCE_REGIONAL);
    arena_free(read.arena);
}

static void each_wrong_word_is_named_with_its_value(void **state) {
    const struct {
        size_t where;
        const char *value;
        const char *option;
        const char *named;
    } cases[] = {
        {offsetof(struct applicant_words, org), "OCMW", "org", "OCMW"},
        {offsetof(struct applicant_words, org), "hub", "org", "hub"},
        {offsetof(struct applicant_words, name), "", "name", ""},
        {offsetof(struct applicant_words, name), "a\nb", "name", "a\nb"},
        {offsetof(struct applicant_words, kind), "club", "kind", "club"},
        {offsetof(struct applicant_words, competence), "world", "competence", "world"},
        {offsetof(struct applicant_words, nis), "34022,99999", "nis", "99999"},
        {offsetof(struct applicant_words, onthaal), "12", "onthaal", "12"},
        {offsetof(struct applicant_words, services), "leefloon,UP", "service", "UP"},
        {offsetof(struct applicant_words, languages), "nld,xqx", "language", "xqx"},
        {offsetof(struct applicant_words, kbo), "0212.189.67", "kbo", "0212.189.67"},
        {offsetof(struct applicant_words, kbo), "02121896761", "kbo", "02121896761"},
        {offsetof(struct applicant_words, may_take_consent), "maybe", "may-take-consent", "maybe"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct applicant_words words = KORTRIJK;
        struct read read;
        memcpy((char *)&words + cases[i].where, &cases[i].value, sizeof(cases[i].value));
        assert_int_equal(read_words(&read, &words), ERR_MALFORMED);
        assert_string_equal(read.fault.option, cases[i].option);
        assert_string_equal(read.fault.value, cases[i].named);
        arena_free(read.arena);
    }
}

static void what_the_catalogue_does_not_know_is_told_with_what_is_like_it(void **state) {
    (void)state;
    struct applicant_words words = KORTRIJK;
    struct read read;
    words.services = "onthaalx";
    assert_int_equal(read_words(&read, &words), ERR_MALFORMED);
    assert_string_equal(read.fault.option, "service");
    assert_int_equal(strncmp(read.fault.nearest, "onthaal", 7), 0);
    arena_free(read.arena);
    words.services = "zzzzqqqqzzzz";
    assert_int_equal(read_words(&read, &words), ERR_MALFORMED);
    assert_string_equal(read.fault.nearest, "");
    arena_free(read.arena);
    words.services = "mo-dag,nt2-a1-avond,nt2-alfa-a1-dag,x-buurtwerk";
    words.languages = "Nederlands";
    assert_int_equal(read_words(&read, &words), ERR_MALFORMED);
    assert_string_equal(read.fault.option, "language");
    assert_string_equal(read.fault.nearest, "nld");
    arena_free(read.arena);
    words.languages = "nld,ar,nl";
    assert_int_equal(read_words(&read, &words), 0);
    assert_int_equal(read.member.language_count, 2); /* by rising code, each once */
    assert_string_equal(read.member.languages[0].code, "ara");
    assert_string_equal(read.member.languages[1].code, "nld");
    arena_free(read.arena);
}

static void hours_are_passed_on_as_they_are(void **state) {
    struct applicant_words words = KORTRIJK;
    struct read read;
    words.walk_in = "2 09:00-12:00";
    words.sitting = "34022 3 13:30-16:00, 34023 4 09:00-10:00";
    assert_int_equal(read_words(&read, &words), 0);
    assert_int_equal(read.member.walk_in_count, 1);
    assert_string_equal(read.member.walk_in[0], "2 09:00-12:00");
    assert_int_equal(read.member.sitting_count, 2);
    assert_string_equal(read.member.sitting[1], "34023 4 09:00-10:00");
    arena_free(read.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ocmw_is_territorial_and_its_lists_are_sorted),
        cmocka_unit_test(a_refuge_is_hidden_without_being_asked),
        cmocka_unit_test(each_wrong_word_is_named_with_its_value),
        cmocka_unit_test(what_the_catalogue_does_not_know_is_told_with_what_is_like_it),
        cmocka_unit_test(hours_are_passed_on_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
