/* What must hold about families, kept apart from the code under test: what each consent covers, who
 * says to support whom, what was asked, all of it read from the messages that the journal says were
 * taken, in its order; and who owes or gave a receipt of erasure.
 *
 * family_model.c follows the journal, family_rules.c holds the hub's rows against it,
 * family_secrets.c tries to open everything. */
#pragma once

#include "hub/core/family.h"
#include "hub/core/journal.h"
#include "shared/consent/card.h"
#include "shared/vault/vault.h"
#include "tests/sim/model.h"

struct world;

enum {
    KNOWN_MAX = 96,
    KNOWN_ASKS_MAX = 48,
    KNOWN_CONCERNS_MAX = 96,
    STONES_MAX = 160,
    RELICS_MAX = 20000,
    FLAGS_SEEN_MAX = 512,
};

struct known_support {
    bool known;
    bool named; /* a successor, in this word or an earlier one */
    struct support said;
};

struct known_ask {
    struct message_id id;
    int from;
    int to;
    enum ask_state state;
    int32_t received_day;
};

struct known_concern {
    struct message_id id;
    enum concern_urgency urgency;
    int32_t day; /* on which the hub took it */
};

/* A handle. */
struct known_family {
    struct family_handle handle;
    struct presence_seed presence;
    struct digest lookup;
    char text[CARD_TEXT_SIZE];
    int card;
    bool given; /* a token of it was taken */
    bool ended; /* a withdrawal, or a new card; its own end is told by the month */
    bool row;   /* the hub has one, by the journal */
    bool support_expected;
    int64_t given_ms;
    uint32_t number;
    uint32_t scopes;
    uint32_t end_month;
    struct known_support supports[MODEL_PARTIES];
    struct known_ask asks[KNOWN_ASKS_MAX];
    size_t ask_count;
    struct known_concern concerns[KNOWN_CONCERNS_MAX];
    size_t concern_count;
    bool ever_near;
    int32_t gap_since_day; /* FAMILY_DAY_NONE: near support counts */
    bool family_concern;
    uint32_t told; /* parties that the hub posted anything to about it */
};

struct known_stone {
    struct message_id id;
    int family;
    uint32_t asked; /* parties that owed a receipt */
    uint32_t owed;  /* parties that still do */
    bool checked;
};

/* Under this key stood something about that family: after its end the key must be gone. */
struct relic {
    int party;
    uint64_t life; /* of the party's store */
    uint64_t key;
    enum table table;
    int family;
};

struct seen_flag {
    struct message_id id;
    enum flag_kind kind;
    uint8_t turn;
    struct org_id owner; /* of that turn: who leaves makes place for the next */
    uint8_t reopened;
    enum flag_state state;
    int32_t since_day;
};

struct family_model {
    struct world *world;
    struct known_family families[KNOWN_MAX];
    size_t count;
    struct known_stone stones[STONES_MAX];
    size_t stone_count;
    struct relic *relics;
    size_t relic_count;
    struct seen_flag flags[FLAGS_SEEN_MAX];
    size_t flag_count;
    int64_t heard_ms[MODEL_PARTIES]; /* by the hub's clock */
    int64_t left_ms[MODEL_PARTIES];  /* when it last was a member no more */
    int32_t checked_day;
    uint64_t checked_seen;
    uint64_t notices;
    uint64_t looks_found;
    uint64_t opened;          /* sealed values that a key was tried on */
    uint64_t flags_risen[16]; /* by kind */
};

/* A card was made: its handle may come. */
void family_model_card(struct family_model *model, int card, const struct card *secret);
struct known_family *family_model_find(struct family_model *model,
                                       const struct family_handle *handle);
/* A consent that stands at that moment. */
bool family_valid(const struct known_family *family, int64_t now_ms);
bool family_in_scope(const struct known_family *family, enum scope scope);

/* The journal says that this message, whose body went over its sender's link, was taken or refused.
 */
void family_model_settled(struct family_model *model, int party,
                          const struct model_message *message, enum refusal refusal,
                          int64_t now_ms);
/* Of the facts about families, those that aren't made of a message. */
void family_model_fact(struct family_model *model, const struct journal_record *record);
void family_model_left(struct family_model *model, int party, int64_t now_ms);
void family_model_heard(struct family_model *model, int party, int64_t now_ms);
/* family_rules.c: after a turn of the hub in which its timer ran. */
void family_rules_check(struct family_model *model, int64_t now_ms);
/* The hub answered a look. */
void family_model_looked(struct family_model *model, int card, const struct look_answer *answer,
                         int64_t now_ms);
/* After healing: what both ends have. NULL, or what differs. */
const char *family_rules_unequal(struct family_model *model);
/* A concern was taken, on that day. */
void family_rules_concern(struct known_family *family, const struct concern *concern, int32_t day);
/* Working days after the first up to and with the second, counted without shared/places. */
int working_days_passed(int32_t from_day, int32_t until_day);
struct vault_keys family_model_keys(struct world *world, int party);

/* family_secrets.c */
/* What stands where now, for later: under which key lies something of which family. */
void family_secrets_note(struct family_model *model, int party);
/* Its sender can't open this message any more: what it told of must have come to its end. */
void family_secrets_emptied(struct family_model *model, const struct model_message *message,
                            const char *org);
/* Of families whose consent ended and whose receipts are in: nothing may be there. `shredded`: the
 * keys too must be gone. */
void family_secrets_check(struct family_model *model, int party, bool shredded);
/* Nothing at the hub, or from it, tells who somebody is. */
void family_secrets_hub(struct family_model *model);
void family_secrets_frame(struct family_model *model, struct bytes frame);
