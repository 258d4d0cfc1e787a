"""Cite an article so that others can look it up and prove it; --check proves it, with read permission alone."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from archive.cli.common import one_article, opened
from archive.cli.progress import progress

if TYPE_CHECKING:
    import argparse

    from archive.cite import Citation
    from archive.reader.archive import Archive

_FORMS = ("text", "bibtex", "csl", "json")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "id",
        metavar="ID",
        help="the article's id or address; with --check also a file that --format json was written to",
    )
    parser.add_argument("--as-of", metavar="TIME", help="the version that was the newest then")
    parser.add_argument("--format", choices=_FORMS, default="text", help="by default text; csl is CSL-JSON")
    parser.add_argument(
        "--check", action="store_true",
        help="prove it again: line, record and payload, the WARC's hash, the manifest's, and the chain up to its head",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Print the citation, or its proof; exit code 1 where there is no such article, or the proof fails."""
    archive = opened(args)
    citation = _citation(archive, args)
    if citation is None:
        return 1
    if args.check:
        return _prove(archive, citation, args)
    from archive.cite import FORMS  # noqa: PLC0415  imported when it is needed: the command line stays fast

    sys.stdout.write(FORMS["json" if args.json else args.format](citation) + "\n")
    return 0


def _citation(archive: Archive, args: argparse.Namespace) -> Citation | None:
    from archive.cite import Citation, cite  # noqa: PLC0415  imported when it is needed: the command line stays fast

    if args.check and Path(args.id).is_file():
        return Citation.from_json(Path(args.id).read_text(encoding="utf-8", errors="replace"))
    article = one_article(archive, args.id, args.as_of)
    return None if article is None else cite(archive, article)


def _prove(archive: Archive, citation: Citation, args: argparse.Namespace) -> int:
    from archive.cite import prove  # noqa: PLC0415
    from archive.store import Missing  # noqa: PLC0415
    from archive.warc.capture import CaptureFault  # noqa: PLC0415  imported when it is needed: the command line stays fast

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    holds = True
    try:
        with progress("proving") as tell:
            steps = list(prove(archive, citation, on_progress=tell))
    except (CaptureFault, Missing) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for step in steps:
        holds = holds and step.holds
        word = "holds" if step.holds else "FAILS"
        shown = f"\033[{32 if step.holds else 31}m{word}\033[0m" if colour else word
        said = json.dumps(asdict(step), ensure_ascii=False) if args.json else f"{shown}  {step.name:<9}{step.found}"
        sys.stdout.write(said + "\n")
    return 0 if holds else 1
