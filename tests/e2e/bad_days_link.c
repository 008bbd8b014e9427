/* A member's link driven by hand, for what no node of ours would ever send.
 *
 * Arguments: the node's seed file, its organisation, the hub's id, endpoint and CURVE key (hex).
 * Takes lines from its input and tells what happens, a line each:
 *
 *     hello ORG                      "welcome REFUSAL", and the receipt as below
 *     post NUMBER ORG HUNDREDTHS     a status of ORG with that FTE, as message NUMBER; the id is
 *                                    made of both numbers, so the same line is the same message
 *     bytes HEX                      one frame of just these bytes
 *     end
 *
 * On its output: "link up|down|refused", "receipt CONTIGUOUS", "not-taken NUMBER REFUSAL". */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shared/crypto/curve.h"
#include "shared/crypto/random.h"
#include "shared/io/link.h"
#include "shared/wire/packet.h"
#include "shared/wire/signal.h"

enum { LINE_BYTES_MAX = 4096, ARENA_BYTES = 4 << 20, HIGH_WATER = 1000, POLL_MS = 200 };

struct hand {
    struct link_client *link;
    struct arena *arena;
    struct address own;
    struct address hub;
    enum link_state state;
    char line[LINE_BYTES_MAX];
    size_t line_length;
};

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void tell(const char *text) {
    printf("%s\n", text);
    fflush(stdout);
}

/* -- what comes -- */

static void tell_acknowledgement(struct hand *hand, const struct signed_acknowledgement *from) {
    struct acknowledgement heard;
    if (acknowledgement_decode(from->acknowledgement, hand->arena, &heard) != REFUSAL_NONE) {
        tell("unreadable");
        return;
    }
    for (size_t i = 0; i < heard.not_taken_count; i++) {
        printf("not-taken %" PRIu64 " %s\n", heard.not_taken[i].number,
               refusal_text(heard.not_taken[i].refusal));
    }
    uint64_t contiguous = 0;
    for (size_t i = 0; i < heard.receipt_count; i++) {
        contiguous =
            heard.receipts[i].lane == LANE_ORDINARY ? heard.receipts[i].contiguous : contiguous;
    }
    printf("receipt %" PRIu64 "\n", contiguous);
    fflush(stdout);
}

static void take(void *ctx, const struct link_message *message) {
    struct hand *hand = ctx;
    struct packet packet;
    if (packet_decode(message->frame, hand->arena, &packet) != REFUSAL_NONE) {
        tell("unreadable");
        return;
    }
    if (packet.content == PACKET_WELCOME) {
        const char *refusal = refusal_text(packet.welcome.refusal);
        printf("welcome %s\n", refusal == NULL ? "yes" : refusal);
        tell_acknowledgement(hand, &packet.welcome.acknowledgement);
    } else if (packet.content == PACKET_ACKNOWLEDGEMENT) {
        tell_acknowledgement(hand, &packet.acknowledgement);
    }
}

static void look_at_link(struct hand *hand) {
    static const char *const texts[] = {"link down", "link up", "link refused"};
    enum link_state state = link_client_state(hand->link);
    if (state != hand->state) {
        hand->state = state;
        tell(texts[state]);
    }
}

/* -- what is sent -- */

static void send_frame(struct hand *hand, struct bytes frame) {
    if (link_client_send(hand->link, frame) < 0) {
        tell("not sent");
    }
}

static void send_packet(struct hand *hand, const struct packet *packet) {
    struct bytes frame;
    if (packet_encode(packet, hand->arena, &frame) < 0) {
        tell("not encoded");
        return;
    }
    send_frame(hand, frame);
}

static void say_hello(struct hand *hand, const char *org) {
    struct packet packet = {
        .content = PACKET_HELLO,
        .hello = {.version_min = WIRE_VERSION,
                  .version_max = WIRE_VERSION,
                  .software = "by-hand",
                  .now_ms = now_ms()},
    };
    if (org_id_parse(org, &packet.hello.organisation) < 0) {
        tell("not an id");
        return;
    }
    send_packet(hand, &packet);
}

