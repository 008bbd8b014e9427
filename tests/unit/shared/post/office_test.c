#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/post/office.h"
#include "tests/unit/shared/post/post_fixture.h"

/* What a hub makes of a node's messages: one that's in order, bent in one way at a time. */

static const int64_t now_ms = 1800000000000;

struct counter {
    struct post_fixture *f;
    struct office_peer peer;
    struct envelope envelope;
    bool sign;
    bool sign_badly;
    bool clock_off;
    struct office_mail mail;
    struct office_verdict verdict;
};

static struct counter counter_begin(void) {
    struct post_fixture *f = post_begin();
    return (struct counter){
        .f = f,
        .peer = {.own = f->hub, .peer = f->node, .role = MEMBER_ROLE_NODE, .sign = f->node_public},
        .envelope = {.version = WIRE_VERSION,
                     .sender = f->node,
                     .recipient = f->hub,
                     .lane = LANE_ORDINARY,
                     .incarnation = 1,
                     .number = 1,
                     .id = post_id(1),
                     .created_ms = now_ms,
                     .kind = MESSAGE_KIND_STATUS,
                     .body = bytes_from_text("body")},
    };
}

static struct office_desk desk_of(const struct counter *counter) {
    return (struct office_desk){.view = counter->f->txn,
                                .peer = &counter->peer,
                                .now_ms = now_ms,
                                .clock_off = counter->clock_off,
                                .arena = counter->f->arena};
}

static void bring(struct counter *counter) {
    struct posting posting = {0};
    struct signature signature;
    assert_int_equal(envelope_encode(&counter->envelope, counter->f->arena, &posting.envelope), 0);
    if (counter->sign || counter->sign_badly) {
        signature =
            sign_bytes(counter->sign_badly ? &counter->f->hub_secret : &counter->f->node_secret,
                       "envelope/v1", posting.envelope);
        posting.signature = BYTES_OF(signature);
    }
    const struct office_desk desk = desk_of(counter);
    assert_int_equal(office_open(&desk, &posting, &counter->mail, &counter->verdict), 0);
}

static void expect(struct counter *counter, enum refusal refusal, bool numbered) {
    bring(counter);
    assert_int_equal(counter->verdict.refusal, refusal);
    assert_int_equal(counter->verdict.numbered, numbered);
    assert_false(counter->verdict.duplicate);
    post_end(counter->f);
}

static void a_message_in_order_is_let_through(void **state) {
    struct counter counter = counter_begin();
    bring(&counter);
    assert_int_equal(counter.verdict.refusal, REFUSAL_NONE);
    assert_true(counter.verdict.numbered && !counter.verdict.duplicate);
    assert_int_equal(counter.mail.kind->kind, MESSAGE_KIND_STATUS);
    assert_true(counter.mail.stamp.number == 1 && counter.mail.stamp.incarnation == 1);
    post_end(counter.f);
}

static void what_does_not_decode_is_malformed_and_uses_no_number(void **state) {
    struct counter counter = counter_begin();
    struct posting posting = {.envelope = bytes_from_text("\xff\xff\xff")};
    const struct office_desk desk = desk_of(&counter);
    assert_int_equal(office_open(&desk, &posting, &counter.mail, &counter.verdict), 0);
    assert_int_equal(counter.verdict.refusal, REFUSAL_MALFORMED);
    assert_false(counter.verdict.numbered);
    assert_true(counter.mail.stamp.number == 0);
    post_end(counter.f);
}

static void who_is_no_member_is_refused_whatever_it_brings(void **state) {
    struct counter counter = counter_begin();
    counter.peer.role = MEMBER_ROLE_NONE;
    expect(&counter, REFUSAL_NOT_MEMBER, false);
}

static void somebody_elses_name_is_refused(void **state) {
    struct counter counter = counter_begin();
    counter.envelope.sender = (struct address){{"ocmw-menen"}, {"zuid-west"}};
    expect(&counter, REFUSAL_WRONG_SENDER, false);
    counter = counter_begin();
    counter.envelope.sender.hub = (struct hub_id){"gent"};
    expect(&counter, REFUSAL_WRONG_SENDER, false);
}

static void what_is_for_somebody_else_is_refused(void **state) {
    struct counter counter = counter_begin();
    counter.envelope.recipient = (struct address){{"hub"}, {"gent"}};
    expect(&counter, REFUSAL_UNKNOWN_RECIPIENT, false);
}

static void an_unknown_version_or_kind_uses_its_number(void **state) {
    struct counter counter = counter_begin();
    counter.envelope.version = WIRE_VERSION + 1;
    expect(&counter, REFUSAL_UNKNOWN_VERSION, true);
    counter = counter_begin();
    counter.envelope.kind = 4711;
    expect(&counter, REFUSAL_UNKNOWN_KIND, true);
}

