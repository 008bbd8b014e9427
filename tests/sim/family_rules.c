#include <stdio.h>
#include <string.h>

#include "hub/core/family_store.h"
#include "node/core/family_store.h"
#include "shared/base/civil.h"
#include "tests/sim/world.h"

/* The hub's rows and flags against what the model knows was said. Only reading the rows is the
 * hub's; when near support counts, which days are working days and what follows is counted here
 * again, from DESIGN 5. */

enum {
    SILENT_DAYS = 42,
    GRACE_DAYS = 5,
    ACKNOWLEDGE_DAYS = 3,
    CONTACT_DAYS = 10,
    TODAY_ACKNOWLEDGE_DAYS = 1,
    TODAY_CONTACT_DAYS = 3,
    ASK_DAYS = 10,
    QUIET_DAYS = 8,
    QUIET_MORE_DAYS = 10,
    MARGIN_DAYS = 2,
    MIDNIGHT_MINUTES = 60,
    ASKED_MEMBERS = 3,
};

#define BROKEN(of, which, ...) model_broken(&(of)->world->model, which, __VA_ARGS__)

/* The public sector's calendar in Flanders, 2026: by hand. */
static bool is_free(int32_t day) {
    static const int holidays[][2] = {{1, 1},   {4, 6},   {5, 1},   {5, 14}, {5, 25},
                                      {7, 11},  {7, 21},  {8, 15},  {11, 1}, {11, 2},
                                      {11, 11}, {11, 15}, {12, 25}, {12, 26}};
    struct date date = date_from_day(day);
    int weekday = (int)((day % 7 + 7 + 3) % 7); /* day 0 was a Thursday; 0 is Monday */
    if (weekday >= 5) {
        return true;
    }
    for (size_t i = 0; i < sizeof(holidays) / sizeof(holidays[0]); i++) {
        if (date.month == holidays[i][0] && date.day == holidays[i][1]) {
            return true;
        }
    }
    return false;
}

int working_days_passed(int32_t from_day, int32_t until_day) {
    int passed = 0;
    for (int32_t day = from_day + 1; day <= until_day; day++) {
        passed += is_free(day) ? 0 : 1;
    }
    return passed;
}

struct vault_keys family_model_keys(struct world *world, int party) {
    return (struct vault_keys){.get = keys_record, .context = &world->parties[party]};
}

/* -- does near professional support count? -- */

enum answer { NO, MAYBE, YES };

struct look_at {
    struct family_model *model;
    int64_t now_ms;
    int32_t today;
};

/* Whether the hub counts what that organisation says, by how long it's been quiet. */
static enum answer is_heard(const struct look_at *at, int party) {
    int32_t heard = brussels_day(at->model->heard_ms[party]);
    if (heard + QUIET_DAYS >= at->today) {
        return YES;
    }
    int32_t noticed = heard + QUIET_DAYS;
    return working_days_passed(noticed, at->today) > QUIET_MORE_DAYS + MARGIN_DAYS ? NO : MAYBE;
}

static enum answer is_near(const struct look_at *at, const struct known_family *family, int party) {
    const struct known_support *known = &family->supports[party];
    const struct support *said = &known->said;
    if (!known->known || said->kind != SUPPORT_PROFESSIONAL || said->distance != SUPPORT_NEAR ||
        said->state == SUPPORT_ENDED ||
        (said->state == SUPPORT_ENDING && said->end_day <= at->today) ||
        at->today - said->confirmed_day > SILENT_DAYS) {
        return NO;
    }
    return is_heard(at, party);
}

static enum answer has_near(const struct look_at *at, const struct known_family *family) {
    enum answer best = NO;
    for (int party = 1; party < MODEL_PARTIES; party++) {
        int64_t since_ms = at->now_ms - at->model->left_ms[party];
        bool just_left = since_ms < 2 * (int64_t)HOUR_MS; /* its supports end one by one */
        enum answer one = just_left ? MAYBE : is_near(at, family, party);
        best = one > best ? one : best;
    }
    return best;
}

/* Whether somebody may still come: a successor was named, or a new consent said so. */
static bool may_have_grace(const struct look_at *at, const struct known_family *family) {
    bool named = family->support_expected && !family->ever_near;
    for (int party = 1; party < MODEL_PARTIES; party++) {
        named = named || family->supports[party].named; /* also by who has left since */
    }
    return named && working_days_passed(family->gap_since_day, at->today) <= GRACE_DAYS;
}

/* -- flags -- */

