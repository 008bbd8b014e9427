/* The card and the pack of blank cards. */
#include <string.h>

#include "shared/base/civil.h"
#include "shared/io/print.h"
#include "shared/io/print_html.h"
#include "shared/io/print_pictograms.h"
#include "shared/io/print_qr.h"
#include "shared/io/print_style.h"
#include "shared/io/print_texts.h"
#include "shared/io/utf8.h"

enum {
    GROUP_LENGTH = 5,
    FIRST_LINE_LENGTH = 4 * GROUP_LENGTH,
    NAME_CHARACTERS_ORDINARY = 90,
    NAME_CHARACTERS_LONG = 180,
    NAME_CHARACTERS_LONGER = 460,
};

static void text_row(const struct sheet *sheet, enum print_key key, const char *pictogram) {
    sheet_row(sheet, &(struct sheet_row){.tag = "p",
                                         .look = pictogram == NULL ? "plain" : NULL,
                                         .pictogram = pictogram,
                                         .key = (int)key,
                                         .lead_key = NO_KEY});
}

static void heading(const struct sheet *sheet, enum print_key key) {
    sheet_row(sheet, &(struct sheet_row){
                         .tag = "h2", .look = "heading", .key = (int)key, .lead_key = NO_KEY});
}

static void arg_row(const struct sheet *sheet, enum print_key key, const char *pictogram,
                    const struct print_arg *arg) {
    sheet_row(sheet, &(struct sheet_row){.tag = "p",
                                         .pictogram = pictogram,
                                         .key = (int)key,
                                         .lead_key = NO_KEY,
                                         .args = arg,
                                         .args_count = 1});
}

static bool code_is_printable(const char *code) {
    if (code == NULL || strlen(code) != PRINT_CODE_LENGTH) {
        return false;
    }
    for (size_t i = 0; i < PRINT_CODE_LENGTH; i++) {
        const char c = code[i];
        const bool dash = i % GROUP_LENGTH == GROUP_LENGTH - 1;
        if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'))) {
            return false;
        }
    }
    return true;
}

/* Four groups above three, beside the square that holds the same text. */
static int key_write(const struct sheet *sheet, const char *code, const struct print_arg *until) {
    html_raw(sheet->out, "<div class=\"key\"><div class=\"square\">");
    const int r = qr_write(sheet->out, code, "QR-code: dezelfde code als hiernaast");
    if (r < 0) {
        return r;
    }
    char first[FIRST_LINE_LENGTH + 1] = {0};
    memcpy(first, code, FIRST_LINE_LENGTH);
    html_raw(sheet->out, "</div>\n<div class=\"half\"><div class=\"code\" dir=\"ltr\" "
                         "translate=\"no\"><span>");
    html_text(sheet->out, first);
    explicit_bzero(first, sizeof(first));
    html_raw(sheet->out, "</span><span>");
    html_text(sheet->out, code + FIRST_LINE_LENGTH);
    html_raw(sheet->out, "</span></div>\n<div class=\"until\">");
    arg_row(sheet, PRINT_VALID_UNTIL, NULL, until);
    html_raw(sheet->out, "</div></div></div>\n");
    return 0;
}

static const char *size_for(size_t name_characters) {
    if (name_characters <= NAME_CHARACTERS_ORDINARY) {
        return "\">\n";
    }
    if (name_characters <= NAME_CHARACTERS_LONG) {
        return " long\">\n";
    }
    return name_characters <= NAME_CHARACTERS_LONGER ? " longer\">\n" : " longest\">\n";
}

/* Ordinary names fit a side; with longer ones its type gets smaller, rather than the card longer.
 */
static void side_begin(const struct sheet *sheet, const char *look, size_t name_characters) {
    html_raw(sheet->out, "<section class=\"side ");
    html_raw(sheet->out, look);
    html_raw(sheet->out, size_for(name_characters));
}

static size_t characters(const char *name) {
    return name == NULL ? 0 : utf8_count(name);
}

static void front_begin(const struct sheet *sheet, enum print_key title, size_t name_characters) {
    side_begin(sheet, title == PRINT_CARD_TITLE ? "front" : "blank", name_characters);
    sheet_row(sheet,
              &(struct sheet_row){
                  .tag = "h1", .look = "plain title", .key = (int)title, .lead_key = NO_KEY});
    sheet_draft_note(sheet);
}

