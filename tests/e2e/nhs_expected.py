#!/usr/bin/python3
"""What `GET /api/v1/load` must answer after the published waits in tests/data/nhs were replayed.

Computed here from the file's bins alone and in exact fractions, apart from the program's own code,
so that the two can be held against each other. Not computed here: trend, load per full-time
equivalent and freshness, which depend on more than one period's bins or on the clock.

    nhs_expected.py                     what the file covers, and how medians of its eight bins
                                        differ from its own median column
    nhs_expected.py --answer FILE...    compares saved answers (one JSON object with `rows` each)
                                        with what is expected; status 1 if anything differs

A quantile q of n waiting is the wait below which q * n of them are: the bin where the running
count reaches q * n, and within it a straight line from the bin's lower edge to its upper one. The
first bin starts at 0. The last has no upper edge: a quantile in it is only known to lie beyond the
last edge, and is given as that edge with the mark `beyond`.
"""

import argparse
import calendar
import csv
import json
import lzma
import statistics
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

EXTRACT = Path(__file__).parents[1] / "data/nhs/rtt_incomplete_2014-12_2015-05.csv.xz"
BINS = ("w0_4", "w4_8", "w8_13", "w13_18", "w18_26", "w26_39", "w39_52", "w52_plus")
EDGES_WEEKS = (4, 8, 13, 18, 26, 39, 52)
MEDIAN = Fraction(1, 2)
P80 = Fraction(4, 5)
TOLERANCE_WEEKS = 0.01


@dataclass(frozen=True)
class Row:
    """One line of the extract."""

    organisation: str
    service: str
    period_end: str
    period_days: int
    total: int
    bins: tuple[int, ...]
    source_median_weeks: str


@dataclass(frozen=True)
class Quantile:
    weeks: Fraction
    beyond: bool


@dataclass(frozen=True)
class Expected:
    """What one row of the answer must say; without quantiles nobody is waiting."""

    period_days: int
    queue: int
    median: Quantile | None
    p80: Quantile | None


Key = tuple[str, str, str]  # organisation, service, last day of the period


def read_extract(path: Path = EXTRACT) -> list[Row]:
    with lzma.open(path, "rt", encoding="utf-8", newline="") as file:
        return [row_of(line) for line in csv.DictReader(file)]


def row_of(line: Mapping[str, str]) -> Row:
    year, month = (int(part) for part in line["month"].split("-"))
    days = calendar.monthrange(year, month)[1]
    return Row(
        organisation=line["org_code"].lower(),
        service=line["specialty_code"].lower(),
        period_end=f"{line['month']}-{days:02}",
        period_days=days,
        total=int(line["waiting_total"]),
        bins=tuple(int(line[name]) for name in BINS),
        source_median_weeks=line["median_weeks"],
    )


def quantile(bins: Sequence[int], share: Fraction) -> Quantile | None:
    """None where nobody is waiting."""
    target = share * sum(bins)
    if target == 0:
        return None
    below = 0
    lower = 0
    for count, upper in zip(bins, EDGES_WEEKS, strict=False):
        if count > 0 and below + count >= target:
            return Quantile(lower + (upper - lower) * (target - below) / count, beyond=False)
        below += count
        lower = upper
    return Quantile(Fraction(EDGES_WEEKS[-1]), beyond=True)


def expected(rows: Iterable[Row]) -> dict[Key, Expected]:
    return {
        (row.organisation, row.service, row.period_end): Expected(
            period_days=row.period_days,
            queue=row.total,
            median=quantile(row.bins, MEDIAN),
            p80=quantile(row.bins, P80),
        )
        for row in rows
    }


def compare(
    answer_rows: Iterable[Mapping[str, Any]],
    wanted: Mapping[Key, Expected],
    tolerance_weeks: float = TOLERANCE_WEEKS,
) -> list[str]:
    """Every difference as one sentence: rows missing, doubled or not expected, and any figure that
    isn't the expected one. Rows that aren't about one organisation and one service (totals of a
    municipality or a language) are no part of the comparison."""
    differences: list[str] = []
    seen: set[Key] = set()
    for row in answer_rows:
        if not is_about_one_service(row):
            continue
        key = (row["organisation"], row["service"], row["figures"]["as_of"])
        name = " ".join(key)
        if key in seen:
            differences.append(f"{name}: answered twice")
        elif key not in wanted:
            differences.append(f"{name}: answered but not in the file")
        else:
            found = row_differences(row, wanted[key], tolerance_weeks)
            differences += [f"{name}: {text}" for text in found]
        seen.add(key)
    missing = sorted(set(wanted) - seen)
    return differences + [f"{' '.join(key)}: no answer" for key in missing]


