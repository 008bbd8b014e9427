#include "node/shell/watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "node/shell/import_session.h"
#include "node/shell/presets.h"
#include "shared/base/civil.h"
#include "shared/io/log.h"
#include "shared/io/text.h"

enum { FILES_MAX = 16, NAME_SIZE = 256, PATH_SIZE = IMPORTER_PATH_SIZE };

struct seen {
    char name[NAME_SIZE];
    off_t size;
    struct timespec changed;
    int64_t since_ms; /* unchanged since, monotonic */
};

struct watch {
    struct place place;
    struct clock clock;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    struct watch_order order;     /* under the lock, as the two above */
    struct seen files[FILES_MAX]; /* the thread's own */
    size_t file_count;
};

void watch_order_read(struct json_reader *reader, const struct json_value *from,
                      struct watch_order *ret) {
    *ret = (struct watch_order){0};
    const char *dir = json_need_text(reader, from, "dir");
    const char *preset = json_need_text(reader, from, "preset");
    if (strlen(dir) >= sizeof(ret->dir) || strlen(preset) >= sizeof(ret->preset) ||
        strpbrk(dir, "\r\n") != NULL || strpbrk(preset, "\r\n") != NULL ||
        (dir[0] != '\0' && dir[0] != '/')) {
        reader->error = reader->error < 0 ? reader->error : ERR_MALFORMED;
        (void)snprintf(reader->reason, sizeof(reader->reason), "dir must be an absolute path");
        return;
    }
    memcpy(ret->dir, dir, strlen(dir));
    memcpy(ret->preset, preset, strlen(preset));
}

static bool ends_with(const char *name, const char *end) {
    const size_t length = strlen(name);
    const size_t tail = strlen(end);
    return length > tail && strcasecmp(name + length - tail, end) == 0;
}

static void make_way(const char *dir, const char *below) {
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof(path), "%s/%s", dir, below);
    if (mkdir(path, 0700) < 0 && errno != EEXIST) {
        log_line(LOG_LEVEL_WARNING, "watch_folder_failed", "folder", path, NULL);
    }
}

/* dir/done/20261123-060000-export.csv: an export often has the same name each week. */
static void move_file(const struct watch *watch, const struct watch_order *order, const char *from,
                      const char *below) {
    char to[PATH_SIZE];
    const char *name = strrchr(from, '/') + 1;
    const int64_t now_ms = clock_now_ms(&watch->clock);
    const struct date date = date_from_day(brussels_day(now_ms));
    const int32_t minute = brussels_minute_of_day(now_ms);
    const int32_t second = (int32_t)(now_ms / 1000 % 60);
    (void)snprintf(to, sizeof(to), "%s/%s/%04d%02d%02d-%02d%02d%02d-%s", order->dir, below,
                   date.year, date.month, date.day, minute / 60, minute % 60, second, name);
    if (rename(from, to) < 0) {
        log_line(LOG_LEVEL_ERROR, "watch_move_failed", "file", from, NULL);
    }
}

static int import_one(const struct watch *watch, const struct watch_order *order, const char *path,
                      struct importer_report *report) {
    const struct cli_call call = {.lang = LANG_NL};
    const struct place_path socket_path = place_path(&watch->place, PLACE_SOCKET);
    struct client *client;
    struct config_error error;
    struct preset *preset;
    int r = presets_load(watch->place.dir, order->preset, &preset, &error);
    if (r < 0) {
        log_line(LOG_LEVEL_ERROR, "watch_preset_failed", "reason", error.text, NULL);
        return r;
    }
    const struct client_config config = {.unix_path = socket_path.text};
    r = client_open(&config, &client);
    if (r < 0) {
        preset_free(preset);
        return r;
    }
    struct control control = {.client = client, .call = &call, .dir = watch->place.dir};
    struct import_session session;
    r = import_session_init(&control, &session);
    if (r == 0) {
        const struct importer_options options = {.path = path,
                                                 .preset = preset,
                                                 .today = session.today,
                                                 .workers = session.workers,
                                                 .standing_cases = session.standing_cases,
                                                 .tongue = ROW_TONGUE_NL,
                                                 .port = &session.port};
        r = importer_run(&options, report);
    }
    import_session_deinit(&session);
    client_close(client);
    preset_free(preset);
    return r;
}

