"""kill -9 of hub and nodes at random, 20 rounds, while four nodes publish figures and status:
nothing that was acknowledged is lost, nothing counts twice (promise 2; RELIABILITY S1 and S2).

Acknowledged has two steps and both are held to: what a command of a node's own people reported as
done must arrive, and what a hub gave a receipt for must stand in its journal, for the node has
forgotten it. Every message differs from all others, by the day of its figures or by its FTE, so the
journal shows which came, and how often. A command that died with its node may have been done or
not, but not twice.
"""

from __future__ import annotations

import random
import signal
import sys
import threading
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import vangnet
from bad_days import read_journal
from vangnet import Done, Hub, Node, equal, expect, wait_for

SEED = 20261121
ROUNDS = 20
NODES = 4
DAYS_MAX = 380  # figures are kept 56 weeks
HEADING = "period_end,period_days,service,waiting_total,w0_4,w4_plus\n"


class Worker:
    """One node and those who work with it: a command after another, and what came of each."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.done: list[str] = []  # what has to stand in the journal
        self.unknown: list[str] = []  # what died under way
        self.refused: list[str] = []
        self.deaths = 0
        self.stopping = threading.Event()
        self.may_work = threading.Event()
        self.may_work.set()
        self.thread = threading.Thread(target=self.work, daemon=True)

    def work(self) -> None:
        number = 0
        while not self.stopping.is_set():
            self.may_work.wait(1)
            if not self.may_work.is_set():
                continue
            number += 1
            deaths = self.deaths
            if number % 2 == 0 and number // 2 < DAYS_MAX:
                self.note(*self.publish_day(number // 2), deaths)
            else:
                self.note(*self.say_status(number), deaths)

    def publish_day(self, number: int) -> tuple[str, Done]:
        day = (date.today() - timedelta(days=number)).isoformat()
        file = self.node.region.folder / f"{self.node.name}.figures.csv"
        file.write_text(f"{HEADING}{day},1,leefloon,{10 + number},10,{number}\n")
        return day, self.node.run("import", file, "--figures")

    def say_status(self, number: int) -> tuple[str, Done]:
        return str(number), self.node.set_status(number)

    def note(self, what: str, done: Done, deaths: int) -> None:
        if done.status == 0:
            self.done.append(what)
        elif deaths == self.deaths:
            self.refused.append(f"{what}: {done.said}")
        else:
            self.unknown.append(what)

    def end(self) -> None:
        if self.node.alive():
            self.node.send(signal.SIGCONT)
        self.stopping.set()
        self.may_work.set()
        self.thread.join()


def kill_node(worker: Worker) -> None:
    worker.may_work.clear()
    worker.deaths += 1
    worker.node.kill()


def revive(worker: Worker) -> None:
    worker.node.up()
    worker.deaths += 1  # what was begun in between found nobody
    worker.may_work.set()


def wait_more(workers: list[Worker], more: int) -> None:
    before = sum(len(worker.done) for worker in workers)
    wait_for(f"{more} more commands done",
             lambda: sum(len(worker.done) for worker in workers) >= before + more)


def at_any_moment(dice: random.Random, hub: Hub, workers: list[Worker]) -> list[Worker]:
    """Anywhere in a turn, a commit, a sending. Gives the nodes that die."""
    wait_more(workers, dice.randint(1, 6))
    time.sleep(dice.uniform(0, 0.03))
    victims = dice.sample(workers, dice.choice([0, 1, 1, 2]))
    if not victims or dice.random() < 0.6:
        hub.kill()
    return victims


def all_there(hub: Hub, workers: list[Worker]) -> bool:
    present = hub.metrics()["members_present"]
    return present == len(workers) and all(worker.node.connected() for worker in workers)


def after_the_commit(dice: random.Random, hub: Hub, workers: list[Worker]) -> list[Worker]:
    """The hub has taken their messages, its receipts never reach them: all comes twice."""
    wait_for("all are there after the last round", lambda: all_there(hub, workers), 30)
    sequence = hub.fresh_metrics()["journal_sequence"]
    hub.send(signal.SIGSTOP)
    wait_more(workers, dice.randint(len(workers), 3 * len(workers)))
    for worker in workers:
        worker.node.send(signal.SIGSTOP)
    hub.send(signal.SIGCONT)
    wait_for("the hub takes what was sent",
             lambda: hub.metrics()["journal_sequence"] > sequence)
    if dice.random() < 0.5:
        hub.kill()
    return workers


def play_round(number: int, dice: random.Random, hub: Hub, workers: list[Worker]) -> None:
    """Some of them die; then they come back."""
    play = after_the_commit if number % 2 else at_any_moment
    victims = play(dice, hub, workers)
    for worker in victims:
        kill_node(worker)
    if not hub.alive():
        hub.up()
    for worker in victims:
        revive(worker)


def check_counts(worker: Worker, facts: list[dict[str, object]]) -> None:
    name = worker.node.name
    equal(worker.refused, [], f"{name}: commands that failed while it was alive")
    own = [fact for fact in facts if fact.get("sender") == worker.node.org]
    equal([fact for fact in own if fact["type"] == "refused"], [], f"{name}: refused")
    posted = [fact for fact in own if fact["type"] in ("signal", "status")]
    taken = Counter(str(fact.get("as_of") or fact["fte_hundredths"]) for fact in posted)
    lost = [what for what in worker.done if taken[what] == 0]
    equal(lost, [], f"{name}: reported as done, and lost")
    doubled = [what for what, count in taken.items() if count > 1]
    equal(doubled, [], f"{name}: counted twice")
    strange = set(taken) - set(worker.done) - set(worker.unknown)
    equal(strange, set(), f"{name}: never asked for")
    ids = Counter(fact["id"] for fact in posted)
    equal(max(ids.values()), 1, f"{name}: the same id more than once")
    streams = {fact["incarnation"] for fact in posted}
    for incarnation in streams:
        numbers = sorted(int(str(fact["number"])) for fact in posted
                         if fact["incarnation"] == incarnation and fact["lane"] == 1)
        equal(numbers, list(range(1, len(numbers) + 1)), f"{name}: numbers without gap or double")


def figures_of(hub: Hub) -> set[tuple[str, str]]:
    """(organisation, day), each with one row, for there's one service."""
    found = [(row["organisation"], row["figures"]["as_of"]) for row in hub.export()]
    equal(len(set(found)), len(found), "rows of the export, each day of an organisation once")
    return set(found)


