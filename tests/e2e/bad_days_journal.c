/* Lists the journal of a hub that is stopped, a JSON object a line: which message of whom each fact
 * came from, so that a test can see that none is missing and none is there twice. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "hub/core/facts.h"
#include "hub/core/journal.h"
#include "shared/base/civil.h"
#include "shared/post/stream.h"
#include "shared/store/env.h"
#include "shared/wire/signal.h"

enum { ARENA_BYTES = 4 << 20 };

static const char *type_text(uint16_t type) {
#define X(name, number, text)                                                                      \
    case name:                                                                                     \
        return text;
    switch ((enum hub_fact)type) {
        HUB_FACT_LIST(X)
    case FACT_NONE:
    default:
        return "unknown";
    }
#undef X
}

static bool has_stamp(uint16_t type) {
    return type == FACT_SIGNAL || type == FACT_STATUS || type == FACT_REFUSED ||
           type == FACT_UPDATE;
}

static void print_stamp(const struct stamp *stamp) {
    char id[2 * sizeof(stamp->id) + 1];
    hex_encode(BYTES_OF(stamp->id), id);
    printf(",\"sender\":\"%s\",\"lane\":%d,\"incarnation\":%" PRIu64 ",\"number\":%" PRIu64
           ",\"id\":\"%s\"",
           stamp->stream.sender.org.text, (int)stamp->stream.lane, stamp->incarnation,
           stamp->number, id);
}

/* What tells one test message from another: the day of its figures, or the FTE of its status. */
static void print_body(uint16_t type, struct reader *reader, struct arena *arena) {
    struct status status;
    char day[DATE_TEXT_SIZE];
    (void)read_i64(reader);
    int32_t as_of_day = (int32_t)read_u32(reader);
    struct bytes body = read_run(reader);
    if (type == FACT_SIGNAL) {
        date_format(as_of_day, day);
        printf(",\"as_of\":\"%s\"", day);
    } else if (status_decode(body, arena, &status) == REFUSAL_NONE && status.service_count > 0) {
        printf(",\"fte_hundredths\":%" PRIu32, status.services[0].fte_hundredths);
    }
}

static void print_record(const struct journal_record *record, struct arena *arena) {
    struct reader reader = reader_over(record->body);
    struct stamp stamp;
    printf("{\"sequence\":%" PRIu64 ",\"type\":\"%s\"", record->sequence, type_text(record->type));
    if (has_stamp(record->type)) {
        stamp_read(&reader, &stamp);
        print_stamp(&stamp);
    }
    if (record->type == FACT_SIGNAL || record->type == FACT_STATUS) {
        print_body(record->type, &reader, arena);
    }
    if (record->type == FACT_REFUSED) {
        const char *refusal = refusal_text((enum refusal)read_u32(&reader));
        printf(",\"refusal\":\"%s\"", refusal == NULL ? "?" : refusal);
    }
    printf("}\n");
}

static int list(struct store_txn *view, struct arena *arena) {
    struct position position;
    struct journal_record record;
    int r = journal_position(view, &position);
    for (uint64_t at = 1; r == 0 && at <= position.sequence; at++) {
        r = journal_read(view, at, &record);
        if (r == 0) {
            print_record(&record, arena);
            arena_reset(arena);
        }
    }
    return r;
}

int main(int argc, char **argv) {
    struct store *store;
    struct store_txn *view;
    struct arena *arena;
    if (argc != 2) {
        fprintf(stderr, "usage: %s STORE-DIRECTORY\n", argv[0]);
        return EXIT_FAILURE;
    }
    int r = store_open(&(struct store_params){.path = argv[1]}, &store);
    if (r < 0) {
        fprintf(stderr, "%s: %s\n", argv[1], err_text(r));
        return EXIT_FAILURE;
    }
    r = arena_new(ARENA_BYTES, &arena);
    if (r == 0) {
        r = store_begin_read(store, &view);
        if (r == 0) {
            r = list(view, arena);
            store_abort(view);
        }
        arena_free(arena);
    }
    store_close(store);
    if (r < 0) {
        fprintf(stderr, "%s: %s\n", argv[1], err_text(r));
    }
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
