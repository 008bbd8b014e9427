#include "shared/post/kinds.h"

#include <stddef.h>

static const struct post_kind kinds[] = {
#define X(kind_, lane_, ordered_, signed_, sender_)                                                \
    {.kind = (kind_),                                                                              \
     .lane = (lane_),                                                                              \
     .ordered = (ordered_),                                                                        \
     .must_be_signed = (signed_),                                                                  \
     .sender = (sender_)},
    POST_KIND_LIST(X)
#undef X
};

const struct post_kind *post_kind_find(uint32_t kind) {
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].kind == kind) {
            return &kinds[i];
        }
    }
    return NULL;
}
