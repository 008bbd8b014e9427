#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/consent/card.h"

enum {
    SYMBOLS = 28,
    CARDS = 4,
};

static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static struct card card_of(int which) {
    static const uint8_t secrets[CARDS][CARD_SECRET_BYTES] = {
        {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
        {0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd,
         0xef},
        {0},
        {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff},
    };
    struct card card;
    memcpy(card.secret, secrets[which], sizeof(card.secret));
    return card;
}

/* The 28 characters without the groups' dashes. */
static void bare(int which, char ret_text[static SYMBOLS + 1]) {
    char text[CARD_TEXT_SIZE];
    const struct card card = card_of(which);
    size_t count = 0;
    card_format(&card, text);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at != '-') {
            ret_text[count++] = *at;
        }
    }
    ret_text[count] = '\0';
    assert_int_equal(count, SYMBOLS);
}

static enum refusal parse(const char *text) {
    struct card card;
    size_t place;
    return card_parse(text, &card, &place);
}

/* Python: the number version << 128 | secret in base 32, then the one pair of check symbols, of all
 * 1024, for which the sums of the symbols and of the symbols times alpha^i are both 0, with
 * carry-less multiplication modulo x^5 + x^2 + 1. */
static void a_card_is_spelled_as_an_independent_program_spells_it(void **state) {
    static const char *const expected[CARDS] = {
        "0004-1061-050R-3GG2-8A1C-60T3-GFXC",
        "7YVJ-X9GX-JM68-8028-T5CY-4TQK-FF8W",
        "0000-0000-0000-0000-0000-0000-0000",
        "7ZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZKB",
    };
    for (int i = 0; i < CARDS; i++) {
        const struct card card = card_of(i);
        struct card read;
        char text[CARD_TEXT_SIZE];
        size_t place = 9;
        card_format(&card, text);
        assert_string_equal(text, expected[i]);
        assert_int_equal(card_parse(text, &read, &place), REFUSAL_NONE);
        assert_memory_equal(read.secret, card.secret, sizeof(card.secret));
        assert_int_equal(place, 0);
    }
}

static void case_spaces_and_look_alikes_do_not_matter(void **state) {
    static const char *const same[] = {
        "0004-1061-050r-3gg2-8a1c-60t3-gfxc",     "00041061050R3GG28A1C60T3GFXC",
        "OoO4 1O61 o50R 3GG2\n8A1C 60T3\r\nGFXC", "  0004--1061\t050R-3GG28A1C -60T3-GFXC- \n",
        "0004-I061-050R-3GG2-8AlC-60T3-GFXC",     "0004-L061-050R-3GG2-8AiC-60T3-GFXC",
    };
    const struct card card = card_of(0);
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        struct card read;
        size_t place;
        assert_int_equal(card_parse(same[i], &read, &place), REFUSAL_NONE);
        assert_memory_equal(read.secret, card.secret, sizeof(card.secret));
    }
}

static void every_single_wrong_character_is_refused_with_its_place(void **state) {
    for (int i = 0; i < CARDS; i++) {
        char text[SYMBOLS + 1];
        int tried = 0;
        bare(i, text);
        for (size_t at = 0; at < SYMBOLS; at++) {
            const char right = text[at];
            for (const char *wrong = symbols; *wrong != '\0'; wrong++) {
                struct card card;
                size_t place;
                if (*wrong == right) {
                    continue;
                }
                text[at] = *wrong;
                assert_int_equal(card_parse(text, &card, &place), REFUSAL_MISTYPED);
                assert_int_equal(place, at + 1);
                tried++;
            }
            text[at] = right;
        }
        assert_int_equal(tried, SYMBOLS * 31);
    }
}

