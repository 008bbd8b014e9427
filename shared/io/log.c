#include "shared/io/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shared/io/utf8.h"

static const char TRUNCATED[] = " truncated=yes\n";

enum {
    EVENTS_MAX = 64, /* events whose rate is kept apart; the rest share the last place */
};

struct line {
    char text[LOG_LINE_BYTES_MAX];
    size_t length;
    bool full;
};

struct rate {
    const char *event; /* borrows a constant */
    int64_t window_start_ms;
    unsigned count;
};

static atomic_int log_fd = STDERR_FILENO;
static pthread_mutex_t rates_lock = PTHREAD_MUTEX_INITIALIZER;
static struct rate rates[EVENTS_MAX];

void log_set_fd(int fd) {
    atomic_store(&log_fd, fd);
}

const char *log_int(char ret_text[static LOG_INT_SIZE], int64_t value) {
    snprintf(ret_text, LOG_INT_SIZE, "%lld", (long long)value);
    return ret_text;
}

static void put(struct line *line, const char *text, size_t length) {
    if (line->full || line->length + length + sizeof(TRUNCATED) > sizeof(line->text)) {
        line->full = true;
        return;
    }
    memcpy(line->text + line->length, text, length);
    line->length += length;
}

static void put_text(struct line *line, const char *text) {
    put(line, text, strlen(text));
}

static bool is_plain(const char *value) {
    if (value[0] == '\0') {
        return false;
    }
    for (; *value != '\0'; value++) {
        const unsigned char c = (unsigned char)*value;
        if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '=') {
            return false;
        }
    }
    return true;
}

/* C1 controls (U+0080 to U+009F) can move a terminal's cursor just as C0 ones can. */
static bool is_printable(const char *character, size_t bytes) {
    const unsigned char *c = (const unsigned char *)character;
    if (bytes == 1) {
        return c[0] >= ' ' && c[0] != 0x7f;
    }
    return !(bytes == 2 && c[0] == 0xc2 && c[1] < 0xa0);
}

static void put_escaped(struct line *line, const char *value) {
    size_t rest = strlen(value);
    while (rest > 0) {
        size_t bytes = utf8_character_bytes(value, rest);
        if (bytes == 1 && (*value == '"' || *value == '\\')) {
            put(line, (const char[]){'\\', *value}, 2);
        } else if (bytes == 1 && *value == '\n') {
            put(line, "\\n", 2);
        } else if (bytes > 0 && is_printable(value, bytes)) {
            put(line, value, bytes);
        } else {
            char hex[8];
            snprintf(hex, sizeof(hex), "\\x%02x", (unsigned char)*value);
            put(line, hex, 4);
            bytes = 1;
        }
        value += bytes;
        rest -= bytes;
    }
}

static void put_pair(struct line *line, const char *key, const char *value) {
    put(line, " ", 1);
    put_text(line, key);
    put(line, "=", 1);
    if (value == NULL) {
        put(line, "-", 1);
    } else if (is_plain(value)) {
        put_text(line, value);
    } else {
        put(line, "\"", 1);
        put_escaped(line, value);
        put(line, "\"", 1);
    }
}

static void line_begin(struct line *line, enum log_level level, const char *event) {
    char start[16];
    line->length = 0;
    line->full = false;
    snprintf(start, sizeof(start), "<%d>event=", (int)level);
    put_text(line, start);
    put_text(line, event);
}

static void put_pairs(struct line *line, va_list pairs) {
    for (;;) {
        const char *key = va_arg(pairs, const char *);
        if (key == NULL) {
            return;
        }
        const char *value = va_arg(pairs, const char *);
        /* A pair is whole or absent: a cut value would read as another one. */
        const size_t before = line->length;
        put_pair(line, key, value);
        if (line->full) {
            line->length = before;
            return;
        }
    }
}

static void line_write(struct line *line) {
    if (line->full) {
        memcpy(line->text + line->length, TRUNCATED, sizeof(TRUNCATED) - 1);
        line->length += sizeof(TRUNCATED) - 1;
    } else {
        line->text[line->length++] = '\n';
    }
    ssize_t written;
    do {
        written = write(atomic_load(&log_fd), line->text, line->length);
    } while (written < 0 && errno == EINTR);
    /* There is nowhere to report that the log is gone. */
}

void log_line(enum log_level level, const char *event, ...) {
    struct line line;
    va_list pairs;
    line_begin(&line, level, event);
    va_start(pairs, event);
    put_pairs(&line, pairs);
    va_end(pairs);
    line_write(&line);
}

static struct rate *rate_of(const char *event) {
    for (size_t i = 0; i < EVENTS_MAX - 1; i++) {
        if (rates[i].event == NULL) {
            rates[i].event = event;
            return &rates[i];
        }
        if (strcmp(rates[i].event, event) == 0) {
            return &rates[i];
        }
    }
    return &rates[EVENTS_MAX - 1];
}

/* Whether this line may go out, and how many of its event were held back in the window before. */
static bool rate_admit(const char *event, int64_t monotonic_ms, unsigned *ret_suppressed) {
    pthread_mutex_lock(&rates_lock);
    struct rate *rate = rate_of(event);
    unsigned suppressed = 0;
    if (rate->count == 0 || monotonic_ms - rate->window_start_ms >= LOG_WINDOW_MS) {
        suppressed = rate->count > LOG_BURST ? rate->count - LOG_BURST : 0;
        rate->window_start_ms = monotonic_ms;
        rate->count = 0;
    }
    rate->count++;
    const bool admitted = rate->count <= LOG_BURST;
    pthread_mutex_unlock(&rates_lock);
    *ret_suppressed = suppressed;
    return admitted;
}

void log_limited(int64_t monotonic_ms, enum log_level level, const char *event, ...) {
    unsigned suppressed = 0;
    if (!rate_admit(event, monotonic_ms, &suppressed)) {
        return;
    }
    struct line line;
    va_list pairs;
    line_begin(&line, level, event);
    if (suppressed > 0) {
        put_pair(&line, "suppressed", LOG_INT(suppressed));
    }
    va_start(pairs, event);
    put_pairs(&line, pairs);
    va_end(pairs);
    line_write(&line);
}
