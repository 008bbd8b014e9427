/* The model's lists of what a party sent, by number. */
#pragma once

#include "tests/sim/model.h"

enum { STREAM_NUMBERS_MAX = 100000 };

/* Finds or adds. */
struct model_stream *streams_get(struct model_streams *streams, uint64_t incarnation);
void streams_clear(struct model_streams *streams);
/* The sender begins anew with an empty store: it may use its numbers again; what was applied under
 * them stays so. */
void streams_unsend(struct model_streams *streams);
/* Finds or adds; `number` 1 to STREAM_NUMBERS_MAX. Valid until the next one is added. */
struct model_message *stream_message(struct model_stream *stream, uint64_t number);
/* Moves `settled_to` over what was applied. */
void stream_settle(struct model_stream *stream);
