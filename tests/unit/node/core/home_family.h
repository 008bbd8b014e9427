/* A family at the home: its consent taken here, our support of it, its tombstone. For the tests
 * that end one; in a header because each of them wants the same beginnings. */
#pragma once

#include "tests/unit/node/core/home.h"

static const struct support_words near_professional = {.kind = SUPPORT_PROFESSIONAL,
                                                       .distance = SUPPORT_NEAR};

/* A supporter of a family that another organisation took the consent of. */
static inline void support(struct home *home, const struct card *card) {
    const struct support_start_arguments arguments = {.who = {.card = card},
                                                      .words = near_professional};
    assert_int_equal(home_command(home, NODE_COMMAND_SUPPORT_START, &arguments), REFUSAL_NONE);
    home_receipt(home, MESSAGE_KIND_NONE, REFUSAL_NONE);
    home_settle_down(home);
}

static inline struct tombstone stone_of(const struct home *home, const struct card *card,
                                        enum withdrawal_basis basis) {
    return (struct tombstone){
        .id = {{0x70}}, .handle = home_handle(home, card), .basis = basis, .at_ms = home->now_ms};
}
