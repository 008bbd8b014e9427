/* The family's card: 128 random bits and a version, on paper, as text and QR; and the keys that it
 * opens for each hub (DESIGN 5).
 *
 * The card is a bearer secret: it lies on the table while somebody works with it, and then the node
 * forgets it with all that is derived here but the handle and the presence seed. Who makes the 128
 * bits is the shell (random.h). */
#pragma once

#include "shared/base/ids.h"
#include "shared/base/lists.h"
#include "shared/crypto/sign.h"

enum {
    CARD_VERSION = 0, /* of four: two bits */
    CARD_SECRET_BYTES = 16,
    CARD_TEXT_SIZE = 28 + 6 + 1, /* seven groups of four, '-' between, and a NUL */
};

/* In memory from secret_new; the caller wipes it. */
struct card {
    uint8_t secret[CARD_SECRET_BYTES];
};

/* Version (two bits) and secret, big-endian, as 26 Crockford base32 characters; then two check
 * characters of a Reed-Solomon [28,26] code over GF(32), distance 3: every error of one or two
 * characters shows, and so does every swap. It never corrects. */
void card_format(const struct card *card, char ret_text[static CARD_TEXT_SIZE]);

/* Spaces, line breaks and '-' may stand anywhere; case doesn't matter; o is read as 0, i and l as
 * 1. Refusals: MALFORMED (too short, too long, another character; `ret_place` from 1 in `text`, one
 * past its end where it's too short), MISTYPED (the check characters don't fit; the place is the
 * one character that, wrong, would explain it), UNKNOWN_VERSION. `ret_place` is always written, 0
 * where it can't be told. */
MUST_CHECK enum refusal card_parse(const char *text, struct card *ret, size_t *ret_place);

/* BLAKE2b-256 keyed by the secret over length-prefixed ("presence/v1", hub id). */
struct family_handle card_handle(const struct card *card, const struct hub_id *hub);

/* What supporters keep: it proves that they know the handle (by the card, or told by one that
 * does), and nothing else. Keyed BLAKE2b-256 under "presence-key/v1" over the hub id. */
struct presence_seed {
    uint8_t bytes[32];
};
struct presence_seed card_presence_seed(const struct card *card, const struct hub_id *hub);
void presence_keys(const struct presence_seed *seed, struct sign_public *ret_public,
                   struct sign_secret *ret_secret);

/* The family's own key on a hub: exists while the card is on the table. "family-key/v1". */
void card_family_keys(const struct card *card, const struct hub_id *hub,
                      struct sign_public *ret_public, struct sign_secret *ret_secret);
