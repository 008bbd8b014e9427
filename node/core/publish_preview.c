#include <string.h>

#include "node/core/memory.h"
#include "node/core/publish.h"
#include "shared/base/civil.h"

/* The figures of a freeze from the register, and what of them people of the organisation see. */

static int add_case(void *context, const struct register_case *one) {
    struct disclosure_case counted = {
        .own_id = bytes_from_text(one->id),
        .nis = one->nis,
        .service = one->service,
        .language = one->language,
        .asked_day = one->asked_day,
        .first_appointment_day = one->first_appointment_day,
        .last_contact_day = one->last_contact_day,
        .closed_day = one->closed_day,
        .close_reason = one->close_reason,
    };
    return weekly_add(context, &counted);
}

_Static_assert((int)REGISTER_DAY_NONE == (int)DAY_NONE, "days pass unchanged");

int publish_disclose(struct store_txn *view, const struct publish_source *source,
                     struct arena *arena, struct disclosure *ret) {
    const struct node_keys *keys = source->keys;
    struct weekly *weekly;
    struct signal last;
    int r = weekly_new(arena, keys->disclosure, source->freeze_day, &weekly);
    if (r < 0) {
        return r;
    }
    struct register_visitor visitor = {.visit = add_case, .context = weekly};
    r = register_each(view, &keys->records, source->standing, &visitor);
    if (r < 0) {
        return r;
    }
    r = memory_before(view, source->freeze_day, arena, &last);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    return disclosure_decide(weekly, r == 0 ? &last : NULL, START_EVENT_ASKED, arena, ret);
}

/* -- what has been published already -- */

static const struct wait_bins *bins_of(const struct service_figures *service,
                                       const struct figure_name *name) {
    switch (name->measure) {
    case MEASURE_STILL_WAITING:
        return &service->still_waiting;
    case MEASURE_STARTED_THIS_QUARTER:
        return &service->started_this_quarter;
    case MEASURE_STARTED_LAST_QUARTER:
        return &service->started_last_quarter;
    case MEASURE_SINCE_CONTACT:
        return &service->since_contact;
    case MEASURE_LEFT:
        for (size_t i = 0; i < service->left_count; i++) {
            if (service->left[i].reason == name->reason) {
                return &service->left[i].waits;
            }
        }
        return NULL;
    case MEASURE_OPEN:
    case MEASURE_WAITING:
    default:
        return NULL;
    }
}

static const struct service_figures *service_of(const struct signal *signal, const char *id) {
    for (size_t i = 0; i < signal->service_count; i++) {
        if (strcmp(signal->services[i].service.text, id) == 0) {
            return &signal->services[i];
        }
    }
    return NULL;
}

/* The two counts of a row. */
struct counts {
    struct count open;
    struct count waiting;
};

static struct counts place_counts(const struct signal *signal, const char *id) {
    for (size_t i = 0; i < signal->place_count; i++) {
        struct category_cells category = {.id.nis = signal->places[i].nis};
        char text[SERVICE_ID_MAX + 1];
        category_id_text(DIMENSION_PLACE, &category, text);
        if (strcmp(text, id) == 0) {
            return (struct counts){signal->places[i].open, signal->places[i].waiting};
        }
    }
    return (struct counts){{.form = COUNT_NONE}, {.form = COUNT_NONE}};
}

static struct counts language_counts(const struct signal *signal, const char *id) {
    for (size_t i = 0; i < signal->language_count; i++) {
        if (strcmp(signal->languages[i].language.code, id) == 0) {
            return (struct counts){signal->languages[i].open, signal->languages[i].waiting};
        }
    }
    return (struct counts){{.form = COUNT_NONE}, {.form = COUNT_NONE}};
}

static struct counts counts_of(const struct signal *signal, const struct figure_name *name) {
    const struct service_figures *service;
    switch (name->dimension) {
    case DIMENSION_TOTAL:
        return (struct counts){signal->open, signal->waiting};
    case DIMENSION_SERVICE:
        service = service_of(signal, name->id);
        if (service != NULL) {
            return (struct counts){service->open, service->waiting};
        }
        break;
    case DIMENSION_PLACE:
        return place_counts(signal, name->id);
    case DIMENSION_LANGUAGE:
        return language_counts(signal, name->id);
    default:
        break;
    }
    return (struct counts){{.form = COUNT_NONE}, {.form = COUNT_NONE}};
}

/* The line as the hub has it, whatever would be decided now. */
static void show_published(const struct signal *signal, struct preview_line *line) {
    const struct figure_name *name = &line->name;
    if (line->has_bins) {
        const struct service_figures *service = service_of(signal, name->id);
        const struct wait_bins *bins = service == NULL ? NULL : bins_of(service, name);
        line->published_bins = bins == NULL ? (struct wait_bins){.edge_count = 0} : *bins;
        line->withheld = line->published_bins.edge_count > 0 ? WITHHELD_NOT : line->withheld;
        return;
    }
    struct counts counts = counts_of(signal, name);
    line->published = name->measure == MEASURE_OPEN ? counts.open : counts.waiting;
    line->withheld = line->published.form != COUNT_NONE ? WITHHELD_NOT : line->withheld;
}

static int show_decided(struct store_txn *view, struct arena *arena,
                        struct publish_preview *shown) {
    struct freeze_record record;
    int r = freeze_get(view, shown->freeze_day, &record);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    enum refusal refusal = signal_decode(record.body, arena, &shown->signal);
    if (refusal != REFUSAL_NONE) {
        return refusal == REFUSAL_NO_ROOM ? ERR_NO_MEMORY : ERR_STORAGE;
    }
    shown->decided = true;
    for (size_t i = 0; i < shown->preview.count; i++) {
        show_published(&shown->signal, &shown->preview.lines[i]);
    }
    return 0;
}

int publish_preview(struct store_txn *view, const struct publish_preview_of *of,
                    struct arena *arena, struct publish_preview *ret) {
    struct register_generation standing;
    struct disclosure disclosure;
    int64_t freeze_ms = freeze_before(of->now_ms);
    struct publish_preview shown = {
        .freeze_day = brussels_day(freeze_ms),
        .due_ms = publish_due_ms(&of->own, freeze_ms),
    };
    struct publish_source source = {
        .keys = &of->keys, .standing = &standing, .freeze_day = shown.freeze_day};
    int r = register_standing(view, &standing, NULL);
    if (r == 0) {
        r = publish_disclose(view, &source, arena, &disclosure);
    }
    if (r < 0) {
        return r;
    }
    r = publish_released(view, &shown.released);
    if (r < 0) {
        return r;
    }
    shown.signal = disclosure.signal;
    shown.preview = disclosure.preview;
    r = show_decided(view, arena, &shown);
    if (r == 0) {
        *ret = shown;
    }
    return r;
}
