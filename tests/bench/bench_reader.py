"""Reading an archive: streamed, filtered, one of many; beside warcio and trafilatura on the same text.

    python -m tests.bench.bench_reader [ARTICLES …]      20,000 by default; of several sizes in one run, a plot of how cost grows

A collection of so many articles of five outlets and eight years is generated and published as a crawl's would be: lines, indexes,
manifests, chain. Its texts are words of the golden pages, 60 to 400 each. Beside it stands a small one with pages in WARCs, out of
which the rival reads the text that we read from the lines.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import trafilatura
from warcio.archiveiterator import ArchiveIterator

from archive.article import Article, Discovered, RecordPointer, format_time
from archive.cdxj import timestamp_of
from archive.chain import commit
from archive.exchange import Exchange
from archive.index import build
from archive.manifest import Item, Manifest, object_key
from archive.packed import lines_of, pack
from archive.publishing import Publisher
from archive.reader import Archive
from archive.segment import SegmentWriter
from archive.store import open_store
from archive.store.protocol import digests_of
from tests.bench.plots import bars, curves
from tests.outlets.cases import all_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archive.store import Store

OUTLETS = ("alaraby", "albawaba", "albawabhnews", "aljazeera", "skynewsarabia")
AGENCIES = ("afp", "reuters", "ap", "anadolu", "dpa")
A_SEGMENT = 1000
FIRST = datetime(2019, 1, 1, tzinfo=UTC)
YEARS = 8
PAGES = 150  # in WARCs, for the rival
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


def texts(rng: random.Random, count: int) -> list[str]:
    """Return texts of the golden pages' words."""
    words = sorted({word for case in all_cases() for word in (case.record["expect"].get("text") or "").split()})
    return [
        "\n".join(" ".join(rng.choices(words, k=rng.randint(15, 60))) for _ in range(rng.randint(4, 7)))
        for _ in range(count)
    ]


def article(outlet: str, number: int, moment: datetime, text: str, stem: str) -> Article:
    """Return an article as a crawl would have published it."""
    url = f"https://www.{outlet}.example/news/{moment:%Y/%m/%d}/{number}"
    return Article(
        id=f"{outlet}:{number}",
        outlet=outlet,
        url=url,
        canonical_url=url,
        headline=text[:70],
        standfirst=text[:160],
        text=text,
        section="سياسة",
        tags=["غزة", "القاهرة"][: number % 3],
        agencies=[AGENCIES[number % 5]] if number % 3 == 0 else [],
        published=moment,
        captured=moment + timedelta(minutes=7),
        provenance=dict.fromkeys(("headline", "text", "published", "section", "tags"), "json-ld"),
        discovered=Discovered(kind="sitemap", url=f"https://www.{outlet}.example/sitemap.xml"),
        extractor=f"{outlet}/1",
        words=len(text.split()),
        text_sha256=f"{number:064x}",
        warc=RecordPointer(
            file=f"{stem}.warc.gz", offset=number * 40_000, length=39_000,
            record_id=f"<urn:uuid:{number:032x}>", payload_digest="sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ",
        ),
        crawl=stem,
    )  # fmt: skip


def shape_of(one: Article) -> list[str]:
    """Return an article's line in pieces, cut where another article of the pool says something else.

    The line is what `Article.to_line` writes; to serialise a million of them so would take longer than all that is measured.
    """
    line = one.to_line()
    fields = (
        "id",
        "url",
        "canonical_url",
        "headline",
        "standfirst",
        "text",
        "tags",
        "agencies",
        "published",
        "captured",
    )
    pieces = []
    for name in fields:
        mark = f'"{name}":'
        at = line.index(mark) + len(mark)
        pieces.append(line[:at])
        _, end = json.JSONDecoder().raw_decode(line[at:])
        line = line[at + end :]
    return [*pieces, line]


