/* The record of one organisation, shared by the directory's messages. Private to shared/wire. */
#pragma once

#include "shared/wire/codec.h"
#include "shared/wire/directory.h"

/* Into `ret`; lists go to the check's arena. */
void check_member(struct check *check, const Vangnet__Member *from, struct member *ret);

/* NULL when the arena is full; borrows the member's texts and keys. */
Vangnet__Member *member_message(const struct member *member, struct arena *arena);
