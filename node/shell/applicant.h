/* What an organisation says of itself when it joins: from the command line's words to the member
 * that the directory will hold. Pure; keys are put in by the caller (join.c). */
#pragma once

#include "shared/base/arena.h"
#include "shared/wire/directory.h"

/* NULL where the word wasn't given. Lists stand with commas between. */
struct applicant_words {
    const char *org;
    const char *name;
    const char *kind;
    const char *competence; /* NULL: an OCMW is territorial, others regional */
    const char *nis;
    const char *services;
    const char *languages;
    const char *onthaal;
    const char *walk_in; /* "2 09:00-12:00" */
    const char *sitting; /* "34022 3 13:30-16:00" */
    const char *kbo;
    const char *may_take_consent; /* NULL: no */
    bool may_sanction;
    bool hidden; /* refuge and addiction care are anyway (DESIGN 3) */
};

/* Which word can't be taken. */
struct applicant_fault {
    const char *option; /* as on the command line, without dashes */
    char value[80];
    char nearest[160]; /* of the list, with commas between; empty: nothing is like it */
};

/* The lists lie in the arena; sorted, without doubles. Errors: ERR_MALFORMED with the fault,
 * ERR_NO_MEMORY. */
MUST_CHECK int applicant_read(const struct applicant_words *words, struct arena *arena,
                              struct org_id *ret_org, struct member *ret_member,
                              struct applicant_fault *ret_fault);

/* Whether the catalogue has the service, or the region gave it an id of its own ("x-..."). If not,
 * `ret_nearest` names up to three that are spelled most like it. */
bool applicant_knows_service(const struct service_id *service, char ret_nearest[static 160]);
