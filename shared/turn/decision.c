#include "shared/turn/decision.h"

struct buf decision_buf(const struct turn_view *view, size_t size) {
    uint8_t *memory = arena_alloc(view->arena, size, 1);
    struct buf buf = buf_over(memory, memory == NULL ? 0 : size);
    buf.error = memory == NULL ? ERR_NO_MEMORY : 0;
    return buf;
}

int decision_add(struct decision *decision, uint32_t type, const struct buf *buf) {
    if (buf->error < 0) {
        return buf->error;
    }
    if (decision->fact_count == DECISION_FACTS_MAX) {
        return ERR_TOO_LARGE;
    }
    decision->facts[decision->fact_count++] =
        (struct fact){.type = (uint16_t)type, .body = buf_bytes(buf)};
    return 0;
}
