/* Virtual time: what happens next, ordered by moment and then by insertion, so that runs repeat. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/bytes.h"

#define STEP_LIST(X)                                                                               \
    X(STEP_FRAME_UP, "a frame reaches the hub")                                                    \
    X(STEP_FRAME_DOWN, "a frame reaches the node")                                                 \
    X(STEP_STRANGER, "a stranger's frame reaches the hub")                                         \
    X(STEP_ANSWER, "an answer reaches the stranger")                                               \
    X(STEP_TURN, "turn")                                                                           \
    X(STEP_TICK, "tick")                                                                           \
    X(STEP_JOIN, "asks to join")                                                                   \
    X(STEP_CONNECT, "connects")                                                                    \
    X(STEP_BREAK, "the connection breaks")                                                         \
    X(STEP_PARTITION, "a partition begins")                                                        \
    X(STEP_KILL, "is killed")                                                                      \
    X(STEP_RESTART, "starts again")                                                                \
    X(STEP_JUMP, "its clock jumps")                                                                \
    X(STEP_WORK, "somebody works")                                                                 \
    X(STEP_FAMILY, "somebody does something about a family")                                       \
    X(STEP_NAP, "is switched off for a while")                                                     \
    X(STEP_RETRY, "a command is sent again")                                                       \
    X(STEP_HOSTILE, "a hostile frame")

enum step_kind {
#define X(name, text) name,
    STEP_LIST(X)
#undef X
};

struct step {
    int64_t at_ms;
    uint64_t order;
    enum step_kind kind;
    int party;
    uint64_t detail;    /* epoch of a link, token of a tick, number of a work */
    struct bytes frame; /* the step's own copy */
};

struct agenda;

struct agenda *agenda_new(void);
void agenda_free(struct agenda *agenda);
/* Copies the frame. `order` is filled in. */
void agenda_add(struct agenda *agenda, const struct step *step);
/* False where nothing happens until then. The caller frees the frame by step_done. */
bool agenda_next(struct agenda *agenda, int64_t until_ms, struct step *ret);
void step_done(struct step *step);
const char *step_text(enum step_kind kind);
