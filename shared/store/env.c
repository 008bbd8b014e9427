#include "shared/store/env.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "shared/base/limits.h"
#include "shared/store/internal.h"

/* Of fs/smb/client/cifsglob.h, include/linux/ceph/ceph_fs.h: not in <linux/magic.h> everywhere. */
#define CIFS_MAGIC 0xff534d42u
#define SMB2_MAGIC 0xfe534d42u
#define CEPH_MAGIC 0x00c36400u

static bool holds_locks_and_maps(int fd) {
    struct statfs stat;
    if (fstatfs(fd, &stat) != 0) {
        return false;
    }
    switch ((uint32_t)stat.f_type) {
    case NFS_SUPER_MAGIC:
    case SMB_SUPER_MAGIC:
    case CIFS_MAGIC:
    case SMB2_MAGIC:
    case FUSE_SUPER_MAGIC:
    case V9FS_MAGIC:
    case AFS_SUPER_MAGIC:
    case CEPH_MAGIC:
        return false;
    default:
        return true;
    }
}

static int disk_free_bytes(const struct store *store, uint64_t *ret) {
    struct statvfs stat;
    if (fstatvfs(store->directory_fd, &stat) != 0) {
        return ERR_STORAGE;
    }
    *ret = (uint64_t)stat.f_bavail * stat.f_frsize;
    return 0;
}

static int sync_parent(int directory_fd) {
    int fd = openat(directory_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return ERR_IO;
    }
    int r = fsync(fd) == 0 ? 0 : ERR_IO;
    close(fd);
    return r;
}

static int open_directory(struct store *store, const char *path) {
    bool made = mkdir(path, 0700) == 0;
    if (!made && errno != EEXIST) {
        return errno == ENOSPC ? ERR_NO_ROOM : ERR_IO;
    }
    store->directory_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->directory_fd < 0) {
        return ERR_IO;
    }
    if (!holds_locks_and_maps(store->directory_fd)) {
        return ERR_UNSUPPORTED;
    }
    return made ? sync_parent(store->directory_fd) : 0;
}

/* LMDB's own lock lets several processes in, and one process twice; this one doesn't. */
static int take_ownership(struct store *store) {
    store->owner_fd = openat(store->directory_fd, "owner.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (store->owner_fd < 0) {
        return errno == ENOSPC ? ERR_NO_ROOM : ERR_IO;
    }
    if (flock(store->owner_fd, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? ERR_LOCKED : ERR_IO;
    }
    return 0;
}

static int open_env(struct store *store, const struct store_params *params) {
    uint64_t map_bytes = params->map_bytes != 0 ? params->map_bytes : (uint64_t)STORE_MAP_GIB << 30;
    unsigned flags = MDB_NOTLS | (params->durability == STORE_VOLATILE ? MDB_NOSYNC : 0);
    int code = mdb_env_create(&store->env);
    if (code == 0) {
        code = mdb_env_set_mapsize(store->env, map_bytes);
    }
    if (code == 0) {
        code = mdb_env_set_maxdbs(store->env, TABLE_COUNT);
    }
    if (code == 0) {
        code = mdb_env_set_maxreaders(store->env, STORE_READERS_MAX);
    }
    if (code == 0) {
        code = mdb_env_open(store->env, params->path, flags, 0600);
    }
    if (code == EACCES || code == EPERM || code == EROFS) {
        return ERR_IO;
    }
    return store_translate(store, code);
}

static int open_tables(struct store *store) {
    MDB_txn *txn;
    int code = mdb_txn_begin(store->env, NULL, 0, &txn);
    if (code != 0) {
        return store_translate(store, code);
    }
    for (int i = 0; i < TABLE_COUNT && code == 0; i++) {
        code = mdb_dbi_open(txn, table_name((enum table)i), MDB_CREATE, &store->tables[i]);
    }
    if (code != 0) {
        mdb_txn_abort(txn);
        return store_translate(store, code);
    }
    return store_translate(store, mdb_txn_commit(txn));
}

static int open_all(struct store *store, const struct store_params *params) {
    int r = open_directory(store, params->path);
    if (r < 0) {
        return r;
    }
    r = take_ownership(store);
    if (r < 0) {
        return r;
    }
    r = open_env(store, params);
    if (r < 0) {
        return r;
    }
    r = store_reader_check(store);
    if (r < 0) {
        return r;
    }
    /* LMDB never syncs the directory, so a new data.mdb could be gone after a power cut though its
     * commits were synced. Before the first commit, and at each opening, for the last may have
     * died in between. */
    if (fsync(store->directory_fd) != 0) {
        return ERR_STORAGE;
    }
    return open_tables(store);
}

int store_open(const struct store_params *params, struct store **ret) {
    struct store *store = calloc(1, sizeof(*store));
    if (store == NULL) {
        return ERR_NO_MEMORY;
    }
    store->directory_fd = -1;
    store->owner_fd = -1;
    store->disk_free_bytes = disk_free_bytes;
    int r = open_all(store, params);
    if (r < 0) {
        store_close(store);
        return r;
    }
    *ret = store;
    return 0;
}

void store_close(struct store *store) {
    if (store == NULL) {
        return;
    }
    assert(!atomic_load(&store->writing));
    for (int i = 0; i < STORE_IDLE_MAX; i++) {
        store_txn_discard(atomic_load(&store->idle[i]));
    }
    if (store->env != NULL) {
        mdb_env_close(store->env);
    }
    /* Last: whoever gets the lock then finds nobody in the files. */
    if (store->owner_fd >= 0) {
        close(store->owner_fd);
    }
    if (store->directory_fd >= 0) {
        close(store->directory_fd);
    }
    free(store);
}

int store_reader_check(struct store *store) {
    int dead;
    return mdb_reader_check(store->env, &dead) == 0 ? 0 : ERR_STORAGE;
}

/* Table 0 lists freed pages: each value is a count and then page numbers. */
static int count_free_pages(MDB_txn *txn, uint64_t *ret) {
    MDB_cursor *cursor;
    int code = mdb_cursor_open(txn, 0, &cursor);
    if (code != 0) {
        return code;
    }
    MDB_val key;
    MDB_val value;
    uint64_t pages = 0;
    while ((code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        pages += *(const size_t *)value.mv_data;
    }
    mdb_cursor_close(cursor);
    *ret = pages;
    return code == MDB_NOTFOUND ? 0 : code;
}

int store_space(struct store *store, struct store_space *ret) {
    struct store_space space;
    int r = disk_free_bytes(store, &space.disk_free_bytes);
    if (r < 0) {
        return r;
    }
    MDB_txn *txn;
    if (mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn) != 0) {
        return ERR_STORAGE;
    }
    MDB_envinfo info;
    MDB_stat stat;
    uint64_t free_pages = 0;
    int code = count_free_pages(txn, &free_pages);
    mdb_env_info(store->env, &info);
    mdb_env_stat(store->env, &stat);
    mdb_txn_abort(txn);
    if (code != 0) {
        return ERR_STORAGE;
    }
    space.map_bytes = info.me_mapsize;
    space.file_bytes = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
    space.used_bytes = space.file_bytes - free_pages * stat.ms_psize;
    *ret = space;
    return 0;
}
