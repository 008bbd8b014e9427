#!/usr/bin/python3
"""Writes the extract out as what `vangnet-node import --figures` reads: one CSV file for each
commissioner and month, OUT/<organisation>/<last day of the month>.csv, and OUT/organisations.csv
with the id and the name of each.

    unpack.py OUT [--organisations N]

Ids are the source's codes in lower case. N takes the first N commissioners by id. Only
commissioners and months that the source has get a file: some began or stopped reporting.
"""

import argparse
import calendar
import csv
import lzma
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
EXTRACT = HERE / "rtt_incomplete_2014-12_2015-05.csv.xz"
NAMES = HERE / "names.csv"
BINS = ("w0_4", "w4_8", "w8_13", "w13_18", "w18_26", "w26_39", "w39_52", "w52_plus")
COLUMNS = ("period_end", "period_days", "service", "waiting_total", *BINS)

Row = dict[str, str]


def extract_rows() -> list[Row]:
    with lzma.open(EXTRACT, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def organisation_names() -> dict[str, str]:
    """Organisation id to name."""
    with NAMES.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {row["code"].lower(): row["name"] for row in rows if row["kind"] == "org"}


def month_end(month: str) -> date:
    """The last day of a month written as 2015-05."""
    year, number = (int(part) for part in month.split("-"))
    return date(year, number, calendar.monthrange(year, number)[1])


def figures_row(row: Row) -> Row:
    end = month_end(row["month"])
    return {
        "period_end": end.isoformat(),
        "period_days": str(end.day),
        "service": row["specialty_code"].lower(),
        "waiting_total": row["waiting_total"],
        **{name: row[name] for name in BINS},
    }


def write_csv(path: Path, columns: Iterable[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, tuple(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def unpack(out: Path, organisations: int | None = None) -> list[str]:
    """Writes all files and returns the organisations' ids in order."""
    files: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in extract_rows():
        figures = figures_row(row)
        files[row["org_code"].lower(), figures["period_end"]].append(figures)
    ids = sorted({organisation for organisation, _ in files})[:organisations]
    for organisation in ids:
        (out / organisation).mkdir(parents=True, exist_ok=True)
    chosen = set(ids)
    for (organisation, end), rows in files.items():
        if organisation in chosen:
            write_csv(out / organisation / f"{end}.csv", COLUMNS, rows)
    names = organisation_names()
    listing = [{"id": organisation, "name": names[organisation]} for organisation in ids]
    write_csv(out / "organisations.csv", ("id", "name"), listing)
    return ids


def main() -> None:
    parser = argparse.ArgumentParser(description="write the extract as files for --figures")
    parser.add_argument("out", type=Path)
    parser.add_argument("--organisations", type=int, metavar="N", help="only the first N")
    arguments = parser.parse_args()
    ids = unpack(arguments.out, arguments.organisations)
    print(f"{len(ids)} organisations in {arguments.out}")


if __name__ == "__main__":
    main()
