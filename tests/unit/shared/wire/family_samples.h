/* One good message of each kind about a family, all of its fields filled in. */
#pragma once

#include "shared/base/arena.h"
#include "shared/wire/family.h"

static const uint8_t sample_proof[SIGNATURE_BYTES] = {0x51, 0x52};
static const uint8_t sample_other_proof[SIGNATURE_BYTES] = {0x61, 0x62};

static const struct family_handle sample_handle = {{1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                                                    12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
                                                    23, 24, 25, 26, 27, 28, 29, 30, 31, 32}};
static const struct family_handle sample_other_handle = {{0x99, 0x98}};
static const struct message_id sample_id = {{0xa0, 0xa1}};
static const struct message_id sample_other_id = {{0xb0, 0xb1}};
static const struct org_id sample_org = {"caw"};
static const struct org_id sample_other_org = {"ocmw-menen"};

enum { SAMPLE_DAY = 20780, SAMPLE_LATER_DAY = 20790 };
static const int64_t sample_ms = 1790000000000;

static inline struct sealed sample_sealed(void) {
    static const uint8_t box[1024 + 48] = {0x73, 0x74}; /* as a contact's */
    return (struct sealed){.key = {0x71, 0x72}, .box = BYTES_OF(box)};
}

static inline struct consent_token sample_consent_token(void) {
    struct consent_token token = {
        .version = FAMILY_VERSION,
        .hub = {"kortrijk"},
        .handle = sample_handle,
        .number = 2,
        .scopes = {45}, /* 1, 3, 4 and 6 */
        .end_month = 690,
        .issuer = {"agii"},
        .fallback_first = sample_org,
        .fallback_second = {"ocmw"},
    };
    for (uint8_t i = 0; i < 32; i++) {
        token.commitment.bytes[i] = (uint8_t)(0x40 + i);
        token.family_key[i] = (uint8_t)(0x60 + i);
        token.presence_key[i] = (uint8_t)(0xa0 + i);
    }
    return token;
}

static inline struct signed_token sample_signed_token(void) {
    return (struct signed_token){.token = bytes_from_text("a token"),
                                 .family_signature = BYTES_OF(sample_proof),
                                 .organisation_signature = BYTES_OF(sample_other_proof)};
}

static inline struct proven sample_proven(void) {
    return (struct proven){.statement = bytes_from_text("a statement"),
                           .proof = BYTES_OF(sample_proof)};
}

static inline struct consent_message sample_consent_message(void) {
    return (struct consent_message){
        .purpose = PURPOSE_SUPPORT,
        .token = sample_signed_token(),
        .envelopes = {{sample_org, sample_sealed()}, {sample_other_org, sample_sealed()}},
        .envelope_count = 2,
        .support = sample_proven(),
        .support_expected = true,
    };
}

static inline struct withdrawal sample_withdrawal(void) {
    return (struct withdrawal){.hub = {"kortrijk"},
                               .handle = sample_handle,
                               .basis = WITHDRAWAL_PAPER,
                               .org = sample_org,
                               .at_ms = sample_ms};
}

static inline struct support sample_support(void) {
    return (struct support){
        .purpose = PURPOSE_SUPPORT,
        .handle = sample_handle,
        .org = sample_org,
        .number = 300,
        .kind = SUPPORT_PROFESSIONAL,
        .distance = SUPPORT_DISTANT,
        .state = SUPPORT_ENDED,
        .why = END_MOVING,
        .end_day = SAMPLE_DAY,
        .moving_to = {34022},
        .successor = sample_other_org,
        .confirmed_day = 20700,
        .named = true,
    };
}

static inline struct ask sample_ask(void) {
    return (struct ask){
        .purpose = PURPOSE_SUPPORT,
        .id = sample_id,
        .handle = sample_handle,
        .org = sample_org,
        .to = sample_other_org,
        .service = {"housing"},
        .asked_day = SAMPLE_DAY,
        .revoked = true,
        .contact = sample_sealed(),
    };
}

static inline struct ask_answer sample_ask_answer(void) {
    return (struct ask_answer){
        .purpose = PURPOSE_SUPPORT,
        .id = sample_id,
        .handle = sample_handle,
        .state = ASK_PASSED_ON,
        .passed_to = sample_other_org,
        .contact = sample_sealed(),
        .service = {"budget"},
    };
}

