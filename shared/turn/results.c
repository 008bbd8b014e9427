#include "shared/turn/results.h"

#include "shared/base/buf.h"
#include "shared/base/civil.h"
#include "shared/base/limits.h"

enum { VERSION = 1, RESULT_BYTES_MAX = 64 << 10, HEAD_BYTES = 32 };

static int outcome_parse(struct bytes value, struct command_outcome *ret) {
    struct reader reader = reader_over(value);
    uint8_t version = read_u8(&reader);
    struct command_outcome outcome = {.finished_ms = read_i64(&reader),
                                      .refusal = (enum refusal)read_u32(&reader),
                                      .result = read_run(&reader)};
    if (version != VERSION || reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    *ret = outcome;
    return 0;
}

int results_find(struct store_txn *view, const struct message_id *id, struct command_outcome *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_COMMANDS, BYTES_OF(*id), &value);
    return r < 0 ? r : outcome_parse(value, ret);
}

int results_keep(struct store_txn *txn, const struct message_id *id,
                 const struct command_outcome *outcome) {
    uint8_t memory[RESULT_BYTES_MAX + HEAD_BYTES];
    struct buf buf = buf_over(memory, sizeof(memory));
    buf_u8(&buf, VERSION);
    buf_i64(&buf, outcome->finished_ms);
    buf_u32(&buf, outcome->refusal);
    buf_run(&buf, outcome->result);
    if (buf.error < 0) {
        return buf.error;
    }
    store_put(txn, TABLE_COMMANDS, BYTES_OF(*id), buf_bytes(&buf));
    return 0;
}

int results_trim(struct store_txn *txn, int64_t now_ms) {
    struct store_cursor cursor;
    int r;
    for (r = store_first(txn, TABLE_COMMANDS, &cursor); r == 0; r = store_next(&cursor)) {
        struct command_outcome outcome;
        int failed = outcome_parse(cursor.value, &outcome);
        if (failed < 0) {
            return failed;
        }
        if (outcome.finished_ms + COMMAND_RESULT_KEEP_HOURS * (int64_t)HOUR_MS < now_ms) {
            store_delete(txn, TABLE_COMMANDS, cursor.key);
        }
    }
    store_cursor_close(&cursor);
    return r == ERR_NOT_FOUND ? 0 : r;
}
