#!/usr/bin/env python3
"""What is refused at the table, with the reason and the next door to try, and nothing stored of it:
cards that are mistyped, over, taken back or of another region, consents that aren't, support that
nobody agreed to, a clock that jumps across an end."""

from __future__ import annotations

import datetime
from pathlib import Path

import families
import stories
import vangnet
from families import EVERYTHING, Office, consent
from family_identities import CROCKFORD
from stories import Story, refused
from stories_town import Kortrijk
from vangnet import equal, expect

YEAR_S = 400 * 86400


class Stored:
    """What there is now; `same`: and nothing came to it."""

    def __init__(self, story: Kortrijk) -> None:
        self.story = story
        self.before = self.count()

    def count(self) -> tuple[float, list[int]]:
        return (self.story.hub.fresh_metrics()["families"],
                [len(office.families()) for office in (self.story.ocmw, self.story.caw)])

    def same(self) -> None:
        equal(self.count(), self.before, "families at the hub, the OCMW, the CAW")


def blank(office: Office) -> str:
    return families.card_of(office.post("/api/v1/cards/pack", count=1, language="ara")["page"])


def every_slip_of_the_pen_is_caught(story: Kortrijk, card: str) -> None:
    """One character wrong, each in its turn, by another of those that may stand there; and each two
    neighbours the other way round (all pairs and all values: shared/consent/card_test.c)."""
    plain = card.replace("-", "")
    slips = [plain[:n] + CROCKFORD[(CROCKFORD.index(plain[n]) + 7) % 32] + plain[n + 1:]
             for n in range(len(plain))]
    slips += [plain[:n] + plain[n + 1] + plain[n] + plain[n + 2:] for n in range(len(plain) - 1)
              if plain[n] != plain[n + 1]]
    for slip in slips:
        refused(story.caw, "/api/v1/supports/start", "mistyped", card=slip, kind="professional",
                distance="near")
    done = story.caw.run("concern", "raise", slips[0], "--reason", "housing", "--urgency", "today")
    equal(done.status, 1, "on the command line")
    expect("group" in done.err and slips[0] not in done.said, f"where to look again: {done.said}")
    for text in (plain[:-1], plain + "0", "not a card"):
        refused(story.caw, "/api/v1/looks", "malformed", card=text)


def what_is_no_consent(story: Kortrijk) -> None:
    good = consent(EVERYTHING, fallback_first="caw-x")
    in_13_months = story.today() + datetime.timedelta(days=430)
    for changed, code in (({"scopes": []}, "no-scope"),
                          ({"until": in_13_months.isoformat()}, "too-long"),
                          ({"interpreter": "minor"}, "minor-interpreter"),
                          ({"teach_back": ""}, "no-teach-back")):
        refused(story.ocmw, "/api/v1/cards/new", code, **(good | changed))
        refused(story.ocmw, "/api/v1/consents/give", code, card=blank(story.ocmw),
                **(good | changed))


def the_card_alone_widens_nothing(story: Kortrijk, card: str) -> None:
    office = story.colleague(story.buddy, "bea", "caseworker")
    until = story.look(story.ocmw, card)["until"]
    story.buddy.post("/api/v1/supports/start", card=card, kind="informal", distance="distant")
    story.wait("they support it", lambda: len(story.look(story.ocmw, card)["supports"]) == 2)
    story.go(story.shift_s + stories.GREETING_S)
    story.wait("everybody goes by it", lambda: story.hub_goes_by_it() and
               story.node_is_there(story.buddy))
    office.post("/api/v1/consents/change", card=card, scopes=["presence", "concern"],
                until=until)
    story.wait("less is enough by the card", lambda: "conference" not in story.look(
        story.ocmw, card)["scopes"] and len(story.look(story.ocmw, card)["scopes"]) == 2)
    refused(office, "/api/v1/consents/change", "needs-authority", card=card, until=until,
            scopes=["presence", "concern", "lost-support"])
    refused(office, "/api/v1/consents/change", "needs-authority", card=card,
            **consent(EVERYTHING, fallback_first="caw-x"))
    equal(len(story.look(story.ocmw, card)["scopes"]), 2, "it stays as narrow")


def nobody_ends_what_isnt_theirs(story: Kortrijk, card: str) -> None:
    for path in ("/api/v1/supports/end", "/api/v1/supports/ending"):
        status, answer = story.caw.ask("POST", path, {"card": card, "why": "finished",
                                                      "on": story.today().isoformat()})
        expect(status in (404, 409, 422) and answer["next"], f"{path}: {status} {answer}")
    equal(len(story.look(story.ocmw, card)["supports"]), 1, "the support stands")


