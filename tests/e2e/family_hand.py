"""tests/e2e/family_link: a member's keys in our own hand, while its node is stopped, and the bytes
of what it says about families. Written out here by the wire format's own rules (field number and
type, length, bytes), so that anything can be said wrongly."""

from __future__ import annotations

import os
import time
from pathlib import Path

from link_hand import LinkHand
from vangnet import Failed, Node, equal, wait_for

CONSENT, WITHDRAWAL, SUPPORT, ASK, ASK_ANSWER, CONCERN, FLAG_ANSWER = range(5, 12)
CALL_BACK, CALLED_BACK, NEW_CARD, ERASED, NOTICE, TOMBSTONE = range(12, 18)


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def sint(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def message(*fields: tuple[int, int | str | bytes]) -> bytes:
    """What is 0 or empty isn't written, as in proto3."""
    out = b""
    for number, value in fields:
        if isinstance(value, str):
            value = value.encode()
        if isinstance(value, int):
            out += varint(number << 3) + varint(value) if value else b""
        elif value:
            out += varint(number << 3 | 2) + varint(len(value)) + value
    return out


def today() -> int:
    return int(time.time() // 86400)


def month() -> int:
    now = time.gmtime()
    return (now.tm_year - 1970) * 12 + now.tm_mon - 1


class Hand(LinkHand):
    """`said`: what became of each message, by its number, once the hub told."""

    def __init__(self, build: Path, node: Node) -> None:
        self.said: dict[tuple[int, int], str] = {}
        self.contiguous = {0: 0, 1: 0}
        self.number = {0: 0, 1: 0}
        self.nonce = bytes(16)
        super().__init__(build / "tests/e2e/family_link", node)
        self.await_line("link up")
        self.greet()

    def heard(self, line: str) -> None:
        words = line.split()
        if words[0] == "receipt":
            lane, number = int(words[1]), int(words[2])
            self.contiguous[lane] = max(self.contiguous.get(lane, 0), number)
        elif words[0] in ("refused", "not-taken"):
            self.said[int(words[1]), int(words[2])] = words[3]
        else:
            super().heard(line)

    def greet(self) -> None:
        self.tell("hello")
        words = self.await_line("welcome").split()
        equal(words[1], "none", "the welcome")
        self.nonce = bytes.fromhex(words[2])

    # -- messages --

    def send(self, kind: int, body: bytes, lane: int | None = None, number: int | None = None,
             identity: bytes | None = None) -> tuple[int, int]:
        lane = lane if lane is not None else 0 if kind in (WITHDRAWAL, ERASED) else 1
        if number is None:
            self.number[lane] += 1
            number = self.number[lane]
        identity = identity or os.urandom(16)
        self.tell(f"send {kind} {lane} {number} {identity.hex()} {body.hex()}")
        return lane, number

    def answer(self, sent: tuple[int, int]) -> str:
        """"taken", or the refusal."""
        def settled() -> str | None:
            return self.said.get(sent) or ("taken" if self.contiguous[sent[0]] >= sent[1] else None)

        return str(wait_for(f"an answer to message {sent}", settled))

    def say(self, kind: int, body: bytes, **more: int | bytes) -> str:
        return self.answer(self.send(kind, body, **more))  # type: ignore[arg-type]

    # -- keys --

    def card(self, card: str) -> tuple[bytes, bytes, bytes]:
        """Handle, family key, presence key."""
        self.tell(f"card {card}")
        words = self.await_line("card").split()
        return bytes.fromhex(words[1]), bytes.fromhex(words[2]), bytes.fromhex(words[3])

    def sign(self, whose: str, card: str, domain: str, statement: bytes) -> bytes:
        self.tell(f"sign {whose} {card or '-'} {domain} {statement.hex()}")
        return bytes.fromhex(self.await_line("signed").split()[1])

    def proven(self, whose: str, card: str, domain: str, statement: bytes) -> bytes:
        return message((1, statement), (2, self.sign(whose, card, domain, statement)))

    # -- what nodes say --

    def token(self, card: str, **more: int | str | bytes) -> bytes:
        handle, family, presence = self.card(card)
        given: dict[str, int | str | bytes] = {
            "version": 1, "hub": self.hub, "handle": handle, "number": 1, "scopes": 0b0111,
            "end_month": month() + 6, "commitment": os.urandom(32), "issuer": self.org,
            "family_key": family, "presence_key": presence, "first": "", "second": ""} | more
        return message(*enumerate(given.values(), 1))

    def signed(self, card: str, token: bytes, family: bytes | None = None,
               own: bytes | None = None) -> bytes:
        return message(
            (1, token), (2, family or self.sign("family", card, "consent/v1", token)),
            (3, own if own is not None else self.sign("own", "", "consent/v1", token)))

    def consent(self, card: str, purpose: int = 1, **more: int | str | bytes) -> bytes:
        return message((1, purpose), (2, self.signed(card, self.token(card, **more))))

    def support(self, card: str, signer: str = "presence", **more: int | str | bytes) -> bytes:
        given: dict[str, int | str | bytes] = {
            "purpose": 1, "handle": self.card(card)[0], "organisation": self.org, "number": 1,
            "kind": 1, "distance": 1, "state": 1, "why": 0, "end_day": 0, "moving_to": 0,
            "successor": "", "confirmed_day": sint(today())} | more
        return self.proven(signer, card, "support/v1", message(*enumerate(given.values(), 1)))

    def withdrawal(self, card: str, basis: int = 1, signer: str = "family",
                   **more: int | str | bytes) -> bytes:
        given: dict[str, int | str | bytes] = {
            "hub": self.hub, "handle": self.card(card)[0], "basis": basis,
            "organisation": self.org, "at_ms": int(time.time() * 1000)} | more
        return self.proven(signer, card, "withdrawal/v1", message(*enumerate(given.values(), 1)))

    def ask(self, card: str, to: str, identity: bytes | None = None,
            **more: int | str | bytes) -> bytes:
        given: dict[str, int | str | bytes] = {
            "purpose": 1, "id": identity or os.urandom(16), "handle": self.card(card)[0],
            "organisation": self.org, "to": to, "service": "leefloon",
            "asked_day": sint(today()), "revoked": 0, "contact": b""} | more
        return self.proven("presence", card, "ask/v1", message(*enumerate(given.values(), 1)))

    def concern(self, card: str, signer: str = "family", **more: int | str | bytes) -> bytes:
        given: dict[str, int | str | bytes] = {
            "purpose": 4, "id": os.urandom(16), "handle": self.card(card)[0],
            "organisation": self.org, "by": 1, "reason": 1, "urgency": 1,
            "at_ms": int(time.time() * 1000)} | more
        return self.proven(signer, card, "concern/v1", message(*enumerate(given.values(), 1)))

    def seal(self, to: Node, plain: bytes) -> bytes:
        """As whoever has the directory can: to the node's own sealing key."""
        seed = (to.folder / "keys/seal.seed").read_bytes()
        self.tell(f"seal {seed.hex()} {plain.hex()}")
        words = self.await_line("sealed").split()
        return message((1, bytes.fromhex(words[1])), (2, bytes.fromhex(words[2])))

    def seed(self, card: str) -> bytes:
        """Of its presence key."""
        self.tell(f"seed {card}")
        return bytes.fromhex(self.await_line("seed").split()[1])

    def moved(self, old: str, new: str, to: Node) -> bytes:
        """That the family of `old` has the card `new`, whose consent is ours."""
        return message((1, self.card(old)[0]), (2, self.card(new)[0]), (3, self.seed(new)),
                       (4, self.signed(new, self.token(new))), (5, to.org))

    def new_card(self, content: bytes, to: Node) -> bytes:
        return message((1, 1), (2, to.org), (3, self.seal(to, content)))

    # -- looks --

    def look_bytes(self, card: str, signer: str = "family",
                   **more: int | str | bytes) -> tuple[bytes, bytes]:
        given: dict[str, int | str | bytes] = {
            "hub": self.hub, "handle": self.card(card)[0], "organisation": self.org,
            "nonce": self.nonce, "at_ms": int(time.time() * 1000)} | more
        statement = message(*enumerate(given.values(), 1))
        return statement, self.sign(signer, card, "look/v1", statement)

    def send_look(self, statement: bytes, proof: bytes, identity: bytes | None = None) -> None:
        self.tell(f"look {(identity or os.urandom(16)).hex()} {statement.hex()} {proof.hex()}")

    def heard_look(self, seconds: float = 20) -> tuple[str, bool, int, int]:
        """Refusal, found, bytes, microseconds."""
        words = self.await_line("looked", seconds).split()
        self.nonce = bytes.fromhex(words[5])
        return words[2], words[3] == "yes", int(words[4]), int(words[6])

    def heard_looks(self, most: int) -> list[tuple[str, bool, int, int]]:
        """Until no more come: an answer that a full link can't take is lost, a node asks again."""
        heard = [self.heard_look()]
        try:
            while len(heard) < most:
                heard.append(self.heard_look(2))
        except Failed:
            pass
        return heard

    def look(self, card: str, signer: str = "family",
             **more: int | str | bytes) -> tuple[str, bool, int, int]:
        self.send_look(*self.look_bytes(card, signer, **more))
        return self.heard_look()
