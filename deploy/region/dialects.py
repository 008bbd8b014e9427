"""What an export looks like in each import preset (deploy/presets): separator, encoding, dates,
headings, and the words for services, languages and reasons. How cases come about is in world.py."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from persons import person
from world import Case, Municipality
from words import LANGUAGE_WORDS, PACKAGE_SERVICE_WORDS, REASON_WORDS, SERVICE_WORDS

UNKNOWN_NIS = "99999"
UNKNOWN_SERVICE = "maanreizen"
UNKNOWN_LANGUAGE = "qqq"

Cells = dict[str, str]


@dataclass(frozen=True)
class Register:
    """One organisation's cases and what is needed to spell them out."""

    organisation: str
    cases: Sequence[Case]
    municipalities: Mapping[str, Municipality]

    def town(self, nis: str) -> str:
        """Its name; a code that the region doesn't have stands as it is."""
        known = self.municipalities.get(nis)
        return known.name if known else nis

    def postcode(self, nis: str) -> str:
        known = self.municipalities.get(nis)
        return known.postcode if known else nis


@dataclass(frozen=True)
class Dialect:
    delimiter: str
    encoding: str
    cells: Callable[[Register, Case], Cells]


def generic(_: Register, case: Case) -> Cells:
    return {
        "id": case.id,
        "municipality": case.nis,
        "service": case.service,
        "language": case.language,
        "asked": iso(case.asked_on),
        "first_appointment": iso(case.started_on),
        "last_contact": iso(case.last_contact_on),
        "closed": iso(case.closed_on),
        "close_reason": case.reason or "",
        "worker": f"mw{case.worker:02}",
    }


def excel_be(register: Register, case: Case) -> Cells:
    return {
        "Nummer": case.id,
        "Gemeente": register.town(case.nis),
        "Dienst": SERVICE_WORDS.get(case.service, case.service),
        "Contacttaal": LANGUAGE_WORDS.get(case.language, case.language),
        "Datum aanvraag": belgian(case.asked_on),
        "Eerste afspraak": belgian(case.started_on),
        "Laatste contact": belgian(case.last_contact_on),
        "Afgesloten op": belgian(case.closed_on),
        "Reden afsluiting": REASON_WORDS[case.reason] if case.reason else "",
        "Medewerker": f"medewerker {case.worker}",
    }


def ocmw_package(register: Register, case: Case) -> Cells:
    """With identity columns and free text, which an import must leave behind."""
    someone = person(register.organisation, case.id)
    return {
        "Dossiernr": case.id,
        "Naam": someone.family_name,
        "Voornaam": someone.first_name,
        "Rijksregisternr": someone.national_number,
        "Postcode": register.postcode(case.nis),
        "Gemeente": register.town(case.nis),
        "Type hulpvraag": PACKAGE_SERVICE_WORDS.get(case.service, case.service),
        "Taal": LANGUAGE_WORDS.get(case.language, case.language),
        "Datum aanvraag": belgian(case.asked_on),
        "Datum intake": belgian(case.started_on),
        "Datum laatste contact": belgian(case.last_contact_on),
        "Datum afsluiting": belgian(case.closed_on),
        "Reden afsluiting": REASON_WORDS[case.reason] if case.reason else "",
        "Maatschappelijk werker": f"MW{case.worker:02}",
        "Opmerkingen": f"Terugbellen: {someone.first_name} {someone.family_name}",
    }


DIALECTS = {
    "generic": Dialect(",", "utf-8", generic),
    "excel-be": Dialect(";", "cp1252", excel_be),
    "ocmw-pakket": Dialect(";", "utf-8-sig", ocmw_package),
}


def iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def belgian(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else ""


def encoded(dialect: Dialect, register: Register, faults: int) -> bytes:
    """The file; `faults` unreadable rows stand at its end."""
    cases = [*register.cases, *faulty(register.cases, faults)]
    rows = [dialect.cells(register, case) for case in cases]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator="\r\n")
    writer.writerow(headings(dialect, register))
    writer.writerows(row.values() for row in rows)
    return text.getvalue().encode(dialect.encoding)


def headings(dialect: Dialect, register: Register) -> list[str]:
    day = date(2000, 1, 3)
    empty = Case("", "", "", "", 0, day, None, (), None, None)
    return list(dialect.cells(register, empty))


def faulty(cases: Sequence[Case], count: int) -> list[Case]:
    """Copies of the first cases, each spoilt so that an import must refuse it: an appointment
    before the request, then an unknown municipality, service and language, in turn."""
    if count > 0 and not cases:
        return []
    return [spoilt(cases[i % len(cases)], i) for i in range(count)]


def spoilt(case: Case, number: int) -> Case:
    case = replace(case, id=f"FOUT-{number + 1:04}")
    kind = number % 4
    if kind == 0:
        day_before = case.asked_on - timedelta(days=1)
        return replace(case, started_on=day_before)
    if kind == 1:
        return replace(case, nis=UNKNOWN_NIS)
    if kind == 2:
        return replace(case, service=UNKNOWN_SERVICE)
    return replace(case, language=UNKNOWN_LANGUAGE)
