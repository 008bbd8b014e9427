#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/base/civil.h"
#include "shared/consent/consent.h"

enum {
    PRESENCE = 1 << 0,
    LOST_SUPPORT = 1 << 1,
    CONCERN = 1 << 2,
    FALLBACK = 1 << 3,
    TODAY = 20484, /* 2026-01-31 */
    THIS_MONTH = 672,
};

/* A family at the table of an organisation, with its card. */
struct fixture {
    struct arena *arena;
    struct hub_id hub;
    struct sign_secret family;
    struct sign_secret organisation;
    struct consent_issuer issuer;
    struct consent_token token; /* what it signs next */
    struct consent_token before;
    struct consent_check check;
};

static struct org_id org_of(const char *text) {
    struct org_id org;
    assert_int_equal(org_id_parse(text, &org), 0);
    return org;
}

static void deal_card(struct fixture *fixture, uint8_t number) {
    const struct card card = {{number}};
    const struct presence_seed seed = card_presence_seed(&card, &fixture->hub);
    struct sign_public family;
    struct sign_public presence;
    struct sign_secret unused;
    card_family_keys(&card, &fixture->hub, &family, &fixture->family);
    presence_keys(&seed, &presence, &unused);
    fixture->token.handle = card_handle(&card, &fixture->hub);
    memcpy(fixture->token.family_key, family.bytes, PUBLIC_KEY_BYTES);
    memcpy(fixture->token.presence_key, presence.bytes, PUBLIC_KEY_BYTES);
}

/* Nothing stands yet. `check` points into the fixture: it stays where it is. */
static void begin(struct fixture *fixture) {
    const uint8_t seed[32] = {1};
    *fixture = (struct fixture){.token = {.version = FAMILY_VERSION,
                                          .number = 1,
                                          .scopes = {PRESENCE | LOST_SUPPORT | FALLBACK},
                                          .end_month = THIS_MONTH + 6,
                                          .commitment = {{5}},
                                          .issuer = org_of("ocmw"),
                                          .fallback_first = org_of("caw"),
                                          .fallback_second = org_of("dmw")}};
    assert_int_equal(arena_new(1 << 20, &fixture->arena), 0);
    assert_int_equal(hub_id_parse("limburg", &fixture->hub), 0);
    fixture->token.hub = fixture->hub;
    fixture->issuer = (struct consent_issuer){.org = org_of("ocmw"), .right = CONSENT_RIGHT_FULL};
    sign_keys_from_seed(seed, &fixture->issuer.sign, &fixture->organisation);
    deal_card(fixture, 1);
    fixture->check = (struct consent_check){
        .hub = &fixture->hub,
        .issuer = &fixture->issuer,
        .now_ms = brussels_instant(TODAY, 12 * 60),
    };
}

static struct signed_token sign(struct fixture *fixture) {
    const struct consent_signers signers = {&fixture->family, &fixture->organisation};
    struct signed_token signed_token;
    assert_int_equal(consent_token_sign(&fixture->token, &signers, fixture->arena, &signed_token),
                     0);
    return signed_token;
}

static enum refusal check(struct fixture *fixture, enum consent_state *ret_state) {
    const struct signed_token signed_token = sign(fixture);
    struct consent_token read;
    const enum refusal refusal =
        consent_token_check(&signed_token, &fixture->check, fixture->arena, &read, ret_state);
    if (refusal == REFUSAL_NONE) {
        assert_memory_equal(read.handle.bytes, fixture->token.handle.bytes, 32);
        assert_int_equal(read.number, fixture->token.number);
        assert_int_equal(read.scopes.bits, fixture->token.scopes.bits);
        assert_int_equal(read.end_month, fixture->token.end_month);
        assert_string_equal(read.fallback_second.text, fixture->token.fallback_second.text);
    }
    return refusal;
}

/* The state that the token gives, which must be taken. */
static enum consent_state taken(struct fixture *fixture) {
    enum consent_state state = CONSENT_STATE_NONE;
    assert_int_equal(check(fixture, &state), REFUSAL_NONE);
    return state;
}

