#include "node/shell/importer_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/shell/file_error.h"
#include "shared/crypto/hash.h"

enum { CHUNK_BYTES = 64 << 10 };

/* Fills the chunk but at the end of the file, so that the hash doesn't depend on how a file system
 * hands out its bytes. */
static int read_chunk(int fd, uint8_t chunk[static CHUNK_BYTES], size_t *ret) {
    *ret = 0;
    while (*ret < CHUNK_BYTES) {
        const ssize_t got = read(fd, chunk + *ret, CHUNK_BYTES - *ret);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return file_error_now();
        }
        if (got == 0) {
            break;
        }
        *ret += (size_t)got;
    }
    return 0;
}

static int pass_through(const struct file_pass *pass, int fd, uint64_t all, struct digest *ret) {
    uint8_t chunk[CHUNK_BYTES];
    struct hash hash;
    uint64_t done = 0;
    hash_begin(&hash, "import-file/v1");
    for (;;) {
        size_t got;
        int r = read_chunk(fd, chunk, &got);
        if (r < 0) {
            return r;
        }
        if (got == 0) {
            break;
        }
        const struct bytes piece = {.data = chunk, .length = got};
        hash_run(&hash, piece);
        r = pass->take == NULL ? 0 : pass->take(pass->ctx, piece);
        if (r < 0) {
            return r;
        }
        done += got;
        if (pass->progress != NULL) {
            pass->progress(pass->progress_ctx, done, all);
        }
    }
    *ret = hash_end(&hash);
    return 0;
}

int file_pass_run(const struct file_pass *pass, struct digest *ret) {
    struct stat about;
    const int fd = open(pass->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return file_error_now();
    }
    int r = fstat(fd, &about) < 0 ? file_error_now() : 0;
    if (r == 0 && !S_ISREG(about.st_mode)) {
        r = ERR_IO;
    }
    r = r < 0 ? r : pass_through(pass, fd, (uint64_t)about.st_size, ret);
    close(fd);
    return r;
}

struct beside {
    char text[IMPORTER_PATH_SIZE + 8];
};

static struct beside beside_of(const struct rejected_output *output) {
    struct beside path;
    (void)snprintf(path.text, sizeof(path.text), "%s.new", output->path);
    return path;
}

int rejected_output_write(void *context, struct bytes text) {
    struct rejected_output *output = context;
    if (output->fd < 0) {
        const struct beside path = beside_of(output);
        output->fd = open(path.text, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (output->fd < 0) {
            return file_error_now();
        }
    }
    while (text.length > 0) {
        const ssize_t wrote = write(output->fd, text.data, text.length);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote < 0) {
            return file_error_now();
        }
        text.data += wrote;
        text.length -= (size_t)wrote;
    }
    return 0;
}

int rejected_output_keep(struct rejected_output *output) {
    if (output->fd < 0) {
        return 0;
    }
    const struct beside path = beside_of(output);
    if (rename(path.text, output->path) < 0) {
        return file_error_now();
    }
    output->kept = true;
    return 0;
}

void rejected_output_deinit(struct rejected_output *output) {
    if (output->fd < 0) {
        return;
    }
    close(output->fd);
    output->fd = -1;
    if (!output->kept) {
        const struct beside path = beside_of(output);
        unlink(path.text);
    }
}
