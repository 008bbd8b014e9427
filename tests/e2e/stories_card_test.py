#!/usr/bin/env python3
"""Cards that get lost, or into other hands: what the old one opens after that, and what goes along
to the new one."""

from __future__ import annotations

from pathlib import Path

import families
import stories
import vangnet
from families import EVERYTHING
from stories import refused, supporters
from stories_town import Kortrijk
from vangnet import equal, expect


def everybody(look: dict) -> list[str]:
    return [org for org, _, state in supporters(look) if state == "active"]


def a_lost_card_is_dead_at_once_and_supporters_move_by_themselves(build: Path) -> None:
    with Kortrijk(build, stories.monday(2)) as story:
        old = story.family_of_three()
        story.pass_days(1)
        new = story.new_card(old, "lost")
        story.opens_nothing(old, story.caw)
        story.wait("all three are on the new card",
                   lambda: everybody(story.look(story.ocmw, new)) == ["buddies", "caw-x", "ocmw-x"])
        story.pass_working_days(6)
        equal(story.flags(), [], "nobody was missed for a day")
        equal(story.hub.get("/api/v1/erasures")["rows"], [], "and everybody erased the old handle")


def a_card_in_the_hands_of_an_ex_partner(build: Path) -> None:
    with Kortrijk(build, stories.monday(2)) as story:
        old = story.family_of_three()
        # Until then it could show who supports them, and withdraw; the family sees who looked.
        stranger = story.organisation("desk", "other", role="volunteer", may_take_consent="no")
        equal(everybody(story.look(stranger, old)), ["buddies", "caw-x", "ocmw-x"],
              "whoever has the card sees who is around the family")
        expect("nieuwe nummer" not in str(story.look(stranger, old)) and
               "de moeder" not in str(story.look(stranger, old)), "but not how to reach it")
        refused(stranger, "/api/v1/consents/change", "not-allowed", card=old, scopes=EVERYTHING)
        story.wait("the family sees who looked", lambda: "desk" in {
            one["organisation"]["id"] for one in story.look(story.ocmw, old)["looked"]})
        new = story.new_card(old, "wrong-hands")
        for office in (stranger, story.caw, story.ocmw):
            story.opens_nothing(old, office)
        stranger.ask("POST", "/api/v1/consents/withdraw", {"card": old})
        stranger.ask("POST", "/api/v1/concerns", {"card": old, "by": "family", "urgency": "today",
                                                  "reason": "nobody-helps"})
        story.pass_days(1)
        equal(story.flags(), [], "no concern comes of it")
        story.wait("all three are on the new card, which the old one can't touch",
                   lambda: everybody(story.look(story.ocmw, new)) == ["buddies", "caw-x", "ocmw-x"])
        equal([one["organisation"]["id"] for one in story.look(story.ocmw, new)["looked"]
               if one["organisation"]["id"] == "desk"], [], "and nothing of the old is on the new")


def a_card_lost_where_nobody_knows_the_family(build: Path) -> None:
    """Nothing there could vouch for a new one; the table that knows the family can."""
    with Kortrijk(build, stories.monday(2)) as story:
        old = story.family_of_three()
        other = story.organisation("ocmw-y")
        body = families.consent(EVERYTHING, fallback_first="caw-x", contact="Bel de moeder")
        refused(other, "/api/v1/cards/renew", "not-found", family=1, reason="lost",
                tell=["caw-x", "ocmw-x"], **body)
        status, answer = other.ask("POST", "/api/v1/cards/renew",
                                   body | {"family": 1, "reason": "lost", "tell": ["caw-x"]})
        expect("consent give" in answer["next"], f"the next door: {status} {answer}")
        equal(other.families(), [], "nothing was begun")
        equal(everybody(story.look(story.ocmw, old)), ["buddies", "caw-x", "ocmw-x"], "all stands")
        new = story.new_card(old, "lost")
        story.wait("all three are on the new card",
                   lambda: everybody(story.look(story.ocmw, new)) == ["buddies", "caw-x", "ocmw-x"])


def test(build: Path) -> None:
    a_lost_card_is_dead_at_once_and_supporters_move_by_themselves(build)
    a_card_in_the_hands_of_an_ex_partner(build)
    a_card_lost_where_nobody_knows_the_family(build)


if __name__ == "__main__":
    vangnet.main(test)
