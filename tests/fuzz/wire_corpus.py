#!/usr/bin/env python3
"""Writes the corpora of what comes over the wire or out of an invitation: good ones, and ones that
are wrong in a way of their own. Shares no code with the programs: the protobuf, the checks and the
hash are written from their specifications, so a good one that isn't taken is a finding too.

Give the directory of the fuzz targets. Files are named after what they are; others stay.
"""

import hashlib
import os
import sys


def varint(value):
    out = b""
    value &= 2**64 - 1
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def num(field, value):
    return varint(field << 3) + varint(value)


def snum(field, value):
    return num(field, (value << 1) ^ (value >> 63))


def run(field, data):
    data = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(data)) + data


KEY = bytes(range(32))
SIGNATURE = bytes(range(64))
NOW = 1790000000000
POSITION = num(1, 3) + num(2, 2**40) + run(3, KEY)
HEAD = num(1, 5) + run(2, KEY)


def acknowledgement():
    refused = num(1, 12) + num(2, 16) + num(3, 30) + run(4, "caw")
    receipt = num(1, 1) + num(2, 2) + num(3, 11) + run(4, b"\x81\xff") + run(5, refused)
    not_taken = num(1, 2) + num(2, 3) + num(3, 17) + num(4, 15) + num(5, 60)
    return (run(1, "hub@kortrijk") + run(2, "caw@kortrijk") + num(3, NOW) + run(4, POSITION)
            + num(5, 77) + run(6, HEAD) + run(7, num(3, 9)) + run(7, receipt) + run(8, not_taken))


def envelope(body=b"hi", lane=1, number=300, ident=bytes(16), sender="caw@kortrijk"):
    return (num(1, 1) + run(2, sender) + run(3, "hub@kortrijk") + num(4, lane) + num(5, 2)
            + num(6, number) + run(7, ident) + num(8, NOW) + num(9, NOW + 1) + num(10, 2)
            + run(11, HEAD) + run(12, body))


def packets():
    hello = (num(1, 1) + num(2, 2) + run(3, "caw") + run(4, "vangnet 0.1.0") + num(5, NOW)
             + run(6, POSITION) + num(7, 1))
    signed = run(1, acknowledgement()) + run(2, SIGNATURE)
    join = run(1, bytes(16)) + run(2, KEY) + run(3, application()) + run(4, SIGNATURE)
    yield "hello", run(1, hello)
    yield "hello_bare", run(1, run(3, "caw"))
    yield "hello_bad_id", run(1, run(3, "CAW"))
    yield "hello_bad_utf8", run(1, run(3, "caw") + run(4, b"\xed\xa0\x80"))
    yield "hello_newer", run(1, hello + run(99, "new")) + num(50, 1)
    yield "welcome", run(2, num(1, 1) + run(3, signed) + run(4, signal()))
    yield "welcome_refused", run(2, num(2, 3))
    yield "welcome_unknown_reason", run(2, num(2, 250))
    yield "posting", run(3, run(1, envelope()) + run(2, SIGNATURE))
    yield "posting_unsigned", run(3, run(1, envelope()))
    yield "posting_short_signature", run(3, run(1, envelope()) + run(2, b"short"))
    yield "acknowledgement", run(4, signed)
    yield "join_request", run(5, join)
    yield "join_answer", run(6, num(1, 2) + num(3, NOW))
    look = run(1, bytes(16)) + run(2, statement_of_look()) + run(3, SIGNATURE)
    yield "look_request", run(7, look)
    yield "look_request_short_proof", run(7, look + run(3, b"short"))
    yield "look_request_long", run(7, look + run(2, bytes(1025)))
    reply = run(1, bytes(16)) + run(2, bytes(16))
    yield "look_reply", run(8, reply + run(4, bytes(8192)))
    yield "look_reply_refused", run(8, reply + num(3, 41))
    yield "look_reply_short", run(8, reply + run(4, bytes(8191)))
    yield "welcome_nonce", run(2, num(1, 1) + run(3, signed) + run(5, bytes(range(16))))
    yield "two_contents", run(6, num(1, 1)) + run(1, hello)
    yield "empty", b""
    yield "group", b"\x0b\x0c"
    yield "run_past_end", b"\x0a\x7f\x00"


