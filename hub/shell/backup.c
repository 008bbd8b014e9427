#include "hub/shell/backup.h"

#include <libgen.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "hub/core/journal.h"
#include "shared/base/civil.h"
#include "shared/io/log.h"
#include "shared/store/env.h"

struct backup {
    struct backup_params params;
    pthread_mutex_t lock;
    struct backup_view view;
    struct request *request; /* the worker's, as the next */
    char keyring_dir[BACKUP_PATH_SIZE];
    pthread_t worker;
    bool has_worker;
};

int backup_new(const struct backup_params *params, struct backup **ret) {
    struct backup *backup = calloc(1, sizeof(*backup));
    if (backup == NULL) {
        return ERR_NO_MEMORY;
    }
    backup->params = *params;
    pthread_mutex_init(&backup->lock, NULL);
    *ret = backup;
    return 0;
}

void backup_free(struct backup *backup) {
    if (backup == NULL) {
        return;
    }
    if (backup->has_worker) {
        pthread_join(backup->worker, NULL);
    }
    pthread_mutex_destroy(&backup->lock);
    free(backup);
}

static void finish(struct backup *backup, int error) {
    pthread_mutex_lock(&backup->lock);
    backup->view.state = error < 0 ? BACKUP_FAILED : BACKUP_DONE;
    backup->view.error = error;
    backup->view.ended_ms = clock_now_ms(&backup->params.clock);
    struct backup_view view = backup->view;
    pthread_mutex_unlock(&backup->lock);
    log_line(error < 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_NOTICE, "backup", "file", view.file,
             "sequence", LOG_INT((int64_t)view.sequence), "result",
             error < 0 ? err_text(error) : "done", NULL);
}

/* On the turn thread: the journal knows. */
static void backed_up(void *context, const struct request *request, enum refusal refusal) {
    (void)request;
    finish(context, refusal == REFUSAL_NONE ? 0 : ERR_CANCELLED);
}

/* What was committed before the copy begins is in it. */
static int sequence_now(struct backup *backup, uint64_t *ret) {
    struct store_txn *view;
    struct position position;
    int r = store_begin_read(backup->params.store, &view);
    if (r < 0) {
        return r;
    }
    r = journal_position(view, &position);
    store_abort(view);
    if (r == 0) {
        *ret = position.sequence;
    }
    return r;
}

static int copy_keyring(struct backup *backup) {
    char file[PATH_MAX];
    const int32_t today = brussels_day(clock_now_ms(&backup->params.clock));
    int r = copies_make(backup->params.copies, backup->keyring_dir, today, file);
    if (r < 0) {
        return r;
    }
    pthread_mutex_lock(&backup->lock);
    strcpy(backup->view.keyring, file);
    backup->view.keyring_expires_day = today + KEYRING_COPY_DAYS;
    pthread_mutex_unlock(&backup->lock);
    return 0;
}

static void *work(void *argument) {
    struct backup *backup = argument;
    struct request *request = backup->request;
    uint64_t sequence = 0;
    int r = sequence_now(backup, &sequence);
    if (r == 0) {
        r = store_backup(backup->params.store, backup->view.file);
    }
    r = r < 0 ? r : copy_keyring(backup);
    if (r == 0) {
        pthread_mutex_lock(&backup->lock);
        backup->view.sequence = sequence;
        pthread_mutex_unlock(&backup->lock);
        request->arguments.backed_up.sequence = sequence;
        request->done = backed_up;
        request->context = backup;
        r = ring_push(backup->params.ring, request);
    }
    if (r < 0) {
        request_free(request);
        finish(backup, r);
    }
    return NULL;
}

static void find_keyring_dir(struct backup *backup, const char *path, const char *keyring_dir) {
    char copy[BACKUP_PATH_SIZE];
    strcpy(copy, path);
    strcpy(backup->keyring_dir, keyring_dir != NULL ? keyring_dir : dirname(copy));
}

static int start(struct backup *backup, const char *path, const char *keyring_dir,
                 struct request *request) {
    if (backup->view.state == BACKUP_RUNNING) {
        return ERR_LOCKED;
    }
    if (strlen(path) >= sizeof(backup->view.file) ||
        (keyring_dir != NULL && strlen(keyring_dir) >= sizeof(backup->keyring_dir))) {
        return ERR_TOO_LARGE;
    }
    if (backup->has_worker) {
        pthread_join(backup->worker, NULL); /* it ended: the state says so */
        backup->has_worker = false;
    }
    backup->view = (struct backup_view){.state = BACKUP_RUNNING};
    strcpy(backup->view.file, path);
    find_keyring_dir(backup, path, keyring_dir);
    backup->request = request;
    if (pthread_create(&backup->worker, NULL, work, backup) != 0) {
        backup->view.state = BACKUP_FAILED;
        backup->view.error = ERR_NO_MEMORY;
        return ERR_NO_MEMORY;
    }
    backup->has_worker = true;
    return 0;
}

int backup_start(struct backup *backup, const char *path, const char *keyring_dir,
                 struct request *request) {
    pthread_mutex_lock(&backup->lock);
    int r = start(backup, path, keyring_dir, request);
    pthread_mutex_unlock(&backup->lock);
    if (r < 0) {
        request_free(request);
    }
    return r;
}

void backup_get(struct backup *backup, struct backup_view *ret) {
    pthread_mutex_lock(&backup->lock);
    *ret = backup->view;
    pthread_mutex_unlock(&backup->lock);
}

const char *backup_state_text(enum backup_state state) {
    switch (state) {
    case BACKUP_RUNNING:
        return "running";
    case BACKUP_DONE:
        return "done";
    case BACKUP_FAILED:
        return "failed";
    case BACKUP_NONE:
    default:
        return "none";
    }
}
