/* The last look at a signal before it leaves: takes out what shouldn't be in it, and says why.
 *
 * A second pair of eyes, beside the rules of disclosure.h and not instead of them: it sees only
 * what would be published now and what was accepted last, never a true figure, and it runs on
 * figures that an organisation had published elsewhere (`import --figures`) too. A figure that is
 * taken out isn't replaced: at the hub the old one ages. Called once, by disclosure.h and by
 * whoever sends imported figures.
 *
 * It doesn't withhold noise of +-D, though PRIVACY 2.4 lists that as a certainty: a gap whose rule
 * everybody knows makes +-(D-1) the certain value instead, which comes four times as often
 * (measured in attacks_test.c). */
#pragma once

#include "node/core/preview.h"
#include "shared/base/arena.h"
#include "shared/wire/signal.h"

enum {
    GUARD_PARTS_MIN = 48,    /* 50 less the hysteresis: below it an organisation has no parts */
    GUARD_FAMILIES_MIN = 10, /* DESIGN 4; also what a lone new category needs */
    GUARD_SMALL_CELL = 50,   /* one insider can know all but one of so many */
    GUARD_CHANGE_MAX = 2 * 5 - 1, /* 2D - 1: PRIVACY 2.4, 4 */
};

struct leak_finding {
    struct figure_name name;
    enum withheld withheld;
};

struct leak_findings {
    struct leak_finding *items; /* valid as long as the arena */
    size_t count;
};

/* Takes out of `signal`, in place, by this closed list:
 * LIKE_NAME, LIKE_PHONE, LIKE_NATIONAL_NUMBER: a service whose id reads so, with all its figures;
 * CROSSED: a service whose id holds a municipality's code, or that only differs from another one's
 *   by a published language (a crossed table by the back door);
 * BELOW_LIMIT: parts of a total that is a band or below GUARD_PARTS_MIN; waits of fewer than
 *   GUARD_FAMILIES_MIN;
 * LONE_CHANGE: the one category of its dimension that came, or went, since `last`, where fewer than
 *   GUARD_FAMILIES_MIN are in it: the difference of two weeks would be that cell;
 * CERTAINTY: a cell below GUARD_SMALL_CELL that changed by more than GUARD_CHANGE_MAX, for one week
 *   (in the next there's nothing to compare with).
 * Figures of origin `published` are held to the first two only. Rows without any figure left go.
 * `last` is the last accepted signal, or NULL. Errors: ERR_NO_MEMORY; the signal is then not fit to
 * be sent. */
MUST_CHECK int leak_guard(struct signal *signal, const struct signal *last, struct arena *arena,
                          struct leak_findings *ret);

/* Whether a text that people or presets wrote looks like it holds a name, a Belgian phone number or
 * a national number: WITHHELD_NOT or one of the three. A net with known holes (a list of forms of
 * address and frequent first names, not of all names), for ids and short labels.
 * National number: 11 digits with check digits 97 - (first nine mod 97), or with a 2 before the
 * nine from 2000 on (royal decree of 3 April 1984); phone: Belgian numbering plan, 9 or 10 digits
 * from 0, or after 32. */
enum withheld leak_text(struct bytes text);
