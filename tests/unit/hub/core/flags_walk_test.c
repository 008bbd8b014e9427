#include "tests/unit/hub/core/flags_world.h"

#include <string.h>

/* Random years of a family: supporters come, go, fall silent and answer. The same years are lived
 * twice: judged every day, and judged only when the row said that it's due. */

enum { WALKS = 60, DAYS = 420, ORGS = 7 };

static const char *const NAMES[ORGS] = {"ocmw", "agii", "caw", "dmw", "buddies", "school", "far"};

/* What every row must keep to on every day (DESIGN 2, promise 4). */
static size_t closed_by_hand(const struct family *family, enum flag_kind kind) {
    size_t count = 0;
    for (size_t i = 0; i < family->flag_count; i++) {
        const struct family_flag *flag = &family->flags[i];
        count += flag->kind == kind && flag->state == FLAG_CLOSED && !flag->cured;
    }
    return count;
}

static void check_promise(struct stage *stage) {
    const struct family *family = &stage->family;
    size_t near = 0;
    for (size_t i = 0; i < family->support_count; i++) {
        near += support_is_near(&family->supports[i], stage->world.today);
    }
    const size_t open = stage_flag(stage, FLAG_NO_LOCAL) != NULL; /* fails where there are two */
    const size_t closed = closed_by_hand(family, FLAG_NO_LOCAL);
    if (!family_has_scope(family, SCOPE_LOST_SUPPORT) || near > 0) {
        assert_int_equal(open + closed, 0);
    } else {
        const bool grace = stage->world.today <= family->grace_until_day;
        assert_int_equal(open + closed, grace ? 0 : 1);
    }
}

static bool is_gone(const struct stage *stage, const struct org_id *org) {
    for (size_t i = 0; i < stage->gone_count; i++) {
        if (org_id_equal(&stage->gone[i], org)) {
            return true;
        }
    }
    return false;
}

static void check_clocks(const struct stage *stage, const struct family_flag *flag) {
    const bool on_board = flag->turn >= flag->line_count;
    const bool taken = flag->taken_by.text[0] != '\0';
    assert_true(flag->line_count <= FLAG_LINE_MAX);
    assert_int_equal(taken, flag->state != FLAG_OPEN);
    assert_false(is_gone(stage, taken || on_board ? &flag->taken_by : &flag->line[flag->turn]));
    if (on_board) {
        assert_int_equal(flag->contact_by_day, FAMILY_DAY_NONE);
        return;
    }
    if (flag->state != FLAG_CONTACTED && flag->contact_by_day != FAMILY_DAY_NONE) {
        assert_true(stage->world.today <= flag->contact_by_day);
    }
    if (flag->state == FLAG_OPEN) {
        assert_true(stage->world.today <= flag->acknowledge_by_day);
    }
}

static void check_row(struct stage *stage) {
    const struct family *family = &stage->family;
    check_promise(stage);
    for (enum flag_kind kind = FLAG_GAP_AHEAD; kind <= FLAG_ONE_LEFT; kind++) {
        if (kind != FLAG_ASKED_NOT_TAKEN) {
            (void)stage_flag(stage, kind);
        }
    }
    for (size_t i = 0; i < family->flag_count; i++) {
        const struct family_flag *flag = &family->flags[i];
        if (flag->state != FLAG_CLOSED) {
            check_clocks(stage, flag);
        }
        for (size_t k = 0; k < i; k++) {
            assert_false(message_id_equal(&flag->id, &family->flags[k].id));
            assert_false(flag->kind == FLAG_ASKED_NOT_TAKEN &&
                         family->flags[k].kind == FLAG_ASKED_NOT_TAKEN &&
                         message_id_equal(&flag->about, &family->flags[k].about));
        }
    }
    assert_true(family->due_ms > stage->world.now_ms);
}

/* ---- what happens on a day ---- */

struct happening {
    uint64_t what;
    const char *org;
    const char *other;
    uint64_t number;
};

static struct happening draw(struct rng *rng) {
    return (struct happening){
        .what = rng_below(rng, 100),
        .org = NAMES[rng_below(rng, ORGS)],
        .other = NAMES[rng_below(rng, ORGS)],
        .number = rng_below(rng, 1000),
    };
}

static struct family_support *of(struct stage *stage, const char *org) {
    const struct org_id id = org_of(org);
    return is_gone(stage, &id) ? NULL : family_support_of(&stage->family, &id);
}

