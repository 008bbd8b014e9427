#!/usr/bin/env python3
"""Every command about families as a person types it, in Dutch where somebody reads it; a card from
standard input, so that nobody else on the machine sees it."""

from __future__ import annotations

import datetime
import stat
import subprocess
from pathlib import Path

import families
import vangnet
from families import EVERYTHING, Office, new_family
from vangnet import Done, equal, expect, wait_for

FORM = ["--language", "fr", "--interpreter", "not-needed", "--explained", "--teach-back",
        "Nous pouvons arrêter.", "--support", "no"]
CONTACT = "Mevrouw T., 0470 12 34 56"


def typed(office: Office, card: str, *words: object) -> Done:
    """The command with the card on its standard input, in Dutch."""
    command = [str(office.node.program), *map(str, words), "--dir", str(office.node.folder),
               "--lang", "nl", "--token-file", str(office.file)]
    return Done(subprocess.run(command, input=card + "\n", capture_output=True, text=True,
                               check=False, timeout=60 * vangnet.PATIENCE))


def good(office: Office, card: str, *words: object) -> str:
    done = typed(office, card, *words)
    equal(done.status, 0, f"{' '.join(map(str, words))}: {done.said}")
    expect(not card or card not in done.said, "the card isn't repeated")
    return done.out


def page_of(path: Path) -> str:
    equal(stat.S_IMODE(path.stat().st_mode), 0o600, f"{path.name} is its writer's alone")
    return families.card_of(path.read_text())


def look(office: Office, card: str) -> dict:
    """Once: a node may look twenty times an hour. What it said before has reached the hub."""
    office.node.wait_received()
    return dict(office.post("/api/v1/looks", card=card))


def found(office: Office, card: str) -> bool:
    return bool(look(office, card)["found"])


def a_pack_is_activated_with_a_family(buddy: Office, folder: Path) -> str:
    file = folder / "pack.html"
    good(buddy, "", "pack", "print", 2, "--language", "ar", "--out", file)
    card = page_of(file)
    done = typed(buddy, "", "pack", "print", 1, "--out", file)
    equal(done.status, 1, "a file that is there is never overwritten")
    expect(not found(buddy, card), "a blank card opens nothing")
    done = typed(buddy, card, "consent", "give", "-", "--scopes", "presence", *FORM)
    equal(done.status, 1, "a group of volunteers takes concern and fallback only")
    good(buddy, card, "consent", "give", "-", "--scopes", "concern", *FORM)
    expect(found(buddy, card), "it opens now")
    return card


def a_script_is_printed(ocmw: Office, folder: Path) -> None:
    file = folder / "script.html"
    good(ocmw, "", "consent", "script", "--language", "ti", "--out", file)
    expect("Toestemming vragen" in file.read_text(), "the script in Dutch")


def consent_is_narrowed_shown_and_widened(ocmw: Office) -> str:
    number, card = new_family(ocmw, EVERYTHING, support="near", fallback_first="caw-b",
                              contact=CONTACT)
    expect(found(ocmw, card), "the hub has it")
    done = typed(ocmw, card[:-1] + ("0" if card[-1] != "0" else "1"), "consent", "narrow", "-",
                 "--scopes", "presence")
    expect("groep" in done.err or "kaart" in done.err, f"a mistyped card: {done.err}")
    good(ocmw, card, "consent", "narrow", "-", "--scopes", "presence")
    equal(look(ocmw, card)["scopes"], ["presence"], "fewer scopes")
    good(ocmw, card, "consent", "widen", "-", "--scopes", "presence,lost-support", *FORM)
    equal(look(ocmw, card)["scopes"], ["presence", "lost-support"], "more scopes")
    said = good(ocmw, card, "consent", "show", "-")
    expect("Nous pouvons" in said, f"in its own words: {said}")
    expect(f"gezin {number}" in good(ocmw, "", "family", "list"), "in the list")
    expect("toestemming" not in good(ocmw, "", "family", "show", number).split("\n")[0], "one")
    return card


