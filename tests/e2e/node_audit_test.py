#!/usr/bin/env python3
"""A node's audit log: who did what, and when, in words that name nobody; what was changed in it is
found, and when it can't be written the work goes on."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import families
import vangnet
from families import Office, new_family
from vangnet import equal, expect

SCOPES = ["presence", "lost-support", "concern"]


def actions(office: Office) -> list[tuple[str, str]]:
    lines = office.node.call("audit", "show", "--last", "200").splitlines()
    return [(line.split()[2], line.split()[3]) for line in lines]


def work(office: Office) -> tuple[int, str]:
    number, card = new_family(office, SCOPES, support="near")
    office.post("/api/v1/looks", card=card)
    status, _ = office.ask("GET", f"/api/v1/families/{number}")
    equal(status, 200, "the family is read")
    return number, card


def what_people_did_stands_in_it(office: Office, number: int, card: str) -> None:
    seen = actions(office)
    for wanted in (("local", "user-add"), ("local", "token-create"), ("an", "consent-give"),
                   ("an", "look"), ("an", "read-family")):
        expect(wanted in seen, f"{wanted} in {seen}")
    office.ask("POST", "/api/v1/supports/end", {"family": 9999, "why": "finished"})
    text = (office.node.folder / "audit.log").read_text()
    for never in (card, card.replace("-", ""), "Organisatie", "presence"):
        expect(never not in text, f"{never!r} in the log:\n{text}")
    # As a word of its own: "read-family" stands before a commitment that may begin with any digit.
    expect(re.search(rf"\bfamily {number}\b", text) is None, f"family {number} in the log:\n{text}")
    mode = stat.S_IMODE((office.node.folder / "audit.log").stat().st_mode)
    equal(mode, 0o600, "whose it is")


def it_holds_with_its_first_key_kept_elsewhere(office: Office, key: Path) -> None:
    expect("audit-first.key" in office.node.run("status").out, "status says where the key belongs")
    said = office.node.call("audit", "verify")
    expect("holds" in said and "first key" not in said, f"with the key beside it: {said}")
    (office.node.folder / "audit-first.key").rename(key)
    said = office.node.call("audit", "verify")
    expect("Without the first key" in said, f"without: {said}")
    said = office.node.call("audit", "verify", "--key", key)
    expect(re.search(r"holds: \d+ lines", said) and "Without" not in said, f"with it: {said}")
    done = office.node.run("audit", "verify", "--key", office.node.folder / "node.ini")
    equal(done.status, 1, "something that's no key")


def changes_are_found(office: Office, key: Path) -> None:
    log = office.node.folder / "audit.log"
    text = log.read_text()
    lines = text.splitlines(keepends=True)
    for what, changed in (
            ("was changed", text.replace(" an look ", " el look ", 1)),
            ("missing after line 2", "".join(lines[:3] + lines[4:])),
            ("end of the audit log is gone", "".join(lines[:-2]))):
        log.write_text(changed)
        for words in ([], ["--key", str(key)]):
            done = office.node.run("audit", "verify", *words)
            expect(done.status == 1 and what in done.err, f"{what}, {words}: {done.said}")
    log.write_text(text)
    equal(office.node.run("audit", "verify", "--key", key).status, 0, "put back as it was")


def work_goes_on_without_it(office: Office, key: Path) -> None:
    log = office.node.folder / "audit.log"
    away = log.with_suffix(".away")
    log.rename(away)
    number, card = new_family(office, SCOPES, support="near")
    office.post("/api/v1/looks", card=card)
    equal(office.ask("GET", f"/api/v1/families/{number}")[0], 200, "a family is read")
    done = office.node.run("status")
    expect(done.status == 1 and "audit log can't be written" in done.out, f"status: {done.out}")
    equal(office.node.run("audit", "verify").status, 1, "and nothing verifies")
    away.rename(log)
    office.post("/api/v1/looks", card=card)
    said = office.node.call("audit", "verify", "--key", key)
    expect("couldn't be written" in said, f"the log itself tells of the gap: {said}")
    expect(any(action.startswith("lost-") for _, action in actions(office)), "as a line")


def it_goes_on_after_a_restart_and_a_kill(office: Office, key: Path) -> None:
    before = len(actions(office))
    office.node.stop()
    equal(office.node.run("audit", "verify", "--key", key).status, 0, "while it's stopped")
    office.node.up()
    office.node.call("status-set", "leefloon", "open")
    office.node.kill()
    office.node.up()
    office.node.call("status-set", "leefloon", "limited")
    equal([action for _, action in actions(office)[before:]], ["status-set"] * 2, "two more")
    equal(office.node.run("audit", "verify", "--key", key).status, 0, "and all of it holds")


def test(build: Path) -> None:
    with vangnet.Region(build) as region:
        hub = region.start_hub()
        office = families.add(region, hub, "ocmw-a")
        key = region.folder / "auditor.key"
        number, card = work(office)
        what_people_did_stands_in_it(office, number, card)
        it_holds_with_its_first_key_kept_elsewhere(office, key)
        changes_are_found(office, key)
        work_goes_on_without_it(office, key)
        it_goes_on_after_a_restart_and_a_kill(office, key)


if __name__ == "__main__":
    vangnet.main(test)
