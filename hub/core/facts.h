/* What can have happened at a hub: the types of the journal's facts.
 *
 * A type's number and meaning never change; a new meaning is a new type. The body of each is
 * written and read beside its apply (the file named here). Bodies of facts made of a message begin
 * with its stamp (shared/post/stream.h). */
#pragma once

#define HUB_FACT_LIST(X)                                                                           \
    X(FACT_SIGNAL, 1, "signal") /* signals.c: stamp, received, body */                             \
    X(FACT_STATUS, 2, "status") /* signals.c: stamp, received, body */                             \
    X(FACT_REFUSED, 3,                                                                             \
      "refused") /* arrivals.c: stamp, refusal; 0: taken before under another number */            \
    X(FACT_RECEIVED, 4, "received")            /* arrivals.c: peer, position, receipts */          \
    X(FACT_ENTRY, 5, "entry")                  /* joining.c: signed entry, time, message ids */    \
    X(FACT_INVITED, 6, "invited")              /* joining.c */                                     \
    X(FACT_APPLIED, 7, "applied")              /* joining.c: a join request that was in order */   \
    X(FACT_DECLINED, 8, "declined")            /* joining.c */                                     \
    X(FACT_USER, 9, "user")                    /* people.c */                                      \
    X(FACT_TOKEN, 10, "token")                 /* people.c */                                      \
    X(FACT_TOKEN_REVOKED, 11, "token-revoked") /* people.c */                                      \
    X(FACT_BACKED_UP, 12, "backed-up")         /* hub.c: the sequence that backups hold */         \
    X(FACT_UPDATE, 13, "update")               /* joining.c: stamp; a member's own change */       \
    X(FACT_RETENTION, 14, "retention")         /* signals.c: figures before a day are dropped */   \
    X(FACT_DIRECTORY_AGAIN, 15, "directory-again") /* spread.c: hub, member, first entry */

#define X(name, number, text) name = number,
enum hub_fact { FACT_NONE = 0, HUB_FACT_LIST(X) };
#undef X