static inline struct concern sample_concern(void) {
    return (struct concern){
        .purpose = PURPOSE_CONCERN,
        .id = sample_id,
        .handle = sample_handle,
        .org = sample_org,
        .by = CONCERN_BY_VOLUNTEER,
        .reason = CONCERN_OTHER,
        .urgency = CONCERN_THIS_WEEK,
        .at_ms = sample_ms,
    };
}

static inline struct flag_answer sample_flag_answer(void) {
    return (struct flag_answer){
        .purpose = PURPOSE_SUPPORT,
        .flag = sample_id,
        .handle = sample_handle,
        .action = FLAG_CLOSE,
        .reason = FLAG_REASON_LEFT,
    };
}

static inline struct call_back sample_call_back(void) {
    return (struct call_back){
        .purpose = PURPOSE_CONCERN,
        .id = sample_id,
        .to = sample_other_org,
        .nis = {34022},
        .language = {"ara"},
        .contact = sample_sealed(),
    };
}

static inline struct called_back sample_called_back(void) {
    return (struct called_back){.purpose = PURPOSE_CONCERN, .id = sample_id};
}

static inline struct new_card sample_new_card(void) {
    return (struct new_card){
        .purpose = PURPOSE_SUPPORT, .to = sample_other_org, .content = sample_sealed()};
}

static inline struct card_moved sample_card_moved(void) {
    return (struct card_moved){.old = sample_handle,
                               .new = sample_other_handle,
                               .presence_seed = {0x33},
                               .token = sample_signed_token(),
                               .to = sample_other_org};
}

static inline struct erased sample_erased(void) {
    return (struct erased){.tombstone = sample_id, .at_ms = sample_ms};
}

/* More than any one kind carries. */
static inline struct notice sample_notice(void) {
    return (struct notice){
        .kind = NOTICE_FLAG,
        .purpose = PURPOSE_SUPPORT,
        .id = sample_id,
        .handle = sample_handle,
        .token = sample_signed_token(),
        .flag = {.id = sample_other_id,
                 .kind = FLAG_CONCERN,
                 .state = FLAG_CLOSED,
                 .yours = true,
                 .opened_day = SAMPLE_DAY,
                 .acknowledge_by_day = SAMPLE_LATER_DAY,
                 .contact_by_day = SAMPLE_LATER_DAY + 1,
                 .reason = FLAG_REASON_CONSENT_ENDED,
                 .concern = CONCERN_ALONE,
                 .urgency = CONCERN_TODAY,
                 .by = sample_other_org},
        .about = sample_other_id,
        .origin = {bytes_from_text("an envelope"), BYTES_OF(sample_proof)},
        .contact = sample_sealed(),
        .end_day = SAMPLE_LATER_DAY,
        .why = END_ORGANISATION_LEFT,
    };
}

static inline struct tombstone sample_tombstone(void) {
    return (struct tombstone){
        .id = sample_id, .handle = sample_handle, .basis = WITHDRAWAL_NEW_CARD, .at_ms = sample_ms};
}

static inline struct look sample_look(void) {
    return (struct look){.hub = {"kortrijk"},
                         .handle = sample_handle,
                         .org = sample_org,
                         .nonce = {0x41, 0x42},
                         .at_ms = sample_ms};
}

static inline struct look_answer sample_look_answer(void) {
    static struct look_support supports[2];
    static struct look_seen seen[1];
    static struct look_flag flags[1];
    static struct look_ask asks[1];
    supports[0] =
        (struct look_support){sample_org,     ORG_KIND_CAW, SUPPORT_PROFESSIONAL, SUPPORT_NEAR,
                              SUPPORT_ENDING, true,         SAMPLE_DAY,           SAMPLE_LATER_DAY};
    supports[1] = (struct look_support){.org_kind = ORG_KIND_REFUGE,
                                        .kind = SUPPORT_INFORMAL,
                                        .distance = SUPPORT_DISTANT,
                                        .state = SUPPORT_ACTIVE};
    seen[0] = (struct look_seen){sample_other_org, SAMPLE_DAY};
    flags[0] = (struct look_flag){FLAG_ONE_LEFT, FLAG_ACKNOWLEDGED, SAMPLE_DAY, sample_org};
    asks[0] = (struct look_ask){
        sample_other_org, {"housing"}, ASK_REFUSED, ASK_LANGUAGE, SAMPLE_LATER_DAY};
    return (struct look_answer){
        .found = true,
        .token = sample_signed_token(),
        .supports = supports,
        .support_count = 2,
        .seen = seen,
        .seen_count = 1,
        .flags = flags,
        .flag_count = 1,
        .asks = asks,
        .ask_count = 1,
    };
}
