/* The command line of vangnet-hub: one table, and what each line of it does. */
#pragma once

#include "shared/io/cli.h"

extern const struct cli_program hub_program;

/* init.c */
enum cli_status command_init(void *ctx, const struct cli_call *call);
/* commands_members.c */
enum cli_status command_invite(void *ctx, const struct cli_call *call);
enum cli_status command_approve(void *ctx, const struct cli_call *call);
enum cli_status command_decline(void *ctx, const struct cli_call *call);
enum cli_status command_members(void *ctx, const struct cli_call *call);
enum cli_status command_revoke(void *ctx, const struct cli_call *call);
/* The address of the call's first argument, a member; false: that's no id, said. */
enum { MEMBER_PATH_SIZE = 256 };
bool command_member_path(const struct cli_call *call, const char *verb,
                         char ret[static MEMBER_PATH_SIZE]);
extern const struct cli_text command_member_unknown; /* {0}: its id */
/* commands_standing.c */
enum cli_status command_member_set(void *ctx, const struct cli_call *call);
/* commands_people.c */
enum cli_status command_user_add(void *ctx, const struct cli_call *call);
enum cli_status command_token_create(void *ctx, const struct cli_call *call);
enum cli_status command_token_revoke(void *ctx, const struct cli_call *call);
/* commands_load.c */
enum cli_status command_load(void *ctx, const struct cli_call *call);
/* commands_flags.c */
enum cli_status command_flags(void *ctx, const struct cli_call *call);
enum cli_status command_erasures(void *ctx, const struct cli_call *call);
/* commands_counts.c */
enum cli_status command_flags_counts(void *ctx, const struct cli_call *call);
/* commands_store.c */
enum cli_status command_verify(void *ctx, const struct cli_call *call);
enum cli_status command_rebuild(void *ctx, const struct cli_call *call);
enum cli_status command_backup(void *ctx, const struct cli_call *call);
enum cli_status command_status(void *ctx, const struct cli_call *call);
