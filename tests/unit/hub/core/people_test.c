#include "hub/core/people.h"
#include "shared/turn/results.h"
#include "tests/unit/hub/core/fixture.h"

enum { ROLES = 7, COMMANDS = 14 };

/* Who may do what, written out by hand from commands.h: administrators all, coordinators all but
 * entries signed elsewhere, users, tokens and backups, the others nothing. A row a command (from 0,
 * which is none, to one past the last), a column a role (none, administrator, coordinator,
 * caseworker, toeleider, volunteer, reader). */
static const bool allowed[COMMANDS][ROLES] = {
    /* none */ {0, 0, 0, 0, 0, 0, 0},
    /* invite */ {0, 1, 1, 0, 0, 0, 0},
    /* approve */ {0, 1, 1, 0, 0, 0, 0},
    /* decline */ {0, 1, 1, 0, 0, 0, 0},
    /* revoke */ {0, 1, 1, 0, 0, 0, 0},
    /* leave */ {0, 1, 1, 0, 0, 0, 0},
    /* entry */ {0, 1, 0, 0, 0, 0, 0},
    /* user-add */ {0, 1, 0, 0, 0, 0, 0},
    /* token-create */ {0, 1, 0, 0, 0, 0, 0},
    /* token-revoke */ {0, 1, 0, 0, 0, 0, 0},
    /* backed-up */ {0, 1, 0, 0, 0, 0, 0},
    /* shredded */ {0, 1, 0, 0, 0, 0, 0},
    /* member-set */ {0, 1, 1, 0, 0, 0, 0},
    /* one past the list */ {0, 0, 0, 0, 0, 0, 0},
};

static struct user_id user_named(const char *text) {
    struct user_id user;
    assert_int_equal(user_id_parse(text, &user), 0);
    return user;
}

/* -- who may -- */

static void only_the_roles_of_the_table_may_give_a_command(void **state) {
    for (int command = 0; command < COMMANDS; command++) {
        for (int role = 0; role < ROLES; role++) {
            assert_int_equal(people_may((enum role)role, (enum hub_command)command),
                             allowed[command][role]);
        }
    }
    assert_false(people_may((enum role)99, HUB_COMMAND_INVITE));
    assert_false(people_may(ROLE_ADMINISTRATOR, (enum hub_command)99));
}

/* Arguments that some commands would refuse: only whether the role is let through counts here. */
static void who_may_not_gets_not_allowed_and_changes_nothing(void **state) {
    struct fixture *fixture = fixture_new();
    uint64_t sequence = fixture_health(fixture).position.sequence;
    static const char nothing[1024] = {0};
    for (int command = 0; command < COMMANDS; command++) {
        fixture_forget(fixture);
        for (int role = 0; role < ROLES; role++) {
            if (!allowed[command][role]) {
                assert_int_equal(
                    fixture_command(fixture, (enum role)role, (enum hub_command)command, nothing),
                    REFUSAL_NOT_ALLOWED);
            }
        }
    }
    assert_int_equal(fixture_health(fixture).position.sequence, sequence);
    fixture_free(fixture);
}

static void a_coordinator_may_invite_and_an_administrator_add_users(void **state) {
    struct fixture *fixture = fixture_new();
    fixture_invite(fixture, NULL, false); /* by a coordinator */
    const struct user_record arguments = {.user = user_named("jan"),
                                          .role = ROLE_COORDINATOR,
                                          .team = {"kortrijk"},
                                          .deputy = user_named("els")};
    assert_int_equal(fixture_command(fixture, ROLE_ADMINISTRATOR, HUB_COMMAND_USER_ADD, &arguments),
                     REFUSAL_NONE);
    struct store_txn *view = fixture_read(fixture);
    struct user_record record;
    assert_int_equal(user_get(view, &arguments.user, &record), 0);
    assert_int_equal(record.role, ROLE_COORDINATOR);
    assert_string_equal(record.team.text, "kortrijk");
    assert_string_equal(record.deputy.text, "els");
    const struct user_id nobody = user_named("nobody");
    assert_int_equal(user_get(view, &nobody, &record), ERR_NOT_FOUND);
    store_abort(view);
    fixture_free(fixture);
}

