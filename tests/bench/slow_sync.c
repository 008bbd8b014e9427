/* Preloaded into a hub: counts what it makes durable, and makes each fdatasync slower.
 *
 * BENCH_SYNC_MS      milliseconds that each fdatasync takes longer
 * BENCH_SYNC_COUNTS  a file of four u64, mapped: fdatasync and fsync; writes that are durable by
 *                    themselves (O_DSYNC: LMDB's meta page); writes to files; bytes of them
 *
 * Overrides libc's own, so LMDB needs no change. Not for tests of behaviour. */
#undef _FILE_OFFSET_BITS /* else `pwrite` here is pwrite64, and callers of pwrite pass us by */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

int fdatasync(int fd);
int fsync(int fd);
ssize_t pwrite(int fd, const void *data, size_t count, off_t offset);
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset);
ssize_t write(int fd, const void *data, size_t count);
ssize_t writev(int fd, const struct iovec *parts, int count);
/* What callers built for large files call; off_t has 64 bits here anyway. */
ssize_t pwrite64(int fd, const void *data, size_t count, off64_t offset);
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset);

struct counts {
    _Atomic uint64_t syncs;
    _Atomic uint64_t synced_writes;
    _Atomic uint64_t writes;
    _Atomic uint64_t bytes;
};

static struct counts unmapped;
static struct counts *counts = &unmapped;
static long extra_ns;

static int (*next_fdatasync)(int);
static int (*next_fsync)(int);
static ssize_t (*next_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*next_pwritev)(int, const struct iovec *, int, off_t);
static ssize_t (*next_write)(int, const void *, size_t);
static ssize_t (*next_writev)(int, const struct iovec *, int);

__attribute__((constructor)) static void find_next(void) {
    const char *ms = getenv("BENCH_SYNC_MS");
    const char *path = getenv("BENCH_SYNC_COUNTS");
    *(void **)&next_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    *(void **)&next_fsync = dlsym(RTLD_NEXT, "fsync");
    *(void **)&next_pwrite = dlsym(RTLD_NEXT, "pwrite");
    *(void **)&next_pwritev = dlsym(RTLD_NEXT, "pwritev");
    *(void **)&next_write = dlsym(RTLD_NEXT, "write");
    *(void **)&next_writev = dlsym(RTLD_NEXT, "writev");
    extra_ns = ms == NULL ? 0 : strtol(ms, NULL, 10) * 1000000;
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (fd >= 0) {
        void *map = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        counts = map == MAP_FAILED ? &unmapped : map;
        close(fd);
    }
}

static void count_write(int fd, ssize_t written) {
    struct stat stat;
    if (written <= 0 || fstat(fd, &stat) < 0 || !S_ISREG(stat.st_mode)) {
        return;
    }
    counts->writes++;
    counts->bytes += (uint64_t)written;
    counts->synced_writes += (fcntl(fd, F_GETFL) & O_DSYNC) != 0;
}

int fdatasync(int fd) {
    counts->syncs++;
    int r = next_fdatasync(fd);
    if (extra_ns > 0) {
        const struct timespec extra = {.tv_sec = extra_ns / 1000000000,
                                       .tv_nsec = extra_ns % 1000000000};
        clock_nanosleep(CLOCK_MONOTONIC, 0, &extra, NULL);
    }
    return r;
}

int fsync(int fd) {
    counts->syncs++;
    return next_fsync(fd);
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t offset) {
    ssize_t written = next_pwrite(fd, data, count, offset);
    count_write(fd, written);
    return written;
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    ssize_t written = next_pwritev(fd, parts, count, offset);
    count_write(fd, written);
    return written;
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t offset) {
    return pwrite(fd, data, count, offset);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
    return pwritev(fd, parts, count, offset);
}

ssize_t write(int fd, const void *data, size_t count) {
    ssize_t written = next_write(fd, data, count);
    count_write(fd, written);
    return written;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    ssize_t written = next_writev(fd, parts, count);
    count_write(fd, written);
    return written;
}
