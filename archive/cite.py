"""Citing an article so that others can look it up and prove it: what a journalist, a scholar or a court needs.

article ─▶ Citation(article, capture, manifest) ─▶ text, BibTeX, CSL-JSON, Memento link
citation ─▶ prove ─▶ each step from the words to the head of the chain, with read permission alone
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Self

import msgspec

from archive.article import Article, RecordPointer, format_time
from archive.manifests.chain import ancestry, read_heads
from archive.manifests.manifest import SUFFIXES, Item, Link, Manifest, current_part, link_to, manifest_key
from archive.reader.jsonl import copied, read_span
from archive.store import Missing
from archive.text import fold
from archive.warc.capture import CaptureFault
from archive.warc.payload import matches
from archive.warc.reading import Damaged, read_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from archive.reader.archive import Archive

__all__ = ["FORMS", "Citation", "Step", "cite", "prove"]

# --- What is cited: the article, the capture it was read from, and the manifest that published that capture ----------

LATER = {"issued"}  # not in the first citations


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A citation. All values are text, numbers and lists, as JSON holds them; times are ISO 8601, UTC.

    Attributes:
        archive: address of the archive.
        text_sha256: of the normalised text, as the line gives it.
        warc: key of the WARC; ``warc_sha256`` is what its manifest says of it.
        offset: of the record in the WARC; ``length`` of its gzip member.
        payload_digest: SHA-1 of the page as it was sent, as web archives write it.
        manifest: key of the manifest that published the WARC, and ``manifest_sha256``, the hash of its bytes.
        previous: its predecessors in the outlet's chain, as ``key sha256``.
        heads: where that chain stood when this was made, as ``key sha256``; whoever keeps them proves that nothing before
            them was changed later.
        issued: the date as it is cited, as the outlet counts time: ISO 8601 with its offset, or a day alone; None where nothing
            is known, and in citations made before this was added.
    """

    archive: str
    id: str
    outlet: str
    headline: str
    byline: list[str]
    url: str
    published: str | None
    modified: str | None
    captured: str
    version: int
    language: str
    text_sha256: str
    warc: str
    warc_sha256: str
    offset: int
    length: int
    record_id: str
    payload_digest: str | None
    manifest: str
    manifest_sha256: str
    previous: list[str]
    heads: list[str]
    issued: str | None = None

    def to_json(self) -> str:
        """Return it as one JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what `to_json` wrote; raises ``ValueError`` where it is something else."""
        try:
            data: Any = json.loads(text)
        except ValueError:
            data = None
        names = {entry.name for entry in fields(cls)}
        if not isinstance(data, dict) or set(data) | LATER != names:
            raise ValueError("this is no citation; one is made with cite ID --json")
        return cls(**data)


def cite(archive: Archive, article: Article) -> Citation:
    """Return the citation of a published article.

    Raises:
        Missing: its line names no capture, or no manifest publishes its WARC.
    """
    if article.warc is None:
        raise Missing(f"the line of {article.id} names no capture")
    pointer = archive.whereabouts(article.outlet, article.warc)
    key = manifest_key(article.outlet, pointer.file.removesuffix(SUFFIXES["warc"]))
    body = archive.store.read(key)
    manifest = current_part(archive.store, Manifest.from_bytes(body))
    item = manifest.by_kind.get("warc")
    if item is None:
        raise Missing(f"{key} lists no WARC")
    return replace(
        from_line(article, archive.store.uri),
        warc=item.key,
        warc_sha256=item.sha256,
        offset=pointer.offset,
        length=pointer.length,
        record_id=pointer.record_id,
        payload_digest=pointer.payload_digest,
        manifest=key,
        manifest_sha256=link_to(key, body).sha256,
        previous=[_written(link) for link in manifest.previous],
        heads=[_written(link) for link in read_heads(archive.store, article.outlet)[0]],
    )


def from_line(article: Article, archive: str = "") -> Citation:
    """Return what a published line alone says for a citation, without a request: no manifest, no hash of the WARC.

    Args:
        article: whose line it is.
        archive: the address by which readers know the archive.
    """
    pointer = article.warc
    return Citation(
        archive=archive,
        id=article.id,
        outlet=article.outlet,
        headline=article.headline,
        byline=article.byline,
        url=article.canonical_url,
        issued=None if article.issued is None else article.issued.isoformat(),
        published=None if article.published is None else format_time(article.published),
        modified=None if article.modified is None else format_time(article.modified),
        captured=format_time(article.captured),
        version=article.version,
        language=article.language,
        text_sha256=article.text_sha256,
        warc="" if pointer is None else pointer.file,
        warc_sha256="",
        offset=0 if pointer is None else pointer.offset,
        length=0 if pointer is None else pointer.length,
        record_id="" if pointer is None else pointer.record_id,
        payload_digest=None if pointer is None else pointer.payload_digest,
        manifest="",
        manifest_sha256="",
        previous=[],
        heads=[],
    )


def _written(link: Link) -> str:
    return f"{link.key} {link.sha256}"


# --- A citation written out: for people, for LaTeX, for reference managers -------------------------------------------
# text      labels and values, each on a line of its own
# bibtex    an @online entry of biblatex; BibTeX's own styles take it as @misc
# csl       CSL-JSON, as Zotero, pandoc and citeproc read it
# json      every field, for machines and for `prove`

_LATEX = str.maketrans({
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_", "$": r"\$",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
})  # fmt: skip


