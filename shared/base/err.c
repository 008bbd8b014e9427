#include "shared/base/err.h"

const char *err_text(int code) {
    switch (code) {
#define X(name, value, text)                                                                       \
    case name:                                                                                     \
        return text;
        ERR_TABLE(X)
#undef X
    default:
        return code >= 0 ? "success" : "unknown error";
    }
}
