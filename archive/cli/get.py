"""Print one article as people read it, or its record with --json."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from archive.article import zone_of
from archive.cli.bidi import isolated, page_of
from archive.cli.common import one_article, opened

if TYPE_CHECKING:
    import argparse
    from datetime import date

    from archive.article import Article

WIDTH = 100


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "id", metavar="ID", help="the article's id, as outlet:number or the number alone, or its address"
    )
    parser.add_argument("--as-of", metavar="TIME", help="the version that was the newest then")


def run(args: argparse.Namespace) -> int:
    """Print the article; exit code 1 where the archive has none of this id."""
    article = one_article(opened(args), args.id, args.as_of)
    if article is None:
        return 1
    sys.stdout.write((article.to_line() if args.json else as_text(article, marked=sys.stdout.isatty())) + "\n")
    return 0


def as_text(article: Article, *, marked: bool) -> str:
    """Return the article as a page of text: headline, who and when, the text, where it comes from.

    Args:
        article: the article.
        marked: for a terminal, with marks of direction and wrapped to its width.
    """
    width = min(WIDTH, shutil.get_terminal_size().columns - 1) if marked else WIDTH
    own = isolated if marked else str
    signed = " · ".join(own(part) for part in (*article.byline, article.credit, article.section) if part)
    when = _when(article.issued, article.zone)
    changed = (
        f", changed {article.modified.astimezone(zone_of(article.zone)):%Y-%m-%d %H:%M}"
        if article.modified and article.modified != article.published
        else ""
    )
    title, *_ = page_of(article.headline, article.language, width=width, marked=marked)
    standfirst = page_of(article.standfirst or "", article.language, width=width, marked=marked)
    head = [title, f"{article.outlet} · {when}{changed}", signed, *standfirst]
    foot = [
        article.canonical_url,
        f"version {article.version}, captured {article.captured:%Y-%m-%d %H:%M:%S} UTC",
        f"{article.warc.file} @ {article.warc.offset}+{article.warc.length}" if article.warc else "",
    ]
    paragraphs = page_of(article.text, article.language, width=width, marked=marked)
    return "\n\n".join(["\n".join(filter(None, head)), *paragraphs, "—", "\n".join(filter(None, foot))])


def _when(issued: datetime | date | None, zone: str | None) -> str:
    """Return when it was published, in the outlet's zone; a day where no more is known."""
    if isinstance(issued, datetime):
        return f"{issued:%Y-%m-%d %H:%M} {zone if zone and issued.tzinfo is not UTC else 'UTC'}"
    return "undated" if issued is None else f"{issued}"
