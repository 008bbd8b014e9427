/* A member's link driven by hand, for what is said about families and no node of ours would say.
 *
 * Arguments: the node's seed file, its organisation, the hub's id, endpoint and CURVE key (hex).
 * Whoever writes its input makes the bytes; here they are signed and sent. A line each:
 *
 *     hello                               "welcome REFUSAL NONCE"
 *     card CARD                           "card HANDLE FAMILY-KEY PRESENCE-KEY"
 *     sign family|presence|own CARD DOMAIN HEX     "signed SIGNATURE" (own: CARD is not read)
 *     send KIND LANE NUMBER ID BODY       an envelope in our name, signed by us
 *     look ID STATEMENT PROOF             "looked ID REFUSAL yes|no BYTES NONCE MICROSECONDS"
 *     end
 *
 * On its output too: "link up|down|refused", "receipt LANE CONTIGUOUS", "refused LANE NUMBER
 * REFUSAL", "not-taken LANE NUMBER REFUSAL". */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shared/consent/card.h"
#include "shared/crypto/curve.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/random.h"
#include "shared/io/link.h"
#include "shared/wire/family.h"

enum {
    LINE_BYTES_MAX = 1 << 20,
    ARENA_BYTES = 16 << 20,
    HIGH_WATER = 20000,
    POLL_MS = 200,
    WORDS_MAX = 6,
};

struct hand {
    struct link_client *link;
    struct arena *arena;
    struct address own;
    struct address hub;
    struct sign_secret sign;
    enum link_state state;
    int64_t asked_us;
    char line[LINE_BYTES_MAX];
    size_t line_length;
};

static struct hand hand = {.state = LINK_DOWN};

