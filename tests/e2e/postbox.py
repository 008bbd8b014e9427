"""A mail server on the loopback for the tests of this directory: aiosmtpd, of Debian's
python3-aiosmtpd.

    with postbox.Postbox(directory, logins={"node": "secret"}) as box:
        ... smtp://127.0.0.1:{box.port} ...
        mail = box.mails()[0]

It runs as a process of its own, with an interpreter that has aiosmtpd, and ends with the test that
started it. What it gets stands in the directory, a file for each mail.
"""

from __future__ import annotations

import base64
import functools
import itertools
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vangnet import expect, free_ports


@dataclass
class Mail:
    sender: str
    recipients: list[str]
    content: bytes  # as it came, but for the dots that SMTP doubles
    login: str | None
    tls: bool


class Postbox:
    """`cert`: PEM with key; STARTTLS is offered with it, or everything is in TLS (`smtps`).
    `logins`: without one of these nothing is taken. `replies`: what is answered for a sender or
    recipient, or to "DATA", instead of 250."""

    def __init__(self, directory: Path, cert: Path | None = None, smtps: bool = False,
                 logins: dict[str, str] | None = None,
                 replies: dict[str, str] | None = None) -> None:
        self.directory = directory
        self.port = free_ports(1)[0]
        self.settings = {"directory": str(directory), "port": self.port,
                         "cert": str(cert) if cert else None, "smtps": smtps,
                         "logins": logins, "replies": replies or {}}

    def __enter__(self) -> Postbox:
        self.directory.mkdir(parents=True, exist_ok=True)
        # Its complaints about clients that break off are no business of the test's.
        with (self.directory / "log").open("w") as log:
            self.process = subprocess.Popen([interpreter(), __file__, json.dumps(self.settings)],
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=log, text=True)
        assert self.process.stdout
        expect(self.process.stdout.readline() == "ready\n", "the mail server didn't start")
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate("")  # its standard input ends, and so does it

    def mails(self) -> list[Mail]:
        found = [json.loads(path.read_text()) for path in sorted(self.directory.glob("*.json"))]
        return [Mail(one["sender"], one["recipients"], base64.b64decode(one["content"]),
                     one["login"], one["tls"]) for one in found]


@functools.cache
def interpreter() -> str:
    """Debian's modules are seen by Debian's python3, which needn't be the path's first."""
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import aiosmtpd"], check=False,
                          stderr=subprocess.DEVNULL).returncode == 0:
            return python
    raise SystemExit("python3-aiosmtpd is missing: deploy/install --test")


def make_authority(directory: Path, name: str) -> tuple[Path, Path]:
    """A CA of our own and a certificate of it for 127.0.0.1 (with its key): two PEM files."""
    directory.mkdir(parents=True, exist_ok=True)
    ca, ca_key, cert = (directory / f"{name}{end}" for end in ("-ca.pem", "-ca.key", ".pem"))
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
           "-nodes", "-days", "2"]
    run(*new, "-subj", f"/CN={name} CA", "-keyout", ca_key, "-out", ca)
    run(*new, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
        "-addext", "basicConstraints=critical,CA:FALSE", "-CA", ca, "-CAkey", ca_key,
        "-keyout", f"{cert}.key", "-out", cert)
    cert.write_text(cert.read_text() + Path(f"{cert}.key").read_text())
    return ca, cert


def run(*command: object) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          check=False)
    expect(done.returncode == 0, f"{command[0]}: {done.stderr}")


def serve(settings: dict[str, Any]) -> None:
    import ssl

    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult, LoginPassword

    directory = Path(settings["directory"])
    replies = settings["replies"]
    numbers = itertools.count()

    class Handler:
        async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str,
                              options: list[str]) -> str:
            if address in replies:
                return replies[address]
            envelope.mail_from = address
            return "250 OK"

        async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str,
                              options: list[str]) -> str:
            if address in replies:
                return replies[address]
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            if "DATA" in replies:
                return replies["DATA"]
            mail = {"sender": envelope.mail_from, "recipients": envelope.rcpt_tos,
                    "content": base64.b64encode(envelope.content).decode(),
                    "login": session.auth_data, "tls": session.ssl is not None
                    or settings["smtps"]}
            path = directory / f"{next(numbers):06}"
            path.write_text(json.dumps(mail))
            path.rename(path.with_suffix(".json"))
            return "250 OK"

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str,
                     data: Any) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        login = data.login.decode()
        good = settings["logins"].get(login) == data.password.decode()
        return AuthResult(success=good, handled=False, auth_data=login)

    context = None
    if settings["cert"]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(settings["cert"])
    options: dict[str, Any] = {"hostname": "127.0.0.1", "port": settings["port"]}
    if settings["logins"] is not None:
        options |= {"authenticator": authenticate, "auth_required": True,
                    "auth_require_tls": context is not None and not settings["smtps"]}
    options["ssl_context" if settings["smtps"] else "tls_context"] = context
    controller = Controller(Handler(), **options)
    controller.start()
    print("ready", flush=True)
    sys.stdin.read()
    controller.stop()


if __name__ == "__main__":
    serve(json.loads(sys.argv[1]))
