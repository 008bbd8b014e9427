#include "node/core/family_store.h"

#include <string.h>

#include "node/core/family_codec.h"
#include "shared/crypto/secret.h"

enum { PLAIN_BYTES_MAX = FAMILY_CONSENT_BYTES_MAX };

/* -- keys -- */

struct digest family_lookup(const struct family_vault *vault, const struct family_handle *handle) {
    return vault_lookup_key(vault->index, table_name(TABLE_CARDS), BYTES_OF(*handle));
}

struct digest family_case_lookup(const struct family_vault *vault, const char *case_id) {
    return vault_lookup_key(vault->index, table_name(TABLE_CARD_CASES), bytes_from_text(case_id));
}

struct family_number_key family_number_key(uint32_t number) {
    struct family_number_key key = {.bytes = {'n'}};
    be32_write(key.bytes + 1, number);
    return key;
}

struct family_id_key family_id_key(char letter, const struct message_id *id) {
    struct family_id_key key = {.bytes = {(uint8_t)letter}};
    memcpy(key.bytes + 1, id->bytes, sizeof(id->bytes));
    return key;
}

struct family_item_key family_item_key(const struct digest *lookup, uint32_t number) {
    struct family_item_key key = {.bytes = {'h'}};
    memcpy(key.bytes + 1, lookup->bytes, sizeof(lookup->bytes));
    be32_write(key.bytes + 1 + sizeof(lookup->bytes), number);
    return key;
}

/* -- opening -- */

/* Errors: ERR_NOT_FOUND where its key is gone, ERR_CRYPTO where it isn't what stood there. */
static int open_value(const struct family_vault *vault, const struct vault_place *place,
                      struct bytes sealed, struct buf *plain) {
    struct record_key key;
    uint64_t id;
    int r = vault_key_id(sealed, &id);
    if (r < 0) {
        return ERR_STORAGE;
    }
    r = vault->records.get(vault->records.context, id, &key);
    if (r < 0) {
        return r;
    }
    r = vault_open(&key, place, sealed, plain);
    secret_wipe(&key, sizeof(key));
    return r == ERR_MALFORMED || r == ERR_UNSUPPORTED ? ERR_STORAGE : r;
}

/* In the arena. */
static int open_at(struct store_txn *view, const struct family_vault *vault, enum table table,
                   struct bytes key, struct arena *arena, struct bytes *ret) {
    struct bytes sealed;
    const struct vault_place place = {.table = table_name(table), .key = key};
    int r = store_get(view, table, key, &sealed);
    if (r < 0) {
        return r;
    }
    uint8_t *memory = arena_alloc(arena, sealed.length, 1);
    if (memory == NULL) {
        return ERR_NO_MEMORY;
    }
    struct buf plain = buf_over(memory, sealed.length);
    r = open_value(vault, &place, sealed, &plain);
    if (r == 0) {
        *ret = buf_bytes(&plain);
    }
    return r;
}

/* -- families -- */

static int row_at(struct store_txn *view, const struct family_vault *vault, struct bytes lookup,
                  struct arena *arena, struct family_row **ret) {
    struct bytes plain;
    int r = open_at(view, vault, TABLE_CARDS, lookup, arena, &plain);
    if (r < 0) {
        return r;
    }
    struct family_row *row = ARENA_NEW(arena, struct family_row);
    if (row == NULL) {
        return ERR_NO_MEMORY;
    }
    r = family_row_decode(plain, row);
    if (r == 0) {
        *ret = row;
    }
    return r;
}

int family_find(struct store_txn *view, const struct family_vault *vault,
                const struct family_handle *handle, struct arena *arena, struct family_row **ret) {
    const struct digest lookup = family_lookup(vault, handle);
    return row_at(view, vault, BYTES_OF(lookup), arena, ret);
}

/* A value that is a lookup. */
static int lookup_at(struct store_txn *view, enum table table, struct bytes key,
                     struct digest *ret) {
    struct bytes value;
    int r = store_get(view, table, key, &value);
    if (r < 0 || value.length != sizeof(ret->bytes)) {
        return r < 0 ? r : ERR_STORAGE;
    }
    memcpy(ret->bytes, value.data, sizeof(ret->bytes));
    return 0;
}

int family_by_number(struct store_txn *view, const struct family_vault *vault, uint32_t number,
                     struct arena *arena, struct family_row **ret) {
    const struct family_number_key key = family_number_key(number);
    struct digest lookup;
    int r = lookup_at(view, TABLE_CARDS, BYTES_OF(key), &lookup);
    struct family_row *row = NULL;
    if (r == 0) {
        r = row_at(view, vault, BYTES_OF(lookup), arena, &row);
    }
    if (r == 0 && row->number != number) {
        r = ERR_NOT_FOUND; /* of the row that stood there before its key was gone */
    }
    if (r == 0) {
        *ret = row;
    }
    return r;
}

