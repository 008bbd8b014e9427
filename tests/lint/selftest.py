#!/usr/bin/env python3
"""Sees every lint fail on a planted violation, and pass on the same house without it.

A lint that is never seen red proves nothing. Each case below is a clean little house with one thing
wrong; the lint must name the file. Arguments: the C compiler, the archiver, clang-format.
"""

import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
CC, AR, CLANG_FORMAT = sys.argv[1:4] if len(sys.argv) > 3 else ("cc", "ar", "clang-format-14")

HEADER = "/* What this is. */\n#pragma once\n\n#include <stdint.h>\n\nint32_t thing_count(void);\n"
SOURCE = ('#include "shared/base/thing.h"\n\nint32_t thing_count(void) {\n    return 1;\n}\n')
PROTO = ('syntax = "proto3";\nmessage Part {\n    uint32 number = 1;\n}\n'
         "message Whole {\n    repeated Part parts = 1;\n}\n")
HOUSE = {
    "shared/base/thing.h": HEADER,
    "shared/base/thing.c": SOURCE,
    "shared/wire/house.proto": PROTO,
    "deploy/script": "#!/bin/sh\necho done\n",
    "tests/unit/shared/base/thing_test.c": '#include "shared/base/thing.h"\n',
}


def long_function(lines):
    return SOURCE.replace("    return 1;\n", "    (void)0;\n" * (lines - 3) + "    return 1;\n")


class Lints(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = self.folder.name
        for path, text in HOUSE.items():
            self.write(path, text)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, path, text):
        whole = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(whole, 0o755)

    def run_lint(self, lint, *arguments):
        return subprocess.run([sys.executable, os.path.join(HERE, lint), "--root", self.root,
                               *arguments], capture_output=True, text=True, check=False)

    def passes(self, lint, *arguments):
        run = self.run_lint(lint, *arguments)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def finds(self, lint, path, *arguments, says=""):
        run = self.run_lint(lint, *arguments)
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        self.assertIn(path, run.stdout)
        self.assertIn(says, run.stdout)

    def planted(self, lint, path, text, says=""):
        """Clean before, red with `text` planted, clean again when it's gone."""
        self.passes(lint)
        self.write(path, text)
        self.finds(lint, path, says=says)
        if path in HOUSE:
            self.write(path, HOUSE[path])
        else:
            os.remove(os.path.join(self.root, path))
        self.passes(lint)


class Rooms(Lints):
    def test_an_upward_include_is_found(self):
        self.write("hub/core/waits.h", HEADER)
        self.planted("rooms.py", "shared/base/up.c", '#include "hub/core/waits.h"\n', "not below")

    def test_the_import_does_not_see_the_store(self):
        self.write("shared/store/txn.h", HEADER)
        self.planted("rooms.py", "node/import/rows.c", '#include "shared/store/txn.h"\n')

    def test_hub_and_node_do_not_see_each_other(self):
        self.write("hub/core/waits.h", HEADER)
        self.planted("rooms.py", "node/core/look.c", '#include "hub/core/waits.h"\n')

    def test_a_core_does_not_see_what_opens_files_or_draws_randomness(self):
        for header in ("shared/store/env.h", "shared/vault/keyring.h", "shared/crypto/random.h",
                       "shared/io/link.h"):
            self.write(header, HEADER)
            self.planted("rooms.py", "hub/core/waits.c", f'#include "{header}"\n')
            self.write("hub/shell/main.c", f'#include "{header}"\n')
            self.passes("rooms.py")

    def test_a_foreign_header_stays_in_its_room(self):
        for header in ("sodium.h", "lmdb.h", "zmq.h", "protobuf-c/protobuf-c.h", "microhttpd.h",
                       "jansson.h", "curl/curl.h", "ini.h"):
            self.planted("rooms.py", "hub/shell/main.c", f"#include <{header}>\n",
                         "another room")
        self.write("shared/crypto/hash.c", "#include <sodium.h>\n")
        self.passes("rooms.py")

    def test_a_pure_room_has_no_clock(self):
        for header in ("time.h", "unistd.h", "errno.h", "pthread.h", "sys/random.h", "fcntl.h"):
            self.planted("rooms.py", "hub/core/waits.c", f"#include <{header}>\n", "clock")

    def test_a_room_that_is_not_in_the_table_is_found(self):
        self.planted("rooms.py", "hub/attic/box.c", "#include <stdint.h>\n", "rooms.txt")

    def test_an_include_is_from_the_root(self):
        self.planted("rooms.py", "shared/base/near.c", '#include "thing.h"\n', "from the root")


