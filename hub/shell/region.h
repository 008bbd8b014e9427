/* What the store says of the region that it belongs to, and whether settings and keys fit it. */
#pragma once

#include "hub/shell/keys.h"
#include "hub/shell/settings.h"
#include "shared/store/env.h"

struct region_facts {
    struct hub_id hub;
    char name[NAME_BYTES_MAX + 1];
    struct digest fingerprint; /* the directory's first entry */
    struct sign_public director;
    struct sign_public sign;
    struct curve_public curve;
};

/* Errors: ERR_NOT_FOUND (no hub was founded there), ERR_STORAGE, ERR_NO_MEMORY. */
MUST_CHECK int region_read(struct store *store, struct region_facts *ret);
/* Errors: ERR_CRYPTO (another hub's keys), ERR_CONFIG (another hub's id). */
MUST_CHECK int region_check(const struct region_facts *region, const struct settings *settings,
                            const struct keys *keys);
