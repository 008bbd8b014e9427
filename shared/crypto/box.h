/* Sealing for one receiver who needn't know the sender: libsodium's sealed box, written out from
 * a given seed so that cores stay deterministic.
 *
 * Gives no sender authentication: what is inside must carry its own signature (RELIABILITY 1.3).
 * Format: ephemeral public key, 32 bytes || crypto_box(nonce = BLAKE2b-192(ephemeral || receiver));
 * any crypto_box_seal_open accepts it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "shared/base/bytes.h"
#include "shared/base/err.h"
#include "shared/crypto/curve.h"

enum { BOX_OVERHEAD_BYTES = 48 };

/* Writes plaintext.length + BOX_OVERHEAD_BYTES bytes. The seed is fresh for each box (32 random
 * bytes) and is nobody's key. Errors: ERR_CRYPTO where the receiver's key is of small order. */
MUST_CHECK int box_seal(const struct curve_public *receiver, const uint8_t seed[static 32],
                        struct bytes plaintext, uint8_t *ret_sealed);

/* Writes sealed.length - BOX_OVERHEAD_BYTES bytes. Errors: ERR_CRYPTO (too short, for another
 * receiver, altered); what `ret_plaintext` points at may then be zeroed. */
MUST_CHECK int box_open(const struct curve_secret *secret, struct bytes sealed,
                        uint8_t *ret_plaintext);
