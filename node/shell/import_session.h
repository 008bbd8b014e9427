/* The importer's way to the daemon: its port (importer.h) over the control socket.
 *
 * The command line and the daemon's own watcher use the same one, so there is one way in. */
#pragma once

#include "node/shell/importer.h"
#include "shared/io/control.h"

struct import_session {
    struct control *control; /* borrowed */
    int32_t today;
    struct siphash_key workers;
    uint64_t standing_cases; /* of the register now */
    uint64_t generation;
    uint8_t *memory;                /* owned: one batch as bytes */
    char *result;                   /* owned: what the switch answered, JSON; or NULL */
    struct client_response refused; /* owned: the answer that ended it, when `has_refused` */
    bool has_refused;
    struct import_port port;
};

/* Asks the daemon for its day and key. Errors: as client_send; ERR_UNSUPPORTED (another version of
 * the program runs), ERR_DENIED (`refused` says why), ERR_NO_MEMORY. Deinit also after an error. */
MUST_CHECK int import_session_init(struct control *control, struct import_session *ret);
void import_session_deinit(struct import_session *session);
