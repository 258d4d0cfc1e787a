"""The formats of an export: each a function that writes the articles of one run and returns the names of its files.

text files       JSON lines, CSV, documents for a corpus        write_text_files
Parquet          in Hive partitions, typed, zstd                write_parquet
Hugging Face     Parquet and a card                             write_huggingface
web archives     WET, WACZ                                      write_web_archive
"""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import fields
from datetime import UTC, datetime
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from archive.article import Article, format_time
from archive.export.columns import ROWS, arrow, tables
from archive.warc.wacz import pack_articles
from archive.warc.wet import write_wet
from archive.warc.writer import WRITER, named, software

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archive.export.additions import Additions, Split
    from archive.export.state import Run

# --- Text files: one of JSON lines, one of CSV, or documents for a corpus --------------------------------------------
# articles.jsonl                       the published lines
# articles.csv                         the same fields, UTF-8 with a mark for spreadsheets; lists joined by `` | ``, objects as JSON
# documents/run-00000.jsonl.gz         {"text", "id", "metadata"}, as datatrove's JsonlReader reads them

_MARK = "\ufeff"  # without it a spreadsheet takes UTF-8 for something else
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute what begins so


def write_text_files(run: Run, articles: Iterable[Article]) -> list[str]:
    """Write this run's articles and return the names of the files that it wrote or went on with."""
    return {"jsonl": _jsonl, "csv": _csv, "datatrove": _documents}[run.state.format](run, articles)


def _jsonl(run: Run, articles: Iterable[Article]) -> list[str]:
    with (run.folder / "articles.jsonl").open("a", encoding="utf-8") as out:
        out.writelines(f"{_line(article, run.additions)}\n" for article in articles)
    return ["articles.jsonl"]


def _line(article: Article, additions: Additions) -> str:
    if not additions.names:
        return article.to_line()
    return json.dumps(json.loads(article.to_line()) | additions.of(article), ensure_ascii=False, separators=(",", ":"))


def _csv(run: Run, articles: Iterable[Article]) -> list[str]:
    names = [*(entry.name for entry in fields(Article)), *run.additions.names]
    path = run.folder / "articles.csv"
    is_new = not path.exists() or not path.stat().st_size
    with path.open("a", encoding="utf-8", newline="") as out:
        if is_new:
            out.write(_MARK)
        writer = csv.writer(out)
        if is_new:
            writer.writerow(names)
        for article in articles:
            record = json.loads(article.to_line()) | run.additions.of(article)
            writer.writerow([_cell(record[name]) for name in names])
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
            document = document_of(article)
            document["metadata"] |= run.additions.of(article)
            out.write(json.dumps(document, ensure_ascii=False) + "\n")
    if not count:
        (run.folder / name).unlink()
    return [name] if count else []


def document_of(article: Article) -> dict[str, Any]:
    """Return an article as a document: headline and text, its id, and what a filter may want to know."""
    record = json.loads(article.to_line())
    names = (
        "outlet", "url", "headline", "kind", "section", "tags", "agencies", "language", "published", "captured", "words",
        "version", "text_sha256", "extractor", "flags",
    )  # fmt: skip
    story = record["story"] or {}
    metadata = {name: record[name] for name in names} | {
        "story": story.get("id"),
        "is_copy": story.get("role") == "copy",
        **{f"policy_{name}": value for name, value in record["policy"].items()},
        "record_id": record["warc"] and record["warc"]["record_id"],
    }
    return {
        "text": f"{article.headline}\n{article.text}",
        "id": f"{article.id}@{article.version}",
        "metadata": metadata,
    }


# ---------------------------------------------------------------------------------------------------------------------
# What web archives' own tools take: the texts as WET, the captures as WACZ; a file for each run that brings something.


def write_web_archive(run: Run, articles: Iterable[Article]) -> list[str]:
    """Write the file of this run and return its name; none where there is nothing new."""
    rest = iter(articles)
    first = next(rest, None)
    if first is None:
        return []
    return {"wet": _wet, "wacz": _wacz}[run.state.format](run, chain([first], rest))


def _wet(run: Run, articles: Iterator[Article]) -> list[str]:
    name = f"{run.prefix}.warc.wet.gz"
    with (run.folder / name).open("wb") as out:
        write_wet(
            out, articles, filename=name, warcinfo={"software": named(software(WRITER))}, opened=datetime.now(UTC)
        )
    return [name]


def _wacz(run: Run, articles: Iterator[Article]) -> list[str]:
    name = f"{run.prefix}.wacz"
    created = format_time(datetime.now(UTC).replace(microsecond=0))
    with (run.folder / name).open("wb") as out:
        pack_articles(
            run.archive, articles, out, {"title": "Warraq", "created": created, "software": named(software(WRITER))}
        )
    return [name]


