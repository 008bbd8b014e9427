/* The hub's secrets for families; part of hub_params. */
#pragma once

#include "shared/vault/vault.h"

struct family_keys {
    struct vault_keys records;           /* the keyring */
    const struct vault_index_key *index; /* borrowed */
};
