#include "node/shell/presets.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 1024 };

static int take(void *ctx, const struct config_entry *entry, char ret_reason[CONFIG_REASON_SIZE]) {
    const char *fault = preset_set(ctx, entry->section, entry->name, entry->value);
    if (fault == NULL) {
        return 0;
    }
    (void)snprintf(ret_reason, CONFIG_REASON_SIZE, "%s", fault);
    return ERR_CONFIG;
}

static bool is_path(const char *name) {
    const size_t length = strlen(name);
    return strchr(name, '/') != NULL || (length > 4 && strcmp(name + length - 4, ".ini") == 0);
}

static bool find(const char *dir, const char *name, char ret_path[static PATH_SIZE]) {
    const char *const places[] = {dir, PRESETS_INSTALLED, PRESETS_SOURCE};
    if (is_path(name)) {
        (void)snprintf(ret_path, PATH_SIZE, "%s", name);
        return access(ret_path, R_OK) == 0;
    }
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(ret_path, PATH_SIZE, "%s%s/%s.ini", places[i], i == 0 ? "/presets" : "",
                       name);
        if (access(ret_path, R_OK) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_named(const char *names, const char *name, size_t length) {
    for (const char *at = names; (at = strstr(at, name)) != NULL; at++) {
        if ((at == names || at[-1] == ' ') && (at[length] == '\0' || at[length] == ',')) {
            return true;
        }
    }
    return false;
}

static void add_names(const char *place, char names[static PRESETS_NAMES_SIZE]) {
    DIR *stream = opendir(place);
    if (stream == NULL) {
        return;
    }
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        char name[sizeof(entry->d_name)];
        const size_t length = strlen(entry->d_name);
        const size_t used = strlen(names);
        if (length <= 4 || strcmp(entry->d_name + length - 4, ".ini") != 0) {
            continue;
        }
        (void)snprintf(name, sizeof(name), "%.*s", (int)(length - 4), entry->d_name);
        if (!is_named(names, name, length - 4) && used + length < PRESETS_NAMES_SIZE) {
            (void)snprintf(names + used, PRESETS_NAMES_SIZE - used, "%s%s", used == 0 ? "" : ", ",
                           name);
        }
    }
    closedir(stream);
}

void presets_names(const char *dir, char ret_names[static PRESETS_NAMES_SIZE]) {
    char own[PATH_SIZE];
    (void)snprintf(own, sizeof(own), "%s/presets", dir);
    ret_names[0] = '\0';
    add_names(own, ret_names);
    add_names(PRESETS_INSTALLED, ret_names);
    add_names(PRESETS_SOURCE, ret_names);
}

int presets_load(const char *dir, const char *name, struct preset **ret,
                 struct config_error *ret_error) {
    char path[PATH_SIZE];
    if (!find(dir, name, path)) {
        (void)snprintf(ret_error->text, sizeof(ret_error->text), "%s: no such preset", name);
        return ERR_NOT_FOUND;
    }
    struct preset *preset;
    int r = preset_new(&preset);
    if (r < 0) {
        (void)snprintf(ret_error->text, sizeof(ret_error->text), "%s", err_text(r));
        return r;
    }
    const struct config_sink sink = {.entry = take, .ctx = preset, .repeats = true};
    r = config_read(path, &sink, ret_error);
    const char *missing = r < 0 ? NULL : preset_check(preset);
    if (missing != NULL) {
        (void)snprintf(ret_error->text, sizeof(ret_error->text), "%.200s: %s", path, missing);
        r = ERR_CONFIG;
    }
    if (r < 0) {
        preset_free(preset);
        return r;
    }
    *ret = preset;
    return 0;
}
