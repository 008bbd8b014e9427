#include "node/shell/family_form.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "node/shell/family_words.h"
#include "shared/base/civil.h"
#include "shared/consent/consent.h"
#include "shared/crypto/secret.h"
#include "shared/io/print.h"
#include "shared/io/print_script.h"
#include "shared/io/print_texts.h"
#include "shared/places/languages.h"

static const struct {
    enum scope scope;
    enum script_key say;
    enum script_key ask;
} questions[] = {
    {SCOPE_PRESENCE, SCRIPT_PRESENCE_SAY, SCRIPT_PRESENCE_ASK},
    {SCOPE_LOST_SUPPORT, SCRIPT_LOST_SAY, SCRIPT_LOST_ASK},
    {SCOPE_CONCERN, SCRIPT_CONCERN_SAY, SCRIPT_CONCERN_ASK},
    {SCOPE_FALLBACK, SCRIPT_FALLBACK_SAY, SCRIPT_FALLBACK_ASK},
    {SCOPE_CONFERENCE, SCRIPT_CONFERENCE_SAY, SCRIPT_CONFERENCE_ASK},
    {SCOPE_WELCOME, SCRIPT_WELCOME_SAY, SCRIPT_WELCOME_ASK},
};
enum { QUESTIONS = sizeof(questions) / sizeof(questions[0]) };

/* What comes of the talk, as the daemon names it. */
static const char *talk_of(const char *command) {
    if (strcmp(command, "consent widen") == 0) {
        return "consent-change";
    }
    return strcmp(command, "family new-card") == 0 ? "new-card" : "consent-give";
}

struct family_form *family_form_new(const struct cli_call *call) {
    struct family_form *form = secret_new(sizeof(*form));
    if (form == NULL) {
        cli_say(call, text_of_error(ERR_NO_MEMORY), NULL);
        return NULL;
    }
    memset(form, 0, sizeof(*form));
    if (organisations_open(call, talk_of(call->command->name), &form->known) < 0) {
        secret_free(form);
        return NULL;
    }
    return form;
}

void family_form_free(struct family_form *form) {
    if (form != NULL) {
        organisations_close(&form->known);
        secret_free(form);
    }
}

static bool broken_off(const struct cli_call *call) {
    const struct text_pair pair = {.what = TEXT_FAMILY_BROKEN_OFF,
                                   .next = TEXT_FAMILY_BROKEN_OFF_NEXT};
    cli_say(call, pair, NULL);
    return false;
}

static bool bad_option(const struct cli_call *call, const char *name, const char *value) {
    const struct text_pair pair = {.what = TEXT_NODE_OPTION, .next = TEXT_NODE_OPTION_NEXT};
    cli_say(call, pair, TEXT_ARGS(name, value, call->command->name));
    return false;
}

static bool missing(const struct cli_call *call, const char *name) {
    char option[32];
    (void)snprintf(option, sizeof(option), "--%s", name);
    (void)talk_missing(call, option);
    return false;
}

/* An option's text, else what a person answers; `must`: not empty. */
static bool take_text(const struct cli_call *call, const char *option, enum text_id question,
                      bool must, struct buf *to) {
    char *memory = (char *)to->data;
    const char *given = cli_text(call, option, NULL);
    if (given != NULL) {
        if (strlen(given) >= to->size) {
            return bad_option(call, option, "");
        }
        (void)snprintf(memory, to->size, "%s", given);
        return true;
    }
    if (!prompt_possible()) {
        return !must || missing(call, option);
    }
    do {
        if (!prompt_line(call, text_get(call->lang, question), memory, to->size)) {
            return broken_off(call);
        }
    } while (must && memory[strspn(memory, " \t")] == '\0');
    return true;
}
#define TAKE_TEXT(call, option, question, must, to)                                                \
    take_text(call, option, question, must,                                                        \
              &(struct buf){.data = (uint8_t *)(to), .size = sizeof(to)})

/* -- language and interpreter -- */

