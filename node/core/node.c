#include "node/core/node.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/core/families.h"
#include "node/core/looks.h"
#include "node/core/register_meta.h"
#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/post/outbox.h"
#include "shared/turn/results.h"

enum { TRIM_EVERY_MS = 10 * MINUTE_MS, RESULT_BYTES_MAX = 1024 };

/* -- for the other files -- */

int node_result(const struct turn_view *view, struct decision *ret, const char *format, ...) {
    va_list arguments;
    char *text = arena_alloc(view->arena, RESULT_BYTES_MAX, 1);
    if (text == NULL) {
        return ERR_NO_MEMORY;
    }
    va_start(arguments, format);
    int length = vsnprintf(text, RESULT_BYTES_MAX, format, arguments);
    va_end(arguments);
    if (length < 0 || length >= RESULT_BYTES_MAX) {
        return ERR_TOO_LARGE;
    }
    ret->result = bytes_from_text(text);
    return 0;
}

struct stream node_stream(const struct node *node, enum lane lane) {
    return (struct stream){.sender = node->params.own, .recipient = node->hub, .lane = lane};
}

static void spent(struct store_txn *txn, uint64_t record_key) {
    register_list_add(txn, "shred/", record_key);
}

struct outbox_keys node_outbox_keys(const struct node *node) {
    return (struct outbox_keys){.sign = node->params.keys.sign_secret,
                                .records = node->params.keys.records,
                                .spent = spent};
}

int node_compose(struct node *node, const struct turn_view *view, struct node_draft *draft,
                 struct bytes *ret_envelope) {
    const struct post_kind *kind = post_kind_find(draft->kind);
    struct stream stream = node_stream(node, kind->lane);
    struct outbox_state state;
    struct outbox_draft message = {.kind = draft->kind,
                                   .created_ms = view->now_ms,
                                   .body = draft->body,
                                   .ahead = draft->ahead};
    int r = outbox_state(view->txn, &stream, &state);
    if (r < 0) {
        return r;
    }
    if (state.waiting >= OUTBOX_MESSAGES_MAX) {
        return ERR_AGAIN;
    }
    r = directory_head(view->txn, &message.directory);
    if (r < 0) {
        return r;
    }
    rng_fill(view->rng, draft->id.bytes, sizeof(draft->id.bytes));
    message.id = draft->id;
    return outbox_compose(view->txn, &stream, &message, view->arena, ret_envelope);
}

int node_push(const struct turn_view *view, struct bytes envelope) {
    return outbox_push(view->txn, envelope, (struct bytes){0}, view->arena);
}

int node_office_peer(const struct node *node, struct store_txn *view, struct office_peer *ret) {
    struct node_founding founding;
    int r = founding_get(view, &founding);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? ERR_STORAGE : r;
    }
    *ret = (struct office_peer){
        .own = node->params.own,
        .peer = node->hub,
        .role = MEMBER_ROLE_HUB, /* the link knows the hub by its key */
        .sign = founding.hub_sign,
    };
    return 0;
}

int node_standing(const struct node *node, struct store_txn *view, struct node_standing *ret) {
    struct member_standing standing;
    *ret = (struct node_standing){.known = false};
    int r = member_standing(view, &node->params.own.org, &standing);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    *ret = (struct node_standing){.known = true, .active = standing.active};
    return 0;
}

/* -- the turn -- */

static int decide_command(struct node *node, const struct turn_view *view,
                          const struct command *command, struct decision *ret) {
    enum node_command kind = (enum node_command)command->kind;
    if (!node_may(command->actor.role, kind)) {
        ret->refusal = REFUSAL_NOT_ALLOWED;
        return 0;
    }
    bool deletes = kind == NODE_COMMAND_IMPORT_DROP || kind == NODE_COMMAND_SHREDDED ||
                   kind == NODE_COMMAND_WITHDRAW;
    if (view->short_of_room && !deletes) {
        ret->refusal = REFUSAL_NO_ROOM;
        return 0;
    }
    switch (kind) {
    case NODE_COMMAND_IMPORT_BEGIN:
    case NODE_COMMAND_IMPORT_ROWS:
    case NODE_COMMAND_IMPORT_SWITCH:
    case NODE_COMMAND_IMPORT_DROP:
    case NODE_COMMAND_SHREDDED:
        return register_decide(node, view, command, ret);
    case NODE_COMMAND_IMPORT_FIGURES:
        return figures_decide(node, view, command->arguments, ret);
    case NODE_COMMAND_STATUS_SET:
        return status_decide(node, view, command->arguments, ret);
    case NODE_COMMAND_PUBLISH:
        return publish_decide_command(node, view, ret);
    case NODE_COMMAND_USER_ADD:
    case NODE_COMMAND_TOKEN_CREATE:
        return node_people_decide(view, command, ret);
    case NODE_COMMAND_CONSENT_GIVE:
    case NODE_COMMAND_CONSENT_CHANGE:
    case NODE_COMMAND_WITHDRAW:
    case NODE_COMMAND_SUPPORT_START:
    case NODE_COMMAND_SUPPORT_ENDING:
    case NODE_COMMAND_SUPPORT_END:
    case NODE_COMMAND_ASK:
    case NODE_COMMAND_ASK_REVOKE:
    case NODE_COMMAND_ASK_ANSWER:
    case NODE_COMMAND_CONCERN:
    case NODE_COMMAND_FLAG_ANSWER:
    case NODE_COMMAND_CALL_BACK:
    case NODE_COMMAND_CALLED_BACK:
    case NODE_COMMAND_NEW_CARD:
    case NODE_COMMAND_INFORMAL:
    case NODE_COMMAND_ITEM_DONE:
    case NODE_COMMAND_ITEMS_MAILED:
    case NODE_COMMAND_KEYS_ROTATE:
    case NODE_COMMAND_HOURS:
        return families_decide(node, view, command, ret);
    case NODE_COMMAND_LOOK: /* never comes here: node_command */
    case NODE_COMMAND_NONE:
    default:
        ret->refusal = REFUSAL_UNKNOWN_KIND;
        return 0;
    }
}

