#!/usr/bin/env python3
"""What a coordinator sees of families at a real hub with real nodes: flags without a handle,
counts, and who hasn't erased yet; and what the hub's own files hold through restart, rebuild and
backup."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import families
import vangnet
from families import Office, new_family
from vangnet import Hub, equal, expect, wait_for

SCOPES = ["presence", "lost-support", "concern", "fallback"]
DAY = 86400


def flags(hub: Hub) -> list[Any]:
    return list(hub.get("/api/v1/flags")["rows"])


def one_flag(hub: Hub, kind: str) -> Any:
    found = wait_for(f"a flag {kind}", lambda: [one for one in flags(hub) if one["kind"] == kind])
    equal(len(found), 1, f"flags {kind}")
    return found[0]


def look(office: Office, card: str) -> Any:
    return office.post("/api/v1/looks", card=card)


def support(office: Office, card: str) -> int:
    """As a near professional; its number there."""
    office.call("support", "start", card, "--kind", "professional", "--distance", "near")
    wait_for("the hub has it", lambda: any(
        one["organisation"] and one["organisation"]["id"] == office.node.name
        for one in look(office, card)["supports"]))
    return int(office.families()[0]["family"])


def nobody_near_raises_a_flag(hub: Hub, ocmw: Office) -> str:
    _, card = new_family(ocmw, SCOPES, fallback_first="caw-b")
    row = one_flag(hub, "no-local-professional")
    equal((row["state"], row["age_days"], row["turn"], row["turn_name"]),
          ("open", 0, "caw-b", "Organisatie caw-b"), "whose turn it is")
    equal((row["overdue"], row["escalated"], row["reopened"], row["about"]),
          (False, False, 0, None), "nothing more")
    expect(row["acknowledge_by"] < row["contact_by"], f"both clocks: {row}")
    said = hub.call("flags")
    for wanted in ("no organisation currently reports near support", "Organisatie caw-b",
                   row["acknowledge_by"], row["id"][:8]):
        expect(wanted in said, f"{wanted!r} in {said}")
    equal(hub.metrics()['flags_open{kind="no-local-professional",state="open"}'], 1, "in metrics")
    return card


def nothing_tells_which_family(hub: Hub, card: str) -> None:
    said = [hub.call(*words) for words in (["flags"], ["flags", "--json"], ["flags", "counts"],
                                           ["erasures"], ["status"], ["status", "--json"])]
    for text in [*said, hub.log.read_text()]:
        expect(card not in text and card.replace("-", "") not in text, "the card")
    rows = hub.get("/api/v1/flags")["rows"]
    equal(sorted(rows[0]), sorted((
        "id", "kind", "state", "opened_on", "age_days", "turn", "turn_name", "about", "about_name",
        "acknowledge_by", "contact_by", "overdue", "escalated", "reopened")), "what a row has")


def support_ends_it_and_its_end_reopens_it(hub: Hub, caw: Office, card: str) -> None:
    before = one_flag(hub, "no-local-professional")
    number = support(caw, card)
    wait_for("no flag is open", lambda: not flags(hub))
    expect("No flag is open" in hub.call("flags"), "and so it says")
    caw.post("/api/v1/supports/end", family=number, why="capacity")
    row = one_flag(hub, "no-local-professional")
    equal((row["id"], row["reopened"]), (before["id"], 1), "the same flag again")
    week = hub.get("/api/v1/flags/weeks?weeks=1")["rows"][0]
    equal((week["opened"]["no-local-professional"], week["consents_given"]), (2, 1), "the week")


def the_turn_moves_with_what_is_done(hub: Hub, caw: Office) -> None:
    item = wait_for("the fallback has it", lambda: [
        one for one in caw.items() if one["flag"] and one["flag"]["state"] == "open"])[0]
    caw.call("flag", "take", item["item"])
    wait_for("taken", lambda: one_flag(hub, "no-local-professional")["state"] == "acknowledged")
    expect("taken" in hub.call("flags"), "as a word")


# -- the hub's own files --

def copied(hub: Hub, name: str) -> Path:
    """A hub made of a backup and its keyring alone, in a directory of its own."""
    folder = hub.region.folder / name
    file = hub.region.folder / f"{name}.mdb"
    hub.call("backup", str(file), "--keyring", str(hub.region.folder))
    keyring = Path(hub.get("/api/v1/backup")["keyring"])
    shutil.copytree(hub.folder, folder, ignore=shutil.ignore_patterns(
        "store", "control.sock", "keyring", "keyring-copies"))
    (folder / "store").mkdir(mode=0o700)
    shutil.copy(file, folder / "store/data.mdb")
    shutil.copy(keyring, folder / "keyring")
    return folder


def stopped(hub: Hub, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([hub.program, *words, "--dir", folder, "--lang", "en"], check=False,
                          capture_output=True, text=True)


def a_backup_is_whole_with_its_keyring_and_not_without(hub: Hub) -> None:
    folder = copied(hub, "copy")
    for words in (["journal", "verify"], ["rebuild"]):
        done = stopped(hub, folder, *words)
        equal(done.returncode, 0, f"{words} of the copy: {done.stderr}")
    expect("everything was the same" in done.stdout, f"rebuilt: {done.stdout}")
    (folder / "keyring").unlink()
    done = stopped(hub, folder, "rebuild")
    expect(done.returncode == 1 and "keyring" in done.stderr, f"without: {done.stderr}")
    done = stopped(hub, folder, "run")
    expect(done.returncode == 1 and "Put master.key and keyring back" in done.stderr,
           f"it doesn't start on an empty one: {done.stderr}")


def restart_and_rebuild_keep_it(hub: Hub, ocmw: Office) -> None:
    before = flags(hub)
    left = hub.status()["families"]["keys_left"]
    hub.stop()
    expect("everything was the same" in hub.call("rebuild"), "rebuilt")
    expect("holds" in hub.call("journal", "verify"), "and holds")
    hub.up()
    equal([(one["id"], one["state"]) for one in flags(hub)],
          [(one["id"], one["state"]) for one in before], "the same flags")
    wait_for("the keys that nothing used are offered",
             lambda: hub.status()["families"]["keys_left"] == left)
    new_family(ocmw, SCOPES, support="near", fallback_first="caw-b")
    wait_for("another family has its key",
             lambda: hub.status()["families"]["keys_left"] == left - 1)


# -- erasing --

def an_erasure_that_is_owed_turns_red(hub: Hub, clocks: dict[str, vangnet.Clock], ocmw: Office,
                                      caw: Office, card: str) -> None:
    caw.node.stop()
    before = hub.status()["families"]
    ocmw.call("consent", "withdraw", card)
    wait_for("withdrawn", lambda: hub.status()["families"]["consents"] == before["consents"] - 1)
    wait_for("its key is destroyed", lambda: hub.status()["families"]["keys_to_shred"] == 0)
    row, = wait_for("only caw-b owes", lambda: [
        rows for rows in [hub.get("/api/v1/erasures")["rows"]]
        if [one["organisation"] for one in rows] == ["caw-b"]])[0]
    equal((row["owed"], row["red"], row["age_days"]), (1, 0, 0), "at first")
    expect("Organisatie caw-b" in hub.call("erasures"), "who")
    for shift_s, red in ((3 * DAY - 3600, 0), (3 * DAY + 3600, 1)):
        for name in ("hub", "ocmw-a"):
            clocks[name].shift(shift_s)
        row, = wait_for("days pass", lambda: [
            one for one in hub.get("/api/v1/erasures")["rows"]
            if one["age_days"] == shift_s // DAY])  # noqa: B023
        equal(row["red"], red, f"after {shift_s / DAY} days")
    expect("caw-b hasn't confirmed" in hub.call("status"), "status says so")
    clocks["caw-b"].shift_s = clocks["hub"].shift_s
    caw.node.up()
    wait_for("erased everywhere", lambda: not hub.get("/api/v1/erasures")["rows"], 40)
    expect("erased everywhere" in hub.call("erasures"), "and so it says")
    equal([one for one in flags(hub) if one["kind"] == "no-local-professional"], [],
          "the flag went with the family")


def what_was_erased_stays_so(hub: Hub) -> None:
    hub.stop()
    expect("everything was the same" in hub.call("rebuild"), "rebuilt with its gaps")
    expect("holds" in hub.call("journal", "verify"), "the chain too")
    hub.up()


def test(build: Path) -> None:
    with vangnet.Region(build) as region:
        clocks = {name: region.make_clock(name) for name in ("hub", "ocmw-a", "caw-b")}
        hub = region.start_hub(clock=clocks["hub"])
        ocmw = families.add(region, hub, "ocmw-a", clock=clocks["ocmw-a"])
        caw = families.add(region, hub, "caw-b", clock=clocks["caw-b"], kind="caw",
                           service="onthaal")
        card = nobody_near_raises_a_flag(hub, ocmw)
        nothing_tells_which_family(hub, card)
        support_ends_it_and_its_end_reopens_it(hub, caw, card)
        the_turn_moves_with_what_is_done(hub, caw)
        a_backup_is_whole_with_its_keyring_and_not_without(hub)
        restart_and_rebuild_keep_it(hub, ocmw)
        an_erasure_that_is_owed_turns_red(hub, clocks, ocmw, caw, card)
        what_was_erased_stays_so(hub)


if __name__ == "__main__":
    vangnet.main(test)
