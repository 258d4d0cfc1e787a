"""What every store can do, and the errors by which it refuses.

StoreError
 ├─ StoreRefused       the store will not have us; waiting does not help
 ├─ StoreUnavailable   outage, throttling, a full disk; the same call may succeed later
 │   └─ Inconsistent   what came is not what the store says it holds; so may reading it anew
 ├─ Missing            there is no such object
 ├─ NotAsPublished     it holds other bytes than a manifest says
 └─ Conflict           there is another object, or another version of it, than the caller expected
"""

from __future__ import annotations

import hashlib
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import get_ident
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeVar

from archive.files import Unreadable
from archive.text import masked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from concurrent.futures import Future
    from datetime import datetime
    from pathlib import Path

CHUNK = 1 << 20
LONGEST_READ = 256 << 20
"""Bytes that `Store.read` gives at once; larger objects are streamed."""

CONTENT_TYPES = {
    ".warc.gz": "application/warc",
    ".warc.wet.gz": "application/warc",
    ".cdxj.gz": "application/x-cdxj",
    ".jsonl.gz": "application/x-ndjson",
    ".json": "application/json",
}


class StoreError(Exception):
    """The store did not do what was asked; the message is one sentence for the operator, without secrets."""

    def __init__(self, message: str = "") -> None:
        super().__init__(masked(message))


class StoreRefused(StoreError):  # noqa: N818  reads as what happened
    """The store will not have us: a wrong name, no permission, a folder that cannot be written."""


class StoreUnavailable(StoreError):  # noqa: N818  reads as what happened
    """The store cannot at this moment: outage, throttling, timeout, a full disk."""


class Inconsistent(StoreUnavailable):
    """The bytes that came are not those that the store says it holds; it says nothing about those that it holds."""


class Missing(StoreError):  # noqa: N818  reads as what happened
    """There is no such object."""


class NotAsPublished(StoreError):  # noqa: N818  reads as what happened
    """The store holds other bytes than any manifest says; they are not carried on."""


class Conflict(StoreError):  # noqa: N818  reads as what happened
    """What stands there is not what the caller expected; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Stat:
    """An object as the store lists it: key, size in bytes, and when it was stored (aware UTC)."""

    key: str
    size: int
    modified: datetime


@dataclass(frozen=True, slots=True)
class Digests:
    """Size and digests of a file, hex: SHA-256 for the manifest, MD5 because stores name single uploads by it."""

    size: int
    sha256: str
    md5: str


class Store(Protocol):
    """A flat space of keys and bytes. All methods may be called from any thread.

    What is read is as long as the store says the object is, and of one version of it. A read that breaks is asked for again
    from where it broke; what still fails is `StoreUnavailable`. Objects that a manifest lists are read by `archive.reader.jsonl`,
    which knows their hash.

    ``uri`` names it for readers; ``place`` tells it from a store of the same URI at another provider.
    """

    uri: str
    place: str

    def check(self, *, write: bool = True) -> None:
        """Say whether the store is there and will have us; raises `StoreRefused` with one sentence."""

    def put_file(self, key: str, path: Path, *, digests: Digests, metadata: Mapping[str, str]) -> None:
        """Create ``key`` from a file, and return when the store has confirmed size and checksum.

        Repeating it with the same bytes is a success.

        Raises:
            Conflict: ``key`` exists with other bytes.
        """

    def create(self, key: str, body: bytes) -> None:
        """Create a small object; raises `Conflict` where there is one already, even with the same bytes."""

    def replace(self, key: str, body: bytes, *, tag: str | None) -> str:
        """Put ``body`` in the place of the version ``tag`` (None: of nothing) and return the new tag.

        Raises:
            Conflict: another version stands there.
        """

    def overwrite(self, key: str, path: Path, *, digests: Digests) -> None:
        """Put a file in the place of what stands at ``key``, of which nothing is kept: for take-downs alone."""

    def remove(self, key: str) -> None:
        """Remove an object, of which nothing is kept; where there is none that is a success. For take-downs and sweeps alone."""

    def read(self, key: str) -> bytes:
        """Return the whole object; raises `Missing`, and `Unreadable` where it is longer than `LONGEST_READ`."""

    def read_tagged(self, key: str) -> tuple[bytes, str]:
        """Return the object and its tag for `replace`; raises `Missing`."""

    def read_range(self, key: str, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset``, in one request; fewer where the object ends before. Raises `Missing`."""

    def open(self, key: str) -> BinaryIO:
        """Return the object as a stream that holds only a part in memory; raises `Missing`."""

    def stat(self, key: str) -> Stat | None:
        """Return what the store knows of ``key``, None where there is no such object."""

    def listing(self, prefix: str, *, after: str = "") -> Iterator[Stat]:
        """Yield the objects whose key starts with ``prefix``, sorted by key, from behind ``after``."""

    def folders(self, prefix: str) -> list[str]:
        """Return the next level of names under ``prefix`` (which ends with ``/``), sorted, without their slash."""


