"""Clocks that are wrong: a node's, the hub's, and what stands still meanwhile (DESIGN 3, The clock
is an object). Every daemon has a test clock of its own; the region's time is theirs together.

An hour off: said plainly by `status` and metrics, no freeze is decided, nothing is made or expires;
right again, it goes on. Five minutes off is only told.
"""

from __future__ import annotations

import calendar
import sys
import time
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import vangnet
from bad_days import write_register
from vangnet import Daemon, Hub, Node, Region, equal, expect, wait_for

MINUTE = 60
HOUR = 3600
PING = 61  # nodes greet each minute
GREETED_S = 3  # a greeting and its answer
HOUR_OFF = 61 * MINUTE
KEPT_DAYS = 56 * 7


class Clocks:
    """The region's time: of all daemons alike, beside what's wrong with one of them."""

    def __init__(self, hub: Hub, nodes: list[Node]) -> None:
        self.hub = hub
        self.nodes = nodes

    def pass_s(self, seconds: float) -> None:
        for daemon in (self.hub, *self.nodes):
            if daemon.clock:
                daemon.clock.shift_s += seconds

    def pass_until(self, instant: datetime) -> None:
        """More than an hour at once: everybody doubts until they've heard the others again."""
        now = self.hub.clock.now_ms() / 1000 if self.hub.clock else 0
        expect(instant.timestamp() - now > HOUR_OFF, f"more than an hour until {instant}")
        self.pass_s(instant.timestamp() - now)
        wait_for("the hub doubts after a jump", lambda: self.hub.metrics()["clock_halted"] == 1)
        greeted = 0.0

        def all_right() -> bool:
            nonlocal greeted
            if self.hub.metrics()["clock_halted"] == 0 and all(map(clock_is_fine, self.nodes)):
                return True
            if time.monotonic() - greeted > GREETED_S:
                greeted = time.monotonic()
                self.pass_s(PING)
            return False

        wait_for("all clocks are right", all_right, 30)


def last_sunday(year: int, month: int) -> date:
    last = date(year, month, calendar.monthrange(year, month)[1])
    return last - timedelta(days=last.isoweekday() % 7)


def brussels(day: date, hour: int, minute: int = 0) -> datetime:
    """Directive 2000/84/EC: summer time between the last Sundays of March and October."""
    summer = last_sunday(day.year, 3) <= day < last_sunday(day.year, 10)
    at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=timezone.utc)
    return at - timedelta(hours=2 if summer else 1)


def next_monday() -> date:
    today = datetime.now(timezone.utc).date()
    return today + timedelta(days=8 - today.isoweekday())


def restart(daemon: Daemon, error_s: float = 0) -> None:
    daemon.stop()
    if daemon.clock:
        daemon.clock.shift_s += error_s
    daemon.up()


def figures(hub: Hub, org: str) -> list[str]:
    return sorted({row["figures"]["as_of"] for row in hub.export() if row["organisation"] == org})


def says(node: Node, code: str) -> bool:
    return code in node.findings()


def clock_is_fine(node: Node) -> bool:
    return not {"NODE_CLOCK_HALTED", "NODE_CLOCK_OFF"} & node.findings() and node.connected()


def due_instant(node: Node) -> datetime:
    return datetime.fromisoformat(str(node.status()["next_freeze"]).replace("Z", "+00:00"))


# -- a node's clock --


def node_an_hour_off(hub: Hub, node: Node, clocks: Clocks, monday: date) -> None:
    """It's past its publication by its own clock, half an hour before it by everybody's."""
    last = (monday - timedelta(days=7)).isoformat()
    node.call("publish")  # the first time; after that the clock does it
    wait_for("last week's figures are published", lambda: figures(hub, node.org) == [last])
    clocks.pass_until(brussels(monday, 5))
    due = due_instant(node)
    expect(brussels(monday, 6) <= due < brussels(monday, 8), f"due on Monday morning: {due}")
    clocks.pass_until(due - timedelta(minutes=30))
    restart(node, HOUR_OFF)
    wait_for("status says that the clock is off", lambda: says(node, "NODE_CLOCK_HALTED"))
    check_halted(hub, node, last)
    if node.clock:
        node.clock.shift_s -= HOUR_OFF
    wait_for("right again, at once", lambda: clock_is_fine(node))
    if node.clock:
        node.clock.shift_s += HOUR_OFF  # under its feet, this time
    wait_for("said while it runs", lambda: says(node, "NODE_CLOCK_HALTED"))
    check_halted(hub, node, last)
    if node.clock:
        node.clock.shift_s -= HOUR_OFF
    wait_for("right again", lambda: clock_is_fine(node))
    clocks.pass_s(31 * MINUTE + 2 * MINUTE)
    wait_for("the freeze is decided and its figures arrive",
             lambda: figures(hub, node.org) == [last, monday.isoformat()], 20)
    equal(node.status()["refused"], 0, "refused for a wrong clock")
    node.wait_received()


