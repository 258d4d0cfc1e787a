"""The arguments of a crawl: ``-a since=2025-05-10 -a until=… -a url=… -a limit=N``, each refused with a sentence if wrong.

A crawl of ``any`` takes ``-a url=…`` or ``-a urls=FILE``, an address a line, and is one crawl for each outlet they are of.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from w3lib.url import safe_url_string

from crawlers.sources import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawlers.addresses import AddressRules
    from crawlers.outlet import OutletSpider

SCRAPYD_S = "_job"  # scrapyd gives it to every crawl, and it means nothing to one


class ArgumentError(ValueError):
    """An argument of the crawl is wrong; the message is the sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a crawl was asked for.

    Args:
        window: the days asked for.
        bounded: the operator named the days, so that articles of other days are left out.
        urls: single articles instead of what the sources announce.
        limit: the most articles to fetch; None for all.
        is_past: the days asked for are over, so that what announces only the newest is of no use.
    """

    window: Window
    bounded: bool = False
    urls: tuple[str, ...] = ()
    limit: int | None = None
    is_past: bool = False


def parse_arguments(given: dict[str, str], *, addresses: AddressRules, window_days: int) -> Arguments:
    """Read the spider arguments of a crawl of one outlet.

    Raises:
        ArgumentError: an argument is unknown, not a date, not an article's URL, not a number, or contradicts another.
    """
    unknown = sorted(set(given) - {"since", "until", "url", "limit", SCRAPYD_S})
    if unknown:
        raise ArgumentError(f"unknown argument {unknown[0]!r}: a crawl takes since, until, url and limit")
    today = datetime.now(UTC).date()
    until = _date("until", given["until"]) if "until" in given else today
    since = _date("since", given["since"]) if "since" in given else until - timedelta(days=window_days)
    if since > until:
        raise ArgumentError(f"since={since} is later than until={until}")
    if since > today:
        raise ArgumentError(f"since={since} is in the future")
    return Arguments(
        window=Window(since, until),
        bounded="since" in given or "until" in given,
        urls=_urls(given["url"], addresses) if "url" in given else (),
        limit=_count(given["limit"]) if "limit" in given else None,
        is_past="since" in given and until < today,
    )


def _date(name: str, text: str) -> date:
    try:
        # fromisoformat alone would take weeks (2025-W19) and dates without dashes as well
        return date.fromisoformat(re.fullmatch(r"\d{4}-\d\d-\d\d", text)[0])  # type: ignore[index]
    except (ValueError, TypeError) as error:
        raise ArgumentError(f"{name}={text} is not a date; write it as 2025-05-10") from error


def _urls(text: str, addresses: AddressRules) -> tuple[str, ...]:
    try:
        return tuple(_url(url, addresses) for url in text.split())
    except ArgumentError as error:
        raise ArgumentError(f"url={error}") from error


def _url(text: str, addresses: AddressRules) -> str:
    try:
        scheme = urlsplit(text).scheme
    except ValueError:
        scheme = ""
    if scheme not in {"http", "https"}:
        raise ArgumentError(f"{text} is not a web address; it begins with https://")
    if not addresses.owns(text):
        raise ArgumentError(f"{text} is not on a host of {addresses.outlet} ({', '.join(addresses.hosts)})")
    if addresses.classify(text) is None:
        raise ArgumentError(f"{text} is not the address of an article of {addresses.outlet}")
    return safe_url_string(text)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ArgumentError(f"limit={text} is not a number of articles; write a whole number from 1")
    return int(text)


# --- A crawl of any outlets: addresses, told apart by whose they are -------------------------------------------------
#     -a url=…, -a urls=FILE ─▶ a declared outlet's ─▶ its spider        nobody's ─▶ `crawlers.outlet.spider_of_any`
#                           └─▶ no article's address ─▶ a sentence; of a file with the line's number, and the others are crawled

ANY = "any"


@dataclass(frozen=True, slots=True)
class AnyCrawls:
    """The crawls that some addresses ask for.

    Args:
        urls: spider → the addresses of its outlet as keys, each once, in the order in which they were given.
        wrong: a sentence for each line of the file that is no article's address.
    """

    urls: dict[type[OutletSpider], dict[str, None]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def parse_any(given: dict[str, str], declared: Iterable[type[OutletSpider]]) -> AnyCrawls:
    """Read the arguments of a crawl of any outlets.

    Args:
        given: ``url`` (addresses parted by blanks), ``urls`` (a file, ``-`` for stdin), ``zone``.
        declared: the spiders of the outlets that have one.

    Raises:
        ArgumentError: an argument is unknown or missing, an ``url`` no article's, the file unreadable, the zone none.
    """
    from crawlers.outlet import spider_of_any  # noqa: PLC0415  it reads the arguments of one outlet's crawl

    if unknown := sorted(set(given) - {"url", "urls", "zone", SCRAPYD_S}):
        raise ArgumentError(f"unknown argument {unknown[0]!r}: a crawl of any takes url, urls and zone")
    if ("url" in given) == ("urls" in given):
        raise ArgumentError("say which pages: -a url=https://… or -a urls=FILE, an address a line")
    zone, spiders, crawls = given.get("zone", "UTC"), list(declared), AnyCrawls()
    try:
        spider_of_any("https://zone.example/", zone)
    except ValueError as error:
        raise ArgumentError(f"zone: {error}") from error
    entries = [("", url) for url in given.get("url", "").split()] or list(_lines(given.get("urls", "")))
    for place, text in entries:
        try:
            spider = next((spider for spider in spiders if spider.addresses.owns(text)), None)
            found = spider or spider_of_any(text, zone)
            url = _url(text, found.addresses)
            if "\ufffd" in text or len(text.split()) > 1:
                raise ArgumentError(f"{text} is no address alone, in UTF-8")
        except ValueError as error:
            if not place:
                raise ArgumentError(f"url={error}") from error
            crawls.wrong.append(f"{place}: {error}")
            continue
        crawls.urls.setdefault(found, {})[url] = None
    if not crawls.urls:
        raise ArgumentError("; ".join(crawls.wrong[:3]) or "no address was given")
    return crawls


def _lines(name: str) -> Iterator[tuple[str, str]]:
    """Yield the addresses of a file with where they stand; not its empty lines and its comments."""
    try:
        body = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except (OSError, ValueError) as error:
        raise ArgumentError(f"urls={name} cannot be read: {os.strerror(getattr(error, 'errno', 0) or 22)}") from error
    for number, line in enumerate(body.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        text = line.decode(errors="replace").strip()
        if text and not text.startswith("#"):
            yield f"{name}, line {number}", text
