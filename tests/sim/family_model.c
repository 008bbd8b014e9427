#include "tests/sim/family_model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hub/core/facts.h"
#include "hub/core/family_codec.h"
#include "shared/base/civil.h"
#include "shared/crypto/box.h"
#include "tests/sim/world.h"

/* Which messages were taken, in the order of the journal, and what follows from them. */

enum { FIRST_YEAR = 1970, MONTHS = 12 };

static struct model *model_of(struct family_model *model) {
    return &model->world->model;
}

#define BROKEN(of, which, ...) model_broken(model_of(of), which, __VA_ARGS__)

void family_model_card(struct family_model *model, int card, const struct card *secret) {
    struct party *hub = &model->world->parties[HUB];
    assert(model->count < KNOWN_MAX);
    struct known_family *family = &model->families[model->count++];
    *family = (struct known_family){.handle = card_handle(secret, &hub->own.hub),
                                    .presence = card_presence_seed(secret, &hub->own.hub),
                                    .card = card,
                                    .gap_since_day = FAMILY_DAY_NONE};
    card_format(secret, family->text);
    family->lookup = vault_lookup_key(&hub->index_key, "families", BYTES_OF(family->handle));
}

struct known_family *family_model_find(struct family_model *model,
                                       const struct family_handle *handle) {
    for (size_t i = 0; i < model->count; i++) {
        if (memcmp(&model->families[i].handle, handle, sizeof(*handle)) == 0) {
            return &model->families[i];
        }
    }
    return NULL;
}

static struct known_family *by_lookup(struct family_model *model, const uint8_t lookup[32]) {
    for (size_t i = 0; i < model->count; i++) {
        if (memcmp(model->families[i].lookup.bytes, lookup, 32) == 0) {
            return &model->families[i];
        }
    }
    return NULL;
}

/* When that month begins in Brussels. */
static int64_t end_of(const struct known_family *family) {
    struct date date = {.year = FIRST_YEAR + (int32_t)(family->end_month / MONTHS),
                        .month = 1 + (int32_t)(family->end_month % MONTHS),
                        .day = 1};
    return brussels_instant(day_from_date(date), 0);
}

bool family_valid(const struct known_family *family, int64_t now_ms) {
    return family->given && !family->ended && now_ms < end_of(family);
}

bool family_in_scope(const struct known_family *family, enum scope scope) {
    return (family->scopes >> ((uint32_t)scope - 1) & 1) != 0;
}

/* -- messages that were taken -- */

struct taken {
    struct family_model *model;
    int party;
    struct bytes body;
    int64_t now_ms;
    struct arena *arena;
    const char *kind;
};

/* A consent valid then, with that scope; NULL where it's broken. */
static struct known_family *covered(const struct taken *taken, const struct family_handle *handle,
                                    enum scope scope) {
    struct known_family *family = family_model_find(taken->model, handle);
    const char *org = model_of(taken->model)->parties[taken->party].org.text;
    if (family == NULL) {
        BROKEN(taken->model, VIOLATION_CONSENT, "a %s of %s about nobody's handle", taken->kind,
               org);
        return NULL;
    }
    if (!family_valid(family, taken->now_ms)) {
        BROKEN(taken->model, VIOLATION_CONSENT, "a %s of %s about card %d: no consent stands",
               taken->kind, org, family->card);
        return NULL;
    }
    if (scope != SCOPE_NONE && !family_in_scope(family, scope)) {
        BROKEN(taken->model, VIOLATION_CONSENT, "a %s of %s about card %d: out of scope",
               taken->kind, org, family->card);
        return NULL;
    }
    return family;
}

static bool opens(const struct taken *taken, struct bytes *ret_statement) {
    struct proven proven;
    if (proven_decode(taken->body, taken->arena, &proven) != REFUSAL_NONE) {
        BROKEN(taken->model, VIOLATION_ERROR, "a %s that was taken doesn't decode", taken->kind);
        return false;
    }
    *ret_statement = proven.statement;
    return true;
}

