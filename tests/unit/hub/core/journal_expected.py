#!/usr/bin/env python3
"""Prints the commitments and heads that journal_test.c expects of three records.

Computed with Python's own BLAKE2b from the description in hub/core/journal.h and the framing in
shared/crypto/hash.h; nothing of this project is run.
"""

import hashlib

TIME_MS = 1795420800000
RECORDS = [(1, b"first"), (9, bytes(range(256))), (13, b"third")]
# RFC 8439, appendix A.1, test vector 1: the stream under a key of zeros, from block 0.
STREAM = bytes.fromhex("76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
                       "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586")


def u64(number):
    return number.to_bytes(8, "big")


def run(part):
    return u64(len(part)) + part


def blake2b(domain, rest, key=b""):
    return hashlib.blake2b(run(domain) + rest, digest_size=32, key=key).digest()


def main():
    head = bytes(32)
    for index, (kind, body) in enumerate(RECORDS):
        salt = STREAM[16 * index:16 * index + 16]
        commitment = blake2b(b"journal-body/v1", run(body), key=salt)
        head = blake2b(b"journal/v1", run(head) + u64(index + 1) + u64(TIME_MS + index) + u64(kind)
                       + u64(len(body)) + run(commitment))
        print(f'    {{"{commitment.hex()}",\n     "{head.hex()}"}},')


if __name__ == "__main__":
    main()
