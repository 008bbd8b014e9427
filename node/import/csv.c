#include "node/import/csv.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "node/import/encoding.h"

enum state {
    FIELD_START,
    UNQUOTED,
    QUOTED,
    QUOTE_IN_QUOTED, /* the closing quote, or the first of a doubled one */
    SKIPPING,        /* after a fault, to the line's end */
    DEAF,            /* UTF-16: nothing more */
};

struct csv {
    struct csv_sink sink;
    char delimiter;
    bool head_done; /* delimiter and encoding are known */
    bool after_cr;  /* a LF now belongs to the CR before it */
    bool high;      /* the record holds bytes from 0x80 */
    enum state state;
    int failed;
    uint32_t line;
    uint32_t record_line;
    size_t record_bytes;
    size_t length; /* of `text` */
    size_t count;
    size_t head_length;
    bool head_quoted;
    bool head_content;
    struct csv_field fields[IMPORT_COLUMNS_MAX];
    size_t starts[IMPORT_COLUMNS_MAX]; /* of each field in `text` */
    char head[IMPORT_LINE_BYTES_MAX];
    char text[IMPORT_LINE_BYTES_MAX + IMPORT_COLUMNS_MAX + 1];
    char decoded[3 * IMPORT_LINE_BYTES_MAX + IMPORT_COLUMNS_MAX];
};

int csv_new(char delimiter, struct csv_sink sink, struct csv **ret) {
    assert(delimiter == '\0' || delimiter == ',' || delimiter == ';' || delimiter == '\t');
    struct csv *csv = calloc(1, sizeof(*csv));
    if (csv == NULL) {
        return ERR_NO_MEMORY;
    }
    csv->sink = sink;
    csv->delimiter = delimiter;
    csv->line = 1;
    *ret = csv;
    return 0;
}

void csv_free(struct csv *csv) {
    free(csv);
}

char csv_delimiter(const struct csv *csv) {
    return csv->head_done ? csv->delimiter : '\0';
}

static void start_record(struct csv *csv) {
    csv->state = FIELD_START;
    csv->count = 0;
    csv->length = 0;
    csv->record_bytes = 0;
    csv->high = false;
}

static void deliver(struct csv *csv, const struct csv_record *record) {
    int r = csv->sink.record(csv->sink.context, record);
    csv->failed = r < 0 ? r : 0;
}

static void fault(struct csv *csv, enum csv_fault kind, uint32_t line) {
    struct csv_record record = {
        .line = csv->state == FIELD_START && csv->count == 0 ? csv->line : csv->record_line,
        .fault = kind,
        .fault_line = line,
        .fault_column = (uint32_t)csv->count + 1,
    };
    start_record(csv);
    csv->state = SKIPPING;
    deliver(csv, &record);
}

static void open_field(struct csv *csv) {
    if (csv->count == 0) {
        csv->record_line = csv->line;
    }
    csv->starts[csv->count] = csv->length;
    csv->fields[csv->count].line = csv->line;
}

static void close_field(struct csv *csv) {
    csv->fields[csv->count].length = csv->length - csv->starts[csv->count];
    csv->text[csv->length++] = '\0';
    csv->count++;
}

static void decode_fields(struct csv *csv) {
    size_t used = 0;
    for (size_t i = 0; i < csv->count; i++) {
        struct csv_field *field = &csv->fields[i];
        if (!csv->high || utf8_valid(field->text, field->length)) {
            continue;
        }
        char *out = csv->decoded + used;
        field->length = utf8_from_windows_1252(field->text, field->length, out);
        out[field->length] = '\0';
        field->text = out;
        used += field->length + 1;
    }
}

static void finish_record(struct csv *csv) {
    for (size_t i = 0; i < csv->count; i++) {
        csv->fields[i].text = csv->text + csv->starts[i];
    }
    decode_fields(csv);
    struct csv_record record = {
        .fields = csv->fields,
        .count = csv->count,
        .line = csv->record_line,
    };
    start_record(csv);
    deliver(csv, &record);
}

