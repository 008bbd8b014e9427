"""A member that lies about families, with valid keys of its own.

Another's word, another's key, a right that it hasn't, an old message in a new envelope, lists and
bodies beyond their limits, months and purposes that aren't on any list, looks beyond the hour's
number: each is refused with its reason, the hub's state stays, and what is said rightly in between
is taken.
"""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import families
import vangnet
from families import EVERYTHING, Office, new_family
from family_hand import (ASK, ASK_ANSWER, CALL_BACK, CALLED_BACK, CONCERN, CONSENT, ERASED,
                         FLAG_ANSWER, NEW_CARD, NOTICE, SUPPORT, TOMBSTONE, WITHDRAWAL, Hand,
                         message, month, sint, today)
from vangnet import Hub, equal, expect, wait_for

Case = tuple[str, int, bytes, str]

LOOKS_PER_HOUR = 20
OPEN_CALL_BACKS = 50  # of one member
QUESTIONS = 12  # open, of one family


def blank_cards(office: Office, count: int) -> list[str]:
    """Nobody's as yet."""
    page = office.post("/api/v1/cards/pack", count=count, language="nld")["page"]
    found = list(dict.fromkeys(families.CODE.findall(re.sub(r"<[^>]*>", "", page))))
    equal(len(found), count, "cards in the pack")
    return found


# -- forged --


def another_s_word(hand: Hand, theirs: str, own: str, other: str) -> list[Case]:
    """`theirs` is a family of an honest node, whose card this liar has seen; the others its own."""
    own_token, other_token = hand.token(own), hand.token(other)
    swapped = hand.sign("family", other, "consent/v1", other_token)
    return [
        ("another's support", SUPPORT, hand.support(theirs, organisation="ocmw-a", number=9),
         "not-yours"),
        ("a support by the family's key", SUPPORT, hand.support(theirs, "family"),
         "bad-signature"),
        ("another's question", ASK, hand.ask(theirs, "caw-b", organisation="ocmw-a"), "not-yours"),
        ("another's concern", CONCERN, hand.concern(theirs, organisation="ocmw-a"), "not-yours"),
        ("a concern by the presence key", CONCERN, hand.concern(theirs, "presence"),
         "bad-signature"),
        ("another's withdrawal", WITHDRAWAL, hand.withdrawal(theirs, organisation="ocmw-a"),
         "not-yours"),
        ("a withdrawal by card, without the card", WITHDRAWAL,
         hand.withdrawal(theirs, 1, "presence"), "no-consent"),
        ("a withdrawal by paper, by the family's key", WITHDRAWAL,
         hand.withdrawal(theirs, 2, "family"), "no-consent"),
        ("a token that another gave", CONSENT,
         message((1, 1), (2, hand.signed(own, hand.token(own, issuer="ocmw-a")))), "not-yours"),
        ("a family's signature from another family", CONSENT,
         message((1, 1), (2, hand.signed(own, own_token, family=swapped))), "bad-signature"),
        ("no signature of ours", CONSENT,
         message((1, 1), (2, hand.signed(own, own_token, own=b""))), "bad-signature"),
        ("the family's signature in place of ours", CONSENT,
         message((1, 1), (2, hand.signed(own, own_token, own=hand.sign(
             "family", own, "consent/v1", own_token)))), "bad-signature"),
        ("keys of another card under this handle", CONSENT,
         hand.consent(other, handle=hand.card(theirs)[0], number=7), "bad-signature"),
        ("a consent beyond the end of the one that stands", CONSENT,
         hand.consent(theirs, number=int(time.time()) + 3600, end_month=month() + 13), "too-long"),
        ("an old number", CONSENT, hand.consent(theirs, number=1), "stale"),
        ("a consent for another hub", CONSENT, hand.consent(own, hub="elsewhere"), "not-allowed"),
        ("what only the hub says: a notice", NOTICE, os.urandom(200), "not-allowed"),
        ("an answer to a question of nobody's", ASK_ANSWER, message(
            (1, 1), (2, os.urandom(16)), (3, hand.card(theirs)[0]), (4, 2)), "not-found"),
        ("an answer to a flag of nobody's", FLAG_ANSWER, message(
            (1, 1), (2, os.urandom(16)), (3, hand.card(theirs)[0]), (4, 1)), "not-found"),
        ("a receipt of an erasure that nobody asked for", ERASED,
         message((1, os.urandom(16)), (2, 1700000000000)), "taken"),
    ]


