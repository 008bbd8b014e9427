/* What each kind of message may do: the one table of authorisation between parties. Default deny.
 *
 * A kind that isn't here is refused; so is one from a party that the table doesn't name. The office
 * (office.h) applies it; documentation and test read the same table. */
#pragma once

#include <stdbool.h>

#include "shared/base/lists.h"

/* kind, lane, only in order of number, signature required, who may send (enum member_role) */
#define POST_KIND_LIST(X)                                                                          \
    /* On the sender's own CURVE link; the journal keeps who sent them (DESIGN 3). Of two, the     \
     * later number stands, so none waits for another. */                                          \
    X(MESSAGE_KIND_SIGNAL, LANE_ORDINARY, false, false, MEMBER_ROLE_NODE)                          \
    X(MESSAGE_KIND_STATUS, LANE_ORDINARY, false, false, MEMBER_ROLE_NODE)                          \
    /* Each entry carries its own signatures. */                                                   \
    X(MESSAGE_KIND_DIRECTORY, LANE_URGENT, true, false, MEMBER_ROLE_HUB)                           \
    X(MESSAGE_KIND_MEMBER_UPDATE, LANE_URGENT, true, true, MEMBER_ROLE_NODE)                       \
    /* About families, node to hub: each must stand by what it says, and the hub relays some as    \
     * they came. A withdrawal and its receipt of erasure overtake everything. */                  \
    X(MESSAGE_KIND_CONSENT, LANE_ORDINARY, false, true, MEMBER_ROLE_NODE)                          \
    X(MESSAGE_KIND_WITHDRAWAL, LANE_URGENT, false, true, MEMBER_ROLE_NODE)                         \
    X(MESSAGE_KIND_SUPPORT, LANE_ORDINARY, false, true, MEMBER_ROLE_NODE)                          \
    X(MESSAGE_KIND_ASK, LANE_ORDINARY, false, true, MEMBER_ROLE_NODE)                              \
    X(MESSAGE_KIND_ASK_ANSWER, LANE_ORDINARY, false, true, MEMBER_ROLE_NODE)                       \
    X(MESSAGE_KIND_CONCERN, LANE_ORDINARY, false, true, MEMBER_ROLE_NODE)                          \
    X(MESSAGE_KIND_FLAG_ANSWER, LANE_ORDINARY, false, true, MEMBER_ROLE_NODE)                      \
    X(MESSAGE_KIND_CALL_BACK, LANE_ORDINARY, false, true, MEMBER_ROLE_NODE)                        \
    X(MESSAGE_KIND_CALLED_BACK, LANE_ORDINARY, false, true, MEMBER_ROLE_NODE)                      \
    X(MESSAGE_KIND_NEW_CARD, LANE_ORDINARY, false, true, MEMBER_ROLE_NODE)                         \
    X(MESSAGE_KIND_ERASED, LANE_URGENT, false, true, MEMBER_ROLE_NODE)                             \
    /* Hub to node, sealed to it: a sealed box doesn't tell who sealed it, the signature does. */  \
    X(MESSAGE_KIND_NOTICE, LANE_ORDINARY, false, true, MEMBER_ROLE_HUB)                            \
    X(MESSAGE_KIND_TOMBSTONE, LANE_URGENT, false, true, MEMBER_ROLE_HUB)

struct post_kind {
    enum message_kind kind;
    enum lane lane;
    bool ordered;
    bool must_be_signed;
    enum member_role sender;
};

/* NULL where the number isn't on the list. */
const struct post_kind *post_kind_find(uint32_t kind);
