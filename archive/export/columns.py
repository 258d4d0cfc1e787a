"""The article as typed columns, the same for all years: what Parquet files and Hugging Face folders hold.

Times are timestamps in UTC with microseconds, counts integers, objects structs; ``provenance`` is a list of field and witness,
``agencies`` of a story one of agency, article and where it is credited, for not every tool knows maps. Needs pyarrow, which is the extra ``export``.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from archive.schema.record import shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archive.article import Article
    from archive.schema.record import Shape

ROWS = 5_000  # of a row group, about 25 MB of text


def arrow() -> Any:
    """Return pyarrow; raises ``ValueError`` with what to do where it is not installed."""
    try:
        import_module("pyarrow.parquet")  # with it, it is there as pa.parquet
        return import_module("pyarrow")
    except ImportError:
        raise ValueError("this format needs pyarrow: pip install pyarrow (the project's extra `export`)") from None


@cache
def schema() -> Any:
    """Return the pyarrow schema of an article, its columns in the order of the line."""
    return arrow().schema([(name, _type(part)) for name, part in shape().parts.items()])


def row(article: Article) -> dict[str, Any]:
    """Return an article as a row."""
    found: dict[str, Any] = _cell(asdict(article), shape())
    return found


def _type(found: Shape) -> Any:
    """Return the pyarrow type of a value."""
    pa = arrow()
    if found.kind == "object":
        return pa.struct([(name, _type(part)) for name, part in found.parts.items()])
    if found.kind == "list":
        return pa.list_(_type(found.values))
    if found.kind == "map":
        return pa.list_(pa.struct([(name, pa.string()) for name in found.about.entries]))
    if found.kind == "integer":
        return getattr(pa, f"int{found.about.bits}")()
    plain = {"string": pa.string(), "boolean": pa.bool_(), "number": pa.float64(), "time": pa.timestamp("us", tz="UTC")}
    return plain[found.kind]


def _cell(value: Any, found: Shape) -> Any:
    """Return a value as its column takes it: mappings as lists of their entries."""
    if value is None:
        return None
    if found.kind == "object":
        return {name: _cell(value[name], part) for name, part in found.parts.items()}
    if found.kind == "map":
        return [dict(zip(found.about.entries, entry, strict=True)) for entry in _entries(value)]
    return [_cell(each, found.values) for each in value] if found.kind == "list" else value


def _entries(value: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for key, below in sorted(value.items()):
        if isinstance(below, str):
            yield key, below
        else:
            yield from ((key, *entry) for entry in _entries(below))


def tables(articles: Iterable[Article], leave_out: tuple[str, ...] = ()) -> Iterator[Any]:
    """Yield tables of up to `ROWS` articles, without the columns that are to be left out."""
    pa, shape = arrow(), schema()
    for name in leave_out:
        shape = shape.remove(shape.get_field_index(name))
    rows: list[dict[str, Any]] = []
    for article in articles:
        rows.append(row(article))
        if len(rows) == ROWS:
            yield pa.Table.from_pylist(rows, schema=shape)
            rows = []
    if rows:
        yield pa.Table.from_pylist(rows, schema=shape)
