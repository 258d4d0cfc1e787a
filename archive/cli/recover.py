"""Mend the spool of a crawl that died, and publish what it holds."""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--spool", type=Path, default=Path(os.environ.get("SPOOL_DIR", "spool")), metavar="DIR",
        help="by default $SPOOL_DIR, else ./spool",
    )  # fmt: skip
    parser.add_argument(
        "--copies", default=os.environ.get("ARCHIVE_COPIES", ""), metavar="URI,…",
        help="stores that get everything too, each with endpoint=, profile= … behind it; by default $ARCHIVE_COPIES",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Recover, publish, and say what was done; exit code 3 where something still waits."""
    from archive.catalog import Catalog  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.manifests.publisher import Publisher, open_copies  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.spool.recovery import recover  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.spool.spool import Spool, spool_of  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.store import default_uri, open_store  # noqa: PLC0415  imported when it is needed: the command line stays fast

    store = open_store(args.archive or default_uri())
    copies = open_copies(args.copies, store)
    store.check()
    folder = spool_of(args.spool, store.uri)
    done = recover(folder, store)
    with closing(Catalog(folder.with_name(f"{folder.name}.catalog"))) as catalog:
        catalog.catch_up(store, Spool(folder).outlets())
        published = Publisher([store, *copies], folder, catalog).publish_sealed()
    if args.json:
        found = {"recovered": [asdict(one) for one in done], "published": len(published.manifests)}
        sys.stdout.write(json.dumps(found | {"waiting": published.waiting}, ensure_ascii=False) + "\n")
    else:
        for one in done:
            sys.stdout.write(f"{one}\n")
        sys.stdout.write(
            f"{len(published.manifests)} segments published, {published.waiting} still waiting in {folder}\n"
        )
    for failure in published.failures:
        sys.stderr.write(f"{failure}\n")
    return 3 if published.waiting else 0
