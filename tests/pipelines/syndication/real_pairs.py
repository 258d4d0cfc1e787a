"""Stories of real newspapers, held against pairs that were judged by reading: ``python -m tests.pipelines.syndication.real_pairs``.

With ``--archive FOLDER`` the articles are crawled into an archive there, day by day, for `scrapy report stories`, the site or
`scrapy distribute recluster` to read; their pages are made up, since only the texts are at hand.

    17,641 articles ──recluster──▶ stories ──┐
    judged_pairs.csv: ids, label, weight ────┴──▶ which pairs are together, by stratum, and what that says of all pairs

The articles are the newspapers' and lie beside the repository; without them the command says so and does nothing.
``judged_pairs.csv`` was drawn at random (seed 22) from all pairs within 72 hours that were together in a story, or apart with an
overlap of 0.15 and more: three to eight pairs for each tenth of overlap, each length, and together or apart. ``overlap`` is the share
of the shorter text's word 3-grams that stand in the other, ``words`` the length of the shorter text, ``drawn`` says which half a
pair came from, and ``weight`` how many pairs of its stratum it stands for. So estimates for all pairs stay valid when rules change.
``judged_later.csv`` has 110 more, drawn (seed 2207) under later rules and read before anything else was changed; by overlap alone, and
apart ones from an overlap of 0.2 on.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import itertools
import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from math import sqrt
from operator import itemgetter
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from archive.article import Article, parse_time
from pipelines.syndication import MemoryStoryIndex, Piece, Stories
from pipelines.syndication.alignment import Evidence
from pipelines.syndication.fingerprints import Words
from tests.archive.samples import article_of
from tests.pipelines.syndication.publishing import Machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

FOLDER = Path("../shared/dedup")
REAL = FOLDER / "real.jsonl.gz"
JUDGED, LATER = (Path(__file__).with_name(name) for name in ("judged_pairs.csv", "judged_later.csv"))
ONE_STORY, OTHER = {"same", "update"}, {"different"}  # "part" and "grey" may be together or not
LEAST = 0.5  # median overlap of a story's pairs
LENGTHS = {"short (under 80 words)": 80, "middle": 250, "long (from 250 words on)": 1 << 30}


@dataclass(frozen=True)
class JudgedPair:
    """Two articles and what a reader said of them; ``stratum`` is where the pair was drawn."""

    ids: tuple[str, str]
    label: str
    overlap: float
    words: int
    drawn: str
    weight: float

    @property
    def band(self) -> str:
        """The tenth of overlap."""
        tenth = min(int(self.overlap * 10), 9)
        return f"overlap {tenth / 10:.1f}–{(tenth + 1) / 10:.1f}"

    @property
    def length(self) -> str:
        """How long the shorter text is."""
        return next(name for name, below in LENGTHS.items() if self.words < below)

    @property
    def stratum(self) -> tuple[str, str, str]:
        """Where the pair was drawn."""
        return self.drawn, self.band, self.length


def judged_pairs(path: Path = JUDGED) -> list[JudgedPair]:
    """Return the pairs of a file such as ``judged_pairs.csv``."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            JudgedPair(
                (row["id_a"], row["id_b"]),
                row["label"],
                float(row["overlap"]),
                int(row["words"]),
                row["drawn"],
                float(row["weight"]),
            )
            for row in csv.DictReader(lines)
        ]


def together(pairs: Iterable[JudgedPair], labels: set[str], story: Mapping[str, str]) -> tuple[int, int]:
    """Return how many pairs with one of these labels are in one story, and how many there are."""
    same = [story[pair.ids[0]] == story[pair.ids[1]] for pair in pairs if pair.label in labels]
    return sum(same), len(same)


def share(
    pairs: list[JudgedPair], of: Callable[[JudgedPair], bool], has: Callable[[JudgedPair], bool]
) -> tuple[float, float]:
    """Estimate, for all pairs they were drawn from, which share of those that are ``of`` a kind ``has`` a property.

    Returns:
        The share, and its standard error (each stratum drawn by itself; a ratio of two weighted sums).
    """
    whole = sum(pair.weight for pair in pairs if of(pair))
    part = sum(pair.weight for pair in pairs if of(pair) and has(pair)) / whole
    strata: defaultdict[tuple[str, str, str], list[float]] = defaultdict(list)
    for pair in pairs:
        strata[pair.stratum].append(pair.weight * of(pair) * (has(pair) - part))
    variance = 0.0
    for values in strata.values():
        mean = sum(values) / len(values)
        variance += len(values) / max(1, len(values) - 1) * sum((value - mean) ** 2 for value in values)
    return part, sqrt(variance) / whole


def wrong_merges(pairs: list[JudgedPair], story: Mapping[str, str]) -> tuple[float, float]:
    """Estimate which share of all pairs in one story are different ones; and the standard error."""
    return share(pairs, lambda pair: story[pair.ids[0]] == story[pair.ids[1]], lambda pair: pair.label in OTHER)


