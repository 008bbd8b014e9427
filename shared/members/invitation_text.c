#include <assert.h>
#include <string.h>

#include "shared/base/buf.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/secret.h"
#include "shared/members/invitation.h"

enum {
    PAYLOAD_VERSION = 1,
    CHECKSUM_BYTES = 4,
    PAYLOAD_BYTES_MAX = 1 + 16 + INVITATION_SECRET_BYTES + 32 + PUBLIC_KEY_BYTES + 8 + 1 +
                        HUB_ID_MAX + 2 * INVITATION_ENDPOINT_SIZE + 1 + NAME_BYTES_MAX +
                        CHECKSUM_BYTES,
    GROUP_DATA = 14,
    GROUP_CHECKS = 2,
    GROUP = GROUP_DATA + GROUP_CHECKS,
    DATA_SYMBOLS_MAX = (PAYLOAD_BYTES_MAX * 8 + 4) / 5,
    GROUPS_MAX = (DATA_SYMBOLS_MAX + GROUP_DATA - 1) / GROUP_DATA,
    SYMBOLS_MAX = DATA_SYMBOLS_MAX + GROUPS_MAX * GROUP_CHECKS,
    TEXT_BYTES_MAX = 4096,   /* with whatever spaces a mail program adds */
    FIELD_POLYNOMIAL = 0x25, /* x^5 + x^2 + 1, primitive over GF(2) */
    FIELD_ORDER = 31,
    NO_SYMBOL = 0xff,
};
_Static_assert(sizeof("vangnet1:") + SYMBOLS_MAX + GROUPS_MAX <= INVITATION_TEXT_SIZE,
               "the longest invitation fits");

static const char prefix[] = "vangnet";
/* Crockford's base32: no I, L, O, U. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* ---- GF(32): symbols are the polynomials, addition is xor, alpha is 2 ---- */

static uint8_t field_power(size_t exponent) {
    unsigned value = 1;
    for (size_t i = 0; i < exponent % FIELD_ORDER; i++) {
        value <<= 1;
        value ^= (value & 0x20) != 0 ? FIELD_POLYNOMIAL : 0;
    }
    return (uint8_t)value;
}

static size_t field_log(uint8_t value) {
    assert(value != 0 && value < 32);
    size_t exponent = 0;
    while (field_power(exponent) != value) {
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
    for (size_t i = 0; i < count; i++) {
        syndrome.at_one ^= symbols[i];
        syndrome.at_alpha ^= field_multiply(symbols[i], field_power(i));
    }
    return syndrome;
}

/* Two symbols after `count` that make both sums 0: with a and b of the data, x + y = a and
 * x alpha^n + y alpha^(n+1) = b. */
static void add_checks(uint8_t *symbols, size_t count) {
    struct syndrome data = syndrome_of(symbols, count);
    uint8_t here = field_power(count);
    uint8_t next = field_power(count + 1);
    uint8_t sum = data.at_alpha ^ field_multiply(data.at_one, next);
    symbols[count] = field_divide(sum, here ^ next);
    symbols[count + 1] = symbols[count] ^ data.at_one;
}

/* 0 where the group is whole, else 1 + the index of the wrong symbol, or 1 where that can't be
 * told. */
static size_t group_fault(const uint8_t *symbols, size_t count) {
    struct syndrome syndrome = syndrome_of(symbols, count);
    if (syndrome.at_one == 0 && syndrome.at_alpha == 0) {
        return 0;
    }
    if (syndrome.at_one == 0 || syndrome.at_alpha == 0) {
        return 1;
    }
    size_t index =
        (field_log(syndrome.at_alpha) + FIELD_ORDER - field_log(syndrome.at_one)) % FIELD_ORDER;
    return index < count ? index + 1 : 1;
}

/* ---- the payload ---- */

static void put_text(struct buf *buf, const char *text) {
    struct bytes bytes = bytes_from_text(text);
    assert(bytes.length <= UINT8_MAX);
    buf_u8(buf, (uint8_t)bytes.length);
    buf_raw(buf, bytes);
}

static uint32_t checksum_of(struct bytes payload) {
    struct digest digest = hash_of("invitation-text/v1", payload);
    return be32_read(digest.bytes);
}

static void write_payload(const struct invitation *invitation, struct buf *buf) {
    buf_u8(buf, PAYLOAD_VERSION);
    buf_raw(buf, BYTES_OF(invitation->id));
    buf_raw(buf, BYTES_OF(invitation->secret));
    buf_raw(buf, BYTES_OF(invitation->fingerprint));
    buf_raw(buf, BYTES_OF(invitation->hub_curve));
    buf_i64(buf, invitation->expires_ms);
    put_text(buf, invitation->hub.text);
    put_text(buf, invitation->join_endpoint);
    put_text(buf, invitation->endpoint);
    put_text(buf, invitation->region);
    buf_u32(buf, checksum_of(buf_bytes(buf)));
    assert(buf->error == 0);
}

static void take_text(struct reader *reader, char *ret_text, size_t size) {
    size_t length = read_u8(reader);
    if (length >= size) {
        reader->error = ERR_MALFORMED;
        return;
    }
    read_raw(reader, ret_text, length);
    if (memchr(ret_text, '\0', length) != NULL) {
        reader->error = ERR_MALFORMED;
    }
}

static bool graphic(const char *text) {
    for (; *text != '\0'; text++) {
        if (*text <= 0x20 || *text >= 0x7f) {
            return false;
        }
    }
    return true;
}

static bool without_controls(const char *text) {
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            return false;
        }
    }
    return true;
}

