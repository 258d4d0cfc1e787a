"""Print the text alone, of one article or of all that are chosen: for grep, for counting, for a corpus."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from archive.cli.choice import add_choice, add_limit, chosen
from archive.cli.common import one_article, opened

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from archive.article import Article


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "id", metavar="ID", nargs="?", help="the article's id or address; without it, all that are chosen"
    )
    add_choice(parser)
    add_limit(parser)


def run(args: argparse.Namespace) -> int:
    """Print headline and text, paragraph by paragraph, an empty line between articles; exit code 1 where there is none."""
    archive = opened(args)
    found: Iterable[Article]
    if args.id is None:
        found = chosen(archive, args)
    else:
        article = one_article(archive, args.id, args.as_of)
        found = [] if article is None else [article]
    count = 0
    for article in found:
        if args.json:
            said = {"id": article.id, "headline": article.headline, "text": article.text}
            sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
        else:
            sys.stdout.write(("\n" if count else "") + f"{article.headline}\n{article.text}\n")
        count += 1
    return 0 if count else 1
