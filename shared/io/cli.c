#include "shared/io/cli.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shared/io/cli_table.h"

enum {
    WORD_BYTES_MAX = 48, /* longer words get no suggestion */
    DISTANCE_MAX = 2,
};

struct parser {
    const struct cli_program *program;
    const struct cli_io *io;
    char *const *at; /* the next word */
    bool only_arguments;
    bool help;
    bool version;
    struct cli_call call;
};

/* ---- complaining ---- */

static void say_line(const struct parser *parser, enum text_id id, const char *word) {
    char line[400];
    text_format(parser->call.lang, id, TEXT_ARGS(word), line, sizeof(line));
    fprintf(parser->io->err, "%s\n", line);
}

static enum cli_outcome refuse(const struct parser *parser, enum text_id id, const char *word) {
    char command[120];
    say_line(parser, id, word);
    const struct cli_command *known = parser->call.command;
    snprintf(command, sizeof(command), "%s%s%s", parser->program->name, known == NULL ? "" : " ",
             known == NULL ? "" : known->name);
    say_line(parser, TEXT_CLI_SEE_HELP, command);
    return CLI_REFUSED;
}

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

/* How many slips of the fingers lie between two words: optimal string alignment, inserting, leaving
 * out, changing or swapping neighbours counts one (Damerau, CACM 7(3), 1964). */
static unsigned slips_between(const char *a, const char *b) {
    unsigned rows[3][WORD_BYTES_MAX + 1];
    const size_t a_length = strlen(a);
    const size_t b_length = strlen(b);
    if (a_length > WORD_BYTES_MAX || b_length > WORD_BYTES_MAX) {
        return WORD_BYTES_MAX;
    }
    for (size_t j = 0; j <= b_length; j++) {
        rows[0][j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i - 1) % 3];
        const unsigned *above2 = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_length; j++) {
            const unsigned change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = least(change, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = least(row[j], above2[j - 2] + 1);
            }
        }
    }
    return rows[a_length % 3][b_length];
}

struct guess {
    const char *word;
    unsigned distance;
};

/* A third of the word may be wrong, but never more than two letters. */
static void consider(struct guess *guess, const char *typed, const char *known) {
    const unsigned distance = slips_between(typed, known);
    const unsigned allowed = least(DISTANCE_MAX, (unsigned)(strlen(known) + 2) / 3);
    if (distance <= allowed && distance < guess->distance) {
        *guess = (struct guess){.word = known, .distance = distance};
    }
}

/* ---- the command ---- */

static size_t words_of(const char *name) {
    return strchr(name, ' ') == NULL ? 1 : 2;
}

static bool command_fits(const struct cli_command *command, char *const *at) {
    const size_t first = strcspn(command->name, " ");
    if (strlen(at[0]) != first || strncmp(at[0], command->name, first) != 0) {
        return false;
    }
    return command->name[first] == '\0' ||
           (at[1] != NULL && strcmp(at[1], command->name + first + 1) == 0);
}

/* The first word of commands of two, alone: false where it isn't one. */
static bool list_second_words(const struct parser *parser) {
    bool listed = false;
    if (parser->at[1] != NULL && parser->at[1][0] != '-') {
        return false;
    }
    for (size_t i = 0; i < parser->program->command_count; i++) {
        const char *name = parser->program->commands[i].name;
        const size_t first = strcspn(name, " ");
        if (name[first] == '\0' || strlen(parser->at[0]) != first ||
            strncmp(name, parser->at[0], first) != 0) {
            continue;
        }
        if (!listed) {
            say_line(parser, TEXT_CLI_SECOND_WORD, parser->at[0]);
        }
        fprintf(parser->io->err, "  %s %s\n", parser->program->name, name);
        listed = true;
    }
    return listed;
}

