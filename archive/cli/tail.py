"""Print new articles as they are published, each once, whatever happens in between."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from archive.cli.choice import add_choice, choice_of
from archive.cli.common import opened
from archive.cli.parser import within
from archive.cli.read import row_of

if TYPE_CHECKING:
    import argparse

    from archive.manifests.listing import Cursor
    from archive.reader.archive import Archive


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_choice(parser)
    parser.add_argument(
        "--cursor", type=Path, metavar="FILE", help="begin where this file says, and keep it up to date"
    )
    parser.add_argument(
        "--from-start", action="store_true", help="begin with the first article ever, where no cursor says else"
    )
    parser.add_argument(
        "--every", type=within(0, kind=float), default=30.0, metavar="SECONDS", help="between two looks; by default 30"
    )
    parser.add_argument("--once", action="store_true", help="print what is new, and end")


def run(args: argparse.Namespace) -> int:
    """Print lines until the end, or an interrupt.

    The cursor's file is replaced after a segment's lines were written out: who is killed in between gets that segment again.
    """
    from archive.manifests.listing import Cursor  # noqa: PLC0415  imported when it is needed: the command line stays fast

    archive = opened(args)
    if args.cursor is not None and args.cursor.exists():
        cursor = Cursor.from_json(args.cursor.read_text(encoding="utf-8", errors="replace"))
    else:
        cursor = Cursor() if args.from_start else archive.cursor()
    _keep(args.cursor, cursor)
    while True:
        _round(archive, cursor, args)
        if args.once:
            return 0
        time.sleep(args.every)


def _round(archive: Archive, cursor: Cursor, args: argparse.Namespace) -> None:
    """Print what is new; in a long watch an outage of the store is waited out."""
    from archive.store import StoreUnavailable  # noqa: PLC0415  imported when it is needed: the command line stays fast

    try:
        for manifest in archive.manifests(after=cursor):
            if archive.lens.is_news(manifest):
                for article in archive.articles_of(manifest, **choice_of(args)):
                    sys.stdout.write((article.to_line() if args.json else row_of(article)) + "\n")
                sys.stdout.flush()
            cursor.advance(manifest)
            _keep(args.cursor, cursor)
    except StoreUnavailable as error:
        if args.once:
            raise
        sys.stderr.write(f"{error}; trying again in {args.every:g} s\n")


def _keep(path: Path | None, cursor: Cursor) -> None:
    if path is not None:
        part = path.with_name(path.name + ".part")
        part.write_text(cursor.to_json() + "\n", encoding="utf-8")
        part.replace(path)