static void only_the_parties_of_the_list_send_a_kind_and_in_its_lane(void **state) {
    struct counter counter = counter_begin();
    counter.envelope.kind = MESSAGE_KIND_DIRECTORY;
    counter.envelope.lane = LANE_URGENT;
    expect(&counter, REFUSAL_NOT_ALLOWED, true);
    counter = counter_begin();
    counter.envelope.lane = LANE_ATTACHMENT;
    expect(&counter, REFUSAL_NOT_ALLOWED, true);
}

static void a_members_change_wants_its_signature(void **state) {
    struct counter counter = counter_begin();
    counter.envelope.kind = MESSAGE_KIND_MEMBER_UPDATE;
    counter.envelope.lane = LANE_URGENT;
    expect(&counter, REFUSAL_BAD_SIGNATURE, true);
    struct counter badly = counter_begin();
    badly.envelope = counter.envelope;
    badly.sign_badly = true;
    expect(&badly, REFUSAL_BAD_SIGNATURE, true);
    struct counter well = counter_begin();
    well.envelope = counter.envelope;
    well.sign = true;
    expect(&well, REFUSAL_NONE, true);
}

static void an_expired_message_uses_its_number_unless_our_clock_is_off(void **state) {
    struct counter counter = counter_begin();
    counter.envelope.expires_ms = now_ms;
    expect(&counter, REFUSAL_EXPIRED, true);
    struct counter off = counter_begin();
    off.envelope.expires_ms = now_ms;
    off.clock_off = true;
    expect(&off, REFUSAL_NONE, true);
    counter = counter_begin();
    counter.envelope.expires_ms = now_ms + 1;
    expect(&counter, REFUSAL_NONE, true);
}

static void a_message_of_more_than_an_hour_ahead_waits(void **state) {
    const int64_t hour_ms = (int64_t)CLOCK_HALT_MINUTES * MINUTE_MS;
    struct counter counter = counter_begin();
    counter.envelope.created_ms = now_ms + hour_ms + 1;
    expect(&counter, REFUSAL_CLOCK_OFF, false);
    counter = counter_begin();
    counter.envelope.created_ms = now_ms + hour_ms;
    expect(&counter, REFUSAL_NONE, true);
    counter = counter_begin();
    counter.envelope.created_ms = now_ms + hour_ms + 1;
    counter.clock_off = true;
    expect(&counter, REFUSAL_NONE, true);
}

static void a_message_that_came_before_is_a_duplicate_or_a_conflict(void **state) {
    struct counter counter = counter_begin();
    bring(&counter);
    inbox_settle(counter.f->txn, &counter.mail.stamp, REFUSAL_NONE);
    bring(&counter);
    assert_true(counter.verdict.duplicate && !counter.verdict.numbered);
    assert_int_equal(counter.verdict.refusal, REFUSAL_NONE);
    counter.envelope.id = post_id(2);
    expect(&counter, REFUSAL_CONFLICT, false);
}

static void numbers_far_ahead_and_old_incarnations_use_no_number(void **state) {
    struct counter counter = counter_begin();
    counter.envelope.number = INBOX_WINDOW + 1;
    expect(&counter, REFUSAL_TOO_FAR_AHEAD, false);
    counter = counter_begin();
    counter.envelope.incarnation = 2;
    bring(&counter);
    inbox_settle(counter.f->txn, &counter.mail.stamp, REFUSAL_NONE);
    counter.envelope.incarnation = 1;
    expect(&counter, REFUSAL_OLD_INCARNATION, false);
}

static void only_ordered_kinds_wait_for_the_numbers_before(void **state) {
    struct counter counter = counter_begin();
    counter.envelope.number = 2;
    counter.envelope.lane = LANE_URGENT;
    counter.envelope.kind = MESSAGE_KIND_MEMBER_UPDATE;
    expect(&counter, REFUSAL_NOT_YET, false);
    counter = counter_begin();
    counter.envelope.number = 2;
    counter.envelope.kind = MESSAGE_KIND_SIGNAL;
    expect(&counter, REFUSAL_NONE, true);
}

/* -- acknowledgements -- */

static struct signed_acknowledgement acknowledge(struct counter *counter,
                                                 const struct office_notice *notice) {
    struct signed_acknowledgement signed_one;
    const struct office_desk desk = desk_of(counter);
    assert_int_equal(office_acknowledge(&desk, notice, &counter->f->hub_secret, &signed_one), 0);
    return signed_one;
}

static struct office_peer as_node(const struct counter *counter) {
    return (struct office_peer){.own = counter->f->node,
                                .peer = counter->f->hub,
                                .role = MEMBER_ROLE_HUB,
                                .sign = counter->f->hub_public};
}

