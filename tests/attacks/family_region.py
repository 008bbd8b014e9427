"""A made-up region of families with cards, as long as two years, for the attacks on handles.

No line of it is about a real family. It has to be realistic in what the attacks live on: which
organisations stand on a family together, when cards are renewed, how fast nodes follow. Each number
that matters stands in `Parameters`; where a source gave none it's a guess, and on the attacker's
side (few families, stable sets, quick nodes). Days count from a Monday; fractions are times of day.

Truth is a list of `Card`s per family: one handle from consent to end, with the supports that stood
on it. What a hub's holder sees of them, and how a defence changes that, is in the attacks.
"""

import bisect
import math
import random
from dataclasses import dataclass, field

MUNICIPALITIES = 13  # as the reference region of Zuid-West-Vlaanderen
RENEWAL, LOST, WRONG_HANDS, SPLIT, FIRST = "renewal", "lost", "wrong-hands", "split", "first"
SECOND = 1 / 86400


@dataclass(frozen=True)
class Parameters:
    families: int = 2000  # that have a card at one time, about
    first_day: int = -400  # consents begin here, a year before anything is measured
    last_day: int = 182  # measured are the 26 weeks from day 0
    supporters: tuple = (0.20, 0.30, 0.25, 0.15, 0.10)  # of one to five
    months: tuple = ((12, 0.70), (6, 0.20), (3, 0.10))  # what families consent to
    renewed: float = 0.85  # the others lapse
    lost_a_year: float = 0.04
    wrong_hands_a_year: float = 0.007
    split_a_year: float = 0.01
    withdrawn_a_year: float = 0.02
    support_days: float = 400  # mean, then somebody else comes
    told: float = 0.9  # of the old supporters hear of a new card: the family chooses
    comes_late: float = 10  # days, mean, until a supporter tells a first consent of itself
    contact_days: float = 16  # mean, between contacts with one supporter
    told_each_days: int = 28  # SUPPORT_CONFIRM_DAYS
    fallback_kept: float = 0.9
    scopes_kept: float = 0.9
    laptops: float = 0.3  # nodes that are on in office hours only; the others follow in seconds


@dataclass(frozen=True)
class Organisation:
    number: int
    kind: str
    home: int  # municipality; -1: the whole region
    laptop: bool


@dataclass
class Support:
    org: int
    since: float  # when the hub heard of it, on this handle
    confirmed: int  # the last contact that the hub was told on this handle
    carried: int  # at a new card: what the old one had; -1: nothing


@dataclass
class Card:
    handle: int
    family: int
    issuer: int
    fallbacks: tuple
    scopes: int
    given: float
    reason: str
    before: int = -1  # the handle that it takes the place of; -1: none
    ended: float = math.inf
    why: str = ""  # reason of the next card, "withdrawn" or "lapsed"
    at_end: list = field(default_factory=list)  # [Support] that stood when it ended
    at_start: list = field(default_factory=list)  # [Support] a fortnight after it began


def organisations(rng, parameters):
    """Thirty, of the kinds of the design: an OCMW in each municipality, and who works wider."""
    kinds = [("ocmw", m) for m in range(MUNICIPALITIES)] + [("agii", -1)] + [("caw", -1)] * 2
    kinds += [("vdab", -1)] + [("dmw", -1)] * 3 + [("school", m) for m in range(5)]
    kinds += [("volunteers", 0), ("volunteers", 2), ("volunteers", -1)]
    kinds += [("refuge", -1), ("addiction", -1)]
    return [Organisation(number, kind, home, rng.random() < parameters.laptops)
            for number, (kind, home) in enumerate(kinds)]


# How often a kind stands on a family: in its own municipality, or regional; elsewhere.
WEIGHTS = {"ocmw": (5.0, 0.03), "agii": (3.0, 0), "caw": (1.5, 0), "vdab": (1.5, 0),
           "dmw": (1.0, 0), "school": (4.0, 0.2), "volunteers": (2.0, 0.2), "refuge": (0.3, 0),
           "addiction": (0.3, 0)}
