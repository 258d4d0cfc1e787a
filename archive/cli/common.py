"""What the archive's commands do alike: arguments, opening, one article, columns, directions, progress, errors that help."""

from __future__ import annotations

import argparse
import math
import re
import sys
import textwrap
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from archive.article import Article
    from archive.reader.archive import Archive
    from archive.reader.query import Choice

# ---------------------------------------------------------------------------------------------------------------------
# Text that runs from right to left, among text that runs the other way (Unicode's bidirectional algorithm, UAX 9).
#     FSI headline PDI    isolated: a name or headline in a line of other things leaves these in their places
#     RLM line            a line that begins with a Latin word or a number runs from right to left all the same
#
# The marks are for eyes: running text has them on a terminal alone.

_ISOLATE, _END, _RTL = "\u2068", "\u2069", "\u200f"
_FROM_RIGHT = {"ar", "fa", "he", "ku", "ur"}


def isolated(text: str) -> str:
    """Return text whose direction is its own, whatever stands around it."""
    return f"{_ISOLATE}{text}{_END}"


def page_of(text: str, language: str, *, width: int, marked: bool) -> Iterator[str]:
    """Yield a text's paragraphs, wrapped, for a terminal that knows directions.

    Args:
        text: paragraphs, one a line.
        language: BCP 47.
        width: columns.
        marked: begin each line of a language that is written from the right with a mark that says so.
    """
    mark = _RTL if marked and language.partition("-")[0] in _FROM_RIGHT else ""
    for paragraph in text.split("\n"):
        lines = textwrap.wrap(paragraph, width, break_long_words=False, break_on_hyphens=False)
        yield "\n".join(mark + line for line in lines)


# --- Rows for a terminal: columns by two blanks, the last one free text that may run from right to left --------------
#     version  captured          headline
#     1        2026-11-23 10:00  عنوان       the last cell stands in a direction isolate; the columns before it stay in place
#
# Nothing is cut or wrapped, whatever the terminal's width: what is piped on is whole.

NOTHING = "–"
_ISOLATE_CELL, _END_CELL = "\u2068", "\u2069"  # the direction inside is that of its own first letter


def in_columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the head and the rows as lines; each row has as many cells as the head."""
    widths = [max(map(len, cells)) for cells in zip(head, *rows, strict=True)][:-1]
    for row in (head, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "  ".join([*cells, row[-1] if row is head else f"{_ISOLATE_CELL}{row[-1]}{_END_CELL}"])


def issued(article: Article) -> str:
    """Return when an article was published, to the minute, UTC; a day where no more is known, a dash where nothing is."""
    return f"{article.issued}" if article.is_dated_by_day else minute(article.published)


def minute(moment: datetime | None) -> str:
    """Return a moment to the minute, UTC; a dash where there is none."""
    return NOTHING if moment is None else f"{moment:%Y-%m-%d %H:%M}"


# --- An argparse parser that says what was probably meant ------------------------------------------------------------

_CHOICE = re.compile(r"invalid choice: '([^']*)'")
_UNKNOWN = re.compile(r"unrecognized arguments: (\S+)")


class Parser(argparse.ArgumentParser):
    """The parser of all commands; those of the commands are of this class too."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and what is like it; exit code 2."""
        if wrong := _CHOICE.search(message):
            words = {str(choice) for action in self._actions for choice in action.choices or ()}
            message = f"there is no {wrong[1]!r}{meant(wrong[1], words)}"
        elif wrong := _UNKNOWN.search(message):
            message += meant(wrong[1].partition("=")[0], _options(self))
        super().error(message)


def within(least: float, most: float = math.inf, kind: Callable[[str], float] = int) -> Callable[[str], float]:
    """Return an argument's type: a number of a kind, not less than one bound nor more than the other."""

    def read(text: str) -> float:
        number = kind(text)
        if not least <= number <= most:
            bounds = f"at least {least}" if most == math.inf else f"from {least} to {most}"
            raise argparse.ArgumentTypeError(f"is {bounds}, not {text}")
        return number

    read.__name__ = getattr(kind, "__name__", "number")  # argparse says it of what is no number at all
    return read


def meant(word: str, words: Iterable[str]) -> str:
    """Return a question after the likeliest of some words, or which there are; to be put behind a sentence."""
    there = sorted(words)
    like = get_close_matches(word, there, n=1)
    return f"; did you mean {like[0]}?" if like else f"; there are {', '.join(there)}" if there else ""


def _options(parser: argparse.ArgumentParser) -> set[str]:
    options = {option for action in parser._actions for option in action.option_strings}  # noqa: SLF001  argparse shows them no other way
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            options |= {option for sub in action.choices.values() for option in _options(sub)}
    return options


# --- What commands do alike: open the archive, check outlets, find one article, complain of what is not there --------


def opened(args: argparse.Namespace) -> Archive:
    """Open the archive that the arguments name, and see that it knows the outlets that they name.

    Raises:
        StoreRefused: there is none.
        ValueError: there is no such outlet; the message says which are like it.
    """
    from archive.reader.archive import open_archive  # noqa: PLC0415  imported when it is needed: the command line stays fast

    archive = open_archive(args.archive)
    named = getattr(args, "outlet", None) or ()
    if wrong := _unknown(archive, [named] if isinstance(named, str) else named):
        raise ValueError(f"{archive.store.uri} has no outlet {wrong}")
    return archive


def one_article(archive: Archive, name: str, as_of: str | None = None) -> Article | None:
    """Return an article by id or address; None, and a sentence to the user, where there is none."""
    article = archive.article(name, as_of=as_of)
    if article is None:
        by_then = f" from before {as_of}" if as_of else ""
        sys.stderr.write(f"{archive.store.uri} holds no article {name}{by_then}{_hint(archive, name)}\n")
    return article


def complete_outlets(prefix: str, parsed_args: Any, **_: Any) -> list[str]:
    """Return the outlets of the archive for the shell's completion; none where it cannot be asked."""
    from archive.reader.archive import open_archive  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.store import StoreError  # noqa: PLC0415

    try:
        names = open_archive(getattr(parsed_args, "archive", None)).outlets()
    except StoreError:
        return []
    return [name for name in names if name.startswith(prefix)]


def _unknown(archive: Archive, names: Iterable[str]) -> str | None:
    there = archive.outlets() if names else []
    wrong = next((name for name in names if name not in there), None)
    return f"{wrong!r}{meant(wrong, there)}" if wrong and there else None


def _hint(archive: Archive, name: str) -> str:
    if "://" in name:
        return ""
    outlet, there = name.partition(":")[0], archive.outlets()
    return "" if outlet in there or ":" not in name else f"; it has no outlet {outlet!r}{meant(outlet, there)}"


# --- The arguments by which articles are chosen, the same for every command that takes some --------------------------

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


# --- What is being done, on a terminal and beside the output; in a pipe or a log nothing of it is seen ---------------


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[str], None]]:
    """Show a bar, or a count where the total is unknown; yield what is to be told each step's name."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.fields[name]}"), console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(what, total=total, name="")
        yield lambda name: shown.update(task, advance=1, name=name.rpartition("/")[2])
