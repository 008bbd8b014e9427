/* The audit log of a node: who did what kind of thing, and when, in a file that can't be changed
 * afterwards without it being found. For shells; never in the way of what is being done.
 *
 * One line an entry, only ever added: number, time, user, action, commitment, head, MAC. No name,
 * handle or card stands in it: what an action was about is a hash under a salt that isn't in the
 * log, of a number that only the node's own tables know. `head` is the hash of the head before and
 * the entry (PRIVACY 4.4); the MAC is over the head, under a key that each entry replaces by its
 * hash, K' = BLAKE2b(key = K, "next"), and that is overwritten then (B. Schneier, J. Kelsey, Secure
 * Audit Logs to Support Computer Forensics, ACM TISSEC 2(2), 1999): whoever takes over the machine
 * can't write a past that fits. Who keeps the first key apart can verify everything; without it
 * only the chain and its end are held against the state.
 *
 * Where it ends: who has an old copy of the state file can cut the log back to that day and go on
 * from there, and who never looks finds nothing.
 *
 * An entry that can't be written is counted, and the next one that can is preceded by an entry
 * "lost-3": care doesn't wait for a disk. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/bytes.h"
#include "shared/base/err.h"
#include "shared/base/ids.h"

struct audit;

enum {
    AUDIT_KEY_BYTES = 32,
    AUDIT_SEED_BYTES = 32,
    AUDIT_WORD_MAX = 40, /* of a user, an action; what is longer is cut */
    AUDIT_LINE_MAX = 512,
};

struct audit_key {
    uint8_t bytes[AUDIT_KEY_BYTES];
};

/* Both borrowed. `state` holds the next entry's key: the owner's alone. */
struct audit_files {
    const char *log;
    const char *state;
};

/* Makes both, 0600. `ret_first`: the key to keep apart; the caller wipes it. `seed`: random, used
 * once. Errors: ERR_EXISTS (one stands there), ERR_NO_ROOM, ERR_IO. */
MUST_CHECK int audit_create(const struct audit_files *files,
                            const uint8_t seed[static AUDIT_SEED_BYTES], int64_t now_ms,
                            struct audit_key *ret_first);

/* Copies the paths. What is wrong with the files is no error here: audit_health says it, and each
 * append tries again. Errors: ERR_NO_MEMORY. */
MUST_CHECK int audit_open(const struct audit_files *files, struct audit **ret);
/* Wipes; takes NULL. */
void audit_close(struct audit *audit);

/* All borrowed. */
struct audit_entry {
    int64_t time_ms;
    const char *user;
    const char *action; /* "support-start"; what isn't a-z, 0-9 or '-' becomes '?', as in `user` */
    const char *about;  /* "family 12": goes in as a commitment; NULL: nothing */
};

/* On disk when it returns, or counted as failed. Any thread; takes a NULL audit. */
void audit_append(struct audit *audit, const struct audit_entry *entry);

struct audit_health {
    uint64_t entries; /* that were ever written */
    uint64_t failed;  /* since the start: entries that aren't in the log */
    int error;        /* of the last attempt, or of the opening; 0: it went well. ERR_CHAIN: the log
                         doesn't end as the state says */
};
void audit_health(struct audit *audit, struct audit_health *ret);

enum audit_fault {
    AUDIT_SOUND = 0,
    AUDIT_MISSING,   /* a number is passed over */
    AUDIT_CHANGED,   /* a line isn't what was chained */
    AUDIT_FORGED,    /* its MAC isn't of the key that stood then */
    AUDIT_CUT,       /* the last entries are missing */
    AUDIT_OTHER_END, /* the state is another log's, or was put back */
    AUDIT_NO_STATE,  /* the state is missing or damaged */
};

struct audit_verdict {
    enum audit_fault fault;
    uint64_t entries; /* that hold, from the first on */
    uint64_t lost;    /* that the log itself says couldn't be written */
    bool with_key;    /* the MACs were verified too */
};

/* Reads all of it, also while a daemon writes. `first`: NULL where it isn't at hand.
 * Errors: ERR_NOT_FOUND (no log), ERR_IO, ERR_MALFORMED (not a log of ours). */
MUST_CHECK int audit_verify(const struct audit_files *files, const struct audit_key *first,
                            struct audit_verdict *ret);

/* One line as it stands, unverified; texts valid during the callback. */
struct audit_line {
    uint64_t number;
    const char *time;
    const char *user;
    const char *action;
    const char *about; /* 64 hexadecimal digits, or "-" */
};
/* All lines in order. Errors: as audit_verify. */
MUST_CHECK int audit_walk(const char *log, void (*each)(void *ctx, const struct audit_line *line),
                          void *ctx);

/* The commitment that an entry about `about` carries, for who asks whether one is about it. Errors:
 * ERR_NOT_FOUND, ERR_CRYPTO (the state is damaged), ERR_IO. */
MUST_CHECK int audit_commitment(const struct audit_files *files, const char *about,
                                struct digest *ret);
