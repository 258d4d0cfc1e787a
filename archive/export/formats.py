"""The formats of an export: each a function that writes the articles of one run and returns the names of its files.

text files       JSON lines, JSON-LD, CSV, documents            write_text_files
spreadsheets     XLSX                                           write_spreadsheets
Parquet          in Hive partitions, typed, zstd                write_parquet
Hugging Face     Parquet and a card                             write_huggingface
web archives     WET, WACZ                                      write_web_archive
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import shutil
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from itertools import chain, count, islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from archive.article import Article, format_time
from archive.export.card import write_card
from archive.export.columns import ROWS, Rows, arrow
from archive.export.state import APPENDED
from archive.warc.wacz import pack_articles
from archive.warc.writer import WRITER, named, software, write_wet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from archive.article import Entry, Image
    from archive.export.state import Additions, Run

# --- Text files: one of JSON lines, one of CSV, or documents for a corpus --------------------------------------------
# articles.jsonl                       the published lines
# articles.jsonld                      schema.org's NewsArticle, one a line, each a JSON-LD document of its own
# articles.csv                         the same fields, UTF-8 with a mark for spreadsheets; lists joined by `` | ``, objects as JSON
# documents/run-00000.jsonl.gz         {"text", "id", "metadata"}, as datatrove's JsonlReader reads them

_MARK = "\ufeff"  # without it a spreadsheet takes UTF-8 for something else
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute what begins so


def write_text_files(run: Run, articles: Iterable[Article]) -> list[str]:
    """Write this run's articles and return the names of the files that it wrote or went on with."""
    return {"jsonl": _jsonl, "jsonld": _jsonld, "csv": _csv, "datatrove": _documents}[run.state.format](run, articles)


def _jsonl(run: Run, articles: Iterable[Article]) -> list[str]:
    with (run.folder / APPENDED["jsonl"]).open("a", encoding="utf-8") as out:
        out.writelines(f"{_line(article, run.additions)}\n" for article in articles)
    return [APPENDED["jsonl"]]


def _line(article: Article, additions: Additions) -> str:
    if not additions.names:
        return article.to_line()
    return json.dumps(json.loads(article.to_line()) | additions.of(article), ensure_ascii=False, separators=(",", ":"))


def _jsonld(run: Run, articles: Iterable[Article]) -> list[str]:
    with (run.folder / APPENDED["jsonld"]).open("a", encoding="utf-8") as out:
        for article in articles:
            out.write(json.dumps(newsarticle_of(article) | run.additions.of(article), ensure_ascii=False) + "\n")
    return [APPENDED["jsonld"]]


_NOT_IN_IRIS = re.compile(r'[\x00-\x20<>"{}|\\^`\x7f-\xa0]')
_CONTEXT = {
    "@vocab": "https://schema.org/",
    **{name: {"@type": "@id"} for name in ("url", "mainEntityOfPage", "isBasedOn", "contentUrl")},
}


def newsarticle_of(article: Article) -> dict[str, Any]:
    """Return an article as schema.org's NewsArticle, a live blog as its LiveBlogPosting, too; what it does not say is left out."""
    updates = [_update_of(article, entry) for entry in article.entries if entry.text]
    issued = article.issued
    record = {
        "@context": _CONTEXT,
        "@type": ["NewsArticle", "LiveBlogPosting"] if updates else "NewsArticle",
        "@id": _iri(f"{article.url}#v{article.version}"),
        "identifier": article.id,
        "version": article.version,
        "url": _iri(article.url),
        "mainEntityOfPage": _iri(article.canonical_url),
        "isBasedOn": _iri(article.origin_url),
        "headline": article.headline,
        "description": article.standfirst,
        "articleBody": article.text,
        "liveBlogUpdate": updates,
        "articleSection": article.section,
        "keywords": article.tags,
        "author": [{"@type": "Person", "name": name} for name in article.byline],
        "creditText": article.credit,
        "sourceOrganization": [{"@type": "Organization", "identifier": code} for code in article.agencies],
        "locationCreated": article.dateline and {"@type": "Place", "name": article.dateline},
        "image": [_image_of(image) for image in article.images],
        "inLanguage": article.language,
        "datePublished": issued and issued.isoformat(),
        "dateModified": article.modified and format_time(article.modified),
        "wordCount": article.words,
        "publisher": {"@type": "NewsMediaOrganization", "identifier": article.outlet},
        "isPartOf": article.story and {"@type": "CreativeWork", "identifier": article.story.id},
        "sdDatePublished": format_time(article.captured),
    }
    return {name: value for name, value in record.items() if value not in (None, [], "")}


