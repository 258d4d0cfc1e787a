"""Show what the archive holds, by outlet and crawl date."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from archive.cli.choice import add_outlets
from archive.cli.common import opened
from archive.cli.progress import progress

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator

    from archive.manifests.listing import Day
    from archive.manifests.manifest import Manifest


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_outlets(parser)


def run(args: argparse.Namespace) -> int:
    """Print a table, a row for each outlet and day."""
    from archive.manifests.listing import days_of  # noqa: PLC0415  imported when it is needed: the command line stays fast

    archive = opened(args)
    with progress("reading manifests") as tell:
        outlets = args.outlet or archive.outlets()
        days = days_of(told(tell, (one for outlet in outlets for one in archive.manifests(outlet))))
    if args.json:
        for day in days:
            sys.stdout.write(json.dumps(asdict(day), ensure_ascii=False) + "\n")
    elif not days:
        sys.stdout.write(f"Nothing is published in {archive.store.uri} yet.\n")
    else:
        _print_table(days, archive.store.uri)
    return 0


def told(tell: Callable[[str], None], manifests: Iterable[Manifest]) -> Iterator[Manifest]:
    """Pass manifests on and tell of each."""
    for manifest in manifests:
        tell(manifest.key)
        yield manifest


def _print_table(days: Iterable[Day], uri: str) -> None:
    from rich.console import Console  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from rich.filesize import decimal  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from rich.table import Table  # noqa: PLC0415  imported when it is needed: the command line stays fast

    table = Table(title=uri, show_footer=True)
    days = list(days)
    sums = [sum(getattr(day, name) for day in days) for name in ("segments", "articles", "captures", "bytes")]
    table.add_column("outlet", footer="all")
    table.add_column("crawled", footer="1 day" if (many := len({day.date for day in days})) == 1 else f"{many} days")
    for name, total in zip(("segments", "articles", "captures"), sums, strict=False):
        table.add_column(name, justify="right", footer=f"{total:,}")
    table.add_column("size", justify="right", footer=decimal(sums[3]))
    for day in days:
        counts = (f"{day.segments:,}", f"{day.articles:,}", f"{day.captures:,}", decimal(day.bytes))
        table.add_row(day.outlet, day.date, *counts)
    Console().print(table)
