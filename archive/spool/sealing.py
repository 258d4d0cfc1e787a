"""Sealing: a closed segment is cut to what is whole, read again record by record, indexed, hashed and described.

    closed/<stem> ─▶ cut ─▶ read the WARC again ─▶ cdxj.gz wet.gz articles|stories|events.jsonl.gz ─▶ seal.json ─▶ sealed/

Every step can be repeated: the derived files are written anew each time, from the same bytes to the same bytes. A segment in
which nothing was captured or said is removed.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import msgspec

from archive.article import Article
from archive.durable import read_whole, sync, write_whole
from archive.inspection import Inspection, holds_record, inspect
from archive.lines import Span, cut_lines, read_lines
from archive.manifests.manifest import Item, Manifest, object_key
from archive.reader.jsonl import pack
from archive.spool.spool import Facts  # noqa: TC001  msgspec reads the annotation when a seal is read
from archive.store.protocol import Digests, StoreUnavailable, digests_of
from archive.warc.wet import write_wet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from archive.spool.spool import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A sealed segment: its facts, its objects as the manifest will list them, and how they were made whole.

    ``recovered`` counts what was cut off: ``warc_bytes``, ``article_lines``, ``story_lines``, ``event_lines``; empty in a clean segment.
    """

    facts: Facts
    items: list[Item]
    digests: dict[str, Digests]
    recovered: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, segment: Segment) -> Self:
        """Read the seal of a sealed segment; raises ``ValueError`` where it is spoiled, ``FileNotFoundError`` where there is none."""
        return msgspec.convert(read_whole(segment.folder / "seal.json"), cls)

    def manifest(self, software: dict[str, str], created: str) -> Manifest:
        """Return the manifest of this segment, without its predecessors."""
        return Manifest(
            collection=self.facts.collection,
            outlet=self.facts.outlet,
            crawl=self.facts.crawl,
            segment=self.facts.stem,
            date=self.facts.date,
            created=created,
            software=software,
            objects=self.items,
            recovered=self.recovered,
            token=self.facts.token,
        )


def seal(segment: Segment, recovered: Mapping[str, int] | None = None) -> Segment | None:
    """Seal a closed segment and return it in its new state; None where it was empty, and is gone.

    Args:
        segment: closed.
        recovered: what was cut off it before, and is to be counted too.

    Raises:
        StoreUnavailable: the local disk is full; the segment stays closed.
    """
    try:
        inspection, lost = cut(segment)
        if _is_empty(segment, inspection):
            segment.remove()
            return None
        return _seal(segment, inspection, dict(Counter(recovered or {}) + Counter(lost)))
    except OSError as error:
        raise StoreUnavailable(f"the segment {segment.stem} cannot be sealed: {error.strerror}") from error


def cut(segment: Segment) -> tuple[Inspection, dict[str, int]]:
    """Cut the files back to the last whole record and line, and drop article lines whose record is gone.

    Returns:
        What the WARC holds, and how much of what was cut.
    """
    inspection = _inspected(segment)
    recovered = {"warc_bytes": _truncate(segment, inspection.whole), "damaged_records": len(inspection.damaged)}

    def survives(line: dict[str, Any]) -> bool:
        place = line["warc"]
        return (
            place is None or place["file"] != segment.warc.name or place["offset"] + place["length"] <= inspection.whole
        )

    recovered["article_lines"] = cut_lines(segment.articles, survives)
    recovered["story_lines"] = cut_lines(segment.stories, lambda _: True)
    recovered["event_lines"] = cut_lines(segment.events, lambda _: True)
    return inspection, {what: count for what, count in recovered.items() if count}


def _is_empty(segment: Segment, inspection: Inspection) -> bool:
    if inspection.records.total() > inspection.records["warcinfo"]:
        return False
    return not any(any(read_lines(path)) for path in (segment.articles, segment.stories, segment.events))


def _inspected(segment: Segment) -> Inspection:
    if not segment.warc.exists():
        return Inspection()
    with segment.warc.open("rb") as stream:
        return inspect(stream, segment.warc.name)


def _truncate(segment: Segment, end: int) -> int:
    """Cut the WARC off at ``end``; what follows is kept aside where it holds more than the one record that was being written."""
    path = segment.warc
    if not path.exists():
        return 0
    surplus = path.stat().st_size - end
    if surplus and holds_record(path, end):
        aside = segment.folder.parent.parent / "damaged"
        aside.mkdir(exist_ok=True)
        shutil.copyfile(path, aside / f"{segment.stem}-from-{end}.warc.gz")
    if surplus:
        os.truncate(path, end)
    return surplus


def _seal(segment: Segment, inspection: Inspection, recovered: dict[str, int]) -> Segment:
    facts = segment.facts()
    found = {kind: said for kind, said in _derived(segment, inspection) if said["records"]}
    digests = {kind: digests_of(segment.local(kind)) for kind in found}
    items = [_item(kind, facts, digests[kind], said) for kind, said in found.items()]
    for kind in found:
        sync(segment.local(kind))
    write_whole(
        segment.folder / "seal.json", asdict(Seal(facts=facts, items=items, digests=digests, recovered=recovered))
    )
    return segment.move("sealed")


def _derived(segment: Segment, inspection: Inspection) -> Iterator[tuple[str, dict[str, Any]]]:
    """Write the derived files; yield what the manifest says of each kind."""
    yield "warc", {"records": dict(sorted(inspection.records.items())), **inspection.span.dates}
    yield (
        "cdxj",
        {"records": _counted("capture", pack(inspection.index, segment.local("cdxj"))), **inspection.span.dates},
    )
    span = Span()
    count = pack(span.over(read_lines(segment.articles)), segment.local("articles"))
    yield "articles", {"records": _counted("article", count), **span.dates}
    if count:
        yield "wet", {"records": _write_texts(segment), **span.dates}
    for kind, what, path in (("stories", "story", segment.stories), ("events", "event", segment.events)):
        count = pack(read_lines(path), segment.local(kind))
        yield kind, {"records": _counted(what, count), "first": None, "last": None}


def _write_texts(segment: Segment) -> dict[str, int]:
    facts = segment.facts()
    articles = (Article.from_line(line) for line in read_lines(segment.articles))
    with segment.local("wet").open("wb") as out:
        count = write_wet(
            out,
            articles,
            filename=f"{segment.stem}.warc.wet.gz",
            warcinfo=facts.warcinfo,
            opened=datetime.fromisoformat(facts.opened),
        )
    return {"warcinfo": 1} | _counted("conversion", count)


def _item(kind: str, facts: Facts, digests: Digests, said: dict[str, Any]) -> Item:
    key = object_key(kind, facts.outlet, facts.stem)
    return Item(kind=kind, key=key, bytes=digests.size, sha256=digests.sha256, **said)


def _counted(what: str, count: int) -> dict[str, int]:
    return {what: count} if count else {}
