"""Makes `places.txt` from published packages. See README.md; run: python3 make.py FOLDER_OF_UNPACKED_PACKAGES"""

import json
import pathlib
import re
import sys
import unicodedata

root = pathlib.Path(sys.argv[1])


def package(name):
    return next(path for path in root.iterdir() if path.is_dir() and path.name.startswith(name))


def load(*parts):
    return json.loads(pathlib.Path(*parts).read_text("utf-8"))


core, locales = package("cldr-core"), package("cldr-localenames-full") / "main"
regions = package("cldr-subdivisions-full") / "subdivisions"
iso, other = package("iso-3166-"), package("i18n-iso-countries")
LANGUAGES = set(
    "ar bg ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv ms nb nl no pl pt ro ru sk sl sr sv th tr uk vi zh".split()
)
LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


def fold(text):
    """As `Atlas` compares names: see `fold.rs`."""
    text = unicodedata.normalize("NFKD", text.lower()).translate(LETTERS)
    text = "".join(c for c in text if not "\u0300" <= c <= "\u036f")
    words = re.findall(r"\w+", text.replace("&", " and ").replace("'", "").replace("’", "").replace(".", ""))
    words = ["saint" if word == "st" else word for word in words if word != "the"]
    return "".join(words)


def clean(text):
    """Without the marks of footnotes and of languages that some names of parts carry."""
    return re.sub(r"\s?[¹²³†]|\s\([a-z]{2}(?:, [a-z]{2})*\)$", "", text).strip().replace("|", "")


def entries(path):
    """The JavaScript lists of `iso-3166`: plain objects of strings."""
    text = path.read_text("utf-8")
    text = text[text.index("= [") :]
    for body in re.findall(r"\{(.*?)\n  \}", text, re.S):
        pairs = re.findall(r"(\w+):\s*(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")", body)
        yield {key: (one or two).replace("\\'", "'") for key, one, two in pairs}


mappings = load(core, "supplemental", "codeMappings.json")["supplemental"]["codeMappings"]
territories = load(core, "supplemental", "territoryInfo.json")["supplemental"]["territoryInfo"]
aliases = load(core, "supplemental", "aliases.json")["supplemental"]["metadata"]["alias"]["subdivisionAlias"]
english = load(locales, "en", "territories.json")["main"]["en"]["localeDisplayNames"]["territories"]

countries = {entry["alpha2"]: entry for entry in entries(iso / "1.js")}
countries["XK"] = {"alpha2": "XK", "name": english["XK"]}

names = {code: [[], [], [], []] for code in countries}  # by tier: who claims a spelling first keeps it
for code, entry in countries.items():
    short = english.get(code + "-alt-short", "")
    names[code][0] += [short if len(short) > 3 else english[code], english[code], entry["name"]]
    names[code][1] += [text for key, text in english.items() if key.startswith(code + "-alt-")]
for path in sorted((other / "langs").glob("*.json")):
    if path.stem not in LANGUAGES:
        continue
    for code, text in load(path)["countries"].items():
        if code in names:
            listed = [text] if isinstance(text, str) else text
            names[code][1 if path.stem == "en" else 3] += listed
for path in sorted(locales.iterdir()):
    language = path.name
    if not (path / "territories.json").exists():
        continue
    for key, text in load(path, "territories.json")["main"][language]["localeDisplayNames"]["territories"].items():
        code = key.split("-")[0]
        if code in names and "-" not in language and not re.fullmatch(r"[A-Z]{2}", text):
            spoken = "_officialStatus" in territories.get(code, {}).get("languagePopulation", {}).get(language, {})
            if spoken or language in LANGUAGES:
                names[code][2 if spoken else 3].append(text)

owner = {}
for code in countries:
    alpha3, number = mappings[code].get("_alpha3", ""), mappings[code].get("_numeric", "")
    for spelling in filter(None, [code, alpha3, number]):
        owner[fold(spelling)] = code
for tier in range(4):
    claims = {}
    for code, tiers in names.items():
        for text in tiers[tier]:
            claims.setdefault(fold(text), set()).add(code)
    for spelling, codes in claims.items():
        if spelling and spelling not in owner and len(codes) == 1:
            owner[spelling] = codes.pop()

out = []
for code in sorted(countries):
    seen, kept = set(), []
    for text in (text for tier in names[code] for text in tier):
        spelling = fold(text)
        if (owner.get(spelling) == code and spelling not in seen and spelling != code.lower()) or not kept:
            seen.add(spelling)
            kept.append(text.strip().replace("|", ""))
    fields = [mappings[code].get("_alpha3", ""), mappings[code].get("_numeric", "")]
    out.append("\t".join(["C", code, *fields, "|".join(kept)]))

parts = {entry["code"]: entry for entry in entries(iso / "2.js")}
told = {}
for path in sorted(regions.glob("*/*.json"), key=lambda path: (path.stem != "en", path.stem)):
    if path.stem not in LANGUAGES:
        continue
    for key, text in load(path)["subdivisions"]["localeDisplayNames"]["subdivisions"].items():
        told.setdefault(key, []).append(text)
below = {code: "-" in entry["parent"] for code, entry in parts.items()}
taken = {}
for code in sorted(parts, key=lambda code: (below[code], code)):
    country, part = code.split("-")
    if country not in countries:
        continue
    kept, texts = [], told.get(country.lower() + part.lower(), []) + [parts[code]["name"]]
    for text in map(clean, texts):
        spelling = (country, fold(text))
        if taken.setdefault(spelling, code) == code and spelling[1] not in [fold(known) for known in kept]:
            kept.append(text)
    out.append("\t".join(["S", code, "|".join(kept or [clean(texts[0])])]))

# ISO 3166-2 calls these parts countries, and so do people.
out += ["N\t" + code for code in ("GB-ENG", "GB-NIR", "GB-SCT", "GB-WLS") if code in parts]
same = set()
for key, alias in aliases.items():
    country = alias["_replacement"]
    if country in countries:
        parent = key[:2].upper()
        same.add(("%s-%s" % (parent, key[2:].upper()), country))
        if "%s-%s" % (parent, country) in parts:
            same.add(("%s-%s" % (parent, country), country))
out += ["\t".join(["=", code, country]) for code, country in sorted(same)]
pathlib.Path(__file__).with_name("places.txt").write_text("\n".join(out) + "\n", "utf-8")
