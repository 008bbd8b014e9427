/* The one table of errors: the world failed (house style, kind b).
 *
 * Functions that can fail return a negative code of this table, 0 or a count on success. A foreign
 * library's codes are translated in the room that sees the library and go no further. What an
 * untrusted sender did wrong isn't an error but a refusal: see enum refusal in lists.h. */
#pragma once

#define ERR_TABLE(X)                                                                               \
    X(ERR_NO_MEMORY, -1, "out of memory")                                                          \
    X(ERR_NOT_FOUND, -2, "not found")                                                              \
    X(ERR_EXISTS, -3, "exists already")                                                            \
    X(ERR_MALFORMED, -4, "malformed")                                                              \
    X(ERR_TOO_LARGE, -5, "larger than allowed")                                                    \
    X(ERR_NO_ROOM, -6, "no room left on the disk or in the database")                              \
    X(ERR_STORAGE, -7, "the database or its disk failed")                                          \
    X(ERR_LOCKED, -8, "in use by another process")                                                 \
    X(ERR_UNSUPPORTED, -9, "a version or feature this build doesn't know")                         \
    X(ERR_CRYPTO, -10, "a key, signature or sealed record doesn't verify")                         \
    X(ERR_NETWORK, -11, "the network failed")                                                      \
    X(ERR_AGAIN, -12, "can't be done now, try again")                                              \
    X(ERR_TIMEOUT, -13, "took too long")                                                           \
    X(ERR_IO, -14, "a file can't be read or written")                                              \
    X(ERR_DENIED, -15, "not allowed")                                                              \
    X(ERR_CHAIN, -16, "a hash chain is broken")                                                    \
    X(ERR_CONFIG, -17, "the configuration is wrong")                                               \
    X(ERR_CANCELLED, -18, "stopped")

enum {
#define X(name, code, text) name = code,
    ERR_TABLE(X)
#undef X
};

/* On every function whose failure the caller must look at. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* The table's sentence, English, for logs and diagnosis; "unknown error" for anything else. */
const char *err_text(int code);