MAY_TAKE_CONSENT = ("ocmw", "agii", "caw", "dmw")


class Draw:
    """A weighted choice among numbers."""

    def __init__(self, weights):
        self.sums = []
        total = 0.0
        for weight in weights:
            total += weight
            self.sums.append(total)

    def one(self, rng):
        return bisect.bisect_right(self.sums, rng.random() * self.sums[-1])


class Region:
    def __init__(self, seed, parameters=Parameters()):
        self.rng = random.Random(seed)
        self.parameters = parameters
        self.organisations = organisations(self.rng, parameters)
        self.cards = []
        places = Draw([1 / (k + 1) for k in range(MUNICIPALITIES)])  # Zipf
        self.draws = [Draw([WEIGHTS[o.kind][0 if o.home in (-1, m) else 1]
                            for o in self.organisations]) for m in range(MUNICIPALITIES)]
        # Families come evenly over the time before and stay until they lapse or withdraw.
        span = parameters.last_day - parameters.first_day
        stay = -365 / math.log(1 - 0.25)  # a quarter a year goes: lapsed, withdrawn, moved
        count = round(parameters.families * (1 + span / stay))
        for family in range(count):
            first = parameters.first_day
            if family >= parameters.families:
                first += self.rng.uniform(0, span)
            else:
                first += self.rng.uniform(0, 365) - 365
            self.live(family, places.one(self.rng), first)

    # -- times --

    def office_hour(self, day):
        """The same day or the next working day, between nine and five."""
        day = math.floor(day)
        while day % 7 > 4:
            day += 1
        return day + self.rng.uniform(9, 17) / 24

    def follows(self, org, at):
        """When that node answers what the hub brought at `at`, without anybody's hand."""
        if not self.organisations[org].laptop:
            return at + self.rng.expovariate(1 / 5) * SECOND
        hour = at % 1 * 24
        if 9 <= hour < 17 and math.floor(at) % 7 <= 4 and self.rng.random() < 0.6:
            return at + self.rng.expovariate(1 / 600) * SECOND
        opens = math.floor(at) + (1 if hour >= 9 else 0)
        while opens % 7 > 4 or self.rng.random() < 0.15:  # and is off on some days
            opens += 1
        return opens + self.rng.uniform(8.5, 10) / 24

    # -- one family's life --

    def supporters(self, place):
        draw = self.draws[place]
        number = 1 + Draw(self.parameters.supporters).one(self.rng)
        issuer = -1
        while issuer < 0 or self.organisations[issuer].kind not in MAY_TAKE_CONSENT:
            issuer = draw.one(self.rng)
        chosen = {issuer}
        while len(chosen) < number:
            chosen.add(draw.one(self.rng))
        return issuer, chosen

    def fallbacks(self, place, orgs):
        first = place if self.rng.random() < 0.7 else self.rng.choice(sorted(orgs))
        second = self.draws[place].one(self.rng)
        return (first, second) if second != first else (first, -1)

    def end_of(self, given):
        """(when it ends, why), of a card given then."""
        p, rng = self.parameters, self.rng
        months = p.months[Draw([share for _, share in p.months]).one(rng)][0]
        end = given + months * 30.4 + rng.uniform(-15, 15)  # the end of a calendar month
        if rng.random() < p.renewed:
            # After the notice of 60 days, or after that of 14.
            ahead = 60 - rng.expovariate(1 / 12) if rng.random() < 0.45 else 14 - rng.uniform(0, 12)
            ends = [(self.office_hour(end - max(ahead, 1)), RENEWAL)]
        else:
            ends = [(float(math.floor(end)), "lapsed")]
        for rate, why in ((p.lost_a_year, LOST), (p.wrong_hands_a_year, WRONG_HANDS),
                          (p.withdrawn_a_year, "withdrawn")):
            ends.append((self.office_hour(given + rng.expovariate(rate / 365)), why))
        return min(ends)

    def live(self, family, place, first):
        p = self.parameters
        issuer, orgs = self.supporters(place)
        card = self.give(family, issuer, place, self.office_hour(first), FIRST)
        standing = {issuer: Support(issuer, card.given, math.floor(card.given), -1)}
        for org in orgs - {issuer}:
            at = self.office_hour(card.given + self.rng.expovariate(1 / p.comes_late))
            standing[org] = Support(org, at, math.floor(at), -1)
        while True:
            card.at_start = [support for support in self.copy(standing)
                             if support.since < card.given + 14]
            card.ended, card.why = self.end_of(card.given)
            self.pass_time(standing, place, card.given, min(card.ended, p.last_day + 30))
            card.at_end = [support for support in self.copy(standing)
                           if support.since < card.ended]
            if card.ended > p.last_day or card.why in ("withdrawn", "lapsed"):
                return
            if card.given < p.last_day and self.rng.random() < p.split_a_year:
                self.split(card, place, standing)
            card = self.next(card, place, standing, card.ended, card.why)

    @staticmethod
    def copy(standing):
        return [Support(s.org, s.since, s.confirmed, s.carried) for s in standing.values()]

    def give(self, family, issuer, place, at, reason, before=None):
        keep = before is not None and self.rng.random() < self.parameters.fallback_kept
        same = before is not None and self.rng.random() < self.parameters.scopes_kept
        card = Card(len(self.cards), family, issuer,
                    before.fallbacks if keep else self.fallbacks(place, {issuer}),
                    before.scopes if same else Draw((0.5, 0.2, 0.1, 0.1, 0.05, 0.05)).one(self.rng),
                    at, reason, -1 if before is None else before.handle)
        self.cards.append(card)
        return card

    def next(self, card, place, standing, at, reason):
        """A new card: its maker at once, the supporters that are told as their nodes follow."""
        makers = [org for org in standing
                  if self.organisations[org].kind in MAY_TAKE_CONSENT] or [card.issuer]
        maker = card.issuer if card.issuer in makers and self.rng.random() < 0.7 \
            else self.rng.choice(sorted(makers))
        new = self.give(card.family, maker, place, at, reason, card)
        for org in list(standing):
            support = standing[org]
            if org != maker and self.rng.random() > self.parameters.told:
                del standing[org]
                continue
            support.carried = support.confirmed
            support.since = at if org == maker else self.follows(org, at)
        if maker not in standing:
            standing[maker] = Support(maker, at, math.floor(at), -1)
        return new

    def split(self, card, place, standing):
        """Some of the household take a card of their own; the old one stays."""
        at = self.office_hour(self.rng.uniform(card.given, min(card.ended, card.given + 300)))
        new = self.give(card.family, card.issuer, place, at, SPLIT, card)
        for support in self.copy(standing):
            if support.org == card.issuer or self.rng.random() < 0.6:
                follows = at if support.org == card.issuer else self.follows(support.org, at)
                new.at_start.append(Support(support.org, follows, support.confirmed,
                                            support.confirmed))
        new.why, new.ended = "lapsed", at + 300
        new.at_end = list(new.at_start)

    def pass_time(self, standing, place, since, until):
        """Supporters go and come, and tell a newer contact at most each 28 days."""
        p, rng = self.parameters, self.rng
        at = since
        while True:
            at += rng.expovariate(max(len(standing), 1) / p.support_days)
            if at >= until:
                break
            if len(standing) > 1:
                del standing[rng.choice(sorted(standing))]
            org = self.draws[place].one(rng)
            day = self.office_hour(at)
            standing.setdefault(org, Support(org, day, math.floor(day), -1))
        for support in standing.values():
            told = support.confirmed
            contact = float(told)
            while contact < until:
                contact += rng.expovariate(1 / p.contact_days)
                if contact - told >= p.told_each_days and contact < until:
                    told = math.floor(contact)
            support.confirmed = told
