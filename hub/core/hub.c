#include "hub/core/hub.h"

#include <stdlib.h>
#include <string.h>

#include "hub/core/counts.h"
#include "hub/core/families.h"
#include "hub/core/journal.h"
#include "hub/core/notices.h"
#include "hub/core/state.h"
#include "hub/core/tombstones.h"
#include "shared/base/civil.h"
#include "shared/turn/results.h"

enum {
    TRIM_EVERY_MS = 10 * MINUTE_MS,
    CLOCK_PATIENCE_TICKS = 600, /* how long members get to say that our clock is wrong */
    SCRATCH_BYTES = 32 << 20,   /* one family and all that's told about it, many times over */
};

int hub_office_peer(const struct hub *hub, struct store_txn *view, const struct org_id *org,
                    struct office_peer *ret) {
    struct member_standing standing;
    *ret = (struct office_peer){
        .own = hub->own,
        .peer = {.org = *org, .hub = hub->params.hub},
    };
    int r = member_standing(view, org, &standing);
    if (r == ERR_NOT_FOUND) {
        return 0;
    }
    if (r < 0) {
        return r;
    }
    ret->role = standing.active ? standing.role : MEMBER_ROLE_NONE;
    memcpy(ret->sign.bytes, standing.sign.bytes, sizeof(ret->sign.bytes));
    return 0;
}

/* A machine that starts with a wrong date must not drop a year of figures before its members could
 * say so. A region of one or two has nobody to ask. */
static int clock_judged(const struct hub *hub, struct store_txn *view, bool *ret) {
    int64_t skew_ms;
    uint64_t members;
    if (hub->ticks >= CLOCK_PATIENCE_TICKS || peers_median_skew(hub->peers, &skew_ms)) {
        *ret = true;
        return 0;
    }
    int r = members_count(view, &members);
    if (r == 0) {
        *ret = members < PEERS_SKEWS_MIN;
    }
    return r;
}

/* By a halted clock nothing happens for time's sake (DESIGN 3). */
static int decide_time(struct hub *hub, const struct turn_view *view, struct decision *ret) {
    bool judged = false;
    int r = clock_judged(hub, view->txn, &judged);
    if (r < 0 || !judged) {
        return r;
    }
    r = signals_decide_retention(hub, view, ret);
    if (r == 0 && !hub->clock_halted) {
        r = families_decide_time(hub, view, ret);
    }
    return r;
}

static int decide(void *core, const struct turn_view *view, const struct event *event,
                  struct decision *ret) {
    struct hub *hub = core;
    hub->now_ms = view->now_ms;
    arena_reset(hub->scratch);
    switch (event->kind) {
    case EVENT_PACKET:
        return event->peer.org.text[0] == '\0' ? joining_decide_stranger(hub, view, event, ret)
                                               : arrivals_decide(hub, view, event, ret);
    case EVENT_COMMAND:
        return commands_decide(hub, view, event->command, ret);
    case EVENT_TIMER:
    default:
        return decide_time(hub, view, ret);
    }
}

int facts_apply(struct hub *hub, const struct turn_view *view, const struct fact *fact) {
    switch ((enum hub_fact)fact->type) {
    case FACT_SIGNAL:
    case FACT_STATUS:
    case FACT_RETENTION:
        return signals_apply(view, fact);
    case FACT_REFUSED:
    case FACT_RECEIVED:
        return arrivals_apply(view, fact);
    case FACT_ENTRY:
    case FACT_INVITED:
    case FACT_APPLIED:
    case FACT_DECLINED:
    case FACT_UPDATE:
        return joining_apply(hub, view, fact);
    case FACT_DIRECTORY_AGAIN:
        return spread_apply_again(view, fact);
    case FACT_USER:
    case FACT_TOKEN:
    case FACT_TOKEN_REVOKED:
    case FACT_BACKED_UP:
        return people_apply(view, fact);
    case FACT_TAKEN:
    case FACT_FAMILY:
    case FACT_FAMILY_ERASED:
    case FACT_TOMBSTONE:
    case FACT_TOMBSTONE_OVER:
    case FACT_ERASED:
    case FACT_SHREDDED:
    case FACT_FLAG_ROW:
        return families_apply_fact(view, fact);
    case FACT_HEARD:
        return heard_apply(view, fact);
    case FACT_POSTED:
        return notices_apply(hub, view, fact);
    case FACT_COUNTED:
        return counts_apply(view, fact);
    case FACT_CALL_BACK:
        return call_backs_apply(view, fact);
    case FACT_NONE:
    default:
        return ERR_UNSUPPORTED; /* a journal of a later version */
    }
}

