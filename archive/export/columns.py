"""The article as typed columns, the same for all years: in Arrow for Parquet, in SQL for DuckDB over the lines as they lie."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from archive import extra_missing
from archive.export.state import Additions
from archive.schema.record import Shape, duckdb_columns, duckdb_type, shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archive.article import Article
    from archive.manifests.manifest import Item
    from archive.reader.archive import Archive

# --- The article as typed columns, the same for all years: what Parquet files and Hugging Face folders hold ----------
# Times are timestamps in UTC with microseconds, counts integers, objects structs; ``provenance`` is a list of field and witness,
# ``agencies`` of a story one of agency, article and where it is credited, for not every tool knows maps. Needs pyarrow, which is the extra ``export``.

NO_ADDITIONS = Additions()
ROWS = 5_000  # of a row group, about 25 MB of text
_AT_ONCE = 250  # are made columns


def arrow() -> Any:
    """Return pyarrow; raises ``ValueError`` with what to do where it is not installed."""
    try:
        import_module("pyarrow.parquet")  # with it, it is there as pa.parquet
        return import_module("pyarrow")
    except ImportError as error:
        raise ValueError(extra_missing(error) or str(error)) from None


@cache
def schema() -> Any:
    """Return the pyarrow schema of an article, its columns in the order of the line."""
    return arrow().schema([(name, _type(part)) for name, part in shape().parts.items()])


def row(article: Article) -> dict[str, Any]:
    """Return an article as a row."""
    cells: dict[str, Any] = _cell(asdict(article), shape())
    return cells


def _type(kind: Shape) -> Any:
    """Return the pyarrow type of a value."""
    pa = arrow()
    if kind.kind == "object":
        return pa.struct([(name, _type(part)) for name, part in kind.parts.items()])
    if kind.kind == "list":
        return pa.list_(_type(kind.values))
    if kind.kind == "map":
        return pa.list_(pa.struct([(name, pa.string()) for name in kind.about.entries]))
    if kind.kind == "integer":
        return getattr(pa, f"int{kind.about.bits}")()
    plain = {"string": pa.string(), "boolean": pa.bool_(), "number": pa.float64(), "time": pa.timestamp("us", tz="UTC")}
    return plain[kind.kind]


def _cell(value: Any, kind: Shape) -> Any:
    """Return a value as its column takes it: mappings as lists of their entries."""
    if value is None:
        return None
    if kind.kind == "object":
        return {name: _cell(value[name], part) for name, part in kind.parts.items()}
    if kind.kind == "map":
        return [dict(zip(kind.about.entries, entry, strict=True)) for entry in _entries(value)]
    return [_cell(each, kind.values) for each in value] if kind.kind == "list" else value


def _entries(value: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for key, below in sorted(value.items()):
        if isinstance(below, str):
            yield key, below
        else:
            yield from ((key, *entry) for entry in _entries(below))


class Rows:
    """The articles of a row group: those that came last as they are, the others as columns, compressed, a tenth of their size as objects.

    Args:
        leave_out: columns that are not to be there.
        additions: columns that are to be there, too.
    """

    def __init__(self, leave_out: Iterable[str] = (), additions: Additions = NO_ADDITIONS) -> None:
        pa, columns = arrow(), schema()
        for name in additions.names:
            columns = columns.append(pa.field(name, pa.string()))
        for name in leave_out:
            columns = columns.remove(columns.get_field_index(name))
        self._schema, self._additions = columns, additions
        self._latest: list[Article] = []
        self._packed: list[Any] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, article: Article) -> None:
        """Take an article."""
        self._latest.append(article)
        self._count += 1
        if len(self._latest) == _AT_ONCE:
            self._pack()

    def table(self) -> Any:
        """Return them all as a table; there is one at least."""
        if self._latest:
            self._pack()
        ipc = arrow().ipc
        return arrow().concat_tables([ipc.open_stream(packed).read_all() for packed in self._packed])

    def _pack(self) -> None:
        pa = arrow()
        rows = [row(article) | self._additions.of(article) for article in self._latest]
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self._schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
            stream.write_table(pa.Table.from_pylist(rows, schema=self._schema))
        self._packed.append(sink.getvalue())
        self._latest = []


# ---------------------------------------------------------------------------------------------------------------------
# SQL for DuckDB that reads ``articles/`` as it lies, and exactly what a reader would: the objects that stand, nothing
# taken down.
#     CREATE OR REPLACE VIEW articles AS WITH last AS (… read_json([stories …]) …),
#         carried AS (… read_json([articles …], columns = {…}, hive_partitioning = true) LEFT JOIN last …)
#     SELECT … FROM carried … WHERE …
#
# Stories and relations are those that were last told; the lines themselves say what was known when they were written. Of one
# outlet alone they are as they stand in its lines, as for a reader who names an outlet (`archive.reader.query.Choice`).
#
# A pattern such as ``articles/**/*.jsonl.gz`` sees more: what a compaction or a second reading replaced, what a crash left without
# a manifest, what was taken down and is not erased yet.

TOLD = {
    "id": "VARCHAR", "story": "VARCHAR", "role": "VARCHAR", "origin": "VARCHAR", "overlap": "DOUBLE",
    "related": duckdb_columns()["related"], "agencies": duckdb_type(shape().parts["story"].parts["agencies"]), "told": "VARCHAR",
}  # fmt: skip
"""The columns of the lines under ``stories/``."""


def articles_view(archive: Archive, outlet: str | None = None) -> str:
    """Return the statement that makes the view ``articles``: every version of every article that a reader would see.

    Args:
        archive: the archive.
        outlet: only this one.

    Raises:
        ValueError: nothing is published.
    """
    manifests = list(archive.manifests(outlet))
    items = [item for manifest in manifests if (item := manifest.by_kind.get("articles"))]
    if not items:
        raise ValueError(f"no article is published in {archive.store.uri}")
    told = [] if outlet else [item for manifest in manifests if (item := manifest.by_kind.get("stories"))]
    lines = _read(archive, items, duckdb_columns(), partitioned=True)
    stories = _read(archive, told, TOLD, partitioned=False) if told else None
    hidden = ", ".join(_quoted(identity) for identity in sorted(archive.taken_down.ids))
    where = f"\nWHERE carried.id NOT IN ({hidden})" if hidden else ""
    return f"CREATE OR REPLACE VIEW articles AS\n{_select(lines, stories)}{where};\n"


_CARRIED = """\
last AS (
  SELECT * FROM (SELECT *, row_number() OVER () AS place FROM {stories})
  QUALIFY row_number() OVER (PARTITION BY id ORDER BY told DESC, place DESC) = 1),
