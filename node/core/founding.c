#include <string.h>

#include "node/core/state.h"

/* TABLE_META "node": who this node is, on which hub. */

enum { VERSION = 1, RECORD_BYTES_MAX = 256 };

int founding_get(struct store_txn *view, struct node_founding *ret) {
    struct bytes value;
    struct node_founding founding = {.now_ms = 0};
    int r = store_get(view, TABLE_META, bytes_from_text("node"), &value);
    if (r < 0) {
        return r;
    }
    struct reader reader = reader_over(value);
    uint8_t version = read_u8(&reader);
    read_text(&reader, founding.own.org.text, sizeof(founding.own.org.text));
    read_text(&reader, founding.own.hub.text, sizeof(founding.own.hub.text));
    read_raw(&reader, founding.fingerprint.bytes, sizeof(founding.fingerprint.bytes));
    read_raw(&reader, founding.hub_sign.bytes, sizeof(founding.hub_sign.bytes));
    founding.now_ms = read_i64(&reader);
    if (version != VERSION || reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    *ret = founding;
    return 0;
}

void founding_put(struct store_txn *txn, const struct node_founding *founding) {
    uint8_t memory[RECORD_BYTES_MAX];
    struct buf buf = buf_over(memory, sizeof(memory));
    buf_u8(&buf, VERSION);
    buf_text(&buf, founding->own.org.text);
    buf_text(&buf, founding->own.hub.text);
    buf_raw(&buf, BYTES_OF(founding->fingerprint));
    buf_raw(&buf, BYTES_OF(founding->hub_sign));
    buf_i64(&buf, founding->now_ms);
    store_put(txn, TABLE_META, bytes_from_text("node"), buf_bytes(&buf));
}

int node_found(struct store *store, const struct node_founding *founding) {
    struct store_txn *txn;
    struct node_founding before;
    int r = store_begin_write(store, &txn);
    if (r < 0) {
        return r;
    }
    r = founding_get(txn, &before);
    if (r != ERR_NOT_FOUND) {
        store_abort(txn);
        return r == 0 ? ERR_EXISTS : r;
    }
    founding_put(txn, founding);
    return store_commit(txn);
}

int node_founded(struct store *store, struct node_founding *ret) {
    struct store_txn *view;
    int r = store_begin_read(store, &view);
    if (r < 0) {
        return r;
    }
    r = founding_get(view, ret);
    store_abort(view);
    return r;
}
