#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "shared/store/env.h"
#include "shared/turn/people.h"
#include "tests/unit/shared/store/scratch.h"

static const struct people_facts revocable = {.user = 4, .token = 5, .token_revoked = 6};
static const struct people_facts lasting = {.user = 4, .token = 5};
static const struct user_record els = {
    .user = {"els"}, .role = ROLE_CASEWORKER, .team = {"kortrijk"}, .deputy = {"jan"}};

/* The time as its eight bytes read. */
static const int64_t now_ms = 0x0102030405060708;
static const int64_t until_ms = 0x0102030405060808;

struct fixture {
    struct scratch scratch;
    struct store *store;
    struct turn_view view;
};

static struct fixture *begin(void) {
    static struct fixture fixture;
    fixture = (struct fixture){.scratch = scratch_new()};
    struct store_params params = {
        .path = fixture.scratch.path, .durability = STORE_VOLATILE, .map_bytes = 4 << 20};
    assert_int_equal(store_open(&params, &fixture.store), 0);
    assert_int_equal(store_begin_write(fixture.store, &fixture.view.txn), 0);
    assert_int_equal(arena_new(1 << 20, &fixture.view.arena), 0);
    fixture.view.now_ms = now_ms;
    return &fixture;
}

static void end(struct fixture *f) {
    assert_int_equal(store_txn_error(f->view.txn), 0);
    store_abort(f->view.txn);
    store_close(f->store);
    arena_free(f->view.arena);
    scratch_free(&f->scratch);
}

static struct token_arguments token_of(const char *text) {
    return (struct token_arguments){.token = token_digest(bytes_from_text(text)),
                                    .user = {"els"},
                                    .expires_ms = until_ms,
                                    .label = "desk"};
}

static void add_els(struct fixture *f) {
    struct decision decision = {.arena = f->view.arena};
    assert_int_equal(user_decide(&f->view, &revocable, &els, &decision), 0);
    assert_int_equal(decision.fact_count, 1);
    assert_int_equal(decision.facts[0].type, 4);
    assert_int_equal(user_apply(&f->view, decision.facts[0].body), 0);
}

/* The fact's body, applied. */
static struct bytes add_token(struct fixture *f, const struct people_facts *facts,
                              const char *text) {
    struct decision decision = {.arena = f->view.arena};
    const struct token_arguments arguments = token_of(text);
    assert_int_equal(token_decide(&f->view, facts, &arguments, &decision), 0);
    assert_int_equal(decision.refusal, REFUSAL_NONE);
    assert_int_equal(decision.fact_count, 1);
    assert_int_equal(decision.facts[0].type, 5);
    assert_int_equal(token_apply(&f->view, decision.facts[0].body), 0);
    return decision.facts[0].body;
}

static int actor_at(struct fixture *f, const char *text, int64_t at_ms, struct actor *ret) {
    struct digest token = token_digest(bytes_from_text(text));
    return token_actor(f->view.txn, &token, at_ms, ret);
}

/* Journals and stores hold these bytes: written out by hand from the widths of the ids. */
static void a_users_fact_is_name_version_role_team_and_deputy(void **state) {
    struct fixture *f = begin();
    struct decision decision = {.arena = f->view.arena};
    assert_int_equal(user_decide(&f->view, &revocable, &els, &decision), 0);
    struct bytes body = decision.facts[0].body;
    const size_t name = sizeof(struct user_id);
    const size_t team = sizeof(struct team_id);
    assert_int_equal(body.length, name + 1 + 4 + team + name);
    assert_string_equal((const char *)body.data, "els");
    assert_memory_equal(body.data + name, "\x01\x00\x00\x00\x03", 5);
    assert_string_equal((const char *)body.data + name + 5, "kortrijk");
    assert_string_equal((const char *)body.data + name + 5 + team, "jan");
    end(f);
}

static void a_tokens_fact_has_a_mark_only_where_tokens_are_revoked(void **state) {
    struct fixture *f = begin();
    const struct digest token = token_digest(bytes_from_text("one"));
    add_els(f);
    struct bytes body = add_token(f, &revocable, "one");
    assert_int_equal(body.length, 32 + 2 + 16 + sizeof(struct user_id) + 64);
    assert_memory_equal(body.data, &token, 32);
    assert_memory_equal(body.data + 32, "\x01\x00\x01\x02\x03\x04\x05\x06\x07\x08", 10);
    assert_memory_equal(body.data + 42, "\x01\x02\x03\x04\x05\x06\x08\x08", 8);
    assert_string_equal((const char *)body.data + 50, "els");
    assert_string_equal((const char *)body.data + 50 + sizeof(struct user_id), "desk");
    struct bytes shorter = add_token(f, &lasting, "two");
    assert_int_equal(shorter.length, body.length - 1);
    assert_int_equal(shorter.data[32], 1);
    assert_memory_equal(shorter.data + 33, body.data + 34, shorter.length - 33);
    end(f);
}

