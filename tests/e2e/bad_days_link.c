/* A member's link driven by hand, for what no node of ours would ever send.
 *
 * Arguments and the state of the link: link_hand.h. Takes lines from its input and tells what
 * happens, a line each:
 *
 *     hello ORG                      "welcome REFUSAL", and the receipt as below
 *     post NUMBER ORG HUNDREDTHS     a status of ORG with that FTE, as message NUMBER; the id is
 *                                    made of both numbers, so the same line is the same message
 *     bytes HEX                      one frame of just these bytes
 *     end
 *
 * On its output too: "receipt CONTIGUOUS", "not-taken NUMBER REFUSAL". */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/wire/signal.h"
#include "tests/e2e/link_hand.h"

/* -- what comes -- */

static void tell_acknowledgement(struct link_hand *hand,
                                 const struct signed_acknowledgement *from) {
    struct acknowledgement heard;
    if (acknowledgement_decode(from->acknowledgement, hand->arena, &heard) != REFUSAL_NONE) {
        link_hand_tell("unreadable");
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

static void take(struct link_hand *hand, const struct packet *packet) {
    if (packet->content == PACKET_WELCOME) {
        const char *refusal = refusal_text(packet->welcome.refusal);
        printf("welcome %s\n", refusal == NULL ? "yes" : refusal);
        tell_acknowledgement(hand, &packet->welcome.acknowledgement);
    } else if (packet->content == PACKET_ACKNOWLEDGEMENT) {
        tell_acknowledgement(hand, &packet->acknowledgement);
    }
}

/* -- what is sent -- */

static void say_hello(struct link_hand *hand, const char *text) {
    struct org_id org;
    if (org_id_parse(text, &org) < 0) {
        link_hand_tell("not an id");
        return;
    }
    link_hand_hello(hand, &org);
}

static void post(struct link_hand *hand, uint64_t number, const char *org, uint32_t hundredths) {
    struct service_state service = {.service = {.text = "leefloon"},
                                    .status = SERVICE_STATUS_OPEN,
                                    .fte_hundredths = hundredths};
    struct status status = {
        .set_at_ms = link_hand_now_ms(), .services = &service, .service_count = 1};
    struct envelope envelope = {
        .version = WIRE_VERSION,
        .sender = hand->own,
        .recipient = hand->hub,
        .lane = LANE_ORDINARY,
        .incarnation = 1,
        .number = number,
        .created_ms = link_hand_now_ms(),
        .kind = MESSAGE_KIND_STATUS,
    };
    struct packet packet = {.content = PACKET_POSTING};
    be64_write(envelope.id.bytes, number);
    be64_write(envelope.id.bytes + 8, hundredths);
    if (org_id_parse(org, &envelope.sender.org) < 0 ||
        status_encode(&status, hand->arena, &envelope.body) < 0 ||
        envelope_encode(&envelope, hand->arena, &packet.posting.envelope) < 0) {
        link_hand_tell("not encoded");
        return;
    }
    link_hand_send(hand, &packet);
}

static void send_hex(struct link_hand *hand, const char *hex) {
    struct bytes frame;
    if (link_hand_read_hex(hand, hex, &frame)) {
        link_hand_send_frame(hand, frame);
    }
}

static bool obey(struct link_hand *hand, char **words, size_t count) {
    if (strcmp(words[0], "hello") == 0 && count > 1) {
        say_hello(hand, words[1]);
    } else if (strcmp(words[0], "post") == 0 && count > 3) {
        post(hand, strtoull(words[1], NULL, 10), words[2], (uint32_t)strtoul(words[3], NULL, 10));
    } else if (strcmp(words[0], "bytes") == 0 && count > 1) {
        send_hex(hand, words[1]);
    } else {
        return false;
    }
    return true;
}

int main(int argc, char **argv) {
    const struct link_hand_program program = {.take = take, .obey = obey};
    return link_hand_main(argc, argv, &program);
}
