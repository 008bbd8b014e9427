/* How long it takes from the end of a family's last near support to the flag at its owner: one
 * made-up organisation takes consents and ends its supports one after the other, another is the
 * fallback that hears of it. For the generator. */
#pragma once

#include "tests/bench/crowd.h"

struct flagged_result {
    size_t families;
    double p50_ms; /* from sending the end to the notice at the fallback */
    double p99_ms;
    double answer_p50_ms; /* to the acknowledgement that the end is durable */
};

/* A crowd of two that was greeted. Errors: as load_run. */
MUST_CHECK int flagged_run(struct crowd *crowd, size_t families, struct flagged_result *ret);
