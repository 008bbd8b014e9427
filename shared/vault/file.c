#include "shared/vault/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int translate(int code) {
    switch (code) {
    case ENOSPC:
    case EDQUOT:
        return ERR_NO_ROOM;
    case EEXIST:
        return ERR_EXISTS;
    case ENOENT:
        return ERR_NOT_FOUND;
    default:
        return ERR_IO;
    }
}

static int with_suffix(const char *path, const char *suffix, char ret[static PATH_MAX]) {
    int length = snprintf(ret, PATH_MAX, "%s%s", path, suffix);
    return length < 0 || length >= PATH_MAX ? ERR_IO : 0;
}

static int sync_directory_of(const char *path) {
    char copy[PATH_MAX];
    int r = with_suffix(path, "", copy);
    if (r < 0) {
        return r;
    }
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return ERR_IO;
    }
    r = fsync(fd) == 0 ? 0 : translate(errno);
    close(fd);
    return r;
}

static int write_all(int fd, struct bytes data) {
    size_t done = 0;
    while (done < data.length) {
        ssize_t n = write(fd, data.data + done, data.length - done);
        if (n < 0 && errno != EINTR) {
            return translate(errno);
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return fsync(fd) == 0 ? 0 : translate(errno);
}

static int write_new(const char *path, struct bytes data) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return translate(errno);
    }
    int r = write_all(fd, data);
    if (close(fd) != 0 && r == 0) {
        r = translate(errno);
    }
    if (r < 0) {
        unlink(path);
    }
    return r;
}

static int overwrite(const char *path, off_t length) {
    static const uint8_t zeros[64 << 10];
    int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return translate(errno);
    }
    int r = 0;
    while (r == 0 && length > 0) {
        size_t piece = length < (off_t)sizeof(zeros) ? (size_t)length : sizeof(zeros);
        r = write_all(fd, (struct bytes){.data = zeros, .length = piece});
        length -= (off_t)piece;
    }
    close(fd);
    return r;
}

/* Between the link and the rename of file_replace, the old name is the file itself: a second name
 * of what is in use is removed, never overwritten. */
static int remove_leftover(const char *path, const char *suffix) {
    char leftover[PATH_MAX];
    int r = with_suffix(path, suffix, leftover);
    if (r < 0) {
        return r;
    }
    struct stat it;
    if (lstat(leftover, &it) != 0) {
        return errno == ENOENT ? 0 : translate(errno);
    }
    struct stat used;
    bool in_use = lstat(path, &used) == 0 && used.st_ino == it.st_ino && used.st_dev == it.st_dev;
    if (!in_use && S_ISREG(it.st_mode)) {
        r = overwrite(leftover, it.st_size);
    }
    if (r == 0 && unlink(leftover) != 0) {
        r = translate(errno);
    }
    return r < 0 ? r : sync_directory_of(path);
}

int file_finish(const char *path) {
    int r = remove_leftover(path, ".new");
    int r_old = remove_leftover(path, ".old");
    return r < 0 ? r : r_old;
}

static int keep_old_name(const char *path) {
    char old[PATH_MAX];
    int r = with_suffix(path, ".old", old);
    if (r < 0) {
        return r;
    }
    return link(path, old) == 0 ? 0 : translate(errno);
}

int file_replace(const char *path, struct bytes data, enum file_old old) {
    char new_path[PATH_MAX];
    int r = with_suffix(path, ".new", new_path);
    if (r < 0) {
        return r;
    }
    r = file_finish(path);
    if (r < 0) {
        return r;
    }
    r = write_new(new_path, data);
    if (r == 0 && old == FILE_OLD_OVERWRITE) {
        r = keep_old_name(path);
    }
    if (r == 0 && rename(new_path, path) != 0) {
        r = translate(errno);
    }
    if (r == 0) {
        r = sync_directory_of(path);
    }
    int r_finish = file_finish(path);
    return r < 0 ? r : r_finish;
}

int file_create(const char *path, struct bytes data) {
    int r = write_new(path, data);
    return r < 0 ? r : sync_directory_of(path);
}

static int read_all(int fd, uint8_t *data, size_t length) {
    size_t done = 0;
    while (done < length) {
        ssize_t n = read(fd, data + done, length - done);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return ERR_IO;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int read_open(int fd, size_t size_max, bool is_private, struct bytes *ret) {
    struct stat stat;
    if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode)) {
        return ERR_IO;
    }
    if (is_private && (stat.st_mode & 077) != 0) {
        return ERR_DENIED;
    }
    if ((uint64_t)stat.st_size > size_max) {
        return ERR_TOO_LARGE;
    }
    size_t length = (size_t)stat.st_size;
    uint8_t *data = malloc(length + 1);
    if (data == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = read_all(fd, data, length);
    if (r < 0) {
        free(data);
        return r;
    }
    *ret = (struct bytes){.data = data, .length = length};
    return 0;
}

int file_read(const char *path, size_t size_max, bool is_private, struct bytes *ret) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return translate(errno);
    }
    int r = read_open(fd, size_max, is_private, ret);
    close(fd);
    return r;
}
