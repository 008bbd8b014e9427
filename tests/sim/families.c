#include "tests/sim/families.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/core/family_store.h"
#include "shared/base/civil.h"
#include "shared/consent/consent.h"
#include "tests/sim/world.h"

/* What people begin: with a family and its card at the table, or about one that they know. */

enum { NOTE_EVERY_DAYS = 4 };

void families_init(struct world *world) {
    struct families *families = calloc(1, sizeof(*families));
    assert(families != NULL);
    families->world = world;
    families->dice = dice_for(world->seed, "families", 0);
    families->words = dice_for(world->seed, "words", 0);
    families->model.world = world;
    world->families = families;
    world->model.families = &families->model;
}

static void tell(const struct families *families) {
    const struct family_model *model = &families->model;
    (void)printf("%zu cards, %zu tombstones, %llu notices, %zu flags, %llu looks, %zu relics, "
                 "%llu tries of a key\n",
                 families->card_count, model->stone_count, (unsigned long long)model->notices,
                 model->flag_count, (unsigned long long)model->looks_found, model->relic_count,
                 (unsigned long long)model->opened);
    for (int kind = 0; kind < 64; kind++) {
        if (families->done[kind] + families->refused[kind] > 0) {
            (void)printf("  %s: %llu done, %llu refused\n",
                         node_command_text((enum node_command)kind),
                         (unsigned long long)families->done[kind],
                         (unsigned long long)families->refused[kind]);
        }
    }
}

void families_deinit(struct world *world) {
    if (world->families != NULL) {
        if (world->trace.verbose) {
            tell(world->families);
        }
        free(world->families->model.relics);
        free(world->families);
    }
}

/* -- who and where -- */

static struct party *somewhere(struct world *world) {
    struct dice *dice = &world->families->dice;
    for (int tries = 0; tries < 8; tries++) {
        int index = (int)dice_between(dice, 1, world->node_count);
        struct party *node = &world->parties[index];
        if (node->alive && node->joiner.approved && !world->model.parties[index].revoked) {
            return node;
        }
    }
    return NULL;
}

static struct org_id any_org(struct world *world) {
    int index = (int)dice_between(&world->families->dice, 1, world->node_count);
    return world->parties[index].own.org;
}

/* The number of that card's family at a node; 0: it doesn't know it. */
static uint32_t number_at(const struct party *node, int card) {
    struct world *world = node->world;
    const struct family_vault vault = {.records = family_model_keys(world, node->index),
                                       .index = &node->index_key};
    struct family_row *row;
    struct store_txn *view;
    uint32_t number = 0;
    if (!node->alive || store_begin_read(node->store, &view) < 0) {
        return 0;
    }
    arena_reset(world->arena);
    const struct family_handle *handle = &world->families->model.families[card].handle;
    if (family_find(view, &vault, handle, world->arena, &row) == 0) {
        number = row->number;
    }
    store_abort(view);
    return number;
}

/* A node that knows that family, so that no card is wanted. */
static struct party *knows(struct world *world, int card, uint32_t *ret_number) {
    for (int tries = 0; tries < 8; tries++) {
        struct party *node = somewhere(world);
        *ret_number = node == NULL ? 0 : number_at(node, card);
        if (*ret_number != 0) {
            return node;
        }
    }
    return NULL;
}

struct work *family_work_new(struct party *node, uint32_t kind) {
    struct work *work = work_new(node->world, node->index, kind);
    if (work != NULL) {
        work->family = calloc(1, sizeof(*work->family));
        assert(work->family != NULL);
        work->family->card = -1;
        work->family->new_card = -1;
        work->command.actor.role =
            kind == NODE_COMMAND_KEYS_ROTATE ? ROLE_ADMINISTRATOR : ROLE_CASEWORKER;
    }
    return work;
}

void family_work_begin(struct party *node, struct work *work) {
    work_begin(node->world, work, &work->family->give); /* all begin at the same place */
}

static struct family_who with_card(struct families *families, struct family_work *family,
                                   int card) {
    family->card = card;
    family->on_table = families->cards[card].card;
    return (struct family_who){.card = &family->on_table};
}