static enum refusal refused(struct fixture *fixture) {
    enum consent_state state = CONSENT_SUPERSEDED;
    const enum refusal refusal = check(fixture, &state);
    assert_int_not_equal(refusal, REFUSAL_NONE);
    assert_int_equal(state, CONSENT_SUPERSEDED);
    return refusal;
}

/* The token given so far stands now, and the next has a higher number. */
static void stand(struct fixture *fixture, enum consent_state state) {
    fixture->before = fixture->token;
    fixture->check.before = &fixture->before;
    fixture->check.state = state;
    fixture->token.number++;
}

static void end(struct fixture *fixture) {
    arena_free(fixture->arena);
}

/* ---- what is taken ---- */

static void a_consent_with_both_signatures_is_given(void **state) {
    struct fixture fixture;
    begin(&fixture);
    assert_int_equal(taken(&fixture), CONSENT_GIVEN);
    fixture.token.number = 7; /* the hub knows none before: any number from 1 */
    assert_int_equal(taken(&fixture), CONSENT_GIVEN);
    end(&fixture);
}

static void a_group_may_take_a_consent_to_its_own_two_scopes(void **state) {
    struct fixture fixture;
    begin(&fixture);
    fixture.issuer.right = CONSENT_RIGHT_LIMITED;
    fixture.token.scopes.bits = CONCERN | FALLBACK;
    assert_int_equal(taken(&fixture), CONSENT_GIVEN);
    end(&fixture);
}

static void a_family_narrows_at_any_organisation(void **state) {
    struct fixture fixture;
    begin(&fixture);
    stand(&fixture, CONSENT_GIVEN);
    fixture.issuer.right = CONSENT_RIGHT_NO;
    fixture.token.scopes.bits = PRESENCE | FALLBACK;
    assert_int_equal(taken(&fixture), CONSENT_NARROWED);
    fixture.token.scopes = fixture.before.scopes;
    fixture.token.end_month--;
    assert_int_equal(taken(&fixture), CONSENT_NARROWED);
    fixture.token.end_month++;
    fixture.token.fallback_second = (struct org_id){0};
    assert_int_equal(taken(&fixture), CONSENT_NARROWED);
    fixture.token.fallback_first = org_of("dmw"); /* the second becomes the only one */
    assert_int_equal(taken(&fixture), CONSENT_NARROWED);
    end(&fixture);
}

static void the_same_said_again_leaves_the_state_as_it_was(void **state) {
    struct fixture fixture;
    begin(&fixture);
    stand(&fixture, CONSENT_GIVEN);
    fixture.issuer.right = CONSENT_RIGHT_NO;
    fixture.token.commitment.bytes[0] ^= 1;
    assert_int_equal(taken(&fixture), CONSENT_GIVEN);
    fixture.check.state = CONSENT_NARROWED;
    assert_int_equal(taken(&fixture), CONSENT_NARROWED);
    end(&fixture);
}

static void a_narrowed_consent_is_widened_by_who_may_take_it(void **state) {
    struct fixture fixture;
    begin(&fixture);
    stand(&fixture, CONSENT_NARROWED);
    fixture.token.scopes.bits |= CONCERN;
    assert_int_equal(taken(&fixture), CONSENT_GIVEN);
    fixture.token.scopes.bits &= ~(uint32_t)(CONCERN | LOST_SUPPORT);
    fixture.token.fallback_first = org_of("school");
    assert_int_equal(taken(&fixture), CONSENT_GIVEN);
    end(&fixture);
}

static void a_consent_lasts_to_the_month_a_year_on(void **state) {
    struct fixture fixture;
    begin(&fixture);
    fixture.token.end_month = THIS_MONTH + 12;
    assert_int_equal(taken(&fixture), CONSENT_GIVEN);
    end(&fixture);
}

/* ---- every refusal ---- */

