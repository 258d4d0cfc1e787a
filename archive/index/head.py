"""What an index is made of: its runs, and the segments it knows; and the cache of both on this machine.

<cache>/<sha256>        the fan-out of a large run, a small run as a whole, the names of the segments
cache = $XDG_CACHE_HOME/warraq, else ~/.cache/warraq; what is there is named by its hash, and held against it
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from archive.objects import read, read_at
from archive.store import Conflict, Missing, StoreUnavailable

if TYPE_CHECKING:
    from archive.store import Store

KEY = "index/head.json"
SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An object of the index, or its beginning.

    Attributes:
        key: the object.
        bytes: its size.
        sha256: its hash.
        kept: how many bytes of it a reader keeps: all of a small one, the fan-out of a large run.
        kept_sha256: their hash.
        entries: how many are in a run.
    """

    key: str
    bytes: int
    sha256: str
    kept: int
    kept_sha256: str
    entries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The index as it stands: a large run and a small one, or one of them, and the segments they are made of."""

    runs: list[Part] = field(default_factory=list)
    segments: Part | None = None

    def to_bytes(self) -> bytes:
        """Return the published bytes."""
        return (json.dumps({"schema": SCHEMA, **asdict(self)}, indent=1) + "\n").encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Read it; raises ``ValueError``, ``KeyError`` or ``TypeError`` where it is none of this schema."""
        said = json.loads(body)
        if said["schema"] != SCHEMA:
            raise ValueError(f"an index of schema {said['schema']}, this reader knows schema {SCHEMA}")
        segments = said["segments"]
        return cls(runs=[Part(**run) for run in said["runs"]], segments=None if segments is None else Part(**segments))


class Cache:
    """Bytes by their hash, in a folder; who cannot write there does without."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(os.environ.get("XDG_CACHE_HOME") or _home() / ".cache") / "warraq"

    def kept(self, store: Store, part: Part) -> bytes:
        """Return the bytes of a part that a reader keeps. Raises ``ValueError`` where they are not of their hash."""
        path = self.folder / part.kept_sha256
        try:
            body = path.read_bytes()
            if _sha256(body) == part.kept_sha256:
                return body
        except OSError:
            pass
        body = read_at(store, part.key, 0, part.kept, lambda body: _agreeing(body, part))
        self._keep(path, body)
        return body

    def _keep(self, path: Path, body: bytes) -> None:
        waiting = path.with_name(f".{uuid4().hex}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            waiting.write_bytes(body)
            waiting.replace(path)
        except OSError:  # a cache that cannot be written is none
            waiting.unlink(missing_ok=True)


def _agreeing(body: bytes, part: Part) -> bytes:
    if _sha256(body) != part.kept_sha256:
        raise ValueError(f"{part.key} is not what the index's head says")
    return body


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # a user without one, as in some containers
        return Path(tempfile.gettempdir())


def segments_in(body: bytes) -> list[str]:
    """Return the names of the segments, in the order of their numbers."""
    return gzip.decompress(body).decode().split()


def segments_to_bytes(names: list[str]) -> bytes:
    """Write the names of the segments."""
    return gzip.compress("\n".join(names).encode(), mtime=0)


def put_part(store: Store, ending: str, body: bytes) -> Part:
    """Put an object that readers keep as a whole, named by its hash; describe it."""
    found = _sha256(body)
    key = f"index/{found}.{ending}"
    with suppress(Conflict):  # named by its hash: it is the same
        store.create(key, body)
    return Part(key=key, bytes=len(body), sha256=found, kept=len(body), kept_sha256=found)


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def read_head(store: Store) -> tuple[Head, str | None]:
    """Return the index as it stands and the tag of its head; an empty one and None where there is none."""
    try:
        body, tag = store.read_tagged(KEY)
    except Missing:
        return Head(), None
    try:
        return Head.from_bytes(body), tag
    except (ValueError, KeyError, TypeError):  # of another release: made anew
        return Head(), tag


def known_segments(store: Store, head: Head) -> list[str]:
    """Return the names of the segments that an index knows, in the order of their numbers."""
    return [] if head.segments is None else segments_in(read(store, head.segments))


def move_head(store: Store, head: Head, tag: str | None) -> None:
    """Put a head in the place of the one with this tag.

    Raises:
        StoreUnavailable: somebody else was faster.
    """
    try:
        store.replace(KEY, head.to_bytes(), tag=tag)
    except Conflict:
        raise StoreUnavailable("another process has moved the index meanwhile; what it did stands") from None
