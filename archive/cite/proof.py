"""Proving a citation from the bucket, with read permission alone: each step from the words to the head of the chain.

line ─▶ record: digests ─▶ WARC: SHA-256 ─▶ manifest: SHA-256 ─▶ … ─▶ head of the chain, hash by hash
"""

from __future__ import annotations

import html
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from archive.article import RecordPointer
from archive.cite.citation import LATER, Citation, cite
from archive.manifests.chain import ancestry, read_heads
from archive.manifests.manifest import Link, Manifest, link_to
from archive.manifests.superseded import standing_part
from archive.objects import copied, read_at
from archive.text import fold
from archive.warc.capture import CaptureFault
from archive.warc.digests import matches
from archive.warc.reading import Damaged, read_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from archive.article import Article
    from archive.manifests.manifest import Item
    from archive.reader.archive import Archive

_MOVING = {
    "archive",
    "heads",
}  # what may differ between two citations of the same: a copy's address, a chain that goes on
_PLACE = {"warc", "warc_sha256", "offset", "manifest", "manifest_sha256", "previous"}  # what a compaction moves


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a proof: what it is about, whether it holds, and what was found."""

    name: str
    holds: bool
    found: str


def prove(
    archive: Archive, citation: Citation, *, on_progress: Callable[[str], None] = lambda _: None
) -> Iterator[Step]:
    """Yield the steps of a proof; a store that fails raises, what does not hold is a step that says so.

    Args:
        archive: where the citation is proved, its own archive or a copy of it.
        citation: what was cited, now or long ago.
        on_progress: is told the key of what is read.
    """
    on_progress(citation.id)
    versions = [article for article in archive.versions(citation.id) if article.version == citation.version]
    versions.sort(key=lambda article: article.warc is None or article.warc.record_id != citation.record_id)
    found = versions[0] if versions else None
    if found is None or found.warc is None:
        yield Step("line", holds=False, found=f"no line of {citation.id}, version {citation.version}")
        return
    now = cite(archive, found)
    is_joined, is_gone = now.warc != citation.warc, archive.store.stat(citation.warc) is None
    place = now if is_gone else citation
    yield _line(citation, now, _MOVING | _PLACE if is_joined else _MOVING)
    if is_gone:
        yield _moved(archive, citation, now)
    yield from _record(archive, place, found)
    on_progress(place.warc)
    yield _warc(archive, place)
    yield _manifest(archive, place)
    yield _chain(archive, [citation, place], on_progress)


def _line(citation: Citation, now: Citation, moving: set[str]) -> Step:
    found, then = asdict(now), asdict(citation)
    moving = moving | {name for name in LATER if then[name] is None}
    other = [name for name in then if name not in moving and found[name] != then[name]]
    if other:
        return Step("line", holds=False, found="; ".join(f"{n}: cited {then[n]!r}, found {found[n]!r}" for n in other))
    return Step("line", holds=True, found=f"{now.id}, version {now.version}, says what is cited")


def _moved(archive: Archive, citation: Citation, now: Citation) -> Step:
    """Follow the cited place to where a compaction says that it went."""
    then = RecordPointer(
        file=citation.warc.rpartition("/")[2], offset=citation.offset, length=citation.length,
        record_id=citation.record_id, payload_digest=citation.payload_digest,
    )  # fmt: skip
    there = archive.whereabouts(citation.outlet, then)
    holds = (there.file, there.offset) == (now.warc.rpartition("/")[2], now.offset)
    return Step("moved", holds, f"a compaction joined its WARC into {now.warc}, the record is at {now.offset}")


def _record(archive: Archive, citation: Citation, article: Article) -> Iterator[Step]:
    try:
        record, block = read_at(archive.store, citation.warc, citation.offset, citation.length, read_record)
    except Damaged as error:
        yield Step("record", holds=False, found=error.why)
        return
    label = record.field("WARC-Block-Digest") or ""
    is_it = record.id == citation.record_id and bool(label) and matches(label, [block])
    yield Step("record", is_it, f"{record.id}, {record.type}, block {label}")
    try:
        capture = archive.capture(article)
        words = fold(html.unescape(capture.content().decode(errors="replace")))
    except CaptureFault as error:
        yield Step("payload", holds=False, found=str(error))
        return
    there = "stands in it" if fold(citation.headline) in words else "does not stand in it as one string"
    yield Step(
        "payload", holds=True, found=f"{citation.payload_digest}, {len(capture.body):,} bytes; the headline {there}"
    )


def _warc(archive: Archive, citation: Citation) -> Step:
    items = [item for item in _items(archive, archive.store.read(citation.manifest)) if item.key == citation.warc]
    if not items:
        return Step("WARC", holds=False, found=f"{citation.manifest} does not list it")
    size, sha256 = copied(archive.store, items[-1])
    return Step("WARC", sha256 == citation.warc_sha256, f"{size:,} bytes, SHA-256 {sha256}")


def _items(archive: Archive, manifest: bytes) -> list[Item]:
    """Return the objects of a manifest, and behind them the same as an erasure left them."""
    found = Manifest.from_bytes(manifest)
    return [*found.objects, *standing_part(archive.store, found).objects]


def _manifest(archive: Archive, citation: Citation) -> Step:
    body = archive.store.read(citation.manifest)
    sha256 = link_to(citation.manifest, body).sha256
    lists = (citation.warc, citation.warc_sha256) in {(item.key, item.sha256) for item in _items(archive, body)}
    return Step("manifest", sha256 == citation.manifest_sha256 and lists, f"SHA-256 {sha256}, lists the WARC: {lists}")


def _chain(archive: Archive, citations: Sequence[Citation], on_progress: Callable[[str], None]) -> Step:
    """Walk back from the heads: through those of the citations, to their manifests, each hash compared."""
    heads = read_heads(archive.store, citations[0].outlet)[0]
    wanted = {Link(key=one.manifest, sha256=one.manifest_sha256) for one in citations}
    for one in citations:
        parts = (head.rpartition(" ") for head in one.heads)
        wanted |= {Link(key=key, sha256=sha256) for key, _, sha256 in parts}
    for steps, (link, _, body) in enumerate(ancestry(archive.store, heads)):
        on_progress(link.key)
        if link_to(link.key, body) != link:
            return Step("chain", holds=False, found=f"{link.key} is not what its successor had seen")
        wanted.discard(link)
        if not wanted:
            return Step("chain", holds=True, found=f"{steps} manifests stand before it, every hash fits")
    missing = ", ".join(sorted(link.key for link in wanted))
    return Step("chain", holds=False, found=f"the heads of the chain do not lead to {missing}")
