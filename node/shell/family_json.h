/* Families, items, consents and looks as JSON: the one place that gives them their shape
 * (openapi.json). For people of this organisation only: names of informal supporters and opened
 * contacts stand in it. No card, handle or key ever does. */
#pragma once

#include "node/core/family_store.h"
#include "shared/io/json.h"

/* What names organisations: the directory in a view. Borrowed. */
struct family_writer {
    struct json_writer *json;
    struct store_txn *view;
    struct arena *arena;
    int32_t today;
};

void family_write(const struct family_writer *writer, const struct family_row *row);
/* `detail`: with the contact that the family left, for who may answer it. */
void item_write(const struct family_writer *writer, const struct item *item, bool detail);
void consent_write(const struct family_writer *writer, const struct consent_kept *kept);
/* `row` NULL: not known here; else our own part stands beside the hub's. */
void look_write(const struct family_writer *writer, const struct look_answer *answer,
                const struct family_row *row);
