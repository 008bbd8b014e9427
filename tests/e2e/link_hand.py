"""A member's key in our own hand, while its node is stopped: what the drivers of
tests/e2e/bad_days_link and tests/e2e/family_link have in common."""

from __future__ import annotations

import configparser
import subprocess
import threading
from pathlib import Path
from typing import Self

import vangnet
from vangnet import Node, equal, wait_for


class LinkHand:
    def __init__(self, program: Path, node: Node) -> None:
        settings = configparser.ConfigParser(comment_prefixes=(";",), interpolation=None)
        settings.read(node.folder / "node.ini", encoding="utf-8")
        hub = settings["hub"]
        self.org = node.org
        self.hub = hub["id"]
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [program, node.folder / "keys/identity.seed", node.org, hub["id"], hub["endpoint"],
             hub["key"]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.tell("end")
        try:
            equal(self.process.wait(timeout=15 * vangnet.PATIENCE), 0, "the link by hand")
        finally:
            self.process.kill()

    def read(self) -> None:
        if self.process.stdout:
            for line in self.process.stdout:
                self.heard(line.strip())

    def heard(self, line: str) -> None:
        self.lines.append(line)

    def tell(self, line: str) -> None:
        if self.process.stdin:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()

    def await_line(self, start: str, seconds: float = 20) -> str:
        """The first one from here on that begins so; it is taken."""
        def found() -> str | None:
            for at, line in enumerate(self.lines):
                if line.startswith(start):
                    del self.lines[: at + 1]
                    return line
            return None

        return str(wait_for(f"'{start}' from the link by hand", found, seconds))
