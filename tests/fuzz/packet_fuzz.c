/* A frame as it comes from a stranger. What is taken must be written again as something that is
 * taken again and says the same. */
#include <stdlib.h>

#include "shared/wire/packet.h"

enum { ARENA_BYTES = 64 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena *arena;
    struct packet packet;
    struct packet again;
    struct bytes bytes;
    if (arena == NULL && arena_new(ARENA_BYTES, &arena) < 0) {
        abort();
    }
    arena_reset(arena);
    if (packet_decode((struct bytes){data, size}, arena, &packet) != REFUSAL_NONE) {
        return 0;
    }
    if (packet_encode(&packet, arena, &bytes) < 0 ||
        packet_decode(bytes, arena, &again) != REFUSAL_NONE || again.content != packet.content) {
        abort();
    }
    return 0;
}
