#include "node/shell/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/shell/file_error.h"

enum { NAME_ROOM = 64 };

int place_init(const char *dir, struct place *ret) {
    size_t length = strlen(dir);
    while (length > 1 && dir[length - 1] == '/') {
        length--;
    }
    if (length == 0 || length + NAME_ROOM >= sizeof(ret->dir)) {
        return ERR_TOO_LARGE;
    }
    *ret = (struct place){0};
    memcpy(ret->dir, dir, length);
    return 0;
}

struct place_path place_path(const struct place *place, const char *name) {
    struct place_path path;
    (void)snprintf(path.text, sizeof(path.text), "%.*s/%s", (int)(PLACE_PATH_SIZE - NAME_ROOM),
                   place->dir, name);
    return path;
}

bool place_has(const struct place *place, const char *name) {
    const struct place_path path = place_path(place, name);
    return access(path.text, F_OK) == 0;
}

static int is_empty(const char *dir, bool *ret) {
    DIR *stream = opendir(dir);
    if (stream == NULL) {
        return file_error_now();
    }
    *ret = true;
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            *ret = false;
        }
    }
    closedir(stream);
    return 0;
}

int place_make(const struct place *place) {
    const struct place_path keys = place_path(place, PLACE_KEYS);
    if (mkdir(place->dir, 0700) < 0 && errno != EEXIST) {
        return file_error_now();
    }
    if (!place_has(place, PLACE_KEYS) && !place_has(place, PLACE_CONFIG)) {
        bool empty = false;
        int r = is_empty(place->dir, &empty);
        if (r < 0) {
            return r;
        }
        if (!empty) {
            return ERR_EXISTS;
        }
    }
    if (chmod(place->dir, 0700) < 0) {
        return file_error_now();
    }
    return mkdir(keys.text, 0700) < 0 && errno != EEXIST ? file_error_now() : 0;
}

static int write_all(int fd, struct bytes data) {
    while (data.length > 0) {
        const ssize_t wrote = write(fd, data.data, data.length);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote < 0) {
            return file_error_now();
        }
        data.data += wrote;
        data.length -= (size_t)wrote;
    }
    return fsync(fd) < 0 ? file_error_now() : 0;
}

static int sync_dir(const struct place *place) {
    int fd = open(place->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return file_error_now();
    }
    int r = fsync(fd) < 0 ? file_error_now() : 0;
    close(fd);
    return r;
}

int place_write(const struct place *place, const char *name, struct bytes data) {
    const struct place_path path = place_path(place, name);
    char beside[PLACE_PATH_SIZE + 8];
    (void)snprintf(beside, sizeof(beside), "%s.new", path.text);
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return file_error_now();
    }
    int r = write_all(fd, data);
    if (close(fd) < 0 && r == 0) {
        r = file_error_now();
    }
    if (r == 0 && rename(beside, path.text) < 0) {
        r = file_error_now();
    }
    if (r < 0) {
        unlink(beside);
        return r;
    }
    return sync_dir(place);
}

static int read_all(int fd, size_t size_max, struct bytes *ret) {
    struct stat about;
    if (fstat(fd, &about) < 0) {
        return file_error_now();
    }
    if (about.st_size < 0 || (size_t)about.st_size > size_max) {
        return ERR_TOO_LARGE;
    }
    const size_t size = (size_t)about.st_size;
    uint8_t *data = malloc(size + 1);
    if (data == NULL) {
        return ERR_NO_MEMORY;
    }
    size_t length = 0;
    while (length < size) {
        const ssize_t got = read(fd, data + length, size - length);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            free(data);
            return ERR_IO;
        }
        length += (size_t)got;
    }
    data[length] = 0;
    *ret = (struct bytes){.data = data, .length = length};
    return 0;
}

int place_read(const struct place *place, const char *name, size_t size_max, struct bytes *ret) {
    const struct place_path path = place_path(place, name);
    int fd = open(path.text, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return file_error_now();
    }
    int r = read_all(fd, size_max, ret);
    close(fd);
    return r;
}

int place_remove(const struct place *place, const char *name) {
    const struct place_path path = place_path(place, name);
    if (unlink(path.text) < 0) {
        return errno == ENOENT ? 0 : file_error_now();
    }
    return sync_dir(place);
}