/* Why nothing was taken, in words: NAME.csv.txt goes where the file goes. */
static void tell_reason(const struct watch *watch, const struct watch_order *order,
                        const char *path, const struct importer_report *report) {
    char text[600];
    char beside[PATH_SIZE];
    char rows[24];
    char rejected[24];
    (void)snprintf(rows, sizeof(rows), "%" PRIu64, report->rows);
    (void)snprintf(rejected, sizeof(rejected), "%" PRIu64, report->rejected);
    text_format(LANG_NL,
                report->shrunk   ? TEXT_NODE_IMPORT_SHRUNK_WATCHED
                : report->hollow ? TEXT_NODE_IMPORT_HOLLOW
                                 : TEXT_NODE_IMPORT_REFUSED,
                TEXT_ARGS(strrchr(path, '/') + 1, report->shrunk ? rows : rejected), text,
                sizeof(text));
    if (snprintf(beside, sizeof(beside), "%s.txt", path) >= (int)sizeof(beside)) {
        return;
    }
    FILE *file = fopen(beside, "we");
    if (file == NULL) {
        log_line(LOG_LEVEL_WARNING, "watch_reason_failed", "file", beside, NULL);
        return;
    }
    fprintf(file, "%s\n", text);
    for (int i = 1; i < ROW_REASON_COUNT; i++) {
        const struct importer_reason *reason = &report->reasons[i];
        if (reason->rows > 0) {
            fprintf(file, "%" PRIu64 " x %s %s\n", reason->rows, reason->column,
                    row_reason_text((enum row_reason)i, ROW_TONGUE_NL));
        }
    }
    (void)fclose(file);
    move_file(watch, order, beside, "rejected");
}

static void take_file(const struct watch *watch, const struct watch_order *order,
                      const char *name) {
    char path[PATH_SIZE];
    struct importer_report *report = calloc(1, sizeof(*report));
    if (report == NULL) {
        return;
    }
    (void)snprintf(path, sizeof(path), "%s/%s", order->dir, name);
    int r = import_one(watch, order, path, report);
    if (r < 0) {
        log_line(LOG_LEVEL_ERROR, "watch_import_failed", "file", name, "reason", err_text(r), NULL);
        free(report);
        return;
    }
    const bool useless = report->refused || report->hollow || report->shrunk;
    log_line(useless ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, "watch_imported", "file", name, "rows",
             LOG_INT((int64_t)report->rows), "rejected", LOG_INT((int64_t)report->rejected),
             "unchanged", report->unchanged ? "yes" : "no", "shrunk", report->shrunk ? "yes" : "no",
             NULL);
    make_way(order->dir, "done");
    make_way(order->dir, "rejected");
    if (report->rejected_path[0] != '\0') {
        move_file(watch, order, report->rejected_path, "rejected");
    }
    if (useless) {
        tell_reason(watch, order, path, report);
    }
    move_file(watch, order, path, useless ? "rejected" : "done");
    free(report);
}

static struct seen *find(struct watch *watch, const char *name) {
    for (size_t i = 0; i < watch->file_count; i++) {
        if (strcmp(watch->files[i].name, name) == 0) {
            return &watch->files[i];
        }
    }
    return NULL;
}

/* Whether the file lies still long enough; what failed waits as long again. */
static bool is_ripe(struct watch *watch, const char *name, const struct stat *about) {
    const int64_t now_ms = clock_monotonic_ms(&watch->clock);
    struct seen *seen = find(watch, name);
    if (seen == NULL) {
        if (watch->file_count == FILES_MAX) {
            watch->file_count = 0;
        }
        seen = &watch->files[watch->file_count++];
        *seen = (struct seen){.since_ms = now_ms};
        (void)snprintf(seen->name, sizeof(seen->name), "%s", name);
    }
    if (seen->size != about->st_size || seen->changed.tv_sec != about->st_mtim.tv_sec ||
        seen->changed.tv_nsec != about->st_mtim.tv_nsec) {
        seen->size = about->st_size;
        seen->changed = about->st_mtim;
        seen->since_ms = now_ms;
    }
    if (now_ms - seen->since_ms < WATCH_STABLE_MS) {
        return false;
    }
    seen->since_ms = now_ms;
    return true;
}

