#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/shell/commands.h"
#include "node/shell/enrolment.h"
#include "node/shell/joining.h"
#include "shared/crypto/secret.h"
#include "shared/io/clock.h"

enum { JOIN_ARENA_BYTES = 2 << 20, POLL_MS = 250, SOCKETS_MAX = 8, UNREACHABLE_MS = 5000 };

static volatile sig_atomic_t interrupted;

static void interrupt(int number) {
    (void)number;
    interrupted = 1;
}

/* What the person was told last: each thing once. */
enum told { TOLD_NOTHING, TOLD_UNREACHABLE, TOLD_WAITING };

static enum told tell_progress(const struct joining *joining, const struct enrolment_news *news,
                               int64_t waited_ms, enum told told) {
    const char *hub = joining->settings.own.hub.text;
    if (news->answered && told != TOLD_WAITING) {
        say_line(joining->call, TEXT_NODE_JOIN_SENT, TEXT_ARGS(hub));
        (void)fflush(joining->call->out);
        return TOLD_WAITING;
    }
    if (news->link != LINK_UP && told == TOLD_NOTHING && waited_ms > UNREACHABLE_MS) {
        cli_say(joining->call,
                (struct text_pair){.what = TEXT_NODE_JOIN_UNREACHABLE,
                                   .next = TEXT_NODE_JOIN_UNREACHABLE_NEXT},
                TEXT_ARGS(hub, joining->settings.join_endpoint));
        return TOLD_UNREACHABLE;
    }
    return told;
}

static int conclude(const struct joining *joining, const struct join_answer *answer) {
    const char *hub = joining->settings.own.hub.text;
    if (answer->state == JOIN_REFUSED) {
        const struct text_pair pair = {.what = TEXT_NODE_JOIN_REFUSED,
                                       .next = TEXT_NODE_JOIN_REFUSED_NEXT};
        const enum text_id why = text_of_refusal(answer->refusal).what;
        return joining_complain(joining, pair, TEXT_ARGS(hub, text_get(joining->call->lang, why)));
    }
    int r = place_remove(&joining->place, PLACE_JOINING);
    if (r < 0) {
        return joining_fail(joining, r, PLACE_JOINING);
    }
    say_line(joining->call, TEXT_NODE_JOINED, TEXT_ARGS(hub, joining->place.dir));
    return 0;
}

static int ask(const struct joining *joining, struct enrolment *enrolment) {
    const struct clock clock = clock_system();
    const int64_t began_ms = clock_monotonic_ms(&clock);
    enum told told = TOLD_NOTHING;
    while (!interrupted) {
        struct link_poll_item item = {.client = enrolment_link(enrolment)};
        struct enrolment_news news;
        int r = link_poll(&item, 1, POLL_MS);
        const int64_t now_ms = clock_monotonic_ms(&clock);
        r = r < 0 ? r : enrolment_step(enrolment, now_ms, &news);
        if (r < 0) {
            return joining_fail(joining, r, NULL);
        }
        if (news.answered && news.answer.state != JOIN_WAITING) {
            return conclude(joining, &news.answer);
        }
        told = tell_progress(joining, &news, now_ms - began_ms, told);
    }
    say_line(joining->call, TEXT_NODE_JOIN_BROKEN_OFF, TEXT_ARGS(joining->place.dir));
    return ERR_CANCELLED;
}

static int connect_and_ask(const struct joining *joining) {
    struct link_context *context;
    struct enrolment *enrolment;
    int r = link_context_new(1, SOCKETS_MAX, &context);
    if (r < 0) {
        return joining_fail(joining, r, NULL);
    }
    const struct enrolment_params params = {
        .context = context,
        .endpoint = joining->settings.join_endpoint,
        .hub_key = joining->settings.hub_key,
        .keys = &joining->keys.secret->transport,
        .request = joining->request,
        .reconnect_ms = LINK_RECONNECT_MIN_MS,
    };
    r = enrolment_open(&params, &enrolment);
    if (r < 0) {
        link_context_free(context);
        return joining_fail(joining, r, joining->settings.join_endpoint);
    }
    r = ask(joining, enrolment);
    enrolment_close(enrolment);
    link_context_free(context);
    return r;
}

static int join(struct joining *joining) {
    char words[WORDS_TEXT_SIZE];
    int r = joining_read(joining);
    r = r < 0 ? r : joining_prepare(joining);
    if (r < 0) {
        return r;
    }
    keys_words(&joining->keys, &joining->org, words);
    say_line(joining->call, TEXT_NODE_WORDS, TEXT_ARGS(words));
    if (cli_flag(joining->call, "no-wait")) {
        say_line(joining->call, TEXT_NODE_JOIN_NO_WAIT, TEXT_ARGS(joining->place.dir));
        return 0;
    }
    (void)fflush(joining->call->out);
    return connect_and_ask(joining);
}

/* Against this an invitation's end is held. */
static int read_now(const struct cli_call *call, int64_t *ret_ms) {
    const struct clock clock = clock_system();
    *ret_ms = clock_now_ms(&clock);
#ifdef VANGNET_TEST_CLOCK
    const char *where = cli_text(call, "test-clock", NULL);
    if (where != NULL) {
        return clock_test_once(where, ret_ms);
    }
#else
    (void)call;
#endif
    return 0;
}

enum cli_status join_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    const struct sigaction on_interrupt = {.sa_handler = interrupt};
    sigaction(SIGINT, &on_interrupt, NULL);
    sigaction(SIGTERM, &on_interrupt, NULL);
    struct joining *joining = secret_new(sizeof(*joining));
    if (joining == NULL) {
        cli_say(call, text_of_error(ERR_NO_MEMORY), NULL);
        return CLI_FAILED;
    }
    *joining = (struct joining){.call = call};
    int r = read_now(call, &joining->now_ms);
    r = r < 0 ? r : arena_new(JOIN_ARENA_BYTES, &joining->arena);
    if (r < 0) {
        (void)joining_fail(joining, r, NULL);
    }
    r = r < 0 ? r : node_place(call, &joining->place);
    r = r < 0 ? r : join(joining);
    keys_deinit(&joining->keys);
    arena_free(joining->arena);
    secret_free(joining);
    return r < 0 ? CLI_FAILED : CLI_OK;
}