static enum refusal read_payload(struct bytes payload, struct invitation *ret) {
    struct invitation invitation = {0};
    struct hub_id hub = {0};
    struct bytes body = payload;
    if (payload.length <= CHECKSUM_BYTES) {
        return REFUSAL_MALFORMED;
    }
    body.length -= CHECKSUM_BYTES;
    if (checksum_of(body) != be32_read(payload.data + body.length)) {
        return REFUSAL_MALFORMED;
    }
    struct reader reader = reader_over(body);
    if (read_u8(&reader) != PAYLOAD_VERSION) {
        return REFUSAL_UNKNOWN_VERSION;
    }
    read_raw(&reader, invitation.id.bytes, sizeof(invitation.id.bytes));
    read_raw(&reader, invitation.secret, sizeof(invitation.secret));
    read_raw(&reader, invitation.fingerprint.bytes, sizeof(invitation.fingerprint.bytes));
    read_raw(&reader, invitation.hub_curve.bytes, sizeof(invitation.hub_curve.bytes));
    invitation.expires_ms = read_i64(&reader);
    take_text(&reader, hub.text, sizeof(hub.text));
    take_text(&reader, invitation.join_endpoint, sizeof(invitation.join_endpoint));
    take_text(&reader, invitation.endpoint, sizeof(invitation.endpoint));
    take_text(&reader, invitation.region, sizeof(invitation.region));
    bool sound = reader_end(&reader) == 0 && hub_id_parse(hub.text, &invitation.hub) == 0 &&
                 invitation.join_endpoint[0] != '\0' && graphic(invitation.join_endpoint) &&
                 graphic(invitation.endpoint) && without_controls(invitation.region);
    if (sound) {
        *ret = invitation;
    }
    secret_wipe(&invitation, sizeof(invitation));
    return sound ? REFUSAL_NONE : REFUSAL_MALFORMED;
}

/* ---- bytes and symbols ---- */

/* The bytes' bits, most significant first, five to a symbol, the last filled up with zeros. */
static size_t symbols_of(struct bytes payload, uint8_t *ret_symbols) {
    size_t count = (payload.length * 8 + 4) / 5;
    memset(ret_symbols, 0, count);
    for (size_t bit = 0; bit < payload.length * 8; bit++) {
        unsigned set = (unsigned)(payload.data[bit / 8] >> (7 - bit % 8)) & 1U;
        ret_symbols[bit / 5] |= (uint8_t)(set << (4 - bit % 5));
    }
    return count;
}