static int apply(void *core, const struct turn_view *view, const struct fact *fact) {
    struct hub *hub = core;
    const struct arena_mark mark = arena_mark(view->arena);
    int r = journal_append(view, fact, &hub->params.families.records);
    r = r < 0 ? r : facts_apply(hub, view, fact);
    arena_rewind(view->arena, &mark); /* all of it is written */
    return r;
}

static bool frees_keys(const struct decision *decision) {
    bool frees = false;
    for (size_t i = 0; i < decision->fact_count; i++) {
        uint16_t type = decision->facts[i].type;
        frees = frees || type == FACT_FAMILY_ERASED || type == FACT_SHREDDED;
    }
    return frees;
}

static void outcome(void *core, const struct event *event, const struct decision *decision) {
    struct hub *hub = core;
    joining_outcome(hub, decision);
    hub->shred_due = hub->shred_due || frees_keys(decision);
    switch (event->kind) {
    case EVENT_PACKET:
        if (event->peer.org.text[0] == '\0') {
            joining_answer(hub, event, decision);
        } else {
            arrivals_outcome(hub, event, decision);
        }
        break;
    case EVENT_COMMAND:
        hub->params.links.command_done(hub->params.links.context, event->command, decision->refusal,
                                       decision->result);
        break;
    case EVENT_TIMER:
    default:
        heard_outcome(hub, decision);
        break;
    }
}

static void committed(void *core, int64_t now_ms, struct arena *arena) {
    replies_send(core, now_ms, arena);
}

static int read_journal_ms(struct store_txn *view, int64_t *ret) {
    struct position position;
    struct journal_record record;
    int r = journal_position(view, &position);
    if (r < 0 || position.sequence == 0) {
        return r;
    }
    r = journal_read(view, position.sequence, &record);
    if (r == 0) {
        *ret = record.time_ms;
    }
    return r;
}

int hub_new(const struct hub_params *params, struct hub **ret) {
    struct hub *hub = calloc(1, sizeof(*hub));
    struct store_txn *view;
    struct directory_head head;
    if (hub == NULL) {
        return ERR_NO_MEMORY;
    }
    hub->params = *params;
    hub->shred_due = true;
    hub->own = (struct address){.org = HUB_ORG, .hub = params->hub};
    struct turn_params turn = {
        .store = params->store,
        .core = {.core = hub,
                 .decide = decide,
                 .apply = apply,
                 .outcome = outcome,
                 .committed = committed},
        .marker = params->marker,
        .faults = params->faults,
    };
    int r = store_begin_read(params->store, &view);
    if (r == 0) {
        r = directory_head(view, &head);
        r = r == 0 && head.sequence != 0 ? read_journal_ms(view, &hub->journal_ms) : r;
        store_abort(view);
        r = r == 0 && head.sequence == 0 ? ERR_NOT_FOUND : r;
    }
    if (r == 0) {
        r = peers_new(&hub->peers);
    }
    if (r == 0) {
        r = arena_new(SCRATCH_BYTES, &hub->scratch);
    }
    if (r == 0) {
        r = turn_new(&turn, &hub->turn);
    }
    if (r < 0) {
        hub_free(hub);
        return r;
    }
    *ret = hub;
    return 0;
}

void hub_free(struct hub *hub) {
    if (hub != NULL) {
        turn_free(hub->turn);
        peers_free(hub->peers);
        arena_free(hub->scratch);
        free(hub);
    }
}

int hub_receive(struct hub *hub, const struct org_id *org, struct bytes frame) {
    struct event event = {
        .kind = EVENT_PACKET,
        .peer = {.org = *org, .hub = hub->params.hub},
        .frame = frame,
    };
    return turn_push(hub->turn, &event);
}

int hub_receive_stranger(struct hub *hub, void *token, struct bytes frame) {
    struct event event = {.kind = EVENT_PACKET, .frame = frame, .token = token};
    return turn_push(hub->turn, &event);
}

int hub_command(struct hub *hub, const struct command *command) {
    struct event event = {.kind = EVENT_COMMAND, .command = command};
    return turn_push(hub->turn, &event);
}

void hub_lost(struct hub *hub, const struct org_id *org) {
    struct peer *peer = peers_find(hub->peers, org);
    if (peer != NULL) {
        peer->present = false;
    }
}

bool hub_has_work(const struct hub *hub) {
    return turn_waiting(hub->turn) > 0;
}

/* Whether our clock has jumped. After it the skews that we know say nothing any more; members greet
 * each minute. A clock that was set back must not keep the post waiting for an hour that was there
 * before. */
