/* The preview as JSON: what leaves beside the true figures, and why the rest stays. Pure; true
 * figures, so for the organisation's own eyes only. */
#pragma once

#include "node/core/publish.h"
#include "shared/io/json.h"
#include "shared/io/text.h"

void preview_write(struct json_writer *writer, const struct publish_preview *preview,
                   enum lang lang);
