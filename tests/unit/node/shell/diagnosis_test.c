#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "node/shell/diagnosis.h"
#include "shared/base/civil.h"

/* Thursday 2026-11-26, 10:00 in Brussels. */
static const int64_t NOW_MS = 1795683600000;

static struct node_health well(void) {
    return (struct node_health){
        .connected = true,
        .heard_ms = NOW_MS - 1000,
        .receipt_ms = NOW_MS - 60000,
        .member = true,
        .generation = 3,
        .cases = 120,
        .imported_ms = NOW_MS - DAY_MS,
        .freeze_day = 20780,
        .next_freeze_ms = NOW_MS + 3 * (int64_t)DAY_MS,
    };
}

static struct vitals vitals_of(const struct node_health *health) {
    return (struct vitals){
        .health = health,
        .hub = "zuid",
        .endpoint = "tcp://hub.example:5670",
        .words = "appel boom citroen deur ezel fiets",
        .link = LINK_UP,
        .now_ms = NOW_MS,
    };
}

static const struct finding *find(const struct diagnosis *diagnosis, enum text_id what) {
    for (size_t i = 0; i < diagnosis->count; i++) {
        if (diagnosis->findings[i].what == what) {
            return &diagnosis->findings[i];
        }
    }
    return NULL;
}

static void an_empty_register_and_held_figures_ask_for_attention(void **state) {
    (void)state;
    struct node_health health = well();
    const struct vitals vitals = vitals_of(&health);
    struct diagnosis diagnosis;
    health.held = true;
    diagnose(&vitals, LANG_EN, &diagnosis);
    assert_non_null(find(&diagnosis, TEXT_NODE_HELD));
    assert_false(diagnosis_fine(&diagnosis));
    assert_null(find(&diagnosis, TEXT_NODE_NEXT_FREEZE));
    health.held = false;
    health.cases = 0;
    diagnose(&vitals, LANG_EN, &diagnosis);
    assert_non_null(find(&diagnosis, TEXT_NODE_REGISTER_EMPTY));
    assert_false(diagnosis_fine(&diagnosis));
    assert_null(find(&diagnosis, TEXT_NODE_REGISTER));
}

static bool asks(const struct diagnosis *diagnosis, enum text_id what) {
    const struct finding *finding = find(diagnosis, what);
    return finding != NULL && finding->attention;
}

static void an_audit_log_that_fails_is_told_and_its_key_pointed_at(void **state) {
    (void)state;
    struct node_health health = well();
    struct vitals vitals = vitals_of(&health);
    struct audit_health audit = {.entries = 9};
    struct diagnosis diagnosis;
    vitals.audit = &audit;
    vitals.audit_key_here = true;
    diagnose(&vitals, LANG_EN, &diagnosis);
    assert_null(find(&diagnosis, TEXT_AUDIT_FAILING));
    assert_non_null(find(&diagnosis, TEXT_AUDIT_KEY_HERE));
    assert_false(asks(&diagnosis, TEXT_AUDIT_KEY_HERE));
    audit.failed = 3;
    audit.error = ERR_NO_ROOM;
    diagnose(&vitals, LANG_EN, &diagnosis);
    assert_true(asks(&diagnosis, TEXT_AUDIT_FAILING));
    audit.error = ERR_CHAIN;
    diagnose(&vitals, LANG_EN, &diagnosis);
    assert_null(find(&diagnosis, TEXT_AUDIT_FAILING));
    assert_true(asks(&diagnosis, TEXT_AUDIT_DIFFERS));
}

static void a_clock_is_not_called_right_while_the_hub_is_silent(void **state) {
    (void)state;
    struct node_health health = well();
    const struct vitals vitals = vitals_of(&health);
    struct diagnosis diagnosis;
    const int64_t heard[] = {0, NOW_MS - 2 * (int64_t)HOUR_MS};
    for (size_t i = 0; i < 2; i++) {
        health.heard_ms = heard[i];
        diagnose(&vitals, LANG_EN, &diagnosis);
        assert_null(find(&diagnosis, TEXT_NODE_CLOCK_FINE));
        assert_non_null(find(&diagnosis, TEXT_NODE_CLOCK_UNKNOWN));
    }
}

static void a_healthy_node_is_fine(void **state) {
    const struct node_health health = well();
    const struct vitals vitals = vitals_of(&health);
    struct diagnosis diagnosis;
    diagnose(&vitals, LANG_EN, &diagnosis);
    assert_true(diagnosis_fine(&diagnosis));
    assert_non_null(find(&diagnosis, TEXT_NODE_HUB_FINE));
    assert_non_null(find(&diagnosis, TEXT_NODE_NOTHING_WAITS));
    assert_non_null(find(&diagnosis, TEXT_NODE_REGISTER));
}

