/* A directory of one test's own, gone with everything in it afterwards. */
#pragma once

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct scratch {
    char path[PATH_MAX];
};

static inline struct scratch scratch_new(void) {
    struct scratch scratch;
    const char *parent = getenv("TMPDIR");
    snprintf(scratch.path, sizeof(scratch.path), "%s/vangnet-test-XXXXXX",
             parent != NULL ? parent : "/tmp");
    assert_non_null(mkdtemp(scratch.path));
    return scratch;
}

static inline struct scratch scratch_below(const struct scratch *scratch, const char *name) {
    struct scratch below;
    int length = snprintf(below.path, sizeof(below.path), "%s/%s", scratch->path, name);
    assert_true(length > 0 && (size_t)length < sizeof(below.path));
    return below;
}

static inline int scratch_remove_one(const char *path, const struct stat *stat, int type,
                                     struct FTW *ftw) {
    (void)stat;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void scratch_free(const struct scratch *scratch) {
    assert_int_equal(nftw(scratch->path, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}
