/* Opening the sockets that the HTTP server listens on. For http.c alone. */
#pragma once

#include <stdint.h>

#include "shared/base/err.h"

/* A bound, listening, non-blocking TCP socket. Errors: ERR_CONFIG (the address isn't numeric),
 * ERR_LOCKED (in use), ERR_DENIED, ERR_NETWORK. */
MUST_CHECK int http_listen_tcp(const char *address, uint16_t port, int *ret_fd, uint16_t *ret_port);
/* The same on a path, mode 0600. A socket that nobody answers at is replaced. Errors:
 * ERR_TOO_LARGE, ERR_LOCKED (somebody answers), ERR_EXISTS (not a socket), ERR_DENIED, ERR_NETWORK.
 */
MUST_CHECK int http_listen_unix(const char *path, int *ret_fd);
