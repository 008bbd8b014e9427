#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/crypto/aead.h"

/* draft-irtf-cfrg-xchacha-03, appendix A.3.1. */
static const char plaintext[] =
    "Ladies and Gentlemen of the class of '99: If I could offer you only "
    "one tip for the future, sunscreen would be it.";
static const char sealed_hex[] = "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
                                 "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
                                 "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
                                 "21f9664c97637da9768812f615c68b13b52e"
                                 "c0875924c1c7987947deafd8780acf49";
static const uint8_t ad[12] = {0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1,
                               0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7};

enum { PLAIN_BYTES = sizeof(plaintext) - 1, SEALED_BYTES = PLAIN_BYTES + AEAD_TAG_BYTES };

struct vector {
    struct aead_key key;
    struct aead_nonce nonce;
    uint8_t ad[12];
    uint8_t sealed[SEALED_BYTES];
};

static struct vector the_drafts(void) {
    struct vector vector;
    for (size_t i = 0; i < sizeof(vector.key.bytes); i++) {
        vector.key.bytes[i] = (uint8_t)(0x80 + i);
    }
    for (size_t i = 0; i < sizeof(vector.nonce.bytes); i++) {
        vector.nonce.bytes[i] = (uint8_t)(0x40 + i);
    }
    memcpy(vector.ad, ad, sizeof(ad));
    assert_int_equal(hex_decode(sealed_hex, vector.sealed, sizeof(vector.sealed)), 0);
    return vector;
}

static int open_vector(const struct vector *vector, uint8_t *ret) {
    return aead_open(&vector->key, &vector->nonce, BYTES_OF(vector->ad), BYTES_OF(vector->sealed),
                     ret);
}

static void sealing_gives_the_drafts_answer(void **state) {
    struct vector vector = the_drafts();
    uint8_t sealed[SEALED_BYTES];
    aead_seal(&vector.key, &vector.nonce, BYTES_OF(vector.ad), bytes_from_text(plaintext), sealed);
    assert_memory_equal(sealed, vector.sealed, sizeof(sealed));
}

static void opening_gives_the_plaintext_back(void **state) {
    struct vector vector = the_drafts();
    uint8_t opened[PLAIN_BYTES];
    assert_int_equal(open_vector(&vector, opened), 0);
    assert_memory_equal(opened, plaintext, sizeof(opened));
}

static void every_bit_of_key_nonce_data_and_ciphertext_matters(void **state) {
    struct vector vector = the_drafts();
    uint8_t opened[PLAIN_BYTES];
    uint8_t *all = (uint8_t *)&vector;
    for (size_t bit = 0; bit < 8 * sizeof(vector); bit++) {
        all[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(open_vector(&vector, opened), ERR_CRYPTO);
        all[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void what_is_shorter_than_a_tag_doesnt_open(void **state) {
    struct vector vector = the_drafts();
    uint8_t opened[PLAIN_BYTES];
    for (size_t length = 0; length < AEAD_TAG_BYTES; length++) {
        struct bytes sealed = {.data = vector.sealed, .length = length};
        assert_int_equal(aead_open(&vector.key, &vector.nonce, BYTES_OF(ad), sealed, opened),
                         ERR_CRYPTO);
    }
}

static void an_empty_message_seals_and_opens(void **state) {
    struct vector vector = the_drafts();
    uint8_t sealed[AEAD_TAG_BYTES];
    uint8_t opened[1];
    aead_seal(&vector.key, &vector.nonce, (struct bytes){0}, (struct bytes){0}, sealed);
    assert_int_equal(
        aead_open(&vector.key, &vector.nonce, (struct bytes){0}, BYTES_OF(sealed), opened), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealing_gives_the_drafts_answer),
        cmocka_unit_test(opening_gives_the_plaintext_back),
        cmocka_unit_test(every_bit_of_key_nonce_data_and_ciphertext_matters),
        cmocka_unit_test(what_is_shorter_than_a_tag_doesnt_open),
        cmocka_unit_test(an_empty_message_seals_and_opens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