struct trouble {
    void (*make)(struct node_health *health, struct vitals *vitals);
    enum text_id what;
};

static void no_link(struct node_health *health, struct vitals *vitals) {
    health->connected = false;
    vitals->link = LINK_DOWN;
}
static void refused_link(struct node_health *health, struct vitals *vitals) {
    health->connected = false;
    vitals->link = LINK_REFUSED;
}
static void silent_hub(struct node_health *health, struct vitals *vitals) {
    (void)vitals;
    health->connected = false;
}
static void hub_back(struct node_health *health, struct vitals *vitals) {
    (void)vitals;
    health->hub_went_back = true;
}
static void withheld(struct node_health *health, struct vitals *vitals) {
    (void)vitals;
    health->directory_withheld = true;
}
static void forked(struct node_health *health, struct vitals *vitals) {
    (void)vitals;
    health->directory_forked = true;
}
static void not_member(struct node_health *health, struct vitals *vitals) {
    (void)vitals;
    health->member = false;
}
static void clock_off(struct node_health *health, struct vitals *vitals) {
    (void)vitals;
    health->clock_skew_ms = -7 * MINUTE_MS;
    health->clock_warn = true;
}
static void clock_halted(struct node_health *health, struct vitals *vitals) {
    (void)vitals;
    health->clock_skew_ms = 90 * MINUTE_MS;
    health->clock_warn = true;
    health->clock_halted = true;
}
static void long_wait(struct node_health *health, struct vitals *vitals) {
    (void)vitals;
    health->waiting = 4;
    health->oldest_waiting_ms = NOW_MS - 2 * HOUR_MS;
}
static void refused_message(struct node_health *health, struct vitals *vitals) {
    (void)vitals;
    health->refused = 1;
    health->last_refusal = REFUSAL_FROM_THE_FUTURE;
    health->last_refused_kind = MESSAGE_KIND_SIGNAL;
}
static void no_register(struct node_health *health, struct vitals *vitals) {
    (void)vitals;
    health->generation = 0;
}
static void old_register(struct node_health *health, struct vitals *vitals) {
    (void)vitals;
    health->imported_ms = NOW_MS - 9 * (int64_t)DAY_MS;
}
static void no_room(struct node_health *health, struct vitals *vitals) {
    (void)health;
    vitals->short_of_room = true;
}
static void unsent(struct node_health *health, struct vitals *vitals) {
    (void)health;
    vitals->joining = JOINING_ASKING;
    vitals->link = LINK_DOWN;
}
static void unanswered(struct node_health *health, struct vitals *vitals) {
    (void)health;
    vitals->joining = JOINING_ASKING;
}
static void unapproved(struct node_health *health, struct vitals *vitals) {
    (void)health;
    vitals->joining = JOINING_WAITING;
}
static void declined(struct node_health *health, struct vitals *vitals) {
    (void)health;
    vitals->joining = JOINING_REFUSED;
    vitals->join_refusal = REFUSAL_EXPIRED;
}

static const struct trouble troubles[] = {
    {no_link, TEXT_NODE_HUB_UNREACHABLE},     {refused_link, TEXT_NODE_HUB_REFUSES},
    {silent_hub, TEXT_NODE_HUB_SILENT},       {hub_back, TEXT_NODE_HUB_WENT_BACK},
    {not_member, TEXT_NODE_NOT_MEMBER},       {clock_off, TEXT_NODE_CLOCK_OFF},
    {clock_halted, TEXT_NODE_CLOCK_HALTED},   {long_wait, TEXT_NODE_WAITING_LONG},
    {refused_message, TEXT_NODE_REFUSED},     {no_register, TEXT_NODE_NO_REGISTER},
    {old_register, TEXT_NODE_REGISTER_OLD},   {no_room, TEXT_NODE_NO_ROOM},
    {unsent, TEXT_NODE_JOIN_UNREACHABLE},     {unanswered, TEXT_NODE_JOIN_UNANSWERED},
    {unapproved, TEXT_NODE_JOIN_WAITING},     {declined, TEXT_NODE_JOIN_REFUSED},
    {withheld, TEXT_NODE_DIRECTORY_WITHHELD}, {forked, TEXT_NODE_DIRECTORY_FORKED},
};

