#include "hub/core/family_codec.h"

#include "tests/unit/hub/core/family_fixture.h"

static struct org_id longest(int number) {
    struct org_id org = {0};
    memset(org.text, 'a' + number % 26, ORG_ID_MAX);
    org.text[0] = (char)('0' + number / 26);
    return org;
}

static void fill_support(struct family_support *support, int i) {
    *support = (struct family_support){
        .org = longest(i),
        .number = UINT32_MAX - (uint32_t)i,
        .kind = SUPPORT_INFORMAL,
        .distance = SUPPORT_DISTANT,
        .state = SUPPORT_ENDED,
        .why = END_MOVING,
        .since_day = 20000 + i,
        .end_day = i % 2 == 0 ? FAMILY_DAY_NONE : 20900,
        .moving_to = {34022},
        .successor = longest(i + 1),
        .confirmed_day = 20001,
        .named = i % 3 == 0,
        .silent = i % 3 == 1,
        .quiet = i % 3 == 2,
    };
}

static void fill_ask(struct family_ask *ask, int i) {
    *ask = (struct family_ask){
        .id = {{(uint8_t)i, 1}},
        .org = longest(i),
        .to = longest(i + 2),
        .service = {"schuldhulpverlening-abc"},
        .state = ASK_REFUSED,
        .reason = ASK_LANGUAGE,
        .asked_day = 20000,
        .received_day = 20001,
        .answered_day = FAMILY_DAY_NONE,
        .passes = 4,
    };
}

static void fill_flag(struct family_flag *flag, int i) {
    *flag = (struct family_flag){
        .id = {{(uint8_t)i, 2}},
        .kind = FLAG_CONCERN,
        .state = FLAG_CONTACTED,
        .opened_day = 20500,
        .about = {{(uint8_t)i, 3}},
        .about_org = longest(i),
        .line_count = FLAG_LINE_MAX,
        .turn = (uint8_t)(i % 2 == 0 ? FLAG_LINE_MAX : 1),
        .deputised = i % 2 == 0,
        .acknowledge_by_day = 20503,
        .contact_by_day = 20510,
        .taken_by = longest(i + 4),
        .acknowledged_day = 20501,
        .contacted_day = 20502,
        .closed_day = FAMILY_DAY_NONE,
        .reason = FLAG_REASON_HELPED,
        .cured = i % 3 == 0,
        .reopened = 200,
        .concern = CONCERN_ALONE,
        .urgency = CONCERN_CAN_WAIT,
        .raiser_count = FLAG_RAISERS_MAX,
        .by_family = i % 4 == 0,
    };
    for (int k = 0; k < FLAG_LINE_MAX; k++) {
        flag->line[k] = longest(k);
    }
    for (int k = 0; k < FLAG_RAISERS_MAX; k++) {
        flag->raisers[k] = (struct flag_raiser){.org = longest(k), .about = {{(uint8_t)k, 4}}};
    }
}

/* Everything at its most, with the longest names. */
static struct family *fullest(struct fixture *fixture) {
    struct party issuer = party_make("ocmw-kortrijk-en-omstreken-wes", 1);
    struct household household = household_make(fixture, 1);
    struct consent_token token = token_plain(fixture, &household, &issuer, &issuer, NULL);
    struct family *family = ARENA_NEW(fixture->arena, struct family);
    assert_non_null(family);
    token.fallback_first = longest(1);
    token.fallback_second = longest(2);
    family->handle = household.handle;
    family->record_key = 0x0102030405060708;
    family->state = CONSENT_NARROWED;
    family->signed_token = token_sign(fixture, &household, &issuer, &token);
    assert_int_equal(
        consent_token_decode(family->signed_token.token, fixture->arena, &family->token),
        REFUSAL_NONE);
    family->given_day = 20400;
    family->end_month_max = 700;
    family->near_ended_day = FAMILY_DAY_NONE;
    family->grace_until_day = 20407;
    family->had_two = true;
    family->endings_told = 3;
    family->due_ms = INT64_MAX;
    family->support_count = FAMILY_SUPPORTS_MAX;
    family->ask_count = FAMILY_ASKS_MAX;
    family->flag_count = FAMILY_FLAGS_MAX;
    family->look_count = FAMILY_LOOKS_MAX;
    family->holder_count = FAMILY_HOLDERS_MAX;
    for (int i = 0; i < FAMILY_HOLDERS_MAX; i++) {
        family->holders[i] = longest(i);
    }
    for (int i = 0; i < FAMILY_SUPPORTS_MAX; i++) {
        fill_support(&family->supports[i], i);
    }
    for (int i = 0; i < FAMILY_ASKS_MAX; i++) {
        fill_ask(&family->asks[i], i);
        fill_flag(&family->flags[i], i);
    }
    for (int i = 0; i < FAMILY_LOOKS_MAX; i++) {
        family->looks[i] = (struct family_look){.org = longest(i), .day = 20000 + i};
    }
    return family;
}