def beyond_the_lists(hand: Hand, theirs: str, own: str) -> list[Case]:
    handle = hand.card(theirs)[0]
    sealed = message((1, os.urandom(32)), (2, os.urandom(1072)))
    token = hand.signed(own, hand.token(own, scopes=0b1111, first="caw-b"))

    def with_envelopes(*bodies: bytes, org: str = "caw-b") -> bytes:
        return message((1, 1), (2, token), *((3, message((1, org), (2, one))) for one in bodies))

    return [
        ("a purpose that isn't on the list", CONSENT, hand.consent(own, purpose=9),
         "unknown-purpose"),
        ("no purpose", CONSENT, hand.consent(own, purpose=0), "unknown-purpose"),
        ("a support for a conference", SUPPORT, hand.support(theirs, purpose=2), "not-allowed"),
        ("a support for no purpose on the list", SUPPORT, hand.support(theirs, purpose=77),
         "unknown-purpose"),
        ("a scope that isn't on the list", CONSENT, hand.consent(own, scopes=0b1000111),
         "unknown-value"),
        ("no scope", CONSENT, hand.consent(own, scopes=0), "no-scope"),
        ("a consent that ended in 1971", CONSENT, hand.consent(own, end_month=13), "expired"),
        ("a consent for ever", CONSENT, hand.consent(own, end_month=(1 << 32) - 1), "malformed"),
        ("a consent of two years", CONSENT, hand.consent(own, end_month=month() + 24), "too-long"),
        ("a handle of zeros", CONSENT, hand.consent(own, handle=bytes(32)), "malformed"),
        ("a short handle", CONSENT, hand.consent(own, handle=os.urandom(31)), "malformed"),
        ("a family key of zeros", CONSENT, hand.consent(own, family_key=bytes(32)),
         "bad-signature"),
        ("a fallback without its scope", CONSENT, hand.consent(own, first="caw-b"),
         "out-of-scope"),
        ("number 0", CONSENT, hand.consent(own, number=0), "malformed"),
        ("an envelope for who is no fallback", CONSENT, with_envelopes(sealed, org="ocmw-a"),
         "out-of-scope"),
        ("two envelopes for one fallback", CONSENT, with_envelopes(sealed, sealed), "malformed"),
        ("three envelopes", CONSENT, with_envelopes(sealed, sealed, sealed), "too-large"),
        ("a support of the day after tomorrow", SUPPORT, hand.support(
            theirs, confirmed_day=sint(today() + 2)), "from-the-future"),
        ("a kind of support that isn't on the list", SUPPORT, hand.support(theirs, kind=9),
         "unknown-value"),
        ("a contact in the year 5000", SUPPORT, hand.support(
            theirs, confirmed_day=sint(1106700)), "malformed"),
        ("an end without a reason", SUPPORT, hand.support(theirs, state=3), "malformed"),
        ("a question a year and a day old", ASK, hand.ask(
            theirs, "caw-b", asked_day=sint(today() - 400)), "implausible"),
        ("a question to nobody", ASK, hand.ask(theirs, "nobody-here"), "not-found"),
        ("a question about no service on the list", ASK, hand.ask(
            theirs, "caw-b", service="x" * 40), "malformed"),
        ("a concern of next month", CONCERN, hand.concern(
            theirs, at_ms=(today() + 30) * 86400000), "from-the-future"),
        ("a concern of 1990", CONCERN, hand.concern(theirs, at_ms=631152000000), "expired"),
        ("a concern about something else", CONCERN, hand.concern(theirs, reason=99),
         "unknown-value"),
        ("a statement that is none, well signed", SUPPORT, hand.proven(
            "presence", theirs, "support/v1", b"\xff" * 64), "malformed"),
        ("a statement with nothing in it", SUPPORT, hand.proven(
            "presence", theirs, "support/v1", b""), "malformed"),
        ("a body of 192 KiB", SUPPORT, os.urandom(192 << 10), "too-large"),
        ("a body of 192 KiB of nothing", CONSENT, bytes(192 << 10), "too-large"),
        ("a body of one unknown field, 100 KiB", CONCERN, message((99, os.urandom(100 << 10))),
         "too-large"),
        ("a new card for nobody", NEW_CARD, message(
            (1, 1), (2, "nobody-here"), (3, sealed)), "not-found"),
        ("a call-back from no desk", CALL_BACK, message(
            (1, 4), (2, os.urandom(16)), (3, "nobody-here"), (4, 34022), (5, "nld"), (6, sealed)),
         "no-desk"),
        ("a call back to a call that never was", CALLED_BACK, message(
            (1, 4), (2, os.urandom(16))), "not-found"),
        ("an answer about a family, of a state that isn't on the list", ASK_ANSWER, message(
            (1, 1), (2, os.urandom(16)), (3, handle), (4, 9)), "unknown-value"),
    ]


def try_all(hand: Hand, cases: list[Case]) -> None:
    sent = [hand.send(kind, body) for _, kind, body, _ in cases]
    for (what, _, _, wanted), one in zip(cases, sent):
        equal(hand.answer(one), wanted, what)


