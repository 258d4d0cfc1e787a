"""Print one article as people read it, or its record with --json."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from archive.article import Article

WIDTH = 100


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("id", metavar="ID", help="the article's id, as outlet:number")
    parser.add_argument("--as-of", metavar="TIME", help="the version that was the newest then")


def run(args: argparse.Namespace) -> int:
    """Print the article; exit code 1 where the archive has none of this id."""
    from archive.reader import open_archive  # noqa: PLC0415  imported when it is needed: the command line stays fast

    archive = open_archive(args.archive)
    article = archive.article(args.id, as_of=args.as_of)
    if article is None:
        sys.stderr.write(f"{archive.store.uri} holds no article {args.id}\n")
        return 1
    sys.stdout.write((article.to_line() if args.json else as_text(article)) + "\n")
    return 0


def as_text(article: Article) -> str:
    """Return the article as a page of text: headline, who and when, the text, where it comes from."""
    signed = " · ".join(part for part in (*article.byline, article.credit, article.section) if part)
    when = f"{article.published:%Y-%m-%d %H:%M} UTC" if article.published else "undated"
    changed = (
        f", changed {article.modified:%Y-%m-%d %H:%M}" if article.modified not in {None, article.published} else ""
    )
    head = [article.headline, f"{article.outlet} · {when}{changed}", signed, article.standfirst or ""]
    foot = [
        article.canonical_url,
        f"version {article.version}, captured {article.captured:%Y-%m-%d %H:%M:%S} UTC",
        f"{article.warc.file} @ {article.warc.offset}+{article.warc.length}" if article.warc else "",
    ]
    paragraphs = [_wrapped(paragraph) for paragraph in article.text.split("\n")]
    blocks = ["\n".join(filter(None, head)), *paragraphs, "—", "\n".join(filter(None, foot))]
    return "\n\n".join(blocks)


def _wrapped(paragraph: str) -> str:
    return textwrap.fill(paragraph, WIDTH, break_long_words=False, break_on_hyphens=False)
