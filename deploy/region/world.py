"""The made-up world behind the synthetic exports: cases that are asked, started, kept contact with,
moved and closed, for every organisation of a region file.

Nothing here comes from a real file of a real family. The world depends on the seed, the region
file and the service alone, never on the day one looks: each organisation, service and week has its
own stream of random numbers. So the state at an earlier day is an earlier state of the same world,
and thirteen weekly views are one history. What a view shows is in `Case.at`.
"""

import csv
import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from flows import (
    CLOSED_AFTER_START,
    CLOSED_BEFORE_START,
    LANGUAGES,
    SERVICE_FLOWS,
    Flow,
)

HORIZON_WEEKS = 270  # nobody stays longer than WAIT_WEEKS_MAX + STAY_WEEKS_MAX
WAIT_WEEKS_MAX = 78.0
STAY_WEEKS_MAX = 156.0
PLANNED_DAYS = 14  # how far ahead a first appointment is known
CLOSED_KEEP_WEEKS = 26  # an export shows closed cases of the last two quarters
SEASON = 0.15  # more people ask after the summer than before it
MOVED_SHARE = 0.06  # of the cases that can move within a catchment


@dataclass(frozen=True)
class Municipality:
    nis: str
    name: str
    postcode: str
    population: int


@dataclass(frozen=True)
class Organisation:
    id: str
    name: str
    kind: str
    catchment: tuple[str, ...]
    services: tuple[str, ...]
    fte: float
    preset: str
    families: int


@dataclass(frozen=True)
class Case:
    """One case of one family unit, with all that will ever happen to it. `moved_on` and `nis_after`
    are the day and the municipality of a move within the catchment. `contacts` is in order."""

    id: str
    nis: str
    service: str
    language: str
    worker: int
    asked_on: date
    started_on: date | None
    contacts: tuple[date, ...]
    closed_on: date | None
    reason: str | None
    moved_on: date | None = None
    nis_after: str | None = None

    @property
    def last_contact_on(self) -> date | None:
        return self.contacts[-1] if self.contacts else None

    def at(self, day: date) -> "Case | None":
        """What the client system knows at the start of `day`, a first appointment in the coming
        days included; None where its export hasn't the case: not asked yet, closed long ago."""
        if self.asked_on >= day:
            return None
        if self.closed_on and self.closed_on < day - timedelta(weeks=CLOSED_KEEP_WEEKS):
            return None
        closed = self.closed_on if self.closed_on and self.closed_on < day else None
        moved = self.moved_on is not None and self.moved_on < day
        known = day + timedelta(days=PLANNED_DAYS)
        return replace(
            self,
            nis=self.nis_after if moved and self.nis_after else self.nis,
            started_on=self.started_on if self.started_on and self.started_on < known else None,
            contacts=tuple(contact for contact in self.contacts if contact < day),
            closed_on=closed,
            reason=self.reason if closed else None,
        )


def read_municipalities(path: Path) -> dict[str, Municipality]:
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["nis"]: Municipality(
                row["nis"], row["name"], row["postcode"], int(row["population_2020"])
            )
            for row in csv.DictReader(file)
        }


def read_region(path: Path) -> list[Organisation]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Organisation(
                id=row["id"],
                name=row["name"],
                kind=row["kind"],
                catchment=tuple(row["catchment"].split("|")),
                services=tuple(row["services"].split("|")),
                fte=float(row["fte"]),
                preset=row["preset"],
                families=int(row["families"]),
            )
            for row in csv.DictReader(file)
        ]


def shown_at(history: Iterable[Case], day: date) -> list[Case]:
    """What a register with this history shows at the start of `day`, oldest request first."""
    views = (case.at(day) for case in history)
    shown = [view for view in views if view is not None]
    shown.sort(key=lambda case: (case.asked_on, case.id))
    return shown


def histories(
    organisation: Organisation,
    municipalities: Mapping[str, Municipality],
    seed: int,
    day: date,
    weeks: int = 1,
) -> Iterator[Case]:
    """Every case that can still matter at `day` or at one of the `weeks` weekly states that end
    with it."""
    monday = day - timedelta(days=day.weekday())
    earliest = day - timedelta(weeks=weeks - 1 + CLOSED_KEEP_WEEKS)
    rates = weekly_arrivals(organisation)
    homes = [municipalities[nis] for nis in organisation.catchment]
    for number, service in enumerate(organisation.services):
        maker = CaseMaker(organisation, service, number, homes)
        drift = Drift.drawn(random.Random(f"{seed}/{organisation.id}/{service}"))
        for back in range(HORIZON_WEEKS + weeks, -1, -1):
            week = monday - timedelta(weeks=back)
            stream = random.Random(f"{seed}/{organisation.id}/{service}/{week.isoformat()}")
            rate = rates[service] * season(week) * drift.factor(week)
            for place in range(poisson(stream, rate)):
                case = maker.case(stream, week, place, earliest)
                if case is not None:
                    yield case


