#!/usr/bin/env python3
"""The node's HTTP API, held against its own description: every path, status, field and type, and
who may. A card never stands in an address, and never comes back in an answer but its own page."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import families
import vangnet
from families import EVERYTHING, Office, card_of, consent
from hub_api_test import Answer, Description
from vangnet import equal, expect, wait_for

CONTACT = "Mevrouw T., 0470 12 34 56"


class NodeDescription(Description):
    """Refusals are described once."""

    def __init__(self, document: Any) -> None:
        super().__init__(document)
        shared = document["components"]["responses"]
        for operations in document["paths"].values():
            for operation in operations.values():
                for status, response in operation["responses"].items():
                    if "$ref" in response:
                        name = response["$ref"].rpartition("/")[2]
                        operation["responses"][status] = shared[name]


class Walk:
    def __init__(self, described: NodeDescription) -> None:
        self.described = described
        self.seen: dict[tuple[str, str], set[int]] = {}

    def ask(self, office: Office | vangnet.Node, method: str, pattern: str, status: int,
            body: object = None, path: str | None = None) -> Any:
        found, answer = office.ask(method, path or pattern, body)
        equal(found, status, f"{method} {path or pattern}: {json.dumps(answer)[:300]}")
        kind = "application/json" if found < 400 else "application/problem+json"
        self.described.check(method, pattern, Answer(found, kind, json.dumps(answer)))
        self.seen.setdefault((method.lower(), pattern), set()).add(found)
        if "/cards/" not in pattern:
            expect(not families.CODE.search(json.dumps(answer)), f"{pattern}: a card comes back")
        return answer


A = "/api/v1"


def the_node_itself(walk: Walk, node: vangnet.Node) -> None:
    for path in ("/healthz", f"{A}/openapi.json", f"{A}/status", f"{A}/words", f"{A}/import"):
        walk.ask(node, "GET", path, 200)
    walk.ask(node, "GET", f"{A}/preview", 404)
    walk.ask(node, "GET", f"{A}/commands/{{key}}", 404, path=f"{A}/commands/none")
    walk.ask(node, "POST", f"{A}/status", 200,
             {"services": [{"service": "leefloon", "status": "open", "fte": 2.5}]})
    walk.ask(node, "POST", f"{A}/status", 400, {"services": [{"service": "leefloon"}]})
    days = [str(date.today() + timedelta(days=days)) for days in (30, 37)]
    closed = {"from": days[0], "until": days[1]}
    walk.ask(node, "POST", f"{A}/closures", 200, {"closures": []})
    walk.ask(node, "POST", f"{A}/closures", 400, {"closures": [{"from": days[0]}]})
    walk.ask(node, "POST", f"{A}/closures", 409, {"closures": [closed, closed]})
    walk.ask(node, "POST", f"{A}/closures", 422, {"closures": [closed | {"deputy": node.name}]})
    walk.ask(node, "POST", f"{A}/closures", 200, {"closures": [closed]})
    walk.ask(node, "GET", f"{A}/closures", 200)
    walk.ask(node, "POST", f"{A}/users", 200, {"user": "els", "role": "reader"})
    walk.ask(node, "POST", f"{A}/users", 400, {"user": "els", "role": "king"})
    walk.ask(node, "POST", f"{A}/tokens", 200, {"user": "els", "days": 3})
    walk.ask(node, "POST", f"{A}/publish", 409)
    walk.ask(node, "POST", f"{A}/import/watch", 400, {"dir": "here", "preset": "generic"})
    walk.ask(node, "POST", f"{A}/import/watch", 200, {"dir": "", "preset": ""})
    digest = hashlib.sha256(b"export").hexdigest()
    staged = walk.ask(node, "POST", f"{A}/import/begin", 200, {"file": digest})
    walk.ask(node, "POST", f"{A}/import/drop", 200, {"generation": staged["generation"]})
    walk.ask(node, "POST", f"{A}/import/switch", 404, {"generation": 99})
    walk.ask(node, "POST", f"{A}/import/figures", 400, {})


def a_family(walk: Walk, ocmw: Office, caw: Office) -> tuple[int, str]:
    ask = walk.ask
    full = consent(EVERYTHING, fallback_first="caw-b", contact=CONTACT,
                   support={"kind": "professional", "distance": "near"})
    made = ask(ocmw, "POST", f"{A}/cards/new", 200, full)
    card = card_of(made["page"])
    ask(ocmw, "POST", f"{A}/cards/new", 400, {"language": "nld"})
    ask(ocmw, "POST", f"{A}/cards/new", 422, consent([]))
    ocmw.node.wait_received()
    expect(ask(caw, "POST", f"{A}/looks", 200, {"card": card})["found"], "the hub has it")
    ask(caw, "POST", f"{A}/looks", 422, {"card": card[:-1] + ("0" if card[-1] != "0" else "1")})
    ask(caw, "POST", f"{A}/looks", 400, {})
    ask(ocmw, "POST", f"{A}/consents/show", 200, {"card": card})
    ask(ocmw, "POST", f"{A}/consents/asking", 200, {"card": card})
    ask(ocmw, "POST", f"{A}/consents/asking", 400, {})
    ask(ocmw, "POST", f"{A}/consents/script", 200, {"language": "fra", "scopes": EVERYTHING[:3]})
    ask(ocmw, "GET", f"{A}/organisations", 200)
    ask(ocmw, "GET", f"{A}/families", 200)
    number = made["family"]
    ask(ocmw, "GET", f"{A}/families/{{number}}", 200, path=f"{A}/families/{number}")
    ask(ocmw, "GET", f"{A}/families/{{number}}", 404, path=f"{A}/families/99")
    ask(ocmw, "POST", f"{A}/informal", 200, {"family": number, "name": "buur", "what": "kookt"})
    ask(ocmw, "POST", f"{A}/informal", 404, {"family": 99, "name": "buur"})
    blank = card_of(ask(ocmw, "POST", f"{A}/cards/pack", 200,
                        {"language": "nld", "count": 1})["page"])
    ask(ocmw, "POST", f"{A}/cards/pack", 400, {"language": "nld", "count": 51})
    ask(ocmw, "POST", f"{A}/consents/give", 200, {"card": blank} | consent(["presence"]))
    ask(ocmw, "POST", f"{A}/consents/give", 409, {"card": blank} | consent(["presence"]))
    ask(ocmw, "POST", f"{A}/consents/withdraw", 200, {"card": blank})
    return number, card


def support_and_questions(walk: Walk, ocmw: Office, caw: Office, card: str) -> None:
    ask = walk.ask
    number = ask(caw, "POST", f"{A}/supports/start", 200,
                 {"card": card, "kind": "professional", "distance": "distant"})["family"]
    ask(caw, "POST", f"{A}/supports/start", 400, {"card": card, "kind": "good"})
    ask(caw, "POST", f"{A}/supports/ending", 200, {"family": number, "why": "capacity"})
    ask(caw, "POST", f"{A}/supports/end", 200, {"family": number, "why": "capacity"})
    question = {"card": card, "to": "caw-b", "service": "budgetbeheer", "contact": CONTACT}
    first = ask(ocmw, "POST", f"{A}/asks", 200, question)["item"]
    ask(ocmw, "POST", f"{A}/asks/revoke", 200, {"item": first})
    ask(ocmw, "POST", f"{A}/asks", 200, question | {"service": "schuldbemiddeling"})

    def asked() -> Any:
        waiting = ask(caw, "GET", f"{A}/items", 200)["items"]
        return next((one for one in waiting if one["kind"] == "ask"
                     and one["service"] == "schuldbemiddeling"), None)

    item = wait_for("the question arrives", asked, 30)["item"]
    shown = ask(caw, "GET", f"{A}/items/{{number}}", 200, path=f"{A}/items/{item}")
    equal(shown["contact"], CONTACT, "whom it is about, to who was asked")
    ask(caw, "POST", f"{A}/asks/answer", 200,
        {"item": item, "state": "refused", "reason": "lack-of-capacity"})

    def news() -> Any:
        return next((one for one in ask(ocmw, "GET", f"{A}/items", 200)["items"]
                     if one["ask_state"] == "refused"), None)

    item = wait_for("the answer comes back", news, 30)["item"]
    ask(ocmw, "POST", f"{A}/items/done", 200, {"item": item})


def a_concern(walk: Walk, ocmw: Office, caw: Office, buddy: Office, card: str) -> None:
    ask = walk.ask
    ask(buddy, "POST", f"{A}/concerns", 200,
        {"card": card, "by": "volunteer", "reason": "housing", "urgency": "today"})

    def flagged(office: Office) -> Any:
        return next((one for one in ask(office, "GET", f"{A}/items", 200)["items"]
                     if one["flag"] and one["flag"]["yours"]), None)

    wait_for("a flag", lambda: flagged(ocmw) or flagged(caw), 30)
    owner = ocmw if flagged(ocmw) else caw
    body = {"item": flagged(owner)["item"]}
    ask(owner, "POST", f"{A}/items/take", 200, body)
    ask(owner, "POST", f"{A}/items/hand-back", 200, body)
    other = caw if owner is ocmw else ocmw
    wait_for("it is somebody's", lambda: flagged(owner) or flagged(other), 30)
    owner = owner if flagged(owner) else other
    body = {"item": flagged(owner)["item"]}
    ask(owner, "POST", f"{A}/items/take", 200, body)
    ask(owner, "POST", f"{A}/items/contacted", 200, body)
    ask(owner, "POST", f"{A}/items/close", 400, body)
    ask(owner, "POST", f"{A}/items/close", 200, body | {"reason": "helped"})


def a_call(walk: Walk, ocmw: Office, buddy: Office) -> None:
    body = {"contact": "Els, 0470 00 00 00", "municipality": "34022", "language": "nld"}
    equal(walk.ask(buddy, "POST", f"{A}/call-backs", 200, body)["desk"], "ocmw-a", "whose desk")

    def call() -> Any:
        return next((one for one in walk.ask(ocmw, "GET", f"{A}/items", 200)["items"]
                     if one["kind"] == "call-back"), None)

    item = wait_for("the call arrives", call, 30)["item"]
    walk.ask(ocmw, "POST", f"{A}/items/called", 200, {"item": item})


def the_end(walk: Walk, ocmw: Office, number: int, card: str) -> None:
    ask = walk.ask
    ask(ocmw, "POST", f"{A}/consents/change", 200,
        {"card": card, "scopes": ["presence", "lost-support"]})
    renewed = ask(ocmw, "POST", f"{A}/cards/renew", 200,
                  consent(["presence"]) | {"family": number, "reason": "lost"})
    fresh = card_of(renewed["page"])
    expect(fresh != card, "another card")
    ocmw.node.wait_received()
    expect(ask(ocmw, "POST", f"{A}/looks", 200, {"card": fresh})["found"], "the new one opens")
    expect(not ask(ocmw, "POST", f"{A}/looks", 200, {"card": card})["found"], "the old one not")
    ask(ocmw, "POST", f"{A}/consents/withdraw", 200,
        {"family": renewed["family"], "note": "brief, map B"})


def roles_are_kept(walk: Walk, ocmw: Office, buddy: Office) -> None:
    reader = Office(ocmw.node, "reader", "rik")
    for (method, pattern), _ in list(walk.seen.items()):
        about = any(word in pattern for word in ("famil", "cards", "consents", "supports", "asks",
                                                 "concerns", "call-", "informal", "items", "looks"))
        if not about:
            continue
        body = {} if method == "post" else None
        for office in (reader, ocmw.node):
            walk.ask(office, method.upper(), pattern, 403, body, pattern.replace("{number}", "1"))
    for path in ("asks", "supports/ending", "items/take", "informal", "cards/renew"):
        walk.ask(buddy, "POST", f"{A}/{path}", 403, {})


def what_is_wrong_is_told_in_the_askers_language(node: vangnet.Node) -> None:
    def told(headers: dict[str, str], path: str = "status", body: object = None) -> tuple[int, str]:
        status, answer = node.ask("GET" if body is None else "POST", f"{A}/{path}", body,
                                  headers=headers)
        return status, answer["detail"]

    stranger = {"Authorization": "Bearer vgt_nobodys"}
    for headers, word in (({}, "token bij"), ({"Accept-Language": "fr-BE"}, "aucun jeton"),
                          ({"Accept-Language": "en"}, "no bearer token")):
        status, detail = told(stranger | headers)
        expect(status == 401 and word in detail, f"{headers}: {status} {detail}")
    service = {"service": "leefloon", "status": "ajar"}
    for path, body, word in (
            ("status", {"services": [service]}, "status: open, limited of closed"),
            ("status", {"services": []}, "services: minstens één"),
            ("status", {"services": [service | {"first": "soon"}]}, "first: een datum"),
            ("closures", {"closures": [{"from": "2026-12-24", "until": "2026-12-01"}]},
             "laatste dag van de sluiting")):
        status, detail = told({}, path, body)
        expect(status == 400 and word in detail, f"{path}: {status} {detail}")


def everything_described_was_asked(walk: Walk) -> None:
    late = {f"{A}/preview", f"{A}/publish", f"{A}/import/rows", f"{A}/import/switch",
            f"{A}/import/figures", f"{A}/commands/{{key}}"}  # node_import_test.py has these
    for path, operations in walk.described.document["paths"].items():
        for method in operations:
            seen = walk.seen.get((method, path), set())
            expect(200 in seen or path in late, f"{method} {path}: answered {seen or 'nothing'}")


def test(build: Path) -> None:
    with vangnet.Region(build) as region:
        hub = region.start_hub()
        ocmw = families.add(region, hub, "ocmw-a", onthaal="34022")
        caw = families.add(region, hub, "caw-b", kind="caw",
                           service="budgetbeheer,schuldbemiddeling")
        buddy = families.add(region, hub, "buddy-c", "volunteer", kind="volunteers",
                             may_take_consent="limited")
        walk = Walk(NodeDescription(ocmw.node.get(f"{A}/openapi.json")))
        the_node_itself(walk, ocmw.node)
        number, card = a_family(walk, ocmw, caw)
        support_and_questions(walk, ocmw, caw, card)
        a_concern(walk, ocmw, caw, buddy, card)
        a_call(walk, ocmw, buddy)
        the_end(walk, ocmw, number, card)
        roles_are_kept(walk, ocmw, buddy)
        what_is_wrong_is_told_in_the_askers_language(ocmw.node)
        everything_described_was_asked(walk)


if __name__ == "__main__":
    vangnet.main(test)
