/* What can have happened at a hub: the types of the journal's facts.
 *
 * A type's number and meaning never change; a new meaning is a new type. A body is read by the
 * apply of the file named here; those of facts made of a message begin with its stamp
 * (shared/post/stream.h). Times are in ms, a run is a length and its bytes:
 *
 *   signal           signals.c   stamp, when received, the day described, run: the signal's body
 *   status           signals.c   stamp, when received, 0, run: the status's body
 *   refused          arrivals.c  stamp, refusal; 0: taken before, under another number
 *   received         arrivals.c  run: a member's acknowledgement, as signed
 *   entry            joining.c   when taken, run: the signed entry
 *   invited          joining.c   id, key, organisation, when made, when it ends, whether approved
 *                                at once, by whom
 *   applied          joining.c   invitation, organisation, when received, run: the application
 *   declined         joining.c   organisation
 *   user             people.c    key and value of the table's record
 *   token            people.c    key and value of the table's record
 *   token-revoked    people.c    the token's hash
 *   backed-up        people.c    the journal sequence that backups hold
 *   update           joining.c   stamp, then as entry: a member's own change
 *   retention        signals.c   the day before which figures are dropped
 *   directory-again  spread.c    hub, member, the first entry that it gets again
 *   taken            families.c  stamp: the number of a message about a family, whose other facts
 *                                may be erased
 *   family           family_store.c  lookup, change, record key, due, what the board shows, run:
 *                                the row as it is now, sealed, envelopes that are new or gone; all
 *                                of it sealed in the journal under the consent's own key
 *   posted           notices.c   receiver, lane, run: an envelope to a member, run: its signature
 *   counted          counts.c    kind, which, day, days, record key
 *   family-erased    family_store.c, journal.c  lookup, record key, sequences of facts that are
 *                                gone
 *   tombstone        tombstones.c  lookup, id, until when, since when, holders that owe a receipt;
 *                                or a withdrawal that came before its consent
 *   tombstone-over   tombstones.c  lookup, and whose withdrawal it was that waited
 *   erased           tombstones.c  stamp, tombstone, organisation
 *   shredded         family_store.c  record keys
 *   heard            heard.c     organisation, day, how it stands, flag on the board and its day
 *   call-back        call_backs.c  id, from, to, place, language, state, since, due
 *   flag-row         family_store.c  a flag on the board that belongs to no family: node-quiet
 */
#pragma once

#define HUB_FACT_LIST(X)                                                                           \
    X(FACT_SIGNAL, 1, "signal")                                                                    \
    X(FACT_STATUS, 2, "status")                                                                    \
    X(FACT_REFUSED, 3, "refused")                                                                  \
    X(FACT_RECEIVED, 4, "received")                                                                \
    X(FACT_ENTRY, 5, "entry")                                                                      \
    X(FACT_INVITED, 6, "invited")                                                                  \
    X(FACT_APPLIED, 7, "applied")                                                                  \
    X(FACT_DECLINED, 8, "declined")                                                                \
    X(FACT_USER, 9, "user")                                                                        \
    X(FACT_TOKEN, 10, "token")                                                                     \
    X(FACT_TOKEN_REVOKED, 11, "token-revoked")                                                     \
    X(FACT_BACKED_UP, 12, "backed-up")                                                             \
    X(FACT_UPDATE, 13, "update")                                                                   \
    X(FACT_RETENTION, 14, "retention")                                                             \
    X(FACT_DIRECTORY_AGAIN, 15, "directory-again")                                                 \
    X(FACT_TAKEN, 16, "taken")                                                                     \
    X(FACT_FAMILY, 17, "family")                                                                   \
    X(FACT_POSTED, 18, "posted")                                                                   \
    X(FACT_COUNTED, 19, "counted")                                                                 \
    X(FACT_FAMILY_ERASED, 20, "family-erased")                                                     \
    X(FACT_TOMBSTONE, 21, "tombstone")                                                             \
    X(FACT_TOMBSTONE_OVER, 22, "tombstone-over")                                                   \
    X(FACT_ERASED, 23, "erased")                                                                   \
    X(FACT_SHREDDED, 24, "shredded")                                                               \
    X(FACT_HEARD, 25, "heard")                                                                     \
    X(FACT_CALL_BACK, 26, "call-back")                                                             \
    X(FACT_FLAG_ROW, 27, "flag-row")

#define X(name, number, text) name = number,
enum hub_fact { FACT_NONE = 0, HUB_FACT_LIST(X) };
#undef X
