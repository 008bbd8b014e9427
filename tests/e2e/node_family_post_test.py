#!/usr/bin/env python3
"""What somebody has who takes a node's disk without its keyring: what it says of families while the
hub is away, and the copies that it keeps for the hub's backup, lie sealed. Each handle and presence
seed is searched for, in every form, in all of the node's files but its keys. With another keyring
than its own the node says so and doesn't begin."""

from __future__ import annotations

import datetime
import hashlib
import time
from pathlib import Path

import families
import vangnet
from families import EVERYTHING, Office, new_family
from family_identities import byte_forms, card_secret
from vangnet import equal, expect, wait_for

DOMAINS = {"handle": b"presence/v1", "presence seed": b"presence-key/v1"}
CLEAR = b"ocmw-a"  # who the node is stands in the open: so the search reads what lies there


def derived(card: str, domain: bytes) -> bytes:
    """As in shared/consent/card.c."""
    parts = b"".join(len(part).to_bytes(8, "big") + part for part in (domain, b"region"))
    return hashlib.blake2b(parts, key=card_secret(card), digest_size=32).digest()


def finds(office: Office, cards: list[str]) -> list[str]:
    found = []
    files = [path for path in office.node.folder.rglob("*")
             if path.is_file() and path.parent.name != "keys" and path.name != "keyring"]
    expect(any(CLEAR in path.read_bytes() for path in files if path.name == "data.mdb"),
           f"the database is among them: {files}")
    for path in files:
        content = path.read_bytes()
        for card in cards:
            found += [f"the {what} of {card} in {path}" for what, domain in DOMAINS.items()
                      if any(form in content for form in byte_forms(derived(card, domain)))]
    return found


def the_search_knows_a_handle(ocmw: Office, card: str) -> None:
    """It's what the hub calls the family: a message put there in the open would be found."""
    path = ocmw.node.folder / "control"
    path.write_bytes(b"\x07" * 100 + derived(card, DOMAINS["handle"]) + b"\x07" * 100)
    equal(len(finds(ocmw, [card])), 1, "finds of what was put there")
    path.unlink()


def end_of_next_month() -> str:
    month = datetime.date.today().replace(day=1)
    for _ in range(2):
        month = (month + datetime.timedelta(days=31)).replace(day=1)
    return (month - datetime.timedelta(days=1)).isoformat()


def waiting(office: Office) -> int:
    return int(office.node.status()["waiting"])


def what_waits_is_sealed(ocmw: Office, cards: list[str]) -> None:
    own, supported, narrowed, withdrawn = cards
    ocmw.call("support", "start", supported, "--kind", "professional", "--distance", "near")
    ocmw.call("concern", "raise", own, "--reason", "school", "--urgency", "this-week")
    ocmw.call("consent", "narrow", narrowed, "--scopes", "presence,concern", "--until",
              end_of_next_month())
    ocmw.call("consent", "withdraw", withdrawn)
    expect(waiting(ocmw) >= 4, f"four messages wait: {waiting(ocmw)}")
    equal(finds(ocmw, cards), [], "what waits, in the open")


def no_other_keyring_does(ocmw: Office, older: bytes) -> None:
    """With keys missing what waits would go out empty, and none of it would be missed."""
    path = ocmw.node.folder / "keyring"
    ocmw.node.stop()
    newest = path.read_bytes()
    for content, wanted in ((older, "older than the database"), (newest[:-1], "can't be opened"),
                            (None, "isn't there")):
        path.unlink()
        if content is not None:
            path.write_bytes(content)
            path.chmod(0o600)
        done = ocmw.node.run("run")
        expect(done.status != 0 and wanted in done.said, f"{wanted}: {done.said}")
        path.touch()
    path.write_bytes(newest)
    path.chmod(0o600)
    ocmw.node.up()
    expect(waiting(ocmw) >= 4, f"they wait still: {waiting(ocmw)}")


def it_arrives(hub: vangnet.Hub, ocmw: Office, caw: Office, cards: list[str]) -> None:
    hub.up()
    ocmw.node.wait_connected(60)
    ocmw.node.wait_received(60)
    caw.node.wait_connected(60)
    wait_for("three families at the hub", lambda: hub.fresh_metrics()["families"] == 3, 60)
    equal(ocmw.node.status()["refused"], 0, "refused messages")
    equal(finds(ocmw, cards), [], "copies for the hub's backup, in the open")


def test(build: Path) -> None:
    with vangnet.Region(build) as region:
        hub = region.start_hub()
        ocmw = families.add(region, hub, "ocmw-a")
        caw = families.add(region, hub, "caw-b", kind="caw")
        cards = [new_family(office, EVERYTHING, fallback_first="caw-b")[1]
                 for office in (ocmw, caw, caw, caw)]
        given_s = int(time.time())
        the_search_knows_a_handle(ocmw, cards[0])
        older = (ocmw.node.folder / "keyring").read_bytes()
        ocmw.node.stop()
        ocmw.node.up()  # with new keys ahead
        wait_for("a token's number is its second", lambda: int(time.time()) > given_s)
        hub.stop()
        what_waits_is_sealed(ocmw, cards)
        no_other_keyring_does(ocmw, older)
        it_arrives(hub, ocmw, caw, cards)


if __name__ == "__main__":
    vangnet.main(test)
