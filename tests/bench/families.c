/* What families cost a hub: its core alone on a real store, with no socket and no thread, beside
 * libsodium's bare Ed25519 verification in the same process. For deploy/bench.
 *
 *     families DIR FAMILIES SUPPORTS NEW_CARDS
 *
 * DIR is empty or missing. In turn: a consent of each family and SUPPORTS supports of it; a
 * thousand new cards at once; ticks while nothing is due; looks; the day on which every support has
 * been silent for too long, so that each family's flag rises; the day after, on which each open
 * flag is judged again. Record keys are made of their numbers: the keyring isn't measured.
 * Prints one line of JSON. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "shared/base/civil.h"
#include "shared/base/limits.h"
#include "shared/crypto/random.h"
#include "shared/wire/packet.h"
#include "tests/bench/core.h"
#include "tests/bench/family.h"

enum {
    HUB_NUMBER = 0,
    MEMBERS = 30,
    BATCH = 384, /* packets a turn */
    WARM_UP = 1000,
    BARE_CHECKS = 4000,
    BARE_BYTES = 300, /* a family's message, about */
    TICK_MINUTES = 50,
    SWEEP_TICKS_MAX = 100000,
    LOOKS = 300, /* of each kind */
    IDLE_TICKS = 500,
};

/* Packets on their way, with who sends each. */
struct queue {
    struct bytes *packets;
    uint32_t *members;
    size_t count;
    size_t room;
    struct arena *arena;
};

struct bench {
    struct core core;
    struct org_keys hub_own;
    struct hub_keys hub_keys;
    struct org_keys keys[MEMBERS + 1];
    struct bench_sender senders[MEMBERS + 1]; /* from 1 */
    uint32_t families;
    uint32_t supports;
    uint32_t new_cards;
    const char *store;
    int64_t now_ms;
    struct arena *scratch;
};

struct figures {
    double bare_per_s;
    double consents_s;
    double supports_s;
    double new_cards_s;
    size_t new_card_messages;
    double rss_family_bytes;
    double disk_family_bytes;
    double idle_tick_us;
    double look_us[3]; /* unknown, badly signed, good */
    double sweep_us;   /* a family: its flag rises */
    double sweep_longest_ms;
    double again_us; /* a family: its open flag is judged, nothing happens */
    uint64_t flags;
};

static double now_s(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

/* -- beside what -- */

static double bare_checks_per_s(void) {
    unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
    unsigned char secret[crypto_sign_SECRETKEYBYTES];
    unsigned char seed[crypto_sign_SEEDBYTES] = {1};
    unsigned char signature[crypto_sign_BYTES];
    unsigned char message[BARE_BYTES] = {2};
    int good = 0;
    crypto_sign_seed_keypair(public_key, secret, seed);
    crypto_sign_detached(signature, NULL, message, sizeof(message), secret);
    double start = now_s();
    for (int i = 0; i < BARE_CHECKS; i++) {
        good += crypto_sign_verify_detached(signature, message, sizeof(message), public_key) == 0;
    }
    return good == BARE_CHECKS ? BARE_CHECKS / (now_s() - start) : 0;
}

static double rss_bytes(void) {
    char line[256];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        (void)sscanf(line, "RssAnon: %ld", &kib);
    }
    if (file != NULL) {
        fclose(file);
    }
    return (double)kib * 1024;
}

static double disk_bytes(const struct bench *bench) {
    char path[600];
    struct stat status;
    (void)snprintf(path, sizeof(path), "%s/data.mdb", bench->store);
    return stat(path, &status) == 0 ? (double)status.st_blocks * 512 : 0;
}

/* -- queues -- */

static int queue_begin(struct queue *queue, size_t room) {
    *queue = (struct queue){.room = room};
    queue->packets = calloc(room, sizeof(*queue->packets));
    queue->members = calloc(room, sizeof(*queue->members));
    if (queue->packets == NULL || queue->members == NULL) {
        return ERR_NO_MEMORY;
    }
    return arena_new(room * 2048 + (1 << 20), &queue->arena);
}

static void queue_end(struct queue *queue) {
    free(queue->packets);
    free(queue->members);
    arena_free(queue->arena);
}

