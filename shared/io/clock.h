/* What time it is, as an object that a shell makes once and hands down.
 *
 * Shells alone read it; cores get instants as arguments. `now_ms` is the calendar, milliseconds
 * since 1970 in UTC, and may jump; `monotonic_ms` measures patience (timeouts, deadlines), counts
 * from an arbitrary start and never goes back. Both may be asked from any thread.
 *
 * A build with the option test_clock (VANGNET_TEST_CLOCK) can put a test in charge of the calendar;
 * release binaries don't contain that. The protocol: the daemon binds a datagram socket at a path,
 * a test sends it the text
 *
 *     now 1764000000000
 *
 * (decimal milliseconds, at most 2^53) and, if the test's own socket is bound to a name, gets back
 * "ok 1764000000000" once that time is in force, or "bad" where the text is something else. Between
 * two settings the calendar stands still. It may be set back: that is how a wrong clock is tested.
 * The monotonic clock stays the system's, for sockets go on waiting in real time. */
#pragma once

#include <stdint.h>

#include "shared/base/err.h"

struct clock {
    int64_t (*now_ms)(void *ctx);
    int64_t (*monotonic_ms)(void *ctx);
    void *ctx; /* borrows */
};

/* CLOCK_REALTIME and CLOCK_MONOTONIC; needs no closing. */
struct clock clock_system(void);

int64_t clock_now_ms(const struct clock *clock);
int64_t clock_monotonic_ms(const struct clock *clock);

#ifdef VANGNET_TEST_CLOCK
struct test_clock;

/* `where` is the socket's path, with "@MILLISECONDS" after it for the time that holds from the
 * start ("/tmp/x/clock@1764000000000"); without it the system's time of this moment holds. What
 * stands at the path is replaced if it is a socket. Errors: ERR_MALFORMED (the number),
 * ERR_TOO_LARGE (the path, 107 bytes at most), ERR_EXISTS (something else than a socket stands
 * there), ERR_IO, ERR_NO_MEMORY. */
MUST_CHECK int clock_test_open(const char *where, struct test_clock **ret);
/* Closes and unlinks the socket. No thread may use its clock any more. */
void clock_test_close(struct test_clock *clock);
/* Valid until the close. */
struct clock clock_test(struct test_clock *clock);
/* For the poll set of the turn thread: readable when a setting waits. Valid until the close. */
int clock_test_fd(const struct test_clock *clock);
/* Takes every waiting setting without blocking; gives back how many were valid. */
int clock_test_read(struct test_clock *clock);
/* What `where` says now, for a command that asks once. Errors: as clock_test_open. */
MUST_CHECK int clock_test_once(const char *where, int64_t *ret_ms);
#endif
