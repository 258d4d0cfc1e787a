"""Reading a page beside trafilatura and resiliparse (which gives a text alone), on the same pages in the same run: milliseconds of one core, and the text's F1.

    python -m tests.bench.bench_reading

The pages are the golden ones, grown to the size real pages have (150 to 300 KB): most of it scripts, styles and drawings, then
menus and cards of other articles. Where ``../shared/pages`` is, the real pages there are measured too.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trafilatura
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from crawlers.extraction import Page, read
from crawlers.extraction.article import word_f1
from tests.bench.filler import grown
from tests.bench.plots import bars
from tests.outlets.cases import all_cases, spider_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHARED = Path("../shared/pages/albawaba")
ROUNDS = 7
READERS = "Warraq", "trafilatura", "resiliparse"
OLD = {"alaraby/windows-1256"}  # trafilatura is not asked to guess charsets


def measured(act: Callable[[], object]) -> float:
    """Return the median milliseconds of processor time of ``act``."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        act()
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times)


Row = tuple[str, int, list[float], list[float]]


def compare() -> Iterator[Row]:
    """Yield for each page: name, bytes, milliseconds and F1 of ours, of trafilatura and of resiliparse."""
    rng = random.Random(1)
    for case in all_cases():
        if case.id not in OLD and case.body:
            page = case.page()
            page = replace(page, body=grown(page.body, rng))
            yield _pair(case.id, page, case.outlet, case.record["expect"]["text"])
    for truth in sorted(SHARED.glob("*.groundtruth.json")):
        record = next(iter(json.loads(truth.read_text(encoding="utf-8")).values()))
        body = truth.with_name(truth.name.replace("groundtruth.json", "html")).read_bytes()
        page = Page(url=record["url"], captured=datetime(2019, 11, 20, 12, tzinfo=UTC), body=body)
        yield _pair(f"real/{truth.name[:10]}", page, "albawaba", record["articleBody"])


def _pair(name: str, page: Page, outlet: str, text: str) -> Row:
    spider, markup = spider_of(outlet), page.body.decode("utf-8")
    reads: tuple[Callable[[], str], ...] = (
        lambda: read(page, reading=spider.reading, addresses=spider.addresses).text,
        lambda: _text_of(trafilatura.bare_extraction(markup, with_metadata=True)),
        lambda: extract_plain_text(HTMLTree.parse(markup), main_content=True),
    )
    return name, len(page.body), [measured(each) for each in reads], [word_f1(each(), text) for each in reads]


def _text_of(found: Any) -> str:
    return (found.text if found else "") or ""


def main() -> None:
    """Print the table and its medians."""
    rows = list(compare())
    out = sys.stdout
    out.write(f"{'page':<34}{'KB':>6}" + "".join(f"{name:>13} ms{'F1':>7}" for name in READERS) + "\n")
    for name, size, times, scores in rows:
        out.write(
            f"{name:<34}{size // 1000:>6}"
            + "".join(f"{ms:>16.2f}{f1:>7.3f}" for ms, f1 in zip(times, scores, strict=True))
            + "\n"
        )
    bars(
        "reading", "ms of processor time a page", {name: [row[2][n] for row in rows] for n, name in enumerate(READERS)}
    )
    medians = [statistics.median(row[2][n] for row in rows) for n in range(len(READERS))]
    means = [statistics.mean(row[3][n] for row in rows) for n in range(len(READERS))]
    said = (
        f"{name} {ms:.2f} ms, {ms / medians[0]:.1f} times, F1 {f1:.4f}"
        for name, ms, f1 in zip(READERS, medians, means, strict=True)
    )
    out.write(f"median of {len(rows)} pages: {'; '.join(said)}\n")


if __name__ == "__main__":
    main()
