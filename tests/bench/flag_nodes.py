"""From the end of a family's last near support to the flag at its owner: a real hub and two real
nodes over loopback, each with its own commits; asked and looked at through the nodes' own API.

    flag_nodes.py BUILD-DIRECTORY FAMILIES

One node takes the consents and ends its support of each family, one after the other; the other is
the fallback, and is asked for its items all the while. Prints one line of JSON.
"""

import json
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))

import families  # noqa: E402
from vangnet import Region, expect  # noqa: E402

PATIENCE_S = 20


def waiting(office):
    """The families whose flag waits at that office."""
    return {item["item"] for item in office.items() if item["kind"] == "flag"}


def end_one(ocmw, fallback, family):
    """Milliseconds until the API has taken it, and until the fallback shows the flag."""
    before = waiting(fallback)
    start = time.perf_counter()
    ocmw.post("/api/v1/supports/end", family=family, why="finished")
    asked = time.perf_counter()
    while not waiting(fallback) - before:
        expect(time.perf_counter() - start < PATIENCE_S, "the fallback hears of no flag")
    return (asked - start) * 1000, (time.perf_counter() - start) * 1000


def main():
    build, count = sys.argv[1], int(sys.argv[2])
    taken, told = [], []
    with Region(build) as region:
        hub = region.start_hub()
        ocmw = families.add(region, hub, "ocmw-a")
        fallback = families.add(region, hub, "ocmw-b")
        made = [families.new_family(ocmw, families.EVERYTHING, "near", fallback_first="ocmw-b")[0]
                for _ in range(count)]
        for family in made:
            one = end_one(ocmw, fallback, family)
            taken.append(one[0])
            told.append(one[1])
    taken.sort()
    told.sort()
    last = count - 1 - count // 100
    print(json.dumps({"families": count, "p50_ms": told[count // 2], "p99_ms": told[last],
                      "taken_p50_ms": taken[count // 2], "taken_p99_ms": taken[last]}))


if __name__ == "__main__":
    main()