/* By card or by number, where the node has one. */
static struct family_who meet(struct world *world, const struct party *node,
                              struct family_work *family, int card) {
    uint32_t number = number_at(node, card);
    family->card = card;
    if (number != 0 && dice_chance(&world->families->dice, 500000)) {
        return (struct family_who){.family = number};
    }
    return with_card(world->families, family, card);
}

/* -- consents -- */

static struct support_words words_of(struct party *node, struct family_work *family) {
    struct dice *dice = &node->world->families->dice;
    struct support_words words = {
        .kind = dice_chance(dice, 750000) ? SUPPORT_PROFESSIONAL : SUPPORT_INFORMAL,
        .distance = dice_chance(dice, 700000) ? SUPPORT_NEAR : SUPPORT_DISTANT,
        .named = dice_chance(dice, 500000),
    };
    if (node->book.imported_cases > 0 && dice_chance(dice, 500000)) {
        const struct register_case *one = &node->book.cases[dice_below(dice, node->book.count)];
        (void)snprintf(family->case_id, sizeof(family->case_id), "%s", one->id);
        words.case_id = family->case_id;
    }
    return words;
}

static uint32_t draw_scopes(struct dice *dice) {
    uint32_t scopes = scope_bit(SCOPE_PRESENCE);
    scopes |= dice_chance(dice, 800000) ? scope_bit(SCOPE_LOST_SUPPORT) : 0;
    scopes |= dice_chance(dice, 600000) ? scope_bit(SCOPE_CONCERN) : 0;
    scopes |= dice_chance(dice, 700000) ? scope_bit(SCOPE_FALLBACK) : 0;
    scopes |= dice_chance(dice, 300000) ? scope_bit(SCOPE_WELCOME) : 0;
    if (dice_chance(dice, 50000)) {
        scopes &= ~scope_bit(SCOPE_PRESENCE);
    }
    return scopes;
}

static void fill_give(struct party *node, struct family_work *family, int index,
                      struct consent_give_arguments *give) {
    struct world *world = node->world;
    struct families *families = world->families;
    struct dice *dice = &families->dice;
    struct sim_card *card = &families->cards[index];
    uint32_t month = month_of_day(brussels_day(party_now(node)));
    card->giver = node->index;
    card->months = 1 + (uint32_t)dice_below(dice, dice_chance(dice, 400000) ? 3 : 12);
    card->end_month = month + card->months;
    card->scopes = draw_scopes(dice);
    if ((card->scopes & scope_bit(SCOPE_FALLBACK)) != 0) {
        card->fallback_first = any_org(world);
        card->fallback_second = dice_chance(dice, 500000) ? any_org(world) : (struct org_id){0};
        if (org_id_equal(&card->fallback_first, &card->fallback_second)) {
            card->fallback_second = (struct org_id){0};
        }
    }
    cards_record(families, index, &family->record);
    cards_words(families, index, family->said[0]);
    cards_words(families, index, family->said[1]);
    bool first = card->fallback_first.text[0] != '\0';
    bool second = card->fallback_second.text[0] != '\0';
    *give = (struct consent_give_arguments){
        .card = &families->cards[index].card,
        .record = &family->record,
        .scopes = {card->scopes},
        .end_month = card->end_month,
        .contact_first = first ? family->said[0] : NULL,
        .contact_second = second ? family->said[1] : NULL,
        .with_support = dice_chance(dice, 500000),
        .support = words_of(node, family),
    };
}

static void give(struct world *world) {
    struct families *families = world->families;
    struct party *node = somewhere(world);
    if (node == NULL || families->household_count == HOUSEHOLDS_MAX) {
        return;
    }
    int card = cards_new(families, (int)families->household_count);
    struct work *work = card < 0 ? NULL : family_work_new(node, NODE_COMMAND_CONSENT_GIVE);
    if (work == NULL) {
        return;
    }
    families->household_count++;
    work->family->card = card;
    fill_give(node, work->family, card, &work->family->give);
    family_work_begin(node, work);
}

