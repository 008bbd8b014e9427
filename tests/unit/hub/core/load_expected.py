#!/usr/bin/env python3
"""Prints load_expected.inc: the figures of a region of thirty made-up organisations, and the load
that a hub must read from them.

The load is computed here from DESIGN's definitions with exact fractions; nothing of the project is
run. Weekly figures of up to fifteen weeks, the last of them 0 to 20 days old; a part of the
organisations publishes bands, a part withholds counts or histograms here and there.
"""

import random
from fractions import Fraction
from itertools import combinations
from statistics import median

EDGES = [1, 2, 4, 8, 13, 26]
BANDS = [(0, 5), (1, 16), (3, 31), (18, 56)]  # widened by hysteresis 2 and noise 5, from 1 on
SERVICES = ["buddy", "intake", "nt2"]
ORGANISATIONS = 30
TREND_SIGNALS = 13  # a quarter of weeks
LEVEL = 1  # cases a week that noise alone can feign in a register's figures


def some_count(rng):
    return rng.choice([0, rng.randint(3, 40), rng.randint(3, 400)])


def some_bins(rng):
    if rng.random() < 0.15:
        return None
    heavy = rng.choice([1, 30])
    bins = [rng.choice([0, rng.randint(3, 9), rng.randint(3, 60)]) for _ in range(len(EDGES) + 1)]
    bins[-1] *= heavy
    return bins


def some_signal(rng, age, small):
    if small:
        return {"age": age, "open": ("band", rng.randint(0, 3)),
                "waiting": ("band", rng.randint(0, 3)), "services": {}}
    services = {}
    for service in SERVICES:
        if rng.random() < 0.8:
            services[service] = {
                "open": ("value", some_count(rng)) if rng.random() < 0.9 else None,
                "waiting": ("value", some_count(rng)) if rng.random() < 0.8 else None,
                "bins": some_bins(rng),
            }
    return {"age": age, "open": ("value", rng.randint(48, 900)),
            "waiting": ("value", some_count(rng)), "services": services}


def some_organisation(rng, number):
    small = rng.random() < 0.3
    youngest = rng.choice([0, 0, 3, 3, 7, 8, 14, 14, 15, 20])
    weeks = rng.choice([1, 3, 5, 8, 15])
    skipped = rng.random() < 0.3
    ages = [youngest + 7 * week for week in range(weeks) if not (skipped and week in (2, 3))]
    fte = {service: rng.randint(0, 900) for service in SERVICES if rng.random() < 0.7}
    return {"name": f"org-{number:02d}", "fte": fte if rng.random() < 0.8 else None,
            "signals": [some_signal(rng, age, small) for age in ages]}


def quantile(bins, share):
    """By the cumulative polygon; None where nobody waits, (last edge, True) beyond it."""
    total = sum(bins)
    if total == 0:
        return None
    rank = total * share
    lower, below = 0, 0
    for edge, inside in zip(EDGES, bins):
        if inside and below + inside >= rank:
            return lower + (edge - lower) * (rank - below) / inside, False
        lower, below = edge, below + inside
    return Fraction(EDGES[-1]), True


def interval(count):
    if count is None:
        return None
    return BANDS[count[1]] if count[0] == "band" else (count[1], count[1])


def waiting_of(signal, service):
    part = signal if service == "" else signal["services"].get(service)
    return None if part is None else part["waiting"]


