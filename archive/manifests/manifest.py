"""The manifest: what makes a segment published, and the chain that makes removal visible.

    manifests/outlet=<o>/date=<d>/<stem>.json   immutable, created only if absent
        objects: kind, key, bytes, sha256, records by type, first and last date
        previous: [{key, sha256}, …]            the manifests that stood at the head of the outlet's chain before this one
        replaces, moved, amends                 where it stands for objects of earlier ones; `archive.manifests.superseded`
    pointers/<outlet>.json                      {"heads": [{key, sha256}]}, moved by compare-and-swap

The chain works as commits do in git: a manifest names its predecessors by hash. Two publishers of one outlet, say a crawl
and the recovery of an older spool, may both build on the same head; the pointer then has two heads, and the next manifest
joins them. Every manifest can be reached from the heads, and none can be taken out or slipped in without a hash that fails.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from archive.shapes import build, check_types
from archive.stem import date_of

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = 1
SAID_AGAIN, RENUMBERED = "lines_said_again", "lines_renumbered"
"""What `archive.manifests.placement` counts under ``recovered``."""
SUFFIXES = {
    "warc": ".warc.gz",
    "cdxj": ".cdxj.gz",
    "wet": ".warc.wet.gz",
    "articles": ".jsonl.gz",
    "stories": ".jsonl.gz",
    "events": ".jsonl.gz",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One object of a segment. ``records`` counts by type; ``first`` and ``last`` are ISO 8601 or None.

    The dates of ``warc`` and ``cdxj`` are those of the captures; of ``articles`` and ``wet``, of publication (of capture
    where the page says none), so that a reader skips what lies outside the days it wants.
    """

    kind: str
    key: str
    bytes: int
    sha256: str
    records: dict[str, int]
    first: str | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A manifest, named by key and by the hash of its bytes."""

    key: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """Objects of an earlier manifest, by kind, that are not to be read any more: this one's stand in their place."""

    key: str
    sha256: str
    kinds: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An earlier WARC that stands in this one's, byte for byte, from offset ``at`` on; ``file`` is its name."""

    file: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What was published together.

    Attributes:
        generation: 0 for what a crawl wrote; raised each time the same captures are read again.
        replaces: whose objects these stand for.
        moved: which WARCs this one's WARC is joined of.
        amends: how objects of earlier manifests are since a record was erased from them; named by their key.
        token: that of the lease under which it was crawled, 0 where that had none; the higher, the later the turn.
    """

    schema: int = SCHEMA
    collection: str
    outlet: str
    crawl: str
    segment: str
    date: str
    created: str
    software: dict[str, str]
    objects: list[Item]
    recovered: dict[str, int] = field(default_factory=dict)
    previous: list[Link] = field(default_factory=list)
    generation: int = 0
    replaces: list[Replaced] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    amends: list[Item] = field(default_factory=list)
    token: int = 0

    @property
    def key(self) -> str:
        """Return where the manifest stands."""
        return manifest_key(self.outlet, self.segment)

    @property
    def by_kind(self) -> Mapping[str, Item]:
        """Return the objects by kind: ``warc``, ``cdxj``, ``wet``, ``articles``, ``stories``, ``events``."""
        return {item.kind: item for item in self.objects}

    def to_bytes(self) -> bytes:
        """Return the published bytes; the same manifest gives the same bytes."""
        said = {name: value for name, value in asdict(self).items() if value or name not in _LATER}
        return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Read a published manifest; raises ``ValueError`` or ``KeyError`` where it is none of schema 1."""
        record: Any = json.loads(body)
        if not isinstance(record, dict):
            raise ValueError("it is no manifest")  # noqa: TRY004  the bytes are wrong, not a type
        if record["schema"] != SCHEMA:
            raise ValueError(f"manifest of schema {record['schema']}, this reader knows schema {SCHEMA}")
        record = {name: [] for name in _LATER} | {"generation": 0, "token": 0} | record
        check_types(cls, record)
        for name, shape in _LISTS.items():
            record[name] = [build(shape, entry) for entry in record[name]]
        found = build(cls, record)
        date_of(found.segment)  # what is no segment's name has no key
        return found


_LATER = (
    "generation",
    "replaces",
    "moved",
    "amends",
    "token",
)  # left away where there is nothing in them, as in most manifests
_LISTS: dict[str, type] = {"objects": Item, "previous": Link, "replaces": Replaced, "moved": Moved, "amends": Item}


def link_to(key: str, body: bytes) -> Link:
    """Return the name under which a successor refers to the manifest of these bytes."""
    return Link(key=key, sha256=hashlib.sha256(body).hexdigest())


def manifest_key(outlet: str, stem: str) -> str:
    """Return the key of a segment's manifest."""
    return f"manifests/outlet={outlet}/date={date_of(stem)}/{stem}.json"


def object_key(kind: str, outlet: str, stem: str) -> str:
    """Return the key of one of a segment's objects."""
    return f"{kind}/outlet={outlet}/date={date_of(stem)}/{stem}{SUFFIXES[kind]}"


def warc_key(outlet: str, file: str) -> str:
    """Return the key of a WARC by its file name, as an article's pointer gives it."""
    return object_key("warc", outlet, file.removesuffix(SUFFIXES["warc"]))


def pointer_key(outlet: str) -> str:
    """Return the key of an outlet's pointer to the heads of its chain."""
    return f"pointers/{outlet}.json"


def heads_of(body: bytes) -> list[Link]:
    """Read a pointer; raises ``ValueError`` where it is none."""
    try:
        links = [build(Link, link) for link in json.loads(body)["heads"]]
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"it is no pointer: {error!r}") from error
    if not all(isinstance(link.key, str) and link.key.startswith("manifests/") for link in links):
        raise ValueError("it names no manifests")
    return links


def heads_to_bytes(heads: list[Link]) -> bytes:
    """Write a pointer."""
    ordered = sorted((asdict(link) for link in heads), key=lambda link: link["key"])
    return (json.dumps({"heads": ordered}, indent=1) + "\n").encode()
