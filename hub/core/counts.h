/* Counts about families that outlive them: per ISO week and per quarter, never per handle, and the
 * figures that the coordinator sees of them.
 *
 * Weekly counts and days are the hub's own business figures. What is shown per quarter by reason
 * (refusals, concerns) goes through the cell-key perturbation of shared/figures/cellkey.h (D=5,
 * V=3, js=2): each counted thing has a random record key in its fact. */
#pragma once

#include "hub/core/family.h"
#include "shared/figures/interval.h"
#include "shared/store/txn.h"
#include "shared/turn/turn.h"

/* Adds FACT_COUNTED for each. Errors: decision_add's. */
MUST_CHECK int counts_decide(const struct turn_view *view, const struct family_count *counts,
                             size_t count, struct decision *ret);
MUST_CHECK int counts_apply(const struct turn_view *view, const struct fact *fact);

struct counts_week {
    int32_t monday;
    uint32_t counts[FLAG_CALL_BACK + 1]; /* flags opened, by kind */
    uint32_t escalated;
    uint32_t consents_given;
    uint32_t consents_withdrawn;
    uint32_t consents_lapsed;
};

/* Median and P90 in days of a kind that has days; `known` false below 5 cases. */
struct counts_days {
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
    struct counts_days acknowledged;
    struct counts_days contacted;
    struct counts_days without_local;
    struct counts_reason refusals[16];
    size_t refusal_count;
    struct counts_reason concerns[16];
    size_t concern_count;
};

/* `key`: what the perturbation is keyed with. Errors: ERR_STORAGE. */
MUST_CHECK int counts_week_read(struct store_txn *view, int32_t monday, struct counts_week *ret);
MUST_CHECK int counts_quarter_read(struct store_txn *view, int32_t first_day,
                                   const struct digest *key, struct counts_quarter *ret);
