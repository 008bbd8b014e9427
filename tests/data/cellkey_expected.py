#!/usr/bin/env python3
"""Known answers for tests/unit/shared/figures/cellkey_test.c, computed apart from our C.

Python's own BLAKE2b (hashlib), and the perturbation table found anew by nested bisection on the
two multipliers of p ~ exp(a v + b v^2), not by Newton's method and not from the committed integers.
Run it without arguments; it prints what the test holds.
"""
import hashlib
import math

KEY = bytes(range(32))


def blake64(data):
    return int.from_bytes(hashlib.blake2b(data, digest_size=8, key=KEY).digest(), "little")


def row(count, d=5, variance=3.0, js=2):
    if count == 0:
        return [(0, 1.0)]
    noise = [v for v in range(-d, d + 1) if count + v == 0 or count + v > js]

    def probabilities(a, b):
        weights = [math.exp(a * v + b * (v * v - variance)) for v in noise]
        return [w / sum(weights) for w in weights]

    def bisect(f, low, high):
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (low, middle) if f(middle) > 0 else (middle, high)
        return (low + high) / 2

    def a_for(b):
        return bisect(lambda a: sum(v * p for v, p in zip(noise, probabilities(a, b))), -20, 20)

    def excess(b):
        return sum(v * v * p for v, p in zip(noise, probabilities(a_for(b), b))) - variance

    b = bisect(excess, -3, 3)
    return list(zip(noise, probabilities(a_for(b), b)))


def draw(count, key):
    u, below = key / 2**64, 0.0
    for v, p in row(min(count, 8)):
        below += p
        if u < below:
            return v
    return v


def cell(names):
    keys = [blake64(b"rk/v1" + name.encode()) for name in names]
    total = sum(keys) % 2**64
    hardened = blake64(b"ck" + total.to_bytes(8, "little") + len(keys).to_bytes(8, "little"))
    return total, len(keys) + draw(len(keys), hardened), len(keys) + draw(len(keys), total)


def main():
    print("D-1: 0x%016x" % blake64(b"rk/v1D-1"))
    for size in (1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 60, 200):
        total, hardened, linear = cell("D-%d" % i for i in range(1, size + 1))
        print("{%d, 0x%016x, %d, %d}," % (size, total, hardened, linear))


if __name__ == "__main__":
    main()
