/* A directory whose new exports are imported by themselves: the daemon's watcher thread.
 *
 * A file that ends in .csv and hasn't changed for two seconds is imported over the daemon's own
 * control socket, as the command line does, and then moved: to done/, or to rejected/ where nothing
 * of it could be used, with the reason in NAME.csv.txt. Rejected rows stand in
 * rejected/NAME.rejected.csv. What to watch is kept in watch.ini in the node's directory. */
#pragma once

#include "node/shell/place.h"
#include "shared/base/limits.h"
#include "shared/io/clock.h"
#include "shared/io/json.h"

enum { WATCH_DIR_SIZE = 400, WATCH_PRESET_SIZE = 200, WATCH_POLL_MS = 500, WATCH_STABLE_MS = 2000 };

/* An empty `dir`: nothing is watched. */
struct watch_order {
    char dir[WATCH_DIR_SIZE];
    char preset[WATCH_PRESET_SIZE];
};

struct watch;

/* {"dir": ..., "preset": ...}; what is wrong is the reader's failure. */
void watch_order_read(struct json_reader *reader, const struct json_value *from,
                      struct watch_order *ret);

/* Starts the thread; watches what watch.ini says. Errors: ERR_NO_MEMORY, ERR_AGAIN (no thread). */
MUST_CHECK int watch_start(const struct place *place, const struct clock *clock,
                           struct watch **ret);
/* Waits for an import under way; takes NULL. Before the control socket closes. */
void watch_stop(struct watch *watch);

/* From any thread: keeps the order and follows it. Errors: ERR_NOT_FOUND, ERR_DENIED (the daemon
 * can't read and write there), ERR_CONFIG (no such preset), as place_write. */
MUST_CHECK int watch_set(struct watch *watch, const struct watch_order *order);