static int queue_add(struct queue *queue, uint32_t member, int composed, struct bytes packet) {
    if (composed < 0 || queue->count == queue->room) {
        return composed < 0 ? composed : ERR_TOO_LARGE;
    }
    queue->members[queue->count] = member;
    queue->packets[queue->count] = arena_copy(queue->arena, packet);
    return queue->packets[queue->count++].data == NULL ? ERR_NO_MEMORY : 0;
}

static int take(struct bench *bench, const struct queue *queue, size_t from, size_t to,
                double *ret_seconds) {
    double start = now_s();
    int r = 0;
    for (size_t i = from; r == 0 && i < to; i++) {
        r = core_take(&bench->core, queue->members[i], queue->packets[i], bench->now_ms);
        if (r == 0 && ((i - from) % BATCH == BATCH - 1 || i + 1 == to)) {
            r = hub_turn(bench->core.hub, bench->now_ms, &bench->core.rng, false);
        }
    }
    *ret_seconds += now_s() - start;
    return r;
}

/* -- families come -- */

static uint32_t member_of(uint32_t family, uint32_t place) {
    return 1 + (family * 7 + place * 11) % MEMBERS;
}

static int add_consent(struct bench *bench, struct queue *queue, uint32_t card, uint32_t family) {
    struct bench_family made;
    struct bytes packet = {0};
    const uint32_t issuer = member_of(family, 0);
    const struct org_id fallback = org_of_number(member_of(family, 1));
    const struct bench_consent consent = {.fallback = &fallback};
    bench_family_make(card, &bench->core.id, &made);
    int r = bench_consent(&bench->senders[issuer], &made, &consent, bench->scratch, &packet);
    r = queue_add(queue, issuer, r, packet);
    arena_reset(bench->scratch);
    return r;
}

static int add_supports(struct bench *bench, struct queue *queue, uint32_t card, uint32_t family) {
    const struct bench_support support = {
        .state = SUPPORT_ACTIVE, .number = 1, .day = brussels_day(bench->now_ms)};
    struct bench_family made;
    int r = 0;
    bench_family_make(card, &bench->core.id, &made);
    for (uint32_t i = 0; r == 0 && i < bench->supports; i++) {
        struct bytes packet = {0};
        const uint32_t member = member_of(family, i);
        r = bench_support(&bench->senders[member], &made, &support, bench->scratch, &packet);
        r = queue_add(queue, member, r, packet);
        arena_reset(bench->scratch);
    }
    return r;
}

static int families_come(struct bench *bench, struct figures *ret) {
    struct queue consents;
    struct queue supports;
    double ignored = 0;
    int r = queue_begin(&consents, bench->families);
    if (r == 0) {
        r = queue_begin(&supports, (size_t)bench->families * bench->supports);
    }
    for (uint32_t i = 1; r == 0 && i <= bench->families; i++) {
        r = add_consent(bench, &consents, i, i);
    }
    for (uint32_t i = 1; r == 0 && i <= bench->families; i++) {
        r = add_supports(bench, &supports, i, i);
    }
    /* The first ones warm up: arenas, the store's pages. */
    const size_t warm = bench->families / 10 < WARM_UP ? bench->families / 10 : WARM_UP;
    r = r < 0 ? r : take(bench, &consents, 0, warm, &ignored);
    r = r < 0 ? r : take(bench, &supports, 0, warm * bench->supports, &ignored);
    const double rss = rss_bytes();
    const double disk = disk_bytes(bench);
    r = r < 0 ? r : take(bench, &consents, warm, consents.count, &ret->consents_s);
    r = r < 0 ? r
              : take(bench, &supports, warm * bench->supports, supports.count, &ret->supports_s);
    const double timed = (double)(bench->families - warm);
    ret->consents_s /= timed;
    ret->supports_s /= timed * bench->supports;
    ret->rss_family_bytes = (rss_bytes() - rss) / timed;
    ret->disk_family_bytes = (disk_bytes(bench) - disk) / timed;
    queue_end(&consents);
    queue_end(&supports);
    return r;
}