static void note_support(const struct taken *taken, struct bytes statement) {
    struct support said;
    if (support_decode(statement, taken->arena, &said) != REFUSAL_NONE) {
        BROKEN(taken->model, VIOLATION_ERROR, "a support that was taken doesn't decode");
        return;
    }
    struct known_family *family = covered(taken, &said.handle, SCOPE_PRESENCE);
    if (family == NULL) {
        return;
    }
    if (model_party_of(model_of(taken->model), &said.org) != taken->party) {
        BROKEN(taken->model, VIOLATION_FORGED, "a support in another's name");
        return;
    }
    struct known_support *known = &family->supports[taken->party];
    if (!known->known || said.number > known->said.number) {
        bool named = said.successor.text[0] != '\0' || (known->known && known->named);
        *known = (struct known_support){.known = true, .named = named, .said = said};
    }
    trace_say(&taken->model->world->trace, taken->now_ms,
              "the hub took: %s supports card %d, %s %s %s, end %d, contact %d, number %u",
              said.org.text, family->card, support_kind_text(said.kind),
              support_distance_text(said.distance), support_state_text(said.state),
              (int)said.end_day, (int)said.confirmed_day, said.number);
}

static void take_consent(const struct taken *taken) {
    struct consent_message message;
    struct consent_token token;
    if (consent_message_decode(taken->body, taken->arena, &message) != REFUSAL_NONE ||
        consent_token_decode(message.token.token, taken->arena, &token) != REFUSAL_NONE) {
        BROKEN(taken->model, VIOLATION_ERROR, "a consent that was taken doesn't decode");
        return;
    }
    struct known_family *family = family_model_find(taken->model, &token.handle);
    if (family == NULL || family->ended || (family->given && token.number <= family->number) ||
        (family->given && !family_valid(family, taken->now_ms))) {
        BROKEN(taken->model, VIOLATION_CONSENT, "a consent for card %d was taken again",
               family == NULL ? -1 : family->card);
        return;
    }
    family->support_expected = family->given ? family->support_expected : message.support_expected;
    family->given_ms = family->given ? family->given_ms : taken->now_ms;
    family->given = true;
    family->number = token.number;
    family->scopes = token.scopes.bits;
    family->end_month = token.end_month;
    for (size_t i = 0; i < family->ask_count && !family_in_scope(family, SCOPE_PRESENCE); i++) {
        family->asks[i].state = ASK_REVOKED; /* nobody is asked any more, also if it widens again */
    }
    trace_say(&taken->model->world->trace, taken->now_ms,
              "the hub took: card %d's consent %u to %x until month %u%s", family->card,
              token.number, token.scopes.bits, token.end_month,
              message.support_expected ? ", support expected" : "");
    if (message.support.statement.length > 0) {
        note_support(taken, message.support.statement);
    }
}

static void take_withdrawal(const struct taken *taken, bool refused) {
    struct bytes statement;
    struct withdrawal withdrawal;
    if (!opens(taken, &statement)) {
        return;
    }
    if (withdrawal_decode(statement, taken->arena, &withdrawal) != REFUSAL_NONE) {
        BROKEN(taken->model, VIOLATION_ERROR, "a withdrawal that was taken doesn't decode");
        return;
    }
    struct known_family *family = family_model_find(taken->model, &withdrawal.handle);
    if (family == NULL && !refused) {
        BROKEN(taken->model, VIOLATION_FORGED, "a withdrawal of nobody's handle was taken");
    } else if (family != NULL && refused && family_valid(family, taken->now_ms)) {
        BROKEN(taken->model, VIOLATION_REFUSED, "a withdrawal of card %d", family->card);
    } else if (family != NULL) {
        trace_say(&taken->model->world->trace, taken->now_ms, "the hub %s: card %d's withdrawal",
                  refused ? "keeps aside" : "took", family->card);
        family->ended = true; /* also one that came before its consent */
    }
}

