/* A card as somebody typed it. What is taken must be written again as the same card, in the one
 * spelling that cards have; a fault's place must lie in the text. */
#include <stdlib.h>
#include <string.h>

#include "shared/consent/card.h"

static void hold(const struct card *card) {
    struct card again;
    char text[CARD_TEXT_SIZE];
    size_t place;
    card_format(card, text);
    if (card_parse(text, &again, &place) != REFUSAL_NONE ||
        memcmp(again.secret, card->secret, sizeof(again.secret)) != 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct card card;
    size_t place;
    char *given = malloc(size + 1);
    if (given == NULL) {
        abort();
    }
    memcpy(given, data, size);
    given[size] = '\0';
    enum refusal refusal = card_parse(given, &card, &place);
    if (place > strlen(given) + 1 || (refusal == REFUSAL_NONE && place != 0) ||
        (refusal == REFUSAL_MALFORMED && place == 0)) {
        abort();
    }
    free(given);
    if (refusal == REFUSAL_NONE) {
        hold(&card);
    }
    return 0;
}
