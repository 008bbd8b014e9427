#!/usr/bin/env python3
"""The hub's HTTP API, held against its own description: every path, status, field and type."""

from __future__ import annotations

import datetime
import http.client
import json
import re
from pathlib import Path
from typing import Any

import vangnet
from hub_peers import Peer, member
from vangnet import equal, expect

EDGES = [1, 2, 4, 8, 13, 26]
JSON = "application/json"
PROBLEM = "application/problem+json"
KEY = "00112233445566778899aabbccddeeff"


class Answer:
    def __init__(self, status: int, kind: str, text: str) -> None:
        self.status = status
        self.kind = kind
        self.text = text

    def json(self) -> Any:
        return json.loads(self.text)


def ask(hub: vangnet.Hub, method: str, path: str, token: str | None = None, body: Any = None,
        headers: dict[str, str] | None = None) -> Answer:
    """Over the port, as a stranger or with a token."""
    connection = http.client.HTTPConnection("127.0.0.1", hub.api, timeout=15 * vangnet.PATIENCE)
    given = dict(headers or {})
    if token is not None:
        given["Authorization"] = f"Bearer {token}"
    if body is not None and "Content-Type" not in given:
        given["Content-Type"] = JSON
    try:
        content = body if isinstance(body, bytes) or body is None else json.dumps(body)
        connection.request(method, path, content, given)
        answer = connection.getresponse()
        text = answer.read().decode()
        kind = (answer.getheader("Content-Type") or "").partition(";")[0]
        return Answer(answer.status, kind, text)
    finally:
        connection.close()


# -- a validator for the part of OpenAPI 3.0's schemas that the description uses --

FORMATS = {"date": re.compile(r"\d{4}-\d\d-\d\d"), "binary": re.compile(r".*"),
           "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")}
TYPES: dict[str, Any] = {"string": str, "boolean": bool, "array": list, "object": dict}
KEYWORDS = {"type", "nullable", "allOf", "oneOf", "enum", "format", "items", "properties",
            "required", "additionalProperties", "description", "$ref", "minimum", "maximum",
            "pattern"}


class Description:
    def __init__(self, document: Any) -> None:
        self.document = document
        self.schemas = document["components"]["schemas"]

    def wrong(self, value: Any, schema: Any, where: str) -> str | None:
        """What is wrong with it, or None."""
        expect(set(schema) <= KEYWORDS, f"{where}: a keyword that this test doesn't know: {schema}")
        if "$ref" in schema:
            return self.wrong(value, self.schemas[schema["$ref"].rpartition("/")[2]], where)
        if value is None:
            return None if schema.get("nullable") else f"{where} is null"
        for part in schema.get("allOf", []):
            found = self.wrong(value, part, where)
            if found:
                return found
        if "oneOf" in schema:
            fits = [part for part in schema["oneOf"] if self.wrong(value, part, where) is None]
            return None if len(fits) == 1 else f"{where}: {value!r} fits {len(fits)} of its forms"
        return self.wrong_type(value, schema, where)

    def wrong_type(self, value: Any, schema: Any, where: str) -> str | None:
        kind = schema.get("type")
        if kind in ("integer", "number"):
            allowed: Any = int if kind == "integer" else (int, float)
            good = isinstance(value, allowed) and not isinstance(value, bool)
        else:
            good = kind is None or isinstance(value, TYPES[kind])
        if not good:
            return f"{where}: {value!r} isn't {kind}"
        if "enum" in schema and value not in schema["enum"]:
            return f"{where}: {value!r} isn't on its list"
        if "format" in schema and not FORMATS[schema["format"]].fullmatch(value):
            return f"{where}: {value!r} isn't a {schema['format']}"
        if isinstance(value, dict) and kind == "object":
            return self.wrong_object(value, schema, where)
        if isinstance(value, list) and "items" in schema:
            found = [self.wrong(one, schema["items"], f"{where}[]") for one in value]
            return next((one for one in found if one), None)
        return None

    def wrong_object(self, value: Any, schema: Any, where: str) -> str | None:
        properties = schema.get("properties", {})
        others = schema.get("additionalProperties", True)
        missing = set(schema.get("required", [])) - set(value)
        if missing:
            return f"{where} lacks {missing}"
        for name, one in value.items():
            if name not in properties and others is False:
                return f"{where} has {name}, which isn't described"
            part = properties.get(name, others if isinstance(others, dict) else {})
            found = self.wrong(one, part, f"{where}.{name}")
            if found:
                return found
        return None

    def check(self, method: str, path: str, answer: Answer) -> None:
        """Whether the answer is one that the description has for that operation."""
        where = f"{method} {path}: {answer.status}"
        responses = self.document["paths"][path][method.lower()]["responses"]
        expect(str(answer.status) in responses, f"{where} isn't described: {answer.text[:300]}")
        content = responses[str(answer.status)]["content"]
        expect(answer.kind in content, f"{where}: {answer.kind} isn't described")
        schema = content[answer.kind]["schema"]
        if answer.kind == "text/plain":
            return
        lines = answer.text.splitlines() if "ndjson" in answer.kind else [answer.text]
        for line in lines:
            found = self.wrong(json.loads(line), schema, where)
            expect(found is None, found or "")