def envelopes():
    yield "good", envelope()
    yield "signal", envelope(signal())
    yield "directory", envelope(run(1, signed_entry(found())))
    yield "urgent", envelope(lane=0)
    yield "unknown_lane", envelope(lane=3)
    yield "number_zero", envelope(number=0)
    yield "number_largest", envelope(number=2**64 - 1)
    yield "short_id", envelope(ident=bytes(15))
    yield "no_at", envelope(sender="caw")
    yield "long_sender", envelope(sender="a" * 40 + "@kortrijk")
    yield "newer", envelope() + run(13, "new") + num(1000, 7)
    yield "twice", envelope() + envelope(number=301)
    yield "acknowledgement", acknowledgement()
    yield "many_empty_receipts", run(7, b"") * 200


def count(value):
    return num(1, value)


def band(index):
    return num(2, index + 1)


def histogram(edges, counts, packed=True):
    if packed:
        return (run(1, b"".join(map(varint, edges))) + run(2, b"".join(map(varint, counts))))
    return b"".join(num(1, e) for e in edges) + b"".join(num(2, c) for c in counts)


def service(name, packed=True):
    bins = histogram([2, 6, 13], [4, 3, 2, 1], packed)
    left = num(1, 2) + run(2, bins)
    return (run(1, name) + run(2, count(120)) + run(3, band(3)) + run(4, bins) + run(5, bins)
            + run(6, bins) + run(7, left) + run(8, bins))


def signal(services=(), rest=b"", version=1, origin=1, day=20770):
    return (num(1, version) + snum(2, day) + num(3, 7) + num(4, origin) + num(5, 1)
            + run(6, count(300)) + run(7, band(2)) + b"".join(run(8, s) for s in services) + rest)


def signals():
    place = run(9, num(1, 34022) + run(2, count(5)))
    language = run(10, run(1, "ara") + run(2, count(9)) + run(3, band(0)))
    whole = signal([service("housing"), service("money")], place + language)
    yield "whole", whole
    yield "padded", whole + run(11, bytes(1024 - len(whole) - 3))
    yield "unpacked_numbers", signal([service("housing", packed=False)])
    yield "bare", signal()
    yield "version_2", signal(version=2)
    yield "unknown_origin", signal(origin=9)
    yield "negative_day", signal(day=-3)
    yield "out_of_order", signal([service("money"), service("housing")])
    yield "double_place", signal(rest=place + place)
    yield "bad_language", signal(rest=run(10, run(1, "arab")))
    yield "edges_fall", signal([run(1, "housing") + run(4, histogram([6, 2], [1, 2, 3]))])
    yield "counts_missing", signal([run(1, "housing") + run(4, histogram([2, 6], [1]))])
    yield "band_and_value", signal([run(1, "housing") + run(2, num(1, 5) + num(2, 2))])
    yield "status", (num(1, 1) + num(2, NOW) + run(3, run(1, "housing") + num(2, 2)
                     + snum(3, 20800) + num(5, 25) + num(6, 350) + snum(7, 20900)))
    yield "status_unknown", num(1, 1) + run(3, run(1, "housing") + num(2, 9))
    yield "non_minimal_length", signal() + bytes([11 << 3 | 2, 0x81, 0x00, 0])


def member():
    catchment = num(1, 34022) + snum(2, 20000) + snum(3, 30000)
    closure = snum(1, 20100) + snum(2, 20110) + run(3, "caw")
    return (run(1, "OCMW Kortrijk") + num(2, 1) + num(3, 1) + num(4, 1)
            + b"".join(run(field, KEY) for field in (5, 6, 7, 8)) + snum(9, 20500)
            + snum(10, 20400) + run(11, "tcp://192.0.2.1:7300") + run(12, catchment)
            + run(13, "housing") + run(14, "nld") + run(15, "1 09:00-12:00")
            + run(16, "34022 3 13:30-16:00") + run(17, closure) + num(18, 3) + num(19, 1)
            + num(20, 1) + run(21, varint(34022) + varint(34040)) + run(22, "0207.494.678"))


