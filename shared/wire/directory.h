/* The directory's entries and what a joining organisation says of itself, as plain structs.
 *
 * Verifying and applying them is shared/members; here only the form is checked. */
#pragma once

#include "shared/base/arena.h"
#include "shared/base/ids.h"
#include "shared/base/lists.h"
#include "shared/wire/packet.h"

#define DIRECTORY_OP_LIST(X)                                                                       \
    X(DIRECTORY_OP_FOUND, 1, "found")                                                              \
    X(DIRECTORY_OP_JOIN, 2, "join")                                                                \
    X(DIRECTORY_OP_LEAVE, 3, "leave")                                                              \
    X(DIRECTORY_OP_REVOKE, 4, "revoke")                                                            \
    X(DIRECTORY_OP_ROLE, 5, "role")                                                                \
    X(DIRECTORY_OP_ROTATE_CURVE, 6, "rotate-curve")                                                \
    X(DIRECTORY_OP_ROTATE_SIGN, 7, "rotate-sign")                                                  \
    X(DIRECTORY_OP_ROTATE_SEAL, 8, "rotate-seal")                                                  \
    X(DIRECTORY_OP_ROTATE_CONTACT, 9, "rotate-contact")                                            \
    X(DIRECTORY_OP_ENDPOINT, 10, "endpoint")                                                       \
    X(DIRECTORY_OP_SERVICES, 11, "services")                                                       \
    X(DIRECTORY_OP_CATCHMENT, 12, "catchment")                                                     \
    X(DIRECTORY_OP_HOURS, 13, "hours")                                                             \
    X(DIRECTORY_OP_RESTORE, 14, "restore")

#define X(name, number, text) name = number,
enum directory_op_kind { DIRECTORY_OP_NONE = 0, DIRECTORY_OP_LIST(X) };
#undef X

struct public_key {
    uint8_t bytes[PUBLIC_KEY_BYTES];
};

struct catchment {
    struct nis nis;
    int32_t from_day;  /* 0: always */
    int32_t until_day; /* first day it's not; 0: open */
};

struct closure {
    int32_t from_day;
    int32_t until_day;    /* first day open again */
    struct org_id deputy; /* zeros: none */
};

/* What the directory says of one organisation: the region's social map. */
struct member {
    char name[NAME_BYTES_MAX + 1];
    enum org_kind kind;
    enum competence competence;
    enum member_role role;
    struct public_key curve;   /* transport */
    struct public_key sign;    /* Ed25519 */
    struct public_key seal;    /* X25519, monthly */
    struct public_key contact; /* X25519, quarterly */
    int32_t seal_until_day;
    int32_t contact_from_day;
    char endpoint[128]; /* empty: only reached through the hub */
    struct catchment *catchment;
    size_t catchment_count;
    struct service_id *services;
    size_t service_count;
    struct language *languages;
    size_t language_count;
    const char **walk_in; /* "1 09:00-12:00": ISO weekday and hours */
    size_t walk_in_count;
    const char **sitting; /* "34022 3 13:30-16:00": municipality, weekday, hours */
    size_t sitting_count;
    struct closure *closures;
    size_t closure_count;
    enum consent_right may_take_consent;
    bool may_sanction;
    bool hidden;
    struct nis *onthaal; /* it is the onthaal desk of these municipalities */
    size_t onthaal_count;
    char enterprise_number[16];
};

/* The first entry: what a region is. */
struct region {
    struct hub_id hub;
    char name[NAME_BYTES_MAX + 1];
    struct public_key *directors;
    size_t director_count;
    uint32_t quorum; /* k of them sign */
    struct public_key hub_curve;
    struct public_key hub_sign;
};

struct directory_op {
    enum directory_op_kind kind;
    struct org_id organisation; /* zeros for found and restore */
    struct region *region;      /* found */
    struct member *member;      /* join: all of it; others: the part that changes */
    bool has_position;
    struct position position; /* restore */
    char reason[200];         /* leave, revoke */
};

struct directory_entry {
    uint64_t sequence; /* from 1 */
    struct digest previous;
    int64_t time_ms;
    struct directory_op *ops;
    size_t op_count;
};

struct entry_signature {
    struct public_key key;
    uint8_t signature[SIGNATURE_BYTES];
};

struct signed_entry {
    struct bytes entry; /* the signed bytes */
    struct entry_signature *signatures;
    size_t signature_count;
};

struct join_application {
    struct org_id organisation;
    struct member member;
    int64_t now_ms;
    struct hub_id hub;
};

const char *directory_op_text(enum directory_op_kind kind);

/* As the decoders and encoders of packet.h. */
MUST_CHECK enum refusal signed_entry_decode(struct bytes bytes, struct arena *arena,
                                            struct signed_entry *ret);
MUST_CHECK enum refusal directory_entry_decode(struct bytes bytes, struct arena *arena,
                                               struct directory_entry *ret);
MUST_CHECK enum refusal join_application_decode(struct bytes bytes, struct arena *arena,
                                                struct join_application *ret);
/* The body of a MESSAGE_KIND_DIRECTORY: signed entries in order. */
MUST_CHECK enum refusal directory_decode(struct bytes body, struct arena *arena,
                                         struct bytes **ret_entries, size_t *ret_count);

MUST_CHECK int signed_entry_encode(const struct signed_entry *entry, struct arena *arena,
                                   struct bytes *ret);
MUST_CHECK int directory_entry_encode(const struct directory_entry *entry, struct arena *arena,
                                      struct bytes *ret);
MUST_CHECK int join_application_encode(const struct join_application *application,
                                       struct arena *arena, struct bytes *ret);
MUST_CHECK int directory_encode(const struct bytes *entries, size_t count, struct arena *arena,
                                struct bytes *ret);
/* A member as a record of its own (the MEMBERS table), the same form as in an entry. */
MUST_CHECK int member_encode(const struct member *member, struct arena *arena, struct bytes *ret);
MUST_CHECK enum refusal member_decode(struct bytes bytes, struct arena *arena, struct member *ret);
