"""The manifest of a segment: its objects with their digests, its predecessors, and the names and keys that they share."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from functools import cache
from types import NoneType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from archive.article import parse_time
from archive.files import Unreadable, is_number, parse_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archive.article import RecordPointer
    from archive.store import Store

# ---------------------------------------------------------------------------------------------------------------------
# JSON into dataclasses: what has not the types that were written is damage, to be named before anybody stumbles over
# it.

_Shape = TypeVar("_Shape")
_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "list": (list,),
    "dict": (dict,),
    "str | None": (str, NoneType),
}


def build(shape: type[_Shape], record: Any) -> _Shape:
    """Build a dataclass from a JSON object; what a later release added is left alone.

    Raises:
        Unreadable: it is no object, or a field is missing or of another type.
    """
    check_types(shape, record)
    return shape(**{name: record[name] for name, _ in _types_of(shape)})  # type: ignore[arg-type]  # a class is hashable


def check_types(shape: type, record: Any) -> None:
    """See that a JSON object has the fields of a dataclass; of a list or table only that it is one. Raises as `build` does."""
    for name, types in _types_of(shape):
        value = record.get(name) if isinstance(record, dict) else record
        if not isinstance(record, dict) or not isinstance(value, types) or not _is_sane(value):
            raise Unreadable(f"{name!r} of a {shape.__name__} is not as it should be")


def _is_sane(value: Any) -> bool:
    """Say whether a number counts something, and a table of numbers likewise."""
    if isinstance(value, dict):
        return all(not isinstance(number, int | float) or _is_sane(number) for number in value.values())
    return not isinstance(value, int | float) or (is_number(value) and value >= 0)


@cache
def _types_of(shape: type) -> list[tuple[str, tuple[type, ...]]]:
    return [(entry.name, _TYPES[str(entry.type).partition("[")[0]]) for entry in fields(shape)]


# --- A segment's name, which all its objects share -------------------------------------------------------------------
# <collection>-<outlet>-<17-digit UTC time>-<serial>-<token>      warraq-aljazeera-20261123100000123-00000-0a1b2c3d
#
# A hyphen parts a segment's name, so that of an outlet (``al-akhbar.com``) stands there as ``_.``: no label of a domain ends so.

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_OUTLET_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_HYPHEN = "_."
_NOT_IN_OUTLET = re.compile(r"[^a-z0-9_.-]+|_\.")
_LONGEST = 60  # letters of a name that was made; the longest name of a file has 255
_COLLECTION = re.compile(r"[a-z0-9][a-z0-9_.-]*")
SEGMENT_ID = re.compile(
    r"(?P<collection>.+)-(?P<outlet>[a-z0-9_.]+)-(?P<time>\d{17})-(?P<serial>\d{5})-(?P<token>[0-9a-f]{8})"
)


def is_collection(name: str) -> bool:
    """Say whether segments' names may begin so."""
    return _COLLECTION.fullmatch(name) is not None


def is_outlet(name: str) -> bool:
    """Say whether an outlet can be named so; an address of IPv6 cannot."""
    return _OUTLET_NAME.fullmatch(name) is not None and _HYPHEN not in name


def as_outlet(name: str) -> str:
    """Return a spider's name as an outlet is named: in small letters; what cannot stand in a key is a hyphen, and a digest tells it from others."""
    small = name.lower()
    if is_outlet(small):
        return small
    plain = _NOT_IN_OUTLET.sub("-", small).strip("-._")[:_LONGEST] or "spider"
    return f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def make_segment_id(collection: str, outlet: str, opened: datetime, serial: int) -> str:
    """Return a segment's name, unique by time, serial and a random token."""
    if not is_outlet(outlet) or not is_collection(collection):
        raise ValueError(f"names of keys are small Latin letters and digits, not {collection!r}, {outlet!r}")
    moment = opened.astimezone(UTC)
    stamp = f"{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03d}"
    return f"{collection}-{outlet_part(outlet)}-{stamp}-{serial:05d}-{os.urandom(4).hex()}"


def outlet_part(outlet: str) -> str:
    """Return an outlet's name as it stands in a segment's."""
    return outlet.replace("-", _HYPHEN)


def successor_segment_id(last: str, *what: str) -> str:
    """Return the name of a segment that stands in the place of others: the last one's, with a token of its own.

    Args:
        last: the name of the last segment it replaces; it lends its time, and with it the crawl date.
        what: what tells this successor from any other one.
    """
    match = SEGMENT_ID.fullmatch(last)
    if match is None:
        raise ValueError(f"{last!r} is no segment's name")
    token = hashlib.sha256("\n".join(what).encode()).hexdigest()[:8]
    return f"{match['collection']}-{match['outlet']}-{match['time']}-{match['serial']}-{token}"