class Form(Lints):
    def test_a_long_line_is_found(self):
        self.planted("form.py", "shared/base/thing.c", SOURCE + "/* " + "x" * 98 + " */\n",
                     "columns")

    def test_a_line_of_a_hundred_characters_passes_in_any_script(self):
        self.write("shared/base/thing.c", SOURCE + "/* " + "\u00e9" * 94 + " */\n")
        self.passes("form.py")

    def test_a_tab_is_found(self):
        self.planted("form.py", "shared/base/thing.c", SOURCE.replace("    ", "\t"), "tab")

    def test_a_long_file_is_found(self):
        self.planted("form.py", "shared/base/thing.c", SOURCE + "\n" * 600, "lines")

    def test_a_long_function_is_found_and_one_of_seventy_lines_passes(self):
        self.write("shared/base/thing.c", long_function(70))
        self.passes("form.py")
        self.write("shared/base/thing.c", HOUSE["shared/base/thing.c"])
        self.planted("form.py", "shared/base/thing.c", long_function(71), "71 lines")

    def test_braces_in_texts_and_tables_do_not_count(self):
        table = "static const int numbers[] = {\n" + "    1,\n" * 90 + "};\n"
        self.write("shared/base/thing.c", SOURCE.replace("return 1;", "return '}' - \"{{\"[0];")
                   + table)
        self.passes("form.py")

    def test_a_header_without_pragma_or_opening_is_found(self):
        self.planted("form.py", "shared/base/thing.h", HEADER.replace("#pragma once\n", ""))
        self.planted("form.py", "shared/base/thing.h", HEADER.replace("/* What this is. */\n", ""))

    def test_unfinished_work_is_found(self):
        for word in ("TO" + "DO", "FIX" + "ME"):
            self.planted("form.py", "shared/base/thing.c", SOURCE + f"/* {word}: later */\n")

    def test_a_type_behind_a_typedef_is_found(self):
        self.planted("form.py", "shared/base/thing.c", "typedef struct thing thing;\n", "typedef")

    def test_a_test_that_waits_skips_or_cannot_fail_is_found(self):
        test = "tests/unit/shared/base/thing_test.c"
        for line in ("usleep(10);", "sleep(1);", "nanosleep(&t, NULL);", "skip();",
                     "assert_true(1);", "assert_true(true);"):
            self.planted("form.py", test, f"    {line}\n", "a test that")
        self.planted("form.py", "tests/e2e/wait_test.py", "time.sleep(3)\n", "a test that")


