#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "node/shell/trail.h"
#include "shared/crypto/random.h"
#include "tests/unit/shared/store/scratch.h"

struct fixture {
    struct scratch scratch;
    struct desk desk;
    struct family_request request;
    struct job job;
    char text[16 << 10];
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    f->scratch = scratch_new();
    f->desk.clock = clock_system();
    f->job.command.actor = (struct actor){.user = {.text = "els"}, .role = ROLE_CASEWORKER};
    f->job.request = &f->request;
    *state = f;
    int r = random_init();
    r = r < 0 ? r : place_init(f->scratch.path, &f->desk.place);
    return r < 0 ? r : trail_open(&f->desk.place, 1790000000000, &f->desk.audit);
}

static int teardown(void **state) {
    struct fixture *f = *state;
    audit_close(f->desk.audit);
    scratch_free(&f->scratch);
    free(f);
    return 0;
}

static void note(struct fixture *f, enum node_command kind, enum refusal refusal,
                 const char *result) {
    f->job.command.kind = kind;
    trail_command(&f->desk, &f->job, refusal, bytes_from_text(result));
}

static void add_line(void *ctx, const struct audit_line *line) {
    struct fixture *f = ctx;
    strcat(f->text, line->user);
    strcat(f->text, " ");
    strcat(f->text, line->action);
    strcat(f->text, strcmp(line->about, "-") == 0 ? " -\n" : " about\n");
}

static const char *log_of(struct fixture *f) {
    f->text[0] = '\0';
    assert_int_equal(audit_walk(scratch_below(&f->scratch, TRAIL_LOG).path, add_line, f), 0);
    return f->text;
}

static void expect_about(struct fixture *f, enum node_command kind, const char *result,
                         const char *expected) {
    char about[TRAIL_ABOUT_SIZE];
    f->job.command.kind = kind;
    assert_int_equal(trail_about(&f->job, bytes_from_text(result), about), expected != NULL);
    if (expected != NULL) {
        assert_string_equal(about, expected);
    }
}

static void a_log_is_made_once_with_its_key_beside_it(void **state) {
    struct fixture *f = *state;
    struct audit_key key;
    const struct scratch first = scratch_below(&f->scratch, TRAIL_FIRST);
    struct audit_files files;
    struct audit_verdict verdict;
    note(f, NODE_COMMAND_PUBLISH, REFUSAL_NONE, "");
    audit_close(f->desk.audit);
    assert_int_equal(trail_open(&f->desk.place, 1790000000000, &f->desk.audit), 0);
    note(f, NODE_COMMAND_PUBLISH, REFUSAL_NONE, "");
    assert_int_equal(trail_read_key(first.path, &key), 0);
    const struct scratch log = scratch_below(&f->scratch, TRAIL_LOG);
    const struct scratch kept = scratch_below(&f->scratch, TRAIL_STATE);
    files = (struct audit_files){.log = log.path, .state = kept.path};
    assert_int_equal(audit_verify(&files, &key, &verdict), 0);
    assert_int_equal(verdict.fault, AUDIT_SOUND);
    assert_int_equal(verdict.entries, 2);
    assert_int_equal(trail_read_key(log.path, &key), ERR_MALFORMED);
    assert_int_equal(unlink(first.path), 0);
    assert_int_equal(trail_read_key(first.path, &key), ERR_NOT_FOUND);
}

static void a_log_that_was_taken_away_isnt_begun_anew(void **state) {
    struct fixture *f = *state;
    struct audit_health health;
    assert_int_equal(unlink(scratch_below(&f->scratch, TRAIL_LOG).path), 0);
    audit_close(f->desk.audit);
    assert_int_equal(trail_open(&f->desk.place, 1790000000000, &f->desk.audit), 0);
    note(f, NODE_COMMAND_PUBLISH, REFUSAL_NONE, "");
    audit_health(f->desk.audit, &health);
    assert_int_equal(health.failed, 1);
    assert_int_equal(health.error, ERR_NOT_FOUND);
}

static void people_are_noted_and_the_daemons_own_work_isnt(void **state) {
    struct fixture *f = *state;
    f->request.arguments.end.who.family = 12;
    note(f, NODE_COMMAND_IMPORT_ROWS, REFUSAL_NONE, "");
    note(f, NODE_COMMAND_SUPPORT_END, REFUSAL_NONE, "");
    note(f, NODE_COMMAND_SHREDDED, REFUSAL_NONE, "");
    note(f, NODE_COMMAND_SUPPORT_END, REFUSAL_NOT_FOUND, "");
    trail_read(&f->desk, &f->job.command.actor, "read-families", "family", 0);
    trail_read(&f->desk, &f->job.command.actor, "read-family", "family", 12);
    assert_string_equal(log_of(f), "els support-end about\nels support-end-refused about\n"
                                   "els read-families -\nels read-family about\n");
}

/* PRIVACY 4.4: who did what with a family, each look too. */
static void everything_that_people_do_with_families_is_noted(void **state) {
    (void)state;
    for (int kind = NODE_COMMAND_CONSENT_GIVE; kind <= NODE_COMMAND_ITEM_DONE; kind++) {
        assert_true(trail_notes((enum node_command)kind));
    }
    assert_true(trail_notes(NODE_COMMAND_HOURS));
    assert_false(trail_notes(NODE_COMMAND_ITEMS_MAILED)); /* the daemon's own */
    assert_false(trail_notes(NODE_COMMAND_KEYS_ROTATE));
}

static void an_entry_is_about_the_number_that_this_node_gave(void **state) {
    struct fixture *f = *state;
    f->request.arguments.end.who.family = 12;
    expect_about(f, NODE_COMMAND_SUPPORT_END, "", "family 12");
    expect_about(f, NODE_COMMAND_SUPPORT_ENDING, "", "family 12");
    memset(&f->request.arguments, 0, sizeof(f->request.arguments));
    f->request.arguments.start.who.item = 7;
    expect_about(f, NODE_COMMAND_SUPPORT_START, "", "item 7");
    memset(&f->request.arguments, 0, sizeof(f->request.arguments));
    f->request.arguments.flag.item = 3;
    expect_about(f, NODE_COMMAND_FLAG_ANSWER, "", "item 3");
    memset(&f->request.arguments, 0, sizeof(f->request.arguments));
    expect_about(f, NODE_COMMAND_CONSENT_GIVE, "{\"family\": 41, \"until\": \"2027-10-31\"}",
                 "family 41");
    expect_about(f, NODE_COMMAND_CONSENT_GIVE, "", NULL);
    expect_about(f, NODE_COMMAND_CONCERN, "", NULL);
    expect_about(f, NODE_COMMAND_LOOK, "", NULL);
    f->job.arguments.user = (struct user_record){.user = {.text = "an"}};
    expect_about(f, NODE_COMMAND_USER_ADD, "", "user an");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_log_is_made_once_with_its_key_beside_it),
        TEST(a_log_that_was_taken_away_isnt_begun_anew),
        TEST(people_are_noted_and_the_daemons_own_work_isnt),
        TEST(everything_that_people_do_with_families_is_noted),
        TEST(an_entry_is_about_the_number_that_this_node_gave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
