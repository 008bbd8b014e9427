#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/io/cli.h"

static enum cli_status run_load(void *ctx, const struct cli_call *call) {
    *(const struct cli_command **)ctx = call->command;
    fprintf(call->out, "ran %s", call->command->name);
    return CLI_FAILED;
}

static const struct cli_option load_options[] = {
    {.name = "json", .kind = CLI_FLAG, .help = {{"toon JSON", "show JSON", "affiche du JSON"}}},
    {.name = "weeks",
     .kind = CLI_INT,
     .placeholder = "N",
     .help = {{"aantal weken", "number of weeks", "nombre de semaines"}}},
};
static const struct cli_argument import_arguments[] = {
    {.name = "FILE.csv", .help = {{"het bestand", "the file", "le fichier"}}},
    {.name = "MORE.csv", .help = {{"nog", "more", "encore"}}, .optional = true, .many = true},
};
static const struct cli_option token_options[] = {
    {.name = "user",
     .kind = CLI_TEXT,
     .placeholder = "ID",
     .required = true,
     .help = {{"voor wie", "for whom", "pour qui"}}},
};
static const struct cli_command commands[] = {
    {.name = "load",
     .help = {{"toon de belasting", "show the load", "affiche la charge"}},
     .options = load_options,
     .option_count = 2,
     .example = "load --weeks 4\nload --json",
     .run = run_load},
    {.name = "import",
     .help = {{".lees in", ".import it", ".importe"}},
     .arguments = import_arguments,
     .argument_count = 2,
     .example = "import a.csv"},
    {.name = "token create",
     .help = {{"maak een token", "make a token", "crée un jeton"}},
     .options = token_options,
     .option_count = 1,
     .example = "token create --user els"},
    {.name = "import all", .help = {{"alles", "everything", "tout"}}},
    {.name = "token list", .help = {{"toon tokens", "list tokens", "liste les jetons"}}},
};
static const struct cli_option common[] = {
    {.name = "dir",
     .kind = CLI_TEXT,
     .placeholder = "MAP",
     .help = {{"de map", "the directory", "le dossier"}}},
};
static const struct cli_program program = {
    .name = "vangnet-x",
    .version = "1.2",
    .help = {{"een proef", "a trial", "un essai"}},
    .commands = commands,
    .command_count = 5,
    .options = common,
    .option_count = 1,
};

static char *printed;
static char *complained;
static size_t printed_length;
static size_t complained_length;

static void forget(void) {
    free(printed);
    free(complained);
    printed = NULL;
    complained = NULL;
}

static int teardown(void **state) {
    (void)state;
    forget();
    return 0;
}

/* Splits at spaces; no word of these tests has one. */
static enum cli_outcome parse(const char *line, enum lang lang, struct cli_call *ret) {
    static char text[300];
    char *argv[24] = {"vangnet-x"};
    size_t count = 1;
    forget();
    snprintf(text, sizeof(text), "%s", line);
    for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " ")) {
        argv[count++] = word;
    }
    const struct cli_io io = {.out = open_memstream(&printed, &printed_length),
                              .err = open_memstream(&complained, &complained_length),
                              .lang = lang};
    const enum cli_outcome outcome = cli_parse(&program, &io, argv, ret);
    fclose(io.out);
    fclose(io.err);
    return outcome;
}

static void options_and_arguments_may_mix(void **state) {
    (void)state;
    struct cli_call call;
    assert_int_equal(parse("--dir /a import --lang=fr x.csv -- --y.csv -", LANG_NL, &call),
                     CLI_PARSED);
    assert_string_equal(call.command->name, "import");
    assert_string_equal(cli_text(&call, "dir", "none"), "/a");
    assert_int_equal(call.lang, LANG_FR);
    assert_int_equal(call.argument_count, 3);
    assert_string_equal(call.arguments[0], "x.csv");
    assert_string_equal(call.arguments[1], "--y.csv");
    assert_string_equal(call.arguments[2], "-");
}

static void values_are_typed_and_defaults_are_the_callers(void **state) {
    (void)state;
    struct cli_call call;
    assert_int_equal(parse("load --weeks=-3 --json", LANG_NL, &call), CLI_PARSED);
    assert_int_equal(cli_int(&call, "weeks", 1), -3);
    assert_true(cli_flag(&call, "json"));
    assert_string_equal(cli_text(&call, "dir", "here"), "here");
    assert_int_equal(parse("load", LANG_NL, &call), CLI_PARSED);
    assert_int_equal(cli_int(&call, "weeks", 1), 1);
    assert_false(cli_flag(&call, "json"));
}