static void another_version_is_refused(void **state) {
    struct fixture fixture;
    begin(&fixture);
    fixture.token.version = FAMILY_VERSION + 1;
    assert_int_equal(refused(&fixture), REFUSAL_UNKNOWN_VERSION);
    end(&fixture);
}

static void a_scope_off_the_list_is_refused(void **state) {
    struct fixture fixture;
    begin(&fixture);
    fixture.token.scopes.bits |= 1 << 6;
    assert_int_equal(refused(&fixture), REFUSAL_UNKNOWN_VALUE);
    end(&fixture);
}

static void a_consent_for_another_hub_is_refused(void **state) {
    struct fixture fixture;
    begin(&fixture);
    assert_int_equal(hub_id_parse("gent", &fixture.token.hub), 0);
    assert_int_equal(refused(&fixture), REFUSAL_UNKNOWN_RECIPIENT);
    end(&fixture);
}

static void a_consent_in_another_organisations_name_is_refused(void **state) {
    struct fixture fixture;
    begin(&fixture);
    fixture.token.issuer = org_of("caw");
    assert_int_equal(refused(&fixture), REFUSAL_NOT_YOURS);
    end(&fixture);
}

static void a_consent_without_the_familys_key_is_refused(void **state) {
    struct fixture fixture;
    begin(&fixture);
    fixture.family.bytes[0] ^= 1;
    assert_int_equal(refused(&fixture), REFUSAL_BAD_SIGNATURE);
    end(&fixture);
}

static void a_consent_that_the_organisation_did_not_sign_is_refused(void **state) {
    struct fixture fixture;
    begin(&fixture);
    fixture.issuer.sign.bytes[0] ^= 1;
    assert_int_equal(refused(&fixture), REFUSAL_BAD_SIGNATURE);
    end(&fixture);
}

static enum refusal refused_as(struct fixture *fixture, const struct signed_token *from) {
    struct consent_token read;
    enum consent_state state;
    return consent_token_check(from, &fixture->check, fixture->arena, &read, &state);
}

static void missing_short_swapped_and_altered_signatures_are_refused(void **state) {
    struct fixture fixture;
    begin(&fixture);
    const struct signed_token good = sign(&fixture);
    assert_int_equal(refused_as(&fixture, &good), REFUSAL_NONE);
    struct signed_token bad = good;
    bad.family_signature.length = 0;
    assert_int_equal(refused_as(&fixture, &bad), REFUSAL_BAD_SIGNATURE);
    bad = good;
    bad.organisation_signature.length = 63;
    assert_int_equal(refused_as(&fixture, &bad), REFUSAL_BAD_SIGNATURE);
    bad.organisation_signature = good.family_signature;
    bad.family_signature = good.organisation_signature;
    assert_int_equal(refused_as(&fixture, &bad), REFUSAL_BAD_SIGNATURE);
    bad = good;
    bad.token = arena_copy(fixture.arena, good.token);
    ((uint8_t *)(uintptr_t)bad.token.data)[bad.token.length - 1] ^= 1; /* a letter of a name */
    assert_int_equal(refused_as(&fixture, &bad), REFUSAL_BAD_SIGNATURE);
    end(&fixture);
}

static void a_token_that_does_not_decode_is_refused(void **state) {
    struct fixture fixture;
    begin(&fixture);
    struct signed_token bad = sign(&fixture);
    bad.token.length -= 3;
    assert_int_equal(refused_as(&fixture, &bad), REFUSAL_MALFORMED);
    end(&fixture);
}

static void a_handle_does_not_change_its_keys(void **state) {
    struct fixture fixture;
    begin(&fixture);
    stand(&fixture, CONSENT_GIVEN);
    fixture.before.presence_key[0] ^= 1;
    assert_int_equal(refused(&fixture), REFUSAL_BAD_SIGNATURE);
    fixture.before.presence_key[0] ^= 1;
    const struct family_handle handle = fixture.token.handle;
    deal_card(&fixture, 2);
    fixture.token.handle = handle;
    assert_int_equal(refused(&fixture), REFUSAL_BAD_SIGNATURE);
    end(&fixture);
}

