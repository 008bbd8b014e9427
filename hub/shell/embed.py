#!/usr/bin/env python3
"""Writes a file's bytes as a C initialiser: embed.py IN OUT."""

import sys


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    lines = [",".join(str(byte) for byte in data[i:i + 24]) for i in range(0, len(data), 24)]
    with open(sys.argv[2], "w", encoding="ascii") as file:
        file.write(",\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
