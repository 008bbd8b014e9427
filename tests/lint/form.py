#!/usr/bin/env python3
"""House limits: length of lines, files and functions; headers; words and calls that don't belong.

Exceptions stand in form.txt beside this file, each with its reason.
"""

import fnmatch
import os
import re
import sys

import house

COLUMNS = 100
FILE_LINES = 600
FILE_LINES_AIM = 300
FUNCTION_LINES = 70
CODE = (".c", ".h", ".py", ".sh", ".proto", ".build", ".ini")
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b")
TYPEDEF = re.compile(r"^\s*typedef\s+(struct|union|enum)\b", re.M)
NEVER_IN_TESTS = [
    (re.compile(r"\b(u|nano)?sleep\s*\("), "sleep", "waits for time to pass"),
    (re.compile(r"(?<![\w.>])skip\s*\(\s*\)|\bskipTest\s*\(|@unittest\.skip|SkipTest\b"), "skip",
     "is skipped"),
    (re.compile(r"assert_true\s*\(\s*(1|true)\s*\)|assertTrue\s*\(\s*True\s*\)"), "empty",
     "holds whatever happens"),
    (re.compile(r"--wrap\b"), "wrap", "replaces a function at link time"),
]


def blank(text):
    """The C text with comments and literals blanked, line for line."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found.group(0)), text)


def functions(text):
    """(first line, lines) of each function's body, braces included."""
    depth = 0
    start = None
    before = ""
    directive = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.M)
    code = directive.sub(lambda found: re.sub(r"[^\n]", " ", found.group(0)), blank(text))
    line = 1
    for character in code:
        if character == "\n":
            line += 1
        elif character == "{":
            if depth == 0:
                start = line if before.endswith(")") else None
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0 and start is not None:
                yield start, line - start + 1
        if not character.isspace():
            before = (before + character)[-1:]


def look_at_c(path, text, report):
    if "\t" in text:
        report("tab", text[:text.index("\t")].count("\n") + 1, "a tab")
    if path.endswith(".h"):
        if "\n#pragma once\n" not in text:
            report("header", 1, "no #pragma once")
        if not text.startswith("/*"):
            report("header", 1, "a header opens with what it is, what it's not and who calls it")
    found = TYPEDEF.search(text)
    if found is not None:
        report("typedef", text.count("\n", 0, found.start()) + 1, "a type hides behind a typedef")
    for start, length in functions(text):
        if length > FUNCTION_LINES:
            report("long-function", start, f"a function of {length} lines: look for the two "
                   "things that it does")


def look_at(path, text, report):
    lines = text.split("\n")
    if "\r" in text:
        report("line-end", 1, "a carriage return")
    if path.endswith((".c", ".h")):
        look_at_c(path, text, report)
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS:
            report("lines", number, f"{len(line)} columns")
        if UNFINISHED.search(line):
            report("unfinished", number, "unfinished work belongs in an issue")
        if line != line.rstrip():
            report("space", number, "space at the end of the line")
        if path.startswith("tests/") and not path.startswith("tests/lint/"):
            for pattern, rule, why in NEVER_IN_TESTS:
                if pattern.search(line):
                    report(rule, number, f"a test that {why}")
    if len(lines) - 1 > FILE_LINES:
        report("long-file", 1, f"{len(lines) - 1} lines: look for the two things that it does")
    elif len(lines) - 1 > FILE_LINES_AIM and path.endswith((".c", ".h")):
        print(f"note: {path}: {len(lines) - 1} lines, we aim at {FILE_LINES_AIM}")


def main():
    root, _ = house.parse_root(sys.argv[1:])
    here = os.path.dirname(os.path.abspath(__file__))
    exceptions = [[part.strip() for part in line.split("|")]
                  for line in house.table(here, "form.txt")]
    findings = []
    looked_at = 0
    for path in house.files(root, *CODE):
        if path == "tests/lint/form.txt":
            continue
        looked_at += 1

        def report(rule, line, why, path=path):
            if not any(rule == name and fnmatch.fnmatch(path, pattern)
                       for name, pattern, _ in exceptions):
                findings.append(f"{path}:{line}: {why}")

        look_at(path, house.read(root, path), report)
    house.finish(findings, looked_at)


if __name__ == "__main__":
    main()
