/* A node in a store of one test's own, on a link to a real hub (tests/unit/hub/core/fixture.h):
 * both cores as they ship, the frames between them carried by hand. Time stands still until a test
 * moves it. */
#pragma once

#include "node/core/memory.h"
#include "node/core/node.h"
#include "node/core/publish.h"
#include "node/core/register.h"
#include "shared/members/directory.h"
#include "shared/wire/family.h"
#include "tests/unit/hub/core/fixture.h"

enum { BENCH_FRAMES_MAX = 4096, BENCH_KEYS_MAX = 64, BENCH_SHRED_MAX = 16 };

struct bench {
    struct fixture *hub;
    struct party party;
    struct scratch scratch;
    struct scratch backup;
    struct store *store;
    struct node *node;
    struct node_params params;
    struct sign_secret sign;
    struct disclosure_key disclosure;
    struct vault_index_key index;
    struct rng rng;
    int64_t skew_ms;                       /* the node's clock less the hub's */
    bool destroyed[BENCH_KEYS_MAX];        /* record keys; id 1 up are there by themselves */
    struct bytes frames[BENCH_FRAMES_MAX]; /* from the node, in the hub's arena */
    size_t frame_count;
    size_t carried;  /* of them, to the hub */
    size_t answered; /* of the hub's, to the node */
    bool deaf;       /* what the hub sends is lost */
    uint64_t shred[BENCH_SHRED_MAX];
    size_t shred_count;
    enum refusal refusal; /* of the last command */
    char result[1024];
    uint64_t file; /* makes the files' digests */
    bool looked;
    enum refusal looked_refusal;
    struct look_answer answer;
};

/* An organisation that was invited and approved; its node is founded, and connected by
 * bench_connect. */
struct bench *bench_new(const char *org);
void bench_free(struct bench *bench);
/* As after a crash of the process. */
void bench_restart(struct bench *bench);
/* The store as it is now, and back to it later: as an administrator does with a backup. */
void bench_backup(struct bench *bench);
void bench_restore(struct bench *bench);

void bench_turn(struct bench *bench);
void bench_tick(struct bench *bench);
/* The link comes up and everything is said that there is to say. */
void bench_connect(struct bench *bench);
/* Frames both ways until nobody says anything more. */
void bench_carry(struct bench *bench);
/* Time passes at both, with a tick at the end, and all is carried. */
void bench_pass(struct bench *bench, int64_t ms);

enum refusal bench_command(struct bench *bench, enum node_command kind, const void *arguments);
enum refusal bench_command_by(struct bench *bench, enum role role, enum node_command kind,
                              const void *arguments);
/* The shell shreds what the node asked for, and says so. */
void bench_shred(struct bench *bench);
/* Stages a generation under a new key and gives its number. */
uint64_t bench_begin(struct bench *bench, uint64_t record_key);
enum refusal bench_rows(struct bench *bench, uint64_t generation, const struct register_case *cases,
                        size_t count);
enum refusal bench_switch(struct bench *bench, uint64_t generation);
/* All of it at once. */
void bench_import(struct bench *bench, uint64_t record_key, const struct register_case *cases,
                  size_t count);

/* Open, asked 20 days before the first Monday, seen never. */
struct register_case case_made(const char *id);
/* `count` such cases, numbered from `first`, over two services, municipalities and languages; the
 * caller frees. */
struct register_case *cases_made(int first, size_t count);

struct node_health bench_health(struct bench *bench);
struct store_txn *bench_read(struct bench *bench); /* the caller ends it */
uint64_t bench_count(struct bench *bench, enum table table);
/* What the node has decided for the freeze of that day; ERR_NOT_FOUND: nothing. Body in the hub's
 * arena. */
int bench_freeze(struct bench *bench, int32_t day, struct freeze_record *ret);
/* The organisation's figures at the hub, in the hub's arena; `form` NONE in `open` and no as_of_day
 * where it has none. */
struct signal bench_at_hub(struct bench *bench);

/* A frame signed by the hub: an acknowledgement with that position and, where `receipt` isn't NULL,
 * that receipt. */
struct bytes hub_says(struct bench *bench, const struct position *position,
                      const struct receipt *receipt, int64_t hub_ms);
