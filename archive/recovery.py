"""Recovery: what a crawl that died left in the spool becomes whole, and nothing that was on disk is lost.

    crawl.json is there, the outlet's lock is free  ─▶  the crawl died
    open/<stem> ─▶ cut to the last whole record and line ─▶ read again what has a record and no line ─▶ closed/<stem>

What was captured shortly before the end may have its record and not yet its article line: those records, of the last two
segments of the crawl, in the spool or already in the store, are handed to ``reread``.
"""

from __future__ import annotations

import gzip
import json
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

from archive.capture import captures
from archive.lines import read_lines
from archive.manifest import object_key
from archive.sealing import cut
from archive.spool import Facts, Segment, Spool, SpoolBusy, make_stem
from archive.store.protocol import Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from archive.article import Article
    from archive.capture import Capture
    from archive.store.protocol import Store

    Reread = Callable[[Capture], Article | None]

_LAST_SEGMENTS = 2


@dataclass(slots=True)
class Recovered:
    """What was done for one outlet: the crawl that died, its open segments, what was cut off them, articles read again."""

    outlet: str
    crawl: str
    segments: list[str] = field(default_factory=list)
    cut: dict[str, int] = field(default_factory=dict)
    reread: int = 0

    def __str__(self) -> str:
        """Return it as one line for the operator."""
        cut_off = ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in self.cut.items()) or "nothing"
        return (
            f"{self.outlet}: crawl {self.crawl} had died; {len(self.segments)} open segments closed, "
            f"cut off {cut_off}, {self.reread} articles read again from their records"
        )


def recover(
    spool: Path, store: Store | None = None, *, outlets: Sequence[str] | None = None, reread: Reread | None = None
) -> list[Recovered]:
    """Close what died; `archive.publishing.Publisher.publish_sealed` then publishes it.

    An outlet whose spool a living process holds is left alone.

    Args:
        spool: the spool's folder.
        store: where the crawl's earlier segments are; None where only the spool is to be looked at.
        outlets: only these.
        reread: reads a capture again and returns its article, or None where it is none; None leaves such captures alone.
    """
    house = Spool(spool)
    done = []
    for outlet in house.outlets() if outlets is None else outlets:
        try:
            lock = house.lock(outlet)
        except SpoolBusy:
            continue
        try:
            if house.crawl(outlet) or house.segments(outlet, "open"):
                done.append(_recover_outlet(house, outlet, store, reread))
        finally:
            lock.release()
    return done


def _recover_outlet(house: Spool, outlet: str, store: Store | None, reread: Reread | None) -> Recovered:
    crawl = house.crawl(outlet) or {"crawl": "unknown", "stems": []}
    result = Recovered(outlet, crawl["crawl"])
    opened = [segment for segment in house.segments(outlet, "open") if (segment.folder / "facts.json").exists()]
    for segment in opened:
        _, lost = cut(segment)
        result.segments.append(segment.stem)
        for what, count in lost.items():
            result.cut[what] = result.cut.get(what, 0) + count
    if reread is not None and crawl["stems"]:
        result.reread = _reread(house, outlet, store, crawl["stems"], reread)
    for segment in house.segments(outlet, "open"):
        if (segment.folder / "facts.json").exists():
            segment.move("closed")
        else:
            segment.remove()  # it died before it was begun
    house.note_crawl(outlet, None)
    return result


def _reread(house: Spool, outlet: str, store: Store | None, stems: Sequence[str], reread: Reread) -> int:
    last = stems[-_LAST_SEGMENTS:]
    lined = {_record_id(line) for stem in last for line in _article_lines(house, outlet, store, stem)}
    found = []
    for stem in last:
        with _warc(house, outlet, store, stem) as stream:
            for capture in captures(stream, f"{stem}.warc.gz"):
                if capture.kind == "response" and capture.pointer.record_id.strip("<>") not in lined:
                    article = reread(capture)
                    if article is not None:
                        found.append(article.to_line().encode() + b"\n")
    if found:
        segment = _last_open(house, outlet, stems[-1])
        with segment.articles.open("ab") as lines:
            lines.writelines(found)
    return len(found)


def _last_open(house: Spool, outlet: str, stem: str) -> Segment:
    """Return the open segment that takes the lines; a new one, of lines alone, where the last had been closed already."""
    opened = house.segments(outlet, "open")
    if opened:
        return opened[-1]
    collection, _, rest = stem.partition(f"-{outlet}-")
    serial = int(rest.split("-")[1]) + 1
    now = datetime.now(UTC)
    name = make_stem(collection, outlet, now, serial)
    crawl = (house.crawl(outlet) or {})["crawl"]
    facts = Facts(collection=collection, outlet=outlet, crawl=crawl, stem=name, opened=now.isoformat(), warcinfo={})
    return house.create(facts)


def _article_lines(house: Spool, outlet: str, store: Store | None, stem: str) -> Iterator[bytes]:
    segment = _in_spool(house, outlet, stem)
    if segment is not None:
        yield from read_lines(segment.articles)
    elif store is not None:
        try:
            with store.open(object_key("articles", outlet, stem)) as stream, gzip.open(stream) as lines:
                yield from lines
        except Missing:
            return  # a segment without articles


@contextmanager
def _warc(house: Spool, outlet: str, store: Store | None, stem: str) -> Iterator[IO[bytes]]:
    """Open a WARC in the spool, or a copy of the published one; an empty file where there is none."""
    segment = _in_spool(house, outlet, stem)
    if segment is not None and segment.warc.exists():
        with segment.warc.open("rb") as stream:
            yield stream
        return
    with tempfile.TemporaryFile() as copy:
        if segment is None and store is not None:
            with suppress(Missing), store.open(object_key("warc", outlet, stem)) as published:
                shutil.copyfileobj(published, copy)
            copy.seek(0)
        yield copy


def _in_spool(house: Spool, outlet: str, stem: str) -> Segment | None:
    found = (segment for state in ("open", "closed", "sealed") for segment in house.segments(outlet, state))
    return next((segment for segment in found if segment.stem == stem), None)


def _record_id(line: bytes) -> str | None:
    place = json.loads(line)["warc"]
    return None if place is None else place["record_id"].strip("<>")
