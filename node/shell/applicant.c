#include "node/shell/applicant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/places/languages.h"
#include "shared/places/municipalities.h"
#include "shared/places/services.h"

enum { WORDS_MAX = 512, WORD_BYTES_MAX = 64, NEAREST = 3, NEAREST_SIZE = 160 };

struct word_list {
    const char **items;
    size_t count;
};

static int fault(struct applicant_fault *ret_fault, const char *option, const char *value) {
    ret_fault->option = option;
    (void)snprintf(ret_fault->value, sizeof(ret_fault->value), "%s", value == NULL ? "" : value);
    return ERR_MALFORMED;
}

static int compare_words(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted and without doubles, blanks around each word left off. */
static int split(const char *text, struct arena *arena, struct word_list *ret) {
    *ret = (struct word_list){0};
    if (text == NULL) {
        return 0;
    }
    char *copy = arena_text(arena, bytes_from_text(text));
    ret->items = ARENA_ARRAY(arena, const char *, WORDS_MAX);
    if (copy == NULL || ret->items == NULL) {
        return ERR_NO_MEMORY;
    }
    char *rest = copy;
    for (char *word; (word = strsep(&rest, ",")) != NULL;) {
        word += strspn(word, " ");
        size_t length = strlen(word);
        while (length > 0 && word[length - 1] == ' ') {
            word[--length] = '\0';
        }
        if (length > 0 && ret->count < WORDS_MAX) {
            ret->items[ret->count++] = word;
        }
    }
    qsort(ret->items, ret->count, sizeof(ret->items[0]), compare_words);
    size_t kept = 0;
    for (size_t i = 0; i < ret->count; i++) {
        if (kept == 0 || strcmp(ret->items[i], ret->items[kept - 1]) != 0) {
            ret->items[kept++] = ret->items[i];
        }
    }
    ret->count = kept;
    return 0;
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Letters to add, drop or replace (Levenshtein 1966). */
static size_t edits_between(const char *a, const char *b) {
    size_t row[SERVICE_ID_MAX + 1];
    const size_t width = least(strlen(b), SERVICE_ID_MAX);
    for (size_t j = 0; j <= width; j++) {
        row[j] = j;
    }
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= width; j++) {
            const size_t replaced = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            row[j] = least(replaced, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[width];
}

bool applicant_knows_service(const struct service_id *service, char ret_nearest[static 160]) {
    size_t count;
    const struct service *all = service_all(&count);
    size_t length = 0;
    size_t named = 0;
    ret_nearest[0] = '\0';
    if (service_by_id(service) != NULL || strncmp(service->text, "x-", 2) == 0) {
        return true;
    }
    const size_t far = strlen(service->text) / 3 + 1;
    for (size_t edits = 1; edits <= far; edits++) {
        for (size_t i = 0; i < count && named < NEAREST; i++) {
            if (edits_between(service->text, all[i].id.text) == edits &&
                length + strlen(all[i].id.text) + 3 < NEAREST_SIZE) {
                length += (size_t)snprintf(ret_nearest + length, NEAREST_SIZE - length, "%s%s",
                                           named == 0 ? "" : ", ", all[i].id.text);
                named++;
            }
        }
    }
    return false;
}

static int read_nis(const char *word, struct nis *ret) {
    if (nis_parse(word, ret) < 0 || municipality_by_nis(*ret) == NULL) {
        return ERR_MALFORMED;
    }
    return 0;
}

static int read_places(const struct applicant_words *words, struct arena *arena,
                       struct member *member, struct applicant_fault *ret_fault) {
    struct word_list nis;
    struct word_list desks;
    int r = split(words->nis, arena, &nis);
    r = r < 0 ? r : split(words->onthaal, arena, &desks);
    if (r < 0) {
        return r;
    }
    member->catchment = ARENA_ARRAY(arena, struct catchment, nis.count + 1);
    member->onthaal = ARENA_ARRAY(arena, struct nis, desks.count + 1);
    if (member->catchment == NULL || member->onthaal == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < nis.count; i++) {
        if (read_nis(nis.items[i], &member->catchment[i].nis) < 0) {
            return fault(ret_fault, "nis", nis.items[i]);
        }
    }
    for (size_t i = 0; i < desks.count; i++) {
        if (read_nis(desks.items[i], &member->onthaal[i]) < 0) {
            return fault(ret_fault, "onthaal", desks.items[i]);
        }
    }
    member->catchment_count = nis.count;
    member->onthaal_count = desks.count;
    return 0;
}

/* By rising code, each once: "nl" and "nld" are the same. */
static void add_language(struct member *member, struct language language) {
    size_t at = 0;
    while (at < member->language_count && strcmp(member->languages[at].code, language.code) < 0) {
        at++;
    }
    if (at < member->language_count && strcmp(member->languages[at].code, language.code) == 0) {
        return;
    }
    memmove(&member->languages[at + 1], &member->languages[at],
            (member->language_count - at) * sizeof(language));
    member->languages[at] = language;
    member->language_count++;
}

static int read_offer(const struct applicant_words *words, struct arena *arena,
                      struct member *member, struct applicant_fault *ret_fault) {
    struct word_list services;
    struct word_list languages;
    int r = split(words->services, arena, &services);
    r = r < 0 ? r : split(words->languages, arena, &languages);
    if (r < 0) {
        return r;
    }
    member->services = ARENA_ARRAY(arena, struct service_id, services.count + 1);
    member->languages = ARENA_ARRAY(arena, struct language, languages.count + 1);
    if (member->services == NULL || member->languages == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < services.count; i++) {
        if (service_id_parse(services.items[i], &member->services[i]) < 0) {
            return fault(ret_fault, "service", services.items[i]);
        }
        if (!applicant_knows_service(&member->services[i], ret_fault->nearest)) {
            return fault(ret_fault, "service", services.items[i]);
        }
    }
    for (size_t i = 0; i < languages.count; i++) {
        const struct language_entry *found = language_find(languages.items[i]);
        if (found == NULL || strlen(languages.items[i]) > 3) { /* a code, of two letters or three */
            if (found != NULL) {
                (void)snprintf(ret_fault->nearest, sizeof(ret_fault->nearest), "%s",
                               found->language.code);
            }
            return fault(ret_fault, "language", languages.items[i]);
        }
        add_language(member, found->language);
    }
    member->service_count = services.count;
    return 0;
}

static int read_hours(const struct applicant_words *words, struct arena *arena,
                      struct member *member) {
    struct word_list walk_in;
    struct word_list sitting;
    int r = split(words->walk_in, arena, &walk_in);
    r = r < 0 ? r : split(words->sitting, arena, &sitting);
    if (r < 0) {
        return r;
    }
    member->walk_in = walk_in.items;
    member->walk_in_count = walk_in.count;
    member->sitting = sitting.items;
    member->sitting_count = sitting.count;
    return 0;
}

static bool is_plain(const char *text) {
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        if (*at < 0x20 || *at == 0x7f) {
            return false;
        }
    }
    return true;
}

static int read_name(const struct applicant_words *words, struct member *member,
                     struct applicant_fault *ret_fault) {
    const size_t length = strlen(words->name);
    if (length == 0 || length > NAME_BYTES_MAX || !is_plain(words->name)) {
        return fault(ret_fault, "name", words->name);
    }
    memcpy(member->name, words->name, length + 1);
    if (words->kbo == NULL) {
        return 0;
    }
    size_t digits = 0;
    for (const char *at = words->kbo; *at != '\0'; at++) {
        if (*at >= '0' && *at <= '9' && digits < 10) {
            member->enterprise_number[digits++] = *at;
        } else if (*at != '.' && *at != ' ') {
            return fault(ret_fault, "kbo", words->kbo);
        }
    }
    return digits == 10 ? 0 : fault(ret_fault, "kbo", words->kbo);
}

static int read_standing(const struct applicant_words *words, struct member *member,
                         struct applicant_fault *ret_fault) {
    const char *consent = words->may_take_consent == NULL ? "no" : words->may_take_consent;
    member->kind = org_kind_parse(words->kind);
    if (member->kind == ORG_KIND_NONE) {
        return fault(ret_fault, "kind", words->kind);
    }
    const bool is_ocmw = member->kind == ORG_KIND_OCMW;
    member->competence = is_ocmw ? COMPETENCE_TERRITORIAL : COMPETENCE_REGIONAL;
    if (words->competence != NULL) {
        member->competence = competence_parse(words->competence);
    }
    if (member->competence == COMPETENCE_NONE) {
        return fault(ret_fault, "competence", words->competence);
    }
    member->may_take_consent = consent_right_parse(consent);
    if (member->may_take_consent == CONSENT_RIGHT_NONE) {
        return fault(ret_fault, "may-take-consent", consent);
    }
    member->role = MEMBER_ROLE_NODE;
    member->may_sanction = words->may_sanction;
    member->hidden =
        words->hidden || member->kind == ORG_KIND_REFUGE || member->kind == ORG_KIND_ADDICTION;
    return 0;
}

int applicant_read(const struct applicant_words *words, struct arena *arena, struct org_id *ret_org,
                   struct member *ret_member, struct applicant_fault *ret_fault) {
    struct member member = {0};
    struct org_id org;
    ret_fault->nearest[0] = '\0';
    if (org_id_parse(words->org, &org) < 0 || org_id_equal(&org, &HUB_ORG)) {
        return fault(ret_fault, "org", words->org);
    }
    int r = read_name(words, &member, ret_fault);
    r = r < 0 ? r : read_standing(words, &member, ret_fault);
    r = r < 0 ? r : read_places(words, arena, &member, ret_fault);
    r = r < 0 ? r : read_offer(words, arena, &member, ret_fault);
    r = r < 0 ? r : read_hours(words, arena, &member);
    if (r < 0) {
        return r;
    }
    *ret_org = org;
    *ret_member = member;
    return 0;
}
