#include "shared/io/print_script.h"

#include <string.h>

#include "shared/base/civil.h"
#include "shared/io/print_html.h"
#include "shared/io/print_pictograms.h"
#include "shared/io/print_style.h"
#include "shared/io/print_texts.h"

#define SCRIPT_TEXT(key, text) [SCRIPT_##key] = text,
static const struct {
    const char *language;
    const char *words[SCRIPT_KEYS];
} scripts[] = {
    {"nld",
     {
#include "shared/io/print_script_nld.inc"
     }},
    {"fra",
     {
#include "shared/io/print_script_fra.inc"
     }},
    {"eng",
     {
#include "shared/io/print_script_eng.inc"
     }},
};
#undef SCRIPT_TEXT

static const char *const key_names[SCRIPT_KEYS] = {
#define SCRIPT_TEXT(key, text) [SCRIPT_##key] = #key,
#include "shared/io/print_script_nld.inc"
#undef SCRIPT_TEXT
};

const char *script_key_name(enum script_key key) {
    return key_names[key];
}

const char *const *script_texts(const struct print_language *language) {
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        if (strcmp(scripts[i].language, language->language.code) == 0) {
            return scripts[i].words;
        }
    }
    return NULL;
}

static void row(const struct sheet *sheet, const char *look, enum script_key key,
                const struct print_arg *args) {
    sheet_row(sheet, &(struct sheet_row){.tag = "p",
                                         .look = look,
                                         .key = (int)key,
                                         .lead_key = NO_KEY,
                                         .args = args,
                                         .args_count = args == NULL ? 0 : PRINT_ARGS_MAX});
}

static void heading(const struct sheet *sheet, const char *tag, const char *look,
                    enum script_key key, const char *pictogram) {
    sheet_row(
        sheet,
        &(struct sheet_row){
            .tag = tag, .look = look, .pictogram = pictogram, .key = (int)key, .lead_key = NO_KEY});
}

/* Boxes to tick, as far as the first key that is NO_KEY. */
static void boxes(const struct sheet *sheet, int first_key, int second_key) {
    const int keys[] = {first_key, second_key};
    html_raw(sheet->out, "<p class=\"boxes\">");
    for (size_t i = 0; i < 2 && keys[i] != NO_KEY; i++) {
        html_raw(sheet->out, "<span class=\"answer\"><span class=\"box\"></span>");
        for (size_t column = 0; column < sheet->columns; column++) {
            html_raw(sheet->out, column == 0 ? "" : " / ");
            html_text(sheet->out, sheet->words[column][keys[i]]);
        }
        html_raw(sheet->out, "</span>\n");
    }
    html_raw(sheet->out, "</p>\n");
}

/* A scope's question; its own words are NO_KEY or `detail`, which takes the arguments. */
struct question {
    bool asked;
    enum script_key title;
    enum script_key say;
    enum script_key ask;
    const char *pictogram;
    int detail;
    const struct print_arg *args;
};

static void question_write(const struct sheet *sheet, const struct question *question) {
    html_raw(sheet->out, "<div class=\"together\">\n");
    heading(sheet, "h2", "question", question->title, question->pictogram);
    row(sheet, NULL, question->say, NULL);
    if (question->detail != NO_KEY) {
        row(sheet, NULL, (enum script_key)question->detail, question->args);
    }
    row(sheet, "ask", question->ask, NULL);
    boxes(sheet, SCRIPT_YES, SCRIPT_NO);
    html_raw(sheet->out, "</div>\n");
}

#define QUESTION(scope, name, drawing)                                                             \
    {                                                                                              \
        .asked = (scope), .title = SCRIPT_##name##_TITLE, .say = SCRIPT_##name##_SAY,              \
        .ask = SCRIPT_##name##_ASK, .pictogram = (drawing), .detail = NO_KEY                       \
    }

static void questions_write(const struct sheet *sheet, const struct print_scopes *asked) {
    const struct print_arg fallbacks[PRINT_ARGS_MAX] = {arg_of(asked->first_fallback),
                                                        arg_of(asked->second_fallback)};
    const struct print_arg invited[PRINT_ARGS_MAX] = {arg_of(asked->conference_with)};
    struct question fallback = QUESTION(asked->fallback_contact, FALLBACK, PICTOGRAM_CALL);
    fallback.detail =
        asked->second_fallback == NULL ? (int)SCRIPT_FALLBACK_ONE : (int)SCRIPT_FALLBACK_TWO;
    fallback.args = fallbacks;
    struct question conference =
        QUESTION(asked->case_conference, CONFERENCE, PICTOGRAM_INTERPRETER);
    conference.detail = asked->conference_with == NULL ? NO_KEY : (int)SCRIPT_CONFERENCE_WITH;
    conference.args = invited;
    const struct question all[] = {
        QUESTION(asked->presence, PRESENCE, PICTOGRAM_LOOKED),
        QUESTION(asked->lost_support_alert, LOST, PICTOGRAM_NOBODY),
        QUESTION(asked->volunteer_concern, CONCERN, PICTOGRAM_SUPPORT),
        fallback,
        conference,
        QUESTION(asked->welcome, WELCOME, PICTOGRAM_HOME),
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (all[i].asked) {
            question_write(sheet, &all[i]);
        }
    }
}