# -- what is asked --

class Walk:
    """Asks as the administrator and remembers which operations and statuses it saw."""

    def __init__(self, hub: vangnet.Hub, described: Description, token: str) -> None:
        self.hub = hub
        self.described = described
        self.token = token
        self.seen: dict[tuple[str, str], set[int]] = {}

    def ask(self, method: str, pattern: str, status: int, path: str | None = None,
            token: str | None = "", **more: Any) -> Answer:
        given = self.token if token == "" else token
        answer = ask(self.hub, method, path or pattern, given, **more)
        equal(answer.status, status, f"{method} {path or pattern}: {answer.text[:300]}")
        self.note(method, pattern, answer)
        return answer

    def note(self, method: str, pattern: str, answer: Answer) -> None:
        self.described.check(method, pattern, answer)
        self.seen.setdefault((method.lower(), pattern), set()).add(answer.status)


def a_member_is_set_as_described(walk: Walk) -> None:
    path = "/api/v1/members/ocmw-a/set"
    for wrong in ({}, {"may_take_consent": "some"}, {"kind": "boat"}, {"may_sanction": "yes"},
                  {"competence": "open"}):
        walk.ask("POST", "/api/v1/members/{id}/set", 400, path, body=wrong)
    walk.ask("POST", "/api/v1/members/{id}/set", 404, "/api/v1/members/ocmw-none/set",
             body={"hidden": True})
    answer = walk.ask("POST", "/api/v1/members/{id}/set", 200, path,
                      body={"may_take_consent": "limited", "hidden": True}).json()
    equal((answer["may_take_consent"], answer["hidden"], answer["may_sanction"],
           answer["families"]), ("limited", True, False, 0), "as it stands after it")
    shown = walk.ask("GET", "/api/v1/members/{id}", 200, "/api/v1/members/ocmw-a").json()
    equal((shown["may_take_consent"], shown["hidden"]), ("limited", True), "and is shown")