def date_of(segment_id: str) -> str:
    """Return the crawl date (``yyyy-mm-dd``) that stands in a segment's name; raises ``ValueError``."""
    match = SEGMENT_ID.fullmatch(segment_id)
    if match is None:
        raise Unreadable(f"{segment_id!r} is no segment's name")
    stamp = match["time"]
    return f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}"


def time_of(segment_id: str) -> str:
    """Return the 17 digits of the time at which a segment was opened."""
    return segment_id.split("-")[-3]


def opened_at(segment_id: str) -> datetime:
    """Return when a segment was opened, aware UTC, to the millisecond; raises ``ValueError``."""
    return datetime.strptime(f"{time_of(segment_id)}000", "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)


def collection_in(segment_id: str) -> str:
    """Return the collection that stands in a segment's name; raises ``ValueError``."""
    return segment_id.rpartition(f"-{outlet_part(outlet_in(segment_id))}-")[0]


def serial_of(segment_id: str) -> int:
    """Return the serial that stands in a segment's name: 0 for the first of its crawl."""
    return int(segment_id.split("-")[-2])


def outlet_in(segment_id: str) -> str:
    """Return the outlet that stands in a segment's name; raises ``ValueError``."""
    match = SEGMENT_ID.fullmatch(segment_id)
    if match is None:
        raise Unreadable(f"{segment_id!r} is no segment's name")
    return match["outlet"].replace(_HYPHEN, "-")


# --- The manifest: what makes a segment published, and the chain that makes removal visible --------------------------
#     manifests/outlet=<o>/date=<d>/<segment_id>.json   immutable, created only if absent
#         objects: kind, key, bytes, sha256, records by type, first and last date
#         previous: [{key, sha256}, …]            the manifests that stood at the head of the outlet's chain before this one
#         replaces, moved, amends                 where it stands for objects of earlier ones; `archive.manifests.manifest`
#     pointers/<outlet>.json                      {"heads": [{key, sha256}]}, moved by compare-and-swap
#
# The chain works as commits do in git: a manifest names its predecessors by hash. Two publishers of one outlet, say a crawl
# and the recovery of an older spool, may both build on the same head; the pointer then has two heads, and the next manifest
# joins them. Every manifest can be reached from the heads, and none can be taken out or slipped in without a hash that fails.

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
        record = {name: value for name, value in asdict(self).items() if value or name not in _LATER}
        return (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Read a published manifest; raises `Unreadable` where it is none of schema 1."""
        record = parse_fields(body, schema=int)
        if record["schema"] != SCHEMA:
            raise Unreadable(f"manifest of schema {record['schema']}, this reader knows schema {SCHEMA}")
        record = {name: [] for name in _LATER} | {"generation": 0, "token": 0} | record
        check_types(cls, record)
        for name, shape in _LISTS.items():
            record[name] = [build(shape, entry) for entry in record[name]]
        manifest = build(cls, record)
        manifest.check()
        return manifest

    def check(self) -> None:
        """See that names can be names, times times, and counts counts; raises `Unreadable`."""
        date_of(self.segment)  # what is no segment's name has no key
        if not _OUTLET_NAME.fullmatch(self.outlet) or not _DAY.fullmatch(self.date):
            raise Unreadable(f"{self.outlet!r} on {self.date!r} is no outlet's day")
        parse_time(self.created)
        for item in (*self.objects, *self.amends):
            if not all(isinstance(count, int) for count in item.records.values()):
                raise Unreadable(f"{item.key} has counts that are no numbers")
            for moment in (item.first, item.last):
                if moment is not None:
                    parse_time(moment)
        if not all(isinstance(kind, str) for old in self.replaces for kind in old.kinds):
            raise Unreadable("it replaces what is no kind of object")


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


def manifest_key(outlet: str, segment_id: str) -> str:
    """Return the key of a segment's manifest."""
    return f"manifests/outlet={outlet}/date={date_of(segment_id)}/{segment_id}.json"


def object_key(kind: str, outlet: str, segment_id: str) -> str:
    """Return the key of one of a segment's objects."""
    return f"{kind}/outlet={outlet}/date={date_of(segment_id)}/{segment_id}{SUFFIXES[kind]}"


def warc_key(outlet: str, file: str) -> str:
    """Return the key of a WARC by its file name, as an article's pointer gives it."""
    return object_key("warc", outlet, file.removesuffix(SUFFIXES["warc"]))


def pointer_key(outlet: str) -> str:
    """Return the key of an outlet's pointer to the heads of its chain."""
    return f"pointers/{outlet}.json"


def heads_of(body: bytes) -> list[Link]:
    """Read a pointer; raises ``ValueError`` where it is none."""
    try:
        links = [build(Link, link) for link in parse_fields(body, heads=list)["heads"]]
    except Unreadable as error:
        raise Unreadable(f"it is no pointer: {error}") from error
    if not all(link.key.startswith("manifests/") for link in links):
        raise Unreadable("it names no manifests")
    return links


def heads_to_bytes(heads: list[Link]) -> bytes:
    """Write a pointer."""
    ordered = sorted((asdict(link) for link in heads), key=lambda link: link["key"])
    return (json.dumps({"heads": ordered}, indent=1) + "\n").encode()


# --- Which keys of a store are an archive's own. What else lies between them is left aside, and `verify` notes it ----
#     manifests/outlet=<o>/date=<d>/<segment_id>.json        and the objects of a segment likewise, each under its kind
#     redactions/<name>.json                           whatever its name: a tombstone that nobody can read must not be passed over
#     checkpoints/outlet=<o>/<time>-<token>.jsonl.gz
#     reports/outlet=<o>/date=<d>/<crawl>.json
#
# Consoles make folders by empty objects, desktops leave Thumbs.db and ._names, and copying tools their .partial files.

_OUTLET = re.compile(r"outlet=([a-z0-9][a-z0-9_.-]*)")
_DATE = re.compile(r"date=(\d{4}-\d{2}-\d{2})")
_OTHERS = {
    "redactions": re.compile(r"redactions/[^./][^/]*\.json"),
    "checkpoints": re.compile(rf"checkpoints/{_OUTLET.pattern}/\d{{17}}-[0-9a-f]{{8}}\.jsonl\.gz"),
    "reports": re.compile(rf"reports/{_OUTLET.pattern}/{_DATE.pattern}/[^./][^/]*\.json"),
}


def outlets_in(store: Store, below: str = "manifests") -> list[str]:
    """Return the outlets of which something lies below a folder of the archive."""
    return _names(_OUTLET, store.folders(f"{below}/"))


def dates_in(store: Store, outlet: str, below: str = "manifests") -> list[str]:
    """Return the crawl dates (``yyyy-mm-dd``) of which something of an outlet lies below a folder of the archive."""
    return _names(_DATE, store.folders(f"{below}/outlet={outlet}/"))


def manifests_in(store: Store, outlet: str | None = None, date: str = "", *, since: str = "") -> Iterator[str]:
    """Yield the keys of manifests in order.

    Args:
        store: the archive.
        outlet: only this one's.
        date: only of crawl dates that begin so, such as ``2026-11``; of one outlet.
        since: only of this crawl date and later ones; of one outlet.
    """
    folder = f"manifests/outlet={outlet}/date=" if outlet else "manifests/"
    after = folder + since if since else ""
    return (key for key in _listed(store, folder + date, after) if is_own(key))


def tombstones_in(store: Store) -> Iterator[str]:
    """Yield the keys of all take-downs, oldest first."""
    return filter(is_own, _listed(store, "redactions/"))


def checkpoints_in(store: Store, outlet: str) -> Iterator[str]:
    """Yield the keys of an outlet's checkpoints."""
    return filter(is_own, _listed(store, f"checkpoints/outlet={outlet}/"))


def reports_in(store: Store, outlet: str, date: str) -> Iterator[str]:
    """Yield the keys of an outlet's reports of one crawl date."""
    return filter(is_own, _listed(store, f"reports/outlet={outlet}/date={date}/"))


def strays_in(store: Store, outlets: Iterable[str] | None = None) -> Iterator[str]:
    """Yield the keys that have not the archive's form, in the folders that it lists; of some outlets, in theirs alone."""
    for folder in ("manifests", *SUFFIXES, *_OTHERS):
        for below in [""] if outlets is None else [f"outlet={outlet}/" for outlet in outlets]:
            yield from (key for key in _listed(store, f"{folder}/{below}") if not is_own(key))


def is_own(key: str) -> bool:
    """Say whether a key is one that an archive gives to its objects."""
    folder, name = key.partition("/")[0], key.rpartition("/")[2]
    if folder in _OTHERS:
        return _OTHERS[folder].fullmatch(key) is not None
    suffix = ".json" if folder == "manifests" else SUFFIXES.get(folder)
    segment_id = name.removesuffix(suffix or "")
    if suffix is None or not name.endswith(suffix) or not SEGMENT_ID.fullmatch(segment_id):
        return False
    outlet = outlet_in(segment_id)
    return key == (
        manifest_key(outlet, segment_id) if folder == "manifests" else object_key(folder, outlet, segment_id)
    )


def _listed(store: Store, prefix: str, after: str = "") -> Iterator[str]:
    return (entry.key for entry in store.listing(prefix, after=after))


def _names(shape: re.Pattern[str], folders: Iterable[str]) -> list[str]:
    return [match[1] for folder in folders if (match := shape.fullmatch(folder))]


# --- Which objects are to be read, now that later manifests stand for some of them -----------------------------------
#     manifest                     says                                      then
#     of a compaction              replaces [M1, M2, …], moved [file, at]    its objects are read, theirs are not
#     of a reading again           replaces [M1: articles, wet]              its lines are read, M1's WARC still is
#     of an erasure                amends [key, …]                           the objects are as it says now
#
# A manifest that replaces another stands in the same month, at the same crawl date or a later one, and the objects of both are
# whole when it is committed. So a look at one month's keys, taken once and in order, shows either the old or the new.


def current_objects(manifests: Iterable[Manifest]) -> list[Manifest]:
    """Return the manifests, each with those of its objects alone that nothing replaces; none without an object.

    Args:
        manifests: all manifests of one or more whole months.
    """
    every = list(manifests)
    gone = replaced(every)
    amended = amendments(every)
    views = (replace(manifest, objects=list(_left(manifest, gone, amended))) for manifest in every)
    return [view for view in views if view.objects]


def current_part(store: Store, manifest: Manifest) -> Manifest:
    """Return a manifest with those of its objects that nothing in the store replaces, which may be none."""
    month = manifests_in(store, manifest.outlet, manifest.date[: len("yyyy-mm")])
    others = [Manifest.from_bytes(store.read(key)) for key in month]
    gone, amended = replaced(others), amendments(others)
    return replace(manifest, objects=list(_left(manifest, gone, amended)))


def replaced(manifests: Iterable[Manifest]) -> set[tuple[str, str]]:
    """Return key and kind of every manifest's object that another one of these stands for."""
    return {(old.key, kind) for manifest in manifests for old in manifest.replaces for kind in old.kinds}


def amendments(manifests: Iterable[Manifest]) -> dict[str, Item]:
    """Return how erasures left objects, by the objects' keys; the last erasure wins."""
    inorder = sorted(manifests, key=lambda manifest: manifest.created)
    return {item.key: item for manifest in inorder for item in manifest.amends}


def _left(manifest: Manifest, gone: set[tuple[str, str]], amended: dict[str, Item]) -> Iterator[Item]:
    for item in manifest.objects:
        if (manifest.key, item.kind) not in gone:
            yield amended.get(item.key, item)


@dataclass(frozen=True, slots=True)
class Relocations:
    """Where WARCs went that a compaction joined: file name → file name of the joined one, offset in it."""

    moved: dict[str, tuple[str, int]]

    @classmethod
    def of(cls, manifests: Iterable[Manifest]) -> Relocations:
        """Learn it from manifests."""
        moved = {}
        for manifest in manifests:
            for part in manifest.moved:
                moved[part.file] = (f"{manifest.segment}{SUFFIXES['warc']}", part.at)
        return cls(moved)

    def resolve(self, pointer: RecordPointer) -> RecordPointer:
        """Return where the record lies now; a pointer keeps its record id and digest. Raises `Unreadable` where that never ends."""
        seen = set[str]()
        while pointer.file in self.moved:  # what was joined may be joined again
            if pointer.file in seen:
                raise Unreadable(f"{pointer.file} is said to have moved into itself")
            seen.add(pointer.file)
            file, at = self.moved[pointer.file]
            pointer = replace(pointer, file=file, offset=pointer.offset + at)
        return pointer


def index_key(outlet: str, file: str) -> str:
    """Return the key of the index of a WARC, by the WARC's file name."""
    return object_key("cdxj", outlet, file.removesuffix(SUFFIXES["warc"]))


_IMPORT = "-import"


def import_id(begun: datetime) -> str:
    """Return the id of an import, in the place of a crawl's."""
    return f"{begun:%Y%m%dT%H%M%S}{_IMPORT}"


def is_import(crawl: str) -> bool:
    """Say whether a crawl's id is that of an import."""
    return crawl.endswith(_IMPORT)
