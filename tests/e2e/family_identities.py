"""Invented people, and every form in which one could stand somewhere where nobody should be.

National numbers have the serial number 999, which lies outside the 001-998 that are given out, so
none belongs to anybody; telephone numbers and names are made up by rule, mail lies in example.org
(RFC 2606).
"""

from __future__ import annotations

import base64
import random
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vangnet import expect

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
FIRST = ("Zahrotan", "Mirwaisul", "Tesfalemin", "Oleksandrina", "Yusufkhel", "Habibolara", "Nurgül",
         "Selamawiten", "Farzanehul", "Abdikarimo")
MIDDLE = ("bar", "den", "fos", "gul", "har", "kem", "lor", "mis", "nav", "pel")
LAST = ("Quillmansen", "Verdonckxha", "Tsegayovic", "Baryalaimans", "Öztürkmeers", "Haddadiers",
        "Kovalenksma", "Rasoulinckx", "Mohamudeel", "Wardakhoven")
STREETS = ("Verzonnenlaan", "Nergensstraat", "Bedachtepad", "Ingebeeldeweg", "Fictiedreef")


@dataclass(frozen=True)
class Identity:
    name: str
    phone: str
    number: str  # national, as people write it
    mail: str
    address: str

    def words(self) -> str:
        """As somebody types all of it into one field."""
        return f"{self.name}, {self.phone}, {self.number}, {self.mail}, {self.address}"

    def facts(self) -> list[str]:
        """What says who it is, each by itself; also without what people put between digits."""
        return [self.name, self.name.upper(), self.phone, digits(self.phone),
                self.number, digits(self.number), self.mail, self.address]


def digits(text: str) -> str:
    return "".join(one for one in text if one.isdigit())


def national_number(dice: random.Random) -> str:
    """../shared/places knows none of these: serial 999; check digits 97 - (nine mod 97), with a 2
    before the nine for who was born from 2000 on (royal decree of 3 April 1984)."""
    year = dice.randrange(50, 110)
    nine = f"{year % 100:02}{dice.randrange(1, 13):02}{dice.randrange(1, 29):02}999"
    check = 97 - int(("2" if year >= 100 else "") + nine) % 97
    return f"{nine[:2]}.{nine[2:4]}.{nine[4:6]}-{nine[6:]}.{check:02}"


def make(count: int, seed: int) -> list[Identity]:
    dice = random.Random(seed)
    made = []
    for n in range(count):
        first, last = dice.choice(FIRST), dice.choice(LAST)
        name = f"{first}{MIDDLE[n // 100 % 10]}{MIDDLE[n // 10 % 10]} {last}{MIDDLE[n % 10]}"
        phone = f"04{dice.randrange(60, 99)} {n // 100:02} {n % 100:02} {dice.randrange(10, 99)}"
        made.append(Identity(name, phone, national_number(dice),
                             f"familie.{n:04}q@post.example.org",
                             f"{dice.choice(STREETS)} {n + 1000} bus {dice.randrange(1, 99)}"))
    return made


def card_secret(text: str) -> bytes:
    """26 characters of five bits are two of version and 128 of secret; two more are a check."""
    value = 0
    for one in text.replace("-", "")[:26]:
        value = value * 32 + CROCKFORD.index(one)
    return (value & ((1 << 128) - 1)).to_bytes(16, "big")


# -- forms --

def base64_forms(content: bytes) -> list[bytes]:
    """Whatever stood before it: the characters that hold nothing but its own bits, for each of the
    three ways in which it can lie on groups of three bytes."""
    found = []
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + content + b"\0\0\0")
        start = -(-before * 8 // 6)
        end = (before + len(content)) * 8 // 6
        found.append(whole[start:end])
        found.append(whole[start:end].replace(b"+", b"-").replace(b"/", b"_"))
    return found


def byte_forms(content: bytes) -> list[bytes]:
    return [content, content[::-1], content.hex().encode(), content.hex().upper().encode(),
            *base64_forms(content)]


def text_forms(text: str) -> list[bytes]:
    wide = [text.encode("utf-16-le"), text.encode("utf-16-be")]
    return [*byte_forms(text.encode()), text[::-1].encode(), *wide,
            *(one[::-1] for one in wide)]


def card_forms(text: str) -> list[bytes]:
    plain = text.replace("-", "")
    return [one for said in (text, text.lower(), plain, plain.lower()) for one in text_forms(said)
            ] + byte_forms(card_secret(text))


# -- the search --

class Search:
    """For all of it at once, with tests/e2e/find_any."""

    def __init__(self, build: Path, folder: Path, identities: Iterable[Identity],
                 cards: Iterable[str]) -> None:
        self.program = build / "tests/e2e/find_any"
        self.folder = folder
        self.patterns: dict[bytes, str] = {}
        for one in identities:
            for fact in one.facts():
                self.patterns.update(dict.fromkeys(text_forms(fact), fact))
        for card in cards:
            self.patterns.update(dict.fromkeys(card_forms(card), f"card {card}"))
        self.known = list(self.patterns)
        self.file = folder / "patterns"
        self.file.write_text("".join(one.hex() + "\n" for one in self.known))

    def found(self, files: Iterable[Path]) -> list[tuple[bytes, str]]:
        """Which pattern, and where."""
        paths = [str(path) for path in files]
        done = subprocess.run([self.program, self.file, *paths], capture_output=True, text=True,
                              check=False)
        expect(done.returncode == 0, f"find_any: {done.stderr}")
        rows = [line.split(" ", 2) for line in done.stdout.splitlines()]
        return [(self.known[int(number)], f"{path} at {offset}") for number, offset, path in rows]

    def finds_what_is_hidden_in(self, path: Path, hidden: list[bytes]) -> None:
        """A copy of the file with these put in its middle, between bytes of its own: each is found,
        and nothing else."""
        copy = self.folder / f"control-{path.name}"
        content = path.read_bytes()
        middle = len(content) // 2
        copy.write_bytes(content[:middle] + b"\x07".join(hidden) + content[middle:])
        seen = {pattern for pattern, _ in self.found([copy])}
        copy.unlink()
        missed = [one for one in hidden if one not in seen]
        expect(not missed, f"hidden in a copy of {path} and not found: {missed[:3]}")
