#include "node/shell/file_error.h"

#include <errno.h>

int file_error_now(void) {
    switch (errno) {
    case ENOENT:
        return ERR_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return ERR_DENIED;
    case ENOSPC:
    case EDQUOT:
        return ERR_NO_ROOM;
    default:
        return ERR_IO;
    }
}