static enum cli_outcome refuse_command(const struct parser *parser) {
    struct guess guess = {.distance = UINT32_MAX};
    char two[2 * WORD_BYTES_MAX];
    const char *second = parser->at[1] == NULL ? "" : parser->at[1];
    snprintf(two, sizeof(two), "%.40s %.40s", parser->at[0], second);
    const char *typed = parser->at[0];
    if (list_second_words(parser)) {
        say_line(parser, TEXT_CLI_SEE_HELP, parser->program->name);
        return CLI_REFUSED;
    }
    for (size_t i = 0; i < parser->program->command_count; i++) {
        const char *name = parser->program->commands[i].name;
        const size_t first = strcspn(name, " ");
        const bool same_first =
            strlen(parser->at[0]) == first && strncmp(name, parser->at[0], first) == 0;
        if (words_of(name) == 2) {
            consider(&guess, two, name);
            typed = same_first ? two : typed;
        } else {
            consider(&guess, parser->at[0], name);
        }
    }
    say_line(parser, TEXT_CLI_UNKNOWN_COMMAND, typed);
    if (guess.word != NULL) {
        say_line(parser, TEXT_CLI_DID_YOU_MEAN, guess.word);
    }
    say_line(parser, TEXT_CLI_SEE_HELP, parser->program->name);
    return CLI_REFUSED;
}

static enum cli_outcome take_command(struct parser *parser) {
    const struct cli_command *found = NULL;
    for (size_t i = 0; i < parser->program->command_count; i++) {
        const struct cli_command *command = &parser->program->commands[i];
        if (command_fits(command, parser->at) &&
            (found == NULL || words_of(command->name) > words_of(found->name))) {
            found = command;
        }
    }
    if (found == NULL) {
        return refuse_command(parser);
    }
    parser->call.command = found;
    parser->at += words_of(found->name);
    return CLI_PARSED;
}

/* ---- options ---- */

static const struct cli_option *option_in(const struct cli_option *options, size_t count,
                                          const char *name) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(options[i].name, name) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

static const struct cli_option *find_option(const struct cli_program *program,
                                            const struct cli_command *command, const char *name) {
    const struct cli_option *found = option_in(cli_standard_options, CLI_STANDARD_OPTIONS, name);
    if (found == NULL) {
        found = option_in(program->options, program->option_count, name);
    }
    if (found == NULL && command != NULL) {
        found = option_in(command->options, command->option_count, name);
    }
    return found;
}

static enum cli_outcome refuse_option(const struct parser *parser, const char *word,
                                      const char *name) {
    struct guess guess = {.distance = UINT32_MAX};
    const struct cli_command *command = parser->call.command;
    for (size_t i = 0; i < CLI_STANDARD_OPTIONS; i++) {
        consider(&guess, name, cli_standard_options[i].name);
    }
    for (size_t i = 0; i < parser->program->option_count; i++) {
        consider(&guess, name, parser->program->options[i].name);
    }
    for (size_t i = 0; command != NULL && i < command->option_count; i++) {
        consider(&guess, name, command->options[i].name);
    }
    if (guess.word != NULL) {
        char with_dashes[WORD_BYTES_MAX + 4];
        snprintf(with_dashes, sizeof(with_dashes), "--%s", guess.word);
        say_line(parser, TEXT_CLI_UNKNOWN_OPTION, word);
        say_line(parser, TEXT_CLI_DID_YOU_MEAN, with_dashes);
        return CLI_REFUSED;
    }
    return refuse(parser, TEXT_CLI_UNKNOWN_OPTION, word);
}

static bool int_parse(const char *text, int64_t *ret) {
    char *end = NULL;
    errno = 0;
    const long long number = strtoll(text, &end, 10);
    if (text[0] == '\0' || text[0] == ' ' || *end != '\0' || errno != 0) {
        return false;
    }
    *ret = number;
    return true;
}

static const struct cli_value *value_of(const struct cli_call *call, const char *name) {
    for (size_t i = 0; i < call->value_count; i++) {
        if (strcmp(call->values[i].option->name, name) == 0) {
            return &call->values[i];
        }
    }
    return NULL;
}