static void say_support(struct stage *stage, const struct happening *now) {
    const struct org_id org = org_of(now->org);
    if (is_gone(stage, &org)) {
        return;
    }
    stage_support(stage, now->org, now->number % 4 == 0 ? SUPPORT_INFORMAL : SUPPORT_PROFESSIONAL,
                  now->number % 5 == 0 ? SUPPORT_DISTANT : SUPPORT_NEAR);
}

static void say_leaving(struct stage *stage, const struct happening *now, bool at_once) {
    struct family_support *support = of(stage, now->org);
    if (support == NULL || support->state == SUPPORT_ENDED) {
        return;
    }
    const int32_t days = (int32_t)(now->number % 40);
    support->state = at_once ? SUPPORT_ENDED : SUPPORT_ENDING;
    support->end_day = stage->world.today + (at_once ? -days / 4 : days);
    support->successor = now->number % 2 == 0 ? org_of(now->other) : (struct org_id){0};
}

static void say_gone(struct stage *stage, const struct happening *now) {
    if (stage->gone_count == 2) {
        return;
    }
    struct family_support *support = of(stage, now->org);
    if (support != NULL && support->state != SUPPORT_ENDED) {
        support->state = SUPPORT_ENDED;
        support->end_day = stage->world.today;
        support->successor = (struct org_id){0};
        support->why = END_ORGANISATION_LEFT;
    }
    stage_gone(stage, now->org);
}

static void say_ask(struct stage *stage, const struct happening *now) {
    struct family *family = &stage->family;
    if (family->ask_count < FAMILY_ASKS_MAX && now->number % 2 == 0) {
        stage_ask(stage, now->org, now->other, (uint8_t)family->ask_count);
    } else if (family->ask_count > 0) {
        family->asks[now->number % family->ask_count].state = (enum ask_state)(1 + now->number % 5);
    }
}

static void say_answer(struct stage *stage, const struct happening *now,
                       struct family_effects *effects) {
    struct family *family = &stage->family;
    const struct org_id org = org_of(now->org);
    if (family->flag_count == 0 || is_gone(stage, &org)) {
        return;
    }
    const struct flag_answer answer = {
        .flag = family->flags[now->number % family->flag_count].id,
        .action = (enum flag_action)(1 + now->number % 4),
        .reason = (enum flag_reason)(1 + now->number % 5),
    };
    if (flags_answer(family, &stage->world, &org, &answer, effects) != REFUSAL_NONE) {
        effects->notice_count = 0; /* nothing was told by a refusal */
    }
}

static void happen(struct stage *stage, const struct happening *now,
                   struct family_effects *effects) {
    if (now->what < 20) {
        say_support(stage, now);
    } else if (now->what < 40) {
        if (of(stage, now->org) != NULL) {
            stage_contact(stage, now->org);
        }
    } else if (now->what < 50) {
        say_leaving(stage, now, false);
    } else if (now->what < 55) {
        say_leaving(stage, now, true);
    } else if (now->what < 60) {
        if (of(stage, now->org) != NULL) {
            of(stage, now->org)->quiet = now->number % 3 == 0;
        }
    } else if (now->what < 66) {
        say_ask(stage, now);
    } else if (now->what < 70) {
        const struct concern concern = {
            .id = {.bytes = {(uint8_t)now->number, 1}},
            .org = org_of(now->org),
            .by = (enum concern_by)(1 + now->number % 3),
            .reason = (enum concern_reason)(1 + now->number % 11),
            .urgency = (enum concern_urgency)(1 + now->number % 3),
        };
        (void)!flags_concern(&stage->family, &stage->world, &concern, effects);
    } else if (now->what < 96) {
        say_answer(stage, now, effects);
    } else if (now->what < 98) {
        stage->family.token.scopes.bits ^= scope_bit((enum scope)(1 + now->number % 4));
    } else {
        say_gone(stage, now);
    }
}

/* ---- two ways to live a year ---- */

struct life {
    struct stage *stage;
    uint64_t told; /* a running hash of all that was told */
    size_t opened[FLAG_CALL_BACK];
    size_t escalated;
    size_t merged;
};

static void tally(struct life *life, const struct family_effects *effects) {
    for (size_t i = 0; i < effects->count_count; i++) {
        const struct family_count *count = &effects->counts[i];
        if (count->kind == COUNT_FLAG_OPENED) {
            life->opened[count->which]++;
        }
        life->escalated += count->kind == COUNT_FLAG_ESCALATED;
        life->merged += count->kind == COUNT_FLAG_CLOSED && count->which == FLAG_REASON_MERGED;
    }
}

