#include "shared/base/limits.h"
#include "shared/post/inbox.h"
#include "tests/unit/hub/core/pair_world.h"
#include "tests/unit/shared/wire/raw.h"

static struct mail any_mail(struct world *world) {
    return signal_mail(world, first_day(), 100);
}

static struct bytes encoded(struct fixture *fixture, const struct packet *packet) {
    struct bytes frame;
    assert_int_equal(packet_encode(packet, fixture->arena, &frame), 0);
    return frame;
}

/* -- once and durable -- */

static void a_message_is_receipted_and_becomes_a_fact(void **state) {
    struct world world = pair_begin();
    struct mail mail = any_mail(&world);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    assert_int_equal(fixture_facts(world.fixture, FACT_SIGNAL), 1);
    assert_int_equal(fixture_count(world.fixture, TABLE_SIGNALS), 1);
    pair_end(&world);
}

static bool yes(void *context) {
    return *(bool *)context;
}

/* A death before the commit: nothing was said, nothing is kept, and the same bytes are taken
 * afterwards. */
static void nothing_is_acknowledged_before_it_is_committed(void **state) {
    struct world world = pair_begin();
    struct fixture *fixture = world.fixture;
    bool dies = true;
    fixture->params.faults = (struct turn_faults){.context = &dies, .die_before_commit = yes};
    fixture_restart(fixture);
    struct mail mail = any_mail(&world);
    struct bytes frame = mail_frame(fixture, &world.a, &mail);
    fixture_push(fixture, &world.a, frame);
    assert_int_equal(hub_turn(fixture->hub, fixture->now_ms, &fixture->rng, false), ERR_CANCELLED);
    assert_int_equal(fixture->sent_count, 0);
    assert_int_equal(fixture_count(fixture, TABLE_SIGNALS), 0);
    dies = false;
    fixture_restart(fixture);
    fixture_push(fixture, &world.a, frame);
    fixture_turn(fixture);
    assert_taken(fixture_answer(fixture, &world.a, &mail));
    pair_end(&world);
}

/* A death between commit and answer: it's applied, and acknowledged when it comes again. */
static void a_lost_acknowledgement_is_given_again_and_nothing_is_applied_twice(void **state) {
    struct world world = pair_begin();
    struct fixture *fixture = world.fixture;
    bool dies = true;
    fixture->params.faults = (struct turn_faults){.context = &dies, .die_after_commit = yes};
    fixture_restart(fixture);
    struct mail mail = any_mail(&world);
    struct bytes frame = mail_frame(fixture, &world.a, &mail);
    fixture_push(fixture, &world.a, frame);
    assert_int_equal(hub_turn(fixture->hub, fixture->now_ms, &fixture->rng, false), ERR_CANCELLED);
    assert_int_equal(fixture->sent_count, 0);
    dies = false;
    fixture_restart(fixture);
    fixture_push(fixture, &world.a, frame);
    fixture_turn(fixture);
    assert_taken(fixture_answer(fixture, &world.a, &mail));
    assert_int_equal(fixture_facts(fixture, FACT_SIGNAL), 1);
    pair_end(&world);
}

static void a_duplicate_is_acknowledged_again_and_applied_once(void **state) {
    struct world world = pair_begin();
    struct mail mail = any_mail(&world);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    uint64_t sequence = fixture_health(world.fixture).position.sequence;
    for (int i = 0; i < 3; i++) {
        assert_taken(fixture_post(world.fixture, &world.a, &mail));
    }
    struct bytes frame = mail_frame(world.fixture, &world.a, &mail);
    fixture_push(world.fixture, &world.a, frame);
    fixture_push(world.fixture, &world.a, frame);
    fixture_turn(world.fixture);
    assert_int_equal(fixture_health(world.fixture).position.sequence, sequence);
    assert_int_equal(fixture_facts(world.fixture, FACT_SIGNAL), 1);
    pair_end(&world);
}

static void two_copies_in_one_turn_count_once(void **state) {
    struct world world = pair_begin();
    struct mail mail = any_mail(&world);
    struct bytes frame = mail_frame(world.fixture, &world.a, &mail);
    fixture_push(world.fixture, &world.a, frame);
    fixture_push(world.fixture, &world.a, frame);
    fixture_turn(world.fixture);
    assert_taken(fixture_answer(world.fixture, &world.a, &mail));
    assert_int_equal(fixture_facts(world.fixture, FACT_SIGNAL), 1);
    assert_int_equal(world.fixture->sent_count, 1);
    pair_end(&world);
}

