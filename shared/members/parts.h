/* Which parts of a member each kind of directory operation must and may carry, and what it makes of
 * the record. Private to shared/members; the table in words is in directory.h. */
#pragma once

#include "shared/base/lists.h"
#include "shared/wire/directory.h"

/* Who decides an operation. */
enum op_signers {
    SIGNERS_DIRECTORS,
    SIGNERS_DIRECTORS_AND_ORGANISATION,
    SIGNERS_DIRECTORS_OR_ORGANISATION,
    SIGNERS_ORGANISATION,
};

/* Of a kind on the list. */
enum op_signers op_signers(enum directory_op_kind kind);

/* REFUSAL_NONE, REFUSAL_MALFORMED (something is missing or makes no sense) or REFUSAL_NOT_ALLOWED
 * (something is there that the kind doesn't cover). */
enum refusal op_parts_check(const struct directory_op *op);

/* Puts the parts that the kind covers into `member`; borrows the operation's lists. */
void op_merge(const struct directory_op *op, struct member *member);