def check_after(build: Path, hub: Hub, workers: list[Worker]) -> None:
    for worker in workers:
        worker.node.wait_connected(40)
        worker.node.wait_received(40)
        equal(worker.node.status()["refused"], 0, f"{worker.node.name}: refused")
    before = figures_of(hub)
    for worker in workers:
        days = [what for what in worker.done if "-" in what]
        missing = [day for day in days if (worker.node.org, day) not in before]
        equal(missing, [], f"{worker.node.name}: days that the hub doesn't show")
        worker.node.stop()
    hub.stop()
    hub.call("journal", "verify")
    facts = read_journal(build, hub)
    for worker in workers:
        check_counts(worker, facts)
    rebuilt = hub.call("rebuild")
    equal(read_journal(build, hub), facts, "the journal after the rebuild")
    hub.up()
    equal(figures_of(hub), before, "the figures after the rebuild")
    print(f"{len(facts)} facts; {sum(len(one.done) for one in workers)} commands done, "
          f"{sum(len(one.unknown) for one in workers)} died under way; {rebuilt.strip()}")


def test(build: Path) -> None:
    dice = random.Random(SEED)
    with vangnet.Region(build) as region:
        hub = region.start_hub()
        workers = [Worker(region.add_node(f"ocmw-{n}", hub)) for n in range(NODES)]
        for worker in workers:
            worker.thread.start()
        try:
            for number in range(ROUNDS):
                play_round(number, dice, hub, workers)
        finally:
            for worker in workers:
                worker.end()
        expect(sum(len(worker.done) for worker in workers) >= ROUNDS, "there was work to lose")
        check_after(build, hub, workers)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    vangnet.main(test)
