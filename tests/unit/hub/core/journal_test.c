#include "hub/core/journal.h"
#include "tests/unit/hub/core/fixture.h"

enum { RECORDS = 3 };

/* Computed by journal_expected.py: commitment and head of each record. */
static const char *const expected[RECORDS][2] = {
    {"59e904020167cb1d3ea92d89da9b0fd9e0f92324bc4c7425303dda3ac4924e3a",
     "66faf4afd811687fdaa7d7103f7c181dc381be97a54be896c1abd66cb2858570"},
    {"941156f9ab4c3c143992a86a434fadae1dfdb5fe6e85e27617b0165fb7189192",
     "763af153588bc503703d219a9cb4176f4599dadfe3c0a225d992bd39f5ae0082"},
    {"b3c5d2dbaa9a054d69957591abd3c76cdf12b48ce0c01c0967ba192ea37e89e0",
     "26f69d877e5ccd8888eba36944843ab332496ac4fde20141970fbc8630c02fce"},
};

static const int64_t time_ms = 1795420800000;

struct journal {
    struct scratch scratch;
    struct store *store;
    struct store_txn *txn;
    struct arena *arena;
    struct rng rng;
};

static struct bytes key_of(uint64_t sequence, uint8_t memory[static 8]) {
    be64_write(memory, sequence);
    return (struct bytes){.data = memory, .length = 8};
}

/* Salts are the stream of RFC 8439, appendix A.1, test vector 1: the key is zero. */
static struct journal *begin(void) {
    static const uint8_t seed[32] = {0};
    struct journal *journal = calloc(1, sizeof(*journal));
    assert_non_null(journal);
    journal->scratch = scratch_new();
    const struct store_params params = {
        .path = journal->scratch.path, .durability = STORE_VOLATILE, .map_bytes = 16 << 20};
    assert_int_equal(store_open(&params, &journal->store), 0);
    assert_int_equal(store_begin_write(journal->store, &journal->txn), 0);
    assert_int_equal(arena_new(16 << 20, &journal->arena), 0);
    rng_init(&journal->rng, seed);
    return journal;
}

static void end(struct journal *journal) {
    assert_int_equal(store_txn_error(journal->txn), 0);
    store_abort(journal->txn);
    store_close(journal->store);
    scratch_free(&journal->scratch);
    arena_free(journal->arena);
    free(journal);
}

static void append(struct journal *journal, int64_t now_ms, uint16_t type, struct bytes body) {
    struct turn_view view = {
        .txn = journal->txn, .now_ms = now_ms, .rng = &journal->rng, .arena = journal->arena};
    const struct fact fact = {.type = type, .body = body};
    assert_int_equal(journal_append(&view, &fact, NULL), 0);
}

static struct bytes all_bytes(void) {
    static uint8_t all[256];
    for (size_t i = 0; i < sizeof(all); i++) {
        all[i] = (uint8_t)i;
    }
    return BYTES_OF(all);
}

static struct journal *begin_filled(void) {
    struct journal *journal = begin();
    journal_begin(journal->txn, 7);
    append(journal, time_ms, 1, bytes_from_text("first"));
    append(journal, time_ms + 1, 9, all_bytes());
    append(journal, time_ms + 2, 13, bytes_from_text("third"));
    return journal;
}

static struct journal_verdict verify(struct journal *journal) {
    struct journal_verdict verdict;
    assert_int_equal(journal_verify(journal->txn, &verdict), 0);
    return verdict;
}

static void assert_broken_at(struct journal *journal, uint64_t sequence) {
    struct journal_verdict verdict = verify(journal);
    assert_int_equal(verdict.broken_at, sequence);
    assert_int_equal(verdict.records, sequence - 1);
    assert_non_null(verdict.reason);
}

static void the_chain_is_what_an_independent_program_computes(void **state) {
    struct journal *journal = begin_filled();
    struct position position;
    char text[65];
    for (uint64_t i = 0; i < RECORDS; i++) {
        struct journal_record record;
        assert_int_equal(journal_read(journal->txn, i + 1, &record), 0);
        hex_encode(BYTES_OF(record.commitment), text);
        assert_string_equal(text, expected[i][0]);
        hex_encode(BYTES_OF(record.head), text);
        assert_string_equal(text, expected[i][1]);
    }
    assert_int_equal(journal_position(journal->txn, &position), 0);
    assert_int_equal(position.epoch, 7);
    assert_int_equal(position.sequence, RECORDS);
    hex_encode(BYTES_OF(position.head), text);
    assert_string_equal(text, expected[RECORDS - 1][1]);
    end(journal);
}

