/* A whole region in one process: the real hub core, real node cores, real stores, and between them
 * virtual links and virtual time. No socket, no thread, no real clock.
 *
 * Everything that happens is a step of the agenda; everything that is left to chance comes from a
 * dice of its own. The model (model.h) watches what passes and says when a promise is broken. The
 * parts: world.c runs steps, parties.c lets parties live and die, links.c carries frames, joining.c
 * lets nodes join, work.c does what people do, hostile.c what enemies do. */
#pragma once

#include "hub/core/hub.h"
#include "node/core/node.h"
#include "shared/members/invitation.h"
#include "shared/store/env.h"
#include "tests/sim/agenda.h"
#include "tests/sim/dice.h"
#include "tests/sim/families.h"
#include "tests/sim/model.h"
#include "tests/sim/options.h"
#include "tests/sim/trace.h"

enum {
    HUB = 0, /* the party's number; nodes follow, then the hostile member */
    NODES_MAX = 10,
    PARTIES_MAX = 1 + NODES_MAX + 1,
    SECOND_MS = 1000,
    RECORD_KEYS_MAX = 16384,
    SEAL_PAIRS_MAX = 64,
    WORKS_MAX = 8192,
    REGISTER_MAX = 160,
    REGISTER_SERVICES = 3,
};

enum way { WAY_UP, WAY_DOWN, WAYS }; /* to the hub, from the hub */

struct direction {
    struct dice loss;
    struct dice delay;
    struct dice duplicate;
    struct dice reorder;
    uint64_t in_flight;
    int64_t blocked_until_ms;
    int64_t last_arrival_ms; /* frames keep their order unless they're reordered */
};

struct link {
    bool up;
    bool wanted;    /* it joined and wasn't told otherwise: it tries to connect */
    uint64_t epoch; /* frames of an earlier connection are gone */
    struct direction ways[WAYS];
    struct dice breaks;
    struct dice partitions;
};

/* A key that others seal to, and its secret as long as the party keeps it. */
struct seal_pair {
    struct curve_public public;
    struct curve_secret secret;
    bool contact; /* else sealing */
    bool destroyed;
    uint64_t life; /* of the party's store */
    int32_t until_day;
};

/* What a node needs to join; sent again, the same bytes, until it's answered. */
struct joiner {
    struct bytes request; /* malloced; empty: not invited yet */
    bool invited;
    bool approved;
    int64_t look_ms; /* when somebody next looks whether it may be approved */
};

struct register_book {
    struct register_case cases[REGISTER_MAX];
    size_t count;
    uint64_t made; /* cases so far */
    size_t size;   /* that it hovers about */
    uint64_t imported_cases;
    uint64_t generation; /* staged */
    struct digest file;
};

struct party {
    struct world *world;
    int index;
    struct address own;
    bool hostile; /* a member without a core: its frames are made in hostile.c */
    char path[96];
    struct store *store;
    struct hub *hub; /* one of the two while it lives */
    struct node *node;
    bool found; /* its store holds a hub or a node */
    bool alive;
    int64_t since_ms; /* by its own clock */
    bool turn_due;
    uint64_t lives;
    uint64_t tick_token;
    int64_t tick_every_ms;
    struct rng rng;
    struct dice crashes;
    struct dice kills;
    struct dice clock;
    struct dice work;
    int64_t drift_ppm;
    int64_t offset_ms;
    struct sign_public sign_public;
    struct sign_secret sign_secret;
    struct sign_public director_public;
    struct sign_secret director_secret;
    struct curve_public curve_public;
    struct disclosure_key disclosure;
    struct vault_index_key index_key;
    uint8_t record_seed[32];
    bool shredded[RECORD_KEYS_MAX];
    uint64_t record_keys; /* given out */
    uint64_t store_life;  /* how many stores it had */
    struct seal_pair seals[SEAL_PAIRS_MAX];
    size_t seal_count;
    bool rotating;
    int64_t away_until_ms; /* the laptop is off */
    struct link link;      /* nodes: to the hub */
    struct joiner joiner;
    struct register_book book;
    bool importing;
};

