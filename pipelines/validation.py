"""Validation, before an article is kept: what no published line may be.

Each reason is a `DropItem` subclass of its own, so that Scrapy's stats and ours count it by name. Doubts that do not
make an article unfit are flags on the line, not reasons here.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from scrapy.exceptions import DropItem

from archive.article import ID, URL
from pipelines.item import article_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.crawler import Crawler

    from archive.article import Article

TOLERANCE = timedelta(days=1)
"""Clocks of outlets and of this machine differ, never by more than a day."""
EARLIEST = datetime(1996, 1, 1, tzinfo=UTC)
"""Before the first of these outlets was on the web."""
KINDS = frozenset(("article", "live", "video", "gallery", "opinion", "explainer", "breaking"))
_ID, _URL = re.compile(ID), re.compile(URL)  # as the published schema has them
_MARKUP = re.compile(r"</?(?:p|div|span|br|a|strong|script|img|iframe)\b[^>]*>", re.IGNORECASE)


class Invalid(DropItem):
    """An article that may not be published; ``reason`` is the counted name."""

    reason: ClassVar[str] = "invalid"


class WithoutId(Invalid):
    """No id of the form ``outlet:native``, or one of another outlet."""

    reason = "without-id"


class WithoutAddress(Invalid):
    """An address that is none of the web."""

    reason = "without-address"


class WithoutHeadline(Invalid):
    """An empty headline."""

    reason = "without-headline"


class WithoutText(Invalid):
    """An empty text."""

    reason = "without-text"


class WrongTime(Invalid):
    """A time without zone, in the future by more than a day, or before the web."""

    reason = "wrong-time"


class WrongKind(Invalid):
    """A kind that the record does not know."""

    reason = "wrong-kind"


class MarkupInText(Invalid):
    """Tags in what should be plain text."""

    reason = "markup-in-text"


def faults(article: Article) -> Iterator[Invalid]:
    """Yield every reason not to publish ``article``."""
    if not _ID.fullmatch(article.id) or not article.id.startswith(f"{article.outlet}:"):
        yield WithoutId(f"id {article.id!r} of {article.outlet}")
    if not _URL.fullmatch(article.url) or not _URL.fullmatch(article.canonical_url):
        yield WithoutAddress(f"{article.url!r}, {article.canonical_url!r}: {article.id}")
    if not article.headline.strip():
        yield WithoutHeadline(article.url)
    if not article.text.strip():
        yield WithoutText(article.url)
    if article.kind not in KINDS:
        yield WrongKind(f"{article.kind!r}: {article.url}")
    if _MARKUP.search(article.headline) or _MARKUP.search(article.text):
        yield MarkupInText(article.url)
    yield from _time_faults(article)


def _time_faults(article: Article) -> Iterator[Invalid]:
    for name in ("published", "modified", "captured"):
        moment = getattr(article, name)
        if moment is None and name != "captured":
            continue
        if moment is None or moment.tzinfo is None:
            yield WrongTime(f"{name} {moment}: {article.url}")
        elif not EARLIEST <= moment <= article.captured + TOLERANCE:
            yield WrongTime(f"{name} {moment.isoformat()}: {article.url}")


class ValidationPipeline:
    """Drops what may not be published, and counts each reason under ``validation/``."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the pipeline; it has no settings."""
        return cls(crawler)

    def process_item(self, item: Any) -> Article:
        """Let ``item`` pass.

        Raises:
            Invalid: the first of its faults.
        """
        article = article_of(item)
        for fault in faults(article):
            assert self.crawler.stats is not None
            self.crawler.stats.inc_value(f"validation/{fault.reason}")
            raise fault
        return article
