#include <string.h>

#include "shared/crypto/hash.h"
#include "shared/members/directory.h"
#include "shared/members/invitation.h"
#include "shared/members/members.h"
#include "shared/members/parts.h"
#include "shared/members/record.h"

static const char sign_domain[] = "join/v1";

int join_compose(const struct invitation *invitation, struct bytes application,
                 const struct sign_secret *secret, struct arena *arena, struct join_request *ret) {
    struct signature signature = sign_bytes(secret, sign_domain, application);
    struct digest key = invitation_key(invitation->secret);
    struct join_request request = {.proof = invitation_proof(&key, application)};
    memcpy(request.invitation, invitation->id.bytes, sizeof(request.invitation));
    request.application = arena_copy(arena, application);
    request.signature = arena_copy(arena, BYTES_OF(signature));
    if (request.application.data == NULL || request.signature.data == NULL) {
        return ERR_NO_MEMORY;
    }
    *ret = request;
    return 0;
}

/* One request under judgement; steps as in directory_check.c. */
struct judge {
    struct store_txn *view;
    struct arena *arena;
    const struct join_request *request;
    int64_t now_ms;
    struct join_checked checked;
};

static void refuse_unless(struct judge *judge, bool holds, enum refusal refusal) {
    if (!holds && judge->checked.refusal == REFUSAL_NONE) {
        judge->checked.refusal = refusal;
    }
}

/* The proof comes first: it costs a stranger's nonsense one hash. */
static int judge_invitation(struct judge *judge) {
    struct invitation_record *record = &judge->checked.invitation;
    struct invitation_id id;
    memcpy(id.bytes, judge->request->invitation, sizeof(id.bytes));
    int r = invitation_get(judge->view, &id, record);
    if (r == ERR_NOT_FOUND) {
        judge->checked.refusal = REFUSAL_BAD_INVITATION;
        return 0;
    }
    if (r < 0) {
        return r;
    }
    struct digest proof = invitation_proof(&record->key, judge->request->application);
    bool proved = secret_equal(proof.bytes, judge->request->proof.bytes, sizeof(proof.bytes));
    refuse_unless(judge, proved, REFUSAL_BAD_INVITATION);
    refuse_unless(judge, record->state != INVITATION_WITHDRAWN, REFUSAL_BAD_INVITATION);
    struct digest hash = join_application_hash(judge->request->application);
    judge->checked.repeated = record->state == INVITATION_USED;
    bool same = !judge->checked.repeated || digest_equal(&hash, &record->application);
    refuse_unless(judge, same, REFUSAL_BAD_INVITATION);
    bool in_time = judge->checked.repeated || judge->now_ms < record->expires_ms;
    refuse_unless(judge, in_time, REFUSAL_EXPIRED);
    return 0;
}

static void judge_signature(struct judge *judge) {
    struct sign_public key;
    struct signature signature;
    if (judge->request->signature.length != sizeof(signature.bytes)) {
        judge->checked.refusal = REFUSAL_BAD_SIGNATURE;
        return;
    }
    memcpy(key.bytes, judge->checked.application.member.sign.bytes, sizeof(key.bytes));
    memcpy(signature.bytes, judge->request->signature.data, sizeof(signature.bytes));
    bool good = sign_check(&key, sign_domain, judge->request->application, &signature);
    refuse_unless(judge, good, REFUSAL_BAD_SIGNATURE);
}

static int judge_application(struct judge *judge) {
    struct join_application *application = &judge->checked.application;
    struct region region;
    judge->checked.refusal =
        join_application_decode(judge->request->application, judge->arena, application);
    if (judge->checked.refusal == REFUSAL_NO_ROOM) {
        return ERR_NO_MEMORY; /* the arena is full: says nothing of the application */
    }
    if (judge->checked.refusal != REFUSAL_NONE) {
        return 0;
    }
    judge_signature(judge);
    if (judge->checked.refusal != REFUSAL_NONE) {
        return 0;
    }
    const struct directory_op op = {
        .kind = DIRECTORY_OP_JOIN,
        .organisation = application->organisation,
        .member = &application->member,
    };
    refuse_unless(judge, op_parts_check(&op) == REFUSAL_NONE, REFUSAL_MALFORMED);
    int r = directory_region(judge->view, judge->arena, &region);
    if (r < 0) {
        return r;
    }
    refuse_unless(judge, hub_id_equal(&application->hub, &region.hub), REFUSAL_UNKNOWN_RECIPIENT);
    return 0;
}

