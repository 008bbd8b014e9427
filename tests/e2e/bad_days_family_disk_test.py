"""Families on a full disk, the hub's and a node's: consents wait, and a withdrawal gets through all
the same, for what makes us hold less is taken from the reserve (DESIGN 3)."""

from __future__ import annotations

import sys
from pathlib import Path

import families
import vangnet
from bad_days_disk_full_test import RESERVE_BYTES, Disk, disk_close, is_short, on_own_disk
from families import Office, consent, new_family
from vangnet import Hub, Region, equal, expect, wait_for

SCOPES = ["presence", "lost-support", "concern"]


def new_card(office: Office) -> tuple[int, str]:
    status, answer = office.ask("POST", "/api/v1/cards/new", consent(SCOPES))
    return status, families.card_of(answer["page"]) if status == 200 else ""


def found(office: Office, card: str) -> bool:
    return bool(office.post("/api/v1/looks", card=card)["found"])


def owed(hub: Hub) -> int:
    return len(hub.get("/api/v1/erasures")["rows"])


def hub_disk(region: Region) -> None:
    disk = Disk(region.folder / "hubdisk")
    try:
        hub = region.start_hub(disk.folder / "hub")
        ocmw = families.add(region, hub, "ocmw-a")
        caw = families.add(region, hub, "caw-b", kind="caw")
        _, card = new_family(ocmw, SCOPES, support="near")
        caw.post("/api/v1/supports/start", card=card, kind="professional", distance="near")
        caw.node.wait_received()
        disk.fill(RESERVE_BYTES // 2)
        wait_for("the hub notices that its disk is full", lambda: is_short(hub))
        status, late = new_card(ocmw)
        equal(status, 200, "the node takes a consent")
        ocmw.post("/api/v1/consents/withdraw", card=card)
        wait_for("all has been erased on a full disk", lambda: owed(hub) == 0 and not [
            one for one in caw.families() if one["support"]])
        expect(is_short(hub), "the disk is full still")
        expect(ocmw.node.status()["waiting"] > 0, "the consent waits")
        disk.clear()
        ocmw.node.wait_received()
        expect(found(caw, late), "the consent, once there is room")
        expect(not found(caw, card), "the withdrawn card opens nothing")
    finally:
        disk_close(disk, region)


def node_disk(region: Region) -> None:
    disk = Disk(region.folder / "nodedisk")
    try:
        hub = region.start_hub(region.folder / "hub2")
        node = families.add(region, hub, "ocmw-vol", folder=disk.folder / "ocmw-vol")
        _, card = new_family(node, SCOPES, support="near")
        _, other = new_family(node, SCOPES)
        disk.fill(RESERVE_BYTES // 2)
        wait_for("the node notices that its disk is full",
                 lambda: "NODE_NO_ROOM" in node.node.findings())
        status, _ = new_card(node)
        expect(status >= 400, "a consent on a full disk")
        status, answer = node.ask("POST", "/api/v1/consents/withdraw", {"card": card})
        equal(status, 200, f"a withdrawal on a full disk: {answer}")
        node.node.wait_received()
        wait_for("the hub has erased, and has the receipt", lambda: owed(hub) == 0)
        disk.fill(0)
        node.node.kill()
        node.node.up()  # with no room for new keys
        status, answer = node.ask("POST", "/api/v1/consents/withdraw", {"card": other})
        equal((status, answer["code"]), (503, "busy"), "a withdrawal without a key")
        expect("er is niets gebeurd" in answer["title"], f"who asked is told: {answer}")
        disk.clear()
        wait_for("the node notices that there is room",
                 lambda: "NODE_NO_ROOM" not in node.node.findings())
        expect(not found(node, card), "the withdrawn card opens nothing")
        expect(found(node, other), "the one that was refused stands")
    finally:
        disk_close(disk, region)


def test(build: Path) -> None:
    on_own_disk(build, hub_disk, node_disk)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    vangnet.main(test)