class Others(Lints):
    def test_an_unformatted_file_is_found(self):
        with open(os.path.join(HERE, "../../.clang-format"), encoding="utf-8") as file:
            self.write(".clang-format", file.read())
        self.passes("format.py", CLANG_FORMAT)
        self.write("shared/base/thing.c", SOURCE.replace("    return", "  return"))
        self.finds("format.py", "shared/base/thing.c", CLANG_FORMAT)

    def test_a_missing_formatter_is_a_failure(self):
        self.assertEqual(self.run_lint("format.py", "no-such-formatter").returncode, 2)

    def test_a_recursive_message_is_found(self):
        self.planted("proto.py", "shared/wire/house.proto",
                     PROTO.replace("uint32 number = 1;", "Whole whole = 1;"), "recursive")
        self.planted("proto.py", "shared/wire/house.proto",
                     PROTO.replace("uint32 number = 1;", "Part part = 1;"), "recursive")

    def test_a_recursion_through_oneof_and_map_is_found(self):
        self.planted("proto.py", "shared/wire/house.proto",
                     PROTO.replace("uint32 number = 1;", "oneof x {\n Whole w = 2;\n }\n"))
        self.planted("proto.py", "shared/wire/house.proto",
                     PROTO.replace("uint32 number = 1;", "map<string, Whole> w = 2;\n"))

    def test_a_broken_script_is_found(self):
        self.planted("scripts.py", "deploy/script", "#!/bin/sh\nif true; then\n")
        self.planted("scripts.py", "deploy/broken.py", "def f(:\n")

    def test_a_script_that_may_not_be_run_is_found(self):
        self.passes("scripts.py")
        os.chmod(os.path.join(self.root, "deploy/script"), 0o644)
        self.finds("scripts.py", "deploy/script")

    def test_a_test_registered_nowhere_is_found(self):
        known = "tests/unit/shared/base/thing_test.c"
        self.passes("registered.py", known)
        for path in ("tests/unit/hub/core/waits_test.c", "tests/sim/storm_test.c",
                     "tests/e2e/join_test.py", "tests/fuzz/csv_fuzz.c"):
            self.write(path, "x = 1\n")
            self.finds("registered.py", path, known)
            self.passes("registered.py", known, path)
            os.remove(os.path.join(self.root, path))

    def test_an_empty_root_is_a_failure(self):
        with tempfile.TemporaryDirectory() as empty:
            for lint in ("rooms.py", "form.py", "format.py", "proto.py", "scripts.py"):
                run = subprocess.run([sys.executable, os.path.join(HERE, lint), "--root", empty],
                                     capture_output=True, text=True, check=False)
                self.assertEqual(run.returncode, 2, lint)


class Symbols(Lints):
    def archive(self, code):
        self.write("core.c", code)
        whole = os.path.join(self.root, "core")
        subprocess.run([CC, "-c", "-w", whole + ".c", "-o", whole + ".o"], check=True)
        if os.path.exists(whole + ".a"):
            os.remove(whole + ".a")
        subprocess.run([AR, "rcs", whole + ".a", whole + ".o"], check=True)
        return whole + ".a"

    def test_what_a_core_may_call_passes(self):
        self.passes("symbols.py", self.archive(
            "void *malloc(unsigned long); int crypto_sign_seed_keypair(void);"
            "void *f(void) { crypto_sign_seed_keypair(); return malloc(3); }"))

    def test_what_another_archive_of_the_closure_defines_passes(self):
        inner = self.archive("int inner(void) { return 1; }")
        os.rename(inner, inner + ".inner.a")
        outer = self.archive("int inner(void); int outer(void) { return inner(); }")
        self.passes("symbols.py", outer, inner + ".inner.a")
        self.finds("symbols.py", "inner", outer)

    def test_each_forbidden_call_is_found(self):
        calls = ("time", "clock_gettime", "gettimeofday", "localtime", "localtime_r", "rand",
                     "random", "getrandom", "getentropy", "randombytes_buf", "arc4random",
                     "getenv", "open", "fopen", "read", "write", "printf", "fprintf", "puts",
                     "__errno_location", "__fprintf_chk", "pthread_create", "pthread_mutex_lock",
                     "usleep", "nanosleep", "socket", "exit", "crypto_box_seal",
                     "crypto_box_keypair", "crypto_sign_keypair", "crypto_aead_keygen",
                     "crypto_secretbox_keygen", "mdb_env_open", "zmq_send", "setlocale",
                     "strtod", "store_open", "random_bytes")
        archive = self.archive("".join(f"void {name}(void); void f{i}(void) {{ {name}(); }}\n"
                                       for i, name in enumerate(calls)))
        found = self.run_lint("symbols.py", archive).stdout
        for name in calls:
            self.assertIn(f"calls {name}\n", found)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
