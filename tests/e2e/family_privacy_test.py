#!/usr/bin/env python3
"""No identity leaves (promise 1): a thousand invented people in everything that a node is told
about families, a month of work around them, and then the search, in the hub's disk, journal,
backup, keyring, logs, metrics and answers, in mail, in what one node shows of another's families,
and in everything that went over the network meanwhile: for each of them and each card, in every
form.

The search is itself searched: in a copy of each place one of them is hidden in every form, and has
to be found; and what a fallback may read is found where it reads it."""

from __future__ import annotations

import base64
import csv
import datetime
import json
import os
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import families
import stories
import vangnet
from families import EVERYTHING, Office
from family_identities import Identity, Search, card_forms, make, text_forms
from postbox import Postbox
from stories import Story
from vangnet import Hub, equal, expect, wait_for

INSIDE = "--inside"
PEOPLE = 1000
FAMILIES, NEIGHBOURS, QUESTIONS, CALLS = 350, 250, 200, 200
MONTH_DAYS = 30
SEED = 11


class Capture:
    """Everything on the loopback of this network namespace, which nobody else uses."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.said = path.with_suffix(".said")

    def __enter__(self) -> Capture:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        with self.said.open("w") as said:
            self.process = subprocess.Popen(
                ["tcpdump", "-i", "lo", "-Z", "root", "-U", "-B", "65536", "-w", self.path],
                stderr=said, stdin=subprocess.DEVNULL)
        wait_for("tcpdump listens", lambda: "listening on" in self.said.read_text() or
                 self.process.poll() is not None)
        expect(self.process.poll() is None, f"tcpdump: {self.said.read_text()}")
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)

    def streams(self) -> bytes:
        """What each side of each connection said, without the headers between."""
        content = self.path.read_bytes()
        said: dict[bytes, bytearray] = {}
        at = 24
        while at + 16 <= len(content):
            length = struct.unpack_from("<I", content, at + 8)[0]
            frame = content[at + 16:at + 16 + length]
            at += 16 + length
            if frame[12:14] != b"\x08\x00" or frame[23] != 6:
                continue
            ip = 14 + (frame[14] & 15) * 4
            tcp = ip + (frame[ip + 12] >> 4) * 4
            end = 14 + struct.unpack_from(">H", frame, 16)[0]
            said.setdefault(frame[26:34] + frame[ip:ip + 4], bytearray()).extend(frame[tcp:end])
        return b"\0".join(bytes(one) for one in said.values())


# -- a month of work --

class Month(Story):
    def __init__(self, build: Path, people: list[Identity]) -> None:
        super().__init__(build, stories.monday(2))
        self.people = people
        self.cards: list[str] = []
        self.dead: set[str] = set()
        self.numbers: list[tuple[Office, int]] = []
        self.read_at_fallback: Any = None

    def open(self, box: Postbox) -> None:
        self.ocmw = self.organisation("ocmw-x")
        self.dmw = self.organisation("dmw-x", "dmw")
        self.caw = self.organisation("caw-x", "caw", ini=(
            f"\n[mail]\nurl = smtp://127.0.0.1:{box.port}\nfrom = vangnet@caw.example.net\n"
            "teams = onthaal: team@caw.example.net\nlanguage = nl\n"))
        self.group = self.volunteers("buddies")

    def registers(self) -> None:
        """Everybody is in an export, as client packages write them: named in columns beside."""
        for n, office in enumerate((self.ocmw, self.dmw)):
            path = self.region.folder / f"export-{n}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                rows = csv.writer(file)
                rows.writerow(["id", "nis", "service", "language", "asked", "last contact",
                               "worker", "naam", "telefoon", "rijksregisternummer", "e-mail",
                               "adres"])
                for i, one in list(enumerate(self.people))[n * 500:n * 500 + 500]:
                    asked = self.today() - datetime.timedelta(days=7 + i % 60)
                    rows.writerow([case_of(one), stories.X, "leefloon", "ara", asked.isoformat(),
                                   self.today().isoformat(), one.name, one.name, one.phone,
                                   one.number, one.mail, one.address])
            said = office.node.call("import", path, "--preset", "generic")
            expect("500 rows taken" in said, said)
            office.node.call("publish")

    def consents(self) -> None:
        for n in range(FAMILIES):
            office = self.ocmw if n % 2 == 0 else self.dmw
            one = self.people[n // 2 + (0 if office is self.ocmw else 500)]
            body = families.consent(EVERYTHING, fallback_first="caw-x", contact=one.words(),
                                    present=one.name, interpreter_desk=one.phone,
                                    teach_back=f"{one.words()}: wij mogen stoppen.",
                                    support={"kind": "professional", "distance": "near",
                                             "case": case_of(one)})
            answer = office.post("/api/v1/cards/new", **body)
            self.cards.append(families.card_of(answer["page"]))
            self.numbers.append((office, answer["family"]))

    def others(self) -> list[Identity]:
        """Those who aren't in a consent already."""
        return self.people[175:500] + self.people[675:]

    def neighbours_questions_calls(self) -> None:
        others = self.others()
        for n, one in enumerate(others[:NEIGHBOURS]):
            office, number = self.numbers[n]
            office.post("/api/v1/informal", family=number, name=one.name,
                        what=f"{one.phone}, {one.number}, {one.mail}")
        for n, one in enumerate(others[NEIGHBOURS:NEIGHBOURS + QUESTIONS]):
            office, number = self.numbers[n]
            office.post("/api/v1/asks", family=number, to="caw-x", service="woonbegeleiding",
                        contact=one.words())
        for one in others[-CALLS:]:
            self.group.post("/api/v1/call-backs", contact=one.words(), municipality=stories.X,
                            language="ara")

    def concerns_and_more_support(self) -> None:
        for card in self.cards[20:50]:
            self.group.post("/api/v1/concerns", card=card, by="volunteer", reason="housing",
                            urgency="this-week")
        for card in self.cards[50:90]:
            self.caw.post("/api/v1/supports/start", card=card, kind="professional",
                          distance="near")
        for card in self.cards[90:110]:
            self.group.post("/api/v1/supports/start", card=card, kind="informal",
                            distance="distant")

    def questions_answered(self) -> None:
        waiting = [one for one in self.caw.items() if one["kind"] == "ask"]
        expect(len(waiting) >= QUESTIONS / 2, f"questions at the CAW: {len(waiting)}")
        for n, one in enumerate(waiting[:30]):
            answer: dict[str, str] = {"state": "taken"}
            if n % 3:
                answer = {"state": "refused", "reason": "lack-of-capacity"}
            self.caw.post("/api/v1/asks/answer", item=one["item"], **answer)

    def endings(self) -> None:
        for office, number in self.numbers[200:240]:
            office.post("/api/v1/supports/end", family=number, why="finished")
        for office, number in self.numbers[240:260]:
            on = stories.working_days_after(self.today(), 6)
            office.post("/api/v1/supports/ending", family=number, why="moving",
                        on=on.isoformat(), moving_to=stories.Y)
        for n, (office, number) in enumerate(self.numbers[300:310]):
            body = families.consent(EVERYTHING, fallback_first="caw-x",
                                    contact=self.people[n].words(), teach_back="Nieuw.")
            answer = office.post("/api/v1/cards/renew", **body, family=number, reason="lost")
            self.cards.append(families.card_of(answer["page"]))
        for card in self.cards[310:320]:
            self.group.post("/api/v1/consents/withdraw", card=card)

    def flags_taken(self) -> None:
        self.wait("flags at the fallback", lambda: len(self.flags_of(self.caw)) >= 40)
        first = self.flags_of(self.caw)[0]["item"]
        _, self.read_at_fallback = self.caw.ask("GET", f"/api/v1/items/{first}")
        for one in self.flags_of(self.caw)[:20]:
            self.caw.post("/api/v1/items/take", item=one["item"])
            self.caw.post("/api/v1/items/contacted", item=one["item"])
            self.caw.post("/api/v1/items/close", item=one["item"], reason="helped")

    @staticmethod
    def flags_of(office: Office) -> list[Any]:
        return [one for one in office.items() if one["flag"] and one["flag"]["yours"] and
                one["flag"]["kind"] == "no-local-professional" and one["has_contact"]]

    def run(self) -> None:
        self.registers()
        self.consents()
        self.neighbours_questions_calls()
        for office in self.offices.values():
            office.node.wait_received(60)
        equal(self.hub.fresh_metrics()["families"], FAMILIES, "families at the hub")
        self.concerns_and_more_support()
        self.pass_days(2)
        self.questions_answered()
        self.endings()
        self.pass_days(2)
        self.flags_taken()
        self.pass_until(stories.monday(2) + datetime.timedelta(days=MONTH_DAYS))