def found_copies(pairs: list[JudgedPair], story: Mapping[str, str]) -> tuple[float, float]:
    """Estimate which share of all pairs of one story are together; and the standard error."""
    return share(pairs, lambda pair: pair.label in ONE_STORY, lambda pair: story[pair.ids[0]] == story[pair.ids[1]])


class RealStories:
    """The real articles, placed in order of publication: ``story`` (id → story) and the texts they were placed by."""

    def __init__(self) -> None:
        with gzip.open(REAL, "rt", encoding="utf-8") as lines:
            articles = [json.loads(line) for line in lines]
        self.outlet = {article["id"]: article["outlet"] for article in articles}
        self._pieces = sorted(map(Piece.of_line, articles), key=lambda piece: (piece.at, piece.id))
        self._index = MemoryStoryIndex()
        stories = Stories(self._index)
        for piece in self._pieces:
            stories.place(piece)
        self.story = {placement.id: placement.story for placement in stories.placements()}

    def largest(self, many: int) -> list[tuple[int, int, float, float]]:
        """Return of the largest stories of several articles: articles, outlets, hours from first to last, median overlap of own words.

        The overlap of two articles is the greater share of one's own words that stand in the other.
        """
        groups: defaultdict[str, list[Piece]] = defaultdict(list)
        for piece in self._pieces:
            groups[self.story[piece.id]].append(piece)
        rows = []
        stories = (members for members in groups.values() if len(members) > 1)
        for members in sorted(stories, key=lambda each: (-len(each), each[0].id))[:many]:
            texts = [self._index.current(piece.id) for piece in members]
            words = [Words(text.words, text.own) for text in texts]
            overlap = median(Evidence(one, other).larger for one, other in itertools.combinations(words, 2))
            hours = (members[-1].at - members[0].at) / 3600
            rows.append((len(members), len({self.outlet[piece.id] for piece in members}), hours, overlap))
        return rows


def crawl(folder: Path) -> None:
    """Fill an archive in ``folder/bucket`` with the real articles, outlet by outlet on each of their days, as crawls do."""
    with gzip.open(REAL, "rt", encoding="utf-8") as lines:
        articles = sorted(map(json.loads, lines), key=itemgetter("published", "id"))
    machine = Machine(folder / "bucket", folder / "machine")
    numbers = itertools.count(1)
    for _, daily in itertools.groupby(articles, key=lambda article: article["published"][:10]):
        for outlet, run in itertools.groupby(sorted(daily, key=itemgetter("outlet")), key=itemgetter("outlet")):
            machine.write(outlet, (_article(article, next(numbers)) for article in run))


def _article(line: dict[str, str], number: int) -> tuple[int, Article]:
    told = {name: line[name] for name in ("outlet", "headline", "text", "url")} | {
        "id": f"{line['outlet']}:{line['id']}"
    }
    published = parse_time(line["published"])
    return number, article_of(number, None, **told, canonical_url=line["url"], published=published, words=len(line["text"].split()))  # fmt: skip


def report() -> Iterator[str]:
    """Yield the lines of the report: how the pairs fare, by stratum, the estimates for all pairs, and the largest stories."""
    pairs, real = judged_pairs(), RealStories()
    groups: dict[str, Callable[[JudgedPair], str]] = {
        "by overlap": lambda pair: pair.band,
        "by length of the shorter text": lambda pair: pair.length,
        "all": lambda _: "",
    }
    for title, group in groups.items():
        yield f"{title:<32}{'same, update together':>24}{'different together':>24}"
        for name in sorted({group(pair) for pair in pairs}):
            chosen = [pair for pair in pairs if group(pair) == name]
            counts = [together(chosen, labels, real.story) for labels in (ONE_STORY, OTHER)]
            yield f"{name:<32}" + "".join(f"{f'{hits} of {total}':>24}" for hits, total in counts)
    for name, drawn in (("the first draw", pairs), ("the later one", judged_pairs(LATER))):
        wrong, found = wrong_merges(drawn, real.story), found_copies(drawn, real.story)
        yield f"estimated from {name}, for all pairs within 72 hours (standard error)"
        yield f"of those in one story different: {wrong[0]:.3f} ({wrong[1]:.3f})"
        yield f"of those of one story together:  {found[0]:.3f} ({found[1]:.3f})"
    stories = real.largest(len(real.story))
    low = sum(overlap < LEAST for *_, overlap in stories)
    yield f"stories of several articles: {len(stories)}, of them with a median overlap below {LEAST}: {low}"
    yield "articles  outlets  hours  median overlap of own words"
    for articles, outlets, hours, overlap in stories[:20]:
        yield f"{articles:8}{outlets:9}{hours:7.0f}{overlap:10.2f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Stories of real newspapers")
    parser.add_argument("--archive", type=Path, metavar="FOLDER", help="crawl the articles into an archive here")
    if REAL.exists() and (folder := parser.parse_args().archive):
        crawl(folder)
        sys.exit()
    for line in report() if REAL.exists() else [f"{REAL} is not here; nothing is measured."]:
        sys.stdout.write(f"{line}\n")
