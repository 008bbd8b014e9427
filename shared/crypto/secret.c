#include "shared/crypto/secret.h"

#include <sodium.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

/* sodium_malloc ends a piece at a page's end, so only a size that is a multiple of the alignment
 * gives an aligned beginning. */
void *secret_new(size_t size) {
    size_t alignment = alignof(max_align_t);
    if (size > SIZE_MAX - alignment) {
        return NULL;
    }
    return sodium_malloc((size + alignment - 1) / alignment * alignment);
}

void secret_free(void *secret) {
    sodium_free(secret);
}

void secret_wipe(void *memory, size_t size) {
    sodium_memzero(memory, size);
}

bool secret_can_lock(size_t size) {
    /* Locking counts pages that exist, so a piece from the guarded allocator is the true test: it
     * locks silently, and locking it again shows whether the limit allowed it. */
    void *piece = sodium_malloc(size);
    if (piece == NULL) {
        return false;
    }
    bool locked = sodium_mlock(piece, size) == 0;
    sodium_munlock(piece, size);
    sodium_free(piece);
    return locked;
}
