"""The entries of one segment: of each article line its id and addresses, of each capture its address.

What is read is held against the hashes that the manifest gives: an index is made of what was published, or not at all.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import msgspec

from archive.article import Moment  # noqa: TC001  msgspec reads the annotations
from archive.index.format import CAPTURE, LINE, Entry, hash_of, micros
from archive.objects import read
from archive.reader.jsonl import members_of, unpack
from archive.warc.cdxj import key_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.manifests.manifest import Manifest
    from archive.store import Store


class _Line(msgspec.Struct):
    id: str
    url: str
    canonical_url: str
    captured: Moment
    version: int


class _Capture(msgspec.Struct):
    url: str
    date: Moment
    offset: str
    length: str


_LINE, _CAPTURE = msgspec.json.Decoder(_Line), msgspec.json.Decoder(_Capture)
_MOST = 0xFFFF


def identity(article_id: str) -> bytes:
    """Return the name of an article id."""
    return b"i" + article_id.encode()


def address(url: str, *, capture: bool = False) -> bytes:
    """Return the name of an address of articles, or of captures."""
    return (b"c" if capture else b"a") + key_of(url).encode()


def entries_of(store: Store, manifest: Manifest, number: int) -> list[bytes]:
    """Return the entries of a segment.

    Raises:
        Missing: an object is gone.
        NotAsPublished: an object is not the one that the manifest lists.
        StoreUnavailable: the store fails.
    """
    items = manifest.by_kind
    found: list[bytes] = []
    keys: dict[str, bytes] = {}
    if "cdxj" in items:
        found += (entry.to_bytes() for entry in _of_captures(read(store, items["cdxj"]), number, keys))
    if "articles" in items:
        found += (entry.to_bytes() for entry in _of_lines(read(store, items["articles"]), number, keys))
    return found


def _of_lines(packed: bytes, number: int, keys: dict[str, bytes]) -> Iterator[Entry]:
    """Yield the entries of lines; ``keys`` has SURT keys by address, which would cost more than all else."""
    for offset, length in members_of(packed):
        for row, line in enumerate(unpack(packed[offset : offset + length]).splitlines()):
            said = _LINE.decode(line)
            names = {b"a" + (keys.get(url) or key_of(url).encode()) for url in (said.url, said.canonical_url)}
            moment, version = micros(said.captured), min(said.version, _MOST)
            for name in (identity(said.id), *names):
                yield Entry(hash_of(name), number, offset, length, row, moment, version, LINE)


def _of_captures(packed: bytes, number: int, keys: dict[str, bytes]) -> Iterator[Entry]:
    for line in gzip.decompress(packed).splitlines():
        key, _, rest = line.partition(b" ")
        said = _CAPTURE.decode(rest.split(b" ", 1)[1])
        keys[said.url] = key
        yield Entry(hash_of(b"c" + key), number, int(said.offset), int(said.length), 0, micros(said.date), 0, CAPTURE)
