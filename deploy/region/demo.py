#!/usr/bin/env python3
"""Brings up a region as real processes on loopback, shows its load table, stops what it started.

Called by deploy/demo, which builds first. The register exports are synthetic (generate.py); the
names, codes and numbers of the municipalities' centres are real (README.md beside this file).
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
# Who may ask a family for consent, by the organisation's kind; the others may not.
CONSENT = {"ocmw": "full", "caw": "full", "agii": "full", "volunteers": "limited"}
TEXTS = {
    "making": {
        "nl": "registers maken (verzonnen dossiers, echte organisaties) ...",
        "en": "making registers (invented cases, real organisations) ...",
        "fr": "préparation des registres (dossiers inventés, organisations réelles) ...",
    },
    "hub": {"nl": "hub starten ...", "en": "starting the hub ...", "fr": "démarrage du hub ..."},
    "node": {
        "nl": "{0}/{1} {2}: aansluiten, starten",
        "en": "{0}/{1} {2}: joining, starting",
        "fr": "{0}/{1} {2} : adhésion, démarrage",
    },
    "figures": {
        "nl": "{0}/{1} {2}: importeren, publiceren",
        "en": "{0}/{1} {2}: importing, publishing",
        "fr": "{0}/{1} {2} : importation, publication",
    },
    "ready": {
        "nl": "De regio staat, {0} s na de bouw. Gegevens: {1}. Ctrl-C stopt alles.",
        "en": "The region stands, {0} s after the build. Data: {1}. Ctrl-C stops all of it.",
        "fr": "La région est prête, {0} s après la construction. Données : {1}. "
              "Ctrl-C arrête tout.",
    },
    "stopping": {"nl": "stoppen ...", "en": "stopping ...", "fr": "arrêt ..."},
    "failed": {
        "nl": "dit lukte niet: {0}\n{1}",
        "en": "this failed: {0}\n{1}",
        "fr": "échec : {0}\n{1}",
    },
    "ended": {
        "nl": "een proces is vanzelf gestopt: {0}; het laatste ervan:\n{1}",
        "en": "a process ended by itself: {0}; the last of it:\n{1}",
        "fr": "un processus s'est arrêté : {0} ; ses dernières lignes :\n{1}",
    },
}


def language() -> str:
    for name in ("VANGNET_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        chosen = os.environ.get(name, "")[:2]
        if chosen in ("nl", "en", "fr"):
            return chosen
        if chosen and name == "VANGNET_LANG":
            break
    return "nl"


def say(key: str, *values: object) -> None:
    print(TEXTS[key][language()].format(*values), file=sys.stderr, flush=True)


class Failed(Exception):
    """A step that didn't work; the text says which and why."""


class Region:
    """The processes of one run: what was started here is stopped here, by its id."""

    def __init__(self, build: Path, folder: Path) -> None:
        self.hub_program = build / "hub/shell/vangnet-hub"
        self.node_program = build / "node/shell/vangnet-node"
        self.folder = folder
        self.hub_folder = folder / "hub"
        self.processes: list[tuple[str, subprocess.Popen[bytes]]] = []

    def node_folder(self, org: str) -> Path:
        return self.folder / "nodes" / org

    def call(self, *words: object) -> str:
        command = [str(word) for word in words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            raise Failed(TEXTS["failed"][language()].format(
                " ".join(command), done.stderr.strip() or done.stdout.strip()))
        return done.stdout

    def start(self, name: str, *words: object) -> None:
        log = open(self.folder / f"{name}.log", "ab")
        process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=log, start_new_session=True)
        log.close()
        self.processes.append((name, process))

    def wait_for(self, name: str, path: Path, seconds: float = 30) -> None:
        """Until a daemon's control socket answers."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.look()
            probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                probe.connect(str(path))
                return
            except OSError:
                time.sleep(0.02)
            finally:
                probe.close()
        raise Failed(TEXTS["ended"][language()].format(name, self.tail(name)))

    def tail(self, name: str) -> str:
        lines = (self.folder / f"{name}.log").read_text(errors="replace").splitlines()
        return "\n".join(lines[-10:])

    def look(self) -> None:
        for name, process in self.processes:
            if process.poll() is not None:
                raise Failed(TEXTS["ended"][language()].format(name, self.tail(name)))

    def stop(self) -> None:
        for _, process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        until = time.monotonic() + 10
        for _, process in reversed(self.processes):
            try:
                process.wait(timeout=max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def make_registers(folder: Path, seed: int, today: datetime.date) -> None:
    say("making")
    done = subprocess.run(
        [sys.executable, str(HERE / "generate.py"), "--out", str(folder), "--seed", str(seed),
         "--as-of", today.isoformat()], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(done.stderr)


def start_hub(region: Region) -> None:
    say("hub")
    members, strangers, api = free_ports(3)
    if not (region.hub_folder / "hub.conf").exists():
        region.call(region.hub_program, "init", "--dir", region.hub_folder,
                    "--hub", "zuid-west-vlaanderen", "--name", "Zuid-West-Vlaanderen (synthetisch)",
                    "--listen", f"tcp://127.0.0.1:{members}",
                    "--enrol", f"tcp://127.0.0.1:{strangers}", "--api", f"127.0.0.1:{api}")
    region.start("hub", region.hub_program, "run", "--dir", region.hub_folder)
    region.wait_for("hub", region.hub_folder / "control.sock")


def listed(option: str, values: str, separator: str = "|") -> list[str]:
    """A list with commas between; nothing at all where it's empty."""
    return [option, values.replace(separator, ",")] if values else []


