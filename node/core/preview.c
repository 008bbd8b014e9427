#include "node/core/preview.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { SERVICE_LINES = 6 + WEEKLY_REASONS - 1 };

const char *measure_text(enum measure measure) {
    static const char *const texts[] = {
        [MEASURE_OPEN] = "open",
        [MEASURE_WAITING] = "waiting",
        [MEASURE_STILL_WAITING] = "still-waiting",
        [MEASURE_STARTED_THIS_QUARTER] = "started-this-quarter",
        [MEASURE_STARTED_LAST_QUARTER] = "started-last-quarter",
        [MEASURE_LEFT] = "left",
        [MEASURE_SINCE_CONTACT] = "since-contact",
    };
    assert(measure >= MEASURE_OPEN && measure <= MEASURE_SINCE_CONTACT);
    return texts[measure];
}

const char *dimension_text(enum dimension dimension) {
    static const char *const texts[] = {
        [DIMENSION_TOTAL] = "total",
        [DIMENSION_SERVICE] = "service",
        [DIMENSION_PLACE] = "municipality",
        [DIMENSION_LANGUAGE] = "language",
    };
    assert(dimension <= DIMENSION_LANGUAGE);
    return texts[dimension];
}

int preview_init(struct preview *preview, struct arena *arena, const struct weekly *weekly) {
    const size_t limit = 2 + weekly->lists[DIMENSION_SERVICE].count * SERVICE_LINES +
                         weekly->lists[DIMENSION_PLACE].count * 2 +
                         weekly->lists[DIMENSION_LANGUAGE].count * 2;
    struct preview_line *lines = ARENA_ARRAY(arena, struct preview_line, limit);
    if (lines == NULL) {
        return ERR_NO_MEMORY;
    }
    *preview = (struct preview){.lines = lines, .limit = limit};
    return 0;
}

struct preview_line *preview_add(struct preview *preview) {
    assert(preview->count < preview->limit);
    return &preview->lines[preview->count++];
}

static bool same_name(const struct figure_name *a, const struct figure_name *b) {
    return a->dimension == b->dimension && a->measure == b->measure && a->reason == b->reason &&
           strcmp(a->id, b->id) == 0;
}

struct preview_line *preview_find(const struct preview *preview, const struct figure_name *name) {
    for (size_t i = 0; i < preview->count; i++) {
        if (same_name(&preview->lines[i].name, name)) {
            return &preview->lines[i];
        }
    }
    return NULL;
}

void category_id_text(enum dimension dimension, const struct category_cells *category,
                      char ret[static SERVICE_ID_MAX + 1]) {
    memset(ret, 0, SERVICE_ID_MAX + 1);
    switch (dimension) {
    case DIMENSION_SERVICE:
        memcpy(ret, category->id.service.text, strlen(category->id.service.text));
        return;
    case DIMENSION_PLACE:
        (void)snprintf(ret, SERVICE_ID_MAX + 1, "%05u", category->id.nis.code);
        return;
    case DIMENSION_LANGUAGE:
        memcpy(ret, category->id.language.code, strlen(category->id.language.code));
        return;
    case DIMENSION_TOTAL:
    default:
        return;
    }
}
