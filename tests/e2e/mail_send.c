/* Calls mail_send with what stands on standard input, a "name value" a line, and prints what came
 * of it. For mail_test.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/io/mail.h"

static const char *const fault_names[] = {
#define X(name, text) [name] = #name,
    MAIL_FAULT_LIST(X)
#undef X
};

static void take(struct mail_settings *settings, struct mail *mail, const char *name,
                 const char *value) {
    const struct {
        const char *name;
        const char **text;
    } texts[] = {
        {"url", &settings->url},         {"from", &settings->from},
        {"user", &settings->user},       {"password", &settings->password},
        {"ca_file", &settings->ca_file}, {"subject", &mail->subject},
        {"body", &mail->body},           {"id", &mail->id},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (strcmp(texts[i].name, name) == 0) {
            *texts[i].text = value;
        }
    }
    if (strcmp(name, "tls") == 0) {
        settings->tls = (enum mail_tls)atoi(value);
    } else if (strcmp(name, "connect_timeout_ms") == 0) {
        settings->connect_timeout_ms = atoll(value);
    } else if (strcmp(name, "timeout_ms") == 0) {
        settings->timeout_ms = atoll(value);
    } else if (strcmp(name, "now_ms") == 0) {
        mail->now_ms = atoll(value);
    } else if (strcmp(name, "to") == 0 && mail->to_count < MAIL_RECIPIENTS_MAX) {
        mail->to[mail->to_count++] = value;
    }
}

/* "\n" in a value stands for the end of a line. */
static void unescape(char *text) {
    for (char *at = strstr(text, "\\n"); at != NULL; at = strstr(at, "\\n")) {
        at[0] = '\n';
        memmove(at + 1, at + 2, strlen(at + 2) + 1);
    }
}

int main(void) {
    static char lines[64][32 << 10];
    struct mail_settings settings = {.from = ""};
    struct mail mail = {.subject = "", .body = "", .id = ""};
    for (size_t i = 0; i < 64 && fgets(lines[i], sizeof(lines[i]), stdin) != NULL; i++) {
        lines[i][strcspn(lines[i], "\n")] = '\0';
        char *value = strchr(lines[i], ' ');
        if (value != NULL) {
            *value++ = '\0';
            unescape(value);
            take(&settings, &mail, lines[i], value);
        }
    }
    struct mail_trouble trouble;
    const int r = mail_send(&settings, &mail, &trouble);
    printf("%d\n%s\n%d\n%u\n%s\n", r, fault_names[trouble.fault], trouble.smtp_status,
           trouble.refused, trouble.reason);
    return 0;
}
