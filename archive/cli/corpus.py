"""Commands that look at the words of many articles: kwic."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from archive.article import format_time
from archive.cli.common import add_choice, add_limit, choice_of, opened, within

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from archive.reader.concordance import Line

_COLUMNS = ("id", "outlet", "published", "left", "keyword", "right", "place", "url")
_ISOLATE, _END = "\u2067", "\u2069"  # from right to left, whatever stands before it

# --- Show a word in its contexts: every place where it stands, with the words around it ------------------------------


def add_kwic(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("word", metavar="WORD", help="a word, or several in quotation marks that follow one another")
    parser.add_argument("--exact", action="store_true", help="the word alone, without what is written together with it")
    parser.add_argument("--width", type=within(0, 200), default=8, metavar="N", help="words on each side; by default 8")
    parser.add_argument(
        "--csv", action="store_true", help="comma-separated values: id, outlet, published, left, keyword …"
    )
    add_choice(parser)
    add_limit(parser)


def run_kwic(args: argparse.Namespace) -> int:
    """Show a word in its contexts, whatever is written together with it: conjunctions, prepositions, the article, pronouns."""
    lines = _lines(args)
    writer = csv.writer(sys.stdout)
    if args.csv:
        writer.writerow(_COLUMNS)
    count = 0
    for count, line in enumerate(lines, 1):  # noqa: B007  how many there were
        if args.json:
            sys.stdout.write(json.dumps(_record(line), ensure_ascii=False) + "\n")
        elif args.csv:
            writer.writerow([_cell(value) for value in _record(line).values()])
        else:
            sys.stdout.write(_as_text(line))
    if not count:
        sys.stderr.write(f"{args.word} stands nowhere in what was chosen\n")
    return 0 if count else 1


def _lines(args: argparse.Namespace) -> Iterator[Line]:
    from itertools import islice  # noqa: PLC0415  with the concordance

    from archive.reader.concordance import Pattern  # noqa: PLC0415  imported when it is needed: the command line stays fast

    pattern = Pattern(args.word, clitics=not args.exact)
    articles = opened(args).articles(**choice_of(args))
    return islice((line for article in articles for line in pattern.lines(article, args.width)), args.limit)


def _record(line: Line) -> dict[str, Any]:
    return asdict(line) | {"published": line.published and format_time(line.published)}


def _cell(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _as_text(line: Line) -> str:
    """Return a place as one line; on a terminal the word stands out, and the line runs from the right."""
    if not sys.stdout.isatty():
        return f"{line.id}\t{line.left}\t{line.keyword}\t{line.right}\n"
    return f"{line.id}  {_ISOLATE}{line.left} [{line.keyword}] {line.right}{_END}\n"