static void a_user_without_a_known_role_or_name_is_refused(void **state) {
    struct fixture *fixture = fixture_new();
    struct user_record arguments = {.user = user_named("jan"), .role = (enum role)99};
    assert_int_equal(fixture_command(fixture, ROLE_ADMINISTRATOR, HUB_COMMAND_USER_ADD, &arguments),
                     REFUSAL_UNKNOWN_VALUE);
    arguments.role = ROLE_NONE;
    assert_int_equal(fixture_command(fixture, ROLE_ADMINISTRATOR, HUB_COMMAND_USER_ADD, &arguments),
                     REFUSAL_UNKNOWN_VALUE);
    arguments = (struct user_record){.role = ROLE_READER};
    assert_int_equal(fixture_command(fixture, ROLE_ADMINISTRATOR, HUB_COMMAND_USER_ADD, &arguments),
                     REFUSAL_UNKNOWN_VALUE);
    assert_int_equal(fixture_count(fixture, TABLE_USERS), 0);
    fixture_free(fixture);
}

static void every_command_has_a_name_and_nothing_else_has(void **state) {
    assert_null(hub_command_text(HUB_COMMAND_NONE));
    assert_string_equal(hub_command_text(HUB_COMMAND_INVITE), "invite");
    assert_string_equal(hub_command_text(HUB_COMMAND_BACKED_UP), "backed-up");
    assert_string_equal(hub_command_text(HUB_COMMAND_SHREDDED), "shredded");
    assert_string_equal(hub_command_text(HUB_COMMAND_MEMBER_SET), "member-set");
    assert_null(hub_command_text((enum hub_command)(COMMANDS - 1)));
}

/* -- tokens -- */

static struct digest digest_of(const char *text) {
    return token_digest(bytes_from_text(text));
}

static void add_user(struct fixture *fixture, const char *name, enum role role) {
    const struct user_record arguments = {
        .user = user_named(name), .role = role, .team = {"kortrijk"}};
    assert_int_equal(fixture_command(fixture, ROLE_ADMINISTRATOR, HUB_COMMAND_USER_ADD, &arguments),
                     REFUSAL_NONE);
}

static enum refusal add_token(struct fixture *fixture, const char *text, const char *user,
                              int64_t expires_ms) {
    const struct token_arguments arguments = {.token = digest_of(text),
                                              .user = user_named(user),
                                              .expires_ms = expires_ms,
                                              .label = "wall screen"};
    return fixture_command(fixture, ROLE_ADMINISTRATOR, HUB_COMMAND_TOKEN_CREATE, &arguments);
}

static int actor_of(struct fixture *fixture, const char *text, struct actor *ret) {
    struct store_txn *view = fixture_read(fixture);
    struct digest token = digest_of(text);
    int r = token_actor(view, &token, fixture->now_ms, ret);
    store_abort(view);
    return r;
}

static void a_token_speaks_for_its_user_with_the_role_that_the_user_has_now(void **state) {
    struct fixture *fixture = fixture_new();
    struct actor actor;
    add_user(fixture, "jan", ROLE_READER);
    assert_int_equal(add_token(fixture, "vt_one", "jan", 0), REFUSAL_NONE);
    assert_int_equal(actor_of(fixture, "vt_one", &actor), 0);
    assert_string_equal(actor.user.text, "jan");
    assert_string_equal(actor.team.text, "kortrijk");
    assert_int_equal(actor.role, ROLE_READER);
    add_user(fixture, "jan", ROLE_COORDINATOR);
    fixture_restart(fixture);
    assert_int_equal(actor_of(fixture, "vt_one", &actor), 0);
    assert_int_equal(actor.role, ROLE_COORDINATOR);
    fixture_free(fixture);
}

static void a_wrong_token_speaks_for_nobody(void **state) {
    struct fixture *fixture = fixture_new();
    struct actor actor;
    add_user(fixture, "jan", ROLE_READER);
    assert_int_equal(add_token(fixture, "vt_one", "jan", 0), REFUSAL_NONE);
    assert_int_equal(actor_of(fixture, "vt_onf", &actor), ERR_DENIED);
    assert_int_equal(actor_of(fixture, "vt_on", &actor), ERR_DENIED);
    assert_int_equal(actor_of(fixture, "", &actor), ERR_DENIED);
    fixture_free(fixture);
}

static void a_token_ends_at_its_time(void **state) {
    struct fixture *fixture = fixture_new();
    struct actor actor;
    add_user(fixture, "jan", ROLE_READER);
    assert_int_equal(add_token(fixture, "vt_one", "jan", fixture->now_ms + DAY_MS), REFUSAL_NONE);
    fixture->now_ms += DAY_MS - 1;
    assert_int_equal(actor_of(fixture, "vt_one", &actor), 0);
    fixture->now_ms++;
    assert_int_equal(actor_of(fixture, "vt_one", &actor), ERR_DENIED);
    fixture_free(fixture);
}

