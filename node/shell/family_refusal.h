/* Refusals about families in the words of who typed the command, where the closed list's sentence
 * would send people the wrong way. The code stays the list's. Pure. */
#pragma once

#include "node/shell/jobs.h"

/* The list's own text where there's nothing better to say. */
struct text_pair family_refusal_text(const struct job *job, enum refusal refusal);
