/* A node's core on a store of one test's own, without hub, link or turn: commands and notices go
 * straight into decide, what it finds is applied, and what it would send is kept to be looked at.
 *
 * Four organisations are in the directory. One family has a card and a consent. Keys are made of
 * numbers, and time stands still until a test moves it. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "node/core/items.h"
#include "node/core/register.h"
#include "shared/base/civil.h"

enum { DESK_SENT_MAX = 256, DESK_ORGS = 5 };

/* By number: whose desk it is, and who else there is. */
enum desk_org { ORG_OURS, ORG_GENT, ORG_CAW, ORG_SCHOOL, ORG_GROUP };

struct desk_sent {
    struct sent_note note;
    struct bytes envelope; /* with `body` in it */
    struct bytes body;
};

struct fixture; /* tests/unit/shared/members/region.h */

struct desk {
    struct fixture *region;
    struct store_txn *txn;
    struct arena *arena;
    struct node node;
    struct rng rng;
    int64_t now_ms;
    int32_t today;
    struct org_id orgs[DESK_ORGS];
    struct sign_secret signs[DESK_ORGS];
    struct curve_secret contacts[DESK_ORGS];
    struct desk_sent sent[DESK_SENT_MAX];
    size_t sent_count;
    char result[256]; /* of the last command */
    uint64_t file;
    struct card card; /* the family's */
    struct family_handle handle;
    struct signed_token token; /* all scopes, ours the issuer, ends in six months */
};

struct desk *desk_new(void);
void desk_free(struct desk *desk);
void desk_pass(struct desk *desk, int32_t days);

/* As a person of ours named `user`; by default a caseworker called "els" of team "intake". */
enum refusal desk_command(struct desk *desk, enum node_command kind, const void *arguments);
enum refusal desk_command_by(struct desk *desk, enum role role, const char *user,
                             enum node_command kind, const void *arguments);
/* Ticks until nothing more is due. */
void desk_due(struct desk *desk);
/* The register becomes these cases. */
void desk_import(struct desk *desk, const struct register_case *cases, size_t count);
struct register_case desk_case(const struct desk *desk, const char *id);
/* The hub's receipt of what was sent as `at`-th. */
void desk_settle(struct desk *desk, size_t at, enum refusal refusal);
/* The last one of that kind; fails where there's none. */
const struct desk_sent *desk_last(const struct desk *desk, enum message_kind kind);
size_t desk_count(const struct desk *desk, enum message_kind kind);

/* What a notice about the desk's family says in every case. */
struct notice desk_notice(struct desk *desk, enum notice_kind kind);
/* As arrivals.c hands it over, said now; `origin` may be NULL. A token in the notice is given as
 * checked. */
enum refusal desk_hear(struct desk *desk, const struct notice *notice,
                       const struct envelope *origin);
/* A message of another organisation, as the hub relays it. */
struct envelope desk_origin(const struct desk *desk, enum desk_org from, enum message_kind kind,
                            struct bytes body);
/* A token of the desk's family with these scopes, under that number. */
struct signed_token desk_token(struct desk *desk, uint32_t number, uint32_t scopes);

/* The one item; the row by number; both fail where there's none. */
struct item *desk_item(struct desk *desk, uint32_t number);
size_t desk_items(struct desk *desk);
struct family_row *desk_row(struct desk *desk, uint32_t number);
/* What was sealed to one of the organisations' contact keys. */
struct contact desk_open(const struct desk *desk, enum desk_org org, const struct sealed *sealed);
struct sealed desk_seal(struct desk *desk, enum desk_org org, const char *text, bool presence);
struct items_waiting desk_waiting(struct desk *desk, const char *team);
struct message_id desk_id(uint8_t number);
struct service_id desk_service(const char *text);

/* A started support of the desk's family: its number. `case_id` may be NULL. */
uint32_t desk_support(struct desk *desk, const char *case_id);
/* The last support that was sent, its proof checked. */
struct support desk_said(struct desk *desk);