static int64_t now_us(clockid_t which) {
    struct timespec now;
    clock_gettime(which, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void tell(const char *text) {
    printf("%s\n", text);
    fflush(stdout);
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

static void tell_acknowledgement(const struct signed_acknowledgement *from) {
    struct acknowledgement heard;
    if (acknowledgement_decode(from->acknowledgement, hand.arena, &heard) != REFUSAL_NONE) {
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

static void tell_look(const struct look_reply *reply) {
    struct look_answer answer = {.found = false};
    if (reply->answer.length > 0 &&
        look_answer_decode(reply->answer, hand.arena, &answer) != REFUSAL_NONE) {
        tell("unreadable");
        return;
    }
    printf("looked");
    put_hex(reply->id, sizeof(reply->id));
    printf(" %s %s %zu", word_of(reply->refusal), answer.found ? "yes" : "no",
           reply->answer.length);
    put_hex(reply->next_nonce, sizeof(reply->next_nonce));
    printf(" %" PRId64 "\n", now_us(CLOCK_MONOTONIC) - hand.asked_us);
    fflush(stdout);
}

static void take(void *ctx, const struct link_message *message) {
    struct packet packet;
    (void)ctx;
    if (packet_decode(message->frame, hand.arena, &packet) != REFUSAL_NONE) {
        tell("unreadable");
        return;
    }
    if (packet.content == PACKET_WELCOME) {
        printf("welcome %s", word_of(packet.welcome.refusal));
        put_hex(packet.welcome.look_nonce, sizeof(packet.welcome.look_nonce));
        putchar('\n');
        tell_acknowledgement(&packet.welcome.acknowledgement);
    } else if (packet.content == PACKET_ACKNOWLEDGEMENT) {
        tell_acknowledgement(&packet.acknowledgement);
    } else if (packet.content == PACKET_LOOK_REPLY) {
        tell_look(&packet.look_reply);
    }
}

static void look_at_link(void) {
    static const char *const texts[] = {"link down", "link up", "link refused"};
    enum link_state state = link_client_state(hand.link);
    if (state != hand.state) {
        hand.state = state;
        tell(texts[state]);
    }
}

/* -- what is sent -- */

static void send_packet(const struct packet *packet) {
    struct bytes frame;
    if (packet_encode(packet, hand.arena, &frame) < 0) {
        tell("not encoded");
    } else if (link_client_send(hand.link, frame) < 0) {
        tell("not sent");
    }
}

static bool read_hex(const char *hex, struct bytes *ret) {
    size_t length = strlen(hex) / 2;
    uint8_t *bytes = ARENA_ARRAY(hand.arena, uint8_t, length + 1);
    if (bytes == NULL || hex_decode(hex, bytes, length) < 0) {
        tell("not hexadecimal");
        return false;
    }
    *ret = (struct bytes){.data = bytes, .length = length};
    return true;
}

static bool read_hex_into(const char *hex, uint8_t *ret, size_t length) {
    if (strlen(hex) != 2 * length || hex_decode(hex, ret, length) < 0) {
        tell("not hexadecimal, or of another length");
        return false;
    }
    return true;
}

static void say_hello(void) {
    const struct packet packet = {
        .content = PACKET_HELLO,
        .hello = {.version_min = WIRE_VERSION,
                  .version_max = WIRE_VERSION,
                  .organisation = hand.own.org,
                  .software = "by-hand",
                  .now_ms = now_us(CLOCK_REALTIME) / 1000},
    };
    send_packet(&packet);
}

static bool read_card(const char *text, struct card *ret) {
    size_t place;
    if (card_parse(text, ret, &place) != REFUSAL_NONE) {
        tell("not a card");
        return false;
    }
    return true;
}

static void tell_card(char **words) {
    struct card card;
    struct sign_public family;
    struct sign_public presence;
    struct sign_secret secret;
    if (!read_card(words[1], &card)) {
        return;
    }
    const struct family_handle handle = card_handle(&card, &hand.own.hub);
    const struct presence_seed seed = card_presence_seed(&card, &hand.own.hub);
    presence_keys(&seed, &presence, &secret);
    card_family_keys(&card, &hand.own.hub, &family, &secret);
    printf("card");
    put_hex(handle.bytes, sizeof(handle.bytes));
    put_hex(family.bytes, sizeof(family.bytes));
    put_hex(presence.bytes, sizeof(presence.bytes));
    tell("");
}

static bool find_key(const char *whose, const char *text, struct sign_secret *ret) {
    struct card card;
    struct sign_public public_key;
    if (strcmp(whose, "own") == 0) {
        *ret = hand.sign;
        return true;
    }
    if (!read_card(text, &card)) {
        return false;
    }
    if (strcmp(whose, "family") == 0) {
        card_family_keys(&card, &hand.own.hub, &public_key, ret);
    } else {
        const struct presence_seed seed = card_presence_seed(&card, &hand.own.hub);
        presence_keys(&seed, &public_key, ret);
    }
    return true;
}

static void sign_words(char **words) {
    struct sign_secret key;
    struct bytes bytes;
    if (find_key(words[1], words[2], &key) && read_hex(words[4], &bytes)) {
        const struct signature signature = sign_bytes(&key, words[3], bytes);
        printf("signed");
        put_hex(signature.bytes, sizeof(signature.bytes));
        tell("");
    }
}

static void send_words(char **words) {
    struct signature signature;
    struct envelope envelope = {
        .version = WIRE_VERSION,
        .sender = hand.own,
        .recipient = hand.hub,
        .lane = (enum lane)strtoul(words[2], NULL, 10),
        .incarnation = 1,
        .number = strtoull(words[3], NULL, 10),
        .created_ms = now_us(CLOCK_REALTIME) / 1000,
        .kind = (enum message_kind)strtoul(words[1], NULL, 10),
    };
    struct packet packet = {.content = PACKET_POSTING};
    if (!read_hex_into(words[4], envelope.id.bytes, sizeof(envelope.id.bytes)) ||
        !read_hex(words[5], &envelope.body)) {
        return;
    }
    if (envelope_encode(&envelope, hand.arena, &packet.posting.envelope) < 0) {
        tell("not encoded");
        return;
    }
    signature = sign_bytes(&hand.sign, "envelope/v1", packet.posting.envelope);
    packet.posting.signature = BYTES_OF(signature);
    send_packet(&packet);
}

static void look_words(char **words) {
    struct packet packet = {.content = PACKET_LOOK_REQUEST};
    if (read_hex_into(words[1], packet.look_request.id, sizeof(packet.look_request.id)) &&
        read_hex(words[2], &packet.look_request.statement) &&
        read_hex(words[3], &packet.look_request.proof)) {
        hand.asked_us = now_us(CLOCK_MONOTONIC);
        send_packet(&packet);
    }
}

/* False at the end. */
static bool obey(char *line) {
    char *words[WORDS_MAX] = {NULL};
    size_t count = 0;
    char *rest = line;
    while (count < WORDS_MAX && rest != NULL) {
        words[count++] = strsep(&rest, " ");
    }
    if (strcmp(words[0], "hello") == 0) {
        say_hello();
    } else if (strcmp(words[0], "card") == 0 && count == 2) {
        tell_card(words);
    } else if (strcmp(words[0], "sign") == 0 && count == 5) {
        sign_words(words);
    } else if (strcmp(words[0], "send") == 0 && count == 6) {
        send_words(words);
    } else if (strcmp(words[0], "look") == 0 && count == 4) {
        look_words(words);
    } else {
        return false;
    }
    arena_reset(hand.arena);
    return true;
}

/* Whole lines of what came; false at the end. */
static bool read_input(void) {
    size_t room = sizeof(hand.line) - hand.line_length;
    ssize_t got = read(STDIN_FILENO, hand.line + hand.line_length, room);
    if (got <= 0) {
        return false;
    }
    hand.line_length += (size_t)got;
    char *start = hand.line;
    char *end;
    while ((end = memchr(start, '\n', hand.line_length)) != NULL) {
        *end = '\0';
        if (!obey(start)) {
            return false;
        }
        hand.line_length -= (size_t)(end + 1 - start);
        start = end + 1;
    }
    memmove(hand.line, start, hand.line_length);
    return hand.line_length < sizeof(hand.line);
}

static int work(void) {
    bool goes_on = true;
    int r = 0;
    while (goes_on && r >= 0) {
        struct link_poll_item items[] = {{.client = hand.link, .fd = -1}, {.fd = STDIN_FILENO}};
        r = link_poll(items, sizeof(items) / sizeof(items[0]), POLL_MS);
        if (r >= 0) {
            look_at_link();
            r = link_client_receive(hand.link, take, &hand, HIGH_WATER);
            arena_reset(hand.arena);
        }
        if (r >= 0 && items[1].ready) {
            goes_on = read_input();
        }
    }
    return r < 0 ? r : 0;
}

/* -- beginning -- */

static int read_keys(const char *path, struct link_keys *ret) {
    uint8_t seed[32];
    struct curve_public public_key;
    struct curve_secret secret_key;
    struct sign_public sign_public;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return ERR_NOT_FOUND;
    }
    size_t got = fread(seed, 1, sizeof(seed), file);
    fclose(file);
    if (got != sizeof(seed)) {
        return ERR_MALFORMED;
    }
    curve_keys_from_seed(seed, "transport/v1", &public_key, &secret_key);
    memcpy(ret->public_key, public_key.bytes, sizeof(ret->public_key));
    memcpy(ret->secret_key, secret_key.bytes, sizeof(ret->secret_key));
    const struct digest signing =
        hash_of("node-signing-seed/v1", (struct bytes){.data = seed, .length = sizeof(seed)});
    sign_keys_from_seed(signing.bytes, &sign_public, &hand.sign);
    return 0;
}

static int dial(struct link_context *context, char **argv) {
    struct link_keys keys;
    uint8_t hub_key[32];
    struct link_client_params params = {
        .endpoint = argv[4],
        .server_key = hub_key,
        .keys = &keys,
        .high_water_messages = HIGH_WATER,
        .frame_bytes_max = FRAME_BYTES_MAX,
        .reconnect_ms = LINK_RECONNECT_MIN_MS,
    };
    int r = read_keys(argv[1], &keys);
    if (r == 0) {
        r = org_id_parse(argv[2], &hand.own.org);
    }
    if (r == 0) {
        r = hub_id_parse(argv[3], &hand.own.hub);
    }
    if (r == 0) {
        r = hex_decode(argv[5], hub_key, sizeof(hub_key));
    }
    if (r < 0) {
        return r;
    }
    hand.hub = (struct address){.org = HUB_ORG, .hub = hand.own.hub};
    return link_client_open(context, &params, &hand.link);
}

static int run(char **argv) {
    struct link_context *context;
    int r = random_init();
    if (r < 0) {
        return r;
    }
    r = link_context_new(1, 8, &context);
    if (r < 0) {
        return r;
    }
    r = arena_new(ARENA_BYTES, &hand.arena);
    if (r == 0) {
        r = dial(context, argv);
    }
    if (r == 0) {
        r = work();
    }
    link_client_close(hand.link);
    arena_free(hand.arena);
    link_context_free(context);
    return r;
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fprintf(stderr, "usage: %s SEED-FILE ORG HUB ENDPOINT HUB-KEY\n", argv[0]);
        return EXIT_FAILURE;
    }
    int r = run(argv);
    if (r < 0) {
        fprintf(stderr, "%s: %s\n", argv[0], err_text(r));
    }
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
