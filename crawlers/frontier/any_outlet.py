"""Outlets that nobody declared: their pages are read by what all pages have in common, and archived as those of any other.

    -a url=…, -a urls=FILE ─▶ on a host of a declared outlet ─▶ its spider        nobody's ─▶ `spider_of_any`, by registered domain
                          └─▶ no article's address ─▶ a sentence; of a file with the line's number, and the others are crawled

Each outlet is a crawl of its own, with its own lease, segments and report; so is one to which a page of another redirects.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crawlers.addresses import INVISIBLE, DomainAddresses
from crawlers.arguments import SCRAPYD_S, ArgumentError, article_url
from crawlers.extraction.rules import reading_of_any
from crawlers.outlet import OutletSpider

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

ANY = "any"
_AROUND = f"{INVISIBLE} \t\r\n\u00a0"  # of an address that was copied out of a text written from the right


def spider_of_any(url: str, zone: str) -> type[OutletSpider]:
    """Return the spider of the outlet that an address is of, which nobody declared: no sources, no rules but those common to all.

    Args:
        url: an address; its registered domain names the outlet.
        zone: IANA zone of times that name none.

    Raises:
        ValueError: one of them is none.
    """
    return _spider_of(DomainAddresses.of(url).outlet, zone)


@lru_cache(maxsize=64)  # outlets; a class stands for one, however many of its pages are read
def _spider_of(outlet: str, zone: str) -> type[OutletSpider]:
    addresses = DomainAddresses(outlet=outlet, hosts=(outlet,), kinds={})
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{zone!r} is no time zone, such as Asia/Riyadh") from error
    reading = reading_of_any(addresses.outlet, zone)
    said = {"name": addresses.outlet, "addresses": addresses, "sources": (), "reading": reading, "zone": zone}
    return type("AnySpider", (OutletSpider,), {"__module__": __name__, "__doc__": "Nobody declared it.", **said})


_HANDED_ON = 5  # from outlet to outlet, as many redirects as `REDIRECT_MAX_TIMES` follows within one


@dataclass(slots=True)
class AnyCrawls:
    """The crawls that some addresses ask for.

    Args:
        declared: the spiders of the outlets that have one.
        zone: of the times of the others that name none.
        urls: spider → the addresses of its outlet, each once, in the order in which they were given.
        wrong: a sentence for each that is no article's address.
    """

    declared: Sequence[type[OutletSpider]]
    zone: str
    urls: dict[type[OutletSpider], list[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)  # ids: one article may be named by several addresses
    _hops: dict[str, int] = field(default_factory=dict)

    def add(self, text: str, hops: int = 0) -> None:
        """Take an address, unless it is one of an article that was taken. Raises `ValueError` where it is no article's."""
        found, url, article = _asked(text, self.declared, self.zone)
        if article not in self._seen:
            self.urls.setdefault(found, []).append(url)
            self._hops[url] = hops
        self._seen.add(article)

    def in_turn(self) -> Iterator[tuple[type[OutletSpider], list[str]]]:
        """Yield the crawls; what is added meanwhile comes behind them."""
        while self.urls:
            spider = next(iter(self.urls))
            yield spider, self.urls.pop(spider)

    def follow(self, elsewhere: Mapping[str, str]) -> None:
        """Add what pages of a crawl redirect to (`OutletSpider.elsewhere`)."""
        for target, origin in elsewhere.items():
            hops = self._hops.get(origin, 0) + 1
            try:
                if hops > _HANDED_ON:
                    raise ArgumentError(f"{target} is handed on from outlet to outlet")
                self.add(target, hops)
            except ValueError as error:
                self.wrong.append(f"{origin} leads elsewhere: {error}")


def parse_any(given: dict[str, str], declared: Iterable[type[OutletSpider]]) -> AnyCrawls:
    """Read the arguments of a crawl of any outlets.

    Args:
        given: ``url`` (addresses parted by blanks), ``urls`` (a file, ``-`` for stdin), ``zone``.
        declared: the spiders of the outlets that have one.

    Raises:
        ArgumentError: an argument is unknown or missing, an ``url`` no article's, the file unreadable, the zone none.
    """
    if unknown := sorted(set(given) - {"url", "urls", "zone", SCRAPYD_S}):
        raise ArgumentError(f"unknown argument {unknown[0]!r}: a crawl of any takes url, urls and zone")
    if ("url" in given) == ("urls" in given):
        raise ArgumentError("say which pages: -a url=https://… or -a urls=FILE, an address a line")
    crawls = AnyCrawls(list(declared), given.get("zone", "UTC"))
    try:
        spider_of_any("https://zone.example/", crawls.zone)
    except ValueError as error:
        raise ArgumentError(f"zone: {error}") from error
    entries = [("", url) for url in given.get("url", "").split()] or list(_lines(given.get("urls", "")))
    for place, text in entries:
        try:
            crawls.add(text)
        except ValueError as error:
            if not place:
                raise ArgumentError(f"url={error}") from error
            crawls.wrong.append(f"{place}: {error}")
    if not crawls.urls:
        raise ArgumentError("; ".join(crawls.wrong[:3]) or "no address was given")
    return crawls


def _asked(text: str, declared: Sequence[type[OutletSpider]], zone: str) -> tuple[type[OutletSpider], str, str]:
    """Return whose page an address is, the address as it is requested, and the article's id. Raises `ValueError`."""
    spider = next((spider for spider in declared if spider.addresses.owns(text)), None)
    found = spider or spider_of_any(text, zone)
    url = article_url(text, found.addresses)
    if "@" in urlsplit(text).netloc:
        raise ArgumentError(f"an address of {found.addresses.outlet} holds a name or a password, which would be kept")
    if "\ufffd" in text or len(text.split()) > 1:
        raise ArgumentError(f"{text} is no address alone, in UTF-8")
    address = found.addresses.classify(url)
    return found, url, address.id if address else url


def _lines(name: str) -> Iterator[tuple[str, str]]:
    """Yield the addresses of a file with where they stand; not its empty lines and its comments."""
    try:
        body = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except (OSError, ValueError) as error:
        raise ArgumentError(f"urls={name} cannot be read: {os.strerror(getattr(error, 'errno', 0) or 22)}") from error
    for number, line in enumerate(body.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        text = line.decode(errors="replace").strip(_AROUND)
        if text and not text.startswith("#"):
            yield f"{name}, line {number}", text
