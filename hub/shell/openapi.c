#include "hub/shell/openapi.h"

static const uint8_t text[] = {
#include "openapi_bytes.inc"
};

struct bytes openapi_text(void) {
    return (struct bytes){.data = text, .length = sizeof(text)};
}
