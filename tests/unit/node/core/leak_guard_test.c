/* Rules: DESIGN 4 and PRIVACY 2.4. National numbers: counter 999, which nobody has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "node/core/leak_guard.h"

enum { ROWS_MAX = 8 };

/* A signal with memory of its own, filled row by row. */
struct sample {
    struct signal signal;
    struct service_figures services[ROWS_MAX];
    struct left_figures left[ROWS_MAX][2];
    struct place_figures places[ROWS_MAX];
    struct language_figures languages[ROWS_MAX];
};

static struct count value(uint32_t value) {
    return (struct count){.form = COUNT_VALUE, .value = value};
}

static void sample_init(struct sample *sample, uint32_t open) {
    memset(sample, 0, sizeof(*sample));
    sample->signal = (struct signal){
        .origin = FIGURES_ORIGIN_REGISTER,
        .open = value(open),
        .waiting = value(open / 2),
        .services = sample->services,
        .places = sample->places,
        .languages = sample->languages,
    };
}

static struct service_figures *service(struct sample *sample, const char *id, uint32_t open) {
    struct service_figures *s = &sample->services[sample->signal.service_count];
    s->left = sample->left[sample->signal.service_count++];
    memcpy(s->service.text, id, strlen(id) + 1);
    s->open = value(open);
    s->waiting = value(open / 2);
    return s;
}

static void language(struct sample *sample, const char *code, uint32_t open) {
    struct language_figures *l = &sample->languages[sample->signal.language_count++];
    memcpy(l->language.code, code, 4);
    l->open = value(open);
    l->waiting = value(0);
}

static void place(struct sample *sample, uint32_t nis, uint32_t open) {
    sample->places[sample->signal.place_count++] =
        (struct place_figures){.nis = {nis}, .open = value(open), .waiting = value(open)};
}

static int setup(void **state) {
    struct arena *arena;
    const int r = arena_new(1 << 20, &arena);
    *state = arena;
    return r;
}

static int teardown(void **state) {
    arena_free(*state);
    return 0;
}

static struct leak_findings guard(void **state, struct sample *now, const struct sample *last) {
    struct leak_findings findings;
    assert_int_equal(
        leak_guard(&now->signal, last == NULL ? NULL : &last->signal, *state, &findings), 0);
    return findings;
}

static bool found(const struct leak_findings *findings, const char *id, enum measure measure,
                  enum withheld why) {
    for (size_t i = 0; i < findings->count; i++) {
        const struct leak_finding *f = &findings->items[i];
        if (strcmp(f->name.id, id) == 0 && f->name.measure == measure && f->withheld == why) {
            return true;
        }
    }
    return false;
}

static void an_ordinary_signal_passes_whole(void **state) {
    struct sample last;
    sample_init(&last, 120);
    service(&last, "budget", 70);
    service(&last, "onthaal", 50);
    place(&last, 34022, 80);
    place(&last, 34040, 40);
    struct sample now = last;
    now.signal.services = now.services;
    now.signal.places = now.places;
    now.services[0].open = value(75);
    assert_int_equal(guard(state, &now, &last).count, 0);
    assert_int_equal(now.signal.service_count, 2);
    assert_int_equal(now.signal.place_count, 2);
}

static void a_service_that_reads_like_a_person_goes_with_its_figures(void **state) {
    static const struct {
        const char *id;
        enum withheld why;
    } ids[] = {
        {"mevr-vermeulen", WITHHELD_LIKE_NAME},
        {"team-fatima", WITHHELD_LIKE_NAME},
        {"onthaal-0470-12-34-56", WITHHELD_LIKE_PHONE},
        {"88022999990", WITHHELD_LIKE_NATIONAL_NUMBER},
    };
    for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        struct sample now;
        sample_init(&now, 120);
        struct service_figures *s = service(&now, ids[i].id, 60);
        s->still_waiting.edge_count = 1;
        s->left[0].reason = CLOSE_REASON_MOVED;
        s->left_count = 1;
        service(&now, "onthaal", 60);
        const struct leak_findings findings = guard(state, &now, NULL);
        assert_int_equal(findings.count, 4);
        assert_true(found(&findings, ids[i].id, MEASURE_OPEN, ids[i].why));
        assert_true(found(&findings, ids[i].id, MEASURE_STILL_WAITING, ids[i].why));
        assert_true(found(&findings, ids[i].id, MEASURE_LEFT, ids[i].why));
        assert_int_equal(now.signal.service_count, 1);
        assert_string_equal(now.services[0].service.text, "onthaal");
    }
}

