"""What the archive's commands do alike: arguments, opening, one article, tables, directions, progress, errors that help."""

from __future__ import annotations

import argparse
import math
import re
import shutil
import sys
import textwrap
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import unquote

from archive.text import guard_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from archive.article import Article, Head
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


# --- Tables: columns that fit a terminal, tab-separated values in a pipe ----------------------------------------------
#     version  captured          headline
#     1        2026-11-23 10:00  عنوان       the last cell stands in a direction isolate; the columns before it stay in place
#
# On a terminal columns that can be spared are left out and the last one is cut, so that a row is a line. In a pipe everything is there:
# one row a line, without a head, nothing cut, empty where there is nothing, and no mark of direction.

NOTHING = "–"
_GAP = "  "
_LEAST = 8  # columns that the last cell needs to be of use
_AT_ONCE = 200  # rows whose cells are measured together: a long list begins at once
_NOT_IN_TSV = {ord(sign): " " for sign in "\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"} | dict.fromkeys(
    map(ord, "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)


def write_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], spare: Sequence[str] = (), *, with_head: bool = True
) -> int:
    """Write rows to standard output as they come; return how many there were.

    Args:
        head: the names of the columns; the last one is free text.
        rows: as many cells each.
        spare: columns that are left out where a terminal is too narrow, the first one first.
        with_head: write the head, too, on a terminal.
    """
    count, coming, is_shown = 0, iter(rows), sys.stdout.isatty()
    while some := list(islice(coming, _AT_ONCE if is_shown else 1)):
        if is_shown:
            sys.stdout.writelines(
                f"{line}\n" for line in in_columns(head, some, spare, with_head=with_head and not count)
            )
        else:
            sys.stdout.writelines(f"{tab_separated(row)}\n" for row in some)
        count += len(some)
    return count


def without_marks(text: str) -> str:
    """Return a line without marks of direction, which are for eyes."""
    return text.translate(_NOT_IN_TSV)


def tab_separated(row: Sequence[str]) -> str:
    """Return a row as a line of tab-separated values."""
    return "\t".join("" if cell == NOTHING else cell.translate(_NOT_IN_TSV) for cell in row)


def in_columns(
    head: Sequence[str], rows: Sequence[Sequence[str]], spare: Sequence[str] = (), *, with_head: bool = True
) -> Iterator[str]:
    """Yield the head and the rows as lines that are no longer than the terminal is wide."""
    from rich.cells import cell_len  # noqa: PLC0415  imported when it is needed: the command line stays fast

    room, left = shutil.get_terminal_size().columns, list(spare)
    kept = list(range(len(head)))
    widths = [max(map(cell_len, cells)) for cells in zip(head, *rows, strict=True)]
    while _total(widths, kept) > room and left:
        kept.remove(head.index(left.pop(0)))
    while (over := _total(widths, kept) - room) > 0 and (
        widest := max(kept[:-1], key=widths.__getitem__, default=-1)
    ) >= 0:
        if widths[widest] <= _LEAST:
            break
        widths[widest] = max(widths[widest] - over, _LEAST)
    last = max(room - sum(widths[n] + len(_GAP) for n in kept[:-1]), 1)
    for row in (head, *rows) if with_head else rows:
        cells = [fitted(row[n], widths[n]) for n in kept[:-1]]
        end = cut(row[kept[-1]].translate(_NOT_IN_TSV), last)
        yield _GAP.join([*cells, end if row is head else isolated(end)])


def _total(widths: Sequence[int], kept: Sequence[int]) -> int:
    return sum(widths[n] + len(_GAP) for n in kept[:-1]) + min(widths[kept[-1]], _LEAST)


def fitted(text: str, width: int) -> str:
    """Return a text in so many columns of a terminal, cut or filled with blanks."""
    from rich.cells import cell_len  # noqa: PLC0415  as above

    text = cut(text, width)
    return text + " " * (width - cell_len(text))


def cut(text: str, width: int) -> str:
    """Return a text in at most so many columns of a terminal; dots where it goes on."""
    from rich.cells import cell_len, get_character_cell_size  # noqa: PLC0415  as above

    if cell_len(text) <= width:
        return text
    used, end = 0, 0
    for end, letter in enumerate(text):  # noqa: B007  the letters before it fit
        used += get_character_cell_size(letter)
        if used > width - 1:
            break
    return f"{text[:end].rstrip()}…"


def issued(article: Article | Head) -> str:
    """Return when an article was published, to the minute, UTC; a day where no more is known, a dash where nothing is."""
    return f"{article.issued}" if article.is_dated_by_day else minute(article.published)


def minute(moment: datetime | None) -> str:
    """Return a moment to the minute, UTC; a dash where there is none."""
    return NOTHING if moment is None else f"{moment:%Y-%m-%d %H:%M}"


# --- An argparse parser that says what was probably meant ------------------------------------------------------------

