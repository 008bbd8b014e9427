/* One family, a calendar and desks, for the tests of the flags: a day comes, people say things, and
 * what is told and counted stands in `effects`, of the last step only. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "hub/core/flags.h"
#include "shared/crypto/rng.h"

enum { STAGE_CLOSURES_MAX = 8, STAGE_GONE_MAX = 8 };

struct stage_closure {
    struct org_id org;
    int32_t from_day;
    int32_t until_day;
    struct org_id deputy;
};

struct stage {
    struct family family;
    struct family_world world;
    struct rng rng;
    struct family_effects effects;
    struct stage_closure closures[STAGE_CLOSURES_MAX];
    size_t closure_count;
    struct org_id gone[STAGE_GONE_MAX];
    size_t gone_count;
    struct org_id sanctions; /* the one that may; zeros: nobody */
};

int32_t day_of(const char *date); /* 2026-11-23 */
struct org_id org_of(const char *text);

/* A family with all scopes, the fallbacks agii and caw, and no supporter; given on that day, its
 * consent ends twelve months on. Nothing was judged yet. Free it with test_free. */
struct stage *stage_new(const char *date);
void stage_without(struct stage *stage, enum scope scope);

/* Another day: nothing but the date. */
void stage_date(struct stage *stage, const char *date);
void stage_at(struct stage *stage, int32_t day);
void stage_judge(struct stage *stage);
/* Another day, judged. */
void stage_on(struct stage *stage, const char *date);
/* Each day up to and with that one, judged; the effects are those of the last. */
void stage_daily(struct stage *stage, const char *until);

void stage_closed(struct stage *stage, const char *org, const char *from, const char *until,
                  const char *deputy);
void stage_gone(struct stage *stage, const char *org);
void stage_may_sanction(struct stage *stage, const char *org);

/* What an organisation says today; not judged yet. */
struct family_support *stage_support(struct stage *stage, const char *org, enum support_kind kind,
                                     enum support_distance distance);
void stage_contact(struct stage *stage, const char *org);
void stage_ending(struct stage *stage, const char *org, const char *end, const char *successor);
void stage_ended(struct stage *stage, const char *org, const char *end, const char *successor);
struct family_ask *stage_ask(struct stage *stage, const char *org, const char *to, uint8_t id);
enum refusal stage_concern(struct stage *stage, const char *org, enum concern_by by,
                           enum concern_reason reason, enum concern_urgency urgency, uint8_t id);

/* Said and judged. `kind`: of the one flag of that kind that isn't closed. */
enum refusal stage_answer(struct stage *stage, const char *org, enum flag_kind kind,
                          enum flag_action action);
enum refusal stage_close(struct stage *stage, const char *org, enum flag_kind kind,
                         enum flag_reason reason);

/* The open flag of a kind, NULL where there's none; fails where there are several. */
struct family_flag *stage_flag(struct stage *stage, enum flag_kind kind);
size_t stage_open_flags(const struct stage *stage);
struct message_id id_of(uint8_t id);

/* How often that was told to an organisation in the last step. */
size_t stage_told(const struct stage *stage, const char *org, enum notice_kind kind);
const struct family_notice *stage_notice(const struct stage *stage, const char *org,
                                         enum notice_kind kind);
/* How often that was counted; `ret_days` of the last, may be NULL. */
size_t stage_counted(const struct stage *stage, enum family_count_kind kind, uint32_t *ret_days);

void assert_org(const struct org_id *org, const char *text);
void assert_day(int32_t day, const char *date);
/* Whose turn it is, and until when to acknowledge and to contact. */
void assert_turn(const struct family_flag *flag, const char *org, const char *acknowledge_by,
                 const char *contact_by);
void assert_on_board(const struct family_flag *flag);
