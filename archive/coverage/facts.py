"""What is known of every page: the events of all crawls and, of crawls that told none, the article lines.

kept, unchanged, seen ──▶ captured          whatever was said of it before or after
refused, failed, …    ──▶ the last word     until it is captured
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from archive.article import parse_time
from archive.catalog_events import LASTING
from archive.events import read_events
from archive.objects import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from archive.manifests.manifest import Manifest
    from archive.store import Store

CAPTURED = frozenset({"kept", "unchanged", "seen"})
_ANNOUNCING = frozenset({"sitemap", "news-sitemap", "feed", "section", "api"})


@dataclass(slots=True)
class Fact:
    """What is known of one page. ``captured`` is when its first line was written, ``at`` when the last word was said."""

    outlet: str
    id: str
    url: str
    day: date
    outcome: str
    reason: str | None
    at: datetime
    channels: set[str] = field(default_factory=set)
    published: datetime | None = None
    captured: datetime | None = None

    @property
    def is_captured(self) -> bool:
        """Say whether the archive has it."""
        return self.outcome in CAPTURED

    @property
    def is_gap(self) -> bool:
        """Say whether it is missing and might still be had: not refused, not gone, not known to be no article."""
        lasts = self.outcome in {"refused", "unreadable", "dropped", "outside-window"} or self.reason in LASTING
        return not self.is_captured and not lasts


@dataclass(frozen=True, slots=True)
class Sweep:
    """That a crawl asked about some days; ``complete``: it heard every source to the end."""

    outlet: str
    since: date
    until: date
    at: datetime
    complete: bool


def read_facts(store: Store, manifests: Sequence[Manifest]) -> tuple[list[Fact], list[Sweep]]:
    """Read what the manifests' segments tell of pages and days.

    Args:
        store: the archive.
        manifests: those of the crawl dates that can tell of the wanted days; for a look at a day, all since that day.
    """
    facts: dict[str, Fact] = {}
    sweeps = []
    for said in read_events(store, manifests, ("page", "sweep")):
        if said["event"] == "sweep":
            sweeps.append(_sweep(said))
        else:
            _merge(facts, _fact(said))
    told = {manifest.crawl for manifest in manifests if "events" in manifest.by_kind}
    for line in _lines(store, (manifest for manifest in manifests if manifest.crawl not in told)):
        _merge(facts, _of_article(line))
    return list(facts.values()), sweeps


def _sweep(said: Mapping[str, Any]) -> Sweep:
    since, until = (date.fromisoformat(said[name]) for name in ("since", "until"))
    return Sweep(said["outlet"], since, until, parse_time(said["at"]), said["complete"])


def _fact(said: Mapping[str, Any]) -> Fact:
    at = parse_time(said["at"])
    return Fact(
        outlet=said["outlet"],
        id=said["id"],
        url=said["url"],
        day=date.fromisoformat(said["day"]),
        outcome=said["outcome"],
        reason=said["reason"],
        at=at,
        channels=set(said["channels"]) & _ANNOUNCING,
        published=said["published"] and parse_time(said["published"]),
        captured=at if said["outcome"] == "kept" else None,
    )


def _of_article(said: Mapping[str, Any]) -> Fact:
    captured = parse_time(said["captured"])
    published = said["published"] and parse_time(said["published"])
    return Fact(
        outlet=said["outlet"],
        id=said["id"],
        url=said["url"],
        day=(published or captured).astimezone(UTC).date(),
        outcome="kept",
        reason=None,
        at=captured,
        channels={said["discovered"]["kind"]} & _ANNOUNCING,
        published=published,
        captured=captured,
    )


def _merge(facts: dict[str, Fact], new: Fact) -> None:
    """Take in what another crawl says of a page."""
    old = facts.setdefault(new.id, new)
    if old is new:
        return
    old.channels |= new.channels
    if new.published and not old.published:
        old.published, old.day = new.published, new.day
    if new.captured:
        old.captured = min(old.captured or new.captured, new.captured)
    is_word = new.is_captured or (not old.is_captured and new.at >= old.at)
    if is_word and new.outcome != "tried" and not (old.is_captured and new.outcome == "seen"):
        old.outcome, old.reason, old.at = new.outcome, new.reason, new.at


def _lines(store: Store, manifests: Iterable[Manifest]) -> Iterator[Mapping[str, Any]]:
    for manifest in manifests:
        if item := manifest.by_kind.get("articles"):
            yield from map(json.loads, lines_of(store, item))
