"""An outlet that answers as fast as it can: pages made beforehand, gzip-coded, over TLS, in a process of its own.

    python -m tests.bench.fast_outlet PAGES FOLDER     prints {"port", "ca", "since"}; FOLDER/urls.txt lists the articles

The pages are the replica's Al Jazeera, grown to 150 to 300 KB before coding and to some 850 elements; every piece of every seed has an address of its own, and no day
more than a thousand of them, as many as five outlets publish. A seed's longer words are spelled its own way: the replica's grammar has sentences
for one newsroom, and a thousand of them would copy one another as no outlet does. Of more pages than memory should hold, each is made
when it is asked for.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import sys
import time
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from tests.bench.filler import grown
from tests.crawlers.download.raw_server import Answer, RawServer
from tests.replica.certificates import issue
from tests.replica.newsroom import Newsroom
from tests.replica.sites.aljazeera import Aljazeera
from tests.replica.wire.message import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.replica.piece import Piece

HOST = "www.aljazeera.net"
UNTIL = date(2026, 11, 20)
DAYS = 10
A_DAY = 1000  # pages
FIRST = 10_000_000
LETTERS = "بتثجحخدذرزسشصضطظعغفقكلمنه"
LONGER = re.compile(r"(?<=\b\w\w)\w{3,}\b")  # what stands behind the article of a longer word
BEFOREHAND = 10_000  # pages: 200 MB, coded
HEAD = "HTTP/1.1 {}\r\nContent-Type: {}; charset=utf-8\r\n{}Content-Length: {}\r\n\r\n"


def answer(body: bytes, kind: str = "text/html", status: str = "200 OK") -> list[Answer]:
    packed = gzip.compress(body, 6, mtime=0)
    return [Answer((HEAD.format(status, kind, "Content-Encoding: gzip\r\n", len(packed)).encode() + packed,))]


def pieces(count: int) -> Iterator[tuple[Aljazeera, Piece]]:
    """Yield ``count`` plain articles, each with its site."""
    seed = left = 0
    while True:
        seed += 1
        until = UNTIL - timedelta(days=left // A_DAY // DAYS * DAYS)
        made = Newsroom(seed, until, DAYS).pieces["aljazeera"]
        spelling = str.maketrans(LETTERS, "".join(random.Random(seed).sample(LETTERS, len(LETTERS))))
        for piece in made:
            piece.path = f"{piece.path}-{seed}"
            for block in piece.body:
                block.text = LONGER.sub(lambda found, its=spelling: found[0].translate(its), block.text)
        site = Aljazeera(made, until, [])
        for piece in made:
            if piece.kind == "article":
                piece.number = FIRST + left  # each seed numbers its own from the same one on
                yield site, piece
                left += 1
                if left == count:
                    return


def announce(by_day: dict[str, list[str]]) -> dict[str, list[Answer]]:
    """Return the sitemap index and its days."""
    found = {}
    index = []
    for day, urls in sorted(by_day.items(), reverse=True):
        target = "/sitemap.xml?yyyy={}&mm={}&dd={}".format(*day.split("-"))
        index.append(f"<sitemap><loc>{escape(f'https://{HOST}{target}')}</loc></sitemap>")
        entries = "".join(f"<url><loc>{escape(url)}</loc></url>" for url in urls)
        space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        found[target] = answer(f"<urlset {space}>{entries}</urlset>".encode(), "application/xml")
    found["/sitemap.xml"] = answer(f"<sitemapindex {space}>{''.join(index)}</sitemapindex>".encode(), "application/xml")
    return found


class Pages(dict[str, list[Answer]]):
    """Answers by request target; what is asked for and not there is made, or is not found."""

    def __init__(self, pieces: dict[str, tuple[Aljazeera, Piece]]) -> None:
        self.pieces = pieces
        self["/robots.txt"] = answer(b"User-agent: *\nDisallow: /search/\n", "text/plain")

    def __missing__(self, target: str) -> list[Answer]:
        if target not in self.pieces:
            return answer(b"<p>404", status="404 Not Found")
        site, piece = self.pieces[target]
        body = site.answer(Request("GET", piece.path, HOST, {}, secure=True)).body
        return answer(grown(body, random.Random(target)))


def main(count: int, folder: Path) -> None:
    by_day: dict[str, list[str]] = defaultdict(list)
    answers = Pages({})
    for site, piece in pieces(count):
        answers.pieces[piece.url.removeprefix(f"https://{HOST}")] = site, piece
        by_day[piece.published.date().isoformat()].append(piece.url)
    if count <= BEFOREHAND:
        answers.update({target: answers[target] for target in answers.pieces})
    answers.update(announce(by_day))
    (folder / "urls.txt").write_text("\n".join(url for urls in by_day.values() for url in urls), encoding="utf-8")
    ca, context = issue(folder, [HOST])
    with RawServer(answers, context) as server:
        print(json.dumps({"port": server.port, "ca": str(ca), "since": min(by_day)}), flush=True)  # noqa: T201
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
