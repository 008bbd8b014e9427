#!/usr/bin/env python3
"""Fails the configuration when a test file is registered nowhere: such a test never runs.

The arguments after --root DIR are the registered files, as paths from the root. In a git work tree
a file that isn't added yet is somebody's work in hand: it's only warned about.
"""

import re
import subprocess
import sys

import house

TEST = re.compile(r"^tests/((unit|sim|attacks|e2e)/.*_test\.(c|py|sh)|fuzz/[^/]*_fuzz\.c)$")


def tracked(root):
    """The files that git knows, or None where there's no git or no work tree."""
    try:
        run = subprocess.run(["git", "-C", root, "ls-files", "-z", "tests"], capture_output=True,
                             text=True, check=False)
    except FileNotFoundError:
        return None
    return set(run.stdout.split("\0")) if run.returncode == 0 else None


def main():
    root, arguments = house.parse_root(sys.argv[1:])
    registered = set(arguments)
    known = tracked(root)
    findings = []
    for path in house.files(root, ".c", ".py", ".sh"):
        if not TEST.match(path) or path in registered:
            continue
        said = f"{path}: a test that is registered nowhere: add it to its room's meson.build"
        if known is None or path in known:
            findings.append(said)
        else:
            print(f"warning: {said}")
    house.finish(findings, len(registered))


if __name__ == "__main__":
    main()
