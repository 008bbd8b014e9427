"""A town with three around a family, for the stories about its card."""

from __future__ import annotations

import families
from families import EVERYTHING, Office
from stories import Story
from vangnet import equal, expect

NOTHING: dict[str, object] = {"found": False, "supports": [], "asks": [], "flags": [], "looked": [],
                              "informal": [], "scopes": [], "until": None}


class Kortrijk(Story):
    def __enter__(self) -> Kortrijk:
        super().__enter__()
        self.ocmw = self.organisation("ocmw-x")
        self.caw = self.organisation("caw-x", "caw")
        self.buddy = self.volunteers("buddies")
        return self

    def family_of_three(self) -> str:
        """The OCMW and the CAW near, a buddy far."""
        card = self.family(self.ocmw, fallback_first="caw-x",
                           contact="Bel de moeder in de voormiddag")
        self.caw.post("/api/v1/supports/start", card=card, kind="professional", distance="near")
        self.buddy.post("/api/v1/supports/start", card=card, kind="informal", distance="distant")
        self.wait("all three are on the map",
                  lambda: len(self.look(self.ocmw, card)["supports"]) == 3)
        return card

    def new_card(self, old: str, reason: str) -> str:
        number = next(one["family"] for one in self.ocmw.families() if not one["withdrawn"])
        body = families.consent(EVERYTHING, fallback_first="caw-x",
                                contact="Bel de moeder, op haar nieuwe nummer")
        status, answer = self.ocmw.ask("POST", "/api/v1/cards/renew",
                                       body | {"family": number, "reason": reason,
                                               "tell": ["caw-x", "buddies"]})
        equal(status, 200, f"a new card: {answer}")
        new = families.card_of(answer["page"])
        expect(new != old, "another card")
        return new

    def opens_nothing(self, card: str, office: Office) -> None:
        self.wait(f"{office.node.name} sees nothing by it",
                  lambda: not self.look(office, card)["found"])
        equal(self.look(office, card) | {"family": None}, NOTHING | {"family": None}, "all of it")
