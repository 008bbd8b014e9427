#include "tests/unit/node/core/home.h"

#include <stdio.h>

/* Consents as a node gives, changes and withdraws them, and what it keeps of them: the messages are
 * opened with the receivers' own keys, and judged by the functions that the hub judges them with.
 */

static int before(void **state) {
    *state = home_new(CONSENT_RIGHT_FULL);
    return 0;
}

static int before_limited(void **state) {
    *state = home_new(CONSENT_RIGHT_LIMITED);
    return 0;
}

static int before_without_right(void **state) {
    *state = home_new(CONSENT_RIGHT_NO);
    return 0;
}

static int after(void **state) {
    home_free(*state);
    return 0;
}

/* As the hub judges it, with nothing before. */
static struct consent_token read_token(struct home *home, const struct signed_token *from) {
    struct consent_token token;
    enum consent_state state;
    struct consent_issuer issuer = {.org = home->orgs[HOME_OURS], .right = CONSENT_RIGHT_FULL};
    const struct consent_check check = {
        .hub = &home->params.own.hub, .issuer = &issuer, .now_ms = home->now_ms};
    issuer.sign = home->params.keys.sign_public;
    assert_int_equal(consent_token_check(from, &check, home->arena, &token, &state), REFUSAL_NONE);
    return token;
}

static void give(struct home *home, const struct card *card) {
    const struct consent_record record = home_record(home);
    const struct consent_give_arguments arguments = home_give(home, card, &record);
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_GIVE, &arguments), REFUSAL_NONE);
}

static void a_consent_travels_as_a_token_that_the_hub_accepts(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    give(home, &card);
    /* The end month that home_end_month names begins six months on: the day before is the last. */
    char until[32];
    char expected[64];
    consent_last_day(home_end_month(home), until);
    snprintf(expected, sizeof(expected), "{\"family\":1,\"until\":\"%s\"}", until);
    assert_string_equal(home->result, expected);

    const struct home_sent *sent = home_last(home, MESSAGE_KIND_CONSENT);
    struct signature signature;
    assert_int_equal(sent->signature.length, sizeof(signature));
    memcpy(&signature, sent->signature.data, sizeof(signature));
    assert_true(sign_check(&home->params.keys.sign_public, "envelope/v1", sent->bytes, &signature));

    const struct consent_message message = home_consent(home);
    const struct consent_token token = read_token(home, &message.token);
    assert_int_equal(message.purpose, PURPOSE_SUPPORT);
    assert_true(family_handle_equal(&token.handle, &handle));
    assert_int_equal(token.scopes.bits, all_scopes());
    assert_int_equal(message.support.statement.length, 0);
    assert_false(message.support_expected);
}

static void the_token_commits_to_the_record_that_stays(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    give(home, &card);
    const struct consent_message message = home_consent(home);
    const struct consent_token token = read_token(home, &message.token);
    const struct consent_kept *kept = home_kept(home, &handle);
    uint8_t memory[12 << 10];
    struct buf buf = buf_over(memory, sizeof(memory));
    assert_non_null(kept);
    consent_record_encode(&kept->record, &buf);
    const struct digest commitment = consent_commitment(&kept->salt, buf_bytes(&buf));
    assert_true(digest_equal(&commitment, &token.commitment));
    assert_true(org_id_equal(&kept->record.controller, &home->orgs[HOME_OURS]));
    assert_int_equal(kept->record.event_count, 1);
    assert_int_equal(kept->record.events[0].state, CONSENT_GIVEN);
    assert_string_equal(kept->record.events[0].by.text, "els");
    assert_true(kept->record.retention_until_day > month_first_day(token.end_month) + 5 * 365);
}

static void each_fallback_opens_its_own_envelope_and_no_other(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct presence_seed seed = card_presence_seed(&card, &home->params.own.hub);
    give(home, &card);
    const struct consent_message message = home_consent(home);
    struct contact contact;
    assert_int_equal(message.envelope_count, 2);
    assert_true(org_id_equal(&message.envelopes[0].org, &home->orgs[HOME_CAW]));
    assert_int_equal(
        contact_open(&message.envelopes[0].sealed, &home->contacts[HOME_CAW], &contact), 0);
    assert_string_equal(contact.text, "Parwana, 0470 00 00 01, na 16 u");
    assert_true(contact.has_presence);
    assert_memory_equal(contact.presence.bytes, seed.bytes, sizeof(seed.bytes));
    assert_int_equal(
        contact_open(&message.envelopes[1].sealed, &home->contacts[HOME_GENT], &contact), 0);
    assert_int_equal(
        contact_open(&message.envelopes[1].sealed, &home->contacts[HOME_CAW], &contact),
        ERR_CRYPTO);
}