def _iri(url: str | None) -> str | None:
    """Return an address with what no IRI may hold (RFC 3987) percent-encoded: an RDF library would leave out the whole article."""
    return url and _NOT_IN_IRIS.sub(lambda letter: quote(letter[0]), url)


def _update_of(article: Article, entry: Entry) -> dict[str, Any]:
    about = {
        "@id": _iri(f"{article.url}#v{article.version}-{entry.id}"),
        "identifier": entry.id,
        "articleBody": entry.text,
    }
    times = {"datePublished": format_time(entry.published)} if entry.published else {}
    return {"@type": "BlogPosting"} | about | times


def _image_of(image: Image) -> dict[str, Any]:
    record = {
        "@type": "ImageObject",
        "contentUrl": _iri(image.url),
        "caption": image.caption,
        "creditText": image.credit,
    }
    return {name: value for name, value in record.items() if value is not None}


def _csv(run: Run, articles: Iterable[Article]) -> list[str]:
    names = [*(entry.name for entry in fields(Article)), *run.additions.names]
    path = run.folder / APPENDED["csv"]
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
    return [APPENDED["csv"]]


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


# --- Spreadsheets: a workbook for each run, typed, from right to left ------------------------------------------------
#     run-00000-00000.xlsx      times in UTC as Excel's own; a cell that Excel could not hold is cut, and says so

MOST_ROWS = (1 << 20) - 1  # of a sheet, beside its head
LONGEST_CELL = 32_767  # letters, as Excel counts them: UTF-16
CUT = " […cut by Warraq: a cell holds no more]"
_FIRST_YEAR = 1900  # Excel's


def write_spreadsheets(run: Run, articles: Iterable[Article]) -> list[str]:
    """Write the workbooks of this run and return their names; none where there is nothing new."""
    names: list[str] = []
    rest = iter(articles)
    columns = [*(entry.name for entry in fields(Article)), *run.additions.names]
    parts = run.folder / f"{run.prefix}.parts"  # where a run that died leaves them, the next one takes them away
    parts.mkdir()
    while (first := next(rest, None)) is not None:
        name = f"{run.prefix}-{len(names):05d}.xlsx"
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "tmpdir": str(parts),
        }
        with _workbook(run.folder / name, options) as book:
            sheet, moment = book.add_worksheet("articles"), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
            sheet.right_to_left()
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, columns)
            for number, article in enumerate(islice(chain([first], rest), MOST_ROWS), 1):
                record = json.loads(article.to_line()) | run.additions.of(article)
                for place, column in enumerate(columns):
                    _write_cell(sheet, number, place, getattr(article, column, None), record[column], moment)
        names.append(name)
    shutil.rmtree(parts)
    return names


@contextmanager
def _workbook(path: Path, options: dict[str, Any]) -> Iterator[Any]:
    """Open a workbook that is written when it is closed. Raises `OSError` where that fails."""
    import xlsxwriter  # noqa: PLC0415  an extra, imported when it is needed

    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            yield book
    except xlsxwriter.exceptions.FileCreateError as error:  # around the fault, which it may have hidden
        (cause,) = error.args
        raise cause from None


