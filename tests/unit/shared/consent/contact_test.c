#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <sodium.h>
#include <string.h>

#include "shared/consent/contact.h"
#include "shared/crypto/box.h"

enum { SEALED_BYTES = 1024 + 48 };

static const char words[] = "Mevrouw A., 0470 00 00 00, na 17 u, Tigrinya \xe1\x88\xb0";

struct fixture {
    struct arena *arena;
    struct curve_public to;
    struct curve_secret secret;
    struct contact contact;
    uint8_t seed[32];
};

static struct fixture begin(void) {
    struct fixture fixture = {.seed = {7}};
    const uint8_t seed[32] = {1};
    assert_int_equal(arena_new(1 << 16, &fixture.arena), 0);
    curve_keys_from_seed(seed, "contact/v1", &fixture.to, &fixture.secret);
    memcpy(fixture.contact.text, words, sizeof(words));
    return fixture;
}

static struct sealed seal(struct fixture *fixture) {
    struct sealed sealed;
    assert_int_equal(
        contact_seal(&fixture->contact, &fixture->to, fixture->seed, fixture->arena, &sealed), 0);
    return sealed;
}

/* Seals what nobody of ours would. */
static struct sealed seal_plain(struct fixture *fixture, struct bytes plain) {
    struct sealed sealed;
    uint8_t *box = ARENA_ARRAY(fixture->arena, uint8_t, plain.length + BOX_OVERHEAD_BYTES);
    assert_non_null(box);
    assert_int_equal(box_seal(&fixture->to, fixture->seed, plain, box), 0);
    memcpy(sealed.key, fixture->to.bytes, sizeof(sealed.key));
    sealed.box = (struct bytes){box, plain.length + BOX_OVERHEAD_BYTES};
    return sealed;
}

static int open_plain(struct fixture *fixture, const uint8_t *plain, size_t length) {
    struct contact contact;
    const struct sealed sealed = seal_plain(fixture, (struct bytes){plain, length});
    return contact_open(&sealed, &fixture->secret, &contact);
}

static void what_is_sealed_is_opened_by_its_receiver(void **state) {
    struct fixture fixture = begin();
    struct contact read;
    fixture.contact.has_presence = true;
    memset(fixture.contact.presence.bytes, 9, 32);
    const struct sealed sealed = seal(&fixture);
    assert_memory_equal(sealed.key, fixture.to.bytes, 32);
    assert_int_equal(contact_open(&sealed, &fixture.secret, &read), 0);
    assert_string_equal(read.text, words);
    assert_true(read.has_presence);
    assert_memory_equal(read.presence.bytes, fixture.contact.presence.bytes, 32);
    arena_free(fixture.arena);
}

/* As the header of contact.c's writer has it: version, length, text, no presence, zeros. */
static void libsodiums_own_sealed_box_opens_it(void **state) {
    struct fixture fixture = begin();
    uint8_t plain[1024];
    uint8_t expected[1024] = {1, 0, 0, 0, sizeof(words) - 1};
    memcpy(expected + 5, words, sizeof(words) - 1);
    const struct sealed sealed = seal(&fixture);
    assert_int_equal(sealed.box.length, SEALED_BYTES);
    assert_int_equal(crypto_box_seal_open(plain, sealed.box.data, sealed.box.length,
                                          fixture.to.bytes, fixture.secret.bytes),
                     0);
    assert_memory_equal(plain, expected, sizeof(plain));
    arena_free(fixture.arena);
}

static void every_contact_has_the_same_size(void **state) {
    struct fixture fixture = begin();
    struct contact read;
    for (size_t length = 0; length <= CONTACT_TEXT_BYTES_MAX; length += 96) {
        memset(fixture.contact.text, 'x', length);
        fixture.contact.text[length] = '\0';
        fixture.contact.has_presence = length % 192 == 0;
        const struct sealed sealed = seal(&fixture);
        assert_int_equal(sealed.box.length, SEALED_BYTES);
        assert_int_equal(contact_open(&sealed, &fixture.secret, &read), 0);
        assert_string_equal(read.text, fixture.contact.text);
        arena_reset(fixture.arena);
    }
    arena_free(fixture.arena);
}

static void a_seed_that_is_not_given_along_is_not_sealed(void **state) {
    struct fixture fixture = begin();
    struct contact read;
    memset(fixture.contact.presence.bytes, 9, 32);
    const struct sealed sealed = seal(&fixture);
    const struct presence_seed none = {0};
    assert_int_equal(contact_open(&sealed, &fixture.secret, &read), 0);
    assert_false(read.has_presence);
    assert_memory_equal(read.presence.bytes, none.bytes, 32);
    arena_free(fixture.arena);
}

