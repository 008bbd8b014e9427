#!/usr/bin/env python3
"""Writes the corpora of cards and consent records: good ones, and ones that are wrong in a way of
their own. Shares no code with the programs, so a good one that isn't taken is a finding too.

Give the directory of the fuzz targets. Files are named after what they are; others stay.
"""

import os
import sys

from wire_corpus import group


def card(secret, version=0):
    number = version << 128 | int.from_bytes(secret, "big")
    text = group([number >> (5 * (25 - i)) & 31 for i in range(26)])
    return "-".join(text[i:i + 4] for i in range(0, 28, 4))


def cards():
    good = card(bytes(range(16)))
    yield "good", good
    yield "lower", good.lower()
    yield "zeros", card(bytes(16))
    yield "ones", card(b"\xff" * 16)
    yield "bare", good.replace("-", "")
    yield "look_alikes", good.replace("0", "o").replace("1", "l")
    yield "lines", good.replace("-", " \r\n\t")
    yield "version_1", card(bytes(range(16)), 1)
    yield "version_3", card(bytes(range(16)), 3)
    yield "mistyped", "1" + good[1:]
    yield "swapped", good[:3] + "1-0" + good[6:]
    yield "short", good[:-1]
    yield "long", good + "0"
    yield "foreign", good[:5] + "U" + good[6:]
    yield "empty", ""
    yield "nul", good[:9] + "\0" + good[9:]
    yield "accent", good + "\u00e9"


def run(text):
    data = text.encode()
    return len(data).to_bytes(4, "big") + data


def event(state, basis=0):
    return (bytes([state]) + (1795000000000).to_bytes(8, "big") + run("els")
            + (9).to_bytes(4, "big") + (690).to_bytes(4, "big") + bytes([basis]))


def record(version=1, ground=2, day=22000, aloud=1, organisations=("caw", "school"), events=None):
    events = [event(1), event(3, 2)] if events is None else events
    out = bytes([version]) + bytes(range(16)) + run("ocmw") + run("2026-1") + run("tir")
    out += bytes([ground]) + day.to_bytes(8, "big", signed=True) + bytes([aloud, 2])
    out += run("desk") + run("in her own words") + run("mother, aunt") + run("caw") + run("")
    out += bytes([len(organisations)]) + b"".join(run(name) for name in organisations)
    return out + b"\1" + bytes([len(events)]) + b"".join(events)


def records():
    yield "good", record()
    yield "small", record(organisations=(), events=[])
    yield "largest", record(organisations=["caw"] * 16, events=[event(1)] * 24)
    yield "later", record(version=2)
    yield "no_ground", record(ground=0)
    yield "unknown_ground", record(ground=9)
    yield "not_aloud", record(aloud=0)
    yield "neither", record(aloud=2)
    yield "far_day", record(day=2**40)
    yield "day_before", record(day=-2**31 - 1)
    yield "unknown_state", record(events=[event(6)])
    yield "bad_organisation", record(organisations=["OCMW"])
    yield "many_organisations", record(organisations=["caw"] * 17)
    yield "many_events", record(events=[event(1)] * 25)
    yield "cut", record()[:-1]
    yield "more", record() + b"\0"
    yield "long_run", record()[:17] + b"\xff\xff\xff\xff"


def main():
    for folder, files in (("card.in", cards()), ("consent_record.in", records())):
        path = os.path.join(sys.argv[1], folder)
        os.makedirs(path, exist_ok=True)
        for name, data in files:
            with open(os.path.join(path, name), "wb") as out:
                out.write(data.encode() if isinstance(data, str) else data)


if __name__ == "__main__":
    main()
