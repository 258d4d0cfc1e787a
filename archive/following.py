"""Following an archive: its new articles as they are published."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from archive.store import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archive.article import Article
    from archive.cursor import Cursor
    from archive.reader import Archive
    from archive.selection import Choice


def follow(
    archive: Archive, cursor: Cursor, every: float, wait: Callable[[float], object], choice: Choice
) -> Iterator[Article]:
    """Yield new articles for ever; see `archive.reader.Archive.follow`.

    The cursor moves on when all articles of a segment were taken. A segment is fetched whole before its first article is
    passed on, so that an outage gives none twice.
    """
    while True:
        with suppress(StoreUnavailable):
            for manifest in archive.manifests(after=cursor):
                if archive.lens.is_news(manifest):
                    yield from archive.articles_of(manifest, **choice)
                cursor.advance(manifest)
        wait(every)
