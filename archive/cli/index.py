"""Bring the index up to date, by which one article or capture is found without reading the archive."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from archive.cli.common import opened
from archive.cli.progress import progress

if TYPE_CHECKING:
    import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--anew", action="store_true", help="forget the index that is there, and read everything again")
    parser.add_argument("--check", action="store_true", help="change nothing: hold the index against the segments")
    parser.add_argument(
        "--sweep",
        action="store_true",
        help="instead, remove the parts of former indexes; needs the permission to delete",
    )


def run(args: argparse.Namespace) -> int:
    """Build or check it; exit code 1 where it is not what the segments say."""
    from archive.index import build, check, sweep  # noqa: PLC0415  imported when it is needed: the command line stays fast

    archive = opened(args)
    if args.sweep:
        for key in sweep(archive.store):
            sys.stdout.write((json.dumps({"removed": key}) if args.json else f"removed {key}") + "\n")
        return 0
    with progress("reading segments") as tell:
        if args.check:
            entries, is_right = check(archive, on_progress=tell)
        else:
            done = build(archive, anew=args.anew, on_progress=tell)
    if not args.check:
        words = f"{done.segments:,} segments added to {done.known:,}; {done.entries:,} entries, {done.bytes:,} bytes"
        sys.stdout.write((json.dumps(asdict(done)) if args.json else words) + "\n")
        return 0
    said = "the index is what its segments say" if is_right else "the index is wrong; make it with index --anew"
    sys.stdout.write(
        json.dumps({"entries": entries, "right": is_right}) + "\n" if args.json else f"{entries:,} entries: {said}\n"
    )
    return 0 if is_right else 1
