/* The commands of `vangnet-node` but `run` (run.h): each gets a parsed line and speaks with a
 * person. The table that names them is table.c. */
#pragma once

#include "node/shell/place.h"
#include "shared/io/cli.h"
#include "shared/io/control.h"

extern const struct cli_program node_program;

/* join.c: works on the directory itself, while no daemon runs on it. */
enum cli_status join_command(void *ctx, const struct cli_call *call);
/* import_command.c */
enum cli_status import_command(void *ctx, const struct cli_call *call);
/* show.c */
enum cli_status status_command(void *ctx, const struct cli_call *call);
enum cli_status preview_command(void *ctx, const struct cli_call *call);
enum cli_status words_command(void *ctx, const struct cli_call *call);
/* tell.c */
enum cli_status publish_command(void *ctx, const struct cli_call *call);
enum cli_status status_set_command(void *ctx, const struct cli_call *call);
enum cli_status user_add_command(void *ctx, const struct cli_call *call);
enum cli_status token_create_command(void *ctx, const struct cli_call *call);
/* closure_command.c */
enum cli_status closure_add_command(void *ctx, const struct cli_call *call);
enum cli_status closure_list_command(void *ctx, const struct cli_call *call);
enum cli_status closure_remove_command(void *ctx, const struct cli_call *call);
/* family_command.c */
enum cli_status family_new_command(void *ctx, const struct cli_call *call);
enum cli_status family_new_card_command(void *ctx, const struct cli_call *call);
enum cli_status family_list_command(void *ctx, const struct cli_call *call);
enum cli_status family_show_command(void *ctx, const struct cli_call *call);
enum cli_status family_who_command(void *ctx, const struct cli_call *call);
/* organisations.c */
enum cli_status organisations_command(void *ctx, const struct cli_call *call);
/* consent_command.c */
enum cli_status consent_give_command(void *ctx, const struct cli_call *call);
enum cli_status consent_widen_command(void *ctx, const struct cli_call *call);
enum cli_status consent_narrow_command(void *ctx, const struct cli_call *call);
enum cli_status consent_withdraw_command(void *ctx, const struct cli_call *call);
enum cli_status consent_show_command(void *ctx, const struct cli_call *call);
enum cli_status consent_script_command(void *ctx, const struct cli_call *call);
enum cli_status pack_print_command(void *ctx, const struct cli_call *call);
/* support_command.c */
enum cli_status support_start_command(void *ctx, const struct cli_call *call);
enum cli_status support_ending_command(void *ctx, const struct cli_call *call);
enum cli_status support_end_command(void *ctx, const struct cli_call *call);
enum cli_status asked_command(void *ctx, const struct cli_call *call);
enum cli_status asked_revoke_command(void *ctx, const struct cli_call *call);
enum cli_status asked_answer_command(void *ctx, const struct cli_call *call);
enum cli_status concern_raise_command(void *ctx, const struct cli_call *call);
enum cli_status call_me_back_command(void *ctx, const struct cli_call *call);
enum cli_status called_command(void *ctx, const struct cli_call *call);
enum cli_status informal_add_command(void *ctx, const struct cli_call *call);
enum cli_status informal_remove_command(void *ctx, const struct cli_call *call);
/* inbox_command.c */
enum cli_status inbox_command(void *ctx, const struct cli_call *call);
enum cli_status inbox_done_command(void *ctx, const struct cli_call *call);
enum cli_status flag_list_command(void *ctx, const struct cli_call *call);
enum cli_status flag_take_command(void *ctx, const struct cli_call *call);
enum cli_status flag_contacted_command(void *ctx, const struct cli_call *call);
enum cli_status flag_close_command(void *ctx, const struct cli_call *call);
enum cli_status flag_back_command(void *ctx, const struct cli_call *call);
/* audit_command.c */
enum cli_status audit_verify_command(void *ctx, const struct cli_call *call);
enum cli_status audit_show_command(void *ctx, const struct cli_call *call);
/* table.c */
enum cli_status man_command(void *ctx, const struct cli_call *call);

enum { SOCKET_PATH_SIZE = 512, BEARER_SIZE = 96 };

/* What --dir or VANGNET_NODE_DIR names; what's wrong was said. Errors: ERR_CONFIG (neither),
 * ERR_TOO_LARGE. */
MUST_CHECK int node_place(const struct cli_call *call, struct place *ret);

/* A connection to the daemon of --dir. */
struct asking {
    struct place place;
    struct control control;
    char socket_path[SOCKET_PATH_SIZE];
    char bearer[BEARER_SIZE]; /* of --token-file or VANGNET_NODE_TOKEN; "": none */
};

/* What went wrong was said. Errors: as control_open. */
MUST_CHECK int asking_open(const struct cli_call *call, struct asking *ret);
void asking_close(struct asking *asking);
/* POST of a JSON text ("": of nothing), or GET where it's NULL, under a fresh key. As
 * control_ask. */
MUST_CHECK int asking_send(struct asking *asking, const char *path, const char *json,
                           struct client_response *ret);
/* To `out` in the call's language. */
void say_line(const struct cli_call *call, enum text_id id, const char *const *args);
