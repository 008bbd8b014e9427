#include "tests/sim/trace.h"

#include <stdarg.h>
#include <string.h>

#include "shared/base/civil.h"

void trace_begin(struct trace *trace, bool verbose) {
    *trace = (struct trace){.verbose = verbose};
    hash_begin(&trace->hash, "simulation/v1");
}

void trace_bytes(struct trace *trace, struct bytes bytes) {
    hash_run(&trace->hash, bytes);
}

void trace_number(struct trace *trace, uint64_t number) {
    hash_u64(&trace->hash, number);
}

void trace_say(struct trace *trace, int64_t now_ms, const char *format, ...) {
    char *line = trace->lines[trace->told++ % TRACE_LINES];
    char when[INSTANT_TEXT_SIZE];
    va_list arguments;
    instant_format(now_ms, when);
    int length = snprintf(line, TRACE_LINE_BYTES, "%s ", when);
    va_start(arguments, format);
    (void)vsnprintf(line + length, TRACE_LINE_BYTES - (size_t)length, format, arguments);
    va_end(arguments);
    hash_run(&trace->hash, bytes_from_text(line));
    if (trace->verbose) {
        (void)printf("%s\n", line);
    }
}

void trace_print(const struct trace *trace, FILE *out) {
    uint64_t from = trace->told > TRACE_LINES ? trace->told - TRACE_LINES : 0;
    for (uint64_t i = from; i < trace->told; i++) {
        (void)fprintf(out, "  %s\n", trace->lines[i % TRACE_LINES]);
    }
}

struct digest trace_end(struct trace *trace) {
    return hash_end(&trace->hash);
}