static void take_ask(const struct taken *taken) {
    struct bytes statement;
    struct ask ask;
    if (!opens(taken, &statement) || ask_decode(statement, taken->arena, &ask) != REFUSAL_NONE) {
        BROKEN(taken->model, VIOLATION_ERROR, "a question that was taken doesn't decode");
        return;
    }
    struct known_family *family = covered(taken, &ask.handle, SCOPE_PRESENCE);
    if (family == NULL) {
        return;
    }
    for (size_t i = 0; i < family->ask_count; i++) {
        if (message_id_equal(&family->asks[i].id, &ask.id)) {
            family->asks[i].state = ask.revoked ? ASK_REVOKED : family->asks[i].state;
            return;
        }
    }
    if (!ask.revoked && family->ask_count < KNOWN_ASKS_MAX) {
        family->asks[family->ask_count++] =
            (struct known_ask){.id = ask.id,
                               .from = taken->party,
                               .to = model_party_of(model_of(taken->model), &ask.to),
                               .state = ASK_OPEN,
                               .received_day = brussels_day(taken->now_ms)};
    }
}

static void take_ask_answer(const struct taken *taken) {
    struct ask_answer answer;
    if (ask_answer_decode(taken->body, taken->arena, &answer) != REFUSAL_NONE) {
        BROKEN(taken->model, VIOLATION_ERROR, "an answer that was taken doesn't decode");
        return;
    }
    struct known_family *family = covered(taken, &answer.handle, SCOPE_PRESENCE);
    for (size_t i = 0; family != NULL && i < family->ask_count; i++) {
        struct known_ask *ask = &family->asks[i];
        if (!message_id_equal(&ask->id, &answer.id)) {
            continue;
        }
        if (ask->to != taken->party) {
            BROKEN(taken->model, VIOLATION_FORGED, "a question was answered by who wasn't asked");
        }
        ask->state = answer.state;
        if (answer.state == ASK_PASSED_ON) {
            ask->to = model_party_of(model_of(taken->model), &answer.passed_to);
        }
    }
}

static void take_concern(const struct taken *taken) {
    struct bytes statement;
    struct concern concern;
    if (!opens(taken, &statement) ||
        concern_decode(statement, taken->arena, &concern) != REFUSAL_NONE) {
        BROKEN(taken->model, VIOLATION_ERROR, "a concern that was taken doesn't decode");
        return;
    }
    bool family_itself = concern.by == CONCERN_BY_FAMILY;
    struct known_family *family =
        covered(taken, &concern.handle, family_itself ? SCOPE_NONE : SCOPE_CONCERN);
    if (family != NULL) {
        family->family_concern = family->family_concern || family_itself;
        family_rules_concern(family, &concern, brussels_day(taken->now_ms));
    }
}

static void take_flag_answer(const struct taken *taken) {
    struct flag_answer answer;
    if (flag_answer_decode(taken->body, taken->arena, &answer) != REFUSAL_NONE) {
        BROKEN(taken->model, VIOLATION_ERROR, "an answer to a flag doesn't decode");
        return;
    }
    (void)covered(taken, &answer.handle, SCOPE_NONE);
}

static void take_erased(const struct taken *taken) {
    struct erased erased;
    if (erased_decode(taken->body, taken->arena, &erased) != REFUSAL_NONE) {
        BROKEN(taken->model, VIOLATION_ERROR, "a receipt of erasure doesn't decode");
        return;
    }
    for (size_t i = 0; i < taken->model->stone_count; i++) {
        struct known_stone *stone = &taken->model->stones[i];
        if (message_id_equal(&stone->id, &erased.tombstone)) {
            stone->owed &= ~(1U << taken->party);
        }
    }
}

