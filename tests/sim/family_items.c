#include <string.h>

#include "node/core/family_store.h"
#include "shared/base/civil.h"
#include "tests/sim/world.h"

/* What waits for people at a node, and what they do with it: at once, late or never. */

struct picking {
    struct dice *dice;
    struct item item;
    uint64_t seen;
};

/* Each with the same chance, whatever their number. */
static int pick(void *context, const struct item *item) {
    struct picking *picking = context;
    bool open = item->state != ITEM_DONE;
    if (open && dice_below(picking->dice, ++picking->seen) == 0) {
        picking->item = *item;
    }
    return 0;
}

static void answer_flag(struct party *node, const struct item *item, struct dice *dice) {
    struct work *work = family_work_new(node, NODE_COMMAND_FLAG_ANSWER);
    if (work == NULL) {
        return;
    }
    static const enum flag_action usual[] = {
        [FLAG_OPEN] = FLAG_TAKE, [FLAG_ACKNOWLEDGED] = FLAG_CONTACT, [FLAG_CONTACTED] = FLAG_CLOSE};
    enum flag_action action = FLAG_TAKE;
    if (item->flag.state <= FLAG_CONTACTED && usual[item->flag.state] != 0) {
        action = usual[item->flag.state];
    }
    if (dice_chance(dice, 250000)) {
        action = (enum flag_action)dice_between(dice, FLAG_TAKE, FLAG_HAND_BACK);
    }
    work->family->flag_answer = (struct flag_answer_arguments){
        .item = item->number,
        .action = action,
        .reason = action == FLAG_CLOSE
                      ? (enum flag_reason)dice_between(dice, FLAG_REASON_HELPED, FLAG_REASON_LEFT)
                      : FLAG_REASON_NONE,
    };
    family_work_begin(node, work);
}

static void answer_ask(struct party *node, const struct item *item, struct dice *dice) {
    struct work *work = family_work_new(node, NODE_COMMAND_ASK_ANSWER);
    if (work == NULL) {
        return;
    }
    enum ask_state state = (enum ask_state)dice_between(dice, ASK_TAKEN, ASK_PASSED_ON);
    work->family->ask_answer = (struct ask_answer_arguments){
        .item = item->number,
        .state = state,
        .reason = state == ASK_TAKEN ? ASK_REASON_NONE : (enum ask_reason)dice_between(dice, 1, 7),
    };
    if (state == ASK_PASSED_ON) {
        int index = (int)dice_between(dice, 1, node->world->node_count);
        work->family->ask_answer.passed_to = node->world->parties[index].own.org;
    }
    family_work_begin(node, work);
}

/* Who took a question, or got an envelope, helps: without a card on the table. */
static void take_up(struct party *node, const struct item *item, struct dice *dice) {
    struct work *work = family_work_new(node, NODE_COMMAND_SUPPORT_START);
    if (work != NULL) {
        work->family->support_start = (struct support_start_arguments){
            .who = {.item = item->number},
            .words = {.kind = SUPPORT_PROFESSIONAL,
                      .distance = dice_chance(dice, 800000) ? SUPPORT_NEAR : SUPPORT_DISTANT}};
        family_work_begin(node, work);
    }
}

static void with_number(struct party *node, uint32_t item, enum node_command kind) {
    struct work *work = family_work_new(node, kind);
    if (work != NULL) {
        work->family->item.item = item;
        family_work_begin(node, work);
    }
}

static void act(struct party *node, const struct item *item, struct dice *dice) {
    if (item->has_contact && item->contact.has_presence && dice_chance(dice, 400000)) {
        take_up(node, item, dice);
        return;
    }
    switch (item->kind) {
    case NOTICE_FLAG:
        answer_flag(node, item, dice);
        break;
    case NOTICE_ASK:
        answer_ask(node, item, dice);
        break;
    case NOTICE_CALL_BACK:
        with_number(node, item->number, NODE_COMMAND_CALLED_BACK);
        break;
    case NOTICE_ASK_NEWS:
        with_number(node, item->number,
                    dice_chance(dice, 300000) ? NODE_COMMAND_ASK_REVOKE : NODE_COMMAND_ITEM_DONE);
        break;
    case NOTICE_FLAG_OVER:
    case NOTICE_ANSWER:
    case NOTICE_ENDING:
    case NOTICE_CALLED_BACK:
    case NOTICE_NEW_CARD:
    case NOTICE_SUPPORT_OVER:
    case NOTICE_KIND_NONE:
    default:
        with_number(node, item->number, NODE_COMMAND_ITEM_DONE);
        break;
    }
}

void family_items_step(struct party *node) {
    struct world *world = node->world;
    const struct family_vault vault = {.records = family_model_keys(world, node->index),
                                       .index = &node->index_key};
    struct picking picking = {.dice = &world->families->dice};
    struct store_txn *view;
    if (store_begin_read(node->store, &view) < 0) {
        return;
    }
    arena_reset(world->arena);
    int r = item_each(view, &vault, world->arena, pick, &picking);
    store_abort(view);
    if (r < 0) {
        model_broken(&world->model, VIOLATION_ERROR, "%s's items: %s", node->own.org.text,
                     err_text(r));
    } else if (picking.seen > 0) {
        act(node, &picking.item, picking.dice);
    }
}