static void a_revoked_token_speaks_for_nobody_and_its_neighbour_still_does(void **state) {
    struct fixture *fixture = fixture_new();
    struct actor actor;
    add_user(fixture, "jan", ROLE_READER);
    assert_int_equal(add_token(fixture, "vt_one", "jan", 0), REFUSAL_NONE);
    assert_int_equal(add_token(fixture, "vt_two", "jan", 0), REFUSAL_NONE);
    struct token_arguments arguments = {.token = digest_of("vt_one")};
    assert_int_equal(
        fixture_command(fixture, ROLE_ADMINISTRATOR, HUB_COMMAND_TOKEN_REVOKE, &arguments),
        REFUSAL_NONE);
    assert_int_equal(actor_of(fixture, "vt_one", &actor), ERR_DENIED);
    assert_int_equal(actor_of(fixture, "vt_two", &actor), 0);
    struct store_txn *view = fixture_read(fixture);
    struct token_record record;
    assert_int_equal(token_get(view, &arguments.token, &record), 0);
    assert_true(record.revoked);
    assert_string_equal(record.label, "wall screen");
    store_abort(view);
    /* Nor may it be made again. */
    assert_int_equal(add_token(fixture, "vt_one", "jan", 0), REFUSAL_EXISTS);
    assert_int_equal(actor_of(fixture, "vt_one", &actor), ERR_DENIED);
    arguments.token = digest_of("vt_none");
    assert_int_equal(
        fixture_command(fixture, ROLE_ADMINISTRATOR, HUB_COMMAND_TOKEN_REVOKE, &arguments),
        REFUSAL_NOT_FOUND);
    fixture_free(fixture);
}

static void a_token_needs_a_user(void **state) {
    struct fixture *fixture = fixture_new();
    struct actor actor;
    assert_int_equal(add_token(fixture, "vt_one", "jan", 0), REFUSAL_NOT_FOUND);
    assert_int_equal(actor_of(fixture, "vt_one", &actor), ERR_DENIED);
    fixture_free(fixture);
}

/* -- commands -- */

static void give(struct fixture *fixture, const struct command *command) {
    assert_int_equal(hub_command(fixture->hub, command), 0);
    fixture_turn(fixture);
}

static void a_command_sent_twice_is_done_once_and_answered_twice(void **state) {
    struct fixture *fixture = fixture_new();
    struct invite_arguments invite = {.invitation = {5}, .expires_ms = fixture->now_ms + DAY_MS};
    struct command command = {.id = fixture_id(fixture),
                              .actor = {.user = user_named("els"), .role = ROLE_COORDINATOR},
                              .kind = HUB_COMMAND_INVITE,
                              .arguments = &invite};
    fixture_forget(fixture);
    give(fixture, &command);
    give(fixture, &command);
    fixture_restart(fixture);
    give(fixture, &command);
    assert_int_equal(fixture->told_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(fixture->told[i].refusal, REFUSAL_NONE);
    }
    assert_int_equal(fixture_facts(fixture, FACT_INVITED), 1);
    /* Also in the same turn, and also by somebody who wouldn't be allowed: it's the same command.
     * Another id is another command. */
    command.id = fixture_id(fixture);
    give(fixture, &command);
    assert_int_equal(fixture->told[3].refusal, REFUSAL_EXISTS);
    invite.invitation[0] = 6;
    give(fixture, &command);
    assert_int_equal(fixture->told[4].refusal, REFUSAL_EXISTS);
    assert_int_equal(fixture_facts(fixture, FACT_INVITED), 1);
    fixture_free(fixture);
}

static void two_copies_of_a_command_in_one_turn_are_done_once(void **state) {
    struct fixture *fixture = fixture_new();
    const struct invite_arguments invite = {.invitation = {5}};
    const struct command command = {.id = fixture_id(fixture),
                                    .actor = {.role = ROLE_COORDINATOR},
                                    .kind = HUB_COMMAND_INVITE,
                                    .arguments = &invite};
    assert_int_equal(hub_command(fixture->hub, &command), 0);
    assert_int_equal(hub_command(fixture->hub, &command), 0);
    fixture_turn(fixture);
    assert_int_equal(fixture->told_count, 2);
    assert_int_equal(fixture->told[0].refusal, REFUSAL_NONE);
    assert_int_equal(fixture->told[1].refusal, REFUSAL_NONE);
    assert_int_equal(fixture_facts(fixture, FACT_INVITED), 1);
    fixture_free(fixture);
}

