#!/usr/bin/env python3
"""Organisations come and go: one stops existing, one has its laptop off in July, one is a group of
volunteers that is all a family has."""

from __future__ import annotations

from pathlib import Path

import families
import stories
import vangnet
from families import EVERYTHING, Office
from stories import Story, is_ours, refused, supporters
from vangnet import equal, expect

FAMILIES = 12


class Town(Story):
    def __enter__(self) -> Town:
        super().__enter__()
        self.ocmw = self.organisation("ocmw-x")
        self.caw = self.organisation("caw-x", "caw")
        return self

    def counted(self, state: str) -> int:
        return sum(1 for row in self.board() if row["kind"] == state)


def an_organisation_that_stops_existing(build: Path) -> None:
    """Its supports end, whoever is left is told, and who is nobody's now gets a flag."""
    with Town(build, stories.monday(2)) as story:
        dmw = story.organisation("dmw-x", "dmw")
        story.organisation("school-x", "school")  # three are left to tell the hub what time it is
        alone = story.family(dmw, fallback_first="caw-x", contact="Bel aan, de bel werkt niet")
        together = story.family(dmw, fallback_first="caw-x")
        story.ocmw.post("/api/v1/supports/start", card=together, kind="professional",
                        distance="near")
        story.wait("two are around one of them",
                   lambda: len(story.look(story.ocmw, together)["supports"]) == 2)
        story.pass_days(1)
        equal(story.flags(), [], "all is well")
        status, answer = story.hub.ask("POST", "/api/v1/members/dmw-x/leave", {})
        equal(status, 200, f"it leaves: {answer}")
        equal(story.hub.member_state("dmw-x"), "left", "its state")
        story.offices.pop("dmw-x")
        dmw.node.stop()
        story.pass_working_days(1)
        story.await_flag("no-local-professional", "caw-x")
        flag = story.item(story.caw, "no-local-professional", is_ours)
        equal(story.caw.ask("GET", f"/api/v1/items/{flag['item']}")[1]["contact"],
              "Bel aan, de bel werkt niet", "the fallback can reach them")
        story.await_flag("one-left", "ocmw-x")
        for card in (alone, together):
            story.wait("it's told as ended", lambda: "dmw-x" not in [
                org for org, _, state in supporters(story.look(story.caw, card))
                if state == "active"])
        equal(story.counted("no-local-professional"), 1, "one family is nobody's now")


def leave(story: Town, office: Office) -> None:
    status, answer = story.hub.ask("POST", f"/api/v1/members/{office.node.org}/leave", {})
    equal(status, 200, f"it leaves: {answer}")
    story.offices.pop(office.node.org)
    office.node.stop()


def a_desk_that_leaves_before_it_calls_back(build: Path) -> None:
    """The next desk gets the call by itself; where there's none any more, who asked hears it."""
    with Town(build, stories.monday(2)) as story:
        story.organisation("school-x", "school")
        next_desk = story.organisation("ocmw-y")
        group = story.volunteers("buddies")
        answer = group.post("/api/v1/call-backs", municipality=stories.X, language="nld",
                            contact="Els, na vijf uur")
        equal(answer["desk"], "ocmw-x", "who is asked first")
        story.wait("it's there", lambda: any(
            one["kind"] == "call-back" for one in story.ocmw.items()))
        leave(story, story.ocmw)

        def asked() -> list[dict]:
            return [one for one in next_desk.items() if one["kind"] == "call-back"]

        story.wait("the next desk is asked", asked)
        equal(next_desk.ask("GET", f"/api/v1/items/{asked()[0]['item']}")[1]["contact"],
              "Els, na vijf uur", "and can reach them")

        def own() -> dict:
            return group.ask("GET", f"/api/v1/items/{answer['item']}")[1]

        story.wait("who asked sees who has it", lambda: own()["from"]["id"] == "ocmw-y")
        equal(("Els" in str(own()), own()["refused"]), (False, None), "and the rest")
        leave(story, next_desk)
        story.wait("then there's no desk any more", lambda: own()["refused"] == "no-desk")
        equal((own()["state"], own()["why"]), ("new", "organisation-left"), "which is news")
        story.pass_working_days(4)
        equal(story.board(), [], "and nobody's board has it for ever")


