"""A region of real processes for the tests of this directory: a hub, its nodes, their clocks.

    with vangnet.Region(build) as region:
        hub = region.start_hub()
        node = region.add_node("ocmw-a")
        node.call("status-set", "leefloon", "open", "--fte", "2.50")
        node.wait_received()

Everything lives in a temporary directory and on the loopback, on ports of its own; what was
started is stopped by its id at the end. A daemon must end with status 0 when it is asked to: so a
sanitizer's complaint, also one about leaks, fails the test that it came up in. Nothing waits for a
fixed time: what is awaited is asked for, until a deadline that only a failure reaches.
"""

from __future__ import annotations

import functools
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SANITIZED = any(name in os.environ for name in ("ASAN_OPTIONS", "TSAN_OPTIONS"))
PATIENCE = 4 if SANITIZED else 1  # deadlines are meant for a plain build
LOG_LINES = 25
COMPLAINTS = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:|Assertion ")


class Failed(Exception):
    """The test has failed; the text says what was expected and what came instead."""


def expect(holds: object, said: str) -> None:
    if not holds:
        raise Failed(said)


def equal(found: object, wanted: object, what: str) -> None:
    expect(found == wanted, f"{what}: {found!r}, not {wanted!r}")


def wait_for(what: str, holds: Callable[[], Any], seconds: float = 15,
             exact: bool = False) -> Any:
    """What `holds` gave once it's true. `exact`: the seconds are what is tested."""
    until = time.monotonic() + seconds * (1 if exact else PATIENCE)
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > until:
            raise Failed(f"not within {seconds} s: {what}")
        time.sleep(0.02)


class Ports:
    """Ports of this test alone: a block that it holds by its first port, below those which the
    system gives to others by itself."""

    BLOCK = 64
    FIRST, END = 16000, 32000

    def __init__(self) -> None:
        blocks = (self.END - self.FIRST) // self.BLOCK
        for n in range(blocks):
            base = self.FIRST + (os.getpid() + n) % blocks * self.BLOCK
            self.guard = self.bound(base)
            if self.guard:
                self.free = list(range(base + 1, base + self.BLOCK))
                return
        raise Failed("no block of ports is free")

    @staticmethod
    def bound(port: int) -> socket.socket | None:
        one = socket.socket()
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            one.close()
            return None
        return one

    def take(self) -> int:
        while self.free:
            port = self.free.pop(0)
            probe = self.bound(port)
            if probe:
                probe.close()
                return port
        raise Failed("all ports of the block are taken")


@functools.cache
def own_ports() -> Ports:
    return Ports()


def free_ports(count: int) -> list[int]:
    return [own_ports().take() for _ in range(count)]


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Done:
    """How a command ended."""

    def __init__(self, process: subprocess.CompletedProcess[str]) -> None:
        self.status = process.returncode
        self.out = process.stdout
        self.err = process.stderr
        self.said = (process.stdout + process.stderr).strip()


class Clock:
    """The test clock of some daemons: the system's time, shifted, told ten times a second."""

    def __init__(self, path: Path, shift_s: float = 0) -> None:
        self.path = path
        self.shift_s = shift_s
        self.in_force_ms = 0  # what the daemon last said that it goes by
        self.closing = threading.Event()
        self.thread = threading.Thread(target=self.tell, daemon=True)
        self.thread.start()

    def now_ms(self) -> int:
        return int((time.time() + self.shift_s) * 1000)

    def option(self) -> list[str]:
        return ["--test-clock", f"{self.path}@{self.now_ms()}"]

    def once(self, name: str) -> list[str]:
        """For a command, which ends before anybody could tell it the time."""
        return ["--test-clock", f"{self.path}.{name}@{self.now_ms()}"]

    def tell(self) -> None:
        back = self.path.with_suffix(".back")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.bind(str(back))
            sender.settimeout(1)
            while not self.closing.wait(0.1):
                try:
                    sender.sendto(f"now {self.now_ms()}".encode(), str(self.path))
                    said = sender.recv(64).decode().split()
                    self.in_force_ms = int(said[1]) if said[0] == "ok" else self.in_force_ms
                except OSError:
                    pass  # nobody there yet, or any more
        back.unlink(missing_ok=True)

    def shift(self, shift_s: float) -> None:
        """Another time from now on; returns when the daemon goes by it."""
        self.shift_s = shift_s
        wait_for(f"{self.path.name} tells the time", lambda: abs(
            self.in_force_ms - self.now_ms()) < 5000)

    def close(self) -> None:
        self.closing.set()
        self.thread.join()


