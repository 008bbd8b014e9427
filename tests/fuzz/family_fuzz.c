/* What nodes and hubs tell each other about families; the first byte says as which message the rest
 * is read. What is taken must be written again as something that is taken again and written the
 * same. */
#include <stdlib.h>

#include "shared/wire/family.h"

/* A notice one byte shorter than the largest size can't be padded to it. */
enum { ARENA_BYTES = 64 << 20, FULL_BYTES = (8 << 10) - 2 };

#define X(name)                                                                                    \
    static void try_##name(struct bytes given, struct arena *arena) {                              \
        struct name first;                                                                         \
        struct name again;                                                                         \
        struct bytes bytes;                                                                        \
        struct bytes bytes_again;                                                                  \
        if (name##_decode(given, arena, &first) != REFUSAL_NONE) {                                 \
            return;                                                                                \
        }                                                                                          \
        int r = name##_encode(&first, arena, &bytes);                                              \
        if (r == ERR_TOO_LARGE && given.length > FULL_BYTES) {                                     \
            return;                                                                                \
        }                                                                                          \
        if (r < 0 || name##_decode(bytes, arena, &again) != REFUSAL_NONE ||                        \
            name##_encode(&again, arena, &bytes_again) < 0 || !bytes_equal(bytes, bytes_again)) {  \
            abort();                                                                               \
        }                                                                                          \
    }
FAMILY_CODEC_LIST(X)
#undef X

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static void (*const tries[])(struct bytes, struct arena *) = {
#define X(name) try_##name,
        FAMILY_CODEC_LIST(X)
#undef X
    };
    static struct arena *arena;
    if (size == 0) {
        return 0;
    }
    if (arena == NULL && arena_new(ARENA_BYTES, &arena) < 0) {
        abort();
    }
    arena_reset(arena);
    tries[data[0] % (sizeof(tries) / sizeof(tries[0]))]((struct bytes){data + 1, size - 1}, arena);
    return 0;
}
