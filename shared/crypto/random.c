#include "shared/crypto/random.h"

#include <sodium.h>

int random_init(void) {
    return sodium_init() < 0 ? ERR_CRYPTO : 0;
}

void random_fill(void *ret, size_t length) {
    randombytes_buf(ret, length);
}