/* Whose consent an honest party was told not to have, it must not have. */
static void check_refusal(const struct taken *taken, enum message_kind kind, enum refusal refusal) {
    struct bytes statement = taken->body;
    struct family_handle handle;
    enum scope scope = SCOPE_PRESENCE;
    if (kind == MESSAGE_KIND_CONSENT && refusal == REFUSAL_OUT_OF_SCOPE) {
        BROKEN(taken->model, VIOLATION_REFUSED, "a consent that its node let pass: %s",
               refusal_text(refusal));
    }
    if ((refusal != REFUSAL_NO_CONSENT && refusal != REFUSAL_OUT_OF_SCOPE) ||
        (kind != MESSAGE_KIND_SUPPORT && kind != MESSAGE_KIND_CONCERN)) {
        return;
    }
    if (!opens(taken, &statement)) {
        return;
    }
    if (kind == MESSAGE_KIND_SUPPORT) {
        struct support said;
        if (support_decode(statement, taken->arena, &said) != REFUSAL_NONE) {
            return;
        }
        handle = said.handle;
    } else {
        struct concern concern;
        if (concern_decode(statement, taken->arena, &concern) != REFUSAL_NONE) {
            return;
        }
        handle = concern.handle;
        scope = concern.by == CONCERN_BY_FAMILY ? SCOPE_NONE : SCOPE_CONCERN;
    }
    const struct known_family *family = family_model_find(taken->model, &handle);
    if (family != NULL && family_valid(family, taken->now_ms) &&
        (scope == SCOPE_NONE || family_in_scope(family, scope))) {
        BROKEN(taken->model, VIOLATION_REFUSED, "a %s about card %d: %s", taken->kind, family->card,
               refusal_text(refusal));
    }
}

void family_model_settled(struct family_model *model, int party,
                          const struct model_message *message, enum refusal refusal,
                          int64_t now_ms) {
    enum message_kind kind = (enum message_kind)message->kind;
    struct arena *arena = model_of(model)->arena;
    struct taken taken = {.model = model,
                          .party = party,
                          .body = message->copy,
                          .now_ms = now_ms,
                          .arena = arena,
                          .kind = message_kind_text(kind)};
    if (kind < MESSAGE_KIND_CONSENT || kind > MESSAGE_KIND_ERASED) {
        return;
    }
    if (!model_of(model)->parties[party].honest && refusal == REFUSAL_NONE) {
        BROKEN(model, VIOLATION_FORGED, "a %s of who means no good", taken.kind);
        return;
    }
    if (refusal != REFUSAL_NONE) {
        trace_say(&model->world->trace, now_ms, "the hub refused: a %s of %s: %s", taken.kind,
                  model_of(model)->parties[party].org.text, refusal_text(refusal));
        if (kind == MESSAGE_KIND_WITHDRAWAL && refusal == REFUSAL_NO_CONSENT) {
            take_withdrawal(&taken, true);
        } else {
            check_refusal(&taken, kind, refusal);
        }
        return;
    }
    switch ((int)kind) {
    case MESSAGE_KIND_CONSENT:
        take_consent(&taken);
        break;
    case MESSAGE_KIND_WITHDRAWAL:
        take_withdrawal(&taken, false);
        break;
    case MESSAGE_KIND_SUPPORT: {
        struct bytes statement;
        if (opens(&taken, &statement)) {
            note_support(&taken, statement);
        }
        break;
    }
    case MESSAGE_KIND_ASK:
        take_ask(&taken);
        break;
    case MESSAGE_KIND_ASK_ANSWER:
        take_ask_answer(&taken);
        break;
    case MESSAGE_KIND_CONCERN:
        take_concern(&taken);
        break;
    case MESSAGE_KIND_FLAG_ANSWER:
        take_flag_answer(&taken);
        break;
    case MESSAGE_KIND_ERASED:
        take_erased(&taken);
        break;
    default: /* about no family, or sealed to another */
        break;
    }
}

/* -- what the hub did -- */

static struct bytes unseal(struct family_model *model, int party, const struct sealed *sealed) {
    struct party *to = &model->world->parties[party];
    struct arena *arena = model_of(model)->arena;
    for (size_t i = to->seal_count; i > 0; i--) {
        const struct seal_pair *pair = &to->seals[i - 1];
        if (memcmp(pair->public.bytes, sealed->key, sizeof(sealed->key)) != 0 ||
            sealed->box.length < BOX_OVERHEAD_BYTES) {
            continue;
        }
        size_t length = sealed->box.length - BOX_OVERHEAD_BYTES;
        uint8_t *plain = arena_alloc(arena, length + 1, 1);
        if (plain != NULL && box_open(&pair->secret, sealed->box, plain) == 0) {
            return (struct bytes){.data = plain, .length = length};
        }
    }
    return (struct bytes){0};
}

