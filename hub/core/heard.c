#include <string.h>

#include "hub/core/families.h"
#include "hub/core/family_codec.h"
#include "hub/core/family_store.h"
#include "hub/core/flags.h"
#include "shared/base/civil.h"
#include "shared/places/working_days.h"

/* Who was heard when, and what follows from silence: a node that is quiet as a whole raises one
 * flag of its own on the coordinator's board, not one for each of its families; after ten working
 * days its supports stop counting, family by family, until it's heard again. Who isn't a member any
 * more has its supports ended in the same way.
 *
 * TABLE_HEARD: organisation -> version, last day, state, its flag and that flag's day. A day is
 * written at most once, so this costs one small fact a day and member. */

enum {
    VERSION = 1,
    ROW_BYTES = 64,
    HEARD_PER_TURN_MAX = 32,
    QUIET_PER_TURN_MAX = 16,
    SWEEP_SLICE = 256,           /* families looked into each time */
    ASK_EVERY_MS = MINUTE_MS,    /* whether somebody is quiet, or gone */
    QUIET_PATIENCE_MS = HOUR_MS, /* after a start or a sleep: who couldn't reach us isn't quiet */
};

/*   PRESENT --8 days--> QUIET --10 working days--> ENDING --swept--> DISCOUNTED
 *      ^                  |                          |                   |
 *      +---heard----------+      RETURNING <--heard--+-------------------+
 *      +---swept--------------------+
 *   any of them --left--> LEAVING --swept--> GONE, or PRESENT if it joined again meanwhile
 *   GONE --heard as a member--> PRESENT
 *
 * LEAVING is written with the entry that says so: who joins again within the sweep, or before the
 * first look at it, supports nobody any more all the same; until it's swept its new supports wait.
 */
enum heard_state {
    HEARD_NONE = 0,
    HEARD_PRESENT,
    HEARD_QUIET,
    HEARD_ENDING,
    HEARD_DISCOUNTED,
    HEARD_RETURNING,
    HEARD_GONE,
    HEARD_LEAVING,
};

struct heard_row {
    struct org_id org;
    int32_t day;
    enum heard_state state;
    struct message_id flag; /* QUIET, ENDING, DISCOUNTED */
    int32_t flag_day;
};

static int row_read(struct bytes key, struct bytes value, struct heard_row *ret) {
    struct reader reader = reader_over(value);
    struct heard_row row = {0};
    uint8_t version = read_u8(&reader);
    row.day = day_read(&reader);
    row.state = (enum heard_state)read_u8(&reader);
    read_raw(&reader, row.flag.bytes, sizeof(row.flag.bytes));
    row.flag_day = day_read(&reader);
    if (key.length != sizeof(row.org.text) || version != VERSION || reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    memcpy(row.org.text, key.data, sizeof(row.org.text));
    *ret = row;
    return 0;
}

static int row_get(struct store_txn *view, const struct org_id *org, struct heard_row *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_HEARD, BYTES_OF(*org), &value);
    if (r == ERR_NOT_FOUND) {
        *ret = (struct heard_row){.org = *org, .day = FAMILY_DAY_NONE};
        return 0;
    }
    return r < 0 ? r : row_read(BYTES_OF(*org), value, ret);
}

static int add_row(const struct turn_view *view, const struct heard_row *row,
                   struct decision *ret) {
    struct buf buf = decision_buf(view, sizeof(row->org) + ROW_BYTES);
    buf_raw(&buf, BYTES_OF(row->org));
    buf_u8(&buf, VERSION);
    day_write(&buf, row->day);
    buf_u8(&buf, (uint8_t)row->state);
    buf_raw(&buf, BYTES_OF(row->flag));
    day_write(&buf, row->flag_day);
    return decision_add(ret, FACT_HEARD, &buf);
}

static bool has_flag(const struct heard_row *row) {
    return row->state == HEARD_QUIET || row->state == HEARD_ENDING ||
           row->state == HEARD_DISCOUNTED;
}

static int add_flag(const struct turn_view *view, const struct heard_row *row,
                    enum flag_state state, struct decision *ret) {
    const struct flag_row flag = {
        .id = row->flag,
        .kind = FLAG_NODE_QUIET,
        .state = state,
        .opened_day = row->flag_day,
        .acknowledge_by_day = FAMILY_DAY_NONE,
        .contact_by_day = FAMILY_DAY_NONE,
        .escalated = true,
        .about_org = row->org,
    };
    return flag_row_decide(view, &flag, ret);
}

/* A change of state: the flag of the state before it goes. */
static int move(const struct turn_view *view, const struct heard_row *before,
                enum heard_state state, int32_t day, struct decision *ret) {
    struct heard_row row = *before;
    row.state = state;
    row.day = day;
    if (has_flag(before) && !has_flag(&row)) {
        int r = add_flag(view, before, FLAG_CLOSED, ret);
        if (r < 0) {
            return r;
        }
        row.flag = (struct message_id){0};
        row.flag_day = FAMILY_DAY_NONE;
    }
    return add_row(view, &row, ret);
}