def check_halted(hub: Hub, node: Node, last: str) -> None:
    status = node.status()
    equal(status["clock_halted"], True, "clock_halted")
    expect(abs(status["clock_skew_ms"] + HOUR_OFF * 1000) < 30_000, f"skew: {status}")
    equal(status["freeze"], last, "the last freeze decided")
    for done in (node.run("publish"), node.set_status(100)):
        expect(done.status != 0 and "clock" in done.said.lower(), f"its reason: {done.said}")
    node.wait_received()
    equal(figures(hub, node.org), [last], "figures at the hub")
    equal(hub.metrics()["clock_halted"], 0, "the hub's clock, by one wrong node")


def node_five_minutes_off(node: Node) -> None:
    restart(node, 6 * MINUTE)
    wait_for("five minutes are told", lambda: says(node, "NODE_CLOCK_OFF"))
    equal(node.status()["clock_halted"], False, "five minutes halt nothing")
    said = node.set_status(200)
    equal(said.status, 0, f"status-set: {said.said}")
    node.wait_received()
    restart(node, -6 * MINUTE)
    wait_for("right again", lambda: clock_is_fine(node))


# -- the hub's clock --


def import_oldest(region: Region, hub: Hub, node: Node, day: date) -> None:
    """Figures that are kept to-day and no more to-morrow."""
    file = region.folder / "oldest.csv"
    file.write_text("period_end,period_days,service,waiting_total,w0_4,w4_plus\n"
                    f"{day.isoformat()},7,leefloon,30,10,20\n")
    node.call("import", file, "--figures")
    node.wait_received()
    equal(figures(hub, node.org)[0], day.isoformat(), "the oldest figures")


def hub_an_hour_off(region: Region, hub: Hub, nodes: list[Node], clocks: Clocks,
                    monday: date) -> None:
    """Just before midnight; by its own clock just after it, when the oldest figures end."""
    clocks.pass_until(brussels(monday, 23, 10))
    oldest = monday - timedelta(days=KEPT_DAYS)
    import_oldest(region, hub, nodes[1], oldest)
    restart(hub, HOUR_OFF)
    wait_for("metrics say that the hub's clock is off", lambda: hub.metrics()["clock_halted"], 30)
    equal(hub.status()["clock"]["state"], "halted", "status")
    expect(abs(hub.metrics()["clock_skew_seconds"] + HOUR_OFF) < 30, "the skew")
    equal(hub.health()["status"], "ok", "reads go on")
    for node in nodes:
        wait_for("nodes say so too", lambda: says(node, "NODE_CLOCK_HALTED"))  # noqa: B023
        done = node.set_status(300)
        expect(done.status != 0 and "clock" in done.said.lower(), f"its reason: {done.said}")
    expect(oldest.isoformat() in figures(hub, nodes[1].org), "nothing expires by a wrong clock")
    if hub.clock:
        hub.clock.shift_s -= HOUR_OFF
    clocks.pass_s(PING)
    wait_for("the hub's clock is right", lambda: hub.status()["clock"]["state"] == "right", 30)
    for node in nodes:
        wait_for("nodes hear of it", lambda: clock_is_fine(node))  # noqa: B023
        equal(node.set_status(301).status, 0, "status-set, once clocks agree")
        node.wait_received()
    expect(oldest.isoformat() in figures(hub, nodes[1].org), "it's still the same day")
    clocks.pass_until(brussels(monday + timedelta(days=1), 0, 40))
    wait_for("what is over expires", lambda: oldest.isoformat() not in figures(hub, nodes[1].org),
             30)


def test(build: Path) -> None:
    with vangnet.Region(build) as region:
        monday = next_monday()
        hub = region.start_hub()
        nodes = [region.add_node(f"ocmw-{n}", hub) for n in range(4)]
        register = region.folder / "register.csv"
        write_register(register, 120)
        nodes[0].call("import", register)
        daemons: list[Daemon] = [hub, *nodes]
        clocks = Clocks(hub, nodes)
        for daemon in daemons:
            daemon.stop()
            daemon.clock = region.make_clock(daemon.name)
        clocks.pass_s(brussels(monday - timedelta(days=1), 21).timestamp() - time.time())
        for daemon in daemons:
            daemon.up()
        for node in nodes:
            node.wait_connected()
        node_an_hour_off(hub, nodes[0], clocks, monday)
        node_five_minutes_off(nodes[2])
        hub_an_hour_off(region, hub, nodes, clocks, monday)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    vangnet.main(test)
