#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "hub/shell/api.h"
#include "hub/shell/openapi.h"

static const char *method_text(enum http_method method) {
    return method == HTTP_GET ? "\"get\": {" : "\"post\": {";
}

/* Where the description of a path begins and ends: paths are members at a depth of their own. */
static const char *find_path(const char *text, const char *pattern, size_t *ret_length) {
    char wanted[256];
    snprintf(wanted, sizeof(wanted), "\n  \"%s\": {", pattern);
    const char *at = strstr(text, wanted);
    if (at == NULL) {
        return NULL;
    }
    const char *end = strstr(at + 1, "\n  }");
    *ret_length = (size_t)(end - at);
    return at;
}

static void every_route_is_described(void **state) {
    static struct api api;
    static char text[128 << 10];
    struct bytes served = openapi_text();
    size_t count = api_routes(&api);
    assert_true(served.length < sizeof(text));
    memcpy(text, served.data, served.length);
    for (size_t i = 0; i < count; i++) {
        const struct http_route *route = &api.routes_table[i];
        size_t length = 0;
        const char *path = find_path(text, route->pattern, &length);
        assert_non_null(path);
        assert_non_null(
            memmem(path, length, method_text(route->method), strlen(method_text(route->method))));
        assert_ptr_equal(route->ctx, &api);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
