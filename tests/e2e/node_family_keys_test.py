#!/usr/bin/env python3
"""Keys that others seal to are renewed by themselves: a sealing key each month, a contact key each
quarter. What was sealed before is opened all the same; secrets go when their time is over."""

from __future__ import annotations

import stat
from pathlib import Path

import families
import vangnet
from families import EVERYTHING, Office, new_family
from vangnet import Region, equal, expect, wait_for

DAY = 86400
CONTACT = "Mevrouw T., 0470 12 34 56"


def old(office: Office, kind: str) -> list[str]:
    """Secrets of keys that were replaced."""
    found = sorted(path.name for path in (office.node.folder / "keys").glob(f"{kind}-2*.seed"))
    for path in (office.node.folder / "keys").iterdir():
        equal(stat.S_IMODE(path.stat().st_mode), 0o600, path.name)
    return found


def go(region: Region, offices: list[Office], days: int) -> None:
    for clock in region.clocks:
        clock.shift(days * DAY)
    for office in offices:
        office.node.wait_connected(60)


def flagged(office: Office) -> list:
    return [one for one in office.items() if one["flag"] and one["flag"]["yours"]]


def what_was_sealed_before_is_opened(region: Region, ocmw: Office, caw: Office) -> None:
    _, card = new_family(ocmw, EVERYTHING, support="distant", fallback_first="caw-b",
                         contact=CONTACT)
    equal(old(caw, "seal"), [], "one sealing key at first")
    go(region, [ocmw, caw], 100)
    wait_for("a new sealing key", lambda: old(caw, "seal"), 60)
    wait_for("a new contact key", lambda: old(caw, "contact"), 60)
    ocmw.call("concern", "raise", card, "--reason", "school", "--urgency", "today")
    wait_for("a flag", lambda: flagged(caw), 60)
    item = flagged(caw)[0]["item"]
    equal(caw.ask("GET", f"/api/v1/items/{item}")[1]["contact"], CONTACT,
          "sealed a hundred days ago to the contact key of then")


def a_secret_goes_when_its_time_is_over(region: Region, ocmw: Office, caw: Office) -> None:
    first = old(caw, "seal")[0]
    go(region, [ocmw, caw], 140)
    wait_for("the old sealing secret is gone", lambda: first not in old(caw, "seal"), 60)
    equal(len(old(caw, "contact")), 1, "contact secrets stay for sixteen months")
    expect((caw.node.folder / "keys/seal.seed").stat().st_size == 32, "the one of now stands there")


def test(build: Path) -> None:
    with vangnet.Region(build) as region:
        clocks = {name: region.make_clock(name) for name in ("hub", "ocmw-a", "caw-b")}
        hub = region.start_hub(clock=clocks["hub"])
        ocmw = families.add(region, hub, "ocmw-a", clock=clocks["ocmw-a"])
        caw = families.add(region, hub, "caw-b", clock=clocks["caw-b"], kind="caw")
        what_was_sealed_before_is_opened(region, ocmw, caw)
        a_secret_goes_when_its_time_is_over(region, ocmw, caw)


if __name__ == "__main__":
    vangnet.main(test)
