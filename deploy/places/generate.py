#!/usr/bin/env python3
"""Writes the tables of shared/places from the CSV files that they come from.

    deploy/places/generate.py DATA_DIRECTORY [OUTPUT_DIRECTORY]

DATA_DIRECTORY holds flanders_brussels_municipalities_2025.csv,
municipality_mergers_2019_2025.csv, referentieregios.csv, ocmw_flanders_2022.csv and
languages_candidate.csv. The results are committed: a build needs neither this script nor the
data. It stops where the data contradict themselves in a way that isn't listed below, because
every refresh of these registers so far brought new faults.
"""

import csv
import pathlib
import sys
import unicodedata

# main_postcodes_2020 was joined by name, and so took a hamlet of the same name elsewhere for the
# municipality. The OCMW register has the right one. (nis, wrong post code): whose it is.
WRONG_POST_CODES = {
    ("24020", "2100"): "Deurne in Antwerpen, not Deurne in Diest",
    ("38016", "8301"): "Ramskapelle in Knokke-Heist, not Ramskapelle in Nieuwpoort",
    ("42008", "1785"): "Hamme in Merchtem, not Hamme",
    ("44081", "1830"): "Machelen, not Machelen in Zulte",
    ("46029", "9500"): "Moerbeke in Geraardsbergen, not Moerbeke",
    ("46030", "8791"): "Beveren in Waregem, not Beveren",
}

# bpost's ranges by province; Zwijndrecht kept its number when it changed province.
PROVINCE_RANGES = {
    "10000": [(2000, 2999)],
    "20001": [(1500, 1999), (3000, 3499)],
    "30000": [(8000, 8999)],
    "40000": [(9000, 9999), (2070, 2070)],
    "70000": [(3500, 3999)],
    "4000": [(1000, 1299)],
}

# Where CLDR has no Dutch name or one that another language has too: (Dutch, English), ours.
LANGUAGE_NAMES = {
    "aii": ("Assyrisch Neo-Aramees", "Assyrian Neo-Aramaic"),
    "apd": ("Soedanees Arabisch", "Sudanese Arabic"),
    "arb": ("Standaardarabisch", "Standard Arabic"),
    "cmn": ("Mandarijn", "Mandarin Chinese"),
    "ell": ("Grieks", "Greek"),
    "fuf": ("Pular", "Pular"),
    "hbs": ("Servo-Kroatisch", "Serbo-Croatian"),
    "kmr": ("Kurmanci", "Kurmanji"),
    "nep": ("Nepalees", "Nepali"),
    "pan": ("Punjabi", "Punjabi"),
    "pes": ("Iraans Perzisch", "Iranian Persian"),
    "pus": ("Pasjtoe", "Pashto"),
    "swa": ("Swahili", "Swahili"),
    "tgl": ("Tagalog", "Tagalog"),
    "twi": ("Twi", "Twi"),
    "vgt": ("Vlaamse Gebarentaal", "Flemish Sign Language"),
    "vls": ("West-Vlaams", "West Flemish"),
}

# What people write in a register; each is taken as the language before the colon.
LANGUAGE_ALIASES = {
    "ckb": ["Sorani"],
    "fas": ["Farsi"],
    "ful": ["Peul", "Fula", "Fulani"],
    "kmr": ["Noord-Koerdisch", "Kurmançî"],
    "orm": ["Oromo"],
    "pus": ["Pashtu", "Pasjtoe (Pashto)"],
    "rif": ["Rif-Berbers"],
    "run": ["Rundi"],
    "srp": ["Servisch (Cyrillisch)", "Servisch (Latijns)"],
    "tir": ["Tigrigna"],
}

SPECIAL = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "ı": "i", "þ": "th", "ð": "d",
    "ħ": "h", "ŋ": "n", "ŧ": "t", "ĸ": "k", "ĳ": "ij", "ŀ": "l", "ŉ": "n", "ſ": "s",
}

MERGERS = {"merged 2019-01-01": "DAY_2019", "merged 2025-01-01": "DAY_2025"}


def fold(text):
    """The same as place_fold in shared/places/fold.c."""
    out = []
    for character in unicodedata.normalize("NFD", text.lower()):
        character = SPECIAL.get(character, character)
        if unicodedata.combining(character[0]):
            continue
        out.append(character if character.isascii() and character.isalnum() else " ")
    return " ".join("".join(out).split())


