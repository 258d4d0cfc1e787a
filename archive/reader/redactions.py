"""What stands between what is published and what a reader sees: take-downs hide, later generations replace."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from string import punctuation
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from typing_extensions import override

from archive.article import Article, RecordPointer, format_time
from archive.files import Unreadable, parse_fields
from archive.manifests.manifest import Manifest, build, tombstones_in, warc_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from archive.store import Store
    from archive.warc.capture import Capture

# --- What stands between what is published and what a reader sees: take-downs hide, generations replace --------------
#     keys of manifests ─▶ keys ─▶ manifests ─▶ lines ─▶ Article ─▶ hides ─▶ reader
#     pointer to a capture ─▶ place ─▶ one range request ─▶ Capture ─▶ hides_capture ─▶ reader
#     new manifests ─▶ is_news ─▶ follower
#
# A `ReadFilter` overrides what it changes. `archive.reader.archive.Archive` applies all of its filters wherever it reads, so that
# whoever reads by it, the command line and the exports too, sees the same.


class Place(NamedTuple):
    """A span of bytes in an object: what one range request asks for."""

    key: str
    offset: int
    length: int


class ReadFilter:
    """Changes nothing; a filter of a kind of its own overrides what it changes. Asked from several threads."""

    @property
    def is_clear(self) -> bool:
        """Whether it hides no article at all, so that none need be shown to it."""
        return False

    def first_date(self, outlet: str, date: str) -> str:  # noqa: ARG002  for those who override it
        """Return the crawl date (``yyyy-mm-dd``) from which on to list, so that nothing of ``date`` and later is missed."""
        return date

    def keys(self, outlet: str, keys: list[str]) -> list[str]:  # noqa: ARG002  for those who override it
        """Return the manifests that a reader reads, of those of an outlet and one crawl date, in their order."""
        return keys

    def is_news(self, manifest: Manifest) -> bool:
        """Say whether a manifest brought something new; one that stands for objects of earlier ones does not."""
        return not (manifest.replaces or manifest.amends)

    def hides(self, article: Article) -> bool:  # noqa: ARG002  for those who override it
        """Say whether an article is kept from every reader."""
        return False

    def hides_capture(self, outlet: str, capture: Capture) -> bool:  # noqa: ARG002  for those who override it
        """Say whether a capture is kept from every reader."""
        return False

    def place(self, outlet: str, pointer: RecordPointer) -> Place | None:  # noqa: ARG002  for those who override it
        """Return where the record of a pointer lies now; None where the pointer still says it."""
        return None


class ReadFilters(ReadFilter):
    """Several filters, applied one after the other."""

    def __init__(self, filters: Sequence[ReadFilter] = ()) -> None:
        self._filters = tuple(filters)

    @property
    @override
    def is_clear(self) -> bool:
        for read_filter in self._filters:  # noqa: SIM110  asked for each line, and a generator costs as much as its head
            if not read_filter.is_clear:
                return False
        return True

    @override
    def first_date(self, outlet: str, date: str) -> str:
        return min([date, *(read_filter.first_date(outlet, date) for read_filter in self._filters)])

    @override
    def keys(self, outlet: str, keys: list[str]) -> list[str]:
        for read_filter in self._filters:
            keys = read_filter.keys(outlet, keys)
        return keys

    @override
    def is_news(self, manifest: Manifest) -> bool:
        return super().is_news(manifest) and all(read_filter.is_news(manifest) for read_filter in self._filters)

    @override
    def hides(self, article: Article) -> bool:
        return any(read_filter.hides(article) for read_filter in self._filters)

    @override
    def hides_capture(self, outlet: str, capture: Capture) -> bool:
        return any(read_filter.hides_capture(outlet, capture) for read_filter in self._filters)

    @override
    def place(self, outlet: str, pointer: RecordPointer) -> Place:
        """The pointer's own where no filter knows another."""
        places = (read_filter.place(outlet, pointer) for read_filter in self._filters)
        its_own = Place(warc_key(outlet, pointer.file), pointer.offset, pointer.length)
        return next((place for place in places if place is not None), its_own)


# --- Take-downs: what is kept from every reader from the moment on that its tombstone stands in the archive ----------
#     redactions/<id>.json    created once, never changed: the audit trail
#         date, who, basis, reason    when, on whose word, on what ground, and why
#         ids                         articles, all their versions
#         urls                        captures of these addresses: SHA-256 of `address_of`, so that the list is no list of links
#         records                     the records that their lines were read from, a feed's with the whole text among them
#
# `TakenDown` is the filter that every reader applies. What lies in the objects stays until it is erased by a second,
# deliberate step: `archive.maintenance.erasure`.

