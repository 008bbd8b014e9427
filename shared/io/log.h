/* The shells' log: one key=value line a happening, to stderr, with journald's priority in front.
 *
 * Only shells (and libraries of this room on their behalf) log; cores return codes. What a line
 * says is the caller's duty: no secrets, no message bodies, no names of families. What it can't do
 * is break a line: values are escaped, and nothing from outside is ever a format. Any thread may
 * call; a line goes out in one write. Example: <6>event=joined org=ocmw-kuurne address="10.0.0.1 7"
 */
#pragma once

#include <stdint.h>

/* syslog's severities, which journald reads from "<n>" at the start of a line (sd-daemon(3)). */
enum log_level {
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_NOTICE = 5,
    LOG_LEVEL_INFO = 6,
};

enum {
    LOG_LINE_BYTES_MAX = 2048, /* a longer line ends in " truncated=yes" */
    LOG_BURST = 10,            /* lines of one event that log_limited lets through a window */
    LOG_WINDOW_MS = 60000,
    LOG_INT_SIZE = 24,
};

/* Where lines go instead of stderr; the descriptor stays the caller's. For tests. */
void log_set_fd(int fd);

/* `event` and the keys are constants of the program, [a-z_]+. After them pairs of key and value,
 * both const char *, and a NULL. A NULL value is written as "-". */
void log_line(enum log_level level, const char *event, ...) __attribute__((sentinel));

/* As log_line, for what a peer can cause: at most LOG_BURST lines of an event within a window of
 * the given monotonic time; the first line after a window in which some were held back carries
 * suppressed=N. */
void log_limited(int64_t monotonic_ms, enum log_level level, const char *event, ...)
    __attribute__((sentinel));

/* A number as a value: log_line(LOG_LEVEL_INFO, "taken", "count", LOG_INT(n), NULL). The text lives
 * until the end of the caller's block. */
#define LOG_INT(value) log_int((char[LOG_INT_SIZE]){0}, (value))
const char *log_int(char ret_text[static LOG_INT_SIZE], int64_t value);
