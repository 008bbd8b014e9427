/* A member's link driven by hand: what the helpers have in common that play a node which says what
 * no node of ours would.
 *
 * It holds the member's keys, dials the hub, splits the lines of its input into words and tells the
 * state of the link ("link up|down|refused"), a line each. What the words mean, and what is told of
 * the packets that come, is the program's: bad_days_link.c and family_link.c. */
#pragma once

#include "shared/base/arena.h"
#include "shared/crypto/sign.h"
#include "shared/io/link.h"
#include "shared/wire/packet.h"

enum { LINK_HAND_LINE_BYTES_MAX = 1 << 20, LINK_HAND_WORDS_MAX = 6 };

struct link_hand {
    struct link_client *link;
    struct arena *arena; /* emptied after each line and each turn of the link */
    struct address own;
    struct address hub;
    struct sign_secret sign; /* the member's own */
    enum link_state state;
    char line[LINK_HAND_LINE_BYTES_MAX];
    size_t line_length;
};

struct link_hand_program {
    void (*take)(struct link_hand *hand, const struct packet *packet);
    /* The words of one line, `count` of them and NULL behind; false ends the program. */
    bool (*obey)(struct link_hand *hand, char **words, size_t count);
};

/* Arguments: the node's seed file, its organisation, the hub's id, endpoint and CURVE key (hex).
 * Returns main's own status. */
int link_hand_main(int argc, char **argv, const struct link_hand_program *program);

/* A line on the output, at once. */
void link_hand_tell(const char *text);

/* Each tells "not sent", "not encoded", "not hexadecimal" where it fails. */
void link_hand_send_frame(struct link_hand *hand, struct bytes frame);
void link_hand_send(struct link_hand *hand, const struct packet *packet);
void link_hand_hello(struct link_hand *hand, const struct org_id *org);

/* False where it's no hexadecimal, which is told. `ret` is valid until the arena is emptied. */
bool link_hand_read_hex(struct link_hand *hand, const char *hex, struct bytes *ret);

/* The machine's real time. */
int64_t link_hand_now_ms(void);
