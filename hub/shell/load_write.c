#include "hub/shell/load_write.h"

#include <string.h>

#include "hub/shell/load_json.h"
#include "shared/members/members.h"

static int look_up(struct store_txn *view, struct arena *arena, const struct org_id *org,
                   struct load_names_cache *cache) {
    struct membership membership;
    if (cache->name != NULL && org_id_equal(&cache->org, org)) {
        return 0;
    }
    *cache = (struct load_names_cache){.org = *org, .name = ""};
    int r = member_get(view, org, arena, &membership);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    cache->name = arena_text(arena, bytes_from_text(membership.member.name));
    cache->kind = membership.member.kind;
    return cache->name == NULL ? ERR_NO_MEMORY : 0;
}

int load_write_row(struct json_writer *writer, struct store_txn *view, struct arena *arena,
                   struct load_names_cache *cache, const struct load_row *row) {
    int r = look_up(view, arena, &row->org, cache);
    if (r < 0) {
        return r;
    }
    const struct load_names names = {.name = cache->name, .kind = cache->kind};
    json_open_object(writer);
    load_json_fields(writer, row, &names);
    json_close_object(writer);
    return 0;
}

int load_chunk(struct store_txn *view, struct load_query *query, int32_t from_day,
               struct arena *arena, struct load_page *ret_page, bool *ret_more) {
    struct load_query chunk = *query;
    struct load_page page;
    chunk.limit = LOAD_CHUNK_ROWS;
    int r = load_series(view, &chunk, from_day, arena, &page);
    if (r < 0) {
        return r;
    }
    if (page.count > 0) {
        int32_t last_day = page.rows[page.count - 1].as_of_day;
        size_t whole = page.count;
        while (page.more && whole > 0 && page.rows[whole - 1].as_of_day == last_day) {
            whole--; /* the week that was cut: it comes again, whole */
        }
        page.count = whole == 0 ? page.count : whole;
        query->until_day = page.rows[page.count - 1].as_of_day - 1;
    }
    *ret_page = page;
    *ret_more = page.more;
    return 0;
}