static void messages_may_come_out_of_order(void **state) {
    struct world world = pair_begin();
    struct mail mails[4];
    static const size_t order[] = {2, 0, 3, 1};
    for (size_t i = 0; i < 4; i++) {
        mails[i] = signal_mail(&world, first_day() - (int32_t)i, 100);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_taken(fixture_post(world.fixture, &world.a, &mails[order[i]]));
        if (i == 0) {
            struct answer missing = fixture_answer(world.fixture, &world.a, &mails[0]);
            assert_not_taken(missing, REFUSAL_NONE);
        }
    }
    const struct acknowledgement *got = fixture_acknowledgement(world.fixture, &world.a);
    assert_int_equal(got->receipt_count, 1);
    assert_int_equal(got->receipts[0].contiguous, 4);
    assert_int_equal(got->receipts[0].beyond_bytes, 0);
    assert_int_equal(fixture_count(world.fixture, TABLE_SIGNALS), 4);
    pair_end(&world);
}

static void a_message_too_far_ahead_waits(void **state) {
    struct world world = pair_begin();
    struct mail mail = any_mail(&world);
    mail.envelope.number = INBOX_WINDOW + 1;
    assert_not_taken(fixture_post(world.fixture, &world.a, &mail), REFUSAL_TOO_FAR_AHEAD);
    mail.envelope.number = INBOX_WINDOW;
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    pair_end(&world);
}

static void the_same_number_with_another_id_is_a_conflict(void **state) {
    struct world world = pair_begin();
    struct mail mail = signal_mail(&world, first_day(), 100);
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    struct mail other = signal_mail(&world, first_day(), 200);
    other.envelope.number = mail.envelope.number;
    fixture_forget(world.fixture);
    fixture_push(world.fixture, &world.a, mail_frame(world.fixture, &world.a, &other));
    fixture_turn(world.fixture);
    struct answer answer = fixture_answer(world.fixture, &world.a, &other);
    assert_int_equal(answer.not_taken, REFUSAL_CONFLICT);
    assert_int_equal(fixture_facts(world.fixture, FACT_SIGNAL), 1);
    assert_int_equal(fixture_refusals(world.fixture, REFUSAL_CONFLICT), 1);
    pair_end(&world);
}

static void an_older_incarnation_is_not_taken_any_more(void **state) {
    struct world world = pair_begin();
    struct mail old = any_mail(&world);
    struct mail anew = signal_mail(&world, first_day() - 7, 100);
    anew.envelope.incarnation = 2;
    anew.envelope.number = 1;
    assert_taken(fixture_post(world.fixture, &world.a, &anew));
    assert_not_taken(fixture_post(world.fixture, &world.a, &old), REFUSAL_OLD_INCARNATION);
    pair_end(&world);
}

/* -- refused with the number used -- */

static void assert_finally_refused(struct world *world, const struct mail *mail,
                                   enum refusal refusal) {
    uint64_t before = fixture_refusals(world->fixture, refusal);
    uint64_t facts = fixture_facts(world->fixture, FACT_REFUSED);
    assert_refused(fixture_post(world->fixture, &world->a, mail), refusal);
    assert_int_equal(fixture_refusals(world->fixture, refusal), before + 1);
    assert_int_equal(fixture_facts(world->fixture, FACT_REFUSED), facts + 1);
    assert_int_equal(fixture_count(world->fixture, TABLE_SIGNALS), 0);
    /* Once more: the same receipt, nothing new. */
    assert_refused(fixture_post(world->fixture, &world->a, mail), refusal);
    assert_int_equal(fixture_facts(world->fixture, FACT_REFUSED), facts + 1);
}

static void an_unknown_kind_is_refused(void **state) {
    struct world world = pair_begin();
    static const uint32_t kinds[] = {0, 18, 99, UINT32_MAX};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct mail mail = any_mail(&world);
        mail.envelope.kind = kinds[i];
        assert_finally_refused(&world, &mail, REFUSAL_UNKNOWN_KIND);
    }
    pair_end(&world);
}

static void an_unknown_version_is_refused(void **state) {
    struct world world = pair_begin();
    static const uint32_t versions[] = {0, 2, UINT32_MAX};
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        struct mail mail = any_mail(&world);
        mail.envelope.version = versions[i];
        assert_finally_refused(&world, &mail, REFUSAL_UNKNOWN_VERSION);
    }
    pair_end(&world);
}

