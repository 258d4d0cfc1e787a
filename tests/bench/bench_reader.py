"""Reading an archive: streamed, filtered, one of many; beside warcio and trafilatura, FastWARC and resiliparse on the same text.

python -m tests.bench.bench_reader [ARTICLES …]      20,000 by default; of several sizes in one run, a plot of how cost grows
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import trafilatura
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree
from warcio.archiveiterator import ArchiveIterator

from archive.index import build
from archive.reader.archive import Archive
from archive.reader.jsonl import lines_of
from archive.store import open_store
from tests.bench.plots import bars, curves
from tests.bench.reader_archives import A_SEGMENT, generate, pages, placed, url_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from archive.store import Store

LOOKS = 200


class Counting:
    """A store that notes what is asked of it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.asked: list[tuple[str, str]] = []

    def __getattr__(self, name: str) -> object:
        found = getattr(self._store, name)
        if name not in {"read", "read_tagged", "read_range", "open"}:
            return found

        def counted(key: str, *others: object) -> object:
            self.asked.append((name, key))
            return found(key, *others)

        return counted


def timed(act: Callable[[], int]) -> tuple[int, float]:
    """Return what ``act`` counted, and the processor time of all threads that it took, in seconds."""
    start = time.process_time()
    count = act()
    return count, time.process_time() - start


def by_rival(store: Store) -> int:
    """Read the texts out of the WARCs with warcio and trafilatura."""
    count = 0
    for found in store.listing("warc/"):
        with store.open(found.key) as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type == "response":
                    count += bool(trafilatura.extract(record.content_stream().read()))
    return count


def by_fast_rival(store: Store) -> int:
    """Read the texts out of the WARCs with FastWARC and resiliparse, the fastest there is."""
    count = 0
    for found in store.listing("warc/"):
        with store.open(found.key) as stream:
            for record in FastIterator(stream, record_types=WarcRecordType.response):
                markup = record.reader.read().decode(errors="replace")
                count += bool(extract_plain_text(HTMLTree.parse(markup), main_content=True))
    return count


def count_of(found: Iterator[object]) -> int:
    """Count."""
    return sum(1 for _ in found)