/* By the directory: a sentence, and no trouble. */
static void what_we_may_ask_of_families_is_told(void **state) {
    static const struct {
        enum consent_right right;
        enum text_id said;
    } rights[] = {{CONSENT_RIGHT_NONE, TEXT_NODE_RIGHT_NO},
                  {CONSENT_RIGHT_NO, TEXT_NODE_RIGHT_NO},
                  {CONSENT_RIGHT_LIMITED, TEXT_NODE_RIGHT_LIMITED},
                  {CONSENT_RIGHT_FULL, TEXT_NODE_RIGHT_FULL}};
    for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
        struct node_health health = well();
        struct vitals vitals = vitals_of(&health);
        struct diagnosis diagnosis;
        health.may_take_consent = rights[i].right;
        health.may_sanction = i % 2 == 0;
        diagnose(&vitals, LANG_NL, &diagnosis);
        assert_true(diagnosis_fine(&diagnosis));
        assert_non_null(find(&diagnosis, rights[i].said));
        assert_int_equal(find(&diagnosis, TEXT_NODE_SANCTIONS) != NULL, i % 2 == 0);
    }
}

static void each_trouble_is_named_alone_with_what_to_do(void **state) {
    for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
        struct node_health health = well();
        struct vitals vitals = vitals_of(&health);
        struct diagnosis diagnosis;
        troubles[i].make(&health, &vitals);
        diagnose(&vitals, LANG_NL, &diagnosis);
        assert_false(diagnosis_fine(&diagnosis));
        const struct finding *finding = find(&diagnosis, troubles[i].what);
        if (finding == NULL) {
            fail_msg("%s isn't named", text_name(troubles[i].what));
            return;
        }
        assert_true(finding->attention);
        assert_int_not_equal(finding->next, TEXT_NONE);
        size_t attention = 0;
        for (size_t n = 0; n < diagnosis.count; n++) {
            attention += diagnosis.findings[n].attention ? 1 : 0;
        }
        assert_int_equal(attention, 1);
    }
}

static void a_message_that_waits_a_minute_is_no_trouble(void **state) {
    struct node_health health = well();
    const struct vitals vitals = vitals_of(&health);
    struct diagnosis diagnosis;
    health.waiting = 1;
    health.oldest_waiting_ms = NOW_MS - MINUTE_MS;
    diagnose(&vitals, LANG_EN, &diagnosis);
    assert_true(diagnosis_fine(&diagnosis));
    assert_non_null(find(&diagnosis, TEXT_NODE_WAITING));
}

static void the_sentences_carry_their_figures(void **state) {
    struct node_health health = well();
    struct vitals vitals = vitals_of(&health);
    struct diagnosis diagnosis;
    char *text;
    size_t length;
    clock_off(&health, &vitals);
    diagnose(&vitals, LANG_EN, &diagnosis);
    struct json_writer writer = json_over(1 << 20);
    diagnosis_write(&writer, &diagnosis, &vitals, LANG_EN);
    assert_int_equal(json_take(&writer, &text, &length), 0);
    assert_non_null(strstr(text, "\"fine\":false"));
    assert_non_null(strstr(text, "\"NODE_CLOCK_OFF\""));
    assert_non_null(strstr(text, "7 minutes off"));
    assert_non_null(strstr(text, "120 cases, imported on 2026-11-25 10:00"));
    assert_null(strstr(text, "{0}"));
    free(text);
}

static void moments_are_told_in_brussels_time(void **state) {
    char text[24];
    moment_format(NOW_MS, text);
    assert_string_equal(text, "2026-11-26 10:00");
    moment_format(1782896400000, text); /* 2026-07-01T09:00:00Z */
    assert_string_equal(text, "2026-07-01 11:00");
    moment_format(0, text);
    assert_string_equal(text, "-");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_register_and_held_figures_ask_for_attention),
        cmocka_unit_test(an_audit_log_that_fails_is_told_and_its_key_pointed_at),
        cmocka_unit_test(a_clock_is_not_called_right_while_the_hub_is_silent),
        cmocka_unit_test(a_healthy_node_is_fine),
        cmocka_unit_test(what_we_may_ask_of_families_is_told),
        cmocka_unit_test(each_trouble_is_named_alone_with_what_to_do),
        cmocka_unit_test(a_message_that_waits_a_minute_is_no_trouble),
        cmocka_unit_test(the_sentences_carry_their_figures),
        cmocka_unit_test(moments_are_told_in_brussels_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