static struct seen_flag *seen_flag(struct family_model *model, const struct family_flag *flag) {
    for (size_t i = 0; i < model->flag_count; i++) {
        if (message_id_equal(&model->flags[i].id, &flag->id)) {
            return &model->flags[i];
        }
    }
    if (model->flag_count == FLAGS_SEEN_MAX) {
        return NULL;
    }
    struct seen_flag *seen = &model->flags[model->flag_count++];
    *seen = (struct seen_flag){.id = flag->id, .since_day = FAMILY_DAY_NONE};
    return seen;
}

void family_rules_concern(struct known_family *family, const struct concern *concern, int32_t day) {
    if (family->concern_count < KNOWN_CONCERNS_MAX) {
        family->concerns[family->concern_count++] =
            (struct known_concern){.id = concern->id, .urgency = concern->urgency, .day = day};
    }
}

/* Since when one of those that the flag answers to is for today; FAMILY_DAY_NONE: none is. */
static int32_t for_today_since(const struct known_family *family, const struct family_flag *flag) {
    int32_t since = FAMILY_DAY_NONE;
    for (size_t i = 0; i < family->concern_count; i++) {
        const struct known_concern *known = &family->concerns[i];
        bool raised = false;
        for (uint8_t k = 0; k < flag->raiser_count; k++) {
            raised = raised || message_id_equal(&flag->raisers[k].about, &known->id);
        }
        if (raised && known->urgency == CONCERN_TODAY &&
            (since == FAMILY_DAY_NONE || known->day < since)) {
            since = known->day;
        }
    }
    return since;
}

/* Each turn of a concern for today has clocks of its own; one that became so in the midst of a turn
 * has them from that day on, beside those that it had. */
static bool is_late(const struct look_at *at, const struct known_family *family,
                    const struct family_flag *flag, int32_t since_day) {
    const bool open = flag->state == FLAG_OPEN;
    const int passed = working_days_passed(since_day, at->today);
    const int32_t today_since =
        flag->kind == FLAG_CONCERN ? for_today_since(family, flag) : FAMILY_DAY_NONE;
    if (flag->state != FLAG_OPEN && flag->state != FLAG_ACKNOWLEDGED) {
        return false;
    }
    if (today_since != FAMILY_DAY_NONE) {
        const int hurried =
            working_days_passed(today_since > since_day ? today_since : since_day, at->today);
        if (hurried > TODAY_CONTACT_DAYS || (open && hurried > TODAY_ACKNOWLEDGE_DAYS)) {
            return true;
        }
    }
    return passed > CONTACT_DAYS || (open && passed > ACKNOWLEDGE_DAYS);
}

static void check_clock(const struct look_at *at, const struct known_family *family,
                        const struct family_flag *flag) {
    struct seen_flag *seen = seen_flag(at->model, flag);
    if (seen == NULL) {
        return;
    }
    const struct org_id owner =
        flag->turn < flag->line_count ? flag->line[flag->turn] : (struct org_id){0};
    bool dropped = flag->state < seen->state; /* who had taken it is closed or gone */
    seen->state = flag->state;
    if (seen->since_day == FAMILY_DAY_NONE || dropped || !org_id_equal(&seen->owner, &owner) ||
        seen->kind != flag->kind || seen->turn != flag->turn || seen->reopened != flag->reopened) {
        at->model->flags_risen[flag->kind] += seen->since_day == FAMILY_DAY_NONE ? 1 : 0;
        seen->since_day = at->today;
        seen->kind = flag->kind;
        seen->turn = flag->turn;
        seen->owner = owner;
        seen->reopened = flag->reopened;
    }
    int passed = working_days_passed(seen->since_day, at->today);
    if (flag->turn < flag->line_count && is_late(at, family, flag, seen->since_day)) {
        BROKEN(at->model, VIOLATION_CLOCK, "a flag %s of card %d, %s, %d working days with %s",
               flag_kind_text(flag->kind), family->card, flag_state_text(flag->state), passed,
               flag->line[flag->turn].text);
    }
}

