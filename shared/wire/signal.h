/* The two bodies that carry figures: `Signal`, the weekly figures, and `Status`, what staff say.
 *
 * Plain structs over the caller's arena. What a figure means and who may publish it is in
 * node/core (disclosure) and hub/core (signals); here only the form is checked: lists in order and
 * without doubles, known values, sizes within shared/base/limits.h. */
#pragma once

#include "shared/base/arena.h"
#include "shared/base/ids.h"
#include "shared/base/lists.h"

enum { SIGNAL_VERSION = 1, STATUS_VERSION = 1, COUNT_BANDS = 4 };

enum count_form { COUNT_NONE = 0, COUNT_VALUE, COUNT_BAND };

/* A count as published; COUNT_NONE where it was withheld. */
struct count {
    enum count_form form;
    uint32_t value; /* COUNT_VALUE */
    uint32_t band;  /* COUNT_BAND: index into 0, 1-9, 10-24, 25-49 */
};

/* Waits in whole weeks: bin i holds waits above edges[i - 1] up to and with edges[i]; the last bin
 * has no upper edge. edge_count 0: the histogram was withheld. */
struct wait_bins {
    uint32_t edge_count;
    uint16_t edges_weeks[HISTOGRAM_EDGES_MAX];
    uint32_t counts[HISTOGRAM_EDGES_MAX + 1];
};

struct left_figures {
    enum close_reason reason;
    struct wait_bins waits;
};

struct service_figures {
    struct service_id service;
    struct count open;
    struct count waiting;
    struct wait_bins still_waiting;
    struct wait_bins started_this_quarter;
    struct wait_bins started_last_quarter;
    struct left_figures *left;
    size_t left_count;
    struct wait_bins since_contact;
};

struct place_figures {
    struct nis nis;
    struct count open;
    struct count waiting;
};

struct language_figures {
    struct language language;
    struct count open;
    struct count waiting;
};

struct signal {
    int32_t as_of_day;
    uint32_t period_days;
    enum figures_origin origin;
    enum start_event start_event;
    struct count open;
    struct count waiting;
    struct service_figures *services; /* ascending by id */
    size_t service_count;
    struct place_figures *places; /* ascending by NIS */
    size_t place_count;
    struct language_figures *languages; /* ascending by code */
    size_t language_count;
};

struct service_state {
    struct service_id service;
    enum service_status status;
    int32_t first_free_day; /* 0: not said, as the ones below */
    int32_t third_free_day;
    uint32_t intakes_per_week_tenths;
    uint32_t fte_hundredths;
    int32_t reopens_day;
};

struct status {
    int64_t set_at_ms;
    struct service_state *services; /* ascending by id */
    size_t service_count;
};

/* As the decoders of packet.h. Doubles and lists out of order are REFUSAL_MALFORMED. */
MUST_CHECK enum refusal signal_decode(struct bytes body, struct arena *arena, struct signal *ret);
MUST_CHECK enum refusal status_decode(struct bytes body, struct arena *arena, struct status *ret);

/* Padded to 1, 4, 16 or 64 KiB (PRIVACY 4.2), so that a length tells only a size class; a
 * register's figures to 4 at least, or the length would tell who publishes bands. Errors:
 * ERR_NO_MEMORY, ERR_TOO_LARGE. */
MUST_CHECK int signal_encode(const struct signal *signal, struct arena *arena, struct bytes *ret);
MUST_CHECK int status_encode(const struct status *status, struct arena *arena, struct bytes *ret);

/* The same signal without its padding, a part of `body`: what is worth keeping. */
struct bytes signal_unpadded(struct bytes body);

/* The origin in a signal that decoded before, without decoding it again; FIGURES_ORIGIN_NONE where
 * none is found. */
enum figures_origin signal_origin(struct bytes body);