static void change(struct world *world) {
    struct families *families = world->families;
    struct dice *dice = &families->dice;
    struct party *node = somewhere(world);
    int index = cards_pick(families, true);
    struct work *work =
        node == NULL || index < 0 ? NULL : family_work_new(node, NODE_COMMAND_CONSENT_CHANGE);
    if (work == NULL) {
        return;
    }
    struct family_work *family = work->family;
    struct sim_card *card = &families->cards[index];
    bool widening = dice_chance(dice, 400000);
    uint32_t scopes =
        widening ? card->scopes | draw_scopes(dice) : card->scopes & draw_scopes(dice);
    scopes |= (card->scopes | (widening ? scopes : 0)) & scope_bit(SCOPE_FALLBACK);
    family->change = (struct consent_change_arguments){
        .card = with_card(families, family, index).card,
        .scopes = {scopes},
        .end_month = card->end_month - (dice_chance(dice, 200000) ? 1U : 0U),
    };
    if (widening) {
        cards_record(families, index, &family->record);
        family->change.record = &family->record;
    }
    family_work_begin(node, work);
}

static void withdraw(struct world *world) {
    struct families *families = world->families;
    uint32_t number = 0;
    int index = cards_pick(families, true);
    if (index < 0) {
        return;
    }
    bool paper = dice_chance(&families->dice, 350000);
    struct party *node = paper ? knows(world, index, &number) : somewhere(world);
    struct work *work = node == NULL ? NULL : family_work_new(node, NODE_COMMAND_WITHDRAW);
    if (work == NULL) {
        return;
    }
    struct family_work *family = work->family;
    family->withdraw = (struct withdraw_arguments){
        .basis = paper ? WITHDRAWAL_PAPER : WITHDRAWAL_CARD,
        .note = "een ondertekend papier, map 4"}; /* the proof of it may stay */
    if (paper) {
        family->withdraw.who.family = number;
        family->card = index;
    } else {
        family->withdraw.who = with_card(families, family, index);
    }
    family_work_begin(node, work);
}

static void new_card(struct world *world) {
    struct families *families = world->families;
    struct dice *dice = &families->dice;
    uint32_t number = 0;
    int old = cards_pick(families, true);
    enum new_card_reason reason = (enum new_card_reason)dice_between(dice, 1, 4);
    bool lost = reason == NEW_CARD_LOST || reason == NEW_CARD_WRONG_HANDS;
    if (old < 0) {
        return;
    }
    struct party *node = lost ? knows(world, old, &number) : somewhere(world);
    int index = node == NULL ? -1 : cards_new(families, families->cards[old].household);
    struct work *work = index < 0 ? NULL : family_work_new(node, NODE_COMMAND_NEW_CARD);
    if (work == NULL) {
        return;
    }
    struct family_work *family = work->family;
    struct new_card_arguments *arguments = &family->new_card_arguments;
    *arguments = (struct new_card_arguments){.reason = reason, .tell = family->tell};
    arguments->old =
        lost ? (struct family_who){.family = number} : with_card(families, family, old);
    family->card = old;
    family->new_card = index;
    fill_give(node, family, index, &arguments->give);
    for (int i = 1; i <= world->node_count && arguments->tell_count < TELL_MAX; i++) {
        if (families->model.families[old].supports[i].known && i != node->index &&
            dice_chance(dice, 700000)) {
            family->tell[arguments->tell_count++] = world->parties[i].own.org;
        }
    }
    family_work_begin(node, work);
}

/* -- supports, questions, concerns -- */

static void support_start(struct world *world) {
    struct party *node = somewhere(world);
    int card = cards_pick(world->families, dice_chance(&world->families->dice, 950000));
    struct work *work =
        node == NULL || card < 0 ? NULL : family_work_new(node, NODE_COMMAND_SUPPORT_START);
    if (work != NULL) {
        work->family->support_start.who = meet(world, node, work->family, card);
        work->family->support_start.words = words_of(node, work->family);
        family_work_begin(node, work);
    }
}

static void support_end(struct world *world, enum node_command kind) {
    struct dice *dice = &world->families->dice;
    uint32_t number;
    int card = cards_pick(world->families, true);
    struct party *node = card < 0 ? NULL : knows(world, card, &number);
    struct work *work = node == NULL ? NULL : family_work_new(node, kind);
    if (work == NULL) {
        return;
    }
    int32_t today = brussels_day(party_now(node));
    bool ending = kind == NODE_COMMAND_SUPPORT_ENDING;
    struct support_end_arguments *arguments = &work->family->support_end;
    work->family->card = card;
    *arguments = (struct support_end_arguments){
        .who = {.family = number},
        .why = dice_chance(dice, 500000) ? END_MOVING : END_FINISHED,
        .end_day = ending ? today + (int32_t)dice_below(dice, 20) : today,
    };
    if (arguments->why == END_MOVING) {
        arguments->moving_to.code = dice_chance(dice, 500000) ? 34022 : 0;
    }
    if (dice_chance(dice, 400000)) {
        arguments->successor = any_org(world);
    }
    family_work_begin(node, work);
}

