"""Pack chosen articles with everything that was captured beside them into a WACZ, for replayweb.page, pywb and others."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from archive.cli.choice import add_choice, choice_of
from archive.cli.common import opened
from archive.cli.parser import within

if TYPE_CHECKING:
    import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_choice(parser)
    parser.add_argument("--limit", type=within(0), metavar="N", help="at most so many articles")
    parser.add_argument("--title", default="Warraq", help="the title that a replay shows")
    parser.add_argument("file", metavar="FILE", help="the WACZ to write; it may not exist yet")


def run(args: argparse.Namespace) -> int:
    """Write the file; exit code 1, and no file, where nothing was chosen."""
    from archive.warc.wacz import pack_articles  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.warc.writer import WRITER, named, software  # noqa: PLC0415

    archive, path = opened(args), Path(args.file)
    chosen = islice(archive.articles(**choice_of(args)), args.limit)
    created = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    about = {"title": args.title, "created": created, "software": named(software(WRITER))}
    part = path.with_name(path.name + ".part")
    try:
        if path.exists():
            raise ValueError(f"{path} exists already")
        with part.open("xb") as out:
            pages = pack_articles(archive, chosen, out, about)
        if pages:
            part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    sys.stderr.write(f"{pages} pages in {path}\n" if pages else "no article fits\n")
    return 0 if pages else 1