/* Counts instead of asserting each: it is tried a third of a million times a card. */
static void count_pair(char *text, size_t a, size_t b, int *taken, int *tried) {
    const char right_a = text[a];
    const char right_b = text[b];
    for (const char *x = symbols; *x != '\0'; x++) {
        for (const char *y = symbols; *y != '\0'; y++) {
            if (*x == right_a || *y == right_b) {
                continue;
            }
            text[a] = *x;
            text[b] = *y;
            *taken += parse(text) != REFUSAL_MISTYPED;
            (*tried)++;
        }
    }
    text[a] = right_a;
    text[b] = right_b;
}

static void every_two_wrong_characters_are_refused(void **state) {
    for (int i = 0; i < CARDS; i++) {
        char text[SYMBOLS + 1];
        int taken = 0;
        int tried = 0;
        bare(i, text);
        for (size_t a = 0; a < SYMBOLS; a++) {
            for (size_t b = a + 1; b < SYMBOLS; b++) {
                count_pair(text, a, b, &taken, &tried);
            }
        }
        assert_int_equal(tried, 28 * 27 / 2 * 31 * 31);
        assert_int_equal(taken, 0);
    }
}

static void every_swap_of_two_places_is_refused(void **state) {
    for (int i = 0; i < CARDS; i++) {
        char text[SYMBOLS + 1];
        bare(i, text);
        for (size_t a = 0; a < SYMBOLS; a++) {
            for (size_t b = a + 1; b < SYMBOLS; b++) {
                const char first = text[a];
                const enum refusal expected = text[a] == text[b] ? REFUSAL_NONE : REFUSAL_MISTYPED;
                text[a] = text[b];
                text[b] = first;
                assert_int_equal(parse(text), expected);
                text[b] = text[a];
                text[a] = first;
            }
        }
    }
}

static void a_card_that_is_too_short_or_too_long_is_refused_where_that_shows(void **state) {
    char text[CARD_TEXT_SIZE + 8] = {0};
    struct card card = card_of(1);
    size_t place;
    card_format(&card, text);
    for (size_t length = 0; length < CARD_TEXT_SIZE - 1; length++) {
        char cut[CARD_TEXT_SIZE] = {0};
        memcpy(cut, text, length);
        assert_int_equal(card_parse(cut, &card, &place), REFUSAL_MALFORMED);
        assert_int_equal(place, length + 1);
    }
    memcpy(text + CARD_TEXT_SIZE - 1, "-  0", 5);
    assert_int_equal(card_parse(text, &card, &place), REFUSAL_MALFORMED);
    assert_int_equal(place, CARD_TEXT_SIZE + 3);
}

static void a_character_that_no_card_has_is_refused_with_its_place(void **state) {
    static const char foreign[] = "uU!.,/_*'\"\x01\x7f\xc3\xa9";
    const struct card before = card_of(3);
    for (const char *at = foreign; *at != '\0'; at++) {
        char text[] = "0004-1061-050R-3GG2-8A1C-60T3-GFXC";
        struct card card = before;
        size_t place;
        text[7] = *at;
        assert_int_equal(card_parse(text, &card, &place), REFUSAL_MALFORMED);
        assert_int_equal(place, 8);
        assert_memory_equal(&card, &before, sizeof(card));
    }
}

/* By the independent program, with another version. */
static void a_card_of_another_version_is_refused_as_such(void **state) {
    static const char *const later[] = {
        "8004-1061-050R-3GG2-8A1C-60T3-GFPF",
        "G004-1061-050R-3GG2-8A1C-60T3-GFBA",
        "R004-1061-050R-3GG2-8A1C-60T3-GF09",
    };
    const struct card before = card_of(3);
    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
        struct card card = before;
        size_t place = 9;
        assert_int_equal(card_parse(later[i], &card, &place), REFUSAL_UNKNOWN_VERSION);
        assert_int_equal(place, 0);
        assert_memory_equal(&card, &before, sizeof(card));
    }
}

/* ---- what a card opens ---- */

static struct hub_id hub_of(const char *text) {
    struct hub_id hub;
    assert_int_equal(hub_id_parse(text, &hub), 0);
    return hub;
}

