/* What the process is to its system: no core dumps, signals as a descriptor, word to systemd. */
#pragma once

#include "shared/base/err.h"

/* Keys must not end up in a dump, nor be read by a debugger of the same user: RLIMIT_CORE 0,
 * PR_SET_DUMPABLE 0. Also umask 077 and as many descriptors as the hard limit lets. Errors: ERR_IO.
 */
MUST_CHECK int process_harden(void);

/* Blocks SIGTERM, SIGINT and SIGHUP and makes them readable; ignores SIGPIPE. Before any thread.
 * Errors: ERR_IO. */
MUST_CHECK int process_signals(int *ret_fd);

/* sd_notify(3) by hand: a datagram ("READY=1") to NOTIFY_SOCKET, where there is one. */
void process_notify(const char *state);
