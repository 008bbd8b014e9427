#include "node/shell/run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/shell/api.h"
#include "node/shell/commands.h"
#include "node/shell/trail.h"
#include "node/shell/watch.h"
#include "shared/crypto/secret.h"
#include "shared/io/daemon.h"
#include "shared/io/log.h"
#include "shared/vault/keyring.h"

enum { IO_THREADS = 1, SOCKETS_MAX = 16, JOINING_BYTES_MAX = PACKET_BYTES_MAX };

static int fail(const struct cli_call *call, int error, const char *detail) {
    cli_say(call, text_of_error(error), NULL);
    if (detail != NULL) {
        fprintf(call->err, "%s\n", detail);
    }
    return error;
}

static int no_node(const struct cli_call *call, const char *dir) {
    const struct text_pair pair = {.what = TEXT_NODE_NONE_HERE, .next = TEXT_NODE_NONE_HERE_NEXT};
    cli_say(call, pair, TEXT_ARGS(dir));
    return ERR_NOT_FOUND;
}

static int fail_keyring(const struct cli_call *call, int error, const char *path) {
    const struct text_pair missing = {.what = TEXT_NODE_KEYRING_MISSING,
                                      .next = TEXT_NODE_KEYRING_NEXT};
    const struct text_pair older = {.what = TEXT_NODE_KEYRING_OLDER,
                                    .next = TEXT_NODE_KEYRING_NEXT};
    const struct text_pair wrong = {.what = TEXT_NODE_KEYRING_WRONG,
                                    .next = TEXT_NODE_KEYRING_NEXT};
    cli_say(call,
            error == ERR_NOT_FOUND ? missing
            : error == ERR_CHAIN   ? older
                                   : wrong,
            TEXT_ARGS(path));
    return error;
}

/* A keyring that is older than the database gives ids out again that are in use, and what waits
 * under keys that it hasn't would go out empty: nothing begins with it. */
static int open_keyring(struct desk *desk, const char *path) {
    struct store_txn *view;
    uint64_t last = 0;
    int r = keyring_open(path, &desk->keys.secret->master, &desk->keyring);
    r = r < 0 ? r : store_begin_read(desk->store, &view);
    if (r < 0) {
        return r;
    }
    r = node_last_key(view, &last);
    store_abort(view);
    return r == 0 && keyring_next_id(desk->keyring) <= last ? ERR_CHAIN : r;
}

static int load(struct run *run, const struct cli_call *call) {
    struct desk *desk = &run->desk;
    struct config_error error = {0};
    if (!place_has(&desk->place, PLACE_CONFIG)) {
        return no_node(call, desk->place.dir);
    }
    int r = settings_load(&desk->place, &desk->settings, &error);
    if (r < 0) {
        return fail(call, r, error.text);
    }
    if (desk->settings.lock_memory && !secret_can_lock(KEYS_SECRET_BYTES)) {
        const struct text_pair pair = {.what = TEXT_NODE_NO_LOCK, .next = TEXT_NODE_NO_LOCK_NEXT};
        cli_say(call, pair, NULL);
        return ERR_DENIED;
    }
    r = secrets_mend(&desk->place);
    r = r < 0 ? r : keys_load(&desk->place, &desk->keys);
    r = r < 0 ? r : secrets_open(&desk->place, &run->secrets);
    if (r < 0) {
        return fail(call, r, PLACE_KEYS);
    }
    const struct place_path keyring = place_path(&desk->place, PLACE_KEYRING);
    const struct place_path store = place_path(&desk->place, PLACE_STORE);
    const struct store_params params = {.path = store.text, .durability = STORE_DURABLE};
    r = store_open(&params, &desk->store);
    if (r < 0) {
        return fail(call, r, store.text);
    }
    r = open_keyring(desk, keyring.text);
    if (r == ERR_NOT_FOUND || r == ERR_CHAIN || r == ERR_CRYPTO) {
        return fail_keyring(call, r, keyring.text);
    }
    if (r < 0) {
        return fail(call, r, keyring.text);
    }
    r = trail_open(&desk->place, clock_now_ms(&desk->clock), &desk->audit);
    if (r < 0) {
        return fail(call, r, TRAIL_LOG);
    }
    keys_words(&desk->keys, &desk->settings.own.org, desk->words);
    return 0;
}

static int get_key(void *context, uint64_t id, struct record_key *ret) {
    return keyring_get(context, id, ret);
}

static int make_node(struct run *run) {
    struct desk *desk = &run->desk;
    const struct place_path crash = place_path(&desk->place, PLACE_CRASH);
    int r = crash_file_open(crash.text, &run->crash);
    if (r < 0) {
        return r;
    }
    const struct node_params params = {
        .store = desk->store,
        .own = desk->settings.own,
        .keys = {.sign_public = desk->keys.sign,
                 .sign_secret = &desk->keys.secret->sign,
                 .disclosure = &desk->keys.secret->disclosure,
                 .index = &desk->keys.secret->index,
                 .records = {.get = get_key, .context = desk->keyring},
                 .sealing = {.get = secrets_get, .context = run->secrets}},
        .links = {.context = run,
                  .send = loop_send,
                  .command_done = loop_command_done,
                  .shred = loop_shred,
                  .looked = loop_looked},
        .marker = crash_file_marker(run->crash),
        .software = "vangnet-node " VANGNET_VERSION,
        .hold_until_released = true,
    };
    r = node_new(&params, &run->node);
    if (r == 0) {
        loop_offer_keys(run);
    }
    return r;
}