static void assert_hex(struct bytes bytes, const char *expected) {
    char text[2 * 64 + 1];
    assert_true(bytes.length <= 64);
    hex_encode(bytes, text);
    assert_string_equal(text, expected);
}

/* Python: hashlib.blake2b(d + h, key=bytes(range(16)), digest_size=32), where d and h are domain
 * and hub id, each after its length as eight bytes, big-endian. */
static void handle_and_seed_are_what_an_independent_program_makes(void **state) {
    const struct card card = card_of(0);
    const struct hub_id limburg = hub_of("limburg");
    const struct hub_id gent = hub_of("gent");
    struct family_handle handle = card_handle(&card, &limburg);
    assert_hex(BYTES_OF(handle),
               "77fa064602f2eab4797f18a4c31d59b3476041832638fa04598b99689ea4c776");
    handle = card_handle(&card, &gent);
    assert_hex(BYTES_OF(handle),
               "831e255d9b1558cfaf4db955cae7f36436f20f1e8a3f1b90e2df8d9d23556b13");
    const struct presence_seed seed = card_presence_seed(&card, &limburg);
    assert_hex(BYTES_OF(seed), "8f08cf407ea21b724a4755a80c89500bdd399b6d78a9d3f1bf3d7e6cabad8960");
}

/* Python, with the package cryptography (OpenSSL): the Ed25519 public key of the seed above, and of
 * the seed under "family-key/v1". */
static void public_keys_are_what_an_independent_program_makes(void **state) {
    const struct card card = card_of(0);
    const struct hub_id hub = hub_of("limburg");
    const struct presence_seed seed = card_presence_seed(&card, &hub);
    struct sign_public public_key;
    struct sign_secret secret;
    presence_keys(&seed, &public_key, &secret);
    assert_hex(BYTES_OF(public_key),
               "1c82418418ebe6a2959da5dd804b6d8a1813d026069f759e82f406f898130141");
    card_family_keys(&card, &hub, &public_key, &secret);
    assert_hex(BYTES_OF(public_key),
               "32a2fd6a2e5cc418768aec24522683711a28d4ca13b0b1ed42a462827aaf1b12");
}

static void another_card_or_another_hub_has_nothing_in_common(void **state) {
    const struct card cards[] = {card_of(0), card_of(1)};
    const struct hub_id hubs[] = {hub_of("limburg"), hub_of("gent")};
    uint8_t found[12][32];
    size_t count = 0;
    for (int i = 0; i < 4; i++) {
        const struct card *card = &cards[i % 2];
        const struct hub_id *hub = &hubs[i / 2];
        const struct family_handle handle = card_handle(card, hub);
        const struct presence_seed seed = card_presence_seed(card, hub);
        struct sign_public public_key;
        struct sign_secret secret;
        card_family_keys(card, hub, &public_key, &secret);
        memcpy(found[count++], handle.bytes, 32);
        memcpy(found[count++], seed.bytes, 32);
        memcpy(found[count++], public_key.bytes, 32);
    }
    for (size_t a = 0; a < count; a++) {
        for (size_t b = a + 1; b < count; b++) {
            assert_memory_not_equal(found[a], found[b], 32);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_is_spelled_as_an_independent_program_spells_it),
        cmocka_unit_test(case_spaces_and_look_alikes_do_not_matter),
        cmocka_unit_test(every_single_wrong_character_is_refused_with_its_place),
        cmocka_unit_test(every_two_wrong_characters_are_refused),
        cmocka_unit_test(every_swap_of_two_places_is_refused),
        cmocka_unit_test(a_card_that_is_too_short_or_too_long_is_refused_where_that_shows),
        cmocka_unit_test(a_character_that_no_card_has_is_refused_with_its_place),
        cmocka_unit_test(a_card_of_another_version_is_refused_as_such),
        cmocka_unit_test(handle_and_seed_are_what_an_independent_program_makes),
        cmocka_unit_test(public_keys_are_what_an_independent_program_makes),
        cmocka_unit_test(another_card_or_another_hub_has_nothing_in_common),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
