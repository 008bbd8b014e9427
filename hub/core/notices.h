/* What the hub tells a node about a family: sealed to the node's sealing key, signed by the hub,
 * and posted on its stream like anything else. Called by decide; apply only pushes the envelope. */
#pragma once

#include "hub/core/family.h"
#include "hub/core/state.h"

/* Seals and signs one notice to a member and adds FACT_POSTED. Several in one decision get
 * consecutive numbers of their streams. A receiver that isn't an active member, or has no sealing
 * key, gets none: that's no error. Errors: the world's, decision_add's. */
MUST_CHECK int notices_post(struct hub *hub, const struct turn_view *view, const struct org_id *to,
                            const struct notice *notice, struct decision *ret);
/* As notices_post, but for who was a member too: sealed to the key that it had. */
MUST_CHECK int notices_post_tombstone(struct hub *hub, const struct turn_view *view,
                                      const struct org_id *to, const struct tombstone *tombstone,
                                      struct decision *ret);
/* All that a change of a family has to tell, in order; `yours` with the token, and the envelope
 * where with_contact. */
MUST_CHECK int notices_post_effects(struct hub *hub, const struct turn_view *view,
                                    const struct family *family,
                                    const struct family_effects *effects, struct decision *ret);
/* An envelope that was composed before, under another number: signs it anew. */
MUST_CHECK int notices_post_again(const struct hub *hub, const struct turn_view *view,
                                  const struct envelope *envelope, struct decision *ret);
/* FACT_POSTED. `hub` may be told who has post; NULL in a rebuild. */
MUST_CHECK int notices_apply(struct hub *hub, const struct turn_view *view,
                             const struct fact *fact);
