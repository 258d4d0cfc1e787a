"""The article as typed columns, the same for all years: what Parquet files and Hugging Face folders hold.

Times are timestamps in UTC with microseconds, counts integers, objects structs; ``provenance`` is a list of field and witness,
``agencies`` of a story one of agency, article and where it is credited, for not every tool knows maps. Needs pyarrow, which is the extra ``export``.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archive.article import Article

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
    pa = arrow()
    text, time, whole, share, yes = pa.string(), pa.timestamp("us", tz="UTC"), pa.int32(), pa.float64(), pa.bool_()
    texts = pa.list_(text)

    def struct(**parts: Any) -> Any:
        return pa.struct(list(parts.items()))

    columns = {
        "schema": pa.int16(), "id": text, "outlet": text, "url": text, "canonical_url": text, "origin_url": text,
        "kind": text, "headline": text, "standfirst": text, "text": text, "section": text, "tags": texts,
        "byline": texts, "credit": text, "agencies": texts,
        "agency_evidence": pa.list_(struct(agency=text, where=text)), "dateline": text,
        "images": pa.list_(struct(url=text, caption=text, credit=text)), "language": text, "published": time,
        "modified": time, "published_raw": text, "captured": time, "provenance": pa.list_(struct(field=text, witness=text)),
        "discovered": struct(kind=text, url=text), "extractor": text, "words": whole, "text_sha256": text,
        "version": whole,
        "changes": struct(previous=text, headline=yes, words_added=whole, words_removed=whole, silent=yes),
        "story": struct(
            id=text, role=text, origin=text, overlap=share, agencies=pa.list_(struct(agency=text, article=text, where=text))
        ),
        "related": pa.list_(struct(id=text, relation=text, overlap=share)), "flags": texts,
        "policy": struct(robots=text, noai=yes, tdm=text),
        "warc": struct(file=text, offset=pa.int64(), length=pa.int64(), record_id=text, payload_digest=text),
        "crawl": text,
    }  # fmt: skip
    return pa.schema(list(columns.items()))


def row(article: Article) -> dict[str, Any]:
    """Return an article as a row."""
    found = asdict(article)
    found["provenance"] = [{"field": name, "witness": witness} for name, witness in sorted(article.provenance.items())]
    found["agency_evidence"] = [{"agency": code, "where": where} for code, where in article.agency_evidence.items()]
    if article.story is not None:
        found["story"]["agencies"] = [
            {"agency": code, "article": crediting, "where": where}
            for code, by in article.story.agencies.items()
            for crediting, where in by.items()
        ]
    return found


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
