/* What every daemon of ours does around its loop: a process that leaves no core dump, signals as a
 * descriptor, a word to systemd. Called by the shells, in the first thread, before there are
 * others. */
#pragma once

#include "shared/base/err.h"

/* No core dumps, no debugger of another process (a dump would hold keys; a build with a sanitizer
 * stays open to its own), files for this user alone, as many descriptors as the hard limit lets,
 * and a broken pipe is an error code. Errors: ERR_DENIED. */
MUST_CHECK int daemon_harden(void);

/* Blocks SIGINT, SIGTERM and SIGHUP in this thread and those made later; the descriptor becomes
 * readable when one comes. The caller closes it. Errors: ERR_IO. */
MUST_CHECK int daemon_signals(int *ret_fd);
/* Takes what waits without blocking. The number of the first that asks to stop, SIGINT or SIGTERM;
 * 0: none did. */
int daemon_stop_asked(int fd);

/* sd_notify(3): "READY=1", "STOPPING=1". `socket_path` is NOTIFY_SOCKET of the environment, which
 * the caller asks; NULL and failures are nobody's matter. */
void daemon_notify(const char *socket_path, const char *state);
