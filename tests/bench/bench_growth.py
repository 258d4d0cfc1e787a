"""The index on disk, growing: what a million articles cost, and what one more costs then.

    a tenth of the articles ──catch_up──▶ index      as a machine learns an archive: 500 a transaction
    the last of each tenth  ──place─────▶ index      as a crawl does: one commit an article

The articles are made up, but as uneven as real ones: words by Zipf's law, lengths from 40 words to 2,000, a quarter of them copies of
an article of the last hours, trimmed, with paragraphs of another desk; 2,000 a day from five outlets. Making them is not counted.

    python -m tests.bench.bench_growth [--scale 1000000] [--minutes 12] [--folder FOLDER]

A folder keeps the index, and the next run of the same scale goes on where the last one was stopped.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipelines.syndication import Piece, SqliteStoryIndex, Stories
from tests.bench.plots import curves

if TYPE_CHECKING:
    from collections.abc import Iterator

Line = dict[str, str]
SEED = 1
ONE_BY_ONE = 2_000  # articles at the end of each tenth
AT_ONCE = 2_000
OUTLETS = ("alaraby", "aljazeera", "albawaba", "albawabhnews", "skynewsarabia")
LETTERS = np.array(list("ابتثجحخدذرزسشصضطظعغفقكلمنهوي"))
SPELLINGS, RECENT = 200_000, 600
HEAD = f"{'articles':>10} {'caught up/s':>12} {'of CPU':>8} {'placed/s':>9} {'of CPU':>8} {'median ms':>10} {'99 %':>6} {'bytes each':>11} {'MB':>5}"


class Newsrooms:
    """Made-up articles, in the order of their publication."""

    def __init__(self, number: int) -> None:
        """``number``: how many there are already."""
        self.rng = np.random.default_rng(SEED)
        letters = self.rng.choice(LETTERS, (SPELLINGS, 8))
        lengths = self.rng.integers(2, 9, SPELLINGS)
        self.words = ["".join(row[:size]) for row, size in zip(letters, lengths, strict=True)]
        shares = 1 / np.arange(1, SPELLINGS + 1)
        self.shares = np.cumsum(shares / shares.sum())
        self.recent: list[list[str]] = []
        self.number = number
        self.rng = np.random.default_rng([SEED, number])

    def lines(self, many: int) -> list[Line]:
        """Return the next articles."""
        return [self._line() for _ in range(many)]

    def _line(self) -> Line:
        self.number += 1
        text = self._copy() if self.recent and self.rng.random() < 0.25 else self._written()
        outlet = OUTLETS[self.rng.integers(len(OUTLETS))]
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_700_000_000 + self.number * 43))
        identity = f"{outlet}:{self.rng.bytes(8).hex()}"
        body = "\n".join(" ".join(text[at : at + 45]) for at in range(0, len(text), 45))
        return {"id": identity, "outlet": outlet, "headline": " ".join(text[3:11]), "text": body, "published": moment}

    def _written(self) -> list[str]:
        size = int(np.clip(self.rng.lognormal(5.5, 0.5), 40, 2000))
        places = self.shares.searchsorted(self.rng.random(size))
        text = [self.words[place] for place in places.tolist()]
        self.recent = [*self.recent[-RECENT:], text]
        return text

    def _copy(self) -> list[str]:
        source = self.recent[self.rng.integers(len(self.recent))]
        kept = source[: round(len(source) * self.rng.uniform(0.4, 1))]
        if self.rng.random() < 0.5:
            kept = [*kept, *self.recent[self.rng.integers(len(self.recent))][-40:]]
        return kept


@dataclass(frozen=True)
class Tenth:
    """A tenth of the articles: articles a second, by the clock and by the seconds of CPU; milliseconds of a placement; bytes; MB."""

    articles: int
    caught_up: tuple[float, float]
    placed: tuple[float, float]
    median: float
    slow: float
    bytes_each: float
    memory: float

    def __str__(self) -> str:
        return (
            f"{self.articles:>10,} {self.caught_up[0]:12,.0f} {self.caught_up[1]:8,.0f} {self.placed[0]:9,.0f} {self.placed[1]:8,.0f}"
            f" {self.median:10.2f} {self.slow:6.1f} {self.bytes_each:11,.0f} {self.memory:5,.0f}"
        )


def growth(size: int, minutes: float, folder: Path) -> Iterator[Tenth]:
    """Fill the index in ``folder``; yield every tenth, and stop after so many minutes."""
    end = time.perf_counter() + 60 * minutes
    index = SqliteStoryIndex(folder / "stories")
    stories, held = Stories(index), sum(1 for _ in index.articles())
    newsrooms = Newsrooms(held)
    for tenth in range(held * 10 // size + 1, 11):
        caught_up = _caught_up(stories, newsrooms, tenth * size // 10 - ONE_BY_ONE, end)
        if caught_up is None:
            print(f"stopped after {minutes:g} minutes, at {newsrooms.number:,} articles")  # noqa: T201  what a bench is for
            return
        online = _one_by_one(stories, newsrooms.lines(ONE_BY_ONE))
        written = sum(each.stat().st_size for each in folder.iterdir())
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        yield Tenth(newsrooms.number, caught_up, *online, written / newsrooms.number, memory)


def _caught_up(stories: Stories, newsrooms: Newsrooms, until: int, end: float) -> tuple[float, float] | None:
    """Catch up with articles until there are so many; return the rates, None where time was over before."""
    wall = cpu = 0.0
    begun = newsrooms.number
    while newsrooms.number < until:
        if time.perf_counter() > end:
            return None
        lines = newsrooms.lines(min(AT_ONCE, until - newsrooms.number))
        start = time.perf_counter(), time.process_time()
        stories.catch_up(Piece.of_line(line) for line in lines)
        wall, cpu = wall + time.perf_counter() - start[0], cpu + time.process_time() - start[1]
    many = until - begun
    return many / max(wall, 1e-9), many / max(cpu, 1e-9)


def _one_by_one(stories: Stories, lines: list[Line]) -> tuple[tuple[float, float], float, float]:
    taken, cpu = [], time.process_time()
    for line in lines:
        start = time.perf_counter()
        stories.place(Piece.of_line(line))
        taken.append(time.perf_counter() - start)
    cpu = time.process_time() - cpu
    slow = sorted(taken)[len(taken) * 99 // 100]
    return (len(taken) / sum(taken), len(taken) / cpu), 1000 * statistics.median(taken), 1000 * slow


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--scale", type=int, default=50_000, metavar="ARTICLES", help="fill the index with so many (50,000)"
    )
    parser.add_argument("--minutes", type=float, default=12, help="stop after so long (12)")
    parser.add_argument("--folder", type=Path, help="keep the index here, and go on with what is here")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        lines: dict[str, list[tuple[float, float]]] = {"caught up": [], "placed one by one": []}
        print(HEAD)  # noqa: T201  what a bench is for
        for tenth in growth(wanted.scale, wanted.minutes, wanted.folder or Path(passing)):
            print(tenth, flush=True)  # noqa: T201  what a bench is for
            if tenth.caught_up[1]:  # of a small scale every article is placed by itself
                lines["caught up"].append((tenth.articles, 1000 / tenth.caught_up[1]))
            lines["placed one by one"].append((tenth.articles, 1000 / tenth.placed[1]))
    curves("growth", "articles in the index", "ms of processor time an article", lines)


if __name__ == "__main__":
    sys.exit(main())
