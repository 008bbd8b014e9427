#include "shared/base/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/err.h"

/* gcc says it with a macro, clang with a feature. */
#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif

#if defined(HAS_ASAN)
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

enum { BLOCK_BYTES = 64 << 10, ALIGNMENT = 16 };

struct block {
    struct block *next;
    size_t size;
    size_t used;
    _Alignas(ALIGNMENT) uint8_t data[];
};

struct arena {
    size_t limit;
    size_t used;         /* handed out since the last reset, rounded up */
    struct block *first; /* kept over resets */
    struct block *current;
};

int arena_new(size_t limit_bytes, struct arena **ret) {
    assert(limit_bytes <= PTRDIFF_MAX / 2); /* so that no sum below can overflow */
    struct arena *arena = calloc(1, sizeof(*arena));
    if (arena == NULL) {
        return ERR_NO_MEMORY;
    }
    arena->limit = limit_bytes;
    *ret = arena;
    return 0;
}

/* What a turn opened of sealed records stands in its arena until here, and no longer. */
static void wipe(struct block *block, size_t from) {
    UNPOISON(block->data + from, block->size - from);
    explicit_bzero(block->data + from, block->used - from);
    POISON(block->data + from, block->size - from);
    block->used = from;
}

static void free_blocks(struct block *block) {
    while (block != NULL) {
        struct block *next = block->next;
        wipe(block, 0);
        UNPOISON(block->data, block->size);
        free(block);
        block = next;
    }
}

void arena_free(struct arena *arena) {
    if (arena != NULL) {
        free_blocks(arena->first);
        free(arena);
    }
}

void arena_reset(struct arena *arena) {
    /* One block stays: a steady turn then never asks the system for memory. */
    if (arena->first != NULL) {
        free_blocks(arena->first->next);
        arena->first->next = NULL;
        wipe(arena->first, 0);
    }
    arena->current = arena->first;
    arena->used = 0;
}

struct arena_mark arena_mark(const struct arena *arena) {
    return (struct arena_mark){
        .block = arena->current,
        .block_used = arena->current == NULL ? 0 : arena->current->used,
        .used = arena->used,
    };
}

void arena_rewind(struct arena *arena, const struct arena_mark *mark) {
    struct block *block = mark->block;
    if (block == NULL) {
        arena_reset(arena);
        return;
    }
    assert(mark->used <= arena->used);
    free_blocks(block->next);
    block->next = NULL;
    wipe(block, mark->block_used);
    arena->current = block;
    arena->used = mark->used;
}

static struct block *add_block(struct arena *arena, size_t at_least) {
    size_t size = at_least > BLOCK_BYTES ? at_least : BLOCK_BYTES;
    struct block *block = malloc(sizeof(*block) + size);
    if (block == NULL) {
        return NULL;
    }
    *block = (struct block){.size = size};
    POISON(block->data, size);
    if (arena->current == NULL) {
        arena->first = block;
    } else {
        block->next = arena->current->next;
        arena->current->next = block;
    }
    arena->current = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size) {
    size_t wanted;
    if (__builtin_mul_overflow(count, size, &wanted) || wanted > arena->limit) {
        return NULL;
    }
    size_t rounded = wanted == 0 ? ALIGNMENT : (wanted + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (arena->used + rounded > arena->limit) {
        return NULL;
    }
    struct block *block = arena->current;
    if (block == NULL || block->size - block->used < rounded) {
        block = add_block(arena, rounded);
        if (block == NULL) {
            return NULL;
        }
    }
    void *memory = block->data + block->used;
    /* Only what was asked for is opened, so that ASan sees a read one byte past it. */
    UNPOISON(memory, wanted);
    memset(memory, 0, wanted);
    block->used += rounded;
    arena->used += rounded;
    return memory;
}

char *arena_text(struct arena *arena, struct bytes text) {
    char *copy = arena_alloc(arena, text.length + 1, 1);
    if (copy != NULL && text.length > 0) {
        memcpy(copy, text.data, text.length);
    }
    return copy;
}

struct bytes arena_copy(struct arena *arena, struct bytes data) {
    uint8_t *copy = arena_alloc(arena, data.length, 1);
    if (copy == NULL) {
        return (struct bytes){0};
    }
    if (data.length > 0) {
        memcpy(copy, data.data, data.length);
    }
    return (struct bytes){.data = copy, .length = data.length};
}

size_t arena_used(const struct arena *arena) {
    return arena->used;
}
