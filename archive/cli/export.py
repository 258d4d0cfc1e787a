"""Export chosen articles for other tools; a second export into the same folder adds only what is new."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from archive.cli.choice import add_choice, choice_of
from archive.cli.common import opened

if TYPE_CHECKING:
    import argparse

FORMATS = ("parquet", "jsonl", "csv", "hf", "datatrove", "wet", "wacz")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--format", required=True, choices=FORMATS, help="hf is a Hugging Face dataset folder")
    add_choice(parser)
    parser.add_argument(
        "--permitted", action="store_true",
        help="leave out what its outlet asked machines not to learn from (noai, a TDM reservation)",
    )  # fmt: skip
    parser.add_argument("--anew", action="store_true", help="begin again, whatever the folder holds of an export")
    parser.add_argument("folder", metavar="OUT", help="the folder; made where it is not there")


def run(args: argparse.Namespace) -> int:
    """Write the files, and say how many articles they brought."""
    from archive.export import export  # noqa: PLC0415  imported when it is needed: the command line stays fast

    store = opened(args).store
    done = export(
        store, Path(args.folder), args.format, choice_of(args), permitted=args.permitted, anew=args.anew
    )  # fmt: skip
    if args.json:
        said = {"folder": args.folder, "added": done.added, "articles": done.articles, "anew": done.anew}
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
        return 0
    if done.anew:
        sys.stderr.write(f"made anew: {done.anew}\n")
    sys.stdout.write(f"{done.added:,} articles added, {done.articles:,} in {args.folder}\n")
    return 0
