"""Reading a page beside trafilatura, on the same pages in the same run: milliseconds of one core, and the text's F1.

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
from typing import TYPE_CHECKING

import trafilatura

from crawlers.extraction import Page, read
from crawlers.extraction.article import word_f1
from tests.bench.filler import grown
from tests.bench.plots import bars
from tests.outlets.cases import all_cases, spider_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHARED = Path("../shared/pages/albawaba")
ROUNDS = 7
OLD = {"alaraby/windows-1256"}  # trafilatura is not asked to guess charsets


def measured(act: Callable[[], object]) -> float:
    """Return the median milliseconds of processor time of ``act``."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        act()
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times)


def compare() -> Iterator[tuple[str, int, float, float, float, float]]:
    """Yield for each page: name, bytes, our and trafilatura's milliseconds, our and trafilatura's F1."""
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


def _pair(name: str, page: Page, outlet: str, text: str) -> tuple[str, int, float, float, float, float]:
    spider = spider_of(outlet)
    markup = page.body.decode("utf-8")
    article = read(page, reading=spider.reading, addresses=spider.addresses)
    theirs = trafilatura.bare_extraction(markup, with_metadata=True)
    found = (theirs.text if theirs else "") or ""
    ours_ms = measured(lambda: read(page, reading=spider.reading, addresses=spider.addresses))
    theirs_ms = measured(lambda: trafilatura.bare_extraction(markup, with_metadata=True))
    return name, len(page.body), ours_ms, theirs_ms, word_f1(article.text, text), word_f1(found, text)


def main() -> None:
    """Print the table and its medians."""
    rows = list(compare())
    out = sys.stdout
    out.write(f"{'page':<34}{'KB':>6}{'ours ms':>10}{'trafilatura ms':>16}{'F1':>8}{'F1':>8}\n")
    for name, size, ours, theirs, mine, other in rows:
        out.write(f"{name:<34}{size // 1000:>6}{ours:>10.2f}{theirs:>16.2f}{mine:>8.3f}{other:>8.3f}\n")
    bars(
        "reading",
        "ms of processor time a page",
        {"Warraq": [row[2] for row in rows], "trafilatura": [row[3] for row in rows]},
    )
    ours_ms, theirs_ms = (statistics.median(row[column] for row in rows) for column in (2, 3))
    out.write(
        f"median of {len(rows)} pages: {ours_ms:.2f} ms, trafilatura {theirs_ms:.2f} ms, {theirs_ms / ours_ms:.1f} times; "
        f"mean F1 {statistics.mean(row[4] for row in rows):.4f}, trafilatura {statistics.mean(row[5] for row in rows):.4f}\n"
    )


if __name__ == "__main__":
    main()