static void a_command_may_be_two_words(void **state) {
    (void)state;
    struct cli_call call;
    assert_int_equal(parse("token create --user els", LANG_NL, &call), CLI_PARSED);
    assert_string_equal(call.command->name, "token create");
    assert_int_equal(call.argument_count, 0);
    assert_int_equal(parse("import all", LANG_NL, &call), CLI_PARSED);
    assert_string_equal(call.command->name, "import all"); /* not "import" of a file "all" */
}

static void what_is_wrong_is_said_with_what_to_do(void **state) {
    (void)state;
    static const struct {
        const char *line;
        const char *complaint;
    } cases[] = {
        {"", "There is no command.\nSee \"vangnet-x --help\".\n"},
        {"laod", "\"laod\" isn't a command.\nDid you mean \"load\"?\nSee \"vangnet-x --help\".\n"},
        {"xyzzy", "\"xyzzy\" isn't a command.\nSee \"vangnet-x --help\".\n"},
        {"token",
         "Another word comes after \"token\":\n  vangnet-x token create\n  vangnet-x token list\n"
         "See \"vangnet-x --help\".\n"},
        {"token creat", "\"token creat\" isn't a command.\nDid you mean \"token create\"?\n"
                        "See \"vangnet-x --help\".\n"},
        {"load --jsn", "There is no option \"--jsn\" here.\nDid you mean \"--json\"?\n"},
        {"load --dri /a", "There is no option \"--dri\" here.\nDid you mean \"--dir\"?\n"},
        {"load --quux", "There is no option \"--quux\" here.\nSee \"vangnet-x load --help\".\n"},
        {"load -j", "There is no option \"-j\" here.\nSee \"vangnet-x load --help\".\n"},
        {"load --weeks", "The option \"--weeks\" needs a value.\nSee \"vangnet-x load --help\".\n"},
        {"load --weeks --json",
         "The option \"--weeks\" needs a value.\nSee \"vangnet-x load --help\".\n"},
        {"load --weeks 4x",
         "The value of \"--weeks\" must be a whole number.\nSee \"vangnet-x load --help\".\n"},
        {"load --weeks 99999999999999999999",
         "The value of \"--weeks\" must be a whole number.\nSee \"vangnet-x load --help\".\n"},
        {"load --json=1",
         "The option \"--json=1\" takes no value.\nSee \"vangnet-x load --help\".\n"},
        {"load --json --json",
         "The option \"--json\" stands twice.\nSee \"vangnet-x load --help\".\n"},
        {"load extra", "\"extra\" is one argument too many.\nSee \"vangnet-x load --help\".\n"},
        {"import", "The argument FILE.csv is missing.\nSee \"vangnet-x import --help\".\n"},
        {"token create",
         "The option \"--user\" is required.\nSee \"vangnet-x token create --help\".\n"},
        {"load --lang xx",
         "\"xx\" isn't a language of this program: choose \"nl\", \"en\" or \"fr\".\n"
         "See \"vangnet-x load --help\".\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cli_call call;
        assert_int_equal(parse(cases[i].line, LANG_EN, &call), CLI_REFUSED);
        assert_string_equal(complained, cases[i].complaint);
        assert_string_equal(printed, "");
    }
}

static void help_of_a_command_shows_its_options_and_an_example(void **state) {
    (void)state;
    struct cli_call call;
    assert_int_equal(parse("load --help", LANG_NL, &call), CLI_SHOWN);
    assert_string_equal(printed, "Gebruik: vangnet-x load [--json] [--weeks N]\n"
                                 "\n"
                                 "toon de belasting\n"
                                 "\n"
                                 "Opties:\n"
                                 "  --json                        toon JSON\n"
                                 "  --weeks N                     aantal weken\n"
                                 "  --dir MAP                     de map\n"
                                 "  --help                        toon deze uitleg\n"
                                 "  --lang nl|en|fr               taal: \"nl\", \"en\" of \"fr\"\n"
                                 "  --version                     toon de versie\n"
                                 "\n"
                                 "Voorbeeld:\n"
                                 "  vangnet-x load --weeks 4\n"
                                 "  vangnet-x load --json\n");
    assert_int_equal(parse("import -h", LANG_FR, &call), CLI_SHOWN);
    assert_non_null(strstr(printed, "vangnet-x import FILE.csv [MORE.csv...]\n"));
    assert_int_equal(parse("token create --lang en --help", LANG_NL, &call), CLI_SHOWN);
    assert_non_null(strstr(printed, "vangnet-x token create --user ID\n"));
    assert_non_null(strstr(printed, "for whom (required)\n"));
}

static void the_language_holds_wherever_it_stands(void **state) {
    (void)state;
    struct cli_call call;
    assert_int_equal(parse("--help --lang en", LANG_NL, &call), CLI_SHOWN);
    assert_non_null(strstr(printed, "Usage:"));
    assert_int_equal(parse("load -h --lang=fr", LANG_NL, &call), CLI_SHOWN);
    assert_non_null(strstr(printed, "affiche la charge"));
    assert_int_equal(parse("load --nothing --lang en", LANG_NL, &call), CLI_REFUSED);
    assert_non_null(strstr(complained, "There is no option"));
    assert_int_equal(parse("import --lang fr a.csv", LANG_NL, &call), CLI_PARSED);
    assert_int_equal(call.lang, LANG_FR);
    assert_int_equal(parse("import -- a.csv --lang fr", LANG_NL, &call), CLI_PARSED);
    assert_int_equal(call.lang, LANG_NL);
    assert_int_equal(parse("load --lang de", LANG_NL, &call), CLI_REFUSED);
    assert_int_equal(parse("load --lang", LANG_NL, &call), CLI_REFUSED);
}

static void help_of_the_program_lists_every_command(void **state) {
    (void)state;
    struct cli_call call;
    assert_int_equal(parse("--help", LANG_EN, &call), CLI_SHOWN);
    for (size_t i = 0; i < program.command_count; i++) {
        assert_non_null(strstr(printed, program.commands[i].name));
        assert_non_null(strstr(printed, program.commands[i].help.in[LANG_EN]));
    }
    assert_non_null(strstr(printed, "\"vangnet-x COMMAND --help\" explains a command"));
    assert_int_equal(parse("--version", LANG_EN, &call), CLI_SHOWN);
    assert_string_equal(printed, "vangnet-x 1.2\n");
}

static void the_status_is_the_commands_or_says_usage(void **state) {
    (void)state;
    static char *const good[] = {"vangnet-x", "load", NULL};
    static char *const bad[] = {"vangnet-x", "loda", "x", NULL};
    static char *const help[] = {"vangnet-x", "--help", NULL};
    const struct cli_command *ran = NULL;
    forget();
    const struct cli_io io = {.out = open_memstream(&printed, &printed_length),
                              .err = open_memstream(&complained, &complained_length),
                              .lang = LANG_NL};
    assert_int_equal(cli_main(&program, &io, good, &ran), CLI_FAILED);
    assert_ptr_equal(ran, &commands[0]);
    assert_int_equal(cli_main(&program, &io, bad, &ran), CLI_USAGE);
    assert_int_equal(cli_main(&program, &io, help, &ran), CLI_OK);
    fclose(io.out);
    fclose(io.err);
}

/* groff(7): a line that starts with '.' is a request, '\' starts an escape, and a bare '-' may
 * become a hyphen that nobody can paste. */
static void the_man_page_names_all_and_lets_no_text_be_a_request(void **state) {
    (void)state;
    char *page = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&page, &length);
    cli_man(&program, LANG_EN, out);
    fclose(out);
    assert_non_null(strstr(page, ".TH \"vangnet\\-x\" 1 \"\" \"Vangnet 1.2\"\n"));
    assert_non_null(strstr(page, ".SS \"token create\"\n"));
    assert_non_null(strstr(page, "\n\\&.import it\n"));
    assert_non_null(strstr(page, ".B \"\\-\\-weeks N\"\nnumber of weeks\n"));
    assert_non_null(strstr(page, ".EX\nvangnet\\-x load \\-\\-weeks 4\n.EE\n"));
    assert_non_null(strstr(page, ".SH \"EXIT STATUS\"\n"));
    free(page);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(options_and_arguments_may_mix, teardown),
        cmocka_unit_test_teardown(values_are_typed_and_defaults_are_the_callers, teardown),
        cmocka_unit_test_teardown(a_command_may_be_two_words, teardown),
        cmocka_unit_test_teardown(what_is_wrong_is_said_with_what_to_do, teardown),
        cmocka_unit_test_teardown(help_of_a_command_shows_its_options_and_an_example, teardown),
        cmocka_unit_test_teardown(the_language_holds_wherever_it_stands, teardown),
        cmocka_unit_test_teardown(help_of_the_program_lists_every_command, teardown),
        cmocka_unit_test_teardown(the_status_is_the_commands_or_says_usage, teardown),
        cmocka_unit_test_teardown(the_man_page_names_all_and_lets_no_text_be_a_request, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
