/* The consent record: everything about how a family agreed, in the terms of ISO/IEC TS 27560:2023
 * (its clause in brackets). Kept sealed where it was taken and given to the family as a readable
 * receipt; the hub only ever has a commitment to it. */
#pragma once

#include "shared/base/arena.h"
#include "shared/base/buf.h"
#include "shared/base/family_lists.h"
#include "shared/base/ids.h"
#include "shared/base/lists.h"

enum {
    CONSENT_RECORD_VERSION = 1,
    CONSENT_TEXT_MAX = 400,      /* bytes of each free text */
    CONSENT_EVENTS_MAX = 24,     /* given, narrowed, widened, withdrawn ... */
    CONSENT_CONFERENCE_MAX = 16, /* organisations for conferences */
};

struct consent_event {
    enum consent_state state; /* event_state (6.3.7.6) */
    int64_t at_ms;            /* event_time (6.3.7.2) */
    struct user_id by;        /* entity_id (6.3.7.4): who took it */
    struct scopes scopes;
    uint32_t end_month; /* validity_duration (6.3.7.3) */
    enum withdrawal_basis basis;
};

struct consent_record {
    struct message_id id;        /* record_id (6.3.3.3) */
    struct org_id controller;    /* pii_controllers (6.3.4.9) */
    char notice_version[32];     /* privacy_notice (6.3.4.2) */
    struct language language;    /* language of the talk */
    enum legal_ground ground;    /* lawful_basis (6.3.4.7) */
    int32_t retention_until_day; /* retention_period (6.3.4.13) */
    bool explained_aloud;        /* collection_method (6.3.4.10) */
    enum interpreter interpreter;
    char interpreter_desk[CONSENT_TEXT_MAX + 1];
    char teach_back[CONSENT_TEXT_MAX + 1]; /* what the family said in its own words */
    char present[CONSENT_TEXT_MAX + 1];    /* who was there */
    struct org_id fallback_first;
    struct org_id fallback_second;
    struct org_id conference[CONSENT_CONFERENCE_MAX]; /* recipient_third_parties (6.3.4.18) */
    size_t conference_count;
    bool show_hidden; /* the family wants the names of hidden organisations on its page */
    struct consent_event events[CONSENT_EVENTS_MAX];
    size_t event_count;
};

/* What a person must have said before a consent counts. Refusals: MINOR_INTERPRETER, NO_TEACH_BACK
 * (empty, or only white space), MALFORMED (not explained aloud; no ground; no controller; a
 * language that isn't one). */
MUST_CHECK enum refusal consent_record_check(const struct consent_record *record);

/* The bytes that are sealed and committed to; a version byte first. What doesn't fit is the
 * buffer's failure. */
void consent_record_encode(const struct consent_record *record, struct buf *out);
/* Errors: ERR_MALFORMED, ERR_UNSUPPORTED (a later version). */
MUST_CHECK int consent_record_decode(struct bytes bytes, struct consent_record *ret);

/* BLAKE2b-256 keyed by the salt, under "consent-record/v1". The salt lies in the sealed record. */
struct consent_salt {
    uint8_t bytes[16];
};
struct digest consent_commitment(const struct consent_salt *salt, struct bytes record);
