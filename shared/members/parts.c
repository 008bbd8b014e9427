#include "shared/members/parts.h"

#include <assert.h>
#include <string.h>

#include "shared/base/civil.h"

enum {
    PART_NAME = 1 << 0,
    PART_ENTERPRISE = 1 << 1,
    PART_KIND = 1 << 2,
    PART_COMPETENCE = 1 << 3,
    PART_ROLE = 1 << 4,
    PART_RIGHTS = 1 << 5, /* consent, sanctions, hidden */
    PART_CURVE = 1 << 6,
    PART_SIGN = 1 << 7,
    PART_SEAL = 1 << 8,
    PART_SEAL_DAY = 1 << 9,
    PART_CONTACT = 1 << 10,
    PART_CONTACT_DAY = 1 << 11,
    PART_ENDPOINT = 1 << 12,
    PART_CATCHMENT = 1 << 13, /* and onthaal */
    PART_SERVICES = 1 << 14,  /* and languages */
    PART_HOURS = 1 << 15,     /* walk-in, sitting, closures */
    PARTS_ALL = (1 << 16) - 1,

    PARTS_STANDING = PART_KIND | PART_COMPETENCE | PART_ROLE,
    PARTS_KEYS = PART_CURVE | PART_SIGN | PART_SEAL | PART_CONTACT,
};

struct op_rule {
    bool organisation;
    bool member;
    bool reason;
    uint32_t needs;
    uint32_t may; /* beside what it needs */
    enum op_signers signers;
};

static const struct op_rule rules[] = {
    [DIRECTORY_OP_FOUND] = {.signers = SIGNERS_DIRECTORS},
    [DIRECTORY_OP_JOIN] = {true, true, false, PART_NAME | PARTS_STANDING | PARTS_KEYS, PARTS_ALL,
                           SIGNERS_DIRECTORS},
    [DIRECTORY_OP_LEAVE] = {true, false, true, 0, 0, SIGNERS_DIRECTORS_OR_ORGANISATION},
    [DIRECTORY_OP_REVOKE] = {true, false, true, 0, 0, SIGNERS_DIRECTORS},
    [DIRECTORY_OP_ROLE] = {true, true, false, PARTS_STANDING,
                           PART_NAME | PART_ENTERPRISE | PART_RIGHTS, SIGNERS_DIRECTORS},
    [DIRECTORY_OP_ROTATE_CURVE] = {true, true, false, PART_CURVE, 0, SIGNERS_DIRECTORS},
    [DIRECTORY_OP_ROTATE_SIGN] = {true, true, false, PART_SIGN, 0,
                                  SIGNERS_DIRECTORS_AND_ORGANISATION},
    [DIRECTORY_OP_ROTATE_SEAL] = {true, true, false, PART_SEAL, PART_SEAL_DAY,
                                  SIGNERS_ORGANISATION},
    [DIRECTORY_OP_ROTATE_CONTACT] = {true, true, false, PART_CONTACT, PART_CONTACT_DAY,
                                     SIGNERS_ORGANISATION},
    [DIRECTORY_OP_ENDPOINT] = {true, true, false, 0, PART_ENDPOINT, SIGNERS_ORGANISATION},
    [DIRECTORY_OP_SERVICES] = {true, true, false, 0, PART_SERVICES, SIGNERS_ORGANISATION},
    [DIRECTORY_OP_CATCHMENT] = {true, true, false, 0, PART_CATCHMENT, SIGNERS_DIRECTORS},
    [DIRECTORY_OP_HOURS] = {true, true, false, 0, PART_HOURS, SIGNERS_ORGANISATION},
    [DIRECTORY_OP_RESTORE] = {.signers = SIGNERS_DIRECTORS},
};

static const struct op_rule *rule_of(enum directory_op_kind kind) {
    assert(kind > DIRECTORY_OP_NONE && (size_t)kind < sizeof(rules) / sizeof(rules[0]));
    return &rules[kind];
}

