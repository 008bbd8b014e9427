#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/store/env.h"
#include "shared/turn/crash.h"
#include "shared/turn/decision.h"
#include "tests/unit/shared/store/scratch.h"

/* Whole processes: each opens the store and the crash file, runs one turn and may die in it. */

static int decide(void *context, const struct turn_view *view, const struct event *event,
                  struct decision *ret) {
    (void)context;
    (void)view;
    if (event->deadly) {
        ret->refusal = REFUSAL_INTERNAL_FAULT;
        return 0;
    }
    const struct fact fact = {.type = 1, .body = event->frame};
    return decision_push(ret, &fact);
}

static int apply(void *context, const struct turn_view *view, const struct fact *fact) {
    (void)context;
    struct bytes key = {.data = fact->body.data, .length = 1};
    store_put(view->txn, TABLE_SIGNALS, key, fact->body);
    if (fact->body.data[0] == 'x') {
        raise(SIGKILL);
    }
    return 0;
}

static void outcome(void *context, const struct event *event, const struct decision *decision) {
    enum refusal *refusals = context;
    refusals[event->frame.data[0]] = decision->refusal;
}

static void committed(void *context, int64_t now_ms, struct arena *arena) {
    (void)context;
    (void)now_ms;
    (void)arena;
}

/* Ends with what became of the frame 'x', or 255 where something else failed. */
static int live(const char *store_path, const char *crash_path, const char *const *frames) {
    static enum refusal refusals[256];
    const uint8_t seed[32] = {0};
    struct store_params opening = {
        .path = store_path, .durability = STORE_VOLATILE, .map_bytes = 4 << 20};
    struct crash_file *crash;
    struct rng rng;
    struct turn_params params = {.core = {.core = refusals,
                                          .decide = decide,
                                          .apply = apply,
                                          .outcome = outcome,
                                          .committed = committed}};
    struct turn *turn;
    if (store_open(&opening, &params.store) < 0 || crash_file_open(crash_path, &crash) < 0) {
        return 255;
    }
    params.marker = crash_file_marker(crash);
    rng_init(&rng, seed);
    if (turn_new(&params, &turn) < 0) {
        return 255;
    }
    for (size_t i = 0; frames[i] != NULL; i++) {
        struct event event = {.kind = EVENT_PACKET, .frame = bytes_from_text(frames[i])};
        if (turn_push(turn, &event) < 0) {
            return 255;
        }
    }
    if (turn_run(turn, 1, &rng, false) < 0) {
        return 255;
    }
    turn_free(turn);
    store_close(params.store);
    crash_file_close(crash);
    return (int)refusals['x'];
}

struct paths {
    struct scratch scratch;
    struct scratch store;
    struct scratch crash;
};

static struct paths begin(void) {
    struct paths paths = {.scratch = scratch_new()};
    paths.store = scratch_below(&paths.scratch, "store");
    paths.crash = scratch_below(&paths.scratch, "crash");
    return paths;
}

/* The status that the process ended with; -1: it died. */
static int live_in_a_process(const struct paths *paths, const char *const *frames) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit none = {0};
        (void)setrlimit(RLIMIT_CORE, &none);
        _exit(live(paths->store.path, paths->crash.path, frames));
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void the_third_process_refuses_what_killed_two_and_serves_the_others(void **state) {
    struct paths paths = begin();
    const char *const frames[] = {"good", "x-ray", "more", NULL};
    assert_int_equal(live_in_a_process(&paths, frames), -1);
    assert_int_equal(live_in_a_process(&paths, frames), -1);
    assert_int_equal(live_in_a_process(&paths, frames), REFUSAL_INTERNAL_FAULT);
    struct store_params opening = {
        .path = paths.store.path, .durability = STORE_VOLATILE, .map_bytes = 4 << 20};
    struct store *store;
    struct store_txn *view;
    uint64_t count;
    assert_int_equal(store_open(&opening, &store), 0);
    assert_int_equal(store_begin_read(store, &view), 0);
    assert_int_equal(store_count(view, TABLE_SIGNALS, &count), 0);
    assert_int_equal(count, 2);
    store_abort(view);
    store_close(store);
    scratch_free(&paths.scratch);
}

