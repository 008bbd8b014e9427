#include "shared/figures/cellkey.h"

#include <assert.h>
#include <string.h>

#include "shared/crypto/hash.h"
#include "shared/figures/ptable.h"

static void le64_write(uint8_t out[static 8], uint64_t value) {
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

uint64_t cellkey_of_case(const struct disclosure_key *key, struct bytes own_id) {
    static const char domain[] = {'r', 'k', '/', 'v', '1'};
    uint8_t in[sizeof(domain) + CASE_ID_BYTES_MAX];
    assert(own_id.length >= 1 && own_id.length <= CASE_ID_BYTES_MAX);
    memcpy(in, domain, sizeof(domain));
    memcpy(in + sizeof(domain), own_id.data, own_id.length);
    return blake2b_u64((struct bytes){.data = in, .length = sizeof(domain) + own_id.length},
                       BYTES_OF(*key));
}

void cell_add(struct cell *cell, uint64_t case_key) {
    cell->count++;
    cell->key += case_key;
}

int64_t cell_publish(const struct disclosure_key *key, struct cell cell) {
    uint8_t in[2 + 8 + 8] = {'c', 'k'};
    le64_write(in + 2, cell.key);
    le64_write(in + 10, cell.count);
    return (int64_t)cell.count +
           ptable_noise(cell.count, blake2b_u64(BYTES_OF(in), BYTES_OF(*key)));
}

int64_t cell_publish_linear(struct cell cell) {
    return (int64_t)cell.count + ptable_noise(cell.count, cell.key);
}