static enum cli_outcome note_option(struct parser *parser, const struct cli_option *option,
                                    const char *word, const char *value) {
    struct cli_value noted = {.option = option, .text = value};
    if (option->kind == CLI_INT && !int_parse(value, &noted.number)) {
        return refuse(parser, TEXT_CLI_OPTION_NOT_INT, word);
    }
    if (value_of(&parser->call, option->name) != NULL) {
        return refuse(parser, TEXT_CLI_OPTION_TWICE, word);
    }
    if (strcmp(option->name, "lang") == 0 && !lang_parse(value, &parser->call.lang)) {
        return refuse(parser, TEXT_CLI_BAD_LANG, value);
    }
    parser->help = parser->help || strcmp(option->name, "help") == 0;
    parser->version = parser->version || strcmp(option->name, "version") == 0;
    assert(parser->call.value_count < CLI_OPTIONS_MAX);
    parser->call.values[parser->call.value_count++] = noted;
    return CLI_PARSED;
}

static enum cli_outcome take_option(struct parser *parser) {
    const char *word = *parser->at++;
    const char *name = strcmp(word, "-h") == 0 ? "help" : word + 2;
    char own_name[WORD_BYTES_MAX + 1];
    const char *value = NULL;
    const char *equals = word[1] == '-' ? strchr(name, '=') : NULL;
    if (equals != NULL) {
        snprintf(own_name, sizeof(own_name), "%.*s", (int)(equals - name), name);
        name = own_name;
        value = equals + 1;
    }
    const struct cli_option *option = NULL;
    if (word[1] == '-' || strcmp(word, "-h") == 0) {
        option = find_option(parser->program, parser->call.command, name);
    }
    if (option == NULL) {
        return refuse_option(parser, word, name);
    }
    if (option->kind == CLI_FLAG) {
        return value != NULL ? refuse(parser, TEXT_CLI_OPTION_TAKES_NONE, word)
                             : note_option(parser, option, word, "");
    }
    if (value == NULL && (*parser->at == NULL || strncmp(*parser->at, "--", 2) == 0)) {
        return refuse(parser, TEXT_CLI_OPTION_NEEDS_VALUE, word);
    }
    return note_option(parser, option, word, value != NULL ? value : *parser->at++);
}

/* ---- the whole line ---- */

static bool may_have_more(const struct cli_call *call) {
    const struct cli_command *command = call->command;
    if (call->argument_count == CLI_ARGUMENTS_MAX) {
        return false;
    }
    return call->argument_count < command->argument_count ||
           (command->argument_count > 0 && command->arguments[command->argument_count - 1].many);
}

static enum cli_outcome take_word(struct parser *parser) {
    const char *word = *parser->at;
    if (!parser->only_arguments && strcmp(word, "--") == 0) {
        parser->only_arguments = true;
        parser->at++;
        return CLI_PARSED;
    }
    if (!parser->only_arguments && word[0] == '-' && word[1] != '\0') {
        return take_option(parser);
    }
    if (parser->call.command == NULL) {
        return take_command(parser);
    }
    if (!may_have_more(&parser->call)) {
        return refuse(parser, TEXT_CLI_ARGUMENT_EXTRA, word);
    }
    parser->call.arguments[parser->call.argument_count++] = word;
    parser->at++;
    return CLI_PARSED;
}

static enum cli_outcome check_options(const struct parser *parser, const struct cli_option *options,
                                      size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (options[i].required && value_of(&parser->call, options[i].name) == NULL) {
            char word[WORD_BYTES_MAX + 4];
            snprintf(word, sizeof(word), "--%s", options[i].name);
            return refuse(parser, TEXT_CLI_OPTION_MISSING, word);
        }
    }
    return CLI_PARSED;
}

