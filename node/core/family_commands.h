/* Arguments of the commands about families. Cards and texts are borrowed until command_done, live
 * in the shell's locked memory where they are secrets, and are never stored or given back in a
 * result.
 *
 * Who is meant: the card on the table, or, where that's enough, a number that this node gave
 * (`family`), or an item that it got (`item`). Exactly one of those that a command takes is set. */
#pragma once

#include "node/core/family.h"

struct family_who {
    const struct card *card; /* NULL: not on the table */
    uint32_t family;         /* 0: not by number */
    uint32_t item;           /* 0: not by item */
};

struct support_words {
    enum support_kind kind;
    enum support_distance distance;
    const char *case_id; /* NULL: follows no case */
    bool named;          /* a hidden organisation's name may be shown to the family */
};

/* CONSENT_GIVE, with a new card or a blank one; NEW_CARD's second half. `record` without id,
 * controller, retention and events: the core fills those in. Refuses what consent.h, record.h
 * refuse; EXISTS (that card has a consent here). Result: {"family": 12, "until": "2027-10-31"}. */
struct consent_give_arguments {
    const struct card *card;
    const struct consent_record *record;
    struct scopes scopes;
    uint32_t end_month;
    const char *contact_first; /* for the envelope; NULL: none */
    const char *contact_second;
    bool with_support;
    struct support_words support;
};

/* CONSENT_CHANGE: the card, always. Taking away needs nothing more; giving more or longer needs an
 * organisation that may (NEEDS_AUTHORITY), and teach-back again. NOT_FOUND: a fallback can't be
 * kept that isn't known here; a look makes it known for a while.
 * {"family": 12, "until": "...", "checked": true}; checked is false where no token is known here to
 * judge it by: then the hub may refuse it and nobody hears so. */
struct consent_change_arguments {
    const struct card *card;
    struct scopes scopes;
    uint32_t end_month;
    const struct consent_record *record; /* NULL: narrowing */
    const char *contact_first;
    const char *contact_second;
};

/* WITHDRAW: all of it, by the card, or by a paper that an adult of the family signed (`family`;
 * what paper, where it lies: `note`, kept with the bare proof), which a caseworker alone records.
 * An organisation's own part ends by support-end. */
struct withdraw_arguments {
    struct family_who who;
    enum withdrawal_basis basis;
    const char *note;
};

struct support_start_arguments {
    struct family_who who; /* card; item: a question taken up, a flag with an envelope */
    struct support_words words;
};

struct support_end_arguments { /* SUPPORT_ENDING, SUPPORT_END */
    struct family_who who;     /* family or card */
    enum end_reason why;
    int32_t end_day;
    struct nis moving_to;
    struct org_id successor;
};

struct ask_arguments { /* ASK */
    struct family_who who;
    struct org_id to;
    struct service_id service;
    int32_t asked_day;
    const char *contact; /* whom it is about; NULL: nothing goes along */
    bool with_presence;  /* the family wants them to be able to say that they support it */
};

struct ask_revoke_arguments {
    uint32_t item; /* of our own question, among the items */
};

struct ask_answer_arguments {
    uint32_t item;
    enum ask_state state;
    enum ask_reason reason;
    struct org_id passed_to;
};

struct concern_arguments {
    const struct card *card;
    enum concern_by by;
    enum concern_reason reason;
    enum concern_urgency urgency;
    int64_t at_ms; /* 0: now; it may have waited on a phone without network */
};

struct flag_answer_arguments {
    uint32_t item;
    enum flag_action action;
    enum flag_reason reason;
};

struct call_back_arguments {
    struct nis nis;
    struct language language;
    const char *contact; /* the volunteer's own */
};

struct item_arguments { /* CALLED_BACK, ITEM_DONE */
    uint32_t item;
};

/* NEW_CARD: `old` by card or number. `tell`: which supporters (as a look showed them) get the new
 * handle; all of them and `keep_old` false but with a split. The new card's consent comes with it.
 */
struct new_card_arguments {
    struct family_who old;
    enum new_card_reason reason;
    struct consent_give_arguments give;
    const struct org_id *tell;
    size_t tell_count;
};

struct informal_arguments {
    uint32_t family;
    const char *name;
    const char *what;
    bool remove;
};

/* LOOK: asks the hub; done when it answers (node_links.looked), NO_ANSWER after ten seconds. */
struct look_arguments {
    const struct card *card;
};

struct items_mailed_arguments {
    const uint32_t *items;
    size_t count;
};

/* KEYS_ROTATE: the shell has made a new pair and it is durable. */
struct keys_rotate_arguments {
    bool contact; /* else sealing */
    struct curve_public key;
    int32_t from_day;
    int32_t until_day;
};

struct hours_arguments {            /* HOURS */
    const struct closure *closures; /* borrowed */
    size_t count;
};
