#include "shared/io/config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    /* inih cuts section names at 49 bytes without a word. */
    SECTION_BYTES_MAX = 48,
};

struct seen {
    uint64_t hash;
    int line;
};

struct parse {
    const char *name;
    const char *rest; /* what inih hasn't asked for yet */
    const struct config_sink *sink;
    struct config_error *error;
    struct seen *seen;
    size_t seen_count;
    int line;
    int failed; /* 0 or the first failure; later entries are passed over */
};

static void set_inih_up(void) {
    ini_allow_inline_comments = false;
    ini_allow_multiline = false;
    ini_use_stack = false;
    ini_allow_realloc = false;
    ini_max_line = CONFIG_LINE_BYTES_MAX + 3;
    ini_initial_alloc = CONFIG_LINE_BYTES_MAX + 3;
}

static void fail(struct parse *parse, int line, const char *reason) {
    if (parse->failed < 0) {
        return;
    }
    parse->failed = ERR_CONFIG;
    snprintf(parse->error->text, sizeof(parse->error->text), "%s:%d: %s", parse->name, line,
             reason);
}

/* fgets over the text, which also counts lines for the messages. */
static char *next_line(char *line, int size, void *stream) {
    struct parse *parse = stream;
    if (*parse->rest == '\0' || parse->failed < 0) {
        return NULL;
    }
    parse->line++;
    const char *end = strchr(parse->rest, '\n');
    const size_t length = end == NULL ? strlen(parse->rest) : (size_t)(end - parse->rest) + 1;
    if (length + 1 > (size_t)size || length > CONFIG_LINE_BYTES_MAX) {
        fail(parse, parse->line, "the line is longer than 4000 bytes");
        return NULL;
    }
    memcpy(line, parse->rest, length);
    line[length] = '\0';
    parse->rest += length;
    return line;
}

/* FNV-1a over "section NUL name": only to find an entry that stands there twice. */
static uint64_t hash_entry(const char *section, const char *name) {
    uint64_t hash = 14695981039346656037u;
    for (const char *part = section;; part = name) {
        for (const char *c = part; *c != '\0'; c++) {
            hash = (hash ^ (uint8_t)*c) * 1099511628211u;
        }
        if (part == name) {
            return hash;
        }
        hash = (hash ^ 0xff) * 1099511628211u;
    }
}

static bool note_entry(struct parse *parse, const char *section, const char *name) {
    const uint64_t hash = hash_entry(section, name);
    char reason[CONFIG_REASON_SIZE];
    for (size_t i = 0; i < parse->seen_count; i++) {
        if (parse->seen[i].hash == hash) {
            snprintf(reason, sizeof(reason), "\"%.60s\" was given already in line %d", name,
                     parse->seen[i].line);
            fail(parse, parse->line, reason);
            return false;
        }
    }
    if (parse->seen_count == CONFIG_ENTRIES_MAX) {
        fail(parse, parse->line, "more than 1024 entries");
        return false;
    }
    parse->seen[parse->seen_count++] = (struct seen){.hash = hash, .line = parse->line};
    return true;
}

static int on_entry(void *ctx, const char *section, const char *name, const char *value) {
    struct parse *parse = ctx;
    if (parse->failed < 0) {
        return 1;
    }
    if (strlen(section) > SECTION_BYTES_MAX) {
        fail(parse, parse->line, "the section's name is longer than 48 bytes");
        return 1;
    }
    if (name[0] == '\0') {
        fail(parse, parse->line, "there is no name before the '='");
        return 1;
    }
    if (!parse->sink->repeats && !note_entry(parse, section, name)) {
        return 1;
    }
    const struct config_entry entry = {
        .section = section, .name = name, .value = value, .line = parse->line};
    char reason[CONFIG_REASON_SIZE] = "not accepted";
    const int r = parse->sink->entry(parse->sink->ctx, &entry, reason);
    if (r < 0) {
        reason[sizeof(reason) - 1] = '\0';
        fail(parse, parse->line, reason);
        parse->failed = r;
    }
    return 1;
}

int config_read_text(const char *name, const char *text, const struct config_sink *sink,
                     struct config_error *ret_error) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_inih_up);
    struct parse parse = {.name = name, .rest = text, .sink = sink, .error = ret_error};
    parse.seen = calloc(CONFIG_ENTRIES_MAX, sizeof(*parse.seen));
    if (parse.seen == NULL) {
        snprintf(ret_error->text, sizeof(ret_error->text), "%s: %s", name, err_text(ERR_NO_MEMORY));
        return ERR_NO_MEMORY;
    }
    const int wrong_line = ini_parse_stream(next_line, &parse, on_entry, &parse);
    free(parse.seen);
    if (wrong_line == -2) {
        snprintf(ret_error->text, sizeof(ret_error->text), "%s: %s", name, err_text(ERR_NO_MEMORY));
        return ERR_NO_MEMORY;
    }
    /* inih goes on after a line it can't read; whichever came first is told. */
    if (wrong_line > 0 && (parse.failed == 0 || wrong_line < parse.line)) {
        parse.failed = 0;
        fail(&parse, wrong_line, "this is neither \"name = value\", a [section] nor a comment");
    }
    return parse.failed;
}

