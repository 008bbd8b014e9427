"""What the stories share: a region whose days pass, organisations with somebody at work in each,
and what can be seen of a family.

    with Story(build, first=stories.monday(2)) as story:
        ocmw = story.organisation("ocmw-x")
        card = story.family(ocmw, support="near", fallback_first="caw-y")
        story.pass_working_days(3)
        story.flags(), story.look(ocmw, card), ocmw.flags()
"""

from __future__ import annotations

import calendar
import datetime
import os
import time
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import Any

import families
import vangnet
from families import EVERYTHING, Office
from vangnet import Hub, Region, equal, expect, wait_for

BRUSSELS = zoneinfo.ZoneInfo("Europe/Brussels")
# Fixed by law or statute, see shared/places/working_days.h; no story meets Easter or its train.
HOLIDAYS = {(1, 1), (5, 1), (7, 11), (7, 21), (8, 15), (11, 1), (11, 2), (11, 11), (11, 15),
            (12, 25), (12, 26)}
GREETING_S = 61  # nodes greet each minute
STEP_DAYS = 4  # half of what makes a node quiet
LOOK_EVERY_S = 0.2
AT_WORK = 10  # o'clock
X, Y = "34022", "73107"  # Kortrijk; Maasmechelen, at the other end of the country


def year() -> int:
    return datetime.datetime.now(BRUSSELS).year + 1


def monday(month: int) -> datetime.date:
    first = datetime.date(year(), month, 1)
    return first + datetime.timedelta(days=-first.weekday() % 7)


def is_working_day(day: datetime.date) -> bool:
    return day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS


def working_days_after(day: datetime.date, count: int) -> datetime.date:
    while count > 0:
        day += datetime.timedelta(days=1)
        count -= is_working_day(day)
    return day


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The last day of the month so many months later."""
    count = day.year * 12 + day.month - 1 + months
    return datetime.date(count // 12, count % 12 + 1,
                         calendar.monthrange(count // 12, count % 12 + 1)[1])


class Story:
    """A region of its own for each; days pass at everybody alike."""

    def __init__(self, build: Path, first: datetime.date) -> None:
        self.region = Region(build)
        self.shift_s = self.until_s(first)
        self.looked = 0.0
        self.offices: dict[str, Office] = {}

    def __enter__(self) -> Story:
        self.region.__enter__()
        try:
            self.hub: Hub = self.region.start_hub(clock=self.clock("hub"))
        except BaseException as failure:
            self.region.__exit__(type(failure), failure, None)
            raise
        return self

    def __exit__(self, *failure: Any) -> None:
        self.region.__exit__(*failure)

    # -- time --

    def clock(self, name: str) -> vangnet.Clock:
        return self.region.make_clock(name, self.shift_s)

    @staticmethod
    def until_s(day: datetime.date, hour: int = AT_WORK) -> float:
        wanted = datetime.datetime.combine(day, datetime.time(hour), BRUSSELS)
        return wanted.timestamp() - time.time()

    def now(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(time.time() + self.shift_s, BRUSSELS)

    def today(self) -> datetime.date:
        return self.now().date()

    def go(self, shift_s: float) -> None:
        """All clocks at once; a daemon that is down reads its own when it starts."""
        self.shift_s = shift_s
        for clock in self.region.clocks:
            clock.shift_s = shift_s

    def wait(self, what: str, holds: Callable[[], Any], seconds: float = 20) -> Any:
        """As wait_for; and a minute passes now and then, so that nodes greet."""
        greeted = time.monotonic()

        def looked() -> Any:
            nonlocal greeted
            if time.monotonic() - greeted > 1.5:
                greeted = time.monotonic()
                self.go(self.shift_s + GREETING_S)
            return holds()

        return wait_for(f"{what}, on {self.today()}", looked, seconds)

    def pass_until(self, day: datetime.date, hour: int = AT_WORK) -> None:
        """Few days at a time: nobody is quiet only because they pass so fast."""
        while day - self.today() > datetime.timedelta(days=STEP_DAYS):
            self.jump(self.today() + datetime.timedelta(days=STEP_DAYS), hour)
        self.jump(day, hour)

    def jump(self, day: datetime.date, hour: int) -> None:
        """After it everybody doubts its clock until it has heard the others again."""
        self.go(self.until_s(day, hour))
        wait_for("the hub goes by it", self.hub_goes_by_it)
        self.hub.fresh_metrics()
        self.wait("everybody goes by it", lambda: self.hub_goes_by_it() and
                  self.hub.fresh_metrics()["clock_halted"] == 0 and
                  all(map(self.node_is_there, self.offices.values())), 30)
        self.hub.fresh_metrics()  # a turn of time, in which it notes whom it heard today
        if os.environ.get("STORY_TRACE"):
            print(f"-- {day}: {self.flags()}", flush=True)

    def pass_hour(self) -> None:
        """No leap: after one, the hub gives its nodes an hour before it calls them quiet."""
        for _ in range(3):
            self.go(self.shift_s + 25 * 60)
            wait_for("the hub goes by it", self.hub_goes_by_it)
            self.hub.fresh_metrics()

    def pass_days(self, days: int) -> None:
        self.pass_until(self.today() + datetime.timedelta(days=days))

    def pass_working_days(self, days: int) -> None:
        self.pass_until(working_days_after(self.today(), days))

    def hub_goes_by_it(self) -> bool:
        clock = self.hub.clock
        return clock is not None and abs(clock.in_force_ms - clock.now_ms()) < 5000

    @staticmethod
    def node_is_there(office: Office) -> bool:
        node = office.node
        if node.process is None or node.clock is None:
            return True
        if abs(node.clock.in_force_ms - node.clock.now_ms()) >= 5000:
            return False
        status = node.get("/api/v1/status")
        return bool(status["connected"] and not status["clock_halted"] and
                    abs(status["clock_skew_ms"]) < 60_000)

    # -- who there is --

    def organisation(self, org: str, kind: str = "ocmw", role: str = "caseworker",
                     nis: str = X, ini: str = "", **words: str) -> Office:
        office = families.add(self.region, self.hub, org, role, clock=self.clock(org), kind=kind,
                              nis=nis, ini=ini, **words)
        self.offices[org] = office
        return office

    def volunteers(self, org: str, **words: str) -> Office:
        return self.organisation(org, "volunteers", "volunteer", may_take_consent="limited",
                                 **words)

    def colleague(self, office: Office, user: str, role: str) -> Office:
        return Office(office.node, role, user)

    def family(self, office: Office, support: str | None = "near",
               scopes: list[str] | None = None, **more: object) -> str:
        """Its card, once the hub knows of the consent."""
        _, card = families.new_family(office, scopes or EVERYTHING, support, **more)
        self.wait("the hub has the consent", lambda: self.look(office, card)["found"])
        return card

    # -- what can be seen --

    def flags(self) -> list[tuple[str, str | None]]:
        """The coordinator's view: kinds, and whose turn it is; None: the board's own."""
        return [(row["kind"], row["turn"]) for row in self.board()]

    def board(self) -> list[Any]:
        return list(self.hub.get("/api/v1/flags?limit=200")["rows"])

    def look(self, office: Office, card: str) -> Any:
        """A node may look 20 times an hour; an hour passes when that was done."""
        wait_for("it's time for another", lambda: time.monotonic() > self.looked + LOOK_EVERY_S)
        self.looked = time.monotonic()
        status, answer = office.ask("POST", "/api/v1/looks", {"card": card})
        if status == 429:
            for _ in range(4):
                self.go(self.shift_s + 1200)
                wait_for("the hub goes by it", self.hub_goes_by_it)
            status, answer = office.ask("POST", "/api/v1/looks", {"card": card})
        expect(status == 200, f"{office.node.name} looks: {status} {answer}")
        return answer

    def await_flag(self, kind: str, turn: str | None) -> None:
        said: list[tuple[str, str | None]] = []

        def found() -> bool:
            said[:] = self.flags()
            return (kind, turn) in said

        try:
            self.wait(f"a flag {kind}, and it's {turn or 'the board'}'s turn", found)
        except vangnet.Failed as failed:
            raise vangnet.Failed(f"{failed}; there are {said}") from None

    def await_no_flag(self, kind: str = "") -> None:
        self.wait(f"no flag {kind} any more",
                  lambda: not [one for one, _ in self.flags() if not kind or one == kind])

    def item(self, office: Office, what: str, holds: Callable[[Any], object] = bool,
             over: bool = False) -> Any:
        """What waits there: a flag of that kind, or another notice of that kind. `over`: also what
        waits no more, as it's another's turn."""
        def find() -> Any:
            _, answer = office.ask("GET", "/api/v1/items?all=1" if over else "/api/v1/items")
            return next((one for one in answer["items"] if (over or one["state"] != "done") and
                         what == (one["flag"]["kind"] if one["kind"] == "flag" else one["kind"])
                         and holds(one)), None)

        return self.wait(f"{office.node.name} hears of {what}", find)

    def never_a_flag(self, while_days: int) -> None:
        for _ in range(while_days):
            self.pass_days(1)
            equal(self.flags(), [], f"flags on {self.today()}")


def supporters(look: Any) -> list[tuple[str, str, str]]:
    """Who is told to support, how near, how."""
    return sorted((one["organisation"]["id"] if one["organisation"] else "an organisation",
                   one["distance"], one["state"]) for one in look["supports"])


def is_ours(item: Any) -> bool:
    return bool(item["flag"] and item["flag"]["yours"])


def refused(office: Office, path: str, code: str, **body: object) -> None:
    """With the reason and what to do next."""
    status, answer = office.ask("POST", path, body)
    expect(status >= 400 and isinstance(answer, dict), f"{path}: {status} {answer}")
    equal(answer.get("code"), code, f"{path}: {answer}")
    expect(answer.get("title") and answer.get("next"), f"the next door: {answer}")
