#!/usr/bin/env python3
"""Every script can be read by its interpreter, says which that is, and may be run."""

import ast
import os
import subprocess
import sys

import house

SHELLS = {"#!/bin/sh": "sh", "#!/bin/bash": "bash", "#!/usr/bin/env bash": "bash",
          "#!/usr/bin/env sh": "sh"}


def wrong_with(root, path, text):
    first = text.split("\n", 1)[0]
    if first in SHELLS:
        run = subprocess.run([SHELLS[first], "-n", os.path.join(root, path)], capture_output=True,
                             text=True, check=False)
        if run.returncode != 0:
            return run.stderr.strip()
        if not os.access(os.path.join(root, path), os.X_OK):
            return "a script that may not be run"
    elif path.endswith(".py"):
        try:
            ast.parse(text)
        except SyntaxError as error:
            return str(error)
    elif path.endswith(".sh"):
        return "a shell script that doesn't say which shell"
    return None


def main():
    root, _ = house.parse_root(sys.argv[1:])
    findings = []
    looked_at = 0
    paths = [path for path in house.files(root)
             if path.endswith((".py", ".sh")) or "." not in os.path.basename(path)]
    if os.path.exists(os.path.join(root, ".ci/run")):
        paths.append(".ci/run")
    for path in paths:
        try:
            text = house.read(root, path)
        except UnicodeDecodeError:
            continue
        if not path.endswith((".py", ".sh")) and not text.startswith("#!"):
            continue
        looked_at += 1
        why = wrong_with(root, path, text)
        if why is not None:
            findings.append(f"{path}: {why}")
    house.finish(findings, looked_at)


if __name__ == "__main__":
    main()
