"""Families for the tests of this directory: organisations that may take consent, people with a role
at each, and a card as it comes off the printed page.

    ocmw = families.add(region, hub, "ocmw-a")
    number, card = families.new_family(ocmw, ["presence"], support="near")
    print(ocmw.call("family", "who", card))
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

from vangnet import Clock, Done, Hub, Node, Region, expect, wait_for

CODE = re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}\b")
EVERYTHING = ["presence", "lost-support", "concern", "fallback"]


class Office:
    """A node, and somebody there who has a token."""

    def __init__(self, node: Node, role: str, user: str = "an") -> None:
        self.node = node
        self.user = user
        node.call("user", "add", user, "--role", role, "--team", "onthaal")
        self.token = next(word for word in node.call("token", "create", user).split()
                          if word.startswith("vgt_"))
        self.file = Path(tempfile.mkdtemp(dir=node.folder.parent)) / "token"
        self.file.write_text(self.token + "\n")

    def run(self, *words: object) -> Done:
        return self.node.run(*words, "--token-file", str(self.file))

    def call(self, *words: object) -> str:
        return self.node.call(*words, "--token-file", str(self.file))

    def ask(self, method: str, path: str, body: object = None,
            key: str | None = None) -> tuple[int, Any]:
        given = {"Authorization": f"Bearer {self.token}"}
        if key:
            given["Idempotency-Key"] = key
        return self.node.ask(method, path, body, headers=given)

    def post(self, path: str, **body: object) -> Any:
        """Has to be taken. Nobody types so fast: a node that is busy is asked again."""
        answer: Any = None

        def taken() -> bool:
            nonlocal answer
            status, answer = self.ask("POST", path, body)
            expect(status in (200, 503), f"{self.node.name}: {path}: {status} {answer}")
            return status == 200

        wait_for(f"{self.node.name}: {path} is taken", taken)
        return answer

    def items(self) -> list[Any]:
        status, answer = self.ask("GET", "/api/v1/items")
        expect(status == 200, f"{self.node.name}: items: {status} {answer}")
        return list(answer["items"])

    def families(self) -> list[Any]:
        status, answer = self.ask("GET", "/api/v1/families")
        expect(status == 200, f"{self.node.name}: families: {status} {answer}")
        return list(answer["families"])


def add(region: Region, hub: Hub, org: str, role: str = "caseworker", clock: Clock | None = None,
        ini: str = "", folder: Path | None = None, **words: str) -> Office:
    """Joined, running and greeted; `words` are options of join, `ini` more of node.ini."""
    node = Node(region, org, folder or region.folder / org)
    node.clock = clock
    given = {"kind": "ocmw", "nis": "34022", "service": "leefloon", "language": "nld",
             "may-take-consent": "full"} | {key.replace("_", "-"): value
                                             for key, value in words.items()}
    options = [word for key, value in given.items() for word in (f"--{key}", value)]
    node.call("join", hub.invite(org), "--org", org, "--name", f"Organisatie {org}", *options,
              *(clock.once(f"join-{org}") if clock else []))
    with (node.folder / "node.ini").open("a") as file:
        file.write(ini)
    region.daemons.append(node)
    node.up()
    node.wait_connected()
    return Office(node, role)


def consent(scopes: list[str], **more: object) -> dict[str, object]:
    """What a caseworker fills in."""
    return {"language": "ara", "explained_aloud": True, "interpreter": "phone",
            "interpreter_desk": "Telefoontolk", "scopes": scopes,
            "teach_back": "Wij mogen stoppen wanneer wij willen."} | more


def card_of(page: str) -> str:
    found = CODE.search(re.sub(r"<[^>]*>", "", page))
    expect(found, "no card on the page")
    return found.group(0) if found else ""


def new_family(office: Office, scopes: list[str], support: str | None = None,
               **more: object) -> tuple[int, str]:
    """Its number at that office, and the card as it was printed; the hub has the consent."""
    body = consent(scopes, **more)
    if support:
        body["support"] = {"kind": "professional", "distance": support}
    status, answer = office.ask("POST", "/api/v1/cards/new", body)
    expect(status == 200, f"a new family: {status} {json.dumps(answer)[:400]}")
    office.node.wait_received()
    return int(answer["family"]), card_of(answer["page"])
