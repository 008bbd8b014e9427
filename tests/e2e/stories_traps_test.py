#!/usr/bin/env python3
"""Where hand-overs between organisations go wrong elsewhere: a double request, one taken back while
it is accepted, an orphan, one that bounces, and an answer that must come back with its reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import stories
import vangnet
from families import Office
from stories import Story, refused
from vangnet import equal, expect


class Table(Story):
    def __enter__(self) -> Table:
        super().__enter__()
        self.ocmw = self.organisation("ocmw-x")
        self.caw = self.organisation("caw-x", "caw")
        self.agii = self.organisation("agii", "agii")
        self.card = self.family(self.ocmw, fallback_first="agii")
        self.number = self.ocmw.families()[0]["family"]
        return self

    def question(self) -> int:
        """The OCMW hears the family, and asks the CAW; its own item of it."""
        answer = self.ocmw.post("/api/v1/asks", family=self.number, to="caw-x",
                                service="budgetbegeleiding")
        return int(answer["item"])

    def asked(self, office: Office) -> list[Any]:
        _, answer = office.ask("GET", "/api/v1/items?all=1")
        return [one for one in answer["items"] if one["kind"] == "ask"]

    def news(self, item: int) -> Any:
        return self.ocmw.ask("GET", f"/api/v1/items/{item}")[1]

    def states(self) -> list[tuple[str, str]]:
        """As the family itself sees its questions, with the card."""
        return [(one["to"]["id"], one["state"]) for one in self.look(self.ocmw, self.card)["asks"]]


def a_double_request_is_one_question(story: Table) -> None:
    item = story.question()
    story.wait("the CAW has it", lambda: len(story.asked(story.caw)) == 1)
    refused(story.ocmw, "/api/v1/asks", "exists", family=story.number, to="caw-x",
            service="budgetbegeleiding")
    equal(len(story.asked(story.caw)), 1, "questions at the CAW")
    equal(story.states(), [("caw-x", "open")], "and on the family's card")
    story.ocmw.post("/api/v1/asks/revoke", item=item)
    story.wait("taken back", lambda: story.states() == [("caw-x", "revoked")])


def taken_back_while_it_is_accepted_it_is_one_of_both_at_both_ends(story: Table) -> None:
    item = story.question()
    story.wait("the CAW has it", lambda: len(story.asked(story.caw)) == 2)
    theirs = max(one["item"] for one in story.asked(story.caw))
    story.hub.stop()
    story.ocmw.post("/api/v1/asks/revoke", item=item)
    story.caw.post("/api/v1/asks/answer", item=theirs, state="taken")
    story.hub.up()
    story.wait("the hub knows how it ended", lambda: story.states()[-1][1] != "open", 30)
    ended = story.states()[-1][1]
    expect(ended in ("revoked", "taken"), f"one of both: {ended}")
    story.wait(f"both say {ended}", lambda: [story.news(item)["ask_state"]] + [
        one["ask_state"] for one in story.asked(story.caw) if one["item"] == theirs] ==
        [ended, ended], 30)
    equal(story.flags(), [], "and nobody is flagged for it")


def an_answer_comes_back_with_its_reason(story: Table) -> None:
    item = story.question()
    story.wait("the CAW has it", lambda: len(story.asked(story.caw)) == 3)
    theirs = max(one["item"] for one in story.asked(story.caw))
    refused(story.caw, "/api/v1/asks/answer", "unknown-value", item=theirs, state="refused")
    story.caw.post("/api/v1/asks/answer", item=theirs, state="refused", reason="lack-of-capacity")
    story.wait("the OCMW reads why", lambda: (
        story.news(item)["ask_state"], story.news(item)["ask_reason"]) ==
        ("refused", "lack-of-capacity"))
    story.wait("and the family too", lambda: ("caw-x", "refused") in story.states())


def what_is_passed_on_doesnt_bounce_back(story: Table) -> None:
    item = story.question()
    story.wait("the CAW has it", lambda: len(story.asked(story.caw)) == 4)
    theirs = max(one["item"] for one in story.asked(story.caw))
    story.caw.post("/api/v1/asks/answer", item=theirs, state="passed-on", passed_to="agii")
    passed = story.item(story.agii, "ask")
    refused(story.agii, "/api/v1/asks/answer", "wrong-move", item=passed["item"],
            state="passed-on", passed_to="caw-x")
    story.agii.post("/api/v1/asks/answer", item=passed["item"], state="refused",
                    reason="not-competent")
    story.wait("who asked reads how it ended, at whom it ended", lambda: (
        story.news(item)["ask_state"], story.news(item)["ask_reason"]) ==
        ("refused", "not-competent"))
    equal(story.news(item)["from"]["id"], "agii", "and who said so")
    story.pass_working_days(11)
    story.await_flag("asked-not-taken", "agii")


def an_orphan_ends_with_the_consent(story: Table) -> None:
    """A question that waits somewhere while its family withdraws: nothing of it stays there."""
    story.ocmw.post("/api/v1/consents/withdraw", card=story.card)
    story.wait("no flag is left", lambda: story.flags() == [])
    for office in (story.caw, story.agii):
        story.wait(f"{office.node.name} has nothing left that waits", lambda: not [
            one for one in office.items() if one["kind"] in ("ask", "flag")])  # noqa: B023
    story.wait("everybody said that it erased it",
               lambda: not story.hub.get("/api/v1/erasures")["rows"])


def test(build: Path) -> None:
    with Table(build, stories.monday(2)) as story:
        a_double_request_is_one_question(story)
        taken_back_while_it_is_accepted_it_is_one_of_both_at_both_ends(story)
        an_answer_comes_back_with_its_reason(story)
        what_is_passed_on_doesnt_bounce_back(story)
        an_orphan_ends_with_the_consent(story)


if __name__ == "__main__":
    vangnet.main(test)