static void end_line(struct csv *csv) {
    bool blank = csv->state == FIELD_START && csv->count == 0;
    if (csv->state == SKIPPING || blank) {
        start_record(csv);
        return;
    }
    if (csv->state == FIELD_START && csv->count == IMPORT_COLUMNS_MAX) {
        fault(csv, CSV_FAULT_TOO_MANY_COLUMNS, csv->line);
        start_record(csv);
        return;
    }
    if (csv->state == FIELD_START) {
        open_field(csv);
    }
    close_field(csv);
    finish_record(csv);
}

static void put(struct csv *csv, char c) {
    csv->text[csv->length++] = c;
}

static void in_quoted(struct csv *csv, char c, bool second_of_crlf) {
    if (c == '"') {
        csv->state = QUOTE_IN_QUOTED;
        return;
    }
    put(csv, c);
    if (c == '\r' || (c == '\n' && !second_of_crlf)) {
        csv->line++;
    }
    csv->after_cr = c == '\r';
}

static void at_field_start(struct csv *csv, char c) {
    if (csv->count == IMPORT_COLUMNS_MAX) {
        fault(csv, CSV_FAULT_TOO_MANY_COLUMNS, csv->line);
        return;
    }
    open_field(csv);
    if (c == '"') {
        csv->state = QUOTED;
        return;
    }
    csv->state = UNQUOTED;
    put(csv, c);
}

static void in_field(struct csv *csv, char c) {
    switch (csv->state) {
    case FIELD_START:
        at_field_start(csv, c);
        break;
    case UNQUOTED:
        put(csv, c);
        break;
    case QUOTE_IN_QUOTED:
        if (c == '"') {
            csv->state = QUOTED;
            put(csv, c);
        } else {
            fault(csv, CSV_FAULT_AFTER_QUOTE, csv->line);
        }
        break;
    case QUOTED:
    case SKIPPING:
    case DEAF:
        break;
    }
}

static void at_delimiter(struct csv *csv) {
    if (csv->state == SKIPPING) {
        return;
    }
    if (csv->state == FIELD_START) {
        if (csv->count == IMPORT_COLUMNS_MAX) {
            fault(csv, CSV_FAULT_TOO_MANY_COLUMNS, csv->line);
            return;
        }
        open_field(csv);
    }
    close_field(csv);
    csv->state = FIELD_START;
}

static void step(struct csv *csv, char c) {
    bool second_of_crlf = csv->after_cr && c == '\n';
    csv->after_cr = false;
    if (second_of_crlf && csv->state != QUOTED) {
        return;
    }
    bool line_end = (c == '\n' || c == '\r') && csv->state != QUOTED;
    if (line_end) {
        end_line(csv);
        csv->line++;
        csv->after_cr = c == '\r';
        return;
    }
    if (csv->state == SKIPPING) {
        return;
    }
    if (c == '\0') {
        fault(csv, CSV_FAULT_NUL, csv->line);
        return;
    }
    if (++csv->record_bytes > IMPORT_LINE_BYTES_MAX) {
        fault(csv, CSV_FAULT_TOO_LONG, csv->line);
        return;
    }
    csv->high |= (uint8_t)c >= 0x80;
    if (csv->state == QUOTED) {
        in_quoted(csv, c, second_of_crlf);
    } else if (c == csv->delimiter) {
        at_delimiter(csv);
    } else {
        in_field(csv, c);
    }
}

/* How many characters from the start mean nothing but themselves in an unquoted field, and fit. */
static size_t plain_length(const struct csv *csv, const char *data, size_t length) {
    size_t room = IMPORT_LINE_BYTES_MAX - csv->record_bytes;
    size_t end = length < room ? length : room;
    size_t i = 0;
    while (i < end && data[i] > '\r' && data[i] < '\x7f' && data[i] != csv->delimiter) {
        i++;
    }
    return i;
}

