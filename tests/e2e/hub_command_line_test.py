#!/usr/bin/env python3
"""The hub's command line on good days and bad: what it makes, what it refuses, what it says."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import socket
import stat
import subprocess
from pathlib import Path

import vangnet
from hub_peers import Peer, invite, member
from vangnet import equal, expect


def init_makes_a_directory_for_its_owner_alone(hub: vangnet.Hub) -> None:
    for path in (hub.folder, *hub.folder.rglob("*")):
        mode = stat.S_IMODE(path.lstat().st_mode)
        equal(mode & 0o077, 0, f"rights of others on {path.name}")
    expect("director_key" in (hub.folder / "hub.conf").read_text(), "the settings name the key")


def init_touches_nothing_that_stands(hub: vangnet.Hub) -> None:
    before = {path: path.stat().st_mtime_ns for path in hub.folder.rglob("*.key")}
    done = hub.run("init", "--hub", "other", "--name", "Other")
    equal(done.status, 1, "init on a hub")
    expect("another directory" in done.err, f"says what to do: {done.err}")
    equal({path: path.stat().st_mtime_ns for path in before}, before, "keys")


def init_leaves_nothing_half_done(hub: vangnet.Hub) -> None:
    folder = hub.region.folder / "half"
    for words in (["--hub", "UPPER", "--name", "x"], ["--hub", "x", "--name", " "],
                  ["--hub", "x", "--name", "x", "--api", "nowhere"],
                  ["--hub", "x", "--name", "x", "--listen", "here"]):
        done = subprocess.run([hub.program, "init", "--dir", folder, *words], check=False,
                              capture_output=True)
        equal(done.returncode, 2, f"init {words}")
    done = subprocess.run([hub.program, "init", "--dir", folder / "a/b", "--hub", "x", "--name",
                           "x"], check=False, capture_output=True)
    equal(done.returncode, 1, "init where there's no parent")
    expect(not folder.exists() and not list(hub.region.folder.glob("half*")), "nothing is left")


def addresses_for_this_machine_alone_are_warned_of(hub: vangnet.Hub) -> None:
    for name, words, warned in (("near", [], True), ("far", ["--public", "hub.example"], False)):
        done = subprocess.run([hub.program, "init", "--dir", hub.region.folder / name, "--hub", "x",
                               "--name", "x", "--lang", "en", *words], check=True,
                              capture_output=True, text=True)
        equal("can't reach this hub" in done.stderr, warned, f"init {words}: {done.stderr}")
    expect("can't reach this hub" in hub.run("invite").err, "so does invite")
    done = subprocess.run([hub.program, "init", "--dir", hub.region.folder / "bare", "--hub", "x",
                           "--name", "x", "--lang", "en", "--listen", "0.0.0.0:5670"],
                          check=False, capture_output=True, text=True)
    expect(done.returncode == 2 and "write tcp://" in done.stderr, f"bare: {done.stderr}")
    done = subprocess.run([hub.program, "token", "--lang", "en"], check=False, capture_output=True,
                          text=True)
    expect(done.returncode == 2 and "vangnet-hub token revoke" in done.stderr,
           f"half a command lists the whole ones: {done.stderr}")


def an_unknown_name_is_named(hub: vangnet.Hub) -> None:
    for words in (["approve", "ocmw-nergens"], ["decline", "ocmw-nergens"],
                  ["revoke", "ocmw-nergens", "--reason", "x"], ["token", "create", "niemand"],
                  ["member", "set", "ocmw-nergens", "--hidden", "yes"]):
        done = hub.run(*words)
        expect(done.status == 1 and ("nergens" in done.err or "niemand" in done.err) and
               "vangnet-hub members" in done.err and "--dir" not in done.err,
               f"{words} says who: {done.err}")
    status, problem = hub.ask("GET", "/api/v1/members/ocmw-nergens")
    expect(status == 404 and "--dir" not in problem["next"], f"over HTTP: {problem}")
    done = hub.run("user", "add", "els", "--role", "reader", "--deputy", "niemand")
    expect(done.status == 1 and "deputy" in done.err, f"a deputy who isn't there: {done.err}")
    hub.call("user", "add", "els", "--role", "reader", "--deputy", "admin")


def one_hub_at_a_time(hub: vangnet.Hub) -> None:
    for words in (["run"], ["rebuild"], ["journal", "verify"]):
        done = hub.run(*words)
        equal(done.status, 1, f"{words} while it runs")
        expect("top" in done.err, f"{words} says to stop the other: {done.err}")
    hub.must_live()
    equal(hub.status()["hub"], "region", "the one that runs")


def who_is_stopped_says_so(hub: vangnet.Hub) -> None:
    for words in (["status"], ["members"], ["load"], ["invite"], ["backup", "/tmp/never"]):
        done = hub.run(*words)
        equal(done.status, 1, f"{words} while it's stopped")
        expect("run --dir" in done.err, f"{words} says how to start it: {done.err}")


def a_torn_configuration_is_named_by_its_line(hub: vangnet.Hub) -> None:
    conf = hub.folder / "hub.conf"
    text = conf.read_text()
    conf.write_text(text + "colour = red\n")
    done = hub.run("run")
    line = len(text.splitlines()) + 1
    expect(done.status == 1 and f"hub.conf:{line}" in done.err, f"names the line: {done.err}")
    conf.write_text(text.replace("tcp://127.0.0.1", "tcp://0.0.0.0"))
    done = hub.run("run")
    expect(done.status == 1 and "public" in done.err, f"an address for nobody: {done.err}")
    conf.write_text(text)


def keys_that_others_may_read_are_refused(hub: vangnet.Hub) -> None:
    key = hub.folder / "hub.key"
    key.chmod(0o640)
    done = hub.run("run")
    expect(done.status == 1 and "chmod 600" in done.err, f"says so: {done.err}")
    key.chmod(0o600)


def another_hubs_key_is_refused(hub: vangnet.Hub) -> None:
    key = hub.folder / "hub.key"
    text = key.read_text()
    flipped = "0" if text[-2] != "0" else "1"
    key.write_text(text[:-2] + flipped + "\n")
    done = hub.run("run")
    expect(done.status == 1 and "belong" in done.err, f"says so: {done.err}")
    key.write_text(text)


def a_port_in_use_is_named(hub: vangnet.Hub) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", hub.members))
        other.listen()
        done = hub.run("run")
    expect(done.status == 1 and str(hub.members) in done.err, f"names it: {done.err}")


def systemd_hears_when_it_is_ready(hub: vangnet.Hub) -> None:
    path = hub.region.folder / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(path))
        systemd.settimeout(20 * vangnet.PATIENCE)
        os.environ["NOTIFY_SOCKET"] = str(path)
        try:
            hub.start()
            equal(systemd.recv(100), b"READY=1", "its first word")
            equal(hub.status()["hub"], "region", "ready means that it answers")
            hub.stop()
            equal(systemd.recv(100), b"STOPPING=1", "its last word")
        finally:
            del os.environ["NOTIFY_SOCKET"]


def no_keys_end_up_in_a_dump(hub: vangnet.Hub) -> None:
    limits = Path(f"/proc/{hub.pid()}/limits").read_text()
    core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    equal(core.split()[4:6], ["0", "0"], "room for a core dump")


def what_was_answered_outlives_a_kill(hub: vangnet.Hub) -> None:
    for number in range(3):
        hub.call("user", "add", f"u{number}", "--role", "reader")
        token = hub.call("token", "create", f"u{number}").split()[0]
        hub.kill()
        hub.up()
        done = hub.run("token", "revoke", token)
        equal(done.status, 0, f"a token from before the kill: {done.said}")


def the_keyrings_copy_is_a_file_of_its_own_that_expires(hub: vangnet.Hub) -> None:
    view = hub.get("/api/v1/backup")
    copy = Path(view["keyring"])
    made = copy.name.removeprefix("keyring-")
    equal(copy.parent, hub.region.folder, "beside the backup")
    equal(stat.S_IMODE(copy.stat().st_mode), 0o600, "its mode")
    days = datetime.date.fromisoformat(view["keyring_expires"]) - datetime.date.fromisoformat(made)
    equal(days.days, 30, "days that it may stand")
    status = hub.status()["keyring"]
    equal(status, {"readable": True, "copied_on": made, "overdue": []}, "a copy of today")
    listed = hub.folder / "keyring-copies"
    old = datetime.date.fromisoformat(made) - datetime.timedelta(30)
    listed.write_text(f"{old} {copy}\n")
    equal(hub.status()["keyring"]["overdue"],
          [{"file": str(copy), "copied_on": str(old), "age_days": 30}], "a copy of 30 days ago")
    said = hub.call("status")
    expect(f"shred -u {copy}" in said and "All is well" not in said, f"status says so: {said}")
    listed.write_text(f"yesterday {copy}\n")
    expect("can't be read" in hub.call("status"), "a list that was changed")
    copy.unlink()
    listed.unlink()
    elsewhere = hub.region.folder / "elsewhere"
    elsewhere.mkdir()
    hub.call("backup", str(hub.region.folder / "other.mdb"), "--keyring", str(elsewhere))
    equal([path.name for path in elsewhere.iterdir()], [f"keyring-{made}"], "where it was sent")


def a_hub_from_before_there_were_families_gets_its_keyring(hub: vangnet.Hub) -> None:
    for name in ("master.key", "keyring"):
        (hub.folder / name).unlink()
    hub.up()
    hub.stop()
    for name in ("master.key", "keyring"):
        equal(stat.S_IMODE((hub.folder / name).stat().st_mode), 0o600, f"mode of {name}")


def another_hubs_keyring_is_refused(hub: vangnet.Hub) -> None:
    key = hub.folder / "master.key"
    mine = key.read_bytes()
    key.write_bytes(bytes(32))
    done = hub.run("run")
    expect(done.status == 1 and "keyring" in done.err, f"says so: {done.err}")
    key.write_bytes(mine)


def a_backup_can_be_run(hub: vangnet.Hub) -> None:
    file = hub.region.folder / "backup.mdb"
    said = hub.call("backup", str(file))
    expect("file of its own" in said and "shred -u" in said, f"says what the keyring needs: {said}")
    held = int(re.findall(r"fact (\d+)", said)[0])
    vangnet.wait_for("the journal knows how far the backup reaches",
                     lambda: hub.status()["backed_up_to"] == held)
    the_keyrings_copy_is_a_file_of_its_own_that_expires(hub)
    done = hub.run("backup", "/nowhere/backup.mdb")
    expect(done.status == 1 and "directory exists" in done.err, f"a bad place: {done.said}")
    copy = hub.region.folder / "restored"
    shutil.copytree(hub.folder, copy, ignore=shutil.ignore_patterns("store", "control.sock"))
    (copy / "store").mkdir(mode=0o700)
    shutil.copy(file, copy / "store/data.mdb")
    for words in (["journal", "verify"], ["rebuild"]):
        done_ = subprocess.run([hub.program, *words, "--dir", copy, "--lang", "en"], check=False,
                               capture_output=True, text=True)
        equal(done_.returncode, 0, f"{words} of the backup: {done_.stderr}")
        expect(f" {held} facts" in done_.stdout, f"{words}: {done_.stdout}")


def status_judges_and_says_what_to_do(hub: vangnet.Hub, build: Path) -> None:
    said = hub.call("status")
    expect("All is well" in said and "Brussels time" in said, f"after a backup: {said}")
    peer = Peer(build, "caw-bornem", invite(hub, "--org", "caw-bornem"))
    equal(peer.join("CAW Bornem"), "waiting", "a request")
    said = hub.call("status")
    expect("approve caw-bornem" in said and "All is well" not in said, f"with a request: {said}")
    hub.call("decline", "caw-bornem")


def the_journal_holds_and_rebuilds(hub: vangnet.Hub) -> None:
    facts = hub.status()["position"]["sequence"]
    hub.stop()
    expect(f" {facts} facts" in hub.call("journal", "verify"), "every fact")
    said = hub.call("rebuild")
    expect("everything was the same" in said, f"rebuild: {said}")
    equal(hub.call("rebuild"), said, "rebuild again")


def the_table_shows_the_region(hub: vangnet.Hub, build: Path) -> None:
    expect("No figures yet" in hub.call("load"), "an empty region")
    peer = member(hub, build, "ocmw-kuurne", "OCMW Kuurne")
    day = hub.status()["now"][:10]
    peer.publish(1, day, 120, 42, [9, 8, 7, 6, 5, 4, 3])
    table = hub.call("load")
    for wanted in ("OCMW Kuurne", "120", "42", "median", "Testregio", "3.1"):
        expect(wanted in table, f"{wanted} in the table:\n{table}")
    expect("Kuurne" in hub.call("load", "--by", "municipality"), "by municipality")
    equal(hub.call("load", "--by", "gemeente"), hub.call("load", "--by", "municipality"),
          "the Dutch word for a cut")
    for words in (["load"], ["load", "--region"], ["load", "--json"]):
        done = hub.run(*words, "--by", "family")
        expect(done.status == 2 and "--by family: choose service" in done.err,
               f"a cut that isn't one: {done.err}")
    dutch = subprocess.run([hub.program, "load", "--dir", hub.folder, "--lang", "nl"],
                           capture_output=True, text=True, check=True).stdout
    expect("wachtend" in dutch and "3,1" in dutch, f"in Dutch:\n{dutch}")


def an_empty_board_says_so_in_each_language(hub: vangnet.Hub) -> None:
    for lang, board, erased, few in (
            ("nl", "geen vlag open", "overal gewist", "te weinig"),
            ("en", "No flag is open", "erased everywhere", "too few"),
            ("fr", "Aucun signal", "effacé l'est partout", "trop peu")):
        said = [subprocess.run([hub.program, *words, "--dir", hub.folder, "--lang", lang],
                               capture_output=True, text=True, check=True).stdout
                for words in (["flags"], ["erasures"], ["flags", "counts"])]
        expect(board in said[0] and erased in said[1] and few in said[2], f"in {lang}: {said}")
    equal(len(hub.get("/api/v1/flags/quarters")["rows"]), 1, "no quarter before there was a hub")
    for words in (["--weeks", "0"], ["--weeks", "105"], ["--quarter", "2026"]):
        equal(hub.run("flags", "counts", *words).status, 2, f"flags counts {words}")
    equal(hub.get("/api/v1/flags")["rows"], [], "and over the API")
    json.loads(hub.call("flags", "--json"))
    equal(json.loads(hub.call("flags", "counts", "--quarter", "2026-Q1", "--json"))["rows"][0]
          ["quarter"], "2026-Q1", "that quarter")


def help_has_an_example_for_each(hub: vangnet.Hub) -> None:
    commands = ["init", "run", "invite", "approve", "decline", "members", "member set", "revoke",
                "load", "flags", "flags counts", "erasures", "user add", "token create",
                "token revoke", "status", "backup", "journal verify", "rebuild"]
    for lang, word in (("nl", "Voorbeeld"), ("en", "Example"), ("fr", "Exemple")):
        for command in commands:
            said = subprocess.run([hub.program, *command.split(), "--lang", lang, "--help"],
                                  capture_output=True, text=True, check=True).stdout
            expect(word in said and f"vangnet-hub {command}" in said, f"{command}: {said}")
    expect(".TH" in hub.call("man"), "a manual page")


def test(build: Path) -> None:
    with vangnet.Region(build) as region:
        hub = region.start_hub()
        init_makes_a_directory_for_its_owner_alone(hub)
        init_touches_nothing_that_stands(hub)
        init_leaves_nothing_half_done(hub)
        addresses_for_this_machine_alone_are_warned_of(hub)
        an_unknown_name_is_named(hub)
        one_hub_at_a_time(hub)
        no_keys_end_up_in_a_dump(hub)
        the_table_shows_the_region(hub, region.build)
        expect("no backup yet" in hub.call("status"), "before the first backup")
        what_was_answered_outlives_a_kill(hub)
        a_backup_can_be_run(hub)
        status_judges_and_says_what_to_do(hub, region.build)
        an_empty_board_says_so_in_each_language(hub)
        help_has_an_example_for_each(hub)
        the_journal_holds_and_rebuilds(hub)
        who_is_stopped_says_so(hub)
        a_torn_configuration_is_named_by_its_line(hub)
        keys_that_others_may_read_are_refused(hub)
        another_hubs_key_is_refused(hub)
        another_hubs_keyring_is_refused(hub)
        a_hub_from_before_there_were_families_gets_its_keyring(hub)
        a_port_in_use_is_named(hub)
        systemd_hears_when_it_is_ready(hub)


if __name__ == "__main__":
    vangnet.main(test)