static void post(struct hand *hand, uint64_t number, const char *org, uint32_t hundredths) {
    struct service_state service = {.service = {.text = "leefloon"},
                                    .status = SERVICE_STATUS_OPEN,
                                    .fte_hundredths = hundredths};
    struct status status = {.set_at_ms = now_ms(), .services = &service, .service_count = 1};
    struct envelope envelope = {
        .version = WIRE_VERSION,
        .sender = hand->own,
        .recipient = hand->hub,
        .lane = LANE_ORDINARY,
        .incarnation = 1,
        .number = number,
        .created_ms = now_ms(),
        .kind = MESSAGE_KIND_STATUS,
    };
    struct packet packet = {.content = PACKET_POSTING};
    be64_write(envelope.id.bytes, number);
    be64_write(envelope.id.bytes + 8, hundredths);
    if (org_id_parse(org, &envelope.sender.org) < 0 ||
        status_encode(&status, hand->arena, &envelope.body) < 0 ||
        envelope_encode(&envelope, hand->arena, &packet.posting.envelope) < 0) {
        tell("not encoded");
        return;
    }
    send_packet(hand, &packet);
}

static void send_hex(struct hand *hand, const char *hex) {
    size_t length = strlen(hex) / 2;
    uint8_t bytes[LINE_BYTES_MAX / 2];
    if (hex_decode(hex, bytes, length) < 0) {
        tell("not hexadecimal");
        return;
    }
    send_frame(hand, (struct bytes){.data = bytes, .length = length});
}

/* False at the end. */
static bool obey(struct hand *hand, char *line) {
    char *rest = line;
    const char *word = strsep(&rest, " ");
    const char *first = strsep(&rest, " ");
    const char *second = strsep(&rest, " ");
    const char *third = strsep(&rest, " ");
    if (strcmp(word, "hello") == 0 && first != NULL) {
        say_hello(hand, first);
    } else if (strcmp(word, "post") == 0 && third != NULL) {
        post(hand, strtoull(first, NULL, 10), second, (uint32_t)strtoul(third, NULL, 10));
    } else if (strcmp(word, "bytes") == 0 && first != NULL) {
        send_hex(hand, first);
    } else {
        return false;
    }
    return true;
}

/* Whole lines of what came; false at the end. */
static bool read_input(struct hand *hand) {
    size_t room = sizeof(hand->line) - hand->line_length;
    ssize_t got = read(STDIN_FILENO, hand->line + hand->line_length, room);
    if (got <= 0) {
        return false;
    }
    hand->line_length += (size_t)got;
    char *end;
    while ((end = memchr(hand->line, '\n', hand->line_length)) != NULL) {
        *end = '\0';
        if (!obey(hand, hand->line)) {
            return false;
        }
        size_t used = (size_t)(end + 1 - hand->line);
        hand->line_length -= used;
        memmove(hand->line, end + 1, hand->line_length);
    }
    return hand->line_length < sizeof(hand->line);
}

static int work(struct hand *hand) {
    bool goes_on = true;
    int r = 0;
    while (goes_on && r >= 0) {
        struct link_poll_item items[] = {{.client = hand->link, .fd = -1}, {.fd = STDIN_FILENO}};
        r = link_poll(items, sizeof(items) / sizeof(items[0]), POLL_MS);
        if (r >= 0) {
            look_at_link(hand);
            r = link_client_receive(hand->link, take, hand, HIGH_WATER);
        }
        if (r >= 0 && items[1].ready) {
            goes_on = read_input(hand);
        }
        arena_reset(hand->arena);
    }
    return r < 0 ? r : 0;
}

/* -- beginning -- */

static int read_keys(const char *path, struct link_keys *ret) {
    uint8_t seed[32];
    struct curve_public public_key;
    struct curve_secret secret_key;
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
    return 0;
}

static int dial(struct hand *hand, struct link_context *context, char **argv) {
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

static int run(char **argv) {
    struct hand hand = {.state = LINK_DOWN};
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
        r = work(&hand);
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
