"""Text files: one of JSON lines, one of CSV, or documents for a corpus.

articles.jsonl                       the published lines
articles.csv                         the same fields, UTF-8 with a mark for spreadsheets; lists joined by `` | ``, objects as JSON
documents/run-00000.jsonl.gz         {"text", "id", "metadata"}, as datatrove's JsonlReader reads them
"""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from archive.article import Article

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.export.state import Run

_MARK = "\ufeff"  # without it a spreadsheet takes UTF-8 for something else
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute what begins so


def write(run: Run, articles: Iterable[Article]) -> list[str]:
    """Write this run's articles and return the names of the files that it wrote or went on with."""
    return {"jsonl": _jsonl, "csv": _csv, "datatrove": _documents}[run.state.format](run, articles)


def _jsonl(run: Run, articles: Iterable[Article]) -> list[str]:
    with (run.folder / "articles.jsonl").open("a", encoding="utf-8") as out:
        out.writelines(f"{article.to_line()}\n" for article in articles)
    return ["articles.jsonl"]


def _csv(run: Run, articles: Iterable[Article]) -> list[str]:
    names = [entry.name for entry in fields(Article)]
    path = run.folder / "articles.csv"
    is_new = not path.exists() or not path.stat().st_size
    with path.open("a", encoding="utf-8", newline="") as out:
        if is_new:
            out.write(_MARK)
        writer = csv.writer(out)
        if is_new:
            writer.writerow(names)
        for article in articles:
            said = json.loads(article.to_line())
            writer.writerow([_cell(said[name]) for name in names])
    return ["articles.csv"]


def _cell(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        value = " | ".join(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _documents(run: Run, articles: Iterable[Article]) -> list[str]:
    (run.folder / "documents").mkdir(exist_ok=True)
    name = f"documents/{run.prefix}.jsonl.gz"
    with gzip.open(run.folder / name, "wt", encoding="utf-8", compresslevel=6) as out:
        count = 0
        for count, article in enumerate(articles, 1):  # noqa: B007  how many there were
            out.write(json.dumps(document_of(article), ensure_ascii=False) + "\n")
    if not count:
        (run.folder / name).unlink()
    return [name] if count else []


def document_of(article: Article) -> dict[str, Any]:
    """Return an article as a document: headline and text, its id, and what a filter may want to know."""
    said = json.loads(article.to_line())
    names = (
        "outlet", "url", "headline", "kind", "section", "tags", "agencies", "language", "published", "captured", "words",
        "version", "text_sha256", "extractor", "flags",
    )  # fmt: skip
    story = said["story"] or {}
    metadata = {name: said[name] for name in names} | {
        "story": story.get("id"),
        "is_copy": story.get("role") == "copy",
        **{f"policy_{name}": value for name, value in said["policy"].items()},
        "record_id": said["warc"] and said["warc"]["record_id"],
    }
    return {
        "text": f"{article.headline}\n{article.text}",
        "id": f"{article.id}@{article.version}",
        "metadata": metadata,
    }