def weekly_arrivals(organisation: Organisation) -> dict[str, float]:
    """Requests a week by service, such that in the long run `families` cases are open (Little's
    law: open = arrivals x mean weeks from request to closing)."""
    flows = {service: SERVICE_FLOWS[service] for service in organisation.services}
    open_weeks = sum(flow.weight * flow.open_weeks for flow in flows.values())
    scale = organisation.families / open_weeks
    return {service: scale * flow.weight for service, flow in flows.items()}


def season(week: date) -> float:
    """A year's wave with its top in the middle of September."""
    day_of_year = week.timetuple().tm_yday
    return 1 + SEASON * math.cos(2 * math.pi * (day_of_year - 258) / 365.25)


@dataclass(frozen=True)
class Drift:
    """A slow rise and fall of its own for every organisation and service, so that some queues grow
    while others shrink."""

    size: float
    years: float
    phase: float

    @staticmethod
    def drawn(stream: random.Random) -> "Drift":
        size, years = stream.uniform(0.0, 0.35), stream.uniform(1.2, 2.6)
        return Drift(size, years, stream.uniform(0.0, 2 * math.pi))

    def factor(self, week: date) -> float:
        angle = 2 * math.pi * week.toordinal() / (365.25 * self.years)
        return 1 + self.size * math.sin(angle + self.phase)


def poisson(stream: random.Random, mean: float) -> int:
    """How many exponential gaps fit into `mean`."""
    count = 0
    at = stream.expovariate(1.0)
    while at < mean:
        count += 1
        at += stream.expovariate(1.0)
    return count


class CaseMaker:
    """Draws the cases of one organisation's service."""

    def __init__(
        self, organisation: Organisation, service: str, number: int, homes: Sequence[Municipality]
    ) -> None:
        self.flow: Flow = SERVICE_FLOWS[service]
        self.service = service
        self.number = number
        # Newcomers live in towns more than their number of inhabitants says.
        self.homes = {home.nis: home.population**1.25 for home in homes}
        self.workers = max(1, math.ceil(organisation.fte))

    def case(self, stream: random.Random, week: date, place: int, earliest: date) -> Case | None:
        """The next case of the stream; None where it closed before `earliest`. What is drawn from
        the stream is the same either way; details come from a stream of the case's own."""
        asked = week + timedelta(days=stream.randrange(5))
        started, closed = self.timeline(stream, asked)
        details = stream.getrandbits(64)
        if closed < earliest:
            return None
        own = random.Random(details)
        nis = pick(own, self.homes)
        moved, nis_after = self.move(own, nis, started, closed)
        return Case(
            id=case_number(week, self.number, place),
            nis=nis,
            service=self.service,
            language=pick(own, LANGUAGES),
            worker=own.randint(1, self.workers),
            asked_on=asked,
            started_on=started,
            contacts=self.contacts(own, started, closed) if started else (),
            closed_on=closed,
            reason=pick(own, CLOSED_AFTER_START if started else CLOSED_BEFORE_START),
            moved_on=moved,
            nis_after=nis_after,
        )

    def timeline(self, stream: random.Random, asked: date) -> tuple[date | None, date]:
        """First appointment, if it came to one, and closing."""
        drawn = stream.lognormvariate(math.log(self.flow.wait_weeks), self.flow.wait_spread)
        wait_weeks = min(max(drawn, 0.2), WAIT_WEEKS_MAX)
        if stream.random() < self.flow.left_share:
            return None, working_day(asked, wait_weeks * stream.uniform(0.4, 1.1))
        started = working_day(asked, wait_weeks)
        stay_weeks = stream.gammavariate(1.5, self.flow.stay_weeks / 1.5)
        return started, working_day(started, min(max(stay_weeks, 0.4), STAY_WEEKS_MAX))

    def contacts(self, own: random.Random, started: date, closed: date) -> tuple[date, ...]:
        found = []
        at = started
        while at <= closed:
            found.append(at)
            gap_weeks = own.lognormvariate(math.log(self.flow.contact_weeks), 0.6)
            at = working_day(at, max(gap_weeks, 0.2))
        return tuple(found)

    def move(
        self, own: random.Random, nis: str, started: date | None, closed: date
    ) -> tuple[date | None, str | None]:
        others = [home for home in self.homes if home != nis]
        if started is None or not others or own.random() >= MOVED_SHARE:
            return None, None
        day = started + timedelta(days=own.randint(0, (closed - started).days))
        return day, own.choice(others)


def case_number(week: date, service: int, place: int) -> str:
    """Looks as client systems number their cases; never eleven digits, as a national number has."""
    year, number, _ = week.isocalendar()
    return f"{year}-{number:02}{service:02}{place:04}"


def working_day(start: date, weeks: float) -> date:
    """At least a day later; what falls in a weekend is on the Monday after it."""
    day = start + timedelta(days=max(1, round(weeks * 7)))
    return day + timedelta(days=7 - day.weekday()) if day.weekday() > 4 else day


def pick(stream: random.Random, shares: Mapping[str, float]) -> str:
    """One of the keys, as often as their shares say."""
    return stream.choices(tuple(shares), tuple(shares.values()))[0]