def check_size(key: str, size: int) -> None:
    """Raise `Unreadable` where an object is longer than what is read at once."""
    if size > LONGEST_READ:
        raise Unreadable(f"{key} is longer than {LONGEST_READ} bytes, which nothing that is read at once is")


def content_type(key: str) -> str:
    """Return the media type for a key. Never joined by a Content-Encoding: clients would inflate and offsets would break."""
    for suffix, media_type in CONTENT_TYPES.items():
        if key.endswith(suffix):
            return media_type
    return "application/octet-stream"


def digests_of(path: Path) -> Digests:
    """Hash a file in one pass."""
    sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            sha256.update(chunk)
            md5.update(chunk)
            size += len(chunk)
    return Digests(size, sha256.hexdigest(), md5.hexdigest())


# ---------------------------------------------------------------------------------------------------------------------
# What stands in a store, or on this machine's disk, and is not what was written there: put aside under a name of its
# own.


def set_aside(store: Store, key: str, body: bytes) -> str:
    """Keep a copy of a spoiled lease or pointer beside it, for a person to look at; return the copy's key.

    Raises:
        StoreError: the store did not take it; nothing was changed.
    """
    aside = f"{key}.{hashlib.sha256(body).hexdigest()[:8]}.spoiled"
    with suppress(Conflict):  # it was found before
        store.create(aside, body)
    return aside


# --- Objects fetched ahead, and what could not be read, as a value ---------------------------------------------------

# --- Fetching ahead: the next objects are on their way while the one at hand is read ---------------------------------
# items ─▶ [ fetch fetch fetch fetch ] ─▶ (item, bytes | error) in the order of the items
#            at most so many at once, and at most so many bytes: memory stays flat whatever the archive's size

ROOM = 48 << 20  # bytes that may wait, fetched and not yet read
AT_ONCE = 8

Item = TypeVar("Item")
Result = TypeVar("Result")


def fetched(
    items: Iterable[Item],
    fetch: Callable[[Item], Result],
    *,
    size: Callable[[Item], int] = lambda _: 0,
    at_once: int = AT_ONCE,
    room: int = ROOM,
) -> Iterator[tuple[Item, Result | Exception]]:
    """Yield each item with what ``fetch`` returned or raised, in order, the next ones being fetched meanwhile.

    Args:
        items: taken as there is room.
        fetch: called in several threads.
        size: the bytes that fetching an item will hold; a single item may be larger than the room.
        at_once: fetches at a time.
        room: bytes that may wait.
    """
    waiting: deque[tuple[Item, int, Future[Result]]] = deque()
    held, coming, threads = 0, iter(items), set[int]()
    pool = ThreadPoolExecutor(at_once, "fetch", initializer=lambda: threads.add(get_ident()))
    try:
        while True:
            while len(waiting) < at_once and (held < room or not waiting):
                try:
                    item = next(coming)
                except StopIteration:
                    break
                waiting.append((item, size(item), pool.submit(fetch, item)))
                held += waiting[-1][1]
            if not waiting:
                return
            item, weight, future = waiting.popleft()
            error = future.exception()
            yield item, future.result() if error is None else _as_exception(error)
            held -= weight
    finally:  # one that nobody reads to its end may be collected while one of its own threads runs, which cannot wait for itself
        pool.shutdown(wait=get_ident() not in threads, cancel_futures=True)


def _as_exception(error: BaseException) -> Exception:
    if isinstance(error, Exception):
        return error
    raise error


# --- What could not be read, as a value ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReadError:
    """Something that could not be read.

    Attributes:
        key: the object.
        line: the line in it, from 1; None where the whole object is meant.
        error: what was raised.
    """

    key: str
    line: int | None
    error: Exception

    def __str__(self) -> str:
        place = self.key if self.line is None else f"{self.key}, line {self.line}"
        return f"{place}: {self.error}"
