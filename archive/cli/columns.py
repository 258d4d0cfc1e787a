"""Rows for a terminal: columns by two blanks, the last one free text that may run from right to left.

    version  captured          headline
    1        2026-11-23 10:00  عنوان       the last cell stands in a direction isolate; the columns before it stay in place

Nothing is cut or wrapped, whatever the terminal's width: what is piped on is whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from archive.article import Article

NOTHING = "–"
_ISOLATE, _END = "\u2068", "\u2069"  # the direction inside is that of its own first letter


def in_columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the head and the rows as lines; each row has as many cells as the head."""
    widths = [max(map(len, cells)) for cells in zip(head, *rows, strict=True)][:-1]
    for row in (head, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "  ".join([*cells, row[-1] if row is head else f"{_ISOLATE}{row[-1]}{_END}"])


def issued(article: Article) -> str:
    """Return when an article was published, to the minute, UTC; a day where no more is known, a dash where nothing is."""
    return f"{article.issued}" if article.is_dated_by_day else minute(article.published)


def minute(moment: datetime | None) -> str:
    """Return a moment to the minute, UTC; a dash where there is none."""
    return NOTHING if moment is None else f"{moment:%Y-%m-%d %H:%M}"
