/* The inside of the flags' rules, for flags_supports.c (what a row's supports come to), flags.c
 * (which kinds stand), flags_turns.c (line, turn, clocks), flags_told.c (who hears of it) and
 * flags_answer.c (what people do with one). What the rules are is in flags.h. */
#pragma once

#include "hub/core/flags.h"

/* What all of them work on. */
struct judging {
    struct family *family;
    const struct family_world *world;
    struct family_effects *effects;
};

/* What a flag is about: with its kind the question, the silent one or the concern's reason. */
struct flag_subject {
    enum flag_kind kind;
    struct message_id ask;
    struct org_id org;
    enum concern_reason concern;
};

enum { FLAG_LAST_SUPPORTERS = 3 };

/* What the supports of a row come to on a day. */
struct picture {
    int32_t today;
    bool alert; /* the family wants to be missed: scope lost-support */
    size_t near;
    bool near_stays; /* one of these isn't leaving, or named who comes after it */
    size_t counting;
    size_t places; /* as counting, but who hands over and its successor are one */
    bool no_local; /* and not within the grace */
    bool gap_ahead;
};

/* -- flags_supports.c -- */

bool org_is_set(const struct org_id *org); /* not zeros */
bool org_is_gone(const struct judging *judging, const struct org_id *org);
bool org_may_sanction(const struct judging *judging, const struct org_id *org);
/* It may sanction and never supported this family: it gets no turn, whatever gave it one before
 * (DESIGN 2, promise 9). */
bool org_is_barred(const struct judging *judging, const struct org_id *org);
/* Near and professional, whether it counts or not. */
bool support_is_close(const struct family_support *support);
bool flag_is_fallback(const struct family *family, const struct org_id *org);
/* The near professional supports that ended last, latest first; returns how many, at most
 * FLAG_LAST_SUPPORTERS. Borrows from the row. */
size_t flag_last_supporters(const struct family *family,
                            const struct family_support *ret[static FLAG_LAST_SUPPORTERS]);

bool flags_kind_is_open(const struct family *family, enum flag_kind kind);
/* Silence, and ends that passed. */
void flags_age_supports(const struct judging *judging);
/* All but no_local and gap_ahead; these follow once the grace is known. */
struct picture flags_look(const struct judging *judging);
/* Since when nobody near is left, the grace that goes with it, and how long it was when it's over.
 */
void flags_follow_near(const struct judging *judging, const struct picture *picture);
void flags_conclude(const struct family *family, struct picture *picture);
bool flags_one_is_left(const struct judging *judging, const struct picture *picture);
/* Until when the successor that an ended support named may still come. */
int32_t support_successor_until_day(const struct family_support *support, int32_t today);
/* The earlier of `due` and `day`, of days that are still to come. */
int32_t flag_sooner(const struct judging *judging, int32_t due, int32_t day);

/* -- flags.c -- */

/* Opens a flag about that, or reopens one; NULL where it's open, kept closed, or the row is full.
 * The caller adds what it knows (raisers, urgency) and then calls flag_begin. */
struct family_flag *flag_open(const struct judging *judging, const struct flag_subject *subject);
/* Makes the line, gives the first in it the turn and tells of it. */
void flag_begin(const struct judging *judging, struct family_flag *flag);
/* `by` zeros: by itself. */
void flag_end(const struct judging *judging, struct family_flag *flag, enum flag_reason reason,
              const struct org_id *by);

/* -- flags_turns.c -- */

void flag_line_make(const struct judging *judging, struct family_flag *flag);
/* Gives the turn to the first in line who is there, with new clocks, and tells of it. */
void flag_turn_first(const struct judging *judging, struct family_flag *flag);
/* It has become more urgent: the clocks that it would get now, where they're sooner. */
void flag_turn_hasten(const struct judging *judging, struct family_flag *flag);
/* As flag_turn_first, to the one after whose turn it is. */
void flag_turn_next(const struct judging *judging, struct family_flag *flag);
/* Past clocks, closures, members that are gone. */
void flag_turn_judge(const struct judging *judging, struct family_flag *flag);
/* The day on which its clocks must be looked at again; INT32_MAX: none. */
int32_t flag_turn_due_day(const struct judging *judging, const struct family_flag *flag);

/* -- flags_told.c -- */

void flag_tell_owner(const struct judging *judging, const struct family_flag *flag);
void flag_tell_beside(const struct judging *judging, const struct family_flag *flag);
/* `by`: who did it; zeros: whoever has it now. */
void flag_tell_raiser(const struct judging *judging, const struct family_flag *flag,
                      const struct flag_raiser *raiser, const struct org_id *by);
void flag_tell_raisers(const struct judging *judging, const struct family_flag *flag,
                       const struct org_id *by);
void flag_tell_moved(const struct judging *judging, const struct family_flag *flag,
                     const struct org_id *from);
/* To everybody who was told of it. */
void flag_tell_over(const struct judging *judging, const struct family_flag *flag,
                    const struct org_id *by);
/* Told of it, and allowed to answer. */
bool flag_may_answer(const struct family *family, const struct family_flag *flag,
                     const struct org_id *org);
void flag_tell_ending(const struct judging *judging);