# --- Parquet in Hive partitions, typed, zstd: for DuckDB, Spark, pandas, Polars and every warehouse ------------------
#     outlet=<o>/month=<yyyy-mm>/run-00000-00000.parquet      month of publication (of capture, where the page says none)
#
# ``outlet`` stands in the path alone, as Hive has it; every tool gives it back as a column. A file is closed when it holds a
# row group's articles, so that what is held in memory is bounded by the partitions that are open.

HELD = 20_000  # articles, about 100 MB


def write_parquet(run: Run, articles: Iterable[Article]) -> list[str]:
    """Write the files of this run and return their names."""
    arrow()
    names: list[str] = []
    open_: dict[str, list[Article]] = {}
    serial = count()
    for article in articles:
        moment = article.published or article.captured
        partition = f"outlet={article.outlet}/month={moment:%Y-%m}"
        open_.setdefault(partition, []).append(article)
        if len(open_[partition]) == ROWS:
            names.append(_write_partition(run, partition, open_.pop(partition), next(serial)))
        elif sum(map(len, open_.values())) >= HELD:
            fullest = max(open_, key=lambda name: len(open_[name]))
            names.append(_write_partition(run, fullest, open_.pop(fullest), next(serial)))
    names += [_write_partition(run, partition, open_[partition], next(serial)) for partition in sorted(open_)]
    return names


def _write_partition(run: Run, partition: str, articles: list[Article], serial: int) -> str:
    name = f"{partition}/{run.prefix}-{serial:05d}.parquet"
    path = run.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    (table,) = tables(articles, leave_out=("outlet",), additions=run.additions)
    write_table(table, path)
    return name


def write_table(table: Any, path: Any) -> None:
    """Write a table as one file: zstd, pages with statistics and a checksum."""
    arrow().parquet.write_table(table, path, compression="zstd", write_page_checksum=True, write_page_index=True)


# --- A folder that `datasets.load_dataset` loads and the Hub shows: Parquet, and a card that says what it is ---------
# README.md                                   the card, written anew by each run
# data/run-00000-00000.parquet …              all columns of the line, typed

_SIZES = {1_000: "n<1K", 10_000: "1K<n<10K", 100_000: "10K<n<100K", 1_000_000: "100K<n<1M", 10_000_000: "1M<n<10M"}
CARD = """---
language:
- ar
license: other
license_name: rights-of-the-outlets
pretty_name: Arabic news, kept by Warraq
size_categories:
- {size}
task_categories:
- text-generation
- text-classification
- summarization
configs:
- config_name: default
  data_files:
{splits}
---

# Arabic news, kept by Warraq

{count:,} versions of articles, taken from `{archive}`, with this selection: `{selection}`.

Each row is one version of one article, in the columns of Warraq's published line: `headline`, `text`, `outlet`, `published`, `tags`, `agencies`, `story`, …;
`provenance` says which part of the page each field was read from, `warc` where the page itself is kept, `story.role` is `copy`
where another article told the same story first, `version` is the highest for the newest text of an `id`.

**Rights.** The texts are the outlets' and their agencies'. `policy` says what each outlet asked of machines when the page was captured: `robots`,
`noai`, and `tdm` (a reservation under the EU's directive on text and data mining). Respect it; `--permitted` leaves out what is reserved.
What is taken down in the archive has to be taken down here: a further export into this folder does it.
"""


def write_huggingface(run: Run, articles: Iterable[Article]) -> list[str]:
    """Write the files of this run and the card; return the files' names."""
    names, rows, additions = [], 0, run.additions
    (run.folder / "data").mkdir(exist_ok=True)
    for serial, (side, part) in enumerate(_by_side(articles, additions.split)):
        (table,) = tables(part, leave_out=("split",) if side else (), additions=additions)
        name = f"data/{side}{run.prefix}-{serial:05d}.parquet"
        write_table(table, run.folder / name)
        names.append(name)
        rows += table.num_rows
    sides = additions.split.names if additions.split is not None else ()
    splits = [f"  - split: {side}\n    path: data/{side}-*.parquet" for side in sides]
    count = run.state.articles + rows
    size = next((name for limit, name in _SIZES.items() if count < limit), "n>10M")
    selection = json.dumps(run.state.selection, ensure_ascii=False)
    text = CARD.format(
        splits="\n".join(splits or ["  - split: train\n    path: data/*.parquet"]),
        size=size,
        count=count,
        archive=run.state.archive,
        selection=selection,
    )
    (run.folder / "README.md").write_text(text, encoding="utf-8")
    return [*names, "README.md"]


def _by_side(articles: Iterable[Article], split: Split | None) -> Iterator[tuple[str, list[Article]]]:
    """Yield articles by the side of a split on which they stand, a row group's of them together, as the beginning of a file's name."""
    held: dict[str, list[Article]] = {}
    for article in articles:
        side = f"{split.side_of(article)}-" if split is not None else ""
        held.setdefault(side, []).append(article)
        if len(held[side]) == ROWS:
            yield side, held.pop(side)
    yield from held.items()