def a_volunteer_as_the_only_supporter(build: Path) -> None:
    with Town(build, stories.monday(2)) as story:
        group = story.volunteers("buddies")
        office = story.colleague(group, "bea", "caseworker")
        card = story.family(story.ocmw, fallback_first="caw-x")
        group.post("/api/v1/supports/start", card=card, kind="informal", distance="near")
        story.wait("both are there", lambda: len(story.look(story.ocmw, card)["supports"]) == 2)
        story.ocmw.post("/api/v1/supports/end", card=card, why="finished")
        story.await_flag("no-local-professional", "caw-x")
        expect(("buddies", "near", "active") in supporters(story.look(story.caw, card)),
               "the volunteer is there, next door")
        refused(group, "/api/v1/supports/start", "not-allowed", card=card, kind="professional",
                distance="near")
        told = story.item(office, "no-local-professional")
        equal(told["flag"]["yours"], False, "they know that they're alone")
        equal(group.items(), [], "their volunteers read no flags, only what came of their concerns")
        equal(group.ask("GET", f"/api/v1/items/{told['item']}")[0], 404, "not one by one either")
        status, answer = office.ask("POST", "/api/v1/items/take", {"item": told["item"]})
        if status == 200:
            story.wait("and taking it is refused: they'd silence the alarm about themselves",
                       lambda: any(one["refused"] == "not-yours" for one in
                                   office.ask("GET", "/api/v1/items?all=1")[1]["items"]))
        else:
            equal(answer["code"], "not-yours", "they can't silence the alarm about themselves")
        story.pass_working_days(2)
        story.await_flag("no-local-professional", "caw-x")
        flag = story.item(story.caw, "no-local-professional", is_ours)
        story.caw.post("/api/v1/items/take", item=flag["item"])
        story.caw.post("/api/v1/items/contacted", item=flag["item"])
        story.caw.post("/api/v1/supports/start", card=card, kind="professional", distance="near")
        story.await_no_flag()


def a_group_activates_a_blank_card(build: Path) -> None:
    """Volunteers may note a family's agreement to concern and fallback, and to nothing else."""
    with Town(build, stories.monday(2)) as story:
        group = story.volunteers("buddies")
        office = story.colleague(group, "bea", "caseworker")
        page = office.post("/api/v1/cards/pack", count=2, language="ara")["page"]
        card = families.card_of(page)
        wide = families.consent(EVERYTHING, fallback_first="caw-x")
        refused(office, "/api/v1/consents/give", "needs-authority", **wide, card=card)
        few = families.consent(["concern", "fallback"], fallback_first="caw-x",
                               contact="De buddy kent de weg")
        office.post("/api/v1/consents/give", **few, card=card)
        story.wait("it opens something now", lambda: story.look(group, card)["found"])
        equal(story.flags(), [], "who didn't agree to be missed isn't")
        group.post("/api/v1/concerns", card=card, by="family", reason="nobody-helps",
                   urgency="today")
        story.await_flag("concern", "caw-x")


def a_laptop_off_in_july(build: Path) -> None:
    with Town(build, stories.monday(7)) as story:
        for _ in range(FAMILIES):
            story.family(story.ocmw, fallback_first="caw-x")
        story.pass_days(1)
        equal(story.flags(), [], "everybody is at work")
        story.ocmw.node.stop()
        for _ in range(8):
            story.pass_days(1)
            equal(story.flags(), [], "a week's holiday is nobody's business")
        story.pass_days(1)
        story.pass_hour()
        story.await_flag("node-quiet", None)
        equal(len(story.board()), 1, "one flag about the office, not one a family")
        row = story.board()[0]
        equal(row["about"], "ocmw-x", "which office")
        said_on = story.today()
        story.pass_until(stories.working_days_after(said_on, 10))
        story.pass_hour()
        equal(story.counted("no-local-professional"), 0, "and it has ten working days")
        story.pass_until(stories.working_days_after(said_on, 11))
        story.pass_hour()
        story.wait("then its families are counted as alone",
                   lambda: story.counted("no-local-professional") == FAMILIES)
        expect(("no-local-professional", "caw-x") in story.flags(), "their fallback has them")
        story.ocmw.node.up()
        story.wait("it's back, and so is its support", lambda: story.flags() == [])


def test(build: Path) -> None:
    an_organisation_that_stops_existing(build)
    a_desk_that_leaves_before_it_calls_back(build)
    a_volunteer_as_the_only_supporter(build)
    a_group_activates_a_blank_card(build)
    a_laptop_off_in_july(build)


if __name__ == "__main__":
    vangnet.main(test)
