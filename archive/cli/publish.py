"""Write the archive as a static site in Arabic: pages by tag, article, story and outlet, search, feeds; only what changed."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from archive.cli.parser import within

if TYPE_CHECKING:
    import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    from archive.site.arguments import add_looks  # noqa: PLC0415  the site's own arguments stand with the site

    parser.add_argument("output", metavar="OUT", help="a folder, file:///… or s3://bucket/prefix")
    add_looks(parser)
    parser.add_argument("--without-replays", action="store_true", help="leave out the captured pages")
    parser.add_argument("--everything", action="store_true", help="write all pages anew, not only what changed")
    parser.add_argument(
        "--processes", type=within(1), metavar="N", help="make pages in so many processes; by default one a core"
    )


def run(args: argparse.Namespace) -> int:
    """Catch up with the archive, write the pages, say what was written."""
    from archive.site.arguments import caught_up, looks_of  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.site.static_site import Plan, build  # noqa: PLC0415
    from archive.store import StoreRefused  # noqa: PLC0415

    looks = looks_of(args)
    with caught_up(args) as (archive, index):
        if args.output.rstrip("/") in {archive.store.uri.rstrip("/"), str(args.archive or "").rstrip("/")}:
            raise StoreRefused("the site cannot stand in the archive's own place; name another folder or prefix")
        plan = Plan(archive.store.uri, index.path, args.output, looks, not args.without_replays)
        written = build(plan, everything=args.everything, processes=args.processes)
    files = sum(written.counts.values())
    if args.json:
        said = {
            "output": args.output,
            "files": files,
            "whole": written.whole,
            "deleted": written.deleted,
            **written.counts,
        }
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    else:
        parts = ", ".join(f"{count} of {kind}" for kind, count in written.counts.items())
        gone = f"; {written.deleted} deleted" if written.deleted else ""
        sys.stdout.write(f"{files} files written to {args.output}" + (f" ({parts})" if parts else "") + gone + "\n")
    return 0