def a_question_goes_there_and_back(ocmw: Office, caw: Office, card: str) -> None:
    good(ocmw, card, "asked", "-", "--to", "caw-b", "--service", "budgetbeheer", "--contact",
         CONTACT)
    wait_for("it arrives", lambda: any(one["kind"] == "ask" for one in caw.items()), 30)
    item = next(one["item"] for one in caw.items() if one["kind"] == "ask")
    said = good(caw, "", "inbox", item)
    expect(CONTACT in said and "budgetbeheer" in said, f"the item: {said}")
    expect(CONTACT not in good(caw, "", "inbox"), "the list holds no contact")
    good(caw, "", "asked", "answer", item, "refused", "--reason", "lack-of-capacity")
    wait_for("the answer", lambda: any(one["ask_state"] == "refused" for one in ocmw.items()), 30)
    item = next(one["item"] for one in ocmw.items() if one["ask_state"] == "refused")
    expect("geen capaciteit" in good(ocmw, "", "inbox", item), "with its reason, in words")
    good(ocmw, "", "inbox", "done", item)


def support_is_told(caw: Office, ocmw: Office, card: str) -> None:
    good(caw, card, "support", "start", "-", "--distance", "distant")
    expect("van ver" in good(caw, "", "support", "list"), "in words")
    number = caw.families()[0]["family"]
    day = (datetime.date.today() + datetime.timedelta(10)).isoformat()
    good(caw, "", "support", "ending", "--family", number, "--why", "moving", "--moving-to", 11002,
         "--on", day)
    caw.node.wait_received()
    equal([(one["state"], one["ends"]) for one in look(ocmw, card)["supports"]
           if one["organisation"]["id"] == "caw-b"], [("ending", day)], "seen elsewhere")
    said = good(ocmw, card, "family", "who", "-")
    expect("Organisatie caw-b: professioneel, van ver" in said, f"the network map: {said}")
    good(caw, "", "support", "end", "--family", number, "--why", "finished")


def a_volunteer_without_card_is_called(buddy: Office, ocmw: Office) -> None:
    said = good(buddy, "", "call-me-back", "--municipality", 34022, "--contact", "Els, 0470")
    expect("ocmw-a belt terug" in said, f"who calls: {said}")
    done = typed(buddy, "", "call-me-back", "--municipality", 11002, "--contact", "Els, 0470")
    equal(done.status, 1, f"a municipality without desk: {done.said}")
    wait_for("it arrives", lambda: any(one["kind"] == "call-back" for one in ocmw.items()), 30)
    item = next(one["item"] for one in ocmw.items() if one["kind"] == "call-back")
    good(ocmw, "", "called", item)
    wait_for("and is told", lambda: any(one["kind"] == "called" for one in buddy.items()), 30)


def a_lost_card_makes_place(ocmw: Office, card: str, folder: Path) -> None:
    file = folder / "new.html"
    number = ocmw.families()[0]["family"]
    done = typed(ocmw, "", "family", "new-card", "--family", number, "--scopes", "presence", *FORM)
    equal(done.status, 2, "why isn't said")
    good(ocmw, "", "family", "new-card", "--family", number, "--reason", "lost", "--scopes",
         "presence", "--out", file, *FORM)
    fresh = page_of(file)
    expect(found(ocmw, fresh), "the new one opens")
    expect(not found(ocmw, card), "the old one opens nothing")
    done = typed(ocmw, card, "family", "who", "-")
    equal(done.status, 1, f"the old card: {done.said}")
    expect("nieuwste kaart" in done.err, f"what to do: {done.err}")


def without_terminal_nothing_is_presumed(ocmw: Office, folder: Path) -> None:
    done = typed(ocmw, "", "family", "new", "--language", "nl", "--interpreter", "minor")
    expect("tolk" in done.err.lower() or "minderjarige" in done.err, f"a child: {done.err}")
    done = typed(ocmw, "", "family", "new", "--language", "nl", "--interpreter", "not-needed",
                 "--out", folder / "none.html")
    expect("scopes" in done.err, f"what is missing: {done.err}")
    expect(not (folder / "none.html").exists(), "no file is left")
    equal(typed(ocmw, "", "family", "who").status, 1, "no card, and nobody to ask")


def who_may_not_take_a_consent_hears_it_before_the_talk(school: Office) -> None:
    done = typed(school, "", "family", "new")  # no language is asked any more
    equal(done.status, 1, "a school takes no consent")
    expect("mag deze toestemming niet opnemen" in done.err and "OCMW" in done.err,
           f"and who may: {done.err}")


