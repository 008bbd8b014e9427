#!/usr/bin/env python3
"""Joining as an organisation does it: a string to paste, six words, and what is said when it isn't
right. Nothing half done: whoever breaks off goes on with the same keys."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import vangnet
from vangnet import Hub, Node, Region, equal, expect, wait_for

WORDS = ["--org", "ocmw-a", "--name", "OCMW A", "--kind", "ocmw", "--nis", "34022", "--service",
         "onthaal,leefloon", "--language", "nld,fra"]


def invitation(hub: Hub, *words: str) -> str:
    return max(hub.call("invite", *words).split(), key=len)


def a_mistyped_invitation_is_told_where(node: Node, text: str) -> None:
    place = len(text) // 2
    while not text[place].isalnum():
        place += 1
    wrong = text[:place] + ("7" if text[place].lower() != "7" else "8") + text[place + 1:]
    done = node.run("join", wrong, *WORDS)
    equal(done.status, 1, "a mistyped invitation")
    expect(f"character {place + 1}," in done.err, f"the place {place + 1} is named: {done.err}")
    expect(not node.folder.exists(), "nothing was made")


def half_an_invitation_ends_too_early(node: Node, text: str) -> None:
    for length in (len(text) // 3, len(text) // 2, len(text) - 9, len(text) - 1):
        done = node.run("join", text[:length], *WORDS)
        equal(done.status, 1, f"{length} of its characters")
        expect("ends too early" in done.err, f"{length} of {len(text)}: {done.err}")
    expect(not node.folder.exists(), "nothing was made")


def what_is_no_invitation_is_said_to_be_none(node: Node) -> None:
    done = node.run("join", "hello", *WORDS)
    equal(done.status, 1, "no invitation")
    expect("vangnet1:" in done.err, f"what it looks like: {done.err}")
    expect(not node.folder.exists(), "nothing was made")


def a_word_that_is_not_on_its_list_is_named(node: Node, text: str) -> None:
    for option, value in (("--kind", "club"), ("--nis", "99999"), ("--language", "xxx"),
                          ("--service", "onthaalx"), ("--kbo", "12"),
                          ("--may-take-consent", "maybe")):
        words = [*WORDS]
        if option in words:
            words[words.index(option) + 1] = value
        else:
            words += [option, value]
        done = node.run("join", text, *words)
        equal(done.status, 1, f"{option} {value}")
        expect(option in done.err and value in done.err, f"{option} {value}: {done.err}")
    expect(not node.folder.exists(), "nothing was made")


def a_directory_with_other_things_is_left_alone(node: Node, text: str) -> None:
    node.folder.mkdir()
    letter = node.folder / "letter.txt"
    letter.write_text("mine")
    done = node.run("join", text, *WORDS)
    equal(done.status, 1, "a foreign directory")
    equal([one.name for one in node.folder.iterdir()], ["letter.txt"], "what it holds")
    letter.unlink()
    node.folder.rmdir()


def start_join(node: Node, text: str) -> subprocess.Popen[str]:
    command = [str(node.program), "join", text, *WORDS, "--dir", str(node.folder), "--lang", "en"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            stdin=subprocess.DEVNULL)


def six_words(said: str) -> str:
    lines = [line.strip() for line in said.splitlines()]
    return next((line for line in lines if len(line.split()) == 6 and line.islower()), "")


def who_breaks_off_goes_on_with_the_same_keys(hub: Hub, node: Node, text: str) -> str:
    first = start_join(node, text)
    try:
        wait_for("the hub has the request", lambda: hub.get("/api/v1/members")["pending"])
        first.send_signal(signal.SIGINT)
        said, _ = first.communicate(timeout=20 * vangnet.PATIENCE)
    finally:
        first.kill()
    equal(first.returncode, 1, "broken off")
    expect(node.folder.stat().st_mode & 0o777 == 0o700, "the directory is its owner's alone")
    for key in (node.folder / "keys").iterdir():
        equal(key.stat().st_mode & 0o777, 0o600, key.name)
    words = six_words(said)
    equal(hub.get("/api/v1/members")["pending"][0]["words"], words, "the words at both ends")
    again = node.run("join", text, *WORDS, "--no-wait")
    equal(again.status, 0, f"again: {again.said}")
    equal(six_words(again.out), words, "the words after it")
    return words


def the_daemon_goes_on_asking_until_approved(hub: Hub, node: Node, words: str) -> None:
    node.up()
    wait_for("it says that it waits", lambda: "NODE_JOIN_WAITING" in node.findings())
    done = node.run("status")
    equal(done.status, 1, "something needs attention")
    expect(words in done.out, f"the words again: {done.out}")
    expect(words in node.call("words"), "and when asked")
    done = node.run("publish")
    equal(done.status, 1, "publish before the approval")
    expect("coordinator must approve" in done.err, done.err)
    hub.call("approve", "ocmw-a", "--yes")
    node.wait_connected()
    expect(not (node.folder / "joining").exists(), "the request is done with")


def who_joined_is_told_so(node: Node, text: str) -> None:
    node.stop()
    done = node.run("join", text, *WORDS)
    equal(done.status, 1, "joined already")
    expect("run --dir" in done.err, f"what to do: {done.err}")
    node.up()
    node.wait_connected()


def a_used_invitation_is_refused_in_words(region: Region, text: str) -> None:
    other = Node(region, "ocmw-b", region.folder / "ocmw-b")
    words = [*WORDS]
    words[1] = "ocmw-b"
    done = other.run("join", text, *words)
    equal(done.status, 1, "a used invitation")
    expect("new invitation" in done.err, f"what to do: {done.err}")


def an_expired_invitation_is_said_to_be_expired(region: Region) -> None:
    past = region.make_clock("past", shift_s=-8 * 86400)
    hub = region.start_hub(region.folder / "old", clock=past)
    node = Node(region, "ocmw-c", region.folder / "ocmw-c")
    done = node.run("join", invitation(hub), *WORDS)
    equal(done.status, 1, "an expired invitation")
    expect("expired" in done.err, done.err)
    expect(not node.folder.exists(), "nothing was made")


def test(build: Path) -> None:
    with vangnet.Region(build) as region:
        hub = region.start_hub()
        node = Node(region, "ocmw-a", region.folder / "ocmw-a")
        region.daemons.append(node)
        text = invitation(hub)
        a_mistyped_invitation_is_told_where(node, text)
        half_an_invitation_ends_too_early(node, text)
        what_is_no_invitation_is_said_to_be_none(node)
        a_word_that_is_not_on_its_list_is_named(node, text)
        a_directory_with_other_things_is_left_alone(node, text)
        words = who_breaks_off_goes_on_with_the_same_keys(hub, node, text)
        the_daemon_goes_on_asking_until_approved(hub, node, words)
        who_joined_is_told_so(node, text)
        a_used_invitation_is_refused_in_words(region, text)
        an_expired_invitation_is_said_to_be_expired(region)


if __name__ == "__main__":
    vangnet.main(test)