static void side_end(const struct sheet *sheet) {
    html_raw(sheet->out, "</section>\n");
}

static void call_row(const struct sheet *sheet, const char *contact) {
    if (contact != NULL && contact[0] != '\0') {
        struct print_arg line = arg_of(contact);
        line.left_to_right = true;
        arg_row(sheet, PRINT_CALL, PICTOGRAM_CALL, &line);
    }
}

static int front_write(const struct sheet *sheet, const struct card_page *page) {
    char dates[PRINT_COLUMNS_MAX][PRINT_DATE_SIZE];
    struct print_arg until = {0};
    for (size_t i = 0; i < sheet->columns; i++) {
        print_date(sheet->language[i], page->valid_until_day, dates[i]);
        until.in[i] = dates[i];
    }
    front_begin(sheet, PRINT_CARD_TITLE, characters(page->organisation));
    const int r = key_write(sheet, page->code, &until);
    if (r < 0) {
        return r;
    }
    const struct print_arg maker = arg_of(page->organisation);
    text_row(sheet, PRINT_CARD_LINE, NULL);
    heading(sheet, PRINT_CAN_TITLE);
    text_row(sheet, PRINT_CAN_WHO, PICTOGRAM_SUPPORT);
    text_row(sheet, PRINT_CAN_LOOKED, PICTOGRAM_LOOKED);
    text_row(sheet, PRINT_CAN_NOBODY, PICTOGRAM_NOBODY);
    text_row(sheet, PRINT_CAN_STOP, PICTOGRAM_STOP);
    text_row(sheet, PRINT_CAN_INTERPRETER, PICTOGRAM_INTERPRETER);
    text_row(sheet, PRINT_CAN_RENEW, PICTOGRAM_DATE);
    html_raw(sheet->out, "<div class=\"foot\">\n");
    arg_row(sheet, PRINT_MADE_BY, NULL, &maker);
    call_row(sheet, page->contact);
    html_raw(sheet->out, "</div>\n");
    side_end(sheet);
    return 0;
}

static void scope_row(const struct sheet *sheet, bool given, enum print_key key,
                      const struct print_arg *args) {
    sheet_row(sheet, &(struct sheet_row){.tag = "p",
                                         .pictogram = given ? PICTOGRAM_GIVEN : PICTOGRAM_NOT_GIVEN,
                                         .key = (int)key,
                                         .lead_key = given ? PRINT_YES : PRINT_NO,
                                         .args = args,
                                         .args_count = args == NULL ? 0 : PRINT_ARGS_MAX});
}

/* What wasn't given stands there too: a family that sees only its yes doesn't know that it said no.
 */
static void agreed_write(const struct sheet *sheet, const struct print_scopes *scopes) {
    const struct print_arg fallbacks[PRINT_ARGS_MAX] = {arg_of(scopes->first_fallback),
                                                        arg_of(scopes->second_fallback)};
    const struct print_arg invited[PRINT_ARGS_MAX] = {arg_of(scopes->conference_with)};
    const bool named = scopes->fallback_contact;
    const bool two = named && scopes->second_fallback != NULL;
    const bool listed = scopes->case_conference && scopes->conference_with != NULL;
    heading(sheet, PRINT_AGREED_TITLE);
    scope_row(sheet, scopes->presence, PRINT_SCOPE_PRESENCE, NULL);
    scope_row(sheet, scopes->lost_support_alert, PRINT_SCOPE_LOST, NULL);
    scope_row(sheet, scopes->volunteer_concern, PRINT_SCOPE_CONCERN, NULL);
    scope_row(sheet, named,
              two     ? PRINT_SCOPE_FALLBACK_TWO
              : named ? PRINT_SCOPE_FALLBACK_ONE
                      : PRINT_SCOPE_FALLBACK,
              named ? fallbacks : NULL);
    scope_row(sheet, scopes->case_conference,
              listed ? PRINT_SCOPE_CONFERENCE_WITH : PRINT_SCOPE_CONFERENCE,
              listed ? invited : NULL);
    scope_row(sheet, scopes->welcome, PRINT_SCOPE_WELCOME, NULL);
    text_row(sheet, PRINT_CHANGE, NULL);
}