def every_operation_answers_as_described(walk: Walk, day: str) -> None:
    for path in ("/api/v1/load", "/api/v1/load/export", "/api/v1/members", "/api/v1/status",
                 "/api/v1/backup", "/api/v1/flags", "/api/v1/flags/weeks", "/api/v1/flags/quarters",
                 "/api/v1/erasures", "/metrics", "/healthz", "/api/v1/openapi.json"):
        walk.ask("GET", path, 200)
    walk.ask("GET", "/api/v1/load/series", 200, "/api/v1/load/series?organisation=ocmw-a")
    walk.ask("GET", "/api/v1/load", 200, f"/api/v1/load?by=municipality&week={day}")
    walk.ask("GET", "/api/v1/members/{id}", 200, "/api/v1/members/ocmw-a")
    walk.ask("GET", "/api/v1/members/{id}", 404, "/api/v1/members/ocmw-none")
    walk.ask("GET", "/api/v1/members/{id}", 400, "/api/v1/members/NONE")
    walk.ask("POST", "/api/v1/invitations", 201, body={"organisation": "ocmw-x", "days": 3})
    walk.ask("POST", "/api/v1/invitations", 400, body={"days": 99})
    walk.ask("POST", "/api/v1/users", 201, body={"user": "els", "role": "reader"})
    walk.ask("POST", "/api/v1/users", 400, body={"user": "els", "role": "king"})
    walk.ask("POST", "/api/v1/tokens", 404, body={"user": "nobody"})
    made = walk.ask("POST", "/api/v1/tokens", 201, body={"user": "els", "label": "proef"}).json()
    walk.ask("POST", "/api/v1/tokens/revoke", 200, body={"token": made["id"]})
    walk.ask("GET", "/api/v1/load", 401, token=made["token"])
    walk.ask("POST", "/api/v1/entries", 422, body=b"\x0a\x00",
             headers={"Content-Type": "application/octet-stream"})
    for verb in ("approve", "decline"):
        walk.ask("POST", f"/api/v1/members/{{id}}/{verb}", 404,
                 f"/api/v1/members/ocmw-none/{verb}", body={})
    a_member_is_set_as_described(walk)
    for verb in ("leave", "revoke"):
        path = f"/api/v1/members/ocmw-{verb}/{verb}"
        walk.ask("POST", f"/api/v1/members/{{id}}/{verb}", 200, path, body={"reason": "proef"})
    for wrong in ("limit=0", "limit=201", "limit=x", "cursor=x", "cursor=2026-11-22:00"):
        walk.ask("GET", "/api/v1/flags", 400, f"/api/v1/flags?{wrong}")
    for wrong in ("weeks?weeks=0", "weeks?weeks=105", "quarters?quarter=2026-Q5"):
        walk.ask("GET", f"/api/v1/flags/{wrong.partition('?')[0]}", 400, f"/api/v1/flags/{wrong}")
    weeks = walk.ask("GET", "/api/v1/flags/weeks", 200, "/api/v1/flags/weeks?weeks=104").json()
    equal(len(weeks["rows"]), 104, "weeks")
    past = walk.ask("GET", "/api/v1/flags/quarters", 200, "/api/v1/flags/quarters?quarter=2025-Q1")
    row, = past.json()["rows"]
    equal((row["over"], len(row["refusals"]), len(row["concerns"])), (True, 7, 11),
          "a quarter that is over has every reason")
    equal(row["contacted"], {"cases": None, "median_days": None, "p90_days": None}, "too few")
    walk.ask("POST", "/api/v1/backup", 403, body={"file": "/tmp/x"})
    walk.ask("GET", "/api/v1/commands/{id}", 404, "/api/v1/commands/" + "0" * 32)


def approval_answers_as_described(walk: Walk, build: Path) -> None:
    words = walk.hub.call("invite", "--org", "ocmw-late").split()
    for verb in ("decline", "approve"):
        org = f"ocmw-{verb}"
        invitation = max(walk.hub.call("invite", "--org", org).split(), key=len)
        equal(Peer(build, org, invitation).join(org), "waiting", org)
        walk.ask("POST", f"/api/v1/members/{{id}}/{verb}", 200, f"/api/v1/members/{org}/{verb}",
                 body={})
    expect(words, "an invitation")


def a_backup_answers_as_described(walk: Walk) -> None:
    file = walk.hub.region.folder / "copy.mdb"
    status, answer = walk.hub.ask("POST", "/api/v1/backup", {"file": str(file)})
    walk.note("POST", "/api/v1/backup", Answer(status, JSON, json.dumps(answer)))
    vangnet.wait_for("the backup is done",
                     lambda: walk.hub.get("/api/v1/backup")["state"] == "done")
    walk.ask("GET", "/api/v1/backup", 200)
    expect(file.stat().st_size > 0, "the copy stands there")


def everything_described_was_seen(walk: Walk) -> None:
    for path, operations in walk.described.document["paths"].items():
        for method, operation in operations.items():
            seen = walk.seen.get((method, path), set())
            good = {int(status) for status in operation["responses"] if status[0] == "2"}
            if path == "/api/v1/entries":  # 200 takes a second director
                good = set()
            expect(seen, f"{method} {path} was never asked")
            expect(good <= seen, f"{method} {path}: never answered {good - seen}")


def strangers_get_nothing(walk: Walk) -> None:
    free = {"/healthz", "/api/v1/openapi.json"}
    for path, operations in walk.described.document["paths"].items():
        for method in operations:
            if path in free:
                equal(operations[method].get("security"), [], f"{path} says that it's open")
                continue
            body = {} if method == "post" else None
            kind = {"Content-Type": "application/octet-stream"} if "entries" in path else {}
            for token in (None, "vangnet_" + "0" * 64):
                answer = ask(walk.hub, method.upper(), path.replace("{id}", "ocmw-a"), token, body,
                             kind)
                equal(answer.status, 401, f"{method} {path} with {token}")
                walk.described.check(method, path, answer)