static int decide_time(struct node *node, const struct turn_view *view, struct decision *ret) {
    int r = register_decide_sweep(view, ret);
    if (r == 0 && !view->short_of_room) {
        r = publish_decide_due(node, view, ret);
    }
    return r < 0 || ret->refusal != REFUSAL_NONE ? r : families_decide_due(node, view, ret);
}

static int decide(void *core, const struct turn_view *view, const struct event *event,
                  struct decision *ret) {
    struct node *node = core;
    node->now_ms = view->now_ms;
    switch (event->kind) {
    case EVENT_PACKET:
        return node_arrivals_decide(node, view, event, ret);
    case EVENT_COMMAND:
        return decide_command(node, view, event->command, ret);
    case EVENT_TIMER:
    default:
        return decide_time(node, view, ret);
    }
}

static int apply(void *core, const struct turn_view *view, const struct fact *fact) {
    switch ((enum node_fact)fact->type) {
    case NODE_FACT_STAGED:
    case NODE_FACT_ROWS:
    case NODE_FACT_SWITCHED:
    case NODE_FACT_DROPPED:
    case NODE_FACT_SWEPT:
    case NODE_FACT_SHREDDED:
        return register_apply(view, fact);
    case NODE_FACT_FROZEN:
        return publish_apply(view, fact);
    case NODE_FACT_RELEASED:
        return publish_apply_released(view, fact);
    case NODE_FACT_POSTED:
        return node_push(view, fact->body);
    case NODE_FACT_STATUS:
        return status_apply(view, fact);
    case NODE_FACT_MEMORY:
        return memory_apply(view, fact);
    case NODE_FACT_ENTRIES:
    case NODE_FACT_REFUSED:
    case NODE_FACT_TAKEN:
        return node_arrivals_apply(view, fact);
    case NODE_FACT_RECEIVED:
    case NODE_FACT_RESTARTED:
        return hearing_apply(core, view, fact);
    case NODE_FACT_USER:
    case NODE_FACT_TOKEN:
        return node_people_apply(view, fact);
    case NODE_FACT_FAMILY:
    case NODE_FACT_FAMILY_GONE:
    case NODE_FACT_ITEM:
    case NODE_FACT_CONSENT:
    case NODE_FACT_SENT:
    case NODE_FACT_STONE:
    case NODE_FACT_SWEPT_SUPPORTS:
    case NODE_FACT_KEYS:
        return families_apply(core, view, fact);
    case NODE_FACT_NONE:
    default:
        return ERR_UNSUPPORTED;
    }
}

/* A generation may have become garbage, or more keys wait than the shell was told of at once. */
static bool discards(const struct command *command) {
    return command->kind == NODE_COMMAND_SHREDDED || command->kind == NODE_COMMAND_IMPORT_BEGIN ||
           command->kind == NODE_COMMAND_IMPORT_SWITCH || command->kind == NODE_COMMAND_IMPORT_DROP;
}

/* Record keys may have come to be shredded. */
static bool erases(const struct decision *decision) {
    for (size_t i = 0; i < decision->fact_count; i++) {
        const uint16_t type = decision->facts[i].type;
        if (type == NODE_FACT_FAMILY_GONE || type == NODE_FACT_CONSENT || type == NODE_FACT_STONE ||
            type == NODE_FACT_ITEM || type == NODE_FACT_RECEIVED) {
            return true;
        }
    }
    return false;
}

static void outcome(void *core, const struct event *event, const struct decision *decision) {
    struct node *node = core;
    const struct node_links *links = &node->params.links;
    node->shred_due = node->shred_due || erases(decision);
    switch (event->kind) {
    case EVENT_PACKET:
        node_arrivals_outcome(node, event, decision);
        break;
    case EVENT_COMMAND:
        node->shred_due = node->shred_due || discards(event->command);
        links->command_done(links->context, event->command, decision->refusal, decision->result);
        break;
    case EVENT_TIMER:
    default:
        publish_outcome(node, decision);
        break;
    }
}

