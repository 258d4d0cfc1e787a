"""The archives that reading is measured on: lines, indexes, manifests and chain as crawls publish them, made fast.

Articles of five outlets and eight years, their texts words of the golden pages, 60 to 400 each; and a small one with pages in WARCs,
out of which the rival reads the text that we read from the lines.
"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from archive.article import Article, Discovered, RecordPointer, format_time
from archive.manifests.chain import commit
from archive.manifests.manifest import Item, Manifest, object_key
from archive.manifests.publisher import Publisher
from archive.reader.jsonl import pack
from archive.spool.segment import SegmentWriter
from archive.store import open_store
from archive.store.protocol import digests_of
from archive.warc.cdxj import timestamp_of
from archive.warc.message import Exchange
from tests.outlets.cases import all_cases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.store import Store

OUTLETS = ("alaraby", "albawaba", "albawabhnews", "aljazeera", "skynewsarabia")
AGENCIES = ("afp", "reuters", "ap", "anadolu", "dpa")
A_SEGMENT = 1000
FIRST = datetime(2019, 1, 1, tzinfo=UTC)
YEARS = 8
PAGES = 150  # in WARCs, for the rival


def texts(rng: random.Random, count: int) -> list[str]:
    """Return texts of the golden pages' words."""
    words = sorted({word for case in all_cases() for word in (case.record["expect"].get("text") or "").split()})
    return [
        "\n".join(" ".join(rng.choices(words, k=rng.randint(15, 60))) for _ in range(rng.randint(4, 7)))
        for _ in range(count)
    ]


def article(outlet: str, number: int, moment: datetime, text: str, segment_id: str) -> Article:
    """Return an article as a crawl would have published it."""
    url = url_of(outlet, number, moment)
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
            file=f"{segment_id}.warc.gz", offset=number * 40_000, length=39_000,
            record_id=f"<urn:uuid:{number:032x}>", payload_digest="sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ",
        ),
        crawl=segment_id,
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


def publish(store: Store, opened: datetime, segment_id: str, made: dict[str, Iterator[bytes]], folder: Path) -> None:
    """Publish a segment of lines and their index."""
    outlet = segment_id.split("-")[1]
    last = opened + timedelta(seconds=3 * A_SEGMENT + 420)
    span = {"first": format_time(opened), "last": format_time(last)}
    items = []
    for kind, rows in made.items():
        path = folder / kind
        records = {"article" if kind == "articles" else "capture": pack(rows, path)}
        key, digests = object_key(kind, outlet, segment_id), digests_of(path)
        store.put_file(key, path, digests=digests, metadata={})
        items.append(Item(kind=kind, key=key, bytes=digests.size, sha256=digests.sha256, records=records, **span))
    commit(
        store,
        Manifest(
            collection="bench", outlet=outlet, crawl=segment_id, segment=segment_id, date=f"{opened:%Y-%m-%d}",
            created=format_time(opened), software={}, objects=items,
        ),
    )  # fmt: skip


def captures(outlet: str, rows: list[tuple[str, ...]], first: int, segment_id: str) -> Iterator[bytes]:
    """Yield the index lines of a segment's captures, sorted."""
    found = []
    for place, row in enumerate(rows):
        url, date = row[1].strip('"'), row[-1].strip('"')
        key = f"example,{outlet})/{url.split('/', 3)[3]} {timestamp_of(date)}"
        said = (
            f'{{"url": "{url}", "mime": "text/html", "status": "200", "digest": "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", '
            f'"length": "39000", "offset": "{40_000 * place}", "filename": "{segment_id}.warc.gz", "date": "{date}", '
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
    for first in range(1, total + 1, A_SEGMENT):
        outlet, opened = placed(first, total)
        segment_id = f"bench-{outlet}-{opened:%Y%m%d%H%M%S}000-00000-{first // A_SEGMENT:08x}"
        rows = [
            row_of(*placed(number, total), number, rng.choice(pool))
            for number in range(first, min(first + A_SEGMENT, total + 1))
        ]
        shape = shape_of(article(outlet, first, opened, "نص", segment_id))
        made = {"articles": lines_in(shape, rows), "cdxj": captures(outlet, rows, first, segment_id)}
        publish(store, opened, segment_id, made, folder)


def placed(number: int, total: int) -> tuple[str, datetime]:
    """Return the outlet of an article of so many, and when it was published."""
    segment, rest = divmod(number - 1, A_SEGMENT)
    step = timedelta(days=365 * YEARS) / max(1, total // A_SEGMENT)
    return OUTLETS[segment % 5], FIRST + segment * step + timedelta(seconds=3 * rest)


def url_of(outlet: str, number: int, moment: datetime) -> str:
    """Return an article's address."""
    return f"https://www.{outlet}.example/news/{moment:%Y/%m/%d}/{number}"


def row_of(outlet: str, moment: datetime, number: int, said: tuple[str, ...]) -> tuple[str, ...]:
    """Return the values of an article's line, as JSON, in the order of `shape_of`."""
    url = f'"{url_of(outlet, number, moment)}"'
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
