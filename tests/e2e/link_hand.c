#include "tests/e2e/link_hand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shared/crypto/curve.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/random.h"

enum { ARENA_BYTES = 16 << 20, HIGH_WATER = 20000, POLL_MS = 200 };

/* What comes is handed to the program beside the hand. */
struct receiving {
    struct link_hand *hand;
    const struct link_hand_program *program;
};

int64_t link_hand_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void link_hand_tell(const char *text) {
    printf("%s\n", text);
    fflush(stdout);
}

/* -- what comes -- */

static void take(void *ctx, const struct link_message *message) {
    const struct receiving *receiving = ctx;
    struct packet packet;
    if (packet_decode(message->frame, receiving->hand->arena, &packet) != REFUSAL_NONE) {
        link_hand_tell("unreadable");
        return;
    }
    receiving->program->take(receiving->hand, &packet);
}

static void look_at_link(struct link_hand *hand) {
    static const char *const texts[] = {"link down", "link up", "link refused"};
    enum link_state state = link_client_state(hand->link);
    if (state != hand->state) {
        hand->state = state;
        link_hand_tell(texts[state]);
    }
}

/* -- what is sent -- */

void link_hand_send_frame(struct link_hand *hand, struct bytes frame) {
    if (link_client_send(hand->link, frame) < 0) {
        link_hand_tell("not sent");
    }
}

void link_hand_send(struct link_hand *hand, const struct packet *packet) {
    struct bytes frame;
    if (packet_encode(packet, hand->arena, &frame) < 0) {
        link_hand_tell("not encoded");
        return;
    }
    link_hand_send_frame(hand, frame);
}

void link_hand_hello(struct link_hand *hand, const struct org_id *org) {
    const struct packet packet = {
        .content = PACKET_HELLO,
        .hello = {.version_min = WIRE_VERSION,
                  .version_max = WIRE_VERSION,
                  .organisation = *org,
                  .software = "by-hand",
                  .now_ms = link_hand_now_ms()},
    };
    link_hand_send(hand, &packet);
}

bool link_hand_read_hex(struct link_hand *hand, const char *hex, struct bytes *ret) {
    size_t length = strlen(hex) / 2;
    uint8_t *bytes = ARENA_ARRAY(hand->arena, uint8_t, length + 1);
    if (bytes == NULL || hex_decode(hex, bytes, length) < 0) {
        link_hand_tell("not hexadecimal");
        return false;
    }
    *ret = (struct bytes){.data = bytes, .length = length};
    return true;
}

/* -- the input -- */

/* False at the end. */
static bool obey(struct link_hand *hand, const struct link_hand_program *program, char *line) {
    char *words[LINK_HAND_WORDS_MAX + 1] = {NULL};
    size_t count = 0;
    char *rest = line;
    while (count < LINK_HAND_WORDS_MAX && rest != NULL) {
        words[count++] = strsep(&rest, " ");
    }
    bool goes_on = program->obey(hand, words, count);
    arena_reset(hand->arena);
    return goes_on;
}

/* Whole lines of what came; false at the end. */
static bool read_input(struct link_hand *hand, const struct link_hand_program *program) {
    size_t room = sizeof(hand->line) - hand->line_length;
    ssize_t got = read(STDIN_FILENO, hand->line + hand->line_length, room);
    if (got <= 0) {
        return false;
    }
    hand->line_length += (size_t)got;
    char *start = hand->line;
    char *end;
    while ((end = memchr(start, '\n', hand->line_length)) != NULL) {
        *end = '\0';
        if (!obey(hand, program, start)) {
            return false;
        }
        hand->line_length -= (size_t)(end + 1 - start);
        start = end + 1;
    }
    memmove(hand->line, start, hand->line_length);
    return hand->line_length < sizeof(hand->line);
}

static int work(struct link_hand *hand, const struct link_hand_program *program) {
    struct receiving receiving = {.hand = hand, .program = program};
    bool goes_on = true;
    int r = 0;
    while (goes_on && r >= 0) {
        struct link_poll_item items[] = {{.client = hand->link, .fd = -1}, {.fd = STDIN_FILENO}};
        r = link_poll(items, sizeof(items) / sizeof(items[0]), POLL_MS);
        if (r >= 0) {
            look_at_link(hand);
            r = link_client_receive(hand->link, take, &receiving, HIGH_WATER);
            arena_reset(hand->arena);
        }
        if (r >= 0 && items[1].ready) {
            goes_on = read_input(hand, program);
        }
    }
    return r < 0 ? r : 0;
}

/* -- beginning -- */

static int read_keys(const char *path, struct sign_secret *ret_sign, struct link_keys *ret) {
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
    sign_keys_from_seed(signing.bytes, &sign_public, ret_sign);
    return 0;
}

static int dial(struct link_hand *hand, struct link_context *context, char **argv) {
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
    int r = read_keys(argv[1], &hand->sign, &keys);
    if (r == 0) {
        r = org_id_parse(argv[2], &hand->own.org);
    }
    if (r == 0) {
        r = hub_id_parse(argv[3], &hand->own.hub);
    }
    if (r == 0) {
        r = hex_decode(argv[5], hub_key, sizeof(hub_key));
    }
    if (r < 0) {
        return r;
    }
    hand->hub = (struct address){.org = HUB_ORG, .hub = hand->own.hub};
    return link_client_open(context, &params, &hand->link);
}

static int run(char **argv, const struct link_hand_program *program) {
    static struct link_hand hand = {.state = LINK_DOWN};
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
        r = dial(&hand, context, argv);
    }
    if (r == 0) {
        r = work(&hand, program);
    }
    link_client_close(hand.link);
    arena_free(hand.arena);
    link_context_free(context);
    return r;
}

int link_hand_main(int argc, char **argv, const struct link_hand_program *program) {
    if (argc != 6) {
        fprintf(stderr, "usage: %s SEED-FILE ORG HUB ENDPOINT HUB-KEY\n", argv[0]);
        return EXIT_FAILURE;
    }
    int r = run(argv, program);
    if (r < 0) {
        fprintf(stderr, "%s: %s\n", argv[0], err_text(r));
    }
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
