#!/usr/bin/env python3
"""A family at real tables: a hub, organisations with their nodes, people with roles. What is said
at one table is seen at another by the card alone; what is withdrawn is gone everywhere."""

from __future__ import annotations

import os
import pty
import re
import select
import stat
import subprocess
import time
from pathlib import Path

import families
import vangnet
from families import EVERYTHING, Office, new_family
from vangnet import Hub, equal, expect, wait_for

CONTACT = "Mevrouw T., 0470 12 34 56, na 16 uur, Arabisch"


def look(office: Office, card: str) -> dict:
    """Once, for a node may look twenty times an hour; what it said before has reached the hub."""
    office.node.wait_received()
    return office.post("/api/v1/looks", card=card)


def supporters(office: Office, card: str) -> list[str]:
    return sorted(one["organisation"]["id"] for one in look(office, card)["supports"]
                  if one["organisation"])


# -- who may --

def a_family_is_no_business_of_the_administrator(ocmw: Office) -> None:
    done = ocmw.node.run("family", "list")
    equal(done.status, 1, "the administrator asks for families")
    expect("token" in done.err, f"what to do: {done.err}")
    status, answer = ocmw.node.ask("POST", "/api/v1/looks", {"card": "x"})
    equal(status, 403, f"and looks: {answer}")


def a_volunteer_sees_no_list(buddy: Office) -> None:
    for path in ("/api/v1/families", "/api/v1/families/1"):
        equal(buddy.ask("GET", path)[0], 403, path)
    equal(buddy.ask("POST", "/api/v1/asks", {"family": 1, "to": "x", "service": "leefloon"})[0],
          403, "a question")


# -- new, support, who --

def a_new_family_is_seen_at_another_table(ocmw: Office, caw: Office) -> tuple[int, str]:
    number, card = new_family(ocmw, EVERYTHING, support="near", fallback_first="caw-b",
                              contact=CONTACT)
    equal(supporters(caw, card), ["ocmw-a"], "who supports, seen elsewhere")
    caw.call("support", "start", card, "--kind", "professional", "--distance", "distant")
    caw.node.wait_received()
    equal(supporters(ocmw, card), ["caw-b", "ocmw-a"], "both support")
    said = ocmw.call("family", "who", card)
    expect("Organisatie caw-b" in said and "distant" in said, f"the network map: {said}")
    equal(ocmw.families()[0]["family"], number, "its number here")
    return number, card


def a_neighbour_stands_on_the_map_here_only(ocmw: Office, caw: Office, number: int,
                                            card: str) -> None:
    ocmw.call("informal", "add", number, "buurvrouw", "kookt op donderdag")
    expect("buurvrouw" in ocmw.call("family", "who", card), "on the map here")
    equal(look(caw, card)["informal"], [], "at another table")


def a_card_is_read_again_by_group(ocmw: Office, card: str) -> None:
    wrong = card[:12] + ("2" if card[12] != "2" else "3") + card[13:]
    done = ocmw.run("family", "who", wrong)
    equal(done.status, 1, "a mistyped card")
    expect("group 3" in done.err, f"the group: {done.err}")
    status, answer = ocmw.ask("POST", "/api/v1/looks", {"card": wrong})
    equal((status, answer["code"]), (422, "mistyped"), "over the API")
    expect(card not in done.said and wrong not in done.said, "the card isn't repeated")


def an_unknown_card_and_a_withdrawn_one_answer_alike(ocmw: Office, withdrawn: str) -> None:
    pack = ocmw.post("/api/v1/cards/pack", count=1, language="nld")["page"]
    unknown = look(ocmw, families.card_of(pack))
    equal(unknown["found"], False, "a card that opens nothing")
    equal(look(ocmw, withdrawn) | {"family": None}, unknown | {"family": None}, "the two answers")


# -- refusals at the table --

def a_minor_never_interprets(ocmw: Office) -> None:
    body = families.consent(["presence"], interpreter="minor")
    status, answer = ocmw.ask("POST", "/api/v1/cards/new", body)
    equal((status, answer["code"]), (422, "minor-interpreter"), "a child as interpreter")
    expect(answer["next"], "with the next door to try")


