#include "node/shell/mailer.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/core/items.h"
#include "node/shell/family_answer.h"
#include "shared/crypto/random.h"
#include "shared/crypto/secret.h"
#include "shared/io/log.h"

enum {
    POLL_MS = 1000,
    MAILER_ARENA_BYTES = 64 << 20,
    MEMORY_BYTES_MAX = 16 << 10,
    PASSWORD_SIZE = 256,
    ID_SIZE = 33,
};

static const char MEMORY_FILE[] = "mail-sent";
static const struct actor SELF = {.user = {.text = "local"}, .role = ROLE_ADMINISTRATOR};

struct mailer {
    struct desk *desk;
    struct mail_groups groups;
    struct mail_memory memory[MAIL_GROUPS_MAX];
    enum lang lang;
    enum mail_tls tls;
    char *password; /* owned, secret memory; NULL: none */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    struct mailer_state state; /* under the lock, as the one above */
};

/* -- what it remembers -- */

static void load_memory(struct mailer *mailer) {
    struct bytes text;
    if (place_read(&mailer->desk->place, MEMORY_FILE, MEMORY_BYTES_MAX, &text) < 0) {
        return;
    }
    const char *at = (const char *)text.data;
    for (size_t i = 0; i < mailer->groups.count; i++) {
        int64_t sent_ms;
        int32_t day;
        char name[TEAM_ID_MAX + 3];
        int used = 0;
        if (sscanf(at, "%33s %" SCNd64 " %" SCNd32 "\n%n", name, &sent_ms, &day, &used) != 3) {
            break;
        }
        at += used;
        for (size_t k = 0; k < mailer->groups.count; k++) {
            const char *team = mailer->groups.list[k].team.text;
            if (strcmp(name, team[0] == '\0' ? "*" : team) == 0) {
                mailer->memory[k] = (struct mail_memory){.sent_ms = sent_ms, .digest_day = day};
            }
        }
    }
    free((void *)(uintptr_t)text.data);
}

static void save_memory(const struct mailer *mailer) {
    char text[MAIL_GROUPS_MAX * 80] = "";
    size_t length = 0;
    for (size_t i = 0; i < mailer->groups.count; i++) {
        const char *team = mailer->groups.list[i].team.text;
        length += (size_t)snprintf(text + length, sizeof(text) - length,
                                   "%s %" PRId64 " %" PRId32 "\n", team[0] == '\0' ? "*" : team,
                                   mailer->memory[i].sent_ms, mailer->memory[i].digest_day);
    }
    int r = place_write(&mailer->desk->place, MEMORY_FILE,
                        (struct bytes){.data = (const uint8_t *)text, .length = length});
    if (r < 0) {
        log_limited(clock_monotonic_ms(&mailer->desk->clock), LOG_LEVEL_WARNING,
                    "mail_not_remembered", "reason", err_text(r), NULL);
    }
}

/* -- what waits -- */

static int look(const struct mailer *mailer, const struct mail_group *group, struct arena *arena,
                struct items_waiting *ret) {
    const struct family_vault vault = desk_vault(mailer->desk);
    const struct items_question question = {.team = group->team,
                                            .now_ms = clock_now_ms(&mailer->desk->clock)};
    struct store_txn *view;
    int r = store_begin_read(mailer->desk->store, &view);
    if (r < 0) {
        return r;
    }
    r = items_waiting(view, &vault, &question, arena, ret);
    store_abort(view);
    return r;
}

/* So that they aren't urgent a second time. */
static void tell_core(const struct mailer *mailer, const struct items_waiting *items) {
    if (items->count == 0) {
        return;
    }
    struct job *job = job_new(NODE_COMMAND_ITEMS_MAILED);
    uint32_t *numbers = job == NULL ? NULL : calloc(items->count, sizeof(*numbers));
    if (numbers == NULL) {
        job_free(job);
        return;
    }
    memcpy(numbers, items->numbers, items->count * sizeof(*numbers));
    job->memory = numbers;
    job->command.actor = SELF;
    random_fill(&job->command.id, sizeof(job->command.id));
    job->arguments.mailed =
        (struct items_mailed_arguments){.items = numbers, .count = items->count};
    if (ring_push(mailer->desk->ring, job) < 0) {
        job_free(job);
    }
}