static void committed(void *core, int64_t now_ms, struct arena *arena) {
    node_replies_send(core, now_ms, arena);
}

/* -- a node -- */

int node_new(const struct node_params *params, struct node **ret) {
    struct node_founding founding;
    int r = node_founded(params->store, &founding);
    if (r < 0) {
        return r;
    }
    struct node *node = calloc(1, sizeof(*node));
    if (node == NULL) {
        return ERR_NO_MEMORY;
    }
    node->params = *params;
    node->hub = (struct address){.org = HUB_ORG, .hub = params->own.hub};
    node->hello_wait_ms = FLIGHT_WAIT_MIN_MS;
    node->shred_due = true;
    node->skipped_freeze_day = INT32_MIN;
    pump_reset(&node->pump);
    struct turn_params turn = {
        .store = params->store,
        .core = {.core = node,
                 .decide = decide,
                 .apply = apply,
                 .outcome = outcome,
                 .committed = committed},
        .marker = params->marker,
        .faults = params->faults,
    };
    r = address_equal(&founding.own, &params->own) ? turn_new(&turn, &node->turn) : ERR_NOT_FOUND;
    if (r < 0) {
        node_free(node);
        return r;
    }
    *ret = node;
    return 0;
}

void node_free(struct node *node) {
    if (node != NULL) {
        turn_free(node->turn);
        free(node);
    }
}

int node_receive(struct node *node, struct bytes frame) {
    struct event event = {.kind = EVENT_PACKET, .peer = node->hub, .frame = frame};
    return turn_push(node->turn, &event);
}

int node_command(struct node *node, const struct command *command) {
    if (command->kind == NODE_COMMAND_LOOK) {
        looks_ask(node, command);
        return 0;
    }
    struct event event = {.kind = EVENT_COMMAND, .command = command};
    return turn_push(node->turn, &event);
}

void node_connected(struct node *node) {
    struct event event = {.kind = EVENT_TIMER};
    node->linked = true;
    node->welcomed = false;
    node->awaiting = false;
    node->hello_due_ms = INT64_MIN;
    node->hello_wait_ms = FLIGHT_WAIT_MIN_MS;
    pump_reset(&node->pump);
    /* So that there's a turn to greet after; where the queue is full, there is one anyway. */
    (void)!turn_push(node->turn, &event);
}

void node_lost(struct node *node) {
    node->linked = false;
    node->welcomed = false;
    node->awaiting = false;
    node->owes = false;
    node->not_taken_count = 0;
    looks_lost(node);
}

/* After a jump of our clock nothing is published, and nothing erased for its end, before the hub's
 * next word says whether it's right now (publish.c and families.c wait for a greeting). One that
 * was set back must not keep greetings and post waiting for an hour that was there before. */
static void watch_clock(struct node *node, int64_t now_ms) {
    const int64_t halt_ms = (int64_t)CLOCK_HALT_MINUTES * MINUTE_MS;
    int64_t step_ms = node->ticked_ms == 0 ? 0 : now_ms - node->ticked_ms;
    bool jumped = step_ms < 0 || step_ms >= halt_ms;
    node->clock_doubted_ms = node->ticked_ms == 0 || jumped ? now_ms : node->clock_doubted_ms;
    node->ticked_ms = now_ms;
    if (step_ms < 0) {
        pump_reset(&node->pump);
        node->trimmed_ms = now_ms;
        node->shred_told_ms = now_ms;
        node->silent_since_ms = now_ms;
    }
    if (jumped) {
        node->greeted = false;
        node->hello_due_ms = now_ms;
        node->hello_wait_ms = FLIGHT_WAIT_MIN_MS;
    }
}

int node_turn(struct node *node, int64_t now_ms, struct rng *rng, bool short_of_room) {
    watch_clock(node, now_ms); /* before anything is judged by it */
    int r = turn_run(node->turn, now_ms, rng, short_of_room);
    if (r == 0) {
        looks_run(node, now_ms, rng);
    }
    return r;
}

bool node_has_work(const struct node *node) {
    return turn_waiting(node->turn) > 0 || (looks_waiting(node) && node->looks[0].since_ms == 0);
}

static int trim_results(struct node *node, int64_t now_ms) {
    struct store_txn *txn;
    int r = store_begin_write(node->params.store, &txn);
    if (r < 0) {
        return r;
    }
    r = results_trim(txn, now_ms);
    if (r < 0) {
        store_abort(txn);
        return r;
    }
    r = store_commit(txn);
    return r == ERR_NO_ROOM ? 0 : r;
}

int node_tick(struct node *node, int64_t now_ms, struct rng *rng, bool short_of_room) {
    struct event event = {.kind = EVENT_TIMER};
    if (!node->clock_halted && now_ms - node->trimmed_ms >= TRIM_EVERY_MS) {
        node->trimmed_ms = now_ms;
        int r = trim_results(node, now_ms);
        if (r < 0) {
            return r;
        }
    }
    int r = turn_push(node->turn, &event);
    if (r < 0 && r != ERR_AGAIN) {
        return r;
    }
    return node_turn(node, now_ms, rng, short_of_room);
}
