"""Reading an archive: articles, their versions and the captures behind them, from a folder or a bucket.

    archive = open_archive("s3://bucket/prefix")
    for article in archive.articles(outlet="aljazeera", since="2026-11-01"): …

    manifests ─▶ (outlet, day, dates) ─▶ articles/…jsonl.gz ─▶ lines ─▶ Article
                        └── what cannot hold a wanted article is not opened

Only what a manifest lists exists here. Nothing but this package is needed, and read permission.
"""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from archive.article import Article
from archive.capture import Capture, read_capture
from archive.lens import Lens, Lenses
from archive.manifest import SUFFIXES, Manifest
from archive.originals import original_of
from archive.selection import Selection, end_of, is_wanted_version, start_of
from archive.settled import Told, settled
from archive.standing import Places, standing
from archive.stem import date_of
from archive.store import Missing, default_uri, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from archive.article import RecordPointer
    from archive.store import Store

_KEPT_MANIFESTS = 4096  # they never change; about 2 KB each
_MARGIN_DAYS = 1  # an outlet's clock may be ahead of ours


def open_archive(uri: str | None = None, *, options: Mapping[str, Any] | None = None) -> Archive:
    """Open the archive at ``uri``, by default ``$ARCHIVE_URI``.

    Raises:
        StoreRefused: the URI is wrong, or there is no collection to be read; the message is one sentence.
    """
    store = open_store(uri or default_uri(), options=options)
    store.check(write=False)
    return Archive(store)


