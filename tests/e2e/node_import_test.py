#!/usr/bin/env python3
"""From an export to the region's load table, and nothing else of it: presets, refused rows, the
same file twice, a watched directory, published figures; and no name or national number anywhere in
the node's or the hub's directory (promise 1; RELIABILITY S28 for this road)."""

from __future__ import annotations

import csv
import http.client
import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import vangnet
from vangnet import Hub, Node, Region, equal, expect, wait_for

REGION = Path(__file__).resolve().parents[2] / "deploy/region"
ORG = "ocmw-kortrijk"
FAULTS = 3


def last_monday() -> date:
    today = date.today()
    return today - timedelta(days=today.weekday())


def make_exports(region: Region, faults: int, days_back: int = 0) -> Path:
    """The register of the package whose export names people."""
    folder = region.folder / f"exports-{faults}-{days_back}"
    day = last_monday() - timedelta(days=days_back)
    subprocess.run([sys.executable, str(REGION / "generate.py"), "--out", str(folder), "--as-of",
                    day.isoformat(), "--organisation", ORG, "--faults", str(faults)],
                   check=True, stdout=subprocess.DEVNULL)
    return folder / f"{ORG}.synthetic.csv"


def rows_of(path: Path) -> list[dict[str, str]]:
    raw = path.read_bytes()
    text = raw.decode("utf-8-sig") if raw.startswith(b"\xef\xbb\xbf") else raw.decode("cp1252")
    delimiter = ";" if ";" in text.splitlines()[0] else ","
    return list(csv.DictReader(text.splitlines(), delimiter=delimiter))


def a_dry_run_changes_nothing(node: Node, export: Path) -> None:
    said = node.call("import", export, "--preset", "ocmw-pakket", "--dry-run")
    expect("nothing taken" in said, said)
    equal(node.status()["generation"], 0, "generation after a dry run")
    refused_path(export).unlink()


def refused_path(export: Path) -> Path:
    return export.with_name(export.name.removesuffix(".csv") + ".rejected.csv")


def refused_rows_are_named_and_kept_to_be_mended(node: Node, export: Path) -> int:
    rows = rows_of(export)
    said = node.call("import", export, "--preset", "ocmw-pakket")
    taken = len(rows) - FAULTS
    expect(f"{taken} rows taken, {FAULTS} refused" in said, said)
    expect("Nothing leaves before" in said, said)
    expect("(column " in said and f"line {len(rows) + 1}" in said, f"places: {said}")
    refused = refused_path(export)
    equal(refused.stat().st_mode & 0o777, 0o600, "the refused rows are the user's alone")
    equal(len(rows_of(refused)), FAULTS, "rows in it")
    done = node.run("import", refused, "--preset", "ocmw-pakket")
    equal(done.status, 1, "the refused rows aren't the register")
    expect("mend the rows in the export itself" in done.said.lower(), done.said)
    equal(node.status()["cases"], taken, "cases after it")
    expect(not refused_path(refused).exists(), "and they aren't refused twice")
    return taken


def nothing_leaves_before_somebody_looked(node: Node) -> None:
    status = node.status()
    expect(status["held"] and status["freeze"] is None, f"held: {status}")
    expect("NODE_HELD" in node.findings(), "status says so")
    expect("leave after" in node.call("preview"), "and so does the preview")


def the_same_file_twice_changes_nothing(node: Node, export: Path) -> None:
    before = node.status()
    said = node.call("import", export, "--preset", "ocmw-pakket")
    expect("nothing changed" in said, said)
    equal(node.status()["generation"], before["generation"], "generation")


def a_file_of_no_use_leaves_the_register(node: Node, folder: Path) -> None:
    before = node.status()
    wrong = folder / "wrong.csv"
    for content in ("", "a,b\n1,2\n", "id,municipality,service,language,asked\n1,nowhere,x,y,z\n"):
        wrong.write_text(content)
        done = node.run("import", wrong, "--preset", "generic")
        equal(done.status, 1, f"{content!r}")
        expect("stays as it was" in done.err, done.said)
    done = node.run("import", folder / "none.csv")
    equal(done.status, 1, "a file that isn't there")
    done = node.run("import", wrong, "--preset", "nowhere")
    equal(done.status, 1, "a preset that isn't there")
    expect("no such preset" in done.err and "ocmw-pakket" in done.err, done.err)
    done = node.run("import", folder)
    expect(done.status == 1 and "is a directory" in done.err, done.said)
    wrong.write_text("a,b\n1,2\n")
    done = node.run("import", wrong, "--preset", "generic")
    expect("Columns of this file: a, b" in done.said, done.said)
    for key in ("generation", "cases"):
        equal(node.status()[key], before[key], key)