def application():
    return run(1, "ocmw") + run(2, member()) + num(3, NOW) + run(4, "kortrijk")


def entry(ops, sequence=2, previous=KEY):
    return num(1, sequence) + run(2, previous) + num(3, NOW) + b"".join(run(4, op) for op in ops)


def found(quorum=1):
    region = (run(1, "kortrijk") + run(2, "Zuid-West-Vlaanderen") + run(3, KEY) + num(4, quorum)
              + run(5, KEY) + run(6, KEY))
    return entry([num(1, 1) + run(3, region)], 1, bytes(32))


def signed_entry(inner):
    return run(1, inner) + run(2, run(1, KEY) + run(2, SIGNATURE))


def directories():
    join = num(1, 2) + run(2, "ocmw") + run(4, member())
    leave = num(1, 3) + run(2, "caw") + run(6, "closed its doors")
    restore = num(1, 14) + run(5, POSITION)
    yield "found", found()
    yield "found_no_quorum", found(0)
    yield "found_signed", signed_entry(found())
    yield "join", entry([join])
    yield "join_signed", signed_entry(entry([join]))
    yield "many_ops", entry([join, leave, restore])
    yield "unknown_op", entry([num(1, 99) + run(2, "caw")])
    yield "no_ops", entry([])
    yield "seventeen_ops", entry([leave] * 17)
    yield "short_previous", entry([leave], previous=b"short")
    yield "application", application()
    yield "application_no_member", run(1, "ocmw") + run(4, "kortrijk")
    yield "message", run(1, signed_entry(found())) + run(1, signed_entry(entry([leave])))
    yield "short_signature", run(1, found()) + run(2, run(1, KEY) + run(2, b"short"))


# About families: the first byte of an input says which message the rest is, by its place here.
CODECS = ["consent_token", "consent", "proven", "withdrawal", "support", "ask", "ask_answer",
          "concern", "flag_answer", "call_back", "called_back", "new_card", "card_moved", "erased",
          "sealed", "notice", "tombstone", "look", "look_answer"]
SEALED = run(1, KEY) + run(2, bytes(range(100)))
CONTACT = run(1, KEY) + run(2, bytes(range(67)) * 16)  # 1 KiB in a box
SIGNED_TOKEN = run(1, b"token") + run(2, SIGNATURE) + run(3, SIGNATURE)
PROVEN = run(1, b"statement") + run(2, SIGNATURE)
IDENT = bytes(range(16))


def statement_of_look():
    return run(1, "kortrijk") + run(2, KEY) + run(3, "caw") + run(4, IDENT) + num(5, NOW)


def padded(message, field, size):
    """Zeros in a last field, whose length takes two bytes."""
    return message + varint(field << 3 | 2) + varint(size - len(message) - 3) + bytes(
        size - len(message) - 3)


def notice(kind, rest=b""):
    return padded(num(1, kind) + num(2, 1) + run(3, IDENT) + rest, 12, 2048)


