#include "hub/shell/copies.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/civil.h"

enum { DAY_LENGTH = DATE_TEXT_SIZE - 1, LINE_SIZE = DAY_LENGTH + 1 + PATH_MAX + 1, TRIES = 9 };

struct copies {
    const struct records *records;
    pthread_mutex_t lock; /* guards the list's file */
    char path[SETTINGS_PATH_SIZE];
};

int copies_new(const struct settings *settings, const struct records *records,
               struct copies **ret) {
    struct copies *copies = calloc(1, sizeof(*copies));
    if (copies == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = settings_path(settings, SETTINGS_COPIES, copies->path);
    if (r < 0) {
        free(copies);
        return r;
    }
    copies->records = records;
    pthread_mutex_init(&copies->lock, NULL);
    *ret = copies;
    return 0;
}

void copies_free(struct copies *copies) {
    if (copies != NULL) {
        pthread_mutex_destroy(&copies->lock);
        free(copies);
    }
}

int32_t copy_expires_day(const struct copy *copy) {
    return copy->day + KEYRING_COPY_DAYS;
}

/* "2026-11-22 /path" */
static int read_line(char *line, struct copy *ret) {
    line[strcspn(line, "\n")] = '\0';
    if (strlen(line) <= DAY_LENGTH || line[DAY_LENGTH] != ' ' ||
        strlen(line + DAY_LENGTH + 1) >= sizeof(ret->file)) {
        return ERR_MALFORMED;
    }
    line[DAY_LENGTH] = '\0';
    strcpy(ret->file, line + DAY_LENGTH + 1);
    return date_parse(line, &ret->day);
}

static int read_lines(FILE *file, struct copy *ret, size_t *ret_count) {
    char line[LINE_SIZE + 1];
    size_t count = 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        struct copy copy;
        int r = read_line(line, &copy);
        if (r < 0) {
            return r;
        }
        if (count < COPIES_MAX && (access(copy.file, F_OK) == 0 || errno == EACCES)) {
            ret[count++] = copy;
        }
    }
    *ret_count = count;
    return ferror(file) ? ERR_IO : 0;
}

static int read_list(const struct copies *copies, struct copy *ret, size_t *ret_count) {
    FILE *file = fopen(copies->path, "re");
    if (file == NULL) {
        *ret_count = 0;
        return errno == ENOENT ? 0 : ERR_IO;
    }
    int r = read_lines(file, ret, ret_count);
    (void)fclose(file);
    return r;
}

int copies_list(struct copies *copies, struct copy *ret, size_t *ret_count) {
    pthread_mutex_lock(&copies->lock);
    int r = read_list(copies, ret, ret_count);
    pthread_mutex_unlock(&copies->lock);
    return r;
}

static int write_lines(int fd, const struct copy *list, size_t count) {
    FILE *file = fdopen(fd, "w");
    if (file == NULL) {
        (void)close(fd);
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        char day[DATE_TEXT_SIZE];
        date_format(list[i].day, day);
        fprintf(file, "%s %s\n", day, list[i].file);
    }
    bool written = fflush(file) == 0 && fsync(fileno(file)) == 0;
    int code = errno;
    bool closed = fclose(file) == 0;
    return written && closed ? 0 : code == ENOSPC || code == EDQUOT ? ERR_NO_ROOM : ERR_IO;
}

static int write_list(const struct copies *copies, const struct copy *list, size_t count) {
    char beside[SETTINGS_PATH_SIZE + 8];
    (void)snprintf(beside, sizeof(beside), "%s.new", copies->path);
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return errno == ENOSPC || errno == EDQUOT ? ERR_NO_ROOM : ERR_IO;
    }
    int r = write_lines(fd, list, count);
    if (r == 0 && rename(beside, copies->path) < 0) {
        r = ERR_IO;
    }
    if (r < 0) {
        (void)unlink(beside);
    }
    return r;
}

static int name_copy(const char *dir, int32_t today, int number, char ret[static PATH_MAX]) {
    char day[DATE_TEXT_SIZE];
    char behind[8] = "";
    date_format(today, day);
    if (number > 1) {
        (void)snprintf(behind, sizeof(behind), "-%d", number);
    }
    int length = snprintf(ret, PATH_MAX, "%s/keyring-%s%s", dir, day, behind);
    return length < 0 || length >= PATH_MAX ? ERR_TOO_LARGE : 0;
}

/* First on the list, then there: a copy that stands is never unknown. */
static int make_in(const struct copies *copies, const char *dir, struct copy *list, size_t count) {
    struct copy *copy = &list[count];
    for (int number = 1; number <= TRIES; number++) {
        int r = name_copy(dir, copy->day, number, copy->file);
        if (r < 0) {
            return r;
        }
        if (access(copy->file, F_OK) == 0) {
            continue;
        }
        r = write_list(copies, list, count + 1);
        r = r < 0 ? r : records_copy(copies->records, copy->file);
        if (r != ERR_EXISTS) {
            return r;
        }
    }
    return ERR_EXISTS;
}

int copies_make(struct copies *copies, const char *dir, int32_t today,
                char ret_file[static PATH_MAX]) {
    size_t count = 0;
    struct copy *list = calloc(COPIES_MAX, sizeof(*list));
    if (list == NULL) {
        return ERR_NO_MEMORY;
    }
    pthread_mutex_lock(&copies->lock);
    int r = read_list(copies, list, &count);
    if (r == 0 && count == COPIES_MAX) {
        r = ERR_TOO_LARGE;
    }
    if (r == 0) {
        list[count].day = today;
        r = make_in(copies, dir, list, count);
    }
    pthread_mutex_unlock(&copies->lock);
    if (r == 0) {
        strcpy(ret_file, list[count].file);
    }
    free(list);
    return r;
}
