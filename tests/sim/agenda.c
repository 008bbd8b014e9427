#include "tests/sim/agenda.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct agenda {
    struct step *heap;
    size_t count;
    size_t room;
    uint64_t added;
};

struct agenda *agenda_new(void) {
    struct agenda *agenda = calloc(1, sizeof(*agenda));
    assert(agenda != NULL);
    return agenda;
}

void agenda_free(struct agenda *agenda) {
    if (agenda != NULL) {
        for (size_t i = 0; i < agenda->count; i++) {
            step_done(&agenda->heap[i]);
        }
        free(agenda->heap);
        free(agenda);
    }
}

void step_done(struct step *step) {
    free((void *)(uintptr_t)step->frame.data);
    step->frame = (struct bytes){0};
}

static bool before(const struct step *a, const struct step *b) {
    return a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->order < b->order);
}

static void swap(struct step *a, struct step *b) {
    struct step kept = *a;
    *a = *b;
    *b = kept;
}

void agenda_add(struct agenda *agenda, const struct step *step) {
    if (agenda->count == agenda->room) {
        agenda->room = agenda->room == 0 ? 256 : agenda->room * 2;
        agenda->heap = realloc(agenda->heap, agenda->room * sizeof(*agenda->heap));
        assert(agenda->heap != NULL);
    }
    size_t at = agenda->count++;
    struct step *kept = &agenda->heap[at];
    *kept = *step;
    kept->order = agenda->added++;
    if (step->frame.length > 0) {
        uint8_t *copy = malloc(step->frame.length);
        assert(copy != NULL);
        memcpy(copy, step->frame.data, step->frame.length);
        kept->frame.data = copy;
    } else {
        kept->frame = (struct bytes){0};
    }
    while (at > 0 && before(&agenda->heap[at], &agenda->heap[(at - 1) / 2])) {
        swap(&agenda->heap[at], &agenda->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

bool agenda_next(struct agenda *agenda, int64_t until_ms, struct step *ret) {
    if (agenda->count == 0 || agenda->heap[0].at_ms > until_ms) {
        return false;
    }
    *ret = agenda->heap[0];
    agenda->heap[0] = agenda->heap[--agenda->count];
    size_t at = 0;
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < agenda->count; child++) {
            if (before(&agenda->heap[child], &agenda->heap[least])) {
                least = child;
            }
        }
        if (least == at) {
            return true;
        }
        swap(&agenda->heap[at], &agenda->heap[least]);
        at = least;
    }
}

const char *step_text(enum step_kind kind) {
    static const char *const texts[] = {
#define X(name, text) text,
        STEP_LIST(X)
#undef X
    };
    return texts[kind];
}
