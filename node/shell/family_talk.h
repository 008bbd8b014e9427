/* What the commands share that tell the daemon something, above all those about families: sending,
 * writing a page to a file, printing answers. */
#pragma once

#include "node/shell/commands.h"
#include "node/shell/prompt.h"
#include "shared/io/json.h"

enum { TALK_JSON_BYTES_MAX = 8 << 20, TALK_PATH_SIZE = 1024 };

/* POST of what the writer holds, which is wiped; GET where `writer` is NULL. What went wrong was
 * said. The answer is the caller's, for talk_close. */
MUST_CHECK int talk_send(const struct cli_call *call, const char *path, struct json_writer *writer,
                         struct client_response *ret);
void talk_open(const struct client_response *response, struct json_reader *ret);
void talk_close(struct client_response *response, struct json_reader *reader); /* wipes */
/* An answer that needs no words of its own: a line with the members named in it, "-" where one is
 * missing. --json gives it as it came. */
enum cli_status talk_say(const struct cli_call *call, const char *path, struct json_writer *writer,
                         enum text_id line, const char *const *members);

/* A text, or "" where it's missing or null; a number as text. */
const char *talk_text(const struct json_value *from, const char *path);
struct talk_number {
    char text[24];
};
struct talk_number talk_number(const struct json_value *from, const char *path);

/* What happened, in words, by a refusal's code. */
const char *talk_refusal(const struct cli_call *call, const char *code);

/* An option's text into the writer, under its own name or `key`; nothing where it wasn't given. */
void talk_option(const struct cli_call *call, struct json_writer *writer, const char *option,
                 const char *key);
/* Items with commas between, as an array. */
void talk_list(struct json_writer *writer, const char *key, const char *text);
/* A whole number from 1; false: said already. */
bool talk_whole(const struct cli_call *call, const char *name, const char *text, int64_t *ret);
enum cli_status talk_missing(const struct cli_call *call, const char *what);
/* When a consent was given, narrowed or ended, by whom, and the family's own words. */
void talk_consent(const struct cli_call *call, const struct json_value *consent);

/* A file for a page, its owner's alone, made before anything is asked of the daemon: `asked`, or
 * the first name of "STEM.html", "STEM-2.html" ... that's free. */
struct page_file {
    int fd; /* -1: none */
    char path[TALK_PATH_SIZE];
};
MUST_CHECK int page_file_open(const struct cli_call *call, const char *asked, const char *stem,
                              struct page_file *ret);
/* Errors: ERR_IO, said already. */
MUST_CHECK int page_file_keep(const struct cli_call *call, struct page_file *file,
                              const char *page);
void page_file_drop(struct page_file *file); /* what wasn't kept goes */
