/* Memory for keys: locked, guarded, wiped when freed.
 *
 * Not for bulk data: each piece costs at least four pages. Needs random_init (random.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Not zeroed; aligned for any object. NULL when the system has none left. Where RLIMIT_MEMLOCK is
 * used up the piece isn't locked: a shell asks secret_can_lock at its start. The caller frees by
 * secret_free. */
void *secret_new(size_t size);
/* Wipes and frees; takes NULL. */
void secret_free(void *secret);
/* Zeroes in a way that the compiler keeps. */
void secret_wipe(void *memory, size_t size);

/* Whether this process may lock that much more memory now. A program refuses to start where it
 * can't, unless its administrator said otherwise (RELIABILITY 1.3). */
bool secret_can_lock(size_t size);
