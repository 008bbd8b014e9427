/* What people, and the shell's import worker, may ask of a node: kinds and arguments of its
 * commands. Results are short JSON texts without anything of a case. */
#pragma once

#include "shared/base/ids.h"
#include "shared/base/limits.h"
#include "shared/base/lists.h"
#include "shared/figures/histogram.h"
#include "shared/turn/people.h"
#include "shared/wire/signal.h"

#define NODE_COMMAND_LIST(X)                                                                       \
    X(NODE_COMMAND_IMPORT_BEGIN, 1, "import-begin")                                                \
    X(NODE_COMMAND_IMPORT_ROWS, 2, "import-rows")                                                  \
    X(NODE_COMMAND_IMPORT_SWITCH, 3, "import-switch")                                              \
    X(NODE_COMMAND_IMPORT_DROP, 4, "import-drop")                                                  \
    X(NODE_COMMAND_IMPORT_FIGURES, 5, "import-figures")                                            \
    X(NODE_COMMAND_STATUS_SET, 6, "status-set")                                                    \
    X(NODE_COMMAND_PUBLISH, 7, "publish")                                                          \
    X(NODE_COMMAND_USER_ADD, 8, "user-add")                                                        \
    X(NODE_COMMAND_TOKEN_CREATE, 9, "token-create")                                                \
    X(NODE_COMMAND_SHREDDED, 10, "shredded")                                                       \
    /* families: arguments in family_commands.h */                                                 \
    X(NODE_COMMAND_CONSENT_GIVE, 11, "consent-give")                                               \
    X(NODE_COMMAND_CONSENT_CHANGE, 12, "consent-change")                                           \
    X(NODE_COMMAND_WITHDRAW, 13, "withdraw")                                                       \
    X(NODE_COMMAND_SUPPORT_START, 14, "support-start")                                             \
    X(NODE_COMMAND_SUPPORT_ENDING, 15, "support-ending")                                           \
    X(NODE_COMMAND_SUPPORT_END, 16, "support-end")                                                 \
    X(NODE_COMMAND_ASK, 17, "ask")                                                                 \
    X(NODE_COMMAND_ASK_REVOKE, 18, "ask-revoke")                                                   \
    X(NODE_COMMAND_ASK_ANSWER, 19, "ask-answer")                                                   \
    X(NODE_COMMAND_CONCERN, 20, "concern")                                                         \
    X(NODE_COMMAND_FLAG_ANSWER, 21, "flag-answer")                                                 \
    X(NODE_COMMAND_CALL_BACK, 22, "call-back")                                                     \
    X(NODE_COMMAND_CALLED_BACK, 23, "called-back")                                                 \
    X(NODE_COMMAND_NEW_CARD, 24, "new-card")                                                       \
    X(NODE_COMMAND_INFORMAL, 25, "informal")                                                       \
    X(NODE_COMMAND_LOOK, 26, "look")                                                               \
    X(NODE_COMMAND_ITEM_DONE, 27, "item-done")                                                     \
    X(NODE_COMMAND_ITEMS_MAILED, 28, "items-mailed")                                               \
    X(NODE_COMMAND_KEYS_ROTATE, 29, "keys-rotate")                                                 \
    X(NODE_COMMAND_HOURS, 30, "hours")

#define X(name, number, text) name = number,
enum node_command { NODE_COMMAND_NONE = 0, NODE_COMMAND_LIST(X) };
#undef X

/* One case as the register keeps it; days as in shared/base/civil.h, REGISTER_DAY_NONE where it
 * didn't happen or isn't known. */
enum { REGISTER_DAY_NONE = INT32_MIN };

struct register_case {
    char id[CASE_ID_BYTES_MAX + 1];
    struct nis nis; /* 0: not known */
    struct service_id service;
    struct language language; /* "": not known */
    int32_t asked_day;
    int32_t first_appointment_day;
    int32_t last_contact_day;
    int32_t closed_day;
    enum close_reason close_reason;
    uint64_t worker; /* a keyed number, 0: not known */
};

/* A staged generation: nothing of it counts until the switch, and the standing one stays until
 * then. `digest` of the file's bytes: the same file twice changes nothing (refused EXISTS). */
struct import_begin_arguments {
    struct digest file;
    uint64_t record_key; /* durable in the keyring, used by no other generation */
};

/* At most IMPORT_BATCH_ROWS; borrowed. `generation` is what import-begin's result named. */
struct import_rows_arguments {
    uint64_t generation;
    const struct register_case *cases;
    size_t count;
};

/* SWITCH: make it the register, in one turn, and count what changed (opened, contacted, moved,
 * closed and why). DROP: forget it. */
struct import_end_arguments {
    uint64_t generation;
    uint64_t rejected; /* rows that the reader refused, for the record */
};

/* One period's figures that the organisation has already published, with its own bin edges. */
struct published_figures {
    struct service_id service;
    int64_t waiting_total;
    bool has_open;
    int64_t open;
    struct wait_bins still_waiting;
};

struct import_figures_arguments {
    int32_t as_of_day; /* the last day of the period */
    uint32_t period_days;
    enum start_event start_event;
    const struct published_figures *services; /* ascending by id; borrowed */
    size_t count;
};

/* Replaces the status of the named services, the others stay. */
struct status_arguments {
    const struct service_state *services; /* borrowed */
    size_t count;
};

/* USER_ADD takes a struct user_record, TOKEN_CREATE token_arguments (shared/turn/people.h). */

/* The shell destroyed these record keys. */
struct shredded_arguments {
    const uint64_t *keys;
    size_t count;
};

const char *node_command_text(enum node_command kind);
bool node_may(enum role role, enum node_command command);
