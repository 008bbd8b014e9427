#!/usr/bin/env python3
"""Joining a region, being let in, being shown the door: the hub's program as a whole."""

from __future__ import annotations

import subprocess
from pathlib import Path

import vangnet
from hub_peers import Peer, invite
from vangnet import equal, expect

BINS = [9, 8, 7, 6, 5, 4, 3]


def the_door_is_shut_to_unknown_keys(hub: vangnet.Hub, peer: Peer) -> None:
    refused = hub.metrics()["handshakes_refused_total"]
    equal(peer.knock(seed="somebody else"), "refused", "a key that nobody knows")
    expect(hub.metrics()["handshakes_refused_total"] > refused, "the refusal is counted")


def who_waits_is_not_in(hub: vangnet.Hub, peer: Peer) -> str:
    equal(peer.join("OCMW Aalst"), "waiting", "a request without --approve")
    equal(peer.knock(), "refused", "the key of who waits")
    waiting = hub.get("/api/v1/members")["pending"]
    equal([one["organisation"] for one in waiting], [peer.org], "who waits")
    words = waiting[0]["words"]
    equal(len(words.split()), 6, "words to compare")
    expect(words in hub.call("members"), "the words stand in the terminal's list")
    return words


def who_waits_may_correct_its_request(hub: vangnet.Hub, peer: Peer) -> None:
    again = Peer(peer.program.parents[2], peer.org, invite(hub, "--org", peer.org))
    equal(again.join("OCMW Aalst-Stad", seed="somebody else"), "refused exists", "with other keys")
    equal(again.join("OCMW Aalst-Stad"), "waiting", "the same keys, another name")
    waiting = hub.get("/api/v1/members")["pending"]
    equal([one["name"] for one in waiting], ["OCMW Aalst-Stad"], "who waits now")
    peer.invitation = again.invitation


def other_words_are_not_approved(hub: vangnet.Hub, peer: Peer) -> None:
    path = f"/api/v1/members/{peer.org}/approve"
    status, problem = hub.ask("POST", path, {"words": "six words that are somebody else's"})
    equal((status, problem["code"]), (409, "other-words"), "approval with other words")
    status, problem = hub.ask("POST", path, {"application": "00" * 32})
    equal((status, problem["code"]), (409, "other-words"), "approval of another application")
    equal(hub.member_state(peer.org), "pending", "after it")


def without_an_answer_nobody_is_approved(hub: vangnet.Hub, peer: Peer) -> None:
    done = hub.run("approve", peer.org)  # nothing on its input
    equal(done.status, 1, "approve without an answer")
    expect("decline" in done.err, f"says what else to do: {done.err}")
    for shown in ("OCMW Aalst", "kind: ", "municipalities: ", "services: ", "languages: ",
                  "sanctions: ", "consent: ", "six words: "):
        expect(shown in done.out, f"shows {shown} before the question: {done.out}")
    expect("municipalities: " in hub.call("members"), "the list shows what waits")
    command = [str(hub.program), "approve", peer.org, "--dir", str(hub.folder)]
    other = subprocess.run(command, input="other words\n", capture_output=True, text=True,
                           timeout=60 * vangnet.PATIENCE, check=False)
    equal(other.returncode, 1, "what only begins like a yes")
    equal(hub.member_state(peer.org), "pending", "after it")


def an_approved_organisation_is_in(hub: vangnet.Hub, peer: Peer, words: str) -> None:
    expect(words in hub.call("approve", peer.org, "--yes"), "approve shows the words")
    equal(hub.member_state(peer.org), "active", "after approval")
    equal(peer.join("OCMW Aalst-Stad"), "approved", "the same request again")
    equal(peer.greet(), "welcome 1", "its greeting")
    vangnet.wait_for("it's seen to be present", lambda: hub.status()["members_present"] == 1)


def an_invitation_works_once(peer: Peer) -> None:
    thief = Peer(peer.program.parents[2], "ocmw-dief", peer.invitation)
    equal(thief.join("OCMW Dief"), "refused bad-invitation", "an invitation that was used")


def what_is_published_is_acknowledged_once(hub: vangnet.Hub, peer: Peer) -> None:
    day = hub.status()["now"][:10]
    equal(peer.publish(1, day, 120, 42, BINS), ["contiguous 1"], "figures")
    rows = hub.export()
    equal(len(rows), 1, "rows of figures")
    equal(peer.publish(1, day, 120, 42, BINS), ["contiguous 1"], "the same again")
    equal(peer.publish(1, day, 999, 99, BINS), ["contiguous 1"], "something else under its number")
    equal(hub.export(), rows, "figures after repeated messages")