static void an_acknowledgement_says_what_is_settled_and_is_read_by_its_recipient(void **state) {
    struct counter counter = counter_begin();
    struct not_taken not_taken = {
        .lane = LANE_ORDINARY, .incarnation = 1, .number = 9, .refusal = REFUSAL_BUSY};
    struct office_notice notice = {.has_position = true,
                                   .position = {.epoch = 3, .sequence = 12},
                                   .backed_up_to = 11,
                                   .directory = {.sequence = 4},
                                   .not_taken = &not_taken,
                                   .not_taken_count = 1};
    struct acknowledgement read;
    bring(&counter);
    inbox_settle(counter.f->txn, &counter.mail.stamp, REFUSAL_NONE);
    struct signed_acknowledgement signed_one = acknowledge(&counter, &notice);
    struct office_peer hub = as_node(&counter);
    assert_int_equal(office_read_acknowledgement(&hub, &signed_one, counter.f->arena, &read),
                     REFUSAL_NONE);
    assert_true(read.now_ms == now_ms && read.position.sequence == 12 && read.backed_up_to == 11);
    assert_true(read.directory.sequence == 4);
    assert_int_equal(read.receipt_count, 1); /* of the one lane that ever was */
    assert_int_equal(read.receipts[0].lane, LANE_ORDINARY);
    assert_true(read.receipts[0].contiguous == 1);
    assert_int_equal(read.not_taken_count, 1);
    assert_int_equal(read.not_taken[0].refusal, REFUSAL_BUSY);
    post_end(counter.f);
}

static void an_acknowledgement_that_was_bent_or_signed_by_another_is_refused(void **state) {
    struct counter counter = counter_begin();
    struct office_notice notice = {.has_position = false};
    struct acknowledgement read;
    struct signed_acknowledgement signed_one = acknowledge(&counter, &notice);
    struct office_peer hub = as_node(&counter);
    uint8_t bent[512];
    assert_true(signed_one.acknowledgement.length <= sizeof(bent));
    for (size_t i = 0; i < signed_one.acknowledgement.length; i++) {
        struct signed_acknowledgement other = signed_one;
        memcpy(bent, signed_one.acknowledgement.data, signed_one.acknowledgement.length);
        bent[i] ^= 1;
        other.acknowledgement.data = bent;
        assert_int_equal(office_read_acknowledgement(&hub, &other, counter.f->arena, &read),
                         REFUSAL_BAD_SIGNATURE);
    }
    hub.sign = counter.f->node_public;
    assert_int_equal(office_read_acknowledgement(&hub, &signed_one, counter.f->arena, &read),
                     REFUSAL_BAD_SIGNATURE);
    hub.sign = counter.f->hub_public;
    signed_one.signature.length--;
    assert_int_equal(office_read_acknowledgement(&hub, &signed_one, counter.f->arena, &read),
                     REFUSAL_BAD_SIGNATURE);
    post_end(counter.f);
}

static void an_acknowledgement_for_another_node_is_refused(void **state) {
    struct counter counter = counter_begin();
    struct office_notice notice = {.has_position = false};
    struct acknowledgement read;
    struct signed_acknowledgement signed_one = acknowledge(&counter, &notice);
    struct office_peer hub = as_node(&counter);
    hub.own = (struct address){{"ocmw-menen"}, {"zuid-west"}};
    assert_int_equal(office_read_acknowledgement(&hub, &signed_one, counter.f->arena, &read),
                     REFUSAL_WRONG_SENDER);
    post_end(counter.f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_in_order_is_let_through),
        cmocka_unit_test(what_does_not_decode_is_malformed_and_uses_no_number),
        cmocka_unit_test(who_is_no_member_is_refused_whatever_it_brings),
        cmocka_unit_test(somebody_elses_name_is_refused),
        cmocka_unit_test(what_is_for_somebody_else_is_refused),
        cmocka_unit_test(an_unknown_version_or_kind_uses_its_number),
        cmocka_unit_test(only_the_parties_of_the_list_send_a_kind_and_in_its_lane),
        cmocka_unit_test(a_members_change_wants_its_signature),
        cmocka_unit_test(an_expired_message_uses_its_number_unless_our_clock_is_off),
        cmocka_unit_test(a_message_of_more_than_an_hour_ahead_waits),
        cmocka_unit_test(a_message_that_came_before_is_a_duplicate_or_a_conflict),
        cmocka_unit_test(numbers_far_ahead_and_old_incarnations_use_no_number),
        cmocka_unit_test(only_ordered_kinds_wait_for_the_numbers_before),
        cmocka_unit_test(an_acknowledgement_says_what_is_settled_and_is_read_by_its_recipient),
        cmocka_unit_test(an_acknowledgement_that_was_bent_or_signed_by_another_is_refused),
        cmocka_unit_test(an_acknowledgement_for_another_node_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
