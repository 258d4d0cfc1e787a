"""Placement: the article lines of a waiting segment are numbered anew, against what the archive holds by now.

    line ──┬─ of a number that is free ────────────────▶ stays as it is
           └─ of one that others published meanwhile ──▶ against the versions captured just before and after it
                ├─ the same words ──▶ no line: it is the same again, and its record stays in the WARC
                └─ others ──────────▶ the next version, with what it changed

Two hosts may crawl one outlet at a time: a lease is taken over from one that only stood still, or clocks differ. Each sees what was
published when it placed an article, which may be less than what is published when its segment is. So every segment is placed
once more before its manifest is committed, and again where somebody else was faster (`archive.manifests.publisher`).

Objects are never written twice under one name. Where a line changes, the segment is published without its lines, and they come in
a segment of their own, of the same crawl, number and time.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

import msgspec

from archive.article import Article, Changes, parse_time
from archive.catalog.tables import Seen
from archive.diff import compare_entries, counts
from archive.files import sync
from archive.manifests.manifest import RENUMBERED, SAID_AGAIN, manifest_key, successor_segment_id
from archive.reader.archive import scanned
from archive.spool.sealing import Seal, read_lines, seal

if TYPE_CHECKING:
    from datetime import datetime

    from archive.catalog import Catalog
    from archive.manifests.manifest import Manifest
    from archive.reader.archive import Archive
    from archive.spool.spool import Segment, Spool

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Placement:
    """Places the lines of one machine's segments.

    Args:
        archive: where they are to be published.
        catalog: what it holds; has learned the heads of the outlet's chain.
        spool: where the segments are.
    """

    archive: Archive
    catalog: Catalog
    spool: Spool

    def place(self, segment: Segment) -> list[Segment]:
        """Return what is to be published in the place of a sealed segment: itself, where its lines may stay as they are.

        Raises:
            StoreError: an earlier version cannot be read, or the local disk is full.
        """
        if not any(self._is_taken(Article.from_line(line)) for line in read_lines(segment.articles)):
            return [segment]
        if any(segment.folder.glob("published.*")) or self._is_published(segment):
            return [segment]  # it has a manifest in one of the stores, which says what its objects are
        lines = [Article.from_line(line) for line in read_lines(segment.articles)]
        before: dict[str, list[Seen]] = {}  # of the same segment: two versions of one article may stand in it
        pairs = [(line, self._placed(line, before.setdefault(line.id, []))) for line in lines]
        placed = [article for _, article in pairs if article is not None]
        renumbered = sum(article is not None and article.version != line.version for line, article in pairs)
        recovered = {SAID_AGAIN: len(lines) - len(placed), RENUMBERED: renumbered}
        logger.warning(
            "%s: %d of %d lines have numbers that are published by now; %d come as further versions, %d say the same again",
            *(segment.segment_id, sum(recovered.values()), len(lines), renumbered, recovered[SAID_AGAIN]),
        )
        return self._divided(segment, placed, {what: count for what, count in recovered.items() if count})

    def _is_taken(self, article: Article) -> bool:
        return any(one.version >= article.version for one in self.catalog.versions(article.id))

    def _is_published(self, segment: Segment) -> bool:
        return self.archive.store.stat(manifest_key(segment.facts().outlet, segment.segment_id)) is not None

    def _placed(self, article: Article, before: list[Seen]) -> Article | None:
        """Return the article with the number that it is to have; None where the archive, or a line before it, says the same at that time."""
        held = sorted([*self.catalog.versions(article.id), *before], key=lambda one: one.captured)
        if any(one.version >= article.version for one in held):
            earlier = [one for one in held if one.captured <= article.captured][-1:]
            later = [one for one in held if one.captured > article.captured][:1]
            is_of_entries = article.changes is not None and article.changes.entries is not None
            if not is_of_entries and any(_is_same(article, one) for one in (*earlier, *later)):
                return None
            highest = max(one.version for one in held)
            article = replace(article, version=highest + 1, changes=self._changes(article, (*earlier, *later)[0]))
        before.append(Seen.of(article))
        return article

    def _changes(self, article: Article, other: Seen) -> Changes:
        """Compare with the version captured before, or, where this is the first capture, with the one after."""
        earlier = published_version(self.archive, article.outlet, other)
        added, removed = counts(earlier.text, article.text) if earlier is not None else (0, 0)
        is_silent = other.text_sha256 != article.text_sha256 and other.modified == article.modified
        return Changes(
            previous=other.record_id,
            headline=not _is_same_headline(article, other),
            words_added=added,
            words_removed=removed,
            silent=is_silent,
            entries=compare_entries(earlier.entries if earlier is not None else [], article.entries),
        )

    def _divided(self, segment: Segment, lines: list[Article], recovered: dict[str, int]) -> list[Segment]:
        """Take the lines out of a segment and put them into one of their own; killed in between, both are placed once more."""
        parts = []
        if lines:
            facts = msgspec.structs.replace(
                segment.facts(), segment_id=successor_segment_id(segment.segment_id, os.urandom(8).hex())
            )
            own = self.spool.create(facts)
            with own.articles.open("wb") as out:
                out.writelines(article.to_line().encode() + b"\n" for article in lines)
            sync(own.articles)
            parts.append(seal(own.move("closed"), recovered))
        sealed = Seal.read(segment)
        bare = segment.move("closed")
        bare.articles.unlink()
        parts.insert(0, seal(bare, sealed.recovered | ({} if lines else recovered)))
        return [one for one in parts if one is not None]


def published_version(archive: Archive, outlet: str, seen: Seen) -> Article | None:
    """Return a version that the catalog knows, read from about the day on which it was captured; None where it is gone."""
    day = seen.captured.date()
    near = list(archive.manifests(outlet, since=day - timedelta(days=1), until=day, newest_first=True))
    tried = {manifest.key for manifest in near}
    others = (one for one in archive.manifests(outlet, newest_first=True) if one.key not in tried)
    likely = chain(near, (manifest for manifest in others if _may_hold(manifest, seen.captured)))
    held = (article for manifest in likely for article in scanned(archive, seen.id, [manifest], None))
    return next((article for article in held if article.captured == seen.captured), None)


def _may_hold(manifest: Manifest, captured: datetime) -> bool:
    """Say whether a segment of another day may hold a capture: it was open for long, or took in what another archive had captured."""
    item = manifest.by_kind.get("cdxj")
    if item is None or item.first is None or item.last is None:
        return True
    return parse_time(item.first) <= captured <= parse_time(item.last)


def _is_same(article: Article, other: Seen) -> bool:
    return article.text_sha256 == other.text_sha256 and _is_same_headline(article, other)


def _is_same_headline(article: Article, other: Seen) -> bool:
    return article.headline.split() == other.headline.split()
