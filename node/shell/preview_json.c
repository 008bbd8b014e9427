#include "node/shell/preview_json.h"

#include "node/shell/diagnosis.h"
#include "shared/base/civil.h"

static const char *const bands[COUNT_BANDS] = {"0", "1-9", "10-24", "25-49"};

static void write_count(struct json_writer *writer, const char *key, const struct count *count) {
    json_put_key(writer, key);
    if (count->form == COUNT_VALUE) {
        json_put_int(writer, count->value);
    } else if (count->form == COUNT_BAND && count->band < COUNT_BANDS) {
        json_put_text(writer, bands[count->band]);
    } else {
        json_put_null(writer);
    }
}

static void write_bins(struct json_writer *writer, const struct preview_line *line) {
    json_put_key(writer, "true_bins");
    json_open_array(writer);
    for (size_t i = 0; i < WEEKLY_BINS; i++) {
        json_put_int(writer, line->true_bins[i]);
    }
    json_close_array(writer);
    json_put_key(writer, "published_bins");
    if (line->published_bins.edge_count == 0) {
        json_put_null(writer);
        return;
    }
    json_open_array(writer);
    for (size_t i = 0; i <= line->published_bins.edge_count; i++) {
        json_put_int(writer, line->published_bins.counts[i]);
    }
    json_close_array(writer);
}

static enum text_id withheld_id(enum withheld withheld) {
    static const enum text_id ids[] = {
        [WITHHELD_NOT] = TEXT_NONE,
        [WITHHELD_SMALL_ORGANISATION] = TEXT_WITHHELD_SMALL_ORGANISATION,
        [WITHHELD_SINGLE_CATEGORY] = TEXT_WITHHELD_SINGLE_CATEGORY,
        [WITHHELD_FEW_FAMILIES] = TEXT_WITHHELD_FEW_FAMILIES,
        [WITHHELD_NOT_DUE] = TEXT_WITHHELD_NOT_DUE,
        [WITHHELD_NONE_TO_SHOW] = TEXT_WITHHELD_NONE_TO_SHOW,
        [WITHHELD_CROSSED] = TEXT_WITHHELD_CROSSED,
        [WITHHELD_LONE_CHANGE] = TEXT_WITHHELD_LONE_CHANGE,
        [WITHHELD_BELOW_LIMIT] = TEXT_WITHHELD_BELOW_LIMIT,
        [WITHHELD_CERTAINTY] = TEXT_WITHHELD_CERTAINTY,
        [WITHHELD_LIKE_NAME] = TEXT_WITHHELD_LIKE_NAME,
        [WITHHELD_LIKE_PHONE] = TEXT_WITHHELD_LIKE_PHONE,
        [WITHHELD_LIKE_NATIONAL_NUMBER] = TEXT_WITHHELD_LIKE_NATIONAL_NUMBER,
    };
    return (size_t)withheld < sizeof(ids) / sizeof(ids[0]) ? ids[withheld] : TEXT_NONE;
}

static void write_line(struct json_writer *writer, const struct preview_line *line,
                       enum lang lang) {
    json_open_object(writer);
    json_field_text(writer, "dimension", dimension_text(line->name.dimension));
    json_field_text(writer, "category", line->name.id);
    json_field_text(writer, "measure", measure_text(line->name.measure));
    if (line->name.measure == MEASURE_LEFT) {
        json_field_text(writer, "reason", close_reason_text(line->name.reason));
    }
    json_field_int(writer, "true", line->true_count);
    if (line->has_bins) {
        write_bins(writer, line);
    } else {
        write_count(writer, "published", &line->published);
    }
    json_put_key(writer, "withheld");
    if (line->withheld == WITHHELD_NOT) {
        json_put_null(writer);
    } else {
        json_put_text(writer, text_get(lang, withheld_id(line->withheld)));
    }
    json_close_object(writer);
}

void preview_write(struct json_writer *writer, const struct publish_preview *preview,
                   enum lang lang) {
    char day[DATE_TEXT_SIZE];
    char due[INSTANT_TEXT_SIZE];
    char local[24];
    date_format(preview->freeze_day, day);
    instant_format(preview->due_ms, due);
    json_open_object(writer);
    json_field_text(writer, "freeze", day);
    json_field_bool(writer, "decided", preview->decided);
    json_field_bool(writer, "released", preview->released);
    json_field_text(writer, "due", due);
    moment_format(preview->due_ms, local);
    json_field_text(writer, "due_in_brussels", local);
    json_put_key(writer, "lines");
    json_open_array(writer);
    for (size_t i = 0; i < preview->preview.count; i++) {
        write_line(writer, &preview->preview.lines[i], lang);
    }
    json_close_array(writer);
    json_close_object(writer);
}
