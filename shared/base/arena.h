/* A bump allocator for what lives exactly as long as one turn, one request or one parse.
 *
 * Not for keys (those live in sodium_malloc, shared/crypto/secret.h) and not for what outlives its
 * owner's reset. Memory handed out is zeroed, and wiped when it's given back: sealed records are
 * opened in it. Under ASan, what a reset gave back is poisoned.
 * The arena never grows past `limit`: running out is an ordinary, reported failure. */
#pragma once

#include <stddef.h>

#include "shared/base/bytes.h"
#include "shared/base/err.h"

struct arena;

/* Errors: ERR_NO_MEMORY. Memory is taken from the system in blocks as it's needed; `limit_bytes`
 * counts what is handed out, rounded up to 16, and is at most PTRDIFF_MAX / 2. */
MUST_CHECK int arena_new(size_t limit_bytes, struct arena **ret);
void arena_free(struct arena *arena);

/* Gives back everything at once; pointers handed out before are dead. */
void arena_reset(struct arena *arena);

/* A place to go back to: what is handed out after the mark is given back, what was before stays.
 * Marks are rewound in reverse order; a reset ends them all. */
struct arena_mark {
    void *block;
    size_t block_used;
    size_t used;
};
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, const struct arena_mark *mark);

/* NULL when the limit is reached or `count * size` overflows; the arena stays usable. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);
#define ARENA_NEW(arena, type)          ((type *)arena_alloc((arena), 1, sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_alloc((arena), (count), sizeof(type)))

/* A copy with a NUL after it; NULL as above. */
char *arena_text(struct arena *arena, struct bytes text);

/* A copy; `.data` is NULL where there was no room (also for an empty one: test the length first).
 */
struct bytes arena_copy(struct arena *arena, struct bytes data);

size_t arena_used(const struct arena *arena);
