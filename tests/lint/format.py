#!/usr/bin/env python3
"""Holds every .c and .h against .clang-format, with the one version whose output we keep: the
first argument after --root DIR is that clang-format."""

import subprocess
import sys

import house

PER_RUN = 40


def main():
    root, arguments = house.parse_root(sys.argv[1:])
    tool = arguments[0] if arguments else "clang-format-14"
    paths = house.files(root, ".c", ".h")
    findings = []
    for first in range(0, len(paths), PER_RUN):
        try:
            run = subprocess.run([tool, "--dry-run", "-Werror", "--style=file",
                                  *paths[first:first + PER_RUN]],
                                 cwd=root, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            print(f"{tool} is missing: run deploy/install --test")
            sys.exit(2)
        wrong = [line.split(": error")[0] for line in run.stderr.splitlines() if ": error" in line]
        findings += [f"{where}: not formatted (clang-format -i)" for where in wrong]
        if run.returncode != 0 and not wrong:
            findings.append(run.stderr.strip())
    house.finish(findings, len(paths))


if __name__ == "__main__":
    main()
