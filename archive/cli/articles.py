"""List articles: one line each for people, the whole record with --json."""

from __future__ import annotations

import sys
from itertools import islice
from typing import TYPE_CHECKING

from archive.cli.choice import add_choice, choice_of

if TYPE_CHECKING:
    import argparse

    from archive.article import Article


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_choice(parser)
    parser.add_argument("--limit", type=int, metavar="N", help="at most so many")


def run(args: argparse.Namespace) -> int:
    """Print the articles that fit, as they are read."""
    from archive.reader import open_archive  # noqa: PLC0415  imported when it is needed: the command line stays fast

    archive = open_archive(args.archive)
    for article in islice(archive.articles(**choice_of(args)), args.limit):
        sys.stdout.write((article.to_line() if args.json else _row(article)) + "\n")
    return 0


def _row(article: Article) -> str:
    moment = article.published or article.captured
    version = f" (v{article.version})" if article.version > 1 else ""
    return f"{moment:%Y-%m-%d %H:%M}  {article.id}{version}  {article.headline}"