static void a_record_is_read_back_as_it_was_written(void **state) {
    struct journal *journal = begin_filled();
    struct journal_record record;
    assert_int_equal(journal_read(journal->txn, 2, &record), 0);
    assert_int_equal(record.sequence, 2);
    assert_int_equal(record.time_ms, time_ms + 1);
    assert_int_equal(record.type, 9);
    assert_int_equal(record.length, 256);
    assert_true(bytes_equal(record.body, all_bytes()));
    assert_int_equal(journal_read(journal->txn, 0, &record), ERR_NOT_FOUND);
    assert_int_equal(journal_read(journal->txn, 4, &record), ERR_NOT_FOUND);
    end(journal);
}

static void a_whole_journal_holds(void **state) {
    struct journal *journal = begin_filled();
    struct journal_verdict verdict = verify(journal);
    assert_int_equal(verdict.records, RECORDS);
    assert_int_equal(verdict.broken_at, 0);
    assert_null(verdict.reason);
    end(journal);
}

static void an_empty_journal_holds_and_one_never_begun_does_not_open(void **state) {
    struct journal *journal = begin();
    struct journal_verdict verdict;
    struct position position;
    bool holds;
    assert_int_equal(journal_position(journal->txn, &position), ERR_STORAGE);
    assert_int_equal(journal_verify(journal->txn, &verdict), ERR_STORAGE);
    assert_int_equal(journal_holds(journal->txn, &(struct position){.epoch = 7}, &holds),
                     ERR_STORAGE);
    journal_begin(journal->txn, 7);
    assert_int_equal(verify(journal).broken_at, 0);
    assert_int_equal(journal_position(journal->txn, &position), 0);
    assert_int_equal(position.sequence, 0);
    assert_true(digest_is_zero(&position.head));
    end(journal);
}

/* Each bit of each byte of a record, in the table that holds it; gives how many bytes. */
static size_t spoil_each(struct journal *journal, enum table table, uint64_t sequence) {
    uint8_t key[8];
    uint8_t value[512];
    struct bytes kept;
    assert_int_equal(store_get(journal->txn, table, key_of(sequence, key), &kept), 0);
    assert_true(kept.length <= sizeof(value));
    struct bytes spoilt = {.data = value, .length = kept.length};
    memcpy(value, kept.data, kept.length);
    for (size_t i = 0; i < spoilt.length; i++) {
        uint8_t right = value[i];
        value[i] ^= (uint8_t)(1U << (i % 8));
        store_put(journal->txn, table, BYTES_OF(key), spoilt);
        assert_broken_at(journal, sequence);
        value[i] = right;
    }
    store_put(journal->txn, table, BYTES_OF(key), spoilt);
    assert_int_equal(verify(journal).broken_at, 0);
    return spoilt.length;
}

/* 1 + 8 + 2 + 4 + 32 + 32 bytes of header; a salt of 16 before each body. */
static void every_altered_byte_is_found_with_its_sequence(void **state) {
    static const size_t lengths[RECORDS] = {5, 256, 5};
    struct journal *journal = begin_filled();
    for (uint64_t sequence = 1; sequence <= RECORDS; sequence++) {
        assert_int_equal(spoil_each(journal, TABLE_JOURNAL, sequence), 79);
        assert_int_equal(spoil_each(journal, TABLE_JOURNAL_BODY, sequence),
                         JOURNAL_SALT_BYTES + lengths[sequence - 1]);
    }
    end(journal);
}

static void a_body_that_grew_or_shrank_is_found(void **state) {
    struct journal *journal = begin_filled();
    uint8_t key[8];
    uint8_t value[512] = {0};
    struct bytes kept;
    assert_int_equal(store_get(journal->txn, TABLE_JOURNAL_BODY, key_of(2, key), &kept), 0);
    size_t length = kept.length;
    memcpy(value, kept.data, length);
    for (size_t other = 0; other <= length + 1; other++) {
        store_put(journal->txn, TABLE_JOURNAL_BODY, BYTES_OF(key),
                  (struct bytes){.data = value, .length = other});
        if (other != length) {
            assert_broken_at(journal, 2);
        }
    }
    end(journal);
}

