"""Figures of families: consents and supports arriving, a thousand new cards at once, the sweep that
raises flags, looks, what a family takes of memory and disk; and how long it takes until the owner
of a flag has it."""

import os

from ingest import Row, join_members
from rig import median, note

SUPPORTS = 3
NEW_CARDS = 1000
NODE_FAMILIES = 60  # as many flags as one page of items shows
CONSENT_CHECKS = 3  # envelope, family, organisation
SUPPORT_CHECKS = 2  # envelope, presence key
# Of one new card: consent, supporters told, withdrawal, supports that come over.
NEW_CARD_CHECKS = CONSENT_CHECKS + (SUPPORTS - 1) + 2 + SUPPORT_CHECKS * SUPPORTS


def core_figures(rig, count, runs):
    """The hub's core alone, durable, no sockets; beside bare verification in the same process."""
    found, synced = [], []
    for run in range(runs):
        note(f"{count:,} families x {SUPPORTS} supports {run + 1}/{runs}")
        directory = rig.path(f"families-{run}")
        output = rig.call([rig.tool("bench_families"), directory, str(count), str(SUPPORTS),
                           str(NEW_CARDS)], rig.core)
        found.append(rig.read_json(output))
        synced.append(1000 * median(rig.disk.sync_ms(300, writes=2)))
        rig.drop(directory)

    def of(name, scale=1.0):
        return [one[name] * scale for one in found]

    def bare(checks):
        return [one["bare_per_s"] / checks for one in found]

    a_card = [one["new_cards"] / one["new_cards_s"] for one in found]
    title = f"{count:,} families x {SUPPORTS}"
    return [
        Row(f"consents arriving, core alone ({title})", "messages/s", of("consents_per_s"),
            peer_name=f"bare Ed25519 / {CONSENT_CHECKS}", peer=bare(CONSENT_CHECKS)),
        Row("supports arriving, core alone", "messages/s", of("supports_per_s"),
            peer_name=f"bare Ed25519 / {SUPPORT_CHECKS}", peer=bare(SUPPORT_CHECKS)),
        Row(f"{NEW_CARDS:,} new cards at once, {2 + 2 * SUPPORTS - 1} messages each", "cards/s",
            a_card, peer_name=f"bare Ed25519 / {NEW_CARD_CHECKS}", peer=bare(NEW_CARD_CHECKS)),
        Row("they take together", "s", of("new_cards_s")),
        Row("flag sweep, all rise on one day", "us a family", of("sweep_us")),
        Row("its longest tick", "ms", of("sweep_longest_ms")),
        Row("flag sweep the day after, all still open", "us a family", of("again_us")),
        Row(f"a tick when none of {count:,} is due", "us", of("idle_tick_us")),
        Row("look at an unknown card", "us", of("look_unknown_us"),
            peer_name="badly signed, known", peer=of("look_bad_us")),
        Row("a good look, written durably", "us", of("look_good_us"),
            peer_name="two synced 4 KiB writes", peer=synced),
        Row("hub's RssAnon a family", "bytes", of("rss_bytes")),
        Row("hub's disk a family, journal included", "KiB", of("disk_bytes", 1 / 1024)),
    ]


def hub_alone(rig, count, runs):
    """A real hub over loopback; who ends its support and who is told are made up, and store
    nothing."""
    found = []
    directory = rig.make_hub("flagged")
    join_members(rig, directory, 2)
    for run in range(runs):
        note(f"from a support's end to the flag, one real hub {run + 1}/{runs}")
        with rig.copy_of(directory) as copy, rig.running_hub(copy):
            found.append(rig.generate("flags", "--hub", rig.invite(copy), "--messages", count))
    rig.drop(directory)
    return found


def with_nodes(rig, count, runs):
    """The same with two real nodes; their directories are under TMPDIR, for the length of paths."""
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "flag_nodes.py")
    found = []
    for run in range(runs):
        note(f"from a support's end to the flag, real nodes {run + 1}/{runs}")
        found.append(rig.read_json(rig.call(["python3", program, rig.build, str(count)])))
    return found


def flag_figures(rig, count, runs):
    hub = hub_alone(rig, count, runs)
    nodes = with_nodes(rig, min(count, NODE_FAMILIES), runs)

    def of(found, name):
        return [one[name] for one in found]

    return [
        Row("a support's end to the flag at its owner, p50", "ms", of(nodes, "p50_ms"),
            peer_name="until the end was taken", peer=of(nodes, "taken_p50_ms")),
        Row("the same, p99", "ms", of(nodes, "p99_ms"), peer_name="until the end was taken",
            peer=of(nodes, "taken_p99_ms")),
        Row("the hub's part of it, p50", "ms", of(hub, "p50_ms"),
            peer_name="to its acknowledgement", peer=of(hub, "answer_p50_ms")),
        Row("the same, p99", "ms", of(hub, "p99_ms")),
    ]