/* -- sending -- */

static int send_mail(const struct mailer *mailer, const struct mail_group *group,
                     const struct mail_waiting *waiting, struct mail_trouble *trouble) {
    const struct mail_choice *choice = &mailer->desk->settings.mail;
    char subject[MAIL_SUBJECT_BYTES_MAX];
    char body[MAIL_TEXT_SIZE];
    char id[ID_SIZE];
    uint8_t random[16];
    random_fill(random, sizeof(random));
    hex_encode((struct bytes){.data = random, .length = sizeof(random)}, id);
    mail_text(mailer->lang, waiting, subject, body);
    const struct mail_settings settings = {
        .url = choice->url,
        .from = choice->from,
        .user = choice->user,
        .password = mailer->password,
        .ca_file = choice->ca_file,
        .tls = mailer->tls,
    };
    struct mail mail = {
        .to_count = group->count,
        .subject = subject,
        .body = body,
        .now_ms = clock_now_ms(&mailer->desk->clock),
        .id = id,
    };
    for (size_t i = 0; i < group->count; i++) {
        mail.to[i] = group->to[i];
    }
    return mail_send(&settings, &mail, trouble);
}

static void note(struct mailer *mailer, int result, const struct mail_trouble *trouble) {
    const int64_t now_ms = clock_now_ms(&mailer->desk->clock);
    pthread_mutex_lock(&mailer->lock);
    mailer->state.failing = result != 0;
    mailer->state.fault = trouble->fault;
    (void)snprintf(mailer->state.reason, sizeof(mailer->state.reason), "%s", trouble->reason);
    mailer->state.sent_ms = result >= 0 ? now_ms : mailer->state.sent_ms;
    pthread_mutex_unlock(&mailer->lock);
    if (result != 0) {
        log_limited(clock_monotonic_ms(&mailer->desk->clock), LOG_LEVEL_WARNING, "mail_failed",
                    "reason", mail_fault_text(trouble->fault), NULL);
    }
}

/* One group's turn. What some of its addresses refused has reached the others: it's sent. */
static void serve(struct mailer *mailer, size_t at, struct arena *arena) {
    const struct mail_group *group = &mailer->groups.list[at];
    struct mail_memory *memory = &mailer->memory[at];
    struct mail_trouble trouble;
    struct items_waiting items;
    int r = look(mailer, group, arena, &items);
    if (r < 0) {
        log_limited(clock_monotonic_ms(&mailer->desk->clock), LOG_LEVEL_WARNING, "mail_not_looked",
                    "reason", err_text(r), NULL);
        return;
    }
    const struct mail_waiting waiting = {
        .urgent = items.count, .waiting = items.waiting, .oldest_days = items.oldest_days};
    if (!mail_due(memory, &waiting, clock_now_ms(&mailer->desk->clock))) {
        return;
    }
    r = send_mail(mailer, group, &waiting, &trouble);
    note(mailer, r, &trouble);
    const int64_t now_ms = clock_now_ms(&mailer->desk->clock);
    if (r < 0) {
        mail_failed(memory, &waiting, now_ms);
        return;
    }
    mail_sent(memory, now_ms);
    save_memory(mailer);
    tell_core(mailer, &items);
}

static bool wait_for_next(struct mailer *mailer) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += POLL_MS / 1000;
    pthread_mutex_lock(&mailer->lock);
    while (!mailer->stopping &&
           pthread_cond_timedwait(&mailer->wake, &mailer->lock, &until) != ETIMEDOUT) {
    }
    const bool stopping = mailer->stopping;
    pthread_mutex_unlock(&mailer->lock);
    return !stopping;
}

static void *work(void *ctx) {
    struct mailer *mailer = ctx;
    struct arena *arena;
    if (arena_new(MAILER_ARENA_BYTES, &arena) < 0) {
        return NULL;
    }
    while (wait_for_next(mailer)) {
        for (size_t i = 0; i < mailer->groups.count; i++) {
            serve(mailer, i, arena);
            arena_reset(arena);
        }
    }
    arena_free(arena);
    return NULL;
}

/* -- starting -- */

