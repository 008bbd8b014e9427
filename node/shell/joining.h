/* One `join` on its way: what was given, and what stands in the directory. For join.c (asking) and
 * joining.c (making). */
#pragma once

#include "node/shell/keys.h"
#include "node/shell/settings.h"
#include "shared/io/cli.h"
#include "shared/members/invitation.h"

struct joining {
    const struct cli_call *call;
    struct place place;
    struct settings settings;
    struct invitation invitation; /* wiped at the end */
    struct keys keys;
    struct arena *arena;
    struct org_id org;
    struct member member;
    int64_t now_ms;
    struct bytes request;
};

/* Each says to the person what went wrong and what to do, and gives a negative number. */
MUST_CHECK int joining_read(struct joining *joining);    /* the invitation and the words */
MUST_CHECK int joining_prepare(struct joining *joining); /* directory, keys, store, request */
int joining_complain(const struct joining *joining, struct text_pair pair, const char *const *args);
int joining_fail(const struct joining *joining, int error, const char *detail);
