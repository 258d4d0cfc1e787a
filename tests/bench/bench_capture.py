"""What capture costs: CPU time of a crawl whose exchanges are all written as WARC, against a bare Scrapy crawl.

Both fetch and parse the same gzip-coded pages from one server: the golden pages, grown to the size of real ones (150 to 300 KB
decoded, a sixth of that on the wire). One process runs both in turns, many short rounds, so that both meet warm caches and the same
noise; what counts is its user and system time from opening to closing a spider, and the median of the rounds' ratios. Over plain
HTTP the difference is the capture alone; over TLS the handler also spares what Scrapy does anew for every request, reading the
trusted roots.

Beside it stands what serialising costs alone: the records of one exchange written by hand, as the least that has to be done, by
warcio over our gzip member, as it is done, and by warcio with its own gzip.
"""

from __future__ import annotations

import gc
import gzip
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from datetime import UTC, datetime
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.defer import deferred_f_from_coro_f
from scrapy.utils.reactor import install_reactor
from warcio.warcwriter import WARCWriter

from archive.warc.message import Exchange
from archive.warc.payload import label_of
from archive.warc.writer import Record, records_of, warc_date, write_member
from tests.bench.plots import bars
from tests.crawlers.download.crawl import SETTINGS
from tests.crawlers.download.raw_server import Answer, RawServer
from tests.outlets.cases import all_cases
from tests.replica.certificates import issue

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGES, ROUNDS, LIMIT = 110, 11, 1.15
SMALLEST, LARGEST = 150_000, 300_000
COMMON = {"LOG_LEVEL": "ERROR", "CONCURRENT_REQUESTS_PER_DOMAIN": 4, "DOWNLOAD_VERIFY_CERTIFICATES": True}
BARE = {
    "EXTENSIONS": {"scrapy.extensions.telnet.TelnetConsole": None},
    "COOKIES_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
}
HEAD = (
    "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n"
)


class TitleSpider(Spider):
    name = "titles"
    root = ""

    async def start(self) -> Any:
        for number in range(PAGES):
            yield Request(f"{self.root}/{number}")

    def parse(self, response: Any) -> None:
        assert response.css("title::text").get()
        assert len(response.css("p::text").getall()) > 1


def real_sized(body: bytes, draw: random.Random) -> bytes:
    """Return a page with menus, cards and state beside its article, no two alike, as an outlet's templates make them."""
    words = body.decode("utf-8").split()
    wanted, parts = draw.randint(SMALLEST, LARGEST) - len(body), []
    while wanted > 0:
        title, number = " ".join(draw.choices(words, k=9)).replace("<", "").replace(">", ""), draw.randrange(10**7)
        parts.append(
            f'<article class="article-card article-card--{number % 9}"><div class="card__image"><img data-src='
            f'"/wp-content/uploads/2026/11/{draw.getrandbits(64):016x}.jpg?w=770&amp;resize=770%2C513" alt="{title}"></div>'
            f'<h3 class="article-card__title"><a class="u-clickable-card__link" href="/news/{number}">{title}</a></h3></article>'
            f"<script>window.__cards.push({json.dumps({'id': number, 'score': draw.random(), 'seen': draw.randrange(9999)})})</script>"
        )
        wanted -= len(parts[-1].encode())
    end = body.rfind(b"</body>")
    return body[:end] + "\n".join(parts).encode() + body[end:]


def answers() -> dict[str, list[Answer]]:
    """Return the pages, each coded as a server codes it, under ``/0`` to the last number."""
    draw = random.Random(1)
    cases = [case for case in all_cases() if case.body and "windows" not in case.name]
    coded = [gzip.compress(real_sized(case.body, draw), compresslevel=6, mtime=0) for case in cases]
    served = [[Answer((HEAD.format(len(body)).encode() + body,))] for body in coded]
    return {f"/{number}": served[number % len(served)] for number in range(PAGES)}


async def crawl(root: str, folder: Path, *, captured: bool) -> float:
    """Crawl once and return the CPU seconds that it took."""
    archive = {**SETTINGS, "WARC": str(folder / f"{time.monotonic_ns()}.warc.gz"), "PUBLISHED": []}
    settings = {**archive, "CONNECT_PRIVATE": ["127.0.0.0/8"]} if captured else BARE
    gc.collect()
    begun = time.process_time()
    await AsyncCrawlerRunner({**settings, **COMMON}).crawl(TitleSpider, root=root)
    return time.process_time() - begun


async def rounds(root: str, folder: Path) -> list[tuple[float, float]]:
    """Return the CPU seconds of bare and captured crawls, round by round, each kind first in turn; the first round is no round."""
    pairs = []
    for number in range(ROUNDS + 1):
        taken = {}
        for captured in (False, True) if number % 2 else (True, False):
            taken[captured] = await crawl(root, folder, captured=captured)
        pairs.append((taken[False], taken[True]))
    return pairs[1:]


