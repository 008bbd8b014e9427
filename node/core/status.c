#include "node/core/status.h"

#include <string.h>

#include "node/core/leak_guard.h"
#include "node/core/state.h"
#include "shared/base/civil.h"

int status_current(struct store_txn *view, struct arena *arena, struct status *ret) {
    struct bytes value;
    int r = store_get(view, TABLE_SETTINGS, bytes_from_text("status"), &value);
    if (r == ERR_NOT_FOUND) {
        *ret = (struct status){0};
        return 0;
    }
    if (r < 0) {
        return r;
    }
    enum refusal refusal = status_decode(value, arena, ret);
    if (refusal != REFUSAL_NONE) {
        return refusal == REFUSAL_NO_ROOM ? ERR_NO_MEMORY : ERR_STORAGE;
    }
    return 0;
}

/* -- status -- */

static enum refusal judge_state(const struct service_state *state) {
    struct service_id id;
    bool ends = memchr(state->service.text, '\0', sizeof(state->service.text)) != NULL;
    if (!ends || service_id_parse(state->service.text, &id) < 0) {
        return REFUSAL_MALFORMED;
    }
    if (service_status_text(state->status) == NULL) {
        return REFUSAL_UNKNOWN_VALUE;
    }
    bool named = leak_text(bytes_from_text(state->service.text)) != WITHHELD_NOT;
    return named ? REFUSAL_WITHHELD : REFUSAL_NONE;
}

/* Puts one service's status in its place. */
static enum refusal merge_state(struct status *status, const struct service_state *state) {
    size_t at = 0;
    while (at < status->service_count &&
           strcmp(status->services[at].service.text, state->service.text) < 0) {
        at++;
    }
    bool known = at < status->service_count &&
                 service_id_equal(&status->services[at].service, &state->service);
    if (!known && status->service_count == SIGNAL_SERVICES_MAX) {
        return REFUSAL_TOO_LARGE;
    }
    if (!known) {
        memmove(&status->services[at + 1], &status->services[at],
                (status->service_count - at) * sizeof(status->services[0]));
        status->service_count++;
    }
    status->services[at] = *state;
    return REFUSAL_NONE;
}

static enum refusal merge(const struct status_arguments *arguments, struct status *status) {
    enum refusal refusal = arguments->count == 0 ? REFUSAL_MALFORMED : REFUSAL_NONE;
    for (size_t i = 0; refusal == REFUSAL_NONE && i < arguments->count; i++) {
        refusal = judge_state(&arguments->services[i]);
        if (refusal == REFUSAL_NONE) {
            refusal = merge_state(status, &arguments->services[i]);
        }
    }
    return refusal;
}

/* The body for the hub and for ourselves; a form that its reader would refuse is refused here. */
static int encode_status(const struct turn_view *view, const struct status *status,
                         struct bytes *ret_body, enum refusal *ret) {
    struct status read;
    int r = status_encode(status, view->arena, ret_body);
    if (r == ERR_TOO_LARGE) {
        *ret = REFUSAL_TOO_LARGE;
        return 0;
    }
    if (r == 0) {
        *ret = status_decode(*ret_body, view->arena, &read);
    }
    return r;
}

int status_decide(struct node *node, const struct turn_view *view,
                  const struct status_arguments *arguments, struct decision *ret) {
    struct status before;
    struct status status = {.set_at_ms = view->now_ms};
    struct node_draft draft = {.kind = MESSAGE_KIND_STATUS};
    struct bytes envelope;
    if (node->clock_halted) { /* the hub would answer "not now" until its clock gets there */
        ret->refusal = REFUSAL_CLOCK_OFF;
        return 0;
    }
    status.services = ARENA_ARRAY(view->arena, struct service_state, SIGNAL_SERVICES_MAX);
    if (status.services == NULL) {
        return ERR_NO_MEMORY;
    }
    int r = status_current(view->txn, view->arena, &before);
    if (r < 0) {
        return r;
    }
    for (size_t i = 0; i < before.service_count; i++) {
        status.services[status.service_count++] = before.services[i];
    }
    ret->refusal = merge(arguments, &status);
    if (ret->refusal == REFUSAL_NONE) {
        r = encode_status(view, &status, &draft.body, &ret->refusal);
    }
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    r = node_compose(node, view, &draft, &envelope);
    if (r < 0) {
        ret->refusal = r == ERR_AGAIN ? REFUSAL_BUSY : ret->refusal;
        return r == ERR_AGAIN ? 0 : r;
    }
    struct buf buf = decision_buf(view, 16 + draft.body.length + envelope.length);
    buf_run(&buf, draft.body);
    buf_run(&buf, envelope);
    r = decision_add(ret, NODE_FACT_STATUS, &buf);
    return r < 0 ? r : node_result(view, ret, "{\"services\":%zu}", status.service_count);
}