static struct bytes written(struct fixture *fixture, const struct family *family) {
    uint8_t *memory = arena_alloc(fixture->arena, FAMILY_ROW_BYTES_MAX, 1);
    assert_non_null(memory);
    struct buf buf = buf_over(memory, FAMILY_ROW_BYTES_MAX);
    family_write(&buf, family);
    assert_int_equal(buf.error, 0);
    return buf_bytes(&buf);
}

static void the_fullest_row_fits_and_is_read_back_as_it_was(void **state) {
    struct fixture *fixture = fixture_new();
    const struct family *family = fullest(fixture);
    struct bytes bytes = written(fixture, family);
    struct family *back;
    assert_int_equal(family_read(bytes, fixture->arena, &back), 0);
    assert_true(bytes_equal(back->signed_token.token, family->signed_token.token));
    assert_true(bytes_equal(back->signed_token.organisation_signature,
                            family->signed_token.organisation_signature));
    assert_memory_equal(&back->token, &family->token, sizeof(family->token));
    assert_memory_equal(back->supports, family->supports, sizeof(family->supports));
    assert_memory_equal(back->asks, family->asks, sizeof(family->asks));
    assert_memory_equal(back->flags, family->flags, sizeof(family->flags));
    assert_memory_equal(back->looks, family->looks, sizeof(family->looks));
    assert_memory_equal(back->holders, family->holders, sizeof(family->holders));
    assert_true(family_handle_equal(&back->handle, &family->handle));
    assert_int_equal(back->record_key, family->record_key);
    assert_int_equal(back->state, family->state);
    assert_int_equal(back->given_day, family->given_day);
    assert_int_equal(back->end_month_max, family->end_month_max);
    assert_int_equal(back->near_ended_day, FAMILY_DAY_NONE);
    assert_int_equal(back->grace_until_day, family->grace_until_day);
    assert_true(back->had_two);
    assert_int_equal(back->endings_told, 3);
    assert_true(back->due_ms == INT64_MAX);
    struct bytes again = written(fixture, back);
    assert_true(bytes_equal(bytes, again));
    fixture_free(fixture);
}

static void a_cut_or_longer_row_is_no_row(void **state) {
    struct fixture *fixture = fixture_new();
    struct family *back = NULL;
    struct bytes bytes = written(fixture, fullest(fixture));
    struct bytes other = bytes;
    for (other.length = 0; other.length < bytes.length; other.length++) {
        const struct arena_mark mark = arena_mark(fixture->arena);
        assert_int_equal(family_read(other, fixture->arena, &back), ERR_STORAGE);
        arena_rewind(fixture->arena, &mark);
    }
    other.length = bytes.length + 1;
    assert_int_equal(family_read(other, fixture->arena, &back), ERR_STORAGE);
    assert_null(back);
    fixture_free(fixture);
}

static void a_row_of_another_version_is_no_row(void **state) {
    struct fixture *fixture = fixture_new();
    struct family *back = NULL;
    struct bytes bytes = written(fixture, fullest(fixture));
    ((uint8_t *)bytes.data)[0]++;
    assert_int_equal(family_read(bytes, fixture->arena, &back), ERR_STORAGE);
    fixture_free(fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fullest_row_fits_and_is_read_back_as_it_was),
        cmocka_unit_test(a_cut_or_longer_row_is_no_row),
        cmocka_unit_test(a_row_of_another_version_is_no_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