/* One thing that somebody asked: kept until its outcome, whatever dies in between. */
struct work {
    int party;
    struct command command;
    union {
        struct invite_arguments invite;
        struct member_arguments member;
        struct user_record user;
        struct backed_up_arguments backed_up;
        struct import_begin_arguments begin;
        struct import_rows_arguments rows;
        struct import_end_arguments end;
        struct status_arguments status;
        struct shredded_arguments shredded;
    };
    struct family_work *family; /* malloced; NULL: about no family */
    struct service_state services[REGISTER_SERVICES];
    uint64_t keys[64];
    uint64_t subject; /* whose invitation, whose revocation */
    bool queued;      /* the core borrows it now */
    bool done;
    bool abandoned; /* with the store that it was asked of */
    enum refusal refusal;
    uint64_t sent;
    int64_t done_ms;
};

struct world {
    uint64_t seed;
    struct options options;
    struct trace trace;
    struct model model;
    struct agenda *agenda;
    struct arena *arena;   /* for making frames; reset by each who makes one */
    struct arena *reading; /* for looking into frames, wherever they were made */
    int64_t begin_ms;
    int64_t now_ms;
    bool faults; /* off: the liveness phase */
    struct party parties[PARTIES_MAX];
    int party_count;
    int node_count;
    struct work *works[WORKS_MAX];
    size_t work_count;
    struct dice crypto;
    struct dice batching;
    struct dice hostile;
    struct bytes captured[64]; /* frames for replays; malloced */
    int captured_way[64];
    int captured_party[64];
    uint64_t captures;
    uint64_t hostile_number;
    char root[64];
    struct digest fingerprint; /* of the region */
    uint64_t steps;
    bool revoked_one;
    uint64_t deaths;
    int64_t member_ms;         /* of all nodes together */
    struct families *families; /* malloced; NULL: none live here */
};

struct verdict {
    enum violation violation; /* VIOLATION_NONE: all held */
    char text[VIOLATION_TEXT_SIZE];
    struct digest trace;
    uint64_t steps;
    double node_weeks;
    uint64_t facts;
    uint64_t turns;
    uint64_t deaths;
};

/* world.c */
void world_run(uint64_t seed, const struct options *options, bool verbose, struct verdict *ret);
void world_add(struct world *world, int64_t after_ms, enum step_kind kind, int party,
               uint64_t detail);
uint64_t world_option(const struct world *world, enum option option); /* 0 where faults are off */

/* parties.c */
void party_init(struct world *world, int index);
void party_deinit(struct party *party);
int64_t party_now(const struct party *party);
void party_start(struct party *party);
void party_die(struct party *party, const char *why);
/* A revoked organisation comes again: an empty store, new keys, a new invitation. */
void party_anew(struct party *party);
void party_run(struct party *party, bool tick);
void party_wake(struct party *party);  /* something came: a turn soon */
void party_hurry(struct party *party); /* and ticks each second, ever slower */

/* links.c */
int link_send(struct party *node, enum way way, struct bytes frame);
void link_carry(struct party *node, enum way way, struct bytes frame, int64_t extra_ms);
void link_up(struct party *node);
void link_down(struct party *node, const char *why);
void link_arrive(struct world *world, struct step *step);
bool link_admits(struct party *node); /* as ZAP would: an active member's key */

/* joining.c */
void joining_invited(struct party *node, const struct invitation *invitation);
void joining_step(struct party *node);
void joining_answered(struct party *node, struct bytes frame);

/* work.c */
void work_step(struct party *party);
void work_retry(struct world *world, uint64_t number);
void work_done(struct world *world, const struct command *command, enum refusal refusal,
               struct bytes result);
void work_invite(struct world *world, const struct party *node,
                 const struct invitation *invitation);
void work_member(struct world *world, enum hub_command kind, const struct party *node);
struct work *work_new(struct world *world, int party, uint32_t kind);
void work_begin(struct world *world, struct work *work, const void *arguments);
void work_looked(struct world *world, const struct command *command,
                 const struct look_answer *answer, enum refusal refusal);
void work_shredded(struct party *party, const uint64_t *ids, size_t count);
/* The party died: who asked and had no answer asks again. */
void work_orphaned(struct party *party);
void work_abandon(struct party *party);
bool work_pending(const struct world *world);

/* Where parties find their secrets (keys.c). */
int keys_record(void *context, uint64_t id, struct record_key *ret);
int keys_seal(void *context, const uint8_t public_key[static 32], struct curve_secret *ret);

/* hostile.c */
void hostile_capture(struct party *node, enum way way, struct bytes frame);
void hostile_step(struct world *world);
