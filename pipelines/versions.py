"""Whether an article is new to the archive: its first text, the next version of it, or the same again.

    earlier ──┐
              ├─ same text, headline, entries ──▶ None: no line is written
    article ──┘  otherwise ──▶ Changes(previous, headline, words added and removed, silent, entries)

*Silent* is a text that changed while the outlet's own ``modified`` did not: the edit that nobody announced.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import DropItem

from archive.article import Changes
from archive.diff import compare_entries, counts
from archive.reader.scan import Table
from archive.text import fold_label
from pipelines.cleaning import digest, tidy
from pipelines.item import article_of
from pipelines.store import session_of

if TYPE_CHECKING:
    from datetime import datetime

    from scrapy.crawler import Crawler

    from archive.article import Article, Entry
    from pipelines.store import ArchiveSession


MOVED = "moved"
"""Flag of an article that is read at another address than the one that its id is of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What the archive's newest version of an article says.

    ``record_id`` is the id of the WARC record it was read from; None where an HTTP cache gave it.
    """

    version: int
    headline: str
    text: str
    modified: datetime | None
    record_id: str | None
    canonical_url: str
    entries: list[Entry] = field(default_factory=list)

    @classmethod
    def of(cls, article: Article) -> Earlier:
        """Take it from a published article."""
        return cls(
            version=article.version,
            headline=article.headline,
            text=article.text,
            modified=article.modified,
            record_id=article.warc.record_id if article.warc is not None else None,
            canonical_url=article.canonical_url,
            entries=article.entries,
        )


def changes(article: Article, earlier: Earlier) -> Changes | None:
    """Compare an article with what the archive holds; None where neither text nor headline nor a live blog's entries changed."""
    headline = tidy(article.headline) != tidy(earlier.headline)
    text = digest(article.text) != digest(earlier.text)
    entries = compare_entries(earlier.entries, article.entries)
    if not (headline or text or entries):
        return None
    added, removed = counts(earlier.text, article.text)
    return Changes(
        previous=earlier.record_id,
        headline=headline,
        words_added=added,
        words_removed=removed,
        silent=text and article.modified == earlier.modified,
        entries=entries,
    )


def is_number_of_another(article: Article, earlier: Earlier) -> bool:
    """Say whether a page states a number that is not its own: another text stands under it, with another headline, at another address.

    A template that states one number on every page would else make one article of them all.
    """
    if is_numbered(article) and article.canonical_url != earlier.canonical_url:
        return fold_label(article.headline) != fold_label(earlier.headline) and _shares_little(
            article.text, earlier.text
        )
    return False


def is_same(article: Article, held: Article) -> bool:
    """Say whether the article to which the address of a held one redirects is that one: its number, headline or text, its minute, or more of its words than changed."""
    if article.id == held.id or fold_label(article.headline) == fold_label(held.headline):
        return True
    at_once = article.published is not None and article.published == held.published
    if digest(article.text) == digest(held.text) or (at_once and not (article.is_dated_by_day or held.is_dated_by_day)):
        return True
    added, removed = counts(held.text, article.text)
    return 2 * (len(article.text.split()) - added) > added + removed


def is_numbered(article: Article) -> bool:
    """Say whether the article's id is a number that its page states and its address does not have."""
    number = article.id.rpartition(":")[2]
    return number.isdecimal() and number not in article.canonical_url


def _shares_little(text: str, earlier: str) -> bool:
    added, removed = counts(earlier, text)
    kept = len(text.split()) - added
    return kept < min(added, removed)


def number(article: Article, earlier: Earlier | None) -> bool:
    """Number an article's version and say whether it is to be kept; False: the archive has it word for word.

    That an article has moved (flag `moved`) is kept once for each address, so that either finds it.
    """
    if earlier is None:
        article.version, article.changes = 1, None
        return True
    if article.canonical_url != earlier.canonical_url and article.id.rpartition(":")[2] not in article.canonical_url:
        article.flags += [MOVED] if MOVED not in article.flags else []  # the same number at another address
    differences = changes(article, earlier)
    if differences is None and MOVED in article.flags and article.canonical_url != earlier.canonical_url:
        differences = Changes(previous=earlier.record_id, headline=False, words_added=0, words_removed=0, silent=False)
    if differences is None:
        return False
    article.version, article.changes = earlier.version + 1, differences
    return True


def number_after(article: Article, newest: Article | None, last: int) -> bool:
    """Number an article's version after the newest that the archive holds, above its highest number; see `number`."""
    return number(article, None if newest is None else replace(Earlier.of(newest), version=last))


class Unchanged(DropItem):
    """The archive has this article word for word; no line is written, the capture is kept."""


class Repeated(DropItem):
    """This crawl has kept a line of this article that is not published yet: two items of one address are no two versions of it."""


class VersionsPipeline:
    """Numbers versions and drops what is unchanged, or read twice.

    Args:
        session: knows what the archive holds.
    """

    def __init__(self, session: ArchiveSession) -> None:
        self.session = session
        self._kept = Table()  # of this crawl: the catalog knows what is published

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Find the session among the extensions."""
        return cls(session_of(crawler))

    async def process_item(self, item: Any) -> Article:
        """Compare with what the archive holds.

        Raises:
            Unchanged: it holds the same.
            Repeated: it does not hold yet what this crawl has kept of it.
        """
        article = article_of(item)
        name = article.id.encode()
        kept = self._kept.number(name)
        if kept and kept > self.session.last_version(article.id):
            raise Repeated(article.id)
        earlier = await asyncio.to_thread(self.session.newest, article.id) if self.session.seen(article.id) else None
        if not number_after(article, earlier, self.session.last_version(article.id) if earlier else 0):
            raise Unchanged(article.id)
        self._kept.put(name, article.version)
        return article