/* A process killed in the middle of an event isn't killed by it: once applied, it starts anew. What
 * is only refused in form any more stays known. */
static void what_was_applied_after_a_death_is_forgiven(void **state) {
    struct paths paths = begin();
    const struct digest id = {{7}};
    for (unsigned deaths = 1; deaths <= TURN_DEATHS_MAX; deaths++) {
        struct crash_file *file;
        for (unsigned i = 0; i < deaths; i++) {
            assert_int_equal(crash_file_open(paths.crash.path, &file), 0);
            struct turn_marker marker = crash_file_marker(file);
            marker.begin(marker.context, &id);
            crash_file_close(file); /* as a death leaves it */
        }
        assert_int_equal(crash_file_open(paths.crash.path, &file), 0);
        struct turn_marker marker = crash_file_marker(file);
        assert_int_equal(marker.deaths(marker.context, &id), deaths);
        marker.begin(marker.context, &id);
        marker.end(marker.context);
        assert_int_equal(marker.deaths(marker.context, &id), deaths < TURN_DEATHS_MAX ? 0 : deaths);
        crash_file_close(file);
    }
    scratch_free(&paths.scratch);
}

static void a_death_between_events_is_nobodys(void **state) {
    struct paths paths = begin();
    struct crash_file *file;
    const struct digest id = {.bytes = {1}};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(crash_file_open(paths.crash.path, &file), 0);
        struct turn_marker marker = crash_file_marker(file);
        assert_int_equal(marker.deaths(marker.context, &id), 0);
        marker.begin(marker.context, &id);
        marker.end(marker.context);
        crash_file_close(file);
    }
    scratch_free(&paths.scratch);
}

static void deaths_are_counted_for_each_event_apart(void **state) {
    struct paths paths = begin();
    struct crash_file *file;
    const struct digest ids[] = {{.bytes = {1}}, {.bytes = {2}}};
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(crash_file_open(paths.crash.path, &file), 0);
        struct turn_marker marker = crash_file_marker(file);
        assert_int_equal(marker.deaths(marker.context, &ids[0]), i);
        assert_int_equal(marker.deaths(marker.context, &ids[1]), 0);
        marker.begin(marker.context, &ids[0]); /* and it never ends */
        crash_file_close(file);
    }
    scratch_free(&paths.scratch);
}

static void a_file_that_is_not_ours_or_cut_never_stops_a_start(void **state) {
    struct paths paths = begin();
    static const char noise[5000] = {'n', 'o', 'i', 's', 'e'};
    const size_t lengths[] = {sizeof(noise), 7, 0};
    for (size_t i = 0; i < 3; i++) {
        struct crash_file *file;
        const struct digest id = {.bytes = {1}};
        int fd = open(paths.crash.path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, noise, lengths[i]), (ssize_t)lengths[i]);
        assert_int_equal(close(fd), 0);
        assert_int_equal(crash_file_open(paths.crash.path, &file), 0);
        struct turn_marker marker = crash_file_marker(file);
        assert_int_equal(marker.deaths(marker.context, &id), 0);
        crash_file_close(file);
    }
    struct crash_file *none;
    assert_int_equal(crash_file_open("/nowhere/at/all", &none), ERR_IO);
    scratch_free(&paths.scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_third_process_refuses_what_killed_two_and_serves_the_others),
        cmocka_unit_test(what_was_applied_after_a_death_is_forgiven),
        cmocka_unit_test(a_death_between_events_is_nobodys),
        cmocka_unit_test(deaths_are_counted_for_each_event_apart),
        cmocka_unit_test(a_file_that_is_not_ours_or_cut_never_stops_a_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
