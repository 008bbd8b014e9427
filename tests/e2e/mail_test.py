"""mail_send against a real mail server: what it got, byte by byte, with and without TLS; and what
is said when that server refuses, lies or hangs."""

from __future__ import annotations

import contextlib
import email
import email.policy
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import vangnet
from postbox import Postbox, make_authority
from vangnet import SANITIZED, equal, expect, free_ports

SENDER = "vangnet@ocmw-a.example"
TEAM = "team@ocmw-a.example"
DEPUTY = "vervanging@ocmw-a.example"
NOW_MS = 1795339999500  # Sunday 22 November 2026, 09:33:19.5 UTC, says Python's datetime
BY_ADDRESS, REQUIRED, OPTIONAL = "0", "1", "2"
MALFORMED, UNSUPPORTED, CRYPTO, NETWORK, AGAIN, TIMEOUT, DENIED, CONFIG = (
    -4, -9, -10, -11, -12, -13, -15, -17)  # shared/base/err.h
LIMIT_MS = 500
SLACK_S = 8.0 if SANITIZED else 2.0

SUBJECT = "1 melding wacht, de oudste al 2 dagen — één gezin zonder steun"
BODY = ("Er wacht 1 melding: de oudste 2 dagen.\\n"
        ".een punt vooraan\\n"
        "\\n"
        "égalité = même droit, en een spatie op het eind: \\n"
        "Een regel die langer is dan zesenzeventig tekens wordt zacht afgebroken. En gaat voort.")
# Written by hand from RFC 5322, 2047, 2045 and 3834; the base64 is Python's.
CONTENT = (
    b"From: vangnet@ocmw-a.example\r\n"
    b"To: team@ocmw-a.example,\r\n"
    b" vervanging@ocmw-a.example\r\n"
    b"Date: Sun, 22 Nov 2026 09:33:19 +0000\r\n"
    b"Message-ID: <7f3a.0001@ocmw-a.example>\r\n"
    b"Subject: =?utf-8?B?MSBtZWxkaW5nIHdhY2h0LCBkZSBvdWRzdGUgYWwgMiBkYWdlbiA=?=\r\n"
    b" =?utf-8?B?4oCUIMOpw6luIGdlemluIHpvbmRlciBzdGV1bg==?=\r\n"
    b"Auto-Submitted: auto-generated\r\n"
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n"
    b"\r\n"
    b"Er wacht 1 melding: de oudste 2 dagen.\r\n"
    b"=2Eeen punt vooraan\r\n"
    b"\r\n"
    b"=C3=A9galit=C3=A9 =3D m=C3=AAme droit, en een spatie op het eind:=20\r\n"
    b"Een regel die langer is dan zesenzeventig tekens wordt zacht afgebroken. En=\r\n"
    b" gaat voort.\r\n")


@dataclass
class Outcome:
    result: int
    fault: str
    status: int
    refused: int
    reason: str
    seconds: float


class Sender:
    def __init__(self, build: Path) -> None:
        self.program = build / "tests/e2e/mail_send"

    def send(self, url: str, to: tuple[str, ...] = (TEAM, DEPUTY), **lines: str) -> Outcome:
        settings = {"url": url, "from": SENDER, "subject": SUBJECT, "body": BODY,
                    "id": "7f3a.0001", "now_ms": str(NOW_MS)} | lines
        text = "".join(f"{name} {value}\n" for name, value in settings.items())
        text += "".join(f"to {address}\n" for address in to)
        begun = time.monotonic()
        # A proxy of the environment must not count; here is one that would swallow everything.
        done = subprocess.run([self.program], input=text, capture_output=True, text=True,
                              timeout=20, check=False,
                              env=os.environ | {"ALL_PROXY": "socks5h://127.0.0.1:9"})
        seconds = time.monotonic() - begun
        equal(done.returncode, 0, f"the program's end: {done.stderr}")
        result, fault, status, refused, reason = done.stdout.split("\n")[:5]
        return Outcome(int(result), fault.removeprefix("MAIL_FAULT_"), int(status), int(refused),
                       reason, seconds)

    def sends(self, url: str, **lines: str) -> None:
        outcome = self.send(url, **lines)
        equal((outcome.result, outcome.fault, outcome.reason), (0, "NONE", ""), f"sent to {url}")

    def fails(self, url: str, result: int, fault: str, status: int = 0, **lines: str) -> Outcome:
        outcome = self.send(url, **lines)
        equal((outcome.result, outcome.fault, outcome.status), (result, fault, status),
              f"outcome with {url} {lines}: {outcome.reason}")
        expect(outcome.reason, f"a reason for {fault}")
        return outcome


