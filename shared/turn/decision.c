#include "shared/turn/decision.h"

#include <assert.h>
#include <string.h>

enum { FACTS_FIRST = 4 };

struct buf decision_buf(const struct turn_view *view, size_t size) {
    uint8_t *memory = arena_alloc(view->arena, size, 1);
    struct buf buf = buf_over(memory, memory == NULL ? 0 : size);
    buf.error = memory == NULL ? ERR_NO_MEMORY : 0;
    return buf;
}

static int grow(struct decision *decision) {
    size_t room = decision->fact_room == 0 ? FACTS_FIRST : 2 * decision->fact_room;
    if (decision->fact_count == DECISION_FACTS_MAX) {
        return ERR_TOO_LARGE;
    }
    assert(decision->arena != NULL);
    struct fact *facts = ARENA_ARRAY(decision->arena, struct fact, room);
    if (facts == NULL) {
        return ERR_NO_MEMORY;
    }
    if (decision->fact_count > 0) {
        memcpy(facts, decision->facts, decision->fact_count * sizeof(facts[0]));
    }
    decision->facts = facts;
    decision->fact_room = room;
    return 0;
}

int decision_push(struct decision *decision, const struct fact *fact) {
    if (decision->fact_count == decision->fact_room) {
        int r = grow(decision);
        if (r < 0) {
            return r;
        }
    }
    decision->facts[decision->fact_count++] = *fact;
    return 0;
}

int decision_add(struct decision *decision, uint32_t type, const struct buf *buf) {
    const struct fact fact = {.type = (uint16_t)type, .body = buf_bytes(buf)};
    return buf->error < 0 ? buf->error : decision_push(decision, &fact);
}

size_t decision_count(const struct decision *decision, uint32_t type, struct bytes head) {
    size_t count = 0;
    for (size_t i = 0; i < decision->fact_count; i++) {
        const struct fact *fact = &decision->facts[i];
        if (fact->type == type && fact->body.length >= head.length &&
            memcmp(fact->body.data, head.data, head.length) == 0) {
            count++;
        }
    }
    return count;
}
