#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "hub/shell/api.h"
#include "hub/shell/board.h"
#include "shared/base/civil.h"

/* Prometheus' text format 0.0.4. */

static void gauge(FILE *out, const char *name, const char *help, uint64_t value) {
    fprintf(out,
            "# HELP vangnet_hub_%s %s\n# TYPE vangnet_hub_%s gauge\nvangnet_hub_%s %" PRIu64 "\n",
            name, help, name, name, value);
}

static void counter(FILE *out, const char *name, const char *help, uint64_t value) {
    fprintf(out,
            "# HELP vangnet_hub_%s %s\n# TYPE vangnet_hub_%s counter\nvangnet_hub_%s %" PRIu64 "\n",
            name, help, name, name, value);
}

static void put_turns(FILE *out, const struct vitals_view *vitals) {
    const struct turn_counts *turns = &vitals->health.turns;
    counter(out, "turns_total", "turns run", turns->turns);
    counter(out, "events_total", "messages, commands and timers handled", turns->events);
    counter(out, "facts_total", "facts written to the journal", turns->facts);
    counter(out, "batches_replayed_total", "batches that were replayed one by one",
            turns->batches_replayed);
    fprintf(out, "# HELP vangnet_hub_refusals_total what was refused, by reason\n"
                 "# TYPE vangnet_hub_refusals_total counter\n");
    for (int i = 1; refusal_text((enum refusal)i) != NULL; i++) {
        fprintf(out, "vangnet_hub_refusals_total{reason=\"%s\"} %" PRIu64 "\n",
                refusal_text((enum refusal)i), turns->refusals[i]);
    }
    fprintf(out,
            "# HELP vangnet_hub_turn_seconds a turn, its commit included; of the last %d turns\n"
            "# TYPE vangnet_hub_turn_seconds summary\n"
            "vangnet_hub_turn_seconds{quantile=\"0.5\"} %.6f\n"
            "vangnet_hub_turn_seconds{quantile=\"0.99\"} %.6f\n"
            "vangnet_hub_turn_seconds_sum %.6f\nvangnet_hub_turn_seconds_count %" PRIu64 "\n",
            VITALS_TURNS, (double)vitals->turn_p50_us / 1e6, (double)vitals->turn_p99_us / 1e6,
            (double)vitals->turn_us_sum / 1e6, vitals->turn_count);
}

static void put_hub(FILE *out, const struct vitals_view *vitals) {
    const struct hub_health *health = &vitals->health;
    gauge(out, "members_present", "members heard and not lost since", health->members_present);
    gauge(out, "journal_sequence", "facts in the journal", health->position.sequence);
    gauge(out, "backed_up_to", "facts that the last backup holds", health->backed_up_to);
    counter(out, "acknowledgements_total", "acknowledgements sent", health->acknowledgements);
    counter(out, "unknown_fields_total", "fields of newer versions passed over",
            health->unknown_fields);
    counter(out, "strangers_refused_total", "requests to join that were refused",
            health->strangers_refused);
    counter(out, "strangers_limited_total", "frames dropped at the enrolment socket's rate limit",
            vitals->strangers_limited);
    fprintf(out,
            "# HELP vangnet_hub_clock_skew_seconds the members' median clock less ours\n"
            "# TYPE vangnet_hub_clock_skew_seconds gauge\nvangnet_hub_clock_skew_seconds %.3f\n",
            (double)health->clock_skew_ms / 1e3);
    gauge(out, "clock_halted", "1 while the clock is an hour off", health->clock_halted ? 1 : 0);
    gauge(out, "store_used_bytes", "pages in use", vitals->space.used_bytes);
    gauge(out, "store_file_bytes", "highest page ever used", vitals->space.file_bytes);
    gauge(out, "store_map_bytes", "the most the store may grow to", vitals->space.map_bytes);
    gauge(out, "disk_free_bytes", "free on the store's file system", vitals->space.disk_free_bytes);
    gauge(out, "short_of_room", "1 while only withdrawals and receipts are taken",
          vitals->short_of_room ? 1 : 0);
}