def what_is_no_consent_is_refused(ocmw: Office) -> None:
    for changed, code in (({"scopes": []}, "no-scope"), ({"teach_back": " "}, "no-teach-back"),
                          ({"until": "2099-01-01"}, "too-long")):
        body = families.consent(["presence"]) | changed
        status, answer = ocmw.ask("POST", "/api/v1/cards/new", body)
        equal((status, answer["code"]), (422, code), str(changed))
    equal(len(ocmw.families()), 1, "nothing was stored")


def the_same_command_makes_no_second_card(ocmw: Office) -> None:
    body = families.consent(["presence"])
    first = ocmw.ask("POST", "/api/v1/cards/new", body, key="once")
    again = ocmw.ask("POST", "/api/v1/cards/new", body, key="once")
    equal((first[0], again[0]), (200, 409), "sent twice under one key")
    expect("page" not in again[1], "no page that opens nothing")
    ocmw.call("consent", "withdraw", "--family", first[1]["family"], "--paper", "brief, map B")
    said = ocmw.call("consent", "show", families.card_of(first[1]["page"]))
    expect("signed paper: brief, map B" in said, f"what withdrew it: {said}")


# -- withdrawing --

def what_is_withdrawn_is_gone_everywhere(ocmw: Office, caw: Office, number: int,
                                         card: str) -> None:
    held = caw.families()
    equal(len(held), 1, "the other holds it")
    ocmw.call("consent", "withdraw", card)
    ocmw.node.wait_received()
    expect(not look(caw, card)["found"], "nothing to see any more")
    wait_for("the other has erased it", lambda: not caw.families())
    done = caw.run("support", "start", card)
    if done.status == 0:
        wait_for("its support isn't taken", lambda: any(
            one["support"] and one["support"]["waits_for_consent"] for one in caw.families()))


# -- a concern --

def a_concern_comes_back_answered(ocmw: Office, caw: Office, buddy: Office) -> None:
    _, card = new_family(ocmw, EVERYTHING, support="near", fallback_first="ocmw-a",
                         contact=CONTACT)
    said = buddy.call("concern", "raise", card, "--reason", "housing", "--urgency", "today")
    expect("item" in said, f"noted: {said}")
    wait_for("a flag", lambda: any(one["flag"] for one in ocmw.items()), 30)
    item = next(one for one in ocmw.items() if one["flag"])
    equal(item["flag"]["kind"], "concern", "its kind")
    equal(item["flag"]["concern"], "housing", "what it is about")
    ocmw.call("flag", "take", item["item"])
    wait_for("the volunteer hears", lambda: any(
        one["kind"] == "answer" and one["state"] == "new" for one in buddy.items()), 30)
    done = ocmw.run("flag", "close", item["item"], "--reason", "helped")
    expect(done.status != 0, "nobody spoke with the family yet")
    ocmw.call("flag", "contacted", item["item"])
    ocmw.call("flag", "close", item["item"], "--reason", "helped")
    wait_for("closed", lambda: not any(one["flag"] and one["flag"]["state"] == "open"
                                       for one in ocmw.items()))


# -- two minutes, once --

