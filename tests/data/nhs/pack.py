#!/usr/bin/python3
"""Makes the compact extract in this directory from the full table of published NHS waits.

Needed only when the extract must be made anew; tests read the extract. The full table has one row
a month, commissioner and specialty, with eight bins that were summed from the source's 53 one-week
bins. Left out here: the rows that are totals of others (C_999 and IP999, which would count every
patient twice), and the p95 column.

    pack.py FULL.csv [--codes CODES.csv] [--out DIR]
"""

import argparse
import csv
import io
import lzma
import sys
from pathlib import Path

TOTAL_CODES = frozenset({"C_999", "IP999"})
BINS = ("w0_4", "w4_8", "w8_13", "w13_18", "w18_26", "w26_39", "w39_52", "w52_plus")
COLUMNS = ("month", "org_code", "specialty_code", "waiting_total", *BINS, "median_weeks")
EXTRACT = "rtt_incomplete_2014-12_2015-05.csv.xz"
NAMES = "names.csv"


def kept_rows(full: Path) -> list[dict[str, str]]:
    """The rows that aren't totals, a commissioner's services together: that packs best."""
    with full.open(encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["org_code"] not in TOTAL_CODES and row["specialty_code"] not in TOTAL_CODES
        ]
    rows.sort(key=lambda row: (row["org_code"], row["specialty_code"], row["month"]))
    return rows


def check(rows: list[dict[str, str]]) -> None:
    for row in rows:
        total = sum(int(row[name]) for name in BINS)
        if total != int(row["waiting_total"]):
            where = f"{row['month']} {row['org_code']} {row['specialty_code']}"
            sys.exit(f"{where}: the bins sum to {total}, the total says {row['waiting_total']}")


def packed(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return lzma.compress(text.getvalue().encode(), preset=9 | lzma.PRESET_EXTREME)


def write_names(codes: Path, out: Path) -> None:
    with codes.open(encoding="utf-8", newline="") as file:
        names = {(row["kind"], row["code"]): row["name"] for row in csv.DictReader(file)}
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("kind", "code", "name"))
        for (kind, code), name in sorted(names.items()):
            if code not in TOTAL_CODES:
                writer.writerow((kind, code, name))


def main() -> None:
    parser = argparse.ArgumentParser(description="make the compact extract")
    parser.add_argument("full", type=Path, help="the full table")
    parser.add_argument("--codes", type=Path, help="the table of codes and names")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    arguments = parser.parse_args()
    rows = kept_rows(arguments.full)
    check(rows)
    content = packed(rows)
    (arguments.out / EXTRACT).write_bytes(content)
    if arguments.codes is not None:
        write_names(arguments.codes, arguments.out / NAMES)
    print(f"{len(rows)} rows in {len(content)} bytes")


if __name__ == "__main__":
    main()
