#!/usr/bin/env python3
"""Searches the cores' link closure for what a core may not call.

The arguments are the archives that the cores link. What they use and none of them defines must be
allowed by symbols.txt beside this file: so a core can reach neither clock nor randomness, file,
environment or thread, nor a room that can.
"""

import fnmatch
import os
import subprocess
import sys

import house


def symbols(archive):
    """(object, kind, symbol) of every line that nm prints."""
    printed = subprocess.run(["nm", "-A", "-P", archive], check=True, capture_output=True,
                             text=True).stdout
    for line in printed.splitlines():
        where, rest = line.split(": ", 1)
        parts = rest.split()
        yield where, parts[1], parts[0]


def verdict(symbol, rules):
    for rule in rules:
        if fnmatch.fnmatchcase(symbol, rule.lstrip("!")):
            return not rule.startswith("!")
    return False


def main():
    root, archives = house.parse_root(sys.argv[1:])
    del root
    rules = house.table(os.path.dirname(os.path.abspath(__file__)), "symbols.txt")
    defined = set()
    used = {}
    for archive in archives:
        for where, kind, symbol in symbols(archive):
            if kind in "Uwv":
                used.setdefault(symbol, set()).add(where)
            else:
                defined.add(symbol)
    findings = []
    for symbol in sorted(set(used) - defined):
        if not verdict(symbol, rules):
            findings += [f"{where}: calls {symbol}" for where in sorted(used[symbol])]
    house.finish(findings, len(archives))


if __name__ == "__main__":
    main()