static void a_command_past_its_deadline_is_refused(void **state) {
    struct fixture *fixture = fixture_new();
    const struct invite_arguments invite = {.invitation = {5}};
    struct command command = {.id = fixture_id(fixture),
                              .actor = {.role = ROLE_COORDINATOR},
                              .deadline_ms = fixture->now_ms - 1,
                              .kind = HUB_COMMAND_INVITE,
                              .arguments = &invite};
    give(fixture, &command);
    assert_int_equal(fixture->told[0].refusal, REFUSAL_DEADLINE);
    assert_int_equal(fixture_facts(fixture, FACT_INVITED), 0);
    command.id = fixture_id(fixture);
    command.deadline_ms = fixture->now_ms;
    give(fixture, &command);
    assert_int_equal(fixture->told[1].refusal, REFUSAL_NONE);
    fixture_free(fixture);
}

static void a_result_can_be_asked_for_during_a_day(void **state) {
    struct fixture *fixture = fixture_new();
    const struct invite_arguments invite = {.invitation = {5}};
    const struct command command = {.id = fixture_id(fixture),
                                    .actor = {.role = ROLE_COORDINATOR},
                                    .kind = HUB_COMMAND_INVITE,
                                    .arguments = &invite};
    give(fixture, &command);
    struct command_outcome outcome;
    for (int hour = 0; hour < 24; hour += 6) {
        fixture_tick(fixture);
        struct store_txn *view = fixture_read(fixture);
        assert_int_equal(results_find(view, &command.id, &outcome), 0);
        assert_int_equal(outcome.refusal, REFUSAL_NONE);
        store_abort(view);
        fixture->now_ms += 6 * HOUR_MS;
    }
    fixture->now_ms += MINUTE_MS;
    fixture_tick(fixture);
    struct store_txn *view = fixture_read(fixture);
    assert_int_equal(results_find(view, &command.id, &outcome), ERR_NOT_FOUND);
    store_abort(view);
    fixture_free(fixture);
}

/* -- backups -- */

static enum refusal backed_up(struct fixture *fixture, uint64_t sequence) {
    const struct backed_up_arguments arguments = {.sequence = sequence};
    return fixture_command(fixture, ROLE_ADMINISTRATOR, HUB_COMMAND_BACKED_UP, &arguments);
}

static void what_backups_hold_is_announced_and_never_goes_back_nor_ahead(void **state) {
    struct fixture *fixture = fixture_new();
    struct party a = party_make("ocmw-a", 1);
    fixture_join(fixture, &a);
    uint64_t position = fixture_health(fixture).position.sequence;
    assert_true(position >= 4);
    assert_int_equal(backed_up(fixture, position + 1), REFUSAL_IMPLAUSIBLE);
    assert_int_equal(backed_up(fixture, 3), REFUSAL_NONE);
    assert_int_equal(backed_up(fixture, 2), REFUSAL_IMPLAUSIBLE);
    assert_int_equal(fixture_health(fixture).backed_up_to, 3);
    assert_int_equal(backed_up(fixture, position), REFUSAL_NONE);
    assert_int_equal(fixture_health(fixture).backed_up_to, position);
    fixture_hello(fixture, &a, 0);
    assert_int_equal(fixture_acknowledgement(fixture, &a)->backed_up_to, position);
    fixture_free(fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_roles_of_the_table_may_give_a_command),
        cmocka_unit_test(who_may_not_gets_not_allowed_and_changes_nothing),
        cmocka_unit_test(a_coordinator_may_invite_and_an_administrator_add_users),
        cmocka_unit_test(a_user_without_a_known_role_or_name_is_refused),
        cmocka_unit_test(every_command_has_a_name_and_nothing_else_has),
        cmocka_unit_test(a_token_speaks_for_its_user_with_the_role_that_the_user_has_now),
        cmocka_unit_test(a_wrong_token_speaks_for_nobody),
        cmocka_unit_test(a_token_ends_at_its_time),
        cmocka_unit_test(a_revoked_token_speaks_for_nobody_and_its_neighbour_still_does),
        cmocka_unit_test(a_token_needs_a_user),
        cmocka_unit_test(a_command_sent_twice_is_done_once_and_answered_twice),
        cmocka_unit_test(two_copies_of_a_command_in_one_turn_are_done_once),
        cmocka_unit_test(a_command_past_its_deadline_is_refused),
        cmocka_unit_test(a_result_can_be_asked_for_during_a_day),
        cmocka_unit_test(what_backups_hold_is_announced_and_never_goes_back_nor_ahead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
