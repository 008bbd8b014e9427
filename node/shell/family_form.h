/* A consent as it's taken at a table: each answer from an option, else asked, else missing; then as
 * the API's JSON. Scopes are asked one by one in the words of the spoken script, and none is
 * presumed. Lives in secret memory, for the words of a contact and of the family are in it. */
#pragma once

#include "node/shell/organisations.h"
#include "shared/consent/contact.h"
#include "shared/consent/record.h"

struct family_form {
    struct organisations known;
    struct language language;
    enum interpreter interpreter;
    bool explained;
    struct scopes may_ask; /* here, by who speaks */
    struct scopes scopes;
    char interpreter_desk[CONSENT_TEXT_MAX + 1];
    char teach_back[CONSENT_TEXT_MAX + 1];
    char fallback_first[ORG_ID_MAX + 1];
    char fallback_second[ORG_ID_MAX + 1];
    char contact[CONTACT_TEXT_BYTES_MAX + 1];
    char until[16];                /* "": as long as may be */
    enum support_distance support; /* 0: none of ours */
    char case_id[CASE_ID_BYTES_MAX + 1];
};

/* Asks the daemon first whether the call's command may be followed by a consent of whom speaks.
 * NULL: it may not, or the world failed, said already. */
struct family_form *family_form_new(const struct cli_call *call);
void family_form_free(struct family_form *form); /* wipes */
/* False: something is missing or was broken off, and said. The call's command has the options of
 * FORM_OPTIONS (table_family.inc). */
bool family_form_fill(const struct cli_call *call, struct family_form *form);
/* The members, into an open object. */
void family_form_write(const struct cli_call *call, const struct family_form *form,
                       struct json_writer *writer);
/* The script's letters for scopes that --scopes names. False: one isn't on the list, said. */
bool family_form_scopes(const struct cli_call *call, const char *text, struct scopes *ret);
/* "presence", ... as an array. */
void family_form_write_scopes(struct json_writer *writer, struct scopes scopes);
