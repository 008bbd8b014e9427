"""What the lints share: which files are the house's, and how a finding is reported."""

import os
import sys

ROOMS = ("hub", "node", "shared", "deploy", "tests")
LEFT_OUT = {"node_modules", "__pycache__"}


def parse_root(arguments):
    """--root DIR or the work tree that this file stands in."""
    if len(arguments) >= 2 and arguments[0] == "--root":
        return arguments[1], arguments[2:]
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), arguments


def files(root, *endings):
    """Paths below the rooms, relative to the root, in order."""
    found = []
    for room in ROOMS:
        for where, folders, names in os.walk(os.path.join(root, room)):
            folders[:] = sorted(f for f in folders if f not in LEFT_OUT and f[0] != ".")
            for name in sorted(names):
                if not endings or name.endswith(endings):
                    found.append(os.path.relpath(os.path.join(where, name), root))
    return found


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", newline="") as file:
        return file.read()


def table(root, path):
    """The lines of a table, without comments and empty ones."""
    return [line.strip() for line in read(root, path).splitlines()
            if line.strip() and not line.startswith("#")]


def finish(findings, looked_at):
    """Prints what was found; a lint that looked at nothing is a lint that failed."""
    for finding in findings:
        print(finding)
    if not looked_at:
        print("nothing to look at: is this the root of the work tree?")
        sys.exit(2)
    print(f"{looked_at} looked at, {len(findings)} findings")
    sys.exit(1 if findings else 0)
