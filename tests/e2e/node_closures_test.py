#!/usr/bin/env python3
"""An organisation says when it's closed and who stands in: it comes into every directory, and a
flag of the region that is its turn moves to the deputy once such a day begins."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import families
import vangnet
from families import Office, new_family
from vangnet import Failed, Hub, Region, equal, expect, wait_for

DAY = 86400
TUESDAY, THURSDAY = 1, 3


def day(days: int) -> str:
    return str(date.today() + timedelta(days=days))


def listed(office: Office) -> list[tuple[str, str, str | None]]:
    answer = json.loads(office.call("closure", "list", "--json"))
    return [(one["from"], one["until"], one.get("deputy")) for one in answer["closures"]]


def said_at_the_desk(office: Office) -> None:
    expect("No closure days" in office.call("closure", "list"), "none at first")
    said = office.call("closure", "add", day(1), day(20), "--deputy", "caw-d")
    expect(f"{day(1)} up to and including {day(20)}; caw-d stands in" in said, said)
    office.call("closure", "add", day(40))
    equal(listed(office), [(day(1), day(20), "caw-d"), (day(40), day(40), None)], "by day")
    office.node.wait_received()
    wait_for("both are in the directory", lambda: not json.loads(
        office.call("closure", "list", "--json"))["under_way"])
    office.call("closure", "remove", day(40))
    equal(listed(office), [(day(1), day(20), "caw-d")], "one is gone")
    wait_for("known to all", lambda: "on its way" not in office.call("closure", "list"))
    expect(f"{day(1)} up to and including {day(20)}   deputy: caw-d"
           in office.call("closure", "list"), "in words")


def the_hub_has_it(hub: Hub) -> None:
    member, = [one for one in hub.get("/api/v1/members")["rows"] if one["organisation"] == "caw-b"]
    equal(member["closures"], [{"from": day(1), "until": day(20), "deputy": "caw-d"}], "at the hub")


def what_cant_be_is_said(office: Office) -> None:
    for words, wanted in (
            (["add", day(20), day(30)], "overlap"),
            (["add", day(50), "--deputy", "nobody"], "stand in"),
            (["add", day(50), "--deputy", "caw-b"], "stand in"),
            (["add", day(800)], "two years"),
            (["add", day(-9), day(-1)], "over already"),
            (["add", day(50), day(49)], "UNTIL"),
            (["add", "2026-2-30"], "FROM"),
            (["remove", day(2)], "No closure begins")):
        done = office.run("closure", *words)
        expect(done.status != 0 and wanted in done.said, f"{words}: {done.status} {done.said}")
    equal(listed(office), [(day(1), day(20), "caw-d")], "nothing changed")


def a_flag_moves_to_the_deputy(region: Region, hub: Hub, ocmw: Office) -> None:
    new_family(ocmw, ["presence", "lost-support", "concern", "fallback"], fallback_first="caw-b")

    def turn() -> list[str]:
        return [one["turn"] for one in hub.get("/api/v1/flags")["rows"]
                if one["kind"] == "no-local-professional"]

    wait_for("the fallback's turn", lambda: turn() == ["caw-b"])
    # Two days, for one of them may be a holiday: no desk is open then, and nothing moves.
    for weekday in (TUESDAY, THURSDAY):
        days = (weekday - date.today().weekday() - 1) % 7 + 1
        for clock in region.clocks:
            clock.shift(days * DAY)
        try:
            wait_for("the deputy's turn", lambda: turn() == ["caw-d"], 15)
            return
        except Failed:
            continue
    raise Failed(f"the flag stays with {turn()}")


def test(build: Path) -> None:
    with vangnet.Region(build) as region:
        clocks = {name: region.make_clock(name) for name in ("hub", "ocmw-a", "caw-b", "caw-d")}
        hub = region.start_hub(clock=clocks["hub"])
        ocmw = families.add(region, hub, "ocmw-a", clock=clocks["ocmw-a"])
        caw = families.add(region, hub, "caw-b", clock=clocks["caw-b"], kind="caw",
                           service="onthaal")
        families.add(region, hub, "caw-d", clock=clocks["caw-d"], kind="caw", nis="34023")
        said_at_the_desk(caw)
        the_hub_has_it(hub)
        what_cant_be_is_said(caw)
        a_flag_moves_to_the_deputy(region, hub, ocmw)


if __name__ == "__main__":
    vangnet.main(test)