static enum scope scope_of_notice(const struct known_family *family, const struct notice *notice) {
    switch (notice->kind) {
    case NOTICE_FLAG:
        switch (notice->flag.kind) {
        case FLAG_CONCERN:
            return family->family_concern ? SCOPE_NONE : SCOPE_CONCERN;
        case FLAG_ASKED_NOT_TAKEN:
            return SCOPE_PRESENCE;
        case FLAG_GAP_AHEAD:
        case FLAG_NO_LOCAL:
        case FLAG_SILENT:
        case FLAG_ONE_LEFT:
            return SCOPE_LOST_SUPPORT;
        case FLAG_NODE_QUIET:
        case FLAG_CALL_BACK:
        case FLAG_KIND_NONE:
        default:
            return SCOPE_NONE;
        }
    case NOTICE_ASK:
    case NOTICE_ASK_NEWS:
        return SCOPE_PRESENCE;
    case NOTICE_FLAG_OVER:
    case NOTICE_ANSWER:
    case NOTICE_ENDING:
    case NOTICE_CALL_BACK:
    case NOTICE_CALLED_BACK:
    case NOTICE_NEW_CARD:
    case NOTICE_SUPPORT_OVER:
    case NOTICE_KIND_NONE:
    default:
        return SCOPE_NONE;
    }
}

static void check_notice(struct family_model *model, int to, const struct notice *notice,
                         int64_t now_ms) {
    static const struct family_handle none;
    model->notices++;
    if (memcmp(&notice->handle, &none, sizeof(none)) == 0) {
        return;
    }
    struct known_family *family = family_model_find(model, &notice->handle);
    const char *kind = notice_kind_text(notice->kind);
    if (family == NULL || !family_valid(family, now_ms)) {
        BROKEN(model, VIOLATION_CONSENT, "the hub told %s of card %d (%s): no consent stands",
               model_of(model)->parties[to].org.text, family == NULL ? -1 : family->card, kind);
        return;
    }
    enum scope scope = scope_of_notice(family, notice);
    if (scope != SCOPE_NONE && !family_in_scope(family, scope)) {
        BROKEN(model, VIOLATION_CONSENT, "the hub told %s of card %d (%s %s): out of scope",
               model_of(model)->parties[to].org.text, family->card, kind,
               flag_kind_text(notice->flag.kind));
    }
    family->told |= 1U << to;
}

static void follow_posted(struct family_model *model, const struct journal_record *record) {
    struct arena *arena = model_of(model)->arena;
    struct reader reader = reader_over(record->body);
    struct org_id receiver;
    read_raw(&reader, &receiver, sizeof(receiver));
    (void)read_u8(&reader); /* the lane */
    struct bytes signed_bytes = read_run(&reader);
    struct envelope envelope;
    struct sealed sealed;
    struct notice notice;
    if (envelope_decode(signed_bytes, arena, &envelope) != REFUSAL_NONE ||
        !org_id_equal(&receiver, &envelope.recipient.org)) {
        BROKEN(model, VIOLATION_ERROR, "a posting of the hub doesn't decode");
        return;
    }
    int to = model_party_of(model_of(model), &envelope.recipient.org);
    if (to <= HUB || sealed_decode(envelope.body, arena, &sealed) != REFUSAL_NONE) {
        BROKEN(model, VIOLATION_SECRET, "a posting of the hub isn't sealed");
        return;
    }
    struct bytes plain = unseal(model, to, &sealed);
    if (plain.length == 0) {
        return; /* to a member without a core, or to keys that are no more */
    }
    if (envelope.kind == MESSAGE_KIND_NOTICE) {
        enum refusal refusal = notice_decode(plain, arena, &notice);
        if (refusal != REFUSAL_NONE) {
            BROKEN(model, VIOLATION_ERROR, "a notice of %zu bytes: %s", plain.length,
                   refusal_text(refusal));
            return;
        }
        check_notice(model, to, &notice, record->time_ms);
    }
}

