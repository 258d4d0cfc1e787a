"""The arguments by which articles are chosen, the same for every command that takes some."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from archive.cli.common import complete_outlets
from archive.cli.parser import within

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from archive.article import Article
    from archive.reader.archive import Archive
    from archive.reader.query import Choice

KINDS = ("article", "live", "video", "gallery", "opinion", "explainer", "breaking")


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that narrow a choice of articles."""
    add_outlets(parser)
    parser.add_argument("--since", metavar="DATE", help="published on or after this day or moment")
    parser.add_argument("--until", metavar="DATE", help="published on or before it")
    parser.add_argument("--tag", help="one of the outlet's own tags")
    parser.add_argument("--agency", metavar="CODE", help="credited to this agency: afp, reuters, anadolu …")
    parser.add_argument("--kind", choices=KINDS, metavar="KIND", help=f"{', '.join(KINDS[:-1])} or {KINDS[-1]}")
    parser.add_argument("--story", metavar="ID", help="carries this story")
    parser.add_argument(
        "--text", metavar="WORDS", help="these words stand in headline or text; diacritics do not matter"
    )
    parser.add_argument("--as-of", metavar="TIME", help="the archive as it was then")
    parser.add_argument("--all-versions", action="store_true", help="every version, not the latest alone")
    parser.add_argument(
        "--unique-stories", action="store_true", help="leave out copies of a story that another told first"
    )
    parser.add_argument("--oldest-first", action="store_true", help="in the order of capture")


def add_outlets(parser: argparse.ArgumentParser) -> None:
    """Add --outlet, which may be given several times."""
    action = parser.add_argument(
        "--outlet", action="append", metavar="NAME", help="only this outlet; may be given several times"
    )
    action.completer = complete_outlets  # type: ignore[attr-defined]  # where argcomplete looks


def choice_of(args: argparse.Namespace) -> Choice:
    """Return the arguments as `archive.reader.archive.Archive.articles` takes them."""
    return {
        "outlet": args.outlet,
        "since": args.since,
        "until": args.until,
        "tag": args.tag,
        "agency": args.agency,
        "kind": args.kind,
        "story": args.story,
        "text": args.text,
        "as_of": args.as_of,
        "versions": "all" if args.all_versions else "latest",
        "unique_stories": args.unique_stories,
        "newest_first": not args.oldest_first,
    }


def chosen(archive: Archive, args: argparse.Namespace) -> Iterator[Article]:
    """Yield the articles that the arguments choose, at most ``--limit`` of them."""
    return islice(archive.articles(**choice_of(args)), args.limit)


def add_limit(parser: argparse.ArgumentParser) -> None:
    """Add --limit."""
    parser.add_argument("--limit", type=within(0), metavar="N", help="at most so many")
