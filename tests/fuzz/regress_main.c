/* Runs a fuzz target over every file of a corpus, without a fuzzer: once as it is, cut short at
 * each length, and with each byte turned over. So what a fuzzer found once stays found, and every
 * build and every sanitizer sees the decoder's bad days. Argument: the corpus. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Files above these run whole only: the work grows with the square of the length. */
enum { CUT_BYTES_MAX = 4096, TURN_BYTES_MAX = 2048, PATH_BYTES_MAX = 4096 };

static unsigned long runs;

/* An own allocation of the exact size, so that ASan sees a read one byte past the end. */
static void run(const uint8_t *data, size_t size, size_t turned) {
    uint8_t *copy = malloc(size == 0 ? 1 : size);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, data, size);
    if (turned < size) {
        copy[turned] ^= 0xff;
    }
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    runs++;
}

static void run_variants(const uint8_t *data, size_t size) {
    run(data, size, SIZE_MAX);
    for (size_t cut = 0; size <= CUT_BYTES_MAX && cut < size; cut++) {
        run(data, cut, SIZE_MAX);
    }
    for (size_t turned = 0; size <= TURN_BYTES_MAX && turned < size; turned++) {
        run(data, size, turned);
    }
}

static int run_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return -1;
    }
    uint8_t *data = NULL;
    size_t size = 0;
    size_t got;
    do {
        uint8_t *grown = realloc(data, size + 65536);
        if (grown == NULL) {
            abort();
        }
        data = grown;
        got = fread(data + size, 1, 65536, file);
        size += got;
    } while (got > 0);
    int failed = ferror(file);
    (void)fclose(file);
    if (failed == 0) {
        run_variants(data, size);
    }
    free(data);
    return failed == 0 ? 0 : -1;
}

int main(int argc, char **argv) {
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    if (folder == NULL) {
        (void)fprintf(stderr, "give the corpus: a directory of inputs\n");
        return 2;
    }
    unsigned long files = 0;
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        char path[PATH_BYTES_MAX];
        if (entry->d_name[0] == '.') {
            continue;
        }
        int length = snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
        if (length < 0 || (size_t)length >= sizeof(path) || run_file(path) < 0) {
            (void)fprintf(stderr, "can't read '%s'\n", entry->d_name);
            return 2;
        }
        files++;
    }
    (void)closedir(folder);
    (void)printf("%lu files, %lu runs\n", files, runs);
    /* An empty corpus proves nothing. */
    return files == 0 ? 2 : 0;
}