/* Counts only: nothing here is of one family. */
static void put_families(FILE *out, const struct hub_health *health) {
    gauge(out, "families", "handles with a consent that stands", health->families);
    gauge(out, "tombstones", "handles that may not come again yet", health->tombstones);
    gauge(out, "erasures_owed", "erasure receipts that are missing", health->erasures_owed);
    gauge(out, "record_keys_left", "unused keys for new families", health->keys_left);
    gauge(out, "record_keys_to_shred", "keys that wait to be destroyed", health->keys_to_shred);
}

static int put_flags(FILE *out, struct api *api) {
    struct store_txn *view;
    struct board_page *page = malloc(sizeof(*page));
    const struct board_query query = {.today = brussels_day(clock_now_ms(&api->clock))};
    int r = page == NULL ? ERR_NO_MEMORY : store_begin_read(api->store, &view);
    if (r == 0) {
        r = board_read(view, &query, page);
        store_abort(view);
    }
    if (r == 0) {
        fprintf(out, "# HELP vangnet_hub_flags_open open flags\n"
                     "# TYPE vangnet_hub_flags_open gauge\n");
        for (int kind = FLAG_GAP_AHEAD; kind <= FLAG_CALL_BACK; kind++) {
            for (int state = FLAG_OPEN; state < FLAG_CLOSED; state++) {
                fprintf(out, "vangnet_hub_flags_open{kind=\"%s\",state=\"%s\"} %" PRIu64 "\n",
                        flag_kind_text((enum flag_kind)kind),
                        flag_state_text((enum flag_state)state), page->open[kind][state]);
            }
        }
        gauge(out, "flags_on_board", "open flags whose turn is the coordinator's", page->on_board);
        gauge(out, "flags_overdue", "open flags past their term", page->overdue);
        gauge(out, "flag_oldest_days", "age of the oldest open flag",
              page->total == 0 ? 0 : (uint64_t)(query.today - page->oldest_day));
    }
    free(page);
    return r;
}

static void put_link(FILE *out, const char *socket, const struct link_counters *link) {
    const struct {
        const char *event;
        uint64_t value;
    } events[] = {{"received", link->received}, {"sent", link->sent},
                  {"nameless", link->nameless}, {"misshapen", link->misshapen},
                  {"full", link->full},         {"gone", link->gone}};
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        fprintf(out, "vangnet_hub_link_total{socket=\"%s\",event=\"%s\"} %" PRIu64 "\n", socket,
                events[i].event, events[i].value);
    }
}

static void put_io(FILE *out, struct api *api, const struct vitals_view *vitals) {
    fprintf(out, "# HELP vangnet_hub_link_total messages of the sockets, by what became of them\n"
                 "# TYPE vangnet_hub_link_total counter\n");
    put_link(out, "members", &vitals->members);
    put_link(out, "enrol", &vitals->enrol);
    struct zap_counters zap = zap_counters(api->zap);
    counter(out, "handshakes_accepted_total", "keys let in", zap.accepted);
    counter(out, "handshakes_refused_total", "keys refused", zap.refused);
    counter(out, "handshakes_malformed_total", "questions to the doorman that weren't ZAP",
            zap.malformed);
    struct http_server *server = atomic_load(&api->server);
    if (server != NULL) {
        struct http_counters http = http_counters_read(server);
        counter(out, "http_requests_total", "HTTP requests", http.requests);
        counter(out, "http_refused_total", "HTTP requests that the server itself refused",
                http.refused);
        counter(out, "http_cut_total", "HTTP connections past their deadline", http.cut);
        gauge(out, "http_connections", "HTTP connections open", http.connections);
    }
}

void api_metrics(void *ctx, const struct http_request *request, struct http_response *response) {
    struct api *api = ctx;
    struct vitals_view vitals;
    char *text = NULL;
    size_t length = 0;
    if (!api_may_read(api, request, response)) {
        return;
    }
    vitals_get(api->vitals, &vitals);
    FILE *out = open_memstream(&text, &length);
    if (out == NULL) {
        api_fail(response, ERR_NO_MEMORY);
        return;
    }
    put_turns(out, &vitals);
    put_hub(out, &vitals);
    put_families(out, &vitals.health);
    int r = put_flags(out, api);
    put_io(out, api, &vitals);
    if (fclose(out) != 0 || r < 0) {
        free(text);
        api_fail(response, r < 0 ? r : ERR_NO_MEMORY);
        return;
    }
    http_reply_take(response, 200, "text/plain; version=0.0.4; charset=utf-8", text, length);
}
