#include "hub/shell/load_json.h"

#include <math.h>
#include <stdio.h>

#include "shared/base/civil.h"

enum { BAND_OFFSET = 1 /* struct load_count counts bands from 0, enum band from 1 */ };

const char *freshness_text(enum freshness freshness) {
    switch (freshness) {
    case FRESHNESS_FRESH:
        return "fresh";
    case FRESHNESS_AGEING:
        return "ageing";
    case FRESHNESS_UNKNOWN:
    default:
        return "unknown";
    }
}

const char *trend_text(enum trend_direction direction) {
    switch (direction) {
    case TREND_RISING:
        return "rising";
    case TREND_FALLING:
        return "falling";
    case TREND_LEVEL:
        return "steady";
    case TREND_NOT_ENOUGH:
    default:
        return "unknown";
    }
}

static void put_day(struct json_writer *writer, const char *key, int32_t day) {
    char text[DATE_TEXT_SIZE];
    if (day == 0) {
        json_field_null(writer, key);
        return;
    }
    date_format(day, text);
    json_field_text(writer, key, text);
}

static void put_count(struct json_writer *writer, const char *key, const struct load_count *count) {
    if (!count->known) {
        json_field_null(writer, key);
        return;
    }
    json_put_key(writer, key);
    json_open_object(writer);
    if (count->is_band) {
        json_field_int(writer, "low", count->interval.low);
        json_field_int(writer, "high", count->interval.high);
        json_field_text(writer, "band", band_text((enum band)(count->band + BAND_OFFSET)));
    } else {
        json_field_int(writer, "value", count->interval.low);
    }
    json_close_object(writer);
}

static void put_elapsed(struct json_writer *writer, const struct load_elapsed *elapsed) {
    if (!elapsed->known) {
        json_field_null(writer, "elapsed");
        return;
    }
    json_put_key(writer, "elapsed");
    json_open_object(writer);
    json_field_real(writer, "median_weeks", elapsed->median_weeks);
    json_field_bool(writer, "median_beyond_last_bin", elapsed->median_beyond);
    json_field_real(writer, "p80_weeks", elapsed->p80_weeks);
    json_field_bool(writer, "p80_beyond_last_bin", elapsed->p80_beyond);
    json_field_int(writer, "families", (int64_t)elapsed->families);
    json_close_object(writer);
}

static double hundredths(double value) {
    return round(value * 100) / 100;
}

static void put_per_fte(struct json_writer *writer, const struct load *per_fte) {
    if (!per_fte->known) {
        json_field_null(writer, "load_per_fte");
        return;
    }
    json_put_key(writer, "load_per_fte");
    json_open_object(writer);
    json_field_real(writer, "low", hundredths(per_fte->low));
    json_field_real(writer, "high", hundredths(per_fte->high));
    json_close_object(writer);
}

static void put_trend(struct json_writer *writer, const struct trend *trend) {
    json_put_key(writer, "trend");
    json_open_object(writer);
    json_field_text(writer, "direction", trend_text(trend->direction));
    if (trend->direction == TREND_NOT_ENOUGH) {
        json_field_null(writer, "per_week");
    } else {
        json_field_real(writer, "per_week", hundredths(trend->slope_per_week));
    }
    json_close_object(writer);
}

static void put_part(struct json_writer *writer, const char *key, uint32_t value, double unit) {
    if (value == 0) {
        json_field_null(writer, key); /* not said */
    } else {
        json_field_real(writer, key, (double)value / unit);
    }
}

static void put_status(struct json_writer *writer, const struct load_row *row) {
    char set_at[INSTANT_TEXT_SIZE];
    if (!row->has_status) {
        json_field_null(writer, "status");
        return;
    }
    json_put_key(writer, "status");
    json_open_object(writer);
    json_field_text(writer, "status", service_status_text(row->status.status));
    put_day(writer, "first_free", row->status.first_free_day);
    put_day(writer, "third_free", row->status.third_free_day);
    put_part(writer, "intakes_per_week", row->status.intakes_per_week_tenths, 10);
    put_part(writer, "fte", row->status.fte_hundredths, 100);
    put_day(writer, "reopens", row->status.reopens_day);
    instant_format(row->status_set_ms, set_at);
    json_field_text(writer, "set_at", set_at);
    json_close_object(writer);
}

static void put_figures(struct json_writer *writer, const struct load_row *row) {
    if (!row->has_figures) {
        json_field_null(writer, "figures");
        return;
    }
    json_put_key(writer, "figures");
    json_open_object(writer);
    json_field_text(writer, "origin", figures_origin_text(row->origin));
    put_day(writer, "as_of", row->as_of_day);
    json_field_int(writer, "period_days", row->period_days);
    json_field_text(writer, "start_event", start_event_text(row->start_event));
    json_field_int(writer, "age_days", row->age_days);
    json_field_text(writer, "freshness", freshness_text(row->freshness));
    json_close_object(writer);
}

/* What a row is about; null where it isn't cut that way. */
static void put_parts(struct json_writer *writer, const struct service_id *service,
                      const struct nis *nis, const struct language *language) {
    char code[12];
    snprintf(code, sizeof(code), "%05u", nis->code);
    json_field_text(writer, "service", service->text[0] != '\0' ? service->text : NULL);
    json_field_text(writer, "municipality", nis->code != 0 ? code : NULL);
    json_field_text(writer, "language", language->code[0] != '\0' ? language->code : NULL);
}

void load_json_fields(struct json_writer *writer, const struct load_row *row,
                      const struct load_names *names) {
    json_field_text(writer, "organisation", row->org.text);
    json_field_text(writer, "name", names->name);
    json_field_text(writer, "kind", org_kind_text(names->kind));
    put_parts(writer, &row->service, &row->nis, &row->language);
    put_figures(writer, row);
    put_count(writer, "open", &row->open);
    put_count(writer, "queue", &row->queue);
    put_elapsed(writer, &row->elapsed);
    json_field_null(writer, "expected");
    put_per_fte(writer, &row->per_fte);
    put_trend(writer, &row->trend);
    put_status(writer, row);
}

static void put_interval(struct json_writer *writer, const char *key, bool known,
                         struct interval interval) {
    if (!known) {
        json_field_null(writer, key);
        return;
    }
    json_put_key(writer, key);
    json_open_object(writer);
    json_field_int(writer, "low", interval.low);
    json_field_int(writer, "high", interval.high);
    json_close_object(writer);
}

void total_json_fields(struct json_writer *writer, const struct total_row *row) {
    bool has_queue = row->organisations > row->queue_missing;
    put_parts(writer, &row->service, &row->nis, &row->language);
    json_field_int(writer, "organisations", row->organisations);
    json_field_int(writer, "missing", row->missing);
    put_interval(writer, "open", row->organisations > 0, row->open);
    put_interval(writer, "queue", has_queue, row->queue);
    json_field_int(writer, "queue_missing", row->queue_missing);
    put_elapsed(writer, &row->elapsed);
    json_field_int(writer, "elapsed_missing", row->elapsed_missing);
    put_day(writer, "oldest", row->oldest_day);
}