def people_are_answered_in_their_language(walk: Walk) -> None:
    """Before a command is made, by its outcome, and about a body; Dutch where nothing is asked."""
    def told(path: str, wanted: str | None, **more: Any) -> tuple[int, str, str]:
        language = {"Accept-Language": wanted} if wanted else {}
        answer = ask(walk.hub, path.partition(" ")[0], path.partition(" ")[2], headers=language,
                     **more)
        return answer.status, answer.json()["title"], answer.json()["next"]

    for wanted, title in ((None, "Er is een token nodig"), ("en-GB, nl", "A token is needed"),
                          ("de, fr;q=0.9", "Un jeton est nécessaire")):
        equal(told("GET /api/v1/load", wanted)[:2], (401, title), f"without a token, {wanted}")
    unknown = {path: {wanted: told(path, wanted, token=walk.token, **more)
                      for wanted in ("nl", "en", "fr")}
               for path, more in (("POST /api/v1/members/ocmw-none/approve", {"body": {}}),
                                  ("GET /api/v1/members/ocmw-none", {}),
                                  ("POST /api/v1/members/ocmw-a/set", {"body": {}}))}
    for path, answers in unknown.items():
        for part in (1, 2):
            texts = {answer[part] for answer in answers.values()}
            equal(len(texts), 3, f"{path}: each language has its own: {texts}")
        equal(len({answer[0] for answer in answers.values()}), 1, f"{path}: one status")


def roles_are_kept(walk: Walk) -> None:
    tokens = {}
    for role in ("reader", "coordinator"):
        walk.hub.call("user", "add", role, "--role", role)
        tokens[role] = walk.hub.call("token", "create", role).split()[0]
    reader, coordinator = tokens["reader"], tokens["coordinator"]
    walk.ask("GET", "/api/v1/load", 200, token=reader)
    walk.ask("POST", "/api/v1/invitations", 403, token=reader, body={})
    walk.ask("POST", "/api/v1/invitations", 201, token=coordinator, body={})
    walk.ask("POST", "/api/v1/tokens", 403, token=coordinator, body={"user": "reader"})
    path = "/api/v1/members/ocmw-a/set"
    walk.ask("POST", "/api/v1/members/{id}/set", 403, path, token=reader, body={"hidden": False})
    walk.ask("POST", "/api/v1/members/{id}/set", 200, path, token=coordinator,
             body={"hidden": False})
    for path in ("/api/v1/flags", "/api/v1/erasures"):
        walk.ask("GET", path, 200, token=coordinator)
        walk.ask("GET", path, 403, token=reader)
    for path in ("/api/v1/flags/weeks", "/api/v1/flags/quarters"):
        walk.ask("GET", path, 200, token=reader)
    walk.hub.call("token", "revoke", reader)
    walk.ask("GET", "/api/v1/load", 401, token=reader)


def settled_facts(hub: vangnet.Hub) -> int:
    """How many facts there are; the status is told after a turn, so two turns on it's all there."""
    turns = hub.status()["turns"]["count"]
    vangnet.wait_for("two more turns", lambda: hub.status()["turns"]["count"] >= turns + 2)
    return int(hub.status()["position"]["sequence"])


def a_command_sent_twice_is_done_once(walk: Walk) -> None:
    headers = {"Idempotency-Key": KEY}
    body = {"user": "els", "label": "twice"}
    first = walk.ask("POST", "/api/v1/tokens", 201, body=body, headers=headers).json()
    before = settled_facts(walk.hub)
    again = walk.ask("POST", "/api/v1/tokens", 201, body=body, headers=headers).json()
    equal(again, first, "the same token")
    equal(settled_facts(walk.hub), before, "facts after the second time")
    done = walk.ask("GET", "/api/v1/commands/{id}", 200, f"/api/v1/commands/{KEY}").json()
    equal((done["command"], done["refusal"]), (KEY, None), "its result")
    other = walk.hub.call("token", "create", "admin").split()[0]
    walk.ask("GET", "/api/v1/commands/{id}", 200, f"/api/v1/commands/{KEY}", token=other)
    walk.hub.call("user", "add", "an", "--role", "administrator")
    stranger = walk.hub.call("token", "create", "an").split()[0]
    walk.ask("GET", "/api/v1/commands/{id}", 404, f"/api/v1/commands/{KEY}", token=stranger)
    mine = walk.ask("POST", "/api/v1/tokens", 201, token=stranger, body=body,
                    headers=headers).json()
    expect(mine["token"] != first["token"], "another person's key gives another token")
    walk.ask("POST", "/api/v1/tokens", 400, body=body, headers={"Idempotency-Key": "short"})


# -- the figures --