static void a_service_per_municipality_is_a_crossed_table(void **state) {
    struct sample now;
    sample_init(&now, 120);
    service(&now, "budget-34022", 60);
    service(&now, "onthaal", 60);
    const struct leak_findings findings = guard(state, &now, NULL);
    assert_true(found(&findings, "budget-34022", MEASURE_WAITING, WITHHELD_CROSSED));
    assert_int_equal(now.signal.service_count, 1);
}

static void a_service_per_language_is_a_crossed_table(void **state) {
    struct sample now;
    sample_init(&now, 120);
    service(&now, "budget-ara", 40);
    service(&now, "budget-ukr", 40);
    service(&now, "les-nld", 40); /* teaches Dutch: no other service differs by language alone */
    language(&now, "ara", 40);
    language(&now, "nld", 40);
    language(&now, "ukr", 40);
    const struct leak_findings findings = guard(state, &now, NULL);
    assert_true(found(&findings, "budget-ara", MEASURE_OPEN, WITHHELD_CROSSED));
    assert_true(found(&findings, "budget-ukr", MEASURE_OPEN, WITHHELD_CROSSED));
    assert_int_equal(now.signal.service_count, 1);
    assert_string_equal(now.services[0].service.text, "les-nld");
}

static void parts_below_the_limit_are_withheld_and_the_total_goes(void **state) {
    struct sample now;
    sample_init(&now, 0);
    now.signal.open = (struct count){.form = COUNT_BAND, .band = 3};
    now.signal.waiting = (struct count){.form = COUNT_BAND, .band = 2};
    service(&now, "budget", 20);
    place(&now, 34022, 20);
    language(&now, "ara", 20);
    const struct leak_findings findings = guard(state, &now, NULL);
    assert_int_equal(findings.count, 6);
    assert_true(found(&findings, "34022", MEASURE_OPEN, WITHHELD_BELOW_LIMIT));
    assert_int_equal(now.signal.service_count + now.signal.place_count, 0);
    assert_int_equal(now.signal.open.form, COUNT_BAND);

    sample_init(&now, 47);
    service(&now, "budget", 20);
    assert_int_equal(guard(state, &now, NULL).count, 2);
    sample_init(&now, 48);
    service(&now, "budget", 20);
    assert_int_equal(guard(state, &now, NULL).count, 0);
}

static void waits_of_fewer_than_ten_are_withheld(void **state) {
    struct sample now;
    sample_init(&now, 120);
    struct service_figures *s = service(&now, "budget", 18); /* 9 waiting */
    s->still_waiting.edge_count = 6;
    s->since_contact.edge_count = 6;
    const struct leak_findings findings = guard(state, &now, NULL);
    assert_int_equal(findings.count, 1);
    assert_true(found(&findings, "budget", MEASURE_STILL_WAITING, WITHHELD_BELOW_LIMIT));
    assert_int_equal(now.services[0].since_contact.edge_count, 6);
}

static void the_only_new_small_category_is_withheld(void **state) {
    struct sample last;
    sample_init(&last, 120);
    language(&last, "ara", 60);
    language(&last, "nld", 60);
    struct sample now;
    sample_init(&now, 120);
    language(&now, "ara", 60);
    language(&now, "nld", 60);
    language(&now, "tir", 4);
    const struct leak_findings findings = guard(state, &now, &last);
    assert_true(found(&findings, "tir", MEASURE_OPEN, WITHHELD_LONE_CHANGE));
    assert_int_equal(now.signal.language_count, 2);
}

static void two_new_categories_or_a_large_one_may_go(void **state) {
    struct sample last;
    sample_init(&last, 120);
    language(&last, "ara", 60);
    struct sample now;
    sample_init(&now, 120);
    language(&now, "ara", 60);
    language(&now, "som", 4);
    language(&now, "tir", 4);
    assert_int_equal(guard(state, &now, &last).count, 0);
    sample_init(&now, 120);
    language(&now, "ara", 60);
    language(&now, "tir", 10);
    assert_int_equal(guard(state, &now, &last).count, 0);
}

static void the_only_small_category_that_ends_ages_instead_of_saying_zero(void **state) {
    struct sample last;
    sample_init(&last, 120);
    language(&last, "ara", 60);
    language(&last, "tir", 4);
    struct sample now;
    sample_init(&now, 120);
    language(&now, "ara", 60);
    language(&now, "tir", 0);
    const struct leak_findings findings = guard(state, &now, &last);
    assert_true(found(&findings, "tir", MEASURE_OPEN, WITHHELD_LONE_CHANGE));
    assert_int_equal(now.signal.language_count, 1);
}

