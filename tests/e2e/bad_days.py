"""What the tests of bad days share: registers to import, and what a hub's journal holds."""

from __future__ import annotations

import csv
import json
import subprocess
from datetime import date, timedelta
from pathlib import Path

from vangnet import Hub, equal


def read_journal(build: Path, hub: Hub) -> list[dict[str, object]]:
    """Of a hub that is stopped."""
    done = subprocess.run([build / "tests/e2e/bad_days_journal", hub.folder / "store"],
                          capture_output=True, text=True, check=False)
    equal(done.returncode, 0, f"reading the journal: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def write_register(path: Path, cases: int, first: int = 0) -> None:
    today = date.today()
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "nis", "service", "language", "asked"])
        for n in range(first, first + cases):
            asked = today - timedelta(days=7 + n % 90)
            rows.writerow([f"D{n:06}", "34022", "leefloon", "nld", asked.isoformat()])
