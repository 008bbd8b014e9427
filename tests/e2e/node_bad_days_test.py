#!/usr/bin/env python3
"""A node's bad days: the hub away and back, the node killed while it publishes and while it
imports, two daemons on one directory. What was said to be done is done, once."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import vangnet
from vangnet import Hub, Node, Region, equal, expect, wait_for

REGION = Path(__file__).resolve().parents[2] / "deploy/region"
ORG = "ocmw-waregem"
PRESET = "ocmw-pakket"
KILLS = 5


def make_export(region: Region, days_back: int) -> Path:
    folder = region.folder / f"export-{days_back}"
    today = date.today()
    day = today - timedelta(days=today.weekday() + days_back)
    subprocess.run([sys.executable, str(REGION / "generate.py"), "--out", str(folder), "--as-of",
                    day.isoformat(), "--organisation", ORG, "--rows", "4000"], check=True,
                   stdout=subprocess.DEVNULL)
    return folder / f"{ORG}.synthetic.csv"


def load(hub: Hub) -> list[Any]:
    return list(hub.get("/api/v1/load")["rows"])


def with_the_hub_away_nothing_is_lost(hub: Hub, node: Node) -> None:
    hub.stop()
    wait_for("it sees that the hub is away", lambda: "NODE_HUB_UNREACHABLE" in node.findings(), 30)
    done = node.run("status")
    equal(done.status, 1, "status without a hub")
    expect("isn't lost" in done.out, f"it says what becomes of what waits: {done.out}")
    done = node.run("status-set", "onthaal", "open", "--fte", "1,25")
    equal(done.status, 0, f"a status while the hub is away: {done.said}")
    equal(node.status()["waiting"], 1, "it waits")
    node.kill()
    node.up()
    equal(node.status()["waiting"], 1, "it waits after a kill")
    hub.up()
    node.wait_connected(60)
    node.wait_received(60)
    expect("1.25" in json.dumps(load(hub)), f"it arrived: {load(hub)}")


def killed_while_publishing_it_publishes_the_same(hub: Hub, node: Node, export: Path) -> None:
    node.call("import", export, "--preset", PRESET)
    for round_number in range(KILLS):
        asking = threading.Thread(target=lambda: node.run("publish"))
        asking.start()
        if round_number % 2 == 0:
            asking.join()
        node.kill()
        asking.join()
        node.up()
    node.wait_connected(60)
    node.call("publish")
    node.wait_received()
    rows = [row for row in hub.export() if row["organisation"] == ORG]
    days = {(row.get("service"), row.get("as_of")) for row in rows}
    equal(len(rows), len(days), "rows of one week, each once")
    expect(rows, "the figures are there")
    expect(not node.status()["refused"], "nothing was refused")


def killed_while_importing_the_register_is_the_old_or_the_new(node: Node, region: Region) -> None:
    for days_back in (7, 14, 21):
        export = make_export(region, days_back)
        before = node.status()["generation"]
        importing = subprocess.Popen([str(node.program), "import", str(export), "--preset",
                                      PRESET, "--dir", str(node.folder)],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        node.kill()
        importing.wait(timeout=60 * vangnet.PATIENCE)
        node.up()
        expect(node.status()["generation"] >= before, "the old one or the new one")
        node.call("import", export, "--preset", PRESET)
        equal(node.status()["cases"] > 0, True, "the register")
    node.wait_connected(60)


def one_directory_has_one_daemon(node: Node) -> None:
    done = node.run("run", seconds=20)
    equal(done.status, 1, "a second daemon")
    expect("Another process" in done.err, done.err)
    expect(node.alive(), "the first goes on")


def without_a_daemon_it_says_how_to_start_one(node: Node, region: Region) -> None:
    node.stop()
    done = node.run("status")
    equal(done.status, 1, "status without a daemon")
    expect(f"run --dir {node.folder}" in done.err, done.err)
    nobody = Node(region, "nobody", region.folder / "nobody")
    done = nobody.run("run")
    equal(done.status, 1, "a directory without a node")
    expect("join" in done.err, done.err)


def test(build: Path) -> None:
    with vangnet.Region(build) as region:
        hub = region.start_hub()
        node = region.add_node(ORG, hub)
        killed_while_publishing_it_publishes_the_same(hub, node, make_export(region, 0))
        with_the_hub_away_nothing_is_lost(hub, node)
        killed_while_importing_the_register_is_the_old_or_the_new(node, region)
        one_directory_has_one_daemon(node)
        without_a_daemon_it_says_how_to_start_one(node, region)


if __name__ == "__main__":
    vangnet.main(test)
