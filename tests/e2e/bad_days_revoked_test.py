"""A member that lies, one that repeats itself, and one that is no member any more.

A valid key that sends under another's name changes nothing; captured postings, replayed and out of
order, count once; from the moment of a revocation nothing of that key is taken, not even on the
connection that it already has, and it gets no new one (RELIABILITY S14, S23, S25).
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import vangnet
from bad_days import read_journal
from link_hand import LinkHand
from vangnet import Hub, Node, equal, expect, wait_for

SEED = 5
POSTINGS = 40
LIVE_S = 5  # the bar for live connections
NEW_S = 1  # and for new ones
OUTSIDE = ("not-member", "revoked")


class ByHand(LinkHand):
    """tests/e2e/bad_days_link: what happens is told in `lines`."""

    def __init__(self, build: Path, node: Node) -> None:
        super().__init__(build / "tests/e2e/bad_days_link", node)

    def greet(self, org: str) -> None:
        self.await_line("link up")
        self.tell(f"hello {org}")
        self.await_line("welcome yes")


def refusals(hub: Hub, reason: str) -> float:
    return hub.fresh_metrics()[f'refusals_total{{reason="{reason}"}}']


def sequence(hub: Hub) -> int:
    return int(hub.fresh_metrics()["journal_sequence"])


def quiet_sequence(hub: Hub) -> int:
    """Once what members still had to say (receipts of the directory) is in: half a second without
    a new fact."""
    last, since = sequence(hub), time.monotonic()

    def is_quiet() -> bool:
        nonlocal last, since
        now = sequence(hub)
        if now != last:
            last, since = now, time.monotonic()
        return time.monotonic() - since > 0.5

    wait_for("the hub's journal is quiet", is_quiet)
    return last


def another_name(build: Path, hub: Hub, liar: Node, victim: Node) -> None:
    """Under somebody else's id: in the greeting, in the envelope."""
    before = quiet_sequence(hub)
    lies = refusals(hub, "wrong-sender")
    with ByHand(build, liar) as hand:
        hand.await_line("link up")
        hand.tell(f"hello {victim.org}")
        wait_for("a greeting under another's name is refused",
                 lambda: refusals(hub, "wrong-sender") == lies + 1)
        hand.tell(f"post 1 {victim.org} 9900")
        hand.tell(f"post 2 {victim.org} 9900")
        wait_for("postings under another's name are refused",
                 lambda: refusals(hub, "wrong-sender") == lies + 3)
        malformed = refusals(hub, "malformed")
        hand.tell("bytes 00ff00ff")
        hand.tell("bytes " + "0a" * 500)
        wait_for("what isn't a packet is refused",
                 lambda: refusals(hub, "malformed") >= malformed + 2)
        equal(sequence(hub), before, "facts of one who lies or babbles")
        victim.call("status-set", "leefloon", "open", "--fte", "3.00")
        victim.wait_received()
        hand.tell(f"hello {liar.org}")
        hand.await_line("welcome yes")


def again_and_again(build: Path, hub: Hub, sender: Node) -> None:
    """Everything several times and out of order, until all of it is receipted; then once more."""
    dice = random.Random(SEED)
    with ByHand(build, sender) as hand:
        hand.greet(sender.org)
        numbers = list(range(1, POSTINGS + 1))
        until = time.monotonic() + 20 * vangnet.PATIENCE
        while f"receipt {POSTINGS}" not in hand.lines:
            expect(time.monotonic() < until, f"all are receipted: {hand.lines[-3:]}")
            heap = numbers * 2
            dice.shuffle(heap)
            for number in heap:
                hand.tell(f"post {number} {sender.org} {1000 + number}")
            answers = len(hand.lines)
            wait_for("an answer", lambda: len(hand.lines) > answers)  # noqa: B023
        before = quiet_sequence(hub)
        for number in reversed(numbers):
            hand.tell(f"post {number} {sender.org} {1000 + number}")
        del hand.lines[:]
        hand.await_line(f"receipt {POSTINGS}")
        conflicts = refusals(hub, "conflict")
        hand.tell(f"post 7 {sender.org} 9900")
        wait_for("another message under a used number is a conflict",
                 lambda: refusals(hub, "conflict") == conflicts + 1)
        equal(sequence(hub), before, "facts of what was replayed")


