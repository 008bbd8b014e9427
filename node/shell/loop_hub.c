#include "node/shell/run.h"
#include "shared/crypto/random.h"
#include "shared/io/log.h"

/* -- the link -- */

static void take_frame(void *ctx, const struct link_message *message) {
    struct run *run = ctx;
    int r = node_receive(run->node, message->frame);
    if (r == ERR_AGAIN && run->error == 0) {
        loop_turn(run);
        r = node_receive(run->node, message->frame);
    }
    if (r < 0) {
        log_limited(clock_monotonic_ms(&run->desk.clock), LOG_LEVEL_WARNING, "frame_dropped",
                    "reason", err_text(r), NULL);
    }
}

int loop_dial(struct run *run) {
    const struct settings *settings = &run->desk.settings;
    uint32_t random;
    random_fill(&random, sizeof(random));
    const struct link_client_params params = {
        .endpoint = settings->endpoint,
        .server_key = settings->hub_key,
        .keys = &run->desk.keys.secret->transport,
        .high_water_messages = RUN_HIGH_WATER,
        .frame_bytes_max = FRAME_BYTES_MAX,
        .reconnect_ms =
            LINK_RECONNECT_MIN_MS + (int)(random % (LINK_RECONNECT_MAX_MS - LINK_RECONNECT_MIN_MS)),
    };
    run->link_state = LINK_DOWN;
    run->dialled_ms = clock_monotonic_ms(&run->desk.clock);
    return link_client_open(run->context, &params, &run->link);
}

static void follow_link(struct run *run) {
    const enum link_state state = link_client_state(run->link);
    if (state == run->link_state) {
        return;
    }
    static const char *const names[] = {
        [LINK_DOWN] = "down", [LINK_UP] = "up", [LINK_REFUSED] = "refused"};
    log_limited(clock_monotonic_ms(&run->desk.clock), LOG_LEVEL_INFO, "hub_link", "state",
                names[state], "hub", run->desk.settings.own.hub.text, NULL);
    if (state == LINK_UP) {
        run->answered_ms = clock_monotonic_ms(&run->desk.clock);
        node_connected(run->node);
    } else if (run->link_state == LINK_UP) {
        node_lost(run->node);
    }
    run->link_state = state;
}

void loop_receive(struct run *run) {
    follow_link(run);
    int r = link_client_receive(run->link, take_frame, run, RUN_TAKE_MAX);
    if (r < 0) {
        loop_fail(run, r, "link");
    }
}

/* libzmq doesn't dial again by itself after a refusal, and can't tell a dead path from a quiet one.
 */
void loop_redial(struct run *run, const struct node_health *health) {
    const int64_t now_ms = clock_monotonic_ms(&run->desk.clock);
    if (run->link_state == LINK_UP && health->connected) {
        run->answered_ms = now_ms;
        run->dialled_ms = now_ms;
        return;
    }
    const int64_t since_ms = run->link_state == LINK_UP ? run->answered_ms : run->dialled_ms;
    if (now_ms - since_ms < RUN_REDIAL_MS) {
        return;
    }
    run->dialled_ms = now_ms;
    run->answered_ms = now_ms;
    if (run->link_state == LINK_UP) {
        node_lost(run->node);
    }
    run->link_state = LINK_DOWN;
    int r = link_client_redial(run->link);
    if (r < 0) {
        loop_fail(run, r, "redial");
    }
}

/* -- joining -- */

static void approved(struct run *run) {
    log_line(LOG_LEVEL_NOTICE, "joined", "hub", run->desk.settings.own.hub.text, NULL);
    run->joining = JOINING_DONE;
    enrolment_close(run->enrolment);
    run->enrolment = NULL;
    int r = place_remove(&run->desk.place, PLACE_JOINING);
    r = r < 0 ? r : loop_dial(run);
    if (r < 0) {
        loop_fail(run, r, "join");
    }
}

void loop_ask_to_join(struct run *run) {
    struct enrolment_news news;
    int r = enrolment_step(run->enrolment, clock_monotonic_ms(&run->desk.clock), &news);
    if (r < 0) {
        loop_fail(run, r, "enrolment");
        return;
    }
    run->link_state = news.link;
    if (!news.answered) {
        return;
    }
    if (news.answer.state == JOIN_APPROVED) {
        approved(run);
        return;
    }
    const enum joining_state was = run->joining;
    run->joining = news.answer.state == JOIN_REFUSED ? JOINING_REFUSED : JOINING_WAITING;
    run->join_refusal = news.answer.refusal;
    if (was != run->joining) {
        log_line(LOG_LEVEL_NOTICE, "join_answer", "state",
                 run->joining == JOINING_REFUSED ? "refused" : "waiting", "refusal",
                 refusal_text(news.answer.refusal), NULL);
    }
}