enum op_signers op_signers(enum directory_op_kind kind) {
    return rule_of(kind)->signers;
}

static bool key_is_given(const struct public_key *key) {
    static const struct public_key none = {0};
    return !bytes_equal(BYTES_OF(*key), BYTES_OF(none));
}

static uint32_t part_if(bool given, uint32_t part) {
    return given ? part : 0;
}

static uint32_t parts_of(const struct member *member) {
    bool rights =
        member->may_take_consent != CONSENT_RIGHT_NONE || member->may_sanction || member->hidden;
    bool hours = member->walk_in_count + member->sitting_count + member->closure_count > 0;
    return part_if(member->name[0] != '\0', PART_NAME) |
           part_if(member->enterprise_number[0] != '\0', PART_ENTERPRISE) |
           part_if(member->kind != ORG_KIND_NONE, PART_KIND) |
           part_if(member->competence != COMPETENCE_NONE, PART_COMPETENCE) |
           part_if(member->role != MEMBER_ROLE_NONE, PART_ROLE) | part_if(rights, PART_RIGHTS) |
           part_if(key_is_given(&member->curve), PART_CURVE) |
           part_if(key_is_given(&member->sign), PART_SIGN) |
           part_if(key_is_given(&member->seal), PART_SEAL) |
           part_if(member->seal_until_day != 0, PART_SEAL_DAY) |
           part_if(key_is_given(&member->contact), PART_CONTACT) |
           part_if(member->contact_from_day != 0, PART_CONTACT_DAY) |
           part_if(member->endpoint[0] != '\0', PART_ENDPOINT) |
           part_if(member->catchment_count + member->onthaal_count > 0, PART_CATCHMENT) |
           part_if(member->service_count + member->language_count > 0, PART_SERVICES) |
           part_if(hours, PART_HOURS);
}

/* Characters that show nothing or turn the reading direction (Unicode 15.0 chapter 23.2, 23.3): two
 * names that look the same would be two. The decoder has refused control characters. */
static bool name_is_plain(const char *name) {
    const uint8_t *text = (const uint8_t *)name;
    size_t length = strlen(name);
    if (length > 0 && (text[0] == ' ' || text[length - 1] == ' ')) {
        return false;
    }
    for (size_t i = 0; i + 2 < length; i++) {
        bool marks = text[i] == 0xe2 && text[i + 1] == 0x80 &&
                     ((text[i + 2] >= 0x8b && text[i + 2] <= 0x8f) ||
                      (text[i + 2] >= 0xa8 && text[i + 2] <= 0xae));
        bool isolates =
            text[i] == 0xe2 && text[i + 1] == 0x81 && text[i + 2] >= 0xa0 && text[i + 2] <= 0xaf;
        bool joiner = text[i] == 0xef && text[i + 1] == 0xbb && text[i + 2] == 0xbf;
        if (marks || isolates || joiner) {
            return false;
        }
    }
    return true;
}

static bool days_are_sane(const struct member *member) {
    bool sane = day_valid(member->seal_until_day) && day_valid(member->contact_from_day);
    for (size_t i = 0; i < member->catchment_count; i++) {
        const struct catchment *catchment = &member->catchment[i];
        sane = sane && day_valid(catchment->from_day) && day_valid(catchment->until_day) &&
               (catchment->until_day == 0 || catchment->until_day > catchment->from_day);
    }
    for (size_t i = 0; i < member->closure_count; i++) {
        const struct closure *closure = &member->closures[i];
        sane = sane && day_valid(closure->from_day) && day_valid(closure->until_day);
    }
    return sane;
}

static bool keys_differ(const struct region *region) {
    for (size_t i = 0; i < region->director_count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (bytes_equal(BYTES_OF(region->directors[i]), BYTES_OF(region->directors[k]))) {
                return false;
            }
        }
    }
    return key_is_given(&region->hub_curve) && key_is_given(&region->hub_sign);
}

