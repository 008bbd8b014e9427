#include <string.h>

#include "shared/io/cli_table.h"
#include "shared/io/utf8.h"

enum {
    COLUMN_MAX = 28, /* wider names get a line of their own */
};

const struct cli_option cli_standard_options[CLI_STANDARD_OPTIONS] = {
    {.name = "help", .kind = CLI_FLAG},
    {.name = "lang", .kind = CLI_TEXT, .placeholder = "nl|en|fr"},
    {.name = "version", .kind = CLI_FLAG},
};

static const enum text_id standard_help[CLI_STANDARD_OPTIONS] = {
    TEXT_CLI_HELP_HELP, TEXT_CLI_LANG_HELP, TEXT_CLI_VERSION_HELP};

/* ---- --help ---- */

static void put_row(FILE *out, const char *name, const char *help, const char *mark) {
    const size_t width = utf8_count(name);
    if (width > COLUMN_MAX) {
        fprintf(out, "  %s\n  %*s", name, COLUMN_MAX, "");
    } else {
        fprintf(out, "  %s%*s", name, (int)(COLUMN_MAX - width), "");
    }
    fprintf(out, "  %s", help);
    if (mark != NULL) {
        fprintf(out, " (%s)", mark);
    }
    fprintf(out, "\n");
}

static void option_form(const struct cli_option *option, char *ret, size_t size) {
    snprintf(ret, size, "--%s%s%s", option->name, option->placeholder == NULL ? "" : " ",
             option->placeholder == NULL ? "" : option->placeholder);
}

static void argument_form(const struct cli_argument *argument, char *ret, size_t size) {
    snprintf(ret, size, "%s%s%s%s", argument->optional ? "[" : "", argument->name,
             argument->many ? "..." : "", argument->optional ? "]" : "");
}

static void put_options(FILE *out, const struct cli_option *options, size_t count, enum lang lang) {
    for (size_t i = 0; i < count; i++) {
        char form[80];
        option_form(&options[i], form, sizeof(form));
        put_row(out, form, cli_pick(&options[i].help, lang),
                options[i].required ? text_get(lang, TEXT_CLI_REQUIRED_MARK) : NULL);
    }
}

static void put_standard_options(FILE *out, enum lang lang) {
    for (size_t i = 0; i < CLI_STANDARD_OPTIONS; i++) {
        char form[80];
        option_form(&cli_standard_options[i], form, sizeof(form));
        put_row(out, form, text_get(lang, standard_help[i]), NULL);
    }
}

/* "program command ARGUMENT [--option X]", without a line end. */
static void put_synopsis(FILE *out, const struct cli_program *program,
                         const struct cli_command *command) {
    char form[80];
    fprintf(out, "%s %s", program->name, command->name);
    for (size_t i = 0; i < command->argument_count; i++) {
        argument_form(&command->arguments[i], form, sizeof(form));
        fprintf(out, " %s", form);
    }
    for (size_t i = 0; i < command->option_count; i++) {
        const bool required = command->options[i].required;
        option_form(&command->options[i], form, sizeof(form));
        fprintf(out, required ? " %s" : " [%s]", form);
    }
}

static void put_examples(FILE *out, const struct cli_program *program,
                         const struct cli_command *command) {
    const char *at = command->example;
    while (at != NULL && *at != '\0') {
        const size_t length = strcspn(at, "\n");
        fprintf(out, "  %s %.*s\n", program->name, (int)length, at);
        at += length;
        at += *at == '\n' ? 1 : 0;
    }
}

static void help_of_command(const struct cli_program *program, const struct cli_command *command,
                            enum lang lang, FILE *out) {
    fprintf(out, "%s ", text_get(lang, TEXT_CLI_USAGE));
    put_synopsis(out, program, command);
    fprintf(out, "\n\n%s\n", cli_pick(&command->help, lang));
    if (command->argument_count > 0) {
        fprintf(out, "\n%s\n", text_get(lang, TEXT_CLI_ARGUMENTS));
    }
    for (size_t i = 0; i < command->argument_count; i++) {
        char form[80];
        argument_form(&command->arguments[i], form, sizeof(form));
        put_row(out, form, cli_pick(&command->arguments[i].help, lang), NULL);
    }
    fprintf(out, "\n%s\n", text_get(lang, TEXT_CLI_OPTIONS));
    put_options(out, command->options, command->option_count, lang);
    put_options(out, program->options, program->option_count, lang);
    put_standard_options(out, lang);
    if (command->example != NULL) {
        fprintf(out, "\n%s\n", text_get(lang, TEXT_CLI_EXAMPLE));
        put_examples(out, program, command);
    }
}

static void help_of_program(const struct cli_program *program, enum lang lang, FILE *out) {
    char line[200];
    fprintf(out, "%s %s %s [%s]\n\n%s\n\n%s\n", text_get(lang, TEXT_CLI_USAGE), program->name,
            text_get(lang, TEXT_CLI_COMMAND_WORD), text_get(lang, TEXT_CLI_OPTIONS_WORD),
            cli_pick(&program->help, lang), text_get(lang, TEXT_CLI_COMMANDS));
    for (size_t i = 0; i < program->command_count; i++) {
        put_row(out, program->commands[i].name, cli_pick(&program->commands[i].help, lang), NULL);
    }
    fprintf(out, "\n%s\n", text_get(lang, TEXT_CLI_OPTIONS));
    put_options(out, program->options, program->option_count, lang);
    put_standard_options(out, lang);
    text_format(lang, TEXT_CLI_MORE, TEXT_ARGS(program->name), line, sizeof(line));
    fprintf(out, "\n%s\n", line);
}