def a_small_file_needs_force(node: Node, export: Path) -> None:
    before = node.status()["cases"]
    small = export.with_name("small.csv")
    small.write_bytes(b"".join(export.read_bytes().splitlines(keepends=True)[:4]))
    done = node.run("import", small, "--preset", "ocmw-pakket")
    equal(done.status, 1, "a small file")
    expect("--force" in done.err, done.said)
    equal(node.status()["cases"], before, "the register stays")
    node.call("import", small, "--preset", "ocmw-pakket", "--force")
    equal(node.status()["cases"], 3, "by force")
    node.call("import", export, "--preset", "ocmw-pakket")
    equal(node.status()["cases"], before, "the whole again")
    for left in (small, refused_path(export)):
        left.unlink()


def what_is_published_stands_in_the_region(hub: Hub, node: Node) -> None:
    preview = json.loads(node.call("preview", "--json"))
    total = next(line for line in preview["lines"] if line["dimension"] == "total")
    expect(any(line["withheld"] for line in preview["lines"]), "something is withheld, with why")
    node.call("publish")
    node.wait_received()
    shown = [row for row in hub.export() if row["organisation"] == ORG]
    expect(shown, "the hub has the figures")
    expect(ORG in hub.call("load") or "Testorganisatie" in hub.call("load"), "in the terminal too")
    expect(abs(total["true"] - total["published"]) <= 5, f"the total's noise: {total}")
    again = json.loads(node.call("publish", "--json"))
    expect("published" not in again, f"the same freeze isn't drawn again: {again}")
    node.wait_received()


def needles(export: Path) -> list[bytes]:
    """Whatever the export says of people, in the forms in which it could lie around."""
    found = set()
    for row in rows_of(export):
        for heading, value in row.items():
            if heading in ("Naam", "Voornaam", "Rijksregisternr") and len(value) > 5:
                found.add(value)
                digits = "".join(c for c in value if c.isdigit())
                found.update({digits} if len(digits) == 11 else set())
    expect(len(found) > 100, "the export names people")
    return [form for one in found for form in (one.encode(), one.encode("utf-16-le"),
                                               one.upper().encode(), one.encode().hex().encode())]


def nobody_is_named_anywhere(node: Node, hub: Hub, export: Path) -> None:
    names = needles(export)
    own_ids = [row["Dossiernr"].encode() for row in rows_of(export)
               if len(row.get("Dossiernr", "")) > 5][:50]
    raw = export.read_bytes()
    expect(sum(one in raw for one in names) > 100, "the search finds what is there")
    looked_at = 0
    for where, wanted in ((node.folder, names + own_ids), (hub.folder, names + own_ids)):
        for path in where.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                looked_at += len(content)
                hits = [one for one in wanted if one in content]
                expect(not hits, f"{path} holds {hits[:3]}")
    for log in (node.log, hub.log):
        content = log.read_bytes()
        expect(not [one for one in names if one in content], f"{log} names somebody")
    expect(looked_at > 100000, "there was something to look at")


def a_watched_directory_is_taken_by_itself(node: Node, region: Region) -> None:
    folder = region.folder / "watched"
    folder.mkdir()
    node.call("import", "--watch", folder, "--preset", "ocmw-pakket")
    export = make_exports(region, faults=2, days_back=7)
    before = node.status()["generation"]
    (folder / "part.tmp").write_bytes(export.read_bytes())
    (folder / "part.tmp").rename(folder / "week.csv")
    wait_for("the new export is taken", lambda: node.status()["generation"] > before, 30)
    wait_for("it's put aside", lambda: not (folder / "week.csv").exists())
    done = list((folder / "done").iterdir())
    equal([one.name.endswith("-week.csv") for one in done], [True], "what is done")
    refused = list((folder / "rejected").iterdir())
    equal([len(rows_of(one)) for one in refused], [2], "its refused rows")
    (folder / "useless.csv").write_text("a,b\n1,2\n")
    wait_for("a useless one is put aside",
             lambda: any("useless" in one.name for one in (folder / "rejected").iterdir()), 30)
    expect(any(one.name.endswith("useless.csv.txt") for one in (folder / "rejected").iterdir()),
           "and says why")
    before = node.status()
    lines = export.read_bytes().splitlines(keepends=True)
    (folder / "part.csv").write_bytes(b"".join(lines[:5]))
    wait_for("a part of it is put aside",
             lambda: any("part.csv.txt" in one.name for one in (folder / "rejected").iterdir()), 30)
    equal(node.status()["cases"], before["cases"], "cases after a part")
    node.stop()
    node.up()
    node.wait_connected()
    (folder / "again.csv").write_bytes(make_exports(region, 0, days_back=14).read_bytes())
    wait_for("it watches after a restart", lambda: not (folder / "again.csv").exists(), 30)
    node.call("import", "--watch", "", "--preset", "generic")