/* Of each: the new consent, its supporters told, the old handle withdrawn, and they come over. */
static int add_new_card(struct bench *bench, struct queue *queue, uint32_t family) {
    const uint32_t card = bench->families + family;
    const uint32_t issuer = member_of(family, 0);
    struct bench_family old;
    int r = add_consent(bench, queue, card, family);
    bench_family_make(family, &bench->core.id, &old);
    for (uint32_t i = 1; r == 0 && i < bench->supports; i++) {
        const struct org_id to = org_of_number(member_of(family, i));
        struct bytes packet = {0};
        r = bench_new_card(&bench->senders[issuer], &to, bench->scratch, &packet);
        r = queue_add(queue, issuer, r, packet);
        arena_reset(bench->scratch);
    }
    struct bytes packet = {0};
    if (r == 0) {
        r = bench_withdrawal(&bench->senders[issuer], &old, bench->scratch, &packet);
        r = queue_add(queue, issuer, r, packet);
        arena_reset(bench->scratch);
    }
    return r < 0 ? r : add_supports(bench, queue, card, family);
}

static int new_cards_come(struct bench *bench, struct figures *ret) {
    struct queue queue;
    int r = queue_begin(&queue, (size_t)bench->new_cards * (2 + 2 * bench->supports));
    for (uint32_t i = 1; r == 0 && i <= bench->new_cards; i++) {
        r = add_new_card(bench, &queue, i);
    }
    ret->new_card_messages = queue.count;
    r = r < 0 ? r : take(bench, &queue, 0, queue.count, &ret->new_cards_s);
    queue_end(&queue);
    return r < 0 ? r : core_shredded(&bench->core, bench->now_ms);
}

/* -- time passes -- */

static int compare(const void *a, const void *b) {
    const double left = *(const double *)a;
    const double right = *(const double *)b;
    return (left > right) - (left < right);
}

static int tick(struct bench *bench, double *ret_seconds) {
    double start = now_s();
    int r = hub_tick(bench->core.hub, bench->now_ms, &bench->core.rng, false);
    *ret_seconds = now_s() - start;
    return r;
}

static int idle_ticks(struct bench *bench, struct figures *ret) {
    double took[IDLE_TICKS];
    for (int i = 0; i < IDLE_TICKS; i++) {
        bench->now_ms += 1000;
        int r = tick(bench, &took[i]);
        if (r < 0) {
            return r;
        }
    }
    qsort(took, IDLE_TICKS, sizeof(double), compare);
    ret->idle_tick_us = took[IDLE_TICKS / 2] * 1e6;
    return 0;
}

/* To `day`, 03:00: every member greets each day, and the clock makes no jump. What is due in
 * between is done. */
static int pass_until(struct bench *bench, int32_t day) {
    const int64_t until_ms = brussels_instant(day, 3 * 60);
    int32_t greeted = 0;
    double ignored;
    int r = 0;
    while (r == 0 && bench->now_ms < until_ms) {
        const int64_t left_ms = until_ms - bench->now_ms;
        const int64_t step_ms = (int64_t)TICK_MINUTES * MINUTE_MS;
        bench->now_ms += left_ms < step_ms ? left_ms : step_ms;
        for (uint32_t i = 1; r == 0 && greeted != brussels_day(bench->now_ms) && i <= MEMBERS;
             i++) {
            r = core_hello(&bench->core, i, bench->now_ms);
        }
        greeted = brussels_day(bench->now_ms);
        if (bench->now_ms < until_ms) {
            r = r < 0 ? r : tick(bench, &ignored);
        }
    }
    return r;
}

/* Ticks until none finds anything more to do; gives the seconds of those that did. */
static int sweep(struct bench *bench, double *ret_seconds, double *ret_longest_s) {
    struct hub_health health;
    uint64_t before = 0;
    *ret_seconds = *ret_longest_s = 0;
    for (int i = 0; i < SWEEP_TICKS_MAX; i++) {
        double seconds;
        int r = tick(bench, &seconds);
        r = r < 0 ? r : hub_health(bench->core.hub, &health);
        if (r < 0) {
            return r;
        }
        if (health.position.sequence == before) {
            return 0;
        }
        before = health.position.sequence;
        *ret_seconds += seconds;
        *ret_longest_s = seconds > *ret_longest_s ? seconds : *ret_longest_s;
    }
    return ERR_TIMEOUT;
}