static int wrong(char ret_wrong[static MAILER_WRONG_SIZE], const char *name, const char *why) {
    (void)snprintf(ret_wrong, MAILER_WRONG_SIZE, PLACE_CONFIG ": [mail] %s: %s", name, why);
    return ERR_CONFIG;
}

static int read_password(struct mailer *mailer, char ret_wrong[static MAILER_WRONG_SIZE]) {
    const char *path = mailer->desk->settings.mail.password_file;
    if (path[0] == '\0') {
        return 0;
    }
    mailer->password = secret_new(PASSWORD_SIZE);
    FILE *file = mailer->password == NULL ? NULL : fopen(path, "re");
    const bool read = file != NULL && fgets(mailer->password, PASSWORD_SIZE, file) != NULL;
    if (file != NULL) {
        (void)fclose(file);
    }
    if (!read) {
        return wrong(ret_wrong, "password_file", "can't be read");
    }
    mailer->password[strcspn(mailer->password, "\r\n")] = '\0';
    return 0;
}

static int read_choice(struct mailer *mailer, char ret_wrong[static MAILER_WRONG_SIZE]) {
    const struct mail_choice *choice = &mailer->desk->settings.mail;
    struct mail_trouble trouble;
    char fault[80];
    static const char *const names[] = {"by-address", "required", "optional"};
    size_t tls = 0;
    while (tls < 3 && choice->tls[0] != '\0' && strcmp(choice->tls, names[tls]) != 0) {
        tls++;
    }
    if (tls == 3) {
        return wrong(ret_wrong, "tls", "by-address, required or optional");
    }
    mailer->tls = (enum mail_tls)tls;
    if (choice->language[0] != '\0' && !lang_parse(choice->language, &mailer->lang)) {
        return wrong(ret_wrong, "language", "nl, fr or en");
    }
    if (mail_groups_read(choice->to, choice->teams, &mailer->groups, fault) < 0) {
        return wrong(ret_wrong, "to, teams", fault);
    }
    const struct mail_settings settings = {.url = choice->url,
                                           .from = choice->from,
                                           .user = choice->user,
                                           .tls = mailer->tls,
                                           .ca_file = choice->ca_file};
    if (mail_settings_check(&settings, &trouble) < 0) {
        return wrong(ret_wrong, "url, from", trouble.reason);
    }
    return read_password(mailer, ret_wrong);
}

static void drop(struct mailer *mailer) {
    pthread_cond_destroy(&mailer->wake);
    pthread_mutex_destroy(&mailer->lock);
    secret_free(mailer->password);
    free(mailer);
}

int mailer_start(struct desk *desk, struct mailer **ret, char ret_wrong[static MAILER_WRONG_SIZE]) {
    ret_wrong[0] = '\0';
    *ret = NULL;
    if (desk->settings.mail.url[0] == '\0') {
        return 0;
    }
    struct mailer *mailer = calloc(1, sizeof(*mailer));
    if (mailer == NULL) {
        return ERR_NO_MEMORY;
    }
    pthread_condattr_t attributes;
    mailer->desk = desk;
    mailer->lang = LANG_NL;
    mailer->state.on = true;
    pthread_mutex_init(&mailer->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&mailer->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    int r = read_choice(mailer, ret_wrong);
    if (r == 0) {
        load_memory(mailer);
        r = pthread_create(&mailer->thread, NULL, work, mailer) != 0 ? ERR_AGAIN : 0;
    }
    if (r < 0) {
        drop(mailer);
        return r;
    }
    *ret = mailer;
    return 0;
}

void mailer_stop(struct mailer *mailer) {
    if (mailer == NULL) {
        return;
    }
    pthread_mutex_lock(&mailer->lock);
    mailer->stopping = true;
    pthread_cond_signal(&mailer->wake);
    pthread_mutex_unlock(&mailer->lock);
    pthread_join(mailer->thread, NULL);
    drop(mailer);
}

struct mailer_state mailer_state(struct mailer *mailer) {
    struct mailer_state state = {.on = false};
    if (mailer == NULL) {
        return state;
    }
    pthread_mutex_lock(&mailer->lock);
    state = mailer->state;
    pthread_mutex_unlock(&mailer->lock);
    return state;
}
