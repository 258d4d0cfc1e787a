"""Records without a line: found in a dead crawl's last segments, in the spool or published, read again, their lines written."""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

from archive.lines import read_lines
from archive.manifests.manifest import Manifest, manifest_key
from archive.objects import fetch, lines_of
from archive.spool.spool import Facts, Segment, Spool
from archive.stem import make_stem, serial_of
from archive.store.protocol import Missing
from archive.warc.capture import captures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from archive.article import Article
    from archive.manifests.manifest import Item
    from archive.store.protocol import Store
    from archive.warc.capture import Capture

    Reread = Callable[[Capture], Iterable[Article]]

_STATES = ("open", "closed", "sealed")
_LAST_SEGMENTS = 2
_LAST_RESPONSES = 200  # far more than a crawl has at work at a time


@dataclass(frozen=True, slots=True)
class Unread:
    """The records without a line of one outlet; without a store only the spool is looked at."""

    house: Spool
    outlet: str
    store: Store | None
    reread: Reread

    def run(self, crawl: str, stems: Sequence[str]) -> int:
        """Read again what the last segments of a crawl hold without a line; return how many lines were written."""
        last = self._last(stems)
        known = {json.loads(line)["id"] for stem in self._all(last) for line in self._lines(stem)}
        found = []
        for capture in self._responses(last):
            for article in self.reread(capture):
                if article.id not in known:  # a feed and a page, or two feeds, may hold the same article
                    known.add(article.id)
                    article.crawl = crawl
                    found.append(article.to_line().encode() + b"\n")
        if found:
            with self._last_open(crawl, stems[-1]).articles.open("ab") as lines:
                lines.writelines(found)
        return len(found)

    def _last(self, stems: Sequence[str]) -> list[str]:
        """Return the last segments, so many that no page can have been at work since before them."""
        last: list[str] = []
        responses = 0
        for stem in reversed(stems):
            if len(last) >= _LAST_SEGMENTS and responses >= _LAST_RESPONSES:
                break
            last.insert(0, stem)
            responses += sum(1 for _ in self._responses([stem]))
        return last

    def _all(self, last: Sequence[str]) -> set[str]:
        """Return these segments and whatever else waits in the spool."""
        waiting = (segment.stem for state in _STATES for segment in self.house.segments(self.outlet, state))
        return {*last, *waiting}

    def _responses(self, stems: Sequence[str]) -> Iterator[Capture]:
        for stem in stems:
            with self._warc(stem) as stream:
                yield from (capture for capture in captures(stream, f"{stem}.warc.gz") if capture.kind == "response")

    def _last_open(self, crawl: str, stem: str) -> Segment:
        """Return the open segment that takes the lines; a new one, of lines alone, where the last had been closed already."""
        opened = self.house.segments(self.outlet, "open")
        if opened:
            return opened[-1]
        collection = stem.partition(f"-{self.outlet}-")[0]
        now = datetime.now(UTC)
        name = make_stem(collection, self.outlet, now, serial_of(stem) + 1)
        facts = Facts(
            collection=collection, outlet=self.outlet, crawl=crawl, stem=name, opened=now.isoformat(), warcinfo={}
        )
        return self.house.create(facts)

    def _lines(self, stem: str) -> Iterator[bytes]:
        segment = self._in_spool(stem)
        if segment is not None:
            yield from read_lines(segment.articles)
        elif item := self._published(stem, "articles"):
            with suppress(Missing):
                yield from lines_of(item[0], item[1])

    @contextmanager
    def _warc(self, stem: str) -> Iterator[IO[bytes]]:
        """Open a WARC in the spool, or a copy of the published one; an empty file where there is none."""
        segment = self._in_spool(stem)
        if segment is not None and segment.warc.exists():
            with segment.warc.open("rb") as stream:
                yield stream
            return
        with tempfile.TemporaryFile() as copy:
            if segment is None and (item := self._published(stem, "warc")):
                with suppress(Missing):
                    fetch(item[0], item[1], copy)
                copy.seek(0)
            yield copy

    def _published(self, stem: str, kind: str) -> tuple[Store, Item] | None:
        """Return a segment's published object and where it is; None where there is none."""
        if self.store is None:
            return None
        try:
            manifest = Manifest.from_bytes(self.store.read(manifest_key(self.outlet, stem)))
        except Missing:
            return None
        item = manifest.by_kind.get(kind)
        return None if item is None else (self.store, item)

    def _in_spool(self, stem: str) -> Segment | None:
        found = (segment for state in _STATES for segment in self.house.segments(self.outlet, state))
        return next((segment for segment in found if segment.stem == stem), None)