static void our_support_goes_along_in_the_same_message(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct consent_record record = home_record(home);
    struct consent_give_arguments arguments = home_give(home, &card, &record);
    arguments.with_support = true;
    arguments.support =
        (struct support_words){.kind = SUPPORT_PROFESSIONAL, .distance = SUPPORT_NEAR};
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_GIVE, &arguments), REFUSAL_NONE);
    const struct consent_message message = home_consent(home);
    const struct consent_token token = read_token(home, &message.token);
    struct support said;
    struct sign_public presence;
    memcpy(presence.bytes, token.presence_key, sizeof(presence.bytes));
    assert_true(consent_proved(&message.support, SUPPORT_DOMAIN, &presence));
    assert_int_equal(support_decode(message.support.statement, home->arena, &said), REFUSAL_NONE);
    assert_int_equal(said.state, SUPPORT_ACTIVE);
    assert_true(family_handle_equal(&said.handle, &token.handle));
    assert_int_equal(home_count(home, MESSAGE_KIND_SUPPORT), 0);
}

static void nothing_of_the_card_or_of_names_stands_in_the_store(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    struct consent_keys keys = consent_keys_of(&card, &home->params.own.hub);
    char text[CARD_TEXT_SIZE];
    give(home, &card);
    home_receipt(home, MESSAGE_KIND_NONE, REFUSAL_NONE);
    home_settle_down(home);
    card_format(&card, text);
    assert_non_null(home_row(home, &handle));
    assert_false(home_holds(home, BYTES_OF(card)));
    assert_false(home_holds(home, bytes_from_text(text)));
    assert_false(home_holds(home, (struct bytes){keys.family.bytes, 32}));
    assert_false(home_holds(home, BYTES_OF(keys.presence)));
    assert_false(home_holds(home, bytes_from_text("Parwana")));
    assert_false(home_holds(home, bytes_from_text("0470 00 00 01")));
    assert_false(home_holds(home, bytes_from_text("moeder en oudste zoon")));
    /* The check itself finds what does stand there. */
    assert_true(home_holds(home, bytes_from_text("ocmw-kortrijk")));
}

/* -- refusals: nothing is stored of what is refused -- */

static void refused(struct home *home, const struct consent_give_arguments *arguments,
                    enum refusal refusal) {
    const uint64_t consents = home_rows(home, TABLE_CONSENTS);
    const uint64_t cards = home_rows(home, TABLE_CARDS);
    const size_t sent = home_count(home, MESSAGE_KIND_CONSENT);
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_GIVE, arguments), refusal);
    home_settle_down(home);
    assert_int_equal(home_rows(home, TABLE_CONSENTS), consents);
    assert_int_equal(home_rows(home, TABLE_CARDS), cards);
    assert_int_equal(home_rows(home, TABLE_SENT), consents);
    assert_int_equal(home_count(home, MESSAGE_KIND_CONSENT), sent);
}

static void a_talk_that_wasnt_one_is_refused_with_its_reason(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    struct consent_record record = home_record(home);
    const struct consent_give_arguments arguments = home_give(home, &card, &record);
    record.interpreter = INTERPRETER_MINOR;
    refused(home, &arguments, REFUSAL_MINOR_INTERPRETER);
    record = home_record(home);
    memset(record.teach_back, 0, sizeof(record.teach_back));
    refused(home, &arguments, REFUSAL_NO_TEACH_BACK);
    record = home_record(home);
    record.explained_aloud = false;
    refused(home, &arguments, REFUSAL_MALFORMED);
}