def quantile(bins: list[int], share: float) -> tuple[float, bool]:
    """Of grouped data by the ogive, written here anew: (weeks, whether it lies beyond)."""
    wanted = share * sum(bins)
    below = 0
    for place, count in enumerate(bins):
        if count > 0 and below + count >= wanted:
            if place == len(EDGES):
                return float(EDGES[-1]), True
            lower = EDGES[place - 1] if place > 0 else 0
            return lower + (EDGES[place] - lower) * (wanted - below) / count, False
        below += count
    raise AssertionError("no counts")


APART_DAYS = 6  # so that the oldest is ageing, and not unknown, on both sides of midnight
WEEKS = [(120, 42, [9, 8, 7, 6, 5, 4, 3]), (130, 60, [20, 15, 10, 5, 4, 3, 3]),
         (140, 78, [3, 3, 3, 3, 6, 20, 40])]


def day_before(day: str, days: int) -> str:
    return (datetime.date.fromisoformat(day) - datetime.timedelta(days)).isoformat()


def publish(hub: vangnet.Hub, build: Path, day: str) -> None:
    for org in ("ocmw-a", "ocmw-b"):
        peer = member(hub, build, org, f"OCMW {org[-1].upper()}")
        for number, (open_, waiting, bins) in enumerate(WEEKS, start=1):
            as_of = day_before(day, APART_DAYS * (len(WEEKS) - number))
            said = peer.publish(number, as_of, open_, waiting, bins)
            equal(said, [f"contiguous {number}"], f"{org} publishes")
    for org in ("ocmw-leave", "ocmw-revoke"):
        member(hub, build, org, org)


def check_row(row: Any, week: int, day: str) -> None:
    open_, waiting, bins = WEEKS[week]
    before = APART_DAYS * (len(WEEKS) - 1 - week)
    age = row["figures"]["age_days"]
    expect(age - before in (0, 1), f"age {age}: by Brussels' midnight or by Greenwich's")
    median, median_beyond = quantile(bins, 0.5)
    p80, p80_beyond = quantile(bins, 0.8)
    equal(row["name"], f"OCMW {row['organisation'][-1].upper()}", "name")
    equal((row["kind"], row["service"], row["municipality"], row["language"]),
          ("ocmw", "budget", None, None), "what the row is of")
    equal(row["figures"], {
        "origin": "register", "as_of": day_before(day, before), "period_days": 7,
        "start_event": "asked", "age_days": age,
        "freshness": "fresh" if age <= 7 else "ageing"}, "figures")
    equal((row["open"], row["queue"]), ({"value": open_}, {"value": waiting}), "counts")
    elapsed = row["elapsed"]
    expect(abs(elapsed["median_weeks"] - median) < 1e-9, f"median {elapsed} not {median}")
    expect(abs(elapsed["p80_weeks"] - p80) < 1e-9, f"P80 {elapsed} not {p80}")
    equal((elapsed["median_beyond_last_bin"], elapsed["p80_beyond_last_bin"], elapsed["families"]),
          (median_beyond, p80_beyond, sum(bins)), "elapsed")
    equal((row["expected"], row["load_per_fte"], row["status"]), (None, None, None), "not said")


def load_says_what_was_published(walk: Walk, day: str) -> None:
    answer = walk.ask("GET", "/api/v1/load", 200).json()
    equal(answer["region"], "Testregio", "region")
    equal([row["organisation"] for row in answer["rows"]], ["ocmw-a", "ocmw-b"], "rows")
    for row in answer["rows"]:
        check_row(row, 2, day)
    path = f"/api/v1/load?week={day_before(day, APART_DAYS)}&organisation=ocmw-b"
    then = walk.ask("GET", "/api/v1/load", 200, path).json()["rows"]
    equal(len(then), 1, "rows of a week before")
    equal((then[0]["figures"]["age_days"], then[0]["figures"]["freshness"], then[0]["open"]),
          (0, "fresh", {"value": WEEKS[1][0]}), "a week before, as it stood then")
    places = walk.ask("GET", "/api/v1/load", 200, "/api/v1/load?municipality=34022").json()["rows"]
    equal([(row["municipality"], row["service"], row["elapsed"]) for row in places],
          [("34022", None, None)] * 2, "by municipality")
    for wrong in ("by=family", "week=soon", "limit=0", "cursor=x", "service=budget&language=nld",
                  "by=language&service=budget", "colour=red"):
        walk.ask("GET", "/api/v1/load", 400, f"/api/v1/load?{wrong}")


