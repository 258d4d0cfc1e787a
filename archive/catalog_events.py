"""What a catalog knows from events, and what a crawl asks it: when to look at an article again, when to try a page again.

page events  ─▶ channels  id → what announced it          ─▶ channels_of
             └▶ tries     id → when it was asked in vain   ─▶ tries_of
look events  ─▶ looks     id → the last look               ─┬▶ held
vanished, returned ─▶ standings  id → is it gone, since when ─┘
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from archive.article import format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from archive.catalog import Catalog

FRUITLESS = frozenset({"failed", "unreadable", "dropped"})  # outcomes of a page that was asked for in vain
LASTING = frozenset({"404", "410", "redirect-loop", "redirect-to-known", "too-large"})  # another try hardly does better
TABLES = """
CREATE TABLE IF NOT EXISTS channels (
    outlet TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (id, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tries (
    outlet TEXT NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL, is_lasting INTEGER NOT NULL,
    PRIMARY KEY (id, at)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS looks (
    outlet TEXT NOT NULL, id TEXT PRIMARY KEY, at TEXT NOT NULL, outcome TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS standings (
    outlet TEXT NOT NULL, id TEXT PRIMARY KEY, at TEXT NOT NULL, is_gone INTEGER NOT NULL) WITHOUT ROWID;
"""
INSERT = {
    "channels": "INSERT OR IGNORE INTO channels VALUES (?, ?, ?)",
    "tries": "INSERT OR IGNORE INTO tries VALUES (?, ?, ?, ?)",
    "looks": """INSERT INTO looks VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
        SET at = excluded.at, outcome = excluded.outcome WHERE (excluded.at, excluded.outcome) > (at, outcome)""",
    "standings": """INSERT INTO standings VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
        SET at = excluded.at, is_gone = excluded.is_gone WHERE (excluded.at, excluded.is_gone) > (at, is_gone)""",
}
_HELD = """
SELECT newest.id, newest.url, coalesce(newest.published, first.captured), max(newest.captured, coalesce(looks.at, '')),
    coalesce(standings.is_gone, 0), CASE WHEN looks.at > newest.captured THEN looks.outcome END
FROM (SELECT id, max(version) AS version, min(captured) AS captured FROM articles WHERE outlet = ? GROUP BY id) AS first
JOIN articles AS newest ON newest.id = first.id AND newest.version = first.version
LEFT JOIN looks ON looks.id = newest.id
LEFT JOIN standings ON standings.id = newest.id
WHERE coalesce(newest.published, first.captured) >= ? ORDER BY newest.id, newest.captured
"""


@dataclass(frozen=True, slots=True)
class Held:
    """An article that may be due for another look.

    Attributes:
        url: where its newest version was fetched.
        published: when it was published; when it was first captured, where its page does not say.
        looked: when its page was last asked for.
        gone: it was told as vanished, and not as returned since.
        last: the outcome of the last look since it was captured.
    """

    id: str
    url: str
    published: datetime
    looked: datetime
    gone: bool
    last: str | None = None

    @property
    def is_missed(self) -> bool:
        """Say whether the last look found no page, which nothing else confirmed."""
        return self.last == "missing"

    @property
    def is_as_captured(self) -> bool:
        """Say whether what was last captured of its page is the article, so that a 304 says that it stands."""
        return not self.gone and self.last in {None, "unchanged", "changed"}


@dataclass(frozen=True, slots=True)
class Tries:
    """How often the page of an article was asked for in vain, when last, and whether for a reason that is likely to last."""

    count: int
    last: datetime
    is_lasting: bool


def event_rows(outlet: str, stream: IO[bytes]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield ``(table, row)`` for each line of an ``events`` object that a crawl has to know of."""
    with gzip.open(stream) as lines:
        for line in lines:
            said = json.loads(line)
            if said["event"] == "page":
                yield from (("channels", (outlet, said["id"], kind)) for kind in said["channels"])
                if said["outcome"] in FRUITLESS:
                    is_lasting = said["outcome"] != "failed" or said["reason"] in LASTING
                    yield "tries", (outlet, said["id"], said["at"], int(is_lasting))
            elif said["event"] == "look":
                yield "looks", (outlet, said["id"], said["at"], said["outcome"])
            elif said["event"] in {"vanished", "returned"}:
                yield "standings", (outlet, said["id"], said["at"], int(said["event"] == "vanished"))


def channels_of(catalog: Catalog, article_id: str) -> set[str]:
    """Return the kinds of source that were heard to announce an article."""
    return {kind for (kind,) in catalog.ask("SELECT kind FROM channels WHERE id = ?", article_id)}


def tries_of(catalog: Catalog, article_id: str) -> Tries | None:
    """Return how often an article's page was asked for in vain, None where it was not."""
    found = catalog.ask("SELECT at, is_lasting FROM tries WHERE id = ? ORDER BY at", article_id)
    return Tries(len(found), parse_time(found[-1][0]), bool(found[-1][1])) if found else None


def is_gone(catalog: Catalog, article_id: str) -> bool:
    """Say whether an article was told as vanished, and not as returned since."""
    return bool(catalog.ask("SELECT 1 FROM standings WHERE id = ? AND is_gone", article_id))


def held(catalog: Catalog, outlet: str, since: datetime) -> list[Held]:
    """Return the articles published (captured, where no page says it) since then, each with its last look."""
    return [
        Held(
            id=row[0],
            url=row[1],
            published=parse_time(row[2]),
            looked=parse_time(row[3]),
            gone=bool(row[4]),
            last=row[5],
        )
        for row in catalog.ask(_HELD, outlet, format_time(since))
    ]