class Archive:
    """An archive, to be read. All methods stream; none keeps more than one segment's lines in memory.

    Args:
        store: where it lies.
        lenses: what hides or replaces some of what is published, see `archive.lens`.
    """

    def __init__(self, store: Store, lenses: Sequence[Lens] = ()) -> None:
        self.store = store
        self.lens = Lenses(lenses)
        self._manifest = lru_cache(maxsize=_KEPT_MANIFESTS)(self._read_manifest)

    def outlets(self) -> list[str]:
        """Return the outlets of which something is published."""
        return [name.removeprefix("outlet=") for name in self.store.folders("manifests/")]

    def manifests(
        self,
        outlet: str | None = None,
        *,
        since: date | str | None = None,
        until: date | str | None = None,
        newest_first: bool = False,
    ) -> Iterator[Manifest]:
        """Yield the manifests by crawl date, outlet after outlet within a day, with those of their objects that are to be read.

        What a compaction joined stands at the last crawl date of what it joined, and is yielded where any of its days may fit.

        Args:
            outlet: only this one.
            since: first crawl date.
            until: last crawl date.
            newest_first: turn the order round.
        """
        first, last = str(since or ""), str(until or "9999")
        outlets = self.outlets() if outlet is None else [outlet]
        days = [
            (date, name)
            for name in outlets
            for folder in self.store.folders(f"manifests/outlet={name}/")
            if self.lens.first_date(name, first) <= (date := folder.removeprefix("date=")) and date[:7] <= last[:7]
        ]
        for _, month in groupby(sorted(days, reverse=newest_first), key=lambda day: day[0][:7]):
            found = self._month(sorted(month), last)
            yield from reversed(found) if newest_first else found

    def _month(self, days: list[tuple[str, str]], last: str) -> list[Manifest]:
        """Return what is to be read of some days of one month, looked at as a whole: see `archive.standing`."""
        keys: list[str] = []
        for date, name in days:
            found = self.store.listing(f"manifests/outlet={name}/date={date}/")
            keys += self.lens.keys(name, [entry.key for entry in found])
        return [view for view in standing(map(self._manifest, keys)) if view.date <= last or view.moved]

    def articles(  # noqa: PLR0913  each is a fact of its own
        self,
        *,
        outlet: str | Sequence[str] | None = None,
        since: date | datetime | str | None = None,
        until: date | datetime | str | None = None,
        tag: str | None = None,
        agency: str | None = None,
        kind: str | None = None,
        story: str | None = None,
        text: str | None = None,
        as_of: datetime | str | None = None,
        versions: str = "latest",
        unique_stories: bool = False,
        newest_first: bool = True,
        settle: bool = True,
    ) -> Iterator[Article]:
        """Yield the articles that fit everything that is asked for.

        Args:
            outlet: one outlet, or several.
            since: published on or after this day or moment (captured, where the page says no date).
            until: published on or before it; a day counts to its end.
            tag: one of the outlet's own tags.
            agency: code of a credited agency.
            kind: ``article``, ``live``, ``video`` …
            story: id of a story.
            text: words that stand in headline or text, compared without diacritics and letter variants.
            as_of: the archive as it was at this time: later captures are left out.
            versions: ``latest``, one article per id, or ``all``.
            unique_stories: leave out the copies of a story that another article told first.
            newest_first: by crawl date, outlet, segment; False turns the order round.
            settle: apply what later articles taught about stories; False spares the look at all outlets' manifests.
        """
        chosen: dict[str, Any] = {"tag": tag, "agency": agency, "kind": kind, "story": story, "text": text}
        outlets = frozenset([outlet] if isinstance(outlet, str) else outlet or ())
        span: dict[str, Any] = {"since": start_of(since), "until": end_of(until), "as_of": end_of(as_of)}
        wanted = Selection(outlets=outlets, **span, **chosen)
        latest = self._versions_to_come(wanted, versions, newest_first=newest_first)
        told = Told(self.store, self.manifests() if settle else (), wanted.as_of)
        for line in self._lines(wanted, newest_first=newest_first):
            article = told.apply(Article.from_line(line))
            if self.lens.hides(article):
                continue
            is_wanted = wanted.is_captured_in_time(article) and is_wanted_version(article, latest)
            is_copy = article.story is not None and article.story.role == "copy"
            if is_wanted and wanted.holds(article) and not (unique_stories and is_copy):
                yield article

    def article(self, article_id: str, *, as_of: datetime | str | None = None) -> Article | None:
        """Return the newest version of an article, or the one that was newest at ``as_of``; None where there is none."""
        found = self.versions(article_id)
        limit = end_of(as_of)
        return next((article for article in reversed(found) if limit is None or article.captured <= limit), None)

    def versions(self, article_id: str) -> list[Article]:
        """Return all versions of an article, oldest first."""
        outlet = article_id.partition(":")[0]
        mark = f'"id":{json.dumps(article_id, ensure_ascii=False)},'.encode()
        lines = self._lines(Selection(outlets=frozenset([outlet])), newest_first=False)
        found = (Article.from_line(line) for line in lines if mark in line)
        ours = (article for article in found if article.id == article_id and not self.lens.hides(article))
        return sorted(ours, key=lambda article: (article.version, article.captured))

    def story(self, story_id: str) -> list[Article]:
        """Return the articles that carry a story, its origin first; their roles are settled: single, origin or copy."""
        return settled(list(self.articles(story=story_id)))

    def capture(self, article: Article) -> Capture:
        """Return the capture that an article was read from, by one range request; a revisit's body is its original's.

        Raises:
            CaptureFault: the bytes there are not the record.
            Missing: the WARC is gone, or the capture was taken down.
        """
        if article.warc is None:
            raise Missing(f"the line of {article.id} names no capture")
        found = self.capture_at(article.outlet, article.warc)
        if found.kind == "revisit":
            found.body = original_of(self, found, article.outlet).body
        return found

    def capture_at(self, outlet: str, pointer: RecordPointer) -> Capture:
        """Return the capture at a pointer, as it stands in the WARC; raises as `capture` does."""
        try:
            found = read_capture(self.store.read_range(*self.lens.place(outlet, pointer)), pointer)
        except Missing:
            moved = self.whereabouts(outlet, pointer)
            if moved == pointer:
                raise
            found = read_capture(self.store.read_range(*self.lens.place(outlet, moved)), moved)
        if self.lens.hides_capture(outlet, found):
            raise Missing(f"the capture {pointer.record_id} was taken down")
        return found

    def whereabouts(self, outlet: str, pointer: RecordPointer) -> RecordPointer:
        """Return where the record of a pointer lies, should a compaction have joined its WARC with others."""
        month = date_of(pointer.file.removesuffix(SUFFIXES["warc"]))[:7]
        return Places.of(self.manifests(outlet, since=f"{month}-01", until=f"{month}-31")).resolve(pointer)

    def _read_manifest(self, key: str) -> Manifest:
        return Manifest.from_bytes(self.store.read(key))

    def _lines(self, wanted: Selection, *, newest_first: bool) -> Iterator[bytes]:
        outlet = next(iter(wanted.outlets)) if len(wanted.outlets) == 1 else None
        first = None if wanted.since is None else wanted.first_crawl_date(_MARGIN_DAYS)
        until = None if wanted.as_of is None else wanted.as_of.date()
        for manifest in self.manifests(outlet, since=first, until=until, newest_first=newest_first):
            item = manifest.by_kind.get("articles")
            if item is None or (wanted.outlets and manifest.outlet not in wanted.outlets) or wanted.excludes(item):
                continue
            with self.store.open(item.key) as stream, gzip.open(stream) as lines:
                yield from reversed(lines.readlines()) if newest_first else lines

    def _versions_to_come(
        self, wanted: Selection, versions: str, *, newest_first: bool
    ) -> dict[str, tuple[int, str]] | set[str] | None:
        if versions not in {"latest", "all"}:
            raise ValueError(f"versions is 'latest' or 'all', not {versions!r}")
        if versions == "all" or newest_first:
            return None if versions == "all" else set()
        newest: dict[str, tuple[int, str]] = {}
        for line in self._lines(Selection(outlets=wanted.outlets, as_of=wanted.as_of), newest_first=False):
            said = json.loads(line)
            newest[said["id"]] = max(newest.get(said["id"], (0, "")), (said["version"], said["captured"]))
        return newest
