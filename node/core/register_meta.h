/* What the register knows of its generations, as records in TABLE_REGISTER_META. For the files of
 * the register, where register_import.c decides and register_apply.c writes; of the record keys
 * that are in use or to be shredded also for those of families. */
#pragma once

#include "node/core/register.h"
#include "shared/base/buf.h"

enum {
    REGISTER_GENERATION_BYTES_MAX = 128,
    REGISTER_STANDING_BYTES_MAX = REGISTER_GENERATION_BYTES_MAX + sizeof(struct register_changes),
};

void register_generation_write(struct buf *buf, const struct register_generation *generation);
void register_generation_read(struct reader *reader, struct register_generation *ret);
void register_changes_write(struct buf *buf, const struct register_changes *changes);

void register_staged_put(struct store_txn *txn, const struct register_generation *staged);

/* Lists of numbers under a name: generations that are "garbage/", record keys to "shred/". */
void register_list_add(struct store_txn *txn, const char *name, uint64_t number);
void register_list_delete(struct store_txn *txn, const char *name, uint64_t number);
/* Errors: ERR_STORAGE. */
MUST_CHECK int register_list_read(struct store_txn *view, const char *name, uint64_t *ret,
                                  size_t limit, size_t *ret_count);

/* That something lies under this record key: node_last_key says so. 0 is none. */
void register_key_used(struct store_txn *txn, uint64_t record_key);
/* The same, of a value that the vault sealed. */
void register_sealed_used(struct store_txn *txn, struct bytes sealed);

/* The highest generation that ever was; 0: none. Errors: ERR_STORAGE. */
MUST_CHECK int register_last_generation(struct store_txn *view, uint64_t *ret);

/* Which generations there are; numbers 0 where there's none. */
struct register_generations {
    struct register_generation standing;
    struct register_generation staged;
};
MUST_CHECK int register_generations_get(struct store_txn *view, struct register_generations *ret);