static void back_write(const struct sheet *sheet, const struct card_page *page) {
    const struct print_arg maker = arg_of(page->organisation);
    side_begin(sheet, "back",
               characters(page->organisation) + characters(page->scopes.first_fallback) +
                   characters(page->scopes.second_fallback) +
                   characters(page->scopes.conference_with));
    agreed_write(sheet, &page->scopes);
    heading(sheet, PRINT_NEVER_TITLE);
    text_row(sheet, PRINT_NEVER_NAME, PICTOGRAM_NO_NAME);
    text_row(sheet, PRINT_NEVER_CONTROL, PICTOGRAM_NO_CONTROL);
    text_row(sheet, PRINT_NEVER_NEEDED, PICTOGRAM_HELP);
    heading(sheet, PRINT_SAFE_TITLE);
    text_row(sheet, PRINT_SAFE, PICTOGRAM_SAFE);
    arg_row(sheet, PRINT_LOST, PICTOGRAM_LOST, &maker);
    side_end(sheet);
}

static int optional_check(const char *text) {
    return text == NULL || text[0] == '\0' ? 0 : print_field_check(text);
}

static int words_set(struct sheet *sheet, struct buf *out, struct language code) {
    const struct print_language *language = print_language_for(code);
    if (language == NULL) {
        return ERR_UNSUPPORTED;
    }
    sheet_init(sheet, out, language);
    for (size_t i = 0; i < sheet->columns; i++) {
        sheet->words[i] = print_texts(sheet->language[i]);
    }
    return 0;
}

static int page_check(const struct card_page *page) {
    if (!code_is_printable(page->code) || !day_valid(page->valid_until_day)) {
        return ERR_MALFORMED;
    }
    int r = print_field_check(page->organisation);
    r = r < 0 ? r : optional_check(page->contact);
    return r < 0 ? r : print_scopes_check(&page->scopes);
}

int card_page_write(const struct card_page *page, struct buf *out) {
    struct sheet sheet;
    int r = page_check(page);
    r = r < 0 ? r : words_set(&sheet, out, page->language);
    if (r < 0) {
        return r;
    }
    sheet_begin(&sheet, PRINT_STYLE_CARD);
    r = front_write(&sheet, page);
    if (r < 0) {
        return r;
    }
    back_write(&sheet, page);
    sheet_end(&sheet);
    return out->error;
}

static int blank_write(const struct sheet *sheet, const struct blank_cards_page *page,
                       const char *code) {
    const struct print_arg by_hand = {0};
    const struct print_arg group = arg_of(page->group);
    front_begin(sheet, PRINT_BLANK_TITLE, 4 * characters(page->group));
    const int r = key_write(sheet, code, &by_hand);
    if (r < 0) {
        return r;
    }
    arg_row(sheet, PRINT_BLANK_HOW, NULL, &group);
    text_row(sheet, PRINT_BLANK_CONCERN, PICTOGRAM_SUPPORT);
    text_row(sheet, PRINT_BLANK_FALLBACK, PICTOGRAM_CALL);
    text_row(sheet, PRINT_CHANGE, PICTOGRAM_STOP);
    text_row(sheet, PRINT_NEVER_NAME, PICTOGRAM_NO_NAME);
    text_row(sheet, PRINT_NEVER_NEEDED, PICTOGRAM_HELP);
    heading(sheet, PRINT_SAFE_TITLE);
    text_row(sheet, PRINT_SAFE, PICTOGRAM_SAFE);
    arg_row(sheet, PRINT_LOST, PICTOGRAM_LOST, &group);
    call_row(sheet, page->contact);
    side_end(sheet);
    return 0;
}

int blank_cards_page_write(const struct blank_cards_page *page, struct buf *out) {
    if (page->count == 0 || page->count > PRINT_BLANK_CARDS_MAX) {
        return ERR_MALFORMED;
    }
    struct sheet sheet;
    int r = print_field_check(page->group);
    r = r < 0 ? r : optional_check(page->contact);
    r = r < 0 ? r : words_set(&sheet, out, page->language);
    for (size_t i = 0; r == 0 && i < page->count; i++) {
        r = code_is_printable(page->codes[i]) ? 0 : ERR_MALFORMED;
    }
    if (r < 0) {
        return r;
    }
    sheet_begin(&sheet, PRINT_STYLE_CARD);
    for (size_t i = 0; r == 0 && i < page->count; i++) {
        r = blank_write(&sheet, page, page->codes[i]);
    }
    sheet_end(&sheet);
    return r < 0 ? r : out->error;
}