static void a_consent_to_too_little_or_for_too_long_is_refused(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct consent_record record = home_record(home);
    struct consent_give_arguments arguments = home_give(home, &card, &record);
    arguments.end_month = month_of_day(brussels_day(home->now_ms)) + 13;
    refused(home, &arguments, REFUSAL_TOO_LONG);
    arguments.end_month = month_of_day(brussels_day(home->now_ms));
    refused(home, &arguments, REFUSAL_EXPIRED);
    arguments = home_give(home, &card, &record);
    arguments.scopes.bits = scope_bit(SCOPE_FALLBACK);
    refused(home, &arguments, REFUSAL_NO_SCOPE);
    arguments.scopes.bits = all_scopes() & ~scope_bit(SCOPE_PRESENCE);
    refused(home, &arguments, REFUSAL_OUT_OF_SCOPE);
}

static void a_fallback_that_isnt_a_member_or_may_sanction_is_refused(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    struct consent_record record = home_record(home);
    const struct consent_give_arguments arguments = home_give(home, &card, &record);
    assert_int_equal(org_id_parse("nobody", &record.fallback_second), 0);
    refused(home, &arguments, REFUSAL_UNKNOWN_RECIPIENT);
    record.fallback_second = home->orgs[HOME_INSPECTION];
    refused(home, &arguments, REFUSAL_MAY_SANCTION);
}

static void a_card_is_used_once(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct consent_record record = home_record(home);
    const struct consent_give_arguments arguments = home_give(home, &card, &record);
    give(home, &card);
    refused(home, &arguments, REFUSAL_EXISTS);
}

static void who_is_no_caseworker_takes_it_for_concern_and_fallback_only(void **state) {
    static const enum role roles[] = {ROLE_VOLUNTEER, ROLE_TOELEIDER};
    struct home *home = *state;
    const struct consent_record record = home_record(home);
    for (uint8_t i = 0; i < 2; i++) {
        const struct card card = home_card((uint8_t)(0x60 + i));
        struct consent_give_arguments arguments = home_give(home, &card, &record);
        assert_int_equal(home_command_by(home, roles[i], NODE_COMMAND_CONSENT_GIVE, &arguments),
                         REFUSAL_NEEDS_AUTHORITY);
        arguments.scopes.bits = scope_bit(SCOPE_CONCERN) | scope_bit(SCOPE_FALLBACK);
        assert_int_equal(home_command_by(home, roles[i], NODE_COMMAND_CONSENT_GIVE, &arguments),
                         REFUSAL_NONE);
    }
}

static void a_group_takes_consent_for_concern_and_fallback_only(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct consent_record record = home_record(home);
    struct consent_give_arguments arguments = home_give(home, &card, &record);
    refused(home, &arguments, REFUSAL_NEEDS_AUTHORITY);
    arguments.scopes.bits = scope_bit(SCOPE_CONCERN) | scope_bit(SCOPE_FALLBACK);
    assert_int_equal(home_command_by(home, ROLE_VOLUNTEER, NODE_COMMAND_CONSENT_GIVE, &arguments),
                     REFUSAL_NONE);
    /* Where a supporter may not show, nobody is given the means to. */
    struct contact contact;
    const struct consent_message message = home_consent(home);
    assert_int_equal(
        contact_open(&message.envelopes[0].sealed, &home->contacts[HOME_CAW], &contact), 0);
    assert_false(contact.has_presence);
}

static void an_empty_pool_means_busy_and_nothing_kept(void **state) {
    struct home *home = *state;
    const struct consent_record record = home_record(home);
    uint64_t key;
    struct card card = home_card(0x5a);
    const struct consent_give_arguments arguments = home_give(home, &card, &record);
    while (node_take_key(home->node, &key) == 0) { /* but for those that withdrawals may take */
    }
    node_offer_keys(home->node, 800, 1); /* one is too few: the row and the record want one */
    refused(home, &arguments, REFUSAL_BUSY);
    node_offer_keys(home->node, 900, 2);
    give(home, &card);
}

/* -- changing -- */

static struct consent_change_arguments narrowing(const struct home *home, const struct card *card,
                                                 uint32_t scopes) {
    return (struct consent_change_arguments){
        .card = card, .scopes = {scopes}, .end_month = home_end_month(home)};
}

