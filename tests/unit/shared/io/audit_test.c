#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "shared/base/civil.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/random.h"
#include "shared/io/audit.h"
#include "tests/unit/shared/store/scratch.h"

enum { FILE_MAX = 64 << 10, LINES_MAX = 32 };

struct fixture {
    struct scratch scratch;
    struct scratch log_path;
    struct scratch state_path;
    struct audit_files files;
    struct audit_key first;
    struct audit *audit;
    char text[FILE_MAX];
    char *lines[LINES_MAX]; /* of `text`; the first is the log's first words */
    size_t count;
};

static const uint8_t seed[AUDIT_SEED_BYTES] = {7};

static void open_audit(struct fixture *f) {
    audit_close(f->audit);
    assert_int_equal(audit_open(&f->files, &f->audit), 0);
}

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    f->scratch = scratch_new();
    f->log_path = scratch_below(&f->scratch, "audit.log");
    f->state_path = scratch_below(&f->scratch, "audit.state");
    f->files = (struct audit_files){.log = f->log_path.path, .state = f->state_path.path};
    assert_int_equal(audit_create(&f->files, seed, 1790000000000, &f->first), 0);
    open_audit(f);
    *state = f;
    return 0;
}

static int setup_group(void **state) {
    (void)state;
    return random_init();
}

static int teardown(void **state) {
    struct fixture *f = *state;
    audit_close(f->audit);
    scratch_free(&f->scratch);
    free(f);
    return 0;
}

static void append(struct fixture *f, int count) {
    for (int i = 0; i < count; i++) {
        const struct audit_entry entry = {.time_ms = 1790000000000 + i * 1000,
                                          .user = "els",
                                          .action = "support-start",
                                          .about = "family 12"};
        audit_append(f->audit, &entry);
    }
}

static struct audit_health health(struct fixture *f) {
    struct audit_health found;
    audit_health(f->audit, &found);
    return found;
}