def family_messages():
    """Codec, what is special about it ("" for a good one), the message."""
    envelope_of = lambda org: run(3, run(1, org) + run(2, CONTACT))
    token = (num(1, 1) + run(2, "kortrijk") + run(3, KEY) + num(4, 2) + num(5, 45) + num(6, 690)
             + run(7, KEY) + run(8, "agii") + run(9, KEY) + run(10, KEY) + run(11, "caw")
             + run(12, "ocmw"))
    support = num(1, 1) + run(2, KEY) + run(3, "caw") + num(4, 300) + num(5, 1) + num(6, 1)
    ended = support + num(7, 3) + num(8, 1) + snum(9, 20780) + num(10, 34022) + run(11, "ocmw")
    asked = num(1, 1) + run(2, IDENT) + run(3, KEY)
    consent = num(1, 1) + run(2, SIGNED_TOKEN)
    concern = asked + run(4, "caw") + num(5, 2) + num(6, 11) + num(7, 2) + num(8, NOW)
    yield "consent_token", "", token
    yield "consent_token", "version_2", token + num(1, 2)
    yield "consent_token", "unknown_scope", token + num(5, 64)
    yield "consent", "", consent + envelope_of("caw") + envelope_of("ocmw") + run(4, PROVEN)
    yield "consent", "bare", consent
    yield "consent", "one_organisation_twice", consent + envelope_of("caw") * 2
    yield "consent", "three_envelopes", consent + envelope_of("caw") * 3
    yield "proven", "", PROVEN
    yield "withdrawal", "", (run(1, "kortrijk") + run(2, KEY) + num(3, 2) + run(4, "caw")
                             + num(5, NOW))
    yield "support", "", support + num(7, 1) + snum(12, 20700) + num(13, 1)
    yield "support", "ended", ended
    yield "support", "ended_without_reason", ended + num(8, 0)
    yield "support", "said_by_the_hub", ended + num(8, 7)
    yield "ask", "", (asked + run(4, "caw") + run(5, "ocmw") + run(6, "housing") + snum(7, 20780)
                      + run(9, CONTACT))
    yield "ask", "short_contact", (asked + run(4, "caw") + run(5, "ocmw") + run(6, "housing")
                                   + snum(7, 20780) + run(9, SEALED))
    yield "ask_answer", "taken", asked + num(4, 2)
    yield "ask_answer", "refused", asked + num(4, 3) + num(5, 6)
    yield "ask_answer", "passed_on", asked + num(4, 4) + run(6, "ocmw") + run(7, CONTACT)
    yield "ask_answer", "passed_to_nobody", asked + num(4, 4)
    yield "concern", "", concern
    yield "concern", "no_urgency", concern + num(7, 0)
    yield "flag_answer", "take", num(1, 1) + run(2, IDENT) + run(3, KEY) + num(4, 1)
    yield "flag_answer", "close", num(1, 1) + run(2, IDENT) + run(3, KEY) + num(4, 3) + num(5, 5)
    yield "call_back", "", (num(1, 4) + run(2, IDENT) + run(3, "ocmw") + num(4, 34022)
                            + run(5, "ara") + run(6, CONTACT))
    yield "called_back", "", num(1, 4) + run(2, IDENT)
    yield "new_card", "", num(1, 1) + run(2, "ocmw") + run(3, SEALED)
    yield "new_card", "split_box", num(1, 1) + run(2, "ocmw") + run(3, run(1, KEY)) + run(
        3, run(2, b"box"))
    moved = run(1, KEY) + run(2, KEY[::-1]) + run(3, KEY) + run(4, SIGNED_TOKEN)
    yield "card_moved", "", moved + run(5, "caw")
    yield "card_moved", "to_nobody", moved
    yield "erased", "", run(1, IDENT) + num(2, NOW)
    yield "sealed", "", SEALED
    flag = (run(1, IDENT) + num(2, 5) + num(3, 4) + num(4, 1) + snum(5, 20780) + snum(6, 20783)
            + snum(7, 20794) + num(8, 6) + num(9, 10) + num(10, 1) + run(11, "ocmw"))
    origin = run(8, run(1, envelope()) + run(2, SIGNATURE))
    yield "notice", "flag", notice(1, run(4, KEY) + run(5, SIGNED_TOKEN) + run(6, flag)
                                   + run(9, SEALED))
    yield "notice", "flag_without_flag", notice(1, run(4, KEY))
    yield "notice", "answer", notice(3, run(4, KEY) + run(6, flag) + run(7, IDENT[::-1]))
    yield "notice", "ending", notice(4, run(4, KEY) + snum(10, 20840))
    yield "notice", "ask", notice(5, run(4, KEY) + run(5, SIGNED_TOKEN) + origin)
    yield "notice", "call_back", notice(7, origin)
    yield "notice", "support_over", notice(10, run(4, KEY) + num(11, 7))
    yield "notice", "unpadded", num(1, 8) + run(3, IDENT) + run(7, IDENT)
    yield "tombstone", "", padded(run(1, IDENT) + run(2, KEY) + num(3, 1) + num(4, NOW), 5, 1024)
    yield "look", "", statement_of_look()
    seen = run(4, run(1, "ocmw") + snum(2, 20780))
    found = (num(1, 1) + run(2, SIGNED_TOKEN)
             + run(3, run(1, "caw") + num(2, 3) + num(3, 1) + num(4, 1) + num(5, 2) + num(6, 1)
                   + snum(7, 20700) + snum(8, 20800))
             + run(3, num(3, 2) + num(4, 2) + num(5, 1)) + seen
             + run(5, num(1, 6) + num(2, 2) + snum(3, 20780) + run(4, "caw"))
             + run(6, run(1, "ocmw") + run(2, "housing") + num(3, 3) + num(4, 6) + snum(5, 20780)))
    yield "look_answer", "found", padded(found, 7, 8192)
    yield "look_answer", "not_found", padded(b"", 7, 8192)
    yield "look_answer", "not_found_but_seen", padded(seen, 7, 8192)
    yield "look_answer", "seen_too_often", padded(found + seen * 32, 7, 8192)


