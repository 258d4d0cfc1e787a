"""Articles and what is found of them, as Parquet: the same rows give the same bytes."""

from __future__ import annotations

import io
import zlib
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.syndication import Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from archive.store import Store

_COLUMNS = [column.name for column in fields(Piece)]
_WORDS = np.dtype("<u4")


def to_parquet(columns: Mapping[str, Sequence[Any] | npt.NDArray[Any]]) -> bytes:
    """Write columns of equal length."""
    sink = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), sink, compression="zstd")
    return sink.getvalue()


def from_parquet(store: Store, keys: Iterable[str]) -> Iterator[dict[str, list[Any]]]:
    """Read objects, each as its columns."""
    for key in keys:
        yield pq.ParquetFile(io.BytesIO(store.read(key))).read().to_pydict()


def arrays_from_parquet(store: Store, key: str) -> dict[str, npt.NDArray[Any]]:
    """Read an object of numbers as arrays: what every task of a pass holds must not become a hundred million objects."""
    table = pq.ParquetFile(io.BytesIO(store.read(key))).read()
    return {name: table.column(name).to_numpy() for name in table.column_names}


def pieces_to_parquet(pieces: Iterable[Piece]) -> bytes:
    """Write articles, in order of publication."""
    found = sorted(pieces, key=in_order)
    columns: dict[str, list[Any]] = {name: [getattr(piece, name) for piece in found] for name in _COLUMNS}
    columns["words"] = [piece.words.astype(_WORDS).tobytes() for piece in found]
    columns["own"] = [None if piece.own is None else np.packbits(piece.own).tobytes() for piece in found]
    columns["agencies"] = [" ".join(map("=".join, piece.agencies.items())) for piece in found]
    return to_parquet(columns)


def pieces_from_parquet(store: Store, keys: Iterable[str]) -> list[Piece]:
    """Read articles of several objects, in order of publication."""
    found = []
    for columns in from_parquet(store, keys):
        words = [np.frombuffer(body, dtype=_WORDS) for body in columns["words"]]
        agencies = [dict(said.split("=", 1) for said in codes.split()) for codes in columns["agencies"]]
        own = [
            None if packed is None else _marks(packed, ids.size)
            for packed, ids in zip(columns["own"], words, strict=True)
        ]
        read = columns | {"words": words, "own": own, "agencies": agencies}
        found += [Piece(*row) for row in zip(*(read[name] for name in _COLUMNS), strict=True)]
    return sorted(found, key=in_order)


def _marks(packed: bytes, size: int) -> npt.NDArray[np.bool_]:
    return np.unpackbits(np.frombuffer(packed, np.uint8), count=size).astype(np.bool_)


def in_order(piece: Piece) -> tuple[float, str, int, Any]:
    """Return what articles are sorted by: as `scrapy recluster` does, and ties by their text."""
    return piece.at, piece.id, piece.version, piece.text


def bucket_of(name: object, buckets: int) -> int:
    """Return in which of so many buckets something stands: the same on every machine."""
    return zlib.crc32(str(name).encode("utf-8", "surrogatepass")) % buckets