static void a_consent_to_nothing_is_refused(void **state) {
    struct fixture fixture;
    begin(&fixture);
    fixture.token.scopes.bits = FALLBACK;
    assert_int_equal(refused(&fixture), REFUSAL_NO_SCOPE);
    end(&fixture);
}

static void scopes_that_do_not_go_together_are_refused(void **state) {
    struct fixture fixture;
    begin(&fixture);
    fixture.token.scopes.bits = LOST_SUPPORT | FALLBACK;
    assert_int_equal(refused(&fixture), REFUSAL_OUT_OF_SCOPE);
    end(&fixture);
}

static void a_consent_beyond_twelve_months_is_refused(void **state) {
    struct fixture fixture;
    begin(&fixture);
    fixture.token.end_month = THIS_MONTH + 13;
    assert_int_equal(refused(&fixture), REFUSAL_TOO_LONG);
    end(&fixture);
}

/* The card has its end printed on it, and no handle outlives its consent. */
static void the_end_of_a_card_is_never_put_off(void **state) {
    struct fixture fixture;
    begin(&fixture);
    stand(&fixture, CONSENT_GIVEN);
    fixture.token.end_month++;
    assert_int_equal(refused(&fixture), REFUSAL_TOO_LONG);
    end(&fixture);
}

static void a_consent_whose_end_has_passed_is_refused(void **state) {
    struct fixture fixture;
    begin(&fixture);
    fixture.token.end_month = THIS_MONTH;
    assert_int_equal(refused(&fixture), REFUSAL_EXPIRED);
    fixture.token.end_month = THIS_MONTH + 1;
    fixture.check.now_ms = consent_end_ms(THIS_MONTH + 1) - 1;
    assert_int_equal(taken(&fixture), CONSENT_GIVEN);
    fixture.check.now_ms++;
    assert_int_equal(refused(&fixture), REFUSAL_EXPIRED);
    fixture.check.clock_off = true; /* whose clock is off lets no end pass */
    assert_int_equal(taken(&fixture), CONSENT_GIVEN);
    end(&fixture);
}

static void who_may_not_take_consent_is_refused(void **state) {
    struct fixture fixture;
    begin(&fixture);
    fixture.issuer.right = CONSENT_RIGHT_NO;
    assert_int_equal(refused(&fixture), REFUSAL_NEEDS_AUTHORITY);
    fixture.issuer.right = CONSENT_RIGHT_LIMITED;
    assert_int_equal(refused(&fixture), REFUSAL_NEEDS_AUTHORITY);
    end(&fixture);
}

static void the_card_alone_never_widens(void **state) {
    struct fixture fixture;
    begin(&fixture);
    stand(&fixture, CONSENT_GIVEN);
    fixture.issuer.right = CONSENT_RIGHT_NO;
    fixture.token.scopes.bits |= CONCERN;
    assert_int_equal(refused(&fixture), REFUSAL_NEEDS_AUTHORITY);
    fixture.token.scopes.bits = PRESENCE | FALLBACK; /* fewer, but a fallback that is new */
    fixture.token.fallback_second = org_of("school");
    assert_int_equal(refused(&fixture), REFUSAL_NEEDS_AUTHORITY);
    fixture.issuer.right = CONSENT_RIGHT_LIMITED;
    assert_int_equal(refused(&fixture), REFUSAL_NEEDS_AUTHORITY);
    end(&fixture);
}

static void a_number_that_is_not_above_is_refused(void **state) {
    struct fixture fixture;
    begin(&fixture);
    fixture.token.number = 5;
    stand(&fixture, CONSENT_GIVEN);
    fixture.token.number = 5;
    assert_int_equal(refused(&fixture), REFUSAL_STALE);
    fixture.token.number = 4;
    assert_int_equal(refused(&fixture), REFUSAL_STALE);
    fixture.token.number = 6;
    assert_int_equal(taken(&fixture), CONSENT_GIVEN);
    end(&fixture);
}

