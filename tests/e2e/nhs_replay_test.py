#!/usr/bin/env python3
"""Six months of really published waits through real nodes, and every figure that the hub shows held
against one that was computed from the file alone.

    nhs_replay_test.py BUILD-DIRECTORY MANY-NODES

The data are NHS England's referral-to-treatment waits (tests/data/README.md has source and
licence): 213 organisations, 19 services, with bins of their own and a monthly period. Twenty
organisations are whole processes of `vangnet-node`; the others run the same node code inside one
(many_nodes.c). The region's clock is a test clock: each month is published three days after its end
and read then, for an older figure fades.
"""

from __future__ import annotations

import csv
import datetime
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nhs_expected
import vangnet

PROCESSES = 20
PAGE = 200
UNPACK = Path(__file__).parents[1] / "data/nhs/unpack.py"


def unpack(folder: Path) -> list[tuple[str, str]]:
    """Writes FOLDER/<organisation>/<last day>.csv; gives ids and names."""
    subprocess.run([sys.executable, str(UNPACK), str(folder)], check=True, capture_output=True)
    with (folder / "organisations.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return [(row[0], row[1]) for row in rows[1:]]


def noon_after(period_end: str) -> float:
    """Three days after a period's end, in seconds since 1970."""
    day = datetime.date.fromisoformat(period_end) + datetime.timedelta(days=3)
    return datetime.datetime.combine(day, datetime.time(12), datetime.timezone.utc).timestamp()


def invite(hub: vangnet.Hub, org: str) -> str:
    status, answer = hub.ask("POST", "/api/v1/invitations", {"organisation": org, "approve": True})
    vangnet.expect(status in (200, 201), f"invitation for {org}: {status} {answer}")
    return str(answer["result"]["invitation"] if "result" in answer else answer["invitation"])


def add_process(region: vangnet.Region, hub: vangnet.Hub, org: str, name: str,
                clock: vangnet.Clock) -> vangnet.Node:
    node = vangnet.Node(region, org, region.folder / org)
    node.clock = clock
    node.call("join", invite(hub, org), "--org", org, "--name", name, "--kind", "other",
              "--no-wait", *clock.once("join"))
    region.daemons.append(node)
    node.up()
    return node


def goes_by_its_clock(node: vangnet.Node) -> bool:
    """After a jump a node doubts its clock until it has heard the hub again."""
    status = node.status()
    return bool(status["connected"] and not status["clock_halted"] and
                abs(status["clock_skew_ms"]) < 60_000)


def publish_month(region: vangnet.Region, nodes: list[vangnet.Node], figures: Path, period_end: str,
                  clock: vangnet.Clock, many: list[str]) -> None:
    for node in nodes:
        vangnet.wait_for(f"{node.org} goes by its clock", lambda node=node: goes_by_its_clock(node))
        file = figures / node.org / f"{period_end}.csv"
        if file.exists():
            node.call("import", file, "--figures", "--start-event", "referred")
    month = region.folder / "month"
    shutil.rmtree(month, ignore_errors=True)
    for organisation in figures.iterdir():
        if organisation.is_dir():
            (month / organisation.name).mkdir(parents=True)
            file = organisation / f"{period_end}.csv"
            if file.exists():
                shutil.copy(file, month / organisation.name)
    done = subprocess.run([*many, str(month), str(region.folder / "many"), str(clock.now_ms())],
                          capture_output=True, text=True, check=False,
                          timeout=300 * vangnet.PATIENCE)
    vangnet.expect(done.returncode == 0, f"many_nodes: {done.stderr.strip()[-2000:]}")
    for node in nodes:
        node.wait_received()


def read_month(hub: vangnet.Hub, period_end: str) -> list[dict[str, Any]]:
    """All rows that describe the month's last day; who didn't report shows an earlier month."""
    rows: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = hub.get(f"/api/v1/load?by=service&week={period_end}&limit={PAGE}{cursor}")
        rows += [row for row in page["rows"] if row["figures"]["as_of"] == period_end]
        if page["next"] is None:
            return rows
        cursor = f"&cursor={page['next']}"


def check_month(hub: vangnet.Hub, period_end: str, all_rows: list[nhs_expected.Row]) -> int:
    wanted = nhs_expected.expected(row for row in all_rows if row.period_end == period_end)
    answered = read_month(hub, period_end)
    differences = nhs_expected.compare(answered, wanted, nhs_expected.TOLERANCE_WEEKS)
    vangnet.expect(not differences, f"{period_end}: {len(differences)} figures differ, such as "
                   + "; ".join(differences[:5]))
    fresh = {row["figures"]["freshness"] for row in answered}
    vangnet.equal(fresh, {"fresh"}, f"freshness of {period_end} three days later")
    return len(answered)


def replay(build: Path, many_nodes: str) -> None:
    rows = nhs_expected.read_extract()
    periods = sorted({row.period_end for row in rows})
    begun = time.monotonic()
    with vangnet.Region(build) as region:
        figures = region.folder / "figures"
        organisations = unpack(figures)
        clock = region.make_clock("hub", noon_after(periods[0]) - time.time())
        hub = region.start_hub(clock=clock)
        nodes = []
        for org, name in organisations[:PROCESSES]:
            own_clock = region.make_clock(org, clock.shift_s)
            nodes.append(add_process(region, hub, org, name, own_clock))
        for node in nodes:
            node.wait_connected()
        invitations = region.folder / "invitations.tsv"
        with invitations.open("w", encoding="utf-8") as file:
            for org, name in organisations[PROCESSES:]:
                file.write(f"{org}\t{name}\t{invite(hub, org)}\n")
        compared = 0
        for period_end in periods:
            for one in region.clocks:
                one.shift(noon_after(period_end) - time.time())
            publish_month(region, nodes, figures, period_end, clock,
                          [many_nodes, str(invitations)])
            compared += check_month(hub, period_end, rows)
        vangnet.equal(compared, len(rows), "rows compared over all months")
        print(f"{compared} rows of {len(organisations)} organisations over {len(periods)} months "
              f"agree, in {time.monotonic() - begun:.0f} s")


def main() -> None:
    if len(sys.argv) != 3 or not os.access(sys.argv[2], os.X_OK):
        sys.exit(f"usage: {sys.argv[0]} BUILD-DIRECTORY MANY-NODES")
    try:
        replay(Path(sys.argv[1]), sys.argv[2])
    except vangnet.Failed as failed:
        sys.exit(f"FAILED: {failed}")


if __name__ == "__main__":
    main()