# -- replayed --


def replayed(hand: Hand, own: str) -> None:
    consent, support = hand.consent(own), hand.support(own)
    identity = os.urandom(16)
    equal(hand.say(CONSENT, consent, identity=identity), "taken", "a consent")
    equal(hand.say(CONSENT, consent), "stale", "the same consent in another envelope")
    equal(hand.say(CONSENT, consent, identity=identity), "stale", "with the id of the first")
    equal(hand.say(SUPPORT, support), "taken", "a support")
    equal(hand.say(SUPPORT, support), "stale", "the same support in another envelope")
    concern = hand.concern(own)
    equal(hand.say(CONCERN, concern), "taken", "a concern")
    equal(hand.say(CONCERN, concern), "exists", "the same concern in another envelope")
    withdrawal = hand.withdrawal(own)
    equal(hand.say(WITHDRAWAL, withdrawal), "taken", "a withdrawal")
    equal(hand.say(WITHDRAWAL, withdrawal), "no-consent", "the withdrawal again")
    equal(hand.say(CONSENT, consent), "no-consent", "the old consent after it was withdrawn")
    equal(hand.say(CONSENT, hand.consent(own, number=2)), "no-consent", "one with a new number")
    equal(hand.say(SUPPORT, support), "no-consent", "the old support")
    equal(hand.say(CONCERN, concern), "no-consent", "the old concern")


def in_circles(hand: Hand, own: str) -> None:
    equal(hand.say(CONSENT, hand.consent(own)), "taken", "a consent")
    identity, handle = os.urandom(16), hand.card(own)[0]
    equal(hand.say(ASK, hand.ask(own, "dmw-m", identity)), "taken", "a question to ourselves")
    equal(hand.say(ASK, hand.ask(own, "dmw-m", identity)), "exists", "its id again")

    def pass_on(org: str) -> str:
        return hand.say(ASK_ANSWER, message((1, 1), (2, identity), (3, handle), (4, 4), (6, org)))

    equal(pass_on("dmw-m"), "wrong-move", "passed on to who has it")
    equal(pass_on("nobody-here"), "not-found", "passed on to nobody")
    equal(hand.say(ASK, hand.ask(own, "dmw-m", os.urandom(16), revoked=1)), "not-found",
          "a question taken back that nobody asked")
    equal(pass_on("caw-b"), "taken", "passed on")
    equal(hand.say(ASK_ANSWER, message((1, 1), (2, identity), (3, handle), (4, 2))), "not-yours",
          "an answer in another's place")
    said = [hand.say(ASK, hand.ask(own, "caw-b", service=f"service-{n}")) for n in range(14)]
    equal(said, (QUESTIONS - 1) * ["taken"] + (15 - QUESTIONS) * ["over-quota"], "questions")


def a_thousand_call_backs(hand: Hand) -> None:
    sealed = message((1, os.urandom(32)), (2, os.urandom(1072)))
    same = os.urandom(16)
    sent = [hand.send(CALL_BACK, message((1, 4), (2, same if n < 2 else os.urandom(16)),
                                         (3, "caw-b"), (4, 34022), (5, "nld"), (6, sealed)))
            for n in range(1000)]
    said = [hand.answer(one) for one in sent]
    equal(said.count("taken"), OPEN_CALL_BACKS, "call-backs taken")
    equal(said[1], "exists", "one with the id of another")
    equal(said.count("over-quota"), 1000 - OPEN_CALL_BACKS - 1, "call-backs beyond the quota")


# -- a new card that isn't the family's --


def stolen_parts(hand: Hand, theirs: str, own: str, other: str) -> list[bytes]:
    """A card that would be its own, but for what belongs to another family, member or hub."""
    def news(to: str = "ocmw-a", card: str = own, seed: str = own, family: bytes | None = None,
             **token: int | str | bytes) -> bytes:
        consent = hand.signed(own, hand.token(own, **token), family)
        return message((1, hand.card(theirs)[0]), (2, hand.card(card)[0]), (3, hand.seed(seed)),
                       (4, consent), (5, to))

    return [news(seed=other), news(card=other), news(card=theirs, seed=theirs),
            news(handle=hand.card(other)[0], card=other), news(to="caw-b"),
            news(issuer="caw-b"), news(hub="elsewhere"), news(end_month=month() - 1),
            news(family=hand.sign("family", other, "consent/v1", hand.token(own)))]