static int read_whole(int fd, char *text, size_t size, size_t *ret_length) {
    size_t length = 0;
    while (length < size) {
        const ssize_t got = read(fd, text + length, size - length);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return ERR_IO;
        }
        if (got == 0) {
            *ret_length = length;
            return 0;
        }
        length += (size_t)got;
    }
    return ERR_TOO_LARGE;
}

/* The file with a NUL after it; takes malloc'd memory for the caller to free. */
static int file_load(const char *path, char **ret_text) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? ERR_NOT_FOUND : errno == EACCES ? ERR_DENIED : ERR_IO;
    }
    char *text = malloc(CONFIG_FILE_BYTES_MAX + 2);
    if (text == NULL) {
        close(fd);
        return ERR_NO_MEMORY;
    }
    size_t length = 0;
    int r = read_whole(fd, text, CONFIG_FILE_BYTES_MAX + 1, &length);
    close(fd);
    if (r == 0 && memchr(text, '\0', length) != NULL) {
        r = ERR_MALFORMED;
    }
    if (r < 0) {
        free(text);
        return r;
    }
    text[length] = '\0';
    *ret_text = text;
    return 0;
}

int config_read(const char *path, const struct config_sink *sink, struct config_error *ret_error) {
    char *text = NULL;
    int r = file_load(path, &text);
    if (r < 0) {
        snprintf(ret_error->text, sizeof(ret_error->text), "%s: %s", path,
                 r == ERR_MALFORMED ? "not a text file" : err_text(r));
        return r == ERR_MALFORMED ? ERR_CONFIG : r;
    }
    r = config_read_text(path, text, sink, ret_error);
    free(text);
    return r;
}

struct table_read {
    const struct config_table *table;
    bool *given;
};

static int read_int(const struct config_key *key, const char *value, char *ret_reason) {
    char *end = NULL;
    errno = 0;
    const long long number = strtoll(value, &end, 10);
    if (value[0] == '\0' || *end != '\0' || errno != 0 || number < key->least ||
        number > key->most) {
        snprintf(ret_reason, CONFIG_REASON_SIZE,
                 "\"%.40s\" must be a whole number from %lld to %lld", key->name,
                 (long long)key->least, (long long)key->most);
        return ERR_CONFIG;
    }
    *(int64_t *)key->target = number;
    return 0;
}

static int read_bool(const struct config_key *key, const char *value, char *ret_reason) {
    static const char *const words[][2] = {
        {"yes", "no"}, {"true", "false"}, {"on", "off"}, {"1", "0"}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        for (int no = 0; no < 2; no++) {
            if (strcmp(value, words[i][no]) == 0) {
                *(bool *)key->target = no == 0;
                return 0;
            }
        }
    }
    snprintf(ret_reason, CONFIG_REASON_SIZE, "\"%.40s\" must be yes or no", key->name);
    return ERR_CONFIG;
}

static int read_text(const struct config_key *key, const char *value, char *ret_reason) {
    if (strlen(value) >= key->size) {
        snprintf(ret_reason, CONFIG_REASON_SIZE, "\"%.40s\" is longer than %zu bytes", key->name,
                 key->size - 1);
        return ERR_CONFIG;
    }
    memset(key->target, 0, key->size);
    memcpy(key->target, value, strlen(value));
    return 0;
}

static int table_entry(void *ctx, const struct config_entry *entry,
                       char ret_reason[CONFIG_REASON_SIZE]) {
    struct table_read *read = ctx;
    for (size_t i = 0; i < read->table->count; i++) {
        const struct config_key *key = &read->table->keys[i];
        if (strcmp(key->section, entry->section) != 0 || strcmp(key->name, entry->name) != 0) {
            continue;
        }
        read->given[i] = true;
        switch (key->kind) {
        case CONFIG_INT:
            return read_int(key, entry->value, ret_reason);
        case CONFIG_BOOL:
            return read_bool(key, entry->value, ret_reason);
        case CONFIG_TEXT:
            return read_text(key, entry->value, ret_reason);
        }
    }
    snprintf(ret_reason, CONFIG_REASON_SIZE, "nothing is called \"%.50s\" in section [%.48s]",
             entry->name, entry->section);
    return ERR_CONFIG;
}

static int table_check(const char *name, const struct table_read *read,
                       struct config_error *ret_error) {
    for (size_t i = 0; i < read->table->count; i++) {
        const struct config_key *key = &read->table->keys[i];
        if (key->required && !read->given[i]) {
            snprintf(ret_error->text, sizeof(ret_error->text),
                     "%s: \"%s\" is missing in section [%s]", name, key->name, key->section);
            return ERR_CONFIG;
        }
    }
    return 0;
}

static int read_table(const char *name, const char *text, const struct config_table *table,
                      struct config_error *ret_error) {
    bool given[CONFIG_ENTRIES_MAX] = {false};
    assert(table->count <= CONFIG_ENTRIES_MAX);
    struct table_read read = {.table = table, .given = given};
    const struct config_sink sink = {.entry = table_entry, .ctx = &read};
    int r = text == NULL ? config_read(name, &sink, ret_error)
                         : config_read_text(name, text, &sink, ret_error);
    if (r < 0) {
        return r;
    }
    return table_check(name, &read, ret_error);
}

int config_read_table(const char *path, const struct config_table *table,
                      struct config_error *ret_error) {
    return read_table(path, NULL, table, ret_error);
}

int config_read_table_text(const char *name, const char *text, const struct config_table *table,
                           struct config_error *ret_error) {
    return read_table(name, text, table, ret_error);
}
