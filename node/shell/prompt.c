#include "node/shell/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include "node/shell/family_request.h"
#include "shared/crypto/secret.h"

enum { LINE_SIZE = 2048, TYPED_SIZE = 128 };

bool prompt_possible(void) {
    return isatty(STDIN_FILENO) != 0;
}

/* 1: a line; 0: one that's too long, read past; -1: the end. */
static int read_line(char *ret, size_t size) {
    if (fgets(ret, (int)size, stdin) == NULL) {
        return -1;
    }
    const size_t length = strcspn(ret, "\r\n");
    const bool whole = ret[length] != '\0' || length + 1 < size;
    ret[length] = '\0';
    for (int c = 0; !whole && c != '\n' && c != EOF;) {
        c = fgetc(stdin);
    }
    return whole ? 1 : 0;
}

bool prompt_line(const struct cli_call *call, const char *text, char *ret, size_t size) {
    for (;;) {
        fprintf(call->err, "%s", text);
        (void)fflush(call->err);
        const int got = read_line(ret, size);
        if (got != 0) {
            return got > 0;
        }
        fprintf(call->err, "%s\n", text_get(call->lang, TEXT_FAMILY_AGAIN));
    }
}

/* One letter, alone: an answer that only begins with it may be meant for another question. */
static int key_of(const char *line, const char *list) {
    const bool letter = line[0] != '\0' && line[1 + strspn(line + 1, " \t")] == '\0';
    const char *at = letter ? strchr(list, line[0] | 0x20) : NULL;
    return at == NULL ? -1 : (int)(at - list);
}

int prompt_key(const struct cli_call *call, const char *text, enum text_id keys) {
    char line[64];
    while (prompt_line(call, text, line, sizeof(line))) {
        const int key = key_of(line, text_get(call->lang, keys));
        if (key >= 0) {
            return key;
        }
        fprintf(call->err, "%s\n", text_get(call->lang, TEXT_FAMILY_AGAIN_KEY));
    }
    return -1;
}

int prompt_choice(const struct cli_call *call, enum text_id question, const char *const *words,
                  size_t count) {
    char line[16];
    fprintf(call->err, "%s\n", text_get(call->lang, question));
    for (size_t i = 0; i < count; i++) {
        fprintf(call->err, "  %zu  %s\n", i + 1, words[i]);
    }
    while (prompt_line(call, text_get(call->lang, TEXT_FAMILY_CHOICE), line, sizeof(line))) {
        char *end;
        const unsigned long number = strtoul(line, &end, 10);
        if (*end == '\0' && number >= 1 && number <= count) {
            return (int)number - 1;
        }
        fprintf(call->err, "%s\n", text_get(call->lang, TEXT_FAMILY_AGAIN));
    }
    return -1;
}

int prompt_yes(const struct cli_call *call, const char *text) {
    char question[1200];
    char line[64];
    (void)snprintf(question, sizeof(question), "%s%s", text,
                   text_get(call->lang, TEXT_FAMILY_YES_NO));
    while (prompt_line(call, question, line, sizeof(line))) {
        const int key = key_of(line, text_get(call->lang, TEXT_FAMILY_KEYS_YES_NO));
        if (key == 0 || strcasecmp(line, text_get(call->lang, TEXT_FAMILY_YES)) == 0) {
            return 1;
        }
        if (key == 1 || strcasecmp(line, text_get(call->lang, TEXT_FAMILY_NO)) == 0) {
            return 0;
        }
        fprintf(call->err, "%s\n", text_get(call->lang, TEXT_FAMILY_AGAIN_KEY));
    }
    return -1;
}

/* -- a card -- */

static bool check_card(const struct cli_call *call, const char *typed,
                       char ret_text[static CARD_TEXT_SIZE]) {
    struct card card;
    size_t place;
    char group[12];
    const enum refusal refusal = card_parse(typed, &card, &place);
    if (refusal == REFUSAL_NONE) {
        card_format(&card, ret_text);
        secret_wipe(&card, sizeof(card));
        return true;
    }
    const unsigned number = card_group(typed, place);
    struct text_pair said = text_of_refusal(refusal);
    if (refusal == REFUSAL_MALFORMED) {
        said = (struct text_pair){.what = TEXT_FAMILY_CARD_SHAPE,
                                  .next = text_of_refusal(REFUSAL_MISTYPED).next};
    }
    cli_say(call, said, NULL);
    if (number != 0) {
        char line[160];
        (void)snprintf(group, sizeof(group), "%u", number);
        text_format(call->lang, TEXT_FAMILY_CARD_GROUP, TEXT_ARGS(group), line, sizeof(line));
        fprintf(call->err, "%s\n", line);
    }
    return false;
}

static bool ask_hidden(const struct cli_call *call, enum text_id question, char *typed) {
    struct termios before;
    const bool quiet = tcgetattr(STDIN_FILENO, &before) == 0;
    if (quiet) {
        struct termios hidden = before;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    const bool read = prompt_line(call, text_get(call->lang, question), typed, TYPED_SIZE);
    if (quiet) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    }
    fprintf(call->err, "\n");
    return read;
}

static bool missing_card(const struct cli_call *call) {
    const struct text_pair pair = {.what = TEXT_FAMILY_MISSING, .next = TEXT_FAMILY_MISSING_NEXT};
    cli_say(call, pair, TEXT_ARGS("CARD"));
    return false;
}

bool prompt_card(const struct cli_call *call, const char *argument, enum text_id question,
                 char ret_text[static CARD_TEXT_SIZE]) {
    char typed[TYPED_SIZE] = "";
    bool good = false;
    if (argument != NULL && strcmp(argument, "-") != 0) {
        return check_card(call, argument, ret_text);
    }
    if (argument != NULL) {
        good = read_line(typed, sizeof(typed)) > 0 ? check_card(call, typed, ret_text)
                                                   : missing_card(call);
    } else if (!prompt_possible()) {
        return missing_card(call);
    } else {
        while (!good && ask_hidden(call, question, typed)) {
            good = check_card(call, typed, ret_text);
        }
    }
    secret_wipe(typed, sizeof(typed));
    return good;
}
