#include "shared/figures/ptable_solve.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum {
    NEWTON_STEPS_MAX = 200,
    HALVINGS_MAX = 60,
};

static const double MULTIPLIER_MAX = 1e4; /* beyond this the optimum lies at infinity */
static const double GRADIENT_GOAL = 1e-14;

/* What the exponent is made of: v and v^2, or their means over noises tied to one probability. */
struct features {
    int length;
    double first[PTABLE_SOLVE_WIDTH];
    double second[PTABLE_SOLVE_WIDTH];
};

struct moments {
    double log_sum; /* log of the partition function, minus what the goals subtract */
    double gradient[2];
    double hessian[3]; /* aa, ab, bb */
};

/* p ~ exp(a first + b (second - V)); the convex dual is minimal where both gradients vanish. */
static struct moments distribute(const struct features *f, double variance, const double at[2],
                                 double *p) {
    double top = -INFINITY;
    for (int k = 0; k < f->length; k++) {
        p[k] = at[0] * f->first[k] + at[1] * (f->second[k] - variance);
        top = fmax(top, p[k]);
    }
    double sum = 0;
    for (int k = 0; k < f->length; k++) {
        p[k] = exp(p[k] - top);
        sum += p[k];
    }
    struct moments m = {.log_sum = top + log(sum)};
    for (int k = 0; k < f->length; k++) {
        p[k] /= sum;
        const double second = f->second[k] - variance;
        m.gradient[0] += p[k] * f->first[k];
        m.gradient[1] += p[k] * second;
        m.hessian[0] += p[k] * f->first[k] * f->first[k];
        m.hessian[1] += p[k] * f->first[k] * second;
        m.hessian[2] += p[k] * second * second;
    }
    m.hessian[0] -= m.gradient[0] * m.gradient[0];
    m.hessian[1] -= m.gradient[0] * m.gradient[1];
    m.hessian[2] -= m.gradient[1] * m.gradient[1];
    return m;
}

static double size_of(const struct moments *m) {
    return fmax(fabs(m->gradient[0]), fabs(m->gradient[1]));
}

/* Damped Newton. Near the optimum the dual is flat to the last digit, so a step is also taken when
 * it makes the gradient smaller. */
static int newton(const struct features *f, double variance, double *p) {
    double at[2] = {0, 0};
    double tried[PTABLE_SOLVE_WIDTH];
    struct moments m = distribute(f, variance, at, p);
    for (int step = 0; step < NEWTON_STEPS_MAX && size_of(&m) > GRADIENT_GOAL; step++) {
        const double det = m.hessian[0] * m.hessian[2] - m.hessian[1] * m.hessian[1];
        if (!(det > 0)) {
            break;
        }
        const double da = (m.hessian[2] * m.gradient[0] - m.hessian[1] * m.gradient[1]) / det;
        const double db = (m.hessian[0] * m.gradient[1] - m.hessian[1] * m.gradient[0]) / det;
        double scale = 1;
        int halvings = 0;
        for (; halvings < HALVINGS_MAX; halvings++, scale /= 2) {
            const double next[2] = {at[0] - scale * da, at[1] - scale * db};
            const struct moments n = distribute(f, variance, next, tried);
            if (n.log_sum < m.log_sum || size_of(&n) < size_of(&m)) {
                memcpy(at, next, sizeof(at));
                memcpy(p, tried, sizeof(tried));
                m = n;
                break;
            }
        }
        if (halvings == HALVINGS_MAX || fabs(at[0]) + fabs(at[1]) > MULTIPLIER_MAX) {
            break;
        }
    }
    return size_of(&m) < 1e-12 ? 0 : ERR_NOT_FOUND;
}

static void permitted_noise(const struct ptable_parameters *parameters, int count,
                            struct ptable_solution *s) {
    for (int v = -parameters->noise_max; v <= parameters->noise_max; v++) {
        const int published = count + v;
        if (published == 0 || published > parameters->forbidden_max) {
            s->noise[s->length++] = v;
        }
    }
}

/* Bit k of `ties` gives noise k and k + 1 the same probability: the constraint is active there. */
static struct features tie(const struct ptable_solution *s, unsigned ties) {
    struct features f = {.length = s->length};
    for (int from = 0, to = 0; from < s->length; from = to) {
        double first = 0;
        double second = 0;
        do {
            first += s->noise[to];
            second += (double)s->noise[to] * s->noise[to];
        } while ((ties >> to++ & 1) != 0 && to < s->length);
        for (int k = from; k < to; k++) {
            f.first[k] = first / (to - from);
            f.second[k] = second / (to - from);
        }
    }
    return f;
}