static void teach_back_write(const struct sheet *sheet) {
    static const enum script_key pairs[][2] = {
        {SCRIPT_TEACH_REFUSE, SCRIPT_TEACH_REFUSE_GOOD},
        {SCRIPT_TEACH_YES, SCRIPT_TEACH_YES_GOOD},
        {SCRIPT_TEACH_WHO, SCRIPT_TEACH_WHO_GOOD},
        {SCRIPT_TEACH_STOP, SCRIPT_TEACH_STOP_GOOD},
        {SCRIPT_TEACH_LOST, SCRIPT_TEACH_LOST_GOOD},
    };
    heading(sheet, "h2", "heading", SCRIPT_TEACH_TITLE, NULL);
    row(sheet, NULL, SCRIPT_TEACH_SAY, NULL);
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        html_raw(sheet->out, "<div class=\"together\">\n");
        row(sheet, "ask", pairs[i][0], NULL);
        row(sheet, "aside", pairs[i][1], NULL);
        boxes(sheet, SCRIPT_TEACH_RIGHT, NO_KEY);
        html_raw(sheet->out, "</div>\n");
    }
    row(sheet, "aside", SCRIPT_TEACH_AGAIN, NULL);
}

static void asides_write(const struct sheet *sheet, enum script_key title, enum script_key first,
                         enum script_key last) {
    heading(sheet, "h2", "heading", title, NULL);
    for (int key = (int)first; key <= (int)last; key++) {
        row(sheet, "aside", (enum script_key)key, NULL);
    }
}

static void script_write(const struct sheet *sheet, const struct consent_script *script) {
    char dates[PRINT_COLUMNS_MAX][PRINT_DATE_SIZE];
    struct print_arg until[PRINT_ARGS_MAX] = {0};
    const struct print_arg asker[PRINT_ARGS_MAX] = {arg_of(script->organisation)};
    for (size_t i = 0; i < sheet->columns; i++) {
        print_date(sheet->language[i], script->valid_until_day, dates[i]);
        until[0].in[i] = dates[i];
    }
    heading(sheet, "h1", NULL, SCRIPT_TITLE, NULL);
    row(sheet, NULL, SCRIPT_ASKED_BY, asker);
    row(sheet, NULL, SCRIPT_UNTIL, until);
    const struct print_language *family = print_language_for(script->language);
    if (family == NULL || script_texts(family) == NULL) {
        row(sheet, "note", SCRIPT_INTERPRETER_NOTE, NULL);
    }
    asides_write(sheet, SCRIPT_BEFORE_TITLE, SCRIPT_BEFORE_INTERPRETER, SCRIPT_BEFORE_DOUBT);
    heading(sheet, "h2", "heading", SCRIPT_SAY_TITLE, NULL);
    row(sheet, NULL, SCRIPT_SAY_FREE, NULL);
    row(sheet, NULL, SCRIPT_SAY_WHAT, NULL);
    row(sheet, NULL, SCRIPT_SAY_END, until);
    row(sheet, NULL, SCRIPT_SAY_NOT, NULL);
    row(sheet, NULL, SCRIPT_SAY_NOW, NULL);
    questions_write(sheet, &script->asked);
    teach_back_write(sheet);
    asides_write(sheet, SCRIPT_AFTER_TITLE, SCRIPT_AFTER_CARD, SCRIPT_AFTER_PAPER);
    if (script->contact != NULL && script->contact[0] != '\0') {
        struct print_arg line[PRINT_ARGS_MAX] = {arg_of(script->contact)};
        line[0].left_to_right = true;
        row(sheet, NULL, SCRIPT_CALL, line);
    }
}

static int script_check(const struct consent_script *script) {
    const struct print_scopes *asked = &script->asked;
    const bool any = asked->presence || asked->lost_support_alert || asked->volunteer_concern ||
                     asked->fallback_contact || asked->case_conference || asked->welcome;
    if (!any || !day_valid(script->valid_until_day)) {
        return ERR_MALFORMED;
    }
    const int r = print_field_check(script->organisation);
    if (r < 0) {
        return r;
    }
    if (script->contact != NULL && strlen(script->contact) > PRINT_FIELD_BYTES_MAX) {
        return ERR_TOO_LARGE;
    }
    return print_scopes_check(asked);
}

int consent_script_write(const struct consent_script *script, struct buf *out) {
    const int r = script_check(script);
    if (r < 0) {
        return r;
    }
    const struct print_language *family = print_language_for(script->language);
    if (family == NULL || script_texts(family) == NULL) {
        family = print_language_for(PRINT_ENGLISH);
    }
    struct sheet sheet;
    sheet_init(&sheet, out, family);
    for (size_t i = 0; i < sheet.columns; i++) {
        sheet.words[i] = script_texts(sheet.language[i]);
    }
    sheet_begin(&sheet, PRINT_STYLE_SCRIPT);
    script_write(&sheet, script);
    sheet_end(&sheet);
    return out->error;
}
