#include "tests/unit/node/core/home.h"
#include "tests/unit/shared/members/region.h"

/* What stands at the node, what it sent, and what tests put before it. */

const struct home_sent *home_last(const struct home *home, enum message_kind kind) {
    for (size_t i = home->sent_count; i > 0; i--) {
        if (home->sent[i - 1].envelope.kind == (uint32_t)kind) {
            return &home->sent[i - 1];
        }
    }
    fail_msg("nothing of kind %d was sent", (int)kind);
    return &home->sent[0];
}

size_t home_count(const struct home *home, enum message_kind kind) {
    size_t count = 0;
    for (size_t i = 0; i < home->sent_count; i++) {
        count += home->sent[i].envelope.kind == (uint32_t)kind;
    }
    return count;
}

struct store_txn *home_read(struct home *home) {
    struct store_txn *view;
    assert_int_equal(store_begin_read(home->region->store, &view), 0);
    return view;
}

struct member home_own_member(struct home *home) {
    struct membership own;
    struct store_txn *view = home_read(home);
    assert_int_equal(member_get(view, &home->orgs[HOME_OURS], home->arena, &own), 0);
    store_abort(view);
    return own.member;
}

uint64_t home_rows(struct home *home, enum table table) {
    struct store_txn *view = home_read(home);
    uint64_t count;
    assert_int_equal(store_count(view, table, &count), 0);
    store_abort(view);
    return count;
}

struct family_row *home_row(struct home *home, const struct family_handle *handle) {
    const struct family_vault vault = node_family_vault(home->node);
    struct store_txn *view = home_read(home);
    struct family_row *row = NULL;
    int r = family_find(view, &vault, handle, home->arena, &row);
    store_abort(view);
    assert_true(r == 0 || r == ERR_NOT_FOUND);
    return row;
}

struct consent_kept *home_kept(struct home *home, const struct family_handle *handle) {
    const struct family_vault vault = node_family_vault(home->node);
    struct store_txn *view = home_read(home);
    struct consent_kept *kept = NULL;
    int r = consent_find(view, &vault, handle, home->arena, &kept);
    store_abort(view);
    assert_true(r == 0 || r == ERR_NOT_FOUND);
    return kept;
}

struct item *home_item(struct home *home, uint32_t number) {
    const struct family_vault vault = node_family_vault(home->node);
    struct store_txn *view = home_read(home);
    struct item *item = NULL;
    int r = item_get(view, &vault, number, home->arena, &item);
    store_abort(view);
    assert_true(r == 0 || r == ERR_NOT_FOUND);
    return item;
}

static bool contains(struct bytes all, struct bytes part) {
    return memmem(all.data, all.length, part.data, part.length) != NULL;
}

bool home_holds(struct home *home, struct bytes secret) {
    struct store_txn *view = home_read(home);
    bool found_it = false;
    for (int table = 0; table < TABLE_COUNT && !found_it; table++) {
        struct store_cursor cursor;
        for (int r = store_first(view, (enum table)table, &cursor); r == 0 && !found_it;
             r = store_next(&cursor)) {
            found_it = contains(cursor.key, secret) || contains(cursor.value, secret);
        }
    }
    store_abort(view);
    return found_it;
}

struct card home_card(uint8_t number) {
    struct card card;
    memset(card.secret, number, sizeof(card.secret));
    return card;
}

struct family_handle home_handle(const struct home *home, const struct card *card) {
    return card_handle(card, &home->params.own.hub);
}

uint32_t home_end_month(const struct home *home) {
    return month_of_day(brussels_day(home->now_ms)) + 6;
}

struct signed_token home_token(struct home *home, const struct card *card, enum home_org issuer,
                               uint32_t scopes) {
    const struct hub_id *hub = &home->params.own.hub;
    struct consent_keys keys = consent_keys_of(card, hub);
    struct consent_token token = {
        .version = FAMILY_VERSION,
        .hub = *hub,
        .handle = card_handle(card, hub),
        .number = 1,
        .scopes = {scopes},
        .end_month = home_end_month(home),
        .issuer = home->orgs[issuer],
    };
    const struct consent_signers signers = {.family = &keys.family,
                                            .organisation = &home->signs[issuer]};
    struct signed_token ret;
    if ((scopes & scope_bit(SCOPE_FALLBACK)) != 0) {
        token.fallback_first = home->orgs[HOME_CAW];
    }
    memcpy(token.family_key, keys.family_public.bytes, sizeof(token.family_key));
    memcpy(token.presence_key, keys.presence_public.bytes, sizeof(token.presence_key));
    assert_int_equal(consent_token_sign(&token, &signers, home->arena, &ret), 0);
    return ret;
}

struct consent_record home_record(const struct home *home) {
    return (struct consent_record){
        .notice_version = "2026-1",
        .language = {"prs"},
        .ground = LEGAL_GROUND_CONSENT,
        .explained_aloud = true,
        .interpreter = INTERPRETER_PHONE,
        .interpreter_desk = "tolkentelefoon 77",
        .teach_back = "wie ons helpt mag van elkaar weten",
        .present = "moeder en oudste zoon",
        .fallback_first = home->orgs[HOME_CAW],
        .fallback_second = home->orgs[HOME_GENT],
    };
}

struct consent_give_arguments home_give(const struct home *home, const struct card *card,
                                        const struct consent_record *record) {
    return (struct consent_give_arguments){
        .card = card,
        .record = record,
        .scopes = {all_scopes()},
        .end_month = home_end_month(home),
        .contact_first = "Parwana, 0470 00 00 01, na 16 u",
        .contact_second = "Parwana, 0470 00 00 01",
    };
}

struct consent_message home_consent(struct home *home) {
    struct consent_message message;
    const struct home_sent *sent = home_last(home, MESSAGE_KIND_CONSENT);
    assert_int_equal(consent_message_decode(sent->envelope.body, home->arena, &message),
                     REFUSAL_NONE);
    return message;
}

struct withdrawal home_withdrawal(struct home *home, struct proven *proven) {
    struct withdrawal withdrawal;
    const struct home_sent *sent = home_last(home, MESSAGE_KIND_WITHDRAWAL);
    assert_int_equal(sent->envelope.lane, LANE_URGENT);
    assert_int_equal(proven_decode(sent->envelope.body, home->arena, proven), REFUSAL_NONE);
    assert_int_equal(withdrawal_decode(proven->statement, home->arena, &withdrawal), REFUSAL_NONE);
    return withdrawal;
}

uint32_t all_scopes(void) {
    uint32_t bits = 0;
#define X(name, number, text) bits |= scope_bit(name);
    SCOPE_LIST(X)
#undef X
    return bits;
}
