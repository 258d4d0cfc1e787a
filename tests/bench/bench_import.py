"""`scrapy import` of a file as Common Crawl's news crawler writes it, beside trafilatura on the same pages.

    python -m tests.bench.bench_import [PAGES]

fast_outlet's pages ─▶ one WARC: warcinfo, request and response for each page, bodies decoded, a gzip member a record
                        ├─▶ crawlers.session.foreign.Importer    captured, read, placed in stories, published
                        └─▶ trafilatura.bare_extraction          one page of so many

Rates are pages for each second of processor time, start of the process and loading of the first page left out. The import has a process
of its own, whose memory is told: pages are made in another.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
import uuid
import zlib
from base64 import b32encode
from dataclasses import asdict, dataclass
from hashlib import sha1
from pathlib import Path
from typing import TYPE_CHECKING

import trafilatura
from scrapy.utils.project import get_project_settings

from crawlers.configuration import Destination
from crawlers.session.foreign import Importer
from tests.bench.fast_outlet import HOST, pieces
from tests.bench.filler import grown
from tests.bench.plots import bars
from tests.replica.wire.message import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PAGES = 3000
FIRST = 20  # pages of a file that is taken in before: everything is loaded then
TRAFILATURA = 30  # one page of so many


def bodies(count: int) -> Iterator[tuple[str, str, bytes]]:
    """Yield address, time of capture and page, as large as real ones."""
    for site, piece in pieces(count):
        body = site.answer(Request("GET", piece.path, HOST, {}, secure=True)).body
        yield piece.url, f"{piece.published:%Y-%m-%dT%H:%M:%SZ}", grown(body, random.Random(piece.path))


def member(kind: str, block: bytes, content_type: str, *fields: tuple[str, str]) -> bytes:
    """Return one record of WARC 1.0, packed by zlib as StormCrawler packs it."""
    lines = [("WARC-Type", kind), ("WARC-Record-ID", f"<{uuid.uuid4().urn}>"), ("Content-Length", str(len(block)))]
    head = "".join(f"{name}: {value}\r\n" for name, value in (*lines, *fields, ("Content-Type", content_type)))
    squeeze = zlib.compressobj(6, zlib.DEFLATED, 31)
    return squeeze.compress(b"WARC/1.0\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n") + squeeze.flush()


def digest(content: bytes) -> str:
    return "sha1:" + b32encode(sha1(content, usedforsecurity=False).digest()).decode()


def news_file(pages: Iterable[tuple[str, str, bytes]]) -> Iterator[bytes]:
    """Yield the members of a file of CC-NEWS: what was coded on the wire is decoded, its headers masked."""
    yield member(
        "warcinfo", b"software: StormCrawler\r\n", "application/warc-fields", ("WARC-Date", "2026-11-20T00:00:00Z")
    )
    for url, date, body in pages:
        common = ("WARC-Date", date), ("WARC-Target-URI", url), ("WARC-IP-Address", "192.0.2.1")
        asked = f"GET {url} HTTP/1.1\r\nHost: {HOST}\r\nAccept-Encoding: gzip\r\n\r\n".encode()
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nX-Crawler-Content-Encoding: gzip\r\n"
            f"X-Crawler-Transfer-Encoding: chunked\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode()
        yield member("request", asked, "application/http; msgtype=request", *common)
        digests = ("WARC-Payload-Digest", digest(body)), ("WARC-Block-Digest", digest(head + body))
        yield member("response", head + body, "application/http; msgtype=response", *common, *digests)


@dataclass(frozen=True, slots=True)
class Taken:
    """A file taken in: its articles, the processor seconds, publishing and all, and the most memory of the process until then, in MB."""

    articles: int
    seconds: float
    peak: float


def take(path: Path, folder: Path) -> Taken:
    """Take a file in, in this process."""
    settings = get_project_settings()
    for name, place in (("ARCHIVE_URI", (folder / "collection").as_uri()), ("SPOOL_DIR", str(folder / "spool"))):
        settings.set(name, place, priority="cmdline")
    settings.set("CONTACT", "mailto:bench@example.org", priority="cmdline")
    begun = time.process_time()
    with Importer(Destination.from_settings(settings), settings) as importer:
        importer.take(str(path))
    assert not importer.result.broken
    spent = time.process_time() - begun
    return Taken(importer.result.counts["articles"], spent, peak())


def peak() -> float:
    """Return the most memory of this program until now, in MB; `resource` would count the process that began it, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def take_each(folder: Path, names: Sequence[str]) -> list[Taken]:
    """Take files of a folder in, one after the other, in a process of their own."""
    command = [sys.executable, "-m", "tests.bench.bench_import", "take", str(folder), *names]
    answer = subprocess.run(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, check=True)
    return [Taken(**each) for each in json.loads(answer.stdout)]


def main(count: int) -> None:
    """Print the figures."""
    sample: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, many in (("first", FIRST), ("news", count)):
            sample.clear()
            with (folder / f"{file}.warc.gz").open("wb") as out:
                out.writelines(news_file(kept(bodies(many), sample)))
        before, taken = take_each(folder, ["first", "news"])
        size = (folder / "news.warc.gz").stat().st_size / 1e6
    begun = time.process_time()
    for markup in sample:
        trafilatura.bare_extraction(markup, with_metadata=True)
    ours, theirs = taken.seconds / count, (time.process_time() - begun) / len(sample)
    drawn = {"Warraq": [1000 * ours], "trafilatura, reading alone": [1000 * theirs]}
    bars("import", "ms of processor time a page", drawn)
    sys.stdout.write(
        f"{count:,} pages in {size:.0f} MB, {taken.articles:,} articles; {taken.peak:.0f} MB of memory at most, "
        f"{before.peak:.0f} MB behind a file of {FIRST} pages\n"
    )
    sys.stdout.write(
        f"{1000 * ours:.2f} ms a page, {1 / ours:.0f} pages a second and core; trafilatura reads one in {1000 * theirs:.2f} ms, "
        f"{theirs / ours:.2f} times that\n"
    )


def kept(pages: Iterable[tuple[str, str, bytes]], chosen: list[str]) -> Iterator[tuple[str, str, bytes]]:
    """Pass the pages on, and keep some for trafilatura."""
    for number, page in enumerate(pages):
        if number % TRAFILATURA == 0:
            chosen.append(page[2].decode())
        yield page


if __name__ == "__main__":
    if sys.argv[1:2] == ["take"]:
        place = Path(sys.argv[2])
        done = [asdict(take(place / f"{name}.warc.gz", place / name)) for name in sys.argv[3:]]
        sys.stdout.write(json.dumps(done))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else PAGES)