static void another_receiver_or_an_altered_box_opens_nothing(void **state) {
    struct fixture fixture = begin();
    const struct sealed sealed = seal(&fixture);
    const uint8_t seed[32] = {2};
    struct curve_public public_key;
    struct curve_secret other;
    struct contact read = {.text = "before"};
    curve_keys_from_seed(seed, "contact/v1", &public_key, &other);
    assert_int_equal(contact_open(&sealed, &other, &read), ERR_CRYPTO);
    uint8_t *box = (uint8_t *)(uintptr_t)sealed.box.data;
    for (size_t i = 0; i < SEALED_BYTES; i += 97) {
        box[i] ^= 1;
        assert_int_equal(contact_open(&sealed, &fixture.secret, &read), ERR_CRYPTO);
        box[i] ^= 1;
    }
    assert_string_equal(read.text, "before");
    arena_free(fixture.arena);
}

static void a_key_of_small_order_is_refused(void **state) {
    struct fixture fixture = begin();
    struct sealed sealed;
    memset(fixture.to.bytes, 0, sizeof(fixture.to.bytes));
    assert_int_equal(
        contact_seal(&fixture.contact, &fixture.to, fixture.seed, fixture.arena, &sealed),
        ERR_CRYPTO);
    arena_free(fixture.arena);
}

static void a_full_arena_is_reported(void **state) {
    struct fixture fixture = begin();
    struct arena *small;
    struct sealed sealed;
    assert_int_equal(arena_new(512, &small), 0);
    assert_int_equal(contact_seal(&fixture.contact, &fixture.to, fixture.seed, small, &sealed),
                     ERR_NO_MEMORY);
    arena_free(small);
    arena_free(fixture.arena);
}

static void another_size_is_refused(void **state) {
    struct fixture fixture = begin();
    const uint8_t plain[1025] = {1};
    const struct sealed empty = {.box = {.length = 0}};
    struct contact read;
    assert_int_equal(open_plain(&fixture, plain, 1024), 0);
    assert_int_equal(open_plain(&fixture, plain, 1023), ERR_MALFORMED);
    assert_int_equal(open_plain(&fixture, plain, 1025), ERR_MALFORMED);
    assert_int_equal(open_plain(&fixture, plain, 0), ERR_MALFORMED);
    assert_int_equal(contact_open(&empty, &fixture.secret, &read), ERR_MALFORMED);
    arena_free(fixture.arena);
}

static void padding_that_is_not_zero_is_refused(void **state) {
    struct fixture fixture = begin();
    for (size_t at = 38; at < 1024; at++) { /* version, length 0, no presence, 32 zeros */
        uint8_t plain[1024] = {1};
        plain[at] = 1;
        assert_int_equal(open_plain(&fixture, plain, sizeof(plain)), ERR_MALFORMED);
        arena_reset(fixture.arena);
    }
    arena_free(fixture.arena);
}

static void what_is_no_contact_is_refused(void **state) {
    struct fixture fixture = begin();
    static const uint8_t bad[][48] = {
        {0},                                /* no version */
        {2},                                /* a later one */
        {1, 0, 0, 3, 0xc1},                 /* 961 bytes of text */
        {1, 0, 0, 4, 0},                    /* longer than the whole */
        {1, 0xff, 0xff, 0xff, 0xff},        /* much longer */
        {1, 0, 0, 0, 2, 'a', 0},            /* a NUL in the text */
        {1, 0, 0, 0, 1, 'a', 2},            /* neither with nor without a presence seed */
        {1, 0, 0, 0, 1, 'a', 0, 0, 0, 0, 5} /* a seed that isn't given along */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint8_t plain[1024] = {0};
        memcpy(plain, bad[i], sizeof(bad[i]));
        assert_int_equal(open_plain(&fixture, plain, sizeof(plain)), ERR_MALFORMED);
    }
    arena_free(fixture.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sealed_is_opened_by_its_receiver),
        cmocka_unit_test(libsodiums_own_sealed_box_opens_it),
        cmocka_unit_test(every_contact_has_the_same_size),
        cmocka_unit_test(a_seed_that_is_not_given_along_is_not_sealed),
        cmocka_unit_test(another_receiver_or_an_altered_box_opens_nothing),
        cmocka_unit_test(a_key_of_small_order_is_refused),
        cmocka_unit_test(a_full_arena_is_reported),
        cmocka_unit_test(another_size_is_refused),
        cmocka_unit_test(padding_that_is_not_zero_is_refused),
        cmocka_unit_test(what_is_no_contact_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
