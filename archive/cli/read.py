"""List articles: one line each for people, the whole record with --json."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from archive.cli.bidi import isolated
from archive.cli.choice import add_choice, add_limit, chosen
from archive.cli.columns import issued, minute
from archive.cli.common import opened

if TYPE_CHECKING:
    import argparse

    from archive.article import Article


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_choice(parser)
    add_limit(parser)


def run(args: argparse.Namespace) -> int:
    """Print the articles that fit, as they are read."""
    for article in chosen(opened(args), args):
        sys.stdout.write((article.to_line() if args.json else row_of(article)) + "\n")
    return 0


def row_of(article: Article) -> str:
    """Return an article as one line for people; on a terminal the headline leaves the columns in their places."""
    when = issued(article) if article.published else minute(article.captured)
    version = f" (v{article.version})" if article.version > 1 else ""
    return (
        f"{when:16}  {article.id}{version}  {isolated(article.headline) if sys.stdout.isatty() else article.headline}"
    )
