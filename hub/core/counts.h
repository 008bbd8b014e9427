/* Counts about families that outlive them: per ISO week and per quarter, never per handle, and the
 * figures that the coordinator sees of them.
 *
 * Weekly counts and days are the hub's own business figures. What is shown per quarter by reason
 * (refusals, concerns) goes through the cell-key perturbation of shared/figures/cellkey.h (D=5,
 * V=3, js=2): each counted thing has a random record key in its fact, and a cell's key is the sum
 * of them. It's shown once the quarter is over, for a figure that moves with each single concern
 * would tell of that one (PRIVACY 2.4), and for each reason on the list, for a missing one would
 * tell that there was none. */
#pragma once

#include "hub/core/family.h"
#include "shared/store/txn.h"
#include "shared/turn/turn.h"

enum {
    COUNTS_DAYS_MAX = 400, /* days are exact up to this; what took longer counts as one more */
    COUNTS_CASES_MIN = 5,  /* fewer cases have no median */
    COUNTS_REASONS_MAX = 16,
};

/* Adds FACT_COUNTED for each. Errors: decision_add's. */
MUST_CHECK int counts_decide(const struct turn_view *view, const struct family_count *counts,
                             size_t count, struct decision *ret);
/* Errors: ERR_STORAGE (not a body of ours), the transaction's. */
MUST_CHECK int counts_apply(const struct turn_view *view, const struct fact *fact);

struct counts_week {
    int32_t monday;
    uint32_t opened[FLAG_CALL_BACK + 1]; /* flags, by kind; reopened and merged ones again */
    uint32_t escalated;                  /* to the board */
    /* Nobody can tell a new card's consent from a new family's, but each card that a new one
     * replaces is counted: given less replaced is families that came, beside withdrawn and lapsed,
     * which are families that left. */
    uint32_t consents_given;
    uint32_t consents_replaced;
    uint32_t consents_withdrawn; /* without those */
    uint32_t consents_lapsed;
    uint32_t call_backs;
};

/* In days, by nearest rank: the smallest number of days that half, or nine tenths, of the cases
 * didn't exceed; COUNTS_DAYS_MAX + 1 stands for all that is longer. All zero below COUNTS_CASES_MIN
 * cases. */
struct counts_days {
    bool any; /* there's a case, be it too few to tell of */
    bool known;
    uint32_t cases;
    uint32_t median_days;
    uint32_t p90_days;
};

struct counts_reason {
    uint32_t which;
    uint32_t published; /* perturbed; never 1 or 2 */
};

struct counts_quarter {
    int32_t first_day;
    struct counts_days acknowledged;  /* days from a flag's opening */
    struct counts_days contacted;     /* likewise */
    struct counts_days without_local; /* of those that ended in this quarter */
    struct counts_days called_back;
    bool over;    /* else no reasons */
    bool counted; /* there's something in it: days of a case, or a published reason */
    struct counts_reason refusals[COUNTS_REASONS_MAX];
    size_t refusal_count;
    struct counts_reason concerns[COUNTS_REASONS_MAX];
    size_t concern_count;
};

/* Any day of the week. Errors: ERR_STORAGE. */
MUST_CHECK int counts_week_read(struct store_txn *view, int32_t day, struct counts_week *ret);

/* Any day of the quarter; `today` decides whether it's over. `key`: what the perturbation is keyed
 * with; another key would draw other noise. Errors: ERR_STORAGE. */
struct counts_question {
    int32_t day;
    int32_t today;
    const struct digest *key; /* borrowed */
};
MUST_CHECK int counts_quarter_read(struct store_txn *view, const struct counts_question *question,
                                   struct counts_quarter *ret);