static int open_links(struct run *run) {
    struct desk *desk = &run->desk;
    int r = link_context_new(IO_THREADS, SOCKETS_MAX, &run->context);
    if (r < 0) {
        return r;
    }
    r = place_read(&desk->place, PLACE_JOINING, JOINING_BYTES_MAX, &run->request);
    if (r == ERR_NOT_FOUND) {
        run->joining = JOINING_DONE;
        return loop_dial(run);
    }
    if (r < 0) {
        return r;
    }
    const struct enrolment_params params = {
        .context = run->context,
        .endpoint = desk->settings.join_endpoint,
        .hub_key = desk->settings.hub_key,
        .keys = &desk->keys.secret->transport,
        .request = run->request,
        .reconnect_ms = LINK_RECONNECT_MIN_MS,
    };
    run->joining = JOINING_ASKING;
    return enrolment_open(&params, &run->enrolment);
}

static int open_http(struct run *run) {
    struct desk *desk = &run->desk;
    const struct place_path socket_path = place_path(&desk->place, PLACE_SOCKET);
    const struct settings *settings = &desk->settings;
    _Static_assert(sizeof(run->routes) / sizeof(run->routes[0]) == API_ROUTES_MAX, "all routes");
    const struct http_config config = {
        .routes = run->routes,
        .route_count = api_routes(desk, run->routes),
        .address = settings->http_address[0] == '\0' ? NULL : settings->http_address,
        .port = (uint16_t)settings->http_port,
        .unix_path = socket_path.text,
    };
    int r = ring_new(COMMAND_RING, &desk->ring);
    r = r < 0 ? r : watch_start(&desk->place, &desk->clock, &desk->watch);
    return r < 0 ? r : http_start(&config, &run->server);
}

static int start(struct run *run, const struct cli_call *call) {
    char wrong[MAILER_WRONG_SIZE];
    int r = load(run, call);
    if (r < 0) {
        return r;
    }
    static const struct {
        const char *what;
        int (*step)(struct run *run);
    } steps[] = {{"node", make_node}, {"link", open_links}, {"http", open_http}};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        r = steps[i].step(run);
        if (r < 0) {
            return fail(call, r, steps[i].what);
        }
    }
    r = mailer_start(&run->desk, &run->mailer, wrong);
    return r < 0 ? fail(call, r, wrong) : 0;
}

/* Each takes NULL. The watcher ends after HTTP, or it would wait for an answer that never comes. */
static void finish(struct run *run) {
    struct desk *desk = &run->desk;
    if (desk->ring != NULL) {
        ring_close(desk->ring);
    }
    http_stop(run->server);
    run->server = NULL;
    watch_stop(desk->watch);
    mailer_stop(run->mailer);
    for (struct job *job; desk->ring != NULL && (job = ring_take(desk->ring)) != NULL;) {
        job_free(job);
    }
    link_client_close(run->link);
    enrolment_close(run->enrolment);
    node_free(run->node);
    link_context_free(run->context);
    ring_free(desk->ring);
    crash_file_close(run->crash);
    audit_close(desk->audit);
    keyring_close(desk->keyring);
    store_close(desk->store);
    secrets_close(run->secrets);
    keys_deinit(&desk->keys);
    free((void *)(uintptr_t)run->request.data);
}

static int open_clock(struct run *run, const struct cli_call *call) {
    run->desk.clock = clock_system();
#ifdef VANGNET_TEST_CLOCK
    const char *where = cli_text(call, "test-clock", NULL);
    if (where != NULL) {
        int r = clock_test_open(where, &run->test_clock);
        if (r < 0) {
            return fail(call, r, where);
        }
        run->desk.clock = clock_test(run->test_clock);
    }
#else
    (void)call;
#endif
    return 0;
}

static int serve(struct run *run, const struct cli_call *call) {
    const char *supervisor = getenv("NOTIFY_SOCKET");
    int r = open_clock(run, call);
    r = r < 0 ? r : start(run, call);
    if (r == 0) {
        log_line(LOG_LEVEL_NOTICE, "started", "organisation", run->desk.settings.own.org.text,
                 "hub", run->desk.settings.own.hub.text, "version", VANGNET_VERSION, NULL);
        daemon_notify(supervisor, "READY=1");
        loop_run(run);
        daemon_notify(supervisor, "STOPPING=1");
        r = run->error;
    }
    finish(run);
#ifdef VANGNET_TEST_CLOCK
    clock_test_close(run->test_clock);
#endif
    return r;
}

enum cli_status run_command(void *ctx, const struct cli_call *call) {
    (void)ctx;
    struct run *run = calloc(1, sizeof(*run));
    if (run == NULL) {
        return CLI_FAILED;
    }
    int r = daemon_harden();
    r = r < 0 ? r : daemon_signals(&run->signals);
    if (r < 0) {
        cli_say(call, text_of_error(r), NULL);
    }
    r = r < 0 ? r : node_place(call, &run->desk.place);
    r = r < 0 ? r : serve(run, call);
    log_line(r < 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_NOTICE, "stopped", NULL);
    free(run);
    return r < 0 ? CLI_FAILED : CLI_OK;
}