int status_apply(const struct turn_view *view, const struct fact *fact) {
    struct reader reader = reader_over(fact->body);
    struct bytes body = read_run(&reader);
    struct bytes envelope = read_run(&reader);
    if (reader_end(&reader) < 0) {
        return ERR_STORAGE;
    }
    store_put(view->txn, TABLE_SETTINGS, bytes_from_text("status"), body);
    return node_push(view, envelope);
}

/* -- figures published elsewhere -- */

static bool fits(int64_t value) {
    return value >= 0 && value <= HISTOGRAM_COUNT_MAX;
}

static struct count count_of(int64_t value) {
    return (struct count){.form = COUNT_VALUE, .value = (uint32_t)value};
}

/* The sums over the services are the organisation's totals; open cases only where all say them. */
static enum refusal fill_figures(const struct import_figures_arguments *arguments,
                                 struct signal *signal) {
    int64_t waiting = 0;
    int64_t open = 0;
    bool has_open = true;
    for (size_t i = 0; i < arguments->count; i++) {
        const struct published_figures *from = &arguments->services[i];
        struct service_figures *to = &signal->services[i];
        if (!fits(from->waiting_total) || (from->has_open && !fits(from->open))) {
            return REFUSAL_IMPLAUSIBLE;
        }
        to->service = from->service;
        to->waiting = count_of(from->waiting_total);
        to->open = from->has_open ? count_of(from->open) : (struct count){.form = COUNT_NONE};
        to->still_waiting = from->still_waiting;
        waiting += from->waiting_total;
        open += from->has_open ? from->open : 0;
        has_open = has_open && from->has_open;
    }
    if (!fits(waiting) || !fits(open)) {
        return REFUSAL_IMPLAUSIBLE;
    }
    signal->waiting = count_of(waiting);
    signal->open = has_open ? count_of(open) : (struct count){.form = COUNT_NONE};
    return REFUSAL_NONE;
}

static enum refusal judge_figures(const struct node *node, const struct turn_view *view,
                                  const struct import_figures_arguments *arguments) {
    if (node->clock_halted) {
        return REFUSAL_CLOCK_OFF;
    }
    if (arguments->count == 0 || arguments->period_days == 0) {
        return REFUSAL_MALFORMED;
    }
    if (arguments->count > SIGNAL_SERVICES_MAX) {
        return REFUSAL_TOO_LARGE;
    }
    bool future = arguments->as_of_day > brussels_day(view->now_ms);
    return future ? REFUSAL_FROM_THE_FUTURE : REFUSAL_NONE;
}

/* After the guard's closed list; a form that its reader would refuse is refused here. */
static int encode_figures(const struct turn_view *view, struct signal *signal,
                          struct bytes *ret_body, size_t *ret_withheld, enum refusal *ret) {
    struct leak_findings findings;
    struct signal read;
    int r = leak_guard(signal, NULL, view->arena, &findings);
    if (r < 0) {
        return r;
    }
    *ret_withheld = findings.count;
    if (signal->service_count == 0) {
        *ret = REFUSAL_WITHHELD;
        return 0;
    }
    r = signal_encode(signal, view->arena, ret_body);
    if (r == ERR_TOO_LARGE) {
        *ret = REFUSAL_TOO_LARGE;
        return 0;
    }
    if (r == 0) {
        *ret = signal_decode(*ret_body, view->arena, &read);
    }
    return r;
}

int figures_decide(struct node *node, const struct turn_view *view,
                   const struct import_figures_arguments *arguments, struct decision *ret) {
    struct node_draft draft = {.kind = MESSAGE_KIND_SIGNAL};
    struct bytes envelope;
    size_t withheld = 0;
    struct signal signal = {
        .as_of_day = arguments->as_of_day,
        .period_days = arguments->period_days,
        .origin = FIGURES_ORIGIN_PUBLISHED,
        .start_event = arguments->start_event,
        .service_count = arguments->count,
    };
    ret->refusal = judge_figures(node, view, arguments);
    if (ret->refusal != REFUSAL_NONE) {
        return 0;
    }
    signal.services = ARENA_ARRAY(view->arena, struct service_figures, arguments->count);
    if (signal.services == NULL) {
        return ERR_NO_MEMORY;
    }
    ret->refusal = fill_figures(arguments, &signal);
    int r = 0;
    if (ret->refusal == REFUSAL_NONE) {
        r = encode_figures(view, &signal, &draft.body, &withheld, &ret->refusal);
    }
    if (r < 0 || ret->refusal != REFUSAL_NONE) {
        return r;
    }
    r = node_compose(node, view, &draft, &envelope);
    if (r < 0) {
        ret->refusal = r == ERR_AGAIN ? REFUSAL_BUSY : ret->refusal;
        return r == ERR_AGAIN ? 0 : r;
    }
    struct buf buf = decision_buf(view, envelope.length);
    buf_raw(&buf, envelope);
    r = decision_add(ret, NODE_FACT_POSTED, &buf);
    return r < 0 ? r
                 : node_result(view, ret, "{\"services\":%zu,\"withheld\":%zu}",
                               signal.service_count, withheld);
}
