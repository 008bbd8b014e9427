/* A QR code (ISO/IEC 18004) as inline SVG; the only place that sees libqrencode. */
#pragma once

#include "shared/base/buf.h"
#include "shared/base/err.h"

/* Adds an <svg class="qr"> with the quiet zone of four modules that the standard asks for, at the
 * highest level of correction (30 %): a card lives in a pocket. `text` is upper-case letters,
 * digits and "-" (the alphanumeric mode). `label`, trusted, is what a screen reader says. Errors:
 * ERR_MALFORMED (no QR code holds it), ERR_NO_MEMORY, what `out` has. */
MUST_CHECK int qr_write(struct buf *out, const char *text, const char *label);
