#!/usr/bin/python3
"""Holds the demo's region and its synthetic exports to the lists, catalogues and presets of the
program that reads them, and to what their README promises."""

import csv
import io
import re
import subprocess
import sys
import tempfile
import unicodedata
import unittest
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[2]
REGION = ROOT / "deploy/region"
PLACES = ROOT / "shared/places"
AS_OF = date(2026, 11, 16)

sys.dont_write_bytecode = True
sys.path.insert(0, str(REGION))

import dialects  # noqa: E402
import flows  # noqa: E402
import world  # noqa: E402

Row = dict[str, str]


def region_rows() -> list[Row]:
    with (REGION / "zuid-west-vlaanderen.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def list_words(name: str) -> set[str]:
    """The texts of one closed list."""
    text = (ROOT / "shared/base/lists.h").read_text(encoding="utf-8")
    block = text.split(f"#define {name}_LIST(X)", 1)[1].split("\n\n", 1)[0]
    return set(re.findall(r'X\(\w+, \d+, "([^"]+)"', block))


def catalogue() -> dict[str, str]:
    """Service id to Dutch name; a course stands for its three parts of the day."""
    text = (PLACES / "services.inc").read_text(encoding="utf-8")
    found = {}
    parts = {"-dag": ", overdag", "-avond": ", 's avonds", "-weekend": ", in het weekend"}
    for macro, name, dutch in re.findall(r'(SERVICE|COURSES)\("([\w-]+)",.*?"([^"]+)"', text, re.S):
        if macro == "SERVICE":
            found[name] = dutch
        else:
            found.update({name + part: dutch + words for part, words in parts.items()})
    return found


def languages() -> dict[str, str]:
    text = (PLACES / "languages.inc").read_text(encoding="utf-8")
    return dict(re.findall(r'LANGUAGE\("(\w{3})", "\w*", "([^"]*)"', text))


def folded(text: str) -> str:
    """As node/import/fold.h compares headings and words."""
    plain = unicodedata.normalize("NFD", text.lower())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[\s_.-]+", " ", letters).strip()


class Preset:
    def __init__(self, name: str) -> None:
        self.sections: dict[str, dict[str, str]] = {}
        text = (ROOT / f"deploy/presets/{name}.ini").read_text(encoding="utf-8")
        section = ""
        for line in text.splitlines():
            if line.startswith("["):
                section = line.strip("[] ")
            elif "=" in line and not line.startswith(";"):
                key, words = line.split("=", 1)
                for word in words.split("|"):
                    self.sections.setdefault(section, {})[folded(word)] = key.strip()

    def column(self, heading: str) -> str | None:
        return self.sections["columns"].get(folded(heading))

    def word(self, section: str, word: str) -> str | None:
        return self.sections.get(section, {}).get(folded(word))


def generate(out: Path, *options: str) -> None:
    command = [sys.executable, str(REGION / "generate.py"), "--out", str(out), *options]
    if "--as-of" not in options:
        command += ["--as-of", AS_OF.isoformat()]
    subprocess.run(command, check=True)


def contents(directory: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in directory.glob("*.csv")}


def table(organisation: str, preset: str, directory: Path) -> list[Row]:
    dialect = dialects.DIALECTS[preset]
    content = (directory / f"{organisation}.synthetic.csv").read_bytes()
    text = io.StringIO(content.decode(dialect.encoding), newline="")
    return list(csv.DictReader(text, delimiter=dialect.delimiter))


class Region(unittest.TestCase):
    rows = region_rows()

    def test_it_has_the_twenty_five_organisations_of_the_demo(self) -> None:
        kinds = Counter(row["kind"] for row in self.rows)
        self.assertEqual(
            kinds, {"ocmw": 13, "agii": 1, "caw": 3, "dmw": 2, "nt2": 3, "volunteers": 3}
        )
        self.assertEqual(len({row["id"] for row in self.rows}), 25)

    def test_every_value_is_one_that_the_program_takes(self) -> None:
        services, known_languages = catalogue(), languages()
        for row in self.rows:
            self.assertRegex(row["id"], r"^[a-z0-9][a-z0-9-]{0,30}$")
            self.assertLessEqual(len(row["name"].encode()), 120)
            self.assertIn(row["kind"], list_words("ORG_KIND"))
            self.assertIn(row["competence"], list_words("COMPETENCE"))
            self.assertLessEqual(set(row["services"].split("|")), set(services))
            self.assertLessEqual(set(row["services"].split("|")), set(flows.SERVICE_FLOWS))
            self.assertLessEqual(set(row["languages"].split("|")), set(known_languages))
            self.assertTrue((ROOT / f"deploy/presets/{row['preset']}.ini").is_file())
            for hours in filter(None, row["walk_in"].split("|")):
                self.assertRegex(hours, r"^[1-7] \d\d:\d\d-\d\d:\d\d$")
            for hours in filter(None, row["sitting"].split("|")):
                self.assertRegex(hours, r"^\d{5} [1-7] \d\d:\d\d-\d\d:\d\d$")

    def test_the_thirteen_municipalities_are_covered_by_their_ocmw_and_the_agency(self) -> None:
        municipalities = world.read_municipalities(REGION / "municipalities.csv")
        current = (PLACES / "municipalities.inc").read_text(encoding="utf-8")
        own = {row["nis"] for row in self.rows if row["kind"] == "ocmw"}
        self.assertEqual(own, set(municipalities))
        for row in self.rows:
            self.assertLessEqual(set(row["catchment"].split("|")), own)
            if row["kind"] == "agii":
                self.assertEqual(set(row["catchment"].split("|")), own)
        for one in municipalities.values():
            self.assertIn(f'CURRENT({one.nis}, "{one.name}"', current)

    def test_only_real_organisation_numbers_stand_there(self) -> None:
        for row in self.rows:
            if row["kind"] != "ocmw":
                self.assertEqual(row["kbo"], "")
                continue
            self.assertRegex(row["kbo"], r"^0\d{9}$")
            # Crossroads Bank for Enterprises: the last two digits are 97 - (the first eight mod 97)
            self.assertEqual(int(row["kbo"][8:]), 97 - int(row["kbo"][:8]) % 97, row["name"])


class Exports(unittest.TestCase):
    """One region as the demo has it."""

    organisations = world.read_region(REGION / "zuid-west-vlaanderen.csv")
    agency = next(one for one in organisations if one.kind == "agii")

    @classmethod
    def setUpClass(cls) -> None:
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.out = Path(temporary.name)
        generate(cls.out)

    def rows_by_column(self, organisation: world.Organisation) -> list[dict[str | None, str]]:
        """With the preset's keys for the headings; None for those that it doesn't know."""
        preset = Preset(organisation.preset)
        rows = table(organisation.id, organisation.preset, self.out)
        return [{preset.column(name): cell for name, cell in row.items()} for row in rows]

    def test_every_heading_is_known_to_its_preset_or_names_a_person(self) -> None:
        dropped = {"Naam", "Voornaam", "Rijksregisternr", "Opmerkingen"}
        for one in self.organisations:
            preset = Preset(one.preset)
            headings = table(one.id, one.preset, self.out)[0]
            unknown = {name for name in headings if preset.column(name) is None}
            self.assertEqual(unknown, dropped if one.preset == "ocmw-pakket" else set())

    def test_every_word_is_known_to_its_preset_or_the_catalogues(self) -> None:
        services = {folded(name) for pair in catalogue().items() for name in pair}
        spoken = {folded(name) for pair in languages().items() for name in pair}
        reasons = list_words("CLOSE_REASON") | {""}
        for one in self.organisations:
            preset = Preset(one.preset)
            rows = self.rows_by_column(one)
            for word in {row["service"] for row in rows}:
                self.assertTrue(folded(word) in services or preset.word("services", word), word)
            for word in {row["language"] for row in rows}:
                self.assertIn(folded(word), spoken)
            for word in {row["close_reason"] for row in rows}:
                self.assertTrue(word in reasons or preset.word("close_reasons", word), word)

    def test_dates_run_forwards_and_nothing_lies_ahead_but_planned_appointments(self) -> None:
        planned_until = AS_OF + timedelta(days=world.PLANNED_DAYS)
        for row in table("agii", "generic", self.out):
            at = [row[name] for name in ("asked", "first_appointment", "closed") if row[name]]
            self.assertEqual(at, sorted(at))
            for name in ("asked", "last_contact", "closed"):
                self.assertLess(row[name], AS_OF.isoformat())
            self.assertLess(row["first_appointment"], planned_until.isoformat())
            self.assertEqual(bool(row["closed"]), bool(row["close_reason"]))

    def test_who_stays_for_years_is_still_there(self) -> None:
        open_since = [row["asked"] for row in self.rows_by_column(self.agency) if not row["closed"]]
        self.assertLess(min(open_since), (AS_OF - timedelta(weeks=120)).isoformat())

    def test_registers_have_the_sizes_that_the_region_names(self) -> None:
        sizes = {}
        for one in self.organisations:
            sizes[one.id] = sum(not row["closed"] for row in self.rows_by_column(one))
            # Poisson around `families`, with the season and the drift of at most 0.5 together
            spread = 4 * one.families**0.5 + 0.5 * one.families
            self.assertLess(abs(sizes[one.id] - one.families), spread, one.id)
        self.assertGreater(sizes["agii"], 1000)
        self.assertGreaterEqual(sum(size < 50 for size in sizes.values()), 5)
        self.assertGreaterEqual(sum(50 <= size <= 500 for size in sizes.values()), 8)

    def test_identities_are_made_up_and_can_be_searched_for(self) -> None:
        rows = table("ocmw-kortrijk", "ocmw-pakket", self.out)
        for row in rows:
            nine, check = divmod(int(row["Rijksregisternr"]), 100)
            self.assertEqual(nine % 1000, 999)
            self.assertIn(97 - check, {nine % 97, (2_000_000_000 + nine) % 97})
            self.assertIn(row["Naam"], row["Opmerkingen"])
        self.assertNotRegex(rows[0]["Dossiernr"], r"^\d{11}$")

    def test_the_directory_says_that_all_of_it_is_synthetic(self) -> None:
        names = {file.name for file in self.out.iterdir()}
        exports = {f"{one.id}.synthetic.csv" for one in self.organisations}
        self.assertEqual(names, exports | {"README.txt"})
        self.assertIn("SYNTHETIC", (self.out / "README.txt").read_text(encoding="utf-8"))


class Generator(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.out = Path(temporary.name)

    def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(self) -> None:
        generate(self.out / "a", "--seed", "7")
        generate(self.out / "b", "--seed", "7")
        generate(self.out / "c", "--seed", "8")
        self.assertTrue(contents(self.out / "a") == contents(self.out / "b"))
        self.assertTrue(contents(self.out / "a") != contents(self.out / "c"))

    def test_an_earlier_week_is_the_same_however_one_asks_for_it(self) -> None:
        earlier = AS_OF - timedelta(weeks=4)
        generate(self.out / "history", "--history", "5")
        generate(self.out / "back", "--weeks-back", "4")
        generate(self.out / "then", "--as-of", earlier.isoformat())
        self.assertTrue(contents(self.out / "back") == contents(self.out / "then"))
        first = contents(self.out / "history" / earlier.isoformat())
        self.assertTrue(contents(self.out / "back") == first)
        self.assertEqual(len(first), 25)

    def test_weekly_states_are_one_history(self) -> None:
        generate(self.out, "--history", "13", "--organisation", "agii")
        states = [
            {row["id"]: row for row in table("agii", "generic", directory)}
            for directory in sorted(self.out.iterdir())
        ]
        for before, after in zip(states, states[1:], strict=False):
            for number, row in before.items():
                if number not in after:
                    self.assertTrue(row["closed"], "only a closed case leaves the export")
                    continue
                later = after[number]
                for column in ("asked", "service", "language", "worker"):
                    self.assertEqual(row[column], later[column])
                for column in ("first_appointment", "closed"):
                    self.assertTrue(not row[column] or row[column] == later[column])
                self.assertLessEqual(row["last_contact"], later["last_contact"])

    def test_a_load_test_gets_exactly_the_rows_that_it_asks_for(self) -> None:
        generate(self.out, "--organisation", "ocmw-kuurne", "--rows", "5000")
        rows = table("ocmw-kuurne", "excel-be", self.out)
        self.assertEqual(len(rows), 5000)
        self.assertEqual(len({row["Nummer"] for row in rows}), 5000)

    def test_faults_stand_at_the_end_and_are_counted(self) -> None:
        generate(self.out / "good", "--organisation", "dmw-a")
        generate(self.out / "bad", "--organisation", "dmw-a", "--faults", "5")
        good = table("dmw-a", "generic", self.out / "good")
        bad = table("dmw-a", "generic", self.out / "bad")
        self.assertEqual(bad[:-5], good)
        self.assertEqual([row["id"] for row in bad[-5:]], [f"FOUT-{i:04}" for i in range(1, 6)])


if __name__ == "__main__":
    unittest.main()
