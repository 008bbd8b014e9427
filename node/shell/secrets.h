/* The secrets that open what others sealed to us: of the sealing key, new each month, and of the
 * contact key, new each quarter, with the old ones as long as something sealed to them may come.
 *
 * Files of 32 random bytes below keys/ (0600): seal.seed is the one that the directory names,
 * seal-next.seed one that is on its way there, seal-2026-11-22.seed one that was replaced on that
 * day; contact.* likewise. Replaced ones are destroyed SEALING_SECRET_DAYS and CONTACT_SECRET_DAYS
 * later. A file is durable before its public half is told to anybody. Used by one thread. */
#pragma once

#include "node/core/node.h"
#include "node/shell/place.h"

enum secret_kind { SECRET_SEAL, SECRET_CONTACT, SECRET_KINDS };

struct secrets;

/* Finishes what a crash left between two renames: before keys_load too. Errors: ERR_IO. */
MUST_CHECK int secrets_mend(const struct place *place);
/* Errors: as keyring_master_load, ERR_TOO_LARGE (more files than can be), ERR_NO_MEMORY. */
MUST_CHECK int secrets_open(const struct place *place, struct secrets **ret);
/* Wipes; takes NULL. */
void secrets_close(struct secrets *secrets);

/* As struct sealing_keys wants it: a copy, or ERR_NOT_FOUND. `context` is struct secrets. */
int secrets_get(void *context, const uint8_t public_key[static 32], struct curve_secret *ret);

/* The pair that comes next: the one on its way, or a new one, durable when this returns. Errors: as
 * keyring_master_save and keyring_master_load, ERR_TOO_LARGE. */
MUST_CHECK int secrets_next(struct secrets *secrets, enum secret_kind kind,
                            struct curve_public *ret);
/* The directory names this key as ours: where it's the next one it takes its place, and the one
 * before is replaced as of `today`. Gives 1 where it did. Errors: as place_write. */
MUST_CHECK int secrets_follow(struct secrets *secrets, enum secret_kind kind,
                              const struct curve_public *named, int32_t today);
/* Destroys what was replaced long enough ago: overwritten, then unlinked (a file system that keeps
 * old blocks keeps them). Gives how many. Errors: ERR_IO. */
MUST_CHECK int secrets_destroy_old(struct secrets *secrets, int32_t today);
