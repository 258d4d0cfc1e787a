"""Print SQL that makes the articles a view in DuckDB, straight on the archive's objects: exactly what a reader sees."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from archive.cli.common import opened

if TYPE_CHECKING:
    import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--outlet", metavar="NAME", help="only this outlet")


def run(args: argparse.Namespace) -> int:
    """Print the statement."""
    from archive.export.columns import articles_view  # noqa: PLC0415  imported when it is needed: the command line stays fast

    sys.stdout.write(articles_view(opened(args), args.outlet))
    return 0
