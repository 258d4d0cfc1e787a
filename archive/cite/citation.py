"""What is cited: the article, the capture it was read from, and the manifest that published that capture."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Self

from archive.article import format_time
from archive.manifests.chain import read_heads
from archive.manifests.manifest import SUFFIXES, Manifest, link_to, manifest_key
from archive.manifests.superseded import standing_part
from archive.store import Missing

if TYPE_CHECKING:
    from archive.article import Article
    from archive.manifests.manifest import Link
    from archive.reader.archive import Archive


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
            said: Any = json.loads(text)
        except ValueError:
            said = None
        names = {entry.name for entry in fields(cls)}
        if not isinstance(said, dict) or set(said) | LATER != names:
            raise ValueError("this is no citation; one is made with cite ID --json")
        return cls(**said)


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
    manifest = standing_part(archive.store, Manifest.from_bytes(body))
    item = manifest.by_kind.get("warc")
    if item is None:
        raise Missing(f"{key} lists no WARC")
    return Citation(
        archive=archive.store.uri,
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


def _written(link: Link) -> str:
    return f"{link.key} {link.sha256}"
