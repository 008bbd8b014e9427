#!/usr/bin/env python3
"""Mail to a team, over a real mail server: at once for what's urgent, but one mail a quarter of an
hour; each working day from 08:00 while something waits; never a word of what it is about."""

from __future__ import annotations

import datetime
import zoneinfo
from email import message_from_bytes, policy
from pathlib import Path

import families
import vangnet
from families import EVERYTHING, Office, new_family
from postbox import Mail, Postbox
from vangnet import Clock, Region, equal, expect, wait_for

BRUSSELS = zoneinfo.ZoneInfo("Europe/Brussels")
CONTACT = "Mevrouw T., 0470 12 34 56"
TEAM = ["onthaal@ocmw.example", "deputy@ocmw.example"]


class Time:
    """One time for all daemons."""

    def __init__(self, region: Region, names: list[str]) -> None:
        self.shift_s = self.until_s(self.next_monday(), 10)
        self.clocks = {name: region.make_clock(name, self.shift_s) for name in names}

    @staticmethod
    def next_monday() -> datetime.date:
        today = datetime.datetime.now(BRUSSELS).date()
        # The tenth of January to the end of March holds no holiday of this calendar.
        return datetime.date(today.year + 1, 2, 1) + datetime.timedelta(
            days=(7 - datetime.date(today.year + 1, 2, 1).weekday()) % 7)

    @staticmethod
    def until_s(day: datetime.date, hour: int, minute: int = 0) -> float:
        wanted = datetime.datetime.combine(day, datetime.time(hour, minute), BRUSSELS)
        return wanted.timestamp() - datetime.datetime.now(BRUSSELS).timestamp()

    def now(self) -> datetime.datetime:
        return datetime.datetime.now(BRUSSELS) + datetime.timedelta(seconds=self.shift_s)

    def go(self, shift_s: float) -> None:
        self.shift_s = shift_s
        for clock in self.clocks.values():
            clock.shift(shift_s)

    def pass_minutes(self, minutes: int) -> None:
        self.go(self.shift_s + 60 * minutes)


def settings(box: Postbox) -> str:
    return (f"\n[mail]\nurl = smtp://127.0.0.1:{box.port}\nfrom = vangnet@ocmw.example\n"
            f"teams = onthaal: {', '.join(TEAM)}\nlanguage = nl\n")


def subject(mail: Mail) -> str:
    return str(message_from_bytes(mail.content, policy=policy.default)["Subject"])


def sent(mail: Mail) -> datetime.datetime:
    header = message_from_bytes(mail.content, policy=policy.default)["Date"]
    return header.datetime.astimezone(BRUSSELS)


def body(mail: Mail) -> str:
    message = message_from_bytes(mail.content, policy=policy.default)
    return str(message.get_body().get_content())


def raise_concern(office: Office, reason: str) -> str:
    _, card = new_family(office, EVERYTHING, support="distant", fallback_first="caw-b",
                         contact=CONTACT)
    office.call("concern", "raise", card, "--reason", reason, "--urgency", "today")
    return card


def flags(office: Office) -> int:
    return sum(1 for one in office.items() if one["flag"])


def a_flag_is_mailed_at_once(ocmw: Office, caw: Office, box: Postbox) -> str:
    card = raise_concern(ocmw, "housing")
    wait_for("a flag", lambda: flags(caw) > 0, 30)
    wait_for("a mail", box.mails, 30)
    mail = box.mails()[0]
    equal(sorted(mail.recipients), sorted(TEAM), "team and deputy")
    expect("wacht" in subject(mail), f"its subject: {subject(mail)}")
    return card


def one_mail_a_quarter_of_an_hour(ocmw: Office, caw: Office, box: Postbox, time: Time) -> str:
    before = len(box.mails())
    known = flags(caw)
    card = raise_concern(ocmw, "income")
    wait_for("another flag", lambda: flags(caw) > known, 30)
    time.pass_minutes(5)
    time.pass_minutes(11)
    wait_for("after it, one mail", lambda: len(box.mails()) > before, 30)
    first, second = (sent(mail) for mail in box.mails())
    expect(second - first >= datetime.timedelta(minutes=15), f"{first}, then {second}")
    return card


def each_working_day_while_something_waits(box: Postbox, time: Time) -> None:
    before = len(box.mails())
    tomorrow = time.now().date() + datetime.timedelta(days=1)
    time.go(time.until_s(tomorrow, 7, 55))
    time.go(time.until_s(tomorrow, 8, 1))
    wait_for("the digest", lambda: len(box.mails()) == before + 1, 30)
    expect((sent(box.mails()[-1]).hour, sent(box.mails()[-1]).minute) >= (8, 0), "not before eight")
    expect("1 dag" in subject(box.mails()[-1]), f"how old: {subject(box.mails()[-1])}")
    time.pass_minutes(30)
    equal(len(box.mails()), before + 1, "one a day")


def a_restart_mails_nothing_twice(caw: Office, box: Postbox) -> None:
    before = len(box.mails())
    caw.node.stop()
    caw.node.up()
    caw.node.wait_connected()
    equal(len(box.mails()), before, "mails after a restart")


def nothing_of_a_family_is_mailed(box: Postbox, cards: list[str]) -> None:
    for mail in box.mails():
        said = subject(mail) + body(mail)
        for word in (*cards, "Mevrouw", "0470", "housing", "wonen", "income", "concern", "zorg",
                     "ocmw-a", "gezin"):
            expect(word not in said, f"{word!r} in a mail: {said}")


def a_server_that_refuses_shows_in_status(ocmw: Office, caw: Office) -> None:
    raise_concern(ocmw, "school")
    wait_for("it shows", lambda: "NODE_MAIL_FAILS" in caw.node.findings(), 40)


def test(build: Path) -> None:
    with vangnet.Region(build) as region:
        time = Time(region, ["hub", "ocmw-a", "caw-b"])
        clocks: dict[str, Clock] = time.clocks
        hub = region.start_hub(clock=clocks["hub"])
        with Postbox(region.folder / "mail") as box:
            ocmw = families.add(region, hub, "ocmw-a", clock=clocks["ocmw-a"])
            caw = families.add(region, hub, "caw-b", clock=clocks["caw-b"], kind="caw",
                               ini=settings(box))
            cards = [a_flag_is_mailed_at_once(ocmw, caw, box),
                     one_mail_a_quarter_of_an_hour(ocmw, caw, box, time)]
            each_working_day_while_something_waits(box, time)
            a_restart_mails_nothing_twice(caw, box)
            nothing_of_a_family_is_mailed(box, cards)
        time.pass_minutes(20)
        a_server_that_refuses_shows_in_status(ocmw, caw)


if __name__ == "__main__":
    vangnet.main(test)
