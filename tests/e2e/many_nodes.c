/* Many organisations in one process, one after the other, each with the node's own code: real
 * joining over the enrolment socket, a node core over its own store, a real link, the importer.
 *
 *     many_nodes INVITATIONS FIGURES DIR NOW_MS
 *
 * INVITATIONS has a line "organisation TAB name TAB invitation" each; FIGURES/organisation/ *.csv
 * are published figures; DIR takes the stores; NOW_MS is what the region's clock says. Ends with 0
 * when every message has the hub's receipt. For the replay of published waits (nhs_replay_test.py),
 * where 213 whole processes would measure the machine instead of the code. */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "node/core/node.h"
#include "node/shell/enrolment.h"
#include "node/shell/importer.h"
#include "shared/base/civil.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/random.h"
#include "shared/io/clock.h"
#include "shared/io/link.h"
#include "shared/members/invitation.h"
#include "shared/store/env.h"

enum {
    PATIENCE_MS = 30000,
    WAIT_MS = 5,
    FILES_MAX = 64,
    LINE_SIZE = 4096,
    PATH_SIZE = 1024,
    ARENA_BYTES = 4 << 20,
};

struct one {
    struct link_context *context;
    struct clock clock;
    int64_t begun_ms;  /* monotonic, of the whole run */
    int64_t region_ms; /* what the region's clock said then */
    char folder[PATH_SIZE];
    char figures[PATH_SIZE];
    char name[NAME_BYTES_MAX + 1];
    struct org_id org;
    struct invitation invitation;
    struct arena *arena;
    struct rng rng;
    struct sign_public sign_public;
    struct sign_secret sign_secret;
    struct link_keys transport;
    struct disclosure_key disclosure;
    struct vault_index_key index;
    struct node *node;
    struct link_client *link;
    bool greeted;         /* the link came up and the node knows */
    enum refusal refused; /* of the last command */
};

static int64_t now_ms(const struct one *one) {
    return one->region_ms + clock_monotonic_ms(&one->clock) - one->begun_ms;
}

static int complain(const struct one *one, const char *what, int code) {
    fprintf(stderr, "many_nodes: %s: %s: %s\n", one->org.text, what, err_text(code));
    return code < 0 ? code : ERR_NETWORK;
}

/* Everything follows from the organisation's id: these are tests, not secrets. */
static void make_keys(struct one *one) {
    struct digest seed = hash_of("many-nodes/v1", BYTES_OF(one->org));
    struct curve_public curve_public;
    struct curve_secret curve_secret;
    sign_keys_from_seed(seed.bytes, &one->sign_public, &one->sign_secret);
    curve_keys_from_seed(seed.bytes, "transport/v1", &curve_public, &curve_secret);
    memcpy(one->transport.public_key, curve_public.bytes, sizeof(curve_public.bytes));
    memcpy(one->transport.secret_key, curve_secret.bytes, sizeof(curve_secret.bytes));
    struct digest disclosure = hash_of("many-nodes-disclosure/v1", BYTES_OF(seed));
    struct digest index = hash_of("many-nodes-index/v1", BYTES_OF(seed));
    memcpy(one->disclosure.bytes, disclosure.bytes, sizeof(one->disclosure.bytes));
    memcpy(one->index.bytes, index.bytes, sizeof(one->index.bytes));
    rng_init(&one->rng, seed.bytes);
}