/* False where bits are left over that don't fill a byte and aren't the zeros of the last symbol. */
static bool bytes_of_symbols(const uint8_t *symbols, size_t count, uint8_t *ret_bytes,
                             size_t *ret_length) {
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

void invitation_format(const struct invitation *invitation,
                       char ret_text[static INVITATION_TEXT_SIZE]) {
    uint8_t payload[PAYLOAD_BYTES_MAX];
    uint8_t symbols[DATA_SYMBOLS_MAX];
    struct buf buf = buf_over(payload, sizeof(payload));
    write_payload(invitation, &buf);
    size_t count = symbols_of(buf_bytes(&buf), symbols);
    char *out = ret_text;
    memcpy(out, "vangnet1:", strlen("vangnet1:"));
    out += strlen("vangnet1:");
    for (size_t at = 0; at < count; at += GROUP_DATA) {
        uint8_t group[GROUP];
        size_t data = count - at < GROUP_DATA ? count - at : GROUP_DATA;
        memcpy(group, symbols + at, data);
        add_checks(group, data);
        if (at > 0) {
            *out++ = '-';
        }
        for (size_t i = 0; i < data + GROUP_CHECKS; i++) {
            *out++ = alphabet[group[i]];
        }
        secret_wipe(group, sizeof(group));
    }
    *out = '\0';
    secret_wipe(payload, sizeof(payload));
    secret_wipe(symbols, sizeof(symbols));
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static uint8_t symbol_of(char c) {
    char low = lower(c);
    if (low == 'o') {
        return 0;
    }
    if (low == 'i' || low == 'l') {
        return 1;
    }
    for (uint8_t i = 0; i < 32; i++) {
        if (lower(alphabet[i]) == low) {
            return i;
        }
    }
    return NO_SYMBOL;
}

/* A text on its way in; `place` is where the next character stands, from 0. */
struct scan {
    const char *text;
    size_t place;
    size_t count;
    uint8_t symbols[SYMBOLS_MAX];
    uint16_t places[SYMBOLS_MAX];
};

static void skip_spaces(struct scan *scan) {
    while (is_space(scan->text[scan->place])) {
        scan->place++;
    }
}

static enum refusal scan_prefix(struct scan *scan) {
    for (size_t i = 0; i < strlen(prefix); i++, scan->place++) {
        skip_spaces(scan);
        if (lower(scan->text[scan->place]) != prefix[i]) {
            return REFUSAL_MALFORMED;
        }
    }
    skip_spaces(scan);
    char version = scan->text[scan->place];
    if (version < '0' || version > '9') {
        return REFUSAL_MALFORMED;
    }
    if (version != '1') {
        return REFUSAL_UNKNOWN_VERSION;
    }
    scan->place++;
    skip_spaces(scan);
    if (scan->text[scan->place] != ':') {
        return scan->text[scan->place] >= '0' && scan->text[scan->place] <= '9'
                   ? REFUSAL_UNKNOWN_VERSION
                   : REFUSAL_MALFORMED;
    }
    scan->place++;
    return REFUSAL_NONE;
}

static enum refusal scan_symbols(struct scan *scan) {
    for (; scan->text[scan->place] != '\0'; scan->place++) {
        char c = scan->text[scan->place];
        if (is_space(c) || c == '-') {
            continue;
        }
        uint8_t symbol = symbol_of(c);
        if (symbol == NO_SYMBOL) {
            return REFUSAL_MALFORMED;
        }
        if (scan->count == SYMBOLS_MAX) {
            return REFUSAL_TOO_LARGE;
        }
        scan->places[scan->count] = (uint16_t)scan->place;
        scan->symbols[scan->count++] = symbol;
    }
    return REFUSAL_NONE;
}

/* Takes the check symbols out; on a fault `place` is the wrong symbol's. */
static enum refusal scan_groups(struct scan *scan) {
    size_t data = 0;
    for (size_t at = 0; at < scan->count; at += GROUP) {
        size_t size = scan->count - at < GROUP ? scan->count - at : GROUP;
        size_t fault = group_fault(scan->symbols + at, size);
        if (fault != 0 || size <= GROUP_CHECKS) {
            scan->place = scan->places[at + (fault == 0 ? 0 : fault - 1)];
            return REFUSAL_MALFORMED;
        }
        memmove(scan->symbols + data, scan->symbols + at, size - GROUP_CHECKS);
        data += size - GROUP_CHECKS;
    }
    scan->count = data;
    return REFUSAL_NONE;
}

static enum refusal scan_text(struct scan *scan) {
    enum refusal refusal = scan_prefix(scan);
    if (refusal == REFUSAL_NONE) {
        refusal = scan_symbols(scan);
    }
    return refusal == REFUSAL_NONE ? scan_groups(scan) : refusal;
}

enum refusal invitation_parse(const char *text, struct invitation *ret, size_t *ret_place) {
    uint8_t payload[SYMBOLS_MAX * 5 / 8 + 1];
    size_t length = 0;
    struct scan scan = {.text = text};
    *ret_place = 0;
    if (strnlen(text, TEXT_BYTES_MAX + 1) > TEXT_BYTES_MAX) {
        return REFUSAL_TOO_LARGE;
    }
    enum refusal refusal = scan_text(&scan);
    if (refusal != REFUSAL_NONE) {
        *ret_place = scan.place + 1;
    } else if (!bytes_of_symbols(scan.symbols, scan.count, payload, &length)) {
        refusal = REFUSAL_MALFORMED;
    } else {
        refusal = read_payload((struct bytes){.data = payload, .length = length}, ret);
    }
    secret_wipe(&scan, sizeof(scan));
    secret_wipe(payload, sizeof(payload));
    return refusal;
}
