"""The arguments of a crawl: ``-a since=2025-05-10 -a until=… -a url=… -a limit=N``, each refused with a sentence if wrong.

A crawl of ``any`` takes others: `crawlers.frontier.any_outlet`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from w3lib.url import safe_url_string

from crawlers.sources import Window

if TYPE_CHECKING:
    from crawlers.addresses import AddressRules

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
        return tuple(article_url(url, addresses) for url in text.split())
    except ArgumentError as error:
        raise ArgumentError(f"url={error}") from error


def article_url(text: str, addresses: AddressRules) -> str:
    """Return an address as it is requested; raises `ArgumentError` where it is no article of an outlet."""
    try:
        scheme = urlsplit(text).scheme
    except ValueError:
        scheme = ""
    if scheme not in {"http", "https"}:
        raise ArgumentError(f"{text} is not a web address; it begins with https://")
    if not addresses.owns(text):
        raise ArgumentError(f"{text} is not on a host of {addresses.outlet} ({', '.join(addresses.hosts)})")
    if addresses.classify(text) is None and not addresses.shortens(text):
        raise ArgumentError(f"{text} is not the address of an article of {addresses.outlet}")
    return safe_url_string(text)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ArgumentError(f"limit={text} is not a number of articles; write a whole number from 1")
    return int(text)
