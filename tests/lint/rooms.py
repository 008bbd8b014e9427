#!/usr/bin/env python3
"""Holds every #include against the table of rooms (rooms.txt beside this file)."""

import fnmatch
import os
import re
import sys

import house

PURE = {"assert.h", "ctype.h", "float.h", "inttypes.h", "limits.h", "math.h", "stdalign.h",
        "stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h",
        "sanitizer/asan_interface.h"}
FOREIGN = ["sodium.h", "sodium/*", "lmdb.h", "zmq.h", "protobuf-c/*", "microhttpd.h", "jansson.h",
           "curl/*", "ini.h", "INIReader.h", "cmocka.h", "libical/*", "qrencode.h", "glpk.h"]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


class Room:
    def __init__(self, line):
        name, rooms, foreign, standard = (part.strip() for part in line.split("|"))
        self.paths = name.split()
        self.name = self.paths[0]
        self.rooms = rooms.split()
        self.foreign = foreign.split()
        self.standard = standard.split()


def room_of(path, rooms):
    stem = os.path.splitext(path)[0]
    fits = [(len(prefix), room) for room in rooms for prefix in room.paths
            if stem == prefix or path.startswith(prefix + "/") or stem.startswith(prefix + "_")]
    return max(fits, key=lambda fit: fit[0], default=(0, None))[1]


def may_visit(room, visited):
    if "*" in room.rooms or visited.name == room.name or visited.name in room.rooms:
        return True
    if "shared" in room.rooms and visited.name.count("/") == 1:
        return visited.name.startswith("shared/")
    # A part told apart may include the room that it's a part of.
    return room.name.startswith(visited.name + "/")


def matches(name, patterns):
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def judge(root, path, rooms, room, quoted, name):
    """Why this include isn't allowed, or None."""
    if not quoted:
        if matches(name, FOREIGN):
            return None if matches(name, room.foreign) else f"<{name}> belongs to another room"
        if "any" in room.standard or name in PURE or name in room.standard:
            return None
        return f"<{name}> in a room that sees neither clock nor system"
    if "/" not in name:
        return f'"{name}": includes are from the root'
    visited = room_of(name, rooms)
    if visited is None:
        return f'"{name}" is in no room'
    if not name.endswith(".pb-c.h") and not os.path.exists(os.path.join(root, name)):
        return f'"{name}" does not exist'
    if name.endswith(".pb-c.h") and room.name not in ("shared/wire", "tests"):
        return f'"{name}": generated code leaves shared/wire'
    return None if may_visit(room, visited) else f'"{name}" is not below {room.name}'


def main():
    root, _ = house.parse_root(sys.argv[1:])
    table = os.path.join(os.path.dirname(os.path.abspath(__file__)))
    rooms = [Room(line) for line in house.table(table, "rooms.txt")]
    findings = []
    looked_at = 0
    for path in house.files(root, ".c", ".h"):
        looked_at += 1
        room = room_of(path, rooms)
        if room is None:
            findings.append(f"{path}: a room without a line in tests/lint/rooms.txt")
            continue
        text = house.read(root, path)
        for found in INCLUDE.finditer(text):
            why = judge(root, path, rooms, room, found.group(1) == '"', found.group(2))
            if why is not None:
                line = text.count("\n", 0, found.start()) + 1
                findings.append(f"{path}:{line}: {why}")
    house.finish(findings, looked_at)


if __name__ == "__main__":
    main()