static bool watch_clock(struct hub *hub, int64_t now_ms) {
    const int64_t halt_ms = (int64_t)CLOCK_HALT_MINUTES * MINUTE_MS;
    int64_t skew_ms;
    int64_t step_ms = hub->ticks == 0 ? 0 : now_ms - hub->ticked_ms;
    bool jumped = step_ms <= -halt_ms || step_ms >= halt_ms;
    hub->clock_jumped = hub->clock_jumped || (jumped && peers_median_skew(hub->peers, &skew_ms));
    for (size_t i = 0; i < peers_count(hub->peers) && (jumped || step_ms < 0); i++) {
        struct peer *peer = peers_at(hub->peers, i);
        peer->has_skew = peer->has_skew && !jumped;
        if (step_ms < 0) {
            pump_reset(&peer->pump);
            peer->has_post = true;
        }
    }
    hub->trimmed_ms = step_ms < 0 || hub->ticks == 0 ? now_ms : hub->trimmed_ms;
    hub->ticked_ms = now_ms;
    hub->awake_ms = jumped || hub->ticks == 0 ? now_ms : hub->awake_ms;
    hub->ticks = jumped ? 1 : hub->ticks;
    return jumped;
}

/* A machine that comes up years back has its own journal as a witness. A journal that was written
 * by a clock that was ahead would witness wrongly: any member's clock that agrees with ours
 * overrules it. */
static bool is_before_journal(const struct hub *hub, int64_t now_ms) {
    const int64_t halt_ms = (int64_t)CLOCK_HALT_MINUTES * MINUTE_MS;
    size_t agree = 0;
    size_t differ = 0;
    for (size_t i = 0; i < peers_count(hub->peers); i++) {
        const struct peer *peer = peers_at(hub->peers, i);
        bool near = peer->skew_ms > -halt_ms && peer->skew_ms < halt_ms;
        agree += peer->has_skew && near ? 1 : 0;
        differ += peer->has_skew && !near ? 1 : 0;
    }
    return now_ms < hub->journal_ms - halt_ms && agree <= differ;
}

/* Our clock against the median of our members': one wrong member can't stop us. */
static void judge_clock(struct hub *hub, int64_t now_ms) {
    int64_t skew_ms = 0;
    bool known = peers_median_skew(hub->peers, &skew_ms);
    int64_t off_ms = skew_ms < 0 ? -skew_ms : skew_ms;
    hub->clock_jumped = hub->clock_jumped && !known && hub->ticks < CLOCK_PATIENCE_TICKS;
    hub->clock_skew_ms = known ? skew_ms : 0;
    hub->clock_halted = hub->clock_jumped ||
                        (known && off_ms >= (int64_t)CLOCK_HALT_MINUTES * MINUTE_MS) ||
                        is_before_journal(hub, now_ms);
}

int hub_turn(struct hub *hub, int64_t now_ms, struct rng *rng, bool short_of_room) {
    if (hub->ticks == 0) {
        hub->clock_halted = hub->clock_halted || is_before_journal(hub, now_ms);
    } else if (watch_clock(hub, now_ms)) { /* nothing is judged by it until the next tick */
        judge_clock(hub, now_ms);
    }
    turn_doubt_clock(hub->turn, hub->clock_halted);
    return turn_run(hub->turn, now_ms, rng, short_of_room);
}

static int trim_results(struct hub *hub, int64_t now_ms) {
    struct store_txn *txn;
    int r = store_begin_write(hub->params.store, &txn);
    if (r < 0) {
        return r;
    }
    bool judged = false;
    r = clock_judged(hub, txn, &judged);
    if (r == 0 && judged) {
        r = results_trim(txn, now_ms);
    }
    if (r < 0 || !judged) {
        store_abort(txn);
        return r;
    }
    r = store_commit(txn);
    return r == ERR_NO_ROOM ? 0 : r;
}

static void mark_due(struct hub *hub, int64_t now_ms) {
    for (size_t i = 0; i < peers_count(hub->peers); i++) {
        struct peer *peer = peers_at(hub->peers, i);
        peer->has_post = peer->has_post || (peer->present && pump_wake_ms(&peer->pump) <= now_ms);
    }
}

int hub_tick(struct hub *hub, int64_t now_ms, struct rng *rng, bool short_of_room) {
    hub->ticks += watch_clock(hub, now_ms) ? 0 : 1;
    judge_clock(hub, now_ms);
    if (!hub->clock_halted && now_ms - hub->trimmed_ms >= TRIM_EVERY_MS) {
        hub->trimmed_ms = now_ms;
        int r = trim_results(hub, now_ms);
        if (r < 0) {
            return r;
        }
    }
    mark_due(hub, now_ms);
    struct event event = {.kind = EVENT_TIMER};
    int r = turn_push(hub->turn, &event);
    if (r < 0 && r != ERR_AGAIN) {
        return r;
    }
    return hub_turn(hub, now_ms, rng, short_of_room);
}