static void read_log(struct fixture *f) {
    FILE *file = fopen(f->files.log, "r");
    assert_non_null(file);
    size_t length = fread(f->text, 1, sizeof(f->text) - 1, file);
    fclose(file);
    f->text[length] = '\0';
    f->count = 0;
    for (char *line = strtok(f->text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        f->lines[f->count++] = line;
    }
}

/* The lines that aren't NULL. */
static void write_log(struct fixture *f) {
    FILE *file = fopen(f->files.log, "w");
    assert_non_null(file);
    for (size_t i = 0; i < f->count; i++) {
        if (f->lines[i] != NULL) {
            fprintf(file, "%s\n", f->lines[i]);
        }
    }
    assert_int_equal(fclose(file), 0);
}

static void expect_verdict(struct fixture *f, bool with_key, enum audit_fault fault,
                           uint64_t entries) {
    struct audit_verdict verdict;
    assert_int_equal(audit_verify(&f->files, with_key ? &f->first : NULL, &verdict), 0);
    assert_int_equal(verdict.fault, fault);
    assert_int_equal(verdict.entries, entries);
    assert_int_equal(verdict.with_key, with_key);
}

static void expect_both(struct fixture *f, enum audit_fault fault, uint64_t entries) {
    expect_verdict(f, true, fault, entries);
    expect_verdict(f, false, fault, entries);
}

static void what_was_written_holds_and_names_nobody(void **state) {
    struct fixture *f = *state;
    struct stat about;
    expect_both(f, AUDIT_SOUND, 0);
    append(f, 5);
    expect_both(f, AUDIT_SOUND, 5);
    open_audit(f);
    append(f, 1);
    expect_both(f, AUDIT_SOUND, 6);
    assert_int_equal(health(f).entries, 6);
    assert_int_equal(health(f).error, 0);
    assert_int_equal(stat(f->files.log, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(stat(f->files.state, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    read_log(f);
    for (size_t i = 0; i < f->count; i++) {
        assert_null(strstr(f->lines[i], "family"));
    }
}

/* Head and MAC as the header says, made here anew of the line's own text. */
static void an_auditor_can_redo_it_from_the_description(void **state) {
    struct fixture *f = *state;
    struct hash hash;
    char expected[2][65];
    append(f, 2);
    read_log(f);
    struct digest head = hash_of("audit-begin/v1", bytes_from_text(f->lines[0]));
    struct audit_key key = f->first;
    for (size_t i = 1; i <= 2; i++) {
        const char *end = strrchr(f->lines[i], ' ') - 65;
        hash_begin(&hash, "audit-head/v1");
        hash_run(&hash, BYTES_OF(head.bytes));
        hash_run(&hash, (struct bytes){.data = (uint8_t *)f->lines[i],
                                       .length = (size_t)(end - f->lines[i])});
        head = hash_end(&hash);
        struct digest mac = hash_keyed(BYTES_OF(key.bytes), "audit-mac/v1", BYTES_OF(head.bytes));
        hex_encode(BYTES_OF(head.bytes), expected[0]);
        hex_encode(BYTES_OF(mac.bytes), expected[1]);
        assert_memory_equal(end + 1, expected[0], 64);
        assert_string_equal(end + 66, expected[1]);
        blake2b(key.bytes, sizeof(key.bytes), bytes_from_text("next"), BYTES_OF(key.bytes));
    }
}

static void a_changed_line_is_found(void **state) {
    struct fixture *f = *state;
    append(f, 5);
    read_log(f);
    char *user = strstr(f->lines[3], "els");
    memcpy(user, "jan", 3);
    write_log(f);
    expect_both(f, AUDIT_CHANGED, 2);
}

static void a_line_taken_from_the_middle_is_found(void **state) {
    struct fixture *f = *state;
    append(f, 5);
    read_log(f);
    f->lines[3] = NULL;
    write_log(f);
    expect_both(f, AUDIT_MISSING, 2);
}

static void two_lines_that_changed_places_are_found(void **state) {
    struct fixture *f = *state;
    append(f, 5);
    read_log(f);
    char *kept = f->lines[2];
    f->lines[2] = f->lines[3];
    f->lines[3] = kept;
    write_log(f);
    expect_both(f, AUDIT_MISSING, 1);
}

static void a_log_that_was_cut_is_found(void **state) {
    struct fixture *f = *state;
    append(f, 5);
    read_log(f);
    f->lines[5] = NULL;
    f->lines[4] = NULL;
    write_log(f);
    expect_both(f, AUDIT_CUT, 3);
    open_audit(f);
    assert_int_equal(health(f).error, ERR_CHAIN);
    append(f, 1); /* and goes on, after the gap */
    assert_int_equal(health(f).failed, 0);
    expect_both(f, AUDIT_MISSING, 3);
}

/* The last entry anew, with another user, its head computed as it must be and a MAC of nothing. */
static void forge_last(struct fixture *f, char ret_line[static AUDIT_LINE_MAX]) {
    uint8_t before[32];
    struct hash hash;
    char text[65];
    char *head_text = strrchr(f->lines[f->count - 2], ' ') - 64;
    head_text[64] = '\0';
    assert_int_equal(hex_decode(head_text, before, sizeof(before)), 0);
    head_text[64] = ' ';
    strcpy(ret_line, f->lines[f->count - 1]);
    memcpy(strstr(ret_line, "els"), "jan", 3);
    char *end = strrchr(ret_line, ' ') - 65;
    hash_begin(&hash, "audit-head/v1");
    hash_run(&hash, BYTES_OF(before));
    hash_run(&hash,
             (struct bytes){.data = (uint8_t *)ret_line, .length = (size_t)(end - ret_line)});
    struct digest head = hash_end(&hash);
    hex_encode(BYTES_OF(head.bytes), text);
    memcpy(end + 1, text, 64);
}

static void a_tail_rewritten_without_its_key_is_found(void **state) {
    struct fixture *f = *state;
    char line[AUDIT_LINE_MAX];
    append(f, 5);
    read_log(f);
    forge_last(f, line);
    f->lines[f->count - 1] = line;
    write_log(f);
    expect_verdict(f, true, AUDIT_FORGED, 4);
    expect_verdict(f, false, AUDIT_OTHER_END, 5);
}

/* The owner of the machine begins a log anew, with a state that fits it. */
static void a_log_begun_anew_isnt_the_one_of_the_first_key(void **state) {
    struct fixture *f = *state;
    struct audit_key other;
    const uint8_t seed_then[AUDIT_SEED_BYTES] = {8};
    append(f, 3);
    assert_int_equal(unlink(f->files.log), 0);
    assert_int_equal(unlink(f->files.state), 0);
    assert_int_equal(audit_create(&f->files, seed_then, 1790000000000, &other), 0);
    open_audit(f);
    append(f, 3);
    expect_verdict(f, false, AUDIT_SOUND, 3);
    expect_verdict(f, true, AUDIT_FORGED, 0);
}

static void a_state_that_is_gone_or_damaged_is_found(void **state) {
    struct fixture *f = *state;
    append(f, 3);
    FILE *file = fopen(f->files.state, "r+");
    assert_non_null(file);
    for (int i = 0; i < 256; i++) {
        fputc(i, file);
    }
    assert_int_equal(fclose(file), 0);
    expect_both(f, AUDIT_NO_STATE, 3);
    open_audit(f);
    assert_int_equal(health(f).error, ERR_CRYPTO);
    assert_int_equal(unlink(f->files.state), 0);
    expect_both(f, AUDIT_NO_STATE, 3);
}

/* The first key opens what follows, so it must be nowhere any more; nor may the second. */
static void keys_that_were_used_are_nowhere(void **state) {
    struct fixture *f = *state;
    uint8_t bytes[512];
    struct audit_key keys[4] = {f->first};
    for (int i = 1; i < 4; i++) {
        keys[i] = keys[i - 1];
        blake2b(keys[i].bytes, 32, bytes_from_text("next"), BYTES_OF(keys[i].bytes));
    }
    append(f, 3);
    FILE *file = fopen(f->files.state, "r");
    size_t length = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    for (int i = 0; i < 4; i++) {
        bool there = memmem(bytes, length, keys[i].bytes, 32) != NULL;
        assert_int_equal(there, i == 3);
    }
}

/* A process that died between the line and the state, as if the state had been put back a step. */
static void a_crash_between_line_and_state_loses_nothing(void **state) {
    struct fixture *f = *state;
    uint8_t kept[256];
    append(f, 2);
    FILE *file = fopen(f->files.state, "r");
    assert_int_equal(fread(kept, 1, sizeof(kept), file), sizeof(kept));
    fclose(file);
    append(f, 2);
    file = fopen(f->files.state, "w");
    assert_int_equal(fwrite(kept, 1, sizeof(kept), file), sizeof(kept));
    assert_int_equal(fclose(file), 0);
    open_audit(f);
    assert_int_equal(health(f).entries, 4);
    assert_int_equal(health(f).error, 0);
    append(f, 1);
    expect_both(f, AUDIT_SOUND, 5);
}

static void half_a_line_never_was_an_entry(void **state) {
    struct fixture *f = *state;
    append(f, 2);
    FILE *file = fopen(f->files.log, "a");
    fputs("3 2026-11-22T01:02", file);
    assert_int_equal(fclose(file), 0);
    expect_both(f, AUDIT_SOUND, 2);
    open_audit(f);
    append(f, 1);
    expect_both(f, AUDIT_SOUND, 3);
}

static void a_full_disk_is_counted_and_told_by_the_log_itself(void **state) {
    struct fixture *f = *state;
    struct stat about;
    struct rlimit before;
    struct audit_verdict verdict;
    append(f, 2);
    assert_int_equal(stat(f->files.log, &about), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit small = before;
    small.rlim_cur = (rlim_t)about.st_size + 100; /* half a line still fits */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    append(f, 3);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(health(f).failed, 3);
    assert_int_equal(health(f).error, ERR_NO_ROOM);
    expect_both(f, AUDIT_SOUND, 2);
    append(f, 1);
    assert_int_equal(health(f).error, 0);
    assert_int_equal(health(f).failed, 3);
    assert_int_equal(audit_verify(&f->files, &f->first, &verdict), 0);
    assert_int_equal(verdict.fault, AUDIT_SOUND);
    assert_int_equal(verdict.entries, 4);
    assert_int_equal(verdict.lost, 3);
}

static void a_log_that_is_gone_is_counted_and_isnt_begun_anew(void **state) {
    struct fixture *f = *state;
    struct audit_verdict verdict;
    append(f, 2);
    assert_int_equal(unlink(f->files.log), 0);
    append(f, 2);
    assert_int_equal(health(f).failed, 2);
    assert_int_equal(health(f).error, ERR_NOT_FOUND);
    assert_int_equal(access(f->files.log, F_OK), -1);
    assert_int_equal(audit_verify(&f->files, &f->first, &verdict), ERR_NOT_FOUND);
    open_audit(f);
    append(f, 1);
    assert_int_equal(health(f).failed, 1);
    assert_int_equal(health(f).error, ERR_NOT_FOUND);
    audit_append(NULL, &(struct audit_entry){.user = "els", .action = "look"});
}

static void what_cant_stand_in_a_line_is_made_harmless(void **state) {
    struct fixture *f = *state;
    const struct audit_entry entry = {.time_ms = 1790000000000, .user = "Els\n2 x", .action = ""};
    audit_append(f->audit, &entry);
    expect_both(f, AUDIT_SOUND, 1);
    read_log(f);
    assert_int_equal(f->count, 2);
    assert_non_null(strstr(f->lines[1], " ?ls?2?x - - "));
}

static void count_about(void *ctx, const struct audit_line *line) {
    struct digest wanted;
    struct fixture *f = ctx;
    char text[65];
    assert_int_equal(audit_commitment(&f->files, "family 12", &wanted), 0);
    hex_encode(BYTES_OF(wanted.bytes), text);
    f->count += strcmp(line->about, text) == 0 ? 1 : 0;
    assert_string_equal(line->user, "els");
}

static void who_has_the_state_can_ask_which_lines_are_about_one(void **state) {
    struct fixture *f = *state;
    const struct audit_entry other = {.user = "els", .action = "look", .about = "family 13"};
    append(f, 2);
    audit_append(f->audit, &other);
    f->count = 0;
    assert_int_equal(audit_walk(f->files.log, count_about, f), 0);
    assert_int_equal(f->count, 2);
}

static void making_one_touches_none_that_stands(void **state) {
    struct fixture *f = *state;
    struct audit_key key = {{1}};
    append(f, 1);
    assert_int_equal(audit_create(&f->files, seed, 0, &key), ERR_EXISTS);
    assert_int_equal(unlink(f->files.log), 0);
    assert_int_equal(audit_create(&f->files, seed, 0, &key), ERR_EXISTS);
    assert_int_equal(access(f->files.log, F_OK), -1);
    assert_int_equal(key.bytes[0], 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_was_written_holds_and_names_nobody),
        TEST(an_auditor_can_redo_it_from_the_description),
        TEST(a_changed_line_is_found),
        TEST(a_line_taken_from_the_middle_is_found),
        TEST(two_lines_that_changed_places_are_found),
        TEST(a_log_that_was_cut_is_found),
        TEST(a_tail_rewritten_without_its_key_is_found),
        TEST(a_log_begun_anew_isnt_the_one_of_the_first_key),
        TEST(a_state_that_is_gone_or_damaged_is_found),
        TEST(keys_that_were_used_are_nowhere),
        TEST(a_crash_between_line_and_state_loses_nothing),
        TEST(half_a_line_never_was_an_entry),
        TEST(a_full_disk_is_counted_and_told_by_the_log_itself),
        TEST(a_log_that_is_gone_is_counted_and_isnt_begun_anew),
        TEST(what_cant_stand_in_a_line_is_made_harmless),
        TEST(who_has_the_state_can_ask_which_lines_are_about_one),
        TEST(making_one_touches_none_that_stands),
    };
    return cmocka_run_group_tests(tests, setup_group, NULL);
}
