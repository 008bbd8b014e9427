#!/usr/bin/python3
"""Reads the printed pages as others do: an HTML parser, a print renderer and a QR reader that know
nothing of us. Arguments: the program print_pages."""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import weasyprint

PROGRAM = sys.argv.pop() if len(sys.argv) > 1 else "print_pages"
LANGUAGES = "nld fra eng ara fas prs pus tir som tur ukr".split()
RIGHT_TO_LEFT = "ara fas prs pus".split()
CODE = "7KQ2-M9XD-0ABC-4TRW-ZZ15-HJ8P-V3NE"
CODES = [CODE, "0000-1111-2222-3333-4444-5555-6666", "ZZZZ-YYYY-XXXX-WWWW-VVVV-TTTT-SSSS"]
PHONE = "056 73 70 11"
# The longest name that the directory takes: 120 bytes (shared/base/limits.h).
LONG = ("Openbaar Centrum voor Maatschappelijk Welzijn van de gemeente Sint-Katelijne-Waver "
        "en omstreken, team Nieuwkomers, BE")
HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "</bdi></p></section></body><iframe src='//x.example'></iframe>",
    "</style><link rel=stylesheet href=//x.example/a.css>",
    "--><svg/onload=alert(1)><!--",
    "&lt;b&gt; &#60;script&#62; &colon;",
    "javascript:alert(1) http:&#47;&#47;x.example",
    "{0}{1}%s%n",
]
ELEMENTS = set("html head meta title style body section div h1 h2 p b span bdi svg path circle "
               "rect g".split())
ATTRIBUTES = set("lang charset http-equiv content name class dir translate role aria-label "
                 "aria-hidden viewBox d cx cy r rx x y width height fill stroke stroke-width "
                 "stroke-linecap stroke-linejoin stroke-dasharray shape-rendering".split())


def page(kind: str, language: str, name: str = "OCMW Kuurne", contact: str = PHONE,
         codes: list[str] | None = None) -> str:
    run = subprocess.run([PROGRAM, kind, language, name, contact, *(codes or [CODE])],
                         stdout=subprocess.PIPE, check=True)
    return run.stdout.decode("utf-8")


def parsed(text: str) -> Element:
    """The tree; any error of HTML5's grammar is an exception."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def local(name: str) -> str:
    return name.rsplit("}", 1)[-1]


def texts(tree: Element, element: str) -> list[str]:
    return ["".join(node.itertext()) for node in tree.iter() if local(str(node.tag)) == element]


def no_fetch(url: str) -> dict[str, object]:
    raise AssertionError(f"the page asks for {url}")


def rendered(text: str) -> weasyprint.Document:
    return weasyprint.HTML(string=text, url_fetcher=no_fetch).render()


def type_sizes(text: str) -> dict[str, float]:
    """The smallest type of each language, in points, but for the notes that a text is a draft."""
    smallest: dict[str, float] = {}
    read = text.replace('class="row draft"', 'style="display:none"')
    for box in (box for side in rendered(read).pages for box in side._page_box.descendants()):
        language = box.element.get("lang") if box.element is not None else None
        if language and box.element.tag in ("p", "h1", "h2"):
            size = box.style["font_size"] * 72 / 96
            smallest[language] = min(size, smallest.get(language, size))
    return smallest


def squares(text: str) -> list[str]:
    """What a QR reader sees on each printed page, at a plain office printer's 200 dpi."""
    with tempfile.TemporaryDirectory() as folder:
        paper = Path(folder) / "page.pdf"
        rendered(text).write_pdf(str(paper))
        subprocess.run(["pdftoppm", "-r", "200", "-gray", "-png", paper, Path(folder) / "page"],
                       check=True)
        return [found for image in sorted(Path(folder).glob("page*.png")) for found in seen(image)]


def seen(image: Path) -> list[str]:
    run = subprocess.run(["zbarimg", "--nodbus", "--quiet", "--raw", "-Sdisable",
                          "-Sqrcode.enable", image], stdout=subprocess.PIPE, check=False)
    if run.returncode not in (0, 4):  # 4: no code on this side
        raise AssertionError(f"zbarimg ended with {run.returncode}")
    return run.stdout.decode().split()


