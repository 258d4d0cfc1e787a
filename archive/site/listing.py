"""The lists that have a feed: which articles, under which title, beside which page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.site.feeds import FEED_ITEMS, json_feed, rss
from archive.site.index.pages_of import entry_groups
from archive.site.paths import outlet_path, tag_path
from archive.site.queries import Card, cards, folded, folded_of, with_texts, with_topics
from archive.site.search import Query, search
from archive.site.templating import outlet_name

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from archive.site.index.pages_of import Entry
    from archive.site.templating import Looks


@dataclass(frozen=True, slots=True)
class Listing:
    """A list with feeds; ``stem`` is the path of its feeds without ``.rss`` and ``.json``."""

    title: str
    stem: str
    page: str
    cards: Sequence[Card]

    def feed(self, suffix: str, looks: Looks) -> bytes:
        """Return the feed: ``rss`` or ``json``."""
        make = rss if suffix == "rss" else json_feed
        return make(self.title, f"{self.stem}.{suffix}", self.page, self.cards, looks)


def latest(connection: sqlite3.Connection, looks: Looks) -> Listing:
    """Return the latest of all outlets."""
    found = folded(cards(connection, "1", limit=2 * FEED_ITEMS))[:FEED_ITEMS]
    return Listing(looks.title, "feed", "index.html", with_texts(connection, found))


def of_tag(connection: sqlite3.Connection, entry: Entry) -> Listing:
    """Return the latest about an entry."""
    found = folded_of(connection, entry_groups(connection, entry.e)[:FEED_ITEMS])
    path = tag_path(entry.slug)
    return Listing(f"#{entry.name}", path.removesuffix(".html"), path, with_texts(connection, found))


def of_outlet(connection: sqlite3.Connection, outlet: str) -> Listing:
    """Return the latest of an outlet."""
    found = cards(connection, "outlet = ?", [outlet], FEED_ITEMS)
    path = outlet_path(outlet)
    return Listing(outlet_name(outlet), path.removesuffix(".html"), path, with_texts(connection, found))


def of_search(connection: sqlite3.Connection, query: Query) -> Listing:
    """Return the newest that a query finds; raises ``ValueError`` for a wrong date."""
    found = search(connection, query, FEED_ITEMS).cards
    return Listing(f"بحث: {query.text}", "search", "search.html", with_topics(connection, found))