static int request_of(struct one *one, struct bytes *ret) {
    struct join_application application = {
        .organisation = one->org,
        .member = {.kind = ORG_KIND_OTHER,
                   .competence = COMPETENCE_REGIONAL,
                   .role = MEMBER_ROLE_NODE,
                   .may_take_consent = CONSENT_RIGHT_NO},
        .now_ms = now_ms(one),
        .hub = one->invitation.hub,
    };
    struct digest seal = hash_of("seal", BYTES_OF(one->transport.public_key));
    struct digest contact = hash_of("contact", BYTES_OF(one->transport.public_key));
    struct packet packet = {.content = PACKET_JOIN_REQUEST};
    struct bytes encoded;
    memcpy(application.member.name, one->name, sizeof(application.member.name));
    memcpy(application.member.curve.bytes, one->transport.public_key, PUBLIC_KEY_BYTES);
    memcpy(application.member.sign.bytes, one->sign_public.bytes, PUBLIC_KEY_BYTES);
    memcpy(application.member.seal.bytes, seal.bytes, PUBLIC_KEY_BYTES);
    memcpy(application.member.contact.bytes, contact.bytes, PUBLIC_KEY_BYTES);
    application.member.seal_until_day = brussels_day(now_ms(one)) + 35;
    application.member.contact_from_day = brussels_day(now_ms(one));
    int r = join_application_encode(&application, one->arena, &encoded);
    if (r == 0) {
        r = join_compose(&one->invitation, encoded, &one->sign_secret, one->arena,
                         &packet.join_request);
    }
    return r < 0 ? r : packet_encode(&packet, one->arena, ret);
}

static int wait_for_answer(struct one *one, struct enrolment *enrolment) {
    int64_t until_ms = clock_monotonic_ms(&one->clock) + PATIENCE_MS;
    while (clock_monotonic_ms(&one->clock) < until_ms) {
        struct link_poll_item item = {.client = enrolment_link(enrolment)};
        struct enrolment_news news = {0};
        int r = link_poll(&item, 1, WAIT_MS);
        if (r >= 0) {
            r = enrolment_step(enrolment, clock_monotonic_ms(&one->clock), &news);
        }
        if (r < 0) {
            return complain(one, "enrolment", r);
        }
        if (news.answered && news.answer.state == JOIN_APPROVED) {
            return 0;
        }
        if (news.answered && news.answer.state == JOIN_REFUSED) {
            fprintf(stderr, "many_nodes: %s: refused: %s\n", one->org.text,
                    refusal_text(news.answer.refusal));
            return ERR_DENIED;
        }
    }
    return complain(one, "enrolment", ERR_TIMEOUT);
}

static int enrol(struct one *one) {
    struct enrolment *enrolment;
    struct enrolment_params params = {
        .context = one->context,
        .endpoint = one->invitation.join_endpoint,
        .hub_key = one->invitation.hub_curve.bytes,
        .keys = &one->transport,
        .reconnect_ms = LINK_RECONNECT_MIN_MS,
    };
    int r = request_of(one, &params.request);
    if (r == 0) {
        r = enrolment_open(&params, &enrolment);
    }
    if (r < 0) {
        return complain(one, "asking to join", r);
    }
    r = wait_for_answer(one, enrolment);
    enrolment_close(enrolment);
    return r;
}

static int send_packet(void *context, struct bytes packet) {
    struct one *one = context;
    return link_client_send(one->link, packet);
}

static void command_done(void *context, const struct command *command, enum refusal refusal,
                         struct bytes result) {
    struct one *one = context;
    (void)command;
    (void)result;
    one->refused = refusal;
}

static void shred(void *context, const uint64_t *ids, size_t count) {
    (void)context;
    (void)ids;
    (void)count;
}

static int no_record_key(void *context, uint64_t id, struct record_key *ret) {
    (void)context;
    (void)id;
    (void)ret;
    return ERR_NOT_FOUND; /* published figures have no cases */
}

static void take(void *context, const struct link_message *message) {
    struct one *one = context;
    int r = node_receive(one->node, message->frame);
    if (r < 0) {
        (void)complain(one, "receiving", r); /* the hub sends it again */
    }
}

/* One round of the node's life: what came, a turn, what is due. */
static int step(struct one *one) {
    struct link_poll_item item = {.client = one->link};
    int r = link_poll(&item, 1, WAIT_MS);
    if (r >= 0 && !one->greeted && link_client_state(one->link) == LINK_UP) {
        one->greeted = true;
        node_connected(one->node);
    }
    if (r >= 0) {
        r = link_client_receive(one->link, take, one, TURN_EVENTS_MAX);
    }
    if (r >= 0 && node_has_work(one->node)) {
        r = node_turn(one->node, now_ms(one), &one->rng, false);
    }
    return r < 0 ? r : node_tick(one->node, now_ms(one), &one->rng, false);
}

