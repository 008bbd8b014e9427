/* Between the files of the audit log: the state, and a line of the log taken apart. */
#pragma once

#include <stdio.h>

#include "shared/io/audit.h"

enum { AUDIT_STATE_FILE_BYTES = 256 };

/* What the next entry needs. In secret memory. */
struct audit_state {
    uint64_t next; /* its number */
    struct digest head;
    struct audit_key key;
    uint8_t salt[32];
};

/* audit_state.c. Errors: ERR_NOT_FOUND, ERR_CRYPTO (damaged), ERR_IO, ERR_DENIED. */
MUST_CHECK int audit_state_read(const char *path, struct audit_state *ret);
/* Errors: ERR_EXISTS, ERR_NO_ROOM, ERR_IO. */
MUST_CHECK int audit_state_create(const char *path, const struct audit_state *state);
/* Durable, and what the one before held is overwritten. Errors: as above, ERR_NOT_FOUND. */
MUST_CHECK int audit_state_write(const char *path, const struct audit_state *state);
struct digest audit_about(const struct audit_state *state, const char *about);

/* audit_log.c */
struct audit_parts {
    struct audit_line line;
    struct bytes entry; /* what is hashed: the line up to the head */
    struct digest head;
    struct digest mac;
    bool readable; /* false: a whole line, but not one of ours */
};
/* Each whole line after the first; `each` gives false to stop. `ret_begin`: the head before the
 * first entry. Errors: ERR_NOT_FOUND, ERR_DENIED, ERR_IO, ERR_MALFORMED. */
struct audit_scan {
    bool (*each)(void *ctx, const struct audit_parts *parts);
    void *ctx;
    struct digest *ret_begin; /* set before the first call */
};
MUST_CHECK int audit_scan(const char *log, const struct audit_scan *scan);
struct digest audit_begin(struct bytes first_line);
struct digest audit_head(const struct digest *before, struct bytes entry);
struct digest audit_mac(const struct audit_key *key, const struct digest *head);
void audit_next_key(struct audit_key *key);
int audit_error_now(void); /* of errno */
