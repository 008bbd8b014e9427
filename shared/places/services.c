#include "shared/places/services.h"

#include <string.h>

#include "shared/places/fold.h"

#define KIND(name) (1U << ORG_KIND_##name)

#define SERVICE(id_, kinds_, own_task_, dutch_, english_, french_)                                 \
    {.id = {.text = id_},                                                                          \
     .dutch = dutch_,                                                                              \
     .english = english_,                                                                          \
     .french = french_,                                                                            \
     .kinds = kinds_,                                                                              \
     .own_task = own_task_},

#define COURSE(id_, kind_, level_, part_, dutch_, english_, french_)                               \
    {.id = {.text = id_},                                                                          \
     .dutch = dutch_,                                                                              \
     .english = english_,                                                                          \
     .french = french_,                                                                            \
     .kinds = kind_,                                                                               \
     .level = level_,                                                                              \
     .day_part = part_},

/* A course in its three parts of the day. */
#define COURSES(id_, kind_, level_, dutch_, english_, french_)                                     \
    COURSE(id_ "-dag", kind_, level_, DAY_PART_DAY, dutch_ ", overdag", english_ ", daytime",      \
           french_ ", en journée")                                                                 \
    COURSE(id_ "-avond", kind_, level_, DAY_PART_EVENING, dutch_ ", 's avonds",                    \
           english_ ", evening", french_ ", le soir")                                              \
    COURSE(id_ "-weekend", kind_, level_, DAY_PART_WEEKEND, dutch_ ", in het weekend",             \
           english_ ", weekend", french_ ", le week-end")

static const struct service services[] = {
#include "shared/places/services.inc"
};

enum { SERVICES = sizeof(services) / sizeof(services[0]) };

const struct service *service_by_id(const struct service_id *id) {
    for (size_t i = 0; i < SERVICES; i++) {
        if (service_id_equal(&services[i].id, id)) {
            return &services[i];
        }
    }
    return NULL;
}

static bool has_name(const char *name, const char *folded) {
    char own[PLACE_FOLD_SIZE];
    return place_fold(name, own) && strcmp(own, folded) == 0;
}

const struct service *service_find(const char *text) {
    char folded[PLACE_FOLD_SIZE];
    if (!place_fold(text, folded)) {
        return NULL;
    }
    for (size_t i = 0; i < SERVICES; i++) {
        if (has_name(services[i].id.text, folded) || has_name(services[i].dutch, folded)) {
            return &services[i];
        }
    }
    return NULL;
}

bool service_offered_by(const struct service *service, enum org_kind kind) {
    return kind != ORG_KIND_NONE && (service->kinds >> kind & 1U) != 0;
}

bool service_is_territorial(const struct service *service, enum org_kind kind) {
    return kind == ORG_KIND_OCMW && service->own_task;
}

const struct service *service_all(size_t *ret_count) {
    *ret_count = SERVICES;
    return services;
}