/* Else whoever once held the card could leave a number that no later narrowing gets above. */
static void a_number_more_than_a_day_beyond_now_is_refused(void **state) {
    struct fixture fixture;
    begin(&fixture);
    const uint32_t now_s = (uint32_t)(fixture.check.now_ms / 1000);
    fixture.token.number = now_s + 24 * 60 * 60;
    assert_int_equal(taken(&fixture), CONSENT_GIVEN);
    fixture.token.number++;
    assert_int_equal(refused(&fixture), REFUSAL_FROM_THE_FUTURE);
    fixture.token.number = UINT32_MAX;
    assert_int_equal(refused(&fixture), REFUSAL_FROM_THE_FUTURE);
    fixture.token.number = 1;
    stand(&fixture, CONSENT_GIVEN);
    fixture.token.scopes.bits = PRESENCE | FALLBACK;
    fixture.token.number = UINT32_MAX; /* narrowing neither */
    assert_int_equal(refused(&fixture), REFUSAL_FROM_THE_FUTURE);
    fixture.check.clock_off = true;
    assert_int_equal(refused(&fixture), REFUSAL_FROM_THE_FUTURE);
    end(&fixture);
}

static void no_token_revives_a_consent_that_is_over(void **state) {
    static const enum consent_state over[] = {CONSENT_WITHDRAWN, CONSENT_EXPIRED,
                                              CONSENT_SUPERSEDED};
    struct fixture fixture;
    begin(&fixture);
    for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++) {
        stand(&fixture, over[i]);
        assert_int_equal(refused(&fixture), REFUSAL_NO_CONSENT);
        fixture.token.scopes.bits = PRESENCE | FALLBACK; /* narrowing neither */
        assert_int_equal(refused(&fixture), REFUSAL_NO_CONSENT);
    }
    end(&fixture);
}

static void a_consent_past_its_end_is_over_though_nobody_has_noted_it(void **state) {
    struct fixture fixture;
    begin(&fixture);
    stand(&fixture, CONSENT_GIVEN);
    fixture.check.now_ms = consent_end_ms(fixture.token.end_month);
    assert_int_equal(refused(&fixture), REFUSAL_NO_CONSENT);
    end(&fixture);
}

/* ---- reading, proving ---- */

static void who_gets_a_token_from_the_hub_checks_both_signatures(void **state) {
    struct fixture fixture;
    begin(&fixture);
    struct signed_token from = sign(&fixture);
    struct consent_token read;
    assert_int_equal(consent_token_read(&from, &fixture.issuer.sign, fixture.arena, &read),
                     REFUSAL_NONE);
    assert_int_equal(read.end_month, fixture.token.end_month);
    fixture.issuer.sign.bytes[1] ^= 1;
    assert_int_equal(consent_token_read(&from, &fixture.issuer.sign, fixture.arena, &read),
                     REFUSAL_BAD_SIGNATURE);
    fixture.issuer.sign.bytes[1] ^= 1;
    from.family_signature = from.organisation_signature;
    assert_int_equal(consent_token_read(&from, &fixture.issuer.sign, fixture.arena, &read),
                     REFUSAL_BAD_SIGNATURE);
    fixture.token.version = FAMILY_VERSION + 1;
    from = sign(&fixture);
    assert_int_equal(consent_token_read(&from, &fixture.issuer.sign, fixture.arena, &read),
                     REFUSAL_UNKNOWN_VERSION);
    end(&fixture);
}

static void a_token_is_signed_under_its_own_domain(void **state) {
    struct fixture fixture;
    begin(&fixture);
    const struct signed_token from = sign(&fixture);
    struct sign_public family;
    memcpy(family.bytes, fixture.token.family_key, sizeof(family.bytes));
    const struct proven proven = {from.token, from.family_signature};
    assert_true(consent_proved(&proven, "consent/v1", &family));
    assert_false(consent_proved(&proven, WITHDRAWAL_DOMAIN, &family));
    end(&fixture);
}

