"""The arguments by which articles are chosen, the same for every command that takes some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that narrow a choice of articles."""
    parser.add_argument(
        "--outlet", action="append", metavar="NAME", help="only this outlet; may be given several times"
    )
    parser.add_argument("--since", metavar="DATE", help="published on or after this day or moment")
    parser.add_argument("--until", metavar="DATE", help="published on or before it")
    parser.add_argument("--tag", help="one of the outlet's own tags")
    parser.add_argument("--agency", metavar="CODE", help="credited to this agency: afp, reuters, anadolu …")
    parser.add_argument("--kind", help="article, live, video, gallery, opinion, explainer or breaking")
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


def choice_of(args: argparse.Namespace) -> dict[str, Any]:
    """Return the arguments as `archive.reader.Archive.articles` takes them."""
    names = ("outlet", "since", "until", "tag", "agency", "kind", "story", "text", "as_of")
    return {name: getattr(args, name) for name in names} | {
        "versions": "all" if args.all_versions else "latest",
        "unique_stories": args.unique_stories,
        "newest_first": not args.oldest_first,
    }
