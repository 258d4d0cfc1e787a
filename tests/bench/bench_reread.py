"""Reading an archive again, beside warcio and trafilatura on the same WARCs in the same run.

    python -m tests.bench.bench_reread [PAGES [OF_TWO]]

fast_outlet ─▶ scrapy crawl ─▶ an archive ─┬─▶ crawlers.reextract, one process and two    today's extraction, compared with the lines
                                           └─▶ warcio ArchiveIterator ▸ trafilatura    the texts of a tenth of them, alone

Rates are pages for each second of processor time, after a first round in which everything is loaded; a page counts whose line the crawl
dropped as another's of the same number, for it is read again, too. One process and two are timed by
the clock on this archive, and on it and its copies as earlier crawls, OF_TWO pages in all: what the difference takes has no start of
processes in it.
"""

from __future__ import annotations

import gzip
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from archive.maintenance.generations import Made, publish
from archive.reader.archive import Archive
from archive.store import open_store
from crawlers.reextract import Changes, Choice, reread
from tests.bench.bench_line import outlet, timed
from tests.bench.plots import bars

PAGES, OF_TWO, ROUNDS = 1500, 10_000, 3
TRAFILATURA = 8  # one page of so many


def crawl(pages: int, folder: Path) -> Path:
    """Fill an archive below a folder; return its collection."""
    with outlet(pages, folder) as environment:
        places = {"ARCHIVE_URI": str(folder / "collection"), "SPOOL_DIR": str(folder / "spool")}
        command = [sys.executable, "-m", "tests.bench.line_ours", environment["SINCE"]]
        timed(command, {**environment, **places, "CONTACT": "mailto:bench@example.org"}, folder)
    return folder / "collection"


def repeat(collection: Path, pages: int, wanted: int) -> None:
    """Publish the segments of a crawl of so many pages again, as crawls of the days before, until as many as are wanted are there."""
    store = open_store(collection.as_uri())
    segments = [one for one in Archive(store).manifests("aljazeera") if {"warc", "articles"} <= one.by_kind.keys()]
    for days in range(1, -(-wanted // pages)):
        for one in segments:
            day = date.fromisoformat(one.date) - timedelta(days=days)
            name = one.segment.replace(one.date.replace("-", ""), f"{day:%Y%m%d}")
            with tempfile.TemporaryDirectory() as folder:
                files = []
                for kind in ("warc", "cdxj", "articles"):
                    path, body = Path(folder, kind), store.read(one.by_kind[kind].key)
                    if kind != "warc":
                        body = gzip.compress(gzip.decompress(body).replace(one.segment.encode(), name.encode()))
                    path.write_bytes(body)
                    files.append(Made(kind=kind, path=path, records=one.by_kind[kind].records))
                publish(store, replace(one, segment=name, date=day.isoformat(), objects=[], previous=[]), files)


def ours(collection: Path, jobs: int) -> tuple[int, float, float]:
    """Read everything again; return articles, processor seconds of this process, seconds."""
    changes, cpu, wall = Changes(), time.process_time(), time.perf_counter()
    for _ in reread(
        collection.as_uri(), {}, "aljazeera", Choice(since="2000-01-01", jobs=jobs, publish=False), changes
    ):
        pass
    assert not changes.changed, "the crawl and the second reading differ"
    return changes.lines, time.process_time() - cpu, time.perf_counter() - wall


def theirs(collection: Path) -> tuple[int, int, float]:
    """Read one page of so many with warcio and trafilatura; return how many there are, how many were read, their processor seconds."""
    import trafilatura  # noqa: PLC0415  a process that reads begins with this file, and needs no rival
    from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415  as above

    pages, count, spent = 0, 0, 0.0
    for path in sorted(collection.glob("warc/**/*.warc.gz")):
        with path.open("rb") as stream:
            records = iter(ArchiveIterator(stream))
            while True:
                begun = time.process_time()
                record = next(records, None)
                if record is None:
                    break
                if record.rec_type != "response" or "html" not in (
                    record.http_headers.get_header("content-type") or ""
                ):
                    continue
                pages += 1
                if pages % TRAFILATURA == 0:
                    markup = record.content_stream().read().decode("utf-8", "replace")
                    count += trafilatura.bare_extraction(markup, with_metadata=True) is not None
                    spent += time.process_time() - begun
    return pages, count, spent


def main(pages: int, of_two: int) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        collection = crawl(pages, Path(name))
        ours(collection, 1)
        alone = [ours(collection, 1) for _ in range(ROUNDS)]
        of, read, spent = theirs(collection)
        size = sum(path.stat().st_size for path in collection.glob("warc/**/*.warc.gz")) / 1e6
        clocks = {jobs: [ours(collection, jobs)[2]] for jobs in (1, 2)}
        repeat(collection, of, of_two)
        lines = 0
        for jobs, seconds in clocks.items():
            lines, _, wall = ours(collection, jobs)
            seconds.append(wall)
    many = lines // alone[0][0] * of
    rates = sorted(of / cpu for _, cpu, _ in alone)
    rate, rival = statistics.median(rates), read / spent
    whole, further = (clocks[1][1] / clocks[2][1], (clocks[1][1] - clocks[1][0]) / (clocks[2][1] - clocks[2][0]))
    bars("reread", "pages for each second of one core", {"Warraq": rates, "warcio and trafilatura": [rival]})
    out = sys.stdout
    out.write(f"{of:,} pages in {size:.0f} MB of WARC, {alone[0][0]:,} lines held against their new reading\n")
    out.write(f"one core: {rate:.0f} pages a second ({rates[0]:.0f}–{rates[-1]:.0f}), {1000 / rate:.2f} ms a page\n")
    out.write(
        f"two processes, {many:,} pages: {whole:.2f} times as fast as one with their start in it, {further:.2f} times without\n"
    )
    out.write(
        f"warcio and trafilatura, {read} of the pages: {rival:.0f} a second; ours {rate / rival:.1f} times that\n"
    )


if __name__ == "__main__":
    asked = [int(each) for each in sys.argv[1:]]
    main(*asked, *(PAGES, OF_TWO)[len(asked) :])
