#include "tests/unit/hub/core/ending_world.h"

struct world ending_begin(void) {
    return three_begin("ocmw-a", "ocmw-b", "caw-c");
}

uint64_t count(struct world *world, enum table table) {
    return fixture_count(world->fixture, table);
}

void greet(struct world *world) {
    fixture_hello(world->fixture, &world->a, 0);
    fixture_hello(world->fixture, &world->b, 0);
    fixture_hello(world->fixture, &world->c, 0);
}

/* The members say that the clock is right. */
void go_to(struct world *world, int64_t now_ms) {
    world->fixture->now_ms = now_ms;
    fixture_tick(world->fixture);
    greet(world);
    fixture_tick(world->fixture);
}

struct consent_message consent_of_one(struct world *world) {
    static uint8_t box[1024 + 48] = "sealed for the fallback";
    const struct consent_token token =
        token_plain(world->fixture, &world->one, &world->a, &world->b, NULL);
    struct consent_message message = consent_plain(world->fixture, &world->one, &world->a, &token);
    message.envelopes[0] =
        (struct contact_envelope){.org = world->b.org, .sealed = {.box = BYTES_OF(box)}};
    message.envelope_count = 1;
    return message;
}

/* A consent with an envelope, supported by C. */
struct signed_token give(struct world *world) {
    const struct consent_message message = consent_of_one(world);
    struct mail mail = consent_mail(world->fixture, &world->a, &message);
    assert_taken(fixture_post(world->fixture, &world->a, &mail));
    assert_taken(fixture_support(world->fixture, &world->one, &world->c));
    return message.token;
}

struct journal_verdict verify(struct world *world) {
    struct store_txn *view = fixture_read(world->fixture);
    struct journal_verdict verdict;
    assert_int_equal(journal_verify(view, &verdict), 0);
    store_abort(view);
    return verdict;
}

void assert_nothing_left(struct world *world) {
    assert_int_equal(count(world, TABLE_FAMILIES), 0);
    assert_int_equal(count(world, TABLE_FAMILY_ENVELOPES), 0);
    assert_int_equal(count(world, TABLE_FLAGS), 0);
    struct store_txn *view = fixture_read(world->fixture);
    struct journal_record record;
    for (uint64_t sequence = 1; journal_read(view, sequence, &record) == 0; sequence++) {
        assert_true(record.type != FACT_FAMILY || record.erased);
    }
    store_abort(view);
    assert_int_equal(verify(world).broken_at, 0);
}
