"""That the benchmark's own programs work: 200 messages through the echo, and as many through a hub
whose members joined for real; a few families through the core, and the flags of some through that
hub. No time is looked at.

    smoke.py BUILD-DIRECTORY (what follows is only there to be built)
"""

import sys
import tempfile

sys.dont_write_bytecode = True

import families  # noqa: E402
import ingest  # noqa: E402
from rig import Rig  # noqa: E402

MEMBERS = 5
MESSAGES = 40
FLAGS = 5
FAMILIES = 330


def through(rig, *target):
    result = rig.generate("load", *target, "--members", MEMBERS, "--messages", MESSAGES)
    wanted = MEMBERS * MESSAGES
    if result["messages"] != wanted or result["answers"] < MEMBERS:
        sys.exit(f"{target[0]}: {result} where {wanted} messages went in")


def main():
    with tempfile.TemporaryDirectory(prefix="vangnet-bench-") as work:
        rig = Rig(sys.argv[1], work)
        with rig.running_echo() as (_, where):
            through(rig, "--echo", where)
        directory = rig.make_hub("hub")
        ingest.join_members(rig, directory, MEMBERS)
        with rig.running_hub(directory):
            through(rig, "--hub", rig.invite(directory))
            through(rig, "--hub", rig.invite(directory), "--rate", 1000)
            flags = rig.generate("flags", "--hub", rig.invite(directory), "--messages", FLAGS)
        if flags["families"] != FLAGS or flags["p50_ms"] <= 0:
            sys.exit(f"flags: {flags}")
        nodes = families.with_nodes(rig, 2, 1)[0]
        if nodes["families"] != 2:
            sys.exit(f"nodes: {nodes}")
        found = rig.read_json(rig.call([rig.tool("bench_families"), rig.path("families"),
                                        str(FAMILIES), "3", "20"]))
        if found["flags"] != FAMILIES:
            sys.exit(f"families: {found}: each has lost its support, and not each has its flag")


if __name__ == "__main__":
    main()
