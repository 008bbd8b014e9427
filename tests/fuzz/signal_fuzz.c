/* The bodies that carry figures: signals and statuses. What is taken must be written again as
 * something that is taken again, a signal in one of its four sizes. */
#include <stdlib.h>

#include "shared/wire/signal.h"

enum { ARENA_BYTES = 64 << 20 };

static void try_signal(struct bytes given, struct arena *arena) {
    struct signal signal;
    struct signal again;
    struct bytes bytes;
    if (signal_decode(given, arena, &signal) != REFUSAL_NONE) {
        return;
    }
    int r = signal_encode(&signal, arena, &bytes);
    if (r == ERR_TOO_LARGE) {
        return;
    }
    bool classed = r == 0 && (bytes.length == 1 << 10 || bytes.length == 4 << 10 ||
                              bytes.length == 16 << 10 || bytes.length == 64 << 10);
    if (!classed || signal_decode(bytes, arena, &again) != REFUSAL_NONE ||
        again.service_count != signal.service_count || again.as_of_day != signal.as_of_day) {
        abort();
    }
}

static void try_status(struct bytes given, struct arena *arena) {
    struct status status;
    struct status again;
    struct bytes bytes;
    if (status_decode(given, arena, &status) != REFUSAL_NONE) {
        return;
    }
    if (status_encode(&status, arena, &bytes) < 0 ||
        status_decode(bytes, arena, &again) != REFUSAL_NONE ||
        again.service_count != status.service_count) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena *arena;
    if (arena == NULL && arena_new(ARENA_BYTES, &arena) < 0) {
        abort();
    }
    arena_reset(arena);
    try_signal((struct bytes){data, size}, arena);
    try_status((struct bytes){data, size}, arena);
    return 0;
}