static void a_missing_header_or_body_is_found(void **state) {
    static const enum table tables[] = {TABLE_JOURNAL, TABLE_JOURNAL_BODY};
    for (size_t i = 0; i < 2; i++) {
        for (uint64_t sequence = 1; sequence <= RECORDS; sequence++) {
            struct journal *journal = begin_filled();
            uint8_t key[8];
            store_delete(journal->txn, tables[i], key_of(sequence, key));
            assert_broken_at(journal, sequence);
            end(journal);
        }
    }
}

/* Also where the whole end is gone, header and body. */
static void a_cut_end_is_found(void **state) {
    for (uint64_t keep = 0; keep < RECORDS; keep++) {
        struct journal *journal = begin_filled();
        uint8_t key[8];
        for (uint64_t sequence = keep + 1; sequence <= RECORDS; sequence++) {
            store_delete(journal->txn, TABLE_JOURNAL, key_of(sequence, key));
            store_delete(journal->txn, TABLE_JOURNAL_BODY, key_of(sequence, key));
        }
        assert_broken_at(journal, keep + 1);
        end(journal);
    }
}

static void a_record_behind_the_position_is_found(void **state) {
    struct journal *journal = begin_filled();
    struct position before;
    assert_int_equal(journal_position(journal->txn, &before), 0);
    struct bytes value;
    assert_int_equal(store_get(journal->txn, TABLE_META, bytes_from_text("journal"), &value), 0);
    struct bytes kept = arena_copy(journal->arena, value);
    append(journal, time_ms + 3, 1, bytes_from_text("fourth"));
    assert_int_equal(verify(journal).broken_at, 0);
    store_put(journal->txn, TABLE_META, bytes_from_text("journal"), kept);
    assert_int_not_equal(verify(journal).broken_at, 0);
    end(journal);
}

static void two_records_that_changed_places_are_found(void **state) {
    struct journal *journal = begin_filled();
    static const enum table tables[] = {TABLE_JOURNAL, TABLE_JOURNAL_BODY};
    uint8_t first[8];
    uint8_t third[8];
    for (size_t i = 0; i < 2; i++) {
        struct bytes value;
        assert_int_equal(store_get(journal->txn, tables[i], key_of(1, first), &value), 0);
        struct bytes one = arena_copy(journal->arena, value);
        assert_int_equal(store_get(journal->txn, tables[i], key_of(3, third), &value), 0);
        struct bytes three = arena_copy(journal->arena, value);
        store_put(journal->txn, tables[i], BYTES_OF(first), three);
        store_put(journal->txn, tables[i], BYTES_OF(third), one);
    }
    assert_broken_at(journal, 1);
    end(journal);
}

static bool holds(struct journal *journal, uint64_t epoch, uint64_t sequence,
                  const struct digest *head) {
    const struct position position = {.epoch = epoch, .sequence = sequence, .head = *head};
    bool ret;
    assert_int_equal(journal_holds(journal->txn, &position, &ret), 0);
    return ret;
}

static void only_positions_that_were_ours_are_held(void **state) {
    struct journal *journal = begin_filled();
    struct digest none = {0};
    assert_true(holds(journal, 7, 0, &none));
    assert_false(holds(journal, 8, 0, &none));
    for (uint64_t sequence = 1; sequence <= RECORDS; sequence++) {
        struct digest head;
        assert_int_equal(hex_decode(expected[sequence - 1][1], head.bytes, sizeof(head.bytes)), 0);
        assert_true(holds(journal, 7, sequence, &head));
        assert_false(holds(journal, 8, sequence, &head));
        assert_false(holds(journal, 7, sequence - 1, &head));
        assert_false(holds(journal, 7, sequence + 1, &head));
        head.bytes[31] ^= 1;
        assert_false(holds(journal, 7, sequence, &head));
    }
    assert_false(holds(journal, 7, RECORDS, &none));
    end(journal);
}

/* -- families -- */

