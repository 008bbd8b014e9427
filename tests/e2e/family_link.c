/* A member's link driven by hand, for what is said about families and no node of ours would say.
 *
 * Arguments and the state of the link: link_hand.h. Whoever writes its input makes the bytes; here
 * they are signed and sent. A line each:
 *
 *     hello                               "welcome REFUSAL NONCE"
 *     card CARD                           "card HANDLE FAMILY-KEY PRESENCE-KEY"
 *     seed CARD                           "seed PRESENCE-SEED"
 *     seal SEED HEX                       "sealed KEY BOX", for whose seal.seed that is
 *     sign family|presence|own CARD DOMAIN HEX     "signed SIGNATURE" (own: CARD is not read)
 *     send KIND LANE NUMBER ID BODY       an envelope in our name, signed by us
 *     look ID STATEMENT PROOF             "looked ID REFUSAL yes|no BYTES NONCE MICROSECONDS"
 *     end
 *
 * On its output too: "receipt LANE CONTIGUOUS", "refused LANE NUMBER REFUSAL", "not-taken LANE
 * NUMBER REFUSAL". */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shared/consent/card.h"
#include "shared/crypto/box.h"
#include "shared/crypto/random.h"
#include "shared/wire/family.h"
#include "tests/e2e/link_hand.h"

static int64_t asked_us;

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void put_hex(const uint8_t *bytes, size_t length) {
    putchar(' ');
    for (size_t i = 0; i < length; i++) {
        printf("%02x", bytes[i]);
    }
}

static const char *word_of(enum refusal refusal) {
    const char *text = refusal_text(refusal);
    return text == NULL ? "none" : text;
}

/* -- what comes -- */

static void tell_acknowledgement(struct link_hand *hand,
                                 const struct signed_acknowledgement *from) {
    struct acknowledgement heard;
    if (acknowledgement_decode(from->acknowledgement, hand->arena, &heard) != REFUSAL_NONE) {
        return;
    }
    for (size_t i = 0; i < heard.not_taken_count; i++) {
        printf("not-taken %d %" PRIu64 " %s\n", (int)heard.not_taken[i].lane,
               heard.not_taken[i].number, word_of(heard.not_taken[i].refusal));
    }
    for (size_t i = 0; i < heard.receipt_count; i++) {
        const struct receipt *receipt = &heard.receipts[i];
        for (size_t n = 0; n < receipt->refused_count; n++) {
            printf("refused %d %" PRIu64 " %s\n", (int)receipt->lane, receipt->refused[n].number,
                   word_of(receipt->refused[n].refusal));
        }
        printf("receipt %d %" PRIu64 "\n", (int)receipt->lane, receipt->contiguous);
    }
    fflush(stdout);
}

static void tell_look(struct link_hand *hand, const struct look_reply *reply) {
    struct look_answer answer = {.found = false};
    if (reply->answer.length > 0 &&
        look_answer_decode(reply->answer, hand->arena, &answer) != REFUSAL_NONE) {
        link_hand_tell("unreadable");
        return;
    }
    printf("looked");
    put_hex(reply->id, sizeof(reply->id));
    printf(" %s %s %zu", word_of(reply->refusal), answer.found ? "yes" : "no",
           reply->answer.length);
    put_hex(reply->next_nonce, sizeof(reply->next_nonce));
    printf(" %" PRId64 "\n", now_us() - asked_us);
    fflush(stdout);
}

static void take(struct link_hand *hand, const struct packet *packet) {
    if (packet->content == PACKET_WELCOME) {
        printf("welcome %s", word_of(packet->welcome.refusal));
        put_hex(packet->welcome.look_nonce, sizeof(packet->welcome.look_nonce));
        putchar('\n');
        tell_acknowledgement(hand, &packet->welcome.acknowledgement);
    } else if (packet->content == PACKET_ACKNOWLEDGEMENT) {
        tell_acknowledgement(hand, &packet->acknowledgement);
    } else if (packet->content == PACKET_LOOK_REPLY) {
        tell_look(hand, &packet->look_reply);
    }
}

/* -- what is sent -- */

static bool read_hex_into(const char *hex, uint8_t *ret, size_t length) {
    if (strlen(hex) != 2 * length || hex_decode(hex, ret, length) < 0) {
        link_hand_tell("not hexadecimal, or of another length");
        return false;
    }
    return true;
}

static bool read_card(const char *text, struct card *ret) {
    size_t place;
    if (card_parse(text, ret, &place) != REFUSAL_NONE) {
        link_hand_tell("not a card");
        return false;
    }
    return true;
}

static void tell_card(struct link_hand *hand, char **words) {
    struct card card;
    struct sign_public family;
    struct sign_public presence;
    struct sign_secret secret;
    if (!read_card(words[1], &card)) {
        return;
    }
    const struct family_handle handle = card_handle(&card, &hand->own.hub);
    const struct presence_seed seed = card_presence_seed(&card, &hand->own.hub);
    presence_keys(&seed, &presence, &secret);
    card_family_keys(&card, &hand->own.hub, &family, &secret);
    printf("card");
    put_hex(handle.bytes, sizeof(handle.bytes));
    put_hex(family.bytes, sizeof(family.bytes));
    put_hex(presence.bytes, sizeof(presence.bytes));
    link_hand_tell("");
}

