#!/usr/bin/env python3
"""Writes openapi.json as a C source that ROOM/openapi.h declares: embed.py IN OUT ROOM."""

import sys

FORM = """#include "{}/openapi.h"

static const uint8_t text[] = {{
{}
}};

struct bytes openapi_text(void) {{
    return (struct bytes){{.data = text, .length = sizeof(text)}};
}}
"""


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    lines = [",".join(str(byte) for byte in data[i:i + 24]) for i in range(0, len(data), 24)]
    with open(sys.argv[2], "w", encoding="ascii") as file:
        file.write(FORM.format(sys.argv[3], ",\n".join(lines)))


if __name__ == "__main__":
    main()
