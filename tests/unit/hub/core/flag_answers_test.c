#include "hub/core/flags.h"
#include "shared/base/civil.h"
#include "tests/unit/hub/core/family_fixture.h"

/* Flags through the post: nobody near, so CAW B has the turn and OCMW C after it; DMW D was never
 * told. */
struct world {
    struct fixture *fixture;
    struct party a, b, c, d;
    struct household one;
    struct message_id flag;
};

/* `closure` of CAW B; NULL: none. */
static struct world begin_with(struct closure *closure) {
    struct world world = {.fixture = fixture_new()};
    struct notice notice;
    world.a = party_make("agii-a", 1);
    world.b = party_make("caw-b", 2);
    world.c = party_make("ocmw-c", 3);
    world.d = party_make("dmw-d", 4);
    world.b.member.closures = closure;
    world.b.member.closure_count = closure == NULL ? 0 : 1;
    fixture_join(world.fixture, &world.a);
    fixture_join(world.fixture, &world.b);
    fixture_join(world.fixture, &world.c);
    fixture_join(world.fixture, &world.d);
    world.one = household_make(world.fixture, 1);
    assert_taken(fixture_consent(world.fixture, &world.one, &world.a, &world.b, &world.c));
    assert_true(fixture_notice(world.fixture, &world.b, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_FLAG);
    assert_int_equal(notice.flag.kind, FLAG_NO_LOCAL);
    assert_true(notice.flag.yours);
    world.flag = notice.flag.id;
    fixture_forget(world.fixture);
    return world;
}

static struct world begin(void) {
    return begin_with(NULL);
}

static void end(struct world *world) {
    fixture_free(world->fixture);
}

/* In steps that no clock takes for a jump. */
static void pass(struct world *world, int days) {
    for (int i = 0; i < days * 48; i++) {
        world->fixture->now_ms += HOUR_MS / 2;
        fixture_tick(world->fixture);
    }
}

static struct answer answer(struct world *world, struct party *sender,
                            const struct flag_answer *said) {
    struct flag_answer full = *said;
    struct bytes body;
    full.purpose = full.purpose == PURPOSE_NONE ? PURPOSE_SUPPORT : full.purpose;
    full.handle = world->one.handle;
    assert_int_equal(flag_answer_encode(&full, world->fixture->arena, &body), 0);
    const struct mail mail = mail_next(world->fixture, sender, MESSAGE_KIND_FLAG_ANSWER, body);
    return fixture_post(world->fixture, sender, &mail);
}

static struct answer act(struct world *world, struct party *sender, enum flag_action action) {
    return answer(world, sender, &(struct flag_answer){.flag = world->flag, .action = action});
}

static void a_flag_is_taken_contacted_and_closed_by_post(void **state) {
    struct world world = begin();
    assert_taken(act(&world, &world.b, FLAG_TAKE));
    assert_taken(act(&world, &world.b, FLAG_CONTACT));
    assert_int_equal(fixture_count(world.fixture, TABLE_FLAGS), 1);
    assert_taken(answer(&world, &world.b,
                        &(struct flag_answer){.flag = world.flag,
                                              .action = FLAG_CLOSE,
                                              .reason = FLAG_REASON_NOT_WANTED}));
    assert_int_equal(fixture_count(world.fixture, TABLE_FLAGS), 0);
    const struct family *family = fixture_family(world.fixture, &world.one);
    assert_int_equal(family->flags[0].state, FLAG_CLOSED);
    assert_int_equal(family->flags[0].reason, FLAG_REASON_NOT_WANTED);
    struct notice notice;
    assert_true(fixture_notice(world.fixture, &world.b, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_FLAG_OVER);
    pass(&world, 7);
    assert_int_equal(fixture_count(world.fixture, TABLE_FLAGS), 0); /* kept closed */
    end(&world);
}

static void who_was_never_told_and_a_flag_that_is_not_there_are_refused(void **state) {
    struct world world = begin();
    assert_refused(act(&world, &world.d, FLAG_TAKE), REFUSAL_NOT_YOURS);
    assert_refused(act(&world, &world.c, FLAG_TAKE), REFUSAL_NOT_YOURS); /* not its turn yet */
    assert_refused(answer(&world, &world.b,
                          &(struct flag_answer){.flag = {.bytes = {1}}, .action = FLAG_TAKE}),
                   REFUSAL_NOT_FOUND);
    assert_refused(answer(&world, &world.b,
                          &(struct flag_answer){.purpose = PURPOSE_CONFERENCE,
                                                .flag = world.flag,
                                                .action = FLAG_TAKE}),
                   REFUSAL_NOT_ALLOWED);
    assert_int_equal(fixture_family(world.fixture, &world.one)->flags[0].state, FLAG_OPEN);
    end(&world);
}

static void the_board_shows_who_took_a_flag(void **state) {
    struct world world = begin();
    assert_taken(fixture_support_as(world.fixture, &world.one, &world.d,
                                    &(struct support){.purpose = PURPOSE_SUPPORT,
                                                      .handle = world.one.handle,
                                                      .org = world.d.org,
                                                      .number = ++world.one.support_number,
                                                      .kind = SUPPORT_PROFESSIONAL,
                                                      .distance = SUPPORT_DISTANT,
                                                      .state = SUPPORT_ACTIVE,
                                                      .confirmed_day = first_day()}));
    assert_taken(act(&world, &world.d, FLAG_TAKE)); /* a supporter, not whose turn it was */
    struct store_txn *view = fixture_read(world.fixture);
    struct flag_cursor cursor;
    struct flag_row row;
    assert_int_equal(flag_first(view, &cursor, &row), 0);
    assert_true(org_id_equal(&row.turn, &world.d.org));
    assert_int_equal(row.state, FLAG_ACKNOWLEDGED);
    assert_false(row.escalated);
    store_abort(view);
    end(&world);
}

/* Monday 23 November: B until Thursday 26, C until Wednesday 2 December, then the board. */
static void nobody_answers_and_it_climbs_to_the_board_by_itself(void **state) {
    struct world world = begin();
    struct notice notice;
    pass(&world, 3);
    assert_false(fixture_notice(world.fixture, &world.c, 0, &notice));
    pass(&world, 1);
    assert_true(fixture_notice(world.fixture, &world.c, 0, &notice));
    assert_int_equal(notice.kind, NOTICE_FLAG);
    assert_true(notice.flag.yours);
    assert_true(message_id_equal(&notice.flag.id, &world.flag));
    pass(&world, 6);
    const struct family *family = fixture_family(world.fixture, &world.one);
    assert_int_equal(family->flags[0].turn, family->flags[0].line_count);
    struct store_txn *view = fixture_read(world.fixture);
    struct flag_cursor cursor;
    struct flag_row row;
    assert_int_equal(flag_first(view, &cursor, &row), 0);
    assert_true(row.escalated);
    assert_int_equal(row.turn.text[0], '\0');
    store_abort(view);
    end(&world);
}

/* Whose turn the one flag of a family is whose consent came just now. */
static struct org_id turn_of_new(struct world *world, int number) {
    struct household household = household_make(world->fixture, number);
    assert_taken(fixture_consent(world->fixture, &household, &world->a, &world->b, &world->c));
    return flag_owner(&fixture_family(world->fixture, &household)->flags[0]);
}

/* B is closed on Tuesday 24 and Wednesday 25 November, as the directory says. */
static void the_deputy_of_a_closed_member_has_its_turn_until_the_day_it_opens(void **state) {
    struct closure closure = {.from_day = first_day() + 1, .until_day = first_day() + 3};
    assert_int_equal(org_id_parse("dmw-d", &closure.deputy), 0);
    struct world world = begin_with(&closure);
    struct notice notice;
    assert_false(fixture_notice(world.fixture, &world.d, 0, &notice));
    pass(&world, 1);
    assert_true(fixture_notice(world.fixture, &world.d, 0, &notice));
    assert_true(notice.flag.yours);
    assert_int_equal(notice.flag.acknowledge_by_day, first_day() + 3); /* no new clock */
    pass(&world, 1);
    const struct org_id on_wednesday = turn_of_new(&world, 2);
    assert_string_equal(on_wednesday.text, "dmw-d");
    pass(&world, 1);
    const struct org_id on_thursday = turn_of_new(&world, 3);
    assert_string_equal(on_thursday.text, "caw-b");
    end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flag_is_taken_contacted_and_closed_by_post),
        cmocka_unit_test(who_was_never_told_and_a_flag_that_is_not_there_are_refused),
        cmocka_unit_test(the_board_shows_who_took_a_flag),
        cmocka_unit_test(nobody_answers_and_it_climbs_to_the_board_by_itself),
        cmocka_unit_test(the_deputy_of_a_closed_member_has_its_turn_until_the_day_it_opens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