/* Until the node is a connected member with at most `waiting` messages. */
static int settle(struct one *one) {
    int64_t until_ms = clock_monotonic_ms(&one->clock) + PATIENCE_MS;
    while (clock_monotonic_ms(&one->clock) < until_ms) {
        struct node_health health;
        int r = step(one);
        if (r == 0) {
            r = node_health(one->node, now_ms(one), &health);
        }
        if (r < 0) {
            return complain(one, "a turn", r);
        }
        if (health.refused > 0) {
            fprintf(stderr, "many_nodes: %s: refused: %s\n", one->org.text,
                    refusal_text(health.last_refusal));
            return ERR_DENIED;
        }
        if (health.connected && health.member && health.waiting == 0) {
            return 0;
        }
    }
    return complain(one, "waiting for the hub", ERR_TIMEOUT);
}

static int publish_period(void *context, const struct import_figures_arguments *arguments) {
    struct one *one = context;
    struct command command = {
        .actor = {.user = {.text = "admin"}, .role = ROLE_ADMINISTRATOR},
        .kind = NODE_COMMAND_IMPORT_FIGURES,
        .arguments = arguments,
    };
    rng_fill(&one->rng, command.id.bytes, sizeof(command.id.bytes));
    one->refused = REFUSAL_DEADLINE;
    int r = node_command(one->node, &command);
    if (r == 0) {
        r = node_turn(one->node, now_ms(one), &one->rng, false);
    }
    if (r == 0 && one->refused != REFUSAL_NONE) {
        fprintf(stderr, "many_nodes: %s: not taken: %s\n", one->org.text,
                refusal_text(one->refused));
        return ERR_DENIED;
    }
    return r;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int import_file(struct one *one, const char *path) {
    static struct importer_report report; /* too large for a stack */
    struct import_port port = {.figures = publish_period, .ctx = one};
    struct importer_options options = {
        .path = path,
        .figures = true,
        .start_event = START_EVENT_REFERRED,
        .today = brussels_day(now_ms(one)),
        .port = &port,
    };
    int r = importer_run(&options, &report);
    if (r == 0 && (report.refused || report.hollow || report.rejected > 0)) {
        fprintf(stderr, "many_nodes: %s: %llu rows rejected\n", path,
                (unsigned long long)report.rejected);
        return ERR_MALFORMED;
    }
    return r;
}

static int import_all(struct one *one) {
    char *names[FILES_MAX];
    size_t count = 0;
    DIR *folder = opendir(one->figures);
    if (folder == NULL) {
        return complain(one, one->figures, ERR_IO);
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        size_t length = strlen(entry->d_name);
        if (count < FILES_MAX && length > 4 && strcmp(entry->d_name + length - 4, ".csv") == 0) {
            names[count++] = strdup(entry->d_name);
        }
    }
    closedir(folder);
    qsort(names, count, sizeof(names[0]), by_name);
    int r = 0;
    for (size_t i = 0; i < count; i++) {
        char path[2 * PATH_SIZE];
        snprintf(path, sizeof(path), "%s/%s", one->figures, names[i]);
        r = r < 0 ? r : import_file(one, path);
        free(names[i]);
    }
    return r < 0 ? complain(one, "importing", r) : 0;
}

static int open_link(struct one *one) {
    struct link_client_params params = {
        .endpoint = one->invitation.endpoint,
        .server_key = one->invitation.hub_curve.bytes,
        .keys = &one->transport,
        .high_water_messages = 100,
        .frame_bytes_max = FRAME_BYTES_MAX,
        .reconnect_ms = LINK_RECONNECT_MIN_MS,
    };
    return link_client_open(one->context, &params, &one->link);
}

static int live(struct one *one, struct store *store) {
    struct node_founding before;
    struct node_founding founding = {
        .own = {.org = one->org, .hub = one->invitation.hub},
        .fingerprint = one->invitation.fingerprint,
        .now_ms = now_ms(one),
    };
    struct node_params params = {
        .store = store,
        .own = founding.own,
        .keys = {.sign_public = one->sign_public,
                 .sign_secret = &one->sign_secret,
                 .disclosure = &one->disclosure,
                 .index = &one->index,
                 .records = {.get = no_record_key}},
        .links = {.context = one,
                  .send = send_packet,
                  .command_done = command_done,
                  .shred = shred},
        .software = "many_nodes",
    };
    int r = node_founded(store, &before);
    if (r == ERR_NOT_FOUND) { /* an earlier month's run has joined already */
        r = enrol(one);
        r = r < 0 ? r : node_found(store, &founding);
    }
    if (r == 0) {
        r = node_new(&params, &one->node);
    }
    if (r == 0) {
        r = open_link(one);
    }
    if (r < 0) {
        return complain(one, "starting", r);
    }
    one->greeted = false;
    r = settle(one);
    if (r == 0) {
        r = import_all(one);
    }
    return r == 0 ? settle(one) : r;
}

static int run_one(struct one *one) {
    struct store *store;
    struct store_params params = {
        .path = one->folder, .durability = STORE_VOLATILE, .map_bytes = 64 << 20};
    make_keys(one);
    int r = arena_new(ARENA_BYTES, &one->arena);
    if (r == 0) {
        r = store_open(&params, &store);
        if (r == 0) {
            r = live(one, store);
            node_free(one->node);
            link_client_close(one->link);
            store_close(store);
        }
    }
    arena_free(one->arena);
    one->arena = NULL;
    one->node = NULL;
    one->link = NULL;
    return r;
}

/* organisation TAB name TAB invitation */
static int read_line(struct one *one, char *line) {
    char *name = strchr(line, '\t');
    char *invitation = name == NULL ? NULL : strchr(name + 1, '\t');
    size_t place = 0;
    if (invitation == NULL) {
        return ERR_MALFORMED;
    }
    *name++ = '\0';
    *invitation++ = '\0';
    invitation[strcspn(invitation, "\r\n")] = '\0';
    if (org_id_parse(line, &one->org) < 0 ||
        invitation_parse(invitation, &one->invitation, &place) != REFUSAL_NONE) {
        return ERR_MALFORMED;
    }
    memset(one->name, 0, sizeof(one->name));
    strncpy(one->name, name, sizeof(one->name) - 1);
    return 0;
}

static int run_all(struct one *one, FILE *invitations, char **arguments) {
    char line[LINE_SIZE];
    size_t done = 0;
    while (fgets(line, sizeof(line), invitations) != NULL) {
        int r = read_line(one, line);
        if (r < 0) {
            fprintf(stderr, "many_nodes: line %zu of the invitations can't be read\n", done + 1);
            return r;
        }
        snprintf(one->figures, sizeof(one->figures), "%s/%s", arguments[2], one->org.text);
        snprintf(one->folder, sizeof(one->folder), "%s/%s", arguments[3], one->org.text);
        r = run_one(one);
        if (r < 0) {
            return complain(one, "stopped", r);
        }
        done++;
    }
    printf("%zu organisations, every message receipted\n", done);
    return 0;
}

int main(int argc, char **argv) {
    struct one one = {.clock = clock_system()};
    if (argc != 5) {
        fprintf(stderr, "usage: many_nodes INVITATIONS FIGURES DIR NOW_MS\n");
        return 2;
    }
    FILE *invitations = fopen(argv[1], "r");
    if (invitations == NULL || random_init() < 0 || link_context_new(1, 64, &one.context) < 0) {
        fprintf(stderr, "many_nodes: can't start\n");
        return 1;
    }
    (void)mkdir(argv[3], 0700);
    one.begun_ms = clock_monotonic_ms(&one.clock);
    one.region_ms = strtoll(argv[4], NULL, 10);
    int r = run_all(&one, invitations, argv);
    fclose(invitations);
    link_context_free(one.context);
    return r < 0 ? 1 : 0;
}
