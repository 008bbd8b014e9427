"""What the figures of deploy/bench are measured with: the machine, its disk, and the processes
under test, each pinned to a core and stopped when its block ends."""

import contextlib
import json
import mmap
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

INVITATION = re.compile(r"vangnet1:\S+")
TICK = os.sysconf("SC_CLK_TCK")
READY_S = 20
STOP_S = 20


class Failed(Exception):
    """A figure can't be had, and why."""


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def median(values):
    return percentile(values, 0.5)


def cores():
    """(for what is measured, for what loads it); the same one where there's only one."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[-1]


def pinned(core):
    return lambda: os.sched_setaffinity(0, {core})


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        for line in info:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return os.uname().machine


class Disk:
    """How long the disk under a directory takes to make 4 KiB durable."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "sync.tmp")

    def sync_ms(self, count, writes=1):
        """Milliseconds for `writes` synced writes one after the other, `count` times."""
        took = []
        page = os.urandom(4096)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(handle, page * 64, 0)
            os.fsync(handle)
            for index in range(count):
                start = time.perf_counter()
                for _ in range(writes):
                    os.pwrite(handle, page, index % 64 * 4096)
                    os.fdatasync(handle)
                took.append((time.perf_counter() - start) * 1000)
        finally:
            os.close(handle)
            os.unlink(self.path)
        return took


class Counts:
    """What slow_sync.c counts, in a file that both map."""

    NAMES = ("syncs", "synced_writes", "writes", "bytes")

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as file:
            file.write(bytes(8 * len(self.NAMES)))

    def read(self):
        with open(self.path, "rb") as file:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
                values = struct.unpack("=4Q", view[:32])
        return dict(zip(self.NAMES, values))


class Process:
    """A daemon of ours: its CPU time, memory and end."""

    def __init__(self, command, core, log, env=None, stdin=subprocess.DEVNULL,
                 stdout=subprocess.DEVNULL):
        self.log = log
        with open(log, "wb") as errors:
            self.child = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=errors,
                                          env={**os.environ, **(env or {})},
                                          preexec_fn=pinned(core))
        self.pid = self.child.pid

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def lives_on(self, seconds):
        """Whether it's still there after that time."""
        try:
            self.child.wait(seconds)
            return False
        except subprocess.TimeoutExpired:
            return True

    def wait_for(self, word):
        end = time.monotonic() + READY_S
        while word not in self.said():
            if not self.lives_on(0.02) or time.monotonic() > end:
                raise Failed(f"{os.path.basename(self.child.args[0])} doesn't start: "
                             f"{self.said()[-300:]}")

    def cpu_seconds(self):
        """Of all its threads, as exactly as the kernel tells."""
        try:
            total = 0
            for task in os.listdir(f"/proc/{self.pid}/task"):
                with open(f"/proc/{self.pid}/task/{task}/schedstat", encoding="ascii") as file:
                    total += int(file.read().split()[0])
            return total / 1e9
        except OSError:
            with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / TICK

    def rss_anon_kib(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1])
        return 0

    def stop(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


class Rig:
    """Programs, directories and cores of one run of deploy/bench."""

    def __init__(self, build, work):
        self.build = build
        self.work = work
        self.disk = Disk(work)
        self.core, self.load_core = cores()
        self.hub = os.path.join(build, "hub/shell/vangnet-hub")
        self.node = os.path.join(build, "node/shell/vangnet-node")

    def tool(self, name):
        return os.path.join(self.build, "tests/bench", name)

    def path(self, name):
        return os.path.join(self.work, name)

    def call(self, command, core=None):
        """Runs to its end; gives its output."""
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=600, check=False,
                              preexec_fn=pinned(self.load_core if core is None else core))
        if done.returncode != 0:
            raise Failed(f"{os.path.basename(command[0])} {command[1]}: "
                         f"{(done.stderr or done.stdout).strip()[-300:]}")
        return done.stdout

    def generate(self, *arguments):
        return json.loads(self.call([self.tool("bench_generator"), *map(str, arguments)]))

    @staticmethod
    def read_json(text):
        return json.loads(text)

    @staticmethod
    def drop(directory):
        shutil.rmtree(directory, ignore_errors=True)

    def make_hub(self, name):
        """A founded hub that isn't running: its directory."""
        directory = self.path(name)
        ports = [free_port() for _ in range(3)]
        self.call([self.hub, "init", "--dir", directory, "--hub", "bench", "--name", "Bench",
                   "--listen", f"tcp://127.0.0.1:{ports[0]}",
                   "--enrol", f"tcp://127.0.0.1:{ports[1]}",
                   "--api", f"127.0.0.1:{ports[2]}"])
        with open(directory + ".port", "w", encoding="ascii") as file:
            file.write(str(ports[2]))
        return directory

    @contextlib.contextmanager
    def running_hub(self, directory, sync_ms=None, counts=None):
        env = {}
        if sync_ms is not None or counts is not None:
            env["LD_PRELOAD"] = self.tool("bench_slow_sync.so")
            env["BENCH_SYNC_MS"] = str(sync_ms or 0)
        if counts is not None:
            env["BENCH_SYNC_COUNTS"] = counts.path
        process = Process([self.hub, "run", "--dir", directory], self.core, directory + ".log",
                          env)
        try:
            process.wait_for("event=ready")
            yield process
        finally:
            process.stop()

    @contextlib.contextmanager
    def copy_of(self, directory):
        """A hub's directory as it stands, to be used up."""
        copy = directory + ".copy"
        shutil.copytree(directory, copy)
        try:
            yield copy
        finally:
            shutil.rmtree(copy, ignore_errors=True)

    def invite(self, directory):
        found = INVITATION.search(self.call([self.hub, "invite", "--dir", directory, "--approve"]))
        if found is None:
            raise Failed("vangnet-hub invite gives no invitation")
        return found.group(0)

    @contextlib.contextmanager
    def running_echo(self):
        """The process, and what the generator needs to reach it."""
        process = Process([self.tool("bench_echo")], self.core, self.path("echo.log"),
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            yield process, process.child.stdout.readline().decode("ascii").strip()
        finally:
            process.child.stdin.close()
            process.stop()
            process.child.stdout.close()


def kernel_and_commit(source):
    commit = subprocess.run(["git", "-C", source, "describe", "--always", "--dirty"],
                            capture_output=True, text=True, check=False).stdout.strip()
    return os.uname().release, commit or "unknown"


def note(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    else:
        print(text, file=sys.stderr, flush=True)