def a_withdrawn_card_opens_nothing_again(story: Kortrijk) -> None:
    card = story.family(story.ocmw, fallback_first="caw-x")
    story.ocmw.post("/api/v1/consents/withdraw", card=card)
    story.opens_nothing(card, story.caw)
    status, answer = story.caw.ask("POST", "/api/v1/consents/give",
                                   consent(EVERYTHING, fallback_first="caw-x") | {"card": card})
    if status == 200:
        story.wait("given again elsewhere, it's refused and shown", lambda: any(
            one["refused"] for one in story.caw.families()))
    else:
        expect(answer["code"] in ("no-consent", "exists", "wrong-move"), f"again: {answer}")
    story.opens_nothing(card, story.caw)


def a_card_of_another_region(build: Path, story: Kortrijk) -> None:
    """Its handle here is another: it opens as little as one that was never given out."""
    with Story(build, stories.monday(2)) as elsewhere:
        far = elsewhere.organisation("ocmw-far")
        card = elsewhere.family(far, scopes=["presence"])
        story.opens_nothing(card, story.caw)
    equal(story.look(story.caw, card), story.look(story.caw, blank(story.ocmw)), "the answers")


def support_without_consent_is_tried_each_day_then_shown(story: Kortrijk) -> None:
    before = story.hub.fresh_metrics()["families"]
    card = blank(story.ocmw)
    story.caw.post("/api/v1/supports/start", card=card, kind="professional", distance="near")
    own = story.caw.families()[-1]["family"]
    began = story.today()

    def support() -> dict:
        return next(one["support"] for one in story.caw.families() if one["family"] == own)

    story.wait("it waits for a consent", lambda: support()["waits_for_consent"])
    equal(story.hub.fresh_metrics()["families"], before, "families at the hub")
    for _ in range(9):
        expect(not support()["given_up"], f"not given up on {story.today()}")
        story.pass_days(4)
        if support()["given_up"]:
            break
    story.wait("after 30 days it's given up, and shown", lambda: support()["given_up"])
    expect((story.today() - began).days >= 30, f"from {began} to {story.today()}")
    equal(story.hub.fresh_metrics()["families"], before, "families at the hub")


def an_expired_card(story: Kortrijk) -> None:
    until = stories.months_after(story.today(), 0)
    card = story.family(story.ocmw, fallback_first="caw-x",
                        until=until.isoformat())
    story.pass_until(until + datetime.timedelta(days=1))
    story.opens_nothing(card, story.caw)
    story.wait("nobody has anything of it any more", lambda: story.hub.get(
        "/api/v1/erasures")["rows"] == [])
    status, answer = story.buddy.ask("POST", "/api/v1/concerns", {
        "card": card, "by": "family", "reason": "nobody-helps", "urgency": "today"})
    if status == 200:
        story.wait("a concern by it is refused, and its raiser hears", lambda: any(
            one["refused"] == "no-consent" for one in
            story.buddy.ask("GET", "/api/v1/items?all=1")[1]["items"]))
    else:
        equal(answer["code"], "no-consent", f"a concern: {answer}")
    equal([kind for kind, _ in story.flags() if kind == "concern"], [], "no flag comes of it")


def a_clock_that_jumps_across_the_end_ends_nothing(story: Kortrijk, card: str) -> None:
    clock = story.hub.clock
    expect(clock, "the hub has a clock of its own")
    families_before = story.hub.fresh_metrics()["families"]
    shift_s = story.shift_s
    if clock:
        clock.shift(shift_s + YEAR_S)  # the hub's alone
    vangnet.wait_for("the hub doubts it", lambda: story.hub.fresh_metrics()["clock_halted"] == 1)
    for _ in range(3):
        equal(story.hub.fresh_metrics()["families"], families_before, "and erases nothing")
    story.go(shift_s)
    story.wait("right again", lambda: story.hub.fresh_metrics()["clock_halted"] == 0)
    expect(story.look(story.ocmw, card)["found"], "the consent stands")


def test(build: Path) -> None:
    with Kortrijk(build, stories.monday(2)) as story:
        card = story.family(story.ocmw, fallback_first="caw-x")
        stored = Stored(story)
        every_slip_of_the_pen_is_caught(story, card)
        what_is_no_consent(story)
        nobody_ends_what_isnt_theirs(story, card)
        a_clock_that_jumps_across_the_end_ends_nothing(story, card)
        a_card_of_another_region(build, story)
        stored.same()
        the_card_alone_widens_nothing(story, card)
        a_withdrawn_card_opens_nothing_again(story)
        an_expired_card(story)
        support_without_consent_is_tried_each_day_then_shown(story)


if __name__ == "__main__":
    vangnet.main(test)
