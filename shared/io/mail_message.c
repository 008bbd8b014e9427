#include "shared/io/mail_message.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/civil.h"
#include "shared/io/utf8.h"

enum {
    LOCAL_PART_MAX = 64,     /* RFC 5321, 4.5.3.1.1 */
    LABEL_MAX = 63,          /* RFC 1035, 2.3.4 */
    QUOTED_LINE_MAX = 76,    /* RFC 2045, 6.7, rule 5: with the "=" of a soft break */
    HEADER_LINE_MAX = 76,    /* RFC 2047, 2: of a line with an encoded word */
    SUBJECT_CHUNK_BYTES = 39 /* in base64 and its frame, behind "Subject: ", 73 characters */
};

static bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Runs of letters, digits and `others`, with single dots between them. */
static bool dot_string(const char *text, size_t length, const char *others) {
    if (length == 0 || text[0] == '.' || text[length - 1] == '.') {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '.' ? text[i - 1] == '.'
                           : !is_letter_or_digit(text[i]) && strchr(others, text[i]) == NULL) {
            return false;
        }
    }
    return true;
}

static bool domain_valid(const char *domain) {
    if (!dot_string(domain, strlen(domain), "-")) {
        return false;
    }
    while (*domain != '\0') {
        const size_t length = strcspn(domain, ".");
        if (length > LABEL_MAX || domain[0] == '-' || domain[length - 1] == '-') {
            return false;
        }
        domain += length + (domain[length] == '.' ? 1 : 0);
    }
    return true;
}

bool mail_address_valid(const char *text) {
    if (text == NULL || strnlen(text, MAIL_ADDRESS_BYTES_MAX + 1) > MAIL_ADDRESS_BYTES_MAX) {
        return false;
    }
    const char *at = strchr(text, '@');
    return at != NULL && at - text <= LOCAL_PART_MAX &&
           dot_string(text, (size_t)(at - text), "!#$%&'*+-/=?^_`{|}~") && domain_valid(at + 1);
}

/* UTF-8 without control characters, C1 included (they come as 0xC2 0x80 to 0x9F). */
static bool text_valid(const char *text, const char *controls_allowed) {
    size_t rest = strlen(text);
    while (rest > 0) {
        const size_t bytes = utf8_character_bytes(text, rest);
        const uint8_t first = (uint8_t)text[0];
        if (bytes == 0 || (first < 0x20 && strchr(controls_allowed, text[0]) == NULL) ||
            first == 0x7f || (first == 0xc2 && (uint8_t)text[1] < 0xa0)) {
            return false;
        }
        text += bytes;
        rest -= bytes;
    }
    return true;
}

static int refuse(int error, const char *reason, const char **ret_reason) {
    *ret_reason = reason;
    return error;
}

static int check(const struct mail *mail, const char **ret_reason) {
    if (mail->to_count == 0 || mail->to_count > MAIL_RECIPIENTS_MAX) {
        return refuse(ERR_MALFORMED, "no recipient, or more than eight", ret_reason);
    }
    for (size_t i = 0; i < mail->to_count; i++) {
        if (!mail_address_valid(mail->to[i])) {
            return refuse(ERR_MALFORMED, "a recipient's address is not an address", ret_reason);
        }
    }
    if (strnlen(mail->id, MAIL_ID_CHARACTERS_MAX + 1) > MAIL_ID_CHARACTERS_MAX) {
        return refuse(ERR_TOO_LARGE, "the id is too long", ret_reason);
    }
    if (!dot_string(mail->id, strlen(mail->id), "-")) {
        return refuse(ERR_MALFORMED, "the id is not letters, digits, '-' and '.'", ret_reason);
    }
    if (strnlen(mail->subject, MAIL_SUBJECT_BYTES_MAX + 1) > MAIL_SUBJECT_BYTES_MAX) {
        return refuse(ERR_TOO_LARGE, "the subject is too long", ret_reason);
    }
    if (!text_valid(mail->subject, "")) {
        return refuse(ERR_MALFORMED, "the subject is not one line of UTF-8", ret_reason);
    }
    if (strnlen(mail->body, MAIL_BODY_BYTES_MAX + 1) > MAIL_BODY_BYTES_MAX) {
        return refuse(ERR_TOO_LARGE, "the body is too long", ret_reason);
    }
    if (!text_valid(mail->body, "\n\t")) {
        return refuse(ERR_MALFORMED, "the body is not lines of UTF-8", ret_reason);
    }
    return 0;
}

