#include "shared/store/tables.h"

#include <assert.h>

static const struct {
    const char *name;
    bool from_journal;
} tables[] = {
#define X(id, name, from_journal) [id] = {name, from_journal},
    TABLE_LIST(X)
#undef X
};

const char *table_name(enum table table) {
    assert(table < TABLE_COUNT);
    return tables[table].name;
}

bool table_from_journal(enum table table) {
    assert(table < TABLE_COUNT);
    return tables[table].from_journal;
}
