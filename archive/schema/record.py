"""The published record in the languages of other tools, all made from `archive.article.Article`.

    Article ──shape()──▶ Shape ─┬─ json_schema()    article-1.schema.json, which `verify` holds every line against
    names, types, About         ├─ duckdb_type()    the view of `python -m archive sql`, the call in docs/record.md
                                └─ tables()         docs/record.md

`archive.export.columns` makes Arrow's types of it. ``python -m archive.schema.record`` prints the schema; with ``tables`` or
``duckdb`` the lists and the typed call of docs/record.md. Tests hold the copies that are checked in current.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from archive.article import About, Article

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ID = "urn:warraq:article:1"
_TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$"
_KINDS = {str: "string", bool: "boolean", int: "integer", float: "number", datetime: "time"}
_DUCKDB = {"string": "VARCHAR", "boolean": "BOOLEAN", "number": "DOUBLE", "time": "TIMESTAMPTZ"}
_INTEGERS = {16: "SMALLINT", 32: "INTEGER", 64: "BIGINT"}
_RESERVED = {"offset"}  # words of SQL among the record's names


class Shape(NamedTuple):
    """The shape of a value.

    Attributes:
        kind: ``string``, ``boolean``, ``integer``, ``number``, ``time``, ``list``, ``map`` (by text), or ``object``.
        about: what is said of it; of several that wrap one another the outermost text, and the rules of all.
        is_nullable: whether a published line may have ``null``.
        parts: of an object its fields in order; of a list or a map the shape of its values, under the empty name.
    """

    kind: str
    about: About
    is_nullable: bool
    parts: Mapping[str, Shape]

    @property
    def values(self) -> Shape:
        """Return the shape of a list's or a map's values."""
        return self.parts[""]


@cache
def shape(of: Any = Article) -> Shape:
    """Return the shape of a type, by default of the whole record."""
    abouts: list[About] = []
    is_nullable = False
    while get_origin(of) in {Annotated, Union, UnionType}:
        if get_origin(of) is Annotated:
            of, *args = get_args(of)
            abouts[:0] = [each for each in args if isinstance(each, About)]
        else:
            (of,) = (each for each in get_args(of) if each is not NoneType)
            is_nullable = True
    about = _joined(abouts)
    if dataclasses.is_dataclass(of):
        hints = get_type_hints(of, include_extras=True)
        parts = {field.name: shape(hints[field.name]) for field in dataclasses.fields(of)}
        return Shape("object", about, is_nullable and not about.always, parts)
    if get_origin(of) in {list, dict}:
        kind, values = ("list" if get_origin(of) is list else "map"), shape(get_args(of)[-1])
        return Shape(kind, about, is_nullable, {"": values})
    return Shape(_KINDS[of], about, is_nullable and not about.always, {})


def _joined(abouts: list[About]) -> About:
    outermost = abouts[-1] if abouts else About()
    rules = {name: value for about in abouts for name, value in about.rules.items()}
    return About(
        next((about.text for about in reversed(abouts) if about.text), ""),
        later=outermost.later,
        always=outermost.always,
        entries=outermost.entries,
        bits=outermost.bits,
        **rules,
    )


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of an article line."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "Article",
        "description": "One article of one outlet: a line of an articles/ object. A field with nothing in it is null or [], never missing.",
        **_json_schema(shape()),
    }


def _json_schema(spec: Shape) -> dict[str, Any]:
    schema: dict[str, Any] = {"description": spec.about.text} if spec.about.text else {}
    if not {"enum", "const"} & spec.about.rules.keys():
        kind = {"time": "string", "list": "array", "map": "object"}.get(spec.kind, spec.kind)
        schema["type"] = [kind, "null"] if spec.is_nullable else kind
    if spec.kind == "time":
        schema["pattern"] = _TIME
    schema |= spec.about.rules
    if spec.kind == "list":
        schema["items"] = _json_schema(spec.values)
    elif spec.kind == "map":
        schema["additionalProperties"] = _json_schema(spec.values)
    elif spec.kind == "object":
        schema["required"] = [name for name, part in spec.parts.items() if not part.about.later]
        schema["properties"] = {name: _json_schema(part) for name, part in spec.parts.items()}
        if spec is not shape():  # a reader of the whole line leaves alone what a later release adds to it
            schema["additionalProperties"] = False
    return schema


def to_json(schema: Mapping[str, Any]) -> str:
    """Return a schema as it is published."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def duckdb_columns() -> dict[str, str]:
    """Return the record's columns with their DuckDB types."""
    return {name: duckdb_type(part) for name, part in shape().parts.items()}


def duckdb_type(spec: Shape) -> str:
    """Return the DuckDB type of a value."""
    if spec.kind == "object":
        names = ((f'"{name}"' if name in _RESERVED else name, part) for name, part in spec.parts.items())
        return f"STRUCT({', '.join(f'{name} {duckdb_type(part)}' for name, part in names)})"
    if spec.kind == "list":
        return f"{duckdb_type(spec.values)}[]"
    if spec.kind == "map":
        return f"MAP(VARCHAR, {duckdb_type(spec.values)})"
    return _INTEGERS[spec.about.bits] if spec.kind == "integer" else _DUCKDB[spec.kind]


def duckdb_call(pattern: str) -> str:
    """Return what reads article lines in DuckDB with the type of every column, so that no sample of them decides."""
    columns = [f"{name}: '{kind}'" for name, kind in duckdb_columns().items()]
    return f"read_json('{pattern}', hive_partitioning = true, columns = {{\n  {_filled(columns)}}})"


def _filled(columns: list[str]) -> str:
    rows, width = [""], 118
    for column in columns:
        if rows[-1] and len(rows[-1]) + len(column) + 2 > width:
            rows.append("")
        rows[-1] += f"{column}, "
    return "\n  ".join(row.rstrip() for row in rows).removesuffix(",")


def tables() -> str:
    """Return the lists of docs/record.md: the fields of the line, then those of the objects in it."""
    inner = (
        (f"{name}[]" if part.kind == "list" else name, part.values if part.kind == "list" else part)
        for name, part in shape().parts.items()
    )
    rows = [row for path, part in inner if part.kind == "object" for row in _rows(part, f"{path}.")]
    return f"{''.join(_rows(shape(), ''))}\nIn the objects:\n\n{''.join(rows)}"


def _rows(spec: Shape, below: str) -> Iterator[str]:
    for name, part in spec.parts.items():
        later = "†" if part.about.later else ""
        yield f"- `{below}{name}` {_shown(part)}{later}: {_description(part)}\n"


def _description(spec: Shape) -> str:
    values = spec.values if spec.kind in {"list", "map"} else spec
    while values.kind == "map":
        values = values.values
    choices = ", ".join(
        f"`{value}`" for value in values.about.rules.get("enum", ()) if f"`{value}`" not in spec.about.text
    )
    return ": ".join(filter(None, (spec.about.text, choices)))


def _shown(spec: Shape) -> str:
    shown = f"{_shown(spec.values)}[]" if spec.kind == "list" else spec.kind
    if spec.kind == "map":
        shown = "object"
    return {"integer": "int", "boolean": "bool"}.get(shown, shown) + ("?" if spec.is_nullable else "")


if __name__ == "__main__":
    printed = {"tables": tables(), "duckdb": duckdb_call("collection/articles/**/*.jsonl.gz") + "\n"}
    sys.stdout.write(printed.get(sys.argv[-1], to_json(json_schema())))
