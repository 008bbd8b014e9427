"""The figures beside the ingest: memory of a hub and of a node, the import, a page of load."""

import contextlib
import http.client
import os
import re
import subprocess
import threading
import time

from ingest import CONNECTIONS, WINDOW, Row
from rig import Failed, Process, median, note, percentile

LOAD_SERVICES = 20
PAGE = "/api/v1/load"
TOKEN = re.compile(r"[A-Za-z0-9_-]{20,}")


@contextlib.contextmanager
def idle_members(rig, directory, count):
    """Holds that many greeted connections; gives the seconds that greeting took."""
    command = [rig.tool("bench_generator"), "idle", "--hub", rig.invite(directory), "--members",
               str(count)]
    process = Process(command, rig.load_core, rig.path("idle.log"), stdin=subprocess.PIPE,
                      stdout=subprocess.PIPE)
    try:
        line = process.child.stdout.readline()
        if not line:
            raise Failed(f"{count} members don't get in: {process.said()[-200:]}")
        yield rig.read_json(line)["seconds"]
    finally:
        process.child.stdin.close()
        process.stop()
        process.child.stdout.close()


def filled_hub(rig, name, members, weeks):
    directory = rig.make_hub(name)
    rig.call([rig.tool("bench_fill"), directory, str(members), str(weeks), str(LOAD_SERVICES)])
    return directory


def settled_rss(process):
    """When it hasn't moved for a while."""
    last = -1
    for _ in range(20):
        before, last = last, process.rss_anon_kib()
        if before == last or not process.lives_on(0.25):
            break
    return last


def hub_memory(rig, members):
    note(f"a hub's memory at {members} connections")
    directory = filled_hub(rig, "crowded", members, 0)
    with rig.running_hub(directory) as process:
        before = settled_rss(process)
        with idle_members(rig, directory, members) as greeted_s:
            after = settled_rss(process)
    rig.drop(directory)
    return [
        Row(f"hub's RssAnon a connected node, at {members:,}", "KiB",
            [(after - before) / members], goal="64 KiB"),
        Row(f"greeting {members:,} nodes after a restart", "s", [greeted_s]),
    ]


def register_of(rig, source, rows):
    out = rig.path(f"register-{rows}")
    rig.call(["python3", os.path.join(source, "deploy/region/generate.py"), "--organisation",
              "agii", "--rows", str(rows), "--out", out, "--as-of", time.strftime("%Y-%m-%d")])
    return os.path.join(out, "agii.synthetic.csv")


class Watch:
    """The highest RssAnon of a process while a block runs."""

    def __init__(self, process):
        self.process = process
        self.peak_kib = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.look)

    def look(self):
        while not self.over.wait(0.002):
            self.peak_kib = max(self.peak_kib, self.process.rss_anon_kib())

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def import_file(rig, node, file):
    """Seconds, the node's CPU seconds, and its peak RssAnon in MiB."""
    command = [rig.node, "import", file, "--preset", "generic", "--dir", rig.path("node")]
    cpu = node.cpu_seconds()
    with Watch(node) as watch:
        start = time.monotonic()
        rig.call(command)
        seconds = time.monotonic() - start
    return seconds, node.cpu_seconds() - cpu, watch.peak_kib / 1024


def joined_node(rig, directory):
    rig.call([rig.node, "join", rig.invite(directory), "--org", "agii", "--name", "AgII", "--kind",
              "agii", "--no-lock", "--dir", rig.path("node")])
    node = Process([rig.node, "run", "--dir", rig.path("node")], rig.core, rig.path("node.log"))
    node.wait_for("event=started")
    return node


def node_figures(rig, source, rows, runs):
    at_rests, seconds, cpus, peaks = [], [], [], []
    few = register_of(rig, source, 2000)
    many = register_of(rig, source, rows)
    directory = rig.make_hub("for-node")
    with rig.running_hub(directory):
        for run in range(runs):
            note(f"a node's memory, its import of {rows} rows {run + 1}/{runs}")
            node = joined_node(rig, directory)
            try:
                import_file(rig, node, few)
                at_rest = settled_rss(node) / 1024
                took, cpu, peak = import_file(rig, node, many)
            finally:
                node.stop()
            rig.drop(rig.path("node"))
            at_rests.append(at_rest)
            seconds.append(took)
            cpus.append(cpu)
            peaks.append(peak)
            rig.call([rig.hub, "revoke", "agii", "--dir", directory, "--reason", "bench"])
    return [
        Row("node's RssAnon with 2,000 cases", "MiB", at_rests, goal="16 MiB"),
        Row(f"import of {rows:,} rows", "s", seconds, peer_name="the node's CPU for it",
            peer=cpus, goal="1 s"),
        Row("its peak RssAnon", "MiB", peaks, goal="64 MiB"),
    ]


def page_times(port, token, count):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    took, size = [], 0
    for _ in range(count):
        start = time.perf_counter()
        connection.request("GET", PAGE, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        size = len(answer.read())
        took.append((time.perf_counter() - start) * 1000)
        if answer.status != 200:
            raise Failed(f"{PAGE} answers {answer.status}")
    connection.close()
    return took, size


def load_page(rig, organisations, weeks, rate, count):
    note(f"a page of load with {organisations} organisations x {LOAD_SERVICES} x {weeks}")
    directory = filled_hub(rig, "full", organisations, weeks)
    with open(directory + ".port", encoding="ascii") as file:
        port = int(file.read())
    with rig.running_hub(directory):
        token = TOKEN.search(rig.call([rig.hub, "token", "create", "admin", "--dir", directory]))
        if token is None:
            raise Failed("vangnet-hub token create gives no token")
        quiet, size = page_times(port, token.group(0), count)
        command = [rig.tool("bench_generator"), "load", "--hub", rig.invite(directory),
                   "--members", str(CONNECTIONS), "--messages", str(int(rate * 30 / CONNECTIONS)),
                   "--window", str(WINDOW), "--rate", str(rate)]
        loader = Process(command, rig.load_core, rig.path("loader.log"))
        try:
            loader.wait_for("loading")
            busy, _ = page_times(port, token.group(0), count)
            if loader.child.poll() is not None:
                raise Failed(f"the ingest ended before the pages did: {loader.said()[-200:]}")
        finally:
            loader.stop()
    rig.drop(directory)
    title = f"{organisations:,} x {LOAD_SERVICES} x {weeks}"
    return [
        Row(f"page of load p50 while ingesting ({title})", "ms", [median(busy)],
            peer_name="p50 without ingest", peer=[median(quiet)]),
        Row("page of load p99 while ingesting", "ms", [percentile(busy, 0.99)],
            peer_name="p99 without ingest", peer=[percentile(quiet, 0.99)], goal="10 ms"),
        Row("its size", "KiB", [size / 1024]),
    ]
