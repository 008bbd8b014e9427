#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "shared/consent/consent.h"
#include "tests/sim/world.h"

/* Households, their cards, and the words that people at a table say: names, numbers. */

/* Invented, and nobody's: the check digits of a national number would be 97 less the rest. */
const char *const family_marks[FAMILY_MARKS] = {"Plantijn", "0470 55 61", "85.07.30-033"};

int cards_new(struct families *families, int household) {
    struct household *of = &families->households[household];
    if (families->card_count == CARDS_MAX || of->card_count == CARDS_MAX) {
        return -1;
    }
    int index = (int)families->card_count++;
    struct sim_card *card = &families->cards[index];
    *card = (struct sim_card){.household = household, .giver = -1};
    dice_fill(&families->dice, card->card.secret, sizeof(card->card.secret));
    of->cards[of->card_count++] = index;
    family_model_card(&families->model, index, &card->card);
    return index;
}

int cards_pick(struct families *families, bool standing) {
    for (int tries = 0; tries < 12 && families->card_count > 0; tries++) {
        int index = (int)dice_below(&families->dice, families->card_count);
        const struct sim_card *card = &families->cards[index];
        if (!standing || (card->given && !card->ended)) {
            return index;
        }
    }
    return -1;
}

void cards_mark(const struct families *families, int card, char ret[static SAID_BYTES]) {
    (void)snprintf(ret, SAID_BYTES, "Plantijn-%d-%d,", families->cards[card].household, card);
}

void cards_words(struct families *families, int card, char ret[static SAID_BYTES]) {
    (void)snprintf(ret, SAID_BYTES,
                   "Plantijn-%d-%d, 0470 55 61 %02d, rijksregister 85.07.30-033.%02d, na 17 u",
                   families->cards[card].household, card, card % 100,
                   (int)dice_below(&families->words, 97));
}

void cards_record(struct families *families, int card, struct consent_record *ret) {
    struct dice *dice = &families->words;
    char words[SAID_BYTES];
    cards_words(families, card, words);
    *ret = (struct consent_record){
        .notice_version = "1",
        .language = {"ara"},
        .ground = LEGAL_GROUND_CONSENT,
        .explained_aloud = true,
        .interpreter = dice_chance(dice, 10000) ? INTERPRETER_MINOR : INTERPRETER_PHONE,
        .fallback_first = families->cards[card].fallback_first,
        .fallback_second = families->cards[card].fallback_second,
    };
    (void)snprintf(ret->teach_back, sizeof(ret->teach_back), "%s: jullie mogen elkaar bellen",
                   words);
    (void)snprintf(ret->present, sizeof(ret->present), "%s en een buurvrouw", words);
    (void)snprintf(ret->interpreter_desk, sizeof(ret->interpreter_desk), "0470 55 61 99");
}