static void taking_away_needs_the_card_alone(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    give(home, &card);
    const struct consent_message first = home_consent(home);
    const struct consent_token old = read_token(home, &first.token);
    const struct consent_change_arguments less = narrowing(home, &card, scope_bit(SCOPE_PRESENCE));
    home->now_ms += 1000;
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_CHANGE, &less), REFUSAL_NONE);
    const struct consent_message message = home_consent(home);
    const struct consent_token token = read_token(home, &message.token);
    assert_true(token.number > old.number);
    assert_int_equal(token.scopes.bits, scope_bit(SCOPE_PRESENCE));
    assert_string_equal(token.fallback_first.text, "");
    assert_int_equal(message.envelope_count, 0);
    assert_int_equal(home_row(home, &handle)->scopes.bits, scope_bit(SCOPE_PRESENCE));
    const struct consent_kept *kept = home_kept(home, &handle);
    assert_int_equal(kept->record.event_count, 2);
    assert_int_equal(kept->record.events[1].state, CONSENT_NARROWED);
}

static void giving_more_needs_the_talk_again(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    struct consent_record record = home_record(home);
    struct consent_give_arguments arguments = home_give(home, &card, &record);
    arguments.scopes.bits = scope_bit(SCOPE_PRESENCE);
    record.fallback_first = record.fallback_second = (struct org_id){.text = ""};
    arguments.contact_first = arguments.contact_second = NULL;
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_GIVE, &arguments), REFUSAL_NONE);
    struct consent_change_arguments more =
        narrowing(home, &card, scope_bit(SCOPE_PRESENCE) | scope_bit(SCOPE_CONCERN));
    home->now_ms += 1000;
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_CHANGE, &more), REFUSAL_NO_TEACH_BACK);
    record.teach_back[0] = '\0';
    more.record = &record;
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_CHANGE, &more), REFUSAL_NO_TEACH_BACK);
    record = home_record(home);
    record.fallback_first = record.fallback_second = (struct org_id){.text = ""};
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_CHANGE, &more), REFUSAL_NONE);
    assert_int_equal(home_row(home, &handle)->scopes.bits, more.scopes.bits);
    assert_int_equal(home_kept(home, &handle)->record.event_count, 2);
}

static void who_doesnt_know_the_last_token_numbers_higher_a_second_later(void **state) {
    const struct home *home = *state;
    const int64_t minute_ms = home->now_ms - home->now_ms % MINUTE_MS;
    const struct consent_token last = {.number = consent_number_after(NULL, minute_ms)};
    assert_true(consent_number_after(NULL, minute_ms + 1000) > last.number);
    assert_int_equal(consent_number_after(&last, minute_ms), last.number + 1);
}

/* Whoever the family happens to sit with. */
static void who_may_take_no_consent_can_still_narrow_one_but_not_widen_it(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct consent_change_arguments less = narrowing(home, &card, scope_bit(SCOPE_PRESENCE));
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_CHANGE, &less), REFUSAL_NONE);
    const struct consent_message message = home_consent(home);
    struct consent_token token;
    assert_int_equal(
        consent_token_read(&message.token, &home->params.keys.sign_public, home->arena, &token),
        REFUSAL_NONE);
    assert_int_equal(token.scopes.bits, scope_bit(SCOPE_PRESENCE));
    assert_int_equal(home_rows(home, TABLE_CARDS), 0); /* it isn't our family */
    const struct consent_record record = home_record(home);
    struct consent_change_arguments more = narrowing(home, &card, all_scopes());
    more.record = &record;
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_CHANGE, &more),
                     REFUSAL_NEEDS_AUTHORITY);
}

/* Where nobody knows what stood before only the hub can refuse it, and no row would show that. */
static void who_takes_away_hears_whether_it_could_be_checked_here(void **state) {
    struct home *home = *state;
    const struct card own = home_card(0x5a);
    const struct card strange = home_card(0x5b);
    const struct consent_record record = home_record(home);
    const struct consent_give_arguments arguments = home_give(home, &own, &record);
    struct consent_change_arguments less = narrowing(home, &own, scope_bit(SCOPE_PRESENCE));
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_GIVE, &arguments), REFUSAL_NONE);
    home->now_ms += 1000;
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_CHANGE, &less), REFUSAL_NONE);
    assert_non_null(strstr(home->result, "\"checked\":true"));
    less.card = &strange;
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_CHANGE, &less), REFUSAL_NONE);
    assert_non_null(strstr(home->result, "\"family\":0"));
    assert_non_null(strstr(home->result, "\"checked\":false"));
}

