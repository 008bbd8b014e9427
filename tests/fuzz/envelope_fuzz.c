/* What lies inside a frame and is signed: envelopes and acknowledgements. What is taken must be
 * written again as something that is taken again and says the same. */
#include <stdlib.h>

#include "shared/wire/packet.h"

enum { ARENA_BYTES = 64 << 20 };

static void try_envelope(struct bytes given, struct arena *arena) {
    struct envelope envelope;
    struct envelope again;
    struct bytes bytes;
    if (envelope_decode(given, arena, &envelope) != REFUSAL_NONE) {
        return;
    }
    if (envelope_encode(&envelope, arena, &bytes) < 0 ||
        envelope_decode(bytes, arena, &again) != REFUSAL_NONE || again.number != envelope.number ||
        !address_equal(&again.sender, &envelope.sender) ||
        !bytes_equal(again.body, envelope.body)) {
        abort();
    }
}

static void try_acknowledgement(struct bytes given, struct arena *arena) {
    struct acknowledgement acknowledgement;
    struct acknowledgement again;
    struct bytes bytes;
    if (acknowledgement_decode(given, arena, &acknowledgement) != REFUSAL_NONE) {
        return;
    }
    if (acknowledgement_encode(&acknowledgement, arena, &bytes) < 0 ||
        acknowledgement_decode(bytes, arena, &again) != REFUSAL_NONE ||
        again.receipt_count != acknowledgement.receipt_count ||
        again.not_taken_count != acknowledgement.not_taken_count) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena *arena;
    if (arena == NULL && arena_new(ARENA_BYTES, &arena) < 0) {
        abort();
    }
    arena_reset(arena);
    try_envelope((struct bytes){data, size}, arena);
    try_acknowledgement((struct bytes){data, size}, arena);
    return 0;
}
