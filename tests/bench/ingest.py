"""Figures of the ingest: messages made durable and acknowledged, against an echo of the same bytes;
what they cost; how long an acknowledgement takes when there's room to spare."""

from rig import Counts, Failed, median, note, percentile

CONNECTIONS = 50
WINDOW = 16
SLOW_SYNC_MS = 2


class Row:
    """One line of the table. Ratios come from values measured beside each other."""

    def __init__(self, name, unit, ours, **more):
        self.name = name
        self.unit = unit
        self.ours = ours
        self.peer_name = more.get("peer_name", "")
        self.peer = more.get("peer", [])
        self.goal = more.get("goal", "")
        pairs = zip(self.ours, self.peer) if self.peer else []
        self.ratios = [mine / other for mine, other in pairs if other]


class Measured:
    """One load on one server: rate, CPU, and what the hub wrote for it."""

    def __init__(self, result, cpu_seconds, counted):
        self.rate = result["messages"] / result["seconds"]
        self.cpu_us = cpu_seconds * 1e6 / result["messages"]
        self.busy = result["busy"]
        self.frame_bytes = result["frame_bytes"]
        self.answers = result["messages"] / result["answers"]
        self.latency = (result["p50_ms"], result["p99_ms"])
        self.counted = {name: value / result["messages"] for name, value in counted.items()}


def join_members(rig, directory, count):
    """Real applications with real invitations; gives the seconds they took together."""
    with rig.running_hub(directory):
        path = rig.path("invitations")
        with open(path, "w", encoding="ascii") as file:
            for _ in range(count):
                file.write(rig.invite(directory) + "\n")
        result = rig.generate("join", "--invitations", path)
        if result["joined"] != count:
            raise Failed(f"only {result['joined']} of {count} joined")
        return result["seconds"]


def load(rig, process, target, messages, *more, counts=None):
    before = counts.read() if counts else {}
    cpu = process.cpu_seconds()
    result = rig.generate("load", *target, "--members", CONNECTIONS, "--messages", messages,
                          "--window", WINDOW, *more)
    cpu = process.cpu_seconds() - cpu
    after = counts.read() if counts else {}
    return Measured(result, cpu, {name: after[name] - before[name] for name in after})


def hub_load(rig, directory, messages, *more, sync_ms=None):
    """On a fresh copy of the hub that the members joined."""
    with rig.copy_of(directory) as copy:
        counts = Counts(rig.path("counts"))
        with rig.running_hub(copy, sync_ms, counts) as process:
            target = ("--hub", rig.invite(copy))
            return load(rig, process, target, messages, *more, counts=counts)


def echo_load(rig, messages):
    with rig.running_echo() as (process, where):
        return load(rig, process, ("--echo", where), messages)


def core_alone(rig, messages, runs):
    """The hub's core without sockets, and LMDB with the same records; messages a second."""
    ours, limits = [], []
    for run in range(runs):
        note(f"core alone {run + 1}/{runs}")
        directory = rig.path(f"core-{run}")
        output = rig.call([rig.tool("bench_ingest"), directory, str(CONNECTIONS), str(messages),
                           "384"], rig.core)
        result = rig.read_json(output)
        ours.append(result["messages"] / result["seconds"])
        limits.append(result["messages"] / result["limit_seconds"])
        rig.drop(directory)
    return ours, limits


def throughput(rig, directory, messages, runs):
    echo, hub, slow = [], [], []
    for run in range(runs):
        note(f"ingest {run + 1}/{runs}: echo, hub, hub on a slow disk")
        echo.append(echo_load(rig, messages))
        hub.append(hub_load(rig, directory, messages))
        slow.append(hub_load(rig, directory, messages, sync_ms=SLOW_SYNC_MS))
    ours, limits = core_alone(rig, messages, runs)

    def of(runs_of, name):
        return [getattr(one, name) for one in runs_of]

    def counted(name):
        return [one.counted[name] for one in hub]

    frame = [one.frame_bytes for one in echo]
    rows = [
        Row("durable ingest", "messages/s", of(hub, "rate"), peer_name="bare CURVE echo",
            peer=of(echo, "rate"), goal="ratio 0.8"),
        Row("hub's CPU a message", "us", of(hub, "cpu_us"), peer_name="bare CURVE echo",
            peer=of(echo, "cpu_us")),
        Row("bytes written a message", "bytes", counted("bytes"), peer_name="its frame",
            peer=frame),
        Row("syncs a message (fdatasync and O_DSYNC)", "",
            [a + b for a, b in zip(counted("syncs"), counted("synced_writes"))],
            peer_name="one commit each", peer=[2.0] * runs),
        Row("messages an acknowledgement", "", of(hub, "answers")),
        Row(f"durable ingest, fdatasync {SLOW_SYNC_MS} ms slower", "messages/s",
            of(slow, "rate"), peer_name="bare CURVE echo", peer=of(echo, "rate")),
        Row("core alone, no sockets", "messages/s", ours, peer_name="LMDB, same records",
            peer=limits),
        Row("generator's core busy (1: it, not the server, is the limit)", "",
            of(hub, "busy"), peer_name="loading the echo", peer=of(echo, "busy")),
    ]
    return rows, median(of(hub, "rate"))


def latency(rig, directory, rate, seconds, runs):
    """At a tenth of what the hub takes; two synced writes before each run and after it."""
    wait50, wait99, disk50, disk99 = [], [], [], []
    messages = max(1, int(rate / 10 * seconds / CONNECTIONS))
    for run in range(runs):
        note(f"acknowledgement latency {run + 1}/{runs}")
        synced = rig.disk.sync_ms(300, writes=2)
        one = hub_load(rig, directory, messages, "--rate", rate / 10)
        synced += rig.disk.sync_ms(300, writes=2)
        wait50.append(one.latency[0])
        wait99.append(one.latency[1])
        disk50.append(median(synced))
        disk99.append(percentile(synced, 0.99))
    return [
        Row("acknowledgement p50, at a tenth of that", "ms", wait50,
            peer_name="two synced 4 KiB writes", peer=disk50),
        Row("acknowledgement p99, at a tenth of that", "ms", wait99,
            peer_name="two synced 4 KiB writes", peer=disk99),
    ]