def the_region_adds_up(walk: Walk, day: str) -> None:
    open_, waiting, bins = WEEKS[2]
    answer = walk.ask("GET", "/api/v1/load/region", 200).json()
    equal(answer["uncut"], 0, "organisations without services")
    total, = answer["rows"]
    equal((total["service"], total["organisations"], total["missing"]), ("budget", 2, 0),
          "total of")
    equal((total["open"], total["queue"]), ({"low": 2 * open_, "high": 2 * open_},
                                            {"low": 2 * waiting, "high": 2 * waiting}), "totals")
    equal(total["elapsed"]["families"], 2 * sum(bins), "families in the merged bins")
    expect(abs(total["elapsed"]["median_weeks"] - quantile(bins, 0.5)[0]) < 1e-9,
           "the median of twice the same bins")
    equal(total["oldest"], day, "oldest day")
    walk.ask("GET", "/api/v1/load/region", 400, "/api/v1/load/region?by=organisation")


def pages_join_without_a_gap(walk: Walk) -> None:
    rows, path = [], "/api/v1/load?limit=1"
    while path:
        page = walk.ask("GET", "/api/v1/load", 200, path).json()
        expect(len(page["rows"]) <= 1, "a page's rows")
        rows += page["rows"]
        path = page["next"] and f"/api/v1/load?limit=1&cursor={page['next']}"
    equal(rows, walk.ask("GET", "/api/v1/load", 200).json()["rows"], "all pages together")


def the_series_is_whole(walk: Walk, day: str) -> None:
    path = "/api/v1/load/series?organisation=ocmw-a"
    rows = walk.ask("GET", "/api/v1/load/series", 200, path).json()["rows"]
    equal(len(rows), len(WEEKS), "weeks")
    for week, row in zip((2, 1, 0), rows):
        check_row(row, week, day)
    late = f"{path}&from={day_before(day, APART_DAYS)}&before={day}"
    rows = walk.ask("GET", "/api/v1/load/series", 200, late).json()["rows"]
    equal([row["figures"]["as_of"] for row in rows], [day_before(day, APART_DAYS)],
          "between two days")
    walk.ask("GET", "/api/v1/load/series", 400)


def an_export_goes_on_where_it_broke_off(walk: Walk) -> None:
    lines = walk.ask("GET", "/api/v1/load/export", 200).text.splitlines()
    rows = [json.loads(line) for line in lines if "organisation" in line]
    equal(len(rows), 2 * len(WEEKS), "rows of an export")
    first = next(json.loads(line)["after"] for line in lines if "after" in json.loads(line))
    rest = walk.ask("GET", "/api/v1/load/export", 200,
                    f"/api/v1/load/export?after={first}").text.splitlines()
    left = [json.loads(line) for line in rest if "organisation" in line]
    equal(left, [row for row in rows if row["organisation"] == "ocmw-b"], "what was left")
    walk.ask("GET", "/api/v1/load/export", 400, "/api/v1/load/export?after=nowhere")


def metrics_can_be_read(walk: Walk) -> None:
    line = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.]+')
    for one in walk.ask("GET", "/metrics", 200).text.splitlines():
        expect(one.startswith("#") or line.fullmatch(one), f"not Prometheus: {one}")
    found = walk.hub.metrics()
    expect(found["facts_total"] > 0, f"facts are counted: {found}")
    expect(found['turn_seconds{quantile="0.99"}'] > 0, f"turns are timed: {found}")
    equal(found['flags_open{kind="concern",state="open"}'], 0, "flags are counted")
    expect(found["record_keys_left"] >= 1024, f"keys wait for families: {found}")


def test(build: Path) -> None:
    with vangnet.Region(build) as region:
        hub = region.start_hub()
        day = hub.status()["now"][:10]
        token = hub.call("token", "create", "admin").split()[0]
        publish(hub, region.build, day)
        described = Description(ask(hub, "GET", "/api/v1/openapi.json").json())
        walk = Walk(hub, described, token)
        load_says_what_was_published(walk, day)
        pages_join_without_a_gap(walk)
        the_region_adds_up(walk, day)
        the_series_is_whole(walk, day)
        an_export_goes_on_where_it_broke_off(walk)
        strangers_get_nothing(walk)
        people_are_answered_in_their_language(walk)
        every_operation_answers_as_described(walk, day)
        approval_answers_as_described(walk, region.build)
        a_backup_answers_as_described(walk)
        roles_are_kept(walk)
        a_command_sent_twice_is_done_once(walk)
        metrics_can_be_read(walk)
        everything_described_was_seen(walk)


if __name__ == "__main__":
    vangnet.main(test)