class Pages(unittest.TestCase):
    def test_a_strict_parser_finds_no_fault_in_any_page(self) -> None:
        for kind in ("card", "blank", "script"):
            for language in LANGUAGES:
                with self.subTest(kind=kind, language=language):
                    parsed(page(kind, language))

    def test_a_hostile_name_is_read_as_nothing_but_text(self) -> None:
        for kind in ("card", "blank", "script"):
            for name in HOSTILE:
                with self.subTest(kind=kind, name=name):
                    tree = parsed(page(kind, "ara", name, name))
                    for node in tree.iter():
                        self.assertIn(local(str(node.tag)), ELEMENTS)
                        self.assertLessEqual(set(map(local, node.keys())), ATTRIBUTES)
                    self.assertIn(name, texts(tree, "bdi"))

    def test_a_name_cannot_turn_the_text_around_it(self) -> None:
        name = "\u202eOCMW\u2066 \u200fKuurne\u2069\x1b[2J\u061c"
        text = page("card", "fas", name)
        self.assertIn("OCMW Kuurne[2J", texts(parsed(text), "bdi"))
        self.assertIsNone(re.search("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", text))

    def test_no_page_names_an_address(self) -> None:
        for kind in ("card", "blank", "script"):
            for language in LANGUAGES:
                text = page(kind, language)
                self.assertIsNone(re.search(r"//|https?:|url\(|@import|src=|href=", text))

    def test_the_two_languages_are_set_each_in_its_own_direction(self) -> None:
        for language in LANGUAGES:
            tree = parsed(page("card", language))
            directions = {node.get("dir") for node in tree.iter("p") if node.get("lang") != "nl"}
            wanted = {"rtl"} if language in RIGHT_TO_LEFT else {"ltr"}
            self.assertEqual(directions, set() if language == "nld" else wanted)
            codes = [node for node in tree.iter("div") if node.get("class") == "code"]
            self.assertEqual([node.get("dir") for node in codes], ["ltr"])
            self.assertEqual("".join(codes[0].itertext()), CODE)

    def test_a_draft_says_so_in_both_columns(self) -> None:
        for language in LANGUAGES:
            tree = parsed(page("card", language))
            notes = [node for node in tree.iter("div")
                     if "draft" in (node.get("class") or "").split()]
            if language in ("nld", "fra", "eng"):
                self.assertEqual(notes, [])
            else:
                cells = texts(notes[0], "p")
                self.assertEqual(len(notes), 1)
                self.assertEqual(len(cells), 2)
                self.assertTrue(cells[0].startswith("Ontwerp: "))


class Paper(unittest.TestCase):
    def test_a_card_is_two_sides_of_a5_even_with_the_longest_names(self) -> None:
        for language in LANGUAGES:
            for name in ("OCMW Kuurne", LONG):
                with self.subTest(language=language, name=name):
                    sides = rendered(page("card", language, name)).pages
                    self.assertEqual(len(sides), 2)
                    for side in sides:
                        self.assertAlmostEqual(side.width / 96 * 25.4, 148, places=1)
                        self.assertAlmostEqual(side.height / 96 * 25.4, 210, places=1)

    def test_a_card_that_names_sixteen_for_a_conference_is_two_sides(self) -> None:
        for language in ("fra", "som", "ukr"):
            with self.subTest(language=language):
                text = page("card", language, "CAW Zuid-West-Vlaanderen", codes=[CODE] * 16)
                self.assertEqual(len(rendered(text).pages), 2)

    def test_a_family_reads_its_own_language_in_at_least_eleven_points(self) -> None:
        for kind in ("card", "blank"):
            for language in LANGUAGES:
                with self.subTest(kind=kind, language=language):
                    sizes = type_sizes(page(kind, language))
                    if language != "nld":
                        self.assertGreaterEqual(sizes.pop("nl"), 8)
                    self.assertEqual(len(sizes), 1)
                    self.assertGreaterEqual(round(min(sizes.values()), 2), 11)

    def test_a_blank_card_is_one_side_even_with_the_longest_name(self) -> None:
        for language in LANGUAGES:
            with self.subTest(language=language):
                self.assertEqual(len(rendered(page("blank", language, LONG, codes=CODES)).pages), 3)

    def test_a_script_in_two_languages_is_at_most_four_sides(self) -> None:
        for language in ("nld", "fra", "tir"):
            with self.subTest(language=language):
                self.assertLessEqual(len(rendered(page("script", language, LONG)).pages), 4)

    def test_a_reader_takes_the_code_from_the_printed_square(self) -> None:
        for language in ("nld", "ara", "tir", "fra"):
            with self.subTest(language=language):
                self.assertEqual(squares(page("card", language)), [CODE])

    def test_each_card_of_a_pack_carries_its_own_square(self) -> None:
        self.assertEqual(squares(page("blank", "som", codes=CODES)), CODES)

    def test_a_square_with_a_tenth_of_its_field_blotted_is_still_read(self) -> None:
        # The quiet zone is 4 modules and version 3 has 29: the blot is 9 x 9 of 29 x 29.
        text = page("card", "ukr")
        blot = '<path fill="#000" d="M18 18h9v9h-9z"/></svg>'
        start = text.index('<svg class="qr"')
        end = text.index("</svg>", start)
        self.assertEqual(squares(text[:end] + blot + text[end + len("</svg>"):]), [CODE])


if __name__ == "__main__":
    unittest.main()
