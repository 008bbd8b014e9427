#include "node/shell/diagnosis.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "node/shell/family_words.h"
#include "shared/base/civil.h"

void moment_format(int64_t instant_ms, char ret_text[static 24]) {
    if (instant_ms == 0) {
        (void)snprintf(ret_text, 24, "-");
        return;
    }
    char day[DATE_TEXT_SIZE];
    const int32_t minute = brussels_minute_of_day(instant_ms);
    date_format(brussels_day(instant_ms), day);
    (void)snprintf(ret_text, 24, "%s %02d:%02d", day, minute / 60 % 24, minute % 60);
}

static struct finding *add(struct diagnosis *diagnosis, bool attention, struct text_pair pair) {
    struct finding *finding = &diagnosis->findings[diagnosis->count];
    *finding = (struct finding){.attention = attention, .what = pair.what, .next = pair.next};
    if (diagnosis->count + 1 < DIAGNOSIS_FINDINGS_MAX) {
        diagnosis->count++;
    }
    return finding;
}

#define ATTENTION(diagnosis, name)                                                                 \
    add((diagnosis), true, (struct text_pair){.what = TEXT_##name, .next = TEXT_##name##_NEXT})
#define FINE(diagnosis, name) add((diagnosis), false, (struct text_pair){.what = TEXT_##name})

static void put(struct finding *finding, size_t place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void put(struct finding *finding, size_t place, const char *format, ...) {
    va_list list;
    va_start(list, format);
    (void)vsnprintf(finding->args[place], DIAGNOSIS_ARG_SIZE, format, list);
    va_end(list);
}

static void put_moment(struct finding *finding, size_t place, int64_t instant_ms) {
    char text[24];
    moment_format(instant_ms, text);
    put(finding, place, "%s", text);
}

static bool look_at_joining(const struct vitals *vitals, enum lang lang,
                            struct diagnosis *diagnosis) {
    struct finding *finding;
    switch (vitals->joining) {
    case JOINING_DONE:
        return false;
    case JOINING_ASKING:
        finding = vitals->link == LINK_UP ? ATTENTION(diagnosis, NODE_JOIN_UNANSWERED)
                                          : ATTENTION(diagnosis, NODE_JOIN_UNREACHABLE);
        put(finding, 0, "%s", vitals->hub);
        put(finding, 1, "%.120s", vitals->endpoint);
        return true;
    case JOINING_WAITING:
        finding = ATTENTION(diagnosis, NODE_JOIN_WAITING);
        put(finding, 0, "%s", vitals->hub);
        put(finding, 1, "%s", vitals->words);
        return true;
    case JOINING_REFUSED:
        finding = ATTENTION(diagnosis, NODE_JOIN_REFUSED);
        put(finding, 0, "%s", vitals->hub);
        put(finding, 1, "%s", text_get(lang, text_of_refusal(vitals->join_refusal).what));
        return true;
    }
    return false;
}

static void look_at_rights(const struct node_health *health, struct diagnosis *diagnosis) {
    const struct text_pair right = {.what = text_of_own_right(health->may_take_consent)};
    add(diagnosis, false, right);
    if (health->may_sanction) {
        (void)FINE(diagnosis, NODE_SANCTIONS);
    }
}

static void look_at_hub(const struct vitals *vitals, struct diagnosis *diagnosis) {
    const struct node_health *health = vitals->health;
    struct finding *finding;
    if (health->hub_went_back) {
        finding = ATTENTION(diagnosis, NODE_HUB_WENT_BACK);
    } else if (vitals->link == LINK_REFUSED) {
        finding = ATTENTION(diagnosis, NODE_HUB_REFUSES);
    } else if (vitals->link == LINK_DOWN) {
        finding = ATTENTION(diagnosis, NODE_HUB_UNREACHABLE);
    } else if (!health->connected) {
        finding = ATTENTION(diagnosis, NODE_HUB_SILENT);
    } else {
        finding = FINE(diagnosis, NODE_HUB_FINE);
    }
    put(finding, 0, "%s", vitals->hub);
    put(finding, 1, "%.120s", vitals->endpoint);
    put_moment(finding, 2, health->heard_ms);
    if (health->heard_ms != 0 && !health->member) {
        finding = ATTENTION(diagnosis, NODE_NOT_MEMBER);
        put(finding, 0, "%s", vitals->hub);
    } else if (health->member) {
        finding = FINE(diagnosis, NODE_MEMBER);
        put(finding, 0, "%s", vitals->hub);
        look_at_rights(health, diagnosis);
    }
}

static void look_at_directory(const struct vitals *vitals, struct diagnosis *diagnosis) {
    const struct node_health *health = vitals->health;
    if (health->directory_forked) {
        put(ATTENTION(diagnosis, NODE_DIRECTORY_FORKED), 0, "%s", vitals->hub);
    }
    if (health->directory_withheld) {
        put(ATTENTION(diagnosis, NODE_DIRECTORY_WITHHELD), 0, "%s", vitals->hub);
    }
}

static void look_at_clock(const struct vitals *vitals, struct diagnosis *diagnosis) {
    const struct node_health *health = vitals->health;
    const int64_t skew_ms =
        health->clock_skew_ms < 0 ? -health->clock_skew_ms : health->clock_skew_ms;
    const bool is_silent = health->heard_ms == 0 || vitals->now_ms - health->heard_ms > HOUR_MS;
    if (is_silent && !health->clock_halted && !health->clock_warn) {
        add(diagnosis, true, (struct text_pair){.what = TEXT_NODE_CLOCK_UNKNOWN});
        return;
    }
    struct finding *finding = health->clock_halted ? ATTENTION(diagnosis, NODE_CLOCK_HALTED)
                              : health->clock_warn ? ATTENTION(diagnosis, NODE_CLOCK_OFF)
                                                   : FINE(diagnosis, NODE_CLOCK_FINE);
    put(finding, 0, "%" PRId64, skew_ms / MINUTE_MS);
}

static void look_at_post(const struct vitals *vitals, enum lang lang, struct diagnosis *diagnosis) {
    const struct node_health *health = vitals->health;
    struct finding *finding;
    if (health->waiting > 0) {
        const bool old = vitals->now_ms - health->oldest_waiting_ms > HOUR_MS;
        finding = old ? ATTENTION(diagnosis, NODE_WAITING_LONG) : FINE(diagnosis, NODE_WAITING);
        put(finding, 0, "%" PRIu64, health->waiting);
        put_moment(finding, 1, health->oldest_waiting_ms);
    } else {
        (void)FINE(diagnosis, NODE_NOTHING_WAITS);
    }
    if (health->receipt_ms != 0) {
        put_moment(FINE(diagnosis, NODE_RECEIPT), 0, health->receipt_ms);
    }
    if (health->refused > 0) {
        const struct text_pair why = text_of_refusal(health->last_refusal);
        const char *kind = message_kind_text(health->last_refused_kind);
        finding =
            add(diagnosis, true, (struct text_pair){.what = TEXT_NODE_REFUSED, .next = why.next});
        put(finding, 0, "%" PRIu64, health->refused);
        put(finding, 1, "%s", kind == NULL ? "?" : kind);
        put(finding, 2, "%s", text_get(lang, why.what));
    }
}

static void look_at_register(const struct vitals *vitals, struct diagnosis *diagnosis) {
    const struct node_health *health = vitals->health;
    struct finding *finding;
    if (health->generation == 0) {
        (void)ATTENTION(diagnosis, NODE_NO_REGISTER);
    } else {
        const int32_t age = brussels_day(vitals->now_ms) - brussels_day(health->imported_ms);
        finding = health->cases == 0                  ? ATTENTION(diagnosis, NODE_REGISTER_EMPTY)
                  : age > DIAGNOSIS_REGISTER_OLD_DAYS ? ATTENTION(diagnosis, NODE_REGISTER_OLD)
                                                      : FINE(diagnosis, NODE_REGISTER);
        put(finding, 0, "%" PRIu64, health->cases);
        put_moment(finding, 1, health->imported_ms);
        put(finding, 2, "%d", age);
    }
    if (health->freeze_day != 0) {
        char day[DATE_TEXT_SIZE];
        date_format(health->freeze_day, day);
        finding = FINE(diagnosis, NODE_FREEZE);
        put(finding, 0, "%s", day);
        put(finding, 1, "%" PRIu64, health->withheld);
    }
    if (health->held) {
        if (health->generation != 0) {
            (void)ATTENTION(diagnosis, NODE_HELD);
        }
    } else if (health->next_freeze_ms > vitals->now_ms) {
        put_moment(FINE(diagnosis, NODE_NEXT_FREEZE), 0, health->next_freeze_ms);
    }
}

static void look_at_mail(const struct vitals *vitals, struct diagnosis *diagnosis) {
    const struct mailer_state *mail = vitals->mail;
    if (mail == NULL || !mail->on) {
        return;
    }
    if (mail->failing) {
        struct finding *finding = ATTENTION(diagnosis, NODE_MAIL_FAILS);
        put(finding, 0, "%s", mail_fault_text(mail->fault));
        put(finding, 1, "%.100s", mail->reason);
    } else {
        put_moment(FINE(diagnosis, NODE_MAIL), 0, mail->sent_ms);
    }
}

static void look_at_audit(const struct vitals *vitals, enum lang lang,
                          struct diagnosis *diagnosis) {
    const struct audit_health *audit = vitals->audit;
    if (audit == NULL) {
        return;
    }
    if (audit->error == ERR_CHAIN) {
        (void)ATTENTION(diagnosis, AUDIT_DIFFERS);
    } else if (audit->error < 0 || audit->failed > 0) {
        struct finding *finding = ATTENTION(diagnosis, AUDIT_FAILING);
        put(finding, 0, "%" PRIu64, audit->failed);
        put(finding, 1, "%.100s",
            audit->error < 0 ? text_get(lang, text_of_error(audit->error).what) : "-");
    }
    if (vitals->audit_key_here) {
        (void)FINE(diagnosis, AUDIT_KEY_HERE);
    }
}

void diagnose(const struct vitals *vitals, enum lang lang, struct diagnosis *ret) {
    ret->count = 0;
    if (vitals->short_of_room) {
        (void)ATTENTION(ret, NODE_NO_ROOM);
    }
    if (!look_at_joining(vitals, lang, ret)) {
        look_at_hub(vitals, ret);
        look_at_directory(vitals, ret);
        look_at_clock(vitals, ret);
        look_at_post(vitals, lang, ret);
    }
    look_at_register(vitals, ret);
    look_at_mail(vitals, ret);
    look_at_audit(vitals, lang, ret);
}

bool diagnosis_fine(const struct diagnosis *diagnosis) {
    for (size_t i = 0; i < diagnosis->count; i++) {
        if (diagnosis->findings[i].attention) {
            return false;
        }
    }
    return true;
}

static void write_finding(struct json_writer *writer, const struct finding *finding,
                          enum lang lang) {
    char text[600];
    const char *const args[] = {finding->args[0], finding->args[1], finding->args[2], NULL};
    json_open_object(writer);
    json_field_bool(writer, "attention", finding->attention);
    json_field_text(writer, "code", text_name(finding->what));
    text_format(lang, finding->what, args, text, sizeof(text));
    json_field_text(writer, "text", text);
    if (finding->next != TEXT_NONE) {
        text_format(lang, finding->next, args, text, sizeof(text));
        json_field_text(writer, "next", text);
    }
    json_close_object(writer);
}

static void write_moment(struct json_writer *writer, const char *key, int64_t instant_ms) {
    char text[INSTANT_TEXT_SIZE];
    if (instant_ms == 0) {
        json_field_null(writer, key);
        return;
    }
    instant_format(instant_ms, text);
    json_field_text(writer, key, text);
}

static void write_figures(struct json_writer *writer, const struct vitals *vitals) {
    const struct node_health *health = vitals->health;
    json_field_text(writer, "hub", vitals->hub);
    json_field_bool(writer, "connected", health->connected);
    json_field_bool(writer, "member", health->member);
    const char *right = consent_right_text(health->may_take_consent);
    json_field_text(writer, "may_take_consent", right == NULL ? "no" : right);
    json_field_bool(writer, "may_sanction", health->may_sanction);
    json_field_bool(writer, "joining", vitals->joining != JOINING_DONE);
    write_moment(writer, "heard", health->heard_ms);
    write_moment(writer, "receipt", health->receipt_ms);
    json_field_int(writer, "clock_skew_ms", health->clock_skew_ms);
    json_field_bool(writer, "clock_halted", health->clock_halted);
    json_field_int(writer, "waiting", (int64_t)health->waiting);
    write_moment(writer, "oldest_waiting", health->oldest_waiting_ms);
    json_field_int(writer, "refused", (int64_t)health->refused);
    json_field_int(writer, "directory", (int64_t)health->directory.sequence);
    json_field_int(writer, "generation", (int64_t)health->generation);
    json_field_int(writer, "cases", (int64_t)health->cases);
    write_moment(writer, "imported", health->imported_ms);
    json_field_int(writer, "withheld", (int64_t)health->withheld);
    json_field_bool(writer, "held", health->held);
    write_moment(writer, "next_freeze", health->next_freeze_ms);
    json_put_key(writer, "freeze");
    if (health->freeze_day == 0) {
        json_put_null(writer);
    } else {
        char day[DATE_TEXT_SIZE];
        date_format(health->freeze_day, day);
        json_put_text(writer, day);
    }
}

void diagnosis_write(struct json_writer *writer, const struct diagnosis *diagnosis,
                     const struct vitals *vitals, enum lang lang) {
    json_open_object(writer);
    json_field_bool(writer, "fine", diagnosis_fine(diagnosis));
    json_put_key(writer, "findings");
    json_open_array(writer);
    for (size_t i = 0; i < diagnosis->count; i++) {
        write_finding(writer, &diagnosis->findings[i], lang);
    }
    json_close_array(writer);
    write_figures(writer, vitals);
    json_close_object(writer);
}