def lines_in(shape: list[str], rows: list[tuple[str, ...]]) -> Iterator[bytes]:
    """Yield a line for each row of JSON values; the first is read back."""
    for place, row in enumerate(rows):
        line = "".join(piece + value for piece, value in zip(shape, (*row, ""), strict=True)).encode()
        if not place:
            assert Article.from_line(line).words
        yield line + b"\n"


def publish(store: Store, opened: datetime, stem: str, made: dict[str, Iterator[bytes]], folder: Path) -> None:
    """Publish a segment of lines and their index."""
    outlet = stem.split("-")[1]
    last = opened + timedelta(seconds=3 * A_SEGMENT + 420)
    span = {"first": format_time(opened), "last": format_time(last)}
    items = []
    for kind, rows in made.items():
        path = folder / kind
        records = {"article" if kind == "articles" else "capture": pack(rows, path)}
        key, digests = object_key(kind, outlet, stem), digests_of(path)
        store.put_file(key, path, digests=digests, metadata={})
        items.append(Item(kind=kind, key=key, bytes=digests.size, sha256=digests.sha256, records=records, **span))
    commit(
        store,
        Manifest(
            collection="bench", outlet=outlet, crawl=stem, segment=stem, date=f"{opened:%Y-%m-%d}",
            created=format_time(opened), software={}, objects=items,
        ),
    )  # fmt: skip


def captures(outlet: str, rows: list[tuple[str, ...]], first: int, stem: str) -> Iterator[bytes]:
    """Yield the index lines of a segment's captures, sorted."""
    found = []
    for place, row in enumerate(rows):
        url, date = row[1].strip('"'), row[-1].strip('"')
        key = f"example,{outlet})/{url.split('/', 3)[3]} {timestamp_of(date)}"
        said = (
            f'{{"url": "{url}", "mime": "text/html", "status": "200", "digest": "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", '
            f'"length": "39000", "offset": "{40_000 * place}", "filename": "{stem}.warc.gz", "date": "{date}", '
            f'"record_id": "<urn:uuid:{first + place:032x}>"}}'
        )
        found.append(f"{key} {said}\n".encode())
    yield from sorted(found)


def generate(store: Store, total: int, folder: Path) -> None:
    """Publish a collection of so many articles."""
    rng = random.Random(1)
    pool = [
        tuple(json.dumps(value, ensure_ascii=False) for value in (text[:70], text[:160], text))
        for text in texts(rng, 2000)
    ]
    segments = max(1, total // A_SEGMENT)
    step = timedelta(days=365 * YEARS) / segments
    for place in range(segments):
        outlet, opened, first = OUTLETS[place % 5], FIRST + place * step, 1 + place * A_SEGMENT
        stem = f"bench-{outlet}-{opened:%Y%m%d%H%M%S}000-00000-{place:08x}"
        rows = [
            row_of(outlet, number, opened + timedelta(seconds=3 * (number - first)), rng.choice(pool))
            for number in range(first, first + min(A_SEGMENT, total))
        ]
        shape = shape_of(article(outlet, first, opened, "نص", stem))
        made = {"articles": lines_in(shape, rows), "cdxj": captures(outlet, rows, first, stem)}
        publish(store, opened, stem, made, folder)


def row_of(outlet: str, number: int, moment: datetime, said: tuple[str, ...]) -> tuple[str, ...]:
    """Return the values of an article's line, as JSON, in the order of `shape_of`."""
    url = f'"https://www.{outlet}.example/news/{moment:%Y/%m/%d}/{number}"'
    tags = ("[]", '["غزة"]', '["غزة","القاهرة"]')[number % 3]
    agencies = f'["{AGENCIES[number % 5]}"]' if number % 3 == 0 else "[]"
    times = (f'"{format_time(at)}"' for at in (moment, moment + timedelta(minutes=7)))
    return (f'"{outlet}:{number}"', url, url, *said, tags, agencies, *times)


def pages(folder: Path) -> Store:
    """Publish a small collection with pages in WARCs, the sizes of real ones."""
    rng = random.Random(2)
    writer = SegmentWriter(folder / "spool", collection="bench", outlet="aljazeera", crawl="c", warcinfo={})
    menu = "".join(f'<li class="menu__item"><a href="/s/{n}">قسم {n}</a></li>' for n in range(120))
    for number, text in enumerate(texts(rng, PAGES)):
        body = "".join(f"<p>{part}</p>" for part in text.split("\n"))
        state = json.dumps({f"k{n}": rng.random() for n in range(2000)})
        page = (
            f"<!DOCTYPE html><html lang=ar><head><title>{text[:70]}</title><script>window.s={state}</script></head><body><nav>"
            f"<ul>{menu}</ul></nav><article><h1>{text[:70]}</h1>{body}</article></body></html>"
        ).encode()
        moment = FIRST + timedelta(seconds=number)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(page)}\r\n\r\n"
        pointer = writer.write_exchange(
            Exchange(
                url=f"https://www.aljazeera.example/{number}", started=moment, duration_ms=1, request=b"GET / HTTP/1.1\r\n\r\n",
                head=head.encode(), body=page, ip_address="192.0.2.7", metadata={},
            )
        )  # fmt: skip
        one = article("aljazeera", number, moment, text, "x")
        one.warc = pointer
        writer.write_article(one)
    writer.close()
    store = open_store(folder / "pages")
    Publisher(store, folder / "spool").publish_sealed()
    return store