static int flags_rise(struct bench *bench, struct figures *ret) {
    struct hub_health health;
    const int32_t silent = brussels_day(bench->now_ms) + SUPPORT_SILENT_DAYS + 1;
    double seconds = 0;
    double longest = 0;
    double drop = 0;
    int r = pass_until(bench, silent);
    r = r < 0 ? r : core_forget_post(&bench->core);
    r = r < 0 ? r : sweep(bench, &seconds, &longest);
    r = r < 0 ? r : hub_health(bench->core.hub, &health);
    if (r < 0) {
        return r;
    }
    ret->sweep_us = seconds * 1e6 / (double)health.families;
    ret->sweep_longest_ms = longest * 1e3;
    ret->flags = health.flags_open;
    r = core_forget_post(&bench->core);
    bench->now_ms = brussels_instant(silent, 23 * 60 + 30);
    r = r < 0 ? r : sweep(bench, &drop, &longest);
    /* The next working day's first look at them, with nothing to tell. */
    r = r < 0 ? r : pass_until(bench, silent + 1);
    r = r < 0 ? r : sweep(bench, &seconds, &longest);
    ret->again_us = seconds * 1e6 / (double)health.families;
    return r;
}

/* -- looks -- */

static int nonce_of(struct bench *bench, uint8_t ret[static LOOK_NONCE_BYTES]) {
    struct packet packet;
    const struct bytes last = {.data = bench->core.last, .length = bench->core.last_bytes};
    if (packet_decode(last, bench->scratch, &packet) != REFUSAL_NONE) {
        return ERR_MALFORMED;
    }
    if (packet.content == PACKET_WELCOME) {
        memcpy(ret, packet.welcome.look_nonce, LOOK_NONCE_BYTES);
    } else if (packet.content == PACKET_LOOK_REPLY && packet.look_reply.refusal == REFUSAL_NONE) {
        memcpy(ret, packet.look_reply.next_nonce, LOOK_NONCE_BYTES);
    } else {
        return ERR_DENIED;
    }
    return 0;
}

static int look(struct bench *bench, uint32_t member, uint32_t card, bool good, double *ret_us) {
    uint8_t nonce[LOOK_NONCE_BYTES];
    const struct org_id org = org_of_number(member);
    struct bench_look asked = {
        .hub = &bench->core.id, .org = &org, .nonce = nonce, .good = good, .now_ms = bench->now_ms};
    struct bench_family family;
    struct bytes packet = {0};
    bench_family_make(card, &bench->core.id, &family);
    int r = nonce_of(bench, nonce);
    if (r == 0) {
        r = bench_look(&family, &asked, bench->scratch, &packet);
    }
    double start = now_s();
    r = r < 0 ? r : core_take(&bench->core, member, packet, bench->now_ms);
    r = r < 0 ? r : hub_turn(bench->core.hub, bench->now_ms, &bench->core.rng, false);
    *ret_us = (now_s() - start) * 1e6;
    arena_reset(bench->scratch);
    return r;
}

/* Unknown, badly signed and good in turn, so that nothing else differs; six a member and hour. */
static int looks(struct bench *bench, struct figures *ret) {
    static double took[3][LOOKS];
    const uint32_t base = 2 * bench->families + 1; /* cards that nobody has */
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < LOOKS; i++) {
        const uint32_t member = 1 + i % MEMBERS;
        const uint32_t known = bench->new_cards + 1 + i; /* no new card */
        bench->now_ms += member == 1 ? (int64_t)TICK_MINUTES * MINUTE_MS : 0;
        bench->now_ms += member == MEMBERS / 2 ? (int64_t)TICK_MINUTES * MINUTE_MS : 0;
        r = core_hello(&bench->core, member, bench->now_ms);
        r = r < 0 ? r : look(bench, member, base + i, true, &took[0][i]);
        r = r < 0 ? r : look(bench, member, known, false, &took[1][i]);
        r = r < 0 ? r : look(bench, member, known, true, &took[2][i]);
    }
    for (int i = 0; r == 0 && i < 3; i++) {
        qsort(took[i], LOOKS, sizeof(double), compare);
        ret->look_us[i] = took[i][LOOKS / 2];
    }
    return r;
}

/* -- all of it -- */