static bool printable(const char *text, struct language *ret) {
    const struct language_entry *entry = language_find(text);
    if (entry == NULL || print_language_for(entry->language) == NULL) {
        return false;
    }
    *ret = entry->language;
    return true;
}

static void say_languages(const struct cli_call *call) {
    char names[400] = "";
    char line[600];
    size_t count;
    const struct print_language *all = print_language_all(&count);
    for (size_t i = 0; i < count; i++) {
        const size_t length = strlen(names);
        (void)snprintf(names + length, sizeof(names) - length, "%s%s (%s)", i == 0 ? "" : ", ",
                       all[i].dutch_name, all[i].tag);
    }
    text_format(call->lang, TEXT_FAMILY_ASK_LANGUAGE_AGAIN, TEXT_ARGS(names), line, sizeof(line));
    fprintf(call->err, "%s\n", line);
}

static bool take_language(const struct cli_call *call, struct family_form *form) {
    char typed[64] = "";
    const char *given = cli_text(call, "language", NULL);
    if (given != NULL) {
        if (printable(given, &form->language)) {
            return true;
        }
        say_languages(call);
        return bad_option(call, "language", given);
    }
    if (!prompt_possible()) {
        return missing(call, "language");
    }
    for (;;) {
        if (!prompt_line(call, text_get(call->lang, TEXT_FAMILY_ASK_LANGUAGE), typed,
                         sizeof(typed))) {
            return broken_off(call);
        }
        if (printable(typed, &form->language)) {
            return true;
        }
        say_languages(call);
    }
}

/* A minor is refused at once, with the next door to try. */
static bool take_interpreter(const struct cli_call *call, struct family_form *form) {
    static const enum interpreter by_key[] = {
        INTERPRETER_NOT_NEEDED, INTERPRETER_PHONE,        INTERPRETER_VIDEO, INTERPRETER_ON_SITE,
        INTERPRETER_COLLEAGUE,  INTERPRETER_ADULT_CHOSEN, INTERPRETER_MINOR,
    };
    const char *given = cli_text(call, "interpreter", NULL);
    if (given == NULL && !prompt_possible()) {
        return missing(call, "interpreter");
    }
    do {
        if (given == NULL) {
            const int key = prompt_key(call, text_get(call->lang, TEXT_FAMILY_ASK_INTERPRETER),
                                       TEXT_FAMILY_KEYS_INTERPRETER);
            if (key < 0) {
                return broken_off(call);
            }
            form->interpreter = by_key[key];
        } else {
            form->interpreter = interpreter_parse(given);
        }
        if (form->interpreter == INTERPRETER_MINOR) {
            cli_say(call, text_of_refusal(REFUSAL_MINOR_INTERPRETER), NULL);
        }
    } while (given == NULL && form->interpreter == INTERPRETER_MINOR);
    if (form->interpreter == INTERPRETER_NONE) {
        return bad_option(call, "interpreter", given);
    }
    return form->interpreter != INTERPRETER_MINOR;
}

static bool take_desk(const struct cli_call *call, struct family_form *form) {
    const bool served =
        form->interpreter == INTERPRETER_PHONE || form->interpreter == INTERPRETER_VIDEO;
    if (!served && cli_text(call, "interpreter-desk", NULL) == NULL) {
        return true;
    }
    return TAKE_TEXT(call, "interpreter-desk", TEXT_FAMILY_ASK_DESK, false, form->interpreter_desk);
}

/* -- scopes -- */

bool family_form_scopes(const struct cli_call *call, const char *text, struct scopes *ret) {
    struct scopes scopes = {0};
    while (*text != '\0') {
        char word[32] = "";
        const size_t length = strcspn(text, ",");
        (void)snprintf(word, sizeof(word), "%.*s", (int)length, text);
        const enum scope scope = scope_parse(word);
        if (scope == SCOPE_NONE) {
            return bad_option(call, "scopes", word);
        }
        scopes.bits |= scope_bit(scope);
        text += length + (text[length] == ',' ? 1 : 0);
    }
    *ret = scopes;
    return true;
}

