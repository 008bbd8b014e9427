/* The load generator of deploy/bench: made-up members that join, greet and send.
 *
 *     generator join  --invitations FILE
 *     generator load  --hub INVITATION --members N --messages N [--window N] [--rate N]
 *     generator load  --echo "ENDPOINT KEY" ...
 *     generator idle  --hub INVITATION --members N
 *     generator flags --hub INVITATION --messages FAMILIES
 *
 * Each prints one line of JSON on success. `idle` keeps its connections until its standard input
 * closes. Pin it to a core of its own from outside. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "shared/crypto/random.h"
#include "shared/members/invitation.h"
#include "tests/bench/flagged.h"
#include "tests/bench/joiner.h"
#include "tests/bench/load.h"

enum { GREET_PATIENCE_MS = 120000, WINDOW = 16 };

struct options {
    const char *invitations;
    const char *hub;
    const char *echo;
    uint32_t first;
    size_t members;
    struct load_plan plan;
};

static const struct option names[] = {
    {"invitations", required_argument, NULL, 'i'}, {"hub", required_argument, NULL, 'h'},
    {"echo", required_argument, NULL, 'e'},        {"first", required_argument, NULL, 'f'},
    {"members", required_argument, NULL, 'm'},     {"messages", required_argument, NULL, 'n'},
    {"window", required_argument, NULL, 'w'},      {"rate", required_argument, NULL, 'r'},
    {"services", required_argument, NULL, 's'},    {NULL, 0, NULL, 0},
};

static bool read_options(int argc, char **argv, struct options *ret) {
    int option;
    *ret = (struct options){.first = 1, .members = 1, .plan = {.messages = 1, .window = WINDOW}};
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (option) {
        case 'i':
            ret->invitations = optarg;
            break;
        case 'h':
            ret->hub = optarg;
            break;
        case 'e':
            ret->echo = optarg;
            ret->plan.echo = true;
            break;
        case 'f':
            ret->first = (uint32_t)strtoul(optarg, NULL, 10);
            break;
        case 'm':
            ret->members = strtoul(optarg, NULL, 10);
            break;
        case 'n':
            ret->plan.messages = strtoul(optarg, NULL, 10);
            break;
        case 'w':
            ret->plan.window = strtoul(optarg, NULL, 10);
            break;
        case 'r':
            ret->plan.rate = strtod(optarg, NULL);
            break;
        case 's':
            ret->plan.services = (uint32_t)strtoul(optarg, NULL, 10);
            break;
        default:
            return false;
        }
    }
    return optind == argc - 1 && ret->members > 0 && ret->plan.messages > 0;
}

static bool hub_of_echo(const char *text, struct peer_hub *ret) {
    char hex[65];
    *ret = (struct peer_hub){0};
    return sscanf(text, "%255s %64s", ret->endpoint, hex) == 2 &&
           hex_decode(hex, ret->curve, sizeof(ret->curve)) == 0 &&
           hub_id_parse("echo", &ret->hub) == 0;
}

static bool hub_of_invitation(const char *text, struct peer_hub *ret) {
    struct invitation invitation;
    size_t place;
    if (invitation_parse(text, &invitation, &place) != REFUSAL_NONE) {
        return false;
    }
    *ret = (struct peer_hub){.hub = invitation.hub};
    strcpy(ret->endpoint, invitation.endpoint);
    memcpy(ret->curve, invitation.hub_curve.bytes, sizeof(ret->curve));
    return true;
}

static bool find_hub(const struct options *options, struct peer_hub *ret) {
    if (options->echo != NULL) {
        return hub_of_echo(options->echo, ret);
    }
    return options->hub != NULL && hub_of_invitation(options->hub, ret);
}

static int greet_all(const struct options *options, struct crowd *crowd) {
    struct peer_hub hub;
    if (!find_hub(options, &hub)) {
        fprintf(stderr, "generator: --hub wants an invitation, --echo what the echo printed\n");
        return ERR_CONFIG;
    }
    int r = crowd_open(crowd, &hub, options->first, options->members);
    return r < 0 ? r : crowd_greet(crowd, GREET_PATIENCE_MS);
}

static int run_load(const struct options *options) {
    struct crowd crowd = {0};
    struct load_result result;
    int r = greet_all(options, &crowd);
    if (r == 0) {
        r = load_run(&crowd, &options->plan, &result);
    }
    crowd_close(&crowd);
    if (r < 0) {
        return r;
    }
    printf("{\"messages\": %zu, \"seconds\": %.6f, \"busy\": %.3f, \"frame_bytes\": %zu, "
           "\"answers\": %llu, \"p50_ms\": %.3f, \"p99_ms\": %.3f}\n",
           result.messages, result.seconds, result.busy, result.frame_bytes,
           (unsigned long long)result.answers, result.latency_p50_ms, result.latency_p99_ms);
    return 0;
}

/* Holds the line; the directory may still come. */
static int run_idle(const struct options *options) {
    struct crowd crowd = {0};
    int64_t start_us = crowd_now_us();
    int r = greet_all(options, &crowd);
    if (r < 0) {
        crowd_close(&crowd);
        return r;
    }
    printf("{\"members\": %zu, \"seconds\": %.3f}\n", crowd.count,
           (double)(crowd_now_us() - start_us) / 1e6);
    fflush(stdout);
    const struct crowd_taker taker = crowd_taker(&crowd);
    zmq_pollitem_t input = {.fd = STDIN_FILENO, .events = ZMQ_POLLIN};
    while (r >= 0 && zmq_poll(&input, 1, 0) == 0) {
        r = crowd_poll(&crowd, 200, &taker);
    }
    crowd_close(&crowd);
    return r < 0 ? r : 0;
}

static int run_flags(const struct options *options) {
    struct options two = *options;
    struct crowd crowd = {0};
    struct flagged_result result;
    two.members = 2;
    int r = greet_all(&two, &crowd);
    if (r < 0) {
        crowd_close(&crowd);
        return r;
    }
    r = flagged_run(&crowd, two.plan.messages, &result);
    if (r == 0) {
        printf("{\"families\": %zu, \"p50_ms\": %.3f, \"p99_ms\": %.3f, "
               "\"answer_p50_ms\": %.3f}\n",
               result.families, result.p50_ms, result.p99_ms, result.answer_p50_ms);
    }
    return r;
}

static int run_join(const struct options *options) {
    struct joiner_result result;
    if (options->invitations == NULL) {
        return ERR_CONFIG;
    }
    int r = joiner_run(options->invitations, options->first, &result);
    if (r == 0) {
        printf("{\"joined\": %zu, \"seconds\": %.3f}\n", result.joined, result.seconds);
    }
    return r;
}

int main(int argc, char **argv) {
    struct options options;
    struct rlimit files;
    if (!read_options(argc, argv, &options) || random_init() < 0) {
        fprintf(stderr,
                "usage: generator join|load|idle|flags OPTIONS, see the head of generator.c\n");
        return 2;
    }
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    const char *what = argv[optind];
    int r = strcmp(what, "load") == 0    ? run_load(&options)
            : strcmp(what, "idle") == 0  ? run_idle(&options)
            : strcmp(what, "join") == 0  ? run_join(&options)
            : strcmp(what, "flags") == 0 ? run_flags(&options)
                                         : ERR_UNSUPPORTED;
    if (r < 0) {
        fprintf(stderr, "generator: %s: %s\n", what, err_text(r));
    }
    return r < 0 ? 1 : 0;
}
