#include "node/import/siphash.h"

struct lanes {
    uint64_t a;
    uint64_t b;
    uint64_t c;
    uint64_t d;
};

static uint64_t rotate(uint64_t value, int bits) {
    return (value << bits) | (value >> (64 - bits));
}

static uint64_t read_le(const uint8_t *data, size_t length) {
    uint64_t value = 0;
    for (size_t i = 0; i < length; i++) {
        value |= (uint64_t)data[i] << (8 * i);
    }
    return value;
}

static void rounds(struct lanes *v, int count) {
    for (int i = 0; i < count; i++) {
        v->a += v->b;
        v->c += v->d;
        v->b = rotate(v->b, 13) ^ v->a;
        v->d = rotate(v->d, 16) ^ v->c;
        v->a = rotate(v->a, 32);
        v->c += v->b;
        v->a += v->d;
        v->b = rotate(v->b, 17) ^ v->c;
        v->d = rotate(v->d, 21) ^ v->a;
        v->c = rotate(v->c, 32);
    }
}

static void compress(struct lanes *v, uint64_t word) {
    v->d ^= word;
    rounds(v, 2);
    v->a ^= word;
}

uint64_t siphash(const struct siphash_key *key, struct bytes data) {
    uint64_t low = read_le(key->bytes, 8);
    uint64_t high = read_le(key->bytes + 8, 8);
    struct lanes v = {
        .a = low ^ UINT64_C(0x736f6d6570736575),
        .b = high ^ UINT64_C(0x646f72616e646f6d),
        .c = low ^ UINT64_C(0x6c7967656e657261),
        .d = high ^ UINT64_C(0x7465646279746573),
    };
    size_t whole = data.length - data.length % 8;
    for (size_t i = 0; i < whole; i += 8) {
        compress(&v, read_le(data.data + i, 8));
    }
    uint64_t last = data.length % 8 > 0 ? read_le(data.data + whole, data.length % 8) : 0;
    compress(&v, last | ((uint64_t)data.length << 56));
    v.c ^= 0xff;
    rounds(&v, 4);
    return v.a ^ v.b ^ v.c ^ v.d;
}