def trend(signals, service):
    """Theil-Sen over the values of the last quarter, per week; None below four points."""
    points = []
    for signal in signals[:TREND_SIGNALS]:
        waiting = waiting_of(signal, service)
        recent = signal["age"] <= signals[0]["age"] + TREND_SIGNALS * 7
        if recent and waiting is not None and waiting[0] == "value":
            points.append((-signal["age"] // 7, waiting[1]))
    if len(points) < 4:
        return None
    return median(Fraction(a[1] - b[1], a[0] - b[0]) for a, b in combinations(points, 2))


def freshness(age):
    return "FRESH" if age < 8 else "AGEING" if age < 15 else "UNKNOWN"


def hundredths_of(organisation, service):
    """Hours of a service, or of all together: unknown (0) as long as one of them is."""
    fte = organisation["fte"] or {}
    if service != "":
        return fte.get(service, 0)
    known = all(fte.values()) and all(one in fte for one in organisation["signals"][0]["services"])
    return sum(fte.values()) if known else 0


def services_of(organisation):
    """Those with figures, and those of which staff only said their status."""
    return sorted({*organisation["signals"][0]["services"], *(organisation["fte"] or {})})


def row_of(organisation, service):
    last = organisation["signals"][0]
    part = last if service == "" else last["services"].get(service)
    fresh = freshness(last["age"]) if part else "UNKNOWN"
    row = {"freshness": fresh, "open": None, "queue": None, "bins": None, "fte": None,
           "slope": None}
    if fresh != "UNKNOWN":
        row.update(open=interval(part["open"]), queue=interval(part["waiting"]),
                   bins=part.get("bins"), slope=trend(organisation["signals"], service))
        hundredths = hundredths_of(organisation, service)
        if row["open"] is not None and hundredths > 0:
            row["fte"] = tuple(Fraction(end * 100, hundredths) for end in row["open"])
    return row


def c_count(count):
    if count is None:
        return "{0}"
    form = "COUNT_BAND" if count[0] == "band" else "COUNT_VALUE"
    return f"{{{form}, .{count[0]} = {count[1]}}}"


def c_pair(pair):
    return "{0}" if pair is None else f"{{true, {float(pair[0])!r}, {float(pair[1])!r}}}"


def c_quantile(found):
    if found is None:
        return "{0}"
    return f"{{true, {float(found[0])!r}, {'true' if found[1] else 'false'}}}"


def c_direction(slope):
    if slope is None:
        return "TREND_NOT_ENOUGH"
    return "TREND_RISING" if slope > LEVEL else "TREND_FALLING" if slope < -LEVEL else "TREND_LEVEL"


def print_signals(organisations):
    print("static const struct given_signal given_signals[] = {")
    for organisation in organisations:
        for signal in organisation["signals"]:
            print(f"    {{\"{organisation['name']}\", {signal['age']}, {c_count(signal['open'])},"
                  f" {c_count(signal['waiting'])}}},")
    print("};\n\nstatic const struct given_service given_services[] = {")
    for organisation in organisations:
        for signal in organisation["signals"]:
            for service, part in sorted(signal["services"].items()):
                bins = part["bins"]
                shown = "false, {0}"
                if bins is not None:
                    shown = "true, {" + ", ".join(map(str, bins)) + "}"
                print(f"    {{\"{organisation['name']}\", {signal['age']}, \"{service}\","
                      f" {c_count(part['open'])}, {c_count(part['waiting'])},\n     {shown}}},")
    print("};\n\nstatic const struct given_fte given_ftes[] = {")
    for organisation in organisations:
        for service, hundredths in sorted((organisation["fte"] or {}).items()):
            print(f"    {{\"{organisation['name']}\", \"{service}\", {hundredths}}},")
    print("};\n")


def print_rows(name, organisations, parts_of):
    print(f"static const struct expected_row {name}[] = {{")
    for organisation in organisations:
        for service in parts_of(organisation):
            row = row_of(organisation, service)
            bins = row["bins"]
            half = None if bins is None else quantile(bins, Fraction(1, 2))
            most = None if bins is None else quantile(bins, Fraction(4, 5))
            slope = 0.0 if row["slope"] is None else float(row["slope"])
            print(f"    {{\"{organisation['name']}\", \"{service}\","
                  f" FRESHNESS_{row['freshness']}, {c_pair(row['open'])}, {c_pair(row['queue'])},\n"
                  f"     {c_quantile(half)}, {c_quantile(most)}, {sum(bins) if bins else 0},\n"
                  f"     {c_pair(row['fte'])}, {c_direction(row['slope'])}, {slope!r}}},")
    print("};")


def main():
    rng = random.Random(20261123)
    organisations = [some_organisation(rng, number) for number in range(ORGANISATIONS)]
    print("/* Made by load_expected.py; not to be changed by hand. */")
    print_signals(organisations)
    print_rows("expected_by_organisation", organisations, lambda organisation: [""])
    print()
    print_rows("expected_by_service", organisations, services_of)


if __name__ == "__main__":
    main()
