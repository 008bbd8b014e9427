#!/usr/bin/env python3
"""A consent that nobody renews: told twice before, then gone everywhere, and counted."""

from __future__ import annotations

import datetime
from pathlib import Path

import stories
import vangnet
from families import Office
from stories import Story
from stories_town import Kortrijk
from vangnet import equal, expect


def is_told_and_puts_it_aside(story: Story, office: Office) -> None:
    item = story.item(office, "ending")
    office.post("/api/v1/items/done", item=item["item"])
    story.wait("it waits no more", lambda: not endings(office))


def endings(office: Office) -> list[object]:
    return [one for one in office.items() if one["kind"] == "ending"]


def a_consent_that_lapses_is_told_twice_then_erased_and_counted(build: Path) -> None:
    with Kortrijk(build, stories.monday(2)) as story:
        until = stories.months_after(story.today(), 2)
        card = story.family(story.ocmw, fallback_first="caw-x", until=until.isoformat())
        story.buddy.post("/api/v1/supports/start", card=card, kind="informal", distance="distant")
        story.wait("both support", lambda: len(story.look(story.ocmw, card)["supports"]) == 2)
        ends = until + datetime.timedelta(days=1)
        story.pass_until(ends - datetime.timedelta(days=62))
        equal(endings(story.ocmw), [], "nobody is bothered more than 60 days before")
        for left in (60, 14):
            story.pass_until(ends - datetime.timedelta(days=left))
            is_told_and_puts_it_aside(story, story.ocmw)
            is_told_and_puts_it_aside(story, story.caw)
        story.pass_until(until)
        expect(story.flags() != [], "no contact for 42 days is a flag")
        expect(story.look(story.ocmw, card)["found"], "it stands on its last day")
        story.pass_until(ends)
        story.opens_nothing(card, story.caw)
        story.wait("lapsed without an answer is counted", lambda: sum(
            row["consents_lapsed"] for row in story.hub.get("/api/v1/flags/weeks")["rows"]) == 1)
        story.wait("everybody has erased it", lambda: not story.hub.get(
            "/api/v1/erasures")["rows"] and not story.caw.families())
        equal(story.flags(), [], "no flag outlives a consent")
        kept = story.ocmw.post("/api/v1/consents/show", card=card)
        equal([one["state"] for one in kept["events"]], ["given", "expired"],
              "the bare proof says how it ended")
        equal((kept["teach_back"], kept["interpreter_desk"]), ("", ""), "and nothing that was said")


def test(build: Path) -> None:
    a_consent_that_lapses_is_told_twice_then_erased_and_counted(build)


if __name__ == "__main__":
    vangnet.main(test)
