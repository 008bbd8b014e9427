#!/usr/bin/python3
"""Writes SYNTHETIC register exports: one CSV file for each organisation of a region file, in the
dialect and with the headings of its import preset. No row is about a real family.

    generate.py --region zuid-west-vlaanderen.csv --out DIR --seed 1 --as-of 2026-11-16
    generate.py ... --weeks-back 3                the same world three weeks earlier
    generate.py ... --history 13                  thirteen weekly states, each in DIR/<day>
    generate.py ... --organisation agii --rows 100000         one large register, for load tests
    generate.py ... --faults 5                    five rows in each file that an import must refuse

The same arguments give the same bytes. How cases come about is in world.py, the numbers behind it
in flows.py, what files look like in dialects.py, sources and licences in README.md.
"""

import sys

sys.dont_write_bytecode = True

import argparse  # noqa: E402
import math  # noqa: E402
from dataclasses import replace  # noqa: E402
from datetime import date, timedelta  # noqa: E402
from pathlib import Path  # noqa: E402

from dialects import DIALECTS, Register, encoded  # noqa: E402
from world import Case, Municipality, Organisation, histories, shown_at  # noqa: E402
from world import read_municipalities, read_region  # noqa: E402

HERE = Path(__file__).parent
NOTE = """SYNTHETIC DATA. Every case in these files is made up by deploy/region/generate.py with the
seed {seed}, as a register would stand at the start of {day}. No row is about a real family, and no
figure says anything about the organisation whose name the file carries. The persons' names and
national numbers in some files are made up too: the numbers carry the serial 999, which isn't issued
to anybody.
"""


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="write synthetic register exports",
        epilog="example: generate.py --out /tmp/exports --seed 1 --as-of 2026-11-16",
    )
    parser.add_argument("--region", type=Path, default=HERE / "zuid-west-vlaanderen.csv")
    parser.add_argument("--municipalities", type=Path, default=HERE / "municipalities.csv")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--as-of", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
    parser.add_argument("--weeks-back", type=int, default=0, metavar="N")
    parser.add_argument("--history", type=int, metavar="N", help="N weekly states up to the day")
    parser.add_argument("--organisation", metavar="ID", help="this one alone")
    parser.add_argument("--rows", type=int, metavar="N", help="exactly so many rows a file")
    parser.add_argument("--faults", type=int, default=0, metavar="N", help="unreadable rows a file")
    return parser.parse_args()


def chosen(region: list[Organisation], wanted: str | None) -> list[Organisation]:
    found = [one for one in region if wanted in (None, one.id)]
    if not found:
        sys.exit(f"no organisation '{wanted}' in the region file; see its first column")
    return found


def exact_rows(
    organisation: Organisation,
    municipalities: dict[str, Municipality],
    arguments: argparse.Namespace,
) -> list[Case]:
    """The history of a register of exactly --rows rows at the last day: the organisation made large
    enough, the oldest closed and then the newest cases left out."""
    rows: int = arguments.rows
    large = organisation
    shown: list[Case] = []
    history: list[Case] = []
    while len(shown) < rows:
        # What is still lacking in proportion, and a little more.
        factor = 1.02 * (rows + 10) / (len(shown) + 1) if shown else 1
        large = replace(large, families=math.ceil(large.families * factor))
        history = list(histories(large, municipalities, arguments.seed, arguments.as_of))
        shown = shown_at(history, arguments.as_of)
    closed = [case.id for case in shown if case.closed_on]
    dropped = set(closed[: len(shown) - rows])
    kept = {case.id for case in [one for one in shown if one.id not in dropped][:rows]}
    return [case for case in history if case.id in kept]


def write(
    out: Path, organisation: Organisation, register: Register, arguments: argparse.Namespace
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    content = encoded(DIALECTS[organisation.preset], register, arguments.faults)
    (out / f"{organisation.id}.synthetic.csv").write_bytes(content)


def write_note(out: Path, seed: int, day: date) -> None:
    text = NOTE.format(seed=seed, day=day.isoformat())
    (out / "README.txt").write_text(text, encoding="utf-8")


def main() -> None:
    arguments = options()
    arguments.as_of -= timedelta(weeks=arguments.weeks_back)
    weeks: int = arguments.history or 1
    days = [arguments.as_of - timedelta(weeks=back) for back in range(weeks - 1, -1, -1)]
    outs = [arguments.out / day.isoformat() if arguments.history else arguments.out for day in days]
    municipalities = read_municipalities(arguments.municipalities)
    for organisation in chosen(read_region(arguments.region), arguments.organisation):
        if arguments.rows is None:
            made = histories(organisation, municipalities, arguments.seed, arguments.as_of, weeks)
            history = list(made)
        else:
            history = exact_rows(organisation, municipalities, arguments)
        for day, out in zip(days, outs, strict=True):
            register = Register(organisation.id, shown_at(history, day), municipalities)
            write(out, organisation, register, arguments)
    for day, out in zip(days, outs, strict=True):
        write_note(out, arguments.seed, day)


if __name__ == "__main__":
    main()
