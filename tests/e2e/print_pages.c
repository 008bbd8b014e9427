/* Writes printed pages for print_test.py: KIND LANGUAGE ORGANISATION CONTACT CODE... to standard
 * output. The organisation's name stands for every name that a page takes; a card, which has one
 * code, names as many for a conference as there are codes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/civil.h"
#include "shared/io/print.h"

static int usage(void) {
    fputs("usage: print_pages card|blank|script LANGUAGE ORGANISATION CONTACT CODE...\n", stderr);
    return 2;
}

/* The name, so often, as one line. Kept until the next call. */
static const char *list_of(const char *name, int count) {
    static char list[PRINT_LIST_BYTES_MAX + 2];
    size_t length = 0;
    for (int i = 0; i < count && length < sizeof(list); i++) {
        length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s", i == 0 ? "" : ", ",
                                   name);
    }
    return list;
}

static struct print_scopes all_scopes(const char *name, int count) {
    return (struct print_scopes){
        .presence = true,
        .lost_support_alert = true,
        .volunteer_concern = false,
        .fallback_contact = true,
        .case_conference = true,
        .welcome = false,
        .first_fallback = name,
        .second_fallback = name,
        .conference_with = list_of(name, count),
    };
}

static int write_page(char **words, int count, struct buf *out) {
    struct language language;
    if (language_parse(words[1], &language) < 0) {
        return ERR_MALFORMED;
    }
    const int32_t until = day_from_date((struct date){2027, 11, 22});
    if (strcmp(words[0], "card") == 0) {
        return card_page_write(&(struct card_page){.language = language,
                                                   .code = words[4],
                                                   .valid_until_day = until,
                                                   .organisation = words[2],
                                                   .contact = words[3],
                                                   .scopes = all_scopes(words[2], count - 4)},
                               out);
    }
    if (strcmp(words[0], "blank") == 0) {
        return blank_cards_page_write(
            &(struct blank_cards_page){.language = language,
                                       .codes = (const char *const *)&words[4],
                                       .count = (size_t)count - 4,
                                       .group = words[2],
                                       .contact = words[3]},
            out);
    }
    return consent_script_write(&(struct consent_script){.language = language,
                                                         .organisation = words[2],
                                                         .contact = words[3],
                                                         .valid_until_day = until,
                                                         .asked = all_scopes(words[2], 1)},
                                out);
}

int main(int argc, char **argv) {
    if (argc < 6) {
        return usage();
    }
    const size_t size = PRINT_BLANK_HEAD_BYTES + (size_t)argc * PRINT_CARD_BYTES_MAX;
    uint8_t *memory = malloc(size);
    if (memory == NULL) {
        return 1;
    }
    struct buf out = buf_over(memory, size);
    const int r = write_page(argv + 1, argc - 1, &out);
    if (r < 0) {
        fprintf(stderr, "print_pages: %s\n", err_text(r));
    } else {
        fwrite(out.data, 1, out.length, stdout);
    }
    free(memory);
    return r < 0 ? 1 : 0;
}