/* -- heard -- */

static enum heard_state state_when_heard(enum heard_state before) {
    switch (before) {
    case HEARD_ENDING:
    case HEARD_DISCOUNTED:
    case HEARD_RETURNING:
        return HEARD_RETURNING;
    case HEARD_LEAVING:
        return HEARD_LEAVING;
    case HEARD_NONE:
    case HEARD_PRESENT:
    case HEARD_QUIET:
    case HEARD_GONE:
    default:
        return HEARD_PRESENT;
    }
}

static int decide_heard(const struct turn_view *view, struct peer *peer, struct decision *ret) {
    const int32_t day = brussels_day(peer->heard_ms);
    struct member_standing standing;
    struct heard_row row;
    if (peer->heard_ms == 0 || day == peer->heard_day) {
        return 0;
    }
    int r = member_standing(view->txn, &peer->org, &standing);
    if (r == 0) {
        r = row_get(view->txn, &peer->org, &row);
    }
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    /* Who left before it was ever written down is, so that it's seen to be gone. */
    if (row.day >= day || (!standing.active && row.state != HEARD_NONE)) {
        peer->heard_day = day;
        return 0;
    }
    return move(view, &row, state_when_heard(row.state), day, ret);
}

static int decide_all_heard(struct hub *hub, const struct turn_view *view, struct decision *ret) {
    const size_t before = ret->fact_count;
    for (size_t i = 0; i < peers_count(hub->peers); i++) {
        if (ret->fact_count - before >= HEARD_PER_TURN_MAX) {
            return 0;
        }
        int r = decide_heard(view, peers_at(hub->peers, i), ret);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

/* -- left -- */

int heard_decide_left(const struct turn_view *view, const struct org_id *org,
                      struct decision *ret) {
    struct heard_row row;
    int r = row_get(view->txn, org, &row);
    return r < 0 ? r : move(view, &row, HEARD_LEAVING, row.day, ret);
}

int heard_is_leaving(struct store_txn *view, const struct org_id *org, bool *ret) {
    struct heard_row row;
    int r = row_get(view, org, &row);
    *ret = r == 0 && row.state == HEARD_LEAVING;
    return r;
}

/* -- not heard -- */

static int raise(const struct turn_view *view, const struct heard_row *before,
                 struct decision *ret) {
    struct heard_row row = *before;
    row.state = HEARD_QUIET;
    row.flag_day = brussels_day(view->now_ms);
    rng_fill(view->rng, row.flag.bytes, sizeof(row.flag.bytes));
    int r = add_flag(view, &row, FLAG_OPEN, ret);
    return r < 0 ? r : add_row(view, &row, ret);
}

static bool needs_sweep(const struct heard_row *row, bool member) {
    return row->state == HEARD_LEAVING ||
           (member ? row->state == HEARD_ENDING || row->state == HEARD_RETURNING
                   : row->state != HEARD_GONE);
}

static int look_at(struct hub *hub, const struct turn_view *view, const struct heard_row *row,
                   struct decision *ret) {
    const int32_t today = brussels_day(view->now_ms);
    struct member_standing standing;
    int r = member_standing(view->txn, &row->org, &standing);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    if (needs_sweep(row, standing.active)) {
        if (hub->sweep.org.text[0] == '\0') {
            hub->sweep = (struct sweep){.org = row->org, .state = HEARD_NONE};
        }
        return 0;
    }
    if (!standing.active || view->now_ms - hub->awake_ms < QUIET_PATIENCE_MS) {
        return 0;
    }
    if (row->state == HEARD_PRESENT && today - row->day > NODE_QUIET_DAYS) {
        return raise(view, row, ret);
    }
    if (row->state == HEARD_QUIET &&
        today > working_days_after(row->flag_day, NODE_QUIET_WORKING_DAYS)) {
        return move(view, row, HEARD_ENDING, row->day, ret);
    }
    return 0;
}

static int look_at_all(struct hub *hub, const struct turn_view *view, struct decision *ret) {
    const size_t before = ret->fact_count;
    struct store_cursor cursor;
    int r;
    if (view->now_ms - hub->sweep_asked_ms < ASK_EVERY_MS && view->now_ms >= hub->sweep_asked_ms) {
        return 0;
    }
    for (r = store_first(view->txn, TABLE_HEARD, &cursor);
         r == 0 && ret->fact_count - before < 2 * QUIET_PER_TURN_MAX; r = store_next(&cursor)) {
        struct heard_row row;
        int failed = row_read(cursor.key, cursor.value, &row);
        failed = failed < 0 ? failed : look_at(hub, view, &row, ret);
        if (failed < 0) {
            return failed;
        }
    }
    if (r == ERR_NOT_FOUND && ret->fact_count == before) {
        hub->sweep_asked_ms = view->now_ms; /* all were seen, and none moved */
    }
    return r == ERR_NOT_FOUND ? 0 : r;
}

/* -- its families -- */

/* One that was contacted has no clock that would miss who has it. */
static bool has_open_flag(const struct family *family, const struct org_id *org) {
    for (size_t i = 0; i < family->flag_count; i++) {
        const struct org_id owner = flag_owner(&family->flags[i]);
        if (family->flags[i].state != FLAG_CLOSED && org_id_equal(&owner, org)) {
            return true;
        }
    }
    return false;
}

/* True where this family's row says something else now, or must be judged. */
static bool change(struct family *family, const struct heard_row *row, bool left, int32_t today) {
    struct family_support *support = family_support_of(family, &row->org);
    if (support == NULL || support->state == SUPPORT_ENDED) {
        return left && has_open_flag(family, &row->org);
    }
    if (left) {
        support->state = SUPPORT_ENDED;
        support->why = END_ORGANISATION_LEFT;
        support->end_day = today;
        return true;
    }
    bool quiet = row->state == HEARD_ENDING;
    bool changed = support->quiet != quiet;
    support->quiet = quiet;
    return changed;
}

static int sweep_one(struct hub *hub, const struct turn_view *view, const struct digest *lookup,
                     const struct heard_row *row, bool left, struct decision *ret) {
    const struct arena_mark mark = arena_mark(hub->scratch);
    struct family *family = NULL;
    struct family_work work = {0};
    int r = family_get_by_lookup(view->txn, &hub->params.families, lookup, hub->scratch, &family);
    if (r == 0) {
        r = families_begin(hub, view, family, &work);
    }
    if (r < 0) {
        return r == ERR_CRYPTO ? 0 : r;
    }
    if (!change(family, row, left, work.world.today)) {
        arena_rewind(hub->scratch, &mark);
        return 0;
    }
    return families_finish(&work, left ? CHANGE_MEMBER_LEFT : CHANGE_NODE_QUIET, ret);
}

static int sweep_over(const struct turn_view *view, const struct heard_row *row, bool member,
                      struct decision *ret) {
    enum heard_state state = row->state == HEARD_ENDING ? HEARD_DISCOUNTED : HEARD_PRESENT;
    return move(view, row, member ? state : HEARD_GONE, row->day, ret);
}

static int sweep(struct hub *hub, const struct turn_view *view, struct decision *ret) {
    struct sweep *sweep = &hub->sweep;
    struct member_standing standing = {0};
    struct heard_row row;
    sweep->ahead = sweep->next;
    sweep->moved = sweep->org.text[0] != '\0';
    sweep->over = false;
    if (!sweep->moved) {
        return 0;
    }
    int r = row_get(view->txn, &sweep->org, &row);
    if (r == 0) {
        r = member_standing(view->txn, &sweep->org, &standing);
    }
    if (r < 0 || !needs_sweep(&row, standing.active)) {
        sweep->over = true; /* it was heard, or joined again, meanwhile */
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    const bool left = row.state == HEARD_LEAVING || !standing.active;
    const int state = left ? HEARD_LEAVING : (int)row.state;
    if (sweep->state != state) { /* half-way it's the other way round: from the first family on */
        sweep->state = state;
        sweep->next = (struct digest){0};
        sweep->ahead = sweep->next;
    }
    for (unsigned i = 0; r == 0 && i < SWEEP_SLICE && families_room(ret); i++) {
        struct digest lookup;
        r = family_next(view->txn, &sweep->ahead, &lookup);
        if (r == ERR_NOT_FOUND) {
            sweep->over = true;
            return sweep_over(view, &row, standing.active, ret);
        }
        if (r == 0) {
            r = sweep_one(hub, view, &lookup, &row, left, ret);
            sweep->ahead = family_lookup_after(lookup);
        }
    }
    return r;
}

void heard_outcome(struct hub *hub, const struct decision *decision) {
    struct sweep *sweep = &hub->sweep;
    if (decision->refusal != REFUSAL_NONE || !sweep->moved) {
        return;
    }
    sweep->next = sweep->ahead;
    sweep->moved = false;
    if (sweep->over) {
        *sweep = (struct sweep){0};
        hub->sweep_asked_ms = 0; /* who is next? */
    }
}

int heard_decide_due(struct hub *hub, const struct turn_view *view, struct decision *ret) {
    int r = sweep(hub, view, ret);
    if (r == 0) {
        r = decide_all_heard(hub, view, ret);
    }
    return r < 0 ? r : look_at_all(hub, view, ret);
}

int heard_apply(const struct turn_view *view, const struct fact *fact) {
    const size_t name = sizeof(struct org_id);
    struct heard_row row;
    if (fact->body.length <= name) {
        return ERR_STORAGE;
    }
    struct bytes key = {.data = fact->body.data, .length = name};
    struct bytes value = {.data = fact->body.data + name, .length = fact->body.length - name};
    if (row_read(key, value, &row) < 0) {
        return ERR_STORAGE;
    }
    store_put(view->txn, TABLE_HEARD, key, value);
    return 0;
}
