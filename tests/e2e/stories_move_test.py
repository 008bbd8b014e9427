#!/usr/bin/env python3
"""The family of the policy brief: it moves across the country, and nobody takes it on there. A
buddy 40 km away is active all along, so a rule that counts supporters would never have spoken."""

from __future__ import annotations

from pathlib import Path

import stories
import vangnet
from families import Office
from stories import Story, Y, is_ours, supporters
from vangnet import equal, expect


def zero_supporters(look: dict) -> bool:
    """The rule that nobody should be content with: alarm when there's none at all."""
    return not [one for one in look["supports"] if one["state"] != "ended"]


class Brief(Story):
    def __enter__(self) -> Brief:
        super().__enter__()
        self.agii = self.organisation("agii", "agii")
        self.caw_y = self.organisation("caw-y", "caw", nis=Y)
        self.ocmw_x = self.organisation("ocmw-x")
        self.ocmw_y = self.organisation("ocmw-y", nis=Y)
        self.buddy = self.volunteers("buddies")
        self.school = self.organisation("school-y", "school", nis=Y, may_take_consent="no")
        self.card = self.family(self.ocmw_x, fallback_first="agii", fallback_second="caw-y",
                                contact="Via de buddy, na 16 uur")
        self.number = self.ocmw_x.families()[0]["family"]
        return self

    def last_look(self) -> dict:
        return self.look(self.ocmw_x, self.card)


def the_buddy_is_there_from_the_first_day(story: Brief) -> None:
    story.buddy.post("/api/v1/supports/start", card=story.card, kind="informal",
                     distance="distant")
    story.wait("both are on the map", lambda: supporters(story.last_look()) == [
        ("buddies", "distant", "active"), ("ocmw-x", "near", "active")])
    story.pass_days(3)
    equal(story.flags(), [], "with near support there is no flag")


def x_announces_the_move_and_names_nobody(story: Brief, days: int) -> None:
    on = stories.working_days_after(story.today(), days)
    story.ocmw_x.post("/api/v1/supports/ending", family=story.number, why="moving",
                      on=on.isoformat(), moving_to=Y)
    story.await_flag("gap-ahead", "ocmw-x")
    story.item(story.ocmw_x, "gap-ahead", is_ours)


def the_mother_asks_ocmw_y_and_is_refused(story: Brief) -> None:
    story.ocmw_x.post("/api/v1/asks", family=story.number, to="ocmw-y", service="leefloon",
                      contact="De moeder; tolk Arabisch nodig")
    asked = story.item(story.ocmw_y, "ask")
    story.ocmw_y.post("/api/v1/asks/answer", item=asked["item"], state="refused",
                      reason="not-competent")
    news = story.item(story.ocmw_x, "ask-news", lambda one: one["ask_state"] != "open")
    equal((news["ask_state"], news["ask_reason"]), ("refused", "not-competent"),
          "X hears that it was refused, and why")


def the_gap_is_escalated_before_it_opens(story: Brief) -> None:
    story.pass_working_days(4)
    story.await_flag("gap-ahead", "agii")
    expect(story.item(story.agii, "gap-ahead", is_ours), "the first fallback has it now")
    story.pass_working_days(4)
    story.await_flag("gap-ahead", "caw-y")


def the_flag_rises_although_a_supporter_is_active(story: Brief) -> None:
    story.pass_until(story.moved)
    story.pass_days(1)
    story.await_flag("no-local-professional", "agii")
    seen = story.last_look()
    equal([one for one in supporters(seen) if one[2] != "ended"],
          [("buddies", "distant", "active")], "only the buddy, 40 km away")
    expect(not zero_supporters(seen), "counting supporters would have stayed silent")
    flag = story.item(story.agii, "no-local-professional", is_ours)
    detail = story.agii.ask("GET", f"/api/v1/items/{flag['item']}")[1]["contact"]
    equal(detail, "Via de buddy, na 16 uur", "how to reach the family, for the fallback alone")
    office = story.colleague(story.buddy, "bea", "caseworker")
    equal(story.item(office, "no-local-professional")["flag"]["yours"], False,
          "the buddy knows, and isn't the one who must solve it")