def child(root: str) -> None:
    """Run the rounds in this process and print them."""
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet.task import react  # noqa: PLC0415  it installs a reactor, where there is none

    async def run(_: Any) -> None:
        with tempfile.TemporaryDirectory() as folder:
            sys.stdout.write(json.dumps(await rounds(root, Path(folder))))

    react(deferred_f_from_coro_f(run))


def compare(root: str) -> list[tuple[float, float]]:
    """Run the rounds in a process of its own: the server's time is not the crawl's."""
    command = [sys.executable, "-m", "tests.bench.bench_capture", root]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def by_hand(record: Record, out: IO[bytes]) -> None:
    """Write a record of which the body is in memory as a gzip member, without any library."""
    block = record.head + record.body
    squeeze = zlib.compressobj(0 if record.compressed else 1 if record.size <= 4096 else 6, zlib.DEFLATED, 31)
    named = [
        ("WARC-Type", record.type),
        ("WARC-Record-ID", record.id),
        ("WARC-Date", warc_date(record.date)),
        *record.fields,
    ]
    named += [
        ("WARC-Block-Digest", label_of(block)),
        ("Content-Type", record.content_type),
        ("Content-Length", str(record.size)),
    ]
    head = "\r\n".join(["WARC/1.1", *(f"{name}: {value}" for name, value in named), "", ""]).encode()
    out.write(squeeze.compress(head + block + b"\r\n\r\n") + squeeze.flush())


def by_warcio(record: Record, out: IO[bytes]) -> None:
    """Write a record as warcio does by itself, gzip and payload digests included."""
    said = {"WARC-Record-ID": record.id, "WARC-Date": warc_date(record.date), **dict(record.fields)}
    said.pop("WARC-Payload-Digest", None)
    uri = said.pop("WARC-Target-URI")
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    payload = BytesIO(record.head + record.body)
    writer.write_record(writer.create_warc_record(uri, record.type, payload, record.size, record.content_type, said))


def serialisers(bodies: Sequence[bytes]) -> dict[str, float]:
    """Return the microseconds of an exchange's records by each way to write them, the least of eleven rounds in turns."""
    ways = {"by hand": by_hand, "warcio over our member": write_member, "warcio with its own gzip": by_warcio}
    least = dict.fromkeys(ways, float("inf"))
    for _ in range(11):
        for name, way in ways.items():
            sets = [records_of(exchange_of(body), None, "<urn:uuid:0>") for body in bodies]
            out, begun = BytesIO(), time.process_time()
            for record in chain.from_iterable(sets):
                way(record, out)
            least[name] = min(least[name], (time.process_time() - begun) / len(bodies) * 1e6)
    return least


def exchange_of(answer: bytes) -> Exchange:
    """Return the exchange that brought an answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    request = b"GET /a HTTP/1.1\r\nHost: bench.example\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n\r\n"
    return Exchange(
        url="http://bench.example/a",
        started=datetime.now(UTC),
        duration_ms=12,
        request=request,
        head=head + b"\r\n\r\n",
        body=body,
        metadata={"crawl": "bench", "via": "http://bench.example/", "hopsFromSeed": "L"},
    )


def main() -> None:
    """Print the figures."""
    pages = answers()
    least = serialisers([answer.pieces[0] for (answer,) in list(pages.values())[:30]])
    print(  # noqa: T201  what a bench is for
        "the records of one exchange: " + ", ".join(f"{name} {spent:.0f} µs" for name, spent in least.items())
        + f"; warcio over our member costs {least['warcio over our member'] / least['by hand']:.2f} of the least"
    )  # fmt: skip
    sizes = sorted(len(answer.pieces[0]) for (answer,) in pages.values())
    print(f"{PAGES} pages a crawl, {sizes[0] // 1000} to {sizes[-1] // 1000} KB on the wire, {ROUNDS} rounds")  # noqa: T201  what a bench is for
    drawn: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        certificate, context = issue(Path(folder), ["localhost"])
        os.environ["SSL_CERT_FILE"] = str(certificate)
        with RawServer(pages) as plain, RawServer(pages, context) as tls:
            for name, root in (("http", f"http://127.0.0.1:{plain.port}"), ("https", f"https://localhost:{tls.port}")):
                pairs = compare(root)
                columns = [[seconds / PAGES * 1000 for seconds in kind] for kind in zip(*pairs, strict=True)]
                drawn[f"Scrapy, {name}"], drawn[f"Warraq's capture, {name}"] = columns
                bare, captured = map(statistics.median, columns)
                ratios = sorted(with_ / without for without, with_ in pairs)
                print(  # noqa: T201  what a bench is for
                    f"capture {name}: bare {bare:.2f} ms, captured {captured:.2f} ms a page, median ratio"
                    f" {statistics.median(ratios):.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f}; limit {LIMIT})"
                )
    bars("capture", "ms of processor time a page", drawn)


if __name__ == "__main__":
    if sys.argv[1:]:
        child(sys.argv[1])
    else:
        main()
