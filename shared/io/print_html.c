#include "shared/io/print_html.h"

#include <string.h>

#include "shared/io/print_texts.h"
#include "shared/io/utf8.h"

void html_raw(struct buf *out, const char *markup) {
    buf_raw(out, bytes_from_text(markup));
}

static uint32_t code_point(const char *text, size_t bytes) {
    static const uint8_t masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t value = (uint8_t)text[0] & masks[bytes];
    for (size_t i = 1; i < bytes; i++) {
        value = value << 6 | ((uint8_t)text[i] & 0x3f);
    }
    return value;
}

struct range {
    uint32_t first;
    uint32_t last;
};

static bool within(uint32_t value, const struct range *ranges, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (value >= ranges[i].first && value <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

/* Line and paragraph separators would break a line of ours in two. */
static bool is_blank(uint32_t value) {
    static const struct range ranges[] = {{0x09, 0x0d}, {0x85, 0x85}, {0x2028, 0x2029}};
    return within(value, ranges, sizeof(ranges) / sizeof(ranges[0]));
}

/* Controls, the directional ones (UAX 9, table 4), annotations, noncharacters and tags: nothing
 * that a name needs. Joiners stay, for Persian is written with them. */
static bool is_dropped(uint32_t value) {
    static const struct range ranges[] = {
        {0x00, 0x1f},     {0x7f, 0x9f},     {0x61c, 0x61c},   {0x200e, 0x200f}, {0x202a, 0x202e},
        {0x2066, 0x206f}, {0xfdd0, 0xfdef}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
    };
    return within(value, ranges, sizeof(ranges) / sizeof(ranges[0])) || (value & 0xfffe) == 0xfffe;
}

static const char *entity(char character) {
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static void put_character(struct buf *out, const char *text, size_t bytes) {
    const uint32_t value = code_point(text, bytes);
    if (is_blank(value)) {
        buf_u8(out, ' ');
    } else if (!is_dropped(value)) {
        const char *escaped = bytes == 1 ? entity(text[0]) : NULL;
        if (escaped != NULL) {
            html_raw(out, escaped);
        } else {
            buf_raw(out, (struct bytes){.data = (const uint8_t *)text, .length = bytes});
        }
    }
}

static void put_text(struct buf *out, const char *text, size_t length) {
    while (length > 0) {
        const size_t bytes = utf8_character_bytes(text, length);
        if (bytes == 0) {
            html_raw(out, "\xef\xbf\xbd"); /* U+FFFD */
        } else {
            put_character(out, text, bytes);
        }
        text += bytes == 0 ? 1 : bytes;
        length -= bytes == 0 ? 1 : bytes;
    }
}

void html_text(struct buf *out, const char *text) {
    put_text(out, text, strlen(text));
}

static void put_arg(struct buf *out, const struct print_arg *arg, size_t column) {
    if (arg->in[column] == NULL) {
        html_raw(out, "<span class=\"fill\"></span>");
        return;
    }
    html_raw(out, arg->left_to_right ? "<bdi dir=\"ltr\">" : "<bdi>");
    html_text(out, arg->in[column]);
    html_raw(out, "</bdi>");
}

static void put_pattern(struct buf *out, const char *pattern, const struct sheet_row *row,
                        size_t column) {
    while (*pattern != '\0') {
        const size_t plain = strcspn(pattern, "{");
        put_text(out, pattern, plain);
        pattern += plain;
        if (*pattern == '\0') {
            return;
        }
        const size_t number = (size_t)(pattern[1] - '0');
        if (number < row->args_count && pattern[2] == '}') {
            put_arg(out, &row->args[number], column);
            pattern += 3;
        } else {
            html_raw(out, "{");
            pattern++;
        }
    }
}

static void cell_begin(const struct sheet *sheet, const char *tag, size_t column) {
    const struct print_language *language = sheet->language[column];
    html_raw(sheet->out, "<");
    html_raw(sheet->out, tag);
    html_raw(sheet->out, " class=\"cell\" lang=\"");
    html_raw(sheet->out, language->tag);
    html_raw(sheet->out, language->right_to_left ? "\" dir=\"rtl\">" : "\" dir=\"ltr\">");
}

static void cell_end(const struct sheet *sheet, const char *tag) {
    html_raw(sheet->out, "</");
    html_raw(sheet->out, tag);
    html_raw(sheet->out, ">\n");
}

static void put_cell(const struct sheet *sheet, const struct sheet_row *row, size_t column) {
    const char *const *words = sheet->words[column];
    cell_begin(sheet, row->tag, column);
    if (row->lead_key != NO_KEY) {
        html_raw(sheet->out, "<b>");
        html_text(sheet->out, words[row->lead_key]);
        html_raw(sheet->out, "</b> ");
    }
    put_pattern(sheet->out, words[row->key], row, column);
    cell_end(sheet, row->tag);
}

static void row_begin(const struct sheet *sheet, const char *look) {
    html_raw(sheet->out, sheet->columns == 1 ? "<div class=\"row one " : "<div class=\"row ");
    html_raw(sheet->out, look == NULL ? "" : look);
    html_raw(sheet->out, "\">\n");
}

static void put_mark(const struct sheet *sheet, const char *pictogram) {
    html_raw(sheet->out, "<div class=\"mark\">");
    html_raw(sheet->out, pictogram == NULL ? "" : pictogram);
    html_raw(sheet->out, "</div>\n");
}

/* The pictogram stands between the languages, where both eyes pass; before the only one. */
void sheet_row(const struct sheet *sheet, const struct sheet_row *row) {
    row_begin(sheet, row->look);
    if (sheet->columns == 1) {
        put_mark(sheet, row->pictogram);
        put_cell(sheet, row, 0);
    } else {
        put_cell(sheet, row, 0);
        put_mark(sheet, row->pictogram);
        put_cell(sheet, row, 1);
    }
    html_raw(sheet->out, "</div>\n");
}

void sheet_draft_note(const struct sheet *sheet) {
    if (sheet->columns == 1 || !sheet->language[1]->draft) {
        return;
    }
    row_begin(sheet, "draft");
    cell_begin(sheet, "p", 0);
    html_text(sheet->out, print_draft_note_dutch(sheet->language[1]));
    cell_end(sheet, "p");
    put_mark(sheet, NULL);
    cell_begin(sheet, "p", 1);
    html_text(sheet->out, print_draft_note(sheet->language[1]));
    cell_end(sheet, "p");
    html_raw(sheet->out, "</div>\n");
}

void sheet_init(struct sheet *ret, struct buf *out, const struct print_language *language) {
    const struct print_language *dutch = print_language_for(PRINT_DUTCH);
    *ret = (struct sheet){.out = out,
                          .columns = language == dutch ? 1 : 2,
                          .language = {dutch, language == dutch ? NULL : language}};
}

void sheet_begin(const struct sheet *sheet, const char *style) {
    html_raw(sheet->out,
             "<!DOCTYPE html>\n<html lang=\"nl\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
             "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
             "<meta name=\"referrer\" content=\"no-referrer\">\n"
             "<meta name=\"viewport\" content=\"width=600\">\n" /* A5, whole on a telephone */
             "<title>Vangnet</title>\n<style>\n");
    html_raw(sheet->out, style);
    html_raw(sheet->out, "</style>\n</head>\n<body>\n");
}

void sheet_end(const struct sheet *sheet) {
    html_raw(sheet->out, "</body>\n</html>\n");
}

struct print_arg arg_of(const char *text) {
    return (struct print_arg){.in = {text, text}};
}

static int text_check(const char *text, size_t bytes_max) {
    if (text == NULL || text[0] == '\0') {
        return ERR_MALFORMED;
    }
    return strlen(text) > bytes_max ? ERR_TOO_LARGE : 0;
}

int print_field_check(const char *text) {
    return text_check(text, PRINT_FIELD_BYTES_MAX);
}

int print_scopes_check(const struct print_scopes *scopes) {
    int r = 0;
    if (scopes->fallback_contact) {
        r = print_field_check(scopes->first_fallback);
        r = r < 0 || scopes->second_fallback == NULL ? r
                                                     : print_field_check(scopes->second_fallback);
    }
    if (r == 0 && scopes->case_conference && scopes->conference_with != NULL) {
        r = text_check(scopes->conference_with, PRINT_LIST_BYTES_MAX);
    }
    return r;
}
