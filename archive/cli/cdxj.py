"""Print the merged, sorted CDXJ index of one outlet and month."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from archive.cli.common import opened

if TYPE_CHECKING:
    import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("outlet", metavar="OUTLET", help="the outlet's name")
    parser.add_argument("month", metavar="MONTH", help="crawl month, yyyy-mm")


def run(args: argparse.Namespace) -> int:
    """Print the lines; exit code 1 where nothing was captured."""
    from archive.warc.wacz import month_index  # noqa: PLC0415  imported when it is needed: the command line stays fast

    count = 0
    for line in month_index(opened(args), args.outlet, args.month):
        sys.stdout.buffer.write(line)
        count += 1
    if not count:
        sys.stderr.write(f"nothing of {args.outlet} was captured in {args.month}\n")
    return 0 if count else 1
