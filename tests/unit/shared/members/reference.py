#!/usr/bin/env python3
"""Where the known answers of directory_test.c and invitation_test.c come from.

Nothing of ours runs here: protobuf is written by hand, hashes are hashlib's, and Ed25519 is the
sample code of RFC 8032, section 6, shortened. Prints C initialisers.
"""

import hashlib

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
G_Y = 4 * pow(5, P - 2, P) % P


def recover_x(y, sign):
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P)
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * pow(2, (P - 1) // 4, P) % P
    return P - x if (x & 1) != sign else x


G_X = recover_x(G_Y, 0)
G = (G_X, G_Y, 1, G_X * G_Y % P)


def add(a, b):
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return (e * f, g * h, f * g, e * h)


def times(scalar, point):
    total = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def compress(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | ((x & 1) << 255)).to_bytes(32, "little")


def sha512(data):
    return hashlib.sha512(data).digest()


def expand(seed):
    h = sha512(seed)
    a = int.from_bytes(h[:32], "little")
    a &= (1 << 254) - 8
    a |= 1 << 254
    return a, h[32:]


def public(seed):
    return compress(times(expand(seed)[0], G))


def sign(seed, message):
    a, prefix = expand(seed)
    key = compress(times(a, G))
    r = int.from_bytes(sha512(prefix + message), "little") % Q
    point = compress(times(r, G))
    h = int.from_bytes(sha512(point + key + message), "little") % Q
    return point + ((r + h * a) % Q).to_bytes(32, "little")


def run(data):
    return len(data).to_bytes(8, "big") + data


def hashed(domain, *parts, key=b""):
    stream = run(domain) + b"".join(run(part) for part in parts)
    return hashlib.blake2b(stream, digest_size=32, key=key).digest()


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def number(field, value):
    return varint(field << 3) + varint(value)


def bytes_field(field, data):
    return varint(field << 3 | 2) + varint(len(data)) + data


def show(name, data):
    print(f"/* {name} */")
    text = data.hex()
    for at in range(0, len(text), 76):
        print(f'    "{text[at:at + 76]}"')


DIRECTORS = [bytes([0xd1]) * 32, bytes([0xd2]) * 32, bytes([0xd3]) * 32]


def founding():
    region = bytes_field(1, b"kortrijk") + bytes_field(2, "Zuid-West-Vlaanderen".encode())
    for seed in DIRECTORS:
        region += bytes_field(3, public(seed))
    region += number(4, 2) + bytes_field(5, bytes([0xc0]) * 32) + bytes_field(6, bytes([0xc1]) * 32)
    op = number(1, 1) + bytes_field(3, region)
    time_ms = 1790000000000
    return (number(1, 1) + bytes_field(2, bytes(32)) + number(3, time_ms) + bytes_field(4, op))


def main():
    entry = founding()
    show("entry", entry)
    show("hash", hashed(b"directory-chain/v1", bytes(32), entry))
    show("signature of the first director", sign(DIRECTORS[0], hashed(b"directory/v1", entry)))
    secret = bytes(range(16))
    key = hashed(b"invitation/v1", secret)
    show("invitation key", key)
    show("proof", hashed(b"join/v1", b"an application", key=key))
    words = hashed(b"member-words/v1", b"ocmw-kortrijk", bytes([1]) * 32, bytes([2]) * 32)
    bits = int.from_bytes(words[:8], "big") >> 4
    print("/* indexes of the words */", [bits >> (50 - 10 * i) & 1023 for i in range(6)])


if __name__ == "__main__":
    main()
