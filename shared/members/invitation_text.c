#include <assert.h>
#include <string.h>

#include "shared/base/base32.h"
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
    GROUP_CHECKS = BASE32_CHECKS,
    GROUP = GROUP_DATA + GROUP_CHECKS,
    DATA_SYMBOLS_MAX = (PAYLOAD_BYTES_MAX * 8 + 4) / 5,
    GROUPS_MAX = (DATA_SYMBOLS_MAX + GROUP_DATA - 1) / GROUP_DATA,
    SYMBOLS_MAX = DATA_SYMBOLS_MAX + GROUPS_MAX * GROUP_CHECKS,
    TEXT_BYTES_MAX = 4096, /* with whatever spaces a mail program adds */
};
_Static_assert(sizeof("vangnet1:") + SYMBOLS_MAX + GROUPS_MAX <= INVITATION_TEXT_SIZE,
               "the longest invitation fits");

static const char prefix[] = "vangnet";

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

/* ---- symbols ---- */

void invitation_format(const struct invitation *invitation,
                       char ret_text[static INVITATION_TEXT_SIZE]) {
    uint8_t payload[PAYLOAD_BYTES_MAX];
    uint8_t symbols[DATA_SYMBOLS_MAX];
    struct buf buf = buf_over(payload, sizeof(payload));
    write_payload(invitation, &buf);
    size_t count = base32_from_bytes(buf_bytes(&buf), symbols);
    char *out = ret_text;
    memcpy(out, "vangnet1:", strlen("vangnet1:"));
    out += strlen("vangnet1:");
    for (size_t at = 0; at < count; at += GROUP_DATA) {
        uint8_t group[GROUP];
        size_t data = count - at < GROUP_DATA ? count - at : GROUP_DATA;
        memcpy(group, symbols + at, data);
        base32_add_checks(group, data);
        if (at > 0) {
            *out++ = '-';
        }
        for (size_t i = 0; i < data + GROUP_CHECKS; i++) {
            *out++ = base32_char(group[i]);
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
        uint8_t symbol = base32_symbol(c);
        if (symbol == BASE32_NO_SYMBOL) {
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
        bool whole = base32_whole(scan->symbols + at, size);
        if (!whole || size <= GROUP_CHECKS) {
            size_t fault = whole ? size : base32_fault(scan->symbols + at, size);
            scan->place = scan->places[at + (fault < size ? fault : 0)];
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
    } else if (!base32_to_bytes(scan.symbols, scan.count, payload, &length)) {
        refusal = REFUSAL_MALFORMED;
    } else {
        refusal = read_payload((struct bytes){.data = payload, .length = length}, ret);
    }
    secret_wipe(&scan, sizeof(scan));
    secret_wipe(payload, sizeof(payload));
    return refusal;
}
