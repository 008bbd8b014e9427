/* Families as a node knows them: those whose card lay on its table, or whom another told it of
 * under their consent. Plain data; the tables are in family_store.h.
 *
 * A node never keeps a card, its secret or the family's key. What it keeps of a family that came
 * from others (handle, presence seed, token, envelopes, notices) goes when the consent ends; its
 * own register and its own proof of the consent stay under their own rules. */
#pragma once

#include "shared/base/family_lists.h"
#include "shared/base/ids.h"
#include "shared/base/limits.h"
#include "shared/consent/card.h"
#include "shared/consent/contact.h"
#include "shared/consent/record.h"
#include "shared/wire/family.h"

enum { INFORMAL_MAX = 8, INFORMAL_TEXT_MAX = 80 };

/* Our own support of a family. */
struct own_support {
    bool exists;
    struct support said; /* as last said to the hub */
    bool follows_case;   /* `case_id` of the register says when there was contact, and the end */
    char case_id[CASE_ID_BYTES_MAX + 1];
    int32_t contact_day; /* newest contact that we know of */
    bool waits;          /* refused for want of a consent: said again each day */
    int32_t waits_since_day;
    int32_t said_day; /* when it was last said */
    bool given_up;    /* after SUPPORT_RETRY_DAYS: shown to people */
};

/* A supporter without a node: the neighbour, the buddy. Never leaves this node. */
struct informal_supporter {
    char name[INFORMAL_TEXT_MAX + 1];
    char what[INFORMAL_TEXT_MAX + 1];
};

/* People call a family by its number here ("family 12"). */
struct family_row {
    uint32_t number;
    uint64_t record_key;
    struct family_handle handle;
    struct presence_seed presence;
    struct signed_token token; /* empty token bytes: not told yet */
    uint32_t end_month;        /* of the token; 0: not known */
    struct scopes scopes;
    bool own_consent;     /* its record is ours (TABLE_CONSENTS) */
    bool withdrawn;       /* here, and the hub's tombstone isn't in yet */
    bool support_moved;   /* to the family's new card: what follows is said there */
    enum refusal refusal; /* why the hub didn't take our consent or withdrawal; NONE: it did */
    int64_t since_ms;
    struct own_support support;
    struct informal_supporter informal[INFORMAL_MAX];
    size_t informal_count;
};

/* What waits for people: flags, questions, call-backs, news. */
enum item_state { ITEM_NEW = 1, ITEM_TAKEN, ITEM_DONE };

struct item {
    uint32_t number; /* people call it by this ("item 7") */
    uint64_t record_key;
    struct message_id id; /* the notice's */
    enum notice_kind kind;
    struct family_handle handle; /* zeros: about no family */
    uint32_t family;             /* its number here; 0: we don't know it otherwise */
    struct notice_flag flag;
    struct message_id about;
    struct org_id from; /* ask, call-back, new-card: whose posting it was */
    struct service_id service;
    struct nis nis;
    struct language language;
    int32_t end_day;
    enum ask_state ask_state;
    enum ask_reason ask_reason;
    enum end_reason why;
    bool has_contact; /* opened from the envelope, or from the question */
    struct contact contact;
    struct signed_token token;
    enum item_state state;
    struct user_id taken_by; /* who of us */
    struct team_id team;     /* whose it is; zeros: all */
    int64_t received_ms;
    int64_t said_ms;      /* when the hub said it: what it said before is older news */
    enum refusal refusal; /* why the hub didn't take what we said last of it; NONE: it did */
    bool urgent;          /* mail at once; else the daily digest */
    bool mailed;
};