static void check_no_local(const struct look_at *at, struct known_family *family,
                           const struct family *row) {
    size_t open = 0;
    bool closed = false;
    enum answer near = has_near(at, family);
    for (size_t i = 0; i < row->flag_count; i++) {
        const struct family_flag *flag = &row->flags[i];
        bool ours = flag->kind == FLAG_NO_LOCAL;
        open += ours && flag->state != FLAG_CLOSED ? 1 : 0;
        closed = closed || (ours && flag->state == FLAG_CLOSED && flag->reason != 0 &&
                            (family->gap_since_day == FAMILY_DAY_NONE ||
                             flag->closed_day >= family->gap_since_day));
    }
    if (near == YES) {
        family->gap_since_day = FAMILY_DAY_NONE;
        family->ever_near = true;
    } else if (near == NO && family->gap_since_day == FAMILY_DAY_NONE) {
        family->gap_since_day = at->today;
    }
    if (near == MAYBE) {
        return;
    }
    bool wanted = near == NO && family_in_scope(family, SCOPE_LOST_SUPPORT);
    if (open > 1 || (open == 1 && !wanted)) {
        BROKEN(at->model, VIOLATION_FLAG, "card %d has %zu flags that nobody near supports it: %s",
               family->card, open, near == YES ? "somebody does" : "one is enough, with the scope");
    }
    if (open == 0 && wanted && !closed && !may_have_grace(at, family)) {
        BROKEN(at->model, VIOLATION_FLAG,
               "nobody near supports the family of card %d since day %d, and no flag stands",
               family->card, (int)family->gap_since_day);
    }
}

static void check_asks(const struct look_at *at, const struct known_family *family,
                       const struct family *row) {
    for (size_t i = 0; i < family->ask_count; i++) {
        const struct known_ask *ask = &family->asks[i];
        bool ended = ask->state == ASK_TAKEN || ask->state == ASK_REVOKED;
        bool found = row->flag_count == FAMILY_FLAGS_MAX;
        for (size_t k = 0; k < row->flag_count; k++) {
            found = found || (row->flags[k].kind == FLAG_ASKED_NOT_TAKEN &&
                              message_id_equal(&row->flags[k].about, &ask->id));
        }
        if (!ended && !found && working_days_passed(ask->received_day, at->today) > ASK_DAYS) {
            BROKEN(at->model, VIOLATION_FLAG,
                   "a question about card %d was asked on day %d, nobody took it, no flag stands",
                   family->card, (int)ask->received_day);
        }
    }
}

/* For whoever must understand a failure. */
static void say_row(const struct look_at *at, const struct known_family *family,
                    const struct family *row) {
    struct trace *trace = &at->model->world->trace;
    for (size_t i = 0; i < row->support_count; i++) {
        const struct family_support *support = &row->supports[i];
        trace_say(trace, at->now_ms, "card %d, hub: %s %s %s %s%s%s, end %d, contact %d, then %s",
                  family->card, support->org.text, support_kind_text(support->kind),
                  support_distance_text(support->distance), support_state_text(support->state),
                  support->silent ? ", silent" : "", support->quiet ? ", quiet" : "",
                  (int)support->end_day, (int)support->confirmed_day, support->successor.text);
    }
    for (size_t i = 0; i < row->flag_count; i++) {
        const struct family_flag *flag = &row->flags[i];
        trace_say(trace, at->now_ms,
                  "card %d, hub: flag %s %s, opened %d, turn %d of %d, by %d and %d, closed %d %s",
                  family->card, flag_kind_text(flag->kind), flag_state_text(flag->state),
                  (int)flag->opened_day, flag->turn, flag->line_count,
                  (int)flag->acknowledge_by_day, (int)flag->contact_by_day, (int)flag->closed_day,
                  flag->reason == 0 ? "" : flag_reason_text(flag->reason));
    }
    for (int party = 1; party < MODEL_PARTIES; party++) {
        const struct known_support *known = &family->supports[party];
        if (known->known) {
            trace_say(trace, at->now_ms, "card %d: %s said %s %s %s, end %d, contact %d, number %u",
                      family->card, at->model->world->model.parties[party].org.text,
                      support_kind_text(known->said.kind),
                      support_distance_text(known->said.distance),
                      support_state_text(known->said.state), (int)known->said.end_day,
                      (int)known->said.confirmed_day, known->said.number);
        }
    }
    trace_say(trace, at->now_ms, "card %d, hub: scopes %x, near ended %d, grace until %d, due %lld",
              family->card, row->token.scopes.bits, (int)row->near_ended_day,
              (int)row->grace_until_day, (long long)row->due_ms);
}

static int check_family(const struct look_at *at, struct store_txn *view,
                        struct known_family *family) {
    struct world *world = at->model->world;
    struct party *hub = &world->parties[HUB];
    const struct family_keys keys = {.records = family_model_keys(world, HUB),
                                     .index = &hub->index_key};
    struct family *row;
    int open = 0;
    arena_reset(world->arena);
    int r = family_get(view, &keys, &family->handle, world->arena, &row);
    bool valid = family_valid(family, at->now_ms);
    if (r < 0 && valid) {
        BROKEN(at->model, VIOLATION_LOST, "the row of card %d: %s", family->card, err_text(r));
    } else if (r == 0 && !valid) {
        BROKEN(at->model, VIOLATION_CONSENT, "the hub has a row of card %d: no consent stands",
               family->card);
    }
    if (r < 0 || !valid) {
        return 0;
    }
    for (size_t i = 0; i < row->flag_count; i++) {
        if (row->flags[i].state != FLAG_CLOSED) {
            open++;
            check_clock(at, family, &row->flags[i]);
        }
    }
    check_no_local(at, family, row);
    check_asks(at, family, row);
    if (world->model.violation != VIOLATION_NONE) {
        say_row(at, family, row);
    }
    return open;
}