void family_form_write_scopes(struct json_writer *writer, struct scopes scopes) {
    json_put_key(writer, "scopes");
    json_open_array(writer);
    for (size_t i = 0; i < QUESTIONS; i++) {
        if ((scopes.bits & scope_bit(questions[i].scope)) != 0) {
            json_put_text(writer, scope_text(questions[i].scope));
        }
    }
    json_close_array(writer);
}

static const struct print_language *script_language(enum lang lang) {
    static const char *const codes[LANGS] = {
        [LANG_NL] = "nld", [LANG_EN] = "eng", [LANG_FR] = "fra"};
    struct language language = {0};
    (void)snprintf(language.code, sizeof(language.code), "%s", codes[lang]);
    return print_language_for(language);
}

static const char *const *script_of(enum lang lang) {
    return script_texts(script_language(lang));
}

/* Scopes beyond what may be asked here are refused before anything is asked. */
static bool given_scopes(const struct cli_call *call, const char *given, struct family_form *form) {
    if (!family_form_scopes(call, given, &form->scopes)) {
        return false;
    }
    if ((form->scopes.bits & ~form->may_ask.bits) != 0) {
        cli_say(call, text_of_refusal(REFUSAL_NEEDS_AUTHORITY), NULL);
        return false;
    }
    return true;
}

static void say_limited(const struct cli_call *call, struct scopes may_ask) {
    char names[400] = "";
    char line[800];
    size_t count = 0;
    for (size_t i = 0; i < QUESTIONS; i++) {
        if ((may_ask.bits & scope_bit(questions[i].scope)) != 0) {
            const size_t length = strlen(names);
            (void)snprintf(names + length, sizeof(names) - length, "%s%s", count == 0 ? "" : ", ",
                           word_scope(call->lang, scope_text(questions[i].scope)));
            count++;
        }
    }
    if (count < QUESTIONS) {
        text_format(call->lang, TEXT_FAMILY_LIMITED, TEXT_ARGS(names), line, sizeof(line));
        fprintf(call->err, "%s\n", line);
    }
}

static bool take_scopes(const struct cli_call *call, struct family_form *form) {
    const char *given = cli_text(call, "scopes", NULL);
    if (given != NULL) {
        return given_scopes(call, given, form);
    }
    if (!prompt_possible()) {
        return missing(call, "scopes");
    }
    const char *const *words = script_of(call->lang);
    say_limited(call, form->may_ask);
    fprintf(call->err, "%s %s\n%s\n%s\n", words[SCRIPT_SAY_FREE], words[SCRIPT_SAY_WHAT],
            words[SCRIPT_SAY_NOT], words[SCRIPT_SAY_NOW]);
    for (size_t i = 0; i < QUESTIONS; i++) {
        if ((form->may_ask.bits & scope_bit(questions[i].scope)) == 0) {
            continue;
        }
        fprintf(call->err, "\n%s\n", words[questions[i].say]);
        const int yes = prompt_yes(call, words[questions[i].ask]);
        if (yes < 0) {
            return broken_off(call);
        }
        form->scopes.bits |= yes == 1 ? scope_bit(questions[i].scope) : 0;
    }
    form->explained = true;
    fprintf(call->err, "\n");
    if (form->scopes.bits == 0) { /* nothing more to ask of who wants none of it */
        cli_say(call, text_of_refusal(REFUSAL_NO_SCOPE), NULL);
        return false;
    }
    return true;
}

/* -- who is reached, and how -- */

