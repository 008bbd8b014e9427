/* What both halves of hearing the hub share (hearing.c decides, hearing_apply.c writes): receipts
 * read with the caution that a restored store needs. */
#pragma once

#include "node/core/state.h"

void hearing_record_put(struct store_txn *txn, const struct hearing_record *record);

/* NULL: the hub has nothing of that lane. */
struct receipt *hearing_receipt_of(struct acknowledgement *heard, enum lane lane);
/* How far the hub says that its backups reach, and no further than it is itself. */
uint64_t hearing_backed_up_to(const struct acknowledgement *heard);
uint64_t hearing_highest_settled(const struct receipt *receipt);
/* Only what this process sent itself is settled. After a start, what waits is sent again: if the
 * store was put back from a backup, a number may have been used for another message since, and the
 * hub, asked again, says so. */
void hearing_cap_receipt(struct receipt *receipt, uint64_t sent_to);
/* Whether the hub says that a number of this incarnation was used for another message. */
bool hearing_in_conflict(const struct acknowledgement *heard, enum lane lane, uint64_t incarnation);
