"""Which articles are wanted: the one set of conditions that the reader, the command line and the exports share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from archive.arabic import fold
from archive.article import parse_time

if TYPE_CHECKING:
    from archive.article import Article
    from archive.manifest import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Conditions that all have to hold; None or empty asks for nothing."""

    outlets: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    tag: str | None = None
    agency: str | None = None
    kind: str | None = None
    story: str | None = None
    text: str | None = None
    as_of: datetime | None = None

    def first_crawl_date(self, margin_days: int) -> date | None:
        """Return the first crawl date that can hold what was published at ``since``."""
        return None if self.since is None else self.since.date() - timedelta(days=margin_days)

    def excludes(self, item: Item) -> bool:
        """Say whether the dates of an ``articles`` object rule out that it holds anything wanted."""
        if item.first is None or item.last is None:
            return False
        too_old = self.since is not None and parse_time(item.last) < self.since
        return too_old or (self.until is not None and parse_time(item.first) > self.until)

    def is_captured_in_time(self, article: Article) -> bool:
        """Say whether the article had been captured at ``as_of``."""
        return self.as_of is None or article.captured <= self.as_of

    def holds(self, article: Article) -> bool:
        """Say whether the article fits."""
        moment = article.published or article.captured
        return (
            (not self.outlets or article.outlet in self.outlets)
            and (self.since is None or moment >= self.since)
            and (self.until is None or moment <= self.until)
            and (self.kind is None or article.kind == self.kind)
            and (self.tag is None or self.tag in article.tags)
            and (self.agency is None or self.agency in article.agencies)
            and (self.story is None or (article.story is not None and article.story.id == self.story))
            and (self.text is None or fold(self.text) in fold(f"{article.headline}\n{article.text}"))
        )


def is_wanted_version(article: Article, latest: dict[str, tuple[int, str]] | set[str] | None) -> bool:
    """Say whether the article is one that is asked for.

    Args:
        article: the next article.
        latest: None where all versions are; the newest version of each id where they are known beforehand; else the ids
            that came already, in an order that begins with the newest.
    """
    if latest is None:
        return True
    if isinstance(latest, dict):
        return bool(latest[article.id][0] == article.version)
    if article.id in latest:
        return False
    latest.add(article.id)
    return True


def start_of(moment: date | datetime | str | None) -> datetime | None:
    """Read a day or a moment as the beginning of a span; a time without zone is UTC. Raises ``ValueError``."""
    return _moment(moment, time.min)


def end_of(moment: date | datetime | str | None) -> datetime | None:
    """Read a day or a moment as the end of a span."""
    return _moment(moment, time.max)


def _moment(moment: date | datetime | str | None, of_day: time) -> datetime | None:
    found = _read(moment) if isinstance(moment, str) else moment
    if isinstance(found, datetime):
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    return None if found is None else datetime.combine(found, of_day, UTC)


def _read(text: str) -> date | datetime:
    for shape in (date, datetime):
        try:
            return shape.fromisoformat(text)
        except ValueError:
            continue
    raise ValueError(f"{text!r} is no date; write 2026-11-23 or 2026-11-23T10:00:00Z")