carried AS (
  SELECT line.* REPLACE (
    CASE WHEN last.id IS NULL THEN line.story
      ELSE {{'id': last.story, 'role': last.role, 'origin': last.origin, 'overlap': last.overlap, 'agencies': NULL}} END AS story,
    coalesce(last.related, line.related) AS related)
  FROM {lines} AS line LEFT JOIN last ON last.id = line.id)"""
_STORY = """\
CASE WHEN carried.story IS NOT NULL THEN {{'id': carried.story.id, 'role': carried.story.role, 'origin': carried.story.origin, 'overlap': carried.story.overlap, 'agencies':
    coalesce({told}CASE WHEN cardinality(carried.story.agencies) > 0 THEN carried.story.agencies END, map_from_entries(
      [{{'k': agency, 'v': MAP {{carried.id: coalesce(map_extract_value(carried.agency_evidence, agency), 'credit')}}}}
        for agency in list_sort(list_distinct(carried.agencies))]))}} END"""
_OF_THE_FIRST = "CASE WHEN cardinality(first.agencies) > 0 THEN first.agencies END, "


def _select(lines: str, stories: str | None) -> str:
    """Return what selects the lines as a reader sees them, by `archive.reader.scan.StoryUpdates`.

    Story and relations are those last told of an article; a story's agencies are told in the line of its first article, else
    those of the line, else what the article itself credits. Every name and path is quoted: the statement is to be printed.
    """
    if stories is None:
        return f"WITH carried AS (SELECT * FROM {lines})\nSELECT * REPLACE ({_STORY.format(told='')} AS story)\nFROM carried"  # noqa: S608
    story = _STORY.format(told=_OF_THE_FIRST)
    return (
        f"WITH {_CARRIED.format(stories=stories, lines=lines)}\nSELECT carried.* REPLACE ({story} AS story)\n"
        "FROM carried LEFT JOIN last AS first ON first.id = carried.story.id"
    )


def _read(archive: Archive, items: list[Item], columns: dict[str, str], *, partitioned: bool) -> str:
    """Return what reads objects of lines, in their order."""
    files = ",\n    ".join(_quoted(_place(archive.store.uri, item.key)) for item in items)
    shapes = ", ".join(f"{_quoted(name)}: {_quoted(kind)}" for name, kind in columns.items())
    return (
        f"read_json([\n    {files}],\n  format = 'newline_delimited', compression = 'gzip', columns = {{{shapes}}},"
        f" hive_partitioning = {str(partitioned).lower()})"
    )


def _place(uri: str, key: str) -> str:
    parts = urlsplit(uri)
    return f"{unquote(parts.path)}/{key}" if parts.scheme == "file" else f"{uri}/{key}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