static int open_all(struct bench *bench) {
    struct core_params params = {
        .store = bench->store,
        .found = true,
        .durable = true,
        .keys = &bench->hub_keys,
        .record_keys = (uint64_t)bench->families + bench->new_cards + 1,
    };
    org_keys_of_number(HUB_NUMBER, &bench->hub_own);
    bench->hub_keys = (struct hub_keys){
        .sign_public = bench->hub_own.sign_public,
        .sign_secret = &bench->hub_own.sign_secret,
        .curve_public = bench->hub_own.curve_public,
        .director = &bench->hub_own.sign_secret,
        .director_public = bench->hub_own.sign_public,
    };
    int r = hub_id_parse("bench", &params.hub);
    if (r == 0) {
        r = core_open(&params, &bench->core);
    }
    for (uint32_t i = 1; i <= MEMBERS; i++) {
        org_keys_of_number(i, &bench->keys[i]);
        bench->senders[i] = (struct bench_sender){
            .own = {.org = org_of_number(i), .hub = params.hub},
            .keys = &bench->keys[i],
            .now_ms = bench->now_ms,
        };
    }
    r = r < 0 ? r : core_join(&bench->core, 1, MEMBERS, bench->now_ms);
    for (uint32_t i = 1; r == 0 && i <= MEMBERS; i++) {
        r = core_hello(&bench->core, i, bench->now_ms);
    }
    return r;
}

static int run(struct bench *bench, struct figures *ret) {
    const double before = bare_checks_per_s();
    int r = open_all(bench);
    r = r < 0 ? r : families_come(bench, ret);
    r = r < 0 ? r : new_cards_come(bench, ret);
    ret->bare_per_s = (before + bare_checks_per_s()) / 2;
    r = r < 0 ? r : core_check(&bench->core, (uint64_t)bench->families * (1 + bench->supports));
    r = r < 0 ? r : idle_ticks(bench, ret);
    r = r < 0 ? r : flags_rise(bench, ret);
    r = r < 0 ? r : looks(bench, ret);
    return r < 0 ? r : core_check(&bench->core, 0);
}

static void print(const struct bench *bench, const struct figures *f) {
    printf("{\"families\": %u, \"supports\": %u, \"bare_per_s\": %.1f, \"consents_per_s\": %.1f, "
           "\"supports_per_s\": %.1f, \"new_cards\": %u, \"new_cards_s\": %.3f, "
           "\"new_card_messages\": %zu, ",
           bench->families, bench->supports, f->bare_per_s, 1 / f->consents_s, 1 / f->supports_s,
           bench->new_cards, f->new_cards_s, f->new_card_messages);
    printf("\"rss_bytes\": %.1f, \"disk_bytes\": %.1f, \"idle_tick_us\": %.2f, \"sweep_us\": %.2f, "
           "\"sweep_longest_ms\": %.2f, \"again_us\": %.2f, \"flags\": %llu, "
           "\"look_unknown_us\": %.1f, \"look_bad_us\": %.1f, \"look_good_us\": %.1f}\n",
           f->rss_family_bytes, f->disk_family_bytes, f->idle_tick_us, f->sweep_us,
           f->sweep_longest_ms, f->again_us, (unsigned long long)f->flags, f->look_us[0],
           f->look_us[1], f->look_us[2]);
}

int main(int argc, char **argv) {
    static struct bench bench;
    struct figures figures = {0};
    char store[512];
    if (argc != 5 || random_init() < 0) {
        fprintf(stderr, "usage: families DIR FAMILIES SUPPORTS NEW_CARDS\n");
        return 2;
    }
    bench.families = (uint32_t)strtoul(argv[2], NULL, 10);
    bench.supports = (uint32_t)strtoul(argv[3], NULL, 10);
    bench.new_cards = (uint32_t)strtoul(argv[4], NULL, 10);
    if (bench.families < bench.new_cards + LOOKS + 1 || bench.supports < 2 ||
        bench.supports > FAMILY_SUPPORTS_MAX) {
        fprintf(stderr, "families: too few families for so many new cards, or 2 supports\n");
        return 2;
    }
    (void)mkdir(argv[1], 0700);
    (void)snprintf(store, sizeof(store), "%s/store", argv[1]);
    bench.store = store;
    /* A Monday, so that the days that follow are the same working days in every run. */
    bench.now_ms = brussels_instant(day_from_date((struct date){2026, 11, 23}), 9 * 60);
    int r = arena_new(TURN_ARENA_BYTES, &bench.scratch);
    r = r < 0 ? r : run(&bench, &figures);
    if (r < 0) {
        fprintf(stderr, "families: %s\n", err_text(r));
    } else {
        print(&bench, &figures);
    }
    core_close(&bench.core);
    arena_free(bench.scratch);
    return r < 0 ? 1 : 0;
}
