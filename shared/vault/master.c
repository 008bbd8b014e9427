#include <stdlib.h>
#include <string.h>

#include "shared/crypto/secret.h"
#include "shared/vault/file.h"
#include "shared/vault/keyring.h"

int keyring_master_load(const char *path, struct keyring_master *ret) {
    struct bytes file;
    int r = file_read(path, sizeof(ret->bytes), true, &file);
    if (r < 0) {
        return r == ERR_TOO_LARGE ? ERR_MALFORMED : r;
    }
    uint8_t *data = (uint8_t *)(uintptr_t)file.data;
    if (file.length == sizeof(ret->bytes)) {
        memcpy(ret->bytes, data, sizeof(ret->bytes));
    } else {
        r = ERR_MALFORMED;
    }
    secret_wipe(data, file.length);
    free(data);
    return r;
}

int keyring_master_save(const char *path, const struct keyring_master *master) {
    int r = file_create(path, BYTES_OF(master->bytes));
    return r == ERR_NOT_FOUND ? ERR_IO : r;
}