static void ask(struct world *world) {
    struct dice *dice = &world->families->dice;
    struct party *node = somewhere(world);
    int card = cards_pick(world->families, true);
    struct work *work = node == NULL || card < 0 ? NULL : family_work_new(node, NODE_COMMAND_ASK);
    if (work == NULL) {
        return;
    }
    struct family_work *family = work->family;
    cards_words(world->families, card, family->said[0]);
    family->ask = (struct ask_arguments){
        .who = meet(world, node, family, card),
        .to = any_org(world),
        .service = {"leefloon"},
        .asked_day = brussels_day(party_now(node)),
        .contact = dice_chance(dice, 700000) ? family->said[0] : NULL,
        .with_presence = dice_chance(dice, 700000),
    };
    family_work_begin(node, work);
}

static void concern(struct world *world) {
    struct dice *dice = &world->families->dice;
    struct party *node = somewhere(world);
    int card = cards_pick(world->families, dice_chance(dice, 950000));
    struct work *work =
        node == NULL || card < 0 ? NULL : family_work_new(node, NODE_COMMAND_CONCERN);
    if (work != NULL) {
        work->family->concern = (struct concern_arguments){
            .card = with_card(world->families, work->family, card).card,
            .by = (enum concern_by)dice_between(dice, 1, 3),
            .reason = (enum concern_reason)dice_between(dice, 1, 11),
            .urgency = (enum concern_urgency)dice_between(dice, 1, 3),
        };
        family_work_begin(node, work);
    }
}

static void look(struct world *world) {
    struct party *node = somewhere(world);
    int card = cards_pick(world->families, false);
    struct work *work = node == NULL || card < 0 ? NULL : family_work_new(node, NODE_COMMAND_LOOK);
    if (work != NULL) {
        work->family->look.card = with_card(world->families, work->family, card).card;
        family_work_begin(node, work);
    }
}

static void informal(struct world *world) {
    uint32_t number;
    int card = cards_pick(world->families, true);
    struct party *node = card < 0 ? NULL : knows(world, card, &number);
    struct work *work = node == NULL ? NULL : family_work_new(node, NODE_COMMAND_INFORMAL);
    if (work != NULL) {
        struct family_work *family = work->family;
        family->card = card;
        (void)snprintf(family->said[0], INFORMAL_TEXT_MAX, "buurvrouw Plantijn");
        (void)snprintf(family->said[1], INFORMAL_TEXT_MAX, "0470 55 61 11");
        family->informal = (struct informal_arguments){
            .family = number, .name = family->said[0], .what = family->said[1]};
        family_work_begin(node, work);
    }
}

static void call_back(struct world *world) {
    struct party *node = somewhere(world);
    struct work *work = node == NULL ? NULL : family_work_new(node, NODE_COMMAND_CALL_BACK);
    if (work != NULL) {
        (void)snprintf(work->family->said[0], SAID_BYTES, "vrijwilliger Plantijn, 0470 55 61 00");
        work->family->call_back = (struct call_back_arguments){
            .nis = {34022}, .language = {"nld"}, .contact = work->family->said[0]};
        family_work_begin(node, work);
    }
}

void families_step(struct world *world) {
    struct families *families = world->families;
    uint64_t what = dice_below(&families->dice, 100);
    if (families->household_count < world->options.value[OPTION_families] || what < 6) {
        give(world);
    } else if (what < 28) {
        support_start(world);
    } else if (what < 34) {
        support_end(world, NODE_COMMAND_SUPPORT_ENDING);
    } else if (what < 38) {
        support_end(world, NODE_COMMAND_SUPPORT_END);
    } else if (what < 48) {
        ask(world);
    } else if (what < 54) {
        concern(world);
    } else if (what < 58) {
        change(world);
    } else if (what < 62) {
        withdraw(world);
    } else if (what < 67) {
        new_card(world);
    } else if (what < 72) {
        look(world);
    } else if (what < 74) {
        informal(world);
    } else if (what < 76) {
        call_back(world);
    } else {
        struct party *node = somewhere(world);
        if (node != NULL) {
            family_items_step(node);
        }
    }
}

