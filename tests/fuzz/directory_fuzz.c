/* The directory's messages: signed entries, entries, applications. What is taken must be
 * written again as something that is taken again and says the same. */
#include <stdlib.h>

#include "shared/wire/directory.h"

enum { ARENA_BYTES = 64 << 20 };

static void try_entry(struct bytes given, struct arena *arena) {
    struct directory_entry entry;
    struct directory_entry again;
    struct bytes bytes;
    if (directory_entry_decode(given, arena, &entry) != REFUSAL_NONE) {
        return;
    }
    int r = directory_entry_encode(&entry, arena, &bytes);
    if (r == ERR_TOO_LARGE) {
        return;
    }
    if (r < 0 || directory_entry_decode(bytes, arena, &again) != REFUSAL_NONE ||
        again.sequence != entry.sequence || again.op_count != entry.op_count) {
        abort();
    }
}

static void try_signed_entry(struct bytes given, struct arena *arena) {
    struct signed_entry entry;
    struct signed_entry again;
    struct bytes bytes;
    if (signed_entry_decode(given, arena, &entry) != REFUSAL_NONE) {
        return;
    }
    try_entry(entry.entry, arena);
    if (signed_entry_encode(&entry, arena, &bytes) < 0 ||
        signed_entry_decode(bytes, arena, &again) != REFUSAL_NONE ||
        again.signature_count != entry.signature_count) {
        abort();
    }
}

static void try_application(struct bytes given, struct arena *arena) {
    struct join_application application;
    struct join_application again;
    struct bytes bytes;
    if (join_application_decode(given, arena, &application) != REFUSAL_NONE) {
        return;
    }
    if (join_application_encode(&application, arena, &bytes) < 0 ||
        join_application_decode(bytes, arena, &again) != REFUSAL_NONE ||
        !org_id_equal(&again.organisation, &application.organisation)) {
        abort();
    }
}

static void try_message(struct bytes given, struct arena *arena) {
    struct bytes *entries;
    size_t count;
    if (directory_decode(given, arena, &entries, &count) != REFUSAL_NONE) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        try_signed_entry(entries[i], arena);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena *arena;
    const struct bytes given = {data, size};
    if (arena == NULL && arena_new(ARENA_BYTES, &arena) < 0) {
        abort();
    }
    arena_reset(arena);
    try_signed_entry(given, arena);
    try_entry(given, arena);
    try_application(given, arena);
    try_message(given, arena);
    return 0;
}