def case_of(one: Identity) -> str:
    return one.mail.split("@")[0]


# -- what is kept of it --

def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def answers_of(hub: Hub, folder: Path) -> list[Path]:
    """Of every address that gives something, also of those that want an organisation's name."""
    api = hub.get("/api/v1/openapi.json")
    kept = []
    for path, ways in api["paths"].items():
        if "get" not in ways or path.endswith("openapi.json"):
            continue
        for org in ("ocmw-x", "caw-x") if "{" in path else ("",):
            asked = path.replace("{id}", org)
            query = "?organisation=ocmw-x&service=leefloon" if path.endswith("series") else ""
            _, answer = hub.ask("GET", asked + query)
            content = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
            kept.append(write(folder / asked.strip("/").replace("/", "-"), content.encode()))
    said = hub.call("flags") + hub.call("flags", "--all") + hub.call("status")
    return [*kept, write(folder / "command-line", said.encode())]


def looks_from_elsewhere(month: Month, folder: Path) -> list[Path]:
    """A node that holds nothing of a family, with its card on the table."""
    kept = []
    for n, card in enumerate(month.cards[120:132]):
        look = month.look(month.caw, card)
        expect(look["found"] and look["supports"], f"it answers: {look}")
        kept.append(write(folder / f"look-{n}", json.dumps(look, ensure_ascii=False).encode()))
    return kept


