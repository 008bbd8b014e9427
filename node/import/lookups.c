#include "node/import/lookups.h"

#include "shared/base/err.h"
#include "shared/places/languages.h"
#include "shared/places/municipalities.h"
#include "shared/places/services.h"

static int find_municipality(const void *context, const char *text, int32_t day, struct nis *ret) {
    (void)context;
    return municipality_find(text, day, ret) == PLACE_FOUND ? 0 : ERR_NOT_FOUND;
}

static int find_language(const void *context, const char *text, struct language *ret) {
    (void)context;
    const struct language_entry *entry = language_find(text);
    if (entry == NULL) {
        return ERR_NOT_FOUND;
    }
    *ret = entry->language;
    return 0;
}

static int find_service(const void *context, const char *text, struct service_id *ret) {
    (void)context;
    const struct service *service = service_find(text);
    if (service == NULL) {
        return ERR_NOT_FOUND;
    }
    *ret = service->id;
    return 0;
}

const struct import_lookups import_lookups_places = {
    .municipality = find_municipality,
    .language = find_language,
    .service = find_service,
};