def the_question_that_nobody_took_is_a_flag_too(story: Brief) -> None:
    asked = [row for row in story.board() if row["kind"] == "asked-not-taken"]
    equal(len(asked), 1, f"one flag for the question: {story.flags()}")


def nobody_answers_and_it_stands_on_the_coordinators_board(story: Brief) -> None:
    story.pass_working_days(4)
    story.await_flag("no-local-professional", "caw-y")
    story.pass_working_days(4)
    story.await_flag("no-local-professional", None)
    row = next(one for one in story.board() if one["kind"] == "no-local-professional")
    expect(row["escalated"] and row["age_days"] > 7, f"its age: {row}")
    said = story.hub.call("flags")
    expect(story.card not in said and "Via de buddy" not in said, f"never a family: {said}")


def the_school_speaks_up_and_hears_back(story: Brief) -> None:
    story.school.post("/api/v1/concerns", card=story.card, by="professional", reason="school",
                      urgency="this-week")
    story.await_flag("concern", "agii")
    flag = story.item(story.agii, "concern", is_ours)
    equal(flag["flag"]["concern"], "school", "what it is about")
    story.agii.post("/api/v1/items/take", item=flag["item"])
    heard = story.item(story.school, "answer", lambda one: one["flag"]["state"] == "acknowledged")
    equal(heard["flag"]["by"]["id"], "agii", "the school hears who picked it up")


def who_takes_it_speaks_with_the_family_and_supports_it(story: Brief) -> None:
    flag = story.item(story.agii, "no-local-professional", over=True)  # the coordinator rang them
    story.agii.post("/api/v1/items/take", item=flag["item"])
    refused = story.agii.ask("POST", "/api/v1/items/close",
                             {"item": flag["item"], "reason": "helped"})[1]
    equal(refused["code"], "not-contacted", "it ends only when somebody spoke with the family")
    story.agii.post("/api/v1/items/contacted", item=flag["item"])
    story.agii.post("/api/v1/supports/start", item=flag["item"], kind="professional",
                    distance="near")
    story.await_no_flag("no-local-professional")
    story.wait("the coordinator's week counts it", lambda: any(
        str(row).find("no-local-professional") >= 0
        for row in story.hub.get("/api/v1/flags/weeks")["rows"]))


def the_briefs_family(build: Path) -> None:
    with Brief(build, stories.monday(2)) as story:
        the_buddy_is_there_from_the_first_day(story)
        story.moved = stories.working_days_after(story.today(), 13)
        x_announces_the_move_and_names_nobody(story, 13)
        the_mother_asks_ocmw_y_and_is_refused(story)
        the_gap_is_escalated_before_it_opens(story)
        the_flag_rises_although_a_supporter_is_active(story)
        the_question_that_nobody_took_is_a_flag_too(story)
        nobody_answers_and_it_stands_on_the_coordinators_board(story)
        the_school_speaks_up_and_hears_back(story)
        who_takes_it_speaks_with_the_family_and_supports_it(story)


def a_named_successor_takes_over_and_no_flag_ever_rises(build: Path) -> None:
    with Brief(build, stories.monday(2)) as story:
        on = stories.working_days_after(story.today(), 5)
        story.ocmw_x.post("/api/v1/supports/ending", family=story.number, why="moving",
                          on=on.isoformat(), moving_to=Y, successor="ocmw-y")
        story.never_a_flag(2)
        story.ocmw_y.post("/api/v1/supports/start", card=story.card, kind="professional",
                          distance="near")
        story.wait("both are there for some days", lambda: supporters(story.last_look()) == [
            ("ocmw-x", "near", "ending"), ("ocmw-y", "near", "active")])
        story.never_a_flag(7)
        equal([one for one in supporters(story.last_look()) if one[2] != "ended"],
              [("ocmw-y", "near", "active")], "the new one is there alone")


def test(build: Path) -> None:
    the_briefs_family(build)
    a_named_successor_takes_over_and_no_flag_ever_rises(build)


if __name__ == "__main__":
    vangnet.main(test)
