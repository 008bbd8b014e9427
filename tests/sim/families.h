/* Families in the simulator: households with cards, what people at the nodes do about them, and
 * what they know. The families keep their cards themselves, as on paper; no party does.
 *
 * cards.c makes households, cards and the words that are said; families.c does what people begin,
 * family_items.c what they do with what waits for them; keys.c keeps each party's record keys and
 * the secrets of what is sealed to it; family_faults.c breaks a promise on purpose. What must hold
 * is in family_model.h. */
#pragma once

#include "node/core/family_commands.h"
#include "tests/sim/dice.h"
#include "tests/sim/family_model.h"

struct party;
struct work;
struct world;

enum { HOUSEHOLDS_MAX = 12, CARDS_MAX = 72, TELL_MAX = 8, SAID_BYTES = 240 };

struct sim_card {
    struct card card;
    int household;
    bool given;      /* somebody was told that its consent is written down */
    bool ended;      /* likewise, that it's withdrawn or another card took its place */
    uint32_t months; /* until its end, when it was given */
    uint32_t end_month;
    uint32_t scopes; /* as last given or narrowed */
    struct org_id fallback_first;
    struct org_id fallback_second;
    int giver;
    bool on_table[MODEL_PARTIES]; /* it lay there: what that node has of it came from the family */
};

struct household {
    int cards[CARDS_MAX];
    size_t card_count;
};

struct families {
    struct world *world;
    struct dice dice;
    struct dice words;
    struct sim_card cards[CARDS_MAX];
    size_t card_count;
    struct household households[HOUSEHOLDS_MAX];
    size_t household_count;
    struct family_model model;
    uint64_t done[64]; /* commands about families that were done, by kind */
    uint64_t refused[64];
};

/* One command's arguments and all that they borrow. */
struct family_work {
    int card; /* which one is meant, or -1 */
    int new_card;
    struct card on_table;
    struct consent_record record;
    struct org_id tell[TELL_MAX];
    char said[3][SAID_BYTES];
    char case_id[CASE_ID_BYTES_MAX + 1];
    union {
        struct consent_give_arguments give;
        struct consent_change_arguments change;
        struct withdraw_arguments withdraw;
        struct support_start_arguments support_start;
        struct support_end_arguments support_end;
        struct ask_arguments ask;
        struct ask_revoke_arguments ask_revoke;
        struct ask_answer_arguments ask_answer;
        struct concern_arguments concern;
        struct flag_answer_arguments flag_answer;
        struct call_back_arguments call_back;
        struct item_arguments item;
        struct new_card_arguments new_card_arguments;
        struct informal_arguments informal;
        struct look_arguments look;
        struct keys_rotate_arguments rotate;
    };
};

/* What is said about a household carries these, so that it's found wherever it lies. */
enum { FAMILY_MARKS = 3 };
extern const char *const family_marks[FAMILY_MARKS];

void families_init(struct world *world);
void families_deinit(struct world *world);
/* Somebody does something about a family. */
void families_step(struct world *world);
void families_done(struct party *node, const struct work *work, struct bytes result);
void families_refused(struct party *node, const struct work *work);
void families_looked(struct party *node, const struct work *work, const struct look_answer *answer);
/* After each turn of a party. */
void families_after_turn(struct party *party, bool tick);
/* NULL, or what isn't settled yet after healing. */
const char *families_unsettled(struct world *world);
/* After the liveness phase, all stores open. */
void families_check_end(struct world *world);

/* cards.c */
/* -1: no room for more. */
int cards_new(struct families *families, int household);
/* Any card, or one whose consent stands as far as people know; -1: none was found. */
int cards_pick(struct families *families, bool standing);
/* How to reach that card's household, in the words of whoever writes it down. */
void cards_words(struct families *families, int card, char ret[static SAID_BYTES]);
/* How such words begin: nobody else's do. */
void cards_mark(const struct families *families, int card, char ret[static SAID_BYTES]);
void cards_record(struct families *families, int card, struct consent_record *ret);

/* family_items.c */
void family_items_step(struct party *node);

/* families.c, for its neighbours: a work of that kind, its arguments to be filled in; NULL: no room
 * for more. */
struct work *family_work_new(struct party *node, uint32_t kind);
void family_work_begin(struct party *node, struct work *work);

/* keys.c */
void keys_draw(struct party *party);
void keys_offer(struct party *party, bool start);
void keys_rotate(struct party *node);
void keys_rotated(struct party *node);
void keys_shredded(struct party *party, const uint64_t *ids, size_t count);

/* family_faults.c */
void family_faults_before(struct party *party);
void family_faults_after(struct party *party);