class Terminal:
    """A person at a terminal: reads what is asked, types, and is counted."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.parent, child = pty.openpty()
        self.process = subprocess.Popen(command, stdin=child, stdout=child, stderr=child,
                                        cwd=folder, start_new_session=True)
        os.close(child)
        self.seen = ""
        self.prompts = 0
        self.keys = 0

    def wait(self, wanted: str) -> None:
        until = time.monotonic() + 20 * vangnet.PATIENCE
        while wanted not in self.seen:
            expect(time.monotonic() < until, f"no {wanted!r} in {self.seen[-400:]!r}")
            ready, _, _ = select.select([self.parent], [], [], 0.5)
            if ready:
                try:
                    self.seen += os.read(self.parent, 4096).decode(errors="replace")
                except OSError:
                    expect(wanted in self.seen, f"ended before {wanted!r}: {self.seen[-400:]!r}")
        self.seen = self.seen.split(wanted, 1)[1]

    def answer(self, prompt: str, typed: str) -> None:
        self.wait(prompt)
        os.write(self.parent, (typed + "\n").encode())
        self.prompts += 1
        self.keys += len(typed) + 1

    def end(self) -> str:
        self.process.wait(20 * vangnet.PATIENCE)
        said = self.seen
        while True:
            ready, _, _ = select.select([self.parent], [], [], 0.2)
            try:
                piece = os.read(self.parent, 4096) if ready else b""
            except OSError:
                piece = b""
            if not piece:
                os.close(self.parent)
                return said
            said += piece.decode(errors="replace")


def a_family_is_noted_in_two_minutes(ocmw: Office, folder: Path) -> None:
    command = [str(ocmw.node.program), "family", "new", "--dir", str(ocmw.node.folder), "--lang",
               "en", "--token-file", str(ocmw.file)]
    person = Terminal(command, folder)
    person.answer("language", "ar")
    person.answer("Interpreter", "m")  # a child: refused at once
    person.wait("minor")
    person.answer("Interpreter", "p")
    person.answer("interpreting service", "")
    person.answer("(y/n)", "yo")  # begins like a yes, and is none
    person.wait("one of the letters")
    for _ in range(3):
        person.answer("(y/n)", "y")
    person.answer("(y/n)", "y")  # a fallback
    person.answer("(y/n)", "n")
    person.answer("(y/n)", "n")
    person.answer("First choice", "caw")  # no such id: the list, and again
    person.wait("caw-b: ")
    person.answer("First choice", "caw-b")
    person.answer("Second choice", "")
    person.answer("reach the family", CONTACT)
    person.answer("Until", "")
    person.answer("support this family", "l")
    person.answer("Case", "")
    person.answer("own words?", "We can stop any day.")
    said = person.end()
    equal(person.process.returncode, 0, said)
    page = next(folder.glob("vangnet-card*.html"))
    equal(stat.S_IMODE(page.stat().st_mode), 0o600, "the card is its writer's alone")
    card = families.card_of(page.read_text())
    expect(look(ocmw, card)["found"], "and it works")
    expect(re.search(r"delete the file", said), f"what to do with it: {said}")
    short = person.keys - len(CONTACT) - len("We can stop any day.")
    print(f"family new: {person.prompts} prompts, {person.keys} keystrokes, {short} of them besides"
          " the two sentences")
    expect(person.prompts <= 20 and short <= 60, "two minutes per family, once")


def nothing_of_a_card_is_logged(region: vangnet.Region, cards: list[str]) -> None:
    for daemon in region.daemons:
        text = daemon.log.read_text(errors="replace")
        for card in cards:
            for form in (card, card.replace("-", ""), card.lower()):
                expect(form not in text, f"{daemon.name}: a card in its log")
        expect("Mevrouw T." not in text, f"{daemon.name}: a name in its log")


def test(build: Path) -> None:
    with vangnet.Region(build) as region:
        hub: Hub = region.start_hub()
        ocmw = families.add(region, hub, "ocmw-a")
        caw = families.add(region, hub, "caw-b", kind="caw")
        buddy = families.add(region, hub, "buddy-c", "volunteer", kind="volunteers",
                             may_take_consent="limited")
        a_family_is_no_business_of_the_administrator(ocmw)
        a_volunteer_sees_no_list(buddy)
        number, card = a_new_family_is_seen_at_another_table(ocmw, caw)
        a_neighbour_stands_on_the_map_here_only(ocmw, caw, number, card)
        a_card_is_read_again_by_group(ocmw, card)
        a_minor_never_interprets(ocmw)
        what_is_no_consent_is_refused(ocmw)
        the_same_command_makes_no_second_card(ocmw)
        what_is_withdrawn_is_gone_everywhere(ocmw, caw, number, card)
        an_unknown_card_and_a_withdrawn_one_answer_alike(ocmw, card)
        a_family_is_noted_in_two_minutes(ocmw, region.folder)
        a_concern_comes_back_answered(ocmw, caw, buddy)
        nothing_of_a_card_is_logged(region, [card])


if __name__ == "__main__":
    vangnet.main(test)
