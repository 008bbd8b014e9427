#!/usr/bin/env python3
"""No recursive type in a .proto: a peer could nest it until our stack ends."""

import re
import sys

import house

MESSAGE = re.compile(r"\bmessage\s+(\w+)\s*\{")
FIELD = re.compile(r"(?:repeated\s+|optional\s+|required\s+)?([\w.]+)\s+\w+\s*=\s*\d+")
MAP_FIELD = re.compile(r"map\s*<\s*\w+\s*,\s*([\w.]+)\s*>")


def body_end(text, start):
    depth = 1
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return place
    return len(text)


def uses(text):
    """Type name -> names of the types of its fields, nested types flattened."""
    found = {}
    for message in MESSAGE.finditer(text):
        body = text[message.end():body_end(text, message.end())]
        types = [kind for kind in FIELD.findall(body) + MAP_FIELD.findall(body)]
        found.setdefault(message.group(1), set()).update(kind.split(".")[-1] for kind in types)
    return found


def cycle(name, graph, path):
    if name in path:
        return path[path.index(name):] + [name]
    for used in sorted(graph.get(name, ())):
        if used in graph:
            found = cycle(used, graph, path + [name])
            if found:
                return found
    return None


def main():
    root, _ = house.parse_root(sys.argv[1:])
    findings = []
    paths = house.files(root, ".proto")
    for path in paths:
        text = re.sub(r"//[^\n]*|/\*.*?\*/", "", house.read(root, path), flags=re.S)
        graph = uses(text)
        if not graph:
            findings.append(f"{path}: no message in it")
        for name in sorted(graph):
            found = cycle(name, graph, [])
            if found and found[0] == name:
                findings.append(f"{path}: recursive: {' > '.join(found)}")
    house.finish(findings, len(paths))


if __name__ == "__main__":
    main()