/* A group asks for concern and fallback only: asked by it anew, the family would lose the rest. */
static void a_group_asks_nobody_anew_who_agreed_to_more(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct consent_record record = home_record(home);
    const struct support_start_arguments support = {
        .who = {.card = &card}, .words = {.kind = SUPPORT_INFORMAL, .distance = SUPPORT_NEAR}};
    const struct notice told = {.kind = NOTICE_ENDING,
                                .purpose = PURPOSE_SUPPORT,
                                .id = {{1}},
                                .handle = home_handle(home, &card),
                                .token = home_token(home, &card, HOME_GENT, all_scopes()),
                                .end_day = month_first_day(home_end_month(home))};
    struct consent_change_arguments anew =
        narrowing(home, &card, scope_bit(SCOPE_CONCERN) | scope_bit(SCOPE_FALLBACK));
    assert_int_equal(home_command(home, NODE_COMMAND_SUPPORT_START, &support), REFUSAL_NONE);
    home_notice(home, &told); /* now we know what it agreed to */
    home->now_ms += 1000;
    anew.record = &record;
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_CHANGE, &anew),
                     REFUSAL_NEEDS_AUTHORITY);
    assert_int_equal(home_count(home, MESSAGE_KIND_CONSENT), 0);
    anew = narrowing(home, &card, scope_bit(SCOPE_CONCERN)); /* it may take away itself */
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_CHANGE, &anew), REFUSAL_NONE);
    assert_false(home_row(home, &told.handle)->own_consent); /* it's another's all the same */
}

/* -- withdrawing -- */

static void the_card_withdraws_and_nothing_is_done_for_the_family_after(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    const struct withdraw_arguments arguments = {.who = {.card = &card}, .basis = WITHDRAWAL_CARD};
    struct consent_keys keys = consent_keys_of(&card, &home->params.own.hub);
    struct proven proven;
    give(home, &card);
    assert_int_equal(home_command_by(home, ROLE_VOLUNTEER, NODE_COMMAND_WITHDRAW, &arguments),
                     REFUSAL_NONE);
    const struct withdrawal withdrawal = home_withdrawal(home, &proven);
    assert_true(consent_proved(&proven, WITHDRAWAL_DOMAIN, &keys.family_public));
    assert_int_equal(withdrawal.basis, WITHDRAWAL_CARD);
    assert_true(family_handle_equal(&withdrawal.handle, &handle));
    assert_true(home_row(home, &handle)->withdrawn);
    const struct consent_kept *kept = home_kept(home, &handle);
    assert_int_equal(kept->record.events[1].state, CONSENT_WITHDRAWN);

    const struct support_start_arguments support = {
        .who = {.family = 1}, .words = {.kind = SUPPORT_INFORMAL, .distance = SUPPORT_NEAR}};
    const struct consent_change_arguments less = narrowing(home, &card, scope_bit(SCOPE_PRESENCE));
    assert_int_equal(home_command(home, NODE_COMMAND_SUPPORT_START, &support), REFUSAL_NO_CONSENT);
    assert_int_equal(home_command(home, NODE_COMMAND_CONSENT_CHANGE, &less), REFUSAL_NO_CONSENT);
    assert_int_equal(home_command(home, NODE_COMMAND_WITHDRAW, &arguments), REFUSAL_NO_CONSENT);
}

/* -- what the hub says of what we sent -- */

static void a_refused_consent_shows_at_the_family(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    give(home, &card);
    home_receipt(home, MESSAGE_KIND_CONSENT, REFUSAL_NEEDS_AUTHORITY);
    home_settle_down(home);
    assert_int_equal(home_row(home, &handle)->refusal, REFUSAL_NEEDS_AUTHORITY);
    assert_int_equal(home_rows(home, TABLE_SENT), 0);
}

/* Both change the family's row, which is written once in a tick. */
static void two_refusals_of_one_family_in_one_receipt_both_show(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    const struct support_start_arguments support = {
        .who = {.card = &card}, .words = {.kind = SUPPORT_INFORMAL, .distance = SUPPORT_NEAR}};
    const struct home_refused refused[] = {{MESSAGE_KIND_CONSENT, REFUSAL_STALE},
                                           {MESSAGE_KIND_SUPPORT, REFUSAL_NO_CONSENT}};
    give(home, &card);
    assert_int_equal(home_command(home, NODE_COMMAND_SUPPORT_START, &support), REFUSAL_NONE);
    home_receipt_refusing(home, refused, 2);
    home_settle_down(home);
    assert_int_equal(home_row(home, &handle)->refusal, REFUSAL_STALE);
    assert_true(home_row(home, &handle)->support.waits);
}