_CHOICE = re.compile(r"argument (?P<argument>.+?): invalid choice: '(?P<word>[^']*)'")
_UNKNOWN = re.compile(r"unrecognized arguments: (\S+)")


class Parser(argparse.ArgumentParser):
    """The parser of all commands; those of the commands are of this class too."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and what is like it; exit code 2."""
        if wrong := _CHOICE.search(message):
            words = {
                str(choice)
                for action in self._actions
                if _name_of(action) == wrong["argument"]
                for choice in action.choices or ()
            }
            message = f"there is no {wrong['word']!r}{meant(wrong['word'], words)}"
        elif wrong := _UNKNOWN.search(message):
            word, options = wrong[1].partition("=")[0], _options(self)
            message += "; another command has it" if word in options else like(word, options)
        super().error(message)


def _name_of(action: argparse.Action) -> str:
    """Return what argparse calls an argument in its errors."""
    return "/".join(action.option_strings) or str(action.metavar or action.dest)


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


def local_path(text: str) -> Path:
    """Read the path of a file or folder of this machine, also as ``file:///…``; a bucket's address would make a folder that is called ``s3:``."""
    scheme, is_address, rest = text.partition("://")
    if not is_address or not scheme.isalnum():
        return Path(text)
    if scheme != "file" or not rest.startswith("/"):
        raise argparse.ArgumentTypeError(f"{text} is no path of this machine; name one, and copy it from there")
    return Path(unquote(rest))


def meant(word: str, words: Iterable[str]) -> str:
    """Return a question after the likeliest of some words, or which there are; to be put behind a sentence."""
    there = sorted(words)
    return like(word, there) or (f"; there are {', '.join(there)}" if there else "")


def like(word: str, words: Iterable[str]) -> str:
    """Return a question after the likeliest of some words; nothing where none is like it."""
    likeliest = get_close_matches(word, sorted(words), n=1)
    return f"; did you mean {likeliest[0]}?" if likeliest else ""


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
    from archive.reader.archive import with_scheme  # noqa: PLC0415  as above

    if "://" in with_scheme(name):
        return ""
    outlet, there = name.partition(":")[0], archive.outlets()
    return "" if outlet in there or ":" not in name else f"; it has no outlet {outlet!r}{meant(outlet, there)}"


# --- The arguments by which articles are chosen, the same for every command that takes some --------------------------

KINDS = ("article", "live", "video", "gallery", "opinion", "explainer", "breaking")


DATES = "2026-11-23, 2026-11, 2026, today, yesterday, 7d (so long ago; h, d or w), 2026-11-23T10:00"


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that narrow a choice of articles."""
    add_outlets(parser)
    parser.add_argument("--since", metavar="DATE", help=f"published from then on: {DATES}")
    parser.add_argument("--until", metavar="DATE", help="published until then")
    parser.add_argument("--tag", help="one of the outlet's own tags")
    parser.add_argument("--agency", metavar="CODE", help="credits afp, reuters, anadolu …")
    parser.add_argument("--kind", choices=KINDS, metavar="KIND", help=f"{', '.join(KINDS[:-1])} or {KINDS[-1]}")
    parser.add_argument("--story", metavar="ID", help="carries this story")
    parser.add_argument(
        "--text",
        metavar="WORDS",
        help='with all these words, in any written form, singular or broken plural; "…" stands as it is',
    )
    parser.add_argument("--as-of", metavar="TIME", help="the archive as it was then")
    parser.add_argument("--all-versions", action="store_true", help="all versions, not the latest alone")
    parser.add_argument("--unique-stories", action="store_true", help="without copies of what another told first")
    parser.add_argument(
        "--sort", choices=("published", "captured"), default="published", metavar="BY",
        help="published (default) or captured",
    )  # fmt: skip
    parser.add_argument("--oldest-first", action="store_true", help="not the newest first")


def add_outlets(parser: argparse.ArgumentParser) -> None:
    """Add --outlet, which may be given several times."""
    action = parser.add_argument("--outlet", action="append", metavar="NAME", help="only this outlet, or several")
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
        "sort": args.sort,
    }


def chosen(archive: Archive, args: argparse.Namespace) -> Iterator[Article]:
    """Yield the articles that the arguments choose, at most ``--limit`` of them."""
    return islice(archive.articles(**choice_of(args)), args.limit)


def say_nothing_fits(archive: Archive, what: str = "article fits") -> None:
    """Say on standard error that a result is empty: in a pipe nothing could mean anything."""
    sys.stderr.write(f"no {what}; {archive.store.uri} was looked through\n")


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
    with Progress(
        *columns,
        TextColumn("{task.fields[name]}"),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
    ) as shown:
        guard_terminal()  # rich stands before it now, and would read the colours and links out of what is printed
        task = shown.add_task(what, total=total, name="")
        yield lambda name: shown.update(task, advance=1, name=name.rpartition("/")[2])