static void a_malformed_body_is_refused(void **state) {
    struct world world = pair_begin();
    struct mail mail = any_mail(&world);
    mail.envelope.body = bytes_from_text("not a signal");
    assert_finally_refused(&world, &mail, REFUSAL_MALFORMED);
    pair_end(&world);
}

static void an_expired_message_is_refused(void **state) {
    struct world world = pair_begin();
    struct mail mail = any_mail(&world);
    mail.envelope.expires_ms = world.fixture->now_ms;
    assert_finally_refused(&world, &mail, REFUSAL_EXPIRED);
    struct mail alive = any_mail(&world);
    alive.envelope.expires_ms = world.fixture->now_ms + 1;
    assert_taken(fixture_post(world.fixture, &world.a, &alive));
    pair_end(&world);
}

static void a_kind_that_the_sender_may_not_send_is_refused(void **state) {
    struct world world = pair_begin();
    struct mail directory = any_mail(&world);
    directory.envelope.kind = MESSAGE_KIND_DIRECTORY;
    assert_finally_refused(&world, &directory, REFUSAL_NOT_ALLOWED);
    struct mail lane = any_mail(&world);
    lane.envelope.lane = LANE_URGENT;
    lane.envelope.number = 1;
    assert_finally_refused(&world, &lane, REFUSAL_NOT_ALLOWED);
    pair_end(&world);
}

static struct mail update_mail(struct world *world) {
    return mail_next(world->fixture, &world->a, MESSAGE_KIND_MEMBER_UPDATE,
                     bytes_from_text("looked at only after the signature"));
}

static void a_signed_kind_needs_its_senders_good_signature(void **state) {
    struct world world = pair_begin();
    struct mail without = update_mail(&world);
    without.is_signed = false;
    assert_finally_refused(&world, &without, REFUSAL_BAD_SIGNATURE);
    struct mail wrong = update_mail(&world);
    wrong.spoil_signature = true;
    assert_finally_refused(&world, &wrong, REFUSAL_BAD_SIGNATURE);
    struct mail foreign = update_mail(&world);
    struct party impostor = world.a;
    impostor.secret = world.b.secret;
    assert_refused(fixture_post(world.fixture, &impostor, &foreign), REFUSAL_BAD_SIGNATURE);
    struct mail good = update_mail(&world);
    assert_refused(fixture_post(world.fixture, &world.a, &good), REFUSAL_MALFORMED);
    pair_end(&world);
}

/* -- refused without using a number -- */

static void a_message_from_the_future_is_not_taken_yet(void **state) {
    struct world world = pair_begin();
    int64_t limit_ms = world.fixture->now_ms + CLOCK_HALT_MINUTES * (int64_t)MINUTE_MS;
    struct mail mail = any_mail(&world);
    mail.envelope.created_ms = limit_ms + 1;
    assert_not_taken(fixture_post(world.fixture, &world.a, &mail), REFUSAL_CLOCK_OFF);
    world.fixture->now_ms++;
    assert_taken(fixture_post(world.fixture, &world.a, &mail));
    pair_end(&world);
}

static void somebody_elses_sender_id_is_refused_and_changes_nothing(void **state) {
    struct world world = pair_begin();
    uint64_t sequence = fixture_health(world.fixture).position.sequence;
    struct mail mail = any_mail(&world);
    mail.envelope.sender.org = world.b.org;
    assert_false(fixture_post(world.fixture, &world.a, &mail).acknowledged);
    assert_int_equal(fixture_refusals(world.fixture, REFUSAL_WRONG_SENDER), 1);
    assert_int_equal(fixture_health(world.fixture).position.sequence, sequence);
    struct mail hub = any_mail(&world);
    hub.envelope.sender.org = HUB_ORG;
    fixture_post(world.fixture, &world.a, &hub);
    assert_int_equal(fixture_refusals(world.fixture, REFUSAL_WRONG_SENDER), 2);
    struct mail region = any_mail(&world);
    assert_int_equal(hub_id_parse("gent", &region.envelope.sender.hub), 0);
    fixture_post(world.fixture, &world.a, &region);
    assert_int_equal(fixture_refusals(world.fixture, REFUSAL_WRONG_SENDER), 3);
    assert_int_equal(fixture_health(world.fixture).position.sequence, sequence);
    /* The real b has lost no number by it. */
    struct mail own = mail_next(world.fixture, &world.b, MESSAGE_KIND_SIGNAL, mail.envelope.body);
    assert_taken(fixture_post(world.fixture, &world.b, &own));
    pair_end(&world);
}