def timed(act: Callable[[], int]) -> tuple[int, float]:
    """Return what ``act`` counted, and the processor time of all threads that it took, in seconds."""
    start = time.process_time()
    count = act()
    return count, time.process_time() - start


def by_rival(store: Store) -> int:
    """Read the texts out of the WARCs."""
    count = 0
    for found in store.listing("warc/"):
        with store.open(found.key) as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type == "response":
                    count += bool(trafilatura.extract(record.content_stream().read()))
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
    mine, ours = timed(lambda: sum(count_of(Archive(small).articles()) for _ in range(20)))
    ours_each, rival_each = ours / mine, rival / read
    say(f"text of {read} pages: warcio and trafilatura {1000 * rival_each:.2f} ms each, their lines {1000 * ours_each:.3f} ms, "
        f"{rival_each / ours_each:.0f} times")  # fmt: skip
    drawn = {
        "Warraq: the text of a page from its line": [1 / ours_each],
        "warcio and trafilatura, from the WARC": [1 / rival_each],
    }
    for name, choice in {
        "all, newest first": {},
        "all, oldest first, all versions": {"newest_first": False, "versions": "all"},
        "filtered by agency": {"agency": "afp"},
    }.items():
        count, seconds = timed(lambda choice=choice: count_of(Archive(store).articles(**choice)))
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
        most, times = 0, []
        for _ in range(LOOKS):
            number = rng.randint(1, total)
            place = (number - 1) // A_SEGMENT
            outlet, opened = (
                OUTLETS[place % 5],
                FIRST + place * (timedelta(days=365 * YEARS) / max(1, total // A_SEGMENT)),
            )
            moment = opened + timedelta(seconds=3 * ((number - 1) % A_SEGMENT))
            name = (
                f"{outlet}:{number}"
                if kind == "id"
                else f"https://www.{outlet}.example/news/{moment:%Y/%m/%d}/{number}"
            )
            counting.asked.clear()
            start = time.perf_counter()
            found = archive.article(name)
            times.append(time.perf_counter() - start)
            assert getattr(found, "id", None) == f"{outlet}:{number}", name
            most = max(most, len(counting.asked))
        looks[kind] = median = sorted(times)[len(times) // 2]
        say(f"one of {total:,} by {kind}: at most {most} requests, all ranges but one (the chain's head), median {1000 * median:.1f} ms; "
            f"{kept / 1e6:.2f} MB cached")  # fmt: skip
    return 1e6 * seconds / total, 1000 * looks["id"]


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
