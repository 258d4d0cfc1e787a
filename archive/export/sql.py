"""SQL for DuckDB that reads ``articles/`` as it lies, and exactly what a reader would: the objects that stand, nothing taken down.

    CREATE OR REPLACE VIEW articles AS SELECT … FROM read_json([…], columns = {…}, hive_partitioning = true)
        LEFT JOIN (SELECT … FROM read_json([stories …])) USING (id) WHERE …

Stories and relations are those that were last told; the lines themselves say what was known when they were written. Of one
outlet alone they are as they stand in its lines, as for a reader who names an outlet (`archive.selection.Choice`).

A pattern such as ``articles/**/*.jsonl.gz`` sees more: what a compaction or a second reading replaced, what a crash left without
a manifest, what was taken down and is not erased yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from archive.manifest import Item
    from archive.reader import Archive

COLUMNS = {
    "schema": "SMALLINT", "id": "VARCHAR", "outlet": "VARCHAR", "url": "VARCHAR", "canonical_url": "VARCHAR",
    "origin_url": "VARCHAR", "kind": "VARCHAR", "headline": "VARCHAR", "standfirst": "VARCHAR", "text": "VARCHAR",
    "section": "VARCHAR", "tags": "VARCHAR[]", "byline": "VARCHAR[]", "credit": "VARCHAR", "agencies": "VARCHAR[]",
    "agency_evidence": "MAP(VARCHAR, VARCHAR)",
    "dateline": "VARCHAR", "images": "STRUCT(url VARCHAR, caption VARCHAR, credit VARCHAR)[]", "language": "VARCHAR",
    "published": "TIMESTAMPTZ", "modified": "TIMESTAMPTZ", "published_raw": "VARCHAR", "captured": "TIMESTAMPTZ",
    "provenance": "MAP(VARCHAR, VARCHAR)", "discovered": "STRUCT(kind VARCHAR, url VARCHAR)", "extractor": "VARCHAR",
    "words": "INTEGER", "text_sha256": "VARCHAR", "version": "INTEGER",
    "changes": "STRUCT(previous VARCHAR, headline BOOLEAN, words_added INTEGER, words_removed INTEGER, silent BOOLEAN)",
    "story": "STRUCT(id VARCHAR, role VARCHAR, origin VARCHAR, overlap DOUBLE)",
    "related": "STRUCT(id VARCHAR, relation VARCHAR, overlap DOUBLE)[]", "flags": "VARCHAR[]",
    "policy": "STRUCT(robots VARCHAR, noai BOOLEAN, tdm VARCHAR)",
    "warc": 'STRUCT(file VARCHAR, "offset" BIGINT, length BIGINT, record_id VARCHAR, payload_digest VARCHAR)',
    "crawl": "VARCHAR",
}  # fmt: skip
TOLD = dict.fromkeys(("id", "story", "role", "origin", "told"), COLUMNS["id"]) | {
    "overlap": "DOUBLE",
    "related": COLUMNS["related"],
}


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
    lines = _read(archive, found, COLUMNS, partitioned=True)
    said = _as_told(lines, _read(archive, told, TOLD, partitioned=False)) if told else f"* FROM {lines}"
    hidden = ", ".join(_quoted(identity) for identity in sorted(archive.taken_down.ids))
    where = f"\nWHERE id NOT IN ({hidden})" if hidden else ""
    return f"CREATE OR REPLACE VIEW articles AS SELECT {said}{where};\n"


def _as_told(lines: str, stories: str) -> str:
    """Return what is selected: lines, each with the story and the relations that were told of it last."""
    story = "{'id': story, 'role': role, 'origin': origin, 'overlap': overlap}"
    last = (
        "QUALIFY row_number() OVER (PARTITION BY id ORDER BY told DESC, place DESC) = 1"  # told at once: the later one
    )
    return (  # a statement to be printed; every name and path in it is quoted
        "* EXCLUDE (last_story, last_related)\n"  # noqa: S608
        "  REPLACE (coalesce(last_story, story) AS story, coalesce(last_related, related) AS related)\n"
        f"FROM {lines}\nLEFT JOIN (SELECT id, {story} AS last_story, related AS last_related\n"
        f"  FROM (SELECT *, row_number() OVER () AS place FROM {stories}) {last}) USING (id)"
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