def join(region: Region, org: dict[str, str]) -> None:
    folder = region.node_folder(org["id"])
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        invitation = region.call(region.hub_program, "invite", "--dir", region.hub_folder,
                                 "--org", org["id"], "--approve").strip().splitlines()[-1]
        words = [region.node_program, "join", invitation, "--dir", folder, "--org", org["id"],
                 "--name", org["name"], "--kind", org["kind"], "--competence", org["competence"]]
        words += listed("--nis", org["catchment"])
        words += listed("--service", org["services"])
        words += listed("--language", org["languages"])
        words += listed("--onthaal", org["onthaal"])
        words += listed("--kbo", org["kbo"])
        words += listed("--may-take-consent", CONSENT.get(org["kind"], ""))
        region.call(*words)
    region.start(org["id"], region.node_program, "run", "--dir", folder)


def publish(region: Region, org: dict[str, str], registers: Path) -> None:
    folder = region.node_folder(org["id"])
    region.wait_for(org["id"], folder / "control.sock")
    export = registers / f"{org['id']}.synthetic.csv"
    region.call(region.node_program, "import", export, "--dir", folder, "--preset", org["preset"])
    share = float(org["fte"]) / max(1, len(org["services"].split("|")))
    for service in org["services"].split("|"):
        region.call(region.node_program, "status-set", service, "open", "--fte", f"{share:.2f}",
                    "--dir", folder)
    region.call(region.node_program, "publish", "--dir", folder)


def wait_for_figures(region: Region, count: int) -> None:
    """Until the hub shows every organisation: what was sent is acknowledged, not yet looked at."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        region.look()
        answer = region.call(region.hub_program, "load", "--dir", region.hub_folder,
                             "--by", "organisation", "--json")
        rows = json.loads(answer)["rows"]
        if sum(row["figures"] is not None for row in rows) >= count:
            return
        time.sleep(0.2)
    raise Failed("the hub doesn't show every organisation after a minute")


def bring_up(region: Region, organisations: list[dict[str, str]], seed: int) -> None:
    registers = region.folder / "registers"
    make_registers(registers, seed, datetime.date.today())
    start_hub(region)
    total = len(organisations)
    for number, org in enumerate(organisations, 1):
        say("node", number, total, org["name"])
        join(region, org)
    for number, org in enumerate(organisations, 1):
        say("figures", number, total, org["name"])
        publish(region, org, registers)
    wait_for_figures(region, total)


def show(region: Region) -> None:
    for view in ("organisation", "service"):
        print(region.call(region.hub_program, "load", "--dir", region.hub_folder, "--by", view),
              flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="deploy/demo", epilog="example: deploy/demo --once",
        description="Brings up a region on this machine: one hub and twenty-five nodes as real "
        "processes, with synthetic registers; shows its load table and goes on until Ctrl-C.")
    parser.add_argument("--once", action="store_true", help="show the table, stop, end with 0")
    parser.add_argument("--dir", type=Path, help="keep the data in this folder")
    parser.add_argument("--seed", type=int, default=1, help="of the synthetic registers")
    parser.add_argument("--build", type=Path, default=Path("build/demo"), help=argparse.SUPPRESS)
    return parser.parse_args()


def answer_signals(answer: Any) -> None:
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, answer)


def interrupted(_signal: int, _frame: object) -> None:
    answer_signals(signal.SIG_IGN)  # a second one during the stopping would leave processes behind
    raise KeyboardInterrupt


def main() -> int:
    given = arguments()
    answer_signals(interrupted)
    begun = time.monotonic()
    kept = given.dir is not None
    folder = given.dir.resolve() if kept else Path(tempfile.mkdtemp(prefix="vangnet-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    region = Region(given.build.resolve(), folder)
    with open(HERE / "zuid-west-vlaanderen.csv", encoding="utf-8", newline="") as file:
        organisations = list(csv.DictReader(file))
    try:
        bring_up(region, organisations, given.seed)
        show(region)
        say("ready", round(time.monotonic() - begun), folder)
        while not given.once:
            time.sleep(1)
            region.look()
        return 0
    except Failed as failure:
        print(f"deploy/demo: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        answer_signals(signal.SIG_IGN)
        say("stopping")
        region.stop()
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
