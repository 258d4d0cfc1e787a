"""SQL for DuckDB that reads ``articles/`` as it lies, and exactly what a reader would: the objects that stand, nothing taken down.

    CREATE OR REPLACE VIEW articles AS SELECT * FROM read_json([…], columns = {…}, hive_partitioning = true) WHERE …

A pattern such as ``articles/**/*.jsonl.gz`` sees more: what a compaction or a second reading replaced, what a crash left without a
manifest, what was taken down and is not erased yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
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


def articles_view(archive: Archive, outlet: str | None = None) -> str:
    """Return the statement that makes the view ``articles``: every version of every article that a reader would see.

    Args:
        archive: the archive.
        outlet: only this one.

    Raises:
        ValueError: nothing is published.
    """
    found = [item for manifest in archive.manifests(outlet) if (item := manifest.by_kind.get("articles"))]
    if not found:
        raise ValueError(f"no article is published in {archive.store.uri}")
    files = ",\n    ".join(_quoted(_place(archive.store.uri, item.key)) for item in found)
    columns = ", ".join(f"{_quoted(name)}: {_quoted(kind)}" for name, kind in COLUMNS.items())
    hidden = ", ".join(_quoted(identity) for identity in sorted(archive.taken_down.ids))
    where = f"\nWHERE id NOT IN ({hidden})" if hidden else ""
    return (  # a statement to be printed; every name and path in it is quoted
        f"CREATE OR REPLACE VIEW articles AS SELECT * FROM read_json([\n    {files}],\n"  # noqa: S608
        f"  format = 'newline_delimited', compression = 'gzip', columns = {{{columns}}}){where};\n"
    )


def _place(uri: str, key: str) -> str:
    parts = urlsplit(uri)
    return f"{unquote(parts.path)}/{key}" if parts.scheme == "file" else f"{uri}/{key}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
