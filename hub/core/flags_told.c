#include "hub/core/flags_rules.h"

/* A set of organisations; each is told once. */
struct told {
    struct org_id orgs[FLAG_LINE_MAX + FAMILY_SUPPORTS_MAX + 2];
    size_t count;
};

static bool told_has(const struct told *told, const struct org_id *org) {
    for (size_t i = 0; i < told->count; i++) {
        if (org_id_equal(&told->orgs[i], org)) {
            return true;
        }
    }
    return false;
}

static void told_add(struct told *told, const struct org_id *org) {
    if (org_is_set(org) && !told_has(told, org)) {
        told->orgs[told->count++] = *org;
    }
}

/* Those who had the turn, and who took it. */
static void add_line(struct told *told, const struct family_flag *flag) {
    for (uint8_t i = 0; i < flag->line_count && i <= flag->turn; i++) {
        told_add(told, &flag->line[i]);
    }
    told_add(told, &flag->taken_by);
}

static bool is_about_the_gap(const struct family_flag *flag) {
    return flag->kind == FLAG_NO_LOCAL || flag->kind == FLAG_GAP_AHEAD;
}

static void add_beside(struct told *told, const struct judging *judging,
                       const struct family_flag *flag) {
    const struct family *family = judging->family;
    for (size_t i = 0; i < family->support_count; i++) {
        const struct family_support *support = &family->supports[i];
        if ((is_about_the_gap(flag) && support->state != SUPPORT_ENDED) ||
            (flag->kind == FLAG_ONE_LEFT && support_counts(support, judging->world->today))) {
            told_add(told, &support->org);
        }
    }
    if (is_about_the_gap(flag)) {
        const struct family_support *last[FLAG_LAST_SUPPORTERS];
        const size_t count = flag_last_supporters(family, last);
        for (size_t i = 0; i < count; i++) {
            told_add(told, &last[i]->org);
        }
    }
}

/* Whoever is told holds something of the family from then on, and must hear of its end. */
static void tell(const struct judging *judging, const struct family_notice *notice) {
    if (!org_is_gone(judging, &notice->to) && family_hold(judging->family, &notice->to)) {
        effects_notice(judging->effects, notice);
    }
}

static bool nobody_near(const struct judging *judging) {
    for (size_t i = 0; i < judging->family->support_count; i++) {
        if (support_is_near(&judging->family->supports[i], judging->world->today)) {
            return false;
        }
    }
    return true;
}

void flag_tell_owner(const struct judging *judging, const struct family_flag *flag) {
    const struct org_id owner = flag_owner(flag);
    tell(judging, &(struct family_notice){
                      .to = owner,
                      .kind = NOTICE_FLAG,
                      .flag = flag->id,
                      .yours = true,
                      .by = owner,
                      .with_contact = flag_is_fallback(judging->family, &owner) &&
                                      !org_may_sanction(judging, &owner) && nobody_near(judging),
                  });
}

void flag_tell_beside(const struct judging *judging, const struct family_flag *flag) {
    const struct org_id owner = flag_owner(flag);
    struct told told = {0};
    add_beside(&told, judging, flag);
    for (size_t i = 0; i < told.count; i++) {
        if (!org_id_equal(&told.orgs[i], &owner)) {
            tell(judging, &(struct family_notice){
                              .to = told.orgs[i],
                              .kind = NOTICE_FLAG,
                              .flag = flag->id,
                              .by = owner,
                          });
        }
    }
}

void flag_tell_raiser(const struct judging *judging, const struct family_flag *flag,
                      const struct flag_raiser *raiser, const struct org_id *by) {
    tell(judging, &(struct family_notice){
                      .to = raiser->org,
                      .kind = NOTICE_ANSWER,
                      .flag = flag->id,
                      .about = raiser->about,
                      .by = org_is_set(by) ? *by : flag_owner(flag),
                  });
}

void flag_tell_raisers(const struct judging *judging, const struct family_flag *flag,
                       const struct org_id *by) {
    for (uint8_t i = 0; i < flag->raiser_count; i++) {
        flag_tell_raiser(judging, flag, &flag->raisers[i], by);
    }
}

void flag_tell_moved(const struct judging *judging, const struct family_flag *flag,
                     const struct org_id *from) {
    const struct org_id owner = flag_owner(flag);
    if (org_is_set(from) && !org_id_equal(from, &owner)) {
        tell(judging, &(struct family_notice){
                          .to = *from,
                          .kind = NOTICE_FLAG_OVER,
                          .flag = flag->id,
                          .by = owner,
                      });
    }
}

void flag_tell_over(const struct judging *judging, const struct family_flag *flag,
                    const struct org_id *by) {
    struct told told = {0};
    add_line(&told, flag);
    add_beside(&told, judging, flag);
    for (size_t i = 0; i < told.count; i++) {
        tell(judging, &(struct family_notice){
                          .to = told.orgs[i],
                          .kind = NOTICE_FLAG_OVER,
                          .flag = flag->id,
                          .by = *by,
                      });
    }
}

bool flag_may_answer(const struct family *family, const struct family_flag *flag,
                     const struct org_id *org) {
    struct told told = {0};
    add_line(&told, flag);
    for (uint8_t i = 0; i < flag->raiser_count; i++) {
        if (org_id_equal(&flag->raisers[i].org, org)) {
            return true;
        }
    }
    if (told_has(&told, org)) {
        return true;
    }
    const bool anybody = flag->kind == FLAG_CONCERN || flag->kind == FLAG_ASKED_NOT_TAKEN;
    for (size_t i = 0; i < family->support_count; i++) {
        const struct family_support *support = &family->supports[i];
        if (org_id_equal(&support->org, org) && support->state != SUPPORT_ENDED) {
            return anybody || support->kind == SUPPORT_PROFESSIONAL;
        }
    }
    const struct family_support *last[FLAG_LAST_SUPPORTERS];
    const size_t count = is_about_the_gap(flag) ? flag_last_supporters(family, last) : 0;
    for (size_t i = 0; i < count; i++) {
        if (org_id_equal(&last[i]->org, org)) {
            return true;
        }
    }
    return false;
}

void flag_tell_ending(const struct judging *judging) {
    const struct family *family = judging->family;
    struct told told = {0};
    for (size_t i = 0; i < family->support_count; i++) {
        if (family->supports[i].state != SUPPORT_ENDED) {
            told_add(&told, &family->supports[i].org);
        }
    }
    const struct org_id *const fallbacks[] = {&family->token.fallback_first,
                                              &family->token.fallback_second};
    for (size_t i = 0; i < 2 && family_has_scope(family, SCOPE_FALLBACK); i++) {
        if (!org_may_sanction(judging, fallbacks[i])) {
            told_add(&told, fallbacks[i]);
        }
    }
    for (size_t i = 0; i < told.count; i++) {
        tell(judging, &(struct family_notice){
                          .to = told.orgs[i],
                          .kind = NOTICE_ENDING,
                      });
    }
}
