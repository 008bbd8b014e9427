#include "shared/io/audit_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shared/crypto/hash.h"

/* "7 2026-11-22T01:02:03.004Z els support-start ABOUT HEAD MAC" */
enum { HEX_LENGTH = 64, WORDS = 7 };

#define FIRST_WORDS "vangnet audit v1 "

struct digest audit_begin(struct bytes first_line) {
    return hash_of("audit-begin/v1", first_line);
}

struct digest audit_head(const struct digest *before, struct bytes entry) {
    struct hash hash;
    hash_begin(&hash, "audit-head/v1");
    hash_run(&hash, BYTES_OF(before->bytes));
    hash_run(&hash, entry);
    return hash_end(&hash);
}

struct digest audit_mac(const struct audit_key *key, const struct digest *head) {
    return hash_keyed(BYTES_OF(key->bytes), "audit-mac/v1", BYTES_OF(head->bytes));
}

void audit_next_key(struct audit_key *key) {
    struct audit_key next;
    blake2b(next.bytes, sizeof(next.bytes), bytes_from_text("next"), BYTES_OF(key->bytes));
    *key = next;
}

static bool read_number(const char *text, uint64_t *ret) {
    char *end;
    if (text[0] < '1' || text[0] > '9') {
        return false;
    }
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    *ret = number;
    return errno == 0 && *end == '\0';
}

/* Cuts `line` at its blanks; exactly WORDS of them. */
static bool split(char *line, char *words[static WORDS]) {
    size_t count = 0;
    for (char *at = line; count < WORDS; count++) {
        words[count] = at;
        at += strcspn(at, " ");
        if (*at == '\0') {
            return count + 1 == WORDS;
        }
        *at++ = '\0';
    }
    return false;
}

/* `line` ends in no newline and is cut to pieces; `text` is the same, whole. */
static void take_apart(char *line, const char *text, struct audit_parts *ret) {
    char *words[WORDS];
    *ret = (struct audit_parts){0};
    if (!split(line, words) || !read_number(words[0], &ret->line.number) ||
        hex_decode(words[5], ret->head.bytes, sizeof(ret->head.bytes)) < 0 ||
        hex_decode(words[6], ret->mac.bytes, sizeof(ret->mac.bytes)) < 0) {
        return;
    }
    ret->line.time = words[1];
    ret->line.user = words[2];
    ret->line.action = words[3];
    ret->line.about = words[4];
    ret->entry =
        (struct bytes){.data = (const uint8_t *)text, .length = (size_t)(words[5] - line) - 1};
    ret->readable = true;
}

/* A whole line without its newline; false at the end, also where the last one is half written. */
static bool next_line(FILE *file, char ret[static AUDIT_LINE_MAX + 2]) {
    if (fgets(ret, AUDIT_LINE_MAX + 2, file) == NULL) {
        return false;
    }
    size_t length = strcspn(ret, "\n");
    bool whole = ret[length] == '\n';
    ret[length] = '\0';
    while (!whole && !feof(file) && !ferror(file)) { /* longer than any of ours: not readable */
        int c = fgetc(file);
        whole = c == '\n';
    }
    return whole;
}

static int scan_file(FILE *file, const struct audit_scan *scan) {
    char text[AUDIT_LINE_MAX + 2];
    char line[AUDIT_LINE_MAX + 2];
    if (!next_line(file, text) || strncmp(text, FIRST_WORDS, strlen(FIRST_WORDS)) != 0) {
        return ferror(file) ? ERR_IO : ERR_MALFORMED;
    }
    *scan->ret_begin = audit_begin(bytes_from_text(text));
    bool more = true;
    while (more && next_line(file, text)) {
        struct audit_parts parts;
        memcpy(line, text, sizeof(line));
        take_apart(line, text, &parts);
        more = scan->each(scan->ctx, &parts);
    }
    return ferror(file) ? ERR_IO : 0;
}

int audit_scan(const char *log, const struct audit_scan *scan) {
    FILE *file = fopen(log, "re");
    if (file == NULL) {
        return audit_error_now();
    }
    int r = scan_file(file, scan);
    (void)fclose(file);
    return r;
}
