"""Parquet in Hive partitions, typed, zstd: for DuckDB, Spark, pandas, Polars and every warehouse.

    outlet=<o>/month=<yyyy-mm>/run-00000-00000.parquet      month of publication (of capture, where the page says none)

``outlet`` stands in the path alone, as Hive has it; every tool gives it back as a column. A file is closed when it holds a
row group's articles, so that what is held in memory is bounded by the partitions that are open.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from archive.export.columns import ROWS, arrow, tables

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.article import Article
    from archive.export.state import Run

HELD = 20_000  # articles, about 100 MB


def write(run: Run, articles: Iterable[Article]) -> list[str]:
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
            names.append(_write(run, partition, open_.pop(partition), next(serial)))
        elif sum(map(len, open_.values())) >= HELD:
            fullest = max(open_, key=lambda name: len(open_[name]))
            names.append(_write(run, fullest, open_.pop(fullest), next(serial)))
    names += [_write(run, partition, open_[partition], next(serial)) for partition in sorted(open_)]
    return names


def _write(run: Run, partition: str, articles: list[Article], serial: int) -> str:
    name = f"{partition}/{run.prefix}-{serial:05d}.parquet"
    path = run.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    (table,) = tables(articles, leave_out=("outlet",))
    write_table(table, path)
    return name


def write_table(table: Any, path: Any) -> None:
    """Write a table as one file: zstd, pages with statistics and a checksum."""
    arrow().parquet.write_table(table, path, compression="zstd", write_page_checksum=True, write_page_index=True)