static void follow_row(struct family_model *model, const struct journal_record *record) {
    struct arena *arena = model_of(model)->arena;
    struct vault_keys keys = family_model_keys(model->world, HUB);
    struct fact fact;
    if (record->erased) {
        return;
    }
    if (journal_open(record, &keys, arena, &fact) < 0 || fact.body.length < 32) {
        return; /* its key was shredded since */
    }
    struct known_family *family = by_lookup(model, fact.body.data);
    if (family == NULL || !family_valid(family, record->time_ms)) {
        BROKEN(model, VIOLATION_CONSENT, "record %llu, a row of card %d: no consent stands",
               (unsigned long long)record->sequence, family == NULL ? -1 : family->card);
        return;
    }
    family->row = true;
}

static void follow_erased(struct family_model *model, const struct journal_record *record) {
    struct journal_erased erased;
    if (journal_erased_read(record->body, &erased) < 0) {
        BROKEN(model, VIOLATION_CHAIN, "record %llu can't be read",
               (unsigned long long)record->sequence);
        return;
    }
    struct known_family *family = by_lookup(model, erased.lookup.bytes);
    if (family != NULL && family_valid(family, record->time_ms)) {
        BROKEN(model, VIOLATION_LOST, "the row of card %d, whose consent stands", family->card);
    }
    if (family != NULL) {
        family->row = false;
        family->ended = true;
    }
}

static void follow_stone(struct family_model *model, const struct journal_record *record) {
    struct reader reader = reader_over(record->body);
    struct known_stone stone = {0};
    uint8_t lookup[32];
    if (read_u8(&reader) != 't') {
        return; /* a withdrawal that waits */
    }
    read_raw(&reader, lookup, sizeof(lookup));
    read_raw(&reader, stone.id.bytes, sizeof(stone.id.bytes));
    (void)read_i64(&reader);
    (void)read_i64(&reader);
    size_t count = read_u8(&reader);
    for (size_t i = 0; i < count; i++) {
        const struct org_id org = org_read(&reader);
        int party = model_party_of(model_of(model), &org);
        bool member = party > HUB && !model_of(model)->parties[party].revoked;
        stone.asked |= member ? 1U << party : 0; /* who rejoins here does it with nothing */
    }
    const struct known_family *family = by_lookup(model, lookup);
    if (reader_end(&reader) < 0 || family == NULL || model->stone_count == STONES_MAX) {
        BROKEN(model, VIOLATION_ERROR, "a tombstone of nobody, or that can't be read");
        return;
    }
    stone.family = (int)(family - model->families);
    stone.owed = stone.asked;
    model->stones[model->stone_count++] = stone;
}

void family_model_fact(struct family_model *model, const struct journal_record *record) {
    switch ((int)record->type) {
    case FACT_FAMILY:
        follow_row(model, record);
        break;
    case FACT_POSTED:
        follow_posted(model, record);
        break;
    case FACT_FAMILY_ERASED:
        follow_erased(model, record);
        break;
    case FACT_TOMBSTONE:
        follow_stone(model, record);
        break;
    default:
        break;
    }
}

void family_model_left(struct family_model *model, int party, int64_t now_ms) {
    model->left_ms[party] = now_ms;
    for (size_t i = 0; i < model->count; i++) {
        model->families[i].supports[party].known = false;
    }
    for (size_t i = 0; i < model->stone_count; i++) { /* nothing can be said of it any more */
        model->stones[i].asked &= ~(1U << party);
        model->stones[i].owed &= ~(1U << party);
    }
}

void family_model_heard(struct family_model *model, int party, int64_t now_ms) {
    model->heard_ms[party] = now_ms;
}
