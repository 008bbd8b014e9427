"""Hub and nodes killed in the middle of a withdrawal, of an erasure, of a new card.

Whatever dies when: after it runs again the family's old card opens nothing, every receipt of
erasure comes in, no supporter keeps what came from others, and the hub's journal verifies and
rebuilds.
"""

from __future__ import annotations

import random
import sys
import threading
from pathlib import Path
from typing import Any

import families
import vangnet
from families import Office, consent, new_family
from vangnet import Daemon, Hub, equal, expect, wait_for

SEED = 20
ROUNDS = 12
SCOPES = ["presence", "lost-support", "concern"]
WITHIN_MS = 60  # of the command, in which the kill falls


def owed(hub: Hub) -> int:
    return len(hub.get("/api/v1/erasures")["rows"])


def found(office: Office, card: str) -> bool:
    status, answer = office.ask("POST", "/api/v1/looks", {"card": card})
    expect(status in (200, 429, 503, 504), f"a look: {status} {answer}")
    return status == 200 and bool(answer["found"])


def command(office: Office, path: str, body: dict[str, object], key: str) -> tuple[int, Any]:
    """As who repeats what got no answer, with the same key: it's done once."""
    def done() -> tuple[int, Any] | None:
        try:
            status, answer = office.ask("POST", path, body, key=key)
        except OSError:
            return None
        return None if status >= 500 else (status, answer)

    result = wait_for(f"{path} is answered", done, 30)
    # Of a new card that is made already: it's shown once, and lost with that answer.
    shown = result[0] == 409 and result[1]["code"] == "exists"
    expect(result[0] == 200 or shown, f"{path}: {result}")
    return tuple(result)


def kill_during(chance: random.Random, victim: Daemon, office: Office, path: str,
                body: dict[str, object], key: str) -> None:
    """The command's answer may be lost with its node; it's asked for again afterwards."""
    def ask() -> None:
        try:
            office.ask("POST", path, body, key=key)
        except OSError:
            pass  # it was the victim

    asking = threading.Thread(target=ask)
    asking.start()
    threading.Event().wait(chance.uniform(0, WITHIN_MS) / 1000)  # anywhere in it
    victim.kill()
    victim.up()
    asking.join()
    command(office, path, body, key)


def supported(ocmw: Office, caw: Office) -> tuple[int, str]:
    number, card = new_family(ocmw, SCOPES, support="near")
    caw.post("/api/v1/supports/start", card=card, kind="professional", distance="near")
    caw.node.wait_received()
    return number, card


def test(build: Path) -> None:
    chance = random.Random(SEED)
    with vangnet.Region(build) as region:
        hub = region.start_hub()
        ocmw = families.add(region, hub, "ocmw-a")
        caw = families.add(region, hub, "caw-b", kind="caw")
        kept, gone = supported(ocmw, caw), []
        for n in range(ROUNDS):
            number, card = supported(ocmw, caw)
            victim = (hub, ocmw.node, caw.node)[n % 3]
            if n % 4 == 3:
                body = consent(SCOPES) | {"family": number, "reason": "lost", "tell": ["caw-b"]}
                kill_during(chance, victim, ocmw, "/api/v1/cards/renew", body, f"renewal-{n:08}")
            else:
                kill_during(chance, victim, ocmw, "/api/v1/consents/withdraw", {"card": card},
                            f"withdrawal-{n:08}")
            gone.append(card)
            for office in (ocmw, caw):
                office.node.wait_connected(30)
                office.node.wait_received(30)
            wait_for("every receipt of erasure is in", lambda: owed(hub) == 0, 30)
        equal([card for card in gone[-4:] if found(caw, card)], [], "old cards that open something")
        expect(found(caw, kept[1]), "the family that stays is found")
        renewals = sum(n % 4 == 3 for n in range(ROUNDS))
        equal(len([one for one in caw.families() if one["support"]]), 1 + renewals,
              "families that the supporter has")
        hub.stop()
        hub.call("journal", "verify")
        hub.call("rebuild")


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    vangnet.main(test)
