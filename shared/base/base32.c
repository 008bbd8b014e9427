#include "shared/base/base32.h"

#include <assert.h>
#include <string.h>

enum {
    FIELD_POLYNOMIAL = 0x25, /* x^5 + x^2 + 1, primitive over GF(2) */
    FIELD_ORDER = 31,
};

/* No I, L, O, U. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* ---- GF(32): symbols are the polynomials, addition is xor, alpha is 2 ---- */

static uint8_t times_alpha(uint8_t value) {
    unsigned twice = (unsigned)value << 1;
    return (uint8_t)((twice & 0x20) != 0 ? twice ^ FIELD_POLYNOMIAL : twice);
}

static uint8_t field_power(size_t exponent) {
    uint8_t value = 1;
    for (size_t i = 0; i < exponent % FIELD_ORDER; i++) {
        value = times_alpha(value);
    }
    return value;
}

static size_t field_log(uint8_t value) {
    assert(value != 0 && value < 32);
    size_t exponent = 0;
    for (uint8_t power = 1; power != value; power = times_alpha(power)) {
        exponent++;
    }
    return exponent;
}

static uint8_t field_multiply(uint8_t a, uint8_t b) {
    return a == 0 || b == 0 ? 0 : field_power(field_log(a) + field_log(b));
}

static uint8_t field_divide(uint8_t a, uint8_t b) {
    return a == 0 ? 0 : field_power(field_log(a) + FIELD_ORDER - field_log(b));
}

/* The word's polynomial at 1 and at alpha; both are 0 where it's whole, and e and e * alpha^i where
 * symbol i differs by e. */
struct syndrome {
    uint8_t at_one;
    uint8_t at_alpha;
};

static struct syndrome syndrome_of(const uint8_t *symbols, size_t count) {
    struct syndrome syndrome = {0};
    for (size_t i = count; i > 0; i--) {
        syndrome.at_one ^= symbols[i - 1];
        syndrome.at_alpha = times_alpha(syndrome.at_alpha) ^ symbols[i - 1];
    }
    return syndrome;
}

/* With a and b of the data, x + y = a and x alpha^n + y alpha^(n+1) = b. */
void base32_add_checks(uint8_t *symbols, size_t count) {
    assert(count + BASE32_CHECKS <= BASE32_WORD_MAX);
    struct syndrome data = syndrome_of(symbols, count);
    uint8_t here = field_power(count);
    uint8_t next = field_power(count + 1);
    uint8_t sum = data.at_alpha ^ field_multiply(data.at_one, next);
    symbols[count] = field_divide(sum, here ^ next);
    symbols[count + 1] = symbols[count] ^ data.at_one;
}

bool base32_whole(const uint8_t *symbols, size_t count) {
    struct syndrome syndrome = syndrome_of(symbols, count);
    return syndrome.at_one == 0 && syndrome.at_alpha == 0;
}

size_t base32_fault(const uint8_t *symbols, size_t count) {
    struct syndrome syndrome = syndrome_of(symbols, count);
    if (syndrome.at_one == 0 || syndrome.at_alpha == 0) {
        return count;
    }
    size_t index =
        (field_log(syndrome.at_alpha) + FIELD_ORDER - field_log(syndrome.at_one)) % FIELD_ORDER;
    return index < count ? index : count;
}

/* ---- bytes, symbols, characters ---- */

size_t base32_from_bytes(struct bytes in, uint8_t *ret_symbols) {
    size_t count = (in.length * 8 + 4) / 5;
    memset(ret_symbols, 0, count);
    for (size_t bit = 0; bit < in.length * 8; bit++) {
        unsigned set = (unsigned)(in.data[bit / 8] >> (7 - bit % 8)) & 1U;
        ret_symbols[bit / 5] |= (uint8_t)(set << (4 - bit % 5));
    }
    return count;
}

bool base32_to_bytes(const uint8_t *symbols, size_t count, uint8_t *ret_bytes, size_t *ret_length) {
    size_t length = count * 5 / 8;
    memset(ret_bytes, 0, length);
    for (size_t bit = 0; bit < count * 5; bit++) {
        unsigned set = (unsigned)(symbols[bit / 5] >> (4 - bit % 5)) & 1U;
        if (bit < length * 8) {
            ret_bytes[bit / 8] |= (uint8_t)(set << (7 - bit % 8));
        } else if (set != 0) {
            return false;
        }
    }
    *ret_length = length;
    return count * 5 - length * 8 < 5;
}

char base32_char(uint8_t symbol) {
    assert(symbol < 32);
    return alphabet[symbol];
}

uint8_t base32_symbol(char c) {
    char upper = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    if (upper == 'O') {
        return 0;
    }
    if (upper == 'I' || upper == 'L') {
        return 1;
    }
    const char *at = upper == '\0' ? NULL : strchr(alphabet, upper);
    return at == NULL ? BASE32_NO_SYMBOL : (uint8_t)(at - alphabet);
}