static enum cli_outcome check_whole(const struct parser *parser) {
    const struct cli_command *command = parser->call.command;
    if (command == NULL) {
        return refuse(parser, TEXT_CLI_NO_COMMAND, "");
    }
    for (size_t i = parser->call.argument_count; i < command->argument_count; i++) {
        if (!command->arguments[i].optional) {
            return refuse(parser, TEXT_CLI_ARGUMENT_MISSING, command->arguments[i].name);
        }
    }
    const enum cli_outcome outcome =
        check_options(parser, parser->program->options, parser->program->option_count);
    return outcome != CLI_PARSED ? outcome
                                 : check_options(parser, command->options, command->option_count);
}

/* Help and complaints too are in the language that stands further on: no value starts with two
 * dashes, so that the word is that option wherever it stands. */
static enum lang lang_ahead(char *const *at, enum lang otherwise) {
    enum lang lang = otherwise;
    for (; *at != NULL && strcmp(*at, "--") != 0; at++) {
        if (strncmp(*at, "--lang=", 7) == 0) {
            (void)lang_parse(*at + 7, &lang);
        } else if (strcmp(*at, "--lang") == 0) {
            (void)lang_parse(at[1], &lang);
        }
    }
    return lang;
}

enum cli_outcome cli_parse(const struct cli_program *program, const struct cli_io *io,
                           char *const *argv, struct cli_call *ret) {
    struct parser parser = {
        .program = program,
        .io = io,
        .at = argv[0] == NULL ? argv : argv + 1,
        .call = {.program = program, .out = io->out, .err = io->err},
    };
    parser.call.lang = lang_ahead(parser.at, io->lang);
    enum cli_outcome outcome = CLI_PARSED;
    while (*parser.at != NULL && outcome == CLI_PARSED && !parser.help) {
        outcome = take_word(&parser);
    }
    if (outcome != CLI_PARSED) {
        return outcome;
    }
    if (parser.help) {
        cli_help(program, parser.call.command, parser.call.lang, io->out);
        return CLI_SHOWN;
    }
    if (parser.version) {
        fprintf(io->out, "%s %s\n", program->name, program->version);
        return CLI_SHOWN;
    }
    outcome = check_whole(&parser);
    if (outcome == CLI_PARSED) {
        *ret = parser.call;
    }
    return outcome;
}

enum cli_status cli_main(const struct cli_program *program, const struct cli_io *io,
                         char *const *argv, void *ctx) {
    struct cli_call call;
    const enum cli_outcome outcome = cli_parse(program, io, argv, &call);
    if (outcome == CLI_PARSED) {
        return call.command->run(ctx, &call);
    }
    return outcome == CLI_SHOWN ? CLI_OK : CLI_USAGE;
}

/* ---- what a command asks ---- */

static const struct cli_value *known_value(const struct cli_call *call, const char *name) {
    assert(find_option(call->program, call->command, name) != NULL);
    return value_of(call, name);
}

bool cli_flag(const struct cli_call *call, const char *name) {
    return known_value(call, name) != NULL;
}

const char *cli_text(const struct cli_call *call, const char *name, const char *otherwise) {
    const struct cli_value *value = known_value(call, name);
    return value == NULL ? otherwise : value->text;
}

int64_t cli_int(const struct cli_call *call, const char *name, int64_t otherwise) {
    const struct cli_value *value = known_value(call, name);
    return value == NULL ? otherwise : value->number;
}

const char *cli_pick(const struct cli_text *text, enum lang lang) {
    return text->in[lang] != NULL ? text->in[lang] : "";
}

void cli_say(const struct cli_call *call, struct text_pair pair, const char *const *args) {
    char line[600];
    text_format(call->lang, pair.what, args, line, sizeof(line));
    fprintf(call->err, "%s\n", line);
    text_format(call->lang, pair.next, args, line, sizeof(line));
    fprintf(call->err, "%s\n", line);
}