/* Most of a file is plain text: that's copied in runs, the rest goes through the states. */
static void run(struct csv *csv, const char *data, size_t length) {
    size_t i = 0;
    while (i < length && csv->failed == 0) {
        if (csv->state == UNQUOTED) {
            size_t plain = plain_length(csv, data + i, length - i);
            memcpy(csv->text + csv->length, data + i, plain);
            csv->length += plain;
            csv->record_bytes += plain;
            i += plain;
        }
        if (i < length) {
            step(csv, data[i++]);
        }
    }
}

static char most_frequent(const char *data, size_t length) {
    static const char candidates[] = {';', '\t', ','};
    size_t counts[3] = {0};
    bool quoted = false;
    for (size_t i = 0; i < length; i++) {
        quoted ^= data[i] == '"';
        for (size_t k = 0; k < 3; k++) {
            counts[k] += !quoted && data[i] == candidates[k];
        }
    }
    size_t best = 0;
    for (size_t k = 1; k < 3; k++) {
        best = counts[k] > counts[best] ? k : best;
    }
    return counts[best] > 0 ? candidates[best] : ',';
}

static size_t bom_length(const char *data, size_t length) {
    return length >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/* Excel writes and reads such a first line to say which separator follows. */
static char separator_line(const char *data, size_t length) {
    bool form = length >= 5 && memcmp(data, "sep=", 4) == 0;
    if (!form || (data[4] != ',' && data[4] != ';' && data[4] != '\t')) {
        return '\0';
    }
    return length == 5 || data[5] == '\r' || data[5] == '\n' ? data[4] : '\0';
}

/* The first line is whole: find out what the file is, then read what was held back. */
static void finish_head(struct csv *csv) {
    csv->head_done = true;
    const char *head = csv->head;
    size_t length = csv->head_length;
    bool utf16 =
        length >= 2 && (memcmp(head, "\xFF\xFE", 2) == 0 || memcmp(head, "\xFE\xFF", 2) == 0);
    if (utf16) {
        fault(csv, CSV_FAULT_UTF16, 1);
        csv->state = DEAF;
        return;
    }
    size_t skip = bom_length(head, length);
    char named = separator_line(head + skip, length - skip);
    if (named != '\0') {
        csv->delimiter = named;
        csv->state = SKIPPING;
    } else if (csv->delimiter == '\0') {
        csv->delimiter = most_frequent(head + skip, length - skip);
    }
    run(csv, head + skip, length - skip);
}

/* Something else than a line end or a byte of the mark in front. */
static bool is_content(char c, size_t position) {
    static const char bom[] = "\xEF\xBB\xBF";
    return c != '\r' && c != '\n' && (position >= 3 || c != bom[position]);
}

/* Gives how many bytes of the chunk it took. */
static size_t feed_head(struct csv *csv, const char *data, size_t length) {
    for (size_t i = 0; i < length; i++) {
        char c = data[i];
        csv->head_content |= is_content(c, csv->head_length);
        csv->head[csv->head_length++] = c;
        csv->head_quoted ^= c == '"';
        bool line_end = (c == '\n' || c == '\r') && !csv->head_quoted;
        if ((line_end && csv->head_content) || csv->head_length == IMPORT_LINE_BYTES_MAX) {
            finish_head(csv);
            return i + 1;
        }
    }
    return length;
}

int csv_feed(struct csv *csv, struct bytes chunk) {
    const char *data = (const char *)chunk.data;
    size_t taken = 0;
    if (csv->failed < 0 || chunk.length == 0) {
        return csv->failed;
    }
    if (!csv->head_done) {
        taken = feed_head(csv, data, chunk.length);
    }
    if (csv->state != DEAF) {
        run(csv, data + taken, chunk.length - taken);
    }
    return csv->failed;
}

int csv_end(struct csv *csv) {
    if (csv->failed == 0 && !csv->head_done) {
        finish_head(csv);
    }
    if (csv->failed < 0 || csv->state == DEAF) {
        return csv->failed;
    }
    if (csv->state == QUOTED) {
        fault(csv, CSV_FAULT_OPEN_QUOTE, csv->fields[csv->count].line);
        return csv->failed;
    }
    end_line(csv);
    return csv->failed;
}
