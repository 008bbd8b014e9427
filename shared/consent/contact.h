/* The sealed contact envelope: how to reach a family, for the fallback that it chose (DESIGN 5).
 *
 * Always the same size, whatever is in it: a text padded to 1 KiB, sealed to the fallback's contact
 * key. It waits at the hub, which can't open it. The same shape carries whom a question or a
 * call-back is about. */
#pragma once

#include "shared/consent/card.h"
#include "shared/crypto/curve.h"
#include "shared/wire/family.h"

struct contact {
    char text[CONTACT_TEXT_BYTES_MAX + 1]; /* name, telephone, when, language: people's own words */
    /* So that who takes up a question or a flag can say "we support this family" without the card
     * on the table; zeros where not given along. */
    bool has_presence;
    struct presence_seed presence;
};

enum { CONTACT_PLAIN_BYTES = 1024 };

/* `seed`: 32 fresh random bytes. In the arena. Errors: ERR_CRYPTO (the receiver's key is no key),
 * ERR_NO_MEMORY. */
MUST_CHECK int contact_seal(const struct contact *contact, const struct curve_public *to,
                            const uint8_t seed[static 32], struct arena *arena, struct sealed *ret);
/* Errors: ERR_CRYPTO (not for this key, altered), ERR_MALFORMED (of another size; what is inside is
 * no contact, or wrongly padded). The caller wipes it. */
MUST_CHECK int contact_open(const struct sealed *sealed, const struct curve_secret *secret,
                            struct contact *ret);
