"""Made-up identities for the columns that an import must drop: what a leak test searches for.

Names are strung together from syllables, so that they read like names and belong to nobody.
National numbers carry the serial 999: the register issues 001 to 998, so no such number is a
person's. Check digits are right (royal decree of 3 April 1984, art. 1-3): a filter has to
recognise them.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta

_FIRST = ("Za", "Mi", "Ru", "Ele", "Ta", "No", "Sa", "Fi", "Ami", "Ko")
_MIDDLE = ("ri", "vel", "lo", "sha", "ne", "dou", "mar", "li")
_LAST = ("nek", "dora", "lim", "van", "zita", "rem", "sou", "tal", "quin", "bar")
_BIRTHS_FROM = date(1955, 1, 1)
_BIRTHS_DAYS = 52 * 365
_SERIAL = 999


@dataclass(frozen=True)
class Person:
    family_name: str
    first_name: str
    national_number: str


def person(organisation: str, case_id: str) -> Person:
    """Always the same for one case."""
    stream = random.Random(f"person/{organisation}/{case_id}")
    born = _BIRTHS_FROM + timedelta(days=stream.randrange(_BIRTHS_DAYS))
    return Person(
        family_name=_name(stream) + stream.choice(_MIDDLE),
        first_name=_name(stream),
        national_number=national_number(born),
    )


def national_number(born: date) -> str:
    nine = int(born.strftime("%y%m%d")) * 1000 + _SERIAL
    base = nine if born.year < 2000 else 2_000_000_000 + nine
    return f"{nine:09}{97 - base % 97:02}"


def _name(stream: random.Random) -> str:
    return stream.choice(_FIRST) + stream.choice(_MIDDLE) + stream.choice(_LAST)