static void a_full_arena_is_reported(void **state) {
    struct fixture fixture;
    struct arena *small;
    struct signed_token from;
    begin(&fixture);
    const struct consent_signers signers = {&fixture.family, &fixture.organisation};
    for (size_t bytes = 16; bytes < 512; bytes += 16) {
        assert_int_equal(arena_new(bytes, &small), 0);
        const int r = consent_token_sign(&fixture.token, &signers, small, &from);
        assert_true(r == ERR_NO_MEMORY || bytes > 256);
        arena_free(small);
    }
    end(&fixture);
}

static void a_statement_is_proved_by_its_key_under_its_domain_only(void **state) {
    static const char *const domains[] = {CONSENT_DOMAIN, WITHDRAWAL_DOMAIN, SUPPORT_DOMAIN,
                                          ASK_DOMAIN,     CONCERN_DOMAIN,    LOOK_DOMAIN};
    struct fixture fixture;
    struct signature memory;
    begin(&fixture);
    struct sign_public family;
    memcpy(family.bytes, fixture.token.family_key, sizeof(family.bytes));
    for (size_t i = 0; i < 6; i++) {
        struct proven proven =
            consent_prove(&fixture.family, domains[i], bytes_from_text("a statement"), &memory);
        for (size_t other = 0; other < 6; other++) {
            assert_int_equal(consent_proved(&proven, domains[other], &family), other == i);
        }
        assert_false(consent_proved(&proven, domains[i], &fixture.issuer.sign));
        proven.proof.length--;
        assert_false(consent_proved(&proven, domains[i], &family));
        proven.proof.length++;
        proven.statement.length--;
        assert_false(consent_proved(&proven, domains[i], &family));
        proven.proof = (struct bytes){0};
        assert_false(consent_proved(&proven, domains[i], &family));
    }
    end(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_consent_with_both_signatures_is_given),
        cmocka_unit_test(a_group_may_take_a_consent_to_its_own_two_scopes),
        cmocka_unit_test(a_family_narrows_at_any_organisation),
        cmocka_unit_test(the_same_said_again_leaves_the_state_as_it_was),
        cmocka_unit_test(a_narrowed_consent_is_widened_by_who_may_take_it),
        cmocka_unit_test(a_consent_lasts_to_the_month_a_year_on),
        cmocka_unit_test(another_version_is_refused),
        cmocka_unit_test(a_scope_off_the_list_is_refused),
        cmocka_unit_test(a_consent_for_another_hub_is_refused),
        cmocka_unit_test(a_consent_in_another_organisations_name_is_refused),
        cmocka_unit_test(a_consent_without_the_familys_key_is_refused),
        cmocka_unit_test(a_consent_that_the_organisation_did_not_sign_is_refused),
        cmocka_unit_test(missing_short_swapped_and_altered_signatures_are_refused),
        cmocka_unit_test(a_token_that_does_not_decode_is_refused),
        cmocka_unit_test(a_handle_does_not_change_its_keys),
        cmocka_unit_test(a_consent_to_nothing_is_refused),
        cmocka_unit_test(scopes_that_do_not_go_together_are_refused),
        cmocka_unit_test(a_consent_beyond_twelve_months_is_refused),
        cmocka_unit_test(the_end_of_a_card_is_never_put_off),
        cmocka_unit_test(a_consent_whose_end_has_passed_is_refused),
        cmocka_unit_test(who_may_not_take_consent_is_refused),
        cmocka_unit_test(the_card_alone_never_widens),
        cmocka_unit_test(a_number_that_is_not_above_is_refused),
        cmocka_unit_test(a_number_more_than_a_day_beyond_now_is_refused),
        cmocka_unit_test(no_token_revives_a_consent_that_is_over),
        cmocka_unit_test(a_consent_past_its_end_is_over_though_nobody_has_noted_it),
        cmocka_unit_test(who_gets_a_token_from_the_hub_checks_both_signatures),
        cmocka_unit_test(a_token_is_signed_under_its_own_domain),
        cmocka_unit_test(a_full_arena_is_reported),
        cmocka_unit_test(a_statement_is_proved_by_its_key_under_its_domain_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