/* Without a kind, body or id, and with a lane that isn't on the list, as a damaged sender might
 * make them. */
static struct bytes poison_frame(struct world *world, const struct mail *mail, bool known_lane) {
    struct raw raw = raw_new(world->fixture->arena);
    char sender[ADDRESS_TEXT_SIZE];
    char recipient[ADDRESS_TEXT_SIZE];
    address_format(&mail->envelope.sender, sender);
    address_format(&mail->envelope.recipient, recipient);
    raw_number(&raw, 1, WIRE_VERSION);
    raw_text(&raw, 2, sender);
    raw_text(&raw, 3, recipient);
    raw_number(&raw, 4, known_lane ? mail->envelope.lane : LANES);
    raw_number(&raw, 5, mail->envelope.incarnation);
    raw_number(&raw, 6, mail->envelope.number);
    const struct packet packet = {.content = PACKET_POSTING,
                                  .posting = {.envelope = raw_bytes(&raw)}};
    return encoded(world->fixture, &packet);
}

static void an_envelope_that_does_not_decode_uses_its_number(void **state) {
    struct world world = pair_begin();
    struct mail poison = any_mail(&world);
    for (int i = 0; i < 2; i++) { /* the second time it's settled already */
        fixture_forget(world.fixture);
        fixture_push(world.fixture, &world.a, poison_frame(&world, &poison, true));
        fixture_turn(world.fixture);
        assert_refused(fixture_answer(world.fixture, &world.a, &poison), REFUSAL_MALFORMED);
        assert_int_equal(fixture_facts(world.fixture, FACT_REFUSED), 1);
    }
    struct mail next = any_mail(&world);
    assert_taken(fixture_post(world.fixture, &world.a, &next));
    poison = any_mail(&world);
    fixture_push(world.fixture, &world.b, poison_frame(&world, &poison, true)); /* another's name */
    fixture_push(world.fixture, &world.a, poison_frame(&world, &poison, false));
    fixture_turn(world.fixture);
    assert_int_equal(fixture_facts(world.fixture, FACT_REFUSED), 1);
    assert_taken(fixture_post(world.fixture, &world.a, &poison));
    pair_end(&world);
}

static void a_message_for_another_is_refused(void **state) {
    struct world world = pair_begin();
    struct mail mail = any_mail(&world);
    mail.envelope.recipient.org = world.b.org;
    assert_not_taken(fixture_post(world.fixture, &world.a, &mail), REFUSAL_NONE);
    assert_int_equal(fixture_refusals(world.fixture, REFUSAL_UNKNOWN_RECIPIENT), 1);
    assert_int_equal(fixture_count(world.fixture, TABLE_SIGNALS), 0);
    pair_end(&world);
}

static void who_is_no_member_gets_nothing(void **state) {
    struct world world = pair_begin();
    struct party stranger = party_make("ocmw-x", 9);
    uint64_t sequence = fixture_health(world.fixture).position.sequence;
    struct mail mail =
        mail_next(world.fixture, &stranger, MESSAGE_KIND_SIGNAL, bytes_from_text("anything"));
    assert_false(fixture_post(world.fixture, &stranger, &mail).acknowledged);
    fixture_hello(world.fixture, &stranger, 0);
    assert_int_equal(world.fixture->sent_count, 0);
    assert_int_equal(fixture_refusals(world.fixture, REFUSAL_NOT_MEMBER), 2);
    assert_int_equal(fixture_health(world.fixture).position.sequence, sequence);
    pair_end(&world);
}

