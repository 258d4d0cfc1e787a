"""Print the JSON Schema of an article line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """Add no argument: the schema is the same for every archive."""


def run(args: argparse.Namespace) -> int:  # noqa: ARG001  every command has it
    """Print the schema."""
    from archive.schema import article_schema  # noqa: PLC0415  imported when it is needed: the command line stays fast

    sys.stdout.write(article_schema())
    return 0