/* Key 3 is there, no other. */
static int get_key(void *context, uint64_t id, struct record_key *ret) {
    const bool *gone = context;
    if (id != 3 || *gone) {
        return ERR_NOT_FOUND;
    }
    *ret = (struct record_key){.id = id, .key = {{0x33}}};
    return 0;
}

/* A lookup of 32 bytes of `fill`, then the text. */
static struct bytes family_body(struct journal *journal, uint8_t fill, const char *text) {
    uint8_t *memory = arena_alloc(journal->arena, 32 + strlen(text), 1);
    assert_non_null(memory);
    memset(memory, fill, 32);
    memcpy(memory + 32, text, strlen(text));
    return (struct bytes){.data = memory, .length = 32 + strlen(text)};
}

static int append_family(struct journal *journal, uint64_t key, struct bytes body) {
    static bool gone;
    const struct vault_keys keys = {.get = get_key, .context = &gone};
    struct turn_view view = {
        .txn = journal->txn, .now_ms = time_ms, .rng = &journal->rng, .arena = journal->arena};
    const struct fact fact = {.type = FACT_FAMILY, .body = body, .record_key = key};
    return journal_append(&view, &fact, &keys);
}

static void append_erased(struct journal *journal, uint8_t fill, const uint64_t *sequences,
                          size_t count) {
    uint8_t memory[256];
    uint8_t list[64];
    struct buf buf = buf_over(memory, sizeof(memory));
    struct journal_erased erased = {.record_key = 3,
                                    .sequences = {.data = list, .length = 8 * count}};
    memset(erased.lookup.bytes, fill, sizeof(erased.lookup.bytes));
    for (size_t i = 0; i < count; i++) {
        be64_write(list + 8 * i, sequences[i]);
    }
    journal_erased_write(&buf, &erased);
    append(journal, time_ms, FACT_FAMILY_ERASED, buf_bytes(&buf));
}

static void a_familys_fact_lies_sealed_and_opens_with_its_key_only(void **state) {
    struct journal *journal = begin_filled();
    struct journal_record record;
    struct fact fact;
    bool gone = false;
    const struct vault_keys keys = {.get = get_key, .context = &gone};
    const struct bytes body = family_body(journal, 7, "supported by caw-c");
    assert_int_equal(append_family(journal, 3, body), 0);
    assert_int_equal(journal_read(journal->txn, RECORDS + 1, &record), 0);
    assert_null(memmem(record.body.data, record.body.length, "caw-c", 5));
    assert_int_equal(journal_open(&record, &keys, journal->arena, &fact), 0);
    assert_true(bytes_equal(fact.body, body));
    assert_int_equal(fact.record_key, 3);
    assert_int_equal(journal_open(&record, NULL, journal->arena, &fact), ERR_CRYPTO);
    gone = true;
    assert_int_equal(journal_open(&record, &keys, journal->arena, &fact), ERR_CRYPTO);
    assert_int_equal(verify(journal).broken_at, 0);
    end(journal);
}

static void a_familys_fact_without_its_key_is_not_appended(void **state) {
    struct journal *journal = begin_filled();
    const struct bytes body = family_body(journal, 7, "");
    assert_int_equal(append_family(journal, 0, body), ERR_STORAGE);
    assert_int_equal(append_family(journal, 4, body), ERR_CRYPTO);
    assert_int_equal(append_family(journal, 3, bytes_from_text("short")), ERR_STORAGE);
    assert_int_equal(verify(journal).records, RECORDS);
    end(journal);
}

