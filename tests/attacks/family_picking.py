#!/usr/bin/env python3
"""What the holder of a hub can guess: which handle is the family that he knows.

He knows a family: its neighbour, its landlord, a colleague of its caseworker. He knows some of the
organisations that help it, and perhaps when each began. He looks for the handles on which those
stand and takes one of them at random. Measured on one day of the made-up region: how often he's
right, beside chance (one of all handles that stand), and how many families are then alone: for them
he's sure. What he knows is taken to be true and complete for what he names: an upper bound.

The hub's rows give him: who supports, since which day on this card (the day that the hub heard of
it), and the last contact that it was told. Variants keep those days in whole weeks or months.
"""

import argparse
import statistics
import sys

import family_region as region

DAY, WEEK, MONTH = 1, 7, 30
KNOWS = (("nothing of when", None), ("each start to the month", MONTH),
         ("each start to the week", WEEK), ("each start to the day", DAY))
KEEPS = (("days, as built", DAY), ("whole weeks", WEEK), ("whole months", MONTH))


def standing(world, day):
    """{handle: {org: the day that the hub heard of it}} of the cards that stand then."""
    stands = {}
    for card in world.cards:
        if card.given < day <= card.ended:
            supports = {s.org: int(s.since) for s in card.at_start if s.since < day}
            if supports:
                stands[card.handle] = supports
    return stands


def index_of(stands, keeps):
    index = {}
    for handle, supports in stands.items():
        for org, since in supports.items():
            index.setdefault((org, since // keeps), set()).add(handle)
    return index


def matches(index, known, knows, keeps):
    """The handles on which all of `known` ({org: day}) stand, since when he knows it."""
    found = None
    for org, since in known.items():
        first = since // knows * knows
        slots = range(first // keeps, (first + knows - 1) // keeps + 1)  # what may be it
        handles = set().union(*(index.get((org, slot), ()) for slot in slots))
        found = handles if found is None else found & handles
    return found


def pick(world, stands, count, knows, keeps):
    """(right, sure, how many tried)"""
    right = sure = tried = 0
    index = index_of(stands, keeps)
    by_org = {}
    for handle, supports in stands.items():
        for org in supports:
            by_org.setdefault(org, set()).add(handle)
    for handle, supports in stands.items():
        if len(supports) < count:
            continue
        chosen = world.rng.sample(sorted(supports), count)
        if knows is None:
            found = set.intersection(*(by_org[org] for org in chosen))
        else:
            found = matches(index, {org: supports[org] for org in chosen}, knows, keeps)
        assert handle in found
        tried += 1
        right += 1 / len(found)
        sure += len(found) == 1
    return right / tried, sure / tried, tried


def run(parameters, seeds):
    """{(what the hub keeps, how many known, what of when): [(right, sure, chance) per seed]}"""
    results = {}
    for seed in seeds:
        world = region.Region(seed, parameters)
        stands = standing(world, 90)
        for keeps_name, keeps in KEEPS:
            for count in (1, 2, 3):
                for name, knows in KNOWS:
                    if keeps != DAY and knows is None:
                        continue  # the same as above
                    right, sure, _ = pick(world, stands, count, knows, keeps)
                    results.setdefault((keeps_name, count, name), []).append(
                        (right, sure, 1 / len(stands)))
    return results


def spread(values):
    return (f"{100 * statistics.median(values):6.2f} "
            f"({100 * min(values):.2f}-{100 * max(values):.2f})")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--quick", action="store_true", help="a small region, two seeds, and fail "
                        "where the attack isn't better than chance")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    results = run(region.Parameters(families=250), range(2)) if options.quick \
        else run(region.Parameters(), range(options.seeds))
    print("the hub keeps | supporters known | knows when | right, % | sure, % | chance, %")
    for (keeps, count, name), rows in results.items():
        print(f"{keeps:14} | {count} | {name:23} | {spread([row[0] for row in rows])} | "
              f"{spread([row[1] for row in rows])} | {spread([row[2] for row in rows])}")
    built = {key[1:]: rows for key, rows in results.items() if key[0] == KEEPS[0][0]}
    broken = [key for key, rows in built.items() if min(row[0] / row[2] for row in rows) < 1.5]
    if options.quick and (broken or built[(1, "each start to the day")][0][0] <
                          3 * built[(1, "nothing of when")][0][0]):
        print(f"the attack is broken: {broken}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
