#include "hub/shell/load_query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/civil.h"

static const struct {
    enum load_view by;
    const char *text;
} views[] = {
    {LOAD_BY_ORGANISATION, "organisation"},
    {LOAD_BY_SERVICE, "service"},
    {LOAD_BY_MUNICIPALITY, "municipality"},
    {LOAD_BY_LANGUAGE, "language"},
};

enum { VIEWS = sizeof(views) / sizeof(views[0]) };

const char *load_view_text(enum load_view by) {
    for (size_t i = 0; i < VIEWS; i++) {
        if (views[i].by == by) {
            return views[i].text;
        }
    }
    return "";
}

enum load_view load_view_parse(const char *text) {
    for (size_t i = 0; i < VIEWS; i++) {
        if (strcmp(views[i].text, text) == 0) {
            return views[i].by;
        }
    }
    return (enum load_view)0;
}

/* Week 1 is the one that holds 4 January (ISO 8601). */
static int iso_week_parse(const char *text, int32_t *ret_day) {
    int year;
    int week;
    int end = 0;
    if (strlen(text) != 8 || sscanf(text, "%4d-W%2d%n", &year, &week, &end) != 2 || end != 8 ||
        week < 1 || week > 53) {
        return ERR_MALFORMED;
    }
    struct date fourth = {.year = year, .month = 1, .day = 4};
    if (!date_valid(fourth)) {
        return ERR_MALFORMED;
    }
    int32_t day = day_from_date(fourth);
    int32_t monday = day - (weekday_of(day) - 1) + 7 * (week - 1);
    struct date thursday = date_from_day(monday + 3);
    if (thursday.year != year) {
        return ERR_MALFORMED; /* a 53rd week in a year of 52 */
    }
    *ret_day = monday + 6;
    return 0;
}

int load_week_parse(const char *text, int32_t *ret_day) {
    return strchr(text, 'W') != NULL ? iso_week_parse(text, ret_day) : date_parse(text, ret_day);
}

void load_cursor_format(const struct load_row *row, char ret_text[static LOAD_CURSOR_SIZE]) {
    char nis[12] = "";
    if (row->nis.code != 0) {
        snprintf(nis, sizeof(nis), "%05u", row->nis.code);
    }
    snprintf(ret_text, LOAD_CURSOR_SIZE, "%s:%s%s%s", row->org.text, row->service.text,
             row->language.code, nis);
}

int load_cursor_parse(const char *text, struct load_query *query) {
    char org[ORG_ID_MAX + 1];
    const char *colon = strchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) >= sizeof(org) ||
        strlen(colon + 1) >= sizeof(query->after_part)) {
        return ERR_MALFORMED;
    }
    memcpy(org, text, (size_t)(colon - text));
    org[colon - text] = '\0';
    int r = org_id_parse(org, &query->after_org);
    if (r == 0) {
        memset(query->after_part, 0, sizeof(query->after_part));
        strcpy(query->after_part, colon + 1);
    }
    return r;
}

static const char *read_filters(const struct http_request *request, struct load_query *query) {
    const char *org = http_query(request, "organisation");
    const char *service = http_query(request, "service");
    const char *place = http_query(request, "municipality");
    const char *language = http_query(request, "language");
    if (org != NULL && org_id_parse(org, &query->org) < 0) {
        return "organisation: not an organisation's id";
    }
    if (service != NULL && service_id_parse(service, &query->service) < 0) {
        return "service: not a service's id";
    }
    if (place != NULL && nis_parse(place, &query->nis) < 0) {
        return "municipality: not a NIS code of five digits";
    }
    if (language != NULL && language_parse(language, &query->language) < 0) {
        return "language: not an ISO 639-3 code of three letters";
    }
    if ((service != NULL) + (place != NULL) + (language != NULL) > 1) {
        return "service, municipality and language: only one of them, for nobody publishes crossed "
               "tables";
    }
    return NULL;
}

/* Which cut the filters ask for; a cut of another kind holds no such rows. */
static const char *read_view(const struct http_request *request, struct load_query *query) {
    const char *by = http_query(request, "by");
    enum load_view fits = query->nis.code != 0              ? LOAD_BY_MUNICIPALITY
                          : query->language.code[0] != '\0' ? LOAD_BY_LANGUAGE
                                                            : LOAD_BY_SERVICE;
    bool filtered = fits != LOAD_BY_SERVICE || query->service.text[0] != '\0';
    query->by = by == NULL ? fits : load_view_parse(by);
    if (query->by == 0) {
        return "by: organisation, service, municipality or language";
    }
    return filtered && query->by != fits ? "by: must be the same as the filter" : NULL;
}

static const char *read_page(const struct http_request *request, struct load_query *query) {
    const char *week = http_query(request, "week");
    const char *limit = http_query(request, "limit");
    const char *cursor = http_query(request, "cursor");
    if (week != NULL && load_week_parse(week, &query->until_day) < 0) {
        return "week: write 2026-W47, or a day as 2026-11-22";
    }
    if (limit != NULL) {
        char *end;
        unsigned long value = strtoul(limit, &end, 10);
        if (limit[0] < '0' || limit[0] > '9' || *end != '\0' || value < 1 ||
            value > PAGE_ROWS_MAX) {
            return "limit: a number from 1 to 200";
        }
        query->limit = value;
    }
    if (cursor != NULL && load_cursor_parse(cursor, query) < 0) {
        return "cursor: not one that an answer of ours gave as `next`";
    }
    return NULL;
}

static const char *only_known(const struct http_request *request, const char *const *others) {
    static const char *const known[] = {"by",           "organisation", "service",
                                        "municipality", "language",     "week",
                                        "limit",        "cursor",       NULL};
    for (size_t i = 0; i < request->query_count; i++) {
        bool found = false;
        for (const char *const *name = known; *name != NULL; name++) {
            found = found || strcmp(*name, request->query[i].name) == 0;
        }
        for (const char *const *name = others; name != NULL && *name != NULL; name++) {
            found = found || strcmp(*name, request->query[i].name) == 0;
        }
        if (!found) {
            return "there is a parameter that this address doesn't know";
        }
    }
    return NULL;
}

const char *load_query_read(const struct http_request *request, const char *const *others,
                            int64_t now_ms, struct load_query *ret) {
    struct load_query query = {
        .until_day = brussels_day(now_ms), .now_ms = now_ms, .limit = PAGE_ROWS_DEFAULT};
    const char *wrong = only_known(request, others);
    if (wrong == NULL) {
        wrong = read_filters(request, &query);
    }
    if (wrong == NULL) {
        wrong = read_view(request, &query);
    }
    if (wrong == NULL) {
        wrong = read_page(request, &query);
    }
    if (wrong == NULL) {
        *ret = query;
    }
    return wrong;
}