int family_by_case(struct store_txn *view, const struct family_vault *vault, const char *case_id,
                   struct arena *arena, struct family_row **ret) {
    const struct digest key = family_case_lookup(vault, case_id);
    struct digest lookup;
    int r = lookup_at(view, TABLE_CARD_CASES, BYTES_OF(key), &lookup);
    return r < 0 ? r : row_at(view, vault, BYTES_OF(lookup), arena, ret);
}

/* One plaintext after the other in the same memory, so that a walk over all of them takes no more
 * of the arena than one of them. */
struct walk {
    struct store_txn *view;
    const struct family_vault *vault;
    enum table table;
    uint8_t *memory;
};

static int walk_begin(struct walk *walk, struct arena *arena) {
    walk->memory = arena_alloc(arena, PLAIN_BYTES_MAX, 1);
    return walk->memory == NULL ? ERR_NO_MEMORY : 0;
}

/* Errors: ERR_NOT_FOUND where its key is gone: it's on its way out. */
static int walk_open(const struct walk *walk, struct bytes key, struct bytes sealed,
                     struct bytes *ret) {
    const struct vault_place place = {.table = table_name(walk->table), .key = key};
    struct buf plain = buf_over(walk->memory, PLAIN_BYTES_MAX);
    int r = open_value(walk->vault, &place, sealed, &plain);
    if (r == 0) {
        *ret = buf_bytes(&plain);
    }
    return r == ERR_CRYPTO ? ERR_NOT_FOUND : r;
}

static bool is_number_key(struct bytes key) {
    return key.length == sizeof(struct family_number_key) && key.data[0] == 'n';
}

/* The row whose lookup stands in the cursor's value. Errors: ERR_NOT_FOUND as walk_open, and of a
 * number that isn't its row's any more. */
static int visit_row(const struct walk *walk, const struct store_cursor *at,
                     struct family_row *row) {
    struct bytes sealed;
    struct bytes plain = {0};
    int r = store_get(walk->view, walk->table, at->value, &sealed);
    if (r == 0) {
        r = walk_open(walk, at->value, sealed, &plain);
    }
    if (r == 0) {
        r = family_row_decode(plain, row);
    }
    return r == 0 && row->number != be32_read(at->key.data + 1) ? ERR_NOT_FOUND : r;
}

