#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/consent/record.h"

static struct org_id org_of(const char *text) {
    struct org_id org;
    assert_int_equal(org_id_parse(text, &org), 0);
    return org;
}

static struct consent_record sample(void) {
    struct consent_record record = {
        .id = {{1, 2, 3}},
        .controller = org_of("ocmw-genk"),
        .notice_version = "2026-1",
        .language = {"tir"},
        .ground = LEGAL_GROUND_PUBLIC_TASK,
        .retention_until_day = 22000,
        .explained_aloud = true,
        .interpreter = INTERPRETER_PHONE,
        .interpreter_desk = "Ba-bel",
        .teach_back = "\"Jullie zien wie ons helpt, niet waarom.\"",
        .present = "moeder, tante",
        .fallback_first = org_of("caw"),
        .fallback_second = org_of("ocmw-genk"),
        .conference = {org_of("caw"), org_of("school-1")},
        .conference_count = 2,
        .show_hidden = true,
        .events =
            {{.state = CONSENT_GIVEN, .at_ms = 1795000000000, .scopes = {9}, .end_month = 690},
             {.state = CONSENT_WITHDRAWN,
              .at_ms = 1796000000000,
              .end_month = 690,
              .basis = WITHDRAWAL_PAPER}},
        .event_count = 2,
    };
    assert_int_equal(user_id_parse("els", &record.events[0].by), 0);
    return record;
}

static size_t encode(const struct consent_record *record, uint8_t *memory, size_t size) {
    struct buf buf = buf_over(memory, size);
    consent_record_encode(record, &buf);
    assert_int_equal(buf.error, 0);
    return buf.length;
}

static void a_record_is_read_back_as_it_was_written(void **state) {
    const struct consent_record record = sample();
    struct consent_record read;
    uint8_t memory[4096];
    uint8_t again[4096];
    memset(&read, 0xa5, sizeof(read));
    const size_t length = encode(&record, memory, sizeof(memory));
    assert_int_equal(consent_record_decode((struct bytes){memory, length}, &read), 0);
    assert_memory_equal(read.id.bytes, record.id.bytes, 16);
    assert_string_equal(read.controller.text, "ocmw-genk");
    assert_string_equal(read.notice_version, "2026-1");
    assert_string_equal(read.language.code, "tir");
    assert_int_equal(read.ground, LEGAL_GROUND_PUBLIC_TASK);
    assert_int_equal(read.retention_until_day, 22000);
    assert_true(read.explained_aloud);
    assert_int_equal(read.interpreter, INTERPRETER_PHONE);
    assert_string_equal(read.interpreter_desk, "Ba-bel");
    assert_string_equal(read.teach_back, record.teach_back);
    assert_string_equal(read.present, "moeder, tante");
    assert_string_equal(read.fallback_first.text, "caw");
    assert_string_equal(read.fallback_second.text, "ocmw-genk");
    assert_int_equal(read.conference_count, 2);
    assert_string_equal(read.conference[1].text, "school-1");
    assert_true(read.show_hidden);
    assert_int_equal(read.event_count, 2);
    assert_int_equal(read.events[0].state, CONSENT_GIVEN);
    assert_true(read.events[0].at_ms == 1795000000000);
    assert_string_equal(read.events[0].by.text, "els");
    assert_int_equal(read.events[0].scopes.bits, 9);
    assert_int_equal(read.events[0].end_month, 690);
    assert_int_equal(read.events[1].basis, WITHDRAWAL_PAPER);
    assert_int_equal(encode(&read, again, sizeof(again)), length);
    assert_memory_equal(again, memory, length);
}

/* Python: record(organisations=("caw",), events=[event(3, 2)]) of tests/fuzz/consent_corpus.py. */
static void a_record_is_spelled_as_an_independent_program_spells_it(void **state) {
    static const char expected[] =
        "01000102030405060708090a0b0c0d0e0f000000046f636d7700000006323032362d3100000003"
        "7469720200000000000055f00102000000046465736b00000010696e20686572206f776e20776f"
        "7264730000000c6d6f746865722c2061756e740000000363617700000000010000000363617701"
        "0103000001a1ee565e0000000003656c7300000009000002b202";
    struct consent_record record = {
        .controller = org_of("ocmw"),
        .notice_version = "2026-1",
        .language = {"tir"},
        .ground = LEGAL_GROUND_PUBLIC_TASK,
        .retention_until_day = 22000,
        .explained_aloud = true,
        .interpreter = INTERPRETER_PHONE,
        .interpreter_desk = "desk",
        .teach_back = "in her own words",
        .present = "mother, aunt",
        .fallback_first = org_of("caw"),
        .conference = {org_of("caw")},
        .conference_count = 1,
        .show_hidden = true,
        .events = {{.state = CONSENT_WITHDRAWN,
                    .at_ms = 1795000000000,
                    .by = {"els"},
                    .scopes = {9},
                    .end_month = 690,
                    .basis = WITHDRAWAL_PAPER}},
        .event_count = 1,
    };
    uint8_t memory[512];
    char text[2 * sizeof(memory) + 1];
    for (uint8_t i = 0; i < sizeof(record.id.bytes); i++) {
        record.id.bytes[i] = i;
    }
    const size_t length = encode(&record, memory, sizeof(memory));
    hex_encode((struct bytes){memory, length}, text);
    assert_string_equal(text, expected);
}