static int found_in(struct store_txn *txn, const struct hub_founding *founding,
                    const struct hub_keys *keys, struct rng *rng, struct arena *arena) {
    struct public_key director;
    struct region region = {
        .hub = founding->hub, .directors = &director, .director_count = 1, .quorum = 1};
    memcpy(director.bytes, keys->director_public.bytes, sizeof(director.bytes));
    memcpy(region.hub_curve.bytes, keys->curve_public.bytes, sizeof(region.hub_curve.bytes));
    memcpy(region.hub_sign.bytes, keys->sign_public.bytes, sizeof(region.hub_sign.bytes));
    if (strlen(founding->region_name) > NAME_BYTES_MAX) {
        return ERR_TOO_LARGE;
    }
    memcpy(region.name, founding->region_name, strlen(founding->region_name) + 1);
    struct directory_op op = {.kind = DIRECTORY_OP_FOUND, .region = &region};
    struct directory_draft draft = {.now_ms = founding->now_ms, .ops = &op, .op_count = 1};
    struct directory_signer signer = {.public_key = keys->director_public,
                                      .secret = keys->director};
    struct bytes entry;
    struct bytes signed_entry = {0};
    int r = directory_compose(txn, &draft, arena, &entry);
    if (r == 0) {
        r = directory_sign(entry, &signer, 1, arena, &signed_entry);
    }
    if (r < 0) {
        return r;
    }
    struct turn_view view = {.txn = txn, .now_ms = founding->now_ms, .rng = rng, .arena = arena};
    journal_begin(txn, founding->epoch);
    struct buf buf = decision_buf(&view, signed_entry.length + 64);
    joining_write_entry(&buf, founding->now_ms, signed_entry);
    if (buf.error < 0) {
        return buf.error;
    }
    struct fact fact = {.type = FACT_ENTRY, .body = buf_bytes(&buf)};
    r = journal_append(&view, &fact, NULL);
    return r < 0 ? r : facts_apply(NULL, &view, &fact);
}

int hub_found(struct store *store, const struct hub_founding *founding, const struct hub_keys *keys,
              struct rng *rng) {
    struct arena *arena;
    struct store_txn *txn;
    struct directory_head head;
    int r = arena_new(1 << 20, &arena);
    if (r < 0) {
        return r;
    }
    r = store_begin_write(store, &txn);
    if (r < 0) {
        arena_free(arena);
        return r;
    }
    r = directory_head(txn, &head);
    if (r == 0) {
        r = head.sequence != 0 ? ERR_EXISTS : found_in(txn, founding, keys, rng, arena);
    }
    if (r < 0) {
        store_abort(txn);
    } else {
        r = store_commit(txn);
    }
    arena_free(arena);
    return r;
}

static int count_erasures(struct store_txn *view, uint64_t *ret) {
    struct erasure_cursor cursor;
    struct erasure_row row;
    uint64_t count = 0;
    int r;
    for (r = erasure_first(view, &cursor, &row); r == 0; r = erasure_next(&cursor, &row)) {
        count++;
    }
    if (r != ERR_NOT_FOUND) {
        return r;
    }
    *ret = count;
    return 0;
}

static int count_families(struct store_txn *view, struct hub_health *health) {
    const struct {
        enum table table;
        uint64_t *count;
    } counted[] = {
        {TABLE_FAMILIES, &health->families},
        {TABLE_FLAGS, &health->flags_open},
        {TABLE_TOMBSTONES, &health->tombstones},
        {TABLE_SHRED, &health->keys_to_shred},
    };
    for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
        int r = store_count(view, counted[i].table, counted[i].count);
        if (r < 0) {
            return r;
        }
    }
    return count_erasures(view, &health->erasures_owed);
}

int hub_health(struct hub *hub, struct hub_health *ret) {
    struct store_txn *view;
    struct hub_health health = {
        .turns = *turn_counts(hub->turn),
        .unknown_fields = hub->unknown_fields,
        .strangers_refused = hub->strangers_refused,
        .acknowledgements = hub->acknowledgements,
        .clock_skew_ms = hub->clock_skew_ms,
        .clock_halted = hub->clock_halted,
        .keys_left = hub_keys_left(hub),
    };
    for (size_t i = 0; i < peers_count(hub->peers); i++) {
        health.members_present += peers_at(hub->peers, i)->present ? 1 : 0;
    }
    int r = store_begin_read(hub->params.store, &view);
    if (r < 0) {
        return r;
    }
    r = journal_position(view, &health.position);
    if (r == 0) {
        r = people_backed_up_to(view, &health.backed_up_to);
    }
    if (r == 0) {
        r = count_families(view, &health);
    }
    store_abort(view);
    if (r == 0) {
        *ret = health;
    }
    return r;
}