def hours_of(hub: Hub, node: Node) -> list[float]:
    """The hours of the statuses that the hub shows of it. Not the count of facts: others' receipts
    of the directory come in all the while."""
    rows = hub.get(f"/api/v1/load?by=service&organisation={node.org}")["rows"]
    return [row["status"]["fte"] for row in rows]


def revoked_while_talking(build: Path, hub: Hub, traitor: Node, other: Node) -> None:
    with ByHand(build, traitor) as hand:
        hand.greet(traitor.org)
        hand.tell(f"post 1 {traitor.org} 500")
        hand.await_line("receipt 1")
        hub.call("revoke", traitor.org, "--reason", "key in wrong hands")
        equal(hub.member_state(traitor.org), "revoked", "its state")
        begun = time.monotonic()
        turned_away = sum(refusals(hub, why) for why in OUTSIDE)

        def nothing_more() -> bool:
            hand.tell(f"post 2 {traitor.org} 600")
            found = hub.metrics()
            counted = sum(found[f'refusals_total{{reason="{why}"}}'] for why in OUTSIDE)
            return counted > turned_away or any(
                line in ("link down", "link refused", "not sent") for line in hand.lines)

        wait_for("the live connection is refused or cut", nothing_more, LIVE_S,
                 exact=not vangnet.SANITIZED)
        print(f"cut or refused after {time.monotonic() - begun:.1f} s")
        equal(hours_of(hub, traitor), [5.0], "what stands of it: the word before the revocation")
    refused = hub.metrics()["handshakes_refused_total"]
    with ByHand(build, traitor) as hand:
        hand.await_line("link refused", NEW_S if not vangnet.SANITIZED else 10)
        hand.tell(f"post 3 {traitor.org} 700")
        expect(hub.fresh_metrics()["handshakes_refused_total"] > refused,
               "a refused handshake is counted")
    equal(hours_of(hub, traitor), [5.0], "what stands after a new connection")
    other.call("status-set", "leefloon", "limited", "--fte", "4.00")
    other.wait_received()
    expect(4.0 in hours_of(hub, other), "others are heard")


def node_that_was_revoked(hub: Hub, node: Node) -> None:
    """Our own program, revoked while it runs: what it says isn't taken and isn't lost either, and
    its people are told why."""
    hub.call("revoke", node.org, "--reason", "left the region")
    before = hours_of(hub, node)
    equal(node.set_status(800).status, 0, "status-set")
    node.stop()
    node.up()
    wait_for("the node says that it isn't let in",
             lambda: {"NODE_NOT_MEMBER", "NODE_HUB_REFUSES"} & node.findings(), 20)
    equal(node.status()["waiting"], 1, "what it still has to say")
    equal(hours_of(hub, node), before, "what stands of a revoked node")


def check_journal(build: Path, hub: Hub) -> None:
    hub.stop()
    hub.call("journal", "verify")
    facts = [fact for fact in read_journal(build, hub) if fact["type"] == "status"]
    seen = sorted(int(str(fact["number"])) for fact in facts if fact["sender"] == "ocmw-again")
    equal(seen, list(range(1, POSTINGS + 1)), "each posting once")
    false = [fact for fact in facts if fact["fte_hundredths"] in (9900, 600, 700, 800)]
    equal(false, [], "what never should have counted")


def test(build: Path) -> None:
    with vangnet.Region(build) as region:
        hub = region.start_hub()
        liar, victim, again, traitor, leaver = (
            region.add_node(f"ocmw-{name}", hub)
            for name in ("liar", "victim", "again", "traitor", "leaver"))
        for node in (liar, again, traitor):
            node.stop()
        another_name(build, hub, liar, victim)
        again_and_again(build, hub, again)
        revoked_while_talking(build, hub, traitor, victim)
        node_that_was_revoked(hub, leaver)
        hub.stop()
        hub.up()
        with ByHand(build, traitor) as hand:
            hand.await_line("link refused", 10)
        check_journal(build, hub)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    vangnet.main(test)
