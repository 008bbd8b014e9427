/* A family whose questions go to and fro, for the tests of asking and of answering. */
#pragma once

#include "tests/unit/hub/core/family_fixture.h"

/* OCMW A took the consent and writes down what the family asked; CAW B is asked; C and D may be
 * passed on to; E is an organisation that isn't a member. */
struct world {
    struct fixture *fixture;
    struct party a, b, c, d, e;
    struct household one;
};

struct world asks_begin(void);
void asks_end(struct world *world);
struct ask ask_plain(struct world *world, const struct party *to, const char *service);
struct mail ask_mail(struct world *world, struct party *sender, const struct ask *ask,
                     const struct sign_secret *key);
struct answer post_ask(struct world *world, struct party *sender, const struct ask *ask);
struct answer post_revoke(struct world *world, const struct ask *ask);
struct mail answer_mail(struct world *world, struct party *sender, const struct ask_answer *answer);
struct answer post_answer(struct world *world, struct party *sender, const struct ask *ask,
                          enum ask_state state);
struct answer post_pass(struct world *world, struct party *sender, const struct ask *ask,
                        const struct party *next);
const struct family_ask *standing(struct world *world, const struct ask *ask);
bool holds(struct world *world, const struct party *party);
/* The notice that the party got, with the mail that it passes on as its sender signed it. */
struct notice relayed(struct world *world, const struct party *to, enum notice_kind kind,
                      const struct party *from, struct bytes body);
void assert_unchanged(struct world *world, const struct ask *ask, enum ask_state state,
                      const struct party *to);