/* -- outcomes -- */

void families_done(struct party *node, const struct work *work, struct bytes result) {
    struct families *families = node->world->families;
    struct family_work *family = work->family;
    struct sim_card *card = family->card < 0 ? NULL : &families->cards[family->card];
    (void)result;
    families->done[work->command.kind]++;
    if (card != NULL) {
        card->on_table[node->index] = true;
    }
    switch ((int)work->command.kind) {
    case NODE_COMMAND_CONSENT_GIVE:
        card->given = true;
        break;
    case NODE_COMMAND_CONSENT_CHANGE:
        card->scopes = family->change.scopes.bits;
        card->end_month = family->change.end_month;
        break;
    case NODE_COMMAND_WITHDRAW:
        card->ended = true;
        break;
    case NODE_COMMAND_NEW_CARD:
        families->cards[family->new_card].given = true;
        families->cards[family->new_card].on_table[node->index] = true;
        card->ended = family->new_card_arguments.reason != NEW_CARD_SPLIT;
        break;
    case NODE_COMMAND_KEYS_ROTATE:
        keys_rotated(node);
        break;
    default:
        break;
    }
}

void families_refused(struct party *node, const struct work *work) {
    node->world->families->refused[work->command.kind]++;
    if (work->command.kind == NODE_COMMAND_KEYS_ROTATE) {
        keys_rotated(node);
    }
    if (work->refusal == REFUSAL_MALFORMED || work->refusal == REFUSAL_UNKNOWN_KIND ||
        work->refusal == REFUSAL_NO_ROOM || work->refusal == REFUSAL_BAD_SIGNATURE) {
        model_broken(&node->world->model, VIOLATION_REFUSED, "%s asked of %s: %s",
                     node_command_text((enum node_command)work->command.kind), node->own.org.text,
                     refusal_text(work->refusal));
    }
}

void families_looked(struct party *node, const struct work *work,
                     const struct look_answer *answer) {
    family_model_looked(&node->world->families->model, work->family->card, answer,
                        party_now(&node->world->parties[HUB]));
}

/* -- all the time, and at the end -- */

void families_after_turn(struct party *party, bool tick) {
    struct families *families = party->world->families;
    struct family_model *model = &families->model;
    if (party->index == HUB) {
        for (size_t i = 0; i < model->stone_count; i++) {
            struct known_stone *stone = &model->stones[i];
            if (stone->owed == 0 && !stone->checked) { /* the last receipt came just now */
                stone->checked = true;
                for (int k = 0; k <= party->world->node_count; k++) {
                    family_secrets_check(model, k, k != HUB);
                }
            }
        }
    }
    family_faults_after(party);
    if (!tick) {
        return;
    }
    if (party->index == HUB) {
        family_rules_check(model, party_now(party));
    } else {
        keys_rotate(party);
    }
    if (dice_chance(&families->words, 1000000 / (24 * NOTE_EVERY_DAYS))) {
        family_secrets_note(model, party->index);
    }
}

const char *families_unsettled(struct world *world) {
    struct family_model *model = &world->families->model;
    struct hub_health health;
    for (size_t i = 0; i < model->stone_count; i++) {
        for (int party = 1; party <= world->node_count; party++) {
            bool gone = world->model.parties[party].revoked || !world->parties[party].alive;
            if ((model->stones[i].owed >> party & 1) != 0 && !gone) {
                static char text[120];
                (void)snprintf(text, sizeof(text), "%s owes a receipt of card %d's erasure",
                               world->parties[party].own.org.text,
                               model->families[model->stones[i].family].card);
                return text;
            }
        }
    }
    if (hub_health(world->parties[HUB].hub, &health) < 0 || health.keys_to_shred > 0) {
        return "keys wait to be shredded";
    }
    return family_rules_unequal(model);
}

void families_check_end(struct world *world) {
    struct family_model *model = &world->families->model;
    for (int i = 0; i <= world->node_count; i++) {
        family_secrets_check(model, i, true);
    }
    family_secrets_hub(model);
}
