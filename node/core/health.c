#include "node/core/publish.h"
#include "node/core/register.h"
#include "node/core/state.h"
#include "shared/base/civil.h"
#include "shared/post/outbox.h"

/* What `status` tells: gathered in one read transaction. */

enum { SILENCE_MS = 30000, WITHHELD_MS = HOUR_MS, MEMBER_ARENA_BYTES = 4 << 20 };

static int tell_post(const struct node *node, struct store_txn *view, struct node_health *health) {
    for (int lane = 0; lane < LANES; lane++) {
        struct stream stream = node_stream(node, (enum lane)lane);
        struct outbox_state state;
        struct outbox_item item = {0};
        int r = outbox_state(view, &stream, &state);
        if (r < 0) {
            return r;
        }
        health->waiting += state.waiting;
        r = outbox_find(view, &stream, 0, &item);
        if (r < 0 && r != ERR_NOT_FOUND) {
            return r;
        }
        bool oldest = r == 0 && (health->oldest_waiting_ms == 0 ||
                                 item.created_ms < health->oldest_waiting_ms);
        health->oldest_waiting_ms = oldest ? item.created_ms : health->oldest_waiting_ms;
    }
    return 0;
}

static void tell_directory(const struct node *node, int64_t now_ms, struct node_health *health) {
    const struct announced_directory *announced = &node->announced;
    health->directory_forked = node->directory_forked;
    health->directory_withheld = announced->missing_sequence > health->directory.sequence &&
                                 now_ms - announced->missing_since_ms > WITHHELD_MS;
}

/* What the directors gave us. */
static int tell_rights(const struct node *node, struct store_txn *view,
                       struct node_health *health) {
    struct membership own;
    struct arena *arena;
    int r = arena_new(MEMBER_ARENA_BYTES, &arena);
    if (r < 0) {
        return r;
    }
    r = member_get(view, &node->params.own.org, arena, &own);
    if (r == 0 && own.active) {
        health->may_take_consent = own.member.may_take_consent;
        health->may_sanction = own.member.may_sanction;
    }
    arena_free(arena);
    return r == ERR_NOT_FOUND ? 0 : r;
}

static int tell_hub(const struct node *node, struct store_txn *view, int64_t now_ms,
                    struct node_health *health) {
    struct hearing_record heard;
    struct node_standing own;
    int r = hearing_record_get(view, &heard);
    if (r == 0) {
        r = node_standing(node, view, &own);
    }
    if (r == 0) {
        r = directory_head(view, &health->directory);
    }
    if (r < 0) {
        return r;
    }
    health->hub_position = heard.position;
    health->receipt_ms = heard.receipt_ms;
    health->refused = heard.refused;
    health->last_refusal = heard.last_refusal;
    health->last_refused_kind = heard.last_refused_kind;
    health->member = own.active;
    tell_directory(node, now_ms, health);
    return 0;
}

static int tell_register(struct store_txn *view, struct node_health *health) {
    struct register_generation standing;
    int r = register_standing(view, &standing, NULL);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    health->generation = standing.generation;
    health->cases = standing.cases;
    health->imported_ms = standing.time_ms;
    return 0;
}

static int tell_freeze(const struct node *node, struct store_txn *view, int64_t now_ms,
                       struct node_health *health) {
    struct freeze_record last = {.freeze_day = 0};
    const struct org_id *own = &node->params.own.org;
    int64_t standing_ms = freeze_before(now_ms);
    int r = freeze_last(view, &last);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    if (r == 0) {
        health->freeze_day = last.freeze_day;
        health->withheld = last.withheld;
    }
    const bool found = r == 0;
    bool released = true;
    r = node->params.hold_until_released ? publish_released(view, &released) : 0;
    if (r < 0) {
        return r;
    }
    health->held = !released;
    bool decided = found && last.freeze_day >= brussels_day(standing_ms);
    health->next_freeze_ms = publish_due_ms(own, decided ? freeze_after(now_ms) : standing_ms);
    return 0;
}

int node_health(struct node *node, int64_t now_ms, struct node_health *ret) {
    struct store_txn *view;
    int64_t off_ms = node->clock_skew_ms < 0 ? -node->clock_skew_ms : node->clock_skew_ms;
    bool silent = node->awaiting && now_ms - node->silent_since_ms >= SILENCE_MS;
    struct node_health health = {
        .connected = node->linked && node->welcomed && !silent,
        .heard_ms = node->heard_ms,
        .hub_went_back = node->went_back,
        .clock_skew_ms = node->clock_skew_ms,
        .clock_warn = off_ms >= (int64_t)CLOCK_WARN_MINUTES * MINUTE_MS,
        .clock_halted = node->clock_halted,
        .hello_refusal = node->hello_refusal,
        .turns = *turn_counts(node->turn),
    };
    int r = store_begin_read(node->params.store, &view);
    if (r < 0) {
        return r;
    }
    r = tell_hub(node, view, now_ms, &health);
    if (r == 0) {
        r = tell_rights(node, view, &health);
    }
    if (r == 0) {
        r = tell_post(node, view, &health);
    }
    if (r == 0) {
        r = tell_register(view, &health);
    }
    if (r == 0) {
        r = tell_freeze(node, view, now_ms, &health);
    }
    store_abort(view);
    if (r == 0) {
        *ret = health;
    }
    return r;
}