class Daemon:
    """One of our programs with its directory, which outlives its processes."""

    def __init__(self, region: Region, program: Path, name: str, folder: Path) -> None:
        self.region = region
        self.program = program
        self.name = name
        self.folder = folder
        self.socket = folder / "control.sock"
        self.log = region.folder / f"{name}.log"
        self.clock: Clock | None = None
        self.process: subprocess.Popen[bytes] | None = None

    # -- the command line --

    def run(self, *words: object, seconds: float = 60) -> Done:
        """A command on this directory, however it ends."""
        command = [str(self.program), *(str(word) for word in words), "--dir", str(self.folder),
                   "--lang", "en"]
        return Done(subprocess.run(command, capture_output=True, text=True, check=False,
                                   stdin=subprocess.DEVNULL, timeout=seconds * PATIENCE))

    def call(self, *words: object, seconds: float = 60) -> str:
        """The output of a command that has to succeed."""
        done = self.run(*words, seconds=seconds)
        expect(done.status == 0, f"{self.name}: {' '.join(map(str, words))}: {done.said}")
        return done.out

    def ask(self, method: str, path: str, body: object = None, seconds: float = 15,
            headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """The control socket's status and answer (JSON where it is, else text)."""
        connection = UnixConnection(self.socket, seconds * PATIENCE)
        given = {"Content-Type": "application/json"} if body is not None else {}
        try:
            text = json.dumps(body) if body is not None else None
            connection.request(method, path, text, given | (headers or {}))
            answer = connection.getresponse()
            content = answer.read().decode()
        finally:
            connection.close()
        is_json = "json" in (answer.getheader("Content-Type") or "") and "\n{" not in content
        return answer.status, json.loads(content) if is_json and content else content

    def get(self, path: str, seconds: float = 15) -> Any:
        status, answer = self.ask("GET", path, seconds=seconds)
        expect(status == 200, f"{self.name}: GET {path}: {status} {answer}")
        return answer

    # -- the process --

    def start(self) -> None:
        clock = self.clock.option() if self.clock else []
        command = [str(self.program), "run", "--dir", str(self.folder), *clock]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, start_new_session=True)

    def answers(self) -> bool:
        self.must_live()
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                probe.connect(str(self.socket))
            return True
        except OSError:
            return False

    def wait_answers(self) -> None:
        wait_for(f"{self.name} answers on its control socket", self.answers, 20)

    def up(self) -> None:
        self.start()
        self.wait_answers()

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def must_live(self) -> None:
        expect(self.alive(), f"{self.name} ended by itself")

    def pid(self) -> int:
        expect(self.process is not None, f"{self.name} runs")
        return self.process.pid if self.process else 0

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid(), number)

    def kill(self) -> None:
        """kill -9, and nothing else gets to run."""
        self.must_live()
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None

    def stop(self) -> None:
        """As systemd does it; it has to end well."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.send_signal(signal.SIGCONT)
        try:
            status = self.process.wait(timeout=15 * PATIENCE)
        except subprocess.TimeoutExpired:
            where = self.threads()
            self.process.kill()
            self.process.wait()
            self.process = None
            if SANITIZED and self.said_stopped():
                # LeakSanitizer hangs at times where all of ours has ended already, see
                # github.com/google/sanitizers/issues/1330; a plain build has no such excuse.
                print(f"{self.name} hung in the sanitizer's exit: {where}", file=sys.stderr)
                return
            raise Failed(f"{self.name} didn't stop when asked to: {where}") from None
        self.process = None
        expect(status == 0, f"{self.name} ended with status {status}")

    def said_stopped(self) -> bool:
        """Its last line: all is closed, the process only has to end."""
        lines = self.log.read_text(errors="replace").splitlines()
        return bool(lines) and "event=stopped" in lines[-1]

    def threads(self) -> str:
        """Where each stands: its name, state, and what it waits for in the kernel."""
        said = []
        for task in Path(f"/proc/{self.pid()}/task").iterdir():
            try:
                state = (task / "stat").read_text().rpartition(") ")[2][0]
                said.append(" ".join([(task / "comm").read_text().strip(), state,
                                      (task / "wchan").read_text(),
                                      (task / "syscall").read_text().split()[0]]))
            except OSError:
                continue  # it has ended meanwhile
        return "; ".join(said)

    def cpu_seconds(self) -> float:
        """Of all its threads, since its start."""
        fields = Path(f"/proc/{self.pid()}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-LOG_LINES:])

    def complaint(self) -> str | None:
        """A line of its log by which it says itself that it is broken."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return next((line for line in text.splitlines() if COMPLAINTS.search(line)), None)


