#include "shared/io/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "shared/base/err.h"
#include "shared/io/utf8.h"

struct entry {
    const char *name;
    const char *in[LANGS];
};

static const struct entry catalogue[TEXT_COUNT] = {
    [TEXT_NONE] = {"", {"", "", ""}},
#define TEXT(id, nl, en, fr) [TEXT_##id] = {#id, {nl, en, fr}},
#include "shared/io/text_catalogue.inc"
#undef TEXT
};

static const char *const languages[LANGS] = {"nl", "en", "fr"};

bool lang_parse(const char *text, enum lang *ret) {
    if (text == NULL) {
        return false;
    }
    for (int i = 0; i < LANGS; i++) {
        if (strncmp(text, languages[i], 2) == 0 && strchr("_.@-", text[2]) != NULL) {
            *ret = (enum lang)i;
            return true;
        }
    }
    return false;
}

const char *lang_text(enum lang lang) {
    return languages[lang];
}

enum lang lang_choose(const struct lang_sources *sources) {
    enum lang lang = LANG_NL;
    if (lang_parse(sources->option, &lang) || lang_parse(sources->vangnet_lang, &lang)) {
        return lang;
    }
    const char *const locale[] = {sources->lc_all, sources->lc_messages, sources->lang};
    for (size_t i = 0; i < sizeof(locale) / sizeof(locale[0]); i++) {
        if (locale[i] != NULL && locale[i][0] != '\0') {
            return lang_parse(locale[i], &lang) ? lang : LANG_NL;
        }
    }
    return LANG_NL;
}

enum lang lang_accepted(const char *header) {
    while (header != NULL && *header != '\0') {
        header += strspn(header, ", \t");
        const size_t word = strcspn(header, "-,; \t");
        for (int i = 0; i < LANGS && word == 2; i++) {
            if (strncasecmp(header, languages[i], word) == 0) {
                return (enum lang)i;
            }
        }
        header += strcspn(header, ",");
    }
    return LANG_NL;
}

const char *text_get(enum lang lang, enum text_id id) {
    return catalogue[id].in[lang];
}

const char *text_name(enum text_id id) {
    return catalogue[id].name;
}

enum text_id text_find(const char *name) {
    for (size_t i = 1; i < TEXT_COUNT; i++) {
        if (strcmp(catalogue[i].name, name) == 0) {
            return (enum text_id)i;
        }
    }
    return TEXT_NONE;
}

struct output {
    char *text;
    size_t size;
    size_t length;
    bool full;
};

static void put(struct output *out, const char *text, size_t length) {
    while (length > 0 && !out->full) {
        size_t bytes = utf8_character_bytes(text, length);
        bytes = bytes == 0 ? 1 : bytes;
        if (out->length + bytes >= out->size) {
            out->full = true;
            return;
        }
        memcpy(out->text + out->length, text, bytes);
        out->length += bytes;
        text += bytes;
        length -= bytes;
    }
}

/* The argument that a placeholder at `at` asks for, or NULL. */
static const char *argument_at(const char *at, const char *const *args) {
    if (args == NULL || at[0] != '{' || at[1] < '0' || at[1] > '9' || at[2] != '}') {
        return NULL;
    }
    for (int i = 0; args[i] != NULL; i++) {
        if (i == at[1] - '0') {
            return args[i];
        }
    }
    return NULL;
}

void text_format(enum lang lang, enum text_id id, const char *const *args, char *ret, size_t size) {
    if (size == 0) {
        return;
    }
    struct output out = {.text = ret, .size = size};
    const char *at = text_get(lang, id);
    while (*at != '\0') {
        const char *argument = argument_at(at, args);
        if (argument != NULL) {
            put(&out, argument, strlen(argument));
            at += 3;
        } else {
            const size_t length = 1 + strcspn(at + 1, "{");
            put(&out, at, length);
            at += length;
        }
    }
    ret[out.length] = '\0';
}

/* By name, so that a code that has no texts yet is told by a failing test, not by a broken build.
 */
static struct text_pair pair_of(const char *name) {
    char next[80];
    snprintf(next, sizeof(next), "%s_NEXT", name);
    const struct text_pair pair = {.what = text_find(name), .next = text_find(next)};
    if (pair.what == TEXT_NONE || pair.next == TEXT_NONE) {
        return (struct text_pair){.what = TEXT_UNEXPECTED, .next = TEXT_UNEXPECTED_NEXT};
    }
    return pair;
}

#define NAME_CASE(name, ...)                                                                       \
    case name:                                                                                     \
        return #name;

static const char *refusal_name(enum refusal refusal) {
    switch (refusal) {
        REFUSAL_LIST(NAME_CASE)
    case REFUSAL_NONE:
    default:
        return "";
    }
}

static const char *error_name(int code) {
    switch (code) {
        ERR_TABLE(NAME_CASE)
    default:
        return "";
    }
}

static const char *org_kind_name(enum org_kind kind) {
    switch (kind) {
        ORG_KIND_LIST(NAME_CASE)
    case ORG_KIND_NONE:
    default:
        return "";
    }
}

static const char *service_status_name(enum service_status status) {
    switch (status) {
        SERVICE_STATUS_LIST(NAME_CASE)
    case SERVICE_STATUS_NONE:
    default:
        return "";
    }
}

struct text_pair text_of_refusal(enum refusal refusal) {
    return pair_of(refusal_name(refusal));
}

struct text_pair text_of_error(int code) {
    return pair_of(error_name(code));
}

enum text_id text_of_org_kind(enum org_kind kind) {
    return text_find(org_kind_name(kind));
}

enum text_id text_of_service_status(enum service_status status) {
    return text_find(service_status_name(status));
}