static void who_is_revoked_is_cut_and_heard_no_more(void **state) {
    struct world world = pair_begin();
    struct mail before = any_mail(&world);
    assert_taken(fixture_post(world.fixture, &world.a, &before));
    fixture_forget(world.fixture);
    const struct member_arguments arguments = {.org = world.a.org, .reason = "closed"};
    assert_int_equal(
        fixture_command(world.fixture, ROLE_COORDINATOR, HUB_COMMAND_REVOKE, &arguments),
        REFUSAL_NONE);
    assert_int_equal(world.fixture->cut_count, 1);
    assert_true(org_id_equal(&world.fixture->cut[0], &world.a.org));
    uint64_t sequence = fixture_health(world.fixture).position.sequence;
    /* Frames that were on the way when the connection was cut. */
    struct mail after = signal_mail(&world, first_day() - 7, 100);
    assert_false(fixture_post(world.fixture, &world.a, &after).acknowledged);
    assert_false(fixture_post(world.fixture, &world.a, &before).acknowledged);
    fixture_hello(world.fixture, &world.a, 0);
    fixture_push(world.fixture, &world.a, bytes_from_text("\xff garbage"));
    fixture_turn(world.fixture);
    world.fixture->now_ms += MINUTE_MS;
    fixture_tick(world.fixture);
    for (size_t i = 0; i < world.fixture->sent_count; i++) {
        assert_false(org_id_equal(&world.fixture->sent[i].to, &world.a.org));
    }
    assert_int_equal(fixture_refusals(world.fixture, REFUSAL_NOT_MEMBER), 3);
    assert_int_equal(fixture_count(world.fixture, TABLE_SIGNALS), 1);
    /* Of its own the minute brings who was heard before, and that figures are looked through. */
    assert_in_range(fixture_health(world.fixture).position.sequence, sequence, sequence + 3);
    assert_int_equal(fixture_facts(world.fixture, FACT_SIGNAL), 1);
    pair_end(&world);
}

static void without_room_only_receipts_are_taken(void **state) {
    struct world world = pair_begin();
    struct fixture *fixture = world.fixture;
    struct mail mail = any_mail(&world);
    fixture_push(fixture, &world.a, mail_frame(fixture, &world.a, &mail));
    assert_int_equal(hub_turn(fixture->hub, fixture->now_ms, &fixture->rng, true), 0);
    struct answer answer = fixture_answer(fixture, &world.a, &mail);
    assert_not_taken(answer, REFUSAL_NO_ROOM);
    assert_in_range(answer.retry_after_s, 1, 9); /* work resumes within ten seconds of room */
    assert_int_equal(fixture_count(fixture, TABLE_SIGNALS), 0);
    assert_taken(fixture_post(fixture, &world.a, &mail));
    pair_end(&world);
}

/* -- nonsense -- */

static void cut_and_spoilt_frames_change_nothing(void **state) {
    struct world world = pair_begin();
    struct fixture *fixture = world.fixture;
    struct mail mail = mail_next(fixture, &world.a, MESSAGE_KIND_STATUS,
                                 status_body(fixture, &(struct status){.set_at_ms = 1}));
    struct bytes frame = mail_frame(fixture, &world.a, &mail);
    uint64_t sequence = fixture_health(fixture).position.sequence;
    uint64_t fine = fixture_refusals(fixture, REFUSAL_NONE);
    uint64_t events = fixture_health(fixture).turns.events;
    for (size_t length = 0; length < frame.length; length++) {
        fixture_push(fixture, &world.a, (struct bytes){.data = frame.data, .length = length});
    }
    fixture_turn(fixture);
    assert_int_equal(fixture_health(fixture).position.sequence, sequence);
    assert_int_equal(fixture_refusals(fixture, REFUSAL_NONE), fine);
    assert_int_equal(fixture_health(fixture).turns.events, events + frame.length);
    assert_taken(fixture_post(fixture, &world.a, &mail));
    pair_end(&world);
}

static void a_frame_or_body_beyond_the_limit_is_refused(void **state) {
    struct world world = pair_begin();
    struct fixture *fixture = world.fixture;
    size_t size = PACKET_BYTES_MAX + 1;
    uint8_t *memory = arena_alloc(fixture->arena, size, 1);
    assert_non_null(memory);
    assert_int_equal(
        hub_receive(fixture->hub, &world.a.org, (struct bytes){.data = memory, .length = size}),
        ERR_TOO_LARGE);
    assert_false(hub_has_work(fixture->hub));
    struct mail mail = any_mail(&world);
    mail.envelope.body = (struct bytes){.data = memory, .length = ENVELOPE_BODY_BYTES_MAX + 1};
    assert_refused(fixture_post(fixture, &world.a, &mail), REFUSAL_TOO_LARGE);
    assert_int_equal(fixture_refusals(fixture, REFUSAL_TOO_LARGE), 1);
    mail.envelope.number = ++world.a.last[LANE_ORDINARY];
    mail.envelope.body.length--;
    assert_refused(fixture_post(fixture, &world.a, &mail), REFUSAL_MALFORMED);
    pair_end(&world);
}