def the_region_is_listed_by_id_and_name(ocmw: Office, buddy: Office) -> None:
    said = good(buddy, "", "organisations")
    expect("ocmw-a: Organisatie ocmw-a (OCMW)" in said, said)
    expect("onthaal van Kortrijk (34022)" in said, said)
    answer = ocmw.ask("GET", "/api/v1/organisations")[1]
    equal(answer["own"], {"id": "ocmw-a", "may_take_consent": "full"}, "our own right")
    equal([one["id"] for one in answer["organisations"]],
          ["buddy-c", "caw-b", "ocmw-a", "school-d"], "all that are members")
    equal(buddy.ask("GET", "/api/v1/organisations")[1]["own"]["may_take_consent"], "limited",
          "the group's")
    done = typed(ocmw, "", "family", "new", "--scopes", "presence,fallback", "--fallback-first",
                 "ocmw-z", *FORM)
    equal(done.status, 1, "nobody's id")
    expect('"ocmw-z"' in done.err and "caw-b: Organisatie caw-b" in done.err,
           f"which there are: {done.err}")


def a_refusal_says_what_to_type(ocmw: Office, buddy: Office) -> None:
    done = ocmw.node.run("family", "list")
    expect("--token-file" in done.err.splitlines()[0], f"first of all: {done.err}")
    _, card = new_family(ocmw, ["presence"])
    done = typed(ocmw, card, "consent", "narrow", "-", "--scopes", "presence,concern")
    expect("consent widen" in done.err, f"narrowing adds nothing: {done.err}")
    done = typed(buddy, card, "support", "start", "-")
    expect("--kind informal" in done.err, f"a volunteer: {done.err}")
    done = typed(ocmw, card, "consent", "widen", "-", "--scopes", "presence", "--fallback-first",
                 "caw-b", *FORM)
    equal(done.status, 0, f"an option without its part isn't sent: {done.said}")
    status, answer = ocmw.ask("POST", "/api/v1/cards/new",
                              families.consent(["presence", "fallback"]))
    equal((status, answer["code"]), (422, "out-of-scope"), "a fallback without anybody")
    expect("terugvalcontact" in answer["title"], f"its own sentence: {answer}")
    done = ocmw.node.run("user", "add", "els", "--role", "boss")
    expect("(--role)" in done.err, f"which roles: {done.err}")
    done = typed(ocmw, card, "support", "ending", "-", "--moving-to", "Gent")
    expect("NIS-code van vijf cijfers" in done.err, f"in Dutch: {done.err}")


def a_refusal_names_the_next_door(ocmw: Office, school: Office) -> None:
    number, card = new_family(ocmw, ["presence"])
    good(ocmw, card, "support", "start", "-", "--case", "4711")
    asked = ["asked", "--family", number, "--to", "caw-b", "--service", "budgetbeheer"]
    good(ocmw, "", *asked)
    for words, wanted in (
            (["support", "start", "-", "--case", "4711"], "support list"),
            (asked, "asked revoke"),
            ([*asked[:3], "--to", "caw-z", *asked[5:]], "vangnet-node organisations"),
            (["family", "show", 99], "family list"),
            (["flag", "take", 99], "inbox"),
            (["support", "ending", "-", "--on", "2025-01-01"], "jjjj-mm-dd"),
            (["call-me-back", "--municipality", "Atlantis", "--contact", "Els"], '"Atlantis"'),
            (["family", "new", "--scopes", "presence", "--until", "2025-01-01", *FORM], "--until"),
            (["family", "new", "--language", "nl"], "--interpreter")):
        done = typed(ocmw, card, *words)
        expect(done.status != 0 and wanted in done.err, f"{words}: {done.said}")
    good(ocmw, card, "consent", "withdraw", "-")
    done = typed(ocmw, card, "consent", "withdraw", "-")
    expect("niets in te trekken" in done.err, f"it has ended already: {done.said}")
    done = typed(school, "", "pack", "print", 2)
    expect("regiocoördinator" in done.err, f"no cards that it can't make valid: {done.said}")


def own_right(office: Office) -> str:
    return str(office.ask("GET", "/api/v1/organisations")[1]["own"]["may_take_consent"])


