"""Rebuild the local catalog from the archive, or put a checkpoint of it there."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from archive.cli.parser import within

if TYPE_CHECKING:
    import argparse

    from archive.reader.archive import Archive


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "action",
        choices=["rebuild", "checkpoint"],
        help="rebuild: read the published manifests into a new catalog; checkpoint: put the catalog into the archive, "
        "so that a crawl on an empty disk begins quickly",
    )
    parser.add_argument("--catalog", type=Path, required=True, metavar="FILE", help="the catalog's file")
    parser.add_argument(
        "--days", type=within(1), metavar="N", help="crawl dates of the last N days only; by default all"
    )


def run(args: argparse.Namespace) -> int:
    """Do it; a rebuilt catalog takes the old one's place when it is whole."""
    from archive.catalog import Catalog  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.reader.archive import open_archive  # noqa: PLC0415  imported when it is needed: the command line stays fast

    archive = open_archive(args.archive)
    if args.action == "checkpoint":
        return _checkpoint(args, archive)
    part = args.catalog.with_name(args.catalog.name + ".part")
    part.unlink(missing_ok=True)
    window = None if args.days is None else timedelta(days=args.days)
    with closing(Catalog(part)) as catalog:
        catalog.catch_up(archive.store, archive.outlets(), window, checkpoints=False)
        counts = catalog.count()
    part.replace(args.catalog)
    words = ", ".join(f"{count:,} {table}" for table, count in counts.items())
    sys.stdout.write(json.dumps(counts) + "\n" if args.json else f"{args.catalog}: {words}\n")
    return 0


def _checkpoint(args: argparse.Namespace, archive: Archive) -> int:
    from archive.catalog import Catalog, write_checkpoint  # noqa: PLC0415
    from archive.files import is_damaged  # noqa: PLC0415  imported when it is needed: the command line stays fast

    if not args.catalog.exists():
        raise ValueError(f"there is no catalog {args.catalog}; rebuild makes one")
    if is_damaged(args.catalog):
        raise ValueError(f"{args.catalog} is no catalog, or a damaged one; rebuild makes it anew")
    with closing(Catalog(args.catalog)) as catalog:
        keys = [key for outlet in archive.outlets() if (key := write_checkpoint(catalog, archive.store, outlet))]
    sys.stdout.write("".join(f"{json.dumps({'key': key}) if args.json else key}\n" for key in keys))
    return 0