static void put_base64(FILE *out, const uint8_t *data, size_t length) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < length; i += 3) {
        const size_t left = length - i;
        const uint32_t three = (uint32_t)data[i] << 16 |
                               (left > 1 ? (uint32_t)data[i + 1] << 8 : 0) |
                               (left > 2 ? (uint32_t)data[i + 2] : 0);
        fputc(digits[three >> 18], out);
        fputc(digits[three >> 12 & 63], out);
        fputc(left > 1 ? digits[three >> 6 & 63] : '=', out);
        fputc(left > 2 ? digits[three & 63] : '=', out);
    }
}

/* A plain one could still be taken for an encoded word, and a blank at either end gets lost. */
static bool subject_is_plain(const char *subject) {
    const size_t length = strlen(subject);
    if (length > HEADER_LINE_MAX - strlen("Subject: ") || strstr(subject, "=?") != NULL) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if ((uint8_t)subject[i] >= 0x80) {
            return false;
        }
    }
    return length == 0 || (subject[0] != ' ' && subject[length - 1] != ' ');
}

static void put_subject(FILE *out, const char *subject) {
    if (subject_is_plain(subject)) {
        fprintf(out, "Subject: %s\r\n", subject);
        return;
    }
    fputs("Subject:", out);
    size_t rest = strlen(subject);
    while (rest > 0) {
        size_t chunk = 0;
        size_t next = utf8_character_bytes(subject, rest);
        while (next > 0 && chunk + next <= SUBJECT_CHUNK_BYTES) {
            chunk += next;
            next = utf8_character_bytes(subject + chunk, rest - chunk);
        }
        fputs(" =?utf-8?B?", out);
        put_base64(out, (const uint8_t *)subject, chunk);
        fputs("?=\r\n", out);
        subject += chunk;
        rest -= chunk;
    }
}

static void put_date(FILE *out, int64_t now_ms) {
    static const char weekdays[][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const int32_t day = day_of_instant(now_ms);
    const struct date date = date_from_day(day);
    const int64_t second = (now_ms - (int64_t)day * DAY_MS) / 1000;
    fprintf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", weekdays[weekday_of(day) - 1],
            date.day, months[date.month - 1], date.year, (int)(second / 3600),
            (int)(second / 60 % 60), (int)(second % 60));
}

static void put_headers(FILE *out, const char *from, const struct mail *mail) {
    fprintf(out, "From: %s\r\nTo: %s", from, mail->to[0]);
    for (size_t i = 1; i < mail->to_count; i++) {
        fprintf(out, ",\r\n %s", mail->to[i]);
    }
    fputs("\r\n", out);
    put_date(out, mail->now_ms);
    fprintf(out, "Message-ID: <%s%s>\r\n", mail->id, strchr(from, '@'));
    put_subject(out, mail->subject);
    fputs("Auto-Submitted: auto-generated\r\n"
          "MIME-Version: 1.0\r\n"
          "Content-Type: text/plain; charset=utf-8\r\n"
          "Content-Transfer-Encoding: quoted-printable\r\n"
          "\r\n",
          out);
}

/* A dot that begins a line is written out, so that nothing hangs on who doubles it on the way (RFC
 * 5321, 4.5.2). */
static bool is_literal(char c, size_t column, bool last) {
    if (c == ' ' || c == '\t') {
        return !last;
    }
    return c > ' ' && c < 0x7f && c != '=' && (c != '.' || column > 0);
}

static void put_line(FILE *out, const char *line, size_t length) {
    size_t column = 0;
    for (size_t i = 0; i < length; i++) {
        const bool last = i + 1 == length;
        const size_t width = is_literal(line[i], column, last) ? 1 : 3;
        if (column + width > QUOTED_LINE_MAX - 1) {
            fputs("=\r\n", out);
            column = 0;
        }
        if (is_literal(line[i], column, last)) {
            fputc(line[i], out);
            column += 1;
        } else {
            fprintf(out, "=%02X", (unsigned)(uint8_t)line[i]);
            column += 3;
        }
    }
    fputs("\r\n", out);
}

static void put_body(FILE *out, const char *body) {
    while (*body != '\0') {
        const size_t length = strcspn(body, "\n");
        put_line(out, body, length);
        body += length + (body[length] == '\n' ? 1 : 0);
    }
}

int mail_message_new(const char *from, const struct mail *mail, char **ret_text, size_t *ret_length,
                     const char **ret_reason) {
    const int r = check(mail, ret_reason);
    if (r < 0) {
        return r;
    }
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL) {
        return ERR_NO_MEMORY;
    }
    put_headers(out, from, mail);
    put_body(out, mail->body);
    const bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(text);
        return ERR_NO_MEMORY;
    }
    *ret_text = text;
    *ret_length = length;
    return 0;
}
