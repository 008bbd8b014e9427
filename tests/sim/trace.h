/* What happened in a run: a hash over all of it, so that two runs of a seed can be compared, and
 * the last events in words, for whoever must understand a failure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "shared/base/bytes.h"
#include "shared/crypto/hash.h"

enum { TRACE_LINES = 30, TRACE_LINE_BYTES = 200 };

struct trace {
    struct hash hash;
    char lines[TRACE_LINES][TRACE_LINE_BYTES];
    uint64_t told;
    bool verbose;
};

void trace_begin(struct trace *trace, bool verbose);
/* Into the hash only. */
void trace_bytes(struct trace *trace, struct bytes bytes);
void trace_number(struct trace *trace, uint64_t number);
/* A line of words, also hashed. */
__attribute__((format(printf, 3, 4))) void trace_say(struct trace *trace, int64_t now_ms,
                                                     const char *format, ...);
void trace_print(const struct trace *trace, FILE *out);
struct digest trace_end(struct trace *trace);