def a_right_is_changed_by_who_has_the_directors_key(hub: vangnet.Hub, peer: Peer) -> None:
    for wrong in ([], ["--may-take-consent", "some"], ["--may-sanction", "perhaps"],
                  ["--kind", "boat"]):
        done = hub.run("member", "set", peer.org, *wrong)
        equal(done.status, 2, f"member set {wrong}: {done.said}")
        expect("vangnet-hub member set --help" in done.err, f"says where to read on: {done.err}")
    said = hub.call("member", "set", peer.org, "--may-take-consent", "limited", "--may-sanction",
                    "ja", "--kind", "volunteers")
    expect("limited" in said and "may impose sanctions: yes" in said, f"as it stands: {said}")
    expect("stand until their own end" in said, f"what it took before: {said}")
    member = hub.get(f"/api/v1/members/{peer.org}")
    equal([member[key] for key in ("kind", "may_take_consent", "may_sanction", "hidden", "name")],
          ["volunteers", "limited", True, False, "OCMW Aalst-Stad"], "what was given, and no more")


def a_revoked_organisation_is_out(hub: vangnet.Hub, peer: Peer) -> None:
    hub.call("revoke", peer.org, "--reason", "sleutel gestolen")
    equal(hub.member_state(peer.org), "revoked", "after it")
    done = hub.run("member", "set", peer.org, "--may-sanction", "no")
    expect(done.status == 1 and "revoked" in done.err, f"who was revoked: {done.said}")
    equal(peer.knock(), "refused", "a revoked key")
    again = Peer(peer.program.parents[2], peer.org, invite(hub, "--org", peer.org, "--approve"))
    equal(again.join("OCMW Aalst"), "refused exists", "joining with a revoked key")
    equal(again.join("OCMW Aalst", seed="new keys"), "approved", "with new keys")
    equal(hub.member_state(peer.org), "active", "after that")


def a_declined_organisation_hears_so(hub: vangnet.Hub, build: Path) -> None:
    peer = Peer(build, "caw-bornem", invite(hub, "--org", "caw-bornem"))
    equal(peer.join("CAW Bornem"), "waiting", "a request")
    hub.call("decline", peer.org)
    expect(peer.join("CAW Bornem").startswith("refused"), "the same request after declining")
    done = hub.run("approve", peer.org, "--yes")
    equal(done.status, 1, "approving who was declined")


def without_the_directors_key_nobody_joins(hub: vangnet.Hub, build: Path) -> None:
    key = hub.folder / "director.key"
    hub.stop()
    key.rename(hub.folder / "elsewhere.key")
    hub.up()
    peer = Peer(build, "dmw-gent", invite(hub, "--org", "dmw-gent", "--approve"))
    equal(peer.join("DMW Gent"), "waiting", "a request that nobody can sign for")
    for words in (["approve", peer.org, "--yes"],
                  ["member", "set", "ocmw-aalst", "--may-take-consent", "full"]):
        done = hub.run(*words)
        expect(done.status == 1 and "director_key" in done.err, f"{words}: which key: {done.said}")
    hub.stop()
    conf = hub.folder / "hub.conf"
    text = conf.read_text().replace("director_key = director.key", "director_key = elsewhere.key")
    conf.write_text(text)
    hub.up()
    hub.call("approve", peer.org, "--yes")
    equal(peer.greet(), "welcome 1", "after the key is found elsewhere")


def test(build: Path) -> None:
    with vangnet.Region(build) as region:
        hub = region.start_hub()
        peer = Peer(region.build, "ocmw-aalst", invite(hub, "--org", "ocmw-aalst"))
        the_door_is_shut_to_unknown_keys(hub, peer)
        words = who_waits_is_not_in(hub, peer)
        who_waits_may_correct_its_request(hub, peer)
        other_words_are_not_approved(hub, peer)
        without_an_answer_nobody_is_approved(hub, peer)
        an_approved_organisation_is_in(hub, peer, words)
        an_invitation_works_once(peer)
        what_is_published_is_acknowledged_once(hub, peer)
        a_right_is_changed_by_who_has_the_directors_key(hub, peer)
        a_revoked_organisation_is_out(hub, peer)
        a_declined_organisation_hears_so(hub, region.build)
        without_the_directors_key_nobody_joins(hub, region.build)


if __name__ == "__main__":
    vangnet.main(test)