static void a_jump_beyond_the_noise_in_a_small_cell_is_withheld(void **state) {
    static const struct {
        uint32_t before;
        uint32_t now;
        bool withheld;
    } changes[] = {
        {12, 21, false}, {12, 22, true}, {22, 12, true}, {49, 59, true}, {50, 90, false},
    };
    for (unsigned i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        struct sample last;
        sample_init(&last, 120);
        language(&last, "ara", changes[i].before);
        language(&last, "nld", 60);
        struct sample now;
        sample_init(&now, 120);
        language(&now, "ara", changes[i].now);
        language(&now, "nld", 60);
        const struct leak_findings findings = guard(state, &now, &last);
        assert_int_equal(found(&findings, "ara", MEASURE_OPEN, WITHHELD_CERTAINTY),
                         changes[i].withheld);
        assert_int_equal(findings.count, changes[i].withheld);
        assert_int_equal(now.languages[0].waiting.form, COUNT_VALUE);
    }
}

static void figures_published_before_are_held_to_their_names_only(void **state) {
    struct sample now;
    sample_init(&now, 20);
    now.signal.origin = FIGURES_ORIGIN_PUBLISHED;
    service(&now, "budget", 3);
    service(&now, "mevr-vermeulen", 17);
    const struct leak_findings findings = guard(state, &now, NULL);
    assert_int_equal(findings.count, 2);
    assert_int_equal(now.signal.service_count, 1);
    assert_string_equal(now.services[0].service.text, "budget");
}

static void texts_are_told_apart(void **state) {
    static const struct {
        const char *text;
        enum withheld why;
    } texts[] = {
        {"", WITHHELD_NOT},
        {"budget", WITHHELD_NOT},
        {"kind-en-gezin", WITHHELD_NOT},
        {"nt2-1-2", WITHHELD_NOT},
        {"vanaf 2026-11-23", WITHHELD_NOT},
        {"8500 kortrijk, 34022", WITHHELD_NOT},
        {"Onthaal voor nieuwkomers", WITHHELD_NOT},
        {"88022999990", WITHHELD_LIKE_NATIONAL_NUMBER},
        {"88.22.29", WITHHELD_NOT},
        {"dossier 88.22.29-999-36", WITHHELD_LIKE_NATIONAL_NUMBER},
        {"dossier 88.02.29-999.90", WITHHELD_LIKE_NATIONAL_NUMBER},
        {"08222999934", WITHHELD_LIKE_NATIONAL_NUMBER},
        {"88022999991", WITHHELD_NOT}, /* check digits wrong */
        {"bel 056 12 34 56", WITHHELD_LIKE_PHONE},
        {"0470/12.34.56", WITHHELD_LIKE_PHONE},
        {"+32 470 12 34 56", WITHHELD_LIKE_PHONE},
        {"0032470123456", WITHHELD_LIKE_PHONE},
        {"dhr. peeters", WITHHELD_LIKE_NAME},
        {"Peeters Jozef", WITHHELD_LIKE_NAME},
        {"Aster Gebre", WITHHELD_LIKE_NAME},
        {"iemand@voorbeeld.be", WITHHELD_LIKE_NAME},
    };
    for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (leak_text(bytes_from_text(texts[i].text)) != texts[i].why) {
            fail_msg("%s: %d", texts[i].text, (int)leak_text(bytes_from_text(texts[i].text)));
        }
    }
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_ARENA(an_ordinary_signal_passes_whole),
        WITH_ARENA(a_service_that_reads_like_a_person_goes_with_its_figures),
        WITH_ARENA(a_service_per_municipality_is_a_crossed_table),
        WITH_ARENA(a_service_per_language_is_a_crossed_table),
        WITH_ARENA(parts_below_the_limit_are_withheld_and_the_total_goes),
        WITH_ARENA(waits_of_fewer_than_ten_are_withheld),
        WITH_ARENA(the_only_new_small_category_is_withheld),
        WITH_ARENA(two_new_categories_or_a_large_one_may_go),
        WITH_ARENA(the_only_small_category_that_ends_ages_instead_of_saying_zero),
        WITH_ARENA(a_jump_beyond_the_noise_in_a_small_cell_is_withheld),
        WITH_ARENA(figures_published_before_are_held_to_their_names_only),
        cmocka_unit_test(texts_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