static void tell_seed(struct link_hand *hand, char **words) {
    struct card card;
    if (read_card(words[1], &card)) {
        const struct presence_seed seed = card_presence_seed(&card, &hand->own.hub);
        printf("seed");
        put_hex(seed.bytes, sizeof(seed.bytes));
        link_hand_tell("");
    }
}

static void seal_words(struct link_hand *hand, char **words) {
    struct curve_public receiver;
    struct curve_secret secret;
    struct bytes plain;
    uint8_t seed[32];
    uint8_t fresh[32];
    if (!read_hex_into(words[1], seed, sizeof(seed)) ||
        !link_hand_read_hex(hand, words[2], &plain)) {
        return;
    }
    curve_keys_from_seed(seed, "seal/v1", &receiver, &secret);
    random_fill(fresh, sizeof(fresh));
    uint8_t *box = arena_alloc(hand->arena, plain.length + BOX_OVERHEAD_BYTES, 1);
    if (box == NULL || box_seal(&receiver, fresh, plain, box) < 0) {
        link_hand_tell("not sealed");
        return;
    }
    printf("sealed");
    put_hex(receiver.bytes, sizeof(receiver.bytes));
    put_hex(box, plain.length + BOX_OVERHEAD_BYTES);
    link_hand_tell("");
}

static bool find_key(struct link_hand *hand, const char *whose, const char *text,
                     struct sign_secret *ret) {
    struct card card;
    struct sign_public public_key;
    if (strcmp(whose, "own") == 0) {
        *ret = hand->sign;
        return true;
    }
    if (!read_card(text, &card)) {
        return false;
    }
    if (strcmp(whose, "family") == 0) {
        card_family_keys(&card, &hand->own.hub, &public_key, ret);
    } else {
        const struct presence_seed seed = card_presence_seed(&card, &hand->own.hub);
        presence_keys(&seed, &public_key, ret);
    }
    return true;
}

static void sign_words(struct link_hand *hand, char **words) {
    struct sign_secret key;
    struct bytes bytes;
    if (find_key(hand, words[1], words[2], &key) && link_hand_read_hex(hand, words[4], &bytes)) {
        const struct signature signature = sign_bytes(&key, words[3], bytes);
        printf("signed");
        put_hex(signature.bytes, sizeof(signature.bytes));
        link_hand_tell("");
    }
}

static void send_words(struct link_hand *hand, char **words) {
    struct signature signature;
    struct envelope envelope = {
        .version = WIRE_VERSION,
        .sender = hand->own,
        .recipient = hand->hub,
        .lane = (enum lane)strtoul(words[2], NULL, 10),
        .incarnation = 1,
        .number = strtoull(words[3], NULL, 10),
        .created_ms = link_hand_now_ms(),
        .kind = (enum message_kind)strtoul(words[1], NULL, 10),
    };
    struct packet packet = {.content = PACKET_POSTING};
    if (!read_hex_into(words[4], envelope.id.bytes, sizeof(envelope.id.bytes)) ||
        !link_hand_read_hex(hand, words[5], &envelope.body)) {
        return;
    }
    if (envelope_encode(&envelope, hand->arena, &packet.posting.envelope) < 0) {
        link_hand_tell("not encoded");
        return;
    }
    signature = sign_bytes(&hand->sign, "envelope/v1", packet.posting.envelope);
    packet.posting.signature = BYTES_OF(signature);
    link_hand_send(hand, &packet);
}

static void look_words(struct link_hand *hand, char **words) {
    struct packet packet = {.content = PACKET_LOOK_REQUEST};
    if (read_hex_into(words[1], packet.look_request.id, sizeof(packet.look_request.id)) &&
        link_hand_read_hex(hand, words[2], &packet.look_request.statement) &&
        link_hand_read_hex(hand, words[3], &packet.look_request.proof)) {
        asked_us = now_us();
        link_hand_send(hand, &packet);
    }
}

static bool obey(struct link_hand *hand, char **words, size_t count) {
    if (strcmp(words[0], "hello") == 0) {
        link_hand_hello(hand, &hand->own.org);
    } else if (strcmp(words[0], "card") == 0 && count == 2) {
        tell_card(hand, words);
    } else if (strcmp(words[0], "seed") == 0 && count == 2) {
        tell_seed(hand, words);
    } else if (strcmp(words[0], "seal") == 0 && count == 3) {
        seal_words(hand, words);
    } else if (strcmp(words[0], "sign") == 0 && count == 5) {
        sign_words(hand, words);
    } else if (strcmp(words[0], "send") == 0 && count == 6) {
        send_words(hand, words);
    } else if (strcmp(words[0], "look") == 0 && count == 4) {
        look_words(hand, words);
    } else {
        return false;
    }
    return true;
}

int main(int argc, char **argv) {
    const struct link_hand_program program = {.take = take, .obey = obey};
    return link_hand_main(argc, argv, &program);
}