def files_in(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def backup(month: Month) -> Path:
    folder = month.region.folder / "backup"
    folder.mkdir()
    month.hub.call("backup", folder / "hub.mdb", "--keyring", folder)
    expect(len(files_in(folder)) >= 2, "database and keyring")
    return folder


def mails_of(box: Postbox, folder: Path) -> list[Path]:
    mails = box.mails()
    expect(mails, "mails were sent")
    return [write(folder / f"mail-{n}", one.content) for n, one in enumerate(mails)]


# -- the search --

def it_finds_what_other_programs_write(search: Search, folder: Path, one: Identity) -> None:
    said = one.words()
    for n, content in enumerate([
            *(base64.b64encode(b"xyz"[:before] + said.encode()) for before in range(3)),
            base64.urlsafe_b64encode(said.encode()), said.encode("utf-16"),
            said.encode("utf-8-sig"),
            json.dumps({"said": one.phone}).encode(), said.encode().hex().encode(),
            said.encode("utf-16-be")[::-1], f"...{one.mail}...".encode()]):
        hits = search.found([write(folder / f"written-{n}", content)])
        expect(hits, f"form {n} isn't found: {content[:60]!r}")


def nothing_of_anybody(search: Search, places: dict[str, list[Path]], hidden: list[bytes]) -> None:
    for place, files in places.items():
        size = sum(path.stat().st_size for path in files)
        expect(size > 0, f"{place}: there is nothing to search")
        found = search.found(files)
        said = [f"{search.patterns[pattern]!r} as {pattern[:40]!r} in {where}"
                for pattern, where in found[:5]]
        expect(not found, f"{place}: {'; '.join(said)}")
        search.finds_what_is_hidden_in(max(files, key=lambda path: path.stat().st_size), hidden)
        print(f"{place}: {len(files)} files, {size} bytes: nothing")


def what_may_be_read_is_found_where_it_is_read(month: Month, search: Search, folder: Path) -> None:
    detail = json.dumps(month.read_at_fallback, ensure_ascii=False)
    read = write(folder / "read", detail.encode())
    expect(search.found([read]), "the fallback reads how to reach a family, and the search sees it")


def inside(build: Path) -> None:
    began = time.monotonic()
    people = make(PEOPLE, SEED)
    equal(len({one.name for one in people}), PEOPLE, "different names")
    month = Month(build, people)
    with Capture(month.region.folder / "lo.pcap") as capture, month:
        folder = month.region.folder / "kept"
        with Postbox(month.region.folder / "box") as box:
            month.open(box)
            month.run()
            print(f"a month took {time.monotonic() - began:.0f} s")
            search = Search(build, month.region.folder, people, month.cards)
            what_may_be_read_is_found_where_it_is_read(month, search, folder)
            places = {"the hub's answers": answers_of(month.hub, folder / "answers"),
                      "another node's look": looks_from_elsewhere(month, folder / "looks"),
                      "mail": mails_of(box, folder / "mail"),
                      "the backup with its keyring": files_in(backup(month))}
        for daemon in reversed(month.region.daemons):
            daemon.stop()
        capture.end()
        places |= {"the hub's disk": files_in(month.hub.folder),
                   "logs": [daemon.log for daemon in month.region.daemons],
                   "the network": [capture.path,
                                   write(folder / "streams", capture.streams())]}
        it_finds_what_other_programs_write(search, folder, people[7])
        hidden = [*text_forms(people[3].name), *text_forms(people[3].number),
                  *card_forms(month.cards[3])]
        nothing_of_anybody(search, places, hidden)
    print(f"{len(search.known)} patterns, {time.monotonic() - began:.0f} s in all")


def test(build: Path) -> None:
    """Again, in a network of its own: what is on the loopback there is ours."""
    done = subprocess.run(["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"]),
                           sys.executable, __file__, build.resolve(), INSIDE], check=False)
    expect(done.returncode == 0, f"in its own network: status {done.returncode}")


if __name__ == "__main__":
    if sys.argv[2:] == [INSIDE]:
        del sys.argv[2:]
        vangnet.main(inside)
    else:
        vangnet.main(test)