static bool take_contact(const struct cli_call *call, struct family_form *form) {
    const char *path = cli_text(call, "contact-file", NULL);
    if (path == NULL) {
        return TAKE_TEXT(call, "contact", TEXT_FAMILY_ASK_CONTACT, true, form->contact);
    }
    FILE *file = fopen(path, "re");
    const size_t got = file == NULL ? 0 : fread(form->contact, 1, sizeof(form->contact) - 1, file);
    if (file != NULL) {
        (void)fclose(file);
    }
    form->contact[got] = '\0';
    form->contact[strcspn(form->contact, "\r\n")] = '\0';
    return got > 0 || bad_option(call, "contact-file", path);
}

/* One of the region's organisations, by its id; "" where it need not be one. Who is asked may look
 * at the list and try again. */
static bool take_organisation(const struct cli_call *call, const struct family_form *form,
                              const char *option, enum text_id question, char *to) {
    const bool must = strcmp(option, "fallback-first") == 0;
    for (;;) {
        struct buf buf = {.data = (uint8_t *)to, .size = ORG_ID_MAX + 1};
        char line[300];
        if (!take_text(call, option, question, must, &buf)) {
            return false;
        }
        if (to[0] == '\0' || organisations_can_be_fallback(&form->known, to)) {
            return true;
        }
        text_format(call->lang, TEXT_FAMILY_NO_SUCH_ORG, TEXT_ARGS(to), line, sizeof(line));
        fprintf(call->err, "%s\n", line);
        organisations_say_fallbacks(call, &form->known, call->err);
        if (cli_text(call, option, NULL) != NULL || !prompt_possible()) {
            return false;
        }
    }
}

static bool take_fallbacks(const struct cli_call *call, struct family_form *form) {
    if ((form->scopes.bits & scope_bit(SCOPE_FALLBACK)) == 0) {
        return true;
    }
    return take_organisation(call, form, "fallback-first", TEXT_FAMILY_ASK_FIRST,
                             form->fallback_first) &&
           take_organisation(call, form, "fallback-second", TEXT_FAMILY_ASK_SECOND,
                             form->fallback_second) &&
           take_contact(call, form);
}

/* -- the end, our support, the family's own words -- */

/* A consent ends with a month, and never beyond the day that the family named. */
static int32_t end_of(int32_t day) {
    return month_first_day(month_of_day(day + 1)) - 1;
}

/* The part of the script that tells when it ends and how it's stopped. */
static void say_end(const struct cli_call *call, int32_t end_day) {
    char date[PRINT_DATE_SIZE];
    const char *words = script_of(call->lang)[SCRIPT_SAY_END];
    const char *place = strstr(words, "{0}");
    print_date(script_language(call->lang), end_day, date);
    if (place != NULL) {
        fprintf(call->err, "\n%.*s%s%s\n\n", (int)(place - words), words, date, place + 3);
    }
}

static bool ask_until(const struct cli_call *call, struct family_form *form, int32_t first_day,
                      int32_t last_day) {
    char first[DATE_TEXT_SIZE];
    char last[DATE_TEXT_SIZE];
    char question[200];
    char again[300];
    date_format(first_day, first);
    date_format(last_day, last);
    text_format(call->lang, TEXT_FAMILY_ASK_UNTIL, TEXT_ARGS(last), question, sizeof(question));
    text_format(call->lang, TEXT_FAMILY_UNTIL_AGAIN, TEXT_ARGS(first, last), again, sizeof(again));
    for (;;) {
        int32_t day = last_day;
        if (!prompt_line(call, question, form->until, sizeof(form->until))) {
            return broken_off(call);
        }
        const bool read = form->until[0] == '\0' || date_parse(form->until, &day) == 0;
        if (read && day >= first_day && day <= last_day) {
            say_end(call, end_of(day));
            return true;
        }
        fprintf(call->err, "%s\n", again);
    }
}

static bool take_until(const struct cli_call *call, struct family_form *form) {
    int32_t day;
    const char *given = cli_text(call, "until", NULL);
    const int32_t today = brussels_day((int64_t)time(NULL) * 1000);
    if (given != NULL) {
        (void)snprintf(form->until, sizeof(form->until), "%s", given);
        return date_parse(given, &day) == 0 || bad_option(call, "until", given);
    }
    return !prompt_possible() || ask_until(call, form, month_first_day(month_of_day(today) + 1) - 1,
                                           month_first_day(consent_end_month_max(today)) - 1);
}

