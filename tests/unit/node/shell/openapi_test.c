#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/shell/api.h"
#include "node/shell/openapi.h"

static const char *method_text(enum http_method method) {
    return method == HTTP_GET ? "\"get\": {" : "\"post\": {";
}

/* Where the description of a path begins and ends: paths are members at a depth of their own. */
static const char *find_path(const char *text, const char *pattern, size_t *ret_length) {
    char wanted[256];
    (void)snprintf(wanted, sizeof(wanted), "\n  \"%s\": {", pattern);
    const char *at = strstr(text, wanted);
    if (at == NULL) {
        return NULL;
    }
    const char *end = strstr(at + 1, "\n  }");
    *ret_length = (size_t)(end - at);
    return at;
}

static char *copy_description(void) {
    const struct bytes served = openapi_text();
    char *text = malloc(served.length + 1);
    assert_non_null(text);
    memcpy(text, served.data, served.length);
    text[served.length] = '\0';
    return text;
}

static void every_route_is_described(void **state) {
    (void)state;
    static struct desk desk;
    struct http_route routes[API_ROUTES_MAX];
    char *text = copy_description();
    const size_t count = api_routes(&desk, routes);
    for (size_t i = 0; i < count; i++) {
        const char *method = method_text(routes[i].method);
        size_t length = 0;
        const char *path = find_path(text, routes[i].pattern, &length);
        if (path == NULL || memmem(path, length, method, strlen(method)) == NULL) {
            fail_msg("%s isn't described", routes[i].pattern);
        }
    }
    free(text);
}

static void no_address_takes_a_card_or_a_name(void **state) {
    (void)state;
    static struct desk desk;
    struct http_route routes[API_ROUTES_MAX];
    const size_t count = api_routes(&desk, routes);
    size_t numbered = 0;
    for (size_t i = 0; i < count; i++) {
        const char *brace = strchr(routes[i].pattern, '{');
        if (brace != NULL) {
            assert_true(strcmp(brace, "{number}") == 0 || strcmp(brace, "{key}") == 0);
            numbered++;
        }
    }
    assert_true(count > 20 && numbered >= 2); /* a family, an item */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_described),
        cmocka_unit_test(no_address_takes_a_card_or_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