enum refusal op_parts_check(const struct directory_op *op) {
    const struct op_rule *rule = rule_of(op->kind);
    bool organisation = op->organisation.text[0] != '\0';
    bool found = op->kind == DIRECTORY_OP_FOUND;
    bool restore = op->kind == DIRECTORY_OP_RESTORE;
    bool missing = (rule->organisation && !organisation) || (rule->member && op->member == NULL) ||
                   (found && op->region == NULL) || (restore && !op->has_position);
    if (missing || (found && !keys_differ(op->region))) {
        return REFUSAL_MALFORMED;
    }
    bool beyond = (!rule->organisation && organisation) || (!rule->member && op->member != NULL) ||
                  (!rule->reason && op->reason[0] != '\0') || (!found && op->region != NULL) ||
                  (!restore && op->has_position);
    if (beyond) {
        return REFUSAL_NOT_ALLOWED;
    }
    if (op->member == NULL) {
        return REFUSAL_NONE;
    }
    uint32_t parts = parts_of(op->member);
    if ((parts & rule->needs) != rule->needs || !name_is_plain(op->member->name) ||
        !days_are_sane(op->member)) {
        return REFUSAL_MALFORMED;
    }
    return (parts & ~(rule->needs | rule->may)) != 0 ? REFUSAL_NOT_ALLOWED : REFUSAL_NONE;
}

static void merge_standing(const struct member *from, struct member *member) {
    member->kind = from->kind;
    member->competence = from->competence;
    member->role = from->role;
    member->may_take_consent = from->may_take_consent;
    member->may_sanction = from->may_sanction;
    member->hidden = from->hidden;
    if (from->name[0] != '\0') {
        memcpy(member->name, from->name, sizeof(member->name));
    }
    if (from->enterprise_number[0] != '\0') {
        memcpy(member->enterprise_number, from->enterprise_number,
               sizeof(member->enterprise_number));
    }
}

static void merge_hours(const struct member *from, struct member *member) {
    member->walk_in = from->walk_in;
    member->walk_in_count = from->walk_in_count;
    member->sitting = from->sitting;
    member->sitting_count = from->sitting_count;
    member->closures = from->closures;
    member->closure_count = from->closure_count;
}

static void merge_services(const struct member *from, struct member *member) {
    member->services = from->services;
    member->service_count = from->service_count;
    member->languages = from->languages;
    member->language_count = from->language_count;
}

static void merge_catchment(const struct member *from, struct member *member) {
    member->catchment = from->catchment;
    member->catchment_count = from->catchment_count;
    member->onthaal = from->onthaal;
    member->onthaal_count = from->onthaal_count;
}

void op_merge(const struct directory_op *op, struct member *member) {
    const struct member *from = op->member;
    switch (op->kind) {
    case DIRECTORY_OP_JOIN:
        *member = *from;
        break;
    case DIRECTORY_OP_ROLE:
        merge_standing(from, member);
        break;
    case DIRECTORY_OP_ROTATE_CURVE:
        member->curve = from->curve;
        break;
    case DIRECTORY_OP_ROTATE_SIGN:
        member->sign = from->sign;
        break;
    case DIRECTORY_OP_ROTATE_SEAL:
        member->seal = from->seal;
        member->seal_until_day = from->seal_until_day;
        break;
    case DIRECTORY_OP_ROTATE_CONTACT:
        member->contact = from->contact;
        member->contact_from_day = from->contact_from_day;
        break;
    case DIRECTORY_OP_ENDPOINT:
        memcpy(member->endpoint, from->endpoint, sizeof(member->endpoint));
        break;
    case DIRECTORY_OP_SERVICES:
        merge_services(from, member);
        break;
    case DIRECTORY_OP_CATCHMENT:
        merge_catchment(from, member);
        break;
    case DIRECTORY_OP_HOURS:
        merge_hours(from, member);
        break;
    case DIRECTORY_OP_NONE:
    case DIRECTORY_OP_FOUND:
    case DIRECTORY_OP_LEAVE:
    case DIRECTORY_OP_REVOKE:
    case DIRECTORY_OP_RESTORE:
        break;
    }
}