def read(directory, name):
    with open(directory / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def demand(condition, message):
    if not condition:
        sys.exit(f"generate.py: {message}")


def quote(text):
    demand('"' not in text and "\\" not in text, f"unexpected character in {text}")
    return f'"{text}"'


def post_codes(rows, ocmws):
    """Main post codes by NIS: those of the OCMW register, and of the 2020 list where they stand."""
    by_nis = {row["nis"]: set() for row in rows}
    owner = {}
    for ocmw in ocmws:
        code, nis = ocmw["postcode"], ocmw["nis_2025"]
        demand(owner.setdefault(code, nis) == nis, f"two OCMWs far apart share {code}")
        by_nis[nis].add(code)
    wrong = set()
    for row in rows:
        for code in row["main_postcodes_2020"].split("|"):
            ranges = PROVINCE_RANGES[row["province_code"]]
            in_range = any(low <= int(code) <= high for low, high in ranges)
            if (row["nis"], code) in WRONG_POST_CODES:
                wrong.add((row["nis"], code))
                continue
            demand(in_range and owner.setdefault(code, row["nis"]) == row["nis"],
                   f"post code {code} can't be that of {row['name_nl']}")
            by_nis[row["nis"]].add(code)
    demand(wrong == set(WRONG_POST_CODES), "a listed wrong post code is gone: shorten the list")
    return by_nis


def write(path, sources, lines):
    head = ["/* Written by deploy/places/generate.py: change that, not this."]
    head += [f" * {line}" for line in sources]
    head[-1] += " */"
    path.write_text("\n".join(head + lines) + "\n", encoding="utf-8")
    print(f"{path.name}: {len(lines)} rows")


def since_days(mergers):
    since = {}
    for merger in mergers:
        if merger["kind"] == "kept code and absorbed another":
            demand(merger["old_nis"] == merger["new_nis"], f"{merger['old_nis']} didn't keep")
            continue
        demand(merger["kind"] in MERGERS, f"unknown kind {merger['kind']}")
        since[merger["new_nis"]] = MERGERS[merger["kind"]]
    for merger in mergers:
        if merger["old_nis"] == merger["new_nis"]:
            del since[merger["new_nis"]]
    return since


def municipalities(directory, out):
    rows = read(directory, "flanders_brussels_municipalities_2025.csv")
    mergers = read(directory, "municipality_mergers_2019_2025.csv")
    codes = post_codes(rows, read(directory, "ocmw_flanders_2022.csv"))
    since = since_days(mergers)
    lines = {}
    names = []
    for row in rows:
        region = int(row["referentieregio_code"][-2:]) if row["referentieregio_code"] else 0
        lines[row["nis"]] = (
            f"CURRENT({row['nis']}, {quote(row['name_nl'])}, {since.get(row['nis'], 'DAY_FIRST')}, "
            f"{region}, {round(float(row['lon']) * 1e5)}, {round(float(row['lat']) * 1e5)})")
        names.append((fold(row["name_nl"]), row["nis"]))
    known = set(lines)
    for merger in mergers:
        if merger["old_nis"] == merger["new_nis"]:
            continue
        demand(merger["new_nis"] in known, f"{merger['new_nis']} is no municipality")
        demand(merger["old_nis"] not in known, f"{merger['old_nis']} still stands")
        lines[merger["old_nis"]] = (
            f"CEASED({merger['old_nis']}, {quote(merger['old_name'])}, "
            f"{MERGERS[merger['kind']]}, {merger['new_nis']})")
        names.append((fold(merger["old_name"]), merger["old_nis"]))
    places = [
        "Source: Statbel (open data licence, attribution) and the Flemish provinces",
        "(provinciesincijfers/gebiedsniveaus), state of 2025; mergers of 2019 and 2025.",
    ]
    post = [
        "Main post codes only. Sources: vandenbroucke/belgian_municipalities, 2020, corrected in",
        "the script, and the OCMWs in the Wegwijs register (Vlaamse Overheid, MIT), 2022.",
    ]
    write(out / "municipalities.inc", places, [lines[nis] for nis in sorted(lines)])
    write(out / "municipality_names.inc", places,
          [f"NAME({quote(name)}, {nis})" for name, nis in sorted(names)])
    owners = sorted((code, nis) for nis, several in codes.items() for code in several)
    write(out / "post_codes.inc", post, [f"POST_CODE({code}, {nis})" for code, nis in owners])
    write(out / "reference_regions.inc", places,
          [f"REGION({quote(row['code'])}, {quote(row['name'])})"
           for row in read(directory, "referentieregios.csv")])


def languages(directory, out):
    rows = sorted(read(directory, "languages_candidate.csv"), key=lambda row: row["iso639_3"])
    lines = []
    names = {}
    loose = []
    for row in rows:
        code = row["iso639_3"]
        dutch, english = LANGUAGE_NAMES.get(code, (row["name_nl_cldr"], row["name_en"]))
        demand(dutch and english, f"{code} has no name")
        lines.append(f"LANGUAGE({quote(code)}, {quote(row['iso639_1'])}, {quote(dutch)}, "
                     f"{quote(english)})")
        for name in {dutch, english, *LANGUAGE_ALIASES.get(code, [])}:
            demand(names.setdefault(fold(name), code) == code, f"{name} is two languages")
        loose += [(fold(row[column]), code) for column in ("name_nl_cldr", "name_en")]
    for name, code in loose:
        if name:
            names.setdefault(name, code)
    sources = [
        "Codes: ISO 639-3 through iso-639-3 3.0.1 (MIT). Dutch names: Unicode CLDR 78.2",
        "(Unicode-3.0), with the corrections named in the script. Which languages: our choice.",
    ]
    write(out / "languages.inc", sources, lines)
    write(out / "language_names.inc", sources,
          [f"NAME({quote(name)}, {quote(code)})" for name, code in sorted(names.items())])


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    root = pathlib.Path(__file__).resolve().parents[2]
    out = pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else root / "shared" / "places"
    directory = pathlib.Path(sys.argv[1])
    municipalities(directory, out)
    languages(directory, out)


if __name__ == "__main__":
    main()
