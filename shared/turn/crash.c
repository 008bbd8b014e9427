#include "shared/turn/crash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MAGIC = 0x56435231, REMEMBERED = 32 };

struct death {
    struct digest id;
    uint32_t count;
};

struct layout {
    uint32_t magic;
    volatile uint32_t active; /* `current` is being applied */
    struct digest current;
    uint32_t next; /* the place that the next new id takes */
    struct death deaths[REMEMBERED];
};

struct crash_file {
    struct layout *layout;
};

static struct death *find(struct layout *layout, const struct digest *id) {
    for (size_t i = 0; i < REMEMBERED; i++) {
        if (layout->deaths[i].count > 0 && digest_equal(&layout->deaths[i].id, id)) {
            return &layout->deaths[i];
        }
    }
    return NULL;
}

static void count_death(struct layout *layout) {
    struct death *death = find(layout, &layout->current);
    if (death == NULL) {
        death = &layout->deaths[layout->next % REMEMBERED];
        *death = (struct death){.id = layout->current};
        layout->next = (layout->next + 1) % REMEMBERED;
    }
    death->count++;
    layout->active = 0;
}

static int map(const char *path, struct layout **ret) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return ERR_IO;
    }
    /* Room now, or a full disk would kill us by SIGBUS when the map is written. */
    int code = posix_fallocate(fd, 0, sizeof(struct layout));
    if (code != 0) {
        (void)close(fd);
        return code == ENOSPC ? ERR_NO_ROOM : ERR_IO;
    }
    void *memory = mmap(NULL, sizeof(struct layout), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    if (memory == MAP_FAILED) {
        return ERR_IO;
    }
    *ret = memory;
    return 0;
}

int crash_file_open(const char *path, struct crash_file **ret) {
    struct crash_file *file = calloc(1, sizeof(*file));
    if (file == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = map(path, &file->layout);
    if (r < 0) {
        free(file);
        return r;
    }
    if (file->layout->magic != MAGIC || file->layout->next >= REMEMBERED) {
        memset(file->layout, 0, sizeof(*file->layout));
        file->layout->magic = MAGIC;
    }
    if (file->layout->active != 0) {
        count_death(file->layout);
    }
    *ret = file;
    return 0;
}

void crash_file_close(struct crash_file *file) {
    if (file != NULL) {
        (void)munmap(file->layout, sizeof(*file->layout));
        free(file);
    }
}

static unsigned deaths(void *context, const struct digest *id) {
    struct crash_file *file = context;
    const struct death *death = find(file->layout, id);
    return death == NULL ? 0 : death->count;
}

static void begin(void *context, const struct digest *id) {
    struct crash_file *file = context;
    file->layout->current = *id;
    file->layout->active = 1;
}

/* What was applied to its end is no killer: a process that is killed while it works dies of none of
 * its events. */
static void end(void *context) {
    struct crash_file *file = context;
    struct death *death = find(file->layout, &file->layout->current);
    if (death != NULL && death->count < TURN_DEATHS_MAX) {
        *death = (struct death){0};
    }
    file->layout->active = 0;
}

struct turn_marker crash_file_marker(struct crash_file *file) {
    return (struct turn_marker){
        .context = file,
        .deaths = deaths,
        .begin = begin,
        .end = end,
    };
}