SCHEMA = 1
FRESH = 30.0  # seconds for which a reader that goes on reading relies on what it knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """One take-down: what is hidden, when, on whose word, on what ground, and why."""

    schema: int = SCHEMA
    id: str
    date: str
    who: str
    basis: str
    reason: str
    ids: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    records: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Return where the tombstone stands."""
        return f"redactions/{self.id}.json"

    def to_bytes(self) -> bytes:
        """Return the published bytes."""
        return (json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n").encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> Redaction:
        """Read a tombstone; what a later release added is left alone. Raises `Unreadable`."""
        fields = parse_fields(body, schema=int)
        if fields["schema"] != SCHEMA:
            raise Unreadable(f"a tombstone of schema {fields['schema']}, this reader knows schema {SCHEMA}")
        redaction = build(cls, fields)
        if not all(isinstance(name, str) for name in (*redaction.ids, *redaction.urls, *redaction.records)):
            raise Unreadable("a tombstone names what is no name")
        return redaction


def redaction_of(  # noqa: PLR0913  each is a fact of its own
    articles: Iterable[Article], urls: Sequence[str], *, ids: Iterable[str], who: str, basis: str, reason: str
) -> Redaction:
    """Make the tombstone of some articles, with the addresses and records of all their versions, and of some URLs.

    Args:
        articles: all versions of the articles concerned.
        urls: further addresses.
        ids: ids that are to be hidden whether the archive holds them or not.
        who: who decided.
        basis: on what ground: a law, a court's order, a person's or an outlet's request.
        reason: one sentence, which everybody can read.

    Raises:
        ValueError: one of these is missing, or an address is not whole: it would hide nothing.
    """
    for url in urls:
        if not urlsplit(url).hostname:
            raise ValueError(f"{url} is no address; write it whole, with its https://")
    for name, value in (("who", who), ("basis", basis), ("reason", reason)):
        if not value.strip():
            raise ValueError(f"a take-down says {name}; it cannot be empty")
    every = list(articles)
    addresses = {*urls, *(address for article in every for address in (article.url, article.canonical_url))}
    # an article that a feed brought whole points at the feed's record: hidden by its id, not by the feed's address
    now = datetime.now(UTC)
    return Redaction(
        id=f"{now:%Y%m%dT%H%M%S%f}-{os.urandom(4).hex()}",
        date=format_time(now),
        who=who,
        basis=basis,
        reason=reason,
        ids=sorted({*ids, *(article.id for article in every)}),
        urls=sorted(map(digest_of_address, addresses)),
        records=sorted({article.warc.record_id for article in every if article.warc is not None}),
    )


def address_of(url: str) -> str:
    """Return what is the same in all spellings of an address: no scheme, ``www.`` and fragment, one way of escaping."""
    try:
        parts = urlsplit(url)
    except ValueError:  # a bracket that opens no IPv6 address: it stands for itself
        return url
    host = (parts.hostname or "").removeprefix("www.")
    query = f"?{quote(parts.query, safe=punctuation)}" if parts.query else ""  # as a crawl escapes what a reader pasted
    return f"{host}{quote(unquote(parts.path)).rstrip('/')}{query}"


def digest_of_address(url: str) -> str:
    """Return the SHA-256 under which a tombstone names an address."""
    return hashlib.sha256(address_of(url).encode()).hexdigest()


def redactions(store: Store) -> Iterator[Redaction]:
    """Yield all take-downs, oldest first. Raises `Unreadable` for a tombstone that cannot be read: nothing is shown then."""
    for key in tombstones_in(store):
        try:
            yield Redaction.from_bytes(store.read(key))
        except Unreadable as error:
            raise Unreadable(f"the tombstone {key} cannot be read: {error}") from error


class TakenDown(ReadFilter):
    """Hides what was taken down. Looks for new tombstones when what it knows is older than `FRESH`.

    Args:
        store: the archive.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._looked = float("-inf")
        self._ids: frozenset[str] = frozenset()
        self._urls: frozenset[str] = frozenset()
        self._records: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Say whether anything is taken down."""
        return not self.is_clear

    @property
    @override
    def is_clear(self) -> bool:
        if time.monotonic() >= self._looked + FRESH:  # asked for each line
            self._refresh()
        return not (self._ids or self._urls or self._records)

    @property
    def ids(self) -> frozenset[str]:
        """Return the ids of articles that are hidden."""
        self._refresh()
        return self._ids

    @property
    def records(self) -> frozenset[str]:
        """Return the ids of records that are hidden."""
        self._refresh()
        return self._records

    @property
    def mark(self) -> str:
        """Return what another take-down changes, for who keeps a copy of what a reader sees; empty where there is none."""
        if not self:
            return ""
        names = "\n".join(sorted([*self._ids, *self._urls, *self._records]))
        return hashlib.sha256(names.encode()).hexdigest()

    @override
    def hides(self, article: Article) -> bool:
        return bool(self) and (
            article.id in self._ids or self.hides_url(article.url) or self.hides_url(article.canonical_url)
        )

    @override
    def hides_capture(self, outlet: str, capture: Capture) -> bool:
        self._refresh()
        return capture.pointer.record_id in self._records or self.hides_url(capture.url)

    def hides_url(self, url: str) -> bool:
        """Say whether captures of this address are hidden."""
        self._refresh()
        return bool(self._urls) and digest_of_address(url) in self._urls

    def hides_entry(self, entry: Mapping[str, Any]) -> bool:
        """Say whether an entry of an index, by its JSON, is that of a hidden capture."""
        return bool(self) and (entry["record_id"] in self._records or self.hides_url(entry["url"]))

    def _refresh(self) -> None:
        if time.monotonic() < self._looked + FRESH:
            return
        every = list(redactions(self._store))
        self._ids = frozenset(one for redaction in every for one in redaction.ids)
        self._urls = frozenset(one for redaction in every for one in redaction.urls)
        self._records = frozenset(one for redaction in every for one in redaction.records)
        self._looked = time.monotonic()
