/* What people may ask of a hub: kinds and arguments of its commands. Results are short JSON texts
 * without secrets. Who may: administrators all of it, coordinators what concerns members,
 * readers nothing (people.h has the table). */
#pragma once

#include "shared/base/ids.h"
#include "shared/base/lists.h"
#include "shared/crypto/sign.h"
#include "shared/turn/people.h"
#include "shared/wire/directory.h"

#define HUB_COMMAND_LIST(X)                                                                        \
    X(HUB_COMMAND_INVITE, 1, "invite")                                                             \
    X(HUB_COMMAND_APPROVE, 2, "approve")                                                           \
    X(HUB_COMMAND_DECLINE, 3, "decline")                                                           \
    X(HUB_COMMAND_REVOKE, 4, "revoke")                                                             \
    X(HUB_COMMAND_LEAVE, 5, "leave")                                                               \
    X(HUB_COMMAND_ENTRY, 6, "entry")                                                               \
    X(HUB_COMMAND_USER_ADD, 7, "user-add")                                                         \
    X(HUB_COMMAND_TOKEN_CREATE, 8, "token-create")                                                 \
    X(HUB_COMMAND_TOKEN_REVOKE, 9, "token-revoke")                                                 \
    X(HUB_COMMAND_BACKED_UP, 10, "backed-up")                                                      \
    X(HUB_COMMAND_SHREDDED, 11, "shredded")                                                        \
    X(HUB_COMMAND_MEMBER_SET, 12, "member-set")

#define X(name, number, text) name = number,
enum hub_command { HUB_COMMAND_NONE = 0, HUB_COMMAND_LIST(X) };
#undef X

/* The secret never comes here: the shell draws it and shows it once. */
struct invite_arguments {
    uint8_t invitation[16];
    struct digest key; /* hash_of("invitation/v1", secret) (shared/members/invitation.h) */
    struct org_id org; /* zeros: for whoever holds it */
    int64_t expires_ms;
    bool approve_at_once;
};

/* APPROVE, DECLINE, REVOKE, LEAVE. */
struct member_arguments {
    struct org_id org;
    char reason[200];
};

/* MEMBER_SET: what a member is and may; what isn't given stays as it is. */
struct member_set_arguments {
    struct org_id org;
    enum org_kind kind; /* NONE: not given, as below */
    enum consent_right may_take_consent;
    bool gives_may_sanction;
    bool may_sanction;
    bool gives_hidden;
    bool hidden;
};

/* ENTRY: an entry signed elsewhere, when more than one director must sign. */
struct entry_arguments {
    struct bytes signed_entry;
};

/* USER_ADD takes a struct user_record, TOKEN_CREATE and TOKEN_REVOKE token_arguments
 * (shared/turn/people.h). */

struct backed_up_arguments {
    uint64_t sequence;
};

/* The shell destroyed these record keys; `keys` is borrowed. */
struct hub_shredded_arguments {
    const uint64_t *keys;
    size_t count;
};

const char *hub_command_text(enum hub_command kind);