def published_figures_go_as_they_are(hub: Hub, node: Node, folder: Path) -> None:
    file = folder / "figures.csv"
    day = date.today() - timedelta(days=3)
    file.write_text("period_end,period_days,service,waiting_total,w0_4,w4_8,w8_plus\n"
                    f"{day},30,schuldbemiddeling,37,20,10,7\n")
    said = node.call("import", file, "--figures", "--start-event", "referred")
    expect("1 rows of figures about 1 periods" in said, said)
    node.wait_received()
    rows = [row for row in hub.export()
            if row["organisation"] == ORG and "37" in json.dumps(row) and
            "referred" in json.dumps(row)]
    expect(rows, "the hub has the figure, unperturbed, with its start event")


def ask_port(port: int, method: str, path: str, token: str, body: str | None = None) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15 * vangnet.PATIENCE)
    headers = {"Content-Type": "application/json"} if body else {}
    try:
        connection.request(method, path, body,
                           headers | ({"Authorization": f"Bearer {token}"} if token else {}))
        return connection.getresponse().status
    finally:
        connection.close()


def over_tcp_a_token_says_who_asks_and_nobody_imports(node: Node) -> None:
    node.call("user", "add", "an", "--role", "administrator")
    node.call("user", "add", "bram", "--role", "reader")
    tokens = [node.call("token", "create", user, "--days", "1").split()[0]
              for user in ("an", "bram")]
    port = vangnet.free_ports(1)[0]
    settings = node.folder / "node.ini"
    text = settings.read_text()
    expect("; address = 127.0.0.1\n; port = 8480\n" in text, "the settings show how")
    settings.write_text(text.replace("; address = 127.0.0.1\n; port = 8480\n",
                                     f"address = 127.0.0.1\nport = {port}\n"))
    node.stop()
    node.up()
    node.wait_connected()
    equal(ask_port(port, "GET", "/api/v1/status", ""), 401, "without a token")
    equal(ask_port(port, "GET", "/api/v1/status", tokens[0][:-1] + "x"), 401, "a wrong token")
    for token in tokens:
        equal(ask_port(port, "GET", "/api/v1/status", token), 200, "status")
    equal(ask_port(port, "GET", "/api/v1/preview", tokens[1]), 403, "a reader's preview")
    equal(ask_port(port, "GET", "/api/v1/preview", tokens[0]), 200, "preview")
    equal(ask_port(port, "POST", "/api/v1/publish", tokens[1]), 403, "a reader publishes")
    begin = json.dumps({"file": "00" * 32})
    equal(ask_port(port, "POST", "/api/v1/import/begin", tokens[0], begin), 403, "an import")
    equal(ask_port(port, "GET", "/api/v1/import", tokens[0]), 403, "the import's key")


def test(build: Path) -> None:
    with vangnet.Region(build) as region:
        hub = region.start_hub()
        node = region.add_node(ORG, hub)
        export = make_exports(region, FAULTS)
        done = node.run("publish")
        expect(done.status == 1 and "No register" in done.err, f"before any import: {done.said}")
        a_dry_run_changes_nothing(node, export)
        taken = refused_rows_are_named_and_kept_to_be_mended(node, export)
        equal(node.status()["cases"], taken, "cases in the register")
        the_same_file_twice_changes_nothing(node, export)
        a_file_of_no_use_leaves_the_register(node, export.parent)
        a_small_file_needs_force(node, export)
        nothing_leaves_before_somebody_looked(node)
        what_is_published_stands_in_the_region(hub, node)
        expect(not node.status()["held"], "somebody looked")
        nobody_is_named_anywhere(node, hub, export)
        a_watched_directory_is_taken_by_itself(node, region)
        published_figures_go_as_they_are(hub, node, export.parent)
        over_tcp_a_token_says_who_asks_and_nobody_imports(node)
        nobody_is_named_anywhere(node, hub, export)


if __name__ == "__main__":
    vangnet.main(test)