static void a_token_of_either_form_speaks_for_its_user_until_its_time(void **state) {
    struct fixture *f = begin();
    struct actor actor;
    add_els(f);
    (void)add_token(f, &revocable, "one");
    (void)add_token(f, &lasting, "two");
    static const char *const texts[] = {"one", "two"};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(actor_at(f, texts[i], until_ms - 1, &actor), 0);
        assert_string_equal(actor.user.text, "els");
        assert_string_equal(actor.team.text, "kortrijk");
        assert_int_equal(actor.role, ROLE_CASEWORKER);
        assert_int_equal(actor_at(f, texts[i], until_ms, &actor), ERR_DENIED);
    }
    assert_int_equal(actor_at(f, "three", now_ms, &actor), ERR_DENIED);
    end(f);
}

static void a_revoked_token_is_dead_and_keeps_its_label(void **state) {
    struct fixture *f = begin();
    struct actor actor;
    struct token_record record;
    struct decision decision = {.arena = f->view.arena};
    const struct token_arguments arguments = token_of("one");
    add_els(f);
    assert_int_equal(token_revoke_decide(&f->view, &revocable, &arguments, &decision), 0);
    assert_int_equal(decision.refusal, REFUSAL_NOT_FOUND);
    (void)add_token(f, &revocable, "one");
    (void)add_token(f, &revocable, "two");
    decision = (struct decision){.arena = f->view.arena};
    assert_int_equal(token_revoke_decide(&f->view, &revocable, &arguments, &decision), 0);
    assert_int_equal(decision.facts[0].type, 6);
    assert_true(bytes_equal(decision.facts[0].body, BYTES_OF(arguments.token)));
    assert_int_equal(token_revoked_apply(&f->view, decision.facts[0].body), 0);
    assert_int_equal(actor_at(f, "one", now_ms, &actor), ERR_DENIED);
    assert_int_equal(actor_at(f, "two", now_ms, &actor), 0);
    assert_int_equal(token_get(f->view.txn, &arguments.token, &record), 0);
    assert_true(record.revoked);
    assert_true(record.made_ms == now_ms && record.expires_ms == until_ms);
    assert_string_equal(record.label, "desk");
    end(f);
}

static void a_record_without_a_place_for_the_mark_is_never_written_over(void **state) {
    struct fixture *f = begin();
    struct token_record record;
    const struct digest token = token_digest(bytes_from_text("one"));
    add_els(f);
    (void)add_token(f, &lasting, "one");
    assert_int_equal(token_revoked_apply(&f->view, BYTES_OF(token)), ERR_STORAGE);
    assert_int_equal(token_get(f->view.txn, &token, &record), 0);
    assert_true(record.made_ms == now_ms);
    end(f);
}

static void a_token_needs_a_user_and_is_made_once(void **state) {
    struct fixture *f = begin();
    struct decision decision = {.arena = f->view.arena};
    const struct token_arguments arguments = token_of("one");
    assert_int_equal(token_decide(&f->view, &revocable, &arguments, &decision), 0);
    assert_int_equal(decision.refusal, REFUSAL_NOT_FOUND);
    add_els(f);
    (void)add_token(f, &revocable, "one");
    decision = (struct decision){.arena = f->view.arena};
    assert_int_equal(token_decide(&f->view, &revocable, &arguments, &decision), 0);
    assert_int_equal(decision.refusal, REFUSAL_EXISTS);
    assert_int_equal(decision.fact_count, 0);
    end(f);
}

static void a_body_that_holds_no_record_is_not_written(void **state) {
    struct fixture *f = begin();
    static const uint8_t zeros[sizeof(struct user_id)];
    assert_int_equal(user_apply(&f->view, BYTES_OF(zeros)), ERR_STORAGE);
    assert_int_equal(token_apply(&f->view, (struct bytes){.data = zeros, .length = 32}),
                     ERR_STORAGE);
    assert_int_equal(token_apply(&f->view, (struct bytes){0}), ERR_STORAGE);
    uint64_t count = 1;
    assert_int_equal(store_count(f->view.txn, TABLE_USERS, &count), 0);
    assert_true(count == 0);
    end(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_users_fact_is_name_version_role_team_and_deputy),
        cmocka_unit_test(a_tokens_fact_has_a_mark_only_where_tokens_are_revoked),
        cmocka_unit_test(a_token_of_either_form_speaks_for_its_user_until_its_time),
        cmocka_unit_test(a_revoked_token_is_dead_and_keeps_its_label),
        cmocka_unit_test(a_record_without_a_place_for_the_mark_is_never_written_over),
        cmocka_unit_test(a_token_needs_a_user_and_is_made_once),
        cmocka_unit_test(a_body_that_holds_no_record_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