int family_each(struct store_txn *view, const struct family_vault *vault, struct arena *arena,
                int (*visit)(void *context, const struct family_row *row), void *context) {
    struct walk walk = {.view = view, .vault = vault, .table = TABLE_CARDS};
    struct family_row *row = ARENA_NEW(arena, struct family_row);
    const struct family_number_key first = family_number_key(0);
    struct store_cursor cursor;
    int r = row == NULL ? ERR_NO_MEMORY : walk_begin(&walk, arena);
    if (r < 0) {
        return r;
    }
    for (r = store_seek(view, TABLE_CARDS, BYTES_OF(first), &cursor);
         r == 0 && cursor.key.data[0] == 'n'; r = store_next(&cursor)) {
        if (!is_number_key(cursor.key)) {
            continue;
        }
        int failed = visit_row(&walk, &cursor, row);
        if (failed == 0) {
            failed = visit(context, row);
        } else if (failed == ERR_NOT_FOUND) {
            failed = 0;
        }
        if (failed < 0) {
            return failed;
        }
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

/* -- items -- */

int item_get(struct store_txn *view, const struct family_vault *vault, uint32_t number,
             struct arena *arena, struct item **ret) {
    const struct family_number_key key = family_number_key(number);
    struct bytes plain;
    int r = open_at(view, vault, TABLE_ITEMS, BYTES_OF(key), arena, &plain);
    if (r < 0) {
        return r;
    }
    struct item *item = ARENA_NEW(arena, struct item);
    if (item == NULL) {
        return ERR_NO_MEMORY;
    }
    r = family_item_decode(plain, item);
    if (r == 0) {
        *ret = item;
    }
    return r;
}

int item_by_id(struct store_txn *view, const struct family_vault *vault,
               const struct message_id *id, struct arena *arena, struct item **ret) {
    const struct family_id_key key = family_id_key('i', id);
    struct bytes value;
    int r = store_get(view, TABLE_ITEMS, BYTES_OF(key), &value);
    if (r < 0 || value.length != 4) {
        return r < 0 ? r : ERR_STORAGE;
    }
    return item_get(view, vault, be32_read(value.data), arena, ret);
}

int item_each(struct store_txn *view, const struct family_vault *vault, struct arena *arena,
              int (*visit)(void *context, const struct item *item), void *context) {
    struct walk walk = {.view = view, .vault = vault, .table = TABLE_ITEMS};
    struct item *item = ARENA_NEW(arena, struct item);
    const struct family_number_key first = family_number_key(0);
    struct store_cursor cursor;
    int r = item == NULL ? ERR_NO_MEMORY : walk_begin(&walk, arena);
    if (r < 0) {
        return r;
    }
    for (r = store_seek(view, TABLE_ITEMS, BYTES_OF(first), &cursor);
         r == 0 && is_number_key(cursor.key); r = store_next(&cursor)) {
        struct bytes plain = {0};
        int failed = walk_open(&walk, cursor.key, cursor.value, &plain);
        if (failed == 0) {
            failed = family_item_decode(plain, item);
            failed = failed < 0 ? failed : visit(context, item);
        } else if (failed == ERR_NOT_FOUND) {
            failed = 0;
        }
        if (failed < 0) {
            return failed;
        }
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

/* Errors: ERR_NOT_FOUND as walk_open. */
static int visit_numbered(const struct walk *walk, uint32_t number, struct item *item) {
    const struct family_number_key key = family_number_key(number);
    struct bytes sealed;
    struct bytes plain = {0};
    int r = store_get(walk->view, walk->table, BYTES_OF(key), &sealed);
    if (r == 0) {
        r = walk_open(walk, BYTES_OF(key), sealed, &plain);
    }
    return r < 0 ? r : family_item_decode(plain, item);
}

int item_each_of(struct store_txn *view, const struct family_vault *vault,
                 const struct family_handle *handle, struct arena *arena,
                 int (*visit)(void *context, const struct item *item), void *context) {
    struct walk walk = {.view = view, .vault = vault, .table = TABLE_ITEMS};
    const struct digest lookup = family_lookup(vault, handle);
    const struct family_item_key first = family_item_key(&lookup, 0);
    const struct bytes prefix = {.data = first.bytes, .length = sizeof(first.bytes) - 4};
    struct item *item = ARENA_NEW(arena, struct item);
    struct store_cursor cursor;
    int r = item == NULL ? ERR_NO_MEMORY : walk_begin(&walk, arena);
    if (r < 0) {
        return r;
    }
    for (r = store_seek(view, TABLE_ITEMS, BYTES_OF(first), &cursor);
         r == 0 && store_under(&cursor, prefix); r = store_next(&cursor)) {
        int failed = cursor.key.length == sizeof(first.bytes) ? 0 : ERR_STORAGE;
        if (failed == 0) {
            failed = visit_numbered(&walk, be32_read(cursor.key.data + prefix.length), item);
        }
        if (failed == ERR_NOT_FOUND) {
            continue;
        }
        failed = failed < 0 ? failed : visit(context, item);
        if (failed < 0) {
            return failed;
        }
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

/* -- our own records of consent -- */

int consent_find(struct store_txn *view, const struct family_vault *vault,
                 const struct family_handle *handle, struct arena *arena,
                 struct consent_kept **ret) {
    const struct digest lookup = family_lookup(vault, handle);
    struct bytes plain;
    int r = open_at(view, vault, TABLE_CONSENTS, BYTES_OF(lookup), arena, &plain);
    if (r < 0) {
        return r;
    }
    struct consent_kept *kept = ARENA_NEW(arena, struct consent_kept);
    if (kept == NULL) {
        return ERR_NO_MEMORY;
    }
    r = family_consent_decode(plain, kept);
    if (r == 0) {
        *ret = kept;
    }
    return r;
}

int consent_each(struct store_txn *view, const struct family_vault *vault, struct arena *arena,
                 int (*visit)(void *context, const struct consent_kept *kept), void *context) {
    struct walk walk = {.view = view, .vault = vault, .table = TABLE_CONSENTS};
    struct consent_kept *kept = ARENA_NEW(arena, struct consent_kept);
    struct store_cursor cursor;
    int r = kept == NULL ? ERR_NO_MEMORY : walk_begin(&walk, arena);
    if (r < 0) {
        return r;
    }
    for (r = store_first(view, TABLE_CONSENTS, &cursor); r == 0; r = store_next(&cursor)) {
        struct bytes plain = {0};
        int failed = walk_open(&walk, cursor.key, cursor.value, &plain);
        if (failed == 0) {
            failed = family_consent_decode(plain, kept);
            failed = failed < 0 ? failed : visit(context, kept);
        } else if (failed == ERR_NOT_FOUND) {
            failed = 0;
        }
        if (failed < 0) {
            return failed;
        }
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}
