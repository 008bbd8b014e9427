"""The measuring part of deploy/bench: runs the figures, prints one table, asserts no time."""

import argparse
import os
import shutil
import signal
import sys
import tempfile

sys.dont_write_bytecode = True

import families  # noqa: E402
import ingest  # noqa: E402
import others  # noqa: E402
from rig import Failed, Rig, cpu_model, kernel_and_commit, median, note, percentile  # noqa: E402

CACHED_DISK_MS = 0.2
BUSY_QUEUE = 0.5

# messages a connection, runs, seconds of latency, members, rows, weeks, pages; families and how
# often, families whose flag is timed and how often
QUICK = {"messages": 200, "runs": 3, "latency_s": 3, "members": 500, "rows": 100000,
         "import_runs": 1, "organisations": 1000, "weeks": 8, "pages": 300,
         "families": 10000, "family_runs": 3, "flags": 300, "flag_runs": 3}
FULL = {"messages": 390, "runs": 7, "latency_s": 10, "members": 2000, "rows": 100000,
        "import_runs": 3, "organisations": 1000, "weeks": 52, "pages": 2000,
        "families": 10000, "family_runs": 5, "flags": 1000, "flag_runs": 5}


def shown(value):
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def spread(values):
    if len(values) == 1:
        return shown(values[0])
    return f"{shown(median(values))} ({shown(min(values))}..{shown(max(values))})"


def line_of(row):
    peer = f"{spread(row.peer)} {row.peer_name}" if row.peer else row.peer_name
    ratio = spread(row.ratios) if row.ratios else ""
    return (row.name, f"{spread(row.ours)} {row.unit}".strip(), peer, ratio, row.goal)


def table(rows):
    lines = [("figure", "ours: median (min..max)", "limit or peer", "ratio", "goal")]
    lines += [line_of(row) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
                     for line in lines)


def header(rig, source):
    kernel, commit = kernel_and_commit(source)
    synced = rig.disk.sync_ms(1000)
    p50, p99 = median(synced), percentile(synced, 0.99)
    kind = " (a cached disk: compare ratios only)" if p50 < CACHED_DISK_MS else ""
    queue = os.getloadavg()[0]
    core = "each on a core of its own"
    if rig.core == rig.load_core:
        core = "on ONE core together, so ratios say little"
    return "\n".join([
        f"commit {commit}, kernel {kernel}",
        f"{cpu_model()}, {len(os.sched_getaffinity(0))} cores; server and load {core}",
        f"load average before: {queue:.1f}" + (" (others are at work here: expect spread)"
                                               if queue > BUSY_QUEUE else ""),
        f"fdatasync of 4 KiB in {rig.work}: p50 {p50:.3f} ms, p99 {p99:.3f} ms{kind}",
        f"ingest: {ingest.CONNECTIONS} connections x window {ingest.WINDOW}, CURVE, one signal of "
        "40 cells a message, each hub run on a fresh copy of a hub that the members joined",
    ])


def figures(rig, source, size):
    """Rows, and what couldn't be measured."""
    rows, failures = [], []

    def take(measure, *arguments):
        try:
            rows.extend(measure(rig, *arguments))
        except (Failed, OSError) as failure:
            failures.append(f"{measure.__name__}: {failure}")

    note("founding a hub; fifty members join")
    directory = rig.make_hub("hub")
    ingest.join_members(rig, directory, ingest.CONNECTIONS)
    made, rate = ingest.throughput(rig, directory, size["messages"], size["runs"])
    rows += made
    take(ingest.latency, directory, rate, size["latency_s"], min(3, size["runs"]))
    take(others.hub_memory, size["members"])
    take(others.node_figures, source, size["rows"], size["import_runs"])
    take(families.core_figures, size["families"], size["family_runs"])
    take(families.flag_figures, size["flags"], size["flag_runs"])
    take(others.load_page, size["organisations"], size["weeks"], rate / 10, size["pages"])
    return rows, failures


def options():
    parser = argparse.ArgumentParser(prog="deploy/bench")
    parser.add_argument("--build", required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--dir", required=True)
    parser.add_argument("--full", action="store_true")
    return parser.parse_args()


def main():
    chosen = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.makedirs(chosen.dir, exist_ok=True)
    work = tempfile.mkdtemp(prefix="run-", dir=chosen.dir)
    try:
        rig = Rig(chosen.build, work)
        head = header(rig, chosen.source)
        print(head, flush=True)
        rows, failures = figures(rig, chosen.source, FULL if chosen.full else QUICK)
    except Failed as failure:
        print(f"deploy/bench: {failure}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(work, ignore_errors=True)
    note("done")
    result = table(rows) + "".join(f"\nNOT MEASURED {failure}" for failure in failures)
    print(result)
    with open(os.path.join(chosen.build, "results.txt"), "w", encoding="utf-8") as file:
        file.write(f"{head}\n{result}\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
