"""Print the JSON Schema of an article line, or of an event line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """Add the choice of the line."""
    parser.add_argument("--of", choices=("article", "event"), default="article", help="which line's (article)")


def run(args: argparse.Namespace) -> int:
    """Print the schema."""
    from archive.schema import article_schema, event_schema  # noqa: PLC0415  imported when it is needed: the command line stays fast

    sys.stdout.write(event_schema() if args.of == "event" else article_schema())
    return 0