class Hub(Daemon):
    def __init__(self, region: Region, folder: Path) -> None:
        super().__init__(region, region.build / "hub/shell/vangnet-hub", "hub", folder)
        self.members, self.enrol, self.api = free_ports(3)

    def init(self) -> None:
        self.call("init", "--hub", "region", "--name", "Testregio",
                  "--listen", f"tcp://127.0.0.1:{self.members}",
                  "--enrol", f"tcp://127.0.0.1:{self.enrol}", "--api", f"127.0.0.1:{self.api}",
                  *(self.clock.once("init") if self.clock else []))

    def invite(self, org: str) -> str:
        words = self.call("invite", "--org", org, "--approve").split()
        return max(words, key=len)

    def health(self) -> Any:
        """GET /healthz on the API's port: no token needed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.api, timeout=15 * PATIENCE)
        try:
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        expect(answer.status == 200, f"healthz: {answer.status}")
        return json.loads(content)

    def metrics(self) -> dict[str, float]:
        """By name, with labels as they stand there."""
        lines = self.get("/metrics").splitlines()
        pairs = [line.rsplit(" ", 1) for line in lines if line and not line.startswith("#")]
        return {name.removeprefix("vangnet_hub_"): float(value) for name, value in pairs}

    def fresh_metrics(self) -> dict[str, float]:
        """As they are from this call on: the hub counts once a second, a turn each time."""
        before = self.metrics()["turns_total"]
        found = self.metrics()

        def is_newer() -> bool:
            found.update(self.metrics())
            return found["turns_total"] != before

        wait_for("the hub counts again", is_newer)
        return found

    def status(self) -> Any:
        return self.get("/api/v1/status")

    def export(self) -> list[Any]:
        """Every row of figures that the hub keeps."""
        lines = self.get("/api/v1/load/export").splitlines()
        return [row for row in map(json.loads, lines) if "organisation" in row]

    def member_state(self, org: str) -> str:
        return str(self.get(f"/api/v1/members/{org}")["state"])


class Node(Daemon):
    def __init__(self, region: Region, org: str, folder: Path) -> None:
        super().__init__(region, region.build / "node/shell/vangnet-node", org, folder)
        self.org = org

    def join(self, invitation: str) -> None:
        self.call("join", invitation, "--org", self.org, "--name", f"Testorganisatie {self.org}",
                  "--kind", "ocmw", "--nis", "34022", "--service", "leefloon", "--language", "nld")

    def status(self) -> Any:
        """What `vangnet-node status --json` says; it may also end with 1: something's amiss."""
        done = self.run("status", "--json")
        expect(done.out.startswith("{"), f"{self.name}: status: {done.said}")
        return json.loads(done.out)

    def findings(self) -> set[str]:
        """The codes of what needs attention."""
        return {one["code"] for one in self.status()["findings"] if one["attention"]}

    def connected(self) -> bool:
        status = self.status()
        return bool(status["connected"] and status["member"])

    def wait_connected(self, seconds: float = 20) -> None:
        wait_for(f"{self.name} is connected", self.connected, seconds)

    def received(self) -> bool:
        return bool(self.status()["waiting"] == 0)

    def wait_received(self, seconds: float = 20, exact: bool = False) -> None:
        wait_for(f"{self.name} has a receipt for all it sent", self.received, seconds, exact)

    def set_status(self, hundredths: int) -> Done:
        """A status that tells itself from others by its FTE."""
        return self.run("status-set", "leefloon", "open", "--fte", f"{hundredths / 100:.2f}")


class Region:
    """The processes of one test. `folder`: where to make the hub's and nodes' directories."""

    def __init__(self, build: str | Path, folder: Path | None = None) -> None:
        self.build = Path(build).resolve()
        self.own = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="vn-"))
        self.daemons: list[Daemon] = []
        self.clocks: list[Clock] = []

    def __enter__(self) -> Region:
        return self

    def __exit__(self, kind: object, failure: object, trace: object) -> None:
        stopped = self.stop(say=failure is None)
        complaints = [f"{one.name}: {one.complaint()}" for one in self.daemons if one.complaint()]
        if failure is not None or stopped or complaints:
            self.show_logs()
        if self.own:
            shutil.rmtree(self.folder, ignore_errors=True)
        if failure is None:
            expect(not stopped and not complaints, "; ".join(stopped + complaints))

    def stop(self, say: bool) -> list[str]:
        failures = []
        for one in reversed(self.daemons):
            try:
                one.stop()
            except Failed as failed:
                failures.append(str(failed))
        for clock in self.clocks:
            clock.close()
        return failures if say else []

    def show_logs(self) -> None:
        for one in self.daemons:
            print(f"-- {one.name}\n{one.tail()}", file=sys.stderr)

    def make_clock(self, name: str, shift_s: float = 0) -> Clock:
        clock = Clock(self.folder / f"{name}.clock", shift_s)
        self.clocks.append(clock)
        return clock

    def start_hub(self, folder: Path | None = None, clock: Clock | None = None) -> Hub:
        hub = Hub(self, folder or self.folder / "hub")
        hub.clock = clock
        hub.init()
        self.daemons.append(hub)
        hub.up()
        return hub

    def add_node(self, org: str, hub: Hub, folder: Path | None = None,
                 clock: Clock | None = None) -> Node:
        """Joined, running and greeted."""
        node = Node(self, org, folder or self.folder / org)
        node.clock = clock
        node.join(hub.invite(org))
        self.daemons.append(node)
        node.up()
        node.wait_connected()
        return node


def main(test: Callable[[Path], None]) -> None:
    """Runs a test that is given the build directory as its only argument."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} BUILD-DIRECTORY")
    try:
        test(Path(sys.argv[1]))
    except Failed as failed:
        sys.exit(f"FAILED: {failed}")