static void look(struct watch *watch, const struct watch_order *order) {
    DIR *stream = opendir(order->dir);
    if (stream == NULL) {
        log_limited(clock_monotonic_ms(&watch->clock), LOG_LEVEL_WARNING, "watch_dir_gone", "dir",
                    order->dir, NULL);
        return;
    }
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        struct stat about;
        if (entry->d_name[0] == '.' || !ends_with(entry->d_name, ".csv") ||
            ends_with(entry->d_name, ".rejected.csv") ||
            fstatat(dirfd(stream), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) < 0 ||
            !S_ISREG(about.st_mode) || !is_ripe(watch, entry->d_name, &about)) {
            continue;
        }
        take_file(watch, order, entry->d_name);
    }
    closedir(stream);
}

static void *run(void *context) {
    struct watch *watch = context;
    pthread_mutex_lock(&watch->lock);
    while (!watch->stopping) {
        const struct watch_order order = watch->order;
        if (order.dir[0] != '\0') {
            pthread_mutex_unlock(&watch->lock);
            look(watch, &order);
            pthread_mutex_lock(&watch->lock);
        }
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        const int64_t nanoseconds = until.tv_nsec + WATCH_POLL_MS * 1000000LL;
        until.tv_sec += nanoseconds / 1000000000;
        until.tv_nsec = nanoseconds % 1000000000;
        if (!watch->stopping) {
            pthread_cond_timedwait(&watch->wake, &watch->lock, &until);
        }
    }
    pthread_mutex_unlock(&watch->lock);
    return NULL;
}

static void load_order(struct watch *watch) {
    struct config_error error;
    const struct config_key keys[] = {
        {.section = "watch",
         .name = "dir",
         .kind = CONFIG_TEXT,
         .target = watch->order.dir,
         .size = sizeof(watch->order.dir)},
        {.section = "watch",
         .name = "preset",
         .kind = CONFIG_TEXT,
         .target = watch->order.preset,
         .size = sizeof(watch->order.preset)},
    };
    const struct config_table table = {.keys = keys, .count = 2};
    const struct place_path path = place_path(&watch->place, PLACE_WATCH);
    int r = config_read_table(path.text, &table, &error);
    if (r < 0 && r != ERR_NOT_FOUND) {
        log_line(LOG_LEVEL_WARNING, "watch_file_unreadable", "reason", error.text, NULL);
    }
}

int watch_start(const struct place *place, const struct clock *clock, struct watch **ret) {
    struct watch *watch = calloc(1, sizeof(*watch));
    if (watch == NULL) {
        return ERR_NO_MEMORY;
    }
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&watch->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&watch->lock, NULL);
    watch->place = *place;
    watch->clock = *clock;
    load_order(watch);
    if (pthread_create(&watch->thread, NULL, run, watch) != 0) {
        free(watch);
        return ERR_AGAIN;
    }
    *ret = watch;
    return 0;
}

void watch_stop(struct watch *watch) {
    if (watch == NULL) {
        return;
    }
    pthread_mutex_lock(&watch->lock);
    watch->stopping = true;
    pthread_cond_signal(&watch->wake);
    pthread_mutex_unlock(&watch->lock);
    pthread_join(watch->thread, NULL);
    pthread_cond_destroy(&watch->wake);
    pthread_mutex_destroy(&watch->lock);
    free(watch);
}

int watch_set(struct watch *watch, const struct watch_order *order) {
    struct preset *preset;
    struct config_error error;
    if (order->dir[0] != '\0') {
        if (access(order->dir, R_OK | W_OK | X_OK) < 0) {
            return errno == ENOENT ? ERR_NOT_FOUND : ERR_DENIED;
        }
        if (presets_load(watch->place.dir, order->preset, &preset, &error) < 0) {
            return ERR_CONFIG;
        }
        preset_free(preset);
    }
    char text[WATCH_DIR_SIZE + WATCH_PRESET_SIZE + 64];
    (void)snprintf(text, sizeof(text), "[watch]\ndir = %s\npreset = %s\n", order->dir,
                   order->preset);
    pthread_mutex_lock(&watch->lock);
    int r = place_write(&watch->place, PLACE_WATCH, bytes_from_text(text));
    if (r == 0) {
        watch->order = *order;
        pthread_cond_signal(&watch->wake);
    }
    pthread_mutex_unlock(&watch->lock);
    return r;
}