def _write_cell(sheet: Any, row: int, place: int, value: Any, shown: Any, moment: Any) -> None:  # noqa: PLR0913, PLR0917  a cell has so many
    if isinstance(value, datetime) and value.year >= _FIRST_YEAR:
        sheet.write_datetime(row, place, value.astimezone(UTC).replace(tzinfo=None), moment)
    elif isinstance(shown, bool):
        sheet.write_boolean(row, place, shown)
    elif isinstance(shown, int | float):
        sheet.write_number(row, place, shown)
    else:
        if isinstance(shown, list) and all(isinstance(one, str) for one in shown):
            shown = " | ".join(shown)
        text = json.dumps(shown, ensure_ascii=False) if isinstance(shown, dict | list) and shown else shown
        sheet.write_string(row, place, _fitting(text or ""))


def _fitting(text: str) -> str:
    """Return a text as long as a cell may be, with a mark where it was cut."""
    packed = text.encode("utf-16-le", "replace")
    if len(packed) <= 2 * LONGEST_CELL:
        return text
    return packed[: 2 * (LONGEST_CELL - len(CUT))].decode("utf-16-le", "ignore") + CUT


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

HELD = 20_000  # articles, about 20 MB where few partitions are open


def write_parquet(run: Run, articles: Iterable[Article]) -> list[str]:
    """Write the files of this run and return their names."""
    arrow()
    names: list[str] = []
    open_: dict[str, Rows] = {}
    serial = count()
    for article in articles:
        moment = article.published or article.captured
        partition = f"outlet={article.outlet}/month={moment:%Y-%m}"
        if partition not in open_:
            open_[partition] = Rows(("outlet",), run.additions)
        open_[partition].append(article)
        if len(open_[partition]) == ROWS:
            names.append(_write_partition(run, partition, open_.pop(partition), next(serial)))
        elif sum(map(len, open_.values())) >= HELD:
            fullest = max(open_, key=lambda name: len(open_[name]))
            names.append(_write_partition(run, fullest, open_.pop(fullest), next(serial)))
    names += [_write_partition(run, partition, open_[partition], next(serial)) for partition in sorted(open_)]
    return names


def _write_partition(run: Run, partition: str, rows: Rows, serial: int) -> str:
    name = f"{partition}/{run.prefix}-{serial:05d}.parquet"
    path = run.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write_table(rows.table(), path)
    return name


def write_table(table: Any, path: Any) -> None:
    """Write a table as one file: zstd, pages with statistics and a checksum."""
    arrow().parquet.write_table(table, path, compression="zstd", write_page_checksum=True, write_page_index=True)


# --- A folder that `datasets.load_dataset` loads and the Hub shows: Parquet, and what says what it is ----------------
# README.md, croissant.json, CITATION.cff     written anew by each run, see `archive.export.card`
# data/run-00000-00000.parquet …              all columns of the line, typed


def write_huggingface(run: Run, articles: Iterable[Article]) -> list[str]:
    """Write the files of this run and the card; return the files' names."""
    names, additions = [], run.additions
    (run.folder / "data").mkdir(exist_ok=True)
    for serial, (side, rows) in enumerate(_by_side(articles, additions)):
        name = f"data/{side}{run.prefix}-{serial:05d}.parquet"
        write_table(rows.table(), run.folder / name)
        names.append(name)
    kept = [name for name in run.state.files if name.endswith(".parquet")]
    return [*names, *write_card(run, [*kept, *names])]


def _by_side(articles: Iterable[Article], additions: Additions) -> Iterator[tuple[str, Rows]]:
    """Yield articles by the side of a split on which they stand, a row group's of them together, as the beginning of a file's name."""
    held: dict[str, Rows] = {}
    for article in articles:
        side = f"{additions.split.side_of(article)}-" if additions.split is not None else ""
        if side not in held:
            held[side] = Rows(("split",) if side else (), additions)
        held[side].append(article)
        if len(held[side]) == ROWS:
            yield side, held.pop(side)
    yield from held.items()
