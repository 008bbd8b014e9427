/* The made-up organisations of the benchmarks and what each of them sends.
 *
 * Everything follows from an organisation's number: its id, its keys, its figures. So a program
 * that fills a hub and one that loads it agree without a file between them. Not for tests of
 * behaviour: the figures mean nothing. */
#pragma once

#include "shared/base/arena.h"
#include "shared/base/ids.h"
#include "shared/crypto/curve.h"
#include "shared/crypto/sign.h"
#include "shared/wire/directory.h"

enum {
    ORG_SIGNAL_COUNTS = 40, /* cells of the figures that the ingest sends */
    ORG_DAYS = 392,         /* a hub keeps 56 weeks: so many records an organisation can have */
};

struct org_keys {
    struct curve_public curve_public;
    struct curve_secret curve_secret;
    struct sign_public sign_public;
    struct sign_secret sign_secret;
};

struct org_id org_of_number(uint32_t number); /* "bench-0001" */
void org_keys_of_number(uint32_t number, struct org_keys *ret);

/* As a member joins: no lists, no endpoint. */
void org_member(uint32_t number, const struct org_keys *keys, struct member *ret);

/* What a message says. */
struct org_message {
    struct address sender;
    struct hub_id hub;
    uint64_t number;
    int64_t now_ms;
    int32_t as_of_day;
    uint32_t services; /* 0: the 40 cells; else so many services, with all histograms */
};

/* A whole packet, as it stands on the wire, in the arena. Errors: ERR_NO_MEMORY, ERR_TOO_LARGE. */
MUST_CHECK int org_packet(const struct org_message *message, struct arena *arena,
                          struct bytes *ret);
