#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "hub/shell/request.h"

static void a_new_request_is_blank_and_its_command_points_at_its_own_arguments(void **state) {
    struct request *request = request_new(HUB_COMMAND_BACKED_UP);
    assert_non_null(request);
    assert_int_equal(request->command.kind, HUB_COMMAND_BACKED_UP);
    assert_ptr_equal(request->command.arguments, &request->arguments);
    assert_int_equal(request->arguments.backed_up.sequence, 0);
    assert_int_equal(request->http_token, 0);
    assert_null(request->blob);
    request_free(request);
}

/* The turn gives a command back, and its shell finds the request by it. */
static void the_command_stands_where_the_request_begins(void **state) {
    struct request *request = request_new(HUB_COMMAND_INVITE);
    assert_non_null(request);
    assert_ptr_equal(&request->command, request);
    request->blob = malloc(16); /* freed with it: ASan looks */
    request_free(request);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_request_is_blank_and_its_command_points_at_its_own_arguments),
        cmocka_unit_test(the_command_stands_where_the_request_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
