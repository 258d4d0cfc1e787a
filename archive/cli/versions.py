"""List all versions of an article: when, how many words came and went, and whether the outlet said so."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from archive.cli.columns import NOTHING, in_columns, issued, minute
from archive.cli.common import opened

if TYPE_CHECKING:
    import argparse

    from archive.article import Article

_HEAD = ("version", "captured", "published", "modified", "words", "added", "removed", "silent", "headline")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "id", metavar="ID", help="the article's id, as outlet:number or the number alone, or its address"
    )


def run(args: argparse.Namespace) -> int:
    """Print the versions, oldest first; exit code 1 where the archive has none of this id."""
    archive = opened(args)
    found = archive.versions(args.id)
    if not found:
        sys.stderr.write(f"{archive.store.uri} holds no article {args.id}\n")
        return 1
    lines = (article.to_line() for article in found) if args.json else in_columns(_HEAD, [_row(a) for a in found])
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def _row(article: Article) -> tuple[str, ...]:
    changes = article.changes
    what = (
        (NOTHING,) * 3
        if changes is None
        else (f"+{changes.words_added}", f"-{changes.words_removed}", "silent" if changes.silent else NOTHING)
    )
    when = (minute(article.captured), issued(article), minute(article.modified))
    return (str(article.version), *when, str(article.words), *what, article.headline)