def is_about_one_service(row: Mapping[str, Any]) -> bool:
    return (
        row["organisation"] is not None
        and row["service"] is not None
        and row.get("municipality") is None
        and row.get("language") is None
    )


def row_differences(row: Mapping[str, Any], wanted: Expected, tolerance_weeks: float) -> list[str]:
    figures = row["figures"]
    pairs = [
        ("origin", figures["origin"], "published"),
        ("period_days", figures["period_days"], wanted.period_days),
        ("queue", row["queue"], {"value": wanted.queue}),
    ]
    found = [f"{what} is {is_!r}, not {want!r}" for what, is_, want in pairs if is_ != want]
    return found + elapsed_differences(row["elapsed"], wanted, tolerance_weeks)


def elapsed_differences(
    elapsed: Mapping[str, Any] | None, wanted: Expected, tolerance_weeks: float
) -> list[str]:
    if wanted.median is None or wanted.p80 is None:
        return [] if elapsed is None else [f"elapsed is {elapsed!r} though nobody waits"]
    if elapsed is None:
        return [f"elapsed is unknown though {wanted.queue} wait"]
    found = []
    if elapsed["families"] != wanted.queue:
        found.append(f"elapsed.families is {elapsed['families']}, not {wanted.queue}")
    for name, want in (("median", wanted.median), ("p80", wanted.p80)):
        is_beyond = elapsed[f"{name}_beyond_last_bin"]
        weeks = elapsed[f"{name}_weeks"]
        if is_beyond != want.beyond:
            found.append(f"{name}_beyond_last_bin is {is_beyond}, not {want.beyond}")
        if weeks is None or abs(weeks - float(want.weeks)) > tolerance_weeks:
            found.append(f"{name}_weeks is {weeks}, not {float(want.weeks):.4f}")
    return found


def median_gaps_weeks(rows: Iterable[Row], total_min: int = 0) -> list[float]:
    """How far our median lies from the file's own, where the file gives one and at least so many
    wait."""
    gaps = []
    for row in rows:
        own = quantile(row.bins, MEDIAN)
        if row.source_median_weeks and row.total >= total_min and own and not own.beyond:
            gaps.append(float(abs(own.weeks - Fraction(row.source_median_weeks))))
    return gaps


def print_coverage(rows: Sequence[Row]) -> None:
    organisations = {row.organisation for row in rows}
    services = {row.service for row in rows}
    print(f"rows                       {len(rows)}")
    print(f"organisations x services   {len(organisations)} x {len(services)}")
    for period_end, count in sorted(Counter(row.period_end for row in rows).items()):
        reporting = {row.organisation for row in rows if row.period_end == period_end}
        print(f"  {period_end}               {count} rows, {len(reporting)} organisations")
    spans = Counter(Counter((row.organisation, row.service) for row in rows).values())
    print(f"pairs with all six months  {spans[6]} of {sum(spans.values())}")
    print(f"rows with nobody waiting   {sum(row.total == 0 for row in rows)}")
    print(f"rows whose bins don't sum  {sum(row.total != sum(row.bins) for row in rows)}")
    for name, share in (("median", MEDIAN), ("P80", P80)):
        quantiles = [quantile(row.bins, share) for row in rows]
        beyond = sum(one is not None and one.beyond for one in quantiles)
        print(f"{name + ' beyond the last edge':<26} {beyond}")


def print_gaps(rows: Sequence[Row]) -> None:
    for total_min in (0, 100):
        gaps = median_gaps_weeks(rows, total_min)
        print(f"medians, at least {total_min:3} wait  {len(gaps)}")
        print(f"  apart, in the median     {statistics.median(gaps):.2f} weeks")
        print(f"  apart, at most           {max(gaps):.2f} weeks")


def answered_rows(files: Iterable[str]) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = []
    for name in files:
        with open(name, encoding="utf-8") as file:
            rows += json.load(file)["rows"]
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description="the load that the published waits must give")
    parser.add_argument("--answer", nargs="+", metavar="FILE", help="saved answers to compare")
    arguments = parser.parse_args()
    rows = read_extract()
    if arguments.answer is None:
        print_coverage(rows)
        print_gaps(rows)
        return 0
    differences = compare(answered_rows(arguments.answer), expected(rows))
    for text in differences:
        print(text)
    print(f"{len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