static int judge_key(struct judge *judge, enum key_purpose purpose, const struct public_key *key) {
    struct org_id owner;
    int r = record_key_get(judge->view, purpose, key, &owner);
    if (r == ERR_NOT_FOUND) {
        return 0;
    }
    refuse_unless(judge, r < 0, REFUSAL_EXISTS);
    return r;
}

/* Who waits may correct its application: whoever holds its signing key is the same applicant. */
static int judge_waiting(struct judge *judge) {
    const struct join_application *application = &judge->checked.application;
    struct pending_join pending;
    struct join_application before;
    int r = pending_get(judge->view, &application->organisation, judge->arena, &pending);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    if (join_application_decode(pending.application, judge->arena, &before) != REFUSAL_NONE) {
        return ERR_STORAGE; /* it decoded when it came */
    }
    bool same = bytes_equal(BYTES_OF(before.member.sign), BYTES_OF(application->member.sign));
    refuse_unless(judge, same, REFUSAL_EXISTS);
    return 0;
}

static int judge_organisation(struct judge *judge) {
    const struct join_application *application = &judge->checked.application;
    const struct org_id *org = &application->organisation;
    const struct org_id *meant = &judge->checked.invitation.org;
    struct member_standing standing;
    bool invited = meant->text[0] == '\0' || org_id_equal(meant, org);
    refuse_unless(judge, invited && !org_id_equal(org, &HUB_ORG), REFUSAL_NOT_ALLOWED);
    refuse_unless(judge, application->member.role == MEMBER_ROLE_NODE, REFUSAL_NOT_ALLOWED);
    int r = member_standing(judge->view, org, &standing);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    refuse_unless(judge, r == ERR_NOT_FOUND || !standing.active, REFUSAL_EXISTS);
    r = judge_waiting(judge);
    if (r < 0) {
        return r;
    }
    r = judge_key(judge, KEY_CURVE, &application->member.curve);
    return r < 0 ? r : judge_key(judge, KEY_SIGN, &application->member.sign);
}

/* What has become of an application that was taken before. */
static int find_outcome(struct judge *judge) {
    const struct join_application *application = &judge->checked.application;
    struct member_standing standing;
    struct pending_join pending;
    judge->checked.state = JOIN_REFUSED;
    int r = pending_get(judge->view, &application->organisation, judge->arena, &pending);
    if (r < 0 && r != ERR_NOT_FOUND) {
        return r;
    }
    if (r == 0 && bytes_equal(pending.application, judge->request->application)) {
        judge->checked.state = JOIN_WAITING;
        return 0;
    }
    r = member_standing(judge->view, &application->organisation, &standing);
    if (r < 0) {
        return r == ERR_NOT_FOUND ? 0 : r;
    }
    if (standing.active &&
        bytes_equal(BYTES_OF(standing.sign), BYTES_OF(application->member.sign))) {
        judge->checked.state = JOIN_APPROVED;
    }
    return 0;
}

int join_check(struct store_txn *view, const struct join_request *request, int64_t now_ms,
               struct arena *arena, struct join_checked *ret) {
    struct judge judge = {.view = view, .arena = arena, .request = request, .now_ms = now_ms};
    judge.checked.state = JOIN_WAITING;
    int r = judge_invitation(&judge);
    if (r == 0 && judge.checked.refusal == REFUSAL_NONE) {
        r = judge_application(&judge);
    }
    if (r == 0 && judge.checked.refusal == REFUSAL_NONE) {
        r = judge.checked.repeated ? find_outcome(&judge) : judge_organisation(&judge);
    }
    if (r < 0) {
        return r;
    }
    *ret = judge.checked;
    return 0;
}