def a_card_of_its_own(hand: Hand, office: Office, theirs: str, own: str, other: str) -> None:
    """Of `theirs` the liar has the handle; the hub can't see what it seals to the supporter."""
    def told() -> list[str]:
        return [one["from"]["id"] for one in office.items() if one["kind"] == "new-card"]

    def tell(content: bytes) -> None:
        equal(hand.say(NEW_CARD, hand.new_card(content, office.node)), "taken", "by the hub")

    moved, before = hand.moved(theirs, own, office.node), office.families()
    tell(moved)
    for whose, card in (("presence", own), ("family", own), ("own", "")):
        tell(hand.proven(whose, card, "new-card/v1", moved))
    tell(hand.proven("presence", theirs, "support/v1", moved))
    tell(hand.proven("presence", theirs, "new-card/v1", message((1, b"no card"))))
    for stolen in stolen_parts(hand, theirs, own, other):
        tell(hand.proven("presence", theirs, "new-card/v1", stolen))
    # Who holds the card itself is believed; and that comes behind the lies on the same stream.
    tell(hand.proven("presence", theirs, "new-card/v1", moved))
    wait_for("the supporter's word of a new card", told)
    equal(told(), [hand.org], "news of a new card")
    equal(len(office.families()), len(before) + 1, "families at the supporter's")


# -- looks --


def many_looks_in_one_turn(hand: Hand, hub: Hub, own: str) -> None:
    """All with the one nonce, and with one id, while the hub stands still."""
    identity = os.urandom(16)
    looks = [hand.look_bytes(own, at_ms=n + 1) for n in range(60)]
    hub.send(signal.SIGSTOP)
    try:
        for statement, proof in looks:
            hand.send_look(statement, proof, identity)
        hand.card(own)  # answered when all of them have gone
    finally:
        hub.send(signal.SIGCONT)
    heard = hand.heard_looks(len(looks))
    expect(sum(found for _, found, _, _ in heard) <= 1, "more than one look found something")
    equal({size for refusal, _, size, _ in heard if refusal == "none"}, {8192}, "their sizes")


def a_new_connection_does_not_begin_a_new_hour(build: Path, liar: Office, own: str) -> None:
    for _ in range(2):
        with Hand(build, liar.node) as hand:
            equal(hand.look(own)[:2], ("over-quota", False), "a look after too many")
            hand.greet()
            equal(hand.look(own)[:2], ("over-quota", False), "and after another greeting")


def twenty_an_hour(hand: Hand, unknown: str, badly: str, good: str) -> None:
    """An old nonce, another's name, an unknown card and a wrong key: one answer, of one size."""
    old = hand.nonce
    heard = [hand.look(good), hand.look(good, nonce=old), hand.look(good, organisation="ocmw-a"),
             hand.look(good, hub="elsewhere"), hand.look(badly, "presence"), hand.look(unknown)]
    equal([one[:3] for one in heard], [("none", True, 8192)] + 5 * [("none", False, 8192)],
          "looks")
    heard = [hand.look(unknown) for _ in range(LOOKS_PER_HOUR - len(heard) + 1)]
    equal(heard[-1][:2], ("over-quota", False), "one look too many")
    equal({one[0] for one in heard[:-1]}, {"none"}, "those before")


def test(build: Path) -> None:
    with vangnet.Region(build) as region:
        hub = region.start_hub()
        ocmw = families.add(region, hub, "ocmw-a")
        caw = families.add(region, hub, "caw-b", kind="caw")
        liar = families.add(region, hub, "dmw-m", kind="dmw")
        other = families.add(region, hub, "school-s", kind="school")
        _, theirs = new_family(ocmw, EVERYTHING, support="near", fallback_first="caw-b",
                               contact="Mevrouw T., 0470 12 34 56")
        _, moving = new_family(ocmw, EVERYTHING, support="near", fallback_first="caw-b")
        own = blank_cards(liar, 6)
        liar.node.stop()
        other.node.stop()
        with Hand(build, liar.node) as hand:
            try_all(hand, another_s_word(hand, theirs, own[0], own[1]))
            try_all(hand, beyond_the_lists(hand, theirs, own[0]))
            replayed(hand, own[2])
            in_circles(hand, own[3])
            a_thousand_call_backs(hand)
            a_card_of_its_own(hand, ocmw, moving, own[5], theirs)
            many_looks_in_one_turn(hand, hub, own[3])
        a_new_connection_does_not_begin_a_new_hour(build, liar, own[3])
        with Hand(build, other.node) as hand:
            twenty_an_hour(hand, own[4], own[3], theirs)
        for office in (ocmw, caw):
            office.node.must_live()
            office.node.wait_received()
        hub.must_live()
        status, answer = ocmw.ask("POST", "/api/v1/looks", {"card": theirs})
        equal((status, answer["found"], len(answer["supports"])), (200, True, 1),
              "the honest family's page")


if __name__ == "__main__":
    vangnet.main(test)
