#include "hub/shell/request.h"

#include <stdlib.h>

struct request *request_new(enum hub_command kind) {
    struct request *request = calloc(1, sizeof(*request));
    if (request != NULL) {
        request->command.kind = kind;
        request->command.arguments = &request->arguments;
    }
    return request;
}

void request_free(struct request *request) {
    if (request != NULL) {
        free(request->blob);
        free(request);
    }
}