static void packets_that_only_hubs_send_are_refused(void **state) {
    struct world world = pair_begin();
    struct fixture *fixture = world.fixture;
    const struct packet welcome = {.content = PACKET_WELCOME, .welcome = {.version = 1}};
    const struct packet answer = {.content = PACKET_JOIN_ANSWER,
                                  .join_answer = {.state = JOIN_APPROVED}};
    fixture_push(fixture, &world.a, encoded(fixture, &welcome));
    fixture_push(fixture, &world.a, encoded(fixture, &answer));
    fixture_turn(fixture);
    assert_int_equal(fixture_refusals(fixture, REFUSAL_NOT_ALLOWED), 2);
    assert_int_equal(fixture->sent_count, 0);
    pair_end(&world);
}

/* Field 15, a varint, behind a packet and behind an envelope: of a version that we don't know. */
static void unknown_fields_are_ignored_and_counted(void **state) {
    static const uint8_t unknown[] = {0x78, 0x01};
    struct world world = pair_begin();
    struct fixture *fixture = world.fixture;
    struct mail mail = any_mail(&world);
    struct bytes frame = mail_frame(fixture, &world.a, &mail);
    uint8_t *longer = arena_alloc(fixture->arena, frame.length + sizeof(unknown), 1);
    assert_non_null(longer);
    memcpy(longer, frame.data, frame.length);
    memcpy(longer + frame.length, unknown, sizeof(unknown));
    fixture_push(fixture, &world.a,
                 (struct bytes){.data = longer, .length = frame.length + sizeof(unknown)});
    fixture_turn(fixture);
    assert_taken(fixture_answer(fixture, &world.a, &mail));
    assert_int_equal(fixture_health(fixture).unknown_fields, 1);
    struct mail next = signal_mail(&world, first_day() - 7, 100);
    struct packet packet = {.content = PACKET_POSTING};
    struct bytes envelope;
    assert_int_equal(envelope_encode(&next.envelope, fixture->arena, &envelope), 0);
    longer = arena_alloc(fixture->arena, envelope.length + sizeof(unknown), 1);
    assert_non_null(longer);
    memcpy(longer, envelope.data, envelope.length);
    memcpy(longer + envelope.length, unknown, sizeof(unknown));
    packet.posting.envelope =
        (struct bytes){.data = longer, .length = envelope.length + sizeof(unknown)};
    fixture_push(fixture, &world.a, encoded(fixture, &packet));
    fixture_turn(fixture);
    assert_taken(fixture_answer(fixture, &world.a, &next));
    assert_int_equal(fixture_health(fixture).unknown_fields, 2);
    pair_end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_receipted_and_becomes_a_fact),
        cmocka_unit_test(nothing_is_acknowledged_before_it_is_committed),
        cmocka_unit_test(a_lost_acknowledgement_is_given_again_and_nothing_is_applied_twice),
        cmocka_unit_test(a_duplicate_is_acknowledged_again_and_applied_once),
        cmocka_unit_test(two_copies_in_one_turn_count_once),
        cmocka_unit_test(messages_may_come_out_of_order),
        cmocka_unit_test(a_message_too_far_ahead_waits),
        cmocka_unit_test(the_same_number_with_another_id_is_a_conflict),
        cmocka_unit_test(an_older_incarnation_is_not_taken_any_more),
        cmocka_unit_test(an_unknown_kind_is_refused),
        cmocka_unit_test(an_unknown_version_is_refused),
        cmocka_unit_test(a_malformed_body_is_refused),
        cmocka_unit_test(an_expired_message_is_refused),
        cmocka_unit_test(a_kind_that_the_sender_may_not_send_is_refused),
        cmocka_unit_test(a_signed_kind_needs_its_senders_good_signature),
        cmocka_unit_test(a_message_from_the_future_is_not_taken_yet),
        cmocka_unit_test(somebody_elses_sender_id_is_refused_and_changes_nothing),
        cmocka_unit_test(an_envelope_that_does_not_decode_uses_its_number),
        cmocka_unit_test(a_message_for_another_is_refused),
        cmocka_unit_test(who_is_no_member_gets_nothing),
        cmocka_unit_test(who_is_revoked_is_cut_and_heard_no_more),
        cmocka_unit_test(without_room_only_receipts_are_taken),
        cmocka_unit_test(cut_and_spoilt_frames_change_nothing),
        cmocka_unit_test(a_frame_or_body_beyond_the_limit_is_refused),
        cmocka_unit_test(packets_that_only_hubs_send_are_refused),
        cmocka_unit_test(unknown_fields_are_ignored_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