static bool take_support(const struct cli_call *call, struct family_form *form) {
    static const enum support_distance by_key[] = {SUPPORT_NEAR, SUPPORT_DISTANT,
                                                   SUPPORT_DISTANCE_NONE};
    const char *given = cli_text(call, "support", NULL);
    if (strcmp(call->command->name, "consent widen") == 0) {
        return true; /* the support that there is goes on */
    }
    if (given != NULL) {
        form->support = support_distance_parse(given);
        if (form->support == SUPPORT_DISTANCE_NONE && strcmp(given, "no") != 0) {
            return bad_option(call, "support", given);
        }
    } else if (prompt_possible()) {
        const int key = prompt_key(call, text_get(call->lang, TEXT_FAMILY_ASK_SUPPORT),
                                   TEXT_FAMILY_KEYS_SUPPORT);
        if (key < 0) {
            return broken_off(call);
        }
        form->support = by_key[key];
    }
    if (form->support == SUPPORT_DISTANCE_NONE) {
        return true;
    }
    return TAKE_TEXT(call, "case", TEXT_FAMILY_ASK_CASE, false, form->case_id);
}

static bool take_teach_back(const struct cli_call *call, struct family_form *form) {
    if (cli_text(call, "teach-back", NULL) == NULL && prompt_possible()) {
        const char *const *words = script_of(call->lang);
        fprintf(call->err, "%s\n", words[SCRIPT_TEACH_SAY]);
    }
    return TAKE_TEXT(call, "teach-back", TEXT_FAMILY_ASK_TEACH, true, form->teach_back);
}

bool family_form_fill(const struct cli_call *call, struct family_form *form) {
    form->explained = cli_flag(call, "explained");
    form->may_ask = organisations_may_ask(&form->known);
    if (!take_language(call, form) || !take_interpreter(call, form) || !take_desk(call, form) ||
        !take_scopes(call, form)) {
        return false;
    }
    if (!form->explained) {
        return missing(call, "explained");
    }
    return take_fallbacks(call, form) && take_until(call, form) && take_support(call, form) &&
           take_teach_back(call, form);
}

static void put(struct json_writer *writer, const char *key, const char *text) {
    if (text[0] != '\0') {
        json_field_text(writer, key, text);
    }
}

void family_form_write(const struct cli_call *call, const struct family_form *form,
                       struct json_writer *writer) {
    json_field_text(writer, "language", form->language.code);
    json_field_bool(writer, "explained_aloud", form->explained);
    json_field_text(writer, "interpreter", interpreter_text(form->interpreter));
    put(writer, "interpreter_desk", form->interpreter_desk);
    put(writer, "teach_back", form->teach_back);
    family_form_write_scopes(writer, form->scopes);
    put(writer, "fallback_first", form->fallback_first);
    put(writer, "fallback_second", form->fallback_second);
    put(writer, "contact", form->contact);
    put(writer, "until", form->until);
    talk_option(call, writer, "ground", NULL);
    talk_option(call, writer, "present", NULL);
    talk_option(call, writer, "telephone", NULL);
    if (cli_text(call, "conference", NULL) != NULL) {
        talk_list(writer, "conference", cli_text(call, "conference", NULL));
    }
    json_field_bool(writer, "show_hidden", cli_flag(call, "show-hidden"));
    if (form->support == SUPPORT_DISTANCE_NONE) {
        return;
    }
    json_put_key(writer, "support");
    json_open_object(writer);
    json_field_text(writer, "kind", cli_text(call, "kind", "professional"));
    json_field_text(writer, "distance", support_distance_text(form->support));
    put(writer, "case", form->case_id);
    json_field_bool(writer, "named", cli_flag(call, "named"));
    json_close_object(writer);
}
