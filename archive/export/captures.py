"""What web archives' own tools take: the texts as WET, the captures as WACZ; a file for each run that brings something."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from archive.article import format_time
from archive.packing import pack_articles
from archive.software import WRITER, named, software
from archive.warc.wet import write_wet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archive.article import Article
    from archive.export.state import Run


def write(run: Run, articles: Iterable[Article]) -> list[str]:
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
