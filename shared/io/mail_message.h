/* Writes a mail as SMTP carries it (RFC 5322 with MIME), from texts that are checked first.
 *
 * Pure, apart from shared/io/mail.c, which sends it. The body goes as quoted-printable (RFC 2045,
 * 6.7) and never begins a line with a dot; a subject that isn't plain ASCII goes as encoded words
 * (RFC 2047, "B"); Auto-Submitted (RFC 3834) keeps holiday answers away. */
#pragma once

#include <stddef.h>

#include "shared/base/err.h"
#include "shared/io/mail.h"

/* `ret_text` is malloc'ed, the caller frees it; ends with a NUL that isn't of its length.
 * Errors: ERR_MALFORMED and ERR_TOO_LARGE as mail_send has them, with `ret_reason` a borrowed
 * sentence for ever; ERR_NO_MEMORY. `from` is a valid address. */
MUST_CHECK int mail_message_new(const char *from, const struct mail *mail, char **ret_text,
                                size_t *ret_length, const char **ret_reason);
