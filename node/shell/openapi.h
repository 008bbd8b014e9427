/* The API's description (openapi.json), compiled in (hub/shell/embed.py). */
#pragma once

#include "shared/base/bytes.h"

/* Valid for ever. */
struct bytes openapi_text(void);
