#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shared/store/env.h"
#include "shared/store/internal.h"

static int translate_io(int code) {
    return code == ENOSPC || code == EDQUOT ? ERR_NO_ROOM : ERR_IO;
}

static int write_copy(struct store *store, const char *path) {
    if (unlink(path) != 0 && errno != ENOENT) {
        return ERR_IO;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return translate_io(errno);
    }
    int code = mdb_env_copyfd2(store->env, fd, MDB_CP_COMPACT);
    if (code == 0 && fsync(fd) != 0) {
        code = errno;
    }
    if (close(fd) != 0 && code == 0) {
        code = errno;
    }
    if (code == 0) {
        return 0;
    }
    /* Positive codes come of writing the copy, negative ones are LMDB's about the original. */
    return code > 0 ? translate_io(code) : ERR_STORAGE;
}

static int sync_directory_of(const char *path) {
    char copy[PATH_MAX];
    strcpy(copy, path); /* the caller looked at the length */
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return ERR_IO;
    }
    int r = fsync(fd) == 0 ? 0 : translate_io(errno);
    close(fd);
    return r;
}

int store_backup(struct store *store, const char *path) {
    char temporary[PATH_MAX];
    int length = snprintf(temporary, sizeof(temporary), "%s.new", path);
    if (length < 0 || (size_t)length >= sizeof(temporary)) {
        return ERR_IO;
    }
    int r = write_copy(store, temporary);
    if (r == 0 && rename(temporary, path) != 0) {
        r = translate_io(errno);
    }
    if (r < 0) {
        unlink(temporary);
        return r;
    }
    return sync_directory_of(path);
}
