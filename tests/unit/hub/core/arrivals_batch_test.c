/* A full batch in which one message is poisoned: what becomes of its neighbours. */
#include "shared/base/limits.h"
#include "shared/crypto/hash.h"
#include "tests/unit/hub/core/fixture.h"

enum { SENDERS = 8, EACH = TURN_EVENTS_MAX / SENDERS, POISONED = 201 };

struct batch {
    struct fixture *fixture;
    struct party parties[SENDERS];
    struct mail mails[TURN_EVENTS_MAX];
};

static void fill_batch(struct batch *batch) {
    batch->fixture = fixture_new();
    for (size_t i = 0; i < SENDERS; i++) {
        char name[16];
        snprintf(name, sizeof(name), "ocmw-%zu", i);
        batch->parties[i] = party_make(name, (int)i + 1);
        fixture_join(batch->fixture, &batch->parties[i]);
    }
    struct bytes body = status_body(batch->fixture, &(struct status){.set_at_ms = 1});
    for (size_t i = 0; i < TURN_EVENTS_MAX; i++) {
        batch->mails[i] =
            mail_next(batch->fixture, &batch->parties[i % SENDERS], MESSAGE_KIND_STATUS, body);
    }
    fixture_forget(batch->fixture);
}

/* Everything in one turn, but for `poison`, which stands in the place of message POISONED where it
 * isn't NULL. */
static void run_batch(struct batch *batch, const struct bytes *poison) {
    struct fixture *fixture = batch->fixture;
    uint64_t turns = fixture_health(fixture).turns.turns;
    for (size_t i = 0; i < TURN_EVENTS_MAX; i++) {
        const struct party *party = &batch->parties[i % SENDERS];
        struct bytes frame = i == POISONED && poison != NULL
                                 ? *poison
                                 : mail_frame(fixture, party, &batch->mails[i]);
        fixture_push(fixture, party, frame);
    }
    assert_int_equal(hub_receive(fixture->hub, &batch->parties[0].org, bytes_from_text("one more")),
                     ERR_AGAIN);
    fixture_turn(fixture);
    assert_int_equal(fixture_health(fixture).turns.turns, turns + 1);
}

static struct answer batch_answer(struct batch *batch, size_t index) {
    return fixture_answer(batch->fixture, &batch->parties[index % SENDERS], &batch->mails[index]);
}

static void assert_others_taken(struct batch *batch) {
    for (size_t i = 0; i < SENDERS; i++) {
        const struct acknowledgement *got =
            fixture_acknowledgement(batch->fixture, &batch->parties[i]);
        assert_non_null(got);
        if (i != POISONED % SENDERS) {
            assert_int_equal(got->receipt_count, 1);
            assert_int_equal(got->receipts[0].contiguous, EACH);
            assert_int_equal(got->receipts[0].refused_count, 0);
            assert_int_equal(got->not_taken_count, 0);
        }
    }
    assert_int_equal(batch->fixture->sent_count, SENDERS); /* one signature a peer a turn */
}

static void one_poisoned_body_in_a_full_batch_hurts_nobody_else(void **state) {
    static struct batch batch;
    fill_batch(&batch);
    batch.mails[POISONED].envelope.body = bytes_from_text("poison");
    uint64_t taken = fixture_refusals(batch.fixture, REFUSAL_NONE);
    run_batch(&batch, NULL);
    assert_others_taken(&batch);
    for (size_t i = 0; i < TURN_EVENTS_MAX; i++) {
        if (i == POISONED) {
            assert_refused(batch_answer(&batch, i), REFUSAL_MALFORMED);
        } else if (i % SENDERS == POISONED % SENDERS) {
            assert_taken(batch_answer(&batch, i));
        }
    }
    assert_int_equal(fixture_refusals(batch.fixture, REFUSAL_NONE), taken + TURN_EVENTS_MAX - 1);
    assert_int_equal(fixture_refusals(batch.fixture, REFUSAL_MALFORMED), 1);
    assert_int_equal(fixture_facts(batch.fixture, FACT_STATUS), TURN_EVENTS_MAX - 1);
    assert_int_equal(fixture_facts(batch.fixture, FACT_REFUSED), 1);
    fixture_free(batch.fixture);
}

/* A frame of which nothing can be read: its neighbours, on the same stream or another, notice
 * nothing. */
static void one_garbage_frame_in_a_full_batch_hurts_nobody_else(void **state) {
    static struct batch batch;
    fill_batch(&batch);
    struct bytes garbage = bytes_from_text("\xff\xff\xff garbage");
    run_batch(&batch, &garbage);
    assert_others_taken(&batch);
    assert_int_equal(fixture_refusals(batch.fixture, REFUSAL_MALFORMED), 1);
    assert_not_taken(batch_answer(&batch, POISONED), REFUSAL_NONE);
    assert_taken(batch_answer(&batch, POISONED - SENDERS));
    assert_taken(batch_answer(&batch, POISONED + SENDERS));
    for (size_t i = POISONED; i < TURN_EVENTS_MAX; i += SENDERS) {
        assert_taken(fixture_post(batch.fixture, &batch.parties[i % SENDERS], &batch.mails[i]));
    }
    fixture_free(batch.fixture);
}

static struct digest deadly_id;

static unsigned deaths_of(void *context, const struct digest *id) {
    return digest_equal(id, &deadly_id) ? *(unsigned *)context : 0;
}

static void mark(void *context, const struct digest *id) {
    (void)context;
    (void)id;
}

static void unmark(void *context) {
    (void)context;
}

static void a_message_that_the_process_died_of_twice_is_refused_and_the_others_taken(void **state) {
    static struct batch batch;
    static unsigned deaths = 2;
    fill_batch(&batch);
    batch.fixture->params.marker =
        (struct turn_marker){.context = &deaths, .deaths = deaths_of, .begin = mark, .end = unmark};
    fixture_restart(batch.fixture);
    const struct party *sender = &batch.parties[POISONED % SENDERS];
    deadly_id = hash_of("event/v1", mail_frame(batch.fixture, sender, &batch.mails[POISONED]));
    run_batch(&batch, NULL);
    assert_others_taken(&batch);
    assert_refused(batch_answer(&batch, POISONED), REFUSAL_INTERNAL_FAULT);
    assert_taken(batch_answer(&batch, POISONED + SENDERS));
    assert_int_equal(fixture_facts(batch.fixture, FACT_STATUS), TURN_EVENTS_MAX - 1);
    fixture_free(batch.fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_poisoned_body_in_a_full_batch_hurts_nobody_else),
        cmocka_unit_test(one_garbage_frame_in_a_full_batch_hurts_nobody_else),
        cmocka_unit_test(a_message_that_the_process_died_of_twice_is_refused_and_the_others_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
