"""Rebuild the local catalog from the archive."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("action", choices=["rebuild"], help="rebuild: read the published manifests into a new catalog")
    parser.add_argument(
        "--catalog", type=Path, required=True, metavar="FILE", help="the catalog's file; replaced when done"
    )
    parser.add_argument("--days", type=int, metavar="N", help="crawl dates of the last N days only; by default all")


def run(args: argparse.Namespace) -> int:
    """Rebuild it beside the old one, which stays in its place until the new one is whole."""
    from archive.catalog import Catalog  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.reader import open_archive  # noqa: PLC0415  imported when it is needed: the command line stays fast

    archive = open_archive(args.archive)
    part = args.catalog.with_name(args.catalog.name + ".part")
    part.unlink(missing_ok=True)
    catalog = Catalog(part)
    catalog.catch_up(archive.store, archive.outlets(), None if args.days is None else timedelta(days=args.days))
    counts = catalog.count()
    catalog.close()
    part.replace(args.catalog)
    words = ", ".join(f"{count:,} {table}" for table, count in counts.items())
    sys.stdout.write(json.dumps(counts) + "\n" if args.json else f"{args.catalog}: {words}\n")
    return 0
