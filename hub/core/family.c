#include "hub/core/family.h"

#include <string.h>

void effects_notice(struct family_effects *effects, const struct family_notice *notice) {
    if (effects->notice_count < FAMILY_NOTICES_MAX) {
        effects->notices[effects->notice_count++] = *notice;
    }
}

void effects_count(struct family_effects *effects, enum family_count_kind kind, uint32_t which,
                   uint32_t days) {
    if (effects->count_count < FAMILY_COUNTS_MAX) {
        effects->counts[effects->count_count++] =
            (struct family_count){.kind = kind, .which = which, .days = days};
    }
}

void family_init(struct family *family, const struct family_handle *handle) {
    *family = (struct family){
        .handle = *handle,
        .near_ended_day = FAMILY_DAY_NONE,
        .grace_until_day = FAMILY_DAY_NONE,
        .due_ms = INT64_MAX,
    };
}

bool family_has_scope(const struct family *family, enum scope scope) {
    return (family->token.scopes.bits & scope_bit(scope)) != 0;
}

bool support_counts(const struct family_support *support, int32_t today) {
    if (support->silent || support->quiet) {
        return false;
    }
    return support->state == SUPPORT_ACTIVE ||
           (support->state == SUPPORT_ENDING && support->end_day > today);
}

bool support_is_near(const struct family_support *support, int32_t today) {
    return support->kind == SUPPORT_PROFESSIONAL && support->distance == SUPPORT_NEAR &&
           support_counts(support, today);
}

struct family_support *family_support_of(struct family *family, const struct org_id *org) {
    for (size_t i = 0; i < family->support_count; i++) {
        if (org_id_equal(&family->supports[i].org, org)) {
            return &family->supports[i];
        }
    }
    return NULL;
}

struct family_flag *family_flag_find(struct family *family, const struct message_id *id) {
    for (size_t i = 0; i < family->flag_count; i++) {
        if (message_id_equal(&family->flags[i].id, id)) {
            return &family->flags[i];
        }
    }
    return NULL;
}

struct family_ask *family_ask_find(struct family *family, const struct message_id *id) {
    for (size_t i = 0; i < family->ask_count; i++) {
        if (message_id_equal(&family->asks[i].id, id)) {
            return &family->asks[i];
        }
    }
    return NULL;
}

static bool hold(struct family *family, const struct org_id *org, size_t max) {
    for (size_t i = 0; i < family->holder_count; i++) {
        if (org_id_equal(&family->holders[i], org)) {
            return true;
        }
    }
    if (family->holder_count >= max) {
        return false;
    }
    family->holders[family->holder_count++] = *org;
    return true;
}

bool family_hold(struct family *family, const struct org_id *org) {
    return hold(family, org, FAMILY_HOLDERS_MAX);
}

bool family_admit(struct family *family, const struct org_id *org) {
    return hold(family, org, FAMILY_HOLDERS_MAX - FAMILY_HOLDERS_KEPT);
}
