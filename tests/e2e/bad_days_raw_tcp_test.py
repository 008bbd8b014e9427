"""Those who only have a socket: silent, slow, babbling, or of another protocol (RELIABILITY S21).
Members go on publishing all the while, nobody else gets in, and when they're gone so is the load.
"""

from __future__ import annotations

import random
import socket
import sys
import time
from pathlib import Path

import vangnet
from vangnet import Hub, Node, equal, expect, wait_for

SEED = 7
SILENT = 200
SLOW = 20
CPU_SHARE_MAX = 0.25  # of one core, of a hub with nothing to do
CPU_LOOK_S = 2.0
GREETING_V3 = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00"


def greeting(mechanism: bytes, as_server: bool = False) -> bytes:
    """ZMTP 3.0 (rfc.zeromq.org/spec/23): signature, version, mechanism, as-server, filler."""
    return GREETING_V3 + mechanism.ljust(20, b"\0") + bytes([as_server]) + bytes(31)


def command(name: bytes, body: bytes) -> bytes:
    content = bytes([len(name)]) + name + body
    return b"\x04" + bytes([len(content)]) + content


def attacks(dice: random.Random) -> dict[str, bytes]:
    """What each sends at once. ZMTP: RFC 13 (1.0), 15 (2.0), 23 (3.0)."""
    ready = command(b"READY", b"\x0bSocket-Type\x00\x00\x00\x06DEALER")
    hello = b"\x05HELLO" + b"\x01\x00" + bytes(72) + dice.randbytes(32 + 8 + 80)
    return {
        "garbage": dice.randbytes(64 << 10),
        "http": b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n",
        "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + dice.randbytes(500),
        "zmtp 1.0": b"\x01\x00" + b"\x06\x00hello" * 50,
        "zmtp 1.0, huge": b"\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00" + bytes(1 << 16),
        "zmtp 2.0": (b"\xff" + bytes(8) + b"\x7f" + b"\x01\x05" + b"\x00\x00"
                     + b"\x00\x05hello" * 50),
        "null": greeting(b"NULL") + ready + b"\x00\x05hello",
        "plain": greeting(b"PLAIN") + command(b"HELLO", b"\x05admin\x05admin"),
        "curve, server": greeting(b"CURVE", as_server=True) + dice.randbytes(200),
        "curve, bad hello": greeting(b"CURVE") + b"\x04" + bytes([len(hello)]) + hello,
        "curve, message first": greeting(b"CURVE") + b"\x00\x05hello",
        "curve, oversize": greeting(b"CURVE") + b"\x06" + (1 << 40).to_bytes(8) + bytes(1 << 16),
        "unknown mechanism": greeting(b"\xff" * 20),
        "half a greeting": greeting(b"CURVE")[:11],
    }


def dial(port: int) -> socket.socket:
    one = socket.create_connection(("127.0.0.1", port), timeout=5)
    one.setblocking(False)
    return one


def push(one: socket.socket, data: bytes) -> None:
    """What goes in; a hub that hung up is the best that can happen."""
    try:
        while data:
            data = data[one.send(data):]
    except OSError:
        pass


def publishes(node: Node, number: int) -> None:
    done = node.set_status(number)
    equal(done.status, 0, f"status-set while attacked: {done.said}")
    node.wait_received(20)


def crawl(slow: list[tuple[socket.socket, bytes]], at: int) -> None:
    """Everyone's next byte."""
    for one, data in slow:
        push(one, data[at:at + 1])


def is_over(hub: Hub, port: int) -> bool:
    """No connection of a stranger is left at the port: they're closed at both ends."""
    hub.must_live()
    table = Path(f"/proc/{hub.pid()}/net/tcp").read_text().splitlines()[1:]
    rows = [line.split() for line in table]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == "01" for row in rows) <= 2


def check_idle(hub: Hub) -> None:
    """Two seconds are measured; nothing hangs on their length."""
    begun, used = time.monotonic(), hub.cpu_seconds()
    time.sleep(CPU_LOOK_S)
    share = (hub.cpu_seconds() - used) / (time.monotonic() - begun)
    expect(share < CPU_SHARE_MAX * vangnet.PATIENCE, f"an idle hub uses {share:.2f} of a core")


def test(build: Path) -> None:
    dice = random.Random(SEED)
    with vangnet.Region(build) as region:
        hub = region.start_hub()
        nodes = [region.add_node(f"ocmw-{n}", hub) for n in range(2)]
        zap_before = hub.metrics()["handshakes_accepted_total"]
        held: list[socket.socket] = []
        for port in (hub.members, hub.enrol):
            held += [dial(port) for _ in range(SILENT // 2)]
        publishes(nodes[0], 101)
        slow = [(dial(dice.choice([hub.members, hub.enrol])), greeting(b"CURVE"))
                for _ in range(SLOW)]
        held += [one for one, _ in slow]
        number = 200
        for at, (name, data) in enumerate(attacks(dice).items()):
            for port in (hub.members, hub.enrol):
                one = dial(port)
                held.append(one)
                push(one, data)
            crawl(slow, at)
            hub.must_live()
            if at % 4 == 0:
                number += 1
                publishes(nodes[at // 4 % 2], number)
            equal(hub.health()["status"], "ok", f"healthz after '{name}'")
        for at in range(len(attacks(dice)), len(GREETING_V3) + 52):
            crawl(slow, at)
        for node in nodes:
            publishes(node, 300)
        wait_for("two members are present", lambda: hub.metrics()["members_present"] == 2)
        equal(hub.metrics()["handshakes_accepted_total"], zap_before, "keys let in")
        for one in held:
            one.close()
        wait_for("the hub has let go of them", lambda: is_over(hub, hub.members), 15)
        check_idle(hub)
        pids = hub.pid()
        newcomer = region.add_node("ocmw-later", hub)
        publishes(newcomer, 400)
        equal(hub.pid(), pids, "the hub's process")


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    vangnet.main(test)
