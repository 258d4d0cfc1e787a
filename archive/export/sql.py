"""SQL for DuckDB that reads ``articles/`` as it lies, and exactly what a reader would: the objects that stand, nothing taken down.

    CREATE OR REPLACE VIEW articles AS WITH last AS (… read_json([stories …]) …),
        carried AS (… read_json([articles …], columns = {…}, hive_partitioning = true) LEFT JOIN last …)
    SELECT … FROM carried … WHERE …

Stories and relations are those that were last told; the lines themselves say what was known when they were written. Of one
outlet alone they are as they stand in its lines, as for a reader who names an outlet (`archive.reader.query.Choice`).

A pattern such as ``articles/**/*.jsonl.gz`` sees more: what a compaction or a second reading replaced, what a crash left without
a manifest, what was taken down and is not erased yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from archive.schema.record import duckdb_columns, duckdb_type, shape

if TYPE_CHECKING:
    from archive.manifests.manifest import Item
    from archive.reader.archive import Archive

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
    found = [item for manifest in manifests if (item := manifest.by_kind.get("articles"))]
    if not found:
        raise ValueError(f"no article is published in {archive.store.uri}")
    told = [] if outlet else [item for manifest in manifests if (item := manifest.by_kind.get("stories"))]
    lines = _read(archive, found, duckdb_columns(), partitioned=True)
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
    """Return what selects the lines as a reader sees them, by `archive.settled.Told`.

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