static void fill(char *text, size_t size) {
    memset(text, 'x', size - 1);
    text[size - 1] = '\0';
}

static void the_largest_record_is_read_back(void **state) {
    struct consent_record record = sample();
    struct consent_record read;
    static uint8_t memory[8192];
    fill(record.notice_version, sizeof(record.notice_version));
    fill(record.interpreter_desk, sizeof(record.interpreter_desk));
    fill(record.teach_back, sizeof(record.teach_back));
    fill(record.present, sizeof(record.present));
    record.conference_count = CONSENT_CONFERENCE_MAX;
    record.event_count = CONSENT_EVENTS_MAX;
    for (size_t i = 0; i < CONSENT_EVENTS_MAX; i++) {
        record.events[i] = record.events[i % 2];
        fill(record.events[i].by.text, sizeof(record.events[i].by.text));
    }
    const size_t length = encode(&record, memory, sizeof(memory));
    assert_int_equal(consent_record_decode((struct bytes){memory, length}, &read), 0);
    assert_int_equal(read.event_count, CONSENT_EVENTS_MAX);
    assert_string_equal(read.teach_back, record.teach_back);
    memory[length] = 0;
    assert_int_equal(consent_record_decode((struct bytes){memory, length + 1}, &read),
                     ERR_MALFORMED);
}

static void what_does_not_fit_is_the_buffers_failure(void **state) {
    const struct consent_record record = sample();
    uint8_t memory[64];
    struct buf buf = buf_over(memory, sizeof(memory));
    consent_record_encode(&record, &buf);
    assert_int_equal(buf.error, ERR_TOO_LARGE);
}

static void a_record_cut_anywhere_is_refused(void **state) {
    const struct consent_record record = sample();
    struct consent_record read = {.event_count = 7};
    uint8_t memory[4096];
    const size_t length = encode(&record, memory, sizeof(memory));
    for (size_t cut = 0; cut < length; cut++) {
        assert_int_equal(consent_record_decode((struct bytes){memory, cut}, &read), ERR_MALFORMED);
    }
    assert_int_equal(read.event_count, 7);
}

static void a_later_version_is_not_guessed(void **state) {
    const struct consent_record record = sample();
    struct consent_record read;
    uint8_t memory[4096];
    const size_t length = encode(&record, memory, sizeof(memory));
    memory[0] = CONSENT_RECORD_VERSION + 1;
    assert_int_equal(consent_record_decode((struct bytes){memory, length}, &read), ERR_UNSUPPORTED);
    memory[0] = 0;
    assert_int_equal(consent_record_decode((struct bytes){memory, length}, &read), ERR_MALFORMED);
}

/* Writes one that a decoder mustn't take. */
static int decode_bad(const struct consent_record *record) {
    struct consent_record read;
    uint8_t memory[4096];
    const size_t length = encode(record, memory, sizeof(memory));
    return consent_record_decode((struct bytes){memory, length}, &read);
}

static void a_value_off_its_list_is_refused(void **state) {
    for (int i = 0; i < 12; i++) {
        struct consent_record bad = sample();
        switch (i) {
        case 0:
            bad.ground = (enum legal_ground)5;
            break;
        case 1:
            bad.interpreter = (enum interpreter)8;
            break;
        case 2:
            bad.events[1].state = CONSENT_STATE_NONE;
            break;
        case 3:
            bad.events[1].state = (enum consent_state)6;
            break;
        case 4:
            bad.events[0].scopes.bits = 64;
            break;
        case 5:
            bad.events[0].basis = (enum withdrawal_basis)4;
            break;
        case 6:
            memcpy(bad.controller.text, "OCMW", 5);
            break;
        case 7:
            memcpy(bad.conference[0].text, "a b", 4);
            break;
        case 8:
            memcpy(bad.language.code, "T1r", 4);
            break;
        case 9:
            memcpy(bad.events[0].by.text, "E/s", 4);
            break;
        case 10:
            bad.retention_until_day = INT32_MAX;
            break;
        default:
            bad.events[0].at_ms = INT64_MIN;
            break;
        }
        assert_int_equal(decode_bad(&bad), ERR_MALFORMED);
    }
}

