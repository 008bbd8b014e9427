#include "shared/consent/contact.h"

#include <assert.h>
#include <string.h>

#include "shared/base/buf.h"
#include "shared/crypto/box.h"
#include "shared/crypto/secret.h"

enum {
    CONTACT_VERSION = 1,
    RUN_LENGTH_BYTES = 4,
};
_Static_assert((int)CONTACT_BOX_BYTES == (int)CONTACT_PLAIN_BYTES + (int)BOX_OVERHEAD_BYTES,
               "what the decoders let through is what we seal");
_Static_assert(1 + RUN_LENGTH_BYTES + CONTACT_TEXT_BYTES_MAX + 1 +
                       sizeof(((struct contact *)NULL)->presence.bytes) <=
                   CONTACT_PLAIN_BYTES,
               "the longest contact fits");

static const struct presence_seed none;

/* Zeros after what is written are the padding. */
static void write_plain(const struct contact *contact, uint8_t ret[static CONTACT_PLAIN_BYTES]) {
    memset(ret, 0, CONTACT_PLAIN_BYTES);
    struct buf buf = buf_over(ret, CONTACT_PLAIN_BYTES);
    buf_u8(&buf, CONTACT_VERSION);
    buf_text(&buf, contact->text);
    buf_u8(&buf, contact->has_presence ? 1 : 0);
    buf_raw(&buf, contact->has_presence ? BYTES_OF(contact->presence) : BYTES_OF(none));
    assert(buf.error == 0);
}

static bool all_zero(struct bytes bytes) {
    for (size_t i = 0; i < bytes.length; i++) {
        if (bytes.data[i] != 0) {
            return false;
        }
    }
    return true;
}

static int read_plain(const uint8_t plain[static CONTACT_PLAIN_BYTES], struct contact *ret) {
    struct contact contact = {0};
    struct reader reader = reader_over((struct bytes){plain, CONTACT_PLAIN_BYTES});
    const uint8_t version = read_u8(&reader);
    read_text(&reader, contact.text, sizeof(contact.text));
    const uint8_t has_presence = read_u8(&reader);
    read_raw(&reader, contact.presence.bytes, sizeof(contact.presence.bytes));
    contact.has_presence = has_presence == 1;
    const bool sound = reader.error == 0 && version == CONTACT_VERSION && has_presence <= 1 &&
                       (contact.has_presence || all_zero(BYTES_OF(contact.presence))) &&
                       all_zero(reader.rest);
    if (sound) {
        *ret = contact;
    }
    secret_wipe(&contact, sizeof(contact));
    return sound ? 0 : ERR_MALFORMED;
}

int contact_seal(const struct contact *contact, const struct curve_public *to,
                 const uint8_t seed[static 32], struct arena *arena, struct sealed *ret) {
    uint8_t plain[CONTACT_PLAIN_BYTES];
    assert(memchr(contact->text, '\0', sizeof(contact->text)) != NULL);
    uint8_t *box = ARENA_ARRAY(arena, uint8_t, CONTACT_BOX_BYTES);
    if (box == NULL) {
        return ERR_NO_MEMORY;
    }
    write_plain(contact, plain);
    int r = box_seal(to, seed, BYTES_OF(plain), box);
    secret_wipe(plain, sizeof(plain));
    if (r < 0) {
        return r;
    }
    _Static_assert(sizeof(ret->key) == sizeof(to->bytes), "the same key");
    memcpy(ret->key, to->bytes, sizeof(ret->key));
    ret->box = (struct bytes){.data = box, .length = CONTACT_BOX_BYTES};
    return 0;
}

int contact_open(const struct sealed *sealed, const struct curve_secret *secret,
                 struct contact *ret) {
    uint8_t plain[CONTACT_PLAIN_BYTES];
    if (sealed->box.length != CONTACT_BOX_BYTES) {
        return ERR_MALFORMED;
    }
    int r = box_open(secret, sealed->box, plain);
    if (r == 0) {
        r = read_plain(plain, ret);
    }
    secret_wipe(plain, sizeof(plain));
    return r;
}