def families():
    for codec, special, message in family_messages():
        title = codec + ("_" + special if special else "")
        yield title, bytes([CODECS.index(codec)]) + message


# Invitations: Crockford's base32 with two check symbols to a group, see shared/members.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def times(a, b):
    product = 0
    for bit in range(5):
        if b >> bit & 1:
            product ^= a << bit
    for bit in range(8, 4, -1):
        if product >> bit & 1:
            product ^= 0x25 << (bit - 5)
    return product


def power(exponent):
    value = 1
    for _ in range(exponent):
        value = times(value, 2)
    return value


def group(data):
    """Tries all pairs of check symbols: slow, and in nothing like the program."""
    for x in range(32):
        for y in range(32):
            word = data + [x, y]
            plain = weighted = 0
            for place, symbol in enumerate(word):
                plain ^= symbol
                weighted ^= times(symbol, power(place))
            if plain == 0 and weighted == 0:
                return "".join(ALPHABET[symbol] for symbol in word)
    raise AssertionError("every word has its checks")


def text_run(text):
    data = text.encode()
    return bytes([len(data)]) + data


def payload(version=1, join="tcp://hub.example.org:7301", hub="kortrijk", region="Westhoek"):
    body = (bytes([version]) + bytes(range(16)) + bytes(range(100, 116)) + KEY + KEY[::-1]
            + NOW.to_bytes(8, "big") + text_run(hub) + text_run(join)
            + text_run("tcp://hub.example.org:7300") + text_run(region))
    domain = b"invitation-text/v1"
    stream = len(domain).to_bytes(8, "big") + domain + len(body).to_bytes(8, "big") + body
    return body + hashlib.blake2b(stream, digest_size=32).digest()[:4]


def invitation(data):
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    symbols = [int(bits[at:at + 5], 2) for at in range(0, len(bits), 5)]
    return "vangnet1:" + "-".join(group(symbols[at:at + 14]) for at in range(0, len(symbols), 14))


def invitations():
    good = invitation(payload())
    yield "good", good
    yield "lower_case", good.lower()
    yield "with_line_breaks", good.replace("-", "\r\n ")
    yield "no_region", invitation(payload(region=""))
    yield "payload_version_2", invitation(payload(version=2))
    yield "no_endpoint", invitation(payload(join=""))
    yield "space_in_endpoint", invitation(payload(join="tcp://a b"))
    yield "bad_hub", invitation(payload(hub="Kortrijk"))
    yield "bad_checksum", invitation(payload()[:-1] + b"\0")
    yield "trailing_byte", invitation(payload() + b"\0")
    yield "nothing", invitation(b"")
    yield "prefix_only", "vangnet1:"
    yield "version_2", good.replace("vangnet1", "vangnet2")
    yield "mistyped", good[:40] + ("7" if good[40] != "7" else "8") + good[41:]
    yield "no_symbol", good[:40] + "u" + good[41:]
    yield "too_long", good * 8


def main():
    folder = sys.argv[1]
    sets = {"packet": packets, "envelope": envelopes, "signal": signals, "directory": directories,
            "family": families, "invitation": invitations}
    for name, inputs in sets.items():
        os.makedirs(os.path.join(folder, name + ".in"), exist_ok=True)
        for title, data in inputs():
            with open(os.path.join(folder, name + ".in", title), "wb") as file:
                file.write(data.encode() if isinstance(data, str) else data)


if __name__ == "__main__":
    main()
