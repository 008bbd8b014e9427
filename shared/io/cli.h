/* A program's command line as one table: parsing, --help, suggestions and the man page.
 *
 * The table is data of the shell; what a command does is the shell's too. Nothing here reads the
 * environment, and nothing prints but to the files given. Every program takes --help, --version and
 * --lang besides its own options, --lang anywhere for the whole line. `--name value` and
 * `--name=value` are the same, options and arguments may mix, and after "--" everything is an
 * argument. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "shared/io/text.h"

enum {
    CLI_OPTIONS_MAX = 32, /* a command's own and the program's together */
    CLI_ARGUMENTS_MAX = 16,
};

/* The process's status. */
enum cli_status {
    CLI_OK = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2,
};

/* {Dutch, English, French} */
struct cli_text {
    const char *in[LANGS];
};

enum cli_kind {
    CLI_FLAG,
    CLI_TEXT,
    CLI_INT, /* a whole number that fits int64_t */
};

struct cli_option {
    const char *name; /* without the dashes */
    enum cli_kind kind;
    const char *placeholder; /* "DIR"; NULL for a flag */
    struct cli_text help;
    bool required;
};

struct cli_argument {
    const char *name; /* "FILE.csv" */
    struct cli_text help;
    bool optional; /* only after those that aren't */
    bool many;     /* only the last: one or more, or any number where optional too */
};

struct cli_call;

struct cli_command {
    const char *name; /* may be two words: "token create" */
    struct cli_text help;
    const struct cli_argument *arguments;
    size_t argument_count;
    const struct cli_option *options;
    size_t option_count;
    const char *example; /* what follows the program's name; lines split by '\n' */
    enum cli_status (*run)(void *ctx, const struct cli_call *call);
};

struct cli_program {
    const char *name;
    const char *version;
    struct cli_text help;
    const struct cli_command *commands;
    size_t command_count;
    const struct cli_option *options; /* that every command takes */
    size_t option_count;
};

/* One parsed line; borrows the table and argv. */
struct cli_call {
    const struct cli_program *program;
    const struct cli_command *command;
    enum lang lang;
    const char *arguments[CLI_ARGUMENTS_MAX];
    size_t argument_count;
    struct cli_value {
        const struct cli_option *option;
        const char *text; /* "" for a flag */
        int64_t number;
    } values[CLI_OPTIONS_MAX];
    size_t value_count;
    FILE *out; /* borrowed: where results go, and where complaints go */
    FILE *err;
};

/* The files and the language that hold until --lang names another. */
struct cli_io {
    FILE *out;
    FILE *err;
    enum lang lang;
};

enum cli_outcome {
    CLI_PARSED,
    CLI_SHOWN,   /* --help or --version went to `out`: status CLI_OK */
    CLI_REFUSED, /* what's wrong and what to do went to `err`: status CLI_USAGE */
};

enum cli_outcome cli_parse(const struct cli_program *program, const struct cli_io *io,
                           char *const *argv, struct cli_call *ret);
/* cli_parse, and the command's run. */
enum cli_status cli_main(const struct cli_program *program, const struct cli_io *io,
                         char *const *argv, void *ctx);

/* What the line gave for an option of the table (asserts that the name is in it). */
bool cli_flag(const struct cli_call *call, const char *name);
const char *cli_text(const struct cli_call *call, const char *name, const char *otherwise);
int64_t cli_int(const struct cli_call *call, const char *name, int64_t otherwise);

/* One of a table's three texts. */
const char *cli_pick(const struct cli_text *text, enum lang lang);

/* Says a catalogue text, then the one that says what to do; each on a line of its own, to `err`. */
void cli_say(const struct cli_call *call, struct text_pair pair, const char *const *args);

/* The whole list, or one command's help where `command` isn't NULL. */
void cli_help(const struct cli_program *program, const struct cli_command *command, enum lang lang,
              FILE *out);
/* The man page, section 1, for man(7) macros. It bears the version and no date, so that the same
 * sources always give the same page. */
void cli_man(const struct cli_program *program, enum lang lang, FILE *out);
