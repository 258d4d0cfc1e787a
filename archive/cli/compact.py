"""Join a month's many small segments into few large ones; readers see the same."""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from archive.cli.common import opened
from archive.cli.parser import within

if TYPE_CHECKING:
    import argparse

    from archive.store import Store


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--outlet", action="append", metavar="NAME", help="only this outlet; may be given several times"
    )
    parser.add_argument(
        "--month", action="append", metavar="YYYY-MM", help="this crawl month; by default all that are over"
    )
    parser.add_argument(
        "--large", type=within(1), metavar="BYTES", help="about the size of a segment; by default a gigabyte"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be joined, and change nothing")
    parser.add_argument(
        "--sweep-after", type=within(0), metavar="DAYS",
        help="instead, remove the objects that were replaced more than DAYS ago; needs the permission to delete",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Print a line for each new segment (or each removed object); exit code 1 where somebody else is at it."""
    from archive.maintenance.compaction import months, outlets_of  # noqa: PLC0415
    from archive.manifests.lease import LeaseHeld  # noqa: PLC0415  imported when it is needed: the command line stays fast

    for month in args.month or ():
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
            raise ValueError(f"a month is written yyyy-mm, not {month!r}")
    store = opened(args).store
    store.check(write=not args.dry_run)
    this = f"{datetime.now(UTC):%Y-%m}"
    for outlet in outlets_of(store, args.outlet):
        for month in args.month or [month for month in months(store, outlet) if month < this]:
            try:
                _month(store, outlet, month, args)
            except LeaseHeld as error:
                sys.stderr.write(f"{error}\n")
                return 1
    return 0


def _month(store: Store, outlet: str, month: str, args: argparse.Namespace) -> None:
    from archive.maintenance import compaction  # noqa: PLC0415  imported when it is needed: the command line stays fast

    large = args.large or compaction.LARGE
    if args.sweep_after is not None:
        for key in compaction.sweep(store, outlet, month, args.sweep_after):
            _say(args, f"removed {key}", {"outlet": outlet, "month": month, "removed": key})
        return
    if args.dry_run:
        for group in compaction.groups(store, outlet, month, large):
            items = [item for view in group.views for item in view.objects]
            count = sum(item.records.get("article", 0) for item in items if item.kind == "articles")
            said = {"outlet": outlet, "month": month, "segments": len(group.views), "articles": count}
            words = f"{outlet} {month}: {len(group.views)} segments would become one, {count:,} articles, {group.bytes:,} bytes"
            _say(args, words, said | {"bytes": group.bytes})
        return
    for made in compaction.compact(store, outlet, month, large=large):
        said = {"outlet": outlet, "month": month, "segments": len(made.replaces), "manifest": made.key}
        _say(args, f"{outlet} {month}: {len(made.replaces)} segments are one now, {made.segment}", said)


def _say(args: argparse.Namespace, words: str, said: dict[str, object]) -> None:
    sys.stdout.write((json.dumps(said, ensure_ascii=False) if args.json else words) + "\n")