def memory() -> float:
    """Return the most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def streaming(store: Store, folder: Path) -> float:
    """Stream all, and beside the rival; return the microseconds of a line."""
    small = pages(folder)
    read, rival = timed(lambda: by_rival(small))
    quickly, fast = timed(lambda: by_fast_rival(small))
    mine, ours = timed(lambda: sum(count_of(Archive(small).articles()) for _ in range(20)))
    ours_each, rival_each, fast_each = ours / mine, rival / read, fast / quickly
    say(f"text of {read} pages: warcio and trafilatura {1000 * rival_each:.2f} ms each, FastWARC and resiliparse {1000 * fast_each:.2f}, "
        f"their lines {1000 * ours_each:.3f} ms, {rival_each / ours_each:.0f} and {fast_each / ours_each:.0f} times")  # fmt: skip
    drawn = {
        "Warraq: the text of a page from its line": [1 / ours_each],
        "warcio and trafilatura, from the WARC": [1 / rival_each],
        "FastWARC and resiliparse, from the WARC": [1 / fast_each],
    }
    for name, read, choice in (
        ("all, newest first", Archive.articles, {}),
        ("heads (headline, time, outlet …) of all, newest first", Archive.heads, {}),
        ("all, oldest first, all versions", Archive.articles, {"newest_first": False, "versions": "all"}),
        ("filtered by agency", Archive.articles, {"agency": "afp"}),
    ):
        count, seconds = timed(lambda read=read, choice=choice: count_of(read(Archive(store), **choice)))
        lines = count_of(
            line for m in Archive(store).manifests() for line in range(m.by_kind["articles"].records["article"])
        )
        say(f"{name}: {count:,} articles of {lines:,} lines, {lines / seconds:,.0f} lines a second of one core")
        drawn[f"Warraq: {name}"] = [lines / seconds]
    bars("reader", "articles a second of one core", drawn)
    return 1e6 / drawn["Warraq: all, newest first"][0]


def pruning(store: Store) -> None:
    """A year of one outlet by agency: what is touched."""
    counting = Counting(store)
    found = Archive(counting).articles(outlet="aljazeera", since="2022-01-01", until="2022-12-31", agency="afp")
    count = count_of(found)
    opened = {key for name, key in counting.asked if key.startswith("articles/")}
    strays = [
        key
        for key in opened
        if "outlet=aljazeera" not in key or not "2021-12-30" <= key.split("date=")[1][:10] <= "2022-12-31"
    ]
    total = count_of(store.listing("articles/"))
    say(f"a year of one outlet by agency: {count:,} articles, {len(opened)} of {total:,} objects opened, {len(strays)} of another "
        "year or outlet")  # fmt: skip


def single(store: Store, total: int) -> tuple[float, float]:
    """One of many by the index; return the microseconds that an article costs its building, and the milliseconds of a look."""
    built, seconds = None, time.process_time()
    built = build(Archive(store))
    seconds = time.process_time() - seconds
    say(f"index: {built.entries:,} entries, {built.bytes / 1e6:.1f} MB, built in {seconds:.0f} s of processor time")
    assert Archive(store).index is not None  # fills the cache
    counting = Counting(store)
    archive, rng = Archive(counting), random.Random(3)
    assert archive.index is not None
    kept = sum(path.stat().st_size for path in Path(CACHE).rglob("*") if path.is_file())
    looks = {}
    for kind in ("id", "address"):
        numbers = [rng.randint(1, total) for _ in range(LOOKS)]
        most, looks[kind] = look_up(archive, counting, [(n, *placed(n, total)) for n in numbers], by=kind)
        say(f"one of {total:,} by {kind}: at most {most} requests, all ranges but one (the chain's head), median "
            f"{1000 * looks[kind]:.1f} ms; {kept / 1e6:.2f} MB cached")  # fmt: skip
    return 1e6 * seconds / total, 1000 * looks["id"]


def look_up(
    archive: Archive, counting: Counting, wanted: list[tuple[int, str, datetime]], by: str
) -> tuple[int, float]:
    """Ask for articles one by one; return the most requests that one took, and the median of the seconds."""
    most, times = 0, []
    for number, outlet, moment in wanted:
        name = f"{outlet}:{number}" if by == "id" else url_of(outlet, number, moment)
        counting.asked.clear()
        start = time.perf_counter()
        found = archive.article(name)
        times.append(time.perf_counter() - start)
        assert getattr(found, "id", None) == f"{outlet}:{number}", name
        most = max(most, len(counting.asked))
    return most, statistics.median(times)


def article_line(store: Store) -> list[bytes]:
    """Return the lines of the first object."""
    return list(lines_of(store.read(next(store.listing("articles/")).key)))


def say(line: str) -> None:
    """Print a figure."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


CACHE = ""


def measured(total: int) -> dict[str, float]:
    """Generate, measure, print; return what may grow with the size."""
    global CACHE  # noqa: PLW0603  the folder of this run
    folder = Path(tempfile.mkdtemp(prefix="bench-reader-"))
    os.environ["XDG_CACHE_HOME"] = CACHE = str(folder / "cache")
    try:
        store = open_store(folder / "collection")
        _, seconds = timed(lambda: generate(store, total, folder) or total)
        size = sum(found.size for found in store.listing("articles/"))
        raw = sum(len(line) for line in (article_line(store)))
        say(f"{total:,} articles generated, {size / 1e6:,.0f} MB packed, lines of {raw / A_SEGMENT / 1000:.1f} KB, "
            f"{seconds:.0f} s of processor time")  # fmt: skip
        line = streaming(store, folder)
        pruning(store)
        built, look = single(store, total)
        say(f"the most memory of all this: {memory():.0f} MB")
    finally:
        shutil.rmtree(folder)
    return {"streaming a line, µs": line, "indexing an article, µs": built, "one of all by id, 10 µs": 100 * look}


def main() -> None:
    """Measure each size."""
    sizes = [int(word) for word in sys.argv[1:]] or [20_000]
    found = {size: measured(size) for size in sizes}
    if len(sizes) > 1:
        names = found[sizes[0]]
        curves(
            "reader-growth", "articles in the archive", "time", {n: [(s, found[s][n]) for s in sizes] for n in names}
        )


if __name__ == "__main__":
    main()
