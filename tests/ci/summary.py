#!/usr/bin/env python3
"""Reads Meson's test logs and prints one summary: suites, failures, totals.

Arguments: the build directory, the name of the run, then the suites in order. A suite's log is
meson-logs/testlog-SUITE.json; a test that speaks TAP counts by its cases, another as one. The last
line is `N passed, N failed`; the same numbers are left in BUILD/totals.
"""

import json
import os
import re
import sys

TAP = re.compile(r"^(not ok|ok)\b[ \t]*(?:\d+)?[ \t]*-?[ \t]*(.*)$", re.M)
GOOD = ("OK", "EXPECTEDFAIL")
OUTPUT_LINES = 40


def cases(test):
    """(passed, names of failed cases) of one test."""
    lines = TAP.findall(test.get("stdout", ""))
    passed = sum(1 for state, _ in lines if state == "ok")
    failed = [name for state, name in lines if state != "ok"]
    if test["result"] in GOOD:
        return max(passed, 1), []
    # A crash or a timeout leaves no line of its own.
    return passed, failed or [test["result"].lower()]


def read_log(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def reason(test):
    """The last thing that a failed test said."""
    lines = [line for part in ("stdout", "stderr") for line in test.get(part, "").splitlines()]
    said = [line.strip() for line in lines if line.strip()]
    return next((line for line in reversed(said) if line.startswith("FAILED")),
                said[-1] if said else "it said nothing")


def show_output(test):
    text = (test.get("stdout", "") + test.get("stderr", "")).rstrip().splitlines()
    for line in text[-OUTPUT_LINES:]:
        print(f"    | {line}")


def main():
    build, run, suites = sys.argv[1], sys.argv[2], sys.argv[3:]
    passed_in_all = failed_in_all = 0
    failures = []
    rows = []
    for suite in suites:
        path = os.path.join(build, "meson-logs", f"testlog-{suite}.json")
        passed = failed = 0
        seconds = 0.0
        for test in read_log(path) if os.path.exists(path) else []:
            good, bad = cases(test)
            passed += good
            failed += len(bad)
            seconds += test.get("duration", 0.0)
            if bad:
                failures.append((suite, test, bad))
        rows.append((suite, passed, failed, seconds))
        passed_in_all += passed
        failed_in_all += failed
    for suite, test, bad in failures:
        print(f"\nFAILED {suite} {test['name']}: {', '.join(bad)}")
        show_output(test)
    print(f"\n{run}")
    for suite, passed, failed, seconds in rows:
        print(f"  {suite:14} {passed:5} passed {failed:5} failed {seconds:8.1f} s")
    for suite, test, bad in failures:  # again, where the eye is
        print(f"  failed: {suite} {test['name']}: {reason(test)[:400]}")
    if passed_in_all + failed_in_all == 0:
        print("  no test ran")
        failed_in_all = 1
    with open(os.path.join(build, "totals"), "w", encoding="utf-8") as file:
        file.write(f"{passed_in_all} {failed_in_all}\n")
    print(f"{passed_in_all} passed, {failed_in_all} failed")
    sys.exit(1 if failed_in_all else 0)


if __name__ == "__main__":
    main()