static int board_rows(struct store_txn *view) {
    struct flag_cursor cursor;
    struct flag_row row;
    int rows = 0;
    for (int r = flag_first(view, &cursor, &row); r == 0; r = flag_next(&cursor, &row)) {
        rows += row.kind != FLAG_NODE_QUIET && row.kind != FLAG_CALL_BACK ? 1 : 0;
    }
    return rows;
}

/* A hub that has just come up does nothing for time's sake before enough members told it theirs. */
static bool knows_time(const struct family_model *model) {
    int members = 0;
    for (int i = 1; i < model->world->party_count; i++) {
        members += model->heard_ms[i] > model->world->parties[HUB].since_ms ? 1 : 0;
    }
    return members > ASKED_MEMBERS;
}

void family_rules_check(struct family_model *model, int64_t now_ms) {
    struct world *world = model->world;
    struct hub_health health;
    struct store_txn *view;
    struct look_at at = {.model = model, .now_ms = now_ms, .today = brussels_day(now_ms)};
    int open = 0;
    if (brussels_minute_of_day(now_ms) < MIDNIGHT_MINUTES) {
        return; /* a row that was looked at just before waits an hour */
    }
    if (!knows_time(model)) {
        return;
    }
    if (at.today == model->checked_day && world->model.seen == model->checked_seen) {
        return;
    }
    if (hub_health(world->parties[HUB].hub, &health) < 0 || health.clock_halted ||
        store_begin_read(world->parties[HUB].store, &view) < 0) {
        return;
    }
    model->checked_day = at.today;
    model->checked_seen = world->model.seen;
    for (size_t i = 0; i < model->count && world->model.violation == VIOLATION_NONE; i++) {
        open += check_family(&at, view, &model->families[i]);
    }
    int rows = board_rows(view);
    if (rows != open && world->model.violation == VIOLATION_NONE) {
        BROKEN(model, VIOLATION_FLAG, "%d flags are open, %d stand on the board", open, rows);
    }
    store_abort(view);
}

void family_model_looked(struct family_model *model, int card, const struct look_answer *answer,
                         int64_t now_ms) {
    if (answer == NULL || !answer->found) {
        return;
    }
    /* Answered a moment ago, and a withdrawal may have been taken since; but long ended? */
    struct known_family then = model->families[card];
    then.ended = false;
    model->looks_found++;
    if (!family_valid(&then, now_ms - (int64_t)HOUR_MS)) {
        BROKEN(model, VIOLATION_CONSENT, "a look at card %d found it: no consent stands",
               then.card);
    }
}

/* -- both ends -- */

static const char *unequal_support(const struct known_family *family, int party,
                                   const struct own_support *own) {
    static char text[120];
    const struct known_support *known = &family->supports[party];
    if (!own->exists || own->said.number == 0 || own->waits || own->given_up) {
        return NULL;
    }
    if (known->known && known->said.number == own->said.number &&
        known->said.state == own->said.state) {
        return NULL;
    }
    (void)snprintf(text, sizeof(text), "party %d supports card %d by number %u, the hub has %u",
                   party, family->card, own->said.number, known->said.number);
    return text;
}

const char *family_rules_unequal(struct family_model *model) {
    struct world *world = model->world;
    const char *unequal = NULL;
    for (int i = 1; i <= world->node_count && unequal == NULL; i++) {
        struct party *node = &world->parties[i];
        struct store_txn *view;
        if (!node->alive || world->model.parties[i].revoked ||
            store_begin_read(node->store, &view) < 0) {
            continue;
        }
        const struct family_vault vault = {.records = family_model_keys(world, i),
                                           .index = &node->index_key};
        for (size_t k = 0; k < model->count && unequal == NULL; k++) {
            const struct known_family *family = &model->families[k];
            struct family_row *row;
            arena_reset(world->arena);
            if (family_valid(family, world->now_ms) && family_in_scope(family, SCOPE_PRESENCE) &&
                family_find(view, &vault, &family->handle, world->arena, &row) == 0 &&
                row->refusal == REFUSAL_NONE) {
                unequal = unequal_support(family, i, &row->support);
            }
        }
        store_abort(view);
    }
    return unequal;
}
