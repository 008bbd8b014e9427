/* Who may come in at the hub's two doors: members by their key, strangers to the enrolment socket.
 *
 * Asked on the doorman's thread at each handshake, answered from a read transaction, without a
 * cache: whoever was revoked a moment ago is refused. Who ends without being asked to ends the
 * process: from then on nobody would get in. */
#pragma once

#include "shared/io/zap.h"
#include "shared/store/txn.h"

#define DOMAIN_MEMBERS "members"
#define DOMAIN_ENROL   "enrol"

/* Borrows the store until zap_stop. */
struct zap_policy zap_policy_of(struct store *store);
