"""A full disk, the hub's and a node's: acknowledging stops before anything fails, reads go on, and
work resumes when there is room, without a restart (RELIABILITY S31).

The disk is a tmpfs of 64 MiB in a mount namespace of the test's own. Who may not make one fails
this test, with the name of what is missing: there is no quiet way around it.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import vangnet
from bad_days import write_register
from vangnet import Daemon, Failed, Hub, Node, Region, equal, expect, wait_for

INSIDE = "VANGNET_TEST_NAMESPACE"
DISK_MIB = 64
RESERVE_BYTES = 8 << 20  # STORE_RESERVE_BYTES
RESUME_S = 10  # the bar
CHUNK = 1 << 16
CASES = 120


def enter_namespace() -> None:
    """Runs this test again where it may mount; doesn't come back."""
    flags = ["-m"] if os.geteuid() == 0 else ["-U", "-r", "-m"]
    missing = ("CAP_SYS_ADMIN (root in a container that withholds it)" if os.geteuid() == 0 else
               "unprivileged user namespaces (kernel.unprivileged_userns_clone, "
               "user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns)")
    probe = ["unshare", *flags, "sh", "-c", "mount -t tmpfs -o size=1m none /mnt"]
    tried = subprocess.run(probe, capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        raise Failed(f"this test needs a mount namespace of its own, and may not make one; what "
                     f"is missing: {missing}. unshare says: {tried.stderr.strip()}")
    os.execvpe("unshare", ["unshare", *flags, sys.executable, *sys.argv],
               os.environ | {INSIDE: "1"})


class Disk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ballast = folder / "ballast"
        folder.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=700", "none",
                        str(folder)], check=True)

    def free_bytes(self) -> int:
        stat = os.statvfs(self.folder)
        return stat.f_bavail * stat.f_frsize

    def fill(self, leave_bytes: int) -> None:
        with self.ballast.open("ab", buffering=0) as file:
            while self.free_bytes() > leave_bytes:
                size = min(CHUNK, self.free_bytes() - leave_bytes)
                try:
                    file.write(bytes(size))
                except OSError as error:
                    equal(error.errno, errno.ENOSPC, "writing the ballast")
                    return

    def clear(self) -> None:
        self.ballast.unlink()

    def close(self) -> None:
        subprocess.run(["umount", "-l", str(self.folder)], check=False)


# -- the hub's disk --


def journal_sequence(hub: Hub) -> int:
    return int(hub.fresh_metrics()["journal_sequence"])


def check_reads(hub: Hub, nodes: int) -> None:
    hub.must_live()
    equal(hub.health()["status"], "short-of-room", "healthz")
    metrics = hub.metrics()
    equal(metrics["short_of_room"], 1, "metrics: short of room")
    hub.call("load", "--json")
    equal(len(hub.get("/api/v1/members")["rows"]), nodes, "members")
    expect(len(hub.export()) >= 0, "the export")


def is_short(hub: Hub) -> bool:
    hub.must_live()
    return bool(hub.health()["status"] == "short-of-room")


def refused_for_room(hub: Hub) -> bool:
    found = hub.metrics()
    return found['refusals_total{reason="no-room"}'] + found['refusals_total{reason="busy"}'] > 0


def round_of_fullness(disk: Disk, hub: Hub, nodes: list[Node], leave: int, number: int) -> None:
    disk.fill(leave)
    wait_for("the hub notices that its disk is full", lambda: is_short(hub))
    before = journal_sequence(hub)
    for offset, node in enumerate(nodes):
        done = node.set_status(number + offset)
        equal(done.status, 0, f"a node takes what its own people say: {done.said}")
    wait_for("the hub refuses for want of room", lambda: refused_for_room(hub))
    check_reads(hub, len(nodes))
    for node in nodes:
        expect(node.status()["waiting"] > 0, f"{node.name}: what wasn't taken is kept")
    equal(journal_sequence(hub), before, "facts taken on a full disk")
    disk.clear()
    for node in nodes:
        node.wait_received(RESUME_S, exact=not vangnet.SANITIZED)
    wait_for("the hub says that it has room", lambda: hub.health()["status"] == "ok")
    expect(journal_sequence(hub) >= before + len(nodes), "all of it was delivered")


def hub_disk(region: Region) -> None:
    disk = Disk(region.folder / "hubdisk")
    try:
        hub = region.start_hub(disk.folder / "hub")
        nodes = [region.add_node(f"ocmw-{n}", hub) for n in range(3)]
        for node in nodes:
            node.set_status(100)
            node.wait_received()
        pid = hub.pid()
        round_of_fullness(disk, hub, nodes, RESERVE_BYTES // 2, 200)
        round_of_fullness(disk, hub, nodes, 0, 300)
        equal(hub.pid(), pid, "the hub's process")
        for node in nodes:
            equal(node.status()["refused"], 0, f"{node.name}: refused for good")
            node.stop()
        hub.stop()
        hub.call("journal", "verify")
        hub.call("rebuild")
    finally:
        disk_close(disk, region)


def disk_close(disk: Disk, region: Region) -> None:
    for one in region.daemons:
        if one.alive() and disk.folder in one.folder.parents:
            one.kill()
    disk.close()


# -- a node's own disk --


def register_of(node: Node) -> tuple[object, object]:
    status = node.status()
    return status["generation"], status["cases"]


def refused_clearly(node: Daemon, done: vangnet.Done, what: str) -> None:
    expect(done.status != 0, f"{what} was taken on a full disk")
    words = done.said.lower()
    expect("room" in words or "disk" in words or "full" in words,
           f"{what}: the reason isn't told: {done.said}")
    node.must_live()


def node_disk(region: Region) -> None:
    disk = Disk(region.folder / "nodedisk")
    try:
        hub = region.start_hub(region.folder / "hub2")
        node = region.add_node("ocmw-vol", hub, disk.folder / "ocmw-vol")
        first, second = region.folder / "first.csv", region.folder / "second.csv"
        write_register(first, CASES)
        write_register(second, 2 * CASES, first=CASES)
        node.call("import", first)
        before = register_of(node)
        equal(before[1], CASES, "cases of the first import")
        pid = node.pid()
        disk.fill(0)
        wait_for("the node notices that its disk is full",
                 lambda: "NODE_NO_ROOM" in node.findings())
        refused_clearly(node, node.run("import", second), "an import")
        refused_clearly(node, node.set_status(500), "a status")
        equal(register_of(node), before, "the register after a refused import")
        disk.clear()
        wait_for("the node notices that there is room",
                 lambda: "NODE_NO_ROOM" not in node.findings(), RESUME_S)
        node.call("import", second)
        equal(register_of(node)[1], 2 * CASES, "cases once there is room")
        equal(node.set_status(501).status, 0, "a status once there is room")
        node.wait_received(RESUME_S)
        equal(node.pid(), pid, "the node's process")
    finally:
        disk_close(disk, region)


def on_own_disk(build: Path, *parts: Callable[[Region], None]) -> None:
    """Each part with a region of its own."""
    if INSIDE not in os.environ:
        enter_namespace()
    folder = Path(tempfile.mkdtemp(prefix="vn-"))
    # The whole test's own, so that nothing is left mounted or lying about.
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=700", "none", str(folder)], check=True)
    try:
        for part in parts:
            with Region(build, folder) as region:
                part(region)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)
        folder.rmdir()


def test(build: Path) -> None:
    on_own_disk(build, hub_disk, node_disk)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    vangnet.main(test)
