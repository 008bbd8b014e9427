/* The importer's two files: the export, passed through from front to end, and FILE.rejected.csv,
 * which appears whole or not at all. For importer.c only. */
#pragma once

#include "node/shell/importer.h"
#include "shared/base/bytes.h"

/* One pass over a file; `take` and `progress` may be NULL. */
struct file_pass {
    const char *path;
    int (*take)(void *ctx, struct bytes chunk);
    void *ctx;
    void (*progress)(void *ctx, uint64_t done_bytes, uint64_t all_bytes);
    void *progress_ctx;
};

/* `ret`: the hash of all its bytes. Errors: ERR_NOT_FOUND, ERR_DENIED, ERR_IO, what `take` gave. */
MUST_CHECK int file_pass_run(const struct file_pass *pass, struct digest *ret);

/* Made at the first write, beside where it'll stand; the user's eyes only. */
struct rejected_output {
    char path[IMPORTER_PATH_SIZE];
    int fd; /* -1: nothing was written yet */
    bool kept;
};

/* A rejected_sink's `write`. Errors: ERR_IO, ERR_DENIED, ERR_NO_ROOM. */
MUST_CHECK int rejected_output_write(void *context, struct bytes text);
/* Puts it in its place, if there's anything. Errors: ERR_IO. */
MUST_CHECK int rejected_output_keep(struct rejected_output *output);
/* What isn't kept goes. */
void rejected_output_deinit(struct rejected_output *output);