static void a_familys_sequences_are_found_apart_from_its_neighbours(void **state) {
    struct journal *journal = begin();
    struct digest lookup;
    uint64_t found[8];
    size_t count;
    journal_begin(journal->txn, 7);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(append_family(journal, 3, family_body(journal, (uint8_t)(1 + i % 2), "x")),
                         0);
    }
    memset(lookup.bytes, 2, sizeof(lookup.bytes));
    assert_int_equal(journal_family(journal->txn, &lookup, 0, 8, found, &count), 0);
    assert_int_equal(count, 3);
    assert_int_equal(found[0], 2);
    assert_int_equal(found[2], 6);
    assert_int_equal(journal_family(journal->txn, &lookup, 3, 1, found, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(found[0], 4);
    memset(lookup.bytes, 3, sizeof(lookup.bytes));
    assert_int_equal(journal_family(journal->txn, &lookup, 0, 8, found, &count), 0);
    assert_int_equal(count, 0);
    end(journal);
}

static void what_a_later_fact_erased_is_gone_and_the_chain_holds(void **state) {
    static const uint64_t sequences[] = {4, 6};
    struct journal *journal = begin_filled();
    struct journal_record record;
    struct bytes body;
    uint8_t key[8];
    bool holds;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(append_family(journal, 3, family_body(journal, 7, "x")), 0);
    }
    append_erased(journal, 7, sequences, 2);
    assert_int_equal(store_get(journal->txn, TABLE_JOURNAL_BODY, key_of(4, key), &body),
                     ERR_NOT_FOUND);
    assert_int_equal(journal_read(journal->txn, 4, &record), 0);
    assert_true(record.erased);
    assert_int_equal(record.body.length, 0);
    const struct position position = {.epoch = 7, .sequence = 4, .head = record.head};
    assert_int_equal(journal_holds(journal->txn, &position, &holds), 0);
    assert_true(holds);
    assert_int_equal(journal_read(journal->txn, 5, &record), 0);
    assert_false(record.erased);
    assert_int_equal(verify(journal).broken_at, 0);
    end(journal);
}

static void a_gap_that_no_fact_names_or_a_body_that_should_be_gone_breaks_it(void **state) {
    static const uint64_t sequences[] = {4};
    struct journal *journal = begin_filled();
    struct journal_record record;
    struct bytes kept;
    uint8_t key[8];
    assert_int_equal(append_family(journal, 3, family_body(journal, 7, "x")), 0);
    assert_int_equal(append_family(journal, 3, family_body(journal, 7, "y")), 0);
    assert_int_equal(store_get(journal->txn, TABLE_JOURNAL_BODY, key_of(4, key), &kept), 0);
    kept = arena_copy(journal->arena, kept);
    append_erased(journal, 7, sequences, 1);
    assert_int_equal(verify(journal).broken_at, 0);
    store_put(journal->txn, TABLE_JOURNAL_BODY, key_of(4, key), kept);
    assert_broken_at(journal, 4);
    assert_string_equal(verify(journal).reason, "an erased body is still there");
    store_delete(journal->txn, TABLE_JOURNAL_BODY, key_of(4, key));
    assert_int_equal(verify(journal).broken_at, 0);
    store_delete(journal->txn, TABLE_JOURNAL_BODY, key_of(5, key));
    assert_broken_at(journal, 5);
    assert_int_equal(journal_read(journal->txn, 5, &record), ERR_STORAGE);
    /* Saying so by hand doesn't help: the fact that it points at names another. */
    uint8_t mark[9] = {'e', 0, 0, 0, 0, 0, 0, 0, 5};
    uint8_t by[8] = {0, 0, 0, 0, 0, 0, 0, 6};
    store_put(journal->txn, TABLE_JOURNAL_FAMILY, BYTES_OF(mark), BYTES_OF(by));
    assert_broken_at(journal, 5);
    end(journal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_chain_is_what_an_independent_program_computes),
        cmocka_unit_test(a_record_is_read_back_as_it_was_written),
        cmocka_unit_test(a_whole_journal_holds),
        cmocka_unit_test(an_empty_journal_holds_and_one_never_begun_does_not_open),
        cmocka_unit_test(every_altered_byte_is_found_with_its_sequence),
        cmocka_unit_test(a_body_that_grew_or_shrank_is_found),
        cmocka_unit_test(a_missing_header_or_body_is_found),
        cmocka_unit_test(a_cut_end_is_found),
        cmocka_unit_test(a_record_behind_the_position_is_found),
        cmocka_unit_test(two_records_that_changed_places_are_found),
        cmocka_unit_test(only_positions_that_were_ours_are_held),
        cmocka_unit_test(a_familys_fact_lies_sealed_and_opens_with_its_key_only),
        cmocka_unit_test(a_familys_fact_without_its_key_is_not_appended),
        cmocka_unit_test(a_familys_sequences_are_found_apart_from_its_neighbours),
        cmocka_unit_test(what_a_later_fact_erased_is_gone_and_the_chain_holds),
        cmocka_unit_test(a_gap_that_no_fact_names_or_a_body_that_should_be_gone_breaks_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
