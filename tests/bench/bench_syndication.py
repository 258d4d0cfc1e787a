"""Our matching beside datasketch's MinHash-LSH and rensa's, on the same articles: accuracy, speed, memory; each in a process of its own.

The articles are the training half, where ``../shared/dedup`` is, else draws of the project's own. All methods read the same
folded words; the pairs that MinHash finds are limited to the same 72 hours and closed transitively, as is usual.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.syndication import MemoryStoryIndex, Piece, SqliteStoryIndex, Stories
from tests.bench.plots import bars
from tests.bench.rivals import with_datasketch, with_rensa
from tests.pipelines.syndication.draws import Draw
from tests.pipelines.syndication.writing import BASES

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED = Path("../shared/dedup")
BATCH = 500  # articles
Line = dict[str, str]
Answer = dict[str, str]


def articles() -> tuple[list[Line], dict[str, tuple[str, str]]]:
    """Return the lines in order of publication, and for each id its true story and its class."""
    if SHARED.exists():
        lines = [json.loads(line) for line in (SHARED / "stories.jsonl").open(encoding="utf-8")]
        truth = [json.loads(line) for line in (SHARED / "truth.jsonl").open(encoding="utf-8")]
        labels = {each["id"]: (each["cluster"], each["role"]) for each in truth}
    else:
        drawn = [(seed, each) for seed in range(30) for each in Draw(BASES, seed, wires=6).articles]
        lines = [{**each.line(), "id": f"{seed}/{each.id}", "url": f"{each.url}/{seed}"} for seed, each in drawn]
        labels = {f"{seed}/{each.id}": (f"{seed}/{each.story}", each.kind) for seed, each in drawn}
    return sorted(lines, key=lambda line: (line["published"], line["id"])), labels


def ours(lines: list[Line], index: MemoryStoryIndex | SqliteStoryIndex, batch: int) -> tuple[Answer, list[float]]:
    """Return the stories, and the seconds that each article took; of those that were placed at once the mean."""
    stories, seconds = Stories(index), list[float]()
    for some in (lines[begin : begin + batch] for begin in range(0, len(lines), batch)):
        start = time.perf_counter()
        pieces = [Piece.of_line(line) for line in some]
        if batch == 1:
            stories.place(pieces[0])
        else:
            stories.place_all(pieces)
        seconds += [(time.perf_counter() - start) / len(some)] * len(some)
    return {placement.id: placement.story for placement in stories.placements()}, seconds


def in_memory(lines: list[Line]) -> tuple[Answer, list[float]]:
    """Our matching with the index in memory, as `scrapy recluster` does it."""
    return ours(lines, MemoryStoryIndex(), BATCH)


def caught_up(lines: list[Line]) -> tuple[Answer, list[float]]:
    """Our matching with the durable index, one commit a batch: as an archive is learned."""
    with tempfile.TemporaryDirectory() as folder:
        return ours(lines, SqliteStoryIndex(Path(folder) / "stories"), BATCH)


def one_by_one(lines: list[Line]) -> tuple[Answer, list[float]]:
    """Our matching with the durable index, one commit an article: as a crawl does it."""
    with tempfile.TemporaryDirectory() as folder:
        return ours(lines, SqliteStoryIndex(Path(folder) / "stories"), 1)


METHODS = {
    "Warraq, in memory": in_memory,
    "Warraq, on disk": caught_up,
    "Warraq, a commit each": one_by_one,
    "datasketch LSH, J ≥ .5": with_datasketch(0.5),
    "datasketch LSH, J ≥ .2": with_datasketch(0.2),
    "rensa LSH, J ≥ .5": with_rensa(0.5, 32),
    "rensa LSH, J ≥ .2": with_rensa(0.2, 64),
}


def score(answer: Answer, labels: dict[str, tuple[str, str]]) -> tuple[float, float, float]:
    """Return pairwise precision, recall and F1; pairs of the unlabelled natural class do not count against a method."""
    truth, groups = defaultdict(list), defaultdict(list)
    for article, (story, _) in labels.items():
        truth[story].append(article)
        groups[answer[article]].append(article)
    hits = wrong = 0
    for one, other in pairs(groups):
        same = labels[one][0] == labels[other][0]
        hits += same
        wrong += not same and not labels[one][1] == labels[other][1] == "natural_neg"
    recall, precision = hits / sum(1 for _ in pairs(truth)), hits / max(1, hits + wrong)
    return precision, recall, 2 * precision * recall / (precision + recall)


def pairs(groups: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Return all pairs within the groups."""
    for members in groups.values():
        for place, one in enumerate(members):
            yield from ((one, other) for other in members[:place])


def measure(name: str) -> tuple[str, float, list[float]]:
    """Run one method in this process and return its row, its F1, and the milliseconds of each article."""
    lines, labels = articles()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer, seconds = METHODS[name](lines)
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    precision, recall, f1 = score(answer, labels)
    rate, median = len(lines) / sum(seconds), statistics.median(seconds) * 1000
    row = f"{name:26s} {precision:9.3f} {recall:6.3f} {f1:6.3f} {rate:10,.0f} {median:9.2f} {memory:8.0f}"
    return row, f1, [1000 * each for each in seconds]


def main() -> None:
    """Print the figures."""
    print(f"{'':26s} {'precision':>9} {'recall':>6} {'F1':>6} {'articles/s':>10} {'median ms':>9} {'MB':>8}")  # noqa: T201
    drawn: dict[str, list[float]] = {}
    with get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for name, (row, f1, took) in zip(METHODS, pool.imap(measure, METHODS), strict=True):
            print(row, flush=True)  # noqa: T201  what a bench is for
            quarters = statistics.quantiles(took, n=20)
            drawn[f"{name}, F1 {f1:.3f}"] = [quarters[0], statistics.median(took), quarters[-1]]
    bars("syndication", "ms an article: median, and from 5 to 95 of a hundred", drawn)


if __name__ == "__main__":
    sys.exit(main())
