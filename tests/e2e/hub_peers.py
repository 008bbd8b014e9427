"""Organisations driven by hub_peer.c, for the hub's own tests."""

from __future__ import annotations

import subprocess
from pathlib import Path

import vangnet


class Peer:
    """One organisation with keys of its own; `invitation` also tells it where the hub is."""

    def __init__(self, build: Path, org: str, invitation: str) -> None:
        self.program = build / "tests/e2e/hub_peer"
        self.org = org
        self.invitation = invitation

    def run(self, *words: str, seed: str | None = None) -> list[str]:
        """The lines it said; `seed`: with somebody else's keys."""
        done = subprocess.run([self.program, seed or self.org, self.invitation, *words],
                              capture_output=True, text=True, check=False,
                              timeout=60 * vangnet.PATIENCE)
        vangnet.expect(done.returncode == 0, f"hub_peer {words}: {done.returncode} {done.stderr}")
        return done.stdout.split("\n")[:-1]

    def join(self, name: str, seed: str | None = None) -> str:
        return self.run("join", self.org, name, seed=seed)[-1]

    def knock(self, seed: str | None = None) -> str:
        return self.run("knock", seed=seed)[-1]

    def greet(self) -> str:
        return self.run("greet", self.org)[-1]

    def publish(self, number: int, day: str, open_: int, waiting: int,
                bins: list[int]) -> list[str]:
        figures = f"{day}/{open_}/{waiting}/" + ",".join(map(str, bins))
        return self.run("publish", self.org, str(number), figures)


def invite(hub: vangnet.Hub, *options: str) -> str:
    return max(hub.call("invite", *options).split(), key=len)


def member(hub: vangnet.Hub, build: Path, org: str, name: str) -> Peer:
    """Joined and approved."""
    peer = Peer(build, org, invite(hub, "--org", org, "--approve"))
    vangnet.equal(peer.join(name), "approved", f"{org} joins")
    return peer
