#include <stdlib.h>

#include "hub/shell/commands.h"
#include "hub/shell/say.h"
#include "hub/shell/talk.h"

enum { BODY_SIZE = 4096 };

static void field(struct json_writer *writer, const char *name, const char *value) {
    if (value != NULL) {
        json_field_text(writer, name, value);
    }
}

/* Closes the object, sends it, and opens the answer; `unknown` as in talk_request, or NULL. */
static enum cli_status post(const struct cli_call *call, const char *path,
                            struct json_writer *writer, const struct cli_text *unknown,
                            struct json_reader *ret) {
    char *body;
    size_t length;
    json_close_object(writer);
    int r = json_take(writer, &body, &length);
    if (r < 0) {
        json_deinit(writer);
        return say_error(call, r);
    }
    const struct talk_request request = {.method = "POST",
                                         .path = path,
                                         .body = body,
                                         .unknown = unknown,
                                         .name = call->arguments[0]};
    enum cli_status status = talk(call, &request, ret);
    free(body);
    return status;
}

enum cli_status command_user_add(void *ctx, const struct cli_call *call) {
    struct json_writer writer = json_over(BODY_SIZE);
    (void)ctx;
    json_open_object(&writer);
    field(&writer, "user", call->arguments[0]);
    field(&writer, "role", cli_text(call, "role", NULL));
    field(&writer, "team", cli_text(call, "team", NULL));
    field(&writer, "deputy", cli_text(call, "deputy", NULL));
    enum cli_status status = post(call, "/api/v1/users", &writer, NULL, NULL);
    if (status == CLI_OK) {
        say(call, call->out,
            SAY("Gebruiker {0} staat erin. Een token maakt u met: vangnet-hub token create {0}",
                "User {0} is in. Make a token with: vangnet-hub token create {0}",
                "L'utilisateur {0} est enregistré. Créez un jeton : vangnet-hub token create {0}"),
            TEXT_ARGS(call->arguments[0]));
    }
    return status;
}

enum cli_status command_token_create(void *ctx, const struct cli_call *call) {
    struct json_writer writer = json_over(BODY_SIZE);
    struct json_reader answer;
    (void)ctx;
    json_open_object(&writer);
    field(&writer, "user", call->arguments[0]);
    field(&writer, "label", cli_text(call, "label", NULL));
    json_field_int(&writer, "days", cli_int(call, "days", 0));
    enum cli_status status =
        post(call, "/api/v1/tokens", &writer,
             SAY("De hub kent geen gebruiker \"{0}\". Voeg hem eerst toe: "
                 "vangnet-hub user add {0} --role reader. (Leden staan in "
                 "vangnet-hub members.)",
                 "The hub knows no user \"{0}\". Add it first: vangnet-hub user "
                 "add {0} --role reader. (Members are in vangnet-hub members.)",
                 "Le hub ne connaît pas d'utilisateur « {0} ». Ajoutez-le "
                 "d'abord : vangnet-hub user add {0} --role reader. (Les membres "
                 "sont dans vangnet-hub members.)"),
             &answer);
    if (status != CLI_OK) {
        return status;
    }
    const struct json_value *root = json_root(&answer);
    fprintf(call->out, "%s\n", json_need_text(&answer, root, "token"));
    say(call, call->err,
        SAY("Bewaar dit token: het wordt niet opnieuw getoond. Intrekken: vangnet-hub token revoke "
            "{0}",
            "Keep this token: it isn't shown again. To revoke it: vangnet-hub token revoke {0}",
            "Conservez ce jeton : il ne sera plus affiché. Pour le retirer : vangnet-hub token "
            "revoke {0}"),
        TEXT_ARGS(json_need_text(&answer, root, "id")));
    json_close(&answer);
    return CLI_OK;
}

enum cli_status command_token_revoke(void *ctx, const struct cli_call *call) {
    struct json_writer writer = json_over(BODY_SIZE);
    (void)ctx;
    json_open_object(&writer);
    field(&writer, "token", call->arguments[0]);
    enum cli_status status =
        post(call, "/api/v1/tokens/revoke", &writer,
             SAY("De hub kent dit token niet: {0}. Geef het hele token, of de id "
                 "die bij het maken getoond werd.",
                 "The hub doesn't know this token: {0}. Give the whole token, or "
                 "the id that was shown when it was made.",
                 "Le hub ne connaît pas ce jeton : {0}. Donnez le jeton entier, "
                 "ou l'id affiché à sa création."),
             NULL);
    if (status == CLI_OK) {
        say(call, call->out,
            SAY("Dit token geldt niet meer.", "This token isn't valid any more.",
                "Ce jeton n'est plus valable."),
            NULL);
    }
    return status;
}
