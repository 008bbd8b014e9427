#include "shared/consent/card.h"

#include <string.h>

#include "shared/base/base32.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/secret.h"

enum {
    GROUP = 4,
    DATA_SYMBOLS = 26,
    SYMBOLS = DATA_SYMBOLS + BASE32_CHECKS,
    VERSION_BITS = 2,
    PACKED_BYTES = CARD_SECRET_BYTES + 1, /* version and secret, and six bits that are 0 */
};
_Static_assert(SYMBOLS + SYMBOLS / GROUP - 1 + 1 == CARD_TEXT_SIZE, "the text fits");
_Static_assert((PACKED_BYTES * 8 + 4) / 5 == SYMBOLS, "the zeros take the checks' place");

static void pack(const struct card *card, uint8_t ret_packed[static PACKED_BYTES]) {
    unsigned carry = CARD_VERSION;
    for (size_t i = 0; i < CARD_SECRET_BYTES; i++) {
        ret_packed[i] = (uint8_t)(carry << (8 - VERSION_BITS) | card->secret[i] >> VERSION_BITS);
        carry = card->secret[i];
    }
    ret_packed[CARD_SECRET_BYTES] = (uint8_t)(carry << (8 - VERSION_BITS));
}

static void unpack(const uint8_t packed[static PACKED_BYTES], struct card *ret) {
    for (size_t i = 0; i < CARD_SECRET_BYTES; i++) {
        ret->secret[i] = (uint8_t)(packed[i] << VERSION_BITS | packed[i + 1] >> (8 - VERSION_BITS));
    }
}

void card_format(const struct card *card, char ret_text[static CARD_TEXT_SIZE]) {
    uint8_t packed[PACKED_BYTES];
    uint8_t symbols[SYMBOLS];
    char *out = ret_text;
    pack(card, packed);
    (void)base32_from_bytes(BYTES_OF(packed), symbols);
    base32_add_checks(symbols, DATA_SYMBOLS);
    for (size_t i = 0; i < SYMBOLS; i++) {
        if (i > 0 && i % GROUP == 0) {
            *out++ = '-';
        }
        *out++ = base32_char(symbols[i]);
    }
    *out = '\0';
    secret_wipe(packed, sizeof(packed));
    secret_wipe(symbols, sizeof(symbols));
}

/* A card's symbols as they come in, and where each stands in the text, from 1. */
struct scan {
    uint8_t symbols[SYMBOLS];
    size_t places[SYMBOLS];
};

static bool between_groups(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '-';
}

/* True where it holds exactly the symbols of a card; else `ret_place` is where that shows. */
static bool scan_text(const char *text, struct scan *scan, size_t *ret_place) {
    size_t count = 0;
    size_t at = 0;
    for (; text[at] != '\0'; at++) {
        if (between_groups(text[at])) {
            continue;
        }
        uint8_t symbol = base32_symbol(text[at]);
        if (symbol == BASE32_NO_SYMBOL || count == SYMBOLS) {
            *ret_place = at + 1;
            return false;
        }
        scan->places[count] = at + 1;
        scan->symbols[count++] = symbol;
    }
    *ret_place = count < SYMBOLS ? at + 1 : 0;
    return count == SYMBOLS;
}

static enum refusal read_symbols(struct scan *scan, struct card *ret, size_t *ret_place) {
    uint8_t packed[SYMBOLS * 5 / 8];
    size_t length;
    _Static_assert(sizeof(packed) == PACKED_BYTES, "no byte is lost");
    if (!base32_whole(scan->symbols, SYMBOLS)) {
        size_t fault = base32_fault(scan->symbols, SYMBOLS);
        *ret_place = fault < SYMBOLS ? scan->places[fault] : 0;
        return REFUSAL_MISTYPED;
    }
    scan->symbols[DATA_SYMBOLS] = 0;
    scan->symbols[DATA_SYMBOLS + 1] = 0;
    (void)base32_to_bytes(scan->symbols, SYMBOLS, packed, &length);
    bool known = packed[0] >> (8 - VERSION_BITS) == CARD_VERSION;
    if (known) {
        unpack(packed, ret);
    }
    secret_wipe(packed, sizeof(packed));
    return known ? REFUSAL_NONE : REFUSAL_UNKNOWN_VERSION;
}

enum refusal card_parse(const char *text, struct card *ret, size_t *ret_place) {
    struct scan scan = {0};
    enum refusal refusal = REFUSAL_MALFORMED;
    if (scan_text(text, &scan, ret_place)) {
        refusal = read_symbols(&scan, ret, ret_place);
    }
    secret_wipe(&scan, sizeof(scan));
    return refusal;
}

/* ---- what a card opens ---- */

static struct digest derive(const struct card *card, const char *domain, const struct hub_id *hub) {
    return hash_keyed(BYTES_OF(card->secret), domain, bytes_from_text(hub->text));
}

struct family_handle card_handle(const struct card *card, const struct hub_id *hub) {
    const struct digest digest = derive(card, "presence/v1", hub);
    struct family_handle handle;
    _Static_assert(sizeof(handle.bytes) == sizeof(digest.bytes), "a handle is a whole hash");
    memcpy(handle.bytes, digest.bytes, sizeof(handle.bytes));
    return handle;
}

struct presence_seed card_presence_seed(const struct card *card, const struct hub_id *hub) {
    struct digest digest = derive(card, "presence-key/v1", hub);
    struct presence_seed seed;
    memcpy(seed.bytes, digest.bytes, sizeof(seed.bytes));
    secret_wipe(&digest, sizeof(digest));
    return seed;
}

void presence_keys(const struct presence_seed *seed, struct sign_public *ret_public,
                   struct sign_secret *ret_secret) {
    sign_keys_from_seed(seed->bytes, ret_public, ret_secret);
}

void card_family_keys(const struct card *card, const struct hub_id *hub,
                      struct sign_public *ret_public, struct sign_secret *ret_secret) {
    struct digest digest = derive(card, "family-key/v1", hub);
    sign_keys_from_seed(digest.bytes, ret_public, ret_secret);
    secret_wipe(&digest, sizeof(digest));
}