def as_text(citation: Citation) -> str:
    """Return it for people, with whatever a third party needs to find and prove it."""
    rows = [
        ("outlet", citation.outlet),
        ("headline", citation.headline),
        ("by", "، ".join(citation.byline)),
        ("address", citation.url),
        ("published", _issued(citation) or "undated"),
        ("changed", citation.modified if citation.modified != citation.published else None),
        ("captured", citation.captured),
        ("article", f"{citation.id}, version {citation.version}, text SHA-256 {citation.text_sha256}"),
        ("archive", citation.archive),
        ("WARC", f"{citation.warc}, offset {citation.offset}, length {citation.length}"),
        ("", f"SHA-256 {citation.warc_sha256}"),
        ("record", f"{citation.record_id}, payload {citation.payload_digest or 'without digest'}"),
        ("manifest", f"{citation.manifest}, SHA-256 {citation.manifest_sha256}"),
        *_several("after", citation.previous, "nothing: the first of its chain"),
        *_several("chain's head", citation.heads, "none"),
    ]
    return "\n".join(f"{label:<13}{value}" for label, value in rows if value)


def as_bibtex(citation: Citation) -> str:
    """Return a biblatex entry; the headline stands in braces of its own, so that no style changes its letters."""
    fields = {
        "title": "{" + _latex(citation.headline) + "}",
        "author": " and ".join("{" + _latex(name) + "}" for name in citation.byline),
        "organization": _latex(citation.outlet),
        "date": (_issued(citation) or "")[:10],
        "url": citation.url,
        "urldate": citation.captured[:10],
        "langid": "arabic" if citation.language == "ar" else "",
        "note": _latex(_proof(citation)),
    }
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@online{{{_key(citation)},\n{body}\n}}"


def as_csl(citation: Citation) -> str:
    """Return a CSL-JSON list with one item."""
    item: dict[str, Any] = {
        "id": _key(citation),
        "type": "article-newspaper",
        "title": citation.headline,
        "container-title": citation.outlet,
        "author": [{"literal": name} for name in citation.byline],
        "issued": _date(_issued(citation)),
        "accessed": _date(citation.captured),
        "URL": citation.url,
        "language": citation.language,
        "archive": citation.archive,
        "archive_location": f"{citation.warc} {citation.offset} {citation.length}" if citation.warc else "",
        "version": str(citation.version),
        "note": _proof(citation),
    }
    return msgspec.json.format(
        json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False), indent=1
    )


def as_json(citation: Citation) -> str:
    """Return every field."""
    return citation.to_json()


FORMS: Mapping[str, Callable[[Citation], str]] = {
    "text": as_text, "bibtex": as_bibtex, "csl": as_csl, "json": as_json,
}  # fmt: skip


def _issued(citation: Citation) -> str | None:
    """Return the date of publication as its outlet counts it, where the citation says so: a reader looks for that day."""
    issued = citation.issued or citation.published
    return issued.replace("+00:00", "Z") if issued else None


def _proof(citation: Citation) -> str:
    parts = [f"Captured {citation.captured}"]
    if citation.warc:
        parts += [
            f"record {citation.record_id} in {citation.warc} at {citation.offset}",
            f"payload {citation.payload_digest}",
        ]
    if citation.manifest:
        parts.append(f"manifest {citation.manifest}, SHA-256 {citation.manifest_sha256}")
    return "; ".join(parts)


def _several(label: str, links: list[str], nothing: str) -> list[tuple[str, str]]:
    lines = [f"{key}, SHA-256 {sha256}" for key, _, sha256 in (link.rpartition(" ") for link in links)]
    return [(label if not place else "", line) for place, line in enumerate(lines or [nothing])]


def _key(citation: Citation) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{citation.id}-v{citation.version}")


def _date(moment: str | None) -> dict[str, list[list[int]]] | None:
    return None if moment is None else {"date-parts": [[int(part) for part in moment[:10].split("-")]]}


def _latex(text: str) -> str:
    return text.translate(_LATEX)


# ---------------------------------------------------------------------------------------------------------------------
# Proving a citation from the bucket, with read permission alone: each step from the words to the head of the chain.
# line ─▶ record: digests ─▶ WARC: SHA-256 ─▶ manifest: SHA-256 ─▶ … ─▶ head of the chain, hash by hash

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
    current = versions[0] if versions else None
    if current is None or current.warc is None:
        yield Step("line", holds=False, found=f"no line of {citation.id}, version {citation.version}")
        return
    now = cite(archive, current)
    is_joined, is_gone = now.warc != citation.warc, archive.store.stat(citation.warc) is None
    place = now if is_gone else citation
    yield _line(citation, now, _MOVING | _PLACE if is_joined else _MOVING)
    if is_gone:
        yield _moved(archive, citation, now)
    yield from _record(archive, place, current)
    on_progress(place.warc)
    yield _warc(archive, place)
    yield _manifest(archive, place)
    yield _chain(archive, [citation, place], on_progress)


def _line(citation: Citation, now: Citation, moving: set[str]) -> Step:
    fields, then = asdict(now), asdict(citation)
    moving = moving | {name for name in LATER if then[name] is None}
    other = [name for name in then if name not in moving and fields[name] != then[name]]
    if other:
        return Step("line", holds=False, found="; ".join(f"{n}: cited {then[n]!r}, found {fields[n]!r}" for n in other))
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
        record, block = read_span(archive.store, citation.warc, citation.offset, citation.length, read_record)
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
    parsed = Manifest.from_bytes(manifest)
    return [*parsed.objects, *current_part(archive.store, parsed).objects]


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