def a_narrowed_right_holds_at_once(hub: vangnet.Hub, ocmw: Office, caw: Office) -> None:
    _, card = new_family(caw, ["presence", "fallback"], fallback_first="ocmw-a", contact=CONTACT)
    _, other = new_family(ocmw, ["presence"])
    hub.call("member", "set", "caw-b", "--may-take-consent", "limited")
    wait_for("its node heard of it", lambda: own_right(caw) == "limited")
    done = typed(caw, "", "family", "new", "--scopes", "presence", *FORM)
    equal(done.status, 1, "what it may not take any more")
    expect("mag deze toestemming niet opnemen" in done.err and "OCMW" in done.err,
           f"and who may: {done.err}")
    equal(look(caw, card)["scopes"], ["presence", "fallback"], "what it took before stands")
    done = typed(caw, card, "consent", "widen", "-")  # no language is asked any more
    equal(done.status, 1, "asking anew would take away what stands")
    expect("mag deze toestemming niet opnemen" in done.err, f"before any question: {done.err}")
    for said in (good(caw, "", "organisations"), caw.node.run("status").out):
        expect("toestemming vragen voor \"bezorgdheid\"" in said or "ask consent" in said, said)
    good(caw, card, "consent", "narrow", "-", "--scopes", "presence")
    equal(look(caw, card)["scopes"], ["presence"], "taking away it may still help with")
    expect(found(ocmw, other), "and nothing of others changed")
    until = look(ocmw, other)["until"]
    less = ("consent", "narrow", "-", "--until", until, "--scopes")
    done = typed(caw, other, *less, "presence,fallback")
    expect("family who" in done.err, f"who knows no fallback looks first: {done.err}")
    said = good(caw, other, *less, "presence")
    expect("family who" in said, f"nobody there could check it: {said}")
    equal(look(caw, other)["scopes"], ["presence"], "and it's right")
    said = good(caw, other, *less, "presence")
    expect("family who" not in said, f"after a look it is checked: {said}")
    expect("gezin 0" not in said, f"it has no number here: {said}")


def who_may_sanction_since_is_nobodys_fallback(hub: vangnet.Hub, ocmw: Office) -> None:
    number, _ = new_family(ocmw, ["presence", "fallback"], fallback_first="caw-b", contact=CONTACT)
    said = hub.call("member", "set", "caw-b", "--may-sanction", "yes")
    expect("Families that chose caw-b as a fallback: 1." in said, f"how many: {said}")
    wait_for("the members heard of it", lambda: "caw-b" not in [
        one["id"] for one in ocmw.ask("GET", "/api/v1/organisations")[1]["organisations"]
        if one["may_be_fallback"]])
    expect("caw-b: Organisatie caw-b (CAW); kan geen terugvalcontact zijn" in
           good(ocmw, "", "organisations"), "the list says so")
    status, answer = ocmw.ask("POST", "/api/v1/cards/new", families.consent(
        ["presence", "fallback"], fallback_first="caw-b", contact=CONTACT))
    equal((status, answer["code"]), (403, "may-sanction"), "refused from now on")
    equal(ocmw.ask("GET", f"/api/v1/families/{number}")[1]["family"]["refused"], None, "before it")


def who_is_revoked_hears_it_at_once(hub: vangnet.Hub, school: Office) -> None:
    expect(school.node.get("/api/v1/status")["member"], "a member until now")
    hub.call("revoke", "school-d", "--reason", "gestopt")
    wait_for("its node knows", lambda: not school.node.get("/api/v1/status")["member"], 5)
    said = school.node.run("status").out
    expect("niet (meer) als lid" in said or "any more" in said, f"and says so: {said}")


def test(build: Path) -> None:
    with vangnet.Region(build) as region:
        hub = region.start_hub()
        ocmw = families.add(region, hub, "ocmw-a", onthaal="34022")
        caw = families.add(region, hub, "caw-b", kind="caw", service="budgetbeheer")
        buddy = families.add(region, hub, "buddy-c", "volunteer", kind="volunteers",
                             may_take_consent="limited")
        school = families.add(region, hub, "school-d", kind="school", may_take_consent="no")
        who_may_not_take_a_consent_hears_it_before_the_talk(school)
        the_region_is_listed_by_id_and_name(ocmw, buddy)
        without_terminal_nothing_is_presumed(ocmw, region.folder)
        a_script_is_printed(ocmw, region.folder)
        card = consent_is_narrowed_shown_and_widened(ocmw)
        a_pack_is_activated_with_a_family(buddy, region.folder)
        a_question_goes_there_and_back(ocmw, caw, card)
        support_is_told(caw, ocmw, card)
        a_volunteer_without_card_is_called(buddy, ocmw)
        a_lost_card_makes_place(ocmw, card, region.folder)
        a_refusal_says_what_to_type(ocmw, buddy)
        a_refusal_names_the_next_door(ocmw, school)
        a_narrowed_right_holds_at_once(hub, ocmw, caw)
        who_may_sanction_since_is_nobodys_fallback(hub, ocmw)
        who_is_revoked_hears_it_at_once(hub, school)


if __name__ == "__main__":
    vangnet.main(test)