void cli_help(const struct cli_program *program, const struct cli_command *command, enum lang lang,
              FILE *out) {
    if (command == NULL) {
        help_of_program(program, lang, out);
    } else {
        help_of_command(program, command, lang, out);
    }
}

/* ---- the man page (groff_man(7)) ---- */

/* A text in which nothing is a request or an escape, and hyphens can be copied. */
static void put_roff(FILE *out, const char *text) {
    bool line_start = true;
    for (; *text != '\0'; text++) {
        if (line_start && (*text == '.' || *text == '\'')) {
            fputs("\\&", out);
        }
        if (*text == '\\') {
            fputs("\\e", out);
        } else if (*text == '-') {
            fputs("\\-", out);
        } else {
            fputc(*text, out);
        }
        line_start = *text == '\n';
    }
}

static void put_roff_item(FILE *out, const char *name, const char *help) {
    fputs(".TP\n.B \"", out);
    put_roff(out, name);
    fputs("\"\n", out);
    put_roff(out, help);
    fputs("\n", out);
}

static void put_roff_options(FILE *out, const struct cli_option *options, size_t count,
                             enum lang lang) {
    for (size_t i = 0; i < count; i++) {
        char form[80];
        option_form(&options[i], form, sizeof(form));
        put_roff_item(out, form, cli_pick(&options[i].help, lang));
    }
}

static void put_roff_command(FILE *out, const struct cli_program *program,
                             const struct cli_command *command, enum lang lang) {
    char line[600] = "";
    FILE *synopsis = fmemopen(line, sizeof(line) - 1, "w");
    if (synopsis != NULL) {
        put_synopsis(synopsis, program, command);
        fclose(synopsis);
    }
    fputs(".SS \"", out);
    put_roff(out, command->name);
    fputs("\"\n.B \"", out);
    put_roff(out, line);
    fputs("\"\n.PP\n", out);
    put_roff(out, cli_pick(&command->help, lang));
    fputs("\n", out);
    for (size_t i = 0; i < command->argument_count; i++) {
        put_roff_item(out, command->arguments[i].name, cli_pick(&command->arguments[i].help, lang));
    }
    put_roff_options(out, command->options, command->option_count, lang);
    const char *at = command->example;
    while (at != NULL && *at != '\0') {
        const size_t length = strcspn(at, "\n");
        snprintf(line, sizeof(line), "%s %.*s", program->name, (int)length, at);
        fputs(".PP\n.EX\n", out);
        put_roff(out, line);
        fputs("\n.EE\n", out);
        at += length;
        at += *at == '\n' ? 1 : 0;
    }
}

struct man_words {
    const char *synopsis, *description, *commands, *options, *status, *statuses[3];
};

static const struct man_words man_words[LANGS] = {
    {"OVERZICHT",
     "BESCHRIJVING",
     "OPDRACHTEN",
     "OPTIES",
     "STATUS",
     {"gelukt", "mislukt; de melding zegt wat te doen", "de opdrachtregel klopt niet"}},
    {"SYNOPSIS",
     "DESCRIPTION",
     "COMMANDS",
     "OPTIONS",
     "EXIT STATUS",
     {"success", "failure; the message says what to do", "the command line is wrong"}},
    {"SYNOPSIS",
     "DESCRIPTION",
     "COMMANDES",
     "OPTIONS",
     "CODE DE RETOUR",
     {"succès", "échec ; le message dit quoi faire", "la ligne de commande est incorrecte"}},
};

void cli_man(const struct cli_program *program, enum lang lang, FILE *out) {
    const struct man_words *words = &man_words[lang];
    static const char *const names[LANGS] = {"NAAM", "NAME", "NOM"};
    fputs(".TH \"", out);
    put_roff(out, program->name);
    fprintf(out, "\" 1 \"\" \"Vangnet %s\"\n.SH %s\n", program->version, names[lang]);
    put_roff(out, program->name);
    fputs(" \\- ", out);
    put_roff(out, cli_pick(&program->help, lang));
    fprintf(out, "\n.SH %s\n.B ", words->synopsis);
    put_roff(out, program->name);
    fprintf(out, "\n.I %s\n[%s]\n.SH %s\n", text_get(lang, TEXT_CLI_COMMAND_WORD),
            text_get(lang, TEXT_CLI_OPTIONS_WORD), words->description);
    put_roff(out, cli_pick(&program->help, lang));
    fprintf(out, "\n.SH %s\n", words->commands);
    for (size_t i = 0; i < program->command_count; i++) {
        put_roff_command(out, program, &program->commands[i], lang);
    }
    fprintf(out, ".SH %s\n", words->options);
    put_roff_options(out, program->options, program->option_count, lang);
    for (size_t i = 0; i < CLI_STANDARD_OPTIONS; i++) {
        char form[80];
        option_form(&cli_standard_options[i], form, sizeof(form));
        put_roff_item(out, form, text_get(lang, standard_help[i]));
    }
    fprintf(out, ".SH \"%s\"\n", words->status);
    for (int i = 0; i < 3; i++) {
        const char digit[2] = {(char)('0' + i), '\0'};
        put_roff_item(out, digit, words->statuses[i]);
    }
}