static bool rises_to_zero(const struct ptable_solution *s, const double *p) {
    for (int k = 0; k + 1 < s->length && s->noise[k] < 0; k++) {
        if (p[k] > p[k + 1] + 1e-12) {
            return false;
        }
    }
    return true;
}

static double entropy(const double *p, int length) {
    double sum = 0;
    for (int k = 0; k < length; k++) {
        sum -= p[k] > 0 ? p[k] * log(p[k]) : 0;
    }
    return sum;
}

/* How many of the first noises are negative, if noise 0 follows them; else 0. */
static int constrained_length(const struct ptable_solution *s) {
    for (int k = 0; k < s->length; k++) {
        if (s->noise[k] == 0) {
            return k;
        }
    }
    return 0;
}

/* The optimum has some set of active constraints; with at most 8 of them all sets can be tried,
 * and the best that obeys every constraint is the optimum, the problem being convex. */
static int solve_monotone(const struct ptable_parameters *parameters, struct ptable_solution *s) {
    double best = -1;
    const unsigned sets = 1U << constrained_length(s);
    for (unsigned ties = 0; ties < sets; ties++) {
        const struct features f = tie(s, ties);
        double p[PTABLE_SOLVE_WIDTH];
        if (newton(&f, parameters->variance, p) < 0) {
            continue;
        }
        if ((sets == 1 || rises_to_zero(s, p)) && entropy(p, s->length) > best) {
            best = entropy(p, s->length);
            memcpy(s->p, p, sizeof(p));
        }
    }
    return best >= 0 ? 0 : ERR_NOT_FOUND;
}

int ptable_solve(const struct ptable_parameters *parameters, int count,
                 struct ptable_solution *ret) {
    assert(parameters->noise_max >= 1 && parameters->noise_max <= PTABLE_SOLVE_NOISE_MAX);
    assert(parameters->forbidden_max >= 0 && count >= 0);
    if (count == 0) {
        *ret = (struct ptable_solution){.length = 1, .noise = {0}, .p = {1}};
        return 0;
    }
    struct ptable_solution s = {.length = 0};
    permitted_noise(parameters, count, &s);
    if (parameters->monotone) {
        int r = solve_monotone(parameters, &s);
        if (r < 0) {
            return r;
        }
    } else {
        const struct features f = tie(&s, 0);
        int r = newton(&f, parameters->variance, s.p);
        if (r < 0) {
            return r;
        }
    }
    *ret = s;
    return 0;
}

/* The last place with noise m - 1, m, m + 1 in a row, counted from the middle of the row. */
static int find_neighbours(const struct ptable_solution *s) {
    int best = -1;
    for (int k = 0; k + 2 < s->length; k++) {
        const bool in_a_row =
            s->noise[k + 1] == s->noise[k] + 1 && s->noise[k + 2] == s->noise[k] + 2;
        if (in_a_row && (best < 0 || s->p[k + 1] > s->p[best + 1])) {
            best = k;
        }
    }
    return best;
}

int ptable_round(const struct ptable_solution *solution, int variance,
                 int64_t ret_parts[static PTABLE_SOLVE_WIDTH], double *ret_margin) {
    if (solution->length == 1) {
        ret_parts[0] = INT64_C(1) << 32;
        *ret_margin = 0.5;
        return 0;
    }
    const int first = find_neighbours(solution);
    if (first < 0) {
        return ERR_NOT_FOUND;
    }
    const int middle = solution->noise[first + 1];
    int64_t parts[PTABLE_SOLVE_WIDTH] = {0};
    double margin = 0.5;
    /* What is left for the three, as moments about the middle one: mean -m, mean square V + m^2. */
    int64_t sum = INT64_C(1) << 32;
    int64_t moment = -middle * sum;
    int64_t square = (variance + (int64_t)middle * middle) * sum;
    for (int k = 0; k < solution->length; k++) {
        if (k >= first && k < first + 3) {
            continue;
        }
        const double exact = ldexp(solution->p[k], 32);
        const int64_t offset = solution->noise[k] - middle;
        parts[k] = llround(exact);
        margin = fmin(margin, 0.5 - fabs(exact - (double)parts[k]));
        sum -= parts[k];
        moment -= offset * parts[k];
        square -= offset * offset * parts[k];
    }
    parts[first] = (square - moment) / 2; /* even: v + v^2 always is, and so is 2^32 */
    parts[first + 2] = (square + moment) / 2;
    parts[first + 1] = sum - square;
    for (int k = 0; k < solution->length; k++) {
        if (parts[k] < 0) {
            return ERR_NOT_FOUND;
        }
    }
    memcpy(ret_parts, parts, sizeof(parts));
    *ret_margin = margin;
    return 0;
}
