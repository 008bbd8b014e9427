#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/io/control.h"

static void the_same_key_of_the_same_user_is_the_same_command(void **state) {
    const struct user_id an = {.text = "an"};
    const struct message_id first = command_id(&an, "import-1");
    const struct message_id second = command_id(&an, "import-1");
    assert_true(message_id_equal(&first, &second));
}

static void two_users_or_two_keys_never_share_a_command(void **state) {
    const struct user_id an = {.text = "an"};
    const struct user_id ana = {.text = "ana"};
    const struct message_id ids[] = {
        command_id(&an, "a-1"),
        command_id(&ana, "-1"),
        command_id(&an, "a-2"),
    };
    assert_false(message_id_equal(&ids[0], &ids[1]));
    assert_false(message_id_equal(&ids[0], &ids[2]));
}

static void keys_and_tokens_spell_their_random_bytes(void **state) {
    uint8_t random[TOKEN_RANDOM_BYTES];
    for (size_t i = 0; i < sizeof(random); i++) {
        random[i] = (uint8_t)(0xa0 + i);
    }
    char key[COMMAND_KEY_TEXT_SIZE];
    char token[TOKEN_TEXT_SIZE];
    command_key_format(random, key);
    token_format(random, token);
    assert_string_equal(key, "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
    assert_string_equal(token, "vgt_a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3");
}

static enum cli_status nothing(void *ctx, const struct cli_call *call) {
    (void)ctx;
    (void)call;
    return CLI_OK;
}

static void a_daemon_that_does_not_run_is_said_with_how_to_start_it(void **state) {
    const struct cli_command command = {.name = "status", .run = nothing};
    const struct cli_program program = {
        .name = "vangnet-x", .commands = &command, .command_count = 1};
    char said[1024] = "";
    FILE *err = fmemopen(said, sizeof(said), "w");
    assert_non_null(err);
    const struct cli_call call = {
        .program = &program, .command = &command, .lang = LANG_EN, .out = err, .err = err};
    struct control control;
    struct client_response response;
    const struct control_request request = {.method = "GET", .path = "/healthz"};
    assert_int_equal(control_open(&call, "/nowhere/at/all", "/nowhere", &control), 0);
    assert_int_equal(control_ask(&control, &request, &response), ERR_NOT_FOUND);
    control_close(&control);
    fclose(err);
    assert_string_equal(said, "No program runs on the directory /nowhere.\n"
                              "Start it with \"vangnet-x run --dir /nowhere\", or check --dir.\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_key_of_the_same_user_is_the_same_command),
        cmocka_unit_test(two_users_or_two_keys_never_share_a_command),
        cmocka_unit_test(keys_and_tokens_spell_their_random_bytes),
        cmocka_unit_test(a_daemon_that_does_not_run_is_said_with_how_to_start_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