/* Whoever is told will get the tombstone. */
static bool holds(const struct family *family, const struct org_id *org) {
    for (size_t i = 0; i < family->holder_count; i++) {
        if (org_id_equal(&family->holders[i], org)) {
            return true;
        }
    }
    return false;
}

static void remember(struct life *life, const struct family_effects *effects) {
    tally(life, effects);
    for (size_t i = 0; i < effects->notice_count; i++) {
        const struct family_notice *notice = &effects->notices[i];
        assert_true(holds(&life->stage->family, &notice->to));
        assert_false(is_gone(life->stage, &notice->to));
        const uint8_t what[] = {(uint8_t)notice->kind, notice->yours, notice->with_contact};
        const struct bytes parts[] = {BYTES_OF(notice->to), BYTES_OF(notice->by),
                                      BYTES_OF(notice->flag), BYTES_OF(what)};
        for (size_t k = 0; k < 4; k++) {
            for (size_t b = 0; b < parts[k].length; b++) { /* FNV-1a */
                life->told = (life->told ^ parts[k].data[b]) * 1099511628211u;
            }
        }
    }
}

static void judge(struct life *life) {
    struct stage *stage = life->stage;
    stage_judge(stage);
    remember(life, &stage->effects);
    check_row(stage);
    const uint64_t told = life->told;
    const int64_t due_ms = stage->family.due_ms;
    struct family *before = test_malloc(sizeof(*before));
    *before = stage->family;
    stage_judge(stage); /* twice is once */
    assert_memory_equal(&stage->family, before, sizeof(*before));
    assert_int_equal(stage->effects.notice_count, 0);
    assert_int_equal(stage->effects.count_count, 0);
    assert_true(stage->family.due_ms == due_ms && life->told == told);
    test_free(before);
}

static struct life begin(struct rng *rng) {
    struct life life = {.stage = stage_new("2026-03-02"), .told = 14695981039346656037u};
    const uint64_t first = rng_below(rng, 60);
    static const char *const closures[][3] = {
        {"2026-07-06", "2026-07-31", "dmw"},
        {"2026-07-20", "2026-08-14", ""},
        {"2026-04-03", "2026-04-17", "caw"},
        {"2026-12-21", "2027-01-01", "buddies"},
    };
    for (size_t i = 0; i < 4; i++) {
        stage_closed(life.stage, NAMES[(first + i) % ORGS], closures[i][0], closures[i][1],
                     closures[i][2]);
    }
    return life;
}

static void live(struct life *life, const struct happening *days, bool daily) {
    struct stage *stage = life->stage;
    const int32_t day = stage->world.today;
    const struct happening *now = &days[day - day_of("2026-03-02")];
    if (daily || stage->family.due_ms <= stage->world.now_ms) {
        judge(life);
    }
    if (now->org != NULL) {
        struct family_effects effects = {0};
        happen(stage, now, &effects);
        remember(life, &effects);
        judge(life);
    }
}

static void judging_when_due_is_judging_every_day(void **state) {
    struct life seen = {0};
    for (uint8_t walk = 0; walk < WALKS; walk++) {
        struct rng rng;
        struct rng same;
        const uint8_t seed[32] = {walk, 3};
        struct happening days[DAYS] = {0};
        rng_init(&rng, seed);
        for (size_t i = 0; i < DAYS; i++) {
            const bool quiet = rng_below(&rng, 100) < 65;
            days[i] = quiet ? (struct happening){0} : draw(&rng);
        }
        same = rng;
        struct life daily = begin(&rng);
        struct life due = begin(&same);
        judge(&daily);
        judge(&due);
        for (int32_t i = 0; i < DAYS; i++) {
            stage_at(daily.stage, day_of("2026-03-02") + i);
            stage_at(due.stage, day_of("2026-03-02") + i);
            live(&daily, days, true);
            live(&due, days, false);
            assert_true(daily.told == due.told);
            assert_memory_equal(&daily.stage->family, &due.stage->family, sizeof(struct family));
        }
        for (size_t i = 0; i < FLAG_CALL_BACK; i++) {
            seen.opened[i] += due.opened[i];
        }
        seen.escalated += due.escalated;
        seen.merged += due.merged;
        test_free(daily.stage);
        test_free(due.stage);
    }
    for (enum flag_kind kind = FLAG_GAP_AHEAD; kind <= FLAG_ONE_LEFT; kind++) {
        assert_true(seen.opened[kind] > WALKS / 4); /* the years weren't empty */
    }
    assert_true(seen.escalated > WALKS && seen.merged > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judging_when_due_is_judging_every_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