/* The last three bytes of such a record: no conference, shown hidden, no events. */
static void neither_yes_nor_no_is_refused(void **state) {
    struct consent_record record = sample();
    uint8_t memory[4096];
    record.conference_count = 0;
    record.event_count = 0;
    const size_t length = encode(&record, memory, sizeof(memory));
    for (uint8_t shown = 0; shown < 4; shown++) {
        memory[length - 2] = shown;
        assert_int_equal(consent_record_decode((struct bytes){memory, length}, &record),
                         shown <= 1 ? 0 : ERR_MALFORMED);
    }
}

/* ---- what must have been said ---- */

static void a_whole_talk_counts(void **state) {
    struct consent_record record = sample();
    assert_int_equal(consent_record_check(&record), REFUSAL_NONE);
    record.interpreter = INTERPRETER_NOT_NEEDED;
    record.ground = LEGAL_GROUND_CONSENT;
    assert_int_equal(consent_record_check(&record), REFUSAL_NONE);
}

static void a_minor_never_interprets(void **state) {
    struct consent_record record = sample();
    record.interpreter = INTERPRETER_MINOR;
    assert_int_equal(consent_record_check(&record), REFUSAL_MINOR_INTERPRETER);
    record.teach_back[0] = '\0';
    assert_int_equal(consent_record_check(&record), REFUSAL_MINOR_INTERPRETER);
}

static void a_family_says_it_in_its_own_words(void **state) {
    static const char *const blank[] = {"", " ", "\n\t \r\v\f", "\xc2\xa0 \xc2\xa0"};
    for (size_t i = 0; i < sizeof(blank) / sizeof(blank[0]); i++) {
        struct consent_record record = sample();
        memset(record.teach_back, 0, sizeof(record.teach_back));
        memcpy(record.teach_back, blank[i], strlen(blank[i]));
        assert_int_equal(consent_record_check(&record), REFUSAL_NO_TEACH_BACK);
        record.teach_back[strlen(blank[i])] = 'x';
        assert_int_equal(consent_record_check(&record), REFUSAL_NONE);
    }
}

static void a_talk_that_lacks_something_does_not_count(void **state) {
    struct consent_record record = sample();
    record.explained_aloud = false;
    assert_int_equal(consent_record_check(&record), REFUSAL_MALFORMED);
    record = sample();
    record.ground = LEGAL_GROUND_NONE;
    assert_int_equal(consent_record_check(&record), REFUSAL_MALFORMED);
    record = sample();
    record.interpreter = INTERPRETER_NONE;
    assert_int_equal(consent_record_check(&record), REFUSAL_MALFORMED);
    record = sample();
    record.controller = (struct org_id){0};
    assert_int_equal(consent_record_check(&record), REFUSAL_MALFORMED);
    record = sample();
    memcpy(record.language.code, "qqq", 4);
    assert_int_equal(consent_record_check(&record), REFUSAL_MALFORMED);
    record.language = (struct language){0};
    assert_int_equal(consent_record_check(&record), REFUSAL_MALFORMED);
}

/* Python: hashlib.blake2b(d + r, key=bytes(range(16)), digest_size=32), where d and r are
 * "consent-record/v1" and "a record", each after its length as eight bytes, big-endian. */
static void the_commitment_is_what_an_independent_program_makes(void **state) {
    struct consent_salt salt;
    char text[65];
    for (uint8_t i = 0; i < sizeof(salt.bytes); i++) {
        salt.bytes[i] = i;
    }
    const struct digest digest = consent_commitment(&salt, bytes_from_text("a record"));
    hex_encode(BYTES_OF(digest), text);
    assert_string_equal(text, "8c65b35da1d6d8932609c23b7ef402e11d3a154f834878afc34a8d0c3fc28ed6");
    salt.bytes[15] ^= 1;
    const struct digest other = consent_commitment(&salt, bytes_from_text("a record"));
    assert_false(digest_equal(&digest, &other));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_read_back_as_it_was_written),
        cmocka_unit_test(a_record_is_spelled_as_an_independent_program_spells_it),
        cmocka_unit_test(the_largest_record_is_read_back),
        cmocka_unit_test(what_does_not_fit_is_the_buffers_failure),
        cmocka_unit_test(a_record_cut_anywhere_is_refused),
        cmocka_unit_test(a_later_version_is_not_guessed),
        cmocka_unit_test(a_value_off_its_list_is_refused),
        cmocka_unit_test(neither_yes_nor_no_is_refused),
        cmocka_unit_test(a_whole_talk_counts),
        cmocka_unit_test(a_minor_never_interprets),
        cmocka_unit_test(a_family_says_it_in_its_own_words),
        cmocka_unit_test(a_talk_that_lacks_something_does_not_count),
        cmocka_unit_test(the_commitment_is_what_an_independent_program_makes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
