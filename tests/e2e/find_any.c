/* Which of very many byte strings stand in which files, in one pass over each.
 *
 * Arguments: a file of patterns, then the files to look through. A pattern is a line of hex, of at
 * least six bytes; its number is its line's, from 0. On the output a line for each place found:
 * number, offset, path; at most FINDS_MAX of them. The end is 0 whether anything was found or not.
 *
 * Six bytes at a time are hashed into a table of chains; what falls together is compared whole. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GRAM_BYTES = 6, TABLE_BITS = 22, LINE_BYTES_MAX = 1 << 16, FINDS_MAX = 1000 };

struct pattern {
    uint8_t *bytes;
    size_t length;
    uint32_t next; /* of the same hash: its number and one; 0: none */
};

struct finder {
    struct pattern *patterns;
    size_t count;
    uint32_t *heads;
    size_t finds;
};

static void *must(void *memory) {
    if (memory == NULL) {
        fputs("find_any: no memory\n", stderr);
        exit(1);
    }
    return memory;
}

static uint32_t gram_hash(const uint8_t *at) {
    uint64_t gram = 0;
    memcpy(&gram, at, GRAM_BYTES);
    return (uint32_t)((gram * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - TABLE_BITS));
}

static int hex_digit(char c) {
    const char *digits = "0123456789abcdef";
    const char *found = c == '\0' ? NULL : strchr(digits, c);
    return found == NULL ? -1 : (int)(found - digits);
}

static bool pattern_parse(const char *line, struct pattern *ret) {
    const size_t digits = strcspn(line, "\n");
    *ret = (struct pattern){.bytes = must(malloc(digits / 2 + 1)), .length = digits / 2};
    for (size_t i = 0; i < ret->length; i++) {
        int high = hex_digit(line[2 * i]);
        int low = hex_digit(line[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        ret->bytes[i] = (uint8_t)(high * 16 + low);
    }
    return digits % 2 == 0 && ret->length >= GRAM_BYTES;
}

static bool read_patterns(struct finder *finder, const char *path) {
    static char line[LINE_BYTES_MAX];
    FILE *file = fopen(path, "re");
    bool good = file != NULL;
    size_t room = 0;
    while (good && fgets(line, sizeof(line), file) != NULL) {
        if (finder->count == room) {
            room = room == 0 ? 4096 : 2 * room;
            finder->patterns = must(realloc(finder->patterns, room * sizeof(struct pattern)));
        }
        struct pattern *pattern = &finder->patterns[finder->count++];
        good = pattern_parse(line, pattern);
        if (good) {
            uint32_t *head = &finder->heads[gram_hash(pattern->bytes)];
            pattern->next = *head;
            *head = (uint32_t)finder->count;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return good && finder->count > 0;
}

static void find_at(struct finder *finder, const uint8_t *content, size_t length, size_t at,
                    const char *path) {
    for (uint32_t next = finder->heads[gram_hash(content + at)]; next != 0;) {
        const struct pattern *pattern = &finder->patterns[next - 1];
        if (pattern->length <= length - at &&
            memcmp(content + at, pattern->bytes, pattern->length) == 0 &&
            finder->finds < FINDS_MAX) {
            finder->finds++;
            printf("%" PRIu32 " %zu %s\n", next - 1, at, path);
        }
        next = pattern->next;
    }
}

static bool find_in(struct finder *finder, const char *path) {
    FILE *file = fopen(path, "re");
    size_t room = 1 << 20;
    size_t length = 0;
    uint8_t *content = must(malloc(room));
    if (file == NULL) {
        free(content);
        return false;
    }
    for (size_t got = 1; got > 0; length += got) {
        if (length == room) {
            room *= 2;
            content = must(realloc(content, room));
        }
        got = fread(content + length, 1, room - length, file);
    }
    bool good = ferror(file) == 0;
    (void)fclose(file);
    for (size_t at = 0; at + GRAM_BYTES <= length; at++) {
        if (finder->heads[gram_hash(content + at)] != 0) {
            find_at(finder, content, length, at, path);
        }
    }
    free(content);
    return good;
}

int main(int argc, char **argv) {
    struct finder finder = {.heads = must(calloc((size_t)1 << TABLE_BITS, sizeof(uint32_t)))};
    if (argc < 3 || !read_patterns(&finder, argv[1])) {
        fputs("usage: find_any PATTERNS FILE...; a pattern: a line of hex, six bytes or more\n",
              stderr);
        return 2;
    }
    bool good = true;
    for (int i = 2; i < argc; i++) {
        if (!find_in(&finder, argv[i])) {
            fprintf(stderr, "find_any: %s can't be read\n", argv[i]);
            good = false;
        }
    }
    for (size_t i = 0; i < finder.count; i++) {
        free(finder.patterns[i].bytes);
    }
    free(finder.patterns);
    free(finder.heads);
    return good ? 0 : 1;
}