static void a_taken_consent_leaves_no_note(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    give(home, &card);
    assert_int_equal(home_rows(home, TABLE_SENT), 1);
    home_receipt(home, MESSAGE_KIND_NONE, REFUSAL_NONE);
    home_settle_down(home);
    assert_int_equal(home_row(home, &handle)->refusal, REFUSAL_NONE);
    assert_int_equal(home_rows(home, TABLE_SENT), 0);
}

/* The hub has none to send a tombstone for. */
/* The family's word must get there in the end, whatever went wrong. */
/* -- keeping -- */

static void the_proof_of_a_consent_goes_when_its_retention_ends(void **state) {
    struct home *home = *state;
    const struct card card = home_card(0x5a);
    const struct family_handle handle = home_handle(home, &card);
    give(home, &card);
    const uint64_t key = home_kept(home, &handle)->record_key;
    const int32_t last_day = home_kept(home, &handle)->record.retention_until_day;
    const int32_t today = brussels_day(home->now_ms);
    home_pass(home, (int64_t)(last_day - today - 1) * DAY_MS);
    assert_non_null(home_kept(home, &handle));
    home_pass(home, DAY_MS);
    assert_null(home_kept(home, &handle));
    home_shred(home);
    assert_true(home->destroyed[key]);
}

static void families_are_found_by_number_by_card_and_in_order(void **state) {
    struct home *home = *state;
    const struct family_vault vault = node_family_vault(home->node);
    for (uint8_t i = 1; i <= 3; i++) {
        const struct card card = home_card(i);
        give(home, &card);
    }
    struct store_txn *view = home_read(home);
    struct family_row *row;
    for (uint32_t i = 1; i <= 3; i++) {
        const struct card card = home_card((uint8_t)i);
        const struct family_handle handle = home_handle(home, &card);
        assert_int_equal(family_by_number(view, &vault, i, home->arena, &row), 0);
        assert_true(family_handle_equal(&row->handle, &handle));
        assert_int_equal(row->number, i);
    }
    assert_int_equal(family_by_number(view, &vault, 4, home->arena, &row), ERR_NOT_FOUND);
    store_abort(view);
}

#define TEST(name)         cmocka_unit_test_setup_teardown(name, before, after)
#define TEST_LIMITED(name) cmocka_unit_test_setup_teardown(name, before_limited, after)
#define TEST_NO(name)      cmocka_unit_test_setup_teardown(name, before_without_right, after)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_consent_travels_as_a_token_that_the_hub_accepts),
        TEST(the_token_commits_to_the_record_that_stays),
        TEST(each_fallback_opens_its_own_envelope_and_no_other),
        TEST(our_support_goes_along_in_the_same_message),
        TEST(nothing_of_the_card_or_of_names_stands_in_the_store),
        TEST(a_talk_that_wasnt_one_is_refused_with_its_reason),
        TEST(a_consent_to_too_little_or_for_too_long_is_refused),
        TEST(a_fallback_that_isnt_a_member_or_may_sanction_is_refused),
        TEST(a_card_is_used_once),
        TEST(who_is_no_caseworker_takes_it_for_concern_and_fallback_only),
        TEST_LIMITED(a_group_takes_consent_for_concern_and_fallback_only),
        TEST(an_empty_pool_means_busy_and_nothing_kept),
        TEST(taking_away_needs_the_card_alone),
        TEST(giving_more_needs_the_talk_again),
        TEST(who_doesnt_know_the_last_token_numbers_higher_a_second_later),
        TEST_NO(who_may_take_no_consent_can_still_narrow_one_but_not_widen_it),
        TEST(who_takes_away_hears_whether_it_could_be_checked_here),
        TEST_LIMITED(a_group_asks_nobody_anew_who_agreed_to_more),
        TEST(the_card_withdraws_and_nothing_is_done_for_the_family_after),
        TEST(a_refused_consent_shows_at_the_family),
        TEST(two_refusals_of_one_family_in_one_receipt_both_show),
        TEST(a_taken_consent_leaves_no_note),
        TEST(the_proof_of_a_consent_goes_when_its_retention_ends),
        TEST(families_are_found_by_number_by_card_and_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