def smtp(port: int, scheme: str = "smtp") -> str:
    return f"{scheme}://127.0.0.1:{port}"


def the_server_gets_these_bytes(sender: Sender, folder: Path) -> None:
    with Postbox(folder / "plain") as box:
        sender.sends(smtp(box.port))
        sender.sends(f"smtp://localhost:{box.port}/node.ocmw-a.example", subject="1 melding wacht")
        mails = box.mails()
    equal(len(mails), 2, "mails")
    equal(mails[0].sender, SENDER, "the envelope's sender")
    equal(mails[0].recipients, [TEAM, DEPUTY], "the envelope's recipients")
    equal((mails[0].tls, mails[0].login), (False, None), "TLS and login on the loopback")
    equal(mails[0].content, CONTENT, "the content")
    expect(b"\r\nSubject: 1 melding wacht\r\n" in mails[1].content, "a plain subject stays plain")
    # Another's reading of it.
    read = email.message_from_bytes(mails[0].content, policy=email.policy.default)
    equal(read["subject"], SUBJECT, "the subject as Python reads it")
    equal(read.get_content(), BODY.replace("\\n", "\r\n") + "\r\n", "the body as Python reads it")
    equal(int(read["date"].datetime.timestamp()), NOW_MS // 1000, "the date as Python reads it")


def tls_is_used_and_verified(sender: Sender, folder: Path) -> None:
    ca, cert = make_authority(folder / "keys", "ours")
    other_ca, _ = make_authority(folder / "keys", "other")
    login = {"user": "node", "password": "geheim, é"}
    logins = {"node": "geheim, é"}
    with Postbox(folder / "starttls", cert, logins=logins) as box:
        url = smtp(box.port)
        sender.sends(url, tls=REQUIRED, ca_file=str(ca), **login)
        sender.sends(url, tls=OPTIONAL, ca_file=str(ca), **login)
        equal([(one.tls, one.login, one.content) for one in box.mails()],
              [(True, "node", CONTENT)] * 2, "what came by STARTTLS")
        for tls in REQUIRED, OPTIONAL:
            sender.fails(url, CRYPTO, "CERTIFICATE", tls=tls, ca_file=str(other_ca), **login)
            sender.fails(url, CRYPTO, "CERTIFICATE", tls=tls, **login)  # the system's authorities
        sender.fails(f"smtp://localhost:{box.port}", CRYPTO, "CERTIFICATE", tls=REQUIRED,
                     ca_file=str(ca), **login)  # made out to 127.0.0.1
        sender.fails(url, CONFIG, "SETTINGS", tls=REQUIRED, ca_file=str(folder / "none.pem"))
        equal(len(box.mails()), 2, "mails after the refused certificates")
    with Postbox(folder / "smtps", cert, smtps=True) as box:
        sender.sends(smtp(box.port, "smtps"), ca_file=str(ca))
        sender.fails(smtp(box.port, "smtps"), CRYPTO, "CERTIFICATE", ca_file=str(other_ca))
        equal([(one.tls, one.content) for one in box.mails()], [(True, CONTENT)], "over smtps")


def without_tls_nothing_leaves_where_it_is_required(sender: Sender, folder: Path) -> None:
    with Postbox(folder / "bare") as box:
        sender.fails(smtp(box.port), UNSUPPORTED, "NO_TLS", tls=REQUIRED)
        sender.fails(smtp(box.port, "smtps"), UNSUPPORTED, "NO_TLS")
        # This machine too, but nothing says so: no loopback address, hence TLS without asking.
        sender.fails(f"smtp://0.0.0.0:{box.port}", UNSUPPORTED, "NO_TLS")
        equal(box.mails(), [], "mails without the TLS that was asked for")
        sender.sends(smtp(box.port), tls=OPTIONAL)
        equal([one.tls for one in box.mails()], [False], "TLS where it was optional")


def a_refused_login_is_said_so(sender: Sender, folder: Path) -> None:
    _, cert = make_authority(folder / "keys", "login")
    ca = folder / "keys/login-ca.pem"
    with Postbox(folder / "login", cert, logins={"node": "geheim"}) as box:
        url, secure = smtp(box.port), {"tls": REQUIRED, "ca_file": str(ca)}
        sender.fails(url, DENIED, "LOGIN", 535, user="node", password="gehiem", **secure)
        sender.fails(url, DENIED, "LOGIN", 535, user="iemand", password="geheim", **secure)
        sender.fails(url, DENIED, "LOGIN", 535, user="node", **secure)
        sender.fails(url, DENIED, "LOGIN", 530, **secure)
        equal(box.mails(), [], "mails without a login")


def a_refused_address_does_not_keep_it_from_the_others(sender: Sender, folder: Path) -> None:
    gone, full = "weg@ocmw-a.example", "vol@ocmw-a.example"
    replies = {gone: "550 5.1.1 no such user weg@ocmw-a.example",
               full: "452 4.2.2 mailbox full"}
    with Postbox(folder / "refused", replies=replies) as box:
        one = sender.send(smtp(box.port), (gone, TEAM, DEPUTY))
        equal((one.result, one.fault, one.status, one.refused, one.reason),
              (1, "RECIPIENT", 550, 0b001, replies[gone]), "one of three refused")
        two = sender.send(smtp(box.port), (TEAM, full, gone))
        equal((two.result, two.fault, two.status, two.refused, two.reason),
              (2, "RECIPIENT", 452, 0b110, replies[full]), "two of three refused")
        equal([mail.recipients for mail in box.mails()], [[TEAM, DEPUTY], [TEAM]], "recipients")
        all_gone = sender.fails(smtp(box.port), DENIED, "RECIPIENT", 550, to=(gone,))
        equal(all_gone.refused, 0b1, "the only one refused")
        both = sender.fails(smtp(box.port), AGAIN, "RECIPIENT", 452, to=(full, gone))
        equal(both.refused, 0b11, "both refused")
        equal(len(box.mails()), 2, "mails when nobody was accepted")


def what_the_server_refuses_is_told_apart(sender: Sender, folder: Path) -> None:
    cases = [("refused sender", {SENDER: "553 5.7.1 not yours"}, DENIED, "SENDER", 553),
             ("sender later", {SENDER: "451 4.7.1 greylisted"}, AGAIN, "SENDER", 451),
             ("refused content", {"DATA": "554 5.6.0 looks like spam"}, DENIED, "REFUSED", 554),
             ("content later", {"DATA": "452 4.3.1 disk full"}, AGAIN, "REFUSED", 452)]
    for name, replies, result, fault, status in cases:
        with Postbox(folder / name, replies=replies) as box:
            outcome = sender.fails(smtp(box.port), result, fault, status)
            equal([outcome.reason], list(replies.values()), "the server's own words")
            equal(box.mails(), [], name)


@contextlib.contextmanager
def script(*replies: bytes, then: str = "hangs") -> Iterator[int]:
    """A server that says these, one at each line it hears (the first at once), and then hangs,
    hangs up, or drips: sends a byte now and then and never comes to an end."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(60)

    def serve() -> None:
        one, _ = listener.accept()
        with one, one.makefile("rb") as lines:
            one.settimeout(60)
            for at, reply in enumerate(replies):
                if at > 0:
                    lines.readline()
                one.sendall(reply)
            while then == "drips" and not over.wait(0.05):
                one.sendall(b"2")
            if then != "hangs up":
                over.wait(60)

    def serve_quietly() -> None:
        with contextlib.suppress(OSError):
            serve()

    thread = threading.Thread(target=serve_quietly, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        listener.close()
        thread.join()


def a_server_that_hangs_is_left_in_time(sender: Sender) -> None:
    talk = [b"220 mail\r\n", b"250 mail\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"]
    for said in range(len(talk) + 1):
        with script(*talk[:said]) as port:
            outcome = sender.fails(smtp(port), TIMEOUT, "TIMEOUT", timeout_ms=str(LIMIT_MS),
                                   to=(TEAM,))
        expect(LIMIT_MS / 1000 <= outcome.seconds < LIMIT_MS / 1000 + SLACK_S,
               f"{outcome.seconds:.1f} s with a server that hangs after {said} replies")
    with script(then="drips") as port:
        outcome = sender.send(smtp(port), timeout_ms=str(LIMIT_MS))
    expect(outcome.result < 0 and outcome.seconds < LIMIT_MS / 1000 + SLACK_S,
           f"{outcome} with a server that drips")


def a_server_that_breaks_off_is_said_so(sender: Sender) -> None:
    sender.fails(smtp(free_ports(1)[0]), NETWORK, "CONNECTION")
    sender.fails("smtp://mail.invalid", NETWORK, "CONNECTION", tls=OPTIONAL)  # RFC 6761, 6.4
    with script(then="hangs up") as port:
        sender.fails(smtp(port), NETWORK, "CONNECTION")
    with script(b"220 mail\r\n", then="hangs up") as port:
        sender.fails(smtp(port), NETWORK, "CONNECTION")
    with script(b"HTTP/1.1 400 Bad Request\r\n\r\n", then="hangs up") as port:
        sender.fails(smtp(port), NETWORK, "CONNECTION")
    with script(b"554 5.3.2 no service here\r\n", then="hangs up") as port:
        sender.fails(smtp(port), DENIED, "REFUSED", 554)
    with script(b"421 4.3.2 too busy\r\n", then="hangs up") as port:
        sender.fails(smtp(port), AGAIN, "REFUSED", 421)
    # A recipient's refusal is over when another is accepted: what broke is the connection.
    talk = [b"220 mail\r\n", b"250 mail\r\n", b"250 ok\r\n", b"550 gone\r\n", b"250 ok\r\n"]
    with script(*talk, then="hangs up") as port:
        sender.fails(smtp(port), NETWORK, "CONNECTION")
    # Offered and then refused: no way to fall back to the clear.
    talk = [b"220 mail\r\n", b"250-mail\r\n250 STARTTLS\r\n", b"454 4.7.0 no TLS now\r\n"]
    with script(*talk) as port:
        sender.fails(smtp(port), UNSUPPORTED, "NO_TLS", tls=REQUIRED)


def a_server_that_does_not_say_goodbye_has_the_mail(sender: Sender) -> None:
    quiet = [b""] * (CONTENT.count(b"\r\n") - 1)  # a recipient, so a line, less
    talk = [b"220 mail\r\n", b"250 mail\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"]
    with script(*talk, *quiet, b"250 taken\r\n") as port:
        outcome = sender.send(smtp(port), (TEAM,), timeout_ms="15000")
    equal((outcome.result, outcome.fault), (0, "NONE"), f"the outcome: {outcome.reason}")
    expect(outcome.seconds < 1 + SLACK_S, f"{outcome.seconds:.1f} s to say goodbye")


def test(build: Path) -> None:
    sender = Sender(build)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        the_server_gets_these_bytes(sender, folder)
        tls_is_used_and_verified(sender, folder)
        without_tls_nothing_leaves_where_it_is_required(sender, folder)
        a_refused_login_is_said_so(sender, folder)
        a_refused_address_does_not_keep_it_from_the_others(sender, folder)
        what_the_server_refuses_is_told_apart(sender, folder)
        a_server_that_hangs_is_left_in_time(sender)
        a_server_that_breaks_off_is_said_so(sender)
        a_server_that_does_not_say_goodbye_has_the_mail(sender)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    vangnet.main(test)
